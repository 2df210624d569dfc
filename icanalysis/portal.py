"""The page of all runs of a folder: what each holds, what changed since the one before, a search.

One file that loads nothing, in both languages; the same runs give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from bs4 import BeautifulSoup
from jinja2.utils import htmlsafe_json_dumps

from icanalysis import lookup, phone, since
from icanalysis.diff import Diff
from icanalysis.errors import WorkbookError
from icanalysis.folder import INDEX_FILE, RESULTS_FILE, RUN_FILE, require_outside_runs
from icanalysis.language import CODES, Code, Language, language, msg
from icanalysis.layout import TEMPLATES, template
from icanalysis.ledger import Entry, Ledger, Page
from icanalysis.load import DataFolder
from icanalysis.named import Names
from icanalysis.pieces import UNSEEN, shown_name
from icanalysis.render import ENDONYMS, style
from icanalysis.since import Change

MARK = "icanalysis-portal/1"
# Runs of a programme that are compared with the one before: older ones were, in their time.
COMPARED = 10
MOST_REGIONS = 6  # named on a card; of more it tells how many
PAGE = re.compile(r"\w[\w.-]*\.html")
SCRIPT, STYLE = TEMPLATES / "portal.js", TEMPLATES / "portal.css"


@dataclass(frozen=True)
class Portal:
    """The runs of a folder, with what is needed to tell of them.

    `data` names what stands in the runs of its own programme.
    """

    ledger: Ledger
    data: DataFolder | None

    @cached_property
    def newest(self) -> dict[str, str]:
        """The name of the newest run of each programme."""
        return {entry.programme: entry.name for entry in reversed(self.ledger.entries)}

    @cached_property
    def changes(self) -> dict[str, tuple[Entry, Diff]]:
        """Each programme's newest runs compared with the one before, by name."""
        found: dict[str, tuple[Entry, Diff]] = {}
        counted: dict[str, int] = {}
        for entry in self.ledger.entries:
            counted[entry.programme] = counted.get(entry.programme, 0) + 1
            before = since.earlier(entry, self.ledger.entries)
            if before is not None and counted[entry.programme] <= COMPARED:
                found[entry.name] = (before, since.between(before, entry, self._named(entry)))
        return found

    def _named(self, entry: Entry) -> DataFolder | None:
        own = self.data is not None and self.data.evaluation.programme.code == entry.programme
        return self.data if own else None

    def names(self, entry: Entry, code: Code) -> Names:
        """Return names for what stands in a run."""
        return self._names[code, self._named(entry) is not None]

    @cached_property
    def _names(self) -> dict[tuple[Code, bool], Names]:
        """Names of the own programme and of others, each made once: they are asked for often."""
        found = {(code, False): Names(language(code)) for code in CODES}
        if self.data is not None:
            own = self.data.evaluation
            found |= {(code, True): Names(own.language(code), self.data) for code in CODES}
        return found


def write(portal: Portal, to: Path, first: Code) -> None:
    """Write the page of all runs into their folder, `first` being the language it opens in.

    Raises
    ------
    WorkbookError
        If there is no run, or the file would lie elsewhere or replace what is no such page.
    """
    require_place(portal.ledger.root, to)
    if not portal.ledger.entries:
        raise WorkbookError(
            msg(
                "“{folder}” holds no run that can be shown. “icanalysis report” makes one.",
                folder=shown_name(portal.ledger.root.name),
            )
        )
    made = page(portal, first).encode("utf-8", "replace")
    # Written beside and moved into place, so that nobody reads half a page.
    with tempfile.TemporaryDirectory(prefix=f".{to.name}.", dir=to.parent) as beside:
        draft = Path(beside) / to.name
        draft.write_bytes(made)
        draft.replace(to)


