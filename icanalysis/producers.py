"""The producers' table: its two waves linked, and what links them checked.

The schema (data/datapackage.json) judges every cell; here stands what only the two interviews of
a producer, or all the producers of a community, can show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from icanalysis.asked import Producers
from icanalysis.errors import DataError, Problem, WorkbookError, unknown_choice
from icanalysis.language import Message, msg
from icanalysis.load import DataFolder

FILE = "producers.csv"
UNIT, WAVE, COMMUNITY = "producer_id", "wave", "community"
BASELINE, OUTCOME = "baseline", "outcome"
PROGRAMME = "programme"
CHANNELS = ("sells_local", "sells_fairs", "sells_shops", "sells_online", "sells_export")
COUNTED = "channels"  # how many of them are used: counted here, not asked
# What is asked once and must not change, or the two rows are not of one person.
FIXED = ("sex", "mother_tongue", "region", "sector", "community", "arm")
# What tells producers apart; taken from the baseline, before the programme could change it.
ATTRIBUTES = (
    UNIT,
    *("region", "sector", "stratum", COMMUNITY, "arm", "treated", "weight"),
    *("sex", "mother_tongue", "area", "age", "household_size"),
)
_CHECKED = (*FIXED, UNIT, WAVE, "year", "age", "weight", "trained", "training_hours", "source_kind")


@dataclass(frozen=True)
class Waves:
    """The producers' table, its waves linked.

    Attributes
    ----------
    panel : DataFrame
        One row per producer and wave: the columns of the table, and `treated` (true in the
        programme's communities), `stratum` (region and sector) and `channels` (how many of the
        five are used; missing if any is).
    followed, lost, new : int
        Producers interviewed in both waves, at baseline only, at outcome only.
    source_kind : str
        "programme" or "simulated"; never both.
    """

    panel: pd.DataFrame
    followed: int
    lost: int
    new: int
    source_kind: str

    def changes(self, variables: Sequence[str]) -> pd.DataFrame:
        """Pair the interviews of the producers seen in both waves.

        Returns
        -------
        DataFrame
            One row per producer followed: `ATTRIBUTES` at baseline and, for each variable,
            `{variable}_baseline`, `{variable}_outcome` and `{variable}_change`; yes is 1, no 0.
            A change is missing where either answer is.

        Raises
        ------
        WorkbookError
            If a variable is unknown or not a number, or nobody was interviewed twice.
        """
        chosen = [variables] if isinstance(variables, str) else list(variables)
        for name in chosen:
            _require_number(self.panel, name)
        if not self.followed:
            raise WorkbookError(
                msg(
                    "No producer has both waves, so nobody's change is known: it takes the same "
                    "producer_id at baseline and at outcome."
                )
            )
        first, last = _paired(self.panel)
        paired = first.reset_index()[list(ATTRIBUTES)]
        for name in chosen:
            before, after = (_numbers(wave[name]) for wave in (first, last))
            paired[f"{name}_baseline"] = before
            paired[f"{name}_outcome"] = after
            paired[f"{name}_change"] = after - before
        return paired

    def at_prices(self, variables: Sequence[str], deflators: pd.DataFrame, year: int) -> Waves:
        """Return the same waves, these amounts at the prices of one year; see `deflated`."""
        real = {name: deflated(self.panel, name, deflators, year) for name in variables}
        return replace(self, panel=self.panel.assign(**real))


def read_waves(data: DataFolder, plan: Producers) -> Waves:
    """Read and link the producers of a data folder, at current prices.

    Raises
    ------
    DataError
        Listing every problem of the file.
    """
    return link(data.table(plan.table), data.catalog.tables[plan.table].path.name)


def link(frame: pd.DataFrame, file: str = FILE) -> Waves:
    """Link the two waves of a producers' table.

    Parameters
    ----------
    frame : DataFrame
        As the loader gives it; it is not changed.
    file : str
        Name of the file, for messages.

    Raises
    ------
    WorkbookError
        If a column of the table is missing, or it has no rows.
    DataError
        Listing every conflict, by the producer's ID: the loader sorts rows, so lines are unknown.
    """
    for name in (*_CHECKED, *CHANNELS):
        if name not in frame:
            raise unknown_choice(msg("Column"), name, list(map(str, frame.columns)))
    if frame.empty:
        raise WorkbookError(msg("{file} has no rows, so there is no producer.", file=file))
    repeated = list(_repeated(frame, file))
    problems = [*repeated, *_same_number(frame, file), *_mixed(frame, file)]
    problems += _within_rows(frame, file)
    problems += _years_apart(frame, file)
    if not repeated:  # the waves of a producer with two rows in one of them cannot be paired
        problems += _between_waves(frame, file)
    if problems:
        raise DataError(problems)
    panel = frame.assign(
        treated=(frame["arm"] == PROGRAMME).to_numpy(dtype="bool"),
        stratum=frame["region"] + " " + frame["sector"],
        **{COUNTED: frame[list(CHANNELS)].astype("Int64").sum(axis=1, skipna=False)},
    )
    seen = panel.groupby(UNIT)[WAVE].agg(["size", "first"])
    once = seen.loc[seen["size"] == 1, "first"]
    lost = int((once == BASELINE).sum())
    kind = str(frame["source_kind"].iloc[0])
    return Waves(panel, len(seen) - len(once), lost, len(once) - lost, kind)


def deflated(frame: pd.DataFrame, variable: str, deflators: pd.DataFrame, year: int) -> pd.Series:
    """Bring amounts to the prices of one year.

    Parameters
    ----------
    frame : DataFrame
        With region, year and the variable, in money of the row's year.
    deflators : DataFrame
        region, year and deflator: any base, one row per region and year.
    year : int
        Whose prices.

    Returns
    -------
    Series
        Amount times deflator of `year` over that of the row's year, in its region.

    Raises
    ------
    WorkbookError
        If an amount has no deflator, or two.
    """
    _require_number(frame, variable)
    index = deflators.set_index(["region", "year"])["deflator"].dropna()
    twice = index.index[index.index.duplicated()].unique()
    amounts = _numbers(frame[variable])
    rows = pd.MultiIndex.from_frame(frame[["region", "year"]].astype({"year": "int64"}))
    own = index[~index.index.duplicated()].reindex(rows).to_numpy(dtype="float64")
    asked = pd.MultiIndex.from_product([frame["region"], [year]])[: len(frame)]
    wanted = index[~index.index.duplicated()].reindex(asked).to_numpy(dtype="float64")
    known = ~np.isnan(amounts)
    without = [*rows[known & np.isnan(own)], *asked[known & np.isnan(wanted)]]
    if without:
        raise WorkbookError(
            msg(
                "There is no deflator for: {places}. Without it amounts of different years cannot "
                "be compared: add it, or leave these regions out.",
                places=_places(without),
            )
        )
    if len(twice):
        raise WorkbookError(
            msg("There is more than one deflator for: {places}. Keep one.", places=_places(twice))
        )
    return pd.Series(amounts * wanted / own, frame.index, name=variable)


def _places(pairs: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{region} {year}" for region, year in sorted(set(pairs)))


# --- what the waves show --------------------------------------------------------------------


def _paired(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Baseline and outcome of those who have both, in the same order, by producer."""
    first, last = (frame[frame[WAVE] == wave].set_index(UNIT) for wave in (BASELINE, OUTCOME))
    both = first.index.intersection(last.index)
    return first.loc[both], last.loc[both]


