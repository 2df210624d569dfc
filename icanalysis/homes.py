"""What households say: heading, sentences, chart and tables of the survey's own figures.

Simulated households stand under a heading that says demonstration, and every table and chart
of theirs says so too.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from icanalysis import dots, terms
from icanalysis.disclosure import SUPPRESSED
from icanalysis.drawing import (
    BESIDE,
    HERE,
    numbered,
    room_beside,
    source_line,
    styled,
    titled,
)
from icanalysis.estimates import PRECISION
from icanalysis.households import ALL
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.view import View

POINT_GAP = 0.15


def indicators(view: View) -> list[str]:
    """List the household indicators that have a figure here."""
    plan = view.data.evaluation.households
    asked = [item.indicator for item in plan.indicators] if plan else []
    return [code for code in asked if not _levels(view, code).empty]


def simulated(view: View) -> bool:
    """Whether the households of this view are simulated."""
    rows = view.lines[view.lines["indicator"].isin(indicators(view))]
    return bool((rows["source_kind"] == "simulated").any())


def title(view: View) -> str:
    """Word the section's heading: a question, or that it is a demonstration."""
    if simulated(view):
        return view.language.say("Demonstration with simulated households: what a survey would add")
    return view.language.say("What does the household survey say, and how sure is it?")


def introduction(view: View) -> str:
    """Say what the households are, and what their figures may be used for."""
    if simulated(view):
        return view.language.say(
            "These households are SIMULATED: they never existed. Where no survey files are given, their "
            "poverty is made to agree with the official series. They show how a report with survey "
            "microdata reads. Quote none of these figures."
        )
    return view.language.say(
        "Estimated from the microdata of the national household survey, with the sampling design INEI uses "
        "for its own intervals. The figures are of the whole region: they are context and do not "
        "measure the programme's effect."
    )


def awaited(view: View) -> str:
    """Say which files would tell what households say, where none were given."""
    return view.language.say(
        "Not known: this report was made without the files of the household survey. To read them: "
        "“icanalysis report --enaho FOLDER”."
    )


def sentences(view: View) -> list[str]:
    """Say of each indicator what it was, whether it changed, and how sure one may be."""
    return [sentence(view, code) for code in indicators(view)]


def sentence(view: View, indicator: str, group: str = ALL) -> str:
    """Say of one indicator what it was for all or for a group, and whether it changed."""
    say = view.language.say
    levels = _levels(view, indicator)
    levels = levels[levels["group"] == group].sort_values("period")
    name = view.name(indicator)
    place = view.place if group == ALL else f"{view.place}, {terms.group(group, view.language)}"
    hidden = _withheld(view, levels)
    levels = levels[levels["value"].notna()]
    if levels.empty:
        return say("{indicator}, {region}. {withheld}", indicator=name, region=place,
                   withheld=hidden)  # fmt: skip
    told = view.language.listed(
        [
            say("{value} in {year} ({interval})", value=view.value(line), year=line["period"],
                interval=_interval(view, line))
            for _, line in levels.iterrows()
        ]
    )  # fmt: skip
    first = say(
        "{indicator}, {region}: {levels}, with 95% intervals in brackets.",
        indicator=name,
        region=place,
        levels=told,
    )
    first = f"{first} {hidden}".rstrip()
    line = _change(view, indicator, group, view.region.code)
    if line is None or pd.isna(line["value"]):
        return first
    return f"{first} {_verdict(view, line)} {_country(view, indicator, group)}".rstrip()


def _withheld(view: View, levels: pd.DataFrame) -> str:
    """Say of which years levels may not be shown; empty if all may."""
    years = levels.loc[levels["status"] == SUPPRESSED, "period"]
    if years.empty:
        return ""
    return view.language.say(
        "Suppressed, to protect those counted: {years}.", years=view.language.listed(list(years))
    )


def _verdict(view: View, line: pd.Series) -> str:
    """Say whether a change is more than sampling noise."""
    parts = {
        "size": view.value(line, signed=True),
        "low": view.language.number(line["low"], 1, signed=True),
        "high": view.language.number(line["high"], 1, signed=True),
        "p": terms.p_value(line["p"], view.language),
    }
    if line["status"] == "distinguishable":
        return view.language.say(
            "The change, {size} (from {low} to {high}), is more than sampling alone would give ({p}).",
            **parts,
        )
    return view.language.say(
        "The change, {size} (from {low} to {high}), cannot be distinguished from zero: sampling alone "
        "could give it ({p}).",
        **parts,
    )


def _country(view: View, indicator: str, group: str) -> str:
    reference = view.data.evaluation.reference
    line = _change(view, indicator, group, reference.code) if reference else None
    if reference is None or line is None or pd.isna(line["value"]):
        return ""
    return view.language.say(
        "In {reference} as a whole: {size} (from {low} to {high}).",
        reference=reference.named(view.language.code),
        size=view.value(line, signed=True),
        low=view.language.number(line["low"], 1, signed=True),
        high=view.language.number(line["high"], 1, signed=True),
    )


def _interval(view: View, line: pd.Series) -> str:
    low, high = (view.number(line, name) for name in ("low", "high"))
    return low if line["status"] == SUPPRESSED else f"{low}–{high}"


def _levels(view: View, indicator: str) -> pd.DataFrame:
    return view.select(indicator=indicator, region=view.region.code, statistic="level")


def _change(view: View, indicator: str, group: str, region: str) -> pd.Series | None:
    return view.one(indicator=indicator, region=region, group=group, statistic="change")


