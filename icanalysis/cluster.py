"""Regression where rows of a cluster resemble each other, honest when clusters are few.

Standard errors are CR2 ("bias-reduced linearisation", Bell and McCaffrey 2002) and degrees of
freedom Satterthwaite's (Pustejovsky and Tipton 2018), as in R's clubSandwich: exact for equal,
independent errors, and robust to any correlation within clusters. Weights are sampling weights:
that working model has errors of equal variance, whatever the weights, as clubSandwich takes the
weights of `lm`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, special

from icanalysis.errors import WorkbookError, unknown_choice
from icanalysis.language import msg
from icanalysis.measures import CONFIDENCE
from icanalysis.regression import decompose, read_rows
from icanalysis.sampling import Floats, Integers, sum_by
from icanalysis.sandwich import Sandwich, sandwich

Kind = Literal["CR2", "CR1"]

# Standard errors below this share of what y could give are rounding.
_NOISE = 1e-10
# Share of a coefficient that must stand without any one cluster.
_SEEN = 1 - 1e-6


@dataclass(frozen=True)
class Coefficient:
    """One coefficient: what is told of it in a row of `Fit.table`.

    `seen` is the share of it that stands without any one cluster. Below 1 it hangs on a single
    cluster that fits itself (treated alone, say), whose own variation nothing tells: then, as
    where nothing varies, there is no interval and no p, whatever a formula would give.
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    seen: float


@dataclass(frozen=True)
class JointTest:
    """Wald test that several coefficients are zero: HTZ of Pustejovsky and Tipton (2018).

    `statistic` is F on `df_num` and `df_denom` degrees of freedom. Statistic and p are missing
    where the clusters are too few for so many coefficients (`df_denom` not above 0).
    """

    statistic: float
    df_num: int
    df_denom: float
    p: float


@dataclass(frozen=True)
class Fit:
    """A regression by (weighted) least squares, its errors clustered.

    Attributes
    ----------
    names : tuple of str
        Coefficients, in the order of the columns.
    estimates : ndarray, shape (p,)
    covariance : DataFrame, shape (p, p)
    n, n_clusters : int
        Rows and clusters used.
    left_out : int
        Rows that lack a value the model reads.
    kind : {"CR2", "CR1"}
    """

    names: tuple[str, ...]
    estimates: Floats
    covariance: pd.DataFrame
    n: int
    n_clusters: int
    left_out: int
    kind: Kind
    _varies: NDArray[np.bool_]  # of each coefficient, whether its variance is more than rounding
    _parts: Sandwich

    @cached_property
    def table(self) -> pd.DataFrame:
        """Index coefficient; estimate, se, df, low, high (95%), p (two-sided, of zero), seen.

        se is 0, and df, low, high and p are missing, where residuals leave no variation; low,
        high and p are missing where `seen` is below 1.
        """
        rows = self._told(list(self.names))
        return pd.DataFrame(rows, index=pd.Index(self.names, name="coefficient"))

    def coefficient(self, name: str) -> Coefficient:
        """Tell of one coefficient, without computing the others.

        Raises
        ------
        WorkbookError
            If there is none of this name.
        """
        return self._told([name])[0]

    def joint(self, names: Sequence[str]) -> JointTest:
        """Test that the coefficients named are all zero; equals clubSandwich's Wald_test, HTZ.

        Raises
        ------
        WorkbookError
            If a name is unknown, none is given, or the errors are not CR2.
        """
        if self.kind != "CR2" or not names:
            raise WorkbookError(
                msg("A joint test needs the names of coefficients, and errors of kind CR2.")
            )
        chosen = self._contrasts(names)
        q = len(chosen)
        covariance = chosen @ self.covariance.to_numpy() @ chosen.T
        size = np.sqrt(np.diag(covariance))
        if not all(self.coefficient(name).seen > _SEEN for name in names) or not (
            self._varies[chosen.argmax(axis=1)].all()
            and np.linalg.matrix_rank(covariance / np.outer(size, size), hermitian=True) == q
        ):
            return JointTest(np.nan, q, np.nan, np.nan)
        estimates = chosen @ self.estimates
        eta = self._parts.htz_df(chosen)
        df_denom = eta - q + 1
        if df_denom <= 0:
            return JointTest(np.nan, q, df_denom, np.nan)
        wald = estimates @ np.linalg.solve(covariance, estimates)
        statistic = float(df_denom / eta * wald / q)
        return JointTest(statistic, q, df_denom, float(special.fdtrc(q, df_denom, statistic)))

    def _contrasts(self, names: Sequence[str]) -> Floats:
        """Rows that pick the coefficients named."""
        for name in names:
            if name not in self.names:
                raise unknown_choice(msg("Coefficient"), name, self.names)
        return np.eye(len(self.names))[[self.names.index(name) for name in names]]

    def _told(self, names: Sequence[str]) -> list[Coefficient]:
        chosen = self._contrasts(names)
        places = chosen.argmax(axis=1)
        estimate, varies = self.estimates[places], self._varies[places]
        df, seen = self._parts.df(chosen), self._parts.seen(chosen)
        if self.kind == "CR1":
            df = np.full(len(names), self.n_clusters - 1.0)
        df = np.where(varies, df, np.nan)
        se = np.where(varies, np.sqrt(np.diag(self.covariance))[places], 0.0)
        told = np.where(seen > _SEEN, df, np.nan)
        half = special.stdtrit(told, (1 + CONFIDENCE) / 2) * se
        with np.errstate(divide="ignore", invalid="ignore"):
            p = 2 * special.stdtr(told, -np.abs(estimate / se))
        columns = (estimate, se, df, estimate - half, estimate + half, p, seen)
        return [Coefficient(*map(float, row)) for row in zip(*columns, strict=True)]


