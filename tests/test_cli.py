"""The command line as its users meet it: what is refused, what is said, and the exit code."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from icanalysis import commands, jobs, language, run, sharing
from icanalysis.cli import CODES, main
from icanalysis.language import Message
from icanalysis.load import DataFolder, open_data
from icanalysis.record import Failure
from icanalysis.workplace import workplace

ROOT = Path(__file__).parents[1]
REPORTABLE = "ayacucho, cusco, puno, lambayeque, amazonas, ancash, apurimac, arequipa, cajamarca"


def beside(folder):
    """Names in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in: the workbook is found beside the package."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ICANALYSIS_LANGUAGE", raising=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    before = signal.getsignal(signal.SIGTERM)
    yield tmp_path
    signal.signal(signal.SIGTERM, before)  # a report sets its own


@pytest.fixture
def ask(here):
    """Run a command; return its exit code and all it said, which never holds a traceback."""

    def asked(*arguments, **environment):
        result = CliRunner().invoke(
            main, [str(argument) for argument in arguments], env=environment
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        assert "Traceback" not in result.output
        return result.exit_code, result.output.strip()

    return asked


@pytest.fixture
def plans(monkeypatch):
    """The plans that would have been run; nothing is loaded or executed."""
    asked = []
    monkeypatch.setattr(DataFolder, "load_all", lambda self: None)
    monkeypatch.setattr(run, "is_current", lambda plan: False)

    def report(plan, **_):
        asked.append(plan)
        return run.Outcome(plan.out / "index.html")

    monkeypatch.setattr(run, "report", report)
    return asked


# --- regions --------------------------------------------------------------------------


def test_a_region_nobody_knows_is_refused_with_the_nearest_and_all_of_them(ask, here):
    code, said = ask("report", "cuzcoo", "--language", "en", "--out", here / "out")
    assert code == 2
    assert said.startswith(
        f"Region “cuzcoo” is not known. Did you mean “cusco”? Known: {REPORTABLE}, "
    )
    assert said.endswith("tacna, tumbes, ucayali.")
    assert beside(here) == []


def test_the_same_in_spanish(ask, here):
    code, said = ask("report", "cuzcoo", "--language", "es", "--out", here / "out")
    assert code == 2
    assert "“cuzcoo”" in said
    assert "“cusco”" in said
    assert f": {REPORTABLE}, " in said
    assert "is not known" not in said
    assert beside(here) == []
    assert ask("report", "cuzcoo", ICANALYSIS_LANGUAGE="es")[1] == said
    assert ask("report", "cuzcoo", LC_ALL="es_PE.UTF-8")[1] == said


@pytest.mark.parametrize("name", ["peru", "callao", "programme", "lima_metropolitana", ""])
def test_what_is_not_a_department_gets_no_report(ask, name):
    code, said = ask("report", name)
    assert code == 2
    assert said.startswith(f"Region “{name}” is not known.")


@pytest.mark.parametrize("name", ["Cuzco", "CUSCO", "cusco", " Cusco ", "08", "Cusco  "])
def test_a_known_spelling_is_that_region(ask, plans, name):
    assert ask("report", name)[0] == 0
    assert [region.code for region in plans[0].regions] == ["cusco"]


def test_a_region_named_twice_is_reported_once(ask, plans):
    assert ask("report", "Cuzco", "puno", "cusco")[0] == 0
    assert [region.code for region in plans[0].regions] == ["cusco", "puno"]
    assert plans[0].out.name.endswith("_cusco-puno")


def test_without_regions_the_programmes_own_are_reported(ask, plans):
    ask("report")
    ask("report", "--all-departments")
    mine, every = ([region.code for region in plan.regions] for plan in plans)
    assert mine == ["ayacucho", "cusco", "puno", "lambayeque"]
    assert len(every) == 24
    assert every[:4] == mine
    assert not {"peru", "callao", "lima_metropolitana"} & set(every)


def test_regions_and_all_of_them_cannot_be_asked_for_at_once(ask, plans, here):
    code, said = ask("report", "cusco", "--all-departments", "--out", here / "out")
    assert code == 2
    assert "Usage:" in said
    assert "--all-departments" in said
    assert plans == []
    assert beside(here) == []


# --- years, languages, folders --------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["--baseline", "1990"],
            "There are no data for 1990 in ayacucho: the table “poverty” has 2004-2013.",
        ),
        (
            ["cusco", "--outcome", "2031"],
            "There are no data for 2031 in cusco: the table “poverty” has 2004-2013.",
        ),
        (
            ["--baseline", "2013", "--outcome", "2009"],
            "The baseline year (2013) must come before the outcome year (2009).",
        ),
        (
            ["--baseline", "2013"],
            "The baseline year (2013) must come before the outcome year (2013).",
        ),
    ],
)
def test_years_that_cannot_be_compared_are_refused(ask, here, arguments, expected):
    assert ask("report", *arguments, "--out", here / "out") == (2, expected)
    assert beside(here) == []


