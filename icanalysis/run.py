"""Report runs: one notebook per region and language, executed strictly, published whole.

Nothing is written where it will be read until the run is complete: everything is made in a
folder beside it and moved into place at the end. Pages that still hold are not made again.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from icanalysis import (
    aside,
    crew,
    dossier,
    farm,
    households,
    jobs,
    render,
    results,
    reuse,
    sheets,
    site,
)
from icanalysis.causes import part
from icanalysis.context import require_years
from icanalysis.crew import Hands
from icanalysis.errors import WorkbookError
from icanalysis.folder import (
    INDEX_FILE,
    RESULTS_FILE,
    RUN_FILE,
    outputs,
    read_record,
    require_replaceable,
)
from icanalysis.jobs import Job, Plan
from icanalysis.journal import Journal
from icanalysis.language import Language, Message, msg
from icanalysis.load import open_data, sha256
from icanalysis.record import Failure, inputs, provenance, write_json
from icanalysis.reuse import Basis, Kept
from icanalysis.view import View
from icanalysis.workplace import Workplace, drop, failed_name, workplace


@dataclass(frozen=True)
class Outcome:
    """What became of a run: where its index is, which pages failed, what changed meanwhile."""

    index: Path
    failed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def check_plan(plan: Plan) -> None:
    """Refuse, before anything runs, what would fail or mislead later.

    Every table is loaded once, so that a fault in the data is told as one message and not as four
    failed regions.

    Raises
    ------
    WorkbookError
        If a region has no data for the years, a notebook does not declare a parameter, or the
        output folder holds something that is not a run.
    DataError
        If a table departs from its description.
    """
    plan.data.load_all()
    # Read here first: a survey file that cannot be used is one message, not a failed report each.
    households.all_lines(plan.data, plan.years, plan.enaho)
    for region in plan.regions:
        require_years(plan.data, region.code, plan.years)
    jobs.require_parameters(plan)
    require_replaceable(plan.out)


def _provenance(plan: Plan) -> dict[str, Any]:
    """Return what the run will be made from (see `record.provenance`)."""
    asked = {
        "regions": [region.code for region in plan.regions],
        "baseline": plan.years.baseline,
        "outcome": plan.years.outcome,
        "languages": [reader.code for reader in plan.languages],
    }
    files = households.survey_files(plan.enaho, plan.data, plan.years)
    return provenance(plan.data, [plan.notebook, *plan.pages], asked, files)


def is_current(plan: Plan) -> bool:
    """Whether the folder already holds this very run: same data, code, parameters, all well."""
    expected = {**_provenance(plan), **_statuses(plan, {}), "outputs": outputs(plan.out)}
    found = read_record(plan.out)
    return {name: value for name, value in found.items() if name != "made"} == expected


def tidy(plan: Plan) -> None:
    """Drop what the run that stands left beside it, if it was killed before it could."""
    standing = read_record(plan.out)

    def is_done(page: Path) -> bool:
        return part(read_record(page, reuse.ABOUT), "record").items() <= standing.items()

    drop(plan.out, is_done)


def reasons(plan: Plan) -> dict[str, list[Message]]:
    """Tell which pages would be made, and for each what changed."""
    with workplace(plan.out) as place:
        record = _provenance(plan)
        copied = _copied(plan, place, record)
        return reuse.sort(copied, place, record, Basis(copied))[1]


def report(plan: Plan, *, afresh: bool = False) -> Outcome:
    """Make what is to be made of a checked plan and put the run's folder in place.

    A region, or a page, that fails gets a page that says why; the others are published.

    Parameters
    ----------
    afresh : bool
        Make every page again, even those that still hold.
    """
    with (
        workplace(plan.out) as place,
        Journal(plan.out) as journal,
        aside.helpers(plan.workers) as helpers,
    ):
        record = _provenance(plan)
        copied = _copied(plan, place, record)
        basis = Basis(copied)
        held = {} if afresh else reuse.sort(copied, place, record, basis)[0]
        journal.tell("start", pages=len(plan.jobs), held=len(held))
        with _hands(copied, helpers) as hands:
            failures = _make_others(copied, place, record, basis, held, journal, hands)
        failed = {job.name: failures[job.id].message for job in plan.jobs if job.id in failures}
        for job in plan.jobs:
            if job.name in failed:
                why = failures.get(job.id) or Failure(failed[job.name], "")
                jobs.publish_failure(copied, job, why, place.made)
            else:
                held[job.id].copy(place.made / job.reader.code)
        _write_whole(copied, place.made, held, failed, helpers)
        about = {job.id: dict(held[job.id].about) for job in plan.jobs if job.name not in failed}
        statuses = _statuses(plan, failed)
        whole = {**record, **statuses, "made": about, "outputs": outputs(place.made)}
        write_json(whole, place.made / RUN_FILE)
        out = plan.out
        if failed.keys() >= {region.code for region in plan.regions} and read_record(out):
            # Nothing could be made: the earlier run stays, and what failed is told beside it.
            out = failed_name(out)
        place.publish(out)
        made = Outcome(out / INDEX_FILE, tuple(sorted(failed)), tuple(_changed(plan, record)))
        status = "failed" if made.failed else "changed" if made.changed else "ok"
        journal.tell("end", status=status, failed=made.failed, changed=made.changed)
    return made


def _copied(plan: Plan, place: Workplace, record: Mapping[str, Any]) -> Plan:
    """Return the plan on a copy of its data, so that what changes meanwhile changes no page.

    Of a survey, only what was estimated from it is kept.
    """
    source = plan.data.path
    for path in inputs(plan.data):
        name = path.relative_to(source)
        target = place.data / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if sha256(target) != record["inputs"].get(name.as_posix()):
            raise WorkbookError(msg("The data changed while they were being read. Run it again."))
    enaho = None
    if plan.enaho is not None:
        enaho = place.survey
        found = households.all_lines(plan.data, plan.years, plan.enaho)
        dossier.keep_survey_lines(found, enaho)
    return replace(plan, data=open_data(place.data), enaho=enaho)


def _make_others(
    plan: Plan,
    place: Workplace,
    record: Mapping[str, Any],
    basis: Basis,
    held: dict[str, Kept],
    journal: Journal,
    hands: Hands,
) -> dict[str, Failure]:
    """Make every page that is not held, and hold it; return what stopped the others."""
    failures: dict[str, Failure] = {}

    def make(job: Job) -> None:
        begun = time.monotonic()
        with place.scratch() as folder:
            made = basis.failure(job) or hands.make(plan, job, folder)
            told = {} if isinstance(made, Failure) else reuse.about(made, plan, job, basis)
            if job.region and told and told["figures"] != told["evidence"]:
                made = Failure(msg("Its figures are not those of its region."), "")
            if isinstance(made, Failure):
                failures[job.id] = made
            else:
                held[job.id] = reuse.keep(place, job, folder, made, told, record)
        journal.tell(
            "page",
            page=job.id,
            status="failed" if job.id in failures else "ok",
            seconds=round(time.monotonic() - begun, 1),
        )

    waiting = [job for job in plan.jobs if job.id not in held]
    crew.work(waiting, make, hands, plan.languages[0])
    return failures | _disagreeing(plan, held)


def _hands(plan: Plan, helpers: Executor | None) -> AbstractContextManager[Hands]:
    """Return who makes the pages: a cluster's workers, or this machine."""
    if plan.scheduler:
        return farm.hands(plan, plan.scheduler, plan.shared)
    return crew.here(plan, helpers)


