"""What charts share: labels that keep apart and within, sources and badge, rows of dots."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from shipped import view

from icanalysis import dots
from icanalysis.drawing import BESIDE, HERE, INK, canvas, room_beside, source_line, spread, titled


@pytest.mark.parametrize(
    ("places", "gap", "moved"),
    [
        ([], 1, []),
        ([5], 1, [5]),
        ([1, 3], 1, [1, 3]),
        ([3, 3], 1, [2.5, 3.5]),
        ([24.7, 23.9], 2, [25.3, 23.3]),
        ([0, 0.5, 10], 1, [-0.25, 0.75, 10]),
    ],
)
def test_labels_move_apart_as_little_as_they_must(places, gap, moved):
    assert spread(places, gap) == pytest.approx(moved)


@given(st.lists(st.floats(-100, 100), max_size=12), st.floats(0.1, 20))
def test_labels_moved_apart_keep_their_order_and_their_middle(places, gap):
    moved = spread(places, gap)
    inwards = sorted(moved)
    assert all(after - before > gap - 1e-6 for before, after in pairwise(inwards))
    order = sorted(range(len(places)), key=lambda index: places[index])
    assert [moved[index] for index in order] == inwards
    assert sum(moved) == pytest.approx(sum(places), abs=1e-6)


@pytest.mark.parametrize("colour", [HERE, BESIDE, INK])
def test_what_is_written_can_be_read_on_white(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    assert 1.05 / (luminance + 0.05) >= 4.5


@pytest.mark.parametrize("code", ["en", "es"])
def test_a_badge_stands_under_what_is_simulated_and_under_nothing_else(code):
    for simulated in (True, False):
        figure, _ = canvas(2)
        source_line(view(code=code), figure, ["S10; S2", "S2"], "A note", simulated=simulated)
        word = {"en": "SIMULATED", "es": "SIMULADO"}[code]
        assert (word in [text.get_text() for text in figure.texts]) == simulated
        first = {"en": "Source", "es": "Fuente"}[code]
        assert figure.get_supxlabel() == f"{first}: S2, S10. A note"


def test_a_long_title_is_broken_before_the_page_ends():
    figure, _ = canvas(2)
    titled(figure, "SIMULADO: Programas Medianos Comunales, % " * 6)
    FigureCanvasAgg(figure).draw()
    assert figure._suptitle.get_window_extent().x1 < figure.bbox.x1


ROWS = [
    ("first", [dots.told_apart(-2, -5, 1, "−2 (a long label)", chosen=True)]),
    ("second", [dots.from_nought(-4, "−4", chosen=False)]),
    ("third", [dots.from_nought(3, "+3 and more words than there is room for", chosen=False)]),
    ("fourth", [dots.told_apart(1, math.nan, math.nan, "+1", chosen=False)]),
]


def test_rows_are_drawn_from_the_top_and_the_chosen_one_stands_out():
    _, axes = dots.rows(ROWS)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[::-1] == ["first", "second", "third", "fourth"]
    assert [line.get_marker() for line in axes.lines][::-1] == ["o", "D", "D", "D"]
    assert [text.get_fontweight() for text in axes.texts][::-1] == ["bold", *["normal"] * 3]


def test_labels_stand_beyond_the_end_of_their_line():
    _, axes = dots.rows(ROWS)
    ends = {text.get_text()[:2]: (text.xy[0], text.get_ha()) for text in axes.texts}
    assert ends == {"−2": (1, "left"), "−4": (-4, "right"), "+3": (3, "left"), "+1": (1, "left")}


@pytest.mark.parametrize("from_zero", [True, False])
def test_every_label_beside_its_point_gets_room_within_the_axes(from_zero):
    rows = ROWS if not from_zero else ROWS[2:]
    figure, axes = dots.rows(rows)
    room_beside(axes, from_zero=from_zero)
    FigureCanvasAgg(figure).draw()
    frame = axes.get_window_extent()
    for text in axes.texts:
        box = text.get_window_extent()
        assert frame.x0 <= box.x0 + 0.5
        assert box.x1 <= frame.x1 + 0.5
    assert (axes.get_xlim()[0] == 0) == from_zero


def test_nothing_to_draw_is_an_empty_chart():
    figure, axes = dots.rows([])
    room_beside(axes)
    FigureCanvasAgg(figure).draw()
    assert list(axes.lines) == []
