"""Simulated households: repeatable, in INEI's format, never mistaken for it, and true to their truth.

"Independent" below means worked out without the package: by quadrature over the model as
`superpopulation` describes it, or from the households themselves.
"""

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from optional_data import file
from scipy.stats import norm

from icanalysis import enaho, superpopulation, survey
from icanalysis.errors import DataError, WorkbookError
from icanalysis.language import language
from icanalysis.simulate import FILE_NAMES, households

ENGLISH = language("en")
DEPARTMENTS = [f"{number:02d}" for number in range(1, 26)]
MODULES = ("sumaria", "members", "employment", "governance")
KEY = ["conglome", "vivienda", "hogar"]
REPLICATES = 24


def targets(*rows):
    return pd.DataFrame(rows, columns=["department", "year", "poor_share"])


def nation(year, share=0.3):
    return targets(*[(code, year, share + 0.01 * int(code)) for code in DEPARTMENTS])


@pytest.fixture(scope="module")
def country():
    """All departments in two years that follow each other."""
    return households(pd.concat([nation(2014), nation(2015, 0.2)]), seed=7)


@pytest.fixture(scope="module")
def small():
    return households(
        targets(("05", 2014, 0.52), ("15", 2014, 0.12), ("07", 2014, 0.2)),
        seed=7,
        households=15_000,
    )


# --- repeatable -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["dta", "csv"])
def test_the_same_seed_gives_the_same_bytes(small, tmp_path, kind):
    shuffled = targets(("07", 2014, 0.2), ("15", 2014, 0.12), ("05", 2014, 0.52))
    again = households(shuffled, seed=7, households=15_000)
    first, second = small.write(tmp_path / "1", kind), again.write(tmp_path / "2", kind)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert len(first) == 4


def test_another_seed_gives_other_households_and_the_same_truth(small):
    wanted = targets(("05", 2014, 0.52), ("15", 2014, 0.12), ("07", 2014, 0.2))
    other = households(wanted, seed=8, households=15_000)
    pd.testing.assert_frame_equal(other.truth, small.truth)
    assert not other.files["sumaria", 2014].equals(small.files["sumaria", 2014])


@pytest.mark.parametrize("module", MODULES)
def test_a_department_is_the_same_whatever_else_is_asked(country, module):
    alone = households(targets(("21", 2015, 0.2 + 0.21)), seed=7).files[module, 2015]
    among = country.files[module, 2015]
    among = among[among["ubigeo"].str.startswith("21")].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among)


def test_another_target_moves_spending_and_not_who_lives_where():
    low, high = (households(targets(("08", 2012, share)), seed=1) for share in (0.2, 0.4))
    same = ["conglome", "mieperho", "factor07", "linea"]
    left, right = low.files["sumaria", 2012], high.files["sumaria", 2012]
    pd.testing.assert_frame_equal(left[same], right[same])
    assert (left["gashog2d"] > right["gashog2d"]).all()


# --- true to their truth --------------------------------------------------------------


def by_quadrature(code, year, share):
    """Integrate the model numerically over all PSU and household effects."""
    z = np.linspace(-9, 9, 40_001)
    density = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    psus = superpopulation.PSUS[code]
    at = superpopulation.location(superpopulation.cells(code, year), share)
    sums = dict.fromkeys(("poor_share", "extreme_share", "fgt1", "fgt2", "living_badly_share"), 0.0)
    people = homes = 0.0
    for stratum in np.flatnonzero(psus):
        rural = int(stratum >= 5)
        line, food = superpopulation.lines(code, year)[stratum]
        sd = [(0.27**2 + 0.43**2) ** 0.5, (0.23**2 + 0.41**2) ** 0.5][rural]
        for size, size_share in enumerate(superpopulation.SIZES[rural], start=1):
            count = superpopulation.stratum_homes(code)[stratum] * size_share
            middle = at + superpopulation.STRATUM[stratum] - [0.44, 0.31][rural] * np.log(size)
            standing = middle + sd * z
            gap = np.clip(1 - np.exp(standing), 0, None)
            badly = norm.cdf(-0.8 * standing)
            values = {
                "poor_share": (standing < 0) * size,
                "extreme_share": (np.exp(standing) < food / line) * size,
                "fgt1": gap * size,
                "fgt2": gap**2 * size,
                "living_badly_share": badly,
            }
            for name, value in values.items():
                sums[name] += count * (density * value).sum()
            people, homes = people + count * size, homes + count
    counts = dict.fromkeys(sums, people) | {"living_badly_share": homes}
    return {name: total / counts[name] for name, total in sums.items()} | {"population": people}


