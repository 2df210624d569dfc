"""Counts, totals and achievement, on figures worked out by hand and a made-up programme."""

import json
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icanalysis.evaluation import Achievement, Text
from icanalysis.indicators import achievement, achievement_status, aggregate, delivery
from icanalysis.load import open_data

SCHEME = Achievement(
    scheme=Text(es="cortes", en="cut-offs"), achieved=1.0, on_track=0.8, moderate=0.6
)

# A programme of another country: three regions, no series, and no country beside them
# unless a test adds one.
EVALUATION = """
context = []
[programme]
code = "schools"
title = { es = "Escuelas", en = "Schools" }
country = "XX"
period = { start = 2015, end = 2018 }
source_id = "A"
whole = "whole"
whole_name = { es = "Todo", en = "All" }
[periods.official]
baseline = 2015
outcome = 2018
[languages]
default = "en"
locale = { es = "es_PE", en = "en_GB" }
[achievement]
scheme = { es = "cortes", en = "cut-offs" }
achieved = 1.0
on_track = 0.8
moderate = 0.6
"""
REGION = '[[regions]]\ncode = "{0}"\nname = "{0}"\nrole = "{1}"\n'
REGIONS = {"north": "programme", "south": "programme", "east": "programme", "west": "comparison"}
INDICATORS = [
    # indicator, unit, level, direction, aggregation
    ("pupils", "persons", "output", "up", "sum"),
    ("dropout", "percent", "outcome", "down", "ratio"),
    ("visits", "visits", "output", "", "none"),
    ("age", "years", "context", "", "none"),
]
TYPES = {
    "value": "number",
    "numerator": "number",
    "denominator": "number",
    "baseline": "number",
    "target": "number",
    "period": "integer",
    "baseline_year": "integer",
    "target_year": "integer",
    "counted": "boolean",
    "used": "boolean",
}
COUNT = {
    "indicator": "pupils",
    "region": "north",
    "sector": "",
    "population": "",
    "period": "",
    "value": 10,
    "numerator": "",
    "denominator": "",
    "counted": "false",
    "used": "true",
    "source_id": "A",
    "place": "page 1",
}
TARGET = {
    "indicator": "pupils",
    "region": "north",
    "baseline": "",
    "baseline_year": "",
    "target": "",
    "target_year": "",
    "source_id": "T",
    "place": "annex 1",
}


def count(region="north", value=10, **rest):
    return COUNT | {"region": region, "value": value} | rest


@pytest.fixture
def made_up(tmp_path):
    """Return a maker of data folders: reported counts, targets, regions with their roles."""

    def make(counts, targets=(), regions=REGIONS):
        tables = {
            "indicators": pd.DataFrame(
                INDICATORS, columns=["indicator", "unit", "level", "direction", "aggregation"]
            ),
            "reported_values": pd.DataFrame(counts, columns=list(COUNT)),
            "targets": pd.DataFrame(targets, columns=list(TARGET)),
        }
        resources = []
        for name, table in tables.items():
            table.to_csv(tmp_path / f"{name}.csv", index=False)
            fields = [
                {"name": column, "type": TYPES.get(column, "string")} for column in table.columns
            ]
            for field in fields:
                if field["name"] == "region":
                    field |= {"vocabulary": "region", "joint": True}
            resources.append(
                {
                    "name": name,
                    "path": f"{name}.csv",
                    "source_kind": "programme",
                    "schema": {"fields": fields, "primaryKey": list(table.columns)},
                }
            )
        package = {"name": "made-up", "resources": resources}
        (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
        text = "sectors = []\nagencies = []\n" + EVALUATION
        text += "".join(REGION.format(*region) for region in regions.items())
        (tmp_path / "evaluation.toml").write_text(text, encoding="utf-8")
        return open_data(tmp_path)

    return make


def levels(frame, **wanted):
    rows = frame[frame["statistic"] == "level"]
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return rows[["region", "value", "status"]].to_numpy().tolist()


# --- achievement ----------------------------------------------------------------------

# European Commission, OPSYS: (current value - baseline) / (target - baseline), by hand.
OPSYS = [
    pytest.param(70, 40, 100, 0.5, id="rises half of the way: 30 of 60"),
    pytest.param(30, 40, 20, 0.5, id="falls half of the way: -10 of -20"),
    pytest.param(94, 0, 100, 0.94, id="from nothing"),
    pytest.param(40, 40, 100, 0.0, id="did not move"),
    pytest.param(100, 40, 100, 1.0, id="reached"),
    pytest.param(130, 40, 100, 1.5, id="overshoot, rising: 90 of 60"),
    pytest.param(10, 40, 20, 1.5, id="overshoot, falling: -30 of -20"),
    pytest.param(25, 40, 100, -0.25, id="wrong way, rising: -15 of 60"),
    pytest.param(45, 40, 20, -0.25, id="wrong way, falling: 5 of -20"),
    pytest.param(5, -5, 15, 0.5, id="from below zero: 10 of 20"),
]


@pytest.mark.parametrize(("value", "baseline", "target", "expected"), OPSYS)
def test_achievement_by_hand(value, baseline, target, expected):
    assert achievement(value, baseline=baseline, target=target) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "baseline", "target"),
    [
        pytest.param(70, math.nan, 100, id="no baseline"),
        pytest.param(70, 40, math.nan, id="no target"),
        pytest.param(70, math.nan, math.nan, id="neither"),
        pytest.param(math.nan, 40, 100, id="no value"),
        pytest.param(70, 40, 40, id="target is the baseline"),
        pytest.param(40, 40, 40, id="all three the same"),
    ],
)
def test_achievement_that_is_not_known(value, baseline, target):
    ratio = achievement(value, baseline=baseline, target=target)
    assert math.isnan(ratio)
    assert achievement_status(ratio, SCHEME) == "not_known"


