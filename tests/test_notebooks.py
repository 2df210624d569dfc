"""The committed notebooks: declared parameters, paired narrative, no code of their own."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import notebook_hygiene as hygiene
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Digits that Markdown cells may hold: names of files, never a figure.
DIGITS_ALLOWED = tuple(path.stem for path in NOTEBOOKS)
PARAMETERS = {
    "00_start_here": ["region", "baseline", "outcome", "language", "data_dir", "out_dir"],
    "01_data_quality": ["baseline", "outcome", "language", "data_dir", "out_dir"],
    "02_region_report": [
        "region",
        "baseline",
        "outcome",
        "language",
        "data_dir",
        "enaho_dir",
        "out_dir",
    ],
    "03_regions_together": ["baseline", "outcome", "language", "data_dir", "out_dir"],
    "04_partnership": ["baseline", "outcome", "language", "data_dir", "out_dir"],
    "05_does_the_method_tell_the_truth": [
        "baseline",
        "outcome",
        "language",
        "data_dir",
        "out_dir",
        "programmes",
    ],
    "explore": [
        "kind",
        "region",
        "indicator",
        "baseline",
        "outcome",
        "language",
        "data_dir",
        "enaho_dir",
    ],
}
# What `explore` says depends on what is chosen, so it stands with the controls.
FEWEST_SPOKEN = {"explore": 2}


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS] == list(PARAMETERS)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def cells(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook.cells


def tags(cell):
    return cell.metadata.get("tags", [])


def code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


def test_one_cell_declares_the_parameters_as_typed_literals(path, cells):
    (declared,) = [cell for cell in cells if "parameters" in tags(cell)]
    assert declared is code(cells)[0], "parameters come before any other code"
    statements = ast.parse(declared.source).body
    assert [statement.target.id for statement in statements] == PARAMETERS[path.stem]
    for statement in statements:
        assert isinstance(statement, ast.AnnAssign), "papermill reads the type"
        value = ast.literal_eval(statement.value)
        assert type(value).__name__ == statement.annotation.id
    # The comment becomes the help text.
    assert all("#" in line for line in declared.source.splitlines())


def test_notebooks_define_nothing(cells):
    for cell in code(cells):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
            ), "move this into icanalysis"


def test_narrative_stands_in_pairs_spanish_first(path, cells):
    spoken = [
        (place, tag) for place, cell in enumerate(cells) for tag in tags(cell) if "lang-" in tag
    ]
    assert len(spoken) >= FEWEST_SPOKEN.get(path.stem, 8)
    for (place, first), (following, second) in zip(spoken[::2], spoken[1::2], strict=True):
        assert (first, second) == ("lang-es", "lang-en")
        assert following == place + 1
        spanish, english = cells[place].source, cells[following].source
        for pattern in (r"^#+", r"^- ", r"\n\n", r"`[^`]+`"):
            shapes = [re.findall(pattern, text, flags=re.M) for text in (spanish, english)]
            assert shapes[0] == shapes[1], (spanish, english)


def test_narrative_always_says_its_language(cells):
    for cell in cells:
        if cell.cell_type == "markdown":
            # What only a notebook's reader needs stands in both, and no page shows it.
            # `stored`: of the outputs kept with it, which a new workbook's copy has not.
            assert sorted(tags(cell)) in (
                ["lang-en"],
                ["lang-es"],
                ["notebook-only"],
                ["notebook-only", "stored"],
            )
            assert cell.source.strip()


def test_spanish_and_english_are_not_mixed_up(cells):
    words = {"lang-es": r"\b(qué|cifras?|los|las|una)\b", "lang-en": r"\b(what|figures?|the|of)\b"}
    for cell in cells:
        for tag in set(tags(cell)) & set(words):
            (other,) = set(words) - {tag}
            text = re.sub(r"[`*][^`*]+[`*]", "", cell.source)
            assert not re.search(words[other], text, flags=re.I), cell.source


def test_markdown_holds_no_figures(cells):
    for cell in cells:
        if cell.cell_type == "markdown":
            text = cell.source
            for allowed in DIGITS_ALLOWED:
                text = text.replace(allowed, "")
            assert not re.search(r"\d", text), cell.source


def test_code_holds_no_figures_but_the_parameters(cells):
    for cell in code(cells):
        if "parameters" not in tags(cell):
            numbers = [
                node.value
                for node in ast.walk(ast.parse(cell.source))
                if isinstance(node, ast.Constant) and isinstance(node.value, int | float)
                and not isinstance(node.value, bool)
            ]  # fmt: skip
            assert set(numbers) <= {0}, cell.source


def test_headings_are_one_question_and_its_parts(cells):
    spoken = {"lang-es": [], "lang-en": []}
    for cell in cells:
        for output in cell.get("outputs", []):
            markdown = output.get("data", {}).get("text/markdown", "")
            if markdown.startswith("# "):
                spoken["lang-es"].append(1)
                spoken["lang-en"].append(1)
        for tag in tags(cell):
            if tag in spoken:
                spoken[tag] += [len(mark) for mark in re.findall(r"^(#+) ", cell.source, re.M)]
    for levels in spoken.values():
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_outputs_are_stored_and_sound(cells):
    assert [cell for cell in code(cells) if cell.outputs]
    for cell in code(cells):
        assert cell.execution_count, "make notebooks stores the outputs"
        assert "execution" not in cell.metadata, "times change with every run"
        for output in cell.outputs:
            assert output.output_type in ("display_data", "execute_result")
            text = " ".join(
                str(output.data.get(kind, "")) for kind in output.data if "text" in kind
            )
            text = re.sub(r"https?://[^\s<]+", "", text)
            assert not re.search(r"/(home|root|tmp|Users)/|site-packages", text)


def test_nothing_stored_changes_from_run_to_run(path):
    notebook = nbformat.read(path, as_version=4)
    assert hygiene.tidied(notebook) == notebook, "make notebooks takes it out"
    assert path.read_text(encoding="utf-8") == nbformat.writes(notebook) + "\n"


def test_every_stored_picture_is_described(cells):
    pictures = [
        output
        for cell in code(cells)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert pictures
    for picture in pictures:
        described = picture.metadata.get("image/png", picture.metadata)["alt"]
        assert len(described) > 40


def test_cells_run_from_top_to_bottom(cells):
    counts = [cell.execution_count for cell in code(cells)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_widget_is_stored(path, cells):
    # A stored widget is a blank where no kernel runs; what stands in its place is output.
    assert "widgets" not in nbformat.read(path, as_version=4).metadata
    for cell in code(cells):
        for output in cell.outputs:
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
