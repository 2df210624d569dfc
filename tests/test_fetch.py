"""`icanalysis enaho fetch` against a server on this machine that drops, truncates and lies.

Nothing here leaves 127.0.0.1, and nobody waits: what would be slept is noted.
"""

import contextlib
import dataclasses
import datetime
import errno
import hashlib
import io
import itertools
import json
import os
import random
import re
import shutil
import socket
import ssl
import subprocess
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from icanalysis import download, enaho, fetch
from icanalysis.cli import main
from icanalysis.download import Patience

TODAY = datetime.date.today().isoformat()
SUMARIA = "AÑO,CONGLOME,VIVIENDA,HOGAR,POBREZA,LINEA\n{year},005001,001,11,3,{line}\n"
MEMBERS = "AÑO,CONGLOME,VIVIENDA,HOGAR,CODPERSO,P203,P204\n2019,005001,001,11,01,1,1\n"
GOVERNANCE = "AÑO,CONGLOME,VIVIENDA,HOGAR,P33_2,P37\n2019,005001,001,11,2,3\n"
HTML = b"<!DOCTYPE html><html><body>Servicio no disponible</body></html>"


def zipped(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            content = content.encode("latin-1") if isinstance(content, str) else content
            archive.writestr(name, content)
    return made.getvalue()


def sumaria(year=2019, line=350.5, code=687):
    """Sumaria's archive as INEI packs it: a folder, a variant without poverty, a document."""
    folder = f"{code}-Modulo34/{code}-Modulo34"
    return zipped(
        {
            f"{folder}/Sumaria-{year}.csv": SUMARIA.format(year=year, line=line),
            f"{folder}/Sumaria-{year}-12g.csv": f"AÑO,CONGLOME,GRU11HD\n{year},005001,5\n",
            f"{folder}/Diccionario.pdf": random.Random(line).randbytes(200_000),
        }
    )


ARCHIVE = sumaria()


# --- a server that does as it is told -------------------------------------------------------


class Server:
    """Answers requests one by one as `answers` say, then honestly with `body`."""

    def __init__(self):
        self.answers, self.asked, self.body, self.etag = [], [], ARCHIVE, '"one"'
        self.bodies = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):  # noqa: N805
                self.asked.append((handler.path, dict(handler.headers)))
                answer = self.answers.pop(0) if self.answers else honest()
                with contextlib.suppress(ConnectionError):
                    answer(handler, self)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/STATA"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    @property
    def ranges(self):
        return [headers.get("Range") for _, headers in self.asked]