def _disagreeing(plan: Plan, held: Mapping[str, Kept]) -> dict[str, Failure]:
    """Find pages whose languages quote different figures."""
    figures: dict[str, set[object]] = {}
    for job in plan.jobs:
        if job.id in held:
            figures.setdefault(job.name, set()).add(held[job.id].about["figures"])
    why = Failure(msg("The figures of the two languages differ."), "")
    return {job.id: why for job in plan.jobs if len(figures.get(job.name, ())) > 1}


def _write_whole(
    plan: Plan,
    made: Path,
    held: Mapping[str, Kept],
    failed: Mapping[str, Message],
    helpers: Executor | None,
) -> None:
    """Write what tells of the run as a whole: its results, the reference sheets, the index."""
    made.mkdir(exist_ok=True)
    lines: dict[str, pd.DataFrame] = {}
    for job in plan.jobs:
        quoted = held[job.id].lines if job.name not in failed else None
        if quoted is not None:
            lines[job.name] = quoted
    told = results.merge(lines.values())
    results.write(told, made / RESULTS_FILE)
    tasks = []
    for reader in plan.languages:
        headings = {
            path.stem: ""
            if path.stem in failed
            else held[f"{reader.code}/{path.stem}"].about["heading"]
            for path in plan.pages
        }
        tasks.append(partial(_in_language, plan, told, lines, headings, reader))
    editions = []
    for reader, (page, edition) in zip(plan.languages, aside.done(tasks, helpers), strict=True):
        folder = made / reader.code
        folder.mkdir(exist_ok=True)
        (folder / render.SHEETS_FILE).write_text(page, encoding="utf-8")
        editions.append(edition)
    (made / INDEX_FILE).write_text(render.index_page(editions), encoding="utf-8")


def _in_language(
    plan: Plan,
    told: pd.DataFrame,
    lines: Mapping[str, pd.DataFrame],
    headings: Mapping[str, str],
    reader: Language,
) -> tuple[str, dict[str, object]]:
    """Tell of a run in one language: the sheets of all indicators, and what the index says."""
    view = View(plan.data, told, plan.data.evaluation.everywhere, plan.years, reader)
    page = render.sheets_page(
        view,
        sheets.by_level(view),
        links=site.links(Path(render.SHEETS_FILE).stem, reader, plan.languages, notebook=False),
        footer=site.footer(reader),
    )
    return page, site.edition(plan.data, plan.regions, lines, plan.years, reader, headings)


def _statuses(plan: Plan, failed: Mapping[str, Message]) -> dict[str, object]:
    """Tell what became of each region and of each page, in the run's first language."""
    told = {name: plan.languages[0].say(why) for name, why in failed.items()}
    return {
        "regions": _status((region.code for region in plan.regions), told),
        "pages": _status((page.stem for page in plan.pages), told),
    }


def _status(names: Iterable[str], failed: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        name: {"status": "failed", "message": failed[name]} if name in failed else {"status": "ok"}
        for name in names
    }


def _changed(plan: Plan, record: Mapping[str, Any]) -> list[str]:
    """List inputs and notebooks that are no longer as they were when the run began."""
    try:
        now = _provenance(plan)
    except OSError as error:
        return [Path(error.filename or "").name]
    return sorted(
        name
        for part in ("inputs", "survey_files", "notebooks")
        for name in {**record[part], **now[part]}
        if record[part].get(name) != now[part].get(name)
    )
