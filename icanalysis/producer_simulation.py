"""Producers who never existed, interviewed twice, with the effect of their programme known exactly.

They let the producers' table be shown where no office has filled one, and let an estimator be
judged: `Simulated.truth` tells, from what the same producers would have answered with and without
the programme, the effect it has to find. That they are simulated stands in every row
(`source_kind`) and in `attrs`.

The people are those of `producer_model`, where what is assumed of them stands.

Not there: seasons, spill-over to the comparison communities, an effect that differs by group,
loss that depends on what happened since baseline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from icanalysis import producer_model as model
from icanalysis.errors import WorkbookError, unknown_choice
from icanalysis.language import msg
from icanalysis.load import DataFolder
from icanalysis.producer_model import Answers, Flags, Floats, Integers
from icanalysis.producers import BASELINE, CHANNELS, OUTCOME

OUTCOMES = ("income_soles", "sales_soles", "days_worked", "formalised", "channels", "credit")
# What the shipped programme does: soles a month at outcome prices, days a month, share of
# producers, channels. Credit is left as it was, on purpose.
EFFECTS: Mapping[str, float] = MappingProxyType(
    {
        "income_soles": 60.0,
        "sales_soles": 80.0,
        "days_worked": 0.5,
        "formalised": 0.15,
        "channels": 0.4,
        "credit": 0.0,
    }
)
REGIONS = ("ayacucho", "cusco", "lambayeque", "puno")
SECTORS = ("crafts", "agriculture", "gastronomy", "tourism")
WAVES = (BASELINE, OUTCOME)
SEED = 2017


@dataclass(frozen=True)
class Simulated:
    """A simulated survey of producers, and what the programme did to them.

    Attributes
    ----------
    frame : DataFrame
        The producers' table, as the loader gives it.
    truth : DataFrame
        Index `variable`, one row per outcome: `effect`, its weighted mean among programme
        producers interviewed at baseline; `effect_followed`, among those of them found again;
        `asked`, what was asked for. Amounts are soles of the outcome year; yes/no outcomes are
        shares from 0 to 1. Whom the programme turns to yes is drawn anew for each seed: over
        seeds, intervals cover `asked` as often as they say, and the effect of their own seed
        more often.
    """

    frame: pd.DataFrame
    truth: pd.DataFrame
    seed: int

    def write(self, path: Path | str) -> Path:
        """Write the table as CSV; the same seed gives the same bytes.

        Raises
        ------
        WorkbookError
            If the file is there already: it might be an office's own.
        """
        file = Path(path)
        if file.exists():
            raise WorkbookError(
                msg(
                    "{file} is there already. Simulated producers never replace others: "
                    "choose another name.",
                    file=file.name,
                )
            )
        cells = self.frame.copy()
        for name in cells.columns:
            if cells[name].dtype == "boolean":
                cells[name] = cells[name].map({True: "true", False: "false"})
            elif cells[name].dtype == "float64" and (cells[name].dropna() % 1 == 0).all():
                cells[name] = cells[name].astype("Int64")
        part = file.with_name(f"{file.name}.part")
        cells.to_csv(part, index=False, lineterminator="\n")
        part.rename(file)
        return file


def programme(
    seed: int,
    *,
    effects: Mapping[str, float] = EFFECTS,
    regions: Sequence[str] = REGIONS,
    sectors: Sequence[str] = SECTORS,
    communities: int = 3,
    producers_per_community: int = 10,
    years: tuple[int, int] = (2009, 2013),
    prices: Mapping[str, float] | None = None,
    attrition: float = 0.13,
    attrition_gap: float = 0.06,
    item_missing: float = 0.02,
    selection: float = 0.1,
    newcomers: float = 0.02,
) -> Simulated:
    """Simulate a programme, and producers interviewed before and after it.

    The same seed gives the same people, whatever the effects.

    Parameters
    ----------
    effects : mapping
        Mean effect by outcome (`OUTCOMES`); an outcome not named has none. Amounts are soles at
        outcome prices and the same for everybody; yes/no outcomes are shares, -1 to 1.
    communities : int
        Of each arm in each stratum (region by sector).
    prices : mapping, optional
        Baseline prices of each region where those of the outcome are 1; without it, 1.
    attrition : float
        Share of baseline producers lost, about; poorer ones more.
    attrition_gap : float
        How much larger that share is among comparison producers.
    item_missing : float
        Share of cells left empty where questions are answered least often, about; of amounts,
        more so the higher the income.
    selection : float
        How much richer programme producers are from the start, as difference of log income.
    newcomers : float
        Share added at outcome who were not interviewed at baseline.

    Raises
    ------
    WorkbookError
        If an outcome is unknown, or a setting impossible.
    """
    for name in effects:
        if name not in OUTCOMES:
            raise unknown_choice(msg("Outcome"), name, OUTCOMES)
    shares = (attrition, attrition_gap, item_missing, newcomers)
    _check(regions, sectors, communities, producers_per_community, years, shares)
    random = np.random.default_rng(seed)
    people = model.draw(
        random, regions, len(sectors), communities, producers_per_community, selection, newcomers
    )
    without = model.untreated(random, people)
    treated = model.treated(random, without, effects)
    for answered in (without, treated):
        answered["days_worked"] = np.clip(np.rint(answered["days_worked"]), 0, 31)
    seen = model.seen(random, people, attrition, attrition_gap)
    answers = {
        name: np.stack([values[0], np.where(people.treated, treated[name], values[1])])
        for name, values in without.items()
    }
    answers |= model.delivered(random, people, answers)
    real = answers["income_soles"].copy()
    level = np.ones(len(regions)) if prices is None else np.array([prices[r] for r in regions])
    for name in ("income_soles", "sales_soles"):
        answers[name][0] = np.rint(answers[name][0] * level[people.region])
    answers |= model.household(random, people, years)
    model.leave_out(random, answers, real, item_missing)
    truth = _truth(people, without, treated, seen, effects)
    frame = _frame(people, answers, seen, regions, sectors, years)
    frame.attrs = {
        "source_kind": "simulated",
        "simulated": f"SIMULATED, nobody existed: icanalysis.producer_simulation, seed {seed}",
    }
    return Simulated(frame, truth, seed)


def shipped(
    data: DataFolder, seed: int = SEED, effects: Mapping[str, float] = EFFECTS
) -> Simulated:
    """Simulate the producers that the data package ships, at the prices of its regions.

    `shipped(open_data("data")).write(...)` makes the file again, byte for byte; another seed or
    other effects make another programme of the same regions, years and prices.
    """
    evaluation = data.evaluation
    years = evaluation.years()
    regions = [region.code for region in evaluation.reported_regions()]
    index = data.table("deflators").set_index(["region", "year"])["deflator"]
    return programme(
        seed,
        effects=effects,
        regions=regions,
        sectors=[sector.code for sector in evaluation.sectors],
        years=(years.baseline, years.outcome),
        prices={
            code: float(index[code, years.baseline] / index[code, years.outcome])
            for code in regions
        },
    )


def _check(
    regions: Sequence[str],
    sectors: Sequence[str],
    communities: int,
    producers: int,
    years: tuple[int, int],
    shares: Sequence[float],
) -> None:
    possible = min(len(regions), len(sectors), communities, producers) > 0 and years[0] < years[1]
    if not possible or not all(0 <= share < 1 for share in shares):
        raise WorkbookError(
            msg(
                "A simulated programme needs a region, a sector, a community of each arm and a "
                "producer at least, years in order, and shares from 0 to below 1."
            )
        )
    if len({_prefix(code) for code in regions}) < len(regions):
        raise WorkbookError(
            msg("Two regions begin with the same three letters, so their producers' IDs would mix.")
        )


def _prefix(region: str) -> str:
    return "".join(filter(str.isalpha, region))[:3].upper()


# --- what is handed over --------------------------------------------------------------------


def _truth(
    people: model.People,
    without: Answers,
    treated: Answers,
    seen: Flags,
    effects: Mapping[str, float],
) -> pd.DataFrame:
    """Average, among programme producers, what the programme changed; newcomers do not count."""
    gained = {name: treated[name] - without[name][1] for name in treated}
    gained["channels"] = np.sum([gained[name] for name in CHANNELS], axis=0)
    arm = people.treated & seen[0]
    followed = arm & seen[1]
    rows = {
        name: {
            "effect": np.average(gained[name][arm], weights=people.weight[arm]),
            "effect_followed": np.average(gained[name][followed], weights=people.weight[followed])
            if followed.any()
            else np.nan,
            "asked": float(effects.get(name, 0.0)),
        }
        for name in OUTCOMES
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("variable")


def _frame(
    people: model.People,
    answers: Answers,
    seen: Flags,
    regions: Sequence[str],
    sectors: Sequence[str],
    years: tuple[int, int],
) -> pd.DataFrame:
    """Lay out the table in the order of its key, one row per producer and wave."""
    order, ids, places = _codes(people, regions)
    who, wave = np.repeat(order, 2), np.tile([0, 1], order.size)
    met = seen[wave, who]
    who, wave = who[met], wave[met]
    told = {name: values[wave, who] for name, values in answers.items()}
    columns = {
        "producer_id": _text(ids, who),
        "wave": _text(WAVES, wave),
        "year": pd.array(np.array(years)[wave], dtype="Int64"),
        "region": _text(regions, people.region[who]),
        "community": _text(places, who),
        "sector": _text(sectors, people.sector[who]),
        "arm": _text(("comparison", "programme"), people.treated[who]),
        "weight": people.weight[who],
        "sex": _text(("man", "woman"), people.woman[who]),
        "mother_tongue": _text(model.TONGUES, told["mother_tongue"]),
        "area": _text(("rural", "urban"), people.urban[who]),
        "age": _whole(told["age"]),
        "household_size": _whole(told["household_size"]),
        "income_soles": told["income_soles"],
        "sales_soles": told["sales_soles"],
        "days_worked": _whole(told["days_worked"]),
        "formalised": _flag(told["formalised"]),
        **{name: _flag(told[name]) for name in CHANNELS},
        "fairs": _whole(told["fairs"]),
        "trained": _flag(told["trained"]),
        "training_hours": told["training_hours"],
        "credit": _flag(told["credit"]),
        "source_kind": _text(("simulated",), np.zeros(who.size)),
    }
    return pd.DataFrame(columns)


def _codes(people: model.People, regions: Sequence[str]) -> tuple[Integers, list[str], list[str]]:
    """Give the order of the producers, the ID of each, and the code of each one's community."""
    prefixes = np.array([_prefix(code) for code in regions])
    rank = prefixes.argsort().argsort()[people.region]
    order = np.lexsort((people.number, people.newcomer, rank))
    place = np.empty(order.size, dtype="int64")
    starts = np.searchsorted(rank[order], np.arange(len(regions)))
    place[order] = np.arange(order.size) - starts[rank[order]] + 1
    # As wide as the largest, so that the order of the texts is that of the numbers.
    width = max(4, len(str(place.max())))
    of_person = prefixes[people.region].tolist()
    ids = [f"{prefix}-{at:0{width}d}" for prefix, at in zip(of_person, place, strict=True)]
    numbered = zip(of_person, people.number.tolist(), strict=True)
    return order, ids, [f"{prefix}-C{at + 1:02d}" for prefix, at in numbered]


def _text(
    words: Sequence[str], codes: Integers | Flags | Floats
) -> pd.api.extensions.ExtensionArray:
    """Words by their position; a missing one where the position is."""
    known = pd.array(list(words), dtype="string")
    places = np.nan_to_num(codes.astype("float64"), nan=-1).astype("int64")
    return known.take(places, allow_fill=True)


def _whole(values: Floats) -> pd.api.extensions.ExtensionArray:
    missing = np.isnan(values)
    return pd.arrays.IntegerArray(np.where(missing, 0, values).astype("int64"), missing)


def _flag(values: Floats) -> pd.api.extensions.ExtensionArray:
    return pd.arrays.BooleanArray(values == 1, np.isnan(values))
