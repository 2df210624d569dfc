"""What may be worked back from what is shown: sums, bounds, and what is hidden besides."""

from dataclasses import replace

import numpy as np
import pytest
from attacking import FEWEST, SEED, cost_of, earlier, grid, linked, narrow, simulated, small_only

from icanalysis.linked import bounds, complement


def hidden_of(amounts, table, *, cost=None):
    hidden, lost = complement(table, table.amounts + 1 if cost is None else cost)
    return {name for name, number in zip(amounts, table.tied, strict=True) if hidden[number]}, lost


def known(amounts, table, hidden, cell):
    return bounds(table, np.array([name in hidden for name in amounts]), list(amounts).index(cell))


# Fischetti and Salazar (2000), figures 1 and 2: investment by activity and region. Of II in C (22)
# an attacker who sees the rest of figure 2 finds 5 and 30, as the article prints.
PUBLISHED = [[20, 50, 10], [8, 19, 22], [17, 32, 12]]
FIGURE_2 = {"2,1", "2,3", "3,1", "3,3"}


def test_the_published_attack_is_reproduced():
    amounts, sums = grid(PUBLISHED)
    table = linked(amounts, sums, need={"2,3": 25})
    assert known(amounts, table, FIGURE_2, "2,3") == pytest.approx((5, 30))
    assert known(amounts, table, {"2,3"}, "2,3") == (22, 22), "alone it is what is left"
    assert known(amounts, table, FIGURE_2, "1,1") == (20, 20), "it is shown"


def test_the_published_choice_is_the_cheapest():
    amounts, sums = grid(PUBLISHED)
    # Of the four rectangles through II, C: hiding 8, 17 and 12 with it costs least, 59 in all.
    assert hidden_of(amounts, linked(amounts, sums, need={"2,3": 25}))[0] == FIGURE_2
    # 26 is more than these leave open: [5, 30]. Rows 1 and 2 with columns 1 and 3 leave
    # [2, 30], for 10 at 1,3 and 8 at 2,1 bound it: 22 + 8 above, 22 - 20 below.
    wider, _ = hidden_of(amounts, linked(amounts, sums, need={"2,3": 26}))
    assert wider == {"2,1", "2,3", "1,1", "1,3"}


def test_two_by_three_needs_a_rectangle():
    amounts, sums = grid([[3, 20, 30], [25, 40, 50]])
    hidden, _ = hidden_of(amounts, linked(amounts, sums))
    # By hand: the cheapest rectangle through 3 is with 20, 25 and 40.
    assert hidden == {"1,1", "1,2", "2,1", "2,2"}
    assert known(amounts, linked(amounts, sums), hidden, "1,1") == pytest.approx((0, 23))


def test_linked_tables_are_protected_together():
    """Women + men = all, and the same women, by area, in another table."""
    amounts = {"all": 60, "woman": 4, "man": 56, "rural": 2, "urban": 2}
    sums = {"all": ["woman", "man"], "woman": ["rural", "urban"]}
    table = linked(amounts, sums, need={"woman": FEWEST})
    alone = known(amounts, table, {"woman", "man"}, "woman")
    assert alone == (4, 4), "its parts give it away"
    hidden, _ = hidden_of(amounts, table)
    low, high = known(amounts, table, hidden, "woman")
    assert high - low >= FEWEST
    assert hidden & {"rural", "urban"}


def test_two_small_parts_do_not_cover_each_other():
    amounts = {"all": 100, "a": 3, "b": 4, "c": 93}
    sums = {"all": ["a", "b", "c"]}
    table = linked(amounts, sums)
    assert known(amounts, table, {"a", "b"}, "a") == (0, 7)
    assert hidden_of(amounts, table)[0] == {"a", "b", "c"}


@pytest.mark.parametrize(("other", "enough"), [(7, True), (6, False)])
def test_exactly_as_wide_as_asked_is_enough(other, enough):
    amounts = {"all": 103 + other - 3, "a": 3, "b": other, "c": 97}
    sums = {"all": ["a", "b", "c"]}
    table = linked(amounts, sums, need={"a": FEWEST})
    amounts_hidden, _ = hidden_of(amounts, table)
    assert (amounts_hidden == {"a", "b"}) is enough


