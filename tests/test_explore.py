"""Looking around: what is offered exists, what is chosen is shown, and code shows it again."""

import asyncio
import json
import re
import time
from dataclasses import asdict, replace
from functools import cache

import pytest
from bs4 import BeautifulSoup
from shipped import DATA, shipped

from icanalysis import choices, explore, fragments
from icanalysis.choices import checked, labelled, settled
from icanalysis.dossier import region_lines
from icanalysis.errors import WorkbookError
from icanalysis.results import COLUMNS
from icanalysis.shelf import EVERY, KINDS, Choice, Shelf, view
from icanalysis.shown import shown

START = {"kind": "series", "region": "ayacucho", "indicator": "poverty_total"}
YEARS = {"baseline": 2009, "outcome": 2013}


@cache
def shelf():
    return Shelf(shipped(), str(DATA), "")


def choice(**parts):
    return settled(shelf(), Choice(**{"language": "en", **START, **YEARS, **parts}))


def text(html):
    return BeautifulSoup(html, "html.parser").get_text()


def rows(table):
    page = BeautifulSoup(table.html, "html.parser")
    return [[cell.get_text() for cell in row.select("th, td")] for row in page.select("tbody tr")]


def values(name, chosen):
    return [value for _, value in labelled(shelf(), chosen, name)]


def offered(kind, regions=None):
    """Every combination of a kind's controls but the years, each with the usual years."""
    for region in regions or values("region", choice(kind=kind)):
        for indicator in values("indicator", choice(kind=kind, region=region)):
            base = choice(kind=kind, region=region, indicator=indicator)
            for source in values("source", base):
                of_source = settled(shelf(), replace(base, source=source))
                for group in values("group", of_source):
                    yield settled(shelf(), replace(of_source, group=group))


# Two regions of the programme, one beside it, all together, the country; others differ in numbers.
FEW = ("cusco", "puno", "ica", "programme", "peru")


@pytest.mark.parametrize("kind", KINDS)
def test_every_choice_offered_has_sentence_and_table(kind):
    regions = [code for code in values("region", choice(kind=kind)) if code in FEW]
    assert regions
    seen = set()
    for chosen in offered(kind, regions):
        assert chosen not in seen, "a combination is offered twice"
        seen.add(chosen)
        assert checked(shelf(), chosen) == chosen
        found = shown(shelf(), chosen)
        assert found.sentences, chosen
        assert all(sentence.strip() for sentence in found.sentences)
        assert rows(found.table), chosen
        if found.chart is not None:
            assert len(found.chart.alt) > 40
    assert len(seen) >= len(regions)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["es", "en"])
def test_every_chart_offered_has_something_drawn(kind, language):
    drawn = 0
    for indicator in values("indicator", choice(kind=kind)):
        chosen = choice(kind=kind, indicator=indicator, region="cusco", language=language)
        found = shown(shelf(), chosen)
        if found.chart is not None:
            figure = found.chart.draw()
            assert any(axes.has_data() for axes in figure.axes), chosen
            drawn += 1
    if kind == "reported":  # what sources contradict is of the whole programme
        whole = choice(kind=kind, region="programme", indicator="ventures_financed")
        assert shown(shelf(), whole).chart.draw().axes[0].has_data()
    else:
        assert drawn


# Each pair of years compares regions, or simulates households, anew: a few are enough.
@pytest.mark.parametrize("kind", ["series", "compared"])
def test_other_pairs_of_years_are_told(kind):
    usual = choice(kind=kind, region="cusco")
    pairs = [(year, usual.outcome) for year in values("baseline", usual)]
    pairs += [(usual.baseline, year) for year in values("outcome", usual)]
    for baseline, outcome in pairs[:: 1 if kind == "series" else 7]:
        chosen = settled(shelf(), replace(usual, baseline=baseline, outcome=outcome))
        found = shown(shelf(), chosen)
        assert rows(found.table), chosen
        assert found.sentences


def test_a_region_is_shown_by_the_lines_of_its_report():
    years = shipped().evaluation.years()
    report = region_lines(shipped(), "puno", years)[list(COLUMNS)]
    known = set(map(tuple, report.astype(str).to_numpy()))
    for kind in KINDS:
        lines = view(shelf(), choice(kind=kind, region="puno")).lines[list(COLUMNS)]
        assert len(lines)
        assert set(map(tuple, lines.astype(str).to_numpy())) <= known, kind


