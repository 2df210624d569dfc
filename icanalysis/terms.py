"""What codes are called: statuses, how a change may be read, places in a source."""

from __future__ import annotations

import re
from functools import lru_cache

import pandas as pd

from icanalysis.language import Language

SMALLEST_P = 0.001


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
        "distinguishable": language.say("beyond sampling noise"),
        "not_distinguishable": language.say("may be sampling noise"),
    }
    return words[code]


@lru_cache(maxsize=4096)  # many lines share a source
def source(text: str, language: Language) -> str:
    """Write the sources of a line in the reader's words: "P1: section 4, bullet 2"."""
    words = {
        "section": language.say("section"),
        "bullet": language.say("bullet"),
        "paragraph": language.say("paragraph"),
        "page": language.say("page"),
        "table": language.say("table"),
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


def group(code: str, language: Language) -> str:
    """Name a group of households."""
    words = {
        "all": language.say("All"),
        "area:urban": language.say("Urban area"),
        "area:rural": language.say("Rural area"),
        "sex:woman": language.say("Headed by a woman"),
        "sex:man": language.say("Headed by a man"),
        "indigenous_language:true": language.say("Head's mother tongue indigenous"),
        "indigenous_language:false": language.say("Head's mother tongue not indigenous"),
        "sector:agriculture": language.say("Head works in agriculture, fishing or forestry"),
        "sector:industry": language.say("Head works in industry or construction"),
        "sector:services": language.say("Head works in trade or services"),
    }
    return words.get(code, code)


def breakdown(code: str, language: Language) -> str:
    """Name what groups of households differ by."""
    words = {
        "area": language.say("urban or rural area"),
        "sex": language.say("sex of the head of household"),
        "indigenous_language": language.say("mother tongue of the head of household"),
        "sector": language.say("sector the head of household works in"),
    }
    return words.get(code, code)


def survey_source(text: str, language: Language) -> str:
    """Name the survey files of a figure, or say that they are simulated."""
    kind, _, files = text.partition(": ")
    if kind == "simulated":
        seed = files.removeprefix("seed ")
        return language.say("simulated households (seed {seed})", seed=seed)
    return text


def p_value(p: float, language: Language) -> str:
    """Write a p-value: "p = 0.493"; never as nought."""
    if p < SMALLEST_P:
        return f"p\N{NO-BREAK SPACE}<\N{NO-BREAK SPACE}{language.number(SMALLEST_P, 3)}"
    return f"p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{language.number(p, 3)}"


def withheld(language: Language) -> str:
    """Stand for a figure that may not be shown: never a dash, for it is known."""
    return "■ " + language.say("suppressed")


def fact(line: pd.Series, name: str) -> str:
    """Read one of the facts in a line's note; empty if it has none of that name."""
    facts = dict(part.split(":", 1) for part in str(line["note"]).split(";") if ":" in part)
    return facts.get(name, "")


def rule(language: Language, *, simulated: bool = False) -> str:
    """State the rule by which evidence is graded and judged.

    Verdicts on simulated data are those that real data like them would get, and it says so.
    """
    say = language.say
    return " ".join(
        [
            *([if_real(language)] if simulated else []),
            say(
                "Strong: a comparison whose groups moved alike before and, where people are followed, whose "
                "result and interval stand whatever became of those one group lost in excess (Lee's bounds). "
                "Moderate: a comparison where one of the two could not be tested. Weak: before and after "
                "without comparison, or a comparison that earlier trends or those lost could explain. "
                "Descriptive: counts, and figures in which the programme could not show."
            ),
            *([] if simulated else [say("None: invented data, or not known.")]),
            say(
                "A change is called better or worse only if its p is at most 0.05, adjusted for all that "
                "was tested together, and its 95% interval excludes zero; a group's, only where that of all "
                "together is. The reports of other regions are tests of their own: the more are read, the "
                "likelier one of them is wrong."
            ),
        ]
    )


def if_real(language: Language) -> str:
    """Say what verdicts on simulated data are."""
    return language.say(
        "These data are simulated: the verdicts are those the report would give if they were real."
    )
