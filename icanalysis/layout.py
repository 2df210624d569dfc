"""How a table looks: caption, header cells with their scope, numbers to the right, a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from icanalysis.view import View

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Column:
    """A column's title, and what its cells are.

    Numbers stand to the right; a short text is not broken; an address may be, anywhere.
    """

    title: str
    kind: Literal["text", "number", "short", "address"] = "text"


@dataclass(frozen=True)
class Table:
    """A finished table: Jupyter shows it as HTML."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


@cache
def _template() -> Template:
    # Autoescape: a name in the data can never become markup.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("table.html.j2")


def table(
    view: View,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    note: str = "",
    simulated: bool = False,
) -> Table:
    """Lay out rows of text under a caption; the first cell of a row is its header.

    A table without rows says so instead of showing an empty frame.
    """
    if not rows:
        note = view.language.say("Nothing was found for {region}.", region=view.place)
    html = _template().render(
        caption=caption,
        columns=columns if rows else [],
        rows=rows,
        note=note,
        badge=view.language.say("SIMULATED") if simulated else "",
    )
    return Table(html, f"{caption} ({len(rows)} × {len(columns)})")
