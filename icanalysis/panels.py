"""Small multiples: one panel for each of the programme's regions, in fixed order, on one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from icanalysis import wording
from icanalysis.drawing import (
    BESIDE,
    HERE,
    WIDTH,
    line_height,
    numbered,
    shade_programme,
    shade_told,
    source_line,
    spread,
    styled,
    titled,
    years_below,
)
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.view import View

ACROSS = 2
LABEL = 8  # points


def grid(count: int) -> tuple[Figure, list[Axes]]:
    """Return a figure with so many panels on one scale."""
    across = min(count, ACROSS)
    rows = -(-count // across)
    figure = Figure(figsize=(WIDTH, 0.6 + 2.3 * rows), layout="constrained")
    panels = list(figure.subplots(rows, across, sharex=True, sharey=True, squeeze=False).flat)
    for axes in panels[count:]:
        axes.set_visible(False)
    # The panel above an empty place has the years' axis to itself.
    for axes in panels[max(count - across, 0) : count]:
        axes.tick_params(labelbottom=True)
    return figure, panels[:count]


def frame(view: View, axes: Axes, region: str, years: Sequence[int]) -> None:
    """Draw what every panel has: its region's name, the programme's years, the axes."""
    shade_programme(view, axes)
    axes.set_title(view.area(region), loc="left", fontsize=9, color=HERE, fontweight="bold")
    years_below(axes, years, 4)
    numbered(view, axes.yaxis)
    axes.tick_params(labelsize=8)
    sns.despine(ax=axes)


def regions(view: View, indicator: str) -> list[str]:
    """List the programme's regions that have levels of a series, in the evaluation's order."""
    there = set(view.select(indicator=indicator, statistic="level")["region"])
    found = view.data.evaluation.reported_regions()
    return [region.code for region in found if region.code in there]


@styled
def chart(view: View, indicator: str) -> Figure:
    """Draw a series of each of the programme's regions with the country behind it."""
    codes = regions(view, indicator)
    figure, panels = grid(len(codes))
    rows = view.select(indicator=indicator, statistic="level")
    years = list(rows.loc[rows["region"].isin(codes), "period"].astype(int))
    for axes, code in zip(panels, codes, strict=True):
        frame(view, axes, code, years)
        _lines(view, axes, indicator, code)
    axes = panels[0]
    axes.set_ylim(bottom=0, top=1.12 * axes.get_ylim()[1])
    axes.set_xlim(right=axes.get_xlim()[1] + 0.17 * (axes.get_xlim()[1] - axes.get_xlim()[0]))
    titled(figure, _title(view, indicator))
    source_line(view, figure, _sources(view, indicator), shade_told(view))
    gap = line_height(axes, LABEL)
    for axes, code in zip(panels, codes, strict=True):
        _label(view, axes, indicator, code, gap)
    return figure


def _drawn(view: View, indicator: str, region: str) -> list[tuple[str, str, float, pd.DataFrame]]:
    """Code, colour, width and lines of what a panel draws: the country first, to lie behind."""
    reference = view.data.evaluation.reference
    areas = [(reference.code, BESIDE, 1.2)] if reference else []
    found = [
        (
            code,
            colour,
            width,
            view.select(indicator=indicator, region=code, statistic="level").sort_values("period"),
        )
        for code, colour, width in [*areas, (region, HERE, 2.2)]
    ]
    return [each for each in found if not each[3].empty]


def _lines(view: View, axes: Axes, indicator: str, region: str) -> None:
    ends = [str(view.years.baseline), str(view.years.outcome)]
    for _, colour, width, rows in _drawn(view, indicator, region):
        axes.plot(rows["period"].astype(int), rows["value"], color=colour, linewidth=width)
    own = rows[rows["period"].isin(ends)]
    axes.plot(
        own["period"].astype(int),
        own["value"],
        "o",
        color=HERE,
        markerfacecolor="white",
        markersize=6,
        markeredgewidth=1.6,
    )


