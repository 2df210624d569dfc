"""Frames already read, kept as Parquet under the checksum of all they came from.

The key is a digest of the file's content, of the code that reads it and of the tables it is
read by; anything else is another entry. So an entry can be missing, never stale. Those that nobody
asks for are removed after a while.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
import pyarrow as pa

from icanalysis.language import Message

# What is read and computed depends on these, beside this package.
LIBRARIES = ("pandas", "numpy", "scipy", "pyarrow", "pyreadstat", "narwhals")
FORGOTTEN_AFTER = 60  # days
_NOTES = "notes"


def home() -> Path:
    """Return the folder of the cache: ICANALYSIS_CACHE, else the user's."""
    told = os.environ.get("ICANALYSIS_CACHE")
    return Path(told) if told else Path(platformdirs.user_cache_dir("icanalysis", appauthor=False))


def key(file: Path, makers: Iterable[Path], *arguments: object) -> str:
    """Digest a file, the modules and tables that read it, library versions and arguments."""
    digest = hashlib.sha256()
    for path in (file, *makers):
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    digest.update(repr((file.name, _versions(), arguments)).encode())
    return digest.hexdigest()


@cache
def _versions() -> list[str]:
    return [importlib.metadata.version(name) for name in LIBRARIES]


@cache
def code() -> str:
    """Digest the package's own modules: whatever any of them computes may depend on all.

    As they stand when first asked; those that are imported do not change any more.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def kept(
    name: str, make: Callable[[], tuple[pd.DataFrame, list[Message]]]
) -> tuple[pd.DataFrame, list[Message]]:
    """Return the frame and notes kept under this key, else make them and keep them.

    An entry that cannot be read is made again; a folder that cannot be written is no error.
    """
    held = found(name)
    if held is not None:
        return held
    frame, notes = make()
    keep(name, frame, notes)
    return frame, notes


def found(name: str) -> tuple[pd.DataFrame, list[Message]] | None:
    """Return the frame and notes kept under this key, if they are and can be read."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        frame = pd.read_parquet(_place(name), page_checksum_verification=True)
        with contextlib.suppress(OSError):
            os.utime(_place(name))  # it is still of use
        return frame, [_message(note) for note in frame.attrs.pop(_NOTES)]
    return None


def keep(name: str, frame: pd.DataFrame, notes: list[Message]) -> None:
    """Keep a frame and notes under a key; a cache that cannot be written is only slower."""
    with contextlib.suppress(OSError):
        _store(frame, notes, _place(name))
        _forget(home())


@cache
def _forget(folder: Path) -> None:
    """Remove, once for each process, entries that nobody has asked for in a long time."""
    oldest = time.time() - 24 * 60 * 60 * FORGOTTEN_AFTER
    for path in folder.iterdir():
        # Another process may do the same at this moment.
        with contextlib.suppress(OSError):
            if path.suffix in (".parquet", ".part") and path.stat().st_mtime < oldest:
                path.unlink()


def _place(name: str) -> Path:
    return home() / f"{name}.parquet"


def _store(frame: pd.DataFrame, notes: list[Message], path: Path) -> None:
    """Write beside the place and move there, so that nobody ever meets half an entry."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    try:
        noted = frame.copy(deep=False)
        noted.attrs[_NOTES] = [_plain(note) for note in notes]
        noted.to_parquet(part, write_page_checksum=True)
        Path(part).replace(path)
    finally:
        Path(part).unlink(missing_ok=True)


def _plain(note: Message) -> dict[str, Any]:
    """Write a message, and those in it, as JSON has it: words are chosen when it is told."""
    values = {
        name: _plain(value) if isinstance(value, Message) else value
        for name, value in dict(note.values).items()
    }
    return {"text": note.text, "values": values}


def _message(plain: dict[str, Any]) -> Message:
    values = {
        name: _message(value) if isinstance(value, dict) else value
        for name, value in plain["values"].items()
    }
    return Message(plain["text"], values)
