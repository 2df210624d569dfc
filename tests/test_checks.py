"""Every kind of fault in a header or a cell, told in one sentence that says what to do."""

import pytest

from icanalysis.audit import file_problems
from icanalysis.language import language
from icanalysis.load import open_data

HEADER = "region,year,value,share_pct,open,kind,day,source_id,note\n"
MANY = "cusco,2009,12.5,40,true,fair,2009-06-20,S1,first\n"

# column, cell, what is said in English, what is said in Spanish
CELLS = [
    pytest.param(
        "region",
        "Cuzcoo",
        "not a known region → write “cusco” if that is meant, or add this spelling to spellings.csv",
        "no es una región conocida → escriba “cusco” si es eso lo que se quiso decir, "
        "o agregue esta grafía a spellings.csv",
        id="a region misspelt",
    ),
    pytest.param(
        "region",
        "XYZ",
        "not a known region → "
        "add this spelling to spellings.csv, or write one of: ayacucho, cusco, ica, peru",
        "no es una región conocida → "
        "agregue esta grafía a spellings.csv, o escriba una de estas: ayacucho, cusco, ica, peru",
        id="a region like no other",
    ),
    pytest.param(
        "region",
        "programme",
        "not a known region → "
        "add this spelling to spellings.csv, or write one of: ayacucho, cusco, ica, peru",
        "no es una región conocida → "
        "agregue esta grafía a spellings.csv, o escriba una de estas: ayacucho, cusco, ica, peru",
        id="the whole programme where single regions stand",
    ),
    pytest.param(
        "year",
        "2009.5",
        "not a whole number → write a whole number",
        "no es un número entero → escriba un número entero",
        id="a whole number with decimals",
    ),
    pytest.param(
        "year",
        "2.009",
        "the mark could separate thousands or decimals → "
        "write the number without thousands marks, with a decimal point",
        "el signo podría separar miles o decimales → "
        "escriba el número sin separador de miles y con punto decimal",
        id="a whole number with a mark",
    ),
    pytest.param(
        "year",
        "2001",
        "below the least allowed, 2004 → correct the value",
        "es menor que el mínimo admitido, 2004 → corrija el valor",
        id="below the least",
    ),
    pytest.param(
        "year",
        "1.3E+05",
        "Excel shortened the number → widen its column and write every digit",
        "Excel abrevió el número → ensanche la columna y escriba todas las cifras",
        id="digits lost",
    ),
    pytest.param(
        "year",
        "s/d",
        "it counts as an empty cell → fill it: this column allows no empty cell",
        "equivale a una celda vacía → complétela: esta columna no admite celdas vacías",
        id="no data where some are needed",
    ),
    pytest.param(
        "share_pct",
        "100.5",
        "above the most allowed, 100 → correct the value",
        "es mayor que el máximo admitido, 100 → corrija el valor",
        id="above the most",
    ),
    pytest.param(
        "value",
        "24%",
        "not a number → write a number, or leave the cell empty if it is not known",
        "no es un número → escriba un número, o deje la celda vacía si no se sabe",
        id="a percentage where counts stand",
    ),
    pytest.param(
        "open",
        "quizás",
        "not true or false → write true or false, or leave the cell empty if it is not known",
        "no es true o false → escriba true o false, o deje la celda vacía si no se sabe",
        id="neither true nor false",
    ),
    pytest.param(
        "kind",
        "feria",
        "not an allowed value → write one of: fair, workshop",
        "no es un valor admitido → escriba uno de estos: fair, workshop",
        id="not in the list",
    ),
    pytest.param(
        "day",
        "20/06/2009",
        "not a date written year-month-day, as 2013-06-20 → "
        "write a date written year-month-day, as 2013-06-20, "
        "or leave the cell empty if it is not known",
        "no es una fecha escrita año-mes-día, como 2013-06-20 → "
        "escriba una fecha escrita año-mes-día, como 2013-06-20, "
        "o deje la celda vacía si no se sabe",
        id="a date in another order",
    ),
    pytest.param(
        "source_id",
        "S9",
        "not in the table “sources” → correct it, or add it to that table first",
        "no está en la tabla “sources” → corríjalo, o agréguelo primero a esa tabla",
        id="an unknown source",
    ),
]


