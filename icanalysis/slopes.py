"""Slopes: baseline and outcome of a region, of the country and of the programme's other regions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from icanalysis import terms, wording
from icanalysis.drawing import (
    BESIDE,
    HERE,
    INK,
    canvas,
    line_height,
    source_line,
    spread,
    styled,
    titled,
)
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.view import View

ALL = "all"
LABEL = 9  # points
ASIDE = 0.012  # intervals stand so far from one another


@dataclass(frozen=True)
class Slope:
    """One area's lines at baseline and outcome, and how they are drawn."""

    name: str
    before: pd.Series
    after: pd.Series
    change: pd.Series | None
    colour: str
    marker: str
    width: float


def slopes(view: View, indicator: str) -> list[Slope]:
    """List the areas that have both years, the view's region first and the country next."""
    evaluation = view.data.evaluation
    reference = evaluation.reference
    others = [region.code for region in evaluation.reported_regions()]
    asked = [(view.region.code, HERE, "o", 2.6)]
    if reference:
        asked.append((reference.code, INK, "s", 1.4))
    asked += [(code, BESIDE, "D", 1.2) for code in others if code != view.region.code]
    found = [_slope(view, indicator, *each) for each in asked]
    return [slope for slope in found if slope]


def _slope(
    view: View, indicator: str, region: str, colour: str, marker: str, width: float
) -> Slope | None:
    before, after = (
        view.one(indicator=indicator, region=region, group=ALL, period=str(year), statistic="level")
        for year in (view.years.baseline, view.years.outcome)
    )
    if before is None or after is None:
        return None
    period = f"{view.years.baseline}-{view.years.outcome}"
    change = view.one(
        indicator=indicator, region=region, group=ALL, period=period, statistic="change"
    )
    return Slope(view.area(region), before, after, change, colour, marker, width)


def known(view: View, indicator: str) -> bool:
    """Whether there is anything to draw beside the region itself."""
    found = slopes(view, indicator)
    return len(found) > 1 and found[0].name == view.place


@styled
def chart(view: View, indicator: str) -> Figure:
    """Draw each area's way from baseline to outcome, named and numbered at its ends."""
    found = slopes(view, indicator)
    figure, axes = canvas(3.9)
    for place, slope in reversed(list(enumerate(found))):
        ends = (slope.before, slope.after)
        axes.plot(
            (0, 1),
            [line["value"] for line in ends],
            color=slope.colour,
            marker=slope.marker,
            linewidth=slope.width,
            markersize=7 if place == 0 else 5,
        )
        for at, line in enumerate(ends):
            if not math.isnan(line["low"]):
                aside = at + ASIDE * place * (1 if at else -1)
                axes.vlines(aside, line["low"], line["high"], color=slope.colour, linewidth=1.6)
    axes.set_xticks([0, 1], [str(view.years.baseline), str(view.years.outcome)], fontsize=10)
    axes.set_xlim(-0.35, 1.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_bounds(0, 1)
    axes.margins(y=0.08)
    titled(figure, _title(view, found))
    source_line(view, figure, _sources(view, found), simulated=_simulated(found))
    gap = line_height(axes, LABEL)
    _write(view, axes, found, gap, last=False)
    _write(view, axes, found, gap, last=True)
    return figure


def _write(view: View, axes: Axes, found: list[Slope], gap: float, *, last: bool) -> None:
    """Write the values of one year, moved apart where they would touch; names on the right."""
    lines = [slope.after if last else slope.before for slope in found]
    heights = spread([line["value"] for line in lines], gap)
    for slope, line, height in zip(found, lines, heights, strict=True):
        axes.annotate(
            f"{view.number(line)}  {slope.name}" if last else view.number(line),
            (1 if last else 0, height),
            xytext=(14 if last else -14, 0),
            textcoords="offset points",
            ha="left" if last else "right",
            va="center",
            fontsize=LABEL,
            color=slope.colour,
            fontweight="bold" if slope.colour == HERE else "normal",
        )


def _title(view: View, found: list[Slope]) -> str:
    line = found[0].before
    return view.language.say(
        "{simulated}{indicator} ({unit}), from {baseline} to {outcome}",
        simulated=f"{view.language.say('SIMULATED')}: " if _simulated(found) else "",
        indicator=view.name(line["indicator"]),
        unit=view.unit(line) + wording.prices(view, line.to_frame().T),
        baseline=view.years.baseline,
        outcome=view.years.outcome,
    )


def _simulated(found: list[Slope]) -> bool:
    return any(slope.before["source_kind"] == "simulated" for slope in found)


def _sources(view: View, found: list[Slope]) -> list[str]:
    ends = [line for slope in found for line in (slope.before, slope.after)]
    return [terms.survey_source(line["source"], view.language) for line in ends]


def alt(view: View, indicator: str) -> str:
    """Describe the slopes: every area's ends and direction, and the interval where there is one."""
    found = slopes(view, indicator)
    told = " ".join(_described(view, slope) for slope in found)
    ends = [line for slope in found for line in (slope.before, slope.after)]
    ends = sorted(ends, key=lambda line: float(line["value"]))
    return view.language.say(
        "Slope chart: {title}. {told} All values lie between {low} and {high}.",
        title=_title(view, found),
        told=told,
        low=view.value(ends[0]),
        high=view.value(ends[-1]),
    )


def _described(view: View, slope: Slope) -> str:
    said = view.language.say(
        "{name}: {before} in {baseline}, {after} in {outcome}.",
        name=slope.name,
        before=_with_interval(view, slope.before),
        after=_with_interval(view, slope.after),
        baseline=view.years.baseline,
        outcome=view.years.outcome,
    )
    change = slope.change
    if change is None or math.isnan(change["value"]):
        return said
    return f"{said} {wording.moved(view, change)}."


def _with_interval(view: View, line: pd.Series, *, signed: bool = False) -> str:
    """Write a value, and its 95% interval in brackets where there is one."""
    number = view.number(line, signed=signed)
    if math.isnan(line["low"]):
        return number
    low, high = (view.number(line, name, signed=signed) for name in ("low", "high"))
    return f"{number} ({view.language.say('{low} to {high}', low=low, high=high)})"


def data(view: View, indicator: str) -> Table:
    """Tell what the slopes draw: both years and the change, with intervals where there are any."""
    found = slopes(view, indicator)
    change_unit = next((view.unit(each.change) for each in found if each.change is not None), "")
    columns = [
        Column(view.language.say("Where")),
        Column(str(view.years.baseline), kind="number"),
        Column(str(view.years.outcome), kind="number"),
        Column(view.language.say("Change ({unit})", unit=change_unit), kind="number"),
    ]
    body = [
        [
            slope.name,
            _with_interval(view, slope.before),
            _with_interval(view, slope.after),
            ABSENT if slope.change is None else _with_interval(view, slope.change, signed=True),
        ]
        for slope in found
    ]
    return table(view, _title(view, found), columns, body, simulated=_simulated(found))
