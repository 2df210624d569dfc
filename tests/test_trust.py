"""The page on our own errors: it quotes the stored study, and says that it is simulated."""

import re

import pytest
from bs4 import BeautifulSoup
from shipped import REGIONS, shipped, view

from icanalysis import makers, trials, trust


def rates():
    rows = shipped().table("error_rates")
    whole = (rows["study"] == "no_effect") & (rows["scope"] == "programme")
    return rows[whole].set_index("method")


def test_the_sentence_quotes_the_stored_study():
    own, naive = rates().loc["report"], rates().loc["before_after"]
    said = trust.alarm(view())
    assert f"In {own['programmes']:,} simulated programmes" in said
    assert re.findall(r"([\d.]+)%", said) == [
        f"{100 * own['any']:.1f}",
        f"{100 * naive['any']:.1f}",
    ]


def test_the_chart_draws_each_method_and_says_that_it_is_simulated():
    figure = trust.alarms(view())
    (axes,) = figure.axes
    drawn = [line.get_xdata()[0] for line in axes.lines if line.get_marker() in ("o", "D")]
    assert drawn[::-1] == pytest.approx([100 * rates()["any"][name] for name in trials.METHODS])
    assert "SIMULATED" in figure.get_suptitle()
    described = trust.alarms_alt(view())
    told = [view().language.number(100 * rates()["any"][name], 1) for name in trials.METHODS]
    assert all(f"{share}%" in described for share in told)


def cells(table):
    page = BeautifulSoup(table.html, "html.parser")
    assert page.select_one(".badge")
    return [
        [cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.select("tbody tr")
    ]


def test_each_report_stands_with_its_own_rate_and_last_that_of_any():
    stored = shipped().table("error_rates").query("study == 'no_effect' and method == 'report'")
    rows = cells(trust.reports(view()))
    assert [row[0] for row in rows] == [
        "Whole programme", "Ayacucho", "Cusco", "Puno", "Lambayeque",
        "At least one of the regions' reports",
    ]  # fmt: skip
    told = [float(row[1]) for row in rows]
    assert told == pytest.approx((100 * stored["any"]).tolist(), abs=0.051)


@pytest.mark.parametrize("study", ["no_effect", "known_effect"])
def test_what_was_said_adds_up_to_all_that_was_told(study):
    rows = cells(trust.words(view(), study))
    shares = [float(row[-1]) for row in rows]
    assert sum(shares) == pytest.approx(100, abs=0.06 * len(rows))
    assert shares == sorted(shares, reverse=True)
    assert all(row[0][0] in "▲▼◆○◇" for row in rows)


@pytest.mark.parametrize("code", ["es", "en"])
def test_the_table_tells_effect_coverage_and_power_of_each_outcome(code):
    page = BeautifulSoup(trust.accuracy(view(code=code)).html, "html.parser")
    assert page.select_one(".badge")
    stored = shipped().table("accuracy").set_index(["study", "variable"])
    plan = shipped().evaluation.producers
    rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.select("tbody tr")]  # fmt: skip
    for item, row in zip(plan.indicators, rows, strict=True):
        known, claimed = (
            stored.loc[study, item.variable] for study in ("known_effect", "detectable_effect")
        )
        assert row[1] == f"{known['truth']:.2f}"
        assert float(row[4]) == pytest.approx(100 * known["covered"], abs=0.051)
        assert float(row[6]) == pytest.approx(100 * claimed["found"], abs=0.051)


def test_the_stored_study_keeps_what_the_method_promises():
    reports = shipped().table("error_rates").query("study == 'no_effect' and method == 'report'")
    each = reports[reports["scope"] != "any_region"].set_index("scope")["any"]
    assert set(each.index) == {"programme", *REGIONS}
    assert (each <= 0.05).all()
    accuracy = shipped().table("accuracy")
    assert accuracy["covered"].between(0.94, 0.96).all()
    claimed = accuracy[accuracy["study"] == "detectable_effect"]
    assert claimed["found"].between(0.77, 0.83).all()


@pytest.mark.parametrize(("found", "agrees"), [(0.05, True), (0.6, False)])
def test_other_programmes_agree_or_it_is_said_that_they_do_not(monkeypatch, found, agrees):
    seeds = []
    made = rates().reset_index().assign(any=found)

    def again(data, chosen):
        seeds.extend(chosen)
        return made

    monkeypatch.setattr(trust, "rates_again", again)
    assert ("does NOT agree" not in trust.again(view(), 40)) is agrees
    assert seeds[0] > rates()["programmes"]["report"], "the stored study had these"


def test_groups_of_too_few_communities_are_named():
    said = makers.unknown_groups(view("cusco"))
    assert "Not known" in said
    assert "urban" in said
    assert makers.unknown_groups(view("ica")) == ""


def test_tables_of_the_method_say_which_indicators_they_are_about():
    asked = view()
    assert trust.accuracy(asked).about == tuple(makers.indicators(asked))
    assert "poverty_total" in trust.placebos(asked).about
