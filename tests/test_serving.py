"""`icanalysis portal --serve`: what is linked can be read, nothing else can, nothing is written."""

import html
import http.client
import re
import threading
from contextlib import contextmanager
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from click.testing import CliRunner
from history import again, recorded
from pair import figure, run

from icanalysis import ledger, portal, serving
from icanalysis.cli import main

SECRET = "nobody should read this"


@contextmanager
def started(folder):
    """A server of a folder's page on a free port of this machine."""
    made = portal.Portal(ledger.read(folder), None)
    portal.write(made, folder / "index.html", "en")
    with serving.Shelf(portal.published(made, folder / "index.html")) as shelf:
        thread = threading.Thread(target=shelf.serve_forever, daemon=True)
        thread.start()
        yield shelf
        shelf.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with two runs, and a secret beside it, in it, in a run and behind links."""
    home = tmp_path_factory.mktemp("served")
    reports = home / "reports"
    again(reports, "one", day=2)
    other = run(reports / "ñandú #1", [figure(value=1.0)])
    recorded(other, (other / "run.json").read_text(encoding="utf-8"), day=1)
    for place in (home, reports, reports / "one", reports / "one" / "es"):
        (place / "secret.txt").write_text(SECRET, encoding="utf-8")
    (reports / ".hidden").write_text(SECRET, encoding="utf-8")
    (reports / "out").symlink_to(home)
    (reports / "one" / "out.html").symlink_to(home / "secret.txt")
    return home


@pytest.fixture(scope="module")
def shelf(home):
    with started(home / "reports") as shelf:
        yield shelf


def asked(shelf, path, method="GET", **headers):
    """Ask for exactly this path, which a client would tidy; return status, headers, content."""
    connection = http.client.HTTPConnection(serving.HERE, shelf.server_port, timeout=30)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, dict(answer.headers), answer.read()
    connection.close()
    return found


def test_every_link_of_the_page_and_of_what_it_leads_to_is_answered(shelf, home):
    waiting, seen = ["/"], {}
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        status, headers, content = asked(shelf, path)
        assert status == 200, path
        seen[path] = content
        if headers["Content-Type"].startswith("text/html"):
            for link in re.findall(r'<a\b[^>]*?\bhref="([^"]*)"', content.decode()):
                address = urlsplit(urljoin(f"http://here{path}", html.unescape(link)))
                if address.netloc == "here":
                    waiting.append(address.path)
    assert len(seen) >= 12
    for path, content in seen.items():
        file = home / "reports" / (unquote(path).strip("/") or "index.html")
        assert content == file.read_bytes()


OUTSIDE = [
    "/secret.txt", "/one/secret.txt", "/one/es/secret.txt", "/.hidden", "/one/out.html",
    "/out/secret.txt", "/out/", "/../secret.txt", "/one/../../secret.txt", "/%2e%2e/secret.txt",
    "/one/%2e%2e/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%252e%252e/secret.txt",
    "/..\\secret.txt", "/..%5csecret.txt", "//secret.txt", "/one//es/cusco.html",
    "/one/es/cusco.html/", "/one/es/cusco.html%00", "/./one/es/cusco.html", "/one/", "/one/es",
    "../secret.txt", "secret.txt", "%2e%2e/secret.txt", "{home}/secret.txt", "/{home}/secret.txt",
    "//{home}/secret.txt", "file://{home}/secret.txt", "/etc/passwd", "//etc/passwd",
    "http://elsewhere.example/secret.txt", "/" + "a" * 9000,
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE, ids=range(len(OUTSIDE)))
def test_nothing_else_can_be_read(path, shelf, home):
    status, _, content = asked(shelf, path.format(home=home))
    assert status in (400, 404)
    assert SECRET.encode() not in content
    assert b"root:" not in content


def snapshot(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "MKCOL", "OPTIONS", "TRACE"])
def test_nothing_can_be_written(method, shelf, home):
    before = snapshot(home)
    for path in ("/one/es/cusco.html", "/new.html", "/"):
        status, _, _ = asked(shelf, path, method, **{"Content-Length": "0"})
        assert status == 501
    assert snapshot(home) == before


def test_a_head_has_no_content_and_kinds_are_told(shelf):
    status, headers, content = asked(shelf, "/one/results.csv", "HEAD")
    assert (status, content) == (200, b"")
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Python" not in headers["Server"]


def test_a_name_of_elsewhere_that_leads_here_is_not_answered(shelf):
    """A page on the internet could otherwise have a browser read this one for it."""
    assert asked(shelf, "/", Host="elsewhere.example")[0] == 404
    assert asked(shelf, "/", Host=f"localhost:{shelf.server_port}")[0] == 200


def test_it_listens_on_this_machine_only(shelf):
    assert shelf.server_address[0] == "127.0.0.1"


def test_a_file_changed_or_replaced_by_a_link_is_not_sent(home, tmp_path):
    reports = tmp_path / "reports"
    again(reports, "one", day=1)
    with started(reports) as shelf:
        page, folder = reports / "one" / "es" / "cusco.html", reports / "one" / "en"
        assert asked(shelf, "/one/es/cusco.html")[0] == 200
        page.write_text(SECRET, encoding="utf-8")
        assert asked(shelf, "/one/es/cusco.html")[0] == 404
        page.unlink()
        page.symlink_to(home / "secret.txt")
        assert asked(shelf, "/one/es/cusco.html")[0] == 404
        # Even the same content is not read through a link.
        folder.rename(tmp_path / "en")
        folder.symlink_to(tmp_path / "en")
        assert asked(shelf, "/one/en/cusco.html")[0] == 404


def test_the_command_serves_until_it_is_stopped(tmp_path, monkeypatch):
    run(tmp_path / "reports" / "one", [figure(value=1.0)])
    addresses = []

    def stopped(shelf):
        addresses.append(shelf.address)
        raise KeyboardInterrupt

    monkeypatch.setattr(serving.Shelf, "serve_forever", stopped)
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")
    asked_for = ["portal", str(tmp_path / "reports"), "--serve", "--data", "none"]
    result = CliRunner().invoke(main, asked_for)
    assert result.exit_code == 0
    assert result.output.splitlines()[1] == (
        f"Shown at {addresses[0]}, to this machine only, until you press Ctrl+C."
    )
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", addresses[0])
