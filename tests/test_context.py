"""Official series: published values, changes by hand, and what must be refused.

S1 is INEI's table "Incidencia de pobreza total por departamentos 2004-2011", S2 its slide
for 2012-2013, S3 its SIRTOD export of labour income, S6 a third party's computation from
ENAHO, S9 INEI's deflators of the poverty measurement.
"""

import json
import math
from pathlib import Path

import pytest
from shipped import covered

from icanalysis.context import context, require_years, series
from icanalysis.dossier import region_lines
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import Years
from icanalysis.language import language
from icanalysis.load import open_data

DATA = Path(__file__).parents[1] / "data"
# A subtraction of two values printed to one decimal is out by binary noise only.
NOISE = 1e-9


@pytest.fixture(scope="module")
def data():
    return open_data(DATA)


@pytest.fixture(scope="module")
def lines(data):
    """Context lines of every department, 2009 to 2013."""
    regions = data.evaluation.reported_regions(every=True)
    years = data.evaluation.years()
    return {region.code: context(data, region.code, years) for region in regions}


def one(frame, **wanted):
    """Return the only line with these values."""
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1, wanted
    return frame.iloc[0]


# --- poverty --------------------------------------------------------------------------

# S1, S2: percent of the population, as printed.
POVERTY = {
    "ayacucho": {2007: 67.6, 2008: 61.1, 2009: 58.8, 2010: 48.2, 2011: 52.7, 2013: 51.9},
    "cusco": {2007: 54.4, 2008: 50.8, 2009: 40.4, 2010: 42.7, 2011: 29.7, 2013: 18.8},
    "lambayeque": {2007: 50.0, 2008: 37.3, 2009: 37.1, 2010: 38.2, 2011: 30.4, 2013: 24.7},
    "puno": {2007: 59.9, 2008: 54.1, 2009: 49.3, 2010: 48.6, 2011: 39.1, 2013: 32.4},
    "peru": {2007: 42.4, 2008: 37.3, 2009: 33.5, 2010: 30.8, 2011: 27.8, 2013: 23.9},
}
# The subtractions, by hand: from 2009, from 2010.
CHANGES = {
    "ayacucho": (-6.9, 3.7),
    "cusco": (-21.6, -23.9),
    "lambayeque": (-12.4, -13.5),
    "puno": (-16.9, -16.2),
    "peru": (-9.6, -6.9),
}


@pytest.mark.parametrize("region", POVERTY)
def test_poverty_as_published(lines, region):
    frame = lines["ayacucho" if region == "peru" else region]
    for year, value in POVERTY[region].items():
        line = one(frame, indicator="poverty_total", region=region, period=str(year))
        assert line["value"] == value
        assert line["source"] == ("S1" if year < 2012 else "S2")
        assert line["unit"] == "percent"
        assert line["status"] == "context"


@pytest.mark.parametrize("region", CHANGES)
def test_change_of_poverty_by_hand(lines, region):
    frame = lines["cusco" if region == "peru" else region]
    changes = frame[(frame["statistic"] == "change") & (frame["region"] == region)]
    for baseline, expected in zip((2009, 2010), CHANGES[region], strict=True):
        line = one(changes, indicator="poverty_total", period=f"{baseline}-2013")
        assert line["value"] == pytest.approx(expected, abs=NOISE)
        assert line["unit"] == "percentage_points"
        assert line["source"] == "S1; S2"


def test_only_ayacuchos_sign_depends_on_the_baseline(lines):
    statuses = {
        region: one(lines[region], indicator="poverty_total", region=region, period="2009-2013")[
            "status"
        ]
        for region in ("ayacucho", "cusco", "lambayeque", "puno")
    }
    assert statuses == {
        "ayacucho": "depends_on_baseline",
        "cusco": "no_interval",
        "lambayeque": "no_interval",
        "puno": "no_interval",
    }


def test_the_baseline_years_tried_are_those_of_the_evaluation(lines):
    frame = lines["puno"]
    rows = frame[(frame["indicator"] == "poverty_total") & (frame["statistic"] == "change")]
    rows = rows[rows["region"] == "puno"]
    assert dict(zip(rows["period"], rows["status"], strict=True)) == {
        "2007-2013": "sensitivity",
        "2008-2013": "sensitivity",
        "2009-2013": "no_interval",
        "2010-2013": "sensitivity",
        "2011-2013": "sensitivity",
    }


