"""Difference in differences among those interviewed twice, or in two separate samples.

The difference is a coefficient of a regression whose errors are clustered (`cluster`): a change
on treatment, or a value on treatment, wave and both.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icanalysis.aggregate import require_columns
from icanalysis.cluster import fit_arrays
from icanalysis.errors import WorkbookError
from icanalysis.language import Message, msg
from icanalysis.sampling import Floats, Integers

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Effect:
    """A difference in differences, or one arm's change, and what it is made of.

    Attributes
    ----------
    estimate, se, df, low, high, p : float
        In the unit of the value; CR2, 95%, two-sided p of no effect. Where nothing varies, df,
        low, high and p are missing, and `reason` says so.
    n : int
        Units used, if units were followed; else rows.
    n_clusters, n_treated_clusters : int
        Clusters used; those of them with treated rows.
    treated_baseline, treated_outcome, comparison_baseline, comparison_outcome : float
        Weighted means of the rows used; missing for an arm that is not there.
    left_out : int
        Units, or rows, of the two waves that lack what the comparison reads: a unit not met in
        both, or without its value or a covariate.
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    n: int
    n_clusters: int
    n_treated_clusters: int
    treated_baseline: float
    treated_outcome: float
    comparison_baseline: float
    comparison_outcome: float
    left_out: int
    reason: Message | None = None


@dataclass(frozen=True)
class _Sample:
    """Rows used: values of each at baseline and outcome, one of them missing unless paired."""

    rows: pd.DataFrame  # what does not change: one row per unit, or per row
    before: Floats
    after: Floats
    left_out: int

    def weights(self, name: str | None) -> Floats:
        """Weight of each row."""
        return np.ones(len(self.rows)) if name is None else self.rows[name].to_numpy("float64")


def did(
    frame: pd.DataFrame,
    value: str,
    *,
    treated: str = "treated",
    period: str = "wave",
    baseline: Hashable,
    outcome: Hashable,
    unit: str | None = "producer_id",
    cluster: str,
    stratum: str | None = None,
    weight: str | None = None,
    covariates: Sequence[str] = (),
) -> Effect:
    """Compare the change of the treated with that of the others.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and wave. Rows of other waves are not read.
    value, treated, period : str
        Columns of the outcome (numbers, or yes/no), of treatment (yes/no) and of the wave.
    baseline, outcome : hashable
        The two waves, as they stand in `period`.
    unit : str or None
        Column of who is followed: the change of each unit met in both waves is regressed on
        treatment, stratum and covariates, all as at baseline. None: two samples of different
        units, the value regressed on treatment, wave, their product, stratum and covariates.
    cluster, stratum, weight : str
        Columns of the cluster (community), the stratum (a dummy each), the sampling weight.
    covariates : sequence of str
        Numbers, yes/no, or text (a dummy each value but the first).

    Raises
    ------
    WorkbookError
        If a column is unknown or holds what it cannot, a unit has two rows of one wave or
        changes sides, a wave or an arm is absent, an arm is of a single cluster, or what is
        asked follows from stratum or covariates.
    """
    names = [name for name in (cluster, stratum, weight) if name is not None]
    _require(frame, [value, period, treated, *names, *covariates], unit)
    kept = [treated, *dict.fromkeys([*names, *covariates])]
    sample = _sample(frame, value, period, (baseline, outcome), unit, kept, names, treated)
    arm = _yes_no(sample.rows[treated])
    clusters, _ = pd.factorize(sample.rows[cluster])
    _require_arms(arm, clusters, sample)
    columns: dict[str, Floats] = {"treated": arm.astype("float64")}
    target = "treated"
    if unit is None:
        post = np.isnan(sample.before) * 1.0
        target = "treated:post"
        columns |= {"post": post, target: arm * post}
    for name in dict.fromkeys([*([stratum] if stratum else []), *covariates]):
        columns |= _dummies(sample.rows[name], text=name == stratum)
    return _effect(sample, columns, target, arm, clusters, sample.weights(weight), unit)


