"""Tells what in a notebook, page, workbook or folder may not be shared, before it leaves."""

from __future__ import annotations

import csv
import datetime
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

from icanalysis import active, badges, excused, identifiers, intake, results, tallies, traces
from icanalysis.asked import Disclosure
from icanalysis.errors import DataError, WorkbookError
from icanalysis.findings import Finding, finding, listing
from icanalysis.folder import MANIFEST, RESULTS_FILE, outputs, read_record
from icanalysis.identifiers import People
from icanalysis.language import Language, msg
from icanalysis.load import DataFolder
from icanalysis.pieces import Element, Fact, Grid, Piece, Place, Words
from icanalysis.producers import UNIT

# Columns of the producers' file that name somebody.
NAMES = ("name", "nombre", "apellido", "surname")


@dataclass
class Watch:
    """What is looked for: what may be shown, who stands in the producers' file, what is simulated."""

    rule: Disclosure = field(default_factory=Disclosure)
    people: People = field(default_factory=People)
    columns: frozenset[str] = frozenset()
    data: DataFolder | None = None


def watch(data: DataFolder | None) -> Watch:
    """Draw up what to look for by a data folder; without one, what needs none."""
    if data is None:
        return Watch()
    plan = data.evaluation.producers
    table = data.catalog.tables.get(plan.table) if plan else None
    rows: list[dict[str, str]] = []
    if table is not None and table.path.is_file():
        # As it lies there: a file whose table departs from its description has people all the same.
        with table.path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            rows = [
                {k: v for k, v in row.items() if k and isinstance(v, str)}
                for row in csv.DictReader(stream)
            ]
    ids = {row.get(UNIT, "").strip() for row in rows}
    named = [column for column in (rows[0] if rows else {}) if _names(column)]
    names = {identifiers.folded(row.get(column, "")) for row in rows for column in named}
    names |= {identifiers.folded(" ".join(row.get(column, "") for column in named)) for row in rows}
    people = People(
        data.evaluation.programme.country,
        frozenset(code for code in ids if len(code) > 3 and any(map(str.isdigit, code))),
        frozenset(name for name in names if " " in name),  # a first name alone is everybody's
    )
    columns = frozenset(column.casefold() for column in (rows[0] if rows else {}))
    return Watch(data.evaluation.disclosure, people, columns, data)


def _names(column: str) -> bool:
    return any(part in column.casefold() for part in NAMES)


class NotSharableError(WorkbookError):
    """A bundle was not made because of what may not be shared; every finding is listed."""

    def __init__(self, name: str, found: Sequence[Finding]) -> None:
        super().__init__(msg("“{name}” was not made: it may not be shared.", name=name))
        self.found = tuple(found)

    def told(self, language: Language) -> str:
        """Say that nothing was made, then each finding on a line."""
        return "\n".join([super().told(language), *listing(self.found, language)])


class Guard:
    """Refuses folders of which anything may not be shared; a file that many have is read once.

    Exceptions for what is not in a folder wait: they may be for another.
    """

    def __init__(self, looked: Watch, exceptions: Path | None, today: datetime.date) -> None:
        self._looked, self._exceptions, self._today = looked, exceptions, today
        self._passed: set[tuple[str, str, str]] = set()

    def __call__(self, folder: Path) -> None:
        """Let a folder pass.

        Raises
        ------
        NotSharableError
            Telling every finding that nobody allowed.
        """
        sums = outputs(folder)
        # What a page may quote unbadged hangs on the figures beside it.
        known = {name: (name, told, sums.get(RESULTS_FILE, "")) for name, told in sums.items()}
        passed = {name for name, key in known.items() if key in self._passed}
        found = checked(folder, self._looked, self._exceptions, self._today, passed)
        if left := [each for each in found if each.kind != "exception-unused"]:
            raise NotSharableError(folder.name, left)
        self._passed.update(known.values())


