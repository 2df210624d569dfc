"""Words and numbers in both languages, and a Spanish catalogue that keeps up with the code."""

import math
import re
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import icanalysis
from icanalysis.language import ABSENT, LOCALE_DIR, language, locale_exists, msg, preferred

PACKAGE = Path(icanalysis.__file__).parent
ES, EN = language("es"), language("en")
PLACEHOLDER = re.compile(r"\{(\w*)[^}]*\}")


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "expected"),
    [
        pytest.param(1234.5, None, False, "1,234.5", id="comma for thousands, point for decimals"),
        pytest.param(1234567, None, False, "1,234,567", id="millions"),
        pytest.param(0.12345, None, False, "0.123", id="at most three decimals unless told"),
        pytest.param(2.0, None, False, "2", id="no decimals it does not have"),
        pytest.param(2.0, 1, False, "2.0", id="as many decimals as told"),
        pytest.param(-3.25, None, False, "−3.25", id="the sign is a minus, not a hyphen"),
        pytest.param(3.25, None, True, "+3.25", id="a rise is signed when asked"),
        pytest.param(0.0, None, True, "0", id="zero has no sign"),
        pytest.param(-0.001, 1, True, "0.0", id="what rounds to zero has no sign"),
        pytest.param(89.05, 1, False, "89.1", id="half rounds up, though its binary is below"),
        pytest.param(-1.05, 1, False, "−1.1", id="half of a fall rounds away from zero"),
        pytest.param(-1.05, 1, True, "−1.1", id="and so it does where it is signed"),
        pytest.param(1270.5, 0, False, "1,271", id="half above an even number"),
        pytest.param(2.5, 0, False, "3", id="half is not rounded to even"),
        pytest.param(0.0005, None, False, "0.001", id="half of the third decimal"),
        pytest.param(34.6 - 35.65, 1, True, "−1.1", id="noise below a half is dropped"),
        pytest.param(0.1 + 0.2 - 0.3, None, True, "0", id="what is only noise is zero"),
        pytest.param(89.0499, 1, False, "89.0", id="what is less than half is not noise"),
        pytest.param(math.nan, None, False, "—", id="not a number"),
        pytest.param(None, 1, True, "—", id="missing"),
    ],
)
@pytest.mark.parametrize("reader", [ES, EN], ids=["es_PE", "en_GB"])
def test_numbers_as_peru_writes_them(reader, value, decimals, signed, expected):
    assert reader.number(value, decimals, signed=signed) == expected


def test_the_locale_decides_the_marks():
    assert language("es", "es_ES").number(12345.5) == "12.345,5"


@given(st.floats(min_value=-1e12, max_value=1e12), st.integers(min_value=0, max_value=3))
def test_a_number_read_back_is_the_number_rounded(value, decimals):
    text = ES.number(value, decimals).replace(",", "").replace("−", "-")
    assert len(text.partition(".")[2]) == decimals
    # Within half of the last place, and the noise that is dropped before rounding.
    away = abs(Decimal(text) - Decimal(value))
    assert away <= Decimal("0.5").scaleb(-decimals) + Decimal(max(1e-9, math.ulp(value)))


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=3))
def test_every_half_is_rounded_away_from_zero(whole, decimals):
    half = float(f"{whole}5e-{decimals + 1}")
    up = Decimal(whole + 1).scaleb(-decimals)
    for value, expected in ((half, up), (-half, -up)):
        text = ES.number(value, decimals).replace(",", "").replace("−", "-")
        assert Decimal(text) == expected


@pytest.mark.parametrize(
    ("date", "spanish", "english"),
    [
        ("2013-06-20", "20 de junio de 2013", "20 June 2013"),
        ("2013-06-01", "1 de junio de 2013", "1 June 2013"),
        ("2013-06", "junio de 2013", "June 2013"),
        ("2012-12", "diciembre de 2012", "December 2012"),
        ("2011", "2011", "2011"),
    ],
)
def test_dates_are_written_as_precisely_as_they_are_known(date, spanish, english):
    assert (ES.date(date), EN.date(date)) == (spanish, english)