def fit(
    formula: str,
    frame: pd.DataFrame,
    *,
    cluster: str,
    weight: str | None = None,
    kind: Kind = "CR2",
) -> Fit:
    """Fit a regression, its errors clustered.

    Parameters
    ----------
    formula : str
        As in statsmodels: "income ~ treated + C(stratum)".
    frame : DataFrame
        One row per observation; rows that lack anything the model reads are left out.
    cluster, weight : str
        Columns of the cluster and of the sampling weight.
    kind : {"CR2", "CR1"}
        CR1 is the plain sandwich times G/(G-1) (n-1)/(n-k), on G-1 degrees of freedom: what
        statsmodels gives for cov_type="cluster".

    Raises
    ------
    WorkbookError
        If a column is unknown, the formula cannot be read, a weight is not positive, columns of
        the model follow from others, no rows are left, or they are of a single cluster.
    """
    rows = read_rows(formula, frame, cluster=cluster, weight=weight)
    return fit_arrays(
        rows.y, rows.x, rows.clusters, rows.weights, rows.names,
        kind=kind, left_out=rows.left_out,
    )  # fmt: skip


def fit_arrays(
    y: Floats,
    x: Floats,
    clusters: Integers,
    weights: Floats | None,
    names: Sequence[str],
    *,
    kind: Kind = "CR2",
    left_out: int = 0,
) -> Fit:
    """Fit the regression of y, shape (n,), on x, shape (n, p); as `fit`, without its formula.

    Parameters
    ----------
    clusters : ndarray of int, shape (n,)
        Numbers of the clusters, from 0 without gaps.
    names : sequence of str
        Of the columns of `x`.
    """
    if kind not in get_args(Kind):
        raise unknown_choice(msg("Kind of standard error"), kind, get_args(Kind))
    root, q, r, size = decompose(y, x, clusters, weights, names)
    inverse = linalg.solve_triangular(r, np.eye(len(size))) / size[:, None]
    fitted = q.T @ (y * root)
    residual = y - (q @ fitted) / root
    n_clusters = int(clusters.max()) + 1
    parts = sandwich(q, inverse, root, residual, clusters, adjust=kind == "CR2")
    scores = parts.scores
    covariance = scores.T @ scores
    if kind == "CR1":
        n, k = x.shape
        covariance *= n_clusters / (n_clusters - 1) * (n - 1) / (n - k)
    reach = (parts.influence**2).sum(axis=1) * sum_by(clusters, y**2, n_clusters)[:, None]
    varies = np.diag(covariance) > _NOISE**2 * reach.sum(axis=0)
    return Fit(
        tuple(names), inverse @ fitted, pd.DataFrame(covariance, list(names), list(names)),
        len(y), n_clusters, left_out, kind, varies, parts,
    )  # fmt: skip
