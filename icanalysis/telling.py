"""How a command ends and what it says: exit codes, errors in the user's language, paths."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from icanalysis.errors import WorkbookError
from icanalysis.language import CODES, Language, language, preferred

FOUND, WRONG_USE = 1, 2


def ended(command: Callable[..., int], options: Mapping[str, Any]) -> NoReturn:
    """Call a command and end with its exit code; tell errors of use or data in the user's language."""
    reader = reader_of(options.get("language"))
    try:
        code = command(**options)
    except WorkbookError as error:
        click.echo(error.told(reader), err=True)
        code = WRONG_USE
    except OSError as error:  # a folder that cannot be written, a full disk
        if error.strerror is None or isinstance(error, ConnectionError):  # a closed pipe
            raise
        place = f": {error.filename}" if error.filename else ""
        click.echo(f"{error.strerror}{place}", err=True)
        code = WRONG_USE
    sys.exit(code)


def reader_of(choice: str | None) -> Language:
    """Return the language messages are told in: the one asked for, else the user's own."""
    return language(choice) if choice in CODES else preferred()


def shown(path: Path) -> str:
    """Write a path as one would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
