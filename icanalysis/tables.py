"""Tables of evidence: each row quotes a line, with its unit and its source."""

from __future__ import annotations

import pandas as pd

from icanalysis import delivery, terms, wording
from icanalysis.extracts import rows_on
from icanalysis.indicators import REPORTED
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.view import View


def delivered(view: View, *, whole: bool) -> Table:
    """Tell reported figures with baseline, target, achievement and other published counts.

    `whole` takes the programme's figures; otherwise those of the region, joint ones included.
    """
    say = view.language.say
    rows = view.delivered
    rows = rows[view.here[rows.index] != whole]
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
    note = view.language.say("Counts without a year are over the programme's life.")
    if not whole:
        note = f"{note} {delivery.scheme(view)}"
    return table(view, caption, columns, body, note=note, about=rows["indicator"])


def _delivered_row(view: View, line: pd.Series) -> list[str]:
    same = view.figure(line)
    achieved = view.one(**same, statistic="achievement")
    others = view.select(**same, statistic="level", status="also_reported")
    component = view.indicators["component"][line["indicator"]]
    sector, population = view.split_group(line["group"])
    return [
        view.name(line["indicator"]) + (f" ({population})" if population else ""),
        view.value(line) + delivery.counted(view, line) + delivery.year(line),
        view.area(line["region"]),
        sector or ABSENT,
        view.label("indicators", "component", component) or ABSENT,
        ABSENT if achieved is None else delivery.achievement(view, achieved),
        delivery.others(view, others) or ABSENT,
        terms.source(line["source"], view.language),
    ]


def conflicts(view: View) -> Table:
    """Put counts that contradict each other side by side, with the one used and why."""
    say = view.language.say
    rows, lines = [], delivery.conflicting(view)
    for line in lines:
        for _, row in published(view, line).iterrows():
            rows.append(
                [
                    view.name(line["indicator"]),
                    view.language.number(row["value"]),
                    terms.status("used" if row["used"] else "also_reported", view.language),
                    str(row[f"reason_{view.language.code}"]),
                    terms.source(f"{row['source_id']}: {row['place']}", view.language),
                ]
            )
    columns = [
        Column(say("Indicator")),
        Column(say("Published"), kind="number"),
        Column(say("Use")),
        Column(say("Why")),
        Column(say("Source")),
    ]
    caption = say("Counts published with different values")
    return table(view, caption, columns, rows, about=[line["indicator"] for line in lines])


def situation(view: View) -> Table:
    """Tell what the programme's documents state of the situation, in their own words."""
    say = view.language.say
    reference = view.data.evaluation.reference
    areas = [view.data.evaluation.programme.whole, *([reference.code] if reference else [])]
    records = rows_on(view.data, REPORTED, *areas)
    stated = records["indicator"].map(view.indicators["level"]) == "context"
    rows = records[stated & records["used"] & records["region"].isin(areas)]
    columns = [
        Column(say("Indicator")),
        Column(say("Value")),
        Column(say("Where")),
        Column(say("In the source's words")),
        Column(say("Source")),
    ]
    body = [
        [
            view.name(row["indicator"]),
            delivery.stated(view, row) + (f" {say('[counted here]')}" if row["counted"] else ""),
            view.area(row["region"]),
            ABSENT if pd.isna(row["quote"]) else f"«{row['quote']}»",
            terms.source(f"{row['source_id']}: {row['place']}", view.language),
        ]
        for _, row in rows.iterrows()
    ]
    caption = say("The situation, as the documents state it")
    return table(view, caption, columns, body, about=rows["indicator"])


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
    columns = [Column(say("Year")), Column(f"{view.place} ({unit})", kind="number")]
    if reference and not beside.empty:
        columns.append(Column(f"{reference.named(view.language.code)} ({unit})", kind="number"))
    if not group.empty:
        columns.append(
            Column(say("95% interval of the region's group ({unit})", unit=unit), kind="number")
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
    caption = f"{view.name(indicator)}, {view.place}{wording.prices(view, rows)}"
    return table(view, caption, columns, body, note=note, about=[indicator, *group["indicator"]])


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
    rows = rows[rows["indicator"].isin(item.indicator for item in view.data.evaluation.context)]
    rows = rows.sort_values("indicator", key=view.rank, kind="stable")
    body = [
        [
            view.name(line["indicator"]),
            line["period"].replace("-", "–"),
            view.value(line, signed=True),
            terms.change_status(line["status"], view.language),
            line["source"],
        ]
        for _, line in rows.iterrows()
    ]
    columns = [
        Column(say("Indicator")),
        Column(say("Years"), kind="short"),
        Column(say("Change"), kind="number"),
        Column(say("How to read it")),
        Column(say("Source")),
    ]
    caption = say("Change by baseline year, {region}", region=view.place)
    return table(view, caption, columns, body, about=rows["indicator"])


def counts(view: View) -> Table:
    """Tell every published count among the view's lines, with its use, its reason and source."""
    say = view.language.say
    rows = view.select(statistic="level").sort_values(
        ["region", "group", "status"], ascending=[True, True, False], kind="stable"
    )
    body = []
    for _, line in rows.iterrows():
        sector, population = view.split_group(line["group"])
        same = published(view, line)
        place = same["source_id"] + ": " + same["place"]
        reason = same.loc[place == line["source"], f"reason_{view.language.code}"]
        body.append(
            [
                view.area(line["region"]),
                ", ".join(filter(None, [sector, population])) or ABSENT,
                view.value(line) + delivery.counted(view, line) + delivery.year(line),
                terms.status(line["status"], view.language),
                ABSENT if reason.empty else str(reason.iloc[0]),
                terms.source(line["source"], view.language),
            ]
        )
    columns = [
        Column(say("Where")),
        Column(say("Group")),
        Column(say("Published"), kind="number"),
        Column(say("Use")),
        Column(say("Why")),
        Column(say("Source")),
    ]
    name = view.name(rows["indicator"].iloc[0]) if len(rows) else ""
    caption = say("{indicator}: every published count", indicator=name)
    note = say("Counts without a year are over the programme's life.")
    return table(view, caption, columns, body, note=note, about=rows["indicator"])
