"""A real run of two regions in both languages, as a reader finds its folder.

One run (`ran`, in conftest.py) is shared by all these tests; another, of one region, proves that
the same data give the same bytes.
"""

import getpass
import hashlib
import json
import re
import sys
import tempfile
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from running import icanalysis

from icanalysis import results
from icanalysis.load import open_data

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "02_region_report.ipynb"
REGIONS = {"ayacucho": "Ayacucho", "cusco": "Cusco"}
PAGES = [(code, region) for code in ("es", "en") for region in REGIONS]
COLUMNS = (
    "indicator,region,group,period,statistic,value,se,low,high,p,p_min,n,cv,unit,source_kind,"
    "source,status,statement_key,note"
)


def beside(folder):
    """Names in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="session")
def site(ran):
    return ran[1]


@cache
def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(params=PAGES, ids="-".join)
def page(request, site):
    code, region = request.param
    return parsed(site / code / f"{region}.html")


@pytest.fixture(params=["es", "en"])
def code(request):
    return request.param


@pytest.fixture(params=list(REGIONS))
def region(request):
    return request.param


# --- the folder -----------------------------------------------------------------------


def test_a_run_ends_with_its_index_and_leaves_nothing_beside_it(ran):
    done, site = ran
    assert done.stdout.strip() == str(Path(site.name) / "index.html")
    assert done.stderr == ""
    assert beside(site.parent) == ["run", "run.log"]
    names = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    stems = {path.stem for path in NOTEBOOK.parent.glob("[0-9]*.ipynb")} - {NOTEBOOK.stem}
    pages = {
        f"{code}/{stem}.{kind}"
        for code in ("es", "en")
        for stem in stems | set(REGIONS)
        for kind in ("html", "ipynb")
    }
    sheets = {f"{code}/indicators.html" for code in ("es", "en")}
    assert names == pages | sheets | {"index.html", "results.csv", "run.json"}


def test_a_run_is_not_repeated_while_nothing_changed(ran):
    site = ran[1]
    before = (site / "index.html").stat().st_mtime_ns
    done = icanalysis("report", "cusco", "ayacucho", "--out", str(site), cwd=site.parent)
    assert done.returncode == 0
    assert done.stdout.startswith("Nothing changed since this run; --force repeats it.")
    assert (site / "index.html").stat().st_mtime_ns == before


def test_every_link_leads_to_a_file_of_the_run(site):
    links = 0
    for path in site.rglob("*.html"):
        for link in parsed(path).find_all("a"):
            target, _, anchor = link["href"].partition("#")
            assert ":" not in target, "a link that leaves the folder"
            assert (path.parent / target).is_file() or not target, link["href"]
            there = parsed((path.parent / target).resolve() if target else path)
            assert not anchor or there.find(id=anchor) is not None, link["href"]
            links += 1
    assert links > 50


# --- results.csv ----------------------------------------------------------------------


def test_results_have_the_columns_agreed_and_every_line_a_source(site):
    text = (site / "results.csv").read_text(encoding="utf-8")
    assert text.partition("\n")[0] == COLUMNS
    lines = results.read(site / "results.csv")
    for name in ("unit", "source", "source_kind", "status", "period"):
        assert (lines[name] != "").all()
    assert set(REGIONS) <= set(lines["region"])
    found = lines.set_index(["indicator", "region", "period", "statistic"])["value"]
    assert found["poverty_total", "ayacucho", "2009", "level"] == 58.8
    assert found["poverty_total", "ayacucho", "2009-2013", "change"] == pytest.approx(-6.9)
    assert found["poverty_total", "cusco", "2009-2013", "change"] == pytest.approx(18.8 - 40.4)


@pytest.fixture(scope="session")
def again(tmp_path_factory):
    """Another run, of one region in one language, made twice over."""
    home = tmp_path_factory.mktemp("again")
    arguments = ("report", "cusco", "--language", "en", "--no-pages", "--out", "run", "--force")
    done = icanalysis(*arguments, cwd=home)
    assert done.returncode == 0, done.stderr
    return home / "run"


def test_the_same_data_give_the_same_bytes(site, again):
    name = "en/cusco.ipynb"
    assert (again / name).read_bytes() == (site / name).read_bytes()
    # The other run holds Ayacucho's lines too; those of Cusco stand there in the same order.
    both = (site / "results.csv").read_bytes().splitlines()
    alone = (again / "results.csv").read_bytes().splitlines()
    wanted = set(alone)
    assert [line for line in both if line in wanted] == alone
    assert len(alone) > 150


def test_the_example_holds_the_figures_of_today(again):
    example = ROOT / "reports" / "example" / "results.csv"
    if not example.exists():
        pytest.skip("reports/example has not been made: make example")
    assert (again / "results.csv").read_bytes() == example.read_bytes()


def test_a_run_in_one_language_has_no_switch_and_no_link_to_the_other(again):
    index = parsed(again / "index.html")
    assert index.html["lang"] == "en"
    assert index.find_all("input") == []
    links = [link["href"] for link in parsed(again / "en" / "cusco.html").header.find_all("a")]
    assert links == ["../index.html", "cusco.ipynb"]
    assert not (again / "es").exists()


# --- run.json -------------------------------------------------------------------------


def test_the_record_names_every_input_by_its_checksum(site):
    record = json.loads((site / "run.json").read_text(encoding="utf-8"))
    data = ROOT / "data"
    assert len(record["inputs"]) == len(open_data(data).catalog.tables) + 2
    for name, recorded in record["inputs"].items():
        assert recorded == hashlib.sha256((data / name).read_bytes()).hexdigest(), name
    notebooks = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    held = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in notebooks}
    assert record["notebooks"] == held
    published = {path.relative_to(site).as_posix(): path.read_bytes()
                 for path in site.rglob("*") if path.is_file() and path.name != "run.json"}  # fmt: skip
    assert {"index.html", "results.csv", "es/cusco.ipynb", "en/ayacucho.html"} <= set(published)
    assert record["outputs"] == {
        name: hashlib.sha256(content).hexdigest() for name, content in published.items()
    }
    assert record["regions"] == {code: {"status": "ok"} for code in ("cusco", "ayacucho")}
    assert record["parameters"]["baseline"] == 2009
    assert record["parameters"]["languages"] == ["es", "en"]


def private():
    """What no file of a run may hold: places and names of this machine."""
    user = getpass.getuser()
    places = (ROOT, Path.home(), tempfile.gettempdir(), sys.prefix, sys.base_prefix)
    return [*(f"{place}/" for place in places), f"/{user}/", f"{user}@", "site-packages"]


def test_no_file_names_this_machine_or_the_moment(site):
    for path in site.rglob("*"):
        if path.is_dir():
            continue
        text = path.read_text(encoding="utf-8")
        # A picture's letters could spell anything.
        text = re.sub(r"[A-Za-z0-9+/=\\n]{200,}", "", text)
        for place in private():
            assert place not in text, f"{path.name} holds {place!r}"
        assert not re.search(r"\d\d:\d\d:\d\d", text), f"{path.name} holds a time"


def test_executed_notebooks_are_whole_and_hold_no_trace_of_papermill(site, code, region):
    path = site / code / f"{region}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert "papermill" not in notebook.metadata
    for cell in notebook.cells:
        assert not {"papermill", "execution"} & set(cell.metadata)
    (injected,) = [
        cell.source
        for cell in notebook.cells
        if "injected-parameters" in cell.metadata.get("tags", [])
    ]
    assert f'region = "{region}"' in injected
    assert f'language = "{code}"' in injected
    assert 'data_dir = "../data"' in injected
    assert 'out_dir = ""' in injected
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert len(outputs) > 20
    assert {output.output_type for output in outputs} <= {"display_data", "execute_result"}


# --- pages ----------------------------------------------------------------------------


def test_a_page_is_in_its_language(site, code, region):
    page = parsed(site / code / f"{region}.html")
    assert page.html["lang"] == code
    text = page.main.get_text(" ")
    mine, other = (("Fuentes", "¿Qué no se sabe?"), ("Sources", "What is not known?"))[
        :: 1 if code == "es" else -1
    ]
    for sentence in mine:
        assert sentence in text
    for sentence in other:
        assert sentence not in text


def narrative(code):
    """The narrative's paragraphs in one language, as the notebook holds them."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    chosen = [cell.source for cell in cells if f"lang-{code}" in cell.metadata.get("tags", [])]
    plain = [re.sub(r"[*`#]|^- ", "", line, flags=re.M).strip() for cell in chosen
             for line in cell.splitlines()]  # fmt: skip
    return [line for line in plain if len(line) > 10]


