"""All regions together: each beside its synthetic control, and how the comparison came out."""

from __future__ import annotations

import textwrap

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from icanalysis import claims, terms
from icanalysis.figures import (
    BESIDE,
    HERE,
    INK,
    PALE,
    TITLE_WIDTH,
    WIDTH,
    canvas,
    source_line,
    styled,
)
from icanalysis.layout import Column, Table, table
from icanalysis.view import View

FAINT = "#d0d0d0"


def programme_regions(view: View, indicator: str) -> list[str]:
    """List the programme's regions that have a path, in the order of evaluation.toml."""
    there = set(view.select(indicator=indicator, statistic="path")["region"])
    regions = view.data.evaluation.reported_regions()
    return [region.code for region in regions if region.code in there]


@styled
def paths(view: View, indicator: str) -> Figure:
    """Draw each of the programme's regions beside its synthetic control, the others faint."""
    regions = programme_regions(view, indicator)
    across = min(len(regions), 2)
    rows = -(-len(regions) // across)
    figure = Figure(figsize=(WIDTH, 0.6 + 2.3 * rows), layout="constrained")
    panels = list(figure.subplots(rows, across, sharex=True, sharey=True, squeeze=False).flat)
    others = view.select(indicator=indicator, statistic="path")
    others = others[~others["region"].isin(regions)]
    for axes, region in zip(panels, regions, strict=False):
        _panel(view, axes, indicator, region, others)
    for axes in panels[len(regions) :]:
        axes.set_visible(False)
    title = textwrap.fill(_title(view, indicator, among=not others.empty), TITLE_WIDTH)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    source_line(view, figure, list(view.select(indicator=indicator, statistic="path")["source"]))
    return figure


def _panel(view: View, axes: Axes, indicator: str, region: str, others: pd.DataFrame) -> None:
    period = view.data.evaluation.programme.period
    axes.axvspan(period.start - 0.5, period.end + 0.5, color=PALE, zorder=0, linewidth=0)
    for _, each in others.groupby("region"):
        axes.plot(each["period"].astype(int), each["value"], color=FAINT, linewidth=0.7)
    drawn = (("path", HERE, "-", 2.2), ("synthetic", INK, "--", 1.4))
    for statistic, colour, dashes, width in drawn:
        found = view.select(indicator=indicator, region=region, statistic=statistic)
        found = found.sort_values("period")
        axes.plot(
            found["period"].astype(int), found["value"], dashes, color=colour, linewidth=width
        )
    axes.axvline(view.years.baseline, color=BESIDE, linewidth=0.8, linestyle=":")
    axes.set_title(view.area(region), loc="left", fontsize=9, color=HERE, fontweight="bold")
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: view.language.number(value, 0)))
    axes.tick_params(labelsize=8)
    sns.despine(ax=axes)


def _title(view: View, indicator: str, *, among: bool) -> str:
    line = view.select(indicator=indicator, statistic="path").iloc[0]
    unit = (
        view.language.say("{year} = 100", year=view.years.baseline)
        if line["unit"] == "index"
        else view.unit(line)
    )
    title = view.language.say(
        "{indicator} ({unit}): ── region, - - its mix of others",
        indicator=view.name(indicator),
        unit=unit,
    )
    faint = view.language.say("faint: every other region")
    return f"{title}; {faint}" if among else title


def paths_alt(view: View, indicator: str) -> str:
    """Describe the chart of paths for those who do not see it."""
    told = " ".join(
        claims.twin(view, indicator, region) for region in programme_regions(view, indicator)
    )
    return view.language.say(
        "Line charts, one for each region with the programme: {indicator}, the region and its "
        "synthetic control. {told}",
        indicator=view.name(indicator),
        told=told,
    )


