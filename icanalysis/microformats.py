"""One file of microdata: what it is, its columns and its rows, from Stata, SPSS or text.

What a file is, its first bytes say, not its name. No column is given a meaning here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

import pandas as pd
import pyarrow as pa
import pyreadstat
from pyarrow import csv as arrow_csv

from icanalysis.errors import DataError, Problem
from icanalysis.language import Message, msg

SUFFIXES = (".dta", ".sav", ".csv", ".csv.gz", ".zip")
DELIMITERS = (",", ";", "\t", "|")
_HEAD = 512
_NEWER_STATA, _STATA_END = b"<stata_dta>", b"</stata_dta>"
# The releases of Stata whose files begin with their number: 5 to 12.
_OLDER_STATA = (*range(102, 106), 108, *range(110, 116))
_BYTE_ORDERS = (b"\x01\x01", b"\x02\x01")
# Bytes without a meaning in Windows-1252; in Latin-1 they are control characters.
_NOT_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
REPLACE = msg("obtain the file again from where it is published")


@dataclass(frozen=True)
class DataFile:
    """One file of microdata that lies on disk: `name` is what messages call it.

    With a `fault` it cannot be read, which is told when that is tried: others beside it can.
    """

    path: Path
    name: str
    kind: str
    fault: DataError | None = None

    @property
    def own_name(self) -> str:
        """Its name without the archive's and without folders."""
        return PurePosixPath(self.name).name

    def require_sound(self) -> None:
        """Refuse the file if it is known that it cannot be read.

        Raises
        ------
        DataError
            Saying why.
        """
        if self.fault:
            raise self.fault

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns, as written; reads no rows.

        Raises
        ------
        DataError
            If the file is damaged, or its kind cannot be read.
        """
        return tuple(self._attempt(None, None))

    def read(
        self, columns: Sequence[str] | None = None, *, rows: int | None = None
    ) -> pd.DataFrame:
        """Read these columns (by default all) of every row, or of the first `rows`.

        Codes stay codes: value labels are not applied. CSV cells are text, empty ones "".

        Raises
        ------
        DataError
            If the file is damaged or cut short, or has no rows.
        """
        wanted = list(self.columns if columns is None else columns)
        frame: pd.DataFrame = self._attempt(wanted, rows)
        if frame.empty:
            refuse(self.name, msg("the file holds no rows"), REPLACE)
        return frame[wanted]

    def _attempt(self, columns: list[str] | None, rows: int | None) -> Any:  # noqa: ANN401
        """Let each reader of this kind try; damage makes them fail in ways of their own."""
        self.require_sound()
        _refuse_cut(self)
        reasons = []
        for reader in _READERS[self.kind]:
            try:
                return reader(self, columns, rows)
            except DataError:
                raise
            except Exception as error:
                reasons.append(f"{type(error).__name__}: {error}".strip())
        told = "; ".join(reasons)[:300]
        return refuse(self.name, msg("the file is damaged ({reasons})", reasons=told), REPLACE)


def refuse(
    file: str,
    trouble: Message,
    remedy: Message,
    *,
    line: int | None = None,
    found: str | None = None,
) -> NoReturn:
    """Raise the error of one problem in one file."""
    raise DataError([Problem(file, trouble, remedy, line=line, found=found)])


# --- what a file is -------------------------------------------------------------------------


def kind_of(path: Path, name: str) -> str:
    """Tell dta, sav, csv, zip or gzip by the first bytes; refuse what only looks like data."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    _refuse_impostors(head, name)
    suffixes = name.casefold()
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if head.startswith(_NEWER_STATA) or (head[0] in _OLDER_STATA and head[1:3] in _BYTE_ORDERS):
        return "dta"
    if suffixes.endswith((".csv", ".txt")):
        return "csv"
    for suffix, what in ((".dta", "Stata"), (".sav", "SPSS"), (".zip", "ZIP"), (".gz", "gzip")):
        if suffixes.endswith(suffix):
            trouble = msg(
                "the file is named {suffix} but is no {what} file", suffix=suffix, what=what
            )
            refuse(name, trouble, REPLACE)
    refuse(
        name,
        msg("files of this kind are not read"),
        msg("use one of: {suffixes}", suffixes=", ".join(SUFFIXES)),
    )


def _refuse_impostors(head: bytes, name: str) -> None:
    if not head.strip(b"\0 \r\n\t\xef\xbb\xbf"):
        refuse(name, msg("the file is empty"), REPLACE)
    if head.startswith(b"version https://git-lfs"):
        refuse(
            name,
            msg("the file is a Git LFS pointer: it names the data and does not hold them"),
            msg("fetch the data themselves, with “git lfs pull”"),
        )
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")):
        refuse(name, msg("the file is a web page, not data: the download failed"), REPLACE)


