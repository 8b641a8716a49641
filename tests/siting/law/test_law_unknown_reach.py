"""Unknown ground within a rule's reach is unknown to the cell, never clear by a chord."""

from types import SimpleNamespace

import numpy as np
import shapely
from affine import Affine

from geo.grid import Grid
from siting.law.burner import Burner


def test_reach_of_uncovered_ground_is_round():
    grid = Grid("EPSG:4546", Affine(10, 0, 500_000, 0, -10, 3_600_000), (170, 180))
    west, south, east, north = grid.bounds
    gap = shapely.box(west + 803, south + 797, west + 1011, south + 904)
    covered = shapely.box(west - 9e3, south - 9e3, east + 9e3, north + 9e3).difference(gap)
    plane = np.zeros(grid.shape, np.uint8)
    burner = Burner(SimpleNamespace(grid=grid), None, plane, plane.copy())
    found = burner._beyond_coverage(
        SimpleNamespace(name="relic", coverage=covered), SimpleNamespace(reach_m=700.0)
    )
    x, y = grid.xy(0, 0)
    x, y = np.meshgrid(x + np.arange(grid.cols) * 10.0, y - np.arange(grid.rows) * 10.0)
    np.testing.assert_array_equal(found, shapely.distance(shapely.points(x, y), gap) <= 700)
    chords = ~shapely.contains_xy(shapely.buffer(covered, -700.0), x, y)
    assert (found & ~chords).sum() > 10  # what a buffer polygon would have cleared
    assert not (chords & ~found).any()
