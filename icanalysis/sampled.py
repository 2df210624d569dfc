"""A sample of the superpopulation: which PSUs and homes are drawn, and their random numbers.

Every department and year has random numbers of its own, so that what is drawn there does not
depend on what else is. A PSU stays for some years, its effect on spending in part with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from icanalysis import superpopulation as model
from icanalysis.superpopulation import Floats, Integers

PSU_NUMBERS = 999_999
# Parts of a sequence with this step are spread evenly: every year replaces as many PSUs.
_GOLDEN = (5**0.5 - 1) / 2
_LASTS, _OF_THE_YEAR = 0, 1
_NOT_MEMBER = 0.11


@dataclass(frozen=True)
class Survey:
    """One year's survey: its seed, and how many PSUs of each department's strata it has."""

    seed: int
    year: int
    overlap: float
    sizes: Mapping[str, Integers]

    def stream(self, code: str, kind: int, number: int) -> np.random.Generator:
        """Return random numbers of their own for one department and one purpose."""
        key = (int(code), kind, number)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))


@dataclass(frozen=True)
class Drawn:
    """A department's sample of a year: random numbers, from which all answers follow.

    Attributes
    ----------
    psus : DataFrame
        One row per PSU.
    homes : DataFrame
        One row per home: its PSU's row, its members, whether one more person lives there.
    uniform, normal : ndarray, shape (homes, 12)
    person_uniform, person_normal : ndarray, shape (persons, 8) and (persons, 2)
    """

    psus: pd.DataFrame
    homes: pd.DataFrame
    uniform: Floats
    normal: Floats
    person_uniform: Floats
    person_normal: Floats


def draw(survey: Survey, code: str, location: float) -> Drawn:
    """Draw a department's PSUs, homes and persons."""
    random = survey.stream(code, _OF_THE_YEAR, survey.year)
    psus = _psus(survey, code, random).assign(location=location)
    area = psus["area"].to_numpy()
    home_count = model.HOMES[pick(model.HOMES_SHARE, area, random.random(len(psus)))]
    psu = np.repeat(np.arange(len(psus)), home_count)
    uniform = random.random((len(psu), 12))
    members = 1 + pick(model.SIZES, area[psu], uniform[:, 0])
    more = (uniform[:, 1] < _NOT_MEMBER).astype("int64")
    rank = np.arange(len(psu)) - np.repeat(np.cumsum(home_count) - home_count, home_count)
    homes = pd.DataFrame({"psu": psu, "rank": rank, "members": members, "more": more})
    persons = int((members + more).sum())
    normal = random.standard_normal((len(psu), 12))
    return Drawn(
        psus,
        homes,
        uniform,
        normal,
        random.random((persons, 8)),
        random.standard_normal((persons, 2)),
    )


def _psus(survey: Survey, code: str, random: np.random.Generator) -> pd.DataFrame:
    """List a department's PSUs: a place in the sample keeps its PSU until its turn to change."""
    counts = survey.sizes[code]
    places = _places(survey, code)
    stratum = np.repeat(np.arange(8), counts)
    area = model.AREA[stratum]
    turns = survey.year * (1 - survey.overlap) + places * _GOLDEN % 1
    generation = np.floor(turns).astype("int64")
    effect, weight, place = np.empty((3, len(places)))
    for each in np.unique(generation):
        lasting = survey.stream(code, _LASTS, int(each))
        here = generation == each
        for kept in (effect, weight):
            kept[here] = lasting.standard_normal(len(places))[here]
        place[here] = lasting.random(len(places))[here]
    of_year = random.standard_normal(len(places))
    lasts, sd = model.LASTING[area], model.WEIGHT_SD[area]
    homes = (
        model.stratum_homes(code)[stratum]
        / counts[stratum]
        / (model.HOMES_SHARE @ model.HOMES)[area]
    )
    return pd.DataFrame(
        {
            "conglome": _psu_numbers(survey, places, generation),
            "ubigeo": _districts(code, stratum, place),
            "mes": random.integers(1, 13, len(places)),
            "department": int(code),
            "dominio": model.domains(code)[stratum],
            "estrato": stratum + 1,
            "area": area,
            "effect": model.PSU_SD[area] * (np.sqrt(lasts) * effect + np.sqrt(1 - lasts) * of_year),
            "factor07": homes * np.exp(sd * weight - sd**2 / 2),
            "linea": model.lines(code, survey.year)[stratum, 0],
            "linpe": model.lines(code, survey.year)[stratum, 1],
        }
    )


def _places(survey: Survey, code: str) -> Integers:
    """Return the numbers of a department's places in the sample of the nation."""
    first = sum(int(psus.sum()) for other, psus in survey.sizes.items() if other < code)
    return np.arange(first, first + survey.sizes[code].sum())


def _psu_numbers(survey: Survey, places: Integers, generation: Integers) -> Integers:
    """Give every PSU of the country, in whatever year, a number of its own."""
    nation = sum(int(psus.sum()) for psus in survey.sizes.values())
    numbers: Integers = 1 + places + nation * (generation % (PSU_NUMBERS // nation))
    return numbers


def _districts(code: str, stratum: Integers, place: Floats) -> Integers:
    """Choose among the first three districts of the first three provinces, which all exist.

    Large towns stand in the first province. Callao has one province, of six districts.
    """
    if not model.PSUS[code][1:].any():
        return int(code) * 10_000 + 101 + np.floor(place * 6).astype("int64")
    large = stratum < (1 if code == model.CAPITAL else 3)
    province = np.where(large, 1, 2 + (place < 0.5))
    district = 1 + np.floor(place * 300 % 3).astype("int64")
    found: Integers = int(code) * 10_000 + province * 100 + district
    return found


def pick(shares: Floats, row: Integers, uniform: Floats) -> Integers:
    """Choose a column for each number between 0 and 1, by the shares in its row of a table."""
    bounds = np.cumsum(shares, axis=1)
    chosen = uniform[:, None] * bounds[row, -1:] >= bounds[row]
    picked: Integers = chosen.sum(axis=1)
    return picked
