"""How far the data can be trusted: do counts agree, how much was read, how sure is each record."""

from __future__ import annotations

import string

import pandas as pd

from icanalysis import delivery, reconcile, terms
from icanalysis.indicators import REPORTED
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.registers import in_order
from icanalysis.view import View

# A reason given to so many counts is told once, above the table.
SHARED = 3


def title(view: View) -> str:
    """Word the page's question."""
    return view.language.say("How far can these data be trusted?")


def agreement(view: View) -> str:
    """Say how many published figures agree, differ, or stand alone."""
    rows = reconcile.reported(view.data)
    figures = rows.drop_duplicates("figure")["among"].value_counts()
    say = view.language.say
    parts = [
        say(
            "Of {all} figures of the programme, {alone} are published by one source alone, {same} by "
            "several sources with the same number, and {differ} by several with different numbers.",
            all=view.language.number(int(figures.sum())),
            alone=int(figures.get("alone", 0)),
            same=int(figures.get("same", 0)),
            differ=int(figures.get("differ", 0)),
        ),
        say(
            "{count} of the {rows} published counts were counted or added up here from what a source "
            "lists; the others stand as printed.",
            count=int(rows["counted"].sum()),
            rows=len(rows),
        ),
        say(
            "A figure that one source gives alone can be neither confirmed nor contradicted, and "
            "the same number in two places is not two observations: the sources may copy each other."
        ),
    ]
    return " ".join(parts)


def reasons(view: View) -> list[str]:
    """List the reasons that many counts share, each under the letter the table gives it."""
    return [
        view.language.say("Reason {letter}: {reason}", letter=letter, reason=text)
        for text, letter in _letters(view).items()
    ]


def _counted(texts: pd.Series) -> dict[str, int]:
    """Count texts, the commonest first; those as common in the order they come, in any language."""
    counts = texts.groupby(texts, sort=False).size()
    counts = counts.sort_values(ascending=False, kind="stable")
    return {str(text): int(count) for text, count in counts.items()}


def _letters(view: View) -> dict[str, str]:
    """Letter of each reason that many counts share; the commonest comes first."""
    counts = _counted(view.data.table(REPORTED)[f"reason_{view.language.code}"])
    shared = [text for text, count in counts.items() if count >= SHARED]
    return dict(zip(shared, string.ascii_lowercase, strict=False))


def reconciliation(view: View) -> Table:
    """Set every published count of the programme beside ours: the difference, and why."""
    say, number = view.language.say, view.language.number
    rows = reconcile.reported(view.data)
    rank = rows["among"].map({"differ": 0, "same": 1, "alone": 2})
    order = pd.DataFrame({"among": rank, "indicator": view.rank(rows["indicator"])})
    rows = rows.loc[order.sort_values(["among", "indicator"], kind="stable").index]
    reason, often = f"reason_{view.language.code}", _letters(view)
    columns = [
        Column(say("Indicator")),
        Column(say("Where")),
        Column(say("Published"), kind="number"),
        Column(say("Source and confidence")),
        Column(say("Ours"), kind="number"),
        Column(say("Difference"), kind="number"),
        Column(say("Result")),
        Column(say("Why")),
    ]
    body = []
    for _, row in rows.iterrows():
        why = often.get(row[reason])
        note = row[f"note_{view.language.code}"]
        told = [
            say("Reason {letter}.", letter=why) if why else str(row[reason]),
            "" if pd.isna(note) else str(note),
        ]
        body.append(
            [
                _named(view, row),
                view.area(row["region"]),
                delivery.stated(view, row),
                _where_from(view, row),
                _ours(view, row),
                ABSENT if row["used"] else number(row["difference"], signed=True),
                _standing(view, row),
                " ".join(told).strip(),
            ]
        )
    caption = say("Published figures of the programme, ours, and why they differ")
    return table(view, caption, columns, body)


def _named(view: View, row: pd.Series) -> str:
    """Name a figure: its indicator, and the sector and population it is of."""
    sector = (
        ""
        if pd.isna(row["sector"])
        else view.data.evaluation.sector_name(str(row["sector"]), view.language)
    )
    parts = [sector, view.label(REPORTED, "population", row["population"])]
    told = ", ".join(part for part in parts if part)
    return f"{view.name(row['indicator'])} ({told})" if told else view.name(row["indicator"])


