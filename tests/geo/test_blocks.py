"""Blocks give the bytes of the whole array, whatever their size and the threads."""

from __future__ import annotations

import math
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from geo import blockfile
from geo.blocks import Kernel, Source, run_blocks
from geo.blockwise import aspect_kernel, hillshade_kernel, mask_of, slope_kernel, within_kernel
from geo.cog import write_cog
from geo.distance import within
from geo.errors import GridMismatchError, OptionError, SizeError
from geo.grid import Grid
from geo.terrain import hillshade, slope_aspect

CRS = "EPSG:4546"


def grid_of(rows: int, cols: int, cell: float = 30.0) -> Grid:
    return Grid(CRS, Affine(cell, 0, 500_010, 0, -cell, 3_600_000), (rows, cols))


def relief(grid: Grid, holes: bool = False) -> np.ndarray:
    rng = np.random.default_rng(7)
    dem = ndimage.gaussian_filter(rng.normal(size=grid.shape), 2.0) * 900
    if holes:
        dem[rng.random(grid.shape) < 0.02] = np.nan
    return dem.astype(np.float32)


def box_mean(given, _grid):
    """Mean of 5 x 5 cells: its own idea of the edge is periodic, which must never show."""
    z = given[0].astype(np.float64)
    shifts = [(i, j) for i in range(-2, 3) for j in range(-2, 3)]
    return (sum(np.roll(z, shift, (0, 1)) for shift in shifts) / 25).astype(np.float32)


MEAN = Kernel("mean 5", box_mean, "float32", math.nan, cells=2)


@settings(max_examples=25, deadline=None)
@given(
    rows=st.integers(1, 60),
    cols=st.integers(1, 60),
    block=st.integers(1, 70),
    threads=st.integers(1, 3),
    holes=st.booleans(),
)
def test_terrain_equals_the_whole_array(rows, cols, block, threads, holes):
    grid = grid_of(rows, cols)
    dem = relief(grid, holes)
    slope, aspect = slope_aspect(dem, grid)
    for kernel, whole in ((slope_kernel(), slope), (aspect_kernel(), aspect),
                          (hillshade_kernel(300.0), hillshade(dem, grid, 300.0))):  # fmt: skip
        made = run_blocks(kernel, [dem], grid, block=block, threads=threads)
        assert made.tobytes() == whole.tobytes()


@settings(max_examples=25, deadline=None)
@given(
    rows=st.integers(1, 50),
    cols=st.integers(1, 50),
    block=st.integers(1, 60),
    metres=st.sampled_from([0.0, 29.9, 30.0, 95.0, 610.0, 5000.0]),
    share=st.sampled_from([0.0, 0.01, 0.3]),
)
def test_disc_equals_the_whole_array(rows, cols, block, metres, share):
    """The radius may be larger than the block, and than the grid."""
    grid = grid_of(rows, cols)
    mask = np.random.default_rng(rows * 64 + cols).random(grid.shape) < share
    whole = within(mask, grid, metres).view(np.uint8)
    made = run_blocks(within_kernel(metres), [mask], grid, block=block)
    np.testing.assert_array_equal(made, whole)


@settings(max_examples=25, deadline=None)
@given(block=st.integers(1, 50), threads=st.integers(1, 4))
def test_threads_and_blocks_change_no_byte(block, threads):
    grid = grid_of(41, 33)
    dem = relief(grid)
    whole = run_blocks(MEAN, [dem], grid, block=64)
    made = run_blocks(MEAN, [dem], grid, block=block, threads=threads)
    assert made.tobytes() == whole.tobytes()


def test_the_edge_is_nodata_and_never_periodic():
    grid = grid_of(12, 14)
    made = run_blocks(MEAN, [np.ones(grid.shape, np.float32)], grid, block=5)
    assert np.isnan(made[:2]).all()
    assert np.isnan(made[:, -2:]).all()
    assert (made[2:-2, 2:-2] == 1.0).all()


