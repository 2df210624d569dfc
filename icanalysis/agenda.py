"""The common agenda in time, and how much of what the sources say can be tested."""

from __future__ import annotations

import math
import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from icanalysis import cooperation, terms
from icanalysis.drawing import BESIDE, HERE, INK, PALE, canvas, source_line, styled
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.view import View

LABEL_WIDTH = 36  # characters of an event's name on a line
UNKNOWN = "#f3f3f3"
# How a milestone of each kind is marked: shape, colour, whether filled.
MARKS = {
    "planned": ("D", HERE, False),
    "actual": ("o", HERE, True),
    "document": ("s", BESIDE, True),
}


@styled
def timeline(view: View) -> Figure:
    """Draw milestones from the first to the last, planned and actual, and each delay."""
    rows = _in_order(view)
    figure, axes = canvas(1.0 + 0.36 * len(rows))
    period = view.data.evaluation.programme.period
    axes.axvspan(period.start, period.end + 1, color=PALE, zorder=0, linewidth=0)
    left, right = _span(rows, period.end)
    delays = _delays(view)
    for place, (_, row) in enumerate(rows.iterrows()):
        until = -math.inf
        if row["milestone"] in delays.index:
            until = _delay(view, axes, place, delays.loc[row["milestone"]])
        _milestone(view, axes, place, row, right, until)
    names = [textwrap.fill(str(name), LABEL_WIDTH) for name in rows[f"event_{view.language.code}"]]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(left, right)
    years = range(math.ceil(left), math.floor(right) + 1)
    axes.set_xticks([year + 0.5 for year in years[:-1]], [str(year) for year in years[:-1]])
    axes.tick_params(axis="x", length=0, labelsize=9)
    axes.set_xticks(years, minor=True)  # a year begins here; a line would run through the dates
    axes.tick_params(axis="x", which="minor", length=6)
    axes.set_title(
        view.language.say("◇ planned   ● happened   ■ document   ○ date not known"),
        loc="left",
        fontsize=9,
    )
    source_line(view, figure, list(rows["source_id"]))
    return figure


def _in_order(view: View) -> pd.DataFrame:
    """Milestones by date, the planned before what answers to it; those without a date last."""
    rows = view.data.table("milestones")
    begins = rows["date"].map(lambda date: math.inf if pd.isna(date) else _when(date)[0])
    return rows.loc[begins.sort_values(kind="stable").index].reset_index(drop=True)


def _span(rows: pd.DataFrame, end: int) -> tuple[float, float]:
    """First and last year drawn; a plan that runs far beyond is marked at the edge."""
    dated = rows.dropna(subset="date")
    near = [_when(date)[1] for date in dated.loc[dated["kind"] != "planned", "date"]]
    return (
        math.floor(min(_when(date)[0] for date in dated["date"])),
        math.ceil(max([*near, end + 1.0])) + 1.0,
    )


def _when(date: str) -> tuple[float, float]:
    """Turn a date into the stretch of years it may stand for: a day, a month or a year."""
    year, month, day = (*(int(part) for part in date.split("-")), 0, 0)[:3]
    if not month:
        return year, year + 1
    start = year + (month - 1) / 12
    if not day:
        return start, start + 1 / 12
    return start + (day - 1) / 365, start + day / 365


def _milestone(
    view: View, axes: Axes, place: int, row: pd.Series, right: float, until: float
) -> None:
    """Draw a milestone and write its date, beside the line that reaches `until` there in its row."""
    shape, colour, filled = MARKS[row["kind"]]
    if pd.isna(row["date"]):
        axes.axhspan(place - 0.38, place + 0.38, color=UNKNOWN, zorder=0.2, linewidth=0)
        text = "○ " + view.language.say("date not known")
        axes.annotate(text, (0.02, place), xycoords=("axes fraction", "data"), va="center",
                      fontsize=8, color="#555555")  # fmt: skip
        return
    start, end = _when(row["date"])
    date = view.language.date(row["date"])
    if start >= right:
        axes.annotate(f"◇ {date} →", (right, place), xytext=(-4, 0), textcoords="offset points",
                      ha="right", va="center", fontsize=8, color=colour)  # fmt: skip
        return
    if row["precision"] == "year":  # anywhere in the year: a bar, no point
        axes.hlines(place, start, end, color=colour, linewidth=3, alpha=0.6)
    middle = (start + end) / 2
    axes.plot(
        middle,
        place,
        shape,
        color=colour,
        markerfacecolor=colour if filled else "white",
        markersize=7,
    )
    early = end < until  # the line to its planned date goes to the right: the date stands before
    axes.annotate(date, (start if early else end, place), xytext=(-7 if early else 7, 0),
                  textcoords="offset points", ha="right" if early else "left", va="center",
                  fontsize=8, color=INK)  # fmt: skip


