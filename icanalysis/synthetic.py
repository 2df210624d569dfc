"""One region against a mixture of others that went the same way before.

The synthetic control of Abadie and Gardeazabal (2003): weights, none negative and summing to
one, for the other regions. How unusual the gap after is, placebos tell: the same done for each
of the others, as if it had been the one.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from icanalysis.errors import WorkbookError
from icanalysis.language import Message, msg
from icanalysis.panel import known_units, require_period, units_by_period
from icanalysis.sampling import Floats

# Gaps smaller than this, relative to the outcome, are binary noise.
_NOISE = 1e-9


@dataclass(frozen=True)
class SyntheticControl:
    """A unit and the mixture of others that stands for it.

    Attributes
    ----------
    weights : Series
        By donor, in their order; they sum to one.
    path : DataFrame
        Index period; columns actual, synthetic, gap (actual less synthetic).
    pre_rmspe, post_rmspe : float
        Root mean square of the gap up to `last_before`, and after, in the unit of the values.
    ratio : float
        `post_rmspe / pre_rmspe`: infinite where the fit before is perfect, missing where there
        is no gap after either.
    effect : float
        Mean gap after.
    importance : Series, optional
        By predictor, summing to one; of the predictors each divided by its standard deviation.
    left_out : tuple
        Donors that lack a period or a predictor.
    """

    weights: pd.Series
    path: pd.DataFrame
    pre_rmspe: float
    post_rmspe: float
    ratio: float
    effect: float
    importance: pd.Series | None
    left_out: tuple[Hashable, ...]


@dataclass(frozen=True)
class Placebos:
    """The treated unit among all of them, each taken as if it had been the treated one.

    Attributes
    ----------
    table : DataFrame
        One row per unit, the largest ratio first: unit, treated, pre_rmspe, post_rmspe, ratio,
        effect, rank (how many have at least this ratio).
    p_value : float
        Share of the units, the treated one counted, whose ratio is at least its own.
    p_min : float
        1 / units: that of an effect large enough.
    left_out : tuple
        Donors that lack a period or a predictor.
    reason : Message, optional
        Why p is missing.
    """

    table: pd.DataFrame
    p_value: float
    p_min: float
    left_out: tuple[Hashable, ...]
    reason: Message | None = None


@dataclass(frozen=True)
class _Study:
    """Units that lack nothing: outcomes by period and unit, and what is asked of them."""

    outcomes: pd.DataFrame
    predictors: pd.DataFrame | None
    before: pd.Index
    optimise: pd.Index
    left_out: tuple[Hashable, ...]


def synthetic_control(
    panel: pd.DataFrame,
    *,
    treated: str,
    last_before: int,
    donors: Sequence[str] | None = None,
    predictors: pd.DataFrame | None = None,
    optimise: Sequence[int] | None = None,
    unit: str = "region",
    period: str = "year",
    value: str = "value",
) -> SyntheticControl:
    """Weigh the donors so that they went as the treated unit did before.

    Parameters
    ----------
    panel : DataFrame
        One row per unit and period.
    treated : str
    last_before : int
        Last period before the programme could have changed anything.
    donors : sequence of str, optional
        Units to mix; without them all others. Leave out those the programme reached too.
    predictors : DataFrame, optional
        Index units, one column per predictor. Without them the weights are those of least
        squares on all periods before; with them, of least squares on the predictors, whose
        importance is chosen for the smallest squared gap in `optimise`.
    optimise : sequence of int, optional
        Periods for that; all before, without it.
    unit, period, value : str
        Columns.

    Returns
    -------
    SyntheticControl
        Abadie, Diamond and Hainmueller (2010), sections 2.3 and 2.4. Weights given importance
        are exact. Importance is sought from equal importance down to a nearby minimum
        (Nelder and Mead 1965, on logarithms) and no farther: deeper ones may exist that put
        all on one predictor. Where several mixtures fit equally well, which may be where donors
        outnumber periods or predictors, the weights are those of one of them.

    Raises
    ------
    WorkbookError
        As `panel.units_by_period`; and if a unit or period is unknown, the treated unit is its
        own donor or lacks a value, no period lies after, no donor is complete, or
        a predictor is missing, not finite or the same for all.
    """
    study = _prepare(
        units_by_period(panel, unit=unit, period=period, value=value),
        treated, last_before, donors, predictors, optimise,
    )  # fmt: skip
    return _control(study, treated)


def placebos(
    panel: pd.DataFrame,
    *,
    treated: str,
    last_before: int,
    donors: Sequence[str] | None = None,
    predictors: pd.DataFrame | None = None,
    optimise: Sequence[int] | None = None,
    unit: str = "region",
    period: str = "year",
    value: str = "value",
    treated_as_donor: bool = False,
) -> Placebos:
    """Make a synthetic control of each unit in turn; arguments as `synthetic_control`.

    Parameters
    ----------
    treated_as_donor : bool
        Whether the others may be mixed from the treated unit too. If so (Abadie, Diamond and
        Hainmueller 2010, section 3.4) all are handled alike, and p is exact if the treated one
        was chosen by lot; but they then carry its effect, and a large one can hide itself.

    Raises
    ------
    WorkbookError
        As `synthetic_control`; and if a single donor has nothing to be mixed from.
    """
    study = _prepare(
        units_by_period(panel, unit=unit, period=period, value=value),
        treated, last_before, donors, predictors, optimise,
    )  # fmt: skip
    if len(study.outcomes.columns) == 2 and not treated_as_donor:
        raise WorkbookError(msg("A single donor has no others to be mixed from: name more."))
    rows = []
    for name in map(str, study.outcomes):
        aside = () if treated_as_donor or name == treated else (treated,)
        found = _control(study, name, aside)
        rows.append(
            (name, name == treated, found.pre_rmspe, found.post_rmspe, found.ratio, found.effect)
        )
    columns = ["unit", "treated", "pre_rmspe", "post_rmspe", "ratio", "effect"]
    table = pd.DataFrame(rows, columns=columns)
    least = (1 - _NOISE) * table["ratio"].to_numpy()[:, None]
    at_least = (table["ratio"].to_numpy() >= least).sum(axis=1)
    table["rank"] = np.where(at_least > 0, at_least, np.nan)
    table = table.sort_values(["ratio", "unit"], ascending=[False, True], ignore_index=True)
    p_value = float(table.loc[table["treated"], "rank"].iloc[0] / len(table))
    reason = None
    if np.isnan(p_value):
        reason = msg("no variation: there is no gap before nor after")
    return Placebos(table, p_value, 1 / len(table), study.left_out, reason)


def _prepare(
    wide: pd.DataFrame,
    treated: str,
    last_before: int,
    donors: Sequence[str] | None,
    predictors: pd.DataFrame | None,
    optimise: Sequence[int] | None,
) -> _Study:
    """Keep the units that can be compared."""
    known_units([treated], wide.index)
    asked = [name for name in wide.index if name != treated] if donors is None else list(donors)
    if treated in known_units(asked, wide.index):
        raise WorkbookError(msg("{unit} cannot be a donor to itself.", unit=treated))
    before = _before(wide.columns, last_before)
    chosen = before if optimise is None or not len(optimise) else pd.Index(optimise)
    if not chosen.isin(before).all():
        outside = ", ".join(map(str, chosen[~chosen.isin(before)]))
        raise WorkbookError(msg("Not periods of the panel before: {outside}.", outside=outside))
    wide = wide.loc[[treated, *dict.fromkeys(asked)]]
    described = None if predictors is None else _described(predictors, wide.index)
    complete = wide.notna().all(axis=1)
    if described is not None:
        complete &= described.notna().all(axis=1)
    if not complete[treated]:
        raise _incomplete(treated, wide.columns[wide.loc[[treated]].isna().any(axis=0)])
    if complete.sum() < 2:
        raise WorkbookError(msg("No donor has values in all periods, and all predictors."))
    if described is not None:
        described = described[complete]
        _require_variation(described)
    left_out = tuple(wide.index[~complete])
    return _Study(wide[complete].T, described, before, chosen, left_out)


def _before(periods: pd.Index, last_before: int) -> pd.Index:
    require_period(last_before, periods)
    before = periods[periods <= last_before]
    if len(before) == len(periods):
        raise WorkbookError(
            msg("No period comes after {period}: there is no gap to look at.", period=last_before)
        )
    return before


def _incomplete(treated: str, missing: pd.Index) -> WorkbookError:
    if len(missing):
        periods = ", ".join(map(str, missing))
        return WorkbookError(
            msg(
                "{unit} has no value in: {periods}. Leave these periods out of the panel.",
                unit=treated,
                periods=periods,
            )
        )
    return WorkbookError(msg("{unit} lacks a predictor.", unit=treated))


def _described(predictors: pd.DataFrame, units: pd.Index) -> pd.DataFrame:
    """Return the predictors of these units, missing where a unit has none."""
    if predictors.empty or predictors.index.has_duplicates:
        raise WorkbookError(msg("Predictors must have one row per unit, and a column each."))
    numeric = predictors.dtypes.map(pd.api.types.is_numeric_dtype)
    wrong = [*predictors.columns[~numeric]]
    if not wrong:
        numbers = predictors.astype("float64")
        wrong = [*numbers.columns[np.isinf(numbers.to_numpy()).any(axis=0)]]
    if wrong:
        names = ", ".join(map(str, wrong))
        raise WorkbookError(msg("Predictors must be finite numbers: {names}.", names=names))
    return numbers.reindex(units)


def _require_variation(predictors: pd.DataFrame) -> None:
    level = predictors.abs().max()
    same = predictors.columns[predictors.max() - predictors.min() <= _NOISE * level]
    if len(same):
        names = ", ".join(map(str, same))
        raise WorkbookError(
            msg("Predictors that are the same for all units tell nothing: {names}.", names=names)
        )


def _control(study: _Study, target: str, aside: Sequence[str] = ()) -> SyntheticControl:
    """Make the synthetic control of one unit from all others but those left aside."""
    actual, others = study.outcomes[target], study.outcomes.drop(columns=[target, *aside])
    gaps = others.sub(actual, axis=0)
    importance = None
    if study.predictors is None:
        found = _mixture(gaps.loc[study.before].to_numpy())
    else:
        scaled = (study.predictors / study.predictors.std()).T
        distances = scaled[others.columns].sub(scaled[target], axis=0).to_numpy()
        chosen = _importance(distances, gaps.loc[study.optimise].to_numpy())
        found = _mixture(np.sqrt(chosen)[:, None] * distances)
        importance = pd.Series(chosen, study.predictors.columns)
    weights = pd.Series(found, others.columns)
    synthetic = others @ weights
    path = pd.DataFrame({"actual": actual, "synthetic": synthetic, "gap": actual - synthetic})
    is_before = path.index.isin(study.before)
    before, after = (_rms(path["gap"][part]) for part in (is_before, ~is_before))
    noise = _NOISE * float(np.abs(study.outcomes.to_numpy()).max())
    ratio = after / before if before > noise else np.inf if after > noise else np.nan
    effect = float(path["gap"][~is_before].mean())
    return SyntheticControl(weights, path, before, after, ratio, effect, importance, study.left_out)


def _rms(gap: pd.Series) -> float:
    return float(np.sqrt((gap**2).mean()))


def _mixture(distances: Floats) -> Floats:
    """Return the weights, summing to one, whose mixture of the columns is nearest to zero.

    Non-negative least squares with one more row, of ones that should give one: the sum s of its
    solution comes off, for at the best s the loss is |D w|² / (1 + |D w|²), least where |D w| is.
    """
    size = np.sqrt((distances**2).sum(axis=0)).max()
    rows = distances / size if size > 0 else distances
    ones = np.ones(rows.shape[1])
    found, _ = optimize.nnls(np.vstack([rows, ones]), np.append(np.zeros(len(rows)), 1.0))
    weights: Floats = found / found.sum()
    return weights


def _importance(distances: Floats, gaps: Floats) -> Floats:
    """Seek the importance of predictors that makes the gap small; it sums to one.

    Parameters
    ----------
    distances : ndarray, shape (predictors, donors)
        Of donors from the unit.
    gaps : ndarray, shape (periods, donors)
        Likewise, of outcomes.
    """
    gaps = gaps / (np.abs(gaps).max() or 1.0)

    def loss(logs: Floats) -> float:
        weights = _mixture(np.exp((logs - logs.max()) / 2)[:, None] * distances)
        return float(((gaps @ weights) ** 2).mean())

    start = np.zeros(len(distances))
    around = np.vstack([start, np.eye(len(start))])
    options = {"initial_simplex": around, "xatol": 1e-5, "fatol": 1e-14}
    logs = optimize.minimize(loss, start, method="Nelder-Mead", options=options).x
    importance: Floats = np.exp(logs - logs.max())
    importance /= importance.sum()
    return importance
