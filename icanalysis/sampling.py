"""The sampling design: who was drawn with whom, and what that does to a variance.

One stage of PSUs within strata, drawn with replacement (or, with `fpc`, without): the
"ultimate cluster" variance of survey statistics. Estimates arrive here as linearised values
summed by PSU; nothing here knows what they estimate.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from icanalysis.errors import WorkbookError, unknown_choice
from icanalysis.language import msg

LonelyPolicy = Literal["fail", "adjust", "average", "certainty"]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def sum_by(numbers: Integers, values: Floats, count: int) -> Floats:
    """Sum values of the same number, 0 to `count` - 1: shape (count,)."""
    return np.asarray(np.bincount(numbers, values, count), dtype="float64")


@dataclass(frozen=True)
class Design:
    """How a sample was drawn: the columns that say it, and what to do with a lonely PSU.

    Parameters
    ----------
    psu : str
        Column of the primary sampling unit. A PSU is known within its stratum: the same
        code in two strata is two PSUs.
    stratum : str, optional
        Column of the stratum; without it the sample is one stratum.
    weight : str, optional
        Column of the sampling weight; without it every row weighs one.
    lonely_psu : {"fail", "adjust", "average", "certainty"}
        A stratum with one PSU says nothing of its variance. "fail" refuses and names it;
        "adjust" takes its distance from zero, the mean of linearised values; "average" gives it
        the mean variance of the other strata; "certainty" none. As `survey.lonely.psu` in R.
    period : str, optional
        Column that tells separate samples apart, such as the year. With it, each level has
        the variance of its own period's sample, and whatever compares periods that of all rows
        together, a PSU being the same one in every period. Without it all rows are one sample.
    fpc : str, optional
        Column of the number of PSUs in the population of the stratum; without it PSUs count
        as drawn with replacement, which is cautious.
    """

    psu: str
    stratum: str | None = None
    weight: str | None = None
    lonely_psu: LonelyPolicy = "fail"
    period: str | None = None
    fpc: str | None = None

    def __post_init__(self) -> None:
        policies = get_args(LonelyPolicy)
        if self.lonely_psu not in policies:
            raise unknown_choice(msg("Policy for a lonely PSU"), self.lonely_psu, policies)

    @property
    def columns(self) -> list[str]:
        """Names of the columns the design reads."""
        named = (self.weight, self.period, self.fpc)
        return [*self.identity, *(name for name in named if name is not None)]

    @property
    def identity(self) -> list[str]:
        """Names of the columns that tell one PSU from another."""
        return [self.stratum, self.psu] if self.stratum else [self.psu]


@dataclass(frozen=True)
class Strata:
    """How many PSUs each stratum of one sample holds, and how its variance is taken.

    Attributes
    ----------
    psus : ndarray, shape (strata,)
        PSUs in the sample; 0 where this sample has none.
    unsampled : ndarray, shape (strata,)
        Share of the stratum's PSUs left out of the sample: 1 with replacement.
    """

    psus: Integers
    unsampled: Floats
    lonely_psu: LonelyPolicy

    @property
    def df(self) -> int:
        """Degrees of freedom: PSUs minus strata."""
        return int(self.psus.sum() - (self.psus > 0).sum())

    @property
    def lonely(self) -> NDArray[np.bool_]:
        """Which strata have one PSU, drawn from several."""
        found: NDArray[np.bool_] = (self.psus == 1) & (self.unsampled > 0)
        return found

    def variance(self, squares: Floats, sums: Floats) -> Floats:
        """Variance of estimates, from the linearised values of their PSUs.

        Parameters
        ----------
        squares, sums : ndarray, shape (strata, estimates)
            Squares of the PSUs' values, and the values, summed by stratum.

        Returns
        -------
        ndarray, shape (estimates,)
            Sum over strata of f n/(n-1) (squares - sums²/n): Särndal, Swensson and Wretman
            (1992), Model Assisted Survey Sampling, section 4.5. Missing if no stratum tells.
        """
        within, kept = self._scales()
        mean_square = sums**2 / np.maximum(self.psus, 1)[:, None]
        spread = (within[:, None] * (squares - mean_square)).sum(axis=0)
        # Subtraction may leave a trace below zero where all PSUs are alike.
        spread = np.maximum(spread, 0) + (kept[:, None] * squares).sum(axis=0)
        told: Floats = spread if (within + kept).any() else np.full_like(spread, np.nan)
        return told

    def covariance(self, values: sparse.csr_array, membership: sparse.csr_array) -> Floats:
        """Covariance of all estimates with each other.

        Parameters
        ----------
        values : sparse, shape (PSUs, estimates)
            Linearised values.
        membership : sparse, shape (strata, PSUs)
            1 where the PSU is of the stratum.

        Returns
        -------
        ndarray, shape (estimates, estimates)
        """
        within, kept = self._scales()
        sums = (membership @ values).toarray()
        by_psu = membership.T @ (within + kept)
        crossed: Floats = (values.T @ sparse.diags_array(by_psu) @ values).toarray()
        centring: Floats = sums.T @ (sums * (within / np.maximum(self.psus, 1))[:, None])
        covariance: Floats = crossed - centring
        return covariance

    def stand_in(self, met: NDArray[np.bool_]) -> Floats:
        """Factor of each linearised value, so that other strata stand in for lonely ones.

        Parameters
        ----------
        met : ndarray of bool, shape (strata, estimates)
            Whether the estimate's domain has rows in the stratum.

        Returns
        -------
        ndarray, shape (estimates,)
            1 unless the policy is "average": then a lonely stratum counts as the average of
            those the domain is met in; missing if all of these are lonely.
        """
        if self.lonely_psu != "average":
            return np.ones(met.shape[1])
        strata: Integers = (met & (self.psus > 0)[:, None]).sum(axis=0)
        telling = strata - (met & self.lonely[:, None]).sum(axis=0)
        return np.sqrt(strata / np.where(telling > 0, telling, np.nan))

    def _scales(self) -> tuple[Floats, Floats]:
        """Factor of each stratum's spread about its mean, and about zero (lonely PSUs)."""
        several = self.psus > 1
        within = np.where(several, self.unsampled * self.psus / np.maximum(self.psus - 1, 1), 0.0)
        kept = self.lonely * self.unsampled if self.lonely_psu == "adjust" else 0.0 * within
        return within, kept


