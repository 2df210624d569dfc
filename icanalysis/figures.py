"""Charts: one visual language, colours that colour-blind readers tell apart, direct labels.

Each function draws lines of evidence and returns the figure; its description for those who
do not see it is in `alt`.
"""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from icanalysis import delivery, dots, wording
from icanalysis.drawing import (
    BESIDE,
    HERE,
    INK,
    canvas,
    line_height,
    numbered,
    room_beside,
    shade_programme,
    source_line,
    spread,
    styled,
    titled,
    years_below,
)
from icanalysis.view import View

FEWEST_POINTS = 4  # a line through fewer says less than its numbers


def worth_drawing(view: View, indicator: str) -> bool:
    """Whether a series has enough years here for a line to say more than its numbers."""
    rows = view.select(indicator=indicator, region=view.region.code, statistic="level")
    return len(rows) >= FEWEST_POINTS


@styled
def series(view: View, indicator: str) -> Figure:
    """Draw one context series: the region, the country beside it, the programme's years shaded."""
    figure, axes = canvas(3.4)
    reference = view.data.evaluation.reference
    shaded = shade_programme(view, axes)
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
    for year in (view.years.baseline, view.years.outcome):
        _mark(view, axes, indicator, year)
    axes.set_ylim(bottom=0, top=axes.get_ylim()[1] * 1.12)
    years = drawn[0][2]["period"].astype(int)
    axes.set_xlim(min(years.min(), view.years.baseline) - 0.5, years.max() + 0.5)
    years_below(axes, list(years))
    numbered(view, axes.yaxis)
    axes.text(
        sum(shaded) / 2,
        0.03,
        view.language.say("programme,\nplanned years"),
        transform=axes.get_xaxis_transform(),
        ha="center",
        va="bottom",
        fontsize=8,
        color="#6b5f45",
    )
    axes.set(xlabel="", ylabel="")
    titled(figure, _series_title(view, indicator))
    source_line(view, figure, [source for _, _, rows in drawn for source in rows["source"]])
    _name_lines(axes, drawn)
    return figure


def _name_lines(axes: Axes, drawn: list[tuple[str, str, pd.DataFrame]]) -> None:
    """Write each line's name at its end; names that would touch are moved apart."""
    ends = [float(rows["value"].iloc[-1]) for _, _, rows in drawn]
    heights = spread(ends, line_height(axes, 10))
    for (name, colour, rows), height in zip(drawn, heights, strict=True):
        axes.annotate(
            name,
            (int(rows["period"].iloc[-1]), height),
            xytext=(9, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontweight="bold" if colour == HERE else "normal",
        )


def _series_title(view: View, indicator: str) -> str:
    line = view.select(indicator=indicator, region=view.region.code, statistic="level").iloc[0]
    text = f"{view.name(indicator)} ({view.unit(line)})"
    return text + wording.prices(view, view.lines.loc[[line.name]])


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
    """Draw the change up to the outcome year for each baseline year; the one asked stands out."""
    rows = view.select(indicator=indicator, region=view.region.code, statistic="change")
    unit = view.unit(rows.iloc[0])
    rows = rows.dropna(subset="value").sort_values("period")
    asked = f"{view.years.baseline}-{view.years.outcome}"
    figure, axes = dots.rows(
        [
            (
                line["period"].replace("-", "–"),
                [
                    dots.from_nought(
                        line["value"],
                        view.number(line, signed=True),
                        chosen=line["period"] == asked,
                    )
                ],
            )
            for _, line in rows.iterrows()
        ]
    )
    dots.nought(axes)
    numbered(view, axes.xaxis, signed=True)
    titled(
        figure,
        view.language.say(
            "{indicator}: change by baseline year ({unit})",
            indicator=view.name(indicator),
            unit=unit,
        ),
    )
    source_line(view, figure, list(rows["source"]))
    room_beside(axes)
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
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set(
        xlabel=view.language.say("% of the largest; ● used here, ○ also published"),
        ylabel="",
    )
    titled(figure, view.language.say("Counts published with different values"))
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
