"""Attack simulated tables, protected and not: what can be worked back from what is shown.

    python benchmarks/disclosure.py [--tables 500] [--seed 20131]

Tables of 2 or 3 ways, with a hierarchy or linked to another, zeros among their cells. The attacker
(tests/attacking.py) solves the whole system of sums for the bounds of each cell to be protected.
Then each is taken to have been released before in part, some of its sums only, and is attacked with
all that either release shows: protected as if there had been no other, and with the other heeded.
Ends with code 1 if a protected table gave any away that is not named as given away before.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import trange

from icanalysis.linked import complement

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from attacking import SEED, TABLES, cost_of, earlier, narrow, simulated, small_only


def main() -> int:
    """Protect and attack tables; print how many were worked back."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tables", type=int, default=TABLES)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    rng, other = np.random.default_rng(asked.seed), np.random.default_rng(asked.seed + 1)
    cells = small = more = before = after = apart = named = both = 0
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
        first, told = earlier(table, other)
        shown = told & ~complement(first, cost_of(first))[0]
        apart += bool(narrow(table, hidden & ~shown))
        second = replace(table, public=shown)
        hidden, lost = complement(second, cost_of(second))
        named += bool(lost.any())
        both += bool(set(narrow(second, hidden & ~shown)).difference(np.flatnonzero(lost)))
    print(f"{asked.tables} tables, {cells} cells: {small} too small, {more} hidden besides")
    print(f"worked back: {before} with only the small ones hidden, {after} protected")
    print(f"by two releases: {apart} with each protected by itself, {both} with the first heeded")
    print(f"named as given away by the first already: {named}")
    print(f"seconds to protect one: median {np.median(seconds):.2f}, most {max(seconds):.1f}")
    return int(after + both > 0)


if __name__ == "__main__":
    sys.exit(main())