def _between_waves(frame: pd.DataFrame, file: str) -> Iterator[Problem]:
    first, last = _paired(frame)
    one_person = msg("correct one of them; if they are two persons, give one a new ID")
    for name in FIXED:
        for who, before, after in _where(
            _differs(first[name], last[name]), first[name], last[name]
        ):
            trouble = msg("producer {producer} is described differently in each wave", producer=who)
            yield Problem(file, trouble, one_person, column=name, found=f"{before}, {after}")
    passed = last["year"] - first["year"]
    for who, before, after in _where(passed < 0, first["year"], last["year"]):
        trouble = msg("producer {producer}: the outcome is before the baseline", producer=who)
        remedy = msg("correct the year, or the wave")
        yield Problem(file, trouble, remedy, column="year", found=f"{before}, {after}")
    aged = last["age"] - first["age"]
    # One more than the years passed: an age in completed years may gain a birthday.
    wrong = (passed >= 0) & ((aged < 0) | (aged > passed + 1))
    for who, before, after in _where(wrong, first["age"], last["age"]):
        trouble = msg(
            "producer {producer}: the age changes by {aged} years in {passed}",
            producer=who,
            aged=int(after) - int(before),
            passed=int(passed[who]),
        )
        yield Problem(file, trouble, one_person, column="age", found=f"{before}, {after}")
    moved = [first.index[_differs(first[name], last[name])] for name in FIXED]
    settled = frame[~frame[UNIT].isin(np.concatenate(moved))]  # theirs is told already
    yield from _communities(settled, file)


