"""Which module of ENAHO a file is: recognised by its columns, whatever it is called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pandas as pd

from icanalysis.enaho_raw import Raw, find_year, plain
from icanalysis.errors import DataError, Problem, WorkbookError
from icanalysis.language import msg
from icanalysis.microdata import opened
from icanalysis.microformats import SUFFIXES, DataFile

SIMULATED = "simulated"
# What only this module's file has, and what tells that it is another's.
SIGNS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "sumaria": (frozenset({"pobreza", "linea"}), frozenset({"codperso"})),
    "members": (frozenset({"p203", "p204"}), frozenset({"ocu500", "p300a", "p401"})),
    "employment": (frozenset({"ocu500", "codperso"}), frozenset()),
    "governance": (frozenset({"p37", "p33_2"}), frozenset()),
}
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
        that by its name is ENAHO's cannot be read.
    """
    home = Path(folder)
    if not home.is_dir():
        raise WorkbookError(msg("There is no folder “{folder}”.", folder=str(folder)))
    found: list[tuple[str, int, str, bool]] = []
    problems: list[Problem] = []
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.name.casefold().endswith(SUFFIXES):
            try:
                found += _modules_in(path)
            except DataError as error:
                if _named_like_enaho(path):
                    problems += error.problems
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


def chosen(name: str, files: Sequence[DataFile], module: str) -> DataFile:
    """Return the one file of an archive that is the module, by its columns."""
    fitting = [file for file in files if _is_module(file, module)]
    if len(fitting) > 1:
        refuse_choice(name, fitting)
    if fitting:
        return fitting[0]
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
    raise DataError(problems)


def _is_module(file: DataFile, module: str) -> bool:
    columns = {plain(name) for name in file.columns}
    needed, foreign = SIGNS[module]
    return needed <= columns and not foreign & columns


def refuse_choice(name: str, files: Sequence[DataFile]) -> NoReturn:
    """Refuse an archive in which several files could be meant."""
    found = ", ".join(file.name.removeprefix(f"{name}/") for file in files)
    trouble = msg("several files of the archive could be meant: {files}", files=found)
    raise DataError([Problem(name, trouble, msg("unpack it and give the one meant"))])


def _modules_in(path: Path) -> list[tuple[str, int, str, bool]]:
    with opened(path) as files:
        return [
            (module, _year_of(file), str(path), SIMULATED in names(file))
            for file in files
            for module in SIGNS
            if _is_module(file, module)
        ]


def _year_of(file: DataFile) -> int:
    own = [name for name in file.columns if plain(name) == "año"]
    raw = read_raw(file, own, rows=1) if own else Raw(file.name, pd.DataFrame())
    return find_year(raw, None)


def _named_like_enaho(path: Path) -> bool:
    return any(word in path.name.casefold() for word in ("enaho", "sumaria", "modulo"))
