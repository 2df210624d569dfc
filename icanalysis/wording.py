"""Sentences and descriptions of charts, each quoting lines of evidence.

Verbs fit the design: counts are reported, series rise and fall, and nothing here causes
anything.
"""

from __future__ import annotations

import math

import pandas as pd

from icanalysis import terms
from icanalysis.language import Language
from icanalysis.load import DataFolder
from icanalysis.view import View


def title(view: View) -> str:
    """Word the title of a region's report: its question."""
    if view.region.role == "comparison":
        return view.language.say(
            "{region}, for comparison: what changed from {baseline} to {outcome}?",
            region=view.place,
            baseline=view.years.baseline,
            outcome=view.years.outcome,
        )
    return view.language.say(
        "{region}: what did the programme do, and what changed from {baseline} to {outcome}?",
        region=view.place,
        baseline=view.years.baseline,
        outcome=view.years.outcome,
    )


def joint_title(view: View) -> str:
    """Word the title of the page on all regions together: its question."""
    return view.language.say(
        "Did the programme's regions change differently from the others, {baseline} to {outcome}?",
        baseline=view.years.baseline,
        outcome=view.years.outcome,
    )


def subtitle(view: View) -> str:
    """Name the programme and its planned period."""
    programme = view.data.evaluation.programme
    named = view.language.say(
        "{title}. Planned execution: {start}–{end}.",
        title=programme.title.into(view.language.code),
        start=programme.period.start,
        end=programme.period.end,
    )
    return f"{named} {invented(view.data, view.language)}".rstrip()


def invented(data: DataFolder, reader: Language) -> str:
    """Warn while tables hold invented rows where real ones are to stand."""
    if not data.invented:
        return ""
    return reader.say(
        "SIMULATED: the rows of {count} of the {all} tables are still invented, so quote no figure of "
        "these pages.",
        count=len(data.invented),
        all=len(data.catalog.tables),
    )


def case(view: View) -> str:
    """Name what the workbook evaluates, and where."""
    evaluation = view.data.evaluation
    return view.language.say(
        "What is evaluated here: {title}, in {regions}.",
        title=evaluation.programme.title.into(view.language.code),
        regions=view.language.listed(
            [region.named(view.language.code) for region in evaluation.reported_regions()]
        ),
    )


def meaning(view: View, indicator: str) -> str:
    """Say what a series measures, in the words of its record."""
    return str(view.indicators[f"definition_{view.language.code}"][indicator])


def limits(view: View, indicator: str) -> str:
    """Say what a series cannot tell, in the words of its record."""
    return str(view.indicators[f"limitation_{view.language.code}"][indicator])


def precision(view: View, indicator: str) -> str:
    """Say what the intervals of a series are of, if it has any that are not its own."""
    plans = {item.indicator: item for item in view.data.evaluation.context}
    if plans[indicator].group_interval is None:
        return ""
    return view.language.say(
        "The intervals published are of groups of similar regions, not of each region, and the groups "
        "change from year to year. So the region's value may lie outside its group's interval: both "
        "stand, year by year, in the data of the first chart of this series."
    )


def reality(view: View) -> str:
    """Say whether anything in the data package is simulated."""
    simulated = [
        item.titles[view.language.code]
        for item in view.data.catalog.tables.values()
        if item.source_kind == "simulated"
    ]
    if simulated:
        named = view.language.listed([f"“{title}”" for title in simulated])
        said = view.language.say("Simulated: {tables}.", tables=named)
    else:
        said = view.language.say("Nothing in this data package is simulated.")
    if view.data.evaluation.households is None:
        return said
    homes = view.language.say(
        "Where no files of the household survey are given, the reports' part on households is "
        "simulated and says so."
    )
    return f"{said} {homes}"


def change(view: View, indicator: str) -> str:
    """Say what happened to one context series between baseline and outcome."""
    line = view.change(indicator)
    if line is None:
        return view.language.say(
            "{indicator}: nothing was published for {region}.",
            indicator=view.name(indicator),
            region=view.place,
        )
    if math.isnan(line["value"]):
        return no_data(view, line)
    before, after = (
        view.one(indicator=indicator, region=line["region"], period=str(year), statistic="level")
        for year in (view.years.baseline, view.years.outcome)
    )
    if before is None or after is None:
        raise ValueError(f"a change of {indicator} without its levels")
    return view.language.say(
        "{indicator} in {region}: {before} in {baseline} and {after} in {outcome}{prices}. {moved}.",
        indicator=view.name(indicator),
        region=view.place,
        before=view.value(before),
        baseline=view.years.baseline,
        after=view.value(after),
        outcome=view.years.outcome,
        moved=moved(view, line),
        prices=prices(view, view.lines.loc[[line.name]]),
    )


def prices(view: View, lines: pd.DataFrame) -> str:
    """Say at which year's prices amounts are; empty where they are not amounts."""
    if not lines["note"].str.startswith("prices_of").any():
        return ""
    return view.language.say(", at {year} prices", year=view.years.outcome)