whole = st.integers(-1000, 1000)


@given(whole, whole, whole)
def test_mirroring_every_figure_leaves_the_achievement(value, baseline, target):
    ratio = achievement(value, baseline=baseline, target=target)
    mirrored = achievement(-value, baseline=-baseline, target=-target)
    assert ratio == mirrored or (math.isnan(ratio) and math.isnan(mirrored))


@given(whole, whole)
def test_reaching_the_target_is_exactly_one(baseline, target):
    ratio = achievement(target, baseline=baseline, target=target)
    assert math.isnan(ratio) if baseline == target else ratio == 1


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (1.7, "achieved"),
        (1.0, "achieved"),
        (0.9999, "on_track"),
        (0.8, "on_track"),
        (0.7999, "moderate"),
        (0.6, "moderate"),
        (0.5999, "off_track"),
        (0.0, "off_track"),
        (-0.5, "off_track"),
        (math.nan, "not_known"),
    ],
)
def test_every_cut_off_belongs_to_the_better_class(ratio, expected):
    assert achievement_status(ratio, SCHEME) == expected


@pytest.mark.parametrize(
    ("value", "baseline", "target", "expected"),
    [
        # 6.24 of 7.8 is 0.8, 4.68 of 7.8 is 0.6; in binary each comes out just below.
        (18.54, 12.3, 20.1, "on_track"),
        (16.98, 12.3, 20.1, "moderate"),
        (18.53, 12.3, 20.1, "moderate"),
        (16.97, 12.3, 20.1, "off_track"),
    ],
)
def test_binary_noise_moves_nothing_below_a_cut_off(value, baseline, target, expected):
    ratio = achievement(value, baseline=baseline, target=target)
    assert achievement_status(ratio, SCHEME) == expected


def test_binary_noise_at_the_highest_cut_off():
    lenient = SCHEME.model_copy(update={"achieved": 0.8, "on_track": 0.7})
    assert achievement_status(achievement(18.54, baseline=12.3, target=20.1), lenient) == "achieved"


# --- totals ---------------------------------------------------------------------------


def test_counts_are_added():
    total = aggregate("sum", [3, 4, 5], numerators=[], denominators=[])
    assert total == 12


def test_ratios_are_divided_again_and_not_averaged():
    # A village where 9 of 10 passed and a city where 100 of 1,000 did: 109 of 1,010
    # is 10.79%. The mean of 90% and 10% would be 50%.
    total = aggregate("ratio", [90, 10], numerators=[9, 100], denominators=[10, 1000])
    assert total == pytest.approx(10.7921, abs=0.00005)


@pytest.mark.parametrize(
    ("how", "values", "numerators", "denominators"),
    [
        pytest.param("sum", [3, math.nan], [], [], id="a count is missing"),
        pytest.param("sum", [], [], [], id="no count at all is not a count of zero"),
        pytest.param("ratio", [90, 10], [9, math.nan], [10, 100], id="no numerator"),
        pytest.param("ratio", [90, 10], [9, 10], [10, math.nan], id="no denominator"),
        pytest.param("ratio", [0], [0], [0], id="nobody in the denominator"),
        pytest.param("ratio", [], [], [], id="no part at all"),
    ],
)
def test_a_total_with_a_missing_part_is_missing(how, values, numerators, denominators):
    assert math.isnan(aggregate(how, values, numerators=numerators, denominators=denominators))


EVERYWHERE = [count("north", 10), count("south", 20), count("east", 30, place="page 2")]


