"""Sites grown from eligible land, and its patches beside SciPy and rasterio, on 44 M cells.

python benchmarks/bench_sites.py [cells per side]      (default 6650, about 44 M at 30 m)

The known way to sites is to polygonise eligible land and to keep what is large enough
(GLAES, atlite's users): that gives patches, not sites of a size, so patches are what is
compared. How many sites there are and how compact stands below the table.
"""

from __future__ import annotations

import sys

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from harness import Case, Peer, measure, table
from scipy import ndimage
from screening_data import grid_of, relief

from geo import crs as geo_crs
from geo.grid import Grid
from geo.terrain import slope_aspect
from siting.sites._kernels.pieces import label_pieces
from siting.sites.form import shape_columns
from siting.sites.grow import grow, piece_areas

SIDE = 6_650
#: Share of the ground, the gentlest, that is eligible.
GENTLE = 0.4
MW_PER_KM2, SMALLEST_MW, LARGEST_MW, WIDTH_M = 68.0, 20.0, 100.0, 180.0


def land(side: int) -> tuple[np.ndarray, Grid]:
    """Return the gentler ground of a rugged relief at 30 m, and its grid."""
    grid = grid_of(side)
    rough = np.random.default_rng(9).normal(0, 60, grid.shape).astype(np.float32)
    dem = relief(side) + ndimage.gaussian_filter(rough, 3.0)
    slope = slope_aspect(dem, grid)[0]
    return slope <= np.nanquantile(slope[::7, ::7], GENTLE), grid


def coarser(mask: np.ndarray, grid: Grid) -> tuple[np.ndarray, Grid]:
    """Return the same land at 90 m: blocks of which most is eligible."""
    rows, cols = grid.rows // 3, grid.cols // 3
    t = grid.transform
    share = mask[: rows * 3, : cols * 3].reshape(rows, 3, cols, 3).mean(axis=(1, 3))
    return share > 0.5, Grid(grid.crs, Affine(90, 0, t.c, 0, -90, t.f), (rows, cols))


def patches(mask: np.ndarray) -> np.ndarray:
    """Return the cells of each 4-connected patch, sorted."""
    code = mask.astype(np.int32).ravel()
    labels = np.empty(code.size, np.int32)
    rows, cols = (np.zeros(n, np.int32) for n in mask.shape)
    parent = np.empty(int(mask.sum()) + 1, np.int32)
    count = label_pieces(code, np.zeros(1, np.uint8), rows, cols, labels, parent)
    return np.sort(np.bincount(labels, minlength=count + 1)[1:])


def by_scipy(mask: np.ndarray) -> np.ndarray:
    """Return the same by scipy.ndimage.label."""
    labels, count = ndimage.label(mask)
    return np.sort(np.bincount(labels.ravel(), minlength=count + 1)[1:])


def by_polygons(mask: np.ndarray, grid: Grid) -> np.ndarray:
    """Return the same by polygonising: areas of shapely polygons in cells."""
    shapes = rasterio.features.shapes(
        mask.view(np.uint8), mask=mask, connectivity=4, transform=grid.transform
    )
    polygons = [shapely.geometry.shape(geometry) for geometry, _ in shapes]
    return np.sort(np.rint(shapely.area(polygons) / (grid.dx * grid.dy)).astype(np.int64))


def sites(mask: np.ndarray, grid: Grid) -> tuple[np.ndarray, int]:
    return grow(mask, grid, MW_PER_KM2, SMALLEST_MW, LARGEST_MW, WIDTH_M)


def told(mask: np.ndarray, grid: Grid) -> str:
    """Return one line on the sites found."""
    labels, count = sites(mask, grid)
    mw = piece_areas(labels, grid, count) / 1e6 * MW_PER_KM2
    compact = shape_columns(labels, count, grid)["compactness"]
    eligible = float(geo_crs.cell_areas(grid)[mask].sum()) / 1e6 * MW_PER_KM2
    return (
        f"{grid.dx:.0f} m: {count} sites of {mw.min():.0f} to {mw.max():.0f} MW, "
        f"{mw.sum():.0f} of {eligible:.0f} MW of eligible land; compactness "
        f"{compact.min():.2f} at least, {np.median(compact):.2f} in the middle."
    )


def scaling(mask: np.ndarray, grid: Grid) -> list[str]:
    """Return the table of time per cell from 1e6 cells up."""
    lines = ["| cells | at 30 m [ns/cell] | at 90 m [ns/cell] |", "|---|---|---|"]
    for side in sorted({1_000, 2_200, 4_400, grid.rows}):
        if side > grid.rows:
            continue
        part, cut = mask[:side, :side].copy(), grid.window(0, 0, side, side)
        as_90 = Grid(grid.crs, Affine(90, 0, 350_010, 0, -90, 3_700_080), part.shape)
        fine = measure(lambda m=part, g=cut: sites(m, g))[0]
        coarse = measure(lambda m=part, g=as_90: sites(m, g))[0]
        cells = part.size
        lines.append(f"| {cells / 1e6:.1f} M | {fine / cells * 1e9:.1f} "
                     f"| {coarse / cells * 1e9:.1f} |")  # fmt: skip
    return [*lines, ""]


def main(side: int) -> None:
    mask, grid = land(side)
    coarse, coarse_grid = coarser(mask, grid)
    size, small = f"{grid.size / 1e6:.0f} M cells", f"{coarse_grid.size / 1e6:.1f} M cells"
    equal = np.array_equal
    cases = [
        Case(f"sites of {SMALLEST_MW:.0f}-{LARGEST_MW:.0f} MW, 30 m, {size}",
             lambda: sites(mask, grid)[1], threads="1, distance 2"),
        Case(f"the same land, 90 m, {small}", lambda: sites(coarse, coarse_grid)[1],
             threads="1, distance 2"),
        Case(f"patches of eligible land and their cells, {size}", lambda: patches(mask), [
            Peer("scipy.ndimage.label, bincount", "1", lambda: by_scipy(mask), equal),
            Peer("rasterio shapes, shapely areas (the GLAES way)", "1",
                 lambda: by_polygons(mask, grid), equal),
        ]),
    ]  # fmt: skip
    packages = ("numba", "numpy", "scipy", "rasterio", "shapely")
    print("\n".join(table("growing sites", cases, packages)))
    print(f"- {told(mask, grid)}\n- {told(coarse, coarse_grid)}\n")
    print("\n".join(scaling(mask, grid)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
