"""What codes are called: statuses, how a change may be read, places in a source."""

from __future__ import annotations

import re

from icanalysis.language import Language


def status(code: str, language: Language) -> str:
    """Name a status: a shape and a word, so that colour is never alone."""
    words = {
        "achieved": "● " + language.say("achieved"),
        "on_track": "◕ " + language.say("on track"),
        "moderate": "◑ " + language.say("moderate"),
        "off_track": "◔ " + language.say("off track"),
        "not_known": "○ " + language.say("not known"),
        "used": language.say("used"),
        "also_reported": language.say("also published"),
    }
    return words[code]


def change_status(code: str, language: Language) -> str:
    """Say in a few words how a change may be read."""
    words = {
        "depends_on_baseline": language.say("rise or fall, according to the baseline year"),
        "no_interval": language.say("no margin of error published for these years"),
        "sensitivity": language.say("another baseline year, for comparison"),
        "no_data": language.say("not known: the series does not cover these years"),
        "not_comparable": language.say("not comparable: the method changed"),
    }
    return words[code]


def source(text: str, language: Language) -> str:
    """Write the sources of a line in the reader's words: "P1: section 4, bullet 2"."""
    words = {
        "section": language.say("section"),
        "bullet": language.say("bullet"),
        "paragraph": language.say("paragraph"),
        "opening text": language.say("opening text"),
        "main achievements": language.say("main achievements"),
        "cover": language.say("cover"),
        "foreword": language.say("foreword"),
        "signature pages": language.say("signature pages"),
        "results framework, not read": language.say("results framework, not read"),
    }
    for english, word in words.items():
        text = re.sub(rf"\b{re.escape(english)}\b", word, text)
    return text
