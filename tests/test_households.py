"""What households say, as lines of evidence: which years, of whom, how sure, and from where."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from optional_data import file

from icanalysis import enaho, enaho_tables, households, simulate, survey
from icanalysis.errors import DataError, WorkbookError
from icanalysis.evaluation import Years
from icanalysis.households import all_lines, beside_country
from icanalysis.language import language
from icanalysis.load import open_data

DATA = Path(__file__).parents[1] / "data"
YEARS = Years(baseline=2009, outcome=2013)
# Ayacucho falls by far more than its error, Cusco not at all; Callao counts with Lima.
SHARES = {
    "05": (0.60, 0.50, 0.25),
    "07": (0.20, 0.18, 0.15),
    "08": (0.40, 0.40, 0.40),
    "15": (0.25, 0.20, 0.18),
}
TARGETS = pd.DataFrame(
    [
        (code, year, share)
        for code, shares in SHARES.items()
        for year, share in zip((2009, 2011, 2013), shares, strict=True)
    ],
    columns=["department", "year", "poor_share"],
)
SIMULATION = simulate.households(TARGETS, seed=3, households=2500)
EVERY = ("sumaria", "members", "employment", "governance")


def household_lines(data, region, years, folder):
    """A region's household lines, and the country's, as its report quotes them."""
    return beside_country(data, region, all_lines(data, years, folder))


@pytest.fixture(scope="module")
def data():
    return open_data(DATA)


def written(folder, *years, modules=EVERY, marked=True):
    """Write some of the simulated files, as such or (`marked=False`) as INEI's would be."""
    files = {
        (module, year): frame if marked else frame.drop(columns=simulate.MARK)
        for (module, year), frame in SIMULATION.files.items()
        if module in modules and year in years
    }
    replace(SIMULATION, files=files).write(folder, "csv")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two years of the four modules, as INEI's files look."""
    return written(tmp_path_factory.mktemp("enaho"), 2009, 2013, marked=False)


@pytest.fixture(scope="module")
def found(data, folder):
    return all_lines(data, YEARS, folder)


def pick(frame, **wanted):
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    return frame


def one(frame, **wanted):
    (line,) = pick(frame, **wanted).to_dict("records")
    return line


# --- which years --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "asked", "told"),
    [
        ((2009, 2011, 2013), (2009, 2013), {"2009", "2013", "2009-2013"}),
        ((2009, 2011, 2013), (2009, 2011), {"2009", "2011", "2009-2011"}),
        ((2009, 2011, 2013), (2010, 2013), {"2009", "2013", "2009-2013"}),
        ((2011, 2013), (2009, 2013), {"2011", "2013", "2011-2013"}),
        ((2011,), (2009, 2013), {"2011"}),
    ],
)
def test_years_are_those_asked_if_both_are_there_else_the_first_and_last(
    data, tmp_path, there, asked, told
):
    home = written(tmp_path / "enaho", *there, modules=("sumaria",))
    lines = household_lines(data, "ayacucho", Years(baseline=asked[0], outcome=asked[1]), home)
    assert set(lines["period"]) == told
    assert set(pick(lines, statistic="level")["period"]) == {year for year in told if len(year) < 5}


def test_each_module_has_the_years_of_its_own_files(data, tmp_path):
    home = written(tmp_path / "enaho", 2009, 2013, modules=("sumaria",))
    written(home, 2011, modules=("governance",))
    lines = household_lines(data, "cusco", YEARS, home)
    periods = lines.groupby("indicator")["period"].apply(set).to_dict()
    assert periods == {
        "household_poverty": {"2009", "2013", "2009-2013"},
        "living_badly": {"2011"},
    }


def test_a_module_without_files_gives_no_lines(data, tmp_path):
    home = written(tmp_path / "enaho", 2009, modules=("governance",))
    assert set(household_lines(data, "cusco", YEARS, home)["indicator"]) == {"living_badly"}


