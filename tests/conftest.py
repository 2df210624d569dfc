"""A miniature data folder, and what `icanalysis check` says of a file sent for its table.

The table is `visits`: one row per region and year, with a column of every type.
"""

import json
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from hypothesis import settings
from running import icanalysis, once

from icanalysis import simulate
from icanalysis.audit import file_problems
from icanalysis.errors import listing
from icanalysis.language import language
from icanalysis.load import open_data, to_frame

# How long an example takes is the machine's affair: a busy one must not fail a property that holds.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

EVALUATION = """
[programme]
code = "crafts"
title = { es = "Artesanía", en = "Crafts" }
country = "PE"
period = { start = 2010, end = 2012 }
source_id = "S1"
whole = "programme"
whole_name = { es = "Todo el programa", en = "Whole programme" }

[periods.official]
baseline = 2009
outcome = 2013

[languages]
default = "es"
locale = { es = "es_PE", en = "en_GB" }

[[regions]]
code = "ayacucho"
name = "Ayacucho"
role = "programme"
[[regions]]
code = "cusco"
name = "Cusco"
role = "programme"
[[regions]]
code = "ica"
name = "Ica"
role = "comparison"
[[regions]]
code = "peru"
name = { es = "Perú", en = "Peru" }
role = "reference"

[[sectors]]
code = "crafts"
name = { es = "artesanía", en = "crafts" }
[[sectors]]
code = "tourism"
name = { es = "turismo", en = "tourism" }

[[agencies]]
code = "unesco"
name = { es = "Unesco", en = "UNESCO" }

[achievement]
scheme = { es = "cortes", en = "cut-offs" }
achieved = 1.0
on_track = 0.8
moderate = 0.6

[[context]]
indicator = "visits"
table = "visits"
value = "value"
where = { kind = "fair" }
change = "percent"
baselines = [2007, 2009]
"""

TABLES = {
    "sources": "source_id,title\nS1,Informe\nS2,Censo\n",
    "indicators": "indicator\nvisits\n",
    "reported_values": (
        "indicator,region,sector,population,value,used,source_id\n"
        "visits,cusco,crafts,,5,true,S1\n"
        "visits,ayacucho+cusco,crafts+tourism,,9,true,S1\n"
        "visits,programme,,,20,true,S2\n"
    ),
    "visits": (
        "region,year,value,share_pct,open,kind,day,source_id,note\n"
        "cusco,2009,12.5,40,true,fair,2009-06-20,S1,first\n"
        "ayacucho,2009,7,,false,,,S2,\n"
    ),
    "spellings": "spelling,region\nCuzco,cusco\nAyachucho,ayacucho\nPerú,peru\nÁncash,ica\n",
}
REQUIRED = {"required": True}
REGION = {"name": "region", "title_es": "Región", "vocabulary": "region", "constraints": REQUIRED}
SOURCE = {"name": "source_id", "title_es": "Fuente", "constraints": REQUIRED}
LINK = {"fields": "source_id", "reference": {"resource": "sources", "fields": "source_id"}}
SCHEMAS = {
    "sources": {
        "fields": [{**SOURCE, "constraints": {**REQUIRED, "unique": True}}, {"name": "title"}],
        "primaryKey": ["source_id"],
    },
    "indicators": {"fields": [{"name": "indicator"}], "primaryKey": ["indicator"]},
    "reported_values": {
        "fields": [
            {"name": "indicator"},
            {**REGION, "joint": True},
            {"name": "sector", "vocabulary": "sector", "joint": True},
            {"name": "population"},
            {"name": "value", "type": "number"},
            {"name": "used", "type": "boolean"},
            SOURCE,
        ],
        "primaryKey": ["indicator", "region", "sector", "population", "source_id"],
        "foreignKeys": [LINK],
    },
    "visits": {
        "fields": [
            REGION,
            {
                "name": "year",
                "type": "integer",
                "title_es": "Año",
                "constraints": {**REQUIRED, "minimum": 2004, "maximum": 2030},
            },
            {
                "name": "value",
                "type": "number",
                "title_es": "Visitas",
                "unit": "visits",
                "constraints": {"minimum": 0},
            },
            {
                "name": "share_pct",
                "type": "number",
                "unit": "percent of visitors",
                "constraints": {"maximum": 100},
            },
            {"name": "open", "type": "boolean", "title_es": "Abierta"},
            {"name": "kind", "constraints": {"enum": ["fair", "workshop"]}},
            {"name": "day", "type": "date"},
            SOURCE,
            {"name": "note", "description": "Words of the source."},
        ],
        "primaryKey": ["region", "year"],
        "foreignKeys": [LINK],
    },
    "spellings": {
        "fields": [{"name": "spelling", "constraints": REQUIRED}, REGION],
        "primaryKey": ["spelling"],
    },
}


