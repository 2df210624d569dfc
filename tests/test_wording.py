"""Sentences: each says what the lines of evidence say, in both languages, and no more."""

import math
import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from shipped import LANGUAGES, REGIONS, edited, shipped, view, without

from icanalysis import wording

SERIES = ("poverty_total", "labour_income_real", "informal_employment")


CHANGE = {"indicator": "poverty_total", "region": "ayacucho", "period": "2009-2013"}

# --- change ---------------------------------------------------------------------------


def test_poverty_in_ayacucho():
    assert wording.change(view(), "poverty_total") == (
        "Total monetary poverty in Ayacucho: 58.8% in 2009 and 51.9% in 2013. "
        "It fell by 6.9 percentage points."
    )
    assert wording.change(view(code="es"), "poverty_total") == (
        "Pobreza monetaria total en Ayacucho: 58.8% en 2009 y 51.9% en 2013. "
        "Bajó 6.9 puntos porcentuales."
    )


def test_another_baseline_year_turns_the_fall_into_a_rise():
    assert wording.change(view(baseline=2010), "poverty_total") == (
        "Total monetary poverty in Ayacucho: 48.2% in 2010 and 51.9% in 2013. "
        "It rose by 3.7 percentage points."
    )
    said = wording.change(view(code="es", baseline=2010), "poverty_total")
    assert said.endswith("Subió 3.7 puntos porcentuales.")


def test_income_says_at_whose_prices():
    said = wording.change(view(), "labour_income_real")
    assert " in 2013, at 2013 prices. It rose by " in said
    assert "%." in said
    assert ", a precios de 2013. Subió " in wording.change(view(code="es"), "labour_income_real")
    assert "prices" not in wording.change(view(), "poverty_total")


@pytest.mark.parametrize("value", [0.0, 0.04, -0.04])
def test_a_change_of_nothing_at_the_precision_shown_has_no_direction(value):
    still = edited(view(), {"value": value}, **CHANGE, statistic="change")
    assert wording.change(still, "poverty_total").endswith(
        ". It did not change at the precision shown."
    )
    still = replace(still, language=shipped().evaluation.language("es"))
    assert wording.change(still, "poverty_total").endswith(". No varió con la precisión mostrada.")


def test_years_the_series_does_not_cover_are_named():
    assert wording.change(view(), "informal_employment") == (
        "Informal employment: the change 2009-2013 is not known; the series used has 2011-2021."
    )
    assert wording.change(view(code="es"), "informal_employment") == (
        "Empleo informal: no se conoce el cambio 2009-2013; la serie usada tiene 2011-2021."
    )
    # All the years the whole series has, with its gaps, and not only those of this report.
    table = shipped().table("informality")
    years = table.loc[table["series"] == "s6_2011_2021", "year"]
    assert (years.min(), years.max()) == (2011, 2021)
    gaps = edited(
        view(),
        {"note": "series:2004-2006, 2011"},
        indicator="informal_employment",
        statistic="change",
        period="2009-2013",
    )
    assert wording.change(gaps, "informal_employment").endswith("has 2004-2006, 2011.")


def test_a_series_that_changed_its_method_is_not_compared():
    broken = edited(
        view(), {"value": math.nan, "status": "not_comparable"}, **CHANGE, statistic="change"
    )
    assert wording.change(broken, "poverty_total") == (
        "Total monetary poverty: 2009-2013 cannot be compared, because the series changed its "
        "method."
    )


def test_a_series_without_a_line_is_said_to_be_unpublished():
    empty = view()
    empty = replace(empty, lines=empty.lines[empty.lines["indicator"] != "poverty_total"])
    assert wording.change(empty, "poverty_total") == (
        "Total monetary poverty: nothing was published for Ayacucho."
    )
    assert wording.beside(empty, "poverty_total") == ""
    assert wording.sensitivity(empty, "poverty_total") == ""


def test_a_change_whose_levels_are_lost_is_a_fault_of_the_code():
    asked = view()
    lost = (asked.lines["region"] == "ayacucho") & (asked.lines["period"] == "2009")
    with pytest.raises(ValueError, match="without its levels"):
        wording.change(replace(asked, lines=asked.lines[~lost]), "poverty_total")


