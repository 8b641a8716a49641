"""The user's file of named projects: read, checked, refused with the cure.

One polygon or point a project. Columns (any case): ``id`` (编号), ``technology`` (技术: pv or
光伏, wind or 风电), and where known ``name`` (名称), ``capacity_mw`` (容量, MW AC) and
``coord_quality`` (坐标精度). Nothing is guessed: what decides a row and is missing or
contradictory stops the run and names the project.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import crs as geo_crs
from geo import vector
from geo.errors import CrsError, Say, VectorError
from siting.law.terms import COORD_QUALITY, COORD_QUALITY_ZH, TECHNOLOGY_ZH, Technology
from siting.sites.geohash import BASE32, LENGTH

#: Column -> names under which a file may carry it; a shapefile cuts names at ten letters.
ALIASES: Final = {
    "id": ("id", "编号", "项目编号"),
    "name": ("name", "名称", "项目名称"),
    "technology": ("technology", "技术", "技术类型"),
    "capacity_mw": ("capacity_mw", "capacity_m", "容量", "容量mw", "装机容量mw"),
    "coord_quality": ("coord_quality", "coord_qual", "坐标精度"),
}
#: Technologies whose sites are found on eligible land; storage and hydropower have tables.
TECHNOLOGIES: Final = (Technology.PV, Technology.WIND)
_WORDS: Final = {one.value: one.value for one in TECHNOLOGIES} | {
    TECHNOLOGY_ZH[one]: one.value for one in TECHNOLOGIES
}
#: A larger figure is kilowatts typed as megawatts. [MW]
MOST_MW: Final = 10_000.0
#: Two projects of one technology may share so much of the smaller one (digitising).
SHARED: Final = 0.01
#: What candidates are called (:mod:`siting.sites.geohash`): no project may pass for one.
_CANDIDATE: Final = re.compile(rf"(pv|wind)-[{BASE32}]{{{LENGTH}}}(-\d+)?", re.ASCII)
_DECLARE: Final = Say(
    "在文件中写明正确的坐标系（Shapefile 补 .prj），或改存为 GeoPackage",
    "declare the right CRS in the file (a Shapefile's .prj), or save it as GeoPackage",
)
_POINTS: Final = (shapely.GeometryType.POINT,)
_POLYGONS: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def read_forced(path: Path | str, crs: str) -> gpd.GeoDataFrame:
    """Return the named projects of a vector file.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, Shapefile or file geodatabase of one layer, with a CRS.
    crs
        Metric CRS of the result.

    Returns
    -------
    GeoDataFrame
        ``id``, ``name`` (the id where the file has none), ``technology``, ``capacity_mw``
        (NaN = from the polygon's area) [MW AC], ``coord_quality`` (of a polygon ``exact``
        unless the file says otherwise: it is the ground that is meant; of a point
        ``approx``: its footprint is assumed), geometry polygon or point; file order.
        ``attrs["source"]`` is the path, for what is refused later.

    Raises
    ------
    VectorError
        Several layers, no rows, no id or technology column, ids empty, twice or those of
        candidates, an unknown technology or
        coordinate quality, a capacity that is no number of (0, 10000] MW, a project
        without geometry or with a line, a point without capacity, polygons that overlap.
    CrsError, DatumError
        As :func:`geo.vector.read`.
    """
    source = Path(path)
    _one_layer(source)
    try:
        frame, repairs = vector.read(source, allow_empty=False, sliver_m2=0.0)
    except CrsError as fault:  # the file stands in no catalog that could name its CRS
        raise CrsError(source, fault.what, _DECLARE) from fault
    if repairs.dropped:
        raise _refusal(
            source, repairs.dropped, "没有几何", "have no geometry", "补上多边形或点", "draw them"
        )
    frame = geo_crs.to_crs(frame, crs)
    columns = _columns(frame, source)
    ids = _ids(frame[columns["id"]], source)
    shapes = _shapes(frame, ids, source)
    capacity = _capacity(frame, columns, ids, source)
    point = np.isin(shapely.get_type_id(shapes), _POINTS)
    bare = [one for one, p, mw in zip(ids, point, capacity, strict=True) if p and math.isnan(mw)]
    if bare:
        raise _refusal(
            source, bare, "是点且没有容量，无法推定占地", "are points without capacity",
            "改画多边形，或填 capacity_mw", "draw polygons or fill in capacity_mw",
        )  # fmt: skip
    names = _texts(frame, columns.get("name"))
    out = gpd.GeoDataFrame(
        {
            "id": ids,
            "name": [name or one for name, one in zip(names, ids, strict=True)],
            "technology": _technologies(frame, columns, ids, source),
            "capacity_mw": capacity,
            "coord_quality": _qualities(frame, columns, ids, point.tolist(), source),
        },
        geometry=gpd.GeoSeries(shapes, crs=crs),
        crs=crs,
    )
    _refuse_overlaps(out, source)
    out.attrs["source"] = str(source)
    return out


def _one_layer(source: Path) -> None:
    held = vector.layers(source)
    if len(held) > 1:
        few = "、".join(held[:8])
        raise VectorError(
            source,
            Say(f"含多个图层：{few}", f"holds several layers: {few}"),
            Say("只留指名项目一个图层", "keep the layer of the projects alone"),
        )


def _refusal(
    source: Path, ids: Sequence[str], zh: str, en: str, cure_zh: str, cure_en: str
) -> VectorError:
    few = "、".join(ids[:8])
    return VectorError(source, Say(f"项目 {few} {zh}", f"projects {few}: {en}"),
                       Say(cure_zh, cure_en))  # fmt: skip


def _columns(frame: gpd.GeoDataFrame, source: Path) -> dict[str, str]:
    """Return canonical name -> column of the file."""
    plain: dict[str, list[str]] = {}
    for column in frame.columns.drop(frame.geometry.name):
        key = str(column).strip().lower().replace("（", "").replace("）", "")
        plain.setdefault(key.replace("(", "").replace(")", "").replace(" ", ""), []).append(column)
    found: dict[str, str] = {}
    for name, aliases in ALIASES.items():
        hits = [column for alias in aliases for column in plain.get(alias, [])]
        if len(hits) > 1:
            raise VectorError(
                source,
                Say(f"列 {hits} 都可作 {name}", f"columns {hits} could all be {name}"),
                Say("只留一列", "keep one of them"),
            )
        if hits:
            found[name] = hits[0]
    missing = [name for name in ("id", "technology") if name not in found]
    if missing:
        say = "、".join(f"{ALIASES[name][1]}（{name}）" for name in missing)
        raise VectorError(
            source,
            Say(f"缺少列 {say}", f"lacks the columns {missing}"),
            Say("补上该列", "add them"),
        )
    return found


def _texts(frame: gpd.GeoDataFrame, column: str | None) -> list[str]:
    """Return trimmed texts, '' where missing; whole numbers without a decimal point."""
    if column is None:
        return [""] * len(frame)
    return [_text(value) for value in frame[column]]


def _text(value: Any) -> str:
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "".join(c for c in str(value) if c.isprintable()).strip()


def _ids(values: pd.Series, source: Path) -> list[str]:
    ids = [_text(value) for value in values]
    empty = [f"#{row + 1}" for row, one in enumerate(ids) if not one]
    if empty:
        raise _refusal(source, empty, "编号为空", "have no id", "每个项目一个编号", "give each one")
    seen = pd.Series(ids)
    twice = sorted(set(seen[seen.duplicated()]))
    if twice:
        raise _refusal(
            source, twice, "编号重复", "ids repeat", "每个项目一个唯一编号", "make ids unique"
        )
    taken = [one for one in ids if _CANDIDATE.fullmatch(one)]
    if taken:
        raise _refusal(
            source, taken, "用了候选场址的编号", "carry ids of candidates",
            "另起编号", "give them ids of their own",
        )  # fmt: skip
    return ids


def _technologies(
    frame: gpd.GeoDataFrame, columns: dict[str, str], ids: list[str], source: Path
) -> list[str]:
    words = [word.lower() for word in _texts(frame, columns["technology"])]
    bad = [f"{one}（{word or '空'}）" for one, word in zip(ids, words, strict=True)
           if word not in _WORDS]  # fmt: skip
    if bad:
        raise _refusal(
            source, bad, "的技术未知", "unknown technology",
            f"填 {'、'.join(_WORDS)} 之一", f"use one of {', '.join(_WORDS)}",
        )  # fmt: skip
    return [_WORDS[word] for word in words]


def _capacity(
    frame: gpd.GeoDataFrame, columns: dict[str, str], ids: list[str], source: Path
) -> list[float]:
    texts = _texts(frame, columns.get("capacity_mw"))
    out = []
    for one, text in zip(ids, texts, strict=True):
        try:
            value = float(text) if text else math.nan
        except ValueError:
            value = -1.0
        if text and not 0 < value <= MOST_MW:  # NaN and infinity typed out fail too
            raise _refusal(
                source, [one], f"的容量 {text} 不在 0-{MOST_MW:g} MW",
                f"capacity {text} is not within 0-{MOST_MW:g} MW",
                "填交流兆瓦数；未知则留空", "fill in MW AC, or leave it empty",
            )  # fmt: skip
        out.append(value)
    return out


def _qualities(
    frame: gpd.GeoDataFrame,
    columns: dict[str, str],
    ids: list[str],
    point: list[bool],
    source: Path,
) -> list[str]:
    words = {one: one for one in COORD_QUALITY} | {zh: one for one, zh in COORD_QUALITY_ZH.items()}
    out = []
    for one, text, dot in zip(ids, _texts(frame, columns.get("coord_quality")), point, strict=True):
        if text and text.lower() not in words:
            raise _refusal(
                source, [one], f"的坐标精度“{text}”未知", f"unknown coord_quality {text}",
                f"填 {'、'.join(COORD_QUALITY)} 之一", f"use one of {', '.join(COORD_QUALITY)}",
            )  # fmt: skip
        told = words.get(text.lower(), "approx" if dot else "exact")
        out.append("approx" if dot and told in {"exact", "surveyed"} else told)
    return out


def _shapes(frame: gpd.GeoDataFrame, ids: list[str], source: Path) -> Any:
    shapes = shapely.force_2d(np.asarray(frame.geometry.values, dtype=object))
    single = [
        shapely.get_geometry(one, 0) if one.geom_type == "MultiPoint" and len(one.geoms) == 1
        else one for one in shapes
    ]  # fmt: skip
    out = np.array(single, dtype=object)
    kinds = shapely.get_type_id(out)
    bad = [one for one, kind in zip(ids, kinds, strict=True) if kind not in _POINTS + _POLYGONS]
    if bad:
        raise _refusal(
            source, bad, "不是多边形或单点", "are neither polygon nor single point",
            "画出占地范围", "draw their ground",
        )  # fmt: skip
    return out


def _refuse_overlaps(frame: gpd.GeoDataFrame, source: Path) -> None:
    """Refuse two polygons of one technology that share ground: it would count twice."""
    shapes = np.asarray(frame.geometry.values, dtype=object)
    tree = shapely.STRtree(shapes)
    for a, b in zip(*tree.query(shapes, predicate="intersects"), strict=True):
        if a >= b or frame["technology"].iloc[a] != frame["technology"].iloc[b]:
            continue
        shared = shapely.area(shapely.intersection(shapes[a], shapes[b]))
        least = min(shapely.area(shapes[a]), shapely.area(shapes[b]))
        if least > 0 and shared > SHARED * least:
            pair = [frame["id"].iloc[a], frame["id"].iloc[b]]
            raise _refusal(
                source, pair, f"重叠 {shared / 1e4:.2f} 公顷", f"overlap by {shared / 1e4:.2f} ha",
                "改正边界，使同一技术的项目互不重叠", "correct their outlines",
            )  # fmt: skip
