"""What is being evaluated: the parts of evaluation.toml, checked.

Everything particular to a programme or a country stands in that file and in the
data package; nothing of it is in the code.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, model_validator
from pydantic.types import PositiveInt, StringConstraints

from icanalysis.asked import (
    Breakdown,
    Context,
    Coverage,
    Disclosure,
    Households,
    Iati,
    Map,
    Part,
    Producers,
    Text,
    ask,
)
from icanalysis.errors import WorkbookError, unknown_choice
from icanalysis.language import Code, Language, Message, language, locale_exists, msg

FILE = "evaluation.toml"
# Joins the codes of regions or sectors that share one published figure.
JOINT = "+"
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]


class Years(Part):
    """The year taken as baseline and the year being judged."""

    baseline: int
    outcome: int

    @model_validator(mode="after")
    def _in_order(self) -> Years:
        ask(
            (
                self.baseline < self.outcome,
                msg("the baseline year must come before the outcome year"),
            )
        )
        return self


class Period(Part):
    """First and last year of the programme's planned execution."""

    start: int
    end: int

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        ask((self.start <= self.end, msg("the period must not end before it starts")))
        return self


class Programme(Part):
    """The programme: its name, its planned period and the source that gives it."""

    code: Identifier
    title: Text
    country: str
    period: Period
    source_id: str
    whole: Identifier
    whole_name: Text


class Region(Part):
    """One area for which figures are published; its name may differ between languages.

    `tile` is its row and column on the tile map, from the north-west.
    """

    code: Identifier
    name: str | Text
    role: Literal["programme", "comparison", "reference", "part"]
    ubigeo: str | None = None
    iso: str | None = None
    tile: tuple[PositiveInt, PositiveInt] | None = None

    def named(self, code: Code) -> str:
        """Return the region's name in one language."""
        return self.name if isinstance(self.name, str) else self.name.into(code)


class Named(Part):
    """A code and its name: a sector, an agency."""

    code: Identifier
    name: Text


class Agency(Named):
    """Who receives a bundle, in which language, and to what it is confined: empty is to nothing."""

    language: Code | None = None
    regions: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()


