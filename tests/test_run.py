"""Runs: refused before they start, or published whole; and what a region that fails leaves.

Most tests stand in for the notebook's execution; two run a shortened copy of it for real.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from icanalysis import aside, jobs, record, render, results, run, warm
from icanalysis.dossier import region_lines
from icanalysis.errors import DataError, WorkbookError
from icanalysis.jobs import Page
from icanalysis.language import Message, language
from icanalysis.load import open_data
from icanalysis.record import Failure
from icanalysis.workbook import NOTEBOOK
from icanalysis.workbook import folder as workbook_folder
from icanalysis.workbook import pages as workbook_pages
from icanalysis.workplace import workplace

ROOT = Path(__file__).parents[1]
# What a report does wrong in these tests, by region; put in its notebook after the set-up.
FAULTS = """
from pathlib import Path

if region == "cusco":
    raise RuntimeError(f"no stoves in {Path.home() / 'stoves.csv'}, {data_dir} or {Path.cwd()}")
if region == "puno":
    import os

    os._exit(1)
"""


def shortened(source):
    """A notebook's parameters, set-up and last cell: what a run needs, in a few seconds."""
    notebook = nbformat.read(source, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    notebook.cells = [*code[:2], nbformat.v4.new_code_cell(FAULTS), code[-1]]
    return notebook


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A copy of the workbook with a shortened notebook; not to be changed."""
    folder = tmp_path_factory.mktemp("workbook")
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "notebooks").mkdir()
    nbformat.write(shortened(ROOT / NOTEBOOK), folder / NOTEBOOK)
    return folder


@pytest.fixture
def workbook(template, tmp_path):
    """The same, for one test to spoil."""
    return shutil.copytree(template, tmp_path / "workbook")


@pytest.fixture
def reports(tmp_path):
    return tmp_path / "reports"


@cache
def opened(folder):
    """Data of a workbook, read and checked once: none of these tests changes a loaded table."""
    data = open_data(folder / "data")
    data.load_all()
    return data


def planned(folder, reports, *codes, baseline=None, languages=("es", "en"), data=None):
    data = data or opened(folder)
    evaluation = data.evaluation
    return run.Plan(
        data=data,
        notebook=folder / NOTEBOOK,
        regions=tuple(evaluation.region(code) for code in codes or ("ayacucho",)),
        years=evaluation.years(baseline),
        languages=tuple(evaluation.language(code) for code in languages),
        out=reports / "run",
        workers=2,
    )


def stand_in(broken=(), altered=()):
    """Stand in for the notebooks' execution: write what they would, without a kernel.

    `broken` holds regions that fail, or pairs of a region and the language it fails in;
    `altered` holds pairs of a region and the language in which its figures are others.
    """

    def make(plan, job, folder, **_):
        edition = (job.name, job.reader.code)
        if {job.name, edition} & set(broken):
            return Failure(Message("it broke"), "trace")
        lines = region_lines(plan.data, job.name, plan.years, plan.enaho)
        if edition in altered:
            lines = lines.assign(value=lines["value"] + 0.1)
        for suffix in (".html", ".ipynb"):
            (folder / f"{job.name}{suffix}").write_text("page")
        return Page("question", lines)

    return make


def reported(folder):
    """Regions a run reports on: a report quotes the others too, but tells of no gap but its own."""
    lines = results.read(folder / "results.csv")
    return set(lines.loc[lines["statistic"] == "gap", "region"])


@pytest.fixture(autouse=True)
def no_sheets(monkeypatch):
    """The reference sheets take two seconds and are tested elsewhere."""
    monkeypatch.setattr(render, "sheets_page", lambda *_, **__: "sheets")


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(jobs, "make", stand_in())


def contents(folder):
    """Every file under a folder and what it holds."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def beside(folder):
    """Names in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def told(refused):
    return refused.value.told(language("en"))


# --- refused before anything runs -----------------------------------------------------


@pytest.mark.parametrize("name", ["region", "data_dir", "enaho_dir"])
def test_a_notebook_that_does_not_declare_a_parameter_is_refused(template, workbook, reports, name):
    notebook = nbformat.read(workbook / NOTEBOOK, as_version=4)
    kept = [line for line in notebook.cells[0].source.splitlines() if not line.startswith(name)]
    notebook.cells[0].source = "\n".join(kept)
    nbformat.write(notebook, workbook / NOTEBOOK)
    with pytest.raises(WorkbookError) as refused:
        run.check_plan(planned(workbook, reports, data=opened(template)))
    whole = ("region", "baseline", "outcome", "language", "data_dir", "enaho_dir", "out_dir")
    declared = set(whole) - {name}
    assert told(refused) == (
        f"02_region_report.ipynb has no parameter {name}; "
        f"it declares: {', '.join(sorted(declared))}."
    )
    assert not reports.exists()


def test_a_table_that_departs_from_its_description_is_refused(workbook, reports):
    poverty = workbook / "data" / "official" / "poverty.csv"
    text = poverty.read_text(encoding="utf-8")
    poverty.write_text(text.replace("ayacucho,2009,58.8", "ayacucho,2009,588"), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        run.check_plan(planned(workbook, reports, data=open_data(workbook / "data")))
    assert "588" in told(refused)
    assert not reports.exists()


def test_years_without_data_are_refused(template, reports):
    with pytest.raises(WorkbookError) as refused:
        run.check_plan(planned(template, reports, baseline=1990))
    assert told(refused) == (
        "There are no data for 1990 in ayacucho: the table “poverty” has 2004-2013."
    )


@pytest.mark.parametrize(
    "held",
    [
        pytest.param({"thesis.docx": b"precious"}, id="somebody's files"),
        pytest.param(
            {"run.json": b'{"by": "another tool"}', "thesis.docx": b"precious"},
            id="another tool's run",
        ),
        pytest.param({"run.json": b"[]"}, id="a file that happens to be called run.json"),
        pytest.param(
            {
                "run.json": b'{"schema": "icanalysis-run/1", "outputs": {"index.html": "0"}}',
                "results.csv": b"precious",
            },
            id="a file with a name of ours that the run did not write",
        ),
        pytest.param({".gitconfig": b"precious"}, id="hidden files only"),
    ],
)
def test_a_folder_that_is_not_a_run_is_refused_and_untouched(template, reports, held):
    theirs = reports / "run"
    theirs.mkdir(parents=True)
    for name, content in held.items():
        (theirs / name).write_bytes(content)
    with pytest.raises(WorkbookError) as refused:
        run.check_plan(planned(template, reports))
    assert told(refused).startswith("“run” ")
    assert "--out" in told(refused)
    assert contents(theirs) == held


THEIRS = [
    "comments.docx",
    "es/comments.docx",
    "es/lima.html",
    ".git/config",
    ".DS_Store.docx",
    ".ipynb_checkpoints/mine/comments.docx",
]


@pytest.mark.parametrize("name", THEIRS)
def test_somebodys_file_inside_a_run_is_not_lost(template, reports, quick, name):
    run.report(planned(template, reports))
    theirs = reports / "run" / name
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_bytes(b"precious")
    with pytest.raises(WorkbookError):
        run.check_plan(planned(template, reports, "cusco"))
    assert theirs.read_bytes() == b"precious"


def test_somebodys_file_put_into_a_run_while_the_next_is_made_is_not_lost(
    template, reports, monkeypatch, quick
):
    run.report(planned(template, reports))
    earlier = contents(reports / "run")

    def meanwhile(plan, job, folder, **_):
        (reports / "run" / "es" / "comments.docx").write_bytes(b"precious")
        return stand_in()(plan, job, folder)

    monkeypatch.setattr(jobs, "make", meanwhile)
    plan = planned(template, reports, "cusco")
    run.check_plan(plan)
    with pytest.raises(WorkbookError) as refused:
        run.report(plan)
    assert told(refused).startswith("“run” ")
    # Pages already made wait for the next try.
    assert beside(reports) == [".run.partial", "run", "run.log"]
    assert contents(reports / "run") == earlier | {"es/comments.docx": b"precious"}


LEFT_BEHIND = [".DS_Store", "es/.DS_Store", "en/.ipynb_checkpoints/ayacucho-checkpoint.ipynb"]


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_a_file_manager_or_jupyter_leaves_does_not_keep_a_run_from_being_replaced(
    template, reports, quick, name
):
    run.report(planned(template, reports))
    left = reports / "run" / name
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"left behind")
    assert run.is_current(planned(template, reports))
    run.check_plan(planned(template, reports, "cusco"))
    run.report(planned(template, reports, "cusco"))
    assert not left.exists()
    assert beside(reports) == ["run", "run.log"]


def test_a_run_one_stands_in_is_refused_and_untouched(template, reports, quick, monkeypatch):
    run.report(planned(template, reports))
    earlier = contents(reports)
    monkeypatch.chdir(reports / "run")
    with pytest.raises(WorkbookError):
        run.check_plan(planned(template, reports))
    assert contents(reports) == earlier


def test_a_file_where_the_folder_should_be_is_refused(template, reports):
    reports.mkdir()
    (reports / "run").write_text("precious")
    with pytest.raises(WorkbookError):
        run.check_plan(planned(template, reports))
    assert (reports / "run").read_text() == "precious"


def test_an_empty_or_missing_folder_and_an_earlier_run_are_used(template, reports, quick):
    run.check_plan(planned(template, reports / "not" / "yet"))
    (reports / "run").mkdir(parents=True)
    run.check_plan(planned(template, reports))
    run.report(planned(template, reports))
    run.check_plan(planned(template, reports))


def test_the_workbook_is_found_from_a_folder_inside_it(template):
    assert workbook_folder(template / "notebooks") == template
    assert workbook_folder(template / "data" / "programme") == template


# --- published whole ------------------------------------------------------------------


EXECUTED = ROOT / "reports" / "example" / "es" / "cusco.ipynb"


@pytest.fixture
def asked(template, reports):
    """A plan, its job for Cusco in Spanish, and that page's notebook, executed."""
    plan = planned(template, reports, "cusco")
    job = next(each for each in plan.jobs if each.id == "es/cusco")
    return plan, job, nbformat.read(EXECUTED, as_version=4)


@pytest.mark.skipif(not warm.CAN_FORK, reason="helpers are forked on Linux only")
def test_a_page_rendered_beside_is_the_one_rendered_here(asked, monkeypatch):
    here = jobs._rendered(*asked)
    with aside.helpers(1) as helpers:
        sent, submit = [], helpers.submit
        monkeypatch.setattr(helpers, "submit", lambda task: sent.append(task) or submit(task))
        assert jobs._rendered(*asked, helpers) == here
        assert len(sent) == 1


@pytest.mark.skipif(not warm.CAN_FORK, reason="helpers are forked on Linux only")
def test_what_stops_a_page_beside_is_told_as_it_is_here(asked):
    plan, job, notebook = asked
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.metadata = {}
    with aside.helpers(1) as helpers, pytest.raises(ValueError, match="no description"):
        jobs._rendered(plan, job, notebook, helpers)


def test_a_run_lends_its_pages_helpers(template, reports, monkeypatch):
    lent = []
    whole = stand_in()

    def make(plan, job, folder, helpers):
        lent.append(helpers)
        return whole(plan, job, folder)

    monkeypatch.setattr(jobs, "make", make)
    run.report(planned(template, reports, "cusco"))
    assert lent
    assert all((helpers is not None) == warm.CAN_FORK for helpers in lent)


def test_a_run_leaves_its_folder_and_nothing_beside_it(template, reports, quick):
    made = run.report(planned(template, reports, "cusco", "ayacucho"))
    assert made.index == reports / "run" / "index.html"
    assert made.failed == ()
    assert beside(reports) == ["run", "run.log"]
    pages = {
        f"{code}/{region}.{kind}"
        for code in ("es", "en")
        for region in ("ayacucho", "cusco")
        for kind in ("html", "ipynb")
    }
    sheets = {"es/indicators.html", "en/indicators.html"}
    made = {"index.html", "results.csv", "run.json"}
    assert contents(reports / "run").keys() == pages | sheets | made
    assert all((reports / "run" / name).is_dir() for name in ("es", "en"))


def question(folder, name, source):
    """Put a notebook on the programme as a whole beside the others."""
    notebook = nbformat.read(folder / NOTEBOOK, as_version=4)
    notebook.cells = [notebook.cells[0], nbformat.v4.new_code_cell(source)]
    path = folder / "notebooks" / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def test_numbered_notebooks_but_the_report_are_pages_in_their_order(workbook):
    for name in ("03_later", "00_first", "scratch"):
        question(workbook, name, "1")
    assert [path.stem for path in workbook_pages(workbook)] == ["00_first", "03_later"]


def test_a_page_that_cannot_be_told_its_language_is_refused(template, workbook, reports):
    path = question(workbook, "03_mute", "1")
    notebook = nbformat.read(path, as_version=4)
    kept = [line for line in notebook.cells[0].source.splitlines() if "language" not in line]
    notebook.cells[0].source = "\n".join(kept)
    nbformat.write(notebook, path)
    with pytest.raises(WorkbookError) as refused:
        run.check_plan(replace(planned(template, reports), pages=(path,)))
    assert told(refused).startswith("03_mute.ipynb has no parameter language; it declares:")


def test_pages_are_told_on_the_index_and_one_that_fails_stops_no_other(workbook, tmp_path):
    question(workbook, "03_asks", "from icanalysis import page\npage.heading('Why?')")
    question(workbook, "04_breaks", "raise RuntimeError('no funds.csv')")
    out = tmp_path / "out"
    done = subprocess.run(
        [str(Path(sys.executable).with_name("icanalysis")), "report", "ayacucho",
         "--language", "en", "--out", str(out)],
        cwd=workbook, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "ICANALYSIS_LANGUAGE": "en"},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "04_breaks: it could not be made; its page says why." in done.stderr
    index = BeautifulSoup((out / "index.html").read_text(encoding="utf-8"), "html.parser")
    told_of = {link["href"]: link.get_text() for link in index.select("ul.pages a")}
    assert told_of == {
        "en/03_asks.html": "Why?",
        "en/04_breaks.html": "04_breaks: this page could not be made",
        "en/indicators.html": "What does each indicator measure, and how?",
    }
    assert all((out / href).is_file() for href in told_of)
    assert "no funds.csv" in (out / "en" / "04_breaks.html").read_text(encoding="utf-8")
    recorded = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert recorded["pages"]["03_asks"] == {"status": "ok"}
    assert recorded["pages"]["04_breaks"]["status"] == "failed"
    assert len(recorded["notebooks"]) == 3
    assert reported(out) == {"ayacucho"}


def test_a_run_replaces_an_earlier_one_whole(template, reports, quick):
    run.report(planned(template, reports, "cusco", "lambayeque"))
    run.report(planned(template, reports, "cusco"))
    assert beside(reports) == ["run", "run.log"]
    assert "es/cusco.html" in contents(reports / "run")
    assert "es/lambayeque.html" not in contents(reports / "run")
    assert reported(reports / "run") == {"cusco"}


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_a_run_stopped_before_its_first_page_leaves_nothing_and_spoils_nothing(
    template, reports, monkeypatch, trouble
):
    def interrupted(plan, job, folder, **_):
        (folder / f"{job.name}.html").write_text("half a")
        raise trouble

    monkeypatch.setattr(jobs, "make", interrupted)
    with pytest.raises(trouble):
        run.report(planned(template, reports))
    assert beside(reports) == ["run.log"]

    monkeypatch.setattr(jobs, "make", stand_in())
    run.report(planned(template, reports))
    earlier = contents(reports / "run")
    monkeypatch.setattr(jobs, "make", interrupted)
    with pytest.raises(trouble):
        run.report(planned(template, reports, "cusco"))
    assert beside(reports) == ["run", "run.log"]
    assert contents(reports / "run") == earlier


def test_a_run_that_cannot_be_moved_into_place_leaves_the_earlier_one(
    template, reports, quick, monkeypatch
):
    run.report(planned(template, reports, "cusco"))
    earlier = contents(reports / "run")
    whole = Path.rename

    def blocked(self, target):
        if Path(target) == reports / "run" and (self / "es" / "puno.html").exists():
            raise PermissionError("the folder is open elsewhere")
        return whole(self, target)

    monkeypatch.setattr(Path, "rename", blocked)
    with pytest.raises(PermissionError):
        run.report(planned(template, reports, "puno"))
    assert contents(reports / "run") == earlier
    assert beside(reports) == [".run.partial", "run", "run.log"]  # with the pages made
    monkeypatch.setattr(Path, "rename", whole)
    run.report(planned(template, reports, "puno"))
    assert beside(reports) == ["run", "run.log"]


def broken(*regions):
    return stand_in(broken=regions)


def test_a_failed_region_does_not_stop_the_others(template, reports, monkeypatch):
    monkeypatch.setattr(jobs, "make", broken("cusco"))
    made = run.report(planned(template, reports, "ayacucho", "cusco"))
    assert made.failed == ("cusco",)
    recorded = json.loads((reports / "run" / "run.json").read_text(encoding="utf-8"))
    assert recorded["regions"] == {
        "ayacucho": {"status": "ok"},
        "cusco": {"status": "failed", "message": "it broke"},
    }
    held = contents(reports / "run")
    assert b"it broke" in held["es/cusco.html"]
    assert "es/cusco.ipynb" not in held
    assert "es/ayacucho.ipynb" in held
    assert reported(reports / "run") == {"ayacucho"}


def test_a_region_that_fails_in_one_language_is_published_in_none(template, reports, monkeypatch):
    monkeypatch.setattr(jobs, "make", broken(("cusco", "en")))
    assert run.report(planned(template, reports, "ayacucho", "cusco")).failed == ("cusco",)
    held = contents(reports / "run")
    for code in ("es", "en"):
        assert b"it broke" in held[f"{code}/cusco.html"]
        assert f"{code}/cusco.ipynb" not in held
    assert reported(reports / "run") == {"ayacucho"}


def test_a_run_of_which_every_region_fails_still_has_an_index(template, reports, monkeypatch):
    monkeypatch.setattr(jobs, "make", broken("ayacucho", "cusco"))
    made = run.report(planned(template, reports, "ayacucho", "cusco"))
    assert made.failed == ("ayacucho", "cusco")
    assert made.index == reports / "run" / "index.html"
    assert made.index.is_file()
    assert results.read(reports / "run" / "results.csv").empty


def test_a_run_of_which_every_region_fails_does_not_replace_an_earlier_one(
    template, reports, monkeypatch, quick
):
    run.report(planned(template, reports, "ayacucho", "cusco"))
    earlier = contents(reports / "run")
    for codes in (("ayacucho", "cusco"), ("cusco",)):  # the second replaces the first that failed
        monkeypatch.setattr(jobs, "make", broken(*codes))
        made = run.report(planned(template, reports, *codes), afresh=True)
        assert made.failed == codes
        assert made.index == reports / "run_failed" / "index.html"
        assert beside(reports) == ["run", "run.log", "run_failed"]
        assert contents(reports / "run") == earlier
        told_of = {name for name in contents(reports / "run_failed") if name.startswith("es/")}
        assert told_of == {f"es/{code}.html" for code in (*codes, "indicators")}
    assert b"it broke" in (reports / "run_failed" / "es" / "cusco.html").read_bytes()


def test_a_run_of_which_some_regions_fail_replaces_an_earlier_one(
    template, reports, monkeypatch, quick
):
    run.report(planned(template, reports, "ayacucho", "cusco"))
    monkeypatch.setattr(jobs, "make", broken("cusco"))
    made = run.report(planned(template, reports, "ayacucho", "cusco"), afresh=True)
    assert made.index == reports / "run" / "index.html"
    assert beside(reports) == ["run", "run.log"]
    assert b"it broke" in (reports / "run" / "es" / "cusco.html").read_bytes()


def test_a_region_whose_page_holds_other_figures_has_failed(template, reports, monkeypatch):
    monkeypatch.setattr(jobs, "make", stand_in(altered=[("cusco", "en")]))
    made = run.report(planned(template, reports, "ayacucho", "cusco"))
    assert made.failed == ("cusco",)
    for code in ("es", "en"):
        page = (reports / "run" / code / "cusco.html").read_text(encoding="utf-8")
        assert language(code).say("Its figures are not those of its region.") in page
    assert not list((reports / "run").rglob("cusco.ipynb"))
    assert reported(reports / "run") == {"ayacucho"}


def test_a_page_whose_languages_disagree_has_failed(template, workbook, reports, monkeypatch):
    path = question(workbook, "03_asks", "1")
    plan = replace(planned(template, reports), pages=(path,))

    def make(plan, job, folder, **_):
        made = stand_in()(plan, job, folder) if job.region else None
        if made is None:
            for suffix in (".html", ".ipynb"):
                (folder / f"{job.name}{suffix}").write_text("page")
            lines = region_lines(plan.data, "puno", plan.years)
            made = Page("question", lines[: {"es": 2, "en": 3}[job.reader.code]])
        return made

    monkeypatch.setattr(jobs, "make", make)
    assert run.report(plan).failed == ("03_asks",)
    for code in ("es", "en"):
        page = (reports / "run" / code / "03_asks.html").read_text(encoding="utf-8")
        assert language(code).say("The figures of the two languages differ.") in page


# --- what still holds is not made again ------------------------------------------------


@pytest.fixture
def counted(monkeypatch):
    """Names of the pages made since, in order."""
    made = []

    def make(plan, job, folder, **_):
        made.append(job.id)
        return stand_in()(plan, job, folder)

    monkeypatch.setattr(jobs, "make", make)
    return made


def test_a_region_added_to_a_run_is_the_only_one_made(template, reports, counted):
    run.report(planned(template, reports, "cusco"))
    counted.clear()
    run.report(planned(template, reports, "cusco", "puno"))
    assert sorted(counted) == ["en/puno", "es/puno"]
    assert reported(reports / "run") == {"cusco", "puno"}


def test_a_run_made_in_two_steps_equals_one_made_in_one(template, reports, tmp_path, counted):
    run.report(planned(template, reports, "cusco"))
    run.report(planned(template, reports, "cusco", "puno"))
    run.report(planned(template, tmp_path / "other", "cusco", "puno"))
    assert contents(reports / "run") == contents(tmp_path / "other" / "run")


def test_pages_made_before_a_run_was_stopped_are_not_made_again(
    template, reports, tmp_path, counted, monkeypatch
):
    whole = jobs.make

    def stopped(plan, job, folder, **_):
        if job.name == "puno":
            raise KeyboardInterrupt
        return whole(plan, job, folder)

    monkeypatch.setattr(jobs, "make", stopped)
    plan = replace(planned(template, reports, "cusco", "puno"), workers=1)
    with pytest.raises(KeyboardInterrupt):
        run.report(plan)
    assert beside(reports) == [".run.partial", "run.log"]
    made = set(counted)
    assert made == {"es/cusco", "en/cusco"}
    monkeypatch.setattr(jobs, "make", whole)
    counted.clear()
    assert why(plan).keys() == {"es/puno", "en/puno"}, "asking why drops no page"
    run.report(plan)
    assert sorted(counted) == ["en/puno", "es/puno"]
    assert beside(reports) == ["run", "run.log"]
    run.report(planned(template, tmp_path / "other", "cusco", "puno"))
    assert contents(reports / "run") == contents(tmp_path / "other" / "run")


def test_all_pages_are_made_again_if_asked(template, reports, counted):
    run.report(planned(template, reports))
    counted.clear()
    run.report(planned(template, reports), afresh=True)
    assert sorted(counted) == ["en/ayacucho", "es/ayacucho"]


def why(plan):
    return {
        page: "; ".join(map(language("en").say, told)) for page, told in run.reasons(plan).items()
    }


def test_why_tells_what_was_not_made_before(template, reports, quick):
    run.report(planned(template, reports))
    both = planned(template, reports, "ayacucho", "cusco")
    assert why(both) == dict.fromkeys(("es/cusco", "en/cusco"), "it was not made before")
    assert why(planned(template, reports)) == {}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("notebooks/02_region_report.ipynb", "the notebook"),
        ("data/official/districts.csv", "the tables districts"),
    ],
)
def test_why_tells_what_changed(done, name, told):
    path = done.notebook.parents[1] / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert told in why(done)["es/ayacucho"]


