"""The lines one looks around in: made once for a region and a pair of years, and kept.

Another region, indicator, group or source then only selects among them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from icanalysis.asked import Context
from icanalysis.context import context, series, years_known
from icanalysis.dossier import producer_lines, together_lines
from icanalysis.evaluation import JOINT, Region, Years
from icanalysis.households import ALL, all_lines
from icanalysis.indicators import delivery
from icanalysis.language import Code
from icanalysis.load import DataFolder, open_data
from icanalysis.view import View

Kind = Literal["series", "compared", "households", "producers", "reported"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Make = Callable[..., pd.DataFrame]
# All groups side by side; every source.
EVERY = "every"


@dataclass(frozen=True)
class Choice:
    """What is looked at. Years are None where the figures have none of their own."""

    language: Code
    kind: Kind
    region: str
    indicator: str
    baseline: int | None = None
    outcome: int | None = None
    group: str = EVERY
    source: str = EVERY


@dataclass(frozen=True)
class Shelf:
    """An open data folder and the lines already made from it.

    `data_dir` and `enaho_dir` are the folders as they were named, to name them again. `given` are
    lines of a run: with them none are made, and nothing is seen that is not among them.
    """

    data: DataFolder
    data_dir: str
    enaho_dir: str
    kept: dict[tuple[object, ...], pd.DataFrame] = field(default_factory=dict, repr=False)
    views: dict[tuple[object, ...], View] = field(default_factory=dict, repr=False)
    given: pd.DataFrame | None = field(default=None, repr=False)

    def once(self, make: Make, *asked: object) -> pd.DataFrame:
        """Return what `make` gives for this data folder, made the first time it is asked."""
        key = _key(make, *asked)
        if key not in self.kept:
            self.kept[key] = make(self.data, *asked)
        return self.kept[key]

    @property
    def enaho(self) -> Path | None:
        """Folder of the household survey's files, if there is one."""
        return Path(self.enaho_dir) if self.enaho_dir else None

    def lines(self, kind: Kind, region: str, years: Years) -> pd.DataFrame:
        """Lines of one kind of figure for a region, and of what stands beside it."""
        found = self.once(*self._made(kind, region, years)) if self.given is None else self.given
        evaluation = self.data.evaluation
        whole, reference = evaluation.programme.whole, evaluation.reference
        if kind in ("series", "households"):
            return found[found["region"].isin([region, reference.code if reference else region])]
        if kind == "producers":
            return found[found["region"] == region]
        if kind == "compared" and region != whole:
            return found[found["region"].isin([region, whole])]
        return found

    def has(self, kind: Kind, region: str, years: Years) -> bool:
        """Whether these lines are made already."""
        return _key(*self._made(kind, region, years)) in self.kept

    def _made(self, kind: Kind, region: str, years: Years) -> tuple[Make, *tuple[object, ...]]:
        """Return what makes the lines, and what it is asked."""
        made: dict[Kind, tuple[Make, *tuple[object, ...]]] = {
            "series": (context, region, years),
            "compared": (together_lines, years),
            "households": (all_lines, years, self.enaho),
            "producers": (producer_lines, region),
            "reported": (delivery, region),
        }
        return made[kind]

    def area(self, code: str) -> Region:
        """Return a region, the programme as a whole or the country beside them."""
        evaluation = self.data.evaluation
        for area in (evaluation.everywhere, evaluation.reference):
            if area is not None and area.code == code:
                return area
        return evaluation.region(code)


def _key(make: Make, *asked: object) -> tuple[object, ...]:
    return (make.__name__, *(str(each) for each in asked))


def open_shelf(data_dir: str | Path, enaho_dir: str | Path = "") -> Shelf:
    """Open a data folder to look around in it."""
    return Shelf(open_data(data_dir), str(data_dir), str(enaho_dir))


def years_asked(shelf: Shelf, choice: Choice) -> Years:
    """Return the years of a choice; the evaluation's own where it has none."""
    if choice.outcome is None:
        return shelf.data.evaluation.years()
    # A survey with a single year has no baseline; the lines then hold that year alone.
    before = choice.outcome - 1 if choice.baseline is None else choice.baseline
    return Years(baseline=before, outcome=choice.outcome)


def view(shelf: Shelf, choice: Choice) -> View:
    """Return a reader's view of all lines of the kind and region chosen; kept, as its lines are."""
    evaluation, asked = shelf.data.evaluation, years_asked(shelf, choice)
    key = (choice.kind, choice.region, str(asked), choice.language)
    if key not in shelf.views:
        lines = shelf.lines(choice.kind, choice.region, asked)
        reader = evaluation.language(choice.language)
        shelf.views[key] = View(shelf.data, lines, shelf.area(choice.region), asked, reader)
    return shelf.views[key]


def here(shelf: Shelf, choice: Choice) -> pd.DataFrame:
    """Lines of the indicator and region chosen, alone or jointly, of all groups and sources."""
    asked = view(shelf, choice)
    return asked.lines[asked.here & (asked.lines["indicator"] == choice.indicator)]


def narrowed(shelf: Shelf, choice: Choice) -> View:
    """Return a view of nothing but what is chosen; a group keeps the whole beside it."""
    asked = view(shelf, choice)
    lines = asked.lines
    wanted = {choice.indicator}
    if choice.kind == "series":
        interval = series_item(shelf.data, choice.indicator).group_interval
        wanted |= {interval.indicator} if interval else set()
    lines = lines[lines["indicator"].isin(wanted)]
    if choice.kind == "reported":
        lines = lines[lines["region"].str.split(JOINT).map(lambda parts: choice.region in parts)]
    if choice.source != EVERY:
        lines = lines[[text.partition(":")[0] == choice.source for text in lines["source"]]]
    if choice.group != EVERY and choice.kind in ("reported", "households", "producers"):
        kept = {choice.group} if choice.kind == "reported" else {choice.group, ALL}
        arms = lines["group"].str.startswith("arm:") & (choice.group == ALL)
        lines = lines[lines["group"].isin(kept) | arms]
    return replace(asked, lines=lines)


def known_years(shelf: Shelf, indicator: str, region: str) -> tuple[int, ...]:
    """Years for which a series, and the prices it needs, are published."""
    return tuple(published(shelf, indicator, region)["year"])


def published(shelf: Shelf, indicator: str, region: str) -> pd.DataFrame:
    """Years of a series with the source of each."""
    return shelf.once(_published, indicator, region)


def _published(data: DataFolder, indicator: str, region: str) -> pd.DataFrame:
    item = series_item(data, indicator)
    last = max(years_known(data, item, region), default=0)
    return series(data, item, region, until=last)[["year", "source_id"]]


def series_item(data: DataFolder, indicator: str) -> Context:
    """Return what the evaluation asks of one series."""
    return next(each for each in data.evaluation.context if each.indicator == indicator)
