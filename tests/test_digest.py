"""A page for an agency confined to some figures: those, all that is known of them, and no other."""

import re
from functools import cache

import numpy as np
import pytest
from bs4 import BeautifulSoup
from shipped import LANGUAGES, evidence, shipped

from icanalysis import bundle, choices, digest, dossier, results
from icanalysis.disclosure import SUPPRESSED
from icanalysis.evaluation import Agency, Years
from icanalysis.language import language
from icanalysis.shelf import KINDS, Choice, Shelf
from icanalysis.shown import known, shown

OFFICIAL = Years(baseline=2009, outcome=2013)
RECORDS = shipped().table("indicators").set_index("indicator")
WHOLE = shipped().evaluation.programme.whole
PLACES = ("cusco", "puno", WHOLE)


@cache
def every_line():
    """The lines of a run of two regions, with the pages on the whole programme."""
    return results.merge(
        [evidence("cusco"), evidence("puno"), dossier.joint_lines(shipped(), OFFICIAL)]
    )


def edition(lines=None, *, simulated=False, **limits):
    """What an agency confined so should have: itself and its lines."""
    agency = Agency(code="unesco", name={"es": "UNESCO", "en": "UNESCO"}, **limits)
    context = set(RECORDS.index[RECORDS["level"] == "context"])
    given = every_line() if lines is None else lines
    kept, _ = bundle._lines(given, shipped().evaluation, agency, context, simulated=simulated)
    return agency, kept


def cells(agency, lines, region, code="en"):
    own = agency.indicators or [name for name in RECORDS.index if name in set(lines["indicator"])]
    asked = digest.Asked(agency, region, own, OFFICIAL, language(code))
    return digest.notebook(Shelf(shipped(), "", "", given=lines), asked).cells


def text(made):
    """All that a page says: paragraphs, tables, and what charts show to those who cannot see."""
    told = []
    for cell in made:
        told.append(cell.source)
        for output in cell.get("outputs", []):
            told += [output.data["text/plain"], output.data.get("text/html", "")]
    return BeautifulSoup("\n".join(told), "html.parser").get_text(" ")


def page(region, code="en", **limits):
    return text(cells(*edition(**limits), region, code))


CONFINED = [
    {"indicators": ("poverty_total", "ventures_financed")},
    {"indicators": ("labour_income_real",)},
    {"indicators": ("producer_index", "household_poverty"), "simulated": True},
]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("region", PLACES)
@pytest.mark.parametrize("limits", CONFINED, ids=lambda limits: limits["indicators"][0])
def test_no_indicator_of_another_is_named(limits, region, code):
    said = page(region, code, **limits).casefold()
    names = RECORDS[f"name_{code}"].str.casefold()
    own = list(names[list(limits["indicators"])])
    assert any(name in said for name in own)
    foreign = [name for name in names if not any(name in each for each in own)]
    # Intervals of groups of regions stand in the table of the series they belong to, and what a
    # programme could move in a series rests on the families it reached, beside the workforce.
    told = set(names[["poverty_total_group", "families_reached", "employed_population"]])
    foreign = [name for name in foreign if name not in told]
    assert [name for name in foreign if re.search(rf"\b{re.escape(name)}\b", said)] == []


@pytest.mark.parametrize("region", PLACES)
@pytest.mark.parametrize("sector", [each.code for each in shipped().evaluation.sectors])
def test_no_group_of_another_sector_has_a_row(sector, region):
    sectors = {each.code: each.name.en for each in shipped().evaluation.sectors}
    made = cells(*edition(sectors=(sector,)), region)
    groups = [
        row.select("th, td")[1].get_text()
        for cell in made
        for output in cell.get("outputs", [])
        for table in BeautifulSoup(output.data.get("text/html", ""), "html.parser").select("table")
        if any(head.get_text() == "Group" for head in table.select("thead th"))
        for row in table.select("tbody tr")
    ]
    assert groups or region == "puno"
    others = {name for code, name in sectors.items() if code != sector}
    foreign = [group for group in groups if any(name in group for name in others)]
    assert [group for group in foreign if sectors[sector] not in group] == []


