"""An evaluation workbook: baseline against outcome, region by region.

Modules are loaded when first used: `import icanalysis as ica; ica.load.open_data("data")`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    __version__: str


def __getattr__(name: str) -> ModuleType | str:
    """Import a module of the package, or look up its version, the first time it is named."""
    # Imported here: `icanalysis --help` needs neither, and they take longer than all it does.
    import importlib.metadata
    import importlib.util

    if name == "__version__":
        return importlib.metadata.version("icanalysis")
    if importlib.util.find_spec(f"{__name__}.{name}") is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.{name}")
