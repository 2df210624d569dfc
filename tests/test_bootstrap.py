"""The wild cluster bootstrap, against refits by statsmodels of every vector of signs; edges."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from icanalysis.bootstrap import wild_bootstrap
from icanalysis.errors import WorkbookError

FORMULA = "y ~ treated + x"


def rows(clusters, per_cluster=6, *, effect=0.0, seed=1):
    """Clusters of unequal size, every other one treated."""
    random = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), per_cluster + np.arange(clusters) % 3)
    n = len(cluster)
    frame = pd.DataFrame({"cluster": cluster, "x": random.normal(size=n)})
    frame["treated"] = (cluster % 2 == 0).astype(float)
    frame["weight"] = random.uniform(0.5, 3, n)
    shock = random.normal(size=clusters)[cluster]
    frame["y"] = effect * frame.treated + 0.5 * frame.x + shock + random.normal(size=n)
    return frame


def run(frame, formula=FORMULA, coefficient="treated", **more):
    return wild_bootstrap(formula, frame, coefficient=coefficient, cluster="cluster", **more)


def refit(frame, signs, restricted="y ~ x", weight=None):
    """t of each vector of signs: the regression fitted anew to the outcome it makes."""
    weights = 1.0 if weight is None else frame[weight]
    null = smf.wls(restricted, frame, weights=weights).fit()
    found = []
    for each in signs:
        drawn = frame.assign(y=null.fittedvalues + null.resid * np.array(each)[frame.cluster])
        fit = smf.wls(FORMULA, drawn, weights=weights).fit(
            cov_type="cluster", cov_kwds={"groups": frame.cluster}
        )
        found.append(fit.tvalues["treated"])
    return np.abs(found)


# ---- Against refits ----------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize(("clusters", "effect"), [(4, 0.6), (5, 1.5), (6, 0.0), (6, 1.2)])
def test_p_is_that_of_a_refit_of_every_vector_of_signs(clusters, effect, weight):
    frame = rows(clusters, effect=effect)
    found = run(frame, weight=weight)
    every = refit(frame, product([-1, 1], repeat=clusters), weight=weight)
    assert (found.exact, found.n_draws, found.n_clusters) == (True, 2**clusters, clusters)
    assert found.p_value == np.mean(every >= abs(found.t) * (1 - 1e-9))
    assert found.p_min == 2 / 2**clusters


@pytest.mark.parametrize("weight", [None, "weight"])
def test_estimate_and_error_are_those_of_statsmodels(weight):
    frame = rows(9, effect=1)
    found = run(frame, weight=weight)
    weights = 1.0 if weight is None else frame[weight]
    fit = smf.wls(FORMULA, frame, weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": frame.cluster}
    )
    assert found.estimate == pytest.approx(fit.params["treated"], rel=1e-10)
    assert found.se == pytest.approx(fit.bse["treated"], rel=1e-10)
    assert found.t == pytest.approx(fit.tvalues["treated"], rel=1e-10)


def test_four_clusters_cannot_give_less_than_an_eighth():
    frame = rows(4, effect=50.0)
    found = run(frame)
    every = refit(frame, product([-1, 1], repeat=4))
    assert len(np.unique(np.round(every, 6))) == 8
    assert every.max() == pytest.approx(abs(found.t))
    assert (found.p_value, found.p_min, found.n_draws) == (0.125, 0.125, 16)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_more_columns_than_clusters(seed):
    frame = rows(6, per_cluster=8, effect=1, seed=seed)
    frame["step"] = np.arange(len(frame)) % 7
    wide = f"{FORMULA} + C(step)"
    found = run(frame, wide)
    null = smf.ols("y ~ x + C(step)", frame).fit()
    every = []
    for each in product([-1, 1], repeat=6):
        drawn = frame.assign(y=null.fittedvalues + null.resid * np.array(each)[frame.cluster])
        fit = smf.ols(wide, drawn).fit(cov_type="cluster", cov_kwds={"groups": frame.cluster})
        every.append(abs(fit.tvalues["treated"]))
    assert found.p_value == np.mean(np.array(every) >= abs(found.t) * (1 - 1e-9))


# ---- Drawn signs -------------------------------------------------------------------------------


def test_drawn_signs_agree_with_all_of_them():
    frame = rows(10, effect=0.9)
    exact, drawn = run(frame), run(frame, limit=1023, draws=39_999)
    assert (exact.exact, drawn.exact, drawn.n_draws) == (True, False, 39_999)
    assert run(frame, limit=1024) == exact
    assert drawn.p_min == 1 / 40_000
    se = np.sqrt(exact.p_value * (1 - exact.p_value) / 39_999)
    assert 0.02 < exact.p_value < 0.5
    assert abs(drawn.p_value - exact.p_value) < 4 * se


def test_webb_draws_agree_with_all_its_vectors():
    frame = rows(4, effect=0.8)
    points = [sign * np.sqrt(size) for sign in (-1, 1) for size in (0.5, 1, 1.5)]
    # The opposite of a vector has the same |t|: half of them tell all.
    every = refit(frame, product(points[:3], points, points, points))
    found = run(frame, weights="webb", draws=999_999)
    expected = np.mean(every >= abs(found.t) * (1 - 1e-9))
    assert not found.exact
    assert abs(found.p_value - expected) < 4 * np.sqrt(expected * (1 - expected) / 999_999)
    assert abs(found.p_value - run(frame).p_value) > 0.01, "six values tell more than two signs"


def test_drawn_p_is_never_zero_and_repeats_with_its_seed():
    frame = rows(24, effect=40.0)
    found = run(frame, draws=999)
    assert (found.p_value, found.p_min, found.exact) == (0.001, 0.001, False)
    frame = rows(24, effect=0.3)
    assert run(frame, draws=999) == run(frame, draws=999)
    assert run(frame, draws=999) != run(frame, draws=999, seed=2)


@pytest.mark.parametrize("clusters", [12, 20])
def test_draws_come_in_pieces(monkeypatch, clusters):
    frame = rows(clusters, effect=0.5)
    whole = run(frame, draws=4_000)
    monkeypatch.setattr("icanalysis.bootstrap._CELLS", 8 * clusters)
    pieces = run(frame, draws=4_000)
    assert pieces.n_draws == whole.n_draws
    assert pieces.p_value == pytest.approx(whole.p_value, abs=0 if whole.exact else 0.04)


def test_p_is_uniform_where_there_is_no_effect():
    found = np.array([run(rows(10, seed=seed)).p_value for seed in range(200)])
    assert 0.02 <= np.mean(found <= 0.05) <= 0.09
    assert 0.4 <= found.mean() <= 0.6


# ---- Edges -------------------------------------------------------------------------------------


def test_the_order_of_rows_and_the_names_of_clusters_do_not_matter():
    frame = rows(6, effect=0.7)
    other = frame.assign(cluster="c" + frame.cluster.astype(str)).sample(frac=1, random_state=2)
    before = other.copy()
    one, two = run(frame), run(other)
    assert (one.p_value, one.estimate) == pytest.approx((two.p_value, two.estimate))
    pd.testing.assert_frame_equal(other, before)


@pytest.mark.parametrize("column", ["y", "x", "cluster", "weight"])
def test_rows_that_lack_a_value_are_left_out_and_counted(column):
    frame = rows(6, effect=0.7).astype({"cluster": float})
    holes = frame.copy()
    holes.loc[[3, 17], column] = np.nan
    found = run(holes, weight="weight")
    assert (found.n, found.left_out) == (len(frame) - 2, 2)
    assert found.p_value == run(frame.drop(index=[3, 17]), weight="weight").p_value


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e6 / 3])
def test_a_constant_outcome_has_no_p(constant):
    found = run(rows(6).assign(y=constant))
    assert found.estimate == pytest.approx(0, abs=1e-6)
    assert np.isnan([found.p_value, found.t, found.p_min]).all()
    assert "no variation" in found.reason.text


def test_one_cluster_of_each_kind_leaves_nothing_over():
    found = run(rows(2, effect=1), "y ~ treated")
    assert np.isnan(found.p_value)
    assert "between clusters" in found.reason.text


def test_coefficients_of_categories_can_be_asked():
    frame = rows(6, effect=0.7)
    told = frame.assign(arm=np.where(frame.treated == 1, "programme", "comparison"))
    found = run(told, "y ~ arm + x", "arm[T.programme]")
    assert found.p_value == run(frame).p_value


# ---- Refusals ----------------------------------------------------------------------------------


def refusal(frame, formula=FORMULA, coefficient="treated", **more):
    with pytest.raises(WorkbookError) as caught:
        run(frame, formula, coefficient, **more)
    return str(caught.value)


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")


def test_refusals():
    frame = rows(6)
    assert "All rows are of a single cluster" in refusal(
        frame[frame.cluster == 0].assign(treated=frame.x**2)
    )
    assert "Did you mean “treated”" in refusal(frame, coefficient="treatd")
    assert "no column: cluster" in refusal(frame.drop(columns="cluster"))
    assert "no column: wt" in refusal(frame, weight="wt")
    assert "name 'z' is not defined" in refusal(frame, "y ~ treated + z")
    assert "cannot be read" in refusal(frame, "y ~ treated +")
    assert "some rows must have all" in refusal(frame.assign(y=np.nan))
    assert "some rows must have all" in refusal(frame.assign(cluster=np.nan))
    assert "needs finite numbers" in refusal(frame.assign(y=np.inf))
    assert "must be positive" in refusal(frame.assign(weight=0.0), weight="weight")
    assert "must be one number" in refusal(frame.assign(y=frame.y > 0))
    assert "“sixpoint” is not known" in refusal(frame, weights="sixpoint")
    assert "At least one vector" in refusal(frame, draws=0)


def test_columns_that_follow_from_others_are_named():
    frame = rows(6)
    assert "follow from the others: treated" in refusal(frame, "y ~ treated + C(cluster)")
    assert "follow from the others: treated" in refusal(frame.assign(treated=0.0))
    assert "follow from the others" in refusal(frame.assign(treated=1.0))
    assert "too few for a model" in refusal(frame[frame.cluster < 2][::6], "y ~ treated + x")
