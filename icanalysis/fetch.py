"""`icanalysis enaho fetch`: INEI's ENAHO archives, downloaded, checked and unpacked.

Of each archive the module's table is unpacked and the archive itself is not kept: a folder that
held both would give every year twice. A second run asks INEI whether anything has changed, and
downloads nothing that has not.
"""

from __future__ import annotations

import csv
import errno
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from tqdm import tqdm

from icanalysis import enaho_tables
from icanalysis.archives import MODULES, Archive, Folder, open_folder, sha256, today, unpacked
from icanalysis.download import DownloadError, Patience, Stamp, changed, discard, download, session
from icanalysis.errors import DataError, WorkbookError
from icanalysis.language import Language, Message, msg

# Where INEI serves an archive: {base}/{survey code}-Modulo{module}.zip
BASE_URL = "https://proyectos.inei.gob.pe/iinei/srienaho/descarga/STATA"
PORTAL = "https://proyectos.inei.gob.pe/microdatos"
CHAPTERS = {"200": "02", "500": "05"}
# Archives asked for in a burst are answered with a web page.
PAUSE = 2.0


@dataclass(frozen=True)
class Outcome:
    """What became of one archive, and the sentence that tells it."""

    archive: Archive
    state: Literal["fetched", "kept", "changed", "failed"]
    message: Message
    unreachable: bool = False


def line(outcome: Outcome, reader: Language) -> str:
    """Tell an outcome on one line."""
    archive = outcome.archive
    return reader.say(
        "{year}, module {module}: {told}",
        year=archive.year,
        module=archive.module,
        told=outcome.message,
    )


# --- what is asked for ----------------------------------------------------------------------


def survey_codes() -> dict[int, str]:
    """INEI's survey code of each year for which it is known, from data/enaho/surveys.csv."""
    path = enaho_tables.folder() / "surveys.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return {int(row["year"]): row["code"] for row in csv.DictReader(stream)}


def plan(years: Iterable[int], modules: Iterable[str], given: Iterable[str]) -> list[Archive]:
    """List the archives of these years and modules; `given` are codes as "2009=285".

    Raises
    ------
    WorkbookError
        If a year's code is neither known nor given, or a module or code is not a number.
    """
    known = survey_codes()
    codes = known | _given_codes(given)
    wanted = dict.fromkeys(years)
    if unknown := [str(year) for year in wanted if year not in codes]:
        raise WorkbookError(
            msg(
                "The survey code of {years} is not known; it is known for {first} to {last}. At "
                "{portal}, choose the survey and the year: the archives are named code-Modulo34.zip. "
                "Then give it: --code {example}=CODE.",
                years=", ".join(unknown),
                first=min(known),
                last=max(known),
                portal=PORTAL,
                example=unknown[0],
            )
        )
    chosen = dict.fromkeys(_module(module) for module in modules) or dict.fromkeys(MODULES)
    return [Archive(year, module, codes[year]) for year in wanted for module in chosen]


def _given_codes(given: Iterable[str]) -> dict[int, str]:
    codes = {}
    for text in given:
        if not re.fullmatch(r"\d{4}=\d{1,5}", text, re.ASCII):
            raise WorkbookError(
                msg("--code is “{found}”; write a year and its code, as 2009=285.", found=text)
            )
        codes[int(text[:4])] = text[5:]
    return codes


def _module(text: str) -> str:
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII):
        raise WorkbookError(
            msg(
                "--module is “{found}”; give INEI's number: 34 (Sumaria), 02 (members), "
                "05 (employment), 85 (governance) or another of its list.",
                found=text,
            )
        )
    return CHAPTERS.get(text, text.lstrip("0").zfill(2))


