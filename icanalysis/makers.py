"""What became of producers: heading, sentences, chart and tables of the producers' survey.

Simulated producers stand under a heading that says demonstration, and every table and chart of
theirs says so too.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from icanalysis import claims, dots, terms
from icanalysis.disclosure import SUPPRESSED
from icanalysis.drawing import numbered, room_beside, source_line, styled, titled
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.named import producer_group, producer_source
from icanalysis.view import View
from icanalysis.visits import INDEX

ALL = "all"


def indicators(view: View) -> list[str]:
    """List the producers' outcomes that have a line here."""
    plan = view.data.evaluation.producers
    asked = [item.indicator for item in plan.indicators] if plan else []
    there = set(view.select(region=view.region.code, statistic="did")["indicator"])
    return [code for code in asked if code in there]


def known(view: View) -> bool:
    """Whether there are producers here at all."""
    return bool(indicators(view))


def simulated(view: View) -> bool:
    """Whether the producers of this view are simulated."""
    rows = view.lines[view.lines["indicator"].isin(compared(view))]
    return bool((rows["source_kind"] == "simulated").any())


def title(view: View) -> str:
    """Word the section's heading: a question, or that it is a demonstration."""
    if simulated(view):
        return view.language.say(
            "Demonstration with simulated producers: what a survey of them would add"
        )
    return view.language.say(
        "What became of the producers, beside those the programme did not reach?"
    )


def introduction(view: View) -> str:
    """Say who the producers are, and what their figures may be used for."""
    if simulated(view):
        return view.language.say(
            "These producers are SIMULATED: they never existed, and no survey of the programme's "
            "producers was ever published. They show how a report with such a survey reads, and what it "
            "could then say. Quote none of these figures."
        )
    return view.language.say(
        "The same producers were interviewed before and after, in communities the programme reached and "
        "in others. What counts is how much more, or less, those of the programme changed."
    )


def awaited(view: View) -> str:
    """Say what would tell what became of producers, where nobody surveyed them."""
    return view.language.say(
        "Not known: no survey of the programme's producers was published. To fill the table: “icanalysis "
        "template producers”."
    )


def sentences(view: View) -> list[str]:
    """Say of each outcome how the programme's producers changed beside the others."""
    return [sentence(view, code) for code in compared(view)]


def compared(view: View) -> list[str]:
    """List the outcomes compared here and, last, the index that sums them up, if there is one."""
    line = did_of(view, INDEX.indicator, ALL)
    return [*indicators(view), *([] if line is None else [INDEX.indicator])]


def sentence(view: View, indicator: str, group: str = ALL) -> str:
    """Say of one outcome how the programme's producers, or a group of them, changed."""
    line = did_of(view, indicator, group)
    name = (
        view.name(indicator)
        if group == ALL
        else f"{view.name(indicator)}, {producer_group(view, group)}"
    )
    if line is not None and line["status"] == SUPPRESSED:
        return view.language.say(
            "{indicator}: suppressed, to protect those counted.", indicator=name
        )
    if line is None or pd.isna(line["value"]):
        return view.language.say(
            "{indicator}: it cannot be compared here: a group or a visit is missing, or too few "
            "communities tell.",
            indicator=name,
        )
    figures = view.language.say(
        "{indicator}: {size} against the comparison group (95% interval {interval}; {p}).",
        indicator=name,
        size=view.value(line, signed=True),
        interval=claims.interval(view, line),
        p=terms.p_value(line["p"], view.language) + _adjustment(view, line),
    )
    return f"{figures} {claims.statement(view, line)}"


def _adjustment(view: View, line: pd.Series) -> str:
    """Tell p adjusted, and for how many tests; nothing of a test alone."""
    if not _is_adjusted(line):
        return ""
    p = terms.p_value(_adjusted(line), view.language)
    tests = int(terms.fact(line, "tests") or 0)  # not told in runs of before they were counted
    if tests > 1:
        return view.language.say("; adjusted for {tests} tests, {p}", tests=tests, p=p)
    return view.language.say("; adjusted, {p}", p=p)  # a group is never surer than all together


