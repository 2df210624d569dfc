"""The state of every figure as a grid: indicators down; places, within breakdowns, across."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from icanalysis import terms
from icanalysis.coverage import SHAPES, Grid, breakdown_name, heading, nothing_real, word
from icanalysis.drawing import WIDTH, source_line, styled
from icanalysis.named import producer_source
from icanalysis.states import BASELINE, STATES, TARGET, Section, State
from icanalysis.view import View

_MARKERS: dict[State, str] = {"stale": "D", "simulated": "^", "suppressed": "s"}
# In inches: a row, a column, the room for names beside, above and below; the gap is in columns.
ROW, COLUMN, BESIDE, ABOVE, BELOW, GAP = 0.225, 0.149, 2.62, 1.38, 0.7, 0.7
LEGEND = 0.22  # inches above the end, over the line that names the sources
NAME = 42  # characters of a name on one line


@styled
def chart(shown: Grid, section: Section) -> Figure:
    """Draw the cells of a section: indicators down; places, within breakdowns, across."""
    rows = shown.rows(section)
    indicators = list(dict.fromkeys(rows["indicator"]))
    across = _columns(shown, rows)
    columns = across[-1][2] + 1
    wide, tall = min(COLUMN * columns, WIDTH - BESIDE - 0.05), ROW * len(indicators)
    height = ABOVE + tall + BELOW
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((BESIDE / WIDTH, BELOW / height, wide / WIDTH, tall / height))
    axes.set(xlim=(-0.5, across[-1][2] + 0.5), ylim=(len(indicators) - 0.5, -0.5))
    there = rows.set_index(["indicator", "breakdown", "region"])["state"]
    for down, indicator in enumerate(indicators):
        for breakdown, region, place in across:
            if breakdown in (BASELINE, TARGET):
                state = _end(shown, indicator, breakdown)
            else:
                state = there[indicator, breakdown, region]
            if state != "not_asked":
                _cell(axes, place, down, state)
    _name_rows(shown.view, axes, indicators)
    _name_columns(shown.view, axes, across)
    _legend(shown.view, figure, rows)
    simulated = nothing_real(shown, section)
    title = heading(shown.view, section)
    if simulated:
        title = f"{shown.view.language.say('SIMULATED')}: {title}"
    figure.suptitle(
        textwrap.fill(title, 28), x=0.01, y=1 - 0.06 / height, ha="left", va="top",
        fontsize=10, fontweight="bold",
    )  # fmt: skip
    source_line(shown.view, figure, _sources(shown, rows), simulated=simulated)
    return figure


def _sources(shown: Grid, rows: pd.DataFrame) -> Iterator[str]:
    """Name the sources of a section's figures, without the places in them."""
    lines = shown.lines.dropna(subset="value")
    lines = lines[lines["indicator"].isin(rows["indicator"])]
    producers = rows["section"].iloc[0] == "producers"
    for text in dict.fromkeys(lines["source"]):
        if producers:
            yield producer_source(shown.view, text)
        elif text.startswith("simulated"):
            yield terms.survey_source(text, shown.view.language)
        else:
            yield from (part.partition(":")[0] for part in text.split("; "))


def _columns(shown: Grid, rows: pd.DataFrame) -> list[tuple[str, str, float]]:
    """Each column's breakdown and region, and where it stands; a gap between breakdowns."""
    found: list[tuple[str, str, float]] = []
    place = 0.0
    for breakdown, each in rows.groupby("breakdown", sort=False):
        for region in dict.fromkeys(each["region"]):
            found.append((str(breakdown), region, place))
            place += 1
        place += GAP
    section = rows["section"].iloc[0]
    ends = shown.ends[shown.ends["section"] == section]
    for name in (BASELINE, TARGET):
        if name in set(ends["breakdown"]):
            found.append((name, "", place))
            place += 1
    return found


def _end(shown: Grid, indicator: str, name: str) -> State:
    """State of an indicator's baselines or targets together: missing if one is."""
    rows = shown.ends[(shown.ends["indicator"] == indicator) & (shown.ends["breakdown"] == name)]
    found = set(rows["state"])
    for state in ("missing", "suppressed", "simulated", "stale", "joint", "filled"):
        if state in found:
            return state
    return "not_asked"


def _cell(axes: Axes, across: float, down: float, state: State) -> None:
    _, colour, behind = SHAPES[state]
    axes.add_patch(
        Rectangle((across - 0.46, down - 0.44), 0.92, 0.88, facecolor=behind, linewidth=0)
    )
    axes.add_line(_mark(state, colour, [across], [down]))


def _mark(state: State, colour: str, across: list[float], down: list[float]) -> Line2D:
    hollow = state == "missing"
    return Line2D(
        across,
        down,
        linestyle="",
        marker=_MARKERS.get(state, "o"),
        markersize=5.2,
        fillstyle="left" if state == "joint" else "full",
        markerfacecolor="white" if hollow else colour,
        markerfacecoloralt="white",
        markeredgecolor=colour,
        markeredgewidth=0.8,
    )


def _name_rows(view: View, axes: Axes, indicators: list[str]) -> None:
    names = [textwrap.fill(view.name(code), NAME) for code in indicators]
    axes.set_yticks(range(len(names)), names, linespacing=0.9)
    axes.tick_params(axis="both", length=0, labelsize=7.2, pad=2)
    for label in axes.get_yticklabels():
        if "\n" in label.get_text():
            label.set_fontsize(6.3)
    for side in axes.spines.values():
        side.set_visible(False)


def _name_columns(view: View, axes: Axes, across: list[tuple[str, str, float]]) -> None:
    say = view.language.say
    labels = {BASELINE: say("Baseline"), TARGET: say("Target")}
    axes.xaxis.tick_top()
    axes.set_xticks(
        [place for _, _, place in across],
        [labels.get(breakdown) or view.area(region) for breakdown, region, _ in across],
        rotation=90,
    )
    for breakdown in dict.fromkeys(name for name, region, _ in across if region):
        places = [place for name, _, place in across if name == breakdown]
        axes.annotate(
            textwrap.fill(breakdown_name(view, breakdown), 12),
            ((places[0] + places[-1]) / 2, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(0, 72 * (ABOVE - 0.06)),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7.6,
            fontweight="bold",
        )


def _legend(view: View, figure: Figure, rows: pd.DataFrame) -> None:
    """Tell each shape's word and how many cells of the section have it."""
    found = rows["state"].value_counts()
    there = [name for name in STATES if name in found]
    handles = [_mark(name, SHAPES[name][1], [], []) for name in there]
    names = [f"{word(view, name)[2:]}: {view.language.number(found[name])}" for name in there]
    figure.legend(
        handles, names, loc="lower left", bbox_to_anchor=(0, LEGEND / figure.get_figheight()), ncols=len(there), fontsize=8, frameon=False,
        handletextpad=0.2, columnspacing=1.4, borderaxespad=0.3,
    )  # fmt: skip


def alt(shown: Grid, section: Section) -> str:
    """Describe the chart of a section."""
    view, rows = shown.view, shown.rows(section)
    told = []
    for breakdown, each in rows.groupby("breakdown", sort=False):
        found = each["state"].value_counts()
        states_ = [
            f"{word(view, name)[2:]} {view.language.number(found[name])}"
            for name in STATES
            if name in found
        ]
        told.append(f"{breakdown_name(view, str(breakdown))}: {', '.join(states_)}")
    return view.language.say(
        "Grid of {count} indicators by region and breakdown; the shape of each cell tells its state. "
        "{section}. {told}.",
        count=rows["indicator"].nunique(),
        section=heading(view, section),
        told=". ".join(told),
    )