def address(base_url: str, archive: Archive) -> str:
    """Where an archive is served.

    Raises
    ------
    WorkbookError
        If the base is no web address.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WorkbookError(
            msg("--base-url is “{found}”; it must begin with https:// or http://.", found=base_url)
        )
    return f"{base_url.rstrip('/')}/{archive.name}"


# --- fetching -------------------------------------------------------------------------------


def fetch(
    archives: Sequence[Archive],
    to: Path,
    tell: Callable[[Outcome], None],
    *,
    base_url: str = BASE_URL,
    force: bool = False,
    patience: Patience | None = None,
) -> list[Outcome]:
    """Fetch archives one after another into a folder; one that fails does not stop the rest.

    Parameters
    ----------
    tell : callable
        Is given each outcome as soon as there is one.
    force : bool
        Download also what stands as recorded. A table that differs is kept under another name.

    Raises
    ------
    WorkbookError
        If the record in the folder cannot be read, or the address is none.
    OSError
        If the folder cannot be made.
    """
    addresses = [address(base_url, archive) for archive in archives]
    to.mkdir(parents=True, exist_ok=True)
    folder, patience = open_folder(to), patience or Patience()
    outcomes: list[Outcome] = []
    with session() as web:
        for archive, url in zip(archives, addresses, strict=True):
            if outcomes and outcomes[-1].state == "fetched":
                patience.sleep(PAUSE)
            outcome = _fetch_one(archive, url, folder, web, patience, force=force)
            if outcome.unreachable:  # long waits once, not for every archive
                patience = replace(patience, tries=1)
            outcomes.append(outcome)
            tell(outcome)
    return outcomes


def _fetch_one(
    archive: Archive,
    url: str,
    folder: Folder,
    web: requests.Session,
    patience: Patience,
    *,
    force: bool,
) -> Outcome:
    entry = folder.standing(archive, url)
    try:
        if entry and not force:
            return _compared(archive, url, entry, web, patience)
        with folder.room(archive):
            return _fetched(archive, url, folder, web, patience)
    except DownloadError as error:
        reason = error.message
        if error.absent:
            reason = msg("{reason}: check the survey code and the module", reason=reason)
        if arrived := _arrived(folder.part(archive)):
            reason = msg("{reason}. {arrived}", reason=reason, arrived=arrived)
        return Outcome(archive, "failed", reason, unreachable=error.unreachable)
    except DataError as error:
        problem = error.problems[0]
        found = f" “{problem.found}”" if problem.found else ""
        place = problem.file.replace(".zip.part", ".zip") + found
        reason = msg("{place}: {trouble}", place=place, trouble=problem.trouble)
        return Outcome(archive, "failed", reason)
    except OSError as error:
        reason = msg(
            "{place}: {trouble}", place=error.filename or folder.path, trouble=error.strerror
        )
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            reason = msg("the disk is full")
        return Outcome(archive, "failed", reason)


def _compared(
    archive: Archive, url: str, entry: dict[str, Any], web: requests.Session, patience: Patience
) -> Outcome:
    """Tell whether INEI still serves the archive that is on record; nothing is downloaded."""
    date = entry["retrieved"]
    try:
        now = changed(web, url, Stamp(entry["etag"], entry["modified"], entry["bytes"]), patience)
    except DownloadError as error:
        told = msg(
            "as recorded on {date}; whether INEI has changed it could not be asked: {reason}",
            date=date,
            reason=error.message,
        )
        return Outcome(archive, "kept", told, unreachable=error.unreachable)
    if now is None:
        return Outcome(archive, "kept", msg("unchanged since {date}", date=date))
    told = msg(
        "INEI's archive is no longer that of {date}; the table of that date is kept. "
        "--force fetches the new one.",
        date=date,
    )
    return Outcome(archive, "changed", told)


def _fetched(
    archive: Archive, url: str, folder: Folder, web: requests.Session, patience: Patience
) -> Outcome:
    """Download, check, unpack, record; what went on from an earlier part has a second chance."""
    part = folder.part(archive)
    while True:
        with _bar(archive) as progress:
            stamp, pieced = download(web, url, part, patience, progress)
        try:
            made = unpacked(archive, part, folder)
            break
        except DataError:
            discard(part)
            if not pieced:
                raise
    size, checksum = part.stat().st_size, sha256(part)
    folder.enter(
        archive,
        {
            "url": url,
            "retrieved": today(),
            "bytes": size,
            "sha256": checksum,
            "etag": stamp.etag,
            "modified": stamp.modified,
        },
        [path for path, _ in made],
    )
    discard(part)
    told = msg(
        "{tables} from {archive}, {size} MB, sha256 {checksum}…",
        tables=", ".join(path.relative_to(folder.path).as_posix() for path, _ in made),
        archive=archive.name,
        size=f"{size / 1e6:.1f}",
        checksum=checksum[:12],
    )
    if aside := ", ".join(before.name for _, before in made if before):
        told = msg("{fetched}; the one before it is kept as {aside}", fetched=told, aside=aside)
    return Outcome(archive, "fetched", told)


@contextmanager
def _bar(archive: Archive) -> Iterator[Callable[[int, int | None], None]]:
    """Show how far a download has come, where there is a terminal to show it on."""
    with tqdm(desc=archive.name, unit="B", unit_scale=True, disable=None, leave=False) as bar:

        def progress(have: int, whole: int | None) -> None:
            bar.total = whole
            bar.update(have - bar.n)

        yield progress


def _arrived(part: Path) -> Message | None:
    if not part.exists() or not part.stat().st_size:
        return None
    size = f"{part.stat().st_size / 1e6:.1f}"
    return msg("{size} MB have arrived; the same command goes on from there.", size=size)
