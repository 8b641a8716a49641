"""Vector files in and out: four formats, one believed datum, repairs that are told.

Only GeoJSON, GeoPackage, Shapefile and file geodatabase are opened. A GeoJSON always
claims WGS84, so its claim counts for nothing beside the catalog. Broken rings are mended
with ``make_valid`` (``buffer(0)`` silently loses half a bow-tie) and listed.
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Final

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from geo.believed import in_believed_crs
from geo.crs import to_crs
from geo.errors import Say, SizeError, VectorError
from geo.gpkg import write_gpkg
from geo.rasterize import burn, burn_values
from geo.repairs import SLIVER_M2, Repairs, repair
from geo.shapefile import check_readable, check_whole, dbf_encoding

__all__ = [
    "Repairs",
    "burn",
    "burn_values",
    "driver",
    "empty",
    "layers",
    "raw",
    "read",
    "repair",
    "to_crs",
    "write_gpkg",
]

_GPKG_MAGIC: Final = b"SQLite format 3\0"
_SHP_MAGIC: Final = b"\x00\x00\x27\x0a"
_ZIP_MAGIC: Final = b"PK\x03\x04"
_ZIPPED: Final = ".gdb.zip"
#: Every geodatabase has files that end so; a folder or zip without is something else.
_TABLE: Final = ".gdbtable"
#: Limits of a zipped geodatabase: files, unpacked size [B], and how far it may unpack.
_MAX_MEMBERS: Final = 20_000
_MAX_UNPACKED: Final = 8 * 2**30
_MAX_RATIO: Final = 200
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
    sliver_m2: float = SLIVER_M2,
) -> tuple[gpd.GeoDataFrame, Repairs]:
    """Read one layer of a vector file, mended, in a datum that is believed.

    Parameters
    ----------
    path
        Local ``.geojson``/``.json``, ``.gpkg``, ``.shp`` file, ``.gdb`` folder or ``.gdb.zip``.
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
    sliver_m2
        Polygons smaller than this are left out and listed. [m2]

    Returns
    -------
    tuple
        The layer in its CRS (EPSG:4326 after GCJ-02), and what was repaired.

    Raises
    ------
    VectorError
        Missing, unreadable, foreign format, unknown layer, empty where refused, mojibake.
    CrsError, DatumError
        No CRS, coordinates that do not fit it, a datum that cannot be converted.
    SizeError
        A GeoJSON of more than 512 MB, a zip that unpacks without measure.
    """
    source, found = Path(path), driver(path)
    chosen = _layer(source, layer)
    frame = _frame(source, found, chosen, encoding)
    frame = in_believed_crs(frame, source, crs, datum, geojson=found == "GeoJSON")
    if frame.empty and not allow_empty:
        raise empty(source, chosen)
    return repair(frame, sliver_m2)


def empty(source: Path, layer: str) -> VectorError:
    """Return the error for a layer without features."""
    return VectorError(
        source,
        Say(f"图层 {layer} 没有要素", f"layer {layer} has no features"),
        Say("检查导出范围", "check the extent of the export"),
    )


def raw(
    path: Path | str, *, layer: str | None = None, encoding: str | None = None
) -> gpd.GeoDataFrame:
    """Read one layer as it stands: nothing mended, its CRS neither checked nor believed.

    Raises
    ------
    VectorError
        As :func:`read`.
    """
    source, found = Path(path), driver(path)
    return _frame(source, found, _layer(source, layer), encoding)


def _frame(source: Path, found: str, chosen: str, encoding: str | None) -> gpd.GeoDataFrame:
    if found == "ESRI Shapefile":
        check_whole(source)
        encoding = encoding or dbf_encoding(source)
    try:
        frame = pyogrio.read_dataframe(source, layer=chosen, encoding=encoding, fid_as_index=True)
    except (UnicodeDecodeError, LookupError) as fault:
        raise VectorError(
            source,
            Say(
                f"属性文字不是声明的编码：{fault}",
                f"its text is not in the encoding declared: {fault}",
            ),
            Say(
                "用 --encoding（目录中写 encoding）写明，常见 GB18030",
                "declare encoding (--encoding), often GB18030",
            ),
        ) from fault
    except _FAULTS as fault:
        raise _unreadable(source, fault) from fault
    if not isinstance(frame, gpd.GeoDataFrame):
        raise VectorError(
            source,
            Say(f"图层 {chosen} 没有几何", f"layer {chosen} has no geometry"),
            Say("换用带几何的图层", "name a layer with geometry"),
        )
    frame.index.name = None
    check_readable(frame, source)
    return frame


def driver(path: Path | str) -> str:
    """Return the driver of a local file by its content, never by trust in its name.

    Raises
    ------
    VectorError
        Missing, no local file, or of a foreign format.
    SizeError
        As :func:`read`.
    """
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
        if source.suffix.lower() == ".gdb" and any(source.glob(f"*{_TABLE}")):
            return "OpenFileGDB"
    elif source.is_file():  # a pipe or device would be waited for
        with source.open("rb") as handle:
            head = handle.read(64)
        if head.startswith(_GPKG_MAGIC):
            return "GPKG"
        if head.startswith(_SHP_MAGIC) and source.suffix.lower() == ".shp":
            return "ESRI Shapefile"
        if head.startswith(_ZIP_MAGIC) and source.name.lower().endswith(_ZIPPED):
            return _check_zip(source)
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            return _check_geojson(source)
    raise VectorError(
        text,
        Say("格式不在支持之列", "is not in a supported format"),
        Say(
            "转换为 GeoPackage（也读 GeoJSON、Shapefile、.gdb、.gdb.zip；"
            "不读 .mdb、VCT、其他压缩包）",
            "convert it to GeoPackage (also read: GeoJSON, Shapefile, .gdb, .gdb.zip; not .mdb, "
            "VCT, other archives)",
        ),
    )


def _check_zip(source: Path) -> str:
    """Refuse a zipped geodatabase that is broken or a bomb; it is read in place."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as fault:
        raise _unreadable(source, fault) from fault
    if not any(member.filename.lower().endswith(_TABLE) for member in members):
        raise _unreadable(source, "no geodatabase inside")
    size, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if len(members) > _MAX_MEMBERS or size > min(_MAX_UNPACKED, _MAX_RATIO * max(packed, 1)):
        raise SizeError(
            source,
            Say(f"解压后 {size / 1e6:,.0f} MB、{len(members)} 个文件，超出限制",
                f"unpacks to {size / 1e6:,.0f} MB in {len(members)} files, beyond the limit"),
            Say("自行解压为 .gdb 文件夹后再用", "unpack it to a .gdb folder yourself"),
        )  # fmt: skip
    return "OpenFileGDB"


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
    driver(path)
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
