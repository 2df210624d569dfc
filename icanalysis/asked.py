"""What an evaluation asks of each kind of data: the parts of evaluation.toml on figures, checked."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
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


class Dominance(Part):
    """How much of a total its largest contributors may hold between them."""

    largest: int = Field(default=2, ge=1)
    share: float = Field(default=0.9, gt=0, le=1)


class Disclosure(Part):
    """What may be shown of people: figures that rest on too few of them are withheld.

    `people` and `psus` are the fewest households or producers, and sampling units, that a figure
    may rest on. Counts of them are rounded to multiples of `round_to`; 0 leaves them as they are.
    """

    people: int = Field(default=10, ge=1)
    psus: int = Field(default=3, ge=1)
    round_to: int = Field(default=0, ge=0)
    dominance: Dominance = Dominance()

    @model_validator(mode="after")
    def _never_nought(self) -> Disclosure:
        ask(
            (
                self.round_to <= 2 * self.people,
                msg(
                    "disclosure.round_to must be at most twice disclosure.people: a count would be 0"
                ),
            )
        )
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


class ProducerTrait(Part):
    """What producers are compared in at baseline besides the outcomes: nothing a programme changes.

    `variable` is a column of the table: a number in `unit` or, with `answers`, the share of those
    who answered one of them, in percent.
    """

    name: str
    title: Text
    variable: str
    answers: tuple[str, ...] = ()
    unit: str = "percent"


class Producers(Part):
    """What is asked of the survey of producers, reached and not reached, before and after."""

    table: str
    deflator: Deflator | None = None
    indicators: tuple[ProducerIndicator, ...]
    traits: tuple[ProducerTrait, ...] = ()


class Breakdown(Part):
    """One way figures may be broken down: by sex, by people, by area, by sector.

    `groups` are the names with which lines tell its groups (sex for sex:woman). `units` are what
    an indicator the programme reports on has to count for the breakdown to be asked of it; of
    households and producers it is asked where their own `groups` name it.
    """

    code: str
    name: Text
    groups: tuple[str, ...]
    units: tuple[str, ...] = ()


class Map(Part):
    """The user's own map: a GeoJSON file of the data folder, drawn instead of tiles.

    `key` is the property of its features that holds a region's ubigeo, ISO code or code.
    """

    geojson: str
    key: str

    @model_validator(mode="after")
    def _in_the_folder(self) -> Map:
        path = PurePath(self.geojson)
        inside = not path.is_absolute() and ".." not in path.parts
        ask((inside, msg("the map's file must be in the data folder")))
        return self


def _plain(reference: str) -> str:
    fine = re.fullmatch(r"[^\s/&|?]+", reference) is not None
    ask((fine, msg("an identifier of IATI holds no spaces and none of / & | ?")))
    return reference


Reference = Annotated[str, AfterValidator(_plain)]
# IATI's list of kinds of organisation, from government to other.
OrganisationType = Literal[
    "10", "11", "15", "21", "22", "23", "24", "30", "40", "60", "70", "71", "72", "73", "80", "90"
]  # fmt: skip


class ReportingOrganisation(Part):
    """Who publishes the IATI file: its registered reference, its kind and its name."""

    ref: Reference
    type: OrganisationType
    name: Text


class ParticipatingOrganisation(Part):
    """Who else took part, and in which role: 1 funding, 2 accountable, 3 extending, 4 implementing.

    The agencies of the evaluation are implementing ones without being named again.
    """

    name: Text
    role: Literal["1", "2", "3", "4"]
    ref: Reference | None = None
    type: OrganisationType | None = None


class OtherIdentifier(Part):
    """A code the activity has in somebody's register, by IATI's list of kinds of such codes."""

    ref: str
    owner: Text
    type: Literal["A1", "A2", "A3", "A9", "B1", "B9"] = "A9"


class Iati(Part):
    """What the IATI file says of the activity that no figure depends on.

    `status` is a code of IATI's list: 1 pipeline, 2 implementation, 3 finalisation, 4 closed,
    5 cancelled, 6 suspended. What is not known is left out: nothing here is made up.
    """

    identifier: Reference | None = None
    reporting_org: ReportingOrganisation | None = None
    status: Literal["1", "2", "3", "4", "5", "6"] | None = None
    other_identifiers: tuple[OtherIdentifier, ...] = ()
    organisations: tuple[ParticipatingOrganisation, ...] = ()

    @model_validator(mode="after")
    def _registered(self) -> Iati:
        org, identifier = self.reporting_org, self.identifier or ""
        ask(
            (
                (org is None) == (not identifier),
                msg("an identifier and a reporting_org go together: give both or neither"),
            ),
            (
                org is None or not identifier or identifier.startswith(f"{org.ref}-"),
                msg("the identifier must begin with the reference of the reporting_org and a -"),
            ),
        )
        return self
