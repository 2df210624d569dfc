"""The programme's regions beside the others: published series, worked again by hand."""

import itertools
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from shipped import DATA, REGIONS, covered, shipped, without

from icanalysis import dossier
from icanalysis.contribution import contribution
from icanalysis.evaluation import Years
from icanalysis.power import detectable_by_assignment
from icanalysis.regions import compared
from icanalysis.results import NUMBERS, lines

POVERTY, INCOME, INFORMAL = "poverty_total", "labour_income_real", "informal_employment"
OFFICIAL = Years(baseline=2009, outcome=2013)
OURS = (
    "did", "detectable", "largest", "pre_trend", "event", "path", "gap", "synthetic", "weight",
)  # fmt: skip
BASELINES = (2007, 2008, 2009, 2010, 2011)


def named(data, indicator):
    return next(item for item in data.evaluation.context if item.indicator == indicator)


@cache
def _told(baseline, outcome):
    years = Years(baseline=baseline, outcome=outcome)
    return contribution(shipped(), years, covered(shipped()))


def told(baseline=2009, outcome=2013):
    return _told(baseline, outcome)


def quick(data, indicator=POVERTY, baseline=2009):
    """Lines of one series, with no other baseline tried."""
    item = named(data, indicator).model_copy(update={"baselines": (baseline, baseline)})
    evaluation = data.evaluation.model_copy(update={"context": (item,)})
    years = Years(baseline=baseline, outcome=2013)
    changed = Changed(data, evaluation=evaluation)
    return contribution(changed, years, covered(changed))


@cache
def since(indicator, baseline):
    return quick(shipped(), indicator, baseline)


class Changed:
    """A data folder with some tables, or its evaluation, replaced."""

    def __init__(self, base=None, *, evaluation=None, **tables):
        self.base, self.tables = base or shipped(), tables
        self.evaluation = evaluation or self.base.evaluation

    def __getattr__(self, name):
        return getattr(self.base, name)

    def table(self, name):
        return self.tables[name] if name in self.tables else self.base.table(name)


def only(frame, **wanted):
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    return frame


def one(statistic, indicator=POVERTY, frame=None, **wanted):
    """The line of the whole programme on the years asked."""
    frame = told() if frame is None else frame
    wanted = {"group": "all", "region": "programme", **wanted}
    rows = only(frame, statistic=statistic, indicator=indicator, **wanted)
    rows = rows[rows["status"] != "sensitivity"]
    assert len(rows) == 1
    return rows.iloc[0]


def facts(line):
    return dict(part.split(":", 1) for part in line["note"].split(";"))


def codes(*roles):
    return [region.code for region in shipped().evaluation.regions if region.role in roles]


@cache
def poverty():
    """Poverty by region and year, from the file itself."""
    rows = pd.read_csv(DATA / "official" / "poverty.csv")
    rows = rows[rows["region"].isin(codes("programme", "comparison"))]
    return rows.pivot_table(index="region", columns="year", values="poverty_pct")


@cache
def income(outcome=2013):
    """Income at the prices of the outcome year, from the files themselves."""
    files = DATA / "official"
    rows = pd.read_csv(files / "labour_income.csv").query("source_id == 'S3'")
    prices = pd.read_csv(files / "deflators.csv").set_index(["region", "year"])["deflator"]
    rows = rows[rows["region"].isin(codes("programme", "comparison")) & (rows["year"] <= outcome)]
    last = np.array([prices[region, outcome] for region in rows["region"]])
    own = np.array(
        [prices[region, year] for region, year in zip(rows["region"], rows["year"], strict=True)]
    )
    return rows.assign(value=rows["income_soles"] * last / own).pivot_table(
        index="region", columns="year", values="value"
    )