def before_after(
    frame: pd.DataFrame,
    value: str,
    *,
    period: str = "wave",
    baseline: Hashable,
    outcome: Hashable,
    unit: str | None = "producer_id",
    cluster: str,
    weight: str | None = None,
) -> Effect:
    """Tell the mean change of all rows given, compared with nobody; as `did`.

    What changed, not what anybody did: with no comparison it is no estimate of an effect.
    """
    names = [name for name in (cluster, weight) if name is not None]
    _require(frame, [value, period, *names], unit)
    sample = _sample(frame, value, period, (baseline, outcome), unit, names, names, None)
    clusters, _ = pd.factorize(sample.rows[cluster])
    arm = np.ones(len(clusters), dtype=bool)
    columns: dict[str, Floats] = {}
    target = "change"
    if unit is None:
        target = "post"
        columns = {target: np.isnan(sample.before) * 1.0}
    return _effect(sample, columns, target, arm, clusters, sample.weights(weight), unit)


def _effect(
    sample: _Sample,
    columns: dict[str, Floats],
    target: str,
    arm: Bools,
    clusters: Integers,
    weights: Floats,
    unit: str | None,
) -> Effect:
    """Fit, and gather what is told."""
    y = np.where(np.isnan(sample.before), sample.after, sample.before)
    if unit is not None:
        y = sample.after - sample.before
    first = "change" if target == "change" else "Intercept"
    columns = {first: np.ones(len(y)), **columns}
    x = np.column_stack(list(columns.values()))
    found = fit_arrays(y, x, clusters, weights, list(columns))
    told = found.coefficient(target)
    reason = None
    if np.isnan(told.df):
        reason = msg("no variation: the value changes alike in every cluster")
    elif np.isnan(told.p):
        raise WorkbookError(
            msg(
                "What is compared hangs on a single cluster: without it nothing could be "
                "compared, and its own variation cannot be told. Join strata, or describe the "
                "figures without a test."
            )
        )
    return Effect(
        *(told.estimate, told.se, told.df, told.low, told.high, told.p),
        n=found.n,
        n_clusters=found.n_clusters,
        n_treated_clusters=len(np.unique(clusters[arm])),
        treated_baseline=_mean(sample.before, weights, arm),
        treated_outcome=_mean(sample.after, weights, arm),
        comparison_baseline=_mean(sample.before, weights, ~arm),
        comparison_outcome=_mean(sample.after, weights, ~arm),
        left_out=sample.left_out,
        reason=reason,
    )


def _mean(values: Floats, weights: Floats, side: Bools) -> float:
    used = side & ~np.isnan(values)
    return float(np.average(values[used], weights=weights[used])) if used.any() else np.nan


def _require(frame: pd.DataFrame, columns: Sequence[str], unit: str | None) -> None:
    """Refuse unknown columns, and a value that is no number."""
    require_columns(list(map(str, frame.columns)), [*columns, *([unit] if unit else [])])
    if not _is_number(frame[columns[0]]):
        raise WorkbookError(msg("Column {column} must hold numbers.", column=columns[0]))


def _sample(
    frame: pd.DataFrame,
    value: str,
    period: str,
    waves: tuple[Hashable, Hashable],
    unit: str | None,
    kept: Sequence[str],
    whole: Sequence[str],
    treated: str | None,
) -> _Sample:
    """Take the rows of two waves, and lay a unit's side by side."""
    # Only what is read: a survey's frame is wide, and taking rows of all of it is what takes time.
    names = dict.fromkeys([value, period, *kept, *whole, *([unit] if unit else [])])
    frame = frame[list(names)]
    parts = [frame[(frame[period] == wave).to_numpy(dtype=bool, na_value=False)] for wave in waves]
    absent = [str(wave) for wave, part in zip(waves, parts, strict=True) if part.empty]
    if absent or waves[0] == waves[1]:
        raise WorkbookError(
            msg(
                "A change needs two waves, baseline and outcome; there is none for: {waves}.",
                waves=", ".join(absent) or str(waves[0]),
            )
        )
    for part in parts:
        _require_whole(part, [*whole, *([treated] if treated else [])])
    if unit is None:
        return _separate(parts, value, kept)
    return _paired(parts, value, unit, kept, treated)