@styled
def by_baseline(view: View, indicator: str) -> Figure:
    """Draw the difference from every baseline year, with its exact interval and p."""
    rows = claims.comparisons(view, indicator).iloc[::-1]
    ends = rows["high"].fillna(rows["value"]).tolist()  # too few regions give no interval
    figure, axes = canvas(1.0 + 0.45 * len(rows))
    axes.axvline(0, color=INK, linewidth=1)
    for place, (_, line) in enumerate(rows.iterrows()):
        chosen = line["status"] != "sensitivity"
        colour = HERE if chosen else BESIDE
        axes.hlines(place, line["low"], line["high"], color=colour, linewidth=2)
        axes.plot(line["value"], place, "o" if chosen else "D", color=colour, markersize=7)
        axes.annotate(
            f"{view.number(line, signed=True)}  ({terms.p_value(line['p'], view.language)})",
            (ends[place], place),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=colour,
            fontweight="bold" if chosen else "normal",
        )
    axes.set_yticks(range(len(rows)), [period.replace("-", "–") for period in rows["period"]])
    axes.set_xlim(right=max(ends) + 0.45 * (max(ends) - rows[["low", "value"]].min(axis=None)))
    axes.margins(y=0.15)
    _signed(view, axes)
    title = view.language.say(
        "{indicator}: with the programme against the others, by baseline year ({unit})",
        indicator=view.name(indicator),
        unit=view.unit(rows.iloc[0]),
    )
    figure.suptitle(textwrap.fill(title, TITLE_WIDTH), x=0.01, ha="left", fontsize=10)
    source_line(view, figure, list(rows["source"]))
    return figure


def by_baseline_alt(view: View, indicator: str) -> str:
    """Describe the chart of differences by baseline year."""
    told = "; ".join(
        view.language.say(
            "{period}: {value} ({interval}), {p}",
            period=line["period"].replace("-", "–"),
            value=view.number(line, signed=True),
            interval=claims.interval(view, line),
            p=terms.p_value(line["p"], view.language),
        )
        for _, line in claims.comparisons(view, indicator).iterrows()
    )
    return view.language.say(
        "Dot chart with 95% intervals: {indicator}, regions with the programme against the others, "
        "by baseline year. {told}.",
        indicator=view.name(indicator),
        told=told,
    )


@styled
def by_year(view: View, indicator: str) -> Figure:
    """Draw the difference of each year against the baseline, with its interval."""
    rows = _events(view, indicator)
    figure, axes = canvas(3.0)
    period = view.data.evaluation.programme.period
    axes.axvspan(period.start - 0.5, period.end + 0.5, color=PALE, zorder=0, linewidth=0)
    axes.axhline(0, color=INK, linewidth=1)
    years = rows["group"].str.partition(":")[2].astype(int)
    axes.vlines(years, rows["low"], rows["high"], color=HERE, linewidth=2)
    axes.plot(years, rows["value"], "o", color=HERE, markersize=6)
    axes.plot(view.years.baseline, 0, "o", color=HERE, markerfacecolor="white", markersize=7)
    for year, (_, line) in zip(years, rows.iterrows(), strict=True):
        axes.annotate(
            view.number(line, signed=True),
            (year, line["value"]),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=HERE,
        )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="", ylabel="")
    axes.margins(x=0.08)
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: view.language.number(value, 0, signed=True))
    )
    axes.set_title(
        view.language.say(
            "{indicator}: difference against {baseline} ({unit})",
            indicator=view.name(indicator),
            baseline=view.years.baseline,
            unit=view.unit(rows.iloc[0]),
        ),
        loc="left",
        fontsize=10,
    )
    source_line(view, figure, list(rows["source"]))
    return figure


def by_year_alt(view: View, indicator: str) -> str:
    """Describe the chart of differences by year."""
    told = "; ".join(
        view.language.say(
            "{year}: {value} ({interval})",
            year=line["group"].partition(":")[2],
            value=view.number(line, signed=True),
            interval=claims.interval(view, line),
        )
        for _, line in _events(view, indicator).iterrows()
    )
    return view.language.say(
        "Dot chart with 95% intervals: {indicator}, regions with the programme against the others, "
        "by year. {told}.",
        indicator=view.name(indicator),
        told=told,
    )


def has_twins(view: View, indicator: str) -> bool:
    """Whether any region has a synthetic control."""
    return not view.select(indicator=indicator, statistic="gap").empty


