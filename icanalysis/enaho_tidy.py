"""From INEI's columns to tidy ones: codes, keys and amounts, by the data dictionary.

Whatever a file holds that the dictionary does not allow is told with its line; nothing is
guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from icanalysis.enaho_raw import Raw, by_value, digits, folded, numbers, text
from icanalysis.enaho_tables import Variable, labels
from icanalysis.language import msg
from icanalysis.microformats import REPLACE

DEPARTMENTS = 25
LAST_URBAN_STRATUM = 5
METROPOLITAN_DOMAIN = 8
MONTHS = 12
# In the dictionary, an empty cell: with a meaning of its own, or simply missing.
BLANK = "blank"
_CHECK_FILE = msg("check that the file is the one meant")


def _codes(raw: Raw, item: Variable) -> pd.Series:
    """Return the plain code of each cell ("1", not "1.0" or "01"); known labels become codes."""
    cells = text(raw.frame[item.source])
    code = by_value(
        digits(raw.frame[item.source]),
        lambda values: values.str.replace(r"^0+(?=\d)", "", regex=True),
    )
    whole = by_value(code, lambda values: values.str.fullmatch(r"-?\d+", na=False))
    worded = code.notna() & ~whole
    if worded.any():
        code = code.mask(worded, cells[worded].map(folded).map(labels(item.source)))
        raw.tell(
            msg("the cell holds a label where a code is expected"),
            msg("export the file with codes, not labels"),
            item.source,
            worded & code.isna(),
        )
    return code.mask(worded & code.isna())


# --- rules: how a tidy column comes out of its source ------------------------------------------


def _by_codes(raw: Raw, item: Variable) -> pd.Series:
    code = _codes(raw, item)
    meaning = {**item.codes, **dict.fromkeys(item.missing, pd.NA)}
    values = by_value(code, lambda found: found.map(item.codes).astype("string"))
    unknown = code.notna() & ~code.isin(list(meaning))
    if "*" in item.codes:
        values = values.mask(unknown, item.codes["*"])
    elif unknown.any():
        _tell_unknown(raw, item, unknown)
    empty = text(raw.frame[item.source]).isna()
    if BLANK in item.codes:
        return _typed(values.mask(empty, item.codes[BLANK]), item.type)
    _tell_empty(raw, item, empty)
    return _typed(values, item.type)


def _tell_empty(raw: Raw, item: Variable, empty: pd.Series) -> None:
    """Tell of empty cells where the column must be, unless the dictionary allows them."""
    if item.required and BLANK not in item.missing:
        raw.tell(msg("the cell is empty"), REPLACE, item.source, empty)


def _tell_unknown(raw: Raw, item: Variable, unknown: pd.Series) -> None:
    """Tell of codes nobody described; in a column that may be absent they are only missing."""
    allowed = ", ".join(code for code in (*item.codes, *item.missing) if code != BLANK)
    if item.required:
        trouble = msg("the code is none of: {allowed}", allowed=allowed)
        raw.tell(trouble, _CHECK_FILE, item.source, unknown)
        return
    codes = ", ".join(sorted(set(text(raw.frame[item.source])[unknown])))
    raw.notes.append(
        msg(
            "{file}: {count} rows have a code of {column} that is not described ({codes}); "
            "their {variable} is missing.",
            file=raw.file,
            count=int(unknown.sum()),
            column=item.source,
            codes=codes,
            variable=item.name,
        )
    )


def _typed(values: pd.Series, kind: str) -> pd.Series:
    if kind == "boolean":
        return values.eq("true").astype("boolean")
    if kind == "integer":
        return pd.to_numeric(values).astype("Int64")
    return values.astype("string")


def _digits(raw: Raw, item: Variable) -> pd.Series:
    """Return codes of fixed width, with the leading zeros that a spreadsheet took away."""
    width = int(item.rule.split()[1])
    cells = digits(raw.frame[item.source])
    good = by_value(cells, lambda values: values.str.fullmatch(rf"\d{{1,{width}}}", na=False))
    trouble = msg("the code is not of {width} digits", width=width)
    raw.tell(trouble, _CHECK_FILE, item.source, ~good)
    return by_value(cells, lambda values: values.str.zfill(width))


def _ubigeo(raw: Raw, item: Variable) -> pd.Series:
    """Return district codes; only a leading zero can be lacking, and then from all of them."""
    cells = digits(raw.frame[item.source])
    padded = _six(raw)
    zeros = bool(cells.str.startswith("0", na=False).any())
    shortest = 6 if zeros else 5
    good = cells.str.fullmatch(rf"\d{{{shortest},6}}", na=False)
    raw.tell(msg("the code is not of {width} digits", width=6), _CHECK_FILE, item.source, ~good)
    known = pd.to_numeric(padded.str[:2].where(good)).between(1, DEPARTMENTS).fillna(False)
    trouble = msg("no department has this code")
    raw.tell(trouble, _CHECK_FILE, item.source, good & ~known.astype(bool))
    return padded


def _six(raw: Raw) -> pd.Series:
    cells = digits(raw.frame["ubigeo"])
    return by_value(cells, lambda values: values.str.zfill(6))


def _department(raw: Raw, item: Variable) -> pd.Series:
    return by_value(_six(raw), lambda values: values.str[:2])


def _number(raw: Raw, item: Variable) -> pd.Series:
    column = raw.frame[item.source]
    values = numbers(column)
    empty = text(column).isna() if column.dtype.kind not in "iuf" else column.isna()
    unread = values.isna() & ~empty
    if unread.any():
        _tell_no_number(raw, item, unread)
    raw.tell(msg("the number is not finite"), _CHECK_FILE, item.source, values.abs() == np.inf)
    _tell_empty(raw, item, empty)
    return values.mask(values.isin([float(code) for code in item.missing if code != BLANK]))


def _tell_no_number(raw: Raw, item: Variable, unread: pd.Series) -> None:
    cells = text(raw.frame[item.source])
    unclear = unread & cells.str.fullmatch(r"-?\d{1,3}(?:,\d{3})+", na=False)
    raw.tell(
        msg("the mark could separate thousands or decimals"),
        msg("write the number without thousands marks, with a decimal point"),
        item.source,
        unclear,
    )
    raw.tell(msg("this is no number"), _CHECK_FILE, item.source, unread & ~unclear)


def weight(raw: Raw, column: str) -> pd.Series:
    """Return the weights in a column; what is no number is told."""
    return _number(raw, Variable(column, "number", "number", column, False, {}, ()))


def _integer(raw: Raw, item: Variable) -> pd.Series:
    values = _number(raw, item)
    broken = values.notna() & (values % 1 != 0)
    raw.tell(msg("this is no whole number"), REPLACE, item.source, broken)
    return values.mask(broken | (values.abs() == np.inf)).astype("Int64")


def _per_member_and_month(raw: Raw, item: Variable) -> pd.Series:
    members = numbers(raw.frame["mieperho"])
    return _number(raw, item) / (MONTHS * members.where(members > 0))


def _isic(raw: Raw, item: Variable) -> pd.Series:
    """Return the section letter of each activity by its division, the first two of four digits."""
    code = _codes(raw, item)
    code = code.mask(code.isin(item.missing))
    division = pd.to_numeric(code.where(code.str.fullmatch(r"\d{3,4}", na=False))) // 100
    section: dict[int, str] = {}
    for span, letter in item.codes.items():
        first, _, last = span.partition("-")
        section |= dict.fromkeys(range(int(first), int(last or first) + 1), letter)
    values = division.map(section).astype("string")
    unknown = code.notna() & values.isna()
    if unknown.any():
        _tell_unknown(raw, item, unknown)
    return values


def _area(raw: Raw, item: Variable) -> pd.Series:
    stratum = pd.to_numeric(_codes(Raw(raw.file, raw.frame), item), errors="coerce")
    urban = stratum.le(LAST_URBAN_STRATUM).fillna(False).astype(bool)
    if "dominio" in raw.frame:
        urban |= numbers(raw.frame["dominio"]) == METROPOLITAN_DOMAIN
    else:
        metropolitan = by_value(_six(raw), lambda codes: codes.str.match("1501|07").fillna(False))
        urban |= metropolitan.astype(bool)
    return urban.map({True: "urban", False: "rural"}).astype("string").mask(stratum.isna())


_RULES: Mapping[str, Callable[[Raw, Variable], pd.Series]] = {
    "codes": _by_codes,
    "digits": _digits,
    "ubigeo": _ubigeo,
    "department": _department,
    "number": _number,
    "integer": _integer,
    "per member and month": _per_member_and_month,
    "isic": _isic,
    "area": _area,
}
# These are no column's doing: the year is one for the file, weights stand in a table of their own.
ELSEWHERE = ("year", "weight", "times members")


def tidy(raw: Raw, items: tuple[Variable, ...]) -> pd.DataFrame:
    """Return the tidy columns for which the file has a source; faults go to `raw.problems`."""
    made = {}
    for item in items:
        rule = item.rule.split(" ")[0] if item.rule.startswith("digits") else item.rule
        if rule in _RULES and _has_source(raw, item):
            made[item.name] = _RULES[rule](raw, item)
    frame = pd.DataFrame(made, index=raw.frame.index)
    whole = [item.name for item in items if item.type == "integer" and item.name in frame]
    complete = [name for name in whole if frame[name].notna().all()]
    return frame.astype(dict.fromkeys(complete, "int64"))


def _has_source(raw: Raw, item: Variable) -> bool:
    """Tell whether the file has what the rule needs: areas take a place besides the stratum."""
    placed = "dominio" in raw.frame or "ubigeo" in raw.frame
    return item.source in raw.frame and (item.rule != "area" or placed)
