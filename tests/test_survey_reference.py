"""Every statistic, policy and contrast against R survey: `reference/README.md` tells of the pair.

One block of R's output is one configuration, and one test here.
"""

import math

import numpy as np
import pandas as pd
import pytest
from reference.blocks import OUTPUT, read_blocks, read_sample
from reference.compare import (
    RTOL,
    assert_changes,
    assert_contrast,
    assert_levels,
    by_of,
    estimates,
    measure,
)
from reference.make_sample import rows

from icanalysis import survey
from icanalysis.errors import WorkbookError

BLOCKS = read_blocks()
LEAST = {"estimate": 700, "covariance": 12, "change": 80, "did": 19, "fails": 16, "regression": 4}


def of_kind(kind: str):
    """Parametrise a test over all blocks of a kind."""
    chosen = [block for block in BLOCKS if block.kind == kind]
    return pytest.mark.parametrize("block", chosen, ids=map(str, chosen))


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return read_sample()


def test_every_kind_of_block_was_read():
    kinds = pd.Series([block.kind for block in BLOCKS]).value_counts()
    assert all(kinds[kind] >= least for kind, least in LEAST.items()), kinds
    assert all(block.rows for block in BLOCKS)
    first = OUTPUT.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# R version 4.2.2 Patched (2022-11-10 r83330); survey 4.1.1"


def test_the_table_is_the_one_its_script_makes(people):
    made = pd.DataFrame(rows())
    assert len(made) == len(people)
    for column in made:
        as_text = made[column].astype(str).replace("", "nan")
        if made[column].map(type).eq(str).any() and column not in {"income", "school"}:
            assert as_text.tolist() == people[column].tolist()
        else:
            numbers = as_text.astype(float).to_numpy()
            assert np.array_equal(numbers, people[column].astype(float), equal_nan=True), column


@of_kind("estimate")
def test_levels(people, block):
    assert_levels(people, block)


@of_kind("covariance")
def test_covariances(people, block):
    names, by = block.keys["indicators"].split(";"), by_of(block)
    found = estimates(people, block, names, by).covariance()
    labels = [f"{name}:{','.join(map(str, values))}" for name, *values in found.index]
    found.index = found.columns = pd.Index(labels)
    expected = pd.DataFrame(block.numbers()).T
    expected.columns = expected.index = pd.Index([row[0] for row in block.rows])
    assert set(labels) == set(expected.index)
    expected = expected.loc[labels, labels]
    sizes = np.sqrt(np.diag(expected))
    known = ~np.isnan(sizes)
    assert known.all()
    assert (np.abs(found - expected) <= RTOL * np.outer(sizes, sizes)).all(axis=None)


@of_kind("change")
def test_changes(people, block):
    assert_changes(people, block, 2015, 2019)


@of_kind("did")
def test_difference_in_differences(people, block):
    over, name = block.keys["by"], block.keys["indicator"]
    found = estimates(people, block, [name], ["year", over])
    groups = ((block.keys["treated"], 1), (block.keys["control"], -1))
    combination = {
        (name, year, group): sign * way
        for group, sign in groups
        for year, way in ((2015, -1), (2019, 1))
    }
    row = found.contrast({"did": combination}).table.iloc[0]
    theirs = block.numbers()["did"]
    if math.isnan(theirs["se"]):
        assert math.isnan(row["se"])
    else:
        assert_contrast(row, theirs, "estimate", found.table["estimate"].abs().max())


@of_kind("fails")
def test_a_lonely_psu_is_refused_where_r_refuses(people, block):
    theirs = block.rows[0][0]
    assert "has only one PSU at stage 1" in theirs
    design = survey.Design(psu="psu", stratum=block.keys["strata"], weight="weight")
    lonely = {"stratum_one": "15", "stratum_three": "15, 16, 17"}[block.keys["strata"]]
    with pytest.raises(WorkbookError, match=f"single PSU has no variance of its own: {lonely}"):
        survey.estimate(people, {"it": measure(block.keys["indicator"])}, design=design)


@of_kind("regression")
def test_regressions(people, block):
    """R and statsmodels differ by one factor: statsmodels has (n-1)/(n-k) besides G/(G-1)."""
    people = people.assign(
        year=people["year"].astype(str), woman_head=people["woman_head"].astype(int)
    )
    design = survey.Design(psu="psu", stratum="stratum", weight="weight")
    fitted = survey.regression(block.keys["formula"], people, design)
    expected = block.numbers()
    assert fitted.nobs == next(iter(expected.values()))["n"]
    for term, theirs in expected.items():
        # R words a category "areaurban", statsmodels "area[T.urban]".
        name = {"(Intercept)": "Intercept"}.get(term) or ":".join(
            part.replace("areaurban", "area[T.urban]").replace("year2019", "year[T.2019]")
            for part in term.split(":")
        )
        factor = math.sqrt((theirs["n"] - 1) / (theirs["n"] - theirs["k"]))
        assert math.isclose(fitted.params[name], theirs["estimate"], rel_tol=RTOL)
        assert math.isclose(fitted.bse[name], theirs["se"] * factor, rel_tol=RTOL), term


def test_two_routes_within_r_agree():
    """The two statistics R lacks are linearised by hand there: against numerical derivatives."""
    (block,) = (block for block in BLOCKS if block.kind == "routes")
    assert len(block.rows) == 5
    assert all(float(difference) < 1e-9 for _, difference in block.rows)


def test_the_quantile_where_r_slips():
    """R skips the first value when it alone passes p; the definition does not."""
    (block,) = (block for block in BLOCKS if block.kind == "slip")
    assert block.rows == (("20",),)
    frame = pd.DataFrame({"y": [10.0, 20.0, 30.0, 40.0], "w": [4, 1, 1, 1], "psu": list("abcd")})
    assert quantile_by_hand(frame, 0.1) == 10


def quantile_by_hand(frame: pd.DataFrame, p: float) -> float:
    design = survey.Design(psu="psu", weight="w")
    found = survey.estimate(frame, {"q": survey.quantile("y", p)}, design=design)
    return found.table.loc[0, "estimate"]


@pytest.mark.parametrize("weight", [2.0, 0.7])
def test_a_share_reached_exactly_gives_the_value_that_reaches_it(weight):
    """Also where weights such as 0.7 add up to it but for rounding."""
    (block,) = (block for block in BLOCKS if block.kind == "tie")
    frame = pd.DataFrame({"y": [10.0, 20.0, 30.0, 40.0], "w": weight, "psu": list("abcd")})
    for p, theirs in block.rows:
        assert quantile_by_hand(frame, float(p)) == float(theirs)
    ten = pd.DataFrame({"y": range(1, 11), "w": weight, "psu": list("abcdefghij")})
    assert [quantile_by_hand(ten, p / 10) for p in range(1, 10)] == list(range(1, 10))
