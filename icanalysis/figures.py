"""Charts: one visual language, colours that colour-blind readers tell apart, direct labels.

Each function draws lines of evidence and returns the figure; its description for those who
do not see it is in `alt`.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import pandas as pd
import seaborn as sns
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from icanalysis import delivery, wording
from icanalysis.view import View

P = ParamSpec("P")
WIDTH = 7.2  # inches: the text column of a page
TITLE_WIDTH = 78  # characters
FEWEST_POINTS = 4  # a line through fewer says less than its numbers
HERE, BESIDE, INK, PALE = "#0b5394", "#8a8a8a", "#222222", "#e9e4d8"


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
    """Return an empty figure of the page's width."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    sns.despine(ax=axes)
    return figure, axes


def worth_drawing(view: View, indicator: str) -> bool:
    """Whether a series has enough years here for a line to say more than its numbers."""
    rows = view.select(indicator=indicator, region=view.region.code, statistic="level")
    return len(rows) >= FEWEST_POINTS


@styled
def series(view: View, indicator: str) -> Figure:
    """Draw one context series: the region, the country beside it, the programme's years shaded."""
    figure, axes = canvas(3.4)
    reference = view.data.evaluation.reference
    period = view.data.evaluation.programme.period
    axes.axvspan(period.start - 0.5, period.end + 0.5, color=PALE, zorder=0, linewidth=0)
    areas = [(view.region.code, view.place, HERE, 2.4)]
    if reference:
        areas.append((reference.code, reference.named(view.language.code), BESIDE, 1.6))
    drawn = []
    for code, name, colour, width in areas:
        rows = view.select(indicator=indicator, region=code, statistic="level").sort_values(
            "period"
        )
        if rows.empty:
            continue
        years = rows["period"].astype(int)
        sns.lineplot(
            x=years,
            y=rows["value"],
            color=colour,
            linewidth=width,
            ax=axes,
            marker="o",
            markersize=4,
        )
        drawn.append((name, colour, rows))
    _name_lines(axes, drawn)
    for year in (view.years.baseline, view.years.outcome):
        _mark(view, axes, indicator, year)
    axes.set_ylim(bottom=0, top=axes.get_ylim()[1] * 1.12)
    years = drawn[0][2]["period"].astype(int)
    axes.set_xlim(min(years.min(), view.years.baseline) - 0.5, years.max() + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: view.language.number(value, 0)))
    axes.text(
        (period.start + period.end) / 2,
        0.03,
        view.language.say("programme,\nplanned years"),
        transform=axes.get_xaxis_transform(),
        ha="center",
        va="bottom",
        fontsize=8,
        color="#6b5f45",
    )
    axes.set(xlabel="", ylabel="")
    axes.set_title(_series_title(view, indicator), loc="left", fontsize=10)
    source_line(view, figure, [source for _, _, rows in drawn for source in rows["source"]])
    return figure


