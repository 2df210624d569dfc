"""Finds tables that lead to people: counts of too few of them, and rows that are each of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from icanalysis.asked import Disclosure
from icanalysis.findings import Finding, finding
from icanalysis.language import CODES, language, msg
from icanalysis.pieces import Grid, plain

# Columns of this package's own tables that count people or households.
OWN = (
    msg("Simulated interviews"),
    msg("Interviewed"),
    msg("At baseline"),
    msg("Households"),
    msg("Producers"),
)
# A table with this first column counts people in all of its others.
PARTICIPATION = msg("Who took part")
# How others head such columns, in both languages.
COUNTING = re.compile(
    r"(?i)(?:^|\b|_)(?:n|count|freq(?:uency)?|frecuencia|people|persons?|personas?|households?|hogares"
    r"|famil(?:y|ies|ias?)|producers?|productor(?:es|as)?|artisans?|artesan[oa]s?|wom[ae]n|mujer(?:es)?"
    r"|m[ae]n|hombres?|respondents?|encuestad[oa]s|interviews?|encuestas|beneficiar(?:y|ies|i[oa]s?)"
    r"|participants?|participantes|observations?|observaciones)(?:$|\b|_)"
)
# A mean or share of people is no count of them, nor is how large a household is.
NO_COUNT = re.compile(
    r"(?i)%|percent|pct|porcent|share|mean|average|media|promedio|income|ingreso|sales|ventas|soles"
    r"|size|tamaño|(?:^|[\W_])(?:id|code|código|per|por|name|nombre|age|edad)(?:$|[\W_])"
)
# "3 (12%)" is a count and its share.
COUNT_AND_SHARE, SHARE = re.compile(r"n\s*\(\s*%\s*\)"), re.compile(r"\s*\([\d.,\s]*%\s*\)$")
NUMBER = re.compile(r"\d+|\d{1,3}(?:[,.]\d{3})+|\d+\.0+")
APART = re.compile(r"\s*(?:/|→|\|)\s*")
SAMPLED = frozenset({"survey", "simulated"})
LINES = frozenset({"indicator", "source_kind", "n"})
UNITS = re.compile(r"(?:^|;)psu:(\d+)(?:;|$)")
# Columns that tell one person or household from another.
KEYS = frozenset(
    {
        "id",
        "dni",
        "id_persona",
        "id_hogar",
        "id_productor",
        "persona_id",
        "hogar_id",
        "productor_id",
    }
    | {f"{who}_id" for who in ("person", "household", "respondent", "participant", "beneficiary")}
)
# The keys of a household file: with all of one set each row is a household.
SETS = ({"psu", "dwelling", "household"}, {"conglome", "vivienda", "hogar"})
# Fewer rows with different keys may be a list of groups.
FEW_ROWS = 5
# So many of the columns of the producers' file, and so large a part of the table, are its rows.
FEW_COLUMNS, PART = 5, 0.6


@cache
def _headers() -> frozenset[str]:
    return frozenset(language(code).say(title).casefold() for code in CODES for title in OWN)


@cache
def _participation() -> frozenset[str]:
    return frozenset(language(code).say(PARTICIPATION).casefold() for code in CODES)


def small_cells(grid: Grid, rule: Disclosure) -> Iterator[Finding]:
    """Find counts of people that are fewer than may be shown; nobody is no one to be recognised."""
    header = [plain(title).strip().casefold() for title in grid.header]
    if set(header) >= LINES:
        yield from _small_lines(grid, header, rule)
        return
    every = bool(header) and header[0] in _participation()
    for column, title in enumerate(header):
        if not (_counts_people(title) or (every and column)):
            continue
        for row, cell in grid.column(column):
            if any(0 < count < rule.people for count in _counts(cell)):
                yield finding("small-cell", grid.cell(row, column), cell)


def _counts_people(title: str) -> bool:
    if title in _headers() or COUNT_AND_SHARE.fullmatch(title):
        return True
    return bool(COUNTING.search(title) and not NO_COUNT.search(title))


def _counts(cell: str) -> list[int]:
    """Return the counts a cell tells; none if it tells anything else."""
    parts = APART.split(SHARE.sub("", plain(cell).strip()))
    if not all(NUMBER.fullmatch(part) for part in parts if part != "—"):
        return []
    return [
        int(re.sub(r"\.0+$|[,.]", "", part) if not re.fullmatch(r"\d+", part) else part)
        for part in parts
        if part != "—"
    ]


def _small_lines(grid: Grid, header: list[str], rule: Disclosure) -> Iterator[Finding]:
    """Find lines of a run's results that rest on too few people or sampling units."""
    kind, n = header.index("source_kind"), header.index("n")
    note = header.index("note") if "note" in header else None
    for row, cells in enumerate(grid.rows):
        if len(cells) < len(header) or cells[kind] not in SAMPLED:
            continue
        if any(0 < count < rule.people for count in _counts(cells[n] or "—")):
            yield finding("small-cell", grid.cell(row, n), cells[n])
        units = UNITS.search(cells[note]) if note is not None else None
        if note is not None and units and int(units[1]) < rule.psus:
            yield finding("small-cell", grid.cell(row, note), units[0].strip(";"))


def rows_of_people(grid: Grid, columns: frozenset[str]) -> Iterator[Finding]:
    """Find a table whose rows are people; `columns` are those of the producers' file, its key first."""
    header = [plain(title).strip().casefold() for title in grid.header]
    shared = columns.intersection(header)
    key = next((title for title in header if title in KEYS or title.endswith("producer_id")), "")
    ours = len(shared) >= FEW_COLUMNS and len(shared) >= PART * len(header)
    if grid.rows and (ours or any(names <= set(header) for names in SETS)):
        yield finding("row-level", grid.place, ", ".join(title for title in header if title))
    elif key:
        cells = [cell for _, cell in grid.column(header.index(key))]
        if len(cells) >= FEW_ROWS and len(set(cells)) > len(cells) / 2:
            yield finding("row-level", grid.place, f"{key} × {len(cells)}")
