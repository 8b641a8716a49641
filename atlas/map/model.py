"""What the map needs besides the parts: the picture under them and the words around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from geo.errors import Say
from geo.grid import Grid

#: Footer of a map that no authority has reviewed (reference: rules on map review).
INTERNAL_USE = Say("内部工作用图，未经审核不得公开", "Internal working map, not for publication")


@dataclass(frozen=True, slots=True)
class BaseImage:
    """Hillshade, outlines and water: the picture that every tab shares.

    Parameters
    ----------
    grid
        Grid of ``hillshade``.
    hillshade
        uint8 of ``grid.shape``, 0 = no data.
    boundary
        Outline of the region, in the CRS of the grid. Outside it lies a white veil.
    counties
        Columns ``name`` (text) and geometry; any CRS. May be empty.
    water
        Rivers (lines) and reservoirs (polygons) drawn above the raster, or None.
    """

    grid: Grid
    hillshade: npt.NDArray[np.uint8]
    boundary: BaseGeometry
    counties: gpd.GeoDataFrame
    water: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, slots=True)
class MapMeta:
    """The words around the map.

    Parameters
    ----------
    as_of
        ISO date of the run, e.g. ``2026-11-22``.
    badge
        What the data are, e.g. 演示数据·含合成图层, 公开数据, 本单位数据.
    citations
        One sentence a source, printed in the panel 数据与说明.
    crs_label
        Datum of the coordinates shown, e.g. ``CGCS2000``.
    resolution
        Cell size of the analysis grid. [m]
    run_id
        Shown in the panel when given; two runs with one id give the same bytes.
    assumed
        What of the page is an assumption and no law in force: a strip under the sentence.
    changed
        What differs from the rules as shipped: a badge beside the first.
    """

    title: Say
    lang: Literal["zh", "en"]
    as_of: str
    badge: Say
    citations: tuple[str, ...]
    crs_label: str
    resolution: float
    footer: Say = INTERNAL_USE
    run_id: str = ""
    assumed: tuple[Say, ...] = ()
    changed: tuple[Say, ...] = ()
