"""All lines of evidence for one region, or for all together: what a report may quote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from icanalysis import microcache
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
    together = _contribution(data, years)
    return merge(
        [
            delivery(data, region),
            context(data, region, years),
            coverage(data),
            household_lines(data, region, years, enaho),
            together[together["region"].isin([region, data.evaluation.programme.whole])],
            _effects(data, region),
        ]
    )


def joint_lines(data: DataFolder, years: Years) -> pd.DataFrame:
    """Delivery, coverage, contribution and producers for all regions together."""
    whole = data.evaluation.programme.whole
    return merge(
        [
            delivery(data, whole),
            coverage(data),
            _contribution(data, years),
            _effects(data, whole),
        ]
    )


def _contribution(data: DataFolder, years: Years) -> pd.DataFrame:
    return _kept(data, lambda: contribution(data, years), "contribution", years.model_dump_json())


def _effects(data: DataFolder, region: str) -> pd.DataFrame:
    return _kept(data, lambda: effects(data, region), "effects", region)


def _kept(data: DataFolder, make: Callable[[], pd.DataFrame], *asked: str) -> pd.DataFrame:
    """Make lines once for the same tables, settings and code: every report quotes the same."""
    tables = [table.path for table in data.catalog.tables.values() if table.path.is_file()]
    key = microcache.key(
        Path(__file__),
        [*microcache.code(), *tables],
        *data.catalog.tables,
        data.evaluation.model_dump_json(),
        *asked,
    )
    return microcache.kept(key, lambda: (make(), []))[0]
