"""What could hide behind those who were not found again: bounds on a difference between arms.

Frames have one row per person at baseline, lost or not; the value of those lost is missing, and
those found who did not answer count as lost. No bound here tells of sampling error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from icanalysis.arms import Flags, arms_of, numbers_of, spread_of, weights_of
from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.sampling import Floats


@dataclass(frozen=True)
class Bounds:
    """Least and largest difference between the arms that the loss leaves possible.

    Attributes
    ----------
    estimate : float
        Difference of (weighted) means of those found, treated minus comparison.
    low, high : float
        The bounds, in the unit of the value.
    trimmed_share : float
        Share (0 to 1) of the better-found arm that was trimmed; missing for other bounds.
    trimmed_arm : str
        "treated", "comparison" or, where the arms lost alike or nothing was trimmed, "".
    lost_treated, lost_comparison : float
        Shares lost, 0 to 1, weighted.
    n : int
        Persons found.
    """

    estimate: float
    low: float
    high: float
    trimmed_share: float
    trimmed_arm: str
    lost_treated: float
    lost_comparison: float
    n: int

    def keep_sign(self, low: float, high: float) -> bool:
        """Whether an interval of the estimate keeps its sign, whatever became of those lost.

        Each of its ends moves as far as the estimate does to the bound on its side: the bounds
        alone tell of loss as if the sample were all there is.
        """
        below = low - (self.estimate - self.low)
        above = high + (self.high - self.estimate)
        return below > 0 or above < 0


@dataclass(frozen=True)
class Shift:
    """How different those lost must be for the difference between the arms to vanish.

    Attributes
    ----------
    estimate : float
        Difference of (weighted) means of those found.
    shift : float
        Lost treated below the treated found, and lost comparison above the comparison found, each
        by so much (of opposite sign where the estimate is negative) make the difference zero;
        missing where nobody was lost: then nothing can.
    shift_sd : float
        The same in standard deviations of the value among those found, both arms together about
        their own means.
    treated, comparison : float
        Mean value of the lost of each arm at which it vanishes; missing where none was lost.
    lost_treated, lost_comparison : float
        Shares lost, 0 to 1, weighted.
    """

    estimate: float
    shift: float
    shift_sd: float
    treated: float
    comparison: float
    lost_treated: float
    lost_comparison: float


def lee_bounds(
    frame: pd.DataFrame, value: str, *, treated: str, weight: str | None = None
) -> Bounds:
    """Bound the difference among those who would be found in either arm.

    Parameters
    ----------
    frame : DataFrame
        One row per person at baseline; those lost have no value.
    value : str
        Outcome, or change since baseline.
    treated, weight : str
        Columns of the arm (yes/no) and of the weight.

    Notes
    -----
    Lee (2009), Training, Wages, and Sample Selection, Review of Economic Studies 76, section 3:
    from the arm found more often, of which a share q is found against q' of the other, the
    top or bottom (q - q') / q is trimmed. It takes that being treated makes people easier to
    find, or harder, but not one for some and the other for others. Of the person at the cut, the
    part of the weight that makes the share exact is kept.

    Raises
    ------
    WorkbookError
        If a column is unknown, there is no comparison, or nobody of an arm was found.
    """
    arms = _arms(frame, value, treated, weight)
    found = {arm: 1 - arms[arm].lost for arm in (True, False)}
    more = found[True] > found[False]
    share = abs(found[True] - found[False]) / max(found.values())
    mean, fixed = arms[more].trimmed(share), arms[not more].mean
    low, high = (mean[0] - fixed, mean[1] - fixed) if more else (fixed - mean[1], fixed - mean[0])
    arm = ("treated" if more else "comparison") if share > 0 else ""
    return _bounds(arms, low, high, share, arm)


def worst_case(
    frame: pd.DataFrame,
    value: str,
    low_value: float | Sequence[float] | pd.Series,
    high_value: float | Sequence[float] | pd.Series,
    *,
    treated: str,
    weight: str | None = None,
) -> Bounds:
    """Bound the difference whatever those lost would have answered, of a value with limits.

    Parameters
    ----------
    low_value, high_value : float, or one per row
        Least and most the value can be: 0 and 1 for yes/no; for the change of a yes/no told at
        baseline, minus it and one minus it.

    Notes
    -----
    Manski (1990), Nonparametric Bounds on Treatment Effects; Horowitz and Manski (2000) for
    outcomes missing in experiments: every one lost has the value that moves the difference most.

    Raises
    ------
    WorkbookError
        As `lee_bounds`; also if limits are not numbers in order, or values lie outside them.
    """
    arms = _arms(frame, value, treated, weight)
    values = numbers_of(frame, value)
    limits = [
        np.broadcast_to(np.asarray(at, "float64"), values.shape) for at in (low_value, high_value)
    ]
    told = ~np.isnan(values)
    outside = (values[told] < limits[0][told]) | (values[told] > limits[1][told])
    if not (limits[0] <= limits[1]).all() or not np.isfinite(limits).all() or outside.any():
        raise WorkbookError(
            msg(
                "The limits of {column} must be numbers in order, and no value outside them.",
                column=value,
            )
        )
    is_treated, weights = arms_of(frame, treated), weights_of(frame, weight)
    ends = []
    for of_treated, of_comparison in (limits, limits[::-1]):
        filled = np.where(told, values, np.where(is_treated, of_treated, of_comparison))
        means = [
            np.average(filled[is_treated == arm], weights=weights[is_treated == arm])
            for arm in (True, False)
        ]
        ends.append(float(means[0] - means[1]))
    return _bounds(arms, ends[0], ends[1], float("nan"), "")


def shifted(frame: pd.DataFrame, value: str, *, treated: str, weight: str | None = None) -> Shift:
    """Ask how far those lost must be from those found, each arm against the estimate, to undo it.

    With shares lost a and b, means m and m' of those found, the difference among all is
    (m - a d) - (m' + b d), which is zero at d = (m - m') / (a + b).

    Raises
    ------
    WorkbookError
        As `lee_bounds`.
    """
    arms = _arms(frame, value, treated, weight)
    one, other = arms[True], arms[False]
    estimate, lost = one.mean - other.mean, one.lost + other.lost
    shift = estimate / lost if lost > 0 else float("nan")
    centred = np.concatenate([arm.answers - arm.mean for arm in (one, other)])
    spread = spread_of(centred, np.concatenate([one.weights, other.weights]))
    return Shift(
        estimate,
        shift,
        shift / spread if spread > 0 else float("nan"),
        one.mean - shift if one.lost > 0 else float("nan"),
        other.mean + shift if other.lost > 0 else float("nan"),
        one.lost,
        other.lost,
    )


@dataclass(frozen=True)
class _Arm:
    """Answers and weights of those found in an arm, from the least up, and the share lost."""

    answers: Floats
    weights: Floats
    lost: float

    @property
    def mean(self) -> float:
        return float(np.average(self.answers, weights=self.weights))

    def trimmed(self, share: float) -> tuple[float, float]:
        """Mean without the top, and without the bottom, `share` of the weight."""
        kept = (1 - share) * self.weights.sum()
        means = []
        for order in (slice(None), slice(None, None, -1)):
            values, weights = self.answers[order], self.weights[order]
            before = np.cumsum(weights) - weights
            means.append(float(np.average(values, weights=np.clip(kept - before, 0, weights))))
        return means[0], means[1]


def _arms(frame: pd.DataFrame, value: str, treated: str, weight: str | None) -> dict[bool, _Arm]:
    values, is_treated = numbers_of(frame, value), arms_of(frame, treated)
    weights = weights_of(frame, weight)
    return {
        arm: _arm(values[is_treated == arm], weights[is_treated == arm], value)
        for arm in (True, False)
    }


def _arm(values: Floats, weights: Floats, name: str) -> _Arm:
    told: Flags = ~np.isnan(values)
    if not told.any():
        raise WorkbookError(
            msg(
                "Nobody of one group has {column}: what they would have said has no bound.",
                column=name,
            )
        )
    order = np.argsort(values[told], kind="stable")
    lost = float(weights[~told].sum() / weights.sum())
    return _Arm(values[told][order], weights[told][order], lost)


def _bounds(arms: dict[bool, _Arm], low: float, high: float, share: float, arm: str) -> Bounds:
    one, other = arms[True], arms[False]
    n = len(one.answers) + len(other.answers)
    return Bounds(one.mean - other.mean, low, high, share, arm, one.lost, other.lost, n)
