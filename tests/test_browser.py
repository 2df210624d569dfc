"""Pages and notebooks in a real browser: reached, read on paper and phone, by ear and keyboard.

Every test of pages goes over whatever HTML the run's folder holds, and tells all it found.
"""

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import browsing
import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from history import again
from pair import pair
from playwright.sync_api import TimeoutError, sync_playwright

from icanalysis import diff, forms, ledger, portal, render
from icanalysis.language import language
from icanalysis.load import open_data
from icanalysis.named import Names

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
EXPLORE = "explore.ipynb"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# A4 less the margins of style.css (15 mm at the sides, 18 above and below), at 96 dots an inch.
PAPER = {"width": 680, "height": 986}
POINTS = {"width": 595.3, "margin": 42.5}  # the same page as a PDF measures it


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright, browsing.started(playwright) as found:
        yield found


@pytest.fixture(scope="module")
def site(browser, request):
    """The folder of a run, asked for once there is a browser: without one no run is made."""
    return request.getfixturevalue("ran")[1]


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """The page of three runs, of which the newest is the example that is kept."""
    folder = tmp_path_factory.mktemp("everything")
    pair(folder)
    again(folder, "example", day=40_000)
    made = portal.Portal(ledger.read(folder), open_data(ROOT / "data"))
    portal.write(made, folder / "index.html", "es")
    return folder / "index.html"


@pytest.fixture(scope="module")
def pages(site, everything, tmp_path_factory):
    """Every page of the run, by name; in each language one of a failure, one of two runs; of all runs."""
    found = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*.html"))}
    folder = tmp_path_factory.mktemp("failed")
    for code in ("es", "en"):
        text = render.failure_page(
            language(code), name="Cusco", message="ValueError: broken", traceback="line\n" * 90
        )
        (folder / f"{code}.html").write_text(text, encoding="utf-8")
        found[f"failed/{code}"] = folder / f"{code}.html"
    found |= compared(tmp_path_factory.mktemp("compared"))
    found["everything"] = everything
    assert len(found) >= 7
    return found


def compared(folder):
    """The page that compares two runs, in each language."""
    data = open_data(ROOT / "data")
    found = diff.diff(*pair(folder), data)
    made = {}
    for code in ("es", "en"):
        made[f"diff/{code}"] = folder / f"{code}.html"
        names = Names(data.evaluation.language(code), data)
        forms.write(found, "html", names, made[f"diff/{code}"])
    return made


def opened(context, path):
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def every(browser, pages, script, *, size, media="screen"):
    """What a script finds on each page, by page; pages where it finds nothing are left out."""
    found = {}
    with browsing.watched(browser, viewport=size) as (context, _):
        for name, path in pages.items():
            page = opened(context, path)
            page.emulate_media(media=media)
            if troubles := page.evaluate(script):
                found[name] = troubles
            page.close()
    return found


# --- links, languages, folds ------------------------------------------------------------


def test_a_reader_reaches_every_page_and_no_link_is_dead(browser, site):
    """From the index, link by link, without an error on the console or a request that leaves."""
    waiting, seen, dead, anchors, wanted = [site / "index.html"], set(), [], {}, []
    with browsing.watched(browser, viewport=DESKTOP) as (context, troubles):
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            page = opened(context, path)
            anchors[path] = set(
                page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
            )
            for link in page.evaluate("[...document.links].map(link => link.href)"):
                address = urlsplit(link)
                if address.scheme != "file":
                    continue
                target = Path(unquote(address.path))
                if not target.is_file() or site not in target.parents:
                    dead.append(f"{path.name}: {link}")
                elif target.suffix == ".html":
                    waiting.append(target)
                    wanted.append((path.name, target, unquote(address.fragment)))
            page.close()
    dead += [
        f"{name}: {target.name}#{anchor}"
        for name, target, anchor in wanted
        if anchor and anchor not in anchors[target]
    ]
    assert dead == troubles == []
    assert seen == set(site.rglob("*.html"))
    assert len(wanted) > 50


