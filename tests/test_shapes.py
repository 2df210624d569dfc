"""The user's own map: read and matched to regions, or refused in words an evaluator can act on."""

import json

import pytest

from icanalysis.audit import package_problems
from icanalysis.errors import DataError
from icanalysis.language import language
from icanalysis.load import open_data
from icanalysis.shapes import read_shapes

ES, EN = language("es"), language("en")
REGIONS = ("ayacucho", "cusco", "ica")


def square(x, y, size=2):
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def feature(key, geometry=None, **properties):
    geometry = geometry or {"type": "Polygon", "coordinates": [square(-74, -13)]}
    return {"type": "Feature", "properties": {"id": key, **properties}, "geometry": geometry}


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


@pytest.fixture
def mapped(folder):
    """Give the miniature folder a map; return what is read of it."""

    def read(content, key="id", file="map.geojson"):
        path = folder / "evaluation.toml"
        text = path.read_text(encoding="utf-8")
        text = text.replace('code = "ica"\n', 'code = "ica"\nubigeo = "05"\niso = "PE-ICA"\n')
        added = f'\n[map]\ngeojson = "{file}"\nkey = "{key}"\n'
        path.write_text(text + added, encoding="utf-8")
        if content is not None:
            text = content if isinstance(content, str | bytes) else json.dumps(content)
            raw = text if isinstance(text, bytes) else text.encode()
            (folder / "map.geojson").write_bytes(raw)
        return open_data(folder)

    return read


def told(data, reader=EN):
    with pytest.raises(DataError) as error:
        read_shapes(data)
    return [line.removeprefix("  - ") for line in error.value.told(reader).splitlines()[1:]]


def test_without_a_map_there_are_no_shapes(data):
    assert read_shapes(data) is None


@pytest.mark.parametrize("key", ["ica", "05", 5, "PE-ICA", " ica "])
def test_features_are_matched_by_code_ubigeo_or_iso_and_strangers_left_out(mapped, key):
    content = collection(*map(feature, ("ayacucho", "cusco", key, "titicaca")))
    assert set(read_shapes(mapped(content)).polygons) == set(REGIONS)


def test_parts_and_holes_are_kept_and_features_of_one_region_joined(mapped):
    hole = [square(0, 0, 9), square(3, 3)]
    many = {"type": "MultiPolygon", "coordinates": [hole, [square(20, 0)]]}
    content = collection(
        feature("ayacucho", many), feature("cusco"), feature("ica"), feature("ica")
    )
    found = read_shapes(mapped(content)).polygons
    assert [len(polygon) for polygon in found["ayacucho"]] == [2, 1]
    assert found["ayacucho"][0][1] == tuple(map(tuple, square(3, 3)))
    assert len(found["ica"]) == 2


ALL = [feature(code) for code in REGIONS]
AGAIN = "export the map again as GeoJSON, in UTF-8"
AREAS = "export the regions' areas, as Polygon or MultiPolygon"


def other(geometry):
    return collection(*ALL[:2], feature("ica", geometry))


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        pytest.param(
            None,
            [
                "the file does not exist → put the file there, or remove [map] from "
                "evaluation.toml to draw tiles"
            ],
            id="no file",
        ),
        pytest.param(
            '{\n"type": FeatureCollection}',
            [f"line 2: not valid JSON: Expecting value → {AGAIN}"],
            id="not JSON",
        ),
        pytest.param("ñ".encode("cp1252"), [f"not UTF-8 text → {AGAIN}"], id="another encoding"),
        pytest.param(
            {"type": "Topology"}, [f"not a GeoJSON collection of features → {AGAIN}"], id="TopoJSON"
        ),
        pytest.param([1], [f"not a GeoJSON collection of features → {AGAIN}"], id="a list"),
        pytest.param(collection(), [f"the map has no features → {AGAIN}"], id="no features"),
        pytest.param(
            collection(*ALL[:1]),
            [
                "column id: the map has no shape for 2 of 3 regions: cusco, ica → name in [map] key "
                "the property that holds the region's ubigeo or code"
            ],
            id="regions without a shape",
        ),
        pytest.param(
            collection(*ALL, {"type": "Feature", "properties": None, "geometry": None}),
            [
                "feature 4 has no property “id” → name in [map] key the property that holds the "
                "region's ubigeo or code"
            ],
            id="a feature without the key",
        ),
        pytest.param(
            other({"type": "Point", "coordinates": [-74, -13]}),
            [
                "column id, found “ica”: feature 3: its geometry is Point, which is no area → "
                f"{AREAS}"
            ],
            id="a point",
        ),
        pytest.param(
            other({"type": "Polygon", "coordinates": [[["a", "b"]]]}),
            [
                "column id, found “ica”: feature 3: its coordinates are not lists of pairs of "
                f"numbers → {AREAS}"
            ],
            id="letters",
        ),
        pytest.param(
            other({"type": "Polygon", "coordinates": [square(float("nan"), 0)]}),
            [
                "column id, found “ica”: feature 3: its coordinates are not lists of pairs of "
                f"numbers → {AREAS}"
            ],
            id="not a number",
        ),
        pytest.param(
            other({"type": "MultiPolygon"}),
            [
                "column id, found “ica”: feature 3: its coordinates are not lists of pairs of "
                f"numbers → {AREAS}"
            ],
            id="no coordinates",
        ),
        pytest.param(
            other({"type": "Polygon", "coordinates": [square(0, 0)[:3]]}),
            [f"column id, found “ica”: feature 3: its outline has too few points → {AREAS}"],
            id="too few points",
        ),
        pytest.param(
            other({"type": "MultiPolygon", "coordinates": []}),
            [f"column id, found “ica”: feature 3: its outline has too few points → {AREAS}"],
            id="an area of nothing",
        ),
    ],
)
def test_what_is_wrong_with_a_map_is_told(mapped, content, problems):
    assert told(mapped(content)) == problems


def test_the_check_of_the_package_tells_it_too_and_in_spanish(mapped):
    data = mapped(collection(*ALL[:1]))
    expected = (
        "columna id: el mapa no tiene la forma de 2 de 3 regiones: cusco, ica → indique en [map] "
        "key la propiedad que contiene el ubigeo o el código de la región"
    )
    assert told(data, ES) == [expected]
    assert expected in [problem.told(ES) for problem in package_problems(data)]


def test_a_map_outside_the_data_folder_is_refused(mapped):
    with pytest.raises(DataError) as error:
        mapped(None, file="../map.geojson")
    assert "“map”: the map's file must be in the data folder" in error.value.told(EN)
