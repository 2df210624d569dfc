"""Make `sample.csv`, the simulated table that R and the engine both read.

Usage: python make_sample.py > sample.csv

Nothing in it is about Peru. It is small and awkward on purpose: unequal weights, PSU ids used again
in another stratum, two years that share most PSUs, a region that is missing from some strata,
missing values, ties, a group in which everybody and one in which nobody has the attribute, and two
variants of the strata in which one, or three, have a single PSU.
"""

import csv
import random
import sys
from itertools import product

STRATA = (1, 2, 3, 4, 5)
PSUS = {1: 18, 2: 16, 3: 15, 4: 14, 5: 12}
YEARS = (2015, 2019)
# Region west has no rows in strata 1 and 5, east none in stratum 2.
REGIONS = {
    1: ("north", "south", "east", "centre"),
    2: ("north", "south", "centre", "west"),
    3: ("north", "south", "east", "centre", "west"),
    4: ("north", "south", "east", "centre", "west"),
    5: ("north", "south", "east", "centre"),
}
# PSUs in the population of each stratum: all twelve of stratum 5 were drawn, counting both years.
POPULATION = {1: 45, 2: 60, 3: 33, 4: 28, 5: 12}
LINES = {"urban": 310.0, "rural": 235.0}
COLUMNS = (
    "year,region,area,stratum,psu,stratum_one,stratum_three,fpc,weight,household_weight,members,"
    "spending,income,line,poor,extreme,water,school,woman_head"
)


def rows(seed: int = 20190315) -> list[dict]:
    """All rows, in the order of the file."""
    draw = random.Random(seed)
    table = []
    for stratum, number in product(STRATA, range(1, max(PSUS.values()) + 1)):
        if number > PSUS[stratum]:
            continue
        regions = REGIONS[stratum]
        region = regions[number % len(regions)]
        area = "urban" if stratum < 4 else "rural"
        level = 5.9 - 0.16 * stratum + draw.gauss(0, 0.22)
        for year in YEARS:
            # The first PSU of each stratum leaves after the first year, the last arrives for the
            # second: most PSUs are in both, as in a rotating panel.
            if (year == 2019 and number == 1) or (year == 2015 and number == PSUS[stratum]):
                continue
            table += [
                household(draw, year, region, area, stratum, number, level)
                for _ in range(draw.randint(4, 9))
            ]
    return table


def household(draw, year, region, area, stratum, number, level):
    """One row."""
    members = draw.randint(1, 7)
    household_weight = round(draw.lognormvariate(4.4, 0.5), 3)
    spending = draw.lognormvariate(level + (0.12 if year == 2019 else 0.0), 0.55)
    # Tens of soles for a third of the rows: ties, as people round.
    spending = round(spending, -1) if draw.random() < 0.33 else round(spending, 4)
    income = round(spending * draw.lognormvariate(0.1, 0.4), 2)
    line = LINES[area]
    water = 1 if region == "centre" else 0 if region == "west" else int(draw.random() < 0.7)
    return {
        "year": year,
        "region": region,
        "area": area,
        "stratum": stratum,
        # The same ids in every stratum: a PSU is its stratum and its id together.
        "psu": f"{number:03d}",
        # Two variants of the strata: the last PSU of stratum 5, present in one year only, and the
        # second PSUs of strata 3 and 4, present in both, stand alone in strata of their own.
        "stratum_one": 15 if (stratum, number) == (4, 2) else stratum,
        "stratum_three": {(4, 2): 15, (3, 2): 16, (5, 12): 17}.get((stratum, number), stratum),
        "fpc": POPULATION[stratum],
        "weight": round(household_weight * members, 3),
        "household_weight": household_weight,
        "members": members,
        "spending": spending,
        "income": "" if draw.random() < 0.06 else income,
        "line": line,
        "poor": int(spending < line),
        "extreme": int(spending < 0.55 * line),
        "water": water,
        "school": "" if draw.random() < 0.08 else int(draw.random() < 0.55),
        "woman_head": int(draw.random() < 0.3),
    }


if __name__ == "__main__":
    writer = csv.DictWriter(sys.stdout, COLUMNS.split(","), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
