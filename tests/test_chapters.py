"""Parts that stand in their place if real, and at the end under demonstration if simulated."""

import pytest
from shipped import LANGUAGES, edited, view

from icanalysis import chapters, homes, makers, page
from icanalysis.layout import Table

PARTS = {chapters.producers: makers, chapters.households: homes}


@pytest.fixture
def shown(monkeypatch):
    """What is shown, in order: headings, sentences, charts and tables."""
    found = []
    monkeypatch.setattr(page, "section", lambda text: found.append(("section", text)))
    monkeypatch.setattr(page, "paragraph", lambda *said: found.append(("said", " ".join(said))))
    monkeypatch.setattr(page, "pointing", lambda *said: found.append(("pointing", said)))
    monkeypatch.setattr(page, "bullets", lambda items: found.append(("list", list(items))))
    monkeypatch.setattr(page, "chart", lambda *args, **_: found.append(("chart", args[1])))
    monkeypatch.setattr(page, "exhibit", lambda table: found.append(("table", table)))
    return found


def real(asked):
    """The same lines as if neither households nor producers were simulated."""
    return edited(asked, {"source_kind": "survey"}, source_kind="simulated")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_what_is_simulated_leaves_its_place_to_what_would_fill_it(shown, part, code):
    asked = view(code=code)
    part(asked)
    (kind, heading), (said, (words, demonstration)) = shown
    assert (kind, said) == ("section", "pointing")
    assert heading.endswith("?")
    assert "“icanalysis " in words, "names the command that takes the file"
    assert words == PARTS[part].awaited(asked)
    shown.clear()
    chapters.demonstrations(asked)
    assert ("section", demonstration) in shown, "it leads to a heading of the page"


def test_the_demonstrations_show_both_and_say_so(shown):
    chapters.demonstrations(view())
    headings = [text for kind, text in shown if kind == "section"]
    assert headings == [
        "Demonstration with simulated producers: what a survey of them would add",
        "Demonstration with simulated households: what a survey would add",
    ]
    said = [sentence for kind, items in shown if kind == "list" for sentence in items]
    assert len(said) > 5
    assert all(sentence.startswith("SIMULATED: ") for sentence in said)
    tables = [table for kind, table in shown if kind == "table"]
    assert len(tables) == 4
    assert all(isinstance(table, Table) and "SIMULATED" in table.html for table in tables)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_what_is_real_stands_in_its_place_with_its_figures(shown, part):
    asked = real(view())
    part(asked)
    assert shown[0] == ("section", PARTS[part].title(asked))
    assert "emonstration" not in str(shown)
    assert any(kind == "chart" for kind, _ in shown)
    assert not any("SIMULATED: " in each for kind, said in shown if kind == "list" for each in said)


def test_what_is_real_is_no_demonstration(shown):
    chapters.demonstrations(real(view()))
    assert shown == []


def test_where_nobody_has_data_nothing_is_promised_at_the_end(shown):
    asked = view()
    kinds = asked.lines["source_kind"] == "simulated"
    nothing = type(asked)(
        asked.data, asked.lines[~kinds], asked.region, asked.years, asked.language
    )
    for part in (chapters.producers, chapters.households):
        part(nothing)
    chapters.demonstrations(nothing)
    assert [kind for kind, _ in shown] == ["section", "said"] * 2
    assert "at the end" not in str(shown)
