"""What simulated homes and persons answer, in INEI's four files and codes.

Beyond what `superpopulation` says, these are assumed:

==================== ============================================= ==============================
what                 value                                         why
==================== ============================================= ==============================
income               spending times exp(0.16 + 0.44 z)             computed, Sumaria 2019
members              `_KIN` and the like                           computed, module 200 of 2019
not members          a person in 11% of homes, of whom 2.5% are    computed, module 200 of 2019
                     domestic workers
at work              `_EMPLOYED` by age, less if a woman, more if  computed, modules 200 and 500
                     rural                                         of 2019
answers lost         2.1% of homes; of P32 2.2% more, of P38 0.4%  computed, module 01B of 2009
sector, informality  farm work and informal work fall with         assumed: there should be
                     spending and are rural                        differences to find
language             `_LANGUAGE`, one a home                       assumed: rough magnitudes
==================== ============================================= ==============================
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit

from icanalysis import superpopulation as model
from icanalysis.sampled import Drawn, pick
from icanalysis.superpopulation import Floats, Integers

# By household size, 1 to 6 and more: share headed by a woman, share with a spouse.
_WOMAN_HEAD = np.array([0.49, 0.35, 0.31, 0.22, 0.19, 0.19])
_SPOUSE = np.array([0.0, 0.59, 0.69, 0.81, 0.85, 0.85])
# Kinship (P203) of the others: child, in-law, grandchild, parent, relative, no relative, sibling.
_KIN = np.array([3, 4, 5, 6, 7, 10, 11])
_KIN_SHARE = np.array([0.769, 0.030, 0.121, 0.027, 0.024, 0.010, 0.019])
_DOMESTIC_WORKER, _DOMESTIC = 8, 0.025
# Age by kinship 0 to 11: mean and sd, of spouse (2) and parent (6) as distance from the head.
_AGE = np.array([0, 53.5, -1, 16.7, 30.5, 8.8, 24, 26, 42, 20, 32, 42])
_AGE_SD = np.array([0, 15.7, 6, 11.5, 9.6, 7.3, 5, 22, 17, 1, 21, 19])
_OLDEST, _GROWN = 98, 16
# Share at work from the age of 14, 18, 25, 35, 45, 55, 65 and 75 years.
_AGES = [18, 25, 35, 45, 55, 65, 75]
_EMPLOYED = np.array([0.30, 0.59, 0.80, 0.86, 0.88, 0.82, 0.66, 0.37])
# ISIC rev. 4 as INEI's number; the second list, off the farm, with shares urban and rural.
_FARM = np.array([111, 113, 122, 127, 141, 144])
_CLASS = np.array(
    [729, 1071, 1392, 1410, 4100, 4711, 4781, 4922, 5610, 8411, 8510, 8610, 9602, 9700]
)
_CLASS_SHARE = np.array(
    [
        [0.02, 0.03, 0.02, 0.05, 0.10, 0.15, 0.09, 0.12, 0.10, 0.08, 0.09, 0.05, 0.05, 0.05],
        [0.05, 0.02, 0.08, 0.04, 0.14, 0.16, 0.05, 0.10, 0.10, 0.10, 0.11, 0.02, 0.02, 0.01],
    ]
)
# Shares that learnt Quechua, Aymara, another native language (P300A 1 to 3; 4 is Spanish):
# 1.3 times these in rural areas, 0.7 in urban ones.
_LANGUAGE = {
    **{"02": (0.3, 0, 0), "03": (0.7, 0, 0), "05": (0.6, 0, 0), "08": (0.55, 0, 0)},
    **{"09": (0.65, 0, 0), "10": (0.3, 0, 0), "18": (0.1, 0.1, 0), "21": (0.42, 0.27, 0)},
    **{"01": (0, 0, 0.12), "12": (0.1, 0, 0.04), "16": (0, 0, 0.06), "17": (0.15, 0, 0.04)},
    **{"19": (0.1, 0, 0.06), "23": (0.05, 0.12, 0), "25": (0, 0, 0.1)},
}
# What speakers of Spanish feel to be (P558C).
_SELF, _SELF_SHARE = np.array([6, 1, 4, 5, 8, 7]), np.array([0.62, 0.14, 0.09, 0.07, 0.05, 0.03])


def modules(drawn: Sequence[Drawn], year: int) -> dict[str, pd.DataFrame]:
    """Put the departments of a year together as INEI's four files."""
    homes = _homes(drawn)
    uniform = np.concatenate([each.uniform for each in drawn])
    normal = np.concatenate([each.normal for each in drawn])
    keys = _keys(homes, year)
    persons = _persons(homes, uniform, normal, drawn)
    return {
        "sumaria": keys.join(_sumaria(homes, normal)),
        "members": _members(keys, homes, persons),
        "employment": _employment(keys, homes, persons, year),
        "governance": _governance(keys, homes, uniform, normal),
    }