def _adjusted(line: pd.Series) -> float:
    """Return the adjusted p of a line, or its own where nothing else was tested."""
    return float(terms.fact(line, "holm")) if _is_adjusted(line) else float(line["p"])


def _is_adjusted(line: pd.Series) -> bool:
    return pd.notna(float(terms.fact(line, "holm") or "nan"))


def did_of(view: View, indicator: str, group: str) -> pd.Series | None:
    """Return the comparison of one outcome, whole or of a group."""
    return view.one(indicator=indicator, region=view.region.code, group=group, statistic="did")


def _first(view: View) -> str:
    """Return the outcome that is broken down: the first one named with groups, else the first."""
    plan = view.data.evaluation.producers
    there = indicators(view)
    items = plan.indicators if plan else ()
    broken = [item.indicator for item in items if item.groups and item.indicator in there]
    return (broken or there)[0]


def _groups(view: View, indicator: str) -> pd.DataFrame:
    """Lines of one outcome, known or suppressed, by group in the order the evaluation names them."""
    plan = view.data.evaluation.producers
    items = plan.indicators if plan else ()
    order = next(item.groups for item in items if item.indicator == indicator)
    rows = view.select(indicator=indicator, region=view.region.code, statistic="did")
    rows = rows[rows["value"].notna() | (rows["status"] == SUPPRESSED)]
    place = rows["group"].map(
        lambda group: -1 if group == ALL else order.index(group.partition(":")[0])
    )
    return rows.assign(place=place).sort_values(["place", "group"]).drop(columns="place")


@styled
def chart(view: View) -> Figure:
    """Draw the difference of one outcome, whole and by group, with its intervals."""
    indicator = _first(view)
    rows = _groups(view, indicator)
    figure, axes = dots.rows(
        [
            (
                _beside_axis(view, line),
                [
                    dots.told_apart(
                        line["value"],
                        line["low"],
                        line["high"],
                        view.number(line, signed=True),
                        chosen=line["group"] == ALL,
                    )
                ]
                if pd.notna(line["value"])
                else [],
            )
            for _, line in rows.iterrows()
        ]
    )
    dots.nought(axes)
    numbered(view, axes.xaxis, signed=True)
    titled(figure, _named(view, indicator))
    sources = [producer_source(view, text) for text in rows["source"]]
    source_line(view, figure, sources, simulated=simulated(view))
    room_beside(axes)
    return figure


def _beside_axis(view: View, line: pd.Series) -> str:
    """Name a group and, below, that it may not be shown."""
    name = producer_group(view, line["group"])
    return f"{name}\n{view.number(line)}" if line["status"] == SUPPRESSED else name


def groups(view: View) -> Table:
    """Tell what the chart draws: the difference of one outcome by group, and its interval."""
    kind = terms.if_real(view.language) if simulated(view) else ""
    below = view.language.say("How verdicts are reached is told under the table of all outcomes.")
    return by_group(view, _first(view), rule=f"{kind} {below}".strip())


def _titled(view: View, indicator: str) -> str:
    line = did_of(view, indicator, ALL)
    return view.language.say(
        "{indicator}: programme against comparison, {region} ({unit})",
        indicator=view.name(indicator),
        region=view.place,
        unit="" if line is None else view.unit(line),
    )


def _named(view: View, indicator: str) -> str:
    name = _titled(view, indicator)
    return f"{view.language.say('SIMULATED')}: {name}" if simulated(view) else name


def alt(view: View) -> str:
    """Describe the chart for those who do not see it."""
    indicator = _first(view)
    told = "; ".join(
        view.language.say(
            "{group}: {value} ({interval})",
            group=producer_group(view, line["group"]),
            value=view.number(line, signed=True),
            interval=claims.interval(view, line),
        )
        if pd.notna(line["value"])
        else f"{producer_group(view, line['group'])}: {view.number(line)}"
        for _, line in _groups(view, indicator).iterrows()
    )
    return view.language.say(
        "Dot chart with 95% intervals: {indicator}. {levels}.",
        indicator=_named(view, indicator),
        levels=told,
    )


