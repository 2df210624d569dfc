"""What may be said of the programme's contribution: sentences whose verbs fit the design.

Each quotes one line of evidence and the statement its evidence allows, and no other.
"""

from __future__ import annotations

import math

import pandas as pd

from icanalysis import terms
from icanalysis.disclosure import SUPPRESSED
from icanalysis.evidence import STATEMENTS, Statement
from icanalysis.language import ABSENT, Language
from icanalysis.view import View

SHOWN = 0.005  # a smaller part of a mix would be written as 0%


def interval(view: View, line: pd.Series) -> str:
    """Write a 95% interval of a difference: "−12.1 to +6.3"; a dash where there is none."""
    if line["status"] == SUPPRESSED:
        return terms.withheld(view.language)
    if math.isnan(line["low"]) or math.isnan(line["high"]):
        return ABSENT
    low, high = (view.number(line, name, signed=True) for name in ("low", "high"))
    return view.language.say("{low} to {high}", low=low, high=high)


def p_number(p: float, language: Language, decimals: int = 3) -> str:
    """Write a p-value where its column says that it is one: "0.493"; never as nought."""
    least = 10.0**-decimals
    if p < least / 2:
        return f"<\N{NO-BREAK SPACE}{language.number(least, decimals)}"
    return language.number(p, decimals)


def words(statement: Statement, language: Language) -> str:
    """Word a contribution statement without its figures."""
    say = language.say
    texts: dict[Statement, str] = {
        "simulated": say("These data are simulated: they say nothing of the programme."),
        "not_known": say("It is not known: the data it would take are missing."),
        "reported": say("It is a count the programme reports; nothing is compared."),
        "beyond_target": say("It is beyond its target, whatever the sample."),
        "short_of_target": say("It falls short of its target, whatever the sample."),
        "near_target": say("It cannot be distinguished from its target."),
        "could_not_be_seen": say(
            "An effect of the programme could not show here, even if there was one: this figure speaks "
            "neither for a contribution nor against one."
        ),
        "could_not_be_shown": say(
            "With so few units compared, no difference, however large, could have been distinguished from "
            "chance."
        ),
        "already_diverging": say(
            "Those compared were already moving apart before the programme: the difference cannot be "
            "read as its effect."
        ),
        "changed": say(
            "It changed. Without a comparison group, it cannot be said how much of the change is due to "
            "the programme."
        ),
        "no_clear_change": say("The change cannot be distinguished from zero."),
        "one_of_many": say(
            "Taken alone it would be clear; counting all that was tested beside it, chance could give "
            "it."
        ),
        "could_be_loss": say(
            "The difference is clear among those found again, but those who were not could explain it: "
            "no contribution can be claimed."
        ),
        "contributed": say(
            "This is evidence that the programme contributed: those compared had moved alike before, and "
            "chance alone would seldom give such a difference."
        ),
        "consistent": say(
            "This is consistent with a contribution of the programme, if those compared would have moved "
            "alike without it, which these data cannot test."
        ),
        "no_clear_difference": say(
            "The difference cannot be distinguished from zero: the data neither show a contribution nor "
            "rule one out."
        ),
    }
    return texts[statement]


def verdict(code: str, language: Language) -> str:
    """Name a verdict: a shape and words, so that colour is never alone."""
    names = {
        "better": "▲ " + language.say("better"),
        "worse": "▼ " + language.say("worse"),
        "no_clear_change": "◆ " + language.say("no clear change"),
        "not_known": "○ " + language.say("not known"),
        "not_distinguishable_from_target": "◇ "
        + language.say("not distinguishable from its target"),
    }
    return names[code]


def grade(code: str, language: Language) -> str:
    """Name a grade of evidence."""
    names = {
        "strong": language.say("strong"),
        "moderate": language.say("moderate"),
        "weak": language.say("weak"),
        "descriptive": language.say("descriptive"),
        "none": language.say("none"),
    }
    return names[code]


