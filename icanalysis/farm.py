"""The same run on a Dask cluster: data and notebooks go out in one bundle, pages come back.

Workers need this package, in the same version, and nothing of this machine's disk. The bundle goes
through a folder or an object store that all can reach (`--shared`, any address fsspec knows), or,
without one, through the scheduler.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icanalysis import jobs
from icanalysis.crew import Hands
from icanalysis.errors import WorkbookError
from icanalysis.jobs import Job, Page, Plan
from icanalysis.language import msg
from icanalysis.load import open_data, sha256
from icanalysis.record import Failure, failure, made_with

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 20  # seconds until a scheduler answers
DATA, SURVEY, NOTEBOOKS = "data", "survey", "notebooks"
_unpacking = threading.Lock()


@dataclass(frozen=True)
class Order:
    """What a worker must know to make the pages of a plan."""

    archive: bytes | str  # the bundle, or its address
    digest: str
    notebook: str
    regions: tuple[str, ...]
    baseline: int
    outcome: int
    languages: tuple[str, ...]
    pages: tuple[str, ...]
    survey: bool
    seconds: float


@contextmanager
def hands(plan: Plan, address: str, shared: str = "") -> Iterator[Hands]:
    """Lend the hands of a cluster's workers.

    Raises
    ------
    WorkbookError
        If Dask is not installed, no scheduler answers, it has no workers, or theirs are other
        versions, with which pages would differ.
    """
    with _client(address) as client:
        _require_same_versions(client)
        order = _order(plan, shared)
        # Sent once, not with every page.
        sent = client.scatter(order, broadcast=True)

        def make(plan: Plan, job: Job, folder: Path) -> Page | Failure:
            try:
                made, files = client.submit(make_there, sent, job.id, pure=False).result()
            except Exception as error:  # a worker lost again and again, a scheduler gone
                return failure(error, plan.private(folder))
            for name, content in files.items():
                (folder / name).write_bytes(content)
            found: Page | Failure = made
            return found

        yield Hands(make, 2 * sum(client.ncores().values()), client.close)


def _client(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError:
        raise WorkbookError(
            msg("--scheduler needs Dask: pip install distributed, here and where workers run.")
        ) from None
    try:
        return Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError):
        raise WorkbookError(
            msg("No Dask scheduler answers at {address}.", address=address)
        ) from None


def _require_same_versions(client: Client) -> None:
    there: dict[str, Any] = client.run(made_with)
    if not there:
        raise WorkbookError(msg("The scheduler has no workers yet: start them first."))
    others = sorted(name for name, found in there.items() if found != made_with())
    if others:
        raise WorkbookError(
            msg(
                "These workers have another version of Python, of icanalysis or of its libraries, "
                "with which pages would differ: {names}. Install the same everywhere.",
                names=", ".join(others),
            )
        )


def _order(plan: Plan, shared: str) -> Order:
    """Bundle what workers need, and put it where they find it."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        shutil.copytree(plan.data.path, bundle / DATA)
        shutil.copytree(
            plan.notebook.parent,
            bundle / NOTEBOOKS,
            ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__"),
        )
        if plan.enaho:
            shutil.copytree(plan.enaho, bundle / SURVEY)
        packed = Path(shutil.make_archive(str(bundle), "zip", bundle))
        digest = sha256(packed)
        archive: bytes | str = packed.read_bytes()
        if shared:
            import fsspec

            archive = f"{shared.rstrip('/')}/icanalysis-{digest}.zip"
            with fsspec.open(archive, "wb") as target, packed.open("rb") as source:
                shutil.copyfileobj(source, target)
    return Order(
        archive=archive,
        digest=digest,
        notebook=plan.notebook.name,
        regions=tuple(region.code for region in plan.regions),
        baseline=plan.years.baseline,
        outcome=plan.years.outcome,
        languages=tuple(reader.code for reader in plan.languages),
        pages=tuple(path.name for path in plan.pages),
        survey=plan.enaho is not None,
        seconds=plan.seconds,
    )


# --- in a worker ------------------------------------------------------------------------------


def make_there(order: Order, job: str) -> tuple[Page | Failure, dict[str, bytes]]:
    """Make one page in a worker; return it, and its files by name."""
    plan = _plan(order, _unpacked(order))
    asked = next(each for each in plan.jobs if each.id == job)
    with tempfile.TemporaryDirectory() as folder:
        # Threads of a worker inherit one context, and in it, where Jupyter has run before, one
        # event loop, which cannot serve two notebooks at once.
        made = Context().run(jobs.make, plan, asked, Path(folder))
        files = [] if isinstance(made, Failure) else list(Path(folder).iterdir())
        return made, {path.name: path.read_bytes() for path in files}


def _unpacked(order: Order) -> Path:
    """Unpack a bundle once for each worker, into its own folder, which goes with it."""
    from distributed import get_worker

    home = Path(get_worker().local_directory)
    place = home / f"icanalysis-{order.digest}"
    with _unpacking:  # threads of one worker
        if not place.is_dir():
            _unpack(order, home, place)
    return place


def _unpack(order: Order, home: Path, place: Path) -> None:
    with tempfile.TemporaryDirectory(dir=home) as folder:
        packed = Path(folder) / "bundle.zip"
        if isinstance(order.archive, bytes):
            packed.write_bytes(order.archive)
        else:
            import fsspec

            with fsspec.open(order.archive, "rb") as source, packed.open("wb") as target:
                shutil.copyfileobj(source, target)
        if sha256(packed) != order.digest:
            raise ValueError(f"{order.archive!r:.100} is not the bundle that was sent")
        shutil.unpack_archive(packed, Path(folder) / "bundle")
        (Path(folder) / "bundle").rename(place)


def _plan(order: Order, place: Path) -> Plan:
    data = open_data(place / DATA)
    asked = data.evaluation
    return Plan(
        data=data,
        notebook=place / NOTEBOOKS / order.notebook,
        regions=tuple(map(asked.region, order.regions)),
        years=asked.years(order.baseline, order.outcome),
        languages=tuple(map(asked.language, order.languages)),
        out=place / "run",
        workers=1,
        enaho=place / SURVEY if order.survey else None,
        pages=tuple(place / NOTEBOOKS / name for name in order.pages),
        seconds=order.seconds,
    )
