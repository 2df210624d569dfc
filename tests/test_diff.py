"""`icanalysis diff`: what is refused, what is told in each form and language, and what is claimed."""

import json
import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from pair import REGIONS, SIMULATED, figure, pair, record, run

from icanalysis import dossier, forms
from icanalysis.causes import Causes, Files, Reason, causes, reasons
from icanalysis.cli import main
from icanalysis.diff import diff
from icanalysis.evaluation import Years
from icanalysis.language import language
from icanalysis.load import open_data, sha256
from icanalysis.named import Names
from icanalysis.record import provenance

ROOT = Path(__file__).parents[1]


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Run the command in an empty folder; return its exit code and all it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")

    def asked(*arguments):
        result = CliRunner().invoke(main, ["diff", *map(str, arguments)])
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        assert "Traceback" not in result.output
        return result.exit_code, result.output

    return asked


@pytest.fixture
def runs(tmp_path):
    return pair(tmp_path)


# --- refusals ---------------------------------------------------------------------------


def test_what_is_not_a_run_is_refused(ask, runs, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "run.json").write_text('{"schema": "npm/1"}', encoding="utf-8")
    (tmp_path / "other" / "results.csv").write_text("a\n", encoding="utf-8")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{", encoding="utf-8")
    for name in ("empty", "other", "broken", "nowhere"):
        for order in ((runs[0], name), (name, runs[0])):
            code, said = ask(*order)
            assert code == 2
            assert said.startswith(f"“{name}” is not the folder of a run: it would hold run.json")
    (runs[1] / "results.csv").unlink()
    assert ask(*runs)[0] == 2


def test_results_that_were_edited_are_refused_in_either_language(ask, runs):
    path = runs[1] / "results.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("34.0", "43.0"), encoding="utf-8")
    code, said = ask(*runs)
    assert code == 2
    assert said.startswith("results.csv in “second” is not as the run left it")
    code, said = ask(*runs, "--language", "es")
    assert code == 2
    assert said.startswith("results.csv en «second» no está como lo dejó la corrida")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"schema": "icanalysis-run/2"}, "recorded as icanalysis-run/2; this version"),
        ({"programme": "another"}, "different programmes: “first” is of inclusive-creative-"),
    ],
)
def test_other_records_are_refused(ask, runs, tmp_path, changed, said):
    other = run(tmp_path / "other", [figure(value=1.0)], **changed)
    code, told = ask(runs[0], other)
    assert code == 2
    assert said in told


def test_results_without_lines_of_evidence_are_refused(ask, runs):
    path = runs[1] / "results.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    whole = json.loads((runs[1] / "run.json").read_text(encoding="utf-8"))
    whole["outputs"]["results.csv"] = sha256(path)
    (runs[1] / "run.json").write_text(json.dumps(whole), encoding="utf-8")
    code, said = ask(*runs)
    assert code == 2
    assert "does not hold lines of evidence" in said


def test_no_run_is_written_into(ask, runs):
    before = sorted(path.name for path in runs[0].iterdir())
    for name in ("results.csv", "diff.html", "es/diff.html"):
        code, said = ask(*runs, "--to", runs[0] / name)
        assert code == 2
        assert "would lie in the folder of a run" in said
    assert sorted(path.name for path in runs[0].iterdir()) == before


def test_a_folder_that_is_not_there_is_told(ask, runs, tmp_path):
    code, said = ask(*runs, "--to", tmp_path / "none" / "diff.json")
    assert code == 2
    assert said.strip() == f"There is no folder “{tmp_path / 'none'}”."


# --- what is told -----------------------------------------------------------------------


def test_the_same_run_twice_has_nothing_to_tell(ask, runs, tmp_path):
    code, said = ask(runs[0], runs[0])
    assert code == 0
    assert "No figure differs: all 8 are the same." in said
    shutil.copytree(runs[0], tmp_path / "copy")
    assert ask(runs[0], tmp_path / "copy")[0] == 0


