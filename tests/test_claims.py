"""What is said of the programme's contribution: every word, in both languages, and no more."""

import math
import re
from functools import cache

import pytest
from shipped import LANGUAGES, covered, edited, shipped

from icanalysis import claims, terms
from icanalysis.contribution import contribution
from icanalysis.evaluation import Years
from icanalysis.evidence import GRADES, STATEMENTS, VERDICTS
from icanalysis.results import lines
from icanalysis.view import View

POVERTY, INCOME, INFORMAL = "poverty_total", "labour_income_real", "informal_employment"
OFFICIAL = Years(baseline=2009, outcome=2013)
# What would say that the programme did something.
CLAIMS = ("contributed", "consistent")


@cache
def told():
    return contribution(shipped(), OFFICIAL, covered(shipped()))


def joint(code="en"):
    """All regions together."""
    evaluation = shipped().evaluation
    return View(shipped(), told(), evaluation.everywhere, OFFICIAL, evaluation.language(code))


def changed(statistic, values, code="en", **where):
    """The lines of poverty with some facts replaced, on the years asked."""
    where = {"indicator": POVERTY, "region": "programme", "group": "all", **where}
    if statistic == "did":
        where["period"] = "2009-2013"
    return edited(joint(code), values, statistic=statistic, **where)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def numbers(text):
    return re.findall(r"[−+]?\d[\d,.]*\d|\d", plain(text))


# --- words for every code -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worded", "codes"),
    [(claims.words, STATEMENTS), (claims.verdict, VERDICTS), (claims.grade, GRADES)],
)
def test_every_code_has_words_of_its_own_in_both_languages(worded, codes):
    by_language = [
        [worded(code, shipped().evaluation.language(language)) for code in codes]
        for language in LANGUAGES
    ]
    for texts in by_language:
        assert all(text.strip() for text in texts)
        assert len(set(texts)) == len(codes)
    for code, spanish, english in zip(codes, *by_language, strict=True):
        assert spanish != english, code


def test_a_verdict_is_never_told_by_colour_alone():
    english = shipped().evaluation.language("en")
    assert {claims.verdict(code, english)[0] for code in VERDICTS} == set("▲▼◆○◇")
    assert claims.verdict("better", english) == "▲ better"
    assert claims.verdict("worse", english) == "▼ worse"
    assert claims.verdict("not_known", english) == "○ not known"


