"""What a report says of households: heading, sentences, chart and table, simulated or surveyed."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from icanalysis import delivery, homes, page, registers, wording
from icanalysis.drawing import BESIDE, HERE
from icanalysis.results import lines, merge
from icanalysis.view import open_view

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
NOTEBOOK = ROOT / "notebooks" / "02_region_report.ipynb"
SURVEY = "E1: sumaria-2009.dta, sumaria-2013.dta"
POVERTY, BADLY = "household_poverty", "living_badly"


@cache
def shipped():
    return open_view("ayacucho", baseline=2009, outcome=2013, language="en", data_dir=DATA)


def level(period, value, low, high, **more):
    """One level of Ayacucho; `more` says what else it is about."""
    return {
        "indicator": POVERTY,
        "region": "ayacucho",
        "period": period,
        "statistic": "level",
        "value": value,
        "low": low,
        "high": high,
        "n": 1181,
        "unit": "percent",
        "status": "estimated",
        "note": "psu:173;df:5352;precision:good",
        **more,
    }


def change(value, low, high, p, **more):
    """One change of Ayacucho, with the status its p gives it."""
    return {
        "indicator": POVERTY,
        "region": "ayacucho",
        "period": "2009-2013",
        "statistic": "change",
        "value": value,
        "low": low,
        "high": high,
        "p": p,
        "unit": "percentage_points",
        "status": "distinguishable" if p < 0.05 else "not_distinguishable",
        "note": "df:6392;pooled_design",
        **more,
    }


PRECISE, CAUTION, UNRELIABLE = (
    f"psu:9;df:20;precision:{word}" for word in ("good", "caution", "unreliable")
)
FALLEN = [
    level("2009", 61.24, 56.5, 66.1),
    level("2013", 53.2, 48.16, 58.3, n=1171),
    change(-8.04, -13.3, -2.8, 0.0028),
    change(-9.5, -10.7, -8.4, 1e-9, region="peru"),
    level("2009", 70.0, 60.0, 80.0, group="area:rural", note=CAUTION),
    level("2013", 50.0, 20.0, 80.0, group="area:rural", note=UNRELIABLE),
    change(-20.0, -55.0, 15.0, 0.26, group="area:rural"),
    level("2013", 44.0, 40.0, 48.0, group="sex:woman", n=12),
    level("2009", 38.95, 38.1, 39.8, indicator=BADLY),
    level("2013", 40.0, 39.0, 41.0, indicator=BADLY),
    change(1.05, -0.2, 2.3, 0.304, indicator=BADLY),
]


def view(records=FALLEN, *, code="en", kind="simulated", source=None):
    """Ayacucho's view with these household lines in place of its own."""
    own = [POVERTY, BADLY]
    source = source or {"simulated": "simulated: seed 2013", "survey": SURVEY}[kind]
    others = shipped().lines[~shipped().lines["indicator"].isin(own)]
    common = {"source_kind": kind, "source": source}
    households = lines([{**common, **record} for record in records])
    language = shipped().data.evaluation.language(code)
    return replace(shipped(), lines=merge([others, households]), language=language)


def cells(table):
    """Caption, titles, rows and note of a table."""
    html = BeautifulSoup(table.html, "html.parser")
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in html.select("tbody tr")]
    titles = [cell.get_text() for cell in html.select("thead th")]
    return html, titles, rows, html.select_one(".note").get_text()


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


# --- heading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "code", "title"),
    [
        ("simulated", "en", "Demonstration with simulated households: what a survey would add"),
        ("simulated", "es", "Demostración con hogares simulados: lo que aportaría una encuesta"),
        ("survey", "en", "What does the household survey say, and how sure is it?"),
    ],
)
def test_the_heading_says_a_demonstration_is_one(kind, code, title):
    assert homes.title(view(kind=kind, code=code)) == title


def test_simulated_households_are_never_to_be_quoted():
    said = homes.introduction(view())
    assert "These households are SIMULATED: they never existed." in said
    assert said.endswith("Quote none of these figures.")
    assert "SIMULADOS: nunca existieron" in homes.introduction(view(code="es"))


