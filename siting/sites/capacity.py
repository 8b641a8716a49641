"""Capacity by area: of patterns, of sites, of a project whose file gives none."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say, VectorError
from siting.sites.ground import Ground
from siting.sites.projects import Projects

M2_PER_KM2: Final = 1.0e6


def pattern_mw(ground: Ground, density: npt.NDArray[np.float32] | float) -> npt.NDArray[np.float64]:
    """Return the capacity of each pattern by county, [zones (without 0), n]. [MW]."""
    area = ground.table.area_m2[1:] / M2_PER_KM2
    if isinstance(density, float):
        return np.asarray(area * density)
    spots = np.nonzero(ground.zones)
    n, zones = ground.table.n, area.shape[0]
    mw = np.nan_to_num(density[spots]) * ground.cell_area[spots] / M2_PER_KM2
    cell = (ground.zones[spots].astype(np.int64) - 1) * n + ground.table.index[spots]
    total = np.bincount(cell, weights=mw, minlength=zones * n)[: zones * n]
    return np.asarray(total.reshape(zones, n), np.float64)


def site_mw(
    ground: Ground,
    labels: npt.NDArray[np.int32],
    count: int,
    density: npt.NDArray[np.float32] | float,
) -> npt.NDArray[np.float64]:
    """Return the capacity of each site [MW]; cells without a density take that of the rest."""
    spots = np.nonzero(labels)
    per_km2 = density if isinstance(density, float) else np.nan_to_num(density[spots])
    mw = ground.cell_area[spots] / M2_PER_KM2 * per_km2
    site = labels[spots]
    total = np.bincount(site, weights=mw, minlength=count + 1)[1 : count + 1].astype(np.float64)
    bare = np.asarray(per_km2) == 0
    if bare.any():  # a named project alone: candidates grow where the density is known
        area = np.bincount(site, weights=ground.cell_area[spots], minlength=count + 1)
        none = np.bincount(site[bare], weights=ground.cell_area[spots][bare], minlength=count + 1)
        known = area[1 : count + 1] - none[1 : count + 1]
        with np.errstate(invalid="ignore", divide="ignore"):
            scaled = total * area[1 : count + 1] / known
        total = np.where(none[1 : count + 1] > 0, np.where(total > 0, scaled, np.nan), total)
    return total


def refuse_unsized(projects: Projects, mw: npt.NDArray[np.float64]) -> None:
    """Refuse a project whose capacity neither its file nor its ground tells."""
    bare = projects.judged.loc[~(mw > 0), "id"]
    if len(bare):
        few = "、".join(str(one) for one in bare[:8])
        raise VectorError(
            str(projects.judged.attrs.get("source", "sites")),
            Say(
                f"项目 {few} 没有容量，占地又没有坡度，推不出容量",
                f"projects {few} have no capacity, and no slope to reckon it from",
            ),
            Say("填 capacity_mw（交流）", "fill in capacity_mw (AC)"),
        )
