"""Difference in differences: Card and Krueger's, the regression written out, edges, refusals."""

import math

import numpy as np
import pandas as pd
import pytest
from optional_data import file

from icanalysis.cluster import fit
from icanalysis.did import before_after, did
from icanalysis.errors import WorkbookError

WAVES = {"baseline": 1, "outcome": 2, "period": "wave", "unit": "id", "cluster": "place"}


def people(seed=4, places=8, each=6):
    random = np.random.default_rng(seed)
    n = places * each
    place = np.repeat(np.arange(places), each)
    rows = pd.DataFrame({"id": np.arange(n), "place": place, "treated": place % 2 == 1})
    rows["stratum"] = np.where(place < places // 2, "north", "south")
    rows["weight"] = random.uniform(0.5, 3, n)
    rows["age"] = random.integers(20, 60, n)
    rows["sex"] = random.choice(["woman", "man"], n)
    level = random.normal(size=places)[place] + random.normal(size=n)
    gain = 0.5 + 0.8 * rows.treated + random.normal(size=n) + random.normal(size=places)[place] / 2
    one, two = rows.assign(wave=1, y=level), rows.assign(wave=2, y=level + gain)
    return pd.concat([one, two], ignore_index=True).sample(frac=1, random_state=seed)


def same(effect, told):
    for name in ("estimate", "se", "df", "low", "high", "p"):
        assert math.isclose(getattr(effect, name), told[name], rel_tol=1e-9), name


def changes(frame):
    wide = frame.pivot_table(index="id", columns="wave", values="y")
    first = frame[frame.wave == 1].set_index("id")
    return first.assign(change=wide[2] - wide[1], treated=first.treated * 1).reset_index()


def test_card_and_krueger():
    """1994: 2.76 (SE 1.36) with restaurants paired; this file does not say which are the same."""
    frame = pd.read_csv(file("reference", "njmin.csv"))
    frame = frame.assign(treated=frame.state == "New Jersey", id=range(len(frame)))
    found = did(frame, "fte", period="year", baseline=1991, outcome=1993, unit=None, cluster="id")
    assert round(found.estimate, 6) == 2.753606
    assert round(found.treated_baseline, 6) == 20.439408
    assert round(found.treated_outcome, 6) == 21.027429
    assert round(found.comparison_baseline, 6) == 23.331169
    assert round(found.comparison_outcome, 6) == 21.165584
    assert (found.n, found.left_out) == (794, 26)


@pytest.mark.parametrize("weight", [None, "weight"])
def test_followed_units_are_a_regression_of_changes(weight):
    frame = people()
    found = did(frame, "y", stratum="stratum", weight=weight, covariates=["age", "sex"], **WAVES)
    told = fit(
        "change ~ treated + stratum + age + sex", changes(frame), cluster="place", weight=weight
    )
    same(found, told.table.loc["treated"])
    assert (found.n, found.n_clusters, found.n_treated_clusters) == (48, 8, 4)


@pytest.mark.parametrize("weight", [None, "weight"])
def test_separate_samples_are_a_regression_of_values(weight):
    frame = people()
    found = did(
        frame, "y", stratum="stratum", weight=weight, covariates=["age"], **WAVES | {"unit": None}
    )
    frame = frame.assign(treated=frame.treated * 1, post=(frame.wave == 2) * 1)
    told = fit("y ~ treated * post + stratum + age", frame, cluster="place", weight=weight)
    same(found, told.table.loc["treated:post"])
    assert found.n == 96


def test_the_difference_is_that_of_the_four_means():
    frame = people()
    for unit in ("id", None):
        found = did(frame, "y", weight="weight", **WAVES | {"unit": unit})
        gained = found.treated_outcome - found.treated_baseline
        other = found.comparison_outcome - found.comparison_baseline
        assert math.isclose(found.estimate, gained - other, rel_tol=1e-9)
    mine = frame[frame.treated & (frame.wave == 2)]
    assert math.isclose(found.treated_outcome, np.average(mine.y, weights=mine.weight))


def test_before_and_after():
    frame = people()
    frame = frame[frame.treated]
    found = before_after(frame, "y", weight="weight", **WAVES)
    same(found, fit("change ~ 1", changes(frame), cluster="place", weight="weight").table.iloc[0])
    assert np.isnan(found.comparison_baseline)
    assert math.isclose(found.estimate, found.treated_outcome - found.treated_baseline)
    apart = before_after(frame, "y", weight="weight", **WAVES | {"unit": None})
    assert math.isclose(apart.estimate, found.estimate)
    with pytest.raises(WorkbookError, match="single cluster"):
        before_after(frame[frame.place == 1], "y", **WAVES)


def test_who_is_not_met_twice_is_left_out_and_counted():
    frame = people()
    gone = frame[~((frame.id == 3) & (frame.wave == 2)) & ~((frame.id == 9) & (frame.wave == 1))]
    gone = gone.assign(
        y=gone.y.mask((gone.id == 20) & (gone.wave == 1)), age=gone.age.mask(gone.id == 30)
    )
    before = gone.copy()
    found = did(gone, "y", covariates=["age"], **WAVES)
    pd.testing.assert_frame_equal(gone, before)
    assert (found.n, found.left_out) == (44, 4)
    kept = frame[~frame.id.isin([3, 9, 20, 30])]
    same(found, vars(did(kept, "y", covariates=["age"], **WAVES)))


def test_a_third_wave_is_not_read():
    frame = people()
    more = pd.concat([frame, frame[frame.wave == 1].assign(wave=3, y=1e9)])
    same(did(more, "y", **WAVES), vars(did(frame, "y", **WAVES)))


@pytest.mark.parametrize("gain", [0.0, 2.0])
def test_a_constant_change_has_no_p(gain):
    frame = people()
    base = frame[frame.wave == 1].set_index("id").y
    frame = frame.assign(y=frame.id.map(base) + gain * (frame.wave == 2))
    for found in (did(frame, "y", **WAVES), before_after(frame, "y", **WAVES)):
        assert found.se == 0
        assert np.isnan([found.p, found.low, found.high, found.df]).all()
        assert "no variation" in found.reason.text


def test_two_places_a_side_have_few_degrees_of_freedom():
    found = did(people(places=4), "y", **WAVES)
    assert 1 < found.df < 3


@pytest.mark.parametrize(
    ("change", "more", "told"),
    [
        (lambda d: d, {"cluster": "palce"}, r"no column: palce \(place\?\)"),
        (lambda d: d, {"covariates": ["agee"]}, r"no column: agee \(age\?\)"),
        (lambda d: d.assign(y="a"), {}, "must hold numbers"),
        (lambda d: d.assign(y=d.y.replace(d.y.iloc[0], np.inf)), {}, "infinite"),
        (lambda d: d.assign(y=np.nan), {}, "Nobody has the value in both waves"),
        (lambda d: d.assign(y=np.nan), {"unit": None}, "Nobody has the value in both waves"),
        (lambda d: d[d.wave == 1], {}, "two waves.*for: 2"),
        (lambda d: d, {"outcome": 1}, "two waves"),
        (lambda d: pd.concat([d, d.iloc[:1]]), {}, "one row per period"),
        (lambda d: d.assign(treated=True), {}, "All rows are on one side"),
        (lambda d: d.assign(treated=False), {"unit": None}, "All rows are on one side"),
        (lambda d: d.assign(treated="yes"), {}, "must hold yes or no"),
        (lambda d: d.assign(treated=d.treated ^ ((d.id == 3) & (d.wave == 2))), {}, "not: 3"),
        (lambda d: d.assign(place=d.place.mask(d.id == 3)), {}, "Some rows lack place"),
        (lambda d: d.assign(weight=-1.0), {"weight": "weight"}, "Weights must be positive"),
        (lambda d: d.assign(treated=d.place == 1), {}, "One side is a single cluster"),
        (lambda d: d[d.place.isin([0, 2, 3])], {}, "One side is a single cluster"),
        (lambda d: d.assign(place=1), {}, "single cluster"),
        (lambda d: d.assign(stratum=d.treated), {"stratum": "stratum"}, "follow from the others"),
        (
            lambda d: d[d.treated | (d.wave == 1)],
            {"unit": None},
            "One side was not met in one of the waves",
        ),
        # Only the north has both sides, and there each is one place.
        (
            lambda d: d[d.place.isin([0, 1, 5, 7, 2])].assign(
                stratum=lambda e: e.place.map({0: "a", 1: "a", 5: "b", 7: "b", 2: "c"})
            ),
            {"stratum": "stratum"},
            "hangs on a single cluster",
        ),
    ],
)
def test_refusals(change, more, told):
    with pytest.raises(WorkbookError, match=told):
        did(change(people()), "y", **WAVES | more)
