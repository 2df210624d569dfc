"""The cache: the same frame again, another entry for anything else, never a stale one."""

import importlib.metadata
import os
import time

import enaho_files as files
import pandas as pd
import pytest

from icanalysis import enaho, enaho_tables, microcache
from icanalysis.language import msg


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("ICANALYSIS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")
    return tmp_path / "cache"


def frame():
    return pd.DataFrame(
        {
            "code": pd.array(["05", None], "string"), "flag": pd.array([True, None], "boolean"),
            "age": pd.array([7, None], "Int64"), "year": [2019, 2019], "weight": [0.1, 1 / 3],
        }
    )  # fmt: skip


class Maker:
    """Counts how often the frame had to be made."""

    def __init__(self, *notes):
        self.made, self.notes = 0, list(notes)

    def __call__(self):
        self.made += 1
        return frame(), self.notes


def test_dtypes_and_values_survive_exactly():
    make = Maker()
    microcache.kept("a", make)
    got, notes = microcache.kept("a", make)
    pd.testing.assert_frame_equal(got, frame(), check_exact=True)
    assert (make.made, notes, got.attrs) == (1, [], {})


def test_what_was_worth_saying_is_said_again():
    trouble = msg("the code is not of {width} digits", width=6)
    note = msg("{file}: {count} rows, {trouble}", file="a.dta", count=3, trouble=trouble)
    make = Maker(note)
    assert microcache.kept("a", make)[1] == microcache.kept("a", make)[1] == [note]
    assert make.made == 1


@pytest.mark.parametrize("harm", ["cut", "flipped", "emptied", "other"])
def test_a_damaged_entry_is_made_again(place, harm):
    make = Maker()
    microcache.kept("a", make)
    entry = place / "a.parquet"
    content = bytearray(entry.read_bytes())
    if harm == "cut":
        content = content[: len(content) // 2]
    elif harm == "flipped":
        content[60] ^= 0xFF
    elif harm == "emptied":
        content = bytearray()
    else:
        pd.DataFrame({"x": [1]}).to_parquet(entry)
        content = bytearray(entry.read_bytes())
    entry.write_bytes(bytes(content))
    pd.testing.assert_frame_equal(microcache.kept("a", make)[0], frame())
    assert make.made == 2
    microcache.kept("a", make)
    assert make.made == 2


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ICANALYSIS_CACHE", str(tmp_path / "file"))
    make = Maker()
    for _ in range(2):
        pd.testing.assert_frame_equal(microcache.kept("a", make)[0], frame())
    assert make.made == 2


def test_nothing_half_written_stays(place, monkeypatch):
    def fail(*_args, **_named):
        raise OSError("the disk is full")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail)
    microcache.kept("a", Maker())
    assert list(place.iterdir()) == []


def test_a_key_changes_with_content_code_name_and_arguments(tmp_path):
    data, other, code = (tmp_path / name for name in ("a.dta", "b.dta", "code.py"))
    for path in (data, other, code):
        path.write_text("same")
    first = microcache.key(data, [code], 2019)
    assert microcache.key(data, [code], 2019) == first
    changed = [microcache.key(other, [code], 2019), microcache.key(data, [code], 2018)]
    code.write_text("changed")
    changed.append(microcache.key(data, [code], 2019))
    code.write_text("same")
    data.write_text("changed")
    changed.append(microcache.key(data, [code], 2019))
    assert len({first, *changed}) == 5


@pytest.mark.parametrize(
    "library", ["pandas", "numpy", "scipy", "pyarrow", "pyreadstat", "narwhals"]
)
def test_a_key_changes_with_the_version_of_what_reads_and_computes(tmp_path, monkeypatch, library):
    data = tmp_path / "a.dta"
    data.write_text("same")
    first = microcache.key(data, [])
    real = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "0" if name == library else real(name)
    )
    microcache._versions.cache_clear()  # as in another process
    assert microcache.key(data, []) != first
    microcache._versions.cache_clear()


def test_a_changed_file_is_read_anew(tmp_path, place):
    path = files.write(files.sumaria(), tmp_path / "s.csv")
    enaho.read_sumaria(path)
    files.write(files.sumaria().assign(factor07=1.0), path)
    assert enaho.read_sumaria(path)["household_weight"].unique().tolist() == [1.0]
    assert len(list(place.iterdir())) == 2


def test_a_changed_table_is_another_entry(tmp_path, place, monkeypatch):
    tables = tmp_path / "tables"
    tables.mkdir()
    for name in enaho_tables.TABLES:
        (tables / name).write_bytes((enaho_tables.folder() / name).read_bytes())
    path = files.write(files.sumaria(), tmp_path / "s.csv")
    enaho.read_sumaria(path)
    monkeypatch.setattr(enaho_tables, "folder", lambda: tables)
    enaho.read_sumaria(path)
    assert len(list(place.iterdir())) == 1
    (tables / "labels.csv").write_text("source,code,label,basis\n")
    enaho.read_sumaria(path)
    assert len(list(place.iterdir())) == 2


def test_every_module_that_reads_is_part_of_the_key():
    names = {maker.__name__.partition(".")[2] for maker in enaho._MAKERS}
    readers = {"microformats", "microdata", "microcache", "enaho_tables", "enaho_raw",
               "enaho_tidy", "enaho_checks", "enaho_modules"}  # fmt: skip
    assert names == readers


def test_without_the_cache_nothing_is_kept(tmp_path, place):
    enaho.read_sumaria(files.write(files.sumaria(), tmp_path / "s.csv"), cache=False)
    assert not place.exists()


def test_the_users_own_folder_unless_told(monkeypatch):
    monkeypatch.delenv("ICANALYSIS_CACHE")
    assert microcache.home().name == "icanalysis"


def test_entries_nobody_asks_for_are_removed_after_a_while(place):
    for name in ("asked for", "left"):
        microcache.kept(name, Maker())
    long_ago = time.time() - (microcache.FORGOTTEN_AFTER + 1) * 24 * 60 * 60
    (place / "begun.part").touch()
    (place / "another's").touch()
    for path in place.iterdir():
        os.utime(path, (long_ago, long_ago))
    microcache.kept("asked for", Maker())
    microcache._forget.cache_clear()
    microcache.kept("new", Maker())
    assert sorted(path.name for path in place.iterdir()) == [
        "another's", "asked for.parquet", "new.parquet",
    ]  # fmt: skip
