"""The study as a whole: definitions, target answers, honesty of past years (truth.md 23-28)."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from geo.errors import OptionError, TableError
from geo.units import m3_mu_to_m3_ha
from layers.facts import Facts
from sinks.forest.definitions import BY_ID, DEFINITIONS, points
from sinks.forest.montecarlo import sample
from sinks.forest.project import build, imbalance, project
from sinks.forest.registry import priors
from sinks.forest.state import from_table
from sinks.forest.study import Options, study
from sinks.forest.target import reach_by

AS_OF = date(2026, 11, 22)


def test_target_of_the_plan_in_hectares():
    assert m3_mu_to_m3_ha(4.5) == pytest.approx(67.5)


def test_closed_list_of_definitions():
    assert [d.id for d in DEFINITIONS] == ["D1", "D2", "D3", "D4"]
    assert list(BY_ID) == ["D1", "D2", "D3", "D4", "H1", "H2"]
    assert not BY_ID["H1"].target
    assert not BY_ID["H2"].target
    assert BY_ID["D2"].numerator != BY_ID["D3"].numerator


def test_published_points(facts):
    found = {(p.definition, p.year): p.density for p in points(facts.forest_series)}
    assert found["D1", 2023] == pytest.approx(4.92, abs=0.005)
    assert found["D2", 2023] == pytest.approx(4.37, abs=0.005)
    assert found["D3", 2019] == pytest.approx(3.89, abs=0.005)
    assert found["H1", 2013] == pytest.approx(3.41, abs=0.005)
    assert found["H2", 2014] == pytest.approx(3.35, abs=0.005)


def test_every_answer_lists_all_four(result):
    status = {a.definition.id: a.status for a in result.answers}
    assert status == {"D1": "reached", "D2": "short", "D3": "missing", "D4": "reached"}


def test_model_starts_on_the_published_points(result):
    start = result.data["density"].sel(year=2023, quantile=0.5)
    assert float(start.sel(definition="D1")) == pytest.approx(4.923, abs=0.03)
    assert float(start.sel(definition="D2")) == pytest.approx(4.370, abs=0.03)


def test_no_probability_before_the_as_of_year_is_over(result):
    p = result.data["p_by"]
    assert np.isnan(p.sel(year=slice(None, 2026))).all()
    assert np.isfinite(p.sel(year=slice(2027, None), definition=["D1", "D2", "D4"])).all()
    assert np.isnan(p.sel(definition="D3")).all()
    assert result.answers[1].probability(2025) is None
    assert result.answers[1].probability(2027) == pytest.approx(
        float(p.sel(definition="D2", year=2027))
    )


def test_probability_by_a_year_never_falls(result):
    p = result.data["p_by"].sel(definition="D2", year=slice(2027, None)).to_numpy()
    assert (np.diff(p) >= 0).all()
    assert ((p >= 0) & (p <= 1)).all()


def test_d3_has_a_bridge_between_its_points_and_no_future(result):
    d3 = result.data.sel(definition="D3")
    assert (d3["kind"].sel(year=slice(1999, 2019)) == "bridge").all()
    assert (d3["kind"].sel(year=slice(2020, None)) == "none").all()
    assert np.isnan(d3["density"].sel(year=slice(2020, None))).all()


def test_past_of_modelled_definitions_is_a_bridge(result):
    for name in ("D1", "D2", "D4"):
        kind = result.data["kind"].sel(definition=name)
        assert (kind.sel(year=slice(1999, 2022)) == "bridge").all()
        assert (kind.sel(year=slice(2023, None)) == "model").all()


def test_quantiles_are_ordered(result):
    density = result.data["density"].sel(definition=["D1", "D2", "D4"])
    assert (density.diff("quantile") >= 0).all()


def test_same_seed_same_bytes_and_prefix_of_longer_runs(strata, facts):
    def once(seed):
        return study(strata, facts.forest_series, AS_OF, seed, options=Options(draws=300)).data

    assert once(5).identical(once(5))
    assert not once(5)["density"].identical(once(6)["density"])


def test_central_ledgers_close(result):
    area, volume = imbalance(result.central)
    assert area < 1e-10
    assert volume < 1e-10


def test_planting_never_raises_density_within_five_years(strata):
    """Truth 25, with near-zero growth on new stands; and planting joins after 3-5 years."""
    state = from_table(strata.table())
    for years in (3, 4, 5):
        model = build(state, priors({"join_years": years}))
        model.volume[:, :12] = 1e-6
        few = project(model, 2023, 2030, planting_wan_mu=0.0).states
        many = project(model, 2023, 2030, planting_wan_mu=9.0).states
        density = [(s["stock_m3"] / s["tree_ha"]).to_numpy() for s in (few, many)]
        assert (density[1][:6] <= density[0][:6] + 1e-12).all()
        np.testing.assert_allclose(density[0][:years], density[1][:years], rtol=1e-12)


def test_harvest_and_disturbance_lower_the_stock(strata):
    model = build(from_table(strata.table()), priors())
    stock = [
        project(model, 2023, 2040, harvest=h, disturbance=d).states["stock_m3"].iloc[-1]
        for h, d in ((0.0, 0.0), (0.01, 0.0), (0.01, 2.0))
    ]
    assert stock[0] > stock[1] > stock[2]


def test_reach_by_counts_first_passage():
    density = np.array([[4.0, 4.6, 4.4], [4.0, 4.1, 4.2]])
    np.testing.assert_allclose(reach_by(density, 4.5), [0.0, 0.5, 0.5])


def test_published_mismatch_is_said(strata, facts):
    frame = strata.table().copy()
    frame["area_ha"] *= 1.02
    got = study(
        replace(strata, data=frame), facts.forest_series, AS_OF, 1, options=Options(draws=5)
    )
    assert any("不一致" in note.zh for note in got.notes)


def test_without_a_series_the_strata_alone_answer(strata):
    got = study(strata, Facts.empty().forest_series, AS_OF, 1, options=Options(draws=5))
    assert [a.status for a in got.answers] == ["reached", "short", "missing", "reached"]
    assert got.answers[0].point is None


def test_marks(result):
    assert result.passport.synthetic
    assert result.passport.unverified
    assert "参数未核验" in result.passport.marks()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (Options(draws=0), OptionError),
        (Options(target=-1), OptionError),
        (Options(conversion_set="none"), OptionError),
        (Options(conversion_set="zhang2013"), TableError),  # lacks 马尾松, 杉木: nothing borrowed
        (Options(zone="东"), OptionError),
        (Options(overrides={"join_years": 9}), OptionError),
        (Options(overrides={"speed": 1}), OptionError),
        (Options(first=2030), OptionError),
    ],
)
def test_bad_options(strata, facts, options, error):
    with pytest.raises(error) as caught:
        study(strata, facts.forest_series, AS_OF, 1, options=options)
    assert caught.value.what.zh
    assert caught.value.cure.en


def test_strata_without_a_year(strata, facts):
    bare = replace(strata, passport=replace(strata.passport, as_of=""))
    with pytest.raises(TableError):
        study(bare, facts.forest_series, AS_OF, 1)


def test_band_covers_synthetic_truths(strata):
    """250 truths drawn with another seed lie in the P5-P95 band nine times in ten."""
    model = build(from_table(strata.table()), priors())
    truth = sample(model, 2023, 2010, 2045, seed=11, draws=250).stock
    band = np.quantile(
        sample(model, 2023, 2010, 2045, seed=12, draws=1000).stock, (0.05, 0.95), axis=0
    )
    inside = ((truth >= band[0]) & (truth <= band[1])).mean(axis=0)
    assert inside[0] == pytest.approx(0.9, abs=0.06)
    assert inside[-1] == pytest.approx(0.9, abs=0.06)


def test_longer_runs_begin_with_the_draws_of_shorter_ones(strata):
    model = build(from_table(strata.table()), priors())
    few = sample(model, 2023, 2020, 2030, seed=4, draws=10)
    many = sample(model, 2023, 2020, 2030, seed=4, draws=300)
    np.testing.assert_array_equal(few.stock, many.stock[:10])
    np.testing.assert_array_equal(few.past_stock, many.past_stock[:10])


def test_bridge_covers_the_published_forest_stock_of_2014(result, facts):
    """Stock 6,528 万m³ (H2) has the numerator of D1: the band of its past must hold it."""
    (h2,) = (p for p in points(facts.forest_series) if p.definition == "H2")
    low, middle, high = result.data["stock"].sel(year=h2.year).to_numpy()
    assert low <= h2.stock_wan_m3 <= high
    assert middle == pytest.approx(8550 * np.exp(-0.6745 * 0.02 * 9), rel=0.03)  # not on the point


def test_bridge_error_grows_with_distance_and_leaves_the_future_alone(strata):
    state = from_table(strata.table())
    some, none = (
        sample(build(state, priors(p)), 2023, 2003, 2033, seed=2, draws=250)
        for p in ({}, {"bridge_error": 0.0})
    )
    np.testing.assert_array_equal(some.stock, none.stock)
    lower = np.log(none.past_stock / some.past_stock)
    assert (lower >= 0).all()  # one-sided: the past never lies above the curve
    assert np.sqrt((lower[:, -1] ** 2).mean()) == pytest.approx(0.02, rel=0.15)
    np.testing.assert_allclose(lower[:, 0], 20 * lower[:, -1])


def test_bridge_that_contradicts_a_published_stock_is_said(strata, facts, result):
    said = [n.zh for n in result.notes if n.zh.startswith("桥接与公布值不符")]
    assert [s for s in said if "1999 年" in s and "活立木" in s]  # above the living stock
    assert not [s for s in said if "2014 年" in s]
    narrow = study(
        strata, facts.forest_series, AS_OF, 7,
        options=Options(draws=100, overrides={"bridge_error": 0.0}),
    )  # fmt: skip
    assert any("2014 年" in n.zh and "森林蓄积" in n.zh for n in narrow.notes)


def test_no_probability_for_the_reference_year_itself(strata, facts):
    got = study(strata, facts.forest_series, date(2022, 6, 30), 7, options=Options(draws=20)).data[
        "p_by"
    ]
    assert np.isnan(got.sel(year=2023)).all()
    assert np.isfinite(got.sel(year=2024, definition="D2"))


def test_strata_without_stock_are_named(strata, facts):
    frame = strata.table().copy()
    frame.loc[frame["stratum"] == "杉木-人工", "volume_m3"] = 0.0
    got = study(
        replace(strata, data=frame), facts.forest_series, AS_OF, 1, options=Options(draws=5)
    )
    assert any("杉木-人工" in n.zh and "无蓄积" in n.zh for n in got.notes)
    assert any("Chinese fir planted" in n.en for n in got.notes)


def test_sweep_of_v0_outlives_a_v0_of_the_user(strata, facts):
    got = study(
        strata, facts.forest_series, AS_OF, 1, options=Options(draws=5, overrides={"v0": 15.0})
    )
    assert sorted(set(got.sweep["v0_m3_ha"])) == [10.0, 15.0, 30.0, 50.0]
