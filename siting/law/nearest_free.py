"""The nearest cell that a component may have: searched in rings until it is proven nearest.

Free is the land that a run calls eligible (可用) for new works
(:func:`siting.law.judgement.eligible_patterns`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.crs import lonlat
from geo.errors import Say
from geo.grid import Grid
from siting.law.compass import bearing_deg, metres, wind
from siting.law.judgement import Judgement, eligible_patterns

#: Half width of the first ring, in cells.
_FIRST = 8


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest free cell, or the distance within which there is none.

    Parameters
    ----------
    distance_m
        From the point to the centre of the cell; None where none was found. [m]
    bearing_deg
        Clockwise from grid north. [°]
    lonlat
        Centre of the cell. [°]
    verdict
        What the law says there.
    searched_m
        Distance that was searched to the end; infinite when the whole region was. [m]
    """

    distance_m: float | None
    bearing_deg: float | None
    lonlat: tuple[float, float] | None
    verdict: Say
    searched_m: float

    def text(self) -> Say:
        """Return e.g. ``向东北 1230 m（110.79120, 32.62100）：需审批``."""
        if self.distance_m is None or self.bearing_deg is None or self.lonlat is None:
            if math.isinf(self.searched_m):
                return Say("区域内没有", "none in the region")
            far = metres(self.searched_m)
            return Say(f"{far} 内没有", f"none within {far}")
        to, far = wind(self.bearing_deg), metres(self.distance_m)
        lon, lat = self.lonlat
        return Say(
            f"向{to.zh} {far}（{lon:.5f}, {lat:.5f}）：{self.verdict.zh}",
            f"{far} {to.en} ({lon:.5f}, {lat:.5f}): {self.verdict.en}",
        )


def nearest_free(
    index: npt.NDArray[np.uint16],
    judgement: Judgement,
    grid: Grid,
    x: float,
    y: float,
    limit_m: float = math.inf,
) -> Nearest:
    """Return the free cell whose centre is nearest to a point.

    Parameters
    ----------
    index
        uint16 (rows, cols): pattern of each cell, 65535 outside the region.
    judgement
        Of the component as new works, over the same patterns.
    grid
        Grid of ``index``.
    x, y
        The point. [m]
    limit_m
        Distance up to which the window holds every cell of the region; a cell farther away
        might not be the nearest. Infinite when the window is the whole region. [m]
    """
    lookup = np.zeros(1 << 16, np.bool_)
    lookup[: judgement.verdict.size] = eligible_patterns(judgement)
    t = grid.transform
    row, col = (t.f - y) / grid.dy - 0.5, (x - t.c) / grid.dx - 0.5
    half = _FIRST
    while True:
        top, left = max(math.floor(row) - half, 0), max(math.floor(col) - half, 0)
        bottom = min(math.ceil(row) + half + 1, grid.rows)
        right = min(math.ceil(col) + half + 1, grid.cols)
        rows, cols = np.nonzero(lookup[index[top:bottom, left:right]])
        whole = (top, left, bottom, right) == (0, 0, grid.rows, grid.cols)
        if rows.size:
            away = np.hypot((rows + top - row) * grid.dy, (cols + left - col) * grid.dx)
            best = int(np.argmin(away))  # the northernmost, westernmost of equals
            far = float(away[best])
            if far > limit_m:
                return _none(limit_m)
            if whole or far <= half * min(grid.dx, grid.dy):
                return _at(
                    index, judgement, grid, (int(rows[best]) + top, int(cols[best]) + left), x, y
                )
        if whole:
            return _none(limit_m)
        half *= 2


def _at(
    index: npt.NDArray[np.uint16], judgement: Judgement, grid: Grid, cell: tuple[int, int],
    x: float, y: float,
) -> Nearest:  # fmt: skip
    x1, y1 = grid.xy(*cell)
    lon, lat = lonlat(grid.crs, x1, y1)
    return Nearest(
        math.hypot(x1 - x, y1 - y),
        bearing_deg(x, y, x1, y1),
        (float(lon), float(lat)),
        judgement.text(int(index[cell])),
        math.hypot(x1 - x, y1 - y),
    )


def _none(limit_m: float) -> Nearest:
    return Nearest(None, None, None, Say("", ""), limit_m)
