"""What a published page can be found by: its title, its sections, and the names that stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree, html

# Pictures are most of a page's bytes, and hold no word of it.
_PICTURES = re.compile(rb"data:image/[^\"']*")
_WORD = re.compile(r"[^\W\d_]{3}")
# What stands in these is told by them, or is no statement.
_INSIDE = frozenset({"li", "nav", "table"})
# Pages come from others: what one of them can add to the portal has an end.
MOST_SECTIONS, MOST_NAMES, LONGEST = 200, 80, 200


@dataclass
class Section:
    """A section: its anchor, its heading, and texts.

    `names` are headings below it, captions and what rows are about; `said` its statements, which
    only the first section of a page has: it stands for the whole.
    """

    anchor: str
    heading: str
    names: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outline:
    """A page's title and sections; a page that is none has neither."""

    title: str = ""
    sections: tuple[Section, ...] = ()


def read(page: bytes) -> Outline:
    """Read a page's outline; nothing in it is run or loaded."""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        root = html.document_fromstring(_PICTURES.sub(b"", page), parser=parser)
    except (etree.LxmlError, ValueError):
        return Outline()
    main = next(iter(root.xpath("//main")), root)
    title = next((_text(each) for each in main.iter("h1")), "")
    return Outline(title, tuple(_sections(main)))


def _sections(main: etree._Element) -> Iterator[Section]:
    section: Section | None = None
    number = 0
    for part in main.iter("h2", "h3", "caption", "th", "p", "li"):
        if number > MOST_SECTIONS:
            break
        found = _opened(part)
        if found is not None:
            if section is not None:
                yield section
            section, number = found, number + 1
        elif section is not None:
            _fill(section, part, first=number == 1)
    if section is not None:
        yield section


def _opened(part: etree._Element) -> Section | None:
    """Return the section a heading opens: one with an anchor, or the sheet of an indicator."""
    if part.tag == "h2" and part.get("id"):
        return Section(part.get("id")[:LONGEST], _text(part))
    above = part.getparent()
    if part.tag == "h3" and above is not None and above.tag == "section" and above.get("id"):
        return Section(above.get("id")[:LONGEST], _text(part))
    return None


def _fill(section: Section, part: etree._Element, *, first: bool) -> None:
    if part.tag in ("p", "li"):
        if first and len(section.said) < MOST_NAMES and not _INSIDE.intersection(_above(part)):
            section.said.append(_text(part))
        return
    if len(section.names) >= MOST_NAMES or (part.tag == "th" and part.get("scope") != "row"):
        return
    text = _text(part)
    if text not in section.names and (part.tag != "th" or _WORD.search(text)):
        section.names.append(text)


def _above(part: etree._Element) -> Iterator[str]:
    return (above.tag for above in part.iterancestors())


def _text(part: etree._Element) -> str:
    text = " ".join("".join(part.itertext()).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
