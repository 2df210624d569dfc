"""Years that the series of the data package cover."""

from shipped import shipped, without

from icanalysis import vintages


def years(table, basis, data=None):
    """Years of one run, and how many of the programme's regions each has."""
    rows = vintages.series(data or shipped())
    rows = rows[(rows["table"] == table) & (rows["basis"] == basis)]
    return dict(zip(rows["year"], rows["regions"], strict=True))


def test_poverty_is_one_run_of_two_sources():
    assert years("poverty", "inei_2012") == dict.fromkeys(range(2004, 2014), 4)
    rows = vintages.series(shipped()).query("table == 'poverty'")
    assert set(rows["source_id"]) == {"S1", "S2"}
    assert set(rows["basis_kind"]) == {"run"}


def test_informality_is_four_runs_that_are_not_joined():
    rows = vintages.series(shipped()).query("table == 'informality'")
    assert rows["basis"].nunique() == 4
    assert years("informality", "s6_2011_2021") == dict.fromkeys(range(2011, 2022), 4)
    older = years("informality", "s7_2007_2020")
    assert {year for year, regions in older.items() if regions} == {2019, 2020}
    assert min(older) == 2007, "the country is older than the regions"


def test_sources_that_have_only_the_country_have_no_region():
    assert set(years("labour_income", "S6").values()) == {0}
    rows = vintages.series(shipped()).query("table == 'labour_income' and basis == 'S6'")
    assert set(rows["others"]) == {1}


def test_without_a_basis_runs_are_sources():
    found = vintages.series(without(context=())).query("table == 'poverty'")
    assert set(found["basis"]) == {"S1", "S2"}
    assert set(found["basis_kind"]) == {"source"}


def test_districts_and_groups_of_regions_are_no_series_of_a_region():
    assert not {"districts", "recomputed"} & set(vintages.series(shipped())["table"])


def test_gaps_lie_between_the_first_year_and_the_last():
    assert vintages.gaps([2004, 2007, 2008]) == [2005, 2006]
    assert vintages.gaps([2007]) == vintages.gaps([]) == []