def test_the_index_switches_language_by_mouse_and_by_keyboard(browser, site):
    with browsing.watched(browser, viewport=PHONE) as (context, troubles):
        page = opened(context, site / "index.html")
        title = page.locator("h1:visible")
        shown = [title.text_content()]
        page.get_by_text("English", exact=True).click()
        shown.append(title.text_content())
        assert page.get_by_role("link", name="Read the report").first.is_visible()
        page.keyboard.press("ArrowLeft")
        shown.append(title.text_content())
        assert page.get_by_role("link", name="Leer el informe").first.is_visible()
        assert troubles == []
    assert shown[0] == shown[2] != shown[1]


def test_a_page_leads_to_itself_in_the_other_language_and_back(browser, site):
    with browsing.watched(browser, viewport=DESKTOP) as (context, troubles):
        for path in sorted(site.glob("es/*.html")):
            page = opened(context, path)
            spanish = page.locator("h1").text_content()
            page.locator("header.page").get_by_role("link", name="English").click()
            page.wait_for_url(f"**/en/{path.name}")
            assert page.locator("html").get_attribute("lang") == "en"
            assert page.locator("h1").text_content() != spanish
            page.locator("header.page").get_by_role("link", name="Español").click()
            page.wait_for_url(f"**/es/{path.name}")
            assert page.locator("h1").text_content() == spanish
            page.close()
        assert troubles == []


def test_every_fold_opens_with_a_click_and_closes_again(browser, pages):
    opened_ = 0
    with browsing.watched(browser, viewport=DESKTOP) as (context, troubles):
        for path in pages.values():
            page = opened(context, path)
            for fold in page.locator("details:visible").all():
                inside = fold.locator(":scope > :not(summary)").first
                before = inside.is_visible()
                fold.locator("summary").click()
                assert inside.is_visible() != before
                fold.locator("summary").click()
                assert inside.is_visible() == before
                opened_ += 1
            page.close()
        assert troubles == []
    assert opened_ >= 2


# --- by ear and by keyboard -------------------------------------------------------------


def test_axe_finds_nothing_on_any_page(browser, pages):
    """English pages are audited at a desk's width, Spanish ones at a phone's: each page once."""
    found = []
    for size, chosen in (
        (DESKTOP, [name for name in pages if "en" in re.split(r"\W", name)]),
        (PHONE, [name for name in pages if "en" not in re.split(r"\W", name)]),
    ):
        assert chosen
        # The pages forbid all scripts, axe's too.
        with browsing.watched(browser, viewport=size, bypass_csp=True) as (context, _):
            for name in chosen:
                page = opened(context, pages[name])
                found += violations(page, name)
                page.close()
    assert found == []


def violations(page, name):
    """What axe finds on a page, each told after the page's name."""
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    return [
        f"{name}: {rule['id']}: {node['html'][:200]}"
        for rule in Axe().run(page, options=options).response["violations"]
        for node in rule["nodes"]
    ]


STRUCTURE = """() => {
    const troubles = [], all = kind => [...document.querySelectorAll(kind)];
    const shown = kind => all(kind).filter(part => part.checkVisibility());
    const levels = shown('h1, h2, h3, h4, h5, h6').map(heading => +heading.tagName[1]);
    if (levels.filter(level => level === 1).length !== 1 || levels[0] !== 1)
        troubles.push(`headings: ${levels}`);
    levels.forEach((level, place) => {
        if (place && level > levels[place - 1] + 1) troubles.push(`a level is left out: ${levels}`);
    });
    if (!document.documentElement.lang || !document.title.trim()) troubles.push('lang or title');
    if (shown('main').length !== 1) troubles.push('one main part');
    all('nav').forEach(part => part.ariaLabel || troubles.push('a nav without a name'));
    all('th').forEach(cell => cell.scope || troubles.push(`scope: ${cell.textContent}`));
    all('table').forEach(table => {
        if (!table.caption?.textContent.trim()) troubles.push('a table without a caption');
        if (!table.querySelector('tbody th[scope=row]') && table.tBodies[0]?.rows.length)
            troubles.push(`no row headers: ${table.caption?.textContent}`);
    });
    all('img').forEach(image => {
        if (image.alt.trim().length < 40) troubles.push(`alt: ${image.alt}`);
        if (!image.naturalWidth) troubles.push(`not drawn: ${image.alt}`);
    });
    const ids = all('[id]').map(part => part.id);
    if (new Set(ids).size !== ids.length) troubles.push('an id stands twice');
    return troubles;
}"""


