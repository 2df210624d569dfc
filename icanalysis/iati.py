"""`icanalysis export iati`: the results of a run as an IATI 2.03 activity file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from lxml import etree

from icanalysis import causes, iati_activity, iati_check, iati_choice, results
from icanalysis.catalog import DESCRIPTION
from icanalysis.diff import Run, read_run
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import FILE, Agency, Region
from icanalysis.folder import RESULTS_FILE, require_home, require_outside_runs
from icanalysis.indicators import REPORTED, TARGETS
from icanalysis.language import CODES, msg
from icanalysis.load import SPELLINGS, DataFolder
from icanalysis.record import moved
from icanalysis.view import View

# The tables that say what the figures are; a test holds it to those that are read.
TABLES = ("indicators", REPORTED, TARGETS, "components", "partners", "sources", SPELLINGS)


@dataclass(frozen=True)
class Edition:
    """What of a run one agency should have; `agency`, if that is not the whole."""

    lines: pd.DataFrame
    agency: Agency | None


@dataclass(frozen=True)
class Exported:
    """What was written, and what its reader has to know: keys to fill in, regions not in it."""

    to_fill_in: tuple[str, ...]
    left_out: tuple[Region, ...]


class NothingToExportError(WorkbookError):
    """A run holds no figure of the programme's own results that is not simulated."""


def export(folder: Path, to: Path, data: DataFolder, edition: Edition | None = None) -> Exported:
    """Write the results of a run, or an edition of it, as an IATI file; whole, or not at all.

    Raises
    ------
    WorkbookError
        If the folder is not a run, or one of other data; if it has no result to tell; if the file
        would lie in a run, or would not be valid.
    """
    run = read_run(folder)
    require_outside_runs(to)
    require_home(to)
    _require_same_data(run, data)
    views = _views(run, data, edition)
    if iati_choice.figures(views[0]).empty:
        raise NothingToExportError(
            msg(
                "The run in “{folder}” holds no figure of the programme's own results that is not "
                "simulated: there is nothing to export.",
                folder=run.name,
            )
        )
    to_whom = edition.agency if edition else None
    left_out = _left_out(run, data, to_whom)
    told = causes.part(run.record, "outputs")[RESULTS_FILE]
    origin = results.checksum(edition.lines) if edition else told
    root = iati_activity.document(views, left_out, origin, to_whom)
    document = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    if problems := iati_check.problems(document):
        raise iati_check.NotValidError(to.name, problems)
    _write(document, to)
    return Exported(tuple(iati_activity.to_fill_in(views[0])), left_out)


def _require_same_data(run: Run, data: DataFolder) -> None:
    """Refuse data that the run was not made from: its figures would get other names and targets.

    What evaluation.toml says of the publisher may be other: no figure depends on it.
    """
    theirs, ours = str(run.record.get("programme", "")), data.evaluation.programme.code
    if theirs != ours:
        raise WorkbookError(
            msg(
                "The run in “{folder}” is of {theirs}, the data in “{data}” are of {ours}. Name the "
                "run's own data folder with --data.",
                folder=run.name,
                theirs=theirs,
                data=data.path.resolve().name,
                ours=ours,
            )
        )
    if changed := _changed(run.record, data):
        raise WorkbookError(
            msg(
                "The run in “{folder}” was made from other data than those in “{data}”, which have "
                "changed in {files}. Make the run again, or name its data folder with --data.",
                folder=run.name,
                data=data.path.resolve().name,
                files=", ".join(changed),
            )
        )


def _changed(record: Mapping[str, Any], data: DataFolder) -> list[str]:
    """List the files the export reads that are not as the run read them."""
    tables = data.catalog.tables
    read = {FILE, DESCRIPTION} | {
        tables[name].path.relative_to(data.path).as_posix() for name in TABLES if name in tables
    }
    return [name for name in moved(record, data) if name in read]


def _views(run: Run, data: DataFolder, edition: Edition | None) -> list[View]:
    """See the programme's own results as a reader of each language does, the evaluation's first."""
    evaluation = data.evaluation
    asked = causes.part(run.record, "parameters")
    years = evaluation.years(asked.get("baseline"), asked.get("outcome"))
    first = evaluation.language(evaluation.languages.default)
    lines = run.lines if edition is None else edition.lines
    to = edition.agency if edition else None
    places = evaluation.places(to) if to else None
    everything = View(data, lines, evaluation.everywhere, years, first, places)
    view = replace(everything, lines=iati_choice.own(everything))
    others = [evaluation.language(code) for code in CODES if code != first.code]
    return [view, *(replace(view, language=other) for other in others)]


def _left_out(run: Run, data: DataFolder, to: Agency | None) -> tuple[Region, ...]:
    """List regions of the programme that were not asked for, failed, or are not the agency's."""
    told = causes.part(run.record, "regions")
    made = {code for code, outcome in told.items() if outcome.get("status") == "ok"}
    if to is not None and to.regions:
        made &= set(to.regions)
    return tuple(each for each in data.evaluation.reported_regions() if each.code not in made)


def _write(document: bytes, to: Path) -> None:
    """Write beside and move into place, so that nobody reads half a file."""
    with tempfile.TemporaryDirectory(prefix=f".{to.name}.", dir=to.resolve().parent) as beside:
        draft = Path(beside) / to.name
        draft.write_bytes(document)
        draft.replace(to)
