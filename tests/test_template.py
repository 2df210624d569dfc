"""The empty spreadsheet of a table: what it offers, and that what is filled in loads."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter

from icanalysis import template
from icanalysis.audit import file_problems
from icanalysis.errors import WorkbookError
from icanalysis.language import language
from icanalysis.load import open_data, to_frame

DATA = Path(__file__).parents[1] / "data"
LANGUAGES = {code: language(code) for code in ("es", "en")}


@pytest.fixture(scope="module")
def data():
    return open_data(DATA)


@pytest.fixture(scope="module")
def made(data, tmp_path_factory):
    """Write a template once for each table and language."""
    folder, done = tmp_path_factory.mktemp("templates"), {}

    def make(name, code):
        if (name, code) not in done:
            path = folder / f"{name}_{code}.xlsx"
            done[name, code] = template.write(data, name, path, LANGUAGES[code])
        return openpyxl.load_workbook(done[name, code])

    return make


def rules(sheet):
    """The validation of each column, by its letter."""
    return {
        str(check.sqref).rstrip("0123456789").split(":")[0].rstrip("2"): check
        for check in sheet.data_validations.dataValidation
    }


def listed(book, check):
    """Words of a drop-down list, read where its formula points."""
    name, _, span = check.formula1.rpartition("!")
    sheet = book[name.strip("'")]
    return [row[0].value for row in sheet[span.replace("$", "")]]


def letters(data, name):
    return {
        field.name: get_column_letter(index)
        for index, field in enumerate(data.catalog.tables[name].fields, start=1)
    }


def spoken(data, field, row, code):
    """A value as somebody would fill it in, in a language."""
    value = row[field.name]
    if pd.isna(value):
        return None
    if field.type == "boolean":
        return {"es": ("no", "sí"), "en": ("no", "yes")}[code][bool(value)]
    if field.type in ("integer", "number"):
        return value
    if field.vocabulary == "region" and not field.joint and "spelling" not in row:
        return data.evaluation.area_name(value, LANGUAGES[code])
    return field.label(value, code)


def fill(book, data, name, rows, code):
    sheet = book.worksheets[0]
    for _, row in rows.iterrows():
        sheet.append([spoken(data, field, row, code) for field in data.catalog.tables[name].fields])


# --- it loads -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_shipped_producers_filled_in_load_as_they_were(data, made, tmp_path, code):
    """Titles, labels, yes and no in the language; every tenth row, and every code there is."""
    frame = data.table("producers")
    rows = frame.iloc[::10].reset_index(drop=True)
    for field in data.catalog.tables["producers"].fields:
        if field.choices and field.name != "source_kind":
            assert set(rows[field.name].dropna()) == set(field.choices), field.name
    book = made("producers", code)
    fill(book, data, "producers", rows, code)
    path = tmp_path / "producers.xlsx"
    book.save(path)
    assert file_problems(data, path) == []
    described = data.catalog.tables["producers"]
    pd.testing.assert_frame_equal(to_frame(described, data.normalised(described, path)), rows)


@pytest.mark.parametrize("code", LANGUAGES)
def test_rows_of_every_table_filled_in_load_as_they_were(data, made, tmp_path, code):
    for name, described in data.catalog.tables.items():
        if name == "producers":
            continue
        rows = data.table(name).head(5)
        if rows.empty:  # still to be filled; tests/test_partnership.py fills these
            continue
        book = made(name, code)
        fill(book, data, name, rows, code)
        path = tmp_path / f"{name}.xlsx"
        book.save(path)
        assert file_problems(data, path) == [], name
        again = to_frame(described, data.normalised(described, path))
        pd.testing.assert_frame_equal(again, rows.reset_index(drop=True), obj=name)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_word_of_every_list_loads(data, made, tmp_path, code):
    """Each word alone in its column is read as a code the table allows."""
    for name, described in data.catalog.tables.items():
        book = made(name, code)
        columns = letters(data, name)
        found = rules(book.worksheets[0])
        for field in described.fields:
            check = found.get(columns[field.name])
            if check is None or check.type != "list":
                continue
            words = listed(book, check)
            path = tmp_path / "words.xlsx"
            filled = openpyxl.Workbook()
            filled.active.append([field.titles[code]])
            for word in words:
                filled.active.append([word])
            filled.save(path)
            read = [row[0] for row in data.normalised(described, path).rows]
            if field.type == "boolean":
                assert read == ["true", "false"]
            elif field.vocabulary == "region":
                assert read == [region.code for region in data.evaluation.regions]
            else:
                assert read == list(field.choices or field.labels), (name, field.name)


def test_an_empty_template_says_that_it_has_no_rows(data, made, tmp_path):
    path = tmp_path / "producers.xlsx"
    made("targets", "es")  # another, so that this one is not filled
    template.write(data, "producers", path, LANGUAGES["es"])
    (problem,) = file_problems(data, path)
    assert problem.trouble.text == "the table has no rows"


# --- what it offers -----------------------------------------------------------------------


@pytest.fixture
def fresh(data, tmp_path):
    """A producers' template nobody filled, in each language."""

    def make(code, name="producers"):
        path = tmp_path / f"{name}-{code}.xlsx"
        return openpyxl.load_workbook(template.write(data, name, path, LANGUAGES[code]))

    return make


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_sheet_is_the_header_and_nothing_else(data, fresh, code):
    book = fresh(code)
    sheet = book.worksheets[0]
    fields = data.catalog.tables["producers"].fields
    assert [cell.value for cell in sheet[1]] == [field.titles[code] for field in fields]
    assert sheet.max_row == 1
    assert sheet.freeze_panes == "A2"
    assert all(sheet.column_dimensions[get_column_letter(i + 1)].width >= 10 for i in range(27))
    assert [item.sheet_state for item in book.worksheets] == ["visible", "visible", "hidden"]
    assert sheet.title == {"es": "Productores", "en": "Producers"}[code]


