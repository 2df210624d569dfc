"""A bundle as it came, a folder or a zip file: its files, read without unpacking."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from icanalysis.errors import WorkbookError
from icanalysis.folder import MANIFEST
from icanalysis.language import msg

# What a zip file says that is damaged, encrypted or packed in a way nobody knows.
DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # by us, in no other way


class Content(Protocol):
    """Files of a bundle, however it came."""

    names: list[str]
    whole: list[str]  # as whoever unpacks it would write them, folders too

    def open(self, name: str) -> IO[bytes]:
        """Open one of its files for reading."""


@contextmanager
def opened(bundle: Path) -> Iterator[Content]:
    """Open a bundle, folder or zip file, for reading."""
    if bundle.is_dir():
        yield _Folder(bundle)
        return
    try:
        with zipfile.ZipFile(bundle) as packed:
            yield _Zip(packed)
    except DAMAGED as error:
        raise WorkbookError(
            msg(
                "{file} cannot be read as a folder or a zip file ({why}). One that ends in .age is "
                "decrypted first: age -d.",
                file=bundle.name,
                why=str(error),
            )
        ) from None


class _Folder:
    def __init__(self, folder: Path) -> None:
        found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
        self._files = {path.relative_to(folder).as_posix(): path for path in found}
        self.names = self.whole = list(self._files)

    def open(self, name: str) -> IO[bytes]:
        path = self._files[name]
        if path.is_symlink() or not path.is_file():
            raise NotImplementedError("a link, or no file")  # none was sent
        return path.open("rb")


class _Zip:
    """A zip file, whose names begin with that of the folder that was packed."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self.whole = [entry.orig_filename for entry in packed.infolist()]
        files = [entry.filename for entry in packed.infolist() if not entry.is_dir()]
        tops = {name.partition("/")[0] for name in files}
        self._top = f"{tops.pop()}/" if len(tops) == 1 and MANIFEST not in files else ""
        self.names = [name.removeprefix(self._top) for name in files]

    def open(self, name: str) -> IO[bytes]:
        entry = self._packed.getinfo(f"{self._top}{name}")
        if entry.compress_type not in _PACKED or stat.S_ISLNK(entry.external_attr >> 16):
            raise NotImplementedError("a link, or packed in another way")
        return self._packed.open(entry)


def read(bundle: Path, name: str) -> bytes:
    """Return a file of a bundle that was verified."""
    with opened(bundle) as content, content.open(name) as stream:
        return stream.read()
