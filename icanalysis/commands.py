"""What the commands of the command line do; each returns its exit code.

0 all well; 1 something was found, or a region failed and the rest stand; 2 wrong use or bad data,
told in one message without a traceback (see `telling`).
"""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from icanalysis import warm, workbook
from icanalysis.errors import listing
from icanalysis.evaluation import Evaluation, Region, Years
from icanalysis.language import CODES
from icanalysis.load import open_data
from icanalysis.telling import FOUND, reader_of, shown

# Most characters of regions' codes in the name of a run's folder.
LONGEST_NAME = 100


def report(
    regions: tuple[str, ...],
    every: bool,
    baseline: int | None,
    outcome: int | None,
    language: str,
    data_dir: Path | None,
    enaho_dir: Path | None,
    pages: bool,
    out: Path | None,
    force: bool,
    why: bool,
    minutes: float,
    workers: int,
    scheduler: str,
    shared: str,
) -> int:
    """Make one report per region, and an index of them."""
    if regions and every:
        raise click.UsageError("name regions, or --all-departments, not both")
    # Ended from outside, a run still leaves nothing half-made.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = workbook.folder(Path.cwd())
    # Libraries load in the process that kernels are forked from while they load here.
    warm.prepare()
    data = open_data(data_dir or folder / "data")
    evaluation = data.evaluation
    years = evaluation.years(baseline, outcome)
    chosen = (
        tuple(dict.fromkeys(evaluation.region(data.region_code(name)) for name in regions))
        if regions
        else evaluation.reported_regions(every=every)
    )
    codes = CODES if language == "both" else (language,)
    first = evaluation.languages.default
    # A run on other data never takes the place of one on the workbook's own.
    own = (
        "" if data.path.resolve() == (folder / "data").resolve() else f"{data.path.resolve().name}_"
    )
    # Papermill and nbconvert take a second that the other commands need not pay.
    from icanalysis import jobs, run
    from icanalysis.folder import INDEX_FILE

    plan = jobs.Plan(
        data=data,
        notebook=folder / workbook.NOTEBOOK,
        regions=chosen,
        years=years,
        languages=tuple(
            evaluation.language(code) for code in sorted(codes, key=lambda code: code != first)
        ),
        out=(
            out or folder / "reports" / (own + _run_name(evaluation, chosen, years, language))
        ).resolve(),
        workers=workers,
        enaho=enaho_dir,
        pages=workbook.pages(folder) if pages else (),
        seconds=minutes * 60,
        scheduler=scheduler,
        shared=shared,
    )
    reader = reader_of(language)
    run.check_plan(plan)
    if why:
        for page, reasons in run.reasons(plan).items():
            click.echo(f"{page}: {'; '.join(map(reader.say, reasons))}")
        return 0
    if not force and run.is_current(plan):
        run.tidy(plan)
        click.echo(reader.say("Nothing changed since this run; --force repeats it."))
        click.echo(shown(plan.out / INDEX_FILE))
        return 0
    try:
        made = run.report(plan, afresh=force)
    except KeyboardInterrupt:
        click.echo(
            reader.say(
                "Stopped. Pages already made are kept: the same command goes on from there."
            ),
            err=True,
        )
        return FOUND
    for code in made.failed:
        told_of = reader.say("{name}: it could not be made; its page says why.", name=code)
        click.echo(told_of, err=True)
    if made.changed:
        click.echo(
            reader.say(
                "These files changed while the reports were being made, which show them as they "
                "were at the start: {names}. Run it again.",
                names=", ".join(made.changed),
            ),
            err=True,
        )
    click.echo(shown(made.index))
    return FOUND if made.failed or made.changed else 0


def _run_name(
    evaluation: Evaluation, regions: Sequence[Region], years: Years, languages: str
) -> str:
    """Name a run's folder after what it holds, so that one region does not replace four."""
    parts = [evaluation.programme.code, f"{years.baseline}-{years.outcome}"]
    if tuple(regions) == evaluation.reported_regions(every=True):
        parts.append("all")
    elif tuple(regions) != evaluation.reported_regions():
        parts.append(_short("-".join(region.code for region in regions), len(regions)))
    if languages != "both":
        parts.append(languages)
    return "_".join(parts)


