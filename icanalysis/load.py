"""Tables of a data folder: read, checked against their description, converted, sorted.

One function serves every table, because all that differs between them stands in
datapackage.json: a new table needs a description, not code. Frictionless does the
checking of types, constraints and keys; this module words what it finds, and adds what
only an evaluation knows: regions, their spellings, links between tables.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from icanalysis import microcache
from icanalysis.catalog import ABSENCE_WORDS, DESCRIPTION, Catalog, Table, read_catalog
from icanalysis.cells import Grid, plain_text, read_grid
from icanalysis.checks import (
    cell_problems,
    column_cells,
    described,
    header_problems,
    key_problems,
    link_problems,
    number_problems,
    spelling_problems,
    text_problems,
    vocabulary_problems,
)
from icanalysis.errors import DataError, Problem, WorkbookError, unknown_choice
from icanalysis.evaluation import FILE, JOINT, Evaluation
from icanalysis.language import msg
from icanalysis.settings import read_evaluation

SPELLINGS = "spellings"
TRUTH = dict.fromkeys(("true", "verdadero", "sí", "si", "yes", "1"), "true") | dict.fromkeys(
    ("false", "falso", "no", "0"), "false"
)
PANDAS_TYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean", "string": "string"}


@dataclass
class DataFolder:
    """A data folder opened: its evaluation, its catalog, and its tables on demand."""

    evaluation: Evaluation
    catalog: Catalog
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    # Names of the tables read since it was opened, or since somebody cleared them.
    read: set[str] = field(default_factory=set, repr=False)
    # What was taken of tables short of the whole, and its checksum: `extracts` writes it.
    taken: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def path(self) -> Path:
        """Where the folder is."""
        return self.catalog.folder

    @cached_property
    def settings(self) -> str:
        """Checksum of what stands for all tables: the evaluation, and how they are described.

        The checksums of tables that the description holds are left out: each table has its own. So
        is what only bundles and the IATI file hang on, so that naming a publisher or confining an
        agency makes no report again.
        """
        description = json.loads((self.path / DESCRIPTION).read_text(encoding="utf-8"))
        for resource in description.get("resources", []):
            for name in ("hash", "bytes"):
                resource.pop(name, None)
        evaluation = self.evaluation.model_dump_json(exclude={"iati", "agencies"})
        told = json.dumps([evaluation, description], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()

    def table(self, name: str) -> pd.DataFrame:
        """Return one table, checked and typed; the caller may change it.

        Raises
        ------
        WorkbookError
            If the data package has no such table.
        DataError
            Listing every problem in the file, not only the first.
        """
        # Regions are known by the table of spellings, whatever the table.
        self.read |= {name, SPELLINGS} & self.catalog.tables.keys()
        if name not in self._frames:
            if name not in self.catalog.tables:
                raise unknown_choice(msg("Table"), name, list(self.catalog.tables))
            self._frames[name] = self._kept(self.catalog.tables[name])
        return self._frames[name].copy()

    def _kept(self, table: Table) -> pd.DataFrame:
        """Read a table, or find it as it was read: the same file under the same description."""
        others = [self.catalog.tables[link.table] for link in table.links]
        if SPELLINGS in self.catalog.tables:
            others.append(self.catalog.tables[SPELLINGS])
        makers = [self.path / DESCRIPTION, self.path / FILE, *(other.path for other in others)]
        if not all(path.is_file() for path in (table.path, *makers)):
            return self._read(table)  # which tells what is missing
        key = microcache.key(table.path, makers, microcache.code(), table.name)
        return microcache.kept(key, lambda: (self._read(table), []))[0]

    def _read(self, table: Table) -> pd.DataFrame:
        grid = self.normalised(table, table.path)
        problems = self.find_problems(table, grid)
        if problems:
            raise DataError(problems)
        return to_frame(table, grid)

    @cached_property
    def invented(self) -> tuple[str, ...]:
        """Tables with invented rows where real ones are to stand: of a workbook just begun."""
        return tuple(
            table.name
            for table in self.catalog.tables.values()
            if table.source_kind == "simulated" != table.stands_for and len(self.table(table.name))
        )

    def load_all(self) -> None:
        """Load every table, so that all faults of all of them are told together.

        Raises
        ------
        DataError
            Listing every problem of every file.
        """
        problems: list[Problem] = []
        for name in self.catalog.tables:
            try:
                self.table(name)
            except DataError as error:
                problems += error.problems
        if problems:
            raise DataError(problems)

    def normalised(self, table: Table, path: Path) -> Grid:
        """Read a file as a table and put what has only one meaning in its plain form.

        Column titles become names, absence words become empty, region spellings become codes,
        decimal commas become points. What could mean two things stays as it is,
        for `find_problems` to tell.
        """
        titles = {
            title.casefold(): item.name for item in table.fields for title in item.titles.values()
        }
        names = {item.name.casefold(): item.name for item in table.fields}
        grid = read_grid(path, list(names.values()), titles)
        known = titles | names
        grid.header = [known.get(cell.casefold(), cell) for cell in grid.header]
        grid.problems = [
            replace(problem, column=known.get(problem.column.casefold(), problem.column))
            if problem.column
            else problem
            for problem in grid.problems
        ]
        for index, name in enumerate(grid.header):
            if name in names.values():
                self._normalise_column(table, grid, index)
        return grid

    def _normalise_column(self, table: Table, grid: Grid, index: int) -> None:
        column = table.field(grid.header[index])
        for row in grid.rows:
            cell = plain_text(row[index])
            row[index] = "" if cell.casefold() in ABSENCE_WORDS else cell
        if column.vocabulary == "region" and table.name != SPELLINGS:
            for row in grid.rows:
                row[index] = self._region_codes(row[index], joint=column.joint)
        elif column.labels:
            codes = column.codes_by_label()
            for row in grid.rows:
                row[index] = codes.get(row[index].casefold(), row[index])
        elif column.type == "boolean":
            for row in grid.rows:
                row[index] = TRUTH.get(row[index].casefold(), row[index])
        elif column.type in ("integer", "number"):
            percent = column.unit.split(" ")[0] == "percent"
            grid.problems += mixed_marks(grid, column.name, index)
            for row in grid.rows:
                row[index] = plain_number(row[index], percent=percent)

    def _region_codes(self, cell: str, *, joint: bool) -> str:
        """Regions by their codes, in alphabetical order where joint; unknown parts stay."""
        if not joint:
            return self.region_code(cell)
        return JOINT.join(sorted(self.region_code(part.strip()) for part in cell.split(JOINT)))

    def region_code(self, name: str) -> str:
        """Return the code of a region by one of its known spellings, or the name as it is."""
        return self.spellings.get(" ".join(plain_text(name).split()).casefold(), name)

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Known spellings of each region (casefolded) and its code: a table, never a guess."""
        known = {region.code.casefold(): region.code for region in self.evaluation.regions}
        if SPELLINGS in self.catalog.tables:
            table = self.catalog.tables[SPELLINGS]
            grid = self.normalised(table, table.path)
            if problems := header_problems(table, grid):
                raise DataError(problems)
            columns = [grid.header.index(name) for name in ("spelling", "region")]
            for spelling, region in ([row[index] for index in columns] for row in grid.rows):
                known.setdefault(spelling.casefold(), region)
        return known

    def find_problems(self, table: Table, grid: Grid) -> list[Problem]:
        """List every departure of a file from its table's description.

        A fault in the header does not hide those of the cells; one cell is told of once, by
        the finding that says most.
        """
        problems = grid.problems + header_problems(table, grid)
        judged = described(table, grid)
        stages = [
            text_problems(judged),
            vocabulary_problems(table, judged, self.evaluation),
            number_problems(table, judged),
        ]
        try:
            stages.append(link_problems(table, judged, self._keys(table)))
        except DataError as error:
            problems += error.problems
        repeats = spelling_problems if table.name == SPELLINGS else key_problems
        stages += [repeats(table, judged), cell_problems(table, judged)]
        for found in stages:
            told = {(problem.line, problem.column) for problem in problems if problem.column}
            problems += [item for item in found if (item.line, item.column) not in told]
        return problems

    def _keys(self, table: Table) -> dict[str, set[str]]:
        """For each linked column of a table, the values the other table offers."""
        keys = {}
        for link in table.links:
            target = self.catalog.tables[link.table]
            grid = self.normalised(target, target.path)
            if link.key not in grid.header:
                raise DataError(header_problems(target, grid))
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