def test_the_surveys_figures_are_context_and_no_effect():
    said = homes.introduction(view(kind="survey"))
    assert "SIMULATED" not in said
    assert said.startswith("Estimated from the microdata of the national household survey")
    assert said.endswith("they are context and do not measure the programme's effect.")


def test_a_region_no_household_was_asked_in_says_so_and_shows_nothing():
    nothing = view([change(-9.5, -10.7, -8.4, 0.001, region="peru")])
    assert homes.indicators(nothing) == []
    assert "--enaho FOLDER" in homes.awaited(nothing)
    assert homes.sentences(nothing) == []


def test_one_simulated_line_is_enough_to_call_it_simulated():
    mixed = [{**line, "source_kind": "survey", "source": SURVEY} for line in FALLEN[:-1]]
    assert homes.simulated(view([*mixed, FALLEN[-1]]))
    assert not homes.simulated(view(mixed))


# --- sentences ----------------------------------------------------------------------------------


def test_a_change_beyond_sampling_is_told_beside_the_countrys():
    assert plain(homes.sentences(view())[0]) == (
        "People in poor households (survey), Ayacucho: 61.2% in 2009 (56.5–66.1) and 53.2% in 2013 "
        "(48.2–58.3), with 95% intervals in brackets. The change, −8.0 percentage points (from −13.3 "
        "to −2.8), is more than sampling alone would give (p = 0.003). In Peru as a whole: −9.5 "
        "percentage points (from −10.7 to −8.4)."
    )


def test_a_change_within_sampling_is_told_as_none():
    assert plain(homes.sentences(view())[1]) == (
        "Households that say they live badly or very badly, Ayacucho: 39.0% in 2009 (38.1–39.8) and "
        "40.0% in 2013 (39.0–41.0), with 95% intervals in brackets. The change, +1.1 percentage "
        "points (from −0.2 to +2.3), cannot be distinguished from zero: sampling alone could give it "
        "(p = 0.304)."
    )


def test_both_verdicts_in_spanish():
    fallen, same = map(plain, homes.sentences(view(code="es")))
    assert fallen == (
        "Personas en hogares pobres (encuesta), Ayacucho: 61.2% en 2009 (56.5–66.1) y 53.2% en 2013 "
        "(48.2–58.3); entre paréntesis, el intervalo de 95%. El cambio, −8.0 puntos porcentuales (de "
        "−13.3 a −2.8), es mayor de lo que daría el solo azar de la muestra (p = 0.003). Perú en su "
        "conjunto: −9.5 puntos porcentuales (de −10.7 a −8.4)."
    )
    assert same.endswith(
        "El cambio, +1.1 puntos porcentuales (de −0.2 a +2.3), no se distingue de cero: el solo azar "
        "de la muestra podría producirlo (p = 0.304)."
    )


def test_a_very_small_p_is_not_told_as_zero():
    (said,) = homes.sentences(view([*FALLEN[:2], change(-8.0, -12.0, -4.0, 4e-7)]))
    assert plain(said).endswith("is more than sampling alone would give (p < 0.001).")


def test_one_year_alone_is_told_without_a_change():
    assert homes.sentences(view(FALLEN[1:2])) == [
        "People in poor households (survey), Ayacucho: 53.2% in 2013 (48.2–58.3), with 95% "
        "intervals in brackets."
    ]


