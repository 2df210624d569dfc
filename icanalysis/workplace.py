"""Where a run works: a hidden folder beside the one it will fill, which lets a stopped run go on.

It holds a lock, a copy of the data as they were at the start, and every page already made. It goes
when the run stands; after a run that was stopped, or killed, it stays, and the next one goes on
from it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from icanalysis.errors import WorkbookError
from icanalysis.folder import require_replaceable
from icanalysis.language import msg

LOCK = "lock"


class Workplace:
    """The folder a run works in, while it holds its lock."""

    def __init__(self, path: Path, out: Path) -> None:
        self.path = path
        self.out = out
        self.published = False

    @property
    def data(self) -> Path:
        """The data as they were when the run began."""
        return self.path / "data"

    @property
    def survey(self) -> Path:
        """What was estimated from survey files."""
        return self.path / "survey"

    @property
    def made(self) -> Path:
        """The run's folder, before it stands."""
        return self.path / "run"

    @property
    def pages(self) -> Path:
        """Pages made, a folder each."""
        return self.path / "pages"

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Lend an empty folder, which may be moved away; else it is dropped afterwards."""
        drafts = self.path / "drafts"
        drafts.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=drafts))
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, out: Path) -> None:
        """Put the finished run where it is wanted; an earlier one goes once this one stands."""
        if out.exists():
            require_replaceable(out)  # somebody may have put a file there since the run began
            out.rename(self._earlier(out))
        try:
            self.made.rename(out)
        except OSError:
            self._put_back(out)
            raise
        self.published = True
        shutil.rmtree(self._earlier(out), ignore_errors=True)

    def clear(self) -> None:
        """Drop what an earlier run left half-made, and put back what it had set aside."""
        for out in (self.out, failed_name(self.out)):
            self._put_back(out)
        for folder in (self.made, self.path / "drafts", self.data, self.survey):
            shutil.rmtree(folder, ignore_errors=True)

    def _earlier(self, out: Path) -> Path:
        return self.path / f"earlier-{out.name}"

    def _put_back(self, out: Path) -> None:
        earlier = self._earlier(out)
        if earlier.is_dir() and not out.exists():
            earlier.rename(out)
        shutil.rmtree(earlier, ignore_errors=True)


def failed_name(out: Path) -> Path:
    """Return where a run goes in which nothing could be made, an earlier one being there."""
    return out.with_name(f"{out.name}_failed")


@contextmanager
def workplace(out: Path) -> Iterator[Workplace]:
    """Hold the folder a run works in; it goes once the run stands, or if it holds no page.

    Raises
    ------
    WorkbookError
        If another run holds it.
    """
    path = _beside(out)
    path.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise WorkbookError(
            msg(
                "Another run is filling “{folder}” at this moment. Wait until it ends, or name "
                "another folder with --out.",
                folder=out.name,
            )
        ) from None
    place = Workplace(path, out)
    try:
        place.clear()
        yield place
    finally:
        if place.published or not any(place.pages.glob("*/*")):
            shutil.rmtree(path, ignore_errors=True)
        else:
            place.clear()
        lock.release()


def drop(out: Path, is_done: Callable[[Path], bool]) -> None:
    """Drop the folder of a run that stands, which it was killed before it could drop itself.

    It stays while another run works there, or if it holds a page that a stopped one may still want.

    Parameters
    ----------
    is_done : callable
        Tells of a page's folder whether it is of the run that stands.
    """
    if _beside(out).is_dir():
        with suppress(WorkbookError, OSError), workplace(out) as place:
            place.published = all(map(is_done, place.pages.glob("*/*")))


def _beside(out: Path) -> Path:
    # Absolute: kernels work in the notebooks' folder, not in ours.
    return out.parent.resolve() / f".{out.name}.partial"
