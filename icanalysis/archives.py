"""INEI's archives on disk: the table wanted of each, unpacked safely, and the record of them.

Every reader of a folder finds a module's year once: tables lie in DIR/<year>/ under INEI's own
names, what they replace gets a name no reader takes for data, and archives are not kept. What an
archive was (address, size, sha256, ETag, date) stands in DIR/archives.json.
"""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icanalysis import microdata
from icanalysis.enaho_modules import look, refuse_choice
from icanalysis.errors import DataError, Problem, WorkbookError
from icanalysis.language import msg
from icanalysis.microformats import DataFile

# INEI's number of a module, and what its reader here calls it.
MODULES = {"34": "sumaria", "02": "members", "05": "employment", "85": "governance"}
FACTS = ("url", "retrieved", "bytes", "sha256", "etag", "modified", "tables")
RECORD, SCHEMA = "archives.json", "icanalysis-enaho/1"


@dataclass(frozen=True)
class Archive:
    """One archive at INEI: a survey year's module."""

    year: int
    module: str
    code: str

    @property
    def name(self) -> str:
        """INEI's name of the file."""
        return f"{self.code}-Modulo{self.module}.zip"

    @property
    def key(self) -> str:
        """What the record calls it."""
        return f"{self.year}/{self.module}"


@dataclass
class Folder:
    """Where tables are put, and the record of the archives they came from."""

    path: Path
    archives: dict[str, dict[str, Any]]

    def part(self, archive: Archive) -> Path:
        """Where an archive lies while it is not whole."""
        return self.path / str(archive.year) / f"{archive.name}.part"

    @contextmanager
    def room(self, archive: Archive) -> Iterator[None]:
        """Make room for what an archive holds; a folder nothing came into does not stay."""
        home = self.part(archive).parent
        home.mkdir(exist_ok=True)
        try:
            yield
        finally:
            with suppress(OSError):  # it holds something
                home.rmdir()

    def standing(self, archive: Archive, url: str) -> dict[str, Any] | None:
        """Return what is on record of an archive if all its tables are still what they were."""
        entry = self.archives.get(archive.key)
        if entry is None or entry["url"] != url:
            return None
        home = self.path / str(archive.year)
        whole = all(
            (home / name).is_file() and sha256(home / name) == table["sha256"]
            for name, table in entry["tables"].items()
        )
        return entry if whole else None

    def put(self, made: Path, to: Path) -> tuple[Path, Path | None]:
        """Copy a table into place; one of other content that stands there is kept beside it."""
        copy = to.with_name(f"{to.name}.part")
        shutil.copyfile(made, copy)
        aside = _aside(to) if to.exists() and sha256(to) != sha256(copy) else None
        copy.replace(to)
        return to, aside

    def enter(self, archive: Archive, facts: dict[str, Any], tables: list[Path]) -> None:
        """Add an archive to the record on disk; a table that INEI renamed loses its old name."""
        for name in self.archives.get(archive.key, {}).get("tables", {}):
            old = self.path / str(archive.year) / name
            if old.exists() and not any(old.samefile(path) for path in tables):
                _aside(old)
        sizes = {
            path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in tables
        }
        self.archives[archive.key] = {**facts, "tables": sizes}
        text = json.dumps({"schema": SCHEMA, "archives": self.archives}, indent=1, sort_keys=True)
        made = self.path / f"{RECORD}.part"
        made.write_text(text + "\n", encoding="utf-8")
        made.replace(self.path / RECORD)


def _aside(path: Path) -> Path:
    """Give a table a name that no reader takes for data."""
    for number in itertools.count(1):
        aside = path.with_name(f"{path.name}.until-{today()}" + f"-{number}" * (number > 1))
        if not aside.exists():
            return path.rename(aside)
    raise AssertionError("there is always a next number")


def open_folder(to: Path) -> Folder:
    """Open the folder tables are put in, with its record.

    Raises
    ------
    WorkbookError
        If the record cannot be read.
    """
    return Folder(to, _read_record(to))


def _read_record(to: Path) -> dict[str, dict[str, Any]]:
    path = to / RECORD
    if not path.exists():
        return {}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        archives = dict(record["archives"])
        if record["schema"] == SCHEMA and all(
            set(FACTS) <= set(item) for item in archives.values()
        ):
            return archives
    except (ValueError, KeyError, TypeError):
        pass
    raise WorkbookError(
        msg(
            "“{file}” is not a record of archives; rename it, or name another folder.",
            file=str(path),
        )
    )


def sha256(path: Path) -> str:
    """Return the checksum of a file of any size."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def today() -> str:
    """Return the date, as the record writes it."""
    return datetime.date.today().isoformat()


# --- checking and unpacking -----------------------------------------------------------------


def unpacked(archive: Archive, part: Path, folder: Folder) -> list[tuple[Path, Path | None]]:
    """Unpack what is wanted of an archive, all or nothing, beside what else the year has.

    Returns
    -------
    list
        Where each table is, and where the one that stood there before.
    """
    with microdata.opened(part) as files:
        return [
            folder.put(file.path, part.parent / re.sub(r"[^\w.-]", "_", file.own_name))
            for file in _wanted(archive, files)
        ]


def _wanted(archive: Archive, files: Sequence[DataFile]) -> list[DataFile]:
    """Find the table of the module and year by its columns; of other modules, every table.

    Raises
    ------
    DataError
        If the archive is of another year or module, or a table wanted cannot be read.
    """
    if archive.module not in MODULES:
        for file in files:
            file.require_sound()
        return list(files)
    wanted = MODULES[archive.module]
    seen = look(files)
    found = [each for each in seen.found if each.module == wanted]
    here = [each.file for each in found if each.year == archive.year]
    if len(here) > 1:
        refuse_choice(archive.name, here)
    if here:
        return here
    if seen.problems or seen.unread:
        raise DataError([*seen.problems, *seen.unread])
    trouble = (
        msg("the table is of {found}, not of {year}: is {code} the survey code of that year?",
            found=found[0].year, year=archive.year, code=archive.code)
        if found
        else msg("the archive holds no table of module {module} ({name})",
                 module=archive.module, name=wanted)
    )  # fmt: skip
    raise DataError([Problem(archive.name, trouble, msg("check the survey code and the module"))])
