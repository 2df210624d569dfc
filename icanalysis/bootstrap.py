"""Few communities: the p of a regression coefficient where clusters are too few for its t.

The wild cluster bootstrap draws a sign for each cluster and gives it to the residuals of the
model without the coefficient, so that what is drawn is how the data would look if it were zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from numpy.typing import NDArray
from patsy import PatsyError  # type: ignore[import-untyped]
from scipy import linalg, sparse
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.sm_exceptions import MissingDataError

from icanalysis.aggregate import require_columns
from icanalysis.errors import WorkbookError, unknown_choice
from icanalysis.language import Message, msg
from icanalysis.sampling import Floats

Weights = Literal["rademacher", "webb"]
# Webb (2014), Reworking wild bootstrap based inference for clustered errors, section 4.
_WEBB = np.sqrt([0.5, 1.0, 1.5, 0.5, 1.0, 1.5]) * [-1, -1, -1, 1, 1, 1]
# Statistics that agree to here are equal; what is smaller than this, relatively, is noise.
_RELATIVE, _NOISE = 1e-9, 1e-11
# Signs held at once.
_CELLS = 2**18


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
        scores = self.own[:, None] * signs
        if self.across.shape[1] < len(self.own):
            scores -= self.across @ (self.together.T @ signs)
        else:
            scores -= (self.across @ self.together.T) @ signs
        return (self.own @ signs) ** 2, np.einsum("gd,gd->d", scores, scores)


@dataclass(frozen=True)
class _Rows:
    """Rows of a regression, times the root of their weights, and the cluster of each."""

    y: Floats
    x: Floats
    names: list[str]
    member: sparse.csr_array  # 1 where a row is of a cluster: shape (G, rows)
    left_out: int


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
    rows = _read(formula, frame, cluster, weight)
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


def _read(formula: str, frame: pd.DataFrame, cluster: str, weight: str | None) -> _Rows:
    """Lay out the regression of the rows that have all it reads."""
    also = [name for name in (cluster, weight) if name is not None]
    require_columns(list(map(str, frame.columns)), also)
    complete = frame[frame[also].notna().all(axis=1)].reset_index(drop=True)
    if complete.empty:
        raise _nothing(formula)
    model = _model(formula, complete)
    kept = complete.take(np.asarray(model.data.row_labels, dtype="int64"))
    codes, names = pd.factorize(kept[cluster])
    if len(names) < 2:
        raise WorkbookError(
            msg(
                "A single cluster ({cluster}) says nothing of how clusters vary: describe it "
                "without a test.",
                cluster=names[0],
            )
        )
    root = np.ones(len(kept)) if weight is None else _roots(kept[weight])
    member = sparse.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))))
    left_out = len(frame) - len(kept)
    return _Rows(model.endog * root, model.exog * root[:, None], model.exog_names, member, left_out)


def _model(formula: str, complete: pd.DataFrame) -> OLS:
    """Let statsmodels read a formula; what it cannot read is told in our words."""
    try:
        model = smf.ols(formula, complete, missing="drop")
        finite = np.isfinite(model.endog).all()
    except PatsyError as error:
        trouble = str(error).splitlines()[0]
        raise WorkbookError(
            msg("“{formula}” cannot be read: {trouble}.", formula=formula, trouble=trouble)
        ) from error
    except MissingDataError:
        finite = False
    except ValueError as error:
        # statsmodels has no word of its own for either.
        raise _nothing(formula) from error
    if not finite:
        raise WorkbookError(
            msg("“{formula}”: values must be finite numbers or missing.", formula=formula)
        )
    return model


def _nothing(formula: str) -> WorkbookError:
    return WorkbookError(
        msg(
            "“{formula}” leaves nothing to fit: some rows must have all the values it reads, a "
            "cluster and a weight, and its outcome must be one number.",
            formula=formula,
        )
    )


def _roots(weight: pd.Series) -> Floats:
    numbers = weight.to_numpy(dtype="float64")
    if not (np.isfinite(numbers) & (numbers > 0)).all():
        raise WorkbookError(
            msg("Weights must be positive numbers; those of {column} are not.", column=weight.name)
        )
    roots: Floats = np.sqrt(numbers)
    return roots


def _fit(rows: _Rows, coefficient: str) -> _Fit:
    """Fit by least squares with and without the coefficient, and sum by cluster."""
    if coefficient not in rows.names:
        raise unknown_choice(msg("Coefficient"), coefficient, rows.names)
    place = rows.names.index(coefficient)
    size = np.sqrt((rows.x**2).sum(axis=0))
    size[size == 0] = 1.0
    q, r = linalg.qr(rows.x / size, mode="economic")
    _require_distinct(r, rows)
    w = q @ linalg.solve_triangular(r, np.eye(len(size))[place] / size[place], trans="T")
    residual = rows.y - q @ (q.T @ rows.y)
    estimate = float(w @ rows.y)
    restricted = residual + w * (estimate / (w @ w))
    scores = _Scores(
        own=rows.member @ (w * restricted),
        across=rows.member @ (w[:, None] * q),
        together=rows.member @ (restricted[:, None] * q),
    )
    summed = np.linalg.norm(rows.member @ (w * residual))
    noise = _NOISE * np.linalg.norm(rows.member @ np.abs(w * rows.y))
    n_clusters, (n, k) = rows.member.shape[0], rows.x.shape
    se = summed * np.sqrt(n_clusters / (n_clusters - 1) * (n - 1) / (n - k))
    return _Fit(estimate, float(se), scores, bool(summed > noise))


def _require_distinct(r: Floats, rows: _Rows) -> None:
    """Refuse columns that follow from others: their coefficients would be anybody's choice."""
    n, k = rows.x.shape
    if n <= k:
        raise WorkbookError(
            msg("{n} rows are too few for a model of {k} columns: simplify it.", n=n, k=k)
        )
    lost = np.flatnonzero(np.abs(np.diag(r)) < _RELATIVE)
    if len(lost):
        raise WorkbookError(
            msg(
                "These columns of the model follow from the others: {names}. Leave out them, or "
                "the others.",
                names=", ".join(rows.names[each] for each in lost),
            )
        )


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
