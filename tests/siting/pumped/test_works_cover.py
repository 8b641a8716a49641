"""Ground along a waterway: a valley deeper than the lower lake is told."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from affine import Affine

from geo.grid import Grid
from siting.pumped.works.cover import waterway_cover

GRID = Grid("EPSG:4546", Affine(30, 0, 500_000, 0, -30, 3_600_000), (20, 60))


def line(dem, upper=(500_100.0, 3_599_700.0), lower=(501_700.0, 3_599_700.0)):
    pairs = SimpleNamespace(
        upper_shore=np.array([upper]), lower_shore=np.array([lower]),
        length_m=np.array([np.hypot(upper[0] - lower[0], upper[1] - lower[1])]),
        lower_dead_m=np.array([200.0]),
    )  # fmt: skip
    return waterway_cover(0, pairs, SimpleNamespace(grid=GRID, values=lambda _: dem))


def slope():
    return np.broadcast_to(700.0 - 8.0 * np.arange(60.0), (20, 60)).astype(np.float32)


def test_a_slope_leaves_room_for_a_tunnel():
    got = line(slope())
    assert "不低于下库低水位 200 m" in got.value.zh
    assert got.source == "dem"
    assert "未核查" in got.note.zh


@pytest.mark.parametrize("bottom", [150.0, 199.0])
def test_a_deeper_valley_is_crossed(bottom):
    dem = slope().copy()
    dem[:, 30:33] = bottom
    got = line(dem)
    assert got.value.zh.startswith(f"{bottom:.0f} m，低于下库低水位 200 m")
    assert "deeper valley" in got.value.en
    # beside the line it does not matter
    dem = slope().copy()
    dem[0:3, 30:33] = bottom
    assert "不低于" in line(dem).value.zh


def test_unknown_ground_is_unchecked():
    assert line(None).value is None
    assert line(np.full((20, 60), np.nan, np.float32)).value is None
    assert line(slope(), upper=(1.0, 1.0), lower=(90.0, 1.0)).value is None
