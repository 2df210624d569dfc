"""A page on paper: tagged, the same bytes each time, with all that the page says."""

import base64
import html
import itertools
import re
import shutil
import subprocess

import pypdf
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure

from icanalysis import gate, page, pdf
from icanalysis.errors import WorkbookError
from icanalysis.language import language

# Each would be markup to the program that sets the page, most of them only where they begin a line.
MARKUP = [
    "= igual", "== dos", "+ otro", "/ uno: dos", "1. uno", "12. doce", "#set x", "@cita", "<marca>",
    "$x$", "*a*", "_b_", "`c`", "// nota", "/* x */", "~ aprox", "--enaho CARPETA", "\\ barra",
    "[b]", "{c}", "https://example.org/a-b_c//d?e=f#g", "#[]",
]  # fmt: skip
WORDS = {"edition": "Edición 12ab", "colophon": "Hecho aquí."}


def picture():
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([1, 2])
    return base64.b64encode(page.picture(figure)).decode()


def table(rows, caption="Lo contado", columns=("Qué", "Cuánto")):
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in columns)
    cells = [
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    ]
    return (
        f'<figure class="table"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f'<tbody>{"".join(cells)}</tbody></table><p class="note">Fuente: S1.</p></figure>'
    )


def written(content):
    """A page as `render` leaves it: with what only a screen needs."""
    return (
        '<html lang="es"><head><title>Una página</title></head><body><a class="skip">Ir</a>'
        '<header class="page"><span>El programa</span><span class="links"><a href="../index.html">'
        'Todas</a></span></header><main id="content"><h1>¿Qué pasó?</h1><nav class="contents" '
        f'id="contents" aria-label="Contenido"><ol><li>x</li></ol></nav>{content}</main>'
        '<footer class="page"><p>Pie de la pantalla</p></footer></body></html>'
    )


def make(folder, content, name="a.pdf"):
    pdf.write(written(content), folder / name, language("es"), **WORDS)
    return folder / name


def text(path):
    return "\n".join(sheet.extract_text() for sheet in pypdf.PdfReader(path).pages)


