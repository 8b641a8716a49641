"""Ridges, turbines along them and their noise, on 44 M cells and 20,000 homes.

python benchmarks/bench_turbines.py [cells per side]      (default 6650, about 44 M at 30 m)

No program at hand places turbines along ridges under spacing ellipses, so those lines have no
peer; the window mean has one in SciPy, the noise at homes one in Shapely and NumPy.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from harness import Case, Peer, table
from scipy import ndimage
from screening_data import grid_of, relief

from geo.grid import Grid
from geo.terrain import slope_aspect
from siting.sites.params import load_params
from siting.wind import homes as heard
from siting.wind import noise
from siting.wind.chains import Turbines
from siting.wind.placing import place
from siting.wind.relief import relative_height
from siting.wind.ridges import crest_cells

SIDE = 6_650
WINDOW_M, HOMES = 2_000.0, 20_000
MACHINE = SimpleNamespace(rated_mw=6.0, rotor_m=196.0)
PARAMS = load_params("siting.wind", "wind")


def rugged(side: int) -> tuple[np.ndarray, Grid]:
    """Return a rugged relief at 30 m and its grid."""
    grid = grid_of(side)
    rough = np.random.default_rng(9).normal(0, 2_400, grid.shape).astype(np.float32)
    return (relief(side) + ndimage.gaussian_filter(rough, 12.0)).astype(np.float32), grid


def coarser(dem: np.ndarray, grid: Grid) -> tuple[np.ndarray, Grid]:
    """Return every third cell, as a grid of 90 m."""
    t = grid.transform
    cut = np.ascontiguousarray(dem[::3, ::3])
    return cut, Grid(grid.crs, Affine(90, 0, t.c, 0, -90, t.f), cut.shape)


def by_scipy(dem: np.ndarray, grid: Grid) -> np.ndarray:
    """Return the height above the window's mean by scipy.ndimage.uniform_filter."""
    size = 2 * int(WINDOW_M / grid.dx / 2) + 1
    base = np.float32(dem.mean())
    total = ndimage.uniform_filter(dem - base, size, output=np.float32, mode="constant")
    share = ndimage.uniform_filter(
        np.ones_like(dem), size, output=np.float32, mode="constant"
    )  # cells beyond the grid take no part
    return dem - base - total / share


def stand(dem: np.ndarray, grid: Grid) -> SimpleNamespace:
    """Return what placing needs of a run: one county, everything up to 30 degrees eligible."""
    slope = slope_aspect(dem, grid)[0]
    ground = SimpleNamespace(
        grid=grid, zones=np.ones(grid.shape, np.uint8), terrain=SimpleNamespace(slope_deg=slope),
        values=lambda name: dem if name == "dem" else None,
    )  # fmt: skip
    return SimpleNamespace(ground=ground, eligible=slope <= 30)


def told(found: SimpleNamespace) -> str:
    """Return one line on the turbines found."""
    got = place(found.ground, found.eligible, MACHINE, PARAMS)
    return (
        f"{found.ground.grid.dx:.0f} m: {got.row.size} turbines in {got.count} sites of "
        f"{got.capacity_mw.min():.0f} to {got.capacity_mw.max():.0f} MW; {got.left_out} form no "
        "site."
    )


def village(grid: Grid) -> heard.Homes:
    """Return homes of eight corners all over the grid."""
    rng = np.random.default_rng(4)
    west, south, east, north = grid.bounds
    spots = rng.uniform((west, south), (east, north), (HOMES, 2))
    turn = np.linspace(0, 2 * np.pi, 9)
    rim = rng.uniform(40, 250, (HOMES, 1)) * np.ones(9)
    corners = np.stack([rim * np.cos(turn), rim * np.sin(turn)], 2) + spots[:, None]
    limit = np.full(HOMES, 45.0)
    names = tuple(str(i) for i in range(HOMES))
    return heard.Homes(names, shapely.polygons(corners), limit, partial=False, coverage=())


def ours(homes: heard.Homes, turbines: Turbines) -> np.ndarray:
    """Return the highest level of each site at any home."""
    ground = SimpleNamespace(
        stack=SimpleNamespace(get=lambda name: _layer(homes) if name == "settlement" else None),
        table=SimpleNamespace(
            bits=SimpleNamespace(parameters=SimpleNamespace(wind_settlement_m=0.0))
        ),
        passport=lambda *_: PARAMS.passport(),
    )  # fmt: skip
    return noise.noise(ground, turbines, PARAMS).level_db


def _layer(homes: heard.Homes) -> SimpleNamespace:
    frame = gpd.GeoDataFrame({"name": list(homes.names)}, geometry=homes.polygons)
    return SimpleNamespace(vector=lambda: frame, coverage=None, completeness="complete")


def by_shapely(homes: heard.Homes, turbines: Turbines) -> np.ndarray:
    """Return the same by an STRtree, shapely.distance and bincount."""
    points = shapely.points(turbines.x, turbines.y)
    reach = PARAMS.number("noise_reach_m")
    home, turbine = shapely.STRtree(points).query(homes.polygons, "dwithin", distance=reach)
    r = np.maximum(shapely.distance(homes.polygons[home], points[turbine]), 1.0)
    lw, alpha = PARAMS.number("noise_lw"), PARAMS.number("noise_alpha")
    energy = 10 ** ((lw - 20 * np.log10(r) - 8 - alpha * r) / 10)
    n = turbines.count
    key, at = np.unique(home * n + turbines.site[turbine] - 1, return_inverse=True)
    level = 10 * np.log10(np.bincount(at, weights=energy))
    out = np.full(n, -np.inf)
    np.maximum.at(out, key % n, level)
    return np.where(np.isfinite(out), out, np.nan)


def main(side: int) -> None:
    dem, grid = rugged(side)
    small, small_grid = coarser(dem, grid)
    fine, coarse = stand(dem, grid), stand(small, small_grid)
    size, few = f"{grid.size / 1e6:.0f} M cells", f"{small_grid.size / 1e6:.1f} M cells"
    turbines = place(fine.ground, fine.eligible, MACHINE, PARAMS)
    homes = village(grid)

    def near(a: np.ndarray, b: np.ndarray) -> bool:
        return bool(np.allclose(a, b, atol=0.05, equal_nan=True))

    def same(a: np.ndarray, b: np.ndarray) -> bool:
        return bool(np.allclose(a, b, rtol=1e-9, equal_nan=True))

    cases = [
        Case(f"height above the mean of a 2 km window, {size}",
             lambda: relative_height(dem, grid, WINDOW_M),
             [Peer("scipy.ndimage.uniform_filter", "1", lambda: by_scipy(dem, grid), near)], "2"),
        Case(f"crest cells, {size}", lambda: crest_cells(dem, grid, 450.0, 20.0), threads="2"),
        Case(f"turbines and sites along ridges, 30 m, {size}",
             lambda: place(fine.ground, fine.eligible, MACHINE, PARAMS), threads="1, relief 2"),
        Case(f"the same land, 90 m, {few}",
             lambda: place(coarse.ground, coarse.eligible, MACHINE, PARAMS), threads="1, relief 2"),
        Case(f"noise of {turbines.row.size} turbines at {HOMES} homes",
             lambda: ours(homes, turbines),
             [Peer("shapely STRtree, distance, numpy", "1",
                   lambda: by_shapely(homes, turbines), same)]),
    ]  # fmt: skip
    packages = ("numba", "numpy", "scipy", "shapely")
    print("\n".join(table("turbines along ridges", cases, packages)))
    print(f"- {told(fine)}\n- {told(coarse)}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
