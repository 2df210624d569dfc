"""What differs between two runs as wholes, in words: how many figures, and what is on record.

Nothing is called a cause that the runs' records do not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from icanalysis.causes import Causes, Files, Pair
from icanalysis.compare import KINDS, simulated
from icanalysis.language import ABSENT, Language


def summary(figures: pd.DataFrame, found: Causes, language: Language) -> list[str]:
    """Tell in a few sentences how many figures differ, and against what noise."""
    say, number = language.say, language.number
    counts = figures["kind"].value_counts()
    told = _counted(counts, language)
    if counts.get("unchanged", 0) == len(figures):
        return [say("No figure differs: all {count} are the same.", count=number(len(figures)))]
    begun = language.listed(told)
    sentences = [
        say(
            "{told}. Unchanged: {same} of {all}.",
            told=begun[0].upper() + begun[1:],
            same=number(counts.get("unchanged", 0)),
            all=number(len(figures)),
        )
    ]
    moved = figures["noise"].value_counts()
    noise = {
        "beyond": say("beyond their margin of error"),
        "within": say("within their margin of error"),
        "no_margin": say("without a published margin of error"),
    }
    parts = [f"{number(moved[code])} {word}" for code, word in noise.items() if code in moved]
    if parts:
        sentences.append(say("Of the values that moved: {parts}.", parts=language.listed(parts)))
    made_up = int((simulated(figures) & (figures["kind"] != "unchanged")).sum())
    if made_up:
        sentences.append(
            language.say_count(
                "{count} of the figures that differ rests on simulated data.",
                "{count} of the figures that differ rest on simulated data.",
                made_up,
            )
        )
    if not found.data.all and parts:
        sentences.append(
            say(
                "Both runs read the same data, so no move is a matter of sampling; a margin only tells "
                "how much a move matters."
            )
        )
    return sentences


def _counted(counts: pd.Series, language: Language) -> list[str]:
    words = {
        "status": lambda n: language.say_count(
            "{count} figure changes its status", "{count} figures change their status", n
        ),
        "moved": lambda n: language.say_count("{count} value moved", "{count} values moved", n),
        "restated": lambda n: language.say_count(
            "{count} keeps its value with other particulars",
            "{count} keep their value with other particulars",
            n,
        ),
        "appeared": lambda n: language.say_count(
            "{count} figure appeared", "{count} figures appeared", n
        ),
        "vanished": lambda n: language.say_count(
            "{count} figure vanished", "{count} figures vanished", n
        ),
        "rounding": lambda n: language.say_count(
            "{count} differs by rounding only", "{count} differ by rounding only", n
        ),
    }
    return [words[kind](int(counts[kind])) for kind in KINDS if kind in counts]


def differences(found: Causes, language: Language) -> list[str]:
    """List what the records of the runs hold as different, or say that they hold nothing."""
    say = language.say
    first, second = found.failed
    told = [
        *_files(say("Data"), found.data, language),
        *(
            [say("The evaluation's settings, or the description of its data.")]
            if found.settings
            else []
        ),
        *([_code(found.code, language)] if found.code else []),
        *_pairs(say("Libraries"), found.libraries, language, str),
        *_pairs(say("Parameters"), _parameters(found, language), language, _value),
        *_files(say("Notebooks"), found.notebooks, language),
        *(
            [
                say(
                    "What could not be made: {before} → {after}.",
                    before=", ".join(first) or ABSENT,
                    after=", ".join(second) or ABSENT,
                )
            ]
            if first != second
            else []
        ),
    ]
    if not told:
        return [say("The records of the runs hold nothing that differs.")]
    return [
        *told,
        say("Where a figure's own row says nothing of a cause, any of these may be behind it."),
    ]


def _files(what: str, files: Files, language: Language) -> list[str]:
    say = language.say
    parts = {
        say("changed"): files.changed,
        say("added"): files.added,
        say("no longer there"): files.gone,
    }
    told = "; ".join(f"{', '.join(names)} ({word})" for word, names in parts.items() if names)
    return [f"{what}: {told}."] if told else []


def _code(versions: Pair, language: Language) -> str:
    before, after = versions
    if before == after:
        return language.say("Code of icanalysis, of the same version {version}.", version=before)
    return language.say("Code of icanalysis: {before} → {after}.", before=before, after=after)


def _pairs(
    what: str, pairs: Mapping[str, Pair], language: Language, write: Callable[[Any], str]
) -> list[str]:
    told = ", ".join(
        f"{name} {' → '.join(ABSENT if value is None else write(value) for value in pair)}"
        for name, pair in pairs.items()
    )
    return [f"{what}: {told}."] if told else []


def _parameters(found: Causes, language: Language) -> dict[str, Pair]:
    say = language.say
    words = {
        "regions": say("regions"),
        "baseline": say("baseline"),
        "outcome": say("outcome"),
        "languages": say("languages"),
    }
    return {words.get(name, name): pair for name, pair in found.parameters.items()}


def _value(value: object) -> str:
    return " + ".join(map(str, value)) if isinstance(value, list) else str(value)
