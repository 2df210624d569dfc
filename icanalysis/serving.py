"""Shows the page of all runs on this machine: only what it links, only as it was left, never written.

What may be asked for is a list made beforehand. No path is worked out from what is asked, so that
none can lead elsewhere; and what is sent has the checksum on record, wherever it was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from icanalysis import ledger
from icanalysis.errors import WorkbookError

HERE = "127.0.0.1"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".ipynb": "application/json",
}
# By address below the root: folder, name in it, checksum.
Published = Mapping[str, tuple[Path, str, str]]


class Shelf(ThreadingHTTPServer):
    """A server of this machine only, at a free port, of nothing but what is published."""

    daemon_threads = True

    def __init__(self, published: Published) -> None:
        self.published = published
        super().__init__((HERE, 0), _Handler)

    @property
    def address(self) -> str:
        """Where a browser on this machine finds it."""
        return f"http://{HERE}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD; http.server refuses all else."""

    server: Shelf
    server_version, sys_version = "icanalysis", ""
    timeout = 30

    def do_GET(self) -> None:
        content, kind = self._found()
        if content is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET  # noqa: N815

    def _found(self) -> tuple[bytes | None, str]:
        """Return what was asked for, if it is published and still as it was left."""
        # A page from elsewhere may have its own name lead here; a browser then tells that name.
        hosts = {f"{name}:{self.server.server_port}" for name in (HERE, "localhost")}
        asked = unquote(urlsplit(self.path).path, errors="surrogateescape")
        known = self.server.published.get(asked.removeprefix("/"))
        if known is None or self.headers.get("Host") not in hosts:
            return None, ""
        folder, name, checksum = known
        try:
            content = ledger.content(folder, name)
        except (WorkbookError, OSError):
            return None, ""
        as_left = hashlib.sha256(content).hexdigest() == checksum
        kind = KINDS.get(PurePosixPath(name).suffix, "application/octet-stream")
        return (content if as_left else None), kind

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is for whoever started it."""