def test_why_tells_other_settings(workbook, done):
    path = workbook / "data" / "evaluation.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Whole programme", "All of it"), encoding="utf-8")
    plan = planned(workbook, done.out.parent, data=open_data(workbook / "data"))
    assert "the evaluation's settings" in why(plan)["en/ayacucho"]


def test_why_tells_other_years_code_and_files(done, monkeypatch):
    other = replace(done, years=done.data.evaluation.years(2010))
    assert "its region, years or language" in why(other)["es/ayacucho"]
    page = done.out / "es" / "ayacucho.html"
    page.write_text("edited")
    assert why(done) == {"es/ayacucho": "its files, which are not as they were written"}
    monkeypatch.setattr(record, "_code", lambda: "0" * 64)
    assert "the package icanalysis" in why(done)["en/ayacucho"]


def test_a_table_a_page_does_not_show_leaves_it_as_it_is(workbook, reports, monkeypatch):
    """What it shows, beside its figures, it tells; here, districts only."""
    made = []

    def make(plan, job, folder, **_):
        made.append(job.id)
        return replace(stand_in()(plan, job, folder), reads=("districts",))

    monkeypatch.setattr(jobs, "make", make)
    run.report(planned(workbook, reports, data=open_data(workbook / "data")))
    for name, count in (("programme/ordinances.csv", 0), ("official/districts.csv", 2)):
        path = workbook / "data" / name
        path.write_bytes(path.read_bytes() + b"\n")
        made.clear()
        run.report(planned(workbook, reports, data=open_data(workbook / "data")))
        assert len(made) == count, name


