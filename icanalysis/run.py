"""Report runs: one notebook per region and language, executed strictly, published whole.

Nothing is written where it will be read until the run is complete: everything is made in a
folder beside it and moved into place at the end.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd
import papermill
from tqdm import tqdm
from traitlets.config import Config

from icanalysis import render, results, site
from icanalysis.context import require_years
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import Region, Years
from icanalysis.folder import (
    INDEX_FILE,
    RESULTS_FILE,
    RUN_FILE,
    move_into_place,
    outputs,
    read_record,
    require_replaceable,
    staging,
)
from icanalysis.households import all_lines, survey_files
from icanalysis.language import Language, msg
from icanalysis.load import DataFolder
from icanalysis.record import Failure, failure, provenance, shareable, write_json

NOTEBOOK = Path("notebooks") / "02_region_report.ipynb"
# Generous: a region takes seconds, but a kernel that hangs must not hold the night's run.
CELL_SECONDS = 600


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
    enaho: Path | None = None

    def parameters(self, region: Region, reader: Language, lines: Path) -> dict[str, object]:
        """Return what the notebook is given for one region and language."""
        return {
            "region": region.code,
            "baseline": self.years.baseline,
            "outcome": self.years.outcome,
            "language": reader.code,
            "data_dir": str(self.data.path.resolve()),
            "enaho_dir": str(self.enaho.resolve()) if self.enaho else "",
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
        return provenance(
            self.data, self.notebook, asked, survey_files(self.enaho, self.data, self.years)
        )


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
    # Read here first: a survey file that cannot be used is one message, not a failed report each.
    all_lines(plan.data, plan.years, plan.enaho)
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
    require_replaceable(plan.out)


def is_current(plan: Plan) -> bool:
    """Whether the folder already holds this very run: same data, code, parameters, all well."""
    expected = {
        **plan.provenance(),
        "regions": {region.code: {"status": "ok"} for region in plan.regions},
        "outputs": outputs(plan.out),
    }
    return read_record(plan.out) == expected


def report(plan: Plan) -> Outcome:
    """Make every report of a checked plan and put the run's folder in place.

    A region that fails gets a page that says why; the others are published.
    """
    plan.out.parent.mkdir(parents=True, exist_ok=True)
    with staging(plan.out) as made:
        by_region, failures = _execute_all(plan, made)
        failed = {code: why.message for (code, _), why in failures.items()}
        for region in plan.regions:
            if region.code in failed:
                _publish_failure(plan, made, region, failures)
        results.write(results.merge(by_region.values()), made / RESULTS_FILE)
        editions = [
            site.edition(plan.data, plan.regions, by_region, plan.years, reader)
            for reader in plan.languages
        ]
        (made / INDEX_FILE).write_text(render.index_page(editions), encoding="utf-8")
        record = {
            **plan.provenance(),
            "regions": {region.code: _status(region, failed) for region in plan.regions},
            "outputs": outputs(made),
        }
        write_json(record, made / RUN_FILE)
        out = plan.out
        if not by_region and read_record(out):
            # Nothing could be made: the earlier run stays, and what failed is told beside it.
            out = out.with_name(f"{out.name}_failed")
        move_into_place(made, out)
    return Outcome(out / INDEX_FILE, tuple(sorted(failed)))


def _status(region: Region, failed: Mapping[str, str]) -> dict[str, str]:
    if region.code in failed:
        return {"status": "failed", "message": failed[region.code]}
    return {"status": "ok"}


def _execute_all(plan: Plan, made: Path) -> tuple[dict[str, pd.DataFrame], Failures]:
    """Execute and render every region in every language.

    Returns
    -------
    dict
        Each region's lines, of those that all went well.
    dict
        What stopped the others, by region and language.
    """
    editions: dict[tuple[str, str], pd.DataFrame] = {}
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
            pool.submit(_make_page, plan, region, reader, made): (region.code, reader.code)
            for region, reader in jobs
        }
        finished = tqdm(
            as_completed(waiting),
            total=len(jobs),
            unit=plan.languages[0].say(" report"),
            disable=None,  # quiet when not a terminal
            file=sys.stderr,
        )
        try:
            for future in finished:
                error = future.exception()
                done = failure(error, _private(plan, made)) if error else future.result()
                if isinstance(done, Failure):
                    failures[waiting[future]] = done
                else:
                    editions[waiting[future]] = done
        except BaseException:
            # Interrupted: pages not begun are not made. Those begun must end before the
            # clean-up, or they would write after it.
            pool.shutdown(cancel_futures=True)
            raise
    return _agreed(plan, editions, failures), failures


def _agreed(
    plan: Plan, editions: Mapping[tuple[str, str], pd.DataFrame], failures: Failures
) -> dict[str, pd.DataFrame]:
    """Return the lines of each region that went well; one whose languages disagree has failed."""
    failed = {code for code, _ in failures}
    kept = {}
    for region in plan.regions:
        if region.code in failed:
            continue
        found = [editions[region.code, reader.code] for reader in plan.languages]
        if all(edition.equals(found[0]) for edition in found):
            kept[region.code] = found[0]
            continue
        for reader in plan.languages:
            words = reader.say("The figures of the two languages differ.")
            failures[region.code, reader.code] = Failure(words, "")
    return kept


def _make_page(plan: Plan, region: Region, reader: Language, made: Path) -> pd.DataFrame | Failure:
    """Execute the notebook for one region and language, and render it (in a worker).

    Returns the lines the notebook wrote, or why there are none.
    """
    target = made / reader.code / f"{region.code}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    programme = plan.data.evaluation.programme.title.into(reader.code)
    try:
        with tempfile.TemporaryDirectory() as written:
            parameters = plan.parameters(region, reader, Path(written))
            _execute(plan.notebook, target, parameters)
            lines = results.read(Path(written) / f"{region.code}.csv")
        if not (lines["region"] == region.code).any():
            raise ValueError(f"the notebook wrote no figure of {region.code}")
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
        return failure(error, _private(plan, made))
    nbformat.write(notebook, target)
    target.with_suffix(".html").write_text(page, encoding="utf-8")
    return lines


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


def _private(plan: Plan, made: Path) -> dict[str, str]:
    """Places of this machine that a failure's page must not name, and what stands for them."""
    return {
        str(made.resolve()): "reports",
        str(plan.data.path.resolve()): "data",
        **({str(plan.enaho.resolve()): "enaho"} if plan.enaho else {}),
        str(plan.notebook.parent.parent.resolve()): ".",
    }


def _publish_failure(plan: Plan, made: Path, region: Region, failures: Failures) -> None:
    """Replace a failed region's pages, in every language, with what stopped it."""
    first = next(why for (code, _), why in failures.items() if code == region.code)
    for reader in plan.languages:
        why = failures.get((region.code, reader.code), first)
        page = render.failure_page(
            reader, region=region.named(reader.code), message=why.message, traceback=why.trace
        )
        target = made / reader.code / f"{region.code}.html"
        target.with_suffix(".ipynb").unlink(missing_ok=True)
        target.write_text(page, encoding="utf-8")