def test_the_terminal_is_told_the_summary_then_each_figure(ask, runs):
    code, said = ask(*runs)
    assert code == 1
    assert said.startswith(
        "First run: first. Second run: second.\n"
        "2 figures change their status, 2 values moved, 1 keeps its value with other particulars, "
        "1 figure appeared, 1 figure vanished and 1 differs by rounding only. "
        "Unchanged: 1 of 9.\n"
        "Of the values that moved: 1 beyond their margin of error and 2 within their margin of error.\n"
        "1 of the figures that differ rests on simulated data."
    )
    assert (
        "  - Data: official/poverty.csv (changed); producers/simulated_producers.csv (added).\n"
        in said
    )
    blocks = said.split("\n\n")
    titles = [block.split("\n")[0] for block in blocks if block.split("\n")[0].isupper()]
    assert titles == [
        "STATUS OR STATEMENT CHANGED", "MOVED", "SAME VALUE, OTHER PARTICULARS",
        "ONLY IN THE SECOND RUN", "ONLY IN THE FIRST RUN",
    ]  # fmt: skip
    moved = said[said.index("MOVED") : said.index("SAME VALUE")]
    # In the evaluation's order, though Cusco's value moved more against its noise.
    assert moved.index("Ayacucho") < moved.index("Cusco")
    assert (
        "  Total monetary poverty · level, 2013 (%)\n"
        "    30.0 → 34.0; Difference: +4.0; Margin of error: ▲ beyond (±2.8)"
    ) in moved
    assert "40.0 → 48.0; Difference: +8.0; Margin of error: ◇ within (±9.8)" in moved
    status = said[: said.index("MOVED")]
    assert "context → ■ suppressed; Value: 50.0 → ■ suppressed; On record" in status
    assert "It is suppressed in the second run" in status
    # The tables at hand are those of neither run: what they cite is no evidence.
    assert "cites its source" not in said
    assert (
        "— Demonstration with simulated data —\n\nCusco [SIMULATED]\n  Monthly income from the activity · difference in"
        in status
    )
    assert "▲ better — This is consistent with" in status
    assert "80 → 30 (−50). ◇ within (±55)" in status
    assert "Data: its file producers/simulated_producers.csv differs" in status
    assert "standard error: 2.0 → 2.5; n: 100 → 90" in said


def test_the_same_in_spanish(ask, runs):
    code, said = ask(*runs, "--language", "es")
    assert code == 1
    assert "2 cifras cambian de estado, 2 valores se movieron" in said
    assert "Pobreza monetaria total · nivel, 2013 (%)" in said
    assert "Margen de error: ▲ fuera (±2.8)" in said
    assert "Cusco [SIMULADO]" in said
    assert not re.search(r"\b(figure|moved|within|published|suppressed)\b", said)


def test_the_same_data_leave_nothing_to_sampling(ask, tmp_path):
    first = run(tmp_path / "a", [figure(value=1.0, se=1.0)])
    second = run(
        tmp_path / "b", [figure(value=2.0, se=1.0)], icanalysis={"version": "0.1.0", "code": "c2"}
    )
    said = ask(first, second)[1]
    assert "Both runs read the same data, so no move is a matter of sampling" in said
    assert "Code of icanalysis, of the same version 0.1.0." in said


def test_where_no_value_moved_nothing_is_said_of_sampling(ask, tmp_path):
    first = run(tmp_path / "a", [figure(value=1.0), figure(region="puno", value=1.0, **SIMULATED)])
    said = ask(first, run(tmp_path / "b", [figure(value=1.0)]))[1]
    assert "1 figure vanished. Unchanged: 1 of 2." in said
    assert "sampling" not in said
    assert "Source: simulated (simulated_producers.csv)" in said


def test_what_has_no_cause_on_record_is_given_none(ask, tmp_path):
    said = ask(run(tmp_path / "a", [figure(value=1.0)]), run(tmp_path / "b", [figure(value=2.0)]))[
        1
    ]
    assert "The records of the runs hold nothing that differs." in said
    assert "On record of it:" not in said


def test_the_form_follows_the_name_of_the_file(ask, runs, tmp_path):
    for name, start in (("a.html", "<!DOCTYPE html>"), ("a.json", "{"), ("a.txt", "First run")):
        code, said = ask(*runs, "--to", tmp_path / name)
        assert code == 1
        assert said.startswith("First run: first.")
        assert said.strip().endswith(name)
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    ask(*runs, "--to", tmp_path / "a.txt", "--format", "json")
    assert json.loads((tmp_path / "a.txt").read_text(encoding="utf-8"))["differs"] is True