def _where_from(view: View, row: pd.Series) -> str:
    """Tell where a count was read, how sure it is, and whether it was counted here."""
    told = terms.source(f"{row['source_id']}: {row['place']}", view.language)
    told = f"{told} ({row['confidence']})"
    return f"{told} {view.language.say('[counted here]')}" if row["counted"] else told


def _ours(view: View, row: pd.Series) -> str:
    """Quote the line of evidence that the reports use for a figure."""
    group = ";".join(str(row[name]) for name in ("sector", "population") if not pd.isna(row[name]))
    line = view.one(
        indicator=row["indicator"],
        region=row["region"],
        group=group or "all",
        statistic="level",
        status="used",
    )
    if line is None:
        return ABSENT
    return f"{view.number(line)} ({line['source'].partition(':')[0]})"


def _standing(view: View, row: pd.Series) -> str:
    say = view.language.say
    if row["among"] == "alone":
        return "◌ " + say("the only source")
    return {
        "used": "● " + say("used"),
        "same": "= " + say("same number"),
        "differs": "≠ " + say("another number"),
    }[row["standing"]]


def reading(view: View) -> str:
    """Say how much of the programme's sources was read."""
    say = view.language.say
    used = view.data.table(REPORTED)["source_id"]
    sources = _quoted(view)
    read = f"read_{view.language.code}"
    own = sources[sources["kind"] == "programme"]
    told = "; ".join(f"{text} ({count})" for text, count in _counted(own[read]).items())
    return say(
        "{count} sources speak of the programme; figures come from {used} of them. What was read of "
        "each, and of how many: {told}. What a source says elsewhere is not known here.",
        count=len(own),
        used=used.nunique(),
        told=told,
    )


def sources(view: View) -> Table:
    """Tell of each source how much was read, how sure it is, and how many records quote it."""
    say = view.language.say
    frame = in_order(_quoted(view))
    columns = [
        Column(say("Source")),
        Column(say("How much was read")),
        Column(say("Confidence"), kind="short"),
        Column(say("Records that quote it"), kind="number"),
    ]
    body = [
        [
            f"{row['source_id']}: {row['title']}",
            row[f"read_{view.language.code}"],
            _confidence(view, row["confidence"]),
            view.language.number(row["records"]),
        ]
        for _, row in frame.iterrows()
    ]
    return table(view, say("Sources and how much of each was read"), columns, body)


def _quoted(view: View) -> pd.DataFrame:
    """List the sources that tables quote: how many records do, and which are the programme's."""
    counts: dict[str, int] = {}
    own: set[str] = set()
    for described in view.data.catalog.tables.values():
        names = {item.name for item in described.fields}
        if described.name == "sources" or "source_id" not in names:
            continue
        quoted = view.data.table(described.name)["source_id"].dropna()
        for source, count in quoted.value_counts().items():
            counts[str(source)] = counts.get(str(source), 0) + int(count)
        if described.stands_for == "programme":
            own |= set(quoted)
    frame = view.data.table("sources")
    frame = frame[frame["source_id"].isin(counts)]
    return frame.assign(
        records=frame["source_id"].map(counts),
        kind=frame["source_id"].isin(own).map({True: "programme", False: "other"}),
    )


def _confidence(view: View, code: str) -> str:
    say = view.language.say
    words = {
        "high": say("high"),
        "medium-high": say("medium to high"),
        "medium": say("medium"),
        "low": say("low"),
    }
    return words.get(code, code)


def confidence(view: View) -> Table:
    """Count the records of each table by how sure they are."""
    say = view.language.say
    meanings = {
        "A": say("A: read literally and unambiguous"),
        "B": say("B: read, but the source summarises, is ambiguous, or was converted here"),
        "C": say("C: inferred"),
    }
    codes = [*meanings, "high", "medium-high", "medium", "low"]
    body = []
    for described in view.data.catalog.tables.values():
        if "confidence" not in {item.name for item in described.fields}:
            continue
        counts = view.data.table(described.name)["confidence"].value_counts()
        name = described.titles[view.language.code]
        for code in [code for code in codes if code in counts]:
            meaning = meanings.get(code, _confidence(view, code))
            body.append([name, meaning, view.language.number(int(counts[code]))])
    columns = [
        Column(say("Table of the package")),
        Column(say("Confidence")),
        Column(say("Records"), kind="number"),
    ]
    return table(view, say("How sure the records are"), columns, body)
