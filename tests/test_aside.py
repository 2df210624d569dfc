"""Work done in a process beside this one: the same as here, and no process outlives its owner."""

import os
import signal
import subprocess
import sys
import time
from functools import partial

import psutil
import pytest

from icanalysis import aside, warm

forked_only = pytest.mark.skipif(not warm.CAN_FORK, reason="kernels are forked on Linux only")


def place(_):
    """Name the process this is done in."""
    return os.getpid()


def die(owner, told):
    """End the helper it is done in; here, tell that it came back."""
    if os.getpid() != owner:
        os.kill(os.getpid(), signal.SIGKILL)
    return told


def fail(_):
    raise LookupError("no such page")


@forked_only
def test_tasks_are_done_elsewhere_and_told_in_their_order():
    with aside.helpers(2) as pool:
        first = aside.done([partial(place, number) for number in range(4)], pool)
        assert os.getpid() not in first
        assert aside.done([partial(pow, number, 2) for number in range(9)], pool) == [
            number**2 for number in range(9)
        ]


def test_without_processes_they_are_done_here(monkeypatch):
    monkeypatch.setattr(warm, "CAN_FORK", False)
    with aside.helpers(2) as pool:
        assert aside.done([partial(place, 0)], pool) == [os.getpid()]


@forked_only
def test_what_a_helper_that_dies_was_to_do_is_done_here():
    with aside.helpers(1) as pool:
        tasks = [partial(die, os.getpid(), told) for told in "ab"]
        assert aside.done(tasks, pool) == ["a", "b"]
        # And so is what comes after.
        assert aside.done([partial(place, 0)], pool) == [os.getpid()]


@pytest.mark.parametrize("count", [0, pytest.param(1, marks=forked_only)])
def test_an_error_in_a_task_is_told_as_it_was(count):
    with aside.helpers(1) as pool, pytest.raises(LookupError, match="no such page"):
        aside.done([partial(fail, 0)], pool if count else None)


@forked_only
def test_where_no_process_can_be_started_tasks_are_done_here(monkeypatch):
    with aside.helpers(1) as pool:
        monkeypatch.setattr(type(pool), "submit", lambda *_: (_ for _ in ()).throw(EOFError))
        assert aside.done([partial(place, 0)], pool) == [os.getpid()]


@forked_only
def test_a_machine_without_semaphores_has_no_helpers(monkeypatch):
    def refuse(*_, **__):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(aside, "ProcessPoolExecutor", refuse)
    with aside.helpers(1) as pool:
        assert pool is None


OWNER = """
import os, time
from icanalysis import aside
if __name__ == "__main__":
    with aside.helpers(1) as pool:
        print(aside.done([os.getpid], pool)[0], flush=True)
        time.sleep(600)
"""


@forked_only
def test_a_helper_ends_with_its_owner_however_that_ends(tmp_path):
    script = tmp_path / "owner.py"
    script.write_text(OWNER, encoding="utf-8")
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as owner:
        helper = psutil.Process(int(owner.stdout.readline()))
        assert helper.is_running()
        owner.kill()
    for _ in range(600):
        if not helper.is_running() or helper.status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    pytest.fail("the helper is still there a minute after its owner was killed")
