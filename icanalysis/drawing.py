"""What all charts share: style, canvas, title, axes, labels that keep apart, and the line under them.

Nothing here knows what a chart is about.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import ParamSpec

import seaborn as sns
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, MaxNLocator
from scipy.optimize import isotonic_regression

from icanalysis.view import View

P = ParamSpec("P")
WIDTH = 7.2  # inches: the text column of a page
TITLE_WIDTH = 86  # characters
# Text in any of the first three can be read on white (contrast above 4.5 to 1).
HERE, BESIDE, INK = "#0b5394", "#6b6b6b", "#222222"
PALE, FAINT = "#e9e4d8", "#d0d0d0"
BADGE, BADGE_INK = "#7a1f00", "#ffffff"  # as in the pages' style sheet
MARGIN = 0.015  # of the axes' width, between a label and their end
ROUNDS = 12  # limits and labels settle within a few


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw in the workbook's style, names as they are, and leave the reader's settings alone."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        # A $ in the data begins no formula.
        plain = {"text.parse_math": False, "font.family": "DejaVu Sans", "text.color": INK}
        with sns.axes_style("ticks"), rc_context(plain):
            return draw(*args, **kwargs)

    return drawn


def canvas(height: float) -> tuple[Figure, Axes]:
    """Return an empty figure of the page's width, `height` inches high."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    sns.despine(ax=axes)
    return figure, axes


def titled(figure: Figure, text: str) -> None:
    """Write a chart's title, broken where the page ends."""
    figure.suptitle(textwrap.fill(text, TITLE_WIDTH), x=0.01, ha="left", fontsize=10)


def numbered(view: View, axis: Axis, *, signed: bool = False, after: str = "") -> None:
    """Write an axis' numbers as the reader does, each with its sign or unit `after` it if asked."""
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: view.language.number(value, 0, signed=signed) + after)
    )


def years_below(axes: Axes, years: Sequence[int], most: int = 10) -> None:
    """Write whole years, not too many and none that has no value, below a chart."""
    first, last = min(years), max(years)
    ticks = MaxNLocator(most, integer=True).tick_values(first, last)
    axes.set_xticks([int(year) for year in ticks if first <= year <= last])


def shade_programme(view: View, axes: Axes) -> tuple[float, float]:
    """Shade the programme's planned years; return where the shade begins and ends."""
    period = view.data.evaluation.programme.period
    first, last = period.start - 0.5, period.end + 0.5
    axes.axvspan(first, last, color=PALE, zorder=0, linewidth=0)
    return first, last


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Move places apart until each lies `gap` from the next: as little as possible, in order."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    steps = [gap * rank for rank in range(len(order))]
    # Less their steps, places that are far enough apart do not fall: the nearest such sequence.
    level = [places[index] - step for index, step in zip(order, steps, strict=True)]
    moved = isotonic_regression(level).x if level else []
    found = dict(
        zip(order, (place + step for place, step in zip(moved, steps, strict=True)), strict=True)
    )
    return [float(found[index]) for index in range(len(places))]


def laid_out(axes: Axes) -> Figure:
    """Settle where everything of the axes' figure stands, and return it."""
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ValueError("axes without a figure")
    engine = figure.get_layout_engine()
    if engine is None:
        figure.draw_without_rendering()
    else:
        engine.execute(figure)
    return figure


def line_height(axes: Axes, points: float) -> float:
    """Tell how much of the upright axis a line of text of so many points takes."""
    figure = laid_out(axes)
    low, high = axes.get_ylim()
    pixels = points * 1.35 * figure.dpi / 72
    return float((high - low) * pixels / axes.get_window_extent().height)


def room_beside(axes: Axes, *, from_zero: bool = False) -> None:
    """Widen an axis until every text written beside its points lies within it.

    The axis begins at nought if asked, else leaves the same room on its left.
    """
    laid_out(axes)
    frame = axes.get_window_extent()
    low, high = axes.get_xlim()
    reach = []
    for text in axes.texts:
        if not isinstance(text, Annotation):
            continue
        point = axes.transData.transform((text.xy[0], 0))[0]
        box = text.get_window_extent()
        reach.append((text.xy[0], (point - box.x0) / frame.width, (box.x1 - point) / frame.width))
    first, last = low, high
    for _ in range(ROUNDS):
        across = last - first
        last = max([high, *(place + (after + MARGIN) * across for place, _, after in reach)])
        if not from_zero:
            first = min([low, *(place - (before + MARGIN) * across for place, before, _ in reach)])
    axes.set_xlim(0 if from_zero else first, last)


def shade_told(view: View) -> str:
    """Say what the shade is, for the line under a chart."""
    return view.language.say("Shaded: the programme's planned years")


def source_line(
    view: View, figure: Figure, sources: Iterable[str], *notes: str, simulated: bool = False
) -> None:
    """Name the sources under a chart, once each, with notes on how to read it.

    Simulated ones wear their badge beside them; so do all, while tables of the package are invented.
    """
    names = sorted({name for source in sources for name in source.split("; ")}, key=_by_number)
    figure.supxlabel(
        ". ".join([view.language.say("Source: {sources}", sources=", ".join(names)), *notes]),
        x=0.01,
        ha="left",
        fontsize=8,
        color="#555555",
    )
    if simulated or view.data.invented:
        figure.text(
            0.985,
            0.012,
            view.language.say("SIMULATED"),
            ha="right",
            va="bottom",
            fontsize=7.5,
            fontweight="bold",
            color=BADGE_INK,
            bbox={"boxstyle": "round,pad=0.25", "facecolor": BADGE, "edgecolor": BADGE},
        )


def _by_number(name: str) -> tuple[str, int]:
    return name[0], int(name[1:]) if name[1:].isdigit() else 0
