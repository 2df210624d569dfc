"""The results of an IATI 2.03 activity: indicators, baselines, targets and what was achieved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import pandas as pd
from lxml import etree

from icanalysis import iati_choice, iati_codes, iati_words, sheets
from icanalysis.evaluation import JOINT
from icanalysis.iati_choice import REACHED, Period
from icanalysis.language import language
from icanalysis.quoted import ALL
from icanalysis.view import View

# What no text may hold in XML 1.0.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def told(
    parent: etree._Element,
    tag: str,
    views: Sequence[View],
    word: Callable[[View], str],
    attributes: Mapping[str, str] | None = None,
) -> etree._Element:
    """Add an element that holds a narrative in each language."""
    element = etree.SubElement(parent, tag, dict(attributes or {}))
    for view in views:
        narrative = etree.SubElement(
            element, "narrative", {iati_codes.LANGUAGE: view.language.code}
        )
        narrative.text = _ILLEGAL.sub(" ", word(view))
    return element


def add(activity: etree._Element, views: Sequence[View]) -> None:
    """Add a result for each level and component of the programme that has figures."""
    found = iati_choice.figures(views[0])
    records = views[0].indicators
    records = records[records.index.isin(found["indicator"])]
    components = [*views[0].data.table("components").sort_values("number")["component"], ""]
    for level in iati_choice.RESULT_LEVELS:
        for component in components:
            there = records["component"].fillna("") == component
            codes = records.index[there & (records["level"] == level)]
            if len(codes):
                _result(activity, views, (level, component), found[found["indicator"].isin(codes)])


def goals(view: View) -> list[str]:
    """List the goals and targets of the 2030 Agenda that the indicators shown are assigned to."""
    found = iati_choice.figures(view)["indicator"]
    codes = view.indicators.loc[view.indicators.index.isin(found), "sdg"].dropna().unique()
    return sorted(codes, key=lambda code: [part.zfill(2) for part in code.split(".")])


def _result(
    activity: etree._Element, views: Sequence[View], kind: tuple[str, str], found: pd.DataFrame
) -> None:
    level, component = kind
    result = etree.SubElement(activity, "result", type=iati_codes.RESULT_TYPE[level])
    told(result, "title", views, lambda view: iati_words.result(view, level, component))
    if iati_words.component(views[0], component):
        told(result, "description", views, lambda view: iati_words.component(view, component))
    for code in views[0].indicators.index:
        rows = found[found["indicator"] == code]
        if len(rows):
            _indicator(result, views, code, rows)


def _indicator(
    result: etree._Element, views: Sequence[View], code: str, found: pd.DataFrame
) -> None:
    shown = iati_choice.elements(found)
    attributes = iati_codes.attributes(sheets.record_of(views[0], code))
    indicator = etree.SubElement(result, "indicator", attributes)
    told(indicator, "title", views, lambda view: view.name(code))
    told(
        indicator,
        "description",
        views,
        lambda view: iati_words.indicator(view, code, found, shown),
    )
    # The indicator's own code, by which its rows are found again in the results of the run. Its goal
    # of the 2030 Agenda is a tag of the activity: IATI's vocabulary 9 is of official indicators,
    # and to say that ventures financed is 8.3.1, the share of informal employment, would be false.
    etree.SubElement(indicator, "reference", vocabulary=iati_codes.OWN, code=code)
    for _, line in _ordered(views[0], shown[shown["kind"] == "baseline"]).iterrows():
        _value(indicator, views, line, {"year": line["period"]})
    later = shown[shown["kind"] != "baseline"]
    covered = [iati_choice.period(views[0], line) for _, line in later.iterrows()]
    for each in sorted(set(covered)):
        _period(indicator, views, each, later[[period == each for period in covered]])


def _period(
    indicator: etree._Element, views: Sequence[View], covered: Period, found: pd.DataFrame
) -> None:
    period = etree.SubElement(indicator, "period")
    etree.SubElement(period, "period-start", {"iso-date": covered.start})
    etree.SubElement(period, "period-end", {"iso-date": covered.end})
    for kind in ("target", "actual"):
        for _, line in _ordered(views[0], found[found["kind"] == kind]).iterrows():
            _value(period, views, line)


def _ordered(view: View, found: pd.DataFrame) -> pd.DataFrame:
    """Sort values as a reader looks for them: the whole programme first, then region by region."""
    evaluation = view.data.evaluation
    codes = [evaluation.programme.whole, *(region.code for region in evaluation.regions)]
    place = found["region"].str.split(JOINT).str[0].map(codes.index)
    whole = ~found["group"].isin([ALL, REACHED])
    keys = ["_place", "region", "_whole", "group", "period", "source"]
    return found.assign(_place=place, _whole=whole).sort_values(keys, kind="stable")


def _value(
    parent: etree._Element,
    views: Sequence[View],
    line: pd.Series,
    attributes: Mapping[str, str] | None = None,
) -> None:
    """Add a baseline, a target or an actual: one for each cell of a breakdown."""
    given = {**(attributes or {}), "value": number(line["value"])}
    element = etree.SubElement(parent, line["kind"], given)
    if line["region"] != views[0].data.evaluation.programme.whole:
        for region in line["region"].split(JOINT):
            etree.SubElement(element, "location", ref=region)
    for name, value in dimensions(views[0], line).items():
        etree.SubElement(element, "dimension", name=name, value=value)
    told(element, "comment", views, lambda view: iati_words.comment(view, line))


def number(value: float) -> str:
    """Write a value as it stands in the results, neither rounded nor with an exponent."""
    text = f"{Decimal(repr(float(value))):f}"
    return text.removesuffix(".0")


def dimensions(view: View, line: pd.Series) -> dict[str, str]:
    """Label what a value is broken down by, and which part it is: never the number itself.

    A dimension has no language, so its labels are English; the comment names the group in each.
    """
    if line["group"] in (ALL, REACHED):
        return {}
    if ":" in line["group"]:
        parts = [part.partition(":") for part in line["group"].split(";")]
        return {_plain(name): _plain(value) for name, _, value in parts}
    english = View(view.data, view.lines, view.region, view.years, language("en"))
    sector, population = english.split_group(line["group"])
    return {
        name: label for name, label in (("sector", sector), ("population", population)) if label
    }


def _plain(code: str) -> str:
    return code.replace("_", " ")
