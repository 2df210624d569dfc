"""The workbook: where it is, and which of its notebooks are reports."""

from __future__ import annotations

from pathlib import Path

from icanalysis.errors import WorkbookError
from icanalysis.language import msg

# The one notebook that is run for each region.
NOTEBOOK = Path("notebooks") / "02_region_report.ipynb"
# Notebooks with a number are pages of the programme as a whole; others are for work, not to read.
PAGES = "[0-9][0-9]_*.ipynb"


def folder(start: Path) -> Path:
    """Find the folder that holds the notebooks: `start`, one above it, or the package's own."""
    for home in (start, *start.parents, Path(__file__).parents[1]):
        if (home / NOTEBOOK).is_file():
            return home
    raise WorkbookError(
        msg(
            "No workbook was found here: {notebook} is missing. “icanalysis new FOLDER” makes one.",
            notebook=str(NOTEBOOK),
        )
    )


def pages(home: Path) -> tuple[Path, ...]:
    """List the notebooks on the programme as a whole, in the order of their numbers."""
    found = sorted((home / NOTEBOOK.parent).glob(PAGES))
    return tuple(path for path in found if path.name != NOTEBOOK.name)


def own_data(start: Path) -> Path | None:
    """Return the workbook's data folder; None where there is no workbook: runs stand without it."""
    try:
        return folder(start) / "data"
    except WorkbookError:
        return None
