"""A comparison of two runs written down: for a terminal, as a page, or as JSON."""

from __future__ import annotations

import importlib.metadata
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from icanalysis import causes, compare, moves, noted, render, results
from icanalysis.causes import Causes, Files
from icanalysis.diff import Diff, Run
from icanalysis.folder import RESULTS_FILE, require_home, require_outside_runs
from icanalysis.language import ABSENT
from icanalysis.layout import template
from icanalysis.named import Names

SCHEMA = "icanalysis-diff/1"
Format = Literal["text", "html", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)


def form(asked: str | None, path: Path | None) -> Format:
    """Return the format asked for; else what a file's name ends in; else text."""
    named = {".html": "html", ".json": "json"}.get(path.suffix.lower(), "") if path else ""
    return next((known for known in FORMATS if known == (asked or named)), "text")


def written(made: Diff, form: Format, names: Names) -> str:
    """Write a comparison in one of the `FORMATS`."""
    if form == "json":
        return as_json(made)
    return page(made, names) if form == "html" else text(made, names)


def summary(made: Diff, names: Names) -> list[str]:
    """Return the first lines of every form: which runs, how much differs, what is on record."""
    say = names.language.say
    return [
        say(
            "First run: {before}. Second run: {after}.",
            before=made.before.name,
            after=made.after.name,
        ),
        *noted.summary(made.figures, made.causes, names.language),
    ]


def text(made: Diff, names: Names) -> str:
    """Write a comparison for a terminal: the summary first, then figure by figure."""
    say = names.language.say
    parts = [
        *summary(made, names),
        "",
        say("On record as different between the runs") + ":",
        *(f"  - {line}" for line in noted.differences(made.causes, names.language)),
    ]
    for section in moves.sections(made.figures, made.reasons, names):
        parts += ["", section.title.upper(), *([section.note] if section.note else [])]
        for place, shelf in enumerate(section.shelves):
            if shelf.simulated and not (place and section.shelves[place - 1].simulated):
                parts += ["", f"— {_demonstration(names)} —"]
            badge = f" [{say('SIMULATED')}]" if shelf.simulated else ""
            parts += ["", shelf.caption + badge]
            for figure, what, *cells in shelf.rows:
                parts += [f"  {figure} · {what}", f"    {_row(section, cells)}"]
    return "\n".join(parts) + "\n"


def _demonstration(names: Names) -> str:
    """Word the heading that simulated figures stand under."""
    return names.language.say("Demonstration with simulated data")


def _row(section: moves.Section, cells: Sequence[str]) -> str:
    """Write what is told of a figure on one line, without what is not known of it."""
    start = 2 if section.paired else 0
    told = [" → ".join(cells[:start]).removesuffix(".")] if start else []
    titles = [column.title for column in section.columns[2 + start :]]
    told += [
        f"{title}: {cell.removesuffix('.')}"
        for title, cell in zip(titles, cells[start:], strict=True)
        if cell != ABSENT
    ]
    return "; ".join(told)


def page(found: Diff, names: Names) -> str:
    """Write a comparison as one page that loads nothing from outside."""
    language = names.language
    say = language.say
    made = template("diff.html.j2").render(
        code=language.code,
        style=render.style(),
        programme=_programme(found, names),
        skip=say("Skip to the content"),
        title=say("What moved between two runs, and why?"),
        summary=summary(found, names),
        record_title=say("On record as different between the runs"),
        record=noted.differences(found.causes, language),
        sections=moves.sections(found.figures, found.reasons, names),
        badge_word=say("SIMULATED"),
        demonstration=_demonstration(names),
        about=(),
        footer=say(
            "Made with icanalysis {version}. The figures are rows of results.csv of the two runs; their "
            "run.json records what they were made from.",
            version=importlib.metadata.version("icanalysis"),
        ),
    )
    return render.finished(made, language)


