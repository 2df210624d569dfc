"""`icanalysis portal`: what is told of the runs of a folder, what is left out, what is written."""

import base64
import hashlib
import html
import json
import os
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from history import EXAMPLE, again, history, recorded, rewritten
from pair import figure, pair, record, run

from icanalysis import gate, ledger, since
from icanalysis.cli import main
from icanalysis.load import open_data
from icanalysis.lookup import letters

ROOT = Path(__file__).parents[1]


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Run the command without names for codes; return its exit code and all it said.

    That never holds a traceback.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")

    def asked(*arguments):
        result = CliRunner().invoke(main, ["portal", "--data", "none", *map(str, arguments)])
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        return result.exit_code, result.output

    return asked


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A folder of two runs whose page is made, not to be changed; the exit code, what was said."""
    reports = history(tmp_path_factory.mktemp("told") / "reports")
    result = CliRunner().invoke(main, ["portal", str(reports)], env={"ICANALYSIS_LANGUAGE": "en"})
    return reports / "index.html", result.exit_code, result.output


@pytest.fixture(scope="module")
def page(told):
    return told[0]


@pytest.fixture
def reports(tmp_path):
    """Two small runs without pages."""
    for name, day in (("first", 1), ("second", 2)):
        small(tmp_path / "reports" / name, day=day)
    return tmp_path / "reports"


def small(home, *, day, **changed):
    made = run(home, [figure(value=float(day))], **changed)
    return recorded(made, whole(made), day=day)


def whole(home):
    """What a run records of itself."""
    return json.loads((home / "run.json").read_text(encoding="utf-8"))


def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def edition(path, code="en"):
    return parsed(path).find(attrs={"data-for": code})


def cards(path, code="en"):
    """The card of each run, by its name, in the order they stand."""
    found = edition(path, code).select("li.run")
    return {card.h2.find(string=True).strip(): card for card in found}


def searched(path, code="en"):
    return json.loads(parsed(path).find(id=f"texts-{code}").string)


def links(path):
    return [urlsplit(link["href"]) for link in parsed(path).find_all("a")]


# --- what is told -----------------------------------------------------------------------


def test_runs_stand_newest_first_with_what_each_was_asked(told):
    page, code, said = told
    assert (code, said) == (0, f"{page}\n")
    found = cards(page)
    assert list(found) == ["2024-06", "2024-05"]
    text = found["2024-06"].get_text(" ")
    for fact in ("Inclusive creative industries", "17 April 2024, 00:00 · 2009–2013 · Cusco"):
        assert fact in text
    assert "Español, English" in text
    assert "icanalysis 0.1.0" in text
    spanish = cards(page, "es")["2024-06"].get_text(" ")
    assert "17 de abril de 2024, 00:00 · 2009–2013 · Cusco" in spanish
    assert "What" not in spanish
    assert parsed(page).html["lang"] == "es"


def test_every_link_leads_to_a_file_of_a_run_or_to_itself(page):
    found = links(page)
    assert len(found) > 10
    reports = page.parent
    for link in found:
        assert (link.scheme, link.netloc, link.query) == ("", "", "")
        assert (reports / unquote(link.path)).resolve().relative_to(reports)
        assert (reports / unquote(link.path)).is_file()
    text = {link.get_text() for link in edition(page).find_all("a")}
    assert {"Cusco", "What does each indicator measure, and how?", "Index of the run"} <= text


def test_what_changed_is_told_since_the_run_before(page):
    found = cards(page)
    text = found["2024-06"].get_text(" ")
    assert "What changed since “2024-05”?" in text
    assert "1 value moved and 1 figure vanished" in text
    assert "First run: 2024-05. Second run: 2024-06." in text
    rows = {
        tuple(cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"]))[:4]
        for row in found["2024-06"].select("tbody tr")
    }
    assert ("Total monetary poverty", "level, 2013 (%)", "18.8", "25.0") in rows
    assert "What changed" not in found["2024-05"].get_text()


def test_a_move_within_its_margin_is_counted_and_not_listed(ask, tmp_path):
    folder = tmp_path / "reports"
    for name, day, value in (("one", 1, 30.0), ("two", 2, 31.0)):
        made = run(folder / name, [figure(value=value, se=5.0)])
        recorded(made, whole(made), day=day)
    ask(folder)
    card = cards(folder / "index.html")["two"]
    assert "1 within their margin of error" in card.get_text(" ")
    assert card.select("tbody tr") == []


def test_a_run_is_compared_with_the_last_one_asked_for_the_same(tmp_path):
    told = whole(EXAMPLE)
    other = {**told["parameters"], "baseline": 2010}
    again(tmp_path, "a", day=1)
    again(tmp_path, "b", day=2, parameters=other)
    again(tmp_path, "c", day=3)
    again(tmp_path, "d", day=4, programme="another")
    again(tmp_path, "e", day=5, parameters={**other, "baseline": 2011})
    entries = ledger.read(tmp_path).entries
    before = {each.name: since.earlier(each, entries) for each in entries}
    found = {name: each and each.name for name, each in before.items()}
    assert found == {"a": None, "b": "a", "c": "a", "d": None, "e": "c"}


def test_what_is_simulated_is_badged(ask, tmp_path):
    for home, day in zip(pair(tmp_path / "reports"), (1, 2), strict=True):
        recorded(home, whole(home), day=day)
    small(tmp_path / "reports" / "real", day=3)
    ask(tmp_path / "reports")
    found = cards(tmp_path / "reports" / "index.html", "es")
    badges = {name: card.h2.find(class_="badge") for name, card in found.items()}
    assert badges["real"] is None
    assert badges["second"].get_text() == badges["first"].get_text() == "SIMULADO"
    assert "1 de sus 8 cifras son simuladas." in found["second"].get_text(" ")


def test_what_failed_is_told_and_its_page_is_linked(ask, tmp_path):
    failed = {"cusco": {"status": "failed", "message": "ValueError"}}
    again(tmp_path / "reports", "one", day=1, regions=failed)
    code, _ = ask(tmp_path / "reports")
    assert code == 0
    card = cards(tmp_path / "reports" / "index.html")["one"]
    assert "Could not be made: cusco." in card.get_text(" ")
    assert "./one/en/cusco.html" in [link["href"] for link in card.find_all("a")]


def test_a_run_in_one_language_is_shown_to_readers_of_both(ask, tmp_path):
    home = again(tmp_path / "reports", "one", day=1)
    told = whole(home)
    shutil.rmtree(home / "es")
    told["outputs"] = {k: v for k, v in told["outputs"].items() if not k.startswith("es/")}
    told["parameters"]["languages"] = ["en"]
    recorded(home, told, day=1)
    assert ask(tmp_path / "reports")[0] == 0
    page = tmp_path / "reports" / "index.html"
    assert parsed(page).html["lang"] == "en"
    link = next(link for link in cards(page, "es")["one"].select(".pages a"))
    assert (link["href"], link["lang"]) == ("./one/en/cusco.html", "en")
    assert searched(page, "es")["pages"]


def test_runs_in_folders_are_found_and_bundles_are_not_runs(ask, tmp_path):
    folder = tmp_path / "reports"
    again(folder / "2026", "one", day=1)
    shutil.copytree(EXAMPLE, folder / "one_unesco_es")
    (folder / "one_unesco_es" / "run.json").unlink()
    (folder / "one_unesco_es" / "manifest.json").write_text("{}", encoding="utf-8")
    code, said = ask(folder)
    assert (code, said.count("\n")) == (0, 1)
    assert list(cards(folder / "index.html")) == ["2026/one"]


# --- what is searched -------------------------------------------------------------------


def decoded(held):
    """Each page's address with its sections: anchor, heading and other texts."""
    number = {letters(place): place for place in range(26**3)}
    found = {}
    for told in held["pages"]:
        run_, file, _, outline = (number[each] for each in told.split(" "))
        sections = [
            [held["texts"][number[each]] for each in section.split(" ")]
            for section in held["outlines"][outline].split(";")
        ]
        found[held["runs"][run_][0] + held["texts"][file]] = sections
    return found


