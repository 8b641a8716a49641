"""Named projects of one technology in a run: those that are judged, those that are only told.

A project whose position or layers do not allow a verdict (truth.md A1) keeps its ground, so
that no candidate takes it, and stands in the frame with what its file says and the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from geo.errors import Say
from geo.grid import Grid
from siting.law.terms import Technology
from siting.sites.forced import beside, put, unscreened


@dataclass(frozen=True, slots=True, eq=False)
class Projects:
    """Named projects of one technology.

    Parameters
    ----------
    judged
        Rows that are sites like any other.
    told
        Rows without a verdict; ``why`` says why, one each.
    inside
        Share of the ground of each judged project that lies in the region. [0-1]
    """

    judged: gpd.GeoDataFrame
    told: gpd.GeoDataFrame
    why: tuple[Say, ...]
    inside: npt.NDArray[np.float64]

    @property
    def stated(self) -> npt.NDArray[np.bool_]:
        """Whether the file gives the capacity of each judged project, (len(judged),)."""
        return np.asarray(np.isfinite(self.judged["capacity_mw"].to_numpy(np.float64)))

    def ground(
        self, grid: Grid, zones: npt.NDArray[np.uint8], mw_per_km2: float
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """Return the labels of the judged projects, and the cells that all projects take.

        Raises
        ------
        VectorError
            If a project lies outside the region, or earlier ones leave it no ground.
        """
        empty = np.zeros(grid.shape, np.int32)
        labels, _, _ = put(empty, 0, self.judged, grid, zones, mw_per_km2)
        whole, _, _ = put(empty, 0, self.told, grid, zones, mw_per_km2)
        return labels, (labels > 0) | (whole > 0)


def projects_of(
    forced: gpd.GeoDataFrame | None,
    technology: Technology,
    *,
    synthetic: bool,
    boundary: BaseGeometry | None = None,
) -> Projects | None:
    """Return the projects of a technology, None without any.

    Parameters
    ----------
    forced
        Of :func:`siting.sites.forced.read_forced`.
    synthetic
        The screening rests on a synthetic layer.
    boundary
        Outline of the region in the CRS of ``forced``; None = everything lies inside.
    """
    if forced is None:
        return None
    mine = forced[forced["technology"] == technology.value].reset_index(drop=True)
    if mine.empty:
        return None
    why = unscreened(mine, synthetic=synthetic)
    free = np.array([one is None for one in why], bool)
    judged = mine[free].reset_index(drop=True)
    return Projects(
        judged,
        mine[~free].reset_index(drop=True),
        tuple(one for one in why if one is not None),
        _inside(judged, boundary),
    )


def _inside(judged: gpd.GeoDataFrame, boundary: BaseGeometry | None) -> npt.NDArray[np.float64]:
    if boundary is None:
        return np.ones(len(judged))
    whole = judged.geometry.area.to_numpy(np.float64)
    within = judged.geometry.intersection(boundary).area.to_numpy(np.float64)
    share = np.ones(len(judged))
    np.divide(within, whole, out=share, where=whole > 0)
    return share


def with_projects(
    projects: Projects | None,
    labels: npt.NDArray[np.int32],
    grown: npt.NDArray[np.int32],
    count: int,
) -> tuple[npt.NDArray[np.int32], int]:
    """Return the judged projects as sites 1.., and after them the ``count`` grown ones."""
    if projects is None or projects.judged.empty:
        return grown, count
    return beside(labels, len(projects.judged), grown, count)
