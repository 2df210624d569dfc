"""What is put in plain form, what is left alone, and the typed frames that come of it."""

import re
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icanalysis.errors import DataError, WorkbookError
from icanalysis.language import language
from icanalysis.load import open_data, plain_number, sha256, to_frame

ES, EN = language("es"), language("en")
HEADER = "region,year,value,share_pct,open,kind,day,source_id,note\n"
POINTS_OR_THOUSANDS = (
    "the mark could separate thousands or decimals → "
    "write the number without thousands marks, with a decimal point"
)


def rows(*cells, column="value"):
    """A file with these cells in one column and nothing else of note."""
    place = HEADER.strip().split(",").index(column)
    lines = []
    for number, cell in enumerate(cells):
        line = ["ica", str(2010 + number), "", "", "", "", "", "S1", ""]
        line[place] = f'"{cell}"'
        lines.append(",".join(line) + "\n")
    return HEADER + "".join(lines)


# Numbers


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("12.5", "12.5"),
        ("12,5", "12.5"),
        ("-12,50", "-12.50"),
        ("0,125", "0.125"),
        ("12,3456", "12.3456"),
        ("1234,567", "1234.567"),
        ("1.234,5", "1234.5"),
        ("1.234.567,89", "1234567.89"),
        ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1 234", "1234"),
        ("1 234 567,5", "1234567.5"),
        ("−7", "-7"),
    ],
)
def test_numbers_that_can_be_read_in_one_way_only(cell, plain):
    assert plain_number(cell) == plain


@pytest.mark.parametrize(
    "cell",
    ["1,234", "1.234", "12,34,56", "1,23.4", "1.23,4.5", "10 20", "2009 2010", "12%", "s/d", ""],
)
def test_what_could_be_read_in_two_ways_or_none_is_left_alone(cell):
    assert plain_number(cell) == cell


def test_the_percent_sign_is_dropped_only_where_percentages_stand():
    assert plain_number("24,5 %", percent=True) == "24.5"
    assert plain_number("24,5 %") == "24,5 %"


def written(number, thousands, decimal):
    """A number as an office writes it: marks for thousands, or none, and for decimals."""
    return f"{number:,}".translate(str.maketrans({",": thousands, ".": decimal}))


@given(
    st.decimals(-10_000_000, 10_000_000, allow_nan=False, places=2),
    st.sampled_from([(",", "."), (".", ","), (" ", ","), (" ", "."), ("", ","), ("", ".")]),
)
def test_a_number_with_two_decimals_keeps_its_value_however_it_is_written(number, marks):
    assert Decimal(plain_number(written(number, *marks))) == number


@given(st.text(alphabet="0123456789., -−", max_size=12))
def test_a_number_made_plain_keeps_its_digits_and_stays_as_it_is(cell):
    once = plain_number(cell)
    assert re.sub(r"\D", "", once) == re.sub(r"\D", "", cell)
    assert plain_number(once) == once


def test_a_point_before_three_digits_is_a_decimal_where_points_are(send, read):
    assert read(send(rows("1.234", "12.5")))["value"].tolist() == [1.234, 12.5]


def test_a_point_before_three_digits_is_told_where_commas_mark_decimals(send, tell):
    assert tell(send(rows("1.234", "12,5"))) == [
        f"line 2, column value, found “1.234”: {POINTS_OR_THOUSANDS}"
    ]


def test_a_point_before_three_digits_is_told_in_a_file_of_semicolons(send, tell, read):
    text = rows("1.234", "900").replace(",", ";")
    assert tell(send(text)) == [f"line 2, column value, found “1.234”: {POINTS_OR_THOUSANDS}"]
    clearly = rows("1.234", "0.5").replace(",", ";")
    assert read(send(clearly))["value"].tolist() == [1.234, 0.5]


