"""The description of a data folder: what is read of it, and every fault told in one message."""

from pathlib import Path

import pytest

from icanalysis.catalog import Link, read_catalog
from icanalysis.errors import DataError, WorkbookError
from icanalysis.language import language

DATA = Path(__file__).parents[1] / "data"
ES, EN = language("es"), language("en")
REMEDY = "correct the description; the standard is at datapackage.org"


def told(folder, reader=EN):
    with pytest.raises(DataError) as error:
        read_catalog(folder)
    return [line.removeprefix("  - ") for line in error.value.told(reader).splitlines()[1:]]


def test_a_table_as_it_is_described(folder):
    table = read_catalog(folder).tables["visits"]
    assert table.path == folder / "visits.csv"
    assert table.primary_key == ("region", "year")
    assert table.links == (Link("source_id", "sources", "source_id"),)
    assert table.ordered is False
    year, share, kind = (table.field(name) for name in ("year", "share_pct", "kind"))
    assert (year.type, year.required, year.titles) == ("integer", True, {"en": "year", "es": "Año"})
    assert (share.unit, share.required) == ("percent of visitors", False)
    assert kind.choices == ("fair", "workshop")


def test_a_code_without_a_label_is_its_own_label(folder, describe):
    def label(tables):
        tables["visits"]["schema"]["fields"][5]["labels"] = {"fair": {"es": "feria", "en": "fair"}}

    describe(label)
    kind = read_catalog(folder).tables["visits"].field("kind")
    assert (kind.label("fair", "es"), kind.label("workshop", "es")) == ("feria", "workshop")


def test_a_link_to_its_own_table(folder, describe):
    own = {"fields": "note", "reference": {"resource": "", "fields": "region"}}
    describe(lambda tables: tables["visits"]["schema"].update(foreignKeys=[own]))
    assert read_catalog(folder).tables["visits"].links == (Link("note", "visits", "region"),)


def test_a_byte_order_mark_does_no_harm(folder):
    path = folder / "datapackage.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "visits" in read_catalog(folder).tables


def test_a_folder_without_description(tmp_path):
    with pytest.raises(WorkbookError) as error:
        read_catalog(tmp_path)
    assert error.value.told(EN) == (
        f"“{tmp_path.name}” is not a data folder: it holds no datapackage.json. "
        "Name the folder that does, with --data."
    )
    assert error.value.told(ES) == (
        f"“{tmp_path.name}” no es una carpeta de datos: no contiene datapackage.json. "
        "Indique con --data la que sí lo contiene."
    )


@pytest.mark.parametrize(
    ("raw", "spanish"),
    [
        pytest.param(
            b'{\n"name": }',
            "línea 2: no es JSON válido: Expecting value → corrija la sintaxis del archivo",
            id="not JSON",
        ),
        pytest.param(
            '{"name": "Perú"}'.encode("latin-1"),
            "no es texto UTF-8 → guárdelo de nuevo como UTF-8",
            id="another encoding",
        ),
        pytest.param(
            b"{}",
            "no es un Data Package válido: 'resources' is a required property → "
            "corrija la descripción; el estándar está en datapackage.org",
            id="nothing described",
        ),
    ],
)
def test_a_description_that_cannot_be_read(folder, raw, spanish):
    (folder / "datapackage.json").write_bytes(raw)
    assert told(folder, ES) == [spanish]


@pytest.mark.parametrize("raw", [b"[]", b"null", b"3", b'{"resources": {}}', b'{"resources": [1]}'])
def test_a_description_of_another_shape(folder, raw):
    (folder / "datapackage.json").write_bytes(raw)
    assert all(line.startswith("not a valid Data Package: ") for line in told(folder))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            lambda tables: tables["visits"].pop("path"),
            "not a valid Data Package: resource visits: "
            f'one of the properties "path" or "data" is required → {REMEDY}',
            id="no path",
        ),
        pytest.param(
            lambda tables: tables["visits"].update(path="../visits.csv"),
            "not a valid Data Package: resource visits: "
            f'path "../visits.csv" is not safe → {REMEDY}',
            id="a path out of the folder",
        ),
        pytest.param(
            lambda tables: tables["visits"].update(path="https://example.org/visits.csv"),
            "the table “visits” is not one file of this folder → "
            "give it the path of one .csv or .xlsx file",
            id="an address",
        ),
        pytest.param(
            lambda tables: tables["visits"].update(path=["visits.csv", "more.csv"]),
            "the table “visits” is not one file of this folder → "
            "give it the path of one .csv or .xlsx file",
            id="several files",
        ),
        pytest.param(
            lambda tables: tables["visits"].pop("schema"),
            "the table “visits” describes no column → list its columns in schema.fields",
            id="no columns",
        ),
        pytest.param(
            lambda tables: tables["visits"]["schema"]["fields"][1].update(type="numbr"),
            "not a valid Data Package: resource visits: "
            f'field type "numbr" is not supported → {REMEDY}',
            id="a type misspelt",
        ),
        pytest.param(
            lambda tables: tables.pop("sources"),
            "the table “sources” is not described → correct the link in foreignKeys",
            id="a link to no table",
        ),
        pytest.param(
            lambda tables: (
                tables["sources"]["schema"]["fields"][0].update(name="id")
                or tables["sources"]["schema"].pop("primaryKey")
            ),
            "the table “sources” has no column “source_id” → correct the link in foreignKeys",
            id="a link to no column",
        ),
        pytest.param(
            lambda tables: tables["visits"]["schema"].update(
                foreignKeys=[
                    {
                        "fields": ["region", "year"],
                        "reference": {"resource": "visits", "fields": ["region", "year"]},
                    }
                ]
            ),
            "the table “visits” links several columns at once → correct the link in foreignKeys",
            id="a link of several columns",
        ),
    ],
)
def test_a_faulty_description(folder, describe, change, expected):
    describe(change)
    assert told(folder)[0] == expected


def test_faults_of_several_tables_are_all_told(folder, describe):
    def spoil(tables):
        tables["sources"].pop("path")
        tables["visits"]["schema"].pop("fields")

    describe(spoil)
    assert [line.split(": ")[1] for line in told(folder)] == ["resource sources", "resource visits"]


def test_the_titles_of_the_shipped_tables_name_one_column_each():
    for table in read_catalog(DATA).tables.values():
        for code in ("es", "en"):
            titles = [field.titles[code].casefold() for field in table.fields]
            assert len(titles) == len(set(titles)), table.name
