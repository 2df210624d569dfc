"""data/ against the Data Package standard, its own promises, and lists made elsewhere."""

import hashlib
import json
import re
import tomllib
import unicodedata
from pathlib import Path

import pandas as pd
import pycountry
import pytest
from frictionless import Package

DATA = Path(__file__).parents[1] / "data"
DESCRIPTOR = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = DESCRIPTOR["resources"]
EVALUATION = tomllib.loads((DATA / "evaluation.toml").read_text(encoding="utf-8"))
FIELDS = [
    pytest.param(field, id=f"{resource['name']}.{field['name']}")
    for resource in RESOURCES
    for field in resource["schema"]["fields"]
]
each_resource = pytest.mark.parametrize(
    "resource", RESOURCES, ids=[resource["name"] for resource in RESOURCES]
)


def table(name):
    """Read one table as the text that stands in it, apart from this package's own reader."""
    path = next(resource["path"] for resource in RESOURCES if resource["name"] == name)
    return pd.read_csv(DATA / path, dtype=str, keep_default_na=False)


# --- the standard ---------------------------------------------------------------------


def test_frictionless_finds_nothing_wrong():
    report = Package(DATA / "datapackage.json").validate()
    assert report.flatten(["task", "rowNumber", "fieldName", "note"]) == []
    assert report.valid
    assert len(report.tasks) == len(RESOURCES)


def test_every_table_is_described_and_every_description_has_its_table():
    described = [resource["path"] for resource in RESOURCES]
    assert sorted(described) == sorted(
        path.relative_to(DATA).as_posix() for path in DATA.rglob("*.csv")
    )


@each_resource
def test_the_recorded_size_and_checksum(resource):
    content = (DATA / resource["path"]).read_bytes()
    assert resource["bytes"] == len(content)
    assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()


@each_resource
def test_what_is_said_of_a_table(resource):
    for name in ("title", "title_es", "description", "source_kind"):
        assert resource[name].strip(), name
    assert resource["source_kind"] in ("programme", "official", "survey", "simulated", "reference")
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", resource["accessed"])
    assert resource["encoding"] == "utf-8"
    for licence in resource["licenses"]:
        assert licence["name"] or licence["path"]
    assert resource["licenses"]
    assert all(source["title"] for source in resource["sources"])
    assert resource["sources"]


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_said_of_a_column(field):
    for name in ("type", "title", "title_es", "description"):
        assert field[name].strip(), name
    if field["type"] in ("number", "integer"):
        assert field["unit"].strip()
    labels, choices = field.get("labels", {}), field.get("constraints", {}).get("enum", [])
    assert all(set(words) == {"es", "en"} for words in labels.values())
    if labels and choices:
        assert set(labels) == set(choices)


def test_the_table_offices_fill_is_described_in_both_languages():
    producers = next(item for item in RESOURCES if item["name"] == "producers")
    for field in producers["schema"]["fields"]:
        assert field["description_es"].strip(), field["name"]
        assert ("unit" in field) == ("unit_es" in field), field["name"]


@each_resource
def test_no_column_title_stands_twice(resource):
    for title in ("title", "title_es"):
        titles = [field[title].casefold() for field in resource["schema"]["fields"]]
        assert len(set(titles)) == len(titles)


@each_resource
def test_every_key_names_columns(resource):
    names = {field["name"] for field in resource["schema"]["fields"]}
    assert set(resource["schema"]["primaryKey"]) <= names
    assert resource["schema"]["primaryKey"]


# --- sources --------------------------------------------------------------------------


@each_resource
def test_every_source_cited_exists(resource):
    frame = table(resource["name"])
    if "source_id" in frame:
        assert set(frame["source_id"]) <= set(table("sources")["source_id"])
        assert "" not in set(frame["source_id"])


def test_every_source_the_evaluation_and_the_readmes_cite_exists():
    known = set(table("sources")["source_id"])
    assert EVALUATION["programme"]["source_id"] in known
    for path in DATA.rglob("README.md"):
        cited = set(re.findall(r"\b[PS]\d{1,2}\b", path.read_text(encoding="utf-8")))
        assert cited <= known, path.parent.name


@pytest.mark.parametrize("folder", ["", "programme", "official", "producers"])
def test_the_readme_of_a_folder_names_each_of_its_files(folder):
    text = (DATA / folder / "README.md").read_text(encoding="utf-8")
    files = [path for path in (DATA / folder).iterdir() if path.is_file()]
    unnamed = [
        path.name
        for path in files
        if path.name != "README.md"
        and f"**{path.stem}**" not in text
        and f"`{path.name}`" not in text
    ]
    assert unnamed == []


def test_no_folder_is_without_a_readme():
    folders = [DATA, *(path for path in DATA.rglob("*") if path.is_dir())]
    assert [path.name for path in folders if not (path / "README.md").is_file()] == []


def test_the_row_counts_the_readme_states():
    text = (DATA / "official" / "README.md").read_text(encoding="utf-8")
    stated = re.findall(r"\*\*(\w+)\*\* \(([\d,]+)", text)
    assert len(stated) == len(list((DATA / "official").glob("*.csv")))
    counts = {name: int(count.replace(",", "")) for name, count in stated}
    assert counts == {name: len(table(name)) for name in counts}


