"""The population that simulated households are drawn from: what is assumed of it, and its truth.

log(spending / poverty line) of a household is a location of its department and year, plus terms
for stratum and household size, plus normal effects of PSU and household. The location is solved
so that the share of poor persons is the target; every other truth follows without sampling.

"Computed" means from INEI's public files of the years named. All else is assumed.

===================== ================================================ =========================
what                  value                                            why
===================== ================================================ =========================
PSUs, population      `_SAMPLE`, by department, stratum, area; for     computed, Sumaria 2019:
                      every year the same                              5,359 PSUs, 32.7 million
homes per PSU         4 to 8, mean 5.9 urban, 7.7 rural                computed, 2019: 5.88, 7.66
household size        `SIZES`, cut at 10                               computed, Sumaria 2019
terms of stratum      `STRATUM`; per log person -0.44 urban, -0.31     computed, Sumaria 2019:
and size              rural                                            regression on departments
PSU effect            sd 0.27 urban, 0.23 rural                        computed, Sumaria 2019: ICC
                                                                       0.29 urban, 0.23 rural
household effect      sd 0.43 urban, 0.41 rural; normal                computed, same: skew 0.1,
                                                                       kurtosis 0.3, 0.9 left out
PSU effect that lasts 0.96 urban, 0.54 rural of its variance           computed, Sumaria 2018 and
                                                                       2019, other households
weights               log-normal by PSU: sd 0.68 urban, 0.15 rural,    computed, Sumaria 2019
                      independent of spending within a stratum
poverty lines         `LINES`, 2.6% more each year                     computed, 2015 and 2019; no
                                                                       rate depends on the level
perceptions           at the line half say that they live badly        assumed
===================== ================================================ =========================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Department; its main domain; PSUs in strata 1 to 8; urban and rural population in thousands.
_SAMPLE = """
01 7   0   0   0  53 26 16 68 21   223 217
02 5   0  60  26   5 31 16 49 19   747 430
03 6   0   0  18  12 13 17 61 13   211 269
04 6 120   0   0  34 55 13 20 12  1232 116
05 5   0  36   0   8 38 17 53 21   421 305
06 4   0  37  12   0 34  9 96 25   595 964
07 8 168   0   0   0  0  0  0  0  1069   0
08 6   0  45   0  21 23 12 70 18   798 560
09 5   0   0   0  18 18 19 71 18   132 381
10 5   0  40   0  14 23 12 78 16   358 535
11 2   0 116  28  11 54  5 19 14   766  51
12 5   0  55   0  23 50 15 72 15   956 457
13 1  93   0   0  49 48  4 44 10  1575 391
14 1   0  87   0  42 40  2 37  7  1091 217
15 2 539  37  67  27 41 19 30 16 10280 178
16 7   0  81   0  23 33  4 65 11   747 329
17 7   0   0  43   0 26  4 21  7   127  26
18 3   0   0 124   0 11  9  9 13   152  36
19 5   0   0  38   0 45  5 33 11   214 102
20 1   0  93  43  27 31  4 45 14  1510 397
21 6   0  55   0   3 26  7 71 23   879 616
22 7   0  41   0  35 55 10 54  7   608 281
23 3   0 152   0   0 26 14 15 11   315  44
24 1   0   0  59   0 57  2 12  9   242   8
25 7   0  93   0   0 38  1 41  5   423  96
"""
_ROWS = [row.split() for row in _SAMPLE.split("\n") if row]
PSUS: Mapping[str, Integers] = {row[0]: np.array(row[2:10], dtype="int64") for row in _ROWS}
NATIONAL_HOUSEHOLDS = 34_565
_DOMAIN = {row[0]: int(row[1]) for row in _ROWS}
_POPULATION = {row[0]: np.array([*row[10:]], dtype="float64") * 1000 for row in _ROWS}
# The first stratum of the capital's department is the metropolis, a domain of its own.
CAPITAL, METROPOLIS = "15", 8

# Where a value differs by area, urban comes first.
AREA = np.array([0] * 5 + [1] * 3)
STRATUM = np.array([0.0, -0.046, -0.158, -0.237, -0.383, -0.477, -0.614, -0.617])
SIZES = np.array(
    [
        [0.130, 0.187, 0.203, 0.218, 0.135, 0.064, 0.033, 0.015, 0.008, 0.007],
        [0.168, 0.221, 0.170, 0.178, 0.125, 0.071, 0.035, 0.018, 0.008, 0.006],
    ]
)
PERSONS = np.arange(1, SIZES.shape[1] + 1)
SIZE_TERM = np.array([-0.44, -0.31])
PSU_SD, HOME_SD = np.array([0.27, 0.23]), np.array([0.43, 0.41])
LASTING, WEIGHT_SD = np.array([0.96, 0.54]), np.array([0.68, 0.15])
HOMES = np.arange(4, 9)
HOMES_SHARE = np.array([[0.09, 0.19, 0.55, 0.09, 0.08], [0.0, 0.0, 0.08, 0.14, 0.78]])
# Soles per person and month in 2019, by domain: urban total and food line, then rural.
_COAST, _HIGHLANDS = (345.5, 173.7, 273.9, 156.2), (322.8, 173.5, 259.0, 159.7)
_JUNGLE, _METROPOLIS = (322.3, 184.6, 247.2, 151.4), (441.1, 223.8, 441.1, 223.8)
LINES = np.array([*[_COAST] * 3, *[_HIGHLANDS] * 3, _JUNGLE, _METROPOLIS]).reshape(8, 2, 2)
LINES_YEAR, INFLATION = 2019, 1.026
# 0.8 log(spending / line) + z says "very badly", "badly", "well" up to these, "very well" beyond.
LIVING_SLOPE, LIVING_CUTS = 0.8, np.array([-1.3, 0.0, 3.2])


@dataclass(frozen=True)
class Cells:
    """A department's homes by stratum and size; each array has the shape (strata, sizes).

    Attributes
    ----------
    area : 0 urban, 1 rural.
    homes, persons : expected number in the population.
    offset, sd : of log(spending / line), without the location.
    extreme : log(food line / line), below which a person is extremely poor.
    """

    area: Integers
    homes: Floats
    persons: Floats
    offset: Floats
    sd: Floats
    extreme: Floats


def sample_sizes(households: int) -> dict[str, Integers]:
    """Return the PSUs of each department in strata 1 to 8, for about so many homes nationwide.

    A stratum that a department has gets two at least: from one no variance can be told.
    """
    scale = households / NATIONAL_HOUSEHOLDS
    return {
        code: np.where(psus > 0, np.maximum(2, np.rint(psus * scale)), 0).astype("int64")
        for code, psus in PSUS.items()
    }


def domains(code: str) -> Integers:
    """Return the domain (`dominio`) of each of a department's eight strata."""
    found = np.full(8, _DOMAIN[code])
    found[0] = METROPOLIS if code == CAPITAL else found[0]
    return found


