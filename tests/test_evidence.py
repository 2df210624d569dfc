"""Verdicts, grades and statements at every edge: no finding is without an answer, none says more.

What is enumerated here is every combination of what a finding can be.
"""

import itertools
import math
from dataclasses import replace
from typing import get_args

import pytest

from icanalysis import evidence
from icanalysis.evidence import GRADES, STATEMENTS, VERDICTS, Finding, grade, statement, verdict

NAN = math.nan
# Participants' income against others': up by 40 (10 to 70), p = 0.01, nothing amiss.
SOUND = Finding("comparison", 40, 10, 70, 0.01, pre_trend="passed", loss="holds")
NOISE = replace(SOUND, low=-10, high=90, p=0.12)
INTERVALS = [(NAN, NAN), (-10, 90), (10, 70), (-70, -10), (0, 70)]
EVERY = [
    Finding(
        design, estimate, low, high, p, p_min, p_adjusted, direction, target, pre_trend, loss,
        visible, kind,
    )
    for design, estimate, (low, high), p, p_min, p_adjusted, direction, target, pre_trend, loss,
        visible, kind in itertools.product(
        get_args(evidence.Design), [NAN, -40, 0, 40], INTERVALS, [NAN, 0, 0.05, 0.2],
        [NAN, 0.125], [NAN, 0.3], ["up", "down", ""], [NAN, 30], get_args(evidence.PreTrend),
        get_args(evidence.Loss), [True, False], ["programme", "simulated"],
    )
]  # fmt: skip
CLAIMS = {"contributed", "consistent", "could_be_loss", "changed"}


def test_no_finding_is_without_an_answer():
    found = [(verdict(each), grade(each), statement(each)) for each in EVERY]
    verdicts, grades, statements = (set(each) for each in zip(*found, strict=True))
    assert (verdicts, grades, statements) == (set(VERDICTS), set(GRADES), set(STATEMENTS))


def test_nothing_is_claimed_without_a_clear_verdict():
    for each in EVERY:
        if statement(each) in CLAIMS:
            assert verdict(each) in ("better", "worse"), each
            assert each.visible, each
            assert each.source_kind != "simulated", each


def test_contribution_is_said_of_comparisons_whose_trends_were_alike_and_of_no_other():
    for each in EVERY:
        if statement(each) == "contributed":
            assert each.compared and each.pre_trend == "passed", each
            assert each.design == "regions" or each.loss == "holds", each


def test_a_clear_verdict_needs_p_interval_and_a_design_that_could():
    for each in EVERY:
        if verdict(each) in ("better", "worse") and math.isnan(each.target):
            assert each.p <= 0.05, each
            assert not each.p_adjusted > 0.05, each
            assert not each.low <= 0 <= each.high, each
            assert not each.p_min > 0.05, each
            assert each.design != "count", each
            assert not (each.compared and each.pre_trend == "failed"), each


def test_the_other_direction_turns_better_into_worse_and_nothing_else():
    turned = {"better": "worse", "worse": "better"}
    for each in EVERY:
        if each.direction == "up":
            other = verdict(replace(each, direction="down"))
            assert other == turned.get(verdict(each), verdict(each)), each


def test_simulated_figures_have_no_weight_and_one_statement():
    told = {(grade(each), statement(each)) for each in EVERY if each.source_kind == "simulated"}
    assert told == {("none", "simulated")}


