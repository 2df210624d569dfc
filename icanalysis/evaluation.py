"""What is being evaluated: evaluation.toml, read and checked.

Everything particular to a programme or a country stands in that file and in the
data package; nothing of it is in the code.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.types import StringConstraints
from pydantic_core import ErrorDetails, PydanticCustomError

from icanalysis.errors import DataError, Problem, WorkbookError, unknown_choice
from icanalysis.language import Code, Language, Message, language, locale_exists, msg

FILE = "evaluation.toml"
# Joins the codes of regions or sectors that share one published figure.
JOINT = "+"
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]


def _ask(*checks: tuple[bool, Message]) -> None:
    """Refuse a part of the file, telling every check that does not hold."""
    if troubles := [trouble for holds, trouble in checks if not holds]:
        raise PydanticCustomError("asked", "asked", {"troubles": troubles})


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Part):
    """The same words in both languages."""

    es: str
    en: str

    def into(self, code: Code) -> str:
        """Return the words in one language."""
        return self.es if code == "es" else self.en


class Years(_Part):
    """The year taken as baseline and the year being judged."""

    baseline: int
    outcome: int

    @model_validator(mode="after")
    def _in_order(self) -> Years:
        _ask(
            (
                self.baseline < self.outcome,
                msg("the baseline year must come before the outcome year"),
            )
        )
        return self


class Period(_Part):
    """First and last year of the programme's planned execution."""

    start: int
    end: int

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        _ask((self.start <= self.end, msg("the period must not end before it starts")))
        return self


class Programme(_Part):
    """The programme: its name, its planned period and the source that gives it."""

    code: Identifier
    title: Text
    country: str
    period: Period
    source_id: str
    whole: Identifier
    whole_name: Text


class Region(_Part):
    """One area for which figures are published; its name may differ between languages."""

    code: Identifier
    name: str | Text
    role: Literal["programme", "comparison", "reference", "part"]
    ubigeo: str | None = None
    iso: str | None = None

    def named(self, code: Code) -> str:
        """Return the region's name in one language."""
        return self.name if isinstance(self.name, str) else self.name.into(code)


class Named(_Part):
    """A code and its name: a sector, an agency."""

    code: Identifier
    name: Text