def test_a_group_only_one_year_tells_has_a_level_and_no_change(data, tmp_path):
    home = written(tmp_path / "enaho", 2009, 2013, modules=("sumaria",))
    written(home, 2013, modules=("members", "employment"))
    lines = pick(household_lines(data, "ayacucho", YEARS, home), region="ayacucho")
    told = lines.groupby("group")["period"].apply(set).to_dict()
    both, last = {"2009", "2013", "2009-2013"}, {"2013"}
    assert told == {
        "all": both,
        "area:rural": both,
        "area:urban": both,
        "indigenous_language:false": last,
        "indigenous_language:true": last,
        "sector:agriculture": last,
        "sector:industry": last,
        "sector:services": last,
        "sex:man": last,
        "sex:woman": last,
    }


# --- of whom ------------------------------------------------------------------------------------


def test_only_the_region_asked_and_the_country_are_told(data, folder, found):
    assert set(found["region"]) == {"ayacucho", "cusco", "lima", "peru"}
    for code in ("ayacucho", "cusco", "lima"):
        lines = household_lines(data, code, YEARS, folder)
        assert set(lines["region"]) == {code, "peru"}
        expected = found[found["region"].isin([code, "peru"])]
        pd.testing.assert_frame_equal(lines.reset_index(drop=True), expected.reset_index(drop=True))
    assert set(household_lines(data, "puno", YEARS, folder)["region"]) == {"peru"}


def test_callao_counts_with_lima_and_everyone_with_peru(found):
    for year in (2009, 2013):
        rows = SIMULATION.files["sumaria", year]["ubigeo"].str[:2]
        counted = {
            code: one(found, indicator="household_poverty", region=code, group="all",
                      period=str(year))["n"]
            for code in ("ayacucho", "cusco", "lima", "peru")
        }  # fmt: skip
        assert (rows == "07").any()
        assert counted == {
            "ayacucho": (rows == "05").sum(),
            "cusco": (rows == "08").sum(),
            "lima": rows.isin(["07", "15"]).sum(),
            "peru": len(rows),
        }


def test_groups_are_of_who_heads_the_household(found):
    levels = pick(found, indicator="household_poverty", region="cusco", statistic="level")
    for year in ("2009", "2013"):
        counted = pick(levels, period=year).set_index("group")["n"]
        for name in ("area", "sex"):
            parts = counted[counted.index.str.startswith(f"{name}:")]
            assert len(parts) == 2
            assert parts.sum() == counted["all"], "every household is in one group"
        members = SIMULATION.files["members", int(year)]
        here = members["ubigeo"].str.startswith("08") & (members["p203"] == 1)
        assert counted["sex:woman"] == (here & (members["p207"] == 2)).sum()
    assert set(levels["group"]) >= {"sector:agriculture", "sector:industry", "sector:services"}


def test_the_view_of_households_is_broken_down_by_area_alone(found):
    groups = set(pick(found, indicator="living_badly")["group"])
    assert groups == {"all", "area:rural", "area:urban"}


# --- how much, how sure -------------------------------------------------------------------------


def test_levels_are_percent_of_persons_or_households_and_changes_points(found, folder):
    for indicator, read, name, variable, weight in [
        ("household_poverty", enaho.read_sumaria, "Sumaria-{}.csv", "poor", "person_weight"),
        ("living_badly", enaho.read_governance, "Enaho01B-{}-2.csv", "living_badly",
         "household_weight"),
    ]:  # fmt: skip
        here, by_hand = {}, {}
        for year in (2009, 2013):
            frame = read(folder / name.format(year))
            frame = frame[(frame["department"] == "05") & frame[variable].notna()]
            share = frame[variable].astype(float) * frame[weight]
            by_hand[year] = 100 * share.sum() / frame[weight].sum()
            here[year] = one(found, indicator=indicator, region="ayacucho", group="all",
                             period=str(year))  # fmt: skip
            assert here[year]["value"] == pytest.approx(by_hand[year], rel=1e-12)
            assert here[year]["unit"] == "percent"
            assert here[year]["cv"] == pytest.approx(here[year]["se"] / here[year]["value"])
            assert here[year]["n"] == len(frame)
        change = one(found, indicator=indicator, region="ayacucho", group="all",
                     period="2009-2013")  # fmt: skip
        assert change["value"] == pytest.approx(by_hand[2013] - by_hand[2009], rel=1e-9)
        assert change["unit"] == "percentage_points"
        assert change["low"] < change["value"] < change["high"]


