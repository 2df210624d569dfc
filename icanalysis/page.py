"""What a notebook cell shows: headings, paragraphs, lists and charts with their descriptions."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from IPython.display import Image, Markdown, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from icanalysis import results
from icanalysis.extracts import READS
from icanalysis.layout import Table
from icanalysis.view import View

DOTS_PER_INCH = 144


def heading(text: str) -> None:
    """Show the page's title."""
    display(Markdown(f"# {plain(text)}"))


def section(text: str) -> None:
    """Show the heading of a part whose question depends on the data."""
    display(Markdown(f"## {plain(text)}"))


def paragraph(*sentences: str) -> None:
    """Show sentences as one paragraph; empty ones are left out, and without any there is none."""
    if told := [plain(sentence) for sentence in sentences if sentence]:
        display(Markdown(" ".join(told)))


def pointing(said: str, heading: str) -> None:
    """Show what is said, and a link to the part of the page that bears this heading."""
    # As JupyterLab names a heading; a page's own names are made of it (`render`).
    place = quote(heading.replace(" ", "-"), safe="")
    display(Markdown(f"{plain(said)} [{plain(heading)}](#{place})."))


def bullets(items: Iterable[str]) -> None:
    """Show a list, one item a line; empty ones are left out, and without any there is none."""
    if told := [f"- {plain(item)}" for item in items if item]:
        display(Markdown("\n".join(told)))


def chart(figure: Figure, alt: str, data: Table | None = None) -> None:
    """Show a chart with its description, at the same size on every machine.

    The table of what it draws follows under a fold, which a click opens.
    """
    display(Image(picture(figure), format="png", alt=alt, width=shown_width(figure)))
    if data is not None:
        display(data.behind_chart())


def picture(figure: Figure) -> bytes:
    """Return a chart as PNG; the same chart gives the same bytes."""
    drawn = io.BytesIO()
    before = figure.dpi
    figure.set_dpi(DOTS_PER_INCH)
    try:
        # Drawn once: savefig lays a figure out in a drawing of its own first. No date or program
        # name in the picture.
        FigureCanvasAgg(figure).print_png(drawn, metadata={"Software": None})
    finally:
        figure.set_dpi(before)
    return drawn.getvalue()


def shown_width(figure: Figure) -> int:
    """Return how wide a chart is shown, in a page's pixels."""
    return round(figure.get_figwidth() * 96)


def leave(view: View, out_dir: str, *, lines: bool = False) -> None:
    """Leave what a run needs to know of this page in its folder; without one, nothing.

    The tables it showed and what it took of others, so that it is made again when they change; and,
    with `lines`, its lines of evidence.
    """
    if not out_dir:
        return
    folder = Path(out_dir)
    # Invented rows are told on every page, whatever it shows.
    reads = view.data.read | set(view.data.invented)
    told = {"reads": sorted(reads), "taken": view.data.taken}
    (folder / READS).write_text(json.dumps(told, sort_keys=True), encoding="utf-8")
    if lines:
        results.write(view.lines, folder / f"{view.region.code}.csv")


def fold(table: Table) -> None:
    """Show a table under a fold that bears its caption: for what few readers need."""
    display(table.folded())


def exhibit(table: Table) -> None:
    """Show a table where it is not the last value of its cell."""
    display(table)


def plain(text: str) -> str:
    """Write what Markdown, HTML or TeX would take for markup so that it stays a name's own text."""
    marked = re.sub(r"[\\*_`\[\]|~$#]", _entity, html.escape(text, quote=False))
    return re.sub(r"^\s*(?:[-+]|\d+[.)])", lambda start: _entity(start, last=True), marked)


def _entity(found: re.Match[str], *, last: bool = False) -> str:
    """Return the text found with its last character as an entity, which is never markup."""
    text = found[0]
    return f"{text[:-1] if last else ''}&#{ord(text[-1])};"
