"""How far the data can be trusted: what the page says of counts, sources, series and baselines."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color
from shipped import LANGUAGES, REGIONS, edited, shipped

from icanalysis import ages, quality, recheck, reconcile
from icanalysis.drawing import HERE
from icanalysis.view import open_joint_view

DATA = Path(__file__).parents[1] / "data"
POVERTY = "poverty_total"


@cache
def view(code="en", baseline=2009):
    return open_joint_view(
        baseline=baseline, outcome=2013, language=code, data_dir=DATA, each_region=True
    )


def without(*names):
    """The view of a data package that lacks some tables."""
    tables = {name: item for name, item in shipped().catalog.tables.items() if name not in names}
    data = replace(shipped(), catalog=replace(shipped().catalog, tables=tables))
    return replace(view(), data=data)


def body(table):
    page = BeautifulSoup(table.html, "html.parser")
    return [[cell.get_text() for cell in row.find_all(["th", "td"])]
            for row in page.select("tbody tr")]  # fmt: skip


def numbers(text):
    return re.findall(r"\d+(?:[.,]\d+)*", text)


# --- counts of the programme ----------------------------------------------------------


def test_figures_that_agree_differ_and_stand_alone_are_counted():
    rows = reconcile.reported(shipped())
    figures = rows.drop_duplicates("figure")["among"].value_counts()
    said = quality.agreement(view())
    assert said.startswith(
        f"Of {figures.sum()} figures of the programme, {figures['alone']} are published by one source "
        f"alone, {figures['same']} by several sources with the same number, and {figures['differ']} by"
    )
    assert f"{rows['counted'].sum()} of the {len(rows)} published counts" in said


def test_every_published_count_is_set_beside_ours():
    shown = body(quality.reconciliation(view()))
    assert len(shown) == len(shipped().table("reported_values"))
    ventures = [row for row in shown if row[0] == "Ventures financed"]
    assert [(row[2], row[4], row[5], row[6]) for row in ventures] == [
        ("94", "94 (P1)", "—", "● used"),
        ("58", "94 (P1)", "−36", "≠ another number"),
        *[("55", "94 (P1)", "−39", "≠ another number")] * 3,
    ]
    assert ventures[0][3] == "P1: section 4, bullet 2 (B)"
    assert "other counts use other names" in ventures[0][7]
    assert all(row[7] for row in shown), "no count without a reason"
    assert [row[0] for row in shown[:5]] == ["Ventures financed"] * 5, "what differs comes first"


def test_ours_is_the_line_that_reports_quote():
    lines = edited(view(), {"value": 95.0}, indicator="ventures_financed", status="used",
                   statistic="level")  # fmt: skip
    shown = [row for row in body(quality.reconciliation(lines)) if row[0] == "Ventures financed"]
    assert {row[4] for row in shown} == {"95 (P1)"}


def test_sectors_and_populations_are_named():
    names = {row[0] for row in body(quality.reconciliation(view()))}
    assert "Persons certified in ICT (crafts, artisans)" in names
    assert "Persons certified in ICT" in names


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_reason_many_counts_share_is_told_once_and_lettered(code):
    column = shipped().table("reported_values")[f"reason_{code}"]
    told = quality.reasons(view(code))
    counts = column.value_counts()
    assert len(told) == (counts >= quality.SHARED).sum()
    for letter, reason in zip("abcdefgh", told, strict=False):
        head, text = reason.split(": ", 1)
        assert head[-1] == letter
        cited = [row for row in body(quality.reconciliation(view(code)))
                 if row[7].startswith(f"{head}.")]  # fmt: skip
        assert len(cited) == counts[text]


def test_both_languages_reconcile_the_same():
    spanish, english = (body(quality.reconciliation(view(code))) for code in LANGUAGES)
    for one, other in zip(spanish, english, strict=True):
        for place in (2, 4, 5):  # what a source prints in words has no digits to compare
            assert re.sub(r"[^\d.,−+]", "", one[place]) == re.sub(r"[^\d.,−+]", "", other[place])
        assert one[6][0] == other[6][0]
        assert re.findall(r"\([ABC]\)", one[3]) == re.findall(r"\([ABC]\)", other[3])


# --- sources and confidence -----------------------------------------------------------


def test_what_was_read_of_the_programmes_sources_adds_up():
    said = quality.reading(view())
    own = int(numbers(said)[0])
    assert own == sum(int(count) for count in re.findall(r"\((\d+)\)[;.]", said))
    assert "whole text (1)" in said


def test_every_source_quoted_is_listed_with_how_many_records_quote_it():
    shown = {row[0].partition(":")[0]: row for row in body(quality.sources(view()))}
    quoted = set()
    for item in shipped().catalog.tables.values():
        if item.name != "sources" and "source_id" in {field.name for field in item.fields}:
            quoted |= set(shipped().table(item.name)["source_id"].dropna())
    assert set(shown) == quoted
    assert shown["P1"][1:3] == ["whole text", "A"]
    assert shown["S9"][3] == f"{(shipped().table('deflators')['source_id'] == 'S9').sum()}"
    assert list(shown)[:3] == ["E1", "P1", "P2"]


def test_confidence_counts_every_record_that_has_one():
    shown = body(quality.confidence(view()))
    for table in ("reported_values", "milestones", "partners", "sources"):
        title = shipped().catalog.tables[table].titles["en"]
        counted = sum(int(row[2].replace(",", "")) for row in shown if row[0] == title)
        assert counted == len(shipped().table(table))
    assert "C: inferred" in {row[1] for row in shown}


# --- recomputed -----------------------------------------------------------------------


def test_what_comes_out_the_same_is_counted():
    said = recheck.recomputing(view())
    assert numbers(said)[:6] == ["2015", "2018", "2019", "36", "33", "31"]
    assert recheck.recomputing(without("recomputed")) == ""


def test_the_nation_our_groups_and_all_that_differs_are_shown():
    shown = body(recheck.recomputed(view()))
    assert len([row for row in shown if row[0] == "Peru"]) == 6
    group = next(row for row in shown if row[0].startswith("Ayacucho, Cajamarca"))
    assert group[1:6] == ["2019", "total poverty", "34.4–39.4", "34.4–39.4", "= the same"]
    differs = [row for row in shown if row[5] == "≠ differs"]
    assert {(row[3], row[4]) for row in differs} == {
        ("6.7–9.8", "6.4–9.8"),
        ("9.8–12.6", "9.7–12.6"),
    }
    unknown = next(
        row for row in shown if row[:2] == ["Peru", "2015"] and row[2].startswith("total")
    )
    assert unknown[3:6] == ["—", "21.8 (20.9–22.6)", "◌ nothing published here"]
    assert all(row[7].endswith(".dta") for row in shown)


def test_the_sample_is_told_and_that_the_years_asked_are_not_known():
    said = recheck.sample(view())
    for name, size in (("Ayacucho", "1,242"), ("Cusco", "1,354"), ("Puno", "1,318")):
        assert f"{name}, {size} dwellings" in said
    assert "The sizes of 2009 and 2013 were not found." in said
    assert recheck.sample(without("enaho_sample")) == ""


# --- years ----------------------------------------------------------------------------


def test_each_series_tells_its_years_and_its_gaps():
    shown = {row[0]: row[1:] for row in body(ages.covered(view()))}
    assert shown["Monetary poverty by department, point estimates (S1, S2)"] == [
        "2004–2013", "—", "—", "2013"]  # fmt: skip
    assert shown["Informal employment rate by department (S7)"][:2] == ["2019–2020", "2007–2018"]


def test_runs_that_do_not_continue_each_other_and_years_not_covered_are_said():
    said = ages.breaks(view())
    assert any("4 runs that do not continue each other" in sentence for sentence in said)
    assert any("2009-2013 is not known; the series used has 2011-2021" in one for one in said)
    later = ages.breaks(view(baseline=2011))
    assert not any("not known" in sentence for sentence in later)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_chart_of_years_draws_every_year_of_every_series(code):
    (axes,) = ages.chart(view(code)).axes
    drawn = sum(len(line.get_xdata()) for line in axes.lines if line.get_marker() == "o")
    rows = ages.vintages.series(shipped())
    assert drawn == len(rows)
    assert len(axes.get_yticks()) == len(body(ages.covered(view(code))))
    told = ages.alt(view(code))
    assert "2004–2013" in told


# --- baseline -------------------------------------------------------------------------


def test_the_direction_of_poverty_in_ayacucho_depends_on_the_year():
    said = ages.sensitivity(view(), POVERTY)
    assert "rose from some and fell from others in Ayacucho." in said
    shown = {row[0]: row for row in body(ages.changes(view(), POVERTY))}
    assert list(shown) == ["Ayacucho", "Cusco", "Puno", "Lambayeque"]
    assert shown["Ayacucho"][1:] == [
        "−15.7",
        "−9.2",
        "−6.9",
        "+3.7",
        "−0.8",
        "≠ depends on the year",
    ]
    assert shown["Cusco"][-1] == "= the same from all"


def test_where_no_region_turns_the_sentence_says_so():
    steady = edited(view(), {"value": -1.0}, indicator=POVERTY, statistic="change")
    assert "is the same in every region" in ages.sensitivity(steady, POVERTY)


def test_only_series_with_several_baselines_are_told():
    assert ages.series_by_baseline(view()) == [POVERTY, "labour_income_real"]


@pytest.mark.parametrize("indicator", [POVERTY, "labour_income_real"])
@pytest.mark.parametrize("code", LANGUAGES)
def test_each_region_has_its_panel_in_order_and_no_number_is_cut(code, indicator):
    figure = ages.by_baseline(view(code), indicator)
    names = [axes.get_title(loc="left") for axes in figure.axes]
    assert names == [view(code).area(region) for region in REGIONS]
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes, region in zip(figure.axes, REGIONS, strict=True):
        rows = view(code).select(indicator=indicator, region=region, statistic="change")
        assert len(axes.texts) == rows["value"].notna().sum()
        low, high = axes.get_xlim()
        assert low < rows["value"].min() and rows["value"].max() < high
        frame = axes.get_window_extent(canvas.get_renderer())
        for text in axes.texts:
            box = text.get_window_extent(canvas.get_renderer())
            assert frame.x0 - 2 <= box.x0 and box.x1 <= frame.x1 + 2, text.get_text()


def test_the_baseline_asked_stands_out():
    figure = ages.by_baseline(view(baseline=2010), POVERTY)
    for axes in figure.axes:
        bold = [text.get_text() for text in axes.texts if text.get_fontweight() == "bold"]
        assert len(bold) == 1
    asked = view(baseline=2010).one(
        indicator=POVERTY, region="ayacucho", period="2010-2013", statistic="change"
    )
    first = figure.axes[0]
    (written,) = [text for text in first.texts if same_color(text.get_color(), HERE)]
    assert written.get_text() == view().number(asked, signed=True)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_description_of_the_baselines_quotes_every_change(code):
    told = ages.by_baseline_alt(view(code), POVERTY)
    for region in REGIONS:
        rows = view(code).select(indicator=POVERTY, region=region, statistic="change")
        for _, line in rows.iterrows():
            assert view(code).number(line, signed=True) in told