def test_headings_landmarks_tables_and_pictures_tell_what_they_are(browser, pages):
    assert every(browser, pages, STRUCTURE, size=DESKTOP) == {}


def test_titles_tell_pages_apart(browser, pages):
    titles = every(browser, pages, "document.title", size=DESKTOP)
    assert len(set(titles.values())) == len(pages)


def test_the_keyboard_skips_to_the_content_and_shows_where_it_is(browser, pages):
    reports = {name: path for name, path in pages.items() if "/" in name and "failed" not in name}
    with browsing.watched(browser, viewport=DESKTOP) as (context, _):
        for path in reports.values():
            page = opened(context, path)
            page.keyboard.press("Tab")
            skip = page.locator(".skip")
            assert skip.bounding_box()["x"] >= 0
            page.keyboard.press("Enter")
            for _ in range(3):
                page.keyboard.press("Tab")
                where = page.evaluate(
                    """() => {
                        const part = document.activeElement, line = getComputedStyle(part);
                        return [Boolean(part.closest('main')), line.outlineStyle,
                            parseFloat(line.outlineWidth)];
                    }"""
                )
                assert where == [True, "solid", 3]
            page.close()


# --- on a phone -------------------------------------------------------------------------

OVERFLOW = """() => {
    const troubles = [], width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) troubles.push('the page scrolls sideways');
    document.querySelectorAll('figure.table').forEach(frame => {
        const merged = frame.querySelector('[colspan], [rowspan]');
        if (frame.checkVisibility() && frame.scrollWidth > frame.clientWidth && !merged)
            troubles.push(`scrolls: ${frame.ariaLabel}`);
    });
    document.querySelectorAll('nav.contents a').forEach(link => {
        const box = link.getBoundingClientRect();
        if (box.right > width || box.left < 0) troubles.push(`cut: ${link.textContent}`);
    });
    return troubles;
}"""
LABELS = """() => [...document.querySelectorAll('table.folds')].flatMap(table => {
    const titles = [...table.tHead.rows[0].cells].map(cell => cell.textContent.trim());
    const said = cell => getComputedStyle(cell, '::before').content;
    return [...table.tBodies[0].rows].flatMap(row => [...row.cells].slice(1)
        .filter((cell, place) => said(cell) !== JSON.stringify(titles[place + 1] + ': '))
        .map(cell => `${table.caption.textContent}: ${said(cell)}`));
})"""


def test_nothing_scrolls_sideways_on_a_phone(browser, pages):
    assert every(browser, pages, OVERFLOW, size=PHONE) == {}


CHARTS = """() => [...document.querySelectorAll('main img')].flatMap(image => {
    const frame = image.closest('.chart'), troubles = [], shown = image.getBoundingClientRect();
    if (!frame) return [`no frame: ${image.alt}`];
    if (Math.abs(shown.width - image.getAttribute('width')) > 1)
        troubles.push(`shrunk to ${shown.width}: ${image.alt}`);
    frame.focus();
    if (document.activeElement !== frame) troubles.push(`out of the keyboard's reach: ${image.alt}`);
    frame.scrollLeft = 9999;
    if (image.getBoundingClientRect().right > document.documentElement.clientWidth)
        troubles.push(`cannot be scrolled to its end: ${image.alt}`);
    return troubles;
})"""


def test_a_chart_keeps_its_size_on_a_phone_and_scrolls_in_its_frame(browser, pages):
    """Shrunk to a phone's width its letters would be half as high as the text's."""
    assert every(browser, pages, CHARTS, size=PHONE) == {}
    charts = every(browser, pages, "document.querySelectorAll('main img').length", size=PHONE)
    assert sum(charts.values()) > 4


def test_a_folded_table_says_of_every_value_what_it_is(browser, pages):
    assert every(browser, pages, LABELS, size=PHONE) == {}
    folded = every(browser, pages, "document.querySelectorAll('table.folds').length", size=PHONE)
    assert sum(folded.values()) > 4


