"""One file over HTTP: gone on with where it broke off, retried politely, never taken on trust.

requests (with urllib3 under it) does the asking: of the libraries compared in 2026 it alone tells
certificate, name, proxy and length failures apart, and every notebook server needs it already.
pooch 1.9 begins again after a break; pypdl 1.5 appends to a part whatever it is sent. Both take a
web page for the file. Going on where a download broke off is therefore done here.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util import Retry

from icanalysis.errors import WorkbookError
from icanalysis.language import Message, msg

ZIP = b"PK\x03\x04"
_CHUNK = 2**16
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = 5


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server, and how often to come back (seconds, bytes a second).

    `tries` are tries in a row that bring the file no further; between them waits double from
    `backoff`, unless the server names its own (Retry-After). One that asks for more than
    `longest` is not waited for.
    """

    tries: int = 6
    connect: float = 15.0
    silence: float = 60.0
    slowest: float = 200.0
    backoff: float = 2.0
    longest: float = 180.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def wait(self, failed: int, asked: float | None) -> float:
        """Seconds to wait after this many failures."""
        return self.backoff * 2 ** (failed - 1) if asked is None else max(asked, self.backoff)


@dataclass(frozen=True)
class Stamp:
    """What a server says of a file: its marks of content, and its size if told."""

    etag: str = ""
    modified: str = ""
    bytes: int | None = None

    @property
    def validator(self) -> str:
        """What a request for the rest may be tied to; a weak ETag promises no equal bytes."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified

    def is_other(self, now: Stamp) -> bool:
        """Tell whether `now` is of another content: by ETag if both have one, else by the rest."""
        if self.etag and now.etag:
            return self.etag != now.etag
        return any(old != new for old, new in self._shared(now))

    def says(self, now: Stamp) -> bool:
        """Tell whether the two stamps have anything in common to compare."""
        return bool(self.etag and now.etag) or bool(self._shared(now))

    def _shared(self, now: Stamp) -> list[tuple[object, object]]:
        pairs = ((self.modified, now.modified), (self.bytes, now.bytes))
        return [(old, new) for old, new in pairs if old and new]


class DownloadError(WorkbookError):
    """A try that failed: why, whether another may do better, and when."""

    def __init__(
        self,
        message: Message,
        *,
        passing: bool = True,
        unreachable: bool = False,
        absent: bool = False,
        after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.passing, self.after = passing, after
        self.unreachable, self.absent = unreachable, absent


Progress = Callable[[int, int | None], None]


def session() -> requests.Session:
    """Open a session that says who asks, and follows few redirects."""
    made = requests.Session()
    made.max_redirects = _REDIRECTS
    made.headers["User-Agent"] = f"icanalysis/{importlib.metadata.version('icanalysis')}"
    made.headers["Accept-Encoding"] = "identity"
    return made


def changed(web: requests.Session, url: str, known: Stamp, patience: Patience) -> Stamp | None:
    """Ask whether a file is still the one known; return its stamp if not. Downloads nothing.

    Raises
    ------
    DownloadError
        If the server does not say.
    """
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    present = {name: value for name, value in headers.items() if value}
    with _answered(web, url, present, patience) as answer:
        now = _stamp(answer)
        if answer.status_code == 304:
            return None
    if not known.says(now):
        raise DownloadError(msg("the server does not say"))
    return now if known.is_other(now) else None


def download(
    web: requests.Session, url: str, part: Path, patience: Patience, progress: Progress
) -> tuple[Stamp, bool]:
    """Download a zip archive to `part`, going on with what already lies there.

    What has come stays in `part`, with the server's stamp beside it, whatever happens. It is
    continued only if the server says that the content is the same, and begun again if not.

    Returns
    -------
    tuple
        The server's stamp, and whether the file was put together from several answers.

    Raises
    ------
    DownloadError
        The last one, when no further try is worth while.
    """
    failed, furthest, pieced = 0, _size(part), False
    while True:
        pieced = pieced or _size(part) > 0
        try:
            return _attempt(web, url, part, patience, progress), pieced
        except DownloadError as error:
            reached = _size(part)
            failed = 1 if reached > furthest else failed + 1
            furthest = max(reached, furthest)
            wait = patience.wait(failed, error.after)
            if not error.passing or failed >= patience.tries or wait > patience.longest:
                raise
            patience.sleep(wait)


def discard(part: Path) -> None:
    """Throw away what has come of a file."""
    part.unlink(missing_ok=True)
    _stamp_file(part).unlink(missing_ok=True)


def _attempt(
    web: requests.Session, url: str, part: Path, patience: Patience, progress: Progress
) -> Stamp:
    known = _known(part, url)
    have = _size(part)
    if known.bytes is not None and have == known.bytes:
        return known
    headers = {"Range": f"bytes={have}-", "If-Range": known.validator} if have else {}
    with _answered(web, url, headers, patience) as answer:
        now = _stamp(answer)
        if answer.status_code != 200:
            start, whole = _range(answer)
            other = known.is_other(Stamp(now.etag, now.modified, whole))
            if other or start != have or (known.bytes or whole) != (whole or known.bytes):
                discard(part)
                raise DownloadError(msg("the server sent another part than was asked for"))
            now = Stamp(known.etag, known.modified, known.bytes or whole)
        first = _next(answer)
        if answer.status_code == 200:
            have = 0
            if not first or not first.startswith(ZIP[: len(first)]):
                raise DownloadError(
                    msg("the server answered with a web page instead of the archive")
                    if first.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
                    else msg("what the server sent is not a zip archive")
                )
            discard(part)
            _stamp_file(part).write_text(json.dumps({"url": url, **asdict(now)}), encoding="utf-8")
        _pour(answer, first, part, have, now.bytes, patience, progress)
    if now.bytes is not None and _size(part) != now.bytes:
        raise DownloadError(msg("the connection broke off before the file was whole"))
    return now


def _pour(
    answer: requests.Response,
    block: bytes,
    part: Path,
    have: int,
    whole: int | None,
    patience: Patience,
    progress: Progress,
) -> None:
    """Write the rest of an answer; a trickle that keeps the line open forever is cut."""
    began, came = patience.clock(), 0
    with part.open("ab") as out:
        while block:
            out.write(block)
            have, came = have + len(block), came + len(block)
            progress(have, whole)
            passed = patience.clock() - began
            if passed >= patience.silence:
                if came < patience.slowest * passed:
                    raise DownloadError(msg("the server sends too slowly"))
                began, came = patience.clock(), 0
            out.flush()
            block = _next(answer)


def _next(answer: requests.Response) -> bytes:
    """Return the next bytes as soon as there are any; none at the end."""
    try:
        return bytes(answer.raw.read1(_CHUNK))
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise _failure(error, answer.url) from error


@contextlib.contextmanager
def _answered(
    web: requests.Session, url: str, headers: dict[str, str], patience: Patience
) -> Iterator[requests.Response]:
    """Ask for a file; give the answer's head if it is of use, and close it afterwards."""
    limits = (patience.connect, patience.silence)
    try:
        answer = web.get(url, headers=headers, stream=True, timeout=limits)
    except requests.RequestException as error:
        raise _failure(error, url) from error
    with answer:
        wanted = {200, 206, 416} if "Range" in headers else {200, 304}
        if answer.status_code not in wanted:
            raise _refusal(answer)
        yield answer


