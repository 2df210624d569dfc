"""Whether published figures agree: with each other, and what we compute with what is published."""

from __future__ import annotations

import pandas as pd

from icanalysis.indicators import REPORTED
from icanalysis.load import DataFolder

RECOMPUTED, GROUPS, NATION = "recomputed", "poverty_groups", "national"
# What tells one figure of the programme from another, whoever publishes it.
FIGURE = ["indicator", "region", "sector", "population"]


def reported(data: DataFolder) -> pd.DataFrame:
    """Set every published count of the programme beside the one used.

    Returns
    -------
    DataFrame
        The rows of the table `reported_values`, with `ours` (the count used), `ours_source`,
        `difference` (published less ours), `among` ("differ", "same" or "alone": how the counts of
        that figure stand to each other) and `standing` of the row ("used", "same" or "differs").
        A number being the same does not say that it counts the same; the row's note does.
    """
    rows = data.table(REPORTED).copy()
    figure = rows[FIGURE].fillna("").agg("|".join, axis=1)
    used = rows[rows["used"]].set_index(figure[rows["used"]])
    rows["ours"] = figure.map(used["value"])
    rows["ours_source"] = figure.map(used["source_id"])
    rows["difference"] = rows["value"] - rows["ours"]
    values = rows.groupby(figure)["value"]
    counts, different = values.transform("size"), values.transform("nunique") > 1
    rows["among"] = "same"
    rows.loc[counts == 1, "among"] = "alone"
    rows.loc[different, "among"] = "differ"
    same = rows["difference"] == 0
    rows["standing"] = same.map({True: "same", False: "differs"}).mask(rows["used"], "used")
    rows["figure"] = figure
    return rows


def recomputed(data: DataFolder) -> pd.DataFrame:
    """Set poverty computed from the survey's microdata beside what its institute publishes.

    Returns
    -------
    DataFrame
        The rows of the table `recomputed`, with `published_low`, `published_high` (the interval of
        that group of regions), `published` (the nation's point), `published_source`, and `agrees`: whether
        all that is published comes out the same to its one decimal; missing where nothing is.
        Empty if the data package has no such table.
    """
    if RECOMPUTED not in data.catalog.tables:
        return pd.DataFrame(columns=["year", "measure", "region", "agrees"])
    rows = data.table(RECOMPUTED).copy()
    found = [_published(data, row) for _, row in rows.iterrows()]
    columns = ["published", "published_low", "published_high", "published_source"]
    rows = pd.concat([rows, pd.DataFrame(found, columns=columns, index=rows.index)], axis=1)
    pairs = [
        ("published", "estimate_pct"),
        ("published_low", "low_pct"),
        ("published_high", "high_pct"),
    ]
    off = pd.DataFrame({ours: _off(rows[theirs], rows[ours]) for theirs, ours in pairs})
    there = rows[[theirs for theirs, _ in pairs]].notna().any(axis=1)
    rows["agrees"] = (~off.any(axis=1)).astype("boolean").where(there)
    return rows


def _off(published: pd.Series, ours: pd.Series) -> pd.Series:
    """Whether a published number is there and is not ours at its one decimal."""
    return published.notna() & ((ours.astype(float).round(1) - published).abs() > 1e-6)


def _published(data: DataFolder, row: pd.Series) -> tuple[object, ...]:
    """Return what is published for a nation or a group: point, bounds, source."""
    reference = data.evaluation.reference
    nothing = (float("nan"), float("nan"), float("nan"), "")
    if reference and row["region"] == reference.code:
        table = data.table(NATION)
        asked = (table["indicator"] == f"poverty_{row['measure']}") & (table["area"] == "national")
        found = table[asked & (table["year"] == row["year"])]
        if found.empty:
            return nothing
        source = "; ".join(sorted(set(found["source_id"])))
        return float(found["value"].iloc[0]), float("nan"), float("nan"), source
    table = data.table(GROUPS)
    member = row["region"].split("+")[0]
    asked = (table["region"] == member) & (table["year"] == row["year"])
    found = table[asked & (table["measure"] == row["measure"])].sort_values("source_id")
    if found.empty:
        return nothing
    first = found.iloc[0]
    return float("nan"), float(first["low_pct"]), float(first["high_pct"]), first["source_id"]