def test_a_years_level_is_that_of_its_own_sample(data, tmp_path, found):
    """As INEI publishes it: the other year's PSUs change no interval and no count."""
    home = written(tmp_path / "enaho", 2009, marked=False)
    alone = all_lines(data, YEARS, home)
    of_both = found[found["period"] == "2009"]
    numbers = ["value", "se", "low", "high", "n", "cv", "note"]
    key = ["indicator", "region", "group"]
    assert len(alone) == len(of_both) > 50
    pd.testing.assert_frame_equal(
        alone.set_index(key)[numbers], of_both.set_index(key)[numbers], check_exact=True
    )


def test_a_change_is_of_both_years_as_one_sample_whose_psus_they_share(found, folder):
    pooled = pd.concat(
        [enaho.read_sumaria(folder / f"Sumaria-{year}.csv") for year in (2009, 2013)]
    )
    pooled = pooled[["year", "department", "psu", "stratum", "poor", "person_weight"]]
    shared = [set(rows["psu"]) for _, rows in pooled.groupby("year")]
    assert shared[0] & shared[1]
    design = survey.Design(psu="psu", stratum="stratum", weight="person_weight")
    by = ["year", "department"]
    estimates = survey.estimate(pooled, {"it": survey.mean("poor")}, by=by, design=design)
    expected = estimates.change("year", 2009, 2013).table.set_index("department")
    for region, code in (("ayacucho", "05"), ("cusco", "08")):
        line = one(found, indicator="household_poverty", region=region, group="all",
                   statistic="change")  # fmt: skip
        row = expected.loc[code]
        for name, column in (("value", "change"), ("se", "se"), ("low", "low"), ("high", "high")):
            assert line[name] == pytest.approx(100 * row[column], rel=1e-9)
        assert line["p"] == pytest.approx(row["p"], rel=1e-9)
        assert line["note"] == f"df:{row['df']};pooled_design"


def test_figures_of_too_few_households_are_withheld_where_lines_are_made(found):
    assert (found["status"] == "suppressed").any()
    assert found["n"].min() >= 10


def test_the_status_of_a_change_is_told_by_its_p(found):
    changes = pick(found, statistic="change")
    changes = changes[changes["status"] != "suppressed"]
    assert set(changes["status"]) == {"distinguishable", "not_distinguishable"}
    assert ((changes["status"] == "distinguishable") == (changes["p"] < 0.05)).all()
    outside = (changes["low"] > 0) | (changes["high"] < 0)
    assert ((changes["status"] == "distinguishable") == outside).all()
    poverty = pick(changes, indicator="household_poverty", group="all").set_index("region")
    assert poverty["status"][["ayacucho", "cusco"]].tolist() == [
        "distinguishable",
        "not_distinguishable",
    ]
    assert poverty["value"]["ayacucho"] < -20
    assert set(pick(found, statistic="level")["status"]) == {"estimated", "suppressed"}


def test_notes_tell_the_psus_the_degrees_of_freedom_and_the_precision(found, folder):
    frame = enaho.read_sumaria(folder / "Sumaria-2009.csv")
    units, strata = len(frame[["stratum", "psu"]].drop_duplicates()), frame["stratum"].nunique()
    here = frame.loc[frame["department"] == "08", "psu"].nunique()
    level = one(found, indicator="household_poverty", region="cusco", group="all", period="2009")
    assert 0.165 < level["cv"] < 0.333
    assert level["note"] == f"psu:{here};df:{units - strata};precision:caution"
    change = one(found, indicator="household_poverty", region="cusco", group="all",
                 statistic="change")  # fmt: skip
    pooled = pd.concat([frame, enaho.read_sumaria(folder / "Sumaria-2013.csv")])
    both = len(pooled[["stratum", "psu"]].drop_duplicates()) - pooled["stratum"].nunique()
    assert change["note"] == f"df:{both};pooled_design"
    levels = pick(found, statistic="level")
    precision = levels["note"].str.extract(r"precision:(\w+)$")[0]
    expected = pd.cut(levels["cv"], [0, 0.165, 0.333, 9], labels=["good", "caution", "unreliable"])
    known = levels["cv"] > 0
    assert (precision[known] == expected[known].astype(str)).all()
    assert set(precision) >= {"good", "caution"}


