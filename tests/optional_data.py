"""Where the data that are not kept here may be found: tests that need them skip without.

`ICANALYSIS_ENAHO` names a folder of ENAHO files, `ICANALYSIS_REFERENCE` one of published test
cases; else each is looked for beside the checkout.
"""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
FOLDERS = {"enaho": "ICANALYSIS_ENAHO", "reference": "ICANALYSIS_REFERENCE"}


def folder(name: str) -> Path:
    """Return where the folder is, or would be."""
    told = os.environ.get(FOLDERS[name])
    return Path(told) if told else CHECKOUT.parent / "shared" / name


def file(name: str, *parts: str) -> Path:
    """Return a file of an optional folder, or skip the test that needs it.

    A folder that was named and is not there is a mistake, not a reason to skip.
    """
    home = folder(name)
    if FOLDERS[name] in os.environ and not home.is_dir():
        pytest.fail(f"{FOLDERS[name]} is {home}, and there is no such folder")
    path = home.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs {path.name}: put it in {home}, or name its folder in {FOLDERS[name]}")
    return path
