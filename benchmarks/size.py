"""Estimate from more rows than memory holds, against DuckDB's group-by of the same sums alone.

Each measurement is a process of its own, so that its peak memory is its own; the two ways
alternate, and the ratio is the median of the pairs'.

    python benchmarks/size.py                  1, 10 and 100 million rows, about 3 GB of disk
    python benchmarks/size.py --millions 1 10
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from icanalysis import survey

INDICATORS = ("poor", "spending", "members")
BY = ["year", "department"]
PIECE = 10  # millions of rows a file
# 5,400 PSUs, met in each of 6 years: 25 departments of 216, eight strata in each.
ROWS = """
    SELECT (2014 + i % 6)::SMALLINT AS year,
        lpad((psu // 216 + 1)::VARCHAR, 2, '0') AS department,
        psu::INTEGER AS psu,
        (psu // 27)::SMALLINT AS stratum,
        (50 + hash(i, 1) % 40000 / 100)::DOUBLE AS weight,
        CASE WHEN hash(i, 2) % 50 > 0 THEN hash(i, 3) % 100 < 15 + psu % 20 END AS poor,
        (200 + exp(hash(i, 4) % 7000 / 1000))::DOUBLE AS spending,
        (1 + hash(i, 5) % 8)::TINYINT AS members
    FROM (SELECT range AS i, hash(range) % 5400 AS psu FROM range({first}, {last}))
"""
BARE = """
    SELECT stratum, psu, year, department, {sums} FROM read_parquet('{path}') GROUP BY ALL
"""


def write(folder: Path, millions: int) -> str:
    """Write that many rows in pieces, and return the pattern of their names."""
    for first in range(0, millions, PIECE):
        last = min(first + PIECE, millions)
        rows = ROWS.format(first=first * 1_000_000, last=last * 1_000_000)
        path = folder / f"{millions}_{first:04d}.parquet"
        duckdb.sql(f"COPY ({rows}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    return str(folder / f"{millions}_*.parquet")


def package(path: str) -> float:
    """Estimate by the package; return one figure, to compare."""
    found = survey.estimate(
        path,
        {name: survey.mean(name) for name in INDICATORS},
        by=BY,
        design=survey.Design("psu", "stratum", "weight"),
    )
    return float(found.table["estimate"].iloc[0])


def bare(path: str) -> float:
    """Take the same sums by DuckDB alone; return the same figure from them."""
    sums = ", ".join(
        f"sum(weight * {name}::DOUBLE) AS {name}_sum, count({name}) AS {name}_n, "
        f"sum(weight) FILTER ({name} IS NOT NULL) AS {name}_base"
        for name in INDICATORS
    )
    table = duckdb.sql(BARE.format(sums=sums, path=path)).df()
    first = table[(table["year"] == 2014) & (table["department"] == "01")]
    return float(first[f"{INDICATORS[0]}_sum"].sum() / first[f"{INDICATORS[0]}_base"].sum())


def measure(way: str, path: str) -> None:
    """Run one way and print its figure, time and peak memory."""
    start = time.perf_counter()
    figure = {"package": package, "bare": bare}[way](path)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"figure": figure, "seconds": seconds, "gigabytes": peak}))


def run(way: str, path: str) -> dict[str, float]:
    """Measure in a process of its own."""
    command = [sys.executable, __file__, "--measure", way, path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def compare(folder: Path, millions: int, pairs: int) -> float:
    """Print the line of one size, and return the seconds of the package."""
    path = write(folder, millions)
    disk = sum(file.stat().st_size for file in folder.glob(f"{millions}_*")) / 1e9
    runs = [(run("package", path), run("bare", path)) for _ in range(pairs)]
    for ours, theirs in runs:
        if abs(ours["figure"] / theirs["figure"] - 1) > 1e-9:
            raise SystemExit(f"The figures differ: {ours['figure']}, {theirs['figure']}")
    ratio = statistics.median(ours["seconds"] / theirs["seconds"] for ours, theirs in runs)
    seconds = statistics.median(ours["seconds"] for ours, _ in runs)
    peak = max(ours["gigabytes"] for ours, _ in runs)
    print(
        f"{millions:4d} million rows, {disk:5.2f} GB: {seconds:6.2f} s, "
        f"{ratio:.2f} of the bare group-by, {peak:.2f} GB at most",
        flush=True,
    )
    return seconds


def main() -> None:
    """Compare at every size asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        return measure(*asked.measure)
    with tempfile.TemporaryDirectory() as folder:
        seconds = [compare(Path(folder), size, asked.pairs) for size in asked.millions]
    for before, after, small, large in zip(
        seconds, seconds[1:], asked.millions, asked.millions[1:], strict=False
    ):
        print(f"{large / small:.0f} times the rows take {after / before:.1f} times the time")
    return None


if __name__ == "__main__":
    main()
