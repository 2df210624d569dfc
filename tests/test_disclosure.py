"""What may be shown of people: thresholds, what is hidden besides, and what was shown before."""

import math

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from icanalysis.asked import Disclosure, Dominance
from icanalysis.disclosure import (
    SUPPRESSED,
    WIDTH,
    Counted,
    counted_households,
    let_through,
    protect,
)
from icanalysis.disclosure import shown as released
from icanalysis.results import NUMBERS, lines
from icanalysis.shielded import counted, dominated

RULE = Disclosure(people=10, psus=3)
REGIONS = ("north", "south")


def level(n, region="north", group="all", period="2013", *, psu=30, value=50.0, **more):
    return {
        "indicator": "poverty",
        "region": region,
        "group": group,
        "period": period,
        "statistic": "level",
        "value": value,
        "se": 2.0,
        "low": 46.0,
        "high": 54.0,
        "cv": 0.04,
        "n": n,
        "unit": "percent",
        "source_kind": "survey",
        "source": "S",
        "status": "estimated",
        "statement_key": "household_level",
        "note": f"psu:{psu};df:40;precision:good",
        **more,
    }


def change(region="north", group="all", **more):
    return level(
        math.nan, region, group, "2009-2013", statistic="change", p=0.01, note="df:40", **more
    )


def women_and_men(counts, period="2013"):
    """Make levels of every region and the country: {region: (women, men)}."""
    made = []
    for region, (women, men) in {**counts, "country": np.sum(list(counts.values()), 0)}.items():
        made += [
            level(women, region, "sex:woman", period),
            level(men, region, "sex:man", period),
            level(women + men, region, "all", period),
        ]
    return made


def shown(records, rule=RULE, earlier=None):
    found = lines(records)
    return protect(found, counted_households(found), rule, "country", earlier)


def withheld(found):
    rows = found.lines[found.lines["status"] == SUPPRESSED]
    return set(zip(rows["region"], rows["group"], rows["period"], strict=True))


# --- thresholds ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "hidden"),
    [
        pytest.param({"n": 10}, False, id="exactly as many people as asked"),
        pytest.param({"n": 9}, True, id="one fewer"),
        pytest.param({"n": 1}, True, id="one"),
        pytest.param({"n": 40, "psu": 3}, False, id="exactly as many units as asked"),
        pytest.param({"n": 40, "psu": 2}, True, id="one unit fewer"),
    ],
)
def test_a_figure_of_too_few_is_withheld(told, hidden):
    assert bool(withheld(shown([level(**told)]))) is hidden


def test_what_is_withheld_tells_nothing_and_says_so():
    row = shown([level(9)]).lines.iloc[0]
    assert row[list(NUMBERS)].isna().all(), "nothing of it, never a zero"
    assert row["note"] == "", "which tells its sampling units"
    assert row["status"] == row["statement_key"] == SUPPRESSED
    assert (row["indicator"], row["region"], row["unit"]) == ("poverty", "north", "percent")


def test_what_was_passed_in_is_not_changed_and_the_rest_stays_as_it_is():
    found = lines([*women_and_men({"north": (4, 90), "south": (30, 80)}), level(70, "east")])
    before = found.copy()
    made = protect(found, counted_households(found), RULE, "country").lines
    pd.testing.assert_frame_equal(found, before)
    kept = made["status"] != SUPPRESSED
    pd.testing.assert_frame_equal(made[kept], found[kept], check_exact=True)
    assert kept.sum() == 6


def test_a_figure_of_unknown_people_is_withheld():
    assert withheld(shown([level(math.nan)])) == {("north", "all", "2013")}
    silent = level(math.nan, value=None, se=None, low=None, high=None, cv=None, status="not_known")
    assert not withheld(shown([silent])), "there is nothing to withhold"


def test_thresholds_of_the_evaluation_are_used():
    assert not withheld(shown([level(9)], Disclosure(people=8)))
    assert withheld(shown([level(9, psu=5)], Disclosure(people=8, psus=6)))


# --- what would give it away ------------------------------------------------------------------


def test_the_other_group_and_the_other_region_are_hidden_with_it():
    """By hand: 4 women in the north need a rectangle: women and men of both regions."""
    found = shown(women_and_men({"north": (4, 90), "south": (30, 80)}))
    assert withheld(found) == {
        (region, group, "2013") for region in REGIONS for group in ("sex:woman", "sex:man")
    }
    reasons = found.why.groupby(found.why).size()
    assert reasons.to_dict() == {"people": 1, "derived": 3}


