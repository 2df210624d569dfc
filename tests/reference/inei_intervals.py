"""INEI's published intervals of poverty, computed again from the microdata.

Usage: python tests/reference/inei_intervals.py FOLDER [TABLE]

With TABLE, what was computed is written there: data/official/recomputed.csv. FOLDER holds Sumaria files (module 34) of any years; every group of departments that INEI published
an interval for in those years is computed and set beside it. INEI gives one interval to a group of
similar departments: the ones that carry the same pair of bounds in a year.
"""

import sys
from pathlib import Path

import pandas as pd

from icanalysis import enaho, survey

DATA = Path(__file__).parents[2] / "data"
# Technical bulletins on poverty, as collected in data/official; S5 repeats part of it.
SOURCE = "S3"
VARIABLES = {"total": "poor", "extreme": "extreme_poor"}
DESIGN = survey.Design(psu="psu", stratum="stratum", weight="person_weight")


def published_groups() -> pd.DataFrame:
    """One row per year, measure and group: the bounds, in percent, and the regions in it."""
    rows = pd.read_csv(DATA / "official" / "poverty_groups.csv", dtype={"group": str})
    keys = ["year", "measure", "low_pct", "high_pct"]
    grouped = rows[rows["source_id"] == SOURCE].groupby(keys)["region"]
    return grouped.agg(lambda names: tuple(sorted(names))).rename("regions").reset_index()


def regions(sumaria: pd.DataFrame) -> pd.Series:
    """Return the region of each household; Lima in two: its province 1501 and the rest."""
    spellings = pd.read_csv(DATA / "spellings.csv", dtype=str)
    names = dict(spellings.itertuples(index=False, name=None))
    region = sumaria["department"].map(names)
    capital = sumaria["ubigeo"].str.startswith("1501")
    lima = sumaria["department"] == "15"
    region = region.mask(lima & capital, "lima_metropolitana")
    return region.mask(lima & ~capital, "lima_provincias")


def intervals(sumaria: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return INEI's groups of a year and measure with the bounds computed, in percent."""
    groups = published_groups()
    groups = groups[groups["year"] == year].reset_index(drop=True)
    region = regions(sumaria)
    rows = [
        rate(sumaria, group.measure, region.isin(group.regions)) for group in groups.itertuples()
    ]
    table = pd.concat([groups, pd.DataFrame(rows)], axis=1)
    agrees = (table["low"].round(1) == table["low_pct"]) & (
        table["high"].round(1) == table["high_pct"]
    )
    return table.assign(agrees=agrees)


def rate(sumaria: pd.DataFrame, measure: str, inside: pd.Series) -> dict[str, float]:
    """Return one rate and its interval in percent, with the sample it rests on."""
    # The group is a subpopulation: every PSU of the country stays in the design.
    frame = sumaria.assign(inside=inside)
    asked = {"rate": survey.mean(VARIABLES[measure])}
    row = survey.estimate(frame, asked, design=DESIGN, where="inside").table.iloc[0]
    percent = {name: 100 * row[name] for name in ("estimate", "se", "low", "high")}
    return {**percent, "n": row["n"], "n_psu": row["n_psu"]}


def recomputed(path: Path, year: int) -> pd.DataFrame:
    """Return the rows of the table `recomputed` that one file gives: the nation, then groups."""
    sumaria = enaho.read_sumaria(path)
    everybody = pd.Series(True, index=sumaria.index)
    nation = pd.DataFrame(
        [
            {"measure": name, "regions": ("peru",), **rate(sumaria, name, everybody)}
            for name in VARIABLES
        ]
    )
    rows = pd.concat([nation, intervals(sumaria, year)], ignore_index=True)
    return pd.DataFrame(
        {
            "year": year,
            "measure": rows["measure"],
            "region": rows["regions"].map("+".join),
            "estimate_pct": rows["estimate"].round(4),
            "se_points": rows["se"].round(4),
            "low_pct": rows["low"].round(4),
            "high_pct": rows["high"].round(4),
            "households": rows["n"].astype(int),
            "psus": rows["n_psu"].astype(int),
            "file": path.name,
            "source_id": "E1",
        }
    ).sort_values(["measure", "region"])


def sumaria_files(folder: str | Path) -> pd.DataFrame:
    """Return the Sumaria files of a folder, by year."""
    found = enaho.find(folder)
    return found[found["module"] == "sumaria"].sort_values("year")


def main(folder: str, target: str = "") -> None:
    """Print every group of every year found, and how many agree; or write the table."""
    files = sumaria_files(folder)
    if target:
        parts = [recomputed(Path(row.path), row.year) for row in files.itertuples()]
        text = pd.concat(parts).to_csv(index=False, lineterminator="\n")
        Path(target).write_text(text, encoding="utf-8", newline="\n")
        return
    parts = [intervals(enaho.read_sumaria(row.path), row.year) for row in files.itertuples()]
    table = pd.concat(parts, ignore_index=True)
    for row in table.itertuples():
        published, computed = (
            f"{low:5.1f} - {high:4.1f}"
            for low, high in ((row.low_pct, row.high_pct), (row.low, row.high))
        )
        mark = "  " if row.agrees else " *"
        names = ", ".join(row.regions)
        print(f"{row.year} {row.measure:8}{published}   {computed}{mark} {names}")
    for measure, rows in table.groupby("measure"):
        print(f"{measure}: {rows['agrees'].sum()} of {len(rows)} agree at both ends")


if __name__ == "__main__":
    main(*sys.argv[1:])
