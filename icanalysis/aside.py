"""Work that is done in a process beside this one, where it would hold up all threads of this one.

Such a process is forked from that in which the libraries are loaded already (`warm`), and ends with
whoever asked for it. Where there is no safe forking, the work is done here.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

from icanalysis import warm

Made = TypeVar("Made")


@contextmanager
def helpers(count: int) -> Iterator[Executor | None]:
    """Lend so many processes, or none where they cannot be had."""
    pool = _pool(count) if warm.forks() else None
    try:
        yield pool
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)


def _pool(count: int) -> Executor | None:
    forked = multiprocessing.get_context("forkserver")
    try:
        return ProcessPoolExecutor(max(1, count), forked, initializer=warm.follow_owner)
    except (OSError, ImportError, NotImplementedError):  # no semaphores on this machine
        return None


def done(tasks: Sequence[Callable[[], Made]], pool: Executor | None) -> list[Made]:
    """Do tasks side by side, each of which can be sent to another process; return what they give."""
    begun = _begun(tasks, pool) if pool is not None else None
    if begun is not None:
        # Should one of the processes die, no other does any more: the rest is done here, only slower.
        with suppress(BrokenExecutor):
            return [future.result() for future in begun]
    return [task() for task in tasks]


def _begun(tasks: Sequence[Callable[[], Made]], pool: Executor) -> list[Future[Made]] | None:
    """Send tasks to processes, which begin with the first; None where they cannot."""
    try:
        warm.prepare()  # or they would be forked from a process without our settings
        return [pool.submit(task) for task in tasks]
    except (BrokenExecutor, OSError, EOFError):
        return None