@pytest.mark.parametrize(
    ("code", "share"), [("05", 0.519), ("07", 0.14), ("15", 0.02), ("09", 0.9)]
)
def test_the_truth_is_that_of_the_model(code, share):
    truth = households(targets((code, 2013, share)), households=500).truth.iloc[0]
    assert truth["poor_share"] == pytest.approx(share, abs=1e-10)
    for name, found in by_quadrature(code, 2013, share).items():
        # Steps at the line are found to the spacing of the grid.
        assert truth[name] == pytest.approx(found, rel=1e-3), name


def test_a_department_without_rural_areas_has_no_rural_rate():
    truth = households(targets(("07", 2013, 0.14)), households=500).truth.iloc[0]
    assert truth["poor_share_urban"] == truth["poor_share"]
    assert np.isnan(truth["poor_share_rural"])


@pytest.fixture(scope="module")
def replicates():
    """Tidy frames of one year of the country, one per seed, and the truth."""
    wanted = nation(2011, 0.15)
    frames = []
    for seed in range(REPLICATES):
        found = households(wanted, seed=seed)
        sumaria, governance = found.files["sumaria", 2011], found.files["governance", 2011]
        each = sumaria["gashog2d"] / (12 * sumaria["mieperho"])
        gap = (1 - each / sumaria["linea"]).clip(lower=0)
        answered = governance["p37"].between(1, 4)
        frames.append(
            pd.DataFrame(
                {
                    "seed": seed,
                    "department": sumaria["ubigeo"].str[:2],
                    "psu": sumaria["conglome"],
                    "stratum": sumaria["estrato"],
                    "area": np.where(sumaria["estrato"] < 6, "urban", "rural"),
                    "home": sumaria["factor07"],
                    "weight": sumaria["factor07"] * sumaria["mieperho"],
                    "poor_share": (sumaria["pobreza"] < 3).astype("float64"),
                    "extreme_share": (sumaria["pobreza"] == 1).astype("float64"),
                    "fgt1": gap,
                    "fgt2": gap**2,
                    "living_badly_share": (governance["p37"] <= 2)
                    .where(answered)
                    .astype("float64"),
                }
            )
        )
    return pd.concat(frames, ignore_index=True), found.truth.set_index("department")


def z_scores(distance, frame):
    """Distance of the mean over seeds from zero, in standard errors; one for each department."""
    sums = distance.groupby([frame["department"], frame["seed"]]).sum()
    by_department = sums.groupby(level="department")
    return by_department.mean() / (by_department.std() / np.sqrt(REPLICATES))


@pytest.mark.parametrize(
    "name", ["poor_share", "extreme_share", "fgt1", "fgt2", "living_badly_share"]
)
def test_estimates_centre_on_the_truth(replicates, name):
    frame, truth = replicates
    weight = frame["home" if name == "living_badly_share" else "weight"]
    distance = (frame[name] - frame["department"].map(truth[name])) * weight
    # A weighted sum of distances from the truth is zero on average, exactly: no bias of a ratio.
    z = z_scores(distance, frame)
    # 25 departments: their mean has standard error 1/5, their squares mean 1 (t: 1.1).
    assert abs(z.mean()) < 3 / 5
    assert (z**2).mean() < 1.1 + 3 * np.sqrt(2 / 25)


@pytest.mark.parametrize("area", ["urban", "rural"])
def test_estimates_by_area_centre_on_the_truth(replicates, area):
    frame, truth = replicates
    frame = frame[frame["area"] == area]
    distance = (frame["poor_share"] - frame["department"].map(truth[f"poor_share_{area}"])) * frame[
        "weight"
    ]
    z = z_scores(distance, frame)
    assert abs(z.mean()) < 3 / 5


