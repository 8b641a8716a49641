"""Wind yield of the land of a run: usable or not, what stood for what, and a real atlas map."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from affine import Affine

from geo.cog import write_cog
from geo.errors import InputError, OptionError, Say, UnitError
from geo.grid import Grid
from geo.passport import Passport
from layers import marks
from layers.catalog import open_catalog
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from layers.region import load_region
from layers.stack import build_stack
from siting.sites.ground import Ground
from siting.sites.params import load_params
from siting.wind.aep import WindField, wind_field
from siting.wind.energy import full_load_hours
from siting.wind.turbine import load_turbine

SHAPE = (12, 15)
GRID = Grid("EPSG:4546", Affine(250, 0, 450_000, 0, -250, 3_600_000), SHAPE)
PARAMS = load_params("siting.wind", "wind")
REAL = Passport(sources=("OWN",), grade="B")


def layer(name, values, passport=REAL, notes=()):
    cells = np.broadcast_to(np.asarray(values, np.float32), SHAPE).copy()
    data = xr.DataArray(cells, dims=("y", "x"))
    return Layer(name, data, SPECS[name], passport, notes=notes)


def ground_of(stack: LayerStack) -> Ground:
    zones = np.ones(stack.grid.shape, np.uint8)
    area = np.full(stack.grid.shape, 62_500.0)
    table = SimpleNamespace(passport=Passport())
    return Ground(stack.grid, stack, None, zones, ("甲",), area, table)


def found(*layers, params=PARAMS, wanted=None) -> WindField | None:
    stack = LayerStack(GRID, {one.name: one for one in layers}, {})
    use = np.ones(SHAPE, np.bool_) if wanted is None else wanted
    return wind_field(ground_of(stack), params, load_turbine(), use)


WIND = layer("wind_mean", 5.5)


def test_without_a_wind_map_there_is_nothing():
    assert found(layer("dem", 900.0)) is None


@pytest.mark.parametrize(
    "wind",
    [
        replace(WIND, notes=(marks.coarse_note(27_800.0),)),
        replace(WIND, passport=replace(REAL, proxy=True)),
        replace(WIND, passport=replace(REAL, synthetic=True)),
    ],
    ids=["coarse", "proxy", "synthetic"],
)
def test_a_mean_of_25_km_gives_no_hours(wind):
    """truth.md A2: no ranking, no MWh."""
    field = found(wind, layer("dem", 900.0))
    assert not field.usable
    assert field.gross_h is None
    assert field.net_h is None
    assert field.gwh_per_turbine() is None
    assert field.gwh_per_km2(3.0) is None
    assert field.text == Say("网格均值，未解析山脊", "grid mean, ridges unresolved")
    assert field.losses.parts


def test_hours_of_a_fine_map():
    field = found(WIND, layer("dem", 960.0))
    assert field.usable
    air = 1.225 * (1 - 0.0065 * 1100 / 288.15) ** 4.2577
    mean = 5.5 * 1.4**0.143
    wanted = float(full_load_hours(load_turbine(), mean, 2.0, air))
    np.testing.assert_allclose(field.gross_h, wanted, rtol=2e-4)
    np.testing.assert_allclose(field.net_h, wanted * field.losses.factor, rtol=2e-4)
    np.testing.assert_allclose(field.gwh_per_turbine(), field.net_h * 0.006, rtol=1e-6)
    np.testing.assert_allclose(field.gwh_per_km2(3.5), field.net_h * 0.0035, rtol=1e-6)
    assert field.gross_h.dtype == np.float32
    assert "模型值" in field.text.zh
    said = "".join(one.zh for one in field.basis)
    for word in ("NREL 2023 Bespoke", "0.143", "形状参数：2（参数）", "空气密度", "尾流损失 8.0%"):
        assert word in said
    assert {"NREL-TM", "OWN"} <= set(field.passport.sources)
    assert field.passport.unverified  # the losses are priors
    assert not field.passport.synthetic


def test_a_synthetic_elevation_marks_the_yield():
    field = found(WIND, layer("dem", 900.0, replace(REAL, synthetic=True)))
    assert field.usable
    assert field.passport.synthetic


def test_every_layer_at_hand_is_used():
    plain = found(WIND, layer("dem", 900.0))
    base = float(plain.gross_h[0, 0])
    more = {
        "wind_mean_50": 5.5 / 2**0.3,
        "wind_weibull_k": 2.6,
        "air_temperature": 25.0,
    }
    for name, value in more.items():
        field = found(WIND, layer("dem", 900.0), layer(name, value))
        assert abs(float(field.gross_h[0, 0]) - base) > 1, name
        assert field.basis != plain.basis, name
    assert found(WIND).gross_h[0, 0] > base  # without elevation the air is that of the sea
    assert "1.225" in "".join(one.zh for one in found(WIND).basis)


def test_a_coarse_lower_map_gives_no_shear():
    coarse = layer("wind_mean_50", 4.0, notes=(marks.coarse_note(27_800.0),))
    assert found(WIND, coarse).gross_h[0, 0] == found(WIND).gross_h[0, 0]


def test_only_wanted_and_known_cells_have_hours():
    values = np.full(SHAPE, 5.5)
    values[2, 3] = np.nan
    wanted = np.ones(SHAPE, np.bool_)
    wanted[:, :2] = False
    field = found(layer("wind_mean", values), wanted=wanted)
    known = np.isfinite(field.gross_h)
    assert not known[2, 3]
    assert not known[:, :2].any()
    assert known.sum() == wanted.sum() - 1


def test_what_cannot_be_is_refused():
    low = np.full(SHAPE, 5.5)
    low[0, 0] = -999
    cases = [
        ((layer("wind_mean", low),), InputError, r"wind_mean: has a value of -999.*nodata"),
        ((layer("wind_mean", -2.0),), InputError, "wind_mean"),
        ((layer("wind_mean", 0.35),), InputError, "capacity factor"),
        ((WIND, layer("wind_mean_50", 9.0)), InputError, "blows harder"),
        ((WIND, layer("wind_weibull_k", 20.0)), InputError, r"wind_weibull_k.*1\.\.5"),
        ((WIND, layer("air_temperature", 285.0)), InputError, "air_temperature"),
        ((replace(WIND, notes=(marks.unitless_note("m/s"),)),), UnitError, "no unit"),
    ]
    for layers, error, words in cases:
        with pytest.raises(error, match=words):
            found(*layers)
    with pytest.raises(OptionError, match=r"weibull_k.*1-5"):
        found(WIND, params=PARAMS.changed({"wind.weibull_k": 9.0}))
    # a layer of shapes makes the parameter idle
    params = PARAMS.changed({"wind.weibull_k": 9.0})
    assert found(WIND, layer("wind_weibull_k", 2.0), params=params).usable


def test_a_map_without_a_known_shape_is_unknown_not_a_crash():
    field = found(WIND, layer("wind_weibull_k", np.nan))
    assert np.isnan(field.gross_h).all()


@pytest.mark.real
def test_real_atlas_maps_of_two_heights(tmp_path: Path, real_data: Path) -> None:
    """Global Wind Atlas tiles of the Altamont Pass, 0.0025 degree, nodata -999."""
    grid = Grid("EPSG:32610", Affine(250, 0, 606_000, 0, -250, 4_190_000), (80, 80))
    write_cog(tmp_path / "dem.tif", np.full(grid.shape, 300, np.float32), grid, nodata=-9999)
    for height in (50, 100):
        shutil.copy(real_data / f"gwa_altamont_{height}m.tif", tmp_path)
    entry = {
        "kind": "raster", "driver": {"name": "geotiff"}, "coverage": "valid_cells",
        "access": "user_supplied",
    }  # fmt: skip
    entries = {
        "dem": {"uri": "dem.tif"},
        "wind_mean": {"uri": "gwa_altamont_100m.tif", "adapter": {"unit": "m/s"}},
        "wind_mean_50": {
            "uri": "gwa_altamont_50m.tif", "adapter": {"unit": "m/s"},
        },
    }  # fmt: skip
    full = {
        name: entry | one | {"source": {"title": "GWA", "licence": "CC-BY-4.0"}}
        for name, one in entries.items()
    }
    path = tmp_path / "own.yaml"
    path.write_text(json.dumps({"region": "terrain", "entries": full}), encoding="utf-8")
    catalog = open_catalog(str(path))
    region = load_region("terrain", catalog)
    stack = build_stack(catalog, region, region.grid(), 1, lambda _: None)
    ground = ground_of(stack)
    field = wind_field(ground, PARAMS, load_turbine(), np.ones(stack.grid.shape, np.bool_))
    assert field.usable
    mean, lower = ground.values("wind_mean"), ground.values("wind_mean_50")
    known = np.isfinite(field.gross_h)
    assert (known == (np.isfinite(mean) & np.isfinite(lower))).all()
    assert known.mean() > 0.9
    shear = np.log(mean[known] / lower[known]) / np.log(2)
    assert 0.1 < np.median(shear) < 0.35
    net = field.net_h[known]
    assert 500 < net.min() < net.max() < 6000
    # the windy crests yield far more than the valley
    speed = mean[known]
    assert net[speed > 8].min() > net[speed < 5].max()
    hub = mean[known] * (mean[known] / lower[known]) ** (np.log(1.4) / np.log(2))
    air = 1.225 * (1 - 0.0065 * 440 / 288.15) ** 4.2577
    exact = full_load_hours(load_turbine(), hub[::97], 2.0, air)
    np.testing.assert_allclose(field.gross_h[known][::97], exact, rtol=1e-3)
