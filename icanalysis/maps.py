"""A map of one figure in all regions: tiles, or the shapes of the user's own file.

Colour says how large a figure is, a number says it too, and the programme's regions are outlined.
Nothing is put in order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from icanalysis import wording
from icanalysis.drawing import INK, WIDTH, laid_out, numbered, source_line, styled, titled
from icanalysis.evaluation import Region
from icanalysis.language import ABSENT
from icanalysis.layout import Column, Table, table
from icanalysis.shapes import Polygon, Shapes, read_shapes
from icanalysis.view import View

Statistic = Literal["change", "level"]
UNKNOWN, HATCHED, EDGE = "#e6e6e6", "#bdbdbd", "#ffffff"
PALETTE = "Blues"  # one hue from light to dark: told apart by all, and in print
LIGHTEST, DARKEST = 0.08, 0.9  # of the palette: its ends are white and nearly black
SHADES = 256
TILE = 0.6  # inches
MAP_HEIGHT = 6.6  # inches
DEGREES = 180  # larger coordinates are metres


@dataclass(frozen=True)
class Shown:
    """What a map shows: its regions in the evaluation's order, and the lines known of them."""

    regions: tuple[Region, ...]
    lines: Mapping[str, pd.Series]
    shapes: Shapes | None


def shown(view: View, indicator: str, statistic: Statistic = "change", year: int = 0) -> Shown:
    """Gather one figure of every region: the change asked for, or the level of a year.

    Parameters
    ----------
    year : int
        Of a level; the outcome year unless given.
    """
    years = view.years
    period = (
        f"{years.baseline}-{years.outcome}" if statistic == "change" else str(year or years.outcome)
    )
    rows = view.select(indicator=indicator, statistic=statistic, group="all", period=period)
    rows = rows.dropna(subset="value")
    shapes = read_shapes(view.data)
    regions = view.data.evaluation.regions
    drawn = tuple(
        region
        for region in regions
        if (region.code in shapes.polygons if shapes else region.tile is not None)
    )
    codes = {region.code for region in drawn}
    lines = {line["region"]: line for _, line in rows.iterrows() if line["region"] in codes}
    return Shown(drawn, lines, shapes)


def known(view: View, indicator: str) -> bool:
    """Whether the change is known of any region that can be drawn."""
    return bool(shown(view, indicator).lines)


@styled
def chart(view: View, indicator: str, statistic: Statistic = "change", year: int = 0) -> Figure:
    """Draw one figure of every region on a map."""
    found = shown(view, indicator, statistic, year)
    values = [float(line["value"]) for line in found.lines.values()]
    palette = _palette(values)
    scale = Normalize(min(values), max(values))
    figure = Figure(figsize=(WIDTH, _height(found)), layout="constrained")
    axes = figure.subplots()
    sns.despine(ax=axes, left=True, bottom=True)
    axes.set(xticks=[], yticks=[])
    if found.shapes is None:
        _tiles(view, axes, found, palette, scale)
    else:
        _areas(view, axes, found, found.shapes, palette, scale)
    bar = figure.colorbar(
        mpl.cm.ScalarMappable(scale, palette), ax=axes, location="bottom", shrink=0.6, aspect=32
    )
    bar.outline.set_visible(False)
    numbered(view, bar.ax.xaxis, signed=statistic == "change")
    bar.ax.tick_params(labelsize=8)
    bar.set_label(_legend(view, found), fontsize=8)
    titled(figure, _title(view, found))
    lines = found.lines.values()
    simulated = any(line["source_kind"] == "simulated" for line in lines)
    source_line(view, figure, [line["source"] for line in lines], simulated=simulated)
    if found.shapes is not None:
        _drop_touching(axes, found)
    return figure


def _palette(values: list[float]) -> Colormap:
    """Take the colours from light to dark: away from nought, whichever way most of it lies."""
    whole = mpl.colormaps[PALETTE](np.linspace(LIGHTEST, DARKEST, SHADES))
    return mpl.colors.ListedColormap(whole[::-1] if _falling(values) else whole)


