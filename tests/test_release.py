"""What one agency receives: what is its own, nothing else, and all of it as the run has it."""

import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pypdf
import pyrage
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from lxml import etree

from icanalysis import bundle, contents, gate, pdf, release, results, seal, spreadsheet
from icanalysis.cli import main
from icanalysis.contents import Press
from icanalysis.disclosure import SUPPRESSED
from icanalysis.errors import WorkbookError
from icanalysis.evaluation import Agency
from icanalysis.language import language
from icanalysis.load import open_data, sha256
from icanalysis.named import Names

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def ran(ran):
    """The folder of a run of two regions, not to be changed."""
    return ran[1]


@pytest.fixture(scope="module")
def data():
    return open_data(ROOT / "data")


@pytest.fixture(scope="module")
def press(data):
    with Press(data) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def sparing():
    """Make the PDF of one region, and blank ones for the other pages: each takes a second."""
    write, blank = pdf.write, io.BytesIO()
    paper = pypdf.PdfWriter()
    paper.add_blank_page(595, 842)
    paper.write(blank)

    def written(page, target, reader, **words):
        if target.stem == "cusco":
            write(page, target, reader, **words)
        else:
            target.write_bytes(blank.getvalue())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "write", written)
        yield


def confined(data, **limits):
    """The data of an evaluation whose agency UNESCO is confined so."""
    agency = Agency(code="unesco", name={"es": "UNESCO", "en": "UNESCO"}, **limits)
    evaluation = data.evaluation.model_copy(update={"agencies": (agency,)})
    other = open_data(data.path)
    other.__dict__["evaluation"] = evaluation
    return other


@pytest.fixture(scope="module")
def made(ran, data, press, tmp_path_factory):
    """A bundle for UNESCO, in Spanish, as a folder and packed."""
    chosen = bundle.choose(ran, data, "UNESCO", None)
    return make(chosen, press, tmp_path_factory.mktemp("made") / "unesco")


def make(*arguments, guard=lambda folder: None, **options):
    """Make a bundle, by default one that nothing is found in."""
    return release.make(*arguments, guard=guard, **options)


def refused(function, *arguments, **options):
    with pytest.raises(WorkbookError) as error:
        function(*arguments, **options)
    return error.value.told(language("en"))


