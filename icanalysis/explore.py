"""Looking around without code: controls over every figure, for JupyterLab and Voila.

What a view shows comes from `shown`; here are the controls, and how both are put on screen.
Where nobody can use controls (a notebook run unattended, a rendered page) the starting view
stands by itself as ordinary output.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import os
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]
from IPython import get_ipython
from IPython.display import HTML, display

from icanalysis import fragments, page
from icanalysis.choices import checked, labelled, loading, settled
from icanalysis.errors import WorkbookError
from icanalysis.language import CODES, Language
from icanalysis.shelf import EVERY, Choice, Kind, Shelf, open_shelf, years_asked
from icanalysis.shown import Shown, shown

CONTROLS = ("language", "kind", "region", "indicator", "group", "source", "baseline", "outcome")
ENDONYMS = {"es": "Español", "en": "English"}
VIEWS_KEPT = 64


def explorer(
    *,
    kind: Kind,
    region: str,
    indicator: str,
    baseline: int,
    outcome: int,
    language: str,
    data_dir: str | Path,
    enaho_dir: str | Path = "",
) -> None:
    """Show the controls and the view they start from; only that view where nobody can use them.

    Raises
    ------
    WorkbookError
        If the starting view names something that does not exist.
    DataError
        If a table or a survey file departs from its description.
    """
    shelf = open_shelf(data_dir, enaho_dir)
    reader = shelf.data.evaluation.language(language)
    place = shelf.data.region_code(region)
    start = settled(shelf, Choice(reader.code, kind, place, indicator, baseline, outcome))
    checked(shelf, replace(start, kind=kind, region=place, indicator=indicator))
    first = reader.say(
        "This is the view the page starts from. Where the notebook runs (in JupyterLab: "
        "Run > Run All Cells), controls to choose another stand here."
    )
    if not is_live():
        page.paragraph(first)
        put(shown(shelf, start))
        return
    panel = Explorer(shelf, start)
    display(panel.root)
    if _in_voila():
        display(HTML(fragments.in_voila()))
    # Hidden while the controls are alive; seen where the notebook was saved and they are not.
    twin = f"<p>{html.escape(first)}</p>{panel.markup}"
    display(HTML(f'<div class="icanalysis-twin">{twin}</div>'))
    with contextlib.suppress(RuntimeError):  # no loop: what takes long is made when asked for
        panel.task = asyncio.get_running_loop().create_task(_load(panel, loading(shelf)))


def show(
    *,
    language: str,
    kind: Kind,
    region: str,
    indicator: str,
    baseline: int | None = None,
    outcome: int | None = None,
    group: str = EVERY,
    source: str = EVERY,
    data_dir: str | Path,
    enaho_dir: str | Path = "",
) -> None:
    """Show one view, without controls: sentences, chart and table.

    Raises
    ------
    WorkbookError
        If the view names something that does not exist, with what does.
    """
    shelf = open_shelf(data_dir, enaho_dir)
    code = shelf.data.evaluation.language(language).code
    asked = Choice(code, kind, region, indicator, baseline, outcome, group, source)
    put(shown(shelf, checked(shelf, asked)))


def put(view: Shown) -> None:
    """Show a view as ordinary output: sentences, chart, table."""
    if view.warning:
        page.paragraph(view.warning)
    for sentence in view.told:
        page.paragraph(sentence)
    if view.chart is not None:
        page.chart(view.chart.draw(), view.chart.alt)
    page.exhibit(view.table)


def code(shelf: Shelf, choice: Choice) -> str:
    """Write the code that shows a view again, in a cell of its own."""
    usual = {field.name: field.default for field in fields(Choice)}
    told = {name: value for name, value in asdict(choice).items() if value != usual[name]}
    told |= {"data_dir": shelf.data_dir}
    if shelf.enaho_dir:
        told |= {"enaho_dir": shelf.enaho_dir}
    lines = [f"    {name}={json.dumps(value, ensure_ascii=False)}," for name, value in told.items()]
    return "\n".join(["from icanalysis import explore", "", "explore.show(", *lines, ")"])


def is_live() -> bool:
    """Whether somebody is there to use controls: whoever may be asked for input, or Voila's reader.

    A notebook run unattended (nbconvert, papermill, nbval) says that it takes no input.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return False
    asked = kernel.get_parent().get("content", {}).get("allow_stdin", False)
    return bool(asked) or _in_voila()


def _in_voila() -> bool:
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


