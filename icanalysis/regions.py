"""All regions side by side on one context series: the programme's, and those compared with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from icanalysis.asked import Context
from icanalysis.context import CHANGE_UNITS, series
from icanalysis.evaluation import Years
from icanalysis.load import DataFolder
from icanalysis.panel import units_by_period


@dataclass(frozen=True)
class Compared:
    """One context series of all regions: what is compared with what.

    `panel` has region, year and value: as published, or in percent of the baseline year for a
    series whose change is told in percent. `treated` are the programme's regions that have any.
    """

    item: Context
    panel: pd.DataFrame
    treated: tuple[str, ...]
    years: Years
    common: Mapping[str, object]

    @property
    def known(self) -> pd.DataFrame:
        """Regions with both years, one row each, one column a year."""
        wide = units_by_period(self.panel, unit="region", period="year", value="value")
        both = [year for year in (self.years.baseline, self.years.outcome) if year in wide]
        return wide.dropna(subset=both) if len(both) == 2 else wide.iloc[:0]

    @property
    def testable(self) -> bool:
        """Whether at least one region of each side has both years."""
        here = self.known.index.isin(self.treated)
        return bool(here.any() and not here.all())


def compared(data: DataFolder, item: Context, years: Years) -> Compared:
    """Gather one series of every region that counts, in comparable years."""
    regions = data.evaluation.reported_regions(every=True)
    parts = []
    for area in regions:
        found = series(data, item, area.code, until=years.outcome)
        basis = found.loc[found["year"] == years.outcome, "basis"]
        if len(basis):
            found = found[found["basis"] == basis.iloc[0]]
        parts.append(found.assign(region=area.code))
    panel = pd.concat(parts, ignore_index=True)
    sources = {part for each in panel["source_id"] for part in each.split("; ")}
    if item.change == "percent":
        base = panel[panel["year"] == years.baseline].set_index("region")["value"]
        panel["value"] = 100 * panel["value"] / panel["region"].map(base.where(base > 0))
        panel = panel.dropna(subset="value")
    known = set(panel["region"])
    return Compared(
        item,
        panel[["region", "year", "value"]],
        tuple(each.code for each in regions if each.role == "programme" and each.code in known),
        years,
        {
            "indicator": item.indicator,
            "statement_key": "comparison",
            "source_kind": data.catalog.tables[item.table].source_kind,
            "source": "; ".join(sorted(sources)),
            "unit": CHANGE_UNITS[item.change],
        },
    )
