"""What a report says of producers: simulated, real or absent; sentences, chart and tables."""

import math
import re
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib.colors import same_color
from shipped import LANGUAGES, REGIONS, edited, shipped, without

from icanalysis import alike, claims, makers, named, terms
from icanalysis.drawing import BESIDE, HERE
from icanalysis.effects import effects
from icanalysis.evaluation import Years
from icanalysis.results import lines
from icanalysis.view import View

YEARS = Years(baseline=2009, outcome=2013)
TABLES = {
    "effects": makers.effects,
    "followed": alike.followed,
    "balance": alike.balance,
    "hidden": alike.hidden,
}
INCOME, FORMALISED = "producer_income", "producer_formalised"


@cache
def told(region):
    return effects(shipped(), region)


def view(region="programme", code="en", *, data=None, records=None):
    evaluation = (data or shipped()).evaluation
    area = evaluation.everywhere if region == "programme" else evaluation.region(region)
    found = told(region) if records is None else records
    return View(data or shipped(), found, area, YEARS, evaluation.language(code))


def as_real(asked):
    """The same lines as if producers were real: what they would say stands in their note."""
    found = asked.lines.copy()
    found["source_kind"] = "programme"
    found["source"] = "programme: producers.csv"
    seen = found["note"].str.extract(r"seen:(\w+)")[0]
    found["statement_key"] = seen.where(seen.notna(), found["statement_key"])
    return replace(asked, lines=found)


def nobody(code="en", region="ica"):
    return view(region, code, records=lines([]))


def cells(table):
    page = BeautifulSoup(table.html, "html.parser")
    titles = [cell.get_text() for cell in page.select("thead th")]
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in page.select("tbody tr")]
    return page, titles, rows


def note(table):
    return BeautifulSoup(table.html, "html.parser").select_one(".note").get_text()


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def numbers(text):
    return re.findall(r"[−+]?\d[\d,.]*\d|\d", plain(text))


# --- heading ------------------------------------------------------------------------------------


def test_the_heading_says_what_producers_there_are():
    assert makers.title(view()) == (
        "Demonstration with simulated producers: what a survey of them would add"
    )
    assert makers.title(as_real(view())) == (
        "What became of the producers, beside those the programme did not reach?"
    )


def test_simulated_producers_are_never_to_be_quoted():
    said = makers.introduction(view())
    assert "These producers are SIMULATED: they never existed" in said
    assert said.endswith("Quote none of these figures.")
    assert "SIMULADOS" in makers.introduction(view(code="es"))
    assert "SIMULA" not in makers.introduction(as_real(view())).upper()


def test_a_region_without_producers_is_told_how_to_add_them():
    assert "icanalysis template producers" in makers.awaited(nobody())
    assert makers.sentences(nobody()) == []
    assert not makers.known(nobody())
    assert makers.known(view())


def test_an_evaluation_that_asks_for_none_has_none():
    data = without(producers=None)
    asked = view("ayacucho", data=data, records=lines([]))
    assert makers.indicators(asked) == []
    assert not makers.known(asked)


def test_one_simulated_line_is_enough_to_call_it_simulated():
    real = as_real(view())
    assert not makers.simulated(real)
    one = edited(real, {"source_kind": "simulated"}, indicator=INCOME, group="sex:man")
    assert makers.simulated(one)


def test_outcomes_stand_in_the_order_of_the_evaluation():
    plan = shipped().evaluation.producers
    assert makers.indicators(view()) == [item.indicator for item in plan.indicators]


# --- sentences ----------------------------------------------------------------------------------


