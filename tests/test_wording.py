"""Sentences: each says what the lines of evidence say, in both languages, and no more."""

import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from icanalysis import delivery, terms, wording
from icanalysis.evaluation import Years
from icanalysis.evidence import region_lines
from icanalysis.load import open_data
from icanalysis.view import View

DATA = Path(__file__).parents[1] / "data"
REGIONS = ("ayacucho", "cusco", "puno", "lambayeque")
SERIES = ("poverty_total", "labour_income_real", "informal_employment")
LANGUAGES = ("es", "en")


@cache
def shipped():
    return open_data(DATA)


@cache
def evidence(region, baseline):
    return region_lines(shipped(), region, Years(baseline=baseline, outcome=2013))


def view(region="ayacucho", code="en", *, baseline=2009, data=None, lines=None):
    evaluation = (data or shipped()).evaluation
    return View(
        data or shipped(),
        evidence(region, baseline) if lines is None else lines,
        evaluation.region(region),
        Years(baseline=baseline, outcome=2013),
        evaluation.language(code),
    )


def edited(asked, values, **where):
    """The lines of a view with some values replaced, in the lines that `where` picks."""
    chosen = asked.select(**where).index
    assert len(chosen), f"no line has {where}"
    lines = asked.lines.copy()
    for name, value in values.items():
        lines.loc[chosen, name] = value
    return replace(asked, lines=lines)


def without(**parts):
    """The shipped data under an evaluation with some parts replaced."""
    evaluation = shipped().evaluation.model_copy(update=parts)
    return replace(shipped(), evaluation=evaluation)


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
    assert wording.change(still, "poverty_total").endswith(". It did not move.")
    still = replace(still, language=shipped().evaluation.language("es"))
    assert wording.change(still, "poverty_total").endswith(". No varió.")


def test_years_the_series_does_not_cover_are_named():
    assert wording.change(view(), "informal_employment") == (
        "Informal employment: the change 2009-2013 is not known; the series used runs from 2011 "
        "to 2013."
    )
    said = wording.change(view(code="es"), "informal_employment")
    assert "no se conoce el cambio 2009-2013" in said
    assert "2011" in said


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
        "Peru over the same years: −9.6 percentage points."
    )
    assert wording.beside(view(code="es"), "poverty_total") == (
        "Perú en los mismos años: −9.6 puntos porcentuales."
    )


def test_without_a_country_nothing_stands_beside_the_region():
    regions = tuple(
        region.model_copy(update={"role": "part"}) if region.role == "reference" else region
        for region in shipped().evaluation.regions
    )
    assert wording.beside(view(data=without(regions=regions)), "poverty_total") == ""


