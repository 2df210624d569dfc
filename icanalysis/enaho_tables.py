"""What is known of ENAHO's columns: the data dictionary and the weights, from `data/enaho`."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from icanalysis.errors import WorkbookError
from icanalysis.language import msg

_PACKAGE = Path(__file__).parent
TABLES = ("variables.csv", "weights.csv", "labels.csv")


@dataclass(frozen=True)
class Variable:
    """How one tidy variable comes out of INEI's column `source`, in these years.

    `codes` gives the value each code means; `*` is every other code and `blank` an empty cell.
    """

    name: str
    type: str
    rule: str
    source: str
    required: bool
    codes: Mapping[str, str]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Weight:
    """A weight column and what one row of the file stands for when weighted: its unit."""

    column: str
    unit: str

    @property
    def name(self) -> str:
        """Its tidy name."""
        return f"{self.unit}_weight"


def folder() -> Path:
    """Return where the tables are: in the checkout, else in the installed package.

    Raises
    ------
    WorkbookError
        If neither is complete.
    """
    for home in (_PACKAGE.parent / "data" / "enaho", _PACKAGE / "data" / "enaho"):
        if all((home / name).is_file() for name in TABLES):
            return home
    raise WorkbookError(
        msg("The tables of ENAHO's columns are missing: install the package again.")
    )


def variables(module: str, year: int | None = None) -> tuple[Variable, ...]:
    """Return the tidy variables of a module's file in a year, keys and design first.

    `module` may be "all", for what every module's file has.
    """
    rows = _table("variables.csv")
    mine = [bool({"all", module} & set(text.split())) for text in rows["module"]]
    return tuple(
        Variable(
            name=row["variable"],
            type=row["type"],
            rule=row["rule"],
            source=row["source"],
            required=module in row["required_in"].split(),
            codes=dict(pair.split("=") for pair in row["codes"].split()),
            missing=tuple(row["missing"].split()),
        )
        for row in rows[mine].to_dict("records")
        if _covers(row, year)
    )


def weights(module: str, year: int | None = None) -> tuple[Weight, ...]:
    """Return the weights a module's file may have in a year; none if the table says none."""
    rows = _table("weights.csv")
    return tuple(
        Weight(row["column"], row["unit"])
        for row in rows[rows["module"] == module].to_dict("records")
        if _covers(row, year)
    )


@cache
def labels(source: str) -> Mapping[str, str]:
    """Return the code each known label of a column stands for, labels as `folded` writes them."""
    rows = _table("labels.csv")
    mine = rows[rows["source"] == source]
    return dict(zip(mine["label"], mine["code"], strict=True))


def _covers(row: Mapping[Hashable, str], year: int | None) -> bool:
    first, last = row["first_year"], row["last_year"]
    if year is None:
        return True
    return (not first or int(first) <= year) and (not last or year <= int(last))


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(folder() / name, dtype=str, keep_default_na=False, encoding="utf-8")
