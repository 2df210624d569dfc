"""The programme's published figures, one by one: in data/, and in the report of each region.

P1 is the SDG Fund's case study "Las industrias creativas alivian la pobreza"; P2 the MPTF
Office factsheet; P3 and P4 the MDG Fund's pages; P5 UNDP Peru's press release.
"""

from pathlib import Path

import pytest

from icanalysis.dossier import region_lines
from icanalysis.load import open_data

DATA = Path(__file__).parents[1] / "data"
REGIONS = ("ayacucho", "cusco", "lambayeque", "puno")

STOVES = "En las comunidades de Quinoa (Ayacucho) y Raqchi (Cusco), donde se instalaron cocinas"
ORDINANCES = "11 ordenanzas municipales, 1 ordenanza provincial y 3 ordenanzas regionales"
STAFF = "las municipalidades de Capachica (Puno) y de Incahuasi (Ferrefa) contrataron personal"
WINDOWS = "las cámaras de comercio de Lambayeque y de Ayacucho abrieron una ventanilla única"
MARKS = "Creación de tres marcas colectivas de algodón nativo y miel en Lambayeque"
DIPLOMA = "60 profesionales concluyeron el Diplomado de Industrias Creativas y Negocios Inclusivos"
INFORMAL = "uno de cada dos peruanos en edad activa trabaja en el sector informal, que produce dos"

# Every figure of P1: place, words, indicator, region, value.
CASE_STUDY = [
    ("section 2, paragraph 1", INFORMAL, "informal_share_active_population_stated", "peru", 50),
    ("section 2, paragraph 1", INFORMAL, "informal_gdp_share_stated", "peru", 66.7),
    ("section 2, paragraph 2", "quintil más pobre", "target_quintile", "programme", 1),
    ("section 3, paragraph 1", "cuatro regiones", "regions_covered", "programme", 4),
    ("section 4, bullet 1", "Realización de 8 estudios", "studies_completed", "programme", 8),
    ("section 4, bullet 2", "94 iniciativas empresariales", "ventures_financed", "programme", 94),
    ("section 4, bullet 2", "3 consorcios de productoras", "consortia_financed", "programme", 3),
    ("section 4, bullet 3", "45 de las iniciativas", "initiatives_at_fairs", "programme", 45),
    ("section 4, bullet 3", "Innova Perú, De Nuestras Manos", "fairs_attended", "programme", 5),
    ("section 4, bullet 4", "12 emprendimientos de turismo", "garden_ventures", "cusco+puno", 12),
    ("section 4, bullet 5", "10 de talleres", "artisan_workshops", "ayacucho+cusco", 10),
    ("section 4, bullet 5", "13 módulos", "gastronomy_modules", "ayacucho+cusco", 13),
    ("section 4, bullet 5", STOVES, "improved_stove_communities", "ayacucho", 1),
    ("section 4, bullet 5", STOVES, "improved_stove_communities", "cusco", 1),
    ("section 4, bullet 5", STOVES, "improved_stove_communities", "programme", 2),
    ("section 4, bullet 6", MARKS, "collective_marks", "lambayeque", 3),
    ("section 4, bullet 6", MARKS, "collective_marks", "programme", 3),
    ("section 4, bullet 7", "400 funcionarios públicos", "officials_trained", "programme", 400),
    ("section 4, bullet 7", "435 actores", "development_actors_trained", "programme", 435),
    ("section 4, bullet 8", "93 profesionales", "trainers_certified", "programme", 93),
    ("section 4, bullet 9", DIPLOMA, "diploma_graduates", "cusco+lambayeque", 60),
    ("section 4, bullet 9", "dos universidades", "diploma_universities", "cusco+lambayeque", 2),
    ("section 4, paragraph 2", ORDINANCES, "ordinances_municipal", "programme", 11),
    ("section 4, paragraph 2", ORDINANCES, "ordinances_provincial", "programme", 1),
    ("section 4, paragraph 2", ORDINANCES, "ordinances_regional", "programme", 3),
    ("section 4, paragraph 2", ORDINANCES, "ordinances_total", "programme", 11 + 1 + 3),
    ("section 4, paragraph 3", "dos millones", "regional_budget_assigned", "cusco", 2_000_000),
    ("section 4, paragraph 3", STAFF, "municipalities_hiring_staff", "lambayeque", 1),
    ("section 4, paragraph 3", STAFF, "municipalities_hiring_staff", "puno", 1),
    ("section 4, paragraph 3", STAFF, "municipalities_hiring_staff", "programme", 2),
    ("section 4, paragraph 3", "fondos complementarios", "complementary_funds", "programme", 3),
    ("section 4, paragraph 4", WINDOWS, "single_windows", "ayacucho", 1),
    ("section 4, paragraph 4", WINDOWS, "single_windows", "lambayeque", 1),
    ("section 4, paragraph 4", WINDOWS, "single_windows", "programme", 2),
    ("section 4, paragraph 4", "los 14 proyectos", "projects_followed_up", "lambayeque", 14),
]
# Figures P1 does not give, from the source that is used for them.
ELSEWHERE = [
    ("P2", "opening text", "market_initiatives", 45),
    ("P2", "opening text", "revolving_funds", 39),
    ("P2", "opening text", "ict_certified", 160),
    ("P2", "opening text", "cooks_certified", 49),
    ("P4", "opening text", "families_reached", 2500),
    ("P5", "opening text", "districts_covered", 12),
    ("P5", "opening text", "agencies_participating", 6),
]
# Counts that sources publish differently: what each prints, the one used first.
CONFLICTS = [
    ("ventures_financed", "programme", {"P1": 94, "P2": 58, "P3": 55, "P4": 55, "P5": 55}),
    ("trainers_certified", "programme", {"P1": 93, "P2": 93, "P4": 98}),
    ("collective_marks", "programme", {"P1": 3, "P3": 4}),
    ("ordinances_municipal", "programme", {"P1": 11, "P3": 12}),
    ("ordinances_provincial", "programme", {"P1": 1}),
    ("ordinances_regional", "programme", {"P1": 3, "P3": 3}),
    ("ordinances_total", "programme", {"P1": 11 + 1 + 3, "P3": 3 + 12}),
    ("ict_certified", "programme", {"P2": 160, "P4": 126 + 26}),
    # The same number for other people: P2 writes of 400 smallholder sectors.
    ("officials_trained", "programme", {"P1": 400, "P2": 400}),
    # These agree.
    ("diploma_graduates", "cusco+lambayeque", {"P1": 60, "P2": 60, "P4": 60}),
    ("cooks_certified", "programme", {"P2": 49, "P3": 49, "P4": 49}),
    ("consortia_financed", "programme", {"P1": 3, "P3": 3, "P4": 3}),
    ("families_reached", "programme", {"P4": 2500, "P3": 2500, "P5": 2500}),
]


