"""Exact distances and discs against SciPy and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from geo._kernels import disc, edt
from geo.distance import distance_m, within
from geo.errors import CrsError, GridMismatchError, OptionError, SizeError
from geo.grid import Grid

MASKS = hnp.arrays(
    np.bool_,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=24),
    elements=st.sampled_from([False] * 9 + [True]),
)
CELLS = st.sampled_from([30.0, 90.0, 95.5])


def grid_of(shape: tuple[int, int], cell: float = 30.0) -> Grid:
    return Grid("EPSG:4546", Affine(cell, 0, 500_010, 0, -cell, 3_600_000), shape)


def brute(mask: np.ndarray) -> np.ndarray:
    """Squared distance in cells by looking at every pair; -1 without any marked cell."""
    rows, cols = np.nonzero(mask)
    if not len(rows):
        return np.full(mask.shape, -1)
    r, c = np.mgrid[: mask.shape[0], : mask.shape[1]]
    pairs = (r[..., None] - rows) ** 2 + (c[..., None] - cols) ** 2
    return pairs.min(axis=-1)


@settings(max_examples=60, deadline=None)
@given(mask=MASKS, compiled=st.booleans())
def test_kernels_are_exact(mask, compiled):
    far = sum(mask.shape)
    away, out = np.empty(mask.shape, np.uint16), np.empty(mask.shape, np.float32)
    fill, measure = edt.columns, edt.metres
    if not compiled:
        fill, measure = fill.py_func, measure.py_func
    fill(mask.view(np.uint8), far, away)
    measure(away, far, 1.0, out)
    want = brute(mask)
    want = np.where(want < 0, np.inf, np.sqrt(np.abs(want))).astype(np.float32)
    np.testing.assert_array_equal(out, want)


@settings(max_examples=60, deadline=None)
@given(
    row=st.lists(st.integers(0, 60), min_size=1, max_size=60),
    compiled=st.booleans(),
)
def test_the_lower_envelope_is_the_least_of_all(row, compiled):
    away = np.array(row, dtype=np.uint16)
    n, far = away.size, 50
    site, start, height = (np.empty(n, np.int64) for _ in range(3))
    find = edt.envelope if compiled else edt.envelope.py_func
    count = find(away, far, site, start, height)
    known = np.flatnonzero(away < far)
    if not known.size:
        assert count == 0
        return
    cols = np.arange(n)
    want = ((cols[:, None] - known) ** 2 + away[known].astype(int) ** 2).min(axis=1)
    who = np.searchsorted(start[:count], cols, side="right") - 1
    np.testing.assert_array_equal((cols - site[who]) ** 2 + height[who], want)


@settings(max_examples=40, deadline=None)
@given(mask=MASKS, cell=CELLS)
def test_metres_are_those_of_scipy(mask, cell):
    found = distance_m(mask, grid_of(mask.shape, cell))
    assert found.dtype == np.float32
    if mask.any():
        want = ndimage.distance_transform_edt(~mask) * cell
        np.testing.assert_array_equal(found, want.astype(np.float32))
    else:
        assert np.isinf(found).all()


@settings(max_examples=50, deadline=None)
@given(
    mask=MASKS,
    cell=CELLS,
    metres=st.floats(0, 3000) | st.sampled_from([0.0, 90.0, 270.0, 30 * 2**0.5, 90 * 5**0.5]),
)
def test_within_is_distance_at_most(mask, cell, metres):
    grid = grid_of(mask.shape, cell)
    np.testing.assert_array_equal(within(mask, grid, metres), distance_m(mask, grid) <= metres)


@settings(max_examples=40, deadline=None)
@given(mask=MASKS, dx=CELLS, dy=CELLS, metres=st.floats(0, 1500))
def test_cells_of_a_disc_need_not_be_square(mask, dx, dy, metres):
    grid = Grid("EPSG:4546", Affine(dx, 0, 500_010, 0, -dy, 3_600_000), mask.shape)
    found = within(mask, grid, metres)
    if mask.any():
        away = ndimage.distance_transform_edt(~mask, sampling=(dy, dx))
        sure = np.abs(away - metres) > 1e-3
        np.testing.assert_array_equal(found[sure], (away <= metres)[sure])
    else:
        assert not found.any()


@settings(max_examples=60, deadline=None)
@given(
    bits=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4),
    by=st.integers(1, 63),
    compiled=st.booleans(),
)
def test_a_widened_row_holds_its_shifts(bits, by, compiled):
    line = np.array([0, *bits, 0], dtype=np.uint64)
    out = np.zeros_like(line)
    (disc.widen if compiled else disc.widen.py_func)(line, by, out)
    flat = np.unpackbits(line[1:-1].view(np.uint8), bitorder="little")
    want = flat.copy()
    want[by:] |= flat[:-by]
    want[:-by] |= flat[by:]
    got = np.unpackbits(out[1:-1].view(np.uint8), bitorder="little")
    np.testing.assert_array_equal(got, want)
    assert out[0] == 0
    assert out[-1] == 0


@pytest.mark.parametrize("height", [1, 7, 64])
@pytest.mark.parametrize("compiled", [False, True])
def test_bands_of_a_disc_do_not_matter(height, compiled):
    mask = np.random.default_rng(4).random((40, 150)) < 0.004
    kernels = disc if compiled else None
    pack = kernels.pack if kernels else disc.pack.py_func
    spread = kernels.spread if kernels else disc.spread.py_func
    bits, filled = np.zeros((40, 5), np.uint64), np.empty(40, np.uint8)
    out = np.empty(mask.shape, np.uint8)
    pack(mask.view(np.uint8), bits, filled)
    np.testing.assert_array_equal(filled, mask.any(axis=1))
    widths = np.array([12, 11, 11, 10, 8, 4], np.int64)
    spread(bits, filled, widths, height, out)
    want = np.zeros_like(mask)
    for row, col in np.argwhere(mask):
        for dy in range(-5, 6):
            if 0 <= row + dy < 40:
                half = widths[abs(dy)]
                want[row + dy, max(col - half, 0) : col + half + 1] = True
    np.testing.assert_array_equal(out, want)


@settings(max_examples=30, deadline=None)
@given(mask=MASKS, metres=st.floats(0, 1000), more=st.floats(0, 1000))
def test_a_buffer_only_grows(mask, metres, more):
    grid = grid_of(mask.shape)
    small, large = within(mask, grid, metres), within(mask, grid, metres + more)
    assert not (mask & ~small).any()
    assert not (small & ~large).any()


def test_a_high_disc_is_taken_from_the_distance():
    mask = np.zeros((700, 20), dtype=bool)
    mask[3, 4] = True
    grid = grid_of(mask.shape)
    np.testing.assert_array_equal(within(mask, grid, 20_000.0), distance_m(mask, grid) <= 20_000)


def test_a_disc_has_the_cells_of_a_disc():
    mask = np.zeros((41, 41), dtype=bool)
    mask[20, 20] = True
    rows, cols = np.mgrid[-20:21, -20:21]
    np.testing.assert_array_equal(
        within(mask, grid_of(mask.shape), 300.0), rows**2 + cols**2 <= 100
    )
    assert within(mask, grid_of(mask.shape), 0.0).sum() == 1
    assert within(mask, grid_of(mask.shape), 1e9).all()
    assert within(mask, grid_of(mask.shape), float("inf")).all()


def test_a_buffer_never_invents_what_is_not_there():
    nothing = np.zeros((5, 7), dtype=bool)
    assert not within(nothing, grid_of((5, 7)), float("inf")).any()


def test_a_large_mask_equals_scipy():
    mask = np.random.default_rng(3).random((700, 900)) < 0.001
    found = distance_m(mask, grid_of(mask.shape, 90.0))
    want = ndimage.distance_transform_edt(~mask) * 90.0
    np.testing.assert_array_equal(found, want.astype(np.float32))


def test_numbers_count_as_marks():
    mask = np.array([[0, 256, 0]])
    np.testing.assert_array_equal(distance_m(mask, grid_of((1, 3))), [[30, 0, 30]])


def test_what_cannot_be_measured_is_refused():
    mask = np.ones((2, 2), dtype=bool)
    with pytest.raises(CrsError):
        distance_m(mask, Grid("EPSG:4490", Affine(0.1, 0, 110, 0, -0.1, 32), (2, 2)))
    with pytest.raises(OptionError, match="not square"):
        distance_m(mask, Grid("EPSG:4546", Affine(30, 0, 500_010, 0, -31, 3_600_000), (2, 2)))
    with pytest.raises(GridMismatchError):
        distance_m(mask, grid_of((2, 3)))
    with pytest.raises(SizeError):
        distance_m(np.zeros((1, 50_000), dtype=bool), grid_of((1, 50_000)))
    for metres in (-1.0, float("nan")):
        with pytest.raises(OptionError, match="metres"):
            within(mask, grid_of((2, 2)), metres)
