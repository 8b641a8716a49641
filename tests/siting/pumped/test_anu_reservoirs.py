"""Reservoirs of the restated atlas rules against closed forms and a plain numpy model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from affine import Affine

from geo.grid import Grid
from geo.hydrology import drainage
from siting.pumped.anu import rules
from siting.pumped.anu._kernels import reservoirs as kernel
from siting.pumped.anu.search import anu_sites
from siting.pumped.anu.sites import dam_points, kept, reservoirs

CRS = "EPSG:4546"


def grid_of(rows: int, cols: int, cell: float) -> Grid:
    return Grid(CRS, Affine(cell, 0, 500_000.0, 0, -cell, 3_600_000.0), (rows, cols))


def plane(rows: int, cols: int, cell: float) -> tuple[np.ndarray, np.ndarray]:
    """Return x from the middle column and y upstream of the dam row, which is row 10 from below."""
    row, col = np.mgrid[:rows, :cols]
    return (col - cols // 2) * cell, (rows - 11 - row) * cell


def gated(z: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Shut the valley below the dam row but for one cell: a barrier with a falling gap.

    The two cells beside the foot are barrier too, so that nothing runs past it slantwise.
    """
    cell = x[0, 1] - x[0, 0]
    below = np.where(x == 0, 0.02 * y, 400.0)
    return np.where((y < 0) | ((y == 0) & (np.abs(x) == cell)), below, z)