@pytest.mark.parametrize("width", [700, 1100, 1280, 1440])
def test_contents_do_not_run_into_the_text_or_each_other(browser, pages, width):
    script = """() => {
        const boxes = [...document.querySelectorAll('nav.contents a, main h1, main h2, main p')]
            .filter(part => part.checkVisibility()).map(part => [part, part.getClientRects()]);
        const lines = boxes.flatMap(([part, rects]) => [...rects].map(box => [part, box]));
        const links = lines.filter(([part]) => part.closest('nav'));
        return links.flatMap(([link, one]) => lines.filter(([part, other]) => part !== link
            && one.left < other.right && other.left < one.right
            && one.top < other.bottom - 1 && other.top < one.bottom - 1)
            .map(([part]) => `${link.textContent} / ${part.textContent.slice(0, 40)}`));
    }"""
    assert every(browser, pages, script, size={"width": width, "height": 900}) == {}


def test_no_table_is_wider_than_a_desktop_page(browser, pages):
    script = """() => [...document.querySelectorAll('figure.table')]
        .filter(table => table.scrollWidth > table.clientWidth + 1)
        .map(table => table.textContent.trim().slice(0, 60))"""
    assert every(browser, pages, script, size=DESKTOP) == {}


# --- on paper ---------------------------------------------------------------------------

# A page as wide as the paper, styled as for print: what is wider, or a row that is taller than the
# paper, would be cut or shrunk. In the widest of the fonts a reader's machine may choose.
PRINTED = f"""() => {{
    const troubles = [];
    document.body.style.fontFamily = '"DejaVu Sans", Verdana, sans-serif';
    document.querySelectorAll('table, img, pre').forEach(part => {{
        const box = part.getBoundingClientRect();
        if (box.right > {PAPER["width"]} + 1) troubles.push(
            `${{part.tagName}} is ${{box.right}} wide: ${{part.textContent.slice(0, 60)}}`);
        if (part.tagName !== 'TABLE' && part.tagName !== 'PRE' && box.height > {PAPER["height"]})
            troubles.push('a picture taller than a page');
    }});
    document.querySelectorAll('tr').forEach(row => {{
        if (row.getBoundingClientRect().height > {PAPER["height"]})
            troubles.push(`a row taller than a page: ${{row.textContent.slice(0, 60)}}`);
        if (getComputedStyle(row).breakInside !== 'avoid') troubles.push('a row may break');
    }});
    document.querySelectorAll('.back, nav.contents:not(.printed), details:not([open]), .links').forEach(part =>
        part.closest('.card') || part.checkVisibility()
            && troubles.push(`on paper: ${{part.textContent.slice(0, 60)}}`));
    return troubles;
}}"""
# Marks at both ends of every cell, which take no room: §7§ for the seventh row.
MARKS = """() => {
    const rows = [...document.querySelectorAll('tbody tr')].filter(row => row.checkVisibility());
    rows.forEach((row, number) => [...row.cells].forEach(cell => ['prepend', 'append'].forEach(end => {
        const mark = document.createElement('span');
        mark.textContent = `§${number}§`;
        mark.style = 'position: absolute; font-size: 1px';
        cell[end](mark);
    })));
    return rows.length;
}"""


def test_everything_fits_the_width_of_the_paper(browser, pages):
    assert every(browser, pages, PRINTED, size=PAPER, media="print") == {}


def test_no_row_of_a_table_is_cut_between_two_pages(browser, pages, tmp_path):
    """The PDF itself is read, as only it shows where pages end."""
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("needs pdftotext: install poppler-utils")
    found = []
    with browsing.watched(browser, viewport=DESKTOP, bypass_csp=True) as (context, _):
        for name, path in pages.items():
            page = opened(context, path)
            page.emulate_media(media="print")
            rows = page.evaluate(MARKS)
            page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
            page.close()
            text = subprocess.run(
                [reader, "-bbox", str(tmp_path / "page.pdf"), "-"],
                capture_output=True, text=True, check=True,
            ).stdout  # fmt: skip
            found += [f"{name}: {trouble}" for trouble in read_pdf(text, rows)]
    assert found == []


def read_pdf(text, rows):
    """What is wrong on the pages of a PDF whose table rows are marked."""
    sheets = text.split("<page ")[1:]
    home, troubles = {}, []
    edges = POINTS["margin"] - 1, POINTS["width"] - POINTS["margin"] + 1
    for number, sheet in enumerate(sheets, 1):
        for left, right, word in re.findall(
            r'xMin="([\d.-]+)".*?xMax="([\d.-]+)".*?>(.*?)<', sheet
        ):
            for mark in re.findall(r"§(\d+)§", word):
                home.setdefault(int(mark), set()).add(number)
            if float(left) < edges[0] or float(right) > edges[1]:
                troubles.append(f"outside the margins of page {number}: {word}")
    troubles += [f"row {row} stands on pages {on}" for row, on in home.items() if len(on) > 1]
    if set(home) != set(range(rows)):
        troubles.append(f"{rows} rows were marked and {len(home)} found")
    return troubles


