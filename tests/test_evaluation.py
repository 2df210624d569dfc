"""evaluation.toml: what it says, and every fault of it told in one message."""

from pathlib import Path

import pytest

from icanalysis.errors import DataError, WorkbookError
from icanalysis.language import language
from icanalysis.settings import read_evaluation

DATA = Path(__file__).parents[1] / "data"
ES, EN = language("es"), language("en")


@pytest.fixture
def evaluation(folder):
    return read_evaluation(folder)


@pytest.fixture
def spoil(folder):
    """Replace words of evaluation.toml, and list what is said of it then."""

    def replace(*changes, reader=EN):
        path = folder / "evaluation.toml"
        text = path.read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError) as error:
            read_evaluation(folder)
        return [line.removeprefix("  - ") for line in error.value.told(reader).splitlines()[1:]]

    return replace


def codes(regions):
    return [region.code for region in regions]


def test_regions_that_get_a_report(evaluation):
    assert codes(evaluation.reported_regions()) == ["ayacucho", "cusco"]
    assert codes(evaluation.reported_regions(every=True)) == ["ayacucho", "cusco", "ica"]
    assert evaluation.reference.code == "peru"


def test_the_shipped_evaluation_reports_on_the_four_regions_of_the_programme():
    shipped = read_evaluation(DATA)
    assert codes(shipped.reported_regions()) == ["ayacucho", "cusco", "puno", "lambayeque"]
    assert len(shipped.reported_regions(every=True)) == 24, "the departments of Peru"
    assert (shipped.years().baseline, shipped.years().outcome) == (2009, 2013)


def test_a_region_that_is_not_reported_on(evaluation):
    with pytest.raises(WorkbookError) as error:
        evaluation.region("peru")
    assert error.value.told(EN) == "Region “peru” is not known. Known: ayacucho, cusco, ica."
    assert evaluation.region("ica").named("es") == "Ica"


@pytest.mark.parametrize(
    ("code", "spanish", "english"),
    [
        ("programme", "Todo el programa", "Whole programme"),
        ("peru", "Perú", "Peru"),
        ("ayacucho+cusco", "Ayacucho y Cusco", "Ayacucho and Cusco"),
        ("cusco+ica", "Cusco e Ica", "Cusco and Ica"),
    ],
)
def test_names_of_areas(evaluation, code, spanish, english):
    assert evaluation.area_name(code, ES) == spanish
    assert evaluation.area_name(code, EN) == english


def test_names_of_sectors(evaluation):
    assert evaluation.sector_name("crafts+tourism", ES) == "artesanía y turismo"
    assert evaluation.sector_name("tourism", EN) == "tourism"


def test_each_year_may_be_replaced(evaluation):
    assert evaluation.years(2011).model_dump() == {"baseline": 2011, "outcome": 2013}
    assert evaluation.years(outcome=2020).model_dump() == {"baseline": 2009, "outcome": 2020}


@pytest.mark.parametrize("baseline", [2013, 2014])
def test_a_baseline_that_does_not_come_before_the_outcome(evaluation, baseline):
    with pytest.raises(WorkbookError) as error:
        evaluation.years(baseline)
    assert error.value.told(EN) == (
        f"The baseline year ({baseline}) must come before the outcome year (2013)."
    )
    assert error.value.told(ES) == (
        f"El año de la línea de base ({baseline}) debe ser anterior al año de resultado (2013)."
    )


def test_languages_are_written_as_the_evaluation_says(folder):
    path = folder / "evaluation.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("es_PE", "es_ES"), encoding="utf-8")
    assert read_evaluation(folder).language("es").number(12345.5) == "12.345,5"


def test_a_byte_order_mark_does_no_harm(folder):
    path = folder / "evaluation.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_evaluation(folder).programme.code == "crafts"


def test_a_folder_without_evaluation(tmp_path):
    with pytest.raises(WorkbookError) as error:
        read_evaluation(tmp_path)
    assert error.value.told(ES) == (
        f"“{tmp_path.name}” no es una carpeta de datos: no contiene evaluation.toml."
    )


def test_several_faults_are_all_told(spoil):
    changes = [
        ('country = "PE"', 'countri = "PE"'),
        ("baseline = 2009", 'baseline = "x"'),
        ('code = "cusco"', 'code = "Cus co"'),
        ('role = "comparison"', 'role = "compared"'),
        ('whole = "programme"', "whole = 3"),
        ("on_track = 0.8", 'on_track = "mucho"'),
    ]
    assert spoil(*changes) == [
        "“programme.country” is missing → add it",
        "found “3”: “programme.whole” does not fit → write a text between quotation marks",
        "“programme.countri” is not a key this file knows → check its spelling, or remove it",
        "found “x”: “periods.official.baseline” does not fit → write a whole number",
        "found “Cus co”: “regions.2.code” does not fit → "
        "write lower-case letters, digits, - and _, beginning with a letter",
        "found “compared”: “regions.3.role” does not fit → "
        "write one of: programme, comparison, reference, part",
        "found “mucho”: “achievement.on_track” does not fit → correct it: "
        "Input should be a valid number, unable to parse string as a number",
    ]


def test_faults_are_told_in_spanish(spoil):
    changes = [('country = "PE"', 'countri = "PE"'), ("baseline = 2009", 'baseline = "x"')]
    assert spoil(*changes, reader=ES) == [
        "falta “programme.country” → agréguelo",
        "“programme.countri” no es una clave de este archivo → revise cómo está escrita, o quítela",
        "se encontró “x”: “periods.official.baseline” no se ajusta → escriba un número entero",
    ]


