"""Tables of evidence: the same numbers in both languages, each row with its source."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from shipped import REGIONS, evidence, shipped, view

from icanalysis import tables
from icanalysis.evaluation import Years

YEARS = Years(baseline=2009, outcome=2013)


def cells(table):
    """The table's titles and its rows, as text."""
    page = BeautifulSoup(table.html, "html.parser")
    titles = [cell.get_text() for cell in page.select("thead th")]
    rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.select("tbody tr")]  # fmt: skip
    return titles, rows


def note(table):
    return BeautifulSoup(table.html, "html.parser").select_one(".note").get_text()


MAKERS = {
    "delivered here": lambda asked: tables.delivered(asked, whole=False),
    "delivered by the programme": lambda asked: tables.delivered(asked, whole=True),
    "situation": tables.situation,
    "conflicts": tables.conflicts,
    "levels": lambda asked: tables.levels(asked, "poverty_total"),
    "levels of income": lambda asked: tables.levels(asked, "labour_income_real"),
    "changes": tables.changes,
}


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("made", MAKERS)
def test_both_languages_hold_the_same_numbers_cell_by_cell(region, made):
    spanish, english = (cells(MAKERS[made](view(region, code))) for code in ("es", "en"))
    assert len(spanish[0]) == len(english[0])
    assert len(spanish[1]) == len(english[1]) > 0
    assert spanish != english
    for one, other in zip(spanish[1], english[1], strict=True):
        numbers = [re.findall(r"[−+]?[\d,.]*\d", text) for row in (one, other) for text in row]
        half = len(numbers) // 2
        assert numbers[:half] == numbers[half:], (one, other)


@pytest.mark.parametrize("made", [name for name in MAKERS if "levels" not in name])
def test_a_table_is_about_the_indicators_of_its_rows(made):
    asked = view("cusco")
    table = MAKERS[made](asked)
    told = [row[0] for row in cells(table)[1]]
    names = tuple(asked.name(code) for code in table.about)
    assert all(text.startswith(names) for text in told)
    assert all(any(text.startswith(name) for text in told) for name in names)


def test_a_series_is_about_itself_and_its_groups_interval():
    assert tables.levels(view("cusco"), "poverty_total").about == (
        "poverty_total",
        "poverty_total_group",
    )
    income = "labour_income_real"
    assert tables.levels(view("cusco"), income).about == (income,)


# --- what was reported ----------------------------------------------------------------


@pytest.mark.parametrize("region", REGIONS)
def test_every_figure_used_stands_in_one_of_the_two_tables(region):
    used = evidence(region)
    used = used[(used["statistic"] == "level") & (used["status"] == "used")]
    level = shipped().table("indicators").set_index("indicator")["level"]
    used = used[used["indicator"].map(level) != "context"]
    here = cells(tables.delivered(view(region), whole=False))[1]
    rest = cells(tables.delivered(view(region), whole=True))[1]
    assert len(here) == used["region"].str.contains(region).sum() > 0
    assert len(here) + len(rest) == len(used)
    assert all(row[-1] for row in here + rest), "a figure without its source"


def test_a_figure_stands_with_its_place_component_target_and_rivals():
    titles, rows = cells(tables.delivered(view(), whole=True))
    ventures = dict(zip(titles, rows[0], strict=True))
    assert ventures == {
        "Indicator": "Ventures financed",
        "Reported": "94 ventures",
        "Where": "Whole programme",
        "Sector": "—",
        "Component": "producers’ capacities",
        "Against its target": "○ not known",
        "Also published": "55 (P3, P4, P5); 58 (P2)",
        "Source": "P1: section 4, bullet 2",
    }


def test_a_population_is_named_beside_its_indicator():
    rows = cells(tables.delivered(view(), whole=True))[1]
    artisans = next(row for row in rows if "(artisans)" in row[0])
    assert artisans[1] == "126 persons"
    assert artisans[3] == "crafts"


def test_a_number_the_source_does_not_print_is_marked():
    for code, mark in (("en", "[counted here]"), ("es", "[contado aquí]")):
        rows = cells(tables.delivered(view(code=code), whole=True))[1]
        marked = {row[0] for row in rows if row[1].endswith(f" {mark}")}
        records = (
            shipped().table("reported_values").query("counted and used and region == 'programme'")
        )
        indicators = shipped().table("indicators").set_index("indicator").loc[records["indicator"]]
        expected = set(indicators.loc[indicators["level"] != "context", f"name_{code}"])
        assert marked == expected
        assert len(expected) >= 5
        ict = next(row for row in rows if row[6] == f"152 {mark} (P4)")
        assert ict[1].startswith("160 ")
        assert mark not in ict[1]


def test_figures_stand_in_the_order_of_the_indicator_records():
    names = shipped().table("indicators")["name_en"]
    place = {name: rank for rank, name in enumerate(names)}
    for whole in (True, False):
        rows = cells(tables.delivered(view("cusco"), whole=whole))[1]
        ranks = [place[re.sub(r" \([^()]*\)$", "", row[0])]
                 if row[0] not in place else place[row[0]] for row in rows]  # fmt: skip
        assert ranks == sorted(ranks)


def test_the_scheme_stands_under_the_first_table():
    assert "100%" in note(tables.delivered(view(), whole=False))


def test_a_region_without_figures_says_so():
    table = tables.delivered(replace(view(), lines=view().lines.iloc[:0]), whole=False)
    assert cells(table) == ([], [])
    assert note(table) == "Nothing was found for Ayacucho."


# --- the situation --------------------------------------------------------------------


