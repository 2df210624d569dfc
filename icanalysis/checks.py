"""What is wrong with a table: every departure from its description, worded for its sender.

Frictionless checks types, constraints and keys; here its findings get the line of the file
and a remedy, beside what only an evaluation knows: its regions and the links between tables.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from frictionless import Resource

from icanalysis.catalog import DESCRIPTION, Field, Table
from icanalysis.cells import Grid
from icanalysis.errors import Problem, nearest
from icanalysis.evaluation import JOINT, Evaluation
from icanalysis.language import Message, msg

# A number that may be read in two ways: 1,234 or 1.234 where a whole number is asked.
_TWO_READINGS = re.compile(r"\d[.,]\d{3}(\D|$)")
# What Python would also read as a number (1_0, nan, ١٢) is not one here; nor is what Excel
# writes of a long number in a narrow column (1.2E+11), because its digits are lost.
_PLAIN_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)", re.ASCII)
_SHORTENED = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+", re.ASCII)
# The replacement character; UTF-8 read as Windows-1252 (Ã³, â€œ); DOS or Mac letters read as
# Windows-1252 (Jun¡n, Jun‡n).
_DAMAGED = re.compile(r"�|Ã[\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€|[a-z][¡¢£¤‚‡Ž]")
# What Excel shows where a formula fails, in English and in Spanish; ### where it did not fit.
_FAILED_FORMULA = re.compile(
    r"#(N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!"
    r"|N/D|¡REF!|¡DIV/0!|¡VALOR!|¿NOMBRE\?|¡NUM!|¡NULO!|¡DESBORDAMIENTO!|¡CALC!|#+)"
)


def header_problems(table: Table, grid: Grid) -> list[Problem]:
    """Columns that are missing, unknown, repeated or without a name."""
    names = [item.name for item in table.fields]
    known = {title: item.name for item in table.fields for title in item.titles.values()}
    known |= {name: name for name in names}
    missing = [name for name in names if name not in grid.header]
    found: list[tuple[Message, Message]] = []
    for cell in dict.fromkeys(grid.header):
        if not cell:
            trouble = msg("a column has values and no name")
            found.append((trouble, msg("name it in the header, or remove it")))
        elif grid.header.count(cell) > 1:
            trouble = msg("the column “{name}” appears twice", name=cell)
            found.append((trouble, msg("keep one")))
        elif cell not in names:
            near = nearest(cell, known)
            trouble = msg("the column “{name}” is not described", name=cell)
            if near and known[near] in missing:  # one fault, told once
                missing.remove(known[near])
                found.append((trouble, msg("rename it to “{near}”", near=known[near])))
            else:
                columns = ", ".join(names)
                found.append((trouble, msg("remove it; the columns are: {names}", names=columns)))
    for name in missing:
        trouble = msg("the column “{name}” is missing", name=name)
        remedy = msg("add it to the header; leave cells empty where nothing is known")
        found.append((trouble, remedy))
    return [Problem(grid.file, *told, line=grid.header_line) for told in found]


def described(table: Table, grid: Grid) -> Grid:
    """Return the part of a grid under columns its table describes: the part that can be judged."""
    names = [item.name for item in table.fields]
    kept = [index for index, name in enumerate(grid.header) if name in names]
    kept = [index for index in kept if grid.header.index(grid.header[index]) == index]
    part = replace(
        grid,
        header=[grid.header[index] for index in kept],
        rows=[[row[index] for index in kept] for row in grid.rows],
    )
    part.written = [[row[index] for index in kept] for row in grid.written]
    return part


def text_problems(grid: Grid) -> list[Problem]:
    """Cells that hold what a program left there, instead of what somebody wrote."""
    problems = []
    for line, row in zip(grid.lines, grid.written, strict=True):
        for column, cell in zip(grid.header, row, strict=True):
            if "#" in cell and _FAILED_FORMULA.fullmatch(cell.strip()):
                trouble = msg("a formula that failed")
                remedy = msg("correct the formula, or leave the cell empty if it is not known")
            elif not cell.isascii() and _DAMAGED.search(cell):
                trouble = msg("a letter was lost when the file was saved")
                remedy = msg("write it again and save as CSV UTF-8")
            else:
                continue
            problems.append(
                Problem(grid.file, trouble, remedy, line=line, column=column, found=cell)
            )
    return problems


def number_problems(table: Table, grid: Grid) -> list[Problem]:
    """Cells of number columns that are not numbers, or that could be read in two ways."""
    problems = []
    for column in table.fields:
        if column.type not in ("integer", "number") or column.name not in grid.header:
            continue
        for line, cell, written in _cells_of(grid, column.name):
            if not _PLAIN_NUMBER.fullmatch(cell):
                trouble, remedy = _type_trouble(column, cell)
                problems.append(
                    Problem(
                        grid.file, trouble, remedy, line=line, column=column.name, found=written
                    )
                )
    return problems


def cell_problems(table: Table, grid: Grid) -> list[Problem]:
    """Cells of the wrong type or outside their constraints."""
    if not grid.header:
        return []
    report = Resource(data=[grid.header, *grid.rows], schema=_schema_for(table, grid)).validate(
        limit_errors=1_000_000
    )
    errors = report.tasks[0].errors if report.tasks else []
    return [_worded(table, grid, error) for error in errors]


def _schema_for(table: Table, grid: Grid) -> Any:  # noqa: ANN401 - frictionless has no types
    """Return the table's schema with the columns that the file has, in their order there."""
    schema = table.schema.to_copy()
    by_name = {item.name: item for item in schema.fields}
    schema.fields = [by_name[name] for name in grid.header]
    schema.foreign_keys = []
    schema.primary_key = []  # judged by `key_problems`, which can name the line repeated
    for name in table.primary_key if len(table.primary_key) == 1 else ():
        by_name[name].constraints.pop("unique", None)  # one fault, told once
    return schema


