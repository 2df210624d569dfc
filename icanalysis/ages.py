"""How old the series are, which years they cover, and how far an answer hangs on the baseline."""

from __future__ import annotations

import textwrap

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from icanalysis import vintages, wording
from icanalysis.context import spans
from icanalysis.drawing import (
    BESIDE,
    HERE,
    INK,
    PALE,
    WIDTH,
    canvas,
    source_line,
    styled,
    titled,
)
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.view import View

NAME = 44  # characters of a series' name on one line


def _runs(view: View) -> list[pd.DataFrame]:
    """Years of each series, one frame for each run of it, in the order of the data package."""
    found = vintages.series(view.data)
    return [each for _, each in found.groupby(["table", "basis"], sort=False)]


def _name(view: View, run: pd.DataFrame) -> str:
    """Name a series and the sources of the run: its title without the years, which are drawn."""
    described = view.data.catalog.tables[run["table"].iloc[0]]
    words = [
        word for word in described.titles[view.language.code].split(" ") if not word[:4].isdigit()
    ]
    sources = sorted({part for each in run["source_id"] for part in each.split("; ")})
    return f"{' '.join(words).rstrip(',')} ({', '.join(sources)})"


@styled
def chart(view: View) -> Figure:
    """Draw the years each series covers, with all, some or none of the programme's regions."""
    runs = _runs(view)
    figure, axes = canvas(1.0 + 0.36 * len(runs))
    period = view.data.evaluation.programme.period
    axes.axvspan(period.start - 0.5, period.end + 0.5, color=PALE, zorder=0, linewidth=0)
    for year in (view.years.baseline, view.years.outcome):
        axes.axvline(year, color=BESIDE, linewidth=0.8, linestyle=":", zorder=0)
    whole = len(view.data.evaluation.reported_regions())
    for place, run in enumerate(runs):
        for regions, years in run.groupby("regions")["year"]:
            share = "full" if regions == whole else "left" if regions else "none"
            axes.plot(
                years,
                [place] * len(years),
                linestyle="",
                marker="o",
                markersize=6,
                fillstyle=share,
                color=HERE if regions else BESIDE,
                markerfacecoloralt="white",
            )
    axes.set_yticks(
        range(len(runs)), [textwrap.fill(_name(view, run), NAME) for run in runs], fontsize=7.5
    )
    axes.set_ylim(len(runs) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(
        ylabel="",
        xlabel=view.language.say(
            "● all the programme's regions, ◐ some, ○ other areas only\n"
            "shaded: programme, planned years; dotted: baseline and outcome"
        ),
    )
    axes.xaxis.label.set_fontsize(8)
    titled(figure, _covered_title(view))
    source_line(view, figure, [source for run in runs for source in run["source_id"]])
    return figure


def _covered_title(view: View) -> str:
    return view.language.say("Years that the series cover")


def alt(view: View) -> str:
    """Describe the chart of years."""
    told = "; ".join(f"{_name(view, run)}: {_spans(sorted(run['year']))}" for run in _runs(view))
    return view.language.say(
        "Dot chart: years for which each series has the programme's regions. {told}.", told=told
    )


def covered(view: View) -> Table:
    """Tell the years of each run of each series, what is missing in between, and how old it is."""
    say = view.language.say
    whole = len(view.data.evaluation.reported_regions())
    columns = [
        Column(say("Series and source")),
        Column(say("With all {count} regions", count=whole)),
        Column(say("With some, or other areas only")),
        Column(say("Years missing in between")),
        Column(say("Newest year"), kind="number"),
    ]
    body = []
    for run in _runs(view):
        years = sorted(run["year"])
        full = sorted(run.loc[run["regions"] == whole, "year"])
        rest = sorted(set(years) - set(full))
        body.append(
            [
                _name(view, run),
                _spans(full),
                _spans(rest),
                _spans(vintages.gaps(years)),
                str(max(years)),
            ]
        )
    return table(view, _covered_title(view), columns, body)


def breaks(view: View) -> list[str]:
    """Say which series are in runs that do not continue each other, and what lacks a year asked."""
    found = vintages.series(view.data)
    said = []
    for name, each in found[found["basis_kind"] == "run"].groupby("table", sort=False):
        title = view.data.catalog.tables[str(name)].titles[view.language.code]
        runs = each["basis"].nunique()
        if runs > 1:
            said.append(
                view.language.say(
                    "{series}: {count} runs that do not continue each other. A change is taken within "
                    "one, never between two.",
                    series=title,
                    count=runs,
                )
            )
    asked = f"{view.years.baseline}-{view.years.outcome}"
    for item in view.data.evaluation.context:
        lines = view.select(indicator=item.indicator, statistic="change", period=asked)
        unknown = lines[lines["value"].isna()]
        if not unknown.empty:
            said.append(wording.no_data(view, unknown.iloc[0]))
    return said


def _spans(years: list[int]) -> str:
    return spans(years).replace("-", "–") or ABSENT


# --- how far the answer hangs on the baseline ------------------------------------------------


def _changes(view: View, indicator: str) -> pd.DataFrame:
    """Known changes of the programme's regions up to the outcome year, from each baseline."""
    regions = [region.code for region in view.data.evaluation.reported_regions()]
    rows = view.select(indicator=indicator, statistic="change").dropna(subset="value")
    return rows[rows["region"].isin(regions)]


def series_by_baseline(view: View) -> list[str]:
    """List the context series that can be told from more than one baseline year."""
    codes = [item.indicator for item in view.data.evaluation.context]
    return [code for code in codes if len(set(_changes(view, code)["period"])) > 1]


def sensitivity(view: View, indicator: str) -> str:
    """Say in which regions the direction of the change depends on the baseline year."""
    rows = _changes(view, indicator)
    firsts = sorted({period.partition("-")[0] for period in rows["period"]})
    turned = [
        view.area(region.code)
        for region in view.data.evaluation.reported_regions()
        if _turns(rows[rows["region"] == region.code])
    ]
    parts = {
        "indicator": view.name(indicator),
        "first": firsts[0],
        "last": firsts[-1],
        "outcome": view.years.outcome,
    }
    if not turned:
        return view.language.say(
            "{indicator}: whichever year from {first} to {last} one counts from, the direction of the "
            "change up to {outcome} is the same in every region; its size is not.",
            **parts,
        )
    return view.language.say(
        "{indicator}: counted from the years {first} to {last} up to {outcome}, it rose from some and "
        "fell from others in {regions}. There, quote no change without its baseline year.",
        regions=view.language.listed(turned),
        **parts,
    )


def _turns(rows: pd.DataFrame) -> bool:
    return bool((rows["value"] > 0).any() and (rows["value"] < 0).any())


@styled
def by_baseline(view: View, indicator: str) -> Figure:
    """Draw each region's change up to the outcome, by baseline year; regions in their order."""
    rows = _changes(view, indicator)
    regions = [
        region.code
        for region in view.data.evaluation.reported_regions()
        if (rows["region"] == region.code).any()
    ]
    across = min(len(regions), 4)
    down = -(-len(regions) // across)
    height = 0.9 + down * (0.55 + 0.22 * rows["period"].nunique())
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    panels = list(figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).flat)
    for axes, region in zip(panels, regions, strict=False):
        _panel(view, axes, rows[rows["region"] == region], region)
    for axes in panels[len(regions) :]:
        axes.set_visible(False)
    # Room for the numbers beside the longest lines.
    low, high = min(rows["value"].min(), 0), max(rows["value"].max(), 0)
    room = 0.55 * (high - low)
    panels[0].set_xlim(low - room * (low < 0), high + room * (high > 0))
    title = view.language.say(
        "{indicator}: change up to {outcome} by baseline year ({unit})",
        indicator=view.name(indicator),
        outcome=view.years.outcome,
        unit=view.unit(rows.iloc[0]),
    )
    titled(figure, title)
    source_line(view, figure, list(rows["source"]))
    return figure


def _panel(view: View, axes: Axes, rows: pd.DataFrame, region: str) -> None:
    axes.axvline(0, color=INK, linewidth=1)
    for _, line in rows.sort_values("period").iterrows():
        year = line["period"].partition("-")[0]
        chosen = int(year) == view.years.baseline
        colour = HERE if chosen else BESIDE
        axes.hlines(year, 0, line["value"], color=colour, linewidth=2.5 if chosen else 1.2)
        axes.plot(line["value"], year, "o" if chosen else "D", color=colour, markersize=6 if chosen else 4)  # fmt: skip
        right = line["value"] >= 0
        axes.annotate(
            view.number(line, signed=True),
            (line["value"], year),
            xytext=(6 if right else -6, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=7.5,
            color=colour,
            fontweight="bold" if chosen else "normal",
        )
    axes.set_title(view.area(region), loc="left", fontsize=9, color=HERE, fontweight="bold")
    axes.margins(y=0.15)
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: view.language.number(value, 0, signed=True))
    )
    axes.set(xlabel="", ylabel="")
    axes.tick_params(labelsize=8)
    sns.despine(ax=axes)


