"""A run on a Dask cluster equals one made here, and outlives the loss of a worker.

The cluster is local: a scheduler and two worker processes, as far away as a test can have them.
"""

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import fsspec
import nbformat
import psutil
import pytest
from distributed import Client, LocalCluster
from jupyter_core.utils import ensure_event_loop

from icanalysis import farm, jobs, record, run
from icanalysis.errors import WorkbookError
from icanalysis.language import language
from icanalysis.load import open_data
from icanalysis.workbook import NOTEBOOK

ROOT = Path(__file__).parents[1]
WAIT = """
import time
time.sleep(1.5)
"""


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    """A copy of the workbook with a shortened notebook that takes a moment."""
    folder = tmp_path_factory.mktemp("workbook")
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "notebooks").mkdir()
    notebook = nbformat.read(ROOT / NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    notebook.cells = [*code[:2], nbformat.v4.new_code_cell(WAIT), code[-1]]
    nbformat.write(notebook, folder / NOTEBOOK)
    return folder


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
    ) as made:
        yield made


def planned(workbook, out, scheduler="", shared="", regions=("ayacucho", "cusco")):
    data = open_data(workbook / "data")
    asked = data.evaluation
    return jobs.Plan(
        data=data,
        notebook=workbook / NOTEBOOK,
        regions=tuple(map(asked.region, regions)),
        years=asked.years(),
        languages=(asked.language("es"),),
        out=out,
        workers=2,
        scheduler=scheduler,
        shared=shared,
    )


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def here(workbook, tmp_path_factory):
    """What a run of this machine holds."""
    out = tmp_path_factory.mktemp("here") / "run"
    assert run.report(planned(workbook, out)).failed == ()
    return contents(out)


@pytest.mark.parametrize("by", ["the scheduler", "a shared folder"])
def test_a_run_on_a_cluster_equals_one_made_here(workbook, cluster, here, tmp_path, by):
    shared = tmp_path / "shared"
    shared.mkdir()
    address = cluster.scheduler_address
    place = f"file://{shared}" if by == "a shared folder" else ""
    made = run.report(planned(workbook, tmp_path / "run", address, place))
    assert made.failed == ()
    assert contents(tmp_path / "run") == here
    assert len(list(shared.iterdir())) == (1 if place else 0)


def test_a_bundle_goes_through_an_object_store(workbook, here, tmp_path):
    """Through fsspec's own store in memory, which only workers of this process can reach.

    Its two threads make pages at once, although Jupyter has left an event loop of its own to them.
    """
    ensure_event_loop()
    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address="127.0.0.1:0"
    ) as inside:
        made = run.report(
            planned(workbook, tmp_path / "run", inside.scheduler_address, "memory://reports")
        )
    assert made.failed == ()
    assert contents(tmp_path / "run") == here
    assert len(fsspec.filesystem("memory").ls("/reports")) == 1


def test_a_run_goes_on_when_a_worker_is_killed(workbook, cluster, here, tmp_path):
    killed = []

    def kill():
        """Kill the first worker that makes a page."""
        with Client(cluster.scheduler_address, set_as_default=False) as client:
            of = client.run(os.getpid)
            while not (busy := [name for name, tasks in client.processing().items() if tasks]):
                time.sleep(0.05)
            os.kill(of[busy[0]], signal.SIGKILL)
            killed.append(busy[0])

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    made = run.report(planned(workbook, tmp_path / "run", cluster.scheduler_address))
    killer.join(10)
    assert killed, "the run was over before a worker was killed"
    assert made.failed == ()
    assert contents(tmp_path / "run") == here


def told(refused):
    return refused.value.told(language("en"))


def test_a_scheduler_that_is_not_there_is_told(workbook, tmp_path, monkeypatch):
    monkeypatch.setattr(farm, "PATIENCE", 1)
    with pytest.raises(WorkbookError) as refused:
        run.report(planned(workbook, tmp_path / "run", "tcp://127.0.0.1:9"))
    assert told(refused) == "No Dask scheduler answers at tcp://127.0.0.1:9."
    assert [path.name for path in tmp_path.iterdir()] == ["run.log"]


def test_workers_with_other_versions_are_refused(workbook, cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(record, "_code", lambda: "0" * 64)  # of this process alone
    with pytest.raises(WorkbookError) as refused:
        run.report(planned(workbook, tmp_path / "run", cluster.scheduler_address))
    assert "another version" in told(refused)
    assert "tcp://" in told(refused)


def test_a_cluster_without_workers_is_refused(workbook, tmp_path):
    empty = LocalCluster(n_workers=0, processes=True, dashboard_address="127.0.0.1:0")
    with empty, pytest.raises(WorkbookError) as refused:
        run.report(planned(workbook, tmp_path / "run", empty.scheduler_address))
    assert told(refused) == "The scheduler has no workers yet: start them first."


def test_a_region_that_fails_there_is_told_here(workbook, cluster, tmp_path):
    broken = shutil.copytree(workbook, tmp_path / "broken")
    notebook = nbformat.read(broken / NOTEBOOK, as_version=4)
    notebook.cells[2].source = "if region == 'cusco':\n    raise RuntimeError('no stoves')"
    nbformat.write(notebook, broken / NOTEBOOK)
    made = run.report(planned(broken, tmp_path / "run", cluster.scheduler_address))
    assert made.failed == ("cusco",)
    page = (tmp_path / "run" / "es" / "cusco.html").read_text(encoding="utf-8")
    assert "RuntimeError: no stoves" in page
    assert "dask" not in page.lower()
    assert (tmp_path / "run" / "es" / "ayacucho.html").is_file()


def test_no_kernel_is_left(cluster):
    """Runs last of these: what they started has ended."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        kernels = [
            process
            for process in psutil.Process().children(recursive=True)
            if "ipykernel_launcher" in " ".join(_command(process))
        ]
        if not kernels:
            return
        time.sleep(0.2)
    pytest.fail(f"left: {kernels}")


def _command(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []
