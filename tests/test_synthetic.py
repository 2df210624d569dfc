"""The synthetic control: the published Basque figures, mixtures known by construction, edges."""

import numpy as np
import pandas as pd
import pytest
from optional_data import file
from scipy import optimize

from icanalysis.errors import WorkbookError
from icanalysis.synthetic import placebos, synthetic_control

BASQUE, SPAIN = "Basque Country (Pais Vasco)", "Spain (Espana)"
SECTORS = ["agriculture", "energy", "industry", "construction"]


def panel(wide):
    """Rows of a table of units by period."""
    rows = wide.rename_axis(index="region").reset_index()
    return rows.melt("region", var_name="year", value_name="value").astype({"year": int})


def simulated(units=8, periods=12, seed=1):
    random = np.random.default_rng(seed)
    wide = random.normal(0, 1, (units, periods)).cumsum(axis=1) + random.normal(20, 3, (units, 1))
    names = [f"r{number}" for number in range(units)]
    return pd.DataFrame(wide, names, range(2001, 2001 + periods))


def brute_force(wide, treated, last_before):
    """Find the weights by a general optimiser, in several starts."""
    before = wide.loc[:, :last_before]
    donors = before.drop(index=treated)

    def loss(weights):
        return ((before.loc[treated] - weights @ donors) ** 2).sum()

    starts = np.random.default_rng(7).dirichlet(np.ones(len(donors)), 4)
    total = {"type": "eq", "fun": lambda weights: weights.sum() - 1}
    found = [
        optimize.minimize(
            loss, start, method="SLSQP", bounds=[(0, 1)] * len(donors), constraints=total,
            options={"maxiter": 2000, "ftol": 1e-15},
        )
        for start in starts
    ]  # fmt: skip
    return pd.Series(min(found, key=lambda each: each.fun).x, donors.index)


# ---- The Basque Country, as published ----------------------------------------------------------


@pytest.fixture(scope="module")
def spain():
    return pd.read_csv(file("reference", "basque.csv"))


def predictors(spain):
    """Predictors of Abadie and Gardeazabal (2003), as R's Synth averages them."""

    def averaged(columns, years):
        rows = spain[spain.year.isin(years)]
        return rows.groupby("regionname")[columns].mean()

    school = [f"school.{level}" for level in ("illit", "prim", "med", "high", "post.high")]
    sectors = [f"sec.{name}" for name in [*SECTORS, "services.venta", "services.nonventa"]]
    parts = [
        averaged([*school, "invest"], range(1964, 1970)),
        averaged(["gdpcap"], range(1960, 1970)),
        averaged(sectors, range(1961, 1970, 2)),
        averaged(["popdens"], [1969]),
    ]
    return pd.concat(parts, axis=1)


def asked(spain):
    return {
        "treated": BASQUE,
        "last_before": 1974,
        "predictors": predictors(spain),
        "optimise": range(1960, 1970),
        "unit": "regionname",
        "value": "gdpcap",
    }


@pytest.mark.parametrize("donors", ["regions", "regions and Spain"])
def test_the_basque_country_is_catalonia_and_madrid(spain, donors):
    rows = spain[spain.regionname != SPAIN] if donors == "regions" else spain
    found = synthetic_control(rows, **asked(spain))
    used = found.weights[found.weights > 1e-6]
    assert used.round(4).to_dict() == {"Cataluna": 0.8508, "Madrid (Comunidad De)": 0.1492}
    assert found.effect == pytest.approx(-0.699565, abs=1e-6)
    assert found.weights.sum() == pytest.approx(1)
    assert found.importance.sum() == pytest.approx(1)
    optimised = found.path.gap.loc[1960:1969]
    assert (optimised**2).mean() == pytest.approx(0.0088645, abs=1e-7)


def test_placebos_of_the_basque_country(spain):
    """One of seventeen goes farther, so p = 2/18.

    pysyncon 1.7.0 has 3/18 = 0.1667 of the same donors, the average of Spain among them: it
    counts the three others that go farther there, and not the unit itself. Its search for
    importance ends at other weights for some of them, Castilla y León and Asturias for two.
    """
    found = placebos(spain, **asked(spain))
    table = found.table.set_index("unit")
    assert (found.p_value, found.p_min, len(table)) == (2 / 18, 1 / 18, 18)
    assert table.index[:2].tolist() == ["Andalucia", BASQUE]
    assert table.ratio[BASQUE] == pytest.approx(9.131438, abs=1e-5)
    # Two of pysyncon's ratios, where both searches end at the same weights.
    assert table.ratio["Madrid (Comunidad De)"] == pytest.approx(0.3317, abs=1e-4)
    assert table.ratio[SPAIN] == pytest.approx(3.7233, abs=5e-4)


