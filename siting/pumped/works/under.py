"""Features of a layer under a piece of land: how many, how large, and what the layer omits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import polygon_areas
from geo.errors import Say
from layers.layer import PRESENCE_ONLY, Layer


@dataclass(frozen=True, slots=True, eq=False)
class Under:
    """Polygons of a layer, ready to be asked about many pieces of land."""

    name: str
    frame: gpd.GeoDataFrame
    tree: Any
    coverage: Any | None
    partial: bool
    crs: str

    def within(self, land: Any, column: str = "", value: str = "") -> tuple[int, float]:
        """Return number of features that lie on the land, and their area on it [m²].

        Overlapping features count once in the area. Only those whose ``column`` is ``value``
        when it is given.
        """
        rows = np.sort(self.tree.query(land, predicate="intersects"))
        if column:
            rows = rows[(self.frame[column].iloc[rows] == value).to_numpy(dtype=bool)]
        shapes = np.asarray(self.frame.geometry.values)[rows]
        inside: npt.NDArray[Any] = shapely.intersection(shapes, land)
        inside = inside[shapely.area(inside) > 0]
        if inside.size == 0:
            return 0, 0.0
        whole = gpd.GeoSeries([shapely.union_all(inside)], crs=self.crs)
        return int(inside.size), float(polygon_areas(whole)[0])

    def caveat(self, land: Any, basis: Say) -> Say:
        """Return how the number was counted, and where the layer cannot be trusted."""
        said = [basis]
        if self.partial:
            said.append(
                Say("图层只记有，未见不等于没有", "the layer lists presence: absence is unknown")
            )
        if self.coverage is not None:
            bare = land.difference(self.coverage).area
            if bare > 0:
                ha = bare / 1.0e4
                said.append(
                    Say(f"另有 {ha:.1f} 公顷图层未覆盖", f"{ha:.1f} ha more are not covered")
                )
        return Say("；".join(one.zh for one in said), "; ".join(one.en for one in said))


def under_of(layer: Layer | None, crs: str) -> Under | None:
    """Return the features of a vector layer, None without the layer."""
    if layer is None:
        return None
    frame = layer.vector()
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    tree = shapely.STRtree(np.asarray(frame.geometry.values))
    partial = layer.completeness == PRESENCE_ONLY
    return Under(layer.name, frame, tree, layer.coverage, partial, crs)
