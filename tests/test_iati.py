"""`icanalysis export iati`: valid by the published schema, the figures of the run and no others."""

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree
from pair import figure, record, run
from shipped import DATA, REGIONS, changed, evidence, shipped, without

from icanalysis import iati, iati_activity, iati_choice, iati_results, results, seal
from icanalysis.asked import Iati
from icanalysis.cli import main
from icanalysis.evaluation import Years
from icanalysis.indicators import delivery
from icanalysis.language import language
from icanalysis.load import open_data
from icanalysis.record import provenance
from icanalysis.view import View

YEARS = Years(baseline=2009, outcome=2013)
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SCHEMA = Path(iati.__file__).parent / "iati-2.03" / "iati-activities-schema.xsd"
COUNT = {"period": "programme", "unit": "ventures", "source_kind": "programme", "status": "used"}


FEW = ["ventures_financed", "trainers_certified", "regional_budget_assigned", "families_reached"]


def reported(data, *regions):
    """What the programme reported of a few indicators."""
    lines = results.merge([delivery(data, region) for region in regions])
    return lines[lines["indicator"].isin(FEW)]


@cache
def everything():
    """The lines of a run on the shipped data."""
    return results.merge([evidence(region) for region in REGIONS])


def made_from(data):
    """What a run on these data records of itself."""
    parameters = {"regions": list(REGIONS), "baseline": 2009, "outcome": 2013}
    return provenance(data, (), parameters, {})


def saved(folder, lines, data=None, made=REGIONS):
    """The folder of a run that holds these lines."""
    regions = {code: {"status": "ok" if code in made else "failed"} for code in REGIONS}
    whole = record(**made_from(data or shipped()), regions=regions)
    return run(folder, lines.to_dict("records"), **whole)


def exported(folder, lines, data=None, **asked):
    """The activity in the file made from these lines."""
    iati.export(saved(folder / "run", lines, data, **asked), folder / "a.xml", data or shipped())
    return etree.parse(folder / "a.xml").getroot().find("iati-activity")


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Run the command in an empty folder; return its exit code, what it says, and aside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ICANALYSIS_LANGUAGE", "en")

    def asked(*arguments):
        result = CliRunner().invoke(main, ["export", "iati", *map(str, arguments)])
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        return result.exit_code, result.stdout, result.stderr

    return asked


@pytest.fixture(scope="module")
def activity(tmp_path_factory):
    """The built-in case, from all its lines."""
    return exported(tmp_path_factory.mktemp("iati"), everything())


@pytest.fixture(scope="module")
def lines():
    return reported(shipped(), *REGIONS)


def indicator(activity, code):
    (found,) = activity.xpath(f"result/indicator[reference[@code='{code}']]")
    return found


def narrative(element, code):
    (found,) = [each.text for each in element.iterfind("narrative") if each.get(LANG) == code]
    return found


def said(element, tag, code="en"):
    return narrative(element.find(tag), code)


# --- the built-in case ------------------------------------------------------------------


def test_it_is_valid_by_the_published_schema(activity):
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    schema.assertValid(activity.getroottree())
    assert activity.getparent().get("version") == "2.03"


def test_values_are_those_of_the_results(activity):
    lines = everything()
    lines = lines[lines["source_kind"] == "programme"]
    records = shipped().table("indicators").set_index("indicator")
    used = lines[(lines["statistic"] == "level") & (lines["status"] == "used")]
    used = used[used["indicator"].map(records["level"]) != "context"]
    expected = sorted((line["indicator"], line["value"]) for _, line in used.iterrows())
    assert len(expected) > 35
    written = sorted(
        (each.find("reference").get("code"), float(value.get("value")))
        for each in activity.iterfind("result/indicator")
        for value in each.iterfind("period/actual")
    )
    assert written == expected


def test_conflicting_counts_are_told_and_the_used_one_is_the_value(activity):
    (actual,) = indicator(activity, "ventures_financed").iterfind("period/actual")
    assert actual.get("value") == "94"
    english, spanish = (said(actual, "comment", code) for code in ("en", "es"))
    assert "Also published: 58, by P2: MPTF Office project factsheet" in english
    assert "Also published: 55, by P3: Peru: Inclusive creative industries" in english
    assert "También se publicó 58, en P2: MPTF Office project factsheet" in spanish
    assert "También se publicó 55, en P3: Peru: Inclusive creative industries" in spanish
    for value in ("58", "55"):
        assert activity.xpath(f"//actual[@value='{value}']") == []


