"""Many outcomes, one programme: p-values adjusted for their number, and one index of them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.stats.multitest import multipletests

from icanalysis.arms import numbers_of, spread_of, weights_of
from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.sampling import Floats

# Weights of an index are not told when outcomes repeat each other but for so small a part.
_REPEATED = 1e-9


def adjust(p_values: pd.Series) -> pd.DataFrame:
    """Adjust the p-values of everything tested together.

    Parameters
    ----------
    p_values : Series
        One per test; a missing one was no test: it stays missing and does not count.

    Returns
    -------
    DataFrame
        Index of `p_values`; p, holm (Holm 1979: chance of any false finding) and bh (Benjamini
        and Hochberg 1995: share of findings that are false), by statsmodels.

    Raises
    ------
    WorkbookError
        If a p-value is not between 0 and 1.
    """
    p = pd.to_numeric(p_values, errors="coerce").to_numpy("float64", na_value=np.nan)
    told = ~np.isnan(p)
    if not ((p[told] >= 0) & (p[told] <= 1)).all() or (pd.notna(p_values) & ~told).any():
        raise WorkbookError(msg("P-values lie between 0 and 1."))
    adjusted = pd.DataFrame({"p": p, "holm": np.nan, "bh": np.nan}, index=p_values.index)
    for column, method in (("holm", "holm"), ("bh", "fdr_bh")):
        if told.any():
            adjusted.loc[told, column] = multipletests(p[told], method=method)[1]
    return adjusted


def summary_index(
    frame: pd.DataFrame,
    variables: Sequence[str],
    *,
    direction: Mapping[str, int],
    control: ArrayLike,
    weight: str | None = None,
) -> pd.Series:
    """Sum up several outcomes in one, each by the information it adds.

    Parameters
    ----------
    frame : DataFrame
        One row per person, or per person and wave. Who lacks some outcomes has the index of the
        others; who lacks all has none.
    direction : mapping
        +1 where more is better, -1 where less is.
    control : mask of rows
        Whose mean is 0 and whose standard deviation is 1 in every outcome: the comparison group
        at baseline.
    weight : str, optional
        Column of the weight.

    Returns
    -------
    Series
        In standard deviations of the single outcomes, more is better; not rescaled again.

    Notes
    -----
    Anderson (2008), Multiple Inference and Gender Differences in the Effects of Early
    Intervention, JASA 103, section 3.2.1: outcomes are standardised, and weighed by the row sums
    of the inverse of their covariance over all rows (pairwise where some are missing).

    Raises
    ------
    WorkbookError
        If a column is unknown, a direction missing, or an outcome has no variation in the
        control group or repeats others.
    """
    known = [direction.get(name) for name in variables]
    if not variables or any(sign not in (1, -1) for sign in known):
        raise WorkbookError(
            msg("An index needs outcomes, and for each whether more (+1) or less (-1) is better.")
        )
    weights = weights_of(frame, weight)
    mask = np.asarray(control, dtype="bool")
    values = np.column_stack(
        [
            sign * _standardised(numbers_of(frame, name), mask, weights, name)
            for name, sign in zip(variables, map(int, filter(None, known)), strict=True)
        ]
    )
    told = ~np.isnan(values)
    by_outcome = _information(values, told, weights)
    total = np.where(told, by_outcome, 0.0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.where(told, values * by_outcome, 0.0).sum(axis=1) / total
    return pd.Series(np.where(told.any(axis=1), index, np.nan), frame.index, name="index")


def _standardised(values: Floats, mask: np.ndarray, weights: Floats, name: str) -> Floats:
    chosen = mask & ~np.isnan(values)
    spread = spread_of(values[chosen], weights[chosen])
    if not spread > 0:
        raise WorkbookError(
            msg(
                "{name} has no variation in the control group, so it has no standard deviation "
                "to be told in: leave it out of the index.",
                name=name,
            )
        )
    return (values - np.average(values[chosen], weights=weights[chosen])) / spread


def _information(values: Floats, told: np.ndarray, weights: Floats) -> Floats:
    """Row sums of the inverse covariance of standardised outcomes, shape (outcomes,)."""
    centres = [
        np.average(column[there], weights=weights[there])
        for column, there in zip(values.T, told.T, strict=True)
    ]
    centred = np.where(told, values - centres, 0.0)
    there = told.astype("float64")
    pairs = there.T @ (there * weights[:, None])
    if (pairs > 0).all():
        covariance = centred.T @ (centred * weights[:, None]) / pairs
        if np.linalg.cond(covariance) < 1 / _REPEATED:
            return np.asarray(np.linalg.inv(covariance).sum(axis=1))
    raise WorkbookError(
        msg("Some outcomes repeat others, or are never told together: leave one of them out.")
    )
