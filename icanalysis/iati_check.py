"""Whether a document is a valid IATI 2.03 activity file: by the schema, and by the rules beyond it.

Rules have the numbers of IATI's own validator; those called "own" are ours, where it is silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lxml import etree

from icanalysis.errors import WorkbookError
from icanalysis.iati_codes import LANGUAGE, PLANNED_END, PLANNED_START, QUALITATIVE
from icanalysis.language import CODES, Language, Message, msg

SCHEMA = Path(__file__).parent / "iati-2.03" / "iati-activities-schema.xsd"
VALUED = {"baseline": "8.8", "target": "8.9", "actual": "8.10"}
# As xs:decimal: no exponent and no thousands.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
# The rule that is broken, where, and what is wrong.
Broken = tuple[str, etree._Element, Message]


class NotValidError(WorkbookError):
    """A file was not written because it would not be valid; every problem is listed."""

    def __init__(self, file: str, problems: Sequence[Message]) -> None:
        super().__init__(msg("“{file}” was not written: it would not be valid IATI.", file=file))
        self.problems = tuple(problems)

    def told(self, language: Language) -> str:
        """Say that nothing was written, then each problem on a line."""
        return "\n".join(
            [super().told(language), *(f"  - {language.say(each)}" for each in self.problems)]
        )


def problems(document: bytes) -> list[Message]:
    """List what is wrong with a file; rules are asked only of one that the schema lets pass."""
    root = etree.fromstring(document)
    schema = etree.XMLSchema(etree.parse(SCHEMA, etree.XMLParser(no_network=True)))
    if not schema.validate(root):
        return [
            msg("line {line}: {trouble}", line=error.line, trouble=error.message)
            for error in schema.error_log
        ]
    return [
        msg(
            "line {line}, rule {rule}: {trouble}", line=place.sourceline, rule=rule, trouble=trouble
        )
        for check in RULES
        for activity in root.iterfind("iati-activity")
        for rule, place, trouble in check(activity)
    ]


def identifiers(activity: etree._Element) -> Iterator[Broken]:
    """1.1.1, 1.1.3, 1.3.13: the identifier is the publisher's reference, a hyphen and more."""
    place = activity.find("iati-identifier")
    ref, identifier = activity.find("reporting-org").get("ref"), place.text or ""
    if identifier == ref:
        yield "1.1.3", place, msg("the activity has the identifier of its publisher")
    elif not identifier.startswith(f"{ref}-"):
        yield "1.1.1", place, msg("the identifier does not begin with that of the publisher")
    for each in activity.iterfind("participating-org"):
        if re.search(r"[/&|?]|^\s|\s$", each.get("ref", "")):
            yield "1.8.13", each, msg("a reference holds one of / & | ? or a space")
    if re.search(r"[/&|?]|^\s|\s$", identifier):
        yield "1.3.13", place, msg("a reference holds one of / & | ? or a space")


def organisations(activity: etree._Element) -> Iterator[Broken]:
    """6.10.1, 6.8.1: an organisation has a reference or a name."""
    for tag, rule in (("participating-org", "6.10.1"), ("other-identifier/owner-org", "6.8.1")):
        for org in activity.iterfind(tag):
            if org.get("ref") is None and org.find("narrative") is None:
                yield rule, org, msg("an organisation has neither a reference nor a name")


def dates(activity: etree._Element) -> Iterator[Broken]:
    """6.11.1, 11.1.2: there is a start, and it does not come after the end."""
    days = {each.get("type"): each.get("iso-date") for each in activity.iterfind("activity-date")}
    if not days.keys() & {PLANNED_START, "2"}:
        yield "6.11.1", activity, msg("the activity has no start date")
    for start, end, rule in ((PLANNED_START, PLANNED_END, "11.1.2"), ("2", "4", "11.1.3")):
        if days.get(start, "") > days.get(end, "9999"):
            yield rule, activity, msg("the activity starts after it ends")