def _refusal(answer: requests.Response) -> DownloadError:
    status = answer.status_code
    if status in (404, 410):
        return DownloadError(
            msg("the server has no such file (error {status})", status=status),
            passing=False,
            absent=True,
        )
    if status not in _BUSY:
        trouble = msg("the server does not give the file (answer {status})", status=status)
        return DownloadError(trouble, passing=False)
    after = None
    with contextlib.suppress(urllib3.exceptions.InvalidHeader):
        if named := answer.headers.get("Retry-After"):
            after = Retry().parse_retry_after(named)
    return DownloadError(
        msg("the server is out of order or overloaded (error {status})", status=status), after=after
    )


def _failure(error: Exception, url: str) -> DownloadError:
    """Tell what an exception of the library means to whoever waits for the file."""
    host = urlsplit(url).hostname or url
    reason = getattr(error.args[0] if error.args else None, "reason", error)
    if "certificate verify failed" in str(error).lower():
        trouble = msg(
            "the certificate of {host} could not be verified, so nothing was downloaded; "
            "REQUESTS_CA_BUNDLE can name a file with the certificate that is missing",
            host=host,
        )
        return DownloadError(trouble, passing=False)
    if isinstance(reason, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return DownloadError(msg("the secure connection to {host} failed", host=host))
    if isinstance(error, requests.exceptions.ProxyError):
        trouble = msg("the proxy server does not let the request through; see HTTPS_PROXY")
        return DownloadError(trouble, unreachable=True)
    if isinstance(reason, NameResolutionError):
        trouble = msg("{host} was not found: is there an internet connection?", host=host)
        return DownloadError(trouble, passing=False, unreachable=True)
    if isinstance(reason, NewConnectionError):  # to urllib3 one kind of a timeout: tell it first
        return DownloadError(msg("{host} accepts no connection", host=host), unreachable=True)
    if isinstance(reason, requests.Timeout | urllib3.exceptions.TimeoutError):
        return DownloadError(
            msg("{host} has been silent for too long", host=host), unreachable=True
        )
    if isinstance(error, requests.TooManyRedirects):
        return DownloadError(msg("{host} redirects without end", host=host), passing=False)
    if isinstance(error, ValueError):  # requests' errors of an address are ValueErrors too
        return DownloadError(msg("“{url}” is no address of a file", url=url), passing=False)
    return DownloadError(msg("the connection broke off before the file was whole"))


def _stamp(answer: requests.Response) -> Stamp:
    size = answer.headers.get("Content-Length", "")
    return Stamp(
        answer.headers.get("ETag", ""),
        answer.headers.get("Last-Modified", ""),
        int(size) if size.isascii() and size.isdigit() else None,
    )


def _range(answer: requests.Response) -> tuple[int | None, int | None]:
    """First byte and size of the whole file, as far as a 206 tells them."""
    told = re.fullmatch(
        r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""), re.ASCII
    )
    if told is None:
        return None, None
    return int(told[1]), None if told[2] == "*" else int(told[2])


def _known(part: Path, url: str) -> Stamp:
    """Return the stamp of what has come; throw that away if it cannot be gone on with."""
    try:
        state = json.loads(_stamp_file(part).read_text(encoding="utf-8"))
        stamp = Stamp(state["etag"], state["modified"], state["bytes"])
        fits = (
            state["url"] == url and stamp.validator and _size(part) <= (stamp.bytes or _size(part))
        )
    except (OSError, ValueError, KeyError, TypeError):
        fits, stamp = False, Stamp()
    if fits and _size(part):
        return stamp
    discard(part)
    return Stamp()


def _stamp_file(part: Path) -> Path:
    return part.with_name(f"{part.stem}.stamp.part")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
