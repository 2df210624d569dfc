"""The study of errors: its counts by hand, its formulas against other programs, its truth."""

import itertools
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from shipped import REGIONS, shipped, without

from icanalysis import producer_simulation, producers, trials
from icanalysis.assignment import randomisation_test
from icanalysis.did import before_after
from icanalysis.effects import effects
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import Years
from icanalysis.evidence import GRADES, STATEMENTS, VERDICTS
from icanalysis.power import minimum_detectable_effect
from icanalysis.regions import Compared, compared
from icanalysis.visits import DESIGN, followed


def judged(rows):
    """Rows of what a report tells: seed, region, variable, group, truth, estimate, low, high, p,
    detectable, verdict, then whether the other methods call it changed (None: not asked)."""
    columns = ["seed", "region", "variable", "group", "truth", "estimate", "low", "high", "p",
               "detectable", "verdict", "unclustered", "before_after"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(
        report=frame["verdict"].isin(["better", "worse"]),
        unadjusted=frame["p"] <= 0.05,
        statement=frame["verdict"]
        .map({"better": "consistent", "worse": "consistent"})
        .fillna("none"),
        grade="moderate",
    )


INCOME, DAYS = "income_soles", "days_worked"
SAME, BETTER, WORSE = "no_clear_change", "better", "worse"
JUDGED = judged(
    [
        (1, "all", INCOME, "all", 0.0, 1.0, -1.0, 3.0, 0.30, 1.0, SAME, True, True),
        (1, "all", DAYS, "all", 1.0, 3.0, 1.0, 5.0, 0.05, 2.0, BETTER, True, True),
        (1, "all", "index", "all", math.nan, 0.1, -0.1, 0.3, 0.40, 0.1, SAME, None, None),
        (1, "puno", INCOME, "all", 0.0, 1.0, -1.0, 3.0, 0.30, 1.0, SAME, None, None),
        (1, "cusco", INCOME, "all", 0.0, 4.0, 1.0, 7.0, 0.01, 1.0, BETTER, None, None),
        (2, "all", INCOME, "all", 0.0, 2.0, 0.5, 3.5, 0.01, 3.0, SAME, True, False),
        (2, "all", INCOME, "sex:man", 0.0, -9.0, -11.0, -8.0, 0.01, 3.0, WORSE, None, None),
        (2, "all", DAYS, "all", 1.0, 0.0, -1.0, 0.9, 0.90, 4.0, SAME, False, False),
        (2, "puno", INCOME, "all", 0.0, 1.0, -1.0, 3.0, 0.30, 1.0, WORSE, None, None),
        (2, "cusco", INCOME, "all", 0.0, 4.0, 1.0, 7.0, 0.01, 1.0, BETTER, None, None),
        (3, "all", INCOME, "all", 0.0, 0.0, 0.0, 1.0, 0.06, 5.0, SAME, False, True),
        (3, "all", DAYS, "all", 1.0, 3.0, 2.0, 4.0, 0.02, 6.0, SAME, False, False),
        (3, "puno", INCOME, "all", 0.0, 1.0, -1.0, 3.0, 0.30, 1.0, SAME, None, None),
        (3, "cusco", INCOME, "all", 0.0, 4.0, 1.0, 7.0, 0.11, 1.0, SAME, None, None),
        (4, "all", INCOME, "all", 0.0, 1.0, -2.0, 4.0, 0.50, 7.0, SAME, False, True),
        (4, "all", DAYS, "all", 1.0, 2.0, -1.0, 5.0, 0.20, 8.0, SAME, False, True),
        (4, "puno", INCOME, "all", 0.0, 1.0, -1.0, 3.0, 0.30, 1.0, SAME, None, None),
        (4, "cusco", INCOME, "all", 0.0, 4.0, 1.0, 7.0, 0.11, 1.0, SAME, None, None),
    ]
)  # fmt: skip


@cache
def nothing():
    """Twelve programmes that do nothing."""
    return trials.programmes(shipped(), range(12), {})


def outcomes(found):
    """What is told of the outcomes of all regions together."""
    return found.dropna(subset="before_after")


# --- counts by hand -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "method", "some", "each"),
    [
        # In the first an outcome, in the second a group: both are called by the report.
        ("all", "report", 2 / 4, 2 / 10),
        ("puno", "report", 1 / 4, 1 / 4),
        ("cusco", "report", 2 / 4, 2 / 4),
        ("any_region", "report", 2 / 4, 3 / 8),
        # Of the outcomes of all regions only.
        ("all", "unadjusted", 3 / 4, 3 / 8),
        ("all", "unclustered", 2 / 4, 3 / 8),
        ("all", "before_after", 3 / 4, 5 / 8),
    ],
)
def test_rates_by_hand(scope, method, some, each):
    row = trials.rates(JUDGED).set_index(["scope", "method"]).loc[scope, method]
    assert row["any"] == some
    assert row["each"] == each
    assert row["any_se"] == pytest.approx(math.sqrt(some * (1 - some) / 4))