# --- what is offered -------------------------------------------------------------------------


def test_years_are_those_the_series_has():
    # Informal employment is published from 2011 on; poverty from 2004 to 2013.
    assert values("baseline", choice(indicator="informal_employment"))[0] == 2011
    assert values("baseline", choice())[0] == 2004
    assert 2013 not in values("baseline", choice())


def test_the_outcome_comes_after_the_baseline():
    for year in values("baseline", choice()):
        assert min(values("outcome", replace(choice(), baseline=year))) > year


def test_a_source_alone_offers_its_own_years():
    chosen = choice(source="S2")
    assert values("baseline", chosen) == [2012]
    assert values("outcome", chosen) == [2013]


def test_counts_over_the_programmes_life_have_no_years():
    chosen = choice(kind="reported")
    assert labelled(shelf(), chosen, "baseline") == (("—", ""),)
    assert chosen.baseline is None


def test_groups_are_those_that_have_a_figure():
    chosen = choice(kind="producers", region="puno", indicator="producer_income")
    groups = values("group", chosen)
    assert groups[:2] == [EVERY, "all"]
    assert "sex:woman" in groups
    lines = view(shelf(), chosen).select(indicator="producer_income", statistic="did")
    assert set(groups) == {EVERY} | set(lines.dropna(subset="value")["group"])
    assert values("group", choice(kind="producers", indicator="producer_credit")) == [EVERY]


def test_comparison_regions_are_not_offered_what_only_the_programme_has():
    for kind in ("compared", "producers", "reported"):
        assert "ica" not in values("region", choice(kind=kind))
    assert "ica" in values("region", choice())


def test_regions_stand_in_the_order_of_the_evaluation():
    every = [region.code for region in shipped().evaluation.reported_regions(every=True)]
    assert values("region", choice()) == every


def test_an_indicator_without_figure_is_offered_and_marked():
    labels = {
        value: label for label, value in labelled(shelf(), choice(kind="reported"), "indicator")
    }
    assert labels["ventures_financed"] == "○ Ventures financed: no figure here"
    assert labels["artisan_workshops"] == "Artisan workshops fitted out for tourists"


def test_a_kind_opens_on_an_indicator_with_a_figure():
    assert choice(kind="reported", region="cusco").indicator != "ventures_financed"


def test_what_is_simulated_says_so_where_it_is_chosen():
    labels = {value: label for label, value in labelled(shelf(), choice(), "kind")}
    assert [value for value, label in labels.items() if "SIMULATED" in label] == [
        "households",
        "producers",
    ]


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("kind", "miracles"),
        ("region", "atlantis"),
        ("indicator", "happiness"),
        ("baseline", 1999),
        ("outcome", 2009),
        ("group", "sex:woman"),
        ("source", "P1"),
    ],
)
def test_a_typed_choice_that_does_not_exist_is_refused(part, value):
    with pytest.raises(WorkbookError) as raised:
        checked(shelf(), replace(choice(), **{part: value}))
    assert str(value) in str(raised.value)


# --- what is shown ---------------------------------------------------------------------------


def test_poverty_fell_in_ayacucho():
    # INEI: 58.8 in 2009, 51.9 in 2013.
    first = shown(shelf(), choice()).sentences[0]
    assert first.startswith("Total monetary poverty in Ayacucho: 58.8% in 2009 and 51.9% in 2013.")
    assert "It fell by 6.9 percentage points" in first


def test_where_there_is_nothing_it_says_so_and_tells_where_there_is():
    found = shown(shelf(), choice(kind="reported", region="puno", indicator="ventures_financed"))
    assert found.sentences == (
        "Ventures financed: no figure is known for Puno. That is not zero.",
        "There are figures for: Whole programme.",
    )
    assert found.chart is None
    counts = [row[2] for row in rows(found.table)]
    assert "94 ventures" in counts
    assert "58 ventures" in counts


def test_all_published_counts_stay_visible_even_from_one_source():
    whole = choice(kind="reported", region="programme", indicator="ventures_financed")
    assert len(rows(shown(shelf(), whole).table)) == 5
    one = shown(shelf(), settled(shelf(), replace(whole, source="P2")))
    assert [row[2] for row in rows(one.table)] == ["58 ventures"]
    assert "94 (P1)" in " ".join(one.sentences)


