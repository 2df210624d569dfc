"""What households say: heading, sentences, chart and tables of the survey's own figures.

Simulated households stand under a heading that says demonstration, and every table and chart
of theirs says so too.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from icanalysis import terms
from icanalysis.estimates import PRECISION
from icanalysis.figures import BESIDE, HERE, canvas, source_line, styled
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
    say = view.language.say
    if not indicators(view):
        return say("What do households say? There is no household survey for this report")
    if simulated(view):
        return say("Demonstration with simulated households: what a survey would add")
    return say("What does the household survey say, and how sure is it?")


def introduction(view: View) -> str:
    """Say what the households are, and what their figures may be used for."""
    say = view.language.say
    if not indicators(view):
        return ""
    if simulated(view):
        return say(
            "These households are SIMULATED: they never existed. Where no survey files are given, their "
            "poverty is made to agree with the official series. They show how a report with survey "
            "microdata reads. Quote none of these figures."
        )
    return say(
        "Estimated from the microdata of the national household survey, with the sampling design INEI uses "
        "for its own intervals. The figures are of the whole region: they are context and do not "
        "measure the programme's effect."
    )


def sentences(view: View) -> list[str]:
    """Say of each indicator what it was, whether it changed, and how sure one may be."""
    return [_sentence(view, code) for code in indicators(view)]


def _sentence(view: View, indicator: str) -> str:
    say = view.language.say
    levels = _levels(view, indicator)
    levels = levels[levels["group"] == ALL].sort_values("period")
    told = view.language.listed(
        [
            say("{value} in {year} ({interval})", value=view.value(line), year=line["period"],
                interval=_interval(view, line))
            for _, line in levels.iterrows()
        ]
    )  # fmt: skip
    first = say(
        "{indicator}, {region}: {levels}, with 95% intervals in brackets.",
        indicator=view.name(indicator),
        region=view.place,
        levels=told,
    )
    line = _change(view, indicator, ALL, view.region.code)
    if line is None:
        return first
    return f"{first} {_verdict(view, line)} {_country(view, indicator)}".rstrip()


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
        "The change, {size} (from {low} to {high}), cannot be told from none: sampling alone could give "
        "it ({p}).",
        **parts,
    )


def _country(view: View, indicator: str) -> str:
    reference = view.data.evaluation.reference
    line = _change(view, indicator, ALL, reference.code) if reference else None
    if reference is None or line is None:
        return ""
    return view.language.say(
        "In {reference} as a whole: {size} (from {low} to {high}).",
        reference=reference.named(view.language.code),
        size=view.value(line, signed=True),
        low=view.language.number(line["low"], 1, signed=True),
        high=view.language.number(line["high"], 1, signed=True),
    )


def _interval(view: View, line: pd.Series) -> str:
    low, high = (view.language.number(line[name], 1) for name in ("low", "high"))
    return f"{low}–{high}"


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
    groups = _groups(view, indicator)[::-1]
    periods = sorted(set(levels["period"]))
    figure, axes = canvas(1.1 + 0.5 * len(groups))
    for place, group in enumerate(groups):
        rows = levels[levels["group"] == group].set_index("period")
        for period in rows.index:
            line, last = rows.loc[period], period == periods[-1]
            height = place + (-POINT_GAP if last else POINT_GAP)
            colour = HERE if last else BESIDE
            axes.hlines(height, line["low"], line["high"], color=colour, linewidth=2)
            fill = colour if last else "white"
            axes.plot(line["value"], height, "o", color=colour, markerfacecolor=fill, markersize=7)
            axes.annotate(
                view.number(line),
                (line["high"], height),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                color=colour,
            )
    names = [terms.group(group, view.language) for group in groups]
    axes.set_yticks(range(len(groups)), names, fontsize=9)
    # Room for the numbers beside the longest interval.
    axes.set_xlim(left=0, right=1.12 * levels["high"].max())
    axes.margins(y=0.1)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: view.language.number(value, 0)))
    legend = "○ {first}   ● {last}" if len(periods) > 1 else "● {last}"
    axes.set(xlabel=legend.format(first=periods[0], last=periods[-1]), ylabel="")
    figure.suptitle(_named(view, indicator), x=0.01, ha="left", fontsize=10)
    source_line(
        view, figure, [terms.survey_source(line, view.language) for line in levels["source"]]
    )
    return figure


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
        Column(say("How to read it")),
        Column(say("Interviewed"), kind="number"),
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
    return table(view, caption, columns, body, note=note, simulated=simulated(view))


def _row(view: View, indicator: str, group: str, periods: list[str]) -> list[str]:
    row, interviewed = [terms.group(group, view.language)], []
    here = {"indicator": indicator, "region": view.region.code, "group": group}
    for period in periods:
        line = view.one(**here, period=period, statistic="level")
        if line is None:
            row.append(ABSENT)
            interviewed.append(ABSENT)
        else:
            mark = {"caution": "*", "unreliable": "**"}.get(terms.fact(line, "precision"), "")
            row.append(f"{view.number(line)}{mark} ({_interval(view, line)})")
            interviewed.append(view.language.number(line["n"]))
    counts = " / ".join(interviewed)
    change = _change(view, indicator, group, view.region.code)
    if change is None:
        return [*row, ABSENT, view.language.say("not known: only one year has it"), counts]
    low, high = (view.language.number(change[name], 1, signed=True) for name in ("low", "high"))
    return [
        *row,
        f"{view.number(change, signed=True)} ({low} … {high})",
        f"{terms.change_status(change['status'], view.language)}, {terms.p_value(change['p'], view.language)}",
        counts,
    ]
