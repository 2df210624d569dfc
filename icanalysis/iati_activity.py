"""The IATI 2.03 activity of a run: its elements, in the order that the schema asks for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from lxml import etree

from icanalysis import iati_codes, iati_results, iati_words
from icanalysis.asked import Text
from icanalysis.evaluation import JOINT, Agency, Region
from icanalysis.iati_results import told
from icanalysis.language import Message, msg
from icanalysis.view import View

# Whoever meets it must see that no register gave it. An activity's identifier begins with its
# publisher's reference all the same.
PROVISIONAL = "PROVISIONAL-NOT-REGISTERED"
_NAMELESS = msg("Not known yet: who publishes this file")


def document(
    views: Sequence[View], left_out: Sequence[Region], origin: str, to: Agency | None = None
) -> etree._Element:
    """Build the whole document.

    Nothing in it depends on when it is made, so that the same run and data give the same bytes: it
    has no generated-datetime and no last-updated-datetime, which are not obligatory.

    Parameters
    ----------
    views : sequence of View
        The programme's own results (`iati_choice.own`), for a reader of each language; the
        evaluation's own language first.
    left_out : sequence of Region
        Regions of the programme that are not in it.
    origin : str
        Checksum of the results that the values are rows of.
    to : Agency, optional
        Whose figures alone it holds.
    """
    view = views[0]
    root = etree.Element("iati-activities", version=iati_codes.VERSION)
    activity = etree.SubElement(root, "iati-activity", {iati_codes.LANGUAGE: view.language.code})
    _note(activity, views, msg("Values are rows of results.csv, sha256 {origin}.", origin=origin))
    _identity(activity, views)
    _told(activity, "title", views, view.data.evaluation.programme.title)
    _descriptions(activity, views, left_out, to)
    _organisations(activity, views)
    _status(activity, views)
    etree.SubElement(activity, "recipient-country", code=view.data.evaluation.programme.country)
    for region in view.data.evaluation.reported_regions():
        _location(activity, views, region)
    _classified(activity, views)
    iati_results.add(activity, views)
    return root


def to_fill_in(view: View) -> list[str]:
    """List the keys of evaluation.toml that are needed before the file may be published."""
    plan = view.data.evaluation.iati
    wanted = {
        "iati.identifier": plan.identifier,
        "iati.reporting_org": plan.reporting_org,
        "iati.status": plan.status,
    }
    return [key for key, value in wanted.items() if value is None]


def _note(parent: etree._Element, views: Sequence[View], words: Message) -> None:
    """Add a comment of XML: registers do not read it, people who open the file do."""
    # Two hyphens would end it.
    text = " / ".join(view.language.say(words) for view in views).replace("--", "- -")
    parent.append(etree.Comment(f" {text} "))


def _told(
    parent: etree._Element,
    tag: str,
    views: Sequence[View],
    words: Text,
    **attributes: str,
) -> etree._Element:
    return told(parent, tag, views, lambda view: words.into(view.language.code), attributes)


def _identity(activity: etree._Element, views: Sequence[View]) -> None:
    """Add the activity's identifier and its publisher or, where they are not known, say so."""
    evaluation = views[0].data.evaluation
    plan = evaluation.iati
    missing = to_fill_in(views[0])
    if missing:
        words = msg(
            "PROVISIONAL: do not publish. evaluation.toml does not give {keys}.",
            keys=", ".join(missing),
        )
        _note(activity, views, words)
    identifier = etree.SubElement(activity, "iati-identifier")
    identifier.text = plan.identifier or f"{PROVISIONAL}-{evaluation.programme.code}"
    org = plan.reporting_org
    if org is not None:
        _told(activity, "reporting-org", views, org.name, ref=org.ref, type=org.type)
        return
    told(
        activity,
        "reporting-org",
        views,
        lambda view: view.language.say(_NAMELESS),
        {"ref": PROVISIONAL, "type": iati_codes.OTHER},
    )


