"""What the notebooks show: their code run for a region and a language, every chart caught."""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import nbformat
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from shipped import DATA, LANGUAGES, REGIONS, evidence, shipped

from icanalysis import page, view
from icanalysis.dossier import joint_lines
from icanalysis.layout import Table

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("0*.ipynb"))
SIMULATED_AGAIN = 2  # programmes: few, for what they show is not what is looked at here


@dataclass(frozen=True)
class Chart:
    """One chart of a notebook as it was shown, and the table behind it."""

    notebook: str
    region: str
    code: str
    figure: Figure
    alt: str
    data: Table | None

    def __str__(self):
        return f"{self.notebook}, {self.region}, {self.code}: {self.title}"

    @property
    def title(self):
        return self.figure.get_suptitle().replace("\n", " ")

    @cached_property
    def visible(self):
        """Texts that are drawn, once the figure is; without tick labels beyond the axes' limits."""
        FigureCanvasAgg(self.figure).draw()
        beyond = _beyond(self.figure)
        return [
            text
            for text in self.figure.findobj(Text)
            if text.get_visible()
            and text.get_text().strip()
            and text not in beyond
            and (text.axes is None or text.axes.get_visible())
        ]


def _beyond(figure):
    """Tick labels of places outside the axes' limits, which matplotlib keeps but does not draw."""
    found = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            drawn = {
                label
                for tick in axis._update_ticks()
                for label in (tick.label1, tick.label2)
                if label.get_visible()
            }
            every = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            labels = {label for tick in every for label in (tick.label1, tick.label2)}
            found |= labels - drawn
    return found


def _asked(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    (declared,) = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    return declared.source, [cell.source for cell in cells if cell.cell_type == "code"][1:]


def _run(notebook, region, code):
    declared, cells = _asked(notebook)
    names = {}
    exec(declared, names)
    given = {
        "region": region,
        "language": code,
        "data_dir": str(DATA),
        "programmes": SIMULATED_AGAIN,
    }
    names |= {name: value for name, value in given.items() if name in names}
    caught = []

    def catch(figure, alt, data=None, **_):
        caught.append(Chart(notebook.stem, region, code, figure, alt, data))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "chart", catch)
        patch.setattr(page, "display", lambda *_: None)
        # The shipped data are read, and a region's lines made, once for all.
        patch.setattr(view, "open_data", lambda _: shipped())
        patch.setattr(view, "region_lines", lambda _, region, *__: evidence(region))
        patch.setattr(view, "joint_lines", lambda *_: everywhere())
        for cell in cells:
            exec(cell, names)
    return caught


@cache
def everywhere():
    return joint_lines(shipped(), shipped().evaluation.years())


@cache
def charts(notebook, code):
    """Charts of one notebook in one language, for every region if it is about one."""
    declared, _ = _asked(notebook)
    regions = REGIONS if "region:" in declared else ("programme",)
    return [chart for region in regions for chart in _run(notebook, region, code)]


def every():
    """Every chart of every notebook, region and language."""
    return [chart for path in NOTEBOOKS for code in LANGUAGES for chart in charts(path, code)]
