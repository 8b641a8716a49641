"""The yield of a piece of ground: bands, terrain, layers, sites by month and by loss."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from affine import Affine

from geo.crs import cell_areas
from geo.errors import InputError, OptionError, Say
from geo.grid import Grid
from geo.horizon import horizon
from geo.passport import Passport
from geo.raster import read
from geo.terrain import slope_aspect
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from siting.law.bits import Terrain
from siting.pv import detail as detail_of_sites
from siting.pv import yields
from siting.pv.clearsky import clear_sky_months
from siting.pv.resource import MONTHS
from siting.pv.yields import pv_field
from siting.sites.ground import Ground
from siting.sites.params import load_params

PARAMS = load_params("siting.pv", "pv")
CRS, N, RES = "EPSG:4546", 120, 90.0
#: County means of the 0.25 degree irradiation window, lowest and highest. [kWh/m²]
COUNTY_GHI = (3.26 * 365, 3.39 * 365)


def ground_of(dem, grid, terrain=True, **rasters):
    """Return land with the given rasters; a number stands for the whole grid."""
    passport = Passport(sources=("T",), grade="prior", synthetic=True)
    given = {"dem": dem, **rasters} if dem is not None else rasters
    layers = {}
    for name, values in given.items():
        cells = np.broadcast_to(np.asarray(values, np.float32), grid.shape)
        layers[name] = Layer(name, xr.DataArray(cells, dims=("y", "x")), SPECS[name], passport)
    absent = {name: Say("无", "none") for name in SPECS if name not in layers}
    slopes = Terrain(*slope_aspect(dem, grid)) if dem is not None and terrain else None
    return Ground(
        grid, LayerStack(grid, layers, absent), slopes, np.ones(grid.shape, np.uint8), ("甲县",),
        cell_areas(grid), SimpleNamespace(passport=passport),
    )  # fmt: skip


def hills():
    grid = Grid(CRS, Affine(RES, 0, 450_000, 0, -RES, 3_600_000), (N, N))
    down, right = np.mgrid[:N, :N] * RES
    dem = 700 + 380 * np.sin(right / 1300) * np.cos(down / 1500) + 60 * np.sin(right / 500)
    return dem.astype(np.float32), grid


@pytest.fixture(scope="module")
def land():
    dem, grid = hills()
    return ground_of(dem, grid, ghi=1215)


def everywhere(ground):
    return np.ones(ground.grid.shape, bool)


@pytest.fixture(scope="module")
def field(land):
    return pv_field(land, PARAMS, everywhere(land), everywhere(land))


@pytest.mark.parametrize("ghi", [*COUNTY_GHI, 1215.0, 1300.0])
def test_flat_ground_lies_in_its_bands(ghi):
    """Truth C11: 1,000-1,150 kWh/kWp at 32-33 N, unshaded, performance ratio 0.75-0.88."""
    dem, grid = hills()
    level = np.full_like(dem, 600)
    ground = ground_of(level, grid, ghi=ghi)
    found = pv_field(ground, PARAMS, everywhere(ground), ~everywhere(ground))
    inner = found.annual[2:-2, 2:-2]
    assert inner.min() == pytest.approx(inner.max())
    assert inner[0, 0] == pytest.approx(found.flat_kwh, rel=1e-5)
    assert 0.75 <= found.performance_ratio <= 0.88
    free = found.flat_kwh * _without_rows(found)
    assert 1000 <= free <= 1150
    if ghi >= 1200:
        assert 1000 <= found.flat_kwh <= 1150  # row shade counted


def _without_rows(found):
    """Return plane over plane-behind-rows of flat ground: what rows take of it."""
    chain, cells = found.kept.chain, np.array([0])
    light = found.kept.resource.light(cells)
    air = found.kept.resource.temperature(cells)
    steps = [step.key for step in found.steps]
    return (chain.flat(light, air, steps.index("horizon"))
            / chain.flat(light, air, steps.index("rows")))[0]  # fmt: skip


def test_terrain_shades_and_nothing_is_invented(land, field):
    assert np.isnan(field.annual[0]).all()  # no slope on the edge
    inner = field.annual[1:-1, 1:-1]
    assert np.isfinite(inner).all()
    assert inner.min() < 0.97 * field.flat_kwh
    aspect, slope = land.terrain.aspect_deg, land.terrain.slope_deg
    steep = slope > 8
    south = field.annual[steep & (np.abs(aspect - 180) < 30)]
    north = field.annual[steep & (np.minimum(aspect, 360 - aspect) < 30)]
    assert np.median(south) > np.median(north) + 15


def test_cells_equal_the_chain_on_the_horizons_of_geo(land, field):
    chain, dem = field.kept.chain, land.values("dem")
    tangents = np.tan(np.radians(horizon(dem, land.grid).reshape(16, -1)))
    cells = np.random.default_rng(1).choice(N * N, 300, replace=False)
    codes = np.rint(np.nan_to_num(tangents[:, cells]) * 8192).astype(np.uint16)
    slope, aspect = (one.reshape(-1)[cells] for one in slope_aspect(dem, land.grid))
    light = field.kept.resource.light(cells)
    year = chain.run(slope, aspect, codes, light, field.kept.resource.temperature(cells))[0]
    np.testing.assert_allclose(field.annual.reshape(-1)[cells], year, rtol=2e-3)


def test_only_wanted_cells_are_filled_and_kept_cells_answer(land, field):
    wanted = np.zeros(land.grid.shape, bool)
    wanted[10:90, 20:100] = True
    keep = np.zeros_like(wanted)
    keep[30:60, 30:60] = True
    some = pv_field(land, PARAMS, wanted, keep)
    assert np.isnan(some.annual[~wanted]).all()
    np.testing.assert_array_equal(some.annual[wanted], field.annual[wanted])
    labels = np.zeros(land.grid.shape, np.int32)
    labels[32:40, 32:50], labels[50:58, 35:45], labels[95:99, :9] = 1, 2, 3
    one, two = (f.detail(labels, 3, land.cell_area) for f in (some, field))
    np.testing.assert_allclose(one.annual[:2], two.annual[:2], rtol=1e-12)
    assert np.isnan(one.annual[2])
    assert np.isfinite(two.annual[2])


def test_sites_add_up(land, field):
    labels = np.zeros(land.grid.shape, np.int32)
    labels[5:40, 5:40], labels[60:80, 30:100] = 1, 2
    detail = field.detail(labels, 2, land.cell_area)
    for site in (1, 2):
        inside = labels == site
        mean = np.average(field.annual[inside], weights=land.cell_area[inside])
        assert detail.annual[site - 1] == pytest.approx(mean, rel=1e-5)
    np.testing.assert_allclose(detail.monthly.sum(axis=1), detail.annual, rtol=1e-6)
    assert detail.steps.shape == (2, len(field.steps))
    np.testing.assert_allclose(detail.steps[:, -1], detail.annual)
    np.testing.assert_allclose(detail.steps[:, 0], 1215, rtol=1e-6)
    keys = [step.key for step in field.steps]
    losses = dict(zip(keys[1:], np.diff(detail.steps, axis=1).T, strict=True))
    assert (losses.pop("plane") > 0).all()
    losses.pop("temperature")
    assert all((loss <= 1e-3).all() for loss in losses.values())
    assert (detail.terrain_loss > -0.06).all()
    assert (detail.terrain_loss < 0.2).all()


def test_nothing_wanted_is_no_fault(land):
    nothing = ~everywhere(land)
    found = pv_field(land, PARAMS, nothing, nothing)
    assert np.isnan(found.annual).all()
    detail = found.detail(np.ones(land.grid.shape, np.int32), 2, land.cell_area)
    assert np.isnan(detail.annual).all()
    assert np.isnan(detail.monthly).all()


def test_chunks_do_not_matter(land, field, monkeypatch):
    monkeypatch.setattr(yields, "CHUNK", 1000)
    monkeypatch.setattr(detail_of_sites, "CHUNK", 1000)
    other = pv_field(land, PARAMS, everywhere(land), everywhere(land))
    np.testing.assert_array_equal(other.annual, field.annual)
    labels = np.ones(land.grid.shape, np.int32)
    one, two = (f.detail(labels, 1, land.cell_area) for f in (other, field))
    np.testing.assert_array_equal(one.steps, two.steps)


def test_without_irradiation_there_is_no_field():
    dem, grid = hills()
    ground = ground_of(dem, grid)
    assert pv_field(ground, PARAMS, everywhere(ground), everywhere(ground)) is None


def test_without_elevation_the_ground_is_flat_and_said_so():
    _, grid = hills()
    ground = ground_of(None, grid, ghi=1215)
    found = pv_field(ground, PARAMS, everywhere(ground), everywhere(ground))
    np.testing.assert_allclose(found.annual, found.flat_kwh, rtol=1e-5)
    assert "按平地" in found.text.zh


def test_unknown_ghi_stays_unknown():
    dem, grid = hills()
    ghi = np.full(grid.shape, 1215, np.float32)
    ghi[40:50, 40:50] = np.nan
    ground = ground_of(dem, grid, ghi=ghi)
    found = pv_field(ground, PARAMS, everywhere(ground), everywhere(ground))
    assert np.isnan(found.annual[40:50, 40:50]).all()
    assert np.isfinite(found.annual[60:70, 60:70]).all()
    assert np.isfinite(found.flat_kwh)


def test_monthly_layers_give_the_months():
    dem, grid = hills()
    clear = clear_sky_months(32.5, 110.5)[:, 2]
    months = {name: float(clear[k] * (0.4 + 0.02 * k)) for k, name in enumerate(MONTHS)}
    year = sum(months.values())
    ground = ground_of(dem, grid, ghi=year, **months)
    found = pv_field(ground, PARAMS, everywhere(ground), everywhere(ground))
    assert "12 个月图层" in found.modelled.zh
    plain = pv_field(ground_of(dem, grid, ghi=year), PARAMS, everywhere(ground), everywhere(ground))
    assert "模型" in plain.modelled.zh
    labels = np.ones(grid.shape, np.int32)
    one, two = (f.detail(labels, 1, ground.cell_area).monthly[0] for f in (found, plain))
    assert one[0] < two[0] - 3  # the layers' January is darker than the clear sky's share
    assert one[10] > two[10] + 3
    assert one.sum() == pytest.approx(two.sum(), rel=0.01)
    months["ghi_06"] = 300.0
    bad = ground_of(dem, grid, ghi=year, **months)
    with pytest.raises(InputError, match="ghi_06"):
        pv_field(bad, PARAMS, everywhere(bad), everywhere(bad))


def test_direct_irradiation_sets_the_share():
    dem, grid = hills()
    fields = [
        pv_field(g, PARAMS, everywhere(g), everywhere(g))
        for g in (ground_of(dem, grid, ghi=1215, dni=dni) for dni in (650.0, 950.0))
    ]
    assert fields[1].flat_kwh > fields[0].flat_kwh  # a south plane gains on the beam
    assert "DNI" in fields[0].modelled.zh
    patchy = np.where(np.arange(N) < N // 2 + 3, np.nan, 950.0)
    ground = ground_of(dem, grid, ghi=1215, dni=patchy)
    found = pv_field(ground, PARAMS, everywhere(ground), everywhere(ground))
    assert found.flat_kwh == pytest.approx(fields[1].flat_kwh, rel=1e-5)
    assert np.isnan(found.annual[:, :60]).all()
    wrong = ground_of(dem, grid, ghi=1215, dni=3000.0)
    with pytest.raises(InputError, match="dni"):
        pv_field(wrong, PARAMS, everywhere(wrong), everywhere(wrong))


def test_cool_air_helps():
    dem, grid = hills()
    warm, cool = (
        pv_field(g, PARAMS, everywhere(g), everywhere(g)).flat_kwh
        for g in (ground_of(dem, grid, ghi=1215, air_temperature=t) for t in (15.0, 5.0))
    )
    assert 0.02 < cool / warm - 1 < 0.05


def test_irradiation_above_the_clear_sky_is_refused(land):
    dem, grid = hills()
    ground = ground_of(dem, grid, ghi=2500)
    with pytest.raises(InputError, match="ghi"):
        pv_field(ground, PARAMS, everywhere(ground), everywhere(ground))


def test_losses_off_the_band_are_refused(land):
    params = PARAMS.changed({"pv.f_availability": 0.7})
    with pytest.raises(OptionError, match="f_"):
        pv_field(land, params, everywhere(land), everywhere(land))


def test_provenance_and_words(field):
    assert field.passport.synthetic
    assert field.passport.unverified
    assert {"T", "S52", "GSA", "PVWATTS"} <= set(field.passport.sources)
    for word in ("代表日", "未计", "冬至"):
        assert word in field.modelled.zh
    assert len({step.title.zh for step in field.steps}) == len(field.steps)


@pytest.mark.real
def test_valleys_of_a_real_range_are_dark(real_data):
    """Big Tujunga, California, with a made-up irradiation: shape only, no yield of that place."""
    file = real_data / "bigtujunga.tif"
    dem, grid = _real(file)
    ground = ground_of(dem, grid, ghi=1215)
    found = pv_field(ground, PARAMS, everywhere(ground), everywhere(ground))
    slope, aspect = ground.terrain.slope_deg, ground.terrain.aspect_deg
    known = np.isfinite(found.annual)
    steep = known & (slope > 15)
    south = steep & (np.abs(aspect - 180) < 30)
    north = steep & (np.minimum(aspect, 360 - aspect) < 30)
    assert np.median(found.annual[south]) > 1.05 * np.median(found.annual[north])
    detail = found.detail(_ridge_and_valley(dem, known), 2, ground.cell_area)
    keys = [step.key for step in found.steps]
    lit = detail.steps[:, keys.index("horizon")] / detail.steps[:, keys.index("plane")]
    assert lit[0] < lit[1] - 0.03  # valleys lose light that ridges keep


@pytest.mark.real
def test_real_irradiation_meets_the_band_and_the_declared_share(real_data):
    """Means of the Global Solar Atlas window around the city (kWh/m2 a day)."""
    day = [read(real_data / f"gsa_{one}_025deg_shiyan.tif")[0] for one in ("ghi", "dni")]
    ghi, dni = (float(np.nanmean(one)) * 365.25 for one in day)
    dem, grid = hills()
    ground = ground_of(np.full_like(dem, 600), grid, ghi=ghi, dni=dni)
    found = pv_field(ground, PARAMS, everywhere(ground), ~everywhere(ground))
    assert 1100 <= ghi <= 1500
    assert 1000 <= found.flat_kwh <= 1150
    assert 0.75 <= found.performance_ratio <= 0.88
    share = found.kept.resource._share(np.array([ghi]), np.array([0]))
    assert share[0] == pytest.approx(PARAMS.number("diffuse_share"), abs=0.01)


def _real(file):
    data, grid, nodata = read(file)
    return np.where(data == nodata, np.nan, data).astype(np.float32), grid


def _ridge_and_valley(dem, known):
    from scipy.ndimage import uniform_filter

    smooth = np.nan_to_num(dem, nan=float(np.nanmean(dem)))
    above = smooth - uniform_filter(smooth, 41)
    low, high = np.quantile(above[known], [0.1, 0.9])
    labels = np.zeros(dem.shape, np.int32)
    labels[known & (above < low)], labels[known & (above > high)] = 1, 2
    return labels
