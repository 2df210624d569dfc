"""Rows of dots: values with their intervals, or with a line from nought, one row a name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from icanalysis.drawing import BESIDE, HERE, INK, canvas


@dataclass(frozen=True)
class Dot:
    """A value, the line through it from `low` to `high` (missing: none), and what is written.

    `above` is how far from the middle of its row it stands, in rows.
    """

    value: float
    low: float
    high: float
    label: str
    colour: str = BESIDE
    marker: str = "D"
    fill: str = BESIDE
    size: float = 6
    thick: float = 2
    bold: bool = False
    above: float = 0

    @property
    def leftwards(self) -> bool:
        """Whether the line ends on the left at the value, so that the label belongs there."""
        return self.value == self.low < self.high


def told_apart(
    value: float, low: float, high: float, label: str, *, chosen: bool, size: float = 6
) -> Dot:
    """Make the dot of a row: the one chosen stands out by shape, colour and weight."""
    if chosen:
        return Dot(value, low, high, label, HERE, "o", HERE, size + 1.5, 2.6, bold=True)
    return Dot(value, low, high, label, size=size)


def from_nought(value: float, label: str, *, chosen: bool) -> Dot:
    """Make the dot of a row whose line comes from nought."""
    return told_apart(value, min(0, value), max(0, value), label, chosen=chosen)


def rows(
    named: Sequence[tuple[str, Sequence[Dot]]], *, height: float = 0.42, head: float = 1.0
) -> tuple[Figure, Axes]:
    """Draw rows of dots, the first on top, each with its name; `height` and `head` in inches."""
    figure, axes = canvas(head + height * len(named))
    upwards = named[::-1]
    for place, (_, dots) in enumerate(upwards):
        for dot in dots:
            _draw(axes, dot, place + dot.above)
    axes.set_yticks(range(len(upwards)), [name for name, _ in upwards], fontsize=9)
    axes.set(xlabel="", ylabel="")
    axes.margins(x=0.05, y=0.6 / max(len(upwards), 1))
    return figure, axes


def nought(axes: Axes) -> None:
    """Draw the line of no change."""
    axes.axvline(0, color=INK, linewidth=1, zorder=0)


def _draw(axes: Axes, dot: Dot, height: float) -> None:
    axes.hlines(height, dot.low, dot.high, color=dot.colour, linewidth=dot.thick)
    axes.plot(
        dot.value,
        height,
        dot.marker,
        color=dot.colour,
        markerfacecolor=dot.fill,
        markersize=dot.size,
    )
    end = dot.low if dot.leftwards else dot.value if math.isnan(dot.high) else dot.high
    axes.annotate(
        dot.label,
        (end, height),
        xytext=(-8 if dot.leftwards else 8, 0),
        textcoords="offset points",
        ha="right" if dot.leftwards else "left",
        va="center",
        fontsize=8.5,
        color=dot.colour,
        fontweight="bold" if dot.bold else "normal",
    )