def _programme(made: Diff, names: Names) -> str:
    if names.data is None:
        return str(made.after.record.get("programme", ""))
    return names.data.evaluation.programme.title.into(names.language.code)


def as_json(made: Diff) -> str:
    """Write a comparison for other programs: UTF-8, sorted keys, the same bytes each time.

    Keys
    ----
    schema, programme, differs
        "icanalysis-diff/1"; the programme's code; whether any figure differs.
    runs
        before and after: name of the folder, sha256 of results.csv, parameters.
    counts
        Figures of each kind (`compare.KINDS` and unchanged), and of each kind of noise
        (`compare.NOISE`); zero is written.
    on_record
        data, notebooks: changed, added, gone, each a list of names. settings: true or false.
        code: before and after, the package's versions, or null. libraries, parameters: by name,
        before and after. failed: before and after, lists of what could not be made.
    figures
        Those that differ, sorted by `results.KEY`: its columns; kind; simulated;
        before and after, each null or the other columns of the line; difference, margin and noise,
        null where there are none; reasons, each a kind (`causes.Reason`) and names.

    A missing number is null.
    """
    counts = made.figures[["kind", "noise"]].melt()["value"].value_counts()
    codes = (*compare.KINDS, "unchanged", *compare.NOISE)
    told = {
        "schema": SCHEMA,
        "programme": made.after.record.get("programme"),
        "differs": made.differs,
        "runs": {"before": _run(made.before), "after": _run(made.after)},
        "counts": {code: int(counts.get(code, 0)) for code in codes},
        "on_record": _on_record(made.causes),
        "figures": _figures(made),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False) + "\n"


def _run(run: Run) -> dict[str, Any]:
    return {
        "name": run.name,
        "results": causes.part(run.record, "outputs").get(RESULTS_FILE),
        "parameters": causes.part(run.record, "parameters"),
    }


def _on_record(found: Causes) -> dict[str, Any]:
    def pair(values: tuple[Any, Any]) -> dict[str, Any]:
        return {"before": values[0], "after": values[1]}

    def files(part: Files) -> dict[str, Any]:
        return {"changed": part.changed, "added": part.added, "gone": part.gone}

    return {
        "data": files(found.data),
        "notebooks": files(found.notebooks),
        "settings": found.settings,
        "code": pair(found.code) if found.code else None,
        "libraries": {name: pair(values) for name, values in found.libraries.items()},
        "parameters": {name: pair(values) for name, values in found.parameters.items()},
        "failed": pair(found.failed),
    }


def _figures(made: Diff) -> list[dict[str, Any]]:
    made_up = compare.simulated(made.figures)
    told = [
        {
            **{name: row[name] for name in results.KEY},
            "kind": row["kind"],
            "simulated": bool(made_up.iloc[place]),
            "before": None if row["kind"] == "appeared" else _side(row, "before"),
            "after": None if row["kind"] == "vanished" else _side(row, "after"),
            "difference": _known(row["difference"]),
            "margin": _known(row["margin"]),
            "noise": row["noise"] or None,
            "reasons": [
                {"kind": reason.kind, "names": reason.names} for reason in made.reasons[place]
            ],
        }
        for place, row in enumerate(made.figures.to_dict("records"))
        if row["kind"] != "unchanged"
    ]
    return sorted(told, key=lambda figure: [figure[name] for name in results.KEY])


def _side(row: Mapping[Any, Any], run: str) -> dict[str, Any]:
    return {name: _known(row[f"{name}_{run}"]) for name in compare.REST}


def _known(value: Any) -> Any:  # noqa: ANN401 - a number or a text of a line
    return None if isinstance(value, float) and math.isnan(value) else value


def write(made: Diff, form: Format, names: Names, path: Path) -> None:
    """Write a comparison into a file, which may not be part of a run."""
    require_outside_runs(path)
    require_home(path)
    path.write_text(written(made, form, names), encoding="utf-8", newline="\n")
