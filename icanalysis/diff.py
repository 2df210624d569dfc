"""Two runs read and compared: what figures moved, and what is on record of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from icanalysis import causes, compare, results
from icanalysis.causes import Causes, Reason
from icanalysis.errors import WorkbookError
from icanalysis.folder import RESULTS_FILE, RUN_FILE, read_record
from icanalysis.language import msg
from icanalysis.load import DataFolder, open_data, sha256
from icanalysis.record import SCHEMA as RUN_SCHEMA


@dataclass(frozen=True)
class Run:
    """A run as its folder holds it."""

    name: str
    record: Mapping[str, Any]
    lines: pd.DataFrame


@dataclass(frozen=True)
class Diff:
    """Two runs compared; `figures` are told in this order, `reasons` are those of each."""

    before: Run
    after: Run
    figures: pd.DataFrame
    causes: Causes
    reasons: tuple[tuple[Reason, ...], ...]

    @property
    def differs(self) -> bool:
        """Whether any figure is not the very same in both."""
        return bool((self.figures["kind"] != "unchanged").any())


def read_run(folder: Path) -> Run:
    """Read a run's record and its results, which must be as the run left them.

    Raises
    ------
    WorkbookError
        If it is not the folder of a run, or one whose record this version cannot read, or its
        results were changed since.
    """
    name = folder.resolve().name
    record = read_record(folder)
    schema = str(record.get("schema", ""))
    if not schema.startswith("icanalysis-run/") or not (folder / RESULTS_FILE).is_file():
        raise WorkbookError(
            msg(
                "“{folder}” is not the folder of a run: it would hold {record} and {results}, as "
                "“icanalysis report” leaves them.",
                folder=name,
                record=RUN_FILE,
                results=RESULTS_FILE,
            )
        )
    if schema != RUN_SCHEMA:
        raise WorkbookError(
            msg(
                "The run in “{folder}” was recorded as {found}; this version of icanalysis reads "
                "{known}. Make the run again, or compare it with the version that made it.",
                folder=name,
                found=schema,
                known=RUN_SCHEMA,
            )
        )
    if causes.part(record, "outputs").get(RESULTS_FILE) != sha256(folder / RESULTS_FILE):
        raise WorkbookError(
            msg(
                "{results} in “{folder}” is not as the run left it: its checksum differs from the "
                "one in {record}. Restore it, or make the run again.",
                results=RESULTS_FILE,
                folder=name,
                record=RUN_FILE,
            )
        )
    try:
        lines = results.merge([results.read(folder / RESULTS_FILE)])
    except (KeyError, ValueError) as error:
        raise WorkbookError(
            msg(
                "{results} in “{folder}” does not hold lines of evidence. Make the run again.",
                results=RESULTS_FILE,
                folder=name,
            )
        ) from error
    return Run(name, record, lines)


def diff(first: Path, second: Path, data: DataFolder | None = None) -> Diff:
    """Compare two runs of one programme.

    Parameters
    ----------
    data : DataFolder, optional
        Has the order of the regions, and tells which of the tables that differ cite a figure's
        source, where they are at hand as one of the runs read them.

    Raises
    ------
    WorkbookError
        If either is not a run that can be compared, or they are of different programmes.
    """
    before, after = read_run(first), read_run(second)
    programmes = [str(run.record.get("programme", "")) for run in (before, after)]
    if programmes[0] != programmes[1]:
        raise WorkbookError(
            msg(
                "The runs are of different programmes: “{first}” is of {one}, “{second}” of {other}. "
                "Only runs of one programme can be compared.",
                first=before.name,
                one=programmes[0],
                second=after.name,
                other=programmes[1],
            )
        )
    found = causes.causes(before.record, after.record)
    figures = compare.ordered(
        compare.compare(before.lines, after.lines), _regions(before, after, data)
    )
    cites = _cited(found, (before, after), data)
    reasons = tuple(causes.reasons(row, found, cites) for row in figures.to_dict("records"))
    return Diff(before, after, figures, found, reasons)


def _regions(before: Run, after: Run, data: DataFolder | None) -> list[str]:
    """Regions in the order of the evaluation, where it is at hand; else as the runs recorded them."""
    known = [region.code for region in data.evaluation.regions] if data else []
    asked = [causes.part(run.record, "parameters").get("regions") or [] for run in (after, before)]
    return list(dict.fromkeys([*known, *asked[0], *asked[1]]))


def _cited(
    found: Causes, runs: Sequence[Run], data: DataFolder | None
) -> dict[str, frozenset[str]]:
    """Tell which sources the tables that differ cite: those at hand as one of the runs read them."""
    told: dict[str, frozenset[str]] = {}
    if data is None:
        return told
    for table in data.catalog.tables.values():
        name = table.path.relative_to(data.path).as_posix()
        if name not in found.data.all or not table.path.is_file():
            continue
        if sha256(table.path) in {causes.part(run.record, "inputs").get(name) for run in runs}:
            with suppress(WorkbookError):  # described otherwise than when it was read
                frame = data.table(table.name)
                cited = frame["source_id"].dropna() if "source_id" in frame else ()
                told[name] = frozenset(map(str, cited))
    return told


def names_from(folder: Path | None, run: Path) -> DataFolder | None:
    """Open the data folder that names what a run is about; None if it is of another programme."""
    data = opened(folder)
    if data is None:
        return None
    return data if data.evaluation.programme.code == read_record(run).get("programme") else None


def opened(folder: Path | None) -> DataFolder | None:
    """Open a data folder for the names it has; one that cannot be read has none: runs stand without."""
    if folder is None:
        return None
    try:
        data = open_data(folder)
        data.table("indicators")
    except WorkbookError:
        return None
    return data
