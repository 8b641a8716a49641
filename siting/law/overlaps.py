"""Protected areas that overlap: an error of the data, since the law keeps them apart.

The three kinds of protected area (national park, nature reserve, nature park) may not
overlap (生态环境法典 第859条, in force since 2026-08-15); layers drawn before overlap a lot.
The core and the general zone of one reserve may touch; where they overlap, nobody can tell
which holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import polygon_areas
from geo.errors import OptionError, Say
from layers.contract import SPECS
from layers.layer import LayerStack

#: Layers of the three kinds of protected area.
PROTECTED: Final = ("national_park", "nature_reserve", "nature_park")
_ARTICLE: Final = Say(
    "生态环境法典 第859条（2026-08-15 起）：自然保护地不得重叠",
    "Ecological and Environmental Code, Art. 859 (2026-08-15): protected areas may not overlap",
)
_ZONE: Final = {
    "core": Say("核心保护区", "core zone"),
    "general": Say("一般控制区", "general control zone"),
}


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ground that two protected areas claim.

    Parameters
    ----------
    layers, names
        Layer and name of the two areas.
    area_m2
        Ellipsoidal area of the common ground. [m2]
    text
        What is wrong, with the article.
    """

    layers: tuple[str, str]
    names: tuple[str, str]
    area_m2: float
    text: Say


@dataclass(frozen=True, slots=True)
class _Area:
    layer: str
    name: str
    zone: str


def overlaps(stack: LayerStack, minimum_m2: float = 1.0) -> tuple[Overlap, ...]:
    """Find protected areas that overlap, the largest overlap first.

    Parameters
    ----------
    stack
        Layers of the run; absent ones have no part in it.
    minimum_m2
        Pieces smaller than this are slivers of the digitising and are left out. [m2]

    Raises
    ------
    OptionError
        When ``minimum_m2`` is negative or no number.
    """
    if not minimum_m2 >= 0:
        raise OptionError(
            f"minimum_m2 {minimum_m2}",
            Say("不是非负的面积", "is no area"),
            Say("写 0 或更大的平方米数", "give square metres, 0 or more"),
        )
    areas, shapes = _areas(stack)
    if len(areas) < 2:
        return ()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = np.array([_may_touch(areas[i], areas[j]) for i, j in zip(first, second, strict=True)])
    wanted = (first < second) & ~apart.astype(bool)
    first, second = first[wanted], second[wanted]
    common = _common(shapes[first], shapes[second], stack.grid.crs, minimum_m2)
    total: dict[tuple[_Area, _Area], float] = {}
    for i, j, area in zip(first.tolist(), second.tolist(), common.tolist(), strict=True):
        if area > 0:
            pair = (areas[i], areas[j])
            total[pair] = total.get(pair, 0.0) + area
    found = [_overlap(one, other, area) for (one, other), area in total.items()]
    return tuple(sorted(found, key=lambda o: (-o.area_m2, o.layers, o.names)))


def _areas(stack: LayerStack) -> tuple[list[_Area], npt.NDArray[Any]]:
    """Return who owns each shape, and the shapes, mended where a ring crosses itself."""
    areas: list[_Area] = []
    shapes: list[Any] = []
    for name in PROTECTED:
        layer = stack.get(name)
        if layer is None:
            continue
        frame = layer.vector()
        n = len(frame)
        zones = frame["zone"].tolist() if "zone" in frame.columns else [""] * n
        names = frame["name"].tolist() if "name" in frame.columns else [""] * n
        for title, zone, shape in zip(names, zones, frame.geometry, strict=True):
            if shape is not None and not shape.is_empty:
                areas.append(_Area(name, _text(title), _text(zone)))
                shapes.append(shape if shape.is_valid else shapely.make_valid(shape))
    return areas, np.array(shapes, dtype=object)


def _may_touch(one: _Area, other: _Area) -> bool:
    """Return whether two shapes are parts of one area in one zone."""
    return one == other and one.name != ""


def _common(
    first: npt.NDArray[Any], second: npt.NDArray[Any], crs: str, minimum_m2: float
) -> npt.NDArray[np.float64]:
    """Return the common ground of each pair [m2], slivers left out."""
    parts, pair = shapely.get_parts(shapely.intersection(first, second), return_index=True)
    solid = shapely.get_dimensions(parts) == 2
    parts, pair = parts[solid], pair[solid]
    size = polygon_areas(gpd.GeoSeries(parts, crs=crs)) if len(parts) else np.zeros(0)
    size = np.where(size >= minimum_m2, size, 0.0)
    return np.bincount(pair, weights=size, minlength=len(first)).astype(np.float64)


def _overlap(one: _Area, other: _Area, area_m2: float) -> Overlap:
    first, second = _called(one), _called(other)
    same = (one.layer, one.name) == (other.layer, other.name) and one.name != ""
    reason = Say("分区不得重叠", "zones may not overlap") if same else _ARTICLE
    hectares = f"{area_m2 / 1e4:.4g}"
    text = Say(
        f"数据错误：{first.zh}与{second.zh}重叠 {hectares} 公顷（{reason.zh}）",
        f"data error: {first.en} and {second.en} overlap on {hectares} ha ({reason.en})",
    )
    return Overlap((one.layer, other.layer), (one.name, other.name), area_m2, text)


def _called(area: _Area) -> Say:
    spec = SPECS[area.layer]
    zone = _ZONE.get(area.zone, Say("", ""))
    return Say(
        f"{spec.title}“{area.name or '未命名'}”{zone.zh}",
        f"{spec.title_en.lower()} {area.name or 'without a name'}"
        f"{', ' + zone.en if zone.en else ''}",
    )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
