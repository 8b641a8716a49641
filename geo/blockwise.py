"""Slope, hillshade and disc buffer of rasters that do not fit into memory, in blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.blocks import Kernel, Source
from geo.distance import within
from geo.grid import Grid
from geo.terrain import hillshade, slope_aspect

Data = npt.NDArray[Any]


def slope_kernel() -> Kernel:
    """Return the kernel of :func:`geo.terrain.slope_aspect`'s slope [deg] of a DEM [m]."""

    def fn(given: Sequence[Data], grid: Grid) -> Data:
        return slope_aspect(given[0], grid)[0]

    return Kernel("slope", fn, "float32", math.nan, cells=1, scratch=8.0, own_threads=True)


def aspect_kernel() -> Kernel:
    """Return the kernel of :func:`geo.terrain.slope_aspect`'s aspect [deg] of a DEM [m]."""

    def fn(given: Sequence[Data], grid: Grid) -> Data:
        return slope_aspect(given[0], grid)[1]

    return Kernel("aspect", fn, "float32", math.nan, cells=1, scratch=8.0, own_threads=True)


def hillshade_kernel(azimuth: float = 315.0, altitude: float = 45.0) -> Kernel:
    """Return the kernel of :func:`geo.terrain.hillshade` of a DEM [m].

    Parameters
    ----------
    azimuth, altitude
        Of the sun. [deg]
    """

    def fn(given: Sequence[Data], grid: Grid) -> Data:
        return hillshade(given[0], grid, azimuth, altitude)

    name = f"hillshade {azimuth!r} {altitude!r}"
    return Kernel(name, fn, "uint8", 0, cells=1, scratch=4.0, own_threads=True)


def within_kernel(metres: float) -> Kernel:
    """Return the kernel of :func:`geo.distance.within`: 1 at most ``metres`` from a mark, else 0.

    Parameters
    ----------
    metres
        Radius of the disc; the input is a mask, non-zero where marked. [m]
    """

    def fn(given: Sequence[Data], grid: Grid) -> Data:
        return within(given[0], grid, metres).view(np.uint8)

    name = f"within {metres!r}"
    return Kernel(name, fn, "uint8", 255, radius_m=metres, scratch=12.0, own_threads=True)


def mask_of(data: Data | Path) -> Source:
    """Return a mask as an input of :func:`within_kernel`: nothing is marked beyond the edge."""
    return Source(data, 0)