def test_an_indicator_in_the_codes_of_iati(activity):
    ventures = indicator(activity, "ventures_financed")
    assert ventures.getparent().get("type") == "1"
    assert dict(ventures.attrib) == {"measure": "1", "ascending": "1", "aggregation-status": "1"}
    assert indicator(activity, "ordinances_total").getparent().get("type") == "2"
    covered = indicator(activity, "regions_covered")  # neither more nor less is better
    assert dict(covered.attrib) == {"measure": "1", "aggregation-status": "0"}


def test_both_languages_everywhere(activity):
    assert said(indicator(activity, "cooks_certified"), "title") == "Regional cooks certified"
    assert said(indicator(activity, "cooks_certified"), "title", "es").startswith("Cociner")
    for parent in {each.getparent() for each in activity.iter("narrative")}:
        told = [each.get(LANG) for each in parent.iterfind("narrative")]
        assert told == ["es", "en"]


def test_what_is_not_known_has_no_element_and_is_told(activity):
    assert list(activity.iter("baseline", "target")) == []
    for code, words in {
        "en": "Baseline: not known. Target: not known. Baseline and target were looked for",
        "es": "Línea de base: no se conoce. Meta: no se conoce. Se buscaron línea de base y meta",
    }.items():
        assert words in said(indicator(activity, "ventures_financed"), "description", code)
    assert activity.xpath("//actual[@value='0']") == []


def test_neither_context_nor_simulated_nor_inferential(activity):
    found = {each.get("code") for each in activity.iterfind("result/indicator/reference")}
    records = shipped().table("indicators").set_index("indicator")
    assert set(records["level"][list(found)]) == {"output", "outcome"}
    lines = everything()
    simulated = set(lines.loc[lines["source_kind"] == "simulated", "indicator"])
    assert {"producer_income", "household_poverty"} <= simulated
    assert not found & (simulated | {"poverty_total", "target_quintile", "programme_coverage"})
    assert not found & set(lines.loc[lines["statistic"] == "did", "indicator"])


def test_a_joint_figure_points_at_each_of_its_regions(activity):
    (actual,) = indicator(activity, "artisan_workshops").iterfind("period/actual")
    assert actual.get("value") == "10"
    assert [place.get("ref") for place in actual.iterfind("location")] == ["ayacucho", "cusco"]
    assert said(actual, "comment").startswith("Joint figure for Ayacucho and Cusco, published")
    known = {place.get("ref") for place in activity.iterfind("location")}
    assert known == set(REGIONS)


def test_a_department_is_told_by_its_ubigeo_because_a4_is_of_countries(activity):
    (cusco,) = activity.xpath("location[@ref='cusco']")
    assert "ubigeo 08" in said(cusco, "description")
    assert "PE-CUS" in said(cusco, "description", "es")
    level = cusco.find("administrative")
    assert dict(level.attrib) == {"vocabulary": "A4", "level": "0", "code": "PE"}
    assert cusco.find("location-id") is None


def test_one_actual_for_each_cell_with_labels_in_its_dimensions(activity):
    cells = {
        tuple((part.get("name"), part.get("value")) for part in actual.iterfind("dimension")): (
            actual.get("value")
        )
        for actual in indicator(activity, "ict_certified").iterfind("period/actual")
    }
    assert cells == {
        (): "160",
        (("sector", "crafts"), ("population", "artisans")): "126",
        (
            ("sector", "rural community tourism"),
            ("population", "rural tourism entrepreneurs"),
        ): "26",
    }


def test_periods_and_what_they_rest_on(activity):
    def days(code):
        period = indicator(activity, code).find("period")
        return [period.find(f"period-{end}").get("iso-date") for end in ("start", "end")]

    assert days("ventures_financed") == ["2010-01-01", "2012-12-31"]
    whole = indicator(activity, "ventures_financed").find("period/actual")
    assert "The source gives no year" in said(whole, "comment")
    assert days("districts_covered") == ["2013-01-01", "2013-12-31"]  # at that time, not since 2010
    dated = indicator(activity, "districts_covered").find("period/actual")
    assert "Dated 2013 by its source." in said(dated, "comment")


