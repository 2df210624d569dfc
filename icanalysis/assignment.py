"""How unusual a difference is among all ways in which its few regions could have been chosen.

Randomisation inference (Fisher 1935). The reference distribution is that of the assignments
themselves, so four treated regions of twenty-four can be tested without asking that regions be
many. It is exact if the programme chose its regions by lot; where it did not, p tells how often
a choice by lot would have done as much, and no more than that.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icanalysis.errors import WorkbookError, unknown_choice
from icanalysis.language import Message, msg
from icanalysis.measures import CONFIDENCE
from icanalysis.panel import known_units, require_period, units_by_period
from icanalysis.sampling import Floats, Integers

Alternative = Literal["two-sided", "greater", "less"]
# Differences that agree to here are equal: they differ by binary noise only.
_RELATIVE, _BINARY = 1e-9, 1e-14
# Numbers held at once while assignments are drawn.
_CELLS = 2**21


@dataclass(frozen=True)
class RandomisationTest:
    """A difference, and its place among those of all assignments.

    Attributes
    ----------
    estimate : float
        Mean change of the treated units minus that of the others, in the unit of the values.
    p_value : float
        `n_at_least / n_assignments`; missing where nothing varies.
    p_min : float
        p of the most extreme of the assignments: no effect, however large, could give less.
    n_assignments : int
        Assignments compared, the actual one among them: all, or those drawn and the actual one.
    n_at_least : int
        Those whose difference is at least as extreme as the actual one.
    exact : bool
        Whether they are all the assignments there are.
    monte_carlo_se : float
        Standard error of `p_value` from having drawn assignments; 0 if exact.
    low, high : float
        Constant effects that the two-sided test does not reject at 5%, whatever `alternative`
        is. Missing where too few assignments exist to reject anything.
    left_out : tuple
        Units without a value in each of the periods compared, in the order of the units.
    reason : Message, optional
        Why p or the interval is missing.
    """

    estimate: float
    p_value: float
    p_min: float
    n_assignments: int
    n_at_least: int
    exact: bool
    monte_carlo_se: float
    low: float
    high: float
    n_treated: int
    n_units: int
    left_out: tuple[Hashable, ...]
    reason: Message | None = None


@dataclass(frozen=True)
class _Reference:
    """The difference of each assignment, and its share in a constant effect of the actual one."""

    differences: Floats
    shares: Floats
    exact: bool
    noise: float


def randomisation_test(
    panel: pd.DataFrame,
    *,
    treated: Sequence[str],
    baseline: int | None,
    outcome: int,
    unit: str = "region",
    period: str = "year",
    value: str = "value",
    alternative: Alternative = "two-sided",
    limit: int = 200_000,
    draws: int = 99_999,
    seed: int = 1,
) -> RandomisationTest:
    """Compare the change of the treated units with that of the others, unweighted.

    Parameters
    ----------
    panel : DataFrame
        One row per unit and period.
    treated : sequence of str
        Units the programme worked in.
    baseline, outcome : int
        Periods compared; without a baseline (None) the values at `outcome` are.
    unit, period, value : str
        Columns.
    alternative : {"two-sided", "greater", "less"}
        What counts as at least as extreme: the size of the difference, or its side.
    limit : int
        Up to so many assignments all are enumerated, else `draws` of them are drawn.
    draws, seed : int
        How many, and from which seed; p is then (1 + count) / (1 + draws).

    Returns
    -------
    RandomisationTest
        Exact p as in Rosenbaum (2002), Observational Studies, section 2.4; of drawn assignments
        as in Phipson and Smyth (2010), section 4; the interval inverts the test for a constant
        effect, Rosenbaum (2002), section 2.6. Equal differences count as at least as extreme.

    Raises
    ------
    WorkbookError
        If a column, unit or period is unknown, a unit has two rows of one period, values are
        not finite numbers, the baseline is not before the outcome, or no unit is left on
        one of the two sides.
    """
    if alternative not in get_args(Alternative):
        raise unknown_choice(msg("Alternative"), alternative, get_args(Alternative))
    if draws < 1:
        raise WorkbookError(msg("At least one assignment must be drawn; draws is {n}.", n=draws))
    wide = units_by_period(panel, unit=unit, period=period, value=value)
    names = known_units(treated, wide.index)
    changes, noise = _changes(wide, baseline, outcome)
    chosen = changes.index.isin(names)
    _require_two_sides(chosen, baseline, outcome)
    found = _differences(changes.to_numpy(), chosen, noise, limit=limit, draws=draws, seed=seed)
    left_out = tuple(wide.index.difference(changes.index))
    return _placed(changes.to_numpy(), chosen, found, alternative, left_out)


def leave_one_out(
    panel: pd.DataFrame,
    *,
    treated: Sequence[str],
    baseline: int | None,
    outcome: int,
    unit: str = "region",
    period: str = "year",
    value: str = "value",
    alternative: Alternative = "two-sided",
    limit: int = 200_000,
    draws: int = 99_999,
    seed: int = 1,
) -> pd.DataFrame:
    """Repeat the test without each of the treated units in turn; arguments as there.

    Returns
    -------
    DataFrame
        One row per treated unit that has both periods: left_out, estimate, p_value, p_min,
        n_assignments.

    Raises
    ------
    WorkbookError
        As `randomisation_test`; and if fewer than two treated units have both periods.
    """
    wide = units_by_period(panel, unit=unit, period=period, value=value)
    names = known_units(treated, wide.index)
    changes, _ = _changes(wide, baseline, outcome)
    usable = [name for name in names if name in changes.index]
    if len(usable) < 2:
        raise WorkbookError(
            msg(
                "To leave one treated unit out, two must have values in the periods compared; "
                "{count} has.",
                count=len(usable),
            )
        )
    rows = []
    for name in usable:
        found = randomisation_test(
            panel[panel[unit] != name],
            treated=[other for other in usable if other != name],
            baseline=baseline,
            outcome=outcome,
            unit=unit,
            period=period,
            value=value,
            alternative=alternative,
            limit=limit,
            draws=draws,
            seed=seed,
        )
        rows.append((name, found.estimate, found.p_value, found.p_min, found.n_assignments))
    columns = ["left_out", "estimate", "p_value", "p_min", "n_assignments"]
    return pd.DataFrame(rows, columns=columns)


def _changes(wide: pd.DataFrame, baseline: int | None, outcome: int) -> tuple[pd.Series, float]:
    """Return the change of each unit that has one, and the size of its binary noise."""
    if baseline is not None and not baseline < outcome:
        raise WorkbookError(
            msg(
                "The baseline must come before the outcome; they are {baseline} and {outcome}.",
                baseline=baseline,
                outcome=outcome,
            )
        )
    periods = [outcome] if baseline is None else [baseline, outcome]
    for each in periods:
        require_period(each, wide.columns)
    values = wide[periods].dropna()
    changes = values[outcome] if baseline is None else values[outcome] - values[baseline]
    level = np.abs(values.to_numpy()).max(initial=0.0)
    return changes, _BINARY * float(level)


def _require_two_sides(chosen: NDArray[np.bool_], baseline: int | None, outcome: int) -> None:
    periods = str(outcome) if baseline is None else f"{baseline}, {outcome}"
    if not chosen.any():
        raise WorkbookError(
            msg("No treated unit has values in all of: {periods}.", periods=periods)
        )
    if chosen.all():
        raise WorkbookError(
            msg(
                "There is nothing to compare with: no other unit has values in all of: "
                "{periods}. Where every unit is treated, a change can be described, not tested.",
                periods=periods,
            )
        )


def _differences(
    changes: Floats, chosen: NDArray[np.bool_], noise: float, *, limit: int, draws: int, seed: int
) -> _Reference:
    """Difference of means under each assignment; the actual one comes first if they are drawn."""
    n, n_treated = len(changes), int(chosen.sum())
    centred = changes - changes.mean()
    member = chosen.astype("int64")
    exact = comb(n, n_treated) <= limit
    if exact:
        sums, overlap = _enumerate(centred, member, n_treated)
    else:
        sums, overlap = _draw(centred, member, n_treated, draws, seed)
    scale = n / (n_treated * (n - n_treated))
    noise += _RELATIVE * float(np.abs(centred).max())
    shares = (overlap.astype("float64") - n_treated * n_treated / n) * scale
    return _Reference(sums * scale, shares, exact, noise * scale)


def _enumerate(values: Floats, member: Integers, size: int) -> tuple[Floats, Integers]:
    """Sum of the values, and members met, of every group of this size: shapes (groups,)."""
    last = np.arange(len(values) - size + 1)
    sums, overlap = values[last], member[last]
    for place in range(1, size):
        room = len(values) - size + place - last
        row = np.repeat(np.arange(len(last)), room)
        step = np.arange(len(row)) - np.repeat(np.cumsum(room) - room, room)
        last = last[row] + 1 + step
        sums, overlap = sums[row] + values[last], overlap[row] + member[last]
    return sums, overlap


def _draw(
    values: Floats, member: Integers, size: int, draws: int, seed: int
) -> tuple[Floats, Integers]:
    """Sum, and members met, of the actual group and of so many drawn: shapes (1 + draws,)."""
    groups = [np.flatnonzero(member)[None, :], *_groups(len(values), size, draws, seed)]
    sums = np.concatenate([values[group].sum(axis=1) for group in groups])
    return sums, np.concatenate([member[group].sum(axis=1) for group in groups])


def _groups(n: int, size: int, draws: int, seed: int) -> Iterator[Integers]:
    """Draw groups of this size among n, without replacement, some rows at a time."""
    random = np.random.default_rng(seed)
    at_once = max(1, _CELLS // n)
    for start in range(0, draws, at_once):
        keys = random.random((min(at_once, draws - start), n))
        yield np.argpartition(keys, size - 1, axis=1)[:, :size]


def _placed(
    changes: Floats,
    chosen: NDArray[np.bool_],
    found: _Reference,
    alternative: Alternative,
    left_out: tuple[Hashable, ...],
) -> RandomisationTest:
    """Place the actual difference among all."""
    n, n_treated = len(changes), int(chosen.sum())
    estimate = float(changes[chosen].mean() - changes[~chosen].mean())
    n_assignments = len(found.differences)
    scores = {"two-sided": np.abs, "greater": np.positive, "less": np.negative}[alternative]
    extremes = scores(found.differences)
    n_at_least = int((extremes >= scores(estimate) - found.noise).sum())
    p_value = n_at_least / n_assignments
    p_min = float((extremes >= extremes.max() - found.noise).mean())
    low, high = _interval(estimate, found)
    reason = None
    if np.ptp(changes) * n / (n_treated * (n - n_treated)) <= found.noise:
        reason = msg("no variation: all units changed alike")
        p_value = p_min = low = high = np.nan
    elif np.isnan(low):
        reason = msg("too few assignments for an interval: no effect could be rejected")
    se = 0.0 if found.exact else float(np.sqrt(p_value * (1 - p_value) / (n_assignments - 1)))
    return RandomisationTest(
        estimate, p_value, p_min, n_assignments, n_at_least, found.exact, se, low, high,
        n_treated, n, left_out, reason,
    )  # fmt: skip


def _interval(estimate: float, found: _Reference) -> tuple[float, float]:
    """Constant effects not rejected by the two-sided test.

    Taking an effect t from the treated leaves an assignment with D - t c: D its difference, c
    its share in the effect (1 for the actual one). It is as extreme as the actual one,
    |D - t c| >= |D0 - t|, for t between (D - D0) / (c - 1) and (D + D0) / (c + 1), and D0 lies
    between them: so p falls on both sides of D0, and the effects not rejected are one interval.
    """
    always = np.isclose(np.abs(found.shares), 1.0, rtol=0, atol=_RELATIVE)
    values, shares = found.differences[~always], found.shares[~always]
    ends = np.sort([(values - estimate) / (shares - 1), (values + estimate) / (shares + 1)], axis=0)
    needed = (
        int(np.floor((1 - CONFIDENCE) * len(found.differences) + _RELATIVE)) + 1 - int(always.sum())
    )
    if needed < 1:
        return np.nan, np.nan
    lows, highs = np.sort(ends[0]), np.sort(ends[1])
    return float(lows[needed - 1]), float(highs[-needed])