def send(handler, status, body=b"", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        if value is not None:
            handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
    handler.wfile.write(body)


def honest(cut=None, etag=None, body=None):
    """The file or the part asked for; `cut` drops the line after so many bytes."""

    def answer(handler, server):
        content = body or server.bodies.get(handler.path.rsplit("/", 1)[-1], server.body)
        mark = etag or server.etag
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        if handler.headers.get("If-None-Match") == mark:
            send(handler, 304, ETag=mark)
        elif asked and handler.headers.get("If-Range") == mark:
            start, size = int(asked[1]), len(content)
            told = f"bytes {start}-{size - 1}/{size}"
            rest = content[start:]
            send(handler, 206, rest[:cut], ETag=mark, Content_Range=told, Content_Length=len(rest))
        else:
            send(handler, 200, content[:cut], ETag=mark, Content_Length=len(content))

    return answer


def status(number, body=b"", **headers):
    return lambda handler, server: send(
        handler, number, body, **({"Content_Length": len(body)} | headers)
    )


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def slept(monkeypatch):
    """What would have been slept; tries are few, waits for answers short, transfers timeless."""
    waits = []
    quick = Patience(
        tries=3, connect=10, silence=0.4, slowest=2000, sleep=waits.append, clock=lambda: 0
    )
    monkeypatch.setattr(fetch, "Patience", lambda: quick)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return waits


@pytest.fixture
def to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "enaho"


@pytest.fixture
def ask(server, slept, to):
    """Fetch; return the exit code and the lines said, which hold no traceback and no bar."""

    def asked(*arguments, base=server.url):
        command = ["enaho", "fetch", *map(str, arguments), "--base-url", base]
        done = CliRunner().invoke(main, [*command, "--language", "en"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output.splitlines()

    return asked


@pytest.fixture
def get(ask):
    """Fetch Sumaria of 2019; return the exit code and what is told of it."""

    def got(*arguments, **options):
        code, (first, *rest) = ask(2019, "--module", 34, *arguments, **options)
        assert rest in ([], ["The tables are in enaho."])
        told = re.fullmatch("2019, module 34: (.*)", first)
        return code, told[1]

    return got


def files(to):
    return sorted(path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file())


def checksum(content):
    return hashlib.sha256(content).hexdigest()


WHOLE = ["2019/Sumaria-2019.csv", "archives.json"]
FETCHED = f"2019/Sumaria-2019.csv from 687-Modulo34.zip, 0.2 MB, sha256 {checksum(ARCHIVE)[:12]}…"
PARTIAL = ["2019/687-Modulo34.zip.part", "2019/687-Modulo34.zip.stamp.part"]


# --- what goes well -------------------------------------------------------------------------


def test_a_module_is_fetched_unpacked_and_recorded(get, server, to, slept):
    assert get() == (0, FETCHED)
    assert files(to) == WHOLE
    table = (to / WHOLE[0]).read_bytes()
    assert table.decode("latin-1") == SUMARIA.format(year=2019, line=350.5)
    assert json.loads((to / "archives.json").read_text()) == {
        "schema": "icanalysis-enaho/1",
        "archives": {
            "2019/34": {
                "url": f"{server.url}/687-Modulo34.zip",
                "retrieved": TODAY,
                "bytes": len(ARCHIVE),
                "sha256": checksum(ARCHIVE),
                "etag": '"one"',
                "modified": "",
                "tables": {"Sumaria-2019.csv": {"bytes": len(table), "sha256": checksum(table)}},
            }
        },
    }
    [(path, headers)] = server.asked
    assert path == "/STATA/687-Modulo34.zip"
    assert headers["User-Agent"].startswith("icanalysis/")
    assert slept == []


def test_what_is_there_and_unchanged_is_asked_about_and_not_downloaded(get, server, to):
    get()
    server.asked.clear()
    assert get() == (0, f"unchanged since {TODAY}")
    [(_, headers)] = server.asked
    assert headers["If-None-Match"] == '"one"'
    assert files(to) == WHOLE


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"ETag": '"one"'}, f"unchanged since {TODAY}"),
        ({}, f"unchanged since {TODAY}"),  # by its size
        (
            {"Content_Length": None, "Connection": "close"},
            f"as recorded on {TODAY}; whether INEI has changed it could not be asked: "
            "the server does not say",
        ),
    ],
)
def test_a_server_that_knows_no_conditions_is_compared_by_what_it_says(get, server, headers, told):
    get()
    server.answers = [status(200, ARCHIVE, **headers)]
    assert get() == (0, told)


def test_modules_by_default_and_by_the_number_of_their_chapter(ask, server, to, slept):
    server.bodies = {
        "687-Modulo02.zip": zipped({"Enaho01-2019-200.csv": MEMBERS}),
        "687-Modulo85.zip": zipped({"a-1.csv": "AÑO,P1\n2019,1\n", "a-2.csv": GOVERNANCE}),
    }
    code, lines = ask(2019, "--module", "200", "--module", "2", "--module", "085")
    assert code == 0
    assert [line.partition(" from ")[0] for line in lines[:-1]] == [
        "2019, module 02: 2019/Enaho01-2019-200.csv",
        "2019, module 85: 2019/a-2.csv",  # the one with governance, whatever it is called
    ]
    assert slept == [fetch.PAUSE]
    assert [archive.module for archive in fetch.plan([2019], [], [])] == ["34", "02", "05", "85"]