@pytest.mark.parametrize(
    ("before", "after", "english", "spanish"),
    [
        pytest.param(
            "baseline = 2009",
            "baseline = 2013",
            "“periods.official”: the baseline year must come before the outcome year",
            "“periods.official”: el año de la línea de base debe ser anterior al año de resultado",
            id="years the wrong way round",
        ),
        pytest.param(
            "start = 2010",
            "start = 2013",
            "“programme.period”: the period must not end before it starts",
            "“programme.period”: el período no puede terminar antes de empezar",
            id="a period the wrong way round",
        ),
        pytest.param(
            "on_track = 0.8",
            "on_track = 0.6",
            "“achievement”: the cut-offs must fall: achieved > on_track > moderate > 0",
            "“achievement”: los cortes deben ir de mayor a menor: "
            "achieved > on_track > moderate > 0",
            id="cut-offs that do not fall",
        ),
        pytest.param(
            "[2007, 2009]",
            "[2009, 2007]",
            "“context.1”: the first of the baselines must not come after the last",
            "“context.1”: el primer año de base no puede ser posterior al último",
            id="baselines the wrong way round",
        ),
        pytest.param(
            'code = "cusco"',
            'code = "ayacucho"',
            "“regions”: more than one has the code ayacucho",
            "“regions”: más de uno tiene el código ayacucho",
            id="a region twice",
        ),
        pytest.param(
            'code = "tourism"',
            'code = "crafts"',
            "“sectors”: more than one has the code crafts",
            "“sectors”: más de uno tiene el código crafts",
            id="a sector twice",
        ),
        pytest.param(
            '"es_PE"',
            '"es_XX"',
            "“languages.locale.es”: the locale “es_XX” does not exist",
            "“languages.locale.es”: la configuración regional “es_XX” no existe",
            id="a locale that does not exist",
        ),
    ],
)
def test_parts_that_do_not_fit_together(folder, spoil, before, after, english, spanish):
    assert spoil((before, after)) == [f"{english} → correct the value"]
    with pytest.raises(DataError) as error:
        read_evaluation(folder)
    assert error.value.told(ES).splitlines()[1] == f"  - {spanish} → corrija el valor"


def test_the_whole_file_is_judged_at_once(spoil):
    changes = [
        ('role = "programme"', 'role = "reference"'),
        ('role = "programme"', 'role = "part"'),
        ('whole = "programme"', 'whole = "ica"'),
        ("[periods.official]", "[periods.other]"),
    ]
    assert spoil(*changes) == [
        "no region has the role “programme” → correct the value",
        "more than one region has the role “reference” → correct the value",
        "programme.whole is also a region's code → correct the value",
        "periods.official is missing → correct the value",
    ]


def test_two_regions_on_one_tile_are_told(spoil):
    changes = [
        ('code = "cusco"\n', 'code = "cusco"\ntile = [2, 3]\n'),
        ('code = "ica"\n', 'code = "ica"\ntile = [2, 3]\n'),
    ]
    assert spoil(*changes) == ["several regions have the tile [2, 3] → correct the value"]


def test_syntax_is_told_with_its_line(spoil):
    assert spoil(("[programme]", "[programme"), reader=ES) == [
        "línea 2: no es TOML válido: Expected ']' at the end of a table declaration → "
        "corrija la sintaxis del archivo"
    ]


def test_another_encoding(folder):
    path = folder / "evaluation.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    with pytest.raises(DataError) as error:
        read_evaluation(folder)
    assert error.value.told(EN) == (
        "evaluation.toml: 1 problem\n  - not UTF-8 text → save it again as UTF-8"
    )


# --- who publishes ------------------------------------------------------------------------

IATI = """
[iati]
identifier = "XX-1-crafts"
reporting_org = { ref = "XX-1", type = "40", name = { es = "Quien", en = "Who" } }
status = "3"
"""


def test_who_publishes_may_be_left_out(evaluation):
    assert evaluation.iati.identifier is None
    assert evaluation.iati.reporting_org is None


def test_the_shipped_evaluation_names_no_identifier_that_no_source_gives():
    plan = read_evaluation(DATA).iati
    assert plan.identifier is None
    assert plan.reporting_org is None
    assert [other.ref for other in plan.other_identifiers] == ["MDGF-2081-D-PER", "00067264"]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('identifier = "XX-1-crafts"\n', "",
         "“iati”: an identifier and a reporting_org go together: give both or neither → correct the value"),
        ('"XX-1-crafts"', '"YY-1-crafts"',
         "“iati”: the identifier must begin with the reference of the reporting_org and a - → correct the value"),
        ('"XX-1-crafts"', '"XX-1-a/b"',
         "“iati.identifier”: an identifier of IATI holds no spaces and none of / & | ? → correct the value"),
        ('"40"', '"41"',
         "found “41”: “iati.reporting_org.type” does not fit → write one of: "
         "10, 11, 15, 21, 22, 23, 24, 30, 40, 60, 70, 71, 72, 73, 80, 90"),
        ('status = "3"', 'staus = "3"',
         "“iati.staus” is not a key this file knows → check its spelling, or remove it"),
    ],
)  # fmt: skip
def test_a_fault_in_who_publishes_is_told(folder, spoil, before, after, problem):
    path = folder / "evaluation.toml"
    path.write_text(path.read_text(encoding="utf-8") + IATI, encoding="utf-8")
    assert read_evaluation(folder).iati.identifier == "XX-1-crafts"
    assert spoil((before, after)) == [problem]
