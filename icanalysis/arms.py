"""Two arms of persons: who is treated, what each answered, how much each counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icanalysis.aggregate import require_columns
from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.sampling import Floats

Flags = NDArray[np.bool_]


def arms_of(frame: pd.DataFrame, treated: str) -> Flags:
    """Return who is treated.

    Raises
    ------
    WorkbookError
        If the column is unknown, is not yes or no in every row, or all are of one arm.
    """
    require_columns(list(map(str, frame.columns)), [treated])
    told = pd.to_numeric(frame[treated], errors="coerce").to_numpy("float64", na_value=np.nan)
    if not np.isin(told, (0.0, 1.0)).all():
        raise WorkbookError(msg("Column {column} must say yes or no in every row.", column=treated))
    if len(told) == 0 or told.min() == told.max():
        raise WorkbookError(
            msg(
                "Everybody is of one group, so there is nothing to compare: it takes rows with "
                "and without {column}.",
                column=treated,
            )
        )
    return np.asarray(told == 1)


def weights_of(frame: pd.DataFrame, weight: str | None) -> Floats:
    """Return the weight of each row; 1 without a column.

    Raises
    ------
    WorkbookError
        If the column is unknown, or a weight is missing or not positive.
    """
    if weight is None:
        return np.ones(len(frame))
    require_columns(list(map(str, frame.columns)), [weight])
    weights = frame[weight].to_numpy(dtype="float64", na_value=np.nan)
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise WorkbookError(msg("Weights must be positive numbers."))
    return weights


def numbers_of(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column as numbers, missing ones NaN; yes is 1 and no is 0.

    Raises
    ------
    WorkbookError
        If the column is unknown, or holds words.
    """
    require_columns(list(map(str, frame.columns)), [name])
    if not pd.api.types.is_numeric_dtype(frame[name]):
        raise WorkbookError(msg("Column {column} must hold numbers.", column=name))
    return frame[name].to_numpy(dtype="float64", na_value=np.nan)


def spread_of(values: Floats, weights: Floats) -> float:
    """Return the weighted standard deviation, times sqrt(n / (n - 1)); missing below two values."""
    if len(values) < 2:
        return float("nan")
    if values.min() == values.max():  # exactly: a mean may differ from it by rounding
        return 0.0
    centred = values - np.average(values, weights=weights)
    n = len(values)
    return float(np.sqrt(np.average(centred**2, weights=weights) * n / (n - 1)))
