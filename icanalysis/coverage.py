"""What is filled, missing, simulated: the state of every figure, in words, counts and tables."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from icanalysis import dossier, states
from icanalysis.drawing import HERE, INK
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.states import BASELINE, STATES, TARGET, TOTAL, Section, State
from icanalysis.view import View

# Shape, colour, background: told apart without colour, and in colours that colour-blind readers
# tell apart.
SHAPES: dict[State, tuple[str, str, str]] = {
    "filled": ("●", HERE, "#d6e4f3"),
    "joint": ("◐", HERE, "#e9f0f8"),
    "stale": ("◆", "#8a6100", "#fbeecb"),
    "simulated": ("▲", "#7a1f00", "#f7ddd0"),
    "suppressed": ("■", INK, "#cfcfcf"),
    "missing": ("○", "#8a8a8a", "#f6f6f6"),
}


@dataclass(frozen=True)
class Grid:
    """The state of every cell, and of every baseline and target, for one reader.

    `lines` are those that the states are told of.
    """

    view: View
    cells: pd.DataFrame
    ends: pd.DataFrame
    lines: pd.DataFrame

    @property
    def sections(self) -> list[Section]:
        """Parts of the grid that have anything to show."""
        return [name for name in states.sections(self.view.data) if not self.rows(name).empty]

    def rows(self, section: Section) -> pd.DataFrame:
        """Cells of a section; indicators and breakdowns of which nothing is asked are left out."""
        rows = self.cells[self.cells["section"] == section]
        asked = rows["state"] != "not_asked"
        for name in ("indicator", "breakdown"):
            rows = rows[rows[name].isin(rows.loc[asked, name])]
        return rows


def grid(view: View) -> Grid:
    """Gather the states of all figures in the view's years, of every region."""
    lines = dossier.all_lines(view.data, view.years)
    return Grid(
        view,
        states.cells(view.data, lines, view.years),
        states.ends(view.data, lines, view.years),
        lines,
    )


def word(view: View, state: str) -> str:
    """Name a state: its shape and its word."""
    say = view.language.say
    words = {
        "filled": say("filled"),
        "joint": say("joint, not split"),
        "stale": say("out of date"),
        "simulated": say("SIMULATED"),
        "suppressed": say("suppressed"),
        "missing": say("missing"),
    }
    return f"{SHAPES[state][0]} {words[state]}"  # type: ignore[index]


def heading(view: View, section: Section) -> str:
    """Name a section."""
    say = view.language.say
    return {
        "delivered": say("What the programme delivered"),
        "situation": say("The situation: official series, statements and households"),
        "producers": say("Producers"),
    }[section]


def counts(shown: Grid) -> str:
    """Say how many of the figures asked are filled, missing, simulated."""
    found = shown.cells["state"].value_counts()
    total = int(found.drop("not_asked", errors="ignore").sum())
    told = [
        f"{word(shown.view, name)}, {shown.view.language.number(found[name])}"
        for name in STATES
        if name in found
    ]
    return shown.view.language.say(
        "Of {total} figures that could be asked for: {told}.",
        total=shown.view.language.number(total),
        told="; ".join(told),
    )


def without_ends(shown: Grid) -> str:
    """Say how many indicators lack a baseline or a target."""
    say = shown.view.language.say
    lacking, asked, made_up = {}, {}, {}
    for name, rows in shown.ends.groupby("breakdown"):
        lacking[name] = rows.loc[rows["state"] == "missing", "indicator"].nunique()
        asked[name] = rows["indicator"].nunique()
        made_up[name] = rows.loc[rows["state"] == "simulated", "indicator"].nunique()
    return " ".join(
        [
            say(
                "Of {all} indicators that should have a baseline, {lacking} lack it, in one place at least.",
                all=asked.get(BASELINE, 0),
                lacking=lacking.get(BASELINE, 0),
            ),
            say("{count} have only a SIMULATED one.", count=made_up.get(BASELINE, 0)),
            say(
                "Of {all} that should have a target, {lacking} lack it.",
                all=asked.get(TARGET, 0),
                lacking=lacking.get(TARGET, 0),
            ),
        ]
    )


def rules(view: View) -> list[str]:
    """State what each shape means, and when a figure is stale."""
    say = view.language.say
    meanings: dict[State, str] = {
        "filled": say("the sources have the figure."),
        "joint": say("published for several regions together; no source splits it."),
        "stale": say(
            "its newest year is older than {outcome}, the outcome year asked. A count over the "
            "programme's life, to which no source gives a year, is never called out of date.",
            outcome=view.years.outcome,
        ),
        "simulated": say("nothing real is known; what stands there is a demonstration."),
        "suppressed": say("known, and withheld to protect those counted."),
        "missing": say("looked for and not found; it is not zero."),
    }
    return [
        *(f"{word(view, name)}: {meanings[name]}" for name in STATES),
        say("Blank: the indicator can have no such figure, or none is asked of it."),
    ]


def listed(shown: Grid, section: Section) -> Table:
    """Tell the cells of a section in words: an indicator a row, its places under each breakdown."""
    view, rows = shown.view, shown.rows(section)
    say = view.language.say
    breakdowns = list(dict.fromkeys(rows["breakdown"]))
    ends = [name for name in (BASELINE, TARGET) if not _ends(shown, section, name).empty]
    columns = [
        Column(say("Indicator")),
        *(Column(breakdown_name(view, name)) for name in breakdowns),
        *(Column({BASELINE: say("Baseline"), TARGET: say("Target")}[name]) for name in ends),
    ]
    body = []
    for indicator, each in rows.groupby("indicator", sort=False):
        row = [view.name(str(indicator))]
        for name in breakdowns:
            row.append(_told(view, each[each["breakdown"] == name]))
        for name in ends:
            own = _ends(shown, section, name)
            row.append(_told(view, own[own["indicator"] == indicator]))
        body.append(row)
    return table(
        view, heading(view, section), columns, body, simulated=nothing_real(shown, section)
    )


def nothing_real(shown: Grid, section: Section) -> bool:
    """Whether all there is of a section is simulated."""
    found = set(shown.rows(section)["state"])
    return "simulated" in found and found <= {"simulated", "missing", "not_asked"}


def _ends(shown: Grid, section: Section, name: str) -> pd.DataFrame:
    rows = shown.ends
    return rows[(rows["section"] == section) & (rows["breakdown"] == name)]


def _told(view: View, rows: pd.DataFrame) -> str:
    """Tell the state of some places: one word where all share it, else each word's places."""
    rows = rows[rows["state"] != "not_asked"]
    found = [name for name in STATES if name in set(rows["state"])]
    if not found:
        return ABSENT
    if len(found) == 1:
        return word(view, found[0])
    told = []
    for name in found[:-1]:
        places = [view.area(region) for region in rows.loc[rows["state"] == name, "region"]]
        told.append(f"{word(view, name)}: {view.language.listed(places)}")
    told.append(view.language.say("{state}: the rest", state=word(view, found[-1])))
    return "; ".join(told)


def breakdown_name(view: View, breakdown: str) -> str:
    """Name a breakdown."""
    if breakdown == TOTAL:
        return view.language.say("Total")
    plan = next(each for each in view.data.evaluation.breakdowns if each.code == breakdown)
    return plan.name.into(view.language.code)
