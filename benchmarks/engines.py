"""Make the same call on every engine, and compare the numbers to 1e-9.

pandas, a DuckDB relation and Parquet always; polars, Dask (a local cluster of two processes)
and Spark (local, needs Java) where they are installed, and said to be left out where not:

    python -m venv aside; aside/bin/pip install -e . polars dask[distributed] pyspark
    aside/bin/python benchmarks/engines.py
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from icanalysis import survey
from icanalysis.aggregate import Microdata

BY = ["year", "department"]


def make_rows(count: int) -> pd.DataFrame:
    """Simulate rows with text keys and missing values, and one domain where everyone is poor."""
    random = np.random.default_rng(3)
    psu = random.integers(0, 540, count)
    income = random.lognormal(6, 0.7, count)
    poor = pd.Series(income < 300, dtype="boolean")
    poor[psu < 21] = True
    rows = pd.DataFrame(
        {
            "year": random.integers(2014, 2020, count),
            "department": pd.Series([f"{code:02d}" for code in psu // 21], dtype="string"),
            "psu": psu,
            "stratum": psu % 8,
            "weight": random.uniform(50, 500, count),
            "income": income,
            "line": 300.0,
            "poor": poor,
            "urban": random.random(count) < 0.7,
        }
    )
    return rows.assign(
        income=rows["income"].mask(random.random(count) < 0.02),
        poor=rows["poor"].mask(random.random(count) < 0.02),
    )


def estimate(frame: Microdata) -> pd.DataFrame:
    """Make the call: it names no engine."""
    measures = {
        "poverty": survey.proportion("poor"),
        "income": survey.mean("income"),
        "poor per line": survey.ratio("income", "line"),
        "gap": survey.fgt("income", "line", 1),
        "poor persons": survey.total("poor"),
    }
    design = survey.Design("psu", "stratum", "weight")
    found = survey.estimate(frame, measures, by=BY, design=design, where="urban")
    return found.table.set_index(["indicator", *BY])


@contextmanager
def in_polars(path: str) -> Iterator[Any]:
    """Scan by polars."""
    import polars as pl

    yield pl.scan_parquet(path)


@contextmanager
def in_dask(path: str) -> Iterator[Any]:
    """Read by Dask, on a cluster of two processes."""
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        yield dd.read_parquet(path).repartition(npartitions=4)


@contextmanager
def in_spark(path: str) -> Iterator[Any]:
    """Read by Spark, on two local threads."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = session.config("spark.sql.shuffle.partitions", "4").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        yield spark.read.parquet(path)
    finally:
        spark.stop()


@contextmanager
def in_duckdb(path: str) -> Iterator[Any]:
    """Read as a DuckDB relation."""
    yield duckdb.read_parquet(path)


@contextmanager
def from_parquet(path: str) -> Iterator[Any]:
    """Name the file."""
    yield path


ENGINES: dict[str, Callable[[str], Any]] = {
    "Parquet": from_parquet,
    "DuckDB": in_duckdb,
    "polars": in_polars,
    "Dask": in_dask,
    "Spark": in_spark,
}


def difference(found: pd.DataFrame, expected: pd.DataFrame) -> float:
    """Return the largest relative difference; every count and every missing value must agree."""
    numbers = ["estimate", "se", "low", "high"]
    exact = ["n", "n_psu", "df", "precision"]
    if not (found.index.equals(expected.index) and found[exact].equals(expected[exact])):
        return np.inf
    found, expected = found[numbers], expected[numbers]
    if not found.isna().equals(expected.isna()):
        return np.inf
    scale = expected.abs().where(expected.abs() > 1e-9, 1.0)
    return float(((found - expected).abs() / scale).max(axis=None))


def main() -> None:
    """Compare every engine that is here with pandas."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    apart = []
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "rows.parquet")
        rows = make_rows(asked.rows)
        rows.to_parquet(path, index=False)
        expected = estimate(rows)
        start = time.perf_counter()
        estimate(rows)
        pandas_time = time.perf_counter() - start
        for name, engine in ENGINES.items():
            try:
                with engine(path) as frame:
                    estimate(frame)
                    start = time.perf_counter()
                    found = estimate(frame)
                    seconds = time.perf_counter() - start
            except ImportError as missing:
                print(f"{name:8s} left out: {missing}")
                continue
            apart.append(difference(found, expected))
            print(
                f"{name:8s} largest relative difference from pandas {apart[-1]:.0e}, "
                f"{seconds / pandas_time:.1f} times the time",
                flush=True,
            )
    if max(apart) > 1e-9:
        sys.exit("The engines differ by more than 1e-9.")


if __name__ == "__main__":
    main()
