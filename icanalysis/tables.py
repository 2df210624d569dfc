"""Tables as agencies read them: caption, header cells, units, and the source of every row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from icanalysis import wording
from icanalysis.catalog import Field
from icanalysis.catalog import Table as Described
from icanalysis.evaluation import JOINT
from icanalysis.indicators import REPORTED
from icanalysis.language import ABSENT
from icanalysis.view import View

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Column:
    """A column's printed title, and whether its cells are numbers (aligned to the right)."""

    title: str
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """A finished table: Jupyter shows it as HTML."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


@cache
def _template() -> Template:
    # Autoescape: a name in the data can never become markup.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("table.html.j2")


def table(
    view: View,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    note: str = "",
    simulated: bool = False,
) -> Table:
    """Lay out rows of text under a caption; the first cell of a row is its header.

    A table without rows says so instead of showing an empty frame.
    """
    if not rows:
        note = view.language.say("Nothing was found for {region}.", region=view.place)
    html = _template().render(
        caption=caption,
        columns=columns if rows else [],
        rows=rows,
        note=note,
        badge=view.language.say("SIMULATED") if simulated else "",
    )
    return Table(html, f"{caption} ({len(rows)} × {len(columns)})")


def delivered(view: View, *, whole: bool) -> Table:
    """Tell reported figures with baseline, target, achievement and other published counts.

    `whole` takes the programme's figures; otherwise those of the region, joint ones included.
    """
    say = view.language.say
    rows = view.select(statistic="level", status="used")
    rows = rows[~rows.index.isin(view.lines.index[view.here]) == whole]
    rows = rows.sort_values("indicator", key=view.rank, kind="stable")
    columns = [
        Column(say("Indicator")),
        Column(say("Reported")),
        Column(say("Where")),
        Column(say("Sector")),
        Column(say("Component")),
        Column(say("Against its target")),
        Column(say("Also published")),
        Column(say("Source")),
    ]
    caption = (
        say("Reported for the programme as a whole")
        if whole
        else say("Reported for {region}, alone or jointly", region=view.place)
    )
    body = [_delivered_row(view, line) for _, line in rows.iterrows()]
    return table(view, caption, columns, body, note=wording.scheme(view))


def _delivered_row(view: View, line: pd.Series) -> list[str]:
    same = {name: line[name] for name in ("indicator", "region", "group")}
    achieved = view.one(**same, statistic="achievement", source=line["source"])
    others = view.select(**same, statistic="level", status="also_reported")
    component = view.indicators["component"][line["indicator"]]
    sector, population = view.split_group(line["group"])
    return [
        view.name(line["indicator"]) + (f" ({population})" if population else ""),
        view.value(line),
        view.area(line["region"]),
        sector or ABSENT,
        view.label("indicators", "component", component) or ABSENT,
        ABSENT if achieved is None else wording.achievement(view, achieved),
        wording.others(view, others) or ABSENT,
        wording.source(line["source"], view.language),
    ]


def conflicts(view: View) -> Table:
    """Put counts that contradict each other side by side, with the one used and why."""
    say = view.language.say
    rows = []
    for line in wording.conflicting(view):
        for _, row in published(view, line).iterrows():
            rows.append(
                [
                    view.name(line["indicator"]),
                    view.language.number(row["value"]),
                    wording.status("used" if row["used"] else "also_reported", view.language),
                    str(row[f"reason_{view.language.code}"]),
                    wording.source(f"{row['source_id']}: {row['place']}", view.language),
                ]
            )
    columns = [
        Column(say("Indicator")),
        Column(say("Published"), numeric=True),
        Column(say("Here")),
        Column(say("Why")),
        Column(say("Source")),
    ]
    return table(view, say("Counts published with different values"), columns, rows)


def published(view: View, line: pd.Series) -> pd.DataFrame:
    """Rows of the programme's records that publish the figure a line quotes."""
    rows = view.data.table(REPORTED)
    group = rows["sector"].fillna("") + ";" + rows["population"].fillna("")
    asked = "" if line["group"] == "all" else line["group"]
    same = (rows["indicator"] == line["indicator"]) & (rows["region"] == line["region"])
    found: pd.DataFrame = rows[same & (group.str.strip(";") == asked)]
    return found


