"""What became of producers the programme reached, beside others: lines of evidence.

Each outcome is compared between the two interviews of the same producer, between the programme's
communities and others. All that is tested is told, with p adjusted for the number of tests; those
not found again stand beside, with what they could change.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from icanalysis import evidence
from icanalysis.bounds import Bounds, lee_bounds
from icanalysis.did import Effect, before_after, did
from icanalysis.errors import WorkbookError
from icanalysis.evidence import Finding, Loss
from icanalysis.likeness import ARMS, likeness_lines, loss_lines
from icanalysis.load import DataFolder
from icanalysis.multiplicity import adjust
from icanalysis.producers import UNIT, read_waves
from icanalysis.results import lines
from icanalysis.visits import DESIGN, INDEX, Followed, Outcome, followed, outcomes_of, with_index

# Below this, Satterthwaite's t is not to be relied on: Pustejovsky and Tipton (2018), section 4.
FEWEST_DF = 4


def effects(data: DataFolder, region: str) -> pd.DataFrame:
    """Compare producers of a region, or of the whole programme, with others.

    Returns
    -------
    DataFrame
        Lines of evidence: for each outcome, and for the index that sums them up, the `level` of each
        arm in each wave, among those followed; the change of each arm (`before_after`); `did`,
        the change of the programme's producers minus that of the others, whole and for the
        groups named in advance, with p adjusted by Holm and, as `bounds`, Lee's bounds; those
        followed by arm; and the likeness of the arms at baseline. Empty if the evaluation asks
        for none, or no producer is of the region.

    Raises
    ------
    DataError
        If the table of producers departs from its description, or its waves do not fit.
    """
    plan = data.evaluation.producers
    if plan is None:
        return lines([])
    waves = read_waves(data, plan)
    outcomes = outcomes_of(data, plan)
    found = followed(data, plan, waves, outcomes, region)
    if found.panel.empty:
        return lines([])
    return lines(
        [
            *_of_outcomes(found, outcomes),
            *_of_index(found, outcomes),
            *loss_lines(found),
            *likeness_lines(found, outcomes),
        ]
    )


# --- outcomes -------------------------------------------------------------------------------


def _of_outcomes(found: Followed, outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    """Compare every outcome, whole and by group; each family of tests is adjusted together."""
    whole = {item.indicator: _compared(found.panel, item) for item in outcomes}
    adjusted = _adjusted(whole)
    records = []
    for item in outcomes:
        effect = whole[item.indicator]
        if effect is None:
            records.append(_not_known(found, item, "all"))
            continue
        records += _levels(found, item, effect)
        records += _changes(found, item)
        bounds = _lee(found, item)
        loss = _what_loss_could_do(bounds)
        records.append(_told(found, item, "all", effect, adjusted[item.indicator], loss))
        records += _bounds(found, item, bounds)
        records += _by_group(found, item)
    return records


def _of_index(found: Followed, outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    """Compare all outcomes summed up in one: a single test, so there is nothing to adjust."""
    summed = with_index(found, outcomes)
    return [] if summed is None else _of_outcomes(summed, [INDEX])


def _compared(panel: pd.DataFrame, item: Outcome) -> Effect | None:
    """Compare one outcome; None where it cannot be: no such arm or visit, or too few communities."""
    try:
        effect = did(panel, item.variable, stratum="stratum", **DESIGN)
    except WorkbookError:
        return None
    return effect if effect.df >= FEWEST_DF else None


def _adjusted(tests: Mapping[str, Effect | None]) -> dict[str, float]:
    """Adjust the p of some tests for their number (Holm); NaN for a test alone."""
    p = pd.Series({name: math.nan if each is None else each.p for name, each in tests.items()})
    if p.notna().sum() < 2:
        return dict.fromkeys(tests, math.nan)
    return {str(name): float(value) for name, value in adjust(p)["holm"].items()}


def _by_group(found: Followed, item: Outcome) -> list[dict[str, object]]:
    """Compare one outcome within each of the groups named in advance."""
    first = found.at_baseline.set_index(UNIT)
    tests = {}
    for name in item.groups:
        # As it was at baseline: the programme cannot have moved anybody between groups.
        group = found.panel[UNIT].map(first[name])
        for value in sorted(group.dropna().unique()):
            tests[f"{name}:{value}"] = _compared(found.panel[group == value], item)
    adjusted = _adjusted(tests)
    return [
        _not_known(found, item, group)
        if effect is None
        else _told(found, item, group, effect, adjusted[group])
        for group, effect in tests.items()
    ]


def _told(
    found: Followed,
    item: Outcome,
    group: str,
    effect: Effect,
    adjusted: float,
    loss: Loss = "unknown",
) -> dict[str, object]:
    """Word a comparison as a line, with its verdict."""
    finding = Finding(
        "comparison",
        effect.estimate,
        effect.low,
        effect.high,
        effect.p,
        p_adjusted=adjusted,
        direction=item.direction,
        pre_trend="untestable",  # there are two waves
        loss=loss,
        source_kind=str(found.common["source_kind"]),
    )
    real = replace(finding, source_kind="programme")
    facts = {
        "holm": adjusted,
        "df": effect.df,
        "clusters": effect.n_clusters,
        "loss": finding.loss,
        "grade": evidence.grade(real),
        "seen": evidence.statement(real),
    }
    return {
        **found.common,
        "indicator": item.indicator,
        "group": group,
        "period": found.period,
        "statistic": "did",
        "value": effect.estimate,
        "se": effect.se,
        "low": effect.low,
        "high": effect.high,
        "p": effect.p,
        "n": effect.n,
        "unit": item.change_unit,
        "status": evidence.verdict(finding),
        "statement_key": evidence.statement(finding),
        "note": ";".join(f"{name}:{value}" for name, value in facts.items()),
    }


def _not_known(found: Followed, item: Outcome, group: str) -> dict[str, object]:
    return {
        **found.common,
        "indicator": item.indicator,
        "group": group,
        "period": found.period,
        "statistic": "did",
        "unit": item.change_unit,
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


def _lee(found: Followed, item: Outcome) -> Bounds | None:
    """Bound the difference for whatever became of those one arm lost in excess."""
    changes = found.changes(item.variable)
    try:
        return lee_bounds(changes, "change", treated="treated", weight="weight")
    except WorkbookError:  # nobody of an arm was found again
        return None


def _what_loss_could_do(bounds: Bounds | None) -> Loss:
    if bounds is None:
        return "unknown"
    return "holds" if bounds.keep_sign else "could_overturn"


def _bounds(found: Followed, item: Outcome, bounds: Bounds | None) -> list[dict[str, object]]:
    if bounds is None:
        return []
    return [
        {
            **found.common,
            "indicator": item.indicator,
            "period": found.period,
            "statistic": "bounds",
            "low": bounds.low,
            "high": bounds.high,
            "unit": item.change_unit,
            "status": "context",
        }
    ]
