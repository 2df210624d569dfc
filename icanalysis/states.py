"""What is known and what is not: the state of each figure that could be asked for.

A cell is an indicator, a place and a breakdown. Its state is one of `STATES`; nothing here is
told or drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Literal

import pandas as pd

from icanalysis.disclosure import SUPPRESSED
from icanalysis.evaluation import JOINT, Years
from icanalysis.indicators import REPORTED, TARGETS, WHOLE_PERIOD
from icanalysis.load import DataFolder

State = Literal["filled", "joint", "simulated", "stale", "suppressed", "missing", "not_asked"]
# In the order they are told. "not_asked" is no state of a figure: none could be.
STATES: tuple[State, ...] = ("filled", "joint", "stale", "simulated", "suppressed", "missing")
TOTAL, BASELINE, TARGET = "total", "baseline", "target"
Section = Literal["delivered", "situation", "producers"]
# Groups that are part of a design and break nothing down: reached and not reached.
_ARM = "arm"


def sections(data: DataFolder) -> dict[Section, list[str]]:
    """List the indicators this evaluation asks for, by what they are about, in their order."""
    evaluation = data.evaluation
    level = data.table("indicators").set_index("indicator")["level"]
    reported = set(data.table(REPORTED)["indicator"])
    plan = evaluation.coverage
    around = {item.indicator for item in evaluation.context}
    around |= {plan.indicator} if plan else set()
    around |= set(_broken_down(data, "households"))
    makers = set(_broken_down(data, "producers"))
    found: dict[Section, list[str]] = {"delivered": [], "situation": [], "producers": []}
    for code in level.index:
        if code in makers:
            found["producers"].append(code)
        elif code in around or (code in reported and level[code] == "context"):
            found["situation"].append(code)
        elif code in reported:
            found["delivered"].append(code)
    return {name: codes for name, codes in found.items() if codes}


def cells(data: DataFolder, lines: pd.DataFrame, years: Years) -> pd.DataFrame:
    """Tell the state of every indicator, in every place, as a total and broken down.

    Parameters
    ----------
    lines : DataFrame
        Lines of evidence of all regions (`dossier.all_lines`).
    years : Years
        A figure whose newest year is older than the outcome is stale. Counts over the
        programme's life, to which no source gives a year, never are.

    Returns
    -------
    DataFrame
        section, indicator, breakdown ("total" or a code of the evaluation's), region, state. In each
        section the same places and breakdowns for each indicator. "joint" is published for
        several regions together and not split; "simulated" stands only where nothing real is
        known; "not_asked" where the indicator could have no such figure.
    """
    known = dict(list(_known(data, lines).groupby(["indicator", "breakdown", "region"])))
    about = _indicators(data)
    nothing = pd.DataFrame()
    records = []
    for section, indicators in sections(data).items():
        for indicator in indicators:
            for breakdown, region in _places(data):
                found = known.get((indicator, breakdown, region), nothing)
                there: State = "not_asked"
                if len(found) or _asked(data, about[indicator], breakdown, region):
                    there = state(found, years.outcome)
                records.append((section, indicator, breakdown, region, there))
    return pd.DataFrame(records, columns=["section", "indicator", "breakdown", "region", "state"])


def state(found: pd.DataFrame, outcome: int) -> State:
    """Tell the state of one cell from what is known of it.

    Parameters
    ----------
    found : DataFrame
        year (NaN: of the programme's whole life), simulated, suppressed, joint; empty if nothing
        is known.
    """
    if found.empty:
        return "missing"
    real = found[~found["simulated"]]
    rows = found if real.empty else real
    rows = rows[rows["year"].isna() | (rows["year"] == rows["year"].max())]
    if rows["suppressed"].any():
        return "suppressed"
    if real.empty:
        return "simulated"
    if rows["year"].max() < outcome and rows["year"].notna().all():
        return "stale"
    return "joint" if rows["joint"].all() else "filled"


def ends(data: DataFolder, lines: pd.DataFrame, years: Years) -> pd.DataFrame:
    """Tell which baselines and targets are known, in the columns of `cells`.

    One row for each figure that should have one: those of the table of targets and, for series
    and surveys, each place that is asked. A series of the situation has no target to meet.
    """
    targets = data.table(TARGETS)
    about = _indicators(data)
    totals = _known(data, lines)
    totals = totals[(totals["breakdown"] == TOTAL) & (totals["year"] == years.baseline)]
    records: list[tuple[str, ...]] = []
    for section, indicators in sections(data).items():
        for indicator in indicators:
            own = targets[targets["indicator"] == indicator]
            for _, row in own.iterrows():
                for name in (BASELINE, TARGET):
                    there = "missing" if pd.isna(row[name]) else "filled"
                    records.append((section, indicator, name, row["region"], there))
            if own.empty and _by_region(data, indicator):
                for breakdown, region in _places(data):
                    if breakdown != TOTAL or not _asked(data, about[indicator], TOTAL, region):
                        continue
                    here = (totals["indicator"] == indicator) & (totals["region"] == region)
                    before = state(totals[here], years.baseline)
                    records.append((section, indicator, BASELINE, region, before))
                    if about[indicator]["level"] != "context":
                        records.append((section, indicator, TARGET, region, "missing"))
    return pd.DataFrame(records, columns=["section", "indicator", "breakdown", "region", "state"])


def _places(data: DataFolder) -> Iterator[tuple[str, str]]:
    """Yield every breakdown in every place: the programme's regions, then the whole of it."""
    regions = [region.code for region in data.evaluation.reported_regions()]
    for breakdown in (TOTAL, *(each.code for each in data.evaluation.breakdowns)):
        for region in (*regions, data.evaluation.programme.whole):
            yield breakdown, region


def _broken_down(
    data: DataFolder, survey: Literal["households", "producers"]
) -> dict[str, tuple[str, ...]]:
    """Return the groups by which each indicator of a survey is asked."""
    plan = data.evaluation.households if survey == "households" else data.evaluation.producers
    return {item.indicator: item.groups for item in plan.indicators} if plan else {}


def _by_region(data: DataFolder, indicator: str) -> bool:
    """Whether an indicator is a series or a survey's, which each region has its own figure of."""
    series = {item.indicator for item in data.evaluation.context}
    surveyed = {**_broken_down(data, "households"), **_broken_down(data, "producers")}
    return indicator in series or indicator in surveyed


def _indicators(data: DataFolder) -> dict[str, dict[str, object]]:
    """Return the record of each indicator."""
    records = data.table("indicators").to_dict("records")
    return {str(record["indicator"]): {str(k): v for k, v in record.items()} for record in records}


def _asked(data: DataFolder, record: Mapping[str, object], breakdown: str, region: str) -> bool:
    """Whether an indicator could have a figure there, broken down so."""
    indicator = str(record["indicator"])
    if region == data.evaluation.programme.whole:
        there = record["level"] != "context"
    else:
        there = record["aggregation"] == "sum" or _by_region(data, indicator)
    if breakdown == TOTAL or not there:
        return bool(there)
    plan = next(each for each in data.evaluation.breakdowns if each.code == breakdown)
    surveyed = {**_broken_down(data, "households"), **_broken_down(data, "producers")}
    if indicator in surveyed:
        return bool(set(plan.groups) & set(surveyed[indicator]))
    return record["level"] != "context" and record["unit"] in plan.units


def _known(data: DataFolder, lines: pd.DataFrame) -> pd.DataFrame:
    """Figures there are, one row for each place they are of and each breakdown they belong to."""
    rows = lines[lines["statistic"].isin(["level", "did"]) & (lines["status"] != "also_reported")]
    rows = rows[rows["value"].notna() | (rows["status"] == SUPPRESSED)]
    alone = rows.groupby(["indicator", "region"])["group"].transform("nunique") == 1
    records = []
    for (_, line), single in zip(rows.iterrows(), alone, strict=True):
        for breakdown in _breakdowns(data, line, alone=bool(single)):
            for region in line["region"].split(JOINT):
                records.append(
                    {
                        "indicator": line["indicator"],
                        "breakdown": breakdown,
                        "region": region,
                        "year": _last_year(line["period"]),
                        "simulated": line["source_kind"] == "simulated",
                        "suppressed": line["status"] == SUPPRESSED,
                        "joint": JOINT in line["region"],
                    }
                )
    columns = ["indicator", "breakdown", "region", "year", "simulated", "suppressed", "joint"]
    return pd.DataFrame(records, columns=columns)


def _breakdowns(data: DataFolder, line: pd.Series, *, alone: bool) -> set[str]:
    """Which breakdowns a line is a figure of; a comparison is one only of its groups."""
    by_group = {name: each.code for each in data.evaluation.breakdowns for name in each.groups}
    sectors = {sector.code for sector in data.evaluation.sectors}
    if line["group"] == "all":
        return {TOTAL} if line["statistic"] == "level" else set()
    parts = line["group"].split(";")
    named = {by_group.get(part.partition(":")[0], "") for part in parts}
    of_sectors = [part for part in parts if set(part.split(JOINT)) <= sectors]
    if of_sectors and "sector" in by_group:
        named.add(by_group["sector"])
    if line["statistic"] == "level":
        arms = all(part.startswith(f"{_ARM}:") for part in parts)
        # The consortia financed were all of crafts: their sector only describes the total.
        if arms or (alone and len(of_sectors) == len(parts)):
            named.add(TOTAL)
    return named - {""}


def _last_year(period: str) -> float:
    """Last year of a period; none for a count over the programme's life."""
    return math.nan if period == WHOLE_PERIOD else float(period.rpartition("-")[2])
