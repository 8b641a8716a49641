"""The demo scene hits its totals, obeys the contract, and repeats."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import shapely

from geo import crs as geo_crs
from geo import vector
from geo.errors import InputError
from geo.units import km2_to_wan_mu
from layers.catalog import open_catalog
from layers.contract import SPECS
from layers.demo import places, resource, scene
from layers.demo.later import MAKERS
from layers.demo.relief import make_relief
from layers.facts import Facts, load_facts
from layers.region import load_region

pytestmark = pytest.mark.slow

NAMES = {
    "dem", "land_cover", "shrub_cover", "eco_redline", "nature_reserve", "nature_park",
    "permanent_farmland", "water_source", "important_wetland", "reservoir", "river", "road",
    "settlement", "substation", "airport", "public_forest", *MAKERS,
}  # fmt: skip
KINDS = {"str": "OUT", "int": "i", "float": "f"}


def quiet(_stage):
    pass


def digest(layers):
    total = hashlib.sha256()
    for name in sorted(layers):
        data = layers[name].data
        if SPECS[name].kind == "raster":
            total.update(data.values.tobytes())
        else:
            total.update(b"".join(shapely.to_wkb(data.geometry.to_numpy())))
            total.update(data.drop(columns="geometry").to_csv().encode())
    return total.hexdigest()


@pytest.fixture(scope="module")
def region():
    return load_region("shiyan", open_catalog("demo"))


@pytest.fixture(scope="module")
def made(region):
    return scene.make_scene(region, 0, quiet)


@pytest.fixture(scope="module")
def coarse(region):
    return scene.build(region.grid(900.0), region, 0, quiet)


@pytest.fixture(scope="module")
def fine(region, made):
    grid = region.grid(90.0)
    return grid, scene.make_rasters(made, grid)


def km2(frame):
    return float(geo_crs.polygon_areas(frame).sum()) / 1e6


def test_names_and_contract(coarse, region):
    assert set(coarse) == NAMES
    for name, layer in coarse.items():
        spec = SPECS[name]
        assert layer.spec == spec
        assert layer.passport.synthetic
        assert "demo-scene" in layer.passport.sources
        assert "演示数据（合成）" in layer.passport.citations
        assert layer.notes
        assert layer.coverage is not None
        if spec.kind == "raster":
            values = layer.raster().values
            assert str(values.dtype) == spec.dtype
            assert np.isfinite(values).all()
            assert spec.valid_range[0] <= values.min() <= values.max() <= spec.valid_range[1]
            continue
        frame = layer.vector()
        assert geo_crs.check_crs(frame.crs, name) == region.crs
        assert set(frame.columns) == {*spec.columns, "geometry"}
        for column, kind in spec.columns.items():
            assert frame[column].dtype.kind in KINDS[kind], (name, column)
        assert frame.empty == (name == "national_park")  # the city has none
        if frame.empty:
            continue
        assert frame.is_valid.all()
        assert not frame.is_empty.any()
        wanted = {"polygon": "Polygon", "line": "LineString", "point": "Point"}[spec.geometry]
        assert {t.removeprefix("Multi") for t in frame.geom_type} == {wanted}
        xy = shapely.get_coordinates(frame.geometry.to_numpy())
        assert np.abs(xy * 10 - np.round(xy * 10)).max() < 1e-3, name


def test_the_whole_scene_is_light(made):
    counts = [
        shapely.get_num_coordinates(made.vectors[name].geometry.to_numpy()).sum()
        for name in set(made.vectors) - set(MAKERS)
    ]
    assert sum(counts) < 60_000


def test_generator_hits_its_line_totals(made):
    controls = load_facts("shiyan").controls
    red = controls["eco_redline_km2"].value
    assert red <= km2(made.vectors["eco_redline"]) <= red * 1.001
    farm = controls["permanent_farmland_wan_mu"].value
    assert farm <= km2_to_wan_mu(km2(made.vectors["permanent_farmland"])) <= farm * 1.005


def test_generator_hits_its_cover_totals(fine, region):
    grid, rasters = fine
    inside = vector.burn([region.boundary], grid) > 0
    areas = np.broadcast_to(geo_crs.cell_areas(grid), grid.shape)
    per_class = np.bincount(rasters["land_cover"][inside], areas[inside], minlength=10) / 1e6
    crop = km2_to_wan_mu(float(per_class[1]))
    assert 262.25 <= crop <= 262.25 * 1.02
    assert km2_to_wan_mu(float(per_class[3] + per_class[9])) == pytest.approx(2329.3, rel=0.01)
    assert (per_class[1:] > 0).all()
    dem = rasters["dem"][inside]
    assert 80 < dem.min() < 130
    assert 2400 < dem.max() < 2800
    shrub = rasters["shrub_cover"]
    assert (shrub[rasters["land_cover"] != 4] == 0).all()
    bushes = shrub[rasters["land_cover"] == 4]
    assert bushes.min() >= 5
    assert bushes.max() <= 95


def test_mountains_are_steep_and_basins_gentle(fine, region):
    grid, rasters = fine
    dem = rasters["dem"]
    down, east = np.gradient(dem, grid.dx)
    slope = np.degrees(np.arctan(np.hypot(down, east)))
    inside = vector.burn([region.boundary], grid) > 0
    assert 20 < slope[inside & (dem > 1200)].mean() < 35
    assert slope[inside & (dem < 250)].mean() < 12


def test_lakes_are_flat_at_the_published_level(fine, made):
    grid, rasters = fine
    for dam in places.DAMS:
        lake = made.vectors["reservoir"].query("name == @dam.name").geometry
        core = vector.burn(list(lake.buffer(-100.0)), grid) > 0
        values = rasters["dem"][core]
        assert values.size > 20, dam.name
        assert (np.abs(values - dam.level) < 1e-3).mean() > 0.995, dam.name
        x, y = geo_crs.from_lonlat(grid.crs, dam.lon, dam.lat)
        assert lake.distance(shapely.Point(float(x), float(y))).min() < 900.0


def test_two_resolutions_show_one_landscape(region, made):
    x, y = region.boundary.representative_point().coords[0]
    box = (x - 9000, y - 9000, x + 9000, y + 9000)
    fine_grid = scene.Grid.from_bounds(region.crs, box, 60.0)
    coarse_grid = scene.Grid.from_bounds(region.crs, box, 180.0)
    fine = scene.make_rasters(made, fine_grid)
    coarse = scene.make_rasters(made, coarse_grid)
    # cell centres coincide where three fine cells fill a coarse one
    offset_row, offset_col = fine_grid.rowcol(*coarse_grid.xy(0, 0)) or (None, None)
    if offset_row is None:
        offset_row, offset_col = fine_grid.rowcol(*coarse_grid.xy(1, 1))
        coarse = {name: data[1:, 1:] for name, data in coarse.items()}
    for name in ("dem", "land_cover"):
        seen = fine[name][offset_row::3, offset_col::3]
        rows, cols = (
            min(seen.shape[0], coarse[name].shape[0]),
            min(seen.shape[1], coarse[name].shape[1]),
        )
        np.testing.assert_array_equal(seen[:rows, :cols], coarse[name][:rows, :cols])


def test_padding_does_not_move_the_scene(region, made):
    grid = region.grid(900.0)
    padded = scene.make_rasters(made, grid.pad(4500.0))
    plain = scene.make_rasters(made, grid)
    for name, data in plain.items():
        np.testing.assert_array_equal(padded[name][5:-5, 5:-5], data)


def test_same_seed_same_bytes(coarse, region, made):
    grid = region.grid(900.0)
    again = scene.make_rasters(made, grid)
    for name, data in again.items():
        np.testing.assert_array_equal(coarse[name].raster().values, data)
    second = {name: replace(layer) for name, layer in coarse.items()}
    for name, frame in made.vectors.items():
        second[name] = replace(second[name], data=frame[list(second[name].vector().columns)])
    assert digest(second) == digest(coarse)


def test_another_seed_is_another_scene(made, region):
    other = make_relief(made.relief.lattice, region.crs, 1, quiet)
    assert np.abs(other.z - made.relief.z).mean() > 20.0


def test_lines_keep_apart(made):
    vectors = made.vectors
    red = shapely.union_all(vectors["eco_redline"].geometry.to_numpy())
    cores = vectors["nature_reserve"].query("zone == 'core'")
    assert shapely.union_all(cores.geometry.to_numpy()).difference(red).area < 1e6
    farm = vectors["permanent_farmland"]
    assert farm.intersection(red).area.sum() < 0.01 * farm.area.sum()


def test_reserves_have_their_published_area(made):
    table = load_facts("shiyan").protected_areas.set_index("name")
    frame = made.vectors["nature_reserve"]
    areas = geo_crs.polygon_areas(frame) / 1e4
    for name, part in frame.groupby("name"):
        assert set(part["zone"]) == {"core", "general"}
        assert areas[part.index].sum() == pytest.approx(table.loc[name, "area_ha"], rel=1e-3)
    core = areas[(frame["name"] == "五朵峰") & (frame["zone"] == "core")]
    assert core.sum() == pytest.approx(6090.8, rel=1e-3)


def test_another_region_is_refused(region):
    with pytest.raises(InputError, match="demo scene"):
        scene.build(region.grid(900.0), replace(region, id="elsewhere"), 0, quiet)


def test_resource_is_the_table_unsmoothed(region):
    facts = load_facts("shiyan")
    grid = region.grid(900.0)
    layers = resource.build_resource(grid, facts)
    assert set(layers) == {"wind_mean", "ghi"}
    assert layers["wind_mean"].passport.proxy
    for name, column, factor in (("wind_mean", "wind_100m_ms", 1.0),
                                 ("ghi", "ghi_kwh_m2_d", 365.25)):  # fmt: skip
        layer = layers[name]
        values = layer.raster().values
        assert layer.passport.sources
        assert not layer.passport.synthetic
        assert str(values.dtype) == SPECS[name].dtype
        known = (facts.resource[column] * factor).to_numpy(dtype=np.float32)
        assert np.isin(values[np.isfinite(values)], known).all()
        row = facts.resource.iloc[(facts.resource.lon - 110.75).abs().add(
            (facts.resource.lat - 32.5).abs()).argmin()]  # fmt: skip
        x, y = geo_crs.from_lonlat(grid.crs, row.lon, row.lat)
        at = grid.rowcol(float(x), float(y))
        assert values[at] == pytest.approx(row[column] * factor, rel=1e-6)


def test_resource_needs_a_table(region):
    with pytest.raises(InputError, match="resource"):
        resource.build_resource(region.grid(900.0), Facts.empty())


def test_areas_of_law_stay_inside_the_city(made, region):
    for name in ("eco_redline", "permanent_farmland", "nature_reserve"):
        shapes = made.vectors[name].geometry.to_numpy()
        whole = shapely.union_all(shapes)
        assert whole.difference(region.boundary).area < 1000.0, name  # snapped to 0.1 m
        # no ground is counted twice
        assert shapely.area(shapes).sum() - whole.area < 1000.0, name


def test_the_burnt_red_line_keeps_its_total(fine, made):
    grid, _ = fine
    red = vector.burn(list(made.vectors["eco_redline"].geometry), grid) > 0
    burnt = float(np.broadcast_to(geo_crs.cell_areas(grid), grid.shape)[red].sum()) / 1e6
    total = load_facts("shiyan").controls["eco_redline_km2"].value
    assert total <= burnt <= total * 1.001