def test_every_scope_and_method_is_counted_once_in_order():
    told = trials.rates(JUDGED)[["scope", "method"]].to_numpy().tolist()
    reports = [[scope, "report"] for scope in ("all", "puno", "cusco", "any_region")]
    assert told == reports + [["all", method] for method in trials.METHODS[1:]]


def test_what_was_said_by_hand():
    found = trials.said(JUDGED).set_index(["scope", "kind", "verdict"])
    assert found["count"].to_dict() == {
        ("all", "group", WORSE): 1,
        ("all", "index", SAME): 1,
        ("all", "outcome", BETTER): 1,
        ("all", "outcome", SAME): 7,
        ("region", "outcome", BETTER): 2,
        ("region", "outcome", SAME): 5,
        ("region", "outcome", WORSE): 1,
    }
    assert found.loc[("all", "outcome", BETTER), "share"] == 1 / 8
    assert found.loc[("region", "outcome", SAME), "share"] == 5 / 8


def test_accuracy_by_hand():
    found = trials.accuracy(JUDGED).set_index("variable")
    assert list(found.index) == [INCOME, DAYS]
    income = found.loc[INCOME]
    assert (income["truth"], income["estimate"], income["bias"]) == (0.0, 1.0, 1.0)
    # Errors 1, 2, 0, 1: their standard deviation is sqrt(2/3), over sqrt(4).
    assert income["bias_se"] == pytest.approx(math.sqrt(2 / 3) / 2)
    # Intervals hold nought in the first, the third (at its end) and the fourth.
    assert income["covered"] == 0.75
    assert income["covered_se"] == pytest.approx(math.sqrt(0.75 * 0.25 / 4))
    assert income["found"] == 0.25
    assert income["detectable"] == 4.0
    days = found.loc[DAYS]
    assert (days["truth"], days["estimate"], days["bias"]) == (1.0, 2.0, 1.0)
    # 1 lies at the end of the first and inside the fourth, above the second, below the third.
    assert days["covered"] == 0.5
    assert days["found"] == 0.5  # p of 0.05 itself counts, as in a report
    assert days["detectable"] == 5.0


# --- programmes that do nothing -----------------------------------------------------------------


def test_programmes_without_effect_end_to_end():
    found = nothing()
    assert set(found["seed"]) == set(range(12))
    assert set(found["region"]) == {"programme", *REGIONS}
    assert set(outcomes(found)["variable"]) == set(producer_simulation.OUTCOMES)
    assert len(outcomes(found)) == 12 * 6
    assert (found["truth"].dropna() == 0).all()
    assert set(found.loc[found["truth"].isna(), "variable"]) == {"index"}
    assert set(found["verdict"]) <= set(VERDICTS)
    assert set(found["statement"]) <= set(STATEMENTS)
    assert set(found["grade"]) <= set(GRADES)
    numbers = ["estimate", "se", "low", "high", "p", "detectable"]
    assert outcomes(found)[numbers].notna().all(axis=None)
    known = found.dropna(subset="estimate")
    assert (known["low"] < known["estimate"]).all()
    assert (known["estimate"] < known["high"]).all()
    assert (found.loc[found["estimate"].isna(), "verdict"] == "not_known").all()


def test_the_report_errs_seldom_and_before_after_nearly_always():
    rates = trials.rates(nothing()).set_index(["scope", "method"])["any"]["programme"]
    assert rates["report"] <= 0.25
    assert rates["before_after"] >= 0.9  # incomes grow for everybody