class Explorer:
    """Controls over a shelf, and the view of what they say.

    `choose` does what a control does: `panel.choose(region="puno")`.
    """

    def __init__(self, shelf: Shelf, choice: Choice) -> None:
        self.shelf = shelf
        self.task: asyncio.Task[None] | None = None
        self._shown: dict[Choice, tuple[str, str, str]] = {}
        self._setting = False
        self.controls = {
            name: widgets.Dropdown(style={"description_width": "initial"}) for name in CONTROLS
        }
        for name, control in self.controls.items():
            control.observe(partial(self._chosen, name), names="value")
        self.heading, self.status, self.text, self.chart, self.table, self.code = (
            widgets.HTML() for _ in range(6)
        )
        self.code.layout.display = "none"
        self.as_code = widgets.ToggleButton(layout={"width": "auto", "align_self": "flex-start"})
        self.as_code.observe(self._code_wanted, names="value")
        grid = widgets.Box(list(self.controls.values()))
        grid.add_class("icanalysis-controls")
        self.root = widgets.VBox(
            [
                widgets.HTML(fragments.style()),
                self.heading,
                grid,
                self.status,
                self.text,
                self.chart,
                self.table,
                self.as_code,
                self.code,
            ]
        )
        self.root.add_class("icanalysis-explorer")
        self.choice = choice
        self._show()

    @property
    def markup(self) -> str:
        """What is shown now, as one piece of HTML."""
        return "".join(str(part.value) for part in (self.text, self.chart, self.table))

    def choose(self, **parts: object) -> None:
        """Choose otherwise, and show it; what no longer exists then is replaced."""
        changed: dict[str, Any] = dict(parts)
        wanted = replace(self.choice, **changed)
        reader = self.shelf.data.evaluation.language(wanted.language)
        self.tell("")
        if not self.shelf.has(wanted.kind, wanted.region, years_asked(self.shelf, wanted)):
            self.tell(reader.say("Computing …"))
        try:
            self.choice = settled(self.shelf, wanted)
            self._show()
        except WorkbookError as error:
            self._set_controls()
            self.tell(error.told(reader))
        else:
            self.tell("")

    def _chosen(self, name: str, change: dict[str, Any]) -> None:
        if not self._setting:
            self.choose(**{name: change["new"]})

    def _show(self) -> None:
        self._set_controls()
        self.code.value = fragments.copied(code(self.shelf, self.choice), self._reader)
        if self.choice not in self._shown:
            view = shown(self.shelf, self.choice)
            text = fragments.sentences(view, self._reader)
            table = fragments.framed(view.table.html, self.choice.language)
            # Words and numbers come first: a chart takes longer to draw.
            self.text.value, self.chart.value, self.table.value = text, "", table
            if len(self._shown) >= VIEWS_KEPT:
                self._shown.pop(next(iter(self._shown)))
            chart = fragments.drawn(view.chart, self._reader)
            self._shown[self.choice] = (text, chart, table)
        self.text.value, self.chart.value, self.table.value = self._shown[self.choice]

    def _set_controls(self) -> None:
        say = self._reader.say
        names = {
            "language": "Idioma / Language",
            "kind": say("Kind of figure"),
            "region": say("Region or whole programme"),
            "indicator": say("Indicator"),
            "group": say("Group"),
            "source": say("Source"),
            "baseline": say("Baseline year"),
            "outcome": say("Outcome year"),
        }
        self._setting = True
        try:
            for name, control in self.controls.items():
                offered = (
                    tuple((ENDONYMS[each], each) for each in CODES)
                    if name == "language"
                    else labelled(self.shelf, self.choice, name)
                )
                control.description = names[name]
                if control.options != offered:
                    control.options = offered
                value = getattr(self.choice, name)
                control.value = "" if value is None else value
                control.disabled = len(offered) < 2
        finally:
            self._setting = False
        self.as_code.description = say("Copy this view as code")
        if _in_voila():
            self.heading.value = fragments.question(self._reader)

    @property
    def _reader(self) -> Language:
        return self.shelf.data.evaluation.language(self.choice.language)

    def tell_loading(self) -> None:
        """Say that figures are being made, which the first time takes a while."""
        self.tell(
            self._reader.say(
                "The figures are being computed, the first time only: controls may answer slowly."
            )
        )

    def tell(self, text: str) -> None:
        """Say what goes on, above the sentence; nothing takes what was said away."""
        self.status.value = fragments.status(text)

    def _code_wanted(self, change: dict[str, Any]) -> None:
        self.code.layout.display = None if change["new"] else "none"


async def _load(panel: Explorer, steps: list[Callable[[], object]]) -> None:
    """Make what takes long, step by step, so that controls answer in between."""
    for step in steps:
        panel.tell_loading()
        await asyncio.sleep(0.1)
        with contextlib.suppress(WorkbookError):  # told when it is chosen
            step()
    panel.tell("")