def placed(changes, treated):
    """Difference, p and how many, over every set of as many regions."""
    mine = changes[list(treated)].mean() - changes.drop(list(treated)).mean()
    values, k = changes.to_numpy(), len(treated)
    sets = np.array(list(itertools.combinations(range(len(values)), k)))
    sums = values[sets].sum(axis=1)
    differences = sums / k - (values.sum() - sums) / (len(values) - k)
    at_least = int((np.abs(differences) >= abs(mine) - 1e-9).sum())
    return mine, at_least, len(differences)


# --- the programme's regions together -----------------------------------------------------------


def test_the_published_figures():
    line = one("did")
    assert line["value"] == pytest.approx(-3.015, abs=5e-4)
    assert line["p"] == pytest.approx(5239 / 10626, abs=1e-12)
    assert line["p_min"] == pytest.approx(1 / 10626, abs=1e-12)
    assert facts(line)["assignments"] == "10626"
    assert facts(line)["at_least"] == "5239"
    assert (line["n"], facts(line)["treated"]) == (24, "4")
    assert line["unit"] == "percentage_points"
    assert line["source_kind"] == "official"
    later = one("did", frame=since(POVERTY, 2010))
    assert later["value"] == pytest.approx(-6.075, abs=5e-4)
    assert later["p"] == pytest.approx(1577 / 10626, abs=1e-12)


def test_the_difference_of_poverty_and_its_place_worked_from_the_file():
    wide = poverty()
    mine, at_least, sets = placed(wide[2013] - wide[2009], REGIONS)
    assert sets == math.comb(24, 4)
    line = one("did")
    assert line["value"] == pytest.approx(mine, abs=1e-9)
    assert line["p"] == pytest.approx(at_least / sets, abs=1e-12)


def test_income_is_compared_in_percent_of_the_baseline_year():
    wide = income()
    mine, at_least, sets = placed(100 * (wide[2013] / wide[2009] - 1), REGIONS)
    line = one("did", INCOME)
    assert line["value"] == pytest.approx(mine, abs=1e-9)
    assert line["p"] == pytest.approx(at_least / sets, abs=1e-12)
    assert line["unit"] == "percent"


def test_cuscos_income_by_hand():
    files = DATA / "official"
    soles = pd.read_csv(files / "labour_income.csv").query(
        "region == 'cusco' and source_id == 'S3'"
    )
    soles = soles.set_index("year")["income_soles"]
    prices = pd.read_csv(files / "deflators.csv").query("region == 'cusco'")
    prices = prices.set_index("year")["deflator"]
    paths = only(told(), statistic="path", indicator=INCOME, region="cusco")
    paths = paths.set_index("period")
    for year in (2004, 2007, 2009, 2013):
        by_hand = 100 * (soles[year] / prices[year]) / (soles[2009] / prices[2009])
        assert paths["value"][str(year)] == pytest.approx(by_hand, rel=1e-12), year
    assert paths["value"]["2009"] == 100
    assert set(paths["unit"]) == {"index"}


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
def test_the_interval_is_where_the_test_begins_to_reject(indicator):
    """Take an effect from the programme's regions: at the ends of the interval p passes 0.05."""
    line = one("did", indicator)
    wide = poverty() if indicator == POVERTY else 100 * income().div(income()[2009], axis=0)
    changes = wide[2013] - wide[2009]

    def p_of(effect):
        _, at_least, sets = placed(changes - effect * changes.index.isin(REGIONS), REGIONS)
        return at_least / sets

    for end, outside in ((line["low"], -1e-3), (line["high"], 1e-3)):
        assert p_of(end + outside) <= 0.05 < p_of(end - outside)


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
def test_the_same_from_every_baseline_the_evaluation_wants_tried(indicator):
    wide = poverty() if indicator == POVERTY else income()
    rows = only(told(), statistic="did", indicator=indicator, group="all")
    assert list(rows["period"]) == [f"{year}-2013" for year in BASELINES]
    assert list(rows["status"] == "sensitivity") == [year != 2009 for year in BASELINES]
    for year, (_, line) in zip(BASELINES, rows.iterrows(), strict=True):
        change = wide[2013] - wide[year]
        if indicator == INCOME:
            change = 100 * change / wide[year]
        mine, at_least, sets = placed(change, REGIONS)
        assert line["value"] == pytest.approx(mine, abs=1e-9), year
        assert line["p"] == pytest.approx(at_least / sets, abs=1e-12), year
        assert line["low"] < line["value"] < line["high"]
        if year != 2009:
            assert line["note"] == f"assignments:{sets};at_least:{at_least}"


