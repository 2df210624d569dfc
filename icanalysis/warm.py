"""The process that kernels are forked from: the standard library's fork server, libraries loaded.

It ends by itself with the last process that may ask it for a kernel, however that ends. It has
its package's code as it stood when the run began, and lives no longer than the run.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable

CAN_FORK = sys.platform == "linux"
# One thread for each kernel: a process with more cannot be forked safely, and kernels side by side
# would fight for the processors. Plain kernels get the same: sums taken in another order differ in
# their last digits.
ALONE = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    # Or the debugger, which every kernel loads, warns on the terminal that it would be inexact.
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
# Names the folder of that process's own socket, for it to remove when its owner was killed.
SOCKET = "ICANALYSIS_FORK_SOCKET"
_starting = threading.Lock()


def forks() -> bool:
    """Whether this process may fork kernels: a daemon (a worker of Dask's) has no such children."""
    return CAN_FORK and not multiprocessing.current_process().daemon


def prepare() -> None:
    """Begin to load what kernels need, in the process they will be forked from; do not wait."""
    if not forks():
        return
    from multiprocessing import forkserver, util  # not on Windows

    forkserver.set_forkserver_preload(["icanalysis.preload"])
    settings = {**ALONE, SOCKET: util.get_temp_dir()}
    with _starting:  # threads share one environment
        before = {name: os.environ.get(name) for name in settings}
        os.environ.update(settings)
        try:
            forkserver.ensure_running()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def shelter() -> str | None:
    """Return a folder for what kernels leave lying about, which goes when this process does.

    The process that kernels are forked from removes it, even when this one was killed. `None`, for
    the system's folder of temporary files, where kernels are not forked.
    """
    if not forks():
        return None
    prepare()
    from multiprocessing import util

    return util.get_temp_dir()


def follow_owner(last: Callable[[], None] | None = None) -> None:
    """End this process, and what it starts, as soon as whoever asked for it is gone (in a fork).

    It leads a group of its own from here on: Ctrl-C is for the run, which ends what it started.
    `last` is done before.
    """
    os.setsid()
    threading.Thread(target=_end_with_owner, args=(last,), daemon=True).start()


def _end_with_owner(last: Callable[[], None] | None) -> None:
    owner = multiprocessing.parent_process()
    if owner is None:
        return
    owner.join()
    if last is not None:
        last()
    os.killpg(0, signal.SIGKILL)
