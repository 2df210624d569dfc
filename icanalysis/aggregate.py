"""The one pass over microdata: weighted sums by stratum, PSU and domain.

The same expression runs on a pandas or polars frame, on Parquet files larger than memory
(through DuckDB), on a DuckDB relation, and on Dask or Spark, because narwhals words it for each.
Everything but quantiles and Lorenz curves follows from the small table it returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from icanalysis.errors import DataError, Problem, WorkbookError, nearest
from icanalysis.language import Message, msg
from icanalysis.sampling import Design

# Anything narwhals reads, or where Parquet files are ("households/*.parquet").
Microdata = IntoFrame | str | Path
Opened = nw.LazyFrame[Any] | nw.DataFrame[Any]

# Beyond this, crossings of keys are numbered anew, so that they never outgrow an integer.
WIDEST = 2**62


@dataclass(frozen=True)
class Quantity:
    """What is added up, row by row: a numerator and, for a mean or ratio, what it is divided by.

    A row counts if neither is missing. `columns` are the names they read; a quantity that is
    `yes_no` may be 0 or 1 only.
    """

    columns: tuple[str, ...]
    numerator: nw.Expr
    denominator: nw.Expr | None = None
    yes_no: bool = False


def open_frame(frame: Microdata) -> Opened:
    """Open any microdata as a narwhals frame, without reading rows."""
    if isinstance(frame, str | Path):
        return nw.from_native(duckdb.read_parquet(str(frame)))
    return nw.from_native(frame)


def number(name: str) -> nw.Expr:
    """Value of a column as a number; yes and no are 1 and 0."""
    return nw.col(name).cast(nw.Float64)


def require_columns(present: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse a frame without the columns a call names, telling all of them at once.

    Raises
    ------
    WorkbookError
        Naming each missing column, and the one it is spelt like.
    """
    missing = [name for name in dict.fromkeys(wanted) if name not in present]
    if missing:
        like = [nearest(name, present) for name in missing]
        told = [
            f"{name} ({near}?)" if near else name for name, near in zip(missing, like, strict=True)
        ]
        raise WorkbookError(
            msg(
                "The data have no column: {missing}. They have: {columns}.",
                missing=", ".join(told),
                columns=", ".join(present),
            )
        )


def add_up(
    frame: Opened,
    quantities: Mapping[str, Quantity],
    *,
    by: Sequence[str],
    design: Design,
    where: str | None = None,
    source: str = "frame",
) -> pd.DataFrame:
    """Sum every quantity by stratum, PSU and domain, in one pass.

    Parameters
    ----------
    frame : narwhals frame
        One row per household or person.
    quantities : mapping
        By name.
    by : sequence of str
        Columns whose crossing makes the domains.
    where : str, optional
        Yes/no column of the subpopulation: rows outside add nothing, and their PSUs stay.
    source : str
        What to call the data in a message.

    Returns
    -------
    DataFrame
        One row per stratum, PSU and domain: `stratum`, `psu`, `fpc` if any, the columns of
        `by`, and for each quantity `<name>/sum` (weight times numerator), `<name>/base` (weight
        times denominator) and `<name>/n` (rows that count).

    Raises
    ------
    WorkbookError
        If a column is missing or is no number.
    DataError
        If there is no row; if a row has no PSU, stratum or usable weight; if a quantity is
        infinite, or is not 0 or 1 where it must be.
    """
    read = [name for quantity in quantities.values() for name in quantity.columns]
    wanted = [*design.columns, *by, *read, *([where] if where else [])]
    require_columns(frame.collect_schema().names(), wanted)
    _require_numbers(frame, [*read, *([design.weight] if design.weight else [])])
    weight = number(design.weight) if design.weight else nw.lit(1.0)
    usable = ~_absent(weight) & (weight >= 0)
    sums = {"_faulty": nw.when(usable).then(0.0).otherwise(1.0)}
    complete = _complete(frame, read)
    names = {}
    for name, quantity in quantities.items():
        names[name] = _add_summands(sums, name, quantity, weight, where, complete)
    keys = {"stratum": _key(design.stratum), "psu": _key(design.psu)}
    domains = {f"by/{name}": nw.col(name) for name in by}
    fpc = {"fpc": number(design.fpc)} if design.fpc else {}
    row = frame.select(**keys, **domains, **fpc, **sums)
    add = _add_in_memory if row.implementation.is_pandas() else _add_by_engine
    table = add(row, [*keys, *domains], list(sums), list(fpc))
    parts = {
        f"{name}/{part}": table[column]
        for name, columns in names.items()
        for part, column in columns.items()
    }
    shared = [*keys, *domains, *fpc, "_faulty"]
    table = pd.concat([table[shared], pd.DataFrame(parts, copy=False)], axis=1)
    table = table.rename(columns=lambda name: name.removeprefix("by/"))
    _require_sound(table, quantities, design, source)
    return table.drop(columns=["_faulty", *(name for name in parts if name.endswith("/strange"))])