def test_departments_have_errors_of_their_own(replicates):
    frame, truth = replicates
    distance = (frame["poor_share"] - frame["department"].map(truth["poor_share"])) * frame[
        "weight"
    ]
    sums = frame.assign(distance=distance).pivot_table("distance", "seed", "department", "sum")
    correlations = sums.corr().to_numpy()[np.triu_indices(25, 1)]
    # 300 pairs of 24 seeds: the mean has standard error 0.012.
    assert abs(correlations.mean()) < 0.05


def test_weights_add_up_to_the_population(replicates):
    frame, truth = replicates
    found = frame.groupby(["department", "seed"])["weight"].sum().groupby(level=0)
    z = (found.mean() - truth["population"]) / (found.std() / np.sqrt(REPLICATES))
    assert abs(z.mean()) < 3 / 5


def test_design_intervals_cover_as_often_as_they_say(replicates):
    frame, truth = replicates
    design = survey.Design(psu="psu", stratum="stratum", weight="weight")
    covered = []
    for _, sample in frame.groupby("seed"):
        table = survey.estimate(
            sample, {"poor": survey.mean("poor_share")}, by=["department"], design=design
        ).table
        known = table["department"].map(truth["poor_share"])
        covered += (table["low"].le(known) & table["high"].ge(known)).tolist()
    # 600 intervals of 95%: three binomial standard errors are 2.7 points.
    assert len(covered) == 25 * REPLICATES
    assert np.mean(covered) == pytest.approx(0.95, abs=0.027)


def test_sampling_errors_are_as_large_as_those_of_the_survey(replicates):
    # ENAHO 2015-2019, standard errors of Ayacucho, Cusco, Lambayeque and Puno, recomputed from
    # the files: 1.3 to 2.6 points with 170 to 285 PSUs.
    frame, _ = replicates
    design = survey.Design(psu="psu", stratum="stratum", weight="weight")
    sample = frame[frame["seed"] == 0]
    table = survey.estimate(
        sample, {"poor": survey.mean("poor_share")}, by=["department"], design=design
    ).table.set_index("department")
    assert table.loc[["05", "08", "14", "21"], "se"].between(0.013, 0.030).all()
    assert table.loc["05", "n_psu"] == 173


# --- the same PSUs in another year ----------------------------------------------------


def psus(simulation, year):
    frame = simulation.files["sumaria", year]
    return frame.drop_duplicates("conglome").set_index("conglome")


@pytest.mark.parametrize(
    ("overlap", "later", "share"),
    [(0.95, 2012, 0.95), (0.95, 2015, 0.80), (0.8, 2012, 0.8), (1, 2015, 1), (0, 2012, 0)],
)
def test_the_overlap_is_of_calendar_years(overlap, later, share):
    found = households(pd.concat([nation(2011), nation(later)]), overlap=overlap)
    first, second = psus(found, 2011), psus(found, later)
    kept = first.index.intersection(second.index)
    assert len(kept) / len(second) == pytest.approx(share, abs=0.005)
    columns = ["ubigeo", "estrato", "dominio", "factor07"]
    pd.testing.assert_frame_equal(first.loc[kept, columns], second.loc[kept, columns])


def test_what_a_psu_is_like_lasts_and_a_new_one_is_new(country):
    means = {}
    for year in (2014, 2015):
        frame = country.files["sumaria", year]
        spending = np.log(frame["gashog2d"] / frame["mieperho"])
        level = spending.groupby([frame["ubigeo"].str[:2], frame["estrato"]]).transform("mean")
        means[year] = (spending - level).groupby(frame["conglome"]).mean()
    both = pd.DataFrame(means).dropna()
    # 0.96 and 0.54 of the variance between PSUs (0.073, 0.053) lasts; the means have noise besides:
    # 0.069 / (0.073 + 0.2 / 5.8) for urban, 0.029 / (0.053 + 0.18 / 7.7) for rural PSUs.
    rural = both.index.isin(psus(country, 2014).query("estrato > 5").index)
    assert both[~rural].corr().iloc[0, 1] == pytest.approx(0.64, abs=0.06)
    assert both[rural].corr().iloc[0, 1] == pytest.approx(0.38, abs=0.08)


