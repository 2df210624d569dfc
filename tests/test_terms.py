"""What codes are called: every one has words of its own, in both languages."""

import re
from functools import cache
from pathlib import Path

import pytest

from icanalysis import terms
from icanalysis.dossier import region_lines
from icanalysis.evaluation import Years
from icanalysis.load import open_data

DATA = Path(__file__).parents[1] / "data"
REGIONS = ("ayacucho", "cusco", "puno", "lambayeque")
LANGUAGES = ("es", "en")
CHANGES = (
    "depends_on_baseline",
    "no_interval",
    "sensitivity",
    "no_data",
    "not_comparable",
    "distinguishable",
    "not_distinguishable",
)
GROUPS = (
    "all",
    "area:urban",
    "area:rural",
    "sex:woman",
    "sex:man",
    "indigenous_language:true",
    "indigenous_language:false",
    "sector:agriculture",
    "sector:industry",
    "sector:services",
)


@cache
def shipped():
    return open_data(DATA)


@cache
def evidence(region):
    return region_lines(shipped(), region, Years(baseline=2009, outcome=2013))


def reader(code):
    return shipped().evaluation.language(code)


# --- statuses -------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_status_has_a_shape_and_a_word_of_its_own(code):
    said = [
        terms.status(status, reader(code))
        for status in ("achieved", "on_track", "moderate", "off_track", "not_known")
    ]
    shapes, words = zip(*(text.split(" ", 1) for text in said), strict=True)
    assert shapes == ("●", "◕", "◑", "◔", "○")
    assert len(set(words)) == 5


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_way_to_read_a_change_has_words_of_its_own(code):
    said = [terms.change_status(status, reader(code)) for status in CHANGES]
    assert all(said)
    assert len(set(said)) == len(CHANGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_group_of_households_has_words_of_its_own(code):
    said = [terms.group(group, reader(code)) for group in GROUPS]
    assert len(set(said)) == len(GROUPS)
    assert not set(said) & set(GROUPS), "a code is no name"
    households = {item.indicator for item in shipped().evaluation.households.indicators}
    lines = evidence("cusco")
    assert set(lines.loc[lines["indicator"].isin(households), "group"]) == set(GROUPS)


def test_files_of_the_survey_are_named_and_simulated_households_said_to_be():
    assert terms.survey_source("E1: sumaria-2015.dta", reader("es")) == "E1: sumaria-2015.dta"
    simulated = [terms.survey_source("simulated: seed 2013", reader(code)) for code in LANGUAGES]
    assert simulated == ["hogares simulados (semilla 2013)", "simulated households (seed 2013)"]


def test_a_change_that_depends_on_its_baseline_is_told_as_rise_or_fall():
    english, spanish = (terms.change_status(CHANGES[0], reader(code)) for code in ("en", "es"))
    assert english == "rise or fall, according to the baseline year"
    assert spanish == "sube o baja, según el año de base"


def test_every_status_of_a_line_has_words():
    for region in (*REGIONS, "ica"):
        lines = evidence(region)
        for code in LANGUAGES:
            language = reader(code)
            for status in lines.loc[lines["statistic"] == "change", "status"].unique():
                assert terms.change_status(status, language)
            for line in lines[lines["statistic"] == "achievement"].itertuples():
                assert terms.status(line.status, language)


# --- places in sources ----------------------------------------------------------------


def test_places_in_sources_are_told_in_spanish():
    spanish = reader("es")
    places = set().union(*(evidence(region)["source"] for region in REGIONS))
    tables = ("reported_values", "targets", "commitments", "register", "fairs", "studies")
    for name in tables:
        frame = shipped().table(name)
        column = next(c for c in ("place_in_source", "place") if c in frame)
        places |= set(frame[column].dropna())
    told = " ".join(terms.source(place, spanish) for place in places)
    english = {"section", "bullet", "paragraph", "text", "opening", "cover", "page", "pages",
               "achievements", "framework", "read", "table", "chapter", "foreword"}  # fmt: skip
    assert not english & set(re.findall(r"[a-z]+", told.lower()))


@pytest.mark.parametrize(
    ("place", "spanish"),
    [
        ("P1: section 4, bullet 2", "P1: sección 4, viñeta 2"),
        ("P3: opening text, main achievements", "P3: texto inicial, principales logros"),
        ("P1: section 4; P7: cover", "P1: sección 4; P7: portada"),
        # Only whole words: a place's own name may hold one of them.
        ("P1: subsection 4", "P1: subsection 4"),
        ("P1: coverage and bulletin", "P1: coverage and bulletin"),
        ("P1: discover, paragraphs", "P1: discover, paragraphs"),
    ],
)
def test_only_whole_words_of_a_place_are_told_otherwise(place, spanish):
    assert terms.source(place, reader("es")) == spanish
    assert terms.source(place, reader("en")) == place
