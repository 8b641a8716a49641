"""Error fields: deviation, correlation, consistency in space, kernels interpreted."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from affine import Affine

from geo.errors import OptionError
from geo.grid import Grid
from siting.pumped.doubt._kernels import landform, lattice
from siting.pumped.doubt.field import ErrorField, correlation, parameters

CELL = 30.0


def grid_of(rows: int, cols: int, row: int = 0, col: int = 0) -> Grid:
    t = Affine(CELL, 0, 500_000.0 + col * CELL, 0, -CELL, 3_600_000.0 - row * CELL)
    return Grid("EPSG:4546", t, (rows, cols))


def tilted(rows: int, cols: int, slope_deg: float) -> np.ndarray:
    fall = np.tan(np.deg2rad(slope_deg)) * CELL
    return np.broadcast_to(fall * np.arange(cols), (rows, cols)).astype(np.float32)


def field_of(
    dem: np.ndarray, seed: int = 7, grid: Grid | None = None, **changes: float
) -> ErrorField:
    params = parameters({f"dem_error.{key}": value for key, value in changes.items()})
    return ErrorField(dem, grid or grid_of(*dem.shape), params, seed)


def middle(grid: Grid, rows: slice, cols: slice) -> tuple[np.ndarray, np.ndarray]:
    row, col = np.mgrid[rows, cols]
    t = grid.transform
    return t.c + (col.ravel() + 0.5) * t.a, t.f + (row.ravel() + 0.5) * t.e


@pytest.mark.parametrize(("slope", "sd"), [(1.0, 5.0), (8.0, 10.0), (25.0, 20.0)])
def test_deviation_is_that_of_the_landform(slope, sd):
    one = field_of(tilted(200, 200, slope), draws=2000, correlation_m=200)
    x, y = middle(one.grid, slice(5, 195, 13), slice(5, 195, 13))
    errors = one.errors(x, y)
    assert one.deviation(x, y) == pytest.approx(sd)
    # nowhere less between the nodes of the lattice: each place for itself, 2000 draws
    spread = errors.std(axis=1)
    assert spread == pytest.approx(sd, rel=5 / np.sqrt(2 * 2000))
    assert spread.mean() == pytest.approx(sd, rel=0.01)
    assert abs(errors.mean()) < 0.05 * sd


def test_deviation_passes_smoothly_from_plain_to_mountain():
    dem = np.concatenate([tilted(160, 200, 0.5), 60 + tilted(160, 200, 30.0)], axis=1)
    one = field_of(dem)
    x, y = middle(one.grid, slice(80, 81), slice(0, 400))
    sd = one.deviation(x, y)
    assert sd[5] == pytest.approx(5)
    assert sd[-5] == pytest.approx(20)
    assert np.abs(np.diff(sd)).max() < 1.0


def test_voids_have_the_deviation_of_hills():
    dem = np.full((100, 100), np.nan, np.float32)
    one = field_of(dem)
    assert one.deviation(*middle(one.grid, slice(0, 100, 9), slice(0, 100, 9))) == pytest.approx(10)


def test_correlation_falls_as_the_theory_says():
    one = field_of(tilted(40, 40, 25.0), draws=10_000, correlation_m=500)
    rng = np.random.default_rng(1)
    x = rng.uniform(500_000, 501_000, 40)
    y = rng.uniform(3_599_000, 3_600_000, 40)
    here = one.errors(x, y)
    for dx, dy in ((250, 0), (0, 500), (400, 300), (1000, 0)):
        there = one.errors(x + dx, y + dy)
        found = (here * there).mean() / 400.0
        theory = float(correlation(dx, 500.0) * correlation(dy, 500.0))
        assert found == pytest.approx(theory, abs=0.015), (dx, dy)


def test_correlation_at_its_length_is_one_over_e():
    assert float(correlation(500.0, 500.0)) == pytest.approx(np.exp(-1), abs=1e-12)
    assert float(correlation(0.0, 80.0)) == pytest.approx(1)
    assert (np.diff(correlation(np.arange(0, 4000, 50.0), 700.0)) <= 0).all()


def test_a_cropped_elevation_sees_the_same_error():
    rng = np.random.default_rng(5)
    dem = (tilted(300, 300, 20.0) + rng.normal(0, 3, (300, 300))).astype(np.float32)
    whole = field_of(dem)
    cut = field_of(dem[90:240, 60:260], grid=grid_of(150, 200, 90, 60))
    x, y = middle(whole.grid, slice(150, 180), slice(140, 170))
    assert np.array_equal(whole.errors(x, y), cut.errors(x, y))
    # any window of points sees it too
    assert np.array_equal(whole.errors(x[400:410], y[400:410]), whole.errors(x, y)[400:410])
    # more draws begin with the same draws
    more = field_of(dem, draws=400)
    assert np.array_equal(more.errors(x, y)[:, :200], whole.errors(x, y))


def test_seeds_differ():
    dem = tilted(60, 60, 20.0)
    x, y = middle(grid_of(60, 60), slice(0, 60, 7), slice(0, 60, 7))
    a, b = (field_of(dem, seed).errors(x, y) for seed in (1, 2))
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.1


def test_nodes_are_independent_normals():
    out = np.empty((900, 200), np.float32)
    lattice.normals(3, -10, 5, 30, 30, out)
    assert out.mean() == pytest.approx(0, abs=0.01)
    assert out.std() == pytest.approx(1, abs=0.01)
    assert (out.astype(float) ** 4).mean() == pytest.approx(3, abs=0.1)
    board = out.reshape(30, 30, 200).astype(float)
    for other in (board[1:], board[:, 1:], board[:, :, 1:]):
        here = board[: other.shape[0], : other.shape[1], : other.shape[2]]
        assert (here * other).mean() == pytest.approx(0, abs=0.012)


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_kernels_interpreted_give_the_same(monkeypatch):
    rng = np.random.default_rng(2)
    dem = (tilted(80, 80, 12.0) + rng.normal(0, 2, (80, 80))).astype(np.float32)
    x, y = middle(grid_of(80, 80), slice(3, 80, 25), slice(3, 80, 25))
    compiled = field_of(dem, draws=6).errors(x, y)
    for name in ("mixed", "normals", "weights", "spline", "errors"):
        monkeypatch.setattr(lattice, name, getattr(lattice, name).py_func)
    for name in ("mean_slopes", "blended"):
        monkeypatch.setattr(landform, name, getattr(landform, name).py_func)
    again = field_of(dem, draws=6).errors(x, y)
    np.testing.assert_allclose(again, compiled, rtol=1e-4, atol=1e-4)


def test_mean_slope_of_squares_by_numpy():
    rng = np.random.default_rng(4)
    dem = rng.normal(0, 30, (90, 70)).astype(np.float32)
    dem[20:25, 30:40] = np.nan
    one = field_of(dem, landform_m=600)
    rows, cols = one.edges
    want = np.arange((rows.size - 1) * (cols.size - 1))
    out = np.empty(want.size)
    landform.mean_slopes(one.dem, CELL, CELL, rows, cols, want, out)
    slope = np.full(dem.shape, np.nan)
    south = (dem[2:, 1:-1] - dem[:-2, 1:-1]) / 60
    east = (dem[1:-1, 2:] - dem[1:-1, :-2]) / 60
    slope[1:-1, 1:-1] = np.degrees(np.arctan(np.hypot(east, south)))
    by_hand = [np.nanmean(slope[a:b, c:d]) for a, b in pairwise(rows) for c, d in pairwise(cols)]
    np.testing.assert_allclose(out, by_hand, rtol=1e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {"draws": 10.5},
        {"draws": 20_000},
        {"hill_from_deg": 40.0},
        {"nonsense": 1.0},
        {"sd_hill_m": -1},
    ],
)
def test_parameters_that_cannot_be(changes):
    with pytest.raises(OptionError):
        parameters({f"dem_error.{key}": value for key, value in changes.items()})


def test_every_whole_number_is_a_seed_of_its_own():
    at = np.array([300.0, 900.0]), np.array([200.0, 500.0])
    drawn = [field_of(tilted(40, 40, 1.0), seed=one).errors(*at) for one in (-1, 0, 1)]
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    again = field_of(tilted(40, 40, 1.0), seed=-1).errors(*at)
    np.testing.assert_array_equal(drawn[0], again)
