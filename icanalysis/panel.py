"""A panel of regions: one value per unit and period, checked before anything is compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from icanalysis.aggregate import require_columns
from icanalysis.errors import WorkbookError, nearest
from icanalysis.language import msg


def units_by_period(panel: pd.DataFrame, *, unit: str, period: str, value: str) -> pd.DataFrame:
    """Lay a panel out as one row per unit and one column per period, both in order.

    Raises
    ------
    WorkbookError
        If a column is missing, rows lack a unit or period, values are not finite numbers, or a
        unit has two rows of one period.
    """
    require_columns(list(map(str, panel.columns)), [unit, period, value])
    if not pd.api.types.is_numeric_dtype(panel[value]):
        raise WorkbookError(msg("Column {column} must hold numbers.", column=value))
    if panel[[unit, period]].isna().any(axis=None):
        raise WorkbookError(
            msg("Some rows lack {unit} or {period}: complete them.", unit=unit, period=period)
        )
    numbers = panel[value].to_numpy(dtype="float64", na_value=np.nan)
    infinite = panel[np.isinf(numbers)]
    if len(infinite):
        raise WorkbookError(
            msg(
                "Values must be finite numbers or missing; infinite ones stand at: {places}.",
                places=_places(infinite[[unit, period]]),
            )
        )
    repeated = panel[panel.duplicated([unit, period])]
    if len(repeated):
        raise WorkbookError(
            msg(
                "A unit must have one row per period; there are more at: {places}. Keep one of "
                "them, or choose one series.",
                places=_places(repeated[[unit, period]]),
            )
        )
    rows, units = pd.factorize(panel[unit], sort=True)
    columns, periods = pd.factorize(panel[period], sort=True)
    wide = np.full((len(units), len(periods)), np.nan)
    wide[rows, columns] = numbers
    return pd.DataFrame(wide, pd.Index(units, name=unit), pd.Index(periods, name=period))


def known_units(asked: Sequence[str], units: pd.Index) -> list[str]:
    """Return the units asked for, each once.

    Raises
    ------
    WorkbookError
        Naming each that is not among the units, and the one it is spelt like.
    """
    names = list(dict.fromkeys([asked] if isinstance(asked, str) else asked))
    present = list(map(str, units))
    unknown = [name for name in names if name not in units]
    if unknown:
        like = [nearest(str(name), present) for name in unknown]
        told = [
            f"{name} ({near}?)" if near else str(name)
            for name, near in zip(unknown, like, strict=True)
        ]
        raise WorkbookError(
            msg(
                "The panel has no unit {units}. It has: {known}.",
                units=", ".join(told),
                known=", ".join(present),
            )
        )
    return names


def require_period(asked: int, periods: pd.Index) -> None:
    """Refuse a period the panel does not have."""
    if asked not in periods:
        known = ", ".join(map(str, periods))
        raise WorkbookError(
            msg("The panel has no period {period}. It has: {known}.", period=asked, known=known)
        )


def _places(rows: pd.DataFrame) -> str:
    return ", ".join(" ".join(map(str, row)) for row in rows.drop_duplicates().to_numpy())
