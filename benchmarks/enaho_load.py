"""Load a year of Sumaria of full width: the first time, and from the cache.

The columns of a real or simulated file, and noise up to the 150 a real Sumaria has, written as
INEI ships it; against `pandas.read_stata` of the same file.

    python benchmarks/enaho_load.py                          a simulated year
    python benchmarks/enaho_load.py FOLDER/sumaria-2019.dta  a real one
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from icanalysis import enaho

WIDTH, HOUSEHOLDS = 150, 34_565
NAME = "sumaria-2019.dta"


def simulated() -> pd.DataFrame:
    """Make households with the columns the reader needs, under INEI's names."""
    random = np.random.default_rng(5)
    psu = np.arange(HOUSEHOLDS) // 8
    line, extreme, members = 352.0, 187.0, random.integers(1, 9, HOUSEHOLDS)
    spending = random.lognormal(6.3, 0.7, HOUSEHOLDS)
    code = np.select([spending < extreme, spending < line], [1.0, 2.0], 3.0)
    return pd.DataFrame(
        {
            "a_o": "2019",
            "conglome": [f"{number + 5000:06d}" for number in psu],
            "vivienda": [f"{number:03d}" for number in np.arange(HOUSEHOLDS) % 8 + 1],
            "hogar": "11",
            "ubigeo": [f"{number % 25 + 1:02d}0101" for number in psu],
            "dominio": psu % 8 + 1.0,
            "estrato": psu % 7 + 1.0,
            "mieperho": members * 1.0,
            "inghog1d": spending * 12 * members * 1.2,
            "gashog2d": spending * 12 * members,
            "linpe": extreme,
            "linea": line,
            "pobreza": code,
            "factor07": random.uniform(20, 600, HOUSEHOLDS),
        }
    )


def widen(narrow: pd.DataFrame, path: Path) -> None:
    """Write the frame with as many more columns as Sumaria has."""
    random = np.random.default_rng(6)
    amounts = random.gamma(0.5, 900, (len(narrow), WIDTH - narrow.shape[1])).round(2)
    more = pd.DataFrame(amounts, columns=[f"ig{n:03d}hd" for n in range(amounts.shape[1])])
    # The older form INEI also ships, whose names are plain letters.
    wide = pd.concat([narrow.rename(columns={"año": "a_o"}), more], axis=1)
    pyreadstat.write_dta(wide, path, version=13)


def seconds(call: Callable[[], Any]) -> float:
    """Time one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Take turns, and print the medians of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", help="a Sumaria in Stata's format")
    parser.add_argument("--turns", type=int, default=7)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / (asked.file.name if asked.file else NAME)
        widen(pyreadstat.read_dta(asked.file)[0] if asked.file else simulated(), path)
        reads = {
            "first load": lambda: enaho.read_sumaria(path),
            "cached load": lambda: enaho.read_sumaria(path),
        }
        ratios: dict[str, list[float]] = {kind: [] for kind in reads}
        enaho.read_sumaria(path, cache=False)  # loads modules
        plain = []
        for turn in range(asked.turns):
            os.environ["ICANALYSIS_CACHE"] = str(Path(name) / f"cache{turn}")
            plain.append(seconds(lambda: pd.read_stata(path, convert_categoricals=False)))
            for kind, read in reads.items():
                ratios[kind].append(seconds(read) / plain[-1])
        size = path.stat().st_size / 1e6
    print(f"pandas.read_stata, {WIDTH} columns, {size:.0f} MB: {statistics.median(plain):.2f} s")
    for kind, found in ratios.items():
        print(f"{kind}: {statistics.median(found):.2f} of that")


if __name__ == "__main__":
    main()
