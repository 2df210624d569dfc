"""What a notebook cell shows: headings, paragraphs, lists and charts with their descriptions."""

from __future__ import annotations

import html
import io
from collections.abc import Iterable

from IPython.display import Image, Markdown, display
from matplotlib.figure import Figure

from icanalysis.layout import Table

DOTS_PER_INCH = 144


def heading(text: str) -> None:
    """Show the page's title."""
    display(Markdown(f"# {_plain(text)}"))


def paragraph(*sentences: str) -> None:
    """Show sentences as one paragraph; empty ones are left out."""
    display(Markdown(" ".join(_plain(sentence) for sentence in sentences if sentence)))


def bullets(items: Iterable[str]) -> None:
    """Show a list, one item a line."""
    display(Markdown("\n".join(f"- {_plain(item)}" for item in items)))


def chart(figure: Figure, alt: str) -> None:
    """Show a chart with its description, at the same size on every machine."""
    picture = io.BytesIO()
    # No date or program name in the picture: the same chart gives the same bytes.
    figure.savefig(picture, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    width = round(figure.get_figwidth() * 96)
    display(Image(picture.getvalue(), format="png", alt=alt, width=width))


def exhibit(table: Table) -> None:
    """Show a table where it is not the last value of its cell."""
    display(table)


def _plain(text: str) -> str:
    """Escape what Markdown or HTML would take for markup: a name in the data is only a name."""
    escaped = html.escape(text, quote=False)
    return "".join("\\" + mark if mark in "*_`#[]|~$" else mark for mark in escaped)
