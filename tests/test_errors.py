"""How a problem is told: its place, what was found, what is allowed, what to do."""

import pytest

from icanalysis.errors import (
    DataError,
    Problem,
    WorkbookError,
    distinct,
    listing,
    nearest,
    unknown_choice,
)
from icanalysis.language import language, msg

ES, EN = language("es"), language("en")


def problem(file="visits.csv", **place):
    return Problem(file, msg("not {allowed}", allowed=msg("a number")), msg("fill it"), **place)


EMPTY = Problem(
    "visits.csv",
    msg("the cell is empty"),
    msg("fill it: this column allows no empty cell"),
    line=3,
    column="year",
)


def test_a_problem_tells_place_finding_and_remedy():
    told = Problem(
        "visits.csv",
        msg("not an allowed value"),
        msg("write one of: {choices}", choices="fair, workshop"),
        line=12,
        column="kind",
        found="feria",
    )
    assert told.told(EN) == (
        "line 12, column kind, found “feria”: not an allowed value → write one of: fair, workshop"
    )
    assert told.told(ES) == (
        "línea 12, columna kind, se encontró “feria”: "
        "no es un valor admitido → escriba uno de estos: fair, workshop"
    )


def test_what_is_not_known_of_a_problem_is_left_out():
    assert EMPTY.told(EN) == (
        "line 3, column year: the cell is empty → fill it: this column allows no empty cell"
    )
    whole_file = Problem("visits.csv", msg("the file does not exist"), msg("check its path"))
    assert whole_file.told(ES) == "el archivo no existe → revise la ruta"


def test_problems_are_listed_by_file_and_line():
    problems = [
        Problem("z.csv", msg("the file does not exist"), msg("check its path")),
        Problem("a.csv", msg("the cell is empty"), msg("keep one"), line=10),
        Problem("a.csv", msg("the cell is empty"), msg("keep one"), line=9, column="year"),
        Problem("a.csv", msg("the cell is empty"), msg("keep one"), line=9, column="open"),
    ]
    assert listing(problems, EN) == [
        "a.csv: 3 problems",
        "  - line 9, column open: the cell is empty → keep one",
        "  - line 9, column year: the cell is empty → keep one",
        "  - line 10: the cell is empty → keep one",
        "z.csv: 1 problem",
        "  - the file does not exist → check its path",
    ]


def test_a_data_error_tells_each_problem_once():
    error = DataError([EMPTY, EMPTY])
    assert error.problems == (EMPTY,)
    assert error.told(ES) == (
        "visits.csv: 1 problema\n"
        "  - línea 3, columna year: la celda está vacía → "
        "complétela: esta columna no admite celdas vacías"
    )


def test_problems_that_differ_in_place_alone_are_all_kept():
    problems = [problem(line=1), problem(line=2), problem(line=1, column="a"), problem("b.csv")]
    assert distinct([*problems, *problems]) == problems


def test_an_error_speaks_the_language_of_whoever_runs_this(monkeypatch):
    error = WorkbookError(msg("There is no folder “{folder}”.", folder="datos"))
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "es")
    assert str(error) == "No existe la carpeta “datos”."
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")
    assert str(error) == "There is no folder “datos”."


def test_an_unknown_choice_is_told_with_the_nearest():
    error = unknown_choice(msg("Region"), "Cuzcoo", ["cusco", "ica"])
    assert (
        error.told(EN) == "Region “Cuzcoo” is not known. Did you mean “cusco”? Known: cusco, ica."
    )
    assert error.told(ES) == (
        "La región “Cuzcoo” no se conoce. ¿Quiso decir “cusco”? Se conocen: cusco, ica."
    )


def test_an_unknown_choice_like_no_other_is_told_with_all_of_them():
    error = unknown_choice(msg("Table"), "xyz", ["sources", "visits"])
    assert error.told(EN) == "Table “xyz” is not known. Known: sources, visits."
    assert error.told(ES) == "La tabla “xyz” no se conoce. Se conocen: sources, visits."


@pytest.mark.parametrize(
    ("value", "expected"), [("AÑO", "Año"), ("yaer", "year"), ("kilometres", None)]
)
def test_the_nearest_choice_keeps_its_own_spelling(value, expected):
    assert nearest(value, ["Año", "year"]) == expected
