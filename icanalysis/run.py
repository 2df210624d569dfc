"""Report runs: one notebook per region and language, executed strictly, published whole.

Nothing is written where it will be read until the run is complete: everything is made in a
folder beside it and moved into place at the end.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import papermill
from tqdm import tqdm
from traitlets.config import Config

from icanalysis import render, results, site
from icanalysis.context import require_years
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import Region, Years
from icanalysis.language import Language, msg
from icanalysis.load import DataFolder, sha256
from icanalysis.record import SCHEMA, Failure, failure, provenance, shareable, write_json

NOTEBOOK = Path("notebooks") / "02_region_report.ipynb"
RUN_FILE, RESULTS_FILE, INDEX_FILE = "run.json", "results.csv", "index.html"
# Generous: a region takes seconds, but a kernel that hangs must not hold the night's run.
CELL_SECONDS = 600
# What a run's folder holds, and what opening it in Jupyter or a file manager leaves there.
_OUR_FILE = re.compile(
    r"(run\.json|results\.csv|index\.html|(es|en)/\w+\.(html|ipynb))"
    r"|(.*/)?(\.DS_Store|\.ipynb_checkpoints/[^/]+)"
)


@dataclass(frozen=True)
class Plan:
    """What is to be reported: checked before anything runs."""

    data: DataFolder
    notebook: Path
    regions: tuple[Region, ...]
    years: Years
    languages: tuple[Language, ...]
    out: Path
    workers: int

    def parameters(self, region: Region, reader: Language, lines: Path) -> dict[str, object]:
        """Return what the notebook is given for one region and language."""
        return {
            "region": region.code,
            "baseline": self.years.baseline,
            "outcome": self.years.outcome,
            "language": reader.code,
            "data_dir": str(self.data.path.resolve()),
            "out_dir": str(lines),
        }

    def provenance(self) -> dict[str, object]:
        """Return what the run will be made from (see `record.provenance`)."""
        asked = {
            "regions": [region.code for region in self.regions],
            "baseline": self.years.baseline,
            "outcome": self.years.outcome,
            "languages": [reader.code for reader in self.languages],
        }
        return provenance(self.data, self.notebook, asked)


@dataclass(frozen=True)
class Outcome:
    """What became of a run: where its index is, and which regions failed."""

    index: Path
    failed: tuple[str, ...] = ()


Failures = dict[tuple[str, str], Failure]  # by region and language


def workbook_folder(start: Path) -> Path:
    """Find the folder that holds the notebooks: `start`, one above it, or the package's own."""
    for folder in (start, *start.parents, Path(__file__).parents[1]):
        if (folder / NOTEBOOK).is_file():
            return folder
    raise WorkbookError(
        msg("No workbook was found here: {notebook} is missing.", notebook=str(NOTEBOOK))
    )


def check_plan(plan: Plan) -> None:
    """Refuse, before anything runs, what would fail or mislead later.

    Every table is loaded once, so that a fault in the data is told as one message and not as four
    failed regions.

    Raises
    ------
    WorkbookError
        If a region has no data for the years, the notebook does not declare a parameter, or the
        output folder holds something that is not a run.
    DataError
        If a table departs from its description.
    """
    plan.data.load_all()
    for region in plan.regions:
        require_years(plan.data, region.code, plan.years)
    declared = papermill.inspect_notebook(str(plan.notebook))
    given = plan.parameters(plan.regions[0], plan.languages[0], Path())
    unknown = sorted(set(given) - set(declared))
    if unknown:
        # Papermill itself only warns, and then reports on the notebook's default region.
        raise WorkbookError(
            msg(
                "{notebook} has no parameter {unknown}; it declares: {declared}.",
                notebook=plan.notebook.name,
                unknown=", ".join(unknown),
                declared=", ".join(sorted(declared)),
            )
        )
    if plan.out.exists() and not _may_be_replaced(plan.out):
        raise WorkbookError(
            msg(
                "“{folder}” exists and is not the folder of a run, so it is left alone. "
                "Name another folder with --out.",
                folder=plan.out.name,
            )
        )