def test_without_each_region_in_turn():
    wide = poverty()
    changes = wide[2013] - wide[2009]
    rows = told()[told()["group"].str.startswith("without:")]
    rows = only(rows, indicator=POVERTY).set_index("group")
    assert set(rows.index) == {f"without:{region}" for region in REGIONS}
    assert set(rows["status"]) == {"sensitivity"}
    for region in REGIONS:
        rest = [each for each in REGIONS if each != region]
        mine, at_least, sets = placed(changes.drop(region), rest)
        line = rows.loc[f"without:{region}"]
        assert line["value"] == pytest.approx(mine, abs=1e-9)
        assert line["p"] == pytest.approx(at_least / sets, abs=1e-12)
        assert line["p_min"] == pytest.approx(1 / sets, abs=1e-12)
        assert line["note"] == f"assignments:{sets}" == "assignments:1771"


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
def test_the_difference_of_each_year_against_the_baseline(indicator):
    wide = poverty() if indicator == POVERTY else 100 * income().div(income()[2009], axis=0)
    rows = only(told(), statistic="event", indicator=indicator)
    years = [year for year in wide.columns if year <= 2013 and year != 2009]
    assert list(rows["group"]) == [f"year:{year}" for year in years]
    assert list(rows["period"]) == [f"2009-{year}" for year in years]
    for year, (_, line) in zip(years, rows.iterrows(), strict=True):
        change = wide[year] - wide[2009]
        mine = change[list(REGIONS)].mean() - change.drop(list(REGIONS)).mean()
        assert line["value"] == pytest.approx(mine, abs=1e-9), year
        assert line["low"] < line["value"] < line["high"]
    assert rows["value"].iloc[-1] == pytest.approx(one("did", indicator)["value"], abs=1e-9)


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
def test_slopes_up_to_the_baseline(indicator):
    """Every region has every year: the difference of slopes is that of the mean slopes."""
    wide = poverty() if indicator == POVERTY else 100 * income().div(income()[2009], axis=0)
    before = [year for year in wide.columns if year <= 2009]
    slopes = pd.Series(
        {region: np.polyfit(before, row[before], 1)[0] for region, row in wide.iterrows()}
    )
    mine = slopes[list(REGIONS)].mean() - slopes.drop(list(REGIONS)).mean()
    line = one("pre_trend", indicator)
    assert line["value"] == pytest.approx(mine, abs=1e-6)
    assert line["period"] == f"{before[0]}-2009"
    assert line["n"] == len(before)
    assert float(facts(line)["implied"]) == pytest.approx(4 * mine, abs=1e-5)
    # A slope it would find, over four years, is far more than the programme can have done.
    assert 4 * float(facts(line)["detectable"]) > one("largest", indicator)["value"]
    assert line["status"] == "uninformative"


# --- what could have been seen ------------------------------------------------------------------


def test_the_most_the_programme_can_have_moved_the_figure():
    workforce = pd.read_csv(DATA / "official" / "employed.csv")
    workforce = workforce.query("year == 2011 and region in @REGIONS")["employed_persons"].sum()
    reported = pd.read_csv(DATA / "programme" / "reported_values.csv")
    families = reported.query("indicator == 'families_reached' and used and region == 'programme'")
    reached = families["value"].item()
    assert (reached, workforce) == (2500, 2_423_944)
    for indicator in (POVERTY, INCOME):
        line = one("largest", indicator)
        assert line["value"] == pytest.approx(100 * reached / workforce, rel=1e-12)
        assert line["value"] == pytest.approx(0.103, abs=5e-4)
        assert float(facts(line)["share"]) == pytest.approx(reached / workforce, rel=1e-12)
        assert line["status"] == "not_visible"
        assert line["unit"] == one("did", indicator)["unit"]


