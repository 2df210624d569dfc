"""What became of producers: heading, sentences, chart and tables of the producers' survey.

Simulated producers stand under a heading that says demonstration, and every table and chart of
theirs says so too.
"""

from __future__ import annotations

import textwrap

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from icanalysis import claims, terms
from icanalysis.figures import BESIDE, HERE, INK, TITLE_WIDTH, canvas, source_line, styled
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
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
    rows = view.lines[view.lines["indicator"].isin(indicators(view))]
    return bool((rows["source_kind"] == "simulated").any())


def title(view: View) -> str:
    """Word the section's heading: a question, or that it is a demonstration."""
    say = view.language.say
    if not known(view):
        return say("What became of the producers? There is no survey of them for this report")
    if simulated(view):
        return say("Demonstration with simulated producers: what a survey of them would add")
    return say("What became of the producers, beside those the programme did not reach?")


def introduction(view: View) -> str:
    """Say who the producers are, and what their figures may be used for."""
    say = view.language.say
    if not known(view):
        return say(
            "Regional offices can fill the table “producers”: one row for each producer and visit. "
            "`icanalysis template producers` writes the sheet."
        )
    if simulated(view):
        return say(
            "These producers are SIMULATED: they never existed, and no survey of the programme's "
            "producers was ever published. They show how a report with such a survey reads, and what it "
            "could then say. Quote none of these figures."
        )
    return say(
        "The same producers were interviewed before and after, in communities the programme reached and "
        "in others. What counts is how much more, or less, those of the programme changed."
    )


def sentences(view: View) -> list[str]:
    """Say of each outcome how the programme's producers changed beside the others."""
    return [_sentence(view, code) for code in [*indicators(view), *_index(view)]]


def _index(view: View) -> list[str]:
    """Name the index that sums the outcomes up, if there is one here."""
    line = _did(view, INDEX.indicator, ALL)
    return [] if line is None or pd.isna(line["value"]) else [INDEX.indicator]


def _sentence(view: View, indicator: str) -> str:
    line = _did(view, indicator, ALL)
    if line is None or pd.isna(line["value"]):
        return view.language.say(
            "{indicator}: it cannot be compared here: a group or a visit is missing, or too few "
            "communities tell.",
            indicator=view.name(indicator),
        )
    told = {
        "indicator": view.name(indicator),
        "size": view.value(line, signed=True),
        "interval": claims.interval(view, line),
        "p": terms.p_value(line["p"], view.language),
    }
    if indicator == INDEX.indicator:  # a single test
        figures = view.language.say(
            "{indicator}: {size} against the comparison group (95% interval {interval}; {p}).",
            **told,
        )
    else:
        figures = view.language.say(
            "{indicator}: {size} against the comparison group (95% interval {interval}; {p}; adjusted "
            "for {tests} tests, {adjusted}).",
            tests=view.language.number(_tests(view)),
            adjusted=terms.p_value(_adjusted(line), view.language),
            **told,
        )
    return f"{figures} {claims.statement(view, line)}"


def _tests(view: View) -> int:
    """Count the outcomes that were tested, for which p is adjusted."""
    lines = (_did(view, code, ALL) for code in indicators(view))
    return sum(line is not None and not pd.isna(line["p"]) for line in lines)


def _adjusted(line: pd.Series) -> float:
    """Return the adjusted p of a line, or its own where nothing else was tested."""
    holm = float(terms.fact(line, "holm") or "nan")
    return float(line["p"]) if pd.isna(holm) else holm


def group_name(view: View, code: str) -> str:
    """Name a group of producers by the labels of their table."""
    plan = view.data.evaluation.producers
    name, _, value = code.partition(":")
    if not value or plan is None:
        return view.language.say("All producers")
    if name == "sector":
        return view.data.evaluation.sector_name(value, view.language)
    return view.label(plan.table, name, value)


def _did(view: View, indicator: str, group: str) -> pd.Series | None:
    return view.one(indicator=indicator, region=view.region.code, group=group, statistic="did")


def _first(view: View) -> str:
    """Return the outcome that is broken down: the first one named with groups, else the first."""
    plan = view.data.evaluation.producers
    there = indicators(view)
    items = plan.indicators if plan else ()
    broken = [item.indicator for item in items if item.groups and item.indicator in there]
    return (broken or there)[0]


def _groups(view: View, indicator: str) -> pd.DataFrame:
    """Lines of one outcome, whole and by group, in the order the evaluation names them."""
    plan = view.data.evaluation.producers
    items = plan.indicators if plan else ()
    order = next(item.groups for item in items if item.indicator == indicator)
    rows = view.select(indicator=indicator, region=view.region.code, statistic="did")
    rows = rows.dropna(subset="value")
    place = rows["group"].map(
        lambda group: -1 if group == ALL else order.index(group.partition(":")[0])
    )
    return rows.assign(place=place).sort_values(["place", "group"]).drop(columns="place")