def test_codes_stand_where_nothing_names_them(ask, runs):
    said = ask(*runs, "--data", "nowhere")[1]
    assert "  poverty_total · level, 2013 (%)" in said
    assert "\npuno\n" in said
    assert said.index("\ncusco\n") < said.index("\nayacucho\n")  # the records' order


def test_json_is_sorted_whole_and_without_places_of_this_machine(ask, runs, tmp_path):
    code, said = ask(*runs, "--format", "json")
    assert code == 1
    told = json.loads(said)
    assert said == json.dumps(told, ensure_ascii=False, sort_keys=True, indent=2) + "\n"
    assert str(tmp_path) not in said
    assert told["schema"] == "icanalysis-diff/1"
    assert told["counts"] == {
        "status": 2, "moved": 2, "restated": 1, "appeared": 1, "vanished": 1, "rounding": 1,
        "unchanged": 1, "beyond": 1, "within": 2, "no_margin": 0,
    }  # fmt: skip
    assert len(told["figures"]) == 8
    keys = [(item["indicator"], item["region"], item["period"]) for item in told["figures"]]
    assert keys == sorted(keys)
    vanished = next(item for item in told["figures"] if item["kind"] == "vanished")
    assert vanished["before"]["value"] == 33.0
    assert vanished["before"]["se"] is None
    assert vanished["after"] is None
    assert told["on_record"]["data"]["changed"] == ["official/poverty.csv"]
    assert told["on_record"]["code"] is None
    assert told["on_record"]["settings"] is False
    assert ask(*runs, "--format", "json", "--language", "es")[1] == said


@pytest.mark.parametrize("code", ["es", "en"])
def test_the_page_stands_alone_and_keeps_simulated_figures_apart(runs, code):
    names = Names(language(code), open_data(ROOT / "data"))
    page = forms.written(diff(*runs, names.data), "html", names)
    soup = BeautifulSoup(page, "html.parser")
    assert soup.html["lang"] == code
    assert len(soup.find_all("h1")) == 1
    assert "default-src 'none'" in soup.find("meta", attrs={"http-equiv": True})["content"]
    assert not soup.find_all(["script", "img", "link"])
    assert [heading.get_text() for heading in soup.find_all("h3")] == [
        language(code).say("Demonstration with simulated data")
    ]
    badge = language(code).say("SIMULATED")
    for table in soup.find_all("table"):
        assert all(cell.get("scope") for cell in table.find_all("th"))
        income = names.indicator("producer_income") in table.get_text()
        assert (badge in table.caption.get_text()) == income


def test_names_cannot_become_markup(tmp_path):
    found = pair(tmp_path / "<b>&")
    folders = [path.rename(path.with_name(f"<i>{path.name}")) for path in found]
    page = forms.written(diff(*folders), "html", Names(language("en")))
    assert "<i>first" not in page
    assert "&lt;i&gt;first" in page


# --- what is on record ------------------------------------------------------------------


def test_what_the_records_hold_as_different():
    after = record(
        inputs={"evaluation.toml": "e2", "datapackage.json": "d2", "official/poverty.csv": "p2", "new.csv": "x"},
        survey_files={"sumaria-2013.dta": "x"},
        settings="s2",
        icanalysis={"version": "0.2.0", "code": "c2"},
        versions={"python": "3.11.7", "pandas": "3.2.0"},
        parameters={"regions": REGIONS[:2], "baseline": 2011, "outcome": 2013, "languages": ["es"]},
        notebooks={},
        regions={"cusco": {"status": "failed", "message": "it broke"}},
    )  # fmt: skip
    assert causes(record(), after) == Causes(
        data=Files(("official/poverty.csv",), ("new.csv", "sumaria-2013.dta"), ()),
        settings=True,
        code=("0.1.0", "0.2.0"),
        libraries={"pandas": ("3.1.1", "3.2.0")},
        parameters={"regions": (REGIONS, REGIONS[:2]), "baseline": (2009, 2011)},
        notebooks=Files((), (), ("02_region_report.ipynb",)),
        failed=((), ("cusco",)),
    )


def test_checksums_of_tables_in_the_description_are_no_cause():
    """The description changes whenever a table does; the settings' own checksum does not."""
    after = record(inputs={"evaluation.toml": "e1", "datapackage.json": "d2", "official/poverty.csv": "p1"})  # fmt: skip
    found = causes(record(), after)
    assert found == causes(record(), record())
    assert not found.any


