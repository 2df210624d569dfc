"""Stand in for event studies and earlier trends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from icanalysis.cluster import fit_arrays
from icanalysis.panel import units_by_period
from icanalysis.power import minimum_detectable_effect


@dataclass(frozen=True)
class PreTrend:
    """Stand in."""

    estimate: float
    se: float
    df: float
    p: float
    detectable: float
    implied: float
    outcome: str
    n_periods: int
    first: int | None


@dataclass(frozen=True)
class EventStudy:
    """Stand in."""

    table: pd.DataFrame


def event_study(panel, *, treated, reference, unit="region", period="year", value="value"):
    """Stand in."""
    wide = units_by_period(panel, unit=unit, period=period, value=value).dropna()
    t = wide.index.isin(treated).astype(float)
    rows = []
    for year in wide.columns:
        if year == reference:
            continue
        y = (wide[year] - wide[reference]).to_numpy()
        c = fit_arrays(y, np.column_stack([np.ones(len(y)), t]), np.arange(len(y)), None, ["m", "t"]).coefficient("t")
        rows.append((year, c.estimate, c.se, c.low, c.high, c.p))
    return EventStudy(pd.DataFrame(rows, columns=["period", "estimate", "se", "low", "high", "p"]))


def pre_trend(panel, *, treated, baseline, outcome, relevant=None, unit="region", period="year", value="value"):
    """Stand in."""
    wide = units_by_period(panel, unit=unit, period=period, value=value)
    years = [y for y in wide.columns if y <= baseline]
    wide = wide[years].dropna()
    if len(years) < 3:
        return PreTrend(*[np.nan] * 6, "untestable", len(years), years[0] if years else None)
    x = np.array(years, float) - np.mean(years)
    slopes = (wide.to_numpy() * x).sum(axis=1) / (x**2).sum()
    t = wide.index.isin(treated).astype(float)
    c = fit_arrays(slopes, np.column_stack([np.ones(len(t)), t]), np.arange(len(t)), None, ["m", "t"]).coefficient("t")
    detectable = minimum_detectable_effect(c.se, df=c.df)
    kind = "failed" if c.p < 0.05 else "passed"
    if kind == "passed" and relevant is not None and detectable * (outcome - baseline) > relevant:
        kind = "uninformative"
    return PreTrend(c.estimate, c.se, c.df, c.p, detectable, c.estimate * (outcome - baseline), kind, len(years), years[0])
