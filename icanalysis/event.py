"""Paths of regions year by year: before a programme, and after it.

Regions are few and each is its own cluster: standard errors are CR2 with Satterthwaite's degrees
of freedom (`cluster`), except where said. Fixed effects of units are taken out by centring each
unit: with clusters that are units, and no weights, the CR2 errors and their degrees of freedom
are those of a regression on all dummies (Pustejovsky and Tipton 2018, theorem 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icanalysis.cluster import Fit, fit_arrays
from icanalysis.errors import WorkbookError
from icanalysis.language import Message, msg
from icanalysis.measures import CONFIDENCE
from icanalysis.panel import known_units, require_period, units_by_period
from icanalysis.power import minimum_detectable_effect
from icanalysis.sampling import Floats

Outcome = Literal["passed", "failed", "uninformative", "untestable"]


@dataclass(frozen=True)
class EventStudy:
    """Difference between treated and other units in each period, against the reference.

    Attributes
    ----------
    table : DataFrame
        One row per period: `period`, `estimate`, `se`, `df`, `low`, `high` (95%), `p`,
        `n_treated`, `n_comparison` (units with a value). The reference is 0 by definition,
        without an error; where a side has no value nothing is told, and where it has one unit
        no interval.
    n_units, left_out : int
        Units used; units with a value in fewer than two periods.
    """

    table: pd.DataFrame
    n_units: int
    left_out: int


@dataclass(frozen=True)
class PreTrend:
    """Whether treated and other units already moved apart before.

    Attributes
    ----------
    estimate, se, df, p : float
        Difference of slopes per period up to the baseline.
    detectable : float
        Slope a test at 5% would find with 80% power: (t_.975 + t_.8) se, Student's t.
    implied : float
        `estimate` carried on from baseline to outcome; missing without an outcome.
    outcome : {"passed", "failed", "uninformative", "untestable"}
        "failed": p < 0.05. "untestable": fewer than three periods or two units of a side, or
        nothing varies. "passed": p >= 0.05, and a slope the test would miss, carried on from
        baseline to outcome, is not larger than the difference that would matter. Else
        "uninformative": not finding a difference shows nothing.
    n_periods : int
        Periods used.
    first : int or None
        The first of them.
    reason : Message or None
        Why it is untestable.
    """

    estimate: float
    se: float
    df: float
    p: float
    detectable: float
    implied: float
    outcome: Outcome
    n_periods: int
    first: int | None
    reason: Message | None = None


@dataclass(frozen=True)
class _Wide:
    """Units by period, and which are treated; missing where there is no value."""

    values: Floats  # shape (units, periods)
    treated: NDArray[np.bool_]  # shape (units,)
    periods: list[int]
    left_out: int

    def counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Units of each side with a value, by period."""
        there = ~np.isnan(self.values)
        return there[self.treated].sum(axis=0), there[~self.treated].sum(axis=0)

    def only(self, chosen: NDArray[np.bool_]) -> _Wide:
        """Keep these periods, and the units with a value in two of them at least."""
        values = self.values[:, chosen]
        kept = (~np.isnan(values)).sum(axis=1) > 1
        periods = [period for period, keep in zip(self.periods, chosen, strict=True) if keep]
        lost = self.left_out + int((~kept).sum())
        return _Wide(values[kept], self.treated[kept], periods, lost)

    def fit(self, columns: dict[str, Floats]) -> Fit:
        """Regress on columns, shape (units, periods), and effects of units and periods."""
        there = ~np.isnan(self.values)
        row, _ = np.nonzero(there)
        dummies = {
            f"period {period}": np.broadcast_to(np.eye(len(self.periods))[place], there.shape)
            for place, period in enumerate(self.periods)
            if place > 0
        }
        told = {**dummies, **columns}
        x = np.column_stack([_centred(each[there], row) for each in told.values()])
        return fit_arrays(_centred(self.values[there], row), x, row, None, list(told))


def _centred(values: Floats, unit: NDArray[np.int64]) -> Floats:
    centred: Floats = values - (np.bincount(unit, values) / np.bincount(unit))[unit]
    return centred


def _wide(panel: pd.DataFrame, treated: Sequence[str], unit: str, period: str, value: str) -> _Wide:
    table = units_by_period(panel, unit=unit, period=period, value=value)
    mine = table.index.isin(known_units(treated, table.index))
    if mine.all() or not mine.any():
        raise WorkbookError(
            msg("All units are on one side: there is nothing to compare with. Add units.")
        )
    return _Wide(table.to_numpy(), np.asarray(mine), list(map(int, table.columns)), 0)


