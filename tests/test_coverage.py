"""The coverage page: what is filled, missing, simulated, in a grid, in words and in numbers."""

from dataclasses import replace
from functools import cache

import pytest
from bs4 import BeautifulSoup
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color
from shipped import LANGUAGES, view

from icanalysis import coverage, squares
from icanalysis.states import STATES


@cache
def grid(code="en"):
    return coverage.grid(view("cusco", code))


def with_state(shown, state):
    """The same grid with its first delivered cell in another state."""
    cells = shown.cells.copy()
    first = cells.index[cells["state"] != "not_asked"][0]
    cells.loc[first, "state"] = state
    return replace(shown, cells=cells)


def body(table):
    page = BeautifulSoup(table.html, "html.parser")
    return [[cell.get_text() for cell in row.find_all(["th", "td"])]
            for row in page.select("tbody tr")]  # fmt: skip


# --- numbers --------------------------------------------------------------------------


def test_the_counts_are_of_every_cell_that_is_asked():
    said = coverage.counts(grid())
    asked = grid().cells[grid().cells["state"] != "not_asked"]
    assert said.startswith(f"Of {len(asked)} figures that could be asked for: ")
    for state, count in asked["state"].value_counts().items():
        assert f"{coverage.word(grid().view, state)}, {count}" in said
    assert "suppressed" not in said, "nothing is"
    assert "■ suppressed, 1" in coverage.counts(with_state(grid(), "suppressed"))


def test_indicators_without_baseline_or_target_are_counted():
    ends = grid().ends
    missing = ends[ends["state"] == "missing"].groupby("breakdown")["indicator"].nunique()
    said = coverage.without_ends(grid())
    assert f"{missing['baseline']} lack it, in one place" in said
    assert f"{missing['target']} lack it." in said
    assert ends["indicator"].nunique() > missing["baseline"], "poverty has its baseline"


def test_shapes_words_and_colours_each_tell_the_states_apart():
    for part in range(3):
        assert len({coverage.SHAPES[state][part] for state in STATES}) >= len(STATES) - (part == 1)
    for code in LANGUAGES:
        words = [coverage.word(view("cusco", code), state) for state in STATES]
        assert len(set(words)) == len(STATES)
        assert all(word[0] == coverage.SHAPES[state][0]
                   for word, state in zip(words, STATES, strict=True))  # fmt: skip


def test_every_shape_is_explained_and_the_year_that_makes_a_figure_stale():
    told = coverage.rules(view("cusco"))
    assert [rule.partition(":")[0] for rule in told[:-1]] == [
        coverage.word(view("cusco"), state) for state in STATES
    ]
    assert "older than 2013" in told[STATES.index("stale")]


# --- table ----------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_indicator_and_says_where_what_is_known():
    by_name = {row[0]: row[1:] for row in body(coverage.listed(grid(), "delivered"))}
    assert by_name["Collective marks created"][0] == (
        "● filled: Lambayeque and Whole programme; ○ missing: the rest"
    )
    assert by_name["Collective marks created"][1:] == [*["—"] * 4, "○ missing", "○ missing"]
    assert by_name["Public officials trained"][1] == "○ missing"
    workshops = next(row for name, row in by_name.items() if name.startswith("Artisan workshops"))
    assert workshops[0].startswith("◐ joint, not split: Ayacucho and Cusco; ○ missing: the rest")


def test_both_languages_have_the_same_rows_and_shapes():
    for section in grid().sections:
        spanish, english = (body(coverage.listed(grid(code), section)) for code in LANGUAGES)
        marks = "".join(shape for shape, _, _ in coverage.SHAPES.values())
        shapes = [
            [[[mark for mark in cell if mark in marks] for cell in row] for row in rows]
            for rows in (spanish, english)
        ]
        assert shapes[0] == shapes[1]


def test_a_table_of_nothing_real_wears_its_badge():
    tables = {section: coverage.listed(grid(), section) for section in grid().sections}
    assert 'class="badge"' in tables["producers"].html
    assert 'class="badge"' not in tables["delivered"].html
    assert 'class="badge"' not in tables["situation"].html, "some of it is real"


# --- chart ----------------------------------------------------------------------------