def test_a_joint_figure_is_told_as_joint():
    found = shown(shelf(), choice(kind="reported", region="puno", indicator="garden_ventures"))
    assert "It is a joint figure for Cusco and Puno" in found.sentences[0]


@pytest.mark.parametrize("kind", ["households", "producers"])
def test_simulated_figures_carry_their_badge(kind):
    found = shown(shelf(), choice(kind=kind))
    assert "SIMULATED" in found.warning
    assert BeautifulSoup(found.table.html, "html.parser").select_one(".badge").get_text() == (
        "SIMULATED"
    )
    assert found.chart.draw().get_suptitle().startswith("SIMULATED")


def test_a_group_keeps_the_whole_beside_it():
    found = shown(shelf(), choice(kind="households", region="puno", group="area:rural"))
    assert [row[0] for row in rows(found.table)] == ["All", "Rural area"]
    assert "Puno, Rural area" in found.sentences[0]


def test_p_is_adjusted_for_all_outcomes_though_one_is_shown():
    found = shown(shelf(), choice(kind="producers", region="puno", indicator="producer_formalised"))
    # Six outcomes and the index of them all.
    assert "adjusted for 7 tests" in found.sentences[0]


# --- a survey of one's own -------------------------------------------------------------------


def surveyed(folder, **parts):
    own = Shelf(shipped(), str(DATA), str(folder))
    asked = Choice("en", "households", "ayacucho", "household_poverty", **parts)
    return own, settled(own, asked)


def test_years_are_those_of_the_surveys_files(survey):
    own, chosen = surveyed(survey)
    assert (chosen.baseline, chosen.outcome) == (2011, 2013)
    assert [value for _, value in labelled(own, chosen, "baseline")] == [2011]
    found = shown(own, chosen)
    assert found.warning == ""
    assert "in 2011" in found.sentences[0]


def test_a_survey_is_not_called_simulated(survey):
    own, chosen = surveyed(survey)
    labels = {value: label for label, value in labelled(own, chosen, "kind")}
    assert labels["households"] == "Household survey"
    assert labelled(own, chosen, "source")[0][0].startswith("E1: ")


def test_a_region_the_survey_lacks_says_so(survey):
    own, chosen = surveyed(survey)
    found = shown(own, settled(own, replace(chosen, region="puno")))
    assert "no figure is known for Puno" in found.sentences[0]
    assert rows(found.table) == [["Ayacucho", "2011–2013"], ["Cusco", "2011–2013"]]


def test_one_year_of_a_survey_has_levels_and_no_change(survey, tmp_path):
    for path in survey.rglob("*2013*"):
        if path.is_file():
            target = tmp_path / path.relative_to(survey)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    own, chosen = surveyed(tmp_path)
    assert (chosen.baseline, chosen.outcome) == (None, 2013)
    found = shown(own, chosen)
    assert "in 2013" in found.sentences[0]
    assert "change" not in found.sentences[0]


# --- controls --------------------------------------------------------------------------------


@pytest.fixture
def panel():
    return explore.Explorer(shelf(), choice())


def test_a_control_changes_sentence_chart_and_table(panel):
    before = (panel.text.value, panel.chart.value, panel.table.value)
    panel.controls["region"].value = "puno"
    assert "Puno: 49.3% in 2009" in text(panel.text.value)
    assert all(old != new for old, new in zip(before, _parts(panel), strict=True))


def _parts(panel):
    return (panel.text.value, panel.chart.value, panel.table.value)


def test_every_control_is_followed(panel):
    moves = {
        "kind": "producers",
        "region": "puno",
        "group": "sex:woman",
        "language": "es",
    }
    for name, value in moves.items():
        before = panel.text.value
        panel.controls[name].value = value
        assert panel.text.value != before, name
        assert getattr(panel.choice, name) == value
    for name, value in {
        "kind": "series",
        "source": "S1",
        "baseline": 2007,
        "outcome": 2010,
    }.items():
        before = panel.text.value
        panel.controls[name].value = value
        assert panel.text.value != before, name


