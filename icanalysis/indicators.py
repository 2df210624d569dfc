"""What the programme reported: counts, their conflicts, and achievement against targets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import pandas as pd

from icanalysis.evaluation import JOINT, Achievement
from icanalysis.load import DataFolder
from icanalysis.results import lines

REPORTED = "reported_values"
TARGETS = "targets"
# The period of a count published for the whole life of the programme, with no year.
WHOLE_PERIOD = "programme"
# How a value came to be that the source does not print in figures: "two thirds".
WORDED = "printed_in_words"
# A subtraction of published decimals leaves binary noise: 0.7999999999999998 is 0.8.
NOISE = 1e-9


def delivery(data: DataFolder, region: str) -> pd.DataFrame:
    """List what the programme reported for a region, alone or jointly, and as a whole.

    Every published count is a line. Where sources contradict each other the one used has the
    status "used", the others "also_reported". Each used count has a second line, `achievement`,
    against its own baseline and target, which are lines too; without them its value is missing and
    its status "not_known". Statements about the situation (level "context") have no target to meet.

    Returns
    -------
    DataFrame
        Lines of evidence (see `results.lines`).
    """
    return lines(_records(data, concerning(data, _counted(data), region)))


def reported_lines(data: DataFolder) -> pd.DataFrame:
    """List what the programme reported for every region and as a whole, as `delivery` does."""
    return lines(_records(data, _counted(data)))


def concerning(data: DataFolder, frame: pd.DataFrame, region: str) -> pd.DataFrame:
    """Return the rows on a region, alone or jointly, on the whole programme and the country."""
    reference = data.evaluation.reference
    wanted = {region, data.evaluation.programme.whole} | ({reference.code} if reference else set())
    here = frame["region"].str.split(JOINT).map(lambda parts: not wanted.isdisjoint(parts))
    return frame[here.astype(bool)].reset_index(drop=True)


def _counted(data: DataFolder) -> pd.DataFrame:
    """Return published counts and the totals they allow, and which are of a part only."""
    rows = reported(data)
    rows = pd.concat([rows, _programme_totals(rows, data)], ignore_index=True)
    return rows.assign(partial=_partial(rows))


def _records(data: DataFolder, rows: pd.DataFrame) -> list[dict[str, object]]:
    catalogue = data.table("indicators").set_index("indicator")
    targets = data.table(TARGETS).set_index(["indicator", "region"])
    records: list[dict[str, object]] = []
    for _, row in rows.iterrows():
        indicator = catalogue.loc[row["indicator"]]
        count = _count(row, indicator, data)
        records.append(count)
        if row["used"] and indicator["level"] != "context":
            key = (row["indicator"], row["region"])
            own = None if row["partial"] or key not in targets.index else targets.loc[key]
            ends = [] if own is None else _ends(count, own)
            sources = dict.fromkeys([count["source"], *(end["source"] for end in ends)])
            judged = _judged(row, own, indicator, data.evaluation.achievement)
            records += [
                *ends,
                {**count, **judged, "source": "; ".join(str(source) for source in sources)},
            ]
    return records


def _count(row: pd.Series, indicator: pd.Series, data: DataFolder) -> dict[str, object]:
    return {
        "indicator": row["indicator"],
        "region": row["region"],
        "group": row["group"],
        "period": WHOLE_PERIOD if pd.isna(row["period"]) else str(row["period"]),
        "statistic": "level",
        "value": row["value"],
        "unit": indicator["unit"],
        "source_kind": data.catalog.tables[REPORTED].source_kind,
        "source": row["source"],
        "status": "used" if row["used"] else "also_reported",
        "statement_key": row["statement_key"],
    }


def reported(data: DataFolder) -> pd.DataFrame:
    """Return published counts, with their group, their source and how they came to be."""
    rows = data.table(REPORTED)
    named = rows["sector"].fillna("") + ";" + rows["population"].fillna("")
    made = rows["counted"].map({True: "counted_from_text", False: "reported_count"})
    if "printed_en" in rows:
        made = made.mask(rows["printed_en"].notna(), WORDED)
    return rows.assign(
        group=named.str.strip(";").replace("", "all"),
        source=rows["source_id"] + ": " + rows["place"],
        statement_key=made,
    )


def _partial(rows: pd.DataFrame) -> pd.Series:
    """Which counts cover only part of their indicator: its target is not theirs.

    They name a population, or a sector while another used count stands beside them.
    """
    beside = rows.groupby(["indicator", "region"])["used"].transform("sum") > 1
    return rows["population"].notna() | (rows["sector"].notna() & beside)


def _programme_totals(rows: pd.DataFrame, data: DataFolder) -> pd.DataFrame:
    """Totals over regions, for indicators that may be added and have no total in use.

    Only where used counts of one group and period cover every programme region exactly
    once, joint ones included: what leaves a region out, or has it twice, is no total.
    Ratios are divided again from their summed parts, never averaged.
    """
    regions = sorted(region.code for region in data.evaluation.reported_regions())
    catalogue = data.table("indicators").set_index("indicator")
    totals = []
    for _, parts in rows[rows["used"]].groupby(["indicator", "group"]):
        first = parts.iloc[0].to_dict()
        how = catalogue["aggregation"][first["indicator"]]
        covered = sorted(parts["region"].str.split(JOINT).explode())
        if how not in ("sum", "ratio") or covered != regions or len(parts) < 2:
            continue
        if len(parts["period"].drop_duplicates()) > 1:
            continue
        value = aggregate(
            how,
            parts["value"].tolist(),
            numerators=parts["numerator"].tolist(),
            denominators=parts["denominator"].tolist(),
        )
        if not math.isnan(value):
            total = {
                "region": data.evaluation.programme.whole,
                "value": value,
                "source": "; ".join(sorted(set(parts["source"]))),
                "statement_key": "total_of_regions",
            }
            totals.append(first | total)
    return pd.DataFrame(totals, columns=rows.columns).astype(rows.dtypes.to_dict())


def aggregate(
    aggregation: Literal["sum", "ratio"],
    values: Sequence[float],
    *,
    numerators: Sequence[float],
    denominators: Sequence[float],
) -> float:
    """Put regions' values together the way their indicator allows.

    Parameters
    ----------
    aggregation : {"sum", "ratio"}
        "sum" adds counts. "ratio" divides the sum of numerators by the sum of denominators:
        averaging regions' percentages would weigh a village like a city.
    values, numerators, denominators : sequence of float, shape (regions,)
        Counts, or the parts of each percentage.

    Returns
    -------
    float
        The total, or a percentage (0 to 100); NaN if any part is missing, there is none, or
        nobody is in the denominator, because a total that leaves a region out is not one.
    """
    if aggregation == "sum":
        return math.fsum(values) if values else math.nan
    below = math.fsum(denominators)
    return 100 * math.fsum(numerators) / below if below > 0 else math.nan


def _judged(
    row: pd.Series, own: pd.Series | None, indicator: pd.Series, scheme: Achievement
) -> dict[str, object]:
    """Achievement of one count against its own target, and why it is not known if it is not."""
    baseline, target = _number(own, "baseline"), _number(own, "target")
    ratio = achievement(float(row["value"]), baseline=baseline, target=target)
    missing = {"no_baseline": math.isnan(baseline), "no_target": math.isnan(target)}
    note = ";".join(name for name, is_missing in missing.items() if is_missing)
    astray = {"up": target < baseline, "down": target > baseline}
    if pd.notna(indicator["direction"]) and astray[indicator["direction"]]:
        # Either the direction or the target is wrong: judging by one would hide it.
        ratio, note = math.nan, "target_against_direction"
    return {
        "statistic": "achievement",
        "value": ratio,
        "unit": "ratio",
        "status": achievement_status(ratio, scheme),
        "statement_key": "achievement_not_known" if math.isnan(ratio) else "achievement",
        "note": note,
    }


def _ends(count: dict[str, object], own: pd.Series) -> list[dict[str, object]]:
    """Baseline and target of a count, those that are known, each with its own source."""
    return [
        {
            **count,
            "statistic": name,
            "value": own[name],
            "period": WHOLE_PERIOD if pd.isna(own[f"{name}_year"]) else str(own[f"{name}_year"]),
            "source": f"{own['source_id']}: {own['place']}",
            "statement_key": name,
        }
        for name in ("baseline", "target")
        if not pd.isna(own[name])
    ]


def _number(row: pd.Series | None, name: str) -> float:
    return math.nan if row is None or pd.isna(row[name]) else float(row[name])


def achievement(value: float, *, baseline: float, target: float) -> float:
    """Share of the way from baseline to target that was covered.

    (value - baseline) / (target - baseline). It follows the direction of the target: for
    an indicator that should fall, both differences are negative.

    Returns
    -------
    float
        1 is the target reached, 0 no change, negative a move the wrong way. NaN when a
        part is missing, or when target and baseline are equal: there is no way to cover.

    References
    ----------
    European Commission, OPSYS: (current value - baseline) / (target - baseline).
    """
    way = target - baseline
    return math.nan if math.isnan(way) or way == 0 else (value - baseline) / way


def achievement_status(ratio: float, scheme: Achievement) -> str:
    """Put an achievement ratio in words; the cut-offs are the evaluation's.

    Each cut-off belongs to the better class. A missing ratio is "not_known", never "off_track".
    """
    if math.isnan(ratio):
        return "not_known"
    if ratio >= scheme.achieved - NOISE:
        return "achieved"
    if ratio >= scheme.on_track - NOISE:
        return "on_track"
    return "moderate" if ratio >= scheme.moderate - NOISE else "off_track"
