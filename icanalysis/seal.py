"""What lets a recipient check a bundle: a list of its files, signed; one packed file; encryption.

The signature is minisign's and the encryption age's, standard formats with programs of their own, so
that neither needs this package: `minisign -Vm manifest.json -p KEY`, `age -d`.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import minisign
import pyrage

from icanalysis.errors import WorkbookError
from icanalysis.folder import MANIFEST
from icanalysis.language import Message, msg
from icanalysis.load import sha256
from icanalysis.parcel import DAMAGED, Content, opened
from icanalysis.pieces import leads_outside, shown_name
from icanalysis.record import write_json

SIGNATURE = f"{MANIFEST}.minisig"
SCHEMA = "icanalysis-bundle/1"
PRIVATE, PUBLIC = "icanalysis.key", "icanalysis.pub"
_APART = frozenset({MANIFEST, SIGNATURE})  # a list cannot hold its own checksum
_PIECE = 1 << 20
# No list of files is longer; whoever sends one means to exhaust the memory of who checks it.
_LONGEST = 16 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip file can name


# --- to make ----------------------------------------------------------------------------------


def write_manifest(folder: Path, about: Mapping[str, Any]) -> None:
    """List every file of a folder with its size and SHA-256, beside what the bundle is."""
    files = {
        name: {"sha256": sha256(path), "bytes": path.stat().st_size}
        for name, path in _files(folder).items()
        if name not in _APART
    }
    write_json({"schema": SCHEMA, **about, "files": files}, folder / MANIFEST)


def make_keys(folder: Path) -> tuple[Path, Path]:
    """Write a new pair of keys: one to sign with, to be kept, and one for recipients.

    Raises
    ------
    WorkbookError
        If either is there already: what it signed could not be checked any more.
    """
    private, public = folder / PRIVATE, folder / PUBLIC
    if there := [path.name for path in (private, public) if path.exists()]:
        raise WorkbookError(
            msg(
                "{folder} already has {files}. Keys never replace others: choose another folder.",
                folder=str(folder),
                files=", ".join(there),
            )
        )
    pair = minisign.KeyPair.generate()
    folder.mkdir(parents=True, exist_ok=True)
    # Nobody but its owner reads it, from the moment it is there.
    descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(bytes(pair.secret_key) + b"\n")
    public.write_bytes(bytes(pair.public_key) + b"\n")
    return private, public


def require_keys(private: Path | None, recipients: Sequence[str]) -> None:
    """Refuse, before anything is made, what `sign` and `encrypt` would."""
    if private:
        _signature(b"", private)
    _public_keys(recipients)


def sign(folder: Path, private: Path) -> None:
    """Sign a folder's list of files; the same list and key give the same signature.

    Raises
    ------
    WorkbookError
        If the key is not one of minisign's, or wants a password.
    """
    text = (folder / MANIFEST).read_bytes()
    (folder / SIGNATURE).write_bytes(_signature(text, private) + b"\n")


def _signature(text: bytes, private: Path) -> bytes:
    try:
        key = minisign.SecretKey.from_file(private)
        # Not the time, which would make two signatures of one list differ.
        return bytes(key.sign(text, trusted_comment=SCHEMA))
    except minisign.Error as error:
        raise WorkbookError(
            msg(
                "{file} cannot sign ({why}). It must be a key of minisign's without a password; "
                "“icanalysis keys” makes one.",
                file=private.name,
                why=str(error),
            )
        ) from None


def pack(folder: Path, target: Path) -> None:
    """Pack a folder into a zip file; the same files give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, path in _files(folder).items():
            entry = zipfile.ZipInfo(f"{folder.name}/{name}", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # or the bytes would tell on which system it was made
            entry.external_attr = 0o644 << 16
            # One percent larger than at the usual level, in half the time.
            packed.writestr(entry, path.read_bytes(), compresslevel=3)


def encrypt(path: Path, target: Path, recipients: Sequence[str]) -> None:
    """Encrypt a file so that only the recipients can read it.

    Parameters
    ----------
    recipients : sequence of str
        Public keys: age's own ("age1...") or SSH's ("ssh-ed25519 ...").

    Raises
    ------
    WorkbookError
        Naming every key that is none.
    """
    pyrage.encrypt_file(str(path), str(target), _public_keys(recipients))


def _public_keys(recipients: Sequence[str]) -> list[Any]:
    keys, wrong = [], []
    for recipient in recipients:
        try:
            kind = pyrage.ssh if recipient.startswith("ssh-") else pyrage.x25519
            keys.append(kind.Recipient.from_str(recipient))
        except pyrage.RecipientError:
            wrong.append(f"“{recipient:.40}”")
    if wrong:
        raise WorkbookError(
            msg(
                "Not a public key to encrypt for: {keys}. It begins with age1 or ssh-; the "
                "recipient makes one with age-keygen and sends the public part.",
                keys=", ".join(wrong),
            )
        )
    return keys


# --- to check ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """What became of a bundle: what is wrong with it, and whether its maker is known."""

    problems: tuple[Message, ...]
    count: int
    signed: bool  # by the key that was given


def verify(bundle: Path, public: Path | None = None) -> Checked:
    """Compare a bundle, folder or zip file, with its list of files and that with its signature.

    Nothing is unpacked, and no more is read of a file than the list says it has.

    Parameters
    ----------
    public : Path, optional
        Public key of who should have made it. Without one, nobody's word is taken for it.

    Raises
    ------
    WorkbookError
        If it is no bundle, or the key is none.
    """
    key = _public_key(public) if public else None
    with opened(bundle) as content:
        listed, text = _listed(content)
        problems = [*_odd(content.whole), *_compared(content, listed)]
        troubles = _signature_troubles(content, text, key) if key else []
    return Checked((*problems, *troubles), len(listed), bool(key) and not troubles)


def _compared(content: Content, listed: Mapping[str, Mapping[str, Any]]) -> Iterator[Message]:
    there = set(content.names)
    for name in sorted(there.union(listed) - _APART):
        if name not in there:
            yield msg("{file}: it is missing.", file=shown_name(name))
        elif name not in listed:
            yield msg("{file}: it was not part of what was sent.", file=shown_name(name))
        elif _digest(content, name, listed[name]["bytes"]) != listed[name]["sha256"]:
            yield msg("{file}: it is not as it was sent.", file=shown_name(name))


def _odd(names: Sequence[str]) -> Iterator[Message]:
    """Find names that would be written elsewhere, or over another, by who unpacks them."""
    for name, count in sorted(Counter(names).items()):
        if leads_outside(name):
            yield msg(
                "{file}: it would be unpacked outside its folder. Do not unpack.",
                file=shown_name(name),
            )
        if count > 1:
            yield msg("{file}: it is there more than once. Do not unpack.", file=shown_name(name))


def _digest(content: Content, name: str, size: int) -> str:
    """Checksum of a file, of which not much more is read than it should have."""
    digest = hashlib.sha256()
    left = size + 1
    try:
        with content.open(name) as stream:
            while left > 0 and (piece := stream.read(min(left, _PIECE))):
                digest.update(piece)
                left -= len(piece)
    except DAMAGED:
        return ""
    return digest.hexdigest()


def _signature_troubles(content: Content, text: bytes, key: minisign.PublicKey) -> list[Message]:
    if SIGNATURE not in content.names:
        return [msg("It is not signed, so that anybody may have made it.")]
    with content.open(SIGNATURE) as stream:
        written = stream.read(_PIECE)
    try:
        key.verify(text, minisign.Signature.from_bytes(written))
    except minisign.Error:
        return [msg("Its signature is not of this key, or not of this list of files.")]
    return []


def _public_key(path: Path) -> minisign.PublicKey:
    try:
        return minisign.PublicKey.from_file(path)
    except minisign.Error as error:
        raise WorkbookError(
            msg("{file} is not a public key of minisign's ({why}).", file=path.name, why=str(error))
        ) from None


def _listed(content: Content) -> tuple[dict[str, dict[str, Any]], bytes]:
    """Read the list of files, and its very bytes, which are what is signed."""
    if MANIFEST not in content.names:
        raise WorkbookError(msg("It is no bundle of icanalysis: it has no {file}.", file=MANIFEST))
    with content.open(MANIFEST) as stream:
        text = stream.read(_LONGEST)
    try:
        manifest = json.loads(text)
        files = manifest["files"]
        fit = (
            manifest["schema"] == SCHEMA
            and bool(files)
            and all(
                type(each["bytes"]) is int
                and each["bytes"] >= 0
                and isinstance(each["sha256"], str)
                for each in files.values()
            )
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        fit, files = False, {}
    if not fit:
        raise WorkbookError(msg("{file} is not a list of files of a bundle.", file=MANIFEST))
    return files, text


def _files(folder: Path) -> dict[str, Path]:
    """Every file of a folder by its name within it."""
    found = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    return dict(sorted(found.items()))