def require_place(root: Path, to: Path) -> None:
    """Refuse a file outside the folder of runs, within a run, or that is no earlier such page.

    Raises
    ------
    WorkbookError
        Naming the file, and the way out.
    """
    require_outside_runs(to)
    if to.parent.resolve() != root or not PAGE.fullmatch(to.name):
        raise WorkbookError(
            msg(
                "“{file}” is no page in “{folder}” itself, from where its links lead to the runs. Name "
                "one there with --to, ending in .html and without spaces.",
                file=to.name,
                folder=root.name,
            )
        )
    if to.is_symlink() or (to.exists() and not _is_portal(to)):
        raise WorkbookError(
            msg(
                "“{file}” is there and is not an earlier page of all runs, so it is left alone. Move it, "
                "or name another file with --to.",
                file=to.name,
            )
        )


def _is_portal(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return f'<meta name="generator" content="{MARK}">'.encode() in stream.read(1000)


def page(portal: Portal, first: Code) -> str:
    """Render the page of all runs."""
    script = SCRIPT.read_text(encoding="utf-8")
    codes = sorted(CODES, key=lambda code: code != first)
    made = template("portal.html.j2").render(
        mark=MARK,
        editions=[_edition(portal, code) for code in codes],
        style=style(),
        own_style=STYLE.read_text(encoding="utf-8"),
        script=script,
        # The one script that the page lets run.
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    # What runs hold may be of anybody: nothing in it may make a text read otherwise than it is.
    return UNSEEN.sub("\ufffd", made.replace("\u2028", " ").replace("\u2029", " "))


def _edition(portal: Portal, code: Code) -> dict[str, object]:
    reader = portal.data.evaluation.language(code) if portal.data else language(code)
    say = reader.say
    entries = portal.ledger.entries
    labels = {entry.name: _label(entry, portal, reader) for entry in entries}
    texts = lookup.table(entries, code, labels, portal.newest.values(), shown)
    return {
        "code": code,
        "name": ENDONYMS[code],
        "locale": reader.locale.replace("_", "-"),
        "heading": say("All reports of this folder"),
        "lead": reader.say_count(
            "{count} run, dated by when its record was written, in universal time (UTC).",
            "{count} runs, the newest first, each dated by when its record was written, in universal "
            "time (UTC).",
            len(entries),
        ),
        "find": {
            "title": say("Search the reports"),
            "hint": say(
                "Words of a region, an indicator, a question or a heading, such as “poverty cusco”. "
                "Accents and capitals make no difference. Statements are searched in the newest run "
                "of each programme."
            ),
            "results": say("Reports found"),
            "none": say("No report was found. Try fewer words, or their beginnings."),
            "one": say("1 report was found."),
            "many": say("{count} reports were found, the newest first.", count="#"),
            "further": say("Show more"),
        },
        "badge": say("SIMULATED"),
        "cards": [_card(entry, portal, reader) for entry in entries],
        "left_out_title": say("What is not shown"),
        "left_out": [reader.say(line) for line in portal.ledger.left_out],
        "note": say(
            "Made with icanalysis {version} out of the runs in this folder, as they were then.",
            version=importlib.metadata.version("icanalysis"),
        ),
        "texts": htmlsafe_json_dumps(
            texts, dumps=partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
        ),
    }


def shown(entry: Entry, code: str) -> list[Page]:
    """List the pages of a run in a language; in the other, if it was not made in this one."""
    own = [each for each in entry.pages if each.code == code]
    return own or list(entry.pages)


def _label(entry: Entry, portal: Portal, reader: Language) -> str:
    programme = [_programme(entry, portal, reader)] if len(portal.newest) > 1 else []
    return " · ".join([shown_name(entry.name), *programme, _date(entry, reader)])


def _programme(entry: Entry, portal: Portal, reader: Language) -> str:
    names = portal.names(entry, reader.code)
    if names.data is None:
        return entry.programme
    return names.data.evaluation.programme.title.into(reader.code)


def _date(entry: Entry, reader: Language) -> str:
    return f"{reader.date(f'{entry.made:%Y-%m-%d}')}, {entry.made:%H:%M}"


def _card(entry: Entry, portal: Portal, reader: Language) -> dict[str, object]:
    say = reader.say
    pages = shown(entry, reader.code)
    files = [(INDEX_FILE, say("Index of the run")), (RESULTS_FILE, RESULTS_FILE)]
    return {
        "name": shown_name(entry.name),
        "href": lookup.address(entry.name, INDEX_FILE) if INDEX_FILE in entry.files else "",
        "newest": portal.newest[entry.programme] == entry.name,
        "programme": _programme(entry, portal, reader),
        "facts": _facts(entry, portal, reader),
        "simulated": say(
            "{simulated} of its {figures} figures are simulated.",
            simulated=reader.number(entry.simulated),
            figures=reader.number(entry.figures),
        )
        if entry.simulated
        else "",
        "failed": [*_failed(entry, portal, reader), *map(say, entry.troubles)],
        "change": _change(entry, portal, reader),
        "count": reader.say_count("{count} page", "{count} pages", len(pages)),
        "pages": [
            {
                "href": lookup.address(entry.name, each.file),
                "code": each.code,
                "text": _title(each, entry, portal, reader),
            }
            for each in pages
        ],
        "links": [
            {"href": lookup.address(entry.name, name), "text": text}
            for name, text in files
            if name in entry.files
        ]
        + [{"href": lookup.address(entry.name, RUN_FILE), "text": RUN_FILE}],
    }


def _title(each: Page, entry: Entry, portal: Portal, reader: Language) -> str:
    """Call a region's page by its name, and another by its own title."""
    if each.stem in entry.regions:
        return portal.names(entry, reader.code).area(each.stem)
    return each.outline.title or each.stem


def _facts(entry: Entry, portal: Portal, reader: Language) -> str:
    names = portal.names(entry, reader.code)
    regions = [names.area(code) for code in entry.regions]
    told = (
        reader.listed(regions)
        if len(regions) <= MOST_REGIONS
        else reader.say_count("{count} region", "{count} regions", len(regions))
    )
    facts = (
        _date(entry, reader),
        f"{entry.baseline}–{entry.outcome}",
        told,
        ", ".join(ENDONYMS[code] for code in entry.languages),
        f"icanalysis {entry.version}",
    )
    return " · ".join(filter(None, facts))


def _failed(entry: Entry, portal: Portal, reader: Language) -> list[str]:
    if not entry.failed:
        return []
    named = [portal.names(entry, reader.code).area(code) for code in entry.failed]
    return [reader.say("Could not be made: {names}.", names=reader.listed(named))]


def _change(entry: Entry, portal: Portal, reader: Language) -> Mapping[str, object] | None:
    if entry.name not in portal.changes:
        return None
    before, found = portal.changes[entry.name]
    names = portal.names(entry, reader.code)
    newest = portal.newest[entry.programme] == entry.name
    change = since.told(found, names, listed=newest)
    say = reader.say
    return {
        "title": say("What changed since “{name}”?", name=shown_name(before.name)),
        "sentences": change.summary,
        "record": change.record,
        "fold": say("What is on record as different, and the figures that changed")
        if change.sections
        else say("What is on record as different"),
        "runs": change.runs if change.sections else "",
        "tables": _tables(change, reader),
        "more": reader.say_count(
            "{count} more figure changed; “icanalysis diff” lists all of them.",
            "{count} more figures changed; “icanalysis diff” lists all of them.",
            change.more,
        )
        if change.more
        else "",
    }


def _tables(change: Change, reader: Language) -> str:
    """Render the tables of what changed, as a phone can show them."""
    made = template("figures.html.j2").render(
        sections=change.sections, badge_word=reader.say("SIMULATED")
    )
    parsed = BeautifulSoup(made, "html.parser")
    phone.fold(parsed)
    return str(parsed)


def published(portal: Portal, to: Path) -> dict[str, tuple[Path, str, str]]:
    """List what a reader of the page can reach: by address, the folder, file and checksum."""
    files = {
        f"{entry.name}/{name}": (entry.path, name, checksum)
        for entry in portal.ledger.entries
        for name, checksum in [*entry.files.items(), (RUN_FILE, _checksum(entry.path / RUN_FILE))]
    }
    own = (to.parent, to.name, _checksum(to))
    return {**files, to.name: own, "": own}


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