def findings(target: Path, looked: Watch, passed: Collection[str] = ()) -> list[Finding]:
    """List all that may not be shared in a file or folder, in order of place, each once.

    `passed` are names of a folder's files that need not be read again.
    """
    found: set[Finding] = set()
    beside = _Runs(target, looked)
    for file, pieces in itertools.groupby(
        intake.read(target, passed), lambda piece: piece.place.file
    ):
        held = list(pieces)
        found.update(_in_file(held, looked))
        known = beside(file)
        if known is not None:
            found.update(badges.unbadged(held, known))
    found.update(_promised(target))
    return sorted(found, key=lambda each: each.order)


def _promised(target: Path) -> Iterator[Finding]:
    """Find a bundle whose list of files says that nothing is simulated, where a figure is."""
    if read_record(target, MANIFEST).get("simulated") is not False:
        return
    lines = _figures(target)
    if lines is not None and (lines["source_kind"] == "simulated").any():
        yield finding("unbadged", Place(MANIFEST).at("key", "simulated"), "false")


def _figures(folder: Path) -> pd.DataFrame | None:
    """Read the figures of a run or a bundle; a damaged table is told where its file is read."""
    try:
        return results.read(folder / RESULTS_FILE)
    except (ValueError, KeyError, OSError, pd.errors.ParserError):
        return None


def _in_file(pieces: Sequence[Piece], looked: Watch) -> Iterator[Finding]:
    """Find what is in one file; a text that stands in it many times is read once."""
    seen: dict[tuple[str, str], list[Finding]] = {}
    for piece in pieces:
        if isinstance(piece, Words):
            key = (piece.text, piece.role)
            if key not in seen:
                seen[key] = list(_in_words(piece, looked))
            yield from (Finding(each.kind, piece.place, each.found) for each in seen[key])
        elif isinstance(piece, Grid):
            people = list(tallies.rows_of_people(piece, looked.columns))
            yield from people or tallies.small_cells(piece, looked.rule)
            yield from identifiers.in_grid(piece, looked.people)
            yield from active.formulas(piece)
        elif isinstance(piece, Element):
            yield from active.in_element(piece)
            if piece.body and not active.is_own(piece):
                yield from _in_words(Words(piece.place, piece.body, "code"), looked)
        elif isinstance(piece, Fact):
            yield finding(piece.kind, piece.place, piece.found)


def _in_words(words: Words, looked: Watch) -> Iterator[Finding]:
    yield from identifiers.in_words(words, looked.people)
    yield from traces.in_words(words)


class _Runs:
    """The simulated figures of the run that a file belongs to, read once for each run."""

    def __init__(self, target: Path, looked: Watch) -> None:
        self.target, self.looked = target.resolve(), looked
        self.of = cache(self._of)

    def __call__(self, file: str) -> badges.Simulated | None:
        home = self.target / file.partition("!")[0] if self.target.is_dir() else self.target
        # A run holds its pages in folders of their language.
        near = [folder for folder in list(home.parents)[:3] if (folder / RESULTS_FILE).is_file()]
        return self.of(near[0]) if near and home.suffix.lower() not in (".csv", ".json") else None

    def _of(self, folder: Path) -> badges.Simulated | None:
        data, lines = self.looked.data, _figures(folder)
        if data is None or lines is None:
            return None
        try:
            records = data.table("indicators")
        except DataError:  # told by `icanalysis check`
            return None
        return badges.simulated(lines, records, data.evaluation)


def checked(
    target: Path,
    looked: Watch,
    exceptions: Path | None,
    today: datetime.date,
    passed: Collection[str] = (),
) -> list[Finding]:
    """List what may not be shared and nobody allowed, and what is wrong with the exceptions.

    Raises
    ------
    DataError
        If the file of exceptions cannot be read as one.
    """
    excuses = excused.read(exceptions) if exceptions else ()
    found = findings(target, looked, passed)
    name = exceptions.name if exceptions else excused.FILE
    only = "" if target.is_dir() else target.name
    left = excused.applied(found, excuses, name, today, only)
    return sorted(left, key=lambda each: each.order)
