"""Which tables a data folder holds and what each column means, read from datapackage.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frictionless import FrictionlessException, Package, Schema

from icanalysis.errors import DataError, Problem, WorkbookError
from icanalysis.language import Code, msg

DESCRIPTION = "datapackage.json"
# Added to each field's own, because offices write absence in many ways. Compared
# after trimming; upper or lower case alike.
ABSENCE_WORDS = ("", "n/a", "na", "n.d.", "nd", "s/d", "s.d.", "s/i", "..", "…", "-", "—")


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


@dataclass(frozen=True)
class Link:
    """A column whose values must be keys of another table."""

    field: str
    table: str
    key: str


@dataclass(frozen=True)
class Table:
    """One table of the data package.

    `source_kind` says what its figures are: programme, official, survey or simulated.
    `ordered` tells that the order of its rows means something and is kept.
    """

    name: str
    path: Path
    titles: Mapping[Code, str]
    description: str
    source_kind: str
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
        descriptor = json.loads(path.read_text(encoding="utf-8"))
        package = Package.from_descriptor(descriptor, basepath=str(folder))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError([_not_valid(str(error))]) from error
    except FrictionlessException as error:
        notes = [reason.note for reason in error.reasons] or [error.error.note]
        raise DataError([_not_valid(note) for note in notes]) from error
    tables = [_table(folder, resource) for resource in package.resources]
    return Catalog(folder, {table.name: table for table in tables})


def _table(folder: Path, resource: Any) -> Table:  # noqa: ANN401 - frictionless has no types
    schema = resource.schema
    return Table(
        name=resource.name,
        path=folder / resource.path,
        titles=_titles(resource.title or resource.name, resource.custom),
        description=resource.description or "",
        source_kind=resource.custom.get("source_kind", ""),
        ordered=resource.custom.get("ordered", False),
        sha256=(resource.hash or "").removeprefix("sha256:"),
        fields=tuple(_field(field) for field in schema.fields),
        primary_key=tuple(schema.primary_key),
        links=tuple(
            Link(key["fields"][0], key["reference"]["resource"], key["reference"]["fields"][0])
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
    return Problem(
        DESCRIPTION,
        msg("not a valid Data Package: {note}", note=note),
        msg("correct the description; the standard is at datapackage.org"),
    )
