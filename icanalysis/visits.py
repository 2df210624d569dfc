"""Producers of a region, or of all, as they are compared: two visits, one price level, percent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from icanalysis.asked import ProducerIndicator, Producers
from icanalysis.errors import WorkbookError
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
# Compared at baseline besides the outcomes: what the programme cannot have changed.
TRAITS = {
    "age": "years",
    "household_size": "persons",
    "woman": "percent",
    "indigenous_language": "percent",
    "rural": "percent",
}
INDIGENOUS = ("quechua", "aymara")


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
    """Producers of one region, or of all, as they are compared."""

    panel: pd.DataFrame
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


def followed(
    data: DataFolder, plan: Producers, waves: Waves, outcomes: Sequence[Outcome], region: str
) -> Followed:
    """Choose the producers of a region, put amounts at one year's prices and shares in percent."""
    first, last = int(waves.panel["year"].min()), int(waves.panel["year"].max())
    amounts = [item.variable for item in plan.indicators if item.amount]
    if plan.deflator and amounts:
        prices = data.table(plan.deflator.table).rename(columns={plan.deflator.value: "deflator"})
        waves = waves.at_prices(amounts, prices, last)
    panel = waves.panel
    if region != data.evaluation.programme.whole:
        panel = panel[panel["region"] == region]
    table = data.catalog.tables[plan.table]
    panel = panel.assign(
        woman=_percent(panel["sex"] == "woman", panel["sex"]),
        rural=_percent(panel["area"] == "rural", panel["area"]),
        indigenous_language=_percent(
            panel["mother_tongue"].isin(INDIGENOUS), panel["mother_tongue"]
        ),
        **{
            item.variable: 100 * panel[item.variable].astype("Float64").astype("float64")
            for item in outcomes
            if item.unit == "percent"
        },
    )
    common = {
        "region": region,
        "statement_key": "producers",
        "source_kind": waves.source_kind,
        "source": f"{waves.source_kind}: {table.path.name}",
    }
    return Followed(panel, common, (first, last))


def _percent(holds: pd.Series, told: pd.Series) -> pd.Series:
    return (100.0 * holds.astype("float64")).where(told.notna())


def with_index(found: Followed, outcomes: Sequence[Outcome]) -> Followed | None:
    """Add the index that sums up the outcomes; None where there is none to sum up."""
    signs = {"up": 1, "down": -1}
    judged = {item.variable: signs[item.direction] for item in outcomes if item.direction in signs}
    control = ~found.panel["treated"] & (found.panel[WAVE] == BASELINE)
    try:
        index = summary_index(
            found.panel, list(judged), direction=judged, control=control, weight="weight"
        )
    except WorkbookError:
        return None
    return replace(found, panel=found.panel.assign(**{INDEX.variable: index}))