def test_a_page_holds_the_whole_narrative_of_its_language_and_none_of_the_other(site, code):
    text = parsed(site / code / "cusco.html").main.get_text()
    other = {"es": "en", "en": "es"}[code]
    assert len(narrative(code)) > 20
    # A link's address is not told, only its words.
    mine, theirs = (
        [re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", line) for line in narrative(each)]
        for each in (code, other)
    )
    assert [line for line in mine if line not in text] == []
    assert [line for line in theirs if line in text] == []


def test_the_title_names_the_region(site, code, region):
    page = parsed(site / code / f"{region}.html")
    assert page.h1.find(string=True).startswith(f"{REGIONS[region]}: ")
    assert page.title.get_text().startswith(REGIONS[region])


def test_headings_are_one_title_and_no_level_is_skipped(page):
    levels = [int(tag.name[1]) for tag in page.find_all(re.compile(r"^h[1-6]$"))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids)), "two places of the page have the same name"


def test_every_picture_is_described(page):
    images = page.find_all("img")
    assert len(images) >= 4
    for image in images:
        assert len(image["alt"]) > 40
        assert "No description" not in image["alt"]
        assert image["src"].startswith("data:image/png;base64,")
    assert len({image["alt"] for image in images}) == len(images)


def test_a_page_opens_offline(page):
    for tag in page.find_all(["link", "script", "img", "iframe", "object", "source", "form"]):
        for name in ("src", "href", "action", "data", "srcset"):
            assert not re.match(r"(https?:)?//", tag.get(name, "")), tag
    assert page.find_all(["script", "iframe", "link", "object", "form"]) == []
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert not any("://" in style.get_text() for style in page.find_all("style"))
    addresses = [cell for cell in page.find_all("td") if "https://" in cell.get_text()]
    assert addresses, "the sources' addresses are printed"


