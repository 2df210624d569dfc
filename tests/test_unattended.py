"""The recipes for runs nobody watches do what their page says."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

RECIPES = Path(__file__).parents[1] / "docs" / "unattended"


@pytest.fixture
def nightly(tmp_path):
    """The cron recipe in a workbook whose `icanalysis` does what a test says."""
    (tmp_path / "docs" / "unattended").mkdir(parents=True)
    script = shutil.copy(RECIPES / "nightly.sh", tmp_path / "docs" / "unattended")
    program = tmp_path / ".venv" / "bin" / "icanalysis"
    program.parent.mkdir(parents=True)

    def run(does, *arguments):
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
        return subprocess.run(
            [script, *arguments], cwd="/", capture_output=True, text=True, check=False
        )

    return run


def test_the_script_can_be_run():
    assert os.access(RECIPES / "nightly.sh", os.X_OK)


def test_a_night_on_which_all_went_well_is_silent(nightly):
    done = nightly("echo reports/run/index.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("code", [1, 2])
def test_a_night_on_which_something_failed_is_told_with_its_code(nightly, code):
    done = nightly(f"echo 'cusco: it could not be made' >&2; exit {code}")
    assert done.returncode == code
    assert done.stdout.splitlines() == [
        "cusco: it could not be made",
        f"icanalysis report ended with code {code}.",
    ]


def test_arguments_reach_the_report_whole(nightly):
    done = nightly('for each; do echo "[$each]"; done; pwd; exit 1', "--out", "a folder")
    told = done.stdout.splitlines()
    assert told[:3] == ["[report]", "[--out]", "[a folder]"]
    assert Path(told[3], "docs", "unattended").is_dir(), "it works in the workbook's folder"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_understands_its_units(tmp_path):
    for unit in ("icanalysis.service", "icanalysis.timer"):
        text = (
            (RECIPES / unit).read_text().replace("%h/icanalysis/.venv/bin/icanalysis", "/bin/true")
        )
        (tmp_path / unit).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *map(str, tmp_path.iterdir())],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_both_languages_tell_the_same():
    pages = [RECIPES.parent / name for name in ("unattended.md", "sin_vigilancia.md")]
    counts = [
        [line[:1] for line in page.read_text(encoding="utf-8").splitlines() if line[:1] in "|#`{"]
        for page in pages
    ]
    assert counts[0] == counts[1]
