"""Did the programme do it? Comparisons that stay honest with few regions and few clusters.

Each function refuses what it cannot answer, and beside every p gives the smallest the design
could have given.
"""

from __future__ import annotations

from icanalysis.assignment import RandomisationTest, leave_one_out, randomisation_test
from icanalysis.balance import attrition, balance, lee_bounds
from icanalysis.bootstrap import WildBootstrap, wild_bootstrap
from icanalysis.did import before_after, did
from icanalysis.event import event_study, pre_trend
from icanalysis.multiplicity import adjust, summary_index
from icanalysis.power import clustered_se, dilution, minimum_detectable_effect
from icanalysis.staggered import group_time
from icanalysis.synthetic import placebos, synthetic_control

__all__ = [
    "RandomisationTest",
    "WildBootstrap",
    "adjust",
    "attrition",
    "balance",
    "before_after",
    "clustered_se",
    "did",
    "dilution",
    "event_study",
    "group_time",
    "leave_one_out",
    "lee_bounds",
    "minimum_detectable_effect",
    "placebos",
    "pre_trend",
    "randomisation_test",
    "summary_index",
    "synthetic_control",
    "wild_bootstrap",
]