def test_either_end_is_as_far_away_as_asked():
    amounts = {"all": 330, "a": 200, "b": 20, "c": 39, "d": 71}
    sums = {"all": ["a", "b", "c", "d"]}
    assert hidden_of(amounts, linked(amounts, sums, need={"a": 10}))[0] == {"a", "b"}
    far = linked(amounts, sums, need={"a": 10}, apart={"a": 40})
    hidden, _ = hidden_of(amounts, far)
    assert known(amounts, far, {"a", "b"}, "a") == (0, 220), "20 above it"
    assert hidden == {"a", "b", "c"}, "59 above it; 71 would cost more"


def test_a_whole_that_is_too_small_is_hidden_with_its_parts():
    amounts = {"all": 7, "woman": 3, "man": 4}
    table = linked(amounts, {"all": ["woman", "man"]})
    assert hidden_of(amounts, table)[0] == set(amounts)
    assert known(amounts, table, set(amounts), "all")[1] == np.inf


def test_nothing_to_protect_hides_nothing():
    amounts, sums = grid([[30, 40], [50, 60]])
    hidden, lost = hidden_of(amounts, linked(amounts, sums))
    assert not hidden
    assert not lost.any()


def test_a_zero_shown_covers_nothing_and_hidden_may():
    amounts = {"all": 53, "a": 3, "b": 0, "c": 50}
    table = linked(amounts, {"all": ["a", "b", "c"]})
    assert known(amounts, table, {"a", "b"}, "a") == (0, 3)
    assert hidden_of(amounts, table)[0] == {"a", "c"}


def test_what_is_public_hides_nothing():
    amounts = {"all": 40, "woman": 4, "man": 36}
    sums = {"all": ["woman", "man"]}
    hidden, lost = hidden_of(amounts, linked(amounts, sums, public={"man"}))
    assert hidden == {"all", "woman"}, "the whole is hidden where the part cannot be"
    assert not lost.any()
    table = linked(amounts, sums, public={"man", "all"})
    hidden, lost = hidden_of(amounts, table)
    assert hidden == {"woman"}
    assert list(lost) == [False, True, False]


def test_those_left_over_are_protected_but_cover_nobody():
    amounts = {"all": 62, "woman": 25, "man": 35, "unknown": 2}
    sums = {"all": ["woman", "man", "unknown"]}
    table = linked(amounts, sums, aside={"unknown"})
    assert hidden_of(amounts, table)[0] == {"woman", "unknown"}
    amounts = {"all": 48, "woman": 8, "man": 35, "unknown": 5}
    table = linked(amounts, sums, aside={"unknown"})
    assert hidden_of(amounts, table)[0] == {"woman", "man", "unknown"}
    assert known(amounts, table, {"woman", "unknown"}, "woman") == (8, 8)


def test_the_same_people_asked_twice_are_hidden_together():
    amounts = {"all": 60, "a": 4, "b": 56, "all2": 70, "a2": 14, "b2": 56}
    sums = {"all": ["a", "b"], "all2": ["a2", "b2"]}
    tied = {"all2": "all", "a2": "a", "b2": "b"}
    hidden, _ = hidden_of(amounts, linked(amounts, sums, tied=tied), cost=np.array([60.0, 4, 56]))
    assert hidden == {"a", "a2", "b", "b2"}


# --- an attacker who has nothing of ours -----------------------------------------------------


def test_no_simulated_table_is_worked_back():
    """A share of the 500 that benchmarks/disclosure.py attacks, drawn with the same seed."""
    rng = np.random.default_rng(SEED)
    unprotected = 0
    for _ in range(8):
        table = simulated(rng)
        unprotected += bool(narrow(table, small_only(table)))
        hidden, lost = complement(table, cost_of(table))
        assert not lost.any()
        assert not narrow(table, hidden)
    assert unprotected > 4, "the attacker succeeds where only the small cells are hidden"


def test_no_simulated_table_is_worked_back_by_two_releases():
    """Where the first told nothing that gives a cell away already, which is named."""
    rng, other = np.random.default_rng(SEED), np.random.default_rng(SEED + 1)
    alone = 0
    for _ in range(6):
        table = simulated(rng)
        first, told = earlier(table, other)
        shown = told & ~complement(first, cost_of(first))[0]
        alone += bool(narrow(table, complement(table, cost_of(table))[0] & ~shown))
        second = replace(table, public=shown)
        hidden, lost = complement(second, cost_of(second))
        assert set(narrow(second, hidden & ~shown)) <= set(np.flatnonzero(lost))
    assert alone > 2, "each protected by itself, the two give cells away"