@pytest.fixture(scope="module")
def data():
    return open_data(DATA)


@pytest.fixture(scope="module")
def reported(data):
    return data.table("reported_values")


@pytest.fixture(scope="module")
def reports(data):
    """Lines of evidence of every department's report."""
    years = data.evaluation.years()
    regions = data.evaluation.reported_regions(every=True)
    return {region.code: region_lines(data, region.code, years) for region in regions}


def concerned(region):
    """Regions whose reports must hold a figure published for `region`."""
    return REGIONS if region in ("programme", "peru") else region.split("+")


def test_the_regions_are_the_programmes(data):
    assert sorted(region.code for region in data.evaluation.reported_regions()) == list(REGIONS)


@pytest.mark.parametrize(("place", "words", "indicator", "region", "value"), CASE_STUDY)
def test_figure_of_the_case_study(reported, reports, place, words, indicator, region, value):
    rows = reported[
        (reported["source_id"] == "P1")
        & (reported["indicator"] == indicator)
        & (reported["region"] == region)
    ]
    assert rows[["value", "place", "used"]].to_numpy().tolist() == [[value, place, True]]
    assert words in rows["quote"].iloc[0]
    for code in concerned(region):
        lines = reports[code]
        found = lines[
            (lines["indicator"] == indicator)
            & (lines["region"] == region)
            & (lines["statistic"] == "level")
            & (lines["status"] == "used")
        ]
        assert found[["value", "source"]].to_numpy().tolist() == [[value, f"P1: {place}"]], code


def test_no_figure_of_the_case_study_is_missing_from_this_list(reported):
    rows = reported[reported["source_id"] == "P1"]
    stored = set(zip(rows["place"], rows["indicator"], rows["region"], rows["value"], strict=True))
    assert stored == {
        (place, indicator, region, value) for place, _, indicator, region, value in CASE_STUDY
    }


@pytest.mark.parametrize(("source", "place", "indicator", "value"), ELSEWHERE)
def test_figure_the_case_study_does_not_give(reports, source, place, indicator, value):
    for code in REGIONS:
        lines = reports[code]
        found = lines[
            (lines["indicator"] == indicator)
            & (lines["group"].isin(["all", "gastronomy"]))
            & (lines["statistic"] == "level")
            & (lines["status"] == "used")
        ]
        assert found[["value", "source"]].to_numpy().tolist() == [[value, f"{source}: {place}"]], (
            code
        )


