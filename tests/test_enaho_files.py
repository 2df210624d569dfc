"""INEI's own files, where they are at hand: rows, populations and rates that are known."""

import re

import pytest
from optional_data import file, folder

from icanalysis import enaho
from icanalysis.errors import DataError


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ICANALYSIS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")


def share(frame, flag, weight):
    """Weighted percentage of those for whom the flag is known."""
    known = frame[frame[flag].notna()]
    return 100 * known.loc[known[flag].astype(bool), weight].sum() / known[weight].sum()


@pytest.mark.parametrize(
    ("year", "households", "units", "population", "poor", "extreme"),
    [
        (2015, 32_188, 5_019, 31_660_894, 21.772, 4.065),
        (2018, 37_462, 5_752, 32_383_300, 20.488, 2.806),
        (2019, 34_565, 5_359, 32_676_530, 20.193, 2.855),
    ],
)
def test_sumaria(year, households, units, population, poor, extreme):
    frame = enaho.read_sumaria(file("enaho", f"sumaria-{year}.dta"))
    assert len(frame) == households
    assert frame["psu"].nunique() == units
    assert frame["psu"].str.len().eq(6).all()
    assert frame["department"].nunique() == 25
    assert frame["person_weight"].sum() == pytest.approx(population, abs=1)
    assert share(frame, "poor", "person_weight") == pytest.approx(poor, abs=5e-4)
    assert share(frame, "extreme_poor", "person_weight") == pytest.approx(extreme, abs=5e-4)
    assert not frame.isna().any(axis=None)


# Households living badly or very badly: Peru, Ayacucho, Cusco, Lambayeque, Puno.
@pytest.mark.parametrize(
    ("year", "rows", "living_badly"),
    [
        (2009, 21_753, [36.04, 44.35, 39.58, 32.64, 52.41]),
        (2014, 30_848, [23.49, 36.81, 18.22, 41.66, 24.66]),
    ],
)
def test_governance(year, rows, living_badly):
    frame = enaho.read_governance(file("enaho", f"Enaho01B-{year}-2.csv"))
    assert len(frame) == rows
    parts = [frame, *(frame[frame["department"] == code] for code in ("05", "08", "14", "21"))]
    got = [share(part, "living_badly", "household_weight") for part in parts]
    assert got == pytest.approx(living_badly, abs=0.006)


def test_members_and_sumaria_of_a_year_agree():
    households = enaho.read_sumaria(file("enaho", "sumaria-2019.dta"))
    persons = enaho.read_members(file("enaho", "enaho01-2019-200.dta"))
    assert len(persons) == 128_276
    assert persons["head"].sum() == 34_565
    joined = enaho.join_members(households, persons)
    members = joined[joined["member"]]
    assert members["person_weight"].sum() == pytest.approx(32_676_529.6, abs=0.1)
    assert joined["person_weight"].sum() == pytest.approx(34.5e6, rel=1e-3)
    assert len(joined) == 128_276


def test_employment_has_no_weight_here_and_none_is_taken_in_its_place():
    path = file("enaho", "enaho01a-2019-500.dta")
    with pytest.raises(DataError, match="the weight fac500a is absent; found: none"):
        enaho.read_employment(path)
    persons = enaho.read_employment(path, weight=None)
    assert len(persons) == 92_094
    assert persons["employed"].isna().sum() == 111
    households = enaho.read_sumaria(file("enaho", "sumaria-2019.dta"))
    assert "person_weight" not in enaho.join_employment(households, persons)


@pytest.mark.parametrize("module", ["sumaria", "members", "employment", "governance"])
def test_a_quarter_of_another_module_is_refused(module):
    path = file("enaho", "Enaho01-2011-700.sav")
    with pytest.raises(DataError, match=re.escape("this is not module")):
        getattr(enaho, f"read_{module}")(path)


def test_any_module_is_read_plainly():
    quarter = enaho.read_module(file("enaho", "Enaho01-2011-700.sav"))
    assert len(quarter) == 4_625
    assert set(quarter["year"]) == {2011}
    assert "factrim" in quarter
    dwellings = enaho.read_module(file("enaho", "enaho01-2019-100_subset.csv.gz"))
    assert len(dwellings) == 34_565
    assert dwellings["factor07"].astype(float).sum() > 8e6
    assert dwellings["ubigeo"].str.fullmatch(r"\d{6}").all()


def test_every_module_of_the_folder_is_found():
    file("enaho", "sumaria-2019.dta")
    found = enaho.find(folder("enaho"))
    assert {("sumaria", 2015), ("sumaria", 2018), ("sumaria", 2019), ("members", 2019),
            ("employment", 2019), ("governance", 2009), ("governance", 2014)} <= set(
        zip(found["module"], found["year"], strict=True)
    )  # fmt: skip
    assert not found["simulated"].any()


def test_the_second_reading_comes_from_the_cache_and_is_the_same():
    path = file("enaho", "sumaria-2019.dta")
    first, second = enaho.read_sumaria(path), enaho.read_sumaria(path)
    assert first.equals(second)
    assert first.dtypes.equals(second.dtypes)
    assert second.equals(enaho.read_sumaria(path, cache=False))