def with_cell(column, cell):
    cells = dict(zip(HEADER.strip().split(","), MANY.strip().split(","), strict=True))
    return HEADER + ",".join((cells | {column: cell}).values()) + "\n"


@pytest.mark.parametrize(("column", "cell", "english", "spanish"), CELLS)
def test_a_faulty_cell(send, tell, column, cell, english, spanish):
    path = send(with_cell(column, cell))
    assert tell(path) == [f"line 2, column {column}, found “{cell}”: {english}"]
    assert tell(path, "es") == [f"línea 2, columna {column}, se encontró “{cell}”: {spanish}"]


@pytest.mark.parametrize(
    "cell",
    ["nan", "inf", "1_000", "１２", "0x10", "(10)", "10 20", "S/ 12", "1'000", "9" * 16, "12,5,3"],
)
def test_what_only_a_program_would_take_for_a_number_is_not_one(send, tell, cell):
    quoted = f'"{cell}"'
    assert tell(send(with_cell("value", quoted))) == [
        f"line 2, column value, found “{cell}”: not a number → "
        "write a number, or leave the cell empty if it is not known"
    ]


def test_an_empty_cell_where_none_is_allowed(send, tell):
    assert tell(send(with_cell("year", ""))) == [
        "line 2, column year: the cell is empty → fill it: this column allows no empty cell"
    ]


def test_the_value_is_quoted_as_the_file_has_it(send, tell):
    assert tell(send(with_cell("share_pct", '"1.234,5"')))[0].startswith(
        "line 2, column share_pct, found “1.234,5”: above the most allowed"
    )


def test_a_pattern_is_told_with_what_the_column_means(folder, describe, send):
    def only_s(tables):
        tables["visits"]["schema"]["fields"][8]["constraints"] = {"pattern": "p[.] [0-9]+"}

    describe(only_s)
    problems = file_problems(open_data(folder), send(with_cell("note", "page 3")))
    assert [problem.told(language("en")) for problem in problems] == [
        "line 2, column note, found “page 3”: not of the form p[.] [0-9]+ → "
        "correct it: Words of the source."
    ]


def test_five_faults_in_five_rows_are_all_told(send, tell):
    rows = [
        "Cuzcoo,2009,1,,,,,S1,",
        "cusco,20x9,1,,,,,S1,",
        "ica,2010,-1,,,,,S1,",
        "ica,2011,1,,,feria,,S1,",
        "ica,2012,1,,,,,S9,",
        "ica,2010,2,,,,,S1,",
    ]
    assert tell(send(HEADER + "\n".join(rows) + "\n")) == [
        "line 2, column region, found “Cuzcoo”: not a known region → "
        "write “cusco” if that is meant, or add this spelling to spellings.csv",
        "line 3, column year, found “20x9”: not a whole number → write a whole number",
        "line 4, column value, found “-1”: below the least allowed, 0 → correct the value",
        "line 5, column kind, found “feria”: not an allowed value → write one of: fair, workshop",
        "line 6, column source_id, found “S9”: not in the table “sources” → "
        "correct it, or add it to that table first",
        "line 7: the row repeats (region, year) of line 4 → keep one row, or correct its key",
    ]


def test_five_faults_in_one_row_are_all_told(send, tell):
    told = tell(send(HEADER + "Cuzcoo,20x9,-1,,maybe,feria,,S9,\n"))
    assert [line.split(",")[1] for line in told] == [
        " column kind", " column open", " column region", " column source_id", " column value",
        " column year",
    ]  # fmt: skip


def test_a_repeated_key_names_the_first_row_that_has_it(send, tell):
    text = HEADER + "Cuzco,2009,1,,,,,S1,\nica,2009,1,,,,,S1,\n" + "cusco,2009,2,,,,,S1,\n" * 2
    assert tell(send(text), "es") == [
        "línea 4: la fila repite (region, year) de la línea 2 → "
        "deje una sola fila, o corrija su clave",
        "línea 5: la fila repite (region, year) de la línea 2 → "
        "deje una sola fila, o corrija su clave",
    ]


