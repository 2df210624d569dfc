"""The state of every figure that could be asked for: each state, and which cells are asked."""

import math
from functools import cache

import pandas as pd
import pytest
from shipped import shipped, without

from icanalysis import dossier, states
from icanalysis.evaluation import Years
from icanalysis.results import lines

YEARS = Years(baseline=2009, outcome=2013)


@cache
def every():
    return dossier.all_lines(shipped(), YEARS)


def found(*rows):
    """What is known of one cell: (year, simulated, suppressed, joint) each."""
    return pd.DataFrame(rows, columns=["year", "simulated", "suppressed", "joint"])


def line(**more):
    """One published count of the programme; `more` says what else it is."""
    return {
        "indicator": "officials_trained",
        "region": "cusco",
        "period": "2013",
        "statistic": "level",
        "value": 3,
        "unit": "persons",
        "source_kind": "programme",
        "source": "P1: section 4",
        "status": "used",
        **more,
    }


def told(*records, years=YEARS, data=None):
    """States of the cells of some lines: {(indicator, breakdown, region): state}."""
    made = states.cells(data or shipped(), lines(records), years)
    return made.set_index(["indicator", "breakdown", "region"])["state"].to_dict()


@cache
def there():
    made = states.cells(shipped(), every(), YEARS)
    return made.set_index(["indicator", "breakdown", "region"])["state"].to_dict()


# --- one cell -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], "missing", id="nothing is known"),
        pytest.param([(2013, False, False, False)], "filled", id="of the outcome year"),
        pytest.param([(2014, False, False, False)], "filled", id="newer than asked"),
        pytest.param([(2012, False, False, False)], "stale", id="a year too old"),
        pytest.param(
            [(2009, False, False, False), (2013, False, False, False)], "filled", id="the newest"
        ),
        pytest.param([(math.nan, False, False, False)], "filled", id="of the whole life"),
        pytest.param(
            [(2011, False, False, False), (math.nan, False, False, False)],
            "filled",
            id="an old year beside the whole life",
        ),
        pytest.param([(2013, False, False, True)], "joint", id="of two regions together"),
        pytest.param(
            [(2013, False, False, True), (2013, False, False, False)],
            "filled",
            id="one of its own beside a joint one",
        ),
        pytest.param(
            [(2009, False, False, False), (2013, False, False, True)],
            "joint",
            id="its own is older than the joint one",
        ),
        pytest.param([(2013, True, False, False)], "simulated", id="made up"),
        pytest.param([(2009, True, False, False)], "simulated", id="made up, and old"),
        pytest.param(
            [(2013, True, False, False), (2013, False, False, False)],
            "filled",
            id="real beside made up",
        ),
        pytest.param(
            [(2013, True, False, False), (2009, False, False, False)],
            "stale",
            id="what is made up does not renew what is real",
        ),
        pytest.param([(2013, False, True, False)], "suppressed", id="withheld"),
        pytest.param(
            [(2013, False, True, False), (2013, False, False, False)],
            "suppressed",
            id="one of two groups withheld",
        ),
        pytest.param(
            [(2009, False, True, False), (2013, False, False, False)],
            "filled",
            id="only an older year withheld",
        ),
    ],
)
def test_the_state_of_a_cell(rows, expected):
    assert states.state(found(*rows), 2013) == expected


def test_every_state_has_a_place_in_the_order_they_are_told_in():
    named = set(states.State.__args__)
    assert set(states.STATES) | {"not_asked"} == named


# --- which cell a line belongs to -----------------------------------------------------


def test_a_line_fills_its_place_and_no_other():
    made = told(line())
    assert made["officials_trained", "total", "cusco"] == "filled"
    own = {state for (code, _, _), state in made.items() if code == "officials_trained"}
    assert own == {"filled", "missing", "not_asked"}
    filled = [key for key, state in made.items() if state == "filled"]
    assert filled == [("officials_trained", "total", "cusco")]


@pytest.mark.parametrize(
    ("group", "breakdown"),
    [
        ("sex:woman", "sex"),
        ("mother_tongue:quechua", "people"),
        ("indigenous_language:true", "people"),
        ("area:rural", "area"),
        ("sector:crafts", "sector"),
        ("crafts;artisans", "sector"),
        ("crafts+tourism;artisans", "sector"),
    ],
)
def test_a_line_of_a_group_fills_its_breakdown_and_not_the_total(group, breakdown):
    made = told(line(group=group, indicator="families_reached"))
    filled = [key for key, state in made.items() if state == "filled"]
    assert filled == [("families_reached", breakdown, "cusco")]


def test_a_count_whose_only_group_is_its_sector_is_also_the_total():
    own = {"indicator": "cooks_certified", "group": "gastronomy"}
    made = told(line(**own))
    assert made["cooks_certified", "total", "cusco"] == "filled"
    made = told(line(**own), line(**own | {"group": "crafts"}))
    assert made["cooks_certified", "total", "cusco"] == "missing", "one sector is not the total"


def test_a_count_of_some_population_is_not_the_total():
    made = told(line(group="artisans"))
    assert made["officials_trained", "total", "cusco"] == "missing"


def test_a_joint_count_stands_in_each_of_its_regions():
    made = told(line(region="cusco+puno"))
    own = {region: made["officials_trained", "total", region]
           for region in ("ayacucho", "cusco", "puno", "programme")}  # fmt: skip
    assert own == {
        "ayacucho": "missing",
        "cusco": "joint",
        "puno": "joint",
        "programme": "missing",
    }


