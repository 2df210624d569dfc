"""All lines of evidence for one region: what a report may quote, and nothing else."""

from __future__ import annotations

import pandas as pd

from icanalysis.context import context, coverage
from icanalysis.evaluation import Years
from icanalysis.indicators import delivery
from icanalysis.load import DataFolder
from icanalysis.results import merge


def region_lines(data: DataFolder, region: str, years: Years) -> pd.DataFrame:
    """Delivery, context and coverage for one region, as lines of evidence."""
    return merge([delivery(data, region), context(data, region, years), coverage(data)])
