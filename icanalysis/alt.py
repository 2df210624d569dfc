"""Descriptions of charts, for those who do not see them; each quotes the lines that are drawn."""

from __future__ import annotations

from icanalysis import delivery, wording
from icanalysis.view import View


def series(view: View, indicator: str) -> str:
    """Describe the chart of one series: what is drawn, from where to where."""
    rows = view.select(indicator=indicator, region=view.region.code, statistic="level")
    by_value = rows.sort_values(["value", "period"])
    low, high = by_value.iloc[0], by_value.iloc[-1]
    return view.language.say(
        "Line chart: {indicator} in {region}, {first} to {last}, with the programme's planned years "
        "shaded. Highest in {high_year} ({high}), lowest in {low_year} ({low}). {change}",
        indicator=view.name(indicator).lower(),
        region=view.place,
        first=rows["period"].iloc[0],
        last=rows["period"].iloc[-1],
        high_year=high["period"],
        high=view.value(high),
        low_year=low["period"],
        low=view.value(low),
        change=wording.change(view, indicator),
    )


def baselines(view: View, indicator: str) -> str:
    """Describe the chart of changes by baseline year."""
    rows = view.select(indicator=indicator, region=view.region.code, statistic="change")
    told = [f"{line['period']}: {view.value(line, signed=True)}" for _, line in rows.iterrows()]
    return view.language.say(
        "Dot chart: change of {indicator} up to {outcome}, for each baseline year. {changes}.",
        indicator=view.name(indicator).lower(),
        outcome=view.years.outcome,
        changes="; ".join(told),
    )


def conflicts(view: View) -> str:
    """Describe the chart of counts that sources publish differently."""
    return view.language.say(
        "Dot chart: counts that sources publish with different values; the one used comes first and "
        "is filled. {counts}.",
        counts=". ".join(delivery.disagreements(view)),
    )