def test_an_effect_of_twelve_points_would_be_found():
    changes = (poverty()[2013] - poverty()[2009]).to_numpy()
    line = one("detectable")
    assert line["value"] == pytest.approx(detectable_by_assignment(changes, 4), rel=1e-9)
    assert 11.5 < line["value"] < 12.5
    # Roughly what 2.8 standard errors of a difference of 4 against 20 would be.
    assert line["value"] == pytest.approx(
        2.8 * changes.std(ddof=1) * math.sqrt(1 / 4 + 1 / 20), rel=0.15
    )


@pytest.mark.parametrize("baseline", [2009, 2010])
@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
def test_nothing_is_claimed_of_a_series_the_programme_cannot_show_in(indicator, baseline):
    line = one("did", indicator, frame=since(indicator, baseline))
    assert line["statement_key"] == "could_not_be_seen"
    assert facts(line)["grade"] == "descriptive"
    assert facts(line)["seen"] == "no_clear_difference"
    assert line["status"] == "no_clear_change"


def larger(effect):
    """The shipped data, had those reached gained so much that it could show."""
    plan = shipped().evaluation.coverage.model_copy(update={"largest_effect": effect})
    return without(coverage=plan)


def test_a_larger_programme_could_have_shown():
    share = 2500 / 2_423_944
    limit = one("detectable")["value"] / share
    seen, unseen = (quick(larger(limit * by)) for by in (1 + 1e-6, 1 - 1e-6))
    assert one("largest", frame=seen)["status"] == "visible"
    assert one("did", frame=seen)["statement_key"] == "no_clear_difference"
    assert facts(one("did", frame=seen))["grade"] in ("moderate", "strong")
    assert one("largest", frame=unseen)["status"] == "not_visible"
    assert one("did", frame=unseen)["statement_key"] == "could_not_be_seen"
    # Where an effect could show, an earlier trend may be ruled out; else nothing vouches for it.
    great = quick(larger(100 * limit))
    assert one("pre_trend", frame=great)["status"] == "passed"
    assert facts(one("did", frame=great))["grade"] == "strong"
    assert one("did", frame=great)["statement_key"] == "no_clear_difference"


def test_where_nobody_counted_those_reached_it_is_not_said_that_it_could_not_be_seen():
    found = quick(without(coverage=None))
    assert one("did", frame=found)["statement_key"] == "no_clear_difference"
    assert only(found, statistic="largest").empty
    assert one("detectable", frame=found)["value"] == one("detectable")["value"]


def moved(change, years):
    """The shipped data, poverty of the programme's regions changed in some years."""
    table = shipped().table("poverty").copy()
    chosen = table["region"].isin(REGIONS) & table["year"].isin(years)
    table.loc[chosen, "poverty_pct"] = change(table.loc[chosen, "poverty_pct"])
    return table


@pytest.mark.parametrize(
    ("points", "direction", "status"),
    [(-25, "down", "better"), (+25, "down", "worse"), (-25, "up", "worse"), (-25, "", "not_known")],
)
def test_which_way_is_better_is_the_indicators(points, direction, status):
    records = shipped().table("indicators").copy()
    records.loc[records["indicator"] == POVERTY, "direction"] = direction or pd.NA
    table = moved(lambda values: values + points, [2013])
    data = Changed(larger(1e6), poverty=table, indicators=records)
    line = one("did", frame=quick(data))
    assert line["value"] == pytest.approx(-3.015 + points, abs=5e-4)
    assert line["status"] == status
    if status != "not_known":
        assert line["statement_key"] == "contributed"
        assert line["p"] <= 0.05


