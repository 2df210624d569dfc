"""Workbooks, PDF and pictures in pieces, with what their formats keep out of sight."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

import openpyxl
import pypdf
from openpyxl.packaging.core import DocumentProperties
from openpyxl.worksheet.worksheet import Worksheet
from PIL import ExifTags, Image

from icanalysis.pieces import Fact, Grid, Piece, Place, Words
from icanalysis.read_markup import Inner

# A picture of more pixels is not opened: a chart has one million.
MOST_PIXELS = 60_000_000
MOST_PAGES = 2_000
# A sheet with one cell far down and far to the right has billions between.
MOST_CELLS = 5_000_000
# Programs that sign as an author.
PROGRAMS = frozenset({"openpyxl", "icanalysis", "matplotlib", "python"})
# Parts of a workbook that its own reader leaves aside.
ASIDE = re.compile(
    r"(?:xl/(?:media|embeddings|drawings|charts|pivotCache|queryTables|threadedComments|persons)"
    r"|customXml|docProps)/(?!.*\.vml)|xl/connections\.xml|.*\.rels$"
)
# Parts that say by being there what the workbook does or keeps, and their finding's kind.
TELLING = {"vbaProject": "active", "xl/externalLinks/": "remote", "xl/pivotCache/": "hidden"}
# How properties of a PDF begin: their format asks for a byte order mark there.
PACKET_MARK = '<?xpacket begin="\ufeff"'
PDF_ACTIONS = ("/JS", "/JavaScript", "/Launch", "/OpenAction", "/AA", "/RichMedia")


def workbook(place: Place, data: bytes, inner: Inner) -> Iterator[Piece]:
    """Yield the pieces of an XLSX file: all sheets, hidden ones too, comments, names, properties."""
    book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    yield from _properties(place.at("metadata", "workbook"), book.properties)
    for name, defined in book.defined_names.items():
        yield Words(place.at("name", name), f"{name}: {defined.attr_text}", "metadata")
        if defined.hidden:
            yield Fact(place.at("name", name), "hidden", name)
    for sheet in book.worksheets:
        yield from _sheet(place.at("sheet", sheet.title), sheet)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for info in parts.infolist():
            where = place.at("name", info.filename)
            for part, kind in TELLING.items():
                if part in info.filename and not info.filename.endswith(".rels"):
                    yield Fact(where, kind, info.filename)
            if ASIDE.match(info.filename):
                yield from inner(where, parts.read(info), PurePosixPath(info.filename).suffix)


def _properties(place: Place, properties: DocumentProperties) -> Iterator[Piece]:
    for name in properties.__elements__:
        value = getattr(properties, name)
        if value is not None:
            yield Words(place.at("key", name), f"{name}: {value}", "metadata")
            if name in ("creator", "lastModifiedBy"):
                yield from author(place.at("key", name), str(value))


def author(place: Place, name: str) -> Iterator[Piece]:
    """Yield that a file names its author, unless that is a program."""
    words = name.casefold().split()
    if words and words[0] not in PROGRAMS:
        yield Fact(place, "user-name", name)


def _sheet(place: Place, sheet: Worksheet) -> Iterator[Piece]:
    if sheet.max_row * sheet.max_column > MOST_CELLS:
        yield Fact(place, "unreadable", f"{sheet.max_row} × {sheet.max_column}")
        return
    yield from _hidden(place, sheet)
    rows = []
    for cells in sheet.iter_rows():
        for cell in cells:
            where = place.at("cell", cell.coordinate)
            if cell.value is not None:
                yield Words(where, str(cell.value))
            if cell.comment is not None:
                yield Fact(where, "comment", cell.comment.text)
                yield Words(where, cell.comment.text, "metadata")
                yield from author(where, cell.comment.author or "")
        rows.append(tuple("" if cell.value is None else str(cell.value) for cell in cells))
    start = next((number for number, row in enumerate(rows) if any(row)), None)
    if start is not None:
        header, below = rows[start], tuple(rows[start + 1 :])
        yield Grid(place, header, below, sheet.title, spreadsheet=True, first=start + 2)


def _hidden(place: Place, sheet: Worksheet) -> Iterator[Piece]:
    if sheet.sheet_state != "visible":
        yield Fact(place, "hidden", sheet.title)
    for number, row in sheet.row_dimensions.items():
        if row.hidden:
            yield Fact(place.at("row", number), "hidden", str(number))
    for letter, column in sheet.column_dimensions.items():
        if column.hidden:
            yield Fact(place.at("column", letter), "hidden", letter)


def paper(place: Place, data: bytes, inner: Inner) -> Iterator[Piece]:
    """Yield the pieces of a PDF: texts, annotations, properties, attachments, what would run."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted or len(reader.pages) > MOST_PAGES:
        yield Fact(place, "unreadable", place.file)
        return
    for name, value in (reader.metadata or {}).items():
        where = place.at("metadata", name.strip("/"))
        yield Words(where, f"{name.strip('/')}: {value}", "metadata")
        if name == "/Author":
            yield from author(where, str(value))
    packet = reader.root_object.get("/Metadata")
    if packet is not None:
        told = packet.get_object().get_data().decode("utf-8", errors="replace")
        told = told.replace(PACKET_MARK, "", 1)
        yield Words(place.at("metadata", "XMP"), told, "metadata")
    yield from _actions(place, reader.root_object)
    for number, page in enumerate(reader.pages, 1):
        where = place.at("page", number)
        yield from (
            Words(where.at("line", line), text)
            for line, text in enumerate(page.extract_text().splitlines(), 1)
            if text.strip()
        )
        yield from _actions(where, page)
        for annotation in page.get("/Annots") or []:
            yield from _annotation(where, annotation.get_object())
    for name, parts in reader.attachments.items():
        for part in parts:
            yield Fact(place.at("attachment", name), "hidden", name)
            yield from inner(place.at("attachment", name), part, "")


