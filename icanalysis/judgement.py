"""How producers of the programme are judged beside others: comparisons, and all a verdict rests on.

The one place where outcomes are compared and their p adjusted: reports make lines of it, and the
study of error rates counts it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from icanalysis.bounds import Bounds, lee_bounds
from icanalysis.did import Effect, did
from icanalysis.errors import WorkbookError
from icanalysis.evidence import Finding, Loss
from icanalysis.multiplicity import adjust
from icanalysis.producers import UNIT
from icanalysis.visits import DESIGN, Followed, Outcome

# Below this, Satterthwaite's t is not to be relied on: Pustejovsky and Tipton (2018), section 4.
FEWEST_DF = 4
ALL = "all"


@dataclass(frozen=True)
class Judged:
    """One outcome compared, of all producers or of a group.

    Attributes
    ----------
    item : Outcome
    group : str
        "all", or a column and its value: "sex:woman".
    effect : Effect, optional
        None where it cannot be compared: no such arm or visit, or too few communities.
    finding : Finding
        What the verdict rests on, as of the data's own kind; all missing without an effect.
    tests : int
        How many p of the same family were adjusted together, this one among them.
    bounds : Bounds, optional
        Lee's, of all producers; None of a group, or where nobody of an arm was found again.
    """

    item: Outcome
    group: str
    effect: Effect | None
    finding: Finding
    tests: int
    bounds: Bounds | None = None

    @property
    def as_real(self) -> Finding:
        """The finding as if the data were real: what a report of them would say."""
        return replace(self.finding, source_kind="programme")


def judge(found: Followed) -> list[Judged]:
    """Compare every outcome, and the index of them all, whole and by the groups named in advance.

    P is adjusted by Holm for all outcomes and the index together; that of a group for all groups
    of its outcome, and it is never below that of all producers: a group is called changed only
    where all together are.

    Returns
    -------
    list of Judged
        Each outcome followed by its groups, in the order of the evaluation.
    """
    whole = {item.indicator: compared(found.panel, item) for item in found.outcomes}
    adjusted, tests = _adjusted(whole), _count(whole)
    judged = []
    for item in found.outcomes:
        effect, p = whole[item.indicator], adjusted[item.indicator]
        if effect is None:
            judged.append(Judged(item, ALL, None, _finding(found, item, None), tests))
            continue
        bounds = _lee(found, item)
        finding = _finding(found, item, effect, p, _what_loss_could_do(effect, bounds))
        judged.append(Judged(item, ALL, effect, finding, tests, bounds))
        judged += _by_group(found, item, effect.p if math.isnan(p) else p)
    return judged


def compared(panel: pd.DataFrame, item: Outcome) -> Effect | None:
    """Compare one outcome; None where it cannot be."""
    try:
        effect = did(panel, item.variable, stratum="stratum", **DESIGN)
    except WorkbookError:
        return None
    return effect if effect.df >= FEWEST_DF else None


def _adjusted(tests: Mapping[str, Effect | None]) -> dict[str, float]:
    """Adjust the p of some tests for their number (Holm); NaN for a test alone."""
    p = pd.Series({name: math.nan if each is None else each.p for name, each in tests.items()})
    if p.notna().sum() < 2:
        return dict.fromkeys(tests, math.nan)
    return {str(name): float(value) for name, value in adjust(p)["holm"].items()}


def _count(tests: Mapping[str, Effect | None]) -> int:
    return sum(each is not None for each in tests.values())


def _by_group(found: Followed, item: Outcome, whole: float) -> list[Judged]:
    """Compare one outcome within each of its groups; `whole` is the p of all producers."""
    first = found.at_baseline.set_index(UNIT)
    tests = {}
    for name in item.groups:
        # As it was at baseline: the programme cannot have moved anybody between groups.
        group = found.panel[UNIT].map(first[name])
        for value in sorted(group.dropna().unique()):
            tests[f"{name}:{value}"] = compared(found.panel[group == value], item)
    adjusted = _adjusted(tests)
    return [
        Judged(
            item,
            group,
            effect,
            _finding(found, item, effect, float(np.fmax(adjusted[group], whole))),
            _count(tests),
        )
        for group, effect in tests.items()
    ]


def _finding(
    found: Followed,
    item: Outcome,
    effect: Effect | None,
    adjusted: float = math.nan,
    loss: Loss = "unknown",
) -> Finding:
    kind = str(found.common["source_kind"])
    if effect is None:
        return Finding("comparison", math.nan, direction=item.direction, source_kind=kind)
    return Finding(
        "comparison",
        effect.estimate,
        effect.low,
        effect.high,
        effect.p,
        p_adjusted=adjusted,
        direction=item.direction,
        pre_trend="untestable",  # there are two waves
        loss=loss,
        source_kind=kind,
    )


def _lee(found: Followed, item: Outcome) -> Bounds | None:
    """Bound the difference for whatever became of those one arm lost in excess."""
    try:
        return lee_bounds(
            found.changes(item.variable), "change", treated="treated", weight="weight"
        )
    except WorkbookError:  # nobody of an arm was found again
        return None


def _what_loss_could_do(effect: Effect, bounds: Bounds | None) -> Loss:
    if bounds is None:
        return "unknown"
    return "holds" if bounds.keep_sign(effect.low, effect.high) else "could_overturn"
