"""Does the method tell the truth? Our own verdicts on thousands of programmes whose truth is known.

Producers are simulated with an effect that is known exactly, and judged by the very function that
judges those of a report: all regions together, and each region as its own report would. Regions
are taken from the real series, with programmes that never were. Beside our own verdicts stands
what common practice would have concluded.
"""

from __future__ import annotations

import gc
import itertools
import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy import stats

from icanalysis import evidence, producer_simulation, producers
from icanalysis.did import before_after
from icanalysis.errors import WorkbookError
from icanalysis.judgement import ALL, Judged, judge
from icanalysis.language import msg
from icanalysis.load import DataFolder
from icanalysis.power import LEVEL, minimum_detectable_effect
from icanalysis.regions import Compared
from icanalysis.visits import DESIGN, Followed, followed

CLEAR = ("better", "worse")
# How the same producers would be judged: as reports do; each outcome alone, p not adjusted; the
# same without regard to communities; the same without a comparison group.
METHODS = ("report", "unadjusted", "unclustered", "before_after")
ANY_REGION = "any_region"


def programmes(
    data: DataFolder, seeds: Iterable[int], effects: Mapping[str, float], *, regions: bool = True
) -> pd.DataFrame:
    """Simulate programmes and judge all that a report tells of each.

    Parameters
    ----------
    data : DataFolder
        Whose evaluation is applied: outcomes, groups, regions and prices.
    seeds : iterable of int
        One programme each.
    effects : mapping
        By outcome, as in `producer_simulation.programme`; none where not named.
    regions : bool
        Whether each region is judged too, as in its own report, beside all together.

    Returns
    -------
    DataFrame
        One row per programme, region, indicator and group: seed, region, indicator, variable,
        group, truth (the effect simulated, in the unit of the estimate; missing for the index),
        estimate, se, low, high, p, detectable (effect found with 80% power), verdict, statement
        and grade (as if the data were real), `report` (whether the verdict calls it changed)
        and, for the outcomes of all regions together, whether each of the other `METHODS`
        would; missing elsewhere.

    Raises
    ------
    WorkbookError
        If the evaluation asks nothing of producers.
    """
    if data.evaluation.producers is None:
        raise WorkbookError(msg("The evaluation asks nothing of producers, so nothing is judged."))
    gc.freeze()  # statsmodels collects garbage whenever it adjusts p: a third of the time
    try:
        return pd.concat(
            [_programme(data, seed, effects, regions=regions) for seed in seeds], ignore_index=True
        )
    finally:
        gc.unfreeze()


def _programme(
    data: DataFolder, seed: int, effects: Mapping[str, float], *, regions: bool
) -> pd.DataFrame:
    plan = data.evaluation.producers
    assert plan is not None  # programmes() has refused
    made = producer_simulation.shipped(data, seed, effects)
    whole = followed(data, plan, producers.link(made.frame))
    areas = [region.code for region in data.evaluation.reported_regions()] if regions else []
    parts = [_judged(whole).merge(_otherwise(whole), how="left", on=["variable", "group"])]
    parts += [_judged(whole.within(region)) for region in areas]
    found = pd.concat(parts, ignore_index=True)
    return found.assign(seed=seed, truth=_truth(found, whole, made))


def _truth(found: pd.DataFrame, whole: Followed, made: producer_simulation.Simulated) -> pd.Series:
    """Tell the effect simulated, in the unit of each estimate."""
    scale = {item.variable: 100 if item.unit == "percent" else 1 for item in whole.outcomes}
    asked = made.truth["asked"]
    return found["variable"].map(lambda name: scale[name] * asked.get(name, math.nan))


def _judged(found: Followed) -> pd.DataFrame:
    """Judge producers as a report does, and keep what its verdicts rest on."""
    return pd.DataFrame([_row(found, each) for each in judge(found)])


def _row(found: Followed, judged: Judged) -> dict[str, object]:
    effect, finding = judged.effect, judged.finding
    verdict = evidence.verdict(finding)
    return {
        "region": found.common["region"],
        "indicator": judged.item.indicator,
        "variable": judged.item.variable,
        "group": judged.group,
        "estimate": finding.estimate,
        "se": math.nan if effect is None else effect.se,
        "low": finding.low,
        "high": finding.high,
        "p": finding.p,
        "detectable": math.nan
        if effect is None
        else minimum_detectable_effect(effect.se, df=effect.df),
        "verdict": verdict,
        "statement": evidence.statement(judged.as_real),
        "grade": evidence.grade(judged.as_real),
        "report": verdict in CLEAR,
        "unadjusted": finding.p <= LEVEL,
    }


def _otherwise(whole: Followed) -> pd.DataFrame:
    """Judge the outcomes as common practice would; the index is no part of it."""
    rows = []
    for item in whole.outcomes:
        if item.variable not in producer_simulation.OUTCOMES:
            continue
        reached = whole.panel[whole.panel["treated"]]
        rows.append(
            {
                "variable": item.variable,
                "group": ALL,
                "unclustered": _unclustered(whole, item.variable) <= LEVEL,
                "before_after": before_after(reached, item.variable, **DESIGN).p <= LEVEL,
            }
        )
    return pd.DataFrame(rows)


def _unclustered(found: Followed, variable: str) -> float:
    """P-value of a t-test between the changes of the arms, as if producers stood alone."""
    changes = found.changes(variable).astype({"change": "float64"})
    arms = [changes.loc[changes["treated"] == arm, "change"].dropna() for arm in (True, False)]
    return float(stats.ttest_ind(*arms, equal_var=False).pvalue)


