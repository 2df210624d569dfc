"""What a design would find: against published formulas, enumerations and simulated programmes."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from icanalysis.assignment import randomisation_test
from icanalysis.errors import WorkbookError
from icanalysis.power import (
    Dilution,
    clustered_se,
    detectable_by_assignment,
    dilution,
    minimum_detectable_effect,
)


def test_the_multiplier_of_large_samples():
    # 1.96 + 0.84: Bloom (1995); also Duflo, Glennerster and Kremer (2007), section 4.1.
    assert minimum_detectable_effect(1.0) == pytest.approx(2.801585, abs=1e-6)


def test_few_degrees_of_freedom_cost():
    # Student's t with 10 degrees of freedom, from printed tables: 2.228 and 0.879.
    assert minimum_detectable_effect(2.0, df=10) == pytest.approx(2 * (2.228 + 0.879), abs=2e-3)


def test_power_asked():
    # 1.959964 + 1.281552
    assert minimum_detectable_effect(1.0, power=0.9) == pytest.approx(3.241516, abs=1e-6)


@pytest.mark.parametrize("se", [math.nan, 0.0, -1.0])
def test_no_spread_says_nothing(se):
    assert math.isnan(minimum_detectable_effect(se))


@pytest.mark.parametrize(("given", "told"), [({"power": 1.0}, "1.0"), ({"df": 0}, "positive")])
def test_what_cannot_be_asked(given, told):
    with pytest.raises(WorkbookError, match=told):
        minimum_detectable_effect(1.0, **given)


def test_the_claim_holds_in_simulated_samples():
    random = np.random.default_rng(4)
    effect = minimum_detectable_effect(math.sqrt(2 / 12), df=22)
    treated = random.normal(effect, 1, (20_000, 12))
    others = random.normal(0, 1, (20_000, 12))
    p = stats.ttest_ind(treated, others, axis=1).pvalue
    assert (p < 0.05).mean() == pytest.approx(0.8, abs=0.03)


def test_a_cluster_of_one_is_a_simple_sample():
    plain = clustered_se(2, icc=0.3, per_cluster=1, treated_clusters=8, comparison_clusters=32)
    assert plain == pytest.approx(2 * math.sqrt(1 / 8 + 1 / 32))


def test_clusters_cost_the_design_effect():
    # Kish: 1 + (m - 1) icc = 1 + 9 * 0.1 = 1.9 on 40 and 60 persons.
    se = clustered_se(1, icc=0.1, per_cluster=10, treated_clusters=4, comparison_clusters=6)
    assert se**2 == pytest.approx(1.9 * (1 / 40 + 1 / 60))


def test_covariates_that_explain_half():
    given = {"icc": 0.1, "per_cluster": 10, "treated_clusters": 4, "comparison_clusters": 6}
    halved = clustered_se(1, **given, explained=0.5)
    assert halved**2 == pytest.approx(clustered_se(1, **given) ** 2 / 2)


@pytest.mark.parametrize(
    "wrong",
    [{"treated_clusters": 0}, {"per_cluster": 0}, {"icc": 1.5}, {"icc": -0.1}, {"explained": 1}],
)
def test_designs_that_do_not_exist(wrong):
    given = {"icc": 0.1, "per_cluster": 10, "treated_clusters": 4, "comparison_clusters": 6}
    with pytest.raises(WorkbookError):
        clustered_se(1, **given | wrong)


def test_a_small_programme_beside_many_workers():
    # 2,500 of 2.4 million, and every one of them out of poverty: 0.104 points.
    found = dilution(2_500, 2_400_000, 100, detectable=9.0)
    assert found.share == pytest.approx(0.00104, abs=5e-6)
    assert found.largest == pytest.approx(0.104, abs=5e-4)
    assert not found.visible


def test_a_large_programme_shows():
    assert dilution(50, 100, 20, detectable=10).visible
    assert dilution(1, 100, 20).visible, "nothing is known of what the design would find"
    assert Dilution(math.nan, math.nan, 12.0).visible, "nobody counted those reached"


@pytest.mark.parametrize(("reached", "population"), [(5, 0), (5, 4), (-1, 4), (math.nan, 4)])
def test_more_reached_than_there_are(reached, population):
    with pytest.raises(WorkbookError, match="among the population"):
        dilution(reached, population, 100)


def assignments(units, treated):
    chosen = list(itertools.combinations(range(units), treated))
    members = np.zeros((len(chosen), units), dtype=bool)
    for row, each in enumerate(chosen):
        members[row, list(each)] = True
    return members


def share_found(changes, members, effect):
    """Power by brute force: each assignment in turn is the true one."""
    hits = 0
    for true in members:
        moved = changes + effect * true
        shown = np.array([abs(moved[each].mean() - moved[~each].mean()) for each in members])
        own = abs(moved[true].mean() - moved[~true].mean())
        hits += (shown >= own - 1e-9).mean() <= 0.05
    return hits / len(members)


def test_what_exact_inference_would_find_by_brute_force():
    changes = np.random.default_rng(3).normal(0, 1, 9)
    members = assignments(9, 3)
    found = detectable_by_assignment(changes, 3)
    assert share_found(changes, members, found * 1.02) >= 0.8
    assert share_found(changes, members, found * 0.98) < 0.8


def test_drawn_assignments_stand_for_all():
    random = np.random.default_rng(3)
    changes = random.normal(0, 1, 24)
    effect = detectable_by_assignment(changes, 4)
    again = [detectable_by_assignment(changes, 4, seed=seed) for seed in range(2, 5)]
    assert again == pytest.approx([effect] * 3, rel=0.05)
    names = [f"{number:02d}" for number in range(24)]
    found = 0
    for _ in range(400):
        true = random.permutation(24)[:4]
        moved = changes.copy()
        moved[true] += effect
        panel = pd.DataFrame({"region": names, "year": 2013, "value": moved})
        treated = [names[each] for each in true]
        test = randomisation_test(panel, treated=treated, baseline=None, outcome=2013)
        found += test.p_value <= 0.05
    assert found / 400 == pytest.approx(0.8, abs=0.06)  # three standard errors of 400 trials


def test_a_design_that_can_never_tell():
    # One of 19 gives p = 1/19 at best; one of 20 attains 0.05.
    changes = np.random.default_rng(3).normal(0, 1, 20)
    assert math.isnan(detectable_by_assignment(changes[:19], 1))
    assert detectable_by_assignment(changes, 1) > 0


def test_changes_that_are_all_alike():
    assert math.isnan(detectable_by_assignment(np.ones(9), 3))
