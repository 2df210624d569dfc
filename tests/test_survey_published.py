"""Figures published elsewhere: INEI's, Stata's and R's, on the data they were made from.

The data are not kept here: each test says where it looks for them, and skips without.
"""

import pandas as pd
import pytest
from optional_data import file
from reference import inei_intervals
from reference.blocks import FOLDER, read_blocks
from reference.compare import assert_changes, assert_contrast, assert_levels, estimates

from icanalysis import enaho, survey

PERSONS = survey.Design(psu="psu", stratum="stratum", weight="person_weight", period="year")
HOUSEHOLDS = survey.Design(psu="psu", stratum="stratum", weight="household_weight", period="year")
SUMARIA = (2015, 2018, 2019)
GOVERNANCE = (2009, 2014)
ENAHO = read_blocks(FOLDER / "enaho.out")


@pytest.fixture(scope="module")
def sumaria() -> pd.DataFrame:
    paths = [file("enaho", f"sumaria-{year}.dta") for year in SUMARIA]
    return pd.concat([enaho.read_sumaria(path) for path in paths], ignore_index=True)


@pytest.fixture(scope="module")
def governance() -> pd.DataFrame:
    paths = [file("enaho", f"Enaho01B-{year}-2.csv") for year in GOVERNANCE]
    return pd.concat([enaho.read_governance(path) for path in paths], ignore_index=True)


def only(frame: pd.DataFrame, measure: survey.Measure, design: survey.Design, **more) -> pd.Series:
    """Return the one row of one measure in one domain."""
    return survey.estimate(frame, {"it": measure}, design=design, **more).table.iloc[0]


def shown(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}"


# ---- R's own published output: tests/testoutput/api.Rout.saved of R survey -------------------


def api(name: str) -> pd.DataFrame:
    return pd.read_csv(file("reference", f"{name}.csv"))


@pytest.mark.parametrize(
    ("name", "design", "mean", "total"),
    [
        (
            "apistrat",
            survey.Design(psu="snum", stratum="stype", weight="pw", fpc="fpc"),
            ("662.29", "9.4089"),
            ("3687178", "114642"),
        ),
        (
            "apiclus1",
            survey.Design(psu="dnum", weight="pw", fpc="fpc"),
            ("644.17", "23.542"),
            ("3404940", "932235"),
        ),
    ],
)
def test_r_publishes_the_api_schools(name, design, mean, total):
    frame = api(name)
    row = only(frame, survey.mean("api00", per="household"), design)
    se_decimals = len(mean[1].split(".")[1])
    assert (shown(row["estimate"], 2), shown(row["se"], se_decimals)) == mean
    row = only(frame, survey.total("enroll"), design)
    assert (shown(row["estimate"], 0), shown(row["se"], 0)) == total


@pytest.mark.parametrize(
    ("policy", "se"), [("certainty", "5.8058"), ("adjust", "5.8281"), ("average", "6.0096")]
)
def test_r_publishes_the_api_schools_with_one_lonely_district(policy, se):
    design = survey.Design(psu="snum", stratum="dnum", weight="pw", lonely_psu=policy)
    row = only(api("apiclus1"), survey.mean("api00"), design)
    assert (shown(row["estimate"], 2), shown(row["se"], 4)) == ("644.17", se)


def test_a_lonely_district_is_refused_by_default():
    design = survey.Design(psu="snum", stratum="dnum", weight="pw")
    with pytest.raises(Exception, match=r"single PSU has no variance of its own: 413\."):
        only(api("apiclus1"), survey.mean("api00"), design)


def test_samplics_publishes_the_zinc_of_nhanes2():
    design = survey.Design(psu="psuid", stratum="stratid", weight="finalwgt")
    row = only(pd.read_csv(file("reference", "nhanes2.csv")), survey.mean("zinc"), design)
    published = {"estimate": 87.182067, "se": 0.494483, "low": 86.173563, "high": 88.190571}
    for column, value in published.items():
        assert shown(row[column], 6) == shown(value, 6)
    assert shown(row["cv"], 6) == "0.005672"
    assert row["n"] == 10337 - 1148  # those without a value stay in the design alone


# ---- Stata, svy: mean with singleunit(centered), departments by `if` --------------------------

SERVICES = ("piso_tierra", "agua_red_publica", "desague_red_publica", "electricidad", "cocina_lena")


@pytest.fixture(scope="module")
def dwellings() -> pd.DataFrame:
    """Casewise, as Stata does with five variables: 389 households lack the first."""
    path = file("enaho", "enaho01-2019-100_subset.csv.gz")
    frame = pd.read_csv(path, dtype={"conglome": str, "dpto": str})
    return frame.dropna(subset=list(SERVICES))


