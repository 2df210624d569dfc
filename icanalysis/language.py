"""The two languages: words through gettext catalogues, numbers through Babel.

Code is written with English sentences; `locale/es.po` holds the Spanish ones.
Nothing here knows what the sentences are about.
"""

from __future__ import annotations

import datetime
import gettext
import io
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

Code = Literal["es", "en"]
CODES: tuple[Code, ...] = get_args(Code)
LOCALE_DIR = Path(__file__).parent / "locale"
# Where a number is missing, in both languages.
ABSENT = "—"
# Before these, Spanish says "e" for "y" and "u" for "o".
_SOUNDS_LIKE = {
    "and": re.compile(r"h?[ií](?![aeo])", re.IGNORECASE),
    "or": re.compile(r"h?[oó]|8|11\b", re.IGNORECASE),
}


@dataclass(frozen=True)
class Message:
    """A sentence still to be worded: its English text and the values it names.

    A value may be a message itself, so that errors raised far from the reader
    are worded once it is known who reads.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


def msg(text: str, /, **values: object) -> Message:
    """Mark `text` for translation and keep the values it will name."""
    return Message(text, values)


@dataclass(frozen=True)
class Language:
    """One reader's language: how sentences and numbers are written for them."""

    code: Code
    locale: str

    def say(self, text: str | Message, /, **values: object) -> str:
        """Word a sentence; `{name}` in it is replaced by the value of that name."""
        if isinstance(text, Message):
            return self.say(text.text, **text.values)
        template = _catalogue(self.code).gettext(text)
        return template.format(**self._worded(values))

    def say_count(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Word a sentence in its singular or plural; `{count}` is the number."""
        template = _catalogue(self.code).ngettext(one, many, count)
        return template.format(**self._worded({**values, "count": self.number(count)}))

    def number(self, value: float, decimals: int | None = None, *, signed: bool = False) -> str:
        """Write a number; as many decimals as it has, up to three, unless told.

        A missing number is a dash, and minus is the typographic sign. Halves are rounded away
        from zero, as readers do by hand: 89.05 is 89.1, although its binary form lies below.
        """
        if value is None or math.isnan(value):
            return ABSENT
        pattern = (
            "#,##0.###" if decimals is None else "#,##0" + "." * (decimals > 0) + "0" * decimals
        )
        places = Decimal(1).scaleb(-(3 if decimals is None else decimals))
        # Nine decimals drop the binary noise of sums and differences of published numbers.
        rounded = Decimal(repr(round(float(value), 9))).quantize(places, ROUND_HALF_UP)
        text = str(format_decimal(abs(rounded), format=pattern, locale=self.locale))
        sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + text

    def date(self, text: str) -> str:
        """Write a date given as year, year-month or year-month-day."""
        parts = [int(part) for part in text.split("-")]
        if len(parts) == 1:
            return text
        day = datetime.date(*parts, *([1] if len(parts) == 2 else []))
        if len(parts) == 2:
            return str(format_skeleton("yMMMM", day, locale=self.locale))
        return str(format_date(day, "long", locale=self.locale))

    def listed(self, items: list[str], word: Literal["and", "or"] = "and") -> str:
        """Join items as a sentence does: "a, b and c"; in Spanish also "a e ica", "a u once"."""
        if len(items) < 2:
            return "".join(items)
        parts = {"rest": ", ".join(items[:-1]), "last": items[-1]}
        if self.code == "es" and _SOUNDS_LIKE[word].match(items[-1]):
            return f"{parts['rest']} {'e' if word == 'and' else 'u'} {parts['last']}"
        if word == "and":
            return self.say("{rest} and {last}", **parts)
        return self.say("{rest} or {last}", **parts)

    def _worded(self, values: Mapping[str, object]) -> dict[str, object]:
        return {
            name: self.say(value) if isinstance(value, Message) else value
            for name, value in values.items()
        }


def language(code: str, locale: str | None = None) -> Language:
    """Return the language with this code, written the way `locale` does (es_PE, en_GB)."""
    if code not in CODES:
        raise ValueError(f"language is {code!r}; choose one of: {', '.join(CODES)}.")
    known: Code = "es" if code == "es" else "en"
    return Language(known, locale or {"es": "es_PE", "en": "en_GB"}[known])


def locale_exists(name: str) -> bool:
    """Tell whether numbers can be written the way of this locale, such as es_PE."""
    try:
        return "_" in name and str(Locale.parse(name)) == name
    except (UnknownLocaleError, ValueError):
        return False


def preferred() -> Language:
    """Return the language of whoever runs this: ICANALYSIS_LANGUAGE, else the system's."""
    for name in ("ICANALYSIS_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(name, "")[:2].lower()
        if code in CODES:
            return language(code)
    return language("en")


@cache
def _catalogue(code: Code) -> gettext.NullTranslations:
    """Compile the catalogue in memory, so that only its readable form is kept."""
    path = LOCALE_DIR / f"{code}.po"
    if not path.exists():  # English is what the code says
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
