"""Economics of sites: frame, bands, what is not counted, tornado, carbon; rows of the table."""

from __future__ import annotations

import numpy as np
import pytest

from geo.errors import OptionError
from geo.sourced import Sourced
from layers.facts import load_facts
from siting.cost import carbon
from siting.cost.assumed import bands, keys_of
from siting.cost.economics import COLUMNS, economics, parameters
from siting.cost.lcoe import Finance
from siting.law.terms import Technology
from siting.sites.params import NO_SOURCE

PV, WIND = Technology.PV, Technology.WIND
NAN = float("nan")


def pv(values=None, **change):
    given = {
        "capacity_mw": [100.0, 50.0, 20.0],
        "capacity_mwp": [120.0, 60.0, 24.0],
        "energy_gwh": [126.0, 66.0, NAN],
        "connection_yuan": [3e7, 1e7, 5e6],
        "land_mu": [2200.0, 1100.0, 440.0],
        "cleared_mu": None,
    } | change
    return economics(PV, **given, params=parameters(values))


def wind(values=None, **change):
    given = {
        "capacity_mw": [100.0, 50.0],
        "capacity_mwp": [NAN, NAN],
        "energy_gwh": [200.0, 100.0],
        "connection_yuan": None,
        "land_mu": None,
        "cleared_mu": None,
    } | change
    return economics(WIND, **given, params=parameters(values))


PLAIN = {"cost.pv_degradation": 0.0, "cost.pv_capex": 3000.0}


def test_check_figures_come_out_of_the_parameter_table():
    """5,850 元 at 2,000 h: 0.301; PV 3,000 元 at 1,050 h: 0.297, no degradation, no connection."""
    assert wind().frame["lcoe_yuan_per_kwh"].tolist() == pytest.approx([0.3015] * 2, abs=1e-4)
    plain = pv(PLAIN, connection_yuan=None)
    assert plain.frame["lcoe_yuan_per_kwh"][0] == pytest.approx(0.297, abs=5e-4)


def test_pv_counts_per_kwp_dc():
    """Same energy and DC, other AC: the same money per kWp; MW of the curve both ways."""
    one, other = pv(), pv(capacity_mw=[80.0, 40.0, 16.0])
    for name in ("capex_yuan_per_kw", "lcoe_yuan_per_kwh", "breakeven_hours"):
        np.testing.assert_array_equal(one.frame[name], other.frame[name])
    assert "DC" in one.basis.en
    assert any("直流" in note.zh for note in one.notes)
    assert one.supply["cum_mw_dc"].tolist() == [60.0, 180.0]
    assert other.supply["cum_mw_ac"].tolist() == [40.0, 120.0]
    assert one.frame["land_mu_per_mw"].tolist() == [22.0, 22.0, 22.0]


def test_frame_has_its_columns_and_unknown_energy_stays_unknown():
    found = pv().frame
    assert tuple(found) == COLUMNS
    unknown = found.iloc[2]
    for name in ("lcoe_yuan_per_kwh", "lcoe_low", "clears", "avoided_tco2_a", "embodied_tco2"):
        assert np.isnan(unknown[name])
    assert unknown["breakeven_hours"] > 1000
    known = found.iloc[:2]
    assert (known["lcoe_low"] < known["lcoe_yuan_per_kwh"]).all()
    assert (known["lcoe_high"] > known["lcoe_yuan_per_kwh"]).all()
    assert (known["breakeven_price_yuan_per_kwh"] == known["lcoe_yuan_per_kwh"]).all()
    assert "profit" not in " ".join(found)


def test_dearer_never_clears_more():
    energy = np.linspace(60, 260, 60)
    many = wind(
        capacity_mw=np.full(60, 100.0), capacity_mwp=np.full(60, NAN), energy_gwh=energy
    ).frame
    assert (np.diff(many["lcoe_yuan_per_kwh"]) < 0).all()
    assert (np.diff(many["clears"]) >= 0).all()
    assert many["clears"].iloc[0] == 0
    assert many["clears"].iloc[-1] == 1
    covered = many["lcoe_yuan_per_kwh"] <= 0.30
    assert (covered == (10 * energy >= many["breakeven_hours"])).all()