def test_goals_are_tags_because_vocabulary_9_is_of_official_indicators(activity):
    tags = [(tag.get("vocabulary"), tag.get("code")) for tag in activity.iterfind("tag")]
    assert tags == [("3", "8.3"), ("3", "8.9"), ("2", "17")]
    assert {each.get("vocabulary") for each in activity.iter("reference")} == {"99"}
    assert list(activity.iterfind("result/reference")) == []
    assert "8.3 (assigned afterwards" in said(
        indicator(activity, "ventures_financed"), "description"
    )


def test_who_took_part(activity):
    names = {
        said_name: org.get("role")
        for org in activity.iterfind("participating-org")
        if (said_name := narrative(org, "en"))
    }
    assert len(names) == 7
    assert names["International Labour Organization"] == "4"
    assert names["MDG Achievement Fund"] == "1"
    assert [code.get("ref") for code in activity.iterfind("other-identifier")] == [
        "MDGF-2081-D-PER",
        "00067264",
    ]


# --- the same bytes ---------------------------------------------------------------------


def test_the_same_run_gives_the_same_bytes(tmp_path, lines):
    folder = saved(tmp_path / "run", lines)
    for name in ("a.xml", "b.xml"):
        iati.export(folder, tmp_path / name, open_data(DATA))
    assert (tmp_path / "a.xml").read_bytes() == (tmp_path / "b.xml").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xml", "b.xml", "run"]


def test_only_the_tables_that_are_compared_with_the_run_are_read(tmp_path, lines):
    data = open_data(DATA)
    iati.export(saved(tmp_path / "run", lines), tmp_path / "a.xml", data)
    assert data.read <= set(iati.TABLES)


# --- lines of other kinds ---------------------------------------------------------------


def with_figures(lines, *figures):
    return results.merge([lines, results.lines(figures)])


def test_a_withheld_figure_has_no_element_and_is_told(tmp_path, lines):
    withheld = figure("trainers_certified", "puno", source="P1: page 1", value=7.0,
                      **{**COUNT, "status": "suppressed", "unit": "persons"})  # fmt: skip
    missing = figure("trainers_certified", "cusco", source="P1: page 1",
                     **{**COUNT, "period": "2011", "unit": "persons"})  # fmt: skip
    activity = exported(tmp_path, with_figures(lines, withheld, missing))
    trainers = indicator(activity, "trainers_certified")
    assert [actual.get("value") for actual in trainers.iter("actual")] == ["93"]
    english, spanish = (said(trainers, "description", code) for code in ("en", "es"))
    assert "Known, and withheld to protect those counted: Puno." in english
    assert "Not known, which is not zero: Cusco (2011)." in english
    assert "se reserva para proteger a las personas contadas: Puno." in spanish
    assert "no es lo mismo que cero: Cusco (2011)." in spanish


def test_an_indicator_all_withheld_is_told_without_a_period(tmp_path, lines):
    lines = lines.copy()
    chosen = lines["indicator"] == "trainers_certified"
    lines.loc[chosen, ["value", "status"]] = [None, "suppressed"]
    lines = lines.drop_duplicates(list(results.KEY))
    trainers = indicator(exported(tmp_path, lines), "trainers_certified")
    assert trainers.find("period") is None
    assert "withheld to protect those counted: Whole programme" in said(trainers, "description")


def test_known_baselines_and_targets_become_elements(tmp_path):
    frame = shipped().table("targets")
    chosen = (frame["indicator"] == "ventures_financed") & (frame["region"] == "programme")
    columns = ["baseline", "baseline_year", "target", "target_year"]
    frame.loc[chosen, columns] = [12, 2009, 100, 2012]
    data = changed(targets=frame)
    ventures = indicator(exported(tmp_path, reported(data, "programme")), "ventures_financed")
    (baseline,) = ventures.iterfind("baseline")
    assert dict(baseline.attrib) == {"year": "2009", "value": "12"}
    assert "P7: Documento de Programa Conjunto" in said(baseline, "comment")
    (period,) = ventures.iterfind("period")  # the target's year ends the planned period
    assert [(each.tag, each.get("value")) for each in period[2:]] == [
        ("target", "100"),
        ("actual", "94"),
    ]
    assert "not known" not in said(ventures, "description")