def test_a_change_is_told_with_less_error_for_the_psus_that_stay():
    changes = {}
    for overlap in (1, 0):
        found = households(pd.concat([nation(2011), nation(2012)]), overlap=overlap, seed=3)
        frame = pd.concat(
            [
                pd.DataFrame(
                    {
                        "year": year,
                        "psu": sumaria["conglome"],
                        "stratum": sumaria["estrato"],
                        "weight": sumaria["factor07"] * sumaria["mieperho"],
                        "poor": (sumaria["pobreza"] < 3).astype("float64"),
                    }
                )
                for (module, year), sumaria in found.files.items()
                if module == "sumaria"
            ],
            ignore_index=True,
        )
        design = survey.Design(psu="psu", stratum="stratum", weight="weight", period="year")
        estimates = survey.estimate(
            frame, {"poor": survey.mean("poor")}, by=["year"], design=design
        )
        changes[overlap] = estimates.change("year", 2011, 2012).table["se"].iloc[0]
    assert changes[1] < 0.85 * changes[0]


# --- INEI's format --------------------------------------------------------------------


@pytest.mark.parametrize("year", [2014, 2015])
def test_poverty_is_spending_against_the_lines(country, year):
    frame = country.files["sumaria", year]
    each = frame["gashog2d"] / (12 * frame["mieperho"])
    expected = np.select([each < frame["linpe"], each < frame["linea"]], [1, 2], 3)
    assert (frame["pobreza"] == expected).all()
    assert set(expected) == {1, 2, 3}


@pytest.mark.parametrize("module", MODULES)
def test_codes_are_text_of_their_width(country, module):
    frame = country.files[module, 2014]
    widths = {
        "año": 4,
        "mes": 2,
        "conglome": 6,
        "vivienda": 3,
        "hogar": 2,
        "ubigeo": 6,
        "codperso": 2,
    }
    for column, width in widths.items():
        if column in frame:
            assert frame[column].str.fullmatch(rf"\d{{{width}}}").all(), column
    assert set(frame["ubigeo"].str[:2]) == set(DEPARTMENTS)
    person = [] if module in ("sumaria", "governance") else ["codperso"]
    assert not frame.duplicated([*KEY, *person]).any()


def test_a_psu_has_one_place_stratum_and_weight(country):
    frame = country.files["sumaria", 2014]
    columns = ["ubigeo", "estrato", "dominio", "mes", "factor07", "linea", "linpe"]
    assert not frame.drop_duplicates(["conglome", *columns])["conglome"].duplicated().any()
    # Urban PSUs hold 4 to 8 homes, rural ones 6 to 8; their means in 2019 are 5.88 and 7.66.
    homes = frame.groupby([frame["estrato"] > 5, "conglome"]).size().groupby(level=0)
    assert homes.min().tolist() == [4, 6]
    assert homes.mean().tolist() == pytest.approx([5.88, 7.66], abs=0.05)


def test_the_metropolis_is_a_domain_of_its_own(country):
    frame = country.files["sumaria", 2014]
    metropolis = frame["ubigeo"].str.startswith("1501") | frame["ubigeo"].str.startswith("07")
    assert (metropolis == (frame["dominio"] == 8)).all()
    assert (frame.loc[metropolis, "estrato"] == 1).all()


def test_members_are_as_many_as_the_household_says(country):
    sumaria, members = (country.files[module, 2014] for module in ("sumaria", "members"))
    counted = members[members["p204"] == 1].groupby(KEY).size()
    expected = sumaria.set_index(KEY)["mieperho"].sort_index()
    assert (counted.sort_index() == expected).all()
    assert len(counted) == len(expected)
    assert (members[members["p203"] == 1].groupby(KEY).size() == 1).all()
    assert members["p203"].eq(1).sum() == len(sumaria)
    weights = members.drop_duplicates(KEY).set_index(KEY)["facpob07"]
    assert (weights == sumaria.set_index(KEY)["factor07"].reindex(weights.index)).all()


def test_domestic_workers_are_listed_and_no_members(country):
    members = country.files["members", 2014]
    workers = members[members["p203"] == 8]
    # 97 in the 34,565 households of 2019.
    assert 50 < len(workers) < 200
    assert (workers["p204"] == 2).all()
    assert (workers["p208a"] >= 16).all()
    assert (members["p204"] == 2).mean() == pytest.approx(0.031, abs=0.003)


