"""The columns of one ENAHO file as they are: plain names, the year, cells as text or numbers.

Whatever is met that cannot be is told with its line; nothing that could mean two things is
repaired.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from icanalysis.errors import DataError, Problem
from icanalysis.language import Message, msg
from icanalysis.microformats import REPLACE

# `año` as files have it: AÑO, aÑo, a_o, and what decoding twice or wrongly left of ñ.
_YEAR_COLUMN = re.compile(r"a(?:[^a-z0-9]{1,8}|n|ni)o", re.IGNORECASE)
_FILE_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
FIRST_YEAR, LAST_YEAR = 1995, 2100
_SHOWN = 3


@dataclass
class Raw:
    """The columns of one file under plain names, and the problems met in tidying them."""

    file: str
    frame: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)
    year: int = 0

    def tell(
        self,
        trouble: Message,
        remedy: Message,
        column: str | None = None,
        bad: pd.Series | None = None,
    ) -> None:
        """Note a problem; `bad` marks its rows: the first are told of, and how many there are."""
        if bad is None:
            self.problems.append(Problem(self.file, trouble, remedy, column=column))
            return
        lines = np.flatnonzero(bad.to_numpy(dtype=bool, na_value=False))
        if len(lines) > _SHOWN:
            trouble = msg("{trouble} (in {count} rows)", trouble=trouble, count=len(lines))
        for line in lines[:_SHOWN]:
            shown = column if column in self.frame else None
            value = pd.NA if shown is None else self.frame[shown].iloc[line]
            found = None if pd.isna(value) else str(value)
            self.problems.append(
                Problem(self.file, trouble, remedy, line=int(line) + 2, column=column, found=found)
            )


def plain(name: str) -> str:
    """Return a column's name as files of all kinds would agree on it: trimmed, lower case."""
    text = name.strip().lstrip("\ufeff").strip().casefold()
    return "año" if _YEAR_COLUMN.fullmatch(text) else text


def folded(text: str) -> str:
    """Write a label so that its spellings agree: case, accents, brackets, thousands marks."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    bare = re.sub(r"(?<=\d)[\s.,'’](?=\d{3}\b)", "", bare)
    return " ".join(re.sub(r"[()]", " ", bare).split())


def year_in_name(name: str) -> int | None:
    """Return the one year a file's own name, else the archive's, tells; None if none or several."""
    for part in reversed(re.split(r"[/\\]", name)):
        years = {int(text) for text in _FILE_YEAR.findall(part)}
        if years:
            return years.pop() if len(years) == 1 else None
    return None


def find_year(raw: Raw, given: int | None) -> int:
    """Return the year of a file: its own column, else its name, else as given.

    Raises
    ------
    DataError
        If the column holds no year or several, contradicts the one given, or none is told.
    """
    own = _column_year(raw) if "año" in raw.frame else None
    named = year_in_name(raw.file)
    year = own or given or named
    if year is None:
        trouble = msg("neither a column nor the file's name tells the year")
        raise DataError([Problem(raw.file, trouble, msg("say it, with year="))])
    if given is not None and given != year:
        trouble = msg("the file is of {year}, and {given} was asked for", year=year, given=given)
        raise DataError([Problem(raw.file, trouble, msg("correct the year or the file"))])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        trouble = msg("{year} is no year of the survey", year=year)
        raise DataError([Problem(raw.file, trouble, msg("say the year, with year="))])
    if named not in (None, year):
        told = {"file": raw.file, "named": named, "year": year}
        raw.notes.append(
            msg("{file}: the name says {named}, the year column {year}: {year} counts.", **told)
            if own
            else msg("{file}: the name says {named}, you say {year}: {year} counts.", **told)
        )
    return year


def _column_year(raw: Raw) -> int:
    values = numbers(raw.frame["año"])
    bad = values.isna() | ~values.between(FIRST_YEAR, LAST_YEAR) | (values % 1 != 0)
    if bad.any():
        raw.tell(msg("this is no year"), REPLACE, "año", bad)
        raise DataError(raw.problems)
    years = sorted({int(value) for value in values.unique()})
    if len(years) > 1:
        trouble = msg("the file holds several years: {years}", years=", ".join(map(str, years)))
        remedy = msg("give one file per year; read them and put the frames one under the other")
        raise DataError([Problem(raw.file, trouble, remedy, column="año")])
    return years[0]


# --- cells ----------------------------------------------------------------------------------


def by_value(column: pd.Series, clean: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Clean each different value once: a column has far fewer of them than cells."""
    places, values = pd.factorize(column, use_na_sentinel=False)
    cleaned = clean(pd.Series(values, dtype=column.dtype))
    return cleaned.take(places).set_axis(column.index)


def text(column: pd.Series) -> pd.Series:
    """Return cells as trimmed text, empty ones missing; whole numbers without a decimal point."""
    return by_value(column, _text)


def _text(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column):
        whole = column.dropna()
        if not (whole % 1 != 0).any():
            return column.astype("Int64").astype("string")
    cells = column.astype("string").str.strip()
    return cells.mask(cells == "")


def digits(column: pd.Series) -> pd.Series:
    """Return cells as text without the decimal point that a trip through a number left."""
    return by_value(column, lambda values: _text(values).str.replace(r"\.0+$", "", regex=True))


def empty(column: pd.Series) -> pd.Series:
    """Tell which cells hold nothing."""
    if pd.api.types.is_numeric_dtype(column):
        return column.isna()
    return by_value(column, lambda values: _text(values).isna())


def numbers(column: pd.Series) -> pd.Series:
    """Return cells as float64, missing where a cell is empty or no number."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    return by_value(column, _numbers)


def _numbers(column: pd.Series) -> pd.Series:
    cells = _text(column)
    if cells.str.contains(",", regex=False, na=False).any():
        cells = _decimal_points(cells)
    return pd.to_numeric(cells, errors="coerce").astype("float64")


def _decimal_points(cells: pd.Series) -> pd.Series:
    """Turn decimal commas into points where the column shows that they are no thousands marks."""
    decimal = cells.str.fullmatch(r"-?\d+,\d+", na=False)
    evident = cells.str.fullmatch(r"-?(?:\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+)", na=False)
    points = cells.str.contains(".", regex=False, na=False).any()
    if points or not evident.any():
        return cells
    return cells.mask(decimal, cells.str.replace(",", ".", regex=False))
