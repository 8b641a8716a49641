"""Light of the terrain where no irradiation is known: no level, only a ratio."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from affine import Affine

from geo.crs import cell_areas
from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from geo.terrain import slope_aspect
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from siting.law.bits import Terrain
from siting.pv.terrain_light import terrain_light
from siting.pv.yields import pv_field
from siting.sites.ground import Ground
from siting.sites.params import load_params

PARAMS = load_params("siting.pv", "pv")
GRID = Grid("EPSG:4546", Affine(90, 0, 450_000, 0, -90, 3_600_000), (90, 110))
ALL = np.ones(GRID.shape, bool)


def ground_of(dem, **rasters):
    passport = Passport(sources=("T",), grade="prior")
    layers = {
        name: Layer(name, xr.DataArray(values, dims=("y", "x")), SPECS[name], passport)
        for name, values in {"dem": dem, **rasters}.items()
    }
    absent = {name: Say("无", "none") for name in SPECS if name not in layers}
    return Ground(
        GRID, LayerStack(GRID, layers, absent), Terrain(*slope_aspect(dem, GRID)),
        np.ones(GRID.shape, np.uint8), ("甲县",), cell_areas(GRID),
        SimpleNamespace(passport=passport),
    )  # fmt: skip


@pytest.fixture(scope="module")
def hills():
    down, right = np.mgrid[: GRID.rows, : GRID.cols] * 90.0
    return (700 + 420 * np.sin(right / 1200) * np.cos(down / 1300)).astype(np.float32)


def test_flat_open_ground_has_all_the_light():
    level = np.full(GRID.shape, 500, np.float32)
    light = terrain_light(ground_of(level), PARAMS, ALL)
    np.testing.assert_allclose(light[2:-2, 2:-2], 1.0, rtol=1e-6)
    assert np.isnan(light[0]).all()  # the rim has no slope


def test_light_is_that_of_the_yield_chain_whatever_the_level(hills):
    light = terrain_light(ground_of(hills), PARAMS, ALL)
    labels = np.zeros(GRID.shape, np.int32)
    cells = [(20, 30), (44, 61), (60, 17), (71, 90)]
    for number, cell in enumerate(cells, 1):
        labels[cell] = number
    flat = ground_of(np.full(GRID.shape, 700, np.float32), ghi=np.full(GRID.shape, 1215, "f4"))
    for ghi in (1100.0, 1300.0):
        ground = ground_of(hills, ghi=np.full(GRID.shape, ghi, np.float32))
        field = pv_field(ground, PARAMS, ALL, labels > 0)
        after = [step.key for step in field.steps].index("horizon")
        here = field.detail(labels, len(cells), np.ones(GRID.shape)).steps[:, after] / ghi
        base = pv_field(flat, PARAMS, ALL, labels > 0)
        open_ = base.detail(labels, len(cells), np.ones(GRID.shape)).steps[:, after] / 1215.0
        np.testing.assert_allclose(here / open_, [light[c] for c in cells], rtol=2e-3)


def test_valleys_are_dark_and_south_slopes_bright(hills):
    ground = ground_of(hills)
    light = terrain_light(ground, PARAMS, ALL)
    slope, aspect = ground.terrain.slope_deg, ground.terrain.aspect_deg
    steep = slope > 10
    south = light[steep & (np.abs(aspect - 180) < 30)]
    north = light[steep & (np.minimum(aspect, 360 - aspect) < 30)]
    assert np.median(south) > np.median(north) + 0.02
    low = light[hills < np.quantile(hills, 0.1)]
    high = light[hills > np.quantile(hills, 0.9)]
    assert np.nanmean(low) < np.nanmean(high)


def test_cells_that_nobody_wants_stay_empty(hills):
    wanted = np.zeros(GRID.shape, bool)
    wanted[30:60, 30:60] = True
    light = terrain_light(ground_of(hills), PARAMS, wanted)
    assert np.isfinite(light[30:60, 30:60]).all()
    assert np.isnan(light[~wanted]).all()


def test_without_elevation_there_is_no_light(hills):
    ground = ground_of(hills)
    level = Ground(GRID, ground.stack, None, ground.zones, ground.counties, ground.cell_area,
                   ground.table)  # fmt: skip
    assert terrain_light(level, PARAMS, ALL) is None
