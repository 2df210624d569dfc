"""What was promised, what stays and who took part: commitments, ordinances, participation, goals."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from icanalysis import delivery, terms
from icanalysis.evaluation import JOINT
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, grouped, table
from icanalysis.partnership import short, source_ids, unknown
from icanalysis.view import View

PROMISES = ("budget", "plan", "co_funding")
SERVICES = ("single_window", "staff", "follow_up")


def promised(view: View) -> Table:
    """Set budgets, plans and money promised against what was spent, by region."""
    say = view.language.say
    rows = [
        [
            _where(view, row),
            _by(view, row),
            _statement(view, row),
            _amount(view, row, "amount"),
            _executed(view, row),
            _source(view, row),
        ]
        for _, row in _of_kinds(view, PROMISES).iterrows()
    ]
    # What one sentence says of several is told once, unless their amounts differ.
    rows = grouped(rows, [0, 2, 3, 4, 5])
    columns = [
        Column(say("Where")),
        Column(say("Who")),
        Column(say("What was promised")),
        Column(say("Promised"), kind="number"),
        Column(say("Spent"), kind="number"),
        Column(say("Source")),
    ]
    return table(view, say("Public commitments: promised and spent"), columns, rows)


def promised_told(view: View) -> str:
    """Say of how many commitments the amount and the spending are known."""
    rows = _of_kinds(view, PROMISES)
    known = rows[rows["amount"].notna()]
    return view.language.say(
        "Commitments of money or plans: {all}. With an amount published: {known} ({amounts}). With what was "
        "spent published: {spent}.",
        all=len(rows),
        known=len(known),
        amounts="; ".join(
            f"{_where(view, row)}: {_amount(view, row, 'amount')}" for _, row in known.iterrows()
        )
        or ABSENT,
        spent=int(rows["executed_amount"].notna().sum()),
    )


def ordinances(view: View, counted: Mapping[str, str]) -> Table:
    """Set the ordinances counted by level against those known one by one, and those in force.

    Parameters
    ----------
    counted : mapping
        The indicator that counts the ordinances of each level.
    """
    say = view.language.say
    known = view.data.table("ordinances")
    rows = []
    for level, indicator in counted.items():
        line = view.one(
            indicator=indicator, region=view.region.code, statistic="level", status="used"
        )
        others = view.select(indicator=indicator, statistic="level", status="also_reported")
        own = known[known["level"] == level]
        rows.append(
            [
                view.label("ordinances", "level", level).capitalize(),
                unknown(view) if line is None else view.number(line),
                delivery.others(view, others) or ABSENT,
                str(len(own)) if len(own) else "○ " + say("none yet"),
                _in_force(view, own),
                ABSENT
                if line is None
                else source_ids([line["source"].partition(":")[0], *own["source_id"]]),
            ]
        )
    columns = [
        Column(say("Level")),
        Column(say("Published as passed"), kind="number"),
        Column(say("Also published")),
        Column(say("Known one by one"), kind="number"),
        Column(say("In force")),
        Column(say("Source")),
    ]
    return table(view, say("Ordinances: passed, known, in force"), columns, rows)


def _in_force(view: View, rows: pd.DataFrame) -> str:
    told = rows["in_force"].dropna()
    if told.empty:
        return unknown(view)
    return view.language.say("{holding} of {all} known", holding=int(told.sum()), all=len(rows))


def services(view: View) -> Table:
    """Tell the windows, staff and follow-up announced, and what is known of them afterwards."""
    say = view.language.say
    rows = [
        [
            view.label("commitments", "kind", row["kind"]).capitalize(),
            _by(view, row),
            _where(view, row),
            _statement(view, row),
            unknown(view)
            if row["executed_status"] == "not_published"
            else "● " + view.label("commitments", "executed_status", row["executed_status"]),
            str(row[f"note_{view.language.code}"]),
            _source(view, row),
        ]
        for _, row in _of_kinds(view, SERVICES).iterrows()
    ]
    columns = [
        Column(say("What")),
        Column(say("Who")),
        Column(say("Where")),
        Column(say("What the source says")),
        Column(say("Known to go on")),
        Column(say("What is missing")),
        Column(say("Source")),
    ]
    rows = grouped(rows, [0, 3, 4, 6])
    return table(view, say("Windows, staff and follow-up after the programme"), columns, rows)


def participation(view: View) -> Table:
    """Tell how many of each group took part, region by region."""
    say = view.language.say
    field = view.data.catalog.tables["participation"].field("population_group")
    rows = view.data.table("participation")
    regions = [region.code for region in view.data.evaluation.reported_regions()]
    areas = [*regions, view.data.evaluation.programme.whole]
    known = rows.set_index(["population_group", "region"])["count"]
    body = []
    for group in field.choices:
        own = rows[rows["population_group"] == group]
        body.append(
            [
                view.label("participation", "population_group", group).capitalize(),
                *(_count(view, known, group, area) for area in areas),
                source_ids(own["source_id"]) if len(own) else ABSENT,
            ]
        )
    columns = [
        Column(say("Who took part")),
        *(Column(view.area(area), kind="number") for area in areas),
        Column(say("Source")),
    ]
    return table(view, say("Participation, by group and region"), columns, body)


def _count(view: View, known: pd.Series, group: str, area: str) -> str:
    """Write a count; of women and indigenous people also their share, where everyone is counted."""
    if (group, area) not in known.index:
        return unknown(view)
    count = view.language.number(float(known[group, area]))
    if group not in ("women", "indigenous_people") or not known.get(("everyone", area), 0):
        return count
    share = 100 * known[group, area] / known["everyone", area]
    return f"{count} ({view.language.number(float(share), 0)}%)"


def goals(view: View) -> Table:
    """Set official indicators of the Sustainable Development Goals beside what stands here."""
    say, code = view.language.say, view.language.code
    rows = [
        [
            str(row["code"]),
            str(row[f"name_{code}"]),
            "○ " + say("nothing near it")
            if pd.isna(row["proxy"])
            else "◐ " + view.name(row["proxy"]),
            str(row[f"difference_{code}"]),
        ]
        for _, row in view.data.table("sdg").iterrows()
    ]
    columns = [
        Column(say("Code")),
        Column(say("Official indicator")),
        Column(say("Nearest here")),
        Column(say("Why it is not the official one")),
    ]
    sources = view.data.table("sources").set_index("source_id")["title"]
    cited = view.data.table("sdg")["source_id"].unique()
    note = say(
        "◐: something near it, which is not it. Official wording: {sources}.",
        sources="; ".join(f"{name}, {sources[name]}" for name in cited),
    )
    return table(view, view.data.catalog.tables["sdg"].titles[code], columns, rows, note=note)


def goals_told(view: View) -> str:
    """Say how many official indicators have something near them here, and that none is measured."""
    rows = view.data.table("sdg")
    return view.language.say(
        "None of these {all} official indicators is measured here; {near} have something near them.",
        all=len(rows),
        near=int(rows["proxy"].notna().sum()),
    )


def _of_kinds(view: View, kinds: tuple[str, ...]) -> pd.DataFrame:
    """Take commitments of some kinds, in the regions' fixed order; joint ones and the rest last."""
    rows = view.data.table("commitments")
    rows = rows[rows["kind"].isin(kinds)]
    regions = [region.code for region in view.data.evaluation.reported_regions()]
    place = {code: rank for rank, code in enumerate(regions)}
    order = [
        (place.get(region, len(place) + (0 if isinstance(region, str) else 1)), kinds.index(kind))
        for region, kind in zip(rows["region"], rows["kind"], strict=True)
    ]
    return rows.iloc[sorted(range(len(rows)), key=lambda row: order[row])]


