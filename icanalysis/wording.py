"""Sentences and descriptions of charts, each quoting lines of evidence.

Verbs fit the design: counts are reported, series rise and fall, and nothing here causes
anything.
"""

from __future__ import annotations

import math

import pandas as pd

from icanalysis.evaluation import JOINT
from icanalysis.language import Language
from icanalysis.view import View


def title(view: View) -> str:
    """Word the title of a region's report: its question."""
    return view.language.say(
        "{region}: what did the programme do, and what changed from {baseline} to {outcome}?",
        region=view.place,
        baseline=view.years.baseline,
        outcome=view.years.outcome,
    )


def subtitle(view: View) -> str:
    """Name the programme and its planned period."""
    programme = view.data.evaluation.programme
    return view.language.say(
        "{title}. Planned execution: {start}-{end}.",
        title=programme.title.into(view.language.code),
        start=programme.period.start,
        end=programme.period.end,
    )


def delivered_here(view: View) -> list[str]:
    """List what was reported for this region, alone or jointly: one line per figure."""
    sentences = []
    rows = view.lines[view.here & (view.lines["status"] == "used")]
    rows = rows[rows["statistic"] == "level"].sort_values("indicator", key=view.rank, kind="stable")
    for _, line in rows.iterrows():
        text = f"{view.name(line['indicator'])}: {view.value(line)}"
        if JOINT in line["region"]:
            text += " " + view.language.say(
                "(joint figure for {areas}, published without a breakdown)",
                areas=view.area(line["region"]),
            )
        sentences.append(f"{text} [{source(line['source'], view.language)}].")
    if sentences:
        return sentences
    if view.region.role == "comparison":
        return [
            view.language.say(
                "The programme did not work in {region}; it is shown for comparison.",
                region=view.place,
            )
        ]
    return [view.language.say("No figure was published for {region}.", region=view.place)]


def delivery(view: View) -> str:
    """Say how many figures there are for the region and for the whole programme."""
    used = view.lines[(view.lines["statistic"] == "level") & (view.lines["status"] == "used")]
    here = int(used.index.isin(view.lines.index[view.here]).sum())
    return view.language.say_count(
        "The sources read give {count} figure for {region} and {rest} for the programme as a whole.",
        "The sources read give {count} figures for {region} and {rest} for the programme as a whole.",
        here,
        region=view.place,
        rest=len(used) - here,
    )


def targets(view: View) -> str:
    """Say how many figures can be set against a baseline and a target."""
    lines = view.select(statistic="achievement")
    known = int((lines["status"] != "not_known").sum())
    if known == 0:
        return view.language.say(
            "None of the {all} reported figures can be set against a target: no baseline or target "
            "was found in what could be read. Their achievement is not known, which is not zero.",
            all=len(lines),
        )
    return view.language.say(
        "{known} of {all} reported figures can be set against a target; for the others the baseline or "
        "the target is missing, so their achievement is not known, which is not zero.",
        known=known,
        all=len(lines),
    )


def reality(view: View) -> str:
    """Say whether anything in the data package is simulated."""
    simulated = [
        item.titles[view.language.code]
        for item in view.data.catalog.tables.values()
        if item.source_kind == "simulated"
    ]
    if not simulated:
        return view.language.say("Nothing in this data package is simulated.")
    return view.language.say("Simulated: {tables}.", tables=view.language.listed(simulated))


def conflicts(view: View) -> str:
    """Say how many counts were published differently by other sources."""
    disagreeing = conflicting(view)
    return view.language.say_count(
        "{count} figure was published with different values. All are kept; the one used is marked, "
        "with the reason.",
        "{count} figures were published with different values. All are kept; the one used is "
        "marked, with the reason.",
        len(disagreeing),
    )


def conflicting(view: View) -> list[pd.Series]:
    """List the used lines for which another source gives a different value."""
    levels = view.select(statistic="level")
    key = ["indicator", "region", "group"]
    values = levels.groupby(key)["value"].transform("nunique")
    used = levels[(values > 1) & (levels["status"] == "used")]
    used = used.sort_values("indicator", key=view.rank, kind="stable")
    return [line for _, line in used.iterrows()]


def others(view: View, lines: pd.DataFrame) -> str:
    """List values that other sources publish for a figure, each with its source."""
    by_value: dict[str, list[str]] = {}
    for _, line in lines.iterrows():
        by_value.setdefault(view.number(line), []).append(line["source"].partition(":")[0])
    return "; ".join(f"{value} ({', '.join(sorted(found))})" for value, found in by_value.items())


def achievement(view: View, line: pd.Series) -> str:
    """Say how far a figure went towards its target, or what is missing to say so."""
    text = status(line["status"], view.language)
    if not math.isnan(line["value"]):
        return f"{text} ({view.language.number(100 * line['value'], 0)}%)"
    say = view.language.say
    missing = {
        "no_baseline;no_target": "",
        "no_baseline": say("no baseline"),
        "no_target": say("no target"),
        "target_against_direction": say("(target against the indicator's direction)"),
        "": say("target equal to baseline"),
    }
    return f"{text} {missing[line['note']]}".strip()


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
        prices=view.language.say(", at {year} prices", year=view.years.outcome)
        if line["note"].startswith("prices_of")
        else "",
    )