def test_a_sentence_tells_estimate_interval_and_both_p():
    for said, indicator in zip(makers.sentences(view()), makers.compared(view()), strict=True):
        asked = view()
        line = asked.one(indicator=indicator, group="all", statistic="did")
        figures = plain(said)
        assert figures.startswith(f"{asked.name(indicator)}: {asked.value(line, signed=True)}")
        assert claims.interval(asked, line) in figures
        assert "adjusted for 7 tests" in figures
        if line["p"] >= 0.001:
            assert f"p = {line['p']:.3f}" in figures
    income = plain(makers.sentences(view())[0])
    assert "; p = 0.014; adjusted for 7 tests, p = 0.054)" in income
    index = plain(makers.sentences(view())[-1])
    assert index.startswith("Summary index of livelihoods: +0.25 standard deviations")


def test_simulated_producers_only_show_what_a_report_would_say():
    would = "If these data were real, the report would say: “"
    assert all(would in said for said in makers.sentences(view()))
    assert all(would not in said for said in makers.sentences(as_real(view())))
    formalised = makers.sentences(as_real(view()))[3]
    assert formalised.endswith(claims.words("consistent", view().language))


def unknown(asked, indicator):
    values = dict.fromkeys(("value", "se", "low", "high", "p"), math.nan)
    values |= {"status": "not_known", "statement_key": "not_known", "note": ""}
    return edited(asked, values, indicator=indicator, group="all", statistic="did")


def test_an_outcome_that_cannot_be_compared_is_told_and_the_others_tell_what_was_tested():
    asked = unknown(view(), "producer_credit")
    said = makers.sentences(asked)
    assert said[-2] == (
        "Producers with formal credit: it cannot be compared here: a group or a visit is missing, or "
        "too few communities tell."
    )
    assert all("adjusted for 7 tests" in plain(each) for each in [*said[:-2], said[-1]])


def test_a_test_alone_is_told_with_its_own_p():
    asked = edited(view(), {"note": "holm:nan;tests:1;grade:moderate;seen:consistent"}, indicator=INCOME,
                   group="all", statistic="did")  # fmt: skip
    assert "; p = 0.014). " in plain(makers.sentences(asked)[0])


def test_a_group_alone_is_told_with_the_p_of_all_together():
    asked = edited(view(), {"note": "holm:0.791;tests:1;grade:weak;seen:one_of_many"},
                   indicator=INCOME, group="all", statistic="did")  # fmt: skip
    assert "; p = 0.014; adjusted, p = 0.791). " in plain(makers.sentences(asked)[0])


def test_a_test_alone_has_its_own_p_in_the_table():
    asked = edited(view(), {"note": "holm:nan;tests:1;grade:moderate;seen:consistent"}, indicator=INCOME,
                   group="all", statistic="did")  # fmt: skip
    assert cells(makers.effects(asked))[2][0][-1].endswith("p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}0.014")  # fmt: skip


@pytest.mark.parametrize("made", [makers.sentences, makers.effects, alike.balance, alike.followed])
def test_p_is_never_told_as_nought(made):
    small = edited(view(), {"p": 1e-9}, statistic="did")
    small = edited(small, {"p": 1e-9}, indicator="producer_balance", statistic="difference")
    small = edited(small, {"p": 1e-9}, indicator="producer_balance", statistic="joint")
    small = edited(small, {"p": 1e-9}, indicator="producers_followed", statistic="difference")
    found = small.lines.copy()
    found["note"] = found["note"].str.replace(r"holm:[^;]*", "holm:1e-9", regex=True)
    shown = made(replace(small, lines=found))
    text = " ".join(shown) if isinstance(shown, list) else BeautifulSoup(shown.html, "html.parser").get_text(" ")  # fmt: skip
    assert "0.000" not in text
    assert "0.001" in text


# --- tables -------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["programme", *REGIONS])
@pytest.mark.parametrize("made", TABLES)
def test_both_languages_hold_the_same_numbers_cell_by_cell(made, region):
    spanish, english = (cells(TABLES[made](view(region, code)))[1:] for code in LANGUAGES)
    assert len(spanish[0]) == len(english[0])
    assert len(spanish[1]) == len(english[1]) > 0
    assert spanish != english
    for one, other in zip(spanish[1], english[1], strict=True):
        assert [numbers(cell) for cell in one] == [numbers(cell) for cell in other]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("made", TABLES)
