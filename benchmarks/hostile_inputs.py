"""Meet damaged and hostile inputs, and tell which were met badly.

    python benchmarks/hostile_inputs.py [--inputs 1000] [--seed 20261128]

Tables as CSV and Excel with cells, structure, bytes and parts damaged; notebooks and pages with
script; formulas; archives that write elsewhere or never end; bundles repacked; descriptions damaged
(tests/hostile.py). Met badly: an error that is not ours, silence where something had to be told, a
table accepted that is not what its file says, anything written or run. Ends with code 1 if any was.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from hostile import inputs, trouble


def main() -> int:
    """Meet them, and print what went wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261128)
    asked = parser.parse_args()
    kinds: Counter[str] = Counter()
    troubles = []
    for number, given in enumerate(tqdm(inputs(asked.inputs, asked.seed), total=asked.inputs)):
        kinds[given.kind] += 1
        with tempfile.TemporaryDirectory() as home:
            if wrong := trouble(given, Path(home)):
                troubles.append(f"input {number}: {wrong}")
    for kind, count in kinds.items():
        print(f"{count:5} {kind}")
    print("\n".join(troubles) or f"All {asked.inputs} were met well.")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
