"""Which module may know which: imports point downwards, and charts stay at the top."""

import ast
from itertools import chain
from pathlib import Path

import pytest

import icanalysis

FOLDER = Path(icanalysis.__file__).parent
# From the bottom up. Within a layer a module may import only those named before it.
LAYERS = (
    ("language", "errors"),
    ("iati_codes", "catalog", "asked", "evaluation", "settings"),
    (
        "cells",
        "checks",
        "microcache",
        "load",
        "shapes",
        "microformats",
        "microdata",
        "enaho_tables",
        "enaho_raw",
        "enaho_tidy",
        "enaho_checks",
        "enaho_modules",
        "enaho",
        "superpopulation",
        "sampled",
        "answers",
        "simulate",
        "producers",
        "producer_model",
        "producer_simulation",
    ),
    (
        "results",
        "compare",
        "sampling",
        "aggregate",
        "distribution",
        "measures",
        "estimates",
        "survey",
        "power",
        "regression",
        "sandwich",
        "cluster",
        "did",
        "panel",
        "staggered",
        "event",
        "assignment",
        "bootstrap",
        "synthetic",
        "arms",
        "bounds",
        "balance",
        "multiplicity",
        "impact",
    ),
    (
        "evidence",
        "indicators",
        "context",
        "linked",
        "disclosure",
        "households",
        "regions",
        "controls",
        "contribution",
        "visits",
        "judgement",
        "likeness",
        "effects",
        "shielded",
        "trials",
        "dossier",
        "cooperation",
        "states",
        "reconcile",
        "vintages",
        "causes",
    ),
    (
        "extracts",
        "terms",
        "view",
        "delivery",
        "wording",
        "alt",
        "layout",
        "tables",
        "registers",
        "drawing",
        "dots",
        "figures",
        "homes",
        "claims",
        "named",
        "makers",
        "alike",
        "panels",
        "differences",
        "together",
        "slopes",
        "maps",
        "trust",
        "partnership",
        "actors",
        "accounts",
        "lasting",
        "agenda",
        "quoted",
        "sheets",
        "questions",
        "coverage",
        "squares",
        "quality",
        "recheck",
        "ages",
        "noted",
        "moves",
        "shelf",
        "choices",
        "shown",
        "page",
        "chapters",
        "fragments",
        "explore",
    ),
    (
        "phone",
        "render",
        "record",
        "folder",
        "site",
        "download",
        "archives",
        "fetch",
        "workbook",
        "warm",
        "aside",
        "preload",
        "kernels",
        "journal",
        "workplace",
        "jobs",
        "crew",
        "farm",
        "reuse",
        "run",
        "diff",
        "forms",
        "iati_choice",
        "iati_words",
        "iati_results",
        "iati_activity",
        "iati_check",
        "iati",
        "pieces",
        "findings",
        "read_markup",
        "read_text",
        "read_notebook",
        "read_files",
        "intake",
        "identifiers",
        "traces",
        "tallies",
        "active",
        "badges",
        "excused",
        "gate",
        "parcel",
        "seal",
        "bundle",
        "spreadsheet",
        "digest",
        "paper",
        "pdf",
        "contents",
        "release",
        "outline",
        "ledger",
        "lookup",
        "since",
        "portal",
        "serving",
        "rules",
        "audit",
        "released",
        "template",
        "starting",
    ),
    ("telling", "commands", "sharing", "cli"),
)
RANK = {module: rank for rank, module in enumerate(chain.from_iterable(LAYERS))}
# Layers 0 to 4 make figures; how they are drawn, run and shown is none of their business.
PURE = tuple(chain.from_iterable(LAYERS[:5]))
FOR_SHOWING = {"matplotlib", "seaborn", "papermill", "IPython", "ipywidgets", "nbconvert"}


def imported(source):
    """Every module `source` imports anywhere, with its full name."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            home = ".".join(filter(None, ["icanalysis" if node.level else "", node.module]))
            names |= {home} | {f"{home}.{alias.name}" for alias in node.names}
    return names


def own(names):
    """Modules of the package among the names."""
    parts = [name.split(".") for name in names]
    return {part[1] for part in parts if part[0] == "icanalysis" and part[1:] and part[1] in RANK}


def source_of(module):
    return (FOLDER / f"{module}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("from icanalysis.load import open_data", {"load"}),
        ("from icanalysis import wording, tables", {"wording", "tables"}),
        ("import icanalysis.run as run", {"run"}),
        ("from . import view", {"view"}),
        ("from .view import View", {"view"}),
        ("def f():\n    from icanalysis import audit", {"audit"}),
        ("import pandas as pd\nfrom babel import support", set()),
    ],
)
def test_every_spelling_of_an_import_is_seen(source, modules):
    assert own(imported(source)) == modules


def test_every_module_has_one_place_in_the_layers():
    modules = {
        ".".join(path.relative_to(FOLDER).with_suffix("").parts) for path in FOLDER.rglob("*.py")
    }
    assert modules - {"__init__"} == set(RANK)
    assert len(RANK) == sum(len(layer) for layer in LAYERS)


@pytest.mark.parametrize("module", RANK)
def test_imports_point_downwards(module):
    upward = [name for name in own(imported(source_of(module))) if RANK[name] >= RANK[module]]
    assert upward == [], f"{module} may import only what stands before it in LAYERS"


@pytest.mark.parametrize("module", PURE)
def test_what_makes_figures_does_not_know_how_they_are_shown(module):
    packages = {name.partition(".")[0] for name in imported(source_of(module))}
    assert packages & FOR_SHOWING == set()
