"""Does the method tell the truth? Our own verdicts on thousands of programmes whose truth is known.

Producers are simulated with an effect that is known exactly, and their six outcomes, of all
regions together, are judged as a report would judge them; regions are taken from the real series, with programmes that never were. Beside our own
stands what common practice would have concluded.
"""

from __future__ import annotations

import gc
import itertools
import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy import stats

from icanalysis import producer_simulation, producers
from icanalysis.did import Effect, before_after, did
from icanalysis.evidence import Finding, verdict
from icanalysis.multiplicity import adjust
from icanalysis.power import LEVEL, minimum_detectable_effect
from icanalysis.regions import Compared
from icanalysis.visits import DESIGN

# What a comparison reads besides the outcome: a narrow frame is quicker to cut.
READ = [producers.UNIT, producers.WAVE, producers.COMMUNITY, "treated", "stratum", "weight"]
CLEAR = ("better", "worse")
# How the same producers would be judged: as reports do; each outcome alone, unadjusted; without
# regard to communities; without a comparison group.
METHODS = ("report", "unadjusted", "unclustered", "before_after")


def programmes(seeds: Iterable[int], effects: Mapping[str, float]) -> pd.DataFrame:
    """Simulate programmes and judge each outcome of each.

    Parameters
    ----------
    seeds : iterable of int
        One programme each.
    effects : mapping
        By outcome, as in `producer_simulation.programme`; none where not named.

    Returns
    -------
    DataFrame
        One row per programme and outcome: seed, variable, truth (the effect simulated),
        estimate, se, low, high, p, adjusted, detectable (effect found with 80% power), verdict
        and, for each of `METHODS`, whether it calls the outcome changed.
    """
    gc.freeze()  # statsmodels collects garbage whenever it adjusts p: a third of the time
    try:
        return pd.concat([_judged(seed, effects) for seed in seeds], ignore_index=True)
    finally:
        gc.unfreeze()


def _judged(seed: int, effects: Mapping[str, float]) -> pd.DataFrame:
    made = producer_simulation.programme(seed, effects=effects)
    panel = producers.link(made.frame).panel[[*READ, *producer_simulation.OUTCOMES]]
    found = {
        name: did(panel, name, stratum="stratum", **DESIGN) for name in producer_simulation.OUTCOMES
    }
    adjusted = adjust(pd.Series({name: each.p for name, each in found.items()}))["holm"]
    rows = []
    for name, each in found.items():
        judged = _verdict(each, float(adjusted[name]))
        rows.append(
            {
                "seed": seed,
                "variable": name,
                "truth": made.truth["asked"][name],
                "estimate": each.estimate,
                "se": each.se,
                "low": each.low,
                "high": each.high,
                "p": each.p,
                "adjusted": adjusted[name],
                "detectable": minimum_detectable_effect(each.se, df=each.df),
                "verdict": judged,
                "report": judged in CLEAR,
                "unadjusted": each.p <= LEVEL,
                "unclustered": _unclustered(panel, name) <= LEVEL,
                "before_after": before_after(panel[panel["treated"]], name, **DESIGN).p <= LEVEL,
            }
        )
    return pd.DataFrame(rows)


def _verdict(effect: Effect, adjusted: float) -> str:
    finding = Finding(
        "comparison",
        effect.estimate,
        effect.low,
        effect.high,
        effect.p,
        p_adjusted=adjusted,
    )
    return verdict(finding)


def _unclustered(panel: pd.DataFrame, name: str) -> float:
    """P-value of the difference as if every interview stood alone: visits not paired, no design."""
    values = panel[name].astype("Float64").to_numpy("float64", na_value=np.nan)
    after = (panel[DESIGN["period"]] == DESIGN["outcome"]).to_numpy(dtype="bool")
    treated = panel["treated"].to_numpy(dtype="bool")
    told = ~np.isnan(values)
    cells = [
        values[told & (treated == arm) & (after == wave)]
        for arm, wave in itertools.product((True, False), (True, False))
    ]
    estimate = (cells[0].mean() - cells[1].mean()) - (cells[2].mean() - cells[3].mean())
    spread = sum(cell.var(ddof=1) / len(cell) for cell in cells)
    return float(2 * stats.norm.sf(abs(estimate) / math.sqrt(spread)))


def rates(judged: pd.DataFrame) -> pd.DataFrame:
    """Count how often each method calls something changed, by programme and by outcome.

    Returns
    -------
    DataFrame
        One row per method: `any` (share of programmes with at least one outcome called
        changed), `each` (share of outcomes called changed), and `any_se`, the Monte Carlo error
        of the first.
    """
    rows = []
    for method in METHODS:
        share = judged.groupby("seed")[method].any().mean()
        count = judged["seed"].nunique()
        rows.append(
            {
                "method": method,
                "any": share,
                "any_se": math.sqrt(share * (1 - share) / count),
                "each": judged[method].mean(),
            }
        )
    return pd.DataFrame(rows)


def accuracy(judged: pd.DataFrame) -> pd.DataFrame:
    """Compare estimates with the truth, outcome by outcome.

    Returns
    -------
    DataFrame
        One row per outcome: truth and estimate (means), bias, bias_se (Monte Carlo), covered
        (share of 95% intervals that hold the truth), covered_se, found (share with p at most
        0.05, unadjusted), detectable (mean effect claimed to be found with 80% power).
    """
    rows = []
    for name, each in judged.groupby("variable", sort=False):
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
