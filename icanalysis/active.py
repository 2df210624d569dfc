"""Finds what a file does by itself: runs, loads from elsewhere, hides; formulas in spreadsheets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache

from bs4 import BeautifulSoup

from icanalysis.findings import Finding, finding
from icanalysis.layout import TEMPLATES
from icanalysis.pieces import Element, Grid, plain

RUNS = frozenset(
    {"iframe", "frame", "object", "embed", "applet", "portal", "base", "form", "handler"}
)
ADDRESSES = frozenset(
    [
        "href",
        "src",
        "action",
        "formaction",
        "xlink:href",
        "data",
        "poster",
        "values",
        "to",
        "from",
        "background",
        "code",
        "codebase",
    ]
)
LOADS = frozenset(
    {"src", "srcset", "poster", "background", "data", "ping", "imagesrcset", "classid"}
)
# Elements whose own address is loaded; that of others is a link for the reader to follow.
LOADING = frozenset({"link", "image", "use", "feimage", "mpath", "textpath", "pattern", "script"})
# A `link` of these kinds is for the reader, as any other link.
FOLLOWED = frozenset({"alternate", "author", "canonical", "help", "license", "next", "prev"})
ELSEWHERE = re.compile(r"(?i)(?:^|[\s,])(?:(?:https?|ftp|wss?):|[\\/]{2})")
RUNNING = ("javascript:", "vbscript:", "data:text/html", "data:image/svg+xml", "data:application/")
IN_STYLE = re.compile(
    r"(?i)@import\s+(?:url\()?\s*[\"']?([^\"')\s;]+)|url\(\s*[\"']?((?:https?:|ftp:)?//[^\"')\s]+)"
)
# Ways a style can run something, or end earlier than it seems.
STYLE_RUNS = re.compile(r"(?i)expression\s*\(|-moz-binding|behavior\s*:|<[a-z!/?]")
HIDES = re.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3}|(?:^|[;\s])color\s*:\s*transparent"
)
UNSHOWN = frozenset({"template", "noscript"})
INERT = re.compile(r"(?i)json")
WIDGETS = "application/vnd.jupyter.widget"
NUMBER = re.compile(r"[+-]?\s?[\d.,\s]*\d\s?%?(?:[eE][+-]?\d+)?")


@cache
def own() -> frozenset[str]:
    """Return the hashes of the scripts and styles that the package's own pages carry."""
    plain = [*TEMPLATES.glob("*.css"), *TEMPLATES.glob("*.js")]
    bodies = [path.read_text(encoding="utf-8") for path in sorted(plain)]
    for path in sorted(TEMPLATES.rglob("*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        bodies += ["".join(item.strings) for item in page.find_all(["script", "style"])]
    return frozenset(_hash(body) for body in bodies)


def _hash(body: str) -> str:
    return hashlib.sha256(" ".join(body.split()).encode()).hexdigest()


def is_own(element: Element) -> bool:
    """Whether a script or style is the package's own, to the letter."""
    return bool(element.body) and _hash(element.body) in own()


def in_element(element: Element) -> Iterator[Finding]:
    """Find what an element runs, loads or hides."""
    if is_own(element) and not element.attributes:
        return
    yield from _runs(element)
    yield from _loads(element)
    yield from _hides(element)
    if element.name == "style" and not is_own(element):
        yield finding("foreign-style", element.place, element.body)


def _runs(element: Element) -> Iterator[Finding]:
    kind = element.attributes.get("type", "")
    if element.name == "script" and kind.startswith(WIDGETS):
        yield finding("widget-state", element.place, kind)
    elif element.name in RUNS or (element.name == "script" and not INERT.search(kind)):
        yield finding("active", element.place, f"<{element.name}> {element.body}")
    for name, value in element.attributes.items():
        squeezed = re.sub(r"[\s\x00-\x20]", "", plain(value)).casefold()
        pointed = name in ADDRESSES and element.name not in ("img", "image")
        if name.startswith("on") or name == "srcdoc" or (pointed and squeezed.startswith(RUNNING)):
            yield finding("active", element.place, f"<{element.name} {name}> {value}")
    if element.name == "meta" and "refresh" in element.attributes.get("http-equiv", "").casefold():
        yield finding("active", element.place, "<meta http-equiv=refresh>")
    if element.name == "style" and STYLE_RUNS.search(element.body):
        yield finding("active", element.place, f"<style> {element.body}")


def _loads(element: Element) -> Iterator[Finding]:
    kinds = set(element.attributes.get("rel", "").casefold().split())
    for name, value in element.attributes.items():
        loading = (
            element.name in LOADING and name in ("href", "xlink:href") and not kinds & FOLLOWED
        )
        if (name in LOADS or loading) and ELSEWHERE.search(value.strip()):
            yield finding("remote", element.place, value)
    linked = element.attributes.get("Type", "").endswith("/hyperlink")
    if element.attributes.get("TargetMode") == "External" and not linked:  # of an Office document
        yield finding("remote", element.place, element.attributes.get("Target", ""))
    for style in (
        element.attributes.get("style", ""),
        element.body if element.name == "style" else "",
    ):
        for match in IN_STYLE.finditer(style):
            yield finding("remote", element.place, match[1] or match[2])


def _hides(element: Element) -> Iterator[Finding]:
    style = element.attributes.get("style", "")
    unseen = element.name == "input" and element.attributes.get("type", "").casefold() == "hidden"
    if "hidden" in element.attributes or element.name in UNSHOWN or unseen or HIDES.search(style):
        yield finding("hidden", element.place, f"<{element.name}>")
    if element.name == "meta" and element.attributes.get("name", "").casefold() == "author":
        yield finding("user-name", element.place, element.attributes.get("content", ""))


def formulas(grid: Grid) -> Iterator[Finding]:
    """Find cells of a spreadsheet or CSV file that a program would take for a formula."""
    if not grid.spreadsheet:
        return
    for number, row in enumerate((grid.header, *grid.rows)):
        for column, cell in enumerate(row):
            if is_formula(cell):
                where = grid.place.at("row", grid.first + number - 1).at("column", column + 1)
                yield finding("formula", where, cell)


def is_formula(cell: str) -> bool:
    """Whether a cell's text begins as a formula does and is neither a number nor a lone sign."""
    narrow = plain(cell)
    if cell[:1] in ("\t", "\r"):
        return True
    return narrow[:1] in ("=", "+", "-", "@") and len(narrow) > 1 and not NUMBER.fullmatch(narrow)
