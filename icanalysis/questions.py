"""The evaluation questions: which exhibit answers each, by DAC criterion and cross-cutting issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from icanalysis import homes, makers, terms
from icanalysis.errors import unknown_choice
from icanalysis.evaluation import JOINT
from icanalysis.indicators import REPORTED
from icanalysis.language import msg
from icanalysis.layout import Column, Table, table
from icanalysis.view import View

QUESTIONS = "questions"
# Parts of a notebook whose heading depends on the data, and what words it.
SECTIONS = {"homes": homes.title, "makers": makers.title}


@dataclass(frozen=True)
class Question:
    """One question: its number in the list, where it is answered, and from what."""

    number: int
    text: str
    notebook: str
    heading: str
    criterion: str
    issue: str
    indicators: tuple[str, ...]
    evidence: Literal["real", "simulated", "none"]


def asked(view: View) -> list[Question]:
    """List the questions in the order of their table, numbered, with the evidence there is.

    Raises
    ------
    WorkbookError
        If a question rests on an indicator that has no record.
    """
    rows = view.data.table(QUESTIONS).fillna("")
    return [_question(view, number, row) for number, (_, row) in enumerate(rows.iterrows(), 1)]


def _question(view: View, number: int, row: pd.Series) -> Question:
    indicators = tuple(str(row["indicators"]).split(JOINT)) if row["indicators"] else ()
    known = list(view.indicators.index)
    for code in indicators:
        if code not in known:
            raise unknown_choice(msg("Indicator"), code, known)
    section = str(row["section"])
    return Question(
        number=number,
        text=str(row[f"question_{view.language.code}"]),
        notebook=str(row["notebook"]),
        heading=SECTIONS[section](view) if section else str(row[f"heading_{view.language.code}"]),
        criterion=str(row["criterion"]),
        issue=str(row["issue"]),
        indicators=indicators,
        evidence=_evidence(view, indicators),
    )


def _evidence(view: View, indicators: tuple[str, ...]) -> Literal["real", "simulated", "none"]:
    """Tell what an answer rests on: real figures, simulated ones alone, or none."""
    if not indicators:  # a register, whose rows all have a source
        return "real"
    lines = view.lines[view.lines["indicator"].isin(indicators)]
    published = view.data.table(REPORTED)["indicator"].isin(indicators)
    if published.any() or (lines["source_kind"] != "simulated").any():
        return "real"
    return "simulated" if len(lines) else "none"


def index(view: View) -> Table:
    """Tell which questions are answered for each DAC criterion and cross-cutting issue.

    What no question answers, or only simulated data would, is shown as without evidence.
    """
    say = view.language.say
    questions = asked(view)
    described = view.data.catalog.tables[QUESTIONS]
    issues = ["", *described.field("issue").choices]
    columns = [
        Column(described.field("criterion").titles[view.language.code]),
        Column(say("The programme as a whole")),
        *(Column(view.label(QUESTIONS, "issue", issue).capitalize()) for issue in issues[1:]),
    ]
    rows = [
        [
            view.label(QUESTIONS, "criterion", criterion).capitalize(),
            *(_cell(view, questions, criterion, issue) for issue in issues),
        ]
        for criterion in described.field("criterion").choices
    ]
    note = say(
        "Numbers are those of the questions in the next table. No evidence: no exhibit of this workbook "
        "answers it with real data."
    )
    return table(
        view, say("Questions by criterion and cross-cutting issue"), columns, rows, note=note
    )


def _cell(view: View, questions: list[Question], criterion: str, issue: str) -> str:
    numbers: dict[str, list[str]] = {"real": [], "simulated": [], "none": []}
    for question in questions:
        if (question.criterion, question.issue) == (criterion, issue):
            numbers[question.evidence].append(str(question.number))
    told = [", ".join(numbers["real"]) or "○ " + view.language.say("no evidence")]
    if numbers["simulated"]:
        listed = ", ".join(numbers["simulated"])
        told.append(view.language.say("SIMULATED: {numbers}", numbers=listed))
    return "; ".join(told)


def listing(view: View) -> Table:
    """List the questions, numbered, with the exhibit that answers each and the indicators it uses."""
    say = view.language.say
    questions = asked(view)
    marks = {
        "real": "",
        "simulated": " [" + say("SIMULATED") + "]",
        "none": f" [{terms.status('not_known', view.language)}]",
    }
    columns = [
        Column(say("Question")),
        Column(say("Notebook and heading")),
        Column(say("Indicators it uses")),
    ]
    rows = [
        [
            f"{question.number}. {question.text}{marks[question.evidence]}",
            f"{question.notebook}: {question.heading}",
            "; ".join(view.name(code) for code in question.indicators)
            or say("none: it rests on a register"),
        ]
        for question in questions
    ]
    about = [code for question in questions for code in question.indicators]
    return table(view, say("Where each question is answered"), columns, rows, about=about)
