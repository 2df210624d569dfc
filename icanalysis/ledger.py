"""The runs of a folder, for whoever did not make them: what each holds, what is left out and why.

A folder of runs is passed on, mended and unpacked by hand. Nothing in it is believed before it is
checked, no link is followed, and nothing outside it is read.
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.types import StringConstraints

from icanalysis import outline
from icanalysis.diff import Run, read_run
from icanalysis.errors import WorkbookError
from icanalysis.folder import INDEX_FILE, MANIFEST, RESULTS_FILE, RUN_FILE
from icanalysis.language import CODES, Code, Message, msg
from icanalysis.outline import Outline
from icanalysis.pieces import shown_name
from icanalysis.render import SHEETS_FILE

MEBI = 2**20
MOST_BYTES = 64 * MEBI  # of one file; a page has one or two, the figures of all regions as many
DEEPEST = 3  # reports/2026/run
# What files of a run are called, so that no name in a record leads elsewhere.
_NAME = re.compile(r"(?:(es|en)/)?(\w[\w.-]*)")

Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Year = Annotated[int, Field(ge=1900, le=2200)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Asked(_Part):
    regions: list[Short]
    baseline: Year
    outcome: Year
    languages: list[Code]


class _State(_Part):
    status: Short


class _Package(_Part):
    version: Short


class _Record(_Part):
    """What of a run's record is shown."""

    programme: Short
    parameters: _Asked
    regions: dict[Short, _State]
    pages: dict[Short, _State]
    icanalysis: _Package
    outputs: dict[str, str]


@dataclass(frozen=True)
class Page:
    """A page of a run that stands as the run left it."""

    file: str
    code: str
    stem: str
    failed: bool
    outline: Outline


@dataclass(frozen=True)
class Entry:
    """A run that can be shown; `files` are those that stand, by name with their checksums.

    `made` is when its record was written: the run itself holds no times.
    """

    name: str
    path: Path
    made: datetime
    programme: str
    baseline: int
    outcome: int
    regions: tuple[str, ...]
    languages: tuple[Code, ...]
    version: str
    failed: tuple[str, ...]
    figures: int
    simulated: int
    pages: tuple[Page, ...]
    files: Mapping[str, str]
    troubles: tuple[Message, ...]

    @property
    def asked(self) -> tuple[object, ...]:
        """What the run was asked for; runs asked for the same can be compared figure by figure."""
        return (self.programme, self.baseline, self.outcome, self.regions)


@dataclass
class Ledger:
    """The runs of a folder, newest first, and what was left out, in the order of names."""

    root: Path
    entries: list[Entry] = field(default_factory=list)
    left_out: list[Message] = field(default_factory=list)

    @property
    def troubles(self) -> list[Message]:
        """What is wrong with single files of runs that are shown."""
        return [
            msg("{name}: {why}", name=shown_name(entry.name), why=trouble)
            for entry in self.entries
            for trouble in entry.troubles
        ]

    @property
    def language(self) -> Code:
        """The first language of the newest run."""
        return next((each.languages[0] for each in self.entries if each.languages), CODES[0])


