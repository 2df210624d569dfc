"""All lines of evidence for one region, or for all together: what a report may quote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import pandas as pd

from icanalysis import enaho_tables, households, microcache, shielded
from icanalysis.context import context, coverage
from icanalysis.contribution import contribution
from icanalysis.evaluation import Region, Years
from icanalysis.households import beside_country
from icanalysis.indicators import concerning, delivery, reported_lines
from icanalysis.load import DataFolder
from icanalysis.results import merge, text
from icanalysis.trials import programmes, rates

# What was estimated from survey files, in the folder that stands for theirs.
ESTIMATED = "household_lines.parquet"


def region_lines(
    data: DataFolder, region: str, years: Years, enaho: Path | None = None
) -> pd.DataFrame:
    """Delivery, context, households, producers and contribution for one region.

    Of the programme's other regions, both ends of each context series and the change between.

    Parameters
    ----------
    enaho : Path, optional
        Folder of the household survey's files; without it households are simulated.
    """
    make = partial(_region_lines, data, region, years, enaho)
    return _kept_unless_raw(data, make, enaho, "region", region, years.model_dump_json())


def _region_lines(data: DataFolder, region: str, years: Years, enaho: Path | None) -> pd.DataFrame:
    together = together_lines(data, years)
    return merge(
        [
            delivery_lines(data, region),
            context_lines(data, region, years),
            ends_lines(data, data.evaluation.reported_regions(), years),
            coverage_lines(data),
            beside_country(data, region, survey_lines(data, years, enaho)),
            together[together["region"].isin([region, data.evaluation.programme.whole])],
            producer_lines(data, region),
        ]
    )


def joint_lines(data: DataFolder, years: Years) -> pd.DataFrame:
    """Delivery, context, coverage, contribution and producers for all regions together."""
    whole = data.evaluation.programme.whole
    return merge(
        [
            delivery_lines(data, whole),
            *(context_lines(data, each.code, years) for each in data.evaluation.reported_regions()),
            ends_lines(data, data.evaluation.reported_regions(every=True), years),
            coverage_lines(data),
            together_lines(data, years),
            producer_lines(data, whole),
        ]
    )


def all_lines(data: DataFolder, years: Years, enaho: Path | None = None) -> pd.DataFrame:
    """Every line of every report: those of each of the programme's regions, and of all together."""
    make = partial(_all_lines, data, years, enaho)
    return _kept_unless_raw(data, make, enaho, "all", years.model_dump_json())


def _all_lines(data: DataFolder, years: Years, enaho: Path | None) -> pd.DataFrame:
    regions = [region.code for region in data.evaluation.reported_regions()]
    each = [region_lines(data, region, years, enaho) for region in regions]
    return merge([*each, joint_lines(data, years)])


def ends_lines(data: DataFolder, regions: Sequence[Region], years: Years) -> pd.DataFrame:
    """Levels of the context series at baseline and outcome, and the change, of some regions."""
    codes = "+".join(region.code for region in regions)
    return _kept(data, lambda: _ends(data, regions, years), "ends", codes, years.model_dump_json())


def _ends(data: DataFolder, regions: Iterable[Region], years: Years) -> pd.DataFrame:
    parts = []
    for region in regions:
        found = context_lines(data, region.code, years)
        ends = found["period"].isin([str(years.baseline), str(years.outcome)])
        change = found["period"] == f"{years.baseline}-{years.outcome}"
        parts.append(found[(ends & (found["status"] != "group_interval")) | change])
    return merge(parts)


def delivery_lines(data: DataFolder, region: str) -> pd.DataFrame:
    """Return the lines of `delivery`: made once for all regions, and kept."""
    try:
        every = _kept(data, lambda: reported_lines(data), "delivery")
    except ValueError:  # what contradicts itself in one region stops no other
        return delivery(data, region)
    return concerning(data, every, region)


def context_lines(data: DataFolder, region: str, years: Years) -> pd.DataFrame:
    """Return the lines of `context`, kept from one time to the next."""
    asked = ("context", region, years.model_dump_json())
    return _kept(data, lambda: context(data, region, years), *asked)


