"""A notebook in pieces: sources, outputs of every type, attachments, metadata, widgets' state."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbconvert.filters import markdown2html

from icanalysis import read_text
from icanalysis.pieces import COLOURS, Element, Fact, Piece, Place, Words
from icanalysis.read_markup import Inner, html

WIDGETS = ("application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json")
SCRIPT = "application/javascript"
# What makes tools fold a cell away, or leave it out of what they show.
HIDING = frozenset({"source_hidden", "outputs_hidden", "collapsed", "hide_input", "hide_output"})
HIDING_TAGS = ("hide", "remove")


def pieces(place: Place, text: str, inner: Inner) -> Iterator[Piece]:
    """Yield the pieces of a notebook.

    Raises
    ------
    ValueError
        If it is not one, or of a format older than version 4.
    """
    notebook = json.loads(text)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError("cells")
    yield from _metadata(place.at("metadata", "notebook"), _mapping(notebook.get("metadata") or {}))
    section = ""
    for number, cell in enumerate(notebook["cells"], 1):
        where = place.at("cell", number)
        try:
            for piece in _cell(where, _mapping(cell), inner, section):
                section = getattr(piece, "section", "") or section
                yield piece
        except Exception as error:  # one damaged cell: the others are still read
            yield Fact(where, "unreadable", type(error).__name__)


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("cells")
    return value


def _joined(value: object) -> str:
    """Return a text of the format, which may be written as a list of lines."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _metadata(place: Place, metadata: Mapping[str, Any]) -> Iterator[Piece]:
    if metadata.get("widgets"):
        yield Fact(place, "widget-state", "widgets")
    yield from read_text.document(place, metadata)


def _cell(place: Place, cell: Mapping[str, Any], inner: Inner, section: str) -> Iterator[Piece]:
    metadata = _mapping(cell.get("metadata") or {})
    yield from _hiding(place, metadata)
    yield from _metadata(place.at("metadata", "cell"), metadata)
    source = _joined(cell.get("source", ""))
    if cell.get("cell_type") == "markdown":
        yield from _markdown(place, source, inner, section)
    else:
        yield from read_text.lines(place, source, "code", section)
    for name, bundle in _mapping(cell.get("attachments") or {}).items():
        yield from _bundle(place.at("attachment", name), _mapping(bundle), inner, section)
    for number, output in enumerate(cell.get("outputs") or [], 1):
        for piece in _output(place.at("output", number), _mapping(output), inner, section):
            section = getattr(piece, "section", "") or section
            yield piece


def _hiding(place: Place, metadata: Mapping[str, Any]) -> Iterator[Piece]:
    marks = {**metadata, **_mapping(metadata.get("jupyter") or {})}
    found = [name for name in sorted(HIDING) if marks.get(name)]
    tags: Sequence[Any] = metadata.get("tags") or []
    found += [str(tag) for tag in tags if str(tag).replace("_", "-").split("-")[0] in HIDING_TAGS]
    if _mapping(metadata.get("slideshow") or {}).get("slide_type") in ("skip", "notes"):
        found.append("slideshow")
    yield from (Fact(place, "hidden", name) for name in found)


def _markdown(place: Place, source: str, inner: Inner, section: str) -> Iterator[Piece]:
    """Yield what a page made of Markdown would hold."""
    yield from html(place, markdown2html(source), inner, section=section, lines=False)


def _output(place: Place, output: Mapping[str, Any], inner: Inner, section: str) -> Iterator[Piece]:
    if output.get("output_type") == "error":
        text = "\n".join(map(str, output.get("traceback") or []))
        yield Fact(place, "traceback", f"{output.get('ename')}: {output.get('evalue')}")
        yield from read_text.lines(place, COLOURS.sub("", text), "code", section)
    elif output.get("output_type") == "stream":
        yield from read_text.printed(
            place, COLOURS.sub("", _joined(output.get("text", ""))), section
        )
    else:
        yield from _metadata(place.at("metadata", "output"), _mapping(output.get("metadata") or {}))
        yield from _bundle(place, _mapping(output.get("data") or {}), inner, section)


def _bundle(place: Place, bundle: Mapping[str, Any], inner: Inner, section: str) -> Iterator[Piece]:
    """Yield what one output says, in each of its types."""
    for kind, value in bundle.items():
        where = place.at("kind", kind)
        if kind in WIDGETS:
            yield Fact(where, "widget-state", kind)
        if isinstance(value, (Mapping, list)) and not _is_text(value):
            yield from read_text.document(where, value, "shown", section)
            continue
        text = _joined(value)
        if kind == "text/html":
            yield from html(where, text, inner, section=section)
        elif kind == "text/markdown":
            yield from _markdown(where, text, inner, section)
        elif kind == SCRIPT:
            yield Element(where, "script", {}, text)
            yield from read_text.lines(where, text, "code", section)
        elif kind.startswith("image/svg"):
            yield from inner(where, text.encode(), kind)
        elif kind.startswith(("image/", "audio/", "video/")) or kind == "application/pdf":
            yield from inner(where, base64.b64decode("".join(text.split()), validate=True), kind)
        elif kind.startswith("text/"):
            yield from read_text.printed(where, text, section)
        else:
            yield Words(where, text, "shown", section)


def _is_text(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)
