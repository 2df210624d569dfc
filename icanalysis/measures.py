"""What can be estimated of a domain, and how each measure is linearised.

`linearise` turns the sums of the one pass into an estimate per domain and, for every PSU, how
much it moves that estimate: the values whose variance the sampling design gives.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import narwhals as nw
import numpy as np
import pandas as pd
from scipy import sparse, stats

from icanalysis.aggregate import Quantity, number
from icanalysis.distribution import gini as gini_index
from icanalysis.distribution import lorenz
from icanalysis.distribution import quantile as quantile_of
from icanalysis.errors import WorkbookError
from icanalysis.language import msg
from icanalysis.sampling import Floats, Integers, Sample, sum_by

CONFIDENCE = 0.95
Kind = Literal["ratio", "total", "share", "quantile", "gini", "bottom_share"]


@dataclass(frozen=True)
class Measure:
    """One thing to estimate in every domain; made by the functions below.

    `share` is the point of a quantile or Lorenz curve, `over` the column a share is taken
    over. `of_persons` tells that it describes persons: household weights would be wrong.
    """

    quantity: Quantity
    kind: Kind
    share: float = 0.5
    over: str | None = None
    logit: bool = False
    of_persons: bool = False

    @property
    def needs_rows(self) -> bool:
        """Whether sums by PSU are not enough."""
        return self.kind in ("quantile", "gini", "bottom_share")


Per = Literal["person", "household"]


def mean(variable: str, *, per: Per = "person") -> Measure:
    """Weighted mean; of a yes/no variable the share, 0 to 1, with a symmetric interval."""
    return Measure(Quantity((variable,), number(variable)), "ratio", of_persons=per == "person")


def proportion(variable: str, *, per: Per = "person") -> Measure:
    """Share of yes, 0 to 1, with an interval on the logit scale, which stays within 0 and 1.

    The interval is missing where none or all say yes: a sample of zero is not certainty.
    """
    quantity = Quantity((variable,), number(variable), yes_no=True)
    return Measure(quantity, "ratio", logit=True, of_persons=per == "person")


def ratio(numerator: str, denominator: str) -> Measure:
    """Ratio of two totals, over the rows that have both values."""
    columns = (numerator, denominator)
    return Measure(Quantity(columns, number(numerator), number(denominator)), "ratio")


def total(variable: str | None = None) -> Measure:
    """Weighted total of a variable; without one, the population (the sum of the weights)."""
    if variable is None:
        return Measure(Quantity((), nw.lit(1.0)), "total")
    return Measure(Quantity((variable,), number(variable)), "total")


def fgt(welfare: str, line: str, alpha: float, *, per: Per = "person") -> Measure:
    """Foster-Greer-Thorbecke poverty: headcount (alpha 0), gap (1), severity (2); 0 to 1.

    Parameters
    ----------
    welfare, line : str
        Columns in the same unit; those strictly below the line are poor.
    alpha : float
        Weight of the gap, not negative.
    """
    if not alpha >= 0:
        raise WorkbookError(msg("alpha must not be negative; it is {alpha}.", alpha=alpha))
    poor = number(welfare) < number(line)
    gap = 1 - number(welfare) / number(line)
    # The gap of who is not poor is put at 0 first: no power is taken of a negative number.
    depth = nw.when(poor).then(gap).otherwise(0.0) ** alpha if alpha else nw.lit(1.0)
    value = nw.when(poor).then(depth).otherwise(0.0)
    return Measure(Quantity((welfare, line), value), "ratio", of_persons=per == "person")


def share(variable: str | None = None, *, over: str) -> Measure:
    """Share, 0 to 1, that each category of `over` holds of a total (of the population).

    Parameters
    ----------
    over : str
        One of the columns of `by`; the total is taken over it, within the other columns.
    """
    return Measure(total(variable).quantity, "share", over=over)


def quantile(variable: str, p: float, *, per: Per = "person") -> Measure:
    """Value below which the share `p` lies, with Woodruff's interval (1952)."""
    return _of_rows(variable, "quantile", p, per)


