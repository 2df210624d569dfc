"""Paths by period: against R on official poverty, published group-time effects, edges."""

import math

import numpy as np
import pandas as pd
import pytest
from optional_data import CHECKOUT, file
from reference.blocks import FOLDER, read_blocks
from scipy import stats

from icanalysis.errors import WorkbookError
from icanalysis.event import event_study, pre_trend
from icanalysis.staggered import group_time

TREATED = ["ayacucho", "cusco", "puno", "lambayeque"]
PARTS = ["callao", "lima_metropolitana", "lima_provincias", "lima_metropolitana_callao", "peru"]
BLOCKS = [each for each in read_blocks(FOLDER / "cluster.out") if each.kind in ("event", "trend")]


@pytest.fixture(scope="module")
def poverty():
    table = pd.read_csv(CHECKOUT / "data" / "official" / "poverty.csv")
    return table[~table.region.isin(PARTS)].rename(columns={"poverty_pct": "value"})


def with_holes(table):
    lost = table.region.isin(["puno", "tacna"]) & table.year.isin([2005, 2008])
    return table[~lost & ~((table.region == "loreto") & (table.year > 2010))]


def small(seed=1, units=9, periods=6):
    random = np.random.default_rng(seed)
    rows = [(f"u{unit}", 2000 + time) for unit in range(units) for time in range(periods)]
    return pd.DataFrame(rows, columns=["region", "year"]).assign(
        value=random.normal(size=units * periods)
    )


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_r_gives_the_same_with_every_dummy(poverty, block):
    table = with_holes(poverty) if block.keys["rows"] == "holes" else poverty
    for term, theirs in block.numbers().items():
        if block.kind == "event":
            study = event_study(table, treated=TREATED, reference=int(block.keys["reference"]))
            ours = study.table.set_index("period").loc[int(term[1:])]
            assert (study.n_units, study.left_out) == (theirs["clusters"], 0)
        else:
            ours = vars(pre_trend(table, treated=TREATED, baseline=int(block.keys["baseline"])))
        # A difference of a hundredth of a point is a sum of large terms: so much is rounding.
        assert math.isclose(ours["estimate"], theirs["estimate"], rel_tol=1e-8, abs_tol=1e-10)
        for name in ("se", "df", "p"):
            assert math.isclose(ours[name], theirs[name], rel_tol=1e-8), (term, name)


def test_there_are_blocks():
    assert [each.kind for each in BLOCKS] == ["event", "event", "trend", "trend", "trend"]


def test_a_full_panel_gives_differences_of_means(poverty):
    table = event_study(poverty, treated=TREATED, reference=2009).table.set_index("period")
    assert math.isclose(table.estimate[2013], -3.015, abs_tol=1e-9)
    assert table.loc[2009, "estimate"] == 0
    assert table.loc[2009, ["se", "p", "low"]].isna().all()


def test_a_period_one_side_lacks_is_not_told():
    frame = small()
    treated = ["u0", "u1", "u2"]
    frame.loc[frame.region.isin(treated) & (frame.year == 2004), "value"] = np.nan
    frame.loc[frame.region.isin(treated[1:]) & (frame.year == 2005), "value"] = np.nan
    table = event_study(frame, treated=treated, reference=2002).table.set_index("period")
    assert table.loc[2004, ["estimate", "se", "p"]].isna().all()
    assert (table.n_treated[2004], table.n_comparison[2004]) == (0, 6)
    # One unit of a side: its estimate is told, how sure one may be is not.
    assert not np.isnan(table.estimate[2005])
    assert table.loc[2005, ["se", "low", "high", "p"]].isna().all()
    assert table.loc[2003, ["estimate", "se", "p"]].notna().all()


def test_a_unit_met_once_is_left_out():
    frame = small()
    study = event_study(
        frame[(frame.region != "u8") | (frame.year == 2001)], treated=["u0", "u1"], reference=2002
    )
    assert (study.n_units, study.left_out) == (8, 1)