def test_several_inputs_and_their_own_nodata():
    grid = grid_of(9, 9)
    seen = []

    def add(given, padded):
        seen.append((given[1][0, 0], padded.xy(0, 0)))
        assert not given[0].flags.writeable
        return (given[0] + given[1]).astype(np.float32)

    kernel = Kernel("add", add, "float32", math.nan, cells=1)
    ones, codes = np.ones(grid.shape, np.float32), np.full(grid.shape, 3, np.uint8)
    made = run_blocks(kernel, [ones, Source(codes, 7)], grid, block=4)
    assert (made == 4.0).all()
    assert seen[0] == (7, grid.xy(-1, -1))
    with pytest.raises(OptionError, match="without a nodata value"):
        run_blocks(kernel, [ones, codes], grid)


def test_a_file_is_read_by_windows(tmp_path):
    grid = grid_of(130, 90)
    dem = relief(grid, holes=True)
    path = tmp_path / "dem.tif"
    write_cog(path, dem, grid, nodata=math.nan)
    made = run_blocks(slope_kernel(), [path], grid, block=37)
    assert made.tobytes() == slope_aspect(dem, grid)[0].tobytes()
    mask = (dem > 50).astype(np.uint8)
    marks = tmp_path / "mask.tif"
    write_cog(marks, mask, grid, nodata=0)
    disc = run_blocks(within_kernel(200.0), [mask_of(marks)], grid, block=37)
    np.testing.assert_array_equal(disc, within(mask, grid, 200.0).view(np.uint8))
    with pytest.raises(GridMismatchError, match=r"dem\.tif"):
        run_blocks(slope_kernel(), [path], grid.pad(30.0))


def test_memory_is_refused_before_anything_is_read():
    grid = grid_of(3000, 3000)
    flat = np.broadcast_to(np.float32(0.0), grid.shape)
    calls = []
    kernel = Kernel("big", lambda *a: calls.append(a), "float64", math.nan, cells=500, scratch=100)
    with pytest.raises(SizeError, match="make block, threads or the radius smaller"):
        run_blocks(kernel, [flat], grid, block=2000, budget=500e6)
    assert calls == []
    small = Kernel("small", lambda given, _: given[0], "float32", math.nan)
    assert run_blocks(small, [flat], grid, block=1000, budget=8.1e6).shape == grid.shape


@pytest.mark.parametrize(
    ("kernel", "options", "error"),
    [
        (Kernel("r", box_mean, "float32", math.nan, radius_m=-1.0), {}, OptionError),
        (Kernel("r", box_mean, "float32", math.nan, radius_m=math.nan), {}, OptionError),
        (Kernel("t", box_mean, "float64", math.nan), {}, GridMismatchError),
        (Kernel("s", lambda g, _: g[0][1:], "float32", math.nan), {}, GridMismatchError),
        (MEAN, {"block": 0}, OptionError),
        (MEAN, {"threads": 0}, OptionError),
    ],
)
def test_bad_calls_are_named(kernel, options, error):
    grid = grid_of(6, 6)
    with pytest.raises(error):
        run_blocks(kernel, [np.ones(grid.shape, np.float32)], grid, **options)


def test_an_array_of_another_grid_is_refused():
    with pytest.raises(GridMismatchError):
        run_blocks(MEAN, [np.ones((3, 3), np.float32)], grid_of(6, 6))


def test_radius_in_metres_covers_whole_cells():
    grid = grid_of(4, 4)
    assert Kernel("a", box_mean, "float32", math.nan, radius_m=90.0).radius(grid) == 3
    assert Kernel("a", box_mean, "float32", math.nan, radius_m=90.1).radius(grid) == 4
    assert Kernel("a", box_mean, "float32", math.nan, radius_m=10.0, cells=2).radius(grid) == 2


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_tells_each_band_once(threads):
    grid = grid_of(25, 40)
    told = []
    run_blocks(
        MEAN, [relief(grid)], grid, block=10, threads=threads,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(10, 25), (20, 25), (25, 25)]


class Counting:
    """A kernel that counts its calls and can be told to fail at one of them."""

    def __init__(self, fail_at: int = -1) -> None:
        self.calls, self.fail_at = 0, fail_at

    def __call__(self, given, grid):
        if self.calls == self.fail_at:
            raise KeyboardInterrupt
        self.calls += 1
        return box_mean(given, grid)

    def kernel(self, name: str = "mean 5") -> Kernel:
        return Kernel(name, self, "float32", math.nan, cells=2)


