"""Which years each series of the data package covers, region by region."""

from __future__ import annotations

import pandas as pd

from icanalysis.load import DataFolder

KINDS = ("official", "survey")


def series(data: DataFolder) -> pd.DataFrame:
    """Tell for each series, and each run of it that can be compared, the years there are.

    A table is a series if a row is of a region and a year. Runs are what the evaluation takes as the
    basis of a change (a methodology, a series); elsewhere, sources.

    Returns
    -------
    DataFrame
        table, basis, basis_kind ("run" or "source"), source_id, year, regions (how many of the
        programme's have a row), others (how many other areas).
    """
    regions = {region.code for region in data.evaluation.reported_regions()}
    basis = {item.table: item.basis for item in data.evaluation.context if item.basis}
    parts = []
    for described in data.catalog.tables.values():
        names = {item.name for item in described.fields}
        if described.stands_for not in KINDS or not {"region", "year", "source_id"} <= names:
            continue
        # Not of districts, and not of groups of regions, which are others each year.
        if "region" not in described.primary_key or described.field("region").joint:
            continue
        column = basis.get(described.name, "source_id")
        rows = data.table(described.name)
        rows = rows.assign(
            basis=rows[column].fillna("").astype(str), here=rows["region"].isin(regions)
        )
        for (run, year), each in rows.groupby(["basis", "year"]):
            parts.append(
                {
                    "table": described.name,
                    "basis": run,
                    "basis_kind": "source" if column == "source_id" else "run",
                    "source_id": "; ".join(sorted(set(each["source_id"]))),
                    "year": int(str(year)),
                    "regions": each.loc[each["here"], "region"].nunique(),
                    "others": each.loc[~each["here"], "region"].nunique(),
                }
            )
    columns = ["table", "basis", "basis_kind", "source_id", "year", "regions", "others"]
    return pd.DataFrame(parts, columns=columns)


def gaps(years: list[int]) -> list[int]:
    """Return the years missing between the first and the last."""
    return sorted(set(range(min(years), max(years) + 1)) - set(years)) if years else []
