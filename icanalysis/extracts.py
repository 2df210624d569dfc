"""What pages take from tables short of the whole of them, so that they depend on no more.

A page that shows a table is made again whenever that table changes. Where it uses but some rows, or
the answer to one question, it takes that by one of these functions: which, and what they gave, is on
record with the page, and asked again they tell whether it still holds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import pandas as pd

from icanalysis.evaluation import JOINT
from icanalysis.indicators import REPORTED
from icanalysis.load import DataFolder

# Where a page leaves what it was made from, in its folder.
READS = "reads.json"
P = ParamSpec("P")
Found = TypeVar("Found")
Extract = Callable[Concatenate[DataFolder, P], Found]

# Each by its name, as records of pages have it, with the table it takes from.
_EXTRACTS: dict[str, tuple[Callable[..., object], str]] = {}


def _extract(table: str = "") -> Callable[[Extract[P, Found]], Extract[P, Found]]:
    """Have a function put on record what it gave, in place of the tables it read.

    Without `table`, its first argument names the one it takes from.
    """

    def recorded(function: Extract[P, Found]) -> Extract[P, Found]:
        name = function.__name__

        @wraps(function)
        def taking(data: DataFolder, /, *asked: P.args, **none: P.kwargs) -> Found:
            before = set(data.read)
            try:
                found = function(data, *asked, **none)
            finally:
                data.read.clear()
                data.read |= before
            data.taken[" ".join([name, *map(str, asked)])] = _digest(found)
            return found

        _EXTRACTS[name] = (taking, table)
        return taking

    return recorded


@_extract()
def rows_on(data: DataFolder, name: str, *regions: str) -> pd.DataFrame:
    """Return the rows of a table on some regions, alone or jointly with others.

    A row that names no region is of the whole programme.
    """
    frame = data.table(name)
    parts = frame["region"].fillna(data.evaluation.programme.whole).str.split(JOINT)
    return frame[parts.map(lambda codes: bool(set(regions) & set(codes)))]


@_extract("sources")
def sources_cited(data: DataFolder, *also: str) -> list[str]:
    """List the codes of sources that the programme's tables cite, and those of tables named.

    Their notes cite sources too.
    """
    known = set(data.table("sources")["source_id"])
    cited: set[str] = set()
    for item in data.catalog.tables.values():
        if item.stands_for == "programme" or item.name in also:
            cells = data.table(item.name).astype("string").fillna("").to_numpy().ravel()
            cited |= known & set(re.findall(r"\w+", " ".join(cells)))
    return sorted(cited)


@_extract(REPORTED)
def shared_out(data: DataFolder) -> list[str]:
    """List the indicators whose regions' figures make up the programme's: none of it is left open."""
    records = data.table(REPORTED)
    used = records[records["used"] & records["sector"].isna() & records["population"].isna()]
    in_all = used["region"] == data.evaluation.programme.whole
    regional = used[~in_all].groupby("indicator")["value"].sum()
    total = used[in_all].set_index("indicator")["value"]
    return sorted(total.index[regional.reindex(total.index) == total])


def _digest(taken: object) -> str:
    told = taken.to_csv() if isinstance(taken, pd.DataFrame) else json.dumps(taken)
    return hashlib.sha256(told.encode()).hexdigest()


def of_table(asked: str) -> str:
    """Name the table that something on record was taken from."""
    name, *arguments = asked.split(" ")
    _, table = _EXTRACTS.get(name, (None, name))
    return table or arguments[0]


def now(data: DataFolder, asked: str) -> str | None:
    """Tell what is on record of something taken, as it is now; None if nothing is known of it."""
    name, *arguments = asked.split(" ")
    if asked not in data.taken and name in _EXTRACTS:
        try:
            _EXTRACTS[name][0](data, *arguments)
        except Exception:  # of another version, or its table is gone: the page is made again
            return None
    return data.taken.get(asked)
