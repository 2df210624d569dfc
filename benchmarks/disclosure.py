"""Attack simulated tables, protected and not: what can be worked back from what is shown.

    python benchmarks/disclosure.py [--tables 500] [--seed 20131]

Tables of 2 or 3 ways, with a hierarchy or linked to another, zeros among their cells. The attacker
(tests/attacking.py) solves the whole system of sums for the bounds of each cell to be protected.
Ends with code 1 if a protected table gave any away.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from tqdm import trange

from icanalysis.linked import complement

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from attacking import SEED, TABLES, cost_of, narrow, simulated, small_only


def main() -> int:
    """Protect and attack tables; print how many were worked back."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tables", type=int, default=TABLES)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    cells = small = more = before = after = 0
    seconds = []
    for _ in trange(asked.tables):
        table = simulated(rng)
        begun = time.perf_counter()
        hidden, lost = complement(table, cost_of(table))
        seconds.append(time.perf_counter() - begun)
        cells += len(hidden)
        small += int(small_only(table).sum())
        more += int((hidden & ~small_only(table)).sum())
        before += bool(narrow(table, small_only(table)))
        after += bool(narrow(table, hidden)) or bool(lost.any())
    print(f"{asked.tables} tables, {cells} cells: {small} too small, {more} hidden besides")
    print(f"worked back: {before} with only the small ones hidden, {after} protected")
    print(f"seconds to protect one: median {np.median(seconds):.2f}, most {max(seconds):.1f}")
    return int(after > 0)


if __name__ == "__main__":
    sys.exit(main())
