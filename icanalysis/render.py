"""Pages: an executed notebook as one offline HTML file, the index, and the page of a failure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbconvert import HTMLExporter
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat import NotebookNode
from traitlets.config import Config

from icanalysis.language import CODES, Language

TEMPLATES = Path(__file__).parent / "templates"
# What nbconvert writes where a picture has no description.
UNDESCRIBED = "No description has been provided for this image"
ENDONYMS = {"es": "Español", "en": "English"}


@cache
def style() -> str:
    """Return the style sheet every page carries inside itself."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )


def notebook_page(
    notebook: NotebookNode,
    language: Language,
    *,
    title: str,
    programme: str,
    links: Sequence[Mapping[str, str]],
    footer: str,
) -> str:
    """Render an executed notebook in one language: no code, nothing loaded from outside.

    Parameters
    ----------
    links : sequence of mapping
        href, text and (where the page linked is in another language) language.

    Raises
    ------
    ValueError
        If a picture has no description: a fault of the notebook.
    """
    others = [code for code in CODES if code != language.code]
    config = Config()
    config.TagRemovePreprocessor.remove_cell_tags = {
        "parameters",
        "injected-parameters",
        "notebook-only",
        *(f"lang-{code}" for code in others),
    }
    exporter = HTMLExporter(
        config=config,
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
    )
    exporter.register_preprocessor(TagRemovePreprocessor(config=config), enabled=True)
    words = {
        "language": language.code,
        "title": title,
        "programme": programme,
        "links": links,
        "footer": footer,
        "skip": language.say("Skip to the content"),
        "style": style(),
    }
    body, _ = exporter.from_notebook_node(notebook, resources={"page": words})
    return _finished(body, language)


def _finished(page: str, language: Language) -> str:
    """Add the table of contents after the title, and refuse pictures nobody described."""
    soup = BeautifulSoup(page, "html.parser")
    if UNDESCRIBED in page or any(not image.get("alt") for image in soup.find_all("img")):
        raise ValueError("a picture in the notebook has no description (page.chart takes one)")
    contents = soup.new_tag("nav", attrs={"class": "contents"})
    contents["aria-label"] = language.say("Contents")
    entries = soup.new_tag("ol")
    for heading in soup.find_all("h2"):
        entry, link = soup.new_tag("li"), soup.new_tag("a", href=f"#{_anchor(heading.get_text())}")
        heading["id"] = _anchor(heading.get_text())
        link.string = heading.get_text()
        entry.append(link)
        entries.append(entry)
    contents.append(entries)
    after = soup.find("h2")
    if after is not None:
        block = after.find_parent("div", class_="cell") or after
        block.insert_before(contents)
    return str(soup)


def _anchor(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def index_page(editions: Sequence[Mapping[str, object]]) -> str:
    """Render the index: one card per region, in each language of the run."""
    template = _environment().get_template("index.html.j2")
    return template.render(editions=editions, first=editions[0]["code"], style=style())


def failure_page(language: Language, *, region: str, message: str, traceback: str) -> str:
    """Render the page that stands where a region's report could not be made."""
    say = language.say
    return (
        _environment()
        .get_template("failed.html.j2")
        .render(
            code=language.code,
            style=style(),
            title=say("{region}: this report could not be made", region=region),
            back=say("All regions"),
            what=say("The other regions are not affected. What stopped this one:"),
            message=message,
            remedy=say("Correct what the message names and run the report again for this region."),
            fold=say("Technical details"),
            traceback=traceback,
        )
    )
