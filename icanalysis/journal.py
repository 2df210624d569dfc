"""What happened in a run and when, one JSON object a line: for whoever watches over many runs."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self


class Journal:
    """A file beside the run's folder, begun anew by each run: times do not belong in a run."""

    def __init__(self, out: Path) -> None:
        self.path = out.with_name(f"{out.name}.log")
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Begin the file."""
        self._file = self.path.open("w", encoding="utf-8", newline="\n")
        return self

    def tell(self, event: str, **facts: object) -> None:
        """Write what happened, at once."""
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
        with self._lock:
            self._file.write(json.dumps({**line, **facts}, ensure_ascii=False) + "\n")
            self._file.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write how the run ended, if it was stopped, and close the file."""
        if kind is not None:
            self.tell("end", status="stopped", why=f"{kind.__name__}: {error}")
        self._file.close()