def test_the_whole_is_kept_where_it_can_be():
    found = shown(women_and_men({"north": (4, 90), "south": (30, 80), "east": (25, 20)}))
    assert not {row for row in withheld(found) if row[0] == "country" or row[1] == "all"}
    assert withheld(found) == {
        (region, group, "2013")
        for region in ("north", "east")
        for group in ("sex:woman", "sex:man")
    }, "with the east 45 people go untold, with the south 110"


def test_where_all_are_few_nothing_is_shown():
    found = shown(women_and_men({"north": (2, 3), "south": (1, 3)}))
    assert (found.lines["status"] == SUPPRESSED).all()
    assert found.exposed.empty


def test_a_single_group_without_others_is_hidden_alone():
    assert withheld(shown([level(5, group="sex:woman"), level(60, group="area:rural")])) == {
        ("north", "sex:woman", "2013")
    }


def test_a_change_is_hidden_with_either_of_its_levels():
    small = [level(8, period="2009"), level(50, period="2013"), change()]
    assert withheld(shown(small)) == {("north", "all", "2009"), ("north", "all", "2009-2013")}
    assert not withheld(shown([level(10, period="2009"), level(50, period="2013"), change()]))


def test_the_same_people_asked_other_things_are_hidden_with_it():
    asked = [level(9), level(11, indicator="living_badly")]
    assert (shown(asked).lines["status"] == SUPPRESSED).all()


def test_few_whom_no_group_counts_are_not_given_away():
    """All 60, women 30, men 27: of the three whose sex is not known the rest tells all."""
    asked = [level(60), level(30, group="sex:woman"), level(27, group="sex:man")]
    assert withheld(shown(asked)) == {("north", "sex:man", "2013")}
    many = [level(70), level(30, group="sex:woman"), level(30, group="sex:man")]
    assert not withheld(shown(many)), "exactly ten are left over"


def test_a_large_group_in_few_units_is_not_hidden_behind_a_small_one():
    asked = [
        level(330),
        level(200, group="sector:crafts", psu=2),
        level(20, group="sector:tourism"),
        level(110, group="sector:industry"),
    ]
    # Beside 20 the total of 200 would be known within a tenth: WIDTH asks for 40.
    assert WIDTH * 200 == 40
    assert withheld(shown(asked)) == {
        ("north", "sector:crafts", "2013"),
        ("north", "sector:industry", "2013"),
    }


# --- what was published before ----------------------------------------------------------------


def test_what_was_shown_before_cannot_be_protected_and_is_named():
    counts = {"north": (4, 90), "south": (30, 80)}
    before = released(lines(women_and_men(counts)))
    found = shown(women_and_men(counts), earlier=before)
    assert withheld(found) == {("north", "sex:woman", "2013")}
    assert found.exposed.to_dict("records") == [
        {"region": "north", "group": "sex:woman", "when": "2013"}
    ]


def test_what_was_hidden_before_does_not_follow_from_two_releases():
    counts = {"north": (4, 90), "south": (30, 80), "east": (25, 20)}
    first = shown(women_and_men(counts))
    # The south was shown: it hides nobody now, though it would be the cheaper choice this time.
    again = {"north": (4, 90), "south": (30, 80), "east": (60, 95)}
    told = released(first.lines[first.lines["region"] != "country"])
    found = shown(women_and_men(again), earlier=told)
    assert {row[0] for row in withheld(found)} == {"north", "east"}
    assert found.exposed.empty


def test_a_count_that_moved_by_few_gives_those_few_away():
    before = released(lines([level(50)]))
    moved = shown([level(53)], earlier=before)
    assert withheld(moved) == {("north", "all", "2013")}
    assert list(moved.why) == ["revised"]
    assert moved.exposed.empty, "the new figure was never shown"
    assert not withheld(shown([level(60)], earlier=before)), "ten more people are many"
    assert not withheld(shown([level(50)], earlier=before)), "nobody came or went"
    hidden = released(shown([level(5)]).lines)
    assert not withheld(shown([level(12)], earlier=hidden)), "nothing was shown before"


def test_a_count_is_compared_with_every_release():
    """Of three, the second alone is near enough to the third to give people away."""
    before = pd.concat([released(lines([level(n)])) for n in (20, 50)])
    assert list(shown([level(53)], earlier=before).why) == ["revised"]
    assert not withheld(shown([level(35)], earlier=before))


def test_what_cannot_be_protected_any_more_is_told():
    counts = {"north": (4, 90), "south": (30, 80)}
    found = lines(women_and_men(counts))
    with pytest.warns(UserWarning, match="north sex:woman 2013"):
        let_through(found, counted_households(found), RULE, "country", released(found))


# --- rounding, amounts, producers -------------------------------------------------------------


