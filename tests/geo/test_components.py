"""Connected components against SciPy, numbered in raster order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from geo._kernels import label as kernel
from geo.components import label
from geo.errors import OptionError

MASKS = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=24))


@settings(max_examples=150, deadline=None)
@given(mask=MASKS, diagonal=st.booleans())
def test_the_pieces_are_those_of_scipy(mask, diagonal):
    labels, count = label(mask, diagonal)
    want, want_count = ndimage.label(mask, np.ones((3, 3)) if diagonal else None)
    assert count == want_count
    assert labels.dtype == np.int32
    # the same pieces: pairs of numbers match one to one
    assert len(np.unique(np.stack([labels.ravel(), want.ravel()]), axis=1).T) == len(
        np.unique(want)
    )
    # numbered as a reader meets them
    seen = labels[labels > 0]
    firsts = seen[np.sort(np.unique(seen, return_index=True)[1])]
    assert firsts.tolist() == list(range(1, count + 1))


@settings(max_examples=40, deadline=None)
@given(mask=MASKS, diagonal=st.booleans())
def test_interpreted_and_compiled_agree(mask, diagonal):
    labels = np.zeros(mask.shape, dtype=np.int32)
    parent = np.zeros(mask.size + 2, dtype=np.int32)
    count = kernel.components.py_func(mask.view(np.uint8), diagonal, labels, parent)
    fast, fast_count = label(mask, diagonal)
    assert count == fast_count
    np.testing.assert_array_equal(labels, fast)


def test_union_find_interpreted():
    parent = np.arange(6, dtype=np.int32)
    assert kernel.join.py_func(parent, 5, 3) == 3
    assert kernel.join.py_func(parent, 2, 5) == 2
    assert kernel.join.py_func(parent, 2, 2) == 2
    assert kernel.root.py_func(parent, 5) == 2


def test_a_spiral_is_one_piece():
    mask = np.ones((9, 9), dtype=bool)
    mask[1, :8] = mask[1:8, 7] = mask[7, 1:8] = mask[3:8, 1] = mask[3, 1:6] = False
    labels, count = label(mask)
    assert count == ndimage.label(mask)[1]
    assert (labels > 0).sum() == mask.sum()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (5, 5), (6, 7)])
def test_a_chessboard_fills_the_table_of_numbers(shape):
    mask = np.indices(shape).sum(axis=0) % 2 == 0
    _, count = label(mask)
    assert count == mask.sum()
    _, joined = label(mask, diagonal=True)
    assert joined == (1 if min(shape) > 1 else mask.sum())


def test_two_dimensions_are_wanted():
    with pytest.raises(OptionError, match="dimensions"):
        label(np.ones(5, dtype=bool))