def foot_of(rows: int, cols: int) -> np.ndarray:
    return np.array([(rows - 11) * cols + cols // 2], np.int32)


def modelled(z: np.ndarray, cell: float):
    grid = grid_of(*z.shape, cell)
    flow = drainage(z.astype(np.float32), grid)
    one = reservoirs(flow, z.astype(np.float32), None, foot_of(*z.shape))
    return one, float(one.area_m2[0] / cell**2)


def test_v_valley_volume_wall_and_half_of_it():
    cell, side, bed = 10.0, 0.6, 0.05
    x, y = plane(420, 701, cell)
    z = bed * y + side * np.abs(x) + 200.0
    one, scale = modelled(z, cell)
    h = np.arange(10.0, 151.0, 10.0)
    water = (h + bed * cell / 2) ** 3 / (3 * side * bed)  # the wall stands on the cell's edge
    assert np.median(one.water_m3[0] / scale / water) == pytest.approx(1, abs=0.01)
    crest, batter, free = rules.CREST_M, rules.BATTER, rules.FREEBOARD_M
    wall = 2 / side * (crest * (h * free + h**2 / 2) + batter * ((h + free) ** 3 - free**3) / 3)
    assert np.median(one.dam_m3[0] / wall) == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(one.volume_m3, one.water_m3 + 0.5 * one.dam_m3.astype(float))
    assert np.array_equal(replace(one, fill_inside=0.0).volume_m3, one.water_m3)


@pytest.mark.parametrize("shape", ["cone", "bowl", "trapezoid"])
def test_closed_valleys_to_one_percent(shape):
    cell = 10.0
    x, y = plane(420, 701, cell)
    r, h = np.hypot(x, y), np.arange(10.0, 151.0, 10.0)
    if shape == "cone":
        z, water = 0.12 * r, np.pi * h**3 / (6 * 0.12**2)
    elif shape == "bowl":
        z, water = r**2 / (2 * 15_000.0), np.pi * 15_000.0 * h**2 / 2
    else:
        side, bed, width = 0.5, 0.06, 410.0
        z = bed * y + side * np.maximum(np.abs(x) - width / 2, 0)
        water = (width * h**2 / 2 + h**3 / (3 * side)) / bed
    # the wall stands on the cell's edge: half a row of the section at the foot lies behind it
    across = {"cone": h**2 / 0.12, "bowl": 4 / 3 * h * np.sqrt(2 * 15_000.0 * h)}
    water += cell / 2 * across.get(shape, 410.0 * h + h**2 / 0.5)
    one, scale = modelled(gated(z, x, y) + 100.0, cell)
    inside = h <= one.cap_m[0]
    assert inside.sum() >= 8
    ratio = one.water_m3[0][inside] / scale / water[inside]
    assert np.median(ratio) == pytest.approx(1, abs=0.01)
    # only the gap is walled: one edge of a cell
    free = h + rules.FREEBOARD_M
    np.testing.assert_allclose(
        one.dam_m3[0][inside], (cell * free * (rules.CREST_M + rules.BATTER * free))[inside],
        rtol=1e-5,
    )  # fmt: skip


def rough(seed: int = 3, side: int = 120) -> np.ndarray:
    rng = np.random.default_rng(seed)
    row, col = np.mgrid[:side, :side]
    z = 300 + 2.0 * row + 60 * np.sin(col / 9.0) ** 2 + 25 * np.cos(row / 13.0 + col / 7.0)
    return (z + rng.normal(0, 2.0, z.shape)).astype(np.float32)


def plain(flow, dem, barred, foot):
    """Model one reservoir with masks and loops over heights only."""
    rows, cols = flow.grid.shape
    ground = np.rint(dem)
    first = flow.position.ravel()[foot]
    inside = np.zeros(rows * cols, bool)
    inside[flow.order[first : first + flow.cells.ravel()[foot]]] = True
    inside = inside.reshape(rows, cols)
    rise = np.maximum(ground - ground.ravel()[foot], 0)
    inside &= flow.filled < flow.filled.ravel()[foot] + 151.0
    rim = np.zeros((rows, cols), bool)
    rim[[0, -1]] = True
    rim[:, [0, -1]] = True
    cap = rise[inside & (rim | barred)].min(initial=150)
    water, dam = [], []
    for h in range(10, 151, 10):
        wet = inside & (rise < h)
        water.append(sum(int((inside & (rise < k)).sum()) for k in range(1, h + 1)))
        wall = 0.0
        for r, c in zip(*np.nonzero(wet & ~rim), strict=True):
            for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                beside = flow.position[r + dr, c + dc]
                if not first <= beside < first + flow.cells.ravel()[foot]:
                    high = max(rise[r, c], ground[r + dr, c + dc] - ground.ravel()[foot])
                    if high < h:
                        t = h - high + rules.FREEBOARD_M
                        edge = flow.grid.dy if dc else flow.grid.dx
                        wall += edge * t * (rules.CREST_M + rules.BATTER * t)
        dam.append(wall)
    return np.array(water), np.array(dam), min(cap, 150)


def test_reservoirs_equal_a_plain_model():
    dem = rough()
    grid = Grid(CRS, Affine(25, 0, 500_000.0, 0, -30, 3_600_000.0), dem.shape)
    flow = drainage(dem, grid)
    barred = np.zeros(dem.shape, bool)
    barred[50:60, 30:90] = True
    point = dam_points(flow, barred)
    assert point.size > 5
    assert not barred.ravel()[point].any()
    every = reservoirs(flow, dem, barred, point)
    for k in range(0, point.size, max(point.size // 5, 1)):
        water, dam, cap = plain(flow, dem, barred, int(point[k]))
        np.testing.assert_allclose(every.water_m3[k], water * every.area_m2[k], rtol=1e-6)
        np.testing.assert_allclose(every.dam_m3[k], dam, rtol=1e-5)
        assert every.cap_m[k] == cap


def test_the_kernels_interpreted_give_the_same(monkeypatch):
    dem = rough(side=60)
    grid = grid_of(60, 60, 30.0)
    flow = drainage(dem, grid)
    monkeypatch.setattr(rules, "STREAM_CELLS", 20)
    point = dam_points(flow)
    compiled = reservoirs(flow, dem, None, point[:4])
    monkeypatch.setattr(kernel.numba, "prange", range)
    for name in ("points", "reservoirs", "section"):
        monkeypatch.setattr(kernel, name, getattr(kernel, name).py_func)
    assert np.array_equal(dam_points(flow), point)
    again = reservoirs(flow, dem, None, point[:4])
    for name in ("water_m3", "dam_m3", "cap_m", "lake_cells", "extreme"):
        np.testing.assert_allclose(getattr(again, name), getattr(compiled, name), rtol=1e-6)


def test_extremes_reach_farthest_each_way():
    dem = rough()
    grid = grid_of(*dem.shape, 30.0)
    flow = drainage(dem, grid)
    point = dam_points(flow)[:6]
    every = reservoirs(flow, dem, None, point)
    rise = np.maximum(np.rint(dem) - every.foot_m[0], 0).ravel()
    first = flow.position.ravel()[point[0]]
    inside = flow.order[first : first + flow.cells.ravel()[point[0]]]
    for band in (0, 5, 14):
        lake = inside[rise[inside] < 10 * (band + 1)]
        row, col = np.divmod(lake, grid.cols)
        for k in range(8):
            way = kernel.STEP_ROW[k] * row + kernel.STEP_COL[k] * col
            at = every.extreme[0, band, k]
            here = kernel.STEP_ROW[k] * (at // grid.cols) + kernel.STEP_COL[k] * (at % grid.cols)
            assert here == way.max()


def test_what_is_kept():
    cell, side, bed = 10.0, 0.6, 0.05
    x, y = plane(420, 701, cell)
    z = (bed * y + side * np.abs(x) + 200.0).astype(np.float32)
    flow = drainage(z, grid_of(*z.shape, cell))
    sites, found = anu_sites(flow, z)
    assert found["points"] > found["reservoirs"] > 0
    assert kept(sites).all()
    assert found["too_large"] == 0
    barred = np.zeros(z.shape, bool)
    barred[:, 351 + 3 :] = True  # one flank, 18 m above the bed
    capped, _ = anu_sites(flow, z, barred)
    assert (capped.cap_m <= 25).all()
    near, _ = anu_sites(flow, z, None, (503_510.0, 3_598_000.0, 400.0))
    assert 0 < near.count < sites.count


def test_a_lake_beyond_the_safe_size_is_left_out_and_counted(monkeypatch):
    dem = rough()
    flow = drainage(dem, grid_of(*dem.shape, 30.0))
    monkeypatch.setattr(rules, "SAFE_CELLS", 40)
    sites, found = anu_sites(flow, dem)
    assert found["too_large"] > 0
    assert (sites.lake_cells > 0).all()