def sectors(activity: etree._Element) -> Iterator[Broken]:
    """6.2.2, 3.7.1: there is a sector, and a country or region."""
    if activity.find("sector") is None:
        yield "6.2.2", activity, msg("the activity has no sector")
    if activity.find("recipient-country") is None and activity.find("recipient-region") is None:
        yield "3.7.1", activity, msg("the activity has no recipient country or region")


def values(activity: etree._Element) -> Iterator[Broken]:
    """8.8, 8.9, 8.10: a value is a number and not absent; of what is qualitative there is none."""
    for indicator in activity.iterfind("result/indicator"):
        qualitative = indicator.get("measure") == QUALITATIVE
        for place in indicator.iter(*VALUED):
            value, rule = place.get("value"), VALUED[str(place.tag)]
            if qualitative and value is not None:
                yield f"{rule}.3", place, msg("a qualitative measure has a value")
            elif not qualitative and value is None:
                yield f"{rule}.1", place, msg("a value is missing; leave the element out instead")
            elif not qualitative and not _NUMBER.fullmatch(value or ""):
                yield f"{rule}.2", place, msg("“{value}” is not a number", value=value)


def periods(activity: etree._Element) -> Iterator[Broken]:
    """8.6.1: a period does not start after it ends."""
    for period in activity.iterfind("result/indicator/period"):
        start, end = (period.find(name).get("iso-date") for name in ("period-start", "period-end"))
        if start > end:
            yield "8.6.1", period, msg("a period starts after it ends")


def references(activity: etree._Element) -> Iterator[Broken]:
    """8.11.1: a reference stands at a result or at its indicators, not at both."""
    for result in activity.iterfind("result"):
        if result.find("reference") is not None and result.find("indicator/reference") is not None:
            yield "8.11.1", result, msg("a result and its indicator both have a reference")


def locations(activity: etree._Element) -> Iterator[Broken]:
    """Own: a value's location is one of the activity's; the standard says so, no validator looks."""
    known = {each.get("ref") for each in activity.iterfind("location")}
    for place in activity.iterfind("result/indicator//location"):
        if place.get("ref") not in known:
            yield (
                "own",
                place,
                msg("the activity has no location “{place}”", place=place.get("ref")),
            )


def dimensions(activity: etree._Element) -> Iterator[Broken]:
    """Own: a dimension is a label and what it labels; the number is the value's."""
    for place in activity.iterfind("result/indicator//dimension"):
        if not place.get("name") or not place.get("value"):
            yield "own", place, msg("a dimension lacks its name or its label")
        elif _NUMBER.fullmatch(place.get("value", "")):
            yield "own", place, msg("a dimension has a number for its label")


def cells(activity: etree._Element) -> Iterator[Broken]:
    """Own: a period has one actual and one target for each cell of a breakdown."""
    for period in activity.iterfind("result/indicator/period"):
        seen = set()
        for place in period.iterfind("*"):
            parts = [sorted(part.attrib.items()) for part in place.iterfind("*")]
            cell = (str(place.tag), str(parts))
            if cell in seen and place.tag in VALUED:
                yield "own", place, msg("two values are of the same place and group")
            seen.add(cell)


def narratives(activity: etree._Element) -> Iterator[Broken]:
    """4.1.1, and own: what is told is told in every language, each with its code, none empty."""
    for parent in {place.getparent(): None for place in activity.iter("narrative")}:
        told = [place.get(LANGUAGE) for place in parent.iterfind("narrative")]
        if None in told:
            yield "4.1.1", parent, msg("a narrative does not say its language")
        elif sorted(told) != sorted(CODES):
            yield "own", parent, msg("a narrative is not told once in each language")
        if any(not (place.text or "").strip() for place in parent.iterfind("narrative")):
            yield "4.3.1", parent, msg("a narrative is empty")


RULES: tuple[Callable[[etree._Element], Iterator[Broken]], ...] = (
    identifiers,
    organisations,
    dates,
    sectors,
    values,
    periods,
    references,
    locations,
    dimensions,
    cells,
    narratives,
)