def _each_once(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    counts = Counter(part.code for part in parts)
    repeated = ", ".join(code for code, count in counts.items() if count > 1)
    ask((not repeated, msg("more than one has the code {codes}", codes=repeated)))
    return parts


class Achievement(Part):
    """The scheme that turns a ratio into a word; cut-offs are shares of the target."""

    scheme: Text
    achieved: float
    on_track: float
    moderate: float

    @model_validator(mode="after")
    def _descending(self) -> Achievement:
        falling = self.achieved > self.on_track > self.moderate > 0
        ask((falling, msg("the cut-offs must fall: achieved > on_track > moderate > 0")))
        return self


def _known_locale(name: str) -> str:
    ask((locale_exists(name), msg("the locale “{name}” does not exist", name=name)))
    return name


class Locales(Text):
    """The locale each language is written in."""

    es: Annotated[str, AfterValidator(_known_locale)]
    en: Annotated[str, AfterValidator(_known_locale)]


class Languages(Part):
    """Which language comes first, and the locale each is written in."""

    default: Code
    locale: Locales


class Evaluation(Part):
    """The whole of evaluation.toml."""

    programme: Programme
    periods: dict[str, Years]
    languages: Languages
    regions: Annotated[tuple[Region, ...], AfterValidator(_each_once)]
    sectors: Annotated[tuple[Named, ...], AfterValidator(_each_once)]
    agencies: Annotated[tuple[Agency, ...], AfterValidator(_each_once)]
    achievement: Achievement
    context: tuple[Context, ...]
    coverage: Coverage | None = None
    households: Households | None = None
    producers: Producers | None = None
    breakdowns: Annotated[tuple[Breakdown, ...], AfterValidator(_each_once)] = ()
    map: Map | None = None
    disclosure: Disclosure = Disclosure()
    iati: Iati = Iati()

    @model_validator(mode="after")
    def _complete(self) -> Evaluation:
        roles = Counter(region.role for region in self.regions)
        codes = {region.code for region in self.regions}
        homes = self.households
        series = {item.indicator for item in self.context}
        tiles = Counter(region.tile for region in self.regions if region.tile)
        shared = "; ".join(str(list(tile)) for tile, count in tiles.items() if count > 1)
        ask(
            (
                homes is None or homes.simulated_from in series,
                msg("households.simulated_from is not one of the context series"),
            ),
            (
                homes is None or set(homes.joined.values()) <= codes,
                msg("households.joined names a region that does not exist"),
            ),
            (roles["programme"] > 0, msg("no region has the role “programme”")),
            (roles["reference"] < 2, msg("more than one region has the role “reference”")),
            (self.programme.whole not in codes, msg("programme.whole is also a region's code")),
            (not shared, msg("several regions have the tile {tiles}", tiles=shared)),
            ("official" in self.periods, msg("periods.official is missing")),
            *(self._confined(agency) for agency in self.agencies),
        )
        return self

    def _confined(self, agency: Agency) -> tuple[bool, Message]:
        """Whether an agency is confined to regions and sectors that there are."""
        regions = {region.code for region in self.reported_regions(every=True)}
        sectors = {sector.code for sector in self.sectors}
        wrong = {*agency.regions} - regions | {*agency.sectors} - sectors
        unknown = ", ".join(sorted(wrong))
        return not unknown, msg(
            "agency {agency} is confined to {codes}, which no region or sector is called",
            agency=agency.code,
            codes=unknown,
        )

    def places(self, agency: Agency) -> frozenset[str] | None:
        """Return the regions whose figures concern an agency, the whole and the country among them.

        A joint figure concerns it if one of its regions does. None if all do.
        """
        if not agency.regions:
            return None
        country = [self.reference.code] if self.reference else []
        return frozenset([self.programme.whole, *agency.regions, *country])

    def agency(self, code: str) -> Agency:
        """Return the agency with this code, in whichever case it is written.

        Raises
        ------
        WorkbookError
            Naming the nearest and all that there are.
        """
        for agency in self.agencies:
            if agency.code == code.lower():
                return agency
        raise unknown_choice(msg("Agency"), code, [agency.code for agency in self.agencies])

    def reported_regions(self, *, every: bool = False) -> tuple[Region, ...]:
        """Regions that get a report: the programme's or, with `every`, comparison ones too."""
        roles = {"programme", "comparison"} if every else {"programme"}
        return tuple(region for region in self.regions if region.role in roles)

    @property
    def reference(self) -> Region | None:
        """The region shown beside each other one (the country), if any."""
        return next((region for region in self.regions if region.role == "reference"), None)

    @property
    def everywhere(self) -> Region:
        """The programme as a whole, seen as one region."""
        programme = self.programme
        return Region(code=programme.whole, name=programme.whole_name, role="reference")

    def region(self, code: str) -> Region:
        """Return the region with this code.

        Raises
        ------
        WorkbookError
            Naming the nearest region and all that may be reported on.
        """
        choices = self.reported_regions(every=True)
        for region in choices:
            if region.code == code:
                return region
        raise unknown_choice(msg("Region"), code, [region.code for region in choices])

    def years(self, baseline: int | None = None, outcome: int | None = None) -> Years:
        """Return the official baseline and outcome years, either replaced by the one given.

        Raises
        ------
        WorkbookError
            If the baseline does not come before the outcome.
        """
        usual = self.periods["official"]
        first = usual.baseline if baseline is None else baseline
        last = usual.outcome if outcome is None else outcome
        if first >= last:
            trouble = msg(
                "The baseline year ({baseline}) must come before the outcome year ({outcome}).",
                baseline=first,
                outcome=last,
            )
            raise WorkbookError(trouble)
        return Years(baseline=first, outcome=last)

    def area_name(self, code: str, reader: Language) -> str:
        """Name a region, the whole programme, or several regions joined by "+"."""
        if code == self.programme.whole:
            return self.programme.whole_name.into(reader.code)
        names = {region.code: region.named(reader.code) for region in self.regions}
        return reader.listed([names[part] for part in code.split(JOINT)])

    def sector_name(self, code: str, reader: Language) -> str:
        """Name a sector, or several joined by "+"."""
        names = {sector.code: sector.name.into(reader.code) for sector in self.sectors}
        return reader.listed([names[part] for part in code.split(JOINT)])

    def language(self, code: str) -> Language:
        """Return a language, written the way this evaluation's locale has it."""
        reader = language(code)
        return language(code, self.languages.locale.into(reader.code))
