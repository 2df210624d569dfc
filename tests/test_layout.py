"""How a table is laid out: a caption, scoped headers, numbers to the right, and no markup."""

from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup

from icanalysis.layout import Column, definitions, grouped, table
from icanalysis.view import open_view

DATA = Path(__file__).parents[1] / "data"
COLUMNS = [Column("Name"), Column("Count", kind="number"), Column("Years", kind="short")]
ROWS = [["stoves", "1,234", "2009–2013"], ["fairs", "—", "2012"]]


@cache
def view(code="en"):
    return open_view("cusco", baseline=2009, outcome=2013, language=code, data_dir=DATA)


def laid_out(caption="Counts", columns=COLUMNS, rows=ROWS, **more):
    return BeautifulSoup(table(view(), caption, columns, rows, **more).html, "html.parser")


def test_headers_carry_their_scope():
    page = laid_out()
    assert page.caption.get_text(strip=True) == "Counts"
    assert [cell.get_text() for cell in page.select('thead th[scope="col"]')] == [
        "Name",
        "Count",
        "Years",
    ]
    assert [cell.get_text() for cell in page.select('tbody th[scope="row"]')] == ["stoves", "fairs"]
    assert [cell.get_text() for cell in page.select("tbody td")] == [
        "1,234",
        "2009–2013",
        "—",
        "2012",
    ]


def test_only_numbers_stand_to_the_right():
    page = laid_out()
    assert [cell.get_text() for cell in page.select("td.number")] == ["1,234", "—"]
    assert [cell.get_text() for cell in page.select("th.number")] == ["Count"]


def test_text_says_itself_that_it_stands_to_the_left():
    """Else JupyterLab's own style sheet sends every cell to the right and centres captions."""
    page = laid_out()
    said = page.select('[style="text-align:left"]')
    numbers = page.select(".number")
    assert {id(part) for part in page.select("caption, th, td")} == {
        id(part) for part in [*said, *numbers]
    }
    assert not {id(part) for part in said} & {id(part) for part in numbers}


def test_a_wide_table_can_be_reached_with_the_keyboard():
    frame = laid_out().figure
    assert frame["tabindex"] == "0"
    assert frame["aria-label"] == "Counts"


def test_names_in_the_data_are_never_markup():
    hostile = '<script>alert(1)</script> *bold* "x" &amp;'
    columns = [Column(hostile), *COLUMNS[1:]]
    page = laid_out(hostile, columns, [[hostile, "1", "2"]], note=hostile)
    assert page.script is None
    for text in (page.caption, page.select_one("thead th"), page.select_one("tbody th"), page.p):
        assert text.get_text() == hostile
    assert page.figure["aria-label"] == hostile


def test_a_table_without_rows_says_so_and_shows_no_frame():
    page = laid_out(rows=[])
    assert page.select("tbody tr") == page.select("thead th") == []
    assert page.select_one(".note").get_text() == "Nothing was found for Cusco."
    assert page.caption.get_text(strip=True) == "Counts"


def test_simulated_data_wear_a_badge_and_real_data_do_not():
    assert laid_out(simulated=True).select_one("caption .badge").get_text() == "SIMULATED"
    assert laid_out().select_one(".badge") is None
    badge = table(view("es"), "Cuentas", COLUMNS, ROWS, simulated=True).html
    assert "SIMULADO" in badge


def test_a_note_stands_under_its_table_only_if_there_is_one():
    assert laid_out(note="Read with care.").select_one(".note").get_text() == "Read with care."
    assert laid_out().select_one(".note") is None


def test_jupyter_is_shown_html_and_a_terminal_one_line():
    made = table(view(), "Counts", COLUMNS, ROWS)
    assert made._repr_html_() == made.html
    assert repr(made) == "Counts (2 × 3)"


def test_a_table_names_each_indicator_it_is_about_once():
    made = table(view(), "Counts", COLUMNS, ROWS, about=["poverty_total", "fairs", "poverty_total"])
    assert made.about == ("poverty_total", "fairs")
    assert BeautifulSoup(made.html, "html.parser").figure["data-about"] == "poverty_total fairs"
    assert not laid_out().figure.has_attr("data-about")


def test_definitions_pair_each_term_with_all_that_is_said_of_it():
    rows = [("Source", ["P1", "P2"]), ("Target", ["○ not known"])]
    made = definitions(view("es"), "Pobreza <b>", rows, simulated=True)
    page = BeautifulSoup(made.html, "html.parser")
    assert page.figcaption.find(string=True).strip() == "Pobreza <b>"
    assert page.select_one("figcaption .badge").get_text() == "SIMULADO"
    assert [
        [cell.get_text() for cell in row.find_all(["dt", "dd"])] for row in page.select("dl div")
    ] == [
        ["Source", "P1", "P2"],
        ["Target", "○ not known"],
    ]
    assert [cell.get_text() for cell in page.select("dd.unknown")] == ["○ not known"]
    assert repr(made) == "Pobreza <b> (2)"


def test_rows_that_agree_become_one_and_say_everything_once():
    rows = [
        ["fund A", "a quote", "—", "No amount."],
        ["hall", "another", "10", "—"],
        ["fund B", "a quote", "—", "No amount. No date."],
        ["fund A", "a quote", "—", "—"],
    ]
    assert grouped(rows, [1, 2]) == [
        ["fund A; fund B", "a quote", "—", "No amount. No date."],
        ["hall", "another", "10", "—"],
    ]
    assert grouped(rows, [0, 1, 2, 3]) == rows
    assert grouped([], [0]) == []
