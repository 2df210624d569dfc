"""The partnership: what is known is told with its source, what is not is grey, and files fill it."""

import json
import math
import shutil
from dataclasses import replace

import matplotlib.pyplot as plt
import openpyxl
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from shipped import DATA, view

from icanalysis import (
    accounts,
    actors,
    agenda,
    cooperation,
    lasting,
    partnership,
    registers,
    template,
)
from icanalysis.audit import accept, file_problems, package_problems
from icanalysis.dossier import joint_lines
from icanalysis.errors import listing
from icanalysis.language import language
from icanalysis.load import open_data, to_frame

UNKNOWN = {"es": "○ no se conoce", "en": "○ not known"}
TO_FILL = ("roles", "funds", "posts", "ordinances", "participation")
REGIONS = ["Ayacucho", "Cusco", "Puno", "Lambayeque"]
# Amounts of nobody: an agency with two quarters, another with a year, one ahead of its money.
FILLED = {
    "funds": [
        ["fao", "2011-Q1", "USD", 100, 80, 60, "2011-01-15", "2011-04-15", "P2", "table 1", None],
        ["fao", "2011-Q2", "USD", 100, 100, 75, "2011-04", "2011-05", "P2", "table 1", None],
        ["pnud", "2011", "USD", 500, 400, None, None, None, "P2", "table 1", None],
        ["unesco", "2010", "USD", 50, 40, 50, "2010-03-01", "2010-03-01", "P2", "table 1", "Own funds."],
    ],
    "posts": [
        ["Coordinator", "pnud", "2010-01", "2010-12", "document", "P1", "annex", None],
        ["Coordinator", "pnud", "2011-03", "2012-06", None, "P1", "annex", None],
        ["Coordinator", "pnud", "2012-06", None, None, "P1", "annex", None],
    ],
    "ordinances": [
        ["012-2011", "municipal", "puno", "Capachica", "2011-05-20", True, "P1", "annex", None],
        ["007-2012", "municipal", "cusco", "Pisac", "2012", False, "P1", "annex", None],
        ["003-2011", "regional", "cusco", None, "2011", None, "P1", "annex", None],
    ],
    "participation": [
        ["cusco", "everyone", 200, "P9", "annex C", None],
        ["cusco", "women", 150, "P9", "annex C", None],
        ["puno", "women", 30, "P9", "annex C", None],
    ],
    "roles": [
        ["fao", "cusco", "capacities", "Asistencia.", "Advice.", "P7", "annex", "A"],
        ["onudi", "cusco+puno", "capacities", "Asistencia.", None, "P7", "annex", "A"],
        ["onudi", "puno", "tools", "Guías.", "Guides.", "P7", "annex", "A"],
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def lines():
    data = open_data(DATA)
    return joint_lines(data, data.evaluation.years())


@pytest.fixture(scope="module", params=["es", "en"])
def shown(request, lines):
    asked = view("cusco", code=request.param, lines=lines)
    return replace(asked, region=asked.data.evaluation.everywhere)


@pytest.fixture(scope="module")
def english(lines):
    asked = view("cusco", lines=lines)
    return replace(asked, region=asked.data.evaluation.everywhere)


@pytest.fixture
def filled(tmp_path, english):
    """A view of the shipped data with some tables filled from spreadsheets, as an office would."""

    def fill(code="en", **tables):
        folder = tmp_path / f"data-{code}-{'-'.join(tables)}"
        shutil.copytree(DATA, folder)
        data = open_data(folder)
        for name, rows in tables.items():
            path = sheet(data, tmp_path, name, rows, code)
            assert file_problems(data, path, name) == []
            described = data.catalog.tables[name]
            frame = to_frame(described, data.normalised(described, path))
            frame.to_csv(described.path, index=False, lineterminator="\n")
        accept(data)
        data = open_data(folder)
        assert package_problems(data) == []
        return replace(english, data=data, language=data.evaluation.language(code))

    return fill


def sheet(data, folder, name, rows, code="en"):
    """Fill in the template of a table: codes by their labels, yes and no in the language."""
    path = template.write(data, name, folder / f"{name}-{code}.xlsx", language(code), force=True)
    book = openpyxl.load_workbook(path)
    yes, no = {"es": ("sí", "no"), "en": ("yes", "no")}[code]
    for row in rows:
        fields = data.catalog.tables[name].fields
        book.worksheets[0].append(
            [
                {True: yes, False: no}[cell]
                if isinstance(cell, bool)
                else cell
                if cell is None or isinstance(cell, int)
                else field.label(cell, code)
                for field, cell in zip(fields, row, strict=True)
            ]
        )
    book.save(path)
    return path


def page(table):
    return BeautifulSoup(table.html, "html.parser")


def rows(table):
    return [
        [cell.get_text().replace("\N{NO-BREAK SPACE}", " ") for cell in row.find_all(["th", "td"])]
        for row in page(table).select("tbody tr")
    ]


def headings(table):
    return [cell.get_text() for cell in page(table).select("thead th")]


def grey(table):
    return [cell.get_text() for cell in page(table).select("td.unknown")]


# --- months -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "done", "months"),
    [
        pytest.param("2012-12", "2013-06-20", 6, id="a month and a day: counted by months"),
        pytest.param("2012-12", "2012-12-31", 0, id="within the month planned"),
        pytest.param("2011-03", "2011-01", -2, id="early"),
        pytest.param("2011-01-15", "2011-01-15", 0, id="on the day"),
        pytest.param("2011-01-15", "2012-01-15", 365 / (365.2425 / 12), id="a year of days"),
    ],
)
def test_months_late(due, done, months):
    assert cooperation.months_late(due, done) == pytest.approx(months)


@pytest.mark.parametrize(
    ("due", "done"), [("2012", "2013-06-20"), ("2012-12", "2013"), (None, "2013-06"), ("2012-12", pd.NA)]
)  # fmt: skip
def test_months_that_cannot_be_counted_are_not_guessed(due, done):
    assert math.isnan(cooperation.months_late(due, done))


# --- who did what -------------------------------------------------------------------------


def test_no_agency_is_placed_where_no_source_places_it(shown):
    table = actors.who(shown)
    assert headings(table)[1:5] == REGIONS
    agencies = rows(table)[:6]
    assert [row[0] for row in agencies] == {
        "es": ["FAO", "OIT", "OMT", "ONUDI", "PNUD", "UNESCO"],
        "en": ["FAO", "ILO", "UNWTO", "UNIDO", "UNDP", "UNESCO"],
    }[shown.language.code]
    for row in agencies:
        assert row[1:5] == [UNKNOWN[shown.language.code]] * 4
        assert row[5], "what is known without a region"
    # Unknown is grey, and nothing says that anybody was absent.
    assert len(grey(table)) == sum(cell.startswith("○") for row in rows(table) for cell in row)
    assert not any(word in table.html for word in ("absent", "ausente", "✗", ">no<"))


def test_partners_stand_in_the_regions_the_sources_give(english):
    found = {row[0]: row[1:] for row in rows(actors.who(english))}
    nothing = UNKNOWN["en"]
    assert found["Regional government"][:4] == [f"GORE {name}" for name in REGIONS]
    assert found["Chamber of commerce"] == [
        "Ayacucho chamber of commerce", nothing, nothing, "Lambayeque chamber of commerce", "—"
    ]  # fmt: skip
    # P1, section 4, bullet 8: trainers certified by USMP "in the 4 regions".
    assert found["University"] == ["USMP", "USMP; UNSAAC", "USMP", "USMP; USAT", "—"]
    assert found["Fund or programme"][:4] == [nothing, nothing, "PROCOMPITE", "PROCOMPITE"]


def test_everybody_named_stands_once_in_the_table_of_who(english):
    text = actors.who(english).html
    for name in english.data.table("partners")["partner"]:
        assert partnership.short(english, name).replace("'", "&#39;") in text, name


def test_gaps_by_component_are_counted_and_called_gaps_in_what_was_read(english):
    told = actors.overlap(english)
    assert told.startswith("None of the 6 agencies can be placed")
    assert "Of 12 pairs of region and component, nobody is known in 4" in told
    assert [row[3] for row in rows(actors.axes(english))] == [UNKNOWN["en"]] * 4


def test_overlap_is_told_once_roles_are_filled(filled):
    asked = filled(roles=FILLED["roles"])
    told = actors.overlap(asked)
    assert "2 of the 6 agencies can be placed in a region." in told
    assert "Cusco, producers' capacities: FAO and UNIDO." in told
    found = {row[0]: row[1:5] for row in rows(actors.who(asked))}
    nothing = UNKNOWN["en"]
    assert found["UNIDO"] == [
        nothing,
        "● producers' capacities",
        "● producers' capacities and validated tools and methodologies",
        nothing,
    ]
    assert found["ILO"] == [nothing] * 4


# --- money --------------------------------------------------------------------------------


def test_money_nobody_published_is_grey_and_not_nought(shown):
    table = accounts.funds(shown)
    assert len(rows(table)) == 6
    for row in rows(table):
        assert row[1:6] == [UNKNOWN[shown.language.code]] * 5
        assert "0" not in "".join(row[1:])
    assert "6" in accounts.funds_told(shown)


def test_a_filled_sheet_gives_amounts_execution_and_delay(filled):
    asked = filled(funds=FILLED["funds"])
    found = rows(accounts.funds(asked))
    assert found[0] == [
        "FAO", "2011-Q1", "100 US dollars", "80 US dollars", "60 US dollars (75.0%)", "+3.0", "—", "P2"
    ]  # fmt: skip
    # 15 January to 15 April is 90 days: 2.96 months; April to May, one; their mean 1.98.
    assert found[1][4:6] == ["75 US dollars (75.0%)", "+1.0"]
    assert found[2][1:6] == [
        "in all", "200 US dollars", "180 US dollars", "135 US dollars (75.0%)", "+2.0"
    ]  # fmt: skip
    by_agency = {row[0]: row for row in found}
    unknown = UNKNOWN["en"]
    assert by_agency["UNDP"][2:6] == ["500 US dollars", "400 US dollars", unknown, unknown]
    assert by_agency["UNESCO"][4:7] == [
        "50 US dollars (125.0%)", "0.0", "▲ more spent than transferred so far «Own funds.»"
    ]  # fmt: skip
    assert by_agency["ILO"][1:6] == [unknown] * 5
    told = accounts.funds_told(asked)
    assert "Amounts are known of 3 of 6 agencies." in told
    assert "Of 3 transfers whose dates are known, 2 came late; the latest, 3.0 months." in told


def test_a_sheet_filled_in_spanish_gives_the_same_money(filled):
    spanish, english = (filled(code, funds=FILLED["funds"]) for code in ("es", "en"))
    pd.testing.assert_frame_equal(spanish.data.table("funds"), english.data.table("funds"))
    assert rows(accounts.funds(spanish))[0][2:5] == [
        "100 dólares",
        "80 dólares",
        "60 dólares (75.0%)",
    ]


def test_a_sum_with_an_unknown_part_is_unknown():
    columns = ["agency", "period", "currency", *cooperation.MONEY, "date_due", "date_transferred",
               "source_id", "note"]  # fmt: skip
    frame = pd.DataFrame(
        [
            ["fao", "2011", "USD", 1.0, 5.0, math.nan, None, None, "P2", None],
            ["fao", "2010", "USD", 1.0, 0.0, 0.0, None, None, "P2", None],
            ["fao", "2010", "PEN", 9.0, 9.0, 9.0, None, None, "P2", None],
        ],
        columns=columns,
    )
    found = cooperation.finance(frame).set_index(["currency", "period"])
    assert found["requested"]["USD", ""] == 2
    assert math.isnan(found["spent"]["USD", ""])
    assert math.isnan(found["execution_pct"]["USD", "2010"]), "nothing came: no share of it"
    assert ("PEN", "") not in found.index, "one period is its own total"
    assert not found["ahead"].any()


# --- rows that cannot be true -------------------------------------------------------------


def told(folder, name, filling, code="en"):
    data = open_data(DATA)
    lines = listing(file_problems(data, sheet(data, folder, name, filling, code), name), language(code))  # fmt: skip
    return [line.removeprefix("  - ") for line in lines[1:]]


def money(period, requested, transferred, spent, note=None, agency="fao"):
    return [agency, period, "USD", requested, transferred, spent, None, None, "P2", "table 1", note]


def test_more_spent_than_had_come_is_refused_with_a_remedy(tmp_path):
    (problem,) = told(tmp_path, "funds", [money("2010", 9, 9, 5), money("2011", 9, 3, 8)])
    assert problem == (
        "line 3, column spent, found “8”: up to this period more was spent than had been transferred "
        "→ correct the amounts, or say in the note where the rest came from"
    )


@pytest.mark.parametrize(
    "filling",
    [
        pytest.param([money("2010", 9, 9, 2), money("2011", 9, 3, 8)], id="spent from what was left"),
        pytest.param([money("2010", 9, 3, 8, "Own funds.")], id="explained"),
        pytest.param([money("2010", 9, None, 8), money("2011", 9, 3, 8)], id="not known"),
        pytest.param([money("2010", 9, 9, 2), money("2010", 9, 3, 3, agency="oit")], id="of another"),
    ],
)  # fmt: skip
def test_spending_that_may_be_so_is_accepted(tmp_path, filling):
    assert told(tmp_path, "funds", filling) == []


@pytest.mark.parametrize(
    ("name", "filling", "trouble"),
    [
        ("funds", [money("2010", 5, 9, 2)], "more was transferred than was asked for"),
        ("funds", [money("2010", 9, 9, 2), money("2010-Q2", 9, 9, 2)],
         "the year stands beside its own quarters, and would count twice"),
        ("posts", [["Coordinator", "pnud", "2011-03", "2011-02-15", None, "P1", "annex", None]],
         "the post ends before it starts"),
        ("posts", [["Coordinator", "pnud", "2011-03", None, "none", "P1", "annex", None]],
         "something is said of the handover of a post that has not ended"),
        ("ordinances", [["1", "regional", "cusco", "Pisac", None, None, "P1", "annex", None]],
         "a regional ordinance holds in the whole region"),
        ("participation", [["cusco", "everyone", 5, "P9", "annex", None],
                           ["cusco", "women", 6, "P9", "annex", None]],
         "more than everyone who took part in the region, 5"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_true_are_told_in_both_languages(tmp_path, name, filling, trouble):
    (problem,) = told(tmp_path, name, filling)
    assert trouble in problem
    (spanish,) = told(tmp_path, name, filling, "es")
    assert trouble not in spanish


def test_money_spent_that_nobody_published_is_refused(tmp_path):
    data = open_data(DATA)
    frame = pd.read_csv(data.catalog.tables["commitments"].path, dtype=str)
    frame.loc[frame["commitment"] == "cusco_budget", "executed_amount"] = "5"
    frame.to_csv(tmp_path / "commitments.csv", index=False)
    (problem,) = file_problems(data, tmp_path / "commitments.csv")
    assert problem.trouble.text == "not published, but with an amount spent"


# --- staff --------------------------------------------------------------------------------


def test_staff_nobody_published_is_grey(shown):
    ((first, *rest),) = rows(accounts.staff(shown))
    assert first
    assert rest == [UNKNOWN[shown.language.code]] * 4 + ["—"]


def test_filled_posts_give_turnover_and_what_was_handed_over(filled):
    (found,) = rows(accounts.staff(filled(posts=FILLED["posts"])))
    # December to March is three months; the second left in June, when the third came.
    assert found == ["Coordinator (UNDP)", "3", "2", "3.0", "1 of 2 (1 not known)", "P1"]


def test_a_column_for_names_of_people_does_not_exist():
    names = {field.name for field in open_data(DATA).catalog.tables["posts"].fields}
    assert names == {"post", "agency", "start", "end", "handover", "source_id", "place", "note"}


# --- the agenda ---------------------------------------------------------------------------


def test_the_delay_is_computed_from_the_two_dates_and_said_to_be_inferred(english):
    (delay,) = cooperation.delays(english.data.table("milestones")).to_dict("records")
    assert (delay["planned_as"], delay["due"]) == ("planned_end", "2012-12")
    assert (delay["milestone"], delay["done"]) == ("closing_event", "2013-06-20")
    assert delay["months"] == 6
    assert agenda.late(english) == (
        "“National closing event” (20 June 2013) came about 6 months after “Planned end, after three "
        "years” (December 2012) [P6; P5]. Inferred: that the one answers to the other is our reading."
    )


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2012-12-02", "came when planned"),
        ("2012-10-02", "came about 2 months before"),
        ("2013", "not known how late"),
        (pd.NA, "not known how late"),
    ],
)
def test_a_delay_is_told_as_it_is(english, date, said):
    milestones = english.data.table("milestones")
    milestones.loc[milestones["milestone"] == "closing_event", "date"] = date
    data = replace(english.data, _frames={**english.data._frames, "milestones": milestones})
    assert said in agenda.late(replace(english, data=data))
    plt.close(agenda.timeline(replace(english, data=data)))


def test_every_milestone_stands_in_the_timeline_in_the_order_of_its_date(shown):
    figure = agenda.timeline(shown)
    (axes,) = figure.axes
    names = [" ".join(label.get_text().split()) for label in axes.get_yticklabels()]
    frame = shown.data.table("milestones")
    assert sorted(names) == sorted(frame[f"event_{shown.language.code}"])
    dated = frame.dropna(subset="date").set_index(f"event_{shown.language.code}")["date"]
    dates = [dated.get(name, "9999") for name in names]
    assert [date[:4] for date in dates] == sorted(date[:4] for date in dates)
    texts = [text.get_text() for text in axes.texts]
    unknown = {"es": "○ fecha no conocida", "en": "○ date not known"}[shown.language.code]
    assert texts.count(unknown) == 3
    assert {"es": "≈ +6 meses", "en": "≈ +6 months"}[shown.language.code] in texts
    assert "◇ 2021 →" in texts, "a plan far beyond is marked at the edge"


def test_what_was_planned_stands_in_the_row_of_what_answers_to_it(shown):
    (axes,) = agenda.timeline(shown).axes
    names = [" ".join(label.get_text().split()) for label in axes.get_yticklabels()]
    events = shown.data.table("milestones").set_index("milestone")
    row = names.index(events[f"event_{shown.language.code}"]["closing_event"])
    drawn = [(line.get_marker(), line.get_xdata()[0]) for line in axes.lines
             if list(line.get_ydata()) == [row]]  # fmt: skip
    assert {marker for marker, _ in drawn} == {"o", "D"}
    (planned,) = [year for marker, year in drawn if marker == "D"]
    assert 2012 + 11 / 12 <= planned <= 2013, "December 2012"


def test_the_table_behind_the_timeline_tells_each_date_and_delay(shown):
    said = rows(agenda.milestones(shown))
    assert len(said) == len(shown.data.table("milestones"))
    late = {"es": "≈ +6 meses", "en": "≈ +6 months"}[shown.language.code]
    assert [row[3] for row in said if row[3] != "—"] == [late]
    unknown = {"es": "○ fecha no conocida", "en": "○ date not known"}[shown.language.code]
    assert [row[1] for row in said].count(unknown) == 3


def test_the_timeline_is_described_with_every_date(shown):
    alt = agenda.timeline_alt(shown)
    for event in shown.data.table("milestones")[f"event_{shown.language.code}"]:
        assert event in alt
    assert agenda.late(shown) in alt


# --- what was promised and what stays -------------------------------------------------------


def test_every_commitment_is_shown_once_and_nothing_is_called_done(shown):
    promised, services = lasting.promised(shown), lasting.services(shown)
    commitments = shown.data.table("commitments")
    kinds = set(lasting.PROMISES) | set(lasting.SERVICES) | {"ordinance"}
    assert set(commitments["kind"]) == kinds
    text = promised.html + services.html
    for _, row in commitments[commitments["kind"] != "ordinance"].iterrows():
        if pd.notna(row["partner"]):
            assert partnership.short(shown, row["partner"]).replace("'", "&#39;") in text
    assert {row[4] for row in rows(promised)} == {UNKNOWN[shown.language.code]}
    assert {row[4] for row in rows(services)} == {UNKNOWN[shown.language.code]}
    amounts = [row[3] for row in rows(promised) if not row[3].startswith("○")]
    assert amounts == ["2,000,000 soles"]


def test_regions_stand_in_their_fixed_order(english):
    found = [row[2] for row in rows(lasting.services(english))]
    assert found == ["Ayacucho; Lambayeque", "Puno; Lambayeque", "Lambayeque"]


def test_an_executed_budget_is_told_with_its_share(filled):
    data = open_data(DATA)
    frame = data.table("commitments")
    frame.loc[frame["commitment"] == "cusco_budget", ["executed_amount", "executed_status"]] = [
        1_500_000,
        "published",
    ]
    cells = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    asked = filled(
        commitments=[[int(c) if isinstance(c, float) else c for c in row] for row in cells]
    )
    found = {row[2]: row[3:5] for row in rows(lasting.promised(asked))}
    assert found["Assigning a budget of two million Peruvian soles."] == [
        "2,000,000 soles", "1,500,000 soles (75.0%)"
    ]  # fmt: skip
    assert lasting.promised_told(asked).endswith("With what was spent published: 1.")


COUNTED = {
    "municipal": "ordinances_municipal",
    "provincial": "ordinances_provincial",
    "regional": "ordinances_regional",
}


def test_ordinances_published_are_set_against_those_known_one_by_one(english, filled):
    found = {row[0]: row[1:] for row in rows(lasting.ordinances(english, COUNTED))}
    # P1, section 4, paragraph 2: 11, 1 and 3; P3 counts 12 and 3.
    assert [found[level][0] for level in ("Municipal", "Provincial", "Regional")] == [
        "11",
        "1",
        "3",
    ]
    assert {row[2] for row in found.values()} == {"○ none yet"}
    assert {row[3] for row in found.values()} == {UNKNOWN["en"]}
    asked = filled(ordinances=FILLED["ordinances"])
    found = {row[0]: row[1:] for row in rows(lasting.ordinances(asked, COUNTED))}
    assert found["Municipal"][2:4] == ["2", "1 of 2 known"]
    assert found["Regional"][2:4] == ["1", UNKNOWN["en"]]
    assert found["Provincial"][2:4] == ["○ none yet", UNKNOWN["en"]]


# --- who took part ------------------------------------------------------------------------


def test_participation_is_all_unknown_and_says_who_may_know(shown):
    table = lasting.participation(shown)
    assert len(rows(table)) == 7
    assert headings(table)[1:5] == REGIONS
    for row in rows(table):
        assert row[1:6] == [UNKNOWN[shown.language.code]] * 5
    *asked, command = partnership.to_fill(shown, "participation")
    assert any("P9" in line for line in asked)
    assert command.endswith("icanalysis template participation")


def test_counts_of_people_are_told_with_their_share_of_everyone(filled):
    found = {row[0]: row[1:] for row in rows(lasting.participation(filled(participation=FILLED["participation"])))}  # fmt: skip
    unknown = UNKNOWN["en"]
    assert found["Women"] == [unknown, "150 (75%)", "30", unknown, unknown, "P9"]
    assert found["Everyone"][1] == "200"


# --- what is said and what is held --------------------------------------------------------


def test_every_table_of_the_page_says_what_would_fill_it(shown):
    for name in (*TO_FILL, "commitments", "milestones"):
        assert len(partnership.to_fill(shown, name)) >= 2, name


def test_the_notebook_shows_every_statement_on_the_partnership_once(english):
    notebook = json.loads((DATA.parent / "notebooks" / "04_partnership.ipynb").read_text("utf-8"))
    asked = []
    for cell in notebook["cells"]:
        for line in "".join(cell["source"]).splitlines():
            if line.startswith("partnership.statements("):
                asked += [word.strip(' ")') for word in line.split(",")[1:]]
    assert len(asked) == len(set(asked))
    themes = set(english.data.table("register")["theme"])
    # These are of producers and of the context, not of the partnership.
    assert themes - set(asked) == {"poverty_context", "income", "working_conditions"}
    assert set(asked) <= themes


def test_statements_of_a_theme_are_those_and_no_others(shown):
    table = partnership.statements(shown, "staff_turnover")
    assert [row[1] for row in rows(table)] == ["C11", "C12", "C13"]
    label = shown.label("register", "theme", "staff_turnover")
    assert f"({label})" in page(table).caption.get_text()


def test_every_statement_stands_in_the_picture_with_what_is_held(shown):
    figure = agenda.tested(shown)
    (axes,) = figure.axes
    texts = {text.get_text() for text in axes.texts}
    frame = shown.data.table("register")
    for item, evidence in zip(frame["item"], frame["evidence"], strict=True):
        assert f"{'○' if evidence == 'none' else '●'} {item}" in texts
    assert len(texts) == len(frame)
    alt = agenda.tested_alt(shown)
    assert all(item in alt for item in frame["item"])


def test_the_introduction_names_what_is_empty_until_it_is_filled(english, filled):
    text = partnership.introduction(english, *TO_FILL)
    assert text.startswith("Of the 5 tables this page stands on, 4 have no row")
    asked = filled(**{name: FILLED[name] for name in TO_FILL})
    assert partnership.introduction(asked, *TO_FILL) == "Every table this page stands on has rows."


# --- goals --------------------------------------------------------------------------------


def test_official_indicators_carry_their_codes_and_never_pass_for_measured(shown):
    found = rows(lasting.goals(shown))
    frame = shown.data.table("sdg")
    assert [row[0] for row in found] == list(frame["code"])
    assert {code.split(".")[0] for code in frame["code"]} == {"1", "8", "17"}
    for code, target in zip(frame["code"], frame["target"], strict=True):
        assert code.rpartition(".")[0] == target
    assert all(row[2].startswith(("◐ ", "○ ")) and row[3] for row in found)
    assert "10" in lasting.goals_told(shown)


def test_what_is_near_an_official_indicator_is_of_the_same_target_or_says_none(english):
    frame = english.data.table("sdg").dropna(subset="proxy")
    targets = english.indicators["sdg"].fillna("")
    for proxy, target in zip(frame["proxy"], frame["target"], strict=True):
        own = targets[proxy]
        assert own in ("", target, target.split(".")[0]), proxy


def test_official_wording_as_published():
    # A/RES/71/313 as refined in 2020: 8.3.1 no longer leaves agriculture out.
    frame = open_data(DATA).table("sdg").set_index("code")
    assert frame["name_en"]["8.3.1"] == (
        "Proportion of informal employment in total employment, by sector and sex"
    )
    assert frame["name_es"]["1.2.1"] == (
        "Proporción de la población que vive por debajo del umbral nacional de pobreza, "
        "desglosada por sexo y edad"
    )


def test_the_sources_of_the_page_are_those_it_cites(shown):
    found = [row[0] for row in rows(partnership.sources(shown))]
    assert "S27" in found
    assert "S27" not in [row[0] for row in rows(registers.sources(shown))]
    assert {"P1", "P2", "P5", "P6"} <= set(found)