def words(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").get_text(" ")


def pages(folder):
    return sorted(folder.rglob("*.html"))


# --- what goes --------------------------------------------------------------------------------


def test_it_holds_pages_tables_and_a_list_of_them(made, ran):
    record = json.loads((ran / "run.json").read_text())
    names = {path.relative_to(made[0]).as_posix() for path in made[0].rglob("*.*")}
    assert {
        "index.html",
        "removed.html",
        "results.csv",
        "figures.xlsx",
        "iati.xml",
        "manifest.json",
    } <= names
    assert {f"es/{code}.html" for code in record["regions"]} <= names
    assert not [name for name in names if name.endswith((".ipynb", "run.json")) or "en/" in name]
    assert seal.verify(made[0]).problems == seal.verify(made[1]).problems == ()


def test_every_figure_is_as_the_run_has_it(made, ran):
    there, run = (results.read(path / "results.csv") for path in (made[0], ran))
    real = run[run["source_kind"] != "simulated"].reset_index(drop=True)
    assert len(there) and there.equals(real)


def test_nothing_simulated_goes_unless_asked_for_by_name(made, ran, data, press, tmp_path):
    for path in pages(made[0] / "es"):
        if path.stem not in ("indicators", "00_start_here"):  # which tell what is simulated
            soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            headings = [each.get_text() for each in soup.find_all(["h1", "h2"])]
            assert not [each for each in headings if "emostración" in each], path
            assert not soup.select(".badge"), path
    assert "SIMULADOS" in words(made[0] / "removed.html")
    chosen = bundle.choose(ran, data, "unesco", "es", simulated=True)
    with_all, _ = make(chosen, press, tmp_path / "all")
    shown = words(with_all / "es" / "cusco.html")
    assert "Demostración" in shown and "SIMULADOS" not in words(with_all / "removed.html")
    assert (results.read(with_all / "results.csv")["source_kind"] == "simulated").any()
    assert json.loads((with_all / "manifest.json").read_text())["simulated"] is True


def test_every_link_leads_to_something_in_it(made):
    for path in pages(made[0]):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for link in soup.select("a[href]"):
            target, _, anchor = link["href"].partition("#")
            if "://" in target:
                continue
            there = (path.parent / target) if target else path
            assert there.is_file(), (path.name, link["href"])
            if anchor and there.suffix == ".html":
                other = soup if there == path else BeautifulSoup(there.read_text(), "html.parser")
                assert other.find(id=anchor), (path.name, link["href"])


def test_a_page_says_what_the_runs_page_says(made, ran):
    """But for what was left out, and for links and the foot of the page."""
    first, second = (
        [each.get_text(" ", strip=True) for each in soup.select("main p, main li, main td")]
        for soup in (
            BeautifulSoup((folder / "es" / "cusco.html").read_text(), "html.parser")
            for folder in (made[0], ran)
        )
    )
    assert len(first) > 200
    # Two sentences point to the demonstrations, and no longer do.
    pointing = [each for each in first if each not in second]
    assert len(pointing) == 2
    assert [each for each in pointing if not any(other.startswith(each) for other in second)] == []


def test_cards_of_the_index_say_what_the_runs_index_says(made, ran):
    cards = BeautifulSoup((made[0] / "index.html").read_text(), "html.parser").select(".card p")
    whole = words(ran / "index.html")
    told = [card.get_text(" ", strip=True) for card in cards if not card.a]
    assert len(told) >= 3
    assert [each for each in told if each not in whole] == []


def test_every_page_is_there_as_a_pdf_too(made, ran):
    beside = {path.stem for path in pages(made[0] / "es")} - {"indicators"}
    assert {path.stem for path in (made[0] / "es").glob("*.pdf")} == beside
    soup = BeautifulSoup((made[0] / "index.html").read_text(), "html.parser")
    linked = [link["href"] for link in soup.select("a") if link["href"].endswith(".pdf")]
    assert sorted(linked) == sorted(f"es/{name}.pdf" for name in beside)
    manifest = json.loads((made[0] / "manifest.json").read_text())
    assert set(linked) <= set(manifest["files"])


def test_a_report_on_paper_says_what_its_page_says(made):
    reader = pypdf.PdfReader(made[0] / "es" / "cusco.pdf")
    said = " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())
    page = BeautifulSoup((made[0] / "es" / "cusco.html").read_text(), "html.parser")
    sentences = [each.get_text() for each in page.select("main p, main li") if not each.a]
    assert len(sentences) > 40
    told = re.sub(r"\s", "", said)
    missing = [each for each in sentences if re.sub(r"\s", "", each) not in told]
    assert len(missing) <= 3, missing  # a page may end in a sentence
    parts = [each.title for each in reader.outline[1] if not isinstance(each, list)]
    assert {"¿Qué pasó con la pobreza?", "Fuentes", "Anexo: tablas"} <= set(parts)
    run = json.loads((made[0] / "manifest.json").read_text())["run"]
    assert f"Edición {run[:8]}" in said
    assert gate.findings(made[0] / "es" / "cusco.pdf", gate.watch(None)) == []


def test_no_bundle_goes_without_a_pdf(ran, data, tmp_path, monkeypatch):
    render = contents._page
    monkeypatch.setattr(
        contents, "_page", lambda *asked: re.sub(r' alt="[^"]*"', "", render(*asked), count=1)
    )
    chosen = bundle.choose(ran, confined(data, regions=("cusco",)), "unesco", "en")
    with Press(data) as press:
        told = refused(make, chosen, press, tmp_path / "out" / "unesco")
    assert "cusco.html” cannot be made into a PDF" in told and "alt text" in told
    assert list(tmp_path.iterdir()) == []


# --- for whom ---------------------------------------------------------------------------------


def test_an_agency_confined_to_a_region_has_that_and_the_whole(ran, data, press, tmp_path):
    other = confined(data, regions=("ayacucho",))
    chosen = bundle.choose(ran, other, "unesco", None)
    levels = data.table("indicators").set_index("indicator")["level"]
    here = [
        bool({"programme", "peru", "ayacucho"} & set(region.split("+")))
        for region in chosen.lines["region"]
    ]
    # What happened around it is no region's own: its report sets it beside the others.
    assert set(chosen.lines.loc[~np.array(here), "indicator"].map(levels)) == {"context"}
    assert chosen.pages == ()
    folder, _ = make(chosen, press, tmp_path / "one")
    assert [path.stem for path in pages(folder / "es")] == [
        *(each.code for each in chosen.regions), "indicators",
    ]  # fmt: skip
    assert all(region.code == "ayacucho" for region in chosen.regions)
    told = words(folder / "removed.html")
    assert "regiones que no le conciernen" in told and "todo el programa" in told


@pytest.fixture(scope="module")
def of_two(ran, data, press, tmp_path_factory):
    """The bundle of an agency confined to two indicators."""
    other = confined(data, indicators=("ventures_financed", "poverty_total"))
    chosen = bundle.choose(ran, other, "unesco", "en")
    return make(chosen, press, tmp_path_factory.mktemp("two") / "unesco")[0]


def test_an_agency_confined_to_indicators_has_pages_of_those_alone(of_two, ran, data):
    made = [path.stem for path in pages(of_two / "en")]
    regions = json.loads((ran / "run.json").read_text())["regions"]
    assert made == sorted([*regions, "programme", "indicators"])
    assert all((of_two / "en" / f"{name}.pdf").is_file() for name in (*regions, "programme"))
    names = data.table("indicators").set_index("indicator")["name_en"]
    own = {names["ventures_financed"], names["poverty_total"]}
    # Those in whose names no name of its own is hidden.
    foreign = [name for name in names if not any(name in each for each in own)]
    foreign.remove(names["families_reached"])  # what could move in a series rests on them
    for page in [*pages(of_two / "en"), of_two / "index.html", of_two / "iati.xml"]:
        said = words(page) if page.suffix == ".html" else page.read_text(encoding="utf-8")
        told = [name for name in foreign if re.search(rf"(?i)\b{re.escape(name)}\b", said)]
        assert told == [], page
    cusco = words(of_two / "en" / "cusco.html")
    # INEI: 40.4 in 2009, 18.8 in 2013.
    assert "Total monetary poverty in Cusco: 40.4% in 2009 and 18.8% in 2013" in cusco
    assert "results.csv alone: Ventures financed." in cusco
    assert "94 ventures" in words(of_two / "en" / "programme.html")
    index = words(of_two / "index.html")
    assert "Figures for UNESCO: Whole programme" in index
    assert "Figures of: Total monetary poverty." in index
    assert "The full reports of regions" in words(of_two / "removed.html")


def test_what_a_page_of_its_own_shows_is_what_the_run_has(of_two):
    """Every percentage of its tables is a number of its own lines, or one that their notes hold."""
    lines = results.read(of_two / "results.csv")
    known = {f"{abs(value):.1f}" for name in ("value", "low", "high") for value in lines[name]}
    notes = " ".join(lines["note"].dropna())
    known |= {f"{float(found):.1f}" for found in re.findall(r"fit:(\d+\.\d+)", notes)}
    soup = BeautifulSoup((of_two / "en" / "cusco.html").read_text(), "html.parser")
    cells = [cell.get_text() for cell in soup.select("tbody td")]
    shown = {found for cell in cells for found in re.findall(r"\d+\.\d\b", cell)}
    assert len(shown) > 15
    assert shown <= known


def test_its_iati_file_holds_its_own_indicators_and_says_so(of_two):
    activity = etree.parse(of_two / "iati.xml").getroot().find("iati-activity")
    titles = activity.findall("result/indicator/title")
    assert ["".join(title.itertext()).split() for title in titles] == [
        ["Emprendimientos", "financiados", "Ventures", "financed"]
    ]
    told = " ".join(activity.find("description").itertext())
    assert "This edition holds only what concerns UNESCO" in told
    assert "Esta edición contiene solo lo que concierne a UNESCO" in told
    note = next(node for node in activity.iter(etree.Comment) if "sha256" in node.text)
    assert sha256(of_two / "results.csv") in note.text


def test_an_agency_confined_to_indicators_has_no_sheet_of_another(of_two, data):
    lines = results.read(of_two / "results.csv")
    assert set(lines["indicator"]) == {"ventures_financed", "poverty_total"}
    soup = BeautifulSoup((of_two / "en" / "indicators.html").read_text(), "html.parser")
    codes = {
        each.get_text()
        for each in soup.select("dd")
        if each.get_text() in set(data.table("indicators")["indicator"])
    }
    assert codes == {"ventures_financed", "poverty_total"}
    assert "indicators that do not concern it" in words(of_two / "removed.html")


def test_an_agency_confined_to_a_sector_has_no_figure_of_another(ran, data):
    lines = bundle.choose(ran, data, "unesco", None).lines
    sectors = {sector.code for sector in data.evaluation.sectors}
    of = [sectors & set(re.split(r"[;:+]", group)) for group in lines["group"]]
    assert any(of), "no figure of the run is of a sector"
    own = next(iter(next(found for found in of if found)))
    chosen = bundle.choose(ran, confined(data, sectors=(own,)), "unesco", None)
    left = [sectors & set(re.split(r"[;:+]", group)) for group in chosen.lines["group"]]
    assert all(not found or own in found for found in left)
    assert any(left)
    # No sheet of an indicator of which it has no figure: its text may quote one.
    assert set(chosen.indicators) == set(chosen.lines["indicator"])


def test_what_is_suppressed_is_listed_empty_and_told(ran, data, press, tmp_path):
    chosen = bundle.choose(ran, data, "unesco", "en")
    first = chosen.lines.index[chosen.lines["value"].notna()][0]
    chosen.lines.loc[first, "status"] = SUPPRESSED
    path = tmp_path / "figures.xlsx"
    spreadsheet.write(
        path, Names(language("en"), data), chosen.lines.loc[[first]],
        title="a title", sheets=[], sources=data.table("sources"),
    )  # fmt: skip
    sheet = openpyxl.load_workbook(path).worksheets[1:3]
    rows = [row for part in sheet for row in part.iter_rows(min_row=2, values_only=True)]
    assert [row[8] for row in rows] == [None]
    assert any("suppressed" in str(cell) for cell in rows[0])


# --- the spreadsheet --------------------------------------------------------------------------


def test_the_spreadsheet_holds_every_figure_once_as_a_number(made):
    book = openpyxl.load_workbook(made[0] / "figures.xlsx")
    lines = results.read(made[0] / "results.csv")
    rows = [
        row
        for sheet in book.worksheets[1:3]
        for row in sheet.iter_rows(min_row=2, values_only=True)
    ]
    assert len(rows) == len(lines)
    titles = [cell.value for cell in book.worksheets[1][1]]
    place = {name: titles.index(name) for name in ("Indicador, código", "Valor")}
    told = sorted(
        (row[place["Indicador, código"]], row[place["Valor"]])
        for row in rows
        if row[place["Valor"]] is not None
    )
    known = lines.dropna(subset="value")
    wanted = sorted(zip(known["indicator"], known["value"], strict=True))
    assert [name for name, _ in told] == [name for name, _ in wanted]
    # A spreadsheet holds sixteen digits.
    assert [value for _, value in told] == pytest.approx([value for _, value in wanted], rel=1e-15)


def test_no_text_becomes_a_formula(tmp_path, data):
    line = {
        "indicator": "=1+1", "region": "@here", "period": "-2", "statistic": "level", "unit": "+x",
        "source_kind": "official", "source": "\t=cmd", "status": "context", "value": 1.0,
    }  # fmt: skip
    path = tmp_path / "a.xlsx"
    spreadsheet.write(
        path, Names(language("en")), results.lines([line]),
        title="=2", sheets=[], sources=data.table("sources"),
    )  # fmt: skip
    cells = [cell for sheet in openpyxl.load_workbook(path) for row in sheet for cell in row]
    assert {cell.value for cell in cells} >= {"=1+1", "@here", "=2"}
    with zipfile.ZipFile(path) as packed:
        assert not [name for name in packed.namelist() if b"<f>" in packed.read(name)]


# --- made ------------------------------------------------------------------------------------


def test_the_same_run_gives_the_same_bytes(made, ran, data, tmp_path):
    again = make(bundle.choose(ran, data, "unesco", "es"), Press(data), tmp_path / "unesco")
    assert again[1].read_bytes() == made[1].read_bytes()


def test_with_a_recipient_only_they_can_read_it(ran, data, press, tmp_path):
    reader = pyrage.x25519.Identity.generate()
    keys = seal.make_keys(tmp_path / "keys")
    chosen = bundle.choose(ran, data, "unesco", None)
    _, packed = make(
        chosen, press, tmp_path / "unesco", key=keys[0], recipients=[str(reader.to_public())]
    )
    assert packed.name == "unesco.zip.age"
    assert not (tmp_path / "unesco.zip").exists()
    plain = tmp_path / "plain.zip"
    plain.write_bytes(pyrage.decrypt(packed.read_bytes(), [reader]))
    checked = seal.verify(plain, keys[1])
    assert (checked.problems, checked.signed) == ((), True)


def test_only_an_earlier_bundle_for_the_same_is_replaced(ran, data, press, tmp_path):
    chosen = bundle.choose(ran, data, "unesco", None)
    place = tmp_path / "unesco"
    make(chosen, press, place)
    _, packed = make(chosen, press, place)
    for other in (bundle.choose(ran, data, "fao", None), bundle.choose(ran, data, "unesco", "en")):
        assert "left alone" in refused(make, other, press, place)
    (place / "notes.txt").write_text("mine")
    assert "left alone" in refused(make, chosen, press, place)
    assert (place / "notes.txt").read_text() == "mine"
    (tmp_path / "other.zip").write_text("mine")
    assert "left alone" in refused(make, chosen, press, tmp_path / "other")
    (tmp_path / "empty").mkdir()
    assert "left alone" in refused(make, chosen, press, tmp_path / "empty")
    (place / "notes.txt").unlink()
    packed.unlink()
    packed.mkdir()
    assert "left alone" in refused(make, chosen, press, place)
    assert seal.verify(place).problems == ()
    assert not list(tmp_path.glob(".*"))


def test_what_was_packed_for_all_does_not_stay_beside_what_is_for_one(ran, data, press, tmp_path):
    chosen = bundle.choose(ran, data, "unesco", None)
    make(chosen, press, tmp_path / "unesco")
    reader = str(pyrage.x25519.Identity.generate().to_public())
    make(chosen, press, tmp_path / "unesco", recipients=[reader])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["unesco", "unesco.zip.age"]


def test_no_bundle_is_made_within_a_run(ran, data, press, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(ran, run)
    chosen = bundle.choose(run, data, "unesco", None)
    assert "folder of a run" in refused(make, chosen, press, run / "unesco")
    assert bundle.choose(run, data, "unesco", None)


def test_an_agency_whom_nothing_concerns_is_told(ran, data):
    other = confined(data, indicators=("household_poverty",))  # simulated here
    assert "concerns the agency unesco" in refused(bundle.choose, ran, other, "unesco", None)


def test_nothing_is_left_of_a_bundle_that_cannot_be_sealed(ran, data, press, tmp_path):
    chosen = bundle.choose(ran, data, "unesco", None)
    (tmp_path / "a.key").write_text("no key")
    asked = (chosen, None, tmp_path / "out" / "unesco")  # refused before anything is printed
    assert "a.key cannot sign" in refused(make, *asked, key=tmp_path / "a.key")
    assert "age1x" in refused(make, *asked, recipients=["age1x"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"]


def test_nothing_is_made_of_what_the_gate_finds(ran, data, tmp_path, monkeypatch):
    planted = contents._page

    def page(*arguments):
        return planted(*arguments).replace("</main>", "<p>maria.quispe@example.org</p></main>")

    monkeypatch.setattr(contents, "_page", page)
    to = tmp_path / "out" / "unesco.zip"
    options = ["--data", str(data.path), "--language", "en", "--to", str(to)]
    done = CliRunner().invoke(main, ["release", str(ran), "--agency", "unesco", *options])
    assert done.exit_code == 1
    assert "“unesco” was not made" in done.output
    assert "en/cusco.html: 1 finding" in done.output and "[e-mail]" in done.output
    assert "en/cusco.pdf: 1 finding" in done.output
    assert list(tmp_path.iterdir()) == []


# --- refusals --------------------------------------------------------------------------------


def test_a_run_that_was_altered_is_refused(ran, data, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(ran, run)
    (run / "es" / "cusco.html").write_text("another")
    (run / "more.txt").touch()
    assert "es/cusco.html, more.txt" in refused(bundle.choose, run, data, "unesco", None)


def test_what_the_run_could_not_make_is_told(ran, data, press, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(ran, run)
    record = json.loads((run / "run.json").read_text())
    record["regions"]["cusco"] = {"status": "failed", "message": "why"}
    record["pages"]["04_partnership"] = {"status": "failed", "message": "why"}
    (run / "run.json").write_text(json.dumps(record))
    folder, _ = make(bundle.choose(run, data, "unesco", "en"), press, tmp_path / "unesco")
    assert "could not be made: Cusco and 04_partnership." in words(folder / "removed.html")
    assert not list(folder.rglob("cusco.html")) + list(folder.rglob("04_partnership.html"))


def test_data_that_changed_since_are_refused(ran, data, tmp_path):
    shutil.copytree(data.path, tmp_path / "data")
    path = tmp_path / "data" / "programme" / "reported_values.csv"
    path.write_text(path.read_text().replace(",94,", ",95,", 1))
    told = refused(bundle.choose, ran, open_data(tmp_path / "data"), "unesco", None)
    assert "programme/reported_values.csv" in told


def test_what_does_not_exist_is_named(ran, data, tmp_path):
    assert "unesco" in refused(bundle.choose, ran, data, "unesko", None)
    assert "ventures_financed" in refused(
        bundle.choose, ran, confined(data, indicators=("ventures_finance",)), "unesco", None
    )
    assert "not the folder of a run" in refused(bundle.choose, tmp_path, data, "unesco", None)


def test_the_command_makes_a_bundle_for_each_agency(ran, data, tmp_path):
    keys = seal.make_keys(tmp_path / "keys")
    options = ["--data", str(data.path), "--key", str(keys[0]), "--language", "en"]
    done = CliRunner().invoke(main, ["release", str(ran), "--to", str(tmp_path / "out"), *options])
    assert done.exit_code == 0, done.output
    made = sorted((tmp_path / "out").glob("*.zip"))
    assert len(made) == len(data.evaluation.agencies)
    for path in made:
        done = CliRunner().invoke(
            main, ["verify", str(path), "--key", str(keys[1]), "--language", "en"]
        )
        assert (done.exit_code, "signed with this key" in done.output) == (0, True)


def test_the_command_refuses_what_would_go_to_the_wrong_hands_or_nowhere(ran, data):
    asked = ["release", str(ran), "--data", str(data.path), "--language", "en"]
    reader = str(pyrage.x25519.Identity.generate().to_public())
    for options in (["--recipient", reader], ["--agency", "fao", "--to", "/"]):
        done = CliRunner().invoke(main, [*asked, *options])
        assert (done.exit_code, done.output.count("\n")) == (2, 1), done.output


def test_the_command_tells_what_is_wrong(ran, data, press, tmp_path):
    done = CliRunner().invoke(
        main, ["release", str(ran), "--agency", "x", "--data", str(data.path)]
    )
    assert done.exit_code == 2
    broken = tmp_path / "broken"
    make(bundle.choose(ran, data, "fao", None), press, broken)
    (broken / "results.csv").unlink()
    done = CliRunner().invoke(main, ["verify", str(broken), "--language", "es"])
    assert (done.exit_code, done.output) == (1, "results.csv: falta.\n")
