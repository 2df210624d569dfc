"""What became of producers: every line worked again from the table by other code."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from shipped import DATA, shipped, without

from icanalysis import judgement as module
from icanalysis.bounds import Bounds
from icanalysis.cluster import fit
from icanalysis.effects import effects
from icanalysis.errors import DataError, WorkbookError
from icanalysis.evidence import STATEMENTS
from icanalysis.language import msg
from icanalysis.multiplicity import summary_index
from icanalysis.producers import CHANNELS, read_waves
from icanalysis.results import NUMBERS
from icanalysis.visits import INDEX, followed

VARIABLES = {
    "producer_income": "income_soles",
    "producer_sales": "sales_soles",
    "producer_days": "days_worked",
    "producer_formalised": "formalised",
    "producer_channels": "channels",
    "producer_credit": "credit",
}
SHARES = ("producer_formalised", "producer_credit")
AMOUNTS = ("income_soles", "sales_soles")
PLACES = ("programme", "puno")


class Changed:
    """The shipped data with other producers, or another evaluation."""

    def __init__(self, producers=None, *, base=None):
        self.base, self.producers = base or shipped(), producers

    def __getattr__(self, name):
        return getattr(self.base, name)

    def table(self, name):
        if name == "producers" and self.producers is not None:
            return self.producers
        return self.base.table(name)


@cache
def _told(region):
    return effects(shipped(), region)


def told(region="programme"):
    return _told(region)


def frame():
    return shipped().table("producers").copy()


def only(lines, **wanted):
    for column, value in wanted.items():
        lines = lines[lines[column] == value]
    return lines


def one(lines, **wanted):
    rows = only(lines, **wanted)
    assert len(rows) == 1, (wanted, len(rows))
    return rows.iloc[0]


def did_of(indicator, lines=None, group="all"):
    lines = told() if lines is None else lines
    return one(lines, indicator=indicator, group=group, statistic="did")


def facts(line):
    return dict(part.split(":", 1) for part in line["note"].split(";"))


@cache
def paired(region):
    """Both visits of each producer on one row, from the file: floats, soles of 2013, percent."""
    table = pd.read_csv(DATA / "producers" / "simulated_producers.csv")
    prices = pd.read_csv(DATA / "official" / "deflators.csv").set_index(["region", "year"])
    prices = prices["deflator"]
    factor = [
        prices[place, 2013] / prices[place, year]
        for place, year in zip(table["region"], table["year"], strict=True)
    ]
    for name in AMOUNTS:
        table[name] = table[name] * factor
    yes_no = {True: 1.0, False: 0.0, "True": 1.0, "False": 0.0, "true": 1.0, "false": 0.0}
    for name in ("formalised", "credit"):
        table[name] = 100 * table[name].map(yes_no)
    ways = table[list(CHANNELS)].apply(lambda column: column.map(yes_no))
    table["channels"] = ways.sum(axis=1, skipna=False)
    if region != "programme":
        table = table[table["region"] == region]
    first, last = (table[table["wave"] == wave] for wave in ("baseline", "outcome"))
    return first.merge(
        last[["producer_id", *VARIABLES.values()]],
        on="producer_id",
        how="left",
        suffixes=("", "_last"),
        indicator="seen",
    )


@cache
def prepared():
    """All producers, as they are compared."""
    plan = shipped().evaluation.producers
    return followed(shipped(), plan, read_waves(shipped(), plan))


def both(region, name):
    rows = paired(region)
    return rows[rows[name].notna() & rows[f"{name}_last"].notna()]


def mean(rows, name):
    return np.average(rows[name], weights=rows["weight"])


# --- levels and differences ---------------------------------------------------------------------


@pytest.mark.parametrize("region", PLACES)
@pytest.mark.parametrize("indicator", VARIABLES)
def test_levels_are_weighted_means_of_those_seen_twice(indicator, region):
    name = VARIABLES[indicator]
    rows = both(region, name)
    for arm in ("programme", "comparison"):
        here = rows[rows["arm"] == arm]
        for year, column in (("2009", name), ("2013", f"{name}_last")):
            line = one(
                told(region), indicator=indicator, group=f"arm:{arm}", period=year,
                statistic="level",
            )  # fmt: skip
            assert line["value"] == pytest.approx(mean(here, column), rel=1e-12)
            assert line["status"] == "estimated"
            assert line["unit"] == shipped().table("indicators").set_index("indicator")["unit"][indicator]  # fmt: skip


@pytest.mark.parametrize("region", PLACES)
@pytest.mark.parametrize("indicator", VARIABLES)
def test_the_difference_is_that_of_a_weighted_regression_within_strata(indicator, region):
    name = VARIABLES[indicator]
    rows = both(region, name)
    rows = rows.assign(
        change=rows[f"{name}_last"] - rows[name],
        stratum=rows["region"] + rows["sector"],
        treated=(rows["arm"] == "programme") * 1.0,
    )
    fitted = smf.wls("change ~ treated + C(stratum)", rows, weights=rows["weight"]).fit()
    line = did_of(indicator, told(region))
    assert line["value"] == pytest.approx(fitted.params["treated"], rel=1e-8)
    assert line["n"] == len(rows)
    assert line["period"] == "2009-2013"
    # CR2 errors are those of cluster.py; here only that communities, not persons, count.
    robust = fitted.get_robustcov_results("cluster", groups=pd.factorize(rows["community"])[0])
    place = list(fitted.params.index).index("treated")
    assert line["se"] == pytest.approx(robust.bse[place], rel=0.15)
    assert int(facts(line)["clusters"]) == rows["community"].nunique()
    assert line["low"] < line["value"] < line["high"]


def test_without_strata_it_is_the_difference_of_mean_changes():
    """In one stratum nothing else enters: means, and their standard errors, by hand."""
    one_sector = frame().assign(sector="crafts")
    found = effects(Changed(one_sector), "cusco")
    for indicator, name in VARIABLES.items():
        rows = both("cusco", name)
        rows = rows.assign(change=rows[f"{name}_last"] - rows[name])
        changes = {
            arm: mean(rows[rows["arm"] == arm], "change") for arm in ("programme", "comparison")
        }
        line = did_of(indicator, found)
        assert line["value"] == pytest.approx(changes["programme"] - changes["comparison"])
        for arm, change in changes.items():
            told_change = one(
                found, indicator=indicator, group=f"arm:{arm}", statistic="before_after"
            )
            assert told_change["value"] == pytest.approx(change)


@pytest.mark.parametrize("region", PLACES)
@pytest.mark.parametrize("indicator", VARIABLES)
def test_the_change_of_each_arm_is_of_that_arm(indicator, region):
    name = VARIABLES[indicator]
    rows = both(region, name)
    for arm in ("programme", "comparison"):
        here = rows[rows["arm"] == arm]
        line = one(told(region), indicator=indicator, group=f"arm:{arm}", statistic="before_after")
        by_hand = mean(here, f"{name}_last") - mean(here, name)
        assert line["value"] == pytest.approx(by_hand, rel=1e-8)
        assert line["n"] == len(here)
        assert line["status"] == "context"  # unadjusted, and of one arm: no verdict
        assert line["statement_key"] == "simulated"


def test_shares_are_told_in_percent_and_their_changes_in_points():
    for indicator in VARIABLES:
        unit = did_of(indicator)["unit"]
        assert (unit == "percentage_points") == (indicator in SHARES)
        levels = only(told(), indicator=indicator, statistic="level")
        assert set(levels["unit"] == "percent") == {indicator in SHARES}
    formalised = only(told(), indicator="producer_formalised", statistic="level")["value"]
    assert formalised.between(20, 60).all()


def test_one_producers_income_at_the_prices_of_2013():
    panel = prepared().panel
    mine = panel[panel["producer_id"] == "AYA-0001"].set_index("wave")
    prices = pd.read_csv(DATA / "official" / "deflators.csv").query("region == 'ayacucho'")
    prices = prices.set_index("year")["deflator"]
    assert mine["income_soles"]["baseline"] == pytest.approx(404 * prices[2013] / prices[2009])
    assert mine["income_soles"]["outcome"] == pytest.approx(383)
    assert mine["sales_soles"]["baseline"] == pytest.approx(601 * prices[2013] / prices[2009])
    assert prices[2013] > prices[2009]
    assert mine["days_worked"]["baseline"] == 22
    assert mine["formalised"]["baseline"] == 0
    assert mine["channels"]["outcome"] == 2


def test_the_simulated_truth_is_covered():
    """Of the effects that were simulated (data/producers/README.md), the intervals hold each."""
    truth = {"producer_income": 60, "producer_sales": 80, "producer_days": 0.506,
             "producer_formalised": 15.0, "producer_channels": 0.434, "producer_credit": 0}  # fmt: skip
    for indicator, effect in truth.items():
        line = did_of(indicator)
        assert line["low"] <= effect <= line["high"], indicator


# --- several tests ------------------------------------------------------------------------------


def holm(p):
    """Holm (1979): the smallest p by the number of tests, the next by one fewer, never falling."""
    adjusted, so_far = {}, 0.0
    for rank, (name, value) in enumerate(sorted(p.items(), key=lambda pair: pair[1])):
        so_far = max(so_far, min(1.0, (len(p) - rank) * value))
        adjusted[name] = so_far
    return adjusted


@pytest.mark.parametrize("region", PLACES)
def test_p_is_adjusted_for_all_outcomes_and_the_index(region):
    p = {name: did_of(name, told(region))["p"] for name in [*VARIABLES, INDEX.indicator]}
    for indicator, value in holm(p).items():
        found = float(facts(did_of(indicator, told(region)))["holm"])
        assert found == pytest.approx(value, rel=1e-12)
        assert found >= p[indicator]
        assert facts(did_of(indicator, told(region)))["tests"] == str(len(p))


@pytest.mark.parametrize("effect", [0.0, 200.0], ids=["as shipped", "a large effect"])
def test_p_of_groups_is_adjusted_for_their_number_and_never_below_that_of_all(effect):
    richer = frame()
    gained = (richer["arm"] == "programme") & (richer["wave"] == "outcome")
    richer["income_soles"] += np.where(gained, effect, 0.0)
    found = effects(Changed(richer), "programme")
    rows = only(found, indicator="producer_income", statistic="did").dropna(subset="value")
    p = rows[rows["group"] != "all"].set_index("group")["p"].to_dict()
    assert len(p) == 11
    whole = float(facts(did_of("producer_income", found))["holm"])
    told_ = {group: float(facts(did_of("producer_income", found, group))["holm"]) for group in p}
    assert told_ == pytest.approx({group: max(each, whole) for group, each in holm(p).items()})
    assert {facts(did_of("producer_income", found, group))["tests"] for group in p} == {"11"}
    clear = set(rows.loc[rows["status"] == "better", "group"])
    assert clear == {group for group, each in {"all": whole, **told_}.items() if each <= 0.05}
    # One is nothing without the other: as shipped, no group may be called; with it, most are.
    assert (len(clear) > 5) == (effect > 0)


def test_a_group_is_not_called_where_all_together_are_not():
    """Women alone gain so much that their own p is minute; all together do not move."""
    women = frame()
    gained = (women["arm"] == "programme") & (women["wave"] == "outcome")
    women["income_soles"] += np.where(gained, np.where(women["sex"] == "woman", 150, -220), 0)
    found = effects(Changed(women), "programme")
    line = did_of("producer_income", found, "sex:woman")
    assert line["p"] < 0.001
    assert did_of("producer_income", found)["status"] == "no_clear_change"
    assert (line["status"], facts(line)["seen"]) == ("no_clear_change", "one_of_many")


def test_the_verdict_heeds_the_adjusted_p():
    """Income: p = 0.014, but 0.054 for four of seven tests still to reject."""
    line = did_of("producer_income")
    assert line["p"] == pytest.approx(0.01356, abs=5e-6)
    assert float(facts(line)["holm"]) == pytest.approx(4 * line["p"])
    assert line["status"] == "no_clear_change"
    assert did_of("producer_formalised")["status"] == "better"


def asked(*indicators, **changes):
    """The shipped data, asked of some outcomes only."""
    plan = shipped().evaluation.producers
    items = tuple(
        item.model_copy(update=changes) for item in plan.indicators if item.indicator in indicators
    )
    return without(producers=plan.model_copy(update={"indicators": items}))


def test_a_test_alone_is_not_adjusted():
    line = did_of("producer_income", effects(asked("producer_income", groups=()), "programme"))
    assert facts(line)["holm"] == "nan"
    assert line["status"] == "better"
    assert line["p"] == pytest.approx(did_of("producer_income")["p"], rel=1e-12)


def test_two_tests_are():
    found = effects(asked("producer_income", "producer_credit", groups=()), "programme")
    line = did_of("producer_income", found)
    index = did_of(INDEX.indicator, found)["p"]
    p = {"income": line["p"], "credit": did_of("producer_credit", found)["p"], "index": index}
    assert float(facts(line)["holm"]) == pytest.approx(holm(p)["income"])


def test_an_outcome_that_cannot_be_compared_is_no_test():
    lacking = frame()
    lacking["credit"] = lacking["credit"].where(lacking["arm"] == "programme")
    found = effects(Changed(lacking), "programme")
    assert did_of("producer_credit", found)["status"] == "not_known"
    p = {name: did_of(name, found)["p"] for name in VARIABLES if name != "producer_credit"}
    assert only(found, indicator=INDEX.indicator).empty  # an outcome without scale
    for indicator, value in holm(p).items():
        assert float(facts(did_of(indicator, found))["holm"]) == pytest.approx(value)
        assert facts(did_of(indicator, found))["tests"] == str(len(p))


# --- groups -------------------------------------------------------------------------------------


def test_only_the_groups_named_in_advance_are_told():
    groups = only(told(), statistic="did").groupby("indicator")["group"].agg(frozenset)
    for indicator in VARIABLES:
        if indicator != "producer_income":
            assert groups[indicator] == {"all"}
    assert groups["producer_income"] == {
        "all", "sex:woman", "sex:man", "area:urban", "area:rural",
        *(f"sector:{name}" for name in ("crafts", "agriculture", "gastronomy", "tourism")),
        *(f"mother_tongue:{name}" for name in ("quechua", "aymara", "spanish", "other")),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("group", "variable", "value"),
    [("sex:woman", "sex", "woman"), ("area:rural", "area", "rural"),
     ("sector:crafts", "sector", "crafts"), ("mother_tongue:quechua", "mother_tongue", "quechua")],
)  # fmt: skip
def test_a_group_is_compared_within(group, variable, value):
    rows = both("programme", "income_soles")
    rows = rows[rows[variable] == value]
    rows = rows.assign(
        change=rows["income_soles_last"] - rows["income_soles"],
        stratum=rows["region"] + rows["sector"],
        treated=(rows["arm"] == "programme") * 1.0,
    )
    fitted = smf.wls("change ~ treated + C(stratum)", rows, weights=rows["weight"]).fit()
    line = did_of("producer_income", group=group)
    assert line["value"] == pytest.approx(fitted.params["treated"], rel=1e-8)
    assert line["n"] == len(rows)
    assert facts(line)["loss"] == "unknown"


def test_groups_are_those_of_the_baseline():
    """Whoever moves to another area between the visits is counted where they were."""
    moved = frame()
    last = moved["wave"] == "outcome"
    moved.loc[last, "area"] = moved.loc[last, "area"].map({"urban": "rural", "rural": "urban"})
    pd.testing.assert_frame_equal(effects(Changed(moved), "puno"), told("puno"))


def test_a_group_of_too_few_communities_is_not_known():
    line = did_of("producer_income", group="mother_tongue:other")
    assert (line["status"], line["statement_key"]) == ("not_known", "not_known")
    assert line[list(NUMBERS)].isna().all()
    assert line["note"] == ""


def fitted_with(monkeypatch, **changes):
    real = module.did
    monkeypatch.setattr(module, "did", lambda *a, **k: replace(real(*a, **k), **changes))
    return effects(asked("producer_days"), "puno")


@pytest.mark.parametrize(("df", "known"), [(4.0, True), (3.99, False), (math.nan, False)])
def test_fewer_than_four_degrees_of_freedom_are_too_few(monkeypatch, df, known):
    line = did_of("producer_days", fitted_with(monkeypatch, df=df))
    assert (line["status"] != "not_known") == known
    assert math.isnan(line["value"]) != known


def test_two_communities_an_arm_are_too_few_to_tell():
    table = frame().query("region == 'cusco'")
    table = table[table["sector"] == "crafts"]
    found = effects(Changed(table), "cusco")
    assert set(only(found, statistic="did")["status"]) == {"not_known"}
    assert only(found, statistic="did")["value"].isna().all()
    assert only(found, statistic="did")["p"].isna().all()


# --- those not found again ----------------------------------------------------------------------


def trimmed(values, weights, share, *, top):
    """Weighted mean without the top (or bottom) share of the weight."""
    order = np.argsort(values if top else -values, kind="stable")
    values, weights = values[order], weights[order]
    room, kept = (1 - share) * weights.sum(), []
    for weight in weights:
        kept.append(min(weight, room))
        room -= kept[-1]
    return np.average(values, weights=kept)


def lee(rows, name):
    """Lee (2009) on weighted rows: trim the arm found more often."""
    change = (rows[f"{name}_last"] - rows[name]).to_numpy()
    weight, mine = rows["weight"].to_numpy(), (rows["arm"] == "programme").to_numpy()
    there = ~np.isnan(change)
    found = {arm: weight[there & (mine == arm)].sum() / weight[mine == arm].sum() for arm in (True, False)}  # fmt: skip
    more = found[True] > found[False]
    share = 1 - found[not more] / found[more]
    kept, fixed = there & (mine == more), there & (mine != more)
    rest = np.average(change[fixed], weights=weight[fixed])
    ends = [trimmed(change[kept], weight[kept], share, top=top) - rest for top in (True, False)]
    return sorted(end if more else -end for end in ends)


@pytest.mark.parametrize("region", ["programme", "puno"])
@pytest.mark.parametrize("indicator", VARIABLES)
def test_bounds_are_lees_of_the_changes(indicator, region):
    low, high = lee(paired(region), VARIABLES[indicator])
    line = one(told(region), indicator=indicator, statistic="bounds")
    assert line["low"] == pytest.approx(low, abs=1e-8)
    assert line["high"] == pytest.approx(high, abs=1e-8)
    assert math.isnan(line["value"])
    assert line["unit"] == did_of(indicator, told(region))["unit"]
    # The interval moved by as much as each bound lies from the difference among those found.
    rows = both(region, VARIABLES[indicator])
    changes = rows[f"{VARIABLES[indicator]}_last"] - rows[VARIABLES[indicator]]
    arm = rows["arm"] == "programme"
    means = [np.average(changes[side], weights=rows["weight"][side]) for side in (arm, ~arm)]
    did = did_of(indicator, told(region))
    below, above = (
        end + bound - (means[0] - means[1])
        for end, bound in ((did["low"], low), (did["high"], high))
    )
    assert facts(did)["loss"] == ("could_overturn" if below <= 0 <= above else "holds")


@pytest.mark.parametrize("region", ["programme", "puno"])
@pytest.mark.parametrize("indicator", VARIABLES)
def test_how_far_those_lost_would_have_to_be_from_those_found(indicator, region):
    """Give every one lost the value that the shift says: the difference of all is then nought."""
    name = VARIABLES[indicator]
    rows = paired(region)
    change = rows[f"{name}_last"] - rows[name]
    line = one(told(region), indicator=indicator, statistic="shift")
    arm = (rows["arm"] == "programme").to_numpy()
    ends = []
    for side, sign in ((arm, -1), (~arm, 1)):
        mine, weights = change[side], rows["weight"][side]
        found = mine.notna()
        filled = np.average(mine[found], weights=weights[found]) + sign * line["value"]
        ends.append(np.average(mine.fillna(filled), weights=weights))
    assert ends[0] == pytest.approx(ends[1], abs=1e-9)


@pytest.mark.parametrize("indicator", SHARES)
def test_the_worst_case_of_a_share_by_filling_it_in(indicator):
    name = VARIABLES[indicator]
    rows = paired("programme")
    change = (rows[f"{name}_last"] - rows[name]).to_numpy()
    arm = (rows["arm"] == "programme").to_numpy()
    least, most = -rows[name].fillna(100), 100 - rows[name].fillna(0)
    line = one(told(), indicator=indicator, statistic="worst_case")
    for end, (of_arm, of_others) in (("low", (least, most)), ("high", (most, least))):
        filled = np.where(np.isnan(change), np.where(arm, of_arm, of_others), change)
        means = [np.average(filled[side], weights=rows["weight"][side]) for side in (arm, ~arm)]
        assert line[end] == pytest.approx(means[0] - means[1], abs=1e-9)


def test_what_has_no_limits_has_no_worst_case():
    assert set(only(told(), statistic="worst_case")["indicator"]) == set(SHARES)


def test_both_words_of_loss_occur():
    words = {facts(did_of(indicator))["loss"] for indicator in VARIABLES}
    assert words == {"holds", "could_overturn"}


@pytest.mark.parametrize(
    ("low", "high", "word"),
    # Channels of all: +0.498 (0.391 to 0.604). The interval moves by as much as each bound does.
    [(0.0, 0.0, "holds"), (-0.39, 1.0, "holds"), (-0.40, 1.0, "could_overturn"),
     (-0.391371, 0.0, "holds"), (-0.391373, 0.0, "could_overturn"), (0.0, -0.61, "holds")],
)  # fmt: skip
def test_what_the_interval_and_the_bounds_together_leave(monkeypatch, low, high, word):
    made = Bounds(1.0, 1.0 + low, 1.0 + high, 0.1, "treated", 0.1, 0.2, 100)
    monkeypatch.setattr(module, "lee_bounds", lambda *a, **k: made)
    line = did_of("producer_channels", effects(asked("producer_channels"), "programme"))
    assert (line["low"], line["high"]) == (pytest.approx(0.391372), pytest.approx(0.604093))
    assert facts(line)["loss"] == word


def test_where_no_bounds_can_be_had_loss_is_unknown(monkeypatch):
    def refuse(*args, **kwargs):
        raise WorkbookError(msg("none"))

    monkeypatch.setattr(module, "lee_bounds", refuse)
    found = effects(asked("producer_days"), "puno")
    assert facts(did_of("producer_days", found))["loss"] == "unknown"
    assert only(found, statistic="bounds").empty


@pytest.mark.parametrize("region", PLACES)
def test_those_found_again_by_arm(region):
    rows = paired(region)
    shares = {}
    for arm in ("programme", "comparison"):
        here = rows[rows["arm"] == arm]
        again = (here["seen"] == "both") * 100.0
        shares[arm] = np.average(again, weights=here["weight"])
        line = one(
            told(region), indicator="producers_followed", group=f"arm:{arm}", statistic="level"
        )
        assert line["value"] == pytest.approx(shares[arm], rel=1e-12)
        assert line["n"] == len(here)
        assert line["period"] == "2013"
    gap = one(told(region), indicator="producers_followed", statistic="difference")
    assert gap["value"] == pytest.approx(shares["programme"] - shares["comparison"], rel=1e-9)
    assert 0 < gap["p"] < 1
    assert gap["unit"] == "percentage_points"


# --- likeness before ----------------------------------------------------------------------------


def traits(region="programme"):
    rows = paired(region)
    return rows.assign(
        woman=(rows["sex"] == "woman") * 100.0,
        rural=(rows["area"] == "rural") * 100.0,
        indigenous_language=rows["mother_tongue"].map(
            {"quechua": 100.0, "aymara": 100.0, "spanish": 0.0, "other": 0.0}
        ),
    )


def within_strata(rows, name):
    """P-value of a regression within strata, errors by community."""
    rows = rows[rows[name].notna()]
    rows = rows.assign(
        asked=rows[name],
        stratum=rows["region"] + rows["sector"],
        treated=(rows["arm"] == "programme") * 1.0,
    )
    asked = "asked ~ treated + C(stratum)"
    return fit(asked, rows, cluster="community", weight="weight").coefficient("treated").p


def test_likeness_of_outcomes_and_traits_at_baseline():
    rows = traits()
    columns = {**VARIABLES, **{name: name for name in (
        "age", "household_size", "woman", "rural", "indigenous_language")}}  # fmt: skip
    found = only(told(), indicator="producer_balance")
    assert set(only(found, statistic="difference")["group"]) == set(columns)
    for group, name in columns.items():
        means, spreads = {}, {}
        for arm in ("programme", "comparison"):
            here = rows[(rows["arm"] == arm) & rows[name].notna()]
            means[arm] = mean(here, name)
            spreads[arm] = here[name].std()
            line = one(found, group=f"{group};arm:{arm}", statistic="level")
            assert line["value"] == pytest.approx(means[arm], rel=1e-9), group
            assert line["n"] == len(here)
            assert line["period"] == "2009"
        line = one(found, group=group, statistic="difference")
        apart = (means["programme"] - means["comparison"]) / math.sqrt(
            (spreads["programme"] ** 2 + spreads["comparison"] ** 2) / 2
        )
        # Spreads are weighted there; weights differ little.
        assert line["value"] == pytest.approx(apart, abs=0.02), group
        assert line["p"] == pytest.approx(within_strata(rows, name), rel=1e-6), group
    joint = one(found, statistic="joint")
    assert 0 < joint["p"] < 1
    assert joint["n"] == rows[list(columns.values())].notna().all(axis=1).sum()


def test_who_told_no_sex_or_tongue_is_in_no_share():
    mute = frame()
    chosen = mute["producer_id"].isin(sorted(mute["producer_id"].unique())[:20])
    for name in ("sex", "mother_tongue", "area"):
        mute.loc[chosen, name] = pd.NA
    found = only(effects(Changed(mute), "ayacucho"), indicator="producer_balance")
    rows = traits("ayacucho")
    rows = rows[~rows["producer_id"].isin(mute.loc[chosen, "producer_id"])]
    for name in ("woman", "rural", "indigenous_language"):
        for arm in ("programme", "comparison"):
            here = rows[(rows["arm"] == arm) & rows[name].notna()]
            line = one(found, group=f"{name};arm:{arm}", statistic="level")
            assert line["value"] == pytest.approx(mean(here, name))
            assert line["n"] == len(here)


# --- what is simulated, and what is not ---------------------------------------------------------


def test_simulated_producers_are_never_evidence():
    assert set(told()["source_kind"]) == {"simulated"}
    assert set(told()["source"]) == {"simulated: simulated_producers.csv"}
    judged = told()[told()["statistic"].isin(["did", "before_after"]) & told()["value"].notna()]
    assert set(judged["statement_key"]) == {"simulated"}
    seen = {indicator: facts(did_of(indicator))["seen"] for indicator in VARIABLES}
    assert seen["producer_formalised"] == seen["producer_channels"] == "consistent"
    # p = 0.014 alone and 0.054 among seven.
    assert seen["producer_income"] == "one_of_many"
    assert seen["producer_credit"] == "no_clear_difference"
    assert set(seen.values()) <= set(STATEMENTS)


def test_a_clear_difference_that_loss_could_explain_is_no_claim(monkeypatch):
    made = Bounds(17.8, -1.0, 30.0, 0.1, "treated", 0.1, 0.2, 100)
    monkeypatch.setattr(module, "lee_bounds", lambda *a, **k: made)
    found = effects(asked("producer_formalised"), "programme")
    assert facts(did_of("producer_formalised", found))["seen"] == "could_be_loss"
    assert facts(did_of("producer_formalised", found))["grade"] == "weak"


@cache
def real():
    return effects(Changed(frame().assign(source_kind="programme")), "programme")


def test_real_producers_are_told_what_simulated_ones_would_be():
    assert set(real()["source_kind"]) == {"programme"}
    assert not any(real()[name].str.contains("simulated: ").any() for name in real().columns[-4:])
    assert "simulated" not in set(real()["statement_key"])
    for indicator in VARIABLES:
        line = did_of(indicator, real())
        assert line["statement_key"] == facts(did_of(indicator))["seen"] == facts(line)["seen"]
        assert facts(line)["grade"] == facts(did_of(indicator))["grade"]
        assert line["status"] == did_of(indicator)["status"]
    numbers = list(NUMBERS)
    pd.testing.assert_frame_equal(real()[numbers], told()[numbers])
    change = one(
        real(), indicator="producer_formalised", group="arm:programme", statistic="before_after"
    )
    assert (change["status"], change["statement_key"]) == ("context", "changed")


def test_two_waves_never_show_that_groups_moved_alike():
    grades = {facts(did_of(indicator))["grade"] for indicator in VARIABLES}
    assert grades == {"moderate"}
    assert "contributed" not in set(real()["statement_key"])


@pytest.mark.parametrize(("direction", "status"), [("down", "worse"), (None, "not_known")])
def test_which_way_is_better_is_the_indicators(direction, status):
    records = shipped().table("indicators").copy()
    chosen = records["indicator"] == "producer_formalised"
    records.loc[chosen, "direction"] = pd.NA if direction is None else direction
    data = Changed(base=asked("producer_formalised"))
    data.table = lambda name: records if name == "indicators" else shipped().table(name)
    assert did_of("producer_formalised", effects(data, "programme"))["status"] == status


# --- what is not there --------------------------------------------------------------------------


def test_an_evaluation_that_asks_for_no_producers_has_none():
    assert effects(without(producers=None), "programme").empty


def test_a_region_without_producers_has_no_lines():
    assert effects(shipped(), "ica").empty


def test_a_region_holds_its_own_producers_only():
    line = one(told("puno"), indicator="producers_followed", group="arm:programme")
    assert line["n"] == (paired("puno")["arm"] == "programme").sum()
    assert set(told("puno")["region"]) == {"puno"}
    assert set(told()["region"]) == {"programme"}


@pytest.mark.parametrize("arm", ["programme", "comparison"])
def test_one_arm_alone_is_not_known_and_has_no_number(arm):
    found = effects(Changed(frame().query("arm == @arm")), "puno")
    rows = only(found, statistic="did")
    assert set(rows["status"]) == {"not_known"}
    index = {"producer_index"} if arm == "comparison" else set()  # it is told in their spread
    assert set(only(rows, group="all")["indicator"]) == {*VARIABLES} | index
    assert rows[list(NUMBERS)].isna().all(axis=None)
    assert only(found, statistic="bounds").empty
    assert only(found, indicator="producer_balance").empty


@pytest.mark.parametrize("wave", ["baseline", "outcome"])
def test_one_visit_alone_is_not_known(wave):
    found = effects(Changed(frame().query("wave == @wave")), "puno")
    rows = only(found, statistic="did")
    assert len(rows)
    assert set(rows["status"]) == {"not_known"}
    assert rows[list(NUMBERS)].isna().all(axis=None)


def test_an_outcome_nobody_told_is_not_known():
    mute = frame()
    mute["income_soles"] = np.nan
    found = effects(Changed(mute), "puno")
    rows = only(found, indicator="producer_income")
    assert set(only(rows, group="all")["status"]) == {"not_known"}
    assert rows[list(NUMBERS)].isna().all(axis=None)
    assert did_of("producer_sales", found)["value"] == pytest.approx(
        did_of("producer_sales", told("puno"))["value"]
    )


def test_an_outcome_that_never_changes_is_not_known():
    still = frame().assign(days_worked=20)
    line = did_of("producer_days", effects(Changed(still), "puno"))
    assert line["status"] == "not_known"
    assert math.isnan(line["p"])


def test_producers_that_contradict_themselves_are_refused():
    twice = frame()
    twice = pd.concat([twice, twice.iloc[:1]], ignore_index=True)
    with pytest.raises(DataError):
        effects(Changed(twice), "programme")


def test_the_producers_table_is_not_changed():
    table = frame()
    before = table.copy()
    effects(Changed(table), "cusco")
    pd.testing.assert_frame_equal(table, before)


# --- the index ----------------------------------------------------------------------------------


def both_visits(panel, names):
    """The outcomes, each missing where it was told in one visit only: by hand, producer by producer."""
    kept = panel[names].astype("float64")
    for _, rows in panel.groupby("producer_id"):
        for name in names:
            if rows[name].isna().any():
                kept.loc[rows.index, name] = np.nan
    return panel.assign(**kept)


@pytest.mark.parametrize("region", PLACES)
def test_the_index_sums_up_what_was_told_in_both_visits_on_the_scale_of_all_regions(region):
    names = [*VARIABLES.values()]
    panel = prepared().panel
    first = panel["wave"] == "baseline"
    index = summary_index(
        both_visits(panel, names),
        names,
        direction=dict.fromkeys(names, 1),
        control=first & ~panel["treated"],
        weight="weight",
    )
    ends = [panel[rows].assign(index=index).set_index("producer_id") for rows in (first, ~first)]
    rows = ends[0].assign(change=ends[1]["index"] - ends[0]["index"]).dropna(subset="change")
    if region != "programme":
        rows = rows[rows["region"] == region]
    by_hand = fit("change ~ treated + C(stratum)", rows, cluster="community", weight="weight")
    line = did_of(INDEX.indicator, told(region))
    assert line["value"] == pytest.approx(by_hand.estimates[by_hand.names.index("treated[T.True]")])
    assert (line["unit"], line["n"]) == ("sd", len(rows))


def test_an_answer_of_one_visit_only_does_not_move_the_index():
    """Give those who told income at outcome only another income: the index must not hear it."""
    panel = frame()
    told_once = panel.groupby("producer_id")["income_soles"].transform("count") == 1
    seen_twice = panel.groupby("producer_id")["wave"].transform("count") == 2
    changed = panel.copy()
    rows = told_once & seen_twice & panel["income_soles"].notna() & (panel["wave"] == "outcome")
    assert rows.sum() > 5
    changed.loc[rows, "income_soles"] = 9999.0
    assert (
        did_of(INDEX.indicator, effects(Changed(changed), "programme"))["value"]
        == did_of(INDEX.indicator)["value"]
    )


def test_one_outcome_alone_has_no_index():
    found = effects(asked("producer_income", groups=()), "programme")
    assert only(found, indicator=INDEX.indicator).empty


def test_there_is_no_index_where_an_outcome_does_not_vary():
    constant = frame().assign(credit=False)
    found = effects(Changed(constant), "programme")
    assert only(found, indicator="producer_index").empty
    assert did_of("producer_credit", found)["status"] == "not_known"