def _label(view: View, axes: Axes, indicator: str, region: str, gap: float) -> None:
    """Write the region's baseline, and at the right its outcome and the country's name."""
    drawn = _drawn(view, indicator, region)
    ends = [rows.iloc[-1] for _, _, _, rows in drawn]
    heights = spread([line["value"] for line in ends], gap)
    for (code, colour, _, _), line, height in zip(drawn, ends, heights, strict=True):
        own = code == region
        axes.annotate(
            view.number(line) if own else view.area(code),
            (int(line["period"]), height),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=LABEL,
            color=colour,
            fontweight="bold" if own else "normal",
        )
    base = _at(drawn[-1][3], view.years.baseline)
    if base is None:
        return
    beside = _at(drawn[0][3], view.years.baseline) if len(drawn) > 1 else None
    below = beside is not None and beside["value"] > base["value"]
    axes.annotate(
        view.number(base),
        (view.years.baseline, base["value"]),
        xytext=(0, -7 if below else 7),
        textcoords="offset points",
        ha="right" if below else "left",
        va="top" if below else "bottom",
        fontsize=LABEL,
        color=HERE,
        fontweight="bold",
    )


def _at(rows: pd.DataFrame, year: int) -> pd.Series | None:
    found = rows[rows["period"] == str(year)]
    return None if found.empty else found.iloc[0]


def _title(view: View, indicator: str) -> str:
    rows = view.select(indicator=indicator, statistic="level")
    reference = view.data.evaluation.reference
    told = {
        "indicator": view.name(indicator),
        "unit": view.unit(rows.iloc[0]) + wording.prices(view, rows),
    }
    if reference is None:
        return view.language.say("{indicator} ({unit}), each region with the programme", **told)
    return view.language.say(
        "{indicator} ({unit}), each region with the programme; grey: {reference}",
        reference=reference.named(view.language.code),
        **told,
    )


def _sources(view: View, indicator: str) -> list[str]:
    codes = regions(view, indicator)
    return [
        source
        for code in codes
        for _, _, _, rows in _drawn(view, indicator, code)
        for source in rows["source"]
    ]


def alt(view: View, indicator: str) -> str:
    """Describe the small multiples: each region's ends, its highest, its lowest, its direction."""
    told = " ".join(_described(view, indicator, code) for code in regions(view, indicator))
    return view.language.say(
        "Line charts on one scale, one for each region with the programme, with the country behind it "
        "and the programme's planned years shaded: {title}. {told}",
        title=_title(view, indicator),
        told=told,
    )


def _described(view: View, indicator: str, region: str) -> str:
    rows = view.select(indicator=indicator, region=region, statistic="level")
    by_value = rows.sort_values(["value", "period"])
    low, high = by_value.iloc[0], by_value.iloc[-1]
    change = view.change(indicator, region)
    said = view.language.say(
        "{region}: highest in {high_year} ({high}), lowest in {low_year} ({low}).",
        region=view.area(region),
        high_year=high["period"],
        high=view.value(high),
        low_year=low["period"],
        low=view.value(low),
    )
    if change is None or math.isnan(change["value"]):
        return said
    moved = view.language.say(
        "{moved} from {baseline} to {outcome}.",
        baseline=view.years.baseline,
        outcome=view.years.outcome,
        moved=wording.moved(view, change),
    )
    return f"{said} {moved}"


def levels(view: View, indicator: str) -> Table:
    """Tell what the small multiples draw: a row for each year, a column for each area."""
    codes = regions(view, indicator)
    reference = view.data.evaluation.reference
    if reference:
        codes.append(reference.code)
    rows = view.select(indicator=indicator, statistic="level")
    rows = rows[rows["region"].isin(codes)]
    lines = {(line["region"], line["period"]): line for _, line in rows.iterrows()}
    years = sorted(set(rows["period"]))
    columns = [
        Column(view.language.say("Year")),
        *(Column(view.area(code), kind="number") for code in codes),
    ]
    body = [
        [
            year,
            *(
                view.number(lines[code, year]) if (code, year) in lines else ABSENT
                for code in codes
            ),
        ]
        for year in years
    ]
    return table(view, _title(view, indicator), columns, body)