def test_keys_that_differ_are_not_taken_for_repeated_because_both_are_faulty(send, tell):
    told = tell(send(HEADER + "ica,20x9,1,,,,,S1,\nica,20y9,1,,,,,S1,\nica,,1,,,,,S1,\n"))
    assert len(told) == 3
    assert not any("repeats" in line for line in told)


def test_a_unique_column_that_is_the_key_is_told_once(send, tell):
    assert tell(send("source_id,title\nS1,a\nS1,b\n", name="sources"), table="sources") == [
        "line 3: the row repeats (source_id) of line 2 → keep one row, or correct its key"
    ]


def test_spellings_that_differ_only_in_case_cannot_both_hold(send, tell):
    text = "spelling,region\nQosqo,cusco\nQOSQO,ica\n"
    assert tell(send(text, name="spellings"), table="spellings") == [
        "line 3: the row repeats (spelling) of line 2 → keep one row, or correct its key"
    ]


def test_a_joint_figure_names_each_unknown_region_and_sector(send, tell):
    header = "indicator,region,sector,population,value,used,source_id\n"
    rows = "visits,cusco+puno,crafts,,1,true,S1\nvisits,programme,crafts+pesca,,1,true,S1\n"
    assert tell(send(header + rows), table="reported_values") == [
        "line 2, column region, found “puno”: not a known region → "
        "add this spelling to spellings.csv, or write one of: ayacucho, cusco, ica, peru, programme",
        "line 3, column sector, found “pesca”: not a known sector → write one of: crafts, tourism",
    ]


# Faults in the header do not hide those of the cells


def test_unknown_columns_are_told_and_the_cells_beside_them_too(send, tell):
    text = HEADER.strip() + ",extra\n" + "ica,20x9,1,,,,,S1,,9\n"
    assert tell(send(text)) == [
        "line 1: the column “extra” is not described → remove it; the columns are: "
        "region, year, value, share_pct, open, kind, day, source_id, note",
        "line 2, column year, found “20x9”: not a whole number → write a whole number",
    ]


def test_missing_columns_are_told_and_the_cells_that_stand_too(send, tell):
    assert tell(send("region,value,source_id\nica,x,S1\n"), "es") == [
        *(
            f"línea 1: falta la columna “{name}” → "
            "agréguela al encabezado; deje vacías las celdas de lo que no se sabe"
            for name in ("year", "share_pct", "open", "kind", "day", "note")
        ),
        "línea 2, columna value, se encontró “x”: no es un número → "
        "escriba un número, o deje la celda vacía si no se sabe",
    ]


def test_a_name_nearly_right_is_one_fault_not_two(send, tell):
    text = HEADER.replace("region", "regoin").replace("year", "Ano") + MANY
    assert tell(send(text), "es") == [
        "línea 1: la columna “regoin” no está descrita → cámbiele el nombre a “region”",
        "línea 1: la columna “Ano” no está descrita → cámbiele el nombre a “year”",
    ]


def test_a_column_that_stands_twice(send, tell):
    text = HEADER.strip() + ",Año\n" + "ica,20x9,1,,,,,S1,,2009\n"
    assert tell(send(text)) == [
        "line 1: the column “year” appears twice → keep one",
        "line 2, column year, found “20x9”: not a whole number → write a whole number",
    ]


def test_values_under_no_name(send, tell):
    assert tell(send(HEADER.strip() + ",\n" + MANY.strip() + ",9\n"), "es") == [
        "línea 1: una columna tiene valores y no tiene nombre → "
        "póngale nombre en el encabezado, o quítela"
    ]


def test_the_header_is_told_on_its_own_line(send, tell):
    told = tell(send("Visitas\n\n" + HEADER.replace("note", "zzz") + MANY))
    assert told[0].startswith("line 3: the column “zzz” is not described")


def test_a_row_with_words_outside_the_table_only(send, tell):
    text = HEADER.strip() + ",extra\n" + MANY.strip() + ",\n" + "s/d,,,,,,,,,Fuente: INEI\n"
    assert tell(send(text))[1:] == ["line 3: the row says nothing → fill it, or remove it"]


def test_a_large_file_takes_seconds(send, tell):
    rows = "".join(f"ica,2009,{number},,,,,S1,\n" for number in range(50_000))
    assert len(tell(send(HEADER + rows))) == 49_999
