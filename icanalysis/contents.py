"""The files of a bundle: pages, tables, reference sheets, and what was removed and why."""

from __future__ import annotations

import importlib.metadata
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import nbformat
import pandas as pd
from nbformat import NotebookNode

from icanalysis import (
    digest,
    iati,
    iati_codes,
    pdf,
    render,
    results,
    sheets,
    site,
    spreadsheet,
)
from icanalysis.bundle import DEMONSTRATION, Bundle
from icanalysis.evaluation import JOINT, Region, Years
from icanalysis.folder import INDEX_FILE, MANIFEST, RESULTS_FILE, RUN_FILE, read_record
from icanalysis.language import Language
from icanalysis.layout import template
from icanalysis.load import DataFolder, sha256
from icanalysis.named import Names
from icanalysis.shelf import Shelf
from icanalysis.view import View

REMOVED_FILE, SPREADSHEET_FILE, IATI_FILE = "removed.html", "figures.xlsx", "iati.xml"
# As much of a run's checksum as tells its editions apart on paper.
_SHORT = 8
# Indicators that a card of the index names.
_NAMED = 3


class Press:
    """Makes the files of bundles of a run; those that agencies have in common, once.

    To be closed, or used as a context: it keeps them in a folder of its own.
    """

    def __init__(self, data: DataFolder) -> None:
        self.data = data
        self._home = tempfile.TemporaryDirectory(prefix="icanalysis-press-")
        self._made: dict[tuple[object, ...], Path] = {}

    def __enter__(self) -> Press:
        return self

    def __exit__(self, *_: object) -> None:
        self._home.cleanup()

    def fill(self, folder: Path, bundle: Bundle) -> None:
        """Put all files of a bundle into a new folder."""
        known = (
            *(bundle.run, bundle.reader, bundle.regions, bundle.pages, bundle.indicators),
            *(bundle.whole, bundle.simulated, results.text(bundle.lines)),
            None if bundle.whole else bundle.agency,  # it is named
        )
        if known not in self._made:
            home = Path(self._home.name) / str(len(self._made))
            home.mkdir()
            _fill(home, bundle, self.data)
            self._made[known] = home
        shutil.copytree(self._made[known], folder)
        (folder / REMOVED_FILE).write_text(_removed(bundle), encoding="utf-8")


def _fill(folder: Path, bundle: Bundle, data: DataFolder) -> None:
    """Write all that does not depend on whose bundle it is."""
    reader, asked = bundle.reader, read_record(bundle.run)["parameters"]
    years = Years(baseline=asked["baseline"], outcome=asked["outcome"])
    home = folder / reader.code
    home.mkdir()
    pages = _write_pages(home, bundle, data, years)
    results.write(bundle.lines, folder / RESULTS_FILE)
    places = data.evaluation.places(bundle.agency)
    view = View(data, bundle.lines, data.evaluation.everywhere, years, reader, places)
    _write_tables(folder, bundle, view)
    files = {SPREADSHEET_FILE: reader.say("spreadsheet"), RESULTS_FILE: RESULTS_FILE}
    with suppress(iati.NothingToExportError):
        edition = iati.Edition(bundle.lines, None if bundle.whole else bundle.agency)
        iati.export(bundle.run, folder / IATI_FILE, data, edition)
        files[IATI_FILE] = f"IATI {iati_codes.VERSION}"
    files |= {REMOVED_FILE: _removed_title(reader), MANIFEST: reader.say("list of files")}
    index = site.edition(
        data,
        bundle.regions,
        {region.code: _about_it(bundle, region, data) for region in bundle.regions},
        years,
        reader,
        {name: site.heading(pages[name]) for name in bundle.pages},
        files=files,
        notebooks=False,
        pdf=True,
        introduced=_introduced(bundle, data, years),
    )
    (folder / INDEX_FILE).write_text(render.index_page([index]), encoding="utf-8")


def _introduced(bundle: Bundle, data: DataFolder, years: Years) -> site.Introduced | None:
    """Say in the index what pages drawn up for one agency hold, in place of what reports do."""
    if not bundle.digest:
        return None
    reader, agency = bundle.reader, bundle.agency.name.into(bundle.reader.code)
    shelf = _shelf(bundle, data)

    def sentences(view: View) -> list[str]:
        found = digest.found(shelf, _asked(bundle, view.region.code, years))
        names = [view.name(code) for code in view.indicators.index if code in found]
        if not names:
            return [
                reader.say(
                    "No figure that concerns {agency} is shown of {region}; its page says why.",
                    agency=agency,
                    region=view.place,
                )
            ]
        told, more = names[:_NAMED], len(names) - _NAMED
        if more > 0:
            told.append(reader.say("and {count} more", count=more))
        return [reader.say("Figures of: {indicators}.", indicators="; ".join(told))]

    lead = (
        reader.say(
            "One page per region, with the figures that concern {agency}, from {baseline} to {outcome}.",
            agency=agency,
            baseline=years.baseline,
            outcome=years.outcome,
        )
        if bundle.regions
        else reader.say("The figures that concern {agency}.", agency=agency)
    )
    return site.Introduced(lead, sentences, reader.say("Read the page"))


