"""Adjusted p-values and the summary index: by hand, and against R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from icanalysis.errors import WorkbookError
from icanalysis.language import language
from icanalysis.multiplicity import adjust, summary_index

ENGLISH = language("en")
REFERENCE = Path(__file__).parent / "reference"


# --- p-values -----------------------------------------------------------------------------


def test_holm_and_benjamini_hochberg_by_hand():
    """Sorted .01 .02 .03 .04: Holm 4x.01, 3x.02, then never less; BH 4/1x.01, 4/2x.02 ... = .04."""
    p = pd.Series([0.04, 0.01, 0.03, 0.02], index=["d", "a", "c", "b"])
    found = adjust(p)
    assert found["p"].tolist() == p.tolist()
    assert list(found.index) == ["d", "a", "c", "b"]
    assert found["holm"].tolist() == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert found["bh"].tolist() == pytest.approx([0.04] * 4)


def test_the_two_differ_where_one_is_large():
    found = adjust(pd.Series([0.5, 0.01]))
    assert found["holm"].tolist() == pytest.approx([0.5, 0.02])
    assert found["bh"].tolist() == pytest.approx([0.5, 0.02])
    found = adjust(pd.Series([0.03, 0.04]))
    assert found["holm"].tolist() == pytest.approx([0.06, 0.06])
    assert found["bh"].tolist() == pytest.approx([0.04, 0.04])


def test_what_was_not_tested_stays_missing_and_does_not_count():
    found = adjust(pd.Series([0.01, np.nan, 0.02]))
    assert found["holm"].tolist()[::2] == pytest.approx([0.02, 0.02])
    assert found.iloc[1].isna().all()


@pytest.mark.parametrize("p", [[], [np.nan, np.nan], [None]])
def test_no_test_at_all(p):
    found = adjust(pd.Series(p, dtype="object"))
    assert list(found.columns) == ["p", "holm", "bh"]
    assert found.isna().all(axis=None)


def test_nothing_passes_one():
    assert adjust(pd.Series([0.9, 0.8, 1.0])).max(axis=None) == 1
    assert adjust(pd.Series([0.0, 0.5]))["holm"].iloc[0] == 0


@pytest.mark.parametrize("p", [[1.2], [-0.1], ["small"]])
def test_what_is_no_p_value(p):
    with pytest.raises(WorkbookError) as refused:
        adjust(pd.Series(p))
    assert "between 0 and 1" in refused.value.told(ENGLISH)


# --- index --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def panel():
    return pd.read_csv(REFERENCE / "panel.csv")


def test_the_index_is_what_r_gives(panel):
    names = ["y", "age", "members", "z"]
    kept = panel.dropna(subset=names)
    signs = dict.fromkeys(names, 1) | {"members": -1}
    index = summary_index(kept, names, direction=signs, control=kept["treated"] == 0)
    (line,) = [
        text.split()[1:]
        for text in (REFERENCE / "balance.out").read_text(encoding="utf-8").splitlines()
        if text.startswith("index")
    ]
    got = [index.mean(), index.std(), index.iloc[0], index.iloc[-1], index.abs().sum()]
    assert got == pytest.approx(list(map(float, line)), rel=1e-9)
    assert index.index.equals(kept.index)


TWO = pd.DataFrame({"a": [0.0, 2.0, 1.0, 5.0], "b": [1.0, 3.0, 3.0, 1.0]})
CONTROL = [True, True, False, False]


def test_the_index_of_two_outcomes_by_hand():
    """Control: a has mean 1, sd sqrt 2; b mean 2, sd sqrt 2. Weights go as s22 - s12 and s11 - s12."""
    z = (TWO - [1, 2]) / np.sqrt(2)
    covariance = z.cov()
    weights = np.array(
        [
            covariance.loc["b", "b"] - covariance.loc["a", "b"],
            covariance.loc["a", "a"] - covariance.loc["a", "b"],
        ]
    )
    expected = (z * weights).sum(axis=1) / weights.sum()
    index = summary_index(TWO, ["a", "b"], direction={"a": 1, "b": 1}, control=CONTROL)
    assert index.tolist() == pytest.approx(expected.tolist(), rel=1e-12)
    assert index[:2].mean() == pytest.approx(0, abs=1e-12)


def test_one_outcome_is_its_own_index_and_less_may_be_better():
    index = summary_index(TWO, ["a"], direction={"a": -1}, control=CONTROL)
    assert index.tolist() == pytest.approx((-(TWO["a"] - 1) / np.sqrt(2)).tolist())


def test_who_lacks_an_outcome_has_the_index_of_the_others():
    frame = pd.concat([TWO, pd.DataFrame({"a": [3.0, np.nan], "b": [np.nan, np.nan]})])
    frame = frame.reset_index(drop=True)
    index = summary_index(
        frame, ["a", "b"], direction={"a": 1, "b": 1}, control=[*CONTROL, False, False]
    )
    assert index[4] == pytest.approx((3 - 1) / np.sqrt(2))
    assert np.isnan(index[5])


def test_the_covariance_of_two_is_of_the_rows_that_tell_both():
    """Rows 5 and 6 lack one: the covariance is the mean product of rows 1 to 4 alone."""
    frame = pd.DataFrame(
        {"a": [0.0, 2.0, 1.0, 5.0, 3.0, np.nan], "b": [1.0, 3.0, 3.0, 1.0, np.nan, 8.0]}
    )
    z = (frame - [1, 2]) / np.sqrt(2)
    centred = z - z.mean()
    both = (centred["a"] * centred["b"])[:4].sum() / 4
    own = (centred**2).sum() / 5
    weights = np.array([own["b"] - both, own["a"] - both])
    index = summary_index(
        frame, ["a", "b"], direction={"a": 1, "b": 1}, control=[*CONTROL, False, False]
    )
    expected = (z[:4] * weights).sum(axis=1) / weights.sum()
    assert index[:4].tolist() == pytest.approx(expected.tolist(), rel=1e-12)


def test_repeated_rows_and_weights_are_the_same(panel):
    names, signs = ["y", "age"], {"y": 1, "age": -1}
    frame = panel.dropna(subset=names).head(40).reset_index(drop=True)
    frame["weight"] = np.tile([1.0, 2.0], 20)
    control = np.arange(40) < 20
    heavy = summary_index(frame, names, direction=signs, control=control, weight="weight")
    rows = np.repeat(np.arange(40), np.tile([1, 2], 20))
    repeated = summary_index(frame.iloc[rows], names, direction=signs, control=control[rows])
    light = summary_index(frame, names, direction=signs, control=control)
    once = repeated.groupby(level=0).first()
    # n / (n - 1) differs in the control's spread: 20 rows that stand for 30.
    factor = np.sqrt((30 / 29) / (20 / 19))
    assert heavy.tolist() == pytest.approx((once * factor).tolist(), rel=1e-9)
    assert np.abs(heavy - light).max() > 1e-3


def test_an_outcome_that_adds_less_counts_less():
    """Two that say nearly the same share what one of another kind has alone."""
    random = np.random.default_rng(1)
    one, other = random.normal(size=(2, 400))
    frame = pd.DataFrame({"a": one, "b": one + 0.1 * random.normal(size=400), "c": other})
    signs = dict.fromkeys("abc", 1)
    index = summary_index(frame, list("abc"), direction=signs, control=[True] * 400)
    slopes = np.linalg.lstsq(frame.to_numpy(), index.to_numpy(), rcond=None)[0]
    assert slopes[0] + slopes[1] == pytest.approx(slopes[2], rel=0.2)
    plain = frame.mean(axis=1)
    assert index.corr(frame["c"]) > plain.corr(frame["c"]) + 0.1


@pytest.mark.parametrize(
    ("change", "named", "said"),
    [
        ({}, {"direction": {"a": 1}}, "for each whether more (+1) or less (-1)"),
        ({}, {"direction": {"a": 1, "b": 0}}, "for each whether more (+1) or less (-1)"),
        ({}, {"variables": []}, "An index needs outcomes"),
        ({"b": [1.0, 1.0, 2.0, 3.0]}, {}, "b has no variation in the control group"),
        ({"b": [np.nan] * 4}, {}, "b has no variation in the control group"),
        ({}, {"control": [False] * 4}, "a has no variation in the control group"),
        ({"b": [0.0, 4.0, 2.0, 10.0]}, {}, "Some outcomes repeat others"),
        ({"b": ["x", "y", "z", "w"]}, {}, "Column b must hold numbers"),
        ({}, {"variables": ["a", "c"], "direction": {"a": 1, "c": 1}}, "no column: c"),
        ({}, {"weight": "a"}, "Weights must be positive"),
    ],
)
def test_an_index_that_cannot_be(change, named, said):
    settings = {
        "variables": ["a", "b"],
        "direction": {"a": 1, "b": 1},
        "control": CONTROL,
        **named,
    }
    variables = settings.pop("variables")
    with pytest.raises(WorkbookError) as refused:
        summary_index(TWO.assign(**change), variables, **settings)
    assert said in refused.value.told(ENGLISH)


def test_outcomes_never_told_together():
    frame = pd.DataFrame(
        {"a": [1.0, 2.0, 4.0, np.nan, np.nan, np.nan], "b": [np.nan] * 3 + [1.0, 2.0, 5.0]}
    )
    with pytest.raises(WorkbookError) as refused:
        summary_index(frame, ["a", "b"], direction={"a": 1, "b": 1}, control=[True] * 6)
    assert "never told together" in refused.value.told(ENGLISH)
