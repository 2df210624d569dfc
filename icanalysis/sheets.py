"""Reference sheets: what one indicator means, how it is worked out, and what it cannot say.

What stands in the indicator's record is quoted from there; baselines and targets come from their own
table, values and sources from the lines of evidence, breakdowns from what the evaluation asks for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from icanalysis import iati_codes, quoted, terms
from icanalysis.errors import unknown_choice
from icanalysis.language import Language, msg
from icanalysis.layout import Table, definitions
from icanalysis.view import View

# The year the Sustainable Development Goals were adopted.
AGENDA = 2015
LEVELS = ("output", "outcome", "impact", "context")


@dataclass(frozen=True)
class Sheet:
    """One indicator's sheet: rows of a label and what is said under it, a line each."""

    code: str
    name: str
    simulated: bool
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Group:
    """The sheets of one level of the results chain."""

    level: str
    title: str
    sheets: tuple[Sheet, ...]


def sheet(view: View, indicator: str) -> Table:
    """Show one indicator's reference sheet.

    Raises
    ------
    WorkbookError
        If there is no record of that indicator.
    """
    made = build(view, indicator)
    return definitions(view, made.name, made.rows, simulated=made.simulated)


def by_level(view: View, only: Collection[str] | None = None) -> list[Group]:
    """Build every indicator's sheet, or `only` some, by level, in the order of their records."""
    levels = view.indicators["level"]
    return [
        Group(level, level_title(view.language, level), tuple(build(view, code) for code in codes))
        for level in LEVELS
        if len(
            codes := [
                code for code in levels.index[levels == level] if only is None or code in only
            ]
        )
    ]


def level_title(language: Language, level: str) -> str:
    """Name a level of the results chain, and what stands there."""
    titles = {
        "output": language.say("Outputs: what the programme delivered"),
        "outcome": language.say("Outcomes: what changed among people and institutions"),
        "impact": language.say("Impact: what difference it makes"),
        "context": language.say(
            "Context: the situation, which no figure here attributes to the programme"
        ),
    }
    return titles[level]


def title(language: Language) -> str:
    """Word the question of the page of all sheets."""
    return language.say("What does each indicator measure, and how?")


def introduction(view: View, count: int) -> str:
    """Say what so many sheets hold, and how what is missing is written."""
    return view.language.say(
        "One sheet for each of the {count} indicators: what it measures, how it is worked out, where its "
        "figures come from and what it cannot say. What is not known says so ({mark}) and is never a "
        "zero. Figures of simulated data are not quoted here.",
        count=view.language.number(count),
        mark=terms.status("not_known", view.language),
    )


def build(view: View, indicator: str) -> Sheet:
    """Build one indicator's sheet from its record, the lines of evidence and the evaluation.

    Both languages have the same rows. A row of which nothing is known says so.

    Raises
    ------
    WorkbookError
        If there is no record of that indicator.
    """
    if indicator not in view.indicators.index:
        raise unknown_choice(msg("Indicator"), indicator, list(view.indicators.index))
    say = view.language.say
    record = record_of(view, indicator)
    lines = view.select(indicator=indicator)
    simulated = quoted.simulated(lines)
    unknown = terms.status("not_known", view.language)
    rows: dict[str, Iterable[str]] = {
        say("Code"): [indicator],
        say("Definition"): [_text(view, record, "definition")],
        say("Level"): [_label(view, record, "level")],
        say("Component"): [_label(view, record, "component") or say("of none in particular")],
        say("Unit"): [_text(view, record, "unit")],
        say("Measure"): [_label(view, record, "measure")],
        **worked_out(view, record),
        say("Direction"): [_label(view, record, "direction") or say("neither more nor less")],
        say("Aggregation of regions"): [_label(view, record, "aggregation")],
        say("Type of period"): [_label(view, record, "period_type")],
        say("Disaggregated by"): [quoted.breakdown(view, indicator, lines)],
        say("Method"): [_text(view, record, "method"), *quoted.origin(view, indicator)],
        say("Source"): quoted.sources(view, lines),
        say("Frequency"): [_label(view, record, "frequency")],
        say("Responsible"): [_text(view, record, "responsible")],
        say("Baseline"): quoted.ends(view, record, "baseline"),
        say("Target"): [*quoted.ends(view, record, "target"), *quoted.looked_for(view, indicator)],
        say("Values"): quoted.values(view, lines),
        say("Rationale"): [_text(view, record, "rationale")],
        say("Known limitations"): [_text(view, record, "limitation")],
        say("Sustainable Development Goal"): [goal(view, record)],
        say("DAC criterion"): [_label(view, record, "dac") or say("none: a technical series")],
        say("In IATI 2.03"): [_iati(record)],
        say("Sheet last updated"): [_updated(view, record)],
    }
    told = tuple(
        (label, tuple(part for part in parts if part) or (unknown,))
        for label, parts in rows.items()
    )
    return Sheet(indicator, view.name(indicator), simulated, told)


# --- from the record ------------------------------------------------------------------------


def record_of(view: View, indicator: str) -> dict[str, str]:
    """Return an indicator's record as texts; what is absent is empty."""
    cells = view.indicators.loc[indicator].items()
    filled = {str(name): "" if pd.isna(cell) else str(cell) for name, cell in cells}
    return {"indicator": indicator, **filled}


def _text(view: View, record: Mapping[str, str], name: str) -> str:
    return record.get(f"{name}_{view.language.code}", "")


def _label(view: View, record: Mapping[str, str], name: str) -> str:
    return view.label("indicators", name, record[name]) if record.get(name) else ""


def worked_out(view: View, record: Mapping[str, str]) -> dict[str, Iterable[str]]:
    """Tell numerator and denominator, or that a total has none, each under its label."""
    say = view.language.say
    above, below = (_text(view, record, name) for name in ("numerator", "denominator"))
    if not above and record["measure"] in ("count", "money"):
        return {say("Calculation"): [say("a total: it has no numerator or denominator")]}
    percent = record["measure"] == "percentage"
    how = say("100 × numerator ÷ denominator") if percent else say("numerator ÷ denominator")
    return {
        say("Numerator"): [above],
        say("Denominator"): [below],
        say("Calculation"): [how if above else ""],
    }


def goal(view: View, record: Mapping[str, str]) -> str:
    """Tell the goal or target an indicator is assigned to, and since when if it was afterwards."""
    if not record.get("sdg"):
        return view.language.say("none assigned")
    if view.data.evaluation.programme.period.end >= AGENDA:
        return record["sdg"]
    return view.language.say(
        "{code} (assigned afterwards: the programme is older than the 2030 Agenda)",
        code=record["sdg"],
    )


def _iati(record: Mapping[str, str]) -> str:
    """Write the indicator's attributes as IATI has them, which are the same in every language."""
    kind = iati_codes.RESULT_TYPE[record["level"]]
    attributes = iati_codes.attributes(record)
    told = {"result type": f"{kind} ({iati_codes.RESULT_TYPES[kind]})", **attributes}
    told["measure"] += f" ({iati_codes.MEASURES[attributes['measure']]})"
    return " · ".join(f"{name}: {value}" for name, value in told.items())


def _updated(view: View, record: Mapping[str, str]) -> str:
    day = record.get("updated", "")
    return view.language.date(day.partition(" ")[0]) if day else ""
