"""What IATI 2.03 calls things: codes of its lists, and what an indicator's record is in them.

The lists are published in English and French; their words stay as they are in every language.
"""

from __future__ import annotations

from collections.abc import Mapping

VERSION = "2.03"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# ResultType.
RESULT_TYPE = {"output": "1", "outcome": "2", "impact": "3", "context": "9"}
RESULT_TYPES = {"1": "Output", "2": "Outcome", "3": "Impact", "9": "Other"}
# IndicatorMeasure. Amounts of money and indices are units: what they count is told in words.
MEASURE = {"count": "1", "money": "1", "index": "1", "percentage": "2", "ordinal": "4"}
MEASURES = {"1": "Unit", "2": "Percentage", "4": "Ordinal"}
QUALITATIVE = "5"
# OrganisationType, for each kind of partner that one of its codes plainly means.
ORGANISATION_TYPE = {
    "un_agency": "40",  # Multilateral
    "national_government": "10",  # Government
    "regional_government": "11",  # Local Government: any below the nation's
    "local_government": "11",
    "university": "80",  # Academic, Training and Research
}
OTHER = "90"
# DescriptionType, ActivityStatus, ActivityDateType, OrganisationRole.
GENERAL, OBJECTIVES = "1", "2"
IMPLEMENTATION, FINALISATION = "2", "3"
PLANNED_START, PLANNED_END = "1", "3"
IMPLEMENTING = "4"
# GeographicVocabulary, GeographicLocationReach, GeographicLocationClass.
ISO_3166_1 = "A4"
WHERE_ACTIVITY_IS = "1"
ADMINISTRATIVE_REGION = "1"
# TagVocabulary: a whole Sustainable Development Goal, and one of the targets of a goal.
SDG_GOAL, SDG_TARGET = "2", "3"
# SectorVocabulary and IndicatorVocabulary: codes of the reporting organisation's own.
OWN = "99"


def attributes(record: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of an IATI indicator that a record's fields stand for.

    An indicator of which neither more nor less is better has no `ascending`.
    """
    ascending = {"up": "1", "down": "0"}.get(record.get("direction", ""), "")
    told = {
        "measure": MEASURE[record["measure"]],
        "ascending": ascending,
        "aggregation-status": "1" if record["aggregation"] == "sum" else "0",
    }
    return {name: value for name, value in told.items() if value}


def sdg_vocabulary(code: str) -> str:
    """Return the vocabulary of tags a code of the 2030 Agenda is of: 8 is a goal, 8.3 a target."""
    return SDG_TARGET if "." in code else SDG_GOAL
