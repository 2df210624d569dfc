"""What a page takes of a table is on record, and tells later whether the page still holds."""

import json

import pandas as pd
import pytest
from shipped import DATA, changed, shipped, view

from icanalysis import delivery, extracts, registers, tables
from icanalysis.indicators import REPORTED
from icanalysis.load import open_data


def moved(asked, **where):
    """The shipped data with one published count, of a region, that is one more."""
    records = shipped().table(REPORTED)
    chosen = records[(records[list(where)] == pd.Series(where)).all(axis=1)].index[0]
    records.loc[chosen, "value"] += 1
    data = changed(**{REPORTED: records})
    data.taken = {}
    return extracts.now(data, asked)


def test_all_that_pages_of_a_run_took_is_found_again(ran):
    record = json.loads((ran[1] / "run.json").read_text(encoding="utf-8"))
    data = open_data(DATA)
    for job in ("es/ayacucho", "en/cusco"):
        told = record["made"][job]
        assert REPORTED not in told["reads"], "it would be made again for any region's figure"
        assert len(told["taken"]) > 3
        assert {asked: extracts.now(data, asked) for asked in told["taken"]} == told["taken"]


@pytest.mark.parametrize("what", [tables.situation, registers.sources, delivery.unknown_here])
def test_what_is_taken_stands_for_the_tables_it_is_taken_of(what):
    asked = view("puno", data=open_data(DATA), lines=view("puno").lines)
    asked.data.read.clear()
    what(asked)
    assert asked.data.taken
    assert REPORTED not in asked.data.read


def test_rows_on_a_region_change_with_theirs_and_no_others():
    asked = f"rows_on {REPORTED} cusco"
    known = extracts.now(open_data(DATA), asked)
    assert moved(asked, region="cusco") != known
    assert moved(asked, region="cusco+puno") != known
    assert moved(asked, region="ayacucho") == known


def test_rows_without_a_region_are_of_the_whole_programme(folder):
    (folder / "visits.csv").write_text(
        "region,year,value,share_pct,open,kind,day,source_id,note\ncusco,2009,1,,,,,S1,\n"
    )
    data = open_data(folder)
    data._frames["visits"] = data.table("visits").assign(region=pd.NA)
    assert len(extracts.rows_on(data, "visits", "programme")) == 1
    assert extracts.rows_on(data, "visits", "cusco").empty


@pytest.mark.parametrize("asked", ["rows_on no_such_table cusco", "another_version cusco", ""])
def test_what_is_not_known_any_more_holds_for_nothing(asked):
    assert extracts.now(open_data(DATA), asked) is None


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (f"rows_on {REPORTED} cusco", REPORTED),
        ("shared_out", REPORTED),
        ("sources_cited", "sources"),
    ],
)
def test_the_table_is_named_when_it_is_told_what_changed(asked, name):
    assert extracts.of_table(asked) == name