def _require_whole(part: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse rows that do not say where they belong."""
    lacking = [name for name in names if part[name].isna().any()]
    if lacking:
        raise WorkbookError(
            msg("Some rows lack {columns}: complete them.", columns=", ".join(lacking))
        )


def _separate(parts: list[pd.DataFrame], value: str, kept: Sequence[str]) -> _Sample:
    values = [part[value].to_numpy(dtype="float64", na_value=np.nan) for part in parts]
    lost = [np.full(len(each), np.nan) for each in values]
    rows = pd.concat([part[list(kept)] for part in parts], ignore_index=True)
    before = np.concatenate([values[0], lost[1]])
    after = np.concatenate([lost[0], values[1]])
    told = ~(np.isnan(before) & np.isnan(after)) & rows.notna().all(axis=1).to_numpy()
    used = _Sample(rows[told], before[told], after[told], int((~told).sum()))
    if np.isnan(used.before).all() or np.isnan(used.after).all():
        raise _nobody()
    return used


def _paired(
    parts: list[pd.DataFrame], value: str, unit: str, kept: Sequence[str], treated: str | None
) -> _Sample:
    first, last = (part.set_index(unit, drop=False) for part in parts)
    for part in (first, last):
        if part.index.hasnans or not part.index.is_unique:
            places = ", ".join(map(str, part.index[part.index.duplicated()].unique()[:10]))
            raise WorkbookError(
                msg(
                    "A unit must have one row per period, and rows a unit; there are more at: "
                    "{places}. Keep one of them, or say unit=None if nobody was followed.",
                    places=places,
                )
            )
    place = last.index.get_indexer(first.index)
    met = place >= 0
    n_units = len(first) + len(last) - int(met.sum())
    rows, place = first[list(kept)][met], place[met]
    if treated is not None:
        moved = (rows[treated].to_numpy() != last[treated].to_numpy()[place]).astype(bool)
        if moved.any():
            raise WorkbookError(
                msg(
                    "Units must be on the same side in both waves; these are not: {units}.",
                    units=", ".join(map(str, rows.index[moved][:10])),
                )
            )
    before = first[value].to_numpy(dtype="float64", na_value=np.nan)[met]
    after = last[value].to_numpy(dtype="float64", na_value=np.nan)[place]
    told = ~np.isnan(after - before) & rows.notna().all(axis=1).to_numpy()
    if not told.any():
        raise _nobody()
    return _Sample(rows[told], before[told], after[told], n_units - int(told.sum()))


def _nobody() -> WorkbookError:
    return WorkbookError(msg("Nobody has the value in both waves: there is no change to tell."))


def _yes_no(column: pd.Series) -> Bools:
    """Read a yes/no column."""
    if not (_is_number(column) and column.isin([0, 1]).all()):
        raise WorkbookError(msg("Column {column} must hold yes or no.", column=column.name))
    return column.to_numpy(dtype=bool)


def _is_number(column: pd.Series) -> bool:
    types = pd.api.types
    return bool(types.is_numeric_dtype(column) or types.is_bool_dtype(column))


def _require_arms(arm: Bools, clusters: Integers, sample: _Sample) -> None:
    """Refuse where a side is absent in a wave, or is one cluster."""
    if arm.all() or not arm.any():
        raise WorkbookError(
            msg(
                "All rows are on one side: there is nothing to compare with. The change alone is "
                "told by before_after."
            )
        )
    for side in (arm, ~arm):
        if np.isnan(sample.before[side]).all() or np.isnan(sample.after[side]).all():
            raise WorkbookError(
                msg("One side was not met in one of the waves: there is no change to compare.")
            )
        if len(np.unique(clusters[side])) == 1:
            raise WorkbookError(
                msg(
                    "One side is a single cluster: nothing tells how its clusters vary, and a "
                    "standard error would be that of the other side. Describe the figures without "
                    "a test."
                )
            )


def _dummies(column: pd.Series, *, text: bool) -> dict[str, Floats]:
    """Columns of a covariate: itself if a number, else a dummy each value but the first."""
    if _is_number(column) and not text:
        return {str(column.name): column.to_numpy(dtype="float64")}
    codes, names = pd.factorize(column, sort=True)
    values = list(enumerate(names))[1:]
    return {f"{column.name}[{name}]": (codes == code) * 1.0 for code, name in values}
