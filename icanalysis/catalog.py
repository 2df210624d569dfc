"""Which tables a data folder holds and what each column means, read from datapackage.json."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frictionless import FrictionlessException, Package, Resource, Schema

from icanalysis.errors import DataError, Problem, WorkbookError
from icanalysis.language import Code, Message, msg

DESCRIPTION = "datapackage.json"
# Added to each field's own, because offices write absence in many ways. Compared
# after trimming; upper or lower case alike.
ABSENCE_WORDS = ("", "n/a", "na", "n.d.", "nd", "s/d", "s.d.", "s/i", "..", "…", "-", "—")
# Frictionless judges descriptions with jsonschema, which takes two seconds to load where JupyterLab
# has brought this: a library of grammars of web addresses. No description is judged by those.
SLOW = "rfc3987_syntax"


def _load_jsonschema() -> None:
    """Load jsonschema before anything else does, without what makes it slow to load."""
    absent: Any = None
    sys.modules.setdefault(SLOW, absent)  # to import it fails
    importlib.import_module("jsonschema")
    if sys.modules[SLOW] is None:
        del sys.modules[SLOW]


_load_jsonschema()


@dataclass(frozen=True)
class Field:
    """One column: its type and unit, its titles, and which list its values come from.

    `vocabulary` is "region" where values are regions of the evaluation; `joint`
    allows several, joined by "+", for a figure published for them together. `labels` name
    the codes in `choices` in each language.
    """

    name: str
    type: str
    titles: Mapping[Code, str]
    description: str
    unit: str
    vocabulary: str
    joint: bool
    required: bool
    choices: tuple[str, ...]
    labels: Mapping[str, Mapping[str, str]]

    def label(self, value: str, code: Code) -> str:
        """Name one of the field's codes in a language; a value without a label is itself."""
        return self.labels.get(value, {}).get(code, value)

    def codes_by_label(self) -> dict[str, str]:
        """Return the code that each label (casefolded), in either language, stands for."""
        return {
            label.casefold(): value
            for value, names in self.labels.items()
            for label in names.values()
        }


@dataclass(frozen=True)
class Link:
    """A column whose values must be keys of another table."""

    field: str
    table: str
    key: str


@dataclass(frozen=True)
class Table:
    """One table of the data package.

    `source_kind` says what its figures are: programme, official, survey or simulated;
    `stands_for`, what those will be that take the place of invented rows.
    `ordered` tells that the order of its rows means something and is kept.
    """

    name: str
    path: Path
    titles: Mapping[Code, str]
    description: str
    source_kind: str
    stands_for: str
    ordered: bool
    sha256: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    links: tuple[Link, ...]
    schema: Schema

    def field(self, name: str) -> Field:
        """Return the column of this name."""
        return next(field for field in self.fields if field.name == name)


@dataclass(frozen=True)
class Catalog:
    """A data folder and its tables, in the order of their description."""

    folder: Path
    tables: Mapping[str, Table]


def read_catalog(folder: Path) -> Catalog:
    """Read the folder's description.

    Raises
    ------
    WorkbookError
        If there is no datapackage.json.
    DataError
        If it is not JSON, or not a valid Data Package; every fault is listed.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        raise WorkbookError(
            msg(
                "“{folder}” is not a data folder: it holds no {description}. "
                "Name the folder that does, with --data.",
                folder=folder.name,
                description=DESCRIPTION,
            )
        )
    try:
        descriptor = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError([_fault(msg("not UTF-8 text"), msg("save it again as UTF-8"))]) from error
    except json.JSONDecodeError as error:
        trouble = msg("not valid JSON: {note}", note=error.msg)
        raise DataError(
            [_fault(trouble, msg("correct the file's syntax"), line=error.lineno)]
        ) from error
    try:
        resources = Package.from_descriptor(descriptor, basepath=str(folder)).resources
        schemas = {resource.name: resource.schema for resource in resources}
    except FrictionlessException as error:
        raise DataError(_invalid(descriptor, folder, error)) from error
    problems = [problem for resource in resources for problem in _unfit(resource)]
    problems = problems or _dangling(resources, schemas)
    if problems:
        raise DataError(problems)
    tables = [_table(folder, resource, schemas[resource.name]) for resource in resources]
    return Catalog(folder, {table.name: table for table in tables})


def _invalid(descriptor: Any, folder: Path, error: FrictionlessException) -> list[Problem]:  # noqa: ANN401
    """Say what the standard's own check found; resource by resource, because it names none."""
    listed = descriptor.get("resources") if isinstance(descriptor, dict) else None
    problems = []
    for position, entry in enumerate(listed if isinstance(listed, list) else [], start=1):
        try:
            _ = Resource.from_descriptor(entry, basepath=str(folder)).schema
        except FrictionlessException as fault:
            name = entry.get("name") if isinstance(entry, dict) else None
            problems += [
                _not_valid(f"resource {name or position}: {note}") for note in _notes(fault)
            ]
    return problems or [_not_valid(note) for note in _notes(error)]


