"""Reference sheets: one for every indicator, the same in both languages, nothing guessed."""

import re
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from shipped import LANGUAGES, REGIONS, changed, edited, evidence, shipped, view

from icanalysis import render, results, sheets
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import Agency, Years
from icanalysis.language import language
from icanalysis.view import View

INDICATORS = list(shipped().table("indicators")["indicator"])
ENGLISH = language("en")
UNKNOWN = "○ not known"


@cache
def everywhere(code="en"):
    """The view a run's page is made from: the lines of all its reports."""
    evaluation = shipped().evaluation
    lines = results.merge(evidence(region) for region in REGIONS)
    years = Years(baseline=2009, outcome=2013)
    return View(shipped(), lines, evaluation.everywhere, years, evaluation.language(code))


@cache
def rows(indicator, code="en"):
    return dict(sheets.build(everywhere(code), indicator).rows)


def said(indicator, label):
    return list(rows(indicator)[label])


def with_record(indicator, **cells):
    """A view of the data in which some cells of an indicator's record are others."""
    frame = shipped().table("indicators")
    for name, cell in cells.items():
        frame.loc[frame["indicator"] == indicator, name] = cell
    return replace(everywhere(), data=changed(indicators=frame))


# --- every indicator ------------------------------------------------------------------------


@pytest.mark.parametrize("indicator", INDICATORS)
def test_both_languages_have_the_same_rows(indicator):
    spanish, english = (rows(indicator, code) for code in LANGUAGES)
    assert len(spanish) == len(english) >= 22
    for one, other in zip(spanish.values(), english.values(), strict=True):
        assert len(one) == len(other)
        assert [part[0] == "○" for part in one] == [part[0] == "○" for part in other]
    assert spanish["Código"] == english["Code"] == (indicator,)
    assert spanish["Definición"] != english["Definition"]


@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_sheet_has_its_definition_rationale_and_limits(indicator):
    for code in LANGUAGES:
        told = rows(indicator, code)
        labels = {
            "es": ("Definición", "Justificación", "Limitaciones conocidas"),
            "en": ("Definition", "Rationale", "Known limitations"),
        }
        for label in labels[code]:
            (text,) = told[label]
            assert len(text) > 30
            assert not text.startswith("○")


@pytest.mark.parametrize("indicator", INDICATORS)
def test_values_are_the_same_numbers_in_both_languages(indicator):
    numbers = [
        [re.findall(r"\d[\d.,]*\d|\d", part) for part in rows(indicator, code)[label]]
        for code, label in (("es", "Valores"), ("en", "Values"))
    ]
    assert numbers[0] == numbers[1]


def test_no_code_stands_where_a_word_belongs():
    fields = {item.name: item for item in shipped().catalog.tables["indicators"].fields}
    coded = ("level", "component", "direction", "aggregation", "period_type", "measure", "dac")
    for name in (*coded, "frequency"):
        assert set(fields[name].labels) == set(fields[name].choices), name


def test_every_percentage_says_of_what_it_is_a_share():
    frame = shipped().table("indicators")
    shares = frame[frame["measure"] == "percentage"]
    parts = [f"{part}_{code}" for part in ("numerator", "denominator") for code in LANGUAGES]
    assert shares[parts].notna().all(axis=None)


# --- what is said ---------------------------------------------------------------------------


def test_a_published_count_with_all_its_values():
    assert said("ventures_financed", "Values") == [
        "Whole programme: 94 ventures; also published: 55 (P3, P4, P5); 58 (P2)"
    ]
    assert said("ventures_financed", "Source")[0] == (
        "P1: Estudio de caso: Las industrias creativas alivian la pobreza. SDG Fund; "
        "section 4, bullet 2"
    )
    assert said("ventures_financed", "Calculation") == [
        "a total: it has no numerator or denominator"
    ]
    assert "Numerator" not in rows("ventures_financed")


def test_what_nobody_published_is_not_known():
    for label in ("Frequency", "Responsible", "Baseline"):
        assert said("ventures_financed", label) == [UNKNOWN]
    unknown, why = said("ventures_financed", "Target")
    assert unknown == UNKNOWN
    assert "were looked for" in why


def test_how_a_published_figure_came_to_be():
    assert said("officials_trained", "Method") == [
        "Published figure, copied as it stands; how it was obtained was not read."
    ]
    assert said("fairs_attended", "Method")[0].startswith("Counted or added up here")


def test_regions_of_a_series_stand_in_the_order_of_the_evaluation():
    values = said("poverty_total", "Values")
    assert [value.partition(":")[0] for value in values] == [
        "Ayacucho", "Cusco", "Puno", "Lambayeque", "Peru",
    ]  # fmt: skip
    assert values[0] == "Ayacucho: 58.8% (2009), 51.9% (2013)"
    assert said("poverty_total", "Baseline") == ["the values of 2009, below"]


