"""Filled surfaces, directions, accumulation and drainage order against slow oracles."""

from __future__ import annotations

import heapq
import sys

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geo import hydrology
from geo._kernels import accumulate, d8, drainage_order, flats, flood
from geo.grid import Grid
from geo.hydrology import OUTLET, STEP_COLS, STEP_ROWS, Drainage, drainage

VOID = d8.VOID


def grid_of(shape: tuple[int, int], dx: float = 30.0, dy: float = 30.0) -> Grid:
    return Grid("EPSG:4546", Affine(dx, 0, 500_010, 0, -dy, 3_600_000), shape)


def neighbours(row: int, col: int, shape: tuple[int, int]) -> list[tuple[int, int]]:
    around = zip(STEP_ROWS, STEP_COLS, strict=True)
    cells = [(row + dr, col + dc) for dr, dc in around]
    return [(r, c) for r, c in cells if 0 <= r < shape[0] and 0 <= c < shape[1]]


def rim_of(void: np.ndarray) -> np.ndarray:
    """Valid cells at the edge of the grid or beside a void."""
    rim = np.zeros(void.shape, bool)
    for row, col in np.argwhere(~void):
        near = neighbours(row, col, void.shape)
        rim[row, col] = len(near) < 8 or any(void[one] for one in near)
    return rim


def heap_fill(dem: np.ndarray) -> np.ndarray:
    """Priority flood from the rim with a heap (Barnes et al. 2014), in whole decimetres [m]."""
    void = np.isnan(dem)
    levels = np.rint(np.where(void, 0, dem).astype(np.float64) * 10).astype(int)
    seen = void | rim_of(void)
    heap = [(levels[row, col], row, col) for row, col in np.argwhere(seen & ~void)]
    heapq.heapify(heap)
    while heap:
        level, row, col = heapq.heappop(heap)
        for one in neighbours(row, col, dem.shape):
            if not seen[one]:
                seen[one] = True
                levels[one] = max(level, levels[one])
                heapq.heappush(heap, (levels[one], *one))
    return np.where(void, np.nan, levels / 10).astype(np.float32)


def receivers(drained: Drainage) -> np.ndarray:
    """Flat receiver of each cell, itself at outlets and in voids."""
    cols = drained.grid.cols
    own = np.arange(drained.grid.size)
    step = np.array([dr * cols + dc for dr, dc in zip(STEP_ROWS, STEP_COLS, strict=True)])
    ways = drained.direction.ravel()
    return np.where(ways == OUTLET, own, own + step[np.minimum(ways, 7)])


def check(dem: np.ndarray, drained: Drainage) -> None:
    """Every property that holds for any surface."""
    void = np.isnan(dem)
    np.testing.assert_array_equal(drained.filled, heap_fill(dem))
    ways, cells = drained.direction, drained.cells.ravel()
    assert set(np.unique(ways)) <= {*range(8), OUTLET}
    assert (ways[void] == OUTLET).all()
    assert (drained.cells[void] == 0).all()
    assert (drained.position[void] == -1).all()
    assert not drained.open[void].any()
    to = receivers(drained)
    level = drained.filled.ravel()
    valid = np.flatnonzero(~void.ravel())
    assert (level[to[valid]] <= level[valid]).all()
    # an outlet lies at the rim, and no neighbour is lower
    rim = rim_of(void)
    for row, col in np.argwhere((ways == OUTLET) & ~void):
        assert rim[row, col]
        near = [drained.filled[one] for one in neighbours(row, col, dem.shape) if not void[one]]
        assert all(z >= drained.filled[row, col] for z in near)
    # where something is lower, nothing is steeper
    dx, dy = drained.grid.dx, drained.grid.dy
    lengths = [np.hypot(dc * dx, dr * dy) for dr, dc in zip(STEP_ROWS, STEP_COLS, strict=True)]
    above: dict[int, set[int]] = {int(cell): set() for cell in valid}
    for cell in valid:
        at = int(cell)
        steps = 0
        while True:  # no cycles: the way ends
            above[at].add(int(cell))
            if to[at] == at:
                break
            at = int(to[at])
            steps += 1
            assert steps < dem.size
        row, col = divmod(int(cell), dem.shape[1])
        slopes = []
        for k in range(8):
            one = (row + STEP_ROWS[k], col + STEP_COLS[k])
            inside = one in neighbours(row, col, dem.shape) and not void[one]
            fall = round(10 * (drained.filled[row, col] - drained.filled[one])) if inside else 0
            slopes.append(fall / lengths[k])
        if max(slopes) > 0:
            assert slopes[ways[row, col]] == pytest.approx(max(slopes), rel=1e-6)
    # a catchment is a slice, its size is known, and rim cells in it open it
    assert np.array_equal(np.sort(drained.order), valid)
    start = drained.position.ravel()
    for cell, want in above.items():
        part = drained.order[start[cell] : start[cell] + cells[cell]]
        assert part[0] == cell
        assert set(part.tolist()) == want
        assert drained.open.ravel()[cell] == rim.ravel()[list(want)].any()
    assert drained.cells[(ways == OUTLET) & ~void].sum() == valid.size


