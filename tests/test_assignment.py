"""The randomisation test: published counts, enumerations written out, edges and refusals."""

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest
from optional_data import CHECKOUT, file

from icanalysis.assignment import leave_one_out, randomisation_test
from icanalysis.errors import WorkbookError

TREATED = ["ayacucho", "cusco", "puno", "lambayeque"]
PARTS = ["callao", "lima_metropolitana", "lima_provincias", "lima_metropolitana_callao", "peru"]


def panel(before, after):
    """Two years of units named a, b, c..."""
    units = [chr(ord("a") + number) for number in range(len(after))]
    rows = {"region": units * 2, "year": [1] * len(units) + [2] * len(units)}
    return pd.DataFrame(rows | {"value": [*before, *after]})


def changed(changes):
    """A panel in which the units changed so."""
    return panel([0.0] * len(changes), list(map(float, changes)))


def outcome_of(changes, n_treated, **more):
    units = changed(changes).region.unique()[:n_treated]
    return randomisation_test(changed(changes), treated=units, baseline=1, outcome=2, **more)


def by_hand(changes, n_treated, effect=0.0):
    """Two-sided p of a constant effect, by a loop over all assignments."""
    taken = np.array(changes, dtype=float)
    taken[:n_treated] -= effect
    everyone = set(range(len(taken)))

    def difference(group):
        return taken[list(group)].mean() - taken[list(everyone - set(group))].mean()

    own = abs(difference(range(n_treated)))
    found = [abs(difference(group)) for group in combinations(range(len(taken)), n_treated)]
    return np.mean([each >= own - 1e-9 for each in found])


@pytest.fixture(scope="module")
def poverty():
    table = pd.read_csv(CHECKOUT / "data" / "official" / "poverty.csv")
    return table[~table.region.isin(PARTS)]


# ---- Published and enumerated figures ----------------------------------------------------------


@pytest.mark.parametrize(
    ("baseline", "estimate", "count"), [(2009, -3.015, 5239), (2010, -6.075, 1577)]
)
def test_four_of_24_departments_have_10626_assignments(poverty, baseline, estimate, count):
    found = randomisation_test(
        poverty, treated=TREATED, baseline=baseline, outcome=2013, value="poverty_pct"
    )
    assert found.estimate == pytest.approx(estimate, abs=1e-9)
    assert (found.n_at_least, found.n_assignments, found.exact) == (count, 10_626, True)
    assert found.p_value == count / 10_626
    assert found.p_min == 1 / 10_626
    assert (found.n_treated, found.n_units, found.left_out) == (4, 24, ())
    assert found.monte_carlo_se == 0


@pytest.mark.parametrize(
    ("alternative", "count"), [("two-sided", 60), ("greater", 30), ("less", 46)]
)
def test_the_textbook_experiment_of_eight_persons(alternative, count):
    people = pd.read_stata(file("reference", "ri.dta")).assign(year=2020)
    found = randomisation_test(
        people,
        treated=list(people.name[people.d == 1]),
        baseline=None,
        outcome=2020,
        unit="name",
        value="y",
        alternative=alternative,
    )
    assert found.estimate == 1.0
    assert (found.n_at_least, found.n_assignments) == (count, 70)


def test_the_same_experiment_from_its_numbers():
    found = outcome_of([10, 5, 16, 3, 5, 7, 8, 10], 4)
    assert (found.estimate, found.n_at_least, found.n_assignments) == (1.0, 60, 70)


