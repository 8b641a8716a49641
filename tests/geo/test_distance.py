"""Exact distances and discs against SciPy and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from geo._kernels import edt
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
@given(mask=MASKS)
def test_squares_are_exact(mask):
    far = sum(mask.shape)
    for run_columns, run_rows in (
        (edt.columns, edt.squared),
        (edt.columns.py_func, edt.squared.py_func),
    ):
        out = np.empty(mask.shape, dtype=np.int32)
        run_columns(mask.view(np.uint8), far, out)
        run_rows(out, far)
        np.testing.assert_array_equal(out, brute(mask))


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
    slow = np.empty_like(found)
    edt.metres.py_func(brute(mask).astype(np.int32), cell, slow)
    np.testing.assert_array_equal(slow, found)


@settings(max_examples=50, deadline=None)
@given(
    mask=MASKS,
    cell=CELLS,
    metres=st.floats(0, 3000) | st.sampled_from([0.0, 90.0, 270.0, 30 * 2**0.5, 90 * 5**0.5]),
)
def test_within_is_distance_at_most(mask, cell, metres):
    grid = grid_of(mask.shape, cell)
    np.testing.assert_array_equal(within(mask, grid, metres), distance_m(mask, grid) <= metres)


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
        within(mask, Grid("EPSG:4546", Affine(30, 0, 500_010, 0, -31, 3_600_000), (2, 2)), 1.0)
    with pytest.raises(GridMismatchError):
        distance_m(mask, grid_of((2, 3)))
    with pytest.raises(SizeError):
        distance_m(np.zeros((1, 50_000), dtype=bool), grid_of((1, 50_000)))
    for metres in (-1.0, float("nan")):
        with pytest.raises(OptionError, match="metres"):
            within(mask, grid_of((2, 2)), metres)
