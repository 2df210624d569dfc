"""Pages on a phone: a table too wide for it folds into a card for each row, a chart scrolls.

Done when a page is made, not when a table is: a notebook's stored tables stay short to read in a
diff, and a table that another tool laid out folds too.
"""

from __future__ import annotations

from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag

# Characters of a table's small type that stand side by side on a narrow phone.
ROOM = 46
# A column of longer texts is readable if it has room for this many; less is one word a line.
COLUMN = 14
GAP = 2


def fold(page: BeautifulSoup) -> None:
    """Mark, for the style sheet, the tables of a page that a phone cannot show side by side.

    Every cell of such a table carries its column's title, to be shown before it, and every row the
    caption's badge. A browser that
    lays rows out as blocks may forget that they are rows, so their roles are spelled out. A table
    with merged cells has no one title for each cell: it is left to scroll.
    """
    for table in page.select("figure.table table"):
        rows = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
        head, merged = table.select("thead tr"), table.select("[colspan], [rowspan]")
        if len(head) == 1 and not merged and _needed(rows) > ROOM:
            _mark(table, [cell.get_text(" ", strip=True) for cell in rows[0]])


def frame(page: BeautifulSoup, name: str) -> None:
    """Put each picture in a frame of that name, in which a phone scrolls it sideways.

    Shrunk to a phone's width, a chart's letters are half as high as the text's. The keyboard
    reaches the frame, as it does a table's.
    """
    for picture in page.select("main img"):
        attributes = {"class": "chart", "role": "group", "tabindex": "0", "aria-label": name}
        picture.wrap(page.new_tag("div", attrs=attributes))


def _needed(rows: Sequence[Sequence[Tag]]) -> int:
    """Characters a table needs side by side: for each column a word, or a number as a whole."""
    columns = zip(*rows, strict=True)
    return sum(max(least(cell) for cell in column) + GAP for column in columns)


def least(cell: Tag) -> int:
    """Return the fewest characters in which a cell can be read."""
    text = cell.get_text(" ", strip=True)
    kinds = set(cell.get("class") or [])
    if cell.name == "td" and kinds & {"number", "short"}:  # the style sheet does not break these
        return len(text)
    longest = max(map(len, text.split()), default=0)
    return longest if cell.get("scope") == "col" else max(min(len(text), COLUMN), longest)


def _mark(table: Tag, titles: list[str]) -> None:
    table["class"] = " ".join([*(table.get("class") or []), "folds"])
    table["role"] = "table"
    for group in table.find_all(["thead", "tbody"]):
        group["role"] = "rowgroup"
    for row in table.find_all("tr"):
        row["role"] = "row"
    for cell in table.select("thead th"):
        cell["role"] = "columnheader"
    badge = table.select_one("caption .badge")
    for row in table.select("tbody tr"):
        if badge is not None and row.th is not None:  # a card may be seen without its caption
            row.th["data-badge"] = badge.get_text(strip=True)
        for cell, title in zip(row.find_all(["th", "td"]), titles, strict=True):
            cell["role"] = "rowheader" if cell.name == "th" else "cell"
            if cell.name == "td":
                cell["data-label"] = title
