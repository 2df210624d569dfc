"""Kernels that start at once say what plain ones say, and end with whoever asked for them.

The plain kernel is the reference: what a notebook shows may not depend on how it was started.
"""

import ast
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient.exceptions import CellTimeoutError

from icanalysis import jobs, kernels, record, warm
from icanalysis.language import language

ROOT = Path(__file__).parents[1]
forked_only = pytest.mark.skipif(not warm.CAN_FORK, reason="kernels are forked on Linux only")
# What is written below Python is read by a thread of the kernel's that the cell's end does not wait
# for, however the kernel was started: the cell leaves it the time.
READ = "\nimport time; time.sleep(1)"
# One notebook of what has gone wrong in forked kernels elsewhere: pictures that vanish, output of
# subprocesses and of C that is lost, displays that are not updated, the folder, the name.
CELLS = {
    "figure": """
import matplotlib.pyplot as plt
import seaborn as sns
frame = {"x": [1, 2, 3], "y": [2.0, 1.0, 4.0]}
_ = sns.lineplot(x=frame["x"], y=frame["y"])
""",
    "two figures": "for _ in range(2):\n    plt.figure(figsize=(2, 1)); plt.plot([0, 1])",
    "statistics": """
import statsmodels.api as sm
import numpy as np
random = np.random.default_rng(1)
x = sm.add_constant(random.normal(size=(200, 3)))
print(sm.OLS(x @ [1, 2, 3, 4] + random.normal(size=200), x).fit().params)
""",
    "streams": "import sys\nprint('out'); print('err', file=sys.stderr); print('out again')",
    "subprocess": "import os, subprocess\nsubprocess.run(['echo', 'from a process'])\n_ = os.system('echo shell')"
    + READ,
    "below python": "_ = os.write(1, b'from below\\n')" + READ,
    "display": """
from IPython.display import HTML, clear_output, display
shown = display('before', display_id='a'); shown.update('after')
print('gone'); clear_output(); display(HTML('<b>kept</b>'))
""",
    "frame": "import pandas as pd\npd.DataFrame(frame)",
    "place": "print(os.getcwd() == os.path.realpath(os.getcwd()), __name__, sys.executable)",
    "magic": "%matplotlib --list",
    "await": "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "threads": """
import threading
done = []
thread = threading.Thread(target=done.append, args=(1,)); thread.start(); thread.join(); done
""",
    "processes": """
import multiprocessing
with multiprocessing.get_context('fork').Pool(2) as pool:
    print(pool.map(abs, [-1, -2]))
""",
    "state": "print(plt.rcParams['backend'], multiprocessing.current_process().daemon)",
}


def notebook(folder, *cells):
    """Write a notebook of code cells; return where it is."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = folder / "notebook.ipynb"
    nbformat.write(made, path)
    return path


def executed(folder, *cells, seconds=120):
    """What the cells of a notebook show."""
    target = folder / "executed.ipynb"
    with pytest.MonkeyPatch.context() as patched:
        # Kernels that find themselves in pytest leave output from below Python to it.
        patched.delenv("PYTEST_CURRENT_TEST", raising=False)
        jobs.execute(notebook(folder, *cells), target, {}, seconds)
    return [cell.outputs for cell in nbformat.read(target, as_version=4).cells]


def text(outputs):
    return "".join(part.get("text", "") for part in outputs)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same notebook's outputs from a forked and from a plain kernel."""
    folder = tmp_path_factory.mktemp("both")
    forked = executed(folder, *CELLS.values())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(warm, "CAN_FORK", False)
        plain = executed(folder, *CELLS.values())
    shown = zip(map(joined, forked), map(joined, plain), strict=True)
    return dict(zip(CELLS, shown, strict=True))


def joined(outputs):
    """Join what one stream said in turns: how many messages it takes is a matter of the moment."""
    made = []
    for part in outputs:
        if made and part.output_type == "stream" and made[-1].get("name") == part.name:
            made[-1] = {**made[-1], "text": made[-1]["text"] + part.text}
        else:
            made.append(part)
    return made


@forked_only
@pytest.mark.parametrize("name", CELLS)
def test_a_forked_kernel_shows_what_a_plain_one_shows(both, name):
    forked, plain = both[name]
    assert forked == plain
    assert forked, "the cell shows nothing, so nothing was compared"


def test_figures_are_there(both):
    assert ["image/png" in part.data for part in both["figure"][0]] == [True]
    assert ["image/png" in part.data for part in both["two figures"][0]] == [True, True]


# --- what makes them fast --------------------------------------------------------------------


def imports(folder):
    """Cells of the report's notebooks, cut down to what they import."""
    for path in sorted(folder.glob("0*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and not cell.source.startswith("%"):
                body = ast.parse(cell.source).body
                found = [part for part in body if isinstance(part, ast.Import | ast.ImportFrom)]
                if found:
                    yield "\n".join(map(ast.unparse, found))


@forked_only
def test_libraries_are_loaded_when_the_kernel_starts(tmp_path):
    cells = [
        "import sys\nbefore = set(sys.modules)\nprint({'seaborn', 'statsmodels.formula.api'} <= before)",
        *imports(ROOT / "notebooks"),
        "print([name for name in set(sys.modules) - before if 'icanalysis' in name])",
    ]
    assert len(cells) > 8
    first, *_, last = executed(tmp_path, *cells)
    assert (text(first), text(last)) == ("True\n", "[]\n")


@forked_only
def test_kernels_come_from_one_process(tmp_path):
    parent = "import os\nprint(os.getppid(), os.getpid() == os.getpgid(0))"
    first, second = (text(executed(tmp_path, parent)[0]) for _ in range(2))
    assert first == second
    assert first.endswith("True\n")


@forked_only
def test_the_process_they_come_from_has_one_thread():
    """More than one could hold a lock at the fork, which nobody would ever release."""
    script = "import os, icanalysis.preload; print(len(os.listdir('/proc/self/task')))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **warm.ALONE}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("1\n", "")


@forked_only
def test_kernels_asked_for_at_once_leave_the_environment_as_it_was():
    before = dict(os.environ)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: warm.prepare(), range(200)))
    assert dict(os.environ) == before


def test_what_is_drawn_at_random_differs_from_kernel_to_kernel(tmp_path):
    drawn = "import random\nimport numpy as np\nprint(np.random.random(), random.random())"
    first, second = (text(executed(tmp_path, drawn)[0]).split() for _ in range(2))
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_only_this_pythons_own_kernel_is_forked():
    launch = ["-m", kernels.LAUNCHER, "-f", "kernel.json"]
    assert kernels._is_python_here([sys.executable, *launch])
    assert not kernels._is_python_here(["/usr/bin/env", *launch])
    assert not kernels._is_python_here([sys.executable, "-m", "another_kernel"])


# --- how they end ----------------------------------------------------------------------------


def ended(pid, within=10.0):
    """Whether a process is gone, or goes, within some seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


HANGS = (
    "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(600)"
)


def begun(folder, within=60.0):
    """The number of the process of a kernel that runs `HANGS`, once it does."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if (folder / "pid").is_file() and (told := (folder / "pid").read_text()):
            return int(told)
        time.sleep(0.05)
    pytest.fail("the kernel did not begin")


def test_a_notebook_that_hangs_is_stopped_and_told(tmp_path):
    with pytest.raises(CellTimeoutError) as stopped:
        executed(tmp_path, HANGS, seconds=8)
    assert ended(begun(tmp_path))
    told = record.failure(stopped.value, {}).message
    assert "(--timeout)" in language("en").say(told)


OWNER = """
import sys
from pathlib import Path
from icanalysis import jobs

if __name__ == "__main__":
    jobs.execute(Path(sys.argv[1]), Path(sys.argv[2]), {}, 600)
"""


@pytest.fixture
def temporary():
    """A folder for temporary files with a short path, as the names of sockets may have no other."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def owner(tmp_path, temporary):
    """A process that has a notebook executed which hangs."""
    script = tmp_path / "owner.py"
    script.write_text(OWNER)
    path = notebook(tmp_path, HANGS)
    with subprocess.Popen(
        [sys.executable, str(script), str(path), str(tmp_path / "made.ipynb")],
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as process:
        yield process
        process.kill()


def soon(found, seconds=180):
    """Wait for something to be found."""
    end = time.monotonic() + seconds
    while not found() and time.monotonic() < end:
        time.sleep(0.02)
    return found()


@forked_only
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_kernel_ends_with_whoever_asked_for_it(tmp_path, temporary, owner, number):
    """And so does the process it was forked from, and its sockets are not left behind."""
    kernel = begun(tmp_path)
    server = psutil.Process(kernel).ppid()
    owner.send_signal(number)
    owner.wait(timeout=30)
    assert ended(kernel)
    assert ended(server)
    assert soon(lambda: not list(temporary.iterdir())), list(temporary.rglob("*"))


@forked_only
def test_a_kernel_that_never_began_leaves_nothing(temporary, owner):
    """Killed while the process that would have forked it was still loading."""
    assert soon(lambda: list(temporary.rglob("ica-kernel-*")))
    owner.kill()
    owner.wait(timeout=30)
    assert soon(lambda: not list(temporary.iterdir())), list(temporary.rglob("*"))