def _falling(values: Sequence[float]) -> bool:
    return abs(min(values)) > abs(max(values))


def _height(found: Shown) -> float:
    if found.shapes is not None:
        return MAP_HEIGHT
    rows = [region.tile[0] for region in found.regions if region.tile]
    return 1.4 + TILE * (max(rows) - min(rows) + 1)


def _tiles(view: View, axes: Axes, found: Shown, palette: Colormap, scale: Normalize) -> None:
    for region in found.regions:
        if region.tile is None:
            continue
        row, column = region.tile
        colour = _colour(found, region, palette, scale)
        tile = Rectangle((column - 0.48, row - 0.46), 0.96, 0.92)
        _fill(axes, tile, region, colour)
        ink = _ink(colour)
        bold = "bold" if region.role == "programme" else "normal"
        name = region.named(view.language.code)
        axes.text(column, row - 0.2, name, ha="center", va="center", fontsize=7.5, color=ink,
                  fontweight=bold)  # fmt: skip
        axes.text(column, row + 0.17, _number(view, found, region), ha="center", va="center",
                  fontsize=10, color=ink, fontweight=bold)  # fmt: skip
    axes.autoscale_view()
    axes.invert_yaxis()  # the first row is the north


def _areas(
    view: View, axes: Axes, found: Shown, shapes: Shapes, palette: Colormap, scale: Normalize
) -> None:
    """Draw the shapes of a file, and write in each its number; the programme's also their names."""
    # The programme's last, so that no neighbour covers their outline.
    for region in sorted(found.regions, key=lambda each: each.role == "programme"):
        polygons = shapes.polygons[region.code]
        colour = _colour(found, region, palette, scale)
        _fill(axes, PathPatch(_path(polygons)), region, colour)
        number = _number(view, found, region)
        own = region.role == "programme"
        axes.text(
            *_middle(polygons),
            f"{region.named(view.language.code)}\n{number}" if own else number,
            ha="center",
            va="center",
            fontsize=7.5,
            color=_ink(colour),
            fontweight="bold" if own else "normal",
            zorder=5,
            gid=region.code,
            # A name wider than its region stays readable beyond it.
            path_effects=[withStroke(linewidth=1.6, foreground=colour or UNKNOWN)],
        )
    axes.autoscale_view()
    axes.set_aspect(_stretch(axes.get_ylim()))


def _fill(axes: Axes, patch: Patch, region: Region, colour: str | None) -> None:
    own = region.role == "programme"
    if colour is None:
        patch.set(facecolor=UNKNOWN, hatch="////", hatchcolor=HATCHED)
    else:
        patch.set(facecolor=colour)
    patch.set(edgecolor=INK if own else EDGE, linewidth=2.4 if own else 1, zorder=3 if own else 2)
    patch.set_gid(region.code)
    axes.add_patch(patch)


def _path(polygons: tuple[Polygon, ...]) -> Path:
    """Join rings into one path; a hole runs against its outline, so that it stays empty."""
    rings = [
        np.asarray(ring if (_area(ring) > 0) == (place == 0) else ring[::-1])
        for polygon in polygons
        for place, ring in enumerate(polygon)
    ]
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


def _area(ring: tuple[tuple[float, float], ...]) -> float:
    """Area within a ring, positive where it runs against the clock (the shoelace formula)."""
    x, y = np.asarray(ring).T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def _middle(polygons: tuple[Polygon, ...]) -> tuple[float, float]:
    """Return the centroid of the largest part's outline."""
    ring = max((polygon[0] for polygon in polygons), key=lambda each: abs(_area(each)))
    x, y = np.asarray(ring).T
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    if cross.sum() == 0:  # an outline without any area
        return float(x.mean()), float(y.mean())
    return (
        float(((x[:-1] + x[1:]) * cross).sum() / (3 * cross.sum())),
        float(((y[:-1] + y[1:]) * cross).sum() / (3 * cross.sum())),
    )


def _stretch(heights: tuple[float, float]) -> float:
    """Degrees of longitude are shorter than those of latitude; metres are alike."""
    low, high = heights
    if max(abs(low), abs(high)) > DEGREES / 2:
        return 1
    return 1 / math.cos(math.radians((low + high) / 2))