def test_statements_about_the_situation_stand_apart_with_the_sources_words():
    titles, rows = cells(tables.situation(view()))
    assert titles == ["Indicator", "Value", "Where", "In the source's words", "Source"]
    stated = dict(zip((row[0] for row in rows), rows, strict=True))
    quintile = stated["Quintile served"]
    assert quintile[1] == "the poorest quintile"
    assert quintile[2:] == [
        "Whole programme",
        "«El programa atiende al quintil más pobre del país»",
        "P1: section 2, paragraph 2",
    ]
    informal = stated["GDP produced by the informal sector, as stated in the case study"]
    assert informal[1:3] == ["two thirds", "Peru"], "no decimals its source does not give"
    assert informal[3].startswith("«Se calcula que uno de cada dos peruanos")
    assert informal[3].endswith("»")
    shown = {row[0] for whole in (True, False)
             for row in cells(tables.delivered(view(), whole=whole))[1]}  # fmt: skip
    assert not shown & set(stated)


def test_the_situation_holds_every_statement_in_use_and_no_other():
    records = shipped().table("reported_values")
    indicators = shipped().table("indicators").set_index("indicator")
    context = records["indicator"].map(indicators["level"]) == "context"
    for code in ("es", "en"):
        names = [row[0] for row in cells(tables.situation(view(code=code)))[1]]
        wanted = records.loc[context & records["used"], "indicator"]
        assert names == list(indicators[f"name_{code}"][wanted])
        assert len(set(names)) == len(names) >= 3


def test_a_statement_without_a_quote_has_a_dash():
    records = shipped().table("reported_values")
    asked = view()
    mute = records.assign(quote=pd.Series([pd.NA] * len(records), dtype="string"))

    class Mute:
        """The shipped data, whose records quote nothing."""

        def __getattr__(self, name):
            return getattr(shipped(), name)

        def table(self, name):
            return mute if name == "reported_values" else shipped().table(name)

    rows = cells(tables.situation(replace(asked, data=Mute())))[1]
    assert {row[3] for row in rows} == {"—"}


# --- counts that contradict each other ------------------------------------------------


def test_the_used_count_stands_with_its_rivals_and_the_reason():
    rows = cells(tables.conflicts(view()))[1]
    marks = [row[1:3] for row in rows if row[0] == "Collective marks created"]
    assert marks == [["3", "used"], ["4", "also published"]]
    ventures = [row for row in rows if row[0] == "Ventures financed"]
    assert sorted(row[1] for row in ventures) == ["55", "55", "55", "58", "94"]
    assert [row[1] for row in ventures if row[2] == "used"] == ["94"]
    assert all(row[3] and row[4] for row in rows), "a count without its reason or source"


def test_the_records_behind_a_figure_are_those_of_its_region_and_group():
    ict = view().select(indicator="ict_certified", status="used", group="all").iloc[0]
    found = tables.published(view(), ict)
    assert sorted(found["value"]) == [152, 160]
    assert found["population"].isna().all()
    artisans = view().select(indicator="ict_certified", group="crafts;artisans").iloc[0]
    assert set(tables.published(view(), artisans)["value"]) == {126}


# --- context series -------------------------------------------------------------------


def test_levels_tell_region_country_interval_and_both_sources():
    titles, rows = cells(tables.levels(view(), "poverty_total"))
    assert titles == [
        "Year",
        "Ayacucho (%)",
        "Peru (%)",
        "95% interval of the region's group (%)",
        "Source",
    ]
    assert [row[0] for row in rows] == [str(year) for year in range(2004, 2014)]
    assert rows[0] == ["2004", "72.4", "58.7", "—", "S1"]
    assert rows[5] == ["2009", "58.8", "33.5", "53.0 – 57.4", "S1; S3"]
    assert "not of Ayacucho" in note(tables.levels(view(), "poverty_total"))


def test_levels_without_a_country_have_no_empty_column_for_it():
    regions = tuple(
        region.model_copy(update={"role": "part"}) if region.role == "reference" else region
        for region in shipped().evaluation.regions
    )
    evaluation = shipped().evaluation.model_copy(update={"regions": regions})
    alone = view(data=replace(shipped(), evaluation=evaluation))
    titles, rows = cells(tables.levels(alone, "poverty_total"))
    assert not any("Peru" in title for title in titles)
    assert {len(row) for row in rows} == {len(titles)}
    assert rows[0] == ["2004", "72.4", "—", "S1"]


def test_levels_of_income_have_neither_country_nor_interval():
    titles, rows = cells(tables.levels(view(), "labour_income_real"))
    assert titles == ["Year", "Ayacucho (soles a month)", "Source"]
    assert rows[-1] == ["2013", "752", "S3; S9"]


def test_a_series_nobody_published_makes_an_empty_table():
    asked = view()
    asked = replace(asked, lines=asked.lines[asked.lines["indicator"] == "ventures_financed"])
    assert cells(tables.levels(asked, "poverty_total")) == ([], [])


def test_changes_tell_every_baseline_with_its_reading():
    rows = cells(tables.changes(view()))[1]
    poverty = [row[1:4] for row in rows if row[0] == "Total monetary poverty"]
    assert [row[:2] for row in poverty] == [
        ["2007–2013", "−15.7 percentage points"],
        ["2008–2013", "−9.2 percentage points"],
        ["2009–2013", "−6.9 percentage points"],
        ["2010–2013", "+3.7 percentage points"],
        ["2011–2013", "−0.8 percentage points"],
    ]
    assert poverty[2][2] == "rise or fall, according to the baseline year"
    informal = [row[1:4] for row in rows if row[0] == "Informal employment"]
    assert informal[0] == ["2009–2013", "—", "not known: the series does not cover these years"]
