"""The gate meets damaged and hostile files: each is told, none ends it or does anything."""

import io
import json
import struct
import time
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from planting import HOME, cell, png

from icanalysis import gate, intake
from icanalysis.cli import main

ROOT = Path(__file__).parents[1]
# A quarter of what a hostile file would take without limits; a busy machine is slow.
PATIENCE = 60


def found_in(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    started = time.process_time()
    found = gate.findings(path, gate.Watch())
    assert time.process_time() - started < PATIENCE
    assert [each.name for each in folder.iterdir()] == [name], "something was written"
    return [each.kind for each in found]


def zipped(*members, **options):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, **options)
    return made.getvalue()


def matryoshka(times):
    data = zipped(("a.txt", HOME))
    for _ in range(times):
        data = zipped(("a.zip", data))
    return data


def bomb_png():
    """A PNG that says it is 60,000 by 60,000 pixels."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def far_cell():
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = 1
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><l>&x;</l>'
DAMAGED = {
    "a.ipynb": ["{", "[]", '{"cells": 3}', '{"cells": [3]}', "[" * 100_000, "\ud800".encode("utf-8", "replace")],
    "a.json": ["{", "[" * 100_000, '{"a":' * 100_000],
    "a.xml": [LAUGHS, OUTSIDE, "<a>", "<a>" * 50_000],
    "a.svg": [LAUGHS.replace("<l>", "<svg>").replace("</l>", "</svg>"), "<svg>"],
    "a.png": [b"\x89PNG broken", png()[:45], bomb_png()],
    "a.pdf": [b"%PDF-1.7\nbroken", b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\ntrailer <</Root 1 0 R>>"],
    "a.xlsx": [zipped(("xl/workbook.xml", "<a>")), zipped(("xl/workbook.xml", LAUGHS)), far_cell()],
    "a.zip": [b"PK\x03\x04broken", matryoshka(10), zipped(("a.txt", b"\0" * 20_000_000))],
    "a.bin": [b"\0\1\2", b"\x7fELF\0"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"), [(name, each) for name, contents in DAMAGED.items() for each in contents]
)
def test_a_damaged_file_is_told(name, content, tmp_path):
    assert "unreadable" in found_in(tmp_path, name, content)


def test_a_damaged_file_does_not_keep_others_from_being_read(tmp_path):
    (tmp_path / "a.ipynb").write_text("{")
    (tmp_path / "b.txt").write_text(HOME)
    found = gate.findings(tmp_path, gate.Watch())
    assert [(each.kind, each.place.file) for each in found] == [
        ("unreadable", "a.ipynb"),
        ("path", "b.txt"),
    ]


def test_one_damaged_member_does_not_keep_the_others_from_being_read(tmp_path):
    data = zipped(("a.txt", b"A" * 100), ("b.txt", HOME))
    broken = data[:35] + b"\xff\xff" + data[37:]
    assert set(found_in(tmp_path, "a.zip", broken)) == {"unreadable", "path"}


@pytest.mark.parametrize(
    "name", ["../a.txt", "/etc/a.txt", "C:\\a.txt", "a/../../b.txt", "..\\a.txt"]
)
def test_a_member_that_would_leave_its_folder_is_told_and_still_read(name, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    assert sorted(found_in(inside, "a.zip", zipped((name, HOME)))) == ["archive", "path"]
    assert list(tmp_path.iterdir()) == [inside]


def test_too_many_members_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(intake.Budget.__init__, "__defaults__", (intake.MOST_UNPACKED, 3))
    assert found_in(tmp_path, "a.zip", zipped(*[(f"{n}.txt", "A") for n in range(4)])) == [
        "unreadable"
    ]


def test_a_large_file_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "MOST_BYTES", 10)
    assert found_in(tmp_path, "a.txt", "A" * 11) == ["unreadable"]


def test_an_encrypted_member_is_told(tmp_path):
    data = bytearray(zipped(("a.txt", HOME)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert found_in(tmp_path, "a.zip", bytes(data)) == ["unreadable"]


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret.txt").write_text(HOME)
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "a.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "loop").symlink_to(folder)
    assert [each.kind for each in gate.findings(folder, gate.Watch())] == ["unreadable"] * 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", "<div>" * 10_000 + HOME),
        ("a.html", "<b>" * 10_000 + HOME),
        ("a.html", "<table><tr><td>" * 1_000 + HOME),
        ("a.html", "<dl><dd>" * 3_000 + HOME),
        ("a.html", "<p " + "a=b " * 50_000 + f">{HOME}"),
        ("a.html", f"<p>{'<' * 100_000}</p><p>{HOME}</p>"),
        ("a.csv", f'"{"x" * 1_000_000}",{HOME}\n'),
        ("a.csv", "," * 20_000 + HOME),
        ("a.txt", "+" + "1 " * 100_000 + HOME),
        ("a.txt", ("a" * 20 + "@") * 20_000 + " " + HOME),
        ("a.txt", "-1.12345," * 50_000 + " " + HOME),
        ("a.txt", "1" * 300_000 + " " + HOME),
        ("a.txt", " ".join(["password"] * 50_000) + " " + HOME),
        ("a.ipynb", json.dumps({"cells": [cell("markdown", "[" * 5_000), cell(source=HOME)]})),
        ("a.ipynb", json.dumps({"cells": [cell("markdown", "> " * 3_000), cell(source=HOME)]})),
    ],
)  # fmt: skip
def test_a_file_made_to_be_slow_is_read_in_time(name, content, tmp_path):
    assert "path" in found_in(tmp_path, name, content)


def test_a_page_that_would_take_hours_is_told(tmp_path):
    assert found_in(tmp_path, "a.html", f"<p>{HOME}</p>" + "<!--" * 50_000) == ["unreadable"]


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\u2066", "\ufeff", "\x01"])
def test_unseen_characters_do_not_hide_what_they_divide(sign, tmp_path):
    found = found_in(tmp_path, "a.txt", f"x DNI 4567{sign}8912 x")
    assert set(found) == {"unseen-characters", "national-id"}


def test_full_width_figures_are_figures(tmp_path):
    assert found_in(
        tmp_path, "a.txt", "DNI " + "".join(chr(0xFF10 + int(n)) for n in "45678912")
    ) == ["national-id"]


def test_what_is_told_holds_no_control_characters(tmp_path):
    path = tmp_path / "a\x1b[31m\u202e\n.txt"
    path.write_text("/" + "home/\x1b]0;title\x07ana/x\u202e\u0007 " + HOME)
    for each in gate.findings(tmp_path, gate.Watch()):
        told = f"{each.place} {each.found}"
        assert told.isprintable(), told


def test_a_style_within_a_picture_is_read_as_a_browser_would(tmp_path):
    page = "<html><svg><style><img src=x onerror=a()></style></svg></html>"
    assert "active" in found_in(tmp_path, "a.html", page)


# --- the command --------------------------------------------------------------------------


@pytest.fixture
def ask(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def asked(*arguments):
        result = CliRunner().invoke(main, ["gate", *map(str, arguments), "--language", "en"])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.output
        return result.exit_code, result.output

    return asked


def test_exit_codes_tell_nothing_something_and_what_could_not_be_read(ask, tmp_path):
    (tmp_path / "fine.txt").write_text("A.")
    (tmp_path / "leak.txt").write_text(HOME)
    (tmp_path / "broken.ipynb").write_text("{")
    assert ask("fine.txt") == (0, "fine.txt: nothing was found that may not be shared.\n")
    code, told = ask("leak.txt")
    assert code == 1
    assert told.startswith("leak.txt: 1 finding\n  - [path] line 1, found “/" + "home/a…(3)/")
    assert ask("broken.ipynb")[0] == 2
    code, told = ask("nowhere")
    assert code == 2
    assert "[unreadable]" in told


def test_findings_as_json_say_the_same(ask, tmp_path):
    (tmp_path / "leak.txt").write_text(f"\n{HOME}\n")
    code, told = ask("leak.txt", "--json")
    report = json.loads(told)
    assert code == 1
    assert report["schema"] == "icanalysis-gate/1"
    [one] = report["findings"]
    assert (one["kind"], one["file"], one["place"]) == ("path", "leak.txt", "leak.txt: line 2")
    assert one["why"]
    assert one["remedy"]


def test_exceptions_given_are_used_and_one_that_is_not_there_is_wrong_use(ask, tmp_path):
    (tmp_path / "leak.txt").write_text(HOME)
    (tmp_path / "gate.toml").write_text(
        '[[exceptions]]\nkind = "path"\nplace = "leak.txt*"\nwho = "Ana"\n'
        'reason = "an example"\nexpires = 2999-12-31\n'
    )
    assert ask("leak.txt", "--exceptions", "gate.toml")[0] == 0
    assert ask("leak.txt", "--exceptions", "none.toml")[0] == 2
    (tmp_path / "gate.toml").write_text("[[")
    assert ask("leak.txt", "--exceptions", "gate.toml")[0] == 2