# ---- Mixtures known by construction, and a general optimiser -----------------------------------


def test_a_mixture_is_found_again():
    wide = simulated()
    weights = {"r1": 0.5, "r4": 0.3, "r6": 0.2}
    wide.loc["r0"] = sum(weight * wide.loc[name] for name, weight in weights.items())
    wide.loc["r0", 2009:] += 2.5
    found = synthetic_control(panel(wide), treated="r0", last_before=2008)
    assert found.weights[found.weights > 1e-9].to_dict() == pytest.approx(weights)
    assert found.path.gap.loc[2009:].tolist() == pytest.approx([2.5] * 4)
    assert found.effect == pytest.approx(2.5)
    assert found.pre_rmspe == pytest.approx(0, abs=1e-9)
    assert found.post_rmspe == pytest.approx(2.5)
    assert found.ratio == np.inf
    assert found.importance is None


@pytest.mark.parametrize("seed", range(6))
def test_weights_are_those_of_a_general_optimiser(seed):
    wide = simulated(units=7, periods=11, seed=seed)
    found = synthetic_control(panel(wide), treated="r3", last_before=2009)
    other = brute_force(wide, "r3", 2009)
    assert found.weights.to_numpy() == pytest.approx(other.to_numpy(), abs=2e-5)
    gap = wide.loc["r3"] - found.weights @ wide.loc[found.weights.index]
    assert found.path.gap.tolist() == pytest.approx(gap.tolist())
    assert found.pre_rmspe == pytest.approx(np.sqrt((gap.loc[:2009] ** 2).mean()))
    assert found.post_rmspe == pytest.approx(np.sqrt((gap.loc[2010:] ** 2).mean()))
    assert found.ratio == pytest.approx(found.post_rmspe / found.pre_rmspe)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_no_shift_of_weight_comes_nearer(scale):
    """At the least squares of a simplex no donor's gradient is below that of those used."""
    one = simulated(units=24, periods=10, seed=4)
    wide = one * scale
    found = synthetic_control(panel(wide), treated="r0", last_before=2008)
    unscaled = synthetic_control(panel(one), treated="r0", last_before=2008)
    assert found.weights.to_numpy() == pytest.approx(unscaled.weights.to_numpy(), abs=1e-9)
    before = wide.loc[found.weights.index, :2008]
    gradient = before @ (found.weights @ before - wide.loc["r0", :2008]) / scale**2
    used = found.weights > 0
    least = gradient[used].min()
    assert (found.weights >= 0).all()
    assert found.weights.sum() == pytest.approx(1)
    assert gradient[used].max() == pytest.approx(least, abs=1e-6)
    assert (gradient >= least - 1e-6).all()


def test_units_beyond_all_others_take_the_nearest():
    wide = pd.DataFrame(
        {2001: [9.0, 1, 2, 3], 2002: [9.0, 1, 2, 3], 2003: [9.0, 1, 2, 4]}, list("abcd")
    )
    found = synthetic_control(panel(wide), treated="a", last_before=2002)
    assert found.weights.to_dict() == {"b": 0, "c": 0, "d": 1}
    assert (found.pre_rmspe, found.post_rmspe, found.effect) == (6, 5, 5)


def test_the_predictor_that_leads_to_the_outcome_gets_the_importance():
    """Two predictors: by one the unit is r1, by the other r2; its outcomes were those of r2."""
    wide = simulated(units=4)
    wide.loc["r0"] = wide.loc["r2"]
    table = pd.DataFrame(
        {"noise": [1.0, 1, 5, 9], "telling": [1.0, 5, 1, 9]}, ["r0", "r1", "r2", "r3"]
    )
    found = synthetic_control(panel(wide), treated="r0", last_before=2008, predictors=table)
    assert found.weights["r2"] == pytest.approx(1, abs=1e-3)
    assert found.importance["telling"] > 0.99


