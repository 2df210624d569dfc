"""Who the producers of a survey are: how alike the groups were, and who was found again."""

from __future__ import annotations

import pandas as pd

from icanalysis import claims, terms
from icanalysis.disclosure import SUPPRESSED
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.likeness import BALANCE, FOLLOWED
from icanalysis.makers import ALL, compared, did_of, simulated
from icanalysis.named import producer_group, trait
from icanalysis.view import View


def followed(view: View) -> Table:
    """Tell how many producers were found again, by group."""
    say = view.language.say
    rows = view.select(indicator=FOLLOWED, region=view.region.code, statistic="level")
    columns = [
        Column(say("Producers")),
        Column(say("At baseline"), kind="number"),
        Column(say("Found again, %"), kind="number"),
    ]
    body = [
        [
            producer_group(view, line["group"]),
            _count(view, line),
            view.number(line),
        ]
        for _, line in rows.iterrows()
    ]
    gap = view.one(indicator=FOLLOWED, region=view.region.code, statistic="difference")
    note = ""
    if gap is not None and not pd.isna(gap["value"]):
        note = say(
            "Difference between the groups: {size} ({p}). Unequal loss can bias the comparison.",
            size=view.value(gap, signed=True),
            p=terms.p_value(gap["p"], view.language),
        )
    caption = say("Who was found again, {region}", region=view.place)
    return table(
        view, caption, columns, body, note=note, simulated=simulated(view), about=[FOLLOWED]
    )


def _count(view: View, line: pd.Series) -> str:
    """Write on how many a line rests, or that it may not be shown."""
    if line["status"] == SUPPRESSED:
        return view.number(line)
    return view.language.number(line["n"])


def hidden(view: View) -> Table:
    """Tell what those not found again could change in each outcome, by three ways of asking."""
    say = view.language.say
    columns = [
        Column(say("Outcome")),
        Column(say("Difference (95% interval)"), kind="number"),
        Column(say("Lee's bounds"), kind="number"),
        Column(say("Worst case"), kind="number"),
        Column(say("Undone if those lost differ by"), kind="number"),
    ]
    body = [row for code in compared(view) if (row := _hidden(view, code))]
    note = say(
        "Lee's bounds: the difference if those that one group lost beyond the other had been its best or "
        "its worst. Worst case: if every one lost had answered what moves the difference most; only shares "
        "have such limits. Undone: how far the lost of both groups would have to be from those found, "
        "against the result, for the difference to vanish; in brackets, in standard deviations. Bounds "
        "carry no sampling error; verdicts add it."
    )
    caption = say("What could those not found again change? {region}", region=view.place)
    return table(
        view,
        caption,
        columns,
        body,
        note=note,
        simulated=simulated(view),
        about=compared(view) if body else (),
    )


def _hidden(view: View, indicator: str) -> list[str]:
    """Write the row of one outcome; empty where it cannot be compared."""
    line = did_of(view, indicator, ALL)
    if line is not None and line["status"] == SUPPRESSED:
        return [view.name(indicator), *[view.number(line)] * 4]
    if line is None or pd.isna(line["value"]):
        return []
    asked = {"indicator": indicator, "region": view.region.code, "group": ALL}
    bounds, worst, shift = (
        view.one(**asked, statistic=name) for name in ("bounds", "worst_case", "shift")
    )
    return [
        view.name(indicator),
        f"{view.value(line, signed=True)} ({claims.interval(view, line)})",
        ABSENT if bounds is None else claims.interval(view, bounds),
        ABSENT if worst is None else claims.interval(view, worst),
        ABSENT if shift is None else _shift(view, shift),
    ]


def _shift(view: View, line: pd.Series) -> str:
    """Write by how much those lost would have to differ; a dash where nobody was lost."""
    if pd.isna(line["value"]):
        return ABSENT
    size = view.language.number(abs(float(terms.fact(line, "sd"))), 2)
    return f"{view.language.number(abs(line['value']), 1)} ({size})"


def _mean(view: View, line: pd.Series) -> str:
    if line["status"] == SUPPRESSED:
        return view.number(line)
    return view.language.number(line["value"], 1)


def _difference(view: View, line: pd.Series) -> list[str]:
    """Write a normalised difference and its p, or that they may not be shown."""
    if line["status"] == SUPPRESSED:
        return [view.number(line)] * 2
    size = view.language.number(line["value"], 2, signed=True)
    return [size, claims.p_number(line["p"], view.language)]


def balance(view: View) -> Table:
    """Tell how alike the groups were before the programme."""
    say = view.language.say
    rows = view.select(indicator=BALANCE, region=view.region.code)
    columns = [
        Column(say("At baseline")),
        Column(say("Programme"), kind="number"),
        Column(say("Comparison"), kind="number"),
        Column(say("Normalised difference"), kind="number"),
        Column(say("p"), kind="number"),
    ]
    body = []
    for _, line in rows[rows["statistic"] == "difference"].iterrows():
        means = [
            view.one(
                indicator=BALANCE, region=view.region.code, group=f"{line['group']};arm:{arm}",
                statistic="level",
            )
            for arm in ("programme", "comparison")
        ]  # fmt: skip
        body.append(
            [
                trait(view, line["group"]),
                *(ABSENT if mean is None else _mean(view, mean) for mean in means),
                *_difference(view, line),
            ]
        )
    joint = view.one(indicator=BALANCE, region=view.region.code, statistic="joint")
    note = say("Up to 0.25 in absolute value is usually taken as alike (Imbens and Rubin 2015).")
    if joint is not None and not pd.isna(joint["p"]):
        told = say("All together: {p}.", p=terms.p_value(joint["p"], view.language))
        note = f"{note} {told}"
    caption = say("Were the groups alike at baseline? {region}", region=view.place)
    return table(
        view, caption, columns, body, note=note, simulated=simulated(view), about=[BALANCE]
    )
