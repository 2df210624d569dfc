"""What a run records: everything it was made from, and nothing of the machine that made it."""

import getpass
import hashlib
import json
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from papermill.exceptions import PapermillExecutionError
from papermill.translators import PythonTranslator

from icanalysis import record
from icanalysis.language import language
from icanalysis.load import open_data

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "02_region_report.ipynb"


@cache
def made():
    return record.provenance(open_data(ROOT / "data"), [NOTEBOOK], {"regions": ["cusco"]}, {})


def test_survey_files_are_recorded_by_their_place_in_the_folder(tmp_path):
    file = tmp_path / "2015" / "sumaria-2015.dta"
    file.parent.mkdir()
    file.write_bytes(b"households")
    data = open_data(ROOT / "data")
    told = record.provenance(data, [NOTEBOOK], {}, {"2015/sumaria-2015.dta": file})
    held = hashlib.sha256(b"households").hexdigest()
    assert told["survey_files"] == {"2015/sumaria-2015.dta": held}
    assert str(tmp_path) not in json.dumps(told)
    assert made()["survey_files"] == {}, "simulated households come from no file"


def test_every_input_is_recorded_with_its_checksum():
    inputs = made()["inputs"]
    described = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    tables = {resource["path"] for resource in described["resources"]}
    assert set(inputs) == tables | {"datapackage.json", "evaluation.toml"}
    for name, recorded in inputs.items():
        held = hashlib.sha256((ROOT / "data" / name).read_bytes()).hexdigest()
        assert recorded == held, name
    held = hashlib.sha256(NOTEBOOK.read_bytes()).hexdigest()
    assert made()["notebooks"] == {"02_region_report.ipynb": held}


def test_code_versions_and_parameters_are_recorded():
    assert made()["schema"] == "icanalysis-run/1"
    assert made()["parameters"] == {"regions": ["cusco"]}
    assert len(made()["icanalysis"]["code"]) == 64
    versions = made()["versions"]
    assert versions["python"] == ".".join(str(part) for part in sys.version_info[:3])
    assert {"pandas", "matplotlib", "papermill"} <= set(versions)
    assert {"narwhals", "pyreadstat", "pyarrow", "scipy", "statsmodels"} <= set(versions)


def test_the_checksum_of_the_code_sees_every_module_and_template(tmp_path, monkeypatch):
    (tmp_path / "templates").mkdir()
    for name in ("a.py", "templates/b.css"):
        (tmp_path / name).write_text("one", encoding="utf-8")
    monkeypatch.setattr(record, "__file__", str(tmp_path / "record.py"))
    seen = {record._code()}
    (tmp_path / "templates" / "b.css").write_text("two", encoding="utf-8")
    seen.add(record._code())
    (tmp_path / "a.py").rename(tmp_path / "c.py")
    seen.add(record._code())
    assert len(seen) == 3
    (tmp_path / "c.pyc").write_text("compiled", encoding="utf-8")
    assert record._code() in seen


def test_a_record_holds_no_place_and_no_name_of_this_machine():
    text = json.dumps(made())
    for place in (str(ROOT), str(Path.home()), tempfile.gettempdir(), sys.prefix):
        assert place not in text
    assert f"/{getpass.getuser()}" not in text


def test_a_record_is_written_for_people(tmp_path):
    record.write_json({"b": "Perú", "a": 1}, tmp_path / "run.json")
    assert (tmp_path / "run.json").read_bytes().decode() == '{\n  "b": "Perú",\n  "a": 1\n}\n'


# --- failures -------------------------------------------------------------------------


def told(why):
    """What stopped a page, as both languages say it: an error is nobody's to translate."""
    (said,) = {language(code).say(why.message) for code in ("es", "en")}
    return said


def test_an_error_in_the_notebook_is_told_as_the_notebook_told_it():
    error = PapermillExecutionError(
        cell_index=3,
        exec_count=2,
        source="x",
        ename="ValueError",
        evalue="no figures for cusco",
        traceback=["\x1b[0;31mValueError\x1b[0m", "no figures for cusco"],
    )
    why = record.failure(error, {})
    assert told(why) == "ValueError: no figures for cusco"
    assert why.trace == "ValueError\nno figures for cusco"


def test_another_error_is_told_with_its_kind_and_trace():
    try:
        raise RuntimeError("the kernel died")
    except RuntimeError as error:
        why = record.failure(error, {})
    assert told(why) == "RuntimeError: the kernel died"
    assert "Traceback" in why.trace


