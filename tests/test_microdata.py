"""Files as a statistical office ships them: every release and encoding read the same."""

import gzip

import enaho_files as files
import pandas as pd
import pyreadstat
import pytest

from icanalysis import microdata, microformats
from icanalysis.errors import DataError
from icanalysis.microdata import opened


def plain():
    return pd.DataFrame({"conglome": ["0050", "0051"], "p1": [1.0, None], "factor07": [1.5, 2.25]})


def read(path, *columns):
    with opened(path) as found:
        (file,) = found
        return file.read(list(columns) or None)


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_releases_of_stata_that_pandas_writes(tmp_path, version):
    path = tmp_path / "a.dta"
    plain().to_stata(path, write_index=False, version=version)
    got = read(path)
    assert got["conglome"].tolist() == ["0050", "0051"]
    assert got["p1"].isna().tolist() == [False, True]
    assert got["factor07"].tolist() == [1.5, 2.25]


@pytest.mark.parametrize("version", [8, 10, 12, 13, 15])
def test_releases_of_stata_that_readstat_writes(tmp_path, version):
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(plain(), path, version=version)
    assert read(path, "factor07")["factor07"].tolist() == [1.5, 2.25]
    assert read(path, "conglome")["conglome"].tolist() == ["0050", "0051"]


def test_one_reader_takes_over_where_the_other_fails(tmp_path, monkeypatch):
    path = tmp_path / "a.dta"
    plain().to_stata(path, write_index=False)

    def fail(*_args, **_named):
        raise ValueError("release 110 is not supported")

    monkeypatch.setattr(microformats.pd, "read_stata", fail)
    assert read(path)["conglome"].tolist() == ["0050", "0051"]
    assert read(path)["p1"].isna().tolist() == [False, True]


def test_what_both_readers_say_of_damage_is_told(tmp_path):
    path = tmp_path / "a.dta"
    plain().to_stata(path, write_index=False, version=114)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(DataError, match=r"the file is damaged \(.+; Readstat"):
        read(path)


@pytest.mark.parametrize(
    ("content", "got"),
    [
        ("a,ñ\n1,é\n".encode("latin-1"), "é"),
        ("a,ñ\n1,é\n".encode(), "é"),
        (b"\xef\xbb\xbf" + "a,ñ\n1,é\n".encode(), "é"),
        ("a;ñ\r\n1;“x”\r\n".encode("cp1252"), "“x”"),
        ("a\tñ\n1\t NA\n".encode(), " NA"),
        ('a,ñ\n1,"x, y"\n'.encode(), "x, y"),
        ("a,ñ\n1,\n".encode(), ""),
    ],
)
def test_texts_in_every_encoding_and_with_every_mark(tmp_path, content, got):
    for name, body in (("a.csv", content), ("a.csv.gz", gzip.compress(content))):
        (tmp_path / name).write_bytes(body)
        frame = read(tmp_path / name)
        assert frame.columns.tolist() == ["a", "ñ"]
        assert frame.to_numpy().tolist() == [["1", got]]


@pytest.mark.parametrize("name", ["a.dta", "a.sav", "a.csv"])
def test_only_the_columns_and_rows_asked_for(tmp_path, name):
    path = files.write(plain(), tmp_path / name)
    with opened(path) as (file,):
        assert file.columns == ("conglome", "p1", "factor07")
        got = file.read(["factor07", "conglome"], rows=1)
    assert got.columns.tolist() == ["factor07", "conglome"]
    assert got["conglome"].tolist() == ["0050"]


def test_an_archive_gives_its_tables_and_leaves_nothing(tmp_path):
    files.write(plain(), tmp_path / "a.dta")
    files.write(plain(), tmp_path / "b.csv")
    path = files.zipped(
        tmp_path / "x.zip", tmp_path / "a.dta", tmp_path / "b.csv", tmp_path / "b.csv",
        names=["687/Data/a.dta", "b.CSV", "__MACOSX/._b.csv"],
    )  # fmt: skip
    with opened(path) as found:
        assert [file.name for file in found] == ["x.zip/687/Data/a.dta", "x.zip/b.CSV"]
        places = [file.path for file in found]
        assert all(place.is_file() for place in places)
    assert not any(place.exists() for place in places)


def test_a_table_is_what_its_bytes_say_not_its_name(tmp_path):
    path = files.write(plain(), tmp_path / "a.dta").rename(tmp_path / "a.csv")
    assert read(path)["conglome"].tolist() == ["0050", "0051"]


def test_too_many_files_in_an_archive(tmp_path, monkeypatch):
    monkeypatch.setattr(microdata, "MAX_MEMBERS", 1)
    table = files.write(plain(), tmp_path / "a.csv")
    path = files.zipped(tmp_path / "x.zip", table, table, names=["a.csv", "b.csv"])
    with pytest.raises(DataError, match="the archive holds 2 files"):
        read(path)
