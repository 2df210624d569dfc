"""The whole data folder, or one file, checked; and its checksums recorded."""

import json
import shutil
from pathlib import Path

import pytest

from icanalysis.audit import accept, file_problems, folder_of, package_problems
from icanalysis.errors import WorkbookError, listing
from icanalysis.language import language
from icanalysis.load import open_data, sha256

DATA = Path(__file__).parents[1] / "data"
ES, EN = language("es"), language("en")


@pytest.fixture
def sound(folder):
    """The miniature folder with its checksums recorded: nothing to be said of it."""
    accept(open_data(folder))
    return folder


def told(folder, reader=EN):
    return listing(package_problems(open_data(folder)), reader)


def rewrite(path, before, after):
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_the_shipped_data_are_without_a_fault():
    assert told(DATA) == []


def test_a_sound_folder(sound):
    assert told(sound) == []


def test_a_file_changed_since_it_was_recorded(sound):
    rewrite(sound / "visits.csv", "12.5", "12.6")
    assert told(sound) == [
        "visits.csv: 1 problem",
        "  - the file is not the one datapackage.json records → "
        "if it was changed on purpose, record it: icanalysis check FOLDER --accept",
    ]
    assert told(sound, ES)[1] == (
        "  - el archivo no es el que registra datapackage.json → "
        "si el cambio fue a propósito, regístrelo: icanalysis check CARPETA --accept"
    )
    accept(open_data(sound))
    assert told(sound) == []


def test_faults_of_every_table_are_told(sound):
    rewrite(sound / "visits.csv", "12.5", "x")
    rewrite(sound / "sources.csv", "S2,Censo", ",Censo")
    assert [line for line in told(sound) if not line.startswith(" ")] == [
        "reported_values.csv: 1 problem",
        "sources.csv: 1 problem",
        "visits.csv: 2 problems",
    ]


def test_a_missing_file_is_told_once_however_many_tables_use_it(sound):
    (sound / "sources.csv").unlink()
    assert told(sound) == ["sources.csv: 1 problem", "  - the file does not exist → check its path"]


def test_a_missing_file_does_not_hide_the_faults_of_others(sound):
    (sound / "sources.csv").unlink()
    rewrite(sound / "visits.csv", "12.5", "x")
    assert [line for line in told(sound) if not line.startswith(" ")] == [
        "sources.csv: 1 problem",
        "visits.csv: 1 problem",
    ]


def test_tables_that_every_evaluation_needs(sound, describe):
    describe(lambda tables: tables.pop("indicators"))
    assert told(sound)[1] == (
        "  - the table “indicators” is not described → "
        "describe it: every evaluation needs this table"
    )


@pytest.mark.parametrize(
    ("before", "after", "trouble"),
    [
        ('table = "visits"', 'table = "visit"', "the table “visit” is not described"),
        ('value = "value"', 'value = "count"', "the table “visits” has no column “count”"),
        ('{ kind = "fair" }', '{ sort = "fair" }', "the table “visits” has no column “sort”"),
        ('indicator = "visits"', 'indicator = "v"', "the indicator “v” has no record"),
        ('source_id = "S1"', 'source_id = "S9"', "the source “S9” has no record"),
    ],
)
def test_names_in_the_evaluation_that_the_package_lacks(sound, before, after, trouble):
    rewrite(sound / "evaluation.toml", before, after)
    assert told(sound) == [
        "evaluation.toml: 1 problem",
        f"  - {trouble} → correct evaluation.toml or datapackage.json",
    ]


def test_every_kind_of_name_in_the_shipped_evaluation_is_followed(tmp_path):
    # Basis, deflator, interval of a group, households and coverage: only the shipped evaluation has them all.
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    for before, after in [
        ('basis = "methodology"', 'basis = "b"'),
        ('low = "low_pct"', 'low = "l"'),
        ('where = { measure = "total"', 'where = { w = "total"'),
        ('indicator = "poverty_total_group"', 'indicator = "i"'),
        ('value = "deflator"', 'value = "d"'),
        ('indicator = "living_badly"', 'indicator = "h"'),
        ('value = "employed_persons"', 'value = "e"'),
        ('reached = "families_reached"', 'reached = "r"'),
        ('units = ["persons", "families"]', 'units = ["people", "families"]'),
    ]:
        rewrite(folder / "evaluation.toml", before, after)
    assert [line.split(" → ")[0] for line in told(folder)[1:]] == [
        "  - the table “poverty” has no column “b”",
        "  - the table “poverty_groups” has no column “l”",
        "  - the table “poverty_groups” has no column “w”",
        "  - the table “deflators” has no column “d”",
        "  - the table “employed” has no column “e”",
        "  - the indicator “i” has no record",
        "  - the indicator “r” has no record",
        "  - the indicator “h” has no record",
        "  - no indicator has the unit “people”",
    ]


