"""Coordinates of features, flat, as the kernels of a burn read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from geo._kernels import wkb
from geo.crs import check_crs
from geo.errors import Say, VectorError

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]

#: Coordinates farther out are refused: counted in cells they would leave int64. [CRS unit]
FARTHEST: Final = 1e12
_NONE: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """The coordinates of features, flat, as the kernels read them.

    Parameters
    ----------
    xy
        float64 (points, 2). [CRS unit]
    paths
        int64 [paths + 1]: first point of each ring, line or point.
    shapes
        int64 [shapes + 1]: first path of each polygon, line or point.
    feature
        int64 [shapes]: the feature that a shape is part of.
    area
        uint8 [shapes]: 1 for a polygon.
    count
        Number of features, the empty ones too.
    crs
        CRS of the coordinates, None = that of the grid they are burnt on.
    """

    xy: Float64
    paths: Int64
    shapes: Int64
    feature: Int64
    area: npt.NDArray[np.uint8]
    count: int
    crs: str | None


def outlines(geometries: gpd.GeoDataFrame | gpd.GeoSeries | Iterable[Any]) -> Outlines:
    """Return the coordinates of features.

    Parameters
    ----------
    geometries
        Frame or series with a CRS; or shapely geometries or WKB of two or more dimensions
        and either byte order, in the CRS of the grid. None and empty ones are features
        without ground.

    Raises
    ------
    CrsError
        A frame or series without CRS.
    VectorError
        A curve or another geometry that is not made of points, lines and polygons, WKB cut
        short, or a coordinate that is no number or beyond 1e12.
    """
    crs = None
    if isinstance(geometries, (gpd.GeoDataFrame, gpd.GeoSeries)):
        crs = check_crs(geometries.crs, "burn")
        geometries = geometries.geometry.array
    return _parsed(_little_endian(list(geometries)), crs, "burn")


def _little_endian(given: list[Any]) -> Objects:
    """Return the little-endian WKB of geometries and of WKB; None stays None."""
    found = np.empty(len(given), dtype=object)
    found[:] = given
    drawn = np.array([not isinstance(one, bytes) for one in given], dtype=np.bool_)
    found[drawn] = shapely.to_wkb(found[drawn], output_dimension=2, byte_order=1)
    for k, one in enumerate(found):
        if one is not None and one[:1] == b"\0":
            found[k] = _turned(one)
    return found


def _turned(wkb_of_one: bytes) -> bytes:
    """Return big-endian WKB the other way round, or as it is, to be refused by its number."""
    try:
        geometry = shapely.from_wkb(wkb_of_one)
    except (NotImplementedError, shapely.errors.ShapelyError):  # a curve; cut short
        return wkb_of_one
    turned: bytes = shapely.to_wkb(geometry, output_dimension=2, byte_order=1)
    return turned


def read_outlines(path: Path | str, layer: str | None = None) -> Outlines:
    """Read the coordinates of a layer from a file, and nothing else of it.

    For trusted data: nothing is mended and no datum is questioned, as
    :func:`geo.vector.read` does.

    Parameters
    ----------
    path
        Any vector file with a CRS.
    layer
        Layer name; the first when None.

    Raises
    ------
    VectorError
        Missing, unreadable, or with geometries that cannot be burnt.
    CrsError
        The file declares no CRS.
    """
    try:
        meta, _, found, _ = pyogrio.raw.read(path, layer=layer, columns=[], force_2d=True)
    except (DataSourceError, DataLayerError) as fault:
        raise VectorError(
            path,
            Say(f"读不出来：{fault}", f"cannot be read: {fault}"),
            Say("检查路径与图层名", "check the path and the layer's name"),
        ) from fault
    return _parsed(found, check_crs(meta["crs"], path), path)


def _parsed(found: Objects, crs: str | None, subject: object) -> Outlines:
    pieces = [b"" if one is None else one for one in found]
    starts = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(one) for one in pieces], out=starts[1:])
    raw = np.frombuffer(b"".join(pieces), dtype=np.uint8)
    totals = np.zeros(3, dtype=np.int64)
    no_bytes = np.empty(0, dtype=np.uint8)
    bad = wkb.parse(raw, starts, False, no_bytes, _NONE, _NONE, _NONE, no_bytes, totals)
    if bad >= 0:
        raise VectorError(
            subject,
            Say(f"第 {bad} 个要素不是点、线、面", f"feature {bad} is no point, line or polygon"),
            Say("先把曲线转为折线；检查 WKB 是否完整", "turn curves into lines; is the WKB whole?"),
        )
    points, n_paths, n_shapes = (int(n) for n in totals)
    xy = np.empty((points, 2), dtype=np.float64)
    paths, shapes = np.zeros(n_paths + 1, np.int64), np.zeros(n_shapes + 1, np.int64)
    feature, area = np.empty(n_shapes, np.int64), np.empty(n_shapes, np.uint8)
    flat = xy.reshape(-1).view(np.uint8)
    wkb.parse(raw, starts, True, flat, paths, shapes, feature, area, totals)
    if not (np.abs(xy) <= FARTHEST).all():  # False for NaN
        raise VectorError(
            subject,
            Say("坐标不是有限数或过大", "has a coordinate that is no finite number, or too far"),
            Say("修复几何", "mend the geometry"),
        )
    return Outlines(xy, paths, shapes, feature, area, len(pieces), crs)
