"""What is wrong with a table: every departure from its description, worded for its sender.

Frictionless checks types, constraints and keys; here its findings get the line of the file
and a remedy, beside what only an evaluation knows: its regions and the links between tables.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from frictionless import Resource

from icanalysis.catalog import Field, Table
from icanalysis.cells import Grid
from icanalysis.errors import Problem, nearest
from icanalysis.evaluation import JOINT, Evaluation
from icanalysis.language import Message, msg

# A number that may be read in two ways: 1,234 or 1.234 where a whole number is asked.
_TWO_READINGS = re.compile(r"\d[.,]\d{3}(\D|$)")


def header_problems(table: Table, grid: Grid) -> list[Problem]:
    """Columns that are missing, unknown or repeated."""
    names = [item.name for item in table.fields]
    problems = []
    for name in [name for name in names if name not in grid.header]:
        problems.append(
            Problem(
                grid.file,
                msg("the column “{name}” is missing", name=name),
                msg("add it to the header; leave cells empty where nothing is known"),
                line=grid.header_line,
            )
        )
    for cell in dict.fromkeys(grid.header):
        if grid.header.count(cell) > 1:
            trouble = msg("the column “{name}” appears twice", name=cell)
            problems.append(Problem(grid.file, trouble, msg("keep one"), line=grid.header_line))
        elif cell not in names:
            near = nearest(cell, names)
            remedy = (
                msg("rename it to “{near}”, or remove it", near=near)
                if near
                else msg("remove it; the columns are: {names}", names=", ".join(names))
            )
            trouble = msg("the column “{name}” is not described", name=cell)
            problems.append(Problem(grid.file, trouble, remedy, line=grid.header_line))
    return problems


def cell_problems(table: Table, grid: Grid) -> list[Problem]:
    """Cells of the wrong type, outside their constraints, or repeating a key."""
    report = Resource(data=[grid.header, *grid.rows], schema=_schema_for(table, grid)).validate(
        limit_errors=100_000
    )
    errors = report.tasks[0].errors if report.tasks else []
    return [_worded(table, grid, error) for error in errors]


def _schema_for(table: Table, grid: Grid) -> Any:  # noqa: ANN401 - frictionless has no types
    """Return the table's schema with its columns in the file's order."""
    schema = table.schema.to_copy()
    by_name = {item.name: item for item in schema.fields}
    schema.fields = [by_name[name] for name in grid.header]
    schema.foreign_keys = []
    return schema


def _worded(table: Table, grid: Grid, error: Any) -> Problem:  # noqa: ANN401
    """Say one of frictionless's findings in our words, with the line of the file."""
    row_number = getattr(error, "row_number", None)
    line = grid.lines[row_number - 2] if row_number else None
    column = getattr(error, "field_name", None) or None
    found = getattr(error, "cell", None)
    trouble, remedy = _trouble(table, grid, error, column)
    return Problem(grid.file, trouble, remedy, line=line, column=column, found=found or None)


def _trouble(table: Table, grid: Grid, error: Any, column: str | None) -> tuple[Message, Message]:  # noqa: ANN401
    kind = error.type
    if kind in ("type-error", "constraint-error") and column:
        return _cell_trouble(table.field(column), error)
    if kind == "primary-key":
        key = ", ".join(table.primary_key)
        first = re.search(r"position (\d+)", error.note)
        where = grid.lines[int(first[1]) - 2] if first else "?"
        if "the same" in error.note:
            return (
                msg("the row repeats ({key}) of line {line}", key=key, line=where),
                msg("keep one row, or correct its key"),
            )
        return msg("the key ({key}) is empty", key=key), msg("fill it")
    if kind == "extra-cell":
        return (
            msg("the row has more cells than the header"),
            msg("a text that holds a comma must stand between quotation marks"),
        )
    if kind == "missing-cell":
        return msg("the row has fewer cells than the header"), msg("complete the row")
    return msg("{note}", note=error.note), msg(
        "correct it as {description} says", description="datapackage.json"
    )