def test_a_file_that_changes_while_a_run_reads_it_is_told_and_changes_no_page(
    workbook, reports, monkeypatch
):
    path = workbook / "data" / "official" / "poverty.csv"
    text = path.read_text(encoding="utf-8")

    def meanwhile(plan, job, folder, **_):
        path.write_text(text.replace("ayacucho,2009,58.8", "ayacucho,2009,48.8"), encoding="utf-8")
        return stand_in()(plan, job, folder)

    monkeypatch.setattr(jobs, "make", meanwhile)
    made = run.report(planned(workbook, reports, data=open_data(workbook / "data")))
    assert made.changed == ("official/poverty.csv",)
    assert made.failed == ()
    lines = results.read(reports / "run" / "results.csv")
    here = lines[(lines["region"] == "ayacucho") & (lines["period"] == "2009")]
    assert {58.8, 48.8} & set(here["value"]) == {58.8}


def test_a_run_with_a_survey_estimates_from_its_files_and_keeps_none_of_them(
    template, reports, survey, quick
):
    plan = replace(planned(template, reports, "ayacucho"), enaho=survey)
    run.check_plan(plan)
    assert run.report(plan).failed == ()
    lines = results.read(reports / "run" / "results.csv")
    households = lines[lines["indicator"] == "household_poverty"]
    assert set(households["source_kind"]) == {"survey"}
    assert run.is_current(plan)
    assert why(planned(template, reports, "ayacucho"))["es/ayacucho"] == "its figures"
    assert beside(reports) == ["run", "run.log"]


