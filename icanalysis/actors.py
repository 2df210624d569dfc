"""Who did what and where: what is known, and what is not."""

from __future__ import annotations

from collections.abc import Sequence

from icanalysis import cooperation
from icanalysis.evaluation import JOINT
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.partnership import agencies, short, unknown
from icanalysis.view import View


def who(view: View) -> Table:
    """Set agencies, and other partners by kind, against regions: what is known, and where."""
    say = view.language.say
    partners = view.data.table("partners")
    where = _placed(view)
    regions = [region.code for region in view.data.evaluation.reported_regions()]
    united = partners["partner"].isin(agencies(view))
    rows = [
        [
            short(view, row["partner"]),
            *(_parts(view, row["partner"], region) for region in regions),
            str(row[f"role_{view.language.code}"]),
        ]
        for _, row in partners[united].iterrows()
    ]
    for kind, each in partners[~united].groupby("kind", sort=False):
        names = list(each["partner"])
        rows.append(
            [
                view.label("partners", "kind", kind).capitalize(),
                *(
                    _named(view, [name for name in names if region in where.get(name, set())])
                    for region in regions
                ),
                _named(view, [name for name in names if name not in where], none=ABSENT),
            ]
        )
    columns = [
        Column(say("Who")),
        *(Column(view.area(region)) for region in regions),
        Column(say("Known without a region")),
    ]
    return table(
        view,
        say("Who is known to have acted where"),
        columns,
        rows,
        note=say(
            "From the tables “{partners}”, “{commitments}” and “{roles}”. ○: no source read places them "
            "there; they may have been.",
            **{
                name: view.data.catalog.tables[name].titles[view.language.code]
                for name in ("partners", "commitments", "roles")
            },
        ),
    )


def axes(view: View) -> Table:
    """Set regions against the programme's components: who is known to have done what."""
    say = view.language.say
    components = view.data.table("components").sort_values("number")
    rows = [
        [
            view.area(region.code),
            *(
                _named(view, _acting(view, region.code, component))
                for component in components["component"]
            ),
        ]
        for region in view.data.evaluation.reported_regions()
    ]
    columns = [
        Column(say("Where")),
        *(
            Column(f"{row['number']}. {row['name_' + view.language.code]}")
            for _, row in components.iterrows()
        ),
    ]
    return table(view, say("Who is known to have acted on which component"), columns, rows)


def overlap(view: View) -> str:
    """Say where several agencies are known on one component of a region, and where nobody is."""
    say = view.language.say
    united = set(agencies(view))
    cells = {
        (region.code, component): _acting(view, region.code, component)
        for region in view.data.evaluation.reported_regions()
        for component in view.data.table("components")["component"]
    }
    known = united & set(_placed(view))
    blank = sum(not found for found in cells.values())
    shared = [
        say(
            "{where}, {component}: {agencies}",
            where=view.area(region),
            component=view.label("roles", "component", component),
            agencies=view.language.listed([short(view, code) for code in found]),
        )
        for (region, component), all_found in cells.items()
        if len(found := [code for code in all_found if code in united]) > 1
    ]
    if not known:
        sentence = say(
            "None of the {all} agencies can be placed in a region or on a component, so neither overlap "
            "nor gaps between them can be told.",
            all=len(united),
        )
    else:
        sentence = say(
            "{known} of the {all} agencies can be placed in a region.",
            known=len(known),
            all=len(united),
        )
    told = [sentence]
    if shared:
        told.append(say("More than one agency acted on: {places}.", places="; ".join(shared)))
    told.append(
        say(
            "Of {all} pairs of region and component, nobody is known in {blank}: a gap in what was read, "
            "not proof of a gap in the work.",
            all=len(cells),
            blank=blank,
        )
    )
    return " ".join(told)


def _placed(view: View) -> dict[str, set[str]]:
    tables = [view.data.table(name) for name in ("partners", "commitments", "roles")]
    whole = {view.data.evaluation.programme.whole}
    known = cooperation.placed(tables[0], tables[1], tables[2])
    return {partner: regions - whole for partner, regions in known.items() if regions - whole}


def _acting(view: View, region: str, component: str) -> list[str]:
    roles = view.data.table("roles")
    here = roles["region"].str.split(JOINT).map(lambda parts: region in parts).astype(bool)
    return list(dict.fromkeys(roles.loc[here & (roles["component"] == component), "agency"]))


def _parts(view: View, agency: str, region: str) -> str:
    """Name the components an agency is known to have worked on in a region."""
    roles = view.data.table("roles")
    found = [
        view.label("roles", "component", component)
        for component in dict.fromkeys(roles.loc[roles["agency"] == agency, "component"])
        if agency in _acting(view, region, component)
    ]
    if not found and region in _placed(view).get(agency, set()):
        return "● " + view.language.say("component not known")
    return "● " + view.language.listed(found) if found else unknown(view)


def _named(view: View, partners: Sequence[str], none: str = "") -> str:
    names = [short(view, partner) for partner in partners]
    return "; ".join(names) if names else none or unknown(view)
