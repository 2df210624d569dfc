"""Who simulated producers are, and what they would answer with and without their programme.

All sizes are assumed; none is taken from a study. Without the programme every amount is what lasts
in a producer times what is of one visit, alike in both waves, plus a trend in soles common to all:
so the arms move in parallel at constant prices, whoever is chosen and whoever is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.producers import CHANNELS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
# What producers may answer, by variable; the axes are waves (baseline, outcome) and producers.
Answers = dict[str, Floats]

TONGUES = ("quechua", "aymara", "spanish", "other")
_TONGUE_SHARES: Mapping[str, Sequence[float]] = MappingProxyType(
    {
        "ayacucho": (0.68, 0.0, 0.31, 0.01),
        "cusco": (0.62, 0.01, 0.36, 0.01),
        "lambayeque": (0.03, 0.0, 0.96, 0.01),
        "puno": (0.42, 0.33, 0.24, 0.01),
    }
)
_OTHERWISE = (0.2, 0.02, 0.75, 0.03)
_WOMEN, _URBAN = 0.58, 0.3
# log(soles of income a month): mean, then standard deviations between communities, producers,
# community visits and visits. About 8 in 100 of the variance lies between communities.
_LOG_INCOME, _OF_WOMEN, _OF_TOWNS = 5.85, -0.18, 0.15
_COMMUNITY, _PRODUCER, _COMMUNITY_VISIT, _VISIT = 0.16, 0.45, 0.08, 0.35
_MARGIN, _MARGIN_SD = 0.5, 0.2
_INCOME_TREND, _SALES_TREND = 30.0, 60.0  # soles a month, from baseline to outcome
_DAYS, _DAYS_SD, _DAYS_VISIT = 15.0, 3.5, 3.0
# Share of yes at baseline, and what is added to it without the programme.
_SHARES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "formalised": (0.24, 0.05),
        "credit": (0.14, 0.02),
        "sells_local": (0.88, 0.0),
        "sells_fairs": (0.35, 0.04),
        "sells_shops": (0.18, 0.02),
        "sells_online": (0.05, 0.06),
        "sells_export": (0.03, 0.0),
    }
)
# A yes of one wave is mostly that of the other: correlation of what lies behind it.
_LASTING_YES, _COMMUNITY_YES = 0.7, 0.25
_LOSS_SLOPE, _REFUSAL_SLOPE = -0.5, 0.5  # log odds by standard deviation of log income
# How often a question goes unanswered, against `item_missing`.
_UNANSWERED: Mapping[str, float] = MappingProxyType(
    {
        "income_soles": 1.5,
        "sales_soles": 1.5,
        "days_worked": 0.5,
        "formalised": 0.5,
        "credit": 0.5,
        "training_hours": 0.5,
        "sells_online": 0.25,
        "mother_tongue": 0.25,
        "household_size": 0.25,
        "age": 0.25,
    }
)


@dataclass(frozen=True)
class People:
    """Who the producers are; every array has one element per producer.

    `income` is what lasts of log income; `standing`, its part that is not selection, in standard
    deviations: who is poorer than others of their kind.
    """

    region: Integers
    sector: Integers
    community: Integers  # in the order of the design
    number: Integers  # of the community within its region, which tells nothing of its arm
    treated: Flags
    weight: Floats
    newcomer: Flags
    woman: Flags
    tongue: Integers
    urban: Flags
    age: Integers
    household: Integers
    income: Floats
    standing: Floats

    @property
    def communities(self) -> int:
        """How many there are."""
        return int(self.community.max()) + 1


# --- who they are ---------------------------------------------------------------------------


def draw(
    random: np.random.Generator,
    regions: Sequence[str],
    sectors: int,
    communities: int,
    producers: int,
    selection: float,
    newcomers: float,
) -> People:
    """Draw the producers, community by community; newcomers stand last."""
    in_region = 2 * sectors * communities
    count = len(regions) * in_region
    added = int(newcomers * count * producers)
    chosen = np.sort(random.integers(count, size=added))
    community = np.concatenate([np.repeat(np.arange(count), producers), chosen])
    region, place = community // in_region, community % in_region
    stratum, treated = community // (2 * communities), place % 2 == 0
    number = np.concatenate([random.permutation(in_region) for _ in regions])[community]
    weight = np.round(random.lognormal(2.4, 0.35, len(regions) * sectors), 2)[stratum]
    size = len(community)
    woman = random.random(size) < _WOMEN
    urban = (random.random(count) < _URBAN)[community]
    shares = np.array([_TONGUE_SHARES.get(code, _OTHERWISE) for code in regions]).cumsum(axis=1)
    tongue = (random.random(size)[:, None] > shares[region, :-1]).sum(axis=1)
    centred = random.normal(0, _COMMUNITY, count)[community] + random.normal(0, _PRODUCER, size)
    spread = np.hypot(_COMMUNITY, _PRODUCER)
    observed = _OF_WOMEN * woman + _OF_TOWNS * urban + selection * treated
    return People(
        region=region,
        sector=place // (2 * communities),
        community=community,
        number=number,
        treated=treated,
        weight=weight,
        newcomer=np.arange(size) >= count * producers,
        woman=woman,
        tongue=tongue,
        urban=urban,
        age=np.clip(np.rint(random.gamma(9, 4.6, size)), 18, 85).astype("int64"),
        household=1 + random.poisson(3.2, size).clip(0, 13),
        income=_LOG_INCOME + observed + centred,
        standing=centred / spread,
    )


# --- what they would answer -----------------------------------------------------------------


def untreated(random: np.random.Generator, people: People) -> Answers:
    """Tell what everybody would answer in both waves without the programme; amounts are real."""
    shape = (2, len(people.income))
    visit = random.normal(0, _COMMUNITY_VISIT, (2, people.communities))[:, people.community]
    noise = visit + random.normal(0, _VISIT, shape)
    income = np.exp(people.income + noise)
    margin = _MARGIN * np.exp(random.normal(0, _MARGIN_SD, shape))
    trend = np.array([[0.0], [1.0]])
    lasting = _DAYS + random.normal(0, _DAYS_SD, shape[1]) + people.standing
    days = lasting + 6 * visit + random.normal(0, _DAYS_VISIT, shape)
    answers = {
        "income_soles": np.rint(income + _INCOME_TREND * trend),
        "sales_soles": np.rint(income / np.minimum(margin, 0.95) + _SALES_TREND * trend),
        "days_worked": days,  # not yet whole, so that a part of a day may be added
    }
    for name, (share, growth) in _SHARES.items():
        answers[name] = _yes(random, people, share + growth * trend)
    return answers


def _yes(random: np.random.Generator, people: People, shares: Floats) -> Floats:
    """Yes (1) or no (0) in both waves, more often among the richer and alike in a community."""
    size = people.income.size
    of_community = random.normal(0, 1, people.communities)[people.community]
    lasting = np.sqrt(1 - _COMMUNITY_YES**2 - 0.2**2) * random.normal(0, 1, size)
    lasting += _COMMUNITY_YES * of_community + 0.2 * people.standing
    behind = np.sqrt(_LASTING_YES) * lasting
    behind = behind + np.sqrt(1 - _LASTING_YES) * random.normal(0, 1, (2, size))
    yes: Floats = (behind > -ndtri(shares)).astype("float64")
    return yes


def treated(random: np.random.Generator, without: Answers, effects: Mapping[str, float]) -> Answers:
    """Tell what everybody would answer at outcome with the programme."""
    answers = {name: values[1] for name, values in without.items()}
    for name in ("income_soles", "sales_soles"):
        answers[name] = np.maximum(np.rint(answers[name] + effects.get(name, 0.0)), 0)
    answers["days_worked"] = answers["days_worked"] + effects.get("days_worked", 0.0)
    for name in ("formalised", "credit"):
        answers[name] = _shifted(random, [name], answers, effects.get(name, 0.0))[0]
    # What is sold at home was sold before: a programme opens, or closes, the other channels.
    far = CHANNELS[1:]
    answers |= zip(far, _shifted(random, far, answers, effects.get("channels", 0.0)), strict=True)
    return answers


def _shifted(
    random: np.random.Generator, names: Sequence[str], answers: Answers, effect: float
) -> list[Floats]:
    """Turn so many no into yes (or yes into no) that their number moves by `effect` on average."""
    shares = np.array([sum(_SHARES[name]) for name in names])
    chance = abs(effect) / (1 - shares if effect > 0 else shares).sum()
    if chance > 1:
        raise WorkbookError(
            msg(
                "{names}: without the programme a producer has {mean} of {most}, so this cannot "
                "move by {effect}.",
                names=", ".join(names),
                mean=round(float(shares.sum()), 3),
                most=len(names),
                effect=effect,
            )
        )
    turned = random.random((len(names), answers[names[0]].size)) < chance
    return [
        np.where(turn, float(effect > 0), answers[name])
        for name, turn in zip(names, turned, strict=True)
    ]


def delivered(random: np.random.Generator, people: People, answers: Answers) -> Answers:
    """Give training, which the programme gives whether or not it has an effect, and fairs attended."""
    size = people.treated.size
    share = np.stack([np.full(size, 0.15), np.where(people.treated, 0.9, 0.2)])
    trained = random.random((2, size)) < share
    courses = 1 + random.poisson(np.where(people.treated & np.array([[False], [True]]), 3, 1))
    return {
        "trained": trained.astype("float64"),
        "training_hours": np.where(trained, 8.0 * courses, 0.0),
        "fairs": answers["sells_fairs"] * (1 + random.poisson(1.0, (2, size))),
    }


def household(random: np.random.Generator, people: People, years: tuple[int, int]) -> Answers:
    """Tell what is asked of a person in each wave; ages are remembered to about a year."""
    size = people.age.size
    older = years[1] - years[0] + random.choice([-1, 0, 1], size, p=[0.05, 0.9, 0.05])
    change = random.choice([-1, 0, 1], size, p=[0.15, 0.65, 0.2])
    return {
        "mother_tongue": np.stack([people.tongue, people.tongue]).astype("float64"),
        "age": np.stack([people.age, people.age + older]).astype("float64"),
        "household_size": np.stack(
            [people.household, np.clip(people.household + change, 1, 20)]
        ).astype("float64"),
    }


# --- who is found, and what is left out -----------------------------------------------------


def seen(random: np.random.Generator, people: People, attrition: float, gap: float) -> Flags:
    """Choose who is interviewed in each wave; nobody is lost where `attrition` is none."""
    apart = min(gap, 2 * attrition) / 2
    share = np.where(people.treated, attrition - apart, np.minimum(attrition + apart, 0.999))
    lost = random.random(share.size) < _tilted(share, _LOSS_SLOPE, people.standing)
    return np.stack([~people.newcomer, people.newcomer | ~lost])


def _tilted(share: Floats, slope: float, score: Floats) -> Floats:
    """Chances whose log odds rise by `slope` with a standard normal score, `share` on average.

    The average of a logistic over a normal is about the logistic of its centre over
    sqrt(1 + 0.346 slope²) (Zeger, Liang and Albert 1988, section 3).
    """
    odds = (share / (1 - share)) ** np.sqrt(1 + 0.346 * slope**2) * np.exp(slope * score)
    return np.asarray(odds / (1 + odds))


def leave_out(
    random: np.random.Generator, answers: Answers, real: Floats, item_missing: float
) -> None:
    """Empty some answers, amounts more often the higher the real income."""
    high = (np.log(real + 1) - _LOG_INCOME) / np.sqrt(_COMMUNITY**2 + _PRODUCER**2 + _VISIT**2)
    for name, often in _UNANSWERED.items():
        share = np.full(real.shape, min(often * item_missing, 0.999))
        chance = _tilted(share, _REFUSAL_SLOPE, high) if name.endswith("_soles") else share
        answers[name][random.random(real.shape) < chance] = np.nan