def _may_be_replaced(folder: Path) -> bool:
    """Whether a folder is empty, or a run of ours that holds nothing else."""
    if not folder.is_dir():
        return False
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    ours = _read_record(folder).get("schema") == SCHEMA
    return not files or (ours and all(_OUR_FILE.fullmatch(path.as_posix()) for path in files))


def _read_record(folder: Path) -> dict[str, Any]:
    """Return the record of the run in a folder; empty if there is none that can be read."""
    try:
        record = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def is_current(plan: Plan) -> bool:
    """Whether the folder already holds this very run: same data, code, parameters, all well."""
    past = _read_record(plan.out)
    expected = plan.provenance()
    expected["regions"] = {region.code: {"status": "ok"} for region in plan.regions}
    pages = [
        plan.out / reader.code / f"{region.code}{suffix}"
        for region in plan.regions
        for reader in plan.languages
        for suffix in (".html", ".ipynb")
    ]
    if not all(page.is_file() for page in [*pages, plan.out / INDEX_FILE, plan.out / RESULTS_FILE]):
        return False
    expected["results"] = {RESULTS_FILE: sha256(plan.out / RESULTS_FILE)}
    return past == expected


def report(plan: Plan) -> Outcome:
    """Make every report of a checked plan and put the run's folder in place.

    A region that fails gets a page that says why; the others are published.
    """
    plan.out.parent.mkdir(parents=True, exist_ok=True)
    with _staging(plan.out) as staging:
        failures = _execute_all(plan, staging)
        by_region = _collect(plan, staging, failures)
        failed = {code: why.message for (code, _), why in failures.items()}
        for region in plan.regions:
            if region.code in failed:
                _publish_failure(plan, staging, region, failures)
        results.write(results.merge(by_region.values()), staging / RESULTS_FILE)
        record = {
            **plan.provenance(),
            "results": {RESULTS_FILE: sha256(staging / RESULTS_FILE)},
            "regions": {region.code: _status(region, failed) for region in plan.regions},
        }
        write_json(record, staging / RUN_FILE)
        editions = [
            site.edition(plan.data, plan.regions, by_region, plan.years, reader)
            for reader in plan.languages
        ]
        (staging / INDEX_FILE).write_text(render.index_page(editions), encoding="utf-8")
        shutil.rmtree(staging / "lines")
        _move_into_place(staging, plan.out)
    return Outcome(plan.out / INDEX_FILE, tuple(sorted(failed)))


def _status(region: Region, failed: Mapping[str, str]) -> dict[str, str]:
    if region.code in failed:
        return {"status": "failed", "message": failed[region.code]}
    return {"status": "ok"}


@contextmanager
def _staging(out: Path) -> Iterator[Path]:
    """Return a folder beside `out`, gone again whatever happens unless moved into place."""
    # Absolute: kernels work in the notebooks' folder, not in ours.
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent.resolve()))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move_into_place(staging: Path, out: Path) -> None:
    """Put a finished run where it is wanted; an earlier one goes only once this one stands."""
    if not out.exists():
        staging.rename(out)
        return
    earlier = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent)) / out.name
    out.rename(earlier)
    try:
        staging.rename(out)
    except OSError:
        earlier.rename(out)
        earlier.parent.rmdir()
        raise
    shutil.rmtree(earlier.parent)


