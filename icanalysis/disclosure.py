"""What may be shown of people: figures that rest on too few, or give them away, are withheld.

Who attacks is taken to know every line ever published, unrounded and in every report of every
region; how the groups of a breakdown and the regions add up; which are hidden, and why; the sums
of weights of every group, so that with a mean its total is known too; and how many were not asked,
unless it is those who are to be protected. Then levels add up as counts do, and a level hidden in
a sum is as safe as the count of those it rests on: both follow from the same sums, or neither.

So a count stands for its figures. It is safe while the attacker's interval for it is at least
`people` wide, so that "fewer than `people`" can never be concluded of it, and either end is at
least `WIDTH` of it away: what is hidden with it then makes up that share, and a mean or total is
known no closer than those others leave it (the p% rule asks the same of totals). Figures of the
same people asked other things are hidden together.

What this does not do: it does not think of answers nearly all share (everybody poor), of what
somebody among those counted knows of the others, of groups compared in several breakdowns at once
(women of the countryside: no line tells them), or of a yes told by few among many. Differences of
changes do not add up over groups; what is shown of them is treated as if it did.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from icanalysis import linked
from icanalysis.asked import Disclosure
from icanalysis.evaluation import Evaluation
from icanalysis.language import preferred
from icanalysis.linked import Bools
from icanalysis.load import DataFolder
from icanalysis.results import NUMBERS
from icanalysis.sampling import Floats, Integers

SUPPRESSED, ALL = "suppressed", "all"
# Share of a protected count by which either end of the attacker's interval must be away from it.
WIDTH = 0.2
# Why a figure is withheld: it rests on too few people or sampling units; few of them hold nearly
# all of it; it differs by too few people from what was published before; nobody knows on how many
# it rests; it would give another away; it rests on a figure that is withheld.
Why = Literal["people", "psus", "dominance", "revised", "uncounted", "derived", "rests"]
# Table of what bundles gave out; what tells one of its figures from another.
RELEASED = "released"
FIGURE = ["indicator", "region", "group", "period", "statistic"]
# The people a cell counts, whatever they were asked.
WHO = ["region", "group", "when"]
CELL = ["asked", *WHO]


@dataclass(frozen=True)
class Counted:
    """On whom lines rest.

    Attributes
    ----------
    cells : DataFrame
        One row per count: `asked` (the question: an indicator), `region`, `group` ("all", or a
        dimension and its value: "sex:woman"), `when`, `n` (unweighted), `fewest` (the smallest of
        the counts it is made of, n where it is one), `psus` (NaN: not known) and `dominated`
        (whether few hold nearly all of an amount).
    rests : DataFrame
        `line` (its label in the lines), and `region`, `group`, `when` of those it rests on: one
        row for each.
    within : mapping
        `when` of those met again, by `when` of all of them: whoever was lost is the difference.
    adds_up : bool
        Whether figures of groups, and not their counts only, add up to that of all, so that a
        figure of those whom no group counts follows too.
    """

    cells: pd.DataFrame
    rests: pd.DataFrame
    within: Mapping[str, str]
    adds_up: bool


@dataclass(frozen=True)
class Protected:
    """Lines that may be shown.

    Attributes
    ----------
    lines : DataFrame
        As they came, those withheld without numbers or note, with status "suppressed".
    why : Series
        Of each line withheld, the reason; by its label.
    exposed : DataFrame
        region, group and `when` of those whom nothing protects any more: their figures, or what
        gives them away, were published before.
    """

    lines: pd.DataFrame
    why: pd.Series
    exposed: pd.DataFrame


def protect(
    lines: pd.DataFrame,
    counted: Counted,
    rule: Disclosure,
    whole: str,
    earlier: pd.DataFrame | None = None,
) -> Protected:
    """Withhold the lines that give people away, and those from which these could be worked back.

    Parameters
    ----------
    lines : DataFrame
        Lines of evidence on the same people: all regions, all years, all questions. Not changed.
    counted : Counted
        Made from these lines.
    whole : str
        Region that the others add up to.
    earlier : DataFrame, optional
        The figures published before on the same people, with the columns of `FIGURE` and n, each
        as often as it was published.
    """
    cells, before = counted.cells.reset_index(drop=True), _before(lines, earlier)
    cells["revised"] = _revised(cells, counted.rests, before, rule)
    reasons = _primary(cells, rule)
    people = cells.groupby(WHO, sort=True).ngroup().to_numpy()
    who = cells.groupby(WHO, sort=True).size().reset_index()[WHO]
    named = pd.MultiIndex.from_frame(who)
    of_line = counted.rests.assign(
        who=named.get_indexer(pd.MultiIndex.from_frame(counted.rests[WHO]))
    )
    shown_before = of_line["line"].isin(before["line"])
    public = np.isin(np.arange(len(who)), of_line.loc[shown_before & (of_line["who"] >= 0), "who"])
    own = reasons.groupby(people).first().reindex(range(len(who)))
    public &= (own.fillna("") != "revised").to_numpy()
    table, cost = _table(cells, people, own.notna().to_numpy(), public, whole, counted, rule)
    hidden, open_ = linked.complement(table, cost)
    hidden = hidden[: len(who)] | own.notna().to_numpy()
    exposed = who[np.isin(np.arange(len(who)), table.tied[open_])]
    given_away = set(who.index[hidden])
    why = _why(lines, of_line, own, given_away)
    return Protected(_rounded(_blank(lines, why), rule), why, exposed.reset_index(drop=True))


def let_through(
    lines: pd.DataFrame,
    counted: Counted,
    rule: Disclosure,
    whole: str,
    earlier: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return the lines that `protect` lets through, and warn of what it can protect no more."""
    found = protect(lines, counted, rule, whole, earlier)
    if earlier is not None and len(earlier) and len(found.exposed):
        named = [" ".join(map(str, each)) for each in found.exposed.to_numpy()]
        warnings.warn(
            preferred().say(
                "Released before, and so no longer to be protected: {people}. Who has that release "
                "can work back what is withheld now.",
                people=", ".join(named),
            ),
            stacklevel=2,
        )
    return found.lines


