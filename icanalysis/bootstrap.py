"""Few communities: the p of a regression coefficient where clusters are too few for its t.

The wild cluster bootstrap draws a sign for each cluster and gives it to the residuals of the
model without the coefficient, so that what is drawn is how the data would look if it were zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, sparse

from icanalysis.errors import WorkbookError, unknown_choice
from icanalysis.language import Message, msg
from icanalysis.regression import Rows, decompose, read_rows
from icanalysis.sampling import Floats

Weights = Literal["rademacher", "webb"]
# Webb (2014), Reworking wild bootstrap based inference for clustered errors, section 4.
_WEBB = np.sqrt([0.5, 1.0, 1.5, 0.5, 1.0, 1.5]) * [-1, -1, -1, 1, 1, 1]
# Statistics that agree to here are equal; what is smaller than this, relatively, is noise.
_RELATIVE, _NOISE = 1e-9, 1e-11
# Signs held at once: few enough for the cache, and for one core.
_CELLS = 2**15


@dataclass(frozen=True)
class WildBootstrap:
    """A coefficient, and how often signs drawn by cluster give so large a t where it is zero.

    Attributes
    ----------
    estimate, se, t : float
        Of least squares; se is CR1, with G/(G-1) (n-1)/(n-k), as statsmodels and Stata have it.
    p_value : float
        Two-sided; never zero; missing where there is no t to compare.
    p_min : float
        The smallest p there could be: 2/2^G where all signs are taken, else 1/(1 + n_draws).
    n_clusters, n_draws : int
        Clusters, and sign vectors compared.
    exact : bool
        Whether these are all sign vectors there are.
    n, left_out : int
        Rows used, and rows left out because they lack a value.
    reason : Message, optional
        Why p is missing.
    """

    estimate: float
    se: float
    t: float
    p_value: float
    p_min: float
    n_clusters: int
    n_draws: int
    exact: bool
    n: int
    left_out: int
    reason: Message | None = None


@dataclass(frozen=True)
class _Scores:
    """What the statistic of every draw follows from; sums by cluster, of G clusters.

    With w = X (X'X)^-1 e, e picking the coefficient, Q a basis of X's columns, u the restricted
    residuals and v the signs: the coefficient of a draw is own'v, and the scores of its clusters
    are own * v - across (together'v), whose squares sum to its variance up to the constant of
    CR1. Roodman, Nielsen, MacKinnon and Webb (2019), section 5.
    """

    own: Floats  # w_g'u_g: shape (G,)
    across: Floats  # w_g'Q_g: shape (G, k)
    together: Floats  # u_g'Q_g: shape (G, k)

    def at_least_as_extreme(self, signs: Iterable[Floats]) -> int:
        """Count the draws whose t is as far from zero as that of the data, or farther."""
        size, variance = self._squares(np.ones((len(self.own), 1)))
        actual = (1 - _RELATIVE) * float(size[0] / variance[0])
        count = 0
        for each in signs:
            size, variance = self._squares(each)
            count += int((size >= actual * variance).sum())
        return count

    def _squares(self, signs: Floats) -> tuple[Floats, Floats]:
        """Square of the coefficient, and its variance, by draw; signs have shape (G, draws)."""
        sums = self._sums @ signs
        scores = self.own[:, None] * signs - self.across @ sums[1:]
        return sums[0] ** 2, np.einsum("gd,gd->d", scores, scores)

    @cached_property
    def _sums(self) -> Floats:
        """What is summed over the signs of a draw: shape (1 + k, G)."""
        return np.vstack([self.own, self.together.T])


@dataclass(frozen=True)
class _Fit:
    """The coefficient, the root of its CR1 variance, and what the draws need."""

    estimate: float
    se: float
    scores: _Scores
    varies: bool


def wild_bootstrap(
    formula: str,
    frame: pd.DataFrame,
    *,
    coefficient: str,
    cluster: str,
    weight: str | None = None,
    draws: int = 99_999,
    weights: Weights = "rademacher",
    seed: int = 1,
    limit: int = 2**16,
) -> WildBootstrap:
    """Test that a coefficient is zero by the restricted wild cluster bootstrap of its t.

    Parameters
    ----------
    formula : str
        Regression, as statsmodels reads it.
    frame : DataFrame
        One row per observation; rows that lack anything the model reads are left out.
    coefficient : str
        Name of the coefficient in the model, such as "treated" or "sector[T.crafts]".
    cluster, weight : str
        Columns of the cluster and of the sampling weight.
    draws, seed : int
        Sign vectors drawn, and from which seed; p is then (1 + count) / (1 + draws).
    weights : {"rademacher", "webb"}
        Signs -1 and 1; or Webb's six values, for fewer than about ten clusters.
    limit : int
        Up to so many vectors of Rademacher signs (2^G) all are taken instead.

    Returns
    -------
    WildBootstrap
        WCR of Cameron, Gelbach and Miller (2008), computed as Roodman, Nielsen, MacKinnon and
        Webb (2019), Fast and wild, section 5. Equal statistics count as at least as extreme.

    Raises
    ------
    WorkbookError
        If a column or the coefficient is unknown, a weight is not positive, columns of
        the model say the same, no rows are left, or they are of a single cluster.
    """
    if weights not in get_args(Weights):
        raise unknown_choice(msg("Weights"), weights, get_args(Weights))
    if draws < 1:
        raise WorkbookError(msg("At least one vector must be drawn; draws is {n}.", n=draws))
    rows = read_rows(formula, frame, cluster=cluster, weight=weight)
    fit = _fit(rows, coefficient)
    n_clusters = len(fit.scores.own)
    exact = weights == "rademacher" and 2**n_clusters <= limit
    n_draws = 2**n_clusters if exact else draws
    t = p_value = p_min = np.nan
    reason = None
    if fit.varies:
        signs = _all_signs(n_clusters) if exact else _drawn(n_clusters, draws, weights, seed)
        count = fit.scores.at_least_as_extreme(signs)
        t = fit.estimate / fit.se
        p_value = count / n_draws if exact else (1 + count) / (1 + n_draws)
        p_min = 2 / n_draws if exact else 1 / (1 + n_draws)
    else:
        reason = msg("no variation: nothing is left over between clusters to compare with")
    return WildBootstrap(
        fit.estimate, fit.se, t, p_value, p_min, n_clusters, n_draws, exact,
        len(rows.y), rows.left_out, reason,
    )  # fmt: skip


def _fit(rows: Rows, coefficient: str) -> _Fit:
    """Fit by least squares with and without the coefficient, and sum by cluster."""
    if coefficient not in rows.names:
        raise unknown_choice(msg("Coefficient"), coefficient, rows.names)
    place = rows.names.index(coefficient)
    root, q, r, size = decompose(rows.y, rows.x, rows.clusters, rows.weights, rows.names)
    y = rows.y * root
    numbers = np.arange(len(y))
    member = sparse.csr_array((np.ones(len(y)), (rows.clusters, numbers)))
    w = q @ linalg.solve_triangular(r, np.eye(len(size))[place] / size[place], trans="T")
    residual = y - q @ (q.T @ y)
    estimate = float(w @ y)
    restricted = residual + w * (estimate / (w @ w))
    scores = _Scores(
        own=member @ (w * restricted),
        across=member @ (w[:, None] * q),
        together=member @ (restricted[:, None] * q),
    )
    summed = np.linalg.norm(member @ (w * residual))
    noise = _NOISE * np.linalg.norm(member @ np.abs(w * y))
    n_clusters, (n, k) = member.shape[0], rows.x.shape
    se = summed * np.sqrt(n_clusters / (n_clusters - 1) * (n - 1) / (n - k))
    return _Fit(estimate, float(se), scores, bool(summed > noise))


def _all_signs(n_clusters: int) -> Iterator[Floats]:
    """All vectors of signs, some at a time: shape (G, vectors)."""
    bits = np.arange(n_clusters)[:, None]
    at_once = max(1, _CELLS // n_clusters)
    for start in range(0, 2**n_clusters, at_once):
        number = np.arange(start, min(start + at_once, 2**n_clusters))
        yield _as_signs((number >> bits) & 1)


def _drawn(n_clusters: int, draws: int, weights: Weights, seed: int) -> Iterator[Floats]:
    """Vectors drawn, some at a time: shape (G, vectors)."""
    random = np.random.default_rng(seed)
    at_once = max(1, _CELLS // n_clusters)
    for start in range(0, draws, at_once):
        shape = (n_clusters, min(at_once, draws - start))
        if weights == "webb":
            yield _WEBB[random.integers(0, len(_WEBB), shape, dtype="int8")]
        else:
            yield _as_signs(
                np.unpackbits(_bytes(random, shape), count=shape[0] * shape[1])
            ).reshape(shape)


def _bytes(random: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Draw a bit for each cell."""
    return np.frombuffer(random.bytes((shape[0] * shape[1] + 7) // 8), dtype="uint8")


def _as_signs(bits: NDArray[np.integer[Any]]) -> Floats:
    return bits * np.float64(2) - 1
