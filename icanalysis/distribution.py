"""Quantiles, Gini and Lorenz shares of one domain, with the influence of each row.

The influence of a row is how far the statistic moves per unit of weight added to it: summed by
PSU, weighted, it is the linearised value whose variance is the statistic's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def quantile(values: Floats, weights: Floats, p: float | Floats) -> Floats:
    """Smallest value up to which at least the share `p` of the weight lies.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        Weights positive in sum.
    p : float or ndarray
        Shares, 0 to 1.

    Returns
    -------
    ndarray, shape of `p`
        The inverse of the weighted distribution function (Hyndman and Fan's type 1).
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    # A share that is reached but for rounding is reached.
    wanted = (np.asarray(p) - 1e-12) * reached[-1]
    place = np.searchsorted(reached, wanted, side="left")
    found: Floats = values[order][np.minimum(place, len(values) - 1)]
    return found


def gini(values: Floats, weights: Floats) -> tuple[float, Floats]:
    """Gini index, and the influence of each row.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)

    Returns
    -------
    float
        Half the mean absolute difference of two members of the population, relative to the
        mean: 0 where all have the same.
    ndarray, shape (n,)
        Influence (Langel and Tillé 2013, Journal of the Royal Statistical Society A 176, eq. 22).

    Notes
    -----
    G = sum_ij w_i w_j |y_i - y_j| / (2 W T), W the sum of the weights and T that of w y.
    Values that are equal share the place in the middle of theirs, so the order of rows is nothing.
    """
    weight, total = weights.sum(), (weights * values).sum()
    distinct, group = np.unique(values, return_inverse=True)
    at = np.bincount(group, weights=weights, minlength=len(distinct))
    amount = at * distinct
    below, poorer = np.cumsum(at) - at, np.cumsum(amount) - amount
    above, richer = weight - below - at, total - poorer - amount
    # Sum over all others of the weighted distance to each value.
    distance = (distinct * (below - above) - poorer + richer)[group]
    index = float((weights * distance).sum() / (2 * weight * total))
    influence = distance / (weight * total) - index * (1 / weight + values / total)
    return index, influence


def lorenz(values: Floats, weights: Floats, share: float) -> tuple[float, Floats]:
    """Share of the total that the poorest `share` of the population holds, with influences.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
    share : float
        Of the population, 0 to 1.

    Returns
    -------
    float
        Ordinate of the Lorenz curve; the rows at the quantile count for the part that makes the
        population's share exact.
    ndarray, shape (n,)
        Influence (Langel and Tillé 2011, Metron 69, section 4).
    """
    weight, total = weights.sum(), (weights * values).sum()
    limit = float(quantile(values, weights, share))
    below = values < limit
    held = (weights * values)[below].sum() + limit * (share * weight - weights[below].sum())
    ordinate = float(held / total)
    reached = np.where(values <= limit, values - limit, 0.0)
    return ordinate, (reached + share * limit - ordinate * values) / total
