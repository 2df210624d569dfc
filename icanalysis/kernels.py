"""Kernels that start at once: forked from a process in which the libraries are already loaded.

The process they are forked from is the standard library's fork server; Jupyter starts them through
its own plug-in point, a kernel provisioner, so that papermill knows no difference. Where there is no
safe forking (Windows, macOS) the same kernels start the plain way.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from icanalysis import warm

# As pyproject.toml registers it.
PROVISIONER = "icanalysis-forked"
LAUNCHER = "ipykernel_launcher"
# Kernels of this process, for when all must end at once.
_running: set[Any] = set()
_ending = threading.Event()


class Kernels(AsyncKernelManager):
    """Start a notebook's kernel, forked where that can be done."""

    @property
    def kernel_spec(self) -> KernelSpec | None:
        """The kernel's specification, which names how it is started."""
        spec = super().kernel_spec
        if spec is not None:
            spec.metadata = {
                **spec.metadata,
                "kernel_provisioner": {"provisioner_name": PROVISIONER},
            }
        return spec

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:  # noqa: ANN401
        # What a kernel prints on its way out is of no use: the user watches the progress.
        options.setdefault("stderr", subprocess.DEVNULL)
        options["env"] = {**os.environ, **options.get("env", {}), **warm.ALONE}
        started: tuple[list[str], dict[str, Any]] = await super()._async_pre_start_kernel(**options)
        return started

    pre_start_kernel = _async_pre_start_kernel


class ForkedProvisioner(LocalProvisioner):
    """Start a Python kernel as a fork; any other, as Jupyter does."""

    process: Any = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ANN401
        """Start the kernel that a command describes."""
        if _ending.is_set():
            raise RuntimeError("the run is being stopped")
        if not warm.forks() or not _is_python_here(cmd):
            started = await super().launch_kernel(cmd, **kwargs)
            _running.add(self.process)
            return started
        warm.prepare()
        arguments = cmd[cmd.index(LAUNCHER) + 1 :]
        folder = str(kwargs.get("cwd") or Path.cwd())
        process = multiprocessing.get_context("forkserver").Process(
            target=_run, args=(arguments, dict(kwargs["env"]), folder), name="kernel"
        )
        process.start()
        self.process = _Popen(process)
        _running.add(self.process)
        # The child leads a group of its own as its first act.
        self.pid = self.pgid = process.pid
        self.cwd = folder
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel at once."""
        await super().kill(restart)
        if isinstance(self.process, _Popen):
            # It takes a moment; Jupyter, told that it still runs, would ask again after 0.1 s.
            self.process.wait(1)

    async def wait(self) -> int | None:
        """Wait until the kernel has ended."""
        _running.discard(self.process)
        ended: int | None = await super().wait()
        return ended


class _Popen:
    """A forked process as a provisioner wants it, with the methods of `subprocess.Popen` it uses."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int | None:
        self._process.join(seconds)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.pid is not None and self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def allow() -> None:
    """Let kernels start, after a run that was stopped."""
    _ending.clear()


def end_all() -> None:
    """End every kernel of this process, and start no other: the run is being stopped."""
    _ending.set()
    for process in list(_running):
        process.kill()


def _is_python_here(command: Sequence[str]) -> bool:
    """Whether a command starts this very Python's kernel: nothing else is loaded beforehand."""
    return LAUNCHER in command and Path(command[0]).resolve() == Path(sys.executable).resolve()


def _run(arguments: list[str], environment: Mapping[str, str], folder: str) -> None:
    """Become a kernel (in the forked process)."""
    connection = Path(arguments[arguments.index("-f") + 1])
    warm.follow_owner(partial(_tidy, connection))
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # Imported already, all but the names.
    import matplotlib as mpl
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    # As matplotlib would have found it had it been imported here.
    mpl.rcParams["backend"] = environment.get(
        "MPLBACKEND", "module://matplotlib_inline.backend_inline"
    )
    # Or every kernel would draw the same numbers; `random` sees to it itself.
    np.random.seed()  # the old generator, which is shared
    # 1 is a parent that Jupyter need not watch: it is watched above.
    IPKernelApp.launch_instance([*arguments, "--IPKernelApp.parent_handle=1"])


def _tidy(connection: Path) -> None:
    """Remove a kernel's connection file and sockets: nobody else is left to see to it."""
    for path in connection.parent.glob(f"{connection.stem}*"):
        path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty: it is not only ours
        connection.parent.rmdir()
        # That of the process we were forked from, should it have left before us.
        connection.parent.parent.rmdir()
