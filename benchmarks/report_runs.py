"""Report runs against a plain loop of papermill and nbconvert, and against their bare cost.

    python benchmarks/report_runs.py [--regions N] [--plain N]

In one run, in this order: the bare cost (cells of the notebook called as functions and rendered, in
as many processes as the run has workers, libraries loaded beforehand), `icanalysis report`, and a
loop of `papermill` and `jupyter nbconvert`, a process each, of which `--plain` pages are timed and
the rest extrapolated; all three twice, because machines change their pace, and the quicker counts.
Then the run again, nothing changed; again after a published figure of one region was
changed; and again after one producer's record was, on which the index of all regions that have
producers is scaled. Estimates are kept beforehand for the first three alike.
"""

from __future__ import annotations

import argparse
import csv
import math
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from icanalysis import jobs, reuse, workbook
from icanalysis.load import open_data
from icanalysis.record import shareable

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
WORKERS = 2
ROUNDS = 2
PAUSE = 3.0  # to look at memory costs the run time


def planned(regions: int, out: Path) -> jobs.Plan:
    """Plan reports of the first so many regions in both languages, without other pages."""
    data = open_data(ROOT / "data")
    asked = data.evaluation
    return jobs.Plan(
        data=data,
        notebook=ROOT / workbook.NOTEBOOK,
        regions=asked.reported_regions(every=True)[:regions],
        years=asked.years(),
        languages=(asked.language("es"), asked.language("en")),
        out=out,
        workers=WORKERS,
    )


def bare(regions: int, share: int, ready: str, go: str) -> None:
    """Call the cells of every WORKERS-th page as functions and render them."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    os.chdir(ROOT / "notebooks")
    plan = planned(regions, Path())
    shell = InteractiveShell.instance()
    from icanalysis import preload  # noqa: F401

    Path(ready).touch()
    while not Path(go).exists():
        time.sleep(0.01)
    with tempfile.TemporaryDirectory() as left:
        for job in plan.jobs[share::WORKERS]:
            given = plan.parameters(job, Path(left))
            notebook = nbformat.read(job.notebook, as_version=4)
            for cell in notebook.cells:
                if cell.cell_type != "code":
                    continue
                source = cell.source
                if "parameters" in cell.metadata.get("tags", []):
                    source += "".join(f"\n{name} = {value!r}" for name, value in given.items())
                with capture_output() as shown:
                    shell.run_cell(source).raise_error()
                cell.outputs = [
                    nbformat.v4.new_output("display_data", data=part.data, metadata=part.metadata)
                    for part in shown.outputs
                ]
            jobs._rendered(plan, job, shareable(notebook, given))


def bare_seconds(regions: int) -> float:
    """Time the bare cost, from when all processes have loaded their libraries."""
    with tempfile.TemporaryDirectory() as home:
        go = f"{home}/go"
        ready = [f"{home}/{share}" for share in range(WORKERS)]
        context = multiprocessing.get_context("spawn")
        working = [
            context.Process(target=bare, args=(regions, share, ready[share], go))
            for share in range(WORKERS)
        ]
        for process in working:
            process.start()
        while not all(Path(path).exists() for path in ready):
            time.sleep(0.01)
        begun = time.perf_counter()
        Path(go).touch()
        for process in working:
            process.join()
            assert process.exitcode == 0
        return time.perf_counter() - begun


def run_seconds(plan: jobs.Plan, data: Path) -> tuple[float, float]:
    """Time a run of the command line; and the most memory it and its processes held, in MB."""
    command = [str(BIN / "icanalysis"), "report", *(region.code for region in plan.regions)]
    options = ["--no-pages", "--workers", str(WORKERS), "--data", str(data), "--out", str(plan.out)]
    begun = time.perf_counter()
    process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL)
    most = 0.0
    while process.poll() is None:
        most = max(most, memory(process.pid))
        time.sleep(PAUSE)
    assert process.returncode == 0
    return time.perf_counter() - begun, most


def memory(pid: int) -> float:
    """Sum what a process and its children hold, shared pages by their share (PSS), in MB."""
    total = 0
    try:
        here = psutil.Process(pid)
        for process in [here, *here.children(recursive=True)]:
            try:
                total += process.memory_full_info().pss
            except (psutil.Error, AttributeError):
                continue
    except psutil.NoSuchProcess:
        pass
    return total / 1e6


def plain_seconds(plan: jobs.Plan, pages: int) -> float:
    """Time papermill and nbconvert for some pages, a process each; return those of all."""
    chosen = plan.jobs[:: max(1, len(plan.jobs) // pages)][:pages]
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:
        for job in chosen:
            target = Path(home) / f"{job.name}.{job.reader.code}.ipynb"
            given = plan.parameters(job, Path(home))
            told = [part for name, value in given.items() for part in ("-p", name, str(value))]
            command = [str(BIN / "papermill"), str(job.notebook), str(target), *told]
            subprocess.run(
                [*command, "--cwd", str(ROOT / "notebooks"), "--no-progress-bar"],
                check=True, capture_output=True,
            )  # fmt: skip
            subprocess.run(
                [str(BIN / "jupyter"), "nbconvert", "--to", "html", str(target)],
                check=True, capture_output=True,
            )  # fmt: skip
    return (time.perf_counter() - begun) * len(plan.jobs) / len(chosen)


def changed(path: Path, column: str) -> None:
    """Add one to the last figure of Cusco alone, or of one of its producers."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = [row for row in rows if row["region"] == "cusco" and row[column]][-1]
    chosen[column] = str(int(chosen[column]) + 1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> int:
    """Time all of them, and print ratios."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n")[0])
    parser.add_argument("--regions", type=int, default=100)
    parser.add_argument("--plain", type=int, default=8)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        data = Path(home) / "data"
        shutil.copytree(ROOT / "data", data)
        plan = planned(asked.regions, Path(home) / "run")
        reuse.Basis(plan)  # estimated and kept
        print(f"{len(plan.regions)} regions, {len(plan.jobs)} pages, {WORKERS} workers")
        cost, ours, plain, most = math.inf, math.inf, math.inf, 0.0
        for _ in range(ROUNDS):
            shutil.rmtree(plan.out, ignore_errors=True)
            cost = min(cost, bare_seconds(asked.regions))
            seconds, held = run_seconds(plan, data)
            ours, most = min(ours, seconds), max(most, held)
            plain = min(plain, plain_seconds(plan, asked.plain))
        again = run_seconds(plan, data)[0]
        changed(data / "programme" / "reported_values.csv", "value")
        published = run_seconds(plan, data)[0]
        changed(data / "producers" / "simulated_producers.csv", "income_soles")
        producer = run_seconds(plan, data)[0]
    print(f"bare cost {cost:.1f} s, run {ours:.1f} s, plain loop {plain:.1f} s")
    print(f"plain loop / run: {plain / ours:.1f}")
    print(f"run / bare cost: {ours / cost:.2f}")
    print(f"again, nothing changed / run: {again / ours:.3f}")
    print(f"again, one region's published figure changed / run: {published / ours:.3f}")
    print(f"again, one producer changed / run: {producer / ours:.3f}")
    print(f"most memory held: {most:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
