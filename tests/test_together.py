"""All regions together: charts that draw the lines, tables that hold them, and no claim."""

import math
import re
from dataclasses import replace
from functools import cache

import pytest
from bs4 import BeautifulSoup
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color
from shipped import LANGUAGES, REGIONS, covered, edited, shipped

from icanalysis import claims, differences, drawing, terms, together
from icanalysis.contribution import contribution
from icanalysis.drawing import BESIDE, FAINT, HERE, INK, PALE
from icanalysis.evaluation import Years
from icanalysis.evidence import STATEMENTS
from icanalysis.results import lines
from icanalysis.view import View

POVERTY, INCOME, INFORMAL = "poverty_total", "labour_income_real", "informal_employment"
OFFICIAL = Years(baseline=2009, outcome=2013)
BASELINES = (2007, 2008, 2009, 2010, 2011)


@cache
def told():
    return contribution(shipped(), OFFICIAL, covered(shipped()))


def view(code="en"):
    evaluation = shipped().evaluation
    return View(shipped(), told(), evaluation.everywhere, OFFICIAL, evaluation.language(code))


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\n", " ")


def numbers(text):
    return re.findall(r"[−+]?\d[\d,.]*\d|\d", plain(text))


def cells(table):
    page = BeautifulSoup(table.html, "html.parser")
    titles = [cell.get_text() for cell in page.select("thead th")]
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in page.select("tbody tr")]
    return titles, rows


def note(table):
    return BeautifulSoup(table.html, "html.parser").select_one(".note").get_text()


def drawn_in(axes, colour):
    return [
        dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
        for line in axes.lines
        if same_color(line.get_color(), colour)
    ]


# --- paths --------------------------------------------------------------------------------------


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
def test_each_region_is_drawn_beside_its_synthetic_control(indicator):
    panels = together.paths(view(), indicator).axes
    names = [axes.get_title(loc="left") for axes in panels]
    assert names == ["Ayacucho", "Cusco", "Puno", "Lambayeque"]
    for region, axes in zip(REGIONS, panels, strict=True):
        for statistic, colour, dashes in (("path", HERE, "-"), ("synthetic", INK, "--")):
            rows = view().select(indicator=indicator, region=region, statistic=statistic)
            expected = dict(zip(rows["period"].astype(int), rows["value"], strict=True))
            assert drawn_in(axes, colour) == [expected]
            (line,) = (each for each in axes.lines if same_color(each.get_color(), colour))
            assert line.get_linestyle() == dashes


def test_other_regions_are_faint_and_none_of_them_is_the_programmes():
    axes = together.paths(view(), POVERTY).axes[0]
    faint = drawn_in(axes, FAINT)
    found = view().select(indicator=POVERTY, statistic="path")
    others = found[~found["region"].isin(REGIONS)]
    expected = [
        dict(zip(rows["period"].astype(int), rows["value"], strict=True))
        for _, rows in others.groupby("region")
    ]
    assert faint == expected
    assert len(faint) == 20


def test_the_baseline_is_marked_and_the_programmes_years_shaded():
    for axes in together.paths(view(), POVERTY).axes:
        (band,) = axes.patches
        assert (band.get_x(), band.get_x() + band.get_width()) == (2009.5, 2012.5)
        assert same_color(band.get_facecolor(), PALE)
        upright = [line for line in axes.lines if line.get_linestyle() == ":"]
        assert [list(line.get_xdata()) for line in upright] == [[2009, 2009]]
    first, *rest = together.paths(view(), POVERTY).axes
    assert all(axes.get_ylim() == first.get_ylim() for axes in rest)


@pytest.mark.parametrize(
    ("indicator", "unit"), [(POVERTY, "Total monetary poverty (%)"), (INCOME, "(2009 = 100)")]
)
def test_the_title_of_paths_tells_the_unit(indicator, unit):
    title = plain(together.paths(view(), indicator)._suptitle.get_text())
    assert unit in title
    assert title.startswith(view().name(indicator))