def test_regions_that_were_already_moving_apart_forbid_a_claim():
    table = shipped().table("poverty").copy()
    chosen = table["region"].isin(REGIONS)
    table.loc[chosen, "poverty_pct"] -= 6.0 * (table.loc[chosen, "year"] - 2004)
    found = quick(Changed(larger(1e6), poverty=table))
    trend, line = one("pre_trend", frame=found), one("did", frame=found)
    assert trend["value"] == pytest.approx(one("pre_trend")["value"] - 6, abs=1e-6)
    assert trend["status"] == "failed"
    assert (line["status"], line["statement_key"]) == ("not_known", "already_diverging")
    assert facts(line)["grade"] == "weak"


# --- what is not known --------------------------------------------------------------------------


def test_informal_employment_is_not_known_in_2009_and_the_years_it_has_are_told():
    rows = only(told(), indicator=INFORMAL, region="programme")
    assert len(rows) == 1
    line = rows.iloc[0]
    assert (line["statistic"], line["status"]) == ("did", "not_known")
    assert line["statement_key"] == "not_known"
    assert line["note"] == "series:2011-2013"
    assert line[list(NUMBERS)].isna().all()
    assert line["period"] == "2009-2013"
    paths = only(told(), indicator=INFORMAL, statistic="path")
    assert set(paths["period"]) == {"2011", "2012", "2013"}


def test_two_years_that_it_has_are_compared():
    line = one("did", INFORMAL, frame=since(INFORMAL, 2011))
    table = pd.read_csv(DATA / "official" / "informality.csv")
    table = table[
        (table["series"] == "s6_2011_2021") & table["region"].isin(codes("programme", "comparison"))
    ]
    wide = table.pivot_table(index="region", columns="year", values="informal_pct")
    mine, at_least, sets = placed(wide[2013] - wide[2011], REGIONS)
    assert line["value"] == pytest.approx(mine, abs=1e-9)
    assert line["p"] == pytest.approx(at_least / sets, abs=1e-12)
    trend = one("pre_trend", INFORMAL, frame=since(INFORMAL, 2011))
    assert (trend["status"], trend["n"]) == ("untestable", 1)
    assert math.isnan(trend["value"])


def test_a_series_that_has_not_begun_has_no_line():
    found = told(2007, 2010)
    assert only(found, indicator=INFORMAL).empty
    # Nor is a baseline tried that does not come before the outcome.
    for indicator in (POVERTY, INCOME):
        tried = only(found, statistic="did", indicator=indicator, group="all")["period"]
        assert list(tried) == ["2007-2010", "2008-2010", "2009-2010"]


@pytest.mark.parametrize("gone", [("programme",), ("comparison",)])
def test_a_side_without_data_is_not_known(gone):
    table = shipped().table("poverty")
    table = table[~table["region"].isin(codes(*gone))]
    rows = only(quick(Changed(poverty=table)), indicator=POVERTY)
    assert set(rows["statistic"]) == {"did", "path"}
    line = one("did", frame=rows)
    assert (line["status"], line["statement_key"]) == ("not_known", "not_known")


def test_all_values_missing_gives_no_number():
    table = shipped().table("poverty").assign(poverty_pct=np.nan)
    assert quick(Changed(poverty=table)).empty


def test_a_region_without_a_baseline_value_is_left_out():
    table = shipped().table("poverty")
    gone = (table["region"] == "ica") & (table["year"] == 2009)
    line = one("did", frame=quick(Changed(poverty=table[~gone])))
    wide = poverty().drop("ica")
    mine, at_least, sets = placed(wide[2013] - wide[2009], REGIONS)
    assert line["n"] == 23
    assert line["value"] == pytest.approx(mine, abs=1e-9)
    assert line["p"] == pytest.approx(at_least / sets, abs=1e-12)


