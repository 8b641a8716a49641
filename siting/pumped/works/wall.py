"""Dam along the border of a catchment: the wall of cell edges where no straight axis is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, MultiLineString

from geo.grid import Grid
from siting.pumped.works.model import Profile

Bools = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Edges between cells of a catchment and their neighbours outside it.

    Parameters
    ----------
    ends
        (x0, y0, x1, y1) of each, (n, 4). [m]
    base_m
        Higher ground of the two cells, (n,). [m]
    inner, outer
        Flat numbers of the two cells in their window, (n,).
    """

    ends: Float64
    base_m: Float64
    inner: npt.NDArray[np.int64]
    outer: npt.NDArray[np.int64]

    def take(self, which: Bools) -> Edges:
        """Return some of the edges."""
        return Edges(self.ends[which], self.base_m[which], self.inner[which], self.outer[which])

    @property
    def length_m(self) -> Float64:
        """Length of each edge. [m]."""
        return np.hypot(self.ends[:, 2] - self.ends[:, 0], self.ends[:, 3] - self.ends[:, 1])


def border_edges(inside: Bools, z: npt.NDArray[np.float32], grid: Grid) -> Edges:
    """Return the edges between ``inside`` and the rest of a window that know both grounds."""
    t, rows, cols = grid.transform, *inside.shape
    ends, base, inner, outer = [], [], [], []
    for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        r, c = np.nonzero(inside)
        r1, c1 = r + dr, c + dc
        there = (r1 >= 0) & (r1 < rows) & (c1 >= 0) & (c1 < cols)
        r, c, r1, c1 = r[there], c[there], r1[there], c1[there]
        out = ~inside[r1, c1] & ~np.isnan(z[r1, c1])
        r, c, r1, c1 = r[out], c[out], r1[out], c1[out]
        # the edge between two cells: one corner is common to both ways of going along it
        x = t.c + np.maximum(c, c1) * t.a
        y = t.f + np.maximum(r, r1) * t.e
        ends.append(np.column_stack([x, y, x + (dr != 0) * t.a, y + (dc != 0) * t.e]))
        base.append(np.maximum(z[r, c], z[r1, c1]))
        inner.append(r * cols + c)
        outer.append(r1 * cols + c1)
    return Edges(
        np.concatenate(ends).astype(np.float64),
        np.concatenate(base).astype(np.float64),
        np.concatenate(inner).astype(np.int64),
        np.concatenate(outer).astype(np.int64),
    )


def wall_at(edges: Edges, foot: tuple[float, float], crest_m: float) -> tuple[Any, Edges]:
    """Return the wall that passes the foot, and its edges.

    Parameters
    ----------
    foot
        Centre of the foot's cell (x, y). [m]
    crest_m
        Edges on lower ground carry the wall. [m]
    """
    low = edges.base_m < crest_m
    lines = [LineString(one.reshape(2, 2)) for one in edges.ends[low]]
    if not lines:
        return LineString(), edges.take(low)
    merged = shapely.line_merge(MultiLineString(lines))
    pieces = list(merged.geoms) if isinstance(merged, MultiLineString) else [merged]
    near = min(pieces, key=lambda one: one.distance(shapely.Point(foot)))
    middles = shapely.points(
        (edges.ends[:, 0] + edges.ends[:, 2]) / 2, (edges.ends[:, 1] + edges.ends[:, 3]) / 2
    )
    part = low & (shapely.distance(middles, near) < 1e-6)
    return near, edges.take(part)


def wall_profile(
    line: Any, edges: Edges, water: Any, crest_m: float, normal_m: float, dead_m: float
) -> tuple[Any, Profile]:
    """Return the wall left bank first and the ground below it.

    Parameters
    ----------
    line
        The wall.
    water
        Any point on the lake's side: it lies to the right of a wall that runs from the left
        bank, looking downstream.
    crest_m, normal_m, dead_m
        Levels of the crest and of the lake. [m]
    """
    ends = np.asarray(line.coords)
    across = ends[-1] - ends[0]
    towards = np.array([water.x, water.y]) - ends[0]
    if across[0] * towards[1] - across[1] * towards[0] > 0:
        line = line.reverse()
    middles = shapely.points(
        (edges.ends[:, 0] + edges.ends[:, 2]) / 2, (edges.ends[:, 1] + edges.ends[:, 3]) / 2
    )
    at = shapely.line_locate_point(line, middles)
    order = np.argsort(at, kind="stable")
    half = edges.length_m[order] / 2
    s = np.column_stack([at[order] - half, at[order] + half]).ravel()
    ground = np.repeat(edges.base_m[order], 2)
    return line, Profile(s, ground, crest_m, normal_m, dead_m)


def wall_footprint(edges: Edges, crest_m: float, crest_width_m: float, batter: float) -> Any:
    """Return the ground under a wall: each edge wide as its height asks, both faces alike.

    Parameters
    ----------
    batter
        Mean batter of the two faces, horizontal to 1 vertical. [-]
    """
    lines = shapely.linestrings(edges.ends.reshape(-1, 2, 2))
    half = crest_width_m / 2 + batter * np.maximum(crest_m - edges.base_m, 0.0)
    return shapely.union_all(shapely.buffer(lines, half))
