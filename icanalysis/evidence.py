"""What may be said of a figure: a verdict, how strong the evidence is, and which words fit it.

Every function is total: whatever a finding lacks, there is an answer, and the answer of a
finding that lacks much is that it is not known. Nothing here computes a statistic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from icanalysis.power import LEVEL

# How a figure was obtained: a count the programme reports; the same people (or none compared)
# before and after; participants beside a comparison group; regions beside other regions.
Design = Literal["count", "before_after", "comparison", "regions"]
PreTrend = Literal["passed", "failed", "uninformative", "untestable"]
# What loss of those first interviewed could do: nothing lost or the bounds keep the sign; the
# bounds do not keep it; nobody looked.
Loss = Literal["holds", "could_overturn", "unknown"]
Verdict = Literal[
    "better", "worse", "no_clear_change", "not_known", "not_distinguishable_from_target"
]
Grade = Literal["strong", "moderate", "weak", "descriptive", "none"]
Statement = Literal[
    "simulated",
    "not_known",
    "reported",
    "beyond_target",
    "short_of_target",
    "near_target",
    "could_not_be_seen",
    "could_not_be_shown",
    "already_diverging",
    "changed",
    "no_clear_change",
    "one_of_many",
    "could_be_loss",
    "contributed",
    "consistent",
    "no_clear_difference",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
GRADES: tuple[Grade, ...] = get_args(Grade)
STATEMENTS: tuple[Statement, ...] = get_args(Statement)


@dataclass(frozen=True)
class Finding:
    """All that a verdict rests on; what is not known is NaN.

    Attributes
    ----------
    design : Design
    estimate, low, high : float
        The change or difference, or the value held against `target`, with its 95% interval.
    p, p_min, p_adjusted : float
        Of no change; the smallest the design could have given; adjusted for all that was tested
        with it (NaN: nothing else was).
    direction : "up" or "down"
        Which way is better; "" where neither is.
    target : float
        In the unit of the estimate. With one, the verdict is on the target.
    pre_trend : PreTrend
        Whether those compared moved alike before; read where there is a comparison.
    loss : Loss
        What those who were not found again could do to the figure; read where people are
        followed.
    visible : bool
        Whether an effect as large as the programme can have had could have shown.
    source_kind : str
    """

    design: Design
    estimate: float
    low: float = math.nan
    high: float = math.nan
    p: float = math.nan
    p_min: float = math.nan
    p_adjusted: float = math.nan
    direction: str = "up"
    target: float = math.nan
    pre_trend: PreTrend = "untestable"
    loss: Loss = "unknown"
    visible: bool = True
    source_kind: str = "programme"

    @property
    def compared(self) -> bool:
        """Whether those the programme worked with stand beside others."""
        return self.design in ("comparison", "regions")

    @property
    def attainable(self) -> bool:
        """Whether the design could have told any change from none."""
        return math.isnan(self.p_min) or self.p_min <= LEVEL


def verdict(finding: Finding) -> Verdict:
    """Judge whether a finding is better, worse, neither, or not known.

    A change is clear if its p, adjusted where several were tested, is at most 0.05 and its
    interval leaves none out; it is not known where the figure, its p or its interval is
    missing, where the design could not have given such a p, or where those compared were
    already moving apart. Against a target, what counts is on which side of it the whole
    interval lies.
    """
    if math.isnan(finding.estimate) or finding.direction not in ("up", "down"):
        return "not_known"
    if not math.isnan(finding.target):
        return _against_target(finding)
    if not _judged(finding) or (finding.compared and finding.pre_trend == "failed"):
        return "not_known"
    p = max(value for value in (finding.p, finding.p_adjusted) if not math.isnan(value))
    if p > LEVEL or finding.low <= 0 <= finding.high:
        return "no_clear_change"
    return _side(finding, finding.estimate)


def _judged(finding: Finding) -> bool:
    """Whether a change has all that a judgement takes."""
    known = not any(math.isnan(value) for value in (finding.p, finding.low, finding.high))
    return finding.design != "count" and known and finding.attainable


def _against_target(finding: Finding) -> Verdict:
    if math.isnan(finding.low) or math.isnan(finding.high):
        return "not_known"
    if finding.low <= finding.target <= finding.high:
        return "not_distinguishable_from_target"
    return _side(finding, finding.low - finding.target)


def _side(finding: Finding, difference: float) -> Verdict:
    return "better" if (difference > 0) == (finding.direction == "up") else "worse"


def grade(finding: Finding) -> Grade:
    """Say how much weight a finding bears; `RULES` has the rule in words.

    Returns
    -------
    Grade
        The weakest of what design, earlier trends and loss allow; loss can undo only a change
        that is called.
    """
    if finding.source_kind == "simulated" or math.isnan(finding.estimate):
        return "none"
    if finding.design == "count" or not _judged(finding) or not finding.visible:
        return "descriptive"
    if not finding.compared or finding.pre_trend == "failed":
        return "weak"
    if finding.loss == "could_overturn" and _clear_in_comparison(finding):
        return "weak"
    sound = finding.pre_trend == "passed" and (
        finding.design == "regions" or finding.loss == "holds"
    )
    return "strong" if sound else "moderate"


def _clear_in_comparison(finding: Finding) -> bool:
    """Whether people were compared and a change is called: what was lost could undo that."""
    return finding.design == "comparison" and verdict(finding) in ("better", "worse")


def statement(finding: Finding) -> Statement:
    """Choose the contribution statement: its verbs claim no more than the design allows.

    What forbids a claim is said before what supports one: that a figure is simulated, that an
    effect could not have been seen, that the design could not have shown one.
    """
    judged = verdict(finding)
    if finding.source_kind == "simulated":
        return "simulated"
    if math.isnan(finding.estimate):
        return "not_known"
    if not math.isnan(finding.target):
        return _of_target(judged)
    if finding.design == "count":
        return "reported"
    if not finding.visible:
        return "could_not_be_seen"
    if not finding.attainable:
        return "could_not_be_shown"
    if finding.compared and finding.pre_trend == "failed":
        return "already_diverging"
    return _of_change(finding, judged)


def _of_target(judged: Verdict) -> Statement:
    words: dict[Verdict, Statement] = {
        "better": "beyond_target",
        "worse": "short_of_target",
        "not_distinguishable_from_target": "near_target",
    }
    return words.get(judged, "not_known")


def _of_change(finding: Finding, judged: Verdict) -> Statement:
    if judged == "not_known":
        return "not_known"
    if judged == "no_clear_change" and finding.p <= LEVEL and not finding.low <= 0 <= finding.high:
        return "one_of_many"
    if judged == "no_clear_change":
        return "no_clear_difference" if finding.compared else "no_clear_change"
    if not finding.compared:
        return "changed"
    if finding.design == "comparison" and finding.loss == "could_overturn":
        return "could_be_loss"
    return "contributed" if grade(finding) == "strong" else "consistent"