@pytest.fixture(scope="module")
def stata() -> pd.DataFrame:
    path = file("reference", "enaho2019_stata_results.csv.gz")
    return pd.read_csv(path).set_index(["nivel", "grupo", "indicador"])


# Stata's file has seven digits, rounded from single precision.
LAST_DIGIT = 1e-7
DWELLINGS = survey.Design(psu="conglome", stratum="estrato", weight="factor07")


def test_stata_publishes_five_services_of_peru(dwellings, stata):
    measures = {name: survey.mean(name, per="household") for name in SERVICES}
    table = survey.estimate(dwellings, measures, design=DWELLINGS).table.set_index("indicator")
    assert len(dwellings) == 34565 - 389
    for name in SERVICES:
        published = stata.loc[("total", "Total", name)]
        assert table.loc[name, "estimate"] == pytest.approx(published["resultado"], abs=LAST_DIGIT)
        assert table.loc[name, "cv"] == pytest.approx(published["cv"], abs=LAST_DIGIT)


@pytest.mark.parametrize(
    ("level", "column"), [("dpto", "dpto"), ("dominio_enaho", "dominio_enaho")]
)
def test_stata_publishes_five_services_of_every_domain_by_filter(dwellings, stata, level, column):
    """A filter before the variance, as `if` makes it: 165 figures, 25 departments and 8 domains."""
    measures = {name: survey.mean(name, per="household") for name in SERVICES}
    design = survey.Design("conglome", "estrato", "factor07", lonely_psu="adjust")
    seen = 0
    for group, rows in dwellings.groupby(column):
        table = survey.estimate(rows, measures, design=design).table.set_index("indicator")
        for name in SERVICES:
            published = stata.loc[(level, group, name)]
            assert table.loc[name, "estimate"] == pytest.approx(
                published["resultado"], abs=LAST_DIGIT
            )
            assert table.loc[name, "cv"] == pytest.approx(published["cv"], abs=LAST_DIGIT), (
                group,
                name,
            )
            seen += 1
    assert seen == {"dpto": 125, "dominio_enaho": 40}[level]


def test_ayacucho_as_a_subpopulation_is_less_sure_than_by_filter(dwellings):
    measure = survey.mean("piso_tierra", per="household")
    here = dwellings[dwellings["dpto"] == "05"]
    filtered = only(here, measure, DWELLINGS)
    table = survey.estimate(dwellings, {"it": measure}, by=["dpto"], design=DWELLINGS).table
    inside = table.set_index("dpto").loc["05"]
    assert shown(filtered["estimate"], 7) == shown(inside["estimate"], 7) == "0.6146186"
    assert shown(filtered["cv"], 7) == "0.0329900"
    assert shown(inside["cv"], 7) == "0.0445748"


# ---- INEI, Sumaria ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "households", "psu", "population", "poor", "extreme", "se", "low", "high"),
    [
        (2015, 32188, 5019, 31660894, "21.772", "4.065", "0.427", "20.9", "22.6"),
        (2018, 37462, 5752, 32383300, "20.488", "2.806", "0.405", "19.7", "21.3"),
        (2019, 34565, 5359, 32676530, "20.193", "2.855", "0.444", "19.3", "21.1"),
    ],
)
def test_poverty_of_peru(sumaria, year, households, psu, population, poor, extreme, se, low, high):
    measures = {
        "poor": survey.mean("poor"),
        "extreme": survey.mean("extreme_poor"),
        "people": survey.total(),
    }
    table = survey.estimate(sumaria, measures, by=["year"], design=PERSONS).table
    rows = table[table["year"] == year].set_index("indicator")
    row = rows.loc["poor"]
    assert (row["n"], row["n_psu"], row["df"]) == (households, psu, psu - 8)
    assert round(rows.loc["people", "estimate"]) == population
    assert shown(100 * row["estimate"], 3) == poor
    assert shown(100 * rows.loc["extreme", "estimate"], 3) == extreme
    assert shown(100 * row["se"], 3) == se
    assert (shown(100 * row["low"], 1), shown(100 * row["high"], 1)) == (low, high)