def could_show(view: View, indicator: str) -> str:
    """Say, before any estimate, whether the programme could show in a series at all."""
    largest, detectable = (_joint(view, indicator, name) for name in ("largest", "detectable"))
    if largest is None or detectable is None or math.isnan(largest["value"]):
        return ""
    told = {
        "share": view.language.number(100 * float(terms.fact(largest, "share")), 2),
        "largest": _sized(view, largest),
        "indicator": view.name(indicator),
    }
    if math.isnan(detectable["value"]):
        return view.language.say(
            "{indicator}: the families reached are {share}% of the workforce, counting one worker each, so "
            "the programme can have moved the figure by some {largest}; with the regions there are, no "
            "effect could be found.",
            **told,
        )
    told["detectable"] = view.value(detectable)
    if largest["status"] == "not_visible":
        return view.language.say(
            "{indicator}: the families reached are {share}% of the workforce, counting one worker each. Had "
            "every one of them gained all there was to gain, the figure would have moved by some {largest}; "
            "the comparison finds an effect of {detectable} in four cases of five, and smaller ones less "
            "often. The programme could not be seen here, whether it worked or not.",
            **told,
        )
    return view.language.say(
        "{indicator}: the programme can have moved the figure by some {largest}; the comparison finds an "
        "effect of {detectable} in four cases of five.",
        **told,
    )


def _sized(view: View, line: pd.Series, *, signed: bool = False) -> str:
    """Write a small value with its unit, to two decimals."""
    number, unit = view.language.number(line["value"], 2, signed=signed), view.unit(line)
    return number + unit if unit == "%" else f"{number} {unit}"


def difference(view: View, indicator: str) -> str:
    """Say how the programme's regions moved beside the others, and how unusual that is."""
    line = main(view, indicator)
    if line is None or math.isnan(line["value"]):
        return view.language.say(
            "{indicator}: the series does not have both years in regions with and without the programme.",
            indicator=view.name(indicator),
        )
    more = view.language.say(
        "{indicator}, {period}: the mean change of the {treated} regions with the programme, less that of "
        "the other {rest}, is {size} (95% interval {interval}). Of {assignments} ways of choosing "
        "{treated} regions, {at_least} give a difference at least as large, up or down: {p}; the "
        "smallest that could be had is {p_min}.",
        indicator=view.name(indicator),
        period=line["period"].replace("-", "–"),
        treated=terms.fact(line, "treated"),
        rest=view.language.number(line["n"] - int(terms.fact(line, "treated"))),
        size=view.value(line, signed=True),
        interval=interval(view, line),
        assignments=view.language.number(int(terms.fact(line, "assignments"))),
        at_least=view.language.number(int(terms.fact(line, "at_least"))),
        p=terms.p_value(line["p"], view.language),
        p_min=p_number(line["p_min"], view.language, 4),
    )
    return f"{more} {statement(view, line)}"


def statement(view: View, line: pd.Series) -> str:
    """Word the statement of a line; of simulated data, what a report of real ones would say."""
    seen = terms.fact(line, "seen")
    if line["source_kind"] == "simulated" and seen:
        return view.language.say(
            "If these data were real, the report would say: “{said}”",
            said=words(_known(seen), view.language),
        )
    return words(_known(line["statement_key"]), view.language)


def trend(view: View, indicator: str) -> str:
    """Say whether regions moved alike before the baseline, and what that test could have found."""
    line = _joint(view, indicator, "pre_trend")
    if line is None:
        return ""
    say = view.language.say
    if line["status"] == "untestable":
        return say(
            "Whether they moved alike before cannot be tested: {count} earlier years are too few.",
            count=view.language.number(line["n"]),
        )
    told = {
        "size": _sized(view, line, signed=True),
        "period": line["period"].replace("-", "–"),
        "p": terms.p_value(line["p"], view.language),
        "implied": view.language.number(float(terms.fact(line, "implied")), 1, signed=True),
        "detectable": view.language.number(float(terms.fact(line, "detectable")), 2),
    }
    first = say(
        "Before ({period}) the gap between the two groups changed by {size} a year ({p}); continued to "
        "the outcome year that would make {implied}.",
        **told,
    )
    ends = {
        "failed": say("They were already moving apart."),
        "passed": say("They moved alike as far as such a test can tell."),
        "uninformative": say(
            "The test finds {detectable} a year in four cases of five, and less than that less often, so it "
            "cannot vouch that they moved alike.",
            **told,
        ),
    }
    return f"{first} {ends[line['status']]}"


