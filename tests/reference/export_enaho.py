"""Write the real ENAHO files that `enaho.R` reads as CSV: `export_enaho.py FOLDER OUT`."""

import sys
from pathlib import Path

import pandas as pd

from icanalysis import enaho


def export(folder: str, out: str) -> None:
    """Write sumaria.csv and governance.csv, all years found, as the readers give them."""
    found = enaho.find(folder)
    for module, read in (("sumaria", enaho.read_sumaria), ("governance", enaho.read_governance)):
        paths = found.loc[found["module"] == module, "path"]
        frame = pd.concat([read(path) for path in paths], ignore_index=True)
        frame.to_csv(Path(out, f"{module}.csv"), index=False, float_format="%.17g")


if __name__ == "__main__":
    export(*sys.argv[1:])
