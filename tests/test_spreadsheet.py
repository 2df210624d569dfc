"""LibreOffice opens a bundle's spreadsheet and shows in it what we wrote: figures, texts, no formula."""

import csv
import shutil
import subprocess

import openpyxl
import pytest
from shipped import shipped

from icanalysis import results, spreadsheet
from icanalysis.context import context
from icanalysis.indicators import delivery
from icanalysis.language import language
from icanalysis.named import Names

PROGRAM = shutil.which("soffice") or shutil.which("libreoffice")
# Every sheet as a CSV file: commas, quotes, UTF-8, cells as they are and not as they are shown.
FILTER = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
HOSTILE = {
    "indicator": "=1+1", "region": "@here", "period": "-2", "statistic": "level", "unit": "+x",
    "source_kind": "official", "source": "=cmd|' /C calc'!A0", "status": "context", "value": 1.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Rows of each sheet as LibreOffice reads them, and as written."""
    if PROGRAM is None:
        pytest.skip("needs LibreOffice")
    home = tmp_path_factory.mktemp("office")
    path = home / "figures.xlsx"
    data = shipped()
    lines = results.merge([delivery(data, "cusco"), results.lines([HOSTILE])])
    lines = results.merge([lines, context(data, "cusco", data.evaluation.years())])
    spreadsheet.write(
        path, Names(language("es"), data), lines,
        title="Título", sheets=[], sources=data.table("sources"),
    )  # fmt: skip
    own = f"-env:UserInstallation={(home / 'profile').as_uri()}"
    convert = ["--headless", "--convert-to", FILTER, "--outdir", str(home / "out"), str(path)]
    subprocess.run([PROGRAM, own, *convert], check=True, capture_output=True, timeout=300)
    book = openpyxl.load_workbook(path)
    read = {}
    for sheet in book:
        text = (home / "out" / f"figures-{sheet.title}.csv").read_text(encoding="utf-8")
        read[sheet.title] = list(csv.reader(text.splitlines()))
    return read, {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_every_cell_is_read_as_it_was_written(shown):
    read, written = shown
    assert sum(map(len, written.values())) > 50
    for name, rows in written.items():
        cells = [["" if cell is None else cell for cell in row] for row in rows]
        assert len(read[name]) == len(cells)
        for there, here in zip(read[name], cells, strict=True):
            told = there + [""] * (len(here) - len(there))  # a row may end in empty cells
            for one, other in zip(told, here, strict=True):
                if isinstance(other, int | float):
                    assert float(one) == pytest.approx(other, rel=1e-12)
                else:
                    assert one == other


def test_what_looks_like_a_formula_is_a_text(shown):
    cells = {cell for rows in shown[0].values() for row in rows for cell in row}
    assert {"=1+1", "@here"} <= cells
    assert any("=cmd|" in cell for cell in cells)
