"""Does the method tell the truth? How often verdicts err where the truth is known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from icanalysis import claims, dots, trials
from icanalysis.dossier import rates_again
from icanalysis.drawing import INK, numbered, room_beside, source_line, styled, titled
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
        "unclustered": say("Each outcome alone, producers as if independent"),
        "before_after": say("Each outcome alone, before and after, without comparison"),
        "exact": say("Exact, over all sets of regions"),
        "usual": say("Usual regression, errors by region"),
    }
    return names[code]


def stored(view: View, name: str, study: str) -> pd.DataFrame:
    """Rows of one stored study: `error_rates` or `accuracy`."""
    rows = view.data.table(name)
    return rows[rows["study"] == study]


def _rates(view: View) -> dict[str, dict[str, Any]]:
    """How often each method calls something changed where nothing did, all regions together."""
    rows = stored(view, "error_rates", NOTHING)
    whole = rows[rows["scope"] == view.data.evaluation.programme.whole]
    found = _by_name(whole, "method")
    return {name: found[name] for name in trials.METHODS}


def _by_name(rows: pd.DataFrame, name: str) -> dict[str, dict[str, Any]]:
    return {str(row[name]): row for row in _records(rows)}


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]


@styled
def alarms(view: View) -> Figure:
    """Draw how often each method raises a false alarm, beside the 5% allowed."""
    figure, axes = dots.rows(
        [
            (
                method(view, row["method"]),
                [
                    dots.from_nought(
                        100 * row["any"], _percent(view, row), chosen=row["method"] == "report"
                    )
                ],
            )
            for row in _rates(view).values()
        ]
    )
    axes.axvline(100 * LEVEL, color=INK, linewidth=1, linestyle="--", zorder=0)
    numbered(view, axes.xaxis, after="%")
    axes.set_xlabel(view.language.say("dashed: the 5% allowed"))
    titled(
        figure,
        view.language.say(
            "SIMULATED programmes without any effect: share in which something is called better or worse"
        ),
    )
    file = view.data.catalog.tables["error_rates"].path.name
    source_line(
        view,
        figure,
        [view.language.say("simulated programmes ({file})", file=file)],
        simulated=True,
    )
    room_beside(axes, from_zero=True)
    return figure


def _percent(view: View, row: Mapping[str, Any]) -> str:
    return view.language.number(100 * row["any"], 1) + "%"


def alarms_table(view: View) -> Table:
    """Tell what the chart of false alarms draws, and its Monte Carlo error."""
    say = view.language.say
    columns = [
        Column(say("Method")),
        Column(say("False alarms, %"), kind="number"),
        Column(say("Monte Carlo error, ±"), kind="number"),
        Column(say("Programmes"), kind="number"),
    ]
    body = [
        [
            method(view, row["method"]),
            view.language.number(100 * row["any"], 1),
            view.language.number(200 * row["any_se"], 1),
            view.language.number(row["programmes"]),
        ]
        for row in _rates(view).values()
    ]
    caption = say("How often something is called better or worse where nothing happened")
    return table(view, caption, columns, body, simulated=True)


def alarms_alt(view: View) -> str:
    """Describe the chart of false alarms."""
    told = "; ".join(
        f"{method(view, row['method'])}: {_percent(view, row)}" for row in _rates(view).values()
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
        "In {count} simulated programmes that changed nothing, the report on all regions together called "
        "something better or worse, an outcome, the index or a group, in {own}% (± {error}, Monte Carlo). "
        "Comparing before and after alone would have done so in {naive}%, for incomes are assumed to "
        "grow for everybody.",
        count=view.language.number(own["programmes"]),
        own=view.language.number(100 * own["any"], 1),
        error=view.language.number(200 * own["any_se"], 1),
        naive=view.language.number(100 * naive["any"], 1),
    )


def reports(view: View) -> Table:
    """Tell how often each report errs where nothing happened, one by one and any of them."""
    say = view.language.say
    rows = stored(view, "error_rates", NOTHING)
    rows = rows[rows["method"] == "report"]
    body = [
        [
            say("At least one of the regions' reports")
            if row["scope"] == trials.ANY_REGION
            else view.area(row["scope"]),
            view.language.number(100 * row["any"], 1),
            view.language.number(200 * row["any_se"], 1),
            view.language.number(100 * row["each"], 2),
        ]
        for row in _records(rows)
    ]
    columns = [
        Column(say("Report")),
        Column(say("Something called changed, %"), kind="number"),
        Column(say("± (Monte Carlo)"), kind="number"),
        Column(say("Of all that is told, %"), kind="number"),
    ]
    note = say(
        "{count} simulated programmes without any effect. A report tells of each outcome, of the index and "
        "of every group named in advance; p is adjusted within a report, not between reports.",
        count=view.language.number(int(rows["programmes"].iloc[0])),
    )
    caption = say("How often does a report err where nothing happened?")
    return table(view, caption, columns, body, note=note, simulated=True)


def words(view: View, study: str) -> Table:
    """Tell what was said, verdict and statement, of the outcomes of all regions together."""
    say = view.language.say
    rows = stored(view, "verdicts", study)
    whole = view.data.evaluation.programme.whole
    rows = rows[(rows["scope"] == whole) & (rows["kind"] == "outcome")]
    columns = [
        Column(say("Verdict")),
        Column(say("Weight of the evidence")),
        Column(say("What was said")),
        Column(say("Of all outcomes, %"), kind="number"),
    ]
    body = [
        [
            claims.verdict(row["verdict"], view.language),
            claims.grade(row["grade"], view.language),
            claims.words(row["statement"], view.language),
            view.language.number(100 * row["share"], 1),
        ]
        for row in sorted(_records(rows), key=lambda row: -row["count"])
    ]
    captions = {
        NOTHING: say("What reports said of programmes that changed nothing"),
        KNOWN: say("What reports said of programmes with the effects of the shipped set"),
    }
    return table(view, captions[study], columns, body, simulated=True)


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
    items = plan.indicators if plan else ()
    for item in items:
        row, power = known[item.variable], claimed[item.variable]
        body.append(
            [
                view.name(item.indicator),
                view.language.number(row["truth"], 2),
                view.language.number(row["estimate"], 2),
                view.language.number(row["bias"] / row["bias_se"], 1, signed=True),
                view.language.number(100 * row["covered"], 1),
                view.language.number(power["truth"], 2),
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
    about = [item.indicator for item in items]
    return table(view, caption, columns, body, note=note, simulated=True, about=about)


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
    body, told = [], []
    for item in view.data.evaluation.context:
        found = compared(view.data, item, view.years)
        if not found.testable:
            continue
        told.append(item.indicator)
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
    return table(view, caption, columns, body, note=note, about=told)


def again(view: View, programmes: int) -> str:
    """Simulate some programmes anew, and say whether they agree with the stored study."""
    found = rates_again(view.data, range(NEW, NEW + programmes))
    here = _by_name(found, "method")["report"]
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
