"""What a standing reservoir brings to a storage plant: levels, a curve, an owner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from geo.errors import Say
from geo.passport import Passport
from geo.sourced import Sourced

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LevelVolume:
    """Level and usable volume of a lake between dead and normal level.

    Parameters
    ----------
    level_m
        Ascending, (k,), first = dead level (or the lowest level that is known), last =
        normal level. [m]
    usable_m3
        Volume above the first level, (k,), starts at 0. [m³]
    how
        公布库容推算, 按湖面面积估算, 由 DEM 量算 ...: where the curve comes from.
    """

    level_m: Float64
    usable_m3: Float64
    how: Say


@dataclass(frozen=True, slots=True, eq=False)
class ExistingLake:
    """A reservoir that stands, or an old pit that could hold water.

    Parameters
    ----------
    name
        As in the layer.
    kind
        ``reservoir`` or ``mine``.
    geometry
        Outline in the grid's CRS.
    area_m2
        Ellipsoidal area of the outline. [m²]
    normal_m, dead_m
        Levels; a missing dead level stays missing. [m]
    curve
        Level against usable volume.
    borrow_m3
        Volume that storage may move, at most; a share of the active volume. [m³]
    dead_known
        False: the drawdown rests on the surface alone and says so.
    owner
        As published or in the user's layer; empty = 未核查.
    project
        Id of the named hydropower plant of the same reservoir, or empty.
    shore
        Points along the outline, at most ``lake.shore_step_m`` apart, (k, 2). [m]
    notes
        Conflicts, what is inferred, whether the lake was filled before the DEM was taken.
    """

    name: str
    kind: str
    geometry: BaseGeometry
    area_m2: float
    normal_m: Sourced
    dead_m: Sourced
    curve: LevelVolume
    borrow_m3: float
    dead_known: bool
    owner: str
    project: str
    shore: Float64
    notes: tuple[Say, ...]
    passport: Passport


@dataclass(frozen=True, slots=True, eq=False)
class RefusedLake:
    """A water surface that cannot be paired, and why."""

    name: str
    geometry: BaseGeometry
    reason: Say


@dataclass(frozen=True, slots=True, eq=False)
class LakeSurvey:
    """Lakes that storage could use, those that it cannot, and what a reader must know."""

    lakes: tuple[ExistingLake, ...]
    refused: tuple[RefusedLake, ...]
    notes: tuple[Say, ...]
