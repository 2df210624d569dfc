"""The difference between the programme's regions and the others: by baseline year, and year by year."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from icanalysis import claims, dots, terms
from icanalysis.drawing import (
    HERE,
    INK,
    canvas,
    numbered,
    room_beside,
    shade_programme,
    shade_told,
    source_line,
    styled,
    titled,
    years_below,
)
from icanalysis.layout import Column, Table, table
from icanalysis.view import View


@styled
def by_baseline(view: View, indicator: str) -> Figure:
    """Draw the difference from every baseline year, with its exact interval and p."""
    rows = claims.comparisons(view, indicator)
    figure, axes = dots.rows(
        [
            (
                line["period"].replace("-", "–"),
                [
                    dots.told_apart(
                        line["value"],
                        line["low"],
                        line["high"],
                        f"{view.number(line, signed=True)}  "
                        f"({terms.p_value(line['p'], view.language)})",
                        chosen=line["status"] != "sensitivity",
                    )
                ],
            )
            for _, line in rows.iterrows()
        ]
    )
    dots.nought(axes)
    numbered(view, axes.xaxis, signed=True)
    titled(figure, _by_baseline_title(view, indicator))
    source_line(view, figure, list(rows["source"]))
    room_beside(axes)
    return figure


def _by_baseline_title(view: View, indicator: str) -> str:
    return view.language.say(
        "{indicator}: with the programme against the others, by baseline year ({unit})",
        indicator=view.name(indicator),
        unit=view.unit(claims.comparisons(view, indicator).iloc[0]),
    )


def by_baseline_table(view: View, indicator: str) -> Table:
    """Tell the difference from every baseline year, its interval and p."""
    say = view.language.say
    columns = [
        Column(say("Years"), kind="short"),
        Column(say("Difference"), kind="number"),
        Column(say("95% interval"), kind="number"),
        Column(say("p"), kind="number"),
        Column(say("Smallest p possible"), kind="number"),
    ]
    body = [
        [
            line["period"].replace("-", "–"),
            view.number(line, signed=True),
            claims.interval(view, line),
            claims.p_number(line["p"], view.language),
            claims.p_number(line["p_min"], view.language, 4),
        ]
        for _, line in claims.comparisons(view, indicator).iterrows()
    ]
    return table(view, _by_baseline_title(view, indicator), columns, body)


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
    shade_programme(view, axes)
    axes.axhline(0, color=INK, linewidth=1, zorder=0)
    years = rows["group"].str.partition(":")[2].astype(int)
    axes.vlines(years, rows["low"], rows["high"], color=HERE, linewidth=2)
    axes.plot(years, rows["value"], "o", color=HERE, markersize=6)
    axes.plot(view.years.baseline, 0, "o", color=HERE, markerfacecolor="white", markersize=7)
    for year, (_, line) in zip(years, rows.iterrows(), strict=True):
        rising = line["value"] >= 0
        axes.annotate(
            view.number(line, signed=True),
            (year, line["value"]),
            # Away from the line of no change, which would strike a small one through.
            xytext=(6, 4 if rising else -4),
            textcoords="offset points",
            va="bottom" if rising else "top",
            fontsize=8,
            color=HERE,
        )
    years_below(axes, [*years, view.years.baseline], len(rows) + 1)
    axes.set(xlabel="", ylabel="")
    axes.margins(x=0.08)
    numbered(view, axes.yaxis, signed=True)
    titled(figure, _by_year_title(view, indicator))
    source_line(view, figure, rows["source"], shade_told(view))
    return figure


def _by_year_title(view: View, indicator: str) -> str:
    return view.language.say(
        "{indicator}: difference against {baseline} ({unit})",
        indicator=view.name(indicator),
        baseline=view.years.baseline,
        unit=view.unit(_events(view, indicator).iloc[0]),
    )


def by_year_table(view: View, indicator: str) -> Table:
    """Tell the difference of each year against the baseline, and its interval."""
    say = view.language.say
    columns = [
        Column(say("Year")),
        Column(say("Difference"), kind="number"),
        Column(say("95% interval"), kind="number"),
    ]
    body = [
        [
            line["group"].partition(":")[2],
            view.number(line, signed=True),
            claims.interval(view, line),
        ]
        for _, line in _events(view, indicator).iterrows()
    ]
    return table(view, _by_year_title(view, indicator), columns, body)


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


def has_years(view: View, indicator: str) -> bool:
    """Whether differences by year are known."""
    return not _events(view, indicator).empty


def _events(view: View, indicator: str) -> pd.DataFrame:
    whole = view.data.evaluation.programme.whole
    return view.select(indicator=indicator, region=whole, statistic="event").sort_values("group")
