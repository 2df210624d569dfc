"""The pages around the reports: links between them, and the index with a card per region."""

from __future__ import annotations

import importlib.metadata
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from bs4 import BeautifulSoup

from icanalysis import delivery, render, sheets, wording
from icanalysis.evaluation import Evaluation, Region, Years
from icanalysis.folder import RESULTS_FILE, RUN_FILE
from icanalysis.language import Language
from icanalysis.load import DataFolder
from icanalysis.view import View


@dataclass(frozen=True)
class Introduced:
    """What the index says of its pages: of all of them, on each card, and on the link to one."""

    lead: str
    sentences: Callable[[View], list[str]]
    link: str


def links(
    name: str,
    reader: Language,
    languages: Sequence[Language],
    *,
    notebook: bool = True,
    pdf: bool = False,
) -> list[dict[str, str]]:
    """List a page's links: the index, the same page in other languages, its notebook, its PDF."""
    others = [
        {
            "href": f"../{other.code}/{name}.html",
            "text": render.ENDONYMS[other.code],
            "language": other.code,
        }
        for other in languages
        if other.code != reader.code
    ]
    own = [{"href": f"{name}.ipynb", "text": reader.say("Notebook")}] if notebook else []
    paper = [{"href": f"{name}.pdf", "text": "PDF"}] if pdf else []
    return [{"href": "../index.html", "text": reader.say("All pages")}, *others, *own, *paper]


def title(region: Region | None, evaluation: Evaluation, reader: Language) -> str:
    """Title a region's window; without one the page's own heading does."""
    if region is None:
        return ""
    return f"{region.named(reader.code)} · {evaluation.programme.title.into(reader.code)}"


def names(data: DataFolder, reader: Language) -> dict[str, str]:
    """Name every indicator, by code."""
    records = data.table("indicators").set_index("indicator")
    return {str(code): str(name) for code, name in records[f"name_{reader.code}"].items()}


def heading(page: str) -> str:
    """Read the question a page asks: its only first-level heading; empty without one."""
    found = re.search(r"<h1\b.*?</h1>", page, re.DOTALL)  # to parse a whole page takes long
    return BeautifulSoup(found[0], "html.parser").get_text(strip=True) if found else ""


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
    pages: Mapping[str, str],
    *,
    files: Mapping[str, str] | None = None,
    notebooks: bool = True,
    pdf: bool = False,
    introduced: Introduced | None = None,
) -> dict[str, object]:
    """Build the index in one language: a card per region, in the order of the evaluation.

    `lines` holds each region's own lines of evidence; a region without any has failed. `pages`
    are the questions of the pages on the whole programme, by name; "" for one that failed.
    `files` stand beside the index, each with what it is called; `notebooks` and `pdf`, whether
    these stand beside their pages. `introduced` tells of pages that are not reports.
    """
    introduced = introduced or _of_reports(years, reader)
    files = files or {RESULTS_FILE: RESULTS_FILE, RUN_FILE: RUN_FILE}
    cards = [
        _card(
            View(data, lines[region.code], region, years, reader),
            introduced,
            notebooks=notebooks,
            pdf=pdf,
        )
        if region.code in lines
        else _failed_card(region, reader)
        for region in regions
    ]
    return {
        "code": reader.code,
        "name": render.ENDONYMS[reader.code],
        "heading": data.evaluation.programme.title.into(reader.code),
        "lead": " ".join(
            filter(
                None,
                [
                    introduced.lead,
                    wording.invented(data, reader),
                ],
            )
        ),
        "cards": cards,
        "more": reader.say("The whole programme, and how far to trust these pages"),
        "pages": [
            *(
                {
                    "href": f"{reader.code}/{name}.html",
                    "text": text or _failed_page(name, reader),
                    "pdf": f"{reader.code}/{name}.pdf" if pdf else "",
                }
                for name, text in pages.items()
            ),
            {
                "href": f"{reader.code}/{render.SHEETS_FILE}",
                "text": sheets.title(reader),
                "pdf": "",
            },
        ],
        "note": reader.say("All figures, with unit, period and source:"),
        "links": [{"href": name, "text": text} for name, text in files.items()],
    }


def _failed_page(name: str, reader: Language) -> str:
    return reader.say("{name}: this page could not be made", name=name)


def _failed_card(region: Region, reader: Language) -> dict[str, object]:
    page = {"href": f"{reader.code}/{region.code}.html", "text": reader.say("What happened")}
    sentence = reader.say("This report could not be made; its page says why.")
    name = region.named(reader.code)
    return {"name": name, "failed": True, "sentences": [sentence], "links": [page]}


def _of_reports(years: Years, reader: Language) -> Introduced:
    lead = reader.say(
        "One report per region: what the programme reported there, and what happened to the region "
        "from {baseline} to {outcome}.",
        baseline=years.baseline,
        outcome=years.outcome,
    )
    return Introduced(lead, _summed_up, reader.say("Read the report"))


def _summed_up(view: View) -> list[str]:
    """Sum up a region's report; it quotes the same lines."""
    headline = view.data.evaluation.context[0].indicator
    sentences = [delivery.summary(view), wording.change(view, headline)]
    line = view.change(headline)
    if line is not None and not math.isnan(line["value"]):
        sentences.append(wording.caution(view, line))
    return sentences


def _card(view: View, introduced: Introduced, *, notebooks: bool, pdf: bool) -> dict[str, object]:
    """Build a region's card."""
    stem = f"{view.language.code}/{view.region.code}"
    notebook = {"href": f"{stem}.ipynb", "text": view.language.say("Notebook")}
    return {
        "name": view.place,
        "failed": False,
        "sentences": introduced.sentences(view),
        "links": [
            {"href": f"{stem}.html", "text": introduced.link},
            *([notebook] if notebooks else []),
            *([{"href": f"{stem}.pdf", "text": "PDF"}] if pdf else []),
        ],
    }