def _delay(view: View, axes: Axes, place: int, delay: pd.Series) -> float:
    """Draw when a milestone had been planned, joined to when it came; return where that ends."""
    if math.isnan(delay["months"]):
        return -math.inf
    due, done = (sum(_when(delay[name])) / 2 for name in ("due", "done"))
    axes.hlines(place, due, done, color=HERE, linewidth=1.5, zorder=1)
    shape, colour, _ = MARKS["planned"]
    axes.plot(due, place, shape, color=colour, markerfacecolor="white", markersize=5)
    axes.annotate(
        _apart(view, delay),
        ((due + done) / 2, place),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=8.5,
        fontweight="bold",
        color=HERE,
    )
    return max(due, done)


def _delays(view: View) -> pd.DataFrame:
    """Milestones set against the one planned, by their code."""
    return cooperation.delays(view.data.table("milestones")).set_index("milestone")


def _apart(view: View, delay: pd.Series) -> str:
    """Write how many months after its planned date a milestone came: "≈ +6 months"."""
    exact = _to_the_day(delay)
    months = view.language.number(delay["months"], int(exact), signed=True)
    return ("" if exact else "≈ ") + view.language.say("{months} months", months=months)


def milestones(view: View) -> Table:
    """Tell what the timeline draws: each milestone's date, and how long after the planned one."""
    say = view.language.say
    delays = _delays(view)
    columns = [
        Column(say("Milestone")),
        Column(say("Date")),
        Column(say("What it is")),
        Column(say("Against the planned date")),
        Column(say("Note")),
        Column(say("Source")),
    ]
    body = []
    for _, row in _in_order(view).iterrows():
        late, note = ABSENT, row[f"note_{view.language.code}"]
        if row["milestone"] in delays.index:
            delay = delays.loc[row["milestone"]]
            late = "○" if math.isnan(delay["months"]) else _apart(view, delay)
        unknown = "○ " + say("date not known")
        body.append(
            [
                str(row[f"event_{view.language.code}"]),
                unknown if pd.isna(row["date"]) else view.language.date(row["date"]),
                view.label("milestones", "kind", row["kind"]),
                late,
                ABSENT if pd.isna(note) else str(note),
                terms.source(f"{row['source_id']}: {row['place']}", view.language),
            ]
        )
    caption = view.data.catalog.tables["milestones"].titles[view.language.code]
    return table(view, caption, columns, body)


def _months(view: View, delay: pd.Series) -> str:
    """Write a delay: with a decimal where both days are known, otherwise as about so many."""
    months, number = abs(delay["months"]), view.language.number
    if _to_the_day(delay):
        return view.language.say("{months} months", months=number(months, 1))
    return view.language.say("about {months} months", months=number(months, 0))


def _to_the_day(delay: pd.Series) -> bool:
    return len(delay["due"]) == len(delay["done"]) == len("2013-06-20")


def timeline_alt(view: View) -> str:
    """Describe the chart of milestones."""
    rows = _in_order(view)
    event = f"event_{view.language.code}"
    dated = rows.dropna(subset="date")
    told = [
        f"{view.language.date(row['date'])}, {row[event]}"
        f" ({view.label('milestones', 'kind', row['kind'])})"
        for _, row in dated.iterrows()
    ]
    blank = [str(row[event]) for _, row in rows[rows["date"].isna()].iterrows()]
    return view.language.say(
        "Timeline of milestones, with the programme's planned years shaded. {dated}. Date not known: "
        "{blank}. {delay}",
        dated="; ".join(told),
        blank="; ".join(blank) or ABSENT,
        delay=late(view),
    )


