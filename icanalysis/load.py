"""Tables of a data folder: read, checked against their description, converted, sorted.

One function serves every table, because all that differs between them stands in
datapackage.json: a new table needs a description, not code. Frictionless does the
checking of types, constraints and keys; this module words what it finds, and adds what
only an evaluation knows: regions, their spellings, links between tables.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from icanalysis.catalog import ABSENCE_WORDS, Catalog, Field, Table, read_catalog
from icanalysis.cells import Grid, read_grid
from icanalysis.checks import (
    cell_problems,
    column_cells,
    header_problems,
    link_problems,
    region_problems,
)
from icanalysis.errors import DataError, Problem, WorkbookError, unknown_choice
from icanalysis.evaluation import JOINT, Evaluation, read_evaluation
from icanalysis.language import msg

SPELLINGS = "spellings"
PANDAS_TYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean", "string": "string"}


@dataclass
class DataFolder:
    """A data folder opened: its evaluation, its catalog, and its tables on demand."""

    evaluation: Evaluation
    catalog: Catalog
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def path(self) -> Path:
        """Where the folder is."""
        return self.catalog.folder

    def table(self, name: str) -> pd.DataFrame:
        """Return one table, checked and typed; the caller may change it.

        Raises
        ------
        WorkbookError
            If the data package has no such table.
        DataError
            Listing every problem in the file, not only the first.
        """
        if name not in self._frames:
            if name not in self.catalog.tables:
                raise unknown_choice(msg("Table"), name, list(self.catalog.tables))
            table = self.catalog.tables[name]
            grid = self.normalised(table, table.path)
            problems = self.find_problems(table, grid)
            if problems:
                raise DataError(problems)
            self._frames[name] = to_frame(table, grid)
        return self._frames[name].copy()

    def normalised(self, table: Table, path: Path) -> Grid:
        """Read a file as a table and put what has only one meaning in its plain form.

        Column titles become names, absence words become empty, region spellings become codes,
        decimal commas become points. What could mean two things stays as it is,
        for `find_problems` to tell.
        """
        titles = {
            title.casefold(): item.name for item in table.fields for title in item.titles.values()
        }
        titles |= {item.name.casefold(): item.name for item in table.fields}
        grid = read_grid(path, titles)
        grid.header = [titles.get(cell.casefold(), cell) for cell in grid.header]
        for index, name in enumerate(grid.header):
            columns = [item for item in table.fields if item.name == name]
            if columns:
                self._normalise_column(grid, columns[0], index)
        return grid

    def _normalise_column(self, grid: Grid, column: Field, index: int) -> None:
        rows = [row for row in grid.rows if index < len(row)]
        for row in rows:
            cell = row[index].replace("\u00a0", " ").strip()
            row[index] = "" if cell.casefold() in ABSENCE_WORDS else cell
        if column.vocabulary == "region" and column.name != "spelling":
            for row in rows:
                row[index] = self._region_codes(row[index])
        if column.type in ("integer", "number"):
            grid.problems += mixed_marks(grid, column.name, index)
            for row in rows:
                row[index] = plain_number(row[index], percent=column.unit.startswith("percent"))

    def _region_codes(self, cell: str) -> str:
        """Regions by their codes, in the order of their joint code; unknown parts stay."""
        return JOINT.join(self.region_code(part.strip()) for part in cell.split(JOINT))

    def region_code(self, name: str) -> str:
        """Return the code of a region by one of its known spellings, or the name as it is."""
        return self.spellings.get(name.strip().casefold(), name)

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Known spellings of each region (casefolded) and its code: a table, never a guess."""
        known = {region.code.casefold(): region.code for region in self.evaluation.regions}
        if SPELLINGS in self.catalog.tables:
            table = self.catalog.tables[SPELLINGS]
            grid = read_grid(table.path, ("spelling", "region"))
            columns = [grid.header.index(name) for name in ("spelling", "region")]
            pairs = [(row[columns[0]], row[columns[1]]) for row in grid.rows]
            known |= {spelling.strip().casefold(): region.strip() for spelling, region in pairs}
        return known

    def find_problems(self, table: Table, grid: Grid) -> list[Problem]:
        """List every departure of a file from its table's description."""
        header = header_problems(table, grid)
        if header:  # cells cannot be judged before their columns are known
            return grid.problems + header
        return [
            *grid.problems,
            *cell_problems(table, grid),
            *region_problems(table, grid, self.evaluation),
            *link_problems(table, grid, self._keys(table)),
        ]

    def _keys(self, table: Table) -> dict[str, set[str]]:
        """For each linked column of a table, the values the other table offers."""
        keys = {}
        for link in table.links:
            target = self.catalog.tables[link.table]
            grid = self.normalised(target, target.path)
            keys[link.field] = {cell for _, cell in column_cells(grid, link.key)}
        return keys