def _descriptions(
    activity: etree._Element, views: Sequence[View], left_out: Sequence[Region], to: Agency | None
) -> None:
    general, objectives = {"type": iati_codes.GENERAL}, {"type": iati_codes.OBJECTIVES}
    told(
        activity,
        "description",
        views,
        lambda view: iati_words.activity(view, left_out, to),
        general,
    )
    if iati_words.objectives(views[0]):
        told(
            activity,
            "description",
            views,
            lambda view: " ".join(iati_words.objectives(view)),
            objectives,
        )


def _organisations(activity: etree._Element, views: Sequence[View]) -> None:
    """Add the agencies as implementing, the organisations that evaluation.toml adds, and codes."""
    data = views[0].data
    partners = data.table("partners").set_index("partner").to_dict("index")
    for agency in data.evaluation.agencies:
        attributes, name = {"role": iati_codes.IMPLEMENTING}, agency.name
        if agency.code in partners:
            partner = partners[agency.code]
            name = Text(es=partner["name_es"], en=partner["name_en"])
            if kind := iati_codes.ORGANISATION_TYPE.get(partner["kind"]):
                attributes["type"] = kind
        _told(activity, "participating-org", views, name, **attributes)
    for org in data.evaluation.iati.organisations:
        given = {"ref": org.ref, "type": org.type, "role": org.role}
        known = {name: value for name, value in given.items() if value}
        _told(activity, "participating-org", views, org.name, **known)
    for other in data.evaluation.iati.other_identifiers:
        code = etree.SubElement(activity, "other-identifier", ref=other.ref, type=other.type)
        _told(code, "owner-org", views, other.owner)


def _status(activity: etree._Element, views: Sequence[View]) -> None:
    """Add status and planned dates.

    Where evaluation.toml gives no status, one that its dates allow: an activity whose outcome is
    judged after its planned end is taken to be over but for the paperwork.
    """
    view = views[0]
    planned = view.data.evaluation.programme.period
    over = view.years.outcome > planned.end
    usual = iati_codes.FINALISATION if over else iati_codes.IMPLEMENTATION
    status = view.data.evaluation.iati.status or usual
    etree.SubElement(activity, "activity-status", code=status)
    dates = (
        (iati_codes.PLANNED_START, f"{planned.start}-01-01"),
        (iati_codes.PLANNED_END, f"{planned.end}-12-31"),
    )
    for kind, day in dates:
        told(
            activity,
            "activity-date",
            views,
            lambda view: view.language.say(
                "Only the year is on record here: the day stands for its beginning or its end."
            ),
            {"type": kind, "iso-date": day},
        )


def _location(activity: etree._Element, views: Sequence[View], region: Region) -> None:
    """Add a region of the programme, which values refer to by its code.

    IATI has no vocabulary of ISO 3166-2 or of a country's own codes, so these are told in words;
    A4 is of countries, and says which one the region is in.
    """
    country = views[0].data.evaluation.programme.country
    location = etree.SubElement(activity, "location", ref=region.code)
    etree.SubElement(location, "location-reach", code=iati_codes.WHERE_ACTIVITY_IS)
    told(location, "name", views, lambda view: region.named(view.language.code))
    told(location, "description", views, lambda view: iati_words.place(view, region))
    etree.SubElement(
        location, "administrative", vocabulary=iati_codes.ISO_3166_1, level="0", code=country
    )
    if region.iso:
        etree.SubElement(location, "location-class", code=iati_codes.ADMINISTRATIVE_REGION)


def _classified(activity: etree._Element, views: Sequence[View]) -> None:
    """Add the sectors, and the goals and targets of the 2030 Agenda that indicators belong to.

    All sectors together are one code of our own: IATI asks that several add up to 100%, and how the
    programme was split between them is not known.
    """
    view = views[0]
    sectors = [sector.code for sector in view.data.evaluation.sectors]
    if sectors:
        told(
            activity,
            "sector",
            views,
            lambda view: view.data.evaluation.sector_name(JOINT.join(sectors), view.language),
            {"vocabulary": iati_codes.OWN, "code": JOINT.join(sectors)},
        )
    for code in iati_results.goals(view):
        attributes = {"vocabulary": iati_codes.sdg_vocabulary(code), "code": code}
        told(activity, "tag", views, partial(iati_words.goal, code=code), attributes)