def test_headings_captions_indicators_and_statements_are_searched(page):
    found = decoded(searched(page, "es"))
    assert all(address.split("/")[2] == "es" for address in found)
    newest = found["./2024-06/es/cusco.html"]
    by_anchor = {section[0]: section[1:] for section in newest}
    assert by_anchor["qué-pasó-con-la-pobreza"][0] == "¿Qué pasó con la pobreza?"
    assert "Pobreza monetaria total, Cusco" in by_anchor["qué-pasó-con-la-pobreza"]
    assert "Talleres artesanales adecuados para turistas" in by_anchor["qué-reportó-el-programa"]
    assert any("Bajó 21.6 puntos" in text for text in by_anchor["en-una-página"])
    report = parsed(page.parent / "2024-06" / "es" / "cusco.html")
    assert all(report.find(id=anchor) is not None for anchor in by_anchor)
    older = {section[0]: section for section in found["./2024-05/es/cusco.html"]}
    assert not any("Bajó 21.6" in text for text in older["en-una-página"])
    sheets = {section[0] for section in found["./2024-06/es/indicators.html"]}
    assert "artisan_workshops" in sheets


def test_numbers_in_letters_count_on():
    told = [letters(number) for number in range(26**2 + 1)]
    assert told[:3] + told[25:28] + told[-1:] == ["a", "b", "c", "z", "ba", "bb", "baa"]
    assert len(set(told)) == len(told)


