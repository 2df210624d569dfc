"""Pages: an executed notebook as one offline HTML file, the index, and the page of a failure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag
from nbconvert import HTMLExporter
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat import NotebookNode
from traitlets.config import Config

from icanalysis import phone, sheets
from icanalysis.language import CODES, Language
from icanalysis.layout import TEMPLATES, template
from icanalysis.view import View

# Where each language's reference sheets stand, beside its reports.
SHEETS_FILE = "indicators.html"
# A table about more indicators than these leads to the page of all sheets.
MOST_LINKS = 5
# What nbconvert writes where a picture has no description.
UNDESCRIBED = "No description has been provided for this image"
ENDONYMS = {"es": "Español", "en": "English"}


@cache
def style() -> str:
    """Return the style sheet every page carries inside itself."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def notebook_page(
    notebook: NotebookNode,
    language: Language,
    *,
    title: str,
    programme: str,
    links: Sequence[Mapping[str, str]],
    footer: str,
    indicators: Mapping[str, str] | None = None,
    pages: Collection[str] = (),
    without: Collection[str] = (),
) -> str:
    """Render an executed notebook in one language: no code, nothing loaded from outside.

    Parameters
    ----------
    title : str
        Of the window; the page's own heading if empty.
    links : sequence of mapping
        href, text and (where the page linked is in another language) language.
    indicators : mapping, optional
        Names of the indicators in this language, by code. With them each table leads to the
        reference sheets of what it is about, which `sheets_page` makes.
    pages : collection of str
        Notebooks that are pages beside this one: links to them lead there; a link to another
        notebook is left as text.
    without : collection of str
        Tags of cells that are left out.

    Raises
    ------
    ValueError
        If a picture has no description, or a table is about an indicator that is not among
        `indicators`: a fault of the notebook.
    """
    others = [code for code in CODES if code != language.code]
    config = Config()
    config.TagRemovePreprocessor.remove_cell_tags = {
        "parameters",
        "injected-parameters",
        "notebook-only",
        *without,
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
    return finished(body, language, indicators, pages)


def finished(
    page: str,
    language: Language,
    indicators: Mapping[str, str] | None = None,
    pages: Collection[str] = (),
) -> str:
    """Add the table of contents after the title and a way back to it; fit a phone's width.

    With names of indicators, tables lead to their reference sheets. Pictures nobody described are
    refused.
    """
    soup = BeautifulSoup(page, "html.parser")
    if UNDESCRIBED in page or any(not image.get("alt") for image in soup.find_all("img")):
        raise ValueError("a picture in the notebook has no description (page.chart takes one)")
    contents = soup.new_tag("nav", attrs={"class": "contents", "id": "contents"})
    contents["aria-label"] = language.say("Contents")
    entries = soup.new_tag("ol")
    for heading in soup.find_all("h2"):
        entry, link = soup.new_tag("li"), soup.new_tag("a", href=f"#{_anchor(heading.get_text())}")
        heading["id"] = _anchor(heading.get_text())
        link.string = heading.get_text()
        entry.append(link)
        entries.append(entry)
    contents.append(entries)
    after, foot = soup.find("h2"), soup.find("footer")
    if after is not None and foot is not None:
        block = after.find_parent("div", class_="cell") or after
        block.insert_before(contents)
        back = soup.new_tag("a", attrs={"class": "back", "href": "#contents"})
        back.string = f"↑ {language.say('Contents')}"
        foot.append(back)
    if indicators is not None:
        for exhibit in soup.select("[data-about]"):
            exhibit.insert_after(_leading(soup, str(exhibit["data-about"]), language, indicators))
    _lead_to_pages(soup, pages)
    phone.fold(soup)
    phone.frame(soup, language.say("Chart"))
    if soup.title and soup.h1 and not soup.title.get_text():
        soup.title.string = soup.h1.get_text(strip=True)
    return str(soup)


def _lead_to_pages(soup: BeautifulSoup, pages: Collection[str]) -> None:
    """Make links to other notebooks lead to their pages; without a page they are no links.

    Links within the notebook lead to headings by the names these have on the page.
    """
    for link in soup.select('main a[href^="#"]'):
        target = _anchor(unquote(str(link["href"])))
        link["href"] = f"#{target}"
        if soup.find(id=target) is None:  # left out, and so is the sentence that points to it
            if (stop := link.next_sibling) is not None and str(stop).strip() == ".":
                stop.extract()
            link.decompose()
    for link in soup.select('main a[href$=".ipynb"]'):
        name = str(link["href"]).removesuffix(".ipynb")
        if name in pages:
            link["href"] = f"{name}.html"
        else:
            link.unwrap()


def _leading(
    soup: BeautifulSoup, about: str, language: Language, indicators: Mapping[str, str]
) -> Tag:
    """Build the line that leads from a table to the sheets of its indicators."""
    codes = about.split()
    if unknown := sorted(set(codes) - set(indicators)):
        raise ValueError(f"a table is about indicators that have no record: {unknown}")
    line = soup.new_tag("p", attrs={"class": "note about"})
    if len(codes) > MOST_LINKS:
        word = language.say("Indicator sheets:")
        targets = {SHEETS_FILE: language.say("all sheets")}
    else:
        word = (
            language.say("Indicator sheet:")
            if len(codes) == 1
            else language.say("Indicator sheets:")
        )
        targets = {f"{SHEETS_FILE}#{code}": indicators[code] for code in codes}
    line.append(f"{word} ")
    for place, (address, text) in enumerate(targets.items()):
        link = soup.new_tag("a", attrs={"href": address}, string=text)
        line.extend([" · ", link] if place else [link])
    return line


def _anchor(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def index_page(editions: Sequence[Mapping[str, object]]) -> str:
    """Render the index: one card per region, in each language of the run."""
    return template("index.html.j2").render(
        editions=editions, first=editions[0]["code"], style=style()
    )


def sheets_page(
    view: View,
    groups: Sequence[sheets.Group],
    *,
    links: Sequence[Mapping[str, str]],
    footer: str,
) -> str:
    """Render reference sheets of indicators, by level: `SHEETS_FILE` of one language.

    Parameters
    ----------
    view : View
        Its language is the page's.
    groups : sequence of Group
        The sheets, as `sheets.by_level` builds them; values and sources shown are those of the
        lines they were built from, so that with the merged lines of a run the page quotes what the
        reports do.
    links, footer
        As for `notebook_page`.
    """
    say = view.language.say
    return template("indicators.html.j2").render(
        code=view.language.code,
        style=style(),
        programme=view.data.evaluation.programme.title.into(view.language.code),
        links=links,
        footer=footer,
        skip=say("Skip to the content"),
        contents=say("Contents"),
        title=sheets.title(view.language),
        lead=sheets.introduction(view, sum(len(group.sheets) for group in groups)),
        badge=say("SIMULATED"),
        groups=groups,
    )


def failure_page(language: Language, *, name: str, message: str, traceback: str) -> str:
    """Render what stands where a page could not be made."""
    say = language.say
    return template("failed.html.j2").render(
        code=language.code,
        style=style(),
        title=say("{name}: this page could not be made", name=name),
        back=say("All pages"),
        what=say("The other pages are not affected. What stopped this one:"),
        message=message,
        remedy=say("Correct what the message names and run the report again."),
        fold=say("Technical details"),
        traceback=traceback,
    )
