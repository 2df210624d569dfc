"""Did the programme's regions change otherwise than the rest? Lines of evidence for all together.

Regions are few, so the test is exact randomisation inference over every way the regions could
have been chosen. What the design could have seen stands beside each estimate, because a small
programme in large regions cannot show, whatever the estimate says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from icanalysis.assignment import leave_one_out, randomisation_test
from icanalysis.controls import beside_controls, paths
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import Years
from icanalysis.event import PreTrend, event_study, pre_trend
from icanalysis.evidence import Finding, grade, statement, verdict
from icanalysis.load import DataFolder
from icanalysis.power import Dilution, detectable_by_assignment, dilution
from icanalysis.regions import Compared, compared
from icanalysis.results import lines


def contribution(data: DataFolder, years: Years, share: pd.DataFrame) -> pd.DataFrame:
    """Compare the programme's regions with the others on every context series.

    Parameters
    ----------
    share : DataFrame
        Line on how much of the workforce the programme reached (`context.coverage`); empty if
        that is not known.

    Returns
    -------
    DataFrame
        Lines of evidence. Of the whole programme, by series: `did` (mean change of its regions
        minus that of the others, unweighted, with exact p and interval), the same from other
        baseline years and without each region in turn (status "sensitivity"), `detectable`
        (effect the design would find with 80% power), `largest` (most the programme can have
        moved the figure), `pre_trend` (difference of slopes per year up to the baseline) and
        `event` (difference in each year against the baseline). Of every region its `path`; of
        each of the programme's the `gap` to its synthetic control, that control's path
        (`synthetic`) and weights (`weight`).
    """
    records: list[dict[str, object]] = []
    for item in data.evaluation.context:
        found = compared(data, item, years)
        if not found.common["source"]:  # nothing is published up to the outcome year
            continue
        records += _together(data, found, share)
        records += paths(data, found)
        records += beside_controls(data, found)
    return lines(records)


def _together(data: DataFolder, found: Compared, share: pd.DataFrame) -> list[dict[str, object]]:
    years, whole = found.years, data.evaluation.programme.whole
    common = {**found.common, "region": whole, "period": f"{years.baseline}-{years.outcome}"}
    if not found.testable:
        covered = sorted(set(found.panel["year"]))
        return [
            {
                **common,
                "statistic": "did",
                "status": "not_known",
                "statement_key": "not_known",
                "note": f"series:{covered[0]}-{covered[-1]}" if covered else "series:",
            }
        ]
    size = _size(data, found, share)
    trend = pre_trend(
        found.panel,
        treated=found.treated,
        baseline=years.baseline,
        outcome=years.outcome,
        relevant=size.largest,
    )
    return [
        _tested(data, found, trend, size, common),
        *_other_baselines(data, found, common),
        *_without_each(found, common),
        {**common, "statistic": "detectable", "value": size.detectable, "status": "context"},
        *_largest(size, common),
        {
            **common,
            "period": f"{trend.first}-{years.baseline}" if trend.first else common["period"],
            "statistic": "pre_trend",
            "value": trend.estimate,
            "se": trend.se,
            "p": trend.p,
            "n": trend.n_periods,
            "status": trend.outcome,
            "note": f"detectable:{trend.detectable};implied:{trend.implied}",
        },
        *_by_year(found, common),
    ]


def _size(data: DataFolder, found: Compared, share: pd.DataFrame) -> Dilution:
    """Set the most the programme can have moved the figure against what would be found."""
    plan, wide = data.evaluation.coverage, found.known
    changes = wide[found.years.outcome] - wide[found.years.baseline]
    treated = int(wide.index.isin(found.treated).sum())
    detectable = detectable_by_assignment(changes.to_numpy(), treated)
    if plan is None or share.empty:
        return Dilution(math.nan, math.nan, detectable)
    row = share.iloc[0]
    return dilution(
        row["value"] / 100 * row["n"], row["n"], plan.largest_effect, detectable=detectable
    )


def _largest(size: Dilution, common: Mapping[str, object]) -> list[dict[str, object]]:
    if math.isnan(size.largest):
        return []
    return [
        {
            **common,
            "statistic": "largest",
            "value": size.largest,
            "status": "visible" if size.visible else "not_visible",
            "note": f"share:{size.share}",
        }
    ]


def _tested(
    data: DataFolder,
    found: Compared,
    trend: PreTrend,
    size: Dilution,
    common: Mapping[str, object],
) -> dict[str, object]:
    years = found.years
    test = randomisation_test(
        found.panel, treated=found.treated, baseline=years.baseline, outcome=years.outcome
    )
    indicators = data.table("indicators").set_index("indicator")
    direction = indicators["direction"][found.item.indicator]
    finding = Finding(
        "regions",
        test.estimate,
        test.low,
        test.high,
        test.p_value,
        test.p_min,
        direction="" if pd.isna(direction) else direction,
        pre_trend=trend.outcome,
        visible=size.visible or math.isnan(size.largest),  # nobody can tell
        source_kind=str(common["source_kind"]),
    )
    seen = finding.visible or finding.source_kind != "simulated"
    facts = {
        "assignments": test.n_assignments,
        "at_least": test.n_at_least,
        "treated": test.n_treated,
        "grade": grade(finding),
        # Of simulated data, what a report of real ones would say.
        "seen": statement(replace(finding, visible=seen, source_kind="programme")),
    }
    return {
        **common,
        "statistic": "did",
        **_figures(test.estimate, test.low, test.high, test.p_value, test.p_min),
        "n": test.n_units,
        "status": verdict(finding),
        "statement_key": statement(finding),
        "note": ";".join(f"{name}:{fact}" for name, fact in facts.items()),
    }


def _figures(value: float, low: float, high: float, p: float, p_min: float) -> dict[str, object]:
    return {"value": value, "low": low, "high": high, "p": p, "p_min": p_min}


def _other_baselines(
    data: DataFolder, found: Compared, common: Mapping[str, object]
) -> list[dict[str, object]]:
    """Repeat the comparison from each other baseline year the evaluation wants tried."""
    first, last = found.item.baselines
    records = []
    for year in range(first, last + 1):
        if year == found.years.baseline or year >= found.years.outcome:
            continue
        other = compared(data, found.item, Years(baseline=year, outcome=found.years.outcome))
        if other.testable:
            test = randomisation_test(
                other.panel, treated=other.treated, baseline=year, outcome=other.years.outcome
            )
            records.append(
                {
                    **common,
                    "period": f"{year}-{other.years.outcome}",
                    "statistic": "did",
                    **_figures(test.estimate, test.low, test.high, test.p_value, test.p_min),
                    "n": test.n_units,
                    "status": "sensitivity",
                    "note": f"assignments:{test.n_assignments};at_least:{test.n_at_least}",
                }
            )
    return records


def _without_each(found: Compared, common: Mapping[str, object]) -> list[dict[str, object]]:
    if found.known.index.isin(found.treated).sum() < 2:
        return []
    table = leave_one_out(
        found.panel,
        treated=found.treated,
        baseline=found.years.baseline,
        outcome=found.years.outcome,
    )
    return [
        {
            **common,
            "group": f"without:{row.left_out}",
            "statistic": "did",
            "value": row.estimate,
            "p": row.p_value,
            "p_min": row.p_min,
            "status": "sensitivity",
            "note": f"assignments:{row.n_assignments}",
        }
        for row in table.itertuples()
    ]


def _by_year(found: Compared, common: Mapping[str, object]) -> list[dict[str, object]]:
    """Tell the difference of each year against the baseline."""
    try:
        study = event_study(found.panel, treated=found.treated, reference=found.years.baseline)
    except WorkbookError:  # too few regions or years for a regression: the exact test remains
        return []
    return [
        {
            **common,
            "period": f"{found.years.baseline}-{row.period}",
            "group": f"year:{row.period}",
            "statistic": "event",
            "value": row.estimate,
            "se": row.se,
            "low": row.low,
            "high": row.high,
            "p": row.p,
            "status": "context",
        }
        for row in study.table.itertuples()
        if row.period != found.years.baseline
    ]