# --- what never happened --------------------------------------------------------------


def test_a_simulated_table_says_so_first_in_its_description_its_name_and_every_row():
    simulated = [item for item in RESOURCES if item["source_kind"] == "simulated"]
    assert [item["name"] for item in simulated] == [
        "producers",
        "error_rates",
        "accuracy",
        "verdicts",
    ]
    for item in simulated:
        assert item["description"].startswith("SIMULATED: ")
        assert set(table(item["name"])["source_kind"]) == {"simulated"}
        readme = (DATA / item["path"]).with_name("README.md").read_text(encoding="utf-8")
        assert readme.splitlines()[0].endswith(": simulated")
    assert simulated[0]["description"].startswith("SIMULATED: these producers never existed.")
    assert "simulated" in simulated[0]["path"]


def test_sectors_are_called_what_the_evaluation_calls_them():
    producers = next(item for item in RESOURCES if item["name"] == "producers")
    field = next(item for item in producers["schema"]["fields"] if item["name"] == "sector")
    named = {sector["code"]: sector["name"] for sector in EVALUATION["sectors"]}
    assert field["labels"] == named


# --- regions --------------------------------------------------------------------------


def plain(name):
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def test_codes_and_names_agree_with_iso_3166_2():
    official = {
        item.code: item
        for item in pycountry.subdivisions.get(country_code="PE")
        if item.type == "Region"
    }
    departments = {
        region["iso"]: region["name"]
        for region in EVALUATION["regions"]
        if region["role"] != "reference" and "iso" in region
    }
    assert departments.keys() == official.keys()
    for code, name in departments.items():
        assert plain(name) == plain(official[code].name).removeprefix("el "), code
    country = next(region for region in EVALUATION["regions"] if region["role"] == "reference")
    assert country["iso"] == EVALUATION["programme"]["country"] == "PE"
    assert country["name"]["en"] == pycountry.countries.get(alpha_2="PE").name


def test_ubigeo_codes():
    regions = EVALUATION["regions"]
    codes = {region["code"]: region["ubigeo"] for region in regions if "ubigeo" in region}
    assert sorted(codes.values()) == [f"{number:02}" for number in range(1, 26)]
    # INEI numbers in alphabetical order, Callao (07) among the departments.
    in_order = sorted(codes, key=lambda code: code.replace("_", " "))
    assert [codes[code] for code in in_order] == sorted(codes.values())


def test_every_region_in_a_table_is_one_of_the_evaluation():
    known = {region["code"] for region in EVALUATION["regions"]} | {
        EVALUATION["programme"]["whole"],
        "",
    }
    for resource in RESOURCES:
        frame = table(resource["name"])
        if "region" in frame:
            parts = frame["region"].str.split("+").explode()
            assert set(parts) <= known, resource["name"]
            joint = frame["region"].str.split("+")
            assert (joint.map(sorted) == joint).all(), resource["name"]


# --- one methodology at a time --------------------------------------------------------


def test_poverty_is_of_one_methodology():
    assert set(table("poverty")["methodology"]) == {"inei_2012"}


def test_a_series_of_informality_is_of_one_source_and_its_own_years():
    frame = table("informality")
    for name, rows in frame.groupby("series"):
        source, *years = name.split("_")
        assert set(rows["source_id"]) == {source.upper()}
        assert rows["year"].between(years[0], years[-1]).all()
        assert not rows.duplicated(["region", "year"]).any()


def test_the_superseded_methodology_has_indicators_of_its_own():
    frame = table("national")
    of_old = frame["methodology"] == "superseded"
    assert (frame["indicator"].str.endswith("_superseded") == of_old).all()
    assert of_old.any()
    for indicator, rows in frame.groupby("indicator"):
        stated = set(rows["methodology"]) - {""}
        assert len(stated) <= 1, indicator


def test_a_context_series_is_of_one_basis_and_has_one_value_a_year():
    for item in EVALUATION["context"]:
        rows = table(item["table"])
        for column, value in item.get("where", {}).items():
            rows = rows[rows[column] == value]
        assert not rows.empty
        assert not rows.duplicated(["region", "year"]).any()
        if "basis" in item:
            assert len(set(rows[item["basis"]])) == 1
        else:
            assert len(set(rows["source_id"])) == 1


def test_an_interval_has_its_ends_in_order_and_says_whose_it_is():
    groups = table("poverty_groups")
    assert (groups["low_pct"].astype(float) <= groups["high_pct"].astype(float)).all()
    assert set(groups["belongs_to"]) == {"group"}
    districts = table("districts").replace("", None).dropna(subset="low_pct")
    assert (districts["low_pct"].astype(float) <= districts["high_pct"].astype(float)).all()
    assert districts["poverty_pct"].isna().all()


def test_a_percentage_agrees_with_its_parts():
    rows = table("reported_values")
    rows = rows[(rows["numerator"] != "") & (rows["denominator"] != "")].astype(
        {"value": float, "numerator": float, "denominator": float}
    )
    share = 100 * rows["numerator"] / rows["denominator"]
    assert ((share - rows["value"]).abs() <= 0.5).all()  # printed to whole percents at worst