def test_a_stopped_run_goes_on_where_it_ended(tmp_path):
    grid = grid_of(40, 40)
    dem = relief(grid)
    out = tmp_path / "mean.tif"
    first = Counting(fail_at=5)
    with pytest.raises(KeyboardInterrupt):
        run_blocks(first.kernel(), [dem], grid, block=10, out=out)
    assert not out.exists()
    second = Counting()
    assert run_blocks(second.kernel(), [dem], grid, block=10, out=out) == out
    assert (first.calls, second.calls) == (5, 11)
    whole = run_blocks(MEAN, [dem], grid, block=40)
    with rasterio.open(out) as source:
        assert source.read(1).tobytes() == whole.tobytes()
        assert math.isnan(source.nodata)
    assert [p.name for p in tmp_path.iterdir()] == ["mean.tif"]
    fresh = tmp_path / "fresh.tif"
    run_blocks(MEAN, [dem], grid, block=10, out=fresh, threads=2)
    assert fresh.read_bytes() == out.read_bytes()


def unfinished(folder: Path, dem: np.ndarray, grid: Grid) -> Path:
    out = folder / "mean.tif"
    with pytest.raises(KeyboardInterrupt):
        run_blocks(Counting(fail_at=9).kernel(), [dem], grid, block=10, out=out)
    return out


def test_a_damaged_block_is_made_again(tmp_path):
    grid = grid_of(40, 40)
    dem = relief(grid)
    out = unfinished(tmp_path, dem, grid)
    cells = np.memmap(
        tmp_path / ".blocks-mean.tif" / "cells", dtype="float32", mode="r+", shape=grid.shape
    )
    cells[3, 3] += 1
    cells.flush()
    with (tmp_path / ".blocks-mean.tif" / "journal").open("a") as journal:
        journal.write('null\n[[1], 2, 3, 4, "x"]\n[1, 2')  # damaged, and cut off by a kill
    again = Counting()
    run_blocks(again.kernel(), [dem], grid, block=10, out=out)
    assert again.calls == 8
    with rasterio.open(out) as source:
        assert source.read(1).tobytes() == run_blocks(MEAN, [dem], grid).tobytes()


@pytest.mark.parametrize("change", ["input", "name", "block", "edge"])
def test_blocks_of_other_work_are_not_taken_over(tmp_path, change):
    grid = grid_of(40, 40)
    dem = relief(grid)
    out = unfinished(tmp_path, dem, grid)
    again = Counting()
    kernel = again.kernel("other" if change == "name" else "mean 5")
    given = dem + 1 if change == "input" else dem
    block = 20 if change == "block" else 10
    edge = Source(given, 0.0) if change == "edge" else given  # what stands beyond the grid
    run_blocks(kernel, [edge], grid, block=block, out=out)
    assert again.calls == (40 // block) ** 2


@pytest.mark.parametrize("threads", [1, 3])
def test_cancel_stops_and_keeps_what_is_done(tmp_path, threads):
    grid = grid_of(40, 40)
    dem = relief(grid)
    out = tmp_path / "mean.tif"
    asked = []

    def cancel() -> bool:
        asked.append(1)
        return len(asked) > 6

    with pytest.raises(CancelledError):
        run_blocks(MEAN, [dem], grid, block=10, threads=threads, out=out, cancel=cancel)
    assert not out.exists()
    rest = Counting()
    run_blocks(rest.kernel(), [dem], grid, block=10, out=out)
    assert rest.calls == 10
    with pytest.raises(CancelledError):
        run_blocks(MEAN, [dem], grid, block=10, cancel=lambda: True)


def test_a_failing_publication_leaves_the_old_file(tmp_path, monkeypatch):
    grid = grid_of(20, 20)
    dem = relief(grid)
    out = tmp_path / "mean.tif"
    out.write_bytes(b"old")
    monkeypatch.setattr(
        blockfile.BlockFile, "_verify", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
    )
    with pytest.raises(Exception, match="full"):
        run_blocks(MEAN, [dem], grid, block=10, out=out)
    assert out.read_bytes() == b"old"
    monkeypatch.undo()
    again = Counting()
    run_blocks(again.kernel(), [dem], grid, block=10, out=out)
    assert again.calls == 0
