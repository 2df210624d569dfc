"""What comes out again: published figures recomputed from microdata, and the sample behind them."""

from __future__ import annotations

import pandas as pd

from icanalysis import reconcile
from icanalysis.evaluation import JOINT
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.view import View

SAMPLE = "enaho_sample"


def recomputing(view: View) -> str:
    """Say how often what is recomputed from microdata is what was published."""
    rows = reconcile.recomputed(view.data)
    if rows.empty:
        return ""
    compared = rows.dropna(subset="agrees")
    years = [str(year) for year in sorted(set(rows["year"]))]
    return view.language.say(
        "From the microdata of {years}, this workbook computed {all} rates of poverty with its own "
        "estimator. {compared} of them have a published figure; {agree} come out the same to its one "
        "decimal. That tests the estimator, not the years this report compares: their "
        "files are not in the package.",
        years=view.language.listed(years),
        all=len(rows),
        compared=len(compared),
        agree=int(compared["agrees"].sum()),
    )


def recomputed(view: View) -> Table:
    """Set recomputed rates beside published ones: the nation, our regions' groups, what differs."""
    say = view.language.say
    rows = reconcile.recomputed(view.data)
    ours = {region.code for region in view.data.evaluation.reported_regions()}
    reference = view.data.evaluation.reference
    ours |= {reference.code} if reference else set()
    parts = rows["region"].str.split(JOINT)
    shown = rows[parts.map(lambda codes: bool(ours & set(codes))) | (rows["agrees"] == False)]  # noqa: E712
    size = shown["region"].str.count(r"\+")
    shown = shown.assign(size=size).sort_values(["year", "measure", "size"], kind="stable")
    columns = [
        Column(say("Where")),
        Column(say("Year")),
        Column(say("Measure")),
        Column(say("Published (%)"), kind="number"),
        Column(say("Recomputed (%)"), kind="number"),
        Column(say("Result")),
        Column(say("Households"), kind="number"),
        Column(say("Source")),
    ]
    body = [
        [
            view.area(row["region"]),
            str(row["year"]),
            view.label(reconcile.RECOMPUTED, "measure", row["measure"]),
            _published(view, row),
            _recomputed(view, row),
            _agrees(view, row["agrees"]),
            view.language.number(row["households"]),
            "; ".join(
                part
                for part in (row["published_source"], f"{row['source_id']}: {row['file']}")
                if part
            ),
        ]
        for _, row in shown.iterrows()
    ]
    note = say(
        "For a group of regions the 95% interval is compared, because that is what is published; "
        "for the nation, the rate. Shown: the nation, groups with a region of the programme, and "
        "all that differs."
    )
    return table(view, say("Poverty recomputed from microdata"), columns, body, note=note)


def _published(view: View, row: pd.Series) -> str:
    if not pd.isna(row["published"]):
        return view.language.number(row["published"], 1)
    if pd.isna(row["published_low"]):
        return ABSENT
    return _interval(view, row["published_low"], row["published_high"])


def _recomputed(view: View, row: pd.Series) -> str:
    interval = _interval(view, row["low_pct"], row["high_pct"])
    if pd.isna(row["published_low"]):
        return f"{view.language.number(row['estimate_pct'], 1)} ({interval})"
    return interval


def _interval(view: View, low: float, high: float) -> str:
    return f"{view.language.number(low, 1)}–{view.language.number(high, 1)}"


def _agrees(view: View, agrees: object) -> str:
    say = view.language.say
    if pd.isna(agrees):  # type: ignore[call-overload]
        return "◌ " + say("nothing published here")
    return "= " + say("the same") if agrees else "≠ " + say("differs")


def sample(view: View) -> str:
    """Say how large the survey's sample is in each region, for the newest year known."""
    if SAMPLE not in view.data.catalog.tables:
        return ""
    rows = view.data.table(SAMPLE)
    regions = [region.code for region in view.data.evaluation.reported_regions()]
    own = rows[rows["region"].isin(regions) & (rows["area"] == "total")]
    if own.empty:
        return ""
    newest = own[own["year"] == own["year"].max()].set_index("region")
    told = [
        view.language.say(
            "{region}, {dwellings} dwellings in {clusters} clusters",
            region=view.area(code),
            dwellings=view.language.number(newest["dwellings"][code]),
            clusters=view.language.number(newest["clusters"][code]),
        )
        for code in regions
        if code in newest.index
    ]
    asked = {view.years.baseline, view.years.outcome} - set(own["year"])
    unknown = view.language.say(
        "The sizes of {years} were not found.",
        years=view.language.listed([str(year) for year in sorted(asked)]),
    )
    return view.language.say(
        "Sample of the household survey in {year}: {told} [{source}].",
        year=int(newest["year"].iloc[0]),
        told="; ".join(told),
        source=", ".join(sorted(set(newest["source_id"]))),
    ) + (f" {unknown}" if asked else "")