def open_data(folder: Path | str) -> DataFolder:
    """Open a data folder: its evaluation.toml and its datapackage.json.

    Raises
    ------
    WorkbookError
        If it is not a data folder.
    DataError
        If either file departs from its form.
    """
    path = Path(folder)
    if not path.is_dir():
        raise WorkbookError(msg("There is no folder “{folder}”.", folder=str(folder)))
    return DataFolder(read_evaluation(path), read_catalog(path))


def sha256(path: Path) -> str:
    """Return the file's checksum, as datapackage.json and run.json record it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


# 12,5 / 1.234,5 / 1234,56: the comma can only be a decimal mark. Three digits after a
# lone comma (1,234) could be thousands, so that form is not here.
_COMMA_DECIMAL = re.compile(r"[-−]?(\d+,(\d{1,2}|\d{4,})|\d{1,3}(\.\d{3})+,\d+)")
# 1,234,567 / 1,234.5: the commas can only mark thousands.
_POINT_THREE = re.compile(r"[-−]?\d{1,3}(\.\d{3})+")
_COMMA_THOUSANDS = re.compile(r"[-−]?(\d{1,3}(,\d{3}){2,}(\.\d+)?|\d{1,3}(,\d{3})+\.\d+)")


def plain_number(cell: str, *, percent: bool = False) -> str:
    """Write a number plainly if it can be read in one way only; otherwise leave it.

    With `percent` (the column's unit), the sign of "24%" is dropped.
    """
    text = cell.replace(" ", "") if re.fullmatch(r"[-−]?[\d ., ]+%?", cell) else cell
    if percent:
        text = text.removesuffix("%")
    if _COMMA_DECIMAL.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _COMMA_THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return text.replace("−", "-")


def mixed_marks(grid: Grid, column: str, index: int) -> list[Problem]:
    """Tell cells such as 1.234 in a column that elsewhere writes decimals with a comma.

    There the point may well mark thousands; read as a decimal it would be wrong a
    thousandfold, in silence.
    """
    cells = [
        (line, row[index])
        for line, row in zip(grid.lines, grid.rows, strict=True)
        if index < len(row)
    ]
    if not any(_COMMA_DECIMAL.fullmatch(cell) for _, cell in cells):
        return []
    return [
        Problem(
            grid.file,
            msg("the mark could separate thousands or decimals"),
            msg("write the number without thousands marks, with a decimal point"),
            line=line,
            column=column,
            found=cell,
        )
        for line, cell in cells
        if _POINT_THREE.fullmatch(cell)
    ]


def to_frame(table: Table, grid: Grid) -> pd.DataFrame:
    """Turn a grid without problems into a typed frame, sorted by the table's key unless ordered.

    Empty cells become missing values, never zero and never an empty text.
    """
    frame = pd.DataFrame(grid.rows, columns=grid.header, dtype="string")
    frame = frame[[item.name for item in table.fields]].replace("", pd.NA)
    for item in table.fields:
        if item.type == "boolean":
            frame[item.name] = frame[item.name].str.lower().map({"true": True, "false": False})
        elif item.type in ("integer", "number"):
            frame[item.name] = pd.to_numeric(frame[item.name])
    frame = frame.astype(
        {item.name: PANDAS_TYPES.get(item.type, "string") for item in table.fields}
    )
    return frame if table.ordered else frame.sort_values(list(table.primary_key), ignore_index=True)