@pytest.mark.parametrize(("n", "n_treated"), [(7, 1), (7, 3), (7, 4), (7, 6), (8, 4), (9, 2)])
def test_p_and_interval_agree_with_a_loop_over_assignments_and_effects(n, n_treated):
    changes = np.random.default_rng(n * n_treated).integers(-9, 10, n).tolist()
    found = outcome_of(changes, n_treated)
    assert found.n_assignments == comb(n, n_treated)
    assert found.p_value == pytest.approx(by_hand(changes, n_treated))
    grid = np.linspace(found.estimate - 60, found.estimate + 60, 481)
    kept = [effect for effect in grid if by_hand(changes, n_treated, effect) > 0.05]
    if np.isnan(found.low):
        assert len(kept) == len(grid)
        return
    step = grid[1] - grid[0]
    assert found.low - 1e-9 <= kept[0] <= found.low + step
    assert found.high - step <= kept[-1] <= found.high + 1e-9
    assert len(kept) == round((kept[-1] - kept[0]) / step) + 1, "one interval, without gaps"


def test_an_interval_worked_by_hand():
    """One of 20 units changed by 100, the others by 0 to 18.

    Without an effect t it changed by x = 100 - t, and the mean of all is (x + 171) / 20. The unit
    that did not change is as far below it as x is above at x = 19, where t = 81; the one that
    changed by 18 as far above it as x is below at x = -1, where t = 101. Between, p > 1/20.
    """
    found = outcome_of([100, *range(19)], 1)
    assert (found.p_value, found.p_min) == (1 / 20, 1 / 20)
    assert [found.low, found.high] == pytest.approx([81, 101], abs=1e-9)


def test_zero_is_in_the_interval_where_p_is_above_the_level():
    random = np.random.default_rng(5)
    seen = set()
    for _ in range(60):
        found = outcome_of([*random.normal(1, 1, 3), *random.normal(0, 1, 5)], 3)
        inside = found.low <= 0 <= found.high
        assert inside == (found.p_value > 0.05)
        seen.add(inside)
    assert seen == {True, False}


def test_ties_by_binary_noise_count():
    assert 0.7 - 0.5 < 0.3 - 0.1 < 0.9 - 0.7
    rows = panel([0.1, 0.7, 0.5, 0.0], [0.3, 0.9, 0.7, 0.0])
    counts = [
        randomisation_test(
            rows, treated=[name], baseline=1, outcome=2, alternative="greater"
        ).n_at_least
        for name in "abcd"
    ]
    assert counts == [3, 3, 3, 4]


def test_one_side_and_the_other_share_the_ties():
    up, down = (outcome_of([3, 1, 3, 0, 2], 2, alternative=side) for side in ("greater", "less"))
    assert up.n_at_least == sum(a + b >= 4 for a, b in combinations([3, 1, 3, 0, 2], 2))
    assert down.n_at_least == sum(a + b <= 4 for a, b in combinations([3, 1, 3, 0, 2], 2))


# ---- What a design can attain ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "n_treated", "alternative", "p_min"),
    [
        (24, 4, "two-sided", 1 / 10_626),
        (2, 1, "two-sided", 1.0),
        (2, 1, "greater", 0.5),
        (8, 4, "two-sided", 2 / 70),
        (8, 4, "less", 1 / 70),
        (5, 4, "two-sided", 1 / 5),
    ],
)
def test_the_smallest_p_a_design_could_attain(n, n_treated, alternative, p_min):
    changes = [1.7**number for number in range(n)]
    found = outcome_of(changes, n_treated, alternative=alternative)
    assert found.p_min == pytest.approx(p_min, rel=1e-12)


def test_the_most_extreme_assignment_attains_it():
    assert outcome_of([9, 8, 1, 2, 3], 2, alternative="greater").p_value == 1 / 10


def test_no_interval_where_nothing_could_be_rejected():
    found = outcome_of([5, 1, 2, 3], 1)
    assert np.isnan(found.low) and np.isnan(found.high)
    assert "too few assignments" in found.reason.text
    assert found.p_value == 1 / 4


def test_an_interval_appears_with_the_twentieth_unit():
    widths = {n: outcome_of([50, *range(n - 1)], 1).low for n in (19, 20)}
    assert np.isnan(widths[19])
    assert np.isfinite(widths[20])


