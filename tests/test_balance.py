"""Balance, attrition and bounds: against R's clubSandwich, and worked by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from icanalysis.balance import attrition, balance, lee_bounds, shifted, worst_case
from icanalysis.errors import WorkbookError
from icanalysis.language import language

ENGLISH = language("en")
REFERENCE = Path(__file__).parent / "reference"
VARIABLES = ["age", "members", "z"]
MEANS = ["mean_treated", "se_treated", "mean_comparison", "se_comparison"]


@pytest.fixture(scope="module")
def panel():
    return pd.read_csv(REFERENCE / "panel.csv")


@pytest.fixture(scope="module")
def of_r():
    lines = (REFERENCE / "balance.out").read_text(encoding="utf-8").splitlines()[1:]
    return {name: [float(cell) for cell in cells] for name, *cells in map(str.split, lines)}


def arms(treated, comparison, **columns):
    """One row per person; None is a person not found."""
    return pd.DataFrame(
        {
            "treated": [True] * len(treated) + [False] * len(comparison),
            "value": pd.array([*treated, *comparison], dtype="Float64"),
            **columns,
        }
    )


def refused(call, *arguments, **named):
    with pytest.raises(WorkbookError) as error:
        call(*arguments, **named)
    return error.value.told(ENGLISH)


# --- balance ------------------------------------------------------------------------------


@pytest.mark.parametrize(("weight", "key"), [(None, "FALSE"), ("weight", "TRUE")])
def test_every_row_is_what_r_gives(panel, of_r, weight, key):
    found = balance(
        panel, VARIABLES, treated="treated", cluster="cluster", stratum="stratum", weight=weight
    )
    for name, row in found.table.set_index("variable").iterrows():
        expected = of_r[f"balance.{key}.{name}"]
        got = [*row[MEANS], row["normalised_difference"], row["p"]]
        assert got == pytest.approx(expected, rel=1e-8), name
        assert row["difference"] == pytest.approx(expected[0] - expected[2], rel=1e-12)
        told = panel[name].notna().groupby(panel["treated"]).sum()
        assert (row["n_treated"], row["n_comparison"]) == (told[1], told[0])


@pytest.mark.parametrize(("weight", "key"), [(None, "FALSE"), ("weight", "TRUE")])
def test_the_joint_test_is_clubsandwichs(panel, of_r, weight, key):
    found = balance(
        panel, VARIABLES, treated="treated", cluster="cluster", stratum="stratum", weight=weight
    )
    joint = found.joint
    got = [joint.statistic, joint.df_num, joint.df_denom, joint.p, found.n_joint]
    assert got == pytest.approx(of_r[f"joint.{key}"], rel=1e-8)
    assert found.reason is None


def test_the_normalised_difference_by_hand():
    """Means 3 and 2, variances 4 and 1: 1 / sqrt(2.5)."""
    frame = arms([1, 3, 5], [1, 2, 3], cluster=list("abcdef"))
    (row,) = balance(frame, ["value"], treated="treated", cluster="cluster").table.to_dict(
        "records"
    )
    assert row["normalised_difference"] == pytest.approx(1 / np.sqrt(2.5), rel=1e-12)
    assert (row["n_treated"], row["n_comparison"]) == (3, 3)


def test_words_are_told_by_the_share_of_each():
    frame = arms([1, 2, 3, 4], [1, 2, 3, 4], cluster=list("abcdefgh"))
    frame["sex"] = pd.array(["woman", "woman", "man", None, "woman", *["man"] * 3], dtype="string")
    frame["formal"] = pd.array([True, False, None, True, *[False] * 3, True], dtype="boolean")
    table = balance(frame, ["sex", "formal"], treated="treated", cluster="cluster").table
    assert table["variable"].tolist() == ["sex", "sex", "formal"]
    assert table["level"].tolist() == ["man", "woman", ""]
    assert table["mean_treated"].tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3])
    assert table["mean_comparison"].tolist() == pytest.approx([3 / 4, 1 / 4, 1 / 4])
    assert table["n_treated"].tolist() == [3, 3, 3]
    assert table["p"].iloc[0] == pytest.approx(table["p"].iloc[1])


def test_one_level_of_each_word_stays_out_of_the_joint_test(panel):
    with_words = panel.assign(four=panel["four"].astype("string"), place=panel["stratum"])
    found = balance(with_words, ["age", "place"], treated="treated", cluster="cluster")
    assert len(found.table) == 1 + with_words["place"].nunique()
    assert found.joint.df_num == with_words["place"].nunique()
    assert found.joint.p > 0


def test_what_does_not_vary_has_no_p(panel):
    frame = panel.assign(same=7.0, never=np.nan)
    table = balance(frame, ["same", "never"], treated="treated", cluster="cluster").table
    same, never = table.to_dict("records")
    assert (same["mean_treated"], same["difference"]) == (7, 0)
    assert np.isnan([same["normalised_difference"], same["p"]]).all()
    assert np.isnan([never["mean_treated"], never["se_comparison"], never["p"]]).all()
    assert (never["n_treated"], never["n_comparison"]) == (0, 0)


def test_one_person_has_no_spread_and_a_constant_none_but_rounding():
    frame = arms([5], [1, 2, 3], cluster=list("abcd"))
    (row,) = balance(frame, ["value"], treated="treated", cluster="cluster").table.to_dict(
        "records"
    )
    assert row["difference"] == pytest.approx(3)
    assert np.isnan(row["normalised_difference"])
    frame = arms([0.1] * 3, [0.3] * 3, cluster=list("abcdef"), weight=[0.1, 0.2, 0.4] * 2)
    settings = {"treated": "treated", "cluster": "cluster", "weight": "weight"}
    (row,) = balance(frame, ["value"], **settings).table.to_dict("records")
    assert row["difference"] == pytest.approx(-0.2)
    assert np.isnan([row["normalised_difference"], row["p"]]).all()


def test_a_variable_one_arm_never_told(panel):
    frame = panel.assign(half=panel["age"].where(panel["treated"] == 1))
    (row,) = balance(frame, ["half"], treated="treated", cluster="cluster").table.to_dict("records")
    assert row["mean_treated"] > 0
    assert np.isnan([row["mean_comparison"], row["difference"], row["p"]]).all()


def test_one_cluster_in_an_arm_has_a_mean_and_no_error(panel):
    one = panel[(panel["treated"] == 0) | (panel["cluster"] == panel["cluster"][0])]
    one = one.assign(treated=(one["cluster"] == panel["cluster"][0]))
    (row,) = balance(one, ["age"], treated="treated", cluster="cluster").table.to_dict("records")
    assert row["mean_treated"] == pytest.approx(one.loc[one["treated"], "age"].mean())
    assert np.isnan([row["se_treated"], row["p"]]).all()
    assert row["se_comparison"] > 0


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (lambda frame: {f"v{i}": frame["age"] ** (1 + i / 9) for i in range(21)}, "too many for"),
        (lambda frame: {"v1": frame["age"], "v2": 2 * frame["age"]}, "follow from each other"),
        (lambda frame: {"v1": 0 * frame["age"]}, "no variable varies"),
        (lambda frame: {"v1": frame["age"] * np.nan}, "no variable varies"),
    ],
)
def test_where_there_is_no_joint_test_it_says_why(panel, extra, said):
    columns = extra(panel)
    found = balance(panel.assign(**columns), list(columns), treated="treated", cluster="cluster")
    assert np.isnan(found.joint.p)
    assert said in ENGLISH.say(found.reason)
    assert len(found.table) == len(columns)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.assign(treated=1), "Everybody is of one group"),
        (lambda f: f.assign(treated=False), "Everybody is of one group"),
        (lambda f: f.head(0), "Everybody is of one group"),
        (lambda f: f.assign(treated=f["treated"] * 2), "must say yes or no in every row"),
        (lambda f: f.assign(treated=f["treated"].where(f.index > 0)), "must say yes or no"),
        (lambda f: f.assign(cluster=f["cluster"].where(f.index > 0)), "Some rows lack cluster"),
        (lambda f: f.assign(weight=-1.0), "Weights must be positive"),
        (lambda f: f.assign(stratum=f["treated"]), "No stratum has both groups"),
        (lambda f: f.drop(columns="age"), "The data have no column: age"),
    ],
)
def test_what_cannot_be_compared(panel, change, said):
    frame = change(panel)
    before = frame.copy()
    told = refused(
        balance,
        frame,
        ["age"],
        treated="treated",
        cluster="cluster",
        stratum="stratum",
        weight="weight",
    )
    assert said in told
    pd.testing.assert_frame_equal(frame, before)


# --- attrition ----------------------------------------------------------------------------

WHO = dict(unit="id", period="wave", treated="treated", baseline=1, outcome=2, cluster="place")


def waves(lost=(), new=()):
    """Twelve persons of six places at baseline; some lost, some new."""
    people = pd.DataFrame(
        {
            "id": range(12),
            "place": [number // 2 for number in range(12)],
            "treated": [number < 6 for number in range(12)],
            "sex": ["woman", "man"] * 6,
            "weight": [1.0, 3.0] * 6,
        }
    )
    second = people[~people["id"].isin(lost)]
    fresh = people.head(len(new)).assign(id=list(new))
    return pd.concat([people.assign(wave=1), second.assign(wave=2), fresh.assign(wave=2)])


def test_who_was_lost_by_hand():
    table = attrition(waves(lost=[1, 6, 7, 8], new=[99]), by=["sex"], **WHO).table
    whole, man, woman = table.to_dict("records")
    assert (whole["variable"], whole["group"]) == ("", "")
    assert (whole["n_treated"], whole["n_comparison"]) == (6, 6)
    assert (whole["followed_treated"], whole["followed_comparison"]) == (5, 3)
    assert whole["lost_treated"] == pytest.approx(1 / 6)
    assert whole["lost_comparison"] == pytest.approx(3 / 6)
    assert whole["difference"] == pytest.approx(-1 / 3)
    assert 0 < whole["p"] < 1
    assert (woman["lost_treated"], woman["lost_comparison"]) == pytest.approx((0, 2 / 3))
    assert (man["lost_treated"], man["lost_comparison"]) == pytest.approx((1 / 3, 1 / 3))
    assert (man["variable"], man["group"]) == ("sex", "man")


def test_the_p_of_attrition_is_that_of_the_balance_of_being_lost():
    frame = waves(lost=[1, 6, 7, 8])
    first = frame[frame["wave"] == 1].assign(lost=lambda f: f["id"].isin([1, 6, 7, 8]))
    expected = balance(first, ["lost"], treated="treated", cluster="place", weight="weight").table
    (found,) = attrition(frame, weight="weight", **WHO).table.to_dict("records")
    assert found["p"] == pytest.approx(expected["p"].item(), rel=1e-12)
    assert found["lost_treated"] == pytest.approx(3 / 12)
    assert found["difference"] == pytest.approx(expected["difference"].item())


@pytest.mark.parametrize("lost", [(), range(11)])
def test_where_nobody_or_nearly_everybody_is_lost_nothing_is_made_up(lost):
    (row,) = attrition(waves(lost=lost), **WHO).table.to_dict("records")
    if not lost:
        assert (row["lost_treated"], row["lost_comparison"], row["difference"]) == (0, 0, 0)
        assert np.isnan(row["p"])
    else:
        assert row["lost_treated"] == 1


def test_a_group_in_one_arm_only():
    frame = waves(lost=[1]).assign(kind=lambda f: np.where(f["treated"], "a", "b"))
    table = attrition(frame, by=["kind"], **WHO).table
    assert table["n_comparison"].tolist() == [6, 0, 6]
    assert np.isnan(table["lost_comparison"][1])
    assert table["p"].isna().tolist()[1:] == [True, True]


def test_who_lacks_a_group_is_in_none():
    frame = waves(lost=[1])
    frame["sex"] = frame["sex"].where(frame["id"] != 0)
    table = attrition(frame, by=["sex"], **WHO).table
    assert table["n_treated"].tolist() == [6, 3, 2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f[f["wave"] == 1], "Nobody was interviewed in period 2"),
        (lambda f: f[f["wave"] == 2], "Nobody was interviewed in period 1"),
        (lambda f: pd.concat([f, f.head(1)]), "0 is twice in one period"),
        (lambda f: f[f["treated"]], "Everybody is of one group"),
        (lambda f: f.drop(columns="id"), "The data have no column: id"),
    ],
)
def test_attrition_that_cannot_be_told(change, said):
    assert said in refused(attrition, change(waves()), **WHO)


# --- Lee bounds ---------------------------------------------------------------------------


def test_lee_bounds_enumerated():
    """Treated found 5 of 5, comparison 4 of 5: trim (1 - 0.8) / 1 = 1 of the 5 treated.

    Without the top (10): mean of 1, 2, 4, 8; without the bottom: of 2, 4, 8, 10. Comparison: 3.
    """
    found = lee_bounds(arms([4, 1, 10, 2, 8], [2, None, 4, 1, 5]), "value", treated="treated")
    assert found.estimate == pytest.approx(5 - 3)
    assert found.low == pytest.approx(15 / 4 - 3)
    assert found.high == pytest.approx(24 / 4 - 3)
    assert found.trimmed_share == pytest.approx(0.2)
    assert (found.trimmed_arm, found.n) == ("treated", 9)
    assert (found.lost_treated, found.lost_comparison) == pytest.approx((0, 0.2))
    assert found.keep_sign(found.estimate, found.estimate)


def test_the_comparison_is_trimmed_where_it_is_found_more():
    """The same with the arms exchanged: the bounds change sign and place."""
    found = lee_bounds(arms([2, None, 4, 1, 5], [4, 1, 10, 2, 8]), "value", treated="treated")
    assert found.low == pytest.approx(3 - 24 / 4)
    assert found.high == pytest.approx(3 - 15 / 4)
    assert found.trimmed_arm == "comparison"


def test_the_share_is_of_those_found_not_of_all():
    """Treated 4 of 5, comparison 2 of 5: trim (0.8 - 0.4) / 0.8 = half of the four."""
    frame = arms([1, 2, 3, 8, None], [0, 0, None, None, None])
    found = lee_bounds(frame, "value", treated="treated")
    assert found.trimmed_share == pytest.approx(0.5)
    assert (found.low, found.high) == pytest.approx((1.5, 5.5))


def test_the_person_at_the_cut_counts_in_part():
    """Trim 1 - (2/3)/(3/4)... of 3 found of 4 against 2 of 3: q = .75, q' = 2/3, share 1/9 of 3.

    So a third of the last person goes: (1 + 2 + 2/3 x 6) / (3 - 1/3).
    """
    frame = arms([1, 2, 6, None], [0, 0, None])
    found = lee_bounds(frame, "value", treated="treated")
    assert found.trimmed_share == pytest.approx(1 / 9)
    assert found.low == pytest.approx((1 + 2 + 4) / (8 / 3))
    assert found.high == pytest.approx((2 / 3 * 1 + 2 + 6) / (8 / 3))


def test_weights_count_as_so_many_persons():
    one = arms([4, 1, 10, 2, 8], [2, None, 4, 1, 5])
    weights = [1, 2, 1, 3, 2, 1, 2, 1, 1, 1]
    heavy = lee_bounds(
        one.assign(weight=np.array(weights) * 0.7), "value", treated="treated", weight="weight"
    )
    repeated = lee_bounds(one.loc[np.repeat(one.index, weights)], "value", treated="treated")
    assert [heavy.low, heavy.high, heavy.trimmed_share, heavy.estimate] == pytest.approx(
        [repeated.low, repeated.high, repeated.trimmed_share, repeated.estimate], rel=1e-12
    )


def test_the_bounds_of_every_trimming_hold_the_rest():
    """All ways of leaving one treated person out: the bounds are the least and the largest."""
    treated, comparison = [4, 1, 10, 2, 8], [2, None, 4, 1, 5]
    found = lee_bounds(arms(treated, comparison), "value", treated="treated")
    others = [np.mean(treated[:i] + treated[i + 1 :]) - 3 for i in range(5)]
    assert (found.low, found.high) == pytest.approx((min(others), max(others)))


def test_nothing_is_trimmed_where_the_arms_lost_alike():
    found = lee_bounds(arms([1, 3, None], [0, 2, None]), "value", treated="treated")
    assert (found.low, found.high, found.estimate) == pytest.approx((1, 1, 1))
    assert (found.trimmed_share, found.trimmed_arm) == (0, "")


def test_bounds_that_reach_zero_do_not_keep_the_sign():
    for shift, keeps in ((0.0, False), (0.01, True), (-2.25, False), (-2.26, True)):
        treated = [value - 3.75 + 3 + shift for value in (4, 1, 10, 2, 8)]
        found = lee_bounds(arms(treated, [2, None, 4, 1, 5]), "value", treated="treated")
        assert found.keep_sign(found.estimate, found.estimate) is keeps


# --- worst case ---------------------------------------------------------------------------


def test_the_worst_case_enumerated():
    """Yes/no: treated 2 of 3 found yes, one lost; comparison 1 of 2 yes, one lost."""
    frame = arms([1, 1, 0, None], [1, 0, None])
    found = worst_case(frame, "value", 0, 1, treated="treated")
    fills = [np.mean([1, 1, 0, a]) - np.mean([1, 0, b]) for a in (0, 1) for b in (0, 1)]
    assert (found.low, found.high) == pytest.approx((min(fills), max(fills)))
    assert np.isnan(found.trimmed_share)
    assert not found.keep_sign(found.estimate, found.estimate)


def test_limits_may_differ_by_person_and_weights_count():
    """Changes of a yes/no told at baseline: who said yes can only stay or fall."""
    frame = arms([1, None], [0, None], weight=[1.0, 3.0, 1.0, 1.0])
    before = np.array([0, 1, 0, 0])
    found = worst_case(frame, "value", -before, 1 - before, treated="treated", weight="weight")
    assert found.low == pytest.approx((1 - 3) / 4 - (0 + 1) / 2)
    assert found.high == pytest.approx((1 + 0) / 4 - 0)


def test_nobody_lost_leaves_no_doubt():
    frame = arms([1, 0], [0, 0])
    for found in (
        worst_case(frame, "value", 0, 1, treated="treated"),
        lee_bounds(frame, "value", treated="treated"),
    ):
        assert (found.low, found.high) == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize(("low", "high"), [(0, 0.5), (0.5, 1), (1, 0), (-np.inf, 1), (np.nan, 1)])
def test_limits_that_cannot_be(low, high):
    frame = arms([1, 0, None], [0, None])
    assert "limits of value" in refused(worst_case, frame, "value", low, high, treated="treated")


# --- shift --------------------------------------------------------------------------------


def test_the_shift_that_undoes_the_estimate_by_hand():
    """Found: 4 and 2, a quarter and a half lost: d = 2 / 0.75."""
    frame = arms([4, 3, 5, None], [1, 3, None, None])
    found = shifted(frame, "value", treated="treated")
    assert found.estimate == pytest.approx(2)
    assert found.shift == pytest.approx(2 / 0.75)
    filled = (
        frame["value"]
        .astype("float64")
        .fillna(pd.Series(np.where(frame["treated"], found.treated, found.comparison)))
    )
    means = filled.groupby(frame["treated"]).mean()
    assert means[True] - means[False] == pytest.approx(0, abs=1e-12)
    assert found.treated == pytest.approx(4 - found.shift)
    assert found.comparison == pytest.approx(2 + found.shift)
    assert found.shift_sd == pytest.approx(found.shift / np.std([0, -1, 1, -1, 1], ddof=1))


def test_nothing_undoes_an_estimate_of_all():
    found = shifted(arms([4, 3], [1, 3]), "value", treated="treated")
    assert np.isnan([found.shift, found.treated, found.comparison, found.shift_sd]).all()
    assert found.estimate == pytest.approx(1.5)


def test_one_arm_lost_nobody():
    found = shifted(arms([4, 3, None], [1, 3]), "value", treated="treated")
    assert found.treated == pytest.approx(3.5 - 1.5 / (1 / 3))
    assert np.isnan(found.comparison)


@pytest.mark.parametrize("call", [lee_bounds, shifted])
@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (arms([None, None], [1, 2]), "Nobody of one group has value"),
        (arms([1, 2], [None]), "Nobody of one group has value"),
        (arms([1, 2], []), "Everybody is of one group"),
        (arms([1], [2]).rename(columns={"value": "other"}), "no column: value"),
        (arms([1], [2]).astype({"value": "string"}), "Column value must hold numbers"),
    ],
)
def test_bounds_that_cannot_be_told(call, frame, said):
    assert said in refused(call, frame, "value", treated="treated")
