"""Randomisation test, wild bootstrap and synthetic control, against other ways to the same figure.

Only the computation is timed, the ways take turns, and figures must agree.

    python benchmarks/few_regions.py                     against a loop of statsmodels fits
    python benchmarks/few_regions.py --others-python PYTHON
                     also wildboottest and pysyncon, of a Python that has both
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
import tomllib
from itertools import combinations, islice
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from icanalysis.assignment import randomisation_test
from icanalysis.bootstrap import wild_bootstrap
from icanalysis.synthetic import synthetic_control

DATA = Path(__file__).parents[1] / "data"
ROWS, CLUSTERS, DRAWS, LOOPED = 10_000, 60, 99_999, 300
FORMULA = "y ~ treated + x + age"

IN_WILDBOOTTEST = """
import contextlib, io, json, sys, time
import pandas as pd
import statsmodels.formula.api as smf
from wildboottest.wildboottest import wildboottest
rows = pd.read_csv(sys.argv[1])
def run(draws):
    model = smf.ols("{formula}", rows)
    with contextlib.redirect_stdout(io.StringIO()):
        return wildboottest(model, param="treated", cluster=rows.cluster, B=draws, seed=1)
run(99)  # compiles
start = time.perf_counter()
found = run({draws})
print(json.dumps([time.perf_counter() - start, float(found["p-value"].iloc[0])]))
"""
IN_PYSYNCON = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import matplotlib
matplotlib.use("agg")
import pandas as pd
from pysyncon import Synth
outcomes, predictors = (pd.read_csv(path, index_col=0) for path in sys.argv[1:3])
def run():
    fit = Synth()
    fit.fit(X0=predictors.iloc[1:].T, X1=predictors.iloc[0],
            Z0=outcomes.iloc[1:].T, Z1=outcomes.iloc[0])
    return fit
run()
start = time.perf_counter()
found = run()
print(json.dumps([time.perf_counter() - start, float(found.loss_V)]))
"""


def departments() -> tuple[pd.DataFrame, list[str]]:
    """Poverty of 24 departments, and the four the programme worked in."""
    evaluation = tomllib.loads((DATA / "evaluation.toml").read_text(encoding="utf-8"))
    roles = {region["code"]: region["role"] for region in evaluation["regions"]}
    series = pd.read_csv(DATA / "official" / "poverty.csv")
    compared = series[series["region"].map(roles).isin(["programme", "comparison"])]
    return compared, [code for code, role in roles.items() if role == "programme"]


def clusters() -> pd.DataFrame:
    """Simulate rows of a regression whose clusters share a shock; a third of them is treated."""
    random = np.random.default_rng(1)
    cluster = random.integers(0, CLUSTERS, ROWS)
    treated = (cluster % 3 == 0) * 1.0
    x = random.normal(size=ROWS)
    shock = random.normal(0, 0.3, CLUSTERS)[cluster]
    y = 0.15 * treated + 0.5 * x + shock + random.normal(size=ROWS)
    age = random.integers(18, 70, ROWS)
    return pd.DataFrame({"y": y, "treated": treated, "x": x, "age": age, "cluster": cluster})