def test_a_comma_before_three_digits_is_told(send, tell):
    assert tell(send(rows("1,234")), "es") == [
        "línea 2, columna value, se encontró “1,234”: el signo podría separar miles o decimales → "
        "escriba el número sin separador de miles y con punto decimal"
    ]


def test_percent_signs_in_a_column_of_percentages(send, read):
    frame = read(send(rows("24%", "7,5 %", "12", column="share_pct")))
    assert frame["share_pct"].tolist() == [24.0, 7.5, 12.0]


# Text, absence, truth


@pytest.mark.parametrize("word", ["", " ", "N/A", "n/a", "s/d", "S/D", "s.d.", "..", "-", "—"])
def test_words_of_absence_are_missing_values_never_zero(send, read, word):
    frame = read(send(rows(word) + f"cusco,2009,3,,,,,S1,{word}\n"))
    assert frame["value"].isna().tolist() == [False, True]
    assert frame["note"].isna().all()


def test_a_zero_is_a_zero(send, read):
    assert read(send(rows("0", "0,0")))["value"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u200b", "\ufeff"])
def test_spaces_that_nobody_sees(send, read, space):
    text = HEADER.replace("year", f"{space}year") + f"{space}Cuzco{space},2009{space},1,,,,,S1,\n"
    assert read(send(text)).loc[0, ["region", "year"]].tolist() == ["cusco", 2009]


@pytest.mark.parametrize(
    ("word", "truth"),
    [
        ("true", True), ("VERDADERO", True), ("Sí", True), ("1", True),
        ("False", False), ("FALSO", False), ("no", False), ("0", False),
    ],
)  # fmt: skip
def test_true_and_false_as_excel_and_people_write_them(send, read, word, truth):
    assert read(send(rows(word, column="open"))).loc[0, "open"] == truth


# Regions


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("AYACUCHO", "ayacucho"),
        ("Ayachucho", "ayacucho"),
        ("Cuzco", "cusco"),
        (" cuzco ", "cusco"),
        ("Perú", "peru"),
        ("A\u0301ncash", "ica"),
        ("Cuzcoo", "Cuzcoo"),
    ],
)
def test_regions_by_their_known_spellings_and_no_others(data, name, code):
    assert data.region_code(name) == code


def test_joint_regions_are_codes_in_one_order(send, read):
    header = "indicator,region,sector,population,value,used,source_id\n"
    text = header + "visits,Cuzco + Ayachucho,,,1,true,S1\n"
    frame = read(send(text, name="reported_values"), "reported_values")
    assert frame.loc[0, "region"] == "ayacucho+cusco"


def test_of_two_spellings_that_contradict_each_other_the_first_holds(folder):
    with (folder / "spellings.csv").open("a", encoding="utf-8") as stream:
        stream.write("CUZCO,ica\nica,cusco\n")
    data = open_data(folder)
    assert data.region_code("Cuzco") == "cusco"
    assert data.region_code("ica") == "ica", "a code is never another region's spelling"


def test_a_folder_without_spellings_knows_the_codes(folder, describe):
    describe(lambda tables: tables.pop("spellings"))
    data = open_data(folder)
    assert [data.region_code(name) for name in ("CUSCO", "Cuzco")] == ["cusco", "Cuzco"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda path: path.unlink(),
            "spellings.csv: 1 problem\n  - the file does not exist → check its path",
        ),
        (
            lambda path: path.write_text("spelling,regin\nCuzco,cusco\n"),
            "spellings.csv: 1 problem\n"
            "  - line 1: the column “regin” is not described → rename it to “region”",
        ),
    ],
    ids=["missing", "misnamed"],
)
def test_a_spoilt_table_of_spellings_is_what_is_told(folder, spoil, told):
    spoil(folder / "spellings.csv")
    with pytest.raises(DataError) as error:
        open_data(folder).table("visits")
    assert error.value.told(EN) == told


# Tables