def _short(codes: str, count: int) -> str:
    """Name regions by their codes, or by their number and a checksum where these are many.

    Names of folders may have 255 bytes at most, with what stands before and after.
    """
    if len(codes) <= LONGEST_NAME:
        return codes
    return f"{count}-regions-{hashlib.sha256(codes.encode()).hexdigest()[:8]}"


def check(
    target: Path | None,
    data_dir: Path | None,
    table: str | None,
    accept: bool,
    language: str | None,
) -> int:
    """Check the data package, or one CSV or XLSX file: every problem, with its place and remedy."""
    from icanalysis import audit

    reader = reader_of(language)
    if target is not None and not target.is_dir():
        folder = data_dir or audit.folder_of(target) or workbook.folder(Path.cwd()) / "data"
        problems = audit.file_problems(open_data(folder), target, table)
        fine = reader.say("{file}: no problem found.", file=target.name)
    else:
        data = open_data(target or data_dir or workbook.folder(Path.cwd()) / "data")
        if accept:
            audit.accept(data)
            data = open_data(data.path)
        problems = audit.package_problems(data)
        fine = reader.say_count(
            "{count} table: no problem found.",
            "{count} tables: no problem found.",
            len(data.catalog.tables),
        )
    for line in listing(problems, reader) or [fine]:
        click.echo(line)
    return FOUND if problems else 0


def diff(
    first: Path,
    second: Path,
    form: str | None,
    to: Path | None,
    language: str | None,
    data_dir: Path | None,
) -> int:
    """Tell what figures moved from one run to another, and why.

    The exit code is 1 if any figure differs.
    """
    from icanalysis import diff as comparing
    from icanalysis import forms
    from icanalysis.named import Names

    data = comparing.names_from(data_dir or workbook.own_data(Path.cwd()), first)
    made = comparing.diff(first, second, data)
    reader = reader_of(language)
    names = Names(data.evaluation.language(reader.code) if data else reader, data)
    chosen = forms.form(form, to)
    if to is None:
        click.echo(forms.written(made, chosen, names), nl=False)
    else:
        forms.write(made, chosen, names, to)
        for line in forms.summary(made, names):
            click.echo(line)
        click.echo(shown(to))
    return FOUND if made.differs else 0


def template(
    table: str, to: Path | None, language: str | None, data_dir: Path | None, force: bool
) -> int:
    """Write an empty spreadsheet for a table: lists, limits, and a codebook."""
    from icanalysis import template as making

    data = open_data(data_dir or workbook.folder(Path.cwd()) / "data")
    evaluation = data.evaluation
    reader = evaluation.language(language or evaluation.languages.default)
    path = making.write(data, table, to or Path(f"{table}.xlsx"), reader, force=force)
    click.echo(shown(path))
    return 0


def new(folder: Path, language: str | None) -> int:
    """Make a workbook for another programme, with a toy example that runs at once."""
    from icanalysis import starting

    reader = reader_of(language)
    made = starting.make(folder, reader)
    click.echo(
        reader.say("Made; begin with {file}.", file=shown(made / starting.README[reader.code]))
    )
    return 0


def fetch(
    years: tuple[int, ...],
    modules: tuple[str, ...],
    to: Path,
    base_url: str | None,
    codes: tuple[str, ...],
    force: bool,
    language: str | None,
) -> int:
    """Download INEI's archives of these years, check them, unpack their tables."""
    from icanalysis import fetch as fetching

    reader = reader_of(language)
    archives = fetching.plan(years, modules, codes)

    def tell(outcome: fetching.Outcome) -> None:
        click.echo(fetching.line(outcome, reader), err=outcome.state in ("changed", "failed"))

    outcomes = fetching.fetch(
        archives,
        to,
        tell,
        base_url=fetching.BASE_URL if base_url is None else base_url,
        force=force,
    )
    if any(item.state != "failed" for item in outcomes):
        click.echo(reader.say("The tables are in {folder}.", folder=shown(to)))
    return FOUND if any(item.state in ("changed", "failed") for item in outcomes) else 0


def lab() -> int:
    """Open JupyterLab on the notebooks."""
    notebooks = workbook.folder(Path.cwd()) / workbook.NOTEBOOK.parent
    return subprocess.call([sys.executable, "-m", "jupyterlab", str(notebooks)])
