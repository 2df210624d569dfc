"""What the programme reported: counts, their conflicts, and achievement against targets."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from icanalysis.evaluation import JOINT, Achievement
from icanalysis.load import DataFolder
from icanalysis.results import lines

REPORTED = "reported_values"
TARGETS = "targets"
# The period of a count published for the whole life of the programme, with no year.
WHOLE_PERIOD = "programme"


def delivery(data: DataFolder, region: str) -> pd.DataFrame:
    """List what the programme reported for a region, alone or jointly, and as a whole.

    Every published count is a line. Where sources contradict each other the one used has the
    status "used", the others "also_reported". Each used count has a second line, `achievement`,
    against its own baseline and target; without them its value is missing and its status
    "not_known". Statements about the situation (level "context") have no target to meet.

    Returns
    -------
    DataFrame
        Lines of evidence (see `results.lines`).
    """
    reported = data.table(REPORTED)
    reference = data.evaluation.reference
    wanted = {region, data.evaluation.programme.whole, reference.code if reference else ""}
    here = reported["region"].str.split(JOINT).map(lambda parts: bool(wanted & set(parts)))
    catalogue = data.table("indicators").set_index("indicator")
    totals = _programme_totals(reported, data)
    kind = data.catalog.tables[REPORTED].source_kind
    counts: list[dict[str, object]] = [
        {
            "indicator": row["indicator"],
            "region": row["region"],
            "group": _group(row),
            "period": WHOLE_PERIOD if pd.isna(row["period"]) else str(row["period"]),
            "statistic": "level",
            "value": row["value"],
            "unit": catalogue["unit"][row["indicator"]],
            "source_kind": kind,
            "source": f"{row['source_id']}: {row['place']}",
            "status": "used" if row["used"] else "also_reported",
            "statement_key": "counted_from_text" if row["counted"] else "reported_count",
        }
        for _, row in reported[here].iterrows()
    ]
    context_only = set(catalogue.index[catalogue["level"] == "context"])
    used = [
        count
        for count in counts + totals
        if count["status"] == "used" and count["indicator"] not in context_only
    ]
    return lines(counts + totals + [_achievement_line(count, data) for count in used])


def _group(row: pd.Series) -> str:
    """Sector and population of a count, "all" where neither is stated."""
    return ";".join(row[["sector", "population"]].dropna()) or "all"


def _programme_totals(reported: pd.DataFrame, data: DataFolder) -> list[dict[str, object]]:
    """Totals over regions, for indicators that may be added and have no published total.

    Ratios are divided again from their summed parts, never averaged.
    """
    whole = data.evaluation.programme.whole
    catalogue = data.table("indicators").set_index("indicator")
    used = reported[reported["used"]]
    totals: list[dict[str, object]] = []
    for indicator, rows in used.groupby("indicator", sort=True):
        aggregation = catalogue["aggregation"][str(indicator)]
        if aggregation not in ("sum", "ratio") or len(rows) < 2 or (rows["region"] == whole).any():
            continue
        parts = rows["region"].str.split(JOINT).explode()
        if parts.duplicated().any():  # a joint count and a region's own may overlap
            continue
        value = aggregate(
            str(aggregation),
            rows["value"].astype("float64").tolist(),
            numerators=_floats(rows, "numerator"),
            denominators=_floats(rows, "denominator"),
        )
        totals.append(
            {
                "indicator": indicator,
                "region": whole,
                "period": WHOLE_PERIOD,
                "statistic": "level",
                "value": value,
                "unit": catalogue["unit"][str(indicator)],
                "source_kind": data.catalog.tables[REPORTED].source_kind,
                "source": "; ".join(dict.fromkeys(rows["source_id"] + ": " + rows["place"])),
                "status": "used",
                "statement_key": "total_of_regions",
                "note": JOINT.join(sorted(parts)),
            }
        )
    return totals


def _floats(rows: pd.DataFrame, name: str) -> list[float]:
    return rows[name].astype("float64").tolist()


def aggregate(
    aggregation: str,
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
        The total, or a percentage (0 to 100); NaN if any part is missing or nobody
        is in the denominator, because a total that leaves a region out is not one.
    """
    if aggregation == "sum":
        return math.fsum(values)
    below = math.fsum(denominators)
    return 100 * math.fsum(numerators) / below if below > 0 else math.nan


def _achievement_line(count: dict[str, object], data: DataFolder) -> dict[str, object]:
    targets = data.table(TARGETS)
    own = targets[
        (targets["indicator"] == count["indicator"]) & (targets["region"] == count["region"])
    ]
    row = own.iloc[0] if len(own) else None
    baseline = _number(row, "baseline")
    target = _number(row, "target")
    ratio = achievement(float(str(count["value"])), baseline=baseline, target=target)
    missing = [
        name for name, value in (("baseline", baseline), ("target", target)) if math.isnan(value)
    ]
    return {
        **count,
        "statistic": "achievement",
        "value": ratio,
        "unit": "ratio",
        "status": achievement_status(ratio, data.evaluation.achievement),
        "statement_key": "achievement" if not missing else "achievement_not_known",
        "note": ";".join(f"no_{name}" for name in missing),
    }


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
    if ratio >= scheme.achieved:
        return "achieved"
    if ratio >= scheme.on_track:
        return "on_track"
    return "moderate" if ratio >= scheme.moderate else "off_track"
