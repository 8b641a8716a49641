"""Region profiles: 十堰 from its counties, any terrain from its DEM."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine

from geo.cog import write_cog
from geo.crs import cell_areas, polygon_areas
from geo.errors import CatalogError, CrsError, InputError, OptionError
from geo.grid import Grid
from layers.catalog import Catalog, open_catalog
from layers.region import PROFILES, load_region


@pytest.fixture(scope="module")
def demo() -> Catalog:
    return open_catalog("demo")


def dem_file(folder: Path, crs: str = "EPSG:32611", cell: float = 30.0) -> Path:
    if crs == "EPSG:4326":
        transform = Affine(0.001, 0, 110.0, 0, -0.001, 33.0)
    else:
        transform = Affine(cell, 0, 376_313.655, 0, -cell, 3_807_917.828)
    values = np.arange(40 * 50, dtype=np.float32).reshape(40, 50)
    write_cog(folder / "dem.tif", values, Grid(crs, transform, (40, 50)), nodata=-9999.0)
    return folder / "dem.tif"


def test_shiyan(demo: Catalog) -> None:
    region = load_region("shiyan", demo)
    assert (region.name.zh, region.crs, region.resolution) == ("十堰市", "EPSG:4546", 90.0)
    assert (region.jurisdiction, region.facts_id, region.buffer_m) == ("hubei", "shiyan", 25000.0)
    assert len(region.counties) == 8
    assert [unit.zh for unit in region.unmapped] == ["武当山旅游经济特区", "十堰经济技术开发区"]
    assert polygon_areas(region.counties).sum() / 1e6 == pytest.approx(23_680, rel=0.005)
    assert region.boundary.area == pytest.approx(region.counties.area.sum(), rel=1e-6)


def test_grid_is_the_box_on_the_fixed_lattice(demo: Catalog) -> None:
    region = load_region("shiyan", demo)
    grid = region.grid()
    assert grid.dx == grid.dy == 90.0
    assert grid.transform.c % 90 == 0
    assert grid.transform.f % 90 == 0
    assert 4.5e6 < grid.size < 5.5e6
    assert shapely.box(*grid.bounds).covers(region.boundary)
    assert region.grid(30.0).dx == 30.0
    assert load_region("shiyan", demo, 250).grid().dx == 250.0


def test_zones_hold_each_county(demo: Catalog) -> None:
    region = load_region("shiyan", demo)
    grid = region.grid(450.0)
    zones = region.zones(grid)
    assert zones.dtype == np.uint8
    assert zones.shape == grid.shape
    burned = np.bincount(zones.ravel(), weights=cell_areas(grid).ravel())[1:] / 1e6
    assert burned == pytest.approx(polygon_areas(region.counties) / 1e6, rel=0.01)


def test_terrain_keeps_the_grid_of_its_dem(tmp_path: Path) -> None:
    catalog = open_catalog(str(dem_file(tmp_path)))
    region = load_region(catalog.default_region, catalog)
    assert (region.id, region.name.zh, region.name.en) == ("terrain", "地形区", "terrain area")
    assert (region.jurisdiction, region.facts_id, region.unmapped) == (None, None, ())
    assert region.crs == "EPSG:32611"
    assert region.native is not None
    assert region.grid() == region.grid(30.0) == region.grid(region.resolution) == region.native
    assert region.boundary.bounds == region.native.bounds
    assert region.grid(60.0) != region.native
    assert region.counties["name"].tolist() == ["全区"]
    assert (region.zones(region.grid()) == 1).all()
    assert load_region("terrain", catalog, 60).resolution == 60.0


def test_terrain_names_no_city(tmp_path: Path) -> None:
    text = (PROFILES / "terrain.yaml").read_text(encoding="utf-8")
    catalog = open_catalog(str(dem_file(tmp_path)))
    region = load_region("terrain", catalog)
    for word in ("十堰", "湖北", "Shiyan", "Hubei"):
        assert word not in text
        assert word not in repr(region)
        assert word not in repr(catalog)


def test_terrain_needs_metres(tmp_path: Path) -> None:
    catalog = open_catalog(str(dem_file(tmp_path, "EPSG:4326")))
    with pytest.raises(CrsError, match="metric CRS") as caught:
        load_region("terrain", catalog)
    assert "dem.tif" in caught.value.subject


def test_asc_without_crs(tmp_path: Path) -> None:
    path = tmp_path / "tile.asc"
    path.write_text(
        "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 30\nNODATA_value 0\n1 2\n3 4\n"
    )
    catalog = open_catalog(str(path))
    with pytest.raises(CrsError, match=r"tile\.asc: declares no CRS"):
        load_region("terrain", catalog)


@pytest.mark.real
def test_real_asc_with_nodata_0_and_no_crs(real_data: Path) -> None:
    catalog = open_catalog(str(real_data / "srtm3_colorado.asc"))
    with pytest.raises(CrsError, match=r"srtm3_colorado\.asc: declares no CRS"):
        load_region("terrain", catalog)


@pytest.mark.real
def test_real_mountains(real_data: Path) -> None:
    catalog = open_catalog(str(real_data / "bigtujunga.tif"))
    region = load_region("terrain", catalog)
    assert region.crs == "EPSG:32611"
    assert region.grid().shape == (643, 1197)


def test_a_profile_of_ones_own(tmp_path: Path, demo: Catalog) -> None:
    path = tmp_path / "city.yaml"
    path.write_text(
        "id: city\nname: {zh: 某市, en: a city}\ncrs: EPSG:4546\nboundary: counties\n"
        "resolution: 120\n",
        encoding="utf-8",
    )
    region = load_region(path, demo)
    assert (region.id, region.resolution, region.jurisdiction) == ("city", 120.0, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("crs: EPSG:4326\nboundary: counties\nresolution: 90", "unfit for metres"),
        ("crs: EPSG:2381\nboundary: counties\nresolution: 90", "CGCS2000"),
        ("crs: EPSG:4546\nboundary: countys\nresolution: 90", "counties"),
        ("crs: EPSG:4546\nboundary: road\nresolution: 90", "polygon"),
        ("crs: EPSG:4546\nboundary: counties\nresolution: '90'", "resolution"),
        ("crs: EPSG:4546\nboundary: counties\nresolution: -1", "resolution"),
        ("crs: EPSG:4546\nboundary: counties\nresolutoin: 90", "did you mean resolution"),
        ("extent_of: dem\nboundary: counties", "either boundary or extent_of"),
        ("extent_of: dem\ncrs: EPSG:4546", "brings its own crs"),
    ],
)
def test_bad_profiles(tmp_path: Path, demo: Catalog, change: str, said: str) -> None:
    path = tmp_path / "city.yaml"
    path.write_text(f"id: city\nname: {{zh: 某市, en: c}}\n{change}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_region(path, demo)
    assert said in caught.value.line("en")
    assert "city.yaml" in caught.value.subject


def test_unknown_region_and_resolution(demo: Catalog) -> None:
    with pytest.raises(CatalogError, match="shiyan"):
        load_region("shiyn", demo)
    with pytest.raises(OptionError):
        load_region("shiyan", demo, -5)


def test_catalog_without_the_outline(tmp_path: Path, demo: Catalog) -> None:
    catalog = open_catalog(str(dem_file(tmp_path)))
    with pytest.raises(InputError, match="counties"):
        load_region("shiyan", catalog)
    with pytest.raises(InputError):  # the demo's elevation is no file whose extent could serve
        load_region("terrain", demo)


def test_counties_frame_is_typed(demo: Catalog) -> None:
    counties = load_region("shiyan", demo).counties
    assert isinstance(counties, gpd.GeoDataFrame)
    assert counties["code"].tolist()[0] == "420302"


@pytest.mark.parametrize("line", ["resolution: .inf", "buffer_m: .inf"])
def test_infinite_numbers_are_refused(tmp_path: Path, line: str) -> None:
    values = {"crs": "EPSG:4546", "resolution": "90", "buffer_m": "0"}
    key, _, value = line.partition(": ")
    values[key] = value
    path = tmp_path / "own.yaml"
    text = "".join(f"{name}: {one}\n" for name, one in values.items())
    path.write_text("id: own\nname: {zh: 甲, en: A}\nboundary: counties\n" + text, encoding="utf-8")
    with pytest.raises(CatalogError, match=key):
        load_region(path, open_catalog(str(dem_file(tmp_path))))
