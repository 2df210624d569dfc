"""Report runs: one notebook per region and language, executed strictly, published whole.

Nothing is written where it will be read until the run is complete: everything is made in a
folder beside it and moved into place at the end.
"""

from __future__ import annotations

import getpass
import importlib.metadata
import json
import math
import multiprocessing
import platform
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pandas as pd
import papermill
from papermill.exceptions import PapermillExecutionError
from tqdm import tqdm

from icanalysis import render, results, wording
from icanalysis.catalog import DESCRIPTION
from icanalysis.context import require_years
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import FILE, Region, Years
from icanalysis.language import Language, msg
from icanalysis.load import DataFolder, sha256
from icanalysis.view import View

NOTEBOOK = Path("notebooks") / "02_region_report.ipynb"
RUN_FILE, RESULTS_FILE, INDEX_FILE = "run.json", "results.csv", "index.html"
SCHEMA = "icanalysis-run/1"
# What the figures depend on, recorded in run.json.
COMPUTED_BY = (
    "pandas",
    "numpy",
    "scipy",
    "statsmodels",
    "matplotlib",
    "seaborn",
    "papermill",
    "nbconvert",
)
# Generous: a region takes seconds; a kernel that hangs must not hold the night's run.
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


@dataclass
class Outcome:
    """What became of a run: where its index is, and which regions failed."""

    index: Path
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Failure:
    """Why one region's report could not be made, in one language."""

    message: str
    trace: str


def workbook_folder(start: Path) -> Path:
    """Find the folder that holds the notebooks: `start` or one above it, else the package's own."""
    for folder in (start, *start.parents, Path(__file__).parents[1]):
        if (folder / NOTEBOOK).is_file():
            return folder
    raise WorkbookError(
        msg("No workbook was found here: {notebook} is missing.", notebook=str(NOTEBOOK))
    )


def check_plan(plan: Plan) -> None:
    """Refuse, before anything runs, what would fail or mislead later.

    Every table a report reads is loaded once, so that a fault in the data is told as one
    message and not as four failed regions.

    Raises
    ------
    WorkbookError
        If a region has no data for the years, the notebook does not declare a parameter, or
        the output folder holds something that is not a run.
    DataError
        If a table departs from its description.
    """
    for name in plan.data.catalog.tables:
        plan.data.table(name)
    for region in plan.regions:
        require_years(plan.data, region.code, plan.years)
    declared = papermill.inspect_notebook(str(plan.notebook))
    given = _parameters(plan, plan.regions[0], plan.languages[0], Path())
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
    if plan.out.exists() and not _is_run(plan.out):
        raise WorkbookError(
            msg(
                "“{folder}” exists and is not the folder of a run, so it is left alone. "
                "Name another folder with --out.",
                folder=plan.out.name,
            )
        )


def _is_run(folder: Path) -> bool:
    """Whether a folder may be replaced: an earlier run of ours, or an empty folder."""
    if not folder.is_dir():
        return False
    return not any(folder.iterdir()) or (folder / RUN_FILE).is_file()


def report(plan: Plan) -> Outcome:
    """Make every report of a checked plan and put the run's folder in place.

    A region that fails gets a page that says why; the others are published.
    """
    plan.out.parent.mkdir(parents=True, exist_ok=True)
    with _staging(plan.out) as staging:
        failures = _execute_all(plan, staging)
        failed = {code for code, _ in failures}
        lines = _collect(plan, staging, failed, failures)
        for region in plan.regions:
            if region.code in failed:
                _publish_failure(plan, staging, region, failures)
        results.write(lines, staging / RESULTS_FILE)
        _write_run_file(plan, staging, failures)
        index = render.index_page(
            [_edition(plan, lines, failed, reader) for reader in plan.languages]
        )
        (staging / INDEX_FILE).write_text(index, encoding="utf-8")
        _move_into_place(staging, plan.out)
    return Outcome(plan.out / INDEX_FILE, sorted(failed))


@contextmanager
def _staging(out: Path) -> Iterator[Path]:
    """Return a folder beside `out`, gone again whatever happens unless moved into place."""
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move_into_place(staging: Path, out: Path) -> None:
    shutil.rmtree(staging / "lines")
    if out.exists():
        replaced = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
        out.rename(replaced / out.name)
        staging.rename(out)
        shutil.rmtree(replaced)
    else:
        staging.rename(out)


# --- executing -----------------------------------------------------------------------


def _parameters(plan: Plan, region: Region, reader: Language, lines: Path) -> dict[str, object]:
    return {
        "region": region.code,
        "baseline": plan.years.baseline,
        "outcome": plan.years.outcome,
        "language": reader.code,
        "data_dir": str(plan.data.path.resolve()),
        "out_dir": str(lines),
    }