def read(folder: Path) -> Ledger:
    """Read every run under a folder.

    Raises
    ------
    WorkbookError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise WorkbookError(msg("There is no folder “{folder}”.", folder=shown_name(folder.name)))
    ledger = Ledger(folder.resolve())
    outlines: dict[str, Outline] = {}
    for path in _runs(ledger, ledger.root, 1):
        name = path.relative_to(ledger.root).as_posix()
        try:
            ledger.entries.append(_entry(path, name, outlines))
        except WorkbookError as error:
            ledger.left_out.append(
                msg("{name}: {why}", name=shown_name(name), why=_plain(error.message))
            )
        except OSError as error:
            ledger.left_out.append(_unreadable(name, error))
    ledger.entries.sort(key=lambda entry: (entry.made, entry.name), reverse=True)
    return ledger


def _plain(message: Message) -> Message:
    """Return a message whose values can be shown: names of files can hold anything."""
    values = {
        name: shown_name(value) if isinstance(value, str) else value
        for name, value in message.values.items()
    }
    return Message(message.text, values)


def _unreadable(name: str, error: OSError) -> Message:
    return msg("{name}: {why}", name=shown_name(name), why=str(error.strerror))


def _runs(ledger: Ledger, folder: Path, depth: int) -> Iterator[Path]:
    """Find folders that are runs, or look as if they had been; bundles are for their agencies."""
    for path in sorted(folder.iterdir()):
        name = path.relative_to(ledger.root).as_posix()
        if path.name.startswith("."):
            continue
        try:
            kind = path.lstat().st_mode
            if stat.S_ISLNK(kind):
                why = msg("it is a link, and links are not followed.")
                ledger.left_out.append(msg("{name}: {why}", name=shown_name(name), why=why))
            if not stat.S_ISDIR(kind):
                continue
            held = {each.name for each in path.iterdir()}
            if RUN_FILE in held or (RESULTS_FILE in held and MANIFEST not in held):
                yield path
            elif MANIFEST not in held and depth < DEEPEST:
                yield from _runs(ledger, path, depth + 1)
        except OSError as error:
            ledger.left_out.append(_unreadable(name, error))


def content(root: Path, name: str) -> bytes:
    """Return what a file of a run holds.

    Raises
    ------
    WorkbookError
        As `_plain_file`, and where it is huge.
    """
    with _plain_file(root, name).open("rb") as stream:
        read = stream.read(MOST_BYTES + 1)
    if len(read) > MOST_BYTES:
        raise WorkbookError(
            msg(
                "{file} is larger than {most} MB, which no file of a run is.",
                file=name,
                most=MOST_BYTES // MEBI,
            )
        )
    return read


def _plain_file(root: Path, name: str) -> Path:
    """Return where a file of a run lies: in that very folder, which is one without links, or not at all.

    Raises
    ------
    WorkbookError
        Saying why it is not read.
    """
    path = root / name
    if not _NAME.fullmatch(name):
        raise WorkbookError(msg("{file} is no name that a file of a run has.", file=name))
    try:
        if path.resolve(strict=True) == path and stat.S_ISREG(path.lstat().st_mode):
            return path
    except (FileNotFoundError, NotADirectoryError):
        raise WorkbookError(msg("{file} is missing.", file=name)) from None
    except RuntimeError:  # links in a circle
        pass
    raise WorkbookError(msg("{file} is a link, or no plain file; it is not read.", file=name))


def _entry(path: Path, name: str, outlines: dict[str, Outline]) -> Entry:
    for needed in (RUN_FILE, RESULTS_FILE):
        content(path, needed)
    run = read_run(path)
    record = _record(run)
    files, troubles, seen = _standing(path, record, outlines)
    states = {**record.regions, **record.pages}
    return Entry(
        name=name,
        path=path,
        made=_when(path / RUN_FILE),
        programme=record.programme,
        baseline=record.parameters.baseline,
        outcome=record.parameters.outcome,
        regions=tuple(record.parameters.regions),
        languages=tuple(record.parameters.languages),
        version=record.icanalysis.version,
        failed=tuple(code for code, state in states.items() if state.status != "ok"),
        figures=len(run.lines),
        simulated=int((run.lines["source_kind"] == "simulated").sum()),
        pages=tuple(_pages(record, seen)),
        files=files,
        troubles=tuple(troubles),
    )


def _record(run: Run) -> _Record:
    try:
        return _Record.model_validate(run.record)
    except ValidationError as error:
        place = " > ".join(map(str, error.errors()[0]["loc"]))
        raise WorkbookError(
            msg(
                "{record} does not hold what runs record; found at fault: {place}. Restore it, or "
                "make the run again.",
                record=RUN_FILE,
                place=place,
            )
        ) from None


def _when(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OverflowError, ValueError, OSError):  # a clock nobody set
        return datetime.fromtimestamp(0, UTC)


def _standing(
    path: Path, record: _Record, outlines: dict[str, Outline]
) -> tuple[dict[str, str], list[Message], dict[str, Outline]]:
    """Return the files that stand, with their checksums on record; what is wrong; pages' outlines.

    Pages are read whole. That others are as they were left is seen when somebody asks for them.
    """
    files: dict[str, str] = {}
    troubles: list[Message] = []
    seen: dict[str, Outline] = {}
    for name, recorded in sorted(record.outputs.items()):
        try:
            if not name.endswith(".html"):
                _plain_file(path, name)
            elif recorded != hashlib.sha256(read := content(path, name)).hexdigest():
                raise WorkbookError(msg("{file} is not as the run left it.", file=name))
            elif recorded not in outlines:  # most pages of a run are those of the run before
                outlines[recorded] = outline.read(read)
        except WorkbookError as error:
            troubles.append(_plain(error.message))
        except OSError as error:
            troubles.append(_unreadable(name, error))
        else:
            files[name] = recorded
            if recorded in outlines and name != INDEX_FILE:
                seen[name] = outlines[recorded]
    return files, troubles, seen


def _pages(record: _Record, seen: Mapping[str, Outline]) -> Iterator[Page]:
    """Yield pages in the order of a run's index: regions, the programme's, the sheets."""
    states = {**record.regions, **record.pages}
    place = {code: number for number, code in enumerate(record.parameters.regions)}

    def order(name: str) -> tuple[bool, int, str]:
        stem = Path(name).stem
        return (Path(name).name == SHEETS_FILE, place.get(stem, len(place)), name)

    for name in sorted(seen, key=order):
        found = _NAME.fullmatch(name)
        if found is not None and found[1]:
            stem = Path(name).stem
            failed = stem in states and states[stem].status != "ok"
            yield Page(name, found[1], stem, failed, seen[name])
