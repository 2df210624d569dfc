"""Finds simulated figures that are not called so where they stand."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from icanalysis.evaluation import Evaluation
from icanalysis.findings import Finding, finding
from icanalysis.language import CODES, language
from icanalysis.pieces import Grid, Piece, Words, plain
from icanalysis.view import decimals

FIGURE = re.compile(r"\d[\d,.]*\d|\d")
# A name this short stands in many sentences that are about something else.
SHORT_NAME = 8


@dataclass(frozen=True)
class Simulated:
    """What the simulated lines of a run look like on a page.

    Attributes
    ----------
    figures : dict
        The values of each indicator that is simulated, as they are printed.
    names : dict
        The indicator that each name, folded, belongs to.
    intervals : set
        Value, low and high as printed, of lines that no real line looks like.
    """

    figures: Mapping[str, frozenset[str]]
    names: Mapping[str, str]
    intervals: frozenset[tuple[str, ...]]


def simulated(lines: pd.DataFrame, names: pd.DataFrame, evaluation: Evaluation) -> Simulated:
    """Draw up how the simulated lines of a run are printed; `names` are the indicators' records."""
    if not (lines["source_kind"] == "simulated").any():
        return Simulated({}, {}, frozenset())
    values: dict[str, set[str]] = defaultdict(set)
    intervals: dict[bool, set[tuple[str, ...]]] = {True: set(), False: set()}
    for line in lines.itertuples(index=False):
        invented = str(line.source_kind) == "simulated"
        for code in CODES:
            told = _printed(line, evaluation, code)
            if len(told) == 3 and len(set(told)) == 3:
                intervals[invented].add(told)
            if invented and told:
                values[str(line.indicator)].add(told[0])
    real = set(lines.loc[lines["source_kind"] != "simulated", "indicator"])
    invented_only = {code: frozenset(told) for code, told in values.items() if code not in real}
    named = {
        str(record[f"name_{code}"]).casefold(): str(record["indicator"])
        for _, record in names.iterrows()
        for code in CODES
        if record["indicator"] in invented_only and len(str(record[f"name_{code}"])) > SHORT_NAME
    }
    return Simulated(invented_only, named, frozenset(intervals[True] - intervals[False]))


def _printed(line: object, evaluation: Evaluation, code: str) -> tuple[str, ...]:
    """Return a line's value and ends as they are printed, without signs; fewer where missing."""
    places = decimals(str(getattr(line, "unit", "")))
    reader = evaluation.language(code)
    told = []
    for name in ("value", "low", "high"):
        number = float(getattr(line, name))
        if math.isnan(number):
            break
        told.append(reader.number(abs(number), places))
    return tuple(told)


def unbadged(pieces: Iterable[Piece], known: Simulated) -> Iterator[Finding]:
    """Find the tables and texts of one file that quote a simulated figure and do not say so."""
    held = list(pieces)
    words = tuple(
        language(code).say("SIMULATED").casefold()[:7] for code in CODES
    )  # and its endings
    told: dict[str, bool] = defaultdict(bool)
    for piece in held:
        if isinstance(piece, Words):
            told[piece.section] |= any(word in piece.text.casefold() for word in words)
    for piece in held:
        if isinstance(piece, Words) and piece.role in ("shown", "attribute"):
            said = told[piece.section]
            quoted = "" if said else _in_text(piece.text, known)
        elif isinstance(piece, Grid) and not piece.spreadsheet:
            said = any(word in _all(piece) for word in words)
            said |= any(word in piece.section.casefold() for word in words)
            quoted = "" if said else _in_grid(piece, known)
        else:
            continue
        if quoted:
            yield finding("unbadged", piece.place, quoted)


def _all(grid: Grid) -> str:
    cells = (cell for row in (grid.header, *grid.rows) for cell in row)
    return " ".join([grid.caption, *cells]).casefold()


def _in_text(text: str, known: Simulated) -> str:
    figures = FIGURE.findall(plain(text))
    for three in zip(figures, figures[1:], figures[2:], strict=False):
        if three in known.intervals:
            return f"{three[0]} ({three[1]}–{three[2]})"
    if figures:
        low = text.casefold()
        for name, code in known.names.items():
            if name in low and known.figures[code].intersection(figures):
                return f"{name}: {sorted(known.figures[code].intersection(figures))[0]}"
    return ""


def _in_grid(grid: Grid, known: Simulated) -> str:
    """Return a figure of what the table says it is about or, in a row, of what the row names."""
    body = " ".join(cell for row in grid.rows for cell in row).casefold()
    about = {code for code in grid.about if code in known.figures}
    about |= {code for name, code in known.names.items() if name in grid.caption.casefold()}
    for code in sorted(about):
        if quoted := sorted(known.figures[code].intersection(FIGURE.findall(plain(body)))):
            return f"{code}: {quoted[0]}"
    return next(filter(None, (_in_text("; ".join(row), known) for row in grid.rows)), "")