def test_every_table_of_simulated_producers_has_its_badge(made, code):
    badge = {"en": "SIMULATED", "es": "SIMULADO"}[code]
    page, _, _ = cells(TABLES[made](view(code=code)))
    assert page.select_one("caption .badge").get_text().startswith(badge)
    page, _, _ = cells(TABLES[made](as_real(view(code=code))))
    assert page.select_one(".badge") is None


def test_every_outcome_stands_with_its_levels_difference_and_verdict():
    asked = view()
    _, titles, rows = cells(makers.effects(asked))
    assert titles[0] == "Outcome"
    assert {"Programme", "Comparison"} <= set(titles)
    shown = [*makers.indicators(asked), "producer_index"]
    for indicator, row in zip(shown, rows, strict=True):
        cell = dict(zip(titles, row, strict=True))
        line = asked.one(indicator=indicator, group="all", statistic="did")
        assert cell["Outcome"].startswith(asked.name(indicator))
        for arm in ("programme", "comparison"):
            first, last = (
                asked.one(indicator=indicator, group=f"arm:{arm}", period=year, statistic="level")
                for year in ("2009", "2013")
            )
            expected = f"{asked.number(first)} → {asked.number(last)}"
            assert cell[arm.capitalize()] == expected
        told_difference = f"{asked.number(line, signed=True)} ({claims.interval(asked, line)})"
        assert cell["Difference (95% interval)"] == told_difference
        assert claims.verdict(line["status"], asked.language) in cell["If real"]


def test_what_those_lost_could_change_stands_in_a_table_of_its_own():
    asked = view()
    page, titles, rows = cells(alike.hidden(asked))
    assert page.select_one("caption .badge")
    for indicator, row in zip(makers.compared(asked), rows, strict=True):
        cell = dict(zip(titles, row, strict=True))
        bounds = asked.one(indicator=indicator, statistic="bounds")
        assert cell["Lee's bounds"] == claims.interval(asked, bounds)
        worst = asked.one(indicator=indicator, statistic="worst_case")
        limits = "—" if worst is None else claims.interval(asked, worst)
        assert cell["Worst case"] == limits
        assert (limits != "—") == (indicator in ("producer_formalised", "producer_credit"))
        shift = asked.one(indicator=indicator, statistic="shift")
        told_shift, in_sd = re.fullmatch(r"([\d.]+) \(([\d.]+)\)",
                                         cell["Undone if those lost differ by"]).groups()  # fmt: skip
        assert float(told_shift) == pytest.approx(abs(shift["value"]), abs=0.051)
        assert float(in_sd) == pytest.approx(abs(float(terms.fact(shift, "sd"))), abs=0.0051)


def test_an_outcome_that_cannot_be_compared_hides_nothing():
    _, _, rows = cells(alike.hidden(unknown(view(), INCOME)))
    assert [row[0] for row in rows] == [view().name(code) for code in makers.compared(view())[1:]]


def test_real_producers_have_a_verdict_and_simulated_ones_what_it_would_be():
    assert "If real" in cells(makers.effects(view()))[1]
    assert "Verdict" not in cells(makers.effects(view()))[1]
    assert "Verdict" in cells(makers.effects(as_real(view())))[1]
    assert "If real" not in cells(makers.effects(as_real(view())))[1]


def test_what_cannot_be_compared_has_dashes_and_is_not_known():
    row = cells(makers.effects(unknown(view(), INCOME)))[2][0]
    assert row[0] == "Monthly income from the activity"
    assert "○ not known" in row
    assert set(row[1:]) == {"—", "○ not known"}


def test_the_rule_stands_under_the_table():
    said = note(makers.effects(view()))
    assert "Holm" in said
    assert terms.rule(view().language, simulated=True) in said
    assert terms.rule(view().language) in note(makers.effects(as_real(view())))


