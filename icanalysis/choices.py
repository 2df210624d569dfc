"""What can be looked at: kinds of figures, and the regions, years, groups and sources each has.

Nothing is offered that does not exist; an indicator without a figure is, for that is an answer.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from icanalysis import enaho, terms
from icanalysis.errors import unknown_choice
from icanalysis.evaluation import JOINT
from icanalysis.households import ALL
from icanalysis.indicators import REPORTED
from icanalysis.language import ABSENT, Message, msg
from icanalysis.load import DataFolder
from icanalysis.named import producer_group, producer_source
from icanalysis.shelf import EVERY, KINDS, Choice, Kind, Shelf, here, known_years, published, view
from icanalysis.visits import INDEX

SOURCE_WIDTH = 70  # characters of a source in the list
# Each is offered by what was chosen before it.
ORDER = ("kind", "region", "indicator", "source", "baseline", "outcome", "group")


def offered_kinds(shelf: Shelf, _: Choice | None = None) -> tuple[Kind, ...]:
    """List the kinds of figures the evaluation asks for."""
    evaluation = shelf.data.evaluation
    there = {
        "series": bool(evaluation.context),
        "compared": bool(evaluation.context),
        "households": evaluation.households is not None,
        "producers": evaluation.producers is not None,
        "reported": True,
    }
    return tuple(kind for kind in KINDS if there[kind])


def regions(shelf: Shelf, choice: Choice) -> tuple[str, ...]:
    """List the regions that figures of a kind can belong to, in the evaluation's order."""
    evaluation = shelf.data.evaluation
    own = [region.code for region in evaluation.reported_regions()]
    every = [region.code for region in evaluation.reported_regions(every=True)]
    whole = evaluation.programme.whole
    if choice.kind in ("series", "households"):
        return tuple(every)
    reference = evaluation.reference
    if choice.kind == "reported" and reference is not None:
        stated = reference.code in set(shelf.data.table(REPORTED)["region"])
        return (*own, whole, *([reference.code] if stated else []))
    return (*own, whole)


def indicators(shelf: Shelf, choice: Choice) -> tuple[str, ...]:
    """List the indicators of a kind, whether or not the region has a figure."""
    evaluation = shelf.data.evaluation
    if choice.kind == "households" and evaluation.households:
        return tuple(item.indicator for item in evaluation.households.indicators)
    if choice.kind == "producers" and evaluation.producers:
        return (*(item.indicator for item in evaluation.producers.indicators), INDEX.indicator)
    if choice.kind == "reported":
        published = set(shelf.data.table(REPORTED)["indicator"])
        return tuple(
            code for code in shelf.data.table("indicators")["indicator"] if code in published
        )
    return tuple(item.indicator for item in evaluation.context)


def sources(shelf: Shelf, choice: Choice) -> tuple[str, ...]:
    """List the sources to choose between; where there is one, it is not chosen."""
    found: set[str] = set()
    if choice.kind == "series":
        found = set(published(shelf, choice.indicator, choice.region)["source_id"])
    elif choice.kind == "reported":
        found = {text.partition(":")[0] for text in here(shelf, choice)["source"]}
    return (EVERY, *sorted(found)) if len(found) > 1 else (EVERY,)


def years(shelf: Shelf, choice: Choice) -> tuple[int, ...]:
    """List the years that a choice has figures for; none for counts over the programme's life."""
    if choice.kind == "series":
        found = published(shelf, choice.indicator, choice.region)
        if choice.source != EVERY:
            found = found[found["source_id"] == choice.source]
        return tuple(sorted(int(year) for year in found["year"]))
    if choice.kind == "compared":
        return _years_on_both_sides(shelf, choice.indicator)
    if choice.kind == "households":
        return _survey_years(shelf, choice.indicator)
    if choice.kind == "producers":
        lines = shelf.lines("producers", choice.region, shelf.data.evaluation.years())
        visits = lines.loc[lines["indicator"] == choice.indicator, "period"]
        spans = visits[visits.str.contains("-")]
        return () if spans.empty else tuple(int(year) for year in spans.iloc[0].split("-"))
    return ()


def _years_on_both_sides(shelf: Shelf, indicator: str) -> tuple[int, ...]:
    """Years in which a region with the programme and one without have the series."""
    sides: dict[str, set[int]] = {"programme": set(), "comparison": set()}
    for region in shelf.data.evaluation.reported_regions(every=True):
        sides[region.role] |= set(known_years(shelf, indicator, region.code))
    return tuple(sorted(sides["programme"] & sides["comparison"]))