def test_two_runs_do_not_fill_one_folder_at_once(template, reports, quick):
    with workplace(reports / "run"), pytest.raises(WorkbookError) as refused:
        run.report(planned(template, reports))
    assert told(refused).startswith("Another run is filling “run” at this moment.")
    run.report(planned(template, reports))
    assert beside(reports) == ["run", "run.log"]


# --- the record -----------------------------------------------------------------------


def test_every_published_file_is_recorded_with_its_checksum(template, reports, monkeypatch):
    monkeypatch.setattr(jobs, "make", broken("cusco"))
    run.report(planned(template, reports, "ayacucho", "cusco"))
    held = contents(reports / "run")
    recorded = json.loads(held.pop("run.json"))["outputs"]
    assert {"index.html", "results.csv", "es/cusco.html", "en/ayacucho.ipynb"} <= set(recorded)
    assert recorded == {name: hashlib.sha256(text).hexdigest() for name, text in held.items()}


# --- whether anything changed ---------------------------------------------------------


@pytest.fixture
def done(workbook, reports, quick):
    """The plan of a finished run of a workbook that may be changed."""
    plan = planned(workbook, reports, data=open_data(workbook / "data"))
    run.report(plan)
    return plan


def test_nothing_changed(done):
    assert run.is_current(done)
    assert run.is_current(replace(done, workers=1))