def test_controls_say_what_is_shown(panel):
    panel.choose(kind="households", region="lima", group="area:rural")
    panel.choose(kind="compared")
    told = {name: control.value for name, control in panel.controls.items()}
    assert told == asdict(panel.choice)
    for control in panel.controls.values():
        assert control.value in [value for _, value in control.options]
        assert control.disabled == (len(control.options) < 2)


def test_labels_follow_the_language(panel):
    english = [control.description for control in panel.controls.values()]
    panel.controls["language"].value = "es"
    spanish = [control.description for control in panel.controls.values()]
    assert "Tipo de cifra" in spanish
    assert english[0] == spanish[0] == "Idioma / Language"
    assert not set(english[1:]) & set(spanish[1:])
    assert 'lang="es"' in panel.text.value


def test_charts_are_described(panel):
    image = BeautifulSoup(panel.chart.value, "html.parser").img
    assert image["alt"].startswith("Line chart: total monetary poverty in Ayacucho")
    assert image["src"].startswith("data:image/png;base64,")


def test_a_view_without_chart_leaves_none_standing(panel):
    panel.choose(indicator="informal_employment")
    assert panel.chart.value == ""
    assert "A chart would say no more than the table" in text(panel.text.value)


def test_names_in_the_data_never_become_markup():
    # The caption and the sentences quote names; here one that would be a tag.
    found = fragments.framed("<p>x</p>", "es")
    assert found == '<div class="icanalysis" lang="es"><p>x</p></div>'
    panel = explore.Explorer(shelf(), choice())
    assert "<script" not in "".join(_parts(panel))


def test_bad_survey_files_are_told_and_the_view_stays(tmp_path):
    folder = tmp_path / "enaho"
    folder.mkdir()
    panel = explore.Explorer(Shelf(shipped(), str(DATA), str(folder)), choice())
    before = panel.text.value
    panel.controls["kind"].value = "households"
    assert 'role="status"' in panel.status.value
    assert len(text(panel.status.value)) > 20
    assert panel.text.value == before
    assert panel.controls["kind"].value == "series"


def test_selecting_what_is_loaded_takes_a_blink(panel):
    for region in ("puno", "cusco", "ica"):
        panel.choose(region=region)
    begin = time.process_time()
    for region in ("puno", "cusco", "ica"):
        panel.choose(region=region)  # seen before: nothing is made again
    assert (time.process_time() - begin) / 3 < 0.15


def test_nothing_is_estimated_twice(monkeypatch, panel):
    asked = Shelf(shipped(), str(DATA), "", dict(shelf().kept))
    for step in choices.loading(asked):
        step()
    own = explore.Explorer(asked, choice())
    monkeypatch.setattr(Shelf, "once", _only_kept)
    for kind in KINDS:
        own.choose(kind=kind, region="puno")
        for indicator in [value for _, value in own.controls["indicator"].options]:
            own.choose(indicator=indicator, **YEARS)


LIGHT = {"_published", "_reported_here"}


def _only_kept(self, make, *asked):
    key = (make.__name__, *map(str, asked))
    if key not in self.kept:
        years = [part for part in key if "baseline=" in str(part)]
        assert make.__name__ in LIGHT or "baseline=2011" in str(years), f"{key} is made anew"
        self.kept[key] = make(self.data, *asked)
    return self.kept[key]


# --- copied as code, and without anybody there ------------------------------------------------


def displayed(monkeypatch):
    """What is displayed, as kinds of content and the content."""
    found = []
    monkeypatch.setattr("icanalysis.page.display", found.append)
    return found


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"region": "puno", "outcome": 2011, "language": "es"},
        {"source": "S1"},
        {"kind": "compared", "region": "programme"},
        {"kind": "households", "region": "lima", "group": "area:rural"},
        {"kind": "producers", "region": "puno", "group": "sex:woman"},
        {"kind": "reported", "region": "programme", "indicator": "ventures_financed"},
        {"kind": "reported", "region": "puno", "indicator": "ventures_financed"},
    ],
)
def test_code_copied_shows_the_same_view(monkeypatch, panel, parts):
    panel.choose(**parts)
    code = BeautifulSoup(panel.code.value, "html.parser").pre.get_text()
    found = displayed(monkeypatch)
    exec(compile(code, "cell", "exec"), {})
    view = shown(shelf(), panel.choice)
    told = [item.data for item in found if type(item).__name__ == "Markdown"]
    plain = [re.sub(r"&#(\d+);", lambda each: chr(int(each[1])), each) for each in told]
    expected = [*([view.warning] if view.warning else []), *view.told]
    assert [text(each) for each in plain] == expected
    assert found[-1].html == view.table.html
    assert all(sentence in text(panel.text.value) for sentence in view.told)
    pictures = [item for item in found if type(item).__name__ == "Image"]
    assert len(pictures) == (view.chart is not None)


