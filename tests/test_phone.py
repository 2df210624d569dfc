"""Tables marked to fold on a phone, and what every cell then says of itself; charts that scroll."""

import pytest
from bs4 import BeautifulSoup

from icanalysis import phone

WIDE = ["Indicator", "Reported", "Where", "Sector", "Component", "Source"]
ROW = [
    "Workshops for tourists",
    "10",
    "Ayacucho and Cusco",
    "crafts",
    "capacities",
    "P1: section 4",
]
NARROW = ["Year", "Cusco (%)", "Source"]


def folded(titles, *rows, before="", kind="text", badge=""):
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td class={kind}>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    page = BeautifulSoup(
        f'<figure class="table"><table><caption>c{badge}</caption><thead>{before}<tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></figure>",
        "html.parser",
    )
    phone.fold(page)
    return page.table


def test_a_wide_table_folds_and_each_value_carries_its_columns_title():
    table = folded(WIDE, ROW, ROW)
    assert "folds" in table["class"]
    for row in table.select("tbody tr"):
        assert [cell["data-label"] for cell in row.find_all("td")] == WIDE[1:]
        assert not row.th.has_attr("data-label")


def test_every_card_of_simulated_data_carries_the_badge():
    table = folded(WIDE, ROW, ROW, badge=' <strong class="badge">SIMULATED</strong>')
    assert [row.th["data-badge"] for row in table.select("tbody tr")] == ["SIMULATED"] * 2
    assert not folded(WIDE, ROW).select("[data-badge]")


def test_roles_say_what_blocks_would_hide():
    table = folded(WIDE, ROW)
    roles = {
        part: {found["role"] for found in table.select(part)}
        for part in ("thead", "tbody", "tr", "thead th", "tbody th", "td")
    }
    assert table["role"] == "table"
    assert roles == {
        "thead": {"rowgroup"},
        "tbody": {"rowgroup"},
        "tr": {"row"},
        "thead th": {"columnheader"},
        "tbody th": {"rowheader"},
        "td": {"cell"},
    }


def test_a_narrow_table_stays_as_it_is():
    table = folded(NARROW, ["2009", "58.8", "S1; S3"], ["2010", "48.2", "S1; S3"])
    assert not table.has_attr("class")
    assert not table.has_attr("role")
    assert not table.td.has_attr("data-label")


@pytest.mark.parametrize(("kind", "folds"), [("text", False), ("number", True)])
def test_a_number_is_not_broken_where_a_text_may_be(kind, folds):
    table = folded(
        NARROW, ["2009", "58.8 out of 100 persons", "57.4 out of 100 persons"], kind=kind
    )
    assert table.has_attr("role") == folds


@pytest.mark.parametrize(
    "before", ['<tr><th colspan="6" scope="col">Programme</th></tr>', "<tr><th>extra</th></tr>"]
)
def test_a_table_with_merged_or_two_rows_of_titles_is_left_to_scroll(before):
    assert not folded(WIDE, ROW, before=before).has_attr("role")


def test_an_empty_table_and_a_page_without_tables_are_no_trouble():
    page = BeautifulSoup('<figure class="table"><table></table></figure><p>x</p>', "html.parser")
    phone.fold(page)
    assert str(page) == '<figure class="table"><table></table></figure><p>x</p>'


def test_a_chart_stands_in_a_named_frame_that_the_keyboard_reaches():
    page = BeautifulSoup('<img alt="logo"/><main><img alt="Line chart"/></main>', "html.parser")
    phone.frame(page, "Chart")
    framed = page.select(".chart")
    assert [frame.img["alt"] for frame in framed] == ["Line chart"]
    assert framed[0].attrs == {
        "class": ["chart"],
        "role": "group",
        "tabindex": "0",
        "aria-label": "Chart",
    }
