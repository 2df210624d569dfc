"""The folder of a run: made beside where it is wanted, moved into place when whole."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.load import sha256
from icanalysis.record import SCHEMA

RUN_FILE, RESULTS_FILE, INDEX_FILE = "run.json", "results.csv", "index.html"
# What opening a run in Jupyter or a file manager leaves in it.
_LEFT_BEHIND = re.compile(r"(.*/)?(\.DS_Store|\.ipynb_checkpoints/[^/]+)")


def require_replaceable(folder: Path) -> None:
    """Refuse a folder that holds anything but a run of ours: replacing it would lose that.

    Raises
    ------
    WorkbookError
        Naming the folder, and the way out.
    """
    usable = folder.is_dir() and not Path.cwd().is_relative_to(folder) and _holds_only_a_run(folder)
    if usable or not folder.exists():
        return
    raise WorkbookError(
        msg(
            "“{folder}” exists and is not the folder of a run, so it is left alone. "
            "Name another folder with --out.",
            folder=folder.name,
        )
    )


def _holds_only_a_run(folder: Path) -> bool:
    record = read_record(folder)
    ours = {RUN_FILE, *(record.get("outputs") or {})} if record.get("schema") == SCHEMA else set()
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return all(name in ours or _LEFT_BEHIND.fullmatch(name) for name in files)


def read_record(folder: Path) -> dict[str, Any]:
    """Return the record of the run in a folder; empty if there is none that can be read."""
    try:
        record = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def outputs(folder: Path) -> dict[str, str]:
    """Return the checksum of every file of a run but its record."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {
        name: sha256(path)
        for name, path in names.items()
        if name != RUN_FILE and not _LEFT_BEHIND.fullmatch(name)
    }


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """Return a folder beside `out`, gone again whatever happens unless moved into place."""
    # Absolute: kernels work in the notebooks' folder, not in ours.
    made = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent.resolve()))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def move_into_place(made: Path, out: Path) -> None:
    """Put a finished run where it is wanted; an earlier one goes only once this one stands."""
    if not out.exists():
        made.rename(out)
        return
    require_replaceable(out)  # somebody may have put a file there since the run began
    earlier = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent)) / out.name
    out.rename(earlier)
    try:
        made.rename(out)
    except OSError:
        earlier.rename(out)
        earlier.parent.rmdir()
        raise
    shutil.rmtree(earlier.parent)
