"""Ground between cell centres and the end of a crest: kernels against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from siting.pumped.works import _kernels as kernels

ROWS, COLS = 12, 17
BOX = np.array([1000.0, 5000.0, 30.0, 25.0])


def hills(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(100, 200, (ROWS, COLS)).astype(np.float32)


def place(row: np.ndarray, col: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return BOX[0] + (col + 0.5) * BOX[2], BOX[1] - (row + 0.5) * BOX[3]


@pytest.mark.parametrize("form", ["compiled", "interpreted"])
def test_ground_is_bilinear_and_unknown_beyond_the_centres(form):
    z = hills(0)
    ground = kernels.ground_at if form == "compiled" else kernels.ground_at.py_func
    rng = np.random.default_rng(1)
    row, col = rng.uniform(0, ROWS - 1, 200), rng.uniform(0, COLS - 1, 200)
    want = map_coordinates(z.astype(np.float64), [row, col], order=1)
    x, y = place(row, col)
    got = [ground(z.reshape(-1), ROWS, COLS, BOX, float(a), float(b))
           for a, b in zip(x, y, strict=True)]  # fmt: skip
    np.testing.assert_allclose(got, want, rtol=1e-9)
    for r, c in ((-0.1, 3.0), (3.0, -0.1), (ROWS - 0.9, 3.0), (3.0, COLS - 0.9)):
        a, b = place(np.array(r), np.array(c))
        assert np.isnan(ground(z.reshape(-1), ROWS, COLS, BOX, float(a), float(b)))
    z[4, 5] = np.nan
    a, b = place(np.array(4.0), np.array(4.0))
    assert ground(z.reshape(-1), ROWS, COLS, BOX, float(a), float(b)) == z[4, 4]
    a, b = place(np.array(4.0), np.array(4.5))
    assert np.isnan(ground(z.reshape(-1), ROWS, COLS, BOX, float(a), float(b)))


@pytest.mark.parametrize("form", ["compiled", "interpreted"])
@pytest.mark.parametrize("level", [120.0, 150.0, 199.0, 400.0])
def test_a_way_ends_at_the_first_ground_that_is_not_below_a_level(form, level):
    z = hills(2).reshape(-1)
    reaches = kernels.reaches if form == "compiled" else kernels.reaches.py_func
    x, y = place(np.array(6.0), np.array(8.0))
    way = np.array([float(x), float(y), np.cos(0.3), np.sin(0.3)])
    s = np.arange(60) * 7.5
    ground = np.empty(60)
    kernels.ground_along(
        z, ROWS, COLS, BOX, way[0] + s * way[2], way[1] + s * way[3], ground
    )  # fmt: skip
    stop = np.flatnonzero(~(ground < level))
    met = np.empty(2)
    assert reaches(z, ROWS, COLS, BOX, way, 7.5, 60, level, met) == stop[0]
    np.testing.assert_array_equal(met[1], ground[stop[0]])
    if stop[0] > 0:
        assert met[0] == ground[stop[0] - 1]
    assert reaches(z, ROWS, COLS, BOX, way, 7.5, int(stop[0]), level, met) == stop[0]