def _survey_years(shelf: Shelf, indicator: str) -> tuple[int, ...]:
    """Years of the survey's files; where households are simulated, of what they agree with."""
    plan = shelf.data.evaluation.households
    if plan is None:
        return ()
    if shelf.enaho is None:
        every = shelf.data.evaluation.reported_regions(every=True)
        parts = [set(known_years(shelf, plan.simulated_from, region.code)) for region in every]
        return tuple(sorted(set.intersection(*parts)))

    def survey_files(_: DataFolder) -> pd.DataFrame:
        return enaho.find(shelf.enaho or "")

    files = shelf.once(survey_files)
    module = next(item.module for item in plan.indicators if item.indicator == indicator)
    return tuple(sorted({int(year) for year in files.loc[files["module"] == module, "year"]}))


def baselines(shelf: Shelf, choice: Choice) -> tuple[int, ...]:
    """List the years a change can be counted from: all but the last."""
    return years(shelf, choice)[:-1]


def outcomes(shelf: Shelf, choice: Choice) -> tuple[int, ...]:
    """List the years that come after the baseline chosen."""
    return tuple(year for year in years(shelf, choice) if year > (choice.baseline or 0))


def groups(shelf: Shelf, choice: Choice) -> tuple[str, ...]:
    """List the groups to choose between, the whole first; where there is one, it is not chosen."""
    found = _groups(shelf, choice)
    return (EVERY, *found) if len(found) > 1 else (EVERY,)


def _groups(shelf: Shelf, choice: Choice) -> list[str]:
    if choice.kind in ("series", "compared"):
        return [ALL]
    rows = here(shelf, choice).dropna(subset="value")
    if choice.source != EVERY:
        rows = rows[[text.partition(":")[0] == choice.source for text in rows["source"]]]
    if choice.kind == "producers":
        rows = rows[rows["statistic"] == "did"]
    found = list(dict.fromkeys(rows["group"]))
    found.sort(key=lambda group: (group != ALL, _place(shelf, choice, group), group))
    return found


def _place(shelf: Shelf, choice: Choice, group: str) -> int:
    """Place of a group's variable in the order the evaluation names them."""
    evaluation = shelf.data.evaluation
    for plan in (evaluation.households, evaluation.producers):
        for item in plan.indicators if plan else ():
            name = group.partition(":")[0]
            if item.indicator == choice.indicator and name in item.groups:
                return item.groups.index(name)
    return 0


OFFERED: dict[str, Callable[[Shelf, Choice], tuple[str, ...] | tuple[int, ...]]] = {
    "kind": offered_kinds,
    "region": regions,
    "indicator": indicators,
    "source": sources,
    "baseline": baselines,
    "outcome": outcomes,
    "group": groups,
}


# --- what is chosen --------------------------------------------------------------------------


def settled(shelf: Shelf, choice: Choice) -> Choice:
    """Replace whatever the choice names that does not exist, each by what was chosen before it."""
    for name in ORDER:
        offered = OFFERED[name](shelf, choice)
        if getattr(choice, name) not in offered:
            usual: dict[str, Any] = {name: _usual(shelf, choice, name, offered)}
            choice = replace(choice, **usual)
    return choice


def _usual(
    shelf: Shelf, choice: Choice, name: str, offered: tuple[str, ...] | tuple[int, ...]
) -> str | int | None:
    """Choose for the reader: the evaluation's years, an indicator with a figure, else the first."""
    if name in ("baseline", "outcome"):
        asked = getattr(shelf.data.evaluation.years(), name)
        nearest = offered[0] if name == "baseline" and offered else (*offered, None)[-2:][0]
        return asked if asked in offered else nearest if offered else None
    if name == "indicator":
        tried = (replace(choice, indicator=str(code)) for code in offered)
        return next((each.indicator for each in tried if has_figure(shelf, each)), offered[0])
    return offered[0]


def checked(shelf: Shelf, choice: Choice) -> Choice:
    """Return a choice that was typed; refuse what does not exist, naming what does.

    Raises
    ------
    WorkbookError
        Naming the first part of the choice that is not offered.
    """
    titles: dict[str, Message] = {
        "kind": msg("Kind of figure"),
        "region": msg("Region"),
        "indicator": msg("Indicator"),
        "source": msg("Source"),
        "baseline": msg("Baseline year"),
        "outcome": msg("Outcome year"),
        "group": msg("Group"),
    }
    for name in ORDER:
        offered, value = OFFERED[name](shelf, choice), getattr(choice, name)
        if value not in offered and not (value is None and not offered):
            raise unknown_choice(titles[name], str(value), [str(each) for each in offered])
    return choice


