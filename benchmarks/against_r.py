"""Means of 6 indicators in 150 domains, against R's `survey` and, if asked, `svy`.

The same 209,000 rows everywhere; only the estimation is timed, inside each program, and the
programs take turns. Estimates and standard errors must agree to 1e-9.

    python benchmarks/against_r.py             needs Rscript and R's survey package
    python benchmarks/against_r.py --svy       also svy, installed in a temporary environment
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np
import pandas as pd

from icanalysis import survey

ROWS, YEARS, PSUS, INDICATORS = 209_000, 6, 5_400, 6
BY = ["year", "department"]
NAMES = [f"y{number}" for number in range(INDICATORS)]

IN_R = """
suppressMessages(library(survey))
args <- commandArgs(TRUE)
rows <- read.csv(args[1], colClasses = c(psu = "character", department = "character"))
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = rows, nest = TRUE)
took <- system.time(found <- svyby(~{names}, ~year + department, design, svymean))
write.csv(format(found, digits = 17), args[2])
cat(took[["elapsed"]])
"""
IN_SVY = """
import sys, time, warnings
warnings.simplefilter("ignore")
import polars as pl
import svy
rows = pl.read_parquet(sys.argv[1])
design = svy.Design(stratum="stratum", psu="psu", wgt="weight", wr=True)
def estimate():
    sample = svy.Sample(rows, design)
    return sample.estimation.mean({names}, by=["year", "department"])
estimate()
start = time.perf_counter()
found = estimate()
took = time.perf_counter() - start
tables = [each.to_polars().with_columns(indicator=pl.lit(name))
          for name, each in zip({names}, found)]
pl.concat(tables).write_parquet(sys.argv[2])
print(took)
"""


def make_rows() -> pd.DataFrame:
    """Simulate the rows: 25 departments of 216 PSUs, eight strata, 6 years."""
    random = np.random.default_rng(1)
    psu = random.integers(0, PSUS, ROWS)
    columns = {
        "year": random.integers(2014, 2014 + YEARS, ROWS),
        "department": pd.Series([f"{code:02d}" for code in psu // 216 + 1], dtype="string"),
        "psu": pd.Series([f"{code:06d}" for code in psu], dtype="string"),
        "stratum": psu % 8 + 1,
        "weight": random.uniform(50, 500, ROWS),
    }
    return pd.DataFrame(columns | {name: random.normal(10, 2, ROWS) for name in NAMES})


def ours(rows: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """Seconds, and estimate and se by indicator, year and department."""
    design = survey.Design("psu", "stratum", "weight")
    measures = {name: survey.mean(name) for name in NAMES}
    start = time.perf_counter()
    found = survey.estimate(rows, measures, by=BY, design=design)
    seconds = time.perf_counter() - start
    return seconds, found.table.set_index(["indicator", *BY])[["estimate", "se"]]


def in_r(folder: Path) -> tuple[float, pd.DataFrame]:
    """Do the same in R."""
    script, result = folder / "means.R", folder / "r.csv"
    script.write_text(IN_R.replace("{names}", " + ".join(NAMES)))
    seconds = _seconds(["Rscript", str(script), str(folder / "rows.csv"), str(result)])
    wide = pd.read_csv(result, dtype={"department": "string"})
    parts = [
        wide[BY].assign(indicator=name, estimate=wide[name], se=wide[f"se.{name}"])
        for name in NAMES
    ]
    return seconds, pd.concat(parts).set_index(["indicator", *BY])


def in_svy(folder: Path, python: Path) -> tuple[float, pd.DataFrame]:
    """Do the same in svy."""
    script, result = folder / "means.py", folder / "svy.parquet"
    script.write_text(IN_SVY.replace("{names}", repr(NAMES)))
    seconds = _seconds([str(python), str(script), str(folder / "rows.parquet"), str(result)])
    found = pd.read_parquet(result).rename(columns={"est": "estimate"})
    found["year"] = found["year"].astype("int64")
    return seconds, found.set_index(["indicator", *BY])


def _seconds(command: list[str]) -> float:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(done.stdout.split()[-1])


def svy_python(folder: Path) -> Path:
    """Install svy in an environment of its own, and return its Python."""
    venv.create(folder / "svy", with_pip=True)
    python = folder / "svy" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "svy", "pandas", "pyarrow"], check=True)
    return python


def difference(found: pd.DataFrame, other: pd.DataFrame) -> float:
    """Return the largest relative difference of any estimate or standard error."""
    aligned = other.reindex(found.index)[["estimate", "se"]].astype("float64")
    if aligned.isna().any(axis=None):
        raise SystemExit("The other program lacks some of the domains.")
    return float((aligned / found - 1).abs().max(axis=None))


def main() -> None:
    """Take turns, and print the median of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--svy", action="store_true", help="install svy aside and compare too")
    parser.add_argument("--svy-python", type=Path, help="a Python that has svy, instead")
    parser.add_argument("--turns", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = make_rows()
        rows.to_csv(folder / "rows.csv", index=False, float_format="%.17g")
        rows.to_parquet(folder / "rows.parquet")
        others = {"R survey": lambda: in_r(folder)}
        if asked.svy or asked.svy_python:
            python = asked.svy_python or svy_python(folder)
            others["svy"] = lambda: in_svy(folder, python)
        ours(rows)  # the first call also loads modules, as library() and import do elsewhere
        ratios: dict[str, list[float]] = {program: [] for program in others}
        apart = dict.fromkeys(others, 0.0)
        times = []
        for _ in range(asked.turns):
            for program, run in others.items():
                pairs = [ours(rows) for _ in range(5)]
                own = statistics.median(seconds for seconds, _ in pairs)
                seconds, found = run()
                times.append(own)
                ratios[program].append(seconds / own)
                apart[program] = max(apart[program], difference(pairs[0][1], found))
    print(f"package: {statistics.median(times):.3f} s")
    for program, found_ratios in ratios.items():
        print(
            f"{program}: {statistics.median(found_ratios):.0f} times that "
            f"({min(found_ratios):.0f} to {max(found_ratios):.0f}); "
            f"largest relative difference {apart[program]:.0e}"
        )
    if max(apart.values()) > 1e-9:
        raise SystemExit("The programs differ by more than 1e-9.")


if __name__ == "__main__":
    main()
