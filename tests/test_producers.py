"""The two waves of the producers' table: how they are linked, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from icanalysis.asked import Producers
from icanalysis.errors import DataError, WorkbookError, listing
from icanalysis.language import language
from icanalysis.load import open_data
from icanalysis.producer_simulation import programme
from icanalysis.producers import ATTRIBUTES, deflated, link, read_waves

DATA = Path(__file__).parents[1] / "data"
ENGLISH = language("en")
# Four producers of two communities: two seen twice, one lost, one new.
TABLE = """
producer_id wave     region sector community arm        sex   mother_tongue year age income_soles
CUS-0001    baseline cusco  crafts A         programme  woman quechua       2009 40  300
CUS-0001    outcome  cusco  crafts A         programme  woman quechua       2013 44  450
CUS-0002    baseline cusco  crafts A         programme  man   spanish       2009 30  500
CUS-0003    baseline cusco  crafts B         comparison man   -             2009 61  200
CUS-0003    outcome  cusco  crafts B         comparison man   quechua       2013 66  -
CUS-0004    outcome  cusco  crafts B         comparison woman spanish       2013 25  150
"""
TEXT = ["producer_id", "wave", "region", "sector", "community", "arm", "sex", "mother_tongue"]
CHANNELS = ["sells_local", "sells_fairs", "sells_shops", "sells_online", "sells_export"]


def table(changes=None):
    """The table above, as the loader would give it, with cells changed by row and column."""
    header, *rows = (line.split() for line in TABLE.strip().splitlines())
    frame = pd.DataFrame(rows, columns=header, dtype="object").replace("-", None)
    for (row, column), value in (changes or {}).items():
        if row != "all":
            frame.loc[row, column] = value
    for name in ("year", "age"):
        frame[name] = pd.to_numeric(frame[name]).astype("Int64")
    frame["income_soles"] = pd.to_numeric(frame["income_soles"]).astype("float64")
    frame = frame.astype(dict.fromkeys(TEXT, "string"))
    own = {name: value for (row, name), value in (changes or {}).items() if row == "all"}
    return frame.assign(
        weight=10.0,
        area=pd.array(["rural"] * len(frame), dtype="string"),
        household_size=pd.array([4] * len(frame), dtype="Int64"),
        trained=pd.array(own.get("trained", [True] * len(frame)), dtype="boolean"),
        training_hours=own.get("training_hours", 8.0),
        source_kind=pd.array(own.get("source_kind", ["programme"] * len(frame)), dtype="string"),
        **{
            name: pd.array(own.get(name, [True, False] * (len(frame) // 2)), dtype="boolean")
            for name in CHANNELS
        },
    )


def problems(frame):
    with pytest.raises(DataError) as refused:
        link(frame, "sent.xlsx")
    assert {problem.file for problem in refused.value.problems} == {"sent.xlsx"}
    return [problem.told(ENGLISH) for problem in refused.value.problems]


# --- linkage ----------------------------------------------------------------------------


def test_who_was_followed_who_was_lost_and_who_is_new():
    waves = link(table())
    assert (waves.followed, waves.lost, waves.new) == (2, 1, 1)
    assert waves.source_kind == "programme"


def test_the_panel_keeps_every_row_and_adds_what_follows_from_it():
    frame = table({("all", "sells_export"): [True, None, False, False, False, False]})
    before = frame.copy()
    panel = link(frame).panel
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(panel[list(frame.columns)], frame)
    assert panel["treated"].tolist() == [True, True, True, False, False, False]
    assert set(panel["stratum"]) == {"cusco crafts"}
    assert panel["channels"].tolist() == [5, pd.NA, 4, 0, 4, 0]


def test_changes_are_of_those_seen_twice_with_what_they_were_at_baseline():
    frame = table({(4, "sector"): "crafts"})
    paired = link(frame.sample(frac=1, random_state=3)).changes(["income_soles", "sells_shops"])
    assert list(paired.columns[: len(ATTRIBUTES)]) == list(ATTRIBUTES)
    assert paired["producer_id"].tolist() == ["CUS-0001", "CUS-0003"] or paired[
        "producer_id"
    ].tolist() == ["CUS-0003", "CUS-0001"]
    paired = paired.set_index("producer_id").sort_index()
    assert paired["age"].tolist() == [40, 61]
    assert paired["income_soles_baseline"].tolist() == [300, 200]
    assert paired["income_soles_change"].iloc[0] == 150
    assert np.isnan(paired["income_soles_outcome"].iloc[1])
    assert np.isnan(paired["income_soles_change"].iloc[1])
    assert paired["sells_shops_change"].tolist() == [-1, 1]


def test_the_shipped_producers():
    data = open_data(DATA)
    waves = read_waves(data, Producers(table="producers", indicators=()))
    frame = data.table("producers")
    first, last = (
        set(frame.loc[frame["wave"] == w, "producer_id"]) for w in ("baseline", "outcome")
    )
    assert waves.followed == len(first & last) == 817
    assert waves.lost == len(first - last) == 143
    assert waves.new == len(last - first) == 19
    assert waves.source_kind == "simulated"
    assert len(waves.changes(["channels"])) == 817


@pytest.mark.parametrize("wave", ["baseline", "outcome"])
def test_one_wave_links_and_has_no_changes(wave):
    frame = table()
    waves = link(frame[frame["wave"] == wave])
    assert waves.followed == 0
    assert waves.lost == (3 if wave == "baseline" else 0)
    assert waves.new == (0 if wave == "baseline" else 3)
    with pytest.raises(WorkbookError) as refused:
        waves.changes(["income_soles"])
    assert "No producer has both waves" in refused.value.told(ENGLISH)


@pytest.mark.parametrize(
    ("variable", "said"),
    [("incomes", "Column “incomes” is not known."), ("sex", "Column sex must hold numbers.")],
)
def test_changes_of_what_is_no_number_are_refused(variable, said):
    with pytest.raises(WorkbookError) as refused:
        link(table()).changes([variable])
    assert said in refused.value.told(ENGLISH)


def test_nothing_to_link():
    with pytest.raises(WorkbookError) as refused:
        link(table().head(0))
    assert "producers.csv has no rows" in refused.value.told(ENGLISH)
    with pytest.raises(WorkbookError) as refused:
        link(table().drop(columns="arm"))
    assert "Column “arm” is not known." in refused.value.told(ENGLISH)


# --- what contradicts itself ------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {(1, "sex"): "man"},
            "column sex, found “woman, man”: producer CUS-0001 is described differently in each "
            "wave → correct one of them; if they are two persons, give one a new ID",
        ),
        ({(1, "mother_tongue"): "aymara"}, "column mother_tongue, found “quechua, aymara”"),
        ({(1, "region"): "puno"}, "column region, found “cusco, puno”"),
        ({(1, "sector"): "tourism"}, "column sector, found “crafts, tourism”"),
        ({(1, "community"): "B"}, "column community, found “A, B”"),
        ({(1, "arm"): "comparison"}, "column arm, found “programme, comparison”"),
        (
            {(2, "arm"): "comparison"},
            "column arm, found “comparison, programme”: rows of community A differ",
        ),
        (
            {(2, "region"): "puno"},
            "column region, found “cusco, puno”: rows of community A differ",
        ),
        (
            {(2, "sector"): "tourism"},
            "column sector, found “crafts, tourism”: rows of community A differ",
        ),
        (
            {(1, "year"): 2008},
            "column year, found “2009, 2008”: producer CUS-0001: the outcome is before",
        ),
        (
            {(1, "age"): 39},
            "column age, found “40, 39”: producer CUS-0001: the age changes by -1 years in 4",
        ),
        ({(1, "age"): 46}, "the age changes by 6 years in 4"),
        (
            {("all", "trained"): [True, True, False, True, True, True]},
            "column training_hours, found “8”: producer CUS-0002, baseline: hours of training, but "
            "not trained → correct one of them",
        ),
        (
            {(3, "producer_id"): "CUS-00003"},
            "column producer_id, found “CUS-00003, CUS-0003”: these IDs differ only by zeros",
        ),
        (
            {(1, "wave"): "baseline"},
            "column wave, found “baseline”: producer CUS-0001 has more than one row of this wave",
        ),
        (
            {("all", "source_kind"): ["programme"] * 5 + ["simulated"]},
            "column source_kind, found “programme, simulated”: simulated producers stand among "
            "real ones → remove the simulated rows: the two are never added up",
        ),
    ],
)
def test_what_cannot_be_is_told_once_with_its_producer_and_remedy(changes, said):
    (told,) = problems(table(changes))
    assert told.startswith(said) or said in told


@pytest.mark.parametrize(
    "changes",
    [
        {(1, "age"): 40},
        {(1, "age"): 45},
        {(1, "year"): 2009, (1, "age"): 41},
        {(1, "age"): None},
        {(4, "mother_tongue"): None},
        {(3, "producer_id"): "CUS-0030"},
        {("all", "training_hours"): np.nan, ("all", "trained"): [False] * 6},
        {("all", "training_hours"): 0.0, ("all", "trained"): [False] * 6},
        {("all", "trained"): [None] * 6},
    ],
)
def test_what_can_be_is_not_refused(changes):
    link(table(changes))


def test_an_age_is_not_judged_against_years_that_run_backwards():
    assert len(problems(table({(1, "year"): 2000}))) == 1


def test_everything_wrong_is_told_at_once():
    told = problems(
        table(
            {
                (1, "sex"): "man",
                (1, "arm"): "comparison",
                (4, "age"): 20,
                (5, "region"): "puno",
                ("all", "trained"): [False] * 6,
            }
        )
    )
    assert len(told) == 2 + 1 + 1 + 6


def test_problems_of_spanish_readers_are_in_spanish_or_wait_for_their_words():
    with pytest.raises(DataError) as refused:
        link(table({(1, "sex"): "man"}))
    assert "CUS-0001" in refused.value.told(language("es"))


def test_simulated_programmes_link_without_a_fault():
    waves = link(programme(4, communities=1).frame)
    assert waves.followed > 0
    assert waves.source_kind == "simulated"


# --- prices -------------------------------------------------------------------------------


def deflators(*rows):
    return pd.DataFrame(rows, columns=["region", "year", "deflator"]).astype(
        {"region": "string", "year": "Int64", "deflator": "float64"}
    )


PRICES = deflators(("cusco", 2009, 0.6), ("cusco", 2013, 0.75), ("puno", 2009, 0.5))


def test_amounts_are_brought_to_the_prices_of_one_year():
    """By hand: 300 soles of 2009 are 300 x 0.75 / 0.6 = 375 of 2013."""
    real = deflated(table(), "income_soles", PRICES, 2013)
    assert real[:4].tolist() == pytest.approx([375, 450, 625, 250])
    assert np.isnan(real[4])
    assert real[5] == 150
    back = deflated(table(), "income_soles", PRICES, 2009)
    assert back[1] == pytest.approx(450 * 0.6 / 0.75)


def test_the_base_of_the_deflator_does_not_matter():
    other = PRICES.assign(deflator=PRICES["deflator"] * 130)
    one, two = (deflated(table(), "income_soles", prices, 2013) for prices in (PRICES, other))
    pd.testing.assert_series_equal(one, two)


def test_each_region_has_its_own_prices():
    prices = deflators(*PRICES.itertuples(index=False), ("puno", 2013, 1.0))
    moved = table({(5, "region"): "puno", (5, "year"): 2009})
    assert deflated(moved, "income_soles", prices, 2013)[5] == pytest.approx(300)


def test_waves_at_constant_prices():
    waves = link(table())
    real = waves.at_prices(["income_soles"], PRICES, 2013)
    assert real.changes(["income_soles"])["income_soles_change"][0] == pytest.approx(75)
    assert waves.changes(["income_soles"])["income_soles_change"][0] == 150
    assert (real.followed, real.lost, real.new) == (2, 1, 1)


@pytest.mark.parametrize(
    ("prices", "year", "said"),
    [
        (PRICES, 2020, "There is no deflator for: cusco 2020."),
        (PRICES.iloc[1:], 2013, "There is no deflator for: cusco 2009."),
        (
            PRICES.assign(deflator=[np.nan, 1, 1]),
            2013,
            "There is no deflator for: cusco 2009. Without it amounts of different years",
        ),
        (
            pd.concat([PRICES, PRICES.iloc[:1]]),
            2013,
            "There is more than one deflator for: cusco 2009. Keep one.",
        ),
    ],
)
def test_amounts_without_a_deflator_are_refused(prices, year, said):
    with pytest.raises(WorkbookError) as refused:
        deflated(table(), "income_soles", prices, year)
    assert said in refused.value.told(ENGLISH)


def test_rows_without_an_amount_need_no_deflator():
    frame = table({(4, "region"): "ica"})  # its income is missing
    assert deflated(frame, "income_soles", PRICES, 2013).notna().sum() == 5


def test_only_amounts_are_deflated():
    with pytest.raises(WorkbookError) as refused:
        deflated(table(), "sex", PRICES, 2013)
    assert "Column sex must hold numbers." in refused.value.told(ENGLISH)


def test_arms_visited_in_different_years_are_not_compared():
    table = programme(3, communities=1, producers_per_community=3, item_missing=0).frame
    there = (table["region"] == "cusco") & (table["arm"] == "comparison")
    later = there & (table["wave"] == "outcome")
    with pytest.raises(DataError) as refused:
        link(table.assign(year=table["year"].mask(later, 2012)))
    assert (
        "  - column year, found “2012, 2013”: cusco, outcome: the two arms were visited in different "
        "years → correct the years; changes over different years cannot be compared"
    ) in listing(refused.value.problems, language("en"))
