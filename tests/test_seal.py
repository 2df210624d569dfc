"""What a recipient can check: every change of a bundle is found, and who made it is known."""

import json
import os
import shutil
import stat
import zipfile
from contextlib import nullcontext

import minisign
import pyrage
import pytest

from icanalysis import seal
from icanalysis.errors import WorkbookError
from icanalysis.language import language

FILES = {"index.html": b"<p>report</p>", "es/cusco.html": b"x" * 5000, "results.csv": b"a,b\n1,2\n"}


@pytest.fixture
def keys(tmp_path):
    return seal.make_keys(tmp_path / "keys")


@pytest.fixture(params=["folder", "zip"])
def made(request, tmp_path, keys):
    """A signed bundle, and how its files are changed: a function of a function of the folder."""
    folder = tmp_path / "made" / "unesco"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    seal.write_manifest(folder, {"agency": "unesco"})
    seal.sign(folder, keys[0])
    target = tmp_path / "unesco.zip"

    def bundle(change=lambda folder: None):
        change(folder)
        if request.param == "folder":
            return folder
        seal.pack(folder, target)
        return target

    return bundle


def told(checked, code="en"):
    return [language(code).say(message) for message in checked.problems]


def refused(function, *arguments):
    with pytest.raises(WorkbookError) as error:
        function(*arguments)
    return error.value.told(language("en"))


def test_a_bundle_is_as_it_was_sent(made, keys):
    checked = seal.verify(made(), keys[1])
    assert (told(checked), checked.count, checked.signed) == ([], len(FILES), True)


def test_without_a_key_nobodys_word_is_taken(made):
    checked = seal.verify(made())
    assert (told(checked), checked.signed) == ([], False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda at: (at / "results.csv").write_bytes(b"a,b\n1,3\n"), "not as it was sent"),
        (lambda at: (at / "results.csv").write_bytes(b"a,b\n1,2\n\n"), "not as it was sent"),
        (lambda at: (at / "results.csv").write_bytes(b""), "not as it was sent"),
        (lambda at: (at / "results.csv").unlink(), "missing"),
        (lambda at: (at / "results.csv").rename(at / "es" / "results.csv"), "missing"),
        (lambda at: (at / "more.html").touch(), "more.html: it was not part"),
    ],
)
def test_altered_missing_and_added_files_are_told(made, keys, change, words):
    problems = told(seal.verify(made(change), keys[1]))
    assert any(words in each for each in problems), problems


def test_all_that_is_wrong_is_told_at_once(made, keys):
    def change(folder):
        (folder / "results.csv").unlink()
        (folder / "index.html").write_bytes(b"")
        (folder / "a.html").touch()

    assert told(seal.verify(made(change), keys[1])) == [
        "a.html: it was not part of what was sent.",
        "index.html: it is not as it was sent.",
        "results.csv: it is missing.",
    ]


def test_a_list_made_to_fit_the_change_is_not_the_one_signed(made, keys):
    def change(folder):
        (folder / "results.csv").write_bytes(b"forged")
        seal.write_manifest(folder, {"agency": "unesco"})

    checked = seal.verify(made(change), keys[1])
    assert [each.split(",")[0] for each in told(checked)] == ["Its signature is not of this key"]
    assert not checked.signed


def test_another_key_and_no_signature_are_told(made, keys, tmp_path):
    other = seal.make_keys(tmp_path / "others")
    assert "not of this key" in told(seal.verify(made(), other[1]))[0]
    unsigned = made(lambda folder: (folder / seal.SIGNATURE).unlink())
    assert "not signed" in told(seal.verify(unsigned, keys[1]))[0]


