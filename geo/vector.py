"""Vector files in and out: four formats, one believed datum, repairs that are told.

Only GeoJSON, GeoPackage, Shapefile and file geodatabase are opened. A GeoJSON always
claims WGS84, so its claim counts for nothing beside the catalog. Broken rings are mended
with ``make_valid`` (``buffer(0)`` silently loses half a bow-tie) and listed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio.features import rasterize

from geo.crs import check_crs, check_extent, gcj02_frame_to_wgs84, same_crs, to_crs
from geo.errors import CrsError, DatumError, OptionError, Say, SizeError, VectorError
from geo.gpkg import write_gpkg
from geo.grid import Grid
from geo.repairs import Repairs, repair
from geo.shapefile import check_whole, dbf_encoding

__all__ = ["Repairs", "burn", "layers", "read", "repair", "to_crs", "write_gpkg"]

_GPKG_MAGIC: Final = b"SQLite format 3\0"
_SHP_MAGIC: Final = b"\x00\x00\x27\x0a"
#: Datums that are WGS84 to a decimetre; anything else must be converted or refused.
_PLAIN_DATUMS: Final = frozenset({"", "WGS84", "CGCS2000", "EPSG:4326", "EPSG:4490"})
_GCJ: Final = frozenset({"GCJ-02", "GCJ02"})
#: Largest GeoJSON that is read; its text takes some ten times as much memory. [B]
MAX_GEOJSON: Final = 512 * 2**20
_FAULTS: Final = (DataSourceError, DataLayerError, UnicodeDecodeError, sqlite3.Error)


def read(
    path: Path | str,
    *,
    crs: str | None = None,
    datum: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    allow_empty: bool = True,
) -> tuple[gpd.GeoDataFrame, Repairs]:
    """Read one layer of a vector file, mended, in a datum that is believed.

    Parameters
    ----------
    path
        Local ``.geojson``/``.json``, ``.gpkg``, ``.shp`` file or ``.gdb`` folder.
    crs
        CRS asserted by the catalog; must agree with what the file declares.
    datum
        ``GCJ-02`` is converted to WGS84; ``None``, ``WGS84``, ``CGCS2000`` are kept.
    layer
        Layer name; obligatory where a file holds several.
    encoding
        Of a shapefile's table; found out when not given.
    allow_empty
        ``False`` refuses a layer without rows.

    Returns
    -------
    tuple
        The layer in its CRS (EPSG:4326 after GCJ-02), and what was repaired.

    Raises
    ------
    VectorError
        Missing, unreadable, foreign format, unknown layer, empty where refused.
    CrsError, DatumError
        No CRS, coordinates that do not fit it, a datum that cannot be converted.
    SizeError
        A GeoJSON of more than 512 MB.
    """
    source, driver = Path(path), _driver(path)
    chosen = _layer(source, layer)
    if driver == "ESRI Shapefile":
        check_whole(source)
        encoding = encoding or dbf_encoding(source)
    try:
        frame = pyogrio.read_dataframe(source, layer=chosen, encoding=encoding, fid_as_index=True)
    except _FAULTS as fault:
        raise _unreadable(source, fault) from fault
    if not isinstance(frame, gpd.GeoDataFrame):
        raise VectorError(
            source,
            Say(f"图层 {chosen} 没有几何", f"layer {chosen} has no geometry"),
            Say("换用带几何的图层", "name a layer with geometry"),
        )
    frame.index.name = None
    frame = _in_believed_crs(frame, driver, source, crs, datum)
    if frame.empty and not allow_empty:
        raise VectorError(
            source,
            Say(f"图层 {chosen} 没有要素", f"layer {chosen} has no features"),
            Say("检查导出范围", "check the extent of the export"),
        )
    return repair(frame)


def _in_believed_crs(
    frame: gpd.GeoDataFrame, driver: str, source: Path, crs: str | None, datum: str | None
) -> gpd.GeoDataFrame:
    kind = (datum or "").upper().replace(" ", "")
    if kind not in _PLAIN_DATUMS | _GCJ:
        raise DatumError(
            source,
            Say(f"基准 {datum} 无法换算", f"is in datum {datum}, which cannot be converted"),
            Say("转换到 CGCS2000 后再用", "convert it to CGCS2000 first"),
        )
    declared = None if frame.crs is None else check_crs(frame.crs, source)
    # a GeoJSON without a crs member reads as 4326: that is no declaration
    silent = driver == "GeoJSON" and declared == "EPSG:4326"
    if crs is not None and declared and not silent and not same_crs(declared, crs):
        raise CrsError(
            source,
            Say(
                f"文件坐标系 {declared[:40]} 与目录 {crs} 不符",
                f"is in {declared[:40]}, the catalog says {crs}",
            ),
            Say("改正目录中的 crs", "correct crs in the catalog"),
        )
    chosen = check_crs(
        crs if crs is not None and (silent or declared is None) else declared, source
    )
    frame = frame.set_crs(chosen, allow_override=True)
    if not frame.empty and frame.geometry.notna().any():
        west, south, east, north = (float(v) for v in frame.total_bounds)
        check_extent((west, south, east, north), chosen, source)
    return gcj02_frame_to_wgs84(frame) if kind in _GCJ else frame


def _driver(path: Path | str) -> str:
    """Return the driver of a local file by its content, never by trust in its name."""
    text, source = str(path), Path(path)
    if "://" in text or text.lower().startswith("/vsi"):
        raise VectorError(
            text,
            Say("不读取网址与虚拟路径", "is a URL or a virtual path, which are not read"),
            Say("先下载到本地", "download it first"),
        )
    if not source.exists():
        raise VectorError(
            text, Say("文件不存在", "does not exist"), Say("检查目录中的路径", "check the path")
        )
    if source.is_dir():
        if source.suffix.lower() == ".gdb":
            return "OpenFileGDB"
    else:
        with source.open("rb") as handle:
            head = handle.read(64)
        if head.startswith(_GPKG_MAGIC):
            return "GPKG"
        if head.startswith(_SHP_MAGIC) and source.suffix.lower() == ".shp":
            return "ESRI Shapefile"
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            return _check_geojson(source)
    raise VectorError(
        text,
        Say("格式不在支持之列", "is not in a supported format"),
        Say(
            "转换为 GeoPackage（也读 GeoJSON、Shapefile、.gdb；不读 .mdb、VCT、压缩包）",
            "convert it to GeoPackage (also read: GeoJSON, Shapefile, .gdb; not .mdb, VCT, zip)",
        ),
    )


def _check_geojson(source: Path) -> str:
    """Refuse JSON that is cut off, oversized or no GeoJSON, before a driver guesses."""
    size = source.stat().st_size
    if size > MAX_GEOJSON:
        limit = MAX_GEOJSON / 1e6
        raise SizeError(
            source,
            Say(
                f"{size / 1e6:.0f} MB，上限 {limit:.0f} MB",
                f"is {size / 1e6:.0f} MB of {limit:.0f}",
            ),
            Say("转换为 GeoPackage", "convert it to GeoPackage"),
        )
    try:
        with source.open("rb") as handle:
            content = json.load(handle)
    except (ValueError, RecursionError) as fault:
        raise _unreadable(source, fault) from fault
    if not (isinstance(content, dict) and content.get("type") in {"FeatureCollection", "Feature"}):
        raise _unreadable(source, "no FeatureCollection")
    return "GeoJSON"


def layers(path: Path | str) -> list[str]:
    """Return the names of the layers of a vector file.

    Raises
    ------
    VectorError
        Missing, unreadable or of a foreign format.
    """
    _driver(path)
    return _names(Path(path))


def _names(source: Path) -> list[str]:
    try:
        return [str(row[0]) for row in pyogrio.list_layers(source)]
    except _FAULTS as fault:
        raise _unreadable(source, fault) from fault


def _layer(source: Path, layer: str | None) -> str:
    names = _names(source)
    if layer in names:
        return str(layer)
    if layer is None and len(names) == 1:
        return names[0]
    listed = "、".join(names) or "-"
    raise VectorError(
        source,
        Say(
            f"没有图层 {layer}" if layer else "有多个图层，未指明读哪个",
            f"has no layer {layer}" if layer else "does not hold exactly one layer, none is named",
        ),
        Say(f"在目录中写明 layer，可选：{listed}", f"name one in the catalog: {', '.join(names)}"),
    )


def _unreadable(source: Path, fault: object) -> VectorError:
    return VectorError(
        source,
        Say(f"读不出来，可能残缺：{fault}", f"cannot be read, truncated perhaps: {fault}"),
        Say("重新导出或下载", "export or download it again"),
    )


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
    if isinstance(geometries, (gpd.GeoDataFrame, gpd.GeoSeries)):
        if not same_crs(check_crs(geometries.crs, "burn"), grid.crs):
            raise CrsError(
                "burn",
                Say(
                    f"图层坐标系与栅格 {grid.crs} 不同",
                    f"the layer is not in the grid's {grid.crs}",
                ),
                Say("先用 geo.vector.to_crs 转换", "convert it with geo.vector.to_crs first"),
            )
        geometries = geometries.geometry
    shapes = [g for g in geometries if g is not None and not shapely.is_empty(g)]
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