def by_baseline_alt(view: View, indicator: str) -> str:
    """Describe the chart of changes by baseline year."""
    rows = _changes(view, indicator)
    told = []
    for region in view.data.evaluation.reported_regions():
        own = rows[rows["region"] == region.code].sort_values("period")
        values = [
            view.language.say(
                "from {year}, {size}",
                year=line["period"].partition("-")[0],
                size=view.number(line, signed=True),
            )
            for _, line in own.iterrows()
        ]
        if values:
            told.append(f"{view.area(region.code)}: {'; '.join(values)}")
    return view.language.say(
        "Small charts, one for each region with the programme: {indicator}, change up to {outcome} by "
        "baseline year. {told}.",
        indicator=view.name(indicator),
        outcome=view.years.outcome,
        told=". ".join(told),
    )


def changes(view: View, indicator: str) -> Table:
    """Tell each region's change by baseline year, and whether its direction holds."""
    say = view.language.say
    rows = _changes(view, indicator)
    periods = sorted(set(rows["period"]))
    columns = [
        Column(say("Where")),
        *(
            Column(say("From {year}", year=period.partition("-")[0]), kind="number")
            for period in periods
        ),
        Column(say("Direction"), kind="short"),
    ]
    body = []
    for region in view.data.evaluation.reported_regions():
        own = rows[rows["region"] == region.code].set_index("period")
        if own.empty:
            continue
        body.append(
            [
                view.area(region.code),
                *(
                    view.number(own.loc[period], signed=True) if period in own.index else ABSENT
                    for period in periods
                ),
                "≠ " + say("depends on the year")
                if _turns(own)
                else "= " + say("the same from all"),
            ]
        )
    caption = say(
        "{indicator}: change up to {outcome} by baseline year ({unit})",
        indicator=view.name(indicator),
        outcome=view.years.outcome,
        unit=view.unit(rows.iloc[0]),
    )
    return table(view, caption, columns, body)
