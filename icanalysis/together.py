"""All regions together: each beside its synthetic control, and how the comparison came out."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from icanalysis import claims, panels, terms
from icanalysis.drawing import (
    BESIDE,
    FAINT,
    HERE,
    INK,
    shade_told,
    source_line,
    styled,
    titled,
)
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.view import View


def programme_regions(view: View, indicator: str) -> list[str]:
    """List the programme's regions that have a path, in the order of evaluation.toml."""
    there = set(view.select(indicator=indicator, statistic="path")["region"])
    regions = view.data.evaluation.reported_regions()
    return [region.code for region in regions if region.code in there]


@styled
def paths(view: View, indicator: str) -> Figure:
    """Draw each of the programme's regions beside its synthetic control, the others faint."""
    regions = programme_regions(view, indicator)
    figure, found = panels.grid(len(regions))
    others = _others(view, indicator)
    rows = view.select(indicator=indicator, statistic="path")
    years = list(rows["period"].astype(int))
    for axes, region in zip(found, regions, strict=True):
        panels.frame(view, axes, region, years)
        _panel(view, axes, indicator, region, others)
    titled(figure, _title(view, indicator, among=not others.empty))
    dotted = view.language.say("Dotted: baseline year")
    source_line(view, figure, rows["source"], shade_told(view), dotted)
    return figure


def _others(view: View, indicator: str) -> pd.DataFrame:
    rows = view.select(indicator=indicator, statistic="path")
    return rows[~rows["region"].isin(programme_regions(view, indicator))]


def _panel(view: View, axes: Axes, indicator: str, region: str, others: pd.DataFrame) -> None:
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


def paths_table(view: View, indicator: str) -> Table:
    """Tell every line of the chart of paths: each region, its mix of others, and the others."""
    say = view.language.say
    rows = view.select(indicator=indicator)
    rows = rows[rows["statistic"].isin(["path", "synthetic"])]
    years = sorted(set(rows["period"]))
    lines = {
        (line["region"], line["statistic"], line["period"]): line for _, line in rows.iterrows()
    }
    named = [
        (name, region, statistic)
        for region in programme_regions(view, indicator)
        for name, statistic in (
            (view.area(region), "path"),
            (say("{region}: its mix of others", region=view.area(region)), "synthetic"),
        )
    ]
    faint = _in_evaluation(view, _others(view, indicator)["region"])
    named += [(view.area(region), region, "path") for region in faint]
    columns = [Column(say("Where")), *(Column(year, kind="number") for year in years)]
    body = [
        [
            name,
            *(
                view.language.number(lines[region, statistic, year]["value"], 1)
                if (region, statistic, year) in lines
                else ABSENT
                for year in years
            ),
        ]
        for name, region, statistic in named
    ]
    return table(view, _title(view, indicator, among=False), columns, body)


def _in_evaluation(view: View, codes: Iterable[str]) -> list[str]:
    """Put regions in the order of evaluation.toml."""
    known = set(codes)
    return [region.code for region in view.data.evaluation.regions if region.code in known]


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
    regions = programme_regions(view, indicator)
    told = " ".join(claims.twin(view, indicator, region) for region in regions)
    if len(regions) == 1:
        return view.language.say(
            "Line chart: {indicator}, {region} and its synthetic control. {told}",
            indicator=view.name(indicator),
            region=view.area(regions[0]),
            told=told,
        )
    return view.language.say(
        "Line charts, one for each region with the programme: {indicator}, the region and its "
        "synthetic control. {told}",
        indicator=view.name(indicator),
        told=told,
    )


def has_twins(view: View, indicator: str) -> bool:
    """Whether any region has a synthetic control."""
    return not view.select(indicator=indicator, statistic="gap").empty


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
    return table(view, say("If one region is left out"), columns, body, about=[indicator])


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
    body = [_twin(view, line) for _, line in rows.iterrows()]
    note = say(
        "Gap: mean distance to the mix of other regions that was most like the region up to the "
        "baseline. p: share of regions, this one included, that drew away from their own mixes at least "
        "as much, measured against the fit before. Not known: a mix meets every earlier year without a "
        "gap, which so short a past allows by chance."
    )
    caption = say("Each region beside its synthetic control")
    return table(view, caption, columns, body, note=note, about=[indicator])


def _twin(view: View, line: pd.Series) -> list[str]:
    """Write the row of one region; not known where its past was met by chance."""
    if math.isnan(line["value"]):
        return [view.area(line["region"]), terms.status("not_known", view.language), *[ABSENT] * 4]
    return [
        view.area(line["region"]),
        view.value(line, signed=True),
        view.language.number(float(terms.fact(line, "fit")), 1),
        claims.p_number(line["p"], view.language),
        claims.p_number(line["p_min"], view.language),
        claims.mix(view, line["indicator"], line["region"]),
    ]


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
    body, told = [], []
    for item in view.data.evaluation.context:
        line = claims.main(view, item.indicator)
        if line is not None:
            told.append(item.indicator)
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
    return table(view, caption, columns, body, note=terms.rule(view.language), about=told)