def test_one_predictor_has_all_the_importance():
    wide = simulated(units=4)
    table = pd.DataFrame({"size": [3.0, 1, 4, 9]}, wide.index)
    found = synthetic_control(panel(wide), treated="r0", last_before=2008, predictors=table)
    assert found.importance.to_dict() == {"size": 1.0}
    assert table["size"][found.weights.index] @ found.weights == pytest.approx(3.0)


def test_units_of_predictors_do_not_matter():
    wide = simulated(units=6)
    random = np.random.default_rng(3)
    table = pd.DataFrame(random.normal(size=(6, 3)), wide.index, ["a", "b", "c"])
    asked = {"treated": "r0", "last_before": 2008}
    one = synthetic_control(panel(wide), **asked, predictors=table)
    two = synthetic_control(panel(wide), **asked, predictors=table * [1, 1000, 0.01] + 5)
    assert one.weights.to_numpy() == pytest.approx(two.weights.to_numpy(), abs=1e-4)


# ---- Placebos ----------------------------------------------------------------------------------


@pytest.mark.parametrize("treated_as_donor", [False, True])
def test_placebos_repeat_the_whole_for_each_unit(treated_as_donor):
    wide = simulated(units=6, seed=2)
    wide.loc["r2", 2010:] += 4
    asked = {"treated": "r2", "last_before": 2009}
    found = placebos(panel(wide), **asked, treated_as_donor=treated_as_donor)
    ratios = {}
    for name in wide.index:
        mixed = wide if treated_as_donor or name == "r2" else wide.drop(index="r2")
        weights = brute_force(mixed, name, 2009)
        gap = wide.loc[name] - weights @ mixed.drop(index=name)
        ratios[name] = np.sqrt((gap.loc[2010:] ** 2).mean() / (gap.loc[:2009] ** 2).mean())
    table = found.table.set_index("unit")
    assert table.ratio.to_dict() == pytest.approx(ratios, rel=1e-4)
    assert found.p_value == np.mean([each >= ratios["r2"] for each in ratios.values()])
    assert found.p_min == 1 / 6
    assert table["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert table.index[table.treated].tolist() == ["r2"]
    alone = synthetic_control(panel(wide), **asked)
    assert table.effect["r2"] == alone.effect
    assert table.pre_rmspe["r2"] == alone.pre_rmspe


def test_a_large_effect_attains_the_smallest_p_unless_placebos_carry_it():
    wide = simulated(units=6, periods=30, seed=2)
    wide.loc["r2", 2029:] += 400
    asked = {"treated": "r2", "last_before": 2028}
    found = placebos(panel(wide), **asked)
    assert found.p_value == found.p_min == 1 / 6
    assert placebos(panel(wide), **asked, treated_as_donor=True).p_value > 1 / 6


def test_a_single_donor_is_as_unusual_as_the_unit_it_stands_for():
    rows = panel(simulated(units=2))
    found = placebos(rows, treated="r0", last_before=2008, treated_as_donor=True)
    assert found.p_value == 1.0
    assert found.table["rank"].tolist() == [2, 2]
    with pytest.raises(WorkbookError, match="A single donor"):
        placebos(rows, treated="r0", last_before=2008)


def test_ratios_without_end_tie():
    wide = pd.DataFrame({1: [5.0, 5, 5], 2: [9.0, 5, 5]}, list("abc"))
    found = placebos(panel(wide), treated="a", last_before=1)
    table = found.table.set_index("unit")
    assert table.ratio["a"] == np.inf
    assert found.p_value == np.mean(table.ratio == np.inf)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9 / 3])
def test_nothing_varies(value):
    wide = simulated(units=4) * 0 + value
    found = placebos(panel(wide), treated="r0", last_before=2008)
    assert np.isnan(found.p_value)
    assert found.table["rank"].isna().all()
    assert "no variation" in found.reason.text
    alone = synthetic_control(panel(wide), treated="r0", last_before=2008)
    assert np.isnan(alone.ratio)
    assert alone.effect == pytest.approx(0, abs=1e-6)


# ---- Edges -------------------------------------------------------------------------------------