# --- the page of all runs ---------------------------------------------------------------

HITS = "[data-for={code}] .hits > li"


def hits(page, code):
    """What is found: the title of each page, and the headings of the sections that are linked."""
    return page.eval_on_selector_all(
        HITS.format(code=code),
        """found => found.map(item =>
            [item.querySelector('a').textContent,
             [...item.querySelectorAll('ul a')].map(link => link.textContent)])""",
    )


def asked(page, words, code="es"):
    """Type words as a reader would; return what is said of the results, once it is another thing."""
    told = page.locator(f"[data-for={code}] [role=status]")
    told.evaluate("part => { part.textContent = '?'; }")
    page.locator(f"#find-{code}").fill(words)
    page.wait_for_function(
        f"() => document.querySelector('[data-for={code}] [role=status]').textContent !== '?'"
    )
    return told.text_content()


def test_the_search_finds_pages_and_sections_whatever_the_accents(browser, everything):
    with browsing.watched(browser, viewport=DESKTOP) as (context, troubles):
        page = opened(context, everything)
        assert asked(page, "pobreza cusco") == "Se encontró 1 informe."
        ((title, sections),) = hits(page, "es")
        assert title == "Cusco: ¿qué hizo el programa y qué cambió entre 2009 y 2013?"
        assert sections[:2] == ["En una página", "¿Qué pasó con la pobreza?"]
        assert [found for _, found in hits(page, "es")] == [sections]
        for words in ("POBREZÁ  Cusco", "cusco, ¿pobreza", "poBrÉza cüsco"):
            assert asked(page, words) == "Se encontró 1 informe."
            assert hits(page, "es") == [[title, sections]]
        asked(page, "que mide artesanales turistas")
        assert hits(page, "es")[0][1] == ["Talleres artesanales adecuados para turistas"]
        assert asked(page, "obreza").startswith("No se encontró ningún informe.")
        assert hits(page, "es") == []
        assert asked(page, "example indicador") == "Se encontró 1 informe."
        assert asked(page, "example") == "Se encontraron 2 informes, primero los más recientes."
        assert asked(page, " .") == ""
        page.get_by_text("English", exact=True).click()
        assert asked(page, "monetary poverty cusco", "en") == "1 report was found."
        assert page.locator("h1:visible").count() == 1
        assert troubles == []


def test_a_result_leads_to_its_section_by_the_keyboard(browser, everything):
    with browsing.watched(browser, viewport=PHONE) as (context, troubles):
        page = opened(context, everything)
        asked(page, "precisas cusco")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/example/es/cusco.html#*")
        heading = page.locator(":target")
        assert heading.text_content() == "¿Qué pasó con la pobreza?"
        assert 0 <= heading.bounding_box()["y"] < PHONE["height"]
        page.go_back()
        page.locator(HITS.format(code="es")).first.wait_for()
        assert page.locator("#find-es").input_value() == "precisas cusco"
        assert troubles == []


def test_results_are_free_of_what_axe_finds(browser, everything):
    with browsing.watched(browser, viewport=PHONE, bypass_csp=True) as (context, _):
        page = opened(context, everything)
        asked(page, "pobreza")
        for fold in page.locator("details:visible").all():
            fold.evaluate("part => { part.open = true; }")
        assert violations(page, "everything") == []


def test_without_scripts_all_runs_are_there_and_no_search_that_does_nothing(browser, everything):
    with browsing.watched(browser, viewport=DESKTOP, java_script_enabled=False) as (context, _):
        page = opened(context, everything)
        assert page.locator("h2:visible").all_text_contents() == [
            "example SIMULADO", "second SIMULADO", "first SIMULADO",
        ]  # fmt: skip
        assert page.get_by_role("searchbox").count() == 0
        assert page.get_by_role("button").count() == 0


