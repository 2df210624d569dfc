"""Who of the producers was found again, and how alike the arms were before: lines of evidence."""

from __future__ import annotations

from icanalysis.balance import attrition, balance
from icanalysis.errors import WorkbookError
from icanalysis.producers import COMMUNITY
from icanalysis.visits import DESIGN, INDEX, Followed, trait_column

FOLLOWED, BALANCE = "producers_followed", "producer_balance"
# Arms of the table, and what the statistics call them.
ARMS = {"programme": "treated", "comparison": "comparison"}


def loss_lines(found: Followed) -> list[dict[str, object]]:
    """Tell how many of each arm were interviewed again."""
    common = {**found.common, "indicator": FOLLOWED, "status": "context"}
    try:
        row = attrition(found.panel, treated="treated", **DESIGN).table.iloc[0]
    except WorkbookError:
        return []
    return [
        *(
            {
                **common,
                "group": f"arm:{arm}",
                "period": str(found.years[1]),
                "statistic": "level",
                "value": 100 * (1 - row[f"lost_{name}"]),
                "n": row[f"n_{name}"],
                "unit": "percent",
            }
            for arm, name in ARMS.items()
        ),
        {
            **common,
            "period": str(found.years[1]),
            "statistic": "difference",
            "value": -100 * row["difference"],
            "p": row["p"],
            "unit": "percentage_points",
        },
    ]


def likeness_lines(found: Followed) -> list[dict[str, object]]:
    """Tell how alike the arms were at baseline: in the outcomes, and in what nothing changes."""
    outcomes = [item for item in found.outcomes if item != INDEX]
    names = {item.variable: item.indicator for item in outcomes}
    names |= {trait_column(item): item.name for item in found.traits}
    units = {item.variable: item.unit for item in outcomes}
    units |= {trait_column(item): item.unit for item in found.traits}
    try:
        alike = balance(
            found.at_baseline, list(names), treated="treated", cluster=COMMUNITY, stratum="stratum",
            weight="weight",
        )  # fmt: skip
    except WorkbookError:
        return []
    common = {**found.common, "indicator": BALANCE, "period": str(found.years[0])}
    common |= {"status": "context", "unit": "sd"}
    records: list[dict[str, object]] = [
        {**common, "statistic": "joint", "p": alike.joint.p, "n": alike.n_joint}
    ]
    for _, row in alike.table.iterrows():
        group = names[row["variable"]]
        records.append(
            {
                **common,
                "group": group,
                "statistic": "difference",
                "value": row["normalised_difference"],
                "p": row["p"],
            }
        )
        for arm, name in ARMS.items():
            records.append(
                {
                    **common,
                    "group": f"{group};arm:{arm}",
                    "statistic": "level",
                    "value": row[f"mean_{name}"],
                    "unit": units[row["variable"]],
                    "se": row[f"se_{name}"],
                    "n": row[f"n_{name}"],
                }
            )
    return records