def test_errors_of_estimates_are_no_larger_than_their_intervals_say():
    found = trials.accuracy(nothing())
    assert (found["bias"].abs() < 4 * found["bias_se"]).all()
    assert (found["covered"] >= 0.65).all()


@pytest.mark.parametrize("region", ["programme", "cusco"])
def test_what_is_judged_is_what_the_report_on_those_producers_tells(region):
    """The whole way of a report, its files included, for the producers of one seed."""
    made = producer_simulation.shipped(shipped(), 7, {})

    class Other:
        def __getattr__(self, name):
            return getattr(shipped(), name)

        def table(self, name):
            return made.frame if name == "producers" else shipped().table(name)

    told = effects(Other(), region)
    told = told[told["statistic"] == "did"].set_index(["indicator", "group"])
    rows = nothing().query("seed == 7 and region == @region").set_index(["indicator", "group"])
    assert set(rows.index) == set(told.index)
    for key, row in rows.iterrows():
        line = told.loc[key]
        for ours, theirs in (("estimate", "value"), ("se", "se"), ("low", "low"), ("p", "p")):
            assert row[ours] == pytest.approx(line[theirs], rel=1e-12, nan_ok=True)
        assert row["verdict"] == line["status"]
        facts = dict(part.split(":", 1) for part in line["note"].split(";") if part)
        assert row["statement"] == facts.get("seen", "not_known")
        assert row["grade"] == facts.get("grade", "none")
        if facts:
            expected = minimum_detectable_effect(line["se"], df=float(facts["df"]))
            assert row["detectable"] == pytest.approx(expected)


def test_common_practice_on_the_same_producers():
    """By other code: a t-test of changes on a dummy (HC2 is Welch's), and one arm's mean change."""
    made = producer_simulation.shipped(shipped(), 7, {})
    found = followed(shipped(), shipped().evaluation.producers, producers.link(made.frame))
    rows = outcomes(nothing()).query("seed == 7").set_index("variable")
    for name in producer_simulation.OUTCOMES:
        changes = found.changes(name).dropna(subset="change")
        x = sm.add_constant(changes["treated"].to_numpy("float64"))
        fitted = sm.OLS(changes["change"].to_numpy("float64"), x).fit(cov_type="HC2")
        # Welch's degrees of freedom, and so its p, differ from the normal's by little here.
        assert trials._unclustered(found, name) == pytest.approx(
            fitted.pvalues[1], rel=0.02, abs=1e-3
        )
        assert rows["unclustered"][name] == (trials._unclustered(found, name) <= 0.05)
        alone = before_after(found.panel[found.panel["arm"] == "programme"], name, **DESIGN)
        assert rows["before_after"][name] == (alone.p <= 0.05)
        assert rows["unadjusted"][name] == (rows["p"][name] <= 0.05)


@cache
def effective():
    effects = {"income_soles": 400.0, "formalised": 0.4}
    return trials.programmes(shipped(), range(4), effects, regions=False)


def test_an_effect_is_found_with_its_sign_and_size():
    found = outcomes(effective())
    assert set(effective()["region"]) == {"programme"}
    income = found.query("variable == 'income_soles'")
    assert (income["verdict"] == "better").all()
    assert np.allclose(income["truth"], 400)
    assert np.allclose(found.query("variable == 'formalised'")["truth"], 40)  # in points
    assert ((income["estimate"] - 400).abs() < 4 * income["se"]).all()
    assert (found.query("variable == 'credit'")["truth"] == 0).all()
    harm = trials.programmes(shipped(), [3], {"income_soles": -150.0}, regions=False)
    harmful = outcomes(harm).set_index("variable")
    assert harmful["verdict"]["income_soles"] == "worse"
    assert harmful["report"]["income_soles"]
    assert harmful["truth"]["income_soles"] < 0


def test_the_same_seed_is_the_same_programme():
    again = trials.programmes(shipped(), [3], {})
    expected = nothing().query("seed == 3").reset_index(drop=True)
    pd.testing.assert_frame_equal(again, expected)


def test_an_evaluation_without_producers_has_no_programmes_to_judge():
    with pytest.raises(WorkbookError, match="asks nothing of producers"):
        trials.programmes(without(producers=None), [1], {})


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
