"""What a notebook cell shows: names stay names, and a chart brings its description."""

import struct
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbconvert.filters.markdown import markdown2html

from icanalysis import alt, drawing, figures, page, tables
from icanalysis.view import open_view

DATA = Path(__file__).parents[1] / "data"


@cache
def view():
    return open_view("cusco", baseline=2009, outcome=2013, language="en", data_dir=DATA)


@pytest.fixture
def shown(monkeypatch):
    """Everything a cell displays, in order."""
    found = []
    monkeypatch.setattr(page, "display", found.append)
    return found


def rendered(markdown):
    return BeautifulSoup(markdown2html(markdown.data), "html.parser")


NAMES = [
    "<script>alert(1)</script>",
    "*bold* and **bolder** and _lean_ and __leaner__",
    "`code` and ~~struck~~",
    "[a link](javascript:alert) and ![a picture](x.png)",
    "$x^2$ and US$ 5",
    "a | b",
    "&amp; &lt;",
    r"\[x\] and \*bold* and \_lean_",
    "# not a title",
    "- not a list",
    "1. not a list",
    "> not a quotation",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_in_the_data_are_text_in_paragraphs_lists_and_titles(name, shown):
    page.paragraph(name)
    page.bullets([name])
    page.heading(name)
    paragraph, bullets, heading = (rendered(markdown) for markdown in shown)
    assert paragraph.get_text().strip() == name
    assert [tag.name for tag in paragraph.find_all()] == ["p"]
    assert bullets.get_text().strip() == name
    assert [tag.name for tag in bullets.find_all()] in (["ul", "li"], ["ul", "li", "p"])
    assert heading.h1.find(string=True) == name
    assert [tag.name for tag in heading.find_all()] == ["h1", "a"]


def test_sentences_make_one_paragraph_without_the_empty_ones(shown):
    page.paragraph("It fell.", "", "It rose.")
    assert rendered(shown[0]).p.get_text() == "It fell. It rose."


def test_bullets_are_one_item_a_line_without_the_empty_ones(shown):
    # wording.reach is empty where an evaluation asks for no coverage.
    page.bullets(["first", "", "second"])
    assert [item.get_text() for item in rendered(shown[0]).find_all("li")] == ["first", "second"]


def test_a_heading_is_the_pages_title(shown):
    page.heading("Cusco: what changed?")
    assert rendered(shown[0]).h1.find(string=True) == "Cusco: what changed?"


def test_the_same_chart_gives_the_same_bytes(shown):
    for _ in range(2):
        page.chart(figures.series(view(), "poverty_total"), "a description")
    first, second = (image.data for image in shown)
    assert first == second
    assert first.startswith(b"\x89PNG")
    assert b"Software" not in first
    assert b"Creation" not in first
    page.chart(figures.series(view(), "labour_income_real"), "a description")
    assert shown[-1].data != first


def test_a_chart_is_shown_at_its_own_size_whatever_the_screen(shown):
    figure = figures.series(view(), "poverty_total")
    page.chart(figure, "a description")
    width, _ = struct.unpack(">II", shown[0].data[16:24])
    assert width == int(drawing.WIDTH * page.DOTS_PER_INCH)
    assert shown[0].width == round(drawing.WIDTH * 96)


def test_a_chart_brings_its_description(shown):
    described = alt.series(view(), "poverty_total")
    page.chart(figures.series(view(), "poverty_total"), described)
    assert shown[0].alt == described


def test_a_table_is_shown_as_it_is(shown):
    table = tables.changes(view())
    page.exhibit(table)
    assert shown == [table]


@pytest.mark.parametrize(
    ("code", "words"), [("en", "Data of this chart"), ("es", "Datos de este gráfico")]
)
def test_the_table_behind_a_chart_is_one_click_away(shown, code, words):
    asked = replace(view(), language=view().data.evaluation.language(code))
    table = tables.levels(asked, "poverty_total")
    page.chart(figures.series(asked, "poverty_total"), "a description", table)
    assert len(shown) == 2
    fold = BeautifulSoup(shown[1]._repr_html_(), "html.parser").details
    assert fold["class"] == ["data"]
    assert not fold.has_attr("open")
    assert fold.summary.get_text() == words
    assert str(fold.figure) == str(BeautifulSoup(table.html, "html.parser").figure)


def test_a_sentence_points_to_a_heading_by_the_name_jupyterlab_gives_it(shown):
    page.pointing("Not known.", "¿Qué *queda*, y dónde?")
    assert shown[0].data == (
        "Not known. [¿Qué &#42;queda&#42;, y dónde?](#%C2%BFQu%C3%A9-%2Aqueda%2A%2C-y-d%C3%B3nde%3F)."
    )
