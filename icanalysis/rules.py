"""Rows whose cells fit one by one but not together, in the tables that offices fill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from icanalysis.cells import Grid
from icanalysis.errors import Problem
from icanalysis.indicators import TARGETS
from icanalysis.language import Message, msg

# Column at fault, what is wrong, what to do.
Fault = tuple[str, Message, Message]
Row = Mapping[str, str]
# Faults of a table's rows, each with the place of its row.
Rule = Callable[[Sequence[Row]], Iterator[tuple[int, Fault]]]


def row_problems(table: str, grid: Grid) -> list[Problem]:
    """List the rows of a sound table that cannot be true as they stand."""
    rule = RULES.get(table)
    if rule is None:
        return []
    rows = [dict(zip(grid.header, row, strict=True)) for row in grid.rows]
    return [
        Problem(grid.file, trouble, remedy, line=grid.lines[place], column=column,
                found=rows[place][column])
        for place, (column, trouble, remedy) in rule(rows)
    ]  # fmt: skip


def _each(judge: Callable[[Row], Iterator[Fault]]) -> Rule:
    """Judge row by row."""
    return lambda rows: ((place, fault) for place, row in enumerate(rows) for fault in judge(row))


def _target(row: Row) -> Iterator[Fault]:
    known = [name for name in ("baseline", "target") if row[name]]
    years = [int(row[f"{name}_year"] or 0) for name in ("baseline", "target")]
    if row["status"] == "published" and not known:
        yield (
            "status",
            msg("published, but without a baseline or a target"),
            msg("fill them, or write not_published"),
        )
    if row["status"] == "not_published" and known:
        yield (
            "status",
            msg("not published, but with a baseline or a target"),
            msg("write published, with its source, or empty them"),
        )
    if len(known) == 2 and float(row["target"]) == float(row["baseline"]):
        yield (
            "target",
            msg("the target equals the baseline, so there is no way to cover"),
            msg("correct one of them"),
        )
    if 0 < years[1] <= years[0]:
        yield (
            "target_year",
            msg("the target's year does not come after the baseline's"),
            msg("correct one of them"),
        )


def _funds(rows: Sequence[Row]) -> Iterator[tuple[int, Fault]]:
    accounts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        accounts[row["agency"], row["currency"]].append(place)
    for places in accounts.values():
        in_order = sorted(places, key=lambda place: rows[place]["period"])
        quartered = {rows[place]["period"][:4] for place in places if "Q" in rows[place]["period"]}
        ahead = _first_ahead([rows[place] for place in in_order])
        if ahead is not None and not rows[in_order[ahead]]["note"]:
            yield (
                in_order[ahead],
                (
                    "spent",
                    msg("up to this period more was spent than had been transferred"),
                    msg("correct the amounts, or say in the note where the rest came from"),
                ),
            )
        for place in in_order:
            row = rows[place]
            if row["period"] in quartered:
                yield (
                    place,
                    (
                        "period",
                        msg("the year stands beside its own quarters, and would count twice"),
                        msg("keep the year or its quarters"),
                    ),
                )
            asked, came = row["requested"], row["transferred"]
            if asked and came and float(came) > float(asked) and not row["note"]:
                yield (
                    place,
                    (
                        "transferred",
                        msg("more was transferred than was asked for"),
                        msg("correct the amounts, or say why in the note"),
                    ),
                )


def _first_ahead(account: Sequence[Row]) -> int | None:
    """Place of the first period by which more was spent than had come, as far as is known."""
    received = paid = 0.0
    for place, row in enumerate(account):
        if not row["transferred"] or not row["spent"]:
            return None
        received, paid = received + float(row["transferred"]), paid + float(row["spent"])
        if paid > received:
            return place
    return None


def _post(row: Row) -> Iterator[Fault]:
    if row["end"] and _before(row["end"], row["start"]):
        yield "end", msg("the post ends before it starts"), msg("correct one of the dates")
    if row["handover"] and not row["end"]:
        yield (
            "handover",
            msg("something is said of the handover of a post that has not ended"),
            msg("write its end, or leave the handover empty"),
        )


def _before(one: str, other: str) -> bool:
    """Whether a date comes before another, as far as both are known."""
    length = min(len(one), len(other))
    return one[:length] < other[:length]


def _ordinance(row: Row) -> Iterator[Fault]:
    if row["level"] == "regional" and row["district"]:
        yield (
            "district",
            msg("a regional ordinance holds in the whole region"),
            msg("leave it empty, or correct the level"),
        )


def _commitment(row: Row) -> Iterator[Fault]:
    if row["executed_amount"] and row["executed_status"] == "not_published":
        yield (
            "executed_status",
            msg("not published, but with an amount spent"),
            msg("write published, with its source, or empty the amount"),
        )


def _participation(rows: Sequence[Row]) -> Iterator[tuple[int, Fault]]:
    everyone = {
        row["region"]: int(row["count"]) for row in rows if row["population_group"] == "everyone"
    }
    for place, row in enumerate(rows):
        most = everyone.get(row["region"])
        part = row["population_group"] in ("women", "indigenous_people")
        if part and most is not None and int(row["count"]) > most:
            yield (
                place,
                (
                    "count",
                    msg("more than everyone who took part in the region, {most}", most=most),
                    msg("correct one of the two counts"),
                ),
            )


RULES: Mapping[str, Rule] = {
    TARGETS: _each(_target),
    "funds": _funds,
    "posts": _each(_post),
    "ordinances": _each(_ordinance),
    "commitments": _each(_commitment),
    "participation": _participation,
}
