"""Make `panel.csv`, the simulated panel that R's sandwich and clubSandwich and the engine read.

Usage: python make_panel.py > panel.csv

It stands for nothing, and is awkward on purpose: clusters of 1 to 41 rows, weights that differ
within clusters, a treatment that varies within some clusters and not in others, strata of 2 to 8
clusters, a dummy that follows from the strata (`south`), missing values.
"""

import csv
import random
import sys

SIZES = (1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 9, 10, 11, 12, 13, 14, 16, 18, 20, 26, 41)
COLUMNS = [
    "cluster",
    "stratum",
    "south",
    "treated",
    "mixed",
    "weight",
    "age",
    "members",
    "y",
    "z",
    "four",
]


def rows(seed: int = 20180117) -> list[dict]:
    """All rows, in the order of the file."""
    draw = random.Random(seed)
    table = []
    for number, size in enumerate(draw.sample(SIZES, len(SIZES))):
        stratum = "abcd"[(number % 11) // 3]
        level = draw.gauss(0, 0.8)
        treated = int(draw.random() < 0.45)
        for _ in range(size):
            mixed = treated if number % 3 else int(draw.random() < 0.5)
            age = draw.randint(18, 80)
            members = draw.randint(1, 7)
            y = 3 + 0.6 * mixed + 0.02 * age + level + draw.gauss(0, 1)
            table.append(
                {
                    "cluster": f"c{number:02d}",
                    "stratum": stratum,
                    "south": int(stratum in "cd"),
                    "treated": treated,
                    "mixed": mixed,
                    "weight": round(draw.lognormvariate(3, 0.6), 3),
                    "age": age,
                    "members": members,
                    "y": "" if draw.random() < 0.04 else round(y, 4),
                    "z": round(level + 0.3 * members + draw.gauss(0, 1.5), 4),
                    # Four clusters in all, two of them treated.
                    "four": number % 4,
                }
            )
    return table


if __name__ == "__main__":
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