def test_years_asked_outside_those_tried(data):
    frame = context(data, "puno", Years(baseline=2005, outcome=2009))
    rows = frame[(frame["indicator"] == "poverty_total") & (frame["region"] == "puno")]
    changes = rows[rows["statistic"] == "change"]
    assert dict(zip(changes["period"], changes["status"], strict=True)) == {
        "2005-2009": "no_interval",
        "2007-2009": "sensitivity",
        "2008-2009": "sensitivity",
    }
    # S1: Puno 74.1 in 2005, 49.3 in 2009. Nothing after the outcome is told.
    assert one(changes, period="2005-2009")["value"] == pytest.approx(-24.8, abs=NOISE)
    assert rows.loc[rows["statistic"] == "level", "period"].max() == "2009"


def test_lima_includes_callao_and_callao_is_never_added(data, lines):
    poverty = data.table("poverty")
    lima = poverty[(poverty["region"] == "lima") & poverty["year"].isin([2009, 2013])]
    assert set(lima["coverage"]) == {"includes_callao"}
    values = dict(zip(lima["year"], lima["poverty_pct"], strict=True))
    line = one(lines["lima"], indicator="poverty_total", region="lima", period="2009-2013")
    assert line["value"] == pytest.approx(values[2013] - values[2009], abs=NOISE)
    assert set(lines["lima"]["region"]) == {"lima", "peru"}
    assert "callao" not in lines


# --- the intervals of groups ----------------------------------------------------------


def test_a_group_interval_never_becomes_a_value(lines):
    for code, frame in lines.items():
        group = frame[frame["indicator"] == "poverty_total_group"]
        # In 2013 S3 has Lima's metropolitan and other provinces apart, and none for the whole.
        years = range(2007, 2013 if code == "lima" else 2014)
        assert group["period"].tolist() == [str(year) for year in years], code
        assert group["value"].isna().all()
        assert group["se"].isna().all()
        assert set(group["statistic"]) == {"level"}
        assert set(group["status"]) == {"group_interval"}
        own = frame[frame["indicator"] != "poverty_total_group"]
        assert own[["se", "low", "high"]].isna().all(axis=None), code


def test_cusco_2010_lies_outside_its_groups_interval(lines):
    # S3: 46.7-50.9 for the group; S1: 42.7 for Cusco.
    line = one(lines["cusco"], indicator="poverty_total_group", period="2010")
    assert (line["low"], line["high"]) == (46.7, 50.9)
    assert (
        one(lines["cusco"], region="cusco", indicator="poverty_total", period="2010")["value"]
        < 46.7
    )


# --- real labour income ---------------------------------------------------------------

# S3: nominal soles a month, 2009 and 2013. S9: deflator (2022 = 1), 2009 and 2013,
# printed here to four decimals.
INCOME = {
    "ayacucho": (576.7, 752.2, 0.6304, 0.7264),
    "cusco": (756.5, 1045.1, 0.6090, 0.7228),
    "lambayeque": (670.7, 835.4, 0.6105, 0.7006),
    "puno": (507.5, 806.4, 0.5934, 0.6963),
}


@pytest.mark.parametrize("region", INCOME)
def test_real_labour_income_by_hand(lines, region):
    before, after, price_before, price_after = INCOME[region]
    # For Ayacucho: 576.7 * 0.7264 / 0.6304 = 664.5 soles of 2013, and 752.2 is 13.2% more.
    expected = before * price_after / price_before
    # Each deflator may be out by half its last digit.
    slack = 0.00005 / price_before + 0.00005 / price_after
    own = lines[region][lines[region]["region"] == region]
    income = own[own["indicator"] == "labour_income_real"]
    level = one(income, period="2009")
    assert level["value"] == pytest.approx(expected, rel=slack)
    assert level["note"] == "prices_of:2013"
    assert level["unit"] == "soles_per_month"
    assert level["source"] == "S3; S9"
    assert one(income, period="2013")["value"] == pytest.approx(after, rel=1e-12)
    change = one(income, period="2009-2013")
    assert change["value"] == pytest.approx(
        100 * (after / expected - 1), abs=100 * slack * after / expected
    )
    assert change["unit"] == "percent"


