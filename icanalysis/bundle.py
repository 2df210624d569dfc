"""What of a run one agency should have: regions, pages, figures, and what was removed and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd

from icanalysis.causes import part
from icanalysis.diff import Run, read_run
from icanalysis.disclosure import SUPPRESSED
from icanalysis.errors import WorkbookError, unknown_choice
from icanalysis.evaluation import JOINT, Agency, Evaluation, Region
from icanalysis.folder import outputs
from icanalysis.language import Language, Message, msg
from icanalysis.load import DataFolder
from icanalysis.record import moved

# Tags cells of a notebook that show simulated data.
DEMONSTRATION = "demonstration"


@dataclass(frozen=True)
class Bundle:
    """What one agency should have of a run, in its language."""

    run: Path
    agency: Agency
    reader: Language
    regions: tuple[Region, ...]  # whose reports it has
    pages: tuple[str, ...]  # names of those on the programme as a whole
    indicators: tuple[str, ...]
    lines: pd.DataFrame
    whole: bool  # it is confined to nothing
    digest: bool  # its pages are drawn up from its lines, for reports quote those of others
    simulated: bool  # asked for by name
    removed: tuple[Message, ...]


def choose(
    run: Path, data: DataFolder, agency: str, code: str | None, *, simulated: bool = False
) -> Bundle:
    """Choose what an agency should have of a run.

    Figures that are simulated are left out unless asked for. Reports and pages quote every indicator
    and sector, and pages on the whole programme every region: to an agency confined to some of them
    they do not go, and pages are drawn up of its own figures (`digest`). Context is no region's own:
    a report sets its region beside the others, and their official series go with it.

    Parameters
    ----------
    run : Path
        Folder of a run.
    data : DataFolder
        What the run was made from.
    agency : str
        Its code.
    code : {"es", "en"}, optional
        Language; by default the agency's, else the evaluation's.

    Raises
    ------
    WorkbookError
        If the folder holds no run or not as it was left, the data are no longer those it was made
        from, there is no such agency, or the run is not in its language.
    """
    found = _read(run, data)
    record, evaluation = found.record, data.evaluation
    levels = data.table("indicators").set_index("indicator")["level"]
    to = evaluation.agency(agency)
    for unknown in set(to.indicators) - set(levels.index):
        raise unknown_choice(msg("Indicator"), unknown, list(levels.index))
    reader = evaluation.language(code or to.language or evaluation.languages.default)
    if reader.code not in part(record, "parameters").get("languages", []):
        raise WorkbookError(
            msg("This run has no pages in this language: {code}.", code=reader.code)
        )
    made = [region for region in evaluation.regions if _stands(record, "regions", region.code)]
    near = [region for region in made if not to.regions or region.code in to.regions]
    context = set(levels.index[levels == "context"])
    lines, removed = _lines(found.lines, evaluation, to, context, simulated=simulated)
    if lines.empty:
        raise WorkbookError(
            msg("No figure of this run concerns the agency {agency}.", agency=to.code)
        )
    digest = bool(to.indicators or to.sectors)  # reports quote those of others
    whole = not (digest or to.regions)
    own = set(lines["indicator"])
    if whole:
        pages = _pages(run, record, reader, simulated=simulated)
    else:
        pages = _drawn_up(lines, evaluation) if digest else ()
    return Bundle(
        run=run,
        agency=to,
        reader=reader,
        regions=tuple(near),
        pages=pages,
        indicators=tuple(name for name in levels.index if whole or name in own),
        lines=lines,
        whole=whole,
        digest=digest,
        simulated=simulated,
        removed=(
            *_failed(record, evaluation, reader),
            *_without_regions(made, near, reader),
            *removed,
            *_without_pages(digest=digest, pages=not whole and bool(part(record, "pages"))),
        ),
    )


def _read(run: Path, data: DataFolder) -> Run:
    """Read a run, and see that it and the data it was made from are as they were."""
    found = read_run(run)
    record = found.record
    there, left = outputs(run), part(record, "outputs")
    if changed := sorted(name for name in {*there, *left} if there.get(name) != left.get(name)):
        raise WorkbookError(
            msg(
                "“{folder}” is not as the run left it: {files}. Make the run again.",
                folder=found.name,
                files=", ".join(changed),
            )
        )
    if changed := moved(record, data):
        raise WorkbookError(
            msg(
                "The data are no longer those the run was made from: {files}. Run the report again, "
                "or name its data folder with --data.",
                files=", ".join(changed),
            )
        )
    return found


def _stands(record: Mapping[str, Any], kind: str, name: str) -> bool:
    return part(part(record, kind), name).get("status") == "ok"


def _pages(
    run: Path, record: Mapping[str, Any], reader: Language, *, simulated: bool
) -> tuple[str, ...]:
    """Name the pages on the whole programme that go."""
    return tuple(
        name
        for name in part(record, "pages")
        if _stands(record, "pages", name)
        and (simulated or not _demonstrates(run / reader.code / f"{name}.ipynb"))
    )


def _drawn_up(lines: pd.DataFrame, evaluation: Evaluation) -> tuple[str, ...]:
    """Name the page on the whole programme that is drawn up, if a figure concerns it."""
    whole = evaluation.programme.whole
    return (whole,) if whole in set(lines["region"]) else ()


def _without_pages(*, digest: bool, pages: bool) -> Iterator[Message]:
    """Say which pages do not go, because they quote what is another's."""
    if digest:
        yield msg(
            "The full reports of regions, which quote indicators and sectors of other agencies."
        )
    if pages:
        yield msg("The pages on the whole programme, which quote what concerns other agencies.")