def rates(found: pd.DataFrame) -> pd.DataFrame:
    """Count how often something is called changed: in a report, and by common practice.

    Returns
    -------
    DataFrame
        One row per scope and method. Scope is a region, the whole programme or `any_region`
        (at least one of the regions' reports); `report` counts everything a report tells, the
        outcomes, the index and every group, and the other methods the outcomes of all regions
        together. `any` (share of programmes with at least one called changed), `each` (share of
        all that is told), `any_se` (Monte Carlo error of the first).
    """
    whole = found["region"].iloc[0]
    rows = [
        _rate(part, str(scope), "report") for scope, part in found.groupby("region", sort=False)
    ]
    regions = found[found["region"] != whole]
    if len(regions):
        rows.append(_rate(regions, ANY_REGION, "report"))
    outcomes = found.dropna(subset="before_after")
    rows += [_rate(outcomes, str(whole), method) for method in METHODS[1:]]
    return pd.DataFrame(rows)


def _rate(rows: pd.DataFrame, scope: str, method: str) -> dict[str, object]:
    called = rows[method].astype("bool")
    share, count = called.groupby(rows["seed"]).any().mean(), rows["seed"].nunique()
    return {
        "scope": scope,
        "method": method,
        "any": share,
        "any_se": math.sqrt(share * (1 - share) / count),
        "each": called.mean(),
    }


def said(found: pd.DataFrame) -> pd.DataFrame:
    """Count what was said: each verdict with its statement and grade, by scope and kind of row.

    Returns
    -------
    DataFrame
        One row per scope (the whole programme, or `region` for the reports of all regions), kind
        (outcome, index, group), verdict, statement and grade: `count`, and `share` of the rows
        of that scope and kind.
    """
    whole = found["region"].iloc[0]
    kind = np.where(found["group"] != ALL, "group", "outcome")
    kind = np.where(found["variable"].isin(producer_simulation.OUTCOMES), kind, "index")
    scope = np.where(found["region"] == whole, whole, "region")
    key = ["scope", "kind", "verdict", "statement", "grade"]
    counts = found.assign(scope=scope, kind=kind).groupby(key, as_index=False).size()
    counts = counts.rename(columns={"size": "count"})
    totals = counts.groupby(["scope", "kind"])["count"].transform("sum")
    return counts.assign(share=counts["count"] / totals)


def accuracy(found: pd.DataFrame) -> pd.DataFrame:
    """Compare estimates of all regions together with the truth, outcome by outcome.

    Returns
    -------
    DataFrame
        One row per outcome: truth and estimate (means), bias, bias_se (Monte Carlo), covered
        (share of 95% intervals that hold the truth), covered_se, found (share with p at most
        0.05, unadjusted), detectable (mean effect claimed to be found with 80% power).
    """
    rows = []
    told = found.dropna(subset="before_after")  # outcomes of all regions together
    for name, each in told.groupby("variable", sort=False):
        error = each["estimate"] - each["truth"]
        covered = ((each["low"] <= each["truth"]) & (each["truth"] <= each["high"])).mean()
        rows.append(
            {
                "variable": name,
                "truth": each["truth"].mean(),
                "estimate": each["estimate"].mean(),
                "bias": error.mean(),
                "bias_se": error.std() / math.sqrt(len(each)),
                "covered": covered,
                "covered_se": math.sqrt(covered * (1 - covered) / len(each)),
                "found": (each["p"] <= LEVEL).mean(),
                "detectable": each["detectable"].mean(),
            }
        )
    return pd.DataFrame(rows)


def placebo_regions(found: Compared) -> pd.DataFrame:
    """Pretend the programme had been in every other set of regions, and count false alarms.

    Returns
    -------
    DataFrame
        One row per method: `exact` (randomisation inference, as reports do) and `usual` (a
        regression with errors by region and the normal distribution): `rejected`, the share
        of the sets with p at most 0.05, and `sets`, how many there are.
    """
    wide = found.known
    changes = (wide[found.years.outcome] - wide[found.years.baseline]).to_numpy()
    treated = int(wide.index.isin(found.treated).sum())
    chosen = np.array(list(itertools.combinations(range(len(changes)), treated)))
    sums, squares = changes[chosen].sum(axis=1), (changes[chosen] ** 2).sum(axis=1)
    rest = len(changes) - treated
    means = sums / treated, (changes.sum() - sums) / rest
    differences = np.abs(means[0] - means[1])
    # Strictly fewer than the share allowed may lie at or beyond a set for its p to be at most it.
    order = np.sort(differences)
    at_least = len(order) - np.searchsorted(order, differences * (1 - 1e-9))
    within = squares - treated * means[0] ** 2, (changes**2).sum() - squares - rest * means[1] ** 2
    # CR1 with one change per region: residual squares over each group's size squared.
    scale = len(changes) / (len(changes) - 1) * (len(changes) - 1) / (len(changes) - 2)
    variance = scale * (within[0] / treated**2 + within[1] / rest**2)
    usual = 2 * stats.norm.sf(differences / np.sqrt(variance))
    return pd.DataFrame(
        {
            "method": ["exact", "usual"],
            "rejected": [(at_least / len(order) <= LEVEL).mean(), (usual <= LEVEL).mean()],
            "sets": len(order),
        }
    )