# ---- Drawn assignments -------------------------------------------------------------------------


def test_drawn_assignments_agree_with_all_of_them(poverty):
    asked = {"treated": TREATED, "baseline": 2010, "outcome": 2013, "value": "poverty_pct"}
    exact = randomisation_test(poverty, **asked)
    assert randomisation_test(poverty, **asked, limit=10_626) == exact
    drawn = randomisation_test(poverty, **asked, limit=10_625, draws=19_999)
    assert (exact.exact, drawn.exact) == (True, False)
    assert drawn.estimate == pytest.approx(exact.estimate)
    assert drawn.n_assignments == 20_000
    assert drawn.p_value == drawn.n_at_least / 20_000
    se = np.sqrt(exact.p_value * (1 - exact.p_value) / 19_999)
    assert drawn.monte_carlo_se == pytest.approx(se, rel=0.05)
    assert abs(drawn.p_value - exact.p_value) < 4 * se
    assert [drawn.low, drawn.high] == pytest.approx([exact.low, exact.high], abs=0.5)


def test_drawn_groups_are_uniform_and_repeat_with_their_seed():
    changes = [1.0, 2.0, 4.0, 8.0, 16.0]
    found = [outcome_of(changes, 3, limit=1, draws=30_000, seed=seed) for seed in (1, 1, 2)]
    assert found[0] == found[1]
    assert found[0] != found[2]
    for each in found:
        assert each.p_value == pytest.approx(by_hand(changes, 3), abs=0.015)


def test_drawn_p_is_never_zero():
    found = outcome_of([100.0] * 15 + list(np.linspace(0, 1, 15)), 15, draws=999)
    assert not found.exact
    assert found.p_value == found.p_min == 1 / 1000
    assert np.isfinite(found.low)


def test_the_draws_come_in_pieces_without_end(monkeypatch):
    whole = outcome_of(range(30), 10, draws=500)
    monkeypatch.setattr("icanalysis.assignment._CELLS", 30 * 7)
    pieces = outcome_of(range(30), 10, draws=500)
    assert whole == pieces


# ---- Edges -------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [[0.0] * 5, [2.0] * 5])
def test_nothing_varies(changes):
    found = outcome_of(changes, 2)
    assert found.estimate == 0
    assert all(np.isnan([found.p_value, found.p_min, found.low, found.high]))
    assert "no variation" in found.reason.text


def test_nothing_varies_but_binary_noise():
    rows = panel([0.1, 0.2, 1000.3, 7.7], [0.4, 0.5, 1000.6, 8.0])
    found = randomisation_test(rows, treated=["a"], baseline=1, outcome=2)
    assert np.isnan(found.p_value)


def test_one_unit_that_differs_is_variation():
    assert outcome_of([0, 0, 0, 1e-6], 1).p_value == 1.0
    assert outcome_of([1e-6, 0, 0, 0], 1).p_value == 0.25


def test_units_lacking_a_year_are_left_out_and_named():
    rows = changed([5, 1, 2, 3, 4, 9])
    rows.loc[rows.region.eq("e") & rows.year.eq(2), "value"] = np.nan
    rows = rows[~(rows.region.eq("f") & rows.year.eq(1))]
    before = rows.copy()
    found = randomisation_test(rows, treated=["a"], baseline=1, outcome=2)
    assert (found.left_out, found.n_units, found.n_assignments) == (("e", "f"), 4, 4)
    assert found.estimate == 5 - 2
    pd.testing.assert_frame_equal(rows, before)


def test_a_treated_unit_lacking_a_year_is_left_out_and_named():
    rows = changed([5, 1, 2, 3]).drop(index=1)
    found = randomisation_test(rows, treated=["a", "b"], baseline=1, outcome=2)
    assert (found.left_out, found.n_treated, found.estimate) == (("b",), 1, 2.5)