# --- beside and sensitivity -----------------------------------------------------------


def test_the_country_stands_beside_the_region():
    assert wording.beside(view(), "poverty_total") == (
        "In Peru as a whole: −9.6 percentage points."
    )
    said = wording.beside(view(code="es"), "poverty_total")
    assert "Perú" in said
    assert said.endswith(": −9.6 puntos porcentuales.")
    assert wording.beside(view(), "labour_income_real") == ""


def test_without_a_country_nothing_stands_beside_the_region():
    regions = tuple(
        region.model_copy(update={"role": "part"}) if region.role == "reference" else region
        for region in shipped().evaluation.regions
    )
    assert wording.beside(view(data=without(regions=regions)), "poverty_total") == ""


def test_the_sign_of_ayacuchos_change_depends_on_the_baseline_year():
    assert wording.sensitivity(view(), "poverty_total") == (
        "Whether it rose or fell depends on the year it is counted from: quote no change without "
        "it. "
        "Change up to 2013 (percentage points) by baseline year: from 2007, −15.7; "
        "from 2008, −9.2; from 2009, −6.9; from 2010, +3.7; from 2011, −0.8."
    )
    assert wording.sensitivity(view(code="es"), "poverty_total") == (
        "Que haya subido o bajado depende del año desde el que se cuenta: no cite el cambio sin "
        "decir desde qué año. "
        "Cambio hasta 2013 (puntos porcentuales) según el año de base: desde 2007, −15.7; "
        "desde 2008, −9.2; desde 2009, −6.9; desde 2010, +3.7; desde 2011, −0.8."
    )


def test_a_sign_that_does_not_depend_on_it_brings_no_warning():
    said = wording.sensitivity(view("cusco"), "poverty_total")
    assert said.startswith("Change up to 2013")
    assert "+" not in said


def test_the_caution_on_a_card_follows_the_lines_status():
    said = {region: wording.caution(view(region), view(region).change("poverty_total"))
            for region in ("ayacucho", "cusco")}  # fmt: skip
    assert said == {
        "ayacucho": "Counted from another year it has the other sign: from 2010, +3.7. No margin of error "
        "is published for these years.",
        "cusco": "No margin of error is published for these years.",
    }


@pytest.mark.parametrize(
    ("baseline", "years"), [(2009, ["2010"]), (2010, ["2007", "2008", "2009", "2011"])]
)
def test_a_card_names_every_year_that_turns_the_sign_and_no_other(baseline, years):
    asked = view(baseline=baseline)
    said = wording.caution(asked, asked.change("poverty_total"))
    assert re.findall(r"from (\d{4}), ", said) == years


# --- every number of a sentence is a line's -------------------------------------------

NUMBER = re.compile(r"[−+]?\d[\d,]*(?:\.\d+)?")


def quoted(asked, indicator):
    """Every way the lines of an indicator may be written, without this package's own code."""
    rows = asked.select(indicator=indicator).dropna(subset="value")
    written = set()
    for value, unit in zip(rows["value"], rows["unit"], strict=True):
        # Published decimals, halves away from zero, as a reader rounds them by hand.
        places = Decimal("0.1" if unit.startswith("percent") else "1")
        size = f"{Decimal(f'{abs(value):.9f}').quantize(places, ROUND_HALF_UP):,}"
        written |= {size, ("−" if value < 0 else "+") + size}
    return written


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("baseline", [2009, 2010])
def test_every_number_quotes_a_line(region, code, baseline):
    asked = view(region, code, baseline=baseline)
    said = 0
    for indicator in SERIES:
        years = {str(year) for year in range(2004, 2014)}
        for sentence in (
            wording.change(asked, indicator),
            wording.beside(asked, indicator),
            wording.sensitivity(asked, indicator),
        ):
            text = re.sub(r"20\d\d-20\d\d", "", sentence)
            strange = set(NUMBER.findall(text)) - years - quoted(asked, indicator)
            strange = {number.rstrip(",") for number in strange} - years
            assert not strange, sentence
            said += len(sentence)
    assert said > 500


