"""Peru's household survey ENAHO, any year, from the files INEI publishes to tidy frames.

Sumaria (module 34), members (200), employment (500) and governance (85, file 01B) have
readers of their own; `read_module` reads any other. Which column a variable comes from, what
its codes mean and which weight counts in which year stand in `data/enaho`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from icanalysis import (
    enaho_checks,
    enaho_modules,
    enaho_raw,
    enaho_tables,
    enaho_tidy,
    language,
    microcache,
    microdata,
    microformats,
)
from icanalysis.enaho_checks import KEYS, check, problems_of_join
from icanalysis.enaho_modules import SIMULATED, TITLES, chosen, find, read_raw, refuse_choice
from icanalysis.enaho_raw import Raw, find_year, plain
from icanalysis.enaho_tables import Variable, Weight, variables, weights
from icanalysis.enaho_tidy import ELSEWHERE, tidy
from icanalysis.errors import DataError
from icanalysis.language import msg, preferred
from icanalysis.microdata import opened

__all__ = [
    "find",
    "join_employment",
    "join_members",
    "read_employment",
    "read_governance",
    "read_members",
    "read_module",
    "read_sumaria",
    "tidy_module",
]
LISTED = "listed"
_WEIGHT_NAMES = ("fac", "fam")
_QUARTERLY = {"factrim", "factor"}
_MAKERS = (
    enaho_checks,
    enaho_modules,
    enaho_raw,
    enaho_tables,
    enaho_tidy,
    microcache,
    microdata,
    microformats,
)


def read_sumaria(
    path: Path | str, *, year: int | None = None, weight: str = LISTED, cache: bool = True
) -> pd.DataFrame:
    """Read Sumaria, one row per household: poverty, spending, income and the lines.

    Parameters
    ----------
    path
        The file as INEI ships it: .zip, .dta, .sav, .csv or .csv.gz.
    year
        Needed only where neither the file's year column nor its name tells it; checked if given.
    weight
        Name of the weight column, where it is not the one `weights.csv` lists for the year.
    cache
        Keep the tidy frame, so that the same content is read fast the next time.

    Returns
    -------
    pandas.DataFrame
        Tidy variables of module "sumaria" in `data/enaho/variables.csv`, in that order;
        those without a source in the file are absent. Money in soles per person and month.

    Raises
    ------
    DataError
        Telling every fault of the file: damaged, another module, weight absent, codes or keys
        that cannot be, or `pobreza` at odds with spending and lines.
    """
    return _read("sumaria", path, year, weight, cache)


def read_members(
    path: Path | str, *, year: int | None = None, weight: str = LISTED, cache: bool = True
) -> pd.DataFrame:
    """Read module 200, one row per person listed; `member` tells who belongs to the household.

    Parameters, returns and errors are those of `read_sumaria`.
    """
    return _read("members", path, year, weight, cache)


def read_employment(
    path: Path | str, *, year: int | None = None, weight: str | None = LISTED, cache: bool = True
) -> pd.DataFrame:
    """Read module 500, one row per person of 14 and more.

    With `weight=None`, a file without the weight `fac500a` is read too and its frame has no
    `person_weight`. Otherwise parameters, returns and errors are those of `read_sumaria`.
    """
    return _read("employment", path, year, weight, cache)


def read_governance(
    path: Path | str, *, year: int | None = None, weight: str = LISTED, cache: bool = True
) -> pd.DataFrame:
    """Read module 85, file 01B: one row per household, as its informant sees it.

    Parameters, returns and errors are those of `read_sumaria`.
    """
    return _read("governance", path, year, weight, cache)


def read_module(path: Path | str, *, year: int | None = None) -> pd.DataFrame:
    """Read any module's file: keys and design tidied, all else under INEI's name in lower case.

    Codes stay codes, empty cells are missing. Weights keep INEI's name, for which one counts
    depends on module and question. Parameters and errors are those of `read_sumaria`.
    """
    with opened(path) as files:
        if len(files) > 1:
            refuse_choice(Path(path).name, files)
        raw = read_raw(files[0], list(files[0].columns))
    raw.year = find_year(raw, year)
    items = variables("all", raw.year)
    frame = tidy(raw, items)
    frame.insert(0, "year", raw.year)
    used = {item.source for item in items}
    _raise(raw)
    rest = raw.frame.drop(columns=[name for name in raw.frame if name in used])
    texts = rest.select_dtypes(["object", "string"]).columns
    whole = pd.concat(
        [frame, rest.assign(**{name: enaho_raw.text(rest[name]) for name in texts})], axis=1
    )
    return _marked(whole)


def tidy_module(module: str, frame: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Tidy one module's frame that is in memory, in INEI's names and codes.

    Parameters
    ----------
    module : {"sumaria", "members", "employment", "governance"}
    frame : DataFrame
        As INEI ships it; simulated households come this way.
    year : int

    Returns and errors are those of `read_sumaria`.
    """
    wanted = _wanted(module, [str(name) for name in frame.columns], LISTED)
    raw = Raw(module, frame[wanted].set_axis([plain(name) for name in wanted], axis=1))
    return _tell(*_tidied(raw, module, year, LISTED))


