"""The pages around the reports: links between them, and the index with a card per region."""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Mapping, Sequence

import pandas as pd

from icanalysis import delivery, render, wording
from icanalysis.evaluation import Region, Years
from icanalysis.language import Language
from icanalysis.load import DataFolder
from icanalysis.view import View


def links(region: Region, reader: Language, languages: Sequence[Language]) -> list[dict[str, str]]:
    """List a report's links: the index, the same page in other languages, its notebook."""
    others = [
        {
            "href": f"../{other.code}/{region.code}.html",
            "text": render.ENDONYMS[other.code],
            "language": other.code,
        }
        for other in languages
        if other.code != reader.code
    ]
    return [
        {"href": "../index.html", "text": reader.say("All regions")},
        *others,
        {"href": f"{region.code}.ipynb", "text": reader.say("Notebook")},
    ]


def footer(reader: Language) -> str:
    """Say what made a page, and where its figures can be checked."""
    return reader.say(
        "Made with icanalysis {version}. The figures of every indicator on this page are rows of "
        "results.csv; run.json records the data they were made from.",
        version=importlib.metadata.version("icanalysis"),
    )


def edition(
    data: DataFolder,
    regions: Sequence[Region],
    lines: Mapping[str, pd.DataFrame],
    years: Years,
    reader: Language,
) -> dict[str, object]:
    """Build the index in one language: a card per region, in the order of the evaluation.

    `lines` holds each region's own lines of evidence; a region without any has failed.
    """
    cards = [
        _card(View(data, lines[region.code], region, years, reader))
        if region.code in lines
        else _failed_card(region, reader)
        for region in regions
    ]
    return {
        "code": reader.code,
        "name": render.ENDONYMS[reader.code],
        "heading": data.evaluation.programme.title.into(reader.code),
        "lead": reader.say(
            "One report per region: what the programme reported there, and what happened to the "
            "region from {baseline} to {outcome}.",
            baseline=years.baseline,
            outcome=years.outcome,
        ),
        "cards": cards,
        "note": reader.say("All figures, with unit, period and source:"),
        "links": [{"href": name, "text": name} for name in ("results.csv", "run.json")],
    }


def _failed_card(region: Region, reader: Language) -> dict[str, object]:
    page = {"href": f"{reader.code}/{region.code}.html", "text": reader.say("What happened")}
    sentence = reader.say("This report could not be made; its page says why.")
    name = region.named(reader.code)
    return {"name": name, "failed": True, "sentences": [sentence], "links": [page]}


def _card(view: View) -> dict[str, object]:
    """Build a region's card; its sentences quote the same lines as its report."""
    headline = view.data.evaluation.context[0].indicator
    sentences = [delivery.summary(view), wording.change(view, headline)]
    line = view.change(headline)
    if line is not None and not math.isnan(line["value"]):
        sentences.append(wording.caution(view, line))
    stem = f"{view.language.code}/{view.region.code}"
    return {
        "name": view.place,
        "failed": False,
        "sentences": sentences,
        "links": [
            {"href": f"{stem}.html", "text": view.language.say("Read the report")},
            {"href": f"{stem}.ipynb", "text": view.language.say("Notebook")},
        ],
    }
