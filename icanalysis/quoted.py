"""What a reference sheet quotes: values and sources of its lines, baselines, targets, breakdowns."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from icanalysis import delivery, terms, wording
from icanalysis.evaluation import JOINT
from icanalysis.indicators import REPORTED, TARGETS
from icanalysis.view import View

ALL, ARM = "all", "arm:"


def simulated(lines: pd.DataFrame) -> bool:
    """Whether all that is known of an indicator is simulated."""
    return bool(len(lines)) and bool((lines["source_kind"] == "simulated").all())


def _published(view: View, indicator: str) -> pd.DataFrame:
    """Rows of the programme's records that are used for an indicator."""
    rows = view.published
    found: pd.DataFrame = rows[(rows["indicator"] == indicator) & rows["used"]]
    return found


def origin(view: View, indicator: str) -> list[str]:
    """Say how the figures the programme published came to be; empty for any other."""
    say = view.language.say
    counted = _published(view, indicator)["counted"]
    told = {
        False: say("Published figure, copied as it stands; how it was obtained was not read."),
        True: say("Counted or added up here from the text of the source, which prints no number."),
    }
    return [told[bool(value)] for value in sorted(set(counted))]


def ends(view: View, record: Mapping[str, str], name: str) -> list[str]:
    """Tell the baselines or the targets of an indicator, each with its place, year and source."""
    rows = _targets(view, record["indicator"])
    if rows.empty and record["level"] == "context":
        return [_of_context(view, record["indicator"], name)]
    known = rows.dropna(subset=name)
    if known.empty:
        return [terms.status("not_known", view.language)]
    return [_end(view, record, row, name) for _, row in known.iterrows()]


def looked_for(view: View, indicator: str) -> list[str]:
    """Say what was looked for where a baseline or target is missing, once for all regions."""
    rows = _targets(view, indicator)
    lacking = rows[rows[["baseline", "target"]].isna().any(axis=1)]
    return list(lacking[f"note_{view.language.code}"].dropna().unique())


def _targets(view: View, indicator: str) -> pd.DataFrame:
    """Return the records of an indicator's ends that may be told here."""
    table = view.data.table(TARGETS)
    found: pd.DataFrame = table[table["indicator"] == indicator]
    if view.places is None:
        return found
    near = [not view.places.isdisjoint(region.split(JOINT)) for region in found["region"]]
    return found[pd.Series(near, found.index, dtype=bool)]  # of an empty list, pandas takes columns


def _of_context(view: View, indicator: str, name: str) -> str:
    say, year = view.language.say, view.years.baseline
    series = {item.indicator for item in view.data.evaluation.context}
    if name == "target" or indicator not in series:
        return say("does not apply: context has no target to meet")
    if view.select(indicator=indicator, statistic="level", period=str(year)).empty:
        unknown = terms.status("not_known", view.language)
        return say("{unknown}: the series has no figure of {year}", unknown=unknown, year=year)
    return say("the values of {year}, below", year=year)


def _end(view: View, record: Mapping[str, str], row: pd.Series, name: str) -> str:
    line = pd.Series(
        {"indicator": record["indicator"], "unit": record["unit"], "value": float(row[name])}
    )
    year = row[f"{name}_year"]
    dated = view.value(line) + ("" if pd.isna(year) else f" ({year})")
    source = terms.source(f"{row['source_id']}: {row['place']}", view.language)
    return f"{view.area(row['region'])}: {dated} [{source}]"


def breakdown(view: View, indicator: str, lines: pd.DataFrame) -> str:
    """Name what an indicator is told apart by: regions, groups asked for, groups published."""
    say = view.language.say
    if lines.empty:
        return say("none of its figures is quoted in these reports")
    evaluation = view.data.evaluation
    reference = evaluation.reference
    together = {evaluation.programme.whole} | ({reference.code} if reference else set())
    parts = []
    if any(JOINT not in region and region not in together for region in lines["region"]):
        parts.append(say("region"))
    if homes := evaluation.households:
        groups = (item.groups for item in homes.indicators if item.indicator == indicator)
        parts += [terms.breakdown(name, view.language) for each in groups for name in each]
    if makers := evaluation.producers:
        fields = view.data.catalog.tables[makers.table]
        groups = (item.groups for item in makers.indicators if item.indicator == indicator)
        titles = (fields.field(name).titles[view.language.code] for each in groups for name in each)
        parts += [_small(title) for title in titles]
    published = _published(view, indicator)
    fields = view.data.catalog.tables[REPORTED]
    parts += [
        _small(fields.field(name).titles[view.language.code])
        for name in ("sector", "population")
        if len(published[name].dropna().unique()) > 1
    ]
    return view.language.listed(parts) or say("nothing: it was not broken down")


