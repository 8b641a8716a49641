"""Mending of broken geometries, with a list of what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import polygon_areas

#: Attribute that names a feature best, in this order; else its row number.
_ID_COLUMNS: Final = ("code", "adcode", "id", "fid", "BSM", "name")
#: Polygons smaller than this are slivers of digitising. [m2]
SLIVER_M2: Final = 1.0
#: So many repaired features have a line of their own.
_SHOWN: Final = 20
#: So many slivers are named in the log.
_LISTED: Final = 8
#: Mean length of a degree, only to tell which polygons are worth measuring. [m]
_DEGREE_M: Final = 111_195.0
_POLYGONS: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_LINES: Final = (
    shapely.GeometryType.LINESTRING,
    shapely.GeometryType.LINEARRING,
    shapely.GeometryType.MULTILINESTRING,
)


@dataclass(frozen=True, slots=True)
class Repairs:
    """What reading a layer changed.

    Parameters
    ----------
    ids
        Features whose geometry was invalid, as text.
    area_before_m2, area_after_m2
        Their ellipsoidal area as the file has it, and after mending. [m2]
    dropped
        Features left out because they have no geometry at all.
    slivers
        Polygons left out because they are smaller than the tolerance.
    sliver_area_m2
        Their ellipsoidal area together. [m2]
    """

    ids: tuple[str, ...] = ()
    area_before_m2: tuple[float, ...] = ()
    area_after_m2: tuple[float, ...] = ()
    dropped: tuple[str, ...] = ()
    slivers: tuple[str, ...] = ()
    sliver_area_m2: float = 0.0

    def lines(self, lang: str = "zh") -> list[str]:
        """Return one line a repaired or dropped feature, in ``lang``; of many, the first few."""
        zh = lang == "zh"
        out = []
        rows = zip(self.ids, self.area_before_m2, self.area_after_m2, strict=True)
        for name, before, after in rows:
            change = f"{before / 1e6:.4f} -> {after / 1e6:.4f} km2"
            head = f"要素 {name} 几何已修复" if zh else f"feature {name} was repaired"
            out.append(f"{head}：{change}" if zh else f"{head}: {change}")
        left_out = "要素 {} 没有几何，已略去" if zh else "feature {} has no geometry, left out"
        out = _few(out, "修复", "repaired", zh=zh)
        out += _few([left_out.format(n) for n in self.dropped], "略去", "left out", zh=zh)
        if self.slivers:
            few = ", ".join(self.slivers[:_LISTED])
            n, area = len(self.slivers), self.sliver_area_m2
            out.append(
                f"略去碎面 {n} 个，共 {area:.2f} m²（{few}）"
                if zh
                else f"left out {n} slivers, {area:.2f} m2 together ({few})"
            )
        return out


def _few(lines: list[str], zh_word: str, en_word: str, *, zh: bool) -> list[str]:
    """Return at most :data:`_SHOWN` lines and how many more there are."""
    if len(lines) <= _SHOWN:
        return lines
    rest = len(lines) - _SHOWN
    more = f"另有 {rest} 个要素{zh_word}" if zh else f"{rest} more features {en_word}"
    return [*lines[:_SHOWN], more]


def named(frame: gpd.GeoDataFrame) -> list[str]:
    """Return a name of each feature: its best id column, else its row number."""
    for column in _ID_COLUMNS:
        if column in frame.columns and frame[column].notna().all() and frame[column].is_unique:
            return [str(v) for v in frame[column]]
    return [str(v) for v in frame.index]


def _mended(geometry: Any) -> Any:
    """Return a valid geometry of the same dimension; bow-ties keep both wings."""
    kind = shapely.get_type_id(geometry)
    valid = shapely.make_valid(geometry)
    if shapely.get_type_id(valid) != shapely.GeometryType.GEOMETRYCOLLECTION:
        return valid
    wanted = _POLYGONS if kind in _POLYGONS else _LINES if kind in _LINES else None
    if wanted is None:
        return valid
    parts = [p for p in shapely.get_parts(valid) if shapely.get_type_id(p) in wanted]
    return shapely.union_all(parts) if parts else valid


def repair(
    frame: gpd.GeoDataFrame, sliver_m2: float = SLIVER_M2
) -> tuple[gpd.GeoDataFrame, Repairs]:
    """Mend invalid geometries with ``make_valid``, drop rows without any and slivers.

    Parameters
    ----------
    frame
        Layer with a CRS; not changed.
    sliver_m2
        Polygons with a smaller ellipsoidal area are left out; 0 keeps all. [m2]

    Returns
    -------
    tuple
        The layer with valid geometries, rows renumbered from 0, and the list of repairs.

    Raises
    ------
    CrsError
        The layer has no CRS.
    """
    geometry: npt.NDArray[np.object_] = np.asarray(frame.geometry.values, dtype=object)
    absent = np.array([g is None or bool(shapely.is_empty(g)) for g in geometry], dtype=bool)
    broken = ~absent & ~np.asarray(shapely.is_valid(geometry), dtype=bool)
    before = frame.geometry[broken]
    mended = frame
    if len(before):
        new = geometry.copy()
        new[broken] = np.asarray(before.map(_mended).values, dtype=object)
        mended = frame.set_geometry(gpd.GeoSeries(new, index=frame.index, crs=frame.crs))
    nothing = broken & _collapsed(geometry, np.asarray(mended.geometry.values, dtype=object))
    broken &= ~nothing
    before = frame.geometry[broken]
    thin, thin_m2 = _slivers(mended, ~absent & ~nothing, sliver_m2)
    thin |= nothing
    if not absent.any() and not broken.any() and not thin.any():
        return frame.reset_index(drop=True), Repairs()
    names = np.array(named(frame), dtype=object)
    told = Repairs(
        ids=tuple(names[broken]),
        area_before_m2=tuple(polygon_areas(before).tolist()),
        area_after_m2=tuple(polygon_areas(mended.geometry[broken]).tolist()),
        dropped=tuple(names[absent]),
        slivers=tuple(names[thin]),
        sliver_area_m2=thin_m2,
    )
    return mended[~absent & ~thin].reset_index(drop=True), told


def _collapsed(before: npt.NDArray[np.object_], after: npt.NDArray[np.object_]) -> Any:
    """Return which polygons enclose nothing: what is left of them is a line or a point."""
    flat = [int(kind) for kind in _POLYGONS]
    was, still = (np.isin(shapely.get_type_id(one), flat) for one in (before, after))
    return was & ~still


def _slivers(
    frame: gpd.GeoDataFrame, present: npt.NDArray[np.bool_], limit: float
) -> tuple[npt.NDArray[np.bool_], float]:
    """Return which polygons have less than ``limit`` [m2], and their area together [m2]."""
    shapes = np.asarray(frame.geometry.values, dtype=object)
    found = np.zeros(len(shapes), dtype=np.bool_)
    flat = np.isin(shapely.get_type_id(shapes), [int(kind) for kind in _POLYGONS])
    if limit <= 0 or not (present & flat).any():
        return found, 0.0
    scale = _DEGREE_M**2 if frame.crs is not None and frame.crs.is_geographic else 1.0
    # a degree of longitude is shorter than one of latitude: planar area only overestimates,
    # so measure those that might be small and nothing else
    rough = np.where(present & flat, shapely.area(shapes), np.inf) * scale
    doubtful = np.flatnonzero(rough < limit * 16.0)
    if doubtful.size == 0:
        return found, 0.0
    exact = polygon_areas(frame.geometry.iloc[doubtful])
    found[doubtful[exact < limit]] = True
    return found, float(exact[exact < limit].sum())