def test_donors_that_lack_something_are_left_out_and_named():
    wide = simulated(units=6)
    rows = panel(wide)
    rows.loc[rows.region.eq("r2") & rows.year.eq(2003), "value"] = np.nan
    rows = rows[~(rows.region.eq("r4") & rows.year.eq(2012))]
    table = pd.DataFrame({"size": [3.0, 1, 4, np.nan, 2]}, ["r0", "r1", "r2", "r3", "r4"])
    before = rows.copy(), table.copy()
    asked = {"treated": "r0", "last_before": 2008}
    found = synthetic_control(rows, **asked)
    assert found.left_out == ("r2", "r4")
    rest = synthetic_control(panel(wide.drop(index=["r2", "r4"])), **asked)
    pd.testing.assert_series_equal(found.weights, rest.weights, check_index_type=False)
    assert synthetic_control(rows, **asked, predictors=table).left_out == ("r2", "r3", "r4", "r5")
    assert placebos(rows, **asked).left_out == ("r2", "r4")
    assert placebos(rows, **asked).p_min == 1 / 4
    pd.testing.assert_frame_equal(rows, before[0])
    pd.testing.assert_frame_equal(table, before[1])


def test_only_the_donors_named_are_mixed():
    wide = simulated(units=6)
    found = synthetic_control(panel(wide), treated="r0", last_before=2008, donors=["r5", "r1"])
    assert set(found.weights.index) == {"r1", "r5"}
    other = brute_force(wide.loc[["r0", "r1", "r5"]], "r0", 2008)
    assert found.weights.to_dict() == pytest.approx(other.to_dict(), abs=1e-5)


def test_periods_after_do_not_change_the_weights():
    wide = simulated()
    changed = wide.copy()
    changed.loc[:, 2009:] *= 7
    one, two = (
        synthetic_control(panel(each), treated="r0", last_before=2008) for each in (wide, changed)
    )
    pd.testing.assert_series_equal(one.weights, two.weights)


def test_only_the_periods_to_optimise_choose_importance():
    wide = simulated(units=6, seed=7)
    table = pd.DataFrame(np.random.default_rng(3).normal(size=(6, 3)), wide.index, list("abc"))
    asked = {"treated": "r0", "last_before": 2008, "predictors": table}
    changed = wide.copy()
    changed.loc[:, :2004] *= 3
    one, two, three = (
        synthetic_control(panel(each), **asked, optimise=years).weights.to_numpy()
        for each, years in ((wide, [2007, 2008]), (changed, [2007, 2008]), (wide, None))
    )
    assert one == pytest.approx(two)
    assert one != pytest.approx(three, abs=1e-3)


# ---- Refusals ----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")


def refusal(wide, **more):
    rows = panel(wide) if "year" not in wide else wide
    with pytest.raises(WorkbookError) as caught:
        synthetic_control(rows, **({"treated": "r0", "last_before": 2008} | more))
    return str(caught.value)


def test_refusals():
    wide = simulated(units=4)
    rows = panel(wide)
    assert "no unit R0 (r0?)" in refusal(wide, treated="R0")
    assert "no unit x9" in refusal(wide, donors=["r1", "x9"])
    assert "r0 cannot be a donor to itself" in refusal(wide, donors=["r0", "r1"])
    assert "No period comes after 2012" in refusal(wide, last_before=2012)
    assert "no period 1999" in refusal(wide, last_before=1999)
    assert "No donor has values" in refusal(wide.iloc[:1])
    assert "No donor has values" in refusal(wide, donors=[])
    assert "Not periods of the panel before: 2011" in refusal(wide, optimise=[2007, 2011])
    assert "r0 has no value in: 2003, 2010" in refusal(
        rows[~(rows.region.eq("r0") & rows.year.isin([2003, 2010]))]
    )
    assert "r0 has no value in" in refusal(rows.assign(value=np.nan))
    assert "no column: value" in refusal(rows.rename(columns={"value": "it"}))
    assert "more at: r0 2001" in refusal(pd.concat([rows, rows.iloc[[0]]]))


def test_predictors_that_are_refused():
    wide = simulated(units=4)
    table = pd.DataFrame({"size": [3.0, 1, 4, 2], "flat": 0.1}, wide.index)
    assert "the same for all units tell nothing: flat" in refusal(wide, predictors=table)
    only = table[["size"]]
    assert "r0 lacks a predictor" in refusal(wide, predictors=only.drop(index="r0"))
    assert "No donor has values" in refusal(wide, predictors=only.loc[["r0"]])
    assert "finite numbers: size" in refusal(wide, predictors=only.replace(4, np.inf))
    assert "finite numbers: size" in refusal(wide, predictors=only.astype(str))
    assert "one row per unit" in refusal(wide, predictors=pd.concat([only, only]))
    assert "one row per unit" in refusal(wide, predictors=only[[]])