def has_years(view: View, indicator: str) -> bool:
    """Whether differences by year are known."""
    return not _events(view, indicator).empty


def _events(view: View, indicator: str) -> pd.DataFrame:
    whole = view.data.evaluation.programme.whole
    return view.select(indicator=indicator, region=whole, statistic="event").sort_values("group")


def _signed(view: View, axes: Axes) -> None:
    axes.set(xlabel="", ylabel="")
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: view.language.number(value, 0, signed=True))
    )


def without_each(view: View, indicator: str) -> Table:
    """Tell the comparison again without each of the programme's regions."""
    say = view.language.say
    whole = view.data.evaluation.programme.whole
    rows = view.select(indicator=indicator, region=whole, statistic="did")
    rows = rows[rows["group"].str.startswith("without:")]
    rows = _in_order(view, indicator, rows, rows["group"].str.removeprefix("without:"))
    columns = [
        Column(say("Without")),
        Column(say("Difference"), kind="number"),
        Column(say("p"), kind="number"),
        Column(say("Smallest p possible"), kind="number"),
    ]
    body = [
        [
            view.area(line["group"].partition(":")[2]),
            view.value(line, signed=True),
            claims.p_number(line["p"], view.language),
            claims.p_number(line["p_min"], view.language, 4),
        ]
        for _, line in rows.iterrows()
    ]
    return table(view, say("If one region is left out"), columns, body)


def twins(view: View, indicator: str) -> Table:
    """Tell each region's gap to its synthetic control, its fit and its rank."""
    say = view.language.say
    rows = view.select(indicator=indicator, statistic="gap")
    rows = _in_order(view, indicator, rows, rows["region"])
    columns = [
        Column(say("Where")),
        Column(say("Gap afterwards"), kind="number"),
        Column(say("Gap before (fit)"), kind="number"),
        Column(say("p"), kind="number"),
        Column(say("Smallest p possible"), kind="number"),
        Column(say("Mix of others")),
    ]
    body = [
        [
            view.area(line["region"]),
            view.value(line, signed=True),
            view.language.number(float(terms.fact(line, "fit")), 1),
            claims.p_number(line["p"], view.language),
            claims.p_number(line["p_min"], view.language),
            claims.mix(view, indicator, line["region"]),
        ]
        for _, line in rows.iterrows()
    ]
    note = say(
        "Gap: mean distance to the mix of other regions that was most like the region up to the "
        "baseline. p: share of regions, this one included, that drew away from their own mixes at least "
        "as much, measured against the fit before."
    )
    if any(claims.fits_perfectly(line) for _, line in rows.iterrows()):
        note = f"{note} {claims.perfect_fit(view.language)}"
    return table(view, say("Each region beside its synthetic control"), columns, body, note=note)


def _in_order(view: View, indicator: str, rows: pd.DataFrame, regions: pd.Series) -> pd.DataFrame:
    """Sort rows by their regions, in the order of evaluation.toml."""
    order = {code: place for place, code in enumerate(programme_regions(view, indicator))}
    return rows.loc[regions.map(order).sort_values(kind="stable").index]


def verdicts(view: View) -> Table:
    """Tell what may be claimed of each series: its verdict, the evidence's weight, the rule."""
    say = view.language.say
    whole = view.data.evaluation.programme.whole
    columns = [
        Column(say("Indicator")),
        Column(say("Difference"), kind="number"),
        Column(say("Verdict")),
        Column(say("Weight of the evidence")),
        Column(say("What may be claimed")),
    ]
    body = []
    for item in view.data.evaluation.context:
        line = claims.main(view, item.indicator)
        if line is not None:
            body.append(
                [
                    view.name(item.indicator),
                    view.value(line, signed=True),
                    claims.verdict(line["status"], view.language),
                    claims.grade(terms.fact(line, "grade") or "none", view.language),
                    claims.statement(view, line),
                ]
            )
    caption = say("What may be claimed, {whole}", whole=view.area(whole))
    return table(view, caption, columns, body, note=terms.rule(view.language))
