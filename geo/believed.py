"""The one datum in which a vector file is believed: declared, plausible and unmixed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd

from geo.crs import check_crs, check_extent, gcj02_frame_to_wgs84, same_crs
from geo.easting import guess_crs, refuse_mixed
from geo.errors import CrsError, DatumError, Say

#: Datums that are WGS84 to a decimetre; anything else must be converted or refused.
_PLAIN_DATUMS: Final = frozenset({"", "WGS84", "CGCS2000", "EPSG:4326", "EPSG:4490"})
_GCJ: Final = frozenset({"GCJ-02", "GCJ02"})


def in_believed_crs(
    frame: gpd.GeoDataFrame, source: Path, crs: str | None, datum: str | None, *, geojson: bool
) -> gpd.GeoDataFrame:
    """Return a layer in the CRS that it may be believed to have.

    Parameters
    ----------
    frame
        As the driver read it.
    source
        The file, for messages.
    crs, datum
        What the catalog says; ``GCJ-02`` is converted to WGS84.
    geojson
        The file is a GeoJSON, whose claim of WGS84 counts for nothing.

    Raises
    ------
    CrsError
        No CRS, a contradiction, coordinates that do not fit it, several CRS in one layer.
    DatumError
        A datum that cannot be converted.
    """
    kind = (datum or "").upper().replace(" ", "")
    if kind not in _PLAIN_DATUMS | _GCJ:
        raise DatumError(
            source,
            Say(f"基准 {datum} 无法换算", f"is in datum {datum}, which cannot be converted"),
            Say("转换到 CGCS2000 后再用", "convert it to CGCS2000 first"),
        )
    refuse_mixed(frame, source)
    frame = frame.set_crs(_chosen(frame, source, crs, geojson=geojson), allow_override=True)
    _check_numbers(frame, source)
    return gcj02_frame_to_wgs84(frame) if kind in _GCJ else frame


def _chosen(frame: gpd.GeoDataFrame, source: Path, crs: str | None, *, geojson: bool) -> str:
    declared = None if frame.crs is None else check_crs(frame.crs, source)
    # a GeoJSON without a crs member reads as 4326: that is no declaration
    silent = geojson and declared == "EPSG:4326"
    if crs is not None and declared and not silent and not same_crs(declared, crs):
        raise CrsError(
            source,
            Say(
                f"文件坐标系 {declared[:40]} 与目录 {crs} 不符",
                f"is in {declared[:40]}, the catalog says {crs}",
            ),
            Say("改正 --crs 或目录中的 crs", "correct --crs, or crs in the catalog"),
        )
    if crs is None and declared is None:
        raise _undeclared(frame, source)
    return check_crs(crs if crs is not None and (silent or declared is None) else declared, source)


def _undeclared(frame: gpd.GeoDataFrame, source: Path) -> CrsError:
    """Return the error for a file without CRS; the numbers give the cure where they can."""
    guess = guess_crs(frame)
    code = guess.crs or "EPSG:…"
    return CrsError(
        source,
        Say("没有声明坐标系（如缺 .prj）", "declares no CRS (no .prj, perhaps)"),
        Say(f"{guess.why.zh}；确认后在目录中写明 crs: {code}",
            f"{guess.why.en}; confirm it and write crs: {code} in the catalog"),
    )  # fmt: skip


def _check_numbers(frame: gpd.GeoDataFrame, source: Path) -> None:
    if frame.empty or not frame.geometry.notna().any():
        return
    west, south, east, north = (float(v) for v in frame.total_bounds)
    try:
        check_extent((west, south, east, north), frame.crs, source)
    except CrsError as fault:
        guess = guess_crs(frame)
        raise CrsError(
            source,
            fault.what,
            Say(f"{fault.cure.zh}；{guess.why.zh}", f"{fault.cure.en}; {guess.why.en}"),
        ) from fault