def test_a_year_without_data_is_told_in_spanish(ask):
    code, said = ask("report", "cusco", "--baseline", "1990", "--language", "es")
    assert code == 2
    assert "1990" in said
    assert "2004-2013" in said
    assert "There are" not in said


def test_another_baseline_has_a_folder_of_its_own(ask, plans):
    ask("report", "cusco")
    ask("report", "cusco", "--baseline", "2010")
    usual, other = plans
    assert (other.years.baseline, other.years.outcome) == (2010, 2013)
    assert usual.out != other.out
    assert usual.out.parent == other.out.parent == ROOT / "reports"


def test_a_run_in_one_language_has_a_folder_of_its_own(ask, plans):
    for choice in ("both", "es", "en"):
        ask("report", "cusco", "--language", choice)
    both, spanish, english = (plan.out for plan in plans)
    assert both.name.endswith("_2009-2013_cusco")
    assert spanish == both.with_name(f"{both.name}_es")
    assert english == both.with_name(f"{both.name}_en")


def test_a_run_of_many_regions_has_a_folder_that_can_be_made(ask, plans, tmp_path):
    regions = open_data(ROOT / "data").evaluation.reported_regions(every=True)
    every = [region.code for region in regions]
    ask("report", *every[:20])
    ask("report", *every[1:21])
    first, second = (plan.out.name for plan in plans)
    assert re.fullmatch(r"[\w-]+_2009-2013_20-regions-[0-9a-f]{8}", first)
    assert first != second
    (tmp_path / f".{first}_failed.partial").mkdir()


def test_a_run_on_other_data_has_a_folder_of_its_own(ask, plans, here):
    shutil.copytree(ROOT / "data", here / "data")
    shutil.copytree(ROOT / "data", here / "revised")
    ask("report", "cusco")
    ask("report", "cusco", "--data", ROOT / "data")
    ask("report", "cusco", "--data", "revised")
    ask("report", "cusco", "--data", "data")
    usual, same, revised, namesake = (plan.out for plan in plans)
    assert usual.parent == ROOT / "reports"
    assert same == usual
    assert revised == usual.with_name(f"revised_{usual.name}")
    assert namesake == usual.with_name(f"data_{usual.name}")


@pytest.mark.parametrize(
    ("choice", "codes"), [("es", ["es"]), ("en", ["en"]), ("both", ["es", "en"])]
)
def test_languages_come_with_the_evaluations_own_first(ask, plans, choice, codes):
    assert ask("report", "cusco", "--language", choice)[0] == 0
    assert [reader.code for reader in plans[0].languages] == codes
    assert plans[0].languages[0].locale == {"es": "es_PE", "en": "en_GB"}[codes[0]]


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "--frobnicate"],
        ["report", "--language", "fr"],
        ["report", "--workers", "0"],
        ["report", "--baseline", "abc"],
        ["frobnicate"],
        ["check", "--accept", "--frobnicate"],
    ],
)
def test_options_nobody_knows_are_wrong_use(ask, here, arguments):
    code, said = ask(*arguments)
    assert code == 2
    assert "Usage:" in said
    assert beside(here) == []


def test_a_data_folder_that_is_none_is_refused(ask, here):
    assert ask("report", "--data", "nowhere") == (2, "There is no folder “nowhere”.")
    assert ask("report", "--data", here) == (
        2,
        f"“{here.name}” is not a data folder: it holds no evaluation.toml.",
    )


