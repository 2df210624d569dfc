"""What is kept from one report to the next is what would be estimated anew."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from shipped import covered

from icanalysis import dossier
from icanalysis.contribution import contribution
from icanalysis.indicators import REPORTED
from icanalysis.load import open_data
from icanalysis.results import lines

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the data to change, and an empty cache."""
    monkeypatch.setenv("ICANALYSIS_CACHE", str(tmp_path / "cache"))
    return shutil.copytree(ROOT / "data", tmp_path / "data")


@pytest.fixture
def counted(monkeypatch):
    """Names of what was estimated since, in order; the slow ones are stood in for."""
    made = []

    def count(name, slow=False, of=dossier):
        whole = getattr(of, name)

        def counting(data, *asked):
            made.append(name)
            if not slow:
                return whole(data, *asked)
            data.table("producers" if name == "producer_lines" else "poverty")
            return lines([])

        monkeypatch.setattr(of, name, counting)

    count("coverage")
    count("reported_lines")
    count("context")
    count("producer_lines", slow=True, of=dossier.shielded)
    count("contribution", slow=True)
    monkeypatch.setattr(dossier.households, "all_lines", lambda *_: lines([]))
    return made


def told(folder, region="cusco"):
    data = open_data(folder)
    return dossier.region_lines(data, region, data.evaluation.years())


def changed(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_second_report_estimates_nothing(folder, counted):
    first = told(folder)
    assert set(counted) == {
        "coverage",
        "reported_lines",
        "context",
        "producer_lines",
        "contribution",
    }
    counted.clear()
    pd.testing.assert_frame_equal(told(folder), first)
    assert counted == []


def test_another_region_estimates_only_its_own(folder, counted):
    told(folder)
    counted.clear()
    told(folder, "tumbes")
    assert "coverage" not in counted
    assert "contribution" not in counted
    assert "producer_lines" not in counted, "those of all regions were judged together"
    assert "reported_lines" not in counted, "those of all regions were read together"
    assert "context" in counted


def test_a_changed_series_is_estimated_anew_and_the_producers_are_not(folder, counted):
    before = told(folder)
    counted.clear()
    changed(folder, "official/poverty.csv", "cusco,2009,40.4", "cusco,2009,41.4")
    after = told(folder)
    assert "context" in counted
    assert "contribution" in counted
    assert "producer_lines" not in counted
    assert "reported_lines" not in counted
    here = (after["region"] == "cusco") & (after["period"] == "2009")
    assert {40.4, 41.4} & set(after.loc[here, "value"]) == {41.4}
    # And back again: what was kept then still holds.
    counted.clear()
    changed(folder, "official/poverty.csv", "cusco,2009,41.4", "cusco,2009,40.4")
    pd.testing.assert_frame_equal(told(folder), before)
    assert counted == []


def test_a_change_in_what_a_kept_part_read_reaches_the_whole(folder, counted):
    """The levels of the other regions were kept on their own: the whole must not outlive them."""
    told(folder)
    changed(folder, "official/poverty.csv", "ayacucho,2009,58.8", "ayacucho,2009,57.8")
    after = told(folder)
    there = (after["region"] == "ayacucho") & (after["period"] == "2009")
    assert {58.8, 57.8} & set(after.loc[there, "value"]) == {57.8}


COUNT = "families_reached,programme,,,,2500,,,,,false,true"
OTHER = "improved_stove_communities,cusco,,,,{},"


def test_a_published_figure_compares_the_regions_anew_only_where_they_rest_on_it(folder, counted):
    """The comparison takes from the counts nothing but the share of the workforce reached."""
    told(folder)
    counted.clear()
    changed(folder, "programme/reported_values.csv", OTHER.format(1), OTHER.format(7))
    after = told(folder)
    assert 7 in set(after.loc[after["indicator"] == "improved_stove_communities", "value"])
    assert {"reported_lines", "coverage"} <= set(counted)
    assert not {"contribution", "context", "producer_lines"} & set(counted)
    counted.clear()
    changed(folder, "programme/reported_values.csv", COUNT, COUNT.replace("2500", "2600"))
    after = told(folder)
    assert 2600 in set(after.loc[after["indicator"] == "families_reached", "value"])
    assert "contribution" in counted


def test_the_comparison_of_regions_reads_no_published_count():
    data = open_data(ROOT / "data")
    share = covered(data)
    data.read.clear()
    assert len(contribution(data, data.evaluation.years(), share))
    assert data.read
    assert REPORTED not in data.read


def test_counts_that_contradict_each_other_stop_their_own_region_alone(folder, counted):
    """The same source, place and period with two values: no line can say which."""
    path = folder / "programme" / "reported_values.csv"
    row = next(
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(OTHER.format(1))
    )
    with path.open("a", encoding="utf-8") as stream:
        stream.write(
            row.replace(OTHER.format(1), OTHER.format(7)).replace(",true,", ",false,") + "\n"
        )
    assert len(told(folder, "puno"))
    with pytest.raises(ValueError, match="stand twice"):
        told(folder)


def test_lines_that_come_to_read_another_table_are_still_made_once(folder, counted):
    """Which tables they read is remembered, and may change while this process lives."""
    data = open_data(folder)
    tables = ["poverty"]

    def make():
        counted.append("made")
        for name in tables:
            data.table(name)
        return lines([])

    def kept():
        counted.clear()
        dossier._kept(data, make, "some")
        return counted.count("made")

    assert (kept(), kept()) == (1, 0)
    tables.append("fairs")
    changed(folder, "official/poverty.csv", "cusco,2009,40.4", "cusco,2009,41.4")
    data = open_data(folder)
    assert (kept(), kept()) == (1, 0)


def test_a_table_nobody_read_changes_nothing(folder, counted):
    told(folder)
    counted.clear()
    path = folder / "programme" / "fairs.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    told(folder)
    assert counted == []


@pytest.mark.parametrize("file", ["evaluation.toml", "datapackage.json"])
def test_other_settings_and_descriptions_count(folder, counted, file):
    told(folder)
    counted.clear()
    if file == "evaluation.toml":
        changed(folder, file, "outcome = 2013", "outcome = 2012")
    else:
        changed(folder, file, '"title"', '"title" ')  # the same, written otherwise
        told(folder)
        assert counted == []
        description = json.loads((folder / file).read_text(encoding="utf-8"))
        description["resources"][0]["description"] = "another"
        (folder / file).write_text(json.dumps(description), encoding="utf-8")
    told(folder)
    assert "context" in counted


def test_spellings_count_for_every_table(folder, counted):
    told(folder)
    counted.clear()
    changed(folder, "spellings.csv", "Cuzco,", "Cuzkco,")
    told(folder)
    assert "reported_lines" in counted


def test_checksums_in_the_description_do_not_count(folder, counted):
    told(folder)
    counted.clear()
    description = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in description["resources"]:
        resource["hash"] = "sha256:" + "0" * 64
    (folder / "datapackage.json").write_text(json.dumps(description), encoding="utf-8")
    told(folder)
    assert counted == []
