"""Check a whole data package, or one file against the table it fills."""

from __future__ import annotations

import json
from pathlib import Path

from icanalysis.catalog import DESCRIPTION, Table
from icanalysis.cells import Grid
from icanalysis.errors import DataError, Problem, WorkbookError, distinct, unknown_choice
from icanalysis.evaluation import FILE, JOINT, Evaluation
from icanalysis.indicators import REPORTED
from icanalysis.language import Message, msg
from icanalysis.likeness import BALANCE, FOLLOWED
from icanalysis.load import DataFolder, sha256, to_frame
from icanalysis.producers import COUNTED, link
from icanalysis.questions import QUESTIONS
from icanalysis.rules import row_problems
from icanalysis.shapes import read_shapes

# Tables that the code names itself.
NEEDED = ("sources", "indicators", REPORTED)


def package_problems(data: DataFolder) -> list[Problem]:
    """List every problem of a data package: its tables, their checksums, the evaluation."""
    problems: list[Problem] = []
    for table in data.catalog.tables.values():
        found = _table_problems(data, table, table.path)
        problems += found or _checksum_problems(table)
    problems += [
        Problem(
            DESCRIPTION,
            msg("the table “{name}” is not described", name=name),
            msg("describe it: every evaluation needs this table"),
        )
        for name in NEEDED
        if name not in data.catalog.tables
    ]
    problems += _map_problems(data)
    if not problems:  # references can only be followed through sound tables
        problems += _reference_problems(data) + _choice_problems(data) + _question_problems(data)
    return distinct(problems)


def _map_problems(data: DataFolder) -> list[Problem]:
    try:
        read_shapes(data)
    except DataError as error:
        return list(error.problems)
    return []


def file_problems(data: DataFolder, path: Path, name: str | None = None) -> list[Problem]:
    """List every problem of one file, read as the table called `name` or like the file.

    Raises
    ------
    WorkbookError
        If no table of that name is described.
    """
    if not path.is_file():
        missing = Problem(path.name, msg("the file does not exist"), msg("check its path"))
        return [missing]
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
    problems = _table_problems(data, tables[wanted], path)
    return problems or _emptiness(data, tables[wanted], path)


def folder_of(path: Path) -> Path | None:
    """Find the data folder a file belongs to: the nearest above it with a description."""
    return next(
        (folder for folder in path.resolve().parents if (folder / DESCRIPTION).is_file()), None
    )


def accept(data: DataFolder, *names: str) -> None:
    """Record the present checksum of tables, or of every one: they were changed on purpose."""
    path = data.path / DESCRIPTION
    descriptor = json.loads(path.read_text(encoding="utf-8-sig"))
    for resource in descriptor["resources"]:
        table = data.path / resource["path"]
        if table.is_file() and (not names or resource["name"] in names):
            resource["hash"] = f"sha256:{sha256(table)}"
            resource["bytes"] = table.stat().st_size
    partial = path.with_suffix(".partial")
    text = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def _table_problems(data: DataFolder, table: Table, path: Path) -> list[Problem]:
    try:
        grid = data.normalised(table, path)
        problems = data.find_problems(table, grid)
    except DataError as error:
        return list(error.problems)
    if problems:
        return problems
    plan = data.evaluation.producers
    if plan and table.name == plan.table:
        return _visit_problems(table, grid)
    return row_problems(table.name, grid)


def _visit_problems(table: Table, grid: Grid) -> list[Problem]:
    """Rows of the producers' table that fit one by one, and not with their other visit."""
    if not grid.rows:
        return []
    try:
        link(to_frame(table, grid), grid.file)
    except DataError as error:
        return list(error.problems)
    return []


def _emptiness(data: DataFolder, table: Table, path: Path) -> list[Problem]:
    """Tell of a file sent with its header alone: fine in a data folder, hardly meant when sent."""
    if data.normalised(table, path).rows:
        return []
    return [Problem(path.name, msg("the table has no rows"), msg("add them below the header"))]


def _checksum_problems(table: Table) -> list[Problem]:
    if table.sha256 == sha256(table.path):
        return []
    return [
        Problem(
            table.path.name,
            msg("the file is not the one {description} records", description=DESCRIPTION),
            msg("if it was changed on purpose, record it: icanalysis check FOLDER --accept"),
        )
    ]


def _reference_problems(data: DataFolder) -> list[Problem]:
    """Tables, columns, indicators and sources that evaluation.toml names and the package lacks."""
    problems = []
    for table, column in _columns_named(data.evaluation):
        described = data.catalog.tables.get(table)
        if described is None:
            problems.append(_reference(msg("the table “{name}” is not described", name=table)))
        elif column not in {item.name for item in described.fields}:
            fault = msg("the table “{table}” has no column “{name}”", table=table, name=column)
            problems.append(_reference(fault))
    indicators = set(data.table("indicators")["indicator"])
    for name in _indicators_named(data.evaluation):
        if name not in indicators:
            problems.append(_reference(msg("the indicator “{name}” has no record", name=name)))
    if units := {unit for each in data.evaluation.breakdowns for unit in each.units}:
        for name in sorted(units - set(data.table("indicators")["unit"])):
            problems.append(_reference(msg("no indicator has the unit “{name}”", name=name)))
    source = data.evaluation.programme.source_id
    if source not in set(data.table("sources")["source_id"]):
        problems.append(_reference(msg("the source “{name}” has no record", name=source)))
    return problems


def _columns_named(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Return each table and column that evaluation.toml names."""
    named = []
    for item in evaluation.context:
        named += [(item.table, column) for column in (item.value, *item.where)]
        if item.basis:
            named.append((item.table, item.basis))
        if item.deflator:
            named.append((item.deflator.table, item.deflator.value))
        if group := item.group_interval:
            named += [(group.table, column) for column in (group.low, group.high, *group.where)]
    if plan := evaluation.coverage:
        named.append((plan.table, plan.value))
    if makers := evaluation.producers:
        named += [
            (makers.table, item.variable) for item in makers.indicators if item.variable != COUNTED
        ]
        named += [(makers.table, name) for item in makers.indicators for name in item.groups]
        if makers.deflator:
            named.append((makers.deflator.table, makers.deflator.value))
    return named


def _indicators_named(evaluation: Evaluation) -> list[str]:
    named = [item.indicator for item in evaluation.context]
    named += [item.group_interval.indicator for item in evaluation.context if item.group_interval]
    if plan := evaluation.coverage:
        named += [plan.indicator, plan.reached]
    if homes := evaluation.households:
        named += [item.indicator for item in homes.indicators]
    if makers := evaluation.producers:
        named += [FOLLOWED, BALANCE, *(item.indicator for item in makers.indicators)]
    return named


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


def _question_problems(data: DataFolder) -> list[Problem]:
    """Find indicators that an evaluation question rests on and that have no record."""
    if QUESTIONS not in data.catalog.tables:
        return []
    known = set(data.table("indicators")["indicator"])
    named = data.table(QUESTIONS)["indicators"].dropna().str.split(JOINT).explode()
    file = data.catalog.tables[QUESTIONS].path.name
    return [
        Problem(
            file,
            msg("the indicator “{name}” has no record", name=name),
            msg("correct the code, or give the indicator its record"),
            column="indicators",
        )
        for name in dict.fromkeys(named)
        if name not in known
    ]
