"""Frames already read, kept as Parquet under the checksum of all they came from.

The key is a digest of the file's content, of the code that reads it and of the tables it is
read by; anything else is another entry. So an entry can be missing, never stale.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
import pyarrow as pa

from icanalysis.language import Message

# What is read and computed depends on these, beside this package.
LIBRARIES = ("pandas", "numpy", "scipy", "pyarrow", "pyreadstat", "narwhals")
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
    versions = [importlib.metadata.version(name) for name in LIBRARIES]
    digest.update(repr((file.name, versions, arguments)).encode())
    return digest.hexdigest()


def code() -> list[Path]:
    """List the package's own modules: whatever any of them computes may depend on all."""
    return sorted(Path(__file__).parent.glob("*.py"))


def kept(
    name: str, make: Callable[[], tuple[pd.DataFrame, list[Message]]]
) -> tuple[pd.DataFrame, list[Message]]:
    """Return the frame and notes kept under this key, else make them and keep them.

    An entry that cannot be read is made again; a folder that cannot be written is no error.
    """
    path = home() / f"{name}.parquet"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        frame = pd.read_parquet(path, page_checksum_verification=True)
        return frame, [_message(note) for note in frame.attrs.pop(_NOTES)]
    frame, notes = make()
    with contextlib.suppress(OSError):  # a cache that cannot be written is only slower
        _store(frame, notes, path)
    return frame, notes


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
