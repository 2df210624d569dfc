"""`icanalysis new`: a workbook for another programme that runs at once and says what is invented."""

import json
import os
import re
import runpy
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from running import icanalysis, once

from icanalysis import starting, template
from icanalysis.audit import file_problems, package_problems
from icanalysis.errors import WorkbookError
from icanalysis.language import language
from icanalysis.load import open_data
from icanalysis.view import open_view

DOCS = Path(__file__).parents[1] / "docs"
# Words of the built-in case that say nothing of another country.
OF_PERU = re.compile(
    r"\b(INEI|ENAHO|Per[uú]|peruan\w+|soles|departa?ment\w*|Ayacucho|Cusco|Puno|Lambayeque|Lima|"
    r"Callao|quechua|ubigeo|creative industries|industrias creativas|UN agenc\w+|"
    r"Naciones Unidas|case study|estudio de caso)\b",
    re.IGNORECASE,
)
# The framework of the Sustainable Development Goals is the United Nations' everywhere.
EVERYWHERE = "United Nations"


@pytest.fixture(scope="session", params=["es", "en"])
def made(request, tmp_path_factory):
    """A new workbook in one language; a report of it is all that is added."""

    def make(home):
        done = icanalysis("new", "toy", "--language", request.param, cwd=home)
        assert done.returncode == 0, done.stderr
        return done.stdout

    home, said = once(tmp_path_factory, f"new-{request.param}", make)
    assert f"toy{os.sep}{starting.README[request.param]}" in said
    return request.param, home / "toy"


def everything(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}


# --- what it makes ------------------------------------------------------------------------------


def test_a_new_workbook_has_all_it_takes_and_no_problem(made):
    code, folder = made
    assert {path.name for path in folder.iterdir()} == {
        "data", "notebooks", "reports", starting.README[code], starting.WALK[code]
    }  # fmt: skip
    data = open_data(folder / "data")
    assert package_problems(data) == []
    assert data.evaluation.languages.default == code
    assert len(data.evaluation.reported_regions()) == 3
    templates = {path.stem for path in (folder / "data" / "templates").glob("*.xlsx")}
    assert templates == set(data.catalog.tables)
    assert not any(folder.parent.glob(".*")), "nothing is left beside it"


def test_its_templates_list_its_own_regions_in_the_language_asked(made):
    code, folder = made
    book = load_workbook(folder / "data" / "templates" / "poverty.xlsx")
    (lists,) = [sheet for sheet in book.worksheets if sheet.sheet_state == "hidden"]
    names = {cell.value for cell in lists["A"]}
    assert {"Toy North" if code == "en" else "Norte de Juguete"} <= names


def test_all_that_is_invented_says_so(made):
    _, folder = made
    data = open_data(folder / "data")
    for text in (data.evaluation.programme.title.en, data.evaluation.programme.title.es):
        assert re.search(r"TOY|DE JUGUETE", text)
    for table in data.catalog.tables.values():
        assert table.description.startswith("TOY EXAMPLE / EJEMPLO DE JUGUETE")
        if table.source_kind != "reference":
            assert table.source_kind == "simulated"
            assert table.stands_for in ("programme", "official", "survey")
    filled = {name for name in data.catalog.tables if len(data.table(name))}
    reference = {
        name for name, each in data.catalog.tables.items() if each.source_kind == "reference"
    }
    assert set(data.invented) == filled - reference


def test_nothing_in_it_is_of_the_built_in_case(made):
    _, folder = made
    for path in folder.rglob("*.*"):
        if path.suffix in (".csv", ".toml", ".json", ".md", ".ipynb"):
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".ipynb":  # a parameter's name is not read on a page
                cells = nbformat.reads(text, as_version=4).cells
                text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
            assert set(OF_PERU.findall(text)) == set(), path.name


def test_its_notebooks_have_no_outputs_and_are_set_to_it(made):
    code, folder = made
    own = {path.name for path in (Path(__file__).parents[1] / "notebooks").glob("*.ipynb")}
    copies = sorted((folder / "notebooks").glob("*.ipynb"))
    assert {path.name for path in copies} == own - set(starting.LEFT_OUT)
    declared = {}
    for path in copies:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        for cell in notebook.cells:
            assert not cell.get("outputs")
            assert "stored results" not in cell.source
            if "parameters" in cell.metadata.get("tags", []):
                exec(cell.source, {}, declared)
                assert declared["language"] == code
                assert (declared["baseline"], declared["outcome"]) == (2018, 2022)
    assert declared["region"] == "toy_north"
    assert declared["indicator"] == "poverty_total"


def test_its_readme_names_every_table_and_only_what_is_there(made):
    code, folder = made
    text = (folder / starting.README[code]).read_text(encoding="utf-8")
    for table in open_data(folder / "data").catalog.tables.values():
        assert f"`{table.path.relative_to(folder).as_posix()}` | {table.titles[code]} |" in text
    for name in re.findall(r"`(data/[^`]+|notebooks/|reports/)`", text):
        assert (folder / name).exists(), name
    for name in re.findall(r"\]\(([^)]+)\)", text):
        assert (folder / name).is_file(), name


