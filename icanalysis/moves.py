"""Figures that moved between two runs, for people: by kind, and a table per region.

The same words serve the terminal and the page. Regions stand in the evaluation's order, and figures
of simulated data apart from the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from icanalysis.causes import Reason
from icanalysis.compare import restated, simulated
from icanalysis.disclosure import SUPPRESSED
from icanalysis.indicators import WHOLE_PERIOD
from icanalysis.language import ABSENT, Language
from icanalysis.layout import Column
from icanalysis.named import Names

Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Shelf:
    """One region's figures of a kind: a table's caption and rows."""

    caption: str
    simulated: bool
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """Figures of one kind, a shelf per region.

    `paired`: two cells of a row, after the figure and what was computed, are of the two runs.
    """

    title: str
    note: str
    columns: tuple[Column, ...]
    shelves: tuple[Shelf, ...]
    paired: bool


def sections(
    figures: pd.DataFrame, reasons: Sequence[tuple[Reason, ...]], names: Names
) -> list[Section]:
    """Lay out the figures that differ, by kind; `reasons` has those of each row.

    What differs by rounding only is counted in the summary and not listed.
    """
    language, say = names.language, names.language.say
    first, second, why = say("First run"), say("Second run"), say("On record of it")
    titles = {
        "status": (say("Status or statement changed"), [first, second, say("Value")]),
        "moved": (
            say("Moved"),
            [first, second, say("Difference"), say("Margin of error")],
        ),
        "restated": (say("Same value, other particulars"), [say("Value"), say("What differs")]),
        "appeared": (say("Only in the second run"), [say("Value"), say("Status"), say("Source")]),
        "vanished": (say("Only in the first run"), [say("Value"), say("Status"), say("Source")]),
    }
    cells = {
        "status": _status_cells,
        "moved": _moved_cells,
        "restated": _restated_cells,
        "appeared": _only_cells("after"),
        "vanished": _only_cells("before"),
    }
    made = []
    for kind, (title, heads) in titles.items():
        chosen = figures[figures["kind"] == kind]
        if chosen.empty:
            continue
        told = pd.Series(
            [
                (*_what(row, names), *cells[kind](row, names), _why(reasons[place], names))
                for place, row in zip(chosen.index, chosen.to_dict("records"), strict=True)
            ],
            index=chosen.index,
        )
        numeric = {first, second, say("Difference"), say("Value")} if kind != "status" else set()
        columns = tuple(
            Column(head, "number" if head in numeric else "text")
            for head in (say("Figure"), say("What and when"), *heads, why)
        )
        shelves = tuple(
            Shelf(names.area(str(region)), bool(made_up), tuple(told[group.index]))
            for (made_up, region), group in chosen.groupby(
                [simulated(chosen), chosen["region"]], sort=False
            )
        )
        made.append(Section(title, _note(kind, language), columns, shelves, first in heads))
    return made


def _note(kind: str, language: Language) -> str:
    if kind != "moved":
        return ""
    return language.say(
        "The margin of a difference is that of two samples drawn apart: 1.96 times the root of the sum "
        "of both squared standard errors, or the same from both 95% intervals. Runs that share their "
        "sample differ by less, so “within” is said too readily and “beyond” too seldom; it is a "
        "yardstick, not a test."
    )


def _what(row: Row, names: Names) -> tuple[str, str]:
    """Name a figure and its group; what was computed, of what period, in which unit."""
    say = names.language.say
    group = names.group(row["indicator"], row["group"])
    figure = names.indicator(row["indicator"])
    when = say("whole period") if row["period"] == WHOLE_PERIOD else row["period"]
    what = say(
        "{statistic}, {when} ({unit})",
        statistic=names.statistic(row["statistic"]),
        when=str(when).replace("-", "–"),
        unit=names.unit(row["indicator"], row["unit"]),
    )
    return f"{figure} ({group})" if group else figure, what


def _value_cells(row: Row, names: Names) -> tuple[str, str, str]:
    """Both values, and their difference; what is not known says so."""
    told = names.numbers(row["unit"], float(row["value_before"]), float(row["value_after"]))
    before, after = (
        _shown(text, row[f"status_{run}"], names)
        for text, run in zip(told[:2], ("before", "after"), strict=True)
    )
    return before, after, told[2]


def _shown(text: str, status: str, names: Names) -> str:
    """Return a value as it is shown: one withheld is not one nobody knows."""
    if text != ABSENT:
        return text
    return names.status(SUPPRESSED if status == SUPPRESSED else "not_known")


def _moved_cells(row: Row, names: Names) -> tuple[str, ...]:
    return (*_value_cells(row, names), _noise(row, names))


def _noise(row: Row, names: Names) -> str:
    say = names.language.say
    if math.isnan(row["difference"]):
        became_known = math.isnan(float(row["value_before"]))
        return say("It became known.") if became_known else say("It is no longer known.")
    if row["noise"] == "no_margin":
        return say("none published")
    margin = names.numbers(row["unit"], 0.0, float(row["margin"]))[1]
    if row["noise"] == "beyond":
        return "▲ " + say("beyond (±{margin})", margin=margin)
    return "◇ " + say("within (±{margin})", margin=margin)


def _status_cells(row: Row, names: Names) -> tuple[str, ...]:
    same_words = row["statement_key_before"] == row["statement_key_after"]
    said = [
        " — ".join(
            filter(
                None,
                [
                    names.status(row[f"status_{run}"]),
                    "" if same_words else names.statement(row[f"statement_key_{run}"]),
                ],
            )
        )
        for run in ("before", "after")
    ]
    before, after, difference = _value_cells(row, names)
    if before == after:
        return (*said, names.language.say("the same: {value}", value=before))
    if SUPPRESSED in (row["status_before"], row["status_after"]):
        return (*said, f"{before} → {after}")
    moved = f"{before} → {after} ({difference})" if difference != ABSENT else f"{before} → {after}"
    return (*said, f"{moved}. {_noise(row, names)}")


def _restated_cells(row: Row, names: Names) -> tuple[str, ...]:
    say = names.language.say
    words = {
        "se": say("standard error"),
        "low": say("lower end"),
        "high": say("upper end"),
        "p": "p",
        "p_min": say("smallest attainable p"),
        "n": "n",
        "cv": "CV",
        "source_kind": say("kind of source"),
        "note": say("particulars of the estimate"),
    }
    told = []
    for name in restated(row):
        before, after = row[f"{name}_before"], row[f"{name}_after"]
        if name not in ("source_kind", "note"):
            decimals = (
                "count" if name == "n" else "ratio" if name in ("p", "p_min") else row["unit"]
            )
            before, after, _ = names.numbers(decimals, float(before), float(after))
        told.append(f"{words[name]}: {before or ABSENT} → {after or ABSENT}")
    return _value_cells(row, names)[1], "; ".join(told)


def _only_cells(run: str) -> Callable[[Row, Names], tuple[str, ...]]:
    def cells(row: Row, names: Names) -> tuple[str, ...]:
        value = float(row[f"value_{run}"])
        text = names.numbers(row["unit"], value, value)[0]
        status = row[f"status_{run}"]
        return _shown(text, status, names), names.status(status), names.source(row["source"])

    return cells


def _why(reasons: Sequence[Reason], names: Names) -> str:
    """Word what is on record of one figure; a dash if it is nothing but what all share."""
    say = names.language.say
    told = []
    for reason in reasons:
        listed = ", ".join(reason.names)
        areas = names.language.listed([names.area(code) for code in reason.names])
        words = {
            "named": say("Data: its file {files} differs.", files=listed),
            "cited": say("Data: {files} differs, which cites its source.", files=listed),
            "withheld": say("It is suppressed in the second run."),
            "shown": say("It was suppressed in the first run."),
            "not_asked": say("Only this run was asked for {regions}.", regions=areas),
            "failed": say("The other run could not make the report of {regions}.", regions=areas),
            "years": say("Only this run was asked for {years}.", years=listed),
        }
        told.append(words[reason.kind])
    return " ".join(told) or ABSENT
