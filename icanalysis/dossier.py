"""All lines of evidence for one region: what a report may quote, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from icanalysis.context import context, coverage
from icanalysis.evaluation import Years
from icanalysis.households import household_lines
from icanalysis.indicators import delivery
from icanalysis.load import DataFolder
from icanalysis.results import merge


def region_lines(
    data: DataFolder, region: str, years: Years, enaho: Path | None = None
) -> pd.DataFrame:
    """Delivery, context, coverage and households for one region, as lines of evidence.

    Parameters
    ----------
    enaho : Path, optional
        Folder of the household survey's files; without it households are simulated.
    """
    return merge(
        [
            delivery(data, region),
            context(data, region, years),
            coverage(data),
            household_lines(data, region, years, enaho),
        ]
    )