def gini(variable: str, *, per: Per = "person") -> Measure:
    """Gini index, 0 to 1."""
    return _of_rows(variable, "gini", 0.5, per)


def bottom_share(variable: str, *, share: float = 0.4, per: Per = "person") -> Measure:
    """Share of the total that the poorest `share` of the population holds, 0 to 1."""
    return _of_rows(variable, "bottom_share", share, per)


def _of_rows(variable: str, kind: Kind, point: float, per: Per) -> Measure:
    if not 0 < point < 1:
        raise WorkbookError(msg("The share must lie between 0 and 1; it is {share}.", share=point))
    quantity = Quantity((variable,), number(variable))
    return Measure(quantity, kind, share=point, of_persons=per == "person")


@dataclass(frozen=True)
class Rows:
    """The rows that count for one measure: shape (rows,) each."""

    psu: Integers
    domain: Integers
    value: Floats
    weight: Floats


@dataclass(frozen=True)
class Tally:
    """The sums of one pass, `parts`, each of shape (pairs,): one PSU in one domain.

    `psu` and `domain`, of the same shape, are the numbers of the two; `domains` and `periods`
    describe each domain.
    """

    parts: Mapping[str, Floats]
    psu: Integers
    domain: Integers
    domains: pd.DataFrame
    periods: tuple[Hashable | None, ...]
    sample: Sample

    def grid(self, values: Floats, psu: Integers, domain: Integers) -> sparse.csr_array:
        """Sum values by PSU and domain; a zero is stored, for it says the domain was met."""
        shape = (len(self.sample.psus), len(self.domains))
        return sparse.csr_array(sparse.coo_array((values, (psu, domain)), shape=shape))

    def part(self, name: str, part: str) -> Floats:
        """One sum of one measure: shape (pairs,)."""
        return self.parts[f"{name}/{part}"]

    def by_domain(self, values: Floats) -> Floats:
        """Sum values of shape (pairs,) by domain."""
        return sum_by(self.domain, values, len(self.domains))

    @cached_property
    def t(self) -> Floats:
        """Quantile of Student's t for each domain, by the degrees of freedom of its sample."""
        return np.asarray(stats.t.ppf((1 + CONFIDENCE) / 2, self.df))

    @cached_property
    def df(self) -> Integers:
        """Degrees of freedom of each domain: those of its whole sample."""
        return np.array([self.sample.of(period).df for period in self.periods])


@dataclass(frozen=True)
class Linearised:
    """Estimates of one measure, shape (domains,), and what each PSU does to them.

    `per_psu` has shape (PSUs, domains); `low` and `high` stand where an interval is not
    estimate ± t standard errors.
    """

    estimate: Floats
    per_psu: sparse.csr_array
    n: Integers
    n_psu: Integers
    low: Floats | None = None
    high: Floats | None = None


def linearise(measure: Measure, name: str, tally: Tally, rows: Rows | None) -> Linearised:
    """Estimate a measure in every domain, and linearise it.

    Parameters
    ----------
    rows : Rows, optional
        For measures that need them.
    """
    met = tally.part(name, "n") > 0
    n = tally.by_domain(tally.part(name, "n")).round().astype("int64")
    n_psu = tally.by_domain(met.astype("float64")).astype("int64")
    if measure.kind == "share":
        return Linearised(*_shares(measure, name, tally, n), n, n_psu)
    if rows is None:
        estimate, moves = _from_sums(measure, name, tally, n)
        per_psu = tally.grid(moves[met], tally.psu[met], tally.domain[met])
        return Linearised(estimate, per_psu, n, n_psu)
    if measure.kind == "quantile":
        return _quantiles(measure.share, tally, rows, n, n_psu)
    estimate = np.full(len(tally.domains), np.nan)
    moves = np.zeros(len(rows.value))
    for domain, mine in _by_domain(rows):
        values_, weights = rows.value[mine], rows.weight[mine]
        if weights.sum() > 0 and (weights * values_).sum() > 0:
            found = (
                gini_index(values_, weights)
                if measure.kind == "gini"
                else lorenz(values_, weights, measure.share)
            )
            estimate[domain], moves[mine] = found[0], found[1] * weights
    return Linearised(estimate, tally.grid(moves, rows.psu, rows.domain), n, n_psu)