def test_families_are_possible(country):
    members = country.files["members", 2014]
    head = members[members["p203"] == 1].set_index(KEY)
    heads = members[KEY].join(head[["p207", "p208a"]].add_prefix("head_"), on=KEY)
    spouse, child = members["p203"] == 2, members["p203"] == 3
    assert (members["p207"] != heads["head_p207"])[spouse].all()
    assert (heads["head_p208a"] - members["p208a"])[child].min() >= 15
    assert members["p208a"].between(0, 98).all()
    # A woman heads 29% of the homes of 2019.
    assert (head["p207"] == 2).mean() == pytest.approx(0.294, abs=0.015)


def test_work_is_asked_of_members_from_14_on_and_of_the_employed_only(country):
    members, work = (country.files[module, 2014] for module in ("members", "employment"))
    expected = members[(members["p204"] == 1) & (members["p208a"] >= 14)]
    assert (
        work[[*KEY, "codperso"]]
        .reset_index(drop=True)
        .equals(expected[[*KEY, "codperso"]].reset_index(drop=True))
    )
    employed = work["ocu500"] == 1
    for column in ("ocupinf", "p506r4"):
        assert (work[column].notna() == employed).all()
    assert work.loc[~employed, "i524a1"].isna().all()
    assert set(work["ocu500"]) == {0, 1, 2, 3, 4}
    assert set(work["p300a"]) == {1, 2, 3, 4}
    # 70.5% of the persons of module 500 of 2019 work.
    assert employed.mean() == pytest.approx(0.705, abs=0.03)


def test_groups_differ_as_they_should(country):
    sumaria, work, views = (
        country.files[module, 2014] for module in ("sumaria", "employment", "governance")
    )
    rural = work["estrato"] > 5
    farm = (work["p506r4"] < 400).where(work["p506r4"].notna())
    assert farm[rural].mean() > 0.5
    assert farm[~rural].mean() < 0.2
    assert (work["ocupinf"] == 1)[rural & farm.eq(True)].mean() > 0.85
    quechua = (work["p300a"] == 1).groupby(work["ubigeo"].str[:2]).mean()
    assert quechua["05"] > 0.4
    assert quechua["14"] < 0.01
    badly = views["p37"] <= 2
    assert badly[sumaria["pobreza"] < 3].mean() > badly[sumaria["pobreza"] == 3].mean() + 0.2


def test_answers_are_lost_as_in_the_survey(country):
    views = country.files["governance", 2014]
    lost = views["p37"].isna()
    assert lost.mean() == pytest.approx(0.021, abs=0.003)
    assert (views["p38"].isna() == lost).all()
    assert (views["p32"] == 9).mean() == pytest.approx(0.022, abs=0.003)
    assert 0 < (views["p37"] == 9).mean() < 0.003
    assert 0 < (views["p38"] == 99999).mean() < 0.007


# --- files ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["dta", "csv"])
def test_the_readers_of_real_files_read_them(small, tmp_path, kind):
    small.write(tmp_path, kind)
    found = enaho.find(tmp_path)
    assert sorted(found["module"]) == sorted(MODULES)
    assert set(found["year"]) == {2014}
    tidy = {
        module: getattr(enaho, f"read_{module}")(
            tmp_path / FILE_NAMES[module][kind].format(year=2014), cache=False
        )
        for module in MODULES
    }
    raw = small.files["sumaria", 2014]
    assert tidy["sumaria"]["psu"].tolist() == raw["conglome"].tolist()
    assert tidy["sumaria"]["poor"].tolist() == (raw["pobreza"] < 3).tolist()
    assert tidy["sumaria"]["household_weight"].tolist() == raw["factor07"].tolist()
    spending = raw["gashog2d"] / (12 * raw["mieperho"])
    assert tidy["sumaria"]["spending_pc_month"].tolist() == pytest.approx(spending.tolist())
    assert len(enaho.join_members(tidy["sumaria"], tidy["members"])) == len(tidy["members"])
    work = enaho.join_employment(tidy["sumaria"], tidy["employment"])
    employed = work["employed"].fillna(False)
    assert set(work.loc[employed, "sector"]) >= {"A", "C", "G", "I"}
    assert (work["informal"].notna() == employed).all()
    assert work["indigenous_language"].notna().all()
    for module, frame in tidy.items():
        assert frame.attrs["source_kind"] == "simulated"
        unwritten = enaho.tidy_module(module, small.files[module, 2014], year=2014)
        pd.testing.assert_frame_equal(frame, unwritten)
    views = small.files["governance", 2014]["p37"]
    known = views.between(1, 4)
    assert tidy["governance"]["living_badly"].notna().tolist() == known.tolist()
    assert tidy["governance"]["living_badly"][known].tolist() == (views[known] <= 2).tolist()