def test_a_baseline_without_a_year_is_only_told(tmp_path):
    frame = shipped().table("targets")
    chosen = (frame["indicator"] == "ventures_financed") & (frame["region"] == "programme")
    frame.loc[chosen, "baseline"] = 12
    data = changed(targets=frame)
    lines = reported(data, "programme")
    assert (lines["statistic"] == "baseline").any()
    view = View(data, lines, data.evaluation.everywhere, YEARS, language("en"))
    root = iati_activity.document([view, replace(view, language=language("es"))], (), "0")
    ventures = indicator(root.find("iati-activity"), "ventures_financed")
    assert ventures.find("baseline") is None
    assert "Baseline: Whole programme: 12 ventures [P7" in said(ventures, "description")


def test_a_real_survey_of_those_reached(tmp_path, lines):
    common = {"source_kind": "survey", "source": "E1: producers", "status": "estimated",
              "unit": "soles", "statement_key": "producers"}  # fmt: skip
    told = [
        figure("producer_income", "cusco", group=f"arm:{arm}", period=year, value=value, **common)
        for arm, year, value in [
            ("programme", "2010", 450.5),
            ("programme", "2013", 560.123456789),
            ("comparison", "2010", 388.0),
            ("comparison", "2013", 443.0),
        ]
    ]
    women = figure("producer_income", "cusco", group="sex:woman", period="2013", value=498.0,
                   **common)  # fmt: skip
    income = indicator(exported(tmp_path, with_figures(lines, *told, women)), "producer_income")
    (baseline,) = income.iterfind("baseline")
    assert dict(baseline.attrib) == {"year": "2010", "value": "450.5"}
    actuals = list(income.iterfind("period/actual"))
    assert [actual.get("value") for actual in actuals] == ["560.123456789", "498"]
    assert [dict(part.attrib) for part in actuals[0].iterfind("dimension")] == []
    assert [dict(part.attrib) for part in actuals[1].iterfind("dimension")] == [
        {"name": "sex", "value": "woman"}
    ]
    assert said(actuals[0], "comment").startswith("Cusco. Group: participants.")


def test_no_simulated_figure_even_beside_a_real_one(tmp_path, lines):
    made_up = figure("families_reached", "puno", **{**COUNT, "unit": "families"}, value=777.0)
    made_up |= {"source_kind": "simulated", "source": "simulated: x.csv"}
    activity = exported(tmp_path, with_figures(lines, made_up))
    assert activity.xpath("//*[@value='777']") == []


def test_regions_where_the_programme_did_not_work_are_left_out(tmp_path, lines):
    elsewhere = figure("families_reached", "ica", source="P1: page 2", value=778.0,
                       **{**COUNT, "unit": "families"})  # fmt: skip
    assert exported(tmp_path, with_figures(lines, elsewhere)).xpath("//*[@value='778']") == []


@pytest.mark.parametrize(
    ("value", "written"),
    [(94.0, "94"), (2e6, "2000000"), (0.1 + 0.2, "0.30000000000000004"), (1e-7, "0.0000001"),
     (-1.5, "-1.5"), (1e22, "10000000000000000000000")],
)  # fmt: skip
def test_numbers_are_not_rounded_and_have_no_exponent(value, written):
    assert iati_results.number(value) == written
    assert float(written) == value


def test_cumulative_counts_cover_all_from_the_start(lines):
    view = View(shipped(), lines, shipped().evaluation.everywhere, YEARS, language("en"))
    line = lines.iloc[0].copy()
    line["indicator"], line["period"] = "ventures_financed", "2013"
    assert iati_choice.period(view, line) == ("2010-01-01", "2013-12-31")
    line["period"] = "2009"  # before the planned start: never a start after the end
    assert iati_choice.period(view, line) == ("2009-01-01", "2009-12-31")


