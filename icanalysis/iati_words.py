"""What an IATI file says in words, for one reader: descriptions, and the comment on each value."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from icanalysis import delivery, iati_choice, quoted, sheets, terms
from icanalysis.disclosure import SUPPRESSED
from icanalysis.evaluation import JOINT, Agency, Region
from icanalysis.indicators import WHOLE_PERIOD
from icanalysis.language import msg
from icanalysis.named import Names
from icanalysis.view import View

ENDS = {
    "baseline": msg("Baseline: {told}."),
    "target": msg("Target: {told}."),
}


def activity(view: View, left_out: Sequence[Region], to: Agency | None) -> str:
    """Say what the file holds and, of a run or an edition that leaves something out, what not."""
    say = view.language.say
    told = say(
        "Results of the programme as published in the sources that its evaluation could read. Codes "
        "such as P1 are of these sources, whose titles stand in the comment on each value; where "
        "they contradict each other, the comment says so. Official statistics on the regions are "
        "context, not results of the programme, and are not here; nor is any simulated figure."
    )
    if to is not None:
        name = to.name.into(view.language.code)
        told += " " + say(
            "This edition holds only what concerns {agency}: published, it would stand in a register "
            "for the whole activity.",
            agency=name,
        )
    if not left_out:
        return told
    names = view.language.listed([region.named(view.language.code) for region in left_out])
    return f"{told} " + say(
        "Figures published only for {regions} are not here either: this file was made without them.",
        regions=names,
    )


def objectives(view: View) -> list[str]:
    """List what the programme set out to do, component by component."""
    components = view.data.table("components").sort_values("number")
    return list(components[f"statement_{view.language.code}"].dropna())


def place(view: View, region: Region) -> str:
    """Say which area a location is, by the codes it has outside IATI's vocabularies."""
    say = view.language.say
    country = view.data.evaluation.programme.country
    parts = [
        say("ubigeo {code}", code=region.ubigeo) if region.ubigeo else "",
        say("ISO 3166-2 {code}", code=region.iso) if region.iso else "",
    ]
    codes = "; ".join(part for part in parts if part)
    name = f"{region.named(view.language.code)}, {country}"
    return f"{name} ({codes})" if codes else name


def goal(view: View, code: str) -> str:
    """Name a goal or target of the 2030 Agenda, and since when if it was assigned afterwards."""
    told = sheets.goal(view, {"sdg": code})
    return view.language.say("Sustainable Development Goal: {goal}.", goal=told)


def result(view: View, level: str, component: str) -> str:
    """Name a result: its level and the programme's component."""
    title = sheets.level_title(view.language, level)
    if not component:
        return title
    return f"{title} – {view.label('indicators', 'component', component)}"


def component(view: View, code: str) -> str:
    """Quote what a component of the programme is about; empty if no source says."""
    components = view.data.table("components").set_index("component")
    if code not in components.index:
        return ""
    told = components[f"statement_{view.language.code}"][code]
    return "" if pd.isna(told) else str(told)


# --- indicators -----------------------------------------------------------------------------


def indicator(view: View, code: str, found: pd.DataFrame, shown: pd.DataFrame) -> str:
    """Describe an indicator: what it counts, its limits, and what no element can hold.

    Parameters
    ----------
    found, shown : DataFrame
        Its lines (`iati_choice.figures`), and those with an element of their own.
    """
    say = view.language.say
    record = sheets.record_of(view, code)
    parts = [
        record.get(f"definition_{view.language.code}", ""),
        say("Unit: {unit}.", unit=record[f"unit_{view.language.code}"]),
        *_worked_out(view, record),
        say(
            "Type of period: {type}.",
            type=view.label("indicators", "period_type", record["period_type"]),
        ),
        record.get(f"limitation_{view.language.code}", ""),
        goal(view, record["sdg"]) if record.get("sdg") else "",
        *_ends(view, record, shown),
        *_unsaid(view, found),
    ]
    return " ".join(part for part in parts if part)


def _worked_out(view: View, record: dict[str, str]) -> list[str]:
    """Tell numerator and denominator; that a total has none need not be said here."""
    if not record.get(f"numerator_{view.language.code}"):
        return []
    rows = sheets.worked_out(view, record)
    return [f"{label}: {', '.join(told)}." for label, told in rows.items()]


