"""What an explored view shows: a choice goes in; sentences, a table and a chart come out.

Whatever is drawn or told is drawn and told by the modules that make the reports, from the same
lines. A choice without figures says so in words and tells where there are some.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from icanalysis import (
    alt,
    choices,
    claims,
    delivery,
    differences,
    figures,
    homes,
    makers,
    tables,
    terms,
    together,
    wording,
)
from icanalysis.evaluation import JOINT
from icanalysis.households import ALL
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.results import merge
from icanalysis.shelf import EVERY, Choice, Shelf, here, narrowed, view
from icanalysis.view import View


@dataclass(frozen=True)
class Chart:
    """A chart still to be drawn, with its description."""

    draw: Callable[[], Figure]
    alt: str


@dataclass(frozen=True)
class Shown:
    """What is shown of a choice.

    `warning` says what its data are, where they are not real; `undrawn` why there is no chart.
    """

    sentences: tuple[str, ...]
    table: Table
    chart: Chart | None = None
    warning: str = ""
    undrawn: str = ""

    @property
    def told(self) -> tuple[str, ...]:
        """All sentences, for whoever chose this view and would miss a chart."""
        return _told(*self.sentences, self.undrawn)


def shown(shelf: Shelf, choice: Choice) -> Shown:
    """Return what is shown of a choice that exists (`choices.settled`)."""
    makers_of = {
        "series": _series,
        "compared": _compared,
        "households": _households,
        "producers": _producers,
        "reported": _reported,
    }
    if not known(shelf, choice):
        return _nothing(shelf, choice)
    return makers_of[choice.kind](shelf, choice)


def known(shelf: Shelf, choice: Choice) -> bool:
    """Whether there is any figure of a choice."""
    if not choices.has_figure(shelf, choice):
        return False
    rows = here(shelf, choice)
    return bool(rows["value"].notna().any())


def _told(*sentences: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)


def _few(asked: View) -> str:
    """Say why there is no chart."""
    return asked.language.say("A chart would say no more than the table: there are too few values.")


# --- official series -------------------------------------------------------------------------


def _series(shelf: Shelf, choice: Choice) -> Shown:
    asked, code = narrowed(shelf, choice), choice.indicator
    line = asked.change(code)
    # Where the sign depends on the baseline year, the sentence on it says so.
    drawn = figures.worth_drawing(asked, code)
    return Shown(
        _told(
            f"{wording.change(asked, code)} {wording.beside(asked, code)}".strip(),
            wording.sensitivity(asked, code),
            wording.caution(asked, line)
            if line is not None and line["status"] == "no_interval"
            else "",
        ),
        tables.levels(asked, code),
        Chart(lambda: figures.series(asked, code), alt.series(asked, code)) if drawn else None,
        undrawn="" if drawn else _few(asked),
    )


# --- regions with the programme against the others -------------------------------------------


def _compared(shelf: Shelf, choice: Choice) -> Shown:
    asked, code = narrowed(shelf, choice), choice.indicator
    if choice.region != asked.data.evaluation.programme.whole:
        return _beside_its_mix(asked, code)
    drawn = not claims.comparisons(asked, code).empty
    return Shown(
        _told(
            claims.could_show(asked, code),
            claims.difference(asked, code),
            claims.trend(asked, code),
        ),
        differences.by_baseline_table(asked, code),
        Chart(
            lambda: differences.by_baseline(asked, code), differences.by_baseline_alt(asked, code)
        )
        if drawn
        else None,
    )


def _beside_its_mix(asked: View, code: str) -> Shown:
    told = claims.twin(asked, code, asked.region.code)
    if not told:
        told = asked.language.say(
            "{indicator}: with these years, no mix of other regions can be set beside {region}.",
            indicator=asked.name(code),
            region=asked.place,
        )
    chart = None
    if together.has_twins(asked, code):
        chart = Chart(lambda: together.paths(asked, code), together.paths_alt(asked, code))
    return Shown(_told(told, claims.difference(asked, code)), together.twins(asked, code), chart)


# --- surveys ---------------------------------------------------------------------------------


def _households(shelf: Shelf, choice: Choice) -> Shown:
    asked, code = narrowed(shelf, choice), choice.indicator
    group = ALL if choice.group == EVERY else choice.group
    return Shown(
        (homes.sentence(asked, code, group),),
        homes.estimates(asked, code),
        Chart(lambda: homes.chart(asked, code), homes.alt(asked, code)),
        homes.introduction(asked) if homes.simulated(asked) else "",
    )


def _producers(shelf: Shelf, choice: Choice) -> Shown:
    asked, code = narrowed(shelf, choice), choice.indicator
    group = ALL if choice.group == EVERY else choice.group
    # p is adjusted for all outcomes, so the sentence is told from all of them.
    whole = view(shelf, choice)
    broken = len(choices.groups(shelf, choice)) > 1 and choice.group != ALL
    drawn = makers.known(asked)
    return Shown(
        (makers.sentence(whole, code, group),),
        makers.by_group(asked, code) if broken else makers.effects(asked),
        Chart(lambda: makers.chart(asked), makers.alt(asked)) if drawn else None,
        makers.introduction(whole) if makers.simulated(whole) else "",
        "" if drawn else _few(asked),
    )


# --- what the programme reported -------------------------------------------------------------


def _reported(shelf: Shelf, choice: Choice) -> Shown:
    asked = narrowed(shelf, choice)
    levels = asked.select(statistic="level")
    used = levels[levels["status"] == "used"]
    first = used if len(used) else levels
    told = []
    for _, line in first.iterrows():
        sector, population = asked.split_group(line["group"])
        of = ", ".join(filter(None, [sector, population]))
        achieved = asked.one(**asked.figure(line), statistic="achievement")
        told.append(
            asked.language.say(
                "{indicator}, {region}: {value} [{source}].",
                indicator=asked.name(choice.indicator) + (f" ({of})" if of else ""),
                region=asked.area(line["region"]),
                value=asked.value(line) + delivery.counted(asked, line) + delivery.year(line),
                source=terms.source(line["source"], asked.language),
            )
        )
        if JOINT in line["region"]:
            told[-1] += " " + asked.language.say(
                "It is a joint figure for {areas}, published without a breakdown.",
                areas=asked.area(line["region"]),
            )
        if achieved is not None:
            told[-1] += " " + asked.language.say(
                "Against its target: {achievement}.",
                achievement=delivery.achievement(asked, achieved),
            )
    drawn = bool(delivery.conflicting(asked))
    # One source alone must not hide that others publish another count.
    disagreeing = delivery.conflicts(narrowed(shelf, replace(choice, source=EVERY)))
    return Shown(
        _told(*told, disagreeing),
        tables.counts(asked),
        Chart(lambda: figures.conflicts(asked), alt.conflicts(asked)) if drawn else None,
        undrawn="" if disagreeing else _one_value(asked),
    )


def _one_value(asked: View) -> str:
    return asked.language.say("No other value is published, so there is nothing to draw.")


# --- where there is nothing ------------------------------------------------------------------


def _nothing(shelf: Shelf, choice: Choice) -> Shown:
    """Say that a choice has no figures, and which choices have."""
    asked = view(shelf, choice)
    say = asked.language.say
    others = [
        choices.settled(shelf, replace(choice, region=code, group=EVERY, source=EVERY))
        for code in choices.regions(shelf, choice)
    ]
    others = [other for other in others if known(shelf, other)]
    places = [asked.area(other.region) for other in others]
    told = say(
        "{indicator}: no figure is known for {region}. That is not zero.",
        indicator=asked.name(choice.indicator),
        region=asked.place,
    )
    found = say("There are figures for: {regions}.", regions=asked.language.listed(places))
    sentences = _told(told, found if places else "")
    if choice.kind == "reported":
        published = merge([here(shelf, other) for other in others])
        return Shown(sentences, tables.counts(replace(asked, lines=published)))
    spans = [choices.years(shelf, other) for other in others]
    body = [
        [place, f"{span[0]}–{span[-1]}" if span else ABSENT]
        for place, span in zip(places, spans, strict=True)
    ]
    caption = say("Where there are figures: {indicator}", indicator=asked.name(choice.indicator))
    columns = [Column(say("Where")), Column(say("Years"))]
    return Shown(sentences, table(asked, caption, columns, body))
