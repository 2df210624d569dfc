"""Check a whole data package, or one file against the table it fills."""

from __future__ import annotations

import json
from pathlib import Path

from icanalysis.catalog import DESCRIPTION, Table
from icanalysis.errors import DataError, Problem, WorkbookError, unknown_choice
from icanalysis.evaluation import FILE
from icanalysis.indicators import REPORTED
from icanalysis.language import Message, msg
from icanalysis.load import DataFolder, sha256


def package_problems(data: DataFolder) -> list[Problem]:
    """List every problem of a data package: its tables, their checksums, the evaluation."""
    problems = []
    for table in data.catalog.tables.values():
        found = _table_problems(data, table, table.path)
        problems += found or _checksum_problems(table)
    if not problems:  # references can only be followed through sound tables
        problems += _reference_problems(data) + _choice_problems(data)
    return problems


def file_problems(data: DataFolder, path: Path, name: str | None = None) -> list[Problem]:
    """List every problem of one file, read as the table called `name` or like the file.

    Raises
    ------
    WorkbookError
        If no table of that name is described.
    """
    wanted = name or path.stem.lower()
    tables = data.catalog.tables
    if wanted not in tables:
        if name is None:
            raise WorkbookError(
                msg(
                    "{file}: its name is not that of a table, so it cannot be told which it fills. "
                    "Say so with --as TABLE; the tables are: {tables}.",
                    file=path.name,
                    tables=", ".join(tables),
                )
            )
        raise unknown_choice(msg("Table"), name, list(tables))
    return _table_problems(data, tables[wanted], path)


def folder_of(path: Path) -> Path | None:
    """Find the data folder a file belongs to: the nearest above it with a description."""
    return next(
        (folder for folder in path.resolve().parents if (folder / DESCRIPTION).is_file()), None
    )


def accept(data: DataFolder) -> None:
    """Record the present checksum of every table: they were changed on purpose."""
    path = data.path / DESCRIPTION
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        table = data.path / resource["path"]
        if table.is_file():
            resource["hash"] = f"sha256:{sha256(table)}"
            resource["bytes"] = table.stat().st_size
    partial = path.with_suffix(".partial")
    text = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def _table_problems(data: DataFolder, table: Table, path: Path) -> list[Problem]:
    try:
        return data.find_problems(table, data.normalised(table, path))
    except DataError as error:
        return list(error.problems)


def _checksum_problems(table: Table) -> list[Problem]:
    if table.sha256 == sha256(table.path):
        return []
    return [
        Problem(
            table.path.name,
            msg("the file is not the one {description} records", description=DESCRIPTION),
            msg("if it was changed on purpose, record it: icanalysis check --accept"),
        )
    ]


def _reference_problems(data: DataFolder) -> list[Problem]:
    """Tables, columns and indicators that evaluation.toml names and the package lacks."""
    evaluation = data.evaluation
    indicators = set(data.table("indicators")["indicator"])
    asked: list[tuple[str, str, str]] = [
        (item.table, item.value, item.indicator) for item in evaluation.context
    ]
    for item in evaluation.context:
        if item.deflator:
            asked.append((item.deflator.table, item.deflator.value, item.indicator))
        if item.group_interval:
            group = item.group_interval
            asked += [(group.table, column, group.indicator) for column in (group.low, group.high)]
    if evaluation.coverage:
        plan = evaluation.coverage
        asked.append((plan.table, plan.value, plan.indicator))
    problems = []
    for table, column, indicator in asked:
        described = data.catalog.tables.get(table)
        if described is None:
            problems.append(_reference(msg("the table “{name}” is not described", name=table)))
        elif column not in {item.name for item in described.fields}:
            fault = msg("the table “{table}” has no column “{name}”", table=table, name=column)
            problems.append(_reference(fault))
        if indicator not in indicators:
            problems.append(_reference(msg("the indicator “{name}” has no record", name=indicator)))
    return problems


def _reference(trouble: Message) -> Problem:
    return Problem(
        FILE, trouble, msg("correct evaluation.toml or {description}", description=DESCRIPTION)
    )


def _choice_problems(data: DataFolder) -> list[Problem]:
    """Figures of which not exactly one of the published values is marked as used."""
    reported = data.table(REPORTED)
    key = ["indicator", "region", "sector", "population"]
    uses = reported.fillna({"sector": "", "population": ""}).groupby(key)["used"].sum()
    indicators = reported.groupby("indicator")["used"].sum()
    doubled = [" ".join(part for part in where if part) for where in uses.index[uses > 1]]
    unused = [str(name) for name in indicators.index[indicators == 0]]
    file = data.catalog.tables[REPORTED].path.name
    return [
        Problem(
            file,
            msg("more than one value is used for {figure}", figure=name),
            msg("keep used = true in one row"),
        )
        for name in doubled
    ] + [
        Problem(
            file,
            msg("no value is used for {figure}", figure=name),
            msg("write used = true in one row, and why"),
        )
        for name in unused
    ]