def test_ayacuchos_income_rose_13_2_percent_in_real_terms(lines):
    own = lines["ayacucho"][lines["ayacucho"]["region"] == "ayacucho"]
    change = one(own, indicator="labour_income_real", period="2009-2013")
    # 752.2 / 664.5 = 1.132; in soles of each year it would be 752.2 / 576.7, 30.4%.
    assert change["value"] == pytest.approx(13.2, abs=0.05)


# --- informality ----------------------------------------------------------------------


def test_informality_has_no_baseline_of_2009(lines):
    for code, frame in lines.items():
        rows = frame[(frame["indicator"] == "informal_employment") & (frame["region"] == code)]
        line = one(rows, period="2009-2013")
        assert math.isnan(line["value"]), code
        assert (line["status"], line["note"]) == ("no_data", "series:2011-2021"), code


@pytest.mark.parametrize(
    ("region", "before", "after"),
    # S6, percent of the employed, 2011 and 2013.
    [
        ("ayacucho", 89.05, 88.72),
        ("cusco", 83.47, 80.23),
        ("lambayeque", 83.57, 79.21),
        ("puno", 89.98, 88.93),
    ],
)
def test_informality_from_2011_is_a_difference_in_points(data, region, before, after):
    for years in (Years(baseline=2011, outcome=2013), Years(baseline=2009, outcome=2013)):
        frame = context(data, region, years)
        rows = frame[(frame["indicator"] == "informal_employment") & (frame["region"] == region)]
        line = one(rows, period="2011-2013")
        assert line["value"] == pytest.approx(after - before, abs=NOISE)
        assert line["unit"] == "percentage_points"
        expected = "no_interval" if years.baseline == 2011 else "sensitivity"
        assert line["status"] == expected


# --- coverage -------------------------------------------------------------------------


def test_coverage_by_hand(data):
    line = covered(data).iloc[0]
    # S6, employed persons of 2011: Ayacucho, Cusco, Lambayeque, Puno. P4: 2,500 families.
    workforce = 332_839 + 715_516 + 610_473 + 765_116
    assert workforce == 2_423_944
    assert line["n"] == workforce
    assert line["value"] == pytest.approx(100 * 2500 / 2_423_944)
    assert round(line["value"], 4) == 0.1031
    assert round(line["n"] / 2500) == 970
    assert line["source"] == "P4: opening text; S6"
    assert (line["unit"], line["period"], line["region"]) == ("percent", "2011", "programme")


# --- every department -----------------------------------------------------------------


def test_every_department_has_its_context(lines):
    assert len(lines) == 24
    for code, frame in lines.items():
        assert set(frame["region"]) == {code, "peru"}
        asked = frame[(frame["region"] == code) & (frame["period"] == "2009-2013")]
        assert sorted(asked["indicator"]) == [
            "informal_employment",
            "labour_income_real",
            "poverty_total",
        ]
        kinds = frame.groupby("indicator")["source_kind"].unique().map(list).to_dict()
        assert kinds == {
            "informal_employment": ["survey"],  # computed by third parties from ENAHO
            "labour_income_real": ["official"],
            "poverty_total": ["official"],
            "poverty_total_group": ["official"],
        }
        known = frame.dropna(subset="value")
        numbers = known["value"]
        assert not ((numbers == 0) & (numbers.map(lambda x: math.copysign(1, x)) < 0)).any()


# --- years that are not there ---------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "baseline", "outcome", "english", "spanish"),
    [
        (
            "cusco",
            2003,
            2013,
            "There are no data for 2003 in cusco: the table “poverty” has 2004-2013.",
            "2003",
        ),
        (
            "cusco",
            2003,
            2019,
            "There are no data for 2003, 2019 in cusco: the table “poverty” has 2004-2013.",
            "2003, 2019",
        ),
    ],
)
def test_years_that_are_not_published_are_refused(
    data, region, baseline, outcome, english, spanish
):
    with pytest.raises(WorkbookError) as caught:
        require_years(data, region, Years(baseline=baseline, outcome=outcome))
    assert caught.value.told(language("en")) == english
    told = caught.value.told(language("es"))
    assert spanish in told
    assert "2004-2013" in told
    assert told != english


