"""The command line, `icanalysis ...`: what each command is called and given.

What it does stands in `commands` and `sharing`, imported only when it is asked for: `--help` answers
at once.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from pathlib import Path

import click

# As `language.CODES`, spelt out here so that nothing else need be imported; a test compares them.
CODES = ("es", "en")


def _run(command: str, options: dict[str, object], module: str = "commands") -> None:
    """Import a command's function, call it, and end with its exit code."""
    from icanalysis import telling

    found = importlib.import_module(f"icanalysis.{module}")
    telling.ended(getattr(found, command), options)


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
@click.option(
    "--pages/--no-pages",
    default=True,
    show_default=True,
    help="Also the pages on the whole programme.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the run.")
@click.option("--force", is_flag=True, help="Make every page again, even those that still hold.")
@click.option("--why", is_flag=True, help="Only tell which pages would be made, and why.")
@click.option(
    "--timeout",
    "minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=30,
    show_default=True,
    help="Minutes that one notebook may take.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), default=min(4, os.cpu_count() or 1), show_default=True
)
@click.option(
    "--scheduler", default="", help="Make the pages on a Dask cluster, at this tcp:// address."
)
@click.option(
    "--shared", default="", help="Folder or object store that the cluster's workers can read."
)
def report(**options: object) -> None:
    """Make one report per region, and an index of them."""
    _run("report", options)


@main.command()
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option(
    "--data", "data_dir", type=click.Path(path_type=Path), help="Data folder that describes a file."
)
@click.option("--as", "table", help="Table that a file fills, if its name does not say.")
@click.option("--accept", is_flag=True, help="Record the checksums of files changed on purpose.")
@click.option("--language", type=click.Choice(CODES))
def check(**options: object) -> None:
    """Check the data package, or one CSV or XLSX file: every problem, with its place and remedy."""
    _run("check", options)


@main.command()
@click.argument("first", metavar="RUN_A", type=click.Path(path_type=Path))
@click.argument("second", metavar="RUN_B", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "json"]),
    help="By default what the name of --to ends in; else text.",
)
@click.option(
    "--to", type=click.Path(path_type=Path), help="File to write; by default it is printed here."
)
@click.option("--language", type=click.Choice(CODES))
@click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path),
    help="Data folder, for the names of indicators.",
)
def diff(**options: object) -> None:
    """Tell what figures moved from one run to another, and why.

    The exit code is 1 if any figure differs.
    """
    _run("diff", options)


@main.group()
def export() -> None:
    """Hand a run's results on to other systems. / Entregar los resultados a otros sistemas."""


@export.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option("--data", "data_dir", type=click.Path(path_type=Path), help="The run's data folder.")
@click.option("--language", type=click.Choice(CODES), help="Of messages; the file has both.")
def iati(**options: object) -> None:
    """Write the programme's results as an IATI 2.03 activity file, checked before it is written."""
    _run("export_iati", options, "sharing")


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
def template(**options: object) -> None:
    """Write an empty spreadsheet for a table: lists, limits, and a codebook."""
    _run("template", options)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(CODES), help="Of what is to be read first.")
def new(**options: object) -> None:
    """Make a workbook for another programme, with a toy example that runs at once."""
    _run("new", options)


@main.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--agency", help="Its code; by default one bundle for each.")
@click.option(
    "--language", type=click.Choice(CODES), help="By default the agency's, else the evaluation's."
)
@click.option("--data", "data_dir", type=click.Path(path_type=Path), help="Data folder of the run.")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="The .zip file, or without --agency the folder for them; by default beside the run.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="Private key to sign with: “icanalysis keys” makes one.",
)
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    help="Public key (age1... or ssh-...) of who may read it: it is encrypted.",
)
@click.option("--simulated", is_flag=True, help="With what is simulated, which is left out.")
def release(**options: object) -> None:
    """Make a bundle of a run for an agency: its pages, tables and reference sheets, sealed."""
    _run("release", options, "sharing")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--language", type=click.Choice(CODES))
def keys(**options: object) -> None:
    """Make a pair of keys, to sign bundles and to check them."""
    _run("keys", options, "sharing")


@main.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="Public key of who should have made it.",
)
@click.option("--language", type=click.Choice(CODES))
def verify(**options: object) -> None:
    """Check that a bundle is as it was sent and, with a key, by whom.

    The exit code is 1 if anything is wrong.
    """
    _run("verify", options, "sharing")


@main.command()
@click.argument("bundles", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--data", "data_dir", type=click.Path(path_type=Path), help="Data folder.")
@click.option("--language", type=click.Choice(CODES))
def released(**options: object) -> None:
    """Put on record what bundles gave out of people, so that later runs protect the rest."""
    _run("released", options, "sharing")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="Page to write, in that same folder; by default index.html.",
)
@click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path),
    help="Data folder, for the names of programme, regions and indicators.",
)
@click.option("--serve", is_flag=True, help="Then show it to browsers on this machine, read-only.")
@click.option("--language", type=click.Choice(CODES), help="Of messages; the page has both.")
def portal(**options: object) -> None:
    """Write one page of all runs of a folder (by default reports), with a search.

    The exit code is 1 if anything in the folder could not be shown.
    """
    _run("portal", options, "sharing")


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
def fetch(**options: object) -> None:
    """Download INEI's archives of these years, check them, unpack their tables."""
    _run("fetch", options)


@main.command()
@click.argument("target", metavar="PATH", type=click.Path(path_type=Path))
@click.option(
    "--exceptions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What was allowed; by default gate.toml in the data folder.",
)
@click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path),
    help="Data folder, for what is too few, the producers' file and the names of indicators.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--language", type=click.Choice(CODES))
def gate(**options: object) -> None:
    """Tell what in a notebook, page, workbook or folder may not be shared.

    The exit code is 1 if anything was found, 2 if anything could not be read.
    """
    _run("gate", options, "sharing")


@main.command()
def lab(**options: object) -> None:
    """Open JupyterLab on the notebooks."""
    _run("lab", options)