def lines(code: str, year: int) -> Floats:
    """Return total and food line of each stratum, shape (8, 2): soles per person and month."""
    rounded: Floats = np.round(LINES[domains(code) - 1, AREA] * prices(year), 2)
    return rounded


def prices(year: int) -> float:
    """Return the price level of a year by the growth of the lines; 1 in 2019."""
    return float(INFLATION ** (year - LINES_YEAR))


def stratum_homes(code: str) -> Floats:
    """Return the homes in each of a department's eight strata: people over mean size."""
    by_area = np.array([PSUS[code][area == AREA].sum() for area in (0, 1)])
    people = _POPULATION[code][AREA] * PSUS[code] / np.maximum(by_area[AREA], 1)
    homes: Floats = people / (SIZES @ PERSONS)[AREA]
    return homes


def cells(code: str, year: int) -> Cells:
    """Divide the homes of a department by stratum and size."""
    kept = PSUS[code] > 0
    area, line = AREA[kept], lines(code, year)[kept]
    homes = stratum_homes(code)[kept, None] * SIZES[area]
    shape = homes.shape
    sd = np.hypot(PSU_SD, HOME_SD)[area]
    return Cells(
        area=np.broadcast_to(area[:, None], shape),
        homes=homes,
        persons=homes * PERSONS,
        offset=STRATUM[kept, None] + SIZE_TERM[area, None] * np.log(PERSONS),
        sd=np.broadcast_to(sd[:, None], shape),
        extreme=np.broadcast_to(np.log(line[:, 1] / line[:, 0])[:, None], shape),
    )


def location(found: Cells, poor_share: float) -> float:
    """Solve for the location at which this share of persons is poor."""
    return float(brentq(lambda at: _poor(found, at) - poor_share, -60, 60, xtol=1e-13))


def truth(found: Cells, at: float) -> dict[str, float]:
    """Return what is true of the population at a location, exactly; shares from 0 to 1.

    Gaps are moments of a log-normal cut at the line: E[exp(kx); x < 0] =
    exp(km + k²s²/2) Phi(-m/s - ks).
    """
    mean, sd, area = at + found.offset, found.sd, found.area
    first = np.exp(mean + sd**2 / 2) * ndtr(-mean / sd - sd)
    second = np.exp(2 * mean + 2 * sd**2) * ndtr(-mean / sd - 2 * sd)
    poor, extreme = ndtr(-mean / sd), ndtr((found.extreme - mean) / sd)
    badly = ndtr((LIVING_CUTS[1] - LIVING_SLOPE * mean) / np.hypot(1, LIVING_SLOPE * sd))
    return {
        "poor_share": _share(poor, found.persons),
        "poor_share_urban": _share(poor, found.persons * (area == 0)),
        "poor_share_rural": _share(poor, found.persons * (area == 1)),
        "extreme_share": _share(extreme, found.persons),
        "fgt1": _share(poor - first, found.persons),
        "fgt2": _share(poor - 2 * first + second, found.persons),
        "living_badly_share": _share(badly, found.homes),
        "population": float(found.persons.sum()),
    }


def _poor(found: Cells, at: float) -> float:
    return _share(ndtr(-(at + found.offset) / found.sd), found.persons)


def _share(values: Floats, counts: Floats) -> float:
    """Average over cells; missing where nobody lives."""
    whole = counts.sum()
    return float((values * counts).sum() / whole) if whole else float("nan")