@pytest.mark.parametrize(
    ("finding", "judged", "weight", "said"),
    [
        pytest.param(SOUND, "better", "strong", "contributed", id="sound"),
        pytest.param(
            replace(SOUND, direction="down"), "worse", "strong", "contributed", id="worse"
        ),
        pytest.param(
            replace(SOUND, estimate=-40, low=-70, high=-10),
            "worse",
            "strong",
            "contributed",
            id="fell",
        ),
        pytest.param(
            replace(SOUND, direction=""), "not_known", "strong", "not_known", id="no direction"
        ),
        pytest.param(NOISE, "no_clear_change", "strong", "no_clear_difference", id="noise"),
        pytest.param(replace(SOUND, p=0.05), "better", "strong", "contributed", id="p at 0.05"),
        pytest.param(
            replace(SOUND, p=0.0501),
            "no_clear_change",
            "strong",
            "no_clear_difference",
            id="p above 0.05",
        ),
        pytest.param(
            replace(SOUND, low=0),
            "no_clear_change",
            "strong",
            "no_clear_difference",
            id="interval touches none",
        ),
        pytest.param(
            replace(SOUND, p_adjusted=0.06),
            "no_clear_change",
            "strong",
            "one_of_many",
            id="one of many",
        ),
        pytest.param(
            replace(SOUND, p_min=0.125),
            "not_known",
            "descriptive",
            "could_not_be_shown",
            id="four clusters",
        ),
        pytest.param(
            replace(SOUND, visible=False), "better", "descriptive", "could_not_be_seen", id="small"
        ),
        pytest.param(
            replace(SOUND, pre_trend="failed"),
            "not_known",
            "weak",
            "already_diverging",
            id="trends apart",
        ),
        pytest.param(
            replace(SOUND, pre_trend="untestable"),
            "better",
            "moderate",
            "consistent",
            id="two waves",
        ),
        pytest.param(
            replace(SOUND, pre_trend="uninformative"),
            "better",
            "moderate",
            "consistent",
            id="test without power",
        ),
        pytest.param(
            replace(SOUND, loss="unknown"), "better", "moderate", "consistent", id="loss unknown"
        ),
        pytest.param(
            replace(SOUND, loss="could_overturn"), "better", "weak", "could_be_loss", id="loss"
        ),
        pytest.param(
            replace(NOISE, loss="could_overturn"),
            "no_clear_change",
            "moderate",
            "no_clear_difference",
            id="loss of nothing",
        ),
        pytest.param(
            replace(SOUND, design="regions", loss="unknown"),
            "better",
            "strong",
            "contributed",
            id="regions lose nobody",
        ),
        pytest.param(
            replace(SOUND, design="before_after"),
            "better",
            "weak",
            "changed",
            id="before and after",
        ),
        pytest.param(
            replace(SOUND, design="before_after", pre_trend="failed"),
            "better",
            "weak",
            "changed",
            id="no comparison, no trends to compare",
        ),
        pytest.param(
            replace(NOISE, design="before_after"),
            "no_clear_change",
            "weak",
            "no_clear_change",
            id="before and after, noise",
        ),
        pytest.param(
            Finding("count", 94, p=0.001, low=90, high=98),
            "not_known",
            "descriptive",
            "reported",
            id="count",
        ),
        pytest.param(replace(SOUND, p=NAN), "not_known", "descriptive", "not_known", id="no p"),
        pytest.param(
            replace(SOUND, high=NAN), "not_known", "descriptive", "not_known", id="no interval"
        ),
        pytest.param(
            replace(SOUND, estimate=NAN), "not_known", "none", "not_known", id="no figure"
        ),
    ],
)
def test_of_a_change(finding, judged, weight, said):
    assert (verdict(finding), grade(finding), statement(finding)) == (judged, weight, said)


@pytest.mark.parametrize(
    ("low", "high", "direction", "judged", "said"),
    [
        (31, 50, "up", "better", "beyond_target"),
        (31, 50, "down", "worse", "short_of_target"),
        (10, 29, "up", "worse", "short_of_target"),
        (10, 29, "down", "better", "beyond_target"),
        (30, 50, "up", "not_distinguishable_from_target", "near_target"),
        (10, 30, "up", "not_distinguishable_from_target", "near_target"),
        (NAN, 50, "up", "not_known", "not_known"),
        (31, NAN, "up", "not_known", "not_known"),
    ],
)
def test_against_a_target_of_30(low, high, direction, judged, said):
    finding = Finding("count", 30, low, high, direction=direction, target=30)
    assert (verdict(finding), statement(finding)) == (judged, said)
