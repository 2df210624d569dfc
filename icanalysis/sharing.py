"""What the commands about sharing do; each returns its exit code, as those in `commands` do."""

from __future__ import annotations

import datetime
from contextlib import suppress
from pathlib import Path

import click

from icanalysis import workbook
from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.load import open_data
from icanalysis.telling import FOUND, WRONG_USE, reader_of, shown


def gate(
    target: Path,
    exceptions: Path | None,
    data_dir: Path | None,
    as_json: bool,
    language: str | None,
) -> int:
    """Tell what in a notebook, page, workbook or folder may not be shared."""
    import json

    from icanalysis import findings
    from icanalysis import gate as gating

    reader = reader_of(language)
    folder = data_dir or workbook.own_data(Path.cwd())
    exceptions = exceptions or _exceptions(folder)
    looked = gating.watch(open_data(folder) if folder else None)
    found = gating.checked(target, looked, exceptions, datetime.date.today())
    if as_json:
        told = [each.record(reader) for each in found]
        report = {"schema": "icanalysis-gate/1", "findings": told}
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        fine = reader.say("{file}: nothing was found that may not be shared.", file=target.name)
        for line in findings.listing(found, reader) or [fine]:
            click.echo(line)
    if any(each.kind == findings.UNREADABLE for each in found):
        return WRONG_USE
    return FOUND if found else 0


def release(
    run: Path,
    agency: str | None,
    language: str | None,
    data_dir: Path | None,
    to: Path | None,
    key: Path | None,
    recipients: tuple[str, ...],
    simulated: bool,
) -> int:
    """Make a bundle of a run for one agency, or for each."""
    from icanalysis import bundle as choosing
    from icanalysis import gate as gating
    from icanalysis import release as making
    from icanalysis.contents import Press

    if recipients and agency is None:
        raise WorkbookError(
            msg("--recipient is of one agency, and would be given to all: name it with --agency.")
        )
    if to is not None and not _bare(to):
        raise WorkbookError(msg("--to names no file: {path}.", path=str(to)))
    data = open_data(data_dir or workbook.folder(Path.cwd()) / "data")
    guard = gating.Guard(gating.watch(data), _exceptions(data.path), datetime.date.today())
    codes = [agency] if agency else [each.code for each in data.evaluation.agencies]
    with Press(data) as press:
        for code in codes:
            chosen = choosing.choose(run, data, code, language, simulated=simulated)
            place = _place(run.resolve(), chosen.agency.code, chosen.reader.code, to, agency)
            try:
                made = making.make(
                    chosen, press, place, guard=guard, key=key, recipients=recipients
                )
            except gating.NotSharableError as error:
                click.echo(error.told(reader_of(language)), err=True)
                return FOUND
            for path in made:
                click.echo(shown(path))
    return 0


def released(bundles: tuple[Path, ...], data_dir: Path | None, language: str | None) -> int:
    """Put on record what bundles gave out of people."""
    from icanalysis import released as recording
    from icanalysis.disclosure import RELEASED

    reader = reader_of(language)
    data = open_data(data_dir or workbook.folder(Path.cwd()) / "data")
    added = recording.record(bundles, data)
    click.echo(
        reader.say_count(
            "{count} figure on people was added to {file}.",
            "{count} figures on people were added to {file}.",
            added,
            file=shown(data.catalog.tables[RELEASED].path),
        )
    )
    return 0


def _place(run: Path, agency: str, code: str, to: Path | None, named: str | None) -> Path:
    """Return where a bundle's folder goes: `to` is of it if one agency was named, else of all."""
    name = f"{run.name}_{agency}_{code}"
    if to is None:
        return run.parent / name
    if named is None:
        return to.resolve() / name
    return to.resolve().with_name(_bare(to))


def _bare(to: Path) -> str:
    """Return the name of a bundle's folder by that of its packed file."""
    return to.resolve().name.removesuffix(".age").removesuffix(".zip")


def _exceptions(folder: Path | None) -> Path | None:
    """Return a data folder's file of exceptions, if it has one."""
    from icanalysis import excused

    path = folder / excused.FILE if folder else None
    return path if path and path.is_file() else None


def export_iati(run: Path, to: Path, data_dir: Path | None, language: str | None) -> int:
    """Write the results of a run as an IATI 2.03 activity file."""
    from icanalysis import iati

    data = open_data(data_dir or workbook.folder(Path.cwd()) / "data")
    made = iati.export(run, to, data)
    reader = reader_of(language)
    if made.left_out:
        regions = reader.listed([region.named(reader.code) for region in made.left_out])
        told = reader.say("The run has no report on {regions}; the file says so.", regions=regions)
        click.echo(told, err=True)
    if made.to_fill_in:
        told = reader.say(
            "Do not publish this file yet: it is marked as provisional. First fill in {keys} in "
            "evaluation.toml and export again; no report need be made again.",
            keys=reader.listed(list(made.to_fill_in)),
        )
        click.echo(told, err=True)
    click.echo(shown(to))
    return 0


def keys(folder: Path, language: str | None) -> int:
    """Make a pair of keys: one to sign bundles with, one with which recipients check them."""
    from icanalysis import seal

    reader = reader_of(language)
    private, public = seal.make_keys(folder)
    click.echo(
        reader.say(
            "{private} signs: keep it where nobody else can read it. {public} checks: send it to "
            "recipients once, by another way than the bundles.",
            private=shown(private),
            public=shown(public),
        )
    )
    return 0


def verify(bundle: Path, key: Path | None, language: str | None) -> int:
    """Check that a bundle is as it was sent and, with a key, by whom."""
    from icanalysis import seal

    reader = reader_of(language)
    checked = seal.verify(bundle, key)
    for problem in checked.problems:
        click.echo(reader.say(problem))
    if checked.problems:
        return FOUND
    click.echo(
        reader.say_count(
            "{count} file is as it was sent.",
            "{count} files are as they were sent.",
            checked.count,
        )
    )
    if checked.signed:
        click.echo(reader.say("It is signed with this key."))
    else:
        click.echo(reader.say("Who made it was not checked: name their public key with --key."))
    return 0


def portal(
    folder: Path | None, to: Path | None, data_dir: Path | None, serve: bool, language: str | None
) -> int:
    """Write one page of all runs of a folder, with a search; with `serve`, show it here."""
    from icanalysis import diff, ledger, serving
    from icanalysis import portal as making
    from icanalysis.folder import INDEX_FILE

    reader = reader_of(language)
    folder = folder or workbook.folder(Path.cwd()) / "reports"
    to = to or folder / INDEX_FILE
    making.require_place(folder.resolve(), to)
    found = making.Portal(
        ledger.read(folder), diff.opened(data_dir or workbook.own_data(Path.cwd()))
    )
    told = [*found.ledger.left_out, *found.ledger.troubles]
    for line in told:
        click.echo(reader.say(line), err=True)
    making.write(found, to, found.ledger.language)
    click.echo(shown(to))
    if serve:
        with serving.Shelf(making.published(found, to)) as shelf:
            click.echo(
                reader.say(
                    "Shown at {address}, to this machine only, until you press Ctrl+C.",
                    address=shelf.address,
                )
            )
            with suppress(KeyboardInterrupt):
                shelf.serve_forever()
    return FOUND if told else 0