def test_a_run_never_made_is_not_current(template, reports):
    assert not run.is_current(planned(template, reports))


@pytest.mark.parametrize(
    "name",
    [
        "data/official/poverty.csv",
        "data/evaluation.toml",
        "data/datapackage.json",
        "notebooks/02_region_report.ipynb",
    ],
)
def test_a_changed_input_makes_a_run_out_of_date(done, name):
    path = done.notebook.parents[1] / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert not run.is_current(done)


def test_other_parameters_make_a_run_out_of_date(done):
    regions = {code: done.data.evaluation.region(code) for code in ("ayacucho", "cusco")}
    for change in (
        {"years": done.data.evaluation.years(2010)},
        {"languages": done.languages[:1]},
        {"regions": (regions["ayacucho"], regions["cusco"])},
        {"regions": (regions["cusco"],)},
    ):
        assert not run.is_current(replace(done, **change)), change


def test_other_code_makes_a_run_out_of_date(done, monkeypatch):
    monkeypatch.setattr(record, "_code", lambda: "0" * 64)
    assert not run.is_current(done)


def test_a_deleted_file_makes_a_run_out_of_date(done):
    for name in ("es/ayacucho.html", "en/ayacucho.ipynb", "index.html", "results.csv", "run.json"):
        content = (done.out / name).read_bytes()
        (done.out / name).unlink()
        assert not run.is_current(done), name
        (done.out / name).write_bytes(content)
    assert run.is_current(done)


