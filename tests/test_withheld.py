"""Pages on which figures are withheld: they say so, in every place, and never a number or a gap."""

import re
from functools import cache

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from shipped import LANGUAGES, REGIONS, evidence, shipped, view, without

from icanalysis import alike, homes, makers, states
from icanalysis.asked import Disclosure
from icanalysis.disclosure import SUPPRESSED, of_households, protect
from icanalysis.likeness import BALANCE, FOLLOWED
from icanalysis.producers import read_waves
from icanalysis.results import NUMBERS, merge
from icanalysis.shielded import counted, held_by, producer_lines
from icanalysis.visits import followed

WORD = {"es": "■ reservado", "en": "■ suppressed"}
# So many producers and households that some groups of Cusco fall below, or all do.
SOME, EVERYBODY = (25, 130), (10**6, 10**6)
HOMES = ("household_poverty", "living_badly")


@cache
def lines(people):
    data = shipped()
    rule = Disclosure(people=people[0])
    evaluation = data.evaluation.model_copy(update={"disclosure": Disclosure(people=people[1])})
    found = evidence("cusco")
    plan = evaluation.producers
    asked = [*(item.indicator for item in plan.indicators), "producer_index", BALANCE, FOLLOWED]
    of_makers = found["indicator"].isin(asked)
    of_homes = found["indicator"].isin(HOMES)
    told = found[of_makers].reset_index(drop=True)
    held = held_by(followed(data, plan, read_waves(data, plan)), set(), rule.dominance, "programme")
    return merge(
        [
            found[~of_makers & ~of_homes],
            of_households(found[of_homes].reset_index(drop=True), evaluation),
            protect(told, counted(told, held), rule, "programme").lines,
        ]
    )


def asked(people, code="en"):
    return view("cusco", code, lines=lines(people))


def exhibits(here):
    yield makers.effects(here)
    yield makers.groups(here)
    yield from (part(here) for part in (alike.balance, alike.followed, alike.hidden))
    yield from (homes.estimates(here, code) for code in HOMES)


def descriptions(here):
    return [makers.alt(here), *(homes.alt(here, code) for code in HOMES)]


def sentences(here):
    return [*makers.sentences(here), *homes.sentences(here)]


def plain(html):
    return BeautifulSoup(html, "html.parser").get_text(" ")


def rows_of(html):
    body = BeautifulSoup(html, "html.parser").find("tbody")
    return [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
        for row in body.find_all("tr")
    ]


@pytest.mark.parametrize("people", [SOME, EVERYBODY])
@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_withheld_is_written_as_a_number(people, code):
    here = asked(people, code)
    word = WORD[code].removeprefix("■ ")
    told = [*sentences(here), *descriptions(here), *(plain(each.html) for each in exhibits(here))]
    assert any(word in each.lower() for each in told)
    for each in told:
        assert not re.search(r"\bnan\b|none\b(?= \()", each, re.IGNORECASE), each
        assert "(–)" not in each
        assert "––" not in each


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_sentence_of_what_is_wholly_withheld_holds_a_figure(code):
    for said in sentences(asked(EVERYBODY, code)):
        assert not re.search(r"\d", re.sub(r"\b20(09|13)\b", "", said)), said


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_withheld_cell_of_a_table_has_the_word(code):
    here = asked(EVERYBODY, code)
    for exhibit in exhibits(here):
        for row in rows_of(exhibit.html):
            assert all(WORD[code] in cell for cell in row[1:]), row


def test_a_group_withheld_stands_beside_those_shown():
    here = asked(SOME)
    shown = lines(SOME)
    mine = shown[(shown["region"] == "cusco") & (shown["indicator"] == "household_poverty")]
    hidden = mine[(mine["status"] == SUPPRESSED) & (mine["statistic"] == "level")]
    assert 0 < len(hidden) < (mine["statistic"] == "level").sum(), "some, and not all"
    found = {row[0]: row for row in rows_of(homes.estimates(here, "household_poverty").html)}
    assert any(WORD["en"] in cell for row in found.values() for cell in row)
    assert WORD["en"] not in " ".join(found["All"])


@pytest.mark.parametrize("people", [SOME, EVERYBODY])
def test_charts_name_what_they_do_not_draw(people):
    here = asked(people)
    for figure in (makers.chart(here), homes.chart(here, "household_poverty")):
        (axes,) = figure.axes
        names = [label.get_text() for label in axes.get_yticklabels()]
        assert any(WORD["en"] in name for name in names)
        drawn = [y for line in axes.lines for y in line.get_ydata() if line.get_marker() in "oD"]
        written = [text.get_text() for text in axes.texts]
        assert not [text for text in written if "nan" in text]
        assert (people == EVERYBODY) is (not drawn)


def test_producers_are_withheld_by_the_rule_of_the_evaluation():
    made = producer_lines(without(disclosure=Disclosure(people=EVERYBODY[0])))
    assert set(made["region"]) == {*REGIONS, "programme"}
    assert made[list(NUMBERS)].isna().all(axis=None)
    assert set(made["status"]) == {SUPPRESSED, "not_known"}


def test_coverage_tells_suppressed_from_missing():
    data = shipped()
    found = states.cells(data, lines(EVERYBODY), data.evaluation.years())
    here = found[(found["region"] == "cusco") & (found["breakdown"] == "total")]
    state = here.set_index("indicator")["state"]
    assert state["household_poverty"] == state["producer_income"] == SUPPRESSED
    assert not pd.isna(state).any()
