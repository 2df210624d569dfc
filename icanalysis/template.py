"""An empty spreadsheet for any table of the data package, and its codebook beside it.

All that is in it comes from datapackage.json: titles, drop-down lists, limits, notes. What is
filled in loads as it is, in either language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from icanalysis.catalog import Field, Table
from icanalysis.errors import WorkbookError, unknown_choice
from icanalysis.folder import require_home
from icanalysis.language import Language, Message, msg
from icanalysis.load import SPELLINGS, DataFolder

SUFFIX = ".xlsx"
# Excel's last row: a list must not end before the office's last producer.
_LAST_ROW = 1_048_576
_LARGEST = 10**15
_TYPES: Mapping[str, Message] = {
    "string": msg("text"),
    "integer": msg("a whole number"),
    "number": msg("a number"),
    "boolean": msg("yes or no"),
    "date": msg("a date written year-month-day, as 2013-06-20"),
}
_REQUIRED, _OPTIONAL = (
    PatternFill("solid", fgColor="1F3864"),
    PatternFill("solid", fgColor="5B6B85"),
)
_WIDEST, _NARROWEST = 40, 10
# A note tells the words of a list up to so many; the codebook tells all.
_MOST_WORDS = 12


@dataclass(frozen=True)
class _Column:
    """A column of the template: what its header, its cells and its codebook row need."""

    field: Field
    title: str
    meaning: str
    unit: str
    listed: tuple[str, ...]
    codes: tuple[str, ...]
    least: float | None
    most: float | None
    linked: str

    @property
    def closed(self) -> bool:
        """Whether nothing but what is listed may be written."""
        return bool(self.field.choices or self.field.vocabulary or self.field.type == "boolean")


def write(
    data: DataFolder, name: str, path: Path, reader: Language, *, force: bool = False
) -> Path:
    """Write the empty template of a table.

    The first sheet is the table: titles, frozen; lists, limits and notes on its cells. The second
    is the codebook. A hidden one holds the lists.

    Parameters
    ----------
    name : str
        Of the table in the data package.
    path : Path
        Of the file, .xlsx.
    reader : Language
        Whose titles and labels.
    force : bool
        Replace a file that is there.

    Raises
    ------
    WorkbookError
        If there is no such table, the file is no .xlsx, or is there already.
    """
    if name not in data.catalog.tables:
        raise unknown_choice(msg("Table"), name, list(data.catalog.tables))
    if path.suffix.lower() != SUFFIX:
        raise WorkbookError(msg("A template is an .xlsx file; “{file}” is not.", file=path.name))
    require_home(path)
    if path.exists() and not force:
        raise WorkbookError(
            msg(
                "{file} is there already and may hold somebody's work. --force replaces it; --to "
                "names another file.",
                file=path.name,
            )
        )
    table = data.catalog.tables[name]
    columns = [_column(data, table, field, reader) for field in table.fields]
    book = Workbook()
    sheet = book.active
    # What stands before a comma or the like; Excel takes 31 letters, and not all of them.
    sheet.title = re.split(r"[,:;(\\/*?\[\]]", table.titles[reader.code])[0].strip()[:31]
    lists = book.create_sheet(reader.say("lists"))
    lists.sheet_state = "hidden"
    for index, column in enumerate(columns, start=1):
        _head(sheet, index, column, reader)
        _limit(sheet, lists, index, column, reader)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    _codebook(book.create_sheet(reader.say("codebook"), 1), columns, reader)
    part = path.with_name(f"{path.name}.part")
    book.save(part)
    part.replace(path)
    return path


def _column(data: DataFolder, table: Table, field: Field, reader: Language) -> _Column:
    described = table.schema.get_field(field.name)
    limits = [described.constraints.get(end) for end in ("minimum", "maximum")]
    own = described.custom if reader.code == "es" else {}
    codes, listed = _choices(data, table, field, reader)
    return _Column(
        field=field,
        title=field.titles[reader.code],
        meaning=own.get("description_es", field.description),
        unit=own.get("unit_es", field.unit),
        listed=listed,
        codes=codes,
        least=limits[0],
        most=limits[1],
        linked=next((link.table for link in table.links if link.field == field.name), ""),
    )


def _choices(
    data: DataFolder, table: Table, field: Field, reader: Language
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes a column may hold, if they can be listed, and what each is called."""
    if field.joint:  # any number of them joined by +: no list has them all
        return (), ()
    if field.labels or field.choices:
        codes = field.choices or tuple(field.labels)
        return codes, tuple(field.label(code, reader.code) for code in codes)
    if field.vocabulary == "region":
        codes = tuple(region.code for region in data.evaluation.regions)
        if table.name == SPELLINGS:  # the table that says what names mean is written in codes
            return codes, codes
        names = [data.evaluation.area_name(code, reader) for code in codes]
        # A name that no spelling tells would not load: its code does.
        return codes, tuple(
            name if data.region_code(name) == code else code
            for code, name in zip(codes, names, strict=True)
        )
    if field.vocabulary == "sector":
        codes = tuple(sector.code for sector in data.evaluation.sectors)
        return codes, codes
    if field.type == "boolean":
        return ("true", "false"), (reader.say("yes"), reader.say("no"))
    return (), ()


