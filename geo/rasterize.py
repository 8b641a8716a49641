"""Polygons into cells by their centre, one value for all or one a feature."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from rasterio.features import rasterize

from geo.crs import check_crs, same_crs
from geo.errors import CrsError, OptionError, Say
from geo.grid import Grid


def burn(
    geometries: gpd.GeoDataFrame | gpd.GeoSeries | Iterable[Any],
    grid: Grid,
    value: int = 1,
    all_touched: bool = False,
) -> npt.NDArray[np.uint8]:
    """Burn geometries into the cells whose centre they hold.

    Parameters
    ----------
    geometries
        Frame, series or shapely geometries, in the CRS of ``grid``.
    grid
        Target.
    value
        1..255, written where a geometry lies.
    all_touched
        Take every cell that is touched; for lines.

    Returns
    -------
    ndarray of uint8, shape ``grid.shape``
        ``value`` inside, 0 outside.

    Raises
    ------
    CrsError
        A frame in another CRS than the grid.
    OptionError
        ``value`` is not in 1..255.
    """
    if not 1 <= value <= 255:
        raise OptionError(
            "burn",
            Say(f"值 {value} 不在 1..255", f"value {value} is not in 1..255"),
            Say("换一个值", "choose another value"),
        )
    shapes = [g for g in _shapes(geometries, grid) if g is not None and not shapely.is_empty(g)]
    if not shapes:
        return np.zeros(grid.shape, dtype=np.uint8)
    burnt = rasterize(
        shapes,
        out_shape=grid.shape,
        transform=grid.transform,
        fill=0,
        default_value=value,
        all_touched=all_touched,
        dtype="uint8",
    )
    return np.asarray(burnt, dtype=np.uint8)


def burn_values(
    frame: gpd.GeoDataFrame, values: npt.NDArray[np.uint8], grid: Grid, fill: int
) -> npt.NDArray[np.uint8]:
    """Burn one value a feature into the cells whose centre it holds; later features win.

    Parameters
    ----------
    frame
        Polygons in the CRS of ``grid``.
    values
        Value of each row, shape ``(rows,)``.
    fill
        Value of the cells that no feature holds, 0..255.

    Returns
    -------
    ndarray of uint8, shape ``grid.shape``

    Raises
    ------
    CrsError
        The frame is in another CRS than the grid.
    """
    pairs = [
        (shape, int(value))
        for shape, value in zip(_shapes(frame, grid), values.tolist(), strict=True)
        if shape is not None and not shapely.is_empty(shape)
    ]
    if not pairs:
        return np.full(grid.shape, fill, dtype=np.uint8)
    burnt = rasterize(
        pairs, out_shape=grid.shape, transform=grid.transform, fill=fill, dtype="uint8"
    )
    return np.asarray(burnt, dtype=np.uint8)


def _shapes(
    geometries: gpd.GeoDataFrame | gpd.GeoSeries | Iterable[Any], grid: Grid
) -> Iterable[Any]:
    if not isinstance(geometries, (gpd.GeoDataFrame, gpd.GeoSeries)):
        return geometries
    if not same_crs(check_crs(geometries.crs, "burn"), grid.crs):
        raise CrsError(
            "burn",
            Say(
                f"图层坐标系与栅格 {grid.crs} 不同",
                f"the layer is not in the grid's {grid.crs}",
            ),
            Say("先用 geo.vector.to_crs 转换", "convert it with geo.vector.to_crs first"),
        )
    return list(geometries.geometry)