def test_a_series_without_its_baseline_year_says_so():
    assert said("informal_employment", "Values")[0] == "Ayacucho: 89.1% (2011), 88.7% (2013)"
    assert said("informal_employment", "Baseline") == [
        f"{UNKNOWN}: the series has no figure of 2009"
    ]


def test_amounts_say_whose_prices_they_are_at():
    assert said("labour_income_real", "Values")[0].endswith("at 2013 prices")


def test_an_interval_without_a_value():
    first = said("poverty_total_group", "Values")[0]
    assert first.startswith("Ayacucho: 95% interval 53.0–57.4% (2009)")


def test_joint_figures_and_sectors_are_named():
    assert said("artisan_workshops", "Values") == ["Ayacucho and Cusco (crafts): 10 workshops"]
    assert said("artisan_workshops", "Disaggregated by") == ["nothing: it was not broken down"]
    assert said("ict_certified", "Disaggregated by") == ["sector and population"]
    assert said("household_poverty", "Disaggregated by")[0].startswith("region, urban or rural")
    assert said("producer_income", "Disaggregated by") == [
        "region, sex, area, sector and mother tongue"
    ]


def test_an_indicator_no_report_quotes():
    for label in ("Values", "Source", "Disaggregated by"):
        assert said("poverty_extreme", label) == ["none of its figures is quoted in these reports"]


@pytest.mark.parametrize(
    ("indicator", "iati"),
    [
        ("ventures_financed",
         "result type: 1 (Output) · measure: 1 (Unit) · ascending: 1 · aggregation-status: 1"),
        ("poverty_total",
         "result type: 9 (Other) · measure: 2 (Percentage) · ascending: 0 · aggregation-status: 0"),
        ("target_quintile",
         "result type: 9 (Other) · measure: 4 (Ordinal) · aggregation-status: 0"),
    ],
)  # fmt: skip
def test_the_words_of_iati(indicator, iati):
    assert said(indicator, "In IATI 2.03") == [iati]
    assert list(rows(indicator, "es")["En IATI 2.03"]) == [iati]


def test_a_goal_is_said_to_be_assigned_afterwards_only_to_an_older_programme():
    assert said("ventures_financed", "Sustainable Development Goal") == [
        "8.3 (assigned afterwards: the programme is older than the 2030 Agenda)"
    ]
    period = shipped().evaluation.programme.period.model_copy(update={"end": 2020})
    programme = shipped().evaluation.programme.model_copy(update={"period": period})
    data = replace(
        shipped(), evaluation=shipped().evaluation.model_copy(update={"programme": programme})
    )
    told = dict(sheets.build(replace(everywhere(), data=data), "ventures_financed").rows)
    assert told["Sustainable Development Goal"] == ("8.3",)


# --- simulated ------------------------------------------------------------------------------


def test_simulated_figures_are_badged_and_never_quoted():
    made = [sheets.build(everywhere(), code) for code in INDICATORS]
    simulated = {each.code for each in made if each.simulated}
    assert simulated == {code for code in INDICATORS if code.startswith("producer")} | {
        "household_poverty",
        "living_badly",
    }
    for each in made:
        if each.simulated:
            told = dict(each.rows)
            assert told["Values"] == ("only SIMULATED ones, which are not quoted here",)
            assert told["Source"] == ("SIMULATED data: there are no real ones here",)


def test_real_survey_figures_are_quoted_with_their_interval():
    asked = edited(view("cusco"), {"source_kind": "survey", "source": "E1: sumaria"},
                   indicator="household_poverty")  # fmt: skip
    made = sheets.build(asked, "household_poverty")
    assert not made.simulated
    first = dict(made.rows)["Values"][0]
    assert re.fullmatch(r"Cusco: [\d.]+% \[[\d.]+–[\d.]+\] \(2009\), .*\(2013\)", first)
    assert dict(made.rows)["Source"][0].startswith("E1: Encuesta Nacional de Hogares")


# --- what changes with the data -------------------------------------------------------------


def test_a_target_that_was_found_is_told_with_its_year_and_source():
    frame = shipped().table("targets")
    chosen = (frame["indicator"] == "ventures_financed") & (frame["region"] == "programme")
    assert chosen.sum() == 1
    frame.loc[chosen, ["target", "target_year"]] = [100, 2012]
    asked = replace(everywhere(), data=changed(targets=frame))
    told = dict(sheets.build(asked, "ventures_financed").rows)
    assert told["Target"][0] == (
        "Whole programme: 100 ventures (2012) [P7: results framework, not read]"
    )
    assert told["Baseline"] == (UNKNOWN,)


