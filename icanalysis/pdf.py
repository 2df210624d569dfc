"""A page as a tagged PDF, A4: the same page gives the same bytes on every machine.

pandoc turns the page into Typst's markup and Typst sets it, by the rules of PDF/UA-1: a picture or a
formula that nobody described, or a heading out of order, stops it.
"""

from __future__ import annotations

import subprocess
import tempfile
from importlib import resources
from pathlib import Path

import typst
from bs4 import BeautifulSoup

from icanalysis import paper
from icanalysis.errors import WorkbookError
from icanalysis.language import Language, msg
from icanalysis.layout import TEMPLATES

# The very pandoc that is installed with us: pypandoc itself would run another, newer one it finds.
_PANDOC = str(resources.files("pypandoc") / "files" / "pandoc")
_FORMATS = ("--from=html-auto_identifiers", "--to=typst", "--wrap=none")


def write(page: str, target: Path, reader: Language, *, edition: str, colophon: str) -> None:
    """Write a page that `render.notebook_page` made as a PDF.

    Parameters
    ----------
    edition : str
        What the foot of each sheet says between the programme and the sheet's number.
    colophon : str
        What stands at the end, instead of the foot of the page.

    Raises
    ------
    WorkbookError
        If it cannot be set, or not so that everybody can read it.
    """
    soup = BeautifulSoup(page, "html.parser")
    programme = soup.select_one("header.page > span")
    said = {
        "language": reader.code,
        "title": soup.title.get_text(strip=True) if soup.title else "",
        "programme": programme.get_text(strip=True) if programme else "",
        "edition": edition,
        "colophon": colophon,
    }
    with tempfile.TemporaryDirectory(prefix="icanalysis-pdf-") as home:
        folder = Path(home)
        try:
            markup = _markup(str(paper.lay_out(soup, reader, folder)))
            _set(folder, markup, said, target)
        except (subprocess.CalledProcessError, typst.TypstError) as error:
            why = getattr(error, "stderr", "") or getattr(error, "message", "")
            raise WorkbookError(
                msg(
                    "“{name}” cannot be made into a PDF that everybody can read ({why}); nothing was "
                    "released. Correct the notebook it comes from, and make the run again.",
                    name=target.with_suffix(".html").name,
                    why=why.strip(),
                )
            ) from None


def _markup(content: str) -> str:
    """Turn the content of a page into Typst's markup."""
    command = [_PANDOC, *_FORMATS, f"--lua-filter={TEMPLATES / 'paper.lua'}"]
    done = subprocess.run(
        command, input=content, capture_output=True, check=True, text=True, encoding="utf-8"
    )
    return done.stdout


def _set(folder: Path, markup: str, said: dict[str, str], target: Path) -> None:
    """Set a page in the look of `paper.typ`; its pictures stand in the folder.

    No font of the machine is used and no date written, for neither is the page's.
    """
    look = (TEMPLATES / "paper.typ").read_text(encoding="utf-8")
    source = folder / "page.typ"
    source.write_text(f"{look}\n#show: paper\n\n{markup}", encoding="utf-8", newline="\n")
    typst.compile(
        str(source),
        output=str(target),
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs=said,
    )
