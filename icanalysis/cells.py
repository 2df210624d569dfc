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
import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from openpyxl import load_workbook

from icanalysis.errors import DataError, Problem
from icanalysis.language import Message, msg

SUFFIXES = (".csv", ".xlsx")
DELIMITERS = ",;\t"
# A header is looked for below titles and logos, this far down.
HEADER_WITHIN = 15
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


@dataclass
class Grid:
    """A table as text: its header, its rows, and the line of the file each row is on.

    Every row is as long as the header. `written` keeps the rows as the file has them, so
    that a problem quotes what its sender can search for; `rows` may be normalised.
    """

    file: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    header_line: int = 1
    problems: list[Problem] = field(default_factory=list)
    point_decimals: bool = True
    written: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.written = [list(row) for row in self.rows]


@dataclass
class _Sheet:
    """All cells of a file or sheet, before its header is found.

    `formulas` holds formulas without a value, by line and column index.
    """

    lines: list[int]
    rows: list[list[str]]
    problems: list[Problem] = field(default_factory=list)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    point_decimals: bool = True


def read_grid(path: Path, names: Collection[str], titles: Collection[str] = ()) -> Grid:
    """Read a CSV or XLSX file whose header holds `names` or `titles`, in any order.

    Raises
    ------
    DataError
        If the file cannot be read as a table at all.
    """
    if not path.is_file():
        _refuse(path, msg("the file does not exist"), msg("check its path"))
    if path.suffix.lower() not in SUFFIXES:
        _refuse(
            path, msg("only .csv and .xlsx files are read"), msg("save it in one of these formats")
        )
    wanted = {_folded(name) for name in [*names, *titles]}
    sheet = (_csv_sheet if path.suffix.lower() == ".csv" else _xlsx_sheet)(path, wanted)
    start, matches = _header_row(sheet.rows, wanted)
    if not matches:
        _refuse(
            path,
            msg(
                "no header was found: none of its first rows names the columns {names}",
                names=", ".join(names),
            ),
            msg("put the column names in one row, above the data"),
        )
    return _grid(path.name, sheet, start)


def plain_text(cell: str) -> str:
    """Text without what nobody sees: invisible characters, spaces around, letters in two parts."""
    if cell.isascii():
        return cell.strip()
    text = unicodedata.normalize("NFC", cell.translate(_INVISIBLE))
    return text.replace("\u00a0", " ").replace("\u202f", " ").strip()


def _folded(name: str) -> str:
    """Return a column's name as names are compared."""
    return " ".join(plain_text(name).split()).casefold()


def _grid(file: str, sheet: _Sheet, start: int) -> Grid:
    """Cut the table out of a sheet: columns with a name or a value, rows with a value."""
    names = [" ".join(plain_text(cell).split()) for cell in sheet.rows[start]]
    body = [
        (line, row)
        for line, row in zip(sheet.lines[start + 1 :], sheet.rows[start + 1 :], strict=True)
        if any(plain_text(cell) for cell in row)
    ]
    used = {index for _, row in body for index, cell in enumerate(row) if plain_text(cell)}
    kept = [index for index, name in enumerate(names) if name or index in used]
    grid = Grid(
        file=file,
        header=[names[index] for index in kept],
        rows=[[row[index] if index < len(row) else "" for index in kept] for _, row in body],
        lines=[line for line, _ in body],
        header_line=sheet.lines[start],
        problems=[item for item in sheet.problems if (item.line or 0) >= sheet.lines[start]],
        point_decimals=sheet.point_decimals,
    )
    grid.problems += [
        Problem(
            file,
            msg("the formula has no value: it was never calculated"),
            msg("open the file in Excel, save it, and send it again; or write the value"),
            line=line,
            column=names[index] or None,
            found=formula,
        )
        for (line, index), formula in sheet.formulas.items()
        if line > grid.header_line
    ]
    grid.problems += _length_problems(file, len(names), body)
    return grid


def _length_problems(file: str, width: int, body: list[tuple[int, list[str]]]) -> list[Problem]:
    """Rows longer or shorter than the header: their cells may stand under the wrong name."""
    longer = msg("write what holds the separator (as 12,5) between quotation marks")
    shorter = msg("complete the row")
    return [
        Problem(
            file,
            msg("cells in the row: {count}; in the header: {width}", count=len(row), width=width),
            longer if len(row) > width else shorter,
            line=line,
        )
        for line, row in body
        if len(row) != width
    ]


def _header_row(rows: Iterable[list[str]], wanted: Collection[str]) -> tuple[int, int]:
    """Index of the row that names most columns, among the first, and how many it names."""
    counts = [
        len({_folded(cell) for cell in row} & set(wanted))
        for row in itertools.islice(rows, HEADER_WITHIN)
    ]
    most = max(counts, default=0)
    return (counts.index(most) if counts else 0), most