def coverage_lines(data: DataFolder) -> pd.DataFrame:
    """Return the lines of `coverage`, kept from one time to the next."""

    def make() -> pd.DataFrame:
        return coverage(data, delivery_lines(data, data.evaluation.programme.whole))

    return _kept(data, make, "coverage")


def survey_lines(data: DataFolder, years: Years, enaho: Path | None) -> pd.DataFrame:
    """Return household lines of all regions: of survey files, else of simulated households."""
    if enaho is not None and (enaho / ESTIMATED).is_file():
        return pd.read_parquet(enaho / ESTIMATED)
    make = partial(households.all_lines, data, years, enaho)
    return _kept_unless_raw(data, make, enaho, "households", years.model_dump_json())


def keep_survey_lines(found: pd.DataFrame, folder: Path) -> None:
    """Write household lines into a folder, which then stands for that of the survey's files."""
    folder.mkdir(parents=True, exist_ok=True)
    found.to_parquet(folder / ESTIMATED)


def together_lines(data: DataFolder, years: Years) -> pd.DataFrame:
    """Return the lines of `contribution`, kept from one time to the next.

    Of what the programme reported they depend on nothing but the share of the workforce reached.
    """
    share = coverage_lines(data)
    asked = ("contribution", years.model_dump_json(), text(share))
    return _kept(data, lambda: contribution(data, years, share), *asked)


def producer_lines(data: DataFolder, region: str) -> pd.DataFrame:
    """Return the lines on producers that may be shown, made once for all regions."""
    found = _kept(data, lambda: shielded.producer_lines(data), "producers")
    return found[found["region"] == region].reset_index(drop=True)


def rates_again(data: DataFolder, seeds: range) -> pd.DataFrame:
    """Tell how often verdicts err on simulated programmes without effect, once for all pages."""
    asked = ("rates", repr(seeds))
    return _kept(data, lambda: rates(programmes(data, seeds, {}, regions=False)), *asked)


def _kept_unless_raw(
    data: DataFolder, make: Callable[[], pd.DataFrame], enaho: Path | None, *asked: str
) -> pd.DataFrame:
    """Make lines once, unless they come from a survey's own files, which keep what they give."""
    if enaho is None:
        return _kept(data, make, *asked)
    estimated = enaho / ESTIMATED
    return _kept(data, make, *asked, files=[estimated]) if estimated.is_file() else make()


def _kept(
    data: DataFolder,
    make: Callable[[], pd.DataFrame],
    *asked: str,
    files: Sequence[Path] = (),
) -> pd.DataFrame:
    """Make lines once for the same settings, code and tables: every report quotes the same.

    Only tables that were read to make them count: which, is kept beside them. It follows from what
    they hold, so that as long as all of these are as they were, no other would be read.
    """
    # The survey's own tables are read by other means.
    survey = [enaho_tables.folder() / name for name in enaho_tables.TABLES]
    here = microcache.key(
        Path(__file__), [*files, *survey], microcache.code(), data.settings, *asked
    )
    names = _known(here)
    if names is not None:
        read = set(names["table"])
        held = _known(_key(data, here, read))
        if held is not None:
            data.read |= read
            return held
    before = set(data.read)
    data.read.clear()
    made = make()
    read = set(data.read)
    data.read |= before
    microcache.keep(_key(data, here, read), made, [])
    microcache.keep(here, pd.DataFrame({"table": sorted(read)}, dtype="string"), [])
    if names is not None and set(names["table"]) != read:
        _held.cache_clear()  # what it has under `here` holds no more
    return made


def _known(name: str) -> pd.DataFrame | None:
    """Return what is kept under a key; the caller may change it."""
    try:
        return _held(name, microcache.home()).copy(deep=False)
    except KeyError:
        return None


# A run asks for the same lines once for each region.
@lru_cache(maxsize=64)
def _held(name: str, _home: Path) -> pd.DataFrame:
    """Return what is kept under a key in the cache's folder.

    Nothing is a `KeyError`, which is not remembered: it may be kept yet.
    """
    found = microcache.found(name)
    if found is None:
        raise KeyError(name)
    return found[0]


def _key(data: DataFolder, here: str, read: set[str]) -> str:
    tables = [data.catalog.tables[name].path for name in sorted(read)]
    return microcache.key(Path(__file__), [path for path in tables if path.is_file()], here)
