"""Lines of evidence: what makes one, how they are put together, written and read."""

import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icanalysis.results import COLUMNS, KEY, NUMBERS, SOURCE_KINDS, lines, merge, read, write

LINE = {
    "indicator": "ventures_financed",
    "region": "programme",
    "period": "2012",
    "statistic": "level",
    "value": 94,
    "unit": "ventures",
    "source_kind": "programme",
    "source": "P1: section 4, bullet 2",
    "status": "used",
}


def test_columns_stand_in_the_published_order():
    published = (
        "indicator region group period statistic value se low high p p_min n cv unit source_kind "
        "source status statement_key note"
    )
    assert list(COLUMNS) == published.split()
    assert lines([LINE]).columns.tolist() == published.split()
    assert lines([]).columns.tolist() == published.split()


def test_what_is_not_given_is_missing_and_never_zero():
    line = lines([LINE]).iloc[0]
    assert line["value"] == 94
    assert line["group"] == "all"
    assert line[["se", "low", "high", "p", "p_min", "n", "cv"]].isna().all()
    assert line["note"] == ""


@pytest.mark.parametrize("name", [*KEY, "status"])
def test_a_figure_without(name):
    with pytest.raises(ValueError, match=f"figures without {name}"):
        lines([{**LINE, name: ""}])
    with pytest.raises(ValueError, match=f"figures without {name}"):
        lines([{**LINE, name: None}])


def test_an_unknown_source_kind():
    with pytest.raises(ValueError, match=r"source_kind must be one of .*found \['guessed'\]"):
        lines([{**LINE, "source_kind": "guessed"}])
    assert SOURCE_KINDS == ("programme", "official", "survey", "simulated")


def test_a_misspelt_column_is_not_dropped_in_silence():
    with pytest.raises(ValueError, match=r"no column \['vlaue'\]"):
        lines([{**LINE, "vlaue": 3}])


@pytest.mark.parametrize("value", [math.inf, -math.inf])
@pytest.mark.parametrize("name", ["value", "high"])
def test_an_infinite_figure(name, value):
    with pytest.raises(ValueError, match="figures without end"):
        lines([{**LINE, name: value}])


def test_there_is_no_minus_zero():
    line = lines([{**LINE, "value": -0.0, "low": -0.0}]).iloc[0]
    assert math.copysign(1, line["value"]) == math.copysign(1, line["low"]) == 1


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_a_cell_of_two_lines_stays_one_row(tmp_path, line_break):
    write(lines([{**LINE, "note": f"first{line_break}second"}]), tmp_path / "results.csv")
    assert read(tmp_path / "results.csv")["note"].tolist() == ["first second"]


def test_a_figure_that_stands_twice():
    assert len(lines([LINE, LINE])) == 1
    with pytest.raises(ValueError, match="figures stand twice"):
        lines([LINE, {**LINE, "value": 58}])


def test_two_sources_may_give_one_count_differently():
    other = {**LINE, "value": 58, "source": "P2: opening text", "status": "also_reported"}
    assert lines([LINE, other])["value"].tolist() == [94, 58]


def test_merging_keeps_the_countrys_lines_once():
    country = {**LINE, "region": "peru", "value": math.nan}
    ayacucho = lines([country, {**LINE, "region": "ayacucho"}])
    cusco = lines([country, {**LINE, "region": "cusco"}])
    together = merge([cusco, ayacucho])
    assert together["region"].tolist() == ["ayacucho", "cusco", "peru"]
    pd.testing.assert_frame_equal(together, merge([ayacucho, cusco]))


@pytest.mark.parametrize("changed", [{"value": 58}, {"status": "also_reported"}, {"note": "x"}])
def test_merging_parts_that_disagree(changed):
    with pytest.raises(ValueError, match="figures stand twice"):
        merge([lines([LINE]), lines([{**LINE, **changed}])])


def test_merging_nothing():
    assert merge([]).columns.tolist() == list(COLUMNS)
    assert len(merge([lines([]), lines([LINE])])) == 1


number = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=False))
# Words of every alphabet, commas, quotation marks and words that readers take for absence.
word = st.one_of(
    st.sampled_from(["NA", "nan", "None", "null", "true", "007", '"', "a,b", "a;b", " x "]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1),
)
record = st.fixed_dictionaries(
    {name: word for name in (*KEY, "status", "statement_key", "note")}
    | dict.fromkeys(NUMBERS, number)
    | {"source_kind": st.sampled_from(SOURCE_KINDS)}
)
records = st.lists(record, unique_by=lambda made: tuple(made[name] for name in KEY), max_size=6)


@given(records)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_written_comes_back_to_the_last_bit(tmp_path, made):
    frame = lines(made)
    write(frame, tmp_path / "once.csv")
    back = read(tmp_path / "once.csv")
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
    for name in NUMBERS:  # equal floats may differ in their bits: 0.0 and -0.0
        assert back[name].dropna().map(float.hex).equals(frame[name].dropna().map(float.hex))
    write(back, tmp_path / "twice.csv")
    assert (tmp_path / "once.csv").read_bytes() == (tmp_path / "twice.csv").read_bytes()


def test_the_order_of_the_records_does_not_reach_the_file(tmp_path):
    made = [{**LINE, "region": region} for region in ("puno", "ayacucho", "cusco")]
    write(lines(made), tmp_path / "one.csv")
    write(lines(made[::-1]), tmp_path / "other.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "other.csv").read_bytes()


def test_the_file_is_plain(tmp_path):
    write(lines([{**LINE, "value": 0.1 + 0.2}]), tmp_path / "results.csv")
    assert (tmp_path / "results.csv").read_bytes().decode() == (
        ",".join(COLUMNS) + "\n"
        "ventures_financed,programme,all,2012,level,0.30000000000000004,,,,,,,,ventures,programme,"
        '"P1: section 4, bullet 2",used,,\n'
    )
