"""How a table looks: caption, header cells with their scope, numbers to the right, a note."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from icanalysis.language import ABSENT
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
    """A finished table: Jupyter shows it as HTML.

    `about` are the indicators it is about. `summary` is what stands on the fold where the table
    is what a chart draws.
    """

    html: str
    caption: str
    summary: str
    size: tuple[int, ...]
    about: tuple[str, ...] = ()

    def behind_chart(self) -> Table:
        """Return the same table under a closed fold, for a chart's data."""
        return self._folded(self.summary)

    def folded(self) -> Table:
        """Return the same table under a closed fold that bears its caption."""
        return self._folded(self.caption)

    def _folded(self, summary: str) -> Table:
        told = f"<summary>{html.escape(summary)}</summary>"
        return replace(self, html=f'<details class="data">\n{told}\n{self.html}\n</details>')

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"{self.caption} ({' × '.join(map(str, self.size))})"


@cache
def template(name: str) -> Template:
    """Return one of the templates; what is filled in can never become markup."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(name)


def table(
    view: View,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    note: str = "",
    simulated: bool = False,
    about: Iterable[str] = (),
) -> Table:
    """Lay out rows of text under a caption; the first cell of a row is its header.

    A table without rows says so instead of showing an empty frame. `about` names the indicators
    it is about: a published page leads from it to their reference sheets.
    """
    if not rows:
        note = view.language.say("Nothing was found for {region}.", region=view.place)
    codes = tuple(dict.fromkeys(about))
    made = template("table.html.j2").render(
        caption=caption,
        columns=columns if rows else [],
        rows=rows,
        note=note,
        badge=_badge(view, simulated),
        about=codes,
    )
    size = (len(rows), len(columns))
    return Table(made, caption, view.language.say("Data of this chart"), size, codes)


def _badge(view: View, simulated: bool) -> str:
    """Badge what is simulated and, while any table of the package is invented, all there is."""
    return view.language.say("SIMULATED") if simulated or view.data.invented else ""


def grouped(rows: Iterable[Sequence[str]], alike: Sequence[int]) -> list[list[str]]:
    """Make one row of those whose cells in the columns `alike` agree, in order of the first.

    Its other cells hold what each of them says, once: names apart by semicolons, sentences one
    after the other. A dash stands only where none says anything.
    """
    found: dict[tuple[str, ...], list[Sequence[str]]] = {}
    for row in rows:
        found.setdefault(tuple(row[place] for place in alike), []).append(row)
    return [[_once(cells) for cells in zip(*same, strict=True)] for same in found.values()]


def _once(cells: Sequence[str]) -> str:
    known = [cell for cell in dict.fromkeys(cells) if cell != ABSENT]
    if not all(cell.endswith(".") for cell in known):
        return "; ".join(known)
    sentences = (part for cell in known for part in re.split(r"(?<=\.) (?=[A-ZÁÉÍÓÚÑ])", cell))
    return " ".join(dict.fromkeys(sentences)) or ABSENT


def definitions(
    view: View, title: str, rows: Sequence[tuple[str, Sequence[str]]], *, simulated: bool = False
) -> Table:
    """Lay out a list of terms, each with what is said of it, one or several lines."""
    badge = _badge(view, simulated)
    made = template("definitions.html.j2").render(title=title, rows=rows, badge=badge)
    return Table(made, title, title, (len(rows),))