def test_regions_that_cover_the_programme_are_added(made_up):
    frame = delivery(made_up(EVERYWHERE), "north")
    assert levels(frame) == [["north", 10, "used"], ["whole", 60, "used"]]
    total = frame[(frame["region"] == "whole") & (frame["statistic"] == "level")].iloc[0]
    assert total["source"] == "A: page 1; A: page 2"
    assert total["statement_key"] == "total_of_regions"
    assert total["period"] == "programme"


def test_a_joint_count_is_one_part_of_a_total(made_up):
    data = made_up([count("north+south", 25), count("east", 30)])
    assert ["whole", 55, "used"] in levels(delivery(data, "north"))


@pytest.mark.parametrize(
    "counts",
    [
        pytest.param(EVERYWHERE[:2], id="a region is left out"),
        pytest.param([*EVERYWHERE, count("north+south", 25)], id="regions stand twice"),
        pytest.param([*EVERYWHERE[:2], count("east", 30, used="false")], id="a part not in use"),
        pytest.param([*EVERYWHERE[:2], count("west", 30)], id="a region outside the programme"),
        pytest.param([*EVERYWHERE, count("west", 30)], id="one region too many"),
        pytest.param([*EVERYWHERE[:2], count("east", 30, period=2017)], id="of different years"),
        pytest.param([*EVERYWHERE[:2], count("east", 30, sector="x")], id="of one sector only"),
        pytest.param([*EVERYWHERE[:2], count("east", 30, population="x")], id="of some people"),
        pytest.param([count("north+south+east", 60)], id="already one count"),
        pytest.param([row | {"indicator": "visits"} for row in EVERYWHERE], id="never added"),
        pytest.param([row | {"indicator": "dropout"} for row in EVERYWHERE], id="without parts"),
    ],
)
def test_what_is_not_a_total_is_not_made(made_up, counts):
    frame = delivery(made_up(counts), "north")
    assert (frame["region"] != "whole").all()


def test_a_published_total_is_not_made_again(made_up):
    data = made_up([*EVERYWHERE, count("whole", 65)])
    assert levels(delivery(data, "north"), region="whole") == [["whole", 65, "used"]]


def test_a_total_of_percentages(made_up):
    # 2 of 10, 30 of 100, 8 of 90: 40 of 200 is 20%; the mean of the three would be 19.6%.
    parts = [("north", 20, 2, 10), ("south", 30, 30, 100), ("east", 8.9, 8, 90)]
    data = made_up(
        [
            count(region, value, indicator="dropout", numerator=above, denominator=below)
            for region, value, above, below in parts
        ]
    )
    assert levels(delivery(data, "east"), region="whole") == [["whole", 20, "used"]]


def test_the_country_is_no_part_of_a_total(made_up):
    regions = REGIONS | {"land": "reference"}
    frame = delivery(made_up([*EVERYWHERE, count("land", 999)], regions=regions), "north")
    assert (frame["region"] != "whole").all()


# --- delivery -------------------------------------------------------------------------


def test_a_joint_count_is_told_in_each_of_its_regions_and_never_split(made_up):
    data = made_up([count("north+south", 25)])
    for region in ("north", "south"):
        assert levels(delivery(data, region)) == [["north+south", 25, "used"]]
    assert delivery(data, "east").empty


def test_a_region_whose_code_begins_like_anothers(made_up):
    data = made_up([count("northern", 5)], regions=REGIONS | {"northern": "programme"})
    assert delivery(data, "north").empty


def test_conflicting_counts_are_all_kept_and_the_used_one_is_judged(made_up):
    data = made_up(
        [
            count("north", 94),
            count("north", 58, source_id="B", used="false", counted="true"),
            count("north", 55, source_id="C", used="false"),
        ],
        [TARGET | {"baseline": 0, "target": 100}],
    )
    frame = delivery(data, "north")
    assert sorted(levels(frame)) == [
        ["north", 55, "also_reported"],
        ["north", 58, "also_reported"],
        ["north", 94, "used"],
    ]
    judged = frame[frame["statistic"] == "achievement"]
    assert judged["value"].tolist() == [0.94]
    assert judged["source"].tolist() == ["A: page 1; T: annex 1"]
    kept = frame[frame["statistic"].isin(["level", "achievement"])]
    assert set(kept["statement_key"]) == {"reported_count", "counted_from_text", "achievement"}


def test_a_region_with_nothing_reported_gets_the_programmes_counts_only(made_up):
    data = made_up([count("north", 10), count("whole", 60)])
    assert levels(delivery(data, "west")) == [["whole", 60, "used"]]


def test_nothing_reported_at_all(made_up):
    assert delivery(made_up([]), "north").empty


def test_a_statement_on_the_country_is_told_everywhere(made_up):
    data = made_up([count("land", 6, indicator="age")], regions=REGIONS | {"land": "reference"})
    frame = delivery(data, "west")
    assert frame[["region", "statistic", "value"]].to_numpy().tolist() == [["land", "level", 6]]