def pytest_configure(config):
    """Give this run a cache of its own: no test reads or fills the user's.

    Set before workers and kernels start, so that all of them share it; a fixture would come too
    late for notebooks.
    """
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="icanalysis-cache-")
        os.environ["ICANALYSIS_CACHE"] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture(scope="session")
def ran(tmp_path_factory):
    """A finished run of two regions in both languages, and the folder it made.

    Made once, however many files and workers ask for it: nobody may change it.
    """

    def make(home):
        # Asked for out of order: the index has the evaluation's.
        done = icanalysis("report", "cusco", "ayacucho", "--out", str(home / "run"), cwd=home)
        assert done.returncode == 0, done.stderr
        return {"stdout": done.stdout, "stderr": done.stderr}

    home, told = once(tmp_path_factory, "site", make)
    return SimpleNamespace(**told), home / "run"


def descriptor():
    """The miniature folder's datapackage.json, before it is written."""
    resources = []
    for name, schema in SCHEMAS.items():
        fields = [{"type": "string", **field} for field in schema["fields"]]
        schema_of_table = {**schema, "fields": fields, "missingValues": [""]}
        resources.append({"name": name, "path": f"{name}.csv", "schema": schema_of_table})
    return {"name": "miniature", "resources": resources}


@pytest.fixture
def folder(tmp_path) -> Path:
    """A sound data folder of five small tables; a test may spoil its files."""
    made = tmp_path / "data"
    made.mkdir()
    (made / "evaluation.toml").write_text(EVALUATION, encoding="utf-8")
    (made / "datapackage.json").write_text(json.dumps(descriptor()), encoding="utf-8")
    for name, text in TABLES.items():
        (made / f"{name}.csv").write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def describe(folder):
    """Rewrite the folder's datapackage.json after `change` was applied to its resources."""

    def rewrite(change):
        content = descriptor()
        tables = {resource["name"]: resource for resource in content["resources"]}
        change(tables)
        content["resources"] = list(tables.values())
        (folder / "datapackage.json").write_text(json.dumps(content), encoding="utf-8")

    return rewrite


@pytest.fixture
def data(folder):
    return open_data(folder)


@pytest.fixture
def tell(data):
    """What is said of a file sent for the table `visits`, one line of text per problem."""

    def problems(path, code="en", table="visits"):
        lines = listing(file_problems(data, path, table), language(code))
        return [line.removeprefix("  - ") for line in lines[1:]]

    return problems


@pytest.fixture
def send(tmp_path):
    """Write a file as an office would send it, from text, bytes, rows or a workbook."""

    def write(content, *, encoding="utf-8", name="visits"):
        if isinstance(content, bytes | str):
            path = tmp_path / f"{name}.csv"
            path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
            return path
        path = tmp_path / f"{name}.xlsx"
        if isinstance(content, list):
            workbook = openpyxl.Workbook()
            for row in content:
                workbook.active.append(row)
            content = workbook
        content.save(path)
        return path

    return write


@pytest.fixture
def read(data):
    """The typed frame of a file sent for the table `visits`, which must be without fault."""

    def frame(path, table="visits"):
        described = data.catalog.tables[table]
        grid = data.normalised(described, path)
        assert data.find_problems(described, grid) == []
        return to_frame(described, grid)

    return frame


@pytest.fixture(scope="session")
def survey(tmp_path_factory):
    """Files of a household survey, two years of two departments, as INEI's look; not to be changed."""
    shares = [("05", 2011, 0.5), ("05", 2013, 0.3), ("08", 2011, 0.4), ("08", 2013, 0.4)]
    targets = pd.DataFrame(shares, columns=["department", "year", "poor_share"])
    made = simulate.households(targets, seed=3, households=1500)
    files = {name: frame.drop(columns=simulate.MARK) for name, frame in made.files.items()}
    folder = tmp_path_factory.mktemp("enaho")
    replace(made, files=files).write(folder, "csv")
    return folder
