"""The page on our own errors: it quotes the stored study, and says that it is simulated."""

import re

import pytest
from bs4 import BeautifulSoup
from shipped import shipped, view

from icanalysis import makers, trials, trust


def rates():
    rows = shipped().table("error_rates")
    return rows[rows["study"] == "no_effect"].set_index("method")


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
    assert all(f"{100 * rates()['any'][name]:.1f}%" in described for name in trials.METHODS)


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
        share = 100 if item.variable in ("formalised", "credit") else 1
        assert row[1] == f"{share * known['truth']:.2f}"
        assert float(row[4]) == pytest.approx(100 * known["covered"], abs=0.051)
        assert float(row[6]) == pytest.approx(100 * claimed["found"], abs=0.051)


def test_the_stored_study_keeps_what_the_method_promises():
    assert rates()["any"]["report"] <= 0.05
    accuracy = shipped().table("accuracy")
    assert accuracy["covered"].between(0.94, 0.96).all()
    claimed = accuracy[accuracy["study"] == "detectable_effect"]
    assert claimed["found"].between(0.77, 0.83).all()


@pytest.mark.parametrize(("found", "agrees"), [(0.05, True), (0.6, False)])
def test_other_programmes_agree_or_it_is_said_that_they_do_not(monkeypatch, found, agrees):
    seeds = []
    monkeypatch.setattr(trials, "programmes", lambda chosen, effects: seeds.extend(chosen))
    made = rates().reset_index().assign(any=found)
    monkeypatch.setattr(trials, "rates", lambda judged: made)
    assert ("does NOT agree" not in trust.again(view(), 40)) is agrees
    assert seeds[0] > rates()["programmes"]["report"], "the stored study had these"


def test_groups_of_too_few_communities_are_named():
    said = makers.unknown_groups(view("cusco"))
    assert "Not known" in said
    assert "urban" in said
    assert makers.unknown_groups(view("ica")) == ""
