"""Sums by zone, pattern and component against NumPy and SciPy."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from geo import zonal
from geo._kernels import sums as kernel
from geo.crs import cell_areas
from geo.errors import GridMismatchError, OptionError
from geo.grid import Grid


@st.composite
def scenes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=16))
    zones = draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, 4)))
    values = draw(
        hnp.arrays(
            np.float32, shape, elements=st.floats(-1e3, 1e3, width=32) | st.just(float("nan"))
        )
    )
    kind = draw(st.sampled_from(["row", "col", "full", "one"]))
    base = np.random.default_rng(0).uniform(8000, 8200, shape)
    areas = {
        "row": np.broadcast_to(base[:, :1], shape),
        "col": np.broadcast_to(base[:1], shape),
        "full": base,
        "one": np.broadcast_to(base[:1, :1], shape),
    }[kind]
    return zones, values, areas


@settings(max_examples=80, deadline=None)
@given(scene=scenes())
def test_sums(scene):
    zones, values, areas = scene
    plain = zonal.sums(zones, values, n_zones=4)
    weighted = zonal.sums(zones, values, areas, n_zones=4)
    flat = np.nan_to_num(values.astype(np.float64))
    np.testing.assert_allclose(plain, np.bincount(zones.ravel(), flat.ravel(), 5), atol=1e-9)
    want = np.bincount(zones.ravel(), (flat * areas).ravel(), 5)
    np.testing.assert_allclose(weighted, want, rtol=1e-12, atol=1e-6)
    assert len(zonal.sums(zones, values)) == zones.max() + 1


@settings(max_examples=80, deadline=None)
@given(scene=scenes(), data=st.data())
def test_area_by_pattern(scene, data):
    zones, _, areas = scene
    codes = st.sampled_from([0, 1, 2, 6, 65535])
    index = data.draw(hnp.arrays(np.uint16, zones.shape, elements=codes))
    found = zonal.area_by_pattern(index, zones, areas, 7, 4)
    want = np.zeros((5, 7))
    inside = index != zonal.OUTSIDE
    np.add.at(want, (zones[inside], index[inside]), areas[inside])
    np.testing.assert_allclose(found, want, rtol=1e-12)
    assert found.sum() == pytest.approx(areas[inside].sum())


@settings(max_examples=60, deadline=None)
@given(scene=scenes())
def test_stats(scene):
    zones, values, _ = scene
    labels = zones.astype(np.int32)
    found = zonal.stats(labels, values, 4)
    for k in range(1, 5):
        cells = values[(labels == k) & np.isfinite(values)].astype(np.float64)
        assert found["count"][k - 1] == len(cells)
        assert found["sum"][k - 1] == pytest.approx(cells.sum())
        for name in ("mean", "min", "max"):
            want = getattr(cells, name)() if len(cells) else np.nan
            assert found[name][k - 1] == pytest.approx(want, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(scene=scenes())
def test_interpreted_and_compiled_agree(scene):
    zones, values, areas = scene
    full = np.ascontiguousarray(areas)
    wide = values.astype(np.float64)
    out = np.zeros((2, 5))
    kernel.by_zone.py_func(zones, wide, full, out)
    np.testing.assert_allclose(
        out.sum(axis=0), zonal.sums(zones, values, areas, n_zones=4), rtol=1e-12, atol=1e-6
    )
    index = (zones % 3).astype(np.uint16)
    table, foreign = np.zeros((3, 5, 3)), np.zeros(3, np.int64)
    for stored in (full, full[:, :1].copy(), full[:1].copy()):
        table[:] = 0
        kernel.by_pattern.py_func(index, zones, stored, table, foreign)
        want = zonal.area_by_pattern(index, zones, np.broadcast_to(stored, zones.shape), 3, 4)
        np.testing.assert_allclose(table.sum(axis=0), want, rtol=1e-12)
    assert not foreign.any()
    total, low, high = np.zeros((2, 4)), np.full((2, 4), np.inf), np.full((2, 4), -np.inf)
    count = np.zeros((2, 4), dtype=np.int64)
    kernel.by_label.py_func(zones.astype(np.int32), wide, total, low, high, count)
    found = zonal.stats(zones.astype(np.int32), values, 4)
    np.testing.assert_allclose(total.sum(axis=0), found["sum"], rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(count.sum(axis=0), found["count"])


def test_threads_change_nothing():
    rng = np.random.default_rng(9)
    zones = rng.integers(0, 9, (611, 50)).astype(np.uint8)
    values, areas = rng.normal(size=zones.shape), rng.uniform(1, 2, zones.shape)
    index = rng.integers(0, 40, zones.shape).astype(np.uint16)

    def answers() -> list[np.ndarray]:
        return [
            zonal.sums(zones, values, areas),
            zonal.area_by_pattern(index, zones, areas, 40, 8),
            *zonal.stats(zones.astype(np.int32), values, 8).values(),
        ]

    usual = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        single = answers()
    finally:
        numba.set_num_threads(usual)
    for one, other in zip(single, answers(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_more_rows_than_a_band():
    rng = np.random.default_rng(5)
    zones = rng.integers(0, 9, (1300, 40)).astype(np.uint8)
    values = rng.normal(size=zones.shape)
    areas = rng.uniform(1, 2, zones.shape)
    want = np.bincount(zones.ravel(), (values * areas).ravel())
    np.testing.assert_allclose(zonal.sums(zones, values, areas), want, rtol=1e-10)
    found = zonal.stats(zones.astype(np.int32), values, 8)
    np.testing.assert_allclose(found["mean"], ndimage.mean(values, zones, range(1, 9)))


def test_true_areas_of_a_city_sized_grid():
    grid = Grid("EPSG:4546", Affine(900, 0, 353_700, 0, -900, 3_684_600), (220, 226))
    zones = np.ones(grid.shape, dtype=np.uint8)
    mask = np.ones(grid.shape, dtype=bool)
    total = zonal.sums(zones, mask, cell_areas(grid))
    assert total[1] == pytest.approx(cell_areas(grid).sum(), rel=1e-12)


def test_foreign_numbers_are_refused():
    zones = np.full((2, 2), 3, dtype=np.uint8)
    index = np.full((2, 2), 5, dtype=np.uint16)
    areas = np.ones((2, 2))
    with pytest.raises(OptionError, match="zone 3 > 2"):
        zonal.sums(zones, areas, n_zones=2)
    for n_patterns, n_zones in ((5, 3), (6, 2)):
        with pytest.raises(OptionError, match="4 cells"):
            zonal.area_by_pattern(index, zones, areas, n_patterns, n_zones)
    with pytest.raises(GridMismatchError, match="areas"):
        zonal.sums(zones, areas, np.ones((2, 3)))
    with pytest.raises(GridMismatchError, match="zones"):
        zonal.area_by_pattern(index[:1], zones, areas, 6, 3)
    with pytest.raises(GridMismatchError, match="values"):
        zonal.stats(zones.astype(np.int32), areas[:1], 3)