def _small(title: str) -> str:
    return title[:1].lower() + title[1:]


def sources(view: View, lines: pd.DataFrame) -> list[str]:
    """List the sources the lines quote, each with its title, publisher and the places in it."""
    say = view.language.say
    if lines.empty:
        return [say("none of its figures is quoted in these reports")]
    if simulated(lines):
        return [say("SIMULATED data: there are no real ones here")]
    places: dict[str, list[str]] = {}
    for text in lines["source"]:
        for item in text.split("; "):
            code, _, place = item.partition(": ")
            places.setdefault(code, []).append(terms.source(place, view.language))
    cited = view.data.table("sources").set_index("source_id")
    told = []
    for code in [code for code in cited.index if code in places]:
        title = f"{code}: {cited['title'][code]}. {cited['publisher'][code]}"
        told.append("; ".join([title, *(place for place in dict.fromkeys(places[code]) if place)]))
    return told


def values(view: View, lines: pd.DataFrame) -> list[str]:
    """Tell an indicator's values, a line for each place: simulated ones are not quoted."""
    say = view.language.say
    levels = lines[(lines["statistic"] == "level") & (lines["source_kind"] != "simulated")]
    if levels.empty and simulated(lines):
        return [say("only SIMULATED ones, which are not quoted here")]
    levels = _whole(levels)
    if levels.empty:
        return [say("none of its figures is quoted in these reports")]
    regions = [view.data.evaluation.programme.whole]
    regions += [region.code for region in view.data.evaluation.regions]
    order = {code: place for place, code in enumerate(regions)}
    place = levels["region"].str.split(JOINT).str[0].map(order)
    levels = levels.assign(place=place).sort_values(["place", "region", "group", "period"])
    return [
        _told(view, str(region), rows)
        for (region, _), rows in levels.groupby(["region", "group"], sort=False)
    ]


def _whole(levels: pd.DataFrame) -> pd.DataFrame:
    """Leave out breakdowns where the whole is known; those of what is not one value, always."""
    whole = levels[levels["group"] == ALL]
    if len(whole):
        return whole
    plain = ~levels["group"].str.contains(":") | levels["group"].str.startswith(ARM)
    return levels[plain]


def _told(view: View, region: str, rows: pd.DataFrame) -> str:
    """Tell one place's values: those of the years compared where there are many."""
    used = rows[rows["status"] != "also_reported"]
    periods = list(dict.fromkeys(used["period"]))
    if len(periods) > 2:
        asked = [str(view.years.baseline), str(view.years.outcome)]
        kept = asked if set(asked) <= set(periods) else [periods[0], periods[-1]]
        used = used[used["period"].isin(kept)]
    told = ", ".join(
        _value(view, line) + delivery.counted(view, line) + delivery.year(line)
        for _, line in used.iterrows()
    )
    others = delivery.others(view, rows[rows["status"] == "also_reported"])
    if others:
        told += "; " + view.language.say("also published: {others}", others=others)
    arms = {
        "arm:programme": view.language.say("Programme"),
        "arm:comparison": view.language.say("Comparison"),
    }
    group = rows["group"].iloc[0]
    name = arms.get(group) or ", ".join(filter(None, view.split_group(group)))
    told += wording.prices(view, rows)
    return f"{view.area(region)}{f' ({name})' if name else ''}: {told}"


def _value(view: View, line: pd.Series) -> str:
    """Write a value with its unit, and its interval where there is one."""
    if pd.isna(line["low"]):
        return view.value(line)
    interval = f"{view.number(line, 'low')}–{view.number(line, 'high')}"
    if pd.isna(line["value"]):
        return view.language.say(
            "95% interval {interval}{unit}",
            interval=interval,
            unit=view.percent_sign(line["indicator"]),
        )
    return f"{view.value(line)} [{interval}]"
