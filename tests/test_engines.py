"""One call, the same numbers, whatever holds the rows."""

import warnings

import duckdb
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from icanalysis import aggregate, survey
from icanalysis.errors import DataError
from icanalysis.language import language

BY = ["year", "department"]
MEASURES = {
    "poverty": survey.proportion("poor"),
    "income": survey.mean("income"),
    "income per line": survey.ratio("income", "line"),
    "gap": survey.fgt("income", "line", 1),
    "poor persons": survey.total("poor"),
    "median": survey.quantile("income", 0.5),
}


def make_rows():
    """600 rows with text keys and missing values; in department 00 everyone is poor."""
    random = np.random.default_rng(7)
    count = 600
    psu = random.integers(0, 48, count)
    income = random.lognormal(6, 0.7, count)
    poor = pd.Series(income < 350, dtype="boolean")
    poor[psu < 12] = True
    rows = pd.DataFrame(
        {
            "year": random.integers(2018, 2020, count),
            "department": pd.Series([f"{code:02d}" for code in psu // 12], dtype="string"),
            "psu": pd.Series([f"{code:06d}" for code in psu], dtype="string"),
            "stratum": psu % 3,
            "weight": random.uniform(50, 500, count),
            "line": 350.0,
            "urban": pd.array(random.random(count) < 0.7, dtype="boolean"),
        }
    )
    return rows.assign(
        income=pd.Series(income).mask(random.random(count) < 0.05),
        poor=poor.mask(random.random(count) < 0.05),
        urban=rows["urban"].mask(random.random(count) < 0.05),
    )


def estimate(frame, where=None, by=BY):
    design = survey.Design("psu", "stratum", "weight")
    table = survey.estimate(frame, MEASURES, by=by, design=design, where=where).table
    return table.astype(dict.fromkeys(by, "object"))


@pytest.fixture(scope="module")
def rows():
    return make_rows()


@pytest.fixture(scope="module")
def parquet(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    rows.to_parquet(path, index=False)
    return path


def by_parquet(rows, path):
    return path


def by_duckdb(rows, path):
    return duckdb.read_parquet(str(path))


def by_duckdb_with_nan(rows, path):
    return duckdb.sql(
        f"SELECT * REPLACE (coalesce(income, 'nan'::DOUBLE) AS income) FROM '{path.as_posix()}'"
    )


def by_categories(rows, path):
    return rows.astype({"department": "category", "psu": "category"})


def by_floats(rows, path):
    return rows.astype({"poor": "float64", "urban": "float64"})


def by_nulls(rows, path):
    return rows.astype({"income": "Float64", "weight": "Float64"})


def by_dask(rows, path):
    frames = pytest.importorskip("dask.dataframe", reason="needs dask[dataframe]")
    return frames.from_pandas(rows, npartitions=3)


def by_polars(rows, path):
    return pytest.importorskip("polars", reason="needs polars").read_parquet(path)


def by_spark(rows, path):
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark and Java")
    session = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = session.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    return session.read.parquet(str(path))


ENGINES = [
    by_parquet,
    by_duckdb,
    by_duckdb_with_nan,
    by_categories,
    by_floats,
    by_nulls,
    by_polars,
    by_dask,
    by_spark,
]


@pytest.mark.parametrize("where", [None, "urban"])
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.__name__)
def test_every_engine_gives_the_numbers_of_pandas(engine, where, rows, parquet):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*narwhals-dask.*")
        found = estimate(engine(rows, parquet), where)
    assert_frame_equal(found, estimate(rows, where), check_dtype=False, rtol=1e-9, atol=1e-12)


def test_the_numbers_are_those_of_the_rows_counted_one_by_one(rows):
    table = estimate(rows, "urban").set_index(["indicator", *BY])
    here = rows[(rows["year"] == 2019) & (rows["department"] == "02")]
    here = here[here["urban"].fillna(False).astype(bool) & here["income"].notna()]
    found = table.loc[("income", 2019, "02")]
    assert found["estimate"] == pytest.approx(np.average(here["income"], weights=here["weight"]))
    assert (found["n"], found["n_psu"]) == (len(here), here["psu"].nunique())


@pytest.mark.parametrize("engine", [by_categories, by_duckdb], ids=lambda engine: engine.__name__)
def test_where_everyone_is_poor_the_share_is_one_and_its_spread_undetermined(engine, rows, parquet):
    table = estimate(engine(rows, parquet))
    everyone = table[(table["indicator"] == "poverty") & (table["department"] == "00")]
    assert everyone["estimate"].to_list() == pytest.approx([1, 1], abs=1e-12)
    assert everyone["se"].to_list() == pytest.approx([0, 0], abs=1e-12)


def test_crossings_too_many_for_an_integer_are_summed_all_the_same(rows, monkeypatch):
    expected = estimate(rows)
    monkeypatch.setattr(aggregate, "WIDEST", 100)
    assert_frame_equal(estimate(rows), expected)


@pytest.mark.parametrize("engine", [by_categories, by_duckdb], ids=lambda engine: engine.__name__)
def test_a_weight_that_is_missing_is_told_once_and_not_as_infinite(engine, rows, tmp_path):
    rows = rows.assign(weight=rows["weight"].mask(rows.index == 3))
    path = tmp_path / "rows.parquet"
    rows.to_parquet(path)
    with pytest.raises(DataError) as refused:
        estimate(engine(rows, path))
    assert refused.value.told(language("en")) == (
        "frame: 1 problem\n  - column weight: 1 rows have no weight, or a negative one → "
        "give every row its sampling weight"
    )
