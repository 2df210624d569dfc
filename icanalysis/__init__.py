"""An evaluation workbook: baseline against outcome, region by region.

Modules are loaded when first used: `import icanalysis as ica; ica.load.open_data("data")`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from types import ModuleType

__version__ = importlib.metadata.version("icanalysis")


def __getattr__(name: str) -> ModuleType:
    """Import a module of the package the first time it is named."""
    if importlib.util.find_spec(f"{__name__}.{name}") is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.{name}")
