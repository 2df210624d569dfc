"""What a survey says: levels with their precision, and every change and contrast of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse, special, stats

from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.measures import CONFIDENCE, Linearised, Measure, Tally
from icanalysis.sampling import Floats, Integers

# Coefficients of variation up to which a figure may be used freely, and with caution: the
# cut-offs of Statistics Canada for releasing survey estimates.
PRECISION = {"good": 0.165, "caution": 0.333}


@dataclass(frozen=True)
class Contrast:
    """Linear combinations of estimates, one a row of `table`.

    `table` has estimate (or change), se, low, high (95%, Student's t), p (two-sided, of no
    difference) and df, in the unit of the estimates combined.
    """

    table: pd.DataFrame


@dataclass(frozen=True)
class Estimates:
    """What `estimate` found.

    Attributes
    ----------
    table : DataFrame
        One row per indicator and domain: `indicator`, the columns of `by`, `estimate`, `se`,
        `low`, `high` (95%), `cv` (se / |estimate|), `n` (rows that count), `n_psu` (PSUs with
        such rows), `df` and `precision`: good, caution or unreliable by the CV; undetermined
        where there is no CV or no spread in the sample. With household weights on rates of
        persons also `person_estimate`.
    """

    table: pd.DataFrame
    by: tuple[str, ...]
    _tally: Tally
    _values: sparse.csr_array

    def change(self, column: str, first: Hashable, last: Hashable) -> Contrast:
        """Change of every indicator between two values of one column of `by`.

        The covariance is that of all rows as one sample, PSUs met in both periods being the
        same: years of one survey share most of theirs.

        Returns
        -------
        Contrast
            `table` has indicator, the other columns of `by`, `first` and `last` (the two
            levels), change (last - first), se, low, high, p, df; missing where a domain lacks
            either.

        Raises
        ------
        WorkbookError
            If `column` is not one of `by`, or has no such value.
        """
        if column not in self.by:
            known = ", ".join(self.by)
            raise WorkbookError(
                msg("“{column}” is not among the columns of by: {by}.", column=column, by=known)
            )
        found = sorted(set(self.table[column]))
        for value in (first, last):
            if value not in found:
                trouble = msg(
                    "“{column}” has no value {value}; it has: {values}.",
                    column=column,
                    value=value,
                    values=", ".join(map(str, found)),
                )
                raise WorkbookError(trouble)
        keys = ["indicator", *(name for name in self.by if name != column)]
        place = self.table.assign(_place=range(len(self.table)))
        pairs = place[place[column] == first].merge(
            place[place[column] == last], on=keys, how="outer", suffixes=("_first", "_last")
        )
        # In the order of the levels, whichever end is missing.
        order = pairs["_place_first"].fillna(pairs["_place_last"]).argsort()
        pairs = pairs.iloc[order].reset_index(drop=True)
        both = pairs[["_place_first", "_place_last"]].notna().all(axis=1).to_numpy()
        weights = np.zeros((len(self.table), len(pairs)))
        for sign, end in ((-1, "_place_first"), (1, "_place_last")):
            weights[pairs[end][both].astype("int64"), np.flatnonzero(both)] = sign
        table = pairs[keys].assign(first=pairs["estimate_first"], last=pairs["estimate_last"])
        combined = self._combine(weights).rename(columns={"estimate": "change"})
        combined.loc[~both, ["change", "se", "low", "high", "p"]] = np.nan
        return Contrast(pd.concat([table, combined], axis=1))

    def contrast(
        self, combinations: Mapping[str, Mapping[tuple[Hashable, ...], float]]
    ) -> Contrast:
        """Linear combinations of estimates, such as a difference in differences.

        Parameters
        ----------
        combinations : mapping
            By name: the coefficient of each estimate, keyed by (indicator, *values of by).

        Raises
        ------
        WorkbookError
            If a key is not that of an estimate.
        """
        places = {key: place for place, key in enumerate(self._keys())}
        unknown = [key for each in combinations.values() for key in each if key not in places]
        if unknown:
            raise WorkbookError(
                msg(
                    "There is no estimate for: {keys}. A key is (indicator, {by}).",
                    keys="; ".join(map(str, unknown)),
                    by=", ".join(self.by),
                )
            )
        weights = np.zeros((len(self.table), len(combinations)))
        for column, each in enumerate(combinations.values()):
            for key, coefficient in each.items():
                weights[places[key], column] = coefficient
        table = self._combine(weights)
        table.insert(0, "contrast", list(combinations))
        return Contrast(table)

    def covariance(self) -> pd.DataFrame:
        """Covariance of all estimates, all rows being one sample.

        With a `period` in the design a level's own variance is that of its period alone, and may
        differ a little from the diagonal here.

        Returns
        -------
        DataFrame, shape (estimates, estimates)
            Both axes keyed by (indicator, *values of by).
        """
        index = pd.MultiIndex.from_tuples(self._keys(), names=["indicator", *self.by])
        found = self._tally.sample.covariance(self._values)
        return pd.DataFrame(found, index=index, columns=index)

    def _keys(self) -> list[tuple[Hashable, ...]]:
        return list(self.table[["indicator", *self.by]].itertuples(index=False, name=None))

    def _combine(self, weights: Floats) -> pd.DataFrame:
        """Combine estimates: weights of shape (estimates, combinations)."""
        used = np.flatnonzero((weights != 0).any(axis=1))
        part = weights[used]
        # One estimate without a value, or without an error, is no reason for the others to lack theirs.
        values = self._values[:, used].copy()
        unsure = np.isnan(np.asarray(values.sum(axis=0)))
        values.data[np.isnan(values.data)] = 0
        covariance = self._tally.sample.covariance(values)
        levels = self.table["estimate"].to_numpy()[used]
        lacking = ((part != 0) & np.isnan(levels)[:, None]).any(axis=0)
        estimate = np.where(lacking, np.nan, part.T @ np.nan_to_num(levels))
        se = np.sqrt(np.maximum(np.einsum("ij,ik,kj->j", part, covariance, part), 0))
        se = np.where(lacking | ((part != 0) & unsure[:, None]).any(axis=0), np.nan, se)
        df = self._tally.sample.pooled.df
        reach = stats.t.ppf((1 + CONFIDENCE) / 2, df) * se
        with np.errstate(divide="ignore", invalid="ignore"):
            p = np.where(se > 0, 2 * stats.t.sf(np.abs(estimate / se), df), np.nan)
        columns = {"estimate": estimate, "se": se, "low": estimate - reach}
        return pd.DataFrame(columns | {"high": estimate + reach, "p": p, "df": df})


def levels(
    measures: Mapping[str, Measure],
    found: Mapping[str, Linearised],
    values: sparse.csr_array,
    tally: Tally,
) -> pd.DataFrame:
    """Rows of `Estimates.table`: each measure in turn, in every domain.

    Parameters
    ----------
    values : sparse, shape (PSUs, estimates)
        Linearised values of all measures, side by side.
    """
    errors = np.sqrt(tally.sample.variances(values, tally.periods * len(found)))
    parts = [
        _levels_of(measures[name], each, se, tally)
        for (name, each), se in zip(found.items(), np.split(errors, len(found)), strict=True)
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    columns["precision"] = _precision(columns["cv"], columns["n_psu"])
    table = pd.concat([tally.domains] * len(parts), ignore_index=True)
    table.insert(0, "indicator", [name for name in found for _ in range(len(tally.domains))])
    return pd.concat([table, pd.DataFrame(columns)], axis=1)


def _levels_of(
    measure: Measure, found: Linearised, se: Floats, tally: Tally
) -> dict[str, NDArray[np.generic]]:
    se = np.where(np.isnan(found.estimate), np.nan, se)
    low, high = _interval(found, se, tally.t, logit=measure.logit)
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = np.where(found.estimate != 0, se / np.abs(found.estimate), np.nan)
    columns = {"estimate": found.estimate, "se": se, "low": low, "high": high, "cv": cv}
    return columns | {"n": found.n, "n_psu": found.n_psu, "df": tally.df}


def _interval(found: Linearised, se: Floats, t: Floats, *, logit: bool) -> tuple[Floats, Floats]:
    if found.low is not None and found.high is not None:
        return found.low, found.high
    if not logit:
        return found.estimate - t * se, found.estimate + t * se
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = special.logit(found.estimate)
        reach = t * se / (found.estimate * (1 - found.estimate))
        return special.expit(odds - reach), special.expit(odds + reach)


def _precision(cv: Floats, n_psu: Integers) -> NDArray[np.str_]:
    """Word how precise a figure is, by its coefficient of variation."""
    flag = np.select([cv <= limit for limit in PRECISION.values()], list(PRECISION), "unreliable")
    return np.where(np.isnan(cv) | (cv == 0) | (n_psu < 2), "undetermined", flag)