# 12,5 / 0,125 / 1.234,5 / 1234,56: the comma can only be a decimal mark. Three digits after
# a lone comma (1,234) could be thousands, so that form is not here.
_COMMA_DECIMAL = re.compile(
    r"[-−+]?(\d+,(\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+|[1-9]\d{0,2}(\.\d{3})+,\d+)", re.ASCII
)
# 1,234,567 / 1,234.5: the commas can only mark thousands; in 1.234.567, the points.
_COMMA_THOUSANDS = re.compile(r"[-−+]?[1-9]\d{0,2}((,\d{3}){2,}(\.\d+)?|,\d{3}\.\d+)", re.ASCII)
_POINT_THOUSANDS = re.compile(r"[-−+]?[1-9]\d{0,2}(\.\d{3}){2,}", re.ASCII)
_SPACE_THOUSANDS = re.compile(r"[-−+]?[1-9]\d{0,2}( \d{3})+([.,]\d+)?", re.ASCII)
# 1.234: thousands where the comma marks decimals, otherwise a decimal.
_POINT_THREE = re.compile(r"[-−+]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_POINT_DECIMAL = re.compile(r"[-−+]?(\d+\.(\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+)", re.ASCII)


def plain_number(cell: str, *, percent: bool = False) -> str:
    """Write a number plainly if it can be read in one way only; otherwise leave it.

    With `percent` (the column's unit), the sign of "24%" is dropped.
    """
    text = cell
    if percent and text.endswith("%"):
        text = text.removesuffix("%").rstrip()
    if _SPACE_THOUSANDS.fullmatch(text):
        # Spaces part the thousands, so any other mark is the decimal one.
        text = text.replace(" ", "").replace(",", ".")
    elif _COMMA_DECIMAL.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _COMMA_THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    elif _POINT_THOUSANDS.fullmatch(text):
        text = text.replace(".", "")
    return re.sub(r"^−(?=[\d.])", "-", text)


def mixed_marks(grid: Grid, column: str, index: int) -> list[Problem]:
    """Tell cells such as 1.234 in a column that seems to write decimals with a comma.

    There the point may well mark thousands; read as a decimal it would be wrong a
    thousandfold, in silence.
    """
    cells = [row[index].removesuffix("%").rstrip() for row in grid.rows]
    comma = any(_COMMA_DECIMAL.fullmatch(cell) for cell in cells)
    point = any(_POINT_DECIMAL.fullmatch(cell) for cell in cells)
    if not comma and (point or grid.point_decimals):
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
        for line, cell in zip(grid.lines, cells, strict=True)
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
            frame[item.name] = frame[item.name].map({"true": True, "false": False})
        elif item.type in ("integer", "number"):
            frame[item.name] = pd.to_numeric(frame[item.name])
    frame = frame.astype(
        {item.name: PANDAS_TYPES.get(item.type, "string") for item in table.fields}
    )
    return frame if table.ordered else frame.sort_values(list(table.primary_key), ignore_index=True)
