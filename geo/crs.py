"""Coordinate systems: CGCS2000, GCJ-02, and the refusal of what cannot be known.

The only module that makes a pyproj ``Transformer`` (always longitude first). 4490 is
CGCS2000 in degrees, 4525 its 3-degree zone 37 (eastings with prefix), 4546 the same
meridian 111 E without prefix. Xian 1980 and Beijing 1954 share these eastings but PROJ
has no accurate shift for them, so they are refused unless the CRS carries parameters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as ProjCrsError

from geo import areas
from geo.errors import CrsError, DatumError, Say
from geo.gcj02 import gcj02_to_wgs84, wgs84_to_gcj02
from geo.grid import Grid

__all__ = [
    "LONLAT",
    "cell_areas",
    "check_crs",
    "check_extent",
    "from_lonlat",
    "gcj02_frame_to_wgs84",
    "gcj02_to_wgs84",
    "lonlat",
    "polygon_areas",
    "require_metric",
    "same_crs",
    "to_crs",
    "transformer",
    "wgs84_to_gcj02",
]

Array = npt.NDArray[np.float64]

LONLAT: Final = "EPSG:4326"
#: Datums whose shift to WGS84 is unknown without local parameters.
_REFUSED: Final = ("xian 1980", "xian_1980", "xian80", "beijing 1954", "beijing_1954", "beijing54")
#: Longest half axes of their ellipsoids (Krassowsky, IAG 1975): a datum without a name, as old
#: software writes it into a .prj, is one of the two all the same. [m]
_REFUSED_AXES_M: Final = (6_378_245.0, 6_378_140.0)
#: Geographic systems whose difference (decimetres) does not matter on a map.
_EQUIVALENT: Final = frozenset({4326, 4490})
#: How far outside its area of use a CRS may still be meant. [deg]
_SLACK_DEG: Final = 3.0


@lru_cache(maxsize=64)
def _parse(text: str) -> CRS:
    return CRS.from_user_input(text)


def check_crs(crs: object | None, subject: object) -> str:
    """Return a CRS as ``EPSG:n`` where it has a code, else as WKT.

    Parameters
    ----------
    crs
        String, pyproj CRS or rasterio CRS; ``None`` when a file declares nothing.
    subject
        File or layer named by the error.

    Raises
    ------
    CrsError
        Nothing declared, or something PROJ does not know.
    DatumError
        Xian 1980 or Beijing 1954 without transformation parameters.
    """
    text = str(crs.to_wkt()) if hasattr(crs, "to_wkt") else str(crs or "")
    if not text.strip():
        raise CrsError(
            subject,
            Say("没有声明坐标系", "declares no CRS"),
            Say("在目录中写明 crs（如 EPSG:4490）", "declare crs in the catalog, e.g. EPSG:4490"),
        )
    try:
        parsed = _parse(text)
    except ProjCrsError as fault:
        raise CrsError(
            subject,
            Say(f"坐标系无法识别：{text[:60]}", f"has a CRS that PROJ does not know: {text[:60]}"),
            Say("改写为 EPSG 代码", "name an EPSG code"),
        ) from fault
    if not (parsed.is_geographic or parsed.is_projected):
        raise CrsError(
            subject,
            Say(
                f"坐标系 {parsed.name} 与地球无关", f"has the CRS {parsed.name}, not tied to earth"
            ),
            Say("给出大地坐标系的 EPSG 代码", "name the EPSG code of a geodetic CRS"),
        )
    if not parsed.is_bound:
        _refuse_old_datum(parsed, subject)
        code = parsed.to_epsg()
        if code is not None:
            return f"EPSG:{code}"
    return str(parsed.to_wkt())


def _refuse_old_datum(crs: CRS, subject: object) -> None:
    names = [crs.name, crs.datum.name if crs.datum else ""]
    if crs.geodetic_crs is not None:
        names.append(crs.geodetic_crs.name)
    joined = " ".join(names).lower()
    axis = crs.ellipsoid.semi_major_metre if crs.ellipsoid is not None else 0.0
    if any(word in joined for word in _REFUSED) or axis in _REFUSED_AXES_M:
        raise DatumError(
            subject,
            Say(
                f"基准为 {crs.name}（北京54、西安80 或其椭球），没有转换参数便无法换算到 CGCS2000",
                f"is in {crs.name}, which cannot be converted to CGCS2000 without parameters",
            ),
            Say(
                "请测绘主管部门转换到 CGCS2000（EPSG:4490 或 4546），或给出带 TOWGS84 参数的 WKT",
                "have it converted to CGCS2000 (EPSG:4490 or 4546), or give WKT with TOWGS84",
            ),
        )


@lru_cache(maxsize=64)
def _transformer(src: str, dst: str) -> Transformer:
    return Transformer.from_crs(_parse(src), _parse(dst), always_xy=True)


def transformer(src: object, dst: object) -> Transformer:
    """Return the cached transformer from ``src`` to ``dst``, longitude or easting first.

    Raises
    ------
    CrsError, DatumError
        As :func:`check_crs`.
    """
    return _transformer(check_crs(src, "source CRS"), check_crs(dst, "target CRS"))


def same_crs(left: object, right: object) -> bool:
    """Tell whether two CRS mean the same coordinates (4326 and 4490 count as one)."""
    a, b = check_crs(left, "CRS"), check_crs(right, "CRS")
    if a == b:
        return True
    one, two = _parse(a), _parse(b)
    codes = {one.to_epsg(), two.to_epsg()}
    return codes <= _EQUIVALENT or bool(one.equals(two, ignore_axis_order=True))


def _is_mercator(crs: CRS) -> bool:
    """Tell the Mercator projections of the normal aspect, web maps above all."""
    operation = crs.coordinate_operation
    name = f"{crs.name} {operation.method_name if operation else ''}".lower()
    return "mercator" in name and not any(w in name for w in ("transverse", "oblique", "utm"))


def require_metric(grid_or_crs: Grid | object, subject: object) -> None:
    """Refuse a CRS in which a metre is not a metre.

    Parameters
    ----------
    grid_or_crs
        A :class:`Grid` or anything that :func:`check_crs` reads.
    subject
        File or layer named by the error.

    Raises
    ------
    CrsError
        Longitude/latitude, (Web) Mercator, or axes not in metres.
    """
    crs = _parse(check_crs(getattr(grid_or_crs, "crs", grid_or_crs), subject))
    unit = crs.axis_info[0].unit_name if crs.axis_info else ""
    if crs.is_projected and not _is_mercator(crs) and unit in {"metre", "meter"}:
        return
    raise CrsError(
        subject,
        Say(f"坐标系 {crs.name} 不能量距离与面积", f"is in {crs.name}, unfit for metres and areas"),
        Say("换到以米为单位的投影（如 EPSG:4546）", "warp it to a metric CRS such as EPSG:4546"),
    )


def _mapped(src: object, dst: object, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
    fx, fy = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    ox, oy = transformer(src, dst).transform(fx, fy)
    out_x, out_y = np.asarray(ox, dtype=np.float64), np.asarray(oy, dtype=np.float64)
    lost = np.isfinite(fx) & np.isfinite(fy) & ~(np.isfinite(out_x) & np.isfinite(out_y))
    if lost.any():
        at = f"({fx[lost].flat[0]:.6g}, {fy[lost].flat[0]:.6g})"
        raise CrsError(
            check_crs(src, "CRS")[:60],
            Say(f"坐标 {at} 超出坐标系范围", f"coordinates {at} lie outside the CRS"),
            Say("检查坐标系代码与坐标顺序", "check the EPSG code and the order of coordinates"),
        )
    return out_x, out_y


def lonlat(crs: object, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
    """Convert coordinates of ``crs`` to WGS84 longitude and latitude in [deg].

    Raises
    ------
    CrsError
        A finite coordinate has no image.
    """
    return _mapped(crs, LONLAT, x, y)


def from_lonlat(crs: object, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Array, Array]:
    """Convert WGS84 longitude and latitude in [deg] to coordinates of ``crs``.

    Raises
    ------
    CrsError
        A finite coordinate has no image.
    """
    return _mapped(LONLAT, crs, lon, lat)


def check_extent(bounds: tuple[float, float, float, float], crs: object, subject: object) -> None:
    """Refuse coordinates that the declared CRS cannot mean.

    Parameters
    ----------
    bounds
        West, south, east, north. [CRS unit]
    crs
        The CRS that the file or the catalog declares.
    subject
        File or layer named by the error.

    Raises
    ------
    CrsError
        Metres labelled as degrees, degrees labelled as metres, a foreign zone.
    """
    parsed = _parse(check_crs(crs, subject))
    west, south, east, north = bounds
    if parsed.is_geographic:
        # half a cell of a global raster may hang over; 0..360 longitudes are common
        plausible = -181 <= west <= east <= 361 and -91 <= south <= north <= 91
    else:
        plausible = _near_area_of_use(parsed, (west + east) / 2.0, (south + north) / 2.0)
    if not plausible:
        span = f"{west:.6g}, {south:.6g}, {east:.6g}, {north:.6g}"
        raise CrsError(
            subject,
            Say(
                f"坐标范围 {span} 不合坐标系 {parsed.name}",
                f"spans {span}, which does not fit {parsed.name}",
            ),
            Say("在目录中改正 crs", "correct crs in the catalog"),
        )


def _near_area_of_use(crs: CRS, x: float, y: float) -> bool:
    lon, lat = _transformer(check_crs(crs, "CRS"), LONLAT).transform(x, y)
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return False
    area = crs.area_of_use
    if area is None:
        return True
    over = area.west > area.east  # crosses the antimeridian
    in_lon = over or area.west - _SLACK_DEG <= lon <= area.east + _SLACK_DEG
    return bool(in_lon and area.south - _SLACK_DEG <= lat <= area.north + _SLACK_DEG)


def cell_areas(grid: Grid) -> Array:
    """Return the true area of every cell on the ellipsoid.

    Planar area divided by the areal scale of the projection at the cell centre; for
    longitude/latitude the closed form of the zone between two parallels.

    Returns
    -------
    ndarray of float64, shape ``grid.shape``
        Read-only view, broadcast without a copy where the scale depends on the column
        or the row alone to 2.5e-7 (every transverse Mercator over one city). [m2]

    Raises
    ------
    CrsError
        Web Mercator, or a projection that is not in metres.
    """
    crs = _parse(check_crs(grid.crs, "grid"))
    if crs.is_geographic:
        return areas.lonlat_cells(grid, _axes(crs))
    require_metric(grid, "grid")
    return areas.projected_cells(grid, crs, transformer(crs, crs.geodetic_crs))


def _axes(crs: CRS) -> tuple[float, float]:
    """Return the semi-major and semi-minor axis of the ellipsoid of ``crs`` in metres."""
    ellipsoid = crs.ellipsoid
    if ellipsoid is None:
        raise CrsError(
            crs.name,
            Say("坐标系没有参考椭球", "the CRS has no ellipsoid"),
            Say("给出大地坐标系的 EPSG 代码", "name the EPSG code of a geodetic CRS"),
        )
    return float(ellipsoid.semi_major_metre), float(ellipsoid.semi_minor_metre)


def polygon_areas(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> Array:
    """Return the area of every geometry on its ellipsoid.

    Edges are cut to 1 km before they are taken as geodesics, so the answer does not
    depend on how the outline is projected. Points and lines have area 0.

    Parameters
    ----------
    frame
        Geometries with a CRS, projected or not. Rings are taken as they stand.

    Returns
    -------
    ndarray of float64, shape (rows,)
        Area, holes subtracted, always >= 0. [m2]

    Raises
    ------
    CrsError
        No CRS.
    """
    crs = _parse(check_crs(frame.crs, "polygons"))
    to_degrees = None if crs.is_geographic else transformer(crs, crs.geodetic_crs)
    return areas.ring_areas(np.asarray(frame.geometry.values), _axes(crs), to_degrees)


def to_crs(frame: gpd.GeoDataFrame, crs: object) -> gpd.GeoDataFrame:
    """Return ``frame`` in another CRS, vertex by vertex, in two dimensions.

    Raises
    ------
    CrsError, DatumError
        As :func:`check_crs`, or a vertex without an image.
    """
    src, dst = check_crs(frame.crs, "vector layer"), check_crs(crs, "target CRS")
    if src == dst:
        return frame.copy()

    def move(xy: Array) -> Array:
        return np.column_stack(_mapped(src, dst, xy[:, 0], xy[:, 1]))

    moved = shapely.transform(np.asarray(frame.geometry.values), move)
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=dst))


def gcj02_frame_to_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a GCJ-02 layer in WGS84 (EPSG:4326), whatever CRS it claims.

    Raises
    ------
    CrsError
        The layer claims a projected CRS: GCJ-02 is always in degrees.
    """
    if frame.crs is not None and not _parse(check_crs(frame.crs, "GCJ-02 layer")).is_geographic:
        raise CrsError(
            "GCJ-02",
            Say("GCJ-02 图层应为经纬度", "a GCJ-02 layer must be in degrees"),
            Say("改正目录中的 datum", "correct datum in the catalog"),
        )

    def move(xy: Array) -> Array:
        return np.column_stack(gcj02_to_wgs84(xy[:, 0], xy[:, 1]))

    moved = shapely.transform(np.asarray(frame.geometry.values), move)
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=LONLAT))
