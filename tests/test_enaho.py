"""Reading ENAHO: what comes out of a sound file, and thirty and more damaged ones refused."""

import gzip
import re
import zipfile

import enaho_files as files
import numpy as np
import pandas as pd
import pytest

from icanalysis import enaho, enaho_tables, microdata
from icanalysis.enaho_raw import folded, plain, year_in_name
from icanalysis.errors import DataError, WorkbookError
from icanalysis.language import language

EN = language("en")


@pytest.fixture(autouse=True)
def _no_other_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ICANALYSIS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


# --- what a sound file gives ------------------------------------------------------------

KINDS = ["s.dta", "s.sav", "s.csv", "s.csv.gz", "s.zip"]


def saved(frame, home, name):
    if name.endswith(".zip"):
        return files.zipped(home / name, files.write(frame, home / "inner.dta"))
    return files.write(frame, home / name)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_gives_the_same_sumaria(home, name):
    got = enaho.read_sumaria(saved(files.sumaria(), home, name))
    assert got["year"].tolist() == [2019] * 8
    assert got["psu"].tolist()[::2] == ["005000", "005001", "005002", "005003"]
    assert got["ubigeo"].tolist()[::2] == ["050101", "050201", "150101", "070101"]
    assert got["department"].tolist()[::2] == ["05", "05", "15", "07"]
    assert got["dwelling"].tolist()[:2] == ["007", "008"]
    assert got["area"].tolist()[::2] == ["urban", "rural", "urban", "urban"]
    assert got["members"].tolist() == [3, 4] * 4
    assert got["person_weight"].tolist()[:2] == [361.5, 482.0]
    assert got["poor"].tolist() == [True, False] * 4
    assert got["spending_pc_month"].tolist() == pytest.approx([150.0, 900.0] * 4)
    assert got["income_pc_month"].tolist() == pytest.approx([250.0, 1000.0] * 4)
    assert got.dtypes.astype(str).to_dict() == {
        **dict.fromkeys(["year", "month", "stratum", "domain", "members"], "int64"),
        **dict.fromkeys(["ubigeo", "department", "psu", "dwelling", "household"], "string"),
        "area": "string",
        **dict.fromkeys(["household_weight", "person_weight"], "float64"),
        **dict.fromkeys(["poor", "extreme_poor"], "boolean"),
        **dict.fromkeys(["spending_pc_month", "income_pc_month"], "float64"),
        **dict.fromkeys(["poverty_line", "extreme_line"], "float64"),
    }
    assert got.attrs["source_kind"] == "survey"


def test_members_keep_who_is_only_listed(home):
    got = enaho.read_members(files.write(files.members(), home / "m.dta"))
    assert got["member"].sum() == 28
    assert got["head"].sum() == 8
    assert got["person"].iloc[-1] == "09"
    assert pd.isna(got["age"].iloc[-1])
    assert pd.isna(got["sex"].iloc[-1])
    assert got["sex"].tolist()[:3] == ["woman", "man", "woman"]
    assert got["age"].tolist()[:2] == [60, 30]


def test_employment(home):
    got = enaho.read_employment(files.write(files.employment(), home / "e.dta"))
    assert got["employed"].tolist() == [True, False] * 8
    assert got["informal"].tolist()[0] is True
    assert got["informal"].isna().tolist() == [False, True] * 8
    assert got["sector"].tolist()[0] == "A"
    assert got["person_weight"].unique().tolist() == [100.5]


def test_employment_without_its_weight_only_if_asked(home):
    path = files.write(files.employment().drop(columns="fac500a"), home / "e.dta")
    assert "person_weight" not in enaho.read_employment(path, weight=None)
    with pytest.raises(DataError, match=r"the weight fac500a is absent; found: none"):
        enaho.read_employment(path)


def test_governance_with_blanks_and_codes_for_no_answer(home):
    got = enaho.read_governance(files.write(files.governance(), home / "g.csv"))
    nothing = pd.NA
    assert got["living"].tolist()[:4] == ["very_badly", "badly", "well", "very_well"]
    expected = pd.Series([True, True, False, False, nothing, True, True, nothing], dtype="boolean")
    pd.testing.assert_series_equal(got["living_badly"], expected, check_names=False)
    assert got["saves"].isna().tolist() == [False] * 4 + [True, False, False, True]
    assert got["borrows"].tolist()[:4] == [False, False, False, True]
    assert got["standard_worse"].tolist()[:3] == [True, False, False]
    assert got["locality_worse"].tolist()[:3] == [False, False, True]
    assert got["minimum_income"].isna().tolist() == [False, True] + [False] * 5 + [True]