def test_every_frame_and_file_says_that_it_is_simulated(small, tmp_path):
    said = "SIMULATED, not INEI: icanalysis.simulate, seed 7"
    assert small.truth.attrs == {"source_kind": "simulated", "simulated": said}
    for frame in small.files.values():
        assert frame.columns[-1] == "simulated"
        assert (frame["simulated"] == 1).all()
        assert frame.attrs == small.truth.attrs
    for path in small.write(tmp_path / "dta"):
        frame, meta = pyreadstat.read_dta(path)
        assert meta.file_label == said
        assert (frame["simulated"] == 1).all()
    for path in small.write(tmp_path / "csv", "csv"):
        assert pd.read_csv(path, encoding="latin-1")["SIMULATED"].eq(1).all()


def test_csv_is_written_as_inei_writes_it(small, tmp_path):
    small.write(tmp_path, "csv")
    header = (tmp_path / "Enaho01B-2014-2.csv").read_bytes().split(b"\n")[0]
    assert header.startswith(b"A\xd1O,MES,CONGLOME,VIVIENDA,HOGAR,CODPERSO,CODINFOR,UBIGEO,")
    cells = pd.read_csv(
        tmp_path / "Enaho01B-2014-2.csv", encoding="latin-1", dtype=str, keep_default_na=False
    )
    assert set(cells["P37"]) == {" ", "1", "2", "3", "4", "9"}


def test_files_that_are_there_are_never_replaced(small, tmp_path):
    theirs = tmp_path / "sumaria-2014.dta"
    theirs.write_text("INEI's")
    with pytest.raises(WorkbookError) as caught:
        small.write(tmp_path)
    assert caught.value.told(ENGLISH) == (
        f"{tmp_path} already has sumaria-2014.dta. Simulated files never replace others: "
        "choose another folder."
    )
    assert theirs.read_text() == "INEI's"
    assert list(tmp_path.iterdir()) == [theirs]


def test_an_unknown_kind_of_file_is_refused(small, tmp_path):
    with pytest.raises(WorkbookError) as caught:
        small.write(tmp_path, "xlsx")
    assert caught.value.told(ENGLISH) == "Kind of file “xlsx” is not known. Known: dta, csv."


# --- what cannot be -------------------------------------------------------------------

SHARE = "this target is impossible → give a share between 0 and 1, as 0.37"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("05", 2013, 0), f"line 2, column poor_share, found “0”: {SHARE}"),
        (("05", 2013, 1.0), f"line 2, column poor_share, found “1.0”: {SHARE}"),
        (("05", 2013, 51.9), f"line 2, column poor_share, found “51.9”: {SHARE}"),
        (("05", 2013, None), f"line 2, column poor_share, found “None”: {SHARE}"),
        (
            ("26", 2013, 0.5),
            "line 2, column department, found “26”: this target is impossible → write two digits, 01 to 25",
        ),
        (
            (5, 2013, 0.5),
            "line 2, column department, found “5”: this target is impossible → write two digits, 01 to 25",
        ),
        (
            ("05", 1913, 0.5),
            "line 2, column year, found “1913”: this target is impossible → give a year from 2004 to 2100",
        ),
        (
            ("05", 2013.5, 0.5),
            "line 2, column year, found “2013.5”: this target is impossible → give a year from 2004 to 2100",
        ),
    ],
)
def test_impossible_targets_are_told(row, told):
    with pytest.raises(DataError) as caught:
        households(targets(row))
    assert [problem.told(ENGLISH) for problem in caught.value.problems] == [told]


