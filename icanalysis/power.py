"""What a design could have seen: the smallest effect it finds, and how small a programme's is.

Asked before any estimate is read: where the effect a programme can have had is smaller than the
one its design would find, no figure of that design says anything about the programme.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.measures import CONFIDENCE
from icanalysis.sampling import Floats

POWER = 0.8
LEVEL = round(1 - CONFIDENCE, 12)  # of significance: a p up to it tells a change from none
# Assignments that stand for all, and those taken for the true one; how finely effects are tried.
ENOUGH, PLACEBOS, STEP = 4_000, 800, 1e-2


@dataclass(frozen=True)
class Dilution:
    """A programme's effect as it arrives in the figure of a whole population.

    Attributes
    ----------
    share : float
        Of the population reached, 0 to 1.
    largest : float
        What the figure can have moved at most: share times the largest effect on those reached.
    detectable : float
        Effect the design would find, in the same unit; NaN if not known.
    """

    share: float
    largest: float
    detectable: float

    @property
    def visible(self) -> bool:
        """Whether the effect could have shown; yes where nobody can tell."""
        return not self.largest < self.detectable


def minimum_detectable_effect(se: float, *, df: float = math.inf, power: float = POWER) -> float:
    """Smallest true effect that a two-sided test at 5% finds with the power asked.

    Parameters
    ----------
    se : float
        Standard error of the estimate.
    df : float
        Degrees of freedom of its t.
    power : float
        0.5 to 1.

    Returns
    -------
    float
        (t of 1 - alpha/2 + t of the power) times se, in the unit of `se` (Bloom 1995,
        Evaluation Review 19(5)). NaN if se is missing or nil: a sample without spread says
        nothing of what it would find.

    Raises
    ------
    WorkbookError
        If the power is not between 0.5 and 1, or df is not positive.
    """
    if not 0.5 <= power < 1:
        raise WorkbookError(
            msg("The power must be from 0.5 to below 1; it is {power}.", power=power)
        )
    if not df > 0:
        raise WorkbookError(msg("Degrees of freedom must be positive; they are {df}.", df=df))
    if not se > 0:
        return math.nan
    return float((stats.t.ppf((1 + CONFIDENCE) / 2, df) + stats.t.ppf(power, df)) * se)


def clustered_se(
    sd: float,
    *,
    icc: float,
    per_cluster: float,
    treated_clusters: int,
    comparison_clusters: int,
    explained: float = 0.0,
) -> float:
    """Foresee the standard error of a difference between two arms of clusters, before any are visited.

    Parameters
    ----------
    sd : float
        Standard deviation of the outcome between persons (of its change, if they are followed).
    icc : float
        Share of the variance that lies between clusters, 0 to 1.
    per_cluster : float
        Persons interviewed in each.
    explained : float
        Share of the variance that covariates explain, 0 to below 1.

    Returns
    -------
    float
        sd sqrt((1 - R²) (icc + (1 - icc)/m) (1/J1 + 1/J0)) (Duflo, Glennerster and Kremer
        2007, Handbook of Development Economics 4, eq. 12).

    Raises
    ------
    WorkbookError
        If an arm has no cluster, or a share lies outside its range.
    """
    if min(treated_clusters, comparison_clusters) < 1 or per_cluster < 1:
        raise WorkbookError(msg("Each arm needs at least one cluster, and each cluster a person."))
    if not (0 <= icc <= 1 and 0 <= explained < 1):
        raise WorkbookError(msg("The intraclass correlation and the share explained are 0 to 1."))
    spread = (1 - explained) * (icc + (1 - icc) / per_cluster)
    return float(sd * math.sqrt(spread * (1 / treated_clusters + 1 / comparison_clusters)))


def dilution(
    reached: float, population: float, effect: float, *, detectable: float = math.nan
) -> Dilution:
    """Work out how much of an effect on those reached arrives in the figure of all.

    Parameters
    ----------
    reached, population : float
        Numbers in the same unit, or near enough for an order of magnitude.
    effect : float
        Largest effect on those reached, in the unit of the figure: 100 percentage points
        where all of them left poverty.
    detectable : float
        Effect the design would find in the figure of all.

    Raises
    ------
    WorkbookError
        If there is no population, or fewer than were reached.
    """
    if not 0 <= reached <= population or population == 0:
        raise WorkbookError(
            msg(
                "{reached} reached of {population}: those reached must be among the population.",
                reached=reached,
                population=population,
            )
        )
    share = reached / population
    return Dilution(share, share * effect, detectable)


def detectable_by_assignment(
    changes: Floats, treated: int, *, power: float = POWER, seed: int = 1
) -> float:
    """Smallest constant effect that exact randomisation inference finds with the power asked.

    Parameters
    ----------
    changes : ndarray, shape (units,)
        Change of each unit.
    treated : int
        How many of them are treated.
    power : float
    seed : int
        Draws assignments where there are more than 4,000, and those among them, at most 800, that
        stand in turn for the true one.

    Returns
    -------
    float
        In the unit of `changes`: the effect at which that share of the assignments, each taken
        for the true one in its turn, has p at most 0.05. NaN if no such p can be had, for then
        nothing is ever found, or if nothing varies.
    """
    members = _assignments(len(changes), treated, seed)
    spread = float(np.std(members @ changes)) / treated
    if LEVEL * len(members) < 1 or spread == 0:
        return math.nan
    true = members[np.random.default_rng(seed).permutation(len(members))[:PLACEBOS]]
    differences, own = (
        _difference(each @ changes, changes.sum(), members) for each in (members, true)
    )
    carried = _difference(members @ true.T, treated, members)

    def lacking(effect: float) -> float:
        reached = np.abs(own + effect) * (1 - 1e-9)
        p = (np.abs(differences[:, None] + effect * carried) >= reached).mean(axis=0)
        return float((p <= LEVEL).mean()) - power

    widest = 20 * spread
    if lacking(widest) < 0:
        return math.nan
    return float(optimize.bisect(lacking, 0, widest, xtol=STEP * spread))


def _assignments(units: int, treated: int, seed: int) -> Floats:
    """All assignments, or as many drawn as are enough: 1 where treated, shape (., units)."""
    if math.comb(units, treated) <= ENOUGH:
        chosen = np.array(list(itertools.combinations(range(units), treated)))
    else:
        order = np.random.default_rng(seed).random((ENOUGH, units)).argsort(axis=1)
        chosen = order[:, :treated]
    members = np.zeros((len(chosen), units))
    np.put_along_axis(members, chosen, 1.0, axis=1)
    return members


def _difference(sums: Floats, total: float, members: Floats) -> Floats:
    """Mean of the treated less that of the others, from the sums over the treated."""
    treated = members[0].sum()
    return np.asarray(sums / treated - (total - sums) / (members.shape[1] - treated))