def _write_pages(home: Path, bundle: Bundle, data: DataFolder, years: Years) -> dict[str, str]:
    """Write every page and, beside it, the same as a PDF; return the pages.

    PDFs are made while the next pages are: other programs do most of it.
    """
    reader, run = bundle.reader, sha256(bundle.run / RUN_FILE)[:_SHORT]
    words = {
        "edition": reader.say("Edition {code}", code=run),
        "colophon": reader.say(
            "Made with icanalysis {version}. The figures of every indicator in this document are "
            "rows of results.csv, and the indicators' reference sheets stand in {sheets} and in "
            "figures.xlsx. manifest.json lists the files of this edition; what it calls “run” "
            "begins with {code}.",
            version=importlib.metadata.version("icanalysis"),
            sheets=render.SHEETS_FILE,
            code=run,
        ),
    }
    regions = {region.code: region for region in bundle.regions}
    pages, making = {}, []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name in (*bundle.pages, *regions):
            notebook = _notebook(bundle, data, name, years)
            pages[name] = _page(notebook, bundle, data, name, regions.get(name))
            (home / f"{name}.html").write_text(pages[name], encoding="utf-8")
            target = home / f"{name}.pdf"
            making.append(pool.submit(pdf.write, pages[name], target, reader, **words))
    for made in making:
        made.result()
    return pages


def _notebook(bundle: Bundle, data: DataFolder, name: str, years: Years) -> NotebookNode:
    """Take a page of the run or, where it quotes what is another's, draw one up of the lines."""
    if not bundle.digest:
        return nbformat.read(bundle.run / bundle.reader.code / f"{name}.ipynb", as_version=4)
    return digest.notebook(_shelf(bundle, data), _asked(bundle, name, years))


def _shelf(bundle: Bundle, data: DataFolder) -> Shelf:
    return Shelf(data, "", "", given=bundle.lines)


def _asked(bundle: Bundle, region: str, years: Years) -> digest.Asked:
    return digest.Asked(
        bundle.agency, region, bundle.agency.indicators or bundle.indicators, years, bundle.reader
    )


def _page(
    notebook: NotebookNode,
    bundle: Bundle,
    data: DataFolder,
    name: str,
    region: Region | None = None,
) -> str:
    """Render a page anew, without what does not go."""
    reader = bundle.reader
    return render.notebook_page(
        notebook,
        reader,
        title=site.title(region, data.evaluation, reader),
        programme=data.evaluation.programme.title.into(reader.code),
        links=site.links(name, reader, [reader], notebook=False, pdf=True),
        footer=_footer(reader),
        indicators=site.names(data, reader),
        pages=bundle.pages,
        without=() if bundle.simulated else (DEMONSTRATION,),
    )


def _write_tables(folder: Path, bundle: Bundle, view: View) -> None:
    """Write the reference sheets, and the spreadsheet, which holds them too."""
    reader = bundle.reader
    groups = sheets.by_level(view, bundle.indicators)
    page = render.sheets_page(
        view,
        groups,
        links=site.links(Path(render.SHEETS_FILE).stem, reader, [reader], notebook=False),
        footer=_footer(reader),
    )
    (folder / reader.code / render.SHEETS_FILE).write_text(page, encoding="utf-8")
    spreadsheet.write(
        folder / SPREADSHEET_FILE,
        Names(reader, view.data),
        bundle.lines,
        title=view.data.evaluation.programme.title.into(reader.code),
        sheets=[sheet for group in groups for sheet in group.sheets],
        sources=view.data.table("sources"),
    )


def _about_it(bundle: Bundle, region: Region, data: DataFolder) -> pd.DataFrame:
    """Return the lines on a region, alone or jointly with others, and on the whole programme."""
    wanted = {region.code, data.evaluation.programme.whole}
    about = [bool(wanted & set(code.split(JOINT))) for code in bundle.lines["region"]]
    return bundle.lines[about]


def _footer(reader: Language) -> str:
    return reader.say(
        "Made with icanalysis {version}. The figures of every indicator on this page are rows of "
        "results.csv; manifest.json lists the files of this edition.",
        version=importlib.metadata.version("icanalysis"),
    )


def _removed_title(reader: Language) -> str:
    return reader.say("What is not here, and why")


def _removed(bundle: Bundle) -> str:
    """Render what was removed, and why."""
    say = bundle.reader.say
    name = bundle.agency.name.into(bundle.reader.code)
    lead = (
        say("This edition was made for {agency}. The run it comes from also holds:", agency=name)
        if bundle.removed
        else say("This edition was made for {agency}. No figure was removed.", agency=name)
    )
    return template("removed.html.j2").render(
        code=bundle.reader.code,
        style=render.style(),
        title=_removed_title(bundle.reader),
        back=say("All pages"),
        lead=lead,
        removed=[say(each) for each in bundle.removed],
    )