# --- the same, whole, or not at all -----------------------------------------------------


def test_the_same_runs_give_the_same_bytes(page, tmp_path):
    copy = tmp_path / "elsewhere"
    shutil.copytree(page.parent, copy)
    CliRunner().invoke(main, ["portal", str(copy)])
    assert (copy / "index.html").read_bytes() == page.read_bytes()
    assert sorted(path.name for path in copy.iterdir()) == [
        ".2024-07.partial", "2024-05", "2024-06", "2024-06.log", "README.md", "index.html",
    ]  # fmt: skip


def test_what_is_no_earlier_portal_is_left_alone(ask, reports, tmp_path):
    page = reports / "index.html"
    page.write_text("<p>mine</p>", encoding="utf-8")
    code, said = ask(reports)
    assert code == 2
    assert said.startswith("“index.html” is there and is not an earlier page of all runs")
    assert page.read_text(encoding="utf-8") == "<p>mine</p>"
    assert ask(reports, "--to", reports / "all.html")[0] == 0
    page.unlink()
    page.symlink_to(reports / "all.html")
    assert ask(reports)[0] == 2
    for other in (tmp_path / "a.html", reports / "first" / "a.html", reports / "a b.html",
                  reports / "page", reports / "first" / "es" / "a.html"):  # fmt: skip
        assert ask(reports, "--to", other)[0] == 2
        assert not other.exists()


def test_a_folder_without_runs_is_refused(ask, tmp_path):
    code, said = ask(tmp_path)
    assert code == 2
    assert "holds no run that can be shown" in said
    assert list(tmp_path.iterdir()) == []
    code, said = ask(tmp_path / "nowhere")
    assert (code, said) == (2, "There is no folder “nowhere”.\n")
    assert ask(EXAMPLE)[0] == 2
    assert "icanalysis-portal" not in (EXAMPLE / "index.html").read_text(encoding="utf-8")


# --- what others did to it --------------------------------------------------------------


def spoilt(home, **changed):
    told = whole(home)
    recorded(home, told | changed, day=19_800)


DAMAGED = {
    "no record": (lambda home: (home / "run.json").unlink(), "run.json is missing"),
    "no results": (lambda home: (home / "results.csv").unlink(), "results.csv is missing"),
    "half a record": (lambda home: recorded(home, "{", day=1), "is not the folder of a run"),
    "a list": (lambda home: recorded(home, "[]", day=1), "is not the folder of a run"),
    "too deep": (lambda home: recorded(home, "[" * 100_000, day=1), "is not the folder of a run"),
    "of another version": (lambda home: spoilt(home, schema="icanalysis-run/9"), "icanalysis-run/9"),
    "odd programme": (lambda home: spoilt(home, programme=["a"]), "at fault: programme"),
    "odd regions": (
        lambda home: spoilt(home, parameters={**record()["parameters"], "regions": 7}),
        "at fault: parameters > regions",
    ),
    "odd years": (
        lambda home: spoilt(home, parameters={**record()["parameters"], "baseline": 10**30}),
        "at fault: parameters > baseline",
    ),
    "half a letter": (lambda home: spoilt(home, programme="\ud800"), "at fault: programme"),
    "odd files": (lambda home: spoilt(home, outputs=["results.csv"]), "not as the run left it"),
    "edited results": (
        lambda home: (home / "results.csv").write_text("a\n", encoding="utf-8"),
        "results.csv in “edited results” is not as the run left it",
    ),
    "a folder for a record": (
        lambda home: ((home / "run.json").unlink(), (home / "run.json").mkdir()),
        "run.json is a link, or no plain file",
    ),
}  # fmt: skip


