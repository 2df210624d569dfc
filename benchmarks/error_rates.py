"""How often do our own verdicts err? Thousands of simulated programmes, and placebos on real series.

    python benchmarks/error_rates.py [--programmes 2000] [--seed 1]

Three studies: programmes without any effect (how often is something called better or worse?),
programmes with known effects (bias, coverage of 95% intervals, power against the effect claimed
to be detectable), and every set of regions that might have been chosen, on the real series.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd

from icanalysis import trials
from icanalysis.load import open_data
from icanalysis.producer_simulation import EFFECTS
from icanalysis.regions import compared

DATA = Path(__file__).parents[1] / "data"


def study(seeds: range, effects: dict[str, float], workers: int) -> pd.DataFrame:
    """Judge a programme for each seed, on several processors."""
    with ProcessPoolExecutor(workers) as pool:
        parts = pool.map(
            partial(trials.programmes, effects=effects),
            (seeds[start : start + 50] for start in range(0, len(seeds), 50)),
        )
        return pd.concat(parts, ignore_index=True)


def main() -> None:
    """Print the error rates of all three studies."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programmes", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    seeds = range(asked.seed, asked.seed + asked.programmes)
    pd.set_option("display.width", 200, "display.max_columns", 20)

    none = study(seeds, {}, asked.workers)
    print(f"{asked.programmes} programmes without effect: share called changed")
    print(trials.rates(none).to_string(index=False, float_format="%.4f"))
    print(trials.accuracy(none).to_string(index=False, float_format="%.4f"))

    known = study(seeds, dict(EFFECTS), asked.workers)
    print(f"\n{asked.programmes} programmes with the effects of the simulated set")
    print(trials.accuracy(known).to_string(index=False, float_format="%.4f"))

    claimed = none.groupby("variable")["detectable"].mean().to_dict()
    at_claim = study(seeds, claimed, asked.workers)
    print("\nprogrammes with the effect claimed to be found with 80% power")
    print(trials.accuracy(at_claim).to_string(index=False, float_format="%.4f"))

    data = open_data(DATA)
    for item in data.evaluation.context[:2]:
        print(f"\n{item.indicator}: every set of regions as if it had been chosen")
        print(trials.placebo_regions(compared(data, item, data.evaluation.years())).to_string())


if __name__ == "__main__":
    main()
