"""Registers of the data package: what they show, of whom, and from where."""

from dataclasses import replace

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from shipped import DATA, evidence, shipped, view

from icanalysis import registers
from icanalysis.evaluation import Years

YEARS = Years(baseline=2009, outcome=2013)
# As 02_region_report shows them.
SHOWN = {
    "commitments": ["statement", "partner", "kind", "region", "amount", "executed_status", "note"],
    "change_tests": ["from_year", "to_year", "change_points", "significance", "note"],
    "register": ["statement", "kind", "test", "evidence", "evidence_note"],
    "partners": ["name", "acronym", "kind", "role"],
    "milestones": ["event", "date", "kind", "note"],
    "studies": ["title", "region", "note"],
    "fairs": ["name", "scope"],
    "places": ["name", "district", "province", "note"],
    "gaps": ["missing", "would_answer", "likely_holder", "fill_table"],
}


def page(table):
    return BeautifulSoup(table.html, "html.parser")


def rows(table):
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in page(table).select("tbody tr")]  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_every_row_is_shown_with_its_source_in_both_languages(name):
    frame = shipped().table(name)
    spanish, english = (
        rows(registers.register(view("cusco", code=code), name, SHOWN[name]))
        for code in ("es", "en")
    )
    assert len(spanish) == len(english) == len(frame)
    assert all(row[-1] for row in spanish + english), "a row without its source"
    for one, source in zip(english, frame["source_id"], strict=True):
        assert one[-1].startswith(source)


@pytest.mark.parametrize("name", SHOWN)
def test_no_code_is_shown_where_a_name_belongs(name):
    described = shipped().catalog.tables[name]
    coded = [item.name for item in described.fields if item.vocabulary or item.name == "kind"]
    for code in ("es", "en"):
        shown = {cell for row in rows(registers.register(view("cusco", code=code), name, SHOWN[name]))
                 for cell in row}  # fmt: skip
        for column in set(coded) & set(SHOWN[name]):
            raw = {value for value in shipped().table(name)[column].dropna() if "_" in value}
            assert not raw & shown


def test_a_region_is_shown_its_own_rows_and_the_programmes():
    frame = shipped().table("commitments")
    here = frame["region"].isna() | frame["region"].str.split("+").map(
        lambda parts: "cusco" in parts or "programme" in parts, na_action="ignore"
    ).fillna(False).astype(bool)  # fmt: skip
    shown = rows(registers.register(view("cusco"), "commitments", SHOWN["commitments"], here=True))
    assert len(shown) == here.sum() < len(frame)
    others = set(frame.loc[~here, "statement_en"]) - set(frame.loc[here, "statement_en"])
    assert others
    assert not others & {row[0] for row in shown}


def test_an_amount_is_written_as_a_number_and_a_missing_one_as_a_dash():
    shown = rows(registers.register(view("cusco"), "commitments", ["commitment", "amount"]))
    amounts = {row[0]: row[1] for row in shown}
    assert amounts["cusco_budget"] == "2,000,000"
    assert amounts["cusco_plan"] == "—"


def test_years_have_no_thousands_mark():
    tests = registers.register(view("ayacucho"), "change_tests", SHOWN["change_tests"], here=True)
    shown = [row[:3] for row in rows(tests)]
    assert shown == [["2010", "2011", "+4.5"], ["2012", "2013", "−0.7"]]


@pytest.mark.parametrize("code", ["es", "en"])
def test_percentage_points_are_signed_and_have_one_decimal(code):
    shown = rows(registers.register(view("cusco", code=code), "change_tests", ["change_points"]))
    points = [row[0] for row in shown]
    assert points == [
        f"{value:+.1f}".replace("-", "−")
        for value in shipped().table("change_tests")["change_points"]
    ]
    assert "−13.0" in points
    # An amount is no change: it has no sign.
    amounts = rows(registers.register(view("cusco", code=code), "commitments", ["amount"]))
    assert not [row[0] for row in amounts if row[0].startswith("+")]


def test_what_the_source_says_in_spanish_is_quoted_and_its_translation_is_not():
    for name in ("commitments", "register"):
        frame = shipped().table(name)
        spanish, english = (
            [
                row[0]
                for row in rows(registers.register(view("cusco", code=code), name, ["statement"]))
            ]
            for code in ("es", "en")
        )
        own = frame.get("verbatim", pd.Series(True, frame.index))
        assert spanish == [
            f"«{text}»" if verbatim else text
            for text, verbatim in zip(frame["statement_es"], own, strict=True)
        ]
        # Our summary, and our translation, are not the source's words.
        assert [text for text in spanish if "nuestr" in text and text.startswith("«")] == []
        assert english == list(frame["statement_en"])
    notes = rows(registers.register(view("cusco", code="es"), "commitments", ["note"]))
    assert not [row[0] for row in notes if row[0].startswith("«")]