# --- notebooks --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """A JupyterLab on a copy of the notebooks without outputs."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "workbook"
    browsing.workbook(folder, ROOT, NOTEBOOKS)
    with browsing.served(home, folder, app="jupyterlab") as address:
        yield address


@pytest.fixture
def window(browser, lab):
    """A window of JupyterLab; what it runs ends with the test, which finds nothing amiss."""
    with browsing.watched(browser, viewport={"width": 1400, "height": 1000}) as (context, troubles):
        yield context.new_page()
        assert [trouble for trouble in troubles if trouble.startswith("request")] == []
    browsing.end_kernels(lab)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_jupyterlab_opens_a_notebook_and_runs_it(window, lab, name):
    shown = browsing.run_all(window, lab, name)
    assert shown["errors"] == []
    stored = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    kinds = [
        kind
        for cell in stored.cells
        for output in cell.get("outputs", [])
        for kind in output.get("data", {})
    ]
    assert shown["pictures"] >= kinds.count("image/png")
    assert shown["tables"] >= kinds.count("text/html")


SENTENCE = """() => [...document.querySelectorAll('.icanalysis-explorer p:not([role=status])')]
    .filter(part => part.checkVisibility()).map(part => part.innerText).join(' ')"""


@pytest.mark.skipif(EXPLORE not in NOTEBOOKS, reason=f"there is no notebooks/{EXPLORE}")
def test_every_control_of_explore_changes_the_sentence_shown(window, lab):
    """Each control with a choice is set to another value, and set back, as a reader would."""
    browsing.run_all(window, lab, EXPLORE)
    controls = window.locator(".icanalysis-controls select")
    controls.first.wait_for()
    window.wait_for_function(f"() => ({SENTENCE})().length > 20")
    # What one control offers depends on the others, and follows when the kernel has answered.
    answered = window.get_by_text(re.compile(r"\| Idle$"))
    changed, stale = [], []
    for control in controls.all():
        answered.wait_for()
        offered = control.locator("option").all_text_contents()
        if control.is_disabled() or len(offered) < 2:
            continue
        name = control.evaluate(
            "found => found.closest('.widget-dropdown').innerText.split('\\n')[0]"
        )
        chosen = control.evaluate("found => found.selectedIndex")
        before = window.evaluate(SENTENCE)
        control.select_option(index=(chosen + 1) % len(offered))
        differs = f"before => ({SENTENCE})() !== before"
        try:
            window.wait_for_function(differs, arg=before)
        except TimeoutError:
            stale.append(name)
            continue
        changed.append(name)
        answered.wait_for()
        between = window.evaluate(SENTENCE)
        control.select_option(index=chosen)
        window.wait_for_function(differs, arg=between)
    assert stale == []
    assert len(changed) >= 4, changed


# --- as a page of its own -----------------------------------------------------------------

ABOUT = "[document.documentElement.lang, document.title]"


@pytest.fixture(scope="module")
def voila(browser, tmp_path_factory):
    """Voila on a copy of `explore`."""
    home = tmp_path_factory.mktemp("voila")
    browsing.workbook(home / "workbook", ROOT, [EXPLORE])
    with browsing.served(home, home / "workbook", app="voila") as address:
        yield f"{address}/voila/render/{EXPLORE}"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_explore_is_a_page_that_a_screen_reader_finds_its_way_in(browser, voila, size):
    """Also after the language is changed: the page's own language and title follow."""
    with browsing.watched(browser, viewport=size) as (context, _):
        page = context.new_page()
        page.set_default_timeout(browsing.PATIENCE * 1000)
        page.goto(voila)
        page.locator(".icanalysis-explorer .chart img").wait_for()
        assert page.evaluate(ABOUT) == ["es", "¿Qué cambió, dónde y qué tan seguros estamos?"]
        assert page.get_by_role("main").count() == 1
        found = violations(page, "es")
        page.get_by_label("Idioma / Language").select_option(label="English")
        page.wait_for_function("document.documentElement.lang === 'en'")
        page.get_by_text("Total monetary poverty in Ayacucho").first.wait_for()
        assert page.evaluate(ABOUT) == ["en", "What changed, where, and how sure are we?"]
        found += violations(page, "en")
        width = page.evaluate("document.documentElement.scrollWidth")
    assert found == []
    assert width <= size["width"], "the page scrolls sideways"
