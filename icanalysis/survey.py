"""Design-based estimates: what a survey says of each domain, and how sure one may be.

Means, proportions, ratios, totals, poverty measures and shares follow from one pass of sums by
PSU (`aggregate`); quantiles and Lorenz curves from the rows of each domain. All are linearised
(`measures`), so one covariance (`sampling`) serves every level, change and contrast
(`estimates`). Domains are subpopulations: rows outside add nothing, and their PSUs stay in the
design.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import sparse
from statsmodels.regression.linear_model import RegressionResultsWrapper

from icanalysis.aggregate import Microdata, Opened, Sums, add_up, open_frame, require_columns, take
from icanalysis.estimates import Contrast, Estimates, levels
from icanalysis.language import msg, preferred
from icanalysis.measures import (
    Measure,
    Rows,
    Tally,
    bottom_share,
    fgt,
    gini,
    linearise,
    mean,
    proportion,
    quantile,
    ratio,
    share,
    total,
)
from icanalysis.sampling import Design, Integers, count_sample

__all__ = [
    "Contrast",
    "Design",
    "Estimates",
    "WeightWarning",
    "bottom_share",
    "estimate",
    "fgt",
    "gini",
    "mean",
    "proportion",
    "quantile",
    "ratio",
    "regression",
    "share",
    "total",
]

# Names a frame gives its two weights.
HOUSEHOLD, PERSON = "household_weight", "person_weight"


class WeightWarning(UserWarning):
    """A rate of persons was weighted by household; the message has both figures."""


def estimate(
    frame: Microdata,
    measures: Mapping[str, Measure],
    *,
    by: Sequence[str] = (),
    design: Design,
    where: str | None = None,
) -> Estimates:
    """Estimate every measure in every domain, with its standard error.

    Parameters
    ----------
    frame : pandas, polars, Dask or Spark frame, DuckDB relation, or path of Parquet files
        One row per household or person. Quantiles, Gini and Lorenz shares read their columns
        into memory; nothing else does.
    measures : mapping
        By indicator: `mean`, `proportion`, `ratio`, `total`, `fgt`, `share`, `quantile`,
        `gini` or `bottom_share`.
    by : sequence of str
        Columns whose crossing makes the domains. Rows that lack one are in no domain, and
        stay in the design. None: everything is one domain.
    design : Design
    where : str, optional
        Yes/no column of a subpopulation.

    Raises
    ------
    WorkbookError
        If a column is missing, is not a number, or a stratum has a single PSU.
    DataError
        If rows lack a PSU, a stratum or a usable weight, or values are impossible.
    """
    opened = open_frame(frame)
    source = Path(frame).name if isinstance(frame, str | Path) else "frame"
    quantities = {name: measure.quantity for name, measure in measures.items()}
    sums = add_up(opened, quantities, by=by, design=design, where=where, source=source)
    tally = _tally(sums, design)
    rows = _rows(opened, measures, tally, by, design, where)
    found = {
        name: linearise(measure, name, tally, rows.get(name)) for name, measure in measures.items()
    }
    values = sparse.csr_array(sparse.hstack([each.per_psu for each in found.values()]))
    table = levels(measures, found, values, tally)
    table = _beside_persons(frame, measures, table, by=by, design=design, where=where)
    return Estimates(table, tuple(by), tally, values)


def _tally(sums: Sums, design: Design) -> Tally:
    """Keep the sums that are of a domain, and count the sample, which all are of."""
    period = design.period if design.period in sums.domains else None
    periods = sums.domains[period].take(sums.domain) if period else None
    sample = count_sample(sums.psus, design, sums.psu, period=periods, fpc=sums.fpc)
    known = sums.domains.notna().all(axis=1).to_numpy()
    kept = known[sums.domain]
    domains = sums.domains[known].reset_index(drop=True)
    return Tally(
        parts={name: part[kept] for name, part in sums.parts.items()},
        psu=sums.psu[kept],
        domain=(known.cumsum() - 1)[sums.domain[kept]],
        domains=domains,
        periods=tuple(domains[period]) if period else (None,) * len(domains),
        sample=sample,
    )


def _rows(
    opened: Opened,
    measures: Mapping[str, Measure],
    tally: Tally,
    by: Sequence[str],
    design: Design,
    where: str | None,
) -> dict[str, Rows]:
    """Read the rows of the measures that sums by PSU cannot give."""
    variables = {
        name: measure.quantity.columns[0]
        for name, measure in measures.items()
        if measure.needs_rows
    }
    if not variables:
        return {}
    frame = take(opened, list(variables.values()), by=by, design=design, where=where)
    psu = tally.sample.numbers(frame["stratum"], frame["psu"])
    domain = _domain_numbers(frame, tally)
    rows = {}
    for name, variable in variables.items():
        kept = (frame["inside"] & frame[f"value/{variable}"].notna() & (domain >= 0)).to_numpy()
        rows[name] = Rows(
            psu=psu[kept],
            domain=domain[kept],
            value=frame[f"value/{variable}"].to_numpy()[kept],
            weight=frame["weight"].to_numpy()[kept],
        )
    return rows


def _domain_numbers(frame: pd.DataFrame, tally: Tally) -> Integers:
    """Return the domain of each row; -1 for none."""
    names = list(tally.domains)
    if not names:
        return np.zeros(len(frame), dtype="int64")
    keys = pd.MultiIndex.from_frame(frame[[f"by/{name}" for name in names]])
    found: Integers = pd.MultiIndex.from_frame(tally.domains).get_indexer(keys)
    return found


def _beside_persons(
    frame: Microdata,
    measures: Mapping[str, Measure],
    table: pd.DataFrame,
    *,
    by: Sequence[str],
    design: Design,
    where: str | None,
) -> pd.DataFrame:
    """Put the figure by persons beside one weighted by households, and say so."""
    rates = {name: measure for name, measure in measures.items() if measure.of_persons}
    columns = open_frame(frame).collect_schema().names()
    if design.weight != HOUSEHOLD or PERSON not in columns or not rates:
        return table
    of_persons = estimate(frame, rates, by=by, design=replace(design, weight=PERSON), where=where)
    beside = of_persons.table[["indicator", *by, "estimate"]]
    beside = beside.rename(columns={"estimate": "person_estimate"})
    table = table.merge(beside, on=["indicator", *by], how="left")
    first = table[table["indicator"] == next(iter(rates))].iloc[0]
    message = msg(
        "“{indicator}” is weighted by household: {household} of households, where of persons it "
        "is {person}. Rates of persons need the weight “person_weight”; if households are "
        "meant, say per=“household”. The column person_estimate has all figures by persons.",
        indicator=first["indicator"],
        household=preferred().number(first["estimate"], 4),
        person=preferred().number(first["person_estimate"], 4),
    )
    warnings.warn(preferred().say(message), WeightWarning, stacklevel=3)
    return table


def regression(formula: str, frame: pd.DataFrame, design: Design) -> RegressionResultsWrapper:
    """Weighted least squares by statsmodels, with standard errors clustered by PSU.

    Parameters
    ----------
    formula : str
        As in statsmodels: "spending ~ area + members".
    frame : DataFrame
        One row per household or person; rows with a missing value are left out.
    design : Design
        Its weight and PSUs; strata, which would only sharpen the errors, are not used.

    Returns
    -------
    statsmodels results
        With Student's t of as many degrees of freedom as there are PSUs, less one.
    """
    require_columns(list(map(str, frame.columns)), design.columns)
    psu = frame.groupby(design.identity, sort=False).ngroup()
    model = smf.wls(formula, frame, weights=frame[design.weight] if design.weight else 1.0)
    used = psu.loc[model.data.row_labels]
    return model.fit(cov_type="cluster", cov_kwds={"groups": used}, use_t=True)
