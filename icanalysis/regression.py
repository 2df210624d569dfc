"""The rows of a regression: what a formula reads, checked, and laid out for least squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from patsy import PatsyError  # type: ignore[import-untyped]
from scipy import linalg
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.sm_exceptions import MissingDataError

from icanalysis.aggregate import require_columns
from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.sampling import Floats, Integers

# Columns of a design whose part of their own, relative to their size, is below this follow from
# the others.
_RELATIVE = 1e-9


@dataclass(frozen=True)
class Rows:
    """Rows of a regression: outcome, columns, number of the cluster and weight of each."""

    y: Floats
    x: Floats
    clusters: Integers
    weights: Floats | None
    names: tuple[str, ...]
    left_out: int


def read_rows(
    formula: str, frame: pd.DataFrame, *, cluster: str, weight: str | None = None
) -> Rows:
    """Lay out the rows that have all a regression reads.

    Parameters
    ----------
    formula : str
        As in statsmodels: "income ~ treated + C(stratum)".
    frame : DataFrame
        One row per observation; rows that lack anything the model reads are left out.
    cluster, weight : str
        Columns of the cluster and of the sampling weight.

    Raises
    ------
    WorkbookError
        If a column is unknown, the formula cannot be read, or no rows are left.
    """
    also = [name for name in (cluster, weight) if name is not None]
    require_columns(list(map(str, frame.columns)), also)
    complete = frame[frame[also].notna().all(axis=1)].reset_index(drop=True)
    model = _model(formula, complete)
    kept = np.asarray(model.data.row_labels, dtype="int64")
    codes, _ = pd.factorize(complete[cluster].to_numpy()[kept])
    weights = None if weight is None else complete[weight].to_numpy(dtype="float64")[kept]
    return Rows(
        model.endog, model.exog, codes, weights, tuple(model.exog_names), len(frame) - len(kept)
    )


def _model(formula: str, complete: pd.DataFrame) -> OLS:
    """Let statsmodels read a formula; what it cannot read is told in our words."""
    try:
        return smf.ols(formula, complete, missing="drop")
    except PatsyError as error:
        trouble = str(error).splitlines()[0]
        raise WorkbookError(
            msg("“{formula}” cannot be read: {trouble}.", formula=formula, trouble=trouble)
        ) from error
    except MissingDataError as error:
        raise _infinite() from error
    except ValueError as error:
        # statsmodels has no word of its own for it.
        raise WorkbookError(
            msg(
                "“{formula}” leaves nothing to fit: some rows must have all the values it reads, a "
                "cluster and a weight, and its outcome must be one number.",
                formula=formula,
            )
        ) from error


def _infinite() -> WorkbookError:
    return WorkbookError(msg("A regression needs finite numbers; some are infinite."))


def decompose(
    y: Floats, x: Floats, clusters: Integers, weights: Floats | None, names: Sequence[str]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Decompose the columns of a regression, each row times the root of its weight.

    Returns
    -------
    root : ndarray, shape (n,)
        Roots of the weights, which are 1 on average.
    q, r : ndarray, shapes (n, p) and (p, p)
        Of the columns divided by their size.
    size : ndarray, shape (p,)

    Raises
    ------
    WorkbookError
        If values are infinite, a weight is not positive, rows are too few or of a single
        cluster, or columns follow from others.
    """
    root = _checked(y, x, clusters, weights, names)
    size = np.sqrt(((x * root[:, None]) ** 2).sum(axis=0))
    size[size == 0] = 1.0
    q, r = linalg.qr(x * (root[:, None] / size), mode="economic", check_finite=False)
    _require_distinct(r, names)
    return root, q, r, size


def _checked(
    y: Floats, x: Floats, clusters: Integers, weights: Floats | None, names: Sequence[str]
) -> Floats:
    """Refuse what cannot be fitted; return the root of each row's weight, 1 on average."""
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise _infinite()
    if weights is not None and not (np.isfinite(weights) & (weights > 0)).all():
        raise WorkbookError(msg("Weights must be positive numbers."))
    if len(y) <= len(names):
        raise WorkbookError(
            msg(
                "{n} rows are too few for a model of {k} columns: simplify it.",
                n=len(y),
                k=len(names),
            )
        )
    if clusters.max() == 0:
        raise WorkbookError(
            msg(
                "All rows are of a single cluster, which says nothing of how clusters vary: "
                "describe it without a standard error."
            )
        )
    return np.ones(len(y)) if weights is None else np.sqrt(weights / weights.mean())


def _require_distinct(r: Floats, names: Sequence[str]) -> None:
    """Refuse columns that follow from others: their coefficients would be anybody's choice."""
    lost = np.flatnonzero(np.abs(np.diag(r)) < _RELATIVE)
    if len(lost):
        raise WorkbookError(
            msg(
                "These columns of the model follow from the others: {names}. Leave out them, or "
                "the others.",
                names=", ".join(names[int(each)] for each in lost),
            )
        )