def _execute_all(plan: Plan, staging: Path) -> Failures:
    """Execute and render every region in every language; return those that failed."""
    failures: Failures = {}
    jobs = [(region, reader) for region in plan.regions for reader in plan.languages]
    # Processes, not threads: papermill changes the working directory of its process.
    # Spawned, not forked: the parent may hold threads.
    with ProcessPoolExecutor(
        max_workers=min(plan.workers, len(jobs)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_quiet,
    ) as pool:
        waiting = {
            pool.submit(_make_page, plan, region, reader, staging): (region.code, reader.code)
            for region, reader in jobs
        }
        finished = tqdm(
            as_completed(waiting),
            total=len(jobs),
            unit=plan.languages[0].say(" report"),
            disable=None,  # quiet when not a terminal
            file=sys.stderr,
        )
        for future in finished:
            error = future.exception()
            why = failure(error, _private(plan, staging)) if error else future.result()
            if why:
                failures[waiting[future]] = why
    return failures


def _make_page(plan: Plan, region: Region, reader: Language, staging: Path) -> Failure | None:
    """Execute the notebook for one region and language, and render it (in a worker)."""
    folder, lines = staging / reader.code, staging / "lines" / reader.code
    folder.mkdir(parents=True, exist_ok=True)
    lines.mkdir(parents=True, exist_ok=True)
    target = folder / f"{region.code}.ipynb"
    parameters = plan.parameters(region, reader, lines)
    programme = plan.data.evaluation.programme.title.into(reader.code)
    try:
        _execute(plan.notebook, target, parameters)
        notebook = shareable(nbformat.read(target, as_version=4), parameters)
        page = render.notebook_page(
            notebook,
            reader,
            title=f"{region.named(reader.code)} · {programme}",
            programme=programme,
            links=site.links(region, reader, plan.languages),
            footer=site.footer(reader),
        )
    except Exception as error:
        target.unlink(missing_ok=True)
        return failure(error, _private(plan, staging))
    nbformat.write(notebook, target)
    target.with_suffix(".html").write_text(page, encoding="utf-8")
    return None


def _execute(notebook: Path, target: Path, parameters: Mapping[str, object]) -> None:
    """Execute a notebook with papermill, in a kernel of its own."""
    # A folder with a short path: the names of Unix sockets may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="ica") as sockets:
        config = Config()
        if os.name == "posix":
            # Over TCP, kernels that start at the same time can pick the same port and die; and
            # other users of the machine could listen.
            config.KernelManager.transport = "ipc"
            config.KernelManager.connection_file = f"{sockets}/kernel.json"
        papermill.execute_notebook(
            str(notebook),
            str(target),
            parameters=dict(parameters),
            cwd=str(notebook.parent),
            progress_bar=False,
            request_save_on_cell_execute=False,
            execution_timeout=CELL_SECONDS,
            config=config,
        )


def _quiet() -> None:
    """Send what kernels print on their way out to nowhere: the user watches the progress bar."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _private(plan: Plan, staging: Path) -> dict[str, str]:
    """Places of this machine that a failure's page must not name, and what stands for them."""
    return {
        str(staging.resolve()): "reports",
        str(plan.data.path.resolve()): "data",
        str(plan.notebook.parent.parent.resolve()): ".",
    }


def _collect(plan: Plan, staging: Path, failures: Failures) -> dict[str, pd.DataFrame]:
    """Read the lines each region's pages wrote; one whose languages disagree has failed."""
    failed = {code for code, _ in failures}
    kept = {}
    for region in plan.regions:
        if region.code in failed:
            continue
        editions = [
            results.read(staging / "lines" / reader.code / f"{region.code}.csv")
            for reader in plan.languages
        ]
        if all(edition.equals(editions[0]) for edition in editions):
            kept[region.code] = editions[0]
            continue
        for reader in plan.languages:
            words = reader.say("The figures of the two languages differ.")
            failures[region.code, reader.code] = Failure(words, "")
    return kept


def _publish_failure(plan: Plan, staging: Path, region: Region, failures: Failures) -> None:
    """Replace a failed region's pages, in every language, with what stopped it."""
    first = next(why for (code, _), why in failures.items() if code == region.code)
    for reader in plan.languages:
        why = failures.get((region.code, reader.code), first)
        page = render.failure_page(
            reader, region=region.named(reader.code), message=why.message, traceback=why.trace
        )
        target = staging / reader.code / f"{region.code}.html"
        target.with_suffix(".ipynb").unlink(missing_ok=True)
        target.write_text(page, encoding="utf-8")
