"""A reader's view of a region: which lines it quotes, and how it writes their values."""

import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from icanalysis.errors import WorkbookError
from icanalysis.evaluation import JOINT
from icanalysis.language import language
from icanalysis.view import open_view

DATA = Path(__file__).parents[1] / "data"


@cache
def spanish():
    return open_view("ayacucho", baseline=2009, outcome=2013, language="es", data_dir=DATA)


def english():
    return replace(spanish(), language=spanish().data.evaluation.language("en"))


def line(**values):
    """A line of evidence of the view, with some of its values replaced."""
    found = english().change("poverty_total").copy()
    for name, value in values.items():
        found[name] = value
    return found


# --- what is refused ------------------------------------------------------------------


def test_a_region_nobody_knows_is_refused_with_the_nearest_one():
    with pytest.raises(WorkbookError) as refused:
        open_view("ayacuho", baseline=2009, outcome=2013, language="en", data_dir=DATA)
    said = refused.value.told(language("en"))
    assert said.startswith("Region “ayacuho” is not known. Did you mean “ayacucho”? Known: ")


def test_years_without_data_are_refused_with_the_years_there_are():
    with pytest.raises(WorkbookError) as refused:
        open_view("cusco", baseline=1990, outcome=2013, language="en", data_dir=DATA)
    assert refused.value.told(language("en")) == (
        "There are no data for 1990 in cusco: the table “poverty” has 2004-2013."
    )


def test_several_lines_where_one_was_asked_are_a_fault_of_the_code():
    with pytest.raises(ValueError, match="lines where one was asked"):
        english().one(statistic="level")


# --- which lines ----------------------------------------------------------------------


def test_one_line_is_found_or_none():
    assert english().one(indicator="poverty_total", period="1900") is None
    found = english().one(
        indicator="poverty_total", region="ayacucho", period="2009", statistic="level"
    )
    assert found["value"] == 58.8


def test_lines_of_the_region_are_its_own_and_the_joint_ones_it_is_in():
    places = english().lines["region"]
    mine = set(places[english().here])
    assert mine == {"ayacucho", "ayacucho+cusco"}
    # Neither the programme, nor the country, nor a name that merely contains the region's.
    assert {"programme", "peru"} <= set(places[~english().here])
    renamed = english().lines.assign(region="sub" + places)
    assert not replace(english(), lines=renamed).here.any()


def test_the_change_of_another_region_is_that_of_the_same_years():
    country = english().change("poverty_total", "peru")
    assert (country["region"], country["period"]) == ("peru", "2009-2013")
    assert country["value"] == pytest.approx(23.9 - 33.5)
    assert english().change("poverty_total")["value"] == pytest.approx(51.9 - 58.8)


def test_indicators_are_ranked_in_the_order_of_their_records():
    codes = english().lines["indicator"].drop_duplicates()
    order = list(english().data.table("indicators")["indicator"])
    assert list(codes.iloc[english().rank(codes).argsort()]) == [
        code for code in order if code in set(codes)
    ]


def test_delivered_are_figures_in_use_in_the_order_of_the_records():
    delivered = english().delivered
    assert set(delivered["statistic"]) == {"level"}
    assert set(delivered["status"]) == {"used"}
    records = english().data.table("indicators")
    order = list(records["indicator"])
    places = [order.index(code) for code in delivered["indicator"]]
    assert places == sorted(places)
    # The lines themselves stand in another order, so the one above was made.
    shuffled = replace(english(), lines=english().lines.iloc[::-1])
    assert list(shuffled.delivered["indicator"]) == list(delivered["indicator"])


def test_statements_about_the_situation_are_not_delivered():
    level = english().data.table("indicators").set_index("indicator")["level"]
    used = english().select(statistic="level", status="used")
    context = used["indicator"].map(level) == "context"
    assert context.any()
    assert set(english().delivered.index) == set(used.index[~context])


