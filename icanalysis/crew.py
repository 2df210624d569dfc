"""Pages made side by side: here, or wherever else there are hands for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tqdm import tqdm

from icanalysis import jobs, kernels
from icanalysis.jobs import Job, Page, Plan
from icanalysis.language import Language
from icanalysis.record import Failure


@dataclass(frozen=True)
class Hands:
    """Who makes pages: how one is made into a folder, how many at once, how all are stopped."""

    make: Callable[[Plan, Job, Path], Page | Failure]
    count: int
    stop: Callable[[], None]


@contextmanager
def here(plan: Plan, helpers: Executor | None) -> Iterator[Hands]:
    """Lend the hands of this machine."""
    try:
        yield Hands(partial(jobs.make, helpers=helpers), plan.workers, kernels.end_all)
    finally:
        kernels.allow()  # none is left that was to be stopped


def work(
    waiting: Sequence[Job], make: Callable[[Job], None], hands: Hands, reader: Language
) -> None:
    """Call `make` for every job, showing how far it is and how long it will take.

    By threads, as each waits for a process elsewhere. Interrupted, or after an error of ours, what
    has begun is stopped and nothing more begins.
    """
    with ThreadPoolExecutor(max(1, min(hands.count, len(waiting)))) as pool:
        begun = [pool.submit(make, job) for job in waiting]
        finished = tqdm(
            as_completed(begun),
            total=len(begun),
            unit=reader.say(" page"),
            disable=None,  # quiet when not a terminal
            file=sys.stderr,
        )
        try:
            for future in finished:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            hands.stop()
            raise