def test_counts_shown_are_rounded_and_nothing_else():
    rule = Disclosure(people=8, round_to=5)
    made = shown([level(12), level(13, "south"), level(8, "east"), level(7, "west")], rule).lines
    assert made.set_index("region")["n"].dropna().to_dict() == {
        "north": 10,
        "south": 15,
        "east": 10,
    }
    assert (made.loc[made["n"].notna(), "value"] == 50.0).all()
    assert made.loc[made["region"] == "west", "status"].item() == SUPPRESSED


@pytest.mark.parametrize(
    ("amounts", "hidden"),
    [
        pytest.param([50, 41, 3, 3, 3], True, id="two hold 91 of 100"),
        pytest.param([50, 40, 4, 3, 3], False, id="two hold exactly 90"),
        pytest.param([-50, 41, 3, 3, 3], True, id="a loss is as large as a gain"),
        pytest.param([0, 0, 0], False, id="nobody holds anything"),
        pytest.param([50, math.nan, 41, 9], True, id="who did not tell holds nothing"),
    ],
)
def test_few_may_not_hold_nearly_all(amounts, hidden):
    assert dominated(pd.Series(amounts), Dominance(largest=2, share=0.9)) is hidden


def comparison(statistic, n=None, group="all", **more):
    return {
        "indicator": "income",
        "region": "programme",
        "group": group,
        "period": "2009-2013",
        "statistic": statistic,
        "value": 12.0,
        "n": n,
        "unit": "soles",
        "source_kind": "programme",
        "source": "S",
        "status": "context",
        **more,
    }


def survey(arms=(40, 45), lost=(20, 20), women=(30, 35), **held):
    """Make lines on producers: two arms, whole and by sex, and what only records tell."""
    men = [all_ - some for all_, some in zip(arms, women, strict=True)]
    made = [comparison("did", sum(arms)), comparison("shift")]
    made += [comparison("did", sum(women), "sex:woman"), comparison("did", sum(men), "sex:man")]
    for arm, n, gone in zip(("programme", "comparison"), arms, lost, strict=True):
        group = f"arm:{arm}"
        made += [
            comparison("before_after", n, group),
            comparison("level", group=group, period="2009"),
            comparison(
                "level",
                n + gone,
                f"income;{group}",
                period="2009",
                indicator="producer_balance",
            ),
        ]
    told = lines(made)
    facts = {"asked": "income", "region": "programme", "group": "sex:woman", "when": "again"}
    facts |= {"fewest": min(women), "psus": 5, "dominated": False, **held}
    made = protect(told, counted(told, pd.DataFrame([facts])), RULE, "programme").lines
    rows = made[made["status"] == SUPPRESSED]
    return set(zip(rows["statistic"], rows["group"], strict=True))


def test_a_comparison_rests_on_each_arm_and_levels_on_theirs():
    assert not survey()
    alone = survey(arms=(9, 60), lost=(20, 20), women=(5, 30))
    assert {("did", "all"), ("shift", "all"), ("level", "arm:programme")} <= alone
    assert ("before_after", "arm:programme") in alone


@pytest.mark.parametrize(
    "held",
    [
        pytest.param({"fewest": 9}, id="one arm of nine"),
        pytest.param({"psus": 2}, id="two communities"),
        pytest.param({"dominated": True}, id="two of them earn it all"),
    ],
)
def test_a_group_is_withheld_for_what_its_records_tell_and_the_other_with_it(held):
    assert survey(**held) == {("did", "sex:woman"), ("did", "sex:man")}


def test_few_who_were_lost_do_not_follow_from_baseline_and_those_met_again():
    assert survey(lost=(10, 20)) == set()
    found = survey(lost=(9, 20))
    hidden = {("level", "arm:programme"), ("level", "income;arm:programme")}
    assert found & hidden, "nine were lost: their mean at baseline follows from the two"


def test_a_line_on_nobody_known_is_withheld():
    told = lines([level(50)])
    nobody = Counted(
        counted_households(told).cells, pd.DataFrame(columns=["line", "region", "group", "when"]),
        within={}, adds_up=True,
    )  # fmt: skip
    assert list(protect(told, nobody, RULE, "country").why) == ["uncounted"]


@pytest.mark.parametrize(
    ("people", "round_to", "refused"), [(8, 5, False), (5, 10, False), (4, 10, True)]
)
def test_rounding_that_would_make_nought_of_somebody_is_refused(people, round_to, refused):
    if refused:
        with pytest.raises(ValidationError):
            Disclosure(people=people, round_to=round_to)
        return
    rule = Disclosure(people=people, round_to=round_to)
    assert shown([level(people)], rule).lines["n"].item() > 0