def _where(view: View, row: pd.Series) -> str:
    return (
        view.language.say("Region not stated")
        if pd.isna(row["region"])
        else view.area(row["region"])
    )


def _by(view: View, row: pd.Series) -> str:
    if pd.isna(row["partner"]):
        return unknown(view)
    return "; ".join(short(view, partner) for partner in row["partner"].split(JOINT))


def _statement(view: View, row: pd.Series) -> str:
    text = str(row[f"statement_{view.language.code}"])
    return f"«{text}»" if view.language.code == "es" else text


def _amount(view: View, row: pd.Series, name: str) -> str:
    if math.isnan(row[name]):
        return unknown(view)
    currency = view.label("commitments", "currency", row["currency"])
    return f"{view.language.number(row[name], 0)} {currency}"


def _executed(view: View, row: pd.Series) -> str:
    """Write what was spent, with its share of what was promised where both are known."""
    text, promise = _amount(view, row, "executed_amount"), row["amount"]
    if math.isnan(row["executed_amount"]) or not promise > 0:
        return text
    share = 100 * row["executed_amount"] / promise
    beyond = "▲ " if row["executed_amount"] > promise else ""
    return f"{beyond}{text} ({view.language.number(share, 1)}%)"


def _source(view: View, row: pd.Series) -> str:
    return terms.source(f"{row['source_id']}: {row['place']}", view.language)