def test_a_module_without_a_reader_of_its_own_is_unpacked_whole(ask, server, to):
    server.bodies = {"687-Modulo03.zip": zipped({"x/Enaho01a-2019-300.csv": "AÑO,P301A\n2019,1\n"})}
    assert ask(2019, "--module", 3)[0] == 0
    assert files(to) == ["2019/Enaho01a-2019-300.csv", "archives.json"]


def test_one_failure_does_not_stop_the_rest(ask, server, to):
    server.bodies = {"634-Modulo34.zip": sumaria(2018, code=634), "603-Modulo34.zip": HTML}
    code, lines = ask(2018, 2017, 2019, "--module", 34)
    assert code == 1
    assert lines[1:] == [
        "2017, module 34: the server answered with a web page instead of the archive",
        f"2019, module 34: {FETCHED}",
        "The tables are in enaho.",
    ]
    found = enaho.find(to)
    assert list(zip(found["module"], found["year"], strict=True)) == [
        ("sumaria", 2018),
        ("sumaria", 2019),
    ]


def test_a_code_given_by_hand(ask, server, to):
    server.bodies = {"1099-Modulo34.zip": sumaria(2026, code=1099)}
    assert ask(2026, "--module", 34, "--code", "2026=1099")[0] == 0
    assert files(to) == ["2026/Sumaria-2026.csv", "archives.json"]


def test_a_redirect_is_followed(get, server):
    server.answers = [status(302, Location="/elsewhere/687-Modulo34.zip")]
    assert get() == (0, FETCHED)
    assert [path for path, _ in server.asked][-1] == "/elsewhere/687-Modulo34.zip"


def test_a_damaged_document_beside_a_sound_table_does_no_harm(get, server):
    content = bytearray(ARCHIVE)
    content[len(content) // 2] ^= 255
    assert zipfile.ZipFile(io.BytesIO(content)).testzip().endswith("Diccionario.pdf")
    server.body = bytes(content)
    assert get()[0] == 0


# --- broken off and gone on with ------------------------------------------------------------


def test_a_download_that_breaks_off_goes_on_where_it_stopped(get, server, to, slept):
    server.answers = [honest(cut=50_000), honest(cut=30_000)]
    assert get() == (0, FETCHED)
    assert server.ranges == [None, "bytes=50000-", "bytes=80000-"]
    assert [headers.get("If-Range") for _, headers in server.asked[1:]] == ['"one"'] * 2
    assert slept == [2, 2]  # each try came further
    assert files(to) == WHOLE


def test_what_has_come_is_kept_for_the_next_run(get, server, to, slept):
    server.answers = [honest(cut=160_000)] + [status(503)] * 2
    code, told = get()
    assert code == 1
    assert told == (
        "the server is out of order or overloaded (error 503). "
        "0.2 MB have arrived; the same command goes on from there."
    )
    assert slept == [2, 4]
    assert files(to) == PARTIAL
    assert enaho.find(to).empty
    server.asked.clear()
    assert get() == (0, FETCHED)
    assert server.ranges == ["bytes=160000-"]
    assert files(to) == WHOLE


def test_a_part_that_is_whole_is_not_asked_for_again(get, server, to):
    server.answers = [honest(cut=1000), *[status(503)] * 2]
    get()
    (to / PARTIAL[0]).write_bytes(ARCHIVE)
    server.asked.clear()
    assert get() == (0, FETCHED)
    assert server.asked == []


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(status(200, ARCHIVE, ETag='"one"'), id="the whole file instead of the rest"),
        pytest.param(honest(etag='"two"'), id="another ETag, told by If-Range"),
    ],
)
def test_a_server_that_begins_again_is_followed(get, server, second):
    server.answers = [honest(cut=50_000), second]
    assert get() == (0, FETCHED)
    assert server.ranges == [None, "bytes=50000-"]


def partial(start, body, size, etag='"one"'):
    told = f"bytes {start}-{start + len(body) - 1}/{size}"
    return status(206, body, ETag=etag, Content_Range=told)


