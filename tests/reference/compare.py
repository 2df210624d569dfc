"""Do with the engine what a block of R's output says was done, and compare the numbers."""

from __future__ import annotations

import math

import pandas as pd
from reference.blocks import Block

from icanalysis import survey

# Both sides work in double precision; sums in another order cost some digits, never eight.
RTOL = 1e-8
# What is zero in exact arithmetic comes out as rounding error of the figures it is made of.
ROUNDING = 1e-12
POLICIES = {"remove": "certainty"}  # two names of one thing in R


def measure(name: str) -> survey.Measure:
    """What a configuration names: "fgt spending line 1" is survey.fgt("spending", "line", 1)."""
    word, *arguments = name.split()
    if word == "share":
        *variable, over = arguments
        return survey.share(*variable, over=over)
    if word == "bottom_share":
        return survey.bottom_share(arguments[0], share=float(arguments[1]))
    values = [float(each) if each[0].isdigit() else each for each in arguments]
    return getattr(survey, word)(*values)


def design_of(block: Block, weight: str) -> survey.Design:
    told = {key: None if value == "-" else value for key, value in block.keys.items()}
    return survey.Design(
        psu="psu",
        stratum=told["strata"],
        weight=weight,
        lonely_psu=POLICIES.get(block.keys["lonely"], block.keys["lonely"]),
        period=told.get("period"),
        fpc=told.get("fpc"),
    )


def by_of(block: Block) -> list[str]:
    return [column for column in block.keys["by"].split(",") if column != "-"]


def estimates(
    frame: pd.DataFrame, block: Block, names: list[str], by: list[str], weight: str = "weight"
) -> survey.Estimates:
    """All indicators of a configuration in one call."""
    where = block.keys.get("where", "-")
    return survey.estimate(
        frame,
        {name: measure(name) for name in names},
        by=by,
        design=design_of(block, weight),
        where=None if where == "-" else where,
    )


def domain(row: pd.Series, by: list[str]) -> str:
    return ",".join(str(row[column]) for column in by) or "all"


def assert_same(ours: pd.Series, theirs: dict, columns: str, scale: float = 0.0) -> None:
    """Compare named numbers: RTOL relative to the figure, ROUNDING to the scale it is made of."""
    for column in columns.split():
        found, expected = float(ours[column]), theirs[column]
        if math.isnan(expected):
            assert math.isnan(found), f"{column}: {found}, R has none"
        else:
            close = math.isclose(found, expected, rel_tol=RTOL, abs_tol=ROUNDING * scale)
            assert close, f"{column}: {found!r}, R: {expected!r}"


def assert_contrast(ours: pd.Series, theirs: dict, column: str, scale: float) -> None:
    """Compare an estimated difference: its own size may be far below that of its parts."""
    close = ROUNDING * max(scale, 1)
    assert math.isclose(ours[column], theirs[column], rel_tol=RTOL, abs_tol=1e4 * close)
    assert_same(ours, theirs, "se df", scale)
    for bound in ("low", "high"):
        reach = RTOL * max(abs(theirs[bound]), theirs["se"])
        assert abs(ours[bound] - theirs[bound]) <= reach, bound
    assert math.isclose(ours["p"], theirs["p"], rel_tol=1e-6, abs_tol=RTOL)


def assert_levels(frame: pd.DataFrame, block: Block, weight: str = "weight") -> None:
    """All domains of one indicator."""
    by, name = by_of(block), block.keys["indicator"]
    table = estimates(frame, block, [name], by, weight).table
    expected = block.numbers()
    assert {domain(row, by) for _, row in table.iterrows()} == set(expected)
    for _, row in table.iterrows():
        theirs = expected[domain(row, by)]
        assert_same(row, theirs, "estimate se low high df n n_psu", abs(theirs["estimate"]))


def assert_changes(
    frame: pd.DataFrame, block: Block, first: int, last: int, weight: str = "weight"
) -> None:
    """The change of one indicator in all domains."""
    others, name = by_of(block), block.keys["indicator"]
    found = estimates(frame, block, [name], [*others, "year"], weight)
    table = found.change("year", first, last).table
    expected = block.numbers()
    assert {domain(row, others) for _, row in table.iterrows()} == set(expected)
    for _, row in table.iterrows():
        theirs = expected[domain(row, others)]
        scale = max(abs(theirs["first"]), abs(theirs["last"]))
        assert_same(row, theirs, "first last", scale)
        if math.isnan(theirs["se"]):
            assert row[["se", "low", "high", "p"]].isna().all()
        elif theirs["se"] <= ROUNDING * scale:
            # Everybody, or nobody, in both years: no spread, hence no test of no difference.
            assert row["se"] <= ROUNDING * scale
        else:
            assert_contrast(row, theirs, "change", scale)
