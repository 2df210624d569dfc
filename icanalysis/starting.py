"""A workbook for another programme: folder, toy example, notebooks, templates, what to do first.

What a table holds is described once, in the package's own datapackage.json. `toy/tables.json` says
what of that a table of another country does not share, as a merge patch (RFC 7396) of each table.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader

from icanalysis import audit, template, workbook
from icanalysis.catalog import DESCRIPTION
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import FILE
from icanalysis.folder import require_home
from icanalysis.language import Language, msg
from icanalysis.load import DataFolder, open_data

TOY = Path(__file__).parent / "toy"
PATCHES = "tables.json"
# The study of the method's own errors is of programmes shaped as the built-in one.
LEFT_OUT = ("05_does_the_method_tell_the_truth.ipynb",)
# Cells that speak of the outputs stored with the package's notebooks.
STORED = "stored"
INVENTED = "TOY EXAMPLE / EJEMPLO DE JUGUETE: every row is invented / cada fila es inventada."
README = {"en": "README.md", "es": "LEEME.md"}
WALK = {"en": "another_programme.md", "es": "otro_programa.md"}  # from a survey to a report


def make(folder: Path, reader: Language) -> Path:
    """Make a workbook for another programme in a folder that is not there, or empty.

    It is made beside and moved in when whole: nothing half-made stays.

    Raises
    ------
    WorkbookError
        If the folder holds anything, or there is nowhere to make it.
    """
    folder = folder.resolve()
    _require_free(folder)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _fill(draft, reader)
        _move(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _require_free(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists():
        raise WorkbookError(
            msg(
                "“{folder}” is there already and not empty, so it is left alone. Name a folder that "
                "does not exist yet.",
                folder=folder.name,
            )
        )
    require_home(folder)


def _move(draft: Path, folder: Path) -> None:
    """Put a whole draft in its place; into a folder that is there, for somebody may stand in it."""
    draft.chmod(0o755)
    if not folder.exists():
        draft.rename(folder)
        return
    _require_free(folder)  # somebody may have put a file there since
    for part in draft.iterdir():
        part.rename(folder / part.name)


def _fill(folder: Path, reader: Language) -> None:
    data = folder / "data"
    shutil.copytree(TOY, data, ignore=shutil.ignore_patterns(PATCHES))
    _speak(data / FILE, reader)
    description = _described(_read(_home() / "data" / DESCRIPTION), _read(TOY / PATCHES))
    text = json.dumps(description, ensure_ascii=False, indent=2) + "\n"
    (data / DESCRIPTION).write_text(text, encoding="utf-8", newline="\n")
    audit.accept(open_data(data))
    opened = open_data(data)
    (data / "templates").mkdir()
    for name in opened.catalog.tables:
        template.write(opened, name, data / "templates" / f"{name}{template.SUFFIX}", reader)
    _notebooks(folder, opened, reader)
    (folder / "reports").mkdir()
    _readme(folder, opened, reader)
    walk = WALK[reader.code]
    shutil.copyfile(_home() / "docs" / walk, folder / walk)


def _home() -> Path:
    """Find the package's own notebooks and data: in the checkout, else in the installed package.

    Raises
    ------
    WorkbookError
        If neither is there.
    """
    package = Path(__file__).parent
    for home in (package.parent, package):
        if (home / workbook.NOTEBOOK).is_file() and (home / "data" / DESCRIPTION).is_file():
            return home
    raise WorkbookError(msg("The package's own notebooks are missing: install it again."))


def _read(path: Path) -> Any:  # noqa: ANN401 - whatever the JSON holds
    return json.loads(path.read_text(encoding="utf-8"))


def _speak(path: Path, reader: Language) -> None:
    """Put the reader's language first in evaluation.toml."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'(?m)^default = "\w+"$', f'default = "{reader.code}"', text, count=1)
    path.write_text(text, encoding="utf-8", newline="\n")


# --- what the tables hold -------------------------------------------------------------------


