"""A folder of runs with a history, made of the example that is kept: nothing is run."""

import hashlib
import json
import os
import shutil
from pathlib import Path

from icanalysis import results

EXAMPLE = Path(__file__).parents[1] / "reports" / "example"
DAY = 86_400


def again(folder, name, *, day, source=EXAMPLE, change=None, **record):
    """Copy a run as one made on that day, with `change` made to its lines and parts of its record."""
    home = folder / name
    shutil.copytree(source, home)
    told = json.loads((home / "run.json").read_text(encoding="utf-8")) | record
    if change is not None:
        path = home / "results.csv"
        results.write(change(results.read(path)), path)
        told["outputs"]["results.csv"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return recorded(home, told, day=day)


def recorded(home, told, *, day):
    """Write a run's record as of that day."""
    path = home / "run.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    os.utime(path, (day * DAY, day * DAY))
    return home


def rewritten(home, name, change):
    """Change a page of a run and record it so, as whoever made the run could."""
    path = home / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    told = json.loads((home / "run.json").read_text(encoding="utf-8"))
    told["outputs"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    when = (home / "run.json").stat().st_mtime
    recorded(home, told, day=when / DAY)


def raised(lines):
    """Raise poverty in Cusco in 2013, and lose its figure for 2004."""
    here = (lines["indicator"] == "poverty_total") & (lines["region"] == "cusco")
    level = here & (lines["statistic"] == "level")
    lines = lines.copy()
    lines.loc[level & (lines["period"] == "2013"), "value"] = 25.0
    return lines[~(level & (lines["period"] == "2004"))]


def history(folder):
    """Two runs of one programme, and what else lies in a folder of reports."""
    folder.mkdir()
    again(folder, "2024-05", day=19_800)
    again(folder, "2024-06", day=19_830, change=raised)
    (folder / "README.md").write_text("Reports.\n", encoding="utf-8")
    (folder / "2024-06.log").write_text("{}\n", encoding="utf-8")
    (folder / ".2024-07.partial").mkdir()
    return folder