# --- how a value is written -----------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        pytest.param("percent", 58.84, "58.8", id="percent to one decimal"),
        pytest.param("percentage_points", -6.9, "−6.9", id="typographic minus"),
        pytest.param("ratio", 0.256, "0.26", id="ratio to two decimals"),
        pytest.param("families", 2423944.0, "2,423,944", id="counts whole, as Peru groups them"),
        pytest.param("percent", -0.04, "0.0", id="no minus on what rounds to zero"),
        pytest.param("percent", math.nan, "—", id="missing is a dash"),
        pytest.param("percent", 89.05, "89.1", id="halves away from zero, not to even"),
        pytest.param("percentage_points", -1.05, "−1.1", id="halves of a fall too"),
        pytest.param("soles", 1270.5, "1,271", id="half a sol is written as one"),
    ],
)
def test_decimals_follow_the_unit_in_both_languages(unit, value, expected):
    for view in (spanish(), english()):
        assert view.number(line(unit=unit, value=value)) == expected


def test_only_a_signed_number_shows_a_plus_and_zero_never_does():
    assert english().number(line(value=3.7), signed=True) == "+3.7"
    assert english().number(line(value=3.7)) == "3.7"
    assert english().number(line(value=0.0), signed=True) == "0.0"


def test_a_missing_value_has_no_unit():
    assert english().value(line(value=math.nan)) == "—"


def test_the_unit_of_one_is_singular():
    stove = {"indicator": "improved_stove_communities", "unit": "communities"}
    assert english().value(line(**stove, value=1.0)) == "1 community"
    assert english().value(line(**stove, value=2.0)) == "2 communities"
    assert spanish().value(line(**stove, value=1.0)) == "1 comunidad"
    assert spanish().value(line(**stove, value=0.0)) == "0 comunidades"


def test_percent_stands_at_its_number_and_points_are_named():
    assert english().value(line(unit="percent", value=58.8)) == "58.8%"
    assert english().value(line()) == "−6.9 percentage points"
    assert spanish().value(line()) == "−6.9 puntos porcentuales"


def test_the_evaluation_says_how_numbers_are_written():
    evaluation = spanish().data.evaluation
    locale = evaluation.languages.locale.model_copy(update={"es": "es_ES"})
    languages = evaluation.languages.model_copy(update={"locale": locale})
    spain = evaluation.model_copy(update={"languages": languages}).language("es")
    view = replace(spanish(), language=spain)
    assert view.number(line(unit="persons", value=2423944.0)) == "2.423.944"


# --- names ----------------------------------------------------------------------------


def test_places_are_named_in_the_readers_language():
    assert spanish().area("peru") == "Perú"
    assert english().area("peru") == "Peru"
    assert english().area("ayacucho" + JOINT + "cusco") == "Ayacucho and Cusco"
    assert spanish().area("ayacucho" + JOINT + "cusco") == "Ayacucho y Cusco"
    assert spanish().area("programme") == "Todo el programa"


def test_a_group_is_a_sector_a_population_both_or_neither():
    groups = set(english().delivered["group"])
    both = next(group for group in groups if ";" in group)
    sector, population = english().split_group(both)
    assert sector in {"crafts", "organic agriculture", "gastronomy", "rural community tourism"}
    assert population not in {"", both}
    assert english().split_group("all") == ("", "")
    assert english().split_group("crafts") == ("crafts", "")
    assert english().split_group("agriculture+crafts")[0] == "organic agriculture and crafts"


def test_an_absent_code_has_no_label():
    assert english().label("indicators", "component", None) == ""
    assert english().label("indicators", "component", math.nan) == ""


def test_a_value_its_source_prints_in_words_is_told_in_words():
    told = {
        code: [
            asked.value(asked.one(indicator=name, statistic="level"))
            for name in ("informal_gdp_share_stated", "target_quintile")
        ]
        for code, asked in (("es", spanish()), ("en", english()))
    }
    assert told == {
        "es": ["dos tercios", "el quintil más pobre"],
        "en": ["two thirds", "the poorest quintile"],
    }
    kept = english().one(indicator="informal_gdp_share_stated", statistic="level")
    assert kept["value"] == 66.7, "results.csv keeps the number"