def _execute_all(plan: Plan, staging: Path) -> dict[tuple[str, str], Failure]:
    """Execute and render every region in every language; return those that failed."""
    failures: dict[tuple[str, str], Failure] = {}
    jobs = [(region, reader) for region in plan.regions for reader in plan.languages]
    # Processes, not threads: papermill changes the working directory of its process.
    # Spawned, not forked: the parent may hold threads.
    with ProcessPoolExecutor(
        max_workers=min(plan.workers, len(jobs)),
        mp_context=multiprocessing.get_context("spawn"),
    ) as pool:
        waiting = {
            pool.submit(_make_page, plan, region, reader, staging): (region.code, reader.code)
            for region, reader in jobs
        }
        finished = tqdm(
            as_completed(waiting),
            total=len(jobs),
            unit=plan.languages[0].say("report"),
            disable=None,  # quiet when not a terminal
            file=sys.stderr,
        )
        for future in finished:
            try:
                failure = future.result()
            except Exception as error:
                failure = Failure(str(error), "".join(traceback.format_exception(error)))
            if failure:
                failures[waiting[future]] = failure
    return failures


def _make_page(plan: Plan, region: Region, reader: Language, staging: Path) -> Failure | None:
    """Execute the notebook for one region and language, and render it (in a worker)."""
    folder, lines = staging / reader.code, staging / "lines" / reader.code
    folder.mkdir(parents=True, exist_ok=True)
    lines.mkdir(parents=True, exist_ok=True)
    target = folder / f"{region.code}.ipynb"
    parameters = _parameters(plan, region, reader, lines)
    try:
        papermill.execute_notebook(
            str(plan.notebook),
            str(target),
            parameters=parameters,
            cwd=str(plan.notebook.parent),
            progress_bar=False,
            request_save_on_cell_execute=False,
            execution_timeout=CELL_SECONDS,
        )
        notebook = shareable(nbformat.read(target, as_version=4), parameters)
        page = render.notebook_page(
            notebook,
            reader,
            title=f"{region.named(reader.code)} · {plan.data.evaluation.programme.title.into(reader.code)}",
            programme=plan.data.evaluation.programme.title.into(reader.code),
            links=_links(plan, region, reader),
            footer=_footer(reader),
        )
    except Exception as error:
        target.unlink(missing_ok=True)
        return _failure(plan, staging, error)
    nbformat.write(notebook, target)
    target.with_suffix(".html").write_text(page, encoding="utf-8")
    return None


def _failure(plan: Plan, staging: Path, error: Exception) -> Failure:
    """Word what stopped a report, without paths or names of this machine."""
    if isinstance(error, PapermillExecutionError):
        message = f"{error.ename}: {error.evalue}"
        trace = "\n".join(error.traceback)
    else:
        message = f"{type(error).__name__}: {error}"
        trace = "".join(traceback.format_exception(error))
    private = {
        str(staging): "reports",
        str(plan.data.path.resolve()): "data",
        str(plan.notebook.parent.resolve().parent): ".",
        sys.prefix: "python",
        sys.base_prefix: "python",
        tempfile.gettempdir(): "temporary",
        str(Path.home()): "~",
        f"/{getpass.getuser()}/": "/user/",
    }
    return Failure(scrub(message, private), scrub(trace, private))


def scrub(text: str, private: Mapping[str, str]) -> str:
    """Take terminal colours and private places out of a text, the longest place first."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    for place in sorted(private, key=len, reverse=True):
        text = text.replace(place, private[place])
    return text


def shareable(
    notebook: nbformat.NotebookNode, parameters: Mapping[str, object]
) -> nbformat.NotebookNode:
    """Return the executed notebook without what papermill records of this machine.

    Its paths and times leave the metadata; the folders in the injected parameters become
    the notebook's own relative ones.
    """
    clean = nbformat.from_dict(json.loads(json.dumps(notebook)))
    clean.metadata.pop("papermill", None)
    for cell in clean.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            for name, shown in (("data_dir", "../data"), ("out_dir", "")):
                cell.source = cell.source.replace(json.dumps(parameters[name]), json.dumps(shown))
    # Papermill numbers cells at random; by position they are the same each time.
    for place, cell in enumerate(clean.cells):
        cell["id"] = f"cell-{place}"
    return clean


# --- collecting ----------------------------------------------------------------------


def _collect(
    plan: Plan, staging: Path, failed: set[str], failures: dict[tuple[str, str], Failure]
) -> pd.DataFrame:
    """Put together the lines each page wrote; a region whose languages disagree has failed."""
    kept = []
    for region in plan.regions:
        if region.code in failed:
            continue
        editions = [
            results.read(staging / "lines" / reader.code / f"{region.code}.csv")
            for reader in plan.languages
        ]
        if any(not edition.equals(editions[0]) for edition in editions[1:]):
            failed.add(region.code)
            for reader in plan.languages:
                words = reader.say("The figures of the two languages differ.")
                failures[region.code, reader.code] = Failure(words, "")
            continue
        kept.append(editions[0])
    return results.merge(kept)


def _publish_failure(
    plan: Plan, staging: Path, region: Region, failures: Mapping[tuple[str, str], Failure]
) -> None:
    """Replace a failed region's pages, in every language, with what stopped it."""
    first = next(failure for (code, _), failure in failures.items() if code == region.code)
    for reader in plan.languages:
        failure = failures.get((region.code, reader.code), first)
        page = render.failure_page(
            reader,
            region=region.named(reader.code),
            message=failure.message,
            traceback=failure.trace,
        )
        target = staging / reader.code / f"{region.code}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.with_suffix(".ipynb").unlink(missing_ok=True)
        target.write_text(page, encoding="utf-8")


