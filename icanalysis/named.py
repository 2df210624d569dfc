"""What the codes in a run's lines are called, wherever they come from.

A run may be of a programme whose data are not at hand, or older than they: a code that nobody can
name stands as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from icanalysis import claims, terms
from icanalysis.compare import close
from icanalysis.disclosure import SUPPRESSED
from icanalysis.evaluation import JOINT
from icanalysis.evidence import STATEMENTS
from icanalysis.language import ABSENT, Language
from icanalysis.likeness import BALANCE
from icanalysis.load import DataFolder
from icanalysis.results import lines
from icanalysis.view import View, decimals

MOST_DECIMALS = 9  # more are not written (`Language.number`)


def producer_group(view: View, code: str) -> str:
    """Name a group of producers by the labels of their table."""
    plan = view.data.evaluation.producers
    name, _, value = code.partition(":")
    if not value or plan is None:
        return view.language.say("All producers")
    if name == "sector":
        return view.data.evaluation.sector_name(value, view.language)
    return view.label(plan.table, name, value)


def producer_source(view: View, text: str) -> str:
    """Name the file a figure comes from, or say that its producers are simulated."""
    kind, _, file = text.partition(": ")
    if kind == "simulated":
        return view.language.say("simulated producers ({file})", file=file)
    return file


def trait(view: View, variable: str) -> str:
    """Name what is compared at baseline."""
    plan = view.data.evaluation.producers
    for item in plan.traits if plan else ():
        if item.name == variable:
            return item.title.into(view.language.code)
    return view.name(variable)


@dataclass(frozen=True)
class Names:
    """Names for one reader, out of a data folder where there is one."""

    language: Language
    data: DataFolder | None = None

    @cached_property
    def _view(self) -> View | None:
        if self.data is None:
            return None
        evaluation = self.data.evaluation
        return View(self.data, lines([]), evaluation.everywhere, evaluation.years(), self.language)

    def _name(self, ask: Callable[[View], str], code: str) -> str:
        if self._view is None:
            return code
        try:
            return ask(self._view) or code
        except KeyError:
            return code

    def indicator(self, code: str) -> str:
        """Name an indicator."""
        return self._name(lambda view: view.name(code), code)

    def area(self, code: str) -> str:
        """Name a region, several joined ones, or the whole programme."""
        whole = self._name(lambda view: view.area(code), code)
        return self.language.listed(code.split(JOINT)) if whole == code else whole

    def unit(self, indicator: str, unit: str) -> str:
        """Name a unit: as the indicator's record does, if it is its own, else as another's."""
        plain = {
            "percent": "%",
            "percentage_points": self.language.say("percentage points"),
            "ratio": self.language.say("of the way to the target"),
        }
        return plain.get(unit) or self._units.get((indicator, unit)) or self._units.get(unit, unit)

    @cached_property
    def _units(self) -> dict[str | tuple[str, str], str]:
        """Names of units, of an indicator's own and of the first that has it."""
        found: dict[str | tuple[str, str], str] = {}
        if self._view is None:
            return found
        records = self._view.indicators
        names = ["unit", f"unit_{self.language.code}"]
        if not {*names}.issubset(records.columns):  # the data may be older than they
            return found
        for indicator, unit, name in records[names].dropna().itertuples():
            found[(indicator, unit)] = str(name)
            found.setdefault(unit, str(name))
        return found

    def group(self, indicator: str, code: str) -> str:
        """Name the group of a figure; empty for all."""
        if code == "all":
            return ""
        return ", ".join(self._part(indicator, part) for part in code.split(";"))

    def _part(self, indicator: str, code: str) -> str:
        say = self.language.say
        kind, _, rest = code.partition(":")
        known = terms.group(code, self.language)
        if kind == "donor":
            return self.area(rest)
        if kind == "without":
            return say("without {region}", region=self.area(rest))
        if kind in ("year", "arm"):
            arms = {"programme": say("participants"), "comparison": say("comparison group")}
            return arms.get(rest, rest)
        if indicator == BALANCE:
            return self._name(lambda view: trait(view, code), code)
        plan = self.data.evaluation.producers if self.data else None
        if plan and indicator in {item.indicator for item in plan.indicators}:
            return self._name(lambda view: producer_group(view, code), code)
        if known != code:
            return known
        return self._name(lambda view: view.split_group(code)[0] or view.split_group(code)[1], code)

    def source(self, text: str) -> str:
        """Write the source of a figure."""
        if text.startswith("simulated: seed "):
            return terms.survey_source(text, self.language)
        if text.startswith("simulated: "):
            return self.language.say("simulated ({file})", file=text.removeprefix("simulated: "))
        return terms.source(text, self.language)

    def statistic(self, code: str) -> str:
        """Name what was computed."""
        say = self.language.say
        words = {
            "level": say("level"),
            "change": say("change"),
            "achievement": say("achievement of the target"),
            "did": say("difference in differences"),
            "before_after": say("change without comparison"),
            "difference": say("difference between the groups"),
            "gap": say("gap to the mix of other regions"),
            "synthetic": say("the mix of other regions"),
            "weight": say("weight in the mix"),
            "event": say("difference, year by year"),
            "path": say("path over the years"),
            "pre_trend": say("trend before the programme"),
            "detectable": say("smallest effect that could be seen"),
            "largest": say("largest effect that is plausible"),
            "bounds": say("bounds for those lost"),
            "worst_case": say("worst case for those lost"),
            "shift": say("shift among those lost"),
            "joint": say("joint test"),
        }
        return words.get(code, code)

    def status(self, code: str) -> str:
        """Name a status, of whatever kind of figure."""
        say = self.language.say
        words = {
            "context": say("context"),
            "estimated": say("estimated"),
            "group_interval": say("interval of its group"),
            "visible": say("could be seen"),
            "not_visible": say("could not be seen"),
            "passed": say("passed"),
            "failed": say("failed"),
            "uninformative": say("shows nothing"),
            "untestable": say("cannot be tested"),
            SUPPRESSED: terms.withheld(self.language),
        }
        if code in words:
            return words[code]
        for name in (terms.status, terms.change_status, claims.verdict):
            try:
                return name(code, self.language)
            except KeyError:
                continue
        return code

    def statement(self, code: str) -> str:
        """Word what is said of a figure; empty where its status says it all."""
        say = self.language.say
        counted = {
            "counted_from_text": say("Counted from the text of its source."),
            "reported_count": say("Printed by its source."),
            "printed_in_words": say("Printed by its source in words."),
            "total_of_regions": say("The sum of the regions."),
        }
        if code in counted:
            return counted[code]
        known = next((statement for statement in STATEMENTS if statement == code), None)
        return claims.words(known, self.language) if known else ""

    def numbers(self, unit: str, before: float, after: float) -> tuple[str, str, str]:
        """Write two values and their difference, with as many decimals as tell them apart."""
        for places in range(decimals(unit), MOST_DECIMALS):
            told = self._written(before, after, places)
            if close(before, after) or (told[0] != told[1] and told[2][0] in "+−" + ABSENT):
                return told
        return self._written(before, after, MOST_DECIMALS)

    def _written(self, before: float, after: float, decimals: int) -> tuple[str, str, str]:
        write = self.language.number
        return (
            write(before, decimals),
            write(after, decimals),
            write(after - before, decimals, signed=True),
        )
