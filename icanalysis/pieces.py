"""What readers make of a file that is about to be shared: texts, tables, elements, facts.

Each knows its place, down to the cell, sheet, page or line; detectors look at nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Literal

from icanalysis.language import Language, Message, msg

# What a place can be made of, and how each part is told.
STEPS: dict[str, Message] = {
    "cell": msg("cell"),
    "output": msg("output"),
    "sheet": msg("sheet"),
    "line": msg("line"),
    "row": msg("row"),
    "column": msg("column"),
    "exception": msg("exception"),
    "page": msg("page"),
    "picture": msg("picture"),
    "attachment": msg("attachment"),
    "metadata": msg("metadata"),
    "key": msg("key"),
    "name": msg("name"),
    "kind": msg("of type"),
}
# What a reader does not see, or sees in another place than it stands: marks of direction,
# characters without width, and control characters but the breaks of a text.
UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000e-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")

Role = Literal["shown", "code", "attribute", "metadata"]


@dataclass(frozen=True)
class Place:
    """Where something stands: a file, then steps into it such as ("cell", "5")."""

    file: str
    steps: tuple[tuple[str, str], ...] = ()

    def at(self, kind: str, which: object) -> Place:
        """Go one step further in."""
        return replace(self, steps=(*self.steps, (kind, str(which))))

    def __str__(self) -> str:
        inside = " > ".join(" ".join(step) for step in self.steps)
        return f"{self.file}: {inside}" if inside else self.file

    def told(self, reader: Language) -> str:
        """Word the place for its reader, without the file."""
        return ", ".join(f"{reader.say(STEPS[kind])} {which}" for kind, which in self.steps)

    @property
    def order(self) -> tuple[object, ...]:
        """Sort by it: cell 2 comes before cell 10."""
        return (
            self.file,
            *((kind, which.zfill(9) if which.isdigit() else which) for kind, which in self.steps),
        )


@dataclass(frozen=True)
class Words:
    """A text on one or a few lines; `section` is the part of the page it stands in."""

    place: Place
    text: str
    role: Role = "shown"
    section: str = ""


@dataclass(frozen=True)
class Grid:
    """A table; `about` are the indicators it says it is about.

    `first` is the number its first row has where it stands.
    """

    place: Place
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    about: tuple[str, ...] = ()
    section: str = ""
    spreadsheet: bool = False
    first: int = 1

    def cell(self, row: int, column: int) -> Place:
        """Return the place of a cell, by the row's number and the column's title."""
        title = self.header[column].strip() or str(column + 1)
        return self.place.at("row", row + self.first).at("column", title)

    def column(self, number: int) -> Iterator[tuple[int, str]]:
        """Yield the cells of a column that have any text, each with the number of its row."""
        for row, cells in enumerate(self.rows):
            if number < len(cells) and cells[number].strip():
                yield row, cells[number]


@dataclass(frozen=True)
class Element:
    """An element of a page or picture, with its own text if that is no text for people."""

    place: Place
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Fact:
    """Something a file's format itself says, such as that a sheet is hidden, under a finding's kind."""

    place: Place
    kind: str
    found: str


Piece = Words | Grid | Element | Fact


def shown_name(name: str) -> str:
    """Return a file's name as it can be shown: a name can hold anything but a slash."""
    return UNSEEN.sub("\ufffd", " ".join(name.split("\n"))).encode(errors="replace").decode()


def leads_outside(name: str) -> bool:
    """Whether what has this name in an archive could be unpacked outside its folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def plain(text: str) -> str:
    """Return a text as a detector compares it: without unseen characters, full-width ones narrow."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFKC", UNSEEN.sub("", COLOURS.sub("", text)))
