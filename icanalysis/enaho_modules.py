"""Which module of ENAHO a file is: recognised by its columns, whatever it is called."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pandas as pd

from icanalysis.enaho_raw import Raw, find_year, plain
from icanalysis.errors import DataError, Problem, WorkbookError
from icanalysis.language import Message, msg, preferred
from icanalysis.microdata import is_data, opened
from icanalysis.microformats import DataFile

SIMULATED = "simulated"
# What only this module's file has, and what tells that it is another's.
SIGNS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "sumaria": (frozenset({"pobreza", "linea"}), frozenset({"codperso"})),
    "members": (frozenset({"p203", "p204"}), frozenset({"ocu500", "p300a", "p301a", "p401"})),
    "employment": (frozenset({"ocu500", "codperso"}), frozenset()),
    "governance": (frozenset({"p37", "p33_2"}), frozenset()),
}
# INEI's numbers of these modules, in the names of archives and of files.
_NUMBERS = {"34", "2", "5", "85", "200", "500"}
_NUMBERED = re.compile(
    r"modulo[ _-]?(?P<chapter>\d+)|enaho01a?-\d{4}-(?P<file>\d{3})(?!\d)", re.IGNORECASE
)
# How INEI calls them.
TITLES = {
    "sumaria": "34 (Sumaria)",
    "members": "200",
    "employment": "500",
    "governance": "85 (01B)",
}


def find(folder: Path | str) -> pd.DataFrame:
    """Find which files in a folder, and in the folders and archives in it, are which module.

    Files are recognised by their columns, whatever they are called; only headers and one row
    are read.

    Returns
    -------
    pandas.DataFrame
        module (sumaria, members, employment or governance), year, path and whether it is
        simulated (bool), sorted.

    Raises
    ------
    WorkbookError
        If there is no such folder.
    DataError
        If two files are the same module of the same year, a file's year is not told, or a file
        that by its name may be one of these modules cannot be read.

    Warns
    -----
    UserWarning
        Of any other file that cannot be read: it is passed over.
    """
    home = Path(folder)
    if not home.is_dir():
        raise WorkbookError(msg("There is no folder “{folder}”.", folder=str(folder)))
    found: list[tuple[str, int, str, bool]] = []
    problems: list[Problem] = []
    for path in sorted(home.rglob("*")):
        if path.is_file() and is_data(path.relative_to(home).as_posix()):
            recognised, troubles = _in_file(path)
            found += recognised
            problems += troubles
    table = pd.DataFrame(sorted(found), columns=["module", "year", "path", SIMULATED])
    for (module, year), rows in table.groupby(["module", "year"]):
        if len(rows) > 1:
            files = ", ".join(rows["path"])
            trouble = msg(
                "several files are module {module} of {year}: {files}",
                module=TITLES[str(module)],
                year=year,
                files=files,
            )
            problems.append(Problem(home.name, trouble, msg("leave only one of them there")))
    if problems:
        raise DataError(problems)
    return table


def names(file: DataFile) -> list[str]:
    """Return the plain names of a file's columns."""
    return [plain(name) for name in file.columns]


def read_raw(file: DataFile, columns: Sequence[str], *, rows: int | None = None) -> Raw:
    """Read columns of a file under plain names, which must be distinct.

    Raises
    ------
    DataError
        If two have the same name, or the file is damaged.
    """
    short = [plain(name) for name in columns]
    twice = sorted({name for name in short if short.count(name) > 1})
    if twice:
        trouble = msg("two columns have the name {names}", names=", ".join(twice))
        raise DataError([Problem(file.name, trouble, msg("keep only one of them"))])
    return Raw(file.name, file.read(columns, rows=rows).set_axis(short, axis=1))


def chosen(name: str, files: Sequence[DataFile], module: str) -> tuple[DataFile, list[Message]]:
    """Return the one file of an archive that is the module, and what to say of the others."""
    sound, unread = _readable(files)
    fitting = [file for file in sound if _is_module(file, module)]
    if len(fitting) > 1:
        refuse_choice(name, fitting)
    if fitting:
        return fitting[0], [_passed_over(problem) for problem in unread]
    raise DataError([*unread, *_no_module(sound, module)])