def _groups(view: View, indicator: str) -> list[str]:
    """List the groups in the order the evaluation names them, all households first."""
    plan = view.data.evaluation.households
    items = plan.indicators if plan else ()
    order = next(item.groups for item in items if item.indicator == indicator)
    found = sorted(set(_levels(view, indicator)["group"]))
    return sorted(
        found, key=lambda group: -1 if group == ALL else order.index(group.partition(":")[0])
    )


@styled
def chart(view: View, indicator: str) -> Figure:
    """Draw every group's baseline and outcome with their intervals."""
    levels = _levels(view, indicator)
    periods = sorted(set(levels["period"]))
    named = [
        (
            _beside_axis(view, group, levels[levels["group"] == group]),
            [
                _dot(view, line, last=line["period"] == periods[-1])
                for _, line in levels[levels["group"] == group].dropna(subset="value").iterrows()
            ],
        )
        for group in _groups(view, indicator)
    ]
    figure, axes = dots.rows(named, height=0.5, head=1.1)
    numbered(view, axes.xaxis)
    legend = "○ {first}   ● {last}" if len(periods) > 1 else "● {last}"
    axes.set_xlabel(legend.format(first=periods[0], last=periods[-1]))
    titled(figure, _named(view, indicator))
    sources = [terms.survey_source(line, view.language) for line in levels["source"]]
    source_line(view, figure, sources, simulated=simulated(view))
    room_beside(axes, from_zero=True)
    return figure


def _beside_axis(view: View, group: str, levels: pd.DataFrame) -> str:
    """Name a group and, below, the years of which it may not be shown."""
    name = terms.group(group, view.language)
    years = levels.loc[levels["status"] == SUPPRESSED, "period"]
    if years.empty:
        return name
    return f"{name}\n{terms.withheld(view.language)}: {view.language.listed(sorted(years))}"


def _dot(view: View, line: pd.Series, *, last: bool) -> dots.Dot:
    return dots.Dot(
        line["value"],
        line["low"],
        line["high"],
        view.number(line),
        colour=HERE if last else BESIDE,
        marker="o",
        fill=HERE if last else "white",
        size=7,
        above=-POINT_GAP if last else POINT_GAP,
    )


def _named(view: View, indicator: str) -> str:
    name = f"{view.name(indicator)} (%), {view.place}"
    return f"{view.language.say('SIMULATED')}: {name}" if simulated(view) else name


def alt(view: View, indicator: str) -> str:
    """Describe the chart for those who do not see it."""
    levels = _levels(view, indicator)
    told = "; ".join(
        view.language.say(
            "{group}, {year}: {value} ({interval})",
            group=terms.group(group, view.language),
            year=line["period"],
            value=view.value(line),
            interval=_interval(view, line),
        )
        for group in _groups(view, indicator)
        for _, line in levels[levels["group"] == group].sort_values("period").iterrows()
    )
    return view.language.say(
        "Dot chart with 95% intervals: {indicator}. {levels}.",
        indicator=_named(view, indicator),
        levels=told,
    )


def estimates(view: View, indicator: str) -> Table:
    """Tell every group's levels and change with their intervals, households and precision."""
    say = view.language.say
    levels = _levels(view, indicator)
    periods = sorted(set(levels["period"]))
    columns = [
        Column(say("Households")),
        *(Column(say("{year}, %", year=period), kind="number") for period in periods),
        Column(say("Change, points"), kind="number"),
        Column(say("If real") if simulated(view) else say("How to read it")),
        Column(
            say("Simulated interviews") if simulated(view) else say("Interviewed"), kind="number"
        ),
    ]
    body = [_row(view, indicator, group, periods) for group in _groups(view, indicator)]
    note = say(
        "95% intervals in brackets. Precision by coefficient of variation, Statistics Canada's cut-offs: "
        "up to {good}% good; up to {caution}%, use with caution (*); above, not reliable (**). Changes "
        "take into account that both years share sampling units. Source: {source}.",
        source=terms.survey_source(levels["source"].iloc[0], view.language),
        **{name: view.language.number(100 * limit, 1) for name, limit in PRECISION.items()},
    )
    caption = f"{view.name(indicator)}, {view.place}"
    return table(
        view, caption, columns, body, note=note, simulated=simulated(view), about=[indicator]
    )


def _row(view: View, indicator: str, group: str, periods: list[str]) -> list[str]:
    row, interviewed = [terms.group(group, view.language)], []
    here = {"indicator": indicator, "region": view.region.code, "group": group}
    for period in periods:
        line = view.one(**here, period=period, statistic="level")
        if line is None:
            row.append(ABSENT)
            interviewed.append(ABSENT)
        elif line["status"] == SUPPRESSED:
            row.append(view.number(line))
            interviewed.append(view.number(line, "n"))
        else:
            mark = {"caution": "*", "unreliable": "**"}.get(terms.fact(line, "precision"), "")
            row.append(f"{view.number(line)}{mark} ({_interval(view, line)})")
            interviewed.append(view.language.number(line["n"]))
    counts = " / ".join(interviewed)
    change = _change(view, indicator, group, view.region.code)
    if change is None:
        return [*row, ABSENT, view.language.say("not known: only one year has it"), counts]
    if change["status"] == SUPPRESSED:
        return [*row, view.number(change), view.number(change), counts]
    low, high = (view.language.number(change[name], 1, signed=True) for name in ("low", "high"))
    return [
        *row,
        f"{view.number(change, signed=True)} ({low} … {high})",
        f"{terms.change_status(change['status'], view.language)}, {terms.p_value(change['p'], view.language)}",
        counts,
    ]
