"""Who the producers of a survey are: how alike the groups were, and who was found again."""

from __future__ import annotations

import pandas as pd

from icanalysis import claims, terms
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.likeness import BALANCE, FOLLOWED
from icanalysis.makers import group_name, simulated
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
            group_name(view, line["group"]),
            view.language.number(line["n"]),
            view.number(line),
        ]
        for _, line in rows.iterrows()
    ]
    gap = view.one(indicator=FOLLOWED, region=view.region.code, statistic="difference")
    note = ""
    if gap is not None and not pd.isna(gap["value"]):
        note = say(
            "Difference between the groups: {size} ({p}). Unequal loss can bend the comparison.",
            size=view.value(gap, signed=True),
            p=terms.p_value(gap["p"], view.language),
        )
    caption = say("Who was found again, {region}", region=view.place)
    return table(view, caption, columns, body, note=note, simulated=simulated(view))


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
                _trait(view, line["group"]),
                *(
                    ABSENT if mean is None else view.language.number(mean["value"], 1)
                    for mean in means
                ),
                view.language.number(line["value"], 2, signed=True),
                claims.p_number(line["p"], view.language),
            ]
        )
    joint = view.one(indicator=BALANCE, region=view.region.code, statistic="joint")
    note = say("Up to 0.25 in absolute value is usually taken as alike (Imbens and Rubin 2015).")
    if joint is not None and not pd.isna(joint["p"]):
        told = say("All together: {p}.", p=terms.p_value(joint["p"], view.language))
        note = f"{note} {told}"
    caption = say("Were the groups alike at baseline? {region}", region=view.place)
    return table(view, caption, columns, body, note=note, simulated=simulated(view))


def _trait(view: View, variable: str) -> str:
    """Name what is compared at baseline."""
    say = view.language.say
    traits = {
        "age": say("Age, years"),
        "household_size": say("Persons in the household"),
        "woman": say("Women, %"),
        "indigenous_language": say("Quechua or Aymara mother tongue, %"),
        "rural": say("Rural area, %"),
    }
    return traits.get(variable) or view.name(variable)
