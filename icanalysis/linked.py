"""Tables that add up: what can be worked back from what is shown, and what to hide besides.

Cells of several tables are tied by sums (women + men = all; regions = the whole). An attacker who
knows every sum and every cell shown, and that no cell is below zero, finds bounds on each hidden
one by linear programming. `complement` hides as little more as keeps those bounds wide enough: the
cutting planes of Fischetti and Salazar (2000), "Models and algorithms for optimizing cell
suppression in tabular data with linear constraints", JASA 95.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse.csgraph import connected_components

from icanalysis.sampling import Floats, Integers

Bools = NDArray[np.bool_]
# How far a solver's figure may be from what was asked, relative to it.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Linked:
    """Cells tied by sums.

    Attributes
    ----------
    amounts : array
        What each cell holds: a count, or a total; never below zero.
    relations : sparse array
        One row per sum: its coefficients times the amounts give zero (1 for the whole, -1 for
        each part).
    tied : array of int
        Cells with one number here are shown or hidden together: the same people, asked other
        things.
    need : array
        How wide the interval an attacker finds must be, of each cell that is to be protected; 0
        for the others.
    apart : array
        How far each of its ends must be from what such a cell holds.
    public : array of bool
        By number of `tied`: known already, and hidden by nothing.
    aside : array of bool
        By cell: what the sums leave over, which nobody publishes. It may have to be protected, but
        whoever attacks a cell of the tables is taken to know it.
    """

    amounts: Floats
    relations: sparse.csr_array
    tied: Integers
    need: Floats
    apart: Floats
    public: Bools
    aside: Bools

    def unknown(self, hidden: Bools, cell: int) -> Bools:
        """Tell which cells an attacker of one cell does not know."""
        found = hidden[self.tied]
        return found if self.aside[cell] else found & ~self.aside


@dataclass(frozen=True)
class _Bound:
    """One end an attacker finds, and by which cells: what hiding each adds to the distance."""

    distance: float
    by: Floats


def bounds(table: Linked, hidden: Bools, cell: int) -> tuple[float, float]:
    """Find what an attacker knows of one cell.

    Parameters
    ----------
    hidden : array of bool
        By number of `tied`.

    Returns
    -------
    low, high : float
        The amount itself twice where it is shown or follows from what is; `inf` where nothing
        limits it.
    """
    ceiling = _ceiling(table)
    rows = _around(table, hidden, cell)
    below, above = (_bound(table, hidden, cell, rows, sign, ceiling) for sign in (1, -1))
    high = table.amounts[cell] + above.distance
    free = above.distance > ceiling / 2
    return max(0.0, table.amounts[cell] - below.distance), np.inf if free else high


def complement(table: Linked, cost: Floats) -> tuple[Bools, Bools]:
    """Hide what else has to be, so that each cell to be protected keeps the width it needs.

    Parameters
    ----------
    cost : array
        By number of `tied`: what is lost by hiding it.

    Returns
    -------
    hidden : array of bool
        By number of `tied`: the costs hidden are the least that protect all that can be.
    open_ : array of bool
        By cell: those that nothing protects, because of what is public.
    """
    everything = ~table.public
    asked = [int(cell) for cell in np.flatnonzero(table.need > 0)]
    lost = np.zeros(len(table.amounts), dtype=bool)
    lost[asked] = [bool(_short(table, everything, cell)) for cell in asked]
    safe = [cell for cell in asked if not lost[cell]]
    must = np.zeros(len(cost), dtype=bool)
    must[table.tied[asked]] = True
    must &= everything
    never_alone = _never_alone(table, lost)
    cuts: list[Floats] = []
    hidden = must
    while found := [cut for cell in safe for cut in _short(table, hidden, cell)]:
        cuts += found
        hidden = _cheapest(np.array(cuts), never_alone, cost, must, everything)
    return hidden, lost


def _cheapest(cuts: Floats, never_alone: Floats, cost: Floats, must: Bools, may: Bools) -> Bools:
    """Choose what to hide: the least cost that meets every cut, each of which asks for 1."""
    # The order decides between equal costs, so that the same figures hide the same on any machine.
    first = cost + 1e-6 * (1 + cost.max()) * np.arange(len(cost)) / len(cost)
    solved = milp(
        first,
        integrality=np.ones(len(cost)),
        bounds=(must.astype("float64"), may.astype("float64")),
        constraints=[
            LinearConstraint(sparse.csr_array(cuts), lb=1 - TOLERANCE),
            LinearConstraint(sparse.csr_array(never_alone), lb=0),
        ],
        # Presolved, HiGHS sometimes writes to the standard output, whatever it is told.
        options={"mip_rel_gap": 0.0, "presolve": False},
    )
    if solved.x is None:
        raise RuntimeError(f"no choice of cells protects those that can be: {solved.message}")
    return np.asarray(solved.x > 0.5)


def _short(table: Linked, hidden: Bools, cell: int) -> list[Floats]:
    """Return what hiding each would add to an interval that is too narrow, in shares of its need.

    One for each thing asked that is not met: how far either end is, and both together.
    """
    ceiling = _ceiling(table)
    rows = _around(table, hidden, cell)
    below, above = (_bound(table, hidden, cell, rows, sign, ceiling) for sign in (1, -1))
    both = _Bound(below.distance + above.distance, below.by + above.by)
    apart, need = table.apart[cell], table.need[cell]
    return [
        np.minimum(np.bincount(table.tied, end.by, minlength=len(table.public)) / asked, 1.0)
        for end, asked in ((below, apart), (above, apart), (both, need))
        if end.distance < asked * (1 - TOLERANCE)
    ]


def _ceiling(table: Linked) -> float:
    """Stand for "without limit": more than any sum of the cells or any width asked."""
    return float(10 * (table.amounts.sum() + table.need.max() + 1))


def _around(table: Linked, hidden: Bools, cell: int) -> Integers:
    """Rows of the sums that have a bearing on a cell: joined to it through hidden cells."""
    unknown = np.flatnonzero(table.unknown(hidden, cell))
    if cell not in unknown:
        return np.array([], dtype="int64")
    sums = abs(table.relations[:, unknown])
    tie = sparse.block_array([[None, sums], [sums.T, None]])
    _, part = connected_components(tie, directed=False)
    n_rows = table.relations.shape[0]
    own = part[n_rows + int(np.searchsorted(unknown, cell))]
    return np.asarray(np.flatnonzero(part[:n_rows] == own))


def _bound(
    table: Linked, hidden: Bools, cell: int, rows: Integers, sign: int, ceiling: float
) -> _Bound:
    """Find how far a cell may be below (sign 1) or above (-1) what it holds, as seen from outside.

    By duality any multipliers of the sums bound the distance by what hidden cells add to it; those
    of the solution say which published cells would have to be hidden to widen it.
    """
    sums = table.relations[rows]
    goal = np.zeros(len(table.amounts))
    goal[cell] = sign
    unknown = table.unknown(hidden, cell)
    there = (
        np.flatnonzero(unknown & (abs(sums).sum(axis=0) > 0)) if len(rows) else np.array([], int)
    )
    price = np.zeros(len(rows))
    if len(there):
        solved = linprog(
            goal[there],
            A_eq=sums[:, there],
            b_eq=np.zeros(len(rows)),
            # In departures from what the cells hold.
            bounds=np.column_stack([-table.amounts[there], np.full(len(there), ceiling)]),
            method="highs",
        )
        if solved.x is None:
            raise RuntimeError(f"what an attacker knows could not be found: {solved.message}")
        price = solved.eqlin.marginals
    slope = goal - sums.T @ price
    slope[abs(slope) < 1e-9] = 0
    by = np.maximum(slope, 0) * table.amounts + np.maximum(-slope, 0) * ceiling
    if not table.aside[cell]:
        by[table.aside] = 0
    return _Bound(float(by[unknown].sum()), by)


def _never_alone(table: Linked, lost: Bools) -> Floats:
    """Ask that no cell is hidden alone in a sum, for it would be what is left: one row each.

    Asked of cells to be protected, and of those tied to no other: hiding one of these alone would
    cost and protect nothing.
    """
    single = np.bincount(table.tied, minlength=len(table.public))[table.tied] == 1
    asked = ((table.need > 0) | single) & ~lost & ~table.aside
    found = [np.zeros(len(table.public))]
    for row in range(table.relations.shape[0]):
        stands = table.relations[[row]].nonzero()[1]
        for cell in stands[asked[stands]]:
            others = np.zeros(len(table.public))
            covers = ~table.aside[stands] | (table.need[cell] == 0)
            others[table.tied[stands[covers]]] = 1
            if others.sum() > 1:
                others[table.tied[cell]] = -1
                found.append(others)
    return np.array(found)