def _communities(frame: pd.DataFrame, file: str) -> Iterator[Problem]:
    """Communities in two arms, or in two strata."""
    for name in ("arm", "region", "sector"):
        values = frame[[COMMUNITY, name]].dropna().drop_duplicates().sort_values([COMMUNITY, name])
        for place, rows in values[values.duplicated(COMMUNITY, keep=False)].groupby(COMMUNITY):
            trouble = msg("rows of community {community} differ", community=place)
            remedy = msg("correct it, or give one of the communities another code")
            yield Problem(file, trouble, remedy, column=name, found=", ".join(rows[name]))


def _differs(before: pd.Series, after: pd.Series) -> pd.Series:
    """Where both are told and not the same; who was not asked contradicts nothing."""
    return (before != after).fillna(value=False).astype("bool")


def _where(wrong: pd.Series, *columns: pd.Series) -> Iterator[tuple[str, ...]]:
    """Yield the producers for whom something holds, and what is told of them."""
    rows = wrong.fillna(value=False).to_numpy(dtype="bool")
    yield from zip(wrong.index[rows], *(column[rows] for column in columns), strict=True)


# --- what rows and IDs show -----------------------------------------------------------------


def _repeated(frame: pd.DataFrame, file: str) -> Iterator[Problem]:
    twice = frame.loc[frame.duplicated([UNIT, WAVE]), [UNIT, WAVE]].drop_duplicates()
    for who, wave in zip(twice[UNIT], twice[WAVE], strict=True):
        trouble = msg("producer {producer} has more than one row of this wave", producer=who)
        remedy = msg("keep one row, or correct its key")
        yield Problem(file, trouble, remedy, column=WAVE, found=str(wave))


def _same_number(frame: pd.DataFrame, file: str) -> Iterator[Problem]:
    """IDs that differ only by zeros before the number: most likely one producer."""
    ids = pd.Series(frame[UNIT].dropna().unique(), dtype="string")
    parts = ids.str.partition("-")
    plain = parts[0] + "-" + parts[2].str.lstrip("0")
    for _, same in ids[plain.duplicated(keep=False)].groupby(plain):
        trouble = msg("these IDs differ only by zeros")
        remedy = msg("write it the same way in all rows; if they are two persons, renumber one")
        yield Problem(file, trouble, remedy, column=UNIT, found=", ".join(sorted(same)))


def _within_rows(frame: pd.DataFrame, file: str) -> Iterator[Problem]:
    untrained = ~frame["trained"].astype("boolean") & (frame["training_hours"] > 0)
    rows = frame[untrained.fillna(value=False).to_numpy(dtype="bool")]
    for who, wave, hours in zip(rows[UNIT], rows[WAVE], rows["training_hours"], strict=True):
        trouble: Message = msg(
            "producer {producer}, {wave}: hours of training, but not trained",
            producer=who,
            wave=wave,
        )
        remedy = msg("correct one of them")
        yield Problem(file, trouble, remedy, column="training_hours", found=f"{hours:g}")


def _years_apart(frame: pd.DataFrame, file: str) -> Iterator[Problem]:
    """Visits of one wave and region that the arms had in years none of which they share."""
    for (region, wave), rows in frame.groupby(["region", WAVE]):
        # The visit of a single producer may have been put off.
        years = [set(each["year"].dropna()) for _, each in rows.groupby("arm") if len(each) > 1]
        if len(years) == 2 and years[0].isdisjoint(years[1]):
            trouble = msg(
                "{region}, {wave}: the two arms were visited in different years",
                region=region,
                wave=wave,
            )
            remedy = msg("correct the years; changes over different years cannot be compared")
            found = ", ".join(str(year) for year in sorted(years[0] | years[1]))
            yield Problem(file, trouble, remedy, column="year", found=found)


def _mixed(frame: pd.DataFrame, file: str) -> Iterator[Problem]:
    kinds = sorted(frame["source_kind"].dropna().unique())
    if len(kinds) > 1:
        trouble = msg("simulated producers stand among real ones")
        remedy = msg("remove the simulated rows: the two are never added up")
        yield Problem(file, trouble, remedy, column="source_kind", found=", ".join(kinds))


# --- numbers --------------------------------------------------------------------------------


def _require_number(frame: pd.DataFrame, name: str) -> None:
    if name not in frame:
        raise unknown_choice(msg("Column"), name, list(map(str, frame.columns)))
    if not pd.api.types.is_numeric_dtype(frame[name]):  # true and false count as numbers
        raise WorkbookError(msg("Column {column} must hold numbers.", column=name))


def _numbers(values: pd.Series) -> np.ndarray:
    return values.to_numpy(dtype="float64", na_value=np.nan)
