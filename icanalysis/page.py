"""What a notebook cell shows: headings, paragraphs, lists and charts with their descriptions."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable

from IPython.display import Image, Markdown, display
from matplotlib.figure import Figure

from icanalysis.layout import Table

DOTS_PER_INCH = 144


def heading(text: str) -> None:
    """Show the page's title."""
    display(Markdown(f"# {_plain(text)}"))


def section(text: str) -> None:
    """Show the heading of a part whose question depends on the data."""
    display(Markdown(f"## {_plain(text)}"))


def paragraph(*sentences: str) -> None:
    """Show sentences as one paragraph; empty ones are left out."""
    display(Markdown(" ".join(_plain(sentence) for sentence in sentences if sentence)))


def bullets(items: Iterable[str]) -> None:
    """Show a list, one item a line; empty ones are left out."""
    display(Markdown("\n".join(f"- {_plain(item)}" for item in items if item)))


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
    """Write what Markdown, HTML or TeX would take for markup so that it stays a name's own text."""
    marked = re.sub(r"[\\*_`\[\]|~$#]", _entity, html.escape(text, quote=False))
    return re.sub(r"^\s*(?:[-+]|\d+[.)])", lambda start: _entity(start, last=True), marked)


def _entity(found: re.Match[str], *, last: bool = False) -> str:
    """Return the text found with its last character as an entity, which is never markup."""
    text = found[0]
    return f"{text[:-1] if last else ''}&#{ord(text[-1])};"