def test_verdicts_on_simulated_data_are_said_to_be_those_of_real_ones():
    for told in (makers.effects(view()), makers.groups(view())):
        assert "the verdicts are those the report would give if they were real" in note(told)
        assert "None: simulated" not in note(told)
    assert "if they were real" not in note(makers.groups(as_real(view())))


def test_who_was_found_again():
    asked = view()
    _, _, rows = cells(alike.followed(asked))
    assert len(rows) == 2
    found = told("programme")
    for arm, row in zip(("comparison", "programme"), rows, strict=True):
        level = found[
            (found["indicator"] == "producers_followed") & (found["group"] == f"arm:{arm}")
        ]
        assert row[1:] == ["480", asked.number(level.iloc[0])]
        assert row[0].lower() == arm
    gap = asked.one(indicator="producers_followed", statistic="difference")
    assert asked.value(gap, signed=True) in note(alike.followed(asked))


def test_likeness_names_each_trait_and_both_means():
    asked = view()
    _, titles, rows = cells(alike.balance(asked))
    assert len(titles) == 5
    assert len(rows) == 11
    by_name = {row[0]: row for row in rows}
    assert {"Age, years", "Women, %", "Rural area, %", "Persons in the household",
            "Quechua or Aymara mother tongue, %", asked.name(INCOME)} <= set(by_name)  # fmt: skip
    for group, name in (("woman", "Women, %"), (INCOME, asked.name(INCOME))):
        means = [
            asked.one(indicator="producer_balance", group=f"{group};arm:{arm}", statistic="level")
            for arm in ("programme", "comparison")
        ]
        row = by_name[name]
        assert row[1:3] == [asked.language.number(mean["value"], 1) for mean in means]
        apart = asked.one(indicator="producer_balance", group=group, statistic="difference")
        assert row[3] == asked.language.number(apart["value"], 2, signed=True)
        assert row[4] == asked.language.number(apart["p"], 3)
    assert "All together: p" in note(alike.balance(asked))


def test_without_lines_tables_say_so():
    for made in TABLES.values():
        assert note(made(nobody())) == "Nothing was found for Ica."


# --- chart --------------------------------------------------------------------------------------


def drawn(figure):
    """Labels, values and intervals of a chart's rows, from the top, and the colour of each."""
    (axes,) = figure.axes
    labels = [text.get_text() for text in axes.get_yticklabels()]
    points = [line for line in axes.lines if line.get_marker() in ("o", "D")]
    ends = [collection.get_segments()[0] for collection in axes.collections]
    rows = [
        (label, point.get_xdata()[0], part[0][0], part[1][0], point.get_marker(), point.get_color())
        for label, point, part in zip(labels, points, ends, strict=True)
    ]
    heights = [point.get_ydata()[0] for point in points]
    assert heights == list(range(len(points)))
    assert [part[0][1] for part in ends] == heights
    return rows[::-1]


@pytest.mark.parametrize("region", ["programme", "cusco"])
def test_the_chart_draws_the_lines_of_the_outcome_broken_down(region):
    asked = view(region)
    found = asked.select(indicator=INCOME, statistic="did").dropna(subset="value")
    rows = drawn(makers.chart(asked))
    assert len(rows) == len(found)
    by_name = {named.producer_group(asked, line["group"]): line for _, line in found.iterrows()}
    for label, value, low, high, marker, colour in rows:
        line = by_name[label]
        assert (value, low, high) == (line["value"], line["low"], line["high"])
        whole = line["group"] == "all"
        assert marker == ("o" if whole else "D")
        assert same_color(colour, HERE if whole else BESIDE)


def test_all_producers_come_first_and_groups_as_the_evaluation_names_them():
    labels = [row[0] for row in drawn(makers.chart(view()))]
    assert labels[0] == "All producers"
    kinds = [
        next(name for name, values in GROUPS.items() if label in values) for label in labels[1:]
    ]
    assert kinds == sorted(kinds, key=["sex", "area", "sector", "mother_tongue"].index)
    assert set(kinds) == set(GROUPS)


