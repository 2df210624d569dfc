"""Clustered regression: against R's clubSandwich and sandwich on one awkward panel; refusals."""

import math
import re

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from reference import make_panel
from reference.blocks import FOLDER, read_blocks

from icanalysis.cluster import fit, fit_arrays
from icanalysis.errors import WorkbookError

BLOCKS = read_blocks(FOLDER / "cluster.out")
RTOL = 1e-8


def of_kind(kind: str):
    chosen = [block for block in BLOCKS if block.kind == kind]
    return pytest.mark.parametrize("block", chosen, ids=map(str, chosen))


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    frame = pd.read_csv(FOLDER / "panel.csv")
    return frame.assign(alone=(frame.cluster == "c08") * 1.0)


def named(term: str) -> str:
    """R's name of a coefficient in patsy's words."""
    term = term.replace("(Intercept)", "Intercept").replace(
        "I(four > 1)TRUE", "I(four > 1)[T.True]"
    )
    return re.sub(r"^(stratum|cluster)([abcd]|c\d\d)$", r"\1[T.\2]", term)


def fitted(panel, block, **more):
    weight = None if block.keys["weight"] == "-" else block.keys["weight"]
    return fit(block.keys["formula"], panel, cluster=block.keys["cluster"], weight=weight, **more)


def test_the_table_is_the_one_its_script_makes(panel):
    made = pd.DataFrame(make_panel.rows())
    made["y"] = made["y"].replace("", np.nan).astype(float)
    pd.testing.assert_frame_equal(made, panel.drop(columns="alone"))
    kinds = pd.Series([block.kind for block in BLOCKS]).value_counts()
    assert {"fit": 18, "covariance": 18, "cr1": 18, "joint": 12}.items() <= dict(kinds).items()
    assert "clubSandwich 0.5.8" in (FOLDER / "cluster.out").read_text().splitlines()[0]


@of_kind("fit")
def test_errors_and_degrees_of_freedom_are_those_of_club_sandwich(panel, block):
    found = fitted(panel, block)
    table = found.table
    assert set(table.index) == {named(term) for term in block.numbers()}
    compared = 0
    for term, theirs in block.numbers().items():
        ours = table.loc[named(term)]
        assert (found.n, found.n_clusters) == (theirs["n"], theirs["clusters"])
        assert math.isclose(ours.estimate, theirs["estimate"], rel_tol=RTOL)
        if ours.seen > 1 - 1e-6 or named(term) == "alone":
            assert math.isclose(ours.se, theirs["se"], rel_tol=RTOL)
            assert math.isclose(ours.df, theirs["df"], rel_tol=RTOL)
        if ours.seen > 1 - 1e-6:
            assert math.isclose(ours.p, theirs["p"], rel_tol=1e-7)
            compared += 1
    assert compared >= 1
    assert found.left_out == len(panel) - found.n


@of_kind("covariance")
def test_covariances(panel, block):
    if "cluster" in block.keys["formula"]:
        pytest.skip("what hangs on one cluster is rounding in R")
    theirs = pd.DataFrame(block.numbers()).T
    theirs.index = theirs.columns = pd.Index([named(row[0]) for row in block.rows])
    ours = fitted(panel, block).covariance.loc[theirs.index, theirs.index]
    size = np.sqrt(np.diag(theirs))
    assert (np.abs(ours - theirs) <= RTOL * np.outer(size, size)).all(axis=None)


@of_kind("cr1")
def test_the_plain_sandwich(panel, block):
    found = fitted(panel, block, kind="CR1")
    if "cluster" in block.keys["formula"]:
        told = {"mixed": block.numbers()["mixed"]}
    else:
        told = block.numbers()
    for term, theirs in told.items():
        ours = found.coefficient(named(term))
        assert math.isclose(ours.se, theirs["se"], rel_tol=RTOL)
        assert ours.df == found.n_clusters - 1


@of_kind("joint")
def test_joint_tests(panel, block):
    test = fitted(panel, block).joint([named(term) for term in block.keys["names"].split(";")])
    theirs = block.numbers()["HTZ"]
    assert test.df_num == theirs["df_num"]
    for name in ("statistic", "df_denom", "p"):
        assert math.isclose(getattr(test, name), theirs[name], rel_tol=RTOL), name


@of_kind("collinear")
def test_a_column_that_follows_from_others_is_refused_where_r_drops_it(panel, block):
    assert block.rows == (("south",),)
    with pytest.raises(WorkbookError, match="follow from the others: south"):
        fit(block.keys["formula"], panel, cluster="cluster")


def test_estimates_and_the_plain_sandwich_are_those_of_statsmodels(panel):
    complete = panel.dropna()
    model = smf.wls("y ~ mixed + stratum + age", complete, weights=complete.weight)
    groups = pd.factorize(complete.cluster)[0]
    theirs = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    formula = "y ~ mixed + stratum + age"
    ours = fit(formula, panel, cluster="cluster", weight="weight", kind="CR1").table
    pd.testing.assert_series_equal(ours.estimate, theirs.params, check_names=False, rtol=1e-10)
    pd.testing.assert_series_equal(ours.se, theirs.bse, check_names=False, rtol=1e-10)
    pd.testing.assert_series_equal(ours.p, theirs.pvalues, check_names=False, rtol=1e-9)
    bounds = theirs.conf_int().to_numpy()
    np.testing.assert_allclose(ours[["low", "high"]].to_numpy(), bounds, rtol=1e-9)


def test_four_clusters_have_few_degrees_of_freedom(panel):
    row = fit("y ~ I(four > 1)", panel, cluster="four").table.iloc[1]
    assert 1 < row.df < 3
    # Student's t of so few degrees of freedom is far from 1.96.
    assert (row.high - row.low) / 2 / row.se > 3.5