def test_code_names_only_what_was_chosen(panel):
    assert explore.code(shelf(), panel.choice).splitlines() == [
        "from icanalysis import explore",
        "",
        "explore.show(",
        '    language="en",',
        '    kind="series",',
        '    region="ayacucho",',
        '    indicator="poverty_total",',
        "    baseline=2009,",
        "    outcome=2013,",
        f"    data_dir={json.dumps(str(DATA))},",
        ")",
    ]


def test_the_survey_folder_is_named_in_the_code():
    named = Shelf(shipped(), "../data", "C:\\encuestas\\enaho")
    code = explore.code(named, choice())
    assert 'enaho_dir="C:\\\\encuestas\\\\enaho"' in code


def test_code_may_be_hidden_and_shown(panel):
    assert panel.code.layout.display == "none"
    panel.as_code.value = True
    assert panel.code.layout.display is None


def test_unattended_the_starting_view_stands_without_controls(monkeypatch):
    found = displayed(monkeypatch)
    monkeypatch.setattr(explore, "display", lambda *_: pytest.fail("controls nobody can use"))
    explore.explorer(**START, **YEARS, language="es", data_dir=DATA)
    kinds = [type(item).__name__ for item in found]
    assert kinds == ["Markdown", "Markdown", "Markdown", "Image", "Table"]
    assert "58.8% en 2009" in found[1].data


def test_attended_controls_come_with_a_twin_that_they_hide(monkeypatch):
    shown_parts = []
    monkeypatch.setattr(explore, "is_live", lambda: True)
    monkeypatch.setattr(explore, "display", shown_parts.append)
    explore.explorer(**START, **YEARS, language="es", data_dir=DATA)
    controls, twin = shown_parts
    assert 'class="icanalysis-twin"' in twin.data
    assert "58.8% en 2009" in text(twin.data)
    assert "<img" in twin.data
    assert "<table" in twin.data
    style = controls.children[0].value
    assert re.search(r"\.icanalysis-twin[^{]*\{ display: none; \}", style)


def test_a_start_that_does_not_exist_is_refused():
    for parts in ({"region": "atlantis"}, {"indicator": "happiness"}, {"kind": "miracles"}):
        with pytest.raises(WorkbookError):
            explore.explorer(**{**START, **parts}, **YEARS, language="es", data_dir=DATA)


class Kernel:
    def __init__(self, allow_stdin):
        self.allow_stdin = allow_stdin

    def get_parent(self):
        return {"content": {"allow_stdin": self.allow_stdin}}


@pytest.mark.parametrize(
    ("allow_stdin", "server", "live"),
    [(True, "", True), (False, "", False), (False, "voila/0.5.13", True), (False, "nginx", False)],
)
def test_somebody_is_there_who_may_be_asked(monkeypatch, allow_stdin, server, live):
    shell = type("Shell", (), {"kernel": Kernel(allow_stdin)})()
    monkeypatch.setattr(explore, "get_ipython", lambda: shell)
    monkeypatch.setenv("SERVER_SOFTWARE", server)
    assert explore.is_live() is live


def test_in_voila_the_page_has_its_own_question(monkeypatch):
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    panel = explore.Explorer(shelf(), choice())
    assert text(panel.heading.value).startswith("What changed, where, and how sure are we?")
    panel.controls["language"].value = "es"
    assert text(panel.heading.value).startswith("¿Qué cambió, dónde")


def test_what_takes_long_is_loaded_between_answers(panel):
    said = []
    steps = [lambda: said.append(text(panel.status.value))] * 2
    asyncio.run(explore._load(panel, steps))
    assert len(said) == 2
    assert all("being computed" in each for each in said)
    assert panel.status.value == ""