SURFACES = {
    "steps": lambda rng, shape: rng.integers(0, 4, shape) / 10,
    "rough": lambda rng, shape: rng.uniform(-400, 3000, shape),
    "bowl": lambda rng, shape: (
        np.hypot(*np.indices(shape) - np.array(shape)[:, None, None] / 2) + rng.uniform(0, 2, shape)
    ),
    "terraces": lambda rng, shape: np.rint(np.cumsum(rng.normal(0, 2, shape), axis=1) / 3) * 3,
}


@pytest.mark.parametrize("kind", SURFACES)
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3), (13, 21), (40, 33)])
@pytest.mark.parametrize("voids", [0.0, 0.06])
def test_every_property_on_made_surfaces(kind, shape, voids):
    rng = np.random.default_rng([len(kind), *shape])
    dem = SURFACES[kind](rng, shape).astype(np.float32)
    dem[rng.random(shape) < voids] = np.nan
    if not np.isnan(dem).all():
        check(dem, drainage(dem, grid_of(shape, dy=30.0 if voids else 21.0)))


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
        elements=st.one_of(
            st.integers(0, 3).map(float),
            st.floats(-500, 9000, width=32),
            st.just(float("nan")),
        ),
    )
)
def test_every_property_on_any_surface(dem):
    dem[0, 0] = 1.5
    check(dem, drainage(dem, grid_of(dem.shape)))


@pytest.mark.parametrize("patience", [1, 7, 100])
def test_floods_that_are_put_off_leave_the_same_surface(monkeypatch, patience):
    rng = np.random.default_rng(patience)
    dem = SURFACES["bowl"](rng, (60, 70)).astype(np.float32)
    want = drainage(dem, grid_of(dem.shape))
    monkeypatch.setattr(hydrology, "_PATIENCE", patience)
    found = drainage(dem, grid_of(dem.shape))
    np.testing.assert_array_equal(found.filled, heap_fill(dem))
    np.testing.assert_array_equal(found.order, want.order)


def test_turned_and_mirrored_surfaces():
    rng = np.random.default_rng(5)
    dem = np.cumsum(rng.normal(0, 3, (70, 70)), axis=0).astype(np.float32)
    dem += np.cumsum(rng.normal(0, 3, (70, 70)), axis=1).astype(np.float32)
    dem[30:33, 40] = np.nan
    grid = grid_of(dem.shape)
    plain = drainage(dem, grid)
    ends = (plain.direction == OUTLET).sum()
    for turn in range(4):
        for flip in (False, True):

            def moved(field, turn=turn, flip=flip):
                turned = np.rot90(field, turn)
                return np.ascontiguousarray(turned[:, ::-1] if flip else turned)

            found = drainage(moved(dem), grid)
            np.testing.assert_array_equal(found.filled, moved(plain.filled))
            assert (found.direction == OUTLET).sum() == ends
            # ties and flats may go another way, which moves few gullies
            gullies = (found.cells >= 5).sum() / (plain.cells >= 5).sum()
            assert gullies == pytest.approx(1, abs=0.02)


