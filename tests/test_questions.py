"""Evaluation questions: each leads to an exhibit that exists, and lack of evidence is shown."""

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from shipped import LANGUAGES, changed, edited, shipped, view

from icanalysis import questions
from icanalysis.errors import WorkbookError
from icanalysis.language import language

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
TABLE = shipped().table("questions").fillna("")
QUESTIONS = [pytest.param(row, id=row["question"]) for _, row in TABLE.iterrows()]
NONE = "○ no evidence"


def cells(table):
    page = BeautifulSoup(table.html, "html.parser")
    return [
        [cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.select("tbody tr")
    ]


def headings(notebook, code):
    found = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
    tag = f"lang-{code}"
    text = "\n".join(cell.source for cell in found if tag in cell.metadata.get("tags", []))
    return re.findall(r"^#+ (.+)$", text, flags=re.M)


def numbers(text):
    return [int(number) for number in re.findall(r"\d+", text)]


# --- where they lead ------------------------------------------------------------------------


@pytest.mark.parametrize("row", QUESTIONS)
def test_every_exhibit_is_a_heading_of_its_notebook_in_both_languages(row):
    if row["section"]:  # its heading depends on the data: the notebook asks for it by name
        source = (NOTEBOOKS / f"{row['notebook']}.ipynb").read_text(encoding="utf-8")
        part = {"homes": "households", "makers": "producers"}[row["section"]]
        assert f"chapters.{part}(view)" in source
        assert "chapters.demonstrations(view)" in source
        assert not row["heading_es"] + row["heading_en"]
        assert row["section"] in questions.SECTIONS
        return
    places = []
    for code in LANGUAGES:
        there = headings(row["notebook"], code)
        assert there.count(row[f"heading_{code}"]) == 1
        places.append(there.index(row[f"heading_{code}"]))
    assert places[0] == places[1], "the two headings are not a pair"


def test_every_indicator_a_question_rests_on_has_its_record():
    named = set(TABLE["indicators"].str.split("+").explode()) - {""}
    assert named <= set(shipped().table("indicators")["indicator"])


def test_an_indicator_without_a_record_is_refused_with_the_nearest():
    frame = shipped().table("questions")
    frame.loc[0, "indicators"] = "poverty_totl"
    asked = replace(view(), data=changed(questions=frame))
    with pytest.raises(WorkbookError) as error:
        questions.listing(asked)
    assert "Did you mean “poverty_total”?" in error.value.told(language("en"))


def test_the_list_tells_every_question_in_order_with_its_exhibit():
    rows = cells(questions.listing(view("cusco")))
    assert [numbers(row[0])[0] for row in rows] == list(range(1, len(TABLE) + 1))
    for row, (_, record) in zip(rows, TABLE.iterrows(), strict=True):
        assert record["question_en"] in row[0]
        assert row[1].startswith(f"{record['notebook']}: ")
        assert record["heading_en"] in row[1]
    by_code = dict(zip(TABLE["question"], rows, strict=True))
    assert by_code["on_time"][2] == "none: it rests on a register"
    assert by_code["whom"][2] == "Quintile served"
    assert "Demonstration with simulated households" in by_code["poverty_women"][1]


# --- the index ------------------------------------------------------------------------------


def test_every_criterion_has_a_row_and_every_issue_a_column():
    rows = cells(questions.index(view("cusco")))
    assert [row[0] for row in rows] == [
        "Relevance", "Coherence", "Effectiveness", "Efficiency", "Impact", "Sustainability",
    ]  # fmt: skip
    page = BeautifulSoup(questions.index(view("cusco")).html, "html.parser")
    assert [cell.get_text() for cell in page.select("thead th")] == [
        "DAC criterion",
        "The programme as a whole",
        "Gender equality",
        "Indigenous peoples’ rights",
        "Human rights and inclusion",
        "Environment",
    ]


def test_every_question_stands_in_its_own_cell_and_no_other():
    rows = cells(questions.index(view("cusco")))
    placed = [number for row in rows for cell in row[1:] for number in numbers(cell)]
    assert sorted(placed) == list(range(1, len(TABLE) + 1))
    criteria = list(shipped().catalog.tables["questions"].field("criterion").choices)
    issues = ["", *shipped().catalog.tables["questions"].field("issue").choices]
    for number, (_, record) in enumerate(TABLE.iterrows(), start=1):
        place = criteria.index(record["criterion"]), issues.index(record["issue"]) + 1
        assert number in numbers(rows[place[0]][place[1]])


def test_both_languages_hold_the_same_numbers_cell_by_cell():
    for made in (questions.index, questions.listing):
        spanish, english = (cells(made(view("cusco", code))) for code in LANGUAGES)
        assert len(spanish) == len(english)
        assert [[numbers(cell) for cell in row[:2]] for row in spanish] == [
            [numbers(cell) for cell in row[:2]] for row in english
        ]
        assert spanish != english


def test_what_has_no_evidence_is_grey_and_says_so():
    page = BeautifulSoup(questions.index(view("cusco")).html, "html.parser")
    grey = [cell.get_text() for cell in page.select("td.unknown")]
    assert all(text.startswith(NONE) for text in grey)
    white = [cell.get_text() for cell in page.select("td:not(.unknown)")]
    assert all(numbers(text) and NONE not in text for text in white)
    assert NONE in grey


def test_simulated_data_are_no_evidence():
    rows = {row[0]: row for row in cells(questions.index(view("cusco")))}
    codes = list(TABLE["question"])
    number = codes.index("producers_indigenous") + 1
    assert rows["Effectiveness"][3] == f"{NONE}; SIMULATED: {number}"
    listed = cells(questions.listing(view("cusco")))
    assert listed[number - 1][0].endswith("[SIMULATED]")
    assert "SIMULATED" not in listed[codes.index("poverty_where")][0]


def test_real_households_become_evidence_without_a_change_of_code():
    asked = edited(view("cusco"), {"source_kind": "survey"}, indicator="household_poverty")
    rows = {row[0]: row for row in cells(questions.index(asked))}
    number = list(TABLE["question"]).index("poverty_women") + 1
    assert rows["Relevance"][2] == str(number)


def test_a_question_whose_figures_are_gone_is_not_counted_as_answered():
    asked = view("cusco")
    lines = asked.lines[asked.lines["indicator"] != "poverty_total"]
    asked = replace(asked, lines=lines)
    number = list(TABLE["question"]).index("poverty_otherwise") + 1
    rows = {row[0]: row for row in cells(questions.index(asked))}
    assert number not in numbers(rows["Impact"][1])
    assert cells(questions.listing(asked))[number - 1][0].endswith("[○ not known]")
