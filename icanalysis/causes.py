"""Why figures of two runs differ: what their records hold as different, and nothing else.

What differs between the runs is told once. Of a single figure only what is on record of it is told:
that the file its source names changed, or one that cites the same source; that it was or is
suppressed; that its region was not asked for, or failed; that its years were not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from icanalysis import results
from icanalysis.catalog import DESCRIPTION
from icanalysis.disclosure import SUPPRESSED
from icanalysis.evaluation import FILE, JOINT

# Both hold settings, and the one checksums of tables: a change of theirs is one of settings.
_SETTINGS = (FILE, DESCRIPTION)
_YEAR = re.compile(r"\d{4}")
Pair = tuple[Any, Any]
# "named": its source names a file that differs; "cited": a file that differs cites its source;
# "withheld", "shown": it is suppressed now, or was; "not_asked", "failed": the other run was not
# asked for its region, or could not make its page; "years": its period has a year that only its own
# run was asked for.
Why = Literal["named", "cited", "withheld", "shown", "not_asked", "failed", "years"]


@dataclass(frozen=True)
class Files:
    """Files that differ between two runs, by name."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every one of them."""
        return (*self.changed, *self.added, *self.gone)


@dataclass(frozen=True)
class Causes:
    """What the records of two runs hold as different; pairs are the earlier's and the later's."""

    data: Files  # tables and survey files
    settings: bool  # the evaluation's, or the description of the data
    code: Pair | None  # the package's versions, which are alike where only its code changed
    libraries: Mapping[str, Pair]
    parameters: Mapping[str, Pair]
    notebooks: Files
    failed: Pair  # regions and pages that could not be made

    @property
    def any(self) -> bool:
        """Whether anything is on record as different."""
        plain = (self.settings, self.code, self.libraries, self.parameters)
        files = (self.data.all, self.notebooks.all)
        return any(plain) or any(files) or self.failed[0] != self.failed[1]


@dataclass(frozen=True)
class Reason:
    """What is on record of one figure: the kind of reason, and files, regions or years of it."""

    kind: Why
    names: tuple[str, ...]


def part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part of a run's record; empty if it is not there."""
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def causes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Causes:
    """List what the records of two runs (`run.json`) hold as different."""
    data = [
        {
            name: checksum
            for kind in ("inputs", "survey_files")
            for name, checksum in part(record, kind).items()
            if name not in _SETTINGS
        }
        for record in (before, after)
    ]
    package = [part(record, "icanalysis") for record in (before, after)]
    return Causes(
        data=_files(*data),
        settings=before.get("settings") != after.get("settings"),
        code=None
        if package[0] == package[1]
        else (package[0].get("version"), package[1].get("version")),
        libraries=_pairs(part(before, "versions"), part(after, "versions")),
        parameters=_pairs(part(before, "parameters"), part(after, "parameters")),
        notebooks=_files(part(before, "notebooks"), part(after, "notebooks")),
        failed=(_failed(before), _failed(after)),
    )


def _files(before: Mapping[str, Any], after: Mapping[str, Any]) -> Files:
    return Files(
        tuple(sorted(name for name in before if name in after and before[name] != after[name])),
        tuple(sorted(set(after) - set(before))),
        tuple(sorted(set(before) - set(after))),
    )


def _pairs(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Pair]:
    return {
        name: (before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


def _failed(record: Mapping[str, Any]) -> tuple[str, ...]:
    found = {**part(record, "regions"), **part(record, "pages")}
    return tuple(
        sorted(name for name in found if part(found, name).get("status") not in (None, "ok"))
    )


def reasons(
    figure: Mapping[Any, Any], found: Causes, cites: Mapping[str, frozenset[str]]
) -> tuple[Reason, ...]:
    """List what is on record of one figure that differs; nothing, if it does not.

    Parameters
    ----------
    figure : mapping
        A row of `compare.compare`.
    found : Causes
        What differs between the runs.
    cites : mapping
        Sources that a changed file cites, by the file's name, where its content is known.
    """
    if figure["kind"] == "unchanged":
        return ()
    source = str(figure["source"])
    files, codes = set(re.split(r"[:;,] ", source)), set(results.cited(source))
    named = [name for name in found.data.all if PurePosixPath(name).name in files]
    cited = [
        name
        for name in found.data.all
        if name not in named and codes & cites.get(name, frozenset())
    ]
    one_run = figure["kind"] in ("appeared", "vanished")
    told: dict[Why, list[str]] = {
        "named": named,
        "cited": cited,
        **(_presence(figure, found) if one_run else _suppression(figure)),
    }
    return tuple(Reason(kind, tuple(names)) for kind, names in told.items() if names)


def _suppression(figure: Mapping[Any, Any]) -> dict[Why, list[str]]:
    """Say whether a figure of both runs is suppressed in one of them."""
    runs: dict[Why, Any] = {
        "shown": figure["status_before"],
        "withheld": figure["status_after"],
    }
    if figure["status_before"] == figure["status_after"]:
        return {}
    return {kind: [SUPPRESSED] for kind, status in runs.items() if status == SUPPRESSED}


def _presence(figure: Mapping[Any, Any], found: Causes) -> dict[Why, list[str]]:
    """Say why only one of the runs has a figure, where that is on record."""
    has, lacks = (1, 0) if figure["kind"] == "appeared" else (0, 1)
    regions = set(str(figure["region"]).split(JOINT))
    asked = [set(codes or ()) for codes in found.parameters.get("regions", ((), ()))]
    years = [
        {str(pair[run]) for name in ("baseline", "outcome") if (pair := found.parameters.get(name))}
        for run in (0, 1)
    ]
    period = set(_YEAR.findall(str(figure["period"])))
    return {
        "not_asked": sorted(regions & (asked[has] - asked[lacks])),
        "failed": sorted(regions & set(found.failed[lacks])),
        "years": sorted(period & (years[has] - years[lacks])),
    }