@dataclass(frozen=True)
class Sample:
    """The PSUs of a frame, numbered, and the strata they are of, by period and together.

    Attributes
    ----------
    psus : DataFrame, shape (PSUs, 2)
        `stratum` and `psu`, in the order of their numbers.
    strata : ndarray, shape (PSUs,)
        Number of the stratum of each PSU.
    pooled : Strata
        All rows as one sample.
    by_period : mapping
        The sample of each period, if the design names one.
    """

    psus: pd.DataFrame
    strata: Integers
    pooled: Strata
    by_period: dict[Hashable, Strata]

    def numbers(self, stratum: pd.Series, psu: pd.Series) -> Integers:
        """Return the number of the PSU of each row."""
        known = pd.MultiIndex.from_frame(self.psus)
        return known.get_indexer(pd.MultiIndex.from_arrays([stratum, psu]))

    def of(self, period: Hashable | None) -> Strata:
        """Return the strata of one period's sample, or of all rows."""
        return self.pooled if period is None else self.by_period[period]

    def variances(self, values: sparse.csr_array, periods: Sequence[Hashable | None]) -> Floats:
        """Variance of each estimate, taken from the sample of its period (None: all rows).

        Parameters
        ----------
        values : sparse, shape (PSUs, estimates)
            Linearised values; stored, if only as zeros, for every PSU of the estimate's domain.
        periods : sequence
            One per estimate.

        Returns
        -------
        ndarray, shape (estimates,)
        """
        squares, sums, met = self._by_stratum(values)
        found = np.full(values.shape[1], np.nan)
        for period in dict.fromkeys(periods):
            mine = np.array([each == period for each in periods])
            strata = self.of(period)
            alone = strata.variance(squares[:, mine], sums[:, mine])
            found[mine] = alone * strata.stand_in(met[:, mine]) ** 2
        return found

    def covariance(self, values: sparse.csr_array) -> Floats:
        """Covariance of all estimates, all rows being one sample: shape (estimates, estimates)."""
        _, _, met = self._by_stratum(values)
        factor = self.pooled.stand_in(met)
        return self.pooled.covariance(values, self.membership) * np.outer(factor, factor)

    def _by_stratum(self, values: sparse.csr_array) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Squares and values summed, and whether any is stored: shape (strata, estimates) each."""
        shape = (self.membership.shape[0], values.shape[1])
        place = np.repeat(self.strata, np.diff(values.indptr)) * shape[1] + values.indices
        squares, sums, stored = (
            sum_by(place, each, shape[0] * shape[1]).reshape(shape)
            for each in (values.data**2, values.data, np.ones_like(values.data))
        )
        return squares, sums, stored > 0

    @cached_property
    def membership(self) -> sparse.csr_array:
        """Which stratum each PSU is of: 1 there, shape (strata, PSUs)."""
        places = (self.strata, np.arange(len(self.strata)))
        return sparse.csr_array((np.ones(len(self.strata)), places))


def count_sample(
    psus: pd.DataFrame,
    design: Design,
    met: Integers,
    *,
    period: pd.Series | None = None,
    fpc: Floats | None = None,
) -> Sample:
    """Count the PSUs by stratum, in each period and together.

    Parameters
    ----------
    psus : DataFrame, shape (PSUs, 2)
        `stratum` and `psu`, in the order of their numbers.
    met : ndarray, shape (n,)
        Numbers of PSUs, each at least once, beside their `period` and `fpc`, of the same shape.

    Raises
    ------
    WorkbookError
        If a stratum has one PSU and the design says "fail"; if a stratum's `fpc` is not one
        number, at least that of its PSUs.
    """
    strata, names = pd.factorize(psus["stratum"], sort=True)
    counts = np.bincount(strata, minlength=len(names))
    population = None if fpc is None else _population(fpc, strata[met], counts, names)
    pooled = _strata(counts, population, design)
    by_period: dict[Hashable, Strata] = {}
    if period is not None:
        period_of, periods = pd.factorize(period)
        for number, each in enumerate(periods):
            here = strata[np.unique(met[period_of == number])]
            by_period[each] = _strata(np.bincount(here, minlength=len(names)), population, design)
    samples: dict[Hashable | None, Strata] = {**by_period} or {None: pooled}
    for each, found in samples.items():
        if design.lonely_psu == "fail" and found.lonely.any():
            raise _lonely(names[found.lonely], each)
    return Sample(psus, strata, pooled, by_period)


def _strata(counts: NDArray[np.integer[Any]], population: Floats | None, design: Design) -> Strata:
    unsampled = np.ones(len(counts)) if population is None else 1 - counts / population
    return Strata(counts.astype("int64"), unsampled, design.lonely_psu)


def _population(fpc: Floats, strata: Integers, counts: Integers, names: pd.Index) -> Floats:
    """PSUs in the population of each stratum, told beside its number; no fewer than `counts`."""
    found = pd.Series(fpc).groupby(strata).agg(["min", "max"])
    wrong = names[(found["min"] != found["max"]) | (found["max"] < counts)]
    if len(wrong):
        trouble = msg(
            "The number of PSUs in the population must be one per stratum, and not below that of "
            "the sample; it is not so in: {strata}.",
            strata=", ".join(map(str, wrong)),
        )
        raise WorkbookError(trouble)
    return found["max"].to_numpy(dtype="float64")


def _lonely(strata: pd.Index, period: Hashable | None) -> WorkbookError:
    names = ", ".join(map(str, strata))
    if period is not None:
        names = f"{names} ({period})"
    return WorkbookError(
        msg(
            "A stratum with a single PSU has no variance of its own: {strata}. Join it to a "
            "similar stratum, or choose lonely_psu=“adjust”, “average” or “certainty”.",
            strata=names,
        )
    )