def test_the_order_of_rows_and_other_periods_do_not_matter(poverty):
    asked = {"treated": TREATED, "baseline": 2009, "outcome": 2013, "value": "poverty_pct"}
    two = poverty[poverty.year.isin([2009, 2013])]
    shuffled = poverty.sample(frac=1, random_state=3)
    assert randomisation_test(two, **asked) == randomisation_test(shuffled, **asked)


def test_a_unit_named_twice_counts_once():
    rows = changed([5, 1, 2, 3])
    found = randomisation_test(rows, treated=["a", "a"], baseline=1, outcome=2)
    assert found == randomisation_test(rows, treated="a", baseline=1, outcome=2)


# ---- Refusals ----------------------------------------------------------------------------------


def refusal(rows, **more):
    asked = {"treated": ["a"], "baseline": 1, "outcome": 2} | more
    with pytest.raises(WorkbookError) as caught:
        randomisation_test(rows, **asked)
    return str(caught.value)


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")


def test_misspelt_units_are_told_the_nearest(poverty):
    told = refusal(
        poverty,
        treated=["ayacuho", "puno", "xyz"],
        baseline=2009,
        outcome=2013,
        value="poverty_pct",
    )
    assert "ayacuho (ayacucho?), xyz" in told


def test_refusals():
    rows = changed([5, 1, 2, 3])
    assert "baseline must come before" in refusal(rows, baseline=2, outcome=2)
    assert "baseline must come before" in refusal(rows, baseline=2, outcome=1)
    assert "no period 0" in refusal(rows, baseline=0)
    assert "no period 7" in refusal(rows, outcome=7)
    assert "nothing to compare" in refusal(rows, treated=["a", "b", "c", "d"])
    assert "nothing to compare" in refusal(rows[rows.region == "a"])
    assert "no column: valeu (value?)" in refusal(rows, value="valeu")
    assert "“both”" in refusal(rows, alternative="both")
    assert "No treated unit" in refusal(rows, treated=[])
    assert "No treated unit" in refusal(rows.assign(value=np.nan))
    assert "No treated unit" in refusal(rows.iloc[1:])
    assert "At least one assignment" in refusal(rows, draws=0)


def test_rows_that_are_refused_are_named():
    rows = changed([5, 1, 2, 3])
    assert "more at: b 1" in refusal(pd.concat([rows, rows.iloc[[1]]]))
    assert "more at: b 1" in refusal(pd.concat([rows, rows.iloc[[1]].assign(value=9.0)]))
    assert "stand at: c 2" in refusal(rows.replace({"value": {2.0: np.inf}}))
    assert "must hold numbers" in refusal(rows.assign(value="5"))
    assert "lack region or year" in refusal(rows.assign(region=[None, *rows.region[1:]]))


# ---- Leaving one out ---------------------------------------------------------------------------


def test_each_treated_unit_is_left_out_in_turn(poverty):
    asked = {"baseline": 2009, "outcome": 2013, "value": "poverty_pct"}
    found = leave_one_out(poverty, treated=TREATED, **asked).set_index("left_out")
    assert list(found.index) == TREATED
    for name, row in found.iterrows():
        rest = [other for other in TREATED if other != name]
        alone = randomisation_test(poverty[poverty.region != name], treated=rest, **asked)
        assert tuple(row) == (alone.estimate, alone.p_value, alone.p_min, comb(23, 3))
    assert found.estimate["cusco"] == pytest.approx(-0.631667, abs=1e-6)


def test_leaving_one_out_by_hand():
    found = leave_one_out(changed([6, 2, 1, 0]), treated=["a", "b"], baseline=1, outcome=2)
    assert found.estimate.tolist() == [1.5, 5.5]
    assert found.p_value.tolist() == [2 / 3, 1 / 3]


def test_one_treated_unit_cannot_be_left_out():
    with pytest.raises(WorkbookError, match="two must have values"):
        leave_one_out(changed([6, 2, 1, 0]), treated=["a"], baseline=1, outcome=2)
