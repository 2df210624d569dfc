"""The study of errors: its counts by hand, its formulas against other programs, its truth."""

import itertools
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from shipped import REGIONS, shipped

from icanalysis import producer_simulation, producers, trials
from icanalysis.assignment import randomisation_test
from icanalysis.did import before_after, did
from icanalysis.evaluation import Years
from icanalysis.evidence import VERDICTS
from icanalysis.power import minimum_detectable_effect
from icanalysis.regions import Compared, compared
from icanalysis.visits import DESIGN

JUDGED = pd.DataFrame(
    [
        # seed, variable, truth, estimate, low, high, p, report, unadjusted, unclustered, before
        (1, "income", 0.0, 1.0, -1.0, 3.0, 0.30, False, False, True, True),
        (1, "days", 1.0, 3.0, 1.0, 5.0, 0.05, True, True, True, True),
        (2, "income", 0.0, 2.0, 0.5, 3.5, 0.01, False, True, True, False),
        (2, "days", 1.0, 0.0, -1.0, 0.9, 0.90, False, False, False, False),
        (3, "income", 0.0, 0.0, 0.0, 1.0, 0.06, False, False, False, True),
        (3, "days", 1.0, 3.0, 2.0, 4.0, 0.02, False, False, False, False),
        (4, "income", 0.0, 1.0, -2.0, 4.0, 0.50, False, False, False, True),
        (4, "days", 1.0, 2.0, -1.0, 5.0, 0.20, False, False, False, True),
    ],
    columns=[
        "seed", "variable", "truth", "estimate", "low", "high", "p", "report", "unadjusted",
        "unclustered", "before_after",
    ],
).assign(detectable=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])  # fmt: skip


@cache
def nothing():
    """Twenty programmes that do nothing."""
    return trials.programmes(range(20), {})


# --- counts by hand -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "some", "each"),
    [("report", 1 / 4, 1 / 8), ("unadjusted", 2 / 4, 2 / 8), ("unclustered", 2 / 4, 3 / 8),
     ("before_after", 3 / 4, 5 / 8)],
)  # fmt: skip
def test_rates_by_hand(method, some, each):
    row = trials.rates(JUDGED).set_index("method").loc[method]
    assert row["any"] == some
    assert row["each"] == each
    assert row["any_se"] == pytest.approx(math.sqrt(some * (1 - some) / 4))


def test_every_method_is_counted_once_in_order():
    assert tuple(trials.rates(JUDGED)["method"]) == trials.METHODS


def test_accuracy_by_hand():
    found = trials.accuracy(JUDGED).set_index("variable")
    assert list(found.index) == ["income", "days"]
    income = found.loc["income"]
    assert (income["truth"], income["estimate"], income["bias"]) == (0.0, 1.0, 1.0)
    # Errors 1, 2, 0, 1: their standard deviation is sqrt(2/3), over sqrt(4).
    assert income["bias_se"] == pytest.approx(math.sqrt(2 / 3) / 2)
    # Intervals hold nought in the first, the third (at its end) and the fourth.
    assert income["covered"] == 0.75
    assert income["covered_se"] == pytest.approx(math.sqrt(0.75 * 0.25 / 4))
    assert income["found"] == 0.25
    assert income["detectable"] == 4.0
    days = found.loc["days"]
    assert (days["truth"], days["estimate"], days["bias"]) == (1.0, 2.0, 1.0)
    # 1 lies at the end of the first and inside the fourth, above the second, below the third.
    assert days["covered"] == 0.5
    assert days["found"] == 0.5  # p of 0.05 itself counts, as in a report
    assert days["detectable"] == 5.0


# --- programmes that do nothing -----------------------------------------------------------------


def test_programmes_without_effect_end_to_end():
    found = nothing()
    assert len(found) == 20 * 6
    assert set(found["seed"]) == set(range(20))
    assert set(found["variable"]) == set(producer_simulation.OUTCOMES)
    assert (found["truth"] == 0).all()
    assert set(found["verdict"]) <= set(VERDICTS)
    numbers = ["estimate", "se", "low", "high", "p", "adjusted", "detectable"]
    assert found[numbers].notna().all(axis=None)
    assert (found["adjusted"] >= found["p"]).all()
    assert (found["low"] < found["estimate"]).all()
    assert (found["estimate"] < found["high"]).all()


