"""Every chart of every notebook, for each region and language: can it be read, and checked?

Nothing is compared with stored pictures: what is asked is where things stand once drawn, in which
language, and whether the table behind a chart holds what it says.
"""

import ast
import json
import re
import tomllib
from functools import cache
from itertools import chain, combinations

import nbformat
import numpy as np
import pytest
from babel.dates import get_month_names
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup
from exhibited import NOTEBOOKS, charts
from shipped import DATA, LANGUAGES, shipped

from icanalysis.language import LOCALE_DIR

TOUCHING = 1.0  # pixels: boxes of text hold some air
NUMBER = re.compile(r"[−+]?\d[\d,]*(?:\.\d+)?")
WORD = re.compile(r"[^\W\d_]{2,}")
NAMED = re.compile(r"\w+(?:[._]\w+)+")  # files and codes


# --- where texts stand --------------------------------------------------------------------------


def cut(chart):
    """Texts that lie outside the figure."""
    page = chart.figure.bbox
    return [
        text.get_text()
        for text in chart.visible
        for box in [text.get_window_extent()]
        if box.x0 < page.x0 - TOUCHING or box.x1 > page.x1 + TOUCHING
        or box.y0 < page.y0 - TOUCHING or box.y1 > page.y1 + TOUCHING
    ]  # fmt: skip


def overlapping(chart):
    """Pairs of texts written over each other."""
    placed = [(text.get_text(), text.get_window_extent()) for text in chart.visible]
    found = []
    for (one, here), (other, there) in combinations(placed, 2):
        wide = min(here.x1, there.x1) - max(here.x0, there.x0)
        high = min(here.y1, there.y1) - max(here.y0, there.y0)
        if wide > TOUCHING and high > TOUCHING:
            found.append((one, other))
    return found


def struck_through(chart):
    """Labels that a line or an interval of their chart runs through."""
    found = []
    for axes in chart.figure.axes:
        paths = [
            line.get_transform().transform_path(line.get_path())
            for line in axes.lines
            if line.get_linestyle() != "None"  # markers alone
        ]
        for collection in axes.collections:
            if hasattr(collection, "get_segments"):
                paths += [axes.transData.transform_path(path) for path in collection.get_paths()]
        for text in axes.texts:
            if text.get_visible() and text.get_text().strip():
                box = text.get_window_extent().padded(-2)
                if any(np.isfinite(path.vertices).all() and path.intersects_bbox(box, filled=False)
                       for path in paths):  # fmt: skip
                    found.append(text.get_text())
    return found


def marks_outside(chart):
    """Points and ends of intervals that lie outside their axes."""
    found = []
    for axes in chart.figure.axes:
        (low, high), (bottom, top) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
        points = [
            point
            for line in axes.lines
            if line.get_transform() == axes.transData
            # As numbers: names on an axis are drawn at places.
            for point in zip(line.get_xdata(orig=False), line.get_ydata(orig=False), strict=True)
        ]
        for collection in axes.collections:
            if hasattr(collection, "get_segments"):
                points += [tuple(end) for part in collection.get_segments() for end in part]
        found += [
            point
            for point in points
            if np.isfinite(point).all()
            and not (low <= point[0] <= high and bottom <= point[1] <= top)
        ]
    return found


# --- language -----------------------------------------------------------------------------------


def plain(text):
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def catalogue():
    with (LOCALE_DIR / "es.po").open("rb") as stream:
        for entry in read_po(stream, locale="es"):
            if entry.id:
                several = not isinstance(entry.id, str)
                yield from zip(
                    entry.id if several else [entry.id],
                    entry.string if several else [entry.string],
                    strict=False,
                )


@cache
def english():
    """Patterns of the catalogue's English sentences, whatever stands in their places."""
    return [
        re.compile(re.sub(r"\\\{\w+\\\}", ".+?", re.escape(plain(said))))
        for said, spanish in catalogue()
        if said != spanish and WORD.search(re.sub(r"\{\w+\}", "", said))
    ]


def untranslated(chart):
    """English sentences of the catalogue in a Spanish chart, and words no Spanish source has."""
    texts = [plain(text.get_text()) for text in chart.visible]
    sentences = [text for text in texts if any(each.fullmatch(text) for each in english())]
    words = [
        word
        for text in texts
        for word in WORD.findall(NAMED.sub("", text))
        if word.lower() not in spanish_words()
    ]
    return sentences + words


def strings(value, *, spanish=False):
    """Texts that a tree of settings gives in Spanish, or in no language, as proper names are."""
    if isinstance(value, str):
        return [value] if spanish else []
    if isinstance(value, list):
        return list(chain.from_iterable(strings(each, spanish=spanish) for each in value))
    if isinstance(value, dict):
        return list(
            chain.from_iterable(
                strings(
                    each, spanish=spanish or key == "es" or key.endswith("_es") or key == "name"
                )
                for key, each in value.items()
                if key != "en" and not key.endswith("_en")
            )
        )
    return []


@cache
def spanish_words():
    """Every word that a Spanish text of the package or its data has, or a proper name."""
    texts = [re.sub(r"\{\w+\}", "", spanish) for _, spanish in catalogue()]
    for described in shipped().catalog.tables.values():
        table = shipped().table(described.name)
        texts += [text for name in table if name.endswith("_es") for text in table[name].dropna()]
    texts += get_month_names("wide", locale="es").values()
    texts += strings(tomllib.loads((DATA / "evaluation.toml").read_text(encoding="utf-8")))
    texts += strings(json.loads((DATA / "datapackage.json").read_text(encoding="utf-8")))
    return {word.lower() for text in texts for word in WORD.findall(text)}


# --- the table behind ---------------------------------------------------------------------------


def not_in_the_table(chart):
    """Numbers written in a chart that the table behind it does not hold."""
    table = BeautifulSoup(chart.data.html, "html.parser")
    cells = " ".join(cell.get_text(" ") for cell in table.select("th, td"))
    held = set(NUMBER.findall(plain(cells)))
    said = [text.get_text() for axes in chart.figure.axes for text in axes.texts]
    written = [number for text in said for number in NUMBER.findall(re.sub(r"\bP\d", "", text))]
    return [number for number in written if number not in held]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_chart_can_be_read_and_checked(notebook, code):
    shown = charts(notebook, code)
    assert shown
    faults = (cut, overlapping, struck_through, marks_outside, not_in_the_table)
    found = {
        f"{chart}: {fault.__name__}": told
        for chart in shown
        for fault in (*faults, *([untranslated] if code == "es" else []))
        if (told := fault(chart))
    }
    assert found == {}
    for chart in shown:
        assert chart.figure.get_supxlabel(), f"{chart} names no source"
        assert len(chart.alt) > 40
        simulated = "SIMUL" in chart.title
        badge = [text for text in chart.figure.texts if "SIMUL" in text.get_text()]
        badge = [text for text in badge if text.get_bbox_patch() is not None]
        assert bool(badge) == simulated, f"{chart}: badge"
        assert ("badge" in chart.data.html) == simulated, f"{chart}: badge of the table"


def test_every_call_of_a_chart_in_a_notebook_passes_its_table():
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        trees = [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]
        calls = [
            node
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "page.chart"
        ]
        for call in calls:
            assert len(call.args) == 3, f"{path.stem}: {ast.unparse(call)}"