def test_lists_are_in_the_language(data, fresh):
    columns = letters(data, "producers")
    for code, expected in {
        "es": {"wave": ["línea de base", "resultado"], "sex": ["mujer", "hombre"]},
        "en": {"wave": ["baseline", "outcome"], "sex": ["woman", "man"], "trained": ["yes", "no"]},
    }.items():
        book = fresh(code)
        found = rules(book.worksheets[0])
        for name, words in expected.items():
            assert listed(book, found[columns[name]]) == words
        regions = listed(book, found[columns["region"]])
        assert "Cusco" in regions
        assert ("Perú" if code == "es" else "Peru") in regions


def test_lists_and_limits_hold_down_to_the_last_row_and_refuse(data, fresh):
    sheet = fresh("en").worksheets[0]
    columns, found = letters(data, "producers"), rules(sheet)
    assert {str(check.sqref) for check in found.values()} == {
        f"{letter}2:{letter}1048576" for letter in found
    }
    for check in found.values():
        assert check.showErrorMessage
        assert 0 < len(check.errorTitle) <= 32
        assert 0 < len(check.error) <= 225
    age = found[columns["age"]]
    assert (age.type, age.operator, age.formula1, age.formula2) == ("whole", "between", "14", "99")
    assert "From 14 to 99." in age.error
    income = found[columns["income_soles"]]
    assert (income.type, income.formula1) == ("decimal", "0")
    assert float(income.formula2) >= 1e12
    unlisted = {"producer_id", "community"}
    assert {name for name, letter in columns.items() if letter not in found} == unlisted
    assert not found[columns["wave"]].allowBlank
    assert found[columns["credit"]].allowBlank


def test_codes_are_kept_as_text_and_years_as_whole_numbers(data, fresh):
    sheet = fresh("es").worksheets[0]
    columns = letters(data, "producers")
    formats = {name: sheet.column_dimensions[at].number_format for name, at in columns.items()}
    assert formats["producer_id"] == formats["community"] == "@"
    assert formats["year"] == formats["age"] == "0"
    assert formats["weight"] == "General"


def test_a_date_column_takes_dates(data, fresh):
    name = "sources"
    sheet = fresh("en", name).worksheets[0]
    check = rules(sheet)[letters(data, name)["accessed"]]
    assert (check.type, check.operator) == ("date", "greaterThan")
    letter = sheet.column_dimensions[letters(data, name)["accessed"]]
    assert letter.number_format == "yyyy-mm-dd"