def test_the_report_errs_seldom_and_before_after_nearly_always():
    rates = trials.rates(nothing()).set_index("method")["any"]
    assert rates["report"] <= 0.2
    assert rates["report"] <= rates["unadjusted"] <= rates["before_after"]
    assert rates["before_after"] >= 0.9  # incomes grow for everybody


def test_errors_of_estimates_are_no_larger_than_their_intervals_say():
    found = trials.accuracy(nothing())
    assert (found["bias"].abs() < 4 * found["bias_se"]).all()
    assert (found["covered"] >= 0.75).all()


def test_what_is_told_of_one_programme_is_what_its_report_would_compute():
    made = producer_simulation.programme(7, effects={})
    panel = producers.link(made.frame).panel
    rows = nothing().query("seed == 7").set_index("variable")
    p = {}
    for name in producer_simulation.OUTCOMES:
        each = did(panel, name, stratum="stratum", **DESIGN)
        row = rows.loc[name]
        p[name] = each.p
        for fact in ("estimate", "se", "low", "high", "p"):
            assert row[fact] == getattr(each, fact), (name, fact)
        assert row["detectable"] == minimum_detectable_effect(each.se, df=each.df)
        assert row["unadjusted"] == (each.p <= 0.05)
        alone = before_after(panel[panel["arm"] == "programme"], name, **DESIGN)
        assert row["before_after"] == (alone.p <= 0.05)
    ranked = sorted(p, key=p.get)
    adjusted = np.maximum.accumulate([min(1, (6 - at) * p[name]) for at, name in enumerate(ranked)])
    assert list(rows["adjusted"][ranked]) == pytest.approx(list(adjusted))


def test_a_report_calls_changed_what_is_clear_after_adjustment_and_nothing_else():
    for found in (nothing(), effective()):
        clear = (found["adjusted"] <= 0.05) & ~(found["low"].le(0) & found["high"].ge(0))
        assert (found["report"] == clear).all()
        assert (found["report"] == found["verdict"].isin(["better", "worse"])).all()


@cache
def effective():
    return trials.programmes(range(4), {"income_soles": 400.0, "formalised": 0.4})


def test_an_effect_is_found_with_its_sign_and_size():
    found = effective()
    income = found.query("variable == 'income_soles'")
    assert (income["verdict"] == "better").all()
    assert np.allclose(income["truth"], 400)
    assert ((income["estimate"] - 400).abs() < 4 * income["se"]).all()
    assert (found.query("variable == 'credit'")["truth"] == 0).all()
    harmful = trials.programmes([3], {"income_soles": -150.0}).set_index("variable")
    assert harmful["verdict"]["income_soles"] == "worse"
    assert harmful["report"]["income_soles"]
    assert harmful["truth"]["income_soles"] < 0


def test_the_same_seed_is_the_same_programme():
    again = trials.programmes([3], {})
    expected = nothing().query("seed == 3").reset_index(drop=True)
    pd.testing.assert_frame_equal(again, expected)


def test_without_communities_every_interview_stands_alone():
    """The naive p against a regression on the four cells with unequal variances (HC2)."""
    panel = producers.link(producer_simulation.programme(2, effects={}).frame).panel
    for name in ("income_soles", "formalised", "credit"):
        rows = panel[panel[name].notna()]
        after = (rows["wave"] == "outcome").to_numpy("float64")
        treated = rows["treated"].to_numpy("float64")
        x = sm.add_constant(np.column_stack([after, treated, after * treated]))
        fitted = sm.OLS(rows[name].to_numpy("float64"), x).fit(cov_type="HC2", use_t=False)
        assert trials._unclustered(panel, name) == pytest.approx(fitted.pvalues[3], rel=1e-9)


# --- regions that never had a programme ---------------------------------------------------------


@cache
def poverty(baseline):
    item = shipped().evaluation.context[0]
    return compared(shipped(), item, Years(baseline=baseline, outcome=2013))