def _no_module(files: Sequence[DataFile], module: str) -> list[Problem]:
    """Tell of each file what it is in place of the module."""
    needed = SIGNS[module][0]
    problems = []
    for file in files:
        lacking = sorted(needed - {plain(column) for column in file.columns})
        other = [known for known in SIGNS if _is_module(file, known)]
        trouble = (
            msg(
                "this is not module {module} but {other}",
                module=TITLES[module],
                other=TITLES[other[0]],
            )
            if other
            else msg(
                "this is not module {module}: it lacks {columns}",
                module=TITLES[module],
                columns=", ".join(lacking) or msg("what only that module has"),
            )
        )
        problems.append(
            Problem(
                file.name, trouble, msg("give the file of module {module}", module=TITLES[module])
            )
        )
    return problems


def _readable(files: Sequence[DataFile]) -> tuple[list[DataFile], list[Problem]]:
    """Part files whose columns can be read from the troubles of those where they cannot."""
    sound: list[DataFile] = []
    unread: list[Problem] = []
    for file in files:
        try:
            names(file)
        except DataError as error:
            unread += error.problems
        else:
            sound.append(file)
    return sound, unread


def _passed_over(problem: Problem) -> Message:
    return msg("{file} was passed over: {trouble}.", file=problem.file, trouble=problem.trouble)


def _is_module(file: DataFile, module: str) -> bool:
    columns = {plain(name) for name in file.columns}
    needed, foreign = SIGNS[module]
    return needed <= columns and not foreign & columns


def refuse_choice(name: str, files: Sequence[DataFile]) -> NoReturn:
    """Refuse an archive in which several files could be meant."""
    found = ", ".join(file.name.removeprefix(f"{name}/") for file in files)
    trouble = msg("several files of the archive could be meant: {files}", files=found)
    raise DataError([Problem(name, trouble, msg("unpack it and give the one meant"))])


@dataclass(frozen=True)
class Found:
    """One file that is one of the modules, and of which year."""

    module: str
    year: int
    file: DataFile


@dataclass
class Seen:
    """What files are: those recognised, those of no known year, those nobody can read."""

    found: list[Found]
    problems: list[Problem]
    unread: list[Problem]


def look(files: Sequence[DataFile]) -> Seen:
    """See which module and year each file is; one that cannot be read does not stop the rest."""
    sound, unread = _readable(files)
    seen = Seen([], [], unread)
    for file in sound:
        for module in SIGNS:
            if _is_module(file, module):
                try:
                    seen.found.append(Found(module, _year_of(file), file))
                except DataError as error:
                    seen.problems += error.problems
    return seen


def _in_file(path: Path) -> tuple[list[tuple[str, int, str, bool]], list[Problem]]:
    """Return the modules in a file or archive, and what forbids to go on without it."""
    rows: list[tuple[str, int, str, bool]] = []
    try:
        with opened(path) as files:
            seen = look(files)
            for each in seen.found:
                simulated = SIMULATED in names(each.file)
                rows.append((each.module, each.year, str(path), simulated))
    except DataError as error:
        seen = Seen([], [], list(error.problems))
    if not rows and _may_be_module(path.name):
        return rows, seen.problems + seen.unread
    for problem in seen.unread:
        warnings.warn(preferred().say(_passed_over(problem)), stacklevel=3)
    return rows, seen.problems


def _year_of(file: DataFile) -> int:
    own = [name for name in file.columns if plain(name) == "año"]
    raw = read_raw(file, own, rows=1) if own else Raw(file.name, pd.DataFrame())
    return find_year(raw, None)


def _may_be_module(name: str) -> bool:
    """Tell whether a file, by its name, is ENAHO's and not surely of a module not read here."""
    if number := _NUMBERED.search(name):
        return (number["chapter"] or number["file"]).lstrip("0") in _NUMBERS
    return any(word in name.casefold() for word in ("enaho", "sumaria", "modulo"))
