"""Does the method tell the truth? How often verdicts err where the truth is known."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from icanalysis import trials
from icanalysis.figures import BESIDE, HERE, INK, TITLE_WIDTH, canvas, styled
from icanalysis.layout import Column, Table, table
from icanalysis.power import LEVEL
from icanalysis.regions import compared
from icanalysis.view import View

NEW = 100_001  # first of the seeds that the stored study did not use
NOTHING, KNOWN, CLAIMED = "no_effect", "known_effect", "detectable_effect"


def title(view: View) -> str:
    """Word the page's question."""
    return view.language.say("Does the method tell the truth?")


def method(view: View, code: str) -> str:
    """Name a way of judging the same producers."""
    say = view.language.say
    names = {
        "report": say("As this workbook judges"),
        "unadjusted": say("Each outcome alone, p not adjusted"),
        "unclustered": say("Interviews as if independent"),
        "before_after": say("Before and after, without comparison"),
        "exact": say("Exact, over all sets of regions"),
        "usual": say("Usual regression, errors by region"),
    }
    return names[code]


def stored(view: View, name: str, study: str) -> pd.DataFrame:
    """Rows of one stored study: `error_rates` or `accuracy`."""
    rows = view.data.table(name)
    return rows[rows["study"] == study]


def _rates(view: View) -> dict[str, dict[str, Any]]:
    """How often each method calls something changed where nothing did, in its order."""
    rows = _by_name(stored(view, "error_rates", NOTHING), "method")
    return {name: rows[name] for name in trials.METHODS}


def _by_name(rows: pd.DataFrame, name: str) -> dict[str, dict[str, Any]]:
    return {str(row[name]): row for row in _records(rows)}


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]


@styled
def alarms(view: View) -> Figure:
    """Draw how often each method raises a false alarm, beside the 5% allowed."""
    rows = list(_rates(view).values())[::-1]
    figure, axes = canvas(2.6)
    axes.axvline(100 * LEVEL, color=INK, linewidth=1, linestyle="--")
    for place, row in enumerate(rows):
        ours = row["method"] == "report"
        colour = HERE if ours else BESIDE
        axes.hlines(place, 0, 100 * row["any"], color=colour, linewidth=3 if ours else 1.5)
        axes.plot(100 * row["any"], place, "o" if ours else "D", color=colour, markersize=7)
        axes.annotate(
            view.language.number(100 * row["any"], 1) + "%",
            (100 * row["any"], place),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontweight="bold" if ours else "normal",
        )
    axes.set_yticks(range(len(rows)), [method(view, row["method"]) for row in rows])
    axes.set_xlim(0, 112)
    axes.margins(y=0.15)
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: view.language.number(value, 0) + "%")
    )
    axes.set(xlabel=view.language.say("dashed: the 5% allowed"), ylabel="")
    title = view.language.say(
        "SIMULATED programmes without any effect: share in which something is called better or worse"
    )
    figure.suptitle(textwrap.fill(title, TITLE_WIDTH), x=0.01, ha="left", fontsize=10)
    return figure


def alarms_alt(view: View) -> str:
    """Describe the chart of false alarms."""
    told = "; ".join(
        f"{method(view, row['method'])}: {view.language.number(100 * row['any'], 1)}%"
        for row in _rates(view).values()
    )
    return view.language.say(
        "Dot chart: share of simulated programmes without effect in which something is called better "
        "or worse, by method, beside the 5% allowed. {told}.",
        told=told,
    )


def alarm(view: View) -> str:
    """Say how often the workbook's own verdict errs where nothing happened."""
    rows = _rates(view)
    own, naive = rows["report"], rows["before_after"]
    return view.language.say(
        "In {count} simulated programmes that changed nothing, this workbook called at least one of the "
        "six outcomes of all regions together better or worse in {own}% (± {error}, Monte Carlo). "
        "Comparing before and after alone would have done so in {naive}%, for incomes are assumed to "
        "grow for everybody.",
        count=view.language.number(own["programmes"]),
        own=view.language.number(100 * own["any"], 1),
        error=view.language.number(200 * own["any_se"], 1),
        naive=view.language.number(100 * naive["any"], 1),
    )


