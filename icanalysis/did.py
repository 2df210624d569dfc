"""Before and after, with and without a programme: differences of changes, errors by cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from icanalysis.aggregate import require_columns
from icanalysis.cluster import fit_arrays
from icanalysis.errors import WorkbookError
from icanalysis.language import msg


@dataclass(frozen=True)
class Effect:
    """A difference, and the weighted means it comes from."""

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


def did(frame, value, *, treated="treated", period="wave", baseline, outcome, unit="producer_id", cluster, stratum=None, weight=None, covariates=()):
    """Stand in."""
    return _effect(frame, value, treated, period, baseline, outcome, unit, cluster, stratum, weight)


def before_after(frame, value, *, period="wave", baseline, outcome, unit="producer_id", cluster, weight=None):
    """Stand in."""
    return _effect(frame, value, None, period, baseline, outcome, unit, cluster, None, weight)


def _effect(frame, value, treated, period, baseline, outcome, unit, cluster, stratum, weight):
    v = frame[value].astype("Float64").to_numpy("float64", na_value=np.nan)
    f = frame.assign(_v=v)
    a = f[f[period] == baseline].set_index(unit)
    b = f[f[period] == outcome].set_index(unit)["_v"]
    a = a.assign(_o=a.index.map(b))
    p = a.dropna(subset=["_v", "_o"])
    if p.empty or (treated and p[treated].nunique() < 2):
        raise WorkbookError(msg("There is nothing to compare with."))
    w = p[weight].to_numpy("float64") if weight else np.ones(len(p))
    t = p[treated].to_numpy(bool) if treated else np.ones(len(p), bool)
    cols = [np.ones(len(p))]
    names = ["mean"]
    if treated:
        cols.append(t.astype(float)); names.append("treated")
    if stratum:
        s = pd.factorize(p[stratum], sort=True)[0]
        for k in range(1, s.max() + 1):
            cols.append((s == k).astype(float)); names.append(f"s{k}")
    g = pd.factorize(p[cluster])[0]
    if g.max() < 1:
        raise WorkbookError(msg("There is one cluster only."))
    fit = fit_arrays((p["_o"] - p["_v"]).to_numpy(), np.column_stack(cols), g, w, names)
    c = fit.coefficient("treated" if treated else "mean")
    def m(col, arm):
        k = t == arm
        return float(np.average(p[col].to_numpy()[k], weights=w[k])) if k.any() else np.nan
    return Effect(c.estimate, c.se, c.df, c.low, c.high, c.p, len(p), fit.n_clusters, len(np.unique(g[t])), m("_v", True), m("_o", True), m("_v", False), m("_o", False), 0)