def _described(own: Mapping[str, Any], patches: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the toy's tables: the package's own descriptions, patched for another country."""
    resources = {each["name"]: each for each in own["resources"]}
    return {
        "$schema": own["$schema"],
        "name": "toy-programme",
        "title": "TOY PROGRAMME / PROGRAMA DE JUGUETE",
        "description": INVENTED,
        "resources": [_table(resources[name], patch) for name, patch in patches.items()],
    }


def _table(own: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Describe one table. Who published the package's own rows says nothing of others."""
    kept = {
        key: value for key, value in own.items() if key not in ("sources", "licenses", "accessed")
    }
    changes = {key: value for key, value in patch.items() if key != "fields"}
    table: dict[str, Any] = merged(kept, changes)
    if table["source_kind"] != "reference":  # what real rows will be stays beside it
        table |= {"source_kind": "simulated", "stands_for": table["source_kind"]}
    table["description"] = f"{INVENTED} {table['description']}"
    by_field = patch.get("fields", {})
    fields = [_field(field, by_field.get(field["name"], {})) for field in own["schema"]["fields"]]
    return {**table, "schema": {**own["schema"], "fields": fields}}


def _field(own: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    field: dict[str, Any] = merged(own, patch)
    if "vocabulary" in field:  # evaluation.toml says which regions and sectors there are
        field = merged(field, {"constraints": {"pattern": None}})
    return field


def merged(own: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON
    """Apply a JSON merge patch (RFC 7396): what it names is replaced, null takes it away."""
    if not isinstance(patch, Mapping):
        return patch

    def with_one(found: dict[str, Any], item: tuple[str, Any]) -> dict[str, Any]:
        key, value = item
        rest = {name: each for name, each in found.items() if value is not None or name != key}
        return rest if value is None else {**rest, key: merged(rest.get(key), value)}

    return reduce(with_one, patch.items(), dict(own) if isinstance(own, Mapping) else {})


# --- notebooks and what to do first ---------------------------------------------------------


def _notebooks(folder: Path, data: DataFolder, reader: Language) -> None:
    """Copy the notebooks without outputs, set to this evaluation."""
    evaluation = data.evaluation
    years = evaluation.years()
    values = {
        "region": evaluation.reported_regions()[0].code,
        "indicator": evaluation.context[0].indicator,
        "baseline": years.baseline,
        "outcome": years.outcome,
        "language": reader.code,
    }
    home = folder / workbook.NOTEBOOK.parent
    home.mkdir()
    for path in sorted((_home() / workbook.NOTEBOOK.parent).glob("*.ipynb")):
        if path.name not in LEFT_OUT:
            notebook = nbformat.read(path, as_version=4)
            nbformat.write(_cleared(notebook, values), home / path.name)


def _cleared(notebook: Any, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - nbformat has no types
    """Take a notebook's outputs away and give its parameters these values."""
    notebook.cells = [
        cell for cell in notebook.cells if STORED not in cell.metadata.get("tags", [])
    ]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if "parameters" in cell.metadata.get("tags", []):
            for name, value in values.items():
                told = json.dumps(value)
                cell.source = re.sub(
                    rf"(?m)^({name}: \w+ = )(\"[^\"]*\"|\d+)", rf"\g<1>{told}", cell.source
                )
    return notebook


def _readme(folder: Path, data: DataFolder, reader: Language) -> None:
    pages = Environment(
        loader=PackageLoader("icanalysis", "templates/new"),
        autoescape=False,  # Markdown, of our own words
        keep_trailing_newline=True,
    )
    tables = [
        {
            "title": table.titles[reader.code],
            "path": table.path.relative_to(folder).as_posix(),
            "name": name,
            "rows": len(data.table(name)),
        }
        for name, table in data.catalog.tables.items()
    ]
    text = pages.get_template(f"{README[reader.code]}.j2").render(tables=tables)
    (folder / README[reader.code]).write_text(text, encoding="utf-8", newline="\n")
