"""What must hold within a file of ENAHO, and between two of the same year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from icanalysis.enaho_raw import Raw
from icanalysis.errors import Problem
from icanalysis.language import Message, msg
from icanalysis.microformats import REPLACE

KEYS = ["year", "psu", "dwelling", "household"]
# Exports round spending and lines: within this share of the line, poor or not may differ.
ROUNDING = 1e-3
# Two ways to add up the same 32 million in single precision weights.
SAME_POPULATION = 1e-5
OLDEST = 120
_SHOWN = 3
_CHECK_FILE = msg("check that the file is the one meant")


def check(raw: Raw, module: str, frame: pd.DataFrame, weight: str) -> None:
    """Note every fault of a tidy frame in `raw.problems`, with the columns INEI's names."""
    _check_keys(raw, frame)
    if weight:
        _check_weights(raw, frame, weight)
    _check_design(raw, frame, weight)
    if "age" in frame:
        ages = frame["age"].astype("Float64")
        raw.tell(msg("this is no age"), _CHECK_FILE, "p208a", ~ages.between(0, OLDEST).fillna(True))
    if module == "sumaria":
        _check_poverty(raw, frame)


def _check_keys(raw: Raw, frame: pd.DataFrame) -> None:
    keys = [name for name in (*KEYS, "person") if name in frame]
    twice = frame.duplicated(keys)
    if "person" in frame:
        trouble = msg("the person is listed a second time")
    else:
        trouble = msg("the household is listed a second time")
    raw.tell(trouble, REPLACE, "conglome", twice)


def _check_weights(raw: Raw, frame: pd.DataFrame, column: str) -> None:
    """Refuse weights that are none; a person who was only listed, not asked, may have none."""
    name = "person_weight" if "person" in frame else "household_weight"
    values = frame[name]
    listed = pd.Series(False, index=frame.index)
    if "member" in frame:
        listed = ~frame["member"].fillna(True).astype(bool)
    elif "employed" in frame:
        listed = frame["employed"].isna()
    bad = ~(np.isfinite(values) & (values > 0)) & ~(listed & values.isna())
    raw.tell(msg("the weight is not a positive number"), REPLACE, column, bad)
    frame[name] = values.mask(listed & values.isna(), 0.0)


def _check_design(raw: Raw, frame: pd.DataFrame, weight: str) -> None:
    """Tell of primary sampling units that lie in several strata or departments."""
    groups = frame.groupby("psu")
    for name, column in (("stratum", "estrato"), ("department", "ubigeo")):
        if name in frame:
            trouble = msg("the sampling unit (conglome) is in several of {column}", column=column)
            raw.tell(trouble, REPLACE, column, frame[name] != groups[name].transform("first"))
    name = "household_weight"
    if weight and name in frame:
        uneven = frame[name] != groups[name].transform("first")
        if uneven.any():
            raw.notes.append(
                msg(
                    "{file}: the weight {column} varies within sampling units (conglome: {count}), "
                    "which INEI's files do not do.",
                    file=raw.file,
                    column=weight,
                    count=frame.loc[uneven, "psu"].nunique(),
                )
            )


def _check_poverty(raw: Raw, frame: pd.DataFrame) -> None:
    few = frame["members"] < 1
    raw.tell(msg("a household has at least one member"), _CHECK_FILE, "mieperho", few)
    for name, column in (("poverty_line", "linea"), ("extreme_line", "linpe")):
        if name in frame:
            raw.tell(msg("the line is not positive"), _CHECK_FILE, column, ~(frame[name] > 0))
    if "extreme_line" in frame:
        above = frame["extreme_line"] > frame["poverty_line"]
        raw.tell(msg("the extreme line is above the poverty line"), _CHECK_FILE, "linpe", above)
    if "spending_pc_month" in frame:
        _check_against_spending(raw, frame)


def _check_against_spending(raw: Raw, frame: pd.DataFrame) -> None:
    """`pobreza` must say what spending and lines say, but for rounding."""
    spending = frame["spending_pc_month"]
    raw.tell(msg("spending is negative"), _CHECK_FILE, "gashog2d", spending < 0)
    # Without members there is none by member, which is told of the members.
    empty = spending.isna() & (frame["members"] >= 1)
    raw.tell(msg("the cell is empty"), REPLACE, "gashog2d", empty)
    odd = pd.Series(False, index=frame.index)
    for flag, line in (("poor", "poverty_line"), ("extreme_poor", "extreme_line")):
        if line in frame:
            close = (spending - frame[line]).abs() <= ROUNDING * frame[line]
            odd |= (
                (frame[flag].astype(bool) != (spending < frame[line])) & ~close & spending.notna()
            )
    trouble = msg("pobreza contradicts spending per member and the lines")
    raw.tell(trouble, msg("obtain the file as INEI publishes it"), "pobreza", odd)


def problems_of_join(
    sumaria: pd.DataFrame, persons: pd.DataFrame, *, counted: bool
) -> list[Problem]:
    """Find what forbids joining persons to households; `counted` if all members are listed."""
    households = pd.MultiIndex.from_frame(sumaria[KEYS])
    living = pd.MultiIndex.from_frame(persons[KEYS])
    problems = _unmatched(
        living[~living.isin(households)].unique(),
        msg("Sumaria has no such household"),
    )
    if not counted:
        return problems
    rows = persons[persons["member"].fillna(False).astype(bool)]
    listed = rows.groupby(KEYS).size().reindex(households, fill_value=0)
    differ = listed.to_numpy() != sumaria["members"].to_numpy()
    problems += _unmatched(
        households[differ], msg("their members are not as many as Sumaria counts")
    )
    ours, theirs = sumaria["person_weight"].sum(), rows["person_weight"].sum()
    if abs(ours - theirs) > SAME_POPULATION * ours:
        trouble = msg(
            "the weighted populations differ: {ours} in Sumaria, {theirs} in module 200",
            ours=f"{ours:.1f}",
            theirs=f"{theirs:.1f}",
        )
        problems.append(Problem("Sumaria, 200", trouble, _SAME_YEAR))
    return problems


_SAME_YEAR = msg("join complete files of the same year and issue")


def _unmatched(households: pd.MultiIndex, trouble: Message) -> list[Problem]:
    if households.empty:
        return []
    first = "; ".join("-".join(map(str, household)) for household in households[:_SHOWN])
    told = msg("{trouble} (households: {count})", trouble=trouble, count=len(households))
    return [Problem("Sumaria, 200/500", told, _SAME_YEAR, found=first)]