def event_study(
    panel: pd.DataFrame,
    *,
    treated: Sequence[str],
    reference: int,
    unit: str = "region",
    period: str = "year",
    value: str = "value",
) -> EventStudy:
    """Compare treated and other units in every period against a reference period.

    Parameters
    ----------
    panel : DataFrame
        One row per unit and period; a unit may lack periods.
    treated : sequence of str
        Units; all others are compared with them.
    reference : int
        Period against which all others are told, the last before treatment.

    Returns
    -------
    EventStudy
        Coefficients of treated times period in a regression with effects of unit and period.

    Raises
    ------
    WorkbookError
        If columns, units or the reference are unknown, a unit has two rows of one period, or a
        side has fewer than two units in the reference period, or none in any other.
    """
    wide = _wide(panel, treated, unit, period, value)
    require_period(reference, pd.Index(wide.periods))
    sides = np.array(wide.counts())
    usable = np.asarray((sides > 0).all(axis=0))
    kept = wide.only(usable)
    at = np.array(kept.periods) == reference
    few = not at.any() or min(each[at][0] for each in kept.counts()) < 2
    if few or len(kept.periods) < 2:
        raise WorkbookError(
            msg(
                "A comparison by period needs two units of each side in the reference period "
                "{reference}, and another period: here are too few. A randomisation test asks "
                "less.",
                reference=reference,
            )
        )
    side = kept.treated[:, None] * 1.0
    columns = {f"treated {each}": side * (np.array(kept.periods) == each) for each in kept.periods}
    del columns[f"treated {reference}"]
    found = kept.fit(columns)
    rows = []
    for each, n_treated, n_comparison in zip(wide.periods, *sides, strict=True):
        row = {"period": each, "estimate": 0.0 if each == reference else np.nan}
        row |= dict.fromkeys(["se", "df", "low", "high", "p"], np.nan)
        if f"treated {each}" in columns:
            told = found.coefficient(f"treated {each}")
            row = {"period": each} | {
                name: getattr(told, name) for name in ("estimate", "se", "df", "low", "high", "p")
            }
            if np.isnan(told.p):
                row["se"] = row["df"] = np.nan
        rows.append({**row, "n_treated": n_treated, "n_comparison": n_comparison})
    return EventStudy(pd.DataFrame(rows), len(kept.treated), kept.left_out)


def pre_trend(
    panel: pd.DataFrame,
    *,
    treated: Sequence[str],
    baseline: int,
    outcome: int | None = None,
    relevant: float | None = None,
    unit: str = "region",
    period: str = "year",
    value: str = "value",
) -> PreTrend:
    """Test whether treated and other units moved apart up to the baseline, and how well.

    Parameters
    ----------
    baseline : int
        Last period before treatment.
    outcome : int, optional
        Period to which slopes are carried on.
    relevant : float, optional
        Size of a difference at outcome that would matter, in the unit of the value. Without it
        (or outcome) no test is known to be sharp enough to pass.

    Raises
    ------
    WorkbookError
        If columns or units are unknown, a unit has two rows of one period, or all units are on
        one side.
    """
    wide = _wide(panel, treated, unit, period, value)
    before = np.array(wide.periods) <= baseline
    kept = wide.only(before & (np.array(wide.counts()) > 0).all(axis=0))
    n_periods = len(kept.periods)
    first = kept.periods[0] if kept.periods else None
    if n_periods < 3:
        reason = msg("a trend before the baseline needs three periods; there are {n}", n=n_periods)
        return _untestable(n_periods, first, reason)
    if min(kept.treated.sum(), (~kept.treated).sum()) < 2:
        reason = msg("each side needs two units followed before the baseline")
        return _untestable(n_periods, first, reason)
    slope = kept.treated[:, None] * (np.array(kept.periods, dtype="float64") - baseline)
    told = kept.fit({"slope": slope}).coefficient("slope")
    if np.isnan(told.p):
        return _untestable(n_periods, first, msg("no variation before the baseline"))
    ahead = np.nan if outcome is None else float(outcome - baseline)
    detectable = minimum_detectable_effect(told.se, df=told.df)
    judged: Outcome = "uninformative"
    if told.p < 1 - CONFIDENCE:
        judged = "failed"
    elif relevant is not None and detectable * abs(ahead) <= abs(relevant):
        judged = "passed"
    return PreTrend(
        told.estimate, told.se, told.df, told.p, detectable, told.estimate * ahead, judged,
        n_periods, first,
    )  # fmt: skip


def _untestable(n_periods: int, first: int | None, reason: Message) -> PreTrend:
    nan = np.nan
    return PreTrend(nan, nan, nan, nan, nan, nan, "untestable", n_periods, first, reason)