def effects(view: View) -> Table:
    """Tell every outcome's levels by group, the difference of their changes, and how sure it is."""
    say = view.language.say
    columns = [
        Column(say("Outcome")),
        Column(say("Programme"), kind="number"),
        Column(say("Comparison"), kind="number"),
        Column(say("Difference (95% interval)"), kind="number"),
        Column(say("If real") if simulated(view) else say("Verdict")),
    ]
    codes = compared(view)
    body = [_row(view, code) for code in codes]
    note = say(
        "Means of the producers found in both visits, weighted; amounts at {year} prices. Difference: "
        "change of the programme's producers less that of the others, compared within region and sector, "
        "so it need not equal that of the means shown. p: adjusted by Holm for all outcomes tested. "
        "{rule}",
        rule=terms.rule(view.language, simulated=simulated(view)),
        year=_last_year(view),
    )
    caption = say("Outcomes of producers, {region}", region=view.place)
    return table(view, caption, columns, body, note=note, simulated=simulated(view), about=codes)


def by_group(view: View, indicator: str, rule: str = "") -> Table:
    """Tell the difference of one outcome, whole and by group, and how sure each is.

    `rule` stands in the note instead of the rule of the verdicts.
    """
    say = view.language.say
    columns = [
        Column(say("Producers")),
        Column(say("Difference (95% interval)"), kind="number"),
        Column(say("p, adjusted"), kind="number"),
        Column(say("If real") if simulated(view) else say("Verdict")),
    ]
    body = [
        [
            producer_group(view, line["group"]),
            f"{view.number(line, signed=True)} ({claims.interval(view, line)})",
            claims.p_number(_adjusted(line), view.language),
            f"{claims.verdict(line['status'], view.language)} "
            f"({claims.grade(terms.fact(line, 'grade') or 'none', view.language)})",
        ]
        if pd.notna(line["value"])
        else [producer_group(view, line["group"]), *[view.number(line)] * 3]
        for _, line in _groups(view, indicator).iterrows()
    ]
    rule = rule or terms.rule(view.language, simulated=simulated(view))
    note = " ".join(filter(None, [unknown_groups(view), rule]))
    return table(
        view,
        _titled(view, indicator),
        columns,
        body,
        note=note,
        simulated=simulated(view),
        about=[indicator],
    )


def _last_year(view: View) -> str:
    """Name the year of the second visit, whose prices amounts are in."""
    rows = view.select(region=view.region.code, statistic="did")
    periods = rows.loc[rows["indicator"].isin(compared(view)), "period"]
    return "" if periods.empty else str(periods.iloc[0]).partition("-")[2]


def unknown_groups(view: View) -> str:
    """List the groups that cannot be compared here; empty if all can."""
    if not known(view):
        return ""
    rows = view.select(indicator=_first(view), region=view.region.code, statistic="did")
    unknown = rows["value"].isna() & (rows["status"] != SUPPRESSED)
    missing = rows.loc[unknown & (rows["group"] != ALL), "group"]
    if missing.empty:
        return ""
    return view.language.say(
        "Not known, for too few communities tell: {groups}.",
        groups=view.language.listed([producer_group(view, group) for group in missing]),
    )


def _row(view: View, indicator: str) -> list[str]:
    line = did_of(view, indicator, ALL)
    name = view.name(indicator)
    levels = [_levels(view, indicator, arm) for arm in ("programme", "comparison")]
    if line is not None and line["status"] == SUPPRESSED:
        return [name, *levels, *[view.number(line)] * 2]
    if line is None or pd.isna(line["value"]):
        return [name, *[ABSENT] * 3, claims.verdict("not_known", view.language)]
    return [
        f"{name} ({view.indicators[f'unit_{view.language.code}'][indicator]})",
        *levels,
        f"{view.number(line, signed=True)} ({claims.interval(view, line)})",
        f"{claims.verdict(line['status'], view.language)} "
        f"({claims.grade(terms.fact(line, 'grade'), view.language)}), "
        f"{terms.p_value(_adjusted(line), view.language)}",
    ]


def _levels(view: View, indicator: str, arm: str) -> str:
    rows = view.select(
        indicator=indicator, region=view.region.code, group=f"arm:{arm}", statistic="level"
    )
    return " → ".join(view.number(line) for _, line in rows.sort_values("period").iterrows())