def test_a_regressor_of_one_cluster_alone_gets_no_p(panel):
    """clubSandwich gives p 0.21 from the spread of the others: its own is fitted away."""
    row = fit("y ~ alone", panel, cluster="cluster").coefficient("alone")
    assert row.seen < 0.5
    assert row.se > 0
    assert np.isnan([row.low, row.high, row.p]).all()
    both = fit("y ~ alone + age", panel, cluster="cluster", weight="weight").table
    assert both.p.isna().to_dict() == {"Intercept": False, "alone": True, "age": False}
    assert np.isnan(fit("y ~ alone + age", panel, cluster="cluster").joint(["alone", "age"]).p)


@pytest.mark.parametrize("y", [5.0, 0.0])
def test_a_constant_outcome_has_no_p(panel, y):
    row = fit("constant ~ treated", panel.assign(constant=y), cluster="cluster").table.loc[
        "treated"
    ]
    assert abs(row.estimate) < 1e-12
    assert row.se == 0
    assert row[["df", "low", "high", "p"]].isna().all()


def test_neither_scale_nor_order_nor_names_matter(panel):
    formula = "y ~ mixed + age + stratum"
    told = fit(formula, panel, cluster="cluster", weight="weight").table
    turned = panel.sample(frac=1, random_state=3).assign(
        weight=lambda d: 1000 * d.weight, age=lambda d: 1e6 * d.age, y=lambda d: d.y / 1e4
    )
    turned["cluster"] = "x" + turned.cluster
    again = fit(formula, turned, cluster="cluster", weight="weight").table
    factor = pd.Series(1e-4, told.index).mask(told.index == "age", 1e-10)
    for column in ("estimate", "se", "low", "high"):
        np.testing.assert_allclose(again[column], told[column] * factor, rtol=1e-8)
    np.testing.assert_allclose(again[["df", "p"]], told[["df", "p"]], rtol=1e-8)


def test_clusters_larger_than_the_model_are_rotated_without_a_trace():
    """Three columns, clusters of 30: against the formula written out with whole matrices."""
    random = np.random.default_rng(5)
    clusters = np.repeat(np.arange(7), 30)
    x = np.column_stack([np.ones(210), random.normal(size=210), clusters % 2])
    y, w = random.normal(size=210) + 0.3 * clusters, random.uniform(0.2, 5, 210)
    bread = np.linalg.inv(x.T @ (w[:, None] * x))
    hat = np.eye(210) - x @ bread @ (x.T * w)
    rows, square = [], []
    for each in range(7):
        own = clusters == each
        values, vectors = np.linalg.eigh((hat @ hat.T)[np.ix_(own, own)])
        root = (vectors / np.sqrt(values)) @ vectors.T
        a = (bread @ (x[own].T * w[own]) @ root)[2]
        rows.append(a @ (hat @ y)[own])
        square.append(a @ hat[own])
    products = np.array(square) @ np.array(square).T
    found = fit_arrays(y, x, clusters, w, ["one", "x", "t"]).coefficient("t")
    assert math.isclose(found.se, np.sqrt(np.sum(np.square(rows))), rel_tol=1e-10)
    df = np.trace(products) ** 2 / (products**2).sum()
    assert math.isclose(found.df, df, rel_tol=1e-9)


def test_more_restrictions_than_clusters_can_tell(panel):
    """With three clusters, three restrictions leave nothing to judge them by."""
    found = fit("z ~ mixed + age + members", panel[panel.four < 3], cluster="four")
    test = found.joint(["mixed", "age", "members"])
    assert test.df_num == 3
    assert not test.df_denom > 0
    assert np.isnan(test.p)
    assert np.isnan(test.statistic)


@pytest.mark.parametrize(
    ("change", "call", "told"),
    [
        ({}, {"cluster": "clutser"}, "no column: clutser .cluster"),
        ({}, {"cluster": "cluster", "weight": "wieght"}, "no column: wieght .weight"),
        ({"cluster": "a"}, {"cluster": "cluster"}, "single cluster"),
        ({"weight": 0.0}, {"cluster": "cluster", "weight": "weight"}, "Weights must be positive"),
        ({"y": np.nan}, {"cluster": "cluster"}, "leaves nothing to fit"),
        ({"y": np.inf}, {"cluster": "cluster"}, "finite"),
        ({}, {"cluster": "cluster", "kind": "CR9"}, "“CR9” is not known"),
    ],
)
def test_refusals(panel, change, call, told):
    before = panel.copy()
    with pytest.raises(WorkbookError, match=told):
        fit("y ~ treated", panel.assign(**change), **call)
    pd.testing.assert_frame_equal(panel, before)


def test_more_refusals(panel):
    with pytest.raises(WorkbookError, match="cannot be read"):
        fit("y ~ treeted", panel, cluster="cluster")
    with pytest.raises(WorkbookError, match="too few"):
        fit("y ~ treated + age", panel.dropna().head(3), cluster="cluster")
    found = fit("y ~ treated", panel, cluster="cluster")
    with pytest.raises(WorkbookError, match=r"“treeted” is not known\. Did you mean “treated”"):
        found.coefficient("treeted")
    with pytest.raises(WorkbookError, match="joint test needs"):
        found.joint([])
    with pytest.raises(WorkbookError, match="joint test needs"):
        fit("y ~ treated", panel, cluster="cluster", kind="CR1").joint(["treated"])


def test_rows_without_a_cluster_or_weight_are_left_out_and_counted(panel):
    holes = panel.assign(weight=panel.weight.where(panel.index > 2))
    found = fit("z ~ treated", holes, cluster="cluster", weight="weight")
    assert (found.n, found.left_out) == (len(panel) - 3, 3)
