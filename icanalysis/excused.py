"""What somebody allowed to be shared all the same: gate.toml, read and applied."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from icanalysis.errors import DataError, Problem
from icanalysis.findings import KINDS, Finding, finding
from icanalysis.language import msg
from icanalysis.pieces import Place

FILE = "gate.toml"
TEXTS = ("kind", "place", "who", "reason")


@dataclass(frozen=True)
class Excuse:
    """One exception of the file, `number` in its order; `lacks` names what it is without."""

    number: int
    kind: str
    place: str
    expires: datetime.date | None
    lacks: tuple[str, ...]

    def counts(self, today: datetime.date) -> bool:
        """Whether it is whole and has not expired."""
        return not self.lacks and self.expires is not None and self.expires >= today

    def allows(self, found: Finding) -> bool:
        """Whether it is about this finding."""
        return self.kind == found.kind and fnmatchcase(str(found.place), self.place)


def read(path: Path) -> tuple[Excuse, ...]:
    """Read the exceptions of a file.

    Raises
    ------
    DataError
        If it is no TOML, or holds anything but a list of exceptions.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(path, str(error)) from None
    listed = entries.pop("exceptions", [])
    if (
        entries
        or not isinstance(listed, list)
        or not all(isinstance(item, dict) for item in listed)
    ):
        raise _refused(path, ", ".join(entries) or "exceptions")
    return tuple(_excuse(number, item) for number, item in enumerate(listed, 1))


def _refused(path: Path, found: str) -> DataError:
    return DataError(
        [
            Problem(
                path.name,
                msg("it is not a list of exceptions"),
                msg("write [[exceptions]] with kind, place, who, reason and expires"),
                found=found,
            )
        ]
    )


def _excuse(number: int, entry: dict[str, Any]) -> Excuse:
    texts = {name: str(entry.get(name, "")).strip() for name in TEXTS}
    expires = entry.get("expires")
    if isinstance(expires, datetime.datetime):
        expires = expires.date()
    lacks = [name for name in TEXTS if not texts[name]]
    lacks += [] if isinstance(expires, datetime.date) else ["expires"]
    lacks += ["kind"] if texts["kind"] and texts["kind"] not in KINDS else []
    day = expires if isinstance(expires, datetime.date) else None
    return Excuse(number, texts["kind"], texts["place"], day, tuple(lacks))


def applied(
    found: Sequence[Finding],
    excuses: Sequence[Excuse],
    file: str,
    today: datetime.date,
    only: str = "",
) -> list[Finding]:
    """Return the findings nobody allowed, and what is wrong with the exceptions themselves.

    `only` is the one file that was read, if it was no folder: exceptions for others then wait.
    """
    good = [excuse for excuse in excuses if excuse.counts(today)]
    left = [each for each in found if not any(excuse.allows(each) for excuse in good)]
    for excuse in excuses:
        place = Place(file).at("exception", excuse.number)
        if excuse.lacks:
            left.append(finding("exception-incomplete", place, ", ".join(excuse.lacks)))
        elif not excuse.counts(today):
            left.append(finding("exception-expired", place, str(excuse.expires)))
        elif not any(map(excuse.allows, found)):
            about = excuse.place.partition(": ")[0]
            if not only or fnmatchcase(only, about):
                left.append(finding("exception-unused", place, f"{excuse.kind}: {excuse.place}"))
    return left
