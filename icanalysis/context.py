"""What happened to a region between baseline and outcome, from official series.

Department series are context: they say what happened where the programme worked, never
what the programme did.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from icanalysis.asked import Context, Coverage
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import FILE, Years
from icanalysis.indicators import REPORTED
from icanalysis.language import ABSENT, msg
from icanalysis.load import DataFolder
from icanalysis.results import lines

CHANGE_UNITS = {"points": "percentage_points", "percent": "percent"}


def context(data: DataFolder, region: str, years: Years) -> pd.DataFrame:
    """Levels and changes of every context series, for a region and beside it the country.

    Returns
    -------
    DataFrame
        Lines of evidence: a `level` for each year of each series; a `change` for the years
        asked and, with the status "sensitivity", for each other baseline year the evaluation
        wants tried. A change of the years asked has the status "depends_on_baseline" if
        another of those baselines reverses its sign, else "no_interval": none is published
        for a single region.
    """
    reference = data.evaluation.reference
    areas = [region, *([reference.code] if reference and reference.code != region else [])]
    records: list[dict[str, object]] = []
    for item in data.evaluation.context:
        for area in areas:
            found = series(data, item, area, until=years.outcome)
            if found.empty:
                continue
            records += _levels(data, item, area, found, years)
            records += _changes(data, item, area, found, years)
        if item.group_interval:
            records += _group_intervals(data, item, region, years)
    return lines(records)


def series(data: DataFolder, item: Context, region: str, *, until: int) -> pd.DataFrame:
    """One region's values of one context series, one row per year.

    Parameters
    ----------
    until : int
        Last year wanted; amounts are at its prices if the series has a deflator.

    Returns
    -------
    DataFrame
        year, value (unit of the indicator; percent 0 to 100; amounts in soles or whatever
        the table's unit is, of the year `until` if deflated), basis, source_id; empty if nothing
        is published, or if the deflator lacks the year `until`.

    Raises
    ------
    WorkbookError
        If the table leaves several values for one year: none may be picked in silence.
    """
    rows = _selected(data, item.table, item.where, region, item.value)
    rows = rows[rows["year"] <= until]
    found = pd.DataFrame(
        {
            "year": rows["year"].astype("int64"),
            "value": rows[item.value].astype("float64"),
            "basis": rows[item.basis].fillna("") if item.basis else "",
            "source_id": rows["source_id"],
        }
    ).sort_values("year", ignore_index=True)
    if item.deflator is None or found.empty:
        return found
    prices = _selected(data, item.deflator.table, {}, region, item.deflator.value)
    prices = prices.set_index("year")
    if until not in prices.index:
        return found.iloc[:0]
    found = found[found["year"].isin(prices.index)].reset_index(drop=True)
    index = prices[item.deflator.value].astype("float64")
    sources = [
        "; ".join(dict.fromkeys([source, prices["source_id"][year], prices["source_id"][until]]))
        for year, source in zip(found["year"], found["source_id"], strict=True)
    ]
    factor = index[until] / found["year"].map(index)
    return found.assign(value=found["value"] * factor, source_id=sources)


def _selected(
    data: DataFolder, name: str, where: Mapping[str, str], region: str, *values: str
) -> pd.DataFrame:
    """Rows of a table for one region, at most one a year; those without a value left out."""
    rows = data.table(name)
    rows = rows[rows["region"] == region]
    for column, value in where.items():
        rows = rows[rows[column].astype("string") == value]
    rows = rows.dropna(subset=list(values))
    repeated = sorted(set(rows.loc[rows["year"].duplicated(), "year"]))
    if repeated:
        raise WorkbookError(
            msg(
                "The table “{table}” has several values for {region} in {years}: "
                "“where” in {file} must leave one.",
                table=name,
                region=region,
                years=spans(repeated),
                file=FILE,
            )
        )
    return rows


def _common(data: DataFolder, item: Context, region: str, years: Years) -> dict[str, object]:
    return {
        "indicator": item.indicator,
        "region": region,
        "source_kind": data.catalog.tables[item.table].source_kind,
        "note": f"prices_of:{years.outcome}" if item.deflator else "",
    }


def _levels(
    data: DataFolder, item: Context, region: str, found: pd.DataFrame, years: Years
) -> list[dict[str, object]]:
    unit = data.table("indicators").set_index("indicator").loc[item.indicator, "unit"]
    return [
        {
            **_common(data, item, region, years),
            "period": str(row.year),
            "statistic": "level",
            "value": row.value,
            "unit": unit,
            "source": row.source_id,
            "status": "context",
            "statement_key": "context_level",
        }
        for row in found.itertuples()
    ]


def _changes(
    data: DataFolder, item: Context, region: str, found: pd.DataFrame, years: Years
) -> list[dict[str, object]]:
    first, last = item.baselines
    tried = sorted({years.baseline, *range(first, last + 1)})
    covered = spans(years_known(data, item, region))
    changes = [
        {
            **_common(data, item, region, years),
            "period": f"{baseline}-{years.outcome}",
            "statistic": "change",
            "unit": CHANGE_UNITS[item.change],
            "status": "no_interval" if baseline == years.baseline else "sensitivity",
            **_change(item, found, baseline, years.outcome, covered),
        }
        for baseline in tried
        if baseline < years.outcome
    ]
    signs = {
        math.copysign(1, float(str(row["value"]))) for row in changes if _sizeable(row["value"])
    }
    asked = next(row for row in changes if row["period"] == f"{years.baseline}-{years.outcome}")
    if len(signs) > 1 and asked["status"] == "no_interval":
        asked["status"] = "depends_on_baseline"
    return changes


def years_known(data: DataFolder, item: Context, region: str) -> list[int]:
    """Return every year for which a series, and the prices it needs, are published."""
    years = set(_selected(data, item.table, item.where, region, item.value)["year"])
    if item.deflator:
        prices = _selected(data, item.deflator.table, {}, region, item.deflator.value)
        years &= set(prices["year"])
    return sorted(int(year) for year in years)


def _sizeable(value: object) -> bool:
    """Whether a change has a sign at all: it exists and is not nil."""
    number = float(str(value))
    # Series are published to two decimals at most; less is binary noise of a subtraction.
    return not math.isnan(number) and abs(number) > 1e-6


def _change(
    item: Context, found: pd.DataFrame, baseline: int, outcome: int, covered: str
) -> dict[str, object]:
    """Change between two years, or why there is none: `covered` tells the years there are."""
    by_year = found.set_index("year")
    known = baseline in by_year.index and outcome in by_year.index
    # A percentage of nothing is none.
    if not known or (item.change == "percent" and by_year["value"][baseline] <= 0):
        return {
            "value": math.nan,
            "source": "; ".join(sorted(set(found["source_id"]))),
            "status": "no_data",
            "statement_key": "no_data",
            "note": f"series:{covered}",
        }
    before, after = by_year.loc[baseline], by_year.loc[outcome]
    sources = sorted({part for row in (before, after) for part in row["source_id"].split("; ")})
    if before["basis"] != after["basis"]:
        return {
            "value": math.nan,
            "source": "; ".join(sources),
            "status": "not_comparable",
            "statement_key": "not_comparable",
            "note": f"basis:{before['basis']}/{after['basis']}",
        }
    points = after["value"] - before["value"]
    return {
        "value": points if item.change == "points" else 100 * points / before["value"],
        "source": "; ".join(sources),
        "statement_key": "context_change",
    }


def _group_intervals(
    data: DataFolder, item: Context, region: str, years: Years
) -> list[dict[str, object]]:
    group = item.group_interval
    if group is None:
        return []
    rows = _selected(data, group.table, group.where, region, group.low, group.high)
    rows = rows[rows["year"] <= years.outcome]
    unit = data.table("indicators").set_index("indicator").loc[group.indicator, "unit"]
    return [
        {
            **_common(data, item, region, years),
            "indicator": group.indicator,
            "period": str(row["year"]),
            "statistic": "level",
            "low": row[group.low],
            "high": row[group.high],
            "unit": unit,
            "source_kind": data.catalog.tables[group.table].source_kind,
            "source": row["source_id"],
            "status": "group_interval",
            "statement_key": "group_interval",
        }
        for _, row in rows.iterrows()
    ]


def coverage(data: DataFolder, counts: pd.DataFrame) -> pd.DataFrame:
    """How much of the regions' workforce the programme reached, in percent.

    One line: the families reached over the employed population of all programme regions.
    Families are not persons; the ratio says how small the programme is beside a department,
    which is why department series cannot show it. Empty if the evaluation asks for none, the
    programme has no such count as a whole, or a region's workforce is missing.

    Parameters
    ----------
    counts : DataFrame
        Lines of what the programme reported as a whole (`indicators.delivery`).
    """
    plan = data.evaluation.coverage
    if plan is None:
        return lines([])
    wanted = {
        "indicator": plan.reached,
        "region": data.evaluation.programme.whole,
        "group": "all",
        "statistic": "level",
        "status": "used",
    }
    reached = counts[(counts[list(wanted)] == pd.Series(wanted)).all(axis=1)]
    employed = _workforce(data, plan)
    if reached.empty or employed is None:
        return lines([])
    row = reached.iloc[0]
    workforce = float(employed[plan.value].sum())
    return lines(
        [
            {
                "indicator": plan.indicator,
                "region": data.evaluation.programme.whole,
                "period": str(plan.year),
                "statistic": "level",
                "value": 100 * row["value"] / workforce,
                "n": workforce,
                "unit": "percent",
                "source_kind": data.catalog.tables[REPORTED].source_kind,
                "source": "; ".join([row["source"], *sorted(set(employed["source_id"]))]),
                "status": "context",
                "statement_key": "coverage",
            }
        ]
    )


def _workforce(data: DataFolder, plan: Coverage) -> pd.DataFrame | None:
    """Employed population of every programme region, once each; None if one is missing."""
    codes = sorted(region.code for region in data.evaluation.reported_regions())
    table = data.table(plan.table)
    rows = table[table["region"].isin(codes) & (table["year"] == plan.year)]
    rows = rows[rows[plan.value] > 0]
    return rows if sorted(rows["region"]) == codes else None


def require_years(data: DataFolder, region: str, years: Years) -> None:
    """Refuse years for which the headline series has no value for a region.

    Raises
    ------
    WorkbookError
        Naming the years that are missing and those there are.
    """
    if not data.evaluation.context:
        return
    headline = data.evaluation.context[0]
    rows = _selected(data, headline.table, headline.where, region, headline.value)
    published = sorted(rows["year"].astype("int64"))
    missing = [year for year in (years.baseline, years.outcome) if year not in published]
    if missing:
        raise WorkbookError(
            msg(
                "There are no data for {missing} in {region}: the table “{table}” has {years}.",
                missing=", ".join(str(year) for year in missing),
                region=region,
                table=headline.table,
                years=spans(published) or ABSENT,
            )
        )


def spans(years: list[int]) -> str:
    """Write years as spans: 2004-2011, 2013."""
    found: list[list[int]] = []
    for year in years:
        if found and year == found[-1][-1] + 1:
            found[-1].append(year)
        else:
            found.append([year])
    return ", ".join(f"{span[0]}-{span[-1]}" if len(span) > 1 else str(span[0]) for span in found)