# --- the sheet to fill ----------------------------------------------------------------------


def _head(sheet: Any, index: int, column: _Column, reader: Language) -> None:  # noqa: ANN401
    cell = sheet.cell(1, index, column.title)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = _REQUIRED if column.field.required else _OPTIONAL
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    rules = _rules(column, reader, brief=len(column.listed) > _MOST_WORDS)
    note = "\n".join([column.meaning, *rules])
    cell.comment = Comment(note, "icanalysis", width=320, height=60 + 18 * (len(note) // 45 + 2))
    letter = sheet.column_dimensions[get_column_letter(index)]
    longest = max(map(len, [column.title, *column.listed]))
    letter.width = min(max(longest + 2, _NARROWEST), _WIDEST)
    # Text keeps the zeros of a code, and a whole year is no date.
    formats = {"string": "@", "date": "yyyy-mm-dd", "integer": "0", "number": "General"}
    letter.number_format = formats.get(column.field.type, "@")


def _limit(sheet: Any, lists: Any, index: int, column: _Column, reader: Language) -> None:  # noqa: ANN401
    """Let a column's cells hold only what its table allows."""
    rule: dict[str, Any] | None = None
    if column.listed:
        letter = get_column_letter(index)
        number = column.field.type == "integer"  # 95 in a list of texts is not 95
        for row, word in enumerate(column.listed, start=1):
            lists.cell(row, index, int(word) if number else word)
        span = f"${letter}$1:${letter}${len(column.listed)}"
        rule = {"type": "list", "formula1": f"'{lists.title}'!{span}"}
    elif column.field.type in ("integer", "number"):
        least = -_LARGEST if column.least is None else column.least
        most = _LARGEST if column.most is None else column.most
        kind = "whole" if column.field.type == "integer" else "decimal"
        rule = {"type": kind, "operator": "between", "formula1": least, "formula2": most}
    elif column.field.type == "date":
        rule = {"type": "date", "operator": "greaterThan", "formula1": "DATE(1900,1,1)"}
    if rule is None:
        return
    check = DataValidation(
        **rule,
        allow_blank=not column.field.required,
        showErrorMessage=column.closed or not column.listed,
        errorTitle=column.title[:32],
        error="\n".join(_rules(column, reader, brief=True))[:225],
    )
    letter = get_column_letter(index)
    check.add(f"{letter}2:{letter}{_LAST_ROW}")
    sheet.add_data_validation(check)


def _rules(column: _Column, reader: Language, *, brief: bool = False) -> list[str]:
    """Say what may be written, one sentence a line; in `brief`, without each word of a list."""
    say = reader.say
    told = [say("Write {allowed}.", allowed=_TYPES.get(column.field.type, _TYPES["string"]))]
    if column.listed:
        told = [say("Choose from the list.")] if brief else []
    told += [] if brief and column.listed else _limits(column, reader)
    if column.unit:
        told.append(say("Unit: {unit}.", unit=column.unit))
    if column.field.required:
        told.append(say("Every row needs it."))
    else:
        told.append(say("Leave it empty where it is not known: never zero."))
    return told


def _limits(column: _Column, reader: Language) -> list[str]:
    """Say which values there are: each word with its code where that is another, or the limits."""
    say, least, most = reader.say, column.least, column.most
    told = []
    if column.listed:
        words = [
            word if word == code or column.field.type == "boolean" else f"{word} ({code})"
            for word, code in zip(column.listed, column.codes, strict=True)
        ]
        told.append(say("One of: {choices}.", choices="; ".join(words)))
    elif least is not None and most is not None:
        told.append(say("From {least} to {most}.", least=least, most=most))
    elif least is not None:
        told.append(say("From {least} on.", least=least))
    elif most is not None:
        told.append(say("Up to {most}.", most=most))
    if column.field.joint:
        told.append(say("Several are joined by +."))
    if column.linked:
        told.append(say("It must be in the table “{table}”.", table=column.linked))
    return told


# --- the codebook ---------------------------------------------------------------------------


def _codebook(sheet: Any, columns: list[_Column], reader: Language) -> None:  # noqa: ANN401
    say = reader.say
    headings = {
        say("Name"): 18,
        say("Column of the sheet"): 28,
        say("Meaning"): 60,
        say("Type"): 18,
        say("Unit"): 16,
        say("Required"): 12,
        say("Allowed"): 60,
    }
    sheet.append(list(headings))
    for index, column in enumerate(columns, start=1):
        sheet.append(
            [
                column.field.name,
                # With its letter, so that no row here looks like the header of the table.
                f"{get_column_letter(index)}. {column.title}",
                column.meaning,
                say(_TYPES.get(column.field.type, _TYPES["string"])),
                column.unit,
                say("yes") if column.field.required else say("no"),
                "\n".join(_limits(column, reader)),
            ]
        )
    for position, width in enumerate(headings.values(), start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
        sheet.cell(1, position).font = Font(bold=True)
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = "@"
    sheet.freeze_panes = "A2"