def test_a_suppressed_line_is_told_from_a_missing_one():
    made = told(line(value=math.nan, status="suppressed"), line(region="puno", value=math.nan))
    assert made["officials_trained", "total", "cusco"] == "suppressed"
    assert made["officials_trained", "total", "puno"] == "missing"


def test_a_value_that_is_not_used_fills_nothing():
    assert "filled" not in told(line(status="also_reported")).values()


def test_a_figure_older_than_the_outcome_year_asked_is_stale():
    key = ("officials_trained", "total", "cusco")
    assert told(line(period="2012"))[key] == "stale"
    assert told(line(period="2009-2012"))[key] == "stale"
    assert told(line(period="2012"), years=Years(baseline=2009, outcome=2012))[key] == "filled"
    assert told(line(period="programme"))[key] == "filled", "no source gives it a year"


# --- the shipped data -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (("ventures_financed", "total", "programme"), "filled"),
        (("ventures_financed", "total", "puno"), "missing"),
        (("ventures_financed", "sector", "programme"), "missing"),
        (("artisan_workshops", "total", "cusco"), "joint"),
        (("projects_followed_up", "total", "lambayeque"), "filled"),
        (("officials_trained", "sex", "programme"), "missing"),
        (("ordinances_total", "sex", "programme"), "not_asked"),
        (("regions_covered", "total", "puno"), "not_asked"),
        (("ict_certified", "sector", "programme"), "filled"),
        (("poverty_total", "total", "puno"), "filled"),
        (("poverty_total", "total", "programme"), "not_asked"),
        (("programme_coverage", "total", "programme"), "stale"),
        (("household_poverty", "sex", "ayacucho"), "simulated"),
        (("living_badly", "sex", "ayacucho"), "not_asked"),
        (("producer_income", "people", "cusco"), "simulated"),
        (("producer_sales", "sex", "cusco"), "not_asked"),
        (("producer_sales", "total", "programme"), "simulated"),
    ],
)
def test_cells_of_the_shipped_programme(key, expected):
    assert there()[key] == expected


def test_only_what_is_simulated_is_told_to_be():
    simulated = {key[0] for key, state in there().items() if state == "simulated"}
    kinds = every().groupby("indicator")["source_kind"].unique()
    assert {code for code in simulated if set(kinds[code]) != {"simulated"}} == set()
    assert {code for code in kinds.index if set(kinds[code]) == {"simulated"}} - simulated <= {
        "producer_balance",
        "producer_index",
        "producers_followed",
    }


def test_every_filled_cell_has_a_line_and_every_used_count_a_cell():
    shown = {key[0] for key, state in there().items() if state in ("filled", "joint", "stale")}
    reference = shipped().evaluation.reference.code
    counts = every()[(every()["status"] == "used") & (every()["region"] != reference)]
    assert set(counts["indicator"]) <= shown
    real = every()[every()["source_kind"] != "simulated"]
    assert shown <= set(real.loc[real["value"].notna(), "indicator"])


def test_without_surveys_and_breakdowns_only_totals_are_asked():
    data = without(households=None, producers=None, breakdowns=())
    made = states.cells(data, every(), YEARS)
    assert set(made["breakdown"]) == {"total"}
    assert list(states.sections(data)) == ["delivered", "situation"]
    assert "simulated" not in set(made["state"])


# --- baselines and targets ------------------------------------------------------------


@cache
def known_ends():
    return states.ends(shipped(), every(), YEARS)


def ends_of(indicator, made=None):
    rows = known_ends() if made is None else made
    rows = rows[rows["indicator"] == indicator]
    return {(row.breakdown, row.region): row.state for row in rows.itertuples()}


def test_no_target_of_the_programme_was_published():
    rows = known_ends()
    assert set(rows.loc[rows["breakdown"] == "target", "state"]) == {"missing"}
    delivered = rows[rows["section"] == "delivered"]
    assert set(delivered["state"]) == {"missing"}
    assert len(delivered) == 2 * len(shipped().table("targets"))


def test_a_target_that_is_published_is_told():
    targets = shipped().table("targets").copy()
    row = (targets["indicator"] == "collective_marks") & (targets["region"] == "lambayeque")
    targets.loc[row, "target"] = 3

    class Filled:
        evaluation = shipped().evaluation

        @staticmethod
        def table(name):
            return targets if name == "targets" else shipped().table(name)

    made = ends_of("collective_marks", states.ends(Filled, every(), YEARS))
    assert made["target", "lambayeque"] == "filled"
    assert made["target", "programme"] == made["baseline", "lambayeque"] == "missing"


def test_a_series_has_a_baseline_where_its_baseline_year_is_published():
    regions = ("ayacucho", "cusco", "puno", "lambayeque")
    assert ends_of("poverty_total") == {("baseline", code): "filled" for code in regions}
    assert ends_of("informal_employment") == {("baseline", code): "missing" for code in regions}
    assert set(ends_of("household_poverty").values()) == {"simulated"}
    later = states.ends(shipped(), every(), Years(baseline=2011, outcome=2013))
    assert set(ends_of("informal_employment", later).values()) == {"filled"}


def test_a_statement_on_the_situation_needs_neither():
    assert ends_of("target_quintile") == {}
