"""Reading rasters: what is refused, what is warped, what marks a hole."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from geo import raster
from geo.errors import CrsError, DatumError, NodataError, OptionError, RasterError, SizeError
from geo.grid import Grid


@pytest.fixture
def dem(metric_grid: Grid) -> np.ndarray:
    rows, cols = np.mgrid[: metric_grid.rows, : metric_grid.cols]
    return (500 + 3 * rows + 2 * cols).astype(np.float32)


def test_a_file_comes_back_as_it_was(write_tif, metric_grid, dem):
    path = write_tif(dem, metric_grid, nodata=-9999)
    dem_read, grid, nodata = raster.read(path)
    assert grid == metric_grid == raster.native_grid(path)
    assert np.isnan(nodata)
    np.testing.assert_array_equal(dem_read, dem)


def test_declared_nodata_becomes_nan(write_tif, metric_grid, dem):
    dem[3, 4] = -9999
    data, _, nodata = raster.read(write_tif(dem, metric_grid, nodata=-9999), valid_range=(0, 3000))
    assert np.isnan(nodata)
    assert np.isnan(data[3, 4])
    assert np.isnan(data).sum() == 1


@pytest.mark.parametrize("code", [-9999, -32768, 0, 32767])
def test_undeclared_nodata_is_found_by_the_range(write_tif, metric_grid, dem, code):
    dem[:3] = code
    path = write_tif(dem.astype(np.int16), metric_grid)
    with pytest.raises(NodataError, match=rf"in\.tif: has 150 cells of {code} .*nodata: {code}"):
        raster.read(path, valid_range=(100, 3000))
    data, _, nodata = raster.read(path, valid_range=(100, 3000), nodata=code)
    assert nodata == code
    assert (data[:3] == code).all()


def test_a_value_out_of_range_is_no_nodata(write_tif, metric_grid, dem):
    dem[0, 0] = 12_345
    with pytest.raises(RasterError, match="12345") as caught:
        raster.read(write_tif(dem, metric_grid), valid_range=(0, 9000))
    assert not isinstance(caught.value, NodataError)


def test_scale_and_offset_apply_before_the_range(write_tif, metric_grid):
    stored = np.full(metric_grid.shape, 335, dtype=np.int16)
    stored[0, 0] = -1
    path = write_tif(stored, metric_grid, nodata=-1)
    data, _, nodata = raster.read(path, scale=0.01, offset=1.0, valid_range=(4.0, 5.0))
    assert data.dtype == np.float32
    assert np.isnan(nodata)
    assert data[1, 1] == pytest.approx(4.35)
    assert np.isnan(data[0, 0])
    with pytest.raises(RasterError, match="outside"):
        raster.read(path, valid_range=(4.0, 5.0))


def test_dtype_is_kept_or_refused(write_tif, metric_grid, dem):
    path = write_tif(dem, metric_grid, nodata=-9999)
    data, _, nodata = raster.read(path, dtype="int16")
    assert data.dtype == np.int16
    assert nodata == -9999
    with pytest.raises(RasterError, match="do not fit uint8"):
        raster.read(path, dtype="uint8")


def test_a_hole_never_collides_with_a_value(write_tif, metric_grid):
    data = np.arange(metric_grid.size, dtype=np.float32).reshape(metric_grid.shape) % 256
    data[0, 0] = np.nan
    with pytest.raises(RasterError, match="no free code"):
        raster.read(write_tif(data, metric_grid), dtype="uint8")
    read, _, nodata = raster.read(write_tif(data % 255, metric_grid, "b.tif"), dtype="uint8")
    assert nodata == 255
    assert (read == 255).sum() == 1


def test_a_read_onto_a_grid_always_declares_nodata(write_tif, metric_grid):
    classes = np.ones(metric_grid.shape, dtype=np.uint8)
    path = write_tif(classes, metric_grid)
    data, _, nodata = raster.read(path)
    assert nodata is None
    wide = metric_grid.pad(900)
    data, grid, nodata = raster.read(path, wide)
    assert grid == wide
    assert nodata == 255
    assert (data == 255).sum() == wide.size - metric_grid.size
    np.testing.assert_array_equal(data[10:-10, 10:-10], classes)


def test_only_the_window_is_read(write_tif, metric_grid, dem):
    path = write_tif(dem, metric_grid, nodata=-9999)
    part = metric_grid.window(5, 7, 6, 8)
    data, grid, _ = raster.read(path, part, max_bytes=4 * 18 * 20)
    assert grid == part
    np.testing.assert_array_equal(data, dem[5:11, 7:15])


def test_beside_the_grid_everything_is_missing(write_tif, metric_grid, dem):
    path = write_tif(dem, metric_grid, nodata=-9999)
    t = metric_grid.transform
    far = Grid(metric_grid.crs, Affine(90, 0, t.c - 90_000, 0, -90, t.f), (3, 3))
    data, _, nodata = raster.read(path, far)
    assert np.isnan(data).all()
    assert np.isnan(nodata)
    data, _, nodata = raster.read(path, far, dtype="uint8")
    assert (data == nodata).all()


def test_a_plane_is_warped_to_a_plane(write_tif):
    src = Grid("EPSG:4490", Affine(0.001, 0, 110.9, 0, -0.001, 32.7), (300, 300))
    rows, cols = np.mgrid[:300, :300]
    lon, lat = 110.9005 + 0.001 * cols, 32.6995 - 0.001 * rows
    path = write_tif((1000 * (lon - 111) + 2000 * (lat - 32.5)), src, nodata=-1e6)
    dst = Grid.from_bounds("EPSG:4546", (498_000, 3_590_000, 502_000, 3_602_000), 90)
    data, _, _ = raster.read(path, dst, resampling="bilinear")
    from geo.crs import lonlat

    x, y = np.meshgrid(*(np.array(v) for v in zip(*(dst.xy(i, i) for i in range(44)), strict=True)))
    lon, lat = lonlat(dst.crs, x, y)
    np.testing.assert_allclose(data[:44, :44], 1000 * (lon - 111) + 2000 * (lat - 32.5), atol=0.2)


def test_warp_keeps_classes(metric_grid):
    classes = np.indices(metric_grid.shape).sum(axis=0).astype(np.uint8) % 9
    finer = Grid(metric_grid.crs, metric_grid.transform @ Affine.scale(1 / 3), (120, 150))
    out = raster.warp(classes, metric_grid, finer, resampling="nearest", nodata=255)
    np.testing.assert_array_equal(out, np.kron(classes, np.ones((3, 3), dtype=np.uint8)))
    with pytest.raises(OptionError, match="not on its grid"):
        raster.warp(classes[1:], metric_grid, finer, resampling="nearest", nodata=255)
    with pytest.raises(OptionError, match="unknown resampling"):
        raster.warp(classes, metric_grid, finer, resampling="lanczos", nodata=255)


def test_missing_neighbours_do_not_leak_into_a_mean(metric_grid):
    data = np.full(metric_grid.shape, 7.0, dtype=np.float32)
    data[:, ::2] = np.nan
    coarse = Grid(metric_grid.crs, metric_grid.transform @ Affine.scale(5), (8, 10))
    out = raster.warp(data, metric_grid, coarse, resampling="average", nodata=float("nan"))
    np.testing.assert_allclose(out, 7.0)


def test_no_crs_is_refused_and_can_be_asserted(write_tif, metric_grid, dem):
    path = write_tif(dem, metric_grid, crs=None)
    with pytest.raises(CrsError, match=r"in\.tif.*no CRS"):
        raster.read(path)
    _, grid, _ = raster.read(path, crs="EPSG:4546")
    assert grid == metric_grid


def test_a_contradicting_catalog_is_refused(write_tif, metric_grid, dem):
    path = write_tif(dem, metric_grid)
    with pytest.raises(CrsError, match="catalog says"):
        raster.read(path, crs="EPSG:32649")


def test_degrees_labelled_as_metres_are_refused(write_tif, dem):
    grid = Grid("EPSG:4546", Affine(0.001, 0, 110.9, 0, -0.001, 32.7), (40, 50))
    with pytest.raises(CrsError, match="does not fit"):
        raster.read(write_tif(dem, grid))


def test_an_old_datum_is_refused(write_tif, metric_grid, dem):
    with pytest.raises(DatumError):
        raster.read(write_tif(dem, metric_grid, crs="EPSG:2382"))


def test_several_bands_are_refused(tmp_path, metric_grid):
    path = tmp_path / "rgb.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=2,
        width=2,
        count=3,
        dtype="uint8",
        crs=metric_grid.crs,
        transform=metric_grid.transform,
    ) as target:
        target.write(np.zeros((3, 2, 2), dtype=np.uint8))
    with pytest.raises(RasterError, match="3 bands"):
        raster.read(path)


def test_a_rotated_or_placeless_raster_is_refused(write_tif, metric_grid, dem):
    turned = metric_grid.transform @ Affine.rotation(10)
    with pytest.raises(RasterError, match="north-up"):
        raster.read(write_tif(dem, metric_grid, transform=turned))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = write_tif(dem, metric_grid, "b.tif", transform=Affine.identity())
    with pytest.raises(RasterError, match="georeference"):
        raster.read(path)


@pytest.mark.parametrize("keep", [0, 3, 10, 200, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("settings", [{}, {"compress": "deflate", "tiled": True}])
def test_a_truncated_file_is_named(write_tif, keep, settings):
    grid = Grid("EPSG:4546", Affine(90, 0, 500_040, 0, -90, 3_600_000), (300, 400))
    noise = np.random.default_rng(1).normal(size=grid.shape).astype(np.float32)
    path = write_tif(noise, grid, "cut.tif", nodata=-9999, **settings)
    content = path.read_bytes()
    path.write_bytes(content[: keep if isinstance(keep, int) else int(keep * len(content))])
    with pytest.raises(RasterError, match=r"cut\.tif.*sha256"):
        raster.read(path)


def test_a_vrt_named_tif_is_refused(tmp_path, write_tif, metric_grid, dem):
    secret = write_tif(dem, metric_grid, "secret.tif")
    path = tmp_path / "innocent.tif"
    path.write_text(
        f'<VRTDataset rasterXSize="50" rasterYSize="40"><SRS>EPSG:4546</SRS>'
        "<GeoTransform>500040, 90, 0, 3600000, 0, -90</GeoTransform>"
        f'<VRTRasterBand dataType="Float32" band="1">'
        f"<SimpleSource><SourceFilename>{secret}</SourceFilename><SourceBand>1</SourceBand>"
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with rasterio.open(path, driver="VRT") as source:
        assert source.count == 1  # the trap is real
    with pytest.raises(RasterError, match=r"innocent\.tif"):
        raster.read(path)


@pytest.mark.parametrize(
    "path", ["/vsizip/a.zip/b.tif", "https://example.org/a.tif", "/VSIMEM/a.tif", "s3://b/a.tif"]
)
def test_urls_and_virtual_paths_are_refused(path):
    with pytest.raises(RasterError, match="not read"):
        raster.read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RasterError, match=r"nowhere\.tif: does not exist"):
        raster.read(tmp_path / "nowhere.tif")
    with pytest.raises(RasterError, match="does not exist"):
        raster.native_grid(tmp_path)


def test_a_huge_header_is_refused_before_reading(tmp_path, metric_grid):
    path = tmp_path / "bomb.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=10**6,
        width=10**6,
        count=1,
        dtype="uint8",
        crs="EPSG:4546",
        transform=Affine(0.2, 0, 400_000, 0, -0.2, 3_650_000),
        sparse_ok=True,
        tiled=True,
        blockxsize=4096,
        blockysize=4096,
        bigtiff="YES",
        nodata=0,
    ):
        pass
    assert path.stat().st_size < 10**7
    with pytest.raises(SizeError, match=r"bomb\.tif: needs 1000\.0 GB"):
        raster.read(path)
    # the window that a small grid needs is small
    data, _, nodata = raster.read(path, metric_grid.window(0, 0, 2, 2))
    assert (data == nodata).all()


def test_blocks_never_written_are_no_zeros(tmp_path, metric_grid):
    path = tmp_path / "sparse.tif"
    settings = {
        "driver": "GTiff",
        "height": 512,
        "width": 512,
        "count": 1,
        "dtype": "float32",
        "crs": metric_grid.crs,
        "transform": metric_grid.transform,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "sparse_ok": True,
    }
    with rasterio.open(path, "w", **settings) as target:
        target.write(np.ones((256, 256), dtype=np.float32), 1, window=((0, 256), (0, 256)))
    with pytest.raises(RasterError, match=r"sparse\.tif: block 0,1 was never written"):
        raster.read(path)
    data, _, _ = raster.read(path, nodata=0)
    assert np.isnan(data).mean() == 0.75


def test_an_ascii_grid_with_nodata_zero_and_no_crs(tmp_path):
    head = "ncols 3\nnrows 2\nxllcorner 110.0\nyllcorner 32.0\ncellsize 0.001\nNODATA_value 0\n"
    path = tmp_path / "a.asc"
    path.write_text(head + "0 500 501\n502 503 0\n")
    with pytest.raises(CrsError, match=r"a\.asc: declares no CRS"):
        raster.read(path)
    data, _, nodata = raster.read(path, crs="EPSG:4326", valid_range=(100, 9000))
    assert data.dtype == np.int32
    assert (data == nodata).sum() == 2


@pytest.mark.real
def test_the_real_ascii_grid_is_refused(real_data: Path):
    path = real_data / "srtm3_colorado.asc"
    with pytest.raises(CrsError, match=r"srtm3_colorado\.asc: declares no CRS"):
        raster.read(path)
    data, grid, nodata = raster.read(path, crs="EPSG:4326", dtype="float32")
    assert grid.shape == (144, 240)
    assert np.isnan(nodata)
    assert np.nanmin(data) >= 1943
    assert np.nanmax(data) <= 3286


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("gwa_mean_100m_025deg_shiyan.tif", 2.4, 4.9),
        ("gsa_ghi_025deg_shiyan.tif", 3.0, 3.6),
        ("gsa_dni_025deg_shiyan.tif", 1.7, 2.5),
        ("etopo5_shiyan.tif", 100.0, 2000.0),
    ],
)
def test_the_coarse_windows_cover_the_city(real_data: Path, name, low, high):
    grid = Grid.from_bounds("EPSG:4546", (353_000, 3_486_000, 555_000, 3_684_000), 1000)
    data, _, _ = raster.read(
        real_data / name, grid, resampling="bilinear", valid_range=(-500, 9000)
    )
    assert np.isfinite(data).mean() > 0.99
    assert np.nanmin(data) > low
    assert np.nanmax(data) < high


@pytest.mark.real
def test_a_real_wind_tile_with_its_own_nodata(real_data: Path):
    data, _, nodata = raster.read(real_data / "gwa_altamont_100m.tif", valid_range=(0, 25))
    assert np.isnan(nodata)
    assert np.nanmin(data) == pytest.approx(3.79, abs=0.01)
    assert np.nanmax(data) == pytest.approx(10.54, abs=0.01)


@pytest.mark.real
def test_the_real_mountain_dem(real_data: Path):
    data, grid, nodata = raster.read(real_data / "bigtujunga.tif", valid_range=(-500, 9000))
    assert grid.crs == "EPSG:32611"
    assert grid.shape == (643, 1197)
    kept = data[data != nodata]
    assert (kept.min(), kept.max()) == (315, 2295)
