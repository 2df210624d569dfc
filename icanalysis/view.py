"""One reader's view of one region: the lines it may quote and the language it is told in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from icanalysis import terms
from icanalysis.context import require_years
from icanalysis.disclosure import SUPPRESSED
from icanalysis.dossier import all_lines, joint_lines, region_lines
from icanalysis.evaluation import JOINT, Region, Years
from icanalysis.indicators import REPORTED, WORDED, reported
from icanalysis.language import ABSENT, Language
from icanalysis.load import DataFolder, open_data
from icanalysis.results import NUMBERS

# Decimals a figure is shown with, by the beginning of its unit; results.csv is unrounded.
DECIMALS = {"percent": 1, "ratio": 2, "index": 1, "sd": 2, "days": 2, "channels": 2}


def decimals(unit: str) -> int:
    """Return how many decimals a figure of this unit is shown with."""
    return next((count for start, count in DECIMALS.items() if unit.startswith(start)), 0)


@dataclass(frozen=True)
class View:
    """What a page shows: data, lines of evidence, region, years and language.

    `places` are the regions whose records may be told beside the lines; all of them if None.
    """

    data: DataFolder
    lines: pd.DataFrame
    region: Region
    years: Years
    language: Language
    places: frozenset[str] | None = None

    def select(self, **wanted: object) -> pd.DataFrame:
        """Lines whose columns have these values: `select(statistic="level")`."""
        # One mask, applied once: a page asks hundreds of times, and rows are slow to copy.
        chosen = np.ones(len(self.lines), dtype=bool)
        for column, value in wanted.items():
            chosen &= self._values(column) == value
        return self._plain[chosen]

    @cached_property
    def _plain(self) -> pd.DataFrame:
        """The lines with their texts as Python's own: rows are copied in half the time."""
        texts = [name for name in self.lines.columns if name not in NUMBERS]
        return self.lines.astype(dict.fromkeys(texts, object))

    def _values(self, column: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        if column not in self._columns:
            self._columns[column] = np.asarray(self.lines[column], dtype=object)
        return self._columns[column]

    @cached_property
    def _columns(self) -> dict[str, np.ndarray[tuple[int], np.dtype[np.object_]]]:
        return {}

    def one(self, **wanted: object) -> pd.Series | None:
        """Return the only line with these values, or None if there is none."""
        rows = self.select(**wanted)
        if len(rows) > 1:
            raise ValueError(f"{len(rows)} lines where one was asked: {wanted}")
        return None if rows.empty else rows.iloc[0]

    def figure(self, line: pd.Series) -> dict[str, str]:
        """Return what all lines on the same figure share, whatever their source: to select by."""
        return {name: line[name] for name in ("indicator", "region", "group")}

    def change(self, indicator: str, region: str | None = None) -> pd.Series | None:
        """Return the change of a series from baseline to outcome, here or in another region."""
        return self.one(
            indicator=indicator,
            region=region or self.region.code,
            period=f"{self.years.baseline}-{self.years.outcome}",
            statistic="change",
        )

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """The indicator records, by code."""
        return self.data.table("indicators").set_index("indicator")

    @cached_property
    def published(self) -> pd.DataFrame:
        """What the programme published, as `indicators.reported` reads it."""
        return reported(self.data)

    def rank(self, indicators: pd.Series) -> pd.Series:
        """Place of each indicator in the order of their records, to sort by."""
        return indicators.map({code: place for place, code in enumerate(self.indicators.index)})

    def name(self, indicator: str) -> str:
        """Name an indicator."""
        return str(self.indicators[f"name_{self.language.code}"][indicator])

    def unit(self, line: pd.Series) -> str:
        """Name the unit of a line as it is printed."""
        words = {
            "percentage_points": self.language.say("percentage points"),
            "percent": "%",
            "ratio": self.language.say("of the way to the target"),
        }
        if line["unit"] in words:
            return words[line["unit"]]
        number = "unit_one" if line["value"] == 1 else "unit"
        return str(self.indicators[f"{number}_{self.language.code}"][line["indicator"]])

    @property
    def place(self) -> str:
        """Name the region of this view."""
        return self.region.named(self.language.code)

    def percent_sign(self, indicator: str) -> str:
        """Return the sign that stands after an indicator's values, if they are percentages."""
        return "%" if self.indicators["unit"][indicator] == "percent" else ""

    def number(self, line: pd.Series, name: str = "value", *, signed: bool = False) -> str:
        """Write one of a line's numbers, its value or an end of its interval, in its decimals.

        Where the source prints a value in words, such as "two thirds", they stand instead; where it
        may not be shown, the word for that.
        """
        if line.get("status") == SUPPRESSED:
            return terms.withheld(self.language)
        if name == "value" and line.get("statement_key") == WORDED:
            return self._printed(line)
        places = decimals(str(line["unit"]))
        return self.language.number(float(line[name]), places, signed=signed)

    def value(self, line: pd.Series, *, signed: bool = False) -> str:
        """Write the value of a line with its unit; a dash if it is missing, words if it has them."""
        number = self.number(line, signed=signed)
        bare = line.get("statement_key") == WORDED or line.get("status") == SUPPRESSED
        if number == ABSENT or bare:
            return number
        unit = self.unit(line)
        return number + unit if unit == "%" else f"{number} {unit}"

    def _printed(self, line: pd.Series) -> str:
        rows = self.data.table(REPORTED)
        found = (rows["indicator"] == line["indicator"]) & (rows["region"] == line["region"])
        found &= rows["source_id"] + ": " + rows["place"] == line["source"]
        return str(rows.loc[found, f"printed_{self.language.code}"].iloc[0])

    def label(self, table: str, column: str, value: object) -> str:
        """Name a code of a table's column; an absent one is empty."""
        if pd.isna(value):  # type: ignore[call-overload]
            return ""
        return self.data.catalog.tables[table].field(column).label(str(value), self.language.code)

    def split_group(self, group: str) -> tuple[str, str]:
        """Name the sector and the population of a line's group; empty where not stated."""
        parts = [] if group == "all" else group.split(";")
        sectors = {sector.code for sector in self.data.evaluation.sectors}
        sector = next((part for part in parts if set(part.split(JOINT)) <= sectors), "")
        population = next((part for part in parts if part != sector), "")
        return (
            self.data.evaluation.sector_name(sector, self.language) if sector else "",
            self.label("reported_values", "population", population or None),
        )

    def area(self, code: str) -> str:
        """Name a region, several joined ones, or the whole programme."""
        return self.data.evaluation.area_name(code, self.language)

    @cached_property
    def delivered(self) -> pd.DataFrame:
        """Lines of what the programme delivered, one per figure used, in the records' order.

        Statements about the situation are not among them.
        """
        rows = self.select(statistic="level", status="used")
        rows = rows[rows["indicator"].map(self.indicators["level"]) != "context"]
        return rows.sort_values("indicator", key=self.rank, kind="stable")

    def can_be_split(self, indicator: str) -> bool:
        """Whether an indicator's total is the sum of its regions, so that each has a share."""
        return str(self.indicators["aggregation"][indicator]) == "sum"

    @property
    def here(self) -> pd.Series:
        """Which lines are of this region, alone or jointly with others."""
        return self.lines["region"].str.split(JOINT).map(lambda parts: self.region.code in parts)


def open_view(
    region: str,
    *,
    baseline: int,
    outcome: int,
    language: str,
    data_dir: str | Path,
    enaho_dir: str | Path = "",
) -> View:
    """Open a data folder and draw up a region's lines, for one reader.

    Without `enaho_dir`, a folder of household survey files, households are simulated.

    Raises
    ------
    WorkbookError
        If the region is not known, or has no data for these years.
    DataError
        If a table departs from its description.
    """
    data = open_data(data_dir)
    area = data.evaluation.region(region)
    years = data.evaluation.years(baseline, outcome)
    require_years(data, region, years)
    lines = region_lines(data, region, years, Path(enaho_dir) if enaho_dir else None)
    data.read.clear()  # what is read from here on is shown, not estimated from
    return View(data, lines, area, years, data.evaluation.language(language))


def open_joint_view(
    *,
    baseline: int,
    outcome: int,
    language: str,
    data_dir: str | Path,
    each_region: bool = False,
) -> View:
    """Open a data folder and draw up the lines of all regions together, for one reader.

    With `each_region`, those of every region's own report too.

    Raises
    ------
    WorkbookError
        If a region of the programme has no data for these years.
    DataError
        If a table departs from its description.
    """
    data = open_data(data_dir)
    years = data.evaluation.years(baseline, outcome)
    for region in data.evaluation.reported_regions():
        require_years(data, region.code, years)
    reader = data.evaluation.language(language)
    lines = all_lines(data, years) if each_region else joint_lines(data, years)
    data.read.clear()
    return View(data, lines, data.evaluation.everywhere, years, reader)