def levels(view: View, indicator: str) -> Table:
    """Tell one context series year by year, beside the country and the group's interval."""
    say = view.language.say
    reference = view.data.evaluation.reference
    plan = next(item for item in view.data.evaluation.context if item.indicator == indicator)
    rows = view.select(indicator=indicator, region=view.region.code, statistic="level")
    beside = view.lines.iloc[0:0]
    if reference:
        beside = view.select(indicator=indicator, region=reference.code, statistic="level")
    group = view.lines.iloc[0:0]
    if plan.group_interval:
        group = view.select(indicator=plan.group_interval.indicator, region=view.region.code)
    country, intervals = beside.set_index("period"), group.set_index("period")
    unit = "" if rows.empty else view.unit(rows.iloc[0])
    columns = [Column(say("Year")), Column(f"{view.place} ({unit})", numeric=True)]
    if reference and not beside.empty:
        columns.append(Column(f"{reference.named(view.language.code)} ({unit})", numeric=True))
    if not group.empty:
        columns.append(
            Column(say("95% interval of the region's group ({unit})", unit=unit), numeric=True)
        )
    columns.append(Column(say("Source")))
    body = []
    for _, line in rows.sort_values("period").iterrows():
        year = line["period"]
        row = [str(year), view.number(line)]
        if reference and not beside.empty:
            row.append(view.number(country.loc[year]) if year in country.index else ABSENT)
        if not group.empty:
            row.append(_interval(view, intervals.loc[year]) if year in intervals.index else ABSENT)
        body.append([*row, _sources(line, intervals, year)])
    note = ""
    if not group.empty:
        note = say(
            "The interval is that of a group of similar regions, not of {region}: the region's own "
            "value may lie outside it.",
            region=view.place,
        )
    return table(view, f"{view.name(indicator)}, {view.place}", columns, body, note=note)


def _interval(view: View, line: pd.Series) -> str:
    low, high = (view.language.number(line[name], 1) for name in ("low", "high"))
    return f"{low} – {high}"


def _sources(line: pd.Series, intervals: pd.DataFrame, year: str) -> str:
    found = [line["source"]]
    if year in intervals.index:
        found.append(str(intervals["source"][year]))
    return "; ".join(dict.fromkeys("; ".join(found).split("; ")))


def changes(view: View) -> Table:
    """Tell the change of every context series, for each baseline year tried."""
    say = view.language.say
    rows = view.select(region=view.region.code, statistic="change")
    rows = rows.sort_values("indicator", key=view.rank, kind="stable")
    body = [
        [
            view.name(line["indicator"]),
            line["period"].replace("-", "–"),
            view.value(line, signed=True),
            wording.change_status(line["status"], view.language),
            line["source"],
        ]
        for _, line in rows.iterrows()
    ]
    columns = [
        Column(say("Indicator")),
        Column(say("Years")),
        Column(say("Change"), numeric=True),
        Column(say("How to read it")),
        Column(say("Source")),
    ]
    caption = say("Change by baseline year, {region}", region=view.place)
    return table(view, caption, columns, body)


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
        *(Column(_title(view, item), item.type in ("integer", "number")) for item in chosen),
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


def _source(view: View, row: pd.Series) -> str:
    """Source of a record and the place in it, where one is given."""
    place = row.get("place_in_source", row.get("place"))
    text = row["source_id"] if place is None or pd.isna(place) else f"{row['source_id']}: {place}"
    return wording.source(text, view.language)


def sources(view: View) -> Table:
    """Tell every source this page cites: title, publisher, address, how much of it was read."""
    cited = set(view.lines["source"].str.findall(r"(?:^|; )([^:;]+)").explode())
    for item in view.data.catalog.tables.values():
        if item.source_kind == "programme" and any(
            field.name == "source_id" for field in item.fields
        ):
            cited |= set(view.data.table(item.name)["source_id"])
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
    columns = [Column(_title(view, described.field(name))) for name in names]
    rows = [
        [_cell(view, described, described.field(name), row[name]) for name in names]
        for _, row in frame.iterrows()
    ]
    return table(view, described.titles[view.language.code], columns, rows)


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
        return view.language.number(float(text))
    return item.label(text, view.language.code)


def _partners(view: View, codes: str) -> str:
    names = view.data.table("partners").set_index("partner")[f"name_{view.language.code}"]
    return view.language.listed([str(names[code]) for code in codes.split(JOINT)])