def test_a_server_that_sends_less_than_the_rest_is_asked_for_what_is_missing(get, server):
    server.answers = [honest(cut=50_000), partial(50_000, ARCHIVE[50_000:60_000], len(ARCHIVE))]
    assert get() == (0, FETCHED)
    assert server.ranges == [None, "bytes=50000-", "bytes=60000-"]


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(partial(10, ARCHIVE[10:], len(ARCHIVE)), id="another start"),
        pytest.param(partial(50_000, ARCHIVE[50_000:], len(ARCHIVE) + 9), id="another size"),
        pytest.param(partial(50_000, ARCHIVE[50_000:], len(ARCHIVE), '"two"'), id="another ETag"),
        pytest.param(status(206, ARCHIVE[50_000:], ETag='"one"'), id="no Content-Range"),
        pytest.param(status(416, ETag='"one"'), id="no such range"),
    ],
)
def test_a_wrong_answer_to_a_range_is_thrown_away_and_all_begun_again(get, server, lie):
    server.answers = [honest(cut=50_000), lie]
    assert get() == (0, FETCHED)
    assert server.ranges == [None, "bytes=50000-", None]


def test_other_bytes_under_the_right_range_are_found_out(get, server, to):
    other = sumaria(line=777)
    lie = partial(50_000, b"\0" * (len(ARCHIVE) - 50_000), len(ARCHIVE))
    server.answers = [honest(cut=50_000), lie, honest(body=other)]
    code, told = get()
    assert code == 0
    assert checksum(other)[:12] in told
    assert server.ranges == [None, "bytes=50000-", None]
    assert files(to) == WHOLE


def test_a_part_nothing_vouches_for_is_not_gone_on_with(get, server, to):
    unmarked = status(200, ARCHIVE[:50_000], Content_Length=len(ARCHIVE))
    server.answers = [unmarked]
    assert get()[0] == 0
    assert server.ranges == [None, None]


def test_a_part_of_another_address_is_not_gone_on_with(get, server, to):
    server.answers = [honest(cut=50_000), *[status(503)] * 2]
    get()
    server.asked.clear()
    assert get(base=server.url + "/mirror") == (0, FETCHED)
    assert server.ranges == [None]


