"""All lines of one region, and of all regions together: complete, consistent, exact on disk."""

import math
from pathlib import Path

import pandas as pd
import pytest

from icanalysis.context import context, coverage
from icanalysis.contribution import contribution
from icanalysis.dossier import region_lines
from icanalysis.effects import effects
from icanalysis.evaluation import Years
from icanalysis.households import household_lines
from icanalysis.indicators import delivery
from icanalysis.likeness import BALANCE, FOLLOWED
from icanalysis.load import open_data
from icanalysis.results import NUMBERS, merge, read, write
from icanalysis.visits import INDEX

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def data():
    return open_data(DATA)


@pytest.fixture(scope="module")
def reports(data):
    years = data.evaluation.years()
    regions = data.evaluation.reported_regions(every=True)
    return {region.code: region_lines(data, region.code, years) for region in regions}


def test_a_region_is_told_these_parts_and_nothing_else(data, reports):
    years = data.evaluation.years()
    together = contribution(data, years)
    parts = [
        delivery(data, "cusco"),
        context(data, "cusco", years),
        coverage(data),
        household_lines(data, "cusco", years, None),
        together[together["region"].isin(["cusco", "programme"])],
        effects(data, "cusco"),
    ]
    assert all(len(part) for part in parts)
    assert len(reports["cusco"]) == sum(len(part) for part in parts)
    pd.testing.assert_frame_equal(reports["cusco"], merge(parts))


def test_the_years_asked_reach_the_lines(data):
    frame = region_lines(data, "ayacucho", Years(baseline=2010, outcome=2012))
    line = frame[
        (frame["region"] == "ayacucho")
        & (frame["indicator"] == "poverty_total")
        & (frame["period"] == "2010-2012")
    ].iloc[0]
    # S1 and S2: 48.2 in 2010, 52.6 in 2012; from 2007 (67.6) it fell.
    assert line["value"] == pytest.approx(4.4, abs=1e-9)
    assert line["status"] == "depends_on_baseline"


def test_the_reports_of_all_regions_agree_on_what_they_share(reports):
    together = merge(reports.values())
    shared = together[together["region"].isin(["peru", "programme"])]
    own = {
        code: frame[~frame["region"].isin(["peru", "programme"])] for code, frame in reports.items()
    }
    rows = pd.concat(own.values()).drop_duplicates()
    assert len(together) == len(shared) + len(rows)
    for code, frame in reports.items():
        assert len(frame) == len(shared) + len(own[code]), code


def test_every_line_has_unit_kind_source_and_statement(reports):
    for frame in reports.values():
        for name in ("unit", "source", "source_kind", "status", "statement_key"):
            assert (frame[name] != "").all()
        assert set(frame["source_kind"]) <= {"programme", "official", "survey", "simulated"}


def test_only_households_and_producers_are_simulated_and_each_such_line_says_so(data, reports):
    evaluation = data.evaluation
    of_households = {item.indicator for item in evaluation.households.indicators}
    of_producers = {item.indicator for item in evaluation.producers.indicators}
    of_producers |= {FOLLOWED, BALANCE, INDEX.indicator}
    surveyed = {region.code for region in evaluation.reported_regions()}
    for code, frame in reports.items():
        simulated = frame[frame["source_kind"] == "simulated"]
        there = of_producers if code in surveyed else set()
        assert set(simulated["indicator"]) == of_households | there, code
        sources = {"simulated: simulated_producers.csv"} if code in surveyed else set()
        assert set(simulated["source"]) == {"simulated: seed 2013"} | sources
        real = frame[frame["source_kind"] != "simulated"]
        assert not set(real["indicator"]) & (of_households | of_producers)
        assert not real["source"].str.contains("simulated").any()


def test_a_line_without_a_value_says_why(reports):
    reasons = {"not_known", "no_data", "not_comparable", "group_interval"}
    for frame in reports.values():
        # An interval or a p without a value is no missing figure.
        told = frame["statistic"].isin(["bounds", "joint"])
        assert frame.loc[told, ["low", "p"]].notna().any(axis=1).all()
        missing = frame[frame["value"].isna() & ~told]
        assert set(missing["status"]) <= reasons
        assert (frame.loc[frame["status"].isin(reasons), "value"].isna()).all()


def test_no_line_holds_minus_zero(reports):
    numbers = merge(reports.values())[list(NUMBERS)].to_numpy().ravel()
    assert not any(value == 0 and math.copysign(1, value) < 0 for value in numbers)


def test_what_a_run_writes_is_what_it_computed(tmp_path, reports):
    together = merge(reports.values())
    write(together, tmp_path / "results.csv")
    pd.testing.assert_frame_equal(read(tmp_path / "results.csv"), together, check_exact=True)
    write(merge(list(reports.values())[::-1]), tmp_path / "again.csv")
    assert (tmp_path / "results.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()
