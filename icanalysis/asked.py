"""What an evaluation asks of each kind of data: the parts of evaluation.toml on figures, checked."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from icanalysis.language import Code, Message, msg


def ask(*checks: tuple[bool, Message]) -> None:
    """Refuse a part of the file, telling every check that does not hold."""
    if troubles := [trouble for holds, trouble in checks if not holds]:
        raise PydanticCustomError("asked", "asked", {"troubles": troubles})


class Part(BaseModel):
    """A part of the file: nothing but its own keys, and never changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Part):
    """The same words in both languages."""

    es: str
    en: str

    def into(self, code: Code) -> str:
        """Return the words in one language."""
        return self.es if code == "es" else self.en


class Deflator(Part):
    """Price index that turns nominal amounts into amounts at one year's prices."""

    table: str
    value: str


class GroupInterval(Part):
    """Interval published for a group of similar regions, not for one of them."""

    indicator: str
    table: str
    low: str
    high: str
    where: dict[str, str] = {}


class Context(Part):
    """One official series, and how its change is expressed."""

    indicator: str
    table: str
    value: str
    change: Literal["points", "percent"]
    baselines: tuple[int, int]
    where: dict[str, str] = {}
    basis: str | None = None
    deflator: Deflator | None = None
    group_interval: GroupInterval | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Context:
        first, last = self.baselines
        ask((first <= last, msg("the first of the baselines must not come after the last")))
        return self


class Coverage(Part):
    """Where to find how many were reached, and of how many.

    Up to `negligible_pct` a programme cannot show in its regions' series, and reports say so.
    `largest_effect` is the most that those reached can have gained: 100 for all of them out of
    poverty, or every income doubled.
    """

    indicator: str
    reached: str
    table: str
    value: str
    year: int
    negligible_pct: float = 1.0
    largest_effect: float = 100.0


class HouseholdIndicator(Part):
    """One indicator taken from household microdata.

    `variable` is a tidy yes/no variable of the module (data/enaho/variables.csv); `per` says
    whose share it is; `groups` are the columns it is broken down by, where the files have them.
    """

    indicator: str
    module: Literal["sumaria", "governance"]
    variable: str
    per: Literal["person", "household"]
    groups: tuple[str, ...] = ()


class Households(Part):
    """What is asked of household microdata.

    `simulated_from` is the context series that households are simulated to agree with where
    there are no files. `joined` gives the region a department counts with, by its code, where
    it is not one of its own.
    """

    simulated_from: str
    seed: int = 1
    joined: dict[str, str] = {}
    indicators: tuple[HouseholdIndicator, ...]


class ProducerIndicator(Part):
    """One outcome of the producers' survey, and what it may be broken down by.

    `variable` is a column of the table, `amount` tells that it is money of its year. `groups`
    are the only ones tested: they were named before anybody looked.
    """

    indicator: str
    variable: str
    amount: bool = False
    groups: tuple[str, ...] = ()


class Producers(Part):
    """What is asked of the survey of producers, reached and not reached, before and after."""

    table: str
    deflator: Deflator | None = None
    indicators: tuple[ProducerIndicator, ...]