def _csv_sheet(path: Path, wanted: Collection[str]) -> _Sheet:
    text = _decoded(path, path.read_bytes())
    if not text.strip():
        _refuse(path, msg("the file is empty"), msg("send the file with its header and rows"))
    delimiter = max(DELIMITERS, key=lambda mark: _header_row(_lenient(text, mark), wanted)[1])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    # Where Excel separates by semicolons, it is because the comma marks decimals.
    sheet = _Sheet([], [], point_decimals=delimiter != ";")
    start = 1
    try:
        for row in reader:
            sheet.lines.append(start)
            sheet.rows.append(row)
            start = reader.line_num + 1
    except csv.Error as error:
        _refuse(
            path,
            msg("the quotation marks of this row do not match"),
            msg("close every quotation mark; export it again as CSV UTF-8"),
            line=start,
            cause=error,
        )
    return sheet


def _lenient(text: str, delimiter: str) -> Iterable[list[str]]:
    """Rows of a text, as far as they can be told apart: enough to see its header."""
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        return


def _decoded(path: Path, raw: bytes) -> str:
    if raw.startswith(UTF16_MARKS):
        _refuse(
            path,
            msg("the file is written in UTF-16 (“Unicode text”)"),
            msg("save it again as CSV UTF-8"),
        )
    if b"\x00" in raw:
        _refuse(
            path,
            msg("this is not text: the file is damaged, or not a CSV"),
            msg("export it again as CSV UTF-8"),
            line=raw[: raw.index(b"\x00")].count(b"\n") + 1,
        )
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


def _xlsx_sheet(path: Path, wanted: Collection[str]) -> _Sheet:
    """Read the visible sheet that holds the table."""
    try:
        written = load_workbook(path)
        # Values stand apart from formulas; a workbook without formulas is read only once.
        shown = load_workbook(path, data_only=True) if _has_formulas(written) else written
    except Exception as error:  # a damaged file fails anywhere inside openpyxl
        _refuse(
            path,
            msg("this is not a readable XLSX file"),
            msg("open it in Excel and save it again as .xlsx, without a password"),
            cause=error,
        )
    visible = [sheet for sheet in shown.worksheets if sheet.sheet_state == "visible"]
    sheets = {sheet.title: _cells(path, sheet, written[sheet.title], wanted) for sheet in visible}
    named = {title: _header_row(sheet.rows, wanted)[1] for title, sheet in sheets.items()}
    if not sheets or not any(sheet.rows for sheet in sheets.values()):
        _refuse(
            path, msg("no visible sheet holds a table"), msg("put the table in the first sheet")
        )
    most = max(named.values())
    best = [title for title, count in named.items() if count == most]
    if most and len(best) > 1:
        _refuse(
            path,
            msg("several sheets hold this table: {sheets}", sheets=", ".join(best)),
            msg("put all the rows in one sheet, and hide or remove the others"),
        )
    return sheets[best[0]]


def _has_formulas(workbook: Any) -> bool:  # noqa: ANN401 - openpyxl has no types
    return any(
        cell.data_type == "f"
        for sheet in workbook.worksheets
        for row in sheet.iter_rows()
        for cell in row
    )


def _cells(path: Path, sheet: Any, written: Any, names: Collection[str]) -> _Sheet:  # noqa: ANN401
    found = _Sheet([], [])
    for row in sheet.iter_rows():
        found.lines.append(row[0].row)
        found.rows.append([_cell_text(cell) for cell in row])
        for index, cell in enumerate(row):
            # A formula that gives an empty text has that type; one never calculated has none.
            if cell.value is None and cell.data_type != "str":
                formula = written.cell(cell.row, cell.column)
                if formula.data_type == "f":
                    found.formulas[cell.row, index] = str(formula.value)
    for merged in sorted(sheet.merged_cells.ranges, key=lambda merged: merged.bounds):
        upper, column = found.rows[merged.min_row - 1], merged.min_col - 1
        if merged.max_row <= HEADER_WITHIN and _folded(upper[column]) in names:
            # A column's name that spans two header rows belongs to the lower one.
            found.rows[merged.max_row - 1][column], upper[column] = upper[column], ""
        found.problems.append(
            Problem(
                path.name,
                msg("cells {cells} are merged", cells=str(merged)),
                msg("unmerge them and write the value in each cell"),
                line=merged.min_row,
            )
        )
    return found


def _cell_text(cell: Any) -> str:  # noqa: ANN401 - openpyxl has no types
    """Text of a spreadsheet cell, as the sheet shows it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    # The cell's format, without what it prints literally.
    shown = re.sub(r'"[^"]*"|\[[^]]*\]|\\.', "", cell.number_format or "").lower()
    if isinstance(value, datetime.datetime) and value.time() != datetime.time():
        return value.isoformat()
    if isinstance(value, datetime.date):
        # Shown as jun-13, it names a month: the first day is Excel's, not the sender's.
        precision = 10 if "d" in shown else 7 if "m" in shown else 4
        return value.strftime("%Y-%m-%d")[:precision]
    if isinstance(value, int | float):
        if "%" in shown:
            # 0.24 shown as 24%: keep what the sender saw. Digits beyond 12 are binary noise.
            return f"{Decimal(f'{value * 100:.12g}'):f}%"
        return f"{Decimal(f'{value:.15g}'):f}"
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
