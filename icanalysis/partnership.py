"""How the partners worked together: what is known, what is not, and who may know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from icanalysis import registers, terms
from icanalysis.layout import Table
from icanalysis.view import View

AGENCY = "un_agency"


def title(view: View) -> str:
    """Word the page's question."""
    return view.language.say("How did the partners work together, and what remains?")


def introduction(view: View, *names: str) -> str:
    """Say how many of the tables this page stands on are still empty."""
    empty = [
        view.data.catalog.tables[name].titles[view.language.code]
        for name in names
        if view.data.table(name).empty
    ]
    if not empty:
        return view.language.say("Every table this page stands on has rows.")
    return view.language.say(
        "Of the {all} tables this page stands on, {empty} have no row, because nothing was published in "
        "what could be read: {names}. What they would show stands here as “{unknown}”, which does not "
        "mean that it did not happen, or that it was zero.",
        all=len(names),
        empty=len(empty),
        names="; ".join(empty),
        unknown=unknown(view),
    )


def unknown(view: View) -> str:
    """Word what stands where nothing is known, on one line; the page shows it grey."""
    return terms.status("not_known", view.language).replace(" ", "\N{NO-BREAK SPACE}")


def short(view: View, partner: str) -> str:
    """Name an organisation by its acronym, or its name if it has none."""
    row = view.data.table("partners").set_index("partner").loc[partner]
    acronym = row[f"acronym_{view.language.code}"]
    return str(row[f"name_{view.language.code}"] if pd.isna(acronym) else acronym)


def agencies(view: View) -> list[str]:
    """List the agencies that carried the programme out, in the order of the partners' table."""
    partners = view.data.table("partners")
    return list(partners.loc[partners["kind"] == AGENCY, "partner"])


def source_ids(cells: Iterable[str]) -> str:
    """Join the sources of several rows, each once."""
    parts = "; ".join(cells).split("; ")
    return "; ".join(sorted(dict.fromkeys(parts), key=lambda name: (name[0], int(name[1:]))))


def to_fill(view: View, name: str) -> list[str]:
    """List what is missing from a table, the question it leaves open and who may hold it."""
    say = view.language.say
    path = view.data.catalog.tables[name].path.relative_to(view.data.path).as_posix()
    gaps = view.data.table("gaps")
    code = view.language.code
    told = [
        say(
            "{question} Missing: {missing}. Likely to hold it: {holder}.",
            question=row[f"would_answer_{code}"],
            missing=_inside(row[f"missing_{code}"]),
            holder=str(row[f"likely_holder_{code}"]),
        )
        for _, row in gaps[gaps["fill_table"] == path].iterrows()
    ]
    return (
        [*told, say("To fill the table: icanalysis template {table}", table=name)] if told else []
    )


def statements(view: View, *themes: str) -> Table:
    """List what the sources say on some themes, what would test it and what is held today."""
    return registers.register(
        view,
        "register",
        ["statement", "item", "test", "evidence", "evidence_note"],
        where={"theme": themes},
    )


def sources(view: View) -> Table:
    """Tell the sources of this page, which quotes what was delivered and no other lines."""
    return registers.sources(replace(view, lines=view.delivered), also=("sdg",))


def _inside(text: str) -> str:
    """Write a phrase as it stands inside a sentence; a word in capitals stays."""
    return text[0].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