def test_known_labels_in_place_of_codes_become_codes(home):
    strata = {4: " de 20 000 a 49 999 habitantes", 8: "Área de empadronamiento rural (AER) simple",
              1: "De 500,000 a más habitantes"}  # fmt: skip
    worded = files.sumaria().assign(
        pobreza=["Pobre extremo", "no pobre"] * 4, estrato=lambda f: f["estrato"].map(strata)
    )
    got = enaho.read_sumaria(files.write(worded, home / "s.csv"))
    plainly = enaho.read_sumaria(files.write(files.sumaria(), home / "t.csv"))
    pd.testing.assert_frame_equal(got, plainly)


def test_zeros_and_a_byte_order_mark_lost_in_a_spreadsheet(home):
    lost = files.sumaria().astype({"conglome": int, "vivienda": int, "mes": int})
    lost = lost.assign(conglome=lost["conglome"].astype(str) + ".0")
    path = files.write(lost.rename(columns={"año": "a_o"}), home / "s.csv")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    sound = enaho.read_sumaria(files.write(files.sumaria(), home / "t.csv"))
    pd.testing.assert_frame_equal(enaho.read_sumaria(path), sound)


def test_ubigeos_that_all_lost_their_zero_are_padded(home):
    west = files.sumaria().iloc[:4]
    path = files.write(west.assign(ubigeo=west["ubigeo"].astype(int)), home / "s.csv")
    assert enaho.read_sumaria(path)["ubigeo"].tolist() == west["ubigeo"].tolist()


def test_decimal_commas_where_they_cannot_be_thousands(home):
    commas = files.sumaria().assign(factor07=lambda f: f["factor07"].map("{:.2f}".format))
    commas["factor07"] = commas["factor07"].str.replace(".", ",")
    path = files.write(commas, home / "s.csv")
    assert enaho.read_sumaria(path)["household_weight"].tolist()[::2] == [
        120.5, 80.25, 300.75, 250.5,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["año", "AÑO", "aÑo", "a_o", "aÃ±o", "aÃƒÂ±o", "a�o", "\ufeffaño"])
def test_spellings_of_the_year_column(name):
    assert plain(name) == "año"


@pytest.mark.parametrize("name", ["anio_x", "ano2", "agosto", "ao", "alto"])
def test_what_is_no_year_column(name):
    assert plain(name) != "año"


@pytest.mark.parametrize(
    ("name", "year"),
    [("sumaria-2019.dta", 2019), ("687-Modulo34.zip", None), ("2018/x.dta", 2018),
     ("panel-2015-2019.dta", None), ("a_20191105.csv", None)],
)  # fmt: skip
def test_the_year_a_name_tells(name, year):
    assert year_in_name(name) == year


def test_a_label_is_known_whatever_its_case_accents_and_marks():
    assert folded(" De 20,000 a 49’999  Habitantes") == "de 20000 a 49999 habitantes"


def test_a_year_told_by_the_name_or_as_given(home):
    frame = files.sumaria().drop(columns="año")
    assert set(enaho.read_sumaria(files.write(frame, home / "sumaria-2018.dta"))["year"]) == {2018}
    path = files.write(frame, home / "s.dta")
    assert set(enaho.read_sumaria(path, year=2017)["year"]) == {2017}


def test_a_name_at_odds_with_the_year_column_is_told_each_time(home):
    path = files.write(files.sumaria(), home / "sumaria-2018.dta")
    said = "sumaria-2018.dta: the name says 2018, the year column 2019: 2019 counts."
    for _ in range(2):
        with pytest.warns(UserWarning, match=re.escape(said)):
            assert set(enaho.read_sumaria(path)["year"]) == {2019}


def test_a_weight_with_another_name_has_to_be_named(home):
    path = files.write(files.sumaria().rename(columns={"factor07": "FACTOR17"}), home / "s.csv")
    named = enaho.read_sumaria(path, weight="factor17")
    assert named["household_weight"].sum() == 1504.0


