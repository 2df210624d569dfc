"""What household microdata say of a region: levels and changes, with their standard errors.

The figures come from the survey's own files where the evaluator has them; otherwise from
simulated households, and every line says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from icanalysis import enaho, enaho_tables, microcache, simulate, survey
from icanalysis.asked import HouseholdIndicator, Households
from icanalysis.context import series
from icanalysis.disclosure import of_households, released
from icanalysis.enaho_checks import KEYS
from icanalysis.errors import DataError, Problem
from icanalysis.evaluation import Years
from icanalysis.language import Message, msg
from icanalysis.load import DataFolder
from icanalysis.measures import CONFIDENCE
from icanalysis.results import lines

ALL = "all"
# Key of the survey in the table of sources; what stands in its place where all is simulated.
SOURCE, SIMULATED = "E1", "simulated"
READERS: Mapping[str, Callable[..., pd.DataFrame]] = {
    "sumaria": enaho.read_sumaria,
    "members": enaho.read_members,
    "governance": enaho.read_governance,
}
# Modules of households, whose files are of the whole country.
WHOLE = ("sumaria", "governance")
OF_PERSONS = ("members", "employment")
# What is known of the person who heads the household from what they answer on work.
OF_HEAD_AT_WORK = ("sector", "indigenous_language")
# The three broad sectors of the ILO, from the sections of ISIC rev. 4.
BROAD_SECTORS = {
    "A": "agriculture",
    **dict.fromkeys("BCDEF", "industry"),
    **dict.fromkeys("GHIJKLMNOPQRSTU", "services"),
}


@dataclass(frozen=True)
class Survey:
    """The tidy frames at hand, by module and year, and what they are.

    `files` names each frame's file, without its folder; `source_kind` is survey or simulated.
    """

    frames: Mapping[tuple[str, int], pd.DataFrame]
    files: Mapping[tuple[str, int], str]
    source_kind: str

    def years(self, module: str) -> list[int]:
        """Years of a module, in order."""
        return sorted(year for name, year in self.frames if name == module)


def beside_country(data: DataFolder, region: str, found: pd.DataFrame) -> pd.DataFrame:
    """Return the household lines of a region, and of the country it stands in."""
    reference = data.evaluation.reference
    areas = {region} | ({reference.code} if reference else set())
    return found[found["region"].isin(areas)]


def all_lines(data: DataFolder, years: Years, folder: Path | None) -> pd.DataFrame:
    """Levels and changes of every household indicator, for all regions and the country.

    One pass serves every report, and is kept: found again only with the same files, settings and
    code.

    Parameters
    ----------
    folder : Path, optional
        Of the survey's files; without it households are simulated.

    Returns
    -------
    DataFrame
        Lines of evidence in percent: a `level` per year and group (`area:rural`), a `change` in
        percentage points where both years have the group. The years are the evaluation's
        where the survey has both, else the first and last it has. `note` gives the number of
        PSUs, the degrees of freedom and the precision.

    Raises
    ------
    WorkbookError
        If there is no such folder.
    DataError
        If it holds no file of the modules asked, or one that cannot be used.
    """
    plan = data.evaluation.households
    if plan is None:
        return lines([])
    targets = pd.DataFrame() if folder else _targets(data, plan, years)
    before = released(data) if folder else None
    asked = (data.evaluation.model_dump_json(), years.model_dump_json())
    files = survey_files(folder, data, years)
    tables = [enaho_tables.folder() / name for name in enaho_tables.TABLES]
    kept = microcache.key(
        Path(__file__),
        [*tables, *files.values()],
        microcache.code(),
        *files,  # sources name them
        *asked,
        *(each.to_csv() for each in (targets, before) if each is not None),
    )

    def made() -> tuple[pd.DataFrame, list[Message]]:
        found = _read(plan, years, folder) if folder else _simulated(plan, targets)
        records: list[dict[str, object]] = []
        for item in plan.indicators:
            there = _years(found.years(item.module), years)
            if there:
                records += _records(data, plan, item, found, there)
        return of_households(lines(records), data.evaluation, before), []

    return microcache.kept(kept, made)[0]


def survey_files(
    folder: Path | None, data: DataFolder | None = None, years: Years | None = None
) -> dict[str, Path]:
    """Return the survey files of a folder, by their place in it.

    With the evaluation's data and years, only the files that its figures come from.
    """
    if folder is None:
        return {}
    plan = data.evaluation.households if data else None
    table = _compared(plan, years, folder) if plan and years else enaho.find(folder)
    paths = sorted({Path(path) for path in table["path"]})
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _years(there: list[int], wanted: Years) -> list[int]:
    asked = [wanted.baseline, wanted.outcome]
    if set(asked) <= set(there):
        return asked
    return sorted({there[0], there[-1]}) if there else []


# --- where households come from -------------------------------------------------------------


def _compared(plan: Households, years: Years, folder: Path) -> pd.DataFrame:
    """List the files of the years compared: the others are not read."""
    table = enaho.find(folder)
    wanted = {item.module for item in plan.indicators}
    if not wanted & set(table["module"]):
        trouble = msg(
            "no file of these modules was found: {modules}", modules=", ".join(sorted(wanted))
        )
        remedy = msg("fetch them with: icanalysis enaho fetch YEAR --to FOLDER")
        raise DataError([Problem(folder.name, trouble, remedy)])
    compared: dict[str, set[int]] = {
        module: set(_years(sorted(table.loc[table["module"] == module, "year"]), years))
        for module in wanted
    }
    # Members and employment are asked only of the households of Sumaria.
    compared |= {module: compared.get("sumaria", set()) for module in OF_PERSONS}
    pairs = zip(table["module"], table["year"], strict=True)
    return table[[year in compared.get(module, set()) for module, year in pairs]]


def _read(plan: Households, years: Years, folder: Path) -> Survey:
    """Read the files of the years compared; a fault in another year's file is no matter here."""
    frames: dict[tuple[str, int], pd.DataFrame] = {}
    files: dict[tuple[str, int], str] = {}
    problems: list[Problem] = []
    table = _compared(plan, years, folder)
    for module, year, path in table[["module", "year", "path"]].itertuples(index=False):
        try:
            if module == "employment":
                frames[module, year] = enaho.read_employment(path, year=year, weight=None)
            else:
                frames[module, year] = READERS[module](path, year=year)
            files[module, year] = Path(path).name
        except DataError as error:
            problems += error.problems
    problems += _departments_gone(frames, files)
    if problems:
        raise DataError(problems)
    simulated = any(simulate.MARK in frame for frame in frames.values())
    return Survey(frames, files, "simulated" if simulated else "survey")