def test_a_damaged_run_is_told_and_the_others_stand(ask, reports):
    for name, (damage, _) in DAMAGED.items():
        damage(small(reports / name, day=3))
    code, said = ask(reports)
    assert code == 1
    told = dict(line.split(": ", 1) for line in said.splitlines()[:-1])
    assert list(told) == sorted(DAMAGED)
    shown = edition(reports / "index.html").get_text(" ")
    for name, (_, why) in DAMAGED.items():
        assert why in told[name], name
        assert f"{name}: {told[name]}" in shown
    assert list(cards(reports / "index.html")) == ["second", "first"]


def test_a_page_that_is_not_as_it_was_left_is_told_and_not_linked(ask, reports):
    again(reports, "2024-05", day=3)
    (reports / "2024-05" / "en" / "cusco.html").write_text("<script>", encoding="utf-8")
    (reports / "2024-05" / "es" / "cusco.html").unlink()
    code, said = ask(reports)
    assert code == 1
    assert "2024-05: en/cusco.html is not as the run left it." in said
    assert "2024-05: es/cusco.html is missing." in said
    paths = {link.path for link in links(reports / "index.html")}
    assert "./2024-05/es/indicators.html" in paths
    assert not {"./2024-05/en/cusco.html", "./2024-05/es/cusco.html"} & paths
    assert "Falta es/cusco.html." in cards(reports / "index.html", "es")["2024-05"].get_text(" ")


SECRET = "nobody should read this"


def test_nothing_outside_the_folder_is_read_or_linked(ask, reports, tmp_path):
    """By links to files, folders and in circles, and by names that a record gives."""
    outside = tmp_path / "outside"
    again(outside, "run", day=1)
    rewritten(outside / "run", "es/cusco.html", lambda page: page.replace("Cusco", SECRET))
    (reports / "linked").symlink_to(outside / "run")
    home = again(reports, "one", day=19_850)
    (home / "es" / "cusco.html").unlink()
    (home / "es" / "cusco.html").symlink_to(outside / "run" / "es" / "cusco.html")
    shutil.rmtree(home / "en")
    (home / "en").symlink_to(outside / "run" / "en")
    told = whole(home)
    stolen = outside / "run" / "es" / "cusco.html"
    checksum = hashlib.sha256(stolen.read_bytes()).hexdigest()
    for name in (str(stolen), "../../outside/run/es/cusco.html", "es/../../../outside/a.html"):
        told["outputs"][name] = checksum
    told["outputs"]["es/cusco.html"] = checksum
    recorded(home, told, day=19_850)
    (reports / "circle").symlink_to(reports / "circle")
    record_linked = again(reports, "two", day=1)
    (record_linked / "run.json").unlink()
    (record_linked / "run.json").symlink_to(outside / "run" / "run.json")
    code, said = ask(reports)
    assert code == 1
    assert "linked: it is a link, and links are not followed." in said
    assert "one: es/cusco.html is a link, or no plain file; it is not read." in said
    assert "two: run.json is a link" in said
    assert said.count("is no name that a file of a run has.") == 3
    page = (reports / "index.html").read_text(encoding="utf-8")
    assert SECRET not in page
    assert list(cards(reports / "index.html")) == ["one", "second", "first"]
    assert {"outside", "..", "linked", "circle"}.isdisjoint(
        part for link in links(reports / "index.html") for part in link.path.split("/")
    )