def test_a_folder_that_holds_somebodys_files_is_refused_and_untouched(ask, here):
    (here / "theirs").mkdir()
    (here / "theirs" / "thesis.docx").write_text("precious")
    code, said = ask("report", "cusco", "--language", "en", "--out", "theirs")
    assert code == 2
    assert said.startswith("“theirs” exists and is not the folder of a run, so it is left alone.")
    assert (here / "theirs" / "thesis.docx").read_text() == "precious"
    assert beside(here) == ["theirs"]


@pytest.mark.parametrize("out", ["run", "deep/er/run", "./run", "run/"])
def test_a_folder_may_be_named_from_here(ask, here, monkeypatch, out):
    # The notebook works in its own folder: a relative name would mean another place there.
    seen = []

    def stop(plan, job, folder, **_):
        seen.append(folder)
        raise KeyboardInterrupt

    monkeypatch.setattr(DataFolder, "load_all", lambda self: None)
    monkeypatch.setattr(jobs, "make", stop)
    assert ask("report", "cusco", "--no-pages", "--out", out)[0] == 1
    assert seen[0].is_absolute()
    assert seen[0].is_relative_to((here / out).resolve().parent)


def test_a_folder_that_cannot_be_made_is_told(ask, here, monkeypatch):
    monkeypatch.setattr(DataFolder, "load_all", lambda self: None)
    (here / "thesis").write_text("precious")
    code, said = ask("report", "cusco", "--language", "en", "--out", "thesis/run")
    assert code == 2
    assert len(said.splitlines()) == 1
    assert str(here / "thesis") in said
    assert (here / "thesis").read_text() == "precious"
    assert beside(here) == ["thesis"]


@pytest.mark.parametrize("file", ["run/results.csv", None])
def test_a_full_disk_is_told(ask, here, plans, monkeypatch, file):
    def full(plan, **_):
        raise OSError(28, "No space left on device", file)

    monkeypatch.setattr(run, "report", full)
    code, said = ask("report", "cusco", "--out", here / "out")
    assert code == 2
    assert said == "No space left on device" + (f": {file}" if file else "")


def test_a_run_ended_from_outside_leaves_nothing_half_made(ask, here, monkeypatch):
    begun = []

    def ended(plan, job, folder, **_):
        (folder / "half.html").write_text("half a")
        begun.append(folder)
        os.kill(os.getpid(), signal.SIGTERM)  # which the main thread is told of
        time.sleep(5)
        return Failure(Message("its kernel was ended"), "")

    monkeypatch.setattr(DataFolder, "load_all", lambda self: None)
    monkeypatch.setattr(jobs, "make", ended)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # else a failure would end the tests too
    code, said = ask("report", "cusco", "--no-pages", "--language", "en", "--out", "run")
    assert code == 1
    assert said == "Stopped. Pages already made are kept: the same command goes on from there."
    assert begun[0].is_relative_to(here)
    assert beside(here) == ["run.log"]
    last = json.loads((here / "run.log").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["event"], last["status"]) == ("end", "stopped")


def test_a_table_with_faults_stops_a_report_before_it_starts(ask, here):
    shutil.copytree(ROOT / "data", here / "data")
    poverty = here / "data" / "official" / "poverty.csv"
    text = poverty.read_text(encoding="utf-8")
    poverty.write_text(text.replace("ayacucho,2009,58.8", "Ayacuchu,2009,588"), encoding="utf-8")
    before = beside(here)
    code, said = ask("report", "--data", "data", "--out", "out", "--language", "en")
    assert code == 2
    assert said.startswith("poverty.csv: 2 problems")
    assert "Ayacuchu" in said
    assert "588" in said
    assert beside(here) == before


# --- what a report says ---------------------------------------------------------------


def test_a_report_ends_with_the_path_of_its_index(ask, plans, here):
    assert ask("report", "cusco", "--out", here / "out") == (0, "out/index.html")


def test_a_run_is_not_repeated_unless_forced(ask, plans, monkeypatch):
    monkeypatch.setattr(run, "is_current", lambda plan: True)
    code, said = ask("report", "cusco", "--language", "en")
    assert code == 0
    assert said.startswith("Nothing changed since this run; --force repeats it.")
    assert said.endswith("index.html")
    assert plans == []
    assert ask("report", "cusco", "--force")[0] == 0
    assert len(plans) == 1


