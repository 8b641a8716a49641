"""Writing rasters: declared, verified, deterministic, never half there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geo import cog, raster
from geo.errors import DiskError, OptionError
from geo.grid import Grid

NAN = float("nan")


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


@pytest.fixture
def big() -> Grid:
    return Grid.from_bounds("EPSG:4546", (400_000, 3_500_000, 500_000, 3_600_000), 100)


def test_what_is_written_is_read(tmp_path, metric_grid):
    data = np.random.default_rng(0).normal(size=metric_grid.shape).astype(np.float32)
    data[0] = NAN
    path = tmp_path / "坡度_演示.tif"
    raster.write_cog(
        path, data, metric_grid, nodata=NAN, unit="deg", description="坡度", tags={"b": "2"}
    )
    back, grid, nodata = raster.read(path)
    assert grid == metric_grid
    assert np.isnan(nodata)
    np.testing.assert_array_equal(back, data)
    with rasterio.open(path) as source:
        assert source.units == ("deg",)
        assert source.descriptions == ("坡度",)
        assert source.tags()["b"] == "2"
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert names(tmp_path) == [path.name]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.sampled_from([np.uint8, np.int16, np.uint16, np.int32, np.float32]).flatmap(
        lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20))
    )
)
def test_any_array_survives(tmp_path, data):
    grid = Grid("EPSG:4546", rasterio.Affine(90, 0, 500_040, 0, -90, 3_600_000), data.shape)
    kind = data.dtype
    nodata = NAN if kind.kind == "f" else float(np.iinfo(kind).max)
    raster.write_cog(tmp_path / "a.tif", data, grid, nodata=nodata)
    back, again, _ = raster.read(tmp_path / "a.tif")
    assert again == grid
    np.testing.assert_array_equal(back, data)


def test_the_same_data_give_the_same_bytes(tmp_path, big):
    data = np.random.default_rng(1).normal(size=big.shape).astype(np.float32)
    for name in ("a.tif", "b.tif"):
        raster.write_cog(tmp_path / name, data, big, nodata=NAN, tags={"z": "1", "a": "2"})
        time.sleep(1.05)  # a hidden clock would show in whole seconds
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    with rasterio.open(tmp_path / "a.tif") as source:
        assert source.overviews(1) == [2]


def test_a_mask_is_stored_as_bytes(tmp_path, metric_grid):
    mask = np.eye(*metric_grid.shape, dtype=bool)
    raster.write_cog(tmp_path / "a.tif", mask, metric_grid, nodata=255)
    back, _, nodata = raster.read(tmp_path / "a.tif")
    assert nodata == 255
    np.testing.assert_array_equal(back, mask.astype(np.uint8))


@pytest.mark.parametrize(("kind", "nodata"), [("uint8", NAN), ("uint8", 256), ("int16", 0.5)])
def test_nodata_must_fit_the_type(tmp_path, metric_grid, kind, nodata):
    with pytest.raises(OptionError, match="nodata"):
        raster.write_cog(
            tmp_path / "a.tif", np.zeros(metric_grid.shape, kind), metric_grid, nodata=nodata
        )
    assert names(tmp_path) == []


def test_an_array_off_its_grid_is_refused(tmp_path, metric_grid):
    with pytest.raises(OptionError, match="not on its grid"):
        raster.write_cog(tmp_path / "a.tif", np.zeros((2, 2)), metric_grid, nodata=NAN)


def test_a_file_that_reads_back_differently_is_not_published(tmp_path, metric_grid, monkeypatch):
    path = tmp_path / "a.tif"
    data = np.ones(metric_grid.shape, dtype=np.float32)
    raster.write_cog(path, data, metric_grid, nodata=NAN)
    before = path.read_bytes()
    honest = cog.copy

    def careless(source, part, **options):
        honest(source, part, **options)
        with rasterio.open(part, "r+", IGNORE_COG_LAYOUT_BREAK="YES") as target:
            target.write(np.zeros(metric_grid.shape, dtype=np.float32), 1)

    monkeypatch.setattr(cog, "copy", careless)
    with pytest.raises(DiskError, match="read back differ"):
        raster.write_cog(path, data, metric_grid, nodata=NAN)
    assert path.read_bytes() == before
    assert names(tmp_path) == ["a.tif"]


WRITE = """
    import sys, numpy as np
    from geo import raster
    from geo.errors import DiskError
    from geo.grid import Grid
    grid = Grid.from_bounds("EPSG:4546", (400_000, 3_500_000, 500_000, 3_600_000), 50)
    data = np.random.default_rng(2).normal(size=grid.shape).astype(np.float32)
"""


def run(body: str, path: Path, **options: object) -> subprocess.Popen[str]:
    code = textwrap.dedent(WRITE) + textwrap.dedent(body)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code, str(path)], **pipes, **options)


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX")
def test_a_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(b"the previous result")
    body = """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        try:
            raster.write_cog(sys.argv[1], data, grid, nodata=float("nan"))
        except DiskError as fault:
            print(fault.line("en"))
            sys.exit(fault.exit_code)
    """
    process = run(body, path)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 5, err
    assert "[E-DISK]" in out
    assert "a.tif" in out
    assert path.read_bytes() == b"the previous result"
    assert names(tmp_path) == ["a.tif"]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("wait", [0.0, 0.05, 0.2])
def test_a_kill_in_the_middle_leaves_the_old_file(tmp_path, wait):
    path = tmp_path / "a.tif"
    path.write_bytes(b"the previous result")
    body = """
        print("go", flush=True)
        while True:
            raster.write_cog(sys.argv[1] + ".tif", data, grid, nodata=float("nan"))
    """
    process = run(body, path)
    final = tmp_path / "a.tif.tif"
    try:
        assert process.stdout is not None
        process.stdout.readline()
        deadline = time.monotonic() + 60
        while not any(n.startswith(".part-") for n in names(tmp_path)):
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(wait)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    if final.exists():
        data, _, _ = raster.read(final)
        assert np.isfinite(data).all()
    left = [n for n in names(tmp_path) if n not in {"a.tif", "a.tif.tif"}]
    assert all(n.startswith(".part-") for n in left)
    assert path.read_bytes() == b"the previous result"