def _name_lines(axes: Axes, drawn: list[tuple[str, str, pd.DataFrame]]) -> None:
    """Write each line's name at its end; names that would touch are moved apart."""
    lowest_first = sorted(drawn, key=lambda line: line[2]["value"].iloc[-1])
    room = 0.09 * axes.get_ylim()[1]
    written = -math.inf
    for name, colour, rows in lowest_first:
        end = rows["value"].iloc[-1]
        written = max(end, written + room)
        axes.annotate(
            name,
            (int(rows["period"].iloc[-1]), written),
            xytext=(9, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontweight="bold" if colour == HERE else "normal",
        )


def _series_title(view: View, indicator: str) -> str:
    line = view.select(indicator=indicator, region=view.region.code, statistic="level").iloc[0]
    text = f"{view.name(indicator)} ({view.unit(line)})"
    text += wording.prices(view, view.lines.loc[[line.name]])
    return textwrap.fill(text, TITLE_WIDTH)


def _mark(view: View, axes: Axes, indicator: str, year: int) -> None:
    """Ring the value of the baseline or outcome year and write it."""
    line = view.one(
        indicator=indicator, region=view.region.code, period=str(year), statistic="level"
    )
    if line is None:
        return
    axes.plot(
        year,
        line["value"],
        "o",
        markersize=9,
        markerfacecolor="white",
        markeredgecolor=HERE,
        markeredgewidth=2,
    )
    reference = view.data.evaluation.reference
    beside = None
    if reference:
        beside = view.one(
            indicator=indicator, region=reference.code, period=str(year), statistic="level"
        )
    last = year == view.years.outcome
    # Where the country's line runs just above, its name and dots would be written over.
    below = beside is not None and beside["value"] > line["value"]
    axes.annotate(
        view.number(line),
        (year, line["value"]),
        # The outcome's value ends before the line's name; the baseline's clears a falling line.
        xytext=(5 if last else -5, -9 if below else 9),
        textcoords="offset points",
        ha="right" if last else "left",
        va="top" if below else "bottom",
        color=HERE,
        fontweight="bold",
    )


@styled
def baselines(view: View, indicator: str) -> Figure:
    """Draw the change up to the outcome year for each baseline year; the one asked is ringed."""
    rows = view.select(indicator=indicator, region=view.region.code, statistic="change")
    unit = view.unit(rows.iloc[0])
    rows = rows.dropna(subset="value").sort_values("period", ascending=False)
    figure, axes = canvas(0.9 + 0.38 * len(rows))
    asked = f"{view.years.baseline}-{view.years.outcome}"
    axes.axvline(0, color=INK, linewidth=1)
    for place, (_, line) in enumerate(rows.iterrows()):
        chosen = line["period"] == asked
        colour = HERE if chosen else BESIDE
        axes.hlines(place, 0, line["value"], color=colour, linewidth=3 if chosen else 1.5)
        axes.plot(
            line["value"],
            place,
            "o" if chosen else "D",
            color=colour,
            markersize=8 if chosen else 5,
        )
        rightwards = line["value"] >= 0
        axes.annotate(
            view.number(line, signed=True),
            (line["value"], place),
            xytext=(9 if rightwards else -9, 0),
            textcoords="offset points",
            ha="left" if rightwards else "right",
            va="center",
            color=colour,
            fontweight="bold" if chosen else "normal",
        )
    axes.set_yticks(range(len(rows)), [period.replace("-", "–") for period in rows["period"]])
    axes.margins(x=0.18, y=0.12)
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: view.language.number(value, 0, signed=True))
    )
    axes.set(xlabel="", ylabel="")
    axes.set_title(
        view.language.say(
            "{indicator}: change by baseline year ({unit})",
            indicator=view.name(indicator),
            unit=unit,
        ),
        loc="left",
        fontsize=10,
    )
    source_line(view, figure, list(rows["source"]))
    return figure


@styled
def conflicts(view: View) -> Figure:
    """Draw counts that sources publish differently; filled is the one used."""
    used_lines = delivery.conflicting(view)[::-1]
    figure, axes = canvas(0.8 + 0.62 * len(used_lines))
    sources: list[str] = []
    for place, chosen in enumerate(used_lines):
        same = view.figure(chosen)
        rows = view.select(**same, statistic="level")
        # Each row on its own scale: 3 against 4 matters as much as 55 against 94.
        share = rows["value"] / rows["value"].max()
        used, rest = rows["status"] == "used", rows["status"] != "used"
        axes.hlines(place, share.min(), share.max(), color=BESIDE, linewidth=1)
        axes.plot(
            share[rest],
            [place] * rest.sum(),
            "o",
            color=BESIDE,
            markerfacecolor="white",
            markersize=9,
        )
        axes.plot(share[used], [place], "o", color=HERE, markersize=9)
        label = f"{view.number(chosen)} ({chosen['source'].partition(':')[0]})"
        _label(axes, label, (float(share[used].iloc[0]), place), above=True)
        _label(
            axes, delivery.others(view, rows[rest]), (float(share[rest].mean()), place), above=False
        )
        sources += list(rows["source"])
    axes.set_yticks(range(len(used_lines)), [view.name(line["indicator"]) for line in used_lines])
    axes.set_xlim(0, 1.15)
    axes.set_ylim(-0.7, len(used_lines) - 0.3)
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: view.language.number(100 * value, 0) + "%")
    )
    axes.set(
        xlabel=view.language.say("% of the largest; ● used here, ○ also published"),
        ylabel="",
    )
    source_line(view, figure, [source.partition(":")[0] for source in sources])
    return figure


def _label(axes: Axes, text: str, point: tuple[float, float], *, above: bool) -> None:
    """Write beside a point: the value used above the line, the others below it."""
    axes.annotate(
        text,
        point,
        xytext=(0, 7 if above else -7),
        textcoords="offset points",
        ha="center",
        va="bottom" if above else "top",
        fontsize=8.5,
        color=HERE if above else INK,
        fontweight="bold" if above else "normal",
    )


def source_line(view: View, figure: Figure, sources: list[str]) -> None:
    """Name the sources under a chart, once each."""
    names = sorted({name for source in sources for name in source.split("; ")}, key=_by_number)
    figure.supxlabel(
        view.language.say("Source: {sources}", sources=", ".join(names)),
        x=0.01,
        ha="left",
        fontsize=8,
        color="#555555",
    )


def _by_number(name: str) -> tuple[str, int]:
    return name[0], int(name[1:]) if name[1:].isdigit() else 0