FIGURE = {"kind": "moved", "region": "cusco", "period": "2009-2013", "source": "S1; S2",
          "status_before": "context", "status_after": "context"}  # fmt: skip
CHANGED = causes(
    record(),
    record(
        inputs={"official/poverty.csv": "p2", "producers/fairs.csv": "f"},
        parameters={"regions": ["puno"], "baseline": 2011, "outcome": 2013},
        regions={"ayacucho": {"status": "failed"}},
    ),
)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({}, {"cited": ("official/poverty.csv",)}, id="a table cites its source"),
        pytest.param({"source": "S11"}, {}, id="another source"),
        pytest.param({"source": "E1: fairs.csv, other.dta"}, {"named": ("producers/fairs.csv",)}, id="file"),
        pytest.param({"source": "E1: unfairs.csv"}, {}, id="a name within a name"),
        pytest.param({"source": "-", "status_after": "suppressed"}, {"withheld": ("suppressed",)}, id="hidden"),
        pytest.param({"source": "-", "status_before": "suppressed"}, {"shown": ("suppressed",)}, id="shown"),
        pytest.param(
            {"source": "-", "kind": "vanished"}, {"not_asked": ("cusco",), "years": ("2009",)}, id="not asked"
        ),
        pytest.param(
            {"source": "-", "kind": "appeared", "region": "puno", "period": "2011-2013"}, {"years": ("2011",)},
            id="other years",
        ),
        pytest.param(
            {"source": "-", "kind": "vanished", "region": "ayacucho", "period": "2013"},
            {"not_asked": ("ayacucho",), "failed": ("ayacucho",)}, id="could not be made",
        ),
        pytest.param({"source": "-", "kind": "vanished", "region": "peru", "period": "2013"}, {}, id="nothing"),
        pytest.param({"kind": "unchanged"}, {}, id="what does not differ has no cause"),
    ],
)  # fmt: skip
def test_what_is_on_record_of_one_figure(row, expected):
    found = reasons({**FIGURE, **row}, CHANGED, {"official/poverty.csv": frozenset({"S1"})})
    assert found == tuple(Reason(kind, names) for kind, names in expected.items())


# --- real runs --------------------------------------------------------------------------


def test_a_real_run_against_itself(ask, ran):
    code, said = ask(ran[1], ran[1])
    assert code == 0
    assert said.startswith("First run: run. Second run: run.\nNo figure differs")


def test_one_value_changed_in_a_copy_of_the_data(tmp_path):
    """Lines and records as runs make them: Cusco's poverty in 2013 is 18.8, then 19.8."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    path = tmp_path / "data" / "official" / "poverty.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count("\ncusco,2013,18.8,") == 1
    path.write_text(text.replace("\ncusco,2013,18.8,", "\ncusco,2013,19.8,"), encoding="utf-8")
    folders = []
    for name, home in (("before", ROOT / "data"), ("after", tmp_path / "data")):
        data = open_data(home)
        told = dossier.region_lines(data, "cusco", Years(baseline=2009, outcome=2013))
        asked = {"regions": ["cusco"], "baseline": 2009, "outcome": 2013, "languages": ["es"]}
        of_run = provenance(data, [], asked, {})
        folders.append(run(tmp_path / name, told.to_dict("records"), **of_run))
    found = diff(*folders, open_data(tmp_path / "data"))
    assert found.causes.data == Files(("official/poverty.csv",))
    assert (found.causes.settings, found.causes.code, found.causes.libraries) == (False, None, {})
    rows = found.figures.assign(reasons=found.reasons)
    level = rows[(rows["indicator"] == "poverty_total") & (rows["region"] == "cusco")
                 & (rows["period"] == "2013") & (rows["statistic"] == "level")].iloc[0]  # fmt: skip
    assert (level["value_before"], level["value_after"]) == (18.8, 19.8)
    assert (level["kind"], level["noise"]) == ("moved", "no_margin")
    assert level["reasons"] == (Reason("cited", ("official/poverty.csv",)),)
    differing = rows[rows["kind"] != "unchanged"]
    assert "programme" not in set(differing["source_kind_after"])
    assert "ayacucho" not in set(differing["region"])
    assert set(differing["indicator"]) >= {"poverty_total", "household_poverty"}