def test_the_simulated_stay_so(home):
    path = files.write(files.sumaria().assign(simulated=1), home / "s.dta")
    for _ in range(2):
        got = enaho.read_sumaria(path)
        assert got["simulated"].tolist() == [True] * 8
        assert got.attrs["source_kind"] == "simulated"
    persons = enaho.read_members(files.write(files.members(), home / "m.dta"))
    assert enaho.join_members(got, persons).attrs["source_kind"] == "simulated"
    assert enaho.find(home).set_index("module")["simulated"].to_dict() == {
        "members": False, "sumaria": True,
    }  # fmt: skip


def test_any_other_module_is_read_plainly(home):
    frame = files.sumaria()[["año", "conglome", "estrato", "factor07"]].assign(P601=[1, None] * 4)
    got = enaho.read_module(files.write(frame, home / "x.csv"))
    assert list(got) == ["year", "psu", "stratum", "factor07", "p601"]
    assert got["p601"].isna().tolist() == [False, True] * 4


# --- joins --------------------------------------------------------------------------------


@pytest.fixture
def both(home):
    households = enaho.read_sumaria(files.write(files.sumaria(), home / "s.dta"))
    return households, enaho.read_members(files.write(files.members(), home / "m.dta"))


def test_persons_get_their_households_variables(both):
    joined = enaho.join_members(*both)
    assert len(joined) == 29
    assert joined["poor"].notna().all()
    inside = joined[joined["member"]]
    assert inside["person_weight"].sum() == pytest.approx(both[0]["person_weight"].sum())


def test_workers_get_theirs_and_no_weight_is_made_up(both, home):
    path = files.write(files.employment().drop(columns="fac500a"), home / "e.dta")
    joined = enaho.join_employment(both[0], enaho.read_employment(path, weight=None))
    assert "person_weight" not in joined
    assert joined["household_weight"].tolist()[:2] == [120.5, 120.5]


def test_a_household_whose_members_do_not_add_up_forbids_the_join(both):
    households, persons = both
    with pytest.raises(DataError) as caught:
        enaho.join_members(households, persons.drop(index=1))
    said = caught.value.told(EN)
    assert "their members are not as many as Sumaria counts (households: 1)" in said
    assert "2019-005000-007-11" in said
    assert "the weighted populations differ: 5264.0 in Sumaria, 5143.5 in module 200" in said


def test_persons_without_a_household_forbid_the_join(both):
    households, persons = both
    with pytest.raises(DataError, match=r"Sumaria has no such household \(households: 1\)"):
        enaho.join_members(households.iloc[1:], persons)
    with pytest.raises(DataError, match=r"Sumaria has no such household \(households: 8\)"):
        enaho.join_employment(households.assign(year=2018), persons)


# --- a folder ---------------------------------------------------------------------------------


def test_files_are_found_by_what_they_hold(home):
    inner = home / "687"
    inner.mkdir()
    files.zipped(home / "a.zip", files.write(files.sumaria(), inner / "x.dta"))
    (inner / "x.dta").unlink()
    files.write(files.governance(), inner / "b.csv")
    (home / "notes.csv").write_text("a,b\n1,2\n")
    (home / "broken.csv").write_bytes(b"\0\1")
    with pytest.warns(UserWarning, match=r"^broken\.csv was passed over: the file is written in"):
        got = enaho.find(home)
    assert got[["module", "year", "simulated"]].to_numpy().tolist() == [
        ["governance", 2019, False], ["sumaria", 2019, False],
    ]  # fmt: skip
    assert got["path"].tolist() == [str(inner / "b.csv"), str(home / "a.zip")]


def test_two_files_of_one_module_and_year_are_not_chosen_between(home):
    for name in ("a.dta", "b.dta"):
        files.write(files.sumaria(), home / name)
    with pytest.raises(
        DataError, match=r"several files are module 34 \(Sumaria\) of 2019: .*a\.dta"
    ):
        enaho.find(home)


def test_a_damaged_file_named_like_enahos_is_told(home):
    (home / "enaho01-2019-200.dta").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(DataError, match="the file is a Git LFS pointer"):
        enaho.find(home)


POINTER = b"version https://git-lfs.github.com/spec/v1\n"


@pytest.mark.parametrize(
    "name", ["enaho01-2019-100.dta", "ENAHO01A-2019-400.DTA", "687-Modulo04.zip", "census.dta"]
)
def test_a_damaged_file_that_no_reader_wants_does_not_stop_the_others(home, name):
    files.write(files.sumaria(), home / "s.csv")
    (home / name).write_bytes(POINTER)
    with pytest.warns(UserWarning, match=f"^{name} was passed over: the file is a Git LFS pointer"):
        assert enaho.find(home)["module"].tolist() == ["sumaria"]