def test_a_code_that_is_a_number_is_listed_as_one(data, fresh):
    name = "poverty_groups"
    book = fresh("en", name)
    assert listed(book, rules(book.worksheets[0])[letters(data, name)["level"]]) == [95]


def test_where_several_may_be_joined_there_is_no_list(data, fresh):
    book = fresh("en", "targets")
    assert letters(data, "targets")["region"] not in rules(book.worksheets[0])
    assert "Several are joined by +." in book.worksheets[0]["B1"].comment.text


def test_notes_stand_on_the_header_in_the_language(data, fresh):
    columns = letters(data, "producers")
    spanish, english = (fresh(code).worksheets[0] for code in LANGUAGES)
    for name, at in columns.items():
        field = data.catalog.tables["producers"].field(name)
        assert english[f"{at}1"].comment.text.startswith(field.description)
        assert spanish[f"{at}1"].comment.text != english[f"{at}1"].comment.text
    income = english[f"{columns['income_soles']}1"].comment.text.split("\n")[1:]
    assert income == [
        "Write a number.",
        "From 0 on.",
        "Unit: soles per month.",
        "Leave it empty where it is not known: never zero.",
    ]
    assert "soles al mes" in spanish[f"{columns['income_soles']}1"].comment.text
    region = english[f"{columns['region']}1"].comment.text
    assert "Choose from the list." in region
    assert "Cusco" not in region
    wave = english[f"{columns['wave']}1"].comment.text
    assert "One of: baseline; outcome." in wave
    assert "Every row needs it." in wave


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_codebook_tells_every_column(data, fresh, code):
    sheet = fresh(code).worksheets[1]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    fields = data.catalog.tables["producers"].fields
    assert [row[0] for row in rows] == [field.name for field in fields]
    assert [row[1].split(". ")[1] for row in rows] == [field.titles[code] for field in fields]
    told = {row[0]: row for row in rows}
    assert told["age"][4] == {"es": "años", "en": "years"}[code]
    sector = told["sector"][6]
    assert {"es": "gastronomía (gastronomy)", "en": "gastronomy"}[code] in sector
    assert told["producer_id"][2].startswith({"es": "Código", "en": "Code"}[code])
    if code == "en":
        assert told["age"][3:] == ("a whole number", "years", "no", "From 14 to 99.")
        assert told["wave"][5] == "yes"
    assert sheet.freeze_panes == "A2"


def test_nothing_in_the_template_says_that_an_office_is_simulated(fresh):
    sheet = fresh("en").worksheets[0]
    assert "SIMULATED" not in "".join(cell.comment.text for cell in sheet[1])


# --- refusals -----------------------------------------------------------------------------


def refused(*arguments, **named):
    with pytest.raises(WorkbookError) as error:
        template.write(*arguments, **named)
    return error.value.told(LANGUAGES["en"])


def test_a_file_that_is_there_is_left_alone_unless_forced(data, tmp_path):
    path = tmp_path / "producers.xlsx"
    path.write_text("somebody's work", encoding="utf-8")
    said = refused(data, "producers", path, LANGUAGES["en"])
    assert "producers.xlsx is there already" in said
    assert path.read_text(encoding="utf-8") == "somebody's work"
    template.write(data, "producers", path, LANGUAGES["en"], force=True)
    assert openpyxl.load_workbook(path).worksheets[0].max_row == 1
    assert [item.name for item in tmp_path.iterdir()] == ["producers.xlsx"]


def test_an_unknown_table_and_another_kind_of_file(data, tmp_path):
    said = refused(data, "producer", tmp_path / "a.xlsx", LANGUAGES["en"])
    assert "Table “producer” is not known. Did you mean “producers”?" in said
    said = refused(data, "producers", tmp_path / "a.csv", LANGUAGES["en"])
    assert "A template is an .xlsx file; “a.csv” is not." in said
    said = refused(data, "producers", tmp_path / "none" / "a.xlsx", LANGUAGES["en"])
    assert said == f"There is no folder “{tmp_path / 'none'}”."
    assert list(tmp_path.iterdir()) == []
