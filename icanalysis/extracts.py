"""What pages take from tables short of the whole of them, so that they depend on no more.

A page that shows a table is made again whenever that table changes. Where it uses but some rows, or
the answer to one question, it takes that by one of these functions: which, and what they gave, is on
record with the page, and asked again they tell whether it still holds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

import pandas as pd

from icanalysis.evaluation import JOINT
from icanalysis.indicators import REPORTED
from icanalysis.load import DataFolder

Found = TypeVar("Found")


def rows_on(data: DataFolder, name: str, *regions: str) -> pd.DataFrame:
    """Return the rows of a table on some regions, alone or jointly with others.

    A row that names no region is of the whole programme.
    """

    def found() -> pd.DataFrame:
        frame = data.table(name)
        parts = frame["region"].fillna(data.evaluation.programme.whole).str.split(JOINT)
        return frame[parts.map(lambda codes: bool(set(regions) & set(codes)))]

    return _taken(data, found, "rows_on", name, *regions)


def sources_cited(data: DataFolder, *also: str) -> list[str]:
    """List the codes of sources that the programme's tables cite, and those of tables named.

    Their notes cite sources too.
    """

    def found() -> list[str]:
        known = set(data.table("sources")["source_id"])
        cited: set[str] = set()
        for item in data.catalog.tables.values():
            if item.stands_for == "programme" or item.name in also:
                cells = data.table(item.name).astype("string").fillna("").to_numpy().ravel()
                cited |= known & set(re.findall(r"\w+", " ".join(cells)))
        return sorted(cited)

    return _taken(data, found, "sources_cited", *also)


def shared_out(data: DataFolder) -> list[str]:
    """List the indicators whose regions' figures make up the programme's: none of it is left open."""

    def found() -> list[str]:
        records = data.table(REPORTED)
        used = records[records["used"] & records["sector"].isna() & records["population"].isna()]
        in_all = used["region"] == data.evaluation.programme.whole
        regional = used[~in_all].groupby("indicator")["value"].sum()
        total = used[in_all].set_index("indicator")["value"]
        return sorted(total.index[regional.reindex(total.index) == total])

    return _taken(data, found, "shared_out")


# As records of pages name them.
_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    function.__name__: function for function in (rows_on, sources_cited, shared_out)
}

_OF = {sources_cited.__name__: "sources", shared_out.__name__: REPORTED}


def _taken(data: DataFolder, found: Callable[[], Found], *asked: str) -> Found:
    """Take something from tables, and put on record what it was in place of the tables."""
    before = set(data.read)
    try:
        taken = found()
    finally:
        data.read.clear()
        data.read |= before
    data.taken[" ".join(asked)] = _digest(taken)
    return taken


def _digest(taken: object) -> str:
    told = taken.to_csv() if isinstance(taken, pd.DataFrame) else json.dumps(taken)
    return hashlib.sha256(told.encode()).hexdigest()


def of_table(asked: str) -> str:
    """Name the table that something on record was taken of."""
    name, *arguments = asked.split(" ")
    return arguments[0] if name == rows_on.__name__ else _OF.get(name, name)


def now(data: DataFolder, asked: str) -> str | None:
    """Tell what is on record of something taken, as it is now; None if nothing is known of it."""
    name, *arguments = asked.split(" ")
    if asked not in data.taken and name in _FUNCTIONS:
        try:
            _FUNCTIONS[name](data, *arguments)
        except Exception:  # of another version, or its table is gone: the page is made again
            return None
    return data.taken.get(asked)
