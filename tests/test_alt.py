"""Descriptions of charts: whoever does not see a chart is told what it draws."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from icanalysis import alt
from icanalysis.view import open_view

DATA = Path(__file__).parents[1] / "data"


@cache
def lambayeque():
    return open_view("lambayeque", baseline=2009, outcome=2013, language="es", data_dir=DATA)


def view(code):
    return replace(lambayeque(), language=lambayeque().data.evaluation.language(code))


def shown(number):
    return f"{number:,.1f}".replace("-", "−")


@pytest.mark.parametrize("code", ["es", "en"])
def test_a_series_is_described_by_its_ends_its_extremes_and_its_change(code):
    rows = view(code).select(
        indicator="poverty_total", region="lambayeque", statistic="level"
    ).set_index("period")["value"]  # fmt: skip
    said = alt.series(view(code), "poverty_total")
    for fact in (
        "Lambayeque",
        f"{rows.idxmax()} ({shown(rows.max())}%)",
        f"{rows.idxmin()} ({shown(rows.min())}%)",
        rows.index.min(),
        rows.index.max(),
        f"{shown(rows['2009'])}%",
        f"{shown(rows['2013'])}%",
        shown(rows["2009"] - rows["2013"]),
    ):
        assert fact in said, fact


def test_the_description_of_a_series_in_full():
    assert alt.series(view("en"), "poverty_total") == (
        "Line chart: total monetary poverty in Lambayeque, 2004 to 2013, with the programme's "
        "planned years shaded. Highest in 2004 (58.3%), lowest in 2013 (24.7%). Total monetary "
        "poverty in Lambayeque: 37.1% in 2009 and 24.7% in 2013. It fell by 12.4 percentage points."
    )


@pytest.mark.parametrize("code", ["es", "en"])
def test_every_baseline_drawn_is_told(code):
    rows = view(code).select(indicator="poverty_total", region="lambayeque", statistic="change")
    said = alt.baselines(view(code), "poverty_total")
    assert len(rows) == 5
    for period, value in zip(rows["period"], rows["value"], strict=True):
        first, last = period.split("-")
        assert f"{first}-{last}: {shown(value)}" in said.replace("–", "-")


def test_a_change_that_is_missing_is_not_told_as_a_number():
    said = alt.baselines(view("en"), "informal_employment")
    assert "nan" not in said
    assert "−0.0" not in said


@pytest.mark.parametrize("code", ["es", "en"])
def test_conflicts_tell_the_used_value_first(code):
    said = alt.conflicts(view(code))
    assert "94 (P1); 55 (P3, P4, P5); 58 (P2)" in said
    mark = {"es": "[contado aquí]", "en": "[counted here]"}[code]
    assert f"160 (P2); 152 {mark} (P4)" in said


def test_two_figures_alike_are_described_alike_and_others_not():
    assert alt.series(view("es"), "poverty_total") != alt.series(view("en"), "poverty_total")
    assert alt.conflicts(view("es")) == alt.conflicts(view("es"))
