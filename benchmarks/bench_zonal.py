"""Zonal statistics of 1,000 zones beside rasterstats and exactextract, on 1e8 cells.

python benchmarks/bench_zonal.py [cells per side]      (default 10000)
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numba
import numpy as np
from harness import Case, Peer, measure, table
from rasterio.features import rasterize
from screening_data import SIDE, grid_of, relief, zones

from geo.grid import Grid
from geo.zonal import area_by_pattern, stats, stats_of, sums

try:
    import exactextract
    from exactextract.raster import NumPyRasterSource
except ImportError:
    exactextract = None
try:
    import rasterstats
except ImportError:
    rasterstats = None

THREADS = str(numba.get_num_threads())
NAMES = ("mean", "sum", "min", "max", "count")
PATTERNS, COUNTIES = 1_024, 10


def by_rasterstats(
    frame: gpd.GeoDataFrame, dem: np.ndarray, grid: Grid
) -> Callable[[], Any] | None:
    if rasterstats is None:
        return None
    names = list(NAMES)
    return lambda: rasterstats.zonal_stats(
        frame, dem, affine=grid.transform, stats=names, nodata=-9999
    )


def by_exactextract(
    frame: gpd.GeoDataFrame, dem: np.ndarray, grid: Grid
) -> Callable[[], Any] | None:
    if exactextract is None:
        return None
    west, south, east, north = grid.bounds
    raster = NumPyRasterSource(dem, xmin=west, ymin=south, xmax=east, ymax=north, nodata=np.nan)
    names = list(NAMES)
    return lambda: exactextract.exact_extract(raster, frame, names, output="pandas")


def same_centres(ours: dict, theirs: list) -> bool:
    """Compare counts, least and greatest to the digit, float32 means of the peer to 1e-5."""
    return all(
        np.allclose(
            ours[name], [one[name] for one in theirs],
            rtol=0 if name in {"count", "min", "max"} else 1e-5,
        )
        for name in NAMES
    )  # fmt: skip


def same_exact(ours: dict, theirs: Any) -> bool:
    """Least and greatest equal, the rest to 1e-9."""
    return all(
        np.allclose(ours[name], theirs[name], rtol=0 if name in {"min", "max"} else 1e-9, atol=0)
        for name in NAMES
    )


def histogram(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return patterns in patches of 20 cells, ten counties as strips and areas by row."""
    rng = np.random.default_rng(3)
    patches = rng.integers(0, PATTERNS, (side // 20 + 1, side // 20 + 1)).astype(np.uint16)
    index = np.repeat(np.repeat(patches, 20, axis=0), 20, axis=1)[:side, :side].copy()
    strip = (np.arange(side) * COUNTIES // side + 1).astype(np.uint8)
    counties = np.repeat(strip[None], side, axis=0)
    areas = np.broadcast_to(np.linspace(895, 905, side)[:, None], (side, side))
    return index, counties, areas


def scaling(side: int) -> list[str]:
    """Return the table of time per cell from 1e6 cells up."""
    lines = [
        "| cells | zones | exact [ns/cell] | by centre [ns/cell] | histogram [ns/cell] |",
        "|---|---|---|---|---|",
    ]
    for part in sorted({1_000, 2_000, 5_000, side}):
        if part <= side:
            grid, dem = grid_of(part), relief(part)
            frame = zones(part, max(round(1_000 * (part / SIDE) ** 2), 2))
            index, counties, areas = histogram(part)
            calls = (
                lambda f=frame, z=dem, g=grid: stats_of(f.geometry, z, g, exact=True),
                lambda f=frame, z=dem, g=grid: stats_of(f.geometry, z, g, exact=False),
                lambda i=index, c=counties, a=areas: area_by_pattern(i, c, a, PATTERNS, COUNTIES),
            )
            cost = " | ".join(f"{measure(call)[0] / grid.size * 1e9:.2f}" for call in calls)
            lines.append(f"| {grid.size / 1e6:.0f} M | {len(frame)} | {cost} |")
    return [*lines, ""]


def main(side: int) -> None:
    grid, dem = grid_of(side), relief(side)
    frame = zones(side)
    shapes = frame.geometry
    labels = rasterize(
        zip(shapes, range(1, len(frame) + 1), strict=True), grid.shape, transform=grid.transform,
        dtype="int32",
    )  # fmt: skip
    index, counties, areas = histogram(side)
    size = f"{len(frame)} zones, {grid.size / 1e6:.0f} M cells"
    codes = counties.astype(np.int64) * PATTERNS
    codes += index
    cases = [
        Case(
            f"mean, sum, min, max, count by cell centre, {size}",
            lambda: stats_of(shapes, dem, grid, exact=False),
            [Peer("rasterstats", "1", by_rasterstats(frame, dem, grid), same_centres)],
            THREADS,
        ),
        Case(
            f"the same by exact share, {size}",
            lambda: stats_of(shapes, dem, grid, exact=True),
            [Peer("exactextract", "1", by_exactextract(frame, dem, grid), same_exact)],
            THREADS,
        ),
        Case(
            f"the same with labels given, {size}",
            lambda: stats(labels, dem, len(frame)), (), THREADS,
        ),
        Case(
            f"area of {PATTERNS} patterns in {COUNTIES} counties",
            lambda: area_by_pattern(index, counties, areas, PATTERNS, COUNTIES),
            [
                Peer(
                    "NumPy bincount of codes given, one area for all cells", "1",
                    lambda: np.bincount(codes.ravel(), minlength=PATTERNS * (COUNTIES + 1)) * 900.0,
                    lambda ours, theirs: bool(
                        np.allclose(ours.ravel(), theirs, rtol=0.02, atol=0)
                    ),
                )
            ],
            THREADS,
        ),
    ]  # fmt: skip
    cases.append(
        Case(
            f"sums by county weighted by true cell area, {grid.size / 1e6:.0f} M cells",
            lambda: sums(counties, dem, areas),
            [
                Peer(
                    "NumPy bincount", "1",
                    lambda: np.bincount(counties.ravel(), (dem * areas).ravel()),
                    lambda ours, theirs: bool(np.allclose(ours, theirs, rtol=1e-5)),
                )
            ],
            THREADS,
        )
    )  # fmt: skip
    packages = ("numba", "numpy", "shapely", "rasterstats", "exactextract")
    print("\n".join(table("zonal statistics", cases, packages)))
    print("\n".join(scaling(side)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
