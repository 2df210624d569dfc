"""The command line: `icanalysis report`, `check`, `template`, `enaho fetch`, `lab`.

Exit codes: 0 all well; 1 something was found, or a region failed and the rest stand; 2 wrong use
or bad data, told in one message without a traceback.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from icanalysis.errors import WorkbookError, listing
from icanalysis.evaluation import Evaluation, Region, Years
from icanalysis.language import CODES, Language, language, preferred
from icanalysis.load import open_data

FOUND, WRONG_USE = 1, 2


def told(command: Callable[..., int]) -> Callable[..., None]:
    """End a command with its exit code; tell an error of use or data in the user's language."""

    @wraps(command)
    def run(**options: Any) -> None:  # noqa: ANN401 - whatever the command's options are
        reader = _reader(options.get("language"))
        try:
            code = command(**options)
        except WorkbookError as error:
            click.echo(error.told(reader), err=True)
            code = WRONG_USE
        except OSError as error:  # a folder that cannot be written, a full disk
            if error.filename is None:  # a closed pipe is not the user's fault
                raise
            click.echo(f"{error.strerror}: {error.filename}", err=True)
            code = WRONG_USE
        sys.exit(code)

    return run


def _reader(choice: str | None) -> Language:
    """Return the language messages are told in: the one asked for, else the user's own."""
    return language(choice) if choice in CODES else preferred()


@click.group()
@click.version_option(package_name="icanalysis", message="%(version)s")
def main() -> None:
    """Compare a baseline with an outcome, region by region. / Línea de base y resultado por región."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a Windows pipe may not know every sign
            stream.reconfigure(errors="replace")


@main.command()
@click.argument("regions", nargs=-1)
@click.option(
    "--all-departments",
    "every",
    is_flag=True,
    help="Every department, not only the programme's regions.",
)
@click.option("--baseline", type=int, help="Baseline year.")
@click.option("--outcome", type=int, help="Outcome year.")
@click.option("--language", type=click.Choice([*CODES, "both"]), default="both", show_default=True)
@click.option("--data", "data_dir", type=click.Path(path_type=Path), help="Data folder.")
@click.option(
    "--enaho",
    "enaho_dir",
    type=click.Path(path_type=Path),
    help="Folder of ENAHO files; without it households are simulated, and badged.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the run.")
@click.option("--force", is_flag=True, help="Run again even if nothing changed.")
@click.option(
    "--workers", type=click.IntRange(min=1), default=min(4, os.cpu_count() or 1), show_default=True
)
@told
def report(
    regions: tuple[str, ...],
    every: bool,
    baseline: int | None,
    outcome: int | None,
    language: str,
    data_dir: Path | None,
    enaho_dir: Path | None,
    out: Path | None,
    force: bool,
    workers: int,
) -> int:
    """Make one report per region, and an index of them."""
    # Imported here: papermill and nbconvert take a second that `check` need not pay.
    from icanalysis import run
    from icanalysis.folder import INDEX_FILE

    if regions and every:
        raise click.UsageError("name regions, or --all-departments, not both")
    # Ended from outside, a run still leaves nothing half-made.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = run.workbook_folder(Path.cwd())
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
    plan = run.Plan(
        data=data,
        notebook=folder / run.NOTEBOOK,
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
    )
    run.check_plan(plan)
    if not force and run.is_current(plan):
        click.echo(_reader(language).say("Nothing changed since this run; --force repeats it."))
        click.echo(_shown(plan.out / INDEX_FILE))
        return 0
    made = run.report(plan)
    for code in made.failed:
        click.echo(
            _reader(language).say(
                "{region}: the report could not be made; its page says why.", region=code
            ),
            err=True,
        )
    click.echo(_shown(made.index))
    return FOUND if made.failed else 0


def _run_name(
    evaluation: Evaluation, regions: Sequence[Region], years: Years, languages: str
) -> str:
    """Name a run's folder after what it holds, so that one region does not replace four."""
    parts = [evaluation.programme.code, f"{years.baseline}-{years.outcome}"]
    if tuple(regions) == evaluation.reported_regions(every=True):
        parts.append("all")
    elif tuple(regions) != evaluation.reported_regions():
        parts.append("-".join(region.code for region in regions))
    if languages != "both":
        parts.append(languages)
    return "_".join(parts)


def _shown(path: Path) -> str:
    """Write a path as one would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@main.command()
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option(
    "--data", "data_dir", type=click.Path(path_type=Path), help="Data folder that describes a file."
)
@click.option("--as", "table", help="Table that a file fills, if its name does not say.")
@click.option("--accept", is_flag=True, help="Record the checksums of files changed on purpose.")
@click.option("--language", type=click.Choice(CODES))
@told
def check(
    target: Path | None,
    data_dir: Path | None,
    table: str | None,
    accept: bool,
    language: str | None,
) -> int:
    """Check the data package, or one CSV or XLSX file: every problem, with its place and remedy."""
    from icanalysis import audit, run

    reader = _reader(language)
    if target is not None and not target.is_dir():
        folder = data_dir or audit.folder_of(target) or run.workbook_folder(Path.cwd()) / "data"
        problems = audit.file_problems(open_data(folder), target, table)
        fine = reader.say("{file}: no problem found.", file=target.name)
    else:
        data = open_data(target or data_dir or run.workbook_folder(Path.cwd()) / "data")
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


@main.command()
@click.argument("table")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="The .xlsx file to write; by default the table's name, here.",
)
@click.option("--language", type=click.Choice(CODES), help="Of titles and lists.")
@click.option("--data", "data_dir", type=click.Path(path_type=Path), help="Data folder.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@told
def template(
    table: str, to: Path | None, language: str | None, data_dir: Path | None, force: bool
) -> int:
    """Write an empty spreadsheet for a table: lists, limits, and a codebook."""
    from icanalysis import run
    from icanalysis import template as making

    data = open_data(data_dir or run.workbook_folder(Path.cwd()) / "data")
    evaluation = data.evaluation
    reader = evaluation.language(language or evaluation.languages.default)
    path = making.write(data, table, to or Path(f"{table}.xlsx"), reader, force=force)
    click.echo(_shown(path))
    return 0


@main.group()
def enaho() -> None:
    """INEI's household survey. / La encuesta de hogares del INEI."""


@enaho.command()
@click.argument("years", nargs=-1, required=True, type=int)
@click.option(
    "--module",
    "modules",
    multiple=True,
    help="INEI's number; by default 34 (Sumaria), 02 (members), 05 (employment), 85 (governance).",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    default=Path("enaho"),
    show_default=True,
    help="Folder for the tables and the record of their archives.",
)
@click.option("--base-url", help="Where the archives are, if not at INEI's address.")
@click.option(
    "--code", "codes", multiple=True, metavar="YEAR=CODE", help="INEI's code of a survey year."
)
@click.option("--force", is_flag=True, help="Download even what stands as recorded.")
@click.option("--language", type=click.Choice(CODES))
@told
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

    reader = _reader(language)
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
        click.echo(reader.say("The tables are in {folder}.", folder=_shown(to)))
    return FOUND if any(item.state in ("changed", "failed") for item in outcomes) else 0


@main.command()
@told
def lab() -> int:
    """Open JupyterLab on the notebooks."""
    from icanalysis import run

    notebooks = run.workbook_folder(Path.cwd()) / run.NOTEBOOK.parent
    return subprocess.call([sys.executable, "-m", "jupyterlab", str(notebooks)])
