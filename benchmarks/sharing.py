"""What it costs to gate a run and to release it to every agency, beside rendering its pages once.

    python benchmarks/sharing.py [RUN]

Without a run, one of the programme's regions is made first. In one process and one run: the pages
of a language rendered from their notebooks, without and with their PDFs; a bundle for each agency,
gated and packed; and the gate alone over the run's folder.
"""

from __future__ import annotations

import datetime
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from icanalysis import bundle, contents, gate, release
from icanalysis.evaluation import Region
from icanalysis.load import open_data

ROOT = Path(__file__).parents[1]
COMMAND = [str(Path(sys.executable).with_name("icanalysis")), "report", "--out"]


def measured(run: Path, home: Path) -> None:
    """Time all of them, and print ratios."""
    data = open_data(ROOT / "data")
    agencies = [agency.code for agency in data.evaluation.agencies]
    chosen = [bundle.choose(run, data, code, None) for code in agencies]
    first, years = chosen[0], data.evaluation.years()

    def page(name: str, region: Region | None = None) -> None:
        contents._page(contents._notebook(first, data, name, years), first, data, name, region)

    page(first.pages[0])  # libraries are loaded
    begun = time.perf_counter()
    for name in first.pages:
        page(name)
    for region in first.regions:
        page(region.code, region)
    rendered = time.perf_counter() - begun
    begun = time.perf_counter()
    (home / "pages").mkdir()
    contents._write_pages(home / "pages", first, data, years)
    printed = time.perf_counter() - begun
    guard = gate.Guard(gate.watch(data), None, datetime.date.today())
    begun = time.perf_counter()
    with contents.Press(data) as press:
        for each in chosen:
            release.make(each, press, home / each.agency.code, guard=guard)
    released = time.perf_counter() - begun
    begun = time.perf_counter()
    found = gate.findings(run, gate.watch(data))
    gated = time.perf_counter() - begun
    pages = len(list(run.glob("*/*.html")))
    count = len(first.pages) + len(first.regions)
    print(f"{count} pages rendered: {rendered:.1f} s, with their PDFs {printed:.1f} s")
    print(f"{len(agencies)} agencies: {released:.1f} s")
    print(f"of rendering: {released / rendered:.2f}, with PDFs {released / printed:.2f}")
    print(f"gate over {pages} pages and their notebooks: {gated / pages:.2f} s each, {found}")


def main() -> int:
    """Measure a run."""
    with tempfile.TemporaryDirectory() as home:
        run = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(home) / "run"
        if len(sys.argv) == 1:
            subprocess.run([*COMMAND, str(run)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        measured(run, Path(home))
    return 0


if __name__ == "__main__":
    sys.exit(main())