def test_a_table_is_typed_and_sorted_by_its_key(data):
    frame = data.table("visits")
    assert frame["region"].tolist() == ["ayacucho", "cusco"]
    assert frame.dtypes.astype(str).to_dict() == {
        "region": "string", "year": "Int64", "value": "float64", "share_pct": "float64",
        "open": "boolean", "kind": "string", "day": "string", "source_id": "string",
        "note": "string",
    }  # fmt: skip


def test_a_table_whose_order_means_something_keeps_it(folder, describe):
    describe(lambda tables: tables["visits"].update(ordered=True))
    assert open_data(folder).table("visits")["region"].tolist() == ["cusco", "ayacucho"]


def test_what_a_caller_does_to_a_table_stays_with_the_caller(data):
    frame = data.table("visits")
    frame["value"] = 0
    assert data.table("visits")["value"].tolist() == [7.0, 12.5]


def test_an_unknown_table_is_told_with_those_there_are(data):
    with pytest.raises(WorkbookError) as error:
        data.table("visit")
    assert error.value.told(EN) == (
        "Table “visit” is not known. Did you mean “visits”? "
        "Known: sources, indicators, reported_values, visits, spellings."
    )


def test_a_faulty_table_is_never_returned(folder):
    (folder / "visits.csv").write_text(rows("x", "-1"), encoding="utf-8")
    with pytest.raises(DataError) as error:
        open_data(folder).table("visits")
    assert error.value.told(ES).splitlines() == [
        "visits.csv: 2 problemas",
        "  - línea 2, columna value, se encontró “x”: no es un número → "
        "escriba un número, o deje la celda vacía si no se sabe",
        "  - línea 3, columna value, se encontró “-1”: es menor que el mínimo admitido, 0 → "
        "corrija el valor",
    ]


def test_a_table_whose_sources_are_missing_is_not_returned_unchecked(folder):
    (folder / "sources.csv").unlink()
    with pytest.raises(DataError) as error:
        open_data(folder).table("visits")
    assert error.value.told(EN) == (
        "sources.csv: 1 problem\n  - the file does not exist → check its path"
    )


def test_a_table_whose_sources_have_lost_their_key_is_not_returned_unchecked(folder):
    (folder / "sources.csv").write_text("id,title\nS1,Informe\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        open_data(folder).table("visits")
    assert "the column “source_id” is missing" in error.value.told(EN)


def test_faults_of_all_tables_are_told_together_and_once(folder):
    (folder / "sources.csv").unlink()
    (folder / "visits.csv").write_text(rows("x"), encoding="utf-8")
    with pytest.raises(DataError) as error:
        open_data(folder).load_all()
    assert [line for line in error.value.told(EN).splitlines() if not line.startswith(" ")] == [
        "sources.csv: 1 problem",
        "visits.csv: 1 problem",
    ]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(WorkbookError) as error:
        open_data(tmp_path / "datos")
    assert error.value.told(ES) == f"No existe la carpeta “{tmp_path / 'datos'}”."


def test_a_checksum_is_that_of_the_bytes(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert sha256(tmp_path / "abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


words = st.sampled_from(
    ["", "s/d", " Cuzco", "Ayachucho + Cuzco", "12,5", "1.234,5", "1,234", "VERDADERO", "S1", "−3"]
)


@given(st.lists(st.tuples(words, words, words, words), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_normalising_twice_changes_nothing(data, send, cells):
    lines = [f'"{a}","{b}","{c}",,"{d}",,,S1,x\n' for a, b, c, d in cells]
    table = data.catalog.tables["visits"]
    once = data.normalised(table, send(HEADER + "".join(lines)))
    again = "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in once.rows)
    assert data.normalised(table, send(HEADER + again)).rows == once.rows


def test_what_is_written_is_what_is_read_again(data, send):
    table = data.catalog.tables["visits"]
    frame = data.table("visits")
    saved = frame.to_csv(index=False)
    pd.testing.assert_frame_equal(to_frame(table, data.normalised(table, send(saved))), frame)