def test_dates_are_written_out_as_precisely_as_they_are_known():
    columns = ["milestone", "date"]
    spanish, english = (
        dict(
            row[:2]
            for row in rows(registers.register(view("cusco", code=code), "milestones", columns))
        )
        for code in ("es", "en")
    )
    assert spanish["mptf_start"] == "31 de marzo de 2009"
    assert english["mptf_start"] == "31 March 2009"
    assert (spanish["planned_end"], english["planned_end"]) == (
        "diciembre de 2012",
        "December 2012",
    )
    assert spanish["cusco_plan_start"] == english["cusco_plan_start"] == "2011"
    assert spanish["extension"] == english["extension"] == "—"


def test_titles_do_not_say_which_language_they_are_in():
    for code in ("es", "en"):
        for name, columns in SHOWN.items():
            titles = [
                cell.get_text()
                for cell in page(
                    registers.register(view("cusco", code=code), name, columns)
                ).select("thead th")
            ]  # fmt: skip
            assert not [title for title in titles if "spañol" in title or "Spanish" in title]


def test_a_register_of_simulated_data_wears_its_badge():
    described = dict(shipped().catalog.tables)
    described["fairs"] = replace(described["fairs"], source_kind="simulated")
    data = replace(shipped(), catalog=replace(shipped().catalog, tables=described))
    simulated = registers.register(view("cusco", data=data), "fairs", SHOWN["fairs"])
    assert page(simulated).select_one(".badge").get_text() == "SIMULATED"
    assert (
        page(registers.register(view("cusco"), "fairs", SHOWN["fairs"])).select_one(".badge")
        is None
    )


# --- sources --------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["ayacucho", "cusco", "puno", "lambayeque"])
def test_every_source_cited_is_listed_and_in_order(region):
    listed = [row[0] for row in rows(registers.sources(view(region)))]
    cited = {part.split(":")[0] for source in evidence(region)["source"]
             for part in source.split("; ")}  # fmt: skip
    assert "simulated" in cited, "simulated households come from no source"
    assert cited - {"simulated"} <= set(listed)
    assert listed == sorted(listed, key=lambda code: (code[0], int(code[1:])))
    assert len(listed) == len(set(listed))


def test_the_household_survey_is_a_source_only_where_its_files_were_used():
    lines = evidence("ayacucho").copy()
    of_survey = lines["source_kind"] == "simulated"
    lines.loc[of_survey, ["source_kind", "source"]] = ["survey", "E1: sumaria-2009.dta"]
    listed, asked = (
        [row[0] for row in rows(registers.sources(each))]
        for each in (view("cusco"), replace(view("cusco"), lines=lines))
    )
    assert "E1" not in listed
    assert sorted([*listed, "E1"]) == sorted(asked)


def test_every_register_on_the_page_cites_only_listed_sources():
    listed = {row[0] for row in rows(registers.sources(view("cusco")))}
    for name, columns in SHOWN.items():
        regional = "region" in {item.name for item in shipped().catalog.tables[name].fields}
        for row in rows(registers.register(view("cusco"), name, columns, here=regional)):
            assert row[-1].split(":")[0] in listed, (name, row)


def test_a_sources_address_is_text_and_not_a_link():
    made = page(registers.sources(view("cusco")))
    assert any("http" in cell.get_text() for cell in made.select("td"))
    assert made.find_all("a") == []


# --- what there is --------------------------------------------------------------------


def test_holdings_count_the_rows_of_every_table():
    shown = rows(registers.holdings(view("cusco")))
    tables = shipped().catalog.tables
    assert len(shown) == len(tables)
    for row, name in zip(shown, tables, strict=True):
        assert (DATA / row[1]).is_file()
        assert row[2] == f"{len(shipped().table(name)):,}"


@pytest.mark.parametrize("code", ["es", "en"])
@pytest.mark.parametrize("region", ["ayacucho", "puno"])
def test_a_quote_on_several_partners_is_told_once(region, code):
    asked = view(region, code=code)
    columns = ["statement", "partner", "kind", "region", "amount", "note"]
    alike = ["statement", "kind", "amount"]
    plain = rows(registers.register(asked, "commitments", columns, here=True))
    told = rows(registers.register(asked, "commitments", columns, here=True, alike=alike))
    assert [row[0] for row in told] == list(dict.fromkeys(row[0] for row in plain))
    assert len(told) < len(plain)
    for row in plain:  # nothing is lost
        one = next(each for each in told if each[0] == row[0])
        assert all(cell in whole for cell, whole in zip(row, one, strict=True) if cell != "—"), row


def test_the_key_explains_codes_and_counts_and_names_only_codes_the_page_lists():
    asked = view()
    said = registers.key(asked, counted=True)
    listed = {row[0] for row in rows(registers.sources(asked))}
    assert said.startswith("Codes such as P1 or S1 stand for sources")
    assert {"P1", "S1"} <= listed
    assert "“[counted here]”" in said
    assert "[counted here]" not in registers.key(asked)
    assert "“[contado aquí]”" in registers.key(view(code="es"), counted=True)