# --- what it leaves alone -----------------------------------------------------------------------


def test_a_folder_that_holds_anything_is_refused_and_untouched(tmp_path):
    theirs = tmp_path / "work"
    theirs.mkdir()
    (theirs / "notes.txt").write_text("mine")
    done = icanalysis("new", "work", "--language", "es", cwd=tmp_path)
    assert done.returncode == 2
    assert "“work” ya existe y no está vacía" in done.stderr
    assert "Traceback" not in done.stderr
    assert everything(tmp_path) == {Path("work/notes.txt"): b"mine"}


@pytest.mark.parametrize("name", ["notes.txt", "nowhere/work"])
def test_a_file_or_a_place_that_is_not_there_is_refused(tmp_path, name):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(WorkbookError):
        starting.make(tmp_path / name, language("en"))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("there", [False, True])
def test_a_workbook_that_cannot_be_finished_leaves_nothing(tmp_path, monkeypatch, there):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(template, "write", full)
    folder = tmp_path / "work"
    if there:
        folder.mkdir()
    with pytest.raises(OSError, match="No space left"):
        starting.make(folder, language("en"))
    assert list(tmp_path.rglob("*")) == ([folder] if there else [])


def test_an_empty_folder_is_filled_where_it_stands(tmp_path, monkeypatch):
    monkeypatch.setattr(template, "write", lambda *_: None)  # the slow part
    before = tmp_path.stat().st_ino
    starting.make(tmp_path, language("en"))
    assert (tmp_path / "README.md").is_file()
    assert tmp_path.stat().st_ino == before, "somebody may stand in it"


# --- patches ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "patch", "expected"),
    [  # RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_patch_does_what_the_standard_says(own, patch, expected):
    assert starting.merged(own, patch) == expected


# --- from toy to real ---------------------------------------------------------------------------


def toy_view(folder):
    return open_view("toy_north", baseline=2018, outcome=2022, language="en", data_dir=folder)


def real(folder, but=()):
    """Say of every table but some that its rows are real."""
    path = folder / "datapackage.json"
    description = json.loads(path.read_text(encoding="utf-8"))
    for resource in description["resources"]:
        if resource["name"] not in but:
            resource["source_kind"] = resource.get("stands_for", resource["source_kind"])
    path.write_text(json.dumps(description), encoding="utf-8")
    return toy_view(folder)


@pytest.fixture
def begun(tmp_path, monkeypatch):
    monkeypatch.setattr(template, "write", lambda *_: None)
    return starting.make(tmp_path / "begun", language("en")) / "data"


def test_the_badges_go_with_the_last_invented_row_and_not_before(begun):
    from icanalysis import tables, wording

    def badged(asked):
        return [
            "SIMULATED" in told
            for told in (
                tables.delivered(asked, whole=False).html,
                tables.levels(asked, "poverty_total").html,
                wording.subtitle(asked),
            )
        ]

    assert badged(toy_view(begun)) == [True] * 3
    assert badged(real(begun, but=("milestones",))) == [True] * 3, "one table is enough"
    assert badged(real(begun)) == [False] * 3


# --- reports ------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", ["es"], indirect=True)
def test_it_reports_at_once_and_every_exhibit_says_that_it_is_simulated(made):
    code, folder = made
    done = icanalysis("report", "toy_south", "--language", code, cwd=folder)
    assert done.returncode == 0, done.stderr
    (run,) = [path for path in (folder / "reports").iterdir() if path.is_dir()]
    pages = sorted((run / code).glob("*.html"))
    assert {page.stem for page in pages} == {
        "00_start_here", "01_data_quality", "03_regions_together", "04_partnership",
        "indicators", "toy_south",
    }  # fmt: skip
    badge = language(code).say("SIMULATED")
    for page in [run / "index.html", *pages]:
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        for part in soup(["style", "img"]):
            part.decompose()
        text = soup.get_text(" ").replace(EVERYWHERE, "")
        assert OF_PERU.findall(text) == [], page.name
        assert badge in text
        for caption in soup("caption"):
            assert badge in caption.get_text(), caption


# --- another country's survey -------------------------------------------------------------------


def example(code):
    text = (DOCS / starting.WALK[code]).read_text(encoding="utf-8")
    (found,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    return found


def test_the_walk_runs_as_it_stands_and_its_table_is_accepted(begun, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.py").write_text(example("en"), encoding="utf-8")
    found = runpy.run_path("example.py")
    assert file_problems(open_data(begun), tmp_path / "poverty.csv") == []
    # What the page says of it.
    changes = found["by_region"].change("year", 2018, 2022).table.set_index("region")["p"]
    assert changes[["toy_north", "toy_centre", "toy_south"]].min() > 0.05
    # It takes the place of the toy's, and the report's headline is of it.
    (tmp_path / "poverty.csv").replace(begun / "official" / "poverty.csv")
    line = toy_view(begun).change("poverty_total")
    rows = found["rows"].set_index(["region", "year"])["poverty_pct"]
    assert line["value"] == pytest.approx(rows["toy_north", 2022] - rows["toy_north", 2018])


def test_the_walk_has_one_example_in_both_languages():
    assert example("es") == example("en")