@pytest.mark.parametrize(
    "name", ["results.csv", "index.html", "es/ayacucho.html", "en/ayacucho.ipynb"]
)
def test_a_file_somebody_edited_makes_a_run_out_of_date(done, name):
    path = done.out / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"~")  # as long as it was
    assert not run.is_current(done)
    path.write_bytes(whole)
    assert run.is_current(done)


def test_a_record_that_cannot_be_read_makes_a_run_out_of_date(done):
    recorded = json.loads((done.out / "run.json").read_text(encoding="utf-8"))
    odd = json.dumps({**recorded, "regions": []})
    for text in ("", "{", "{}", "[]", "null", '"x"', odd):
        (done.out / "run.json").write_text(text, encoding="utf-8")
        assert not run.is_current(done), text


def test_a_run_with_a_failed_region_is_made_again(template, reports, monkeypatch):
    monkeypatch.setattr(jobs, "make", broken("cusco"))
    plan = planned(template, reports, "ayacucho", "cusco")
    run.report(plan)
    assert not run.is_current(plan)


# --- for real -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def failed(template, tmp_path_factory):
    """A run of three regions of which one raises and one loses its kernel."""
    out = tmp_path_factory.mktemp("failed") / "run"
    done = subprocess.run(
        [str(Path(sys.executable).with_name("icanalysis")), "report", "ayacucho", "cusco", "puno",
         "--language", "en", "--out", str(out), "--workers", "2"],
        cwd=template, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "ICANALYSIS_LANGUAGE": "en"},
    )  # fmt: skip
    return done, out