def accuracy(view: View) -> Table:
    """Tell bias, coverage and power, outcome by outcome."""
    say = view.language.say
    known, claimed = (
        _by_name(stored(view, "accuracy", study), "variable") for study in (KNOWN, CLAIMED)
    )
    columns = [
        Column(say("Outcome")),
        Column(say("Effect"), kind="number"),
        Column(say("Estimate"), kind="number"),
        Column(say("Bias (z)"), kind="number"),
        Column(say("Coverage, %"), kind="number"),
        Column(say("Detectable"), kind="number"),
        Column(say("Found, %"), kind="number"),
    ]
    body = []
    plan = view.data.evaluation.producers
    for item in plan.indicators if plan else ():
        row, power = known[item.variable], claimed[item.variable]
        scale = 100 if view.indicators["unit"][item.indicator] == "percent" else 1
        body.append(
            [
                view.name(item.indicator),
                view.language.number(scale * row["truth"], 2),
                view.language.number(scale * row["estimate"], 2),
                view.language.number(row["bias"] / row["bias_se"], 1, signed=True),
                view.language.number(100 * row["covered"], 1),
                view.language.number(scale * power["truth"], 2),
                view.language.number(100 * power["found"], 1),
            ]
        )
    note = say(
        "{count} simulated programmes for each study. Estimate: mean over programmes. Bias (z): over its "
        "Monte Carlo error; beyond ±3 would be more than chance. Coverage: 95% intervals that hold the truth. "
        "Detectable: effect claimed to be found in 80%; found: how often programmes with that effect were. "
        "Shares carry a Monte Carlo error of up to ±{coverage} points (coverage) and ±{found} (found).",
        count=view.language.number(next(iter(known.values()))["programmes"]),
        coverage=view.language.number(200 * max(row["covered_se"] for row in known.values()), 1),
        found=view.language.number(200 * max(map(_found_se, claimed.values())), 1),
    )
    caption = say("Do estimates hit the truth, and intervals hold it?")
    return table(view, caption, columns, body, note=note, simulated=True)


def _found_se(row: Mapping[str, Any]) -> float:
    return math.sqrt(row["found"] * (1 - row["found"]) / row["programmes"])


def placebos(view: View) -> Table:
    """Tell how often each method would call regions changed, over every set of as many."""
    say = view.language.say
    columns = [
        Column(say("Series")),
        Column(say("Method")),
        Column(say("Sets of regions"), kind="number"),
        Column(say("Called changed, %"), kind="number"),
    ]
    body = []
    for item in view.data.evaluation.context:
        found = compared(view.data, item, view.years)
        if not found.testable:
            continue
        body += [
            [
                view.name(item.indicator),
                method(view, row["method"]),
                view.language.number(row["sets"]),
                view.language.number(100 * row["rejected"], 1),
            ]
            for row in _records(trials.placebo_regions(found))
        ]
    caption = say("Every set of regions, as if the programme had been there")
    note = say(
        "Real series. The exact test keeps to the 5% allowed by construction; the usual one does not."
    )
    return table(view, caption, columns, body, note=note)


def again(view: View, programmes: int) -> str:
    """Simulate some programmes anew, and say whether they agree with the stored study."""
    judged = trials.programmes(range(NEW, NEW + programmes), {})
    here = _by_name(trials.rates(judged), "method")["report"]
    there = _rates(view)["report"]
    apart = abs(here["any"] - there["any"])
    error = math.hypot(math.sqrt(LEVEL * (1 - LEVEL) / programmes), there["any_se"])
    told = {
        "count": view.language.number(programmes),
        "share": view.language.number(100 * here["any"], 1),
        "error": view.language.number(200 * error, 1),
    }
    if apart <= 3 * error:
        return view.language.say(
            "Other programmes simulated here, {count} of them: {share}% (± {error}), no more apart from "
            "the stored study than chance allows.",
            **told,
        )
    return view.language.say(
        "Other programmes simulated here, {count} of them: {share}% (± {error}), which does NOT agree "
        "with the stored study. "
        "Run benchmarks/error_rates.py --write.",
        **told,
    )
