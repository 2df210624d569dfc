"""Which lines of a run are results of the programme as IATI means it, and of which period.

What stays out, and why:

- Whatever is simulated: nobody who reads a registry would know.
- Changes, differences, effects, p-values: IATI has a place for a level, and none for what an
  estimate of an effect rests on. A contribution read as a value achieved would be a false one.
- Context: official series of the regions, and statements on the situation. An IATI result is the
  activity's own. A few thousand families cannot move a department's poverty rate, which as an
  "impact" indicator, or as an "other" one, would be added up and drawn as what the programme
  achieved, whatever a comment says.
- Regions where the programme did not work, and people it did not reach: who it is compared with.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from icanalysis.disclosure import SUPPRESSED
from icanalysis.evaluation import JOINT
from icanalysis.quoted import ARM
from icanalysis.view import View

RESULT_LEVELS = ("output", "outcome", "impact")
ALSO = "also_reported"
REACHED = f"{ARM}programme"
# Of one figure, whatever its source and its year.
FIGURE = ["indicator", "region", "group"]


class Period(NamedTuple):
    """First and last day of what a value covers, as IATI writes them."""

    start: str
    end: str


def own(view: View) -> pd.DataFrame:
    """Return levels, baselines and targets of the programme's results that are not simulated."""
    evaluation = view.data.evaluation
    here = {region.code for region in evaluation.reported_regions()} | {evaluation.programme.whole}
    lines = view.lines
    found: pd.DataFrame = lines[
        (lines["source_kind"] != "simulated")
        & lines["statistic"].isin(["level", "baseline", "target"])
        & lines["indicator"].map(view.indicators["level"]).isin(RESULT_LEVELS)
        & lines["region"].str.split(JOINT).map(here.issuperset)
        & (~lines["group"].str.startswith(ARM) | (lines["group"] == REACHED))
    ]
    return found


def figures(view: View) -> pd.DataFrame:
    """Choose the lines that are told, each as what.

    Parameters
    ----------
    view : View
        With no lines but its `own`.

    Returns
    -------
    DataFrame
        Lines of evidence and `kind`: baseline, target or actual. A survey's first year is the
        baseline of its later ones. What is withheld or missing is among them, without a value;
        `elements` leaves it out.
    """
    lines = view.lines[view.lines["status"].isin(["used", "estimated", SUPPRESSED])]
    kind = lines["statistic"].where(lines["statistic"] != "level", "actual")
    surveyed = lines[(lines["source_kind"] == "survey") & (kind == "actual")]
    years = surveyed.groupby(FIGURE)["period"]
    first = surveyed["period"].eq(years.transform("min")) & years.transform("nunique").gt(1)
    kind[first.index[first]] = "baseline"
    return lines.assign(kind=kind)


def elements(found: pd.DataFrame) -> pd.DataFrame:
    """Leave those that can be an element of their own.

    A value that is withheld or missing cannot: the standard has it that a baseline, target or
    actual of a measure that is not qualitative must have its value (rules 8.8.1, 8.9.1, 8.10.1).
    Nor can a baseline without a year, which it must have. Both are told in the indicator's
    description instead.
    """
    known = found["value"].notna() & (found["status"] != SUPPRESSED)
    dated = found["kind"].ne("baseline") | found["period"].str.isdigit()
    chosen: pd.DataFrame = found[known & dated]
    return chosen


def others(view: View, line: pd.Series) -> pd.DataFrame:
    """Return what other sources publish for the figure of a line."""
    return view.select(**view.figure(line), status=ALSO)


def period(view: View, line: pd.Series) -> Period:
    """Tell what a line's value covers.

    That of its year or, if it is cumulative, all from the programme's start to the end of that year.
    Where the source gives no year, the programme's planned period.
    """
    planned = view.data.evaluation.programme.period
    if not line["period"].isdigit():
        return Period(f"{planned.start}-01-01", f"{planned.end}-12-31")
    year = int(line["period"])
    cumulative = view.indicators["period_type"][line["indicator"]] == "cumulative"
    return Period(f"{min(year, planned.start) if cumulative else year}-01-01", f"{year}-12-31")
