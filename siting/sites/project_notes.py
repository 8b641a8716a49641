"""What has to be said of a judged project: ground outside the region, counties, no slope."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.law.judgement import ELIGIBLE
from siting.sites.footprint import M2_PER_HA, SiteLaw
from siting.sites.ground import Ground
from siting.sites.projects import Projects

#: What digitising and the edge of cells leave over is not worth a word. [0-1]
_LEAST_SHARE: Final = 0.005
#: A project that the law does not allow as it lies is no supply.
NOT_COUNTED: Final = Say(
    "占地未全部可用，不计入供给曲线", "not all of the ground is usable: no part of the supply curve"
)


def project_notes(
    projects: Projects, labels: npt.NDArray[np.int32], ground: Ground, law: SiteLaw
) -> tuple[tuple[Say, ...], ...]:
    """Return what a reader must know of each judged project, in their order.

    Parameters
    ----------
    projects
        Named projects of the technology.
    labels
        Site number of each cell; the judged projects are 1.. in their order.
    ground
        Land of the run.
    law
        Legal reading of all sites, the projects first.
    """
    n = len(projects.judged)
    by_county = _county_areas(labels, ground, n)
    area = np.maximum(by_county.sum(axis=1), 1e-9)
    out = []
    for i in range(n):
        said = (
            outside_text(float(projects.inside[i]), stated=bool(projects.stated[i])),
            _counties(by_county[i] / M2_PER_HA, ground.counties),
            _untold(float(law.untold_m2[i]), float(area[i]), stated=bool(projects.stated[i])),
            None if law.verdict[i] in ELIGIBLE else NOT_COUNTED,
        )
        out.append(tuple(one for one in said if one is not None))
    return tuple(out)


def outside_text(inside: float, *, stated: bool) -> Say | None:
    """Return that a project reaches out of the region, None where it does not.

    Parameters
    ----------
    inside
        Share of its ground in the region. [0-1]
    stated
        The file gives its capacity.
    """
    if inside > 1.0 - _LEAST_SHARE:
        return None
    share = f"{(1.0 - inside) * 100:.3g} %"
    power = (
        Say("容量是文件所填的全项目容量", "the capacity is that of the whole project")
        if stated
        else Say("容量只计区域内部分", "the capacity is that of the part inside")
    )
    return Say(
        f"占地的 {share} 在区域外，未判定；面积与结论只及区域内部分，{power.zh}",
        f"{share} of the ground lies outside the region and is not judged: area and verdict "
        f"hold the part inside, {power.en}",
    )


def _county_areas(labels: npt.NDArray[np.int32], ground: Ground, n: int) -> npt.NDArray[np.float64]:
    """Return the area of each project in each county, (n, counties + 1). [m²]."""
    zones = len(ground.counties) + 1
    spots = np.nonzero((labels > 0) & (labels <= n))
    cell = (labels[spots].astype(np.int64) - 1) * zones + ground.zones[spots]
    total = np.bincount(cell, weights=ground.cell_area[spots], minlength=n * zones)
    return np.asarray(total.reshape(n, zones), np.float64)


def _counties(hectares: npt.NDArray[np.float64], names: tuple[str, ...]) -> Say | None:
    held = [zone for zone in np.argsort(-hectares, kind="stable").tolist() if hectares[zone] > 0]
    if len(held) < 2:
        return None
    parts = [f"{names[zone - 1]} {hectares[zone]:.1f}" for zone in held]
    return Say(
        f"跨县：{'、'.join(f'{one} 公顷' for one in parts)}",
        f"in several counties: {', '.join(f'{one} ha' for one in parts)}",
    )


def _untold(area: float, whole: float, *, stated: bool) -> Say | None:
    if area <= _LEAST_SHARE * whole:
        return None
    ha = f"{area / M2_PER_HA:.1f}"
    told = Say(
        f"{ha} 公顷没有坡度，能否建设不明", f"{ha} ha have no slope: whether buildable is not known"
    )
    if stated:
        return told
    return Say(
        f"{told.zh}，容量按其余占地的密度", f"{told.en}; the capacity takes the density of the rest"
    )
