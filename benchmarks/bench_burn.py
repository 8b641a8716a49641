"""Ten vector layers with buffers to bits, from their files, beside atlite and GDAL.

python benchmarks/bench_burn.py [cells per side]      (default 10000)

Before anything is timed: each layer's bits against GDAL on the same rings, the round buffers
against exact distances wherever they differ from GEOS's buffer polygons.
"""

from __future__ import annotations

import statistics
import sys
import time

import geopandas as gpd
import numba
import numpy as np
import rasterio.features
import shapely
from harness import Case, Peer, measure, table
from screening_data import SIDE, SOURCES, Country, Source, country

from geo.burn import burn_bits, read_outlines

try:
    import atlite
except ImportError:
    atlite = None

THREADS = str(numba.get_num_threads())
PACKAGES = ("numba", "numpy", "pyogrio", "shapely", "rasterio", "geopandas", "atlite")
#: Free land of the same polygons may differ by less than this. [point]
POINT = 0.01


def ours(place: Country) -> np.ndarray:
    """Read and burn every layer; bit i of the result is layer i."""
    plane = np.zeros(place.grid.shape, dtype=np.uint16)
    for bit, source in enumerate(SOURCES):
        burn_bits(read_outlines(place.vector(source.name)), source.buffer_m, place.grid, plane, bit)
    return plane


def theirs(place: Country) -> np.ndarray:
    """Return atlite's eligible cells, cut to the grid: it frames it with a margin."""
    box = gpd.GeoSeries([shapely.box(*place.grid.bounds)], crs=place.grid.crs)
    excluder = atlite.ExclusionContainer(crs=place.grid.crs, res=place.grid.dx)
    for source in SOURCES:
        excluder.add_geometry(str(place.vector(source.name)), buffer=source.buffer_m)
    free, transform = excluder.compute_shape_availability(box)
    left = round((place.grid.transform.c - transform.c) / place.grid.dx)
    top = round((transform.f - place.grid.transform.f) / place.grid.dy)
    return free[top : top + place.grid.rows, left : left + place.grid.cols]


def rings_of(place: Country, source: Source) -> np.ndarray:
    """Return the polygons that GEOS draws for a layer."""
    frame = gpd.read_file(place.vector(source.name))
    return np.asarray(frame.buffer(source.buffer_m) if source.buffer_m else frame.geometry)


def layer_check(place: Country, source: Source) -> str:
    """Return a row: cells that differ from GDAL, and what becomes of round buffers."""
    grid, plane = place.grid, np.zeros(place.grid.shape, dtype=np.uint8)
    rings = rings_of(place, source)
    burn_bits(rings, 0.0, grid, plane, 0)
    gdal = rasterio.features.rasterize(
        rings, out_shape=grid.shape, transform=grid.transform, dtype="uint8"
    )
    apart = int((plane != gdal).sum())
    plane[:] = 0
    burn_bits(read_outlines(place.vector(source.name)), source.buffer_m, grid, plane, 0)
    rows, cols = np.nonzero(plane != gdal)
    wrong = ties = 0
    if rows.size and source.buffer_m:
        x, y = grid.xy(0, 0)
        centres = shapely.points(x + cols * grid.dx, y - rows * grid.dy)
        features = np.asarray(gpd.read_file(place.vector(source.name)).geometry)
        tree = shapely.STRtree(features)
        _, away = tree.query_nearest(centres, return_distance=True, all_matches=False)
        inside = plane[rows, cols] == 1
        ties = int((np.abs(away - source.buffer_m) < 1e-6).sum())
        wrong = int(((away <= source.buffer_m) != inside).sum())
    else:
        wrong = int(rows.size)
    return (
        f"| {source.name} | {len(rings):,} | {source.buffer_m:g} | {apart} | {rows.size:,} | "
        f"{wrong} | {ties} | {plane.mean() * 100:.3f} |"
    )


def checks(place: Country) -> list[str]:
    """Return the table of every layer against GDAL and exact distance."""
    heads = (
        "layer", "features", "buffer [m]", "cells unlike GDAL, same rings",
        "unlike GEOS's buffer polygon", "of these ours wrong by exact distance",
        "of these within 1e-6 m of the limit", "share [%]",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    return [*lines, *(layer_check(place, source) for source in SOURCES), ""]


def on_their_polygons(place: Country) -> np.ndarray:
    """Return our bits of the polygons that atlite burns: GEOS's, flat arcs and all."""
    plane = np.zeros(place.grid.shape, dtype=np.uint16)
    for bit, source in enumerate(SOURCES):
        burn_bits(rings_of(place, source), 0.0, place.grid, plane, bit)
    return plane


def shares(place: Country) -> str:
    """Say how much land is left by each, and stop where it differs for the same polygons."""
    exact = (ours(place) == 0).mean() * 100
    if atlite is None:
        return f"Free land: {exact:.4f} % with true discs.\n"
    free, polygons = theirs(place), on_their_polygons(place) == 0
    apart = int((free != polygons).sum())
    if abs(free.mean() - polygons.mean()) * 100 > POINT:
        raise SystemExit(f"another share of free land than atlite's: {apart} cells differ")
    return (
        f"Free land: atlite {free.mean() * 100:.4f} %; ours on the polygons that atlite draws "
        f"{polygons.mean() * 100:.4f} %, {apart} cells differ; ours with true discs {exact:.4f} %. "
        "The difference is what a polygon of 64 sides leaves out of a disc: see the table.\n"
    )


def split(place: Country, runs: int = 3) -> list[str]:
    """Return where our time goes."""
    lines = ["| layer | read [s] | burn [s] |", "|---|---|---|"]
    plane = np.zeros(place.grid.shape, dtype=np.uint16)
    totals = np.zeros(2)
    for bit, source in enumerate(SOURCES):
        taken = []
        for _ in range(runs):
            start = time.perf_counter()
            outlines = read_outlines(place.vector(source.name))
            middle = time.perf_counter()
            burn_bits(outlines, source.buffer_m, place.grid, plane, bit)
            taken.append((middle - start, time.perf_counter() - middle))
        read, burn = (statistics.median(column) for column in zip(*taken, strict=True))
        totals += read, burn
        lines.append(f"| {source.name} | {read:.3f} | {burn:.3f} |")
    return [*lines, f"| together | {totals[0]:.3f} | {totals[1]:.3f} |", ""]


def scaling(side: int) -> list[str]:
    """Return the table of time per cell from 1e6 cells up; features go with the area."""
    lines = ["| cells | read + burn [ns/cell] | added MiB |", "|---|---|---|"]
    for part in sorted({1_000, 2_000, 5_000, side}):
        if part <= side:
            place = country(part)
            seconds, memory, _ = measure(lambda p=place: ours(p), runs=3)
            cost = f"{seconds / place.grid.size * 1e9:.2f} | {memory:.0f}"
            lines.append(f"| {place.grid.size / 1e6:.0f} M | {cost} |")
    return [*lines, ""]


def main(side: int) -> None:
    place = country(side)
    print("\n".join(checks(place)))
    print(shares(place))
    call = (lambda: theirs(place)) if atlite else None
    peer = Peer("atlite compute_shape_availability", "1", call, lambda a, b: a.shape == b.shape)
    name = f"10 vector layers, read + buffer + burn, {place.grid.size / 1e6:.0f} M cells"
    case = Case(name, lambda: ours(place), [peer], THREADS)
    print("\n".join(table("vector layers to bits", [case], PACKAGES)))
    print("\n".join(split(place)))
    print("\n".join(scaling(side)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIDE)