@pytest.mark.parametrize(
    ("items", "spanish", "english"),
    [
        ([], "", ""),
        (["Cusco"], "Cusco", "Cusco"),
        (["Cusco", "Puno"], "Cusco y Puno", "Cusco and Puno"),
        (["hierro", "hielo"], "hierro y hielo", "hierro and hielo"),
        (["Cusco", "Puno", "Ica"], "Cusco, Puno e Ica", "Cusco, Puno and Ica"),
    ],
)
def test_lists_read_as_sentences(items, spanish, english):
    assert (ES.listed(items), EN.listed(items)) == (spanish, english)


def test_choices_are_joined_with_or():
    assert ES.listed(["Cusco", "Puno"], "or") == "Cusco o Puno"
    assert ES.listed(["7", "8"], "or") == "7 u 8"
    assert EN.listed(["Cusco", "Puno"], "or") == "Cusco or Puno"


def test_singular_and_plural():
    one, many = "{file}: {count} problem", "{file}: {count} problems"
    assert ES.say_count(one, many, 1, file="a.csv") == "a.csv: 1 problema"
    assert ES.say_count(one, many, 1500, file="a.csv") == "a.csv: 1,500 problemas"
    assert EN.say_count(one, many, 0, file="a.csv") == "a.csv: 0 problems"


def test_a_message_inside_a_message_is_worded_for_the_same_reader():
    sentence = msg("not {allowed}", allowed=msg("a whole number"))
    assert ES.say(sentence) == "no es un número entero"
    assert EN.say(sentence) == "not a whole number"


def test_braces_in_a_value_are_only_text():
    assert EN.say("not {allowed}", allowed="{allowed} {0}") == "not {allowed} {0}"


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match=re.escape("language is 'qu'; choose one of: es, en.")):
        language("qu")


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"ICANALYSIS_LANGUAGE": "en", "LANG": "es_PE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "es_PE.UTF-8"}, "es"),
        ({"LANG": "qu_PE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_whoever_runs_this(monkeypatch, environment, code):
    for name in ("ICANALYSIS_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert preferred().code == code


@pytest.mark.parametrize(
    ("name", "exists"), [("es_PE", True), ("es_XX", False), ("es-PE", False), ("Spanish", False)]
)
def test_locales_that_exist(name, exists):
    assert locale_exists(name) is exists


def sentences_in_code():
    """Every sentence marked for translation; a plural one as its two forms."""
    found = extract_from_dir(
        PACKAGE,
        [("**.py", "python"), ("**/templates/**", "jinja2.ext.babel_extract")],
        keywords={"msg": None, "say": None, "say_count": (1, 2)},
    )
    return {message for _, _, message, _, _ in found if message}


def catalogue():
    with (LOCALE_DIR / "es.po").open("rb") as stream:
        return {entry.id: entry for entry in read_po(stream, locale="es") if entry.id}


def test_sentences_are_found_in_modules_and_templates():
    found = sentences_in_code()
    assert "the cell is empty" in found
    assert "All pages" in found
    assert ("{file}: {count} problem", "{file}: {count} problems") in found


def test_every_sentence_has_its_spanish():
    told = {
        sentence
        for sentence, entry in catalogue().items()
        if all([entry.string] if isinstance(entry.string, str) else entry.string)
    }
    assert sentences_in_code() - told == set(), "add these to locale/es.po"


def test_the_catalogue_has_no_sentence_that_the_code_no_longer_says():
    assert set(catalogue()) - sentences_in_code() == set(), "remove these from locale/es.po"


def test_no_entry_is_left_to_be_reviewed():
    assert [entry.id for entry in catalogue().values() if entry.fuzzy] == []


def test_translations_keep_every_placeholder():
    for entry in catalogue().values():
        english = [entry.id] if isinstance(entry.id, str) else list(entry.id)
        spanish = [entry.string] if isinstance(entry.string, str) else list(entry.string)
        for said, translated in zip(english, spanish, strict=True):
            names = sorted(PLACEHOLDER.findall(said))
            assert sorted(PLACEHOLDER.findall(translated)) == names, said


def test_absence_is_a_dash_in_every_language():
    assert ABSENT == "—"
