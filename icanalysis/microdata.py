"""Survey files as a statistical office ships them: opened safely, read as they are.

A path may be a Stata, SPSS or CSV file, or an archive of such. Nothing of an archive is
unpacked under its own name or beyond stated sizes, and what was unpacked is gone when the
reading ends.
"""

from __future__ import annotations

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, NoReturn

from icanalysis.errors import DataError
from icanalysis.language import msg
from icanalysis.microformats import REPLACE, SUFFIXES, DataFile, kind_of, refuse

# The largest survey files of a year are a tenth of this.
MAX_BYTES = 4 * 2**30
# Deflate can shrink zeros a thousandfold; survey files shrink ten- to fiftyfold.
MAX_RATIO, RATIO_FROM = 250, 2**24
MAX_MEMBERS = 2_000
_CHUNK = 2**20
_DATA = ("dta", "sav", "csv")


@contextmanager
def opened(path: Path | str) -> Iterator[list[DataFile]]:
    """Open a file, or an archive with one or more, and give its files of microdata.

    What has to be unpacked lies in a temporary folder until the block ends.

    Raises
    ------
    DataError
        If the file is missing, empty, not what its name says, or an archive that is damaged,
        encrypted, too large, or names places outside itself.
    """
    source = Path(path)
    if not source.is_file():
        refuse(source.name, msg("the file does not exist"), msg("check its path"))
    with tempfile.TemporaryDirectory(prefix="icanalysis-") as scratch:
        kind = kind_of(source, source.name)
        if kind == "zip":
            yield _unzipped(source, Path(scratch))
        elif kind == "gzip":
            yield [_ungzipped(source, Path(scratch))]
        else:
            yield [DataFile(source, source.name, kind)]


# --- archives -------------------------------------------------------------------------------


def _unzipped(path: Path, scratch: Path) -> list[DataFile]:
    """Unpack the archive's files of microdata, each under a name of our own."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _refuse_unsafe(members, path.name)
            data = [item for item in members if is_data(item.filename, SUFFIXES[:3])]
            if not data:
                _refuse_without_data(members, path.name)
            files = [
                _unpacked(archive, item, path.name, scratch / str(number))
                for number, item in enumerate(data)
            ]
            if all(file.fault for file in files):
                files[0].require_sound()
            return files
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        trouble = msg(
            "the archive is damaged ({reason})", reason=str(error) or type(error).__name__
        )
        refuse(path.name, trouble, REPLACE)


def is_data(name: str, suffixes: Sequence[str] = SUFFIXES) -> bool:
    """Tell by its name whether a file may hold data, and is not what a Mac leaves beside one."""
    own = PurePosixPath(name).name.casefold()
    return own.endswith(tuple(suffixes)) and not own.startswith("._") and "__MACOSX" not in name


def _refuse_unsafe(members: list[zipfile.ZipInfo], name: str) -> None:
    if len(members) > MAX_MEMBERS:
        refuse(name, msg("the archive holds {count} files", count=len(members)), REPLACE)
    for item in members:
        inner = PureWindowsPath(item.filename)
        if inner.is_absolute() or inner.drive or inner.root or ".." in inner.parts:
            refuse(
                name,
                msg("the archive names a place outside itself"),
                msg("do not unpack it; obtain it again from where it is published"),
                found=item.filename,
            )


def _refuse_without_data(members: list[zipfile.ZipInfo], name: str) -> NoReturn:
    nested = [item.filename for item in members if item.filename.casefold().endswith(".zip")]
    if nested:
        refuse(
            name,
            msg("the archive holds another archive"),
            msg("unpack it once and give the archive inside"),
            found=nested[0],
        )
    refuse(
        name,
        msg("the archive holds no .dta, .sav or .csv file"),
        msg("download the version for Stata, SPSS or CSV"),
        found=", ".join(item.filename for item in members[:5]),
    )


def _unpacked(archive: zipfile.ZipFile, item: zipfile.ZipInfo, name: str, to: Path) -> DataFile:
    label = f"{name}/{item.filename}"
    if item.flag_bits & 0x1:
        remedy = msg("unpack it with its password and give the file inside")
        refuse(label, msg("the archive is encrypted"), remedy)
    _refuse_swollen(label, item.file_size, item.compress_size)
    with archive.open(item) as stream:
        _copy(stream, to, label, item.compress_size)
    try:
        kind = kind_of(to, label)
        if kind not in _DATA:
            refuse(label, msg("the archive holds another archive"), REPLACE)
    except DataError as fault:
        return DataFile(to, label, "", fault)
    return DataFile(to, label, kind)


def _ungzipped(path: Path, scratch: Path) -> DataFile:
    to = scratch / "0"
    try:
        with gzip.open(path) as stream:
            _copy(stream, to, path.name, path.stat().st_size)
    except (EOFError, zlib.error, OSError) as error:
        trouble = msg(
            "the archive is damaged ({reason})", reason=str(error) or type(error).__name__
        )
        refuse(path.name, trouble, REPLACE)
    inner = path.name[: -len(".gz")] if path.name.casefold().endswith(".gz") else path.name
    kind = kind_of(to, inner)
    if kind not in _DATA:
        refuse(path.name, msg("the archive holds another archive"), REPLACE)
    return DataFile(to, path.name, kind)


def _copy(stream: IO[bytes] | gzip.GzipFile, to: Path, label: str, packed: int) -> None:
    """Unpack, counting what really comes out: the size an archive states may be a lie."""
    written = 0
    with to.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            written += len(chunk)
            _refuse_swollen(label, written, packed)
            out.write(chunk)


def _refuse_swollen(label: str, size: int, packed: int) -> None:
    if size > MAX_BYTES or (size > RATIO_FROM and size > MAX_RATIO * max(packed, 1)):
        refuse(
            label,
            msg("the archive unpacks to far more than a survey file holds"),
            msg("do not unpack it; obtain it again from where it is published"),
        )