def no_data(view: View, line: pd.Series) -> str:
    """Say why a change is not known."""
    if line["status"] == "not_comparable":
        return view.language.say(
            "{indicator}: {period} cannot be compared, because the series changed its method.",
            indicator=view.name(line["indicator"]),
            period=line["period"],
        )
    return view.language.say(
        "{indicator}: the change {period} is not known; the series used has {years}.",
        indicator=view.name(line["indicator"]),
        period=line["period"],
        years=line["note"].removeprefix("series:"),
    )


def moved(view: View, line: pd.Series) -> str:
    """Say which way a series moved and how much, by its sign at the precision shown."""
    shown = view.value(line, signed=True)
    say = view.language.say
    if shown.startswith("−"):
        return say("It fell by {size}", size=shown.removeprefix("−"))
    if shown.startswith("+"):
        return say("It rose by {size}", size=shown.removeprefix("+"))
    return say("It did not change at the precision shown")


def beside(view: View, indicator: str) -> str:
    """Say what the country did over the same years; empty where it is not published."""
    reference = view.data.evaluation.reference
    line = view.change(indicator, reference.code) if reference else None
    if reference is None or line is None or math.isnan(line["value"]):
        return ""
    return view.language.say(
        "In {reference} as a whole: {size}.",
        reference=reference.named(view.language.code),
        size=view.value(line, signed=True),
    )


def sensitivity(view: View, indicator: str) -> str:
    """Say how much the change depends on the baseline year chosen."""
    rows = view.select(indicator=indicator, region=view.region.code, statistic="change")
    rows = rows.dropna(subset="value").sort_values("period")
    others = rows[rows["status"] == "sensitivity"]
    if others.empty:
        return ""
    said = view.language.say(
        "Change up to {outcome} ({unit}) by baseline year: {changes}.",
        outcome=view.years.outcome,
        unit=view.unit(others.iloc[0]),
        changes=_by_baseline(view, rows),
    )
    if (rows["status"] == "depends_on_baseline").any():
        warning = view.language.say(
            "Whether it rose or fell depends on the year it is counted from: quote no change without it."
        )
        return f"{warning} {said}"
    return said


def _by_baseline(view: View, rows: pd.DataFrame) -> str:
    """List changes, each after the year it is counted from."""
    return "; ".join(
        view.language.say(
            "from {year}, {size}",
            year=line["period"].partition("-")[0],
            size=view.number(line, signed=True) + ("%" if line["unit"] == "percent" else ""),
        )
        for _, line in rows.iterrows()
    )


def certainty(view: View) -> str:
    """Say why no interval stands beside a region's change."""
    headline = view.data.evaluation.context[0]
    words = view.language.say(
        "No margin of error is published for a single region over these years, so this report cannot "
        "say how precise the change over the whole period is."
    )
    if headline.group_interval is None:
        return words
    groups = view.language.say(
        "The intervals that are published belong to groups of similar regions, and the groups change "
        "from year to year."
    )
    return f"{words} {groups}"


def reach(view: View) -> str:
    """Say how small the programme is beside the workforce, and what follows from it."""
    plan = view.data.evaluation.coverage
    line = view.one(indicator=plan.indicator, statistic="level") if plan else None
    if plan is None or line is None or line["value"] > plan.negligible_pct:
        return ""
    whole = view.data.evaluation.programme.whole
    reached = view.one(
        indicator=plan.reached, region=whole, group="all", statistic="level", status="used"
    )
    if reached is None:
        raise ValueError("coverage without the count it rests on")
    return view.language.say(
        "The change cannot be attributed to the programme, which reached {reached}; its {regions} "
        "regions had {workforce} employed persons in {year}: one family for every {per} of them, or "
        "{share}%. That cannot move the figure of a whole region, so these series are only context "
        "[{sources}].",
        reached=view.value(reached),
        workforce=view.language.number(line["n"]),
        regions=len(view.data.evaluation.reported_regions()),
        year=line["period"],
        share=view.language.number(line["value"], 2),
        per=view.language.number(line["n"] / reached["value"], 0),
        sources=terms.source(line["source"], view.language),
    )


def caution(view: View, line: pd.Series) -> str:
    """Say what a change must not be quoted without: years that turn its sign, its missing margin."""
    margin = view.language.say("No margin of error is published for these years.")
    if line["status"] != "depends_on_baseline":
        return margin
    rows = view.select(**view.figure(line), statistic="change").sort_values("period")
    signs = [view.number(row, signed=True)[0] for _, row in rows.iterrows()]
    here = view.number(line, signed=True)[0]
    turned = rows[[sign != here and sign in "+−" for sign in signs]]
    turns = view.language.say(
        "Counted from another year it has the other sign: {changes}.",
        changes=_by_baseline(view, turned),
    )
    return f"{turns} {margin}"
