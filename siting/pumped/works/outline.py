"""Outline of a lake: cells to polygon, smoothed like a shore, its area kept."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from rasterio.features import shapes
from shapely.geometry import MultiPolygon, Polygon

from geo.grid import Grid

#: Largest deviation of the drawn area from that of the cells. [-]
AREA_KEPT: Final = 0.01
#: A staircase of cells lies within this distance of the line through its steps. [cell]
_STAIR: Final = 0.75
#: Bridge between cells that touch by a corner: a gully may run diagonally. [cell]
_BRIDGE: Final = 0.05
_CUTS: Final = 2
_ROUNDS: Final = 6


def cell_outline(mask: npt.NDArray[np.bool_], grid: Grid) -> Any:
    """Return the cells of a mask as a polygon along their edges.

    Cells that touch by a corner are joined, so that one lake is one polygon.

    Parameters
    ----------
    mask
        bool (rows, cols).
    grid
        Grid of the mask.
    """
    found = shapes(mask.view(np.uint8), mask=mask, connectivity=4, transform=grid.transform)
    pieces = [_polygon(one["coordinates"]) for one, _ in found]
    if len(pieces) < 2:
        return pieces[0] if pieces else Polygon()
    bridge = _BRIDGE * min(grid.dx, grid.dy)
    return shapely.union_all([one.buffer(bridge, join_style="mitre") for one in pieces])


def _polygon(rings: Any) -> Any:
    """Return the polygon of a shell and its holes."""
    shell, *holes = [shapely.linearrings(np.array(one, np.float64)) for one in rings]
    return shapely.polygons(shell, holes) if holes else shapely.polygons(shell)


def lake_outline(
    mask: npt.NDArray[np.bool_], grid: Grid, dry: Any | None = None, cells: float | None = None
) -> Any:
    """Return a lake's shore: smooth, with the area of its cells to :data:`AREA_KEPT`.

    Parameters
    ----------
    mask
        Water cells, bool (rows, cols).
    grid
        Grid of the mask.
    dry
        Ground that the outline must keep off (below the dam), in the grid's CRS.
    cells
        Area to keep where cells are cut by the dam; all cells of the mask when None. [cell]
    """
    wanted = (float(mask.sum()) if cells is None else cells) * grid.dx * grid.dy
    blocky = cell_outline(mask, grid)
    smooth = _smoothed(blocky, min(grid.dx, grid.dy))
    for candidate in (smooth, blocky):
        fitted = _fitted(candidate, wanted, dry)
        if abs(fitted.area - wanted) <= AREA_KEPT * wanted:
            return fitted
    return blocky


def _fitted(outline: Any, wanted: float, dry: Any | None) -> Any:
    """Return the outline moved out or in until it holds the wanted area [m²]."""
    fitted = _without(outline, dry)
    grown = 0.0
    for _ in range(_ROUNDS):
        if fitted.is_empty or abs(fitted.area - wanted) <= 0.1 * AREA_KEPT * wanted:
            break
        grown += (wanted - fitted.area) / fitted.length
        fitted = _without(outline.buffer(grown, join_style="mitre", mitre_limit=2.0), dry)
    return fitted


def _without(outline: Any, dry: Any | None) -> Any:
    left = outline if dry is None else shapely.difference(outline, dry)
    if isinstance(left, (Polygon, MultiPolygon)):
        return left
    return MultiPolygon([one for one in getattr(left, "geoms", ()) if isinstance(one, Polygon)])


def _smoothed(outline: Any, cell: float) -> Any:
    """Return the outline without its stairs, corners cut."""
    plain = outline.simplify(_STAIR * cell)
    parts = plain.geoms if isinstance(plain, MultiPolygon) else [plain]
    cut = [
        Polygon(_cut(one.exterior), [_cut(ring) for ring in one.interiors])
        for one in parts
        if not one.is_empty
    ]
    smooth = shapely.union_all([one if one.is_valid else one.buffer(0) for one in cut])
    return outline if smooth.is_empty else smooth


def _cut(ring: Any) -> npt.NDArray[np.float64]:
    """Return a ring with its corners cut at a quarter of their sides (Chaikin)."""
    points = shapely.get_coordinates(ring)[:-1]
    for _ in range(_CUTS):
        after = np.concatenate([points[1:], points[:1]])
        cut = np.empty((2 * len(points), 2))
        cut[0::2] = 0.75 * points + 0.25 * after
        cut[1::2] = 0.25 * points + 0.75 * after
        points = cut
    return np.concatenate([points, points[:1]])