@pytest.mark.parametrize(("region", "near"), [("ayacucho", False), ("cusco+puno", True)])
def test_a_target_of_another_region_is_not_told_to_an_agency_confined_to_one(region, near):
    frame = shipped().table("targets")
    chosen = (frame["indicator"] == "improved_stove_communities") & (frame["region"] == "programme")
    row = frame[chosen].assign(region=region, target=877.0, target_year=2012)
    asked = replace(everywhere(), data=changed(targets=pd.concat([frame, row])))
    assert "877" in str(dict(sheets.build(asked, "improved_stove_communities").rows)["Target"])
    agency = Agency(code="a", name={"es": "A", "en": "A"}, regions=("cusco",))
    confined = replace(asked, places=shipped().evaluation.places(agency))
    told = dict(sheets.build(confined, "improved_stove_communities").rows)
    assert ("877" in str(told["Target"])) == near
    assert dict(sheets.build(confined, "poverty_total").rows)["Target"]  # it has no record at all


def test_a_record_without_the_fields_of_a_sheet_is_shown_as_not_known():
    lacking = ["method", "responsible", "rationale"]
    frame = shipped().table("indicators")
    frame = frame.drop(columns=[f"{name}_{code}" for name in lacking for code in LANGUAGES])
    frame = frame.drop(columns=["updated", "frequency"])
    asked = replace(everywhere(), data=changed(indicators=frame))
    told = dict(sheets.build(asked, "poverty_total").rows)
    for label in ("Method", "Responsible", "Rationale", "Frequency", "Sheet last updated"):
        assert told[label] == (UNKNOWN,)


def test_an_unknown_indicator_is_refused_with_the_nearest():
    with pytest.raises(WorkbookError) as error:
        sheets.sheet(everywhere(), "poverty_totl")
    assert "Did you mean “poverty_total”?" in error.value.told(ENGLISH)


# --- in a notebook, and as a page -----------------------------------------------------------


def test_a_notebook_shows_a_sheet_as_a_list_of_terms():
    made = BeautifulSoup(sheets.sheet(everywhere(), "poverty_total").html, "html.parser")
    assert made.figcaption.get_text(strip=True) == "Total monetary poverty"
    terms = [term.get_text() for term in made.select("dl dt")]
    assert terms == list(rows("poverty_total"))
    badge = BeautifulSoup(sheets.sheet(everywhere(), "producer_income").html, "html.parser")
    assert badge.select_one("figcaption .badge").get_text() == "SIMULATED"


@cache
def page(code):
    links = [{"href": "../index.html", "text": "All"},
             {"href": "../es/indicators.html", "text": "Español", "language": "es"}]  # fmt: skip
    made = render.sheets_page(
        everywhere(code), sheets.by_level(everywhere(code)), links=links, footer="Made by hand."
    )
    assert made.startswith("<!DOCTYPE html>")
    return BeautifulSoup(made, "html.parser")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_holds_every_sheet_under_its_code(code):
    made = page(code)
    assert made.html["lang"] == code
    assert sorted(section["id"] for section in made.select("section")) == sorted(INDICATORS)
    assert len(made.find_all("h1")) == 1
    for section in made.select("section"):
        assert len(section.select("dl dt")) == len(rows(section["id"], code))


@pytest.mark.parametrize("code", LANGUAGES)
def test_contents_lead_to_every_level_and_every_sheet(code):
    made = page(code)
    anchors = [link["href"].removeprefix("#") for link in made.nav.find_all("a")]
    levels = ["level-output", "level-outcome", "level-context"]
    assert [anchor for anchor in anchors if anchor.startswith("level-")] == levels
    assert sorted(set(anchors) - set(levels)) == sorted(INDICATORS)
    ids = [tag["id"] for tag in made.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert set(anchors) <= set(ids)


def test_sheets_stand_under_their_level():
    order = [tag["id"] for tag in page("en").main.find_all(["h2", "section"]) if tag.has_attr("id")]
    level = shipped().table("indicators").set_index("indicator")["level"]
    current = ""
    for name in order:
        if name.startswith("level-"):
            current = name.removeprefix("level-")
        else:
            assert level[name] == current


def test_nothing_is_loaded_from_outside():
    made = page("es")
    assert made.find_all(["script", "link", "iframe", "object", "img"]) == []
    policy = made.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert made.header.find("a", lang="es")["hreflang"] == "es"


def test_names_in_the_data_are_never_markup():
    hostile = "<script>alert(1)</script>"
    asked = with_record("poverty_total", name_en=hostile, definition_en=hostile)
    made = BeautifulSoup(
        render.sheets_page(asked, sheets.by_level(asked), links=[], footer=hostile), "html.parser"
    )
    assert made.find("script") is None
    assert made.find(id="poverty_total").h3.get_text() == hostile