def test_years_that_are_published(data):
    for region in data.evaluation.reported_regions(every=True):
        require_years(data, region.code, Years(baseline=2004, outcome=2013))


# --- another country, with as little as may be -----------------------------------------

EVALUATION = """
sectors = []
agencies = []
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
[[regions]]
code = "north"
name = "North"
role = "programme"
[[regions]]
code = "south"
name = "South"
role = "programme"
"""
LAND = '[[regions]]\ncode = "land"\nname = "Land"\nrole = "reference"\n'
SERIES = """
[[context]]
indicator = "wage"
table = "wages"
value = "wage"
change = "{change}"
baselines = [2015, 2016]
"""
BASIS = 'basis = "method"\n'
DEFLATOR = '[context.deflator]\ntable = "prices"\nvalue = "index"\n'
COVERAGE = """
[coverage]
indicator = "share"
reached = "pupils"
table = "jobs"
value = "jobs"
year = 2016
"""
INDICATORS = """indicator,unit,level,direction,aggregation
wage,coins,context,up,none
pupils,persons,output,up,sum
share,percent,context,,none
"""
REPORTED = "indicator,region,sector,population,period,value,numerator,denominator,counted,used,source_id,place\n"
NUMBERS = {"wage", "index", "jobs", "value", "numerator", "denominator", "baseline", "target"}
INTEGERS = {"year", "period"}
BOOLEANS = {"counted", "used"}