def _notes(error: FrictionlessException) -> list[str]:
    return [reason.note for reason in error.reasons] or [error.error.note]


def _unfit(resource: Any) -> list[Problem]:  # noqa: ANN401 - frictionless has no types
    """Find what the standard allows and this package does not read."""
    problems = []
    if resource.extrapaths or not resource.path or "://" in resource.path:
        trouble = msg("the table “{name}” is not one file of this folder", name=resource.name)
        problems.append(_fault(trouble, msg("give it the path of one .csv or .xlsx file")))
    if not resource.schema.fields:
        trouble = msg("the table “{name}” describes no column", name=resource.name)
        problems.append(_fault(trouble, msg("list its columns in schema.fields")))
    return problems


def _dangling(resources: list[Any], schemas: Mapping[str, Schema]) -> list[Problem]:
    """Find links to a table or column that is not described."""
    problems = []
    remedy = msg("correct the link in foreignKeys")
    for resource in resources:
        for key in schemas[resource.name].foreign_keys:
            target = key["reference"]["resource"] or resource.name
            if target not in schemas:
                problems.append(
                    _fault(msg("the table “{name}” is not described", name=target), remedy)
                )
                continue
            columns = schemas[target].field_names
            for name in key["reference"]["fields"]:
                if name not in columns:
                    trouble = msg(
                        "the table “{table}” has no column “{name}”", table=target, name=name
                    )
                    problems.append(_fault(trouble, remedy))
            if len(key["fields"]) > 1:
                trouble = msg("the table “{name}” links several columns at once", name=target)
                problems.append(_fault(trouble, remedy))
    return problems


def _table(folder: Path, resource: Any, schema: Schema) -> Table:  # noqa: ANN401
    return Table(
        name=resource.name,
        path=folder / resource.path,
        titles=_titles(resource.title or resource.name, resource.custom),
        description=resource.description or "",
        source_kind=resource.custom.get("source_kind", ""),
        stands_for=resource.custom.get("stands_for", resource.custom.get("source_kind", "")),
        ordered=resource.custom.get("ordered", False),
        sha256=(resource.hash or "").removeprefix("sha256:"),
        fields=tuple(_field(field) for field in schema.fields),
        primary_key=tuple(schema.primary_key),
        links=tuple(
            Link(
                key["fields"][0],
                key["reference"]["resource"] or resource.name,
                key["reference"]["fields"][0],
            )
            for key in schema.foreign_keys
        ),
        schema=schema,
    )


def _field(field: Any) -> Field:  # noqa: ANN401 - frictionless has no types
    custom = field.custom
    return Field(
        name=field.name,
        type=field.type,
        titles=_titles(field.title or field.name, custom),
        description=field.description or "",
        unit=custom.get("unit", ""),
        vocabulary=custom.get("vocabulary", ""),
        joint=custom.get("joint", False),
        required=bool(field.constraints.get("required")),
        choices=tuple(str(choice) for choice in field.constraints.get("enum", ())),
        labels=custom.get("labels", {}),
    )


def _titles(title: str, custom: Mapping[str, str]) -> dict[Code, str]:
    """Return the standard's own title, which is English, and the Spanish one beside it."""
    return {"en": title, "es": custom.get("title_es", title)}


def _not_valid(note: str) -> Problem:
    return _fault(
        msg("not a valid Data Package: {note}", note=note),
        msg("correct the description; the standard is at datapackage.org"),
    )


def _fault(trouble: Message, remedy: Message, *, line: int | None = None) -> Problem:
    return Problem(DESCRIPTION, trouble, remedy, line=line)
