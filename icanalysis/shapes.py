"""The user's own map: a GeoJSON file read, checked, and matched to the evaluation's regions.

Shapes are drawn as they are; nothing is projected. The format is RFC 7946.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import chain
from typing import Any

from icanalysis.asked import Map
from icanalysis.errors import DataError, Problem
from icanalysis.evaluation import Region
from icanalysis.language import Message, msg
from icanalysis.load import DataFolder

Ring = tuple[tuple[float, float], ...]
Polygon = tuple[Ring, ...]
FEWEST = 4  # points of a ring, the first again at its end
LISTED = 10  # names of regions in one message


@dataclass(frozen=True)
class Shapes:
    """Polygons of each region, by its code: outer ring first, then holes; x east, y north."""

    polygons: dict[str, tuple[Polygon, ...]]


def read_shapes(data: DataFolder) -> Shapes | None:
    """Read the map the evaluation names; None if it names none.

    Features that are no region of the evaluation (a lake, a neighbour) are left out; several
    features of one region are put together.

    Raises
    ------
    DataError
        If the file is missing, is no GeoJSON, holds what is no area, or lacks a region that
        gets a report.
    """
    asked = data.evaluation.map
    if asked is None:
        return None
    features = _features(data, asked)
    names = _names(data.evaluation.regions)
    problems: list[Problem] = []
    found: dict[str, list[Polygon]] = {}
    for number, feature in enumerate(features, start=1):
        key = _key(feature, asked)
        if key is None:
            trouble = msg("feature {number} has no property “{key}”", number=number, key=asked.key)
            problems.append(Problem(asked.geojson, trouble, _REMEDIES["key"]))
            continue
        code = names.get(key)
        if code is None:
            continue
        trouble_here, polygons = _polygons(feature.get("geometry"))
        if trouble_here is not None:
            remedy = _REMEDIES["geometry"]
            trouble = msg("feature {number}: {trouble}", number=number, trouble=trouble_here)
            problems.append(Problem(asked.geojson, trouble, remedy, column=asked.key, found=key))
        found.setdefault(code, []).extend(polygons)
    problems += _missing(data, asked, set(found))
    if problems:
        raise DataError(problems)
    return Shapes({code: tuple(polygons) for code, polygons in found.items()})


_REMEDIES = {
    "file": msg("put the file there, or remove [map] from evaluation.toml to draw tiles"),
    "json": msg("export the map again as GeoJSON, in UTF-8"),
    "key": msg("name in [map] key the property that holds the region's ubigeo or code"),
    "geometry": msg("export the regions' areas, as Polygon or MultiPolygon"),
}


def _features(data: DataFolder, asked: Map) -> list[dict[str, Any]]:
    """Read the file's features, or refuse it whole."""
    path = data.path / asked.geojson
    if not path.is_file():
        raise _refused(asked, msg("the file does not exist"), _REMEDIES["file"])
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _refused(asked, msg("not UTF-8 text"), _REMEDIES["json"]) from error
    except json.JSONDecodeError as error:
        trouble = msg("not valid JSON: {note}", note=error.msg)
        raise _refused(asked, trouble, _REMEDIES["json"], line=error.lineno) from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise _refused(asked, msg("not a GeoJSON collection of features"), _REMEDIES["json"])
    if not features:
        raise _refused(asked, msg("the map has no features"), _REMEDIES["json"])
    return features


def _refused(asked: Map, trouble: Message, remedy: Message, line: int | None = None) -> DataError:
    return DataError([Problem(asked.geojson, trouble, remedy, line=line)])


def _names(regions: tuple[Region, ...]) -> dict[str, str]:
    """All that a feature may call a region, and the region's code."""
    named = {region.code: region.code for region in regions}
    return named | {
        name: region.code for region in regions for name in (region.ubigeo, region.iso) if name
    }


def _key(feature: dict[str, Any], asked: Map) -> str | None:
    """Return what a feature calls its region; numbers lost the nought they begin with."""
    properties = feature.get("properties")
    value = properties.get(asked.key) if isinstance(properties, dict) else None
    if value is None or isinstance(value, bool | dict | list):
        return None
    return f"{value:02.0f}" if isinstance(value, int | float) else str(value).strip()


def _polygons(geometry: object) -> tuple[Message | None, list[Polygon]]:
    """Read an area, or say why it is none."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        return msg("its geometry is {kind}, which is no area", kind=kind or "null"), []
    coordinates: Any = geometry.get("coordinates")
    try:
        parts = [coordinates] if kind == "Polygon" else coordinates
        polygons = [tuple(_ring(ring) for ring in part) for part in parts]
    except (TypeError, ValueError, IndexError):
        return msg("its coordinates are not lists of pairs of numbers"), []
    rings = list(chain.from_iterable(polygons))
    if not rings or not all(polygons) or min(map(len, rings)) < FEWEST:
        return msg("its outline has too few points"), []
    return None, polygons


def _ring(points: Any) -> Ring:  # noqa: ANN401
    ring = tuple((float(point[0]), float(point[1])) for point in points)
    if not all(map(math.isfinite, chain.from_iterable(ring))):  # Python's JSON reads NaN
        raise ValueError("coordinates without end")
    return ring


def _missing(data: DataFolder, asked: Map, found: set[str]) -> list[Problem]:
    """Tell which regions that get a report the map lacks."""
    wanted = data.evaluation.reported_regions(every=True)
    lacking = [region for region in wanted if region.code not in found]
    if not lacking:
        return []
    names = [region.code for region in lacking[:LISTED]] + ["…"] * (len(lacking) > LISTED)
    trouble = msg(
        "the map has no shape for {count} of {all} regions: {regions}",
        count=len(lacking),
        all=len(wanted),
        regions=", ".join(names),
    )
    return [Problem(asked.geojson, trouble, _REMEDIES["key"], column=asked.key)]
