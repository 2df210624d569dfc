"""Two runs' lines of evidence side by side: what became of each figure, and against what noise.

A figure of one run is that of the other which agrees on `results.KEY`. Frames go in and a frame
comes out; why a figure differs is `causes`' affair.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import pandas as pd

from icanalysis.evaluation import JOINT
from icanalysis.results import COLUMNS, KEY, NUMBERS

# In the order they are told. "status": what is said of the figure changed, and its value may have
# moved too; "restated": same status and value, other particulars, such as its standard error.
Kind = Literal["status", "moved", "restated", "appeared", "vanished", "rounding"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Noise = Literal["beyond", "within", "no_margin"]
NOISE: tuple[Noise, ...] = get_args(Noise)
# Two readings of one number that differ by less are the same, computed in another order.
RELATIVE, ABSOLUTE = 1e-9, 1e-12
Z = 1.96
REST = tuple(name for name in COLUMNS if name not in KEY)
SAID = ("status", "statement_key")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")  # a note may hold some, unrounded


def compare(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Set the lines of two runs side by side.

    The difference between two values is set against their margin of error. Each figure has an arm
    to either side: to the ends of its published 95% interval, which knows of few degrees of
    freedom and of skewness, or else 1.96 standard errors. The margin of the difference is the
    root of the sum of the squares of the arms that face each other (Zou and Donner 2008,
    Statistics in Medicine 27, 1693-1702), which for standard errors is the familiar
    1.96 √(seA² + seB²) (Schenker and Gentleman 2001, The American Statistician 55, 182-186).

    That is the margin of two independent samples. Two runs mostly share theirs, their figures
    move together, and the true margin is narrower: "within" is said too readily, "beyond" too
    rarely, and neither is a test. Where both runs read the same data the difference owes nothing
    to sampling, and its margin only tells how much it matters.

    There is no margin where a value is missing, where a figure has neither interval nor standard
    error, and where the standard error is zero: that comes of answers that are all alike, not of
    certainty. Ends without a value between them are bounds or a group's, not a figure's margin.

    Parameters
    ----------
    before, after : DataFrame
        Lines of evidence (`results.lines`).

    Returns
    -------
    DataFrame
        A row for each figure of either run: `KEY`; every other column of lines twice, as
        `<name>_before` and `<name>_after`; kind, one of `KINDS` or "unchanged"; difference, after
        less before; margin; noise, one of `NOISE`, "" where no value moved from one number to
        another.
    """
    # As objects: pandas cannot join two empty columns of Arrow's strings.
    plain = dict.fromkeys(KEY, "object")
    both = before.astype(plain).merge(
        after.astype(plain),
        on=list(KEY),
        how="outer",
        suffixes=("_before", "_after"),
        validate="one_to_one",
        indicator="found",
    )
    told = [_told(row) for row in both.to_dict("records")]
    columns = ("kind", "difference", "margin", "noise")
    return both.drop(columns="found").assign(
        **{name: [row[place] for row in told] for place, name in enumerate(columns)}
    )


def _told(row: Mapping[Any, Any]) -> tuple[str, float, float, str]:
    """Return kind, difference, margin and noise of one figure."""
    if row["found"] != "both":
        return "appeared" if row["found"] == "right_only" else "vanished", math.nan, math.nan, ""
    moved = not _same(row, "value")
    before, after = _pair(row, "value")
    difference, width = after - before, margin(row)
    noise = _noise(difference, width) if moved and not math.isnan(difference) else ""
    return _kind(row, moved), difference, width, noise


def _kind(row: Mapping[Any, Any], moved: bool) -> str:
    """Return the kind of a figure that both runs have."""
    if any(row[f"{name}_before"] != row[f"{name}_after"] for name in SAID):
        return "status"
    if moved:
        return "moved"
    if restated(row):
        return "restated"
    equal = all(_equal(row, name) for name in NUMBERS)
    return "unchanged" if equal and row["note_before"] == row["note_after"] else "rounding"


