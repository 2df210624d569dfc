"""Pages already made that still hold, because all they were made from is as it was.

A page depends on the package, its libraries, its notebook, the years, the evaluation's settings,
the lines of evidence it may quote, and the tables it shows. Nothing is judged by its date.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from icanalysis import dossier, extracts, results
from icanalysis.causes import part
from icanalysis.folder import read_record
from icanalysis.jobs import Job, Page, Plan
from icanalysis.language import Message, msg
from icanalysis.load import DataFolder, sha256
from icanalysis.record import Failure, failure, write_json
from icanalysis.workplace import Workplace

KINDS = (".html", ".ipynb")
ABOUT = "made.json"
WHOLE = ""  # in the place of a region's code


@dataclass(frozen=True)
class Kept:
    """A page already made: where its files are, and what is on record of it."""

    folder: Path
    record: Mapping[str, Any]  # of the run that made it
    about: Mapping[str, Any]  # heading, evidence, figures, reads
    files: Mapping[str, str]  # checksum of each
    lines: pd.DataFrame | None = None  # that it adds to the results

    def copy(self, to: Path) -> None:
        """Put its files into a folder."""
        to.mkdir(parents=True, exist_ok=True)
        for name in self.files:
            shutil.copyfile(self.folder / name, to / name)


class Basis:
    """The lines that the pages of a run may quote, estimated once for all of them.

    What stops those of one region stops no other.
    """

    def __init__(self, plan: Plan) -> None:
        self._of: dict[str, str] = {}
        self._failures: dict[str, Failure] = {}
        self.lines: dict[str, pd.DataFrame] = {}  # what pages may leave, by checksum
        places = plan.private(plan.out)
        for region in plan.regions:
            try:
                found = dossier.region_lines(plan.data, region.code, plan.years, plan.enaho)
                self._of[region.code] = self._known(found)
            except Exception as error:
                self._failures[region.code] = failure(error, places)
        if not plan.pages:
            return
        try:
            joint = dossier.joint_lines(plan.data, plan.years)
            self._known(joint)
            # A page may also show the first region as an example; none is given the survey.
            parts = [
                dossier.all_lines(plan.data, plan.years),
                dossier.region_lines(plan.data, plan.regions[0].code, plan.years),
                joint,
            ]
            self._of[WHOLE] = " ".join(map(results.checksum, parts))
        except Exception as error:
            self._failures[WHOLE] = failure(error, places)

    def _known(self, found: pd.DataFrame) -> str:
        name = results.checksum(found)
        self.lines[name] = found
        return name

    def of(self, job: Job) -> str | None:
        """Return the checksum of what a page may quote; None if it could not be estimated."""
        return self._of.get(_whose(job))

    def failure(self, job: Job) -> Failure | None:
        """Return what stopped the lines a page would quote, if anything did."""
        return self._failures.get(_whose(job))


def _whose(job: Job) -> str:
    return job.region.code if job.region else WHOLE


def about(page: Page, plan: Plan, job: Job, basis: Basis) -> dict[str, Any]:
    """Record of a page what tells later whether it still holds."""
    return {
        "heading": page.heading,
        "parameters": _parameters(plan, job),
        "evidence": basis.of(job),
        "figures": None if page.lines is None else results.checksum(page.lines),
        "reads": None if page.reads is None else list(page.reads),
        "taken": dict(page.taken),
    }


def keep(
    place: Workplace,
    job: Job,
    made: Path,
    page: Page,
    told: Mapping[str, Any],
    record: Mapping[str, Any],
) -> Kept:
    """Move a page just made among those kept, whole or not at all."""
    files = {f"{job.name}{kind}": sha256(made / f"{job.name}{kind}") for kind in KINDS}
    write_json({"record": record, "about": told, "files": files}, made / ABOUT)
    target = place.pages / job.reader.code / job.name
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    made.rename(target)
    return Kept(target, record, told, files, page.lines)


def sort(
    plan: Plan, place: Workplace, record: Mapping[str, Any], basis: Basis
) -> tuple[dict[str, Kept], dict[str, list[Message]]]:
    """Tell the pages that still hold from those to be made, with what changed for each of these."""
    held: dict[str, Kept] = {}
    why: dict[str, list[Message]] = {}
    standing = read_record(plan.out)
    for job in plan.jobs:
        reasons = [msg("it was not made before")]
        for kept in _candidates(plan, place, job, standing):
            reasons = _changes(kept, record, plan, job, basis)
            if not reasons:
                lines = basis.lines.get(str(kept.about["figures"]))
                held[job.id] = replace(kept, lines=lines)
                break
        else:
            why[job.id] = reasons
    return held, why


def _candidates(
    plan: Plan, place: Workplace, job: Job, standing: Mapping[str, Any]
) -> Iterator[Kept]:
    """Pages of this name: of the run that stands, then of one that was stopped."""
    if (told := part(standing, "made").get(job.id)) is not None:
        outputs = part(standing, "outputs")
        files = {f"{job.name}{kind}": str(outputs.get(f"{job.id}{kind}", "")) for kind in KINDS}
        yield Kept(plan.out / job.reader.code, standing, told, files)
    folder = place.pages / job.reader.code / job.name
    stopped = read_record(folder, ABOUT)
    if stopped:
        yield Kept(folder, part(stopped, "record"), part(stopped, "about"), part(stopped, "files"))


def _changes(
    kept: Kept, record: Mapping[str, Any], plan: Plan, job: Job, basis: Basis
) -> list[Message]:
    """List what a page was made from that is no longer so; nothing, if it still holds."""
    before, told, data = kept.record, kept.about, plan.data
    parts = {
        "icanalysis": msg("the package icanalysis"),
        "versions": msg("the libraries"),
        "settings": msg("the evaluation's settings"),
    }
    changes = [words for name, words in parts.items() if before.get(name) != record[name]]
    if told.get("parameters") != _parameters(plan, job):
        changes.append(msg("its region, years or language"))
    notebook = job.notebook.name
    if part(before, "notebooks").get(notebook) != record["notebooks"][notebook]:
        changes.append(msg("the notebook"))
    if told.get("evidence") != basis.of(job):
        changes.append(msg("its figures"))
    elif told.get("figures") not in (None, *basis.lines):
        changes.append(msg("figures of its own, which are not kept"))
    moved = [
        name
        for name in _read(told, data)
        if _table(before, data, name) != _table(record, data, name)
    ]
    taken = part(told, "taken")
    other = {
        extracts.of_table(asked) for asked in taken if extracts.now(data, asked) != taken[asked]
    }
    moved += sorted(other.difference(moved))
    if moved:
        changes.append(msg("the tables {names}", names=", ".join(moved)))
    if any(_sum(kept.folder / name) != known for name, known in kept.files.items()):
        changes.append(msg("its files, which are not as they were written"))
    return changes


def _parameters(plan: Plan, job: Job) -> dict[str, object]:
    """Return what the notebook is given, but for places of this machine."""
    given = plan.parameters(job, Path())
    return {name: value for name, value in given.items() if not name.endswith("_dir")}


def _read(told: Mapping[str, Any], data: DataFolder) -> Sequence[str]:
    """Tables that a page showed: all of them, where it did not tell."""
    reads = told.get("reads")
    return list(data.catalog.tables) if reads is None else reads


def _table(record: Mapping[str, Any], data: DataFolder, name: str) -> object:
    table = data.catalog.tables.get(name)
    return table and part(record, "inputs").get(table.path.relative_to(data.path).as_posix())


def _sum(path: Path) -> str:
    try:
        return sha256(path)
    except OSError:
        return "missing"