def _annotation(place: Place, note: pypdf.generic.DictionaryObject) -> Iterator[Piece]:
    yield from _actions(place, note)
    yield from _actions(place, note.get("/A") or pypdf.generic.DictionaryObject())
    if note.get("/Contents"):
        if note.get("/Subtype") != "/Link":  # a link's tell where it leads to who does not see it
            yield Fact(place, "comment", str(note["/Contents"]))
        yield Words(place, str(note["/Contents"]), "metadata")


def _actions(place: Place, item: pypdf.generic.DictionaryObject) -> Iterator[Piece]:
    """Yield what an object of a PDF would do; opening it at a page is no more than that."""
    for name in PDF_ACTIONS:
        action = item.get(name)
        if action is not None and not isinstance(action.get_object(), list):
            yield Fact(place, "active", name)
    if str(item.get("/S", "")) in PDF_ACTIONS:
        yield Fact(place, "active", str(item["/S"]))


def picture(place: Place, data: bytes) -> Iterator[Piece]:
    """Yield what a picture says besides what it shows: EXIF, XMP, texts of a PNG, what follows it."""
    with Image.open(io.BytesIO(data)) as image:
        if image.width * image.height > MOST_PIXELS:
            yield Fact(place, "unreadable", f"{image.width} × {image.height}")
            return
        image.load()  # a PNG may keep texts behind its pixels, and damage shows only here
        exif = image.getexif()
        facts = {ExifTags.TAGS.get(tag, str(tag)): value for tag, value in exif.items()}
        facts |= {
            ExifTags.TAGS.get(tag, str(tag)): value
            for tag, value in exif.get_ifd(ExifTags.IFD.Exif).items()
        }
        located = exif.get_ifd(ExifTags.IFD.GPSInfo)
        said = {**image.info, **getattr(image, "text", {})}
    if located:
        yield Fact(place.at("metadata", "GPS"), "coordinates", "GPS")
    if data.startswith(b"\x89PNG") and data.rpartition(b"IEND")[2][4:]:
        yield Fact(place, "hidden", "PNG")
    yield from _said(place, facts | {str(key): value for key, value in said.items()})


def _said(place: Place, facts: dict[str, object]) -> Iterator[Piece]:
    for name, value in facts.items():
        where = place.at("metadata", name)
        if isinstance(value, bytes):
            value = value.decode("utf-8", errors="ignore").strip("\0")
        if isinstance(value, str) and value.strip() and name not in ("exif", "icc_profile"):
            yield Words(where, f"{name}: {value}", "metadata")
            if name.casefold() in ("artist", "author", "xpauthor", "cameraownername"):
                yield from author(where, value)
