"""How often do our own verdicts err? Thousands of simulated programmes, judged as reports judge.

    python benchmarks/error_rates.py [--programmes 2000] [--seed 1] [--write]

Three studies: programmes without any effect (how often is something called better or worse, in
the report on all regions and in each region's?); programmes with the effects of the simulated set
(bias, coverage of 95% intervals); programmes with the effect claimed to be found with 80% power.
`--write` stores what notebook 05 shows. Allow an hour on two processors.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a thread per process: small matrices gain from no more

import pandas as pd

from icanalysis import trials
from icanalysis.load import DataFolder, open_data
from icanalysis.producer_simulation import EFFECTS

DATA = Path(__file__).parents[1] / "data"
FOLDER = DATA / "trials"
SHARES = ("formalised", "credit")  # simulated as shares, judged in percent
TABLES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "error_rates": trials.rates,
    "accuracy": trials.accuracy,
    "verdicts": trials.said,
}


@cache
def _data() -> DataFolder:
    return open_data(DATA)


def _chunk(seeds: range, effects: dict[str, float], *, regions: bool) -> pd.DataFrame:
    return trials.programmes(_data(), seeds, effects, regions=regions)


def study(
    seeds: range, effects: dict[str, float], workers: int, *, regions: bool = False
) -> pd.DataFrame:
    """Judge a programme for each seed, on several processors."""
    with ProcessPoolExecutor(workers) as pool:
        chunks = (seeds[start : start + 25] for start in range(0, len(seeds), 25))
        parts = pool.map(partial(_chunk, effects=effects, regions=regions), chunks)
        return pd.concat(parts, ignore_index=True)


def _claimed(found: pd.DataFrame) -> dict[str, float]:
    """Mean effect that is claimed to be found with 80% power, by outcome, as it is simulated."""
    means = found.dropna(subset="before_after").groupby("variable")["detectable"].mean()
    return {str(name): each / 100 if name in SHARES else each for name, each in means.items()}


def main() -> None:
    """Print the error rates, and store them if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programmes", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="store the tables in data/trials")
    asked = parser.parse_args()
    seeds = range(asked.seed, asked.seed + asked.programmes)
    none = study(seeds, {}, asked.workers, regions=True)
    # The variance of a share moves with the share, so the claim is read where it is made.
    claimed = _claimed(none)
    for _ in range(2):
        claimed = _claimed(study(seeds[: len(seeds) // 5], claimed, asked.workers))
    studies = {
        "no_effect": none,
        "known_effect": study(seeds, dict(EFFECTS), asked.workers),
        "detectable_effect": study(seeds, claimed, asked.workers),
    }
    for name, summary in TABLES.items():
        parts = [summary(each).assign(study=study_) for study_, each in studies.items()]
        table = pd.concat(parts, ignore_index=True).assign(
            programmes=asked.programmes, first_seed=asked.seed, source_kind="simulated"
        )
        table = table[["study", *(column for column in table if column != "study")]]
        print(table.to_string(index=False, float_format="%.4f"))
        if asked.write:
            FOLDER.mkdir(exist_ok=True)
            table.to_csv(
                FOLDER / f"{name}.csv", index=False, lineterminator="\n", float_format="%.6f"
            )


if __name__ == "__main__":
    main()
