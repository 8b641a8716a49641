"""Lakes, catchments, bad input, real ground, and the page of the method."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine

from geo import raster
from geo.errors import CrsError, GridMismatchError, OptionError, RasterError, SizeError
from geo.grid import Grid
from geo.hydrology import OUTLET, STEP_COLS, STEP_ROWS, Drainage, catchment, drainage

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "hydrology.md"


def grid_of(shape: tuple[int, int]) -> Grid:
    return Grid("EPSG:4546", Affine(30, 0, 500_010, 0, -30, 3_600_000), shape)


def box(grid: Grid, rows: slice, cols: slice) -> shapely.Polygon:
    """Return the outline of a window of cells."""
    west, _, _, north = grid.bounds
    return shapely.box(
        west + 30 * cols.start, north - 30 * rows.stop,
        west + 30 * cols.stop, north - 30 * rows.start,
    )  # fmt: skip


def leaving(drained: Drainage, wet: np.ndarray) -> list[tuple[int, int]]:
    """Cells of a lake whose water leaves it."""
    found = []
    for row, col in np.argwhere(wet):
        k = drained.direction[row, col]
        if k == OUTLET or not wet[row + STEP_ROWS[k], col + STEP_COLS[k]]:
            found.append((int(row), int(col)))
    return found


def valley(shape: tuple[int, int]) -> np.ndarray:
    """A valley that falls south, with steep sides."""
    rows, cols = np.indices(shape)
    return 100.0 + 0.5 * (shape[0] - rows) + 8.0 * np.abs(cols - shape[1] // 2)


def test_a_lake_takes_its_level_and_has_one_outlet():
    grid = grid_of((40, 31))
    dem = valley(grid.shape)
    wet = np.zeros(grid.shape, bool)
    wet[10:25, 12:19] = True
    dem[15, 15] = np.nan  # voids of a lake are water
    # the southern shore is lower than the lake along its whole width
    drained = drainage(dem, grid, [(box(grid, slice(10, 25), slice(12, 19)), 130.0)])
    assert (drained.filled[wet] == 130).all()
    assert leaving(drained, wet) == [(24, 14)]  # the first with the valley floor beside it
    # inflow from all sides: the lake gathers what lies above it
    assert drained.cells[24, 14] == drained.cells[wet].max()
    assert drained.cells[24, 14] > 15 * 7 + 9 * 25
    assert (drained.direction[wet] != OUTLET).all()


def test_a_lake_in_a_depression_still_has_one_outlet():
    grid = grid_of((30, 30))
    dem = np.full(grid.shape, 200.0)
    dem[5:25, 5:25] = 150.0
    wet = np.zeros(grid.shape, bool)
    wet[10:20, 10:20] = True
    drained = drainage(dem, grid, [(box(grid, slice(10, 20), slice(10, 20)), 160.0)])
    assert (drained.filled[5:25, 5:25] == 200).all()
    assert len(leaving(drained, wet)) == 1
    assert drained.cells[drained.direction == OUTLET].sum() == grid.size


def test_two_lakes_and_a_lake_at_the_rim():
    grid = grid_of((20, 40))
    dem = np.full(grid.shape, 300.0) + np.indices(grid.shape)[1]
    lakes = [
        (box(grid, slice(5, 15), slice(0, 6)), 250.0),
        (box(grid, slice(5, 15), slice(6, 12)), 250.0),  # touches the first at its level
        (box(grid, slice(5, 15), slice(20, 30)), 280.0),
        (shapely.Polygon(), 280.0),
    ]
    drained = drainage(dem, grid, lakes)
    for cols in (slice(0, 6), slice(6, 12), slice(20, 30)):
        wet = np.zeros(grid.shape, bool)
        wet[5:15, cols] = True
        assert len(leaving(drained, wet)) == 1
    assert drained.direction[5, 0] == OUTLET  # its first cell at the rim
    assert drained.order.size == grid.size
    assert drained.cells[drained.direction == OUTLET].sum() == grid.size


@pytest.mark.parametrize("seed", range(6))
def test_lakes_on_rough_ground_keep_every_cell(seed):
    rng = np.random.default_rng(seed)
    grid = grid_of((50, 60))
    dem = np.cumsum(rng.normal(0, 2, grid.shape), axis=1) + 100
    west, south, east, north = grid.bounds
    lakes = []
    for level in rng.uniform(80, 120, 5):
        middle = shapely.Point(rng.uniform((west, south), (east, north)))
        lakes.append((middle.buffer(rng.uniform(60, 300)), float(level)))
    drained = drainage(dem, grid, lakes)
    ends = drained.direction == OUTLET
    assert drained.cells[ends].sum() == grid.size
    assert np.array_equal(np.sort(drained.order), np.arange(grid.size))
    again = drainage(dem, grid, lakes)
    np.testing.assert_array_equal(again.order, drained.order)


def test_a_catchment_is_given_whole_or_refused():
    grid = grid_of((40, 31))
    rows, cols = np.indices(grid.shape)
    dome = 900.0 - 10 * np.hypot(rows - 15, 2 * (cols - 15))
    drained = drainage(dome, grid)
    assert catchment(drained, 15, 15).tolist() == [15 * 31 + 15]
    cells = catchment(drained, 15, 18)
    assert cells[0] == 15 * 31 + 18
    assert cells.size == drained.cells[15, 18] > 3
    with pytest.raises(SizeError, match="more than 3"):
        catchment(drained, 15, 18, most=3)
    assert catchment(drained, 15, 18, most=cells.size).size == cells.size
    with pytest.raises(SizeError, match="lower bound") as fault:
        catchment(drained, 39, 15)
    assert "DEM" in fault.value.line("zh")
    with pytest.raises(OptionError, match="outside"):
        catchment(drained, 40, 0)


def test_a_void_is_an_outlet_and_opens_catchments():
    dem = valley((40, 31))
    dem[20, 15] = np.nan
    drained = drainage(dem, grid_of(dem.shape))
    assert drained.direction[19, 15] == OUTLET
    assert drained.open[19, 15]
    assert drained.open[30, 15]  # the rim cell below the void drains on
    assert catchment(drained, 20, 15).size == 0
    assert drained.order.size == dem.size - 1


def test_bad_input_is_named():
    grid = grid_of((6, 6))
    degrees = Grid("EPSG:4490", Affine(0.001, 0, 110, 0, -0.001, 32), (6, 6))
    with pytest.raises(CrsError, match="dem"):
        drainage(np.zeros((6, 6)), degrees)
    with pytest.raises(GridMismatchError):
        drainage(np.zeros((5, 6)), grid)
    with pytest.raises(RasterError, match="no cell"):
        drainage(np.full((6, 6), np.nan), grid)
    for wrong in (9000.5, -32768.0, np.inf, -np.inf, 3.4e38):
        dem = np.full((6, 6), 100.0)
        dem[2, 3] = wrong
        with pytest.raises(RasterError, match="feet") as fault:
            drainage(dem, grid)
        assert "英尺" in fault.value.line("zh")
    with pytest.raises(OptionError, match="level"):
        drainage(np.zeros((6, 6)), grid, [(shapely.box(0, 0, 1, 1), 12_000.0)])
    with pytest.raises(OptionError, match="nan"):
        drainage(np.zeros((6, 6)), grid, [(shapely.box(0, 0, 1, 1), float("nan"))])


def test_more_cells_than_an_order_can_number_are_refused():
    huge = Grid("EPSG:4546", Affine(1, 0, 0, 0, -1, 0), (50_000, 50_000))
    dem = np.broadcast_to(np.float32(1), huge.shape)
    with pytest.raises(SizeError, match="2147483647"):
        drainage(dem, huge)


def test_pyflwdir_fills_alike():
    pyflwdir = pytest.importorskip("pyflwdir")
    rng = np.random.default_rng(2)
    dem = np.rint(np.cumsum(rng.normal(0, 9, (150, 170)), axis=0)).astype(np.float32)
    dem -= dem.min()
    filled, _ = pyflwdir.dem.fill_depressions(dem, nodata=-9999.0)
    np.testing.assert_allclose(drainage(dem, grid_of(dem.shape)).filled, filled, atol=1e-3)


@pytest.mark.real
def test_real_mountains(real_data: Path):
    dem, grid, _ = raster.read(real_data / "bigtujunga.tif", dtype="float32")
    drained = drainage(dem, grid)
    assert (drained.filled >= np.round(dem * 10) / 10 - 1e-3).all()
    raised = drained.filled > dem + 0.06
    assert raised.mean() < 0.05
    assert np.array_equal(np.sort(drained.order), np.arange(dem.size))
    assert drained.cells[drained.direction == OUTLET].sum() == dem.size
    # the parent of a cell comes before it, and its slice holds the whole of the child's
    own = np.arange(dem.size)
    step = np.array([dr * grid.cols + dc for dr, dc in zip(STEP_ROWS, STEP_COLS, strict=True)])
    ways = drained.direction.ravel()
    inner = own[ways != OUTLET]
    to = inner + step[ways[inner]]
    start, size = drained.position.ravel(), drained.cells.ravel()
    assert (start[to] < start[inner]).all()
    assert (start[to] + size[to] >= start[inner] + size[inner]).all()
    assert (drained.filled.ravel()[to] <= drained.filled.ravel()[inner]).all()
    # a basin of a mountain range leaves through a few outlets
    assert drained.cells.max() > 0.3 * dem.size


def test_the_page_of_the_method_is_true():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 8
    assert failed == 0


BODY = """
    import hashlib, numpy as np, shapely
    from affine import Affine
    from geo import hydrology
    from geo._kernels import accumulate, d8, drainage_order, flats, flood
    from geo.grid import Grid

    digest = hashlib.sha256()
    rng = np.random.default_rng(7)
    for shape in [(1, 1), (1, 5), (5, 1), (2, 2), (3, 3), (7, 130), (260, 9), (90, 80)]:
        for cell in ((30, 30), (30, 12)):
            grid = Grid("EPSG:4546", Affine(cell[0], 0, 500_010, 0, -cell[1], 3_600_000), shape)
            bowl = np.hypot(*(np.indices(shape) - np.array(shape)[:, None, None] / 2))
            dem = bowl + rng.uniform(0, 3, shape)
            dem[rng.random(shape) < 0.03] = np.nan
            dem[0, 0] = 1
            west, south, east, north = grid.bounds
            lakes = [(shapely.box(west + 45, south, east - 100, north - 9), 8.0)]
            for patience in (20, 4096):
                hydrology._PATIENCE = patience
                for given in ((), lakes):
                    one = hydrology.drainage(dem, grid, given)
                    for name in ("filled", "direction", "cells", "order", "position", "open"):
                        digest.update(np.ascontiguousarray(getattr(one, name)).tobytes())
    for module in (accumulate, d8, drainage_order, flats, flood):
        for name, value in vars(module).items():
            if hasattr(value, "py_func"):
                assert len(value.signatures) <= 1, (module.__name__, name, value.signatures)
    print(digest.hexdigest())
"""


def run(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(BODY)],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_bounds_hold_and_threads_do_not_matter(tmp_path):
    checked = run(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path), NUMBA_NUM_THREADS="2")
    assert checked == run(NUMBA_NUM_THREADS="1")
