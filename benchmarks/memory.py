"""Memory that a run of reports holds: with a large survey, and with ten times as many reports.

    python benchmarks/memory.py [--households N] [--reports FEW MANY]

First a run with a household survey of so many households in two years, simulated in the survey's own
layout; then runs of a made-up programme in as many regions as there are reports, one language each.
The most that the run and its processes held at one time is printed, shared memory by its share.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
from report_runs import BIN, ROOT, WORKERS, memory

from icanalysis import simulate
from icanalysis.load import open_data

YEARS = (2009, 2013)
SOURCE = "toy_lakes"  # the region of the toy example that the others are copies of


def survey(folder: Path, households: int) -> int:
    """Write files of a survey with about so many households; return how many there are."""
    data = open_data(ROOT / "data")
    poverty = data.table("poverty")
    rows = [
        {"department": region.ubigeo, "year": year, "poor_share": 0.2 + 0.01 * place}
        for place, region in enumerate(data.evaluation.reported_regions(every=True))
        for year in YEARS
        if region.ubigeo and (poverty["region"] == region.code).any()
    ]
    made = simulate.households(pd.DataFrame(rows), seed=1, households=households // len(YEARS))
    files = {name: frame.drop(columns=simulate.MARK) for name, frame in made.files.items()}
    replace(made, files=files).write(folder, "csv")
    return sum(len(frame) for (module, _), frame in files.items() if module == "sumaria")


def programme(folder: Path, regions: int) -> None:
    """Make a workbook whose programme is followed in so many regions."""
    subprocess.run([str(BIN / "icanalysis"), "new", str(folder)], check=True, capture_output=True)
    names = [f"copy_{number:03d}" for number in range(regions)]
    settings = folder / "data" / "evaluation.toml"
    blocks = "".join(
        f'[[regions]]\ncode = "{name}"\nname = "{name}"\nrole = "comparison"\n' for name in names
    )
    told = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r"(?m)^\[\[sectors\]\]", blocks + "[[sectors]]", told, count=1))
    for path in (folder / "data" / "official").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))[1:]
        copied = [row for row in rows if row[0] == SOURCE]
        with path.open("a", encoding="utf-8", newline="") as stream:
            written = csv.writer(stream, lineterminator="\n")
            for number, name in enumerate(names):
                written.writerows(_unlike(name, number, row) for row in copied)
    subprocess.run([str(BIN / "icanalysis"), "check", "--accept"], cwd=folder, check=False)


def _unlike(name: str, number: int, row: list[str]) -> list[str]:
    """Return a row of another region, with a figure a little unlike."""
    value = float(row[2]) * (1 + number / 5000)
    return [name, row[1], f"{value:.4f}" if "." in row[2] else str(int(value)), *row[3:]]


def most(command: list[str], folder: Path) -> tuple[float, float]:
    """Run the command line; return its seconds and the most memory it held, in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [str(BIN / "icanalysis"), *command], cwd=folder, stdout=subprocess.DEVNULL
    )
    held = 0.0
    while process.poll() is None:
        held = max(held, memory(process.pid))
        time.sleep(0.2)
    assert process.returncode == 0, process.returncode
    return time.perf_counter() - begun, held


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n")[0])
    parser.add_argument("--households", type=int, default=209_000)
    parser.add_argument("--reports", type=int, nargs=2, default=(25, 250))
    asked = parser.parse_args()
    options = ["--language", "en", "--no-pages", "--workers", str(WORKERS)]
    with tempfile.TemporaryDirectory() as home:
        files = Path(home) / "survey"
        files.mkdir()
        count = survey(files, asked.households)
        told = [*options, "--enaho", str(files), "--out", f"{home}/run"]
        seconds, held = most(["report", *told], ROOT)
        print(f"{count} households: {held:.0f} MB, {seconds:.0f} s", flush=True)
        peaks = []
        for reports in asked.reports:
            folder = Path(home) / str(reports)
            programme(folder, reports)
            regions = [f"copy_{number:03d}" for number in range(reports)]
            seconds, held = most(["report", *regions, *options], folder)
            print(f"{reports} reports: {held:.0f} MB, {seconds:.0f} s", flush=True)
            peaks.append(held)
    print(f"many / few reports: {peaks[1] / peaks[0]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
