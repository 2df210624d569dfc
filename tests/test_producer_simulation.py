"""Simulated producers: repeatable, never mistaken for others, and true to their truth.

"By hand" below means worked out from the frame without the package.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from icanalysis.audit import file_problems
from icanalysis.errors import WorkbookError
from icanalysis.language import language
from icanalysis.load import open_data
from icanalysis.producer_simulation import EFFECTS, OUTCOMES, SEED, programme, shipped
from icanalysis.producers import CHANNELS

DATA = Path(__file__).parents[1] / "data"
SHIPPED = DATA / "producers" / "simulated_producers.csv"
ENGLISH = language("en")


@pytest.fixture(scope="module")
def data():
    return open_data(DATA)


@pytest.fixture(scope="module")
def made(data):
    return shipped(data)


@pytest.fixture(scope="module")
def many():
    """A programme large enough for averages to be sharp."""
    return programme(5, communities=60)


def wide(frame, name):
    """One row per producer, a column per wave."""
    if name == "channels":
        values = frame[list(CHANNELS)].astype("float64").sum(axis=1, skipna=False)
    else:
        values = frame[name].astype("float64")
    return frame.assign(y=values).pivot_table("y", "producer_id", "wave")


def did(frame, name):
    """Difference-in-differences of means of the producers seen twice, by hand."""
    change = wide(frame, name).diff(axis=1)["outcome"].dropna()
    person = frame.drop_duplicates("producer_id").set_index("producer_id").loc[change.index]
    mean = (change * person["weight"]).groupby(person["arm"]).sum()
    mean /= person.groupby("arm")["weight"].sum()
    return mean["programme"] - mean["comparison"]


def share_lost(frame, by):
    first = frame[frame["wave"] == "baseline"]
    lost = ~first["producer_id"].isin(frame.loc[frame["wave"] == "outcome", "producer_id"])
    return lost.groupby(first[by]).mean()


# --- the file shipped -----------------------------------------------------------------


def test_the_shipped_file_is_made_again_byte_for_byte(made, tmp_path):
    again = made.write(tmp_path / "again.csv")
    assert again.read_bytes() == SHIPPED.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again.csv"]


def test_the_shipped_file_loads_as_the_frame_it_was_made_from(data, made):
    pd.testing.assert_frame_equal(data.table("producers"), made.frame)
    assert SHIPPED.stat().st_size < 500_000


def test_a_file_that_is_there_is_never_replaced(made, tmp_path):
    own = tmp_path / "producers.csv"
    own.write_text("an office's own", encoding="utf-8")
    with pytest.raises(WorkbookError) as refused:
        made.write(own)
    assert "producers.csv is there already" in refused.value.told(ENGLISH)
    assert own.read_text(encoding="utf-8") == "an office's own"


def test_the_readme_tells_what_is_in_the_file(made):
    text = (SHIPPED.parent / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"\| `?(\w+)`? \([^|]*\) \| ([\d.]+) \| ([\d.]+) \|", text)
    told = pd.DataFrame(told, columns=["variable", "effect", "effect_followed"])
    told = told.set_index("variable").astype(float)
    assert set(told.index) == set(OUTCOMES)
    truth = made.truth.loc[told.index, told.columns]
    pd.testing.assert_frame_equal(told, truth, atol=5e-4, rtol=0)
    ids = {wave: set(rows["producer_id"]) for wave, rows in made.frame.groupby("wave")}
    followed = len(ids["baseline"] & ids["outcome"])
    lost, new = len(ids["baseline"]) - followed, len(ids["outcome"]) - followed
    assert followed + lost == 960
    assert made.frame["community"].nunique() == 96
    for stated in (f"from {followed} producers", f"{lost} of the 960", f"{new} are new"):
        assert stated in text
    first = made.frame[made.frame["wave"] == "baseline"]
    assert f"about {first['income_soles'].mean():.0f} soles" in text


def test_amounts_of_the_baseline_are_at_its_own_prices(data, made):
    """At constant prices the same people would answer as much more as prices grew."""
    index = data.table("deflators").set_index(["region", "year"])["deflator"]
    constant = programme(SEED, regions=["ayacucho", "cusco", "puno", "lambayeque"])
    for region, rows in made.frame[made.frame["wave"] == "baseline"].groupby("region"):
        real = constant.frame.loc[rows.index, "income_soles"]
        ratio = rows["income_soles"].sum() / real.sum()
        assert ratio == pytest.approx(index[region, 2009] / index[region, 2013], abs=1e-3)


# --- repeatable, labelled, of the schema ------------------------------------------------


def test_the_same_seed_gives_the_same_and_another_does_not():
    one, same, other = programme(3), programme(3), programme(4)
    pd.testing.assert_frame_equal(one.frame, same.frame)
    pd.testing.assert_frame_equal(one.truth, same.truth)
    assert not one.frame["income_soles"].equals(other.frame["income_soles"])


def test_the_same_seed_gives_the_same_people_whatever_the_effects():
    one, other = programme(3), programme(3, effects={"credit": 0.1})
    last = one.frame["wave"] == "outcome"
    same = ~last | (one.frame["arm"] == "comparison")
    pd.testing.assert_frame_equal(one.frame[same], other.frame[same])
    about = ["producer_id", "wave", "age", "sex", "trained", "training_hours", "sells_local"]
    pd.testing.assert_frame_equal(one.frame[about], other.frame[about])


def test_every_row_says_that_it_is_simulated(made):
    assert set(made.frame["source_kind"]) == {"simulated"}
    assert made.frame.attrs["source_kind"] == "simulated"
    assert made.frame.attrs["simulated"].startswith("SIMULATED, nobody existed")
    assert made.frame.attrs["simulated"].endswith("seed 2017")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"communities": 1, "producers_per_community": 1, "regions": ["puno"]},
        {"producers_per_community": 500, "regions": ["puno"], "sectors": ["crafts"]},
        {"item_missing": 0.6, "attrition": 0.9},
        {"years": (2012, 2013), "effects": {"income_soles": -400, "days_worked": 40}},
    ],
)
def test_whatever_is_simulated_the_table_holds(data, tmp_path, settings):
    path = programme(8, **settings).write(tmp_path / "producers.csv")
    assert file_problems(data, path) == []


def test_ids_tell_nothing_of_the_arm(many):
    person = many.frame.drop_duplicates("producer_id")
    number = person["producer_id"].str[4:].astype(int)
    mean = number.groupby([person["region"], person["arm"]]).mean()
    ratio = mean.xs("programme", level="arm") / mean.xs("comparison", level="arm")
    assert (ratio - 1).abs().max() < 0.1


def test_ids_of_more_than_four_digits_stay_in_order():
    frame = programme(
        1, regions=["puno"], sectors=["crafts"], communities=1, producers_per_community=5001
    ).frame
    assert frame["producer_id"].str.fullmatch("[A-Z]{3}-[0-9]{5}").all()
    assert frame["producer_id"].is_monotonic_increasing


def test_what_does_not_change_does_not(many):
    fixed = ["region", "sector", "community", "arm", "sex", "mother_tongue", "weight", "area"]
    assert many.frame.groupby("producer_id")[fixed].nunique().max().max() == 1
    by_community = many.frame.groupby("community")[["region", "sector", "arm"]].nunique()
    assert (by_community == 1).all(axis=None)
    strata = many.frame.groupby(["region", "sector"])["weight"].nunique()
    assert (strata == 1).all()
    aged = wide(many.frame, "age").diff(axis=1)["outcome"].dropna()
    assert aged.between(3, 5).all()


# --- true to its truth ------------------------------------------------------------------


def test_a_constant_effect_is_its_truth_exactly(made):
    assert made.truth.loc["income_soles"].tolist() == pytest.approx([60] * 3, abs=1e-12)
    assert made.truth.loc["sales_soles"].tolist() == pytest.approx([80] * 3, abs=1e-12)
    assert made.truth.loc["credit"].tolist() == [0, 0, 0]


def test_truth_is_the_difference_between_the_same_people_with_and_without():
    """Without loss or gaps the two simulations show both answers of everybody."""
    settings = {"attrition": 0, "item_missing": 0, "newcomers": 0}
    treated, untouched = programme(6, **settings), programme(6, effects={}, **settings)
    last = treated.frame["wave"] == "outcome"
    arm = last & (treated.frame["arm"] == "programme")
    weight = treated.frame.loc[arm, "weight"].to_numpy()
    for name in OUTCOMES:
        columns = list(CHANNELS) if name == "channels" else [name]
        gained = (
            treated.frame[columns].astype(float) - untouched.frame[columns].astype(float)
        ).sum(axis=1)
        assert (gained[~arm] == 0).all()
        by_hand = float((gained[arm] * weight).sum() / weight.sum())
        assert treated.truth.loc[name, "effect"] == pytest.approx(by_hand, abs=1e-12)
        assert treated.truth.loc[name, "effect_followed"] == pytest.approx(by_hand, abs=1e-12)
    assert (untouched.truth == 0).all(axis=None)


def test_truth_among_those_followed_is_of_those_followed():
    settings = {"item_missing": 0, "newcomers": 0}
    lost, whole = programme(6, **settings), programme(6, attrition=0, **settings)
    untouched = programme(6, effects={}, attrition=0, **settings)
    last = whole.frame["wave"] == "outcome"
    gained = (
        whole.frame["formalised"].astype(float) - untouched.frame["formalised"].astype(float)
    )[last & (whole.frame["arm"] == "programme")]
    person = whole.frame.loc[gained.index]
    kept = lost.frame.loc[lost.frame["wave"] == "outcome", "producer_id"]
    stays = person["producer_id"].isin(kept)
    assert 0 < (~stays).sum() < len(stays)
    by_hand = np.average(gained[stays], weights=person.loc[stays, "weight"])
    assert lost.truth.loc["formalised", "effect_followed"] == pytest.approx(by_hand, abs=1e-12)
    assert lost.truth.loc["formalised", "effect"] != lost.truth.loc["formalised", "effect_followed"]


@pytest.mark.parametrize("name", OUTCOMES)
def test_difference_in_differences_finds_the_truth(many, name):
    """19,200 producers: within four standard errors, taken from half samples by community."""
    truth = many.truth.loc[name, "effect_followed"]
    part = many.frame["community"].str[-1].astype(int)
    parts = [did(many.frame[part == digit], name) for digit in range(10)]
    error = np.std(parts, ddof=1) / np.sqrt(10)
    assert abs(did(many.frame, name) - truth) < 4 * error
    assert error < 0.35 * EFFECTS[name] or name == "credit"


def test_comparing_only_the_outcome_or_only_the_programme_misleads(many):
    """What the naive figures get wrong is in the data: selection and a trend."""
    frame = many.frame
    last = wide(frame, "income_soles")["outcome"]
    person = frame.drop_duplicates("producer_id").set_index("producer_id")["arm"]
    means = last.groupby(person).mean()
    assert means["programme"] - means["comparison"] > 60 + 10
    change = wide(frame, "income_soles").diff(axis=1)["outcome"].groupby(person).mean()
    assert change["programme"] > 60 + 20
    assert change["comparison"] == pytest.approx(30, abs=6)


@pytest.mark.parametrize(
    ("name", "effect"),
    [("formalised", -0.2), ("credit", 0.3), ("channels", -0.25), ("days_worked", -2)],
)
def test_effects_of_either_sign_are_imposed_about_as_asked(name, effect):
    found = programme(2, communities=30, effects={name: effect}).truth
    assert found["asked"].to_dict() == {**dict.fromkeys(OUTCOMES, 0), name: effect}
    truth = found["effect"]
    assert truth[name] == pytest.approx(effect, rel=0.1)
    assert (truth.drop(name) == 0).all()


# --- who is lost, what is missing, what communities share -------------------------------


def test_the_poor_and_the_comparison_are_lost_more(many):
    by_arm = share_lost(many.frame, "arm")
    assert by_arm["programme"] == pytest.approx(0.10, abs=0.01)
    assert by_arm["comparison"] == pytest.approx(0.16, abs=0.01)
    first = many.frame[many.frame["wave"] == "baseline"]
    poorer = first["income_soles"] < first["income_soles"].median()
    lost = ~first["producer_id"].isin(
        many.frame.loc[many.frame["wave"] == "outcome", "producer_id"]
    )
    assert lost[poorer].mean() > 1.3 * lost[~poorer].mean()


def test_nobody_is_lost_and_nothing_left_out_where_none_is_asked():
    frame = programme(1, attrition=0, item_missing=0, newcomers=0).frame
    assert len(frame) == 2 * 960
    assert not frame.isna().any(axis=None)


def test_those_who_earn_more_say_it_less():
    told = programme(5, communities=60)
    asked = programme(5, communities=60, item_missing=0)
    missing = told.frame["income_soles"].isna()
    assert missing.mean() == pytest.approx(0.03, abs=0.005)
    income = asked.frame["income_soles"]
    assert income[missing].mean() > 1.15 * income[~missing].mean()
    assert told.frame["age"].isna().mean() == pytest.approx(0.005, abs=0.002)


def test_communities_share_between_a_twentieth_and_a_tenth_of_the_variance(many):
    """Intraclass correlation of log income by one-way analysis of variance, within strata."""
    first = many.frame[(many.frame["wave"] == "baseline")].dropna(subset=["income_soles"])
    log_income = np.log(first["income_soles"])
    community = first["community"]
    stratum = first["region"] + first["sector"] + first["arm"]
    centred = log_income - log_income.groupby(stratum).transform("mean")
    sizes = community.groupby(community).size()
    between = (centred.groupby(community).mean() ** 2 * sizes).sum() / (
        len(sizes) - stratum.nunique()
    )
    inner = centred - centred.groupby(community).transform("mean")
    within = (inner**2).sum() / (len(first) - len(sizes))
    icc = (between - within) / (between + (sizes.mean() - 1) * within)
    assert 0.05 < icc < 0.1
    skew = ((log_income.pipe(np.exp) - first["income_soles"].mean()) ** 3).mean()
    assert skew / first["income_soles"].std() ** 3 > 1


def test_the_programme_trains_whether_or_not_it_has_an_effect():
    frame = programme(1, effects={}).frame
    trained = frame.groupby(["arm", "wave"])["trained"].mean()
    assert trained["programme", "outcome"] > 0.8
    assert trained.drop(("programme", "outcome")).max() < 0.3
    hours = frame.dropna(subset=["training_hours"])
    assert ((hours["training_hours"] > 0) == hours["trained"]).all()
    fairs = frame.dropna(subset=["fairs", "sells_fairs"])
    assert ((fairs["fairs"] > 0) == fairs["sells_fairs"]).all()


# --- refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"effects": {"incomes": 3}}, "Outcome “incomes” is not known. Did you mean"),
        (
            {"effects": {"formalised": 0.8}},
            "formalised: without the programme a producer has 0.29 of 1, ",
        ),
        ({"effects": {"credit": -0.5}}, "cannot move by -0.5"),
        (
            {"effects": {"channels": 3.9}},
            "sells_export: without the programme a producer has 0.73 of 4",
        ),
        ({"regions": []}, "needs a region, a sector, a community"),
        ({"sectors": []}, "needs a region, a sector, a community"),
        ({"communities": 0}, "needs a region, a sector, a community"),
        ({"years": (2013, 2013)}, "years in order"),
        ({"attrition": 1}, "shares from 0 to below 1"),
        ({"item_missing": -0.1}, "shares from 0 to below 1"),
        ({"regions": ["lima", "lima_provincias"]}, "the same three letters"),
    ],
)
def test_what_cannot_be_simulated_is_refused(settings, said):
    with pytest.raises(WorkbookError) as refused:
        programme(1, **settings)
    assert said in refused.value.told(ENGLISH)