def test_connection_is_counted_for_all_or_the_site_has_no_cost():
    bare = pv(connection_yuan=None)
    assert any("接入" in one.zh for one in bare.missing)
    assert pv(connection_yuan=[NAN] * 3).frame.equals(bare.frame)
    half = pv(connection_yuan=[3e7, NAN, 5e6])
    assert np.isnan(half.frame["lcoe_yuan_per_kwh"][1])
    assert np.isnan(half.frame["breakeven_hours"][1])
    assert any(one.zh.startswith("1 个场址") for one in half.missing)
    full = pv()
    assert full.frame["lcoe_yuan_per_kwh"][0] > bare.frame["lcoe_yuan_per_kwh"][0]
    assert full.frame["counted_yuan_per_kw"][0] == pytest.approx(3250 + 3e7 / 120e3)
    held = pv({"cost.connection_added": 0.0})
    np.testing.assert_array_equal(held.frame["lcoe_yuan_per_kwh"], bare.frame["lcoe_yuan_per_kwh"])


def test_what_is_not_counted_is_named_and_counted_once_given():
    first = pv()
    said = " ".join(one.zh for one in first.missing)
    for word in ("土地租金", "森林植被恢复费", "退役", "税费", "残值", "弃电率", "隐含排放"):
        assert word in said
    given = pv(
        {"cost.land_rent": 300.0, "cost.forest_restoration": 6000.0, "cost.pv_embodied": 800.0},
        cleared_mu=[10.0, 0.0, 0.0],
    )
    said = " ".join(one.zh for one in given.missing)
    assert "土地租金" not in said
    assert "恢复费" not in said
    assert (given.frame["lcoe_yuan_per_kwh"] > first.frame["lcoe_yuan_per_kwh"])[:2].all()
    extra = given.frame["counted_yuan_per_kw"] - first.frame["counted_yuan_per_kw"]
    assert extra.tolist() == pytest.approx([6000 * 10 / 120e3, 0, 0])
    assert given.frame["embodied_tco2"].tolist() == pytest.approx([96_000, 48_000, 19_200])
    unknown = pv({"cost.forest_restoration": 6000.0})
    assert any("缺占用林地面积" in one.zh for one in unknown.missing)


@pytest.mark.parametrize("key", ["tax", "curtailment", "pv_decommissioning"])
def test_every_missing_row_does_something_once_given(key):
    more = pv({f"cost.{key}": 0.1 if "decom" not in key else 200.0}).frame
    assert (more["lcoe_yuan_per_kwh"] > pv().frame["lcoe_yuan_per_kwh"])[:2].all()
    less = pv({"cost.residual": 0.05}).frame
    assert (less["lcoe_yuan_per_kwh"] < pv().frame["lcoe_yuan_per_kwh"])[:2].all()


def test_flat_ground_is_cheaper_for_wind():
    half = wind(mountain=[1.0, 0.5]).frame["capex_yuan_per_kw"]
    assert half.tolist() == [5850.0, (5850 + 3200) / 2]
    with pytest.raises(OptionError, match="mountain"):
        wind(mountain=[1.0, 1.5])


def test_tornado_names_the_largest_first():
    found = pv()
    assert found.tornado_unit == "元/kWh"
    assert found.tornado["key"][0] == "pv_capex"
    assert (np.diff(found.tornado["swing"]) <= 0).all()
    assert (found.tornado["result_cheap"] <= found.tornado["base"]).all()
    assert (found.tornado["result_dear"] >= found.tornado["base"]).all()
    hours = wind(energy_gwh=[NAN, NAN])
    assert hours.tornado_unit == "h"
    assert set(hours.tornado["key"]) == {"discount", "wind_capex_mountain", "wind_fom"}
    mine = pv({"cost.pv_capex": 3000.0})  # a value of the user stands as given
    assert "pv_capex" not in set(mine.tornado["key"])
    assert "pv_capex" not in bands(mine.params, PV)


def test_avoided_is_404_t_a_gwh_and_falls_with_the_grid():
    found = wind(energy_gwh=[1.0, 100.0]).frame.iloc[0]
    assert found["avoided_tco2_a"] == pytest.approx(404.4)
    assert found["avoided_tco2_a_fossil"] == pytest.approx(827.3)
    assert found["avoided_tco2_life"] == pytest.approx(404.4 * 20)
    for name, fall in (("slow", 0.03), ("fast", 0.07)):
        total = sum(404.4 * (1 - fall) ** year for year in range(20))
        assert found[f"avoided_tco2_life_{name}"] == pytest.approx(total)
    assert any("average grid" in note.en for note in wind().notes)
    assert any("只能主张一次" in note.zh for note in wind().notes)
    assert sum("存量项目情形（不适用于新建）" in note.zh for note in wind().notes) == 1