def narrative():
    """Code of the part "on one page": what a hurried reader takes home."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    (start,) = [
        place for place, cell in enumerate(cells) if cell.source.startswith("## On one page")
    ]
    part = []
    for cell in cells[start + 1 :]:
        if cell.source.startswith("## "):
            break
        part += [cell.source] if cell.cell_type == "code" else []
    return part


@pytest.mark.parametrize("kind", ["simulated", "survey"])
def test_what_stands_on_one_page_says_nothing_of_households(kind, monkeypatch):
    said = []
    monkeypatch.setattr(page, "paragraph", lambda *texts: said.extend(texts))
    monkeypatch.setattr(page, "bullets", lambda texts: said.extend(texts))
    told = []
    for records in (FALLEN, []):
        said.clear()
        here = view(records, kind=kind)
        headline = here.data.evaluation.context[0].indicator
        names = {"page": page, "delivery": delivery, "registers": registers, "wording": wording}
        for source in narrative():
            exec(source, {**names, "view": here, "headline": headline})
        told.append(list(said))
    assert len(told[0]) > 5
    assert told[0] == told[1]
    assert not [text for text in told[0] if re.search("simulat|household survey", text, re.I)]


# --- table --------------------------------------------------------------------------------------


def test_the_table_tells_every_group_with_its_intervals_and_precision():
    _, titles, rows, note = cells(homes.estimates(view(), POVERTY))
    assert titles == ["Households", "2009, %", "2013, %", "Change, points", "If real",
                      "Simulated interviews"]  # fmt: skip
    assert [[plain(cell) for cell in row] for row in rows] == [
        ["All", "61.2 (56.5–66.1)", "53.2 (48.2–58.3)", "−8.0 (−13.3 … −2.8)",
         "beyond sampling noise, p = 0.003", "1,181 / 1,171"],
        ["Rural area", "70.0* (60.0–80.0)", "50.0** (20.0–80.0)", "−20.0 (−55.0 … +15.0)",
         "may be sampling noise, p = 0.260", "1,181 / 1,181"],
        ["Headed by a woman", "—", "44.0 (40.0–48.0)", "—",
         "not known: only one year has it", "— / 12"],
    ]  # fmt: skip
    assert note == (
        "95% intervals in brackets. Precision by coefficient of variation, Statistics Canada's "
        "cut-offs: up to 16.5% good; up to 33.3%, use with caution (*); above, not reliable (**). "
        "Changes take into account that both years share sampling units. "
        "Source: simulated households (seed 2013)."
    )


def test_groups_stand_in_the_order_the_evaluation_names_them():
    order = shipped().data.evaluation.households.indicators[0].groups
    assert order == ("area", "sex", "indigenous_language", "sector")
    groups = ("sector:services", "indigenous_language:true", "sex:man", "area:urban", "all")
    _, _, rows, _ = cells(
        homes.estimates(view([level("2013", 50, 40, 60, group=name) for name in groups]), POVERTY)
    )
    assert [row[0] for row in rows] == [
        "All",
        "Urban area",
        "Headed by a man",
        "Head's mother tongue indigenous",
        "Head works in trade or services",
    ]


@pytest.mark.parametrize(("code", "badge"), [("en", "SIMULATED"), ("es", "SIMULADO")])
def test_simulated_tables_and_charts_wear_their_badge(code, badge):
    simulated = view(code=code)
    for indicator in homes.indicators(simulated):
        html, _, _, _ = cells(homes.estimates(simulated, indicator))
        assert html.caption.select_one(".badge").get_text() == badge
        title = homes.chart(simulated, indicator).get_suptitle()
        assert title == f"{badge}: {simulated.name(indicator)} (%), Ayacucho"
        assert f"{badge}: " in homes.alt(simulated, indicator)


@pytest.mark.parametrize("code", ["en", "es"])
def test_the_surveys_own_tables_and_charts_wear_none_and_name_their_files(code):
    real = view(kind="survey", code=code)
    for indicator in homes.indicators(real):
        html, _, _, note = cells(homes.estimates(real, indicator))
        assert html.select_one(".badge") is None
        assert note.endswith(f": {SURVEY}.")
        figure = homes.chart(real, indicator)
        assert figure.get_suptitle() == f"{real.name(indicator)} (%), Ayacucho"
        assert figure.get_supxlabel().endswith(SURVEY)
        assert "SIMUL" not in homes.alt(real, indicator) + html.get_text()


# --- chart --------------------------------------------------------------------------------------


def test_the_chart_draws_every_level_with_its_interval():
    (axes,) = homes.chart(view(), POVERTY).axes
    points = sorted(float(line.get_xdata()[0]) for line in axes.lines)
    assert points == [44.0, 50.0, 53.2, 61.24, 70.0]
    segments = [path.get_segments()[0][:, 0].tolist() for path in axes.collections]
    assert sorted(segments) == [
        [20.0, 80.0], [40.0, 48.0], [48.16, 58.3], [56.5, 66.1], [60.0, 80.0],
    ]  # fmt: skip
    assert sorted(text.get_text() for text in axes.texts) == [
        "44.0", "50.0", "53.2", "61.2", "70.0",
    ]  # fmt: skip
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["Headed by a woman", "Rural area", "All"], "from below upwards"
    assert axes.get_xlabel() == "○ 2009   ● 2013"
    left, right = axes.get_xlim()
    assert left == 0
    assert right > 80


def test_each_point_stands_at_its_group_the_later_year_below_and_filled():
    (axes,) = homes.chart(view(), POVERTY).axes
    drawn = {
        float(line.get_xdata()[0]): (float(line.get_ydata()[0]), line.get_markerfacecolor())
        for line in axes.lines
    }
    heights = {value: round(height) for value, (height, _) in drawn.items()}
    assert heights == {61.24: 2, 53.2: 2, 70.0: 1, 50.0: 1, 44.0: 0}
    assert drawn[53.2][0] < drawn[61.24][0]
    assert drawn[61.24][1] == drawn[70.0][1] == "white"
    assert "white" not in {drawn[53.2][1], drawn[50.0][1], drawn[44.0][1]}


def test_years_have_their_colours_and_figures_stand_behind_their_intervals():
    (axes,) = homes.chart(view(), POVERTY).axes
    colours = {float(line.get_xdata()[0]): line.get_color() for line in axes.lines}
    assert colours[61.24] == colours[70.0] == BESIDE
    assert colours[53.2] == colours[50.0] == colours[44.0] == HERE
    placed = {text.get_text(): (text.xy[0], text.get_color()) for text in axes.texts}
    assert placed == {
        "61.2": (66.1, BESIDE),
        "53.2": (58.3, HERE),
        "70.0": (80.0, BESIDE),
        "50.0": (80.0, HERE),
        "44.0": (48.0, HERE),
    }


def test_a_chart_of_one_year_names_that_year_alone():
    (axes,) = homes.chart(view(FALLEN[1:2]), POVERTY).axes
    assert axes.get_xlabel() == "● 2013"


def test_the_chart_names_where_households_come_from():
    figure = homes.chart(view(), POVERTY)
    assert figure.get_supxlabel() == "Source: simulated households (seed 2013)"


def test_the_description_of_the_chart_in_full():
    assert homes.alt(view(), POVERTY) == (
        "Dot chart with 95% intervals: SIMULATED: People in poor households (survey) (%), Ayacucho. "
        "All, 2009: 61.2% (56.5–66.1); All, 2013: 53.2% (48.2–58.3); "
        "Rural area, 2009: 70.0% (60.0–80.0); Rural area, 2013: 50.0% (20.0–80.0); "
        "Headed by a woman, 2013: 44.0% (40.0–48.0)."
    )


@pytest.mark.parametrize("code", ["en", "es"])
def test_the_description_quotes_every_level_of_the_report(code):
    here = replace(shipped(), language=shipped().data.evaluation.language(code))
    assert homes.indicators(here) == [POVERTY, BADLY]
    for indicator in homes.indicators(here):
        said = homes.alt(here, indicator)
        levels = here.select(indicator=indicator, region="ayacucho", statistic="level")
        for line in levels.to_dict("records"):
            quoted = f"{line['value']:.1f}% ({line['low']:.1f}–{line['high']:.1f})"
            assert f", {line['period']}: {quoted}" in said
        assert said.count("; ") == len(levels) - 1


def test_a_table_of_households_is_about_its_indicator():
    assert homes.estimates(view(), POVERTY).about == (POVERTY,)