def no_data(view: View, line: pd.Series) -> str:
    """Say why a change is not known."""
    if line["status"] == "not_comparable":
        return view.language.say(
            "{indicator}: {period} cannot be compared, because the series changed its method.",
            indicator=view.name(line["indicator"]),
            period=line["period"],
        )
    first, last = line["note"].removeprefix("series:").split("-")
    return view.language.say(
        "{indicator}: the change {period} is not known; the series used runs from {first} to {last}.",
        indicator=view.name(line["indicator"]),
        period=line["period"],
        first=first,
        last=last,
    )


def moved(view: View, line: pd.Series) -> str:
    """Say which way a series moved and how much, by its sign at the precision shown."""
    shown = view.value(line, signed=True)
    say = view.language.say
    if shown.startswith("−"):
        return say("It fell by {size}", size=shown.removeprefix("−"))
    if shown.startswith("+"):
        return say("It rose by {size}", size=shown.removeprefix("+"))
    return say("It did not move")


def beside(view: View, indicator: str) -> str:
    """Say what the country did over the same years; empty where it is not published."""
    reference = view.data.evaluation.reference
    line = view.change(indicator, reference.code) if reference else None
    if reference is None or line is None or math.isnan(line["value"]):
        return ""
    return view.language.say(
        "{reference} over the same years: {size}.",
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
    told = "; ".join(
        view.language.say(
            "from {year}, {size}",
            year=line["period"].partition("-")[0],
            size=view.number(line, signed=True) + ("%" if line["unit"] == "percent" else ""),
        )
        for _, line in rows.iterrows()
    )
    said = view.language.say(
        "Change up to {outcome} ({unit}) by baseline year: {changes}.",
        outcome=view.years.outcome,
        unit=view.unit(others.iloc[0]),
        changes=told,
    )
    if (rows["status"] == "depends_on_baseline").any():
        warning = view.language.say(
            "The sign depends on the baseline year, so the change should not be quoted without it."
        )
        return f"{warning} {said}"
    return said


def certainty(view: View) -> str:
    """Say why no interval stands beside a department's change."""
    return view.language.say(
        "The statistics office publishes no interval for a single region in these "
        "series, so this report cannot say whether the change exceeds sampling error. "
        "The intervals it does publish belong to groups of similar regions, and the groups "
        "change every year."
    )


def reach(view: View) -> str:
    """Say how small the programme is beside the region's workforce."""
    plan = view.data.evaluation.coverage
    line = view.one(indicator=plan.indicator, statistic="level") if plan else None
    if plan is None or line is None:
        return ""
    whole = view.data.evaluation.programme.whole
    reached = view.one(
        indicator=plan.reached, region=whole, group="all", statistic="level", status="used"
    )
    if reached is None:
        raise ValueError("coverage without the count it rests on")
    return view.language.say(
        "The programme could not be seen in these series: {reached} against {workforce} employed "
        "persons in the {regions} regions ({year}) are {share}%, one family for every {per} employed "
        "persons. The series are context: they do not say what the programme caused.",
        reached=view.value(reached),
        workforce=view.language.number(line["n"]),
        regions=len(view.data.evaluation.reported_regions()),
        year=line["period"],
        share=view.language.number(line["value"], 2),
        per=view.language.number(line["n"] / reached["value"], 0),
    )


def scheme(view: View) -> str:
    """Print the achievement formula and its cut-offs, as the evaluation has them."""
    rule = view.data.evaluation.achievement
    percent = [
        view.language.number(100 * cut, 0) for cut in (rule.achieved, rule.on_track, rule.moderate)
    ]
    return view.language.say(
        "Achievement = (value − baseline) / (target − baseline): achieved from {achieved}%, "
        "on track from {on_track}%, moderate from {moderate}%, off track below; not known when the "
        "baseline or the target is missing. Scheme: {scheme}.",
        achieved=percent[0],
        on_track=percent[1],
        moderate=percent[2],
        scheme=rule.scheme.into(view.language.code),
    )


def status(code: str, language: Language) -> str:
    """Name a status: a shape and a word, so that colour is never alone."""
    words = {
        "achieved": "● " + language.say("achieved"),
        "on_track": "◕ " + language.say("on track"),
        "moderate": "◑ " + language.say("moderate"),
        "off_track": "◔ " + language.say("off track"),
        "not_known": "○ " + language.say("not known"),
        "used": language.say("used"),
        "also_reported": language.say("also published"),
    }
    return words[code]


def caution(view: View, line: pd.Series) -> str:
    """Say in one sentence what a change must not be quoted without."""
    if line["status"] == "depends_on_baseline":
        return view.language.say("Its sign depends on the baseline year.")
    return view.language.say(
        "No interval is published, so it is not known whether this is beyond chance."
    )


def change_status(code: str, language: Language) -> str:
    """Say in a few words how a change may be read."""
    words = {
        "depends_on_baseline": language.say("its sign depends on the baseline year"),
        "no_interval": language.say("no interval published: not known whether beyond chance"),
        "sensitivity": language.say("another baseline year, for comparison"),
        "no_data": language.say("not known: the series does not cover these years"),
        "not_comparable": language.say("not comparable: the method changed"),
    }
    return words[code]


def source(text: str, language: Language) -> str:
    """Write the sources of a line in the reader's words: "P1: section 4, bullet 2"."""
    words = {
        "section": language.say("section"),
        "bullet": language.say("bullet"),
        "paragraph": language.say("paragraph"),
        "opening text": language.say("opening text"),
        "main achievements": language.say("main achievements"),
        "cover": language.say("cover"),
        "foreword": language.say("foreword"),
        "signature pages": language.say("signature pages"),
        "results framework, not read": language.say("results framework, not read"),
    }
    for english, word in words.items():
        text = text.replace(english, word)
    return text
