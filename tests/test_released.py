"""What bundles gave out of people is on record, and later runs heed it."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from shipped import shipped

from icanalysis import households, results, seal
from icanalysis.audit import package_problems
from icanalysis.cli import main
from icanalysis.disclosure import FIGURE, RELEASED, SUPPRESSED
from icanalysis.evaluation import Years
from icanalysis.load import open_data
from icanalysis.shielded import producer_lines

DATA = Path(__file__).parents[1] / "data"
PRODUCERS = shipped().catalog.tables["producers"].path.name
ABOUT = {"agency": "unesco", "run": "3fa9c1" * 10}
LINE = {
    "indicator": "household_poverty",
    "region": "cusco",
    "period": "2013",
    "statistic": "level",
    "value": 41.5,
    "n": 53,
    "unit": "percent",
    "source_kind": "survey",
    "source": "E1: sumaria-2013.csv",
    "status": "estimated",
}


@pytest.fixture
def copy(tmp_path):
    """A copy of the data folder, which a command may write into."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


@pytest.fixture
def bundle(tmp_path):
    """A bundle with two figures on people that were shown, and others that are no such figures."""
    records = [
        LINE,
        {**LINE, "indicator": "producer_sales", "source_kind": "programme"}
        | {"source": f"programme: {PRODUCERS}", "statistic": "did", "period": "2010-2012"},
        {**LINE, "region": "puno", "status": SUPPRESSED, "value": np.nan, "n": np.nan},
        {**LINE, "region": "puno", "period": "2009", "source_kind": "simulated"},
        {**LINE, "indicator": "initiatives", "source_kind": "programme", "source": "P1: page 2"},
    ]
    folder = tmp_path / "bundle"
    folder.mkdir()
    results.write(results.lines(records), folder / "results.csv")
    seal.write_manifest(folder, ABOUT)
    return folder


def told(*arguments):
    return CliRunner().invoke(main, ["released", *map(str, arguments), "--language", "en"])


def test_what_a_bundle_tells_of_people_is_put_on_record_once(copy, bundle, tmp_path):
    packed = tmp_path / "bundle.zip"
    seal.pack(bundle, packed)
    assert "2 figures" in told(packed, "--data", copy).stdout
    data = open_data(copy)
    kept = data.table(RELEASED)
    assert kept["release"].unique().tolist() == ["unesco 3fa9c13fa9c1"]
    assert kept[["indicator", "statistic", "n"]].to_numpy().tolist() == [
        ["household_poverty", "level", 53],
        ["producer_sales", "did", 53],
    ]
    assert package_problems(data) == [], "its checksum is on record too"
    assert "0 figures" in told(bundle, "--data", copy).stdout


def test_a_bundle_that_was_changed_is_not_put_on_record(copy, bundle):
    before = (copy / "released.csv").read_bytes()
    (bundle / "results.csv").write_text((bundle / "results.csv").read_text().replace("53", "63"))
    refused = told(bundle, "--data", copy)
    assert refused.exit_code == 2
    assert "results.csv: it is not as it was sent" in refused.stderr
    assert (copy / "released.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("about", "lines", "said"),
    [
        ({}, [LINE], "bundle holds no figures of a run"),
        ({"agency": "unesco", "run": 3}, [LINE], "bundle holds no figures of a run"),
        (ABOUT, None, "bundle holds no figures of a run"),
        (ABOUT, [{**LINE, "region": "atlantis"}], "atlantis"),
    ],
    ids=["no agency", "no checksum", "no results", "a region nobody knows"],
)
def test_a_bundle_of_anything_else_leaves_the_table_as_it_was(copy, tmp_path, about, lines, said):
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "index.html").write_text("x")
    if lines:
        results.write(results.lines(lines), folder / "results.csv")
    seal.write_manifest(folder, about)
    before = sorted(path.name for path in copy.iterdir())
    refused = told(folder, "--data", copy)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.output
    assert (copy / "released.csv").read_bytes() == (DATA / "released.csv").read_bytes()
    assert sorted(path.name for path in copy.iterdir()) == before


def test_a_later_run_withholds_what_two_releases_would_tell(copy, survey):
    """Three more households than last time: whoever has both knows what these three answered."""
    years = Years(baseline=2011, outcome=2013)
    first = households.all_lines(open_data(copy), years, survey)
    chosen = {"region": "cusco", "group": "all", "period": "2013", "statistic": "level"}
    line = first[(first[list(chosen)] == pd.Series(chosen)).all(axis=1)].iloc[[0]]
    assert line["n"].item() > 0
    before = line[[*FIGURE, "n"]].assign(release="unesco 1", n=line["n"] - 3)
    before[["release", *FIGURE, "n"]].to_csv(copy / "released.csv", index=False)
    again = households.all_lines(open_data(copy), years, survey)
    moved = again["status"] != first["status"]
    assert set(again.loc[moved, "status"]) == {SUPPRESSED}
    assert moved[line.index[0]]


def test_simulated_producers_are_not_held_against_real_ones_released_before():
    data = shipped()
    lines = producer_lines(data)
    before = lines[[*FIGURE, "n"]].assign(release="unesco 1", n=lines["n"] - 3)
    later = open_data(DATA)
    later._frames[RELEASED] = before
    pd.testing.assert_frame_equal(producer_lines(later), lines)
    later._frames["producers"] = later.table("producers").assign(source_kind="programme")
    with pytest.warns(UserWarning, match="Released before|Ya se entregó"):
        real = producer_lines(later)
    assert (real["status"] == SUPPRESSED).sum() > (lines["status"] == SUPPRESSED).sum()
