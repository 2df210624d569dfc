"""Two small runs made by hand, for what compares them."""

import hashlib
import json

from icanalysis import results

REGIONS = ["cusco", "ayacucho", "puno"]  # not in the order of the alphabet


def figure(indicator="poverty_total", region="cusco", **filled):
    """A line of evidence, with what a test fills."""
    return {
        "indicator": indicator,
        "region": region,
        "period": "2013",
        "statistic": "level",
        "unit": "percent",
        "source_kind": "official",
        "source": "S1",
        "status": "context",
        "statement_key": "context_level",
        **filled,
    }


def record(**changed):
    """What a run records of itself."""
    return {
        "schema": "icanalysis-run/1",
        "programme": "inclusive-creative-industries",
        "parameters": {"regions": REGIONS, "baseline": 2009, "outcome": 2013, "languages": ["es"]},
        "inputs": {"evaluation.toml": "e1", "datapackage.json": "d1", "official/poverty.csv": "p1"},
        "settings": "s1",
        "survey_files": {},
        "notebooks": {"02_region_report.ipynb": "n1"},
        "icanalysis": {"version": "0.1.0", "code": "c1"},
        "versions": {"python": "3.11.7", "pandas": "3.1.1"},
        "regions": {code: {"status": "ok"} for code in REGIONS},
        "pages": {},
        **changed,
    }


def run(folder, figures, **changed):
    """Make the folder of a run that holds these figures."""
    folder.mkdir(parents=True)
    results.write(results.lines(figures), folder / "results.csv")
    checksum = hashlib.sha256((folder / "results.csv").read_bytes()).hexdigest()
    whole = {"outputs": {"results.csv": checksum}, **record(**changed)}
    (folder / "run.json").write_text(json.dumps(whole), encoding="utf-8")
    return folder


SIMULATED = {"source_kind": "simulated", "source": "simulated: simulated_producers.csv"}
VERDICT = {"statistic": "did", "unit": "soles_per_month", "period": "2009-2013", **SIMULATED}


def pair(folder):
    """Two runs in which a figure of every kind differs, in several regions."""
    first = [
        figure(value=30.0, se=1.0),
        figure(region="ayacucho", value=40.0, se=3.0),
        figure(region="puno", value=50.0),
        figure(region="puno", period="2012", value=51.0),
        figure(region="ayacucho", period="2012", value=0.3),
        figure(region="cusco", period="2012", value=31.0, se=2.0, n=100),
        figure(region="cusco", period="2011", value=33.0),
        figure("producer_income", value=80.0, se=20.0, status="better",
               statement_key="consistent", **VERDICT),
    ]  # fmt: skip
    second = [
        figure(value=34.0, se=1.0),
        figure(region="ayacucho", value=48.0, se=4.0),
        figure(region="puno", value=None, status="suppressed"),
        figure(region="puno", period="2012", value=51.0),
        figure(region="ayacucho", period="2012", value=0.1 + 0.2),
        figure(region="cusco", period="2012", value=31.0, se=2.5, n=90),
        figure(region="cusco", period="2010", value=35.0),
        figure("producer_income", value=30.0, se=20.0, status="no_clear_change",
               statement_key="no_clear_difference", **VERDICT),
    ]  # fmt: skip
    inputs = {"evaluation.toml": "e1", "datapackage.json": "d2", "official/poverty.csv": "p2",
              "producers/simulated_producers.csv": "q2"}  # fmt: skip
    return run(folder / "first", first), run(folder / "second", second, inputs=inputs)
