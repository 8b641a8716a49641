"""Grid: snapping, padding, windows, cells."""

from __future__ import annotations

import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import CrsError, GridMismatchError, OptionError
from geo.grid import Grid

CRS = "EPSG:4546"


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    cell = draw(st.sampled_from([30.0, 90.0, 250.0]))
    west = draw(st.integers(-4000, 4000)) * cell
    north = draw(st.integers(30_000, 40_000)) * cell
    shape = (draw(st.integers(1, 300)), draw(st.integers(1, 300)))
    return Grid(CRS, Affine(cell, 0, west, 0, -cell, north), shape)


@given(grid=grids(), data=st.data())
def test_rowcol_finds_the_cell_of_its_centre(grid, data):
    row = data.draw(st.integers(0, grid.rows - 1))
    col = data.draw(st.integers(0, grid.cols - 1))
    assert grid.rowcol(*grid.xy(row, col)) == (row, col)


@given(grid=grids())
def test_rowcol_is_none_outside(grid):
    west, south, east, north = grid.bounds
    half = grid.dx / 2
    for x, y in ((west - half, north - half), (east + half, north - half)):
        assert grid.rowcol(x, y) is None
    assert grid.rowcol(west + half, north + half) is None
    assert grid.rowcol(west + half, south - half) is None


@given(grid=grids(), reach=st.floats(0, 5000))
def test_pad_reaches_far_enough_and_keeps_the_lattice(grid, reach):
    wide = grid.pad(reach)
    west, south, east, north = grid.bounds
    wide_west, wide_south, wide_east, wide_north = wide.bounds
    assert wide_west <= west - reach + 1e-6
    assert wide_east >= east + reach - 1e-6
    assert wide_south <= south - reach + 1e-6
    assert wide_north >= north + reach - 1e-6
    steps = (wide.rows - grid.rows) // 2, (wide.cols - grid.cols) // 2
    assert wide.window(*steps, *grid.shape) == grid


@given(grid=grids(), data=st.data())
def test_window_sees_the_same_cells(grid, data):
    row = data.draw(st.integers(0, grid.rows - 1))
    col = data.draw(st.integers(0, grid.cols - 1))
    part = grid.window(row, col, grid.rows - row, grid.cols - col)
    assert part.xy(0, 0) == grid.xy(row, col)
    assert part.bounds[1:3] == grid.bounds[1:3]


@given(grid=grids(), rows=st.integers(1, 100))
def test_blocks_cover_every_row_once(grid, rows):
    seen = [r for start, stop in grid.blocks(rows) for r in range(start, stop)]
    assert seen == list(range(grid.rows))


@given(
    west=st.floats(-1e6, 1e6),
    south=st.floats(1e6, 5e6),
    width=st.floats(1, 1e5),
    height=st.floats(1, 1e5),
    cell=st.sampled_from([30.0, 90.0]),
)
def test_from_bounds_covers_and_snaps(west, south, width, height, cell):
    grid = Grid.from_bounds(CRS, (west, south, west + width, south + height), cell)
    x0, y0, x1, y1 = grid.bounds
    assert x0 <= west
    assert y0 <= south
    assert x1 >= west + width - 1e-6
    assert y1 >= south + height - 1e-6
    assert x0 % cell == 0
    assert y1 % cell == 0
    assert grid.size <= (width / cell + 2) * (height / cell + 2)


@pytest.mark.parametrize(
    "transform",
    [
        Affine(90, 1, 0, 0, -90, 0),
        Affine(90, 0, 0, 1, -90, 0),
        Affine(-90, 0, 0, 0, -90, 0),
        Affine(90, 0, 0, 0, 90, 0),
    ],
)
def test_rotated_or_south_up_is_refused(transform):
    with pytest.raises(CrsError, match="north-up"):
        Grid(CRS, transform, (2, 2))


def test_there_is_no_default_crs():
    with pytest.raises(CrsError):
        Grid("", Affine(1, 0, 0, 0, -1, 0), (1, 1))


@pytest.mark.parametrize("resolution", [0.0, -1.0, float("nan")])
def test_a_resolution_must_be_positive(resolution):
    with pytest.raises(OptionError):
        Grid.from_bounds(CRS, (0, 0, 1, 1), resolution)


def test_an_empty_shape_is_refused():
    with pytest.raises(OptionError):
        Grid(CRS, Affine(1, 0, 0, 0, -1, 0), (0, 5))


def test_two_grids_never_meet_silently(metric_grid):
    metric_grid.check_same(metric_grid, "dem")
    with pytest.raises(GridMismatchError, match="dem"):
        metric_grid.check_same(metric_grid.pad(90), "dem")