@pytest.mark.parametrize("text", [b"", b"untrusted comment: x\n", b"\xff\xfe", b"x" * 100])
def test_a_signature_that_is_none_is_told(made, keys, text):
    changed = made(lambda folder: (folder / seal.SIGNATURE).write_bytes(text))
    assert "not of this key" in told(seal.verify(changed, keys[1]))[0]


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"{", b'{"schema": "icanalysis-bundle/1"}', b"\xff", b"[" * 100_000,
        b'{"schema": "icanalysis-bundle/1", "files": {"a": {"sha256": 1, "bytes": "2"}}}',
        b'{"schema": "another/1", "files": {"a": {"sha256": "1", "bytes": 2}}}',
        b'{"schema": "icanalysis-bundle/1", "files": {}}',
        b'{"schema": "icanalysis-bundle/1", "files": {"a": {"sha256": "1", "bytes": -5}}}',
        b'{"schema": "icanalysis-bundle/1", "files": {"a": {"sha256": "1", "bytes": true}}}',
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_refused(made, text):
    changed = made(lambda folder: (folder / seal.MANIFEST).write_bytes(text))
    assert "not a list of files" in refused(seal.verify, changed)


def test_what_is_no_bundle_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "empty").mkdir()
    assert "cannot be read" in refused(seal.verify, tmp_path / "a.txt")
    assert "it has no manifest.json" in refused(seal.verify, tmp_path / "empty")


def test_standard_programs_can_check_it(made, keys):
    """As minisign's own reader sees it: the file is what the key's owner signed."""
    folder = made()
    if folder.is_file():
        shutil.unpack_archive(folder, folder.parent / "out")
        folder = folder.parent / "out" / "unesco"
    key = minisign.PublicKey.from_file(keys[1])
    key.verify_file(folder / seal.MANIFEST, minisign.Signature.from_file(folder / seal.SIGNATURE))


# --- packed -----------------------------------------------------------------------------------


def test_the_same_files_give_the_same_bytes(tmp_path, keys):
    packed = []
    for place in ("one", "two"):
        folder = tmp_path / place / "unesco"
        folder.mkdir(parents=True)
        for name in ("a", "b") if place == "one" else ("b", "a"):  # in another order
            (folder / name).write_text(name)
            os.utime(folder / name, (0, len(packed) * 1e9))
            (folder / name).chmod(0o600 if packed else 0o644)
        seal.write_manifest(folder, {})
        seal.sign(folder, keys[0])
        seal.pack(folder, tmp_path / f"{place}.zip")
        packed.append((tmp_path / f"{place}.zip").read_bytes())
    assert packed[0] == packed[1]


def hostile(tmp_path, *entries):
    """A zip file with such entries, and a list of files that names them."""
    path = tmp_path / "hostile.zip"
    names = [name for name, _ in entries]
    files = {name: {"sha256": "0" * 64, "bytes": 10} for name in names}
    twice = len(set(names)) < len(names)
    with (
        pytest.warns(UserWarning) if twice else nullcontext(),
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        packed.writestr(seal.MANIFEST, json.dumps({"schema": seal.SCHEMA, "files": files}))
        for name, content in entries:
            packed.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["../../etc/cron.d/a", "/etc/passwd", "a\\..\\..\\b", "C:\\a"])
def test_names_that_lead_outside_are_told(tmp_path, name):
    problems = told(seal.verify(hostile(tmp_path, (name, b""))))
    assert any("outside its folder" in each for each in problems), problems


@pytest.mark.parametrize("top", ["../", "/", "C:/", "..\\..\\x/"])
def test_a_signed_bundle_packed_to_lead_outside_is_told(made, keys, tmp_path, top):
    folder = made()
    if folder.is_file():
        pytest.skip("it is packed here")
    path = tmp_path / "outside.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name in [*FILES, seal.MANIFEST, seal.SIGNATURE]:
            packed.writestr(f"{top}{name}", (folder / name).read_bytes())
    problems = told(seal.verify(path, keys[1]))
    assert sum("outside its folder" in each for each in problems) == len(FILES) + 2


def test_an_empty_folder_that_leads_outside_is_told(tmp_path):
    problems = told(seal.verify(hostile(tmp_path, ("a", b""), ("../../evil/", b""))))
    assert any("outside its folder" in each for each in problems)