def _add_by_engine(
    frame: Opened, keys: list[str], sums: list[str], shared: list[str]
) -> pd.DataFrame:
    """Sum some columns by keys, and take the largest of those a group shares."""
    largest = [nw.col(name).max() for name in shared]
    return _as_pandas(
        frame.group_by(*keys, drop_null_keys=False).agg(nw.col(*sums).sum(), *largest)
    )


def _add_in_memory(
    frame: Opened, keys: list[str], sums: list[str], shared: list[str]
) -> pd.DataFrame:
    """Do the same on a pandas frame, in a third of its group-by's time."""
    table = _as_pandas(frame)
    group, span = np.zeros(len(table), dtype="int64"), 1
    for name in keys:
        codes, found = pd.factorize(table[name], use_na_sentinel=False)
        if span * len(found) > WIDEST:
            group, span = pd.factorize(group)[0], len(table)
        group, span = group * len(found) + codes, span * len(found)
    group, _ = pd.factorize(group)
    first = np.empty(group.max(initial=-1) + 1, dtype="int64")
    first[group[::-1]] = np.arange(len(group))[::-1]
    values = {
        name: np.bincount(group, table[name].to_numpy("float64", na_value=np.nan)) for name in sums
    }
    largest = {name: table[name].groupby(group).max() for name in shared}
    summed = pd.DataFrame({**values, **largest}, copy=False)
    return pd.concat([table[keys].iloc[first].reset_index(drop=True), summed], axis=1)


def take(
    frame: Opened, variables: Sequence[str], *, by: Sequence[str], design: Design, where: str | None
) -> pd.DataFrame:
    """Read the rows of some variables into memory.

    Returns
    -------
    DataFrame
        One row per row: `stratum`, `psu`, `weight`, `inside` (of the subpopulation), `by/<name>`
        and `value/<name>`, a number.
    """
    keys = {"stratum": _key(design.stratum), "psu": _key(design.psu), "inside": _inside(where)}
    weight = {"weight": number(design.weight) if design.weight else nw.lit(1.0)}
    domains = {f"by/{name}": nw.col(name) for name in by}
    values = {f"value/{name}": number(name) for name in variables}
    table = _as_pandas(frame.select(**keys, **weight, **domains, **values))
    return table.astype({"inside": "boolean"}).fillna({"inside": False})


def _key(name: str | None) -> nw.Expr:
    return nw.col(name) if name else nw.lit(1)


def _inside(where: str | None) -> nw.Expr:
    """Whether a row is of the subpopulation."""
    return number(where) == 1 if where else nw.lit(value=True)


def _absent(value: nw.Expr) -> nw.Expr:
    # A missing number is null in some engines and NaN in others.
    return value.is_null() | value.is_nan()