def _cell_trouble(column: Field, error: Any) -> tuple[Message, Message]:  # noqa: ANN401
    if error.type == "type-error":
        return _type_trouble(column, str(error.cell))
    match = re.search(r'constraint "(\w+)" is "?(.*?)"?$', error.note)
    name, limit = (match[1], match[2]) if match else ("", "")
    correct = msg("correct the value")
    troubles = {
        "required": (msg("the cell is empty"), msg("fill it: this column allows no empty cell")),
        "enum": (
            msg("not an allowed value"),
            msg("write one of: {choices}", choices=", ".join(column.choices)),
        ),
        "minimum": (msg("below the least allowed, {limit}", limit=limit), correct),
        "maximum": (msg("above the most allowed, {limit}", limit=limit), correct),
        "unique": (msg("the value repeats"), msg("each row needs its own")),
    }
    of_another_form = (
        msg("not of the form {form}", form=limit),
        msg("correct it: {description}", description=column.description),
    )
    return troubles.get(name, of_another_form)


def _type_trouble(column: Field, cell: str) -> tuple[Message, Message]:
    if column.type in ("integer", "number") and _TWO_READINGS.search(cell):
        return (
            msg("the mark could separate thousands or decimals"),
            msg("write the number without thousands marks, with a decimal point"),
        )
    allowed = {
        "integer": msg("a whole number"),
        "number": msg("a number"),
        "boolean": msg("true or false"),
        "date": msg("a date written year-month-day, as 2013-06-20"),
    }.get(column.type, msg("a value of type {type}", type=column.type))
    remedy = (
        msg("write {allowed}", allowed=allowed)
        if column.required
        else msg("write {allowed}, or leave the cell empty if it is not known", allowed=allowed)
    )
    return msg("not {allowed}", allowed=allowed), remedy


def region_problems(table: Table, grid: Grid, evaluation: Evaluation) -> list[Problem]:
    """Regions that the evaluation does not know, after their spellings were mapped."""
    known = {region.code for region in evaluation.regions}
    problems = []
    for column in table.fields:
        if column.vocabulary != "region":
            continue
        allowed = known | {evaluation.programme.whole} if column.joint else known
        for line, cell in column_cells(grid, column.name):
            for part in cell.split(JOINT) if column.joint else [cell]:
                if part not in allowed:
                    problems.append(_unknown_region(grid.file, line, column.name, part, allowed))
    return problems


def _unknown_region(
    file: str, line: int, column: str, part: str, allowed: Collection[str]
) -> Problem:
    near = nearest(part, allowed)
    if near:
        remedy = msg(
            "write “{near}” if that is meant, or add this spelling to spellings.csv", near=near
        )
    else:
        remedy = msg(
            "add this spelling to spellings.csv, or write one of: {choices}",
            choices=", ".join(sorted(allowed)),
        )
    return Problem(file, msg("not a known region"), remedy, line=line, column=column, found=part)


def link_problems(table: Table, grid: Grid, keys: Mapping[str, Collection[str]]) -> list[Problem]:
    """Values of linked columns that the other table does not have.

    `keys` holds, for each linked column, the values it may take.
    """
    problems = []
    for link in table.links:
        joint = table.field(link.field).joint
        for line, cell in column_cells(grid, link.field):
            for part in cell.split(JOINT) if joint else [cell]:
                if part not in keys[link.field]:
                    trouble = msg("not in the table “{table}”", table=link.table)
                    remedy = msg("correct it, or add it to that table first")
                    problems.append(
                        Problem(
                            grid.file, trouble, remedy, line=line, column=link.field, found=part
                        )
                    )
    return problems


def column_cells(grid: Grid, name: str) -> list[tuple[int, str]]:
    """Cells of one column that are not empty, each with its line."""
    index = grid.header.index(name)
    return [
        (line, row[index])
        for line, row in zip(grid.lines, grid.rows, strict=True)
        if index < len(row) and row[index]
    ]
