"""Growing sites: kernels against oracles, sizes, stability under cropping."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from scipy import ndimage

from geo.crs import cell_areas, polygon_areas
from geo.errors import OptionError
from geo.grid import Grid
from siting.sites._kernels.joining import compactness, join_pieces
from siting.sites._kernels.opening import open_square
from siting.sites._kernels.pieces import label_pieces
from siting.sites.frame import places
from siting.sites.grow import grow, piece_areas

CRS = "EPSG:4546"


def make_grid(rows=120, cols=140, res=90.0):
    return Grid(CRS, Affine(res, 0, 450_000, 0, -res, 3_600_000), (rows, cols))


def make_mask(grid, seed=5):
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.normal(size=grid.shape), 2.5)
    return noise > 0.02


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("compiled", [True, False])
def test_open_square_is_binary_opening(k, compiled):
    grid = make_grid(40, 51)
    mask = make_mask(grid)
    kernel = open_square if compiled else open_square.py_func
    keep, work = np.empty(grid.size, np.uint8), np.empty(grid.size, np.uint8)
    kernel(mask.astype(np.uint8).ravel(), grid.rows, grid.cols, k, keep, work)
    padded = np.pad(mask, k)
    oracle = ndimage.binary_opening(padded, np.ones((k, k)))[k:-k, k:-k]
    np.testing.assert_array_equal(keep.reshape(grid.shape).astype(bool), oracle)


@pytest.mark.parametrize("compiled", [True, False])
def test_pieces_equal_scipy_in_each_tile(compiled):
    grid = make_grid(60, 70)
    mask = make_mask(grid)
    row_tile = (np.arange(60) // 17).astype(np.int32)
    col_tile = (np.arange(70) // 23).astype(np.int32)
    kernel = label_pieces if compiled else label_pieces.py_func
    labels = np.zeros(grid.size, np.int32)
    stack = np.empty(mask.sum(), np.int32)
    cut = np.ones(2, np.uint8)
    n = kernel(mask.astype(np.int32).ravel(), cut, row_tile, col_tile, labels, stack)
    labels = labels.reshape(grid.shape)
    total = 0
    for i in range(4):
        for j in range(4):
            window = np.ix_(row_tile == i, col_tile == j)
            pieces, count = ndimage.label(mask[window])
            total += count
            pairs = np.unique(np.c_[pieces[mask[window]], labels[window][mask[window]]], axis=0)
            assert len(pairs) == count  # a bijection of pieces
    assert n == total
    first = [np.flatnonzero(labels.ravel() == i + 1)[0] for i in range(n)]
    assert first == sorted(first)


@pytest.mark.parametrize("compiled", [True, False])
def test_pieces_keep_codes_apart(compiled):
    codes = np.array([[1, 1, 2], [2, 1, 2], [2, 2, 2]], np.int32)
    kernel = label_pieces if compiled else label_pieces.py_func
    labels, tile = np.zeros(9, np.int32), np.zeros(3, np.int32)
    whole = np.zeros(1, np.uint8)
    assert kernel(codes.ravel(), whole, tile, tile, labels, np.empty(9, np.int32)) == 2
    assert labels.reshape(3, 3).tolist() == codes.tolist()


def moments(*rectangles):
    """Area, first moments and polar second moment of rectangles (x, y, width, height)."""
    rows = []
    for x, y, w, h in rectangles:
        cx, cy, area = x + w / 2, y + h / 2, w * h
        far = area * (cx * cx + cy * cy + (w * w + h * h) / 12)
        rows.append((area, area * cx, area * cy, far))
    return np.array(rows, float)


@pytest.mark.parametrize("compiled", [True, False])
def test_compactness_of_rectangles(compiled):
    kernel = compactness if compiled else compactness.py_func
    for r in (1.0, 2.0, 7.0):
        value = kernel(*moments((5.0, 9.0, 3.0 * r, 3.0))[0])
        assert value == pytest.approx(6 * r / (np.pi * (1 + r * r)))


@pytest.mark.parametrize("compiled", [True, False])
def test_small_pieces_join_where_the_union_is_most_compact(compiled):
    # piece 1 (1 x 2) lies between a strip (0, 10 x 1 above) and a half square (2)
    shape = moments((0, 0, 10, 1), (0, 1, 2, 1), (0, 2, 2, 1), (20, 0, 2, 2))
    power = shape[:, 0].copy()
    first = np.array([0, 1, 3, 4, 4])
    neighbour, border = np.array([1, 0, 2, 1]), np.array([2, 2, 2, 2])
    parent, starts = np.arange(4), np.ones(4, np.uint8)
    kernel = join_pieces if compiled else join_pieces.py_func
    order = np.array([1, 2, 3, 0])
    kernel(power, shape, first, neighbour, border, order, starts, 3.0, 100.0, 1.0, parent)
    assert parent.tolist() == [0, 1, 1, 3]
    assert power[1] == 4.0
    # nothing joins above the largest size, and a piece at the rim starts nothing
    for largest, free in ((3.5, 1), (100.0, 0)):
        shape = moments((0, 0, 10, 1), (0, 1, 2, 1), (0, 2, 2, 1), (20, 0, 2, 2))
        parent = np.arange(4)
        kernel(
            shape[:, 0].copy(), shape, first, neighbour, border, order,
            np.full(4, free, np.uint8), 3.0, largest, 1.0, parent,
        )  # fmt: skip
        assert parent.tolist() == [0, 1, 2, 3]


def test_sizes_contiguity_and_area():
    grid = make_grid()
    mask = make_mask(grid)
    labels, n = grow(mask, grid, 1.0, 0.3, 1.5, 180.0)
    assert n > 5
    assert not np.any((labels > 0) & ~mask)
    area = piece_areas(labels, grid, n)
    assert np.all(area >= 0.3e6)
    assert np.all(area <= 1.5e6)
    assert area.sum() <= cell_areas(grid)[mask].sum()
    for i in range(1, n + 1):
        assert ndimage.label(labels == i)[1] == 1


def test_places_of_sites():
    grid = make_grid()
    labels, n = grow(make_mask(grid), grid, 1.0, 0.3, 1.5, 180.0)
    zones = np.ones(grid.shape, np.uint8)
    zones[:, 70:] = 2
    found = places("pv", labels, n, grid, zones)
    assert len(set(found.ids)) == n
    assert all(name.startswith("pv-") and len(name) == 11 for name in found.ids)
    assert found.geometry.is_valid.all()
    np.testing.assert_allclose(found.area_m2, piece_areas(labels, grid, n))
    outlines = gpd.GeoDataFrame(geometry=found.geometry)
    np.testing.assert_allclose(polygon_areas(outlines), found.area_m2, rtol=1e-5)
    for i in range(n):
        row, col = grid.rowcol(found.x[i], found.y[i])
        assert labels[row, col] == i + 1  # the point lies on the site


def test_ids_and_shapes_are_stable_when_cropped():
    grid = make_grid()
    mask = make_mask(grid)
    crop = grid.window(31, 17, 80, 101)
    whole = _sites(mask, grid)
    part = _sites(mask[31:111, 17:118], crop)
    west, south, east, north = crop.bounds
    margin = 400.0
    inner = {
        name: shape
        for name, shape in whole.items()
        if shape[0] > west + margin and shape[1] > south + margin
        and shape[2] < east - margin and shape[3] < north - margin
    }  # fmt: skip
    assert len(inner) > 3
    same = [name for name, shape in inner.items() if part.get(name) == shape]
    assert len(same) == len(inner)


def _sites(mask, grid):
    labels, n = grow(mask, grid, 1.0, 0.3, 1.5, 180.0)
    found = places("pv", labels, n, grid, np.ones(grid.shape, np.uint8))
    rows, cols = np.nonzero(labels)
    boxes = {}
    for i, name in enumerate(found.ids):
        own = labels[rows, cols] == i + 1
        x = grid.transform.c + cols[own] * grid.dx
        y = grid.transform.f - rows[own] * grid.dy
        boxes[name] = (x.min(), y.min() - grid.dy, x.max() + grid.dx, y.max(), int(own.sum()))
    return boxes


def test_nothing_eligible():
    grid = make_grid(20, 20)
    labels, n = grow(np.zeros(grid.shape, bool), grid, 1.0, 0.1, 1.0, 180.0)
    assert n == 0
    found = places("pv", labels, n, grid, np.ones(grid.shape, np.uint8))
    assert found.ids == []


def test_bad_sizes_are_refused():
    grid = make_grid(20, 20)
    with pytest.raises(OptionError):
        grow(np.ones(grid.shape, bool), grid, 1.0, 2.0, 1.0, 180.0)
    with pytest.raises(OptionError):
        grow(np.ones((3, 3), bool), grid, 1.0, 0.1, 1.0, 180.0)


def test_no_site_crosses_a_county():
    grid = make_grid()
    zones = np.ones(grid.shape, np.uint8)
    zones[:, 66:] = 2
    zones[90:] = 3
    zones[:, :4] = 0
    mask = make_mask(grid)
    joint, _ = grow(mask, grid, 1.0, 0.3, 1.5, 180.0)
    crossing = [i for i in range(1, joint.max() + 1) if len(np.unique(zones[joint == i])) > 1]
    assert crossing  # without counties some sites would cross
    labels, n = grow(mask, grid, 1.0, 0.3, 1.5, 180.0, zones)
    assert n > 5
    assert not (labels[zones == 0] > 0).any()
    for i in range(1, n + 1):
        assert len(np.unique(zones[labels == i])) == 1
        assert ndimage.label(labels == i)[1] == 1
    area = piece_areas(labels, grid, n)
    assert np.all(area >= 0.3e6)
    assert np.all(area <= 1.5e6)
