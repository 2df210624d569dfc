"""What became of producers the programme reached, beside others: lines of evidence.

Each outcome is compared between the two interviews of the same producer, between the programme's
communities and others. All that is tested is told, with p adjusted for the number of tests; those
not found again stand beside, with what they could change.
"""

from __future__ import annotations

import pandas as pd

from icanalysis import evidence
from icanalysis.bounds import shifted, worst_case
from icanalysis.did import Effect, before_after
from icanalysis.errors import WorkbookError
from icanalysis.evidence import Finding
from icanalysis.judgement import ALL, Judged, judge
from icanalysis.likeness import ARMS, likeness_lines, loss_lines
from icanalysis.load import DataFolder
from icanalysis.producers import read_waves
from icanalysis.results import lines
from icanalysis.visits import DESIGN, Followed, Outcome, followed


def effects(data: DataFolder, region: str) -> pd.DataFrame:
    """Compare producers of a region, or of the whole programme, with others.

    Returns
    -------
    DataFrame
        Lines of evidence: for each outcome, and for the index that sums them up, the `level` of
        each arm in each wave, among those followed; the change of each arm (`before_after`);
        `did`, the change of the programme's producers minus that of the others, whole and for
        the groups named in advance, judged by `judgement.judge`; what those not found again
        could change (`bounds`, `worst_case`, `shift`); those followed by arm; and the likeness
        of the arms at baseline. Empty if the evaluation asks for none, or no producer is of the
        region.

    Raises
    ------
    DataError
        If the table of producers departs from its description, or its waves do not fit.
    """
    plan = data.evaluation.producers
    if plan is None:
        return lines([])
    found = followed(data, plan, read_waves(data, plan))
    if region != data.evaluation.programme.whole:
        found = found.within(region)
    if found.panel.empty:
        return lines([])
    judged = [record for each in judge(found) for record in _records(found, each)]
    return lines([*judged, *loss_lines(found), *likeness_lines(found)])


# --- outcomes -------------------------------------------------------------------------------


def _records(found: Followed, judged: Judged) -> list[dict[str, object]]:
    """Tell one comparison; of all producers, also what it is made of and what loss could hide."""
    if judged.effect is None:
        return [_not_known(found, judged)]
    told = _told(found, judged, judged.effect)
    if judged.group != ALL:
        return [told]
    return [
        *_levels(found, judged.item, judged.effect),
        *_changes(found, judged.item),
        told,
        *_hidden(found, judged),
    ]


def _told(found: Followed, judged: Judged, effect: Effect) -> dict[str, object]:
    """Word a comparison as a line, with its verdict."""
    facts = {
        "holm": judged.finding.p_adjusted,
        "tests": judged.tests,
        "df": effect.df,
        "clusters": effect.n_clusters,
        "loss": judged.finding.loss,
        "grade": evidence.grade(judged.as_real),
        "seen": evidence.statement(judged.as_real),
    }
    return {
        **found.common,
        "indicator": judged.item.indicator,
        "group": judged.group,
        "period": found.period,
        "statistic": "did",
        "value": effect.estimate,
        "se": effect.se,
        "low": effect.low,
        "high": effect.high,
        "p": effect.p,
        "n": effect.n,
        "unit": judged.item.change_unit,
        "status": evidence.verdict(judged.finding),
        "statement_key": evidence.statement(judged.finding),
        "note": ";".join(f"{name}:{value}" for name, value in facts.items()),
    }


def _not_known(found: Followed, judged: Judged) -> dict[str, object]:
    return {
        **found.common,
        "indicator": judged.item.indicator,
        "group": judged.group,
        "period": found.period,
        "statistic": "did",
        "unit": judged.item.change_unit,
        "status": "not_known",
        "statement_key": "not_known",
    }


def _levels(found: Followed, item: Outcome, effect: Effect) -> list[dict[str, object]]:
    first, last = found.years
    values = {
        ("programme", first): effect.treated_baseline,
        ("programme", last): effect.treated_outcome,
        ("comparison", first): effect.comparison_baseline,
        ("comparison", last): effect.comparison_outcome,
    }
    return [
        {
            **found.common,
            "indicator": item.indicator,
            "group": f"arm:{arm}",
            "period": str(year),
            "statistic": "level",
            "value": value,
            "unit": item.unit,
            "status": "estimated",
        }
        for (arm, year), value in values.items()
    ]


def _changes(found: Followed, item: Outcome) -> list[dict[str, object]]:
    records = []
    for arm in ARMS:
        here = found.panel[found.panel["arm"] == arm]
        try:
            effect = before_after(here, item.variable, **DESIGN)
        except WorkbookError:
            continue
        finding = Finding(
            "before_after",
            effect.estimate,
            effect.low,
            effect.high,
            effect.p,
            direction=item.direction,
            source_kind=str(found.common["source_kind"]),
        )
        records.append(
            {
                **found.common,
                "indicator": item.indicator,
                "group": f"arm:{arm}",
                "period": found.period,
                "statistic": "before_after",
                "value": effect.estimate,
                "se": effect.se,
                "low": effect.low,
                "high": effect.high,
                "p": effect.p,
                "n": effect.n,
                "unit": item.change_unit,
                "status": "context",
                "statement_key": evidence.statement(finding),
            }
        )
    return records


# --- what those not found again could change ------------------------------------------------


def _hidden(found: Followed, judged: Judged) -> list[dict[str, object]]:
    """Tell what those not found again could change, by three ways of thinking of them."""
    item, bounds = judged.item, judged.bounds
    if bounds is None:
        return []
    common = {
        **found.common,
        "indicator": item.indicator,
        "period": found.period,
        "unit": item.change_unit,
        "status": "context",
    }
    changes = found.changes(item.variable)
    shift = shifted(changes, "change", treated="treated", weight="weight")
    records = [
        {**common, "statistic": "bounds", "low": bounds.low, "high": bounds.high},
        {**common, "statistic": "shift", "value": shift.shift, "note": f"sd:{shift.shift_sd}"},
    ]
    if item.unit == "percent":  # what has no limits has no worst case
        before = changes[item.variable].astype("float64")
        worst = worst_case(
            changes,
            "change",
            (-before).fillna(-100.0),
            (100 - before).fillna(100.0),
            treated="treated",
            weight="weight",
        )
        records.append({**common, "statistic": "worst_case", "low": worst.low, "high": worst.high})
    return records