# --- from where ---------------------------------------------------------------------------------


def test_figures_of_the_surveys_files_name_them(found):
    assert set(found["source_kind"]) == {"survey"}
    sources = found.groupby("indicator")["source"].apply(set).to_dict()
    assert sources == {
        "household_poverty": {"E1: Sumaria-2009.csv, Sumaria-2013.csv"},
        "living_badly": {"E1: Enaho01B-2009-2.csv, Enaho01B-2013-2.csv"},
    }


@pytest.mark.parametrize("kind", ["dta", "csv"])
def test_a_folder_of_simulated_files_stays_simulated(data, tmp_path, kind):
    keys = [("sumaria", 2009), ("sumaria", 2013)]
    files = {key: SIMULATION.files[key] for key in keys}
    names = [path.name for path in replace(SIMULATION, files=files).write(tmp_path / "e", kind)]
    lines = all_lines(data, YEARS, tmp_path / "e")
    assert set(lines["source_kind"]) == {"simulated"}
    assert set(lines["source"]) == {f"simulated: {', '.join(names)}"}


@pytest.mark.parametrize("simulated", EVERY)
def test_one_simulated_file_makes_all_figures_simulated(data, tmp_path, simulated):
    others = tuple(module for module in EVERY if module != simulated)
    home = written(tmp_path / "enaho", 2009, modules=others, marked=False)
    written(home, 2009, modules=(simulated,))
    lines = all_lines(data, YEARS, home)
    assert set(lines["source_kind"]) == {"simulated"}
    assert lines["source"].str.startswith("simulated: ").all()


def test_without_files_households_are_simulated_to_agree_with_the_series(data):
    lines = household_lines(data, "ayacucho", YEARS, None)
    assert set(lines["source_kind"]) == {"simulated"}
    assert set(lines["source"]) == {"simulated: seed 2013"}
    levels = pick(lines, indicator="household_poverty", region="ayacucho", group="all",
                  statistic="level").set_index("period")  # fmt: skip
    poverty = pd.read_csv(DATA / "official" / "poverty.csv")
    official = pick(poverty, region="ayacucho")
    for year in (2009, 2013):
        (rate,) = official.loc[official["year"] == year, "poverty_pct"].unique()
        line = levels.loc[str(year)]
        assert abs(line["value"] - rate) < 3 * line["se"]


def test_an_evaluation_that_asks_nothing_of_households_has_no_lines(data, folder):
    evaluation = data.evaluation.model_copy(update={"households": None})
    assert household_lines(replace(data, evaluation=evaluation), "cusco", YEARS, folder).empty


# --- of what files ------------------------------------------------------------------------------


def test_the_files_of_the_years_compared_are_those_recorded(data, tmp_path):
    home = written(tmp_path / "enaho", 2009, 2011, 2013)
    compared = households.survey_files(home, data, YEARS)
    assert compared == {name: home / name for name in compared}
    years = {name: int(name.split("-")[1][:4]) for name in compared}
    assert sorted(years.values()) == [2009] * 4 + [2013] * 4
    assert len(households.survey_files(home)) == 12
    assert households.survey_files(None, data, YEARS) == {}


def test_a_file_of_a_year_not_compared_changes_nothing_that_is_kept(data, frozen):
    home, lines = frozen
    written(home, 2011, modules=("sumaria", "members"))
    pd.testing.assert_frame_equal(all_lines(data, YEARS, home), lines, check_exact=True)


