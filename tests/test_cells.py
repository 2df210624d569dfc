"""Files as offices send them: what is read, and what is refused and how that is told."""

import datetime
import re
import zipfile

import openpyxl
import pytest

HEADER = "region,year,value,share_pct,open,kind,day,source_id,note\n"
ROW = "cusco,2009,12.5,40,true,fair,2009-06-20,S1,first\n"
NAMES = HEADER.strip().split(",")
VALUES = ["cusco", 2009, 12.5, 40, True, "fair", datetime.date(2009, 6, 20), "S1", "first"]
UNREADABLE = (
    "this is not a readable XLSX file → "
    "open it in Excel and save it again as .xlsx, without a password"
)


def book(*rows):
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    return workbook


def edited_sheet(path, before, after):
    """Change the XML of the first sheet, as Excel writes things that openpyxl does not."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert re.search(before, parts[sheet])
    parts[sheet] = re.sub(before, after, parts[sheet])
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


# What is read without a word


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param(HEADER + ROW, "utf-8", id="as described"),
        pytest.param(HEADER + ROW, "utf-8-sig", id="a byte-order mark, as Excel writes"),
        pytest.param((HEADER + ROW).replace(",", ";"), "utf-8", id="semicolons"),
        pytest.param((HEADER + ROW).replace(",", "\t"), "utf-8", id="tabs"),
        pytest.param((HEADER + ROW).replace("\n", "\r\n"), "utf-8", id="lines of Windows"),
        pytest.param((HEADER + ROW).replace("\n", "\r"), "utf-8", id="lines of an old Mac"),
        pytest.param("sep=;\n" + (HEADER + ROW).replace(",", ";"), "utf-8", id="sep= line"),
        pytest.param('INEI\n"Visitas, por región"\n\n' + HEADER + ROW, "cp1252", id="titles"),
        pytest.param(
            "Visitas, por región, año, mes\n" + (HEADER + ROW).replace(",", ";"),
            "utf-8",
            id="a title with more commas than the table has semicolons",
        ),
        pytest.param(HEADER + "\n\n" + ROW + ",,,,,,,,\n", "utf-8", id="empty rows"),
        pytest.param(
            HEADER.replace("value", "value,").strip()
            + ",\n"
            + ROW.replace("12.5", "12.5,").strip()
            + ",\n",
            "utf-8",
            id="empty columns",
        ),
        pytest.param(
            "Región,Año,VISITAS, share_pct ,Abierta,kind,day,Fuente,note\n" + ROW,
            "cp1252",
            id="titles in Spanish, in any case",
        ),
        pytest.param(
            "note,source_id,day,kind,open,share_pct,value,year,region\n"
            "first,S1,2009-06-20,fair,true,40,12.5,2009,cusco\n",
            "utf-8",
            id="columns in another order",
        ),
    ],
)
def test_csv_files_that_say_the_same(send, read, text, encoding):
    frame = read(send(text, encoding=encoding))
    assert frame.astype(object).to_numpy().tolist() == [
        ["cusco", 2009, 12.5, 40.0, True, "fair", "2009-06-20", "S1", "first"]
    ]


def plain():
    return book(NAMES, VALUES)


def below_titles_and_logos():
    workbook = book(["INEI"], [], [], NAMES, VALUES)
    workbook.active.merge_cells("A1:I2")
    return workbook


def names_over_two_rows():
    workbook = book(NAMES, [], VALUES)
    for column in range(1, 10):
        workbook.active.merge_cells(start_row=1, end_row=2, start_column=column, end_column=column)
    return workbook


def hidden_sheet_first():
    workbook = book(NAMES, ["ica", *VALUES[1:]])
    workbook.active.sheet_state = "hidden"
    workbook.active = workbook.create_sheet("datos")
    for row in (NAMES, VALUES):
        workbook.active.append(row)
    return workbook


def cover_sheet_first():
    workbook = book(["Oficina regional"], ["Contacto"])
    sheet = workbook.create_sheet("datos")
    for row in (NAMES, VALUES):
        sheet.append(row)
    return workbook


def aside():
    return book([None, None, *NAMES], [], [None, None, *VALUES])


def numbers_as_text():
    return book(NAMES, ["Cuzco", "2009", "12,5", "40", "true", "fair", "2009-06-20", "S1", "first"])


@pytest.mark.parametrize(
    "make",
    [
        plain,
        below_titles_and_logos,
        names_over_two_rows,
        hidden_sheet_first,
        cover_sheet_first,
        aside,
        numbers_as_text,
    ],
    ids=lambda make: make.__name__,
)
def test_workbooks_that_say_the_same(send, read, make):
    frame = read(send(make()))
    assert frame.astype(object).to_numpy().tolist() == [
        ["cusco", 2009, 12.5, 40.0, True, "fair", "2009-06-20", "S1", "first"]
    ]


@pytest.mark.parametrize(
    ("column", "value", "number_format", "expected"),
    [
        pytest.param("share_pct", 0.24, "0%", 24.0, id="percent shown as percent"),
        pytest.param("share_pct", 0.07, "0.0%", 7.0, id="percent without binary noise"),
        pytest.param("value", 1234.5, "#,##0.0", 1234.5, id="thousands are only shown"),
        pytest.param("value", 0.1 + 0.2, "General", 0.3, id="number without binary noise"),
        pytest.param("value", 1e-7, "General", 1e-7, id="number too small to show"),
        pytest.param("year", datetime.date(2009, 1, 1), "yyyy", 2009, id="date shown as year"),
        pytest.param("note", datetime.date(2013, 6, 20), "dd/mm/yyyy", "2013-06-20", id="a day"),
        pytest.param("note", datetime.date(2013, 6, 1), "mmm-yy", "2013-06", id="only a month"),
        pytest.param("note", datetime.date(2013, 1, 1), "[$-409]yyyy", "2013", id="only a year"),
        pytest.param(
            "note", datetime.datetime(2013, 6, 20), "d-mmm-yy", "2013-06-20", id="midnight"
        ),
        pytest.param(
            "note",
            datetime.datetime(2013, 6, 20, 10, 30),
            "dd/mm/yyyy hh:mm",
            "2013-06-20T10:30:00",
            id="a day and its hour",
        ),
    ],
)
def test_spreadsheet_cells_as_the_sheet_shows_them(
    send, read, column, value, number_format, expected
):
    workbook = plain()
    cell = workbook.active.cell(2, NAMES.index(column) + 1, value)
    cell.number_format = number_format
    assert read(send(workbook)).loc[0, column] == expected


def test_text_that_looks_like_a_formula_stays_text(send, read):
    formula = '=HYPERLINK("http://example.org","ver")'
    row = ROW.replace("first", '"' + formula.replace('"', '""') + '"')
    assert read(send(HEADER + row)).loc[0, "note"] == formula


def test_a_calculated_formula_is_its_value(send, read):
    workbook = plain()
    workbook.active["C2"] = "=5+7.5"
    path = edited_sheet(send(workbook), r"<f>5\+7.5</f><v ?/?>(</v>)?", "<f>5+7.5</f><v>12.5</v>")
    assert read(path).loc[0, "value"] == 12.5


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(send, read):
    workbook = plain()
    workbook.active["I2"] = '=""'
    path = edited_sheet(
        send(workbook), r'<c r="I2"><f>""</f><v ?/?>(</v>)?', '<c r="I2" t="str"><f>""</f><v></v>'
    )
    assert read(path)["note"].isna().all()


# Line numbers are those of an editor


def test_lines_count_from_titles_and_through_cells_of_several_lines(send, tell):
    text = "Visitas\n\n" + HEADER + ROW.replace("first", '"a\nb\nc"') + "\nica,x,,,,,,S1,\n"
    assert tell(send(text)) == [
        "line 8, column year, found “x”: not a whole number → write a whole number"
    ]


def test_lines_of_a_workbook_are_its_rows(send, tell):
    workbook = book(["Visitas"], [], NAMES, VALUES, [], ["ica", "x", *[None] * 5, "S1"])
    assert tell(send(workbook)) == [
        "line 6, column year, found “x”: not a whole number → write a whole number"
    ]


def test_a_header_repeated_lower_down_is_a_row_and_hides_none(send, tell):
    told = tell(send(HEADER + ROW + HEADER + "ica,2009,1,,,,,S1,\n"))
    assert {line.split(",")[0] for line in told} == {"line 3"}


# What is refused whole, in one sentence


@pytest.mark.parametrize(
    ("content", "spanish", "english"),
    [
        pytest.param(
            b"",
            "el archivo está vacío → envíe el archivo con su encabezado y sus filas",
            "the file is empty → send the file with its header and rows",
            id="empty",
        ),
        pytest.param(
            b"\xef\xbb\xbf\r\n",
            "el archivo está vacío → envíe el archivo con su encabezado y sus filas",
            "the file is empty → send the file with its header and rows",
            id="only a byte-order mark",
        ),
        pytest.param(
            (HEADER + ROW).encode("utf-16"),
            "el archivo está escrito en UTF-16 (“texto Unicode”) → guárdelo de nuevo como CSV UTF-8",
            "the file is written in UTF-16 (“Unicode text”) → save it again as CSV UTF-8",
            id="UTF-16",
        ),
        pytest.param(
            (HEADER + ROW).encode() + b"cus\0co",
            "línea 3: no es texto: el archivo está dañado o no es un CSV → "
            "expórtelo de nuevo como CSV UTF-8",
            "line 3: this is not text: the file is damaged, or not a CSV → "
            "export it again as CSV UTF-8",
            id="NUL bytes",
        ),
        pytest.param(
            (HEADER + "Ayacucho,2009,,,,,,S1,año\n").encode()
            + "ica,2010,,,,,,S1,año\n".encode("cp1252"),
            "línea 3: el archivo mezcla dos codificaciones y no se pueden leer sus tildes → "
            "guárdelo de nuevo como CSV UTF-8",
            "line 3: the file mixes two encodings, so its accents cannot be told apart → "
            "save it again as CSV UTF-8",
            id="two encodings",
        ),
        pytest.param(
            (HEADER + ROW.replace("first", '"first') + ROW).encode(),
            "línea 2: las comillas de esta fila no cierran bien → "
            "cierre todas las comillas; expórtelo de nuevo como CSV UTF-8",
            "line 2: the quotation marks of this row do not match → "
            "close every quotation mark; export it again as CSV UTF-8",
            id="a quotation mark never closed",
        ),
        pytest.param(
            b"a;b\n1;2\n",
            "no se encontró el encabezado: ninguna de las primeras filas nombra las columnas "
            "region, year, value, share_pct, open, kind, day, source_id, note → "
            "ponga los nombres de las columnas en una fila, encima de los datos",
            "no header was found: none of its first rows names the columns "
            "region, year, value, share_pct, open, kind, day, source_id, note → "
            "put the column names in one row, above the data",
            id="another table",
        ),
        pytest.param(
            HEADER.encode(),
            "la tabla no tiene filas → agréguelas debajo del encabezado",
            "the table has no rows → add them below the header",
            id="header alone",
        ),
    ],
)
def test_csv_files_that_are_refused(send, tell, content, spanish, english):
    assert tell(send(content), "es") == [spanish]
    assert tell(send(content), "en") == [english]


def test_a_header_far_below_is_not_guessed(send, tell):
    assert tell(send("nota\n" * 15 + HEADER + ROW))[0].startswith("no header was found")
    assert tell(send("nota\n" * 14 + HEADER + ROW)) == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param((HEADER + ROW).encode(), id="a text renamed"),
        pytest.param(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), id="an .xls renamed"),
        pytest.param(b"", id="empty"),
        pytest.param(b"PK\x05\x06" + bytes(18), id="an empty archive"),
    ],
)
def test_files_that_are_no_workbook(tmp_path, tell, content):
    path = tmp_path / "visits.xlsx"
    path.write_bytes(content)
    assert tell(path) == [UNREADABLE]
    assert tell(path, "es") == [
        "no es un archivo XLSX legible → "
        "ábralo en Excel y guárdelo de nuevo como .xlsx, sin contraseña"
    ]


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_truncated_workbook(send, tell, kept):
    path = send(plain())
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * kept)])
    assert tell(path) == [UNREADABLE]


def test_a_workbook_damaged_inside(send, tell):
    assert tell(edited_sheet(send(plain()), "</row>.*", "")) == [UNREADABLE]


def test_a_workbook_without_a_visible_table(send, tell):
    assert tell(send(openpyxl.Workbook())) == [
        "no visible sheet holds a table → put the table in the first sheet"
    ]


def test_two_sheets_with_the_table_are_told_because_one_would_be_lost(send, tell):
    workbook = plain()
    for row in (NAMES, ["ica", *VALUES[1:]]):
        (workbook["2010"] if "2010" in workbook else workbook.create_sheet("2010")).append(row)
    assert tell(send(workbook), "es") == [
        "varias hojas contienen esta tabla: Sheet, 2010 → "
        "reúna todas las filas en una sola hoja y oculte o quite las demás"
    ]


def test_other_kinds_of_file_and_absent_ones(tmp_path, tell):
    assert tell(tmp_path / "visits.csv") == ["the file does not exist → check its path"]
    (tmp_path / "visits.ods").write_bytes(b"PK")
    assert tell(tmp_path / "visits.ods") == [
        "only .csv and .xlsx files are read → save it in one of these formats"
    ]


# What is told of single rows and cells


def test_merged_data_cells(send, tell):
    workbook = book(NAMES, VALUES, [None, 2010, *VALUES[2:]])
    workbook.active.merge_cells("A2:A3")
    assert tell(send(workbook)) == [
        "line 2: cells A2:A3 are merged → unmerge them and write the value in each cell",
        "line 3, column region: the cell is empty → fill it: this column allows no empty cell",
    ]


def test_a_formula_never_calculated(send, tell):
    workbook = plain()
    workbook.active["C2"] = "=5+7.5"
    assert tell(send(workbook), "es") == [
        "línea 2, columna value, se encontró “=5+7.5”: la fórmula no tiene valor: nunca se calculó "
        "→ abra el archivo en Excel, guárdelo y envíelo de nuevo; o escriba el valor"
    ]


def test_formulas_never_calculated_are_told_even_where_they_are_the_whole_row(send, tell):
    workbook = book(NAMES, VALUES, ["=A2", "=B2+1"])
    assert [line.split(":")[0] for line in tell(send(workbook))] == [
        "line 3, column region, found “=A2”",
        "line 3, column year, found “=B2+1”",
    ]


@pytest.mark.parametrize("failed", ["#N/A", "#REF!", "#¡DIV/0!", "#######"])
def test_a_formula_that_failed_is_told_even_in_a_column_of_text(send, tell, failed):
    assert tell(send(HEADER + ROW.replace("first", failed))) == [
        f"line 2, column note, found “{failed}”: a formula that failed → "
        "correct the formula, or leave the cell empty if it is not known"
    ]


def test_a_formula_that_failed_in_a_workbook(send, tell):
    workbook = plain()
    workbook.active["C2"] = "#N/A"
    workbook.active["C2"].data_type = "e"
    assert tell(send(workbook), "es") == [
        "línea 2, columna value, se encontró “#N/A”: una fórmula que dio error → "
        "corrija la fórmula, o deje la celda vacía si no se sabe"
    ]


@pytest.mark.parametrize(
    ("word", "raw"),
    [
        pytest.param("Jun�n", "Jun�n".encode(), id="replacement character"),
        pytest.param("JunÃ\u00adn", "JunÃ\u00adn".encode(), id="UTF-8 read as Windows"),
        pytest.param("MÃ\u00a0s", "MÃ\u00a0s".encode(), id="UTF-8 read as Windows, a space"),
        pytest.param("Jun¡n", "Jun\xa1n".encode("latin-1"), id="saved by DOS"),
    ],
)
def test_letters_lost_in_saving_are_told(send, tell, word, raw):
    content = (HEADER + ROW).encode().replace(b"first", raw)
    assert tell(send(content)) == [
        f"line 2, column note, found “{word}”: a letter was lost when the file was saved → "
        "write it again and save as CSV UTF-8"
    ]


@pytest.mark.parametrize("text", ["¿Cuánto? ¡Nada!", "“año” – S/ 5 – 30 £", "Ñaña, São, façade"])
def test_good_letters_are_not_taken_for_lost_ones(send, read, text):
    assert read(send(HEADER + ROW.replace("first", f'"{text}"'))).loc[0, "note"] == text


def test_rows_longer_or_shorter_than_the_header(send, tell):
    text = HEADER + "cusco,2009,12,5,40,true,fair,,S1,\nica,2010,7\n"
    told = tell(send(text))
    assert told[0] == (
        "line 2: cells in the row: 10; in the header: 9 → "
        "write what holds the separator (as 12,5) between quotation marks"
    )
    assert told[-2:] == [
        "line 3: cells in the row: 3; in the header: 9 → complete the row",
        "line 3, column source_id: the cell is empty → fill it: this column allows no empty cell",
    ]


def test_a_row_is_too_long_even_where_what_is_left_over_is_empty(send, tell):
    # 12,5 shifts the rest by one cell; the last one falls off, and every value would still fit.
    assert tell(send("region,year,value,share_pct,source_id,note\ncusco,2009,12,5,S1,,\n"))[-1] == (
        "line 2: cells in the row: 7; in the header: 6 → "
        "write what holds the separator (as 12,5) between quotation marks"
    )
