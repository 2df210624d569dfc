"""The map: every region in its place, its number written, the programme's outlined, nothing ranked."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from bs4 import BeautifulSoup
from exhibited import Chart, everywhere
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color, to_rgb
from shipped import LANGUAGES, REGIONS, edited, shipped
from test_charts import cut, not_in_the_table, overlapping

from icanalysis import maps
from icanalysis.asked import Map
from icanalysis.drawing import INK
from icanalysis.view import View

POVERTY, INFORMAL = "poverty_total", "informal_employment"


def view(code="en", data=None):
    evaluation = (data or shipped()).evaluation
    return View(
        data or shipped(),
        everywhere(),
        evaluation.everywhere,
        evaluation.years(),
        evaluation.language(code),
    )


def tiles(figure):
    return {patch.get_gid(): patch for patch in figure.axes[0].patches}


def written(figure):
    """Texts of each tile, from the top."""
    found = {}
    for gid, tile in tiles(figure).items():
        inside = [
            text for text in figure.axes[0].texts
            if tile.get_x() < text.get_position()[0] < tile.get_x() + tile.get_width()
            and tile.get_y() < text.get_position()[1] < tile.get_y() + tile.get_height()
        ]  # fmt: skip
        ordered = sorted(inside, key=lambda text: text.get_position()[1])
        found[gid] = [text.get_text() for text in ordered]
    return found


def test_every_department_and_callao_has_a_tile_of_its_own():
    regions = shipped().evaluation.regions
    placed = {region.code: region.tile for region in regions if region.tile}
    departments = {region.code for region in shipped().evaluation.reported_regions(every=True)}
    assert set(placed) == departments | {"callao"}
    assert len(set(placed.values())) == len(placed) == 25
    north = {code: tile[0] for code, tile in placed.items()}
    assert north["tumbes"] < north["lima"] < north["tacna"]
    west = {code: tile[1] for code, tile in placed.items()}
    assert west["lambayeque"] < west["loreto"]
    assert west["ica"] < west["puno"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_tile_stands_where_the_evaluation_puts_it_with_name_and_number(code):
    figure = maps.chart(view(code), POVERTY)
    drawn, texts = tiles(figure), written(figure)
    for region in shipped().evaluation.regions:
        if region.tile is None:
            assert region.code not in drawn
            continue
        row, column = region.tile
        tile = drawn[region.code]
        assert tile.get_center() == pytest.approx((column, row))
        line = view(code).one(
            indicator=POVERTY, region=region.code, statistic="change", period="2009-2013"
        )
        number = "—" if line is None else view(code).number(line, signed=True)
        assert texts[region.code] == [region.named(code), number]
    low, high = figure.axes[0].get_ylim()
    assert low > high, "the first row is the north"


def test_the_programmes_regions_are_outlined_and_no_others():
    outlined = {
        code for code, tile in tiles(maps.chart(view(), POVERTY)).items()
        if same_color(tile.get_edgecolor(), INK) and tile.get_linewidth() > 2
    }  # fmt: skip
    assert outlined == set(REGIONS)


def test_what_is_not_known_is_grey_and_hatched_and_takes_no_colour_of_a_number():
    drawn = tiles(maps.chart(view(), POVERTY))
    grey = {code for code, tile in drawn.items() if tile.get_hatch()}
    assert grey == {"callao"}
    assert same_color(drawn["callao"].get_facecolor(), maps.UNKNOWN)


def test_colours_run_from_light_to_dark_away_from_nought():
    drawn = tiles(maps.chart(view(), POVERTY))
    rows = view().select(indicator=POVERTY, statistic="change", period="2009-2013")
    values = rows.set_index("region")["value"]
    light = {code: sum(to_rgb(drawn[code].get_facecolor())) for code in drawn if code in values}
    by_fall = sorted(light, key=lambda code: values[code])
    assert light[by_fall[0]] < light[by_fall[12]] < light[by_fall[-1]]
    rising = edited(view(), {"value": 40.0}, indicator=POVERTY, region="pasco", statistic="change")
    turned = tiles(maps.chart(rising, POVERTY))
    assert sum(to_rgb(turned["pasco"].get_facecolor())) < min(
        sum(to_rgb(tile.get_facecolor())) for code, tile in turned.items() if code != "pasco"
    )


@pytest.mark.parametrize("colour", ["#ffffff", "#3787c0", "#6aaed6", "#083471", "#808080"])
def test_numbers_can_be_read_on_every_colour(colour):
    def luminance(text):
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(text)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted([luminance(colour), luminance(maps._ink(colour))])
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_a_level_of_a_year_is_drawn_as_well():
    figure = maps.chart(view(), POVERTY, "level", 2009)
    assert figure.get_suptitle() == "Total monetary poverty, 2009 (%)"
    assert written(figure)["ayacucho"] == ["Ayacucho", "58.8"]
    assert written(maps.chart(view(), POVERTY, "level"))["ayacucho"] == ["Ayacucho", "51.9"]


def test_title_source_and_legend_tell_what_is_seen():
    figure = maps.chart(view(), POVERTY)
    title = figure.get_suptitle()
    assert title == "Total monetary poverty: change from 2009 to 2013 (percentage points)"
    assert figure.get_supxlabel() == "Source: S1, S2"
    bar = figure.axes[1]
    assert bar.get_xlabel() == (
        "thick outline: with the programme; grey, “—”: no figure of its own"
    )


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_description_tells_the_programmes_regions_the_ends_and_what_is_missing(code):
    said = maps.alt(view(code), POVERTY)
    for fact in ("Ayacucho −6.9; Cusco −21.6; Puno −16.9; Lambayeque −12.4", "−0.7 (Pasco)",
                 "−29.2 (Apurímac)", "24", "Callao"):  # fmt: skip
        assert fact in said


def test_the_table_holds_every_region_in_the_evaluations_order():
    page = BeautifulSoup(maps.data(view(), POVERTY).html, "html.parser")
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in page.select("tbody tr")]
    names = [region.named("en") for region in shipped().evaluation.regions if region.tile]
    assert [row[0] for row in rows] == names
    assert rows[0] == ["Ayacucho", "−6.9", "yes", "S1; S2"]
    assert rows[-1] == ["Callao", "—", "no", "—"]


def test_a_series_without_both_years_has_no_map():
    assert maps.known(view(), POVERTY)
    assert not maps.known(view(), INFORMAL)


# --- the user's own shapes ----------------------------------------------------------------------


@pytest.fixture
def drawn(tmp_path):
    """The shipped evaluation with a map of squares where its tiles are; one tiny, one holed."""
    features = []
    for region in shipped().evaluation.regions:
        if region.tile is None or region.code == "callao":
            continue
        y, x = -region.tile[0], region.tile[1] - 78
        size = 0.05 if region.code == "pasco" else 0.9
        ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
        hole = [[x + 0.55, y + 0.1], [x + 0.85, y + 0.1], [x + 0.85, y + 0.4], [x + 0.55, y + 0.1]]
        rings = [ring, hole] if region.code == "puno" else [ring]
        features.append(
            {
                "type": "Feature",
                "properties": {"UBIGEO": region.ubigeo},
                "geometry": {"type": "Polygon", "coordinates": rings},
            }
        )
    (tmp_path / "m.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features})
    )
    data = shipped()
    evaluation = data.evaluation.model_copy(update={"map": Map(geojson="m.geojson", key="UBIGEO")})
    return replace(data, evaluation=evaluation, catalog=replace(data.catalog, folder=tmp_path))


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_users_own_shapes_are_drawn_instead_of_tiles(drawn, code):
    asked = view(code, drawn)
    figure = maps.chart(asked, POVERTY)
    shapes = tiles(figure)
    assert set(shapes) == {region.code for region in drawn.evaluation.reported_regions(every=True)}
    x, y = shapes["tumbes"].get_path().vertices.T
    assert (x.min(), x.max(), y.min(), y.max()) == pytest.approx((-77, -76.1, -1, -0.1))
    outlined = {code for code, shape in shapes.items() if same_color(shape.get_edgecolor(), INK)}
    assert outlined == set(REGIONS)
    texts = {text.get_gid(): text.get_text() for text in figure.axes[0].texts}
    assert texts["ayacucho"] == "Ayacucho\n−6.9"
    assert texts["loreto"] == "−17.3"
    chart = Chart("", "", code, figure, maps.alt(asked, POVERTY), maps.data(asked, POVERTY))
    assert cut(chart) == overlapping(chart) == not_in_the_table(chart) == []
    assert "Callao" not in chart.alt
    assert re.search("outline|borde", figure.axes[1].get_xlabel())


def test_a_hole_stays_empty_and_a_number_stands_in_the_middle(drawn):
    figure = maps.chart(view(data=drawn), POVERTY)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = np.asarray(canvas.buffer_rgba())

    def colour_at(*place):
        across, up = figure.axes[0].transData.transform(place)
        return tuple(picture[round(len(picture) - up), round(across)][:3])

    (row, column) = next(r.tile for r in drawn.evaluation.regions if r.code == "puno")
    x, y = column - 78, -row
    assert colour_at(x + 0.78, y + 0.2) == (255, 255, 255)
    assert colour_at(x + 0.2, y + 0.15) != (255, 255, 255)
    place = next(t.get_position() for t in figure.axes[0].texts if t.get_gid() == "puno")
    assert place == pytest.approx((x + 0.45, y + 0.45))


def test_degrees_are_stretched_by_latitude_and_metres_are_not():
    assert maps._stretch((-61, -59)) == pytest.approx(2)
    assert maps._stretch((0, 8_000_000)) == 1


def test_numbers_that_would_touch_are_left_to_the_table(drawn):
    evaluation = drawn.evaluation
    content = json.loads((drawn.path / "m.geojson").read_text())
    for feature in content["features"]:
        if feature["properties"]["UBIGEO"] in ("01", "16"):  # Amazonas and Loreto, on one place
            feature["geometry"]["coordinates"] = [
                [[-70, -1], [-69.5, -1], [-69.5, -0.5], [-70, -1]]
            ]
    (drawn.path / "m.geojson").write_text(json.dumps(content))
    figure = maps.chart(view(data=replace(drawn, evaluation=evaluation)), POVERTY)
    seen = {text.get_gid(): text.get_visible() for text in figure.axes[0].texts}
    assert sorted([seen["amazonas"], seen["loreto"]]) == [False, True]
    assert all(seen[code] for code in REGIONS)