# Ayacucho, Cusco, Lambayeque, Puno: % (SE) households/PSUs.
DEPARTMENTS = {
    2015: """40.725 (2.558) 1137/170, 17.596 (1.980) 1187/181,
             20.762 (1.846) 1384/206, 34.641 (2.504) 1078/173""",
    2018: """37.463 (2.333) 1192/173, 22.944 (2.183) 1293/189,
             11.994 (1.469) 1437/215, 36.987 (1.979) 1838/285""",
    2019: """39.355 (2.396) 1169/173, 23.001 (2.064) 1278/189,
             10.220 (1.282) 1428/215, 34.673 (2.480) 1202/185""",
}
FOUR = ("05", "08", "14", "21")


def test_poverty_of_the_four_departments(sumaria):
    table = survey.estimate(
        sumaria, {"poor": survey.mean("poor")}, by=["year", "department"], design=PERSONS
    ).table.set_index(["year", "department"])
    for year, published in DEPARTMENTS.items():
        figures = [figure.strip() for figure in published.split(",")]
        for code, figure in zip(FOUR, figures, strict=True):
            row = table.loc[(year, code)]
            rate = f"{100 * row['estimate']:.3f} ({100 * row['se']:.3f})"
            assert f"{rate} {row['n']}/{row['n_psu']}" == figure


def test_gaps_and_inequality_of_peru(sumaria):
    measures = {
        "gap": survey.fgt("spending_pc_month", "poverty_line", 1),
        "severity": survey.fgt("spending_pc_month", "poverty_line", 2),
        "headcount": survey.fgt("spending_pc_month", "poverty_line", 0),
        "poor": survey.mean("poor"),
        "spending": survey.gini("spending_pc_month"),
        "income": survey.gini("income_pc_month"),
    }
    table = survey.estimate(sumaria, measures, by=["year"], design=PERSONS).table
    table = table.set_index(["year", "indicator"])
    published = {
        2015: ("5.425 (0.137)", "2.000 (0.065)", "0.3683", "0.4532"),
        2018: ("4.589 (0.113)", "1.537 (0.048)", "0.3654", "0.4413"),
        2019: ("4.477 (0.129)", "1.519 (0.056)", "0.3646", "0.4321"),
    }
    for year, expected in published.items():
        rows = table.loc[year]
        found = [
            f"{100 * rows.loc[name, 'estimate']:.3f} ({100 * rows.loc[name, 'se']:.3f})"
            for name in ("gap", "severity")
        ]
        found += [shown(rows.loc[name, "estimate"], 4) for name in ("spending", "income")]
        assert tuple(found) == expected
        # Spending against the line is how INEI tells the poor: the same households.
        assert rows.loc["headcount", "estimate"] == pytest.approx(rows.loc["poor", "estimate"])


# The groups whose interval is not INEI's at one decimal: (published), (computed).
OTHERWISE = {
    (2015, "total", 6.7, 9.8): ("6.4", "9.8"),
    (2015, "total", 9.8, 12.6): ("9.7", "12.6"),
}
GROUPS = {2015: (7, 5), 2018: (5, 4), 2019: (5, 4)}


@pytest.mark.parametrize("year", SUMARIA)
def test_inei_publishes_intervals_of_groups_of_departments(sumaria, year):
    """15 of 17 intervals of total poverty agree at both ends to one decimal, all 13 of extreme."""
    table = inei_intervals.intervals(sumaria[sumaria["year"] == year], year)
    counts = table["measure"].value_counts()
    assert (counts["total"], counts["extreme"]) == GROUPS[year]
    for row in table.itertuples():
        published = (shown(row.low_pct, 1), shown(row.high_pct, 1))
        expected = OTHERWISE.get((year, row.measure, row.low_pct, row.high_pct), published)
        assert (shown(row.low, 1), shown(row.high, 1)) == expected, row.regions
        assert row.agrees == (expected == published)


@pytest.mark.parametrize("year", SUMARIA)
def test_the_table_kept_of_what_was_recomputed_is_what_the_files_give(year):
    kept = pd.read_csv(inei_intervals.DATA / "official" / "recomputed.csv")
    kept = kept[kept["year"] == year].reset_index(drop=True)
    made = inei_intervals.recomputed(file("enaho", f"sumaria-{year}.dta"), year)
    pd.testing.assert_frame_equal(made.reset_index(drop=True), kept, check_dtype=False)


