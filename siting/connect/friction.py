"""Friction of lines and roads: slope, land cover, wide water and law, on one route grid.

Friction chooses where a route runs and is never money: published prices per kilometre are of
mountain lines already. One prohibited fine cell bars the whole cell of the route grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from affine import Affine

from geo.distance import within
from geo.grid import Grid
from siting.connect._kernels import merge
from siting.law.patterns import OUTSIDE
from siting.law.terms import Verdict
from siting.law.verdict import Judgement
from siting.sites.ground import Ground
from siting.sites.params import Params

Float32 = npt.NDArray[np.float32]

_TREES: Final = (3, 9)  # tree and bamboo forest
_WATER: Final = 6
_BUILT: Final = 7
_NO_COVER: Final = np.empty((0, 0), np.uint8)
_NO_SLOPE: Final = np.empty((0, 0), np.float32)


@dataclass(frozen=True, slots=True)
class RouteGrid:
    """Grid of the routes: ``size`` x ``size`` cells of the run's grid make one of its own."""

    grid: Grid
    size: int


def route_grid(grid: Grid, cell_m: float) -> RouteGrid:
    """Return the grid of whole cells that comes closest to ``cell_m`` [m] from below."""
    size = max(int(cell_m / min(grid.dx, grid.dy) + 1e-6), 1)
    t = grid.transform
    wide = Affine(t.a * size, 0, t.c, 0, t.e * size, t.f)
    shape = (-(-grid.rows // size), -(-grid.cols // size))
    return RouteGrid(Grid(grid.crs, wide, shape), size)


def line_friction(
    ground: Ground, judgement: Judgement, params: Params, route: RouteGrid
) -> Float32:
    """Return the friction of a line. [-], infinite where it may not or cannot run.

    Parameters
    ----------
    judgement
        Of the component that the line is (collector line or transmission).
    params
        Of group ``connect``.
    """
    percent = np.tan(np.radians(_degrees())) * 100.0
    slope = np.ones(percent.size)
    slope[percent >= params.number("line_hill_pct")] = params.number("line_hill")
    slope[percent >= params.number("line_mountain_pct")] = params.number("line_mountain")
    return _friction(ground, judgement, params, route, slope, "line")


def road_friction(
    ground: Ground, judgement: Judgement, params: Params, route: RouteGrid
) -> Float32:
    """Return the friction of an access road. [-], infinite where it may not or cannot run."""
    degrees = _degrees()
    percent = np.tan(np.radians(np.minimum(degrees, 89.0))) * 100.0
    slope = 1.0 + (percent / params.number("road_slope_pct")) ** 2
    slope[degrees > params.number("road_slope_max_deg")] = np.inf
    return _friction(ground, judgement, params, route, slope, "road")


def law_factors(judgement: Judgement, params: Params) -> Float32:
    """Return the factor of each pattern number, the outside of the region included."""
    unknown = params.number("law_unknown")
    barred = params["law_prohibited"].value
    by_verdict = np.ones(len(Verdict))
    by_verdict[Verdict.PROHIBITED] = np.inf if barred is None else barred
    by_verdict[Verdict.UNKNOWN] = unknown
    by_verdict[Verdict.ROUTE] = params.number("law_route")
    by_verdict[Verdict.LIMITED_ACTIVITY] = params.number("law_limited")
    factors = np.full(OUTSIDE + 1, unknown, np.float32)
    found = by_verdict[judgement.verdict]
    found[judgement.unbuildable] = np.inf
    factors[: found.size] = found
    return factors


def _degrees() -> npt.NDArray[np.float64]:
    """Return the middle of each class of the slope table. [°]."""
    return (np.arange(90 * merge.FINE) + 0.5) / merge.FINE


def _friction(
    ground: Ground,
    judgement: Judgement,
    params: Params,
    route: RouteGrid,
    slope: npt.NDArray[np.float64],
    kind: str,
) -> Float32:
    by_cover = np.ones(256, np.float32)
    by_cover[list(_TREES)] = params.number(f"{kind}_forest")
    by_cover[_BUILT] = params.number(f"{kind}_built")
    by_cover[_WATER] = params.number(f"{kind}_water")
    # where the slope is unknown the ground counts as the dearest that can be crossed
    unknown = slope.max(where=np.isfinite(slope), initial=1.0)
    by_slope = np.append(slope, unknown).astype(np.float32)
    cover = _NO_COVER
    layer = ground.stack.get("land_cover")
    if layer is not None:
        cover = np.ascontiguousarray(layer.raster().values, np.uint8)
    friction = np.empty(route.grid.shape, np.float32)
    merge.merge(
        np.ascontiguousarray(ground.table.index),
        cover,
        _NO_SLOPE if ground.terrain is None else ground.terrain.slope_deg,
        law_factors(judgement, params),
        by_cover,
        by_slope,
        route.size,
        friction,
    )
    if cover.size:
        _bar_wide_water(friction, cover, route, params.number(f"{kind}_span_m"))
    return friction


def _bar_wide_water(
    friction: Float32, cover: npt.NDArray[np.uint8], route: RouteGrid, span_m: float
) -> None:
    """Bar the water that lies farther from land than half a span reaches."""
    middle = route.size // 2
    rows = np.minimum(np.arange(route.grid.rows) * route.size + middle, cover.shape[0] - 1)
    cols = np.minimum(np.arange(route.grid.cols) * route.size + middle, cover.shape[1] - 1)
    land = cover[np.ix_(rows, cols)] != _WATER
    # the shore lies half a cell before the centre of the nearest land cell
    near = within(land, route.grid, span_m / 2 + max(route.grid.dx, route.grid.dy) / 2)
    friction[~near] = np.inf