# --- kept ---------------------------------------------------------------------------------------


class EstimatedAnewError(Exception):
    """Raised in place of an estimate."""


@pytest.fixture
def frozen(data, tmp_path, monkeypatch):
    """A folder whose lines are kept; from here on nothing can be estimated."""
    monkeypatch.setenv("ICANALYSIS_CACHE", str(tmp_path / "cache"))
    home = written(tmp_path / "enaho", 2009, 2013, modules=("sumaria",))
    lines = all_lines(data, YEARS, home)

    def refuse(*_, **__):
        raise EstimatedAnewError

    monkeypatch.setattr(survey, "estimate", refuse)
    return home, lines


def test_kept_lines_are_found_again_wherever_the_folder_is(data, frozen, tmp_path):
    home, lines = frozen
    pd.testing.assert_frame_equal(all_lines(data, YEARS, home), lines, check_exact=True)
    shutil.copytree(home, tmp_path / "copy")
    again = all_lines(data, YEARS, tmp_path / "copy")
    pd.testing.assert_frame_equal(again, lines, check_exact=True)


def changed(evaluation, **updates):
    plan = evaluation.households.model_copy(update=updates)
    return evaluation.model_copy(update={"households": plan})


def another_answer(home):
    path = home / "Sumaria-2013.csv"
    rows = path.read_text(encoding="latin-1").splitlines(keepends=True)
    path.write_text("".join(rows[:-1]), encoding="latin-1")


def another_name(home):
    (home / "Sumaria-2013.csv").rename(home / "sumaria-2013-revised.csv")


def another_file(home):
    written(home, 2011, modules=("governance",))


@pytest.mark.parametrize("alter", [another_answer, another_name, another_file])
def test_other_files_are_estimated_anew(data, frozen, alter):
    home, _ = frozen
    alter(home)
    with pytest.raises(EstimatedAnewError):
        all_lines(data, YEARS, home)


@pytest.mark.parametrize("asked", [(2009, 2012), (2008, 2013)])
def test_other_years_are_estimated_anew(data, frozen, asked):
    with pytest.raises(EstimatedAnewError):
        all_lines(data, Years(baseline=asked[0], outcome=asked[1]), frozen[0])


def test_other_settings_are_estimated_anew(data, frozen):
    evaluation = changed(data.evaluation, joined={})
    with pytest.raises(EstimatedAnewError):
        all_lines(replace(data, evaluation=evaluation), YEARS, frozen[0])