def failure_page(failed, region):
    text = (failed[1] / "en" / f"{region}.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


def test_a_failed_region_ends_with_code_1_and_its_name(failed):
    done, out = failed
    assert done.returncode == 1, done.stderr
    assert done.stdout.strip().endswith("index.html")
    assert "cusco: it could not be made; its page says why." in done.stderr
    assert "puno: it could not be made; its page says why." in done.stderr
    assert "ayacucho" not in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert beside(out.parent) == ["run", "run.log"]


def test_the_other_region_is_published(failed):
    _, out = failed
    assert failure_page(failed, "ayacucho").h1.get_text().startswith("Ayacucho: what did")
    recorded = json.loads((out / "run.json").read_text(encoding="utf-8"))["regions"]
    assert {code: region["status"] for code, region in recorded.items()} == {
        "ayacucho": "ok",
        "cusco": "failed",
        "puno": "failed",
    }
    assert reported(out) == {"ayacucho"}


def test_the_failed_page_says_what_broke_and_folds_the_rest(failed):
    page = failure_page(failed, "cusco")
    assert page.h1.get_text() == "Cusco: this page could not be made"
    said = page.main.find("pre", recursive=False).get_text()
    assert "no stoves in" in said
    assert "Traceback" not in said
    assert "Traceback" in page.details.get_text()
    assert "\x1b" not in page.get_text()


def test_a_kernel_that_died_is_told_of(failed):
    page = failure_page(failed, "puno")
    said = page.main.find("pre", recursive=False).get_text()
    assert "ended by itself" in said
    assert "--workers" in said
    assert "DeadKernelError" in page.details.get_text()


@pytest.mark.parametrize("name", ["en/cusco.html", "en/puno.html", "run.json", "index.html"])
def test_a_failure_names_no_place_of_this_machine(failed, template, name):
    text = (failed[1] / name).read_text(encoding="utf-8")
    package = Path(run.__file__).parents[1]
    for place in (Path.home(), tempfile.gettempdir(), sys.prefix, template, package):
        assert f"{place}/" not in text, f"{name} names {place}"


def test_the_index_marks_the_regions_that_failed(failed):
    index = BeautifulSoup((failed[1] / "index.html").read_text(encoding="utf-8"), "html.parser")
    cards = {card.h2.get_text(): card for card in index.select("li.card")}
    assert list(cards) == ["Ayacucho", "Cusco", "Puno"]
    assert [name for name, card in cards.items() if "failed" in card["class"]] == ["Cusco", "Puno"]
    for card in cards.values():
        for link in card.find_all("a"):
            assert (failed[1] / link["href"]).is_file(), link["href"]