def _complete(frame: Opened, columns: Sequence[str]) -> set[str]:
    """Columns known to have no missing value; of a lazy frame nothing is known."""
    if isinstance(frame, nw.LazyFrame):
        return set()
    checks = {name: _absent(number(name)).any() for name in columns}
    gaps = frame.select(**checks).row(0) if checks else ()
    return {name for name, gap in zip(checks, gaps, strict=True) if not gap}


def _add_summands(
    sums: dict[str, nw.Expr],
    name: str,
    quantity: Quantity,
    weight: nw.Expr,
    where: str | None,
    complete: set[str],
) -> dict[str, str]:
    """Add to `sums` what one quantity needs, and return which of them are its parts.

    Quantities that leave out the same rows share their counts: most have no missing values.
    """
    gaps = sorted(set(quantity.columns) - complete)
    inside = [_inside(where)] if where else []
    counts = [*inside, *(~_absent(number(column)) for column in gaps)]
    base = weight if quantity.denominator is None else weight * quantity.denominator
    parts = {
        "sum": (f"{name}/sum", weight * quantity.numerator),
        "base": (f"{name}/base" if gaps or quantity.denominator is not None else "_base", base),
        "n": (f"{name}/n" if gaps else "_n", nw.lit(1.0)),
    }
    if quantity.yes_no:
        strange = (quantity.numerator != 0) & (quantity.numerator != 1)
        parts["strange"] = (f"{name}/strange", nw.when(strange).then(1.0).otherwise(0.0))
    for column, value in parts.values():
        sums[column] = nw.when(*counts).then(value).otherwise(0.0) if counts else value
    return {part: column for part, (column, _) in parts.items()}


def _as_pandas(frame: Opened) -> pd.DataFrame:
    return (frame.collect() if isinstance(frame, nw.LazyFrame) else frame).to_pandas()


def _require_numbers(frame: Opened, columns: Sequence[str]) -> None:
    schema = frame.collect_schema()
    texts = [
        name
        for name in dict.fromkeys(columns)
        if not (schema[name].is_numeric() or schema[name] == nw.Boolean)
    ]
    if texts:
        raise WorkbookError(
            msg(
                "These columns are not numbers, nor yes and no: {columns}.",
                columns=", ".join(texts),
            )
        )


def _require_sound(
    table: pd.DataFrame, quantities: Mapping[str, Quantity], design: Design, source: str
) -> None:
    """Refuse what would give a wrong figure in silence."""
    faults: list[tuple[Message, Message, str | None]] = []
    if table.empty:
        faults.append((msg("it has no rows"), msg("give the rows of at least one sample"), None))
    faulty = int(table["_faulty"].sum())
    if faulty:
        trouble = msg("{count} rows have no weight, or a negative one", count=faulty)
        faults.append((trouble, msg("give every row its sampling weight"), design.weight))
    for key, column in (("stratum", design.stratum), ("psu", design.psu)):
        if table[key].isna().any():
            remedy = msg("say of every row which it is of, also outside the subpopulation")
            faults.append((msg("it is empty in some rows"), remedy, column))
    summed = [f"{name}/{part}" for name in quantities for part in ("sum", "base")]
    finite = np.isfinite(table[summed].to_numpy("float64")).all(axis=0) | bool(faulty)
    bounded = dict(zip(summed, finite, strict=True))
    for name, quantity in quantities.items():
        columns = ", ".join(quantity.columns)
        if quantity.yes_no and table[f"{name}/strange"].any():
            remedy = msg("a proportion is of yes and no; for other values take their mean")
            faults.append((msg("it has values other than 0 and 1"), remedy, columns))
        if not (bounded[f"{name}/sum"] and bounded[f"{name}/base"]):
            remedy = msg("mark what is not known as missing")
            faults.append((msg("it has infinite values"), remedy, columns))
    if faults:
        raise DataError([Problem(source, *fault[:2], column=fault[2]) for fault in faults])
