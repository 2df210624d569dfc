"""A run's figures as a spreadsheet: one tidy sheet per table, with names, units, types and notes."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from icanalysis import results
from icanalysis.disclosure import SUPPRESSED
from icanalysis.language import Language
from icanalysis.named import Names
from icanalysis.sheets import Sheet

# What is said of a figure as it stands; everything else compares two or more.
STANDING = ("level", "baseline", "target", "achievement")
_WIDEST, _NARROWEST = 60, 9
# The same on every day, or two spreadsheets of one run would differ.
_MADE = datetime.datetime(1980, 1, 1)


@dataclass(frozen=True)
class _Sheet:
    name: str
    titles: Sequence[str]
    rows: Sequence[Sequence[object]]


def write(
    path: Path,
    names: Names,
    lines: pd.DataFrame,
    *,
    title: str,
    sheets: Iterable[Sheet],
    sources: pd.DataFrame,
) -> None:
    """Write lines of evidence, the indicators they are of and their sources.

    The same lines give the same bytes. A text is a text, whatever it begins with; a number that is
    missing or suppressed is an empty cell, and the column of statuses says which.

    Parameters
    ----------
    lines : DataFrame
        Lines of evidence (`results.lines`).
    title : str
        Of the spreadsheet as a whole.
    sheets : iterable of Sheet
        Reference sheets of the indicators.
    sources : DataFrame
        The table of sources, of which those quoted are listed.
    """
    say = names.language.say
    standing = lines["statistic"].isin(STANDING)
    made = [
        _Sheet(say("Figures"), *_told(lines[standing], names)),
        _Sheet(say("Comparisons"), *_told(lines[~standing], names)),
        _Sheet(say("Indicators"), *_definitions(sheets, names.language)),
        _Sheet(say("Sources"), *_cited(lines, sources, names.language)),
    ]
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": title, "created": _MADE})
        _read_first(book, made, title, names.language)
        for sheet in made:
            _fill(book, sheet)


def _told(lines: pd.DataFrame, names: Names) -> tuple[list[str], list[list[object]]]:
    """Return titles and rows of lines: codes, which never change, and what they are called."""
    say = names.language.say
    numbers = {
        "value": say("Value"),
        "se": say("Standard error"),
        "low": say("95% interval, low"),
        "high": say("95% interval, high"),
        "p": say("p-value"),
        "p_min": say("Smallest attainable p"),
        "n": say("Cases"),
        "cv": say("Coefficient of variation, %"),
    }
    titles = [
        *(say("Indicator"), say("Indicator, code"), say("Area"), say("Area, code")),
        *(say("Group"), say("Group, code"), say("Period"), say("Statistic")),
        *(numbers[name] for name in results.NUMBERS),
        *(say("Unit"), say("Status"), say("Kind of source"), say("Source"), say("What is said")),
    ]
    rows: list[list[object]] = [
        [
            *(names.indicator(line["indicator"]), line["indicator"]),
            *(names.area(line["region"]), line["region"]),
            *(names.group(line["indicator"], line["group"]) or say("all"), line["group"]),
            *(line["period"], names.statistic(line["statistic"])),
            *(None if line["status"] == SUPPRESSED else line[name] for name in results.NUMBERS),
            *(names.unit(line["indicator"], line["unit"]), names.status(line["status"])),
            *(_kind(line["source_kind"], names.language), names.source(line["source"])),
            names.statement(line["statement_key"]),
        ]
        for line in lines.to_dict("records")
    ]
    return titles, rows


def _kind(code: str, language: Language) -> str:
    """Name the kind of a source."""
    words = {
        "programme": language.say("reported by the programme"),
        "official": language.say("official statistics"),
        "survey": language.say("survey"),
        "simulated": language.say("SIMULATED"),
    }
    return words[code]


def _definitions(sheets: Iterable[Sheet], language: Language) -> tuple[list[str], list[list[str]]]:
    say = language.say
    rows = [
        [sheet.name, sheet.code, label, part]
        for sheet in sheets
        for label, parts in sheet.rows
        for part in parts
    ]
    return [say("Indicator"), say("Indicator, code"), say("Field"), say("What it says")], rows


def _cited(
    lines: pd.DataFrame, sources: pd.DataFrame, language: Language
) -> tuple[list[str], list[list[str]]]:
    say = language.say
    quoted = {code for source in lines["source"] for code in results.cited(source)}
    names = ["source_id", "title", "publisher", "address"]
    rows = sources.loc[sources["source_id"].isin(quoted), names].astype("string").fillna("")
    return [say("Code"), say("Title"), say("Publisher"), say("Address")], rows.to_numpy().tolist()


def _read_first(
    book: xlsxwriter.Workbook, made: Sequence[_Sheet], title: str, language: Language
) -> None:
    say = language.say
    sheet = book.add_worksheet(say("Read first"))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 90, wrapped)
    told = [
        title,
        say("One row for each figure; the codes never change, the names are for reading."),
        say(
            "An empty number is missing or was suppressed to protect those counted, never zero: the "
            "column “{status}” says which.",
            status=say("Status"),
        ),
        *(
            language.say_count(
                "{name}: {count} row.", "{name}: {count} rows.", len(part.rows), name=part.name
            )
            for part in made
        ),
    ]
    for place, text in enumerate(told):
        bold = book.add_format({"bold": place == 0, "text_wrap": True, "valign": "top"})
        sheet.write_string(place, 0, text, bold)


def _fill(book: xlsxwriter.Workbook, made: _Sheet) -> None:
    sheet = book.add_worksheet(made.name)
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    for place, name in enumerate(made.titles):
        sheet.write_string(0, place, name, head)
        longest = max((len(str(row[place])) for row in made.rows), default=0)
        sheet.set_column(place, place, min(_WIDEST, max(_NARROWEST, longest + 1)))
    for number, row in enumerate(made.rows, start=1):
        for place, value in enumerate(row):
            _write(sheet, (number, place), value)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(made.rows)), len(made.titles) - 1)


def _write(sheet: Any, cell: tuple[int, int], value: object) -> None:  # noqa: ANN401 - no types
    """Write a cell: a number as one, a missing one as nothing, all else as text."""
    if isinstance(value, float | int):
        if not math.isnan(value):
            sheet.write_number(*cell, value)
    elif value is not None:
        sheet.write_string(*cell, str(value))
