"""GCJ-02 passed for WGS84: found by the county borders that a layer follows.

A layer that was cut at county borders has vertices on them. If many more of its vertices
lie on the Tianditu borders after the GCJ-02 shift is undone than as they stand, the layer
is in GCJ-02, some 500 m off. A layer that follows no border says nothing, and is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import from_lonlat, gcj02_to_wgs84, lonlat, wgs84_to_gcj02
from geo.errors import DatumError, Say

#: Half width of the border's strip, well below the shift and above the borders' generality. [m]
NEAR_M: Final = 60.0
#: Vertices that are looked at, evenly over the layer.
_LOOKED_AT: Final = 20_000
#: Fewest vertices on the border, and how many times more than unshifted: likely, and sure.
_LIKELY: Final = (30, 3.0)
_SURE: Final = (100, 6.0)


@dataclass(frozen=True, slots=True)
class Shift:
    """What the borders say of a layer.

    Parameters
    ----------
    kind
        ``""`` nothing, ``"gcj02"`` it is in GCJ-02, ``"twice"`` it was converted though it
        was WGS84.
    sure
        Enough vertices say so to refuse the layer in legal mode.
    here, there
        Vertices on the border as they stand, and after the shift.
    """

    kind: str
    sure: bool
    here: int
    there: int

    def what(self) -> Say:
        """Return the finding in one sentence."""
        if self.kind == "gcj02":
            return Say(
                f"位置像 GCJ-02（整体偏移约 500 米）：{self.there} 个顶点在扣除偏移后落在县界上，"
                f"原样只有 {self.here} 个",
                f"lies as GCJ-02 does, some 500 m off: {self.there} vertices meet the county "
                f"borders once the shift is undone, {self.here} as they stand",
            )
        return Say(
            f"像是对 WGS84 多做了一次 GCJ-02 换算（反向偏移约 500 米）：扣除后 {self.there} 个顶点"
            f"落在县界上，原样只有 {self.here} 个",
            f"seems converted from GCJ-02 though it was WGS84, some 500 m off the other way: "
            f"{self.there} vertices against {self.here}",
        )

    def cure(self) -> Say:
        """Return what to write in the catalog."""
        if self.kind == "gcj02":
            return Say(
                "登记时用 --datum GCJ-02，或在目录条目中写 datum: GCJ-02",
                "use --datum GCJ-02, or write datum: GCJ-02 in the catalog entry",
            )
        return Say(
            "不用 --datum，或删去目录条目中的 datum: GCJ-02",
            "leave --datum out, or remove datum: GCJ-02 from the entry",
        )

    def error(self, subject: object) -> DatumError:
        """Return the finding as an error."""
        return DatumError(subject, self.what(), self.cure())

    def note(self) -> str:
        """Return the finding as the note of a layer."""
        what, cure = self.what(), self.cure()
        return f"{what.zh}；{cure.zh} ({what.en}; {cure.en})"


def border_strip(counties: gpd.GeoDataFrame) -> BaseGeometry:
    """Return the strip of :data:`NEAR_M` on both sides of all county borders.

    Parameters
    ----------
    counties
        Outlines in a metric CRS.
    """
    lines = shapely.simplify(shapely.boundary(np.asarray(counties.geometry.values)), 5.0)
    strip = shapely.union_all(shapely.buffer(lines, NEAR_M, quad_segs=2))
    shapely.prepare(strip)
    return strip


def find_shift(frame: gpd.GeoDataFrame, strip: BaseGeometry, crs: str) -> Shift:
    """Tell whether a layer lies where GCJ-02 would put it.

    Parameters
    ----------
    frame
        Layer in ``crs``, in the datum that it claims.
    strip
        :func:`border_strip` in ``crs``.
    crs
        Metric CRS.
    """
    xy = shapely.get_coordinates(np.asarray(frame.geometry.values))
    step = max(1, len(xy) // _LOOKED_AT)
    xy = xy[::step]
    if len(xy) < _LIKELY[0]:
        return Shift("", sure=False, here=0, there=0)
    lon, lat = lonlat(crs, xy[:, 0], xy[:, 1])
    back, forth = gcj02_to_wgs84(lon, lat), wgs84_to_gcj02(lon, lat)
    here = _on(strip, xy[:, 0], xy[:, 1])
    undone = _on(strip, *from_lonlat(crs, *back))
    redone = _on(strip, *from_lonlat(crs, *forth))
    for kind, there, other in (("gcj02", undone, redone), ("twice", redone, undone)):
        rest = max(here, other, 1)
        if there >= _LIKELY[0] and there >= _LIKELY[1] * rest:
            sure = there >= _SURE[0] and there >= _SURE[1] * rest
            return Shift(kind, sure=sure, here=here, there=there)
    return Shift("", sure=False, here=here, there=undone)


def _on(strip: BaseGeometry, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> int:
    return int(np.count_nonzero(shapely.contains_xy(strip, x, y)))
