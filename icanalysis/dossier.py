"""All lines of evidence for one region, or for all together: what a report may quote."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from icanalysis.context import context, coverage
from icanalysis.contribution import contribution
from icanalysis.effects import effects
from icanalysis.evaluation import Years
from icanalysis.households import household_lines
from icanalysis.indicators import delivery
from icanalysis.load import DataFolder
from icanalysis.results import merge


def region_lines(
    data: DataFolder, region: str, years: Years, enaho: Path | None = None
) -> pd.DataFrame:
    """Delivery, context, households, producers and contribution for one region.

    Parameters
    ----------
    enaho : Path, optional
        Folder of the household survey's files; without it households are simulated.
    """
    together = contribution(data, years)
    return merge(
        [
            delivery(data, region),
            context(data, region, years),
            coverage(data),
            household_lines(data, region, years, enaho),
            together[together["region"].isin([region, data.evaluation.programme.whole])],
            effects(data, region),
        ]
    )


def joint_lines(data: DataFolder, years: Years) -> pd.DataFrame:
    """Delivery, coverage, contribution and producers for all regions together."""
    whole = data.evaluation.programme.whole
    return merge(
        [
            delivery(data, whole),
            coverage(data),
            contribution(data, years),
            effects(data, whole),
        ]
    )