def test_links_and_what_is_no_file_are_told(made, keys, tmp_path):
    folder = made()
    if folder.is_file():
        pytest.skip("of a folder only")
    (folder / "more").symlink_to(tmp_path)
    moved = tmp_path / "elsewhere.html"
    (folder / "index.html").rename(moved)
    (folder / "index.html").symlink_to(moved)
    os.mkfifo(folder / "pipe")
    assert told(seal.verify(folder, keys[1])) == [
        "index.html: it is not as it was sent.",
        "more: it was not part of what was sent.",
        "pipe: it was not part of what was sent.",
    ]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_way_of_packing_is_told_of_its_file(tmp_path, method):
    path = hostile(tmp_path, ("a", b"1"))
    with zipfile.ZipFile(path, "a", method) as packed:
        packed.writestr("b", b"x" * 1000)
    assert told(seal.verify(path)) == [
        "a: it is not as it was sent.",
        "b: it was not part of what was sent.",
    ]
    files = {"b": {"sha256": "0" * 64, "bytes": 1000}}
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.writestr("b", b"x" * 1000)
        text = json.dumps({"schema": seal.SCHEMA, "files": files})
        packed.writestr(seal.MANIFEST, text, zipfile.ZIP_DEFLATED)
    assert told(seal.verify(path)) == ["b: it is not as it was sent."]


def test_a_name_cannot_write_on_the_terminal(tmp_path):
    problems = told(seal.verify(hostile(tmp_path, ("\x1b[2Jfine\u202e", b""))))
    assert problems and not any("\x1b" in each or "\u202e" in each for each in problems)


def test_a_name_twice_is_told(tmp_path):
    problems = told(seal.verify(hostile(tmp_path, ("a", b"1"), ("a", b"2"))))
    assert "a: it is there more than once. Do not unpack." in problems


def test_a_bomb_is_not_read_to_its_end(tmp_path, monkeypatch):
    path = hostile(tmp_path, ("bomb", bytes(50_000_000)))
    read = []
    opened = zipfile.ZipExtFile.read

    def counted(self, size=-1):
        piece = opened(self, size)
        read.append(len(piece))
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    assert told(seal.verify(path)) == ["bomb: it is not as it was sent."]
    assert sum(read) < 10_000


def test_damage_within_is_told_of_its_file(made, keys):
    path = made()
    if path.is_dir():
        pytest.skip("a folder has no checks of its own")
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as packed:
        start = packed.getinfo("unesco/es/cusco.html").header_offset
    raw[start + 60] ^= 0xFF
    path.write_bytes(raw)
    assert told(seal.verify(path, keys[1])) == ["es/cusco.html: it is not as it was sent."]


def test_a_file_cut_short_is_refused(made):
    path = made()
    if path.is_dir():
        pytest.skip("only a packed bundle can be cut")
    path.write_bytes(path.read_bytes()[:-30])
    assert "cannot be read" in refused(seal.verify, path)


# --- keys and recipients ----------------------------------------------------------------------


def test_a_private_key_is_its_owners_alone(keys):
    assert stat.S_IMODE(keys[0].stat().st_mode) == 0o600


def test_keys_never_replace_others(keys):
    before = keys[0].read_bytes()
    assert "choose another folder" in refused(seal.make_keys, keys[0].parent)
    assert keys[0].read_bytes() == before


def test_what_is_no_key_is_refused(tmp_path, keys, made):
    (tmp_path / "a.key").write_text("text")
    folder = tmp_path / "made" / "unesco"
    assert "a.key cannot sign" in refused(seal.sign, folder, tmp_path / "a.key")
    assert "not a public key" in refused(seal.verify, made(), tmp_path / "a.key")
    pair = minisign.KeyPair.generate()
    pair.secret_key.encrypt("secret")
    (tmp_path / "b.key").write_bytes(bytes(pair.secret_key))
    assert "without a password" in refused(seal.sign, folder, tmp_path / "b.key")


def test_only_recipients_can_read(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"content")
    reader, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    target = tmp_path / "a.zip.age"
    seal.encrypt(tmp_path / "a.zip", target, [str(reader.to_public())])
    assert pyrage.decrypt(target.read_bytes(), [reader]) == b"content"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(target.read_bytes(), [other])


def test_every_key_that_is_none_is_told(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"content")
    good = str(pyrage.x25519.Identity.generate().to_public())
    words = refused(
        seal.encrypt, tmp_path / "a.zip", tmp_path / "a.age", [good, "age1wrong", "ssh-rsa x", ""]
    )
    assert "“age1wrong”, “ssh-rsa x”, “”" in words
    assert not (tmp_path / "a.age").exists()
