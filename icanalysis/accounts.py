"""With what money, how late, and who left: what agencies would have to tell."""

from __future__ import annotations

import math

import pandas as pd

from icanalysis import cooperation
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.partnership import agencies, short, unknown
from icanalysis.view import View


def funds(view: View) -> Table:
    """Tell what each agency asked for, received and spent, its execution and its delay."""
    say = view.language.say
    told = cooperation.finance(view.data.table("funds"))
    # A column for marks and notes only where there are some.
    marked = bool(told["ahead"].any() or (told["note"] != "").any())
    rows = []
    for agency in agencies(view):
        own = told[told["agency"] == agency]
        rows += [_funds_row(view, row, marked=marked) for _, row in own.iterrows()]
        if own.empty:
            rows.append([short(view, agency), *([unknown(view)] * 5), *([ABSENT] * (1 + marked))])
    columns = [
        Column(say("Agency")),
        Column(say("Period"), kind="short"),
        Column(say("Asked for"), kind="number"),
        Column(say("Transferred"), kind="number"),
        Column(say("Spent"), kind="number"),
        Column(say("Months late"), kind="number"),
        *([Column(say("To be read with care"))] if marked else []),
        Column(say("Source")),
    ]
    return table(
        view,
        say("Funds by agency"),
        columns,
        rows,
        note=say(
            "Nominal amounts; in brackets, the share of what was transferred. Months late: from the date the transfer was due to the date it came; in all, "
            "the mean of an agency's transfers."
        ),
    )


def _funds_row(view: View, row: pd.Series, *, marked: bool) -> list[str]:
    number = view.language.number
    share, late = row["execution_pct"], row["months_late"]
    spent = _amount(view, row, "spent")
    return [
        short(view, row["agency"]),
        row["period"] or view.language.say("in all"),
        _amount(view, row, "requested"),
        _amount(view, row, "transferred"),
        spent if math.isnan(share) else f"{spent} ({number(share, 1)}%)",
        unknown(view) if math.isnan(late) else number(late, 1, signed=True),
        *([_care(view, row)] if marked else []),
        str(row["source_id"]),
    ]


def _amount(view: View, row: pd.Series, name: str) -> str:
    if math.isnan(row[name]):
        return unknown(view)
    return (
        f"{view.language.number(row[name], 0)} {view.label('funds', 'currency', row['currency'])}"
    )


def _care(view: View, row: pd.Series) -> str:
    """Mark spending beyond what had come, and quote whoever filled the row in."""
    mark = view.language.say("▲ more spent than transferred so far") if row["ahead"] else ""
    note = f"«{row['note']}»" if row["note"] else ""
    return " ".join(part for part in (mark, note) if part) or ABSENT


def funds_told(view: View) -> str:
    """Say of how many agencies money and delays are known."""
    say = view.language.say
    told = cooperation.finance(view.data.table("funds"))
    everyone = len(agencies(view))
    known = told["agency"].nunique()
    if not known:
        return say(
            "No amount asked for, transferred or spent was published for any of the {all} agencies, so "
            "neither the share spent nor a delay can be computed. What sources say of late "
            "disbursements is a statement, not a figure.",
            all=everyone,
        )
    late = told.loc[told["period"] != "", "months_late"].dropna()
    sentences = [
        say("Amounts are known of {known} of {all} agencies.", known=known, all=everyone),
    ]
    if len(late):
        sentences.append(
            say(
                "Of {all} transfers whose dates are known, {late} came late; the latest, {months} months.",
                all=len(late),
                late=int((late > 0).sum()),
                months=view.language.number(late.max(), 1),
            )
            if (late > 0).any()
            else say("None of the {all} transfers whose dates are known came late.", all=len(late))
        )
    if told["ahead"].any():
        sentences.append(
            say("Some spent more than had been transferred to them so far: see the table's marks.")
        )
    return " ".join(sentences)


def staff(view: View) -> Table:
    """Tell how each post changed hands, and what memory was handed over."""
    say = view.language.say
    number = view.language.number
    told = cooperation.turnover(view.data.table("posts"))
    rows = [
        [
            f"{row['post']} ({short(view, row['agency'])})",
            str(row["holders"]),
            str(row["left"]),
            unknown(view) if math.isnan(row["vacant_months"]) else number(row["vacant_months"], 1),
            say(
                "{documents} of {left}",
                documents=row["in_writing"],
                left=row["left"],
            )
            + (
                f" ({say('{count} not known', count=row['not_known'])})" if row["not_known"] else ""
            ),
            row["source_id"],
        ]
        for _, row in told.iterrows()
    ]
    columns = [
        Column(say("Post")),
        Column(say("Held by"), kind="number"),
        Column(say("Left"), kind="number"),
        Column(say("Months vacant"), kind="number"),
        Column(say("Handed over in writing")),
        Column(say("Source")),
    ]
    blank = [say("All posts"), *([unknown(view)] * 4), ABSENT]
    return table(view, say("Posts and what was handed over"), columns, rows or [blank])