def _homes(drawn: Sequence[Drawn]) -> pd.DataFrame:
    """One row per home, in numbers: where it is, how many live there, what they spend."""
    uniform = np.concatenate([each.uniform for each in drawn])
    normal = np.concatenate([each.normal for each in drawn])
    psus = [each.psus.take(each.homes["psu"].to_numpy()) for each in drawn]
    homes = pd.concat(psus, ignore_index=True).join(
        pd.concat([each.homes for each in drawn], ignore_index=True)
    )
    area, stratum = homes["area"].to_numpy(), homes["estrato"].to_numpy() - 1
    return homes.assign(
        dwelling=1 + 13 * homes["rank"] + np.floor(13 * uniform[:, 2]).astype("int64"),
        # Spending over the line, as a logarithm.
        standing=homes["location"]
        + model.STRATUM[stratum]
        + model.SIZE_TERM[area] * np.log(homes["members"])
        + homes["effect"]
        + model.HOME_SD[area] * normal[:, 0],
    )


def _keys(homes: pd.DataFrame, year: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "año": _text([year], 4).repeat(len(homes)),
            "mes": _text(homes["mes"], 2),
            "conglome": _text(homes["conglome"], 6),
            "vivienda": _text(homes["dwelling"], 3),
            "hogar": _text([11], 2).repeat(len(homes)),
            "ubigeo": _text(homes["ubigeo"], 6),
            "dominio": homes["dominio"],
            "estrato": homes["estrato"],
        }
    )


def _text(numbers: pd.Series | Sequence[int], width: int) -> pd.Index:
    """Write numbers with leading zeros; each number once, for there are many rows."""
    which, known = pd.factorize(np.asarray(numbers))
    return pd.Index([f"{number:0{width}d}" for number in known], dtype="str").take(which)


def _sumaria(homes: pd.DataFrame, normal: Floats) -> pd.DataFrame:
    spent = homes["linea"] * np.exp(homes["standing"]) * 12 * homes["members"]
    frame = pd.DataFrame(
        {
            "mieperho": homes["members"],
            "inghog1d": (spent * np.exp(0.16 + 0.44 * normal[:, 1])).round(2),
            "gashog2d": spent.round(2),
            "linpe": homes["linpe"],
            "linea": homes["linea"],
        }
    )
    each = frame["gashog2d"] / (12 * frame["mieperho"])
    not_extreme, not_poor = each >= frame["linpe"], each >= frame["linea"]
    return frame.assign(
        pobreza=1 + not_extreme.astype("int64") + not_poor, factor07=homes["factor07"]
    )