@pytest.mark.parametrize(
    ("change", "more", "told"),
    [
        (lambda d: d, {"treated": ["u99"]}, "no unit u99"),
        (lambda d: d, {"reference": 1990}, "no period 1990"),
        (lambda d: d, {"value": "valeu"}, "no column: valeu"),
        (lambda d: pd.concat([d, d.iloc[:1]]), {}, "one row per period"),
        (lambda d: d[d.region.isin(["u0", "u1"])], {}, "on one side"),
        (lambda d: d[d.year == 2002], {}, "too few"),
        (lambda d: d.assign(value=np.nan), {}, "too few"),
        (lambda d: d, {"treated": ["u0"]}, "too few"),
        (lambda d: d[d.region.isin(["u0", "u1", "u2"])], {}, "too few"),
    ],
)
def test_refusals(change, more, told):
    with pytest.raises(WorkbookError, match=told):
        event_study(change(small()), **{"treated": ["u0", "u1"], "reference": 2002} | more)


def test_constant_values_have_no_p():
    table = event_study(small().assign(value=3.0), treated=["u0", "u1"], reference=2002).table
    assert table.p.isna().all()
    told = pre_trend(small().assign(value=3.0), treated=["u0", "u1"], baseline=2004)
    assert told.outcome == "untestable"
    assert "no variation" in told.reason.text


# ---- trends before -----------------------------------------------------------------------------


def test_what_is_detectable_is_found_four_times_in_five():
    """Slopes of 4 and 12 units, detectable slope from the true error: 3,000 draws."""
    random = np.random.default_rng(8)
    units, years = 16, np.arange(5)
    treated = np.arange(units) < 4
    centred = years - years.mean()
    noise = random.normal(size=(3000, units, 5))
    slopes = noise @ centred / (centred**2).sum()
    frame = pd.DataFrame(
        {"region": np.repeat([f"u{n:02d}" for n in range(units)], 5), "year": np.tile(years, units)}
    )
    draws = [
        pre_trend(
            frame.assign(value=each.ravel()), treated=["u00", "u01", "u02", "u03"], baseline=4
        )
        for each in noise[:3]
    ]
    (df,) = {round(each.df, 8) for each in draws}
    factor = draws[0].detectable / draws[0].se
    # Centred values and two sides: the error is Welch's, of slopes.
    difference = slopes[:, treated].mean(axis=1) - slopes[:, ~treated].mean(axis=1)
    se = np.sqrt(
        slopes[:, treated].var(axis=1, ddof=1) / 4 + slopes[:, ~treated].var(axis=1, ddof=1) / 12
    )
    assert math.isclose(draws[0].se, se[0], rel_tol=1e-9)
    assert math.isclose(draws[0].estimate, difference[0], rel_tol=1e-9)
    true_se = np.sqrt((1 / 4 + 1 / 12) / (centred**2).sum())
    found = np.abs(difference + factor * true_se) / se > stats.t.ppf(0.975, df)
    assert abs(found.mean() - 0.8) < 0.03


def test_outcomes_of_the_test(poverty):
    asked = {"treated": TREATED, "baseline": 2009, "outcome": 2013}
    told = pre_trend(poverty, **asked, relevant=1.0)
    assert (told.outcome, told.n_periods, told.first) == ("uninformative", 6, 2004)
    assert math.isclose(told.implied, 4 * told.estimate)
    just = 4 * told.detectable
    assert pre_trend(poverty, **asked, relevant=just * 1.001).outcome == "passed"
    assert pre_trend(poverty, **asked, relevant=just * 0.999).outcome == "uninformative"
    assert pre_trend(poverty, **asked).outcome == "uninformative"
    assert pre_trend(poverty, **asked, relevant=np.nan).outcome == "uninformative"
    without = {"treated": TREATED, "baseline": 2009, "relevant": 1e9}
    assert pre_trend(poverty, **without).outcome == "uninformative"
    apart = poverty.assign(
        value=poverty.value + 9 * poverty.region.isin(TREATED) * (poverty.year - 2004)
    )
    assert pre_trend(apart, **asked, relevant=1e9).outcome == "failed"
    # What comes after the baseline is not read.
    later = poverty.assign(value=poverty.value.mask(poverty.year > 2009, 0))
    assert vars(pre_trend(later, **asked, relevant=1.0)) == vars(told)


@pytest.mark.parametrize(
    ("baseline", "treated", "n"),
    [(2001, ["u0", "u1"], 2), (1999, ["u0", "u1"], 0), (2004, ["u0"], 5)],
)
def test_untestable(baseline, treated, n):
    told = pre_trend(small(), treated=treated, baseline=baseline, outcome=2005, relevant=1)
    assert (told.outcome, told.n_periods) == ("untestable", n)
    assert np.isnan([told.estimate, told.se, told.p, told.detectable, told.implied]).all()
    assert told.reason is not None


