"""What a run leaves of itself: what it was made from, and nothing of the machine that made it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import re
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from papermill.translators import PythonTranslator

from icanalysis import microcache
from icanalysis.catalog import DESCRIPTION
from icanalysis.evaluation import FILE
from icanalysis.language import Message, msg
from icanalysis.load import DataFolder, sha256

SCHEMA = "icanalysis-run/1"
# What the figures depend on, beside this package.
COMPUTED_BY = (
    *microcache.LIBRARIES,
    "statsmodels",
    "matplotlib",
    "seaborn",
    "papermill",
    "nbconvert",
)


CODE = (".py", ".po", ".j2", ".json", ".css")


@dataclass(frozen=True)
class Failure:
    """Why a page could not be made."""

    message: Message
    trace: str


def provenance(
    data: DataFolder,
    notebooks: Sequence[Path],
    parameters: Mapping[str, object],
    survey_files: Mapping[str, Path],
) -> dict[str, Any]:
    """Record all that a run's figures and pages depend on.

    Returns
    -------
    dict
        parameters; sha256 of every input, of the settings, of the notebooks and of this
        package's code; versions. No times and no paths: the same inputs give the same record on
        every machine.
    """
    return {
        "schema": SCHEMA,
        "programme": data.evaluation.programme.code,
        "parameters": dict(parameters),
        "inputs": {
            path.relative_to(data.path).as_posix(): sha256(path) for path in sorted(inputs(data))
        },
        "settings": settings(data),
        "survey_files": {name: sha256(path) for name, path in survey_files.items()},
        "notebooks": {notebook.name: sha256(notebook) for notebook in notebooks},
        **made_with(),
    }


def made_with() -> dict[str, dict[str, str]]:
    """Tell with what pages are made here: this package's code, and versions of the libraries."""
    packages = {name: importlib.metadata.version(name) for name in COMPUTED_BY}
    return {
        "icanalysis": {"version": importlib.metadata.version("icanalysis"), "code": _code()},
        "versions": {"python": platform.python_version(), **packages},
    }


def inputs(data: DataFolder) -> list[Path]:
    """List the files of a data folder that a run reads."""
    tables = [table.path for table in data.catalog.tables.values()]
    return [data.path / FILE, data.path / DESCRIPTION, *_drawn(data), *tables]


def _drawn(data: DataFolder) -> list[Path]:
    """List files of a data folder that are drawn as they are: the outlines of a map."""
    return [data.path / data.evaluation.map.geojson] if data.evaluation.map else []


def settings(data: DataFolder) -> str:
    """Checksum of what every page depends on, whatever tables it shows."""
    whole = hashlib.sha256(data.settings.encode())
    for path in _drawn(data):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def moved(record: Mapping[str, Any], data: DataFolder) -> list[str]:
    """List the inputs of a run that are no longer as it read them.

    The evaluation and the description of the tables are as they were while what they settle is: a
    comment in them changes nothing.
    """
    told = record.get("inputs") or {}
    now = {path.relative_to(data.path).as_posix(): sha256(path) for path in inputs(data)}
    settled = record.get("settings") == settings(data)
    apart = {FILE, DESCRIPTION} if settled else set()
    found = sorted(name for name in {*now, *told} - apart if now.get(name) != told.get(name))
    return found or ([] if settled else [FILE])


def _code() -> str:
    """Checksum of this package: modules, templates and catalogues."""
    folder = Path(__file__).parent
    files = sorted(path for path in folder.rglob("*") if path.suffix in CODE)
    whole = hashlib.sha256()
    for path in files:
        whole.update(path.relative_to(folder).as_posix().encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def write_json(record: Mapping[str, object], path: Path) -> None:
    """Write a record as JSON people can read."""
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def failure(error: BaseException, private: Mapping[str, str]) -> Failure:
    """Word what stopped a report, with the private places named in `private` replaced.

    An error inside the notebook is told as the notebook told it.
    """
    places = {**_machine(), **private}
    trace = "".join(traceback.format_exception(error))
    if isinstance(error, CellTimeoutError):
        message = msg("The notebook took longer than it may (--timeout); it was stopped.")
    elif isinstance(error, DeadKernelError):
        message = msg(
            "The process that computed the notebook ended by itself; most often it ran out of "
            "memory. Try fewer --workers."
        )
    else:
        found = f"{type(error).__name__}: {error}"
        if isinstance(error, PapermillExecutionError):
            found, trace = f"{error.ename}: {error.evalue}", "\n".join(error.traceback)
        # Said as it is in both languages.
        message = Message("{found}", {"found": scrub(found, places)})
    return Failure(message, scrub(trace, places))


def _machine() -> dict[str, str]:
    """Places of this machine, and what stands for each in a message."""
    places = {
        sys.prefix: "python",
        sys.base_prefix: "python",
        tempfile.gettempdir(): "temporary",
        str(Path(__file__).parents[1]): ".",
    }
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() fails without a name
    if home.name:  # the home of a service may be the root itself
        places |= {str(home): "~", f"/{home.name}/": "/user/"}
    return places


def scrub(text: str, places: Mapping[str, str]) -> str:
    """Take terminal colours and private places out of a text, the longest place first."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    return text


def shareable(
    notebook: nbformat.NotebookNode, parameters: Mapping[str, object]
) -> nbformat.NotebookNode:
    """Return an executed notebook without what papermill records of this machine.

    Its paths and times leave the metadata; the folders among the injected parameters become the
    notebook's own relative ones. Cells are numbered by position, not at random.
    """
    clean = nbformat.from_dict(json.loads(json.dumps(notebook)))
    clean.metadata.pop("papermill", None)
    for place, cell in enumerate(clean.cells):
        cell["id"] = f"cell-{place}"
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            shown = {**parameters, "data_dir": "../data", "enaho_dir": "", "out_dir": ""}
            cell.source = PythonTranslator.codify(shown, "Parameters")
        if "outputs" in cell:  # warnings name files of this machine, and no page shows them
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return clean