@pytest.mark.parametrize(("indicator", "region", "published"), CONFLICTS)
def test_every_published_count_is_kept_and_one_is_used(
    reported, reports, indicator, region, published
):
    rows = reported[
        (reported["indicator"] == indicator)
        & (reported["region"] == region)
        & reported["population"].isna()
    ]
    assert dict(zip(rows["source_id"], rows["value"], strict=True)) == published
    assert rows.loc[rows["used"], "source_id"].tolist() == [next(iter(published))]
    assert rows[["reason_es", "reason_en"]].notna().all(axis=None)
    for code in concerned(region):
        lines = reports[code]
        same = lines[(lines["indicator"] == indicator) & (lines["region"] == region)]
        levels = same[same["statistic"] == "level"]
        assert set(published.values()) <= set(levels["value"])


def test_ict_certificates_are_kept_by_the_people_they_were_given_to(reported):
    rows = reported[(reported["indicator"] == "ict_certified") & reported["population"].notna()]
    stored = rows[["source_id", "population", "value", "used"]].to_numpy().tolist()
    assert sorted(stored) == [
        ["P3", "artisans", 126, False],
        ["P3", "rural_tourism_entrepreneurs", 26, False],
        ["P4", "artisans", 126, True],
        ["P4", "rural_tourism_entrepreneurs", 26, True],
    ]


def test_what_is_shown_of_a_part_is_never_judged_by_the_target_of_the_whole(data, reports):
    targets = data.table("targets")
    assert not targets.duplicated(["indicator", "region"]).any()
    lines = reports["cusco"]
    parts = lines[lines["group"].str.contains(";") & (lines["statistic"] == "achievement")]
    assert len(parts) == 2
    assert parts["value"].isna().all()


def test_the_eight_studies(data):
    # P1, section 4, bullet 1; "Estudio de Estudio" is P1's own.
    studies = data.table("studies")
    assert studies["title_es"].tolist() == [
        "Línea de Base",
        "Mapeo Actores existentes en las Industrias Creativas",
        "Estudio de Mercado para Empresas Textiles Artesanales de Perú",
        "Inventario de Patrimonio Inmaterial de Ayacucho, Cusco, Lambayeque y Puno",
        "Estudio de la Normativa Vigente para el Desarrollo de las Industrias Creativas",
        "Estudio de la Oferta financiera para las Industrias Creativas",
        "Estudio de Propiedad Intelectual y Marcas Colectivas",
        "Estudio de Estudio de Iconografía Textil del Distrito de Písac",
    ]
    assert set(studies["place"]) == {"section 4, bullet 1"}
    assert not studies["values_read"].any()


def test_the_five_national_fairs(data):
    fairs = data.table("fairs")
    assert fairs["name"].tolist() == [
        "Innova Perú",
        "De Nuestras Manos",
        "Peruvian Gift Show",
        "Mistura",
        "Expoalimentaria",
    ]
    assert set(fairs["scope"]) == {"national"}


def test_the_commitments_and_who_made_them(data):
    # P1, section 4, paragraphs 2 to 4.
    rows = data.table("commitments").fillna({"partner": "", "region": ""})
    kept = rows[["kind", "partner", "region", "place"]].to_numpy().tolist()
    assert sorted(kept) == sorted(
        [
            ["plan", "gore_cusco", "cusco", "section 4, paragraph 3"],
            ["budget", "gore_cusco", "cusco", "section 4, paragraph 3"],
            ["co_funding", "", "", "section 4, paragraph 3"],
            ["staff", "municipality_capachica", "puno", "section 4, paragraph 3"],
            ["staff", "municipality_incahuasi", "lambayeque", "section 4, paragraph 3"],
            ["co_funding", "procompite", "lambayeque+puno", "section 4, paragraph 3"],
            ["co_funding", "profonanpe", "", "section 4, paragraph 3"],
            ["co_funding", "agro_rural", "", "section 4, paragraph 3"],
            ["co_funding", "telefood", "", "section 4, paragraph 3"],
            ["follow_up", "gore_lambayeque", "lambayeque", "section 4, paragraph 4"],
            ["single_window", "chamber_ayacucho", "ayacucho", "section 4, paragraph 4"],
            ["single_window", "chamber_lambayeque", "lambayeque", "section 4, paragraph 4"],
            ["ordinance", "", "programme", "section 4, paragraph 2"],
            ["ordinance", "", "programme", "section 4, paragraph 2"],
            ["ordinance", "", "programme", "section 4, paragraph 2"],
        ]
    )