def _persons(
    homes: pd.DataFrame, uniform: Floats, normal: Floats, drawn: Sequence[Drawn]
) -> pd.DataFrame:
    """One row per person listed, in numbers; the one who is no member comes last in the home."""
    u = np.concatenate([each.person_uniform for each in drawn])
    z = np.concatenate([each.person_normal for each in drawn])
    listed = (homes["members"] + homes["more"]).to_numpy()
    home = np.repeat(np.arange(len(homes)), listed)
    place = np.arange(len(home)) - np.repeat(np.cumsum(listed) - listed, listed)
    size = np.minimum(homes["members"].to_numpy(), 6) - 1
    no_member = place == homes["members"].to_numpy()[home]
    spouse = (uniform[:, 3] < _SPOUSE[size])[home] & (place == 1) & ~no_member
    other = _KIN[_one_of(_KIN_SHARE, u[:, 0])]
    outside = np.where(u[:, 0] < _DOMESTIC, _DOMESTIC_WORKER, 3)
    kin = np.select([place == 0, no_member, spouse], [1, outside, 2], other)
    woman_head = (uniform[:, 4] < _WOMAN_HEAD[size])[home]
    woman = np.select(
        [kin == 1, kin == 2, kin == _DOMESTIC_WORKER],
        [woman_head, ~woman_head, u[:, 1] < 0.98],
        u[:, 1] < 0.485,
    )
    head_age = np.clip(_AGE[1] + _AGE_SD[1] * normal[:, 2], 18, _OLDEST)[home]
    return pd.DataFrame(
        {
            "home": home,
            "place": place,
            "kin": kin,
            "member": ~no_member,
            "woman": woman,
            "age": _ages(kin, head_age, z[:, 0]),
            "u_work": u[:, 2],
            "u_farm": u[:, 3],
            "u_branch": u[:, 4],
            "u_informal": u[:, 5],
            "u_wage": u[:, 6],
            "u_self": u[:, 7],
            "z_pay": z[:, 1],
            "u_language": uniform[home, 5],
        }
    )


def _ages(kin: Integers, head: Floats, z: Floats) -> Integers:
    from_head = np.isin(kin, [2, 6])
    age = np.where(from_head, head, 0) + _AGE[kin] + _AGE_SD[kin] * z
    lowest = np.select([np.isin(kin, [2, 4, _DOMESTIC_WORKER])], [_GROWN], 0)
    # Children are at least 15 years younger than the head, grandchildren 30.
    highest = np.select([kin == 3, kin == 5], [head - 15, np.maximum(head - 30, 0)], _OLDEST)
    ages: Integers = np.floor(np.where(kin == 1, head, np.clip(age, lowest, highest))).astype(
        "int64"
    )
    return ages