def test_one_region_of_the_programme_is_tested_and_left_out_by_nobody():
    regions = tuple(
        region.model_copy(update={"role": "comparison"})
        if region.code in ("cusco", "puno", "lambayeque")
        else region
        for region in shipped().evaluation.regions
    )
    found = quick(without(regions=regions, coverage=None))
    wide = poverty()
    mine, at_least, _ = placed(wide[2013] - wide[2009], ["ayacucho"])
    line = one("did", frame=found)
    assert line["value"] == pytest.approx(mine, abs=1e-9)
    assert line["p"] == pytest.approx(at_least / 24, abs=1e-12)
    assert not found["group"].str.startswith("without:").any()
    assert set(only(found, statistic="gap")["region"]) == {"ayacucho"}


def test_changes_all_alike_have_no_p():
    table = shipped().table("poverty").assign(poverty_pct=40.0)
    line = one("did", frame=quick(Changed(poverty=table)))
    assert line["value"] == 0
    assert math.isnan(line["p"])
    assert line["status"] == "not_known"


def test_no_table_is_changed():
    frames = {name: shipped().table(name) for name in ("labour_income", "deflators")}
    before = {name: frame.copy() for name, frame in frames.items()}
    quick(Changed(**frames), INCOME)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frames[name], frame)


# --- what is compared with what -----------------------------------------------------------------


def test_parts_of_regions_and_the_country_are_compared_with_nobody():
    found = compared(shipped(), named(shipped(), POVERTY), OFFICIAL)
    assert set(found.panel["region"]) == set(codes("programme", "comparison"))
    assert found.treated == REGIONS
    assert len(found.known) == 24
    assert found.testable
    assert found.panel["year"].max() == 2013


def test_a_later_year_is_not_read():
    found = compared(shipped(), named(shipped(), POVERTY), Years(baseline=2009, outcome=2011))
    assert found.panel["year"].max() == 2011
    assert found.common["unit"] == "percentage_points"


def test_values_of_another_methodology_are_left_out():
    table = shipped().table("poverty").copy()
    other = (table["region"] == "ica") & (table["year"] < 2010)
    table.loc[other, "methodology"] = "another"
    found = compared(Changed(poverty=table), named(shipped(), POVERTY), OFFICIAL)
    assert set(found.panel.query("region == 'ica'")["year"]) == {2010, 2011, 2012, 2013}
    assert "ica" not in found.known.index


def test_a_percentage_of_nothing_is_none():
    table = shipped().table("labour_income").copy()
    nil = (table["region"] == "ica") & (table["year"] == 2009)
    table.loc[nil, "income_soles"] = 0
    found = compared(Changed(labour_income=table), named(shipped(), INCOME), OFFICIAL)
    assert "ica" not in set(found.panel["region"])


# --- each region --------------------------------------------------------------------------------


def test_every_region_has_its_path_as_published():
    rows = only(told(), statistic="path", indicator=POVERTY)
    wide = poverty()
    wide = wide[[year for year in wide.columns if year <= 2013]]
    assert len(rows) == wide.notna().sum().sum()
    for _, line in rows.iterrows():
        assert line["value"] == wide.loc[line["region"], int(line["period"])]
    assert set(rows["unit"]) == {"percent"}
    assert set(rows["status"]) == {"context"}


@pytest.mark.parametrize("region", REGIONS)
def test_a_synthetic_control_is_its_weights_and_other_regions_only(region):
    wide = poverty()[list(range(2004, 2014))]
    weights = only(told(), statistic="weight", indicator=POVERTY, region=region)
    donors = weights["group"].str.removeprefix("donor:")
    assert set(donors) <= set(codes("comparison"))
    assert weights["value"].sum() == pytest.approx(1, abs=1e-4)
    assert (weights["value"] > 1e-6).all()
    mix = wide.loc[donors].mul(weights["value"].to_numpy(), axis=0).sum()
    path = only(told(), statistic="synthetic", indicator=POVERTY, region=region)
    path = path.set_index(path["period"].astype(int))["value"]
    assert list(path.index) == list(range(2004, 2014))
    assert np.allclose(path, mix, atol=1e-3)
    gap = (wide.loc[region] - path).loc[2010:].mean()
    line = one("gap", region=region)
    assert line["value"] == pytest.approx(gap, abs=1e-9)
    before = (wide.loc[region] - path).loc[:2009]
    after = (wide.loc[region] - path).loc[2010:]
    assert float(facts(line)["fit"]) == pytest.approx(math.sqrt((before**2).mean()), abs=1e-9)
    assert float(facts(line)["after"]) == pytest.approx(math.sqrt((after**2).mean()), abs=1e-9)
    assert line["n"] == 21
    assert line["p_min"] == pytest.approx(1 / 21)
    assert (line["p"] * 21) % 1 == pytest.approx(0, abs=1e-9)


