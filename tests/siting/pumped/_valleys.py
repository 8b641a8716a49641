"""Valleys whose lakes and dams have closed forms: V, trapezoid, half cone, half paraboloid.

The foot of the dam is the origin; x runs along the dam, y up the valley. Beyond the shape the
ground falls away, so that every catchment is whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from affine import Affine

from geo.grid import Grid
from geo.hydrology import drainage
from siting.pumped.dams.find import find_dams
from siting.pumped.dams.model import Cap
from siting.pumped.dams.section import parameters

BASE = 3000.0
WIDTH, SLOPE, FREEBOARD = 10.0, 1.4, 1.5
LOOSE = {
    "dam.gully_min_km2": 0.01, "dam.min_ratio": 0.001, "dam.min_volume_mm3": 0.05,
    "dam.suppress_m": 0.0, "dam.dam_max_m": 60.0,
}  # fmt: skip


def free(grid):
    """Return caps that bar nothing."""
    cap = Cap(np.zeros(grid.shape, np.uint8), ())
    return cap, cap


def grid_of(rows, cols, cell=5.0):
    return Grid("EPSG:4546", Affine(cell, 0, 500_000, 0, -cell, 3_600_000), (rows, cols))


@dataclass(frozen=True)
class Valley:
    """Ground of a valley, and closed forms for a level h and a crest c above the foot."""

    ground: Callable
    volume: Callable
    area: Callable
    dam: Callable
    crest: Callable


def _fold(distance, reach):
    """Let the ground fall beyond ``reach``, as far below the foot at most."""
    return np.maximum(np.minimum(distance, 2 * reach - distance), -reach)


def _body(y):
    """Integral of the section w y + m y² over a side whose ground rises by 1 a metre."""
    return WIDTH * y**2 / 2 + SLOPE * y**3 / 3


def vee(side=0.4, bed=0.05):
    return Valley(
        lambda x, y: bed * _fold(y, 1500) + side * _fold(abs(x), 600),
        lambda h: h**3 / (3 * bed * side), lambda h: h**2 / (bed * side),
        lambda c: 2 * _body(c) / side, lambda c: 2 * c / side,
    )  # fmt: skip


def trapezoid(inner=0.08, outer=0.6, half=100.0, bed=0.03):
    """A wide bed between steeper sides; it dips to its middle, so that water finds the foot."""
    knee = inner * half

    def ground(x, y):
        x = _fold(abs(x), 500)
        return bed * _fold(y, 1900) + np.where(x < half, inner * x, knee + outer * (x - half))

    def over(d):
        return max(d - knee, 0.0), min(d, knee)

    def area(d):
        e, d = over(d)
        return (d**2 / inner + 2 * half * e + e**2 / outer) / bed

    def volume(d):
        e, d = over(d)
        return (d**3 / (3 * inner) + knee * half * e + half * e**2 + e**3 / (3 * outer)) / bed

    def dam(c):
        e, _ = over(c)
        return 2 * ((_body(c) - _body(e)) / inner + _body(e) / outer)

    def crest(c):
        e, c = over(c)
        return 2 * (c / inner + e / outer)

    return Valley(ground, volume, area, dam, crest)


def _before(bowl, x, y, sides, bed=0.04):
    """Put a bowl above a valley with its own section at the dam."""
    return np.where(y >= 0, bowl, sides + bed * y)


def cone(k=0.3):
    """Half a cone, its tip at the foot."""
    return Valley(
        lambda x, y: _before(k * _fold(np.hypot(x, y), 450), x, y, k * _fold(abs(x), 450)),
        lambda h: math.pi * h**3 / (6 * k**2), lambda h: math.pi * h**2 / (2 * k**2),
        lambda c: 2 * _body(c) / k, lambda c: 2 * c / k,
    )  # fmt: skip


def paraboloid(a=0.003):
    """Half a bowl z = a (x² + y²), its lowest point at the foot; for cells of 10 m.

    The bed below the dam is almost level, or the level tip of the bowl would leak past the foot.
    """

    def ground(x, y):
        bowl, sides = _fold(np.hypot(x, y), 300), _fold(abs(x), 300)
        return _before(a * bowl * abs(bowl), x, y, a * sides * abs(sides), 0.01)

    return Valley(
        ground,
        lambda h: math.pi * h**2 / (4 * a), lambda h: math.pi * h / (2 * a),
        lambda c: math.sqrt(c / a) * (WIDTH * 4 / 3 * c + SLOPE * 16 / 15 * c**2),
        lambda c: 2 * math.sqrt(c / a),
    )  # fmt: skip


def modelled(valley, degrees=0.0, cell=5.0, reach=(2100, 700, 1300), foot=0.0, **changes):
    """Return the site at the foot of a valley whose dam runs ``degrees`` clockwise from east.

    ``reach`` is how far the data go up the valley, down it, and to the sides. [m]
    """
    up, down, aside = reach
    far = math.hypot(up, aside) if degrees % 90 else max(up, aside, down)
    half = int(far / cell)
    grid = grid_of(2 * half + 1, 2 * half + 1, cell)
    row, col = np.indices(grid.shape)
    east, south = (col - half) * cell, (row - half) * cell
    angle = math.radians(degrees)
    x = east * math.cos(angle) + south * math.sin(angle)
    y = east * math.sin(angle) - south * math.cos(angle)
    dem = (BASE + foot + valley.ground(x, y)).astype(np.float32)
    drained = drainage(dem, grid)
    sites, audit = find_dams(drained, dem, None, free(grid), parameters({**LOOSE, **changes}))
    here = np.flatnonzero((sites.row == half) & (sites.col == half))
    where = (audit.row == half) & (audit.col == half)
    return sites, (int(here[0]) if here.size else None), audit.reason[where]