def test_strata_by_department_or_a_filter_do_not_give_ineis_interval(sumaria):
    """INEI has 34.4-39.4 in 2019 for Ayacucho, Cajamarca, Huancavelica and Puno."""
    frame = sumaria[sumaria["year"] == 2019]
    inside = frame["department"].isin(["05", "06", "09", "21"])
    frame = frame.assign(inside=inside, finer=frame["department"] + frame["stratum"].astype(str))
    national = survey.Design("psu", "stratum", "person_weight")
    finer = survey.Design("psu", "finer", "person_weight", lonely_psu="adjust")
    measure = survey.mean("poor")
    found = {
        "as INEI": only(frame, measure, national, where="inside"),
        "finer strata": only(frame, measure, finer, where="inside"),
        "filter": only(frame[inside], measure, national),
    }
    bounds = {
        name: f"{100 * row['low']:.1f}-{100 * row['high']:.1f}" for name, row in found.items()
    }
    expected = {"as INEI": "34.4-39.4", "finer strata": "34.7-39.2", "filter": "34.6-39.2"}
    assert bounds == expected


# ---- living badly, 2009 and 2014 ---------------------------------------------------------------

LIVING_BADLY = {
    None: ("36.04 (0.53)", "23.49 (0.39)"),
    "05": ("44.35 (2.47)", "36.81 (2.50)"),
    "08": ("39.58 (2.12)", "18.22 (1.63)"),
    "14": ("32.64 (2.06)", "41.66 (2.01)"),
    "21": ("52.41 (2.63)", "24.66 (1.73)"),
}


def test_households_that_live_badly(governance):
    measures = {"badly": survey.mean("living_badly", per="household")}
    nation = survey.estimate(governance, measures, by=["year"], design=HOUSEHOLDS)
    regions = survey.estimate(governance, measures, by=["department", "year"], design=HOUSEHOLDS)
    found = {None: nation.table} | dict(list(regions.table.groupby("department")))
    for code, expected in LIVING_BADLY.items():
        rows = found[code].sort_values("year")
        assert rows["year"].tolist() == list(GOVERNANCE)
        percent = 100 * rows[["estimate", "se"]]
        assert tuple(f"{one:.2f} ({se:.2f})" for one, se in percent.to_numpy()) == expected


# ---- R on the same files: tests/reference/enaho.R ---------------------------------------------


def enaho_blocks(kind: str):
    """R's blocks on real files, each with the module and the years it is about."""
    chosen = [block for block in ENAHO if block.kind == kind]
    return pytest.mark.parametrize("block", chosen, ids=map(str, chosen))


def sample_of(block, request) -> tuple[pd.DataFrame, str]:
    """Return the frame a block is about, and its weight."""
    name = block.keys["indicator"]
    if "living_badly" in name or "standard_worse" in name:
        return request.getfixturevalue("governance"), "household_weight"
    return request.getfixturevalue("sumaria"), "person_weight"


@pytest.mark.filterwarnings("ignore::icanalysis.survey.WeightWarning")
@enaho_blocks("estimate")
def test_levels_are_those_of_r(block, request):
    frame, weight = sample_of(block, request)
    assert_levels(frame, block, weight)


@pytest.mark.filterwarnings("ignore::icanalysis.survey.WeightWarning")
@enaho_blocks("change")
def test_changes_are_those_of_r(block, request):
    """On both years' rows as one sample, PSUs kept: 2018, between them, is not part of it."""
    frame, weight = sample_of(block, request)
    first, last = (2009, 2014) if weight == "household_weight" else (2015, 2019)
    assert_changes(frame[frame["year"] != 2018], block, first, last, weight)


@enaho_blocks("did")
def test_a_difference_in_differences_is_that_of_r(block, request):
    frame, weight = sample_of(block, request)
    name, over = block.keys["indicator"], block.keys["by"]
    frame = frame[frame["year"] != 2018]
    found = estimates(frame, block, [name], ["year", over], weight)
    signs = {block.keys["treated"]: 1, block.keys["control"]: -1}
    combination = {
        (name, year, group): sign * way
        for group, sign in signs.items()
        for year, way in ((2015, -1), (2019, 1))
    }
    row = found.contrast({"did": combination}).table.iloc[0]
    assert_contrast(row, block.numbers()["did"], "estimate", 1.0)


def test_years_that_share_psus_are_surer_of_their_change(sumaria):
    """Poverty 2018 to 2019 by R: -0.295 points, SE 0.514; as two samples it would be 0.601."""
    frame = sumaria[sumaria["year"] != 2015]
    found = survey.estimate(frame, {"poor": survey.mean("poor")}, by=["year"], design=PERSONS)
    row = found.change("year", 2018, 2019).table.iloc[0]
    assert row["change"] == pytest.approx(-0.00294592681196, rel=1e-8)
    assert row["se"] == pytest.approx(0.00513739786678, rel=1e-8)
    assert row["df"] == 5798
    independent = (found.table["se"] ** 2).sum() ** 0.5
    assert shown(100 * independent, 3) == "0.601"
