"""The gate: every leak planted in real outputs is found where it was put, and nothing else is."""

import base64
import datetime
import io
import json
import random
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from matplotlib.figure import Figure
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from planting import CELLS, DNI, HOME, MARKUP, RUC, TOKEN, cell, png, shown, table

from icanalysis import excused, findings, gate
from icanalysis.asked import Disclosure
from icanalysis.errors import DataError
from icanalysis.language import language
from icanalysis.load import open_data

ROOT = Path(__file__).parents[1]
EXAMPLE, NOTEBOOKS = ROOT / "reports" / "example", ROOT / "notebooks"
TODAY = datetime.date(2026, 1, 1)


@pytest.fixture(scope="module")
def looked():
    return gate.watch(open_data(ROOT / "data"))


def found_in(path, looked):
    """What is found, as kind and place."""
    return [(each.kind, str(each.place)) for each in gate.findings(path, looked)]


def made(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- what is as it was made ---------------------------------------------------------------


def test_the_example_run_holds_nothing_that_may_not_be_shared(looked):
    assert gate.findings(EXAMPLE, looked) == []


def test_the_notebooks_hold_nothing_that_may_not_be_shared(looked):
    assert gate.findings(NOTEBOOKS, looked) == []


# --- what was planted ---------------------------------------------------------------------


def spots(page):
    """Where a page can be cut without breaking an element in two."""
    return [match.start() for match in re.finditer(r'<div class="cell">', page)]


@pytest.mark.parametrize("seed", range(4))
def test_every_leak_planted_in_a_page_is_found_on_its_line(seed, looked, tmp_path):
    drawn = random.Random(seed)
    page = (EXAMPLE / "es" / "cusco.html").read_text(encoding="utf-8")
    plants = drawn.sample(MARKUP, len(MARKUP) // 2) if seed % 2 else MARKUP
    for _, fragment in plants:
        spot = drawn.choice(spots(page))
        page = f"{page[:spot]}\n{fragment}\n{page[spot:]}"
    found = found_in(made(tmp_path, "page.html", page), looked)
    for kind, fragment in plants:
        line = page[: page.index(f"\n{fragment}\n") + 1].count("\n") + 1
        here = [place for each, place in found if each == kind]
        assert any(re.match(rf"page\.html: line {line}( |$)", place) for place in here), fragment
    lines = {page[: page.index(f"\n{fragment}\n") + 1].count("\n") + 1 for _, fragment in plants}
    told = {int(re.search(r"line (\d+)", place)[1]) for _, place in found}
    assert told <= lines, "what was not planted was found"


@pytest.mark.parametrize("seed", range(3))
def test_every_leak_planted_in_a_notebook_is_found_in_its_cell(seed, looked, tmp_path):
    drawn = random.Random(seed)
    notebook = json.loads((NOTEBOOKS / "explore.ipynb").read_text(encoding="utf-8"))
    outputs = [(kind, cell(outputs=[shown("text/html", html)])) for kind, html in MARKUP]
    plants = CELLS + drawn.sample(outputs, 12)
    cells = list(notebook["cells"])
    for plant in plants:
        cells.insert(drawn.randrange(len(cells) + 1), plant)
    notebook["cells"] = [each[1] if isinstance(each, tuple) else each for each in cells]
    found = found_in(made(tmp_path, "a.ipynb", json.dumps(notebook)), looked)
    planted = {number: each[0] for number, each in enumerate(cells, 1) if isinstance(each, tuple)}
    told = {(kind, int(re.search(r"cell (\d+)", place)[1])) for kind, place in found}
    assert {(kind, number) for number, kind in planted.items()} <= told
    assert {number for _, number in told} <= set(planted)


def test_what_a_notebook_keeps_beside_its_cells_is_read(looked, tmp_path):
    metadata = {"widgets": {"a": {"state": {"rows": [f"DNI {DNI}"]}}}, "papermill": {"out": HOME}}
    notebook = {"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    found = found_in(made(tmp_path, "a.ipynb", json.dumps(notebook)), looked)
    assert {kind for kind, _ in found} == {"widget-state", "national-id", "path"}
    assert all(place.startswith("a.ipynb: metadata notebook") for _, place in found)


def test_a_picture_attached_to_a_cell_is_read(looked, tmp_path):
    picture = base64.b64encode(png(Source=HOME)).decode()
    held = {**cell("markdown", "A."), "attachments": {"a.png": {"image/png": picture}}}
    notebook = {"cells": [held], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    found = found_in(made(tmp_path, "a.ipynb", json.dumps(notebook)), looked)
    assert [kind for kind, _ in found] == ["path"]
    assert "cell 1 > attachment a.png" in found[0][1]


def leaky_workbook():
    book = openpyxl.Workbook()
    book.properties.creator = "Ana Quispe"
    sheet = book.active
    sheet.title = "Datos"
    sheet.append(["Grupo", "Hogares", "DNI"])
    sheet.append(["A", 4, DNI])
    sheet.append(['=HYPERLINK("https://example.org")', 40, ""])
    sheet.append(["@SUM(A1)", "+51 984 123 456", ""])
    sheet["B2"].comment = Comment("ask ana@example.org", "Ana")
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    aside = book.create_sheet("Padrón")
    aside.sheet_state = "veryHidden"
    aside["A1"] = HOME
    book.defined_names["origin"] = DefinedName("origin", attr_text=f'"{HOME}"')
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def test_every_leak_planted_in_a_workbook_is_found_in_its_cell(looked, tmp_path):
    found = set(found_in(made(tmp_path, "a.xlsx", leaky_workbook()), looked))
    data, aside = "a.xlsx: sheet Datos > ", "a.xlsx: sheet Padrón"
    assert found >= {
        ("user-name", "a.xlsx: metadata workbook > key creator"),
        ("small-cell", f"{data}row 2 > column Hogares"),
        ("national-id", f"{data}row 2 > column DNI"),
        ("formula", f"{data}row 3 > column 1"),
        ("formula", f"{data}row 4 > column 1"),
        ("phone", f"{data}cell B4"),
        ("comment", f"{data}cell B2"),
        ("e-mail", f"{data}cell B2"),
        ("user-name", f"{data}cell B2"),
        ("hidden", f"{data}row 3"),
        ("hidden", f"{data}column C"),
        ("hidden", aside),
        ("path", f"{aside} > cell A1"),
        ("path", "a.xlsx: name origin"),
    }


RELATED = (
    '<Relationships><Relationship Type="http://example.org/{kind}" TargetMode="External" '
    'Target="https://example.org/a"/></Relationships>'
)


@pytest.mark.parametrize(
    ("part", "content", "kinds"),
    [
        ("xl/pivotCache/pivotCacheRecords1.xml", f"<r><s v='DNI {DNI}'/></r>", {"hidden", "national-id"}),
        ("xl/vbaProject.bin", "A", {"active"}),
        ("xl/externalLinks/externalLink1.xml", "<a/>", {"remote"}),
        ("xl/media/image1.png", png(Comment=HOME), {"path"}),
        ("xl/worksheets/_rels/sheet1.xml.rels", RELATED.format(kind="image"), {"remote"}),
        ("xl/drawings/drawing1.xml", "<t>ana@example.org</t>", {"e-mail"}),
    ],
)  # fmt: skip
def test_parts_that_no_sheet_shows_are_read(part, content, kinds, looked, tmp_path):
    held = io.BytesIO()
    openpyxl.Workbook().save(held)
    with zipfile.ZipFile(held, "a") as archive:
        archive.writestr(part, content)
    found = found_in(made(tmp_path, "a.xlsx", held.getvalue()), looked)
    assert {kind for kind, _ in found} == kinds
    assert all(place.startswith(f"a.xlsx: name {part}") for _, place in found)


def test_a_letter_with_a_remote_template_is_told_and_its_links_are_not(looked, tmp_path):
    for kind, expected in (("attachedTemplate", ["remote"]), ("hyperlink", [])):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("word/_rels/settings.xml.rels", RELATED.format(kind=kind))
        found = found_in(made(tmp_path, "a.docx", held.getvalue()), looked)
        assert [each for each, _ in found] == expected


def test_lines_on_too_few_people_or_sampling_units_are_found_in_results(looked, tmp_path):
    kept = (EXAMPLE / "results.csv").read_text(encoding="utf-8").splitlines()
    header = kept[0].split(",")
    chosen = next(
        number for number, line in enumerate(kept) if ",simulated," in line and "psu:189" in line
    )
    cells = kept[chosen].split(",")
    cells[header.index("n")] = "9.0"
    kept[chosen] = ",".join(cells).replace("psu:189", "psu:2")
    found = found_in(made(tmp_path, "results.csv", "\n".join(kept)), looked)
    where = f"results.csv: row {chosen + 1} > column"
    assert found == [("small-cell", f"{where} n"), ("small-cell", f"{where} note")]


def test_a_few_regions_are_not_a_few_people(looked, tmp_path):
    kept = (EXAMPLE / "results.csv").read_text(encoding="utf-8")
    assert ",6.0,," in kept  # official lines on six years
    assert found_in(made(tmp_path, "results.csv", kept), looked) == []


def paper(text, **properties):
    figure = Figure()
    figure.text(0.1, 0.5, text)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="pdf", metadata=properties)
    return drawn.getvalue()


OTHERS = [
    ("a.pdf", paper("ana@example.org"), "e-mail", "page 1"),
    ("a.pdf", paper("A.", Author="Ana Quispe"), "user-name", "metadata Author"),
    ("a.pdf", paper("A.", Subject=HOME), "path", "metadata Subject"),
    ("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>a()</script></svg>", "active", "line 1"),
    ("a.svg", f"<svg xmlns='http://www.w3.org/2000/svg'>\n<text>DNI {DNI}</text></svg>", "national-id", "line 2"),
    ("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'><image href='https://example.org/a'/></svg>", "remote", "line 1"),
    ("a.png", png(Author="Ana Quispe"), "user-name", "metadata Author"),
    ("a.png", png() + b"PK and more", "hidden", "a.png"),
    ("a.csv", f"name,dni\nA,{DNI}\n", "national-id", "row 2 > column dni"),
    ("a.csv", "a,b\n1,=1+cmd|'/C calc'!A0\n", "formula", "row 2 > column 2"),
    ("a.csv", 'a,b\n1,"\t=1"\n', "formula", "row 2 > column 2"),
    ("a.csv", "a,b\n1,\uff1d1+A1\n", "formula", "row 2 > column 2"),
    ("a.csv", "village;households\nA;3\n", "small-cell", "row 2 > column households"),
    ("a.json", json.dumps({"at": {"lat": -13.51952, "lon": -71.97822}}), "coordinates", "key at"),
    ("a.json", json.dumps([{"household": n, "psu": 1, "dwelling": 2} for n in range(3)]), "row-level", "a.json"),
    ("a.xml", f"<a><b file='{HOME}'>A.</b></a>", "path", "row 2"),
    ("a.txt", f"one\nRUC {RUC}\n", "tax-number", "line 2"),
    ("a.log", f"token={TOKEN}", "secret", "line 1"),
    ("a.css", "p { background: url(//example.org/a.png) }", "remote", "a.css"),
    ("a.js", "a()", "active", "a.js"),
    ("a.parquet", b"PAR1\0\0", "unreadable", "a.parquet"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "kind", "place"), OTHERS)
def test_every_other_format_is_read(name, content, kind, place, looked, tmp_path):
    found = found_in(made(tmp_path, name, content), looked)
    assert any(each == kind and place in where for each, where in found), found


@pytest.mark.parametrize(("name", "content", "kind", "place"), OTHERS)
def test_what_an_archive_holds_is_read(name, content, kind, place, looked, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(f"folder/{name}", content)
    found = found_in(made(tmp_path, "a.zip", inner.getvalue()), looked)
    place = place.replace(f"{name}", "")
    assert any(each == kind and where.startswith(f"a.zip!folder/{name}") and place in where
               for each, where in found), found  # fmt: skip


QUOTED = "<p>People in poor households (survey): 38.5 (33.7–43.3)</p>"


@pytest.mark.parametrize(
    ("fragment", "found"),
    [
        (QUOTED, True),
        (table(["Households", "2009, %"], ["All", "38.5 (33.7–43.3)"]), True),
        (table(["Outcome", "Programme"], ["Monthly income from the activity", "450 → 560"]), True),
        ("<p>In poor households: 38.5 (33.7–43.3)</p>", True),
        (QUOTED.replace("<p>", "<p>SIMULATED: "), False),
        (table(["Households", "2009, %"], ["All", "38.5 (33.7–43.3)"], caption="A <b>SIMULATED</b>"), False),
        ("<p>People in poor households (survey): 12.3</p>", False),
        ("<p>Poverty was 38.5 in 2009.</p>", False),
    ],
)  # fmt: skip
def test_simulated_figures_are_called_so_in_their_own_part(fragment, found, looked, tmp_path):
    shutil.copy(EXAMPLE / "results.csv", tmp_path)
    page = f"<html><h2>Demonstration, simulated</h2>{QUOTED}<h2>Real?</h2>\n{fragment}</html>"
    path = made(tmp_path, "en/cusco.html", page)
    told = found_in(path, looked)
    assert {kind for kind, _ in told} == ({"unbadged"} if found else set())
    assert all("line 2" in place for _, place in told)


def test_badges_taken_from_a_real_page_are_missed(looked, tmp_path):
    shutil.copy(EXAMPLE / "results.csv", tmp_path)
    page = (EXAMPLE / "en" / "cusco.html").read_text(encoding="utf-8")
    bare = re.sub(r"(?i)simulated", "", page)
    found = found_in(made(tmp_path, "en/cusco.html", bare), looked)
    assert {kind for kind, _ in found} == {"unbadged"}
    assert len(found) > 20


@pytest.mark.parametrize(("told", "found"), [("false", {"unbadged"}), ("true", set())])
def test_a_list_of_files_that_hides_what_is_simulated_is_found(tmp_path, told, found):
    shutil.copy(EXAMPLE / "results.csv", tmp_path)
    made(tmp_path, "manifest.json", f'{{"simulated": {told}}}')
    assert {kind for kind, _ in found_in(tmp_path, gate.watch(None))} == found


# --- what only looks like a leak ----------------------------------------------------------

NEAR = {
    "small-cell": [
        table(["Producers", "Interviewed"], ["Women", "10"]),
        table(["Producers", "Interviewed"], ["Women", "—"]),
        table(["Households", "Found again, %"], ["Women", "4"]),
        table(["Fairs", "Studies"], ["Cusco", "3"]),
        table(["Persons in the household (mean)"], ["4"]),
    ],
    "row-level": [
        table(["Region", "2009", "2013"], ["Cusco", "40.4", "18.8"]),
        table(["producer_id", "description"], ["text", "key"]),
        table(["sex", "Income"], ["woman", "404"]),
    ],
    "producer": ["<p>AYA-9999 and AYA-C01</p>"],
    "national-id": ["<p>12,345,678 soles</p>", "<p>12345678 soles</p>", "<p>el DNI de 2013</p>"],
    "tax-number": ["<p>20131312956</p>", "<p>0.20131312955</p>", "<p>20,131,312,955</p>"],
    "phone": [
        "<p>+21.3 0.330 0.0001</p>",  # rows of a table in a PDF
        "<p>+21.3 14.6 18.8</p>",
        "<p>984123456 soles</p>",
        "<p>984,123,456</p>",
        "<p>+57 (−25 to +139)</p>",
    ],
    "e-mail": ["<p>ana@home</p>", "<p>@ana</p>"],
    "coordinates": ["<p>−13.5, −71.9</p>", "<p>0.1234, 0.5678</p>", "<p>13 ° C</p>"],
    "path": ["<p>https://example.org/" + "home/ana</p>", "<p>data/home/a.csv</p>", "<p>and/or</p>"],
    "user-name": ['<meta name="description" content="Ana">'],
    "traceback": ["<p>traceability</p>"],
    "secret": ["<p>the password is secret</p>", f"<p>{'ab12' * 16}</p>", "<p>token: unknown</p>"],
    "widget-state": ['<script type="application/json">{}</script>'],
    "hidden": ["<details><summary>A</summary>B</details>", '<p style="opacity: 0.5">A</p>'],
    "active": ["<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "<p>javascript: a language</p>"],
    "remote": ['<a href="https://example.org">A.</a>', '<img alt="A." src="a.png">'],
    "unseen-characters": ["<p>1\u00a0293 ○ → é</p>"],
}


@pytest.mark.parametrize(("kind", "fragment"), [(k, each) for k in NEAR for each in NEAR[k]])
def test_what_only_looks_like_a_leak_is_let_pass(kind, fragment, looked, tmp_path):
    assert found_in(made(tmp_path, "a.html", f"<html>{fragment}</html>"), looked) == []


@pytest.mark.parametrize(
    "cell", ["-3.0", "+5%", "-1,234.5", "-", "−2", "a=b", "1-2", "1e-5", "-1.5e-05", "—", "'=1"]
)
def test_numbers_and_dashes_are_no_formulas(cell, looked, tmp_path):
    assert found_in(made(tmp_path, "a.csv", f'a,b\nx,"{cell}"\n'), looked) == []


def test_the_style_of_the_package_is_allowed_to_the_letter_only(looked, tmp_path):
    style = (ROOT / "icanalysis" / "templates" / "style.css").read_text(encoding="utf-8")
    page = "<html><style>{}</style></html>"
    assert found_in(made(tmp_path, "a.html", page.format(style)), looked) == []
    changed = found_in(made(tmp_path, "b.html", page.format(style + "p{}")), looked)
    assert [kind for kind, _ in changed] == ["foreign-style"]


def test_the_threshold_is_the_evaluations(looked, tmp_path):
    path = made(tmp_path, "a.html", table(["Producers", "Interviewed"], ["Women", "12"]))
    assert found_in(path, looked) == []
    assert found_in(path, gate.Watch(Disclosure(people=13)))[0][0] == "small-cell"


def test_names_of_the_producers_file_are_found_whatever_their_accents(tmp_path):
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data", data)
    file = data / "producers" / "simulated_producers.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    rows = [f"{rows[0]},Ana María,Quispe Ñahui", *(f"{row},," for row in rows[1:])]
    file.write_text("\n".join([f"{head},nombres,apellidos", *rows]), encoding="utf-8")
    looked = gate.watch(open_data(data))
    page = made(tmp_path, "a.html", "<p>doña ANA MARIA Quispe Nahui teje</p>\n<p>Ana teje</p>")
    found = found_in(page, looked)
    assert set(found) == {("producer", "a.html: line 1")}


# --- how findings are told ----------------------------------------------------------------


def test_a_finding_does_not_leak_what_it_found(looked, tmp_path):
    text = f"DNI {DNI} {RUC} {TOKEN} ana.quispe@example.org +51 984 123 456 {HOME}"
    found = gate.findings(made(tmp_path, "a.txt", text), looked)
    assert len(found) == 6
    told = "\n".join(str(each.record(language("es"))) for each in found)
    for secret in (DNI, RUC, TOKEN, "quispe", "123 456", "ana/"):
        assert secret not in told


def test_findings_stand_in_order_each_once(looked, tmp_path):
    lines = ["x", f"DNI {DNI} and DNI {DNI}", *["x"] * 8, "ana@example.org"]
    made(tmp_path, "run/b.txt", "\n".join(lines))
    made(tmp_path, "run/a.txt", f"DNI {DNI}")
    found = found_in(tmp_path / "run", looked)
    assert found == [
        ("national-id", "a.txt: line 1"),
        ("national-id", "b.txt: line 2"),
        ("e-mail", "b.txt: line 11"),
    ]


@pytest.mark.parametrize("code", ["es", "en"])
def test_every_kind_says_why_it_matters_and_what_to_do(code):
    for kind in findings.KINDS.values():
        assert language(code).say(kind.why)
        assert language(code).say(kind.remedy)


# --- what was allowed ---------------------------------------------------------------------

WHOLE = {
    "kind": '"path"', "place": '"a.txt: line *"', "who": '"Ana"', "reason": '"an example"',
    "expires": "2026-01-01",
}  # fmt: skip


def exceptions(folder, *entries):
    text = "\n".join(
        "[[exceptions]]\n" + "\n".join(f"{name} = {value}" for name, value in entry.items())
        for entry in entries
    )
    return made(folder, "gate.toml", text)


def checked(folder, *entries, today=TODAY):
    made(folder, "run/a.txt", HOME)
    return [
        (each.kind, str(each.place), each.found)
        for each in gate.checked(folder / "run", gate.Watch(), exceptions(folder, *entries), today)
    ]


def test_what_somebody_allowed_is_not_told_until_its_last_day(tmp_path):
    assert checked(tmp_path, WHOLE) == []
    late = checked(tmp_path, WHOLE, today=datetime.date(2026, 1, 2))
    assert [kind for kind, *_ in late] == ["path", "exception-expired"]


@pytest.mark.parametrize("lacking", WHOLE)
def test_an_exception_that_lacks_anything_does_not_count(lacking, tmp_path):
    entry = {name: value for name, value in WHOLE.items() if name != lacking}
    found = checked(tmp_path, entry)
    assert [kind for kind, *_ in found] == ["path", "exception-incomplete"]
    assert found[1][1:] == ("gate.toml: exception 1", lacking)


def test_an_exception_of_another_place_is_unused(tmp_path):
    found = checked(tmp_path, WHOLE, {**WHOLE, "place": '"b.txt*"'})
    assert [(kind, place) for kind, place, _ in found] == [
        ("exception-unused", "gate.toml: exception 2")
    ]


def test_exceptions_for_other_files_wait_while_one_file_is_read(tmp_path):
    path = made(tmp_path, "a.txt", "A.")
    given = exceptions(tmp_path, {**WHOLE, "place": '"b.txt*"'}, WHOLE)
    found = gate.checked(path, gate.Watch(), given, TODAY)
    assert [str(each.place) for each in found] == ["gate.toml: exception 2"]


@pytest.mark.parametrize("text", ["[[exceptions", "a = 1", "exceptions = 3", "exceptions = [1]"])
def test_a_file_that_is_no_list_of_exceptions_is_refused(text, tmp_path):
    with pytest.raises(DataError):
        excused.read(made(tmp_path, "gate.toml", text))