def poppler(program, *arguments):
    """What one of poppler's programs says of a PDF."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs {program}: install poppler-utils")
    done = subprocess.run([found, *map(str, arguments)], capture_output=True, check=True)
    return done.stdout.decode(errors="replace")


CHART = (
    f'<div class="chart"><img src="data:image/png;base64,{picture()}" alt="Sube de 1 a 2."></div>'
)
EXAMPLE = (
    f'<h2 id="uno">Uno</h2><p>Cayó a 18.8%.</p>{CHART}<details><summary>Datos de este gráfico'
    f'</summary>{table([["a", "1"]])}</details><p class="note about">Ficha: <a href="indicators.html'
    '#x">pobreza</a></p><h2>Dos</h2><p>Véase <a href="#uno">Uno</a>, <a href="04.html">la otra</a> '
    'y <a href="https://example.org/">la red</a>.</p><p>Es <math><mfrac><mi>a</mi><mi>b</mi></mfrac>'
    "</math>.</p>" + table([["Talleres", "10"]], 'Lo hecho <strong class="badge">SIMULADO</strong>')
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("pdf"), EXAMPLE)


def test_it_says_what_the_page_says_and_nothing_of_the_screen(made):
    said = text(made)
    for words in ("El programa", "¿Qué pasó?", "Cayó a 18.8%", "Talleres", "SIMULADO", "la otra"):
        assert words in said
    for words in ("Fuente: S1.", "Edición 12ab", "Hecho aquí.", "1 / "):
        assert words in said
    for words in ("Ir", "Todas", "Pie de la pantalla", "Ficha"):
        assert not re.search(rf"\b{words}\b", said)


def test_what_was_folded_is_an_annex(made):
    said = text(made)
    assert "Datos de este gráfico: tabla A1" in said
    assert said.index("Talleres") < said.rindex("Anexo: tablas") < said.index("A1. Lo contado")


def test_links_lead_within_it_or_to_the_web(made):
    notes = [
        note.get_object()["/A"] if "/A" in note.get_object() else note.get_object()
        for sheet in pypdf.PdfReader(made).pages
        for note in sheet.get("/Annots", [])
    ]
    assert [note["/URI"] for note in notes if "/URI" in note] == ["https://example.org/"]
    assert len([note for note in notes if "/URI" not in note]) == 5  # three parts, two in the text


def test_headings_are_bookmarks(made):
    reader = pypdf.PdfReader(made)
    (top, below) = reader.outline
    assert top.title == "¿Qué pasó?"
    assert [each.title for each in below if not isinstance(each, list)] == [
        "Uno", "Dos", "Anexo: tablas",
    ]  # fmt: skip
    assert reader.metadata.title == "Una página"
    assert reader.root_object["/Lang"] == "es"
    assert "/CreationDate" not in reader.metadata


def test_it_is_tagged_on_a4(made):
    told = poppler("pdfinfo", made)
    assert re.search(r"Tagged:\s+yes", told)
    assert "(A4)" in told
    tags = poppler("pdfinfo", "-struct", made)
    assert len(re.findall(r"^\s*TH\b", tags, re.M)) == len(re.findall(r"/Scope /Column", tags)) == 4
    for tag in ("H1", "H2", "Figure", "Formula", "Caption", "TOC", "Link"):
        assert re.search(rf"^\s*{tag}\b", tags, re.M), tag


def test_pictures_and_formulas_are_described(made):
    alts = []

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            for each in node:
                walk(each)
        elif isinstance(node, dict):
            if "/Alt" in node:
                alts.append(node["/Alt"])
            walk(node.get("/K", pypdf.generic.ArrayObject()))

    walk(pypdf.PdfReader(made).root_object["/StructTreeRoot"])
    assert "Sube de 1 a 2." in alts
    assert "\\frac{a}{b}" in alts


def test_the_same_page_gives_the_same_bytes(made, tmp_path):
    assert make(tmp_path, EXAMPLE).read_bytes() == made.read_bytes()


def test_nothing_in_it_may_not_be_shared(made):
    assert gate.findings(made, gate.watch(None)) == []


@pytest.mark.parametrize("alt", ["", 'alt=""'])
def test_a_picture_nobody_described_is_refused(alt, tmp_path):
    content = f'<p><img src="data:image/png;base64,{picture()}" {alt}></p>'
    with pytest.raises(WorkbookError) as error:
        make(tmp_path, content)
    told = error.value.told(language("en"))
    assert "“a.html” cannot be made into a PDF" in told and "missing alt text" in told
    assert list(tmp_path.iterdir()) == []


def test_text_is_never_markup(tmp_path):
    shown = "".join(f"<li>{html.escape(each)}</li>" for each in MARKUP)
    content = f"<ul>{shown}</ul>" + table([[each, each] for each in MARKUP])
    path = make(tmp_path, content + f"<p>x<br>{'<br>'.join(map(html.escape, MARKUP))}</p>")
    # Spaces and line ends are the setter's.
    said = re.sub(r"\s", "", text(path))
    for each in MARKUP:
        assert said.count(each.replace(" ", "")) >= 4, each


def test_an_address_that_is_broken_is_whole(tmp_path):
    address = f"https://example.org/{'-de-la-region'.join('abcdefgh')}.html"
    row = f'<tr><td>P1</td><td class="address">{address}</td></tr>'
    content = table([], columns=("Fuente", "Dirección")).replace("<tbody>", f"<tbody>{row}")
    shown = re.sub(r"\s", "", text(make(tmp_path, content + f"<p>{'Véase ' * 9}{address}</p>")))
    assert shown.count(address) == 2


def test_a_wide_table_fits_and_heads_every_sheet(tmp_path):
    columns = [f"Encabezado {letter}" for letter in "ABCDEFGH"]
    cell = "responsabilidades institucionales descentralizadas"
    path = make(tmp_path, table([[cell] * 8] * 40, columns=columns))
    boxes = BeautifulSoup(poppler("pdftotext", "-bbox", path, "-"), "html.parser")
    sheets = boxes.find_all("page")
    assert len(sheets) > 1
    for sheet in sheets:
        words = sheet.find_all("word")
        assert max(float(word["xmax"]) for word in words) < 595 - 50
        assert [word.get_text() for word in words].count("Encabezado") == 8
    # Words that stand side by side do not run into each other.
    lines = {}
    for word in sheets[0].find_all("word"):
        lines.setdefault(word["ymin"], []).append((float(word["xmin"]), float(word["xmax"])))
    for line in map(sorted, lines.values()):
        assert all(left[1] <= right[0] for left, right in itertools.pairwise(line))