def join_members(sumaria: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Give every person of module 200 the household variables of Sumaria.

    Before that it is checked that each household has the members Sumaria counts and that the
    weighted populations agree. Rows of persons who are no members stay, told by `member`.

    Raises
    ------
    DataError
        Counting the households at odds and showing the first.
    """
    problems = problems_of_join(sumaria, members, counted=True)
    if problems:
        raise DataError(problems)
    return _joined(sumaria, members)


def join_employment(sumaria: pd.DataFrame, employment: pd.DataFrame) -> pd.DataFrame:
    """Give every person of module 500 the household variables of Sumaria.

    `person_weight` is the one of module 500; where that file has none there is none, and only
    `household_weight` of Sumaria is there to weight by: it counts persons too, for each person
    stands for as many as the household does, but is not adjusted to who answered.

    Raises
    ------
    DataError
        If persons live in households that Sumaria does not have.
    """
    problems = problems_of_join(sumaria, employment, counted=False)
    if problems:
        raise DataError(problems)
    return _joined(sumaria, employment)


def _joined(sumaria: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    own = [name for name in persons if name in KEYS or name not in sumaria]
    own += [name for name in ("person_weight",) if name in persons]
    household = sumaria.drop(columns=["person_weight"])
    joined = household.merge(persons[own], on=KEYS, how="right", validate="one_to_many")
    first = [name for name in (*KEYS, "person", "person_weight") if name in joined]
    return _marked(sumaria, persons, joined[first + [name for name in joined if name not in first]])


# --- one file -------------------------------------------------------------------------------


def _read(
    module: str, path: Path | str, year: int | None, weight: str | None, cache: bool
) -> pd.DataFrame:
    source = Path(path)
    if not cache or not source.is_file():
        return _tell(*_fresh(module, source, year, weight))
    home = enaho_tables.folder()
    makers = [Path(str(maker.__file__)) for maker in _MAKERS] + [Path(__file__)]
    makers += [home / name for name in enaho_tables.TABLES]
    key = microcache.key(source, makers, module, year, weight)
    return _tell(*microcache.kept(key, lambda: _fresh(module, source, year, weight)))


def _tell(frame: pd.DataFrame, notes: Sequence[language.Message]) -> pd.DataFrame:
    """Say what is worth knowing of a frame that is sound all the same."""
    for note in notes:
        warnings.warn(preferred().say(note), stacklevel=4)
    return frame


def _fresh(
    module: str, path: Path, year: int | None, weight: str | None
) -> tuple[pd.DataFrame, list[language.Message]]:
    with opened(path) as files:
        file, notes = chosen(path.name, files, module)
        raw = read_raw(file, _wanted(module, file.columns, weight))
    raw.notes += notes
    return _tidied(raw, module, year, weight)


def _tidied(
    raw: Raw, module: str, year: int | None, weight: str | None
) -> tuple[pd.DataFrame, list[language.Message]]:
    raw.year = find_year(raw, year)
    items = variables(module, raw.year)
    counted = _weight(raw, module, weight)
    _require(raw, module, items)
    frame = tidy(raw, items)
    if counted:
        frame[counted.name] = enaho_tidy.weight(raw, counted.column)
    if module == "sumaria" and "members" in frame:
        frame["person_weight"] = frame["household_weight"] * frame["members"].astype("float64")
    frame["year"] = raw.year
    if not raw.problems:
        check(raw, module, frame, counted.column if counted else "")
    _raise(raw)
    ordered = dict.fromkeys(item.name for item in items if item.name in frame)
    return _marked(frame[list(ordered)]), raw.notes


def _marked(*frames: pd.DataFrame) -> pd.DataFrame:
    """Say of the last frame whether households were asked or simulated, here or in the others."""
    simulated = any(SIMULATED in frame for frame in frames)
    frames[-1].attrs["source_kind"] = SIMULATED if simulated else "survey"
    return frames[-1]


def _wanted(module: str, columns: Sequence[str], weight: str | None) -> list[str]:
    sources = {item.source for item in variables(module)} | {"dominio", plain(weight or "")}
    return [
        name for name in columns if plain(name) in sources or plain(name).startswith(_WEIGHT_NAMES)
    ]


def _require(raw: Raw, module: str, items: Sequence[Variable]) -> None:
    """Refuse a file without the columns its module must have."""
    lacking = {
        item.source
        for item in items
        if item.required and item.rule not in ELSEWHERE and item.source not in raw.frame
    }
    if lacking:
        columns = ", ".join(sorted(lacking))
        trouble = msg("the file lacks {columns}", columns=columns)
        raw.tell(trouble, msg("give the complete file of module {module}", module=TITLES[module]))
        _raise(raw)


def _weight(raw: Raw, module: str, asked: str | None) -> Weight | None:
    """Return the weight that counts in this module and year; never another in its place."""
    if asked is None:
        return None
    known = weights(module, raw.year)
    if asked != LISTED:
        unit = weights(module)[0].unit
        known = (Weight(plain(asked), unit),)
    there = [weight for weight in known if weight.column in raw.frame]
    found = [str(name) for name in raw.frame if str(name).startswith(_WEIGHT_NAMES)]
    panel = [name for name in found if "panel" in name and asked == LISTED]
    if len(there) == 1 and not panel:
        return there[0]
    if panel:
        names = ", ".join(panel)
        trouble = msg("the file is a panel's, not the year's sample: it has {names}", names=names)
        raw.tell(trouble, msg("give the complete file of module {module}", module=TITLES[module]))
        _raise(raw)
    raw.tell(_weight_trouble(raw.year, known, there, found), _weight_remedy(module, found))
    _raise(raw)
    return None


def _weight_trouble(
    year: int, known: Sequence[Weight], there: Sequence[Weight], found: Sequence[str]
) -> language.Message:
    names = ", ".join(found) or msg("none")
    if there:
        return msg("several weights could count: {names}", names=names)
    if not known:
        return msg("no weight is listed for {year}; found: {names}", year=year, names=names)
    wanted = ", ".join(weight.column for weight in known)
    if _QUARTERLY & set(found):
        return msg(
            "the file is a quarter's, not the year's sample: it has {names} in place of {wanted}",
            names=names,
            wanted=wanted,
        )
    return msg("the weight {wanted} is absent; found: {names}", wanted=wanted, names=names)


def _weight_remedy(module: str, found: Sequence[str]) -> language.Message:
    if found and not _QUARTERLY & set(found):
        return msg("if one of them is right, name it with weight=")
    return msg("give the complete file of module {module}", module=TITLES[module])


def _raise(raw: Raw) -> None:
    if raw.problems:
        raise DataError(raw.problems)
