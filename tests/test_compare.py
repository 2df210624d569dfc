"""Two runs' lines side by side: what became of each figure, and its margin worked by hand."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair import REGIONS, SIMULATED, figure

from icanalysis.compare import compare, margin, ordered
from icanalysis.results import NUMBERS, lines


def one(before, after):
    """What became of a single figure."""
    found = compare(lines([figure(**before)]), lines([figure(**after)]))
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        pytest.param({"value": 1.5}, {"value": 1.5}, "unchanged", id="the very same"),
        pytest.param({}, {}, "unchanged", id="missing in both"),
        pytest.param({"value": 1.5}, {"value": 1.6}, "moved", id="another value"),
        pytest.param({"value": 1.5}, {}, "moved", id="no longer known"),
        pytest.param({}, {"value": 0.0}, "moved", id="known now, and nought"),
        pytest.param({"status": "better"}, {"status": "no_clear_change"}, "status", id="verdict"),
        pytest.param({"status": "used"}, {"status": "also_reported"}, "status", id="superseded"),
        pytest.param(
            {"statement_key": "consistent"}, {"statement_key": "contributed"}, "status", id="words"
        ),
        pytest.param(
            {"value": 1.0, "status": "used"}, {"status": "suppressed"}, "status", id="suppressed"
        ),
        pytest.param({"value": 1.5, "se": 1}, {"value": 1.5, "se": 2}, "restated", id="its error"),
        pytest.param({"value": 1.5, "n": 9}, {"value": 1.5}, "restated", id="n no longer told"),
        pytest.param({"note": "grade:weak"}, {"note": "grade:strong"}, "restated", id="note"),
        pytest.param(
            {"note": "fit:1.5", "value": 2.0}, {"note": "fit:1.6", "value": 2.0}, "restated",
            id="a number in its note",
        ),
        pytest.param({"value": 0.3}, {"value": 0.1 + 0.2}, "rounding", id="order of a sum"),
        pytest.param({"p": 0.3}, {"p": 0.1 + 0.2}, "rounding", id="rounding beside the value"),
        pytest.param({"value": 1e9}, {"value": 1e9 + 0.9}, "rounding", id="below 1e-9 of itself"),
        pytest.param({"value": 1e9}, {"value": 1e9 + 1.1}, "moved", id="above 1e-9 of itself"),
        pytest.param({"value": 0.0}, {"value": 1e-13}, "rounding", id="nought but for its noise"),
        pytest.param(
            {"note": "fit:0.3;x"}, {"note": "fit:0.30000000000000004;x"}, "rounding",
            id="rounding in its note",
        ),
    ],
)  # fmt: skip
def test_what_became_of_a_figure(before, after, kind):
    found = one(before, after)
    assert found["kind"] == kind
    assert one(after, before)["kind"] == kind


@pytest.mark.parametrize("name", ["indicator", "region", "group", "period", "statistic", "unit",
                                  "source"])  # fmt: skip
def test_a_figure_that_differs_in_its_key_is_another(name):
    before, after = figure(value=1.0), figure(value=1.0) | {name: "other"}
    found = compare(lines([before]), lines([after]))
    assert sorted(found["kind"]) == ["appeared", "vanished"]
    assert found["noise"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("before", "after", "margin", "noise"),
    [
        # 1.96 √(3² + 4²) = 9.8
        pytest.param({"value": 50, "se": 3}, {"value": 59.79, "se": 4}, 9.8, "within", id="se"),
        pytest.param({"value": 50, "se": 3}, {"value": 59.81, "se": 4}, 9.8, "beyond", id="more"),
        pytest.param({"value": 50, "se": 3}, {"value": 40.19, "se": 4}, 9.8, "beyond", id="fall"),
        # A rise from 10 (8 to 15) to 14 (11 to 16): √((15 − 10)² + (14 − 11)²) = √34
        pytest.param(
            {"value": 10, "low": 8, "high": 15}, {"value": 14, "low": 11, "high": 16},
            math.sqrt(34), "within", id="arms that face each other",
        ),
        # A fall from 10 (8 to 15) to 2 (1 to 3): √((10 − 8)² + (3 − 2)²) = √5
        pytest.param(
            {"value": 10, "low": 8, "high": 15}, {"value": 2, "low": 1, "high": 3},
            math.sqrt(5), "beyond", id="arms the other way",
        ),
        # Few degrees of freedom: the interval is wider than 1.96 standard errors.
        pytest.param(
            {"value": 0, "se": 1, "low": -3, "high": 3}, {"value": 4, "se": 1, "low": 0, "high": 8},
            5.0, "within", id="the published interval counts",
        ),
        # √(3² + (1.96 · 2)²)
        pytest.param(
            {"value": 0, "low": -3, "high": 3}, {"value": 5, "se": 2},
            math.sqrt(9 + 3.92**2), "beyond", id="an interval against a standard error",
        ),
        pytest.param(
            {"value": 0, "se": 0, "low": 0, "high": 3}, {"value": 2, "se": 0, "low": 0, "high": 4},
            math.sqrt(13), "within", id="an interval where all answers are alike",
        ),
        pytest.param({"value": 1}, {"value": 2}, math.nan, "no_margin", id="none"),
        pytest.param({"value": 1, "se": 1}, {"value": 2}, math.nan, "no_margin", id="one only"),
        pytest.param({"value": 1, "se": 0}, {"value": 2, "se": 0}, math.nan, "no_margin", id="0"),
        pytest.param({"value": 1, "se": 0}, {"value": 2, "se": 9}, math.nan, "no_margin", id="0, 9"),
        pytest.param({"value": 1, "se": 1}, {}, math.nan, "", id="no longer known"),
        pytest.param({}, {"value": 1, "se": 1}, math.nan, "", id="known now"),
        pytest.param({"low": 1, "high": 2}, {"low": 1, "high": 3}, math.nan, "", id="bounds"),
        pytest.param(
            {"value": 5, "low": 1, "high": 2}, {"value": 6, "low": 1, "high": 2},
            math.nan, "no_margin", id="an interval that is not the value's own",
        ),
    ],
)  # fmt: skip
def test_the_margin_of_a_difference(before, after, margin, noise):
    found = one(before, after)
    assert found["margin"] == pytest.approx(margin, nan_ok=True)
    assert found["noise"] == noise


size = st.floats(min_value=0.01, max_value=1e4)


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), size, size)
def test_standard_errors_and_their_intervals_give_one_margin(before, after, first, second):
    """Schenker and Gentleman's formula, from either; the order of the runs does not matter."""
    errors = [{"value": before, "se": first}, {"value": after, "se": second}]
    ends = [
        {"value": row["value"], "low": row["value"] - 1.96 * row["se"],
         "high": row["value"] + 1.96 * row["se"]}
        for row in errors
    ]  # fmt: skip
    expected = 1.96 * math.sqrt(first**2 + second**2)
    nothing = dict.fromkeys(("value", "se", "low", "high"), math.nan)
    for rows in (errors, ends, errors[::-1], ends[::-1]):
        row = {
            f"{name}_{run}": value
            for run, told in zip(("before", "after"), rows, strict=True)
            for name, value in (nothing | told).items()
        }
        assert margin(row) == pytest.approx(expected, rel=1e-6)