def _demonstrates(notebook: Path) -> bool:
    """Whether a page shows nothing but simulated data: the cell that heads it is tagged so."""
    given = ("parameters", "injected-parameters")
    for cell in nbformat.read(notebook, as_version=4).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and not any(tag in given for tag in tags):
            return DEMONSTRATION in tags
    return False


def _failed(record: Mapping[str, Any], evaluation: Evaluation, reader: Language) -> list[Message]:
    """Name what the run could not make."""
    names = [
        region.named(reader.code)
        for region in evaluation.regions
        if region.code in part(record, "regions") and not _stands(record, "regions", region.code)
    ]
    names += [name for name in part(record, "pages") if not _stands(record, "pages", name)]
    words = msg("Reports and pages that could not be made: {names}.", names=reader.listed(names))
    return [words] if names else []


def _without_regions(
    made: Collection[Region], ours: Collection[Region], reader: Language
) -> list[Message]:
    gone = [region.named(reader.code) for region in made if region not in ours]
    words = msg(
        "The reports and figures of regions that do not concern it: {names}.",
        names=reader.listed(gone),
    )
    return [words] if gone else []


def _lines(
    lines: pd.DataFrame,
    evaluation: Evaluation,
    to: Agency,
    context: Collection[str],
    *,
    simulated: bool,
) -> tuple[pd.DataFrame, list[Message]]:
    """Return the lines that go, and say how many of each kind do not."""
    sectors = {sector.code for sector in evaluation.sectors}
    near = evaluation.places(to)

    def foreign_sector(group: str) -> bool:
        named = {code for piece in group.split(";") for code in piece.split(":")[-1].split(JOINT)}
        return bool(to.sectors) and bool(named & sectors) and not named & set(to.sectors)

    def foreign_region(line: Mapping[str, Any]) -> bool:
        if near is None or line["indicator"] in context:
            return False
        return near.isdisjoint(line["region"].split(JOINT))

    steps: list[tuple[Callable[[Any], bool], Callable[[int], Message]]] = [
        (
            lambda line: line["source_kind"] == "simulated" and not simulated,
            lambda count: msg(
                "Figures of SIMULATED data, which only tell how a report would look: {count}. The "
                "sections and pages that show them are not here either.",
                count=count,
            ),
        ),
        (
            foreign_region,
            lambda count: msg("Figures of regions that do not concern it: {count}.", count=count),
        ),
        (
            lambda line: bool(to.indicators) and line["indicator"] not in to.indicators,
            lambda count: msg(
                "Figures of indicators that do not concern it: {count}.", count=count
            ),
        ),
        (
            lambda line: foreign_sector(line["group"]),
            lambda count: msg("Figures of sectors that do not concern it: {count}.", count=count),
        ),
    ]
    removed = []
    for foreign, told in steps:
        judged = lines[["indicator", "region", "group", "source_kind"]].to_dict("records")
        gone = np.array([foreign(line) for line in judged], dtype=bool)
        if gone.any():
            removed.append(told(int(gone.sum())))
        lines = lines[~gone]
    if hidden := int((lines["status"] == SUPPRESSED).sum()):
        removed.append(
            msg(
                "Values suppressed to protect those counted: {count}. The figures are listed, and "
                "empty.",
                count=hidden,
            )
        )
    return lines.reset_index(drop=True), removed