@styled
def chart(view: View) -> Figure:
    """Draw the difference of one outcome, whole and by group, with its intervals."""
    indicator = _first(view)
    rows = _groups(view, indicator).iloc[::-1]
    figure, axes = canvas(1.0 + 0.4 * len(rows))
    axes.axvline(0, color=INK, linewidth=1)
    for place, (_, line) in enumerate(rows.iterrows()):
        whole = line["group"] == ALL
        colour = HERE if whole else BESIDE
        axes.hlines(place, line["low"], line["high"], color=colour, linewidth=2)
        axes.plot(line["value"], place, "o" if whole else "D", color=colour, markersize=7)
        axes.annotate(
            view.number(line, signed=True),
            (line["high"], place),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=colour,
            fontweight="bold" if whole else "normal",
        )
    names = [group_name(view, group) for group in rows["group"]]
    axes.set_yticks(range(len(rows)), names, fontsize=9)
    if len(rows):
        axes.set_xlim(right=rows["high"].max() + 0.12 * (rows["high"].max() - rows["low"].min()))
    axes.margins(y=0.08)
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: view.language.number(value, 0, signed=True))
    )
    axes.set(xlabel="", ylabel="")
    title = textwrap.fill(_named(view, indicator), TITLE_WIDTH)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    source_line(view, figure, [_source(view, source) for source in rows["source"]])
    return figure


def _source(view: View, text: str) -> str:
    kind, _, file = text.partition(": ")
    if kind == "simulated":
        return view.language.say("simulated producers ({file})", file=file)
    return file


def _named(view: View, indicator: str) -> str:
    line = _did(view, indicator, ALL)
    name = view.language.say(
        "{indicator}: programme against comparison, {region} ({unit})",
        indicator=view.name(indicator),
        region=view.place,
        unit="" if line is None else view.unit(line),
    )
    return f"{view.language.say('SIMULATED')}: {name}" if simulated(view) else name


def alt(view: View) -> str:
    """Describe the chart for those who do not see it."""
    indicator = _first(view)
    told = "; ".join(
        view.language.say(
            "{group}: {value} ({interval})",
            group=group_name(view, line["group"]),
            value=view.number(line, signed=True),
            interval=claims.interval(view, line),
        )
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
        Column(say("Bounds"), kind="number"),
        Column(say("If real") if simulated(view) else say("Verdict")),
    ]
    body = [_row(view, code) for code in [*indicators(view), *_index(view)]]
    note = say(
        "Means of the producers found in both visits, weighted; amounts at {year} prices. Difference: "
        "change of the programme's producers less that of the others, compared within region and sector, "
        "so it need not equal that of the means shown. p: adjusted by Holm for all outcomes, but for the "
        "index, which is a single test. Bounds: Lee's, the difference if those that one group lost beyond "
        "the other had been its best or its worst. {rule}",
        rule=terms.rule(view.language),
        year=_last_year(view),
    )
    caption = say("Outcomes of producers, {region}", region=view.place)
    return table(view, caption, columns, body, note=note, simulated=simulated(view))


def _last_year(view: View) -> str:
    """Name the year of the second visit, whose prices amounts are in."""
    rows = view.select(region=view.region.code, statistic="did")
    periods = rows.loc[rows["indicator"].isin(indicators(view)), "period"]
    return "" if periods.empty else str(periods.iloc[0]).partition("-")[2]


def unknown_groups(view: View) -> str:
    """List the groups that cannot be compared here; empty if all can."""
    if not known(view):
        return ""
    rows = view.select(indicator=_first(view), region=view.region.code, statistic="did")
    missing = rows.loc[rows["value"].isna() & (rows["group"] != ALL), "group"]
    if missing.empty:
        return ""
    return view.language.say(
        "Not known, for too few communities tell: {groups}. The intervals by group are not adjusted for "
        "their number.",
        groups=view.language.listed([group_name(view, group) for group in missing]),
    )


def _row(view: View, indicator: str) -> list[str]:
    line = _did(view, indicator, ALL)
    name = view.name(indicator)
    if line is None or pd.isna(line["value"]):
        return [name, *[ABSENT] * 4, claims.verdict("not_known", view.language)]
    bounds = view.one(indicator=indicator, region=view.region.code, group=ALL, statistic="bounds")
    return [
        f"{name} ({view.indicators[f'unit_{view.language.code}'][indicator]})",
        _levels(view, indicator, "programme"),
        _levels(view, indicator, "comparison"),
        f"{view.number(line, signed=True)} ({claims.interval(view, line)})",
        ABSENT if bounds is None else claims.interval(view, bounds),
        f"{claims.verdict(line['status'], view.language)} "
        f"({claims.grade(terms.fact(line, 'grade'), view.language)}), "
        f"{terms.p_value(_adjusted(line), view.language)}",
    ]


def _levels(view: View, indicator: str, arm: str) -> str:
    rows = view.select(
        indicator=indicator, region=view.region.code, group=f"arm:{arm}", statistic="level"
    )
    return " → ".join(view.number(line) for _, line in rows.sort_values("period").iterrows())