def test_no_other_mix_fits_cusco_better():
    wide = poverty()[list(range(2004, 2010))]
    target, donors = wide.loc["cusco"].to_numpy(), wide.loc[codes("comparison")].to_numpy()
    found = minimize(
        lambda weights: ((target - weights @ donors) ** 2).sum(),
        np.full(20, 1 / 20),
        bounds=[(0, 1)] * 20,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        options={"maxiter": 1000, "ftol": 1e-12},
    )
    best = math.sqrt(found.fun / 6)
    assert float(facts(one("gap", region="cusco"))["fit"]) <= best + 1e-4


def test_a_past_met_without_a_gap_has_neither_gap_nor_p_nor_mix():
    """Ayacucho's real income: six years, twenty donors, and a mix that meets them all."""
    line = one("gap", INCOME, region="ayacucho")
    assert line["status"] == "not_known"
    assert line[list(NUMBERS)].isna().all()
    assert facts(line) == {"before": "6"}
    here = only(told(), indicator=INCOME, region="ayacucho")
    assert not {"synthetic", "weight"} & set(here["statistic"])


def test_a_region_without_its_series_has_no_synthetic_control():
    table = shipped().table("poverty")
    found = quick(Changed(poverty=table[table["region"] != "cusco"]))
    assert set(only(found, statistic="gap")["region"]) == set(REGIONS) - {"cusco"}
    line = one("did", frame=found)
    assert (line["n"], facts(line)["treated"]) == (23, "3")


# --- the lines of a report ----------------------------------------------------------------------


# What is kept under a key must be what the key says: so the kept parts are replaced, not made.


def test_a_regions_dossier_holds_its_own_lines_and_the_programmes(monkeypatch):
    monkeypatch.setattr(dossier, "together_lines", lambda data, years: told(years.baseline))
    monkeypatch.setattr(dossier, "survey_lines", lambda *asked: lines([]))
    monkeypatch.setattr(dossier, "producer_lines", lambda *asked: lines([]))
    found = dossier._region_lines(shipped(), "cusco", OFFICIAL, None)
    mine = told()[told()["region"].isin(["cusco", "programme"])]
    held = found[
        found["statistic"].isin(OURS) & found["indicator"].isin([POVERTY, INCOME, INFORMAL])
    ]
    pd.testing.assert_frame_equal(held.reset_index(drop=True), mine.reset_index(drop=True))


def test_all_regions_together_hold_every_line_of_theirs(monkeypatch):
    monkeypatch.setattr(dossier, "together_lines", lambda data, years: told(years.baseline))
    monkeypatch.setattr(dossier, "producer_lines", lambda *asked: lines([]))
    found = dossier.joint_lines(shipped(), OFFICIAL)
    held = found[
        found["statistic"].isin(OURS) & found["indicator"].isin([POVERTY, INCOME, INFORMAL])
    ]
    pd.testing.assert_frame_equal(held.reset_index(drop=True), told().reset_index(drop=True))


def test_every_line_says_where_it_is_from():
    for name in ("unit", "source", "source_kind", "status"):
        assert (told()[name] != "").all()
    assert set(only(told(), indicator=POVERTY)["source_kind"]) == {"official"}