@pytest.mark.parametrize(
    "name",
    ["Sumaria-2018.dta", "enaho01a-2018-500.dta", "687-Modulo05.zip", "enaho01b-2018-2.dta",
     "enaho 2018.dta"],
)  # fmt: skip
def test_a_damaged_file_that_may_be_wanted_stops_them(home, name):
    files.write(files.sumaria(), home / "s.csv")
    (home / name).write_bytes(POINTER)
    with pytest.raises(DataError, match="the file is a Git LFS pointer"):
        enaho.find(home)


def test_what_a_mac_leaves_beside_a_file_is_none(home):
    files.write(files.sumaria(), home / "sumaria-2019.csv")
    (home / "__MACOSX").mkdir()
    for name in ("._sumaria-2019.csv", "__MACOSX/sumaria-2019.csv"):
        (home / name).write_bytes(b"\0\5\x16\7")
    assert len(enaho.find(home)) == 1


def test_a_module_of_no_known_year_is_told_whatever_its_name(home):
    files.write(files.sumaria().drop(columns="año"), home / "base.csv")
    with pytest.raises(DataError, match="neither a column nor the file's name tells the year"):
        enaho.find(home)


def beside(table, **strays):
    """An archive of a table and what else lies in it."""
    path = table.with_name("687.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in strays.items():
            archive.writestr(name.replace("_", "."), content)
        archive.write(table, f"687/{table.name}")
    table.unlink()
    return path


def test_a_stray_in_an_archive_does_not_stop_its_table(home):
    table = files.write(files.sumaria(), home / "Sumaria-2019.csv")
    path = beside(table, leame_csv=b"", mas_csv=b"PK\x03\x04", web_dta=b"<html>")
    said = r"687\.zip/web\.dta was passed over: the file is a web page, not data: the download failed\."
    with pytest.warns(UserWarning, match=said):
        assert len(enaho.read_sumaria(path)) == 8
    with pytest.warns(UserWarning, match=said):
        assert enaho.find(home)["path"].tolist() == [str(path)]


def test_a_stray_is_told_where_the_archive_has_no_table_wanted(home):
    path = beside(files.write(files.governance(), home / "g.csv"), web_dta=b"<html>")
    with pytest.raises(DataError) as caught:
        enaho.read_sumaria(path)
    said = caught.value.told(EN)
    assert "the file is a web page" in said
    assert "this is not module 34 (Sumaria) but 85 (01B)" in said


def test_other_modules_that_list_persons_are_not_taken_for_members(home):
    files.write(files.members(), home / "a.dta")
    files.write(files.members().assign(p301a=1), home / "enaho01a-2019-300.dta")
    assert enaho.find(home)["path"].tolist() == [str(home / "a.dta")]


def test_names_in_upper_case_and_columns_in_mixed_case_are_as_good(home):
    mixed = files.sumaria().rename(columns=str.title)
    path = files.write(mixed, home / "SUMARIA-2019.CSV")
    sound = files.write(files.sumaria(), home / "t.csv")
    pd.testing.assert_frame_equal(enaho.read_sumaria(path), enaho.read_sumaria(sound))


def test_a_folder_that_is_not_there(home):
    with pytest.raises(WorkbookError, match=r"There is no folder “.*absent”"):
        enaho.find(home / "absent")


# --- the dictionary -----------------------------------------------------------------------------


def test_the_dictionary_names_every_column_the_readers_make_and_no_other(home):
    extra = {"simulated": 1}
    work = files.employment().assign(**extra, p558c=1, p300a=4)
    first = files.sumaria()[["conglome", "ubigeo", "estrato", "dominio", "mes"]].iloc[0].to_dict()
    frames = {
        "sumaria": files.sumaria().assign(**extra),
        "members": files.members().assign(**extra, mes="05"),
        "employment": work.assign(mes="05"),
        "governance": files.governance().assign(**extra),
    }
    place = {"ubigeo": first["ubigeo"], "estrato": 4, "dominio": 5}
    for module in ("members", "employment"):
        frames[module] = frames[module].assign(**place)
    for module, frame in frames.items():
        got = getattr(enaho, f"read_{module}")(
            files.write(frame, home / f"{module}.dta" if module != "governance" else home / "g.csv")
        )
        assert list(got) == [item.name for item in enaho_tables.variables(module)], module


# --- damaged files ------------------------------------------------------------------------------


def damaged(change, name="s.csv", frame=files.sumaria):
    """A file whose table was changed: a function of the folder that makes it."""
    return lambda home: files.write(change(frame()), home / name)


def cells(**columns):
    """Change the first cells of columns."""

    def change(frame):
        for column, value in columns.items():
            kept = frame[column].astype(object)
            kept.iloc[0] = value
            frame[column] = kept
        return frame

    return change


def cut(name, share=0.6, frame=files.sumaria, **stata):
    def make(home):
        big = pd.concat([frame()] * 50, ignore_index=True)
        path = home / name
        if stata:
            big = big.rename(columns={"año": "a_o"})  # as these releases spell it
            big.to_stata(path, write_index=False, **stata)
        else:
            saved(big, home, name)
        for other in home.iterdir():
            if other != path:
                other.unlink()
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        return path

    return make


def holding(name, content):
    def make(home):
        (home / name).write_bytes(content)
        return home / name

    return make


def packed(*names, password=False):
    def make(home):
        table = files.write(files.sumaria(), home / "t.csv")
        path = files.zipped(home / "s.zip", *[table] * len(names), names=names)
        table.unlink()
        if password:  # the flag in both headers, as archives with a password have it
            content = bytearray(path.read_bytes())
            content[6] |= 1
            content[content.index(b"PK\x01\x02") + 8] |= 1
            path.write_bytes(bytes(content))
        return path

    return make


def nested(home):
    table = files.write(files.sumaria(), home / "t.csv")
    inside = files.zipped(home / "inner.zip", table)
    path = files.zipped(home / "s.zip", inside)
    table.unlink()
    inside.unlink()
    return path


def flipped(home):
    path = packed("t.csv")(home)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(bytes(content))
    return path


def swollen(home):
    path = home / "s.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"0" * (40 * 2**20))
    return path


def liar(home):
    """An archive that states a size of one byte for a table of many."""
    path = packed("t.csv")(home)
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (1).to_bytes(4, "little")
    content[22:26] = (1).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    return path


def text(change):
    def make(home):
        path = files.write(files.sumaria(), home / "s.csv")
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


def renamed(old, new):
    return lambda frame: frame.rename(columns={old: new})


def twice(frame):
    return pd.concat([frame, frame.iloc[:1]])


def without(*columns):
    return lambda frame: frame.drop(columns=list(columns))


DAMAGED = {
    "a .dta of release 118 cut short": (cut("s.dta"), "the file is cut short: its end is missing"),
    "a .dta of release 117 cut short": (cut("s.dta", version=117), "the file is cut short: its end is missing"),
    "a .dta of release 114 cut short": (cut("s.dta", version=114), "the file is damaged"),
    "a .dta without its last bytes": (cut("s.dta", 0.999), "the file is cut short: its end is missing"),
    "a .sav cut short": (cut("s.sav"), ("the file is damaged", "the file is cut short")),
    "a .zip cut short": (cut("s.zip"), "the archive is damaged"),
    "a .csv.gz cut short": (cut("s.csv.gz"), "the archive is damaged"),
    "a .csv cut in a cell": (text(lambda b: b[:-5]), "the last line has no end: the file may be cut short"),
    "a .csv cut in a line": (text(lambda b: b[: b.rindex(b",0050")] + b"\r\n"), "the line has 2 cells and the header has 15: the file is cut short, or a cell holds the mark that separates cells"),
    "a .csv whose decimal commas split cells": (text(lambda b: b.replace(b"120.5", b"120,5", 1)), "the line has 16 cells and the header has 15"),
    "UTF-16": (text(lambda b: b.decode("latin-1").encode("utf-16")), "the file is written in UTF-16, or is no text"),
    "UTF-16 without a mark": (text(lambda b: b.decode("latin-1").encode("utf-16-le")), "the file is written in UTF-16, or is no text"),
    "EBCDIC": (text(lambda b: b.decode("latin-1").encode("cp500") + b"\n"), "this is not module 34 (Sumaria): it lacks linea, pobreza"),
    "a label in a wrong encoding": (damaged(cells(estrato="rea de empadronamiento rural Á")), "the cell holds a label where a code is expected"),
    "an empty file": (holding("s.dta", b""), "the file is empty"),
    "nothing but zeros": (holding("s.dta", b"\0" * 4096), "the file is empty"),
    "a header alone": (damaged(lambda f: f.iloc[:0]), "the file holds no rows"),
    "a header alone in Stata's form": (damaged(lambda f: f.iloc[:0], "s.dta"), "the file holds no rows"),
    "a Git LFS pointer": (holding("s.dta", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"), "the file is a Git LFS pointer: it names the data and does not hold them"),
    "a web page named .dta": (holding("s.dta", b"\r\n<!DOCTYPE html><html>404"), "the file is a web page, not data: the download failed"),
    "a web page named .zip": (holding("s.zip", b"<html><body>404"), "the file is a web page, not data: the download failed"),
    "something else named .sav": (holding("s.sav", b"%PDF-1.7 and so on"), "the file is named .sav but is no SPSS file"),
    "an R file": (holding("s.RData", b"RDX3\nX\n and so on"), "files of this kind are not read"),
    "members in place of Sumaria": (damaged(lambda f: f, "s.dta", files.members), "this is not module 34 (Sumaria) but 200"),
    "the variant without poverty": (damaged(without("pobreza", "linea", "linpe"), "sumaria-2019-12g.dta"), "this is not module 34 (Sumaria): it lacks linea, pobreza"),
    "no count of members": (damaged(without("mieperho")), "the file lacks mieperho"),
    "no sampling unit": (damaged(without("conglome")), "the file lacks conglome"),
    "the weight absent": (damaged(without("factor07"), "s.dta"), "the weight factor07 is absent; found: none"),
    "the weight renamed": (damaged(renamed("factor07", "factor17"), "s.dta"), "the weight factor07 is absent; found: factor17"),
    "a quarter's weight": (damaged(renamed("factor07", "FACTRIM")), "the file is a quarter's, not the year's sample: it has factrim in place of factor07"),
    "a year whose weight nobody listed": (damaged(lambda f: f.assign(año="1999")), "no weight is listed for 1999; found: factor07"),
    "a negative weight": (damaged(cells(factor07=-120.5)), "the weight is not a positive number"),
    "a weight of zero": (damaged(cells(factor07=0)), "the weight is not a positive number"),
    "an empty weight": (damaged(cells(factor07=np.nan)), "the weight is not a positive number"),
    "an infinite weight": (damaged(cells(factor07=np.inf)), "the number is not finite"),
    "a weight in words": (damaged(cells(factor07="mucho")), "this is no number"),
    "weights that could be thousands": (damaged(lambda f: f.assign(factor07="1,204")), "the mark could separate thousands or decimals"),
    "a household twice": (damaged(twice), "the household is listed a second time"),
    "labels nobody knows": (damaged(cells(pobreza="clase media")), "the cell holds a label where a code is expected"),
    "a code nobody knows": (damaged(cells(pobreza=7)), "the code is none of: 1, 2, 3"),
    "a code and a half": (damaged(cells(pobreza=1.5)), "the code is none of: 1, 2, 3"),
    "a code with a decimal comma": (damaged(cells(estrato="4,5")), "the code is none of: 1, 2, 3, 4, 5, 6, 7, 8"),
    "a label decoded twice": (damaged(cells(estrato="Ã¡rea de empadronamiento rural (AER) simple")), "the cell holds a label where a code is expected"),
    "a panel's weight": (damaged(lambda f: f.assign(FACPANEL1519=9.5)), "the file is a panel's, not the year's sample: it has facpanel1519"),
    "a panel's columns by year": (damaged(lambda f: f.add_suffix("_19"), "sumaria-2019.csv"), "this is not module 34 (Sumaria): it lacks linea, pobreza"),
    "two years one under the other": (damaged(lambda f: pd.concat([f, f.assign(año="2018")])), "the file holds several years: 2018, 2019"),
    "two years and no column of years": (damaged(lambda f: pd.concat([f, f]).drop(columns="año"), "sumaria-2019.csv"), "the household is listed a second time"),
    "thousands with points and decimals with commas": (damaged(cells(linea="1.350,50")), "this is no number"),
    "no code of poverty": (damaged(cells(pobreza=" ")), "the cell is empty"),
    "stratum 9": (damaged(cells(estrato=9)), "the code is none of: 1, 2, 3, 4, 5, 6, 7, 8"),
    "two strata in a sampling unit": (damaged(cells(estrato=2)), "the sampling unit (conglome) is in several of estrato"),
    "two departments in a sampling unit": (damaged(cells(ubigeo="210101")), "the sampling unit (conglome) is in several of ubigeo"),
    "a ubigeo too short": (damaged(cells(ubigeo="0501")), "the code is not of 6 digits"),
    "a ubigeo that lost its last digit": (damaged(cells(ubigeo="05010")), "the code is not of 6 digits"),
    "a ubigeo of department 99": (damaged(cells(ubigeo="990101")), "no department has this code"),
    "a key in words": (damaged(cells(conglome="Lima")), "the code is not of 6 digits"),
    "an empty key": (damaged(cells(vivienda="")), "the code is not of 3 digits"),
    "no members": (damaged(cells(mieperho=0)), "a household has at least one member"),
    "half a member": (damaged(cells(mieperho=2.5)), "this is no whole number"),
    "a line of zero": (damaged(cells(linea=0)), "the line is not positive"),
    "a negative line": (damaged(cells(linpe=-1)), "the line is not positive"),
    "no line": (damaged(cells(linea=" ")), "the cell is empty"),
    "lines that cross": (damaged(cells(linpe=400)), "the extreme line is above the poverty line"),
    "poverty at odds with spending": (damaged(cells(pobreza=3)), "pobreza contradicts spending per member and the lines"),
    "negative spending": (damaged(cells(gashog2d=-1)), "spending is negative"),
    "text in spending": (damaged(cells(gashog2d="s/d")), "this is no number"),
    "two columns of one name": (text(lambda b: b.replace(b"inghog1d", b"LINEA", 1)), "two columns have the name linea"),
    "several years": (damaged(cells(año="2018")), "the file holds several years: 2018, 2019"),
    "a year that is none": (damaged(cells(año="19")), "this is no year"),
    "no year anywhere": (damaged(without("año"), "s.dta"), "neither a column nor the file's name tells the year"),
    "an archive that climbs out": (packed("../../t.csv"), "the archive names a place outside itself"),
    "an archive with a drive's path": (packed("C:\\t.csv"), "the archive names a place outside itself"),
    "an archive with a password": (packed("t.csv", password=True), "the archive is encrypted"),
    "an archive of two Sumarias": (packed("a.csv", "b.csv"), "several files of the archive could be meant: a.csv, b.csv"),
    "an archive in an archive": (nested, "the archive holds another archive"),
    "an archive without a table": (packed("leame.txt"), "the archive holds no .dta, .sav or .csv file"),
    "an archive with a byte changed": (flipped, "the archive is damaged"),
    "an archive that swells": (swollen, "the archive unpacks to far more than a survey file holds"),
    "an archive that lies about a size": (liar, "the archive is damaged"),
    "an archive that is none": (holding("s.zip", b"PK\x03\x04 and nothing more"), "the archive is damaged"),
    "gzip that is none": (holding("s.csv.gz", b"\x1f\x8b and nothing more"), "the archive is damaged"),
    "gzip of an archive": (holding("s.csv.gz", gzip.compress(b"PK\x03\x04 and so on")), "the archive holds another archive"),
}  # fmt: skip


def everything(folder):
    return sorted((str(path), path.read_bytes()) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_refused_by_name_of_its_trouble(name, home, tmp_path, monkeypatch):
    make, trouble = DAMAGED[name]
    path = make(home)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = everything(tmp_path)
    with pytest.raises(DataError) as caught:
        enaho.read_sumaria(path)
    said = caught.value.told(EN)
    assert said.startswith(path.name)
    assert any(words in said for words in ([trouble] if isinstance(trouble, str) else trouble)), (
        said
    )
    assert all(problem.remedy.text for problem in caught.value.problems)
    # Nothing half-read stays anywhere, the cache included.
    assert everything(tmp_path) == before
    assert list(scratch.iterdir()) == []


def test_the_table_the_damaged_files_come_from_is_sound(home):
    assert len(enaho.read_sumaria(files.write(files.sumaria(), home / "s.csv"))) == 8
    assert len(enaho.read_sumaria(packed("a.csv")(home))) == 8
    assert len(DAMAGED) >= 30


def test_every_fault_is_told_at_once_and_by_its_line(home):
    change = cells(pobreza=7, estrato=9, factor07="x")
    with pytest.raises(DataError) as caught:
        enaho.read_sumaria(files.write(change(files.sumaria()), home / "s.csv"))
    assert caught.value.told(EN).splitlines()[:2] == [
        "s.csv: 3 problems",
        "  - line 2, column estrato, found “9”: the code is none of: 1, 2, 3, 4, 5, 6, 7, 8"
        " → check that the file is the one meant",
    ]


def test_a_fault_is_told_once_and_not_by_its_consequences(home):
    for number, (column, value) in enumerate({"mieperho": 0, "gashog2d": " "}.items()):
        path = files.write(cells(**{column: value})(files.sumaria()), home / f"{number}.csv")
        with pytest.raises(DataError) as caught:
            enaho.read_sumaria(path)
        (problem,) = caught.value.problems
        assert (problem.column, problem.line) == (column, 2)


def test_a_stratum_that_is_none_gives_no_area(home):
    place = {"ubigeo": "050101", "dominio": 5, "estrato": [9, 1.5] * 8}
    path = files.write(files.employment().assign(**place), home / "e.dta")
    with pytest.warns(
        UserWarning, match=r"codes of estrato that are not described \(1.5, 9.0; rows"
    ):
        got = enaho.read_employment(path)
    assert got["area"].isna().all()
    assert got["stratum"].isna().all()


def test_where_a_domain_is_blank_the_district_tells_the_metropolis(home):
    frame = files.sumaria().assign(estrato=8, dominio=[None, None, 5, 5, None, None, 8, 8])
    got = enaho.read_sumaria(files.write(frame, home / "s.dta"))
    assert got["area"].tolist()[::2] == ["rural", "rural", "urban", "urban"]


def test_an_activity_of_two_digits_is_told_and_has_no_section(home):
    path = files.write(files.employment().assign(p506r4=[35.0, None] * 8), home / "e.dta")
    with pytest.warns(UserWarning, match=r"codes of p506r4 that are not described \(35; rows: 8\)"):
        assert enaho.read_employment(path)["sector"].isna().all()


def test_a_name_at_odds_with_the_year_one_says_is_told(home):
    path = files.write(files.sumaria().drop(columns="año"), home / "sumaria-2018.dta")
    said = "sumaria-2018.dta: the name says 2018, you say 2017: 2017 counts."
    with pytest.warns(UserWarning, match=re.escape(said)):
        assert set(enaho.read_sumaria(path, year=2017)["year"]) == {2017}


def test_many_bad_rows_are_counted_and_the_first_shown(home):
    frame = pd.concat([files.sumaria()] * 2)
    with pytest.raises(DataError) as caught:
        enaho.read_sumaria(files.write(frame, home / "s.csv"))
    assert [problem.line for problem in caught.value.problems] == [10, 11, 12]
    assert "the household is listed a second time (in 8 rows)" in caught.value.told(EN)


def test_a_year_at_odds_with_the_one_asked_for(home):
    path = files.write(files.sumaria(), home / "s.csv")
    with pytest.raises(DataError, match="the file is of 2019, and 2018 was asked for"):
        enaho.read_sumaria(path, year=2018)


def test_a_person_twice_and_an_age_that_is_none(home):
    frame = files.members().assign(p208a=lambda f: f["p208a"].replace(60.0, 160.0))
    with pytest.raises(DataError, match="this is no age"):
        enaho.read_members(files.write(frame, home / "m.dta"))
    with pytest.raises(DataError, match="the person is listed a second time"):
        enaho.read_members(files.write(twice(files.members()), home / "m2.dta"))


def test_a_file_that_is_not_there(home):
    with pytest.raises(DataError, match=r"absent\.dta: 1 problem\n.*the file does not exist"):
        enaho.read_sumaria(home / "absent.dta")


def test_two_weights_that_both_could_count(home):
    frame = files.governance().assign(AÑO="2014", FACGOB07=1.0)
    with pytest.raises(DataError, match="several weights could count: factor07, facgob07"):
        enaho.read_governance(files.write(frame, home / "g.csv"))


def test_an_archive_over_the_stated_size(home, monkeypatch):
    monkeypatch.setattr(microdata, "MAX_BYTES", 100)
    with pytest.raises(DataError, match="unpacks to far more than a survey file holds"):
        enaho.read_sumaria(packed("a.csv")(home))
