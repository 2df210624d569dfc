"""Lines on producers that may be shown, of all regions: on whom each rests, and who holds how much."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from icanalysis.asked import Dominance
from icanalysis.disclosure import ALL, Counted, let_through, released
from icanalysis.effects import effects
from icanalysis.likeness import ARMS, BALANCE, FOLLOWED
from icanalysis.load import DataFolder
from icanalysis.producers import BASELINE, COMMUNITY, OUTCOME, UNIT, WAVE, read_waves
from icanalysis.results import merge
from icanalysis.visits import Followed, followed

# Whom a figure is of: all interviewed at baseline, or those met again.
AT_BASELINE, AGAIN = "baseline", "again"
_ARM = "arm"


def producer_lines(data: DataFolder) -> pd.DataFrame:
    """Compare producers of every region, and of the whole programme, and withhold what must be.

    Regions are judged together, for the figures of one can give those of another away.
    """
    plan = data.evaluation.producers
    whole = data.evaluation.programme.whole
    if plan is None:
        return effects(data, whole)
    waves = read_waves(data, plan)
    found = followed(data, plan, waves)
    regions = sorted(found.panel["region"].dropna().unique())
    lines = merge([effects(data, region) for region in (whole, *regions)])
    amounts = {item.indicator for item in plan.indicators if item.amount}
    rule = data.evaluation.disclosure
    held = held_by(found, amounts, rule.dominance, whole)
    before = None if waves.source_kind == "simulated" else released(data)
    return let_through(lines, counted(lines, held), rule, whole, before)


def counted(lines: pd.DataFrame, held: pd.DataFrame) -> Counted:
    """Tell on whom lines on producers rest.

    A comparison rests on all it compares and, where these have figures of their own, on each arm;
    levels and what an arm changed, on that arm.

    Parameters
    ----------
    held : DataFrame
        What only their records tell of those a line rests on: `held_by`.
    """
    when = lines["indicator"].isin([BALANCE, FOLLOWED]).map({True: AT_BASELINE, False: AGAIN})
    # Of the likeness at baseline the group names the question: "age;arm:programme".
    trait = lines["group"].str.partition(";")[0].where(lines["indicator"] == BALANCE)
    asked = trait.where(trait.notna() & (trait != ALL), lines["indicator"])
    arm = lines["group"].str.extract(rf"({_ARM}:\w+)", expand=False)
    group = arm.fillna(lines["group"].where(trait.isna(), ALL))
    told = pd.DataFrame({"asked": asked, "region": lines["region"], "group": group, "when": when})
    counts = told.assign(n=lines["n"])[lines["n"].notna()]
    cells = counts.merge(held, how="left", on=["asked", "region", "group", "when"])
    cells["fewest"] = cells["fewest"].fillna(cells["n"])
    cells["dominated"] = cells["dominated"].fillna(value=False).astype(bool)
    rests = told.drop(columns="asked").rename_axis("line").reset_index()
    both = rests[rests["group"] == ALL]
    arms = [both.assign(group=f"{_ARM}:{arm}") for arm in ARMS]
    # The likeness at baseline has figures of each arm and none of both.
    compares = (both["when"] == AT_BASELINE) & lines.loc[both["line"], "n"].isna().to_numpy()
    rests = rests.drop(both.index[compares])
    rests = pd.concat([rests, *arms], ignore_index=True)
    # A difference of changes is no mean of those of its groups.
    return Counted(cells, rests, within={AT_BASELINE: AGAIN}, adds_up=False)


def held_by(found: Followed, amounts: Collection[str], rule: Dominance, whole: str) -> pd.DataFrame:
    """Tell of those a line rests on what only their records tell.

    Parameters
    ----------
    amounts : collection of str
        Indicators that are money.

    Returns
    -------
    DataFrame
        asked, region, group, when; `fewest`: producers of the smaller arm; `psus`: communities;
        `dominated`: whether in an arm and visit the largest hold too much of an amount.
    """
    records = []
    places = [(str(region), rows) for region, rows in found.panel.groupby("region")]
    for region, panel in [(whole, found.panel), *places]:
        first = panel[panel[WAVE] == BASELINE].set_index(UNIT)
        last = panel[panel[WAVE] == OUTCOME].set_index(UNIT)
        for item in found.outcomes:
            told = first.assign(before=first[item.variable], after=last[item.variable])
            told = told[told["before"].notna()]
            limit = rule if item.indicator in amounts else None
            for when, rows in ((AT_BASELINE, told), (AGAIN, told[told["after"].notna()])):
                names = (_ARM,) if when == AT_BASELINE else (_ARM, *item.groups)
                cut = {f"{name}:{value}": of for name in names for value, of in rows.groupby(name)}
                if when == AGAIN:
                    cut[ALL] = rows
                common = {"asked": item.indicator, "region": region, "when": when}
                records += [
                    {**common, "group": group, **_held(of, when, limit)}
                    for group, of in cut.items()
                ]
    return pd.DataFrame(records)


def _held(rows: pd.DataFrame, when: str, rule: Dominance | None) -> dict[str, object]:
    visits = ["before"] if when == AT_BASELINE else ["before", "after"]
    arms = [of for _, of in rows.groupby(_ARM)]
    return {
        "fewest": min(map(len, arms)),
        "psus": rows[COMMUNITY].nunique(),
        "dominated": rule is not None
        and any(dominated(of[visit], rule) for of in arms for visit in visits),
    }


def dominated(amounts: pd.Series, rule: Dominance) -> bool:
    """Whether the largest of some amounts hold more than the share of their sum: the (n, k) rule."""
    sizes = amounts.abs().dropna().sort_values(ascending=False)
    return bool(sizes.head(rule.largest).sum() > rule.share * sizes.sum())