def test_what_a_run_was_killed_before_it_could_drop_goes_with_the_next(
    ask, plans, here, monkeypatch
):
    """It was killed after it had put its folder in place: the next one has nothing to make."""
    monkeypatch.setattr(run, "is_current", lambda plan: True)
    page = here / ".out.partial" / "pages" / "es" / "cusco" / "cusco.html"
    page.parent.mkdir(parents=True)
    page.touch()
    with workplace(here / "out"):
        assert ask("report", "cusco", "--out", here / "out")[0] == 0
        assert page.exists()  # another run works there
    of_another = page.parents[1] / "puno" / "made.json"
    of_another.parent.mkdir()
    of_another.write_text('{"record": {"settings": "others"}}', encoding="utf-8")
    assert ask("report", "cusco", "--out", here / "out")[0] == 0
    assert of_another.exists() and page.exists()
    shutil.rmtree(of_another.parent)
    assert ask("report", "cusco", "--out", here / "out")[0] == 0
    assert not page.parents[3].exists()
    assert plans == []


def test_a_failed_region_is_named_and_ends_with_code_1(ask, plans, monkeypatch):
    whole = run.report
    monkeypatch.setattr(run, "report", lambda plan, **_: replace(whole(plan), failed=("cusco",)))
    code, said = ask("report", "--language", "en")
    assert code == 1
    assert said.splitlines()[0] == "cusco: it could not be made; its page says why."
    assert said.splitlines()[-1].endswith("index.html")


def test_the_version_is_told(ask):
    code, said = ask("--version")
    assert code == 0
    assert said.count(".") == 2


# --- check ----------------------------------------------------------------------------


def test_the_shipped_data_have_no_problem(ask):
    code, said = ask("check", "--language", "en")
    assert code == 0
    assert said.endswith("tables: no problem found.")


FAULTY = """region,year,poverty_pct,methodology,coverage,source_id,note_es,note_en
Cuzcoo,2009,40.4,inei_2012,,S1,,
cusco,20x9,40.4,inei_2012,,S1,,
cusco,2010,404,inei_2012,,S1,,
cusco,2011,40.4,inei_1999,,S1,,
cusco,2012,40.4,inei_2012,,S99,,
cusco,2013,40.4,inei_2012,,S1,,
"""


@pytest.mark.parametrize(
    ("code", "line", "title"), [("en", "line", "5 problems"), ("es", "línea", "5 problemas")]
)
def test_five_faults_of_a_file_are_all_told_with_their_lines(ask, here, code, line, title):
    (here / "poverty.csv").write_text(FAULTY, encoding="utf-8")
    ended, said = ask("check", "poverty.csv", "--language", code)
    assert ended == 1
    first, *rest = said.splitlines()
    assert first == f"poverty.csv: {title}"
    told = zip(rest, range(2, 7), ("Cuzcoo", "20x9", "404", "inei_1999", "S99"), strict=True)
    for problem, number, found in told:
        assert problem.startswith(f"  - {line} {number}, ")
        assert f"“{found}”" in problem
        assert "→" in problem, "a problem without its remedy"


def test_a_sound_file_has_no_problem(ask, here):
    (here / "poverty.csv").write_text("\n".join([FAULTY.split("\n")[0], FAULTY.split("\n")[6], ""]))
    assert ask("check", "poverty.csv", "--language", "en") == (0, "poverty.csv: no problem found.")


def test_a_file_whose_table_is_not_clear_asks_for_it(ask, here):
    (here / "mine.csv").write_text(FAULTY)
    code, said = ask("check", "mine.csv", "--language", "en")
    assert code == 2
    assert "Say so with --as TABLE; the tables are: " in said
    assert ask("check", "mine.csv", "--as", "poverty")[0] == 1
    code, said = ask("check", "mine.csv", "--as", "povertyy", "--language", "en")
    assert code == 2
    assert "Did you mean “poverty”?" in said


def test_a_file_that_is_not_there_is_told(ask):
    code, said = ask("check", "poverty.csv", "--language", "en")
    assert code != 0
    assert "poverty.csv" in said


def test_changes_made_on_purpose_are_accepted(ask, here):
    shutil.copytree(ROOT / "data", here / "data")
    fairs = here / "data" / "programme" / "fairs.csv"
    fairs.write_text(fairs.read_text(encoding="utf-8").replace("Innova Perú", "Innova  Perú 2"))
    assert ask("check", "--data", "data", "--language", "en")[0] == 1
    assert ask("check", "--data", "data", "--accept")[0] == 0
    assert ask("check", "data")[0] == 0