def _ends(view: View, record: dict[str, str], shown: pd.DataFrame) -> list[str]:
    """Tell baselines and targets that have no element: unknown, or without the year it must have."""
    say = view.language.say
    unknown = terms.status("not_known", view.language)
    told = []
    for kind, words in ENDS.items():
        if (shown["kind"] == kind).any():
            continue
        ends = "; ".join(quoted.ends(view, record, kind)).replace(unknown, say("not known"))
        told.append(say(words.text, told=ends))
    return told + quoted.looked_for(view, record["indicator"])


def _unsaid(view: View, found: pd.DataFrame) -> list[str]:
    """Name values that are withheld, and those that are missing: neither is a zero."""
    withheld = found["status"] == SUPPRESSED
    missing = found["value"].isna() & ~withheld
    words = (
        (withheld, msg("Known, and withheld to protect those counted: {cells}.")),
        (missing, msg("Not known, which is not zero: {cells}.")),
    )
    return [
        view.language.say(said.text, cells="; ".join(_cell(view, line) for _, line in rows))
        for chosen, said in words
        if (rows := list(found[chosen].iterrows()))
    ]


def _cell(view: View, line: pd.Series) -> str:
    """Name the place, the group and the year of a value."""
    parts = [view.area(line["region"]), _group(view, line)]
    return ", ".join(part for part in parts if part) + delivery.year(line)


# --- values ---------------------------------------------------------------------------------


def comment(view: View, line: pd.Series) -> str:
    """Say of whom and of when a value is, where it comes from, and what other sources publish."""
    say = view.language.say
    names = Names(view.language, view.data)
    parts = [
        _whose(view, line),
        names.statement(line["statement_key"]),
        _interval(view, line),
        say("Source: {source}.", source=_sources(view, line.to_frame().T)),
        *(_disagreements(view, line) if line["statistic"] == "level" else []),
        *_reasons(view, line),
        _dated(view, line),
    ]
    return " ".join(part for part in parts if part)


def _whose(view: View, line: pd.Series) -> str:
    """Name what the value is of, where it is not all of the programme."""
    say = view.language.say
    group, parts = _group(view, line), []
    if JOINT in line["region"]:
        parts.append(
            say(
                "Joint figure for {areas}, published without a breakdown.",
                areas=view.area(line["region"]),
            )
        )
    elif line["region"] != view.data.evaluation.programme.whole:
        parts.append(f"{view.area(line['region'])}.")
    if group:
        parts.append(say("Group: {group}.", group=group))
    return " ".join(parts)


def _group(view: View, line: pd.Series) -> str:
    return Names(view.language, view.data).group(line["indicator"], line["group"])


def _dated(view: View, line: pd.Series) -> str:
    """Say what the period of a reported value rests on; other years speak for themselves."""
    say = view.language.say
    if line["period"] == WHOLE_PERIOD:
        return say("The source gives no year: the period is the one planned for the programme.")
    if line["status"] != "used" or line["statistic"] != "level":
        return ""
    return say("Dated {year} by its source.", year=line["period"])


def _interval(view: View, line: pd.Series) -> str:
    if pd.isna(line["low"]):
        return ""
    ends = f"{view.number(line, 'low')}–{view.number(line, 'high')}"
    sign = view.percent_sign(line["indicator"])
    return f"{view.language.say('95% interval {interval}{unit}', interval=ends, unit=sign)}."


def _sources(view: View, lines: pd.DataFrame) -> str:
    """Write sources with their titles: who reads the file has no list of their codes."""
    return " | ".join(quoted.sources(view, lines))


def _reasons(view: View, line: pd.Series) -> list[str]:
    """Quote why a count is the one used, and what its record notes."""
    rows = view.published
    same = rows["used"] & (rows["statement_key"] == line["statement_key"])
    for name in ("indicator", "region", "group", "source", "value"):
        same &= rows[name] == line[name]
    code = view.language.code
    cells = rows.loc[same, [f"reason_{code}", f"note_{code}"]].to_numpy().flatten()
    return [str(words) for words in cells if not pd.isna(words)]


def _disagreements(view: View, line: pd.Series) -> list[str]:
    """Tell each other value published, with who publishes it, and who confirms the one used."""
    say = view.language.say
    told = []
    for value, rows in iati_choice.others(view, line).groupby("value", sort=False):
        sources = _sources(view, rows)
        if value == line["value"]:
            told.append(say("The same value is also published by: {sources}.", sources=sources))
            continue
        number = view.number(rows.iloc[0]) + delivery.counted(view, rows.iloc[0])
        told.append(say("Also published: {value}, by {sources}.", value=number, sources=sources))
    return told
