"""Turbines of a run and the sites that they form along ridges."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from geo.grid import Grid
from geo.units import m2_to_mu
from siting.sites.params import Params

_M2_PER_HA = 1.0e4


@dataclass(frozen=True, slots=True, eq=False)
class Turbines:
    """Turbines of a run in raster order, and the sites that they form.

    Parameters
    ----------
    row, col
        Cell of each turbine, int64 (n,).
    x, y
        Centre of that cell, float64 (n,). [m]
    site
        Site of each turbine, 1..count, int32 (n,).
    ids
        Stable id of each turbine: ``wt-`` and the geohash of its lattice cell.
    value
        What the turbine was chosen by, float64 (n,): hours or height [h] or [m].
    bearing
        Way its ridge runs, 0-180, NaN where no one way, float64 (n,). [°]
    labels
        Site number of each cell, 0 = none, int32 (rows, cols).
    count
        Number of sites, numbered in raster order of their first turbine.
    rated_mw
        Rated power of one turbine. [MW]
    half_m
        Radius of the ground that is a turbine's own. [m]
    fewest
        Fewest turbines of a site.
    left_out
        Turbines that stand too far from others to form a site, or were dropped.
    text
        Rule by which they stand.
    """

    row: npt.NDArray[np.int64]
    col: npt.NDArray[np.int64]
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    site: npt.NDArray[np.int32]
    ids: tuple[str, ...]
    value: npt.NDArray[np.float64]
    bearing: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int32]
    count: int
    rated_mw: float
    half_m: float
    fewest: int
    left_out: int
    text: Say

    @property
    def per_site(self) -> npt.NDArray[np.int64]:
        """Number of turbines of each site, shape (count,)."""
        return np.bincount(self.site, minlength=self.count + 1)[1:].astype(np.int64)

    @property
    def capacity_mw(self) -> npt.NDArray[np.float64]:
        """Capacity of each site, shape (count,). [MW]."""
        return np.asarray(self.per_site * self.rated_mw, np.float64)

    @property
    def left_text(self) -> Say:
        """How many turbines found no site of the smallest size; both empty if none."""
        if self.left_out == 0:
            return Say("", "")
        n, least = self.left_out, self.fewest * self.rated_mw
        return Say(
            f"另有 {n} 台可布风机因连不成 {least:g} MW 的场址或噪声超限未列入",
            f"{n} more turbines fit but form no site of {least:g} MW or are over the noise limit",
        )

    def mean(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the mean over each site's turbines of one value a turbine, shape (count,)."""
        total = np.bincount(self.site, weights=values, minlength=self.count + 1)[1:]
        return np.asarray(total / self.per_site, np.float64)


def without(turbines: Turbines, drop: npt.NDArray[np.bool_], grid: Grid) -> Turbines:
    """Return the turbines without those that are dropped, sites numbered anew.

    A chain from whose middle a turbine goes stays one site; a site that becomes too small
    goes whole.

    Parameters
    ----------
    drop
        Turbines to go, shape (n,).
    grid
        Grid of the labels.
    """
    if not drop.any():
        return turbines
    left = np.bincount(turbines.site[~drop], minlength=turbines.count + 1)
    stays = left >= turbines.fewest
    stays[0] = False
    table = np.where(stays, np.cumsum(stays), 0).astype(np.int32)
    keep = ~drop & stays[turbines.site]
    labels = turbines.labels.copy()
    k = math.ceil(turbines.half_m / grid.dx)
    for t in np.flatnonzero(drop):
        row, col = int(turbines.row[t]), int(turbines.col[t])
        top, left_col = max(row - k, 0), max(col - k, 0)
        window = labels[top : row + k + 1, left_col : col + k + 1]
        r, c = np.ogrid[: window.shape[0], : window.shape[1]]
        near = (r + top - row) ** 2 + (c + left_col - col) ** 2 <= (turbines.half_m / grid.dx) ** 2
        window[near & (window == turbines.site[t])] = 0
    return replace(
        turbines,
        row=turbines.row[keep],
        col=turbines.col[keep],
        x=turbines.x[keep],
        y=turbines.y[keep],
        site=table[turbines.site[keep]],
        ids=tuple(one for one, stay in zip(turbines.ids, keep, strict=True) if stay),
        value=turbines.value[keep],
        bearing=turbines.bearing[keep],
        labels=table[labels],
        count=int(np.count_nonzero(stays)),
        left_out=turbines.left_out + int(np.count_nonzero(~keep)),
    )


def land_mu(
    turbines: Turbines, params: Params
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the permanent and the temporary land of each site, shape (count,). [亩].

    Parameters
    ----------
    params
        ``land_permanent`` and ``land_temporary`` [ha/MW].
    """
    area = turbines.capacity_mw * _M2_PER_HA
    permanent = m2_to_mu(area * params.number("land_permanent"))
    return permanent, m2_to_mu(area * params.number("land_temporary"))
