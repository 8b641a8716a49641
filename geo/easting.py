"""What coordinates tell of their CRS: degrees, metres behind a zone number, or plain metres.

An easting of eight digits begins with its Gauss-Kruger zone (37481235 = zone 37); one of
six digits fits every central meridian and must be declared. Xian 1980 and Beijing 1954 use
the same numbers as CGCS2000, so a guess is a proposal for a person, never for a reader
(reference rules.md §8.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import CrsError, Say
from geo.repairs import named

#: Kinds of coordinates; a zone of three degrees is its own number (25..45).
NOTHING: Final = -1
DEGREES: Final = 0
METRES: Final = 1
#: First and last zone of three degrees (and six) over China, and EPSG code of the first.
_ZONES_3: Final = (25, 45, 4513)
_ZONES_6: Final = (13, 23, 4491)
#: Northings of China. [m]
_NORTHINGS: Final = (1_800_000.0, 6_200_000.0)


@dataclass(frozen=True, slots=True)
class Guess:
    """A CRS proposed from the numbers alone, ``None`` where they do not decide it."""

    crs: str | None
    why: Say


def kinds(frame: gpd.GeoDataFrame) -> npt.NDArray[np.int16]:
    """Return the kind of coordinates of each feature.

    Parameters
    ----------
    frame
        Any layer; its CRS is not looked at.

    Returns
    -------
    ndarray of int16, shape (rows,)
        :data:`DEGREES`, :data:`METRES`, a three-degree zone 25..45, or :data:`NOTHING` for
        a feature without coordinates.
    """
    box = np.asarray(shapely.bounds(np.asarray(frame.geometry.values)), dtype=np.float64)
    west, south, east, north = box.reshape(-1, 4).T
    known = np.isfinite(box.reshape(-1, 4)).all(axis=1)
    found = np.full(len(west), METRES, dtype=np.int16)
    degrees = (west >= -181) & (east <= 361) & (south >= -91) & (north <= 91)
    found[known & degrees] = DEGREES
    zone = np.floor(np.where(known, west, 0.0) / 1e6).astype(np.int64)
    inside = (zone >= _ZONES_3[0]) & (zone <= _ZONES_3[1]) & _chinese(south, north)
    found[known & inside] = zone[known & inside]
    found[~known] = NOTHING
    return found


def _chinese(south: Any, north: Any) -> npt.NDArray[np.bool_]:
    return np.asarray((south >= _NORTHINGS[0]) & (north <= _NORTHINGS[1]), dtype=np.bool_)


def refuse_mixed(frame: gpd.GeoDataFrame, subject: object) -> None:
    """Refuse a layer whose features are in different coordinate systems.

    Raises
    ------
    CrsError
        Degrees beside metres, or eastings of several zones, in one layer.
    """
    found = kinds(frame)
    values, first, counts = np.unique(found, return_index=True, return_counts=True)
    kept = values != NOTHING
    if kept.sum() < 2:
        return
    names = named(frame)
    rows = list(zip(values[kept], first[kept], counts[kept], strict=True))
    zh = "；".join(f"{_words(v).zh} {n} 个（如 {names[i]}）" for v, i, n in rows)
    en = "; ".join(f"{n} in {_words(v).en} (e.g. {names[i]})" for v, i, n in rows)
    raise CrsError(
        subject,
        Say(f"一个图层里混有不同坐标系的要素：{zh}", f"mixes coordinate systems: {en}"),
        Say("按坐标系拆成两个文件，分别转换到 CGCS2000 后合并",
            "split it by CRS, convert each part to CGCS2000, then merge"),
    )  # fmt: skip


def _words(kind: int) -> Say:
    if kind == DEGREES:
        return Say("经纬度", "degrees")
    if kind == METRES:
        return Say("不带带号的米制", "metres without a zone")
    return Say(f"{kind} 带", f"zone {kind}")


def guess_crs(frame: gpd.GeoDataFrame) -> Guess:
    """Propose the CRS of a layer that declares none.

    Returns
    -------
    Guess
        EPSG:4490 for degrees, the CGCS2000 zone for eastings of eight digits; no code for
        plain metres, which fit every central meridian.
    """
    found = kinds(frame)
    values = np.unique(found[found != NOTHING])
    if len(values) != 1:
        return Guess(None, Say("坐标不一致或没有坐标", "the coordinates disagree or are none"))
    west, south, _, north = (float(v) for v in frame.total_bounds)
    kind = int(values[0])
    if kind == DEGREES:
        why = Say(
            "坐标为经纬度，按 CGCS2000（EPSG:4490）；若来自互联网地图，请核对是否 GCJ-02",
            "degrees, taken for CGCS2000 (EPSG:4490); from a web map it may be GCJ-02",
        )
        return Guess("EPSG:4490", why)
    zone = int(west // 1e6)
    for low, high, code in (_ZONES_3, _ZONES_6):
        if low <= zone <= high and bool(_chinese(south, north)):
            return Guess(f"EPSG:{code + zone - low}", _zone_words(west, zone, low))
    return Guess(
        None,
        Say(f"东坐标 {west:,.0f} 不带带号，适合任何中央经线"
            "（EPSG:4546 为 111°E，EPSG:4545 为 108°E）",
            f"easting {west:,.0f} has no zone and fits every central meridian "
            "(EPSG:4546 is 111 E, 4545 is 108 E)"),
    )  # fmt: skip


def _zone_words(west: float, zone: int, low: int) -> Say:
    width = 3 if low == _ZONES_3[0] else 6
    return Say(
        f"东坐标 {west:,.0f} 为 8 位，前两位是 {width} 度带 {zone} 带，按 CGCS2000；"
        "西安80 与北京54 的数字相同，请确认",
        f"easting {west:,.0f} has eight digits and begins with {width}-degree zone {zone}, taken "
        "for CGCS2000; Xian 1980 and Beijing 1954 look the same, please confirm",
    )
