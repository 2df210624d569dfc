"""What is being evaluated: evaluation.toml, read and checked.

Everything particular to a programme or a country stands in that file and in the
data package; nothing of it is in the code.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails

from icanalysis.errors import DataError, Problem, WorkbookError, unknown_choice
from icanalysis.language import Code, Language, Message, language, msg

FILE = "evaluation.toml"
# Joins the codes of regions or sectors that share one published figure.
JOINT = "+"
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]


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
        if self.baseline >= self.outcome:
            raise ValueError("the baseline year must come before the outcome year")
        return self


class Period(_Part):
    """First and last year of the programme's planned execution."""

    start: int
    end: int


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


class Achievement(_Part):
    """The scheme that turns a ratio into a word; cut-offs are shares of the target."""

    scheme: Text
    achieved: float
    on_track: float
    moderate: float

    @model_validator(mode="after")
    def _descending(self) -> Achievement:
        if not self.achieved > self.on_track > self.moderate > 0:
            raise ValueError("the cut-offs must fall: achieved > on_track > moderate > 0")
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


class Coverage(_Part):
    """Where to find how many were reached, and of how many."""

    indicator: str
    reached: str
    table: str
    value: str
    year: int


class Languages(_Part):
    """Which language comes first, and the locale each is written in."""

    default: Code
    locale: Text


class Evaluation(_Part):
    """The whole of evaluation.toml."""

    programme: Programme
    periods: dict[str, Years]
    languages: Languages
    regions: tuple[Region, ...]
    sectors: tuple[Named, ...]
    agencies: tuple[Named, ...]
    achievement: Achievement
    context: tuple[Context, ...]
    coverage: Coverage | None = None

    @model_validator(mode="after")
    def _complete(self) -> Evaluation:
        codes = [region.code for region in self.regions]
        repeated = sorted({code for code in codes if codes.count(code) > 1})
        if repeated:
            raise ValueError(f"regions repeat the code {', '.join(repeated)}")
        if not self.reported_regions():
            raise ValueError('no region has the role "programme"')
        if "official" not in self.periods:
            raise ValueError("periods.official is missing")
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
        programme_first = [region.code for region in choices]
        raise unknown_choice(msg("Region"), code, programme_first)

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
            raise WorkbookError(
                msg(
                    "The baseline year ({baseline}) must come before the outcome year ({outcome}).",
                    baseline=first,
                    outcome=last,
                )
            )
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
        raise WorkbookError(
            msg(
                "“{folder}” is not a data folder: it holds no {file}.",
                folder=folder.name,
                file=FILE,
            )
        )
    try:
        return Evaluation.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = msg("not valid TOML: {note}", note=str(error))
        raise DataError([Problem(FILE, fault, msg("correct the file's syntax"))]) from error
    except ValidationError as error:
        raise DataError([_problem(detail) for detail in error.errors()]) from error


def _problem(detail: ErrorDetails) -> Problem:
    """Word one of pydantic's findings; its own English text is kept for the rarer ones."""
    key = ".".join(str(part) for part in detail["loc"])
    kind = detail["type"]
    trouble: Message
    if kind == "missing":
        return Problem(FILE, msg("“{key}” is missing", key=key), msg("add it"))
    if kind == "extra_forbidden":
        trouble = msg("“{key}” is not a key this file knows", key=key)
        return Problem(FILE, trouble, msg("check its spelling, or remove it"))
    trouble = msg("“{key}” does not fit: {note}", key=key, note=detail["msg"])
    found = None if isinstance(detail["input"], dict) else str(detail["input"])
    return Problem(FILE, trouble, msg("correct the value"), found=found)
