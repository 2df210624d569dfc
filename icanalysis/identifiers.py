"""Finds what leads to a person: numbers, telephones, addresses, points on the map, names."""

from __future__ import annotations

import importlib
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import phonenumbers

from icanalysis.findings import Finding, finding, veiled
from icanalysis.pieces import Grid, Place, Words, plain

KNOWN = Path(__file__).with_name("identifiers.toml")
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}(?![\w-])")
# A telephone with its country's code, after a word that announces one, or in groups of three.
CALLED = r"(?:tel[eé]fonos?|telf?|tfno|fono|cel(?:ular)?|m[oó]vil|whatsapp|phone|mobile)"
ABROAD = re.compile(r"(?<![\w.,+])(?:\+|00)\d(?:[\s().-]{0,2}\d){7,14}(?![\d,.]?\d)")
# A row of a table in a PDF, cells apart by blanks: two numbers as reports print them.
FIGURES = re.compile(r"(?<!\S)\+?\d+\.\d+\s+(?:0\.\d+|\d+\.\d)(?![.\d])")
ANNOUNCED = re.compile(rf"(?i)\b{CALLED}\b\W{{0,4}}(\(?\d(?:[\s().-]{{0,2}}\d){{5,14}})(?!\d)")
COLUMN_CALLED = re.compile(rf"(?i)(?:^|\b|_){CALLED}(?:$|\b|_)")
GROUPED = re.compile(r"(?<![\w.,+/-])(?<![\d] )\d{3}([ -])\d{3}\1\d{3}(?![ \w.,/-]*\d)")
IN_LINK = re.compile(r"(?i)(?:wa\.me/|[?&]phone=)\+?(\d{8,15})")
MOBILE = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
}
# Four decimals of a degree are ten metres.
PAIR = re.compile(
    r"(?<![\w.,-])(-?\d{1,2}\.\d{4,})[°\s]*[,;\s][\s]*(-?\d{1,3}\.\d{4,})(?![\w.]?\d)"
)
LABELLED = re.compile(
    r"(?i)\b(?:lat(?:itude?)?|latitud|lon|lng|long(?:itude?)?|longitud)\b\W{0,4}(-?\d{1,3}\.\d{3,})"
)
DEGREES = re.compile(r"\d{1,3}\s?°\s?\d{1,2}\s?['′]\s?(?:[\d.]+\s?(?:\"|″|'')\s?)?[NSEWO]\b")
POINT = re.compile(r"-?\d{1,3}\.\d{3,}")
ALONG = re.compile(r"(?i)(?:^|_|\b)(?:lat|latitude|latitud|lon|lng|longitude|longitud)(?:$|_|\b)")
WORD = re.compile(r"[^\W_]+(?:[-_'’][^\W_]+)*")
# Words of a name looked up together.
LONGEST_NAME = 6


@dataclass(frozen=True)
class People:
    """Who stands in the producers' file: their ids, and their names folded; and their country."""

    country: str = ""
    ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Number:
    """A kind of number that identifies somebody, as `identifiers.toml` describes it."""

    kind: str
    country: str
    words: re.Pattern[str] | None
    alone: re.Pattern[str]
    beside: re.Pattern[str] | None
    check: str

    def holds(self, number: str) -> bool:
        """Whether the check digit, if it has one, is right."""
        if not self.check:
            return True
        return bool(importlib.import_module(f"stdnum.{self.check}").is_valid(number))


@cache
def numbers(country: str) -> tuple[Number, ...]:
    """Return the numbers of a country; of all countries if it is not told."""
    described = tomllib.loads(KNOWN.read_text(encoding="utf-8"))["numbers"]
    return tuple(
        _number(entry) for entry in described if not country or entry["country"] == country
    )


def _number(entry: dict[str, str]) -> Number:
    alone = rf"(?<![\w.,-])({entry['pattern']})(?![\w]|[.,-]\d)"
    words = "|".join(map(re.escape, entry.get("words", ())))
    before = rf"(?i)\b(?:{words})\b[^\w\n]{{0,4}}(?:(?:n[°ºo]|nro|num|n[uú]mero|number)\W{{0,4}})?(?:is\s|es\s)?"
    after = rf"{alone}\W{{0,3}}\b(?i:{words})\b"
    return Number(
        entry["kind"],
        entry["country"],
        re.compile(rf"(?i)(?:^|\b|_)(?:{words})(?:$|\b|_)") if words else None,
        re.compile(alone),
        re.compile(rf"{before}({entry['pattern']})(?!\w)|{after}") if words else None,
        entry.get("check", ""),
    )


