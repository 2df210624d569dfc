"""Stored notebooks as they may be committed: what changes from run to run is taken out.

`python tests/notebook_hygiene.py [--fix] NOTEBOOK ...` names those that hold more than they
should, or mends them. Outputs stay: they are what a reader sees, and nbval holds them true.
"""

import argparse
import copy
import sys
from pathlib import Path

import nbformat

# The same on every machine; the version of Python that ran a notebook is not. A title, which Voila
# shows as its page's, is the author's own and stays.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_METADATA = {"tags", "jupyter"}
WIDGET = "application/vnd.jupyter.widget-view+json"


def tidied(notebook):
    """A notebook without times, widget state and other traces of the tool that saved it."""
    tidy = copy.deepcopy(notebook)
    title = {"title": notebook.metadata.title} if "title" in notebook.metadata else {}
    tidy.metadata = nbformat.from_dict(METADATA | title)
    for cell in tidy.cells:
        kept = {name: value for name, value in cell.metadata.items() if name in CELL_METADATA}
        cell.metadata = nbformat.from_dict(kept)
        for output in cell.get("outputs", []):
            if WIDGET in output.get("data", {}):
                # A widget's name is drawn by lot at every run, and nothing stored answers to it.
                output.data[WIDGET]["model_id"] = ""
    return tidy


def main(arguments=None):
    """Check or mend notebooks; 1 if any was not as it should be and was left so."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fix", action="store_true", help="mend them")
    parser.add_argument("notebooks", nargs="+", type=Path)
    asked = parser.parse_args(arguments)
    untidy = []
    for path in asked.notebooks:
        notebook = nbformat.read(path, as_version=4)
        tidy = tidied(notebook)
        if tidy != notebook:
            untidy.append(path)
            if asked.fix:
                nbformat.write(tidy, path)
    if untidy and not asked.fix:
        names = " ".join(map(str, untidy))
        print(f"Metadata that change from run to run: {names}\nRun: make notebooks")
    return int(bool(untidy) and not asked.fix)


if __name__ == "__main__":
    sys.exit(main())
