"""Slopes and small multiples: which areas are drawn, in which order, with what written at the ends."""

import math

import pytest
from bs4 import BeautifulSoup
from exhibited import Chart, everywhere
from matplotlib.colors import same_color
from shipped import LANGUAGES, REGIONS, edited, shipped, view
from test_charts import cut, marks_outside, not_in_the_table, overlapping, struck_through

from icanalysis import panels, slopes
from icanalysis.drawing import BESIDE, HERE, INK, PALE
from icanalysis.view import View

POVERTY, INCOME, INFORMAL = "poverty_total", "labour_income_real", "informal_employment"
HOMES = "household_poverty"


def joint(code="en"):
    evaluation = shipped().evaluation
    return View(
        shipped(),
        everywhere(),
        evaluation.everywhere,
        evaluation.years(),
        evaluation.language(code),
    )


def readable(figure, alt, data):
    chart = Chart("", "", "", figure, alt, data)
    faults = (cut, overlapping, struck_through, marks_outside, not_in_the_table)
    assert {fault.__name__: fault(chart) for fault in faults if fault(chart)} == {}


def rows_of(table):
    page = BeautifulSoup(table.html, "html.parser")
    return [[cell.get_text() for cell in row.select("th, td")] for row in page.select("tbody tr")]


# --- slopes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", REGIONS)
def test_the_region_comes_first_then_the_country_then_the_others_in_fixed_order(region):
    found = slopes.slopes(view(region), POVERTY)
    others = [code for code in REGIONS if code != region]
    names = [view(region).area(code) for code in (region, "peru", *others)]
    assert [slope.name for slope in found] == names
    assert [slope.colour for slope in found] == [HERE, INK, BESIDE, BESIDE, BESIDE]
    assert [slope.marker for slope in found] == ["o", "s", "D", "D", "D"], "shapes tell them apart"


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
def test_each_line_goes_from_baseline_to_outcome(indicator):
    asked = view("cusco")
    (axes,) = slopes.chart(asked, indicator).axes
    drawn = [tuple(line.get_ydata()) for line in axes.lines]
    found = slopes.slopes(asked, indicator)
    assert drawn[::-1] == [(slope.before["value"], slope.after["value"]) for slope in found]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["2009", "2013"]
    for slope in found:
        for year, line in ((2009, slope.before), (2013, slope.after)):
            where = {"region": line["region"], "period": str(year), "statistic": "level"}
            assert line["value"] == asked.one(indicator=indicator, **where)["value"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_ends_are_named_and_numbered(code):
    asked = view("lambayeque", code)
    figure = slopes.chart(asked, POVERTY)
    texts = {text.get_text() for text in figure.axes[0].texts}
    country = {"en": "Peru", "es": "Perú"}[code]
    assert {"37.1", "24.7  Lambayeque", f"23.9  {country}", "18.8  Cusco"} <= texts
    assert len(texts) == 10
    readable(figure, slopes.alt(asked, POVERTY), slopes.data(asked, POVERTY))


def test_ends_on_one_value_are_written_apart():
    same = view("puno")
    for code in (*REGIONS, "peru"):
        same = edited(same, {"value": 30.0}, indicator=POVERTY, region=code, statistic="level")
    readable(slopes.chart(same, POVERTY), slopes.alt(same, POVERTY), slopes.data(same, POVERTY))


def test_intervals_are_drawn_where_there_are_any_and_simulated_says_so():
    asked = view("cusco")
    figure = slopes.chart(asked, HOMES)
    found = slopes.slopes(asked, HOMES)
    assert len(found) >= 2
    drawn = {
        tuple(end[1] for end in part)
        for collection in figure.axes[0].collections
        for part in collection.get_segments()
    }
    expected = {
        (line["low"], line["high"]) for slope in found for line in (slope.before, slope.after)
    }
    assert drawn == expected
    assert not slopes.chart(asked, POVERTY).axes[0].collections, "none is published"
    assert figure.get_suptitle().startswith("SIMULATED: ")
    assert "SIMULATED" in [text.get_text() for text in figure.texts]
    table = slopes.data(asked, HOMES)
    assert "badge" in table.html
    first = rows_of(table)[0][1]
    assert first == (
        f"{asked.number(found[0].before)} ({asked.number(found[0].before, 'low')} to "
        f"{asked.number(found[0].before, 'high')})"
    )
    assert first in slopes.alt(asked, HOMES)


def test_the_title_tells_unit_years_and_prices():
    title = slopes.chart(view(), INCOME).get_suptitle()
    assert title == "Real mean labour income (soles a month, at 2013 prices), from 2009 to 2013"
    assert slopes.chart(view(), INCOME).get_supxlabel() == "Source: S3, S9"


def test_the_table_tells_both_years_and_the_change():
    rows = rows_of(slopes.data(view("puno"), POVERTY))
    assert rows[0] == ["Puno", "49.3", "32.4", "−16.9"]
    assert [row[0] for row in rows] == ["Puno", "Peru", "Ayacucho", "Cusco", "Lambayeque"]


def test_the_description_tells_ends_direction_and_range():
    said = slopes.alt(view("puno"), POVERTY)
    assert "Puno: 49.3 in 2009, 32.4 in 2013. It fell by 16.9 percentage points." in said
    assert said.endswith("All values lie between 18.8% and 58.8%.")


def test_an_area_without_both_years_is_left_out_and_without_any_there_is_no_chart():
    assert slopes.known(view(), POVERTY)
    assert not slopes.known(view(), INFORMAL)
    asked = view("ayacucho")
    kept = asked.lines[(asked.lines["region"] != "peru") | (asked.lines["period"] != "2009")]
    names = [slope.name for slope in slopes.slopes(view("ayacucho", lines=kept), POVERTY)]
    assert names == ["Ayacucho", "Cusco", "Puno", "Lambayeque"]


def test_a_region_for_comparison_is_drawn_beside_all_of_the_programmes():
    names = [slope.name for slope in slopes.slopes(view("ica"), POVERTY)]
    assert names == ["Ica", "Peru", "Ayacucho", "Cusco", "Puno", "Lambayeque"]


# --- small multiples ----------------------------------------------------------------------------


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
@pytest.mark.parametrize("code", LANGUAGES)
def test_one_panel_a_region_in_fixed_order_on_one_scale_with_the_country_behind(indicator, code):
    asked = joint(code)
    figure = panels.chart(asked, indicator)
    names = [axes.get_title(loc="left") for axes in figure.axes]
    assert names == ["Ayacucho", "Cusco", "Puno", "Lambayeque"]
    for axes, region in zip(figure.axes, REGIONS, strict=True):
        assert (axes.get_xlim(), axes.get_ylim()) == (
            figure.axes[0].get_xlim(),
            figure.axes[0].get_ylim(),
        )
        assert axes.get_ylim()[0] == 0
        areas = [("peru", BESIDE), (region, HERE)] if indicator == POVERTY else [(region, HERE)]
        lines = [line for line in axes.lines if line.get_linestyle() == "-"]
        for line, (area, colour) in zip(lines, areas, strict=True):
            rows = asked.select(indicator=indicator, region=area, statistic="level")
            values = dict(zip(rows["period"].astype(int), rows["value"], strict=True))
            assert dict(zip(line.get_xdata(), line.get_ydata(), strict=True)) == values
            assert same_color(line.get_color(), colour)
        (rings,) = (line for line in axes.lines if line.get_marker() == "o")
        assert list(rings.get_xdata()) == [2009, 2013]
        (band,) = axes.patches
        assert same_color(band.get_facecolor(), PALE)
        ticks = axes.get_xticks()
        assert max(ticks) <= 2013, "no year without a value"
    readable(figure, panels.alt(asked, indicator), panels.levels(asked, indicator))


def test_panels_say_what_is_grey_and_what_is_shaded():
    figure = panels.chart(joint(), POVERTY)
    assert figure.get_suptitle() == (
        "Total monetary poverty (%), each region with the programme; grey: Peru"
    )
    assert figure.get_supxlabel() == "Source: S1, S2. Shaded: the programme's planned years"


def test_the_panels_table_holds_every_year_and_area():
    rows = rows_of(panels.levels(joint(), POVERTY))
    assert [row[0] for row in rows] == [str(year) for year in range(2004, 2014)]
    assert rows[5] == ["2009", "58.8", "40.4", "49.3", "37.1", "33.5"]


def test_the_description_of_the_panels_tells_extremes_and_direction():
    said = panels.alt(joint(), POVERTY)
    assert (
        "Ayacucho: highest in 2005 (78.6%), lowest in 2010 (48.2%). It fell by 6.9 percentage "
        "points from 2009 to 2013."
    ) in said
    missing = edited(joint(), {"value": math.nan}, indicator=POVERTY, region="cusco",
                     statistic="change")  # fmt: skip
    assert "nan" not in panels.alt(missing, POVERTY)