def mixtures() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate outcomes of 24 units in 15 years, and 6 predictors; the first is a mixture."""
    random = np.random.default_rng(3)
    units = [f"r{number:02d}" for number in range(24)]
    wide = random.normal(size=(24, 15)).cumsum(axis=1) + random.normal(20, 3, (24, 1))
    described = wide[:, :6] + random.normal(0, 0.5, (24, 6))
    wide[0] = 0.5 * wide[1] + 0.3 * wide[2] + 0.2 * wide[3] + random.normal(0, 0.3, 15)
    described[0] = described[1:4].T @ [0.5, 0.3, 0.2]
    names = [f"p{number}" for number in range(6)]
    return pd.DataFrame(wide, units, range(2001, 2016)), pd.DataFrame(described, units, names)


def timed(run, *arguments, **more):  # noqa: ANN001, ANN002, ANN003, ANN201
    """Seconds, and what came out."""
    start = time.perf_counter()
    found = run(*arguments, **more)
    return time.perf_counter() - start, found


def elsewhere(python: Path, script: str, *files: Path) -> list[float]:
    """Seconds and figure of another program."""
    done = subprocess.run(
        [python, "-c", script, *map(str, files)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return list(json.loads(done.stdout.splitlines()[-1]))


def loop_of_fits(series: pd.DataFrame, treated: list[str]) -> tuple[float, int]:
    """Seconds that all assignments would take statsmodels, from the first 300; and their number."""
    wide = series.pivot_table(index="region", columns="year", values="poverty_pct")
    changes = pd.DataFrame({"change": wide[2013] - wide[2009]})
    groups = list(islice(combinations(changes.index, len(treated)), LOOPED))
    start = time.perf_counter()
    for group in groups:
        marked = changes.assign(treated=changes.index.isin(group).astype(float))
        smf.ols("change ~ treated", marked).fit()
    n_all = comb(len(changes), len(treated))
    return (time.perf_counter() - start) / LOOPED * n_all, n_all


def assignments(turns: int) -> None:
    """Compare all assignments with a loop over them."""
    series, treated = departments()
    asked = {"treated": treated, "baseline": 2009, "outcome": 2013, "value": "poverty_pct"}
    own, ratios = [], []
    for _ in range(turns):
        pairs = [timed(randomisation_test, series, **asked) for _ in range(5)]
        own.append(statistics.median(seconds for seconds, _ in pairs))
        looped, n_all = loop_of_fits(series, treated)
        ratios.append(looped / own[-1])
        if pairs[0][1].n_assignments != n_all:
            raise SystemExit("The assignments are not the same.")
    print(f"randomisation test, {n_all:,} assignments: {statistics.median(own) * 1000:.1f} ms")
    told(f"loop of statsmodels fits (from {LOOPED} of them)", ratios)


def signs(turns: int, python: Path | None, folder: Path) -> None:
    """Compare the wild bootstrap with wildboottest."""
    rows, file = clusters(), folder / "rows.csv"
    rows.to_csv(file, index=False, float_format="%.17g")
    asked = {"coefficient": "treated", "cluster": "cluster", "draws": DRAWS}
    script = IN_WILDBOOTTEST.replace("{formula}", FORMULA).replace("{draws}", str(DRAWS))
    own, ratios, apart = [], [], 0.0
    for _ in range(turns):
        pairs = [timed(wild_bootstrap, FORMULA, rows, **asked) for _ in range(5)]
        own.append(statistics.median(seconds for seconds, _ in pairs))
        if python:
            seconds, p_value = elsewhere(python, script, file)
            ratios.append(seconds / own[-1])
            p = pairs[0][1].p_value
            apart = abs(p - p_value) / np.sqrt(2 * p * (1 - p) / DRAWS)
    print(
        f"wild bootstrap, {ROWS:,} rows, {CLUSTERS} clusters, {DRAWS:,} draws: "
        f"{statistics.median(own) * 1000:.0f} ms"
    )
    if python:
        told("wildboottest", ratios, f"; p differs by {apart:.1f} Monte Carlo standard errors")
        if apart > 4:
            raise SystemExit("The p-values differ by more than Monte Carlo error.")


def weights(turns: int, python: Path | None, folder: Path) -> None:
    """Compare the synthetic control with pysyncon: seconds, and the squared gap it leaves."""
    wide, predictors = mixtures()
    rows = wide.rename_axis("region").reset_index().melt("region", var_name="year")
    before, described = folder / "before.csv", folder / "predictors.csv"
    wide.loc[:, :2010].to_csv(before, float_format="%.17g")
    predictors.to_csv(described, float_format="%.17g")
    asked = {"treated": "r00", "last_before": 2010, "predictors": predictors}
    own, ratios, theirs = [], [], np.nan
    for _ in range(turns):
        pairs = [timed(synthetic_control, rows, **asked) for _ in range(5)]
        own.append(statistics.median(seconds for seconds, _ in pairs))
        if python:
            seconds, theirs = elsewhere(python, IN_PYSYNCON, before, described)
            ratios.append(seconds / own[-1])
    print(f"synthetic control, 23 donors, 6 predictors: {statistics.median(own) * 1000:.0f} ms")
    if python:
        left = pairs[0][1].pre_rmspe ** 2
        told("pysyncon", ratios, f"; squared gap before {left:.4f}, there {theirs:.4f}")


def told(program: str, ratios: list[float], more: str = "") -> None:
    """Print a ratio and its range."""
    print(
        f"  {program}: {statistics.median(ratios):.0f} times that "
        f"({min(ratios):.0f} to {max(ratios):.0f}){more}"
    )


def main() -> None:
    """Take turns, and print the median of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--others-python", type=Path, help="a Python that has wildboottest and pysyncon"
    )
    parser.add_argument("--turns", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        assignments(asked.turns)
        signs(asked.turns, asked.others_python, Path(name))
        weights(asked.turns, asked.others_python, Path(name))


if __name__ == "__main__":
    main()