def test_three_regions_leave_one_panel_empty():
    found = told()[~((told()["region"] == "puno") & (told()["indicator"] == POVERTY))]
    panels = together.paths(replace(view(), lines=found), POVERTY).axes
    assert [axes.get_visible() for axes in panels] == [True, True, True, False]
    below = [
        [text.get_text() for text in axes.get_xticklabels() if text.get_visible()]
        for axes in panels
    ]
    assert below[1] == below[2] == ["2005", "2008", "2011"], "the panel above the gap has its years"
    assert [axes.get_title(loc="left") for axes in panels[:3]] == [
        "Ayacucho",
        "Cusco",
        "Lambayeque",
    ]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_description_of_paths_tells_every_region(code):
    said = together.paths_alt(view(code), POVERTY)
    for region in REGIONS:
        assert claims.twin(view(code), POVERTY, region) in said
        line = view(code).one(indicator=POVERTY, region=region, statistic="gap")
        assert view(code).value(line, signed=True) in said


# --- by baseline year ---------------------------------------------------------------------------


def rows_of(axes):
    points = [line for line in axes.lines if line.get_marker() in ("o", "D")]
    ends = [collection.get_segments()[0] for collection in axes.collections]
    assert [point.get_ydata()[0] for point in points] == list(range(len(points)))
    assert [part[0][1] for part in ends] == list(range(len(points)))
    labels = [text.get_text() for text in axes.get_yticklabels()]
    return list(zip(labels, points, ends, axes.texts, strict=True))[::-1]


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
def test_every_baseline_is_drawn_with_its_interval_and_the_one_asked_stands_out(indicator):
    (axes,) = differences.by_baseline(view(), indicator).axes
    rows = rows_of(axes)
    assert [row[0] for row in rows] == [f"{year}–2013" for year in BASELINES]
    found = claims.comparisons(view(), indicator)
    for (label, point, ends, text), (_, line) in zip(rows, found.iterrows(), strict=True):
        assert point.get_xdata()[0] == line["value"]
        assert (ends[0][0], ends[1][0]) == (line["low"], line["high"])
        asked = label == "2009–2013"
        assert point.get_marker() == ("o" if asked else "D")
        assert same_color(point.get_color(), HERE if asked else BESIDE)
        assert text.get_fontweight() == ("bold" if asked else "normal")
        assert text.get_text().startswith(view().number(line, signed=True))
        assert plain(text.get_text()).endswith(f"(p = {line['p']:.3f})")
    low, high = axes.get_xlim()
    assert low < found["low"].min()
    assert high > found["high"].max()
    assert any(list(line.get_xdata()) == [0, 0] for line in axes.lines)


@pytest.mark.parametrize(("indicator", "unit"), [(POVERTY, "(percentage points)"), (INCOME, "(%)")])
def test_the_title_by_baseline_tells_the_unit(indicator, unit):
    title = plain(differences.by_baseline(view(), indicator)._suptitle.get_text())
    assert title.startswith(f"{view().name(indicator)}: ")
    assert title.endswith(f"by baseline year {unit}")


def test_too_few_regions_for_an_interval_are_drawn_without_one():
    without = edited(view(), {"low": math.nan, "high": math.nan}, indicator=POVERTY,
                     statistic="did", region="programme", group="all")  # fmt: skip
    figure = differences.by_baseline(without, POVERTY)
    FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    points = [line for line in axes.lines if line.get_marker() in ("o", "D")]
    found = claims.comparisons(without, POVERTY)["value"]
    assert [point.get_xdata()[0] for point in points] == list(found)[::-1]
    low, high = axes.get_xlim()
    assert low < found.min() < found.max() < high


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_description_by_baseline_holds_every_number(code):
    asked = view(code)
    said = differences.by_baseline_alt(asked, POVERTY)
    for _, line in claims.comparisons(asked, POVERTY).iterrows():
        assert f"{asked.number(line, signed=True)} ({claims.interval(asked, line)})" in said
        assert asked.language.number(line["p"], 3) in said
        assert line["period"].replace("-", "–") in said


def test_p_is_never_drawn_as_nought():
    small = edited(view(), {"p": 1e-7}, statistic="did", indicator=POVERTY)
    (axes,) = differences.by_baseline(small, POVERTY).axes
    assert all(plain(text.get_text()).endswith("(p < 0.001)") for text in axes.texts)
    assert "0.000" not in differences.by_baseline_alt(small, POVERTY)


