"""A page of a run's figures for an agency confined to some of them.

What is told and drawn is what `shown` tells and draws of the same lines in an explored view.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from nbformat import NotebookNode, v4

from icanalysis import choices, page, wording
from icanalysis.disclosure import SUPPRESSED
from icanalysis.evaluation import JOINT, Agency, Years
from icanalysis.language import Language, Message, msg
from icanalysis.layout import Table
from icanalysis.shelf import Choice, Kind, Shelf, here, series_item
from icanalysis.shown import Chart, Shown, known, shown

# What sets regions with the programme beside others, on the lines of a series.
_COMPARED = ("did", "gap")


@dataclass(frozen=True)
class Asked:
    """What a page is on: a region or the programme as a whole, and whose indicators."""

    agency: Agency
    region: str
    indicators: Sequence[str]
    years: Years
    reader: Language


def notebook(shelf: Shelf, asked: Asked) -> NotebookNode:
    """Draw up a page as an executed notebook.

    Parameters
    ----------
    shelf : Shelf
        With the lines the agency should have as those `given`.

    Returns
    -------
    NotebookNode
        As `render.notebook_page` takes it. Indicators of which it shows nothing are named at its
        end.
    """
    views = found(shelf, asked)
    on_page = {*views, *_beside(shelf, views)}
    cells = [_told(*_opening(shelf, asked))]
    names = shelf.data.table("indicators").set_index("indicator")[f"name_{asked.reader.code}"]
    for code in [code for code in names.index if code in views]:
        cells.append(_told(f"## {page.plain(names[code])}"))
        for choice in views[code]:
            cells += _cells(shown(shelf, choice))
    if rest := [code for code in names.index if code in {*asked.indicators} - on_page]:
        cells.append(_told(*_closing(shelf, asked, names[rest])))
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"  # a random one otherwise: the same lines give the same bytes
    return v4.new_notebook(cells=cells)


def found(shelf: Shelf, asked: Asked) -> dict[str, list[Choice]]:
    """Tell what there is to show of each indicator on a page; those without anything are left out."""
    every = {code: list(_choices(shelf, asked, code)) for code in asked.indicators}
    return {code: chosen for code, chosen in every.items() if chosen}


def _choices(shelf: Shelf, asked: Asked, code: str) -> Iterator[Choice]:
    for kind in choices.offered_kinds(shelf):
        choice = Choice(
            asked.reader.code, kind, asked.region, code, asked.years.baseline, asked.years.outcome
        )
        there = asked.region in choices.regions(shelf, choice)
        if there and code in choices.indicators(shelf, choice) and _shows(shelf, choice, kind):
            yield choice


def _shows(shelf: Shelf, choice: Choice, kind: Kind) -> bool:
    if not known(shelf, choice):
        return False
    lines = here(shelf, choice)
    return kind != "compared" or bool(
        (lines["statistic"].isin(_COMPARED) & lines["value"].notna()).any()
    )


def _beside(shelf: Shelf, views: dict[str, list[Choice]]) -> set[str]:
    """Name the indicators that stand in the table of another: intervals of groups of regions."""
    series = (code for code, chosen in views.items() if any(c.kind == "series" for c in chosen))
    intervals = (series_item(shelf.data, code).group_interval for code in series)
    return {interval.indicator for interval in intervals if interval}


def _opening(shelf: Shelf, asked: Asked) -> Iterator[str]:
    reader, name = asked.reader, asked.agency.name.into(asked.reader.code)
    place = shelf.data.evaluation.area_name(asked.region, reader)
    yield "# " + page.plain(reader.say("Figures for {agency}: {region}", agency=name, region=place))
    yield page.plain(
        reader.say(
            "This page holds the figures that concern {agency}, {baseline} to {outcome}. The full "
            "reports, which quote those of other agencies too, are not part of this edition.",
            agency=name,
            baseline=asked.years.baseline,
            outcome=asked.years.outcome,
        )
    )
    yield page.plain(wording.invented(shelf.data, reader))


def _closing(shelf: Shelf, asked: Asked, names: pd.Series) -> Iterator[str]:
    """Name the indicators that the page does not show: withheld, told elsewhere, not there."""
    lines = shelf.lines("reported", asked.region, asked.years)
    own = lines["region"].str.split(JOINT).map(lambda parts: asked.region in parts)
    withheld = set(lines.loc[own & (lines["status"] == SUPPRESSED), "indicator"])
    told = set(lines.dropna(subset=["value", "low"], how="all")["indicator"])
    groups: list[tuple[Message, set[str]]] = [
        (msg("Known, and suppressed to protect those counted: {names}."), withheld),
        (
            msg(
                "What is known of these indicators is of other places, or stands in figures.xlsx and "
                "results.csv alone: {names}."
            ),
            told - withheld,
        ),
        (
            msg("No figure of these indicators is in this edition, which is not zero: {names}."),
            set(names.index) - withheld - told,
        ),
    ]
    yield "## " + page.plain(asked.reader.say("Not on this page"))
    for words, codes in groups:
        if listed := "; ".join(names[names.index.isin(codes)]):
            yield page.plain(asked.reader.say(words.text, names=listed))


def _cells(view: Shown) -> Iterator[NotebookNode]:
    """Lay a view out: its warning, its sentences, its chart, and its table if it has rows."""
    yield _told(page.plain(view.warning), *map(page.plain, view.sentences))
    if view.chart is not None:
        yield _drawn(view.chart)
    if view.table.size[0]:
        yield _tabled(view.table)


def _told(*paragraphs: str) -> NotebookNode:
    return v4.new_markdown_cell("\n\n".join(filter(None, paragraphs)))


def _drawn(chart: Chart) -> NotebookNode:
    figure = chart.draw()
    coded = base64.b64encode(page.picture(figure)).decode()
    told = {"alt": chart.alt, "width": page.shown_width(figure)}
    return _output({"image/png": coded, "text/plain": chart.alt}, {"image/png": told})


def _tabled(table: Table) -> NotebookNode:
    return _output({"text/html": table.html, "text/plain": repr(table)}, {})


def _output(data: dict[str, str], about: dict[str, dict[str, object]]) -> NotebookNode:
    return v4.new_code_cell(outputs=[v4.new_output("display_data", data, metadata=about)])
