"""Cells of a CSV or XLSX file as text, with the line each stands on.

Offices send what Excel saved: titles above the header, merged cells, dates,
percentages, another encoding, semicolons. This module turns either kind of file into
one grid of text and reports what cannot be read without guessing. It gives no
cell a meaning: that is for `load`.
"""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from icanalysis.errors import DataError, Problem
from icanalysis.language import Message, msg

SUFFIXES = (".csv", ".xlsx")
# A header is looked for below titles and logos, this far down.
HEADER_WITHIN = 15


@dataclass
class Grid:
    """A table as text: its header, its rows, and the line of the file each row is on."""

    file: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    header_line: int = 1
    problems: list[Problem] = field(default_factory=list)


def read_grid(path: Path, names: Collection[str]) -> Grid:
    """Read a CSV or XLSX file whose header holds `names` (in any order, titles allowed).

    Raises
    ------
    DataError
        If the file cannot be read as a table at all.
    """
    if not path.is_file():
        raise DataError([Problem(path.name, msg("the file does not exist"), msg("check its path"))])
    if path.suffix.lower() not in SUFFIXES:
        _refuse(
            path, msg("only .csv and .xlsx files are read"), msg("save it in one of these formats")
        )
    read = _csv_cells if path.suffix.lower() == ".csv" else _xlsx_cells
    lines, rows, problems = read(path)
    start = _header_row(rows, names)
    if start is None:
        _refuse(
            path,
            msg(
                "no header was found: none of its first rows names the columns {names}",
                names=", ".join(names),
            ),
            msg("put the column names in one row, above the data"),
        )
    header = [" ".join(cell.split()) for cell in rows[start]]
    while header and not header[-1]:
        header.pop()
    kept = [
        (line, row)
        for line, row in zip(lines[start + 1 :], rows[start + 1 :], strict=True)
        if any(cell.strip() for cell in row)
    ]
    return Grid(
        file=path.name,
        header=header,
        rows=[
            row[: len(header)] + row[len(header) :][: _last_used(row) - len(header)]
            for _, row in kept
        ],
        lines=[line for line, _ in kept],
        header_line=lines[start],
        problems=[problem for problem in problems if (problem.line or 0) >= lines[start]],
    )


def _last_used(row: list[str]) -> int:
    return max((index + 1 for index, cell in enumerate(row) if cell.strip()), default=0)


def _header_row(rows: list[list[str]], names: Collection[str]) -> int | None:
    """Index of the row that names most columns; at least half of them must be there."""
    wanted = {name.casefold() for name in names}
    counts = [
        len({" ".join(cell.split()).casefold() for cell in row} & wanted)
        for row in rows[:HEADER_WITHIN]
    ]
    if not counts or max(counts) == 0:
        return None
    return counts.index(max(counts))


Cells = tuple[list[int], list[list[str]], list[Problem]]


def _csv_cells(path: Path) -> Cells:
    raw = path.read_bytes()
    if not raw.strip():
        _refuse(path, msg("the file is empty"), msg("send the file with its header and rows"))
    if b"\x00" in raw:
        _refuse(
            path,
            msg("this is not text: the file is damaged, or not a CSV"),
            msg("export it again as CSV UTF-8"),
        )
    text = _decoded(path, raw)
    first = text.splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines, rows = [], []
    start = 1
    try:
        for row in reader:
            lines.append(start)
            rows.append(row)
            start = reader.line_num + 1
    except csv.Error as error:
        _refuse(
            path,
            msg("the text cannot be cut into columns: {note}", note=str(error)),
            msg("close every quotation mark; export it again as CSV UTF-8"),
            line=reader.line_num,
        )
    damaged = [
        Problem(
            path.name,
            msg("a character was lost when the file was saved"),
            msg("save it again as CSV UTF-8"),
            line=line,
            found=cell,
        )
        for line, row in zip(lines, rows, strict=True)
        for cell in row
        if "�" in cell
    ]
    return lines, rows, damaged


def _decoded(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not raw.decode("utf-8", errors="ignore").isascii():
            _refuse(
                path,
                msg("the file mixes two encodings, so its accents cannot be told apart"),
                msg("save it again as CSV UTF-8"),
                line=raw[: error.start].count(b"\n") + 1,
            )
    # No letter of it is UTF-8: it is what Excel in Spanish saves as plain "CSV".
    return raw.decode("cp1252", errors="replace")


def _xlsx_cells(path: Path) -> Cells:
    """Read the first sheet that is visible and has cells."""
    try:
        shown = load_workbook(path, data_only=True)
        formulas = load_workbook(path, data_only=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        _refuse(
            path,
            msg("this is not a readable XLSX file"),
            msg("open it in Excel and save it again as .xlsx"),
            cause=error,
        )
    sheets = [
        sheet for sheet in shown.worksheets if sheet.sheet_state == "visible" and sheet.max_row > 1
    ]
    if not sheets:
        _refuse(
            path, msg("no visible sheet holds a table"), msg("put the table in the first sheet")
        )
    sheet = sheets[0]
    problems = [
        Problem(
            path.name,
            msg("cells {cells} are merged", cells=str(merged)),
            msg("unmerge them and write the value in each cell"),
            line=merged.min_row,
        )
        for merged in sheet.merged_cells.ranges
    ]
    written = formulas[sheet.title]
    names: dict[tuple[int, int], str] = {}
    for merged in sheet.merged_cells.ranges:
        # A column's name that spans two header rows belongs to the lower one.
        if merged.min_col == merged.max_col and merged.max_row <= HEADER_WITHIN:
            names[merged.max_row, merged.min_col] = str(
                sheet.cell(merged.min_row, merged.min_col).value or ""
            )
    rows = []
    for row in sheet.iter_rows():
        rows.append([_cell_text(cell) or names.get((cell.row, cell.column), "") for cell in row])
        problems += [
            Problem(
                path.name,
                msg("the formula in {cell} was never calculated", cell=cell.coordinate),
                msg("open the file in Excel, save it, and send it again; or write the value"),
                line=cell.row,
                found=str(written[cell.coordinate].value),
            )
            for cell in row
            if cell.value is None and written[cell.coordinate].data_type == "f"
        ]
    return list(range(1, len(rows) + 1)), rows, problems


def _cell_text(cell: Any) -> str:  # noqa: ANN401 - openpyxl has no types
    """Text of a spreadsheet cell, as the sheet shows it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int | float):
        if "%" in (cell.number_format or ""):
            # 0.24 shown as 24%: keep what the sender saw. Digits beyond 12 are binary noise.
            return f"{value * 100:.12g}%"
        return f"{value:.15g}"
    return str(value)


def _refuse(
    path: Path,
    trouble: Message,
    remedy: Message,
    *,
    line: int | None = None,
    cause: Exception | None = None,
) -> NoReturn:
    raise DataError([Problem(path.name, trouble, remedy, line=line)]) from cause
