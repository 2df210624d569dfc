"""Read `reference.out`: the raw output of `reference.R`, one block per configuration."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent
OUTPUT = FOLDER / "reference.out"
SAMPLE = FOLDER / "sample.csv"


@dataclass(frozen=True)
class Block:
    """One configuration and the rows R printed for it: the first line of a block is its key."""

    kind: str
    keys: dict[str, str]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        """Its configuration, short enough for the name of a test."""
        told = {key: value for key, value in self.keys.items() if value not in {"-", "fail"}}
        return ", ".join(f"{key} {value}" for key, value in told.items())

    def numbers(self) -> dict[str, dict[str, float]]:
        """By label: R's number in each column; missing where R has NA."""
        return {
            label: dict(zip(self.columns[1:], map(float, values), strict=True))
            for label, *values in self.rows
        }


def read_blocks(path: Path = OUTPUT) -> list[Block]:
    """All blocks of the file, in its order."""
    blocks: list[Block] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = tuple(line.split(" | "))
        if line.startswith("#"):
            continue
        if line.startswith("@"):
            keys = dict(cell.split("=", 1) for cell in cells[1:])
            blocks.append(Block(cells[0].removeprefix("@ "), keys, (), ()))
            continue
        last = blocks.pop()
        if last.columns:
            blocks.append(Block(last.kind, last.keys, last.columns, (*last.rows, cells)))
        else:
            blocks.append(Block(last.kind, last.keys, cells, ()))
    return blocks


def read_sample() -> pd.DataFrame:
    """Return the table R read: text where R has text, missing where a cell is empty."""
    with SAMPLE.open(encoding="utf-8") as file:
        names = next(csv.reader(file))
    text = {"region", "area", "psu"}
    types = {name: "string" for name in names if name in text}
    frame = pd.read_csv(SAMPLE, dtype=types)
    frame["woman_head"] = frame["woman_head"] == 1
    return frame