# --- what does not go well ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "told", "asked", "waits"),
    [
        pytest.param(
            [status(404)], "the server has no such file (error 404): check the survey code and "
            "the module", 1, [], id="no such file",
        ),
        pytest.param(
            [status(403)], "the server does not give the file (answer 403)", 1, [], id="refused",
        ),
        pytest.param(
            [status(200, HTML)] * 3,
            "the server answered with a web page instead of the archive", 3, [2, 4], id="a page",
        ),
        pytest.param(
            [status(200, b"Rar!...")] * 3, "what the server sent is not a zip archive", 3, [2, 4],
            id="no zip",
        ),
        pytest.param(
            [status(200, b"")] * 3, "what the server sent is not a zip archive", 3, [2, 4],
            id="nothing",
        ),
        pytest.param(
            [status(302, Location="/STATA/687-Modulo34.zip")] * 9,
            "127.0.0.1 redirects without end", 6, [], id="a redirect loop",
        ),
        pytest.param(
            [status(429, Retry_After=3600)],
            "the server is out of order or overloaded (error 429)", 1, [], id="an hour's wait",
        ),
        pytest.param(
            [lambda handler, server: None] * 3,
            "the connection broke off before the file was whole", 3, [2, 4], id="hung up",
        ),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_archive(get, server, to, slept, answers, told, asked, waits):
    server.answers = answers
    assert get() == (1, told)
    assert (len(server.asked), slept) == (asked, waits)
    assert files(to) == []


@pytest.mark.parametrize("number", [429, 503])
@pytest.mark.parametrize(
    ("named", "wait"),
    [("7", 7), ("Wed, 21 Oct 2015 07:28:00 GMT", 2), ("soon", 2), (None, 2)],
)
def test_a_busy_server_is_left_alone_as_long_as_it_says(get, server, slept, number, named, wait):
    server.answers = [status(number, Retry_After=named)]
    assert get() == (0, FETCHED)
    assert slept == [wait]


def test_a_file_announced_longer_than_it_is(get, server, to):
    server.answers = [status(200, ARCHIVE, Content_Length=len(ARCHIVE) + 5)] * 3
    code, told = get()
    assert code == 1
    assert told == "the connection broke off before the file was whole. " + (
        "0.2 MB have arrived; the same command goes on from there."
    )


def test_a_file_announced_shorter_than_it_is(get, server, to):
    server.answers = [status(200, ARCHIVE, Content_Length=60_000)]
    assert get() == (1, "687-Modulo34.zip: the archive is damaged (File is not a zip file)")
    assert len(server.asked) == 1
    assert files(to) == []


def until_hung_up(handler, server):
    """Send no more, and keep the line open for as long as the other side does."""
    handler.connection.recv(1)


@pytest.mark.parametrize("slowest", [0.5, 0.1])
def test_four_bytes_in_ten_seconds(get, server, slept, monkeypatch, slowest):
    def trickle(handler, server):
        send(handler, 200, ARCHIVE[:4], Content_Length=len(ARCHIVE))
        until_hung_up(handler, server)

    ticks = itertools.count()
    seconds = dataclasses.replace(
        fetch.Patience(), slowest=slowest, clock=lambda: next(ticks) * 10.0
    )
    monkeypatch.setattr(fetch, "Patience", lambda: seconds)
    server.answers = [trickle] * 3
    cut = slowest * 10 > 4
    why = "the server sends too slowly" if cut else "127.0.0.1 has been silent for too long"
    code, told = get()
    assert (code, told.partition(". ")[0]) == (1, why)
    assert slept == [2, 4]


def test_silence_is_not_waited_out(get, server, slept):
    server.answers = [until_hung_up] * 3
    assert get() == (1, "127.0.0.1 has been silent for too long")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(
            zipped({"Enaho01-2019-200.csv": MEMBERS}),
            "687-Modulo34.zip: the archive holds no table of module 34 (sumaria)",
            id="another module",
        ),
        pytest.param(
            sumaria(2018),
            "687-Modulo34.zip: the table is of 2018, not of 2019: "
            "is 687 the survey code of that year?",
            id="another year",
        ),
        pytest.param(
            zipped({"../../Sumaria-2019.csv": SUMARIA.format(year=2019, line=1)}),
            "687-Modulo34.zip “../../Sumaria-2019.csv”: the archive names a place outside itself",
            id="climbs out",
        ),
        pytest.param(
            zipped({"Sumaria-2019.csv": "0" * 30_000_000}),
            "687-Modulo34.zip/Sumaria-2019.csv: "
            "the archive unpacks to far more than a survey file holds",
            id="a bomb",
        ),
        pytest.param(
            zipped({"Leeme.txt": "nada"}),
            "687-Modulo34.zip “Leeme.txt”: the archive holds no .dta, .sav or .csv file",
            id="no data",
        ),
        pytest.param(
            b"PK\x03\x04 and no more",
            "687-Modulo34.zip: the archive is damaged (File is not a zip file)",
            id="a zip by its first bytes only",
        ),
    ],
)
def test_an_archive_that_is_not_what_was_asked_for(get, server, to, tmp_path, body, told):
    server.body = body
    assert get() == (1, told)
    assert len(server.asked) == 1
    assert files(tmp_path) == []
    assert list(to.iterdir()) == [], "no empty folder stays behind"


def test_what_cannot_be_read_beside_the_table_wanted_is_not_unpacked(get, server, to):
    table = SUMARIA.format(year=2019, line=1)
    stray = {"Sumaria-2019-12g.dta": HTML, "Leame.csv": b"", "mas.csv": zipped({"a.csv": "a"})}
    server.body = zipped({**stray, "Sumaria-2019.csv": table})
    assert get()[0] == 0
    assert files(to / "2019") == ["Sumaria-2019.csv"]


def test_a_table_that_cannot_be_read_is_told_where_none_is_wanted(get, server, to):
    server.body = zipped({"Sumaria-2019.dta": HTML, "Leame.csv": "a,b\n1,2\n"})
    code, told = get()
    assert code == 1
    assert told.endswith("the file is a web page, not data: the download failed")
    assert not (to / "2019").exists()