GROUPS = {
    "sex": ("woman", "man"),
    "area": ("urban", "rural"),
    "sector": ("crafts", "organic agriculture", "gastronomy", "rural community tourism"),
    "mother_tongue": ("Quechua", "Aymara", "Spanish", "other"),
}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_chart_of_simulated_producers_says_so(code):
    asked = view(code=code)
    word = asked.language.say("SIMULATED")
    title = makers.chart(asked)._suptitle.get_text()
    assert title.startswith(f"{word}: ")
    assert asked.name(INCOME) in title.replace("\n", " ")
    assert makers.alt(asked).replace("\n", " ").count(word) == 1
    real = makers.chart(as_real(asked))
    assert word not in real._suptitle.get_text()
    assert word not in makers.alt(as_real(asked))


def test_the_charts_title_tells_unit_and_place():
    title = makers.chart(view("cusco"))._suptitle.get_text().replace("\n", " ")
    assert title.endswith("programme against comparison, Cusco (soles a month)")


def test_the_source_is_of_producers_and_not_of_households():
    assert makers.chart(view())._supxlabel.get_text() == (
        "Source: simulated producers (simulated_producers.csv)"
    )
    assert makers.chart(as_real(view()))._supxlabel.get_text() == "Source: producers.csv"


def test_the_chart_shows_nothing_lies_to_its_left_and_every_interval():
    (axes,) = makers.chart(view()).axes
    found = told("programme").query("indicator == @INCOME and statistic == 'did'")
    low, high = axes.get_xlim()
    assert low < found["low"].min()
    assert high > found["high"].max()
    assert any(list(line.get_xdata()) == [0, 0] for line in axes.lines)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_description_holds_every_number_that_is_drawn(code):
    asked = view(code=code)
    said = makers.alt(asked)
    found = asked.select(indicator=INCOME, statistic="did").dropna(subset="value")
    for _, line in found.iterrows():
        told_line = f"{asked.number(line, signed=True)} ({claims.interval(asked, line)})"
        assert f"{named.producer_group(asked, line['group'])}: {told_line}" in said
    written = [text.get_text() for text in makers.chart(asked).axes[0].texts]
    assert sorted(written) == sorted(
        asked.number(line, signed=True) for _, line in found.iterrows()
    )


def test_where_nothing_can_be_compared_the_chart_is_empty():
    asked = view()
    for indicator in makers.indicators(asked):
        asked = unknown(asked, indicator)
    found = asked.lines[(asked.lines["statistic"] != "did") | (asked.lines["group"] == "all")]
    figure = makers.chart(replace(asked, lines=found))
    assert drawn(figure) == []
    assert makers.alt(replace(asked, lines=found))


def test_a_group_is_named_by_the_labels_of_the_table():
    asked = view()
    assert named.producer_group(asked, "all") == "All producers"
    assert named.producer_group(asked, "sector:crafts") == "crafts"
    assert named.producer_group(asked, "mother_tongue:quechua") == "Quechua"
    assert named.producer_group(view(code="es"), "sex:woman") == "mujer"


def test_a_region_is_told_its_own_producers_only():
    both = pd.concat([told("cusco"), told("programme")], ignore_index=True)
    asked = view("cusco", records=both)
    assert makers.sentences(asked) == makers.sentences(view("cusco"))
    for made in TABLES.values():
        assert made(asked).html == made(view("cusco")).html
    assert drawn(makers.chart(asked)) == drawn(makers.chart(view("cusco")))


def test_tables_of_producers_say_what_they_are_about():
    asked = view()
    assert makers.effects(asked).about == (*makers.indicators(asked), "producer_index")
    assert alike.followed(asked).about == ("producers_followed",)
    assert alike.balance(asked).about == ("producer_balance",)
