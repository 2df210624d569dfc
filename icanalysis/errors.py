"""What can go wrong, told to an evaluator: which file, line and column, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from icanalysis.language import Language, Message, msg, preferred


class WorkbookError(Exception):
    """Base of every error raised on purpose: wrong use or bad data, never our fault.

    Shown without a traceback; the command line ends with exit code 2.
    """

    def __init__(self, message: Message) -> None:
        super().__init__(message.text)
        self.message = message

    def told(self, language: Language) -> str:
        """Word the error for its reader."""
        return language.say(self.message)

    def __str__(self) -> str:
        return self.told(preferred())


@dataclass(frozen=True)
class Problem:
    """One fault in a file: where it is, what was found, what is allowed, what to do.

    `line` counts as an editor or a spreadsheet shows it: the header is line 1.
    """

    file: str
    trouble: Message
    remedy: Message
    line: int | None = None
    column: str | None = None
    found: str | None = None

    def told(self, language: Language) -> str:
        """Word the problem on one line, without the file's name."""
        place = [
            language.say("line {line}", line=self.line) if self.line else "",
            language.say("column {column}", column=self.column) if self.column else "",
            language.say("found “{found}”", found=self.found) if self.found is not None else "",
        ]
        where = ", ".join(part for part in place if part)
        what = f"{language.say(self.trouble)} → {language.say(self.remedy)}"
        return f"{where}: {what}" if where else what


class DataError(WorkbookError):
    """One or more files depart from their description; every problem is listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(msg("The data depart from their description."))
        self.problems = tuple(distinct(problems))

    def told(self, language: Language) -> str:
        """List the problems, file by file, in the order of their lines."""
        return "\n".join(listing(self.problems, language))


def listing(problems: Iterable[Problem], language: Language) -> list[str]:
    """Lines of text that tell the problems, grouped under their files."""
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    lines = []
    for file, found in sorted(by_file.items()):
        lines.append(
            language.say_count(
                "{file}: {count} problem", "{file}: {count} problems", len(found), file=file
            )
        )
        ordered = sorted(found, key=lambda problem: (problem.line or 0, problem.column or ""))
        lines += [f"  - {problem.told(language)}" for problem in ordered]
    return lines


def unknown_choice(what: Message, value: str, choices: Sequence[str]) -> WorkbookError:
    """Build the error for a value that is none of `choices`: the nearest, then all of them."""
    near = nearest(value, choices)
    choice_list = ", ".join(choices)
    if near:
        return WorkbookError(
            msg(
                "{what} “{value}” is not known. Did you mean “{near}”? Known: {choices}.",
                what=what,
                value=value,
                near=near,
                choices=choice_list,
            )
        )
    return WorkbookError(
        msg(
            "{what} “{value}” is not known. Known: {choices}.",
            what=what,
            value=value,
            choices=choice_list,
        )
    )


def nearest(value: str, choices: Iterable[str]) -> str | None:
    """Return the choice spelt most like `value`, if any is like it at all."""
    folded = {choice.casefold(): choice for choice in choices}
    found = difflib.get_close_matches(value.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def distinct(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once: a fault in a table that others use is met again in each of them."""
    return list({repr(problem): problem for problem in problems}.values())
