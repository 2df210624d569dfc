"""Charts: what is drawn, where, and whether it can be read; not pixels."""

import math
from dataclasses import replace
from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color
from shipped import REGIONS, shipped, view

from icanalysis import drawing, figures


def named(**texts):
    """The shipped data with the region Ayacucho called otherwise."""
    evaluation = shipped().evaluation
    regions = tuple(
        region.model_copy(update=texts) if region.code == "ayacucho" else region
        for region in evaluation.regions
    )
    return replace(shipped(), evaluation=evaluation.model_copy(update={"regions": regions}))


def drawn_lines(axes, colour):
    """Points of the lines (not rings) in one colour: {x: y}."""
    return [
        dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
        for line in axes.lines
        if same_color(line.get_color(), colour) and len(line.get_xdata()) > 1
    ]


def boxes(figure):
    """Where each text of a chart stands, in pixels, once it is drawn."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (axes,) = figure.axes
    texts = [text for text in axes.texts if text.get_text().strip()]
    renderer = canvas.get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer)) for text in texts], figure.bbox


# --- series ---------------------------------------------------------------------------


@pytest.mark.parametrize("region", REGIONS)
def test_the_regions_line_is_its_lines_of_evidence(region):
    (axes,) = figures.series(view(region), "poverty_total").axes
    for code, colour in ((region, drawing.HERE), ("peru", drawing.BESIDE)):
        rows = view(region).select(indicator="poverty_total", region=code, statistic="level")
        values = dict(zip(rows["period"].astype(int), rows["value"], strict=True))
        assert drawn_lines(axes, colour) == [values]


@pytest.mark.parametrize("baseline", [2009, 2010])
def test_baseline_and_outcome_are_ringed_and_written(baseline):
    (axes,) = figures.series(view(baseline=baseline), "poverty_total").axes
    rings = [line for line in axes.lines if len(line.get_xdata()) == 1]
    at = {2009: 58.8, 2010: 48.2, 2013: 51.9}
    assert {(ring.get_xdata()[0], ring.get_ydata()[0]) for ring in rings} == {
        (baseline, at[baseline]),
        (2013, 51.9),
    }
    assert all(same_color(ring.get_markerfacecolor(), "white") for ring in rings)
    texts = {text.get_text() for text in axes.texts}
    assert {str(at[baseline]), "51.9"} <= texts


def test_a_year_without_a_value_is_not_ringed():
    (axes,) = figures.series(view(), "informal_employment").axes
    assert [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1] == [2013]


@pytest.mark.parametrize("indicator", ["poverty_total", "labour_income_real"])
@pytest.mark.parametrize("region", REGIONS)
def test_the_axis_starts_at_zero_and_shows_every_point(region, indicator):
    (axes,) = figures.series(view(region), indicator).axes
    low, high = axes.get_ylim()
    rows = view(region).select(indicator=indicator, statistic="level")
    values = rows.loc[rows["region"].isin([region, "peru"]), "value"]
    assert low == 0
    assert high > values.max()
    first, last = axes.get_xlim()
    years = view(region).select(indicator=indicator, statistic="level")["period"].astype(int)
    assert first < years.min()
    assert years.max() < last


@pytest.mark.parametrize("code", ["es", "en"])
@pytest.mark.parametrize("indicator", ["poverty_total", "labour_income_real"])
@pytest.mark.parametrize("region", REGIONS)
def test_no_text_of_a_series_is_written_over_another(region, indicator, code):
    placed, page = boxes(figures.series(view(region, code), indicator))
    assert len(placed) >= 4
    for (one, here), (other, there) in combinations(placed, 2):
        assert not here.overlaps(there), f"{one!r} is written over {other!r}"
    for text, box in placed:
        assert page.x0 <= box.x0, f"{text!r} is cut"
        assert box.x1 <= page.x1, f"{text!r} is cut"


def test_the_programmes_planned_years_are_shaded():
    (axes,) = figures.series(view(), "poverty_total").axes
    (band,) = axes.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == (2009.5, 2012.5)
    assert "programme,\nplanned years" in {text.get_text() for text in axes.texts}


@pytest.mark.parametrize(
    ("indicator", "sources", "title"),
    [
        ("poverty_total", "Source: S1, S2", "Total monetary poverty (%)"),
        (
            "labour_income_real",
            "Source: S3, S9",
            "Real mean labour income (soles a month), at 2013 prices",
        ),
    ],
)
def test_title_and_sources_are_written(indicator, sources, title):
    figure = figures.series(view(), indicator)
    assert figure.get_supxlabel() == sources
    assert figure.get_suptitle() == title


def test_without_a_country_only_the_region_is_drawn():
    regions = tuple(
        region.model_copy(update={"role": "part"}) if region.role == "reference" else region
        for region in shipped().evaluation.regions
    )
    evaluation = shipped().evaluation.model_copy(update={"regions": regions})
    alone = view(data=replace(shipped(), evaluation=evaluation))
    (axes,) = figures.series(alone, "poverty_total").axes
    assert drawn_lines(axes, drawing.BESIDE) == []
    assert len(drawn_lines(axes, drawing.HERE)) == 1


def test_a_series_of_few_years_is_not_worth_drawing():
    assert figures.worth_drawing(view(), "poverty_total")
    assert not figures.worth_drawing(view(), "informal_employment")
    four = view()
    kept = four.select(indicator="poverty_total", region="ayacucho", statistic="level")
    assert figures.worth_drawing(replace(four, lines=kept.iloc[:4]), "poverty_total")
    assert not figures.worth_drawing(replace(four, lines=kept.iloc[:3]), "poverty_total")


def test_names_in_the_data_are_drawn_as_they_are():
    # Between two dollar signs matplotlib would set mathematics: "US$ of 2010 (US$)".
    name = "<b>A</b> *x* US$ a_b US$"
    figure = figures.series(view(data=named(name=name)), "poverty_total")
    label = next(text for text in figure.axes[0].texts if "<b>" in text.get_text())
    FigureCanvasAgg(figure).draw()
    assert label.get_text() == name
    assert not label.get_parse_math()


def test_charts_leave_the_readers_settings_alone():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figures.series(view(), "poverty_total")
    figures.conflicts(view())
    assert dict(mpl.rcParams) == before


# --- change by baseline year ----------------------------------------------------------


def test_each_baseline_has_its_row_first_year_on_top():
    figure = figures.baselines(view(), "poverty_total")
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[::-1] == ["2007–2013", "2008–2013", "2009–2013", "2010–2013", "2011–2013"]
    points = {
        int(line.get_ydata()[0]): line.get_xdata()[0]
        for line in axes.lines
        if line.get_marker() in ("o", "D")
    }
    told = [round(points[place], 1) for place in sorted(points)]
    assert told[::-1] == [-15.7, -9.2, -6.9, 3.7, -0.8]
    assert figure.get_supxlabel() == "Source: S1, S2"
    assert "percentage points" in figure.get_suptitle()


@pytest.mark.parametrize("baseline", [2008, 2009])
def test_only_the_baseline_asked_for_stands_out(baseline):
    (axes,) = figures.baselines(view(baseline=baseline), "poverty_total").axes
    marked = [line for line in axes.lines if line.get_marker() == "o"]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert [labels[int(line.get_ydata()[0])] for line in marked] == [f"{baseline}–2013"]
    bold = [text.get_text() for text in axes.texts if text.get_fontweight() == "bold"]
    assert bold == [{2008: "−9.2", 2009: "−6.9"}[baseline]]


def test_a_missing_change_is_not_drawn():
    (axes,) = figures.baselines(view(), "informal_employment").axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["2011–2013"]
    assert [text.get_text() for text in axes.texts] == ["−0.3"]


def test_changes_that_are_all_missing_do_not_stop_a_report():
    asked = view()
    lines = asked.lines.copy()
    lines.loc[lines["statistic"] == "change", "value"] = math.nan
    figure = figures.baselines(replace(asked, lines=lines), "poverty_total")
    assert figure.axes[0].lines[1:] == []


@pytest.mark.parametrize("region", REGIONS)
def test_no_text_of_the_baselines_is_written_over_another_or_cut(region):
    placed, page = boxes(figures.baselines(view(region, "es"), "poverty_total"))
    for (one, here), (other, there) in combinations(placed, 2):
        assert not here.overlaps(there), f"{one!r} is written over {other!r}"
    assert all(page.x0 <= box.x0 and box.x1 <= page.x1 for _, box in placed)


# --- counts that contradict each other ------------------------------------------------


def test_the_filled_marker_is_the_used_value_and_the_rest_are_open():
    figure = figures.conflicts(view())
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[-1] == "Ventures financed"  # on top, as in the tables
    drawn = {}
    for line in axes.lines:
        filled = not same_color(line.get_markerfacecolor(), "white")
        row = labels[int(line.get_ydata()[0])]
        drawn.setdefault(row, {})[filled] = sorted(line.get_xdata())
    assert drawn["Ventures financed"] == {
        True: [pytest.approx(1)],
        False: pytest.approx([55 / 94] * 3 + [58 / 94]),
    }
    assert drawn["Collective marks created"] == {True: [pytest.approx(0.75)], False: [1]}
    texts = [text.get_text() for text in axes.texts]
    assert {"94 (P1)", "55 (P3, P4, P5); 58 (P2)", "3 (P1)", "4 (P3)"} <= set(texts)
    assert figure.get_supxlabel() == "Source: P1, P2, P3, P4, P5"


@pytest.mark.parametrize("code", ["es", "en"])
def test_no_text_of_the_conflicts_is_written_over_another_or_cut(code):
    placed, page = boxes(figures.conflicts(view(code=code)))
    for (one, here), (other, there) in combinations(placed, 2):
        assert not here.overlaps(there), f"{one!r} is written over {other!r}"
    assert all(page.x0 <= box.x0 and box.x1 <= page.x1 for _, box in placed)


def test_sources_are_named_once_each_by_number():
    asked = view()
    lines = asked.lines.copy()
    lines.loc[lines["indicator"] == "poverty_total", "source"] = "S10; S2"
    figure = figures.series(replace(asked, lines=lines), "poverty_total")
    assert figure.get_supxlabel() == "Source: S2, S10"
