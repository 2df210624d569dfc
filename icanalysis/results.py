"""The lines of evidence: one row per published figure, the only origin of every number.

Sentences, tables, charts and exports quote these rows; a run's `results.csv` holds them all.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

import pandas as pd

NUMBERS = ("value", "se", "low", "high", "p", "p_min", "n", "cv")
COLUMNS = (
    "indicator",
    "region",
    "group",
    "period",
    "statistic",
    *NUMBERS,
    "unit",
    "source_kind",
    "source",
    "status",
    "statement_key",
    "note",
)
# What tells one figure from another. The source is part of it: two sources may publish
# the same count differently, and both stay.
KEY = ("indicator", "region", "group", "period", "statistic", "unit", "source")
_CITED = re.compile(r"(?:^|; )([^:;]+)")
SOURCE_KINDS = ("programme", "official", "survey", "simulated")


def lines(records: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Make lines of evidence from records that name only the columns they fill.

    Parameters
    ----------
    records : iterable of mapping
        Each with at least indicator, region, period, statistic, unit, source_kind, source
        and status. `group` is "all" unless given; numbers not given are missing.

    Returns
    -------
    DataFrame
        One row per figure, all of `COLUMNS`, sorted by `KEY`; texts on one line each, because a
        lone carriage return would break a row of the file in two.

    Raises
    ------
    ValueError
        If a figure has no source or unit, is of no known kind, is infinite, or stands twice
        with different contents: a fault of the code that made it.
    """
    records = [{"group": "all", **record} for record in records]
    unknown = set().union(*records) - set(COLUMNS)
    if unknown:  # pandas would drop them in silence
        raise ValueError(f"lines have no column {sorted(unknown)}")
    frame = pd.DataFrame(records, columns=list(COLUMNS))
    for name in COLUMNS:
        frame[name] = (
            pd.to_numeric(frame[name]).astype("float64") + 0.0  # no minus zero
            if name in NUMBERS
            else frame[name].astype("string").fillna("").str.replace(r"[\r\n]+", " ", regex=True)
        )
    return _checked(frame)


def merge(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put lines together; a figure two parts share (the country's) is kept once.

    Raises
    ------
    ValueError
        If two parts disagree on a figure.
    """
    kept = [part for part in parts if not part.empty]
    if not kept:
        return lines([])
    return _checked(pd.concat(kept, ignore_index=True))


def _checked(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.drop_duplicates().sort_values(list(KEY), ignore_index=True)
    repeated = frame[frame.duplicated(list(KEY), keep=False)]
    if not repeated.empty:
        raise ValueError(f"figures stand twice with different contents:\n{repeated[list(KEY)]}")
    for name in (*KEY, "status"):
        if (frame[name] == "").any():
            raise ValueError(f"figures without {name}:\n{frame.loc[frame[name] == '', list(KEY)]}")
    infinite = frame[frame[list(NUMBERS)].isin([math.inf, -math.inf]).any(axis=1)]
    if not infinite.empty:  # a division by zero: such a figure is missing
        raise ValueError(f"figures without end:\n{infinite[list(KEY)]}")
    strange = set(frame["source_kind"]) - set(SOURCE_KINDS)
    if strange:
        raise ValueError(f"source_kind must be one of {SOURCE_KINDS}; found {sorted(strange)}")
    return frame


def cited(source: str) -> list[str]:
    """List the codes of the sources that a line's source names: "P1: page 3; P2" is P1 and P2."""
    return _CITED.findall(source)


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write lines as CSV: unrounded, sorted, without times or paths.

    The same lines give the same bytes on every machine.
    """
    path.write_text(text(frame), encoding="utf-8", newline="\n")


def text(frame: pd.DataFrame) -> str:
    """Return lines as `write` writes them."""
    return str(frame.to_csv(index=False, lineterminator="\n"))


def checksum(frame: pd.DataFrame) -> str:
    """Return the SHA-256 of lines, as they are written."""
    return hashlib.sha256(text(frame).encode()).hexdigest()


def read(source: Path | IO[bytes]) -> pd.DataFrame:
    """Read lines that `write` wrote; every value comes back as it was."""
    frame = pd.read_csv(source, dtype="string", keep_default_na=False)[list(COLUMNS)]
    for name in NUMBERS:
        # Python's own reading of a number is exact; pandas' has not always been.
        frame[name] = [float(cell or "nan") for cell in frame[name]]
    return frame.astype(dict.fromkeys(NUMBERS, "float64"))
