"""A page as it goes on paper: what only a screen needs is left out, folded tables make an annex.

Who reads on paper, or is sent nothing but this file, has no fold to open: the table behind each
chart stands at the end, in smaller type, and where it was folded a line leads to it.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from icanalysis import phone
from icanalysis.language import Language

# Characters of a table's type that stand side by side, and those of the smaller one. A table whose
# columns need most of the first is set in the smaller.
ROOM, SMALLER = 112, 136
FULL = 90
# An address is broken anywhere, and where there is no room, so is a number with its interval.
ADDRESS, NUMBER = 24, 13
# All that pandoc is told of an element; the rest is for browsers.
KEPT = frozenset({"alt", "colspan", "data-typst:fill", "href", "id", "rowspan", "src", "style"})
STYLED = ("annex", "badge", "chart", "contents", "note", "smaller")  # paper.typ says how
_CLASSED = {
    "p": "div",
    "strong": "span",
}  # elements whose class pandoc does not know, and those it does


def lay_out(soup: BeautifulSoup, reader: Language, pictures: Path) -> Tag:
    """Return the content of a page for paper, whose pictures are written into a folder.

    The page itself is changed.
    """
    main = soup.main or soup
    for line in main.find_all("p", class_="about"):  # the sheets it leads to are pages of their own
        line.decompose()
    for contents in main.find_all("nav"):  # on paper they have numbers of pages
        contents.string, contents.name = str(contents.get("aria-label", "")), "div"
    _unfold(soup, main, reader)
    _unlink(main)
    for number, picture in enumerate(main.find_all("img"), 1):
        path = pictures / f"{number}.png"
        path.write_bytes(base64.b64decode(str(picture["src"]).partition(",")[2]))
        picture["src"] = path.name
    for table in main.find_all("table"):
        _fit(soup, table)
    _plain(main)
    return main


def _unfold(soup: BeautifulSoup, main: Tag, reader: Language) -> None:
    """Move what is folded to an annex, under the headings of the parts it comes from."""
    annex: dict[str, list[Tag]] = {}
    for number, fold in enumerate(main.find_all("details"), 1):
        part = fold.find_previous("h2")
        told = fold.summary.extract().get_text(strip=True) if fold.summary else ""
        label = reader.say("table A{number}", number=str(number))
        place = soup.new_tag("p", attrs={"class": "note"}, string=f"{told}: ")
        place.append(soup.new_tag("a", attrs={"href": f"#annex-{number}"}, string=label))
        fold.replace_with(place)
        fold.name, fold.attrs = "div", {"class": "annex", "id": f"annex-{number}"}
        if fold.caption:
            fold.caption.insert(0, f"A{number}. ")
        annex.setdefault(part.get_text() if part else "", []).append(fold)
    if annex:
        main.append(soup.new_tag("h2", string=reader.say("Annex: tables")))
    for title, folds in annex.items():
        main.extend([soup.new_tag("h3", string=title), *folds])


def _unlink(main: Tag) -> None:
    """Keep links to the web and within the page: what others lead to is not beside a paper."""
    for link in main.find_all("a"):
        if not str(link.get("href", "")).startswith(("#", "https://", "http://")):
            link.unwrap()
    wanted = {str(link["href"])[1:] for link in main.find_all("a")}
    for named in main.find_all(id=True):
        if str(named["id"]) in wanted:
            wanted.remove(str(named["id"]))  # a name that is there twice leads to the first
        else:
            del named["id"]


def _fit(soup: BeautifulSoup, table: Tag) -> None:
    """Set numbers to the right, shade gaps and, where cells have to break, divide the line."""
    rows = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
    for cell in (cell for row in rows for cell in row):
        kinds = _kinds(cell)
        cell["style"] = f"text-align: {'right' if 'number' in kinds else 'left'}"
        if cell.name == "td" and "unknown" in kinds:
            cell["data-typst:fill"] = "unknown"
    if not any(rows) or table.find(colspan=True) or table.find(rowspan=True):
        return
    columns = list(zip(*rows, strict=True))
    if sum(max(map(_length, column)) + phone.GAP for column in columns) <= ROOM:
        return
    least = [max(map(_least, column)) + phone.GAP for column in columns]
    smaller = sum(least) > FULL
    group = soup.new_tag("colgroup")
    for share in _shares(columns, least, SMALLER if smaller else ROOM):
        group.append(soup.new_tag("col", attrs={"style": f"width: {share:.1%}"}))
    if table.caption:
        table.caption.insert_after(group)
    else:
        table.insert(0, group)
    if smaller:
        table.wrap(soup.new_tag("div", attrs={"class": "smaller"}))


def _shares(columns: Sequence[Sequence[Tag]], least: Sequence[float], room: float) -> list[float]:
    """Divide a line: what each column needs, and of the rest as much as it holds beyond that."""
    beyond = [
        max(sum(map(_length, column)) / len(column) - needed, 1)
        for column, needed in zip(columns, least, strict=True)
    ]
    spare = max(room - sum(least), 0) / sum(beyond)
    widths = [needed + spare * more for needed, more in zip(least, beyond, strict=True)]
    return [width / sum(widths) for width in widths]


def _length(cell: Tag) -> int:
    return len(cell.get_text(" ", strip=True))


def _least(cell: Tag) -> int:
    kinds = _kinds(cell)
    if "address" in kinds:
        return ADDRESS
    return min(phone.least(cell), NUMBER) if "number" in kinds else phone.least(cell)


def _kinds(element: Tag) -> list[str]:
    kinds: str | list[str] = element.get("class") or []
    return kinds.split() if isinstance(kinds, str) else list(kinds)


def _plain(main: Tag) -> None:
    """Leave the elements and attributes that mean something on paper."""
    for element in [main, *main.find_all(True)]:
        kinds = [kind for kind in _kinds(element) if kind in STYLED]
        element.attrs = {name: value for name, value in element.attrs.items() if name in KEPT}
        if kinds:
            element["class"] = kinds[0]
            element.name = _CLASSED.get(element.name, element.name)
        if element.name in ("div", "figure", "figcaption", "section") and not kinds:
            element.unwrap()