def test_no_code_is_shown(page):
    text = page.get_text()
    for code in ("import ", "open_view", "page.paragraph", "display(", "out_dir", "<Figure"):
        assert code not in text


def test_every_table_has_a_caption_and_scoped_headers(page):
    tables = page.find_all("table")
    assert len(tables) > 10
    for table in tables:
        assert table.caption.get_text(strip=True)
        width = len(table.select('thead th[scope="col"]'))
        assert width == len(table.select("thead th"))
        for row in table.select("tbody tr"):
            assert row.find_all(["th", "td"])[0].get("scope") == "row"
            assert len(row.find_all(["th", "td"])) == width


def cells(page):
    """Cells of every table but the sources', whose titles and dates are their publishers'."""
    return [
        [[cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
         for row in table.select("tbody tr")]
        for table in page.find_all("table")
    ]  # fmt: skip


def test_both_languages_hold_the_same_numbers_cell_by_cell(site, region):
    spanish, english = (cells(parsed(site / code / f"{region}.html")) for code in ("es", "en"))
    assert len(spanish) == len(english)
    compared = 0
    for one, other in zip(spanish, english, strict=True):
        for left, right in zip(one, other, strict=True):
            for here, there in zip(left, right, strict=True):
                numbers = sorted(re.findall(r"\d[\d,.]*\d|\d", here))
                assert numbers == sorted(re.findall(r"\d[\d,.]*\d|\d", there)), (here, there)
                compared += len(numbers)
    assert compared > 300


@cache
def indicators():
    return pd.read_csv(ROOT / "data" / "indicators.csv").set_index("indicator")


def shown(value, unit):
    """A value as a page writes it, worked out without this package."""
    return f"{value:,.1f}" if unit == "percent" else f"{value:,.0f}"


@cache
def in_words(code):
    """What sources print in words instead of a figure, by indicator."""
    rows = pd.read_csv(ROOT / "data" / "programme" / "reported_values.csv").dropna(
        subset="printed_es"
    )
    return dict(zip(rows["indicator"], rows[f"printed_{code}"], strict=True))


def test_every_figure_used_stands_on_its_page_with_its_source(site, code, region):
    lines = results.read(site / "results.csv")
    used = lines[(lines["statistic"] == "level") & (lines["status"] == "used")]
    parts = used["region"].str.split("+")
    used = used[parts.map(lambda codes: bool({region, "programme", "peru"} & set(codes)))]
    page = parsed(site / code / f"{region}.html")
    names = indicators()[f"name_{code}"]
    stated = indicators()["level"] == "context"
    rows = [row for table in cells(page) for row in table]
    for line in used.itertuples():
        value = shown(line.value, line.unit)
        if stated[line.indicator]:  # stands beside the source's own words, which say of what
            printed = in_words(code).get(line.indicator)
            value = printed or f"{line.value:,.1f}".removesuffix(".0")
        where = [
            row for row in rows
            if row[0].startswith(names[line.indicator])
            and re.match(re.escape(value) + r"(%| |$)", row[1])
            and row[-1].startswith(line.source.split(":")[0])
        ]  # fmt: skip
        assert where, f"{line.indicator} of {line.region} ({line.value}) is not on the page"
    assert stated[used["indicator"]].sum() == 4
    assert len(used) > 30


def test_every_official_figure_of_the_region_stands_on_its_page(site, code, region):
    lines = results.read(site / "results.csv")
    poverty = lines[(lines["indicator"] == "poverty_total") & (lines["region"] == region)]
    rows = [row for table in cells(parsed(site / code / f"{region}.html")) for row in table]
    levels = poverty[poverty["statistic"] == "level"]
    assert len(levels) == 10
    for line in levels.itertuples():
        assert [line.period, f"{line.value:.1f}"] in [row[:2] for row in rows]
    changes = poverty[poverty["statistic"] == "change"]
    assert len(changes) == 5
    for line in changes.itertuples():
        written = f"{line.value:+.1f} ".replace("-", "−")
        assert any(
            row[1] == line.period.replace("-", "–") and row[2].startswith(written)
            for row in rows
            if len(row) > 2
        ), line.period


def test_a_reader_of_ayacucho_is_told_both_answers(site):
    english = parsed(site / "en" / "ayacucho.html").main.get_text()
    spanish = parsed(site / "es" / "ayacucho.html").main.get_text()
    for text in (english, spanish):
        for number in ("58.8%", "51.9%", "−6.9", "+3.7", "2,423,944", "2,500", "0.10%"):
            assert number in text
        assert text.index("+3.7") < text.index("2,423,944"), "sensitivity is on the first page"
    assert "It fell by 6.9 percentage points." in english
    assert "Bajó 6.9 puntos porcentuales." in spanish
    assert "nan" not in re.findall(r"\w+", english + spanish)


def test_pages_name_their_sources_and_the_run(page):
    footer = page.find("footer").get_text()
    assert "results.csv" in footer
    assert "run.json" in footer
    # What is simulated comes after the sources.
    listed = next(each for each in page.find_all("table") if each.find("td", class_="address"))
    codes = {row.th.get_text() for row in listed.select("tbody tr")}
    assert {"P1", "P2", "S1", "S2"} <= codes
    cited = set(re.findall(r"\b[PS]\d+\b(?=: )", page.main.get_text()))
    assert cited <= codes


# --- index ----------------------------------------------------------------------------


def test_the_index_has_a_card_per_region_in_each_language(site):
    index = parsed(site / "index.html")
    assert index.html["lang"] == "es"
    for code in ("es", "en"):
        part = index.find(attrs={"data-for": code})
        assert part["lang"] == code
        cards = part.select("li.card")
        assert {card.h2.get_text() for card in cards} == set(REGIONS.values())
        for card in cards:
            assert card.h2.get_text() in card.find_all("p")[1].get_text()
            stem = f"{code}/{card.h2.get_text().lower()}"
            assert [link["href"] for link in card.find_all("a")] == [
                f"{stem}.html",
                f"{stem}.ipynb",
            ]
    assert "It fell by 6.9 percentage points." in index.get_text()
    cautions = {
        "es": "Contado desde otro año, el cambio tiene el signo contrario: desde 2010, +3.7.",
        "en": "Counted from another year it has the other sign: from 2010, +3.7.",
    }
    for code, caution in cautions.items():
        cards = index.find(attrs={"data-for": code}).select("li.card")
        assert [caution in card.get_text() for card in cards] == [
            card.h2.get_text() == "Ayacucho" for card in cards
        ]
    assert index.find_all(["script", "link", "img", "iframe"]) == []
    policy = index.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'")


def test_a_card_counts_what_the_programme_delivered_and_no_statement(site):
    lines = results.read(site / "results.csv")
    used = lines[(lines["statistic"] == "level") & (lines["status"] == "used")]
    counted = used[used["indicator"].map(indicators()["level"]) != "context"]
    assert len(counted) < len(used)
    index = parsed(site / "index.html")
    for code in ("es", "en"):
        for card in index.find(attrs={"data-for": code}).select("li.card"):
            name = card.h2.get_text().lower()
            here = counted["region"].map(lambda areas, name=name: name in areas.split("+")).sum()
            whole = (counted["region"] == "programme").sum()
            said = card.find_all("p")[0].get_text()
            assert re.findall(r"\d+", said) == [str(here), str(whole)], said


def test_the_index_has_one_title_in_each_language(site):
    index = parsed(site / "index.html")
    for code in ("es", "en"):
        part = index.find(attrs={"data-for": code})
        assert len(part.find_all("h1")) == 1
        levels = [int(tag.name[1]) for tag in part.find_all(re.compile(r"^h[1-6]$"))]
        assert levels == [1] + [2] * (len(REGIONS) + 1)  # and the pages on the whole programme