def _drop_touching(axes: Axes, found: Shown) -> None:
    """Take away numbers that would be written over another; the programme's are written first."""
    laid_out(axes)
    own = {region.code for region in found.regions if region.role == "programme"}
    kept: list[Bbox] = []
    for text in sorted(axes.texts, key=lambda each: each.get_gid() not in own):
        box = text.get_window_extent()
        if any(box.overlaps(other) for other in kept):
            text.set_visible(False)
        else:
            kept.append(box)


def _colour(found: Shown, region: Region, palette: Colormap, scale: Normalize) -> str | None:
    if region.code not in found.lines:
        return None
    return mpl.colors.to_hex(palette(scale(float(found.lines[region.code]["value"]))))


def _ink(colour: str | None) -> str:
    """Choose black or white, whichever stands out more (relative luminance of WCAG 2)."""
    if colour is None:
        return INK
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in mpl.colors.to_rgb(colour)
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#000000"


def _number(view: View, found: Shown, region: Region) -> str:
    if region.code not in found.lines:
        return ABSENT
    line = found.lines[region.code]
    return view.number(line, signed=line["statistic"] == "change")


def _legend(view: View, found: Shown) -> str:
    own = view.language.say("thick outline: with the programme")
    if len(found.lines) == len(found.regions):
        return own
    unknown = view.language.say("grey, “—”: no figure of its own")
    return f"{own}; {unknown}"


def _title(view: View, found: Shown) -> str:
    line = next(iter(found.lines.values()))
    told = {"indicator": view.name(line["indicator"]), "unit": view.unit(line)}
    if line["statistic"] == "change":
        return view.language.say(
            "{indicator}: change from {baseline} to {outcome} ({unit})",
            baseline=view.years.baseline,
            outcome=view.years.outcome,
            **told,
        )
    told["unit"] += wording.prices(view, line.to_frame().T)
    return view.language.say("{indicator}, {year} ({unit})", year=line["period"], **told)


def alt(view: View, indicator: str, statistic: Statistic = "change", year: int = 0) -> str:
    """Describe the map: what each of the programme's regions has, and the range of all."""
    found = shown(view, indicator, statistic, year)
    named = {region.code: region.named(view.language.code) for region in found.regions}
    lines = sorted(found.lines.values(), key=lambda line: float(line["value"]))
    light, dark = lines[0], lines[-1]
    if _falling([light["value"], dark["value"]]):
        light, dark = dark, light
    own = [
        f"{named[region.code]} {_number(view, found, region)}"
        for region in found.regions
        if region.role == "programme"
    ]
    unknown = [named[code] for code in named if code not in found.lines]
    signed = statistic == "change"
    said = view.language.say(
        "Map: {title}. {count} regions, from {light} ({lightest}) in the lightest colour to {dark} "
        "({darkest}) in the darkest. Outlined, those with the programme: {own}.",
        title=_title(view, found),
        count=view.language.number(len(lines)),
        light=view.number(light, signed=signed),
        lightest=named[light["region"]],
        dark=view.number(dark, signed=signed),
        darkest=named[dark["region"]],
        own="; ".join(own),
    )
    if not unknown:
        return said
    grey = view.language.say(
        "Grey, without a figure of its own: {regions}.", regions=view.language.listed(unknown)
    )
    return f"{said} {grey}"


def data(view: View, indicator: str, statistic: Statistic = "change", year: int = 0) -> Table:
    """Tell what the map draws, region by region in the order of evaluation.toml."""
    say = view.language.say
    found = shown(view, indicator, statistic, year)
    columns = [
        Column(say("Where")),
        Column(say("Value"), kind="number"),
        Column(say("With the programme")),
        Column(say("Source")),
    ]
    body = [
        [
            region.named(view.language.code),
            _number(view, found, region),
            say("yes") if region.role == "programme" else say("no"),
            found.lines[region.code]["source"] if region.code in found.lines else ABSENT,
        ]
        for region in found.regions
    ]
    return table(view, _title(view, found), columns, body)
