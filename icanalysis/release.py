"""A bundle for one agency, sealed, and put in place whole."""

from __future__ import annotations

import importlib.metadata
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from icanalysis import seal
from icanalysis.bundle import Bundle
from icanalysis.contents import Press
from icanalysis.errors import WorkbookError
from icanalysis.folder import MANIFEST, RUN_FILE, read_record, require_outside_runs
from icanalysis.language import msg
from icanalysis.load import sha256


def make(
    bundle: Bundle,
    press: Press,
    to: Path,
    *,
    guard: Callable[[Path], None],
    key: Path | None = None,
    recipients: Sequence[str] = (),
) -> tuple[Path, Path]:
    """Make a bundle's folder and pack it; return both.

    It is made near its place and moved there whole; what is refused leaves nothing, not even the
    folders above it. The same run, data and key give the same bytes.

    Parameters
    ----------
    to : Path
        Of the folder; the packed file has its name, and ".zip" after it.
    guard : callable
        Given the folder before it is sealed; refuses it by raising (`gate.Guard`).
    key : Path, optional
        To sign with.
    recipients : sequence of str, optional
        Public keys of who may read the packed file, whose name then ends in ".age".

    Raises
    ------
    WorkbookError
        If anything but an earlier bundle stands in its place, a key is none, or a page cannot be
        made into a PDF.
    """
    plain, secret = (to.with_name(f"{to.name}.zip{ending}") for ending in ("", ".age"))
    packed, other = (secret, plain) if recipients else (plain, secret)
    require_outside_runs(to)
    seal.require_keys(key, recipients)
    about = _about(bundle)
    _require_free(to, (plain, secret), about)
    near = next(folder for folder in to.absolute().parents if folder.exists())
    with tempfile.TemporaryDirectory(prefix=f".{to.name}.", dir=near) as place:
        folder = Path(place) / to.name
        press.fill(folder, bundle)
        guard(folder)
        seal.write_manifest(folder, about)
        if key:
            seal.sign(folder, key)
        made = Path(place) / "packed"
        seal.pack(folder, made)
        if recipients:
            readable, made = made, Path(place) / "encrypted"
            seal.encrypt(readable, made, recipients)
        to.parent.mkdir(parents=True, exist_ok=True)
        if to.exists():
            to.rename(Path(place) / "earlier")
        folder.rename(to)
        made.replace(packed)
        other.unlink(missing_ok=True)  # it is of the earlier one
    return to, packed


def _require_free(folder: Path, packed: Sequence[Path], about: Mapping[str, object]) -> None:
    """Refuse a place that holds anything but an earlier bundle for the same, untouched."""
    there = [path for path in (folder, *packed) if path.exists()]
    if there and not (_is_ours(folder, about) and all(path.is_file() for path in there[1:])):
        raise WorkbookError(
            msg(
                "“{name}” is there and is not an earlier bundle for the same agency, as it was made: "
                "it is left alone. Name another place with --to.",
                name=there[0].name,
            )
        )


def _is_ours(folder: Path, about: Mapping[str, object]) -> bool:
    record = read_record(folder, MANIFEST)
    same = all(record.get(name) == about[name] for name in ("programme", "agency", "language"))
    try:
        return folder.is_dir() and same and not seal.verify(folder).problems
    except WorkbookError:
        return False


def _about(bundle: Bundle) -> dict[str, object]:
    return {
        "programme": read_record(bundle.run)["programme"],
        "agency": bundle.agency.code,
        "language": bundle.reader.code,
        "simulated": bundle.simulated,
        "icanalysis": importlib.metadata.version("icanalysis"),
        "run": sha256(bundle.run / RUN_FILE),
    }