def _each_once(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    counts = Counter(part.code for part in parts)
    repeated = ", ".join(code for code, count in counts.items() if count > 1)
    _ask((not repeated, msg("more than one has the code {codes}", codes=repeated)))
    return parts


class Achievement(_Part):
    """The scheme that turns a ratio into a word; cut-offs are shares of the target."""

    scheme: Text
    achieved: float
    on_track: float
    moderate: float

    @model_validator(mode="after")
    def _descending(self) -> Achievement:
        falling = self.achieved > self.on_track > self.moderate > 0
        _ask((falling, msg("the cut-offs must fall: achieved > on_track > moderate > 0")))
        return self


class Deflator(_Part):
    """Price index that turns nominal amounts into amounts at one year's prices."""

    table: str
    value: str


class GroupInterval(_Part):
    """Interval published for a group of similar regions, not for one of them."""

    indicator: str
    table: str
    low: str
    high: str
    where: dict[str, str] = {}


class Context(_Part):
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
        _ask((first <= last, msg("the first of the baselines must not come after the last")))
        return self


class Coverage(_Part):
    """Where to find how many were reached, and of how many.

    Up to `negligible_pct` a programme cannot show in its regions' series, and reports say so.
    """

    indicator: str
    reached: str
    table: str
    value: str
    year: int
    negligible_pct: float = 1.0


class HouseholdIndicator(_Part):
    """One indicator taken from household microdata.

    `variable` is a tidy yes/no variable of the module (data/enaho/variables.csv); `per` says
    whose share it is; `groups` are the columns it is broken down by, where the files have them.
    """

    indicator: str
    module: Literal["sumaria", "governance"]
    variable: str
    per: Literal["person", "household"]
    groups: tuple[str, ...] = ()


class Households(_Part):
    """What is asked of household microdata.

    `simulated_from` is the context series that households are simulated to agree with where
    there are no files. `joined` gives the region a department counts with, by its code, where
    it is not one of its own.
    """

    simulated_from: str
    seed: int = 1
    joined: dict[str, str] = {}
    indicators: tuple[HouseholdIndicator, ...]


def _known_locale(name: str) -> str:
    _ask((locale_exists(name), msg("the locale “{name}” does not exist", name=name)))
    return name


class Locales(Text):
    """The locale each language is written in."""

    es: Annotated[str, AfterValidator(_known_locale)]
    en: Annotated[str, AfterValidator(_known_locale)]


class Languages(_Part):
    """Which language comes first, and the locale each is written in."""

    default: Code
    locale: Locales


class Evaluation(_Part):
    """The whole of evaluation.toml."""

    programme: Programme
    periods: dict[str, Years]
    languages: Languages
    regions: Annotated[tuple[Region, ...], AfterValidator(_each_once)]
    sectors: Annotated[tuple[Named, ...], AfterValidator(_each_once)]
    agencies: Annotated[tuple[Named, ...], AfterValidator(_each_once)]
    achievement: Achievement
    context: tuple[Context, ...]
    coverage: Coverage | None = None
    households: Households | None = None

    @model_validator(mode="after")
    def _complete(self) -> Evaluation:
        roles = Counter(region.role for region in self.regions)
        codes = {region.code for region in self.regions}
        homes = self.households
        series = {item.indicator for item in self.context}
        _ask(
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
            ("official" in self.periods, msg("periods.official is missing")),
        )
        return self

    def reported_regions(self, *, every: bool = False) -> tuple[Region, ...]:
        """Regions that get a report: the programme's or, with `every`, comparison ones too."""
        roles = {"programme", "comparison"} if every else {"programme"}
        return tuple(region for region in self.regions if region.role in roles)

    @property
    def reference(self) -> Region | None:
        """The region shown beside each other one (the country), if any."""
        return next((region for region in self.regions if region.role == "reference"), None)

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


def read_evaluation(folder: Path) -> Evaluation:
    """Read and check a data folder's evaluation.toml.

    Raises
    ------
    WorkbookError
        If there is none.
    DataError
        If it departs from its form; every fault is listed.
    """
    path = folder / FILE
    if not path.is_file():
        values = {"folder": folder.name, "file": FILE}
        raise WorkbookError(msg("“{folder}” is not a data folder: it holds no {file}.", **values))
    try:
        return Evaluation.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError as error:
        fault, remedy = msg("not UTF-8 text"), msg("save it again as UTF-8")
        raise DataError([Problem(FILE, fault, remedy)]) from error
    except tomllib.TOMLDecodeError as error:
        note, _, place = str(error).partition(" (at line ")
        fault, remedy = msg("not valid TOML: {note}", note=note), msg("correct the file's syntax")
        line = int(place.split(",")[0]) if place else None
        raise DataError([Problem(FILE, fault, remedy, line=line)]) from error
    except ValidationError as error:
        raise DataError([item for detail in error.errors() for item in _told(detail)]) from error


def _told(detail: ErrorDetails) -> list[Problem]:
    """Word one of pydantic's findings; its own English text is kept for the rarer ones."""
    # Lists are counted from one, as a reader does: regions.2.code is the second region's.
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in detail["loc"])
    if detail["type"] == "missing":
        return [Problem(FILE, msg("“{key}” is missing", key=key), msg("add it"))]
    if detail["type"] == "extra_forbidden":
        trouble = msg("“{key}” is not a key this file knows", key=key)
        return [Problem(FILE, trouble, msg("check its spelling, or remove it"))]
    if detail["type"] == "asked":
        asked = detail["ctx"]["troubles"]
        troubles = [
            msg("“{key}”: {trouble}", key=key, trouble=each) if key else each for each in asked
        ]
        return [Problem(FILE, trouble, msg("correct the value")) for trouble in troubles]
    found = None if isinstance(detail["input"], dict | list) else str(detail["input"])
    return [Problem(FILE, msg("“{key}” does not fit", key=key), _wanted(detail), found=found)]


def _wanted(detail: ErrorDetails) -> Message:
    """Say what pydantic would have accepted."""
    kind = detail["type"]
    if kind == "literal_error":
        choices = ", ".join(re.findall(r"'([^']*)'", detail["ctx"]["expected"]))
        return msg("write one of: {choices}", choices=choices)
    if kind == "string_pattern_mismatch":
        return msg("write lower-case letters, digits, - and _, beginning with a letter")
    if kind.startswith("int"):
        return msg("write {allowed}", allowed=msg("a whole number"))
    if kind.startswith("string"):
        return msg("write a text between quotation marks")
    return msg("correct it: {description}", description=detail["msg"])
