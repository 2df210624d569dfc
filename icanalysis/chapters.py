"""Parts of a report that stand in their place if they are real, and at its end if simulated.

Where a part's data are simulated, or nobody has any, its place says which file would fill it; what
it would look like stands at the end, under a heading that says demonstration.
"""

from __future__ import annotations

from icanalysis import alike, homes, makers, page, recheck, reconcile
from icanalysis.view import View


def producers(view: View) -> None:
    """Show what became of producers, or which table would tell; nothing where none is asked."""
    if view.data.evaluation.producers is None:
        return
    if makers.known(view) and not makers.simulated(view):
        _producers(view)
        return
    page.section(view.language.say("What became of the producers?"))
    _awaited(makers.awaited(view), makers.title(view) if makers.simulated(view) else "")


def households(view: View) -> None:
    """Show what the household survey says, or which files would tell; nothing where not asked."""
    if view.data.evaluation.households is None:
        return
    if homes.indicators(view) and not homes.simulated(view):
        _households(view)
        return
    page.section(view.language.say("What do households say?"))
    _awaited(homes.awaited(view), homes.title(view) if homes.simulated(view) else "")


def recomputed(view: View) -> None:
    """Show whether published figures come out again from microdata, where some were recomputed."""
    if reconcile.recomputed(view.data).empty:
        return
    say = view.language.say
    page.section(say("Does what is published come out the same when recomputed?"))
    page.paragraph(
        say(
            "The estimator of this workbook is put to the test on microdata whose result the "
            "statistical office itself published. If it did not come out the same, it should not be "
            "believed for years without a published figure."
        )
    )
    page.paragraph(recheck.recomputing(view))
    page.paragraph(recheck.sample(view))
    page.exhibit(recheck.recomputed(view))


def demonstrations(view: View) -> None:
    """Show the parts whose data are simulated."""
    if makers.simulated(view):
        _producers(view)
    if homes.simulated(view):
        _households(view)


def _awaited(said: str, demonstration: str) -> None:
    """Say what is awaited; with a demonstration, where it stands on the page."""
    if demonstration:
        page.pointing(said, demonstration)
    else:
        page.paragraph(said)


def _producers(view: View) -> None:
    page.section(makers.title(view))
    page.paragraph(makers.introduction(view))
    page.bullets(_marked(view, makers.sentences(view), simulated=makers.simulated(view)))
    page.chart(makers.chart(view), makers.alt(view), makers.groups(view))
    for table in (makers.effects, alike.balance, alike.followed, alike.hidden):
        page.exhibit(table(view))


def _households(view: View) -> None:
    page.section(homes.title(view))
    page.paragraph(homes.introduction(view))
    page.bullets(_marked(view, homes.sentences(view), simulated=homes.simulated(view)))
    for indicator in homes.indicators(view):
        drawn, described = homes.chart(view, indicator), homes.alt(view, indicator)
        page.chart(drawn, described, homes.estimates(view, indicator))


def _marked(view: View, said: list[str], *, simulated: bool) -> list[str]:
    """Begin each sentence with what it is, if simulated: one may be quoted without its heading."""
    return [f"{view.language.say('SIMULATED')}: {each}" for each in said] if simulated else said
