"""Sentences on what the programme reported: counts, their conflicts, achievement, what is open."""

from __future__ import annotations

import math

import pandas as pd

from icanalysis import terms
from icanalysis.evaluation import JOINT
from icanalysis.extracts import shared_out
from icanalysis.indicators import WHOLE_PERIOD
from icanalysis.view import View


def reported_here(view: View) -> list[str]:
    """List what was reported for this region, alone or jointly: one line per figure."""
    sentences = []
    rows = view.delivered
    for _, line in rows[view.here[rows.index]].iterrows():
        _, population = view.split_group(line["group"])
        name = view.name(line["indicator"]) + (f" ({population})" if population else "")
        text = f"{name}: {view.value(line)}{counted(view, line)}"
        if JOINT in line["region"]:
            text += " " + view.language.say(
                "(joint figure for {areas}, published without a breakdown)",
                areas=view.area(line["region"]),
            )
        sentences.append(f"{text} [{terms.source(line['source'], view.language)}].")
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


def summary(view: View) -> str:
    """Say how many figures there are for the region and for the whole programme."""
    here = int(view.delivered.index.isin(view.lines.index[view.here]).sum())
    rest = len(view.delivered) - here
    if view.region.role == "comparison" and not here:
        return reported_here(view)[0]
    return view.language.say_count(
        "The sources read give {count} figure for {region} and {rest} for the programme as a whole.",
        "The sources read give {count} figures for {region} and {rest} for the programme as a whole.",
        here,
        region=view.place,
        rest=rest,
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


def conflicts(view: View) -> str:
    """List the counts that other sources publish differently; the one used comes first."""
    told = disagreements(view)
    if not told:
        return ""
    return view.language.say(
        "Published with different values, the one used here first. {counts}.",
        counts=". ".join(told),
    )


def disagreements(view: View) -> list[str]:
    """Tell each count that sources publish differently: the one used, then the others."""
    told = []
    for line in conflicting(view):
        levels = view.select(**view.figure(line), statistic="level")
        first = levels.sort_values("status", ascending=False, kind="stable")  # used, also_reported
        told.append(f"{view.name(line['indicator'])}: {others(view, first)}")
    return told


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
        value = view.number(line) + counted(view, line)
        by_value.setdefault(value, []).append(line["source"].partition(":")[0])
    return "; ".join(f"{value} ({', '.join(sorted(found))})" for value, found in by_value.items())


def counted(view: View, line: pd.Series) -> str:
    """Mark a number that the source does not print: it was counted or added up from its text."""
    if line["statement_key"] != "counted_from_text":
        return ""
    return " " + view.language.say("[counted here]")


def stated(view: View, record: pd.Series) -> str:
    """Write the value of a published record as its source prints it: in words, or as a number."""
    if pd.notna(record.get("printed_en")):
        return str(record[f"printed_{view.language.code}"])
    return view.language.number(record["value"]) + view.percent_sign(record["indicator"])


def achievement(view: View, line: pd.Series) -> str:
    """Say how far a figure went from its baseline towards its target, or what is missing."""
    text = terms.status(line["status"], view.language)
    say = view.language.say
    if math.isnan(line["value"]):
        missing = {
            "no_baseline;no_target": "",
            "no_baseline": say("(no baseline)"),
            "no_target": say("(no target)"),
            "target_against_direction": say("(target against the indicator's direction)"),
            "": say("(target equal to baseline)"),
        }
        return f"{text} {missing[line['note']]}".strip()
    same = view.figure(line)
    ends = [view.one(**same, statistic=name) for name in ("baseline", "target")]
    if ends[0] is None or ends[1] is None:
        raise ValueError("an achievement without its baseline and target")
    return say(
        "{status}, {percent}%: from {baseline} to {target} [{source}]",
        status=text,
        # Downwards, so that what is printed never passes a cut-off that was not met.
        percent=view.language.number(math.floor(1000 * line["value"] + 1e-6) / 10, 1),
        baseline=dated(view, ends[0]),
        target=dated(view, ends[1]),
        source=terms.source(ends[0]["source"], view.language),
    )


def dated(view: View, line: pd.Series) -> str:
    """Write a baseline or target with its year, where one is given."""
    return view.number(line) + year(line)


def year(line: pd.Series) -> str:
    """Write the year of a count in brackets; empty where no source gives one."""
    return "" if line["period"] == WHOLE_PERIOD else f" ({line['period']})"


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


def unknown_here(view: View) -> list[str]:
    """List what the published figures leave open about this region."""
    say = view.language.say
    used = view.delivered
    here = view.here[used.index]
    joint = [
        say(
            "How these are split between {areas}: {figure}, {value}.",
            areas=view.area(line["region"]),
            figure=view.name(line["indicator"]),
            value=view.value(line),
        )
        for _, line in used[here].iterrows()
        if JOINT in line["region"]
    ]
    whole = used[~here & ~used["indicator"].isin(used.loc[here, "indicator"])]
    # A part of a total is left open with it; what has no total, such as craft consortia, by itself.
    totals = set(whole.loc[whole["group"] == "all", "indicator"])
    whole = whole[(whole["group"] == "all") | ~whole["indicator"].isin(totals)]
    whole = whole[~whole["indicator"].isin(shared_out(view.data))]
    parts = [line for _, line in whole.iterrows() if view.can_be_split(line["indicator"])]
    if not parts or view.region.role == "comparison":
        return joint
    listed = "; ".join(f"{view.name(line['indicator'])}, {view.number(line)}" for line in parts)
    return [
        *joint,
        say("How much of each belongs to {region}: {figures}.", region=view.place, figures=listed),
    ]
