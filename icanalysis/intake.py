"""Reads whatever is about to be shared: a file, a folder or an archive, each by its own reader.

Nothing is written or run. What is too large, too deep or damaged becomes a fact of its own: what
was not read is told.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from icanalysis import read_text
from icanalysis.findings import UNREADABLE
from icanalysis.pieces import Element, Fact, Piece, Place, leads_outside, shown_name
from icanalysis.read_markup import html, svg

MEBI = 2**20
# One file; all that archives hold; the files in them; archives within archives.
MOST_BYTES, MOST_UNPACKED, MOST_FILES, DEEPEST = 256 * MEBI, 512 * MEBI, 20_000, 6
# No report shrinks to less than a hundredth; what does is a bomb, unless it is small.
MOST_SHRUNK, SMALL = 100, 8 * MEBI
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*", b"BM")
PAGES, TABLES, TREES = {".html", ".htm", ".xhtml"}, {".csv", ".tsv"}, {".xml", ".rels", ".kml"}
VALUES = {".json", ".jsonl", ".geojson", ".ndjson"}
# What embedded data are said to be, as the ending of a file.
ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "image/svg+xml": ".svg",
    "text/csv": ".csv",
    "application/json": ".json",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "text/css": ".css",
    "text/javascript": ".js",
    "application/javascript": ".js",
}
IS_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
IS_SVG = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE[^>[]*>\s*)?(?:<!--.*?-->\s*)*<svg\b", re.S
)
IS_TREE = re.compile(r"\s*<\?xml\b")


@dataclass
class Budget:
    """What may still be unpacked."""

    unpacked: int = MOST_UNPACKED
    files: int = MOST_FILES


def read(target: Path, passed: Collection[str] = ()) -> Iterator[Piece]:
    """Yield the pieces of a file, or of all files of a folder; places tell paths within it.

    Files of a folder that have passed are left out.
    """
    budget = Budget()
    with _quiet():
        if target.is_dir():
            for path in sorted(target.rglob("*")):
                name = path.relative_to(target).as_posix()
                if name not in passed and (path.is_symlink() or not path.is_dir()):
                    yield from _file(path, Place(shown_name(name)), budget)
        else:
            yield from _file(target, Place(shown_name(target.name)), budget)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep readers from speaking of what a file lacks: what matters is told as a finding."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _file(path: Path, place: Place, budget: Budget) -> Iterator[Piece]:
    if path.is_symlink() or not path.is_file():
        yield Fact(place, UNREADABLE, path.name)
        return
    try:
        data = b"" if path.stat().st_size > MOST_BYTES else path.read_bytes()
        large = path.stat().st_size > MOST_BYTES
    except OSError as error:
        yield Fact(place, UNREADABLE, error.strerror or path.name)
        return
    if large:
        yield Fact(place, UNREADABLE, f"> {MOST_BYTES // MEBI} MiB")
    else:
        yield from _pieces(budget, 0, place, data, path.suffix.lower())


def _pieces(budget: Budget, depth: int, place: Place, data: bytes, kind: str) -> Iterator[Piece]:
    """Yield the pieces of a file's bytes; `kind` is its ending or the type it is said to be."""
    if depth > DEEPEST:
        yield Fact(place, UNREADABLE, f"> {DEEPEST}")
        return
    try:
        yield from _by_reader(budget, depth, place, data, ENDINGS.get(kind, kind))
    except Exception as error:  # a damaged or hostile file must not end the gate: it is told
        yield Fact(place, UNREADABLE, type(error).__name__)


def _by_reader(budget: Budget, depth: int, place: Place, data: bytes, kind: str) -> Iterator[Piece]:
    """Choose the reader by what the bytes are, then by what they are called."""
    inner = partial(_pieces, budget, depth + 1)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield from _archive(budget, place, data, inner)
    elif b"%PDF-" in data[:1024]:  # a PDF may begin with something else
        from icanalysis.read_files import paper  # takes a while to load

        yield from paper(place, data, inner)
    elif data.startswith(PICTURES):
        from icanalysis.read_files import picture

        yield from picture(place, data)
    elif b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield Fact(place, UNREADABLE, kind)
    else:
        yield from _text(place, data, kind, inner)


def _text(place: Place, data: bytes, kind: str, inner: partial[Iterator[Piece]]) -> Iterator[Piece]:
    text = read_text.decoded(data)
    if kind == ".ipynb" or (kind in VALUES and '"nbformat"' in text and '"cells"' in text):
        from icanalysis.read_notebook import pieces

        yield from pieces(place, text, inner)
    elif kind in PAGES or IS_PAGE.match(text[:4096]):
        yield from html(place, text, inner)
    elif kind == ".svg" or IS_SVG.match(text[:4096]):
        yield from svg(place, data, inner)
    elif kind in TABLES:
        yield from read_text.table(place, text)
    elif kind in VALUES:
        yield from read_text.json_text(place, text)
    elif kind in TREES or IS_TREE.match(text[:4096]):
        yield from read_text.xml(place, data)
    else:
        if kind in (".js", ".mjs", ".css"):
            yield Element(place, "style" if kind == ".css" else "script", {}, text)
        yield from read_text.printed(place, text)


def _archive(
    budget: Budget, place: Place, data: bytes, inner: partial[Iterator[Piece]]
) -> Iterator[Piece]:
    """Yield the pieces of what an archive holds, each file's place named after both."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        budget.files -= len(members)
        budget.unpacked -= sum(info.file_size for info in members)
        if budget.files < 0 or budget.unpacked < 0:
            yield Fact(place, UNREADABLE, f"> {MOST_UNPACKED // MEBI} MiB")
            return
        bombs = [info for info in members if _is_bomb(info)]
        if "xl/workbook.xml" in archive.namelist() and not bombs:
            from icanalysis.read_files import workbook

            yield from workbook(place, data, inner)
            return
        for info in members:
            name = shown_name(info.filename)
            where = Place(f"{place.file}!{name}", place.steps)
            if leads_outside(info.filename):
                yield Fact(where, "archive", name)
            if info in bombs or info.flag_bits & 1:  # or encrypted
                yield Fact(where, UNREADABLE, name)
            else:
                yield from _member(archive, info, where, inner)


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: Place, inner: partial[Iterator[Piece]]
) -> Iterator[Piece]:
    try:
        data = archive.read(info)
    except Exception as error:  # one damaged member: the others are still read
        yield Fact(where, UNREADABLE, type(error).__name__)
        return
    yield from inner(where, data, PurePosixPath(info.filename).suffix.lower())


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    shrunk = info.file_size > MOST_SHRUNK * max(info.compress_size, 1)
    return info.file_size > MOST_BYTES or (shrunk and info.file_size > SMALL)
