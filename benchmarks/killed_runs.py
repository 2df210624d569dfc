"""Kill report runs at random moments, run them again, and see whether anything is left or lost.

    python benchmarks/killed_runs.py --runs 100

Each run is killed (SIGKILL, the process that was started and no other) after a time drawn evenly
from nought to as long as a whole run takes, up to twice in a row, then run again to its end. It must
then equal, byte for byte, a run nobody disturbed; no process of it may be left alive, and no lock,
socket or temporary file. Prints what went wrong and ends with code 1 if anything did.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
PATIENCE = 15.0  # seconds within which everything must have ended


def start(out: Path, regions: list[str]) -> subprocess.Popen[str]:
    """Start a run, with a folder for temporary files of its own."""
    command = [str(Path(sys.executable).with_name("icanalysis")), "report", *regions, "--no-pages"]
    temporary(out).mkdir(exist_ok=True)
    return subprocess.Popen(
        [*command, "--out", str(out)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(temporary(out))},
    )  # fmt: skip


def temporary(out: Path) -> Path:
    """Return where a run puts its temporary files."""
    return out.parent / "tmp"


def whole(out: Path, regions: list[str]) -> tuple[float, int, str]:
    """Run to the end; how long it took, and how it ended."""
    begun = time.monotonic()
    process = start(out, regions)
    said = process.communicate()[1]
    return time.monotonic() - begun, process.returncode, said


def digest(folder: Path) -> str:
    """Checksum of all that a run's folder holds."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


def killed(out: Path, regions: list[str], after: float) -> list[psutil.Process]:
    """Start a run, kill it after so many seconds; return processes of it that did not end."""
    process = start(out, regions)
    time.sleep(after)
    try:
        others = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        others = []
    # The process that kernels are forked from may start one more until it sees that it is alone.
    process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()
    alive: list[psutil.Process] = psutil.wait_procs(others, timeout=PATIENCE)[1]
    return alive


def main() -> int:
    """Kill runs, and tell what was left or lost."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n")[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--regions", nargs="+", default=["ayacucho", "cusco"])
    asked = parser.parse_args()
    drawn = random.Random(asked.seed)
    troubles: list[str] = []
    resumed = told = 0
    with tempfile.TemporaryDirectory() as home:
        reference = Path(home) / "reference"
        whole(reference, asked.regions)  # figures are estimated and kept
        shutil.rmtree(reference)
        lasts, code, said = whole(reference, asked.regions)
        assert code == 0, said
        wanted = digest(reference)
        print(f"A whole run takes {lasts:.1f} s.", flush=True)
        for number in range(asked.runs):
            place = Path(home) / str(number)
            place.mkdir()
            moments = [drawn.uniform(0, lasts) for _ in range(drawn.choice([1, 1, 2]))]
            for after in moments:
                for process in killed(place / "run", asked.regions, after):
                    troubles.append(f"{number}: {process} was left alive")
            kept = len(list(place.glob(".run.partial/pages/*/*")))
            resumed += kept > 0
            _, code, said = whole(place / "run", asked.regions)
            if code != 0:
                troubles.append(f"{number}: ended with {code}: {said}")
            elif digest(place / "run") != wanted:
                troubles.append(f"{number}: the run differs from one nobody disturbed")
            left = sorted(path.name for path in temporary(place / "run").iterdir())
            if left:
                troubles.append(f"{number}: left among temporary files: {left}")
            names = sorted(path.name for path in place.iterdir() if path.name != "tmp")
            if names != ["run", "run.log"]:
                troubles.append(f"{number}: left beside the run: {names}")
            when = ", ".join(f"{after:.1f}" for after in moments)
            print(f"{number}: killed after {when} s, {kept} pages kept", flush=True)
            for trouble in troubles[told:]:  # or one that is stopped would not have told them
                print(trouble, flush=True)
            told = len(troubles)
            shutil.rmtree(place)
    print(f"{asked.runs} runs killed, {resumed} of them went on from kept pages.")
    print("\n".join(troubles) or "All ended as if nobody had disturbed them.")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
