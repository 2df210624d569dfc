"""What keeps the diffs of notebooks clean: the tool that mends them, and the hooks that ask."""

import re
import sys
from pathlib import Path

import nbformat
import notebook_hygiene as hygiene
import yaml

ROOT = Path(__file__).parents[1]


def test_a_notebook_saved_by_jupyterlab_is_mended_and_keeps_its_outputs(tmp_path, capsys):
    stored = ROOT / "notebooks" / "00_start_here.ipynb"
    notebook = nbformat.read(stored, as_version=4)
    notebook.metadata["widgets"] = {"state": {"ab12": {}}}
    notebook.metadata["language_info"]["version"] = "3.99.0"
    notebook.metadata["kernelspec"]["display_name"] = "my environment"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}
            cell.metadata["trusted"] = True
    saved = tmp_path / "saved.ipynb"
    nbformat.write(notebook, saved)
    assert hygiene.main([str(saved)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"Metadata that change from run to run: {saved}",
        "Run: make notebooks",
    ]
    assert hygiene.main(["--fix", str(saved)]) == 0
    assert saved.read_bytes() == stored.read_bytes()


def test_a_widget_is_stored_without_the_name_its_run_drew():
    def shown(name):
        data = {hygiene.WIDGET: {"model_id": name}, "text/plain": "Dropdown()"}
        output = nbformat.v4.new_output("display_data", data)
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(id="a", outputs=[output])])

    assert hygiene.tidied(shown("ab12")) == hygiene.tidied(shown("cd34"))
    assert hygiene.tidied(shown("ab12")).cells[0].outputs[0].data["text/plain"] == "Dropdown()"


def test_hooks_run_before_a_commit_are_local_and_exist():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [found["repo"] for found in config["repos"]] == ["local"]
    (local,) = config["repos"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for hook in local["hooks"]:
        assert hook["language"] == "system"
        program, *arguments = hook["entry"].split()
        assert program.startswith(".venv/bin/")
        assert Path(sys.executable).with_name(Path(program).name).exists()
        scripts = [word for word in arguments if word.endswith(".py")]
        assert all((ROOT / script).is_file() for script in scripts)
        (target,) = re.findall(r"\(make ([a-z]+)\)", hook["name"])
        assert re.search(rf"^{target}:", makefile, re.M)


def test_make_notebooks_takes_out_what_the_hook_would_refuse():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^notebooks:.*\n((?:\t.*\n)+)", makefile, re.M)[1]
    assert "record_timing=False" in recipe
    assert "tests/notebook_hygiene.py --fix notebooks/*.ipynb" in recipe
