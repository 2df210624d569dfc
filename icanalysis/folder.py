"""The folder of a run: what it holds, and what may be replaced."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.load import sha256
from icanalysis.record import SCHEMA

RUN_FILE, RESULTS_FILE, INDEX_FILE = "run.json", "results.csv", "index.html"
MANIFEST = "manifest.json"  # of a bundle
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


def require_outside_runs(path: Path) -> None:
    """Refuse a file that would lie in the folder of a run or a bundle, or of their languages.

    Raises
    ------
    WorkbookError
        Naming the file, and the way out.
    """
    if any(_is_made(parent) for parent in path.resolve().parents[:2]):
        raise WorkbookError(
            msg(
                "“{file}” would lie in the folder of a run or a bundle, which would no longer be as "
                "it was made. Name another file with --to.",
                file=path.name,
            )
        )


def require_home(path: Path) -> None:
    """Refuse a file or folder that would lie where there is no folder.

    Raises
    ------
    WorkbookError
        Naming the folder that is not there.
    """
    home = path.resolve().parent
    if not home.is_dir():
        raise WorkbookError(msg("There is no folder “{folder}”.", folder=str(home)))


def _is_made(folder: Path) -> bool:
    about = str(read_record(folder, MANIFEST).get("schema", ""))
    return (folder / RUN_FILE).is_file() or about.startswith("icanalysis-")


def _holds_only_a_run(folder: Path) -> bool:
    record = read_record(folder)
    ours = {RUN_FILE, *(record.get("outputs") or {})} if record.get("schema") == SCHEMA else set()
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return all(name in ours or _LEFT_BEHIND.fullmatch(name) for name in files)


def read_record(folder: Path, name: str = RUN_FILE) -> dict[str, Any]:
    """Return the record in a folder, a run's or another's; empty if none can be read."""
    try:
        record = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # nested too deep for a record
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