def test_every_fault_is_told_at_once():
    with pytest.raises(DataError) as caught:
        households(targets(("05", 2013, 0.5), ("05", 2013, 0.4), ("99", 2013, 2.5)))
    assert sorted(problem.told(ENGLISH) for problem in caught.value.problems) == [
        "line 3: this department and year are there twice → keep one",
        "line 4, column department, found “99”: this target is impossible → write two digits, 01 to 25",
        f"line 4, column poor_share, found “2.5”: {SHARE}",
    ]


@pytest.mark.parametrize(
    ("frame", "columns"),
    [
        (pd.DataFrame({"department": ["05"], "year": [2013]}), "poor_share"),
        (targets(), "department, year, poor_share"),
    ],
)
def test_targets_have_their_columns_and_rows(frame, columns):
    with pytest.raises(DataError) as caught:
        households(frame)
    assert caught.value.problems[0].told(ENGLISH) == (
        f"there is no target with {columns} → give one row per department and year"
    )


@pytest.mark.parametrize("setting", [{"overlap": 1.1}, {"overlap": -0.1}, {"seed": -1}])
def test_impossible_settings_are_refused(setting):
    with pytest.raises(WorkbookError) as caught:
        households(targets(("05", 2013, 0.5)), **setting)
    assert caught.value.told(ENGLISH) == (
        "`seed` is a whole number from 0 on, `overlap` a share from 0 to 1."
    )


def test_psus_that_cannot_be_numbered_are_refused():
    with pytest.raises(WorkbookError) as caught:
        households(targets(("05", 2013, 0.5)), households=10_000_000)
    assert caught.value.told(ENGLISH) == (
        "So many households and years need more PSUs than six digits can number."
    )


def test_a_small_sample_keeps_two_psus_in_every_stratum():
    frame = households(nation(2012), households=300).files["sumaria", 2012]
    psu_count = frame.groupby([frame["ubigeo"].str[:2], "estrato"])["conglome"].nunique()
    assert psu_count.min() == 2


# --- what is said to be computed, from the file it is computed from -------------------


@pytest.fixture(scope="module")
def sumaria_2019():
    return enaho.read_sumaria(file("enaho", "sumaria-2019.dta"))


def test_psus_and_population_are_those_of_2019(sumaria_2019):
    places = sumaria_2019.drop_duplicates("psu")
    found = pd.crosstab(places["department"], places["stratum"])
    assert {code: row.tolist() for code, row in found.iterrows()} == {
        code: row.tolist() for code, row in superpopulation.PSUS.items()
    }
    people = sumaria_2019.groupby("department")["person_weight"].sum()
    for code in DEPARTMENTS:
        counted = superpopulation.cells(code, 2019).persons.sum()
        assert counted == pytest.approx(people[code], abs=1000), code


def test_sizes_and_spread_are_those_of_2019(sumaria_2019):
    rural = (sumaria_2019["area"] == "rural").astype(int)
    shares = pd.crosstab(rural, sumaria_2019["members"].clip(upper=10), normalize="index")
    assert shares.to_numpy() == pytest.approx(superpopulation.SIZES, abs=0.0015)
    standing = np.log(sumaria_2019["spending_pc_month"] / sumaria_2019["poverty_line"])
    size = np.log(sumaria_2019["members"].astype(float))
    cell = [sumaria_2019["department"], sumaria_2019["stratum"]]
    standing -= standing.groupby(cell).transform("mean")
    size -= size.groupby(cell).transform("mean")
    for area in (0, 1):
        here = rural == area
        slope = (standing * size)[here].sum() / (size**2)[here].sum()
        assert superpopulation.SIZE_TERM[area] == pytest.approx(slope, abs=0.01)
        rest = (standing - slope * size)[here].groupby(sumaria_2019["psu"][here])
        # One-way analysis of variance: within PSUs, and between them what that does not explain.
        within = rest.var().mul(rest.size() - 1).sum() / (rest.size() - 1).sum()
        between = rest.mean().var() - (within / rest.size()).mean()
        assert superpopulation.HOME_SD[area] == pytest.approx(np.sqrt(within), abs=0.01)
        assert superpopulation.PSU_SD[area] == pytest.approx(np.sqrt(between), abs=0.015)