def has_figure(shelf: Shelf, choice: Choice) -> bool:
    """Whether an indicator has any figure in the region chosen, as far as is known at once.

    Surveys are taken to have one: to know it, they would have to be estimated.
    """
    if choice.kind == "reported":
        return choice.indicator in set(shelf.once(_reported_here, choice.region)["indicator"])
    if choice.kind in ("series", "compared"):
        return len(years(shelf, replace(choice, source=EVERY))) > 1
    return True


def _reported_here(data: DataFolder, region: str) -> pd.DataFrame:
    """List the indicators of which a count was published for a region, alone or jointly."""
    rows = data.table(REPORTED)
    return rows.loc[[region in parts.split(JOINT) for parts in rows["region"]], ["indicator"]]


def loading(shelf: Shelf) -> list[Callable[[], object]]:
    """List the steps that make what takes long, for the evaluation's own years."""
    years, whole = shelf.data.evaluation.years(), shelf.data.evaluation.programme.whole
    steps: list[Callable[[], object]] = []
    for kind in offered_kinds(shelf):
        every = kind not in ("compared", "households")  # these are made for all regions at once
        places = regions(shelf, Choice("en", kind, "", "")) if every else (whole,)
        steps += [partial(shelf.lines, kind, place, years) for place in places]
    return steps


# --- what the choices are called -------------------------------------------------------------


def labelled(shelf: Shelf, choice: Choice, name: str) -> tuple[tuple[str, str | int], ...]:
    """List what a control offers, each with its label; a dash where there is nothing to choose."""
    name_of = LABELS.get(name, _year_label)
    offered = OFFERED[name](shelf, choice)
    return tuple((name_of(shelf, choice, value), value) for value in offered) or ((ABSENT, ""),)


def _year_label(_: Shelf, __: Choice, year: int) -> str:
    return str(year)


def _kind_label(shelf: Shelf, choice: Choice, kind: str) -> str:
    evaluation = shelf.data.evaluation
    say = evaluation.language(choice.language).say
    names = {
        "series": say("Official series"),
        "compared": say("With the programme against the others"),
        "households": say("Household survey"),
        "producers": say("Survey of producers"),
        "reported": say("Counts the programme reported"),
    }
    plan = evaluation.producers
    simulated = (
        bool(shelf.data.invented)
        or (kind == "households" and shelf.enaho is None)
        or (
            kind == "producers"
            and plan is not None
            and shelf.data.catalog.tables[plan.table].source_kind == "simulated"
        )
    )
    return f"{names[kind]} ({say('SIMULATED')})" if simulated else names[kind]


def _region_label(shelf: Shelf, choice: Choice, code: str) -> str:
    reader = shelf.data.evaluation.language(choice.language)
    name = shelf.data.evaluation.area_name(code, reader)
    if shelf.area(code).role == "comparison":
        return reader.say("{region} (for comparison)", region=name)
    return name


def _indicator_label(shelf: Shelf, choice: Choice, code: str) -> str:
    asked = view(shelf, choice)
    if has_figure(shelf, replace(choice, indicator=code)):
        return asked.name(code)
    return asked.language.say("○ {indicator}: no figure here", indicator=asked.name(code))


def _source_label(shelf: Shelf, choice: Choice, code: str) -> str:
    asked = view(shelf, choice)
    if code != EVERY:
        titles = shelf.data.table("sources").set_index("source_id")["title"]
        return textwrap.shorten(f"{code}: {titles.get(code, '')}", SOURCE_WIDTH, placeholder="…")
    if len(sources(shelf, choice)) > 1:
        return asked.language.say("Every source")
    found = sorted(set(here(shelf, choice)["source"]))
    if choice.kind == "households":
        names = [terms.survey_source(text, asked.language) for text in found]
    elif choice.kind == "producers":
        names = [producer_source(asked, text) for text in found]
    else:
        names = [part.partition(":")[0] for text in found for part in text.split("; ")]
    return "; ".join(sorted(set(names))) or ABSENT


def _group_label(shelf: Shelf, choice: Choice, code: str) -> str:
    asked = view(shelf, choice)
    if code == EVERY:
        found = _groups(shelf, choice)
        if len(found) > 1:
            return asked.language.say("All groups side by side")
        code = found[0] if found else ALL
    if choice.kind == "producers":
        return producer_group(asked, code)
    if choice.kind == "reported" and code != ALL:
        return ", ".join(filter(None, asked.split_group(code)))
    return terms.group(code, asked.language)


LABELS: dict[str, Callable[..., str]] = {
    "kind": _kind_label,
    "region": _region_label,
    "indicator": _indicator_label,
    "source": _source_label,
    "group": _group_label,
}