@pytest.mark.parametrize(
    ("target", "status", "note"),
    [
        ({"baseline": 0, "target": 10}, "achieved", ""),
        ({"baseline": 0, "target": 12}, "on_track", ""),
        ({"baseline": 5, "target": 13}, "moderate", ""),
        ({"baseline": 20, "target": 30}, "off_track", ""),
        ({"baseline": 5}, "not_known", "no_target"),
        ({"target": 20}, "not_known", "no_baseline"),
        ({}, "not_known", "no_baseline;no_target"),
        ({"baseline": 5, "target": 5}, "not_known", ""),
        # `pupils` should rise: a target below the baseline contradicts it.
        ({"baseline": 20, "target": 5}, "not_known", "target_against_direction"),
    ],
)
def test_a_count_against_its_own_target(made_up, target, status, note):
    data = made_up([count("north", 10)], [TARGET | target])
    line = delivery(data, "north").set_index("statistic").loc["achievement"]
    assert (line["status"], line["note"]) == (status, note)
    assert math.isnan(line["value"]) == (status == "not_known")
    assert line["unit"] == "ratio"
    known = "achievement_not_known" if status == "not_known" else "achievement"
    assert line["statement_key"] == known


def test_an_indicator_that_should_fall(made_up):
    fall = {"indicator": "dropout", "baseline": 40, "target": 20}
    data = made_up([count("north", 30, indicator="dropout")], [TARGET | fall])
    line = delivery(data, "north").set_index("statistic").loc["achievement"]
    assert (line["value"], line["status"]) == (0.5, "off_track")
    rise = {"indicator": "dropout", "baseline": 20, "target": 40}
    data = made_up([count("north", 30, indicator="dropout")], [TARGET | rise])
    line = delivery(data, "north").set_index("statistic").loc["achievement"]
    assert (line["status"], line["note"]) == ("not_known", "target_against_direction")


def test_no_way_is_stated_so_either_is_right(made_up):
    fall = {"indicator": "visits", "baseline": 40, "target": 20}
    data = made_up([count("north", 30, indicator="visits")], [TARGET | fall])
    assert delivery(data, "north").set_index("statistic").loc["achievement", "value"] == 0.5


def test_baseline_and_target_are_figures_of_their_own(made_up):
    known = {"baseline": 2, "baseline_year": 2009, "target": 12, "target_year": 2012}
    lines = delivery(made_up([count("north", 10)], [TARGET | known]), "north")
    lines = lines.set_index("statistic")
    for name, year in (("baseline", "2009"), ("target", "2012")):
        line = lines.loc[name]
        assert [line["value"], line["period"], line["source"]] == [known[name], year, "T: annex 1"]
        assert line["unit"] == "persons"
    assert lines.loc["achievement", "value"] == 0.8
    assert lines.loc["achievement", "source"] == "A: page 1; T: annex 1"


def test_a_target_without_a_baseline_is_still_told(made_up):
    data = made_up([count("north", 10)], [TARGET | {"target": 12}])
    lines = delivery(data, "north").set_index("statistic")
    assert "baseline" not in lines.index
    assert (lines.loc["target", "value"], lines.loc["target", "period"]) == (12, "programme")


def test_another_regions_target_is_not_taken(made_up):
    data = made_up([count("north", 10)], [TARGET | {"region": "south", "baseline": 0, "target": 1}])
    line = delivery(data, "north").set_index("statistic").loc["achievement"]
    assert line["note"] == "no_baseline;no_target"


@pytest.mark.parametrize(
    ("counts", "judged"),
    [
        pytest.param([count(sector="x")], {"x": 0.1}, id="the only count, of one sector"),
        pytest.param(
            [count(value=50), count(sector="x")], {"all": 0.5, "x": None}, id="a sector beside all"
        ),
        pytest.param(
            [count(sector="x"), count(sector="y")], {"x": None, "y": None}, id="two sectors"
        ),
        pytest.param([count(population="girls")], {"girls": None}, id="some of the people"),
        pytest.param(
            [count(sector="x"), count(sector="y", used="false", source_id="B")],
            {"x": 0.1},
            id="the other is not used",
        ),
    ],
)
def test_a_part_is_not_judged_by_the_target_of_the_whole(made_up, counts, judged):
    data = made_up(counts, [TARGET | {"baseline": 0, "target": 100}])
    frame = delivery(data, "north")
    rows = frame[frame["statistic"] == "achievement"]
    found = {
        row["group"]: None if math.isnan(row["value"]) else row["value"]
        for _, row in rows.iterrows()
    }
    assert found == judged


def test_statements_on_the_situation_have_no_target(made_up):
    frame = delivery(made_up([count(indicator="age")]), "north")
    assert frame["statistic"].tolist() == ["level"]