def _departments_gone(
    frames: Mapping[tuple[str, int], pd.DataFrame], files: Mapping[tuple[str, int], str]
) -> list[Problem]:
    """Find departments that one year's file has and another's lacks: no country is compared so."""
    problems = []
    there = {key: set(frame["department"]) for key, frame in frames.items() if key[0] in WHOLE}
    for (module, year), mine in there.items():
        known = set().union(*(codes for key, codes in there.items() if key[0] == module))
        if gone := sorted(known - mine):
            codes = ", ".join(gone)
            trouble = msg("departments that another year has are missing: {codes}", codes=codes)
            remedy = msg("obtain the file as INEI publishes it")
            problems.append(Problem(files[module, year], trouble, remedy))
    return problems


def _targets(data: DataFolder, plan: Households, years: Years) -> pd.DataFrame:
    """Return what simulated households must agree with: department, year, poor_share (0-1)."""
    item = next(each for each in data.evaluation.context if each.indicator == plan.simulated_from)
    parts = []
    for area in data.evaluation.regions:
        if area.ubigeo and area.role != "reference":
            found = series(data, item, area.code, until=years.outcome)
            found = found[found["year"].isin([years.baseline, years.outcome])]
            share = found["value"] / 100
            parts.append(found[["year"]].assign(department=area.ubigeo, poor_share=share))
    return pd.concat(parts, ignore_index=True)


def _simulated(plan: Households, targets: pd.DataFrame) -> Survey:
    made = simulate.households(targets, seed=plan.seed)
    frames = {
        (module, year): enaho.tidy_module(module, frame, year=year)
        for (module, year), frame in made.files.items()
    }
    return Survey(frames, dict.fromkeys(frames, f"seed {plan.seed}"), "simulated")


# --- estimates ------------------------------------------------------------------------------