def test_of_a_module_without_a_reader_every_table_must_be_sound(ask, server, to):
    server.body = zipped({"a.csv": "a,b\n1,2\n", "b.dta": HTML})
    code, (told,) = ask(2019, "--module", "01")
    assert code == 1
    assert told.endswith("the file is a web page, not data: the download failed")
    assert not (to / "2019").exists()


# --- changes --------------------------------------------------------------------------------


def test_an_archive_inei_has_changed_is_told_and_the_old_table_kept(get, server, to):
    get()
    before = (to / WHOLE[0]).read_bytes()
    server.body, server.etag = sumaria(line=400), '"two"'
    assert get() == (
        1,
        f"INEI's archive is no longer that of {TODAY}; the table of that date is kept. "
        "--force fetches the new one.",
    )
    assert (to / WHOLE[0]).read_bytes() == before
    aside = f"Sumaria-2019.csv.until-{TODAY}"
    code, told = get("--force")
    assert code == 0
    assert told.endswith(f"…; the one before it is kept as {aside}")
    assert (to / "2019" / aside).read_bytes() == before
    assert b"400" in (to / WHOLE[0]).read_bytes()
    assert list(enaho.find(to)["path"]) == [str(to / WHOLE[0])]
    assert get() == (0, f"unchanged since {TODAY}")
    server.body, server.etag = sumaria(line=500), '"three"'
    assert get("--force")[1].endswith(f"kept as {aside}-2")


def test_an_archive_from_another_address_is_fetched_whatever_its_etag(get, server, to):
    get()
    server.body = sumaria(line=400)
    assert get(base=server.url + "/mirror")[1].endswith(f"kept as Sumaria-2019.csv.until-{TODAY}")


def test_the_same_content_fetched_by_force_leaves_nothing_beside(get, server, to):
    get()
    assert get("--force") == (0, FETCHED)
    assert files(to) == WHOLE


def test_a_table_inei_has_renamed_does_not_stand_twice(get, server, to):
    get()
    server.body = zipped({"sumaria_2019.csv": SUMARIA.format(year=2019, line=9)})
    get("--force")
    assert files(to) == [
        f"2019/Sumaria-2019.csv.until-{TODAY}",
        "2019/sumaria_2019.csv",
        "archives.json",
    ]
    assert len(enaho.find(to)) == 1


def test_a_table_that_is_gone_is_fetched_again(get, to):
    get()
    (to / WHOLE[0]).unlink()
    assert get() == (0, FETCHED)


def test_a_table_somebody_altered_is_fetched_again_and_kept_beside(get, to):
    get()
    (to / WHOLE[0]).write_text("mine")
    assert get()[1].endswith(f"; the one before it is kept as Sumaria-2019.csv.until-{TODAY}")
    assert (to / "2019" / f"Sumaria-2019.csv.until-{TODAY}").read_text() == "mine"


# --- nobody there ---------------------------------------------------------------------------


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_server_that_accepts_no_connection_is_asked_patiently_only_once(ask, to, slept):
    base = f"http://127.0.0.1:{closed_port()}"
    code, lines = ask(2018, 2019, "--module", 34, base=base)
    assert code == 1
    assert lines == [
        "2018, module 34: 127.0.0.1 accepts no connection",
        "2019, module 34: 127.0.0.1 accepts no connection",
    ]
    assert slept == [2, 4]


def test_what_is_on_record_stands_when_inei_is_down(get, server, to):
    get()
    server.answers = [status(500)]
    assert get() == (
        0,
        f"as recorded on {TODAY}; whether INEI has changed it could not be asked: "
        "the server is out of order or overloaded (error 500)",
    )
    assert files(to) == WHOLE


def test_a_name_that_is_not_found(get, monkeypatch, slept):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    told = "proyectos.inei.example was not found: is there an internet connection?"
    assert get(base="https://proyectos.inei.example") == (1, told)
    assert slept == []


