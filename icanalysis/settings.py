"""Reading evaluation.toml: the file checked, and every fault of it told."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from icanalysis.errors import DataError, Problem, WorkbookError
from icanalysis.evaluation import FILE, Evaluation
from icanalysis.language import Message, msg


def read_evaluation(folder: Path) -> Evaluation:
    """Read and check a data folder's evaluation.toml.

    Raises
    ------
    WorkbookError
        If there is none.
    DataError
        If it departs from its form; every fault is listed.
    """
    path = folder / FILE
    if not path.is_file():
        values = {"folder": folder.name, "file": FILE}
        raise WorkbookError(msg("“{folder}” is not a data folder: it holds no {file}.", **values))
    try:
        return Evaluation.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError as error:
        fault, remedy = msg("not UTF-8 text"), msg("save it again as UTF-8")
        raise DataError([Problem(FILE, fault, remedy)]) from error
    except tomllib.TOMLDecodeError as error:
        note, _, place = str(error).partition(" (at line ")
        fault, remedy = msg("not valid TOML: {note}", note=note), msg("correct the file's syntax")
        line = int(place.split(",")[0]) if place else None
        raise DataError([Problem(FILE, fault, remedy, line=line)]) from error
    except ValidationError as error:
        raise DataError([item for detail in error.errors() for item in _told(detail)]) from error


def _told(detail: ErrorDetails) -> list[Problem]:
    """Word one of pydantic's findings; its own English text is kept for the rarer ones."""
    # Lists are counted from one, as a reader does: regions.2.code is the second region's.
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in detail["loc"])
    if detail["type"] == "missing":
        return [Problem(FILE, msg("“{key}” is missing", key=key), msg("add it"))]
    if detail["type"] == "extra_forbidden":
        trouble = msg("“{key}” is not a key this file knows", key=key)
        return [Problem(FILE, trouble, msg("check its spelling, or remove it"))]
    if detail["type"] == "asked":
        asked = detail["ctx"]["troubles"]
        troubles = [
            msg("“{key}”: {trouble}", key=key, trouble=each) if key else each for each in asked
        ]
        return [Problem(FILE, trouble, msg("correct the value")) for trouble in troubles]
    found = None if isinstance(detail["input"], dict | list) else str(detail["input"])
    return [Problem(FILE, msg("“{key}” does not fit", key=key), _wanted(detail), found=found)]


def _wanted(detail: ErrorDetails) -> Message:
    """Say what pydantic would have accepted."""
    kind = detail["type"]
    if kind == "literal_error":
        choices = ", ".join(re.findall(r"'([^']*)'", detail["ctx"]["expected"]))
        return msg("write one of: {choices}", choices=choices)
    if kind == "string_pattern_mismatch":
        return msg("write lower-case letters, digits, - and _, beginning with a letter")
    if kind.startswith("int"):
        return msg("write {allowed}", allowed=msg("a whole number"))
    if kind.startswith("string"):
        return msg("write a text between quotation marks")
    return msg("correct it: {description}", description=detail["msg"])