def key_problems(table: Table, grid: Grid) -> list[Problem]:
    """Rows that repeat the key of an earlier one."""
    if not table.primary_key or not set(table.primary_key) <= set(grid.header):
        return []
    columns = [grid.header.index(name) for name in table.primary_key]
    numbers = {name for name in table.primary_key if table.field(name).type == "number"}
    first: dict[tuple[object, ...], int] = {}
    problems = []
    for line, row in zip(grid.lines, grid.rows, strict=True):
        key = tuple(
            float(row[index])
            if grid.header[index] in numbers and _PLAIN_NUMBER.fullmatch(row[index])
            else row[index]
            for index in columns
        )
        if any(key) and first.setdefault(key, line) != line:
            problems.append(_repeated(grid.file, table.primary_key, line, first[key]))
    return problems


def _repeated(file: str, key: Sequence[str], line: int, first: int) -> Problem:
    trouble = msg("the row repeats ({key}) of line {line}", key=", ".join(key), line=first)
    return Problem(file, trouble, msg("keep one row, or correct its key"), line=line)


def _worded(table: Table, grid: Grid, error: Any) -> Problem:  # noqa: ANN401
    """Say one of frictionless's findings in our words, with the line of the file."""
    row_number = getattr(error, "row_number", None)
    line = grid.lines[row_number - 2] if row_number else None
    column = getattr(error, "field_name", None) or None
    found = None
    if row_number and column:
        found = grid.written[row_number - 2][grid.header.index(column)].strip()
    trouble, remedy = _trouble(table, error, column, found)
    return Problem(grid.file, trouble, remedy, line=line, column=column, found=found or None)


def _trouble(
    table: Table,
    error: Any,  # noqa: ANN401
    column: str | None,
    found: str | None,
) -> tuple[Message, Message]:
    kind = error.type
    if kind in ("type-error", "constraint-error") and column:
        return _cell_trouble(table.field(column), error, found)
    if kind == "blank-row":
        return msg("the row says nothing"), msg("fill it, or remove it")
    return msg("{note}", note=error.note), msg(
        "correct it as {description} says", description=DESCRIPTION
    )


def _cell_trouble(column: Field, error: Any, found: str | None) -> tuple[Message, Message]:  # noqa: ANN401
    if error.type == "type-error":
        return _type_trouble(column, str(error.cell))
    match = re.search(r'constraint "(\w+)" is "?(.*?)"?$', error.note)
    name, limit = (match[1], match[2]) if match else ("", "")
    correct = msg("correct the value")
    troubles = {
        "required": (
            msg("it counts as an empty cell") if found else msg("the cell is empty"),
            msg("fill it: this column allows no empty cell"),
        ),
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
    if column.type in ("integer", "number") and _SHORTENED.fullmatch(cell):
        return msg("Excel shortened the number"), msg("widen its column and write every digit")
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


def vocabulary_problems(table: Table, grid: Grid, evaluation: Evaluation) -> list[Problem]:
    """Regions and sectors that the evaluation does not know, after spellings were mapped."""
    regions = {region.code for region in evaluation.regions}
    sectors = {sector.code for sector in evaluation.sectors}
    problems = []
    for column in table.fields:
        if column.name not in grid.header or column.vocabulary not in ("region", "sector"):
            continue
        allowed = sectors if column.vocabulary == "sector" else regions
        if column.joint and column.vocabulary == "region":
            allowed = regions | {evaluation.programme.whole}
        for line, cell, _ in _cells_of(grid, column.name):
            for part in cell.split(JOINT) if column.joint else [cell]:
                if part not in allowed:
                    trouble, remedy = _unknown(column.vocabulary, part, allowed)
                    problems.append(
                        Problem(
                            grid.file, trouble, remedy, line=line, column=column.name, found=part
                        )
                    )
    return problems


def _unknown(vocabulary: str, part: str, allowed: Collection[str]) -> tuple[Message, Message]:
    near, choices = nearest(part, allowed), ", ".join(sorted(allowed))
    if vocabulary == "sector":
        return msg("not a known sector"), msg("write one of: {choices}", choices=choices)
    if near:
        remedy = msg(
            "write “{near}” if that is meant, or add this spelling to spellings.csv", near=near
        )
    else:
        remedy = msg(
            "add this spelling to spellings.csv, or write one of: {choices}", choices=choices
        )
    return msg("not a known region"), remedy


def spelling_problems(_table: Table, grid: Grid) -> list[Problem]:
    """Spellings that differ at most in upper or lower case: only one of them can be meant."""
    if "spelling" not in grid.header:
        return []
    first: dict[str, int] = {}
    return [
        _repeated(grid.file, ("spelling",), line, first[cell.casefold()])
        for line, cell, _ in _cells_of(grid, "spelling")
        if first.setdefault(cell.casefold(), line) != line
    ]


def link_problems(table: Table, grid: Grid, keys: Mapping[str, Collection[str]]) -> list[Problem]:
    """Values of linked columns that the other table does not have.

    `keys` holds, for each linked column, the values it may take.
    """
    problems = []
    for link in table.links:
        if link.field not in grid.header:
            continue
        joint = table.field(link.field).joint
        for line, cell, _ in _cells_of(grid, link.field):
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
    return [(line, cell) for line, cell, _ in _cells_of(grid, name)]


def _cells_of(grid: Grid, name: str) -> Iterator[tuple[int, str, str]]:
    """Yield a column's cells that are not empty: line, text normalised, text as written."""
    index = grid.header.index(name)
    for line, row, written in zip(grid.lines, grid.rows, grid.written, strict=True):
        if row[index]:
            yield line, row[index], written[index].strip()