def test_the_only_amount_known_is_cuscos(data):
    rows = data.table("commitments")
    amounts = rows[rows["amount"].notna()]
    assert amounts[["kind", "region", "amount", "currency"]].to_numpy().tolist() == [
        ["budget", "cusco", 2_000_000, "PEN"]
    ]
    assert (rows["amount_status"] == "published").tolist() == rows["amount"].notna().tolist()
    assert set(rows["executed_status"]) == {"not_published"}


def test_no_baseline_or_target_was_published(data, reports):
    targets = data.table("targets")
    unknown = ["baseline", "baseline_year", "target", "target_year"]
    assert targets[unknown].isna().all(axis=None)
    assert set(targets["status"]) == {"not_published"}
    for code, lines in reports.items():
        judged = lines[lines["statistic"] == "achievement"]
        assert not judged.empty, code
        assert judged["value"].isna().all(), code
        assert set(judged["status"]) == {"not_known"}, code
        assert set(judged["note"]) == {"no_baseline;no_target"}, code


def test_every_reported_figure_waits_for_its_target(data, reported):
    indicators = data.table("indicators").set_index("indicator")
    rows = reported[reported["indicator"].map(indicators["level"]) != "context"]
    targets = data.table("targets")
    asked = set(zip(rows["indicator"], rows["region"], strict=True))
    assert asked <= set(zip(targets["indicator"], targets["region"], strict=True))


def test_dates(data):
    rows = data.table("milestones").fillna({"date": ""})
    dates = {
        row["milestone"]: (row["date"], row["kind"], row["source_id"]) for _, row in rows.iterrows()
    }
    assert dates == {
        "mptf_start": ("2009-03-31", "actual", "P2"),
        "planned_start": ("2010-01", "planned", "P6"),
        "planned_end": ("2012-12", "planned", "P6"),
        "business_plan_guide": ("2012-04", "document", "P10"),
        "closing_event": ("2013-06-20", "actual", "P5"),
        "systematisation": ("2013-06", "document", "P9"),
        "final_evaluation": ("2013-07", "document", "P8"),
        "thematic_study": ("2013", "document", "P11"),
        "cusco_plan_start": ("2011", "document", "P1"),
        "cusco_plan_end": ("2021", "planned", "P1"),
        # Known to have happened, on dates nobody could read.
        "extension": ("", "actual", "P5"),
        "mid_term_evaluation": ("", "document", "P8"),
        "operationally_closed": ("", "actual", "P2"),
    }
    lengths = rows["precision"].map({"year": 4, "month": 7, "day": 10}).fillna(0)
    assert (rows["date"].str.len() == lengths).all()
    programme = data.evaluation.programme
    assert (programme.period.start, programme.period.end) == (2010, 2012)


def test_nothing_in_any_report_lacks_a_source(data, reports):
    known = set(data.table("sources")["source_id"])
    assert len(reports) == 24
    for code, lines in reports.items():
        for kind, source in zip(lines["source_kind"], lines["source"], strict=True):
            cited = [part.partition(":")[0] for part in source.split("; ")]
            assert cited, code
            if kind == "simulated":  # households that never existed come from no source
                assert cited == ["simulated"], f"{code}: {source}"
            else:
                assert set(cited) <= known, f"{code}: {source}"


def test_a_region_is_told_its_own_figures_and_no_other_regions(reports):
    # Beside it, the programme's other regions are drawn, but only in the context series' two years.
    alone = ["ayacucho", "cusco", "puno", "lambayeque"]
    own = {}
    for code, lines in reports.items():
        others = lines["region"].isin(alone) & (lines["region"] != code)
        series = ["poverty_total", "labour_income_real", "informal_employment"]
        assert set(lines.loc[others, "indicator"]) <= set(series)
        assert set(lines.loc[others, "period"]) <= {"2009", "2013", "2009-2013"}
        own[code] = set(lines.loc[~others, "region"]) - {"programme", "peru"}
    assert own["cusco"] == {"cusco", "ayacucho+cusco", "cusco+puno", "cusco+lambayeque"}
    assert own["lambayeque"] == {"lambayeque", "cusco+lambayeque"}
    assert own["lima"] == {"lima"}
    assert all(code in area.split("+") for code, areas in own.items() for area in areas)
