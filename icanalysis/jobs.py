"""The pages of a run, each an executed notebook: what it is given, how it runs, what it leaves."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import papermill
from traitlets.config import Config

from icanalysis import aside, render, results, site, warm
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import Region, Years
from icanalysis.extracts import READS
from icanalysis.kernels import Kernels
from icanalysis.language import Language, msg
from icanalysis.load import DataFolder
from icanalysis.record import Failure, failure, shareable

# Generous: a page takes seconds, but a kernel that hangs must not hold the night's run.
SECONDS = 30 * 60.0
# What a page of the whole programme must be given, for it to be in the right language and years.
NEEDED = ("baseline", "outcome", "language", "data_dir", "out_dir")


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
    pages: tuple[Path, ...] = ()
    seconds: float = SECONDS  # for one notebook
    scheduler: str = ""  # of the Dask cluster that makes the pages; without one, this machine
    shared: str = ""  # where its workers find what they need

    @property
    def jobs(self) -> list[Job]:
        """One job for each page and language: those of the regions, then the programme's."""
        regions = [(self.notebook, region.code, region) for region in self.regions]
        pages = [(path, path.stem, None) for path in self.pages]
        return [
            Job(notebook, name, region, reader)
            for notebook, name, region in [*regions, *pages]
            for reader in self.languages
        ]

    def parameters(self, job: Job, lines: Path) -> dict[str, object]:
        """Return what a notebook is given.

        Its region is that of the report, or the first for a page on the whole programme, which
        is given only what it declares.
        """
        region = job.region or self.regions[0]
        given: dict[str, object] = {
            "region": region.code,
            "baseline": self.years.baseline,
            "outcome": self.years.outcome,
            "language": job.reader.code,
            "data_dir": str(self.data.path.resolve()),
            "enaho_dir": str(self.enaho.resolve()) if self.enaho else "",
            "out_dir": str(lines),
        }
        if job.region:
            return given
        declared = papermill.inspect_notebook(str(job.notebook))
        return {name: value for name, value in given.items() if name in declared}

    def private(self, folder: Path) -> dict[str, str]:
        """Places of this machine that a failure's page must not name, and what stands for them."""
        return {
            str(folder.resolve()): "reports",
            str(self.data.path.resolve()): "data",
            **({str(self.enaho.resolve()): "enaho"} if self.enaho else {}),
            str(self.notebook.parent.parent.resolve()): ".",
        }


@dataclass(frozen=True)
class Job:
    """One page in one language: of a region or, without one, of the programme as a whole."""

    notebook: Path
    name: str  # of its files
    region: Region | None
    reader: Language

    @property
    def id(self) -> str:
        """Language and name, as its files are found: no other job of a run has both."""
        return f"{self.reader.code}/{self.name}"


@dataclass(frozen=True)
class Page:
    """What a job made, besides its files: the question it asks, its figures, what it read.

    A page that writes no lines quotes those of others. One that does not tell what it read may
    have read every table. Of tables it did not read whole, `taken` tells what it took (`extracts`).
    """

    heading: str
    lines: pd.DataFrame | None = None
    reads: tuple[str, ...] | None = None
    taken: Mapping[str, str] = field(default_factory=dict)


def require_parameters(plan: Plan) -> None:
    """Refuse notebooks that do not declare what they would be given.

    Papermill itself only warns, and then reports on the notebook's default region.

    Raises
    ------
    WorkbookError
        Naming the notebook, what it lacks and what it declares.
    """
    wanted = {plan.notebook: tuple(plan.parameters(plan.jobs[0], Path()))}
    wanted |= dict.fromkeys(plan.pages, NEEDED)
    for notebook, names in wanted.items():
        declared = papermill.inspect_notebook(str(notebook))
        if unknown := sorted(set(names) - set(declared)):
            raise WorkbookError(
                msg(
                    "{notebook} has no parameter {unknown}; it declares: {declared}.",
                    notebook=notebook.name,
                    unknown=", ".join(unknown),
                    declared=", ".join(sorted(declared)),
                )
            )


def make(plan: Plan, job: Job, folder: Path, helpers: Executor | None = None) -> Page | Failure:
    """Execute a job's notebook and render it, both into `folder`.

    Rendered in one of the `helpers`, if there are any (see `aside`).
    """
    target = folder / f"{job.name}.ipynb"
    left = folder / "left"
    left.mkdir()
    try:
        parameters = plan.parameters(job, left)
        execute(job.notebook, target, parameters, plan.seconds)
        made = Page("", _lines(job, left), **_told(left))
        notebook = shareable(nbformat.read(target, as_version=4), parameters)
        page = _rendered(plan, job, notebook, helpers)
    except Exception as error:
        return failure(error, plan.private(folder))
    shutil.rmtree(left)
    nbformat.write(notebook, target)
    target.with_suffix(".html").write_text(page, encoding="utf-8")
    return replace(made, heading=site.heading(page))


def _lines(job: Job, left: Path) -> pd.DataFrame | None:
    """Read the lines a notebook wrote: a region's must, and must be of that region."""
    files = sorted(left.glob("*.csv"))
    if job.region is None:
        return results.merge(map(results.read, files)) if files else None
    lines = results.read(left / f"{job.region.code}.csv")
    if not (lines["region"] == job.region.code).any():
        raise ValueError(f"the notebook wrote no figure of {job.region.code}")
    return lines


def _told(left: Path) -> dict[str, Any]:
    """Read what a page says that it was made from."""
    path = left / READS
    if not path.is_file():
        return {}
    told = json.loads(path.read_text(encoding="utf-8"))
    return {"reads": tuple(told["reads"]), "taken": told["taken"]}


def _rendered(
    plan: Plan, job: Job, notebook: nbformat.NotebookNode, helpers: Executor | None = None
) -> str:
    page = partial(
        render.notebook_page,
        notebook,
        job.reader,
        title=site.title(job.region, plan.data.evaluation, job.reader),
        programme=plan.data.evaluation.programme.title.into(job.reader.code),
        links=site.links(job.name, job.reader, plan.languages),
        footer=site.footer(job.reader),
        indicators=site.names(plan.data, job.reader),
        pages=[page.stem for page in plan.pages],
    )
    return aside.done([page], helpers)[0]


def publish_failure(plan: Plan, job: Job, why: Failure, made: Path) -> None:
    """Write what stands where a page could not be made."""
    page = render.failure_page(
        job.reader,
        name=job.region.named(job.reader.code) if job.region else job.name,
        message=job.reader.say(why.message),
        traceback=why.trace,
    )
    target = made / job.reader.code / f"{job.name}.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")


def execute(notebook: Path, target: Path, parameters: Mapping[str, object], seconds: float) -> None:
    """Execute a notebook with papermill, in a kernel of its own, within so many seconds."""
    end = time.monotonic() + seconds
    # A folder with a short path: the names of Unix sockets may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="ica-kernel-", dir=warm.shelter()) as sockets:
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
            progress_bar=False,
            request_save_on_cell_execute=False,
            # Of the whole notebook, so what is left of it for each cell; nought would be no limit.
            timeout_func=lambda _: max(end - time.monotonic(), 0.1),
            config=config,
            kernel_manager_class=Kernels,
            # Papermill's own `cwd` changes the folder of this whole process.
            resources={"metadata": {"path": str(notebook.parent)}},
            shutdown_kernel="immediate",  # nothing is left to be said
        )
