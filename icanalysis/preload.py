"""Import this, and all that a page needs is loaded: what is forked afterwards starts at once.

Only the process that kernels and helpers (`aside`) are forked from imports it. It leaves no thread
and no open file behind, which a fork would break.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import os
import shutil

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from icanalysis.language import CODES, language
from icanalysis.warm import SOCKET

# Not matplotlib_inline: it hooks into the shell that imports it, and here is none, so that figures
# would vanish.
NEEDED = (
    "icanalysis.catalog",  # before anything else imports jsonschema: it says why
    # What a kernel, and a process that is forked, load only when they begin.
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "multiprocessing.queues",
    "multiprocessing.spawn",
    "runpy",
    "tornado.platform.asyncio",
    # What pandas and pyarrow load only when first asked to read or write.
    "pandas.io.formats.csvs",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "pyarrow.substrait",
    "seaborn",
    "icanalysis.cli",  # whose module is the main one of most runs: kernels load it again
    "icanalysis.kernels",
    "icanalysis.run",
    "icanalysis.trials",
)
# What the notebooks import.
PAGES = (
    *("accounts", "actors", "agenda", "ages", "alt", "chapters", "claims", "coverage", "delivery"),
    *("differences", "figures", "lasting", "maps", "page", "panels", "partnership", "quality"),
    *("questions", "registers", "slopes", "squares", "tables", "together", "trust", "view"),
    "wording",
)


def _draw() -> None:
    """Draw once, without a window or a shell: fonts, ticks and writers are found and kept."""
    figure = Figure()
    figure.subplots().set_title("0", fontweight="bold")
    FigureCanvasAgg(figure).print_png(io.BytesIO())


gc.disable()  # it would look through what is loaded again and again, and find nothing to free
if SOCKET in os.environ:  # not passed on: forked kernels end without this
    atexit.register(shutil.rmtree, os.environ.pop(SOCKET), ignore_errors=True)
for module in (*NEEDED, *(f"icanalysis.{name}" for name in PAGES)):
    importlib.import_module(module)
# Asked for its plugins, it loads them.
importlib.import_module("frictionless").system.plugins  # noqa: B018
for code in CODES:
    reader = language(code)
    reader.say("All pages")
    reader.number(1234.5)
_draw()
# What stands now is never freed: the collector need not touch, and so copy, it in every kernel.
gc.freeze()
gc.enable()
