"""Pages made from small notebooks: one language, no code, nothing from outside, all described."""

import base64
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from icanalysis import render
from icanalysis.language import language

SPANISH, ENGLISH = language("es"), language("en")
PICTURE = base64.b64encode(b"\x89PNG not really").decode()
HOSTILE = '"><script>alert(1)</script> & *bold*'


def shown(data, metadata=None):
    return new_code_cell(
        "import secrets",
        outputs=[new_output("display_data", data=data, metadata=metadata or {})],
    )


def picture(alt):
    return shown({"image/png": PICTURE}, {"image/png": {"alt": alt}} if alt is not None else {})


def tagged(text, *tags):
    return new_markdown_cell(text, metadata={"tags": list(tags)})


def page(*cells, reader=ENGLISH, title="Cusco · Crafts", links=(), **more):
    notebook = new_notebook(cells=[shown({"text/markdown": "# Cusco"}), *cells])
    made = render.notebook_page(
        notebook,
        reader,
        title=title,
        programme="Crafts",
        links=links,
        footer="Made by hand.",
        **more,
    )
    assert made.startswith("<!DOCTYPE html>")
    return BeautifulSoup(made, "html.parser")


def test_only_the_readers_language_is_kept():
    cells = [tagged("## Pregunta", "lang-es"), tagged("## Question", "lang-en"), tagged("Both")]
    english, spanish = page(*cells), page(*cells, reader=SPANISH)
    assert [title.get_text() for title in english.main.find_all("h2")] == ["Question"]
    assert [title.get_text() for title in spanish.main.find_all("h2")] == ["Pregunta"]
    assert english.html["lang"] == "en"
    assert spanish.html["lang"] == "es"
    assert "Both" in english.main.get_text()


def test_code_parameters_and_warnings_are_not_shown():
    noisy = new_code_cell(
        "secret_code()",
        outputs=[
            new_output("stream", name="stderr", text="a warning"),
            new_output("stream", name="stdout", text="<printed>"),
        ],
    )
    parameters = new_code_cell("region = 'cusco'", metadata={"tags": ["parameters"]},
        outputs=[new_output("stream", name="stdout", text="of the parameters")])  # fmt: skip
    injected = new_code_cell("region = 'puno'", metadata={"tags": ["injected-parameters"]})
    text = page(noisy, parameters, injected).get_text()
    assert "<printed>" in text
    for hidden in ("secret_code", "import", "a warning", "region =", "of the parameters"):
        assert hidden not in text


def test_nothing_is_loaded_from_outside():
    made = page(picture("a chart"), tagged("## Question", "lang-en"))
    assert made.find_all(["script", "link", "iframe", "object"]) == []
    assert [image["src"][:22] for image in made.find_all("img")] == ["data:image/png;base64,"]
    policy = made.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    for style in made.find_all("style"):
        assert "url(" not in style.get_text()
        assert "@import" not in style.get_text()


@pytest.mark.parametrize("alt", [None, ""])
def test_a_picture_nobody_described_is_refused(alt):
    with pytest.raises(ValueError, match=r"no description \(page\.chart takes one\)"):
        page(picture(alt))


def test_a_description_is_text_whatever_it_holds():
    made = page(picture(HOSTILE))
    assert made.find("img")["alt"] == HOSTILE
    assert made.find("script") is None


def test_names_in_title_links_and_footer_are_text():
    made = page(title=HOSTILE, links=[{"href": "x.html", "text": HOSTILE}])
    assert made.title.get_text() == HOSTILE
    assert made.header.a.get_text() == HOSTILE
    assert made.find("script") is None


def test_links_say_the_language_they_lead_to():
    links = [{"href": "../es/cusco.html", "text": "Español", "language": "es"}]
    link = page(links=links).header.a
    assert (link["href"], link["lang"], link["hreflang"]) == ("../es/cusco.html", "es", "es")


NAMES = {f"i{number}": f"Indicator {number}" for number in range(7)} | {"x": HOSTILE}


def about(*codes):
    return shown({"text/html": f'<figure class="table" data-about="{" ".join(codes)}"></figure>'})


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        pytest.param(["i1"], "Indicator sheet: Indicator 1", id="one"),
        pytest.param(["i2", "i1"], "Indicator sheets: Indicator 2 · Indicator 1", id="in order"),
        pytest.param(["x"], f"Indicator sheet: {HOSTILE}", id="a name is text"),
    ],
)
def test_a_table_leads_to_the_sheets_of_its_indicators(codes, said):
    made = page(about(*codes), indicators=NAMES)
    line = made.select_one("figure + p.about")
    assert line.get_text() == said
    assert [link["href"] for link in line.find_all("a")] == [
        f"indicators.html#{code}" for code in codes
    ]
    assert made.find("script") is None