def _write_run_file(plan: Plan, staging: Path, failures: Mapping[tuple[str, str], Failure]) -> None:
    """Record what the run was made from: enough to make it again, nothing of the machine."""
    data = plan.data
    files = [
        data.path / FILE,
        data.path / DESCRIPTION,
        *(table.path for table in data.catalog.tables.values()),
    ]
    packages = {name: importlib.metadata.version(name) for name in COMPUTED_BY}
    failed = {code: failure.message for (code, _), failure in failures.items()}
    record = {
        "schema": SCHEMA,
        "programme": data.evaluation.programme.code,
        "parameters": {
            "regions": [region.code for region in plan.regions],
            "baseline": plan.years.baseline,
            "outcome": plan.years.outcome,
            "languages": [reader.code for reader in plan.languages],
        },
        "inputs": {path.relative_to(data.path).as_posix(): sha256(path) for path in sorted(files)},
        "notebook": {plan.notebook.name: sha256(plan.notebook)},
        "results": {RESULTS_FILE: sha256(staging / RESULTS_FILE)},
        "icanalysis": importlib.metadata.version("icanalysis"),
        "versions": {"python": platform.python_version(), **packages},
        "regions": {
            region.code: {"status": "failed", "message": failed[region.code]}
            if region.code in failed
            else {"status": "ok"}
            for region in plan.regions
        },
    }
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    (staging / RUN_FILE).write_text(text, encoding="utf-8")


# --- links between pages -------------------------------------------------------------


def _links(plan: Plan, region: Region, reader: Language) -> list[dict[str, str]]:
    links = [{"href": "../index.html", "text": reader.say("All regions")}]
    links += [
        {
            "href": f"../{other.code}/{region.code}.html",
            "text": render.ENDONYMS[other.code],
            "language": other.code,
        }
        for other in plan.languages
        if other.code != reader.code
    ]
    return [*links, {"href": f"{region.code}.ipynb", "text": reader.say("Notebook")}]


def _footer(reader: Language) -> str:
    return reader.say(
        "Made with icanalysis {version}. Every figure on this page is a row of results.csv; "
        "run.json records the data it was made from.",
        version=importlib.metadata.version("icanalysis"),
    )


def _edition(
    plan: Plan, lines: pd.DataFrame, failed: Sequence[str] | set[str], reader: Language
) -> dict[str, object]:
    """Build the index in one language: a card per region, its sentences quoted from the lines."""
    say = reader.say
    return {
        "code": reader.code,
        "name": render.ENDONYMS[reader.code],
        "heading": plan.data.evaluation.programme.title.into(reader.code),
        "lead": say(
            "One report per region: what the programme reported there, and what happened to the region "
            "from {baseline} to {outcome}.",
            baseline=plan.years.baseline,
            outcome=plan.years.outcome,
        ),
        "cards": [
            _card(plan, lines, region, region.code in failed, reader) for region in plan.regions
        ],
        "note": say("All figures, with unit, period and source:"),
        "links": [{"href": name, "text": name} for name in (RESULTS_FILE, RUN_FILE)],
    }


def _card(
    plan: Plan, lines: pd.DataFrame, region: Region, failed: bool, reader: Language
) -> dict[str, object]:
    page = {"href": f"{reader.code}/{region.code}.html", "text": reader.say("Read the report")}
    if failed:
        sentences = [reader.say("This report could not be made; its page says why.")]
        return {
            "name": region.named(reader.code),
            "failed": True,
            "sentences": sentences,
            "links": [page],
        }
    view = View(plan.data, lines, region, plan.years, reader)
    headline = plan.data.evaluation.context[0].indicator
    sentences = [wording.delivery(view), wording.change(view, headline)]
    line = view.one(
        indicator=headline,
        region=region.code,
        statistic="change",
        period=f"{plan.years.baseline}-{plan.years.outcome}",
    )
    if line is not None and not math.isnan(line["value"]):
        sentences.append(f"({wording.change_status(line['status'], reader)})")
    notebook = {"href": f"{reader.code}/{region.code}.ipynb", "text": reader.say("Notebook")}
    return {
        "name": region.named(reader.code),
        "failed": False,
        "sentences": sentences,
        "links": [page, notebook],
    }
