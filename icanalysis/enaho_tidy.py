"""From INEI's columns to tidy ones: codes, keys and amounts, by the data dictionary.

Whatever a file holds that the dictionary does not allow is told with its line; nothing is
guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from icanalysis.enaho_raw import Raw, by_value, digits, empty, folded, numbers, text
from icanalysis.enaho_tables import Variable, labels
from icanalysis.language import msg
from icanalysis.microformats import REPLACE

DEPARTMENTS = 25
STRATA = 8
LAST_URBAN_STRATUM = 5
METROPOLITAN_DOMAIN = 8
MONTHS = 12
# In the dictionary, an empty cell: with a meaning of its own, or simply missing.
BLANK = "blank"
_DEPARTMENT_CODES = [f"{number:02d}" for number in range(1, DEPARTMENTS + 1)]
_CHECK_FILE = msg("check that the file is the one meant")


def _codes(values: pd.Series, source: str) -> pd.Series:
    """Return the plain code of each value ("1", not "1.0" or "01"); known labels become codes."""
    plain = digits(values).str.replace(r"^0+(?=\d)", "", regex=True)
    number = plain.str.fullmatch(r"-?[\d.,]+", na=True)
    if number.all():
        return plain
    worded = text(values)[~number].map(folded).map(labels(source))
    return plain.where(number, worded.astype("string"))


def _tell_labels(raw: Raw, item: Variable) -> None:
    """Tell of cells with a word that nobody said the code of."""
    column = raw.frame[item.source]
    unread = by_value(column, lambda values: _codes(values, item.source).isna() & ~empty(values))
    raw.tell(
        msg("the cell holds a label where a code is expected"),
        msg("export the file with codes, not labels"),
        item.source,
        unread,
    )


# --- rules: how a tidy column comes out of its source ------------------------------------------


def _by_codes(raw: Raw, item: Variable) -> pd.Series:
    column = raw.frame[item.source]
    _tell_labels(raw, item)
    if "*" not in item.codes:
        _tell_unknown(raw, item, by_value(column, lambda values: _undescribed(values, item)))
    if BLANK not in item.codes:
        _tell_empty(raw, item)
    return by_value(column, lambda values: _meaning(values, item))


def _undescribed(values: pd.Series, item: Variable) -> pd.Series:
    code = _codes(values, item.source)
    return code.notna() & ~code.isin([*item.codes, *item.missing])


def _meaning(values: pd.Series, item: Variable) -> pd.Series:
    code = _codes(values, item.source)
    meant = code.map(item.codes)
    if "*" in item.codes:
        meant = meant.mask(_undescribed(values, item), item.codes["*"])
    if BLANK in item.codes:
        meant = meant.mask(code.isna(), item.codes[BLANK])
    return _typed(meant.astype("string"), item.type)


def _tell_empty(raw: Raw, item: Variable) -> None:
    """Tell of empty cells where the column must be, unless the dictionary allows them."""
    if item.required and BLANK not in item.missing:
        raw.tell(msg("the cell is empty"), REPLACE, item.source, empty(raw.frame[item.source]))


def _tell_unknown(raw: Raw, item: Variable, unknown: pd.Series) -> None:
    """Tell of codes nobody described; in a column that may be absent they are only missing."""
    if not unknown.any():
        return
    allowed = ", ".join(code for code in (*item.codes, *item.missing) if code != BLANK)
    if item.required:
        trouble = msg("the code is none of: {allowed}", allowed=allowed)
        raw.tell(trouble, _CHECK_FILE, item.source, unknown)
        return
    codes = ", ".join(sorted(set(text(raw.frame[item.source])[unknown])))
    raw.notes.append(
        msg(
            "{file}: codes of {column} that are not described ({codes}; rows: {count}): "
            "{variable} is missing there.",
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
    return values


def _digits(raw: Raw, item: Variable) -> pd.Series:
    """Return codes of fixed width, with the leading zeros that a spreadsheet took away."""
    width = int(item.rule.split()[1])
    column, form = raw.frame[item.source], rf"\d{{1,{width}}}"
    good = by_value(column, lambda values: digits(values).str.fullmatch(form, na=False))
    trouble = msg("the code is not of {width} digits", width=width)
    raw.tell(trouble, _CHECK_FILE, item.source, ~good)
    return by_value(column, lambda values: digits(values).str.zfill(width))


def _ubigeo(raw: Raw, item: Variable) -> pd.Series:
    """Return district codes; only a leading zero can be lacking, and then from all of them."""
    column = raw.frame[item.source]
    zeros = by_value(column, lambda values: digits(values).str.startswith("0", na=False))
    form = rf"\d{{{6 if zeros.any() else 5},6}}"
    good = by_value(column, lambda values: digits(values).str.fullmatch(form, na=False))
    raw.tell(msg("the code is not of {width} digits", width=6), _CHECK_FILE, item.source, ~good)
    known = by_value(column, lambda values: _six(values).str[:2].isin(_DEPARTMENT_CODES))
    trouble = msg("no department has this code")
    raw.tell(trouble, _CHECK_FILE, item.source, good & ~known)
    return by_value(column, _six)


def _six(values: pd.Series) -> pd.Series:
    return digits(values).str.zfill(6)


def _department(raw: Raw, item: Variable) -> pd.Series:
    return by_value(raw.frame[item.source], lambda values: _six(values).str[:2])


def _number(raw: Raw, item: Variable) -> pd.Series:
    column = raw.frame[item.source]
    values = numbers(column)
    unread = values.isna() & ~empty(column)
    if unread.any():
        _tell_no_number(raw, item, unread)
    raw.tell(msg("the number is not finite"), _CHECK_FILE, item.source, values.abs() == np.inf)
    _tell_empty(raw, item)
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
    _tell_labels(raw, item)
    section: dict[int, str] = {}
    for span, letter in item.codes.items():
        first, _, last = span.partition("-")
        section |= dict.fromkeys(range(int(first), int(last or first) + 1), letter)

    def sections(values: pd.Series) -> pd.Series:
        code = _codes(values, item.source)
        known = code.str.fullmatch(r"\d{3,4}", na=False) & ~code.isin(item.missing)
        return (pd.to_numeric(code.where(known)) // 100).map(section).astype("string")

    def undescribed(values: pd.Series) -> pd.Series:
        code = _codes(values, item.source)
        return sections(values).isna() & code.notna() & ~code.isin(item.missing)

    column = raw.frame[item.source]
    _tell_unknown(raw, item, by_value(column, undescribed))
    return by_value(column, sections)


def _area(raw: Raw, item: Variable) -> pd.Series:
    # What is wrong with a stratum is told where it is read as one.
    strata = raw.frame[item.source]
    stratum = by_value(strata, lambda values: numbers(_codes(values, item.source)))
    urban = stratum <= LAST_URBAN_STRATUM
    unplaced = pd.Series(True, index=strata.index)
    if "dominio" in raw.frame:
        domain = numbers(raw.frame["dominio"])
        urban |= domain == METROPOLITAN_DOMAIN
        unplaced = domain.isna()
    if "ubigeo" in raw.frame and unplaced.any():
        urban |= unplaced & by_value(
            raw.frame["ubigeo"], lambda values: _six(values).str.match("1501|07", na=False)
        )
    area = by_value(
        urban, lambda known: known.map({True: "urban", False: "rural"}).astype("string")
    )
    return area.where(stratum.isin(range(1, STRATA + 1)))


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