def test_places_of_this_machine_are_taken_out_of_a_failure():
    home, prefix = Path.home(), Path(sys.prefix)
    said = (
        f"{home}/papers/a.csv {prefix}/lib/x.py {tempfile.gettempdir()}/ica1/kernel.json "
        f"/data/{getpass.getuser()}/b.csv /runs/4/lines"
    )
    why = record.failure(ValueError(said), {"/runs/4": "reports"})
    for text in (told(why), why.trace):
        for place in (str(home) + "/", str(prefix), tempfile.gettempdir() + "/", "/runs/4"):
            assert place not in text
        assert f"/{getpass.getuser()}/" not in text
    assert "reports/lines" in told(why)


def test_a_machine_without_a_named_user_can_still_tell_of_a_failure(monkeypatch):
    # In a container whose user has no entry in /etc/passwd, getpass knows no name.
    def nobody():
        raise OSError("No username set in the environment")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert told(record.failure(ValueError("broken"), {})) == "ValueError: broken"


def test_a_user_who_lives_at_the_root_still_reads_where_it_broke(monkeypatch):
    monkeypatch.setenv("HOME", "/")
    why = record.failure(ValueError("official/{poverty}.csv"), {})
    assert told(why) == "ValueError: official/{poverty}.csv"


@pytest.mark.parametrize("places", [{"/a": "A", "/a/b": "B"}, {"/a/b": "B", "/a": "A"}])
def test_the_longest_place_is_replaced_first(places):
    assert record.scrub("/a/b/c /a/d", places) == "B/c A/d"


# --- notebooks ------------------------------------------------------------------------


# Put together here: no file of the project names a folder of one machine.
HOME = "/" + "home/ana"
WINDOWS = "C:" + "\\Users\\ana"


def executed(given):
    """A notebook as papermill leaves it."""
    injected = PythonTranslator.codify(given, "Parameters")
    warning = f"{HOME}/lib/x.py:3: FutureWarning: soon"
    outputs = [
        new_output("stream", name="stderr", text=warning),
        new_output("stream", name="stdout", text="printed"),
        new_output("display_data", data={"text/plain": "shown"}),
    ]
    cells = [
        new_code_cell('region = "ayacucho"', metadata={"tags": ["parameters"]}),
        new_code_cell(
            injected,
            metadata={
                "tags": ["injected-parameters"],
                "papermill": {"duration": 1.2, "start_time": "2026-01-01"},
            },
        ),
        new_markdown_cell("text", metadata={"execution": {"iopub.status.busy": "2026-01-01"}}),
        new_code_cell("work()", outputs=outputs),
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    about = {"papermill": {"input_path": f"{HOME}/nb.ipynb"}, "kernelspec": kernel}
    return new_notebook(cells=cells, metadata=about)


@pytest.mark.parametrize(
    ("data_dir", "out_dir"),
    [
        (f"{HOME}/data", "/tmp/xyz/lines"),
        (f"{HOME}/data", HOME),  # one place within the other
        (f'{HOME}/"my" data', "/tmp/it's"),
        (f"{WINDOWS}\\data", f"{WINDOWS}\\tmp"),
    ],
)
def test_an_executed_notebook_is_shared_without_the_machine_that_made_it(data_dir, out_dir):
    given = {
        "region": "cusco",
        "baseline": 2009,
        "data_dir": data_dir,
        "enaho_dir": f"{data_dir}/enaho",
        "out_dir": out_dir,
    }
    original = executed(given)
    before = json.dumps(original)
    assert "ana" in original.cells[1].source
    clean = record.shareable(original, given)
    text = json.dumps(clean)
    assert "papermill" not in text
    assert "/home" not in text
    assert "Users" not in text
    assert "/tmp" not in text
    assert "2026" not in text
    assert clean.cells[1].source == (
        '# Parameters\nregion = "cusco"\nbaseline = 2009\ndata_dir = "../data"\n'
        'enaho_dir = ""\nout_dir = ""\n'
    )
    assert clean.cells[0].source == 'region = "ayacucho"'
    assert clean.metadata["kernelspec"]["name"] == "python3"
    assert [cell["id"] for cell in clean.cells] == ["cell-0", "cell-1", "cell-2", "cell-3"]
    assert json.dumps(original) == before, "the notebook that was passed in was changed"


def test_warnings_are_not_shared_and_all_else_a_cell_gave_is():
    given = {"data_dir": f"{HOME}/data", "out_dir": ""}
    printed, shown = record.shareable(executed(given), given).cells[3].outputs
    assert (printed.name, printed.text) == ("stdout", "printed")
    assert shown.data == {"text/plain": "shown"}