def test_other_tables_of_the_surveys_columns_are_estimated_anew(
    data, frozen, tmp_path, monkeypatch
):
    tables = tmp_path / "tables"
    shutil.copytree(enaho_tables.folder(), tables)
    monkeypatch.setattr(enaho_tables, "folder", lambda: tables)
    assert len(all_lines(data, YEARS, frozen[0])) == len(frozen[1]), "the same tables elsewhere"
    with (tables / "weights.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    with pytest.raises(EstimatedAnewError):
        all_lines(data, YEARS, frozen[0])


def test_another_seed_or_series_is_simulated_anew(data, tmp_path, monkeypatch):
    monkeypatch.setenv("ICANALYSIS_CACHE", str(tmp_path / "cache"))
    made = []
    few = {key: frame for key, frame in SIMULATION.files.items() if key[0] == "sumaria"}

    def noted(targets, *, seed):
        made.append(seed)
        return replace(SIMULATION, files=few)

    monkeypatch.setattr(simulate, "households", noted)
    first = all_lines(data, YEARS, None)
    assert made == [2013]
    pd.testing.assert_frame_equal(all_lines(data, YEARS, None), first)
    assert made == [2013]
    other = replace(data, evaluation=changed(data.evaluation, seed=7))
    assert set(all_lines(other, YEARS, None)["source"]) == {"simulated: seed 7"}
    assert made == [2013, 7]
    real = households.series
    monkeypatch.setattr(
        households, "series", lambda *a, **k: real(*a, **k).assign(value=lambda t: t["value"] / 2)
    )
    all_lines(data, YEARS, None)
    assert made == [2013, 7, 2013]


# --- refused ------------------------------------------------------------------------------------


def told(error, code):
    return error.value.told(language(code)).splitlines()


@pytest.mark.parametrize(
    ("code", "message"),
    [("en", "There is no folder “{}”."), ("es", "No existe la carpeta “{}”.")],
)
def test_a_folder_that_is_not_there_is_told(data, tmp_path, code, message):
    with pytest.raises(WorkbookError) as refused:
        household_lines(data, "cusco", YEARS, tmp_path / "none")
    assert told(refused, code) == [message.format(tmp_path / "none")]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("en", "no file of these modules was found: governance, sumaria → "
               "fetch them with: icanalysis enaho fetch YEAR --to FOLDER"),
        ("es", "no se encontró ningún archivo de estos módulos: governance, sumaria → "
               "descárguelos con: icanalysis enaho fetch AÑO --to CARPETA"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("content", ["empty", "of other modules", "of other surveys"])
def test_a_folder_without_usable_files_is_told(data, tmp_path, content, code, message):
    home = tmp_path / "enaho"
    home.mkdir()
    if content == "of other modules":
        written(home, 2009, modules=("members", "employment"))
    if content == "of other surveys":
        (home / "census.csv").write_text("region,persons\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        household_lines(data, "cusco", YEARS, home)
    assert told(refused, code)[1:] == [f"  - {message}"]
    assert told(refused, code)[0].startswith("enaho: 1 ")


def test_every_file_that_cannot_be_used_is_told_at_once(data, tmp_path):
    home = written(tmp_path / "enaho", 2013)
    for name, weight in [("Sumaria-2009.csv", "FACTOR07"), ("Enaho01B-2009-2.csv", "FACTOR07")]:
        module = "sumaria" if name.startswith("S") else "governance"
        frame = SIMULATION.files[module, 2009].rename(columns=str.upper)
        frame.drop(columns=weight).to_csv(home / name, index=False)
    with pytest.raises(DataError) as refused:
        household_lines(data, "cusco", YEARS, home)
    lines = told(refused, "en")
    assert [line for line in lines if not line.startswith(" ")] == [
        "Enaho01B-2009-2.csv: 1 problem",
        "Sumaria-2009.csv: 1 problem",
    ]
    assert all("the weight factor07 is absent" in line for line in lines if line.startswith(" "))


def rewritten(path, change):
    """Change the table in a file."""
    frame = pd.read_csv(path, dtype=str, encoding="latin-1", keep_default_na=False)
    change(frame).to_csv(path, index=False, encoding="latin-1")


@pytest.mark.parametrize("name", ["Sumaria-2013.csv", "Enaho01B-2013-2.csv"])
def test_a_department_only_one_year_has_forbids_to_compare(data, tmp_path, name):
    home = written(tmp_path / "enaho", 2009, 2013, modules=("sumaria", "governance"))
    rewritten(home / name, lambda frame: frame[~frame["UBIGEO"].str.startswith("08")])
    with pytest.raises(DataError) as refused:
        household_lines(data, "cusco", YEARS, home)
    assert told(refused, "en") == [
        f"{name}: 1 problem",
        "  - departments that another year has are missing: 08 → "
        "obtain the file as INEI publishes it",
    ]


def test_workers_of_households_that_sumaria_has_not_are_not_left_out_in_silence(data, tmp_path):
    home = written(tmp_path / "enaho", 2009, 2013, modules=("sumaria", "members", "employment"))
    rewritten(
        home / "Enaho01A-2013-500.csv",
        lambda frame: frame.assign(CONGLOME="9" + frame["CONGLOME"].str[1:]),
    )
    with pytest.raises(DataError, match="Sumaria has no such household"):
        household_lines(data, "cusco", YEARS, home)


# --- the survey's own files ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The files of the years that two documents are about, and no others."""
    home = tmp_path_factory.mktemp("real")
    names = [f"sumaria-{year}.dta" for year in (2015, 2019)]
    names += [f"Enaho01B-{year}-2.csv" for year in (2009, 2014)]
    for path in [file("enaho", name) for name in names]:
        (home / path.name).symlink_to(path.resolve())
    return home


# The rates are those of test_survey_published: % (SE), households/PSUs.
POVERTY = {
    "ayacucho": ("40.725 (2.558) 1137/170", "39.355 (2.396) 1169/173"),
    "cusco": ("17.596 (1.980) 1187/181", "23.001 (2.064) 1278/189"),
    "lambayeque": ("20.762 (1.846) 1384/206", "10.220 (1.282) 1428/215"),
    "puno": ("34.641 (2.504) 1078/173", "34.673 (2.480) 1202/185"),
    "peru": ("21.772 (0.427) 32188/5019", "20.193 (0.444) 34565/5359"),
}
LIVING_BADLY = {
    "ayacucho": ("44.35 (2.47)", "36.81 (2.50)"),
    "cusco": ("39.58 (2.12)", "18.22 (1.63)"),
    "lambayeque": ("32.64 (2.06)", "41.66 (2.01)"),
    "puno": ("52.41 (2.63)", "24.66 (1.73)"),
    "peru": ("36.04 (0.53)", "23.49 (0.39)"),
}


# Those of R, tests/reference/enaho.out: points (SE) p, degrees of freedom.
CHANGES = {
    "household_poverty": {
        "ayacucho": "-1.3694 (2.7234) 0.6151 df:6126",
        "cusco": "5.4047 (2.2861) 0.0181 df:6126",
        "lambayeque": "-10.5417 (2.1435) 8.972e-07 df:6126",
        "puno": "0.0319 (3.0766) 0.9917 df:6126",
        "peru": "-1.5783 (0.5626) 0.005045 df:6126",
    },
    "living_badly": {
        "ayacucho": "-7.5433 (3.5412) 0.03319 df:7082",
        "cusco": "-21.3582 (2.7133) 4.024e-15 df:7082",
        "lambayeque": "9.0231 (2.8950) 0.001836 df:7082",
        "puno": "-27.7493 (3.2082) 6.322e-18 df:7082",
        "peru": "-12.5516 (0.6673) 4.71e-77 df:7082",
    },
}


@pytest.mark.parametrize("region", ["ayacucho", "cusco", "lambayeque", "puno"])
def test_the_surveys_own_files_give_the_published_figures(data, real, region):
    lines = household_lines(data, region, YEARS, real)
    assert set(lines["source_kind"]) == {"survey"}
    for code in (region, "peru"):
        mine = pick(lines, region=code, group="all")
        for year, expected in zip(("2015", "2019"), POVERTY[code], strict=True):
            line = one(mine, indicator="household_poverty", period=year)
            units = line["note"].partition(";")[0].removeprefix("psu:")
            said = f"{line['value']:.3f} ({line['se']:.3f}) {line['n']:.0f}/{units}"
            assert said == expected
            assert line["source"] == "E1: sumaria-2015.dta, sumaria-2019.dta"
        for year, expected in zip(("2009", "2014"), LIVING_BADLY[code], strict=True):
            line = one(mine, indicator="living_badly", period=year)
            assert f"{line['value']:.2f} ({line['se']:.2f})" == expected
        for line in pick(mine, statistic="change").to_dict("records"):
            said = f"{line['value']:.4f} ({line['se']:.4f}) {line['p']:.4g} {line['note']}"
            assert said == f"{CHANGES[line['indicator']][code]};pooled_design"


def test_ineis_interval_of_poverty_in_peru_is_that_of_the_lines(data, real):
    lines = pick(household_lines(data, "cusco", YEARS, real), region="peru", group="all")
    for year, expected in (("2015", "20.9-22.6"), ("2019", "19.3-21.1")):
        line = one(lines, indicator="household_poverty", period=year)
        assert f"{line['low']:.1f}-{line['high']:.1f}" == expected