def folded(text: str) -> str:
    """Return a name as it is compared: without accents, case or signs."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(WORD.findall(bare.casefold()))


def in_words(words: Words, people: People) -> Iterator[Finding]:
    """Find what identifies somebody in a text."""
    text = plain(words.text)
    if any(sign.isdigit() for sign in text):
        for number in numbers(people.country):
            for match in (number.beside or number.alone).finditer(text):
                told = next(filter(None, match.groups()))
                if number.holds(told):
                    yield finding(number.kind, words.place, veiled(told))
        yield from _phones(words, text, people.country)
        yield from _points(words, text)
    for match in ADDRESS.finditer(text):
        yield finding("e-mail", words.place, veiled(match[0]))
    for told in _known(text, people):
        yield finding("producer", words.place, veiled(told, 4))


def _phones(words: Words, text: str, country: str) -> Iterator[Finding]:
    for region in _regions(country):
        abroad = (match[0] for match in ABROAD.finditer(text) if not FIGURES.search(match[0]))
        found = [told for told in abroad if _rings(told, region)]
        found += [match[1] for match in ANNOUNCED.finditer(text) if _rings(match[1], region)]
        found += [match[1] for match in IN_LINK.finditer(text) if _rings(f"+{match[1]}", region)]
        found += [match[0] for match in GROUPED.finditer(text) if _rings(match[0], region, MOBILE)]
        for told in found:
            yield finding("phone", words.place, veiled(told, 3))


def _regions(country: str) -> list[str]:
    """Return the countries whose telephones are looked for."""
    return [country] if country else sorted({item.country for item in numbers("")})


def _rings(text: str, region: str, kinds: set[int] | None = None) -> bool:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    valid = phonenumbers.is_valid_number(number)
    return valid and (kinds is None or phonenumbers.number_type(number) in kinds)


def _points(words: Words, text: str) -> Iterator[Finding]:
    found = [
        match[0]
        for match in PAIR.finditer(text)
        if abs(float(match[1])) <= 90 and 5 <= abs(float(match[2])) <= 180
    ]
    found += [match[0] for match in LABELLED.finditer(text)]
    found += [match[0] for match in DEGREES.finditer(text)]
    for told in found:
        yield finding("coordinates", words.place, veiled(told, 4))


def _known(text: str, people: People) -> Iterator[str]:
    if people.ids:
        yield from sorted(people.ids.intersection(WORD.findall(text)))
    if people.names:
        parts = folded(text).split()
        for start in range(len(parts)):
            for size in range(2, min(LONGEST_NAME, len(parts) - start) + 1):
                name = " ".join(parts[start : start + size])
                if name in people.names:
                    yield name


def in_grid(grid: Grid, people: People) -> Iterator[Finding]:
    """Find identifiers in a table, where what announces them heads the column or the row."""
    for column, title in enumerate(grid.header):
        if _announces(title, people.country):
            for row, cell in grid.column(column):
                yield from _announced(title, cell, grid.cell(row, column), people.country)
    for row, cells in enumerate((grid.header, *grid.rows), -1):
        if cells and _announces(cells[0], people.country):
            place = grid.place.at("row", row + grid.first)
            for cell in cells[1:]:
                yield from _announced(cells[0], cell, place, people.country)


def _announces(title: str, country: str) -> bool:
    kinds = any(each.words and each.words.search(title) for each in numbers(country))
    return bool(kinds or COLUMN_CALLED.search(title) or ALONG.search(title))


def _announced(title: str, cell: str, place: Place, country: str) -> Iterator[Finding]:
    """Find in one cell what its column's or row's title announces."""
    text = plain(cell).strip()
    for number in numbers(country):
        told = number.words and number.words.search(title) and number.alone.fullmatch(text)
        if told and number.holds(text):
            yield finding(number.kind, place, veiled(text))
    if COLUMN_CALLED.search(title) and any(_rings(text, region) for region in _regions(country)):
        yield finding("phone", place, veiled(text, 3))
    if ALONG.search(title) and POINT.fullmatch(text):
        yield finding("coordinates", place, veiled(text, 4))