def test_no_statement_but_two_says_that_the_programme_did_anything():
    english = shipped().evaluation.language("en")
    for code in STATEMENTS:
        said = claims.words(code, english)
        positive = "evidence that the programme contributed" in said or said.startswith(
            "This is consistent with a contribution"
        )
        assert positive == (code in CLAIMS), code
    assert "cannot test" in claims.words("consistent", english)
    assert "no contribution can be claimed" in claims.words("could_be_loss", english)
    assert "speaks neither for a contribution nor against one" in claims.words(
        "could_not_be_seen", english
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_rule_names_every_grade_and_the_limit(code):
    language = shipped().evaluation.language(code)
    rule = terms.rule(language)
    for grade in GRADES:
        assert claims.grade(grade, language)[:5].lower() in rule.lower(), grade
    assert "0.05" in rule
    assert "95%" in rule


# --- what could be seen -------------------------------------------------------------------------


def test_before_any_estimate_it_is_said_that_nothing_could_be_seen():
    assert plain(claims.could_show(joint(), POVERTY)) == (
        "Total monetary poverty: the families reached are 0.10% of the workforce, counting one worker "
        "each. Had every one of them gained all there was to gain, the figure would have moved by some "
        "0.10 percentage points; the comparison finds an effect of 12.2 percentage points in four "
        "cases of five, and smaller ones less often. The programme could not be seen here, whether it "
        "worked or not."
    )
    assert "would have moved by some 0.10%; the comparison finds an effect of 18.5% in" in plain(
        claims.could_show(joint(), INCOME)
    )


def test_a_figure_the_programme_can_have_moved_is_told_otherwise():
    seen = changed("largest", {"value": 15.0, "status": "visible"})
    said = claims.could_show(seen, POVERTY)
    assert "could not be seen" not in said
    assert "can have moved the figure by some 15.00 percentage points" in said
    assert "12.2" in said


def test_regions_too_few_to_find_anything_are_told():
    said = claims.could_show(changed("detectable", {"value": math.nan}), POVERTY)
    assert "no effect could be found" in said
    assert "nan" not in said
    assert "—" not in said


def test_nothing_is_said_where_nobody_knows():
    assert claims.could_show(changed("largest", {"value": math.nan}), POVERTY) == ""
    assert claims.could_show(joint(), INFORMAL) == ""


# --- the difference -----------------------------------------------------------------------------


def test_the_difference_of_poverty():
    said = plain(claims.difference(joint(), POVERTY))
    assert said.startswith(
        "Total monetary poverty, 2009–2013: the mean change of the 4 regions with the programme, less "
        "that of the other 20, is −3.0 percentage points (95% interval −11.7 to +5.7). Of 10,626 "
        "ways of choosing 4 regions, 5,239 give a difference at least as large, up or down: p = 0.493; the "
        "smallest that could be had is 0.0001. An effect of the programme could not show here"
    )


@pytest.mark.parametrize("indicator", [POVERTY, INCOME])
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_shipped_case_claims_no_contribution(indicator, code):
    language = shipped().evaluation.language(code)
    said = claims.difference(joint(code), indicator)
    assert claims.words("could_not_be_seen", language) in said
    for claim in (*CLAIMS, "changed", "could_be_loss"):
        assert claims.words(claim, language) not in said
    statements = told()["statement_key"]
    assert not statements.isin([*CLAIMS, "changed"]).any()


def test_a_series_without_both_years_is_told_so():
    said = claims.difference(joint(), INFORMAL)
    assert said == (
        "Informal employment: the series does not have both years in regions with and without the "
        "programme."
    )


def test_a_series_without_any_line_is_told_so():
    evaluation = shipped().evaluation
    empty = View(shipped(), lines([]), evaluation.everywhere, OFFICIAL, evaluation.language("en"))
    assert "does not have both years" in claims.difference(empty, POVERTY)
    assert claims.trend(empty, POVERTY) == claims.baselines(empty, POVERTY) == ""
    assert claims.twin(empty, POVERTY, "cusco") == claims.could_show(empty, POVERTY) == ""


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_difference_ends_with_its_own_statement(statement):
    asked = changed(
        "did", {"statement_key": statement, "note": "assignments:9;at_least:1;treated:2"}
    )
    said = claims.difference(asked, POVERTY)
    assert said.endswith(claims.words(statement, asked.language))


def test_a_difference_has_one_verdict_whatever_else_its_data_would_allow():
    said = claims.difference(joint(), POVERTY)
    english = joint().language
    assert terms.fact(claims.main(joint(), POVERTY), "seen") == "no_clear_difference"
    assert said.endswith(claims.words("could_not_be_seen", english))
    assert claims.words("no_clear_difference", english) not in said


def test_simulated_data_are_said_to_be_before_what_they_would_show():
    line = changed(
        "did",
        {"source_kind": "simulated", "statement_key": "simulated", "note": "seen:consistent"},
    )
    said = claims.statement(line, claims.main(line, POVERTY))
    assert said == (
        "If these data were real, the report would say: “"
        + claims.words("consistent", line.language)
        + "”"
    )
    same = changed("did", {"statement_key": "simulated", "note": "", "source_kind": "simulated"})
    assert claims.statement(same, claims.main(same, POVERTY)) == claims.words(
        "simulated", same.language
    )


# --- p ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.0, 1e-9, 4e-4, 4.9e-5])
def test_p_is_never_told_as_nought(p):
    english = joint().language
    assert plain(claims.p_number(p, english)) == "< 0.001"
    said = plain(claims.difference(changed("did", {"p": p, "p_min": 1e-7}), POVERTY))
    assert "p < 0.001" in said
    assert "could be had is < 0.0001" in said
    assert not re.search(r"[=s] 0\.0+[ ;.)]", said)


@pytest.mark.parametrize(
    ("p", "text"), [(0.0005, "0.001"), (0.0136, "0.014"), (1.0, "1.000"), (math.nan, "—")]
)
def test_other_p_are_told_to_three_decimals(p, text):
    assert claims.p_number(p, joint().language) == text


# --- trends and baselines -----------------------------------------------------------------------


def test_the_earlier_trend_of_poverty():
    said = plain(claims.trend(joint(), POVERTY))
    assert said.startswith(
        "Before (2004–2009) the gap between the two groups changed by +0.02 percentage points"
    )
    assert "(p = 0.980)" in said
    assert said.endswith("so it cannot vouch that they moved alike.")


@pytest.mark.parametrize(
    ("status", "end"),
    [("failed", "They were already moving apart."),
     ("passed", "They moved alike as far as such a test can tell.")],
)  # fmt: skip
def test_other_outcomes_of_the_test_of_trends(status, end):
    assert claims.trend(changed("pre_trend", {"status": status}), POVERTY).endswith(end)


def test_too_few_earlier_years_are_told():
    said = claims.trend(changed("pre_trend", {"status": "untestable", "n": 2.0}), POVERTY)
    assert "cannot be tested: 2 earlier years are too few" in said
    assert claims.trend(joint(), INFORMAL) == ""


def test_every_baseline_is_told_in_order_with_its_p():
    said = plain(claims.baselines(joint(), POVERTY))
    assert said.startswith(
        "Difference up to 2013 (percentage points) by baseline year: from 2007, −6.8 (p = 0.147); from "
        "2008, −4.2 (p = 0.337); from 2009, −3.0 (p = 0.493); from 2010, −6.1 (p = 0.148); from 2011, "
        "−2.6 (p = 0.360)."
    )
    assert claims.baselines(joint(), INFORMAL) == ""


def test_a_sign_that_depends_on_the_baseline_is_warned_about():
    plainly = claims.baselines(joint(), POVERTY)
    turned = edited(joint(), {"value": 4.0}, indicator=POVERTY, region="programme",
                    statistic="did", period="2010-2013", group="all")  # fmt: skip
    assert len(claims.baselines(turned, POVERTY)) > len(plainly)
    assert "sign" in claims.baselines(turned, POVERTY)
    assert "sign" not in plainly


# --- a region beside its synthetic control ------------------------------------------------------


def test_a_region_is_told_beside_its_mix():
    said = plain(claims.twin(joint(), POVERTY, "ayacucho"))
    line = joint().one(indicator=POVERTY, region="ayacucho", statistic="gap")
    assert said.startswith(
        "Ayacucho: its mean difference afterwards from the mix of others most like it up to 2009 (San "
        "Martín 34%,"
    )
    assert "was +8.0 percentage points" in said
    assert round(line["p"] * line["n"]) == 2
    assert "1 of 20 other regions drew away from their own mixes at least as much" in said
    assert "in proportion to how closely these had followed them before" in said
    assert "(p = 0.095, at best 0.048)" in said
    assert "1.7 apart" in said


def test_a_region_that_drew_away_most_is_told_to_be_alone():
    first = edited(joint(), {"p": 1 / 21}, indicator=POVERTY, region="cusco", statistic="gap")
    assert "none of 20 other regions drew away from its own mix as much" in claims.twin(
        first, POVERTY, "cusco"
    )


def test_a_mix_names_the_heaviest_first_and_none_of_nought():
    for region in ("ayacucho", "cusco", "puno", "lambayeque"):
        shares = [int(text) for text in re.findall(r"(\d+)%", claims.mix(joint(), POVERTY, region))]
        assert shares == sorted(shares, reverse=True)
        assert min(shares) >= 1
        assert sum(shares) in (98, 99, 100, 101, 102)


def test_a_mix_that_fits_without_a_gap_says_nothing_and_has_no_number_but_the_years():
    said = claims.twin(joint(), INCOME, "ayacucho")
    assert said == (
        "Ayacucho: a mix of others meets all of its 6 earlier years without a gap. So short a past "
        "can be met by chance, so what the mix did afterwards says nothing of Ayacucho."
    )
    for region, indicator in (("cusco", INCOME), ("ayacucho", POVERTY)):
        assert "without a gap" not in claims.twin(joint(), indicator, region)


def test_a_region_without_a_synthetic_control_is_not_told():
    assert claims.twin(joint(), INFORMAL, "ayacucho") == ""
    assert claims.twin(joint(), POVERTY, "ica") == ""


# --- both languages -----------------------------------------------------------------------------


@pytest.mark.parametrize("indicator", [POVERTY, INCOME, INFORMAL])
@pytest.mark.parametrize(
    "made",
    [claims.could_show, claims.difference, claims.trend, claims.baselines,
     lambda asked, indicator: claims.twin(asked, indicator, "puno")],
)  # fmt: skip
def test_both_languages_tell_the_same_numbers(made, indicator):
    spanish, english = (made(joint(code), indicator) for code in LANGUAGES)
    assert sorted(numbers(spanish)) == sorted(numbers(english))
    assert (spanish != english) == bool(english)


def test_an_interval_that_is_not_known_is_a_dash():
    none = changed("did", {"low": math.nan, "high": math.nan})
    assert claims.interval(none, claims.main(none, POVERTY)) == "—"
    assert "(95% interval —)" in claims.difference(none, POVERTY)


def test_an_interval_is_told_in_the_decimals_of_its_unit():
    line = claims.main(joint(), POVERTY)
    assert claims.interval(joint(), line) == "−11.7 to +5.7"
