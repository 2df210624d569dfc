"""What may not be shared: each kind of finding, why it matters, and what to do."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from icanalysis.language import Language, Message, msg
from icanalysis.pieces import UNSEEN, Place

# A finding quotes no more than this.
MOST_QUOTED = 80
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Kind:
    """Why findings of a kind matter, and what to do about one."""

    why: Message
    remedy: Message


REMAKE = msg("correct it in the notebook or data, and make the page again")
KINDS: dict[str, Kind] = {
    "small-cell": Kind(
        msg("so few people can be recognised by their neighbours"),
        msg("withhold the figure, or join it with a larger group"),
    ),
    "row-level": Kind(
        msg("each row is a person or household"),
        msg("show totals or means of groups instead of rows"),
    ),
    "producer": Kind(
        msg("it stands in the producers' file, and leads to one of them"),
        msg("take it out; tell of groups"),
    ),
    "national-id": Kind(msg("it identifies a person"), msg("take it out")),
    "tax-number": Kind(msg("it identifies a taxpayer"), msg("take it out")),
    "phone": Kind(msg("it reaches a person"), msg("take it out")),
    "e-mail": Kind(msg("it reaches a person"), msg("take it out, or name the office instead")),
    "coordinates": Kind(
        msg("a point on the map leads to a home or workshop"),
        msg("name the district or province instead"),
    ),
    "path": Kind(
        msg("it tells of the machine and of who used it"),
        msg("use a path relative to the workbook, and make the page again"),
    ),
    "user-name": Kind(
        msg("it tells who made the file"),
        msg("clear the file's properties before sharing it"),
    ),
    "traceback": Kind(
        msg("it shows code, paths and values of the data"),
        msg("correct what failed, and make the page again"),
    ),
    "secret": Kind(
        msg("whoever reads it can use it"),
        msg("take it out, and have it revoked: it must count as known"),
    ),
    "widget-state": Kind(
        msg("a control keeps the data it was given, shown or not"),
        msg("clear the widgets' state and save the notebook again"),
    ),
    "hidden": Kind(
        msg("who shares it does not see it; who receives it can"),
        msg("delete it, or show it"),
    ),
    "comment": Kind(
        msg("it was written for colleagues, and travels along"),
        msg("delete it"),
    ),
    "active": Kind(
        msg("it runs on the machine of whoever opens the page"),
        REMAKE,
    ),
    "foreign-style": Kind(
        msg("a style sheet that is not this package's can hide or change what is shown"),
        msg("take the style out, or show the table by the package's own means"),
    ),
    "remote": Kind(
        msg("it is loaded from elsewhere: it may change, fail, and tells who reads"),
        msg("put it into the page itself, or make it a plain link"),
    ),
    "formula": Kind(
        msg("a spreadsheet would run it as a formula"),
        msg("write the value, or put an apostrophe before it"),
    ),
    "unbadged": Kind(
        msg("a simulated figure could be taken for a real one"),
        msg("say that it is simulated in its table or section"),
    ),
    "unseen-characters": Kind(
        msg("they make a text read otherwise than it is"),
        REMAKE,
    ),
    "archive": Kind(
        msg("unpacked carelessly, it writes outside its folder"),
        msg("pack it again, from inside its folder"),
    ),
    UNREADABLE: Kind(
        msg("what cannot be read cannot be vouched for"),
        msg("repair, convert or remove the file"),
    ),
    "exception-incomplete": Kind(
        msg("an exception counts only with all of kind, place, who, reason and expires"),
        msg("complete it, or remove it"),
    ),
    "exception-expired": Kind(
        msg("it was allowed until a day that has passed"),
        msg("decide again and date it anew, or remove it"),
    ),
    "exception-unused": Kind(
        msg("it allows something that is not there, and could hide what comes"),
        msg("remove it"),
    ),
}


@dataclass(frozen=True)
class Finding:
    """One thing that may not be shared: its kind, place, and enough of it to be found."""

    kind: str
    place: Place
    found: str

    @property
    def order(self) -> tuple[object, ...]:
        """Sort by it: by place, then by kind."""
        return (*self.place.order, (self.kind, self.found))

    def told(self, reader: Language) -> str:
        """Word the finding on one line, without the file."""
        kind = KINDS[self.kind]
        where = self.place.told(reader)
        what = reader.say("found “{found}”", found=self.found) if self.found else ""
        head = ", ".join(part for part in (where, what) if part)
        return f"[{self.kind}] {head}: {reader.say(kind.why)} → {reader.say(kind.remedy)}"

    def record(self, reader: Language) -> dict[str, str]:
        """Return the finding as `--json` writes it."""
        kind = KINDS[self.kind]
        return {
            "kind": self.kind,
            "file": self.place.file,
            "place": str(self.place),
            "found": self.found,
            "why": reader.say(kind.why),
            "remedy": reader.say(kind.remedy),
        }


def finding(kind: str, place: Place, found: str) -> Finding:
    """Make a finding that quotes a text: on one line, cut, and with what is unseen spelt out."""
    told = UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", " ".join(found.split()))
    return Finding(kind, place, told if len(told) <= MOST_QUOTED else f"{told[:MOST_QUOTED]}…")


def veiled(text: str, shown: int = 2) -> str:
    """Return enough of a secret or identifier to find it, and no more: its beginning and length."""
    text = " ".join(text.split())
    kept = min(shown, len(text) // 3)
    return f"{text[:kept]}…({len(text)})"


def listing(found: Iterable[Finding], reader: Language) -> list[str]:
    """Return lines of text that tell the findings, grouped under their files."""
    lines = []
    for file, items in itertools.groupby(found, lambda each: each.place.file):
        here = list(items)
        lines.append(
            reader.say_count(
                "{file}: {count} finding", "{file}: {count} findings", len(here), file=file
            )
        )
        lines += [f"  - {each.told(reader)}" for each in here]
    return lines