def _records(
    data: DataFolder,
    plan: Households,
    item: HouseholdIndicator,
    found: Survey,
    asked: list[int],
) -> list[dict[str, object]]:
    """Estimate one indicator for all regions and the country, whole and by group."""
    frame = pd.concat([_households(found, item, year) for year in asked], ignore_index=True)
    by_code = {area.ubigeo: area.code for area in data.evaluation.regions if area.ubigeo}
    frame["region"] = frame["department"].map(by_code | plan.joined)
    reference = data.evaluation.reference
    design = survey.Design(psu="psu", stratum="stratum", weight=f"{item.per}_weight", period="year")
    measures = {item.indicator: survey.mean(item.variable, per=item.per)}
    common = {
        "indicator": item.indicator,
        "source_kind": found.source_kind,
        "source": _source(found, item.module, asked),
    }
    records: list[dict[str, object]] = []
    for group in (None, *(name for name in item.groups if name in frame)):
        for whole in (False, True) if reference else (False,):
            place = frame.assign(region=reference.code) if whole and reference else frame
            by = ["year", "region", *([group] if group else [])]
            estimates = survey.estimate(place, measures, by=by, design=design)
            records += _told(estimates, group, asked, common)
    return records


def _households(found: Survey, item: HouseholdIndicator, year: int) -> pd.DataFrame:
    """One year's households, with what is known of the person who heads each."""
    frame = found.frames[item.module, year]
    members = found.frames.get(("members", year))
    if members is None or item.module != "sumaria":
        return frame
    heads = enaho.join_members(frame, members)
    heads = heads[heads["head"].fillna(False).astype(bool)]
    heads = heads.drop_duplicates(KEYS)[[*KEYS, "person", "sex"]]
    frame = frame.merge(heads, on=KEYS, how="left", validate="one_to_one")
    work = found.frames.get(("employment", year))
    if work is None:
        return frame
    names = [name for name in OF_HEAD_AT_WORK if name in work]
    work = enaho.join_employment(found.frames[item.module, year], work)
    of_heads = work[[*KEYS, "person", *names]]
    frame = frame.merge(of_heads, on=[*KEYS, "person"], how="left", validate="one_to_one")
    if "sector" in frame:
        frame["sector"] = frame["sector"].map(BROAD_SECTORS)
    return frame


def _source(found: Survey, module: str, asked: Iterable[int]) -> str:
    names = ", ".join(dict.fromkeys(found.files[module, year] for year in asked))
    return f"{SOURCE if found.source_kind == 'survey' else SIMULATED}: {names}"


def _told(
    estimates: survey.Estimates, group: str | None, asked: list[int], common: Mapping[str, object]
) -> list[dict[str, object]]:
    """Word estimates as records of lines of evidence, in percent."""
    records = []
    for row in _rows(estimates.table):
        if row["n"]:
            records.append(
                {
                    **common,
                    **_percent(row, "estimate"),
                    "region": row["region"],
                    "group": _group(row, group),
                    "period": str(row["year"]),
                    "statistic": "level",
                    "n": row["n"],
                    "cv": row["cv"],
                    "unit": "percent",
                    "status": "estimated",
                    "statement_key": "household_level",
                    "note": f"psu:{row['n_psu']};df:{row['df']};precision:{row['precision']}",
                }
            )
    if len(asked) < 2:
        return records
    if set(asked) - set(estimates.table["year"]):
        return records  # a group that one year's files do not tell
    changes = estimates.change("year", *asked).table
    for row in _rows(changes[changes["change"].notna()]):
        records.append(
            {
                **common,
                **_percent(row, "change"),
                "region": row["region"],
                "group": _group(row, group),
                "period": f"{asked[0]}-{asked[1]}",
                "statistic": "change",
                "p": row["p"],
                "unit": "percentage_points",
                "status": "distinguishable" if row["p"] < 1 - CONFIDENCE else "not_distinguishable",
                "statement_key": "household_change",
                "note": f"df:{row['df']};pooled_design",
            }
        )
    return records


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _group(row: Mapping[str, Any], group: str | None) -> str:
    return f"{group}:{row[group]}".lower() if group else ALL


def _percent(row: Mapping[str, Any], value: str) -> dict[str, object]:
    columns = {"value": value, "se": "se", "low": "low", "high": "high"}
    return {name: 100 * np.float64(row[column]) for name, column in columns.items()}