def restated(row: Mapping[Any, Any]) -> list[str]:
    """List the particulars of a figure that differ, beside its value and what is said of it."""
    numbers = [name for name in NUMBERS if name != "value" and not _same(row, name)]
    kind = ["source_kind"] if row["source_kind_before"] != row["source_kind_after"] else []
    return [*numbers, *kind, *([] if _same_note(row) else ["note"])]


def _pair(row: Mapping[Any, Any], name: str) -> tuple[float, float]:
    return float(row[f"{name}_before"]), float(row[f"{name}_after"])


def _equal(row: Mapping[Any, Any], name: str) -> bool:
    before, after = _pair(row, name)
    return before == after or (math.isnan(before) and math.isnan(after))


def _same(row: Mapping[Any, Any], name: str) -> bool:
    """Whether a number is the same but for rounding."""
    before, after = _pair(row, name)
    if math.isnan(before) or math.isnan(after):
        return math.isnan(before) and math.isnan(after)
    return close(before, after)


def _same_note(row: Mapping[Any, Any]) -> bool:
    """Whether a note is the same but for the rounding of numbers in it."""
    before, after = str(row["note_before"]), str(row["note_after"])
    if _NUMBER.sub("", before) != _NUMBER.sub("", after):
        return False
    pairs = zip(_NUMBER.findall(before), _NUMBER.findall(after), strict=True)
    return all(close(float(one), float(other)) for one, other in pairs)


def close(before: float, after: float) -> bool:
    """Tell whether two numbers are the same but for rounding."""
    return math.isclose(before, after, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def _noise(difference: float, width: float) -> Noise:
    if math.isnan(width):
        return "no_margin"
    return "within" if abs(difference) <= width else "beyond"


def margin(row: Mapping[Any, Any]) -> float:
    """Return the margin of error of the difference between two values; NaN if none is known."""
    before, after = _pair(row, "value")
    # A rise is uncertain by how much higher the earlier and how much lower the later may be.
    rises = after >= before
    facing = (_arm(row, "before", up=rises), _arm(row, "after", up=not rises))
    return math.hypot(*facing) if not any(map(math.isnan, facing)) else math.nan


def _arm(row: Mapping[Any, Any], run: str, *, up: bool) -> float:
    """Return how far a figure's margin of error reaches to one side; NaN if it has none."""
    value, se, low, high = (float(row[f"{name}_{run}"]) for name in ("value", "se", "low", "high"))
    if low <= value <= high and low < high:
        return high - value if up else value - low
    return Z * se if se > 0 and not math.isnan(value) else math.nan


def ordered(figures: pd.DataFrame, regions: Sequence[str]) -> pd.DataFrame:
    """Sort compared figures as they are told.

    By kind; simulated ones after the others; by region; and within a region the value that moved
    most against its margin of error first, then those without a margin, by how much of itself
    each moved. Regions stand in their fixed order whatever moved: those of `regions`, then joint
    figures of theirs, then all others by their code.

    Parameters
    ----------
    regions : sequence of str
        Codes in the evaluation's order.
    """
    place = {code: number for number, code in enumerate(regions)}

    def where(code: str) -> tuple[int, int, str]:
        first, *others = code.split(JOINT)
        return (int(bool(others)) if first in place else 2, place.get(first, 0), code)

    share = figures["difference"].abs() / figures["value_before"].abs()
    keys = figures.assign(
        kind=figures["kind"].map([*KINDS, "unchanged"].index),
        simulated=simulated(figures),
        where=figures["region"].map(where),
        against=-(figures["difference"].abs() / figures["margin"]),
        share=-share,
    )
    by = ["kind", "simulated", "where", "against", "share", *KEY[:1], *KEY[2:]]
    return figures.loc[keys.sort_values(by).index].reset_index(drop=True)


def simulated(figures: pd.DataFrame) -> pd.Series:
    """Tell which compared figures rest on simulated data, in either run."""
    kinds = figures[["source_kind_before", "source_kind_after"]]
    return (kinds == "simulated").fillna(False).any(axis=1)
