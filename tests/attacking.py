"""An attacker of tables that add up, and tables to attack: none of it is code of the package."""

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from icanalysis.linked import Linked

FEWEST = 10
SEED, TABLES = 20131, 500


def linked(amounts, sums, need=None, tied=None, public=(), aside=(), apart=None):
    """Make a table of named cells: `sums` names each whole and its parts."""
    place = {name: number for number, name in enumerate(amounts)}
    held = np.array(list(amounts.values()), dtype="float64")
    rows = np.zeros((len(sums), len(held)))
    for row, (of, parts) in enumerate(sums.items()):
        rows[row, place[of]] = 1
        rows[row, [place[part] for part in parts]] = -1
    if need is None:
        need = {name: FEWEST for name, n in amounts.items() if 0 < n < FEWEST}
    together = place if tied is None else {name: tied.get(name, name) for name in amounts}
    numbers = {name: number for number, name in enumerate(dict.fromkeys(together.values()))}
    return Linked(
        held,
        sparse.csr_array(rows),
        np.arange(len(held))
        if tied is None
        else np.array([numbers[each] for each in together.values()]),
        np.array([need.get(name, 0.0) for name in amounts], dtype="float64"),
        np.array([(apart or {}).get(name, 0.0) for name in amounts], dtype="float64"),
        np.array([name in public for name in (amounts if tied is None else numbers)]),
        np.array([name in aside for name in amounts]),
    )


def grid(inner):
    """Make cells and sums of a table with its margins: "1,2", "1,*", "*,2", "*,*"."""
    inner = np.asarray(inner)
    rows, columns = ([str(k + 1) for k in range(size)] for size in inner.shape)
    amounts = {f"{r},{c}": inner[int(r) - 1, int(c) - 1] for r in rows for c in columns}
    amounts |= {f"{r},*": inner[int(r) - 1].sum() for r in rows}
    amounts |= {f"*,{c}": inner[:, int(c) - 1].sum() for c in columns}
    amounts["*,*"] = inner.sum()
    sums = {f"{r},*": [f"{r},{c}" for c in columns] for r in rows}
    sums |= {f"*,{c}": [f"{r},{c}" for r in rows] for c in columns}
    sums["*,*"] = [f"{r},*" for r in rows]
    return amounts, sums


def attack(table, hidden, cell):
    """Bound a cell by the whole system at once, written as an attacker would write it."""
    free = hidden[table.tied]
    limits = [(0, None) if open_ else (n, n) for open_, n in zip(free, table.amounts, strict=True)]
    goal = np.zeros(len(free))
    goal[cell] = 1
    ends = []
    for sign in (1, -1):
        solved = linprog(
            sign * goal,
            A_eq=table.relations,
            b_eq=np.zeros(table.relations.shape[0]),
            bounds=limits,
            method="highs-ds",
            options={"presolve": False},
        )
        ends.append(sign * solved.fun if solved.status == 0 else np.inf)
    return ends


def simulated(rng):
    """Draw a table: 2 or 3 ways or a hierarchy, zeros among its cells, or two of them linked."""
    kind = rng.integers(4)
    size = rng.integers(2, 5, size=3 if kind == 1 else 2)
    inner = rng.poisson(rng.choice([3, 12, 40], size=size)) * (rng.random(size) > 0.15)
    if kind == 1:
        return _cube(inner)
    amounts, sums = grid(inner)
    if kind == 2:  # each column of the table is one of three levels of a hierarchy
        half = list(sums["*,*"])[:1]
        amounts["top,*"] = sum(amounts[name] for name in half) + 17
        amounts["other,*"] = 17
        sums["top,*"] = [*half, "other,*"]
    if kind == 3:  # the same rows broken down otherwise
        for row in sums["*,*"]:
            part = int(rng.binomial(int(amounts[row]), 0.2))
            amounts |= {f"{row}/a": part, f"{row}/b": amounts[row] - part}
            sums |= {f"{row}/": [f"{row}/a", f"{row}/b"]}
            amounts[f"{row}/"] = amounts[row]
            sums[row + "="] = [f"{row}/"]
            amounts[row + "="] = amounts[row]
        return _same(amounts, sums)
    return linked(amounts, sums)


def _same(amounts, sums):
    """Tie the margins two tables share."""
    tied = {name: name.rstrip("=/") for name in amounts if name[-1] in "=/"}
    return linked(amounts, sums, tied=tied)


def _cube(inner):
    full = inner
    for axis in range(3):
        full = np.concatenate([full, full.sum(axis=axis, keepdims=True)], axis=axis)
    number = np.arange(full.size).reshape(full.shape)
    amounts = dict(zip(map(str, number.flat), full.ravel(), strict=True))
    rows = []
    for axis in range(3):
        lines = np.moveaxis(number, axis, -1).reshape(-1, full.shape[axis])
        rows += [(str(line[-1]), [str(each) for each in line[:-1]]) for line in lines]
    matrix = np.zeros((len(rows), full.size))
    for row, (of, parts) in enumerate(rows):
        matrix[row, int(of)] = 1
        matrix[row, [int(part) for part in parts]] = -1
    plain = linked(amounts, {})
    return Linked(
        plain.amounts,
        sparse.csr_array(matrix),
        plain.tied,
        plain.need,
        plain.apart,
        plain.public,
        plain.aside,
    )


def narrow(table, hidden):
    """List the cells an attacker knows more closely than they may be known."""
    return [
        cell
        for cell in np.flatnonzero(table.need)
        if np.subtract(*attack(table, hidden, cell)[::-1]) < table.need[cell] * (1 - 1e-5)
    ]


def earlier(table, rng):
    """Draw a release that came before a table: some of its sums, and what it told, protected.

    Returns the table as it was then, and by number of `tied` what was told.
    """
    kept = rng.random(table.relations.shape[0]) < 0.5
    kept[0] |= not kept.any()
    sums = table.relations[kept]
    told = np.isin(table.tied, table.tied[np.asarray(abs(sums).sum(axis=0)).ravel() > 0])
    first = replace(
        table,
        relations=sums,
        need=np.where(told, table.need, 0),
        apart=np.where(told, table.apart, 0),
    )
    groups = np.zeros(len(table.public), dtype=bool)
    groups[table.tied[told]] = True
    return first, groups


def small_only(table):
    hidden = np.zeros(len(table.public), dtype=bool)
    hidden[table.tied[table.need > 0]] = True
    return hidden


def cost_of(table):
    """Count those whose figures would go untold."""
    return np.bincount(table.tied, table.amounts, minlength=len(table.public)) + 1