@pytest.mark.parametrize("baseline", [2007, 2008, 2009, 2010])
def test_the_exact_test_rejects_as_often_as_it_says(baseline):
    found = trials.placebo_regions(poverty(baseline)).set_index("method")
    assert (found["sets"] == math.comb(24, 4)).all()
    assert 0.045 <= found["rejected"]["exact"] <= 0.05
    assert found["rejected"]["usual"] > 0.05


def made(seed, regions=8, treated=3, ties=False):
    """A panel of a few regions with random changes."""
    draw = np.random.default_rng(seed)
    names = [f"r{number:02}" for number in range(regions)]
    after = draw.integers(0, 4, regions) if ties else draw.standard_t(3, regions)
    panel = pd.DataFrame(
        {
            "region": names * 2,
            "year": [2009] * regions + [2013] * regions,
            "value": np.concatenate([np.zeros(regions), after]),
        }
    )
    return Compared(None, panel, tuple(names[:treated]), Years(baseline=2009, outcome=2013), {})


def by_regression(changes, chosen):
    """P-value of statsmodels: errors by region, normal distribution."""
    x = sm.add_constant(np.isin(np.arange(len(changes)), chosen) * 1.0)
    groups = np.arange(len(changes))
    clustered = sm.OLS(changes, x).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=False)
    robust = sm.OLS(changes, x).fit(cov_type="HC1", use_t=False)
    assert clustered.pvalues[1] == pytest.approx(robust.pvalues[1], rel=1e-9)
    return clustered.pvalues[1]


@pytest.mark.parametrize(
    ("seed", "regions", "treated"), [(1, 8, 3), (2, 8, 2), (3, 9, 4), (4, 7, 5)]
)
def test_the_usual_test_is_a_regression_with_errors_by_region(seed, regions, treated):
    found = made(seed, regions, treated)
    changes = found.known[2013].to_numpy()
    p = [by_regression(changes, list(each))
         for each in itertools.combinations(range(regions), treated)]  # fmt: skip
    told = trials.placebo_regions(found).set_index("method")
    assert told["rejected"]["usual"] == pytest.approx(np.mean(np.array(p) <= 0.05), abs=1e-12)
    assert told["sets"]["usual"] == len(p)


def test_the_usual_test_of_poverty_on_the_programmes_own_regions_and_a_handful_of_others(
    monkeypatch,
):
    """Of the shipped changes: the share of sets told is that of the p-values of the regression."""
    changes = (poverty(2009).known[2013] - poverty(2009).known[2009]).to_numpy()
    sets = list(itertools.combinations(range(24), 4))
    some = [sets[place] for place in range(0, len(sets), 1000)]
    monkeypatch.setattr(trials.itertools, "combinations", lambda *asked: iter(some))
    told = trials.placebo_regions(poverty(2009)).set_index("method")
    p = np.array([by_regression(changes, list(each)) for each in some])
    assert told["rejected"]["usual"] == pytest.approx((p <= 0.05).mean())
    assert told["sets"]["usual"] == len(some) == 11


@pytest.mark.parametrize(
    ("seed", "regions", "treated", "ties"),
    [(1, 8, 3, False), (2, 8, 2, False), (3, 9, 4, False), (5, 8, 3, True), (6, 8, 4, True)],
)
def test_the_exact_test_is_that_of_a_report_on_every_set(seed, regions, treated, ties):
    found = made(seed, regions, treated, ties)
    names = found.known.index
    p = [
        randomisation_test(
            found.panel, treated=[names[place] for place in each], baseline=2009, outcome=2013
        ).p_value
        for each in itertools.combinations(range(regions), treated)
    ]
    told = trials.placebo_regions(found).set_index("method")
    assert told["rejected"]["exact"] == pytest.approx(np.mean(np.array(p) <= 0.05), abs=1e-12)


def test_levels_before_do_not_count():
    found = made(1)
    shifted = found.panel.assign(value=found.panel["value"] + found.panel["region"].map(
        {name: place for place, name in enumerate(found.known.index)}))  # fmt: skip
    other = Compared(None, shifted, found.treated, found.years, {})
    pd.testing.assert_frame_equal(trials.placebo_regions(other), trials.placebo_regions(found))


def test_as_many_regions_as_the_programme_has():
    assert poverty(2009).treated == REGIONS
    assert trials.placebo_regions(made(1, 8, 2))["sets"].tolist() == [28, 28]
