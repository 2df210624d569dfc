"""Producers as they are compared: two visits, one price level, percent, one region or all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from icanalysis.asked import ProducerIndicator, Producers, ProducerTrait
from icanalysis.errors import WorkbookError, unknown_choice
from icanalysis.language import msg
from icanalysis.load import DataFolder
from icanalysis.multiplicity import summary_index
from icanalysis.producers import BASELINE, COMMUNITY, OUTCOME, UNIT, WAVE, Waves

# How the two visits of a producer are compared.
DESIGN = {
    "period": WAVE,
    "baseline": BASELINE,
    "outcome": OUTCOME,
    "cluster": COMMUNITY,
    "unit": UNIT,
    "weight": "weight",
}
SIGNS = {"up": 1, "down": -1}
# What a comparison reads besides outcomes and groups: a narrow frame is quicker to cut.
READ = (UNIT, WAVE, COMMUNITY, "region", "stratum", "arm", "treated", "weight")


@dataclass(frozen=True)
class Outcome:
    """One outcome as it is estimated: yes/no ones in percent, amounts at one year's prices."""

    indicator: str
    variable: str
    unit: str
    direction: str
    groups: tuple[str, ...]

    @property
    def change_unit(self) -> str:
        """Unit of a change of it."""
        return "percentage_points" if self.unit == "percent" else self.unit


# All outcomes summed up; see `multiplicity.summary_index`.
INDEX = Outcome("producer_index", "index", "sd", "up", ())


@dataclass(frozen=True)
class Followed:
    """Producers of one region, or of all, as they are compared.

    `outcomes` are those the evaluation asks for and, last, the index that sums them up, where
    there are several to sum up.
    """

    panel: pd.DataFrame
    outcomes: tuple[Outcome, ...]
    traits: tuple[ProducerTrait, ...]
    common: Mapping[str, object]
    years: tuple[int, int]

    @property
    def period(self) -> str:
        """Years of the two visits."""
        return f"{self.years[0]}-{self.years[1]}"

    @property
    def at_baseline(self) -> pd.DataFrame:
        """One row per producer interviewed at baseline."""
        return self.panel[self.panel[WAVE] == BASELINE]

    def within(self, region: str) -> Followed:
        """Return those of one region, on the scale of all."""
        here = self.panel[self.panel["region"] == region]
        return replace(self, panel=here, common={**self.common, "region": region})

    def changes(self, variable: str) -> pd.DataFrame:
        """One row per producer interviewed at baseline, with `change`: missing for those lost."""
        last = self.panel[self.panel[WAVE] == OUTCOME].set_index(UNIT)[variable]
        first = self.at_baseline
        return first.assign(change=first[UNIT].map(last) - first[variable])


def outcomes_of(data: DataFolder, plan: Producers) -> list[Outcome]:
    """List the outcomes the evaluation asks for, with their records."""
    records = data.table("indicators").set_index("indicator")

    def made(item: ProducerIndicator) -> Outcome:
        record = records.loc[item.indicator]
        missing = bool(pd.isna(record["direction"]))
        direction = "" if missing else str(record["direction"])
        return Outcome(item.indicator, item.variable, str(record["unit"]), direction, item.groups)

    return [made(item) for item in plan.indicators]


def followed(data: DataFolder, plan: Producers, waves: Waves) -> Followed:
    """Prepare all producers: amounts at one year's prices, shares in percent, one index.

    Raises
    ------
    WorkbookError
        If an amount has no deflator, or a trait is taken from a column that is not there.
    """
    outcomes = outcomes_of(data, plan)
    first, last = int(waves.panel["year"].min()), int(waves.panel["year"].max())
    amounts = [item.variable for item in plan.indicators if item.amount]
    if plan.deflator and amounts:
        prices = data.table(plan.deflator.table).rename(columns={plan.deflator.value: "deflator"})
        waves = waves.at_prices(amounts, prices, last)
    shares = {
        item.variable: 100 * waves.panel[item.variable].astype("Float64").astype("float64")
        for item in outcomes
        if item.unit == "percent"
    }
    traits = {trait_column(item): _trait(waves.panel, item) for item in plan.traits}
    groups = [name for item in outcomes for name in item.groups]
    kept = dict.fromkeys([*READ, *groups, *(item.variable for item in outcomes)])
    panel = waves.panel[list(kept)].assign(**shares, **traits)
    index = _index(panel, outcomes)
    if index is not None:
        panel, outcomes = panel.assign(**{INDEX.variable: index}), [*outcomes, INDEX]
    common = {
        "region": data.evaluation.programme.whole,
        "statement_key": "producers",
        "source_kind": waves.source_kind,
        "source": f"{waves.source_kind}: {data.catalog.tables[plan.table].path.name}",
    }
    return Followed(panel, tuple(outcomes), plan.traits, common, (first, last))


def trait_column(item: ProducerTrait) -> str:
    """Name the column a trait is kept in: its own, for its variable is needed as it was answered."""
    return f"trait:{item.name}"


def _trait(panel: pd.DataFrame, item: ProducerTrait) -> pd.Series:
    """Return a trait as it stands or, of an answer, 100 for those who gave one of them."""
    if item.variable not in panel:
        raise unknown_choice(msg("Column"), item.variable, list(map(str, panel.columns)))
    told = panel[item.variable]
    if not item.answers:
        return told
    return (100.0 * told.isin(item.answers).astype("float64")).where(told.notna())


def _index(panel: pd.DataFrame, outcomes: Sequence[Outcome]) -> pd.Series | None:
    """Sum the outcomes up; None where there are not several that can be.

    An outcome that a producer told in one visit only does not enter in the other: what is summed
    up must be the same before and after. Scale and weights are those of all regions, so that the
    index means the same in every report.
    """
    signs = {item.variable: SIGNS[item.direction] for item in outcomes if item.direction in SIGNS}
    names = list(signs)
    if len(names) < 2:
        return None
    told = panel[names].notna().groupby(panel[UNIT]).transform("all")
    control = ~panel["treated"] & (panel[WAVE] == BASELINE)
    try:
        return summary_index(
            panel.assign(**{name: panel[name].where(told[name]) for name in names}),
            names,
            direction=signs,
            control=control,
            weight="weight",
        )
    except WorkbookError:
        return None