def test_ties_take_the_first_direction_from_east_clockwise():
    dem = np.full((5, 5), 20.0, np.float32)
    dem[2, 2] = 30.0
    assert drainage(dem, grid_of((5, 5))).direction[2, 2] == 0
    dem[2, 3] = 21.0
    assert drainage(dem, grid_of((5, 5))).direction[2, 2] == 2
    dem[0, 0], dem[1, 1] = 10.0, 30.0 - 10 * 2**0.5 - 0.1  # 0.4 % steeper, and not a pit
    assert drainage(dem, grid_of((5, 5))).direction[2, 2] == 5


def test_a_flat_dem_drains_to_its_nearest_rim_cells():
    drained = drainage(np.full((7, 9), 100.0), grid_of((7, 9)))
    assert (drained.filled == 100).all()
    assert (drained.direction[[0, -1]] == OUTLET).all()
    assert (drained.direction[:, [0, -1]] == OUTLET).all()
    to = receivers(drained).reshape(7, 9)
    assert drained.cells[drained.direction == OUTLET].sum() == 63
    assert to[1, 4] in (3, 4, 5)
    assert drained.cells.max() < 9


def test_a_straight_valley_has_closed_forms():
    """V-shaped valley, falling south: the outlet of the axis gathers everything."""
    rows, cols = 30, 21
    down = 2.0 * np.abs(np.arange(cols) - 10) + np.arange(rows, 0, -1)[:, None]
    drained = drainage(down, grid_of((rows, cols)))
    # across 2/30, down 1/30, both diagonally 3/42.4: the steepest is the diagonal
    assert (drained.direction[3:-1, 1:10] == 1).all()
    assert (drained.direction[3:-1, 11:-1] == 3).all()
    assert (drained.direction[:-1, 10] == 2).all()
    # k rows up, k cells of each side (of ten) are near enough to arrive
    for row in range(1, rows - 1):
        sides = 2 * sum(min(k, 10) for k in range(row + 1))
        assert drained.cells[row, 10] == row + 1 + sides


def test_answers_do_not_depend_on_memory_layout():
    dem = np.random.default_rng(0).uniform(0, 99, (20, 30))
    want = drainage(dem, grid_of((20, 30)))
    found = drainage(np.asfortranarray(dem), grid_of((20, 30)))
    np.testing.assert_array_equal(found.order, want.order)


def test_the_dem_is_left_as_it_was():
    dem = np.random.default_rng(0).uniform(0, 99, (20, 30)).astype(np.float32)
    before = dem.copy()
    drained = drainage(dem, grid_of((20, 30)))
    np.testing.assert_array_equal(dem, before)
    assert not np.shares_memory(dem, drained.filled)


def test_interpreted_kernels_say_what_the_compiled_ones_say(monkeypatch):
    import shapely

    rng = np.random.default_rng(4)
    dem = SURFACES["bowl"](rng, (24, 37)).astype(np.float32)
    dem[3, 4:7] = np.nan
    grid = grid_of(dem.shape)
    west, south, east, north = grid.bounds
    pond = shapely.box(west + 300, south + 200, west + 700, north - 260)
    rimmed = shapely.box(east - 130, north - 200, east + 10, north + 10)
    lakes = ((pond, 5.0), (rimmed, 9.0))
    monkeypatch.setattr(hydrology, "_PATIENCE", 40)
    want = drainage(dem, grid, lakes)
    modules = (accumulate, d8, drainage_order, flats, flood)
    kernels = {
        one: f"{module.__name__}.{name}"
        for module in modules
        for name, one in vars(module).items()
        if hasattr(one, "py_func") and one.__module__ == module.__name__
    }
    called = set()

    def plain(kernel):
        def run(*given):
            called.add(kernels[kernel])
            return kernel.py_func(*given)

        return run

    for module in [m for name, m in sys.modules.items() if name.startswith("geo._kernels.")]:
        for name, one in list(vars(module).items()):
            if hasattr(one, "py_func") and one in kernels:
                monkeypatch.setattr(module, name, plain(one))
    found = drainage(dem, grid, lakes)
    assert called == set(kernels.values())
    for name in ("filled", "direction", "cells", "order", "position", "open"):
        np.testing.assert_array_equal(getattr(found, name), getattr(want, name), err_msg=name)
