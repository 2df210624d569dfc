"""Tables of the data package as they stand: registers, sources, what there is and what is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import pandas as pd

from icanalysis import terms
from icanalysis.catalog import Field
from icanalysis.catalog import Table as Described
from icanalysis.evaluation import JOINT
from icanalysis.indicators import REPORTED, TARGETS
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.view import View


def register(view: View, name: str, columns: Sequence[str], *, here: bool = False) -> Table:
    """Show a table of the data package in the reader's language.

    Parameters
    ----------
    columns : sequence of str
        Field names; "statement" stands for statement_es or statement_en. A last column tells
        the source and the place in it.
    here : bool
        Only rows of this region (alone or jointly) and of the whole programme.
    """
    described = view.data.catalog.tables[name]
    frame = view.data.table(name)
    if here:
        wanted = {view.region.code, view.data.evaluation.programme.whole}
        parts = frame["region"].fillna(view.data.evaluation.programme.whole).str.split(JOINT)
        frame = frame[parts.map(lambda codes: bool(wanted & set(codes)))]
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
        [*(_cell(view, described, item, row[item.name]) for item in chosen), _source(view, row)]
        for _, row in frame.iterrows()
    ]
    return table(
        view,
        described.titles[view.language.code],
        printed,
        rows,
        simulated=described.source_kind == "simulated",
    )


def sources(view: View) -> Table:
    """Tell every source this page cites: title, publisher, address, how much of it was read."""
    cited = set(view.lines["source"].str.findall(r"(?:^|; )([^:;]+)").explode())
    known = view.data.table("sources")["source_id"]
    for item in view.data.catalog.tables.values():
        if item.source_kind == "programme":  # their notes cite sources too
            cells = view.data.table(item.name).astype("string").fillna("").to_numpy().ravel()
            cited |= set(re.findall(r"\w+", " ".join(cells))) & set(known)
    frame = view.data.table("sources")
    frame = frame[frame["source_id"].isin(cited)]
    order = frame["source_id"].str.extract(r"(?P<kind>\D+)(?P<number>\d+)").astype({"number": int})
    frame = frame.loc[order.sort_values(["kind", "number"]).index]
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
        [_cell(view, described, described.field(name), row[name]) for name in names]
        for _, row in frame.iterrows()
    ]
    return table(view, described.titles[view.language.code], columns, rows)


def coverage(view: View) -> Table:
    """Count, for each indicator, the figures published by region, and those with a target."""
    say = view.language.say
    evaluation = view.data.evaluation
    reported = view.data.table(REPORTED)
    used = reported[reported["used"]]
    targets = view.data.table(TARGETS).set_index("indicator")
    areas = [region.code for region in evaluation.reported_regions()] + [evaluation.programme.whole]
    columns = [
        Column(say("Indicator")),
        *(Column(view.area(area), kind="number") for area in areas),
        Column(say("With a baseline"), kind="number"),
        Column(say("With a target"), kind="number"),
    ]
    rows = []
    for indicator in dict.fromkeys(used["indicator"].sort_values(key=view.rank)):
        places = used.loc[used["indicator"] == indicator, "region"].str.split(JOINT)
        counts = [int(places.map(lambda parts, area=area: area in parts).sum()) for area in areas]
        own = targets.loc[targets.index == indicator, ["baseline", "target"]].notna().sum()
        cells = [str(count) if count else ABSENT for count in [*counts, *own]]
        rows.append([view.name(indicator), *cells])
    return table(view, say("Figures published, by indicator and region"), columns, rows)


def holdings(view: View) -> Table:
    """List the tables of the data package, how many rows each has and what kind of source."""
    say = view.language.say
    kinds = {
        "programme": say("published by the programme"),
        "official": say("official statistics"),
        "survey": say("computed by others from survey microdata"),
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


def _cell(view: View, described: Described, item: Field, value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
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
    if item.name == "statement_es":
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