def marks(axes):
    """Markers of the cells: {(column, row): line}."""
    return {(line.get_xdata()[0], line.get_ydata()[0]): line for line in axes.lines}


@pytest.mark.parametrize("section", ["delivered", "situation", "producers"])
def test_each_cell_asked_is_drawn_once_in_its_shape(section):
    rows = grid().rows(section)
    (axes,) = squares.chart(grid(), section).axes
    ends = grid().ends
    ends = ends[ends["section"] == section].groupby(["indicator", "breakdown"]).ngroups
    drawn = marks(axes)
    assert len(drawn) == (rows["state"] != "not_asked").sum() + ends
    shapes = {"filled": "o", "joint": "o", "missing": "o", "stale": "D", "simulated": "^"}
    for state, count in rows["state"].value_counts().drop("not_asked", errors="ignore").items():
        alike = [
            line
            for line in drawn.values()
            if line.get_marker() == shapes[state]
            and same_color(line.get_color(), line.get_color())
            and same_color(line.get_markeredgecolor(), coverage.SHAPES[state][1])
            and (line.get_fillstyle() == "left") == (state == "joint")
        ]
        assert len(alike) >= count


def test_rows_and_columns_stand_in_their_order():
    (axes,) = squares.chart(grid(), "delivered").axes
    names = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    rows = grid().rows("delivered")
    assert names == [grid().view.name(code) for code in dict.fromkeys(rows["indicator"])]
    across = [label.get_text() for label in axes.get_xticklabels()]
    places = ["Ayacucho", "Cusco", "Puno", "Lambayeque", "Whole programme"]
    assert across == [*places * 5, "Baseline", "Target"]
    written = [text.get_text().replace("\n", " ") for text in axes.texts]
    assert written == ["Total", "By sex", "By mother tongue", "Urban or rural", "By sector"]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("section", ["delivered", "situation", "producers"])
def test_no_text_is_cut_or_written_over_another(code, section):
    figure = squares.chart(grid(code), section)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (axes,) = figure.axes
    (legend,) = figure.legends
    texts = [*axes.get_yticklabels(), *axes.get_xticklabels(), *axes.texts, *figure.texts,
             *legend.get_texts()]  # fmt: skip
    boxes = [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in texts]
    for place, (text, box) in enumerate(boxes):
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, text
        for other, beside in boxes[place + 1 :]:
            assert not box.padded(-0.5).overlaps(beside.padded(-0.5)), (text, other)


def test_the_sources_of_a_grid_are_named_under_it():
    under = {section: squares.chart(grid(), section).get_supxlabel() for section in grid().sections}
    assert under["delivered"] == "Source: P1, P2, P3, P4, P5, P6"
    assert under["producers"] == "Source: simulated producers (simulated_producers.csv)"
    assert "simulated households (seed 2013)" in under["situation"]


def test_the_legend_says_each_shape_in_words_with_its_count():
    figure = squares.chart(with_state(grid(), "suppressed"), "delivered")
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    found = with_state(grid(), "suppressed").rows("delivered")["state"].value_counts()
    assert f"missing: {found['missing']}" in said
    assert "suppressed: 1" in said


def test_a_baseline_missing_in_one_place_is_drawn_missing():
    ends = grid().ends.copy()
    own = ends.index[(ends["indicator"] == "poverty_total") & (ends["breakdown"] == "baseline")]
    row = list(dict.fromkeys(grid().rows("situation")["indicator"])).index("poverty_total")

    def drawn(shown):
        (axes,) = squares.chart(shown, "situation").axes
        last = max(column for column, _ in marks(axes))
        return marks(axes)[last, row].get_markeredgecolor()

    assert same_color(drawn(grid()), coverage.SHAPES["filled"][1])
    ends.loc[own[0], "state"] = "missing"
    assert same_color(drawn(replace(grid(), ends=ends)), coverage.SHAPES["missing"][1])


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_description_tells_what_is_counted(code):
    said = squares.alt(grid(code), "delivered")
    rows = grid(code).rows("delivered")
    of_sex = rows[(rows["breakdown"] == "sex") & (rows["state"] == "missing")]
    name = coverage.breakdown_name(grid(code).view, "sex")
    assert f"{name}: {coverage.word(grid(code).view, 'missing')[2:]} {len(of_sex)}." in said