def _refuse_cut(file: DataFile) -> None:
    """Refuse a newer Stata file without its closing mark; older ones have none."""
    if file.kind != "dta":
        return
    with file.path.open("rb") as stream:
        if stream.read(len(_NEWER_STATA)) != _NEWER_STATA:
            return
        stream.seek(0, io.SEEK_END)
        stream.seek(max(0, stream.tell() - 32))
        if _STATA_END not in stream.read():
            refuse(file.name, msg("the file is cut short: its end is missing"), REPLACE)


# --- readers: with columns None, the names alone -----------------------------------------------

_Reader = Callable[[DataFile, list[str] | None, int | None], Any]


def _stata_by_pandas(file: DataFile, columns: list[str] | None, rows: int | None) -> Any:  # noqa: ANN401
    if columns is None:
        with pd.read_stata(file.path, iterator=True) as reader:
            return list(reader.variable_labels())
    if rows is None:
        return pd.read_stata(file.path, columns=columns, convert_categoricals=False)
    with pd.read_stata(
        file.path, columns=columns, convert_categoricals=False, chunksize=rows
    ) as reader:
        return next(iter(reader))


def _by_pyreadstat(read: Callable[..., Any]) -> _Reader:
    """Read with ReadStat; files that do not say their encoding are Windows-1252."""

    def reader(file: DataFile, columns: list[str] | None, rows: int | None) -> Any:  # noqa: ANN401
        arguments: dict[str, Any] = {"metadataonly": True}
        if columns is not None:
            arguments = {"usecols": columns, "row_limit": rows or 0}
        try:
            frame, about = read(file.path, **arguments)
        except (pyreadstat.ReadstatError, UnicodeDecodeError):
            frame, about = read(file.path, encoding="WINDOWS-1252", **arguments)
        if columns is None:
            return list(about.column_names)
        if not rows and about.number_rows not in (None, len(frame)):
            refuse(file.name, msg("the file is cut short: its end is missing"), REPLACE)
        return frame

    return reader


def _text(file: DataFile, columns: list[str] | None, rows: int | None) -> Any:  # noqa: ANN401
    """Read a table of text strictly: every line has as many cells as the header."""
    encoding = _encoding(file)
    with file.path.open(encoding=encoding, newline="") as stream:
        header = stream.readline()
    delimiter = max(DELIMITERS, key=header.count)
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]
    if columns is None:
        return names
    uneven: list[arrow_csv.InvalidRow] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        uneven.append(row)
        return "error"

    numbered = [str(number) for number in range(len(names))]
    positions = [numbered[names.index(name)] for name in columns]
    try:
        table = arrow_csv.read_csv(
            file.path,
            arrow_csv.ReadOptions(
                column_names=numbered, skip_rows=1, encoding=encoding, use_threads=False
            ),
            arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                invalid_row_handler=note,
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(numbered, pa.string()), include_columns=positions
            ),
        )
    except pa.ArrowInvalid:
        if uneven:
            _refuse_uneven(file, uneven[0])
        raise
    frame = table.slice(0, rows).to_pandas()
    return frame.set_axis(columns, axis=1)


def _refuse_uneven(file: DataFile, row: arrow_csv.InvalidRow) -> NoReturn:
    trouble = msg(
        "the line has {actual} cells and the header has {expected}: the file is cut short, "
        "or a cell holds the mark that separates cells",
        actual=row.actual_columns,
        expected=row.expected_columns,
    )
    refuse(file.name, trouble, REPLACE, line=row.number, found=row.text[:60])


def _encoding(file: DataFile) -> str:
    """Tell how a text file is encoded, having read all of it."""
    content = file.path.read_bytes()
    if content.startswith(_UTF_16) or b"\0" in content:
        trouble = msg("the file is written in UTF-16, or is no text")
        refuse(file.name, trouble, msg("save it as CSV in UTF-8 or Latin-1"))
    if not content.endswith((b"\n", b"\r")):
        refuse(
            file.name,
            msg("the last line has no end: the file may be cut short"),
            msg("obtain the file again; if it is whole, add a line break at its end"),
        )
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252" if not any(byte in content for byte in _NOT_CP1252) else "latin-1"
    return "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"


_READERS: dict[str, tuple[_Reader, ...]] = {
    "dta": (_stata_by_pandas, _by_pyreadstat(pyreadstat.read_dta)),
    "sav": (_by_pyreadstat(pyreadstat.read_sav),),
    "csv": (_text,),
}
