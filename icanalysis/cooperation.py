"""Delay, execution and turnover of a programme of several agencies: frames in, frames out."""

from __future__ import annotations

import datetime
import math

import pandas as pd

from icanalysis.evaluation import JOINT

DAYS_IN_MONTH = 365.2425 / 12
MONEY = ("requested", "transferred", "spent")


def months_late(due: object, done: object) -> float:
    """Months from one date to another: negative where it came early.

    With both days known it counts days, and takes a month as a twelfth of a year. Where only a
    month is known, it counts from month to month, so that it may be out by up to one either way.
    NaN where a date is missing or is only a year.
    """
    if pd.isna(due) or pd.isna(done):  # type: ignore[call-overload]
        return math.nan
    first, last = (tuple(int(part) for part in str(date).split("-")) for date in (due, done))
    if min(len(first), len(last)) < 2:
        return math.nan
    if len(first) == len(last) == 3:
        return (datetime.date(*last) - datetime.date(*first)).days / DAYS_IN_MONTH
    return float(12 * (last[0] - first[0]) + last[1] - first[1])


def delays(milestones: pd.DataFrame) -> pd.DataFrame:
    """Milestones set against the one planned: one row each, in the order of the table.

    Returns
    -------
    DataFrame
        milestone, planned_as, due and done (dates as they are known), months (late; NaN where
        they cannot be counted), source_id (of both dates).
    """
    planned = milestones.set_index("milestone")
    rows = [
        {
            "milestone": row["milestone"],
            "planned_as": row["planned_as"],
            "due": planned["date"][row["planned_as"]],
            "done": row["date"],
            "months": months_late(planned["date"][row["planned_as"]], row["date"]),
            "source_id": f"{planned['source_id'][row['planned_as']]}; {row['source_id']}",
        }
        for _, row in milestones[milestones["planned_as"].notna()].iterrows()
    ]
    return pd.DataFrame(rows, columns=list(_DELAYS))


_DELAYS = ("milestone", "planned_as", "due", "done", "months", "source_id")


def finance(funds: pd.DataFrame) -> pd.DataFrame:
    """Tell what each agency asked for, received and spent, period by period and in all.

    Returns
    -------
    DataFrame
        By agency, currency and period: requested, transferred, spent, execution_pct (spent of
        what was transferred in the same period), months_late (of the transfer), ahead (whether
        all spent so far exceeds all transferred so far), note, source_id. An agency with
        several periods has a row for all of them too, whose period is empty: an amount is
        summed only where every period has it, and months_late is the mean of the transfers
        whose dates are known.
    """
    rows: list[dict[str, object]] = []
    in_order = funds.sort_values(["agency", "currency", "period"])
    for (agency, currency), each in in_order.groupby(["agency", "currency"], sort=False):
        account = {"agency": agency, "currency": currency}
        so_far = each[["transferred", "spent"]].cumsum(skipna=False)
        late = [
            months_late(due, done)
            for due, done in zip(each["date_due"], each["date_transferred"], strict=True)
        ]
        rows += [
            {
                **account,
                **{name: row[name] for name in ("period", *MONEY, "source_id")},
                "note": "" if pd.isna(row["note"]) else row["note"],
                "execution_pct": _share(row["spent"], row["transferred"]),
                "months_late": months,
                "ahead": bool(spent > received),
            }
            for (_, row), months, (received, spent) in zip(
                each.iterrows(), late, so_far.to_numpy(), strict=True
            )
        ]
        if len(each) > 1:
            sums = {name: each[name].sum(skipna=False) for name in MONEY}
            rows.append(
                {
                    **account,
                    **sums,
                    "period": "",
                    "source_id": "; ".join(dict.fromkeys(each["source_id"])),
                    "note": "",
                    "execution_pct": _share(sums["spent"], sums["transferred"]),
                    "months_late": pd.Series(late, dtype="float64").mean(),
                    "ahead": bool(sums["spent"] > sums["transferred"]),
                }
            )
    return pd.DataFrame(rows, columns=list(_FINANCE))


_FINANCE = (
    "agency",
    "currency",
    "period",
    *MONEY,
    "execution_pct",
    "months_late",
    "ahead",
    "note",
    "source_id",
)


def _share(spent: float, transferred: float) -> float:
    """Percentage spent; NaN where nothing was transferred: there is nothing to have spent."""
    return 100 * spent / transferred if transferred > 0 else math.nan


def turnover(posts: pd.DataFrame) -> pd.DataFrame:
    """How each post changed hands: one row for a post of an agency.

    Returns
    -------
    DataFrame
        agency, post, holders, left (spells that ended), in_writing (left with a written
        handover), not_known (left, and what was handed over is not known), vacant_months
        (between one spell and the next; NaN where a date lacks), source_id.
    """
    rows = []
    for (agency, post), each in posts.groupby(["agency", "post"], sort=True):
        spells = each.sort_values("start")
        left = spells[spells["end"].notna()]
        gaps = [
            months_late(end, start)
            for end, start in zip(spells["end"].iloc[:-1], spells["start"].iloc[1:], strict=True)
        ]
        rows.append(
            {
                "agency": agency,
                "post": post,
                "holders": len(spells),
                "left": len(left),
                "in_writing": int((left["handover"] == "document").sum()),
                "not_known": int(left["handover"].isna().sum()),
                # Two may overlap while one hands over to the other: no vacancy, nor less than none.
                "vacant_months": math.nan
                if any(map(math.isnan, gaps))
                else sum(max(gap, 0.0) for gap in gaps),
                "source_id": "; ".join(dict.fromkeys(spells["source_id"])),
            }
        )
    return pd.DataFrame(rows, columns=list(_TURNOVER))


_TURNOVER = (
    "agency",
    "post",
    "holders",
    "left",
    "in_writing",
    "not_known",
    "vacant_months",
    "source_id",
)


def placed(
    partners: pd.DataFrame, commitments: pd.DataFrame, roles: pd.DataFrame
) -> dict[str, set[str]]:
    """Regions in which each organisation is known to have acted, from every table that says so.

    The whole programme is no region: what is only known to be of the programme places nobody.
    """
    columns = [
        partners[["partner", "region"]],
        commitments[["partner", "region"]],
        roles[["agency", "region"]].rename(columns={"agency": "partner"}),
    ]
    known = pd.concat(columns).dropna()
    where: dict[str, set[str]] = {}
    for partner, region in zip(known["partner"], known["region"], strict=True):
        where.setdefault(str(partner), set()).update(str(region).split(JOINT))
    return where