def test_every_line_of_both_runs_is_there_and_none_is_changed():
    before = lines([figure(value=1.0, note="a"), figure(region="puno", value=2.0)])
    after = lines([figure(value=1.0, note="a"), figure(region="ayacucho", value=3.0)])
    kept = before.copy(), after.copy()
    found = compare(before, after).set_index("region")
    assert found["kind"].to_dict() == {
        "cusco": "unchanged", "puno": "vanished", "ayacucho": "appeared",
    }  # fmt: skip
    assert found.loc["puno", "value_before"] == 2.0
    assert found.loc["puno", [f"{name}_after" for name in NUMBERS]].isna().all()
    assert found.loc["cusco", "note_after"] == "a"
    pd.testing.assert_frame_equal(before, kept[0])
    pd.testing.assert_frame_equal(after, kept[1])


def test_nothing_against_nothing():
    found = compare(lines([]), lines([]))
    assert found.empty
    assert ordered(found, REGIONS).empty


def test_regions_keep_their_order_whatever_moved():
    moved = {"ayacucho": 9.0, "cusco": 1.0, "puno": 5.0, "ica": 99.0, "cusco+puno": 50.0}
    before = lines([figure(region=code, value=0.0, se=1.0) for code in moved])
    after = lines([figure(region=code, value=size, se=1.0) for code, size in moved.items()])
    found = ordered(compare(before, after), REGIONS)
    assert found["region"].tolist() == ["cusco", "ayacucho", "puno", "cusco+puno", "ica"]


def test_kinds_first_then_real_figures_then_what_moved_most_against_its_noise():
    first = [
        figure(period="1", value=10.0, se=1.0),
        figure(period="2", value=10.0, se=0.1),
        figure(period="3", value=10.0),
        figure(period="4", value=10.0),
        figure(period="5", value=10.0, **SIMULATED),
        figure(period="6", value=10.0, status="used", region="puno"),
    ]
    second = [
        figure(period="1", value=13.0, se=1.0),
        figure(period="2", value=11.0, se=0.1),
        figure(period="3", value=11.0),
        figure(period="4", value=90.0),
        figure(period="5", value=99.0, **SIMULATED),
        figure(period="6", value=10.0, status="also_reported", region="puno"),
        figure(period="7", value=10.0),
    ]
    found = ordered(compare(lines(first), lines(second)), REGIONS)
    assert found["period"].tolist() == ["6", "2", "1", "4", "3", "5", "7"]