# --- who publishes ----------------------------------------------------------------------

KNOWN = {
    "identifier": "XX-REG-123-case",
    "reporting_org": {"ref": "XX-REG-123", "type": "40", "name": {"es": "Quien", "en": "Who"}},
    "status": "4",
}


def test_what_is_not_registered_cannot_be_taken_for_it(ask, tmp_path, lines):
    saved(tmp_path / "run", lines)
    code, said_out, aside = ask("run", "--to", "a.xml", "--data", DATA)
    assert (code, said_out) == (0, "a.xml\n")
    assert "Do not publish this file yet" in aside
    assert "iati.identifier and iati.reporting_org" in aside
    text = (tmp_path / "a.xml").read_text(encoding="utf-8")
    assert "<!-- PROVISIONAL: no publicar." in text
    assert "PROVISIONAL: do not publish. evaluation.toml does not give iati.identifier" in text
    (activity,) = etree.fromstring(text.encode()).iterfind("iati-activity")
    assert activity.findtext("iati-identifier") == (
        "PROVISIONAL-NOT-REGISTERED-inclusive-creative-industries"
    )
    assert activity.find("reporting-org").get("ref") == "PROVISIONAL-NOT-REGISTERED"


def test_with_its_publisher_the_file_is_not_provisional(tmp_path, lines):
    data = without(iati=Iati.model_validate(KNOWN))
    activity = exported(tmp_path, lines, data)
    assert activity.findtext("iati-identifier") == "XX-REG-123-case"
    org = activity.find("reporting-org")
    assert (org.get("ref"), org.get("type"), narrative(org, "es")) == ("XX-REG-123", "40", "Quien")
    assert activity.find("activity-status").get("code") == "4"
    assert "PROVISIONAL" not in (tmp_path / "a.xml").read_text(encoding="utf-8")


def test_without_a_status_one_that_the_dates_allow(tmp_path, lines):
    none = Iati()
    assert exported(tmp_path, lines, without(iati=none)).find("activity-status").get("code") == "3"
    period = shipped().evaluation.programme.period.model_copy(update={"end": 2014})
    programme = shipped().evaluation.programme.model_copy(update={"period": period})
    data = without(iati=none, programme=programme)
    (tmp_path / "on").mkdir()
    assert exported(tmp_path / "on", lines, data).find("activity-status").get("code") == "2"


def test_naming_the_publisher_makes_no_report_again(tmp_path, lines):
    """The run was made before: its record is of the data without the publisher."""
    folder = saved(tmp_path / "run", lines)
    shutil.copytree(DATA, tmp_path / "data")
    path = tmp_path / "data" / "evaluation.toml"
    named = '[iati]\nidentifier = "XX-1-a"\nreporting_org = { ref = "XX-1", type = "40", name = '
    text = path.read_text(encoding="utf-8")
    text = text.replace("[iati]\n", named + '{ es = "Quien", en = "Who" } }\n', 1)
    path.write_text(text, encoding="utf-8")
    data = open_data(tmp_path / "data")
    made = iati.export(folder, tmp_path / "a.xml", data)
    assert made.to_fill_in == ()
    assert data.settings == shipped().settings


# --- what the run leaves out ------------------------------------------------------------


def test_regions_the_run_has_no_report_on_are_named(ask, tmp_path):
    lines = reported(shipped(), "cusco", "puno")
    saved(tmp_path / "run", lines, made=("cusco", "puno"))
    code, _, aside = ask("run", "--to", "a.xml", "--data", DATA)
    assert code == 0
    assert "The run has no report on Ayacucho and Lambayeque; the file says so." in aside
    activity = etree.parse(tmp_path / "a.xml").getroot().find("iati-activity")
    assert "only for Ayacucho and Lambayeque" in said(activity, "description")
    assert "solo para Ayacucho y Lambayeque" in said(activity, "description", "es")


# --- refusals ---------------------------------------------------------------------------


def refused(ask, *arguments, words):
    """One message, exit code 2, and no file."""
    code, told, aside = ask(*arguments, "--to", "a.xml")
    assert (code, told) == (2, "")
    assert words in aside
    assert "Traceback" not in aside
    assert not Path("a.xml").exists()
    return aside


