"""Tables of the data package as they stand: registers, sources, what there is and what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd

from icanalysis import results, terms
from icanalysis.catalog import Field
from icanalysis.catalog import Table as Described
from icanalysis.evaluation import JOINT
from icanalysis.extracts import rows_on, sources_cited
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, grouped, table
from icanalysis.view import View


def register(
    view: View,
    name: str,
    columns: Sequence[str],
    *,
    here: bool | Literal["alone"] = False,
    where: Mapping[str, Sequence[str]] | None = None,
    alike: Sequence[str] = (),
) -> Table:
    """Show a table of the data package in the reader's language.

    Parameters
    ----------
    columns : sequence of str
        Field names; "statement" stands for statement_es or statement_en. A last column tells
        the source and the place in it.
    here : bool or "alone"
        Only rows of this region (alone or jointly) and of the whole programme; "alone": not those
        of the whole programme.
    where : mapping, optional
        Only rows whose column has one of these codes, named in the caption.
    alike : sequence of str
        Columns whose agreement makes one row of several, such as a quote that speaks of several
        partners; their source agrees too.
    """
    described = view.data.catalog.tables[name]
    if here:
        whole = [] if here == "alone" else [view.data.evaluation.programme.whole]
        frame = rows_on(view.data, name, view.region.code, *whole)
    else:
        frame = view.data.table(name)
    caption = described.titles[view.language.code]
    for column, codes in (where or {}).items():
        frame = frame[frame[column].isin(codes)]
        caption += f" ({view.language.listed([view.label(name, column, code) for code in codes])})"
    names = {item.name for item in described.fields}
    chosen = [
        described.field(column if column in names else f"{column}_{view.language.code}")
        for column in columns
    ]
    printed = [
        *(Column(_title(view, item), _kind(item)) for item in chosen),
        Column(view.language.say("Source")),
    ]
    rows = [
        [*(_cell(view, described, item, row) for item in chosen), _source(view, row)]
        for _, row in frame.iterrows()
    ]
    if alike:
        rows = grouped(rows, [*(columns.index(name) for name in alike), len(columns)])
    return table(
        view,
        caption,
        printed,
        rows,
        simulated=described.source_kind == "simulated",
    )


def sources(view: View, also: Sequence[str] = ()) -> Table:
    """Tell every source this page cites: title, publisher, address, how much of it was read.

    `also` names tables shown on it that are not the programme's.
    """
    frame = _cited(view, also)
    names = [
        "source_id",
        "title",
        "publisher",
        "published",
        f"read_{view.language.code}",
        "address",
    ]
    described = view.data.catalog.tables["sources"]
    columns = [Column(_title(view, item), _kind(item)) for item in map(described.field, names)]
    rows = [
        [_cell(view, described, described.field(name), row) for name in names]
        for _, row in frame.iterrows()
    ]
    return table(view, described.titles[view.language.code], columns, rows)


def key(view: View, *, counted: bool = False) -> str:
    """Explain the codes of sources once, before a page first uses them.

    `counted`: also the mark of a number that its source does not print.
    """
    say = view.language.say
    codes = _cited(view)["source_id"].sort_index()  # as the records have them
    first = codes.groupby(codes.str.extract(r"(\D+)", expand=False), sort=False).first().head(2)
    told = say(
        "Codes such as {codes} stand for sources, listed with title and address further down this page.",
        codes=view.language.listed(list(first), "or"),
    )
    if not counted:
        return told
    mark = say("“[counted here]”: the source prints no number; it was counted from its text.")
    return f"{told} {mark}"


def _cited(view: View, also: Sequence[str] = ()) -> pd.DataFrame:
    """Rows of the sources a page cites, in order."""
    cited = {code for source in view.lines["source"] for code in results.cited(source)}
    cited |= set(sources_cited(view.data, *also))
    frame = view.data.table("sources")
    return in_order(frame[frame["source_id"].isin(cited)])


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort sources by their letter, then by their number: P2 before P10."""
    order = frame["source_id"].str.extract(r"(?P<kind>\D+)(?P<number>\d+)").astype({"number": int})
    return frame.loc[order.sort_values(["kind", "number"]).index]


def holdings(view: View) -> Table:
    """List the tables of the data package, how many rows each has and what kind of source."""
    say = view.language.say
    kinds = {
        "programme": say("published by or about the programme"),
        "official": say("official statistics"),
        "survey": say("computed from survey microdata"),
        "simulated": say("SIMULATED"),
        "reference": say("lists this workbook keeps"),
    }
    rows = [
        [
            item.titles[view.language.code],
            item.path.relative_to(view.data.path).as_posix(),
            view.language.number(len(view.data.table(item.name))),
            kinds[item.source_kind],
        ]
        for item in view.data.catalog.tables.values()
    ]
    columns = [
        Column(say("Table of the package")),
        Column(say("File")),
        Column(say("Rows"), kind="number"),
        Column(say("What it is")),
    ]
    return table(view, say("Tables of the data package"), columns, rows)


def _kind(item: Field) -> Literal["text", "number", "address"]:
    if item.type in ("integer", "number"):
        return "number"
    return "address" if item.name == "address" else "text"


def _title(view: View, item: Field) -> str:
    """Title of a column; that of statement_es need not say that it is Spanish."""
    title = item.titles[view.language.code]
    return re.sub(r" \([^)]*\)$", "", title) if item.name.endswith(("_es", "_en")) else title


def _cell(view: View, described: Described, item: Field, row: pd.Series) -> str:
    value = row[item.name]
    if pd.isna(value):
        return ABSENT
    text = str(value)
    if item.vocabulary == "region":
        return view.area(text)
    if item.vocabulary == "sector":
        return view.data.evaluation.sector_name(text, view.language)
    for link in described.links:
        if link.field == item.name and link.table == "partners":
            return _partners(view, text)
    if item.type in ("integer", "number") and item.unit != "year":
        points = item.unit.startswith("percentage point")
        return view.language.number(float(text), 1 if points else None, signed=points)
    if item.name == "date":
        return view.language.date(text)
    if item.name == "statement_es" and row.get("verbatim", True):
        return f"«{text}»"
    return item.label(text, view.language.code)


def _partners(view: View, codes: str) -> str:
    names = view.data.table("partners").set_index("partner")[f"name_{view.language.code}"]
    return view.language.listed([str(names[code]) for code in codes.split(JOINT)])


def _source(view: View, row: pd.Series) -> str:
    """Source of a record and the place in it, where one is given."""
    place = row.get("place_in_source", row.get("place"))
    text = row["source_id"] if place is None or pd.isna(place) else f"{row['source_id']}: {place}"
    return terms.source(text, view.language)