def test_the_sign_of_ayacuchos_change_depends_on_the_baseline_year():
    assert wording.sensitivity(view(), "poverty_total") == (
        "The sign depends on the baseline year, so the change should not be quoted without it. "
        "Change up to 2013 (percentage points) by baseline year: from 2007, −15.7; "
        "from 2008, −9.2; from 2009, −6.9; from 2010, +3.7; from 2011, −0.8."
    )
    assert wording.sensitivity(view(code="es"), "poverty_total") == (
        "El signo depende del año de base, así que el cambio no debe citarse sin él. "
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
    assert "baseline year" in said["ayacucho"]
    assert "beyond chance" in said["cusco"]


# --- every number of a sentence is a line's -------------------------------------------

NUMBER = re.compile(r"[−+]?\d[\d,]*(?:\.\d+)?")


def quoted(asked, indicator):
    """Every way the lines of an indicator may be written, without this package's own code."""
    rows = asked.select(indicator=indicator).dropna(subset="value")
    written = set()
    for value, unit in zip(rows["value"], rows["unit"], strict=True):
        size = f"{abs(value):,.{1 if unit.startswith('percent') else 0}f}"
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


# --- what was reported ----------------------------------------------------------------


def test_each_figure_of_the_region_carries_its_source():
    assert delivery.reported_here(view()) == [
        "Artisan workshops fitted out for tourists: 10 workshops (joint figure for Ayacucho and "
        "Cusco, published without a breakdown) [P1: section 4, bullet 5].",
        "Gastronomy modules set up: 13 modules (joint figure for Ayacucho and Cusco, published "
        "without a breakdown) [P1: section 4, bullet 5].",
        "Communities with improved stoves: 1 community [P1: section 4, bullet 5].",
        "Single windows for formalisation: 1 window [P1: section 4, paragraph 4].",
    ]
    first = delivery.reported_here(view(code="es"))[0]
    assert first == (
        "Talleres artesanales adecuados para turistas: 10 talleres (cifra conjunta de Ayacucho y "
        "Cusco, publicada sin desagregar) [P1: sección 4, viñeta 5]."
    )


def test_a_region_nothing_was_published_for_says_so():
    assert delivery.reported_here(view("ica")) == [
        "The programme did not work in Ica; it is shown for comparison."
    ]
    bare = view()
    bare = replace(bare, lines=bare.lines[~bare.here])
    assert delivery.reported_here(bare) == ["No figure was published for Ayacucho."]


def test_figures_are_counted_for_the_region_and_for_the_rest():
    asked = view("puno")
    used = asked.select(statistic="level", status="used")
    here = used["region"].str.contains("puno").sum()
    said = delivery.summary(asked)
    assert said.startswith(f"The sources read give {here} figures for Puno and {len(used) - here} ")
    only = replace(asked, lines=used[used["region"].str.contains("puno")].iloc[:1])
    assert delivery.summary(only).startswith("The sources read give 1 figure for Puno and 0 ")


def test_targets_nobody_published_are_not_a_zero():
    count = len(view().select(statistic="achievement"))
    said = delivery.targets(view())
    assert said.startswith(f"None of the {count} reported figures can be set against a target")
    assert said.endswith("Their achievement is not known, which is not zero.")
    assert "no se conoce" in delivery.targets(view(code="es"))


def test_targets_that_are_known_are_counted():
    known = edited(
        view(),
        {"value": 0.9, "status": "on_track", "note": ""},
        statistic="achievement",
        indicator="ventures_financed",
    )
    count = len(known.select(statistic="achievement"))
    assert delivery.targets(known).startswith(f"1 of {count} reported figures can be set against")


# --- counts that contradict each other ------------------------------------------------


def test_conflicts_are_counts_with_more_than_one_value():
    found = {line["indicator"]: line["value"] for line in delivery.conflicting(view())}
    assert found == {
        "ventures_financed": 94,
        "collective_marks": 3,
        "trainers_certified": 93,
        "ordinances_municipal": 11,
        "ict_certified": 160,
    }
    assert delivery.conflicts(view()).startswith("5 figures were published with different values.")
    assert delivery.conflicts(view(code="es")).startswith("5 cifras se publicaron con valores ")


def test_one_conflict_is_singular_and_sources_that_agree_are_none():
    asked = view()
    one = replace(asked, lines=asked.select(indicator="ventures_financed"))
    assert delivery.conflicts(one).startswith("1 figure was published with different values.")
    agreeing = replace(asked, lines=asked.select(indicator="consortia_financed"))
    assert len(agreeing.select(statistic="level")) > 1
    assert delivery.conflicting(agreeing) == []


def test_other_values_come_once_each_with_all_who_give_them():
    others = view().select(indicator="ventures_financed", status="also_reported")
    assert delivery.others(view(), others) == "55 (P3, P4, P5); 58 (P2)"
    assert delivery.others(view(), others.iloc[:0]) == ""


# --- how sure -------------------------------------------------------------------------


def test_how_small_the_programme_is_beside_its_regions():
    assert wording.reach(view()) == (
        "The programme could not be seen in these series: 2,500 families against 2,423,944 "
        "employed persons in the 4 regions (2011) are 0.10%, one family for every 970 employed "
        "persons. The series are context: they do not say what the programme caused."
    )
    said = wording.reach(view(code="es"))
    assert all(number in said for number in ("2,500 familias", "2,423,944", "0.10%", "970"))
    assert round(2423944 / 2500) == 970


def test_an_evaluation_without_coverage_says_nothing_of_it():
    assert wording.reach(view(data=without(coverage=None))) == ""
    asked = view()
    lost = replace(asked, lines=asked.lines[asked.lines["indicator"] != "programme_coverage"])
    assert wording.reach(lost) == ""


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_scheme_prints_the_evaluations_cut_offs(code):
    rule = shipped().evaluation.achievement.model_copy(update={"on_track": 0.75})
    said = delivery.scheme(view(code=code, data=without(achievement=rule)))
    assert re.findall(r"\d+%", said) == ["100%", "75%", "60%"]
    assert rule.scheme.into(code) in said


def test_simulated_tables_are_named():
    assert wording.reality(view()) == "Nothing in this data package is simulated."
    tables = dict(shipped().catalog.tables)
    tables["fairs"] = replace(tables["fairs"], source_kind="simulated")
    data = replace(shipped(), catalog=replace(shipped().catalog, tables=tables))
    assert wording.reality(view(data=data)) == (
        f"Simulated: {tables['fairs'].titles['en']}."
    )  # fmt: skip


# --- statuses -------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_status_has_a_shape_and_a_word_of_its_own(code):
    said = [
        terms.status(status, shipped().evaluation.language(code))
        for status in ("achieved", "on_track", "moderate", "off_track", "not_known")
    ]
    shapes, words = zip(*(text.split(" ", 1) for text in said), strict=True)
    assert shapes == ("●", "◕", "◑", "◔", "○")
    assert len(set(words)) == 5


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"value": 0.874, "status": "on_track", "note": ""}, ("◕ on track", "(87%)")),
        ({"value": -0.2, "status": "off_track", "note": ""}, ("◔ off track", "(−20%)")),
        ({"note": "no_baseline;no_target"}, ("○ not known", "")),
        ({"note": "no_baseline"}, ("○ not known", "no baseline")),
        ({"note": "no_target"}, ("○ not known", "no target")),
        ({"note": ""}, ("○ not known", "target equal to baseline")),
        # A target that lies the wrong way is not judged (indicators._judged), and says why.
        ({"note": "target_against_direction"}, ("○ not known", "target")),
    ],
)
def test_achievement_tells_the_share_or_what_is_missing(values, told):
    line = view().select(statistic="achievement").iloc[0].copy()
    for name, value in values.items():
        line[name] = value
    said = delivery.achievement(view(), line)
    assert said.startswith(told[0])
    assert said.endswith(told[1]) or told[1] in said.removeprefix(told[0])


