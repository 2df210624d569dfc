"""Plain files in pieces: text, CSV, JSON, XML; and the tables that hide in a text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from defusedxml import ElementTree

from icanalysis.pieces import Element, Grid, Piece, Place, Role, Words

DELIMITERS = ",;\t|"
SHAPE = re.compile(r"\[\d+ rows x \d+ columns\]")
# Spark, Stata and the like frame a printed table with lines.
RULED = re.compile(r"^[\s|+=-]+$")


def decoded(data: bytes) -> str:
    """Return a file's text, in the encoding it is most likely in."""
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            break
    return data.decode("cp1252", errors="replace")


def lines(place: Place, text: str, role: Role = "shown", section: str = "") -> Iterator[Piece]:
    """Yield a text line by line."""
    for number, line in enumerate(text.splitlines(), 1):
        if line and not line.isspace():
            yield Words(place.at("line", number), line, role, section)


def printed(place: Place, text: str, section: str = "") -> Iterator[Piece]:
    """Yield a printed text line by line, and the tables printed in it."""
    yield from lines(place, text, "shown", section)
    yield from _tables(place, text, section)


def _tables(place: Place, text: str, section: str) -> Iterator[Grid]:
    """Find runs of lines that have as many words as their first, or one more: a frame's index."""
    split = [
        line.replace("|", " ").split()
        for line in text.splitlines()
        if line.strip() and not RULED.match(line) and not SHAPE.search(line)
    ]
    start = 0
    while start < len(split):
        header = split[start]
        rows: list[tuple[str, ...]] = []
        index = ""
        for row in split[start + 1 :]:
            if len(row) == 1 and not rows and not index:  # Pandas names its index on its own line
                index = row[0]
            elif len(row) not in (len(header), len(header) + 1):
                break
            else:
                rows.append(tuple(row if len(row) > len(header) else ["", *row]))
        if rows and len(header) > 1:
            yield Grid(place, (index, *header), tuple(rows), section=section)
        start += 1 + len(rows)


def table(place: Place, text: str) -> Iterator[Piece]:
    """Yield a CSV file as a table, and each of its lines."""
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    csv.field_size_limit(2**31 - 1)  # what a file may hold is limited where it is opened
    rows = [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    yield from lines(place, text)
    if rows:
        yield Grid(place, rows[0], tuple(rows[1:]), spreadsheet=True, first=2)


def document(
    place: Place, value: object, role: Role = "metadata", section: str = ""
) -> Iterator[Piece]:
    """Yield a JSON value: one line for the plain values of each object, a table for its records."""
    waiting: list[tuple[Place, object]] = [(place, value)]
    while waiting:
        where, item = waiting.pop()
        if isinstance(item, Mapping):
            plain = {key: inner for key, inner in item.items() if not _nested(inner)}
            for key, inner in plain.items():
                yield Words(where.at("key", key), f"{key}: {inner}", role, section)
            together = "; ".join(
                f"{key}: {inner}" for key, inner in plain.items() if _numeric(inner)
            )
            if together:  # latitude and longitude are two values
                yield Words(where, together, role, section)
            waiting += [
                (where.at("key", key), inner) for key, inner in item.items() if _nested(inner)
            ]
            yield from (Words(where, str(key), role, section) for key in item if _nested(item[key]))
        elif isinstance(item, list):
            yield from _records(where, item, section)
            waiting += [
                (where.at("row", number), inner)
                for number, inner in enumerate(item, 1)
                if _nested(inner)
            ]
            for inner in item:
                if isinstance(inner, str):
                    yield from lines(where, inner, role, section)
        else:
            yield from lines(where, str(item), role, section)


def _nested(value: object) -> bool:
    return isinstance(value, (Mapping, list))


def _numeric(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _records(place: Place, items: Sequence[Any], section: str) -> Iterator[Grid]:
    """Yield a list of objects as the table it is."""
    if len(items) > 0 and all(isinstance(item, Mapping) for item in items):
        header = list(dict.fromkeys(key for item in items for key in item))
        rows = [
            tuple("" if _nested(item.get(key)) else str(item.get(key, "")) for key in header)
            for item in items
        ]
        yield Grid(place, tuple(map(str, header)), tuple(rows), section=section)


def json_text(place: Place, text: str) -> Iterator[Piece]:
    """Yield the pieces of a JSON file, or of a file with one JSON value a line."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = [json.loads(line) for line in text.splitlines() if line.strip()]
    yield from document(place, value)


def xml(place: Place, data: bytes) -> Iterator[Piece]:
    """Yield the pieces of an XML file: texts, attributes; entities and outside parts are refused."""
    for number, item in enumerate(ElementTree.fromstring(data).iter(), 1):
        where = place.at("row", number)
        attributes = {str(key).rpartition("}")[2]: str(value) for key, value in item.attrib.items()}
        name = str(item.tag).rpartition("}")[2]
        yield Element(where, name, attributes)
        yield from (
            Words(where, f"{key}: {value}", "attribute") for key, value in attributes.items()
        )
        for text in (item.text, item.tail):
            if text and not text.isspace():
                yield Words(where, f"{name}: {text}" if text is item.text else text, "shown")
