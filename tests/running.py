"""Runs of the command line, and a run that all of pytest's workers share."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE = 600  # seconds another worker may take


def icanalysis(*arguments, cwd):
    """Run a command as a user would, in English."""
    command = [str(Path(sys.executable).with_name("icanalysis")), *arguments]
    environment = {**os.environ, "ICANALYSIS_LANGUAGE": "en"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def once(tmp_path_factory, name, make):
    """Make a folder once for all workers: the first to ask makes it, the others wait.

    `make` fills the folder and returns what JSON can hold, which every worker is given.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    home, told = base / name, base / f"{name}.json"
    try:
        home.mkdir()
    except FileExistsError:
        return home, _awaited(told)
    result = None
    try:
        result = make(home)
    finally:
        # Renamed into place, so that nobody reads half of it.
        draft = told.with_suffix(".draft")
        draft.write_text(json.dumps(result), encoding="utf-8")
        draft.rename(told)
    return home, result


def _awaited(told):
    end = time.monotonic() + PATIENCE
    while not told.exists():
        if time.monotonic() > end:
            pytest.fail(f"no other worker made {told.stem} within {PATIENCE} seconds")
        time.sleep(0.2)
    result = json.loads(told.read_text(encoding="utf-8"))
    if result is None:
        pytest.fail(f"the worker that was to make {told.stem} failed; its test says why")
    return result