def test_a_server_without_a_secure_connection(get, server, slept):
    base = server.url.replace("http:", "https:")
    assert get(base=base) == (1, "the secure connection to 127.0.0.1 failed")


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes a certificate with openssl")
def test_a_certificate_nobody_vouches_for_is_not_accepted(get, server, tmp_path, slept):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=x",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    assert get(base=server.url.replace("http:", "https:")) == (
        1,
        "the certificate of 127.0.0.1 could not be verified, so nothing was downloaded; "
        "REQUESTS_CA_BUNDLE can name a file with the certificate that is missing",
    )
    assert slept == []


# --- the folder -----------------------------------------------------------------------------


def test_a_full_disk(get, to, monkeypatch):
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    opened = Path.open
    monkeypatch.setattr(
        Path,
        "open",
        lambda path, mode="r", *rest, **named: (
            Full() if mode == "ab" else opened(path, mode, *rest, **named)
        ),
    )
    assert get() == (1, "the disk is full")


def test_a_folder_that_cannot_be_written_in(get, to):
    to.mkdir()
    (to / "2019").write_text("in the way")
    assert get() == (1, f"{Path('enaho/2019')}: {os_words(errno.EEXIST)}")


def test_a_folder_that_is_a_file_is_refused_before_anything_is_asked(ask, server, to):
    to.write_text("in the way")
    assert ask(2019) == (2, [f"{os_words(errno.EEXIST)}: enaho"])
    assert server.asked == []


def os_words(number):
    return os.strerror(number)


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "x", "archives": {}}', "{"])
def test_a_record_that_is_none_is_refused(ask, server, to, text):
    to.mkdir()
    (to / "archives.json").write_text(text)
    told = "“enaho/archives.json” is not a record of archives; rename it, or name another folder."
    assert ask(2019) == (2, [told])
    assert server.asked == []


# --- wrong use ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            (2019, 2002, 2003),
            "The survey code of 2002, 2003 is not known; it is known for 2004 to 2025. At "
            "https://proyectos.inei.gob.pe/microdatos, choose the survey and the year: the "
            "archives are named code-Modulo34.zip. Then give it: --code 2002=CODE.",
        ),
        ((2019, "--code", "687"), "--code is “687”; write a year and its code, as 2009=285."),
        (
            (2019, "--module", "sumaria"),
            "--module is “sumaria”; give INEI's number: 34 (Sumaria), 02 (members), "
            "05 (employment), 85 (governance) or another of its list.",
        ),
    ],
)
def test_wrong_use_is_refused_before_anything_is_asked(ask, server, to, arguments, told):
    assert ask(*arguments) == (2, [told])
    assert server.asked == []
    assert not to.exists()


@pytest.mark.parametrize("base", ["ftp://example.org/x", "example.org", "https://", ""])
def test_a_base_that_is_no_web_address(ask, to, base):
    told = f"--base-url is “{base}”; it must begin with https:// or http://."
    assert ask(2019, base=base) == (2, [told])
    assert not to.exists()


# --- what is known of INEI ------------------------------------------------------------------


def test_the_survey_codes():
    codes = fetch.survey_codes()
    assert list(codes) == list(range(2004, 2026))
    assert len(set(codes.values())) == len(codes)
    # Read in public code before the table was made, by others.
    known = {2010: 279, 2011: 291, 2016: 546, 2017: 603, 2018: 634, 2019: 687, 2020: 737}
    known |= {2021: 759, 2022: 784, 2023: 906, 2024: 966, 2025: 1031}
    assert {year: int(codes[year]) for year in known} == known


def test_the_address_of_an_archive():
    [archive] = fetch.plan([2009], ["34"], [])
    assert fetch.address(fetch.BASE_URL, archive) == (
        "https://proyectos.inei.gob.pe/iinei/srienaho/descarga/STATA/285-Modulo34.zip"
    )


def test_waits_double_and_a_server_is_never_asked_sooner_than_it_says():
    patience = Patience(backoff=2)
    assert [patience.wait(failed, None) for failed in (1, 2, 3)] == [2, 4, 8]
    assert patience.wait(3, 30) == 30
    assert download.Patience().tries == 6