def late(view: View) -> str:
    """Say how long after its planned date each milestone came, and that the pairing is inferred."""
    say = view.language.say
    names = view.data.table("milestones").set_index("milestone")[f"event_{view.language.code}"]
    sentences = []
    for _, delay in cooperation.delays(view.data.table("milestones")).iterrows():
        told = {
            "done": _dated(view, names[delay["milestone"]], delay["done"]),
            "due": _dated(view, names[delay["planned_as"]], delay["due"]),
            "source": delay["source_id"],
        }
        if math.isnan(delay["months"]):
            sentence = say("{done} against {due}: not known how late [{source}].", **told)
        elif delay["months"] == 0:
            sentence = say("{done} came when planned: {due} [{source}].", **told)
        elif delay["months"] < 0:
            months = _months(view, delay)
            sentence = say("{done} came {months} before {due} [{source}].", months=months, **told)
        else:
            months = _months(view, delay)
            sentence = say("{done} came {months} after {due} [{source}].", months=months, **told)
        sentences.append(sentence)
    if not sentences:
        return say("No milestone is set against a planned one.")
    return " ".join(
        [*sentences, say("Inferred: that the one answers to the other is our reading.")]
    )


def _dated(view: View, name: str, date: object) -> str:
    when = "○" if pd.isna(date) else view.language.date(str(date))  # type: ignore[call-overload]
    return f"“{name}” ({when})"


# --- what can be tested -------------------------------------------------------------------


@styled
def tested(view: View) -> Figure:
    """Draw each statement of the register in the row of its theme: with some evidence or none."""
    rows = view.data.table("register")
    themes = list(dict.fromkeys(rows["theme"]))
    figure, axes = canvas(0.8 + 0.27 * len(themes))
    for place, theme in enumerate(themes):
        for rank, (_, row) in enumerate(rows[rows["theme"] == theme].iterrows()):
            some = row["evidence"] != "none"
            axes.annotate(
                f"{'●' if some else '○'} {row['item']}",
                (rank, place),
                ha="left",
                va="center",
                fontsize=8.5,
                color="white" if some else "#555555",
                bbox={
                    "boxstyle": "round,pad=0.25",
                    "facecolor": HERE if some else UNKNOWN,
                    "edgecolor": HERE if some else BESIDE,
                    "linewidth": 0.8,
                },
            )
    names = [view.label("register", "theme", theme).capitalize() for theme in themes]
    axes.set_yticks(range(len(themes)), names, fontsize=8.5)
    axes.set_ylim(len(themes) - 0.4, -0.6)
    axes.set_xlim(-0.1, rows["theme"].value_counts().max() + 2)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_title(
        view.language.say("● some evidence   ○ none   (C challenge, L lesson, K claim)"),
        loc="left",
        fontsize=9,
    )
    source_line(view, figure, list(rows["source_id"]))
    return figure


def tested_alt(view: View) -> str:
    """Describe the chart of statements and evidence."""
    rows = view.data.table("register")
    some = rows["evidence"] != "none"
    return view.language.say(
        "Statements of the sources by theme, each marked as with some evidence or with none. With some: "
        "{some}. With none: {none}.",
        some=", ".join(rows.loc[some, "item"]),
        none=", ".join(rows.loc[~some, "item"]),
    )


def tested_told(view: View) -> str:
    """Say how many challenges, lessons and claims have some evidence."""
    rows = view.data.table("register")
    some = rows["evidence"] != "none"
    return view.language.say(
        "The sources make {all} statements that evidence could bear out or not. For {some} something is "
        "held, never enough to settle it and at times against it; for {none}, nothing.",
        all=len(rows),
        some=int(some.sum()),
        none=int((~some).sum()),
    )