MADE = Shelf(shipped(), "", "")


def there(kind):
    """The places that a kind of figure is offered for."""
    return [
        region for region in PLACES if region in choices.regions(MADE, Choice("en", kind, "", ""))
    ]


@pytest.mark.parametrize(
    ("kind", "region"), [(kind, region) for kind in KINDS for region in there(kind)]
)
def test_lines_of_a_run_show_what_those_made_for_the_view_do(kind, region):
    made, given = MADE, Shelf(shipped(), "", "", given=every_line())
    for code in choices.indicators(made, Choice("en", kind, region, "")):
        choice = Choice("en", kind, region, code, 2009, 2013)
        assert known(made, choice) == known(given, choice), code
        if known(made, choice):
            one, other = shown(made, choice), shown(given, choice)
            assert (one.told, one.warning, one.table) == (other.told, other.warning, other.table)
            assert (one.chart and one.chart.alt) == (other.chart and other.chart.alt)


def test_the_figures_are_the_published_ones():
    # INEI: 40.4 in 2009, 18.8 in 2013; P1: 94 ventures.
    said = page("cusco", indicators=("poverty_total", "ventures_financed"))
    assert "Total monetary poverty in Cusco: 40.4% in 2009 and 18.8% in 2013" in said
    assert "results.csv alone: Ventures financed." in said
    assert "94 ventures" in page(WHOLE, indicators=("ventures_financed",))


def test_the_interval_of_a_group_of_regions_is_on_the_page():
    said = page("puno", indicators=("poverty_total", "poverty_total_group"))
    assert "95% interval of the region's group" in said
    assert "Not on this page" not in said


def test_an_indicator_without_any_line_is_named_as_not_known():
    assert "poverty_extreme" not in set(every_line()["indicator"])
    said = page("cusco", indicators=("poverty_total", "poverty_extreme"))
    name = RECORDS["name_en"]["poverty_extreme"]
    assert f"No figure of these indicators is in this edition, which is not zero: {name}." in said


def test_what_is_suppressed_is_not_called_unknown():
    lines = every_line().copy()
    own = (lines["indicator"] == "improved_stove_communities") & (lines["region"] == "cusco")
    assert own.any()
    lines.loc[own, ["value", "low", "high"]] = np.nan
    lines.loc[own, "status"] = SUPPRESSED
    said = text(cells(*edition(lines, indicators=("improved_stove_communities",)), "cusco"))
    name = RECORDS["name_en"]["improved_stove_communities"]
    assert f"Known, and suppressed to protect those counted: {name}." in said
    assert "which is not zero" not in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_simulated_index_alone_is_badged(code):
    made = cells(*edition(indicators=("producer_index",), simulated=True), "puno", code)
    word = language(code).say("SIMULATED")
    tables = [out.data["text/html"] for cell in made for out in cell.get("outputs", [])]
    assert tables and all(word in table for table in tables)
    assert word in made[2].source  # before its first figure


def test_nothing_simulated_stands_on_a_page_that_was_not_to_have_it():
    _, lines = edition(indicators=("producer_index", "poverty_total"))
    assert "simulated" not in set(lines["source_kind"])
    assert "SIMUL" not in page("puno", indicators=("producer_index", "poverty_total"))


def test_an_outcome_alone_was_still_tested_beside_the_others():
    """Six outcomes and the index: Holm's factor does not shrink with what an agency is shown."""
    said = page("puno", indicators=("producer_income",), simulated=True)
    assert "adjusted for 7 tests" in said


def test_the_same_lines_give_the_same_page():
    asked = edition(indicators=("poverty_total",))
    assert cells(*asked, "cusco") == cells(*asked, "cusco")