# --- template -------------------------------------------------------------------------

ROW = ["CUS-0001", "resultado", 2013, "Cusco", "CUS-C01", "turismo rural comunitario", "programa"]
ROW += [12.5, "mujer", "quechua", "rural", 40, 4, 350.5, 700, 20, "sí", "sí", "no", "no", "no"]
ROW += ["no", 0, "sí", 24, "no", "programa"]


def test_a_template_is_made_filled_and_checked(ask, here):
    assert ask("template", "producers") == (0, "producers.xlsx")
    code, said = ask("check", "producers.xlsx", "--language", "en")
    assert (code, "the table has no rows" in said) == (1, True)
    book = openpyxl.load_workbook("producers.xlsx")
    assert book.worksheets[0]["A1"].value == "Productor"  # the evaluation's own language
    book.worksheets[0].append(ROW)
    book.save("producers.xlsx")
    assert ask("check", "producers.xlsx", "--language", "en") == (
        0,
        "producers.xlsx: no problem found.",
    )
    assert beside(here) == ["producers.xlsx"]


def test_a_filled_template_is_not_replaced_unless_one_says_so(ask, here):
    (here / "mine.xlsx").write_text("filled", encoding="utf-8")
    code, said = ask("template", "producers", "--to", "mine.xlsx", "--language", "en")
    assert code == 2
    assert said.startswith("mine.xlsx is there already and may hold somebody's work.")
    assert (here / "mine.xlsx").read_text(encoding="utf-8") == "filled"
    made = ask("template", "producers", "--to", "mine.xlsx", "--language", "en", "--force")
    assert made == (0, "mine.xlsx")
    assert openpyxl.load_workbook("mine.xlsx").worksheets[0]["A1"].value == "Producer"


def test_a_template_of_no_table_or_in_no_folder(ask, here):
    code, said = ask("template", "producer", ICANALYSIS_LANGUAGE="en")
    assert code == 2
    assert "Did you mean “producers”?" in said
    code, said = ask("template", "producers", "--to", here / "none" / "a.xlsx")
    assert code == 2
    assert "none" in said
    assert beside(here) == []


def test_a_template_of_other_data(ask, here):
    shutil.copytree(ROOT / "data", here / "own")
    assert ask("template", "fairs", "--data", "own", "--language", "en") == (0, "fairs.xlsx")


# --- lab ------------------------------------------------------------------------------


def test_lab_opens_the_notebooks(ask, monkeypatch):
    called = []
    monkeypatch.setattr(
        "icanalysis.commands.subprocess.call", lambda command: called.append(command) or 0
    )
    assert ask("lab") == (0, "")
    assert called[0][1:] == ["-m", "jupyterlab", str(ROOT / "notebooks")]


def test_the_folder_one_stands_in_is_refused(ask, here):
    code, said = ask("report", "cusco", "--out", ".", "--language", "en")
    assert code == 2
    assert said.startswith(f"“{here.name}” exists and is not the folder of a run")
    assert beside(here) == []


# --- what an answer costs -----------------------------------------------------------------


def test_help_imports_nothing_it_does_not_need():
    script = "import sys, icanalysis.cli; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    heavy = {"babel", "pydantic", "pandas", "numpy", "matplotlib", "papermill", "IPython"}
    assert loaded & heavy == set()
    assert {name for name in done.stdout.split() if name.startswith("icanalysis")} == {
        "icanalysis",
        "icanalysis.cli",
    }


def test_languages_are_those_of_the_package():
    assert CODES == language.CODES


def test_every_command_is_there():
    groups = {"enaho": {"fetch"}, "export": {"iati"}}
    made = {"report", "check", "diff", "template", "new", "lab"}
    shared = {"gate", "keys", "portal", "release", "released", "verify"}
    assert set(main.commands) == {*made, *shared, *groups}
    assert {name: set(main.commands[name].commands) for name in groups} == groups
    assert [name for name in (*made, "fetch") if not hasattr(commands, name)] == []
    assert [name for name in (*shared, "export_iati") if not hasattr(sharing, name)] == []
