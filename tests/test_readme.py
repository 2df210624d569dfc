"""README.md and LEEME.md: what they tell people to type exists, and both tell the same."""

import ast
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from click import Group, Option

from icanalysis import simulate
from icanalysis.cli import main

ROOT = Path(__file__).parents[1]
READMES = {"en": ROOT / "README.md", "es": ROOT / "LEEME.md"}
PARTS = {"en": ("reports/<run>/", "<region>"), "es": ("reports/<informe>/", "<región>")}


@pytest.fixture(params=list(READMES))
def code(request):
    return request.param


def text_of(code):
    return READMES[code].read_text(encoding="utf-8")


def blocks(code, language=""):
    """Fenced blocks of one language, as their lines."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text_of(code), flags=re.M | re.S)
    return [block.splitlines() for name, block in found if name == language]


def commands(code):
    """Every command the page tells people to type, without what it says beside it."""
    typed = [re.split(r"\s{2,}", line.strip())[0] for block in blocks(code) for line in block]
    inline = re.findall(r"`((?:icanalysis|make|conda) [^`]+)`", text_of(code))
    return [command for command in [*typed, *inline] if command]


def exhibits(code):
    """Rows of the table of exhibits."""
    first = re.search(r"(?:^\|.*\n)+", text_of(code), flags=re.M)
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in first[0].splitlines()
        if "---" not in line
    ]
    return rows[1:]


# --- commands -------------------------------------------------------------------------


def test_every_icanalysis_command_and_option_exists(code):
    asked = [command for command in commands(code) if command.startswith("icanalysis")]
    assert len(asked) >= 7
    for command in asked:
        _, name, *arguments = shlex.split(command)
        known = main.commands[name]
        innermost = known.commands[arguments[0]] if isinstance(known, Group) else known
        options = {word for option in innermost.params if isinstance(option, Option)
                   for word in (*option.opts, *option.secondary_opts)}  # fmt: skip
        used = {word for word in arguments if word.startswith("--")}
        assert used <= options, command
        # It can be parsed as it stands: values where they belong, regions that exist.
        known.make_context(name, list(arguments), resilient_parsing=False)


def test_regions_and_files_in_the_commands_are_real(code):
    joined = " ".join(commands(code))
    assert "icanalysis report cusco" in joined
    assert "icanalysis check targets.xlsx" in joined
    assert (ROOT / "data" / "programme" / "targets.csv").is_file()


def test_every_make_target_exists(code):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    asked = {command.split()[1] for command in commands(code) if command.startswith("make ")}
    assert asked == {"report", "test"}
    assert asked <= set(targets)


def test_the_first_two_commands_are_those_promised(code):
    first, second = blocks(code)[:2]
    assert (first, second) == (["make report"], ["make test"])


def test_ci_runs_the_command_the_readme_names():
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_both_languages_name_the_same_commands():
    def told(code):
        """Commands with what is a matter of language set aside."""
        return [
            re.sub(r"--language (es|en)|(tu|su|your)/(carpeta|folder)", "", command)
            for command in commands(code)
        ]

    assert told("en") == told("es")


# --- files ----------------------------------------------------------------------------


def test_every_file_named_exists(code):
    named = re.findall(r"`((?:data|notebooks|tests|reports)/[^`<>*]*)`", text_of(code))
    named += re.findall(r"`([\w.]+\.(?:lock|yml|toml|json))`", text_of(code))
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text_of(code)) if "://" not in link]
    made = {"run.json", "results.csv", "manifest.json"}  # by a run, or with a bundle
    for name in {*named, *links} - made:
        found = (ROOT / name).exists() or (ROOT / "data" / name).exists()
        assert found, f"{READMES[code].name} names {name}"


def test_every_notebook_has_its_row(code):
    told = " ".join(" ".join(row) for row in exhibits(code))
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert path.stem in told
    for name in re.findall(r"`(?:notebooks/)?(\d\d_\w+)", told):
        assert (ROOT / "notebooks" / f"{name}.ipynb").is_file()


def test_both_tables_have_the_same_rows():
    english, spanish = exhibits("en"), exhibits("es")
    assert len(english) == len(spanish) >= 12
    assert [row[1] for row in english] == [row[1] for row in spanish]


def test_every_heading_quoted_is_in_the_report(code):
    page = (ROOT / "reports" / "example" / code / "cusco.html").read_text(encoding="utf-8")
    headings = {heading.get_text() for heading in BeautifulSoup(page, "html.parser")("h2")}
    quoted = [name for row in exhibits(code) for name in re.findall(r'"([^"]+)"', row[2])]
    assert len(quoted) >= 9
    for name in quoted:
        beginning = name.removesuffix(" ...")
        found = [heading for heading in headings
                 if heading == name or (name.endswith(" ...") and heading.startswith(beginning))]  # fmt: skip
        assert len(found) == 1, f"{READMES[code].name} quotes {name!r}"


def test_files_of_a_run_are_named_as_a_run_names_them(code):
    run, region = PARTS[code]
    told = {re.sub(r"`", "", row[2].split(",")[0]) for row in exhibits(code)}
    assert {
        f"{run}index.html",
        f"{run}{code}/{region}.html",
        f"{run}results.csv",
        f"{run}run.json",
    } <= told


# --- the example ----------------------------------------------------------------------


def test_the_python_example_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    example = blocks("en", "python")[0]
    source = "\n".join(example)
    held = {}
    exec(compile(source, "README.md", "exec"), held)
    assert capsys.readouterr().out.startswith("Total monetary poverty in Ayacucho: 58.8% in 2009")
    # The lines that would be shown in a notebook are shown here.
    shown = [node.value for node in ast.parse(source).body if isinstance(node, ast.Expr)]
    lines, table = (eval(ast.unparse(node), held) for node in shown[:2])
    assert len(lines) > 100
    assert repr(table).startswith("Total monetary poverty, Ayacucho")


def test_the_survey_example_runs(code, monkeypatch, tmp_path):
    target = pd.DataFrame({"department": ["05"], "year": [2019], "poor_share": [0.39]})
    simulate.households(target, seed=1).write(tmp_path / "enaho" / "2019")
    monkeypatch.chdir(tmp_path)
    held = {}
    example = next(block for block in blocks(code, "python") if "ica.survey" in "\n".join(block))
    exec(compile("\n".join(example), "README.md", "exec"), held)
    table = held["estimates"].table.set_index("indicator")
    columns = example[-1].partition("# ")[2].split(", ")
    assert list(table)[2:] == columns
    assert abs(table["estimate"]["poverty"] - 0.39) < 4 * table["se"]["poverty"]
    assert 0 < table["estimate"]["gap"] < table["estimate"]["poverty"]


def test_the_example_on_contribution_runs(code, monkeypatch):
    monkeypatch.chdir(ROOT)
    example = next(block for block in blocks(code, "python") if "ica.impact" in "\n".join(block))
    held = {}
    exec(compile("\n".join(example), "README.md", "exec"), held)
    assert held["test"].n_assignments == 10_626
    assert "10,626" in example[-1]


def test_numbers_the_readme_states_are_those_of_the_data(code):
    text = text_of(code)
    reached = re.search(r"([\d,]+) (?:families|familias)", text)
    assert reached.group(1) == "2,500"
    assert "2.4 million" in text or "2.4 millones" in text