# --- how sure -------------------------------------------------------------------------


def test_how_small_the_programme_is_beside_its_regions():
    assert wording.reach(view()) == (
        "The change cannot be attributed to the programme, which reached 2,500 families; its 4 "
        "regions had 2,423,944 employed persons in 2011: one family for every 970 of them, or 0.10%. "
        "That cannot move the figure of a whole region, so these series are only context "
        "[P4: opening text; S6]."
    )
    said = wording.reach(view(code="es"))
    assert all(number in said for number in ("2,500 familias", "2,423,944", "0.10%", "970"))
    assert said.endswith("[P4: texto inicial; S6].")
    assert round(2423944 / 2500) == 970


@pytest.mark.parametrize(
    ("share", "limit", "said"),
    [(0.9, 1.0, True), (1.0, 1.0, True), (1.1, 1.0, False), (0.9, 0.5, False), (7.0, 8.0, True)],
)
def test_a_programme_that_is_not_negligible_is_not_called_small(share, limit, said):
    plan = shipped().evaluation.coverage.model_copy(update={"negligible_pct": limit})
    asked = edited(
        view(data=without(coverage=plan)), {"value": share}, indicator="programme_coverage"
    )
    assert bool(wording.reach(asked)) is said


def test_a_coverage_without_its_count_is_a_fault_of_the_code():
    asked = view()
    lost = replace(asked, lines=asked.lines[asked.lines["indicator"] != "families_reached"])
    with pytest.raises(ValueError, match="without the count"):
        wording.reach(lost)


def test_why_no_interval_stands_beside_a_change():
    said = wording.certainty(view())
    assert said.startswith("No margin of error is published for a single region over these years")
    assert said.endswith(
        "belong to groups of similar regions, and the groups change from year to year."
    )
    assert "grupos de regiones" in wording.certainty(view(code="es"))
    # Where no group has an interval, nothing is said of groups.
    headline, *rest = shipped().evaluation.context
    bare = headline.model_copy(update={"group_interval": None})
    bare = wording.certainty(view(data=without(context=(bare, *rest))))
    assert said.startswith(bare)
    assert "groups" not in bare


def test_an_evaluation_without_coverage_says_nothing_of_it():
    assert wording.reach(view(data=without(coverage=None))) == ""
    asked = view()
    lost = replace(asked, lines=asked.lines[asked.lines["indicator"] != "programme_coverage"])
    assert wording.reach(lost) == ""


def test_simulated_tables_are_named():
    homes = (
        "Where no files of the household survey are given, the reports' part on households is "
        "simulated and says so."
    )
    assert wording.reality(view()) == (
        "Simulated: “Producers, baseline and outcome”, “Error rates of verdicts”, “Accuracy of "
        f"estimates” and “What verdicts said”. {homes}"
    )
    tables = {
        name: item
        for name, item in shipped().catalog.tables.items()
        if item.source_kind != "simulated"
    }
    real = replace(shipped(), catalog=replace(shipped().catalog, tables=tables))
    assert wording.reality(view(data=real)) == f"Nothing in this data package is simulated. {homes}"
    evaluation = without(households=None).evaluation
    without_homes = replace(real, evaluation=evaluation)
    assert wording.reality(view(data=without_homes)) == "Nothing in this data package is simulated."


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("region", REGIONS)
def test_the_title_names_the_region_and_both_years(region, code):
    asked = view(region, code)
    said = wording.title(asked)
    assert said.startswith(f"{asked.place}: ")
    assert re.findall(r"\d+", said) == ["2009", "2013"]
    assert said.endswith("?")
    assert re.findall(r"\d+", wording.subtitle(asked)) == ["2010", "2012"]


def test_the_title_of_a_comparison_region_does_not_ask_what_the_programme_did():
    assert wording.title(view()) == (
        "Ayacucho: what did the programme do, and what changed from 2009 to 2013?"
    )
    assert wording.title(view("ica")) == "Ica, for comparison: what changed from 2009 to 2013?"
    assert wording.title(view("ica", "es")) == (
        "Ica, para comparar: ¿qué cambió entre 2009 y 2013?"
    )