def test_what_is_not_a_run_is_refused(ask, tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "nowhere"):
        refused(ask, name, "--data", DATA, words=f"“{name}” is not the folder of a run")


def test_missing_or_edited_results_are_refused(ask, tmp_path, lines):
    path = saved(tmp_path / "run", lines) / "results.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("94.0", "95.0"), encoding="utf-8")
    refused(ask, "run", "--data", DATA, words="results.csv in “run” is not as the run left it")
    path.unlink()
    refused(ask, "run", "--data", DATA, words="“run” is not the folder of a run")


def test_a_run_of_another_programme_is_refused(ask, tmp_path):
    run(tmp_path / "other", [figure(value=1.0)], programme="another")
    words = "The run in “other” is of another, the data in “data” are of inclusive-creative-"
    refused(ask, "other", "--data", DATA, words=words)


def test_a_run_made_from_other_data_is_refused(ask, tmp_path, lines):
    saved(tmp_path / "run", lines)
    shutil.copytree(DATA, tmp_path / "data")
    for name, before, after in [
        ("indicators.csv", "Ventures financed", "Ventures funded"),
        ("evaluation.toml", "end = 2012", "end = 2011"),
    ]:
        path = tmp_path / "data" / name
        kept = path.read_text(encoding="utf-8")
        assert before in kept
        path.write_text(kept.replace(before, after, 1), encoding="utf-8")
        words = f"was made from other data than those in “data”, which have changed in {name}."
        refused(ask, "run", "--data", "data", words=words)
        path.write_text(kept, encoding="utf-8")
    assert ask("run", "--to", "a.xml", "--data", "data")[0] == 0


def test_a_run_with_nothing_but_context_and_simulated_figures_is_refused(ask, tmp_path):
    made_up = figure("families_reached", "puno", **{**COUNT, "unit": "families"}, value=7.0)
    made_up |= {"source_kind": "simulated", "source": "simulated: x.csv"}
    saved(tmp_path / "run", results.lines([figure(value=30.0), made_up]))
    refused(ask, "run", "--data", DATA, words="there is nothing to export")


def test_the_file_is_never_put_into_a_run_or_a_bundle(ask, tmp_path, lines):
    saved(tmp_path / "run", lines)
    bundle = tmp_path / "bundle"
    (bundle / "es").mkdir(parents=True)
    seal.write_manifest(bundle, {})
    for place in (tmp_path / "run", bundle / "es"):
        code, _, aside = ask("run", "--data", DATA, "--to", place / "a.xml")
        assert code == 2
        assert "would lie in the folder of a run or a bundle" in aside


def test_what_would_not_be_valid_is_not_written_and_the_file_before_it_stays(
    ask, tmp_path, lines, monkeypatch
):
    saved(tmp_path / "run", lines)
    (tmp_path / "a.xml").write_text("before", encoding="utf-8")
    monkeypatch.setattr(iati_results, "number", lambda value: f"{value:,.0f}")
    code, _, aside = ask("run", "--data", DATA, "--to", "a.xml", "--language", "es")
    assert code == 2
    first, *rest = aside.splitlines()
    assert first == "«a.xml» no se escribió: no sería un archivo IATI válido."
    assert [line.partition(", ")[2] for line in rest] == [
        "regla 8.10.2: «2,500» no es un número",
        "regla 8.10.2: «2,000,000» no es un número",
    ]
    assert (tmp_path / "a.xml").read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xml", "run"]


def test_a_folder_that_is_not_there(ask, tmp_path, lines):
    saved(tmp_path / "run", lines)
    code, _, aside = ask("run", "--data", DATA, "--to", "nowhere/a.xml")
    assert code == 2
    assert "Traceback" not in aside
    assert "nowhere" in aside


def test_a_character_that_xml_does_not_have_is_left_out(tmp_path, lines):
    frame = shipped().table("indicators")
    chosen = frame["indicator"] == "ventures_financed"
    frame.loc[chosen, "name_en"] = "Ventures\x0b financed"
    data = changed(indicators=frame)
    activity = exported(tmp_path, lines, data)
    assert said(indicator(activity, "ventures_financed"), "title") == "Ventures  financed"
