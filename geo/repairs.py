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
    """

    ids: tuple[str, ...] = ()
    area_before_m2: tuple[float, ...] = ()
    area_after_m2: tuple[float, ...] = ()
    dropped: tuple[str, ...] = ()

    def lines(self, lang: str = "zh") -> list[str]:
        """Return one line a repaired or dropped feature, in ``lang``."""
        zh = lang == "zh"
        out = []
        rows = zip(self.ids, self.area_before_m2, self.area_after_m2, strict=True)
        for name, before, after in rows:
            change = f"{before / 1e6:.4f} -> {after / 1e6:.4f} km2"
            head = f"要素 {name} 几何已修复" if zh else f"feature {name} was repaired"
            out.append(f"{head}：{change}" if zh else f"{head}: {change}")
        left_out = "要素 {} 没有几何，已略去" if zh else "feature {} has no geometry, left out"
        return out + [left_out.format(name) for name in self.dropped]


def _named(frame: gpd.GeoDataFrame) -> list[str]:
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


def repair(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Repairs]:
    """Mend invalid geometries with ``make_valid`` and drop rows that have none.

    Parameters
    ----------
    frame
        Layer with a CRS; not changed.

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
    if not absent.any() and not broken.any():
        return frame.reset_index(drop=True), Repairs()
    names = _named(frame)
    before = frame.geometry[broken]
    after = before.map(_mended) if len(before) else before
    mended = frame.copy()
    if len(before):
        new = geometry.copy()
        new[broken] = np.asarray(after.values, dtype=object)
        mended = mended.set_geometry(gpd.GeoSeries(new, index=frame.index, crs=frame.crs))
    told = Repairs(
        ids=tuple(np.array(names, dtype=object)[broken]),
        area_before_m2=tuple(polygon_areas(before).tolist()),
        area_after_m2=tuple(polygon_areas(mended.geometry[broken]).tolist()),
        dropped=tuple(np.array(names, dtype=object)[absent]),
    )
    return mended[~absent].reset_index(drop=True), told
