"""Households that never existed, as files of Peru's survey ENAHO, with their truth known exactly.

They let the workbook run, and its estimators be judged, where no survey file is at hand. That they
are simulated is said in every frame and file: by a column `simulated` that INEI does not have,
by `attrs`, and by the data label of Stata files. The population is that of `superpopulation`;
over seeds, estimates centre on `Simulation.truth`. What is assumed, and why, stands in
`superpopulation` and `answers`.

Not there: the same household in two years, growth of the population, seasons, effects of sex,
age or language on spending. `conglome` has six characters in every year; INEI's had four to 2014.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd

from icanalysis import superpopulation as model
from icanalysis.answers import modules
from icanalysis.errors import DataError, Problem, WorkbookError, unknown_choice
from icanalysis.language import msg
from icanalysis.sampled import PSU_NUMBERS, Survey, draw
from icanalysis.superpopulation import Integers

Kind = Literal["dta", "csv"]
# How INEI's archives spell them.
FILE_NAMES: Mapping[str, Mapping[Kind, str]] = {
    "sumaria": {"dta": "sumaria-{year}.dta", "csv": "Sumaria-{year}.csv"},
    "members": {"dta": "enaho01-{year}-200.dta", "csv": "Enaho01-{year}-200.csv"},
    "employment": {"dta": "enaho01a-{year}-500.dta", "csv": "Enaho01A-{year}-500.csv"},
    "governance": {"dta": "enaho01b-{year}-2.dta", "csv": "Enaho01B-{year}-2.csv"},
}
MARK = "simulated"
FIRST_YEAR, LAST_YEAR = 2004, 2100
_COLUMNS = ["department", "year", "poor_share"]


@dataclass(frozen=True)
class Simulation:
    """Simulated files of a survey, and what is true of the population they are drawn from.

    Attributes
    ----------
    files : mapping
        Module ("sumaria", "members", "employment", "governance") and year: the frame as INEI
        ships it, in its codes, with a last column `simulated`.
    truth : DataFrame
        One row per department and year, exact: poor_share (of persons; also _urban, _rural),
        extreme_share, fgt1, fgt2, living_badly_share (of homes); population (persons).
    """

    files: Mapping[tuple[str, int], pd.DataFrame]
    truth: pd.DataFrame
    seed: int

    def write(self, folder: Path | str, kind: Kind = "dta") -> list[Path]:
        """Write every file under the name INEI gives its own; returns their paths.

        Raises
        ------
        WorkbookError
            If a file of that name is there already: it might be INEI's.
        """
        if kind not in get_args(Kind):
            raise unknown_choice(msg("Kind of file"), kind, get_args(Kind))
        home = Path(folder)
        paths = {key: home / FILE_NAMES[key[0]][kind].format(year=key[1]) for key in self.files}
        there = sorted(path.name for path in paths.values() if path.exists())
        if there:
            raise WorkbookError(
                msg(
                    "{folder} already has {files}. Simulated files never replace others: "
                    "choose another folder.",
                    folder=str(home),
                    files=", ".join(there),
                )
            )
        home.mkdir(parents=True, exist_ok=True)
        for key, path in paths.items():
            part = path.with_name(f"{path.name}.part")
            _write(self.files[key], part, kind, self.seed)
            part.rename(path)
        return list(paths.values())


def households(
    targets: pd.DataFrame,
    *,
    seed: int = 1,
    households: int = model.NATIONAL_HOUSEHOLDS,
    overlap: float = 0.95,
) -> Simulation:
    """Simulate the survey of some departments and years.

    What a department's year holds depends on the settings, not on what else is asked for.

    Parameters
    ----------
    targets : DataFrame
        department ("05", as `ubigeo` begins), year, poor_share (share of persons, between 0
        and 1): one row per department and year.
    households : int
        Homes of a year's sample in all 25 departments, about.
    overlap : float
        Share of PSUs, 0-1, that stay in the sample from one calendar year to the next; of 0.95,
        four fifths are left after four years, as of ENAHO 2015 in 2019 (4,247 of 5,359).

    Raises
    ------
    DataError
        Telling every impossible target.
    WorkbookError
        If a setting is impossible.
    """
    wanted = _checked(targets)
    sizes = model.sample_sizes(households)
    _check_settings(wanted, seed, sizes, overlap)
    truths, files = [], {}
    for year in sorted({int(year) for year in wanted["year"]}):
        asked = wanted[wanted["year"] == year]
        drawn = []
        for code, share in zip(asked["department"], asked["poor_share"], strict=True):
            cells = model.cells(code, year)
            at = model.location(cells, share)
            truths.append({"department": code, "year": year, **model.truth(cells, at)})
            drawn.append(draw(Survey(seed, year, overlap, sizes), code, at))
        for module, frame in modules(drawn, year).items():
            files[module, year] = _marked(frame, seed)
    truth = pd.DataFrame(truths).astype({"department": "str"})
    return Simulation(files, _attributed(truth, seed), seed)


# --- what is asked --------------------------------------------------------------------------


def _checked(targets: pd.DataFrame) -> pd.DataFrame:
    """Return the targets sorted, with proper types; every impossible one is told."""
    lacking = [name for name in _COLUMNS if name not in targets]
    if lacking or targets.empty:
        trouble = msg("there is no target with {columns}", columns=", ".join(lacking or _COLUMNS))
        remedy = msg("give one row per department and year")
        raise DataError([Problem("targets", trouble, remedy)])
    frame = targets[_COLUMNS].reset_index(drop=True)
    year = pd.to_numeric(frame["year"], errors="coerce").astype("float64")
    share = pd.to_numeric(frame["poor_share"], errors="coerce").astype("float64")
    department = frame["department"].astype("str")
    faults = {
        "department": (~department.isin(list(model.PSUS)), msg("write two digits, 01 to 25")),
        "year": (
            ~year.between(FIRST_YEAR, LAST_YEAR) | (year % 1 != 0),
            msg("give a year from {first} to {last}", first=FIRST_YEAR, last=LAST_YEAR),
        ),
        "poor_share": (~((share > 0) & (share < 1)), msg("give a share between 0 and 1, as 0.37")),
    }
    trouble = msg("this target is impossible")
    problems = [
        Problem("targets", trouble, remedy, row + 2, column, str(frame[column][row]))
        for column, (bad, remedy) in faults.items()
        for row in np.flatnonzero(bad).tolist()
    ]
    problems += [
        Problem(
            "targets", msg("this department and year are there twice"), msg("keep one"), row + 2
        )
        for row in np.flatnonzero(frame.duplicated(["department", "year"])).tolist()
    ]
    if problems:
        raise DataError(problems)
    frame = pd.DataFrame(
        {"department": department, "year": year.astype("int64"), "poor_share": share}
    )
    return frame.sort_values(["year", "department"], ignore_index=True)


def _check_settings(
    wanted: pd.DataFrame, seed: int, sizes: Mapping[str, Integers], overlap: float
) -> None:
    if seed < 0 or not 0 <= overlap <= 1:
        raise WorkbookError(
            msg("`seed` is a whole number from 0 on, `overlap` a share from 0 to 1.")
        )
    span = int(wanted["year"].max() - wanted["year"].min())
    numbers = (2 + span * (1 - overlap)) * sum(int(psus.sum()) for psus in sizes.values())
    if numbers > PSU_NUMBERS:
        raise WorkbookError(
            msg("So many households and years need more PSUs than six digits can number.")
        )


# --- what is handed over --------------------------------------------------------------------


def _marked(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Say in every row that it is simulated: a column outlives renaming, export and merging."""
    return _attributed(frame.assign(**{MARK: np.int8(1)}), seed)


def _attributed(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    frame.attrs = {"source_kind": "simulated", "simulated": _label(seed)}
    return frame


def _label(seed: int) -> str:
    return f"SIMULATED, not INEI: icanalysis.simulate, seed {seed}"


def _write(frame: pd.DataFrame, path: Path, kind: Kind, seed: int) -> None:
    if kind == "dta":
        # A fixed time, so that the same seed gives the same bytes.
        stamp = datetime.datetime(2000, 1, 1)
        frame.to_stata(
            path, write_index=False, version=118, data_label=_label(seed), time_stamp=stamp
        )
        return
    floats = frame.select_dtypes("float64").columns.astype("str")
    codes = [name for name in floats if name.startswith(("p", "ocu"))]
    cells = frame.astype(dict.fromkeys(codes, "Int64")).rename(columns=str.upper)
    # INEI's CSVs are Latin-1, and their blanks one space.
    cells.to_csv(path, index=False, na_rep=" ", encoding="latin-1")
