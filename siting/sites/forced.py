"""Named projects forced in: their ground becomes sites of their own, before candidates.

A project's polygon is what it is: prohibited and unbuildable ground stays in its footprint
and is judged like any other. A project that is real is never judged by a synthetic layer,
nor at a position that is not exact or surveyed (truth.md A1): :func:`unscreened` says so.
"""

from __future__ import annotations

import math
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from rasterio.features import rasterize
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from geo.errors import OptionError, Say, VectorError
from geo.grid import Grid
from siting.law.terms import COORD_QUALITY_ZH, SCREENABLE
from siting.sites.forced_file import read_forced

__all__ = ["STATUS", "beside", "put", "read_forced", "refuse_outside", "unscreened"]

#: ``status`` of a named project in the site frame.
STATUS: Final = "named"
_M2_PER_KM2: Final = 1.0e6


def put(
    labels: npt.NDArray[np.int32],
    count: int,
    forced: gpd.GeoDataFrame,
    grid: Grid,
    zones: npt.NDArray[np.uint8],
    mw_per_km2: float,
) -> tuple[npt.NDArray[np.int32], int, npt.NDArray[np.int64]]:
    """Return ``labels`` with the ground of each project as a site of its own.

    Called before candidates are grown on what is left (:func:`beside`).

    Parameters
    ----------
    labels
        Site number of each cell, 0 = none, shape (rows, cols); not changed.
    count
        Number of sites in ``labels``.
    forced
        Projects of one technology, of :func:`read_forced`.
    grid
        Grid of the labels.
    zones
        County number of each cell, 0 = outside; ground outside takes no part.
    mw_per_km2
        Density that gives a point its disc. [MW/km²]

    Returns
    -------
    labels, count
        With the projects as sites ``count + 1 ..`` in the order of ``forced``. Cells
        belong to a polygon that holds their centre; one too small to hold any takes the
        cell of its inner point. Of cells claimed twice the earlier project keeps them.
    numbers : int64 (len(forced),)
        Site number of each project.

    Raises
    ------
    VectorError
        If a project lies outside the region, or earlier ones leave it no ground.
    OptionError
        If the projects are in another CRS, or their ground carries sites already.
    """
    if not geo_crs.same_crs(forced.crs, grid.crs):
        raise OptionError(
            "sites",
            Say("指名项目与栅格坐标系不同", "projects and grid differ in CRS"),
            Say("用栅格的坐标系读取", "read them in the CRS of the grid"),
        )
    ground = _ground(forced, mw_per_km2)
    number = np.arange(1, len(forced) + 1)
    burnt = np.zeros(grid.shape, np.int32)
    if len(forced):  # later shapes overwrite: the last is burnt first
        pairs = [(shape, int(n)) for shape, n in zip(ground, number, strict=True)]
        burnt = rasterize(
            pairs[::-1], out_shape=grid.shape, transform=grid.transform, dtype="int32"
        )
    _small(burnt, forced, ground, grid)
    _check_inside(burnt, forced, zones)
    burnt[zones == 0] = 0
    if np.any((burnt > 0) & (labels > 0)):
        raise OptionError(
            "sites",
            Say("指名项目的用地上已有场址", "the ground of named projects carries sites"),
            Say("先放入指名项目，再生成候选", "put them in before candidates are grown"),
        )
    out = np.where(burnt > 0, burnt + np.int32(count), labels).astype(np.int32)
    return out, count + len(forced), (number + count).astype(np.int64)


def beside(
    labels: npt.NDArray[np.int32], count: int, grown: npt.NDArray[np.int32], more: int
) -> tuple[npt.NDArray[np.int32], int]:
    """Return the sites 1..count of ``labels`` and, after them, those of ``grown``.

    Parameters
    ----------
    labels, count
        Sites that stand, of :func:`put`.
    grown, more
        Sites grown on cells where ``labels`` is 0, and their number.
    """
    out = np.where(grown > 0, grown + np.int32(count), labels).astype(np.int32)
    return out, count + more


def refuse_outside(forced: gpd.GeoDataFrame, boundary: BaseGeometry) -> None:
    """Refuse projects that lie wholly outside the region, before anything is computed.

    Parameters
    ----------
    forced
        Of :func:`read_forced`.
    boundary
        Outline of the region in the same CRS.

    Raises
    ------
    VectorError
        Naming file and projects.
    """
    lost = forced.loc[~forced.geometry.intersects(boundary), "id"]
    if len(lost):
        few = "、".join(str(one) for one in lost[:8])
        raise VectorError(
            str(forced.attrs.get("source", "sites")),
            Say(f"项目 {few} 不在区域内", f"projects {few} lie outside the region"),
            Say("检查坐标系与位置，或删去该行", "check CRS and position, or remove them"),
        )


def unscreened(forced: gpd.GeoDataFrame, *, synthetic: bool) -> tuple[Say | None, ...]:
    """Return why each project carries no verdict, None where it may be judged.

    Parameters
    ----------
    forced
        Of :func:`read_forced`.
    synthetic
        The screening rests on a synthetic layer.
    """
    out: list[Say | None] = []
    for shape, quality in zip(forced.geometry, forced["coord_quality"], strict=True):
        if synthetic:
            out.append(
                Say(
                    "演示图层永不用于判定真实工程",
                    "demo layers never judge a real project",
                )
            )
        elif shape.geom_type == "Point":
            out.append(
                Say(
                    "只有点位，占地按容量推定，不足以筛查",
                    "a point alone: its ground is assumed, not fit for screening",
                )
            )
        elif quality not in SCREENABLE:
            out.append(
                Say(
                    f"坐标精度为“{COORD_QUALITY_ZH[quality]}”，不足以筛查",
                    f"position is {quality.replace('_', ' ')}: not fit for screening",
                )
            )
        else:
            out.append(None)
    return tuple(out)


def _ground(forced: gpd.GeoDataFrame, mw_per_km2: float) -> list[shapely.Geometry]:
    """Return the polygon of each project; a point has a disc of its capacity's area."""
    out = []
    for shape, mw in zip(forced.geometry, forced["capacity_mw"], strict=True):
        if shape.geom_type == "Point":
            area = float(mw) / mw_per_km2 * _M2_PER_KM2
            out.append(shape.buffer(math.sqrt(area / math.pi), quad_segs=32))
        else:
            out.append(shape)
    return out


def _small(
    burnt: npt.NDArray[np.int32],
    forced: gpd.GeoDataFrame,
    ground: list[shapely.Geometry],
    grid: Grid,
) -> None:
    """Give a project that holds no cell centre the cell of its inner point."""
    cells = np.bincount(burnt.ravel(), minlength=len(forced) + 1)
    for i in np.flatnonzero(cells[1:] == 0):
        inner = shapely.point_on_surface(ground[i])
        at = grid.rowcol(inner.x, inner.y)
        if at is not None and burnt[at] == 0:
            burnt[at] = i + 1


def _check_inside(
    burnt: npt.NDArray[np.int32], forced: gpd.GeoDataFrame, zones: npt.NDArray[np.uint8]
) -> None:
    inside = np.bincount(burnt[zones > 0].ravel(), minlength=len(forced) + 1)[1:]
    lost = [str(one) for one in forced["id"].to_numpy()[inside == 0]]
    if lost:
        few = "、".join(lost[:8])
        raise VectorError(
            str(forced.attrs.get("source", "sites")),
            Say(
                f"项目 {few} 不在区域内，或用地已被前面的项目占去",
                f"projects {few} lie outside the region or on the ground of earlier ones",
            ),
            Say("检查坐标系与位置，或删去该行", "check CRS and position, or remove them"),
        )
