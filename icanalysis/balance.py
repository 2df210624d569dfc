"""Were the groups alike at baseline, who was lost since, and what that loss could hide.

Rows are persons at baseline. Means are weighted; standard errors and tests are clustered
(`cluster`), because communities, not persons, were chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from icanalysis.aggregate import require_columns
from icanalysis.arms import Flags, arms_of, numbers_of, spread_of, weights_of
from icanalysis.bounds import lee_bounds, shifted, worst_case
from icanalysis.cluster import Fit, JointTest, fit_arrays
from icanalysis.errors import WorkbookError
from icanalysis.language import Message, msg
from icanalysis.sampling import Floats, Integers

__all__ = ["Attrition", "Balance", "attrition", "balance", "lee_bounds", "shifted", "worst_case"]


@dataclass(frozen=True)
class Balance:
    """How the groups compare at baseline.

    Attributes
    ----------
    table : DataFrame
        One row per variable and, of those with words, `level` (share of the group it applies
        to): mean_treated, se_treated, mean_comparison, se_comparison, difference of the means,
        normalised_difference, p, n_treated, n_comparison. p is that of the difference within
        strata; it is missing where nothing varies or too few answered to tell.
    joint : JointTest
        All variables together: do they, within strata, foretell who is treated? Of the rows
        that have them all, `n_joint` of them.
    reason : Message or None
        Why there is no joint test, where its p is missing.
    """

    table: pd.DataFrame
    joint: JointTest
    n_joint: int
    reason: Message | None


@dataclass(frozen=True)
class Attrition:
    """Who was not found again.

    Attributes
    ----------
    table : DataFrame
        `variable` and `group` (both "" for all): n_treated and n_comparison at baseline,
        followed_treated, followed_comparison, lost_treated and lost_comparison (shares from 0 to
        1, weighted), difference, p. Missing where an arm has nobody in the group; p also where
        nobody or everybody was lost.
    """

    table: pd.DataFrame


def balance(
    frame: pd.DataFrame,
    variables: Sequence[str],
    *,
    treated: str,
    cluster: str,
    stratum: str | None = None,
    weight: str | None = None,
) -> Balance:
    """Compare the groups at baseline, variable by variable and jointly.

    Parameters
    ----------
    frame : DataFrame
        One row per person at baseline. Who lacks a variable is left out of its row.
    variables : sequence of str
        Numbers, yes/no, or words: these count by the share of each of them.
    treated : str
        Yes/no column of the group.
    cluster, stratum, weight : str
        Columns of the design.

    Notes
    -----
    The normalised difference is (m1 - m0) / sqrt((s1² + s0²) / 2), Imbens and Rubin (2015),
    Causal Inference, section 14.2: it does not grow with the sample, as t does.

    Raises
    ------
    WorkbookError
        If a column is unknown, there is no comparison, or strata have one group each.
    """
    design = _opened(frame, [*variables], treated, cluster, stratum, weight)
    columns = list(_columns(frame, variables))
    rows = []
    for name, level, values in columns:
        means = [_mean(values, design, arm) for arm in (True, False)]
        told = [values[design.arm(arm) & ~np.isnan(values)] for arm in (True, False)]
        weights = [design.weight[design.arm(arm) & ~np.isnan(values)] for arm in (True, False)]
        spread = [spread_of(*pair) for pair in zip(told, weights, strict=True)]
        scale = float(np.sqrt((spread[0] ** 2 + spread[1] ** 2) / 2))
        difference = means[0][0] - means[1][0]
        rows.append(
            {
                "variable": name,
                "level": level,
                "mean_treated": means[0][0],
                "se_treated": means[0][1],
                "mean_comparison": means[1][0],
                "se_comparison": means[1][1],
                "difference": difference,
                "normalised_difference": difference / scale if scale > 0 else np.nan,
                "p": _p(values, design),
                "n_treated": len(told[0]),
                "n_comparison": len(told[1]),
            }
        )
    joint, n_joint, reason = _joint(columns, design)
    return Balance(pd.DataFrame(rows), joint, n_joint, reason)


def attrition(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    treated: str,
    baseline: object,
    outcome: object,
    cluster: str,
    by: Sequence[str] = (),
    weight: str | None = None,
) -> Attrition:
    """Count who was not found again, by arm and by what they were at baseline.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period, each unit once in each.
    baseline, outcome : object
        The two periods.
    by : sequence of str
        Columns whose values at baseline make groups; who lacks one is in none of its groups.

    Raises
    ------
    WorkbookError
        If a column or a period is unknown, a unit is twice in one, or there is no comparison.
    """
    require_columns(list(map(str, frame.columns)), [unit, period])
    if frame.duplicated([unit, period]).any():
        twice = frame.loc[frame.duplicated([unit, period]), unit].iloc[0]
        raise WorkbookError(msg("{unit} is twice in one period: keep one row.", unit=str(twice)))
    for asked in (baseline, outcome):
        if not (frame[period] == asked).any():
            raise WorkbookError(
                msg(
                    "Nobody was interviewed in period {period}, so it cannot be told who was lost.",
                    period=str(asked),
                )
            )
    first = frame[frame[period] == baseline].reset_index(drop=True)
    found = first[unit].isin(frame.loc[frame[period] == outcome, unit]).to_numpy()
    design = _opened(first, by, treated, cluster, None, weight)
    groups: list[tuple[str, str, Flags]] = [("", "", np.ones(len(first), dtype="bool"))]
    for name in by:
        groups += [
            (name, str(level), (first[name] == level).to_numpy(dtype="bool", na_value=False))
            for level in sorted(first[name].dropna().unique())
        ]
    return Attrition(pd.DataFrame([_loss(*group, found, design) for group in groups]))


def _loss(
    variable: str, group: str, inside: Flags, found: Flags, design: _Design
) -> dict[str, object]:
    lost = np.where(inside, (~found).astype("float64"), np.nan)
    arms = {"treated": True, "comparison": False}
    counts = {name: inside & design.arm(arm) for name, arm in arms.items()}
    shares = {name: _mean(lost, design, arm)[0] for name, arm in arms.items()}
    return {
        "variable": variable,
        "group": group,
        **{f"n_{name}": int(rows.sum()) for name, rows in counts.items()},
        **{f"followed_{name}": int((rows & found).sum()) for name, rows in counts.items()},
        **{f"lost_{name}": share for name, share in shares.items()},
        "difference": shares["treated"] - shares["comparison"],
        "p": _p(lost, design),
    }


# --- arms -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Design:
    """The columns of the design as arrays, clusters and strata by number."""

    treated: Flags
    cluster: Integers
    stratum: Integers
    weight: Floats

    def arm(self, treated: bool) -> Flags:
        return np.asarray(self.treated == treated)


def _opened(
    frame: pd.DataFrame,
    variables: Sequence[str],
    treated: str,
    cluster: str,
    stratum: str | None,
    weight: str | None,
) -> _Design:
    named = [*variables, cluster, *([stratum] if stratum else [])]
    require_columns(list(map(str, frame.columns)), named)
    for name in (cluster, *([stratum] if stratum else [])):
        if frame[name].isna().any():
            raise WorkbookError(msg("Some rows lack {column}: complete them.", column=name))
    arms = arms_of(frame, treated)
    if stratum and frame[stratum].groupby(arms).nunique().sum() == frame[stratum].nunique():
        raise WorkbookError(
            msg("No stratum has both groups, so nobody is compared within one: leave strata out.")
        )
    strata = pd.factorize(frame[stratum])[0] if stratum else np.zeros(len(frame), dtype="int64")
    return _Design(arms, pd.factorize(frame[cluster])[0], strata, weights_of(frame, weight))


def _columns(frame: pd.DataFrame, variables: Sequence[str]) -> Iterator[tuple[str, str, Floats]]:
    """Yield each variable as numbers; of words, the share of each level, in order."""
    for name in variables:
        if pd.api.types.is_numeric_dtype(frame[name]):
            yield name, "", numbers_of(frame, name)
            continue
        for level in sorted(frame[name].dropna().unique()):
            is_level = (frame[name] == level).astype("float64").to_numpy(na_value=np.nan)
            yield name, str(level), np.where(frame[name].isna(), np.nan, is_level)


# --- means and tests ------------------------------------------------------------------------


def _mean(values: Floats, design: _Design, arm: bool) -> tuple[float, float]:
    """Weighted mean of an arm and its standard error; missing where nothing tells them."""
    kept = design.arm(arm) & ~np.isnan(values)
    if not kept.any():
        return float("nan"), float("nan")
    mean = float(np.average(values[kept], weights=design.weight[kept]))
    found = _fit(values, {}, replace(design, stratum=0 * design.stratum), kept)
    return mean, found.coefficient("mean").se if found else float("nan")


def _p(values: Floats, design: _Design) -> float:
    """P-value of the difference within strata."""
    arms = {"treated": design.treated.astype("float64")}
    found = _fit(values, arms, design, ~np.isnan(values))
    return found.coefficient("treated").p if found else float("nan")


def _fit(values: Floats, columns: dict[str, Floats], design: _Design, kept: Flags) -> Fit | None:
    """Regress on columns and strata in the rows kept; None if these cannot tell."""
    if not kept.any():
        return None
    strata = design.stratum[kept]
    others = [strata == number for number in np.unique(strata)[1:]]
    told = [np.ones(kept.sum()), *(column[kept] for column in columns.values()), *others]
    names = ["mean", *columns, *(f"stratum {number}" for number in range(len(others)))]
    clusters = np.unique(design.cluster[kept], return_inverse=True)[1]
    try:
        return fit_arrays(values[kept], np.column_stack(told), clusters, design.weight[kept], names)
    except WorkbookError:  # one cluster, too few rows, or columns that follow from others
        return None


def _joint(
    columns: list[tuple[str, str, Floats]], design: _Design
) -> tuple[JointTest, int, Message | None]:
    """Test all variables together, in the regression of who is treated on them and strata."""
    levels = pd.Series([name for name, _, _ in columns])
    last = ~levels.duplicated(keep="last") & levels.duplicated(keep=False)
    chosen = [values for (_, _, values), spare in zip(columns, last, strict=True) if not spare]
    kept: Flags = np.asarray(~np.isnan(np.column_stack(chosen)).any(axis=1))
    chosen = [values for values in chosen if kept.any() and np.ptp(values[kept]) > 0]
    names = [f"x{number}" for number in range(len(chosen))]
    n_clusters = len(np.unique(design.cluster[kept]))
    none = JointTest(float("nan"), len(names), float("nan"), float("nan"))
    if not chosen:
        return none, int(kept.sum()), msg("no variable varies among those who have them all")
    few = msg(
        "{count} variables are too many for {clusters} clusters to test together",
        count=len(names),
        clusters=n_clusters,
    )
    if len(names) >= n_clusters - 1:
        return none, int(kept.sum()), few
    found = _fit(
        design.treated.astype("float64"), dict(zip(names, chosen, strict=True)), design, kept
    )
    if found is None:
        reason = msg("the variables follow from each other, so they cannot be tested together")
        return none, int(kept.sum()), reason
    joint = found.joint(names)
    return joint, found.n, few if np.isnan(joint.p) else None