def test_degradation_and_curtailment_lower_the_avoided():
    finance = Finance(0.065, 25, 0.022, degradation=0.005, curtailment=0.1)
    found = carbon.avoided(np.array([1.0]), np.array([1e3]), finance, parameters(), "pv")
    assert found.first_year[0] == pytest.approx(363.96)
    total = sum(363.96 * 0.995**year * 0.97**year for year in range(25))
    assert found.life_slow[0] == pytest.approx(total)
    assert np.isnan(found.embodied).all()


@pytest.mark.parametrize("technology", [Technology.PUMPED, Technology.HYDRO])
def test_storage_and_hydropower_are_refused(technology):
    with pytest.raises(OptionError, match="cure"):
        keys_of(technology)
    with pytest.raises(OptionError, match="cure"):
        economics(technology, [1.0], [1.0], [1.0], None, None, None, parameters())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"energy_gwh": [0.0, 1.0, 1.0]}, "energy"),
        ({"energy_gwh": [1.0, 1.0]}, "energy_gwh"),
        ({"energy_gwh": [np.inf, 1.0, 1.0]}, "energy_gwh"),
        ({"capacity_mwp": [NAN, 60.0, 24.0]}, "capacity"),
        ({"connection_yuan": [-1.0, 0.0, 0.0]}, "connection_yuan"),
        ({"land_mu": [-1.0, 0.0, 0.0]}, "land_mu"),
    ],
)
def test_impossible_input_is_refused(change, named):
    with pytest.raises(OptionError, match=f"{named}.*cure"):
        pv(**change)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"cost.pv_capex": -3000.0}, "pv_capex"),
        ({"cost.pv_capex": 0.0}, "pv_capex"),
        ({"cost.discount": 6.5}, "discount"),
        ({"cost.pv_life": 24.5}, "life"),
        ({"cost.nonsense": 1.0}, "nonsense"),
        ({"cost.ef_decline_fast": 100.0}, "ef_decline"),
    ],
)
def test_impossible_values_are_refused(values, named):
    with pytest.raises(OptionError, match=f"{named}.*cure"):
        pv(values)


def test_no_sites():
    empty = economics(PV, [], [], [], [], [], [], parameters())
    assert empty.frame.empty
    assert empty.supply.empty
    assert empty.tornado.empty
    assert not empty.curve.at(3200).reached


def test_same_input_same_bytes():
    one, other = pv(), pv()
    assert one.frame.equals(other.frame)
    assert one.tornado.equals(other.tornado)


def test_rows_are_those_of_the_facts_and_name_their_sources():
    """The table restates the published factors: value, band, source and grade."""
    facts = load_facts("shiyan")
    params = parameters()
    shared = [key for key in params if key in facts.factors]
    assert len(shared) >= 10
    for key in shared:
        mine, fact = params[key], facts.factors[key]
        assert (mine.value, mine.low, mine.high) == (fact.value, fact.low, fact.high), key
        assert (mine.source, mine.status, mine.grade) == (fact.source, fact.status, fact.grade)
    for key, row in params.items():
        assert isinstance(row, Sourced)
        if row.value is None:
            assert (row.status, row.source, row.low, row.high) == ("missing", "", None, None)
        elif row.source not in NO_SOURCE:
            assert row.source in facts.sources, key
            assert params.citations[row.source]
    assert {"参数", "低值", "状态", "来源"} <= set(params.frame())


def test_notes_do_not_call_a_value_of_the_user_sourced():
    def said(found):
        return " ".join(note.zh for note in (*found.notes, found.price.text))

    shipped = said(pv())
    for word in ("来源未写明", "可能重复", "三个值有出处", "湖北 2023 年", "上端为全国化石电力"):
        assert word in shipped
    given = said(
        pv(
            {
                "cost.pv_capex": 3000.0, "cost.connection_added": 0.4, "cost.price_base": 0.32,
                "cost.grid_ef_hubei": 0.5, "cost.grid_ef_fossil": 0.9,
            }
        )
    )  # fmt: skip
    for word in ("来源未写明", "可能重复", "有出处", "湖北 2023", "全国化石"):
        assert word not in given
    assert "40% 另加（用户给定）" in given
    assert "可能重复" not in said(pv(connection_yuan=None))


@pytest.mark.parametrize("key", ["cost.connection_added", "cost.mech_share_central"])
def test_shares_above_one_are_refused(key):
    with pytest.raises(OptionError, match="not within 0-1") as caught:
        pv({key: 3.0})
    assert caught.value.subject == key
