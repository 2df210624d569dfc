"""A page of a run's figures for an agency confined to some of them: nothing else stands on it.

What is told and drawn is what `shown` tells and draws of the same lines in an explored view.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd
from nbformat import NotebookNode, v4

from icanalysis import choices, page, wording
from icanalysis.evaluation import Agency, Years
from icanalysis.language import Language
from icanalysis.layout import Table
from icanalysis.shelf import Choice, Shelf, view
from icanalysis.shown import Chart, Shown, known, shown


def notebook(
    shelf: Shelf,
    agency: Agency,
    region: str,
    indicators: Sequence[str],
    years: Years,
    reader: Language,
) -> NotebookNode:
    """Draw up a page on one region, or on the whole programme, as an executed notebook.

    Parameters
    ----------
    shelf : Shelf
        With the lines the agency should have as those `given`.
    region : str
        Code of a region or of the programme as a whole.
    indicators : sequence of str
        Codes, in the order of the page. Those without a figure here are named at its end.

    Returns
    -------
    NotebookNode
        As `render.notebook_page` takes it.
    """
    asked = Choice(reader.code, "reported", region, "", years.baseline, years.outcome)
    cells, without = [_told(*_opening(shelf, agency, asked, years, reader))], []
    names = shelf.data.table("indicators").set_index("indicator")[f"name_{reader.code}"]
    for code in indicators:
        views = [shown(shelf, choice) for choice in _choices(shelf, code, asked)]
        if not views:
            without.append(code)
            continue
        cells.append(_told(f"## {page.plain(names[code])}"))
        for each in views:
            cells += _cells(each)
    if without:
        cells.append(_told(*_closing(shelf, asked, names[without], reader)))
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"  # a random one otherwise: the same lines give the same bytes
    return v4.new_notebook(cells=cells)


def _choices(shelf: Shelf, code: str, asked: Choice) -> Iterator[Choice]:
    """Tell which kinds of figures there are of an indicator in a region."""
    for kind in choices.offered_kinds(shelf):
        choice = replace(asked, kind=kind, indicator=code)
        there = asked.region in choices.regions(shelf, choice)
        if there and code in choices.indicators(shelf, choice) and known(shelf, choice):
            yield choice


def _opening(
    shelf: Shelf, agency: Agency, asked: Choice, years: Years, reader: Language
) -> Iterator[str]:
    name = agency.name.into(reader.code)
    place = shelf.data.evaluation.area_name(asked.region, reader)
    yield "# " + page.plain(reader.say("Figures for {agency}: {region}", agency=name, region=place))
    yield page.plain(
        reader.say(
            "This page holds what concerns {agency}, and nothing else: what the programme reported "
            "and what the official series say from {baseline} to {outcome}. The full report, which "
            "quotes the figures of other agencies too, is not part of this edition.",
            agency=name,
            baseline=years.baseline,
            outcome=years.outcome,
        )
    )
    yield page.plain(wording.invented(shelf.data, reader))


def _closing(shelf: Shelf, asked: Choice, names: pd.Series[str], reader: Language) -> Iterator[str]:
    """Name the indicators that are not on the page; some have figures that no view here shows."""
    lines = view(shelf, asked).lines.dropna(subset=["value", "low"], how="all")
    tabled = names.index.isin(lines["indicator"])
    place = shelf.data.evaluation.area_name(asked.region, reader)
    yield "## " + page.plain(reader.say("Not on this page"))
    if tabled.any():
        yield page.plain(
            reader.say(
                "Figures of these indicators, of other places or of another kind, stand in "
                "figures.xlsx and results.csv: {names}.",
                names="; ".join(names[tabled]),
            )
        )
    if not tabled.all():
        yield page.plain(
            reader.say(
                "No figure of these indicators is known for {region}, which is not zero: {names}.",
                region=place,
                names="; ".join(names[~tabled]),
            )
        )


def _cells(found: Shown) -> Iterator[NotebookNode]:
    """Lay a view out: its warning, its sentences, its chart, and its table if it has rows."""
    yield _told(page.plain(found.warning), *map(page.plain, found.sentences))
    if found.chart is not None:
        yield _drawn(found.chart)
    if found.table.size[0]:
        yield _tabled(found.table)


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
