"""Effects where treatment began in different periods, against units never treated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from icanalysis.aggregate import require_columns
from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.panel import units_by_period
from icanalysis.sampling import Floats


@dataclass(frozen=True)
class GroupTime:
    """Effects by the period units were first treated in, and their average.

    Attributes
    ----------
    table : DataFrame
        One row per group and period from its first treated one on: `group`, `period`,
        `estimate`, `se`, `n_treated`. se is missing for a group of one unit.
    simple : Series
        `estimate` and `se` of their mean, weighted by the size of groups.
    n_units, n_never, left_out : int
        Units used; those never treated; those lacking a period, or treated from the first.
    """

    table: pd.DataFrame
    simple: pd.Series
    n_units: int
    n_never: int
    left_out: int


def group_time(
    panel: pd.DataFrame,
    *,
    first_treated: str,
    unit: str = "region",
    period: str = "year",
    value: str = "value",
) -> GroupTime:
    """Effects where treatment began at different times, against the never treated.

    Callaway and Sant'Anna (2021), without covariates: the change of each group since its last
    period before treatment, minus that of units never treated; standard errors from influence
    functions (their section 4), which are for many units.

    Parameters
    ----------
    first_treated : str
        Column of the first period a unit is treated in; 0, missing, or later than the last
        period: not treated in the panel.

    Raises
    ------
    WorkbookError
        If a column is unknown, a unit has two rows of one period or two first periods, fewer
        than two units are never treated, or no group has a period before treatment.
    """
    require_columns(list(map(str, panel.columns)), [first_treated])
    table = units_by_period(panel, unit=unit, period=period, value=value)
    starts = panel[first_treated].fillna(0).groupby(panel[unit]).agg(["min", "max"])
    changed = starts.index[starts["min"] != starts["max"]]
    if len(changed):
        raise WorkbookError(
            msg(
                "A unit is first treated once; these have several first periods: {units}.",
                units=", ".join(map(str, changed)),
            )
        )
    periods = np.asarray(table.columns)
    start = starts["min"].reindex(table.index).to_numpy(dtype="float64")
    start = np.where(start > periods[-1], 0.0, start)
    used = table.notna().all(axis=1).to_numpy() & ((start == 0) | (start > periods[0]))
    values, start = table.to_numpy()[used], start[used]
    groups = [each for each in np.unique(start) if each > 0]
    never = start == 0
    if never.sum() < 2 or not groups:
        raise WorkbookError(
            msg(
                "Effects by group need units treated after the first period and at least two "
                "never treated, met in every period."
            )
        )
    rows, influences = [], []
    for group in groups:
        mine = start == group
        base = int(np.flatnonzero(periods < group)[-1])
        for place in np.flatnonzero(periods >= group):
            change = values[:, place] - values[:, base]
            own, other = change[mine].mean(), change[never].mean()
            influence = np.where(mine, (change - own) / mine.mean(), 0.0)
            influence -= np.where(never, (change - other) / never.mean(), 0.0)
            influences.append(influence)
            se = _se(influence) if mine.sum() > 1 else np.nan
            rows.append((group, periods[place], own - other, se, int(mine.sum())))
    found = pd.DataFrame(rows, columns=["group", "period", "estimate", "se", "n_treated"])
    found = found.astype({"group": periods.dtype})
    simple = _average(found, np.array(influences).T, start)
    return GroupTime(found, simple, len(start), int(never.sum()), int((~used).sum()))


def _se(influence: Floats) -> float:
    return float(np.sqrt((influence**2).mean() / len(influence)))


def _average(found: pd.DataFrame, influences: Floats, start: Floats) -> pd.Series:
    """Mean of the effects weighted by their groups' shares, which are estimated too."""
    member = start[:, None] == found["group"].to_numpy()
    share = member.mean(axis=0)
    estimates = found["estimate"].to_numpy()
    mean = float(estimates @ share / share.sum())
    of_shares = (member - share) @ (estimates - mean) / share.sum()
    se = _se(influences @ share / share.sum() + of_shares)
    return pd.Series({"estimate": mean, "se": np.nan if found["se"].isna().any() else se})
