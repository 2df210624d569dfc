"""Published figures set beside ours: which agree, which differ, which stand alone."""

import math
from dataclasses import replace

import pandas as pd
import pytest
from shipped import shipped

from icanalysis import reconcile


class Edited:
    """The shipped data with some tables replaced."""

    def __init__(self, **tables):
        self.catalog, self.evaluation, self._tables = (
            shipped().catalog,
            shipped().evaluation,
            tables,
        )

    def table(self, name):
        return self._tables[name] if name in self._tables else shipped().table(name)


def rows_of(indicator, made=None):
    rows = reconcile.reported(shipped()) if made is None else made
    return rows[rows["indicator"] == indicator]


# --- counts of the programme ----------------------------------------------------------


def test_ventures_are_published_with_three_numbers():
    rows = rows_of("ventures_financed").sort_values("source_id")
    told = [tuple(row) for row in rows[["source_id", "value", "ours", "difference"]].to_numpy()]
    assert told == [("P1", 94, 94, 0), ("P2", 58, 94, -36),
                    ("P3", 55, 94, -39), ("P4", 55, 94, -39), ("P5", 55, 94, -39)]  # fmt: skip
    assert list(rows["standing"]) == ["used", *["differs"] * 4]
    assert set(rows["among"]) == {"differ"}


@pytest.mark.parametrize(
    ("indicator", "values", "among"),
    [
        ("ict_certified", {160, 152, 126, 26}, None),
        ("ordinances_total", {15}, "same"),
        ("ordinances_municipal", {11, 12}, "differ"),
        ("ordinances_provincial", {1}, "alone"),
        ("ordinances_regional", {3}, "same"),
        ("revolving_funds", {39}, "alone"),
    ],
)
def test_what_is_published_of_a_figure(indicator, values, among):
    rows = rows_of(indicator)
    assert set(rows["value"]) == values
    if among:
        assert set(rows["among"]) == {among}


def test_the_parts_of_a_figure_are_figures_of_their_own():
    rows = rows_of("ict_certified")
    parts = rows[rows["population"].notna()]
    assert set(parts["among"]) == {"same"}
    assert set(parts["difference"]) == {0}
    assert set(rows[rows["population"].isna()]["among"]) == {"differ"}


def test_ordinances_add_up():
    used = reconcile.reported(shipped()).query("used").set_index("indicator")["value"]
    parts = ["ordinances_municipal", "ordinances_provincial", "ordinances_regional"]
    assert used[parts].sum() == used["ordinances_total"]


def test_a_figure_is_alone_only_if_one_row_publishes_it():
    rows = reconcile.reported(shipped())
    assert len(rows) == len(shipped().table("reported_values"))
    sizes = rows.groupby("figure")["value"].agg(["size", "nunique"])
    expected = pd.Series("same", index=sizes.index)
    expected[sizes["size"] == 1] = "alone"
    expected[sizes["nunique"] > 1] = "differ"
    assert (rows.set_index("figure")["among"] == expected[rows["figure"]].to_numpy()).all()


def test_the_same_number_in_another_region_confirms_nothing():
    table = shipped().table("reported_values").copy()
    row = table.index[(table["indicator"] == "revolving_funds")][0]
    other = table.loc[[row]].assign(region="puno", source_id="P3")
    made = reconcile.reported(Edited(reported_values=pd.concat([table, other], ignore_index=True)))
    assert list(rows_of("revolving_funds", made)["among"]) == ["alone", "alone"]


# --- poverty, recomputed --------------------------------------------------------------


def test_most_intervals_come_out_as_published():
    rows = reconcile.recomputed(shipped())
    groups = rows[rows["published_low"].notna()]
    agree = groups.groupby("measure")["agrees"].agg(["sum", "size"])
    assert tuple(agree.loc["total"]) == (15, 17)
    assert tuple(agree.loc["extreme"]) == (13, 13)
    off = groups[groups["agrees"] == False]  # noqa: E712
    assert set(zip(off["year"], off["published_low"], off["published_high"], strict=True)) == {
        (2015, 6.7, 9.8),
        (2015, 9.8, 12.6),
    }


def test_the_nation_is_compared_by_its_rate():
    rows = reconcile.recomputed(shipped())
    nation = rows[rows["region"] == "peru"].set_index(["year", "measure"])
    assert nation.loc[(2018, "total"), "published"] == 20.5
    assert nation.loc[(2019, "total"), "published_source"] == "S19"
    known = nation["agrees"].dropna()
    assert known.all() and len(known) == 3


def test_what_nobody_published_is_neither_the_same_nor_different():
    rows = reconcile.recomputed(shipped()).set_index(["region", "year", "measure"])
    unknown = rows.loc[("peru", 2015, "total")]
    assert math.isnan(unknown["published"]) and pd.isna(unknown["agrees"])


def test_a_figure_that_is_off_by_a_tenth_differs():
    table = shipped().table("recomputed").copy()
    row = (table["region"] == "peru") & (table["year"] == 2018) & (table["measure"] == "total")
    table.loc[row, "estimate_pct"] = 20.56
    made = reconcile.recomputed(Edited(recomputed=table))
    assert not made.loc[row, "agrees"].iloc[0]


def test_a_package_without_the_table_has_nothing_recomputed():
    tables = {name: item for name, item in shipped().catalog.tables.items() if name != "recomputed"}
    data = replace(shipped(), catalog=replace(shipped().catalog, tables=tables))
    assert reconcile.recomputed(data).empty
