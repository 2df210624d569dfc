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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from papermill.exceptions import PapermillExecutionError
from papermill.translators import PythonTranslator

from icanalysis import microcache
from icanalysis.catalog import DESCRIPTION
from icanalysis.evaluation import FILE
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
    """Why one region's report could not be made."""

    message: str
    trace: str


def provenance(
    data: DataFolder,
    notebook: Path,
    parameters: Mapping[str, object],
    survey_files: Mapping[str, Path],
) -> dict[str, object]:
    """Record all that a run's figures and pages depend on.

    Returns
    -------
    dict
        parameters; sha256 of every input, of the notebook and of this package's code; versions.
        No times and no paths: the same inputs give the same record on every machine.
    """
    tables = [table.path for table in data.catalog.tables.values()]
    inputs = sorted([data.path / FILE, data.path / DESCRIPTION, *tables])
    packages = {name: importlib.metadata.version(name) for name in COMPUTED_BY}
    return {
        "schema": SCHEMA,
        "programme": data.evaluation.programme.code,
        "parameters": dict(parameters),
        "inputs": {path.relative_to(data.path).as_posix(): sha256(path) for path in inputs},
        "survey_files": {name: sha256(path) for name, path in survey_files.items()},
        "notebook": {notebook.name: sha256(notebook)},
        "icanalysis": {"version": importlib.metadata.version("icanalysis"), "code": _code()},
        "versions": {"python": platform.python_version(), **packages},
    }


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
    if isinstance(error, PapermillExecutionError):
        message, trace = f"{error.ename}: {error.evalue}", "\n".join(error.traceback)
    else:
        message = f"{type(error).__name__}: {error}"
        trace = "".join(traceback.format_exception(error))
    places = {**_machine(), **private}
    return Failure(scrub(message, places), scrub(trace, places))


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