@pytest.mark.parametrize(("count", "links"), [(5, 5), (6, 1)])
def test_a_table_about_many_indicators_leads_to_the_page_of_all(count, links):
    made = page(about(*list(NAMES)[:count]), indicators=NAMES, reader=SPANISH)
    line = made.select_one("p.about")
    assert len(line.find_all("a")) == links
    if links == 1:
        assert line.a["href"] == "indicators.html"
        assert line.get_text() == "Fichas de los indicadores: todas las fichas"


def test_without_names_there_are_no_links_that_would_lead_nowhere():
    assert page(about("i1")).select("p.about") == []


def test_a_table_about_nothing_gets_no_line():
    made = page(shown({"text/html": "<figure class='table'></figure>"}), indicators=NAMES)
    assert made.select("p.about") == []


def test_a_table_about_an_indicator_nobody_recorded_is_refused():
    with pytest.raises(ValueError, match=r"no record: \['nobody'\]"):
        page(about("i1", "nobody"), indicators=NAMES)


def test_contents_lead_to_every_question_of_the_page():
    made = page(tagged("## What changed?", "lang-en"), tagged("## And then?", "lang-en"))
    entries = made.nav.find_all("a")
    assert [entry.get_text() for entry in entries] == ["What changed?", "And then?"]
    for entry in entries:
        assert made.find(id=entry["href"].removeprefix("#")).get_text() == entry.get_text()
    assert made.nav["aria-label"] == "Contents"
    assert [tag.name for tag in made.main.find_all(["h1", "nav", "h2"])][:2] == ["h1", "nav"]


def test_a_link_to_a_heading_leads_to_it_by_its_name_on_the_page():
    heading = "Demostración: ¿qué añadiría, y a quién?"
    place = quote(heading.replace(" ", "-"), safe="")  # as JupyterLab names it (page.pointing)
    made = page(tagged(f"[there](#{place})"), tagged(f"## {heading}"))
    link = made.main.select_one("p a")
    assert made.find(id=link["href"].removeprefix("#")).get_text() == heading


def test_a_page_with_contents_leads_back_to_them_and_one_without_does_not():
    made = page(tagged("## What changed?", "lang-en"))
    back = made.footer.select_one("a.back")
    assert back["href"] == f"#{made.nav['id']}"
    assert back.get_text() == "↑ Contents"
    assert page().select_one("a.back") is None


def test_the_contents_of_a_spanish_page_are_called_so():
    made = page(tagged("## ¿Qué cambió?", "lang-es"), reader=SPANISH)
    assert made.nav["aria-label"] == "Contenido"
    assert made.find(id="qué-cambió").get_text() == "¿Qué cambió?"


def test_the_page_of_a_failure_folds_the_technical_part():
    made = BeautifulSoup(
        render.failure_page(
            ENGLISH, name="Cusco", message="ValueError: <b>broken</b>", traceback=HOSTILE
        ),
        "html.parser",
    )
    assert made.html["lang"] == "en"
    assert made.h1.get_text() == "Cusco: this page could not be made"
    assert made.main.find("pre", recursive=False).get_text() == "ValueError: <b>broken</b>"
    assert made.details.pre.get_text() == HOSTILE
    assert not made.details.has_attr("open")
    assert made.find("script") is made.find("b") is None
    assert made.a["href"] == "../index.html"


def test_a_failure_in_spanish():
    made = render.failure_page(SPANISH, name="Cusco", message="x", traceback="y")
    assert BeautifulSoup(made, "html.parser").html["lang"] == "es"
    assert BeautifulSoup(made, "html.parser").h1.get_text().startswith("Cusco: no se pudo")


def test_the_index_shows_each_language_in_its_own_part():
    edition = {
        "heading": HOSTILE,
        "lead": "lead",
        "note": "note",
        "more": "more",
        "pages": [{"href": "es/03_why.html", "text": HOSTILE, "pdf": "es/03_why.pdf"}],
        "links": [{"href": "results.csv", "text": "results.csv"}],
        "cards": [
            {"name": HOSTILE, "failed": True, "sentences": [HOSTILE], "links": []},
        ],
    }
    editions = [
        {**edition, "code": "es", "name": "Español"},
        {**edition, "code": "en", "name": "English"},
    ]
    both = BeautifulSoup(render.index_page(editions), "html.parser")
    assert both.html["lang"] == "es"
    assert [part["lang"] for part in both.find_all(attrs={"data-for": True})] == ["es", "en"]
    assert [box["id"] for box in both.find_all("input") if box.has_attr("checked")] == ["show-es"]
    assert both.find("script") is None
    assert both.h2.get_text() == HOSTILE
    assert both.find("a", href="es/03_why.pdf")["aria-label"] == f"PDF: {HOSTILE}"
    alone = BeautifulSoup(render.index_page(editions[1:]), "html.parser")
    assert alone.html["lang"] == "en"
    assert alone.find_all("input") == []


def test_the_style_hides_only_the_language_not_chosen():
    style = (Path(render.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
    assert '#show-es:checked ~ [data-for="en"]' in style
    assert '#show-en:checked ~ [data-for="es"]' in style
