"""What the portal's search looks through: every page's title, sections and names, each text once.

The script of the portal reads it (`templates/portal.js`). Numbers are written in letters: rows of
digits could be taken for somebody's telephone, by people and by the gate.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from urllib.parse import quote

from icanalysis.ledger import Entry, Page
from icanalysis.outline import Section
from icanalysis.pieces import shown_name


def address(*parts: str) -> str:
    """Write the address of what lies in the portal's folder; no part of it can lead elsewhere."""
    # Bytes that are no text stay the bytes they were.
    path = "/".join(parts).encode("utf-8", "surrogateescape")
    return f"./{quote(path)}"


def table(
    entries: Sequence[Entry],
    code: str,
    labels: Mapping[str, str],
    whole: Collection[str],
    listed: Callable[[Entry, str], Iterable[Page]],
) -> dict[str, object]:
    """Lay out what is searched of runs, in one language.

    Parameters
    ----------
    entries : sequence of Entry
        In the order results are told.
    labels : mapping
        What a run is called in results, by its name.
    whole : collection of str
        Names of the runs whose statements are searched too; of others only headings and names.
    listed : callable
        The pages of a run that a reader of the language is shown.

    Returns
    -------
    dict
        texts; outlines, each a list of sections: anchor, heading, then names, all places in texts;
        runs: address, label and name; pages: run, file and title, and the place of its outline.
    """
    texts = _Places()
    outlines = _Places()
    pages = []
    for number, entry in enumerate(entries):
        said = entry.name in whole
        for page in listed(entry, code):
            rows = ";".join(
                _letters(map(texts.place, _texts(section, said=said)))
                for section in page.outline.sections
            )
            told = (quote(page.file), page.outline.title or page.stem)
            numbers = (number, *map(texts.place, told), outlines.place(rows))
            pages.append(_letters(numbers))
    return {
        "texts": texts.all,
        "outlines": outlines.all,
        "runs": [
            [f"{address(entry.name)}/", labels[entry.name], shown_name(entry.name)]
            for entry in entries
        ],
        "pages": pages,
    }


def _texts(section: Section, *, said: bool) -> list[str]:
    return [section.anchor, section.heading, *section.names, *(section.said if said else ())]


class _Places:
    """Texts, each once, and where each stands."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, text: str) -> int:
        return self._places.setdefault(text, len(self._places))

    @property
    def all(self) -> list[str]:
        return list(self._places)


def _letters(numbers: Iterable[int]) -> str:
    return " ".join(map(letters, numbers))


def letters(number: int) -> str:
    """Write a number in letters: a, b, ... z, ba, bb."""
    told = ""
    while True:
        number, digit = divmod(number, len(string.ascii_lowercase))
        told = string.ascii_lowercase[digit] + told
        if not number:
            return told
