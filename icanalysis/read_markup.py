"""HTML and SVG in pieces: what is seen, what is hidden, what runs, and what is loaded."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import NavigableString, PreformattedString
from defusedxml import ElementTree

from icanalysis.pieces import Element, Fact, Grid, Piece, Place, Words

# Reads what is embedded: its place, its bytes, and what it is said to be.
Inner = Callable[[Place, bytes, str], Iterator[Piece]]
# A text ends where one of these begins or ends; other elements stand inside a line.
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "button",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "label",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "select",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "textarea",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
# Their own text is not for people.
MACHINE = frozenset({"script", "style"})
HEADINGS = frozenset({"h1", "h2"})
# Attributes that hold drawing instructions, all numbers.
DRAWN = frozenset(
    [
        "d",
        "points",
        "transform",
        "viewbox",
        "x",
        "y",
        "x1",
        "x2",
        "y1",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "dx",
        "dy",
        "width",
        "height",
        "offset",
    ]
)
EMBEDDED = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w=.+-]+)*),([^\"')\s]*)", re.IGNORECASE)
# The parser looks for the end of each comment or declaration in all that follows.
DECLARED, MOST_SOUGHT = re.compile("<[!?]"), 2 * 10**9
# Tables in tables in tables: a page laid out by tables has three.
DEEPEST_TABLE, LAID_OUT = 4, frozenset({"table", "dl"})


def html(
    place: Place, text: str, inner: Inner, *, section: str = "", lines: bool = True
) -> Iterator[Piece]:
    """Yield the pieces of a page or fragment.

    Parameters
    ----------
    section : str
        The heading above the fragment.
    lines : bool
        Whether places tell lines: not those of a text the page was made from.
    """
    if len(DECLARED.findall(text)) * len(text) > MOST_SOUGHT:
        raise ValueError("declarations")
    soup = BeautifulSoup(text, "html.parser")
    yield from _Page(place, inner, section, text if lines else "").pieces(soup)


def svg(place: Place, data: bytes, inner: Inner) -> Iterator[Piece]:
    """Yield the pieces of a picture in SVG; entities are refused before anything else reads it."""
    ElementTree.fromstring(data)
    yield from html(place, data.decode("utf-8", errors="replace"), inner)


@dataclass
class _Page:
    """A page read from its beginning: the section it is in, and the text not yet told."""

    place: Place
    inner: Inner
    section: str
    # As it was written, to count lines in; empty if they are not told.
    source: str
    # Of each element, the block its text belongs to, and how many tables it stands in.
    blocks: dict[int, int] = field(default_factory=dict)
    tables: dict[int, int] = field(default_factory=dict)
    block: int = 0
    start: Place | None = None
    words: list[str] = field(default_factory=list)
    embedded: int = 0
    offset: int = 0

    def pieces(self, soup: BeautifulSoup) -> Iterator[Piece]:
        self.blocks[id(soup)] = id(soup)
        for node in soup.descendants:
            if isinstance(node, Tag):
                if node.name in BLOCKS:
                    yield from self._told()
                yield from self._element(node)
            elif isinstance(node, Comment):
                place = self._of_comment(str(node))
                yield Fact(place, "comment", str(node))
                yield Words(place, str(node), "metadata", self.section)
            elif isinstance(node, PreformattedString):  # a doctype, an instruction
                yield Words(self._at(node.parent), str(node), "metadata", self.section)
            elif isinstance(node, NavigableString):
                yield from self._text(node)
        yield from self._told()

    def _at(self, tag: Tag | None) -> Place:
        line = getattr(tag, "sourceline", None)
        return self.place.at("line", line) if self.source and line else self.place

    def _of_comment(self, text: str) -> Place:
        """Return the place of a comment, which the parser does not tell: they come in order."""
        found = self.source.find(f"<!--{text}", self.offset)
        if found < 0:
            return self.place
        self.offset = found + 1
        return self.place.at("line", self.source.count("\n", 0, found) + 1)

    def _text(self, node: NavigableString) -> Iterator[Piece]:
        parent = node.parent
        if parent is None or parent.name in MACHINE:
            return
        block = self.blocks[id(parent)]
        if block != self.block:
            yield from self._told()
            self.block = block
        if self.start is None and not node.isspace():
            self.start = self._at(parent)
        self.words.append(str(node))

    def _told(self) -> Iterator[Piece]:
        """Yield the text gathered so far; lines that were written apart stay apart."""
        text = "".join(self.words).strip()
        if text and self.start:
            yield Words(self.start, text, "shown", self.section)
        self.words, self.start = [], None

    def _element(self, tag: Tag) -> Iterator[Piece]:
        parent = tag.parent
        above = id(parent) if parent is not None else 0
        self.blocks[id(tag)] = id(tag) if tag.name in BLOCKS else self.blocks.get(above, 0)
        self.tables[id(tag)] = self.tables.get(above, 0) + (tag.name in LAID_OUT)
        if tag.name in HEADINGS:
            self.section = tag.get_text(" ", strip=True)
        place = self._at(tag)
        if tag.name in LAID_OUT and self.tables[id(tag)] > DEEPEST_TABLE:
            yield Fact(place, "unreadable", f"<{tag.name}>")
        elif tag.name == "table":
            yield self._grid(tag)
        elif tag.name == "dl":
            items = [each for each in tag.find_all(["dt", "dd"]) if each.find_parent("dl") is tag]
            told = [item.get_text(" ", strip=True) for item in items]
            pairs = tuple(zip(told[::2], told[1::2], strict=False))
            yield Grid(place, ("", ""), pairs, section=self.section)
        attributes = {name: _joined(value) for name, value in tag.attrs.items()}
        body = "".join(map(str, tag.strings)) if tag.name in MACHINE else ""
        yield Element(place, tag.name, attributes, body)
        for name, value in attributes.items():
            if name not in DRAWN:
                yield from self._embedded(place, value)
                kept = EMBEDDED.sub("", value)
                if kept and not kept.isspace():
                    yield Words(place, kept, "attribute", self.section)
        yield from self._embedded(place, body)

    def _embedded(self, place: Place, text: str) -> Iterator[Piece]:
        """Yield the pieces of what a text carries in itself."""
        for found in EMBEDDED.finditer(text):
            kind, options, coded = found.groups()
            self.embedded += 1
            inside = place.at("picture", self.embedded)
            try:
                data = unquote_to_bytes(coded)
                if options.lower().endswith(";base64"):
                    data = base64.b64decode(data, validate=True)
            except (ValueError, binascii.Error):
                yield Fact(inside, "unreadable", "data:")
                continue
            yield from self.inner(inside, data, (kind or "text/plain").lower())

    def _grid(self, table: Tag) -> Grid:
        rows = [
            tuple(
                cell.get_text(" ", strip=True)
                for cell in row.find_all(["th", "td"], recursive=False)
            )
            for row in table.find_all("tr")
            if row.find_parent("table") is table
        ]
        head = table.find("thead")
        heads = (len(head.find_all("tr")) if head else 0) or 1
        # Pandas writes the name of its index on a second line of the header.
        header = max(rows[:heads], key=lambda row: sum(map(bool, row)), default=())
        figure = table.find_parent("figure")
        said = [table.caption] if table.caption else []
        said += figure.find_all("p", class_="note") if figure else []
        return Grid(
            self._at(table),
            header,
            tuple(rows[heads:]),
            " ".join(part.get_text(" ", strip=True) for part in said),
            tuple(str(figure.get("data-about") or "").split()) if figure else (),
            self.section,
        )


def _joined(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
