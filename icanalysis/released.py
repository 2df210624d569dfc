"""What bundles gave out, put on record in the data folder, so that no later run gives away the rest."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from icanalysis import audit, disclosure, parcel, results, seal
from icanalysis.disclosure import FIGURE, RELEASED
from icanalysis.errors import DataError, Problem, WorkbookError
from icanalysis.folder import MANIFEST, RESULTS_FILE
from icanalysis.language import msg
from icanalysis.load import DataFolder

COLUMNS = ["release", *FIGURE, "n"]


def record(bundles: Sequence[Path], data: DataFolder) -> int:
    """Add the figures on people of some bundles to the table of what was released.

    Only what tells later that a figure was shown, and on how many it rested: not its value. What is
    on record already stays as it is.

    Parameters
    ----------
    bundles : sequence of Path
        Folders or zip files.

    Returns
    -------
    int
        How many figures were added.

    Raises
    ------
    WorkbookError
        If one is no bundle of a run, or not as it was sent, or the data folder has no such table,
        or cannot hold what it would: nothing is written then.
    """
    before = disclosure.released(data)
    if before is None:
        raise WorkbookError(
            msg(
                "This data folder has no table “{table}” in its {file}; copy its description from "
                "the package's own.",
                table=RELEASED,
                file="datapackage.json",
            )
        )
    parts = [before[COLUMNS], *(_figures(bundle, data) for bundle in bundles)]
    now = pd.concat(parts, ignore_index=True).drop_duplicates(COLUMNS[:-1])
    now = now.sort_values(COLUMNS[:-1], ignore_index=True)
    added = len(now) - len(before)
    if added:
        _replace(data, now)
    return added


def _replace(data: DataFolder, now: pd.DataFrame) -> None:
    """Put the table in place once it is found to hold what its description allows."""
    path = data.catalog.tables[RELEASED].path
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as beside:
        draft = Path(beside) / path.name
        now.to_csv(draft, index=False, lineterminator="\n")
        if problems := audit.file_problems(data, draft, RELEASED):
            raise DataError(problems)
        draft.replace(path)
    audit.accept(data, RELEASED)


def _figures(bundle: Path, data: DataFolder) -> pd.DataFrame:
    """Return the figures on real people that a bundle shows."""
    if problems := seal.verify(bundle).problems:
        remedy = msg("take the bundle as it was sent")
        raise DataError([Problem(bundle.name, problem, remedy) for problem in problems])
    try:
        about = json.loads(parcel.read(bundle, MANIFEST))
        lines = disclosure.shown(results.read(io.BytesIO(parcel.read(bundle, RESULTS_FILE))))
        release = f"{about['agency']} {about['run'][:12]}"
    except (KeyError, TypeError, ValueError) as error:
        raise WorkbookError(
            msg(
                "{file} holds no figures of a run, as “icanalysis release” packs them.",
                file=bundle.name,
            )
        ) from error
    return lines.loc[_on_people(lines, data), [*FIGURE, "n"]].assign(release=release)


def _on_people(lines: pd.DataFrame, data: DataFolder) -> pd.Series:
    """Tell which lines are of households of a survey, or of producers, that are not simulated."""
    plan = data.evaluation.producers
    table = data.catalog.tables[plan.table].path.name if plan else ""
    asked = (lines["source_kind"] == "survey") | (lines["source"] == f"programme: {table}")
    return asked & (lines["source_kind"] != "simulated")