def _listed(keys: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    frame = keys.take(persons["home"].to_numpy()).reset_index(drop=True)
    frame.insert(5, "codperso", _text(persons["place"] + 1, 2))
    return frame.assign(
        p203=persons["kin"],
        p204=2 - persons["member"].astype("int64"),
        p207=1 + persons["woman"].astype("int64"),
        p208a=persons["age"],
    )


def _members(keys: pd.DataFrame, homes: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    weight = homes["factor07"].to_numpy()[persons["home"]]
    return _listed(keys, persons).assign(facpob07=weight)


def _employment(
    keys: pd.DataFrame, homes: pd.DataFrame, persons: pd.DataFrame, year: int
) -> pd.DataFrame:
    persons = persons[persons["member"] & (persons["age"] >= 14)].reset_index(drop=True)
    at = homes.take(persons["home"].to_numpy()).reset_index(drop=True)
    rural = at["area"].to_numpy()
    # log(spending / line), seen from its usual value.
    standing = (at["standing"] - 0.7).to_numpy()
    work = _work(persons, rural)
    farm = persons["u_farm"] < expit(np.array([-2.4, 0.9])[rural] - standing)
    informal = persons["u_informal"] < expit(0.7 + 2 * farm - 1.3 * standing)
    wage = persons["u_wage"] < np.where(farm, 0.2, 0.6)
    pay = 12 * 1100 * model.prices(year) * np.exp(0.5 * standing + 0.5 * persons["z_pay"])
    language = _languages(at, persons)
    feels = np.where(persons["u_self"] < 0.85, language, 6)
    branch = np.where(
        farm,
        _FARM[(persons["u_branch"] * len(_FARM)).astype("int64")],
        _CLASS[pick(_CLASS_SHARE, rural, persons["u_branch"].to_numpy())],
    )
    return _listed(keys, persons).assign(
        p300a=language,
        ocu500=work,
        ocupinf=np.where(work == 1, 2.0 - informal, np.nan),
        p506r4=np.where(work == 1, branch, np.nan),
        p558c=np.where(
            language < 4, feels, _SELF[_one_of(_SELF_SHARE, persons["u_self"].to_numpy())]
        ),
        i524a1=np.where((work == 1) & wage, pay.round(2), np.nan),
        fac500a=at["factor07"],
    )


def _work(persons: pd.DataFrame, rural: Integers) -> Integers:
    """At work (1), seeking (2), discouraged (3), neither (4); 0 is in INEI's files unexplained."""
    age = np.searchsorted(_AGES, persons["age"], side="right")
    employed = _EMPLOYED[age] + np.where(persons["woman"], -0.07, 0.07)
    employed = np.clip(employed + np.array([-0.03, 0.10])[rural], 0.02, 0.98)
    rest = (persons["u_work"] - employed) / (1 - employed)
    status: Integers = np.select(
        [rest < 0, rest < 0.065, rest < 0.095, rest < 0.099], [1, 2, 3, 0], 4
    )
    return status


def _languages(at: pd.DataFrame, persons: pd.DataFrame) -> Integers:
    spoken = np.zeros((26, 4))
    for code, shares in _LANGUAGE.items():
        spoken[int(code), :3] = shares
    shares = spoken[at["department"]] * np.array([0.7, 1.3])[at["area"]][:, None]
    shares[:, 3] = 1  # Spanish, if none of the others
    bounds = np.cumsum(shares, axis=1)
    codes: Integers = 1 + (persons["u_language"].to_numpy()[:, None] >= bounds).sum(axis=1)
    return codes


def _governance(
    keys: pd.DataFrame, homes: pd.DataFrame, uniform: Floats, normal: Floats
) -> pd.DataFrame:
    """Perceptions of one informant per home; blank if there was none, 9 or 99999 if no answer."""
    standing = homes["standing"].to_numpy()
    living = 1 + np.searchsorted(
        model.LIVING_CUTS, model.LIVING_SLOPE * standing + normal[:, 3], side="right"
    )
    saving = 4 - np.searchsorted([-0.23, 0.10, 2.25], standing + normal[:, 4], side="right")
    place = 3 - np.searchsorted([-0.80, 1.07], 0.3 * standing + normal[:, 5], side="right")
    own = 3 - np.searchsorted([-0.67, 1.17], 0.3 * standing + normal[:, 6], side="right")
    needed = homes["linea"] * homes["members"] * np.exp(0.6 * normal[:, 7])
    silent = uniform[:, 8] < 0.001
    answers = {
        "p32": np.where(uniform[:, 7] < 0.022, 9, saving),
        "p33_1": np.where(silent, 9, place),
        "p33_2": np.where(silent, 9, own),
        "p37": np.where(silent, 9, living),
        "p38": np.where(uniform[:, 9] < 0.004, 99999, np.maximum(10, (needed / 10).round() * 10)),
    }
    there = uniform[:, 6] >= 0.021
    frame = keys.assign(**{name: np.where(there, each, np.nan) for name, each in answers.items()})
    frame.insert(5, "codinfor", _text([1], 2).repeat(len(keys)))
    frame.insert(5, "codperso", _text([1], 2).repeat(len(keys)))
    return frame.assign(factor07=homes["factor07"])


def _one_of(shares: Floats, uniform: Floats) -> Integers:
    return np.searchsorted(np.cumsum(shares)[:-1], uniform, side="right")