# ---- groups treated at different times ---------------------------------------------------------


def test_published_effects_by_group_and_period():
    panel = pd.read_csv(file("reference", "mpdta.csv"))
    names = {"first_treated": "first.treat", "unit": "countyreal", "value": "lemp"}
    found = group_time(panel, **names)
    told = [-0.010503, -0.070423, -0.137259, -0.100811, -0.004595, -0.041224, -0.026054]
    assert found.table.estimate.round(6).tolist() == told
    assert found.table.group.tolist() == [2004] * 4 + [2006] * 2 + [2007]
    assert round(found.simple.estimate, 6) == -0.039951
    # Published by bootstrap, 0.0118: so near may one come.
    assert abs(found.simple.se - 0.0118) < 0.0003
    assert (found.n_units, found.n_never, found.left_out) == (500, 309, 0)


def two_groups():
    frame = small(units=10, periods=4)
    return frame.assign(
        start=frame.region.map({"u0": 2001, "u1": 2001, "u2": 2003, "u3": 2003, "u4": 2010})
    )


def test_groups_by_hand():
    """A group treated after the last period counts as never treated."""
    frame = two_groups()
    found = group_time(frame, first_treated="start")
    assert found.n_never == 6
    wide = frame.pivot_table(index="region", columns="year", values="value")
    change = wide[2003] - wide[2002]
    table = found.table.set_index(["group", "period"])
    assert math.isclose(table.estimate[2003, 2003], change[2:4].mean() - change[4:].mean())
    spread = change[2:4].var(ddof=0) / 2 + change[4:].var(ddof=0) / 6
    assert math.isclose(table.se[2003, 2003], math.sqrt(spread))
    shares = table.n_treated
    assert math.isclose(found.simple.estimate, np.average(table.estimate, weights=shares))


def test_group_edges():
    frame = two_groups()
    lacking = frame[~((frame.region == "u9") & (frame.year == 2002))]
    assert group_time(lacking, first_treated="start").left_out == 1
    from_first = frame.assign(start=frame.start.mask(frame.region == "u8", 2000))
    assert group_time(from_first, first_treated="start").left_out == 1
    single = frame.assign(start=frame.start.mask(frame.region == "u3", 0))
    found = group_time(single, first_treated="start")
    assert found.table.set_index("group").se.isna().to_dict() == {2001: False, 2003: True}
    assert np.isnan(found.simple.se)
    assert not np.isnan(found.simple.estimate)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.rename(columns={"start": "begun"}), "no column: start"),
        (lambda d: d.assign(start=0), "at least two never treated"),
        (lambda d: d.assign(start=2001), "at least two never treated"),
        (lambda d: d.assign(value=np.nan), "at least two never treated"),
        (lambda d: d.assign(start=d.year), "several first periods"),
        (lambda d: pd.concat([d, d.iloc[:1]]), "one row per period"),
    ],
)
def test_group_refusals(change, told):
    with pytest.raises(WorkbookError, match=told):
        group_time(change(two_groups()), first_treated="start")


def test_the_error_of_the_mean_effect_is_that_of_its_derivatives():
    """Influence by moving each unit's weight a little, the shares of the groups with it."""
    frame = two_groups()
    wide = frame.pivot_table(index="region", columns="year", values="value").to_numpy()
    start = np.array([2001, 2001, 2003, 2003] + [0] * 6)

    def mean_effect(weight):
        terms, shares = [], []
        for group, base, years in ((2001, 0, (1, 2, 3)), (2003, 2, (3,))):
            for place in years:
                change = wide[:, place] - wide[:, base]
                sides = [
                    np.average(change[side], weights=weight[side])
                    for side in (start == group, start == 0)
                ]
                terms.append(sides[0] - sides[1])
                shares.append(weight[start == group].sum())
        return np.average(terms, weights=shares)

    step = 1e-5 * np.eye(10)
    moved = [(mean_effect(1 + each) - mean_effect(1 - each)) / 2e-5 for each in step]
    told = group_time(frame, first_treated="start").simple
    assert math.isclose(told.estimate, mean_effect(np.ones(10)), rel_tol=1e-10)
    assert math.isclose(told.se, math.sqrt(np.sum(np.square(moved))), rel_tol=1e-6)