def test_exactly_one_published_value_is_used(sound):
    with (sound / "reported_values.csv").open("a", encoding="utf-8") as stream:
        stream.write("visits,cusco,crafts,,6,true,S2\n")
    accept(open_data(sound))
    assert told(sound) == [
        "reported_values.csv: 1 problem",
        "  - more than one value is used for visits cusco crafts → keep used = true in one row",
    ]


def test_at_least_one_published_value_is_used(sound):
    path = sound / "reported_values.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("true", "false"), encoding="utf-8")
    accept(open_data(sound))
    assert told(sound, ES) == [
        "reported_values.csv: 1 problema",
        "  - no hay ningún valor en uso para visits → escriba used = true en una fila, y el motivo",
    ]


def test_a_question_rests_only_on_indicators_that_have_a_record(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    rewrite(folder / "reference" / "questions.csv", ",poverty_total\n", ",poverty_totl\n")
    accept(open_data(folder))
    assert told(folder) == [
        "questions.csv: 1 problem",
        "  - column indicators: the indicator “poverty_totl” has no record → "
        "correct the code, or give the indicator its record",
    ]


def test_a_file_is_read_as_the_table_it_is_named_after(data, tmp_path):
    path = tmp_path / "VISITS.csv"
    path.write_text("region,year\nica,2009\n", encoding="utf-8")
    assert len(file_problems(data, path)) == 7, "seven columns of visits are missing"


def test_a_file_of_another_name_must_be_told_which_table_it_fills(data, tmp_path):
    path = tmp_path / "visitas_cusco.csv"
    path.write_text("indicator\nvisits\n", encoding="utf-8")
    with pytest.raises(WorkbookError) as error:
        file_problems(data, path)
    assert error.value.told(EN) == (
        "visitas_cusco.csv: its name is not that of a table, so it cannot be told which it fills. "
        "Say so with --as TABLE; "
        "the tables are: sources, indicators, reported_values, visits, spellings."
    )
    assert file_problems(data, path, "indicators") == []
    with pytest.raises(WorkbookError) as error:
        file_problems(data, path, "indicator")
    assert error.value.told(ES) == (
        "La tabla “indicator” no se conoce. ¿Quiso decir “indicators”? "
        "Se conocen: sources, indicators, reported_values, visits, spellings."
    )


def test_the_folder_a_file_belongs_to(folder, tmp_path):
    below = folder / "programme" / "more"
    below.mkdir(parents=True)
    assert folder_of(below / "visits.csv") == folder.resolve()
    assert folder_of(tmp_path / "visits.csv") is None


def test_accepting_records_each_file_and_changes_nothing_else(folder):
    before = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    (folder / "spellings.csv").unlink()
    accept(open_data(folder))
    after = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in after["resources"][:-1]:
        path = folder / resource["path"]
        assert resource.pop("hash") == f"sha256:{sha256(path)}"
        assert resource.pop("bytes") == path.stat().st_size
    assert after == before
    assert [path.name for path in folder.glob("*.partial")] == []


def test_accepting_the_shipped_folder_again_would_not_change_it(tmp_path):
    text = (DATA / "datapackage.json").read_text(encoding="utf-8")
    assert json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n" == text


TARGET_FAULTS = [
    ("published,,,,", "status", "published, but without a baseline or a target"),
    ("not_published,1,,2,", "status", "not published, but with a baseline or a target"),
    ("published,5,2009,5,2012", "target", "the target equals the baseline"),
    ("published,1,2012,2,2009", "target_year", "the target's year does not come after"),
]


@pytest.mark.parametrize(("cells", "column", "trouble"), TARGET_FAULTS)
def test_targets_whose_cells_do_not_fit_together(tmp_path, cells, column, trouble):
    status, baseline, baseline_year, target, target_year = cells.split(",")
    header = "indicator,region,baseline,baseline_year,target,target_year,status,source_id,place,note_es,note_en"
    row = f"ventures_financed,programme,{baseline},{baseline_year},{target},{target_year},{status},P7,x,,"
    file = tmp_path / "targets.csv"
    file.write_text(f"{header}\n{row}\n", encoding="utf-8")
    (problem,) = file_problems(open_data(DATA), file)
    assert (problem.line, problem.column) == (2, column)
    assert trouble in problem.told(EN)


def test_a_sound_target_in_the_words_reports_use(tmp_path):
    # Reports print "publicado" for the code published, so a file may say so too.
    header = "Indicador,Región,Línea de base,Año de la línea de base,Meta,Año de la meta,Situación,Fuente"
    row = "ventures_financed,programme,10,2009,100,2012,Publicado,P7"
    file = tmp_path / "targets.csv"
    rest = "place,note_es,note_en"
    file.write_text(f"{header},{rest}\n{row},annex,,\n", encoding="utf-8")
    assert file_problems(open_data(DATA), file) == []


def test_a_file_that_is_not_there_is_told_as_such(tmp_path):
    (problem,) = file_problems(open_data(DATA), tmp_path / "nothing.csv")
    assert problem.told(EN) == "the file does not exist → check its path"