def shown(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that tell a figure."""
    told = lines[list(NUMBERS)].notna().any(axis=1)
    return lines[told & (lines["status"] != SUPPRESSED)]


def released(data: DataFolder) -> pd.DataFrame | None:
    """Return the figures on people that bundles gave out, as `protect` asks for them."""
    return data.table(RELEASED) if RELEASED in data.catalog.tables else None


# --- what is too few ------------------------------------------------------------------------


def _primary(cells: pd.DataFrame, rule: Disclosure) -> pd.Series:
    """Tell why a count may not be shown for its own sake; missing for the others."""
    reasons = pd.Series(pd.NA, cells.index, dtype="string")
    there = cells["n"] > 0  # of nobody nothing is told
    for name, holds in (
        ("revised", cells["revised"]),
        ("dominance", cells["dominated"]),
        ("psus", cells["psus"] < rule.psus),
        ("people", cells[["n", "fewest"]].min(axis=1) < rule.people),
    ):
        reasons[there & holds.astype(bool)] = name
    return reasons


def _before(lines: pd.DataFrame, earlier: pd.DataFrame | None) -> pd.DataFrame:
    """Return the lines that were shown before: label, count now and count then."""
    now = lines[FIGURE].assign(line=lines.index, now=lines["n"])
    if earlier is None:
        return now.head(0).assign(n=np.nan)
    return now.merge(earlier[[*FIGURE, "n"]], on=FIGURE)


def _revised(
    cells: pd.DataFrame, rests: pd.DataFrame, before: pd.DataFrame, rule: Disclosure
) -> Bools:
    """Tell which counts differ by too few people from those published: the two give these away."""
    moved = (_round(before["now"], rule) - before["n"]).abs()
    few = before.loc[(moved > 0) & (moved < rule.people), "line"]
    people = pd.MultiIndex.from_frame(rests.loc[rests["line"].isin(few), WHO])
    return np.asarray(pd.MultiIndex.from_frame(cells[WHO]).isin(people))


# --- what adds up ---------------------------------------------------------------------------


def _table(
    cells: pd.DataFrame,
    people: NDArray[np.integer[Any]],
    sensitive: Bools,
    public: Bools,
    whole: str,
    counted: Counted,
    rule: Disclosure,
) -> tuple[linked.Linked, Floats]:
    """Put counts in sums; what a sum leaves over is a cell of its own, which nobody publishes."""
    nested = list(_nested(cells, counted.within))
    sums = [*nested, *_sums(cells, whole)]
    amounts = cells["n"].to_numpy("float64")
    left = np.array([amounts[of] - amounts[parts].sum() for of, parts in sums])
    told = counted.adds_up | (np.arange(len(sums)) < len(nested))
    few = np.flatnonzero(told & (left > 0) & (left < rule.people))
    rows = sparse.lil_array((len(sums), len(cells) + len(few)))
    for row, (of, parts) in enumerate(sums):
        rows[row, of] = 1
        rows[row, parts] = -1
    rows[few, len(cells) + np.arange(len(few))] = -1
    held = np.concatenate([amounts, left[few]])
    needy = np.concatenate([sensitive[people] & (amounts > 0), np.ones(len(few), bool)])
    cost = np.bincount(people, amounts, minlength=len(public)) + 1
    return linked.Linked(
        held,
        sparse.csr_array(rows),
        np.concatenate([people, len(public) + np.arange(len(few))]),
        np.where(needy, rule.people, 0.0),
        np.where(needy, WIDTH * held, 0.0),
        np.concatenate([public, np.zeros(len(few), bool)]),
        np.arange(len(held)) >= len(cells),
    ), np.concatenate([cost, np.zeros(len(few))])


def _sums(cells: pd.DataFrame, whole: str) -> Iterator[tuple[int, Integers]]:
    """Yield each count with those it is the sum of: its groups by one dimension, its regions."""
    if cells.empty:
        return
    dimension = cells["group"].str.partition(":")[0].where(cells["group"].str.contains(":"))
    for _, rows in cells.groupby(["asked", "region", "when"]):
        of = rows.index[rows["group"] == ALL]
        for _, groups in rows.groupby(dimension[rows.index]):
            if len(of):
                yield int(of[0]), groups.index.to_numpy()
    for _, rows in cells.groupby(["asked", "group", "when"]):
        of = rows.index[rows["region"] == whole]
        regions = rows.index[rows["region"] != whole]
        if len(of) and len(regions):
            yield int(of[0]), regions.to_numpy()


def _nested(cells: pd.DataFrame, within: Mapping[str, str]) -> Iterator[tuple[int, Integers]]:
    """Yield each count of all with that of those met again."""
    place = {tuple(cell): row for row, cell in enumerate(cells[CELL].to_numpy())}
    for (asked, region, group, when), of in place.items():
        again = place.get((asked, region, group, within.get(when)))
        if again is not None:
            yield of, np.array([again])


# --- what is told ---------------------------------------------------------------------------


def _why(
    lines: pd.DataFrame, rests: pd.DataFrame, own: pd.Series, given_away: set[int]
) -> pd.Series:
    """Tell of each line to be withheld the reason: its own before that of another."""
    told = lines[list(NUMBERS)].notna().any(axis=1)
    uncounted = lines.index[told & ~lines.index.isin(rests["line"])]
    rests = rests[rests["line"].map(told)]
    several = rests.groupby("line")["who"].transform("nunique") > 1
    reasons = rests["who"].map(own).astype("string")
    reasons = reasons.fillna(rests["who"].isin(given_away).map({True: "derived", False: pd.NA}))
    reasons = reasons.mask(several & reasons.notna(), "rests")
    reasons = reasons.mask(rests["who"] < 0, "uncounted")
    found = reasons.groupby(rests["line"]).first().dropna()
    unknown = pd.Series("uncounted", uncounted, dtype="string")
    return pd.concat([found, unknown]) if len(unknown) else found


def _blank(lines: pd.DataFrame, why: pd.Series) -> pd.DataFrame:
    """Take from the lines withheld all that tells something, and say so."""
    withheld = lines.index.isin(why.index)
    shown = lines.copy()
    shown.loc[withheld, list(NUMBERS)] = np.nan
    shown.loc[withheld, "note"] = ""
    shown.loc[withheld, ["status", "statement_key"]] = SUPPRESSED
    return shown


def _rounded(lines: pd.DataFrame, rule: Disclosure) -> pd.DataFrame:
    """Round the counts shown. Means and shares are of weights, not of these counts: they stay."""
    return lines.assign(n=_round(lines["n"], rule))


def _round(counts: pd.Series, rule: Disclosure) -> pd.Series:
    if not rule.round_to:
        return counts
    steps: pd.Series = np.floor(counts / rule.round_to + 0.5)
    return steps * rule.round_to


# --- households -----------------------------------------------------------------------------


def of_households(
    lines: pd.DataFrame, evaluation: Evaluation, earlier: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the lines on households that may be shown: levels in percent, and their changes."""
    reference = evaluation.reference
    whole = reference.code if reference else ""
    return let_through(lines, counted_households(lines), evaluation.disclosure, whole, earlier)


def counted_households(lines: pd.DataFrame) -> Counted:
    """Tell on whom lines on households rest: a level on its year's, a change on both years'."""
    levels = lines[lines["n"].notna()]
    facts = levels["note"].str.extract(r"psu:(\d+)", expand=False).astype("float64")
    cells = levels[["region", "group", "n"]].assign(
        asked=levels["indicator"],
        when=levels["period"],
        fewest=levels["n"],
        psus=facts,
        dominated=False,  # each household counts once in a share
    )
    ends = lines["period"].str.split("-").explode().rename("when")
    rests = lines[["region", "group"]].join(ends).rename_axis("line").reset_index()
    return Counted(cells, rests, within={}, adds_up=True)
