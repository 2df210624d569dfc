"""Each region's path, and the programme's regions beside their synthetic controls: lines of evidence."""

from __future__ import annotations

from collections.abc import Mapping

from icanalysis.errors import WorkbookError
from icanalysis.load import DataFolder
from icanalysis.regions import Compared
from icanalysis.synthetic import placebos, synthetic_control

# In the unit of the series: a mix that comes nearer than this to a region's past meets it exactly.
PERFECT = 1e-6


def paths(data: DataFolder, found: Compared) -> list[dict[str, object]]:
    """Tell every region's values, as compared."""
    unit = _path_unit(data, found)
    return [
        {
            **found.common,
            "region": row.region,
            "period": str(row.year),
            "statistic": "path",
            "value": row.value,
            "unit": unit,
            "status": "context",
        }
        for row in found.panel.itertuples()
    ]


def _path_unit(data: DataFolder, found: Compared) -> str:
    if found.item.change == "percent":
        return "index"  # 100 in the baseline year
    units = data.table("indicators").set_index("indicator")["unit"]
    return str(units[found.item.indicator])


def _fitted_to_chance(found: Compared, common: Mapping[str, object]) -> dict[str, object]:
    """Tell that a mix left no gap before: so few years can be met by chance, and no p be had."""
    panel = found.panel[found.panel["region"] == common["region"]]
    return {
        **common,
        "period": f"{found.years.baseline}-{found.years.outcome}",
        "statistic": "gap",
        "status": "not_known",
        "note": f"before:{(panel['year'] <= found.years.baseline).sum()}",
    }


def beside_controls(data: DataFolder, found: Compared) -> list[dict[str, object]]:
    """Compare each region with the mix of others that was most like it before."""
    records: list[dict[str, object]] = []
    for region in found.treated:
        others = found.panel[~found.panel["region"].isin(set(found.treated) - {region})]
        try:
            control = synthetic_control(others, treated=region, last_before=found.years.baseline)
            rank = placebos(others, treated=region, last_before=found.years.baseline)
        except WorkbookError:  # a series too short, or a region it lacks
            continue
        common = {**found.common, "region": region}
        if control.pre_rmspe < PERFECT:
            records.append(_fitted_to_chance(found, common))
            continue
        records.append(
            {
                **common,
                "period": f"{found.years.baseline}-{found.years.outcome}",
                "statistic": "gap",
                "value": control.effect,
                "p": rank.p_value,
                "p_min": rank.p_min,
                "n": len(rank.table),
                "status": "context",
                "note": f"fit:{control.pre_rmspe};after:{control.post_rmspe}",
            }
        )
        records += [
            {
                **common,
                "period": str(year),
                "statistic": "synthetic",
                "value": value,
                "unit": _path_unit(data, found),
                "status": "context",
            }
            for year, value in control.path["synthetic"].items()
        ]
        records += [
            {
                **common,
                "period": f"{found.years.baseline}-{found.years.outcome}",
                "group": f"donor:{donor}",
                "statistic": "weight",
                "value": weight,
                "unit": "ratio",
                "status": "context",
            }
            for donor, weight in control.weights.items()
            if weight > 1e-6
        ]
    return records
