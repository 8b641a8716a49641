"""PV energy where layers have holes, months without a year, and units that nobody wrote."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from affine import Affine
from shapely.geometry import box

from atlas.parts._siting_answer import clears_text
from atlas.parts._siting_tables import summary
from atlas.parts._siting_yield import cascade_text
from geo.errors import InputError, OptionError, Say, UnitError
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from layers.marks import coarse_note, unitless_note
from layers.region import Region
from siting.law.terms import Technology
from siting.pv.chain import make_chain
from siting.pv.resource import MONTHS
from siting.pv.yields import pv_field
from siting.settings import Settings
from siting.sites.ground import Ground
from siting.sites.params import load_params
from siting.study import study

PARAMS = load_params("siting.pv", "pv")
N, RES = 90, 90.0
GRID = Grid("EPSG:4546", Affine(RES, 0, 450_000, 0, -RES, 3_600_000), (N, N))
#: Of a humid year of 1,130 kWh/m², below the clear sky in every month.
YEAR = (60, 70, 90, 115, 135, 135, 140, 130, 95, 80, 65, 55)


def stack_of(*unitless, **rasters) -> LayerStack:
    """Return layers; a number stands for the whole grid."""
    layers = {}
    for name, values in rasters.items():
        cells = np.broadcast_to(np.asarray(values, np.float32), GRID.shape).copy()
        notes = (unitless_note(SPECS[name].unit),) if name in unitless else ()
        layers[name] = Layer(
            name, xr.DataArray(cells, dims=("y", "x")), SPECS[name],
            Passport(sources=("T",), grade="B"), notes=notes,
        )  # fmt: skip
    absent = {name: Say("无", "none") for name in SPECS if name not in layers}
    return LayerStack(GRID, layers, absent)


def field_of(stack: LayerStack):
    """Return the field of a few flat cells."""
    ground = Ground(
        GRID, stack, None, np.ones(GRID.shape, np.uint8), ("甲",), np.full(GRID.shape, RES * RES),
        SimpleNamespace(passport=Passport()),
    )  # fmt: skip
    wanted = np.zeros(GRID.shape, bool)
    wanted[:3, :3] = True
    return pv_field(ground, PARAMS, wanted, wanted)


def months(factor=1.0, **other):
    return {name: factor * value for name, value in zip(MONTHS, YEAR, strict=True)} | other


@pytest.mark.parametrize("name", ["ghi", "ghi_07", "dni", "air_temperature"])
def test_no_energy_from_a_layer_without_a_unit(name):
    rasters = {"ghi": 1200.0, "ghi_07": 140.0, "dni": 700.0, "air_temperature": 14.0}
    with pytest.raises(UnitError, match=rf"{name}: has no unit.*write adapter: {{unit: "):
        field_of(stack_of(name, **rasters))
    assert np.isfinite(field_of(stack_of(**rasters)).annual[0, 0])


def test_a_lone_month_above_the_clear_sky_is_refused():
    with pytest.raises(InputError, match=r"ghi_06: has 290 .*in month 6.*cure"):
        field_of(stack_of(dem=300.0, ghi=1200.0, ghi_06=290.0))
    eleven = months()
    del eleven["ghi_01"]
    said = field_of(stack_of(dem=300.0, ghi=1170.0, **eleven)).modelled
    assert "只有 11 个月图层，未用" in said.zh
    eleven["ghi_12"] = 150.0  # fair in November, not in December
    with pytest.raises(InputError, match=r"ghi_12: has 150 .*in month 12"):
        field_of(stack_of(dem=300.0, ghi=1170.0, **eleven))


def test_months_that_do_not_add_up_to_the_year_are_refused():
    year = float(sum(YEAR))
    assert "12 个月图层" in field_of(stack_of(ghi=year * 1.05, **months())).modelled.zh
    with pytest.raises(InputError, match=r"ghi_01\.\.ghi_12: add up to 1,170 .* the 1,521 of"):
        field_of(stack_of(ghi=year * 1.3, **months()))


@pytest.mark.parametrize(("ghi", "odd"), [(1050.0, True), (1170.0, False), (1650.0, True)])
def test_irradiation_off_the_band_of_truth_c11_is_said(ghi, odd):
    said = field_of(stack_of(ghi=ghi)).modelled
    assert ("请核对" in said.zh) is odd
    assert (f"{ghi:,.0f}" in said.zh) is odd


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [("air_temperature", 288.0, "°C"), ("lapse_rate", 650.0, "K/km"),
     ("temperature_loss", 0.0035, "%/K"), ("dc_ac", 120.0, "-"), ("f_soiling", 98.0, "-")],
)  # fmt: skip
def test_a_parameter_in_another_unit_is_refused(key, value, unit):
    params = PARAMS.changed({f"pv.{key}": value})
    with pytest.raises(OptionError, match=rf"pv\.{key}: .* out of range: .*{re.escape(unit)}"):
        make_chain(params, 32.5, 110.8, 600.0, 0.0)


def test_coarse_layers_are_said_to_be_blind_to_relief():
    plain = stack_of(ghi=1200.0, air_temperature=14.0)
    assert "粗网格" not in field_of(plain).modelled.zh
    coarse = {
        name: replace(one, notes=(coarse_note(27_800.0),)) for name, one in plain.layers.items()
    }
    said = field_of(LayerStack(GRID, coarse, plain.absent)).modelled
    assert "总辐射、气温为粗网格均值，不随地形变化" in said.zh
    assert "发电量略偏高" in said.zh


def hills():
    down, right = np.mgrid[:N, :N] * RES
    return (700 + 120 * np.sin(right / 900) * np.cos(down / 1100)).astype(np.float32)


def sites_of(stack: LayerStack, sites=None):
    outline = box(*GRID.bounds)
    counties = gpd.GeoDataFrame(
        {"code": [""], "name": ["全区"]}, geometry=[outline], crs="EPSG:4546"
    )
    region = Region("t", Say("试", "t"), "EPSG:4546", outline, counties, None, None, RES)
    limits = {"pv.site_max_mw": 50.0, "cost.price_base": 0.3}  # no rule table, so no price
    return study(
        stack, region, date(2026, 11, 22), parameters=limits, settings=Settings(sites=sites)
    )


def test_energy_is_the_sum_over_cells_and_unknown_ground_gives_none():
    ghi = np.full(GRID.shape, 1200.0, np.float32)
    ghi[:, N // 2 :] = np.nan
    found = sites_of(stack_of(dem=hills(), ghi=ghi))
    one = found.technologies[Technology.PV]
    result = one.result
    cells = result.found.labels > 0
    label, known = result.found.labels[cells], np.isfinite(result.field.annual[cells])
    mw = 1500.0 / result.land_per_mw[cells] * RES * RES / 1e6
    size = np.bincount(label, minlength=result.found.count + 1)[1:]
    unlit = np.bincount(label, ~known, result.found.count + 1)[1:]
    dark = unlit > 0.02 * size
    lit = unlit == 0
    assert dark.any()
    assert lit.any()
    assert (dark & (unlit < size)).any()  # a site that the edge of the layer crosses
    gwh = np.bincount(label, mw * 1.2 * np.nan_to_num(result.field.annual[cells]) * 1e-3)[1:]
    np.testing.assert_allclose(result.energy_gwh[lit], gwh[lit], rtol=2e-3)
    for column in ("energy_gwh", "kwh_per_kwp", "hours_ac", "terrain_loss", "month_06"):
        np.testing.assert_array_equal(np.isnan(result.columns[column][dark]), True)
    assert f"{int(np.isnan(result.energy_gwh).sum())} 个场址有超过 1 % 的用地没有" in result.note.zh
    assert cascade_text(one, int(np.flatnonzero(dark)[0]), "zh") == ""
    assert "→" in cascade_text(one, int(np.flatnonzero(lit)[0]), "zh")
    lost = one.sites[one.sites["energy_gwh"].isna()]
    assert lost["lcoe_yuan_per_kwh"].isna().all()
    assert (lost["capacity_mw"] > 0).all()
    # what readers see: sums name the sites behind them, an unknown cost is no loss
    power = lost["capacity_mw"].sum()
    said = f"光伏：{len(lost)} 处场址（{power:,.0f} MW）的资源或地形未知"
    assert any(text.zh.startswith(said) for text in found.warnings)
    told = summary(found, "zh")["pv"]
    behind = told["sites_mw_ac_with_energy"]
    assert behind == pytest.approx(told["sites_mw_ac"] - power)
    assert told["sites_gwh_a"] == pytest.approx(np.nansum(one.sites["energy_gwh"]))
    clears = one.sites["clears"].to_numpy(float)
    assert np.isnan(clears).sum() == len(lost)
    assert f"，{int((clears == 0).sum()):,} 处在任何电价下都不保本" in clears_text(one).zh


def test_steep_cells_weigh_by_their_capacity():
    """North slopes carry fewer megawatts: their poor light counts less."""
    one = sites_of(stack_of(dem=hills() * 2.0, ghi=1200.0)).technologies[Technology.PV].result
    by_area = one.field.detail(one.found.labels, one.found.count, np.full(GRID.shape, 1.0)).annual
    assert np.nanmean(one.columns["kwh_per_kwp"] - by_area) > 0


def test_a_named_project_half_beyond_layer_or_region_has_no_energy(tmp_path):
    half = np.full(GRID.shape, 1200.0, np.float32)
    half[:, N // 2 :] = np.nan
    wind = np.where(np.isnan(half), np.nan, 5.5)
    west, south, _, _ = GRID.bounds
    grounds = [
        box(west + 900, south + 900, west + 1800, south + 1800),
        box(west + 3600, south + 900, west + 4500, south + 1800),  # the layers end in its middle
        box(west - 900, south + 3600, west + 900, south + 4500),  # the region begins in its middle
    ]
    frame = gpd.GeoDataFrame(
        {"id": [f"{t}{i}" for t in ("pv", "wind") for i in range(3)],
         "technology": ["pv"] * 3 + ["wind"] * 3, "capacity_mw": 30.0},
        geometry=grounds * 2, crs="EPSG:4546",
    )  # fmt: skip
    path = tmp_path / "own.gpkg"
    frame.to_file(path)
    found = sites_of(stack_of(dem=hills(), ghi=half, wind_mean=wind), path).technologies
    for technology, hours in ((Technology.PV, 900.0), (Technology.WIND, 1000.0)):
        sites = found[technology].sites.set_index("id")
        mine = sites.loc[[f"{technology.value}{i}" for i in range(3)]]
        assert mine["energy_gwh"].isna().tolist() == [False, True, True]
        assert mine["lcoe_yuan_per_kwh"].isna().tolist() == [False, True, True]
        assert mine["energy_gwh"].iloc[0] > 30.0 * hours / 1e3
        assert (mine["capacity_mw"] == 30.0).all()