def _from_sums(measure: Measure, name: str, tally: Tally, n: Integers) -> tuple[Floats, Floats]:
    """Estimate what follows from sums by PSU, and what each pair does to it."""
    above = tally.part(name, "sum")
    amount = tally.by_domain(above)
    if measure.kind == "total":
        return np.where(n > 0, amount, np.nan), above
    below = tally.part(name, "base")
    base = tally.by_domain(below)
    base = np.where((n > 0) & (base != 0), base, np.nan)
    estimate = amount / base
    return estimate, (above - below * estimate[tally.domain]) / base[tally.domain]


def _shares(
    measure: Measure, name: str, tally: Tally, n: Integers
) -> tuple[Floats, sparse.csr_array]:
    """Estimate and linearise the share each domain has of the total of its siblings."""
    above = tally.grid(tally.part(name, "sum"), tally.psu, tally.domain)
    below = above @ _siblings(tally, str(measure.over))
    base = np.asarray(below.sum(axis=0))
    estimate = np.asarray(above.sum(axis=0)) / np.where((n > 0) & (base != 0), base, np.nan)
    per_unit = sparse.diags_array(np.nan_to_num(1 / np.where(base != 0, base, np.nan)))
    return estimate, sparse.csr_array((above - below * np.nan_to_num(estimate)) @ per_unit)


def _siblings(tally: Tally, over: str) -> sparse.csr_array:
    """Which domains differ in `over` alone: shape (domains, domains)."""
    others = [name for name in tally.domains if name != over]
    if len(others) == tally.domains.shape[1]:
        raise WorkbookError(
            msg("A share over “{over}” needs “{over}” among the columns of by.", over=over)
        )
    if not others:
        return sparse.csr_array(np.ones((len(tally.domains),) * 2))
    family = tally.domains.groupby(others, sort=False).ngroup().to_numpy()
    member = sparse.csr_array((np.ones(len(family)), (np.arange(len(family)), family)))
    return member @ member.T


def _quantiles(p: float, tally: Tally, rows: Rows, n: Integers, n_psu: Integers) -> Linearised:
    """Quantiles with Woodruff's intervals.

    The interval of the share below the quantile is read back as values. For contrasts the
    density that it implies turns shares into values (Francisco and Fuller 1991).
    """
    estimate, low, high = (np.full(len(tally.domains), np.nan) for _ in range(3))
    reached = np.full(len(tally.domains), np.nan)
    moves = np.zeros(len(rows.value))
    for domain, mine in _by_domain(rows):
        values, weights = rows.value[mine], rows.weight[mine]
        if weights.sum() > 0:
            estimate[domain] = quantile_of(values, weights, p)
            below = values <= estimate[domain]
            reached[domain] = weights[below].sum() / weights.sum()
            moves[mine] = weights * (reached[domain] - below) / weights.sum()
    shares = tally.grid(moves, rows.psu, rows.domain)
    se = np.sqrt(tally.sample.variances(shares, tally.periods))
    for domain, mine in _by_domain(rows):
        values, weights = rows.value[mine], rows.weight[mine]
        if se[domain] == 0:
            continue  # nothing in the sample lies above: there is no spread to read back
        reach = tally.t[domain] * se[domain]
        if reached[domain] - reach >= 0:
            low[domain] = quantile_of(values, weights, reached[domain] - reach)
        if reached[domain] + reach <= 1:
            high[domain] = quantile_of(values, weights, reached[domain] + reach)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (high - low) / (2 * tally.t * se)
    scaled = sparse.csr_array(shares @ sparse.diags_array(slope))
    return Linearised(estimate, scaled, n, n_psu, low, high)


def _by_domain(rows: Rows) -> list[tuple[int, Integers]]:
    """Places of the rows of each domain that has any."""
    order = np.argsort(rows.domain, kind="stable")
    numbers, starts = np.unique(rows.domain[order], return_index=True)
    return list(zip(numbers.tolist(), np.split(order, starts[1:]), strict=True))