def baselines(view: View, indicator: str) -> str:
    """Say what the comparison gives from each baseline year tried."""
    lines = comparisons(view, indicator)
    if len(lines) < 2:
        return ""
    told = "; ".join(
        view.language.say(
            "from {year}, {size} ({p})",
            year=line["period"].partition("-")[0],
            size=view.number(line, signed=True),
            p=terms.p_value(line["p"], view.language),
        )
        for _, line in lines.iterrows()
    )
    said = view.language.say(
        "Difference up to {outcome} ({unit}) by baseline year: {told}.",
        outcome=view.years.outcome,
        unit=view.unit(lines.iloc[0]),
        told=told,
    )
    rising = lines["value"].gt(0)
    if rising.all() or not rising.any():
        return said
    warning = view.language.say("Its sign depends on the year counted from.")
    return f"{said} {warning}"


def comparisons(view: View, indicator: str) -> pd.DataFrame:
    """Lines of the comparison from every baseline year, in order."""
    whole = view.data.evaluation.programme.whole
    rows = view.select(indicator=indicator, region=whole, group="all", statistic="did")
    return rows.dropna(subset="value").sort_values("period")


def twin(view: View, indicator: str, region: str) -> str:
    """Say how a region moved beside its synthetic control."""
    line = view.one(indicator=indicator, region=region, statistic="gap")
    if line is None:
        return ""
    if math.isnan(line["value"]):
        return view.language.say(
            "{region}: a mix of others meets all of its {count} earlier years without a gap. So short a past "
            "can be met by chance, so what the mix did afterwards says nothing of {region}.",
            region=view.area(region),
            count=terms.fact(line, "before"),
        )
    return view.language.say(
        "{region}: its mean difference afterwards from the mix of others most like it up to {baseline} "
        "({mix}) was {size}; {rank} ({p}, at best {p_min}). Before, the two lay {fit} apart.",
        region=view.area(region),
        baseline=view.years.baseline,
        mix=mix(view, indicator, region),
        size=view.value(line, signed=True),
        rank=_rank(view, line),
        p=terms.p_value(line["p"], view.language),
        p_min=p_number(line["p_min"], view.language),
        fit=view.language.number(float(terms.fact(line, "fit")), 1),
    )


def mix(view: View, indicator: str, region: str) -> str:
    """List the regions a synthetic control is made of, the heaviest first."""
    donors = view.select(indicator=indicator, region=region, statistic="weight")
    donors = donors[donors["value"] >= SHOWN]
    return view.language.listed(
        [
            view.language.say(
                "{region} {share}%",
                region=view.area(donor["group"].partition(":")[2]),
                share=view.language.number(100 * donor["value"], 0),
            )
            for _, donor in donors.sort_values("value", ascending=False).iterrows()
        ]
    )


def _rank(view: View, line: pd.Series) -> str:
    """Say how many regions drew away from their own mixes at least as much."""
    place = round(line["p"] * line["n"])
    if place == 1:
        return view.language.say(
            "none of {n} other regions drew away from its own mix as much, in proportion to how closely the "
            "mix had followed it before",
            n=view.language.number(line["n"] - 1),
        )
    return view.language.say(
        "{count} of {n} other regions drew away from their own mixes at least as much, in proportion to how "
        "closely these had followed them before",
        count=view.language.number(place - 1),
        n=view.language.number(line["n"] - 1),
    )


def _joint(view: View, indicator: str, statistic: str) -> pd.Series | None:
    whole = view.data.evaluation.programme.whole
    return view.one(indicator=indicator, region=whole, group="all", statistic=statistic)


def main(view: View, indicator: str) -> pd.Series | None:
    """Return the comparison of all regions over the years asked."""
    period = f"{view.years.baseline}-{view.years.outcome}"
    whole = view.data.evaluation.programme.whole
    return view.one(indicator=indicator, region=whole, group="all", statistic="did", period=period)


def _known(code: str) -> Statement:
    return next(each for each in STATEMENTS if each == code)