HOSTILE = ["<script>alert(1)</script>", "javascript:alert(1)", "a\"b'c&amp;", "100%20#?x=1",
           "\u202egnp", "two\nlines", "\x1b[31mred", "ñandú €"]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_of_folders_are_only_names(ask, tmp_path):
    folder = tmp_path / "reports"
    names = [name.replace("/", "_") for name in HOSTILE]
    for day, name in enumerate(names):
        small(folder / name, day=day, programme=f"programme-{day}")
    (folder / os.fsdecode(b"caf\xe9")).mkdir()
    (folder / os.fsdecode(b"caf\xe9") / "run.json").write_text("{}", encoding="utf-8")
    code, said = ask(folder)
    assert code == 1
    assert said.startswith("caf?: ")
    assert "\x1b" not in said
    page = folder / "index.html"
    files = {(folder / unquote(link.path)).parent.name for link in links(page)}
    assert files == set(names)
    assert {link.scheme + link.netloc for link in links(page)} == {""}
    held = parsed(page)
    assert [tag.get("type") for tag in held.find_all("script")] == [*["application/json"] * 2, None]
    assert held.find_all(["iframe", "img", "object", "form", "base"]) == []
    assert not {"\u202e", "\x1b"} & set(page.read_text(encoding="utf-8"))


def test_texts_of_pages_and_records_are_only_texts(ask, tmp_path):
    folder = tmp_path / "reports"
    evil = "</script><script>alert(1)</script><!--\u2028\u202e<b>&quot;"
    home = again(folder, "one", day=1)
    for name in ("es/cusco.html", "en/cusco.html"):
        shown = f"{html.escape(evil)}<script>alert(2)</script>"
        rewritten(home, name, lambda page, put=shown: page.replace("Cusco", put))
    lines = [figure(evil, region=evil, value=1.0, source=evil, group=evil, period=evil, unit=evil)]
    for name, day, extra in (("two", 2, []), ("three", 3, lines)):
        told = {**record(programme=evil), "icanalysis": {"version": evil}, "inputs": {evil: name}}
        made = run(folder / name, [figure(value=2.0), *extra], **told)
        recorded(made, whole(made), day=day)
    assert ask(folder)[0] == 0
    held = parsed(folder / "index.html")
    assert [tag.get("type") for tag in held.find_all("script")] == [*["application/json"] * 2, None]
    assert held.find_all(["iframe", "img", "object", "form", "b"]) == []
    assert "<script>alert(1)" in held.get_text()
    texts = searched(folder / "index.html")["texts"]
    assert any("</script>" in text for text in texts)
    assert not {"\u2028", "\u202e"} & set((folder / "index.html").read_text(encoding="utf-8"))


def test_what_one_run_adds_to_the_page_has_an_end(ask, tmp_path):
    """A run of a million headings, regions of a thousand letters, and a file too large to read."""
    folder = tmp_path / "reports"
    home = again(folder, "one", day=1)
    many = "".join(f"<h2 id='h{n}'>{n} {'x' * 999}</h2><th scope=row>abc{n}" for n in range(20_000))
    rewritten(home, "es/cusco.html", lambda page: page.replace("</main>", f"{many}</main>"))
    with (home / "es" / "indicators.html").open("r+b") as stream:
        stream.truncate(ledger.MOST_BYTES + 1)  # a hole: it takes no room on the disk
    code, said = ask(folder)
    assert (code, said.splitlines()[0]) == (
        1, "one: es/indicators.html is larger than 64 MB, which no file of a run is.",
    )  # fmt: skip
    assert (folder / "index.html").stat().st_size < 400_000


# --- the gate ---------------------------------------------------------------------------


def test_the_page_passes_the_gate_with_its_own_script_only(page, tmp_path):
    looked = gate.watch(open_data(ROOT / "data"))
    assert gate.findings(page, looked) == []
    text = page.read_text(encoding="utf-8")
    script = parsed(page).find_all("script")[-1].string
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = parsed(page).find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    )
    for changed in (
        text.replace("const STEP = 20", "const STEP = 21"),
        text.replace("<script>", '<script nonce="a">'),
        text.replace("</main>", "<script>alert(1)</script></main>"),
        text.replace('type="application/json"', 'type="text/javascript"', 1),
    ):
        assert changed != text
        other = tmp_path / "index.html"
        other.write_text(changed, encoding="utf-8")
        assert {each.kind for each in gate.findings(other, looked)} >= {"active"}