def test_every_status_of_a_line_has_words():
    for region in (*REGIONS, "ica"):
        lines = evidence(region, 2009)
        for code in LANGUAGES:
            language = shipped().evaluation.language(code)
            for status in lines.loc[lines["statistic"] == "change", "status"].unique():
                assert terms.change_status(status, language)
            for line in lines[lines["statistic"] == "achievement"].itertuples():
                assert terms.status(line.status, language)


def test_places_in_sources_are_told_in_spanish():
    spanish = shipped().evaluation.language("es")
    places = set().union(*(evidence(region, 2009)["source"] for region in REGIONS))
    tables = ("reported_values", "targets", "commitments", "register", "fairs", "studies")
    for name in tables:
        frame = shipped().table(name)
        column = next(c for c in ("place_in_source", "place") if c in frame)
        places |= set(frame[column].dropna())
    told = " ".join(terms.source(place, spanish) for place in places)
    english = {"section", "bullet", "paragraph", "text", "opening", "cover", "page", "pages",
               "achievements", "framework", "read", "table", "chapter", "foreword"}  # fmt: skip
    assert not english & set(re.findall(r"[a-z]+", told.lower()))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("region", REGIONS)
def test_the_title_names_the_region_and_both_years(region, code):
    asked = view(region, code)
    said = wording.title(asked)
    assert said.startswith(f"{asked.place}: ")
    assert re.findall(r"\d+", said) == ["2009", "2013"]
    assert said.endswith("?")
    assert re.findall(r"\d+", wording.subtitle(asked)) == ["2010", "2012"]