# --- by year ------------------------------------------------------------------------------------


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
def test_every_year_is_drawn_against_the_baseline(indicator):
    (axes,) = differences.by_year(view(), indicator).axes
    found = view().select(indicator=indicator, statistic="event")
    years = found["group"].str.removeprefix("year:").astype(int)
    filled, ring = (line for line in axes.lines if line.get_marker() == "o")
    assert dict(zip(filled.get_xdata(), filled.get_ydata(), strict=True)) == dict(
        zip(years, found["value"], strict=True)
    )
    assert (list(ring.get_xdata()), list(ring.get_ydata())) == ([2009], [0])
    assert same_color(ring.get_markerfacecolor(), "white")
    assert same_color(filled.get_markerfacecolor(), HERE)
    (intervals,) = axes.collections
    drawn = {part[0][0]: (part[0][1], part[1][1]) for part in intervals.get_segments()}
    expected = zip(found["low"], found["high"], strict=True)
    assert drawn == dict(zip(years, expected, strict=True))
    texts = [text.get_text() for text in axes.texts]
    assert texts == [view().number(line, signed=True) for _, line in found.iterrows()]


def test_the_title_by_year_tells_baseline_and_unit():
    figure = differences.by_year(view(), POVERTY)
    (axes,) = figure.axes
    titles = [axes.get_title(loc="left"), figure._suptitle.get_text() if figure._suptitle else ""]
    assert "Total monetary poverty: difference against 2009 (percentage points)" in plain(
        " ".join(titles)
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_description_by_year_holds_every_number(code):
    asked = view(code)
    said = differences.by_year_alt(asked, INCOME)
    for _, line in asked.select(indicator=INCOME, statistic="event").iterrows():
        year = line["group"].removeprefix("year:")
        told_line = f"{asked.number(line, signed=True)} ({claims.interval(asked, line)})"
        assert f"{year}: {told_line}" in said


def test_what_can_be_drawn():
    assert together.has_twins(view(), POVERTY)
    assert differences.has_years(view(), POVERTY)
    assert not together.has_twins(view(), INFORMAL)
    assert not differences.has_years(view(), INFORMAL)
    assert together.programme_regions(view(), INFORMAL) == list(REGIONS)
    empty = replace(view(), lines=lines([]))
    assert together.programme_regions(empty, POVERTY) == []


@pytest.mark.parametrize("made", [together.paths, differences.by_baseline, differences.by_year])
@pytest.mark.parametrize("code", LANGUAGES)
def test_charts_name_their_sources_and_axes_speak_the_readers_language(made, code):
    figure = made(view(code), POVERTY)
    FigureCanvasAgg(figure).draw()
    source = figure._supxlabel.get_text()
    assert re.search(r": S\d+", source)
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("", "")
    ticks = [text.get_text() for text in axes.get_yticklabels() + axes.get_xticklabels()]
    assert not any("\N{HYPHEN-MINUS}" in tick for tick in ticks)
    assert figure.get_size_inches()[0] == pytest.approx(drawing.WIDTH)


# --- tables -------------------------------------------------------------------------------------

TABLES = {
    "without": lambda asked: together.without_each(asked, POVERTY),
    "without, income": lambda asked: together.without_each(asked, INCOME),
    "twins": lambda asked: together.twins(asked, POVERTY),
    "twins, income": lambda asked: together.twins(asked, INCOME),
    "verdicts": together.verdicts,
}


@pytest.mark.parametrize("made", TABLES)
def test_both_languages_hold_the_same_numbers_cell_by_cell(made):
    spanish, english = (cells(TABLES[made](view(code))) for code in LANGUAGES)
    assert len(spanish[0]) == len(english[0])
    assert len(spanish[1]) == len(english[1]) > 0
    assert spanish != english
    for one, other in zip(spanish[1], english[1], strict=True):
        assert [numbers(cell) for cell in one] == [numbers(cell) for cell in other]


def test_without_each_region_in_the_order_of_the_evaluation():
    titles, rows = cells(together.without_each(view(), POVERTY))
    assert titles == ["Without", "Difference", "p", "Smallest p possible"]
    assert [row[0] for row in rows] == ["Ayacucho", "Cusco", "Puno", "Lambayeque"]
    for region, row in zip(REGIONS, rows, strict=True):
        line = view().one(indicator=POVERTY, group=f"without:{region}", statistic="did")
        assert row[1:] == [view().value(line, signed=True), f"{line['p']:.3f}", "0.0006"]


@pytest.mark.parametrize("made", [together.without_each, together.twins])
def test_p_is_never_told_as_nought_in_a_table(made):
    small = edited(view(), {"p": 1e-7, "p_min": 1e-7}, indicator=POVERTY, statistic="did")
    small = edited(small, {"p": 1e-7, "p_min": 1e-7}, indicator=POVERTY, statistic="gap")
    _, rows = cells(made(small, POVERTY))
    for row in rows:
        shown = [plain(cell) for cell in row if "<" in cell]
        assert shown[0] == "< 0.001"
        assert len(shown) == 2


def test_each_region_beside_its_mix():
    titles, rows = cells(together.twins(view(), POVERTY))
    assert titles[1:] == ["Gap afterwards", "Gap before (fit)", "p", "Smallest p possible",
                          "Mix of others"]  # fmt: skip
    assert [row[0] for row in rows] == ["Ayacucho", "Cusco", "Puno", "Lambayeque"]
    assert rows[0][1:5] == ["+8.0 percentage points", "1.7", "0.095", "0.048"]
    for region, row in zip(REGIONS, rows, strict=True):
        line = view().one(indicator=POVERTY, region=region, statistic="gap")
        assert row[1] == view().value(line, signed=True)
        assert row[3] == f"{line['p']:.3f}"
        assert row[5] == claims.mix(view(), POVERTY, region)


def test_a_region_whose_past_was_met_by_chance_is_not_known():
    _, rows = cells(together.twins(view(), INCOME))
    assert rows[0] == ["Ayacucho", "○ not known", "—", "—", "—", "—"]
    assert all("not known" not in row[1] for row in rows[1:])


def test_the_shipped_case_claims_nothing():
    titles, rows = cells(together.verdicts(view()))
    assert titles[-1] == "What may be claimed"
    assert [row[0] for row in rows] == [
        "Total monetary poverty", "Real mean labour income", "Informal employment",
    ]  # fmt: skip
    assert [row[1] for row in rows] == ["−3.0 percentage points", "+5.9%", "—"]
    assert [row[2] for row in rows] == ["◆ no clear change", "◆ no clear change", "○ not known"]
    assert [row[3] for row in rows] == ["descriptive", "descriptive", "none"]
    english = view().language
    for row in rows[:2]:
        assert row[4].startswith(claims.words("could_not_be_seen", english))
    assert rows[2][4] == claims.words("not_known", english)
    for claim in ("contributed", "consistent", "changed", "could_be_loss"):
        assert claims.words(claim, english) not in " ".join(row[4] for row in rows)
    assert terms.rule(english) == note(together.verdicts(view()))


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_verdict_stands_with_the_words_of_its_statement(statement):
    asked = edited(
        view(),
        {"statement_key": statement, "status": "better", "note": "grade:strong"},
        indicator=POVERTY, region="programme", group="all", statistic="did", period="2009-2013",
    )  # fmt: skip
    row = cells(together.verdicts(asked))[1][0]
    assert row[2:] == ["▲ better", "strong", claims.words(statement, asked.language)]


@pytest.mark.parametrize("made", [together.without_each, together.twins])
def test_tables_without_lines_say_so(made):
    empty = replace(view(), lines=lines([]))
    for asked, indicator in ((empty, POVERTY), (view(), INFORMAL)):
        assert cells(made(asked, indicator)) == ([], [])
        assert note(made(asked, indicator)).startswith("Nothing was found for ")


def test_a_series_without_a_line_has_no_row():
    found = told()[told()["indicator"] != INCOME]
    rows = cells(together.verdicts(replace(view(), lines=found)))[1]
    assert [row[0] for row in rows] == ["Total monetary poverty", "Informal employment"]


def test_a_region_of_a_report_is_told_as_all_together_are():
    """A region's own lines hold all that its sentence and chart need of it."""
    mine = told()[told()["region"].isin(["cusco", "programme"])]
    asked = replace(view(), lines=mine, region=shipped().evaluation.region("cusco"))
    assert together.programme_regions(asked, POVERTY) == ["cusco"]
    assert "S1" in together.paths(asked, POVERTY)._supxlabel.get_text()
    (axes,) = (each for each in together.paths(asked, POVERTY).axes if each.get_visible())
    assert axes.get_title(loc="left") == "Cusco"
    assert claims.twin(asked, POVERTY, "cusco") == claims.twin(view(), POVERTY, "cusco")


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
def test_tables_of_regions_are_about_their_series(indicator):
    assert together.without_each(view(), indicator).about == (indicator,)
    assert together.twins(view(), indicator).about == (indicator,)
    assert indicator in together.verdicts(view()).about
