"""What changed from one run to the next, in short: what an evaluator would ask about first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from icanalysis import diff, forms, moves, noted
from icanalysis.diff import Diff
from icanalysis.ledger import Entry
from icanalysis.load import DataFolder
from icanalysis.moves import Section
from icanalysis.named import Names

# More figures than these are counted, not listed: `icanalysis diff` lists them all.
MOST_FIGURES = 60


@dataclass(frozen=True)
class Change:
    """A run compared with the one before it, in one language; `more` figures are not listed.

    `runs` says which of them the tables call the first.
    """

    runs: str
    summary: tuple[str, ...]
    record: tuple[str, ...]
    sections: tuple[Section, ...]
    more: int


def earlier(entry: Entry, entries: Sequence[Entry]) -> Entry | None:
    """Return the run before this one, of the same programme and, if there is one, asked the same.

    Parameters
    ----------
    entries : sequence of Entry
        All runs, newest first.
    """
    older = entries[list(entries).index(entry) + 1 :]
    same = (each for each in older if each.asked == entry.asked)
    near = (each for each in older if each.programme == entry.programme)
    return next(same, next(near, None))


def between(before: Entry, after: Entry, data: DataFolder | None) -> Diff:
    """Compare two runs."""
    return diff.diff(before.path, after.path, data)


def told(found: Diff, names: Names, *, listed: bool) -> Change:
    """Word what changed; with `listed`, the figures that changed their status, moved, came or went.

    A value that moved within its margin of error is counted and not listed.
    """
    figures = found.figures
    moved = (figures["kind"] == "moved") & (figures["noise"] != "within")
    chosen = figures[moved | figures["kind"].isin(["status", "appeared", "vanished"])]
    kept = chosen.head(MOST_FIGURES if listed else 0)
    reasons = [found.reasons[place] for place in kept.index]
    sections = moves.sections(kept.reset_index(drop=True), reasons, names) if listed else []
    runs, *summary = forms.summary(found, names)
    return Change(
        runs,
        tuple(summary),
        tuple(noted.differences(found.causes, names.language)),
        tuple(sections),
        len(chosen) - len(kept) if listed else 0,
    )
