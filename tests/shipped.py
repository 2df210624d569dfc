"""Views of the shipped data, as a notebook opens them; each region's lines are made once."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from icanalysis.context import coverage
from icanalysis.dossier import region_lines
from icanalysis.evaluation import Years
from icanalysis.indicators import delivery
from icanalysis.load import open_data
from icanalysis.view import View

DATA = Path(__file__).parents[1] / "data"
REGIONS = ("ayacucho", "cusco", "puno", "lambayeque")
LANGUAGES = ("es", "en")


@cache
def shipped():
    return open_data(DATA)


@cache
def evidence(region, baseline=2009):
    return region_lines(shipped(), region, Years(baseline=baseline, outcome=2013))


def view(region="ayacucho", code="en", *, baseline=2009, data=None, lines=None):
    evaluation = (data or shipped()).evaluation
    return View(
        data or shipped(),
        evidence(region, baseline) if lines is None else lines,
        evaluation.region(region),
        Years(baseline=baseline, outcome=2013),
        evaluation.language(code),
    )


def covered(data):
    """The line on coverage, drawn up anew and of nothing that is kept."""
    return coverage(data, delivery(data, data.evaluation.programme.whole))


def edited(asked, values, **where):
    """The lines of a view with some values replaced, in the lines that `where` picks."""
    chosen = asked.select(**where).index
    assert len(chosen), f"no line has {where}"
    lines = asked.lines.copy()
    for name, value in values.items():
        lines.loc[chosen, name] = value
    return replace(asked, lines=lines)


def without(**parts):
    """The shipped data under an evaluation with some parts replaced."""
    evaluation = shipped().evaluation.model_copy(update=parts)
    return replace(shipped(), evaluation=evaluation)


def changed(**tables):
    """The shipped data with some tables replaced."""
    return replace(shipped(), _frames={**shipped()._frames, **tables})