@pytest.fixture
def made_up(tmp_path):
    """Return a maker of data folders from the text of their tables."""

    def make(series="", more="", **tables):
        tables = {
            "indicators": INDICATORS,
            "reported_values": REPORTED,
            "targets": "indicator,region,baseline,target\n",
        } | tables
        resources = []
        for name, text in tables.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
            columns = text.splitlines()[0].split(",")
            fields = [{"name": column, "type": kind(column)} for column in columns]
            for field in fields:
                if field["name"] == "region":
                    field |= {"vocabulary": "region", "joint": True}
            resources.append(
                {
                    "name": name,
                    "path": f"{name}.csv",
                    "source_kind": "official",
                    "schema": {"fields": fields, "primaryKey": columns},
                }
            )
        package = {"name": "made-up", "resources": resources}
        (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
        text = ("" if series else "context = []\n") + EVALUATION + series + more
        (tmp_path / "evaluation.toml").write_text(text, encoding="utf-8")
        return open_data(tmp_path)

    return make


def kind(column):
    if column in NUMBERS:
        return "number"
    if column in INTEGERS:
        return "integer"
    return "boolean" if column in BOOLEANS else "string"


YEARS = Years(baseline=2015, outcome=2018)
WAGES = """region,year,wage,method,source_id
north,2015,100,old,A
north,2016,110,new,A
north,2018,121,new,B
"""
PRICES = """region,year,index,source_id
north,2015,1,C
north,2016,1.25,C
north,2018,1.5,D
"""


def wages(data, region="north", years=YEARS):
    frame = context(data, region, years)
    return frame[frame["region"] == region].set_index("period")


def test_a_programme_without_series_country_or_coverage(made_up):
    data = made_up()
    require_years(data, "north", YEARS)
    assert context(data, "north", YEARS).empty
    assert covered(data).empty
    assert region_lines(data, "north", YEARS).empty


def test_a_series_without_country_deflator_or_interval(made_up):
    rows = wages(made_up(SERIES.format(change="points"), wages=WAGES))
    assert rows.loc["2015-2018", ["value", "status", "source"]].tolist() == [
        21,
        "no_interval",
        "A; B",
    ]
    assert rows.loc["2016-2018", "value"] == 11
    assert set(rows["region"]) == {"north"}


def test_two_methodologies_are_refused(made_up):
    rows = wages(made_up(SERIES.format(change="points") + BASIS, wages=WAGES))
    refused = rows.loc["2015-2018"]
    assert math.isnan(refused["value"])
    assert (refused["status"], refused["note"]) == ("not_comparable", "basis:old/new")
    # Within one methodology there is nothing to refuse.
    assert rows.loc["2016-2018", ["value", "status"]].tolist() == [11, "sensitivity"]


def test_a_methodology_that_is_not_stated_is_not_taken_for_the_same(made_up):
    text = WAGES.replace("north,2018,121,new", "north,2018,121,")
    rows = wages(made_up(SERIES.format(change="points") + BASIS, wages=text))
    assert rows.loc["2016-2018", ["status", "note"]].tolist() == ["not_comparable", "basis:new/"]


def test_deflated_by_hand(made_up):
    data = made_up(SERIES.format(change="percent") + DEFLATOR, wages=WAGES, prices=PRICES)
    rows = wages(data)
    # 100 * 1.5 / 1 = 150 of 2018, 110 * 1.5 / 1.25 = 132; 121 stays. From 150 to 121: -19.3%.
    assert rows.loc[["2015", "2016", "2018"], "value"].tolist() == [150, 132, 121]
    assert rows.loc["2015-2018", "value"] == pytest.approx(100 * (121 - 150) / 150)
    assert rows.loc["2016-2018", "value"] == pytest.approx(100 * (121 - 132) / 132)
    # The prices of both years made the figure.
    assert rows.loc["2015", "source"] == "A; C; D"
    assert rows.loc["2018", "source"] == "B; D"


def test_prices_that_lack_a_year(made_up):
    text = PRICES.replace("north,2015,1,C\n", "")
    data = made_up(SERIES.format(change="percent") + DEFLATOR, wages=WAGES, prices=text)
    rows = wages(data)
    assert "2015" not in rows.index
    assert rows.loc["2015-2018", ["status", "note"]].tolist() == ["no_data", "series:2016, 2018"]
    assert rows.loc["2016-2018", "value"] == pytest.approx(100 * (121 - 132) / 132)


def test_prices_that_lack_the_outcome_year(made_up):
    text = PRICES.replace("north,2018,1.5,D\n", "")
    data = made_up(SERIES.format(change="percent") + DEFLATOR, wages=WAGES, prices=text)
    assert context(data, "north", YEARS).empty


def test_a_value_nobody_read_is_no_year_of_the_series(made_up):
    text = WAGES.replace("north,2015,100", "north,2015,")
    data = made_up(SERIES.format(change="points"), wages=text)
    rows = wages(data)
    assert "2015" not in rows.index
    assert rows.loc["2015-2018", ["status", "note"]].tolist() == ["no_data", "series:2016, 2018"]
    with pytest.raises(WorkbookError, match="2015"):
        require_years(data, "north", YEARS)


@pytest.mark.parametrize("first", ["0", "-4"])
def test_a_percentage_of_nothing_is_no_change(made_up, first):
    text = WAGES.replace("north,2015,100", f"north,2015,{first}")
    rows = wages(made_up(SERIES.format(change="percent"), wages=text))
    assert math.isnan(rows.loc["2015-2018", "value"])
    assert rows.loc["2015-2018", "status"] == "no_data"


def test_a_change_of_nothing_has_no_sign(made_up):
    text = WAGES.replace("north,2015,100", "north,2015,130").replace("2016,110", "2016,121")
    rows = wages(made_up(SERIES.format(change="points"), wages=text))
    assert rows["value"].loc[["2015-2018", "2016-2018"]].tolist() == [-9, 0]
    assert rows.loc["2015-2018", "status"] == "no_interval"


def test_a_sign_that_depends_on_the_baseline(made_up):
    text = WAGES.replace("north,2016,110", "north,2016,130")
    rows = wages(made_up(SERIES.format(change="points"), wages=text))
    assert rows["value"].loc[["2015-2018", "2016-2018"]].tolist() == [21, -9]
    assert rows.loc["2015-2018", "status"] == "depends_on_baseline"
    assert rows.loc["2016-2018", "status"] == "sensitivity"


@pytest.mark.parametrize("table", ["wages", "prices"])
def test_two_values_for_one_year_are_refused(made_up, table):
    tables = {"wages": WAGES, "prices": PRICES}
    doubled = {"wages": "north,2016,111,new,E\n", "prices": "north,2016,1.3,E\n"}
    tables[table] += doubled[table]
    data = made_up(SERIES.format(change="percent") + DEFLATOR, **tables)
    with pytest.raises(WorkbookError) as caught:
        context(data, "north", YEARS)
    assert caught.value.told(language("en")) == (
        f"The table “{table}” has several values for north in 2016: "
        "“where” in evaluation.toml must leave one."
    )


def test_where_compares_whatever_the_columns_type(made_up):
    text = "region,year,wage,period,source_id\nnorth,2015,1,1,A\nnorth,2015,9,2,A\n"
    item = SERIES.format(change="points") + 'where = { period = "2" }\n'
    data = made_up(item, wages=text)
    found = series(data, data.evaluation.context[0], "north", until=2018)
    assert found["value"].tolist() == [9]


def test_the_country_stands_beside_its_region(made_up):
    text = WAGES + "land,2015,200,old,A\nland,2018,210,old,A\n"
    frame = context(made_up(SERIES.format(change="points"), LAND, wages=text), "north", YEARS)
    changes = frame[frame["period"] == "2015-2018"].set_index("region")["value"]
    assert changes.to_dict() == {"north": 21, "land": 10}


def test_a_region_nothing_is_published_for(made_up):
    data = made_up(SERIES.format(change="points"), wages=WAGES)
    assert context(data, "south", YEARS).empty
    with pytest.raises(WorkbookError) as caught:
        require_years(data, "south", YEARS)
    assert caught.value.told(language("en")) == (
        "There are no data for 2015, 2018 in south: the table “wages” has —."
    )


def test_years_with_a_gap_are_told_as_spans(made_up):
    text = "region,year,wage,source_id\n" + "".join(
        f"north,{year},1,A\n" for year in (2010, 2011, 2012, 2015, 2017)
    )
    with pytest.raises(WorkbookError) as caught:
        require_years(made_up(SERIES.format(change="points"), wages=text), "north", YEARS)
    assert caught.value.told(language("en")) == (
        "There are no data for 2018 in north: the table “wages” has 2010-2012, 2015, 2017."
    )


REACHED = REPORTED + "pupils,whole,,,,30,,,false,true,A,page 1\n"
JOBS = "region,year,jobs,source_id\nnorth,2016,4000,J\nsouth,2016,2000,J\n"


def test_coverage_of_another_programme(made_up):
    line = covered(made_up(more=COVERAGE, reported_values=REACHED, jobs=JOBS)).iloc[0]
    assert (line["value"], line["n"], line["source"]) == (0.5, 6000, "A: page 1; J")


def test_coverage_from_the_total_of_the_regions(made_up):
    counts = REACHED.replace("whole", "north") + "pupils,south,,,,6,,,false,true,A,page 2\n"
    line = covered(made_up(more=COVERAGE, reported_values=counts, jobs=JOBS)).iloc[0]
    assert (line["value"], line["source"]) == (0.6, "A: page 1; A: page 2; J")


@pytest.mark.parametrize(
    ("counts", "jobs"),
    [
        pytest.param(REPORTED, JOBS, id="nobody was counted"),
        pytest.param(REACHED.replace("true", "false"), JOBS, id="no count is used"),
        pytest.param(REACHED.replace("whole", "north"), JOBS, id="counted in one region only"),
        pytest.param(REACHED.replace("whole,,,", "whole,,girls,"), JOBS, id="part of them"),
        pytest.param(REACHED, JOBS.replace("south,2016", "south,2017"), id="a region is missing"),
        pytest.param(REACHED, JOBS.replace("2000", ""), id="a workforce is missing"),
        pytest.param(REACHED, JOBS.replace("2000", "0"), id="a workforce of nobody"),
        pytest.param(
            REACHED, JOBS.replace("south,2016,2000,J", "north,2016,2000,K"), id="one twice"
        ),
    ],
)
def test_coverage_that_is_not_known(made_up, counts, jobs):
    assert covered(made_up(more=COVERAGE, reported_values=counts, jobs=jobs)).empty
