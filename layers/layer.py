"""Layer and LayerStack: checked inputs of a run, all on one grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import xarray as xr

from geo.errors import InputError, Say
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import LayerSpec

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

COMPLETE = "complete"
PRESENCE_ONLY = "presence_only"


@dataclass(frozen=True, slots=True)
class Layer:
    """One checked input.

    Parameters
    ----------
    name
        Key of :data:`layers.contract.SPECS`.
    data
        DataArray ``(y, x)`` on the run's grid, GeoDataFrame in the grid's CRS, or DataFrame.
    spec
        The contract that ``data`` fulfils.
    passport
        Where it comes from.
    coverage
        Where the layer says anything, as a geometry in the grid's CRS; None = everywhere
        on the grid. Ground outside is *unknown*, never clear.
    completeness
        ``complete``, or ``presence_only``: a hit counts, an absence is unknown.
    notes
        What the reader repaired or assumed, for the log.
    """

    name: str
    data: xr.DataArray | gpd.GeoDataFrame | pd.DataFrame
    spec: LayerSpec
    passport: Passport
    coverage: BaseGeometry | None = None
    completeness: str = COMPLETE
    notes: tuple[str, ...] = ()

    def raster(self) -> xr.DataArray:
        """Return the data of a raster layer."""
        if not isinstance(self.data, xr.DataArray):
            raise _wrong_kind(self.name, "raster", "栅格")
        return self.data

    def vector(self) -> gpd.GeoDataFrame:
        """Return the data of a vector layer."""
        if not isinstance(self.data, gpd.GeoDataFrame):
            raise _wrong_kind(self.name, "vector", "矢量")
        return self.data

    def table(self) -> pd.DataFrame:
        """Return the data of a table layer."""
        if isinstance(self.data, (xr.DataArray, gpd.GeoDataFrame)):
            raise _wrong_kind(self.name, "table", "表格")
        return self.data


def _wrong_kind(name: str, en: str, zh: str) -> InputError:
    return InputError(
        name,
        Say(f"不是{zh}图层", f"is not a {en} layer"),
        Say("检查目录中该条目的 kind", "check the entry's kind in the catalog"),
    )


@dataclass(frozen=True, slots=True)
class LayerStack:
    """All layers of one run on one grid, and why the others are absent.

    Parameters
    ----------
    grid
        The run's grid.
    layers
        Layer by name.
    absent
        Reason (Chinese, English) by name of each layer that the catalog does not hold.
    """

    grid: Grid
    layers: Mapping[str, Layer]
    absent: Mapping[str, Say] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.layers

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers.values())

    def get(self, name: str) -> Layer | None:
        """Return the layer, or None when the catalog does not hold it."""
        return self.layers.get(name)

    def require(self, name: str) -> Layer:
        """Return the layer or raise :class:`InputError`."""
        found = self.layers.get(name)
        if found is None:
            reason = self.absent.get(name, Say("目录中没有", "is not in the catalog"))
            raise InputError(
                name,
                Say(f"缺少图层：{reason.zh}", f"layer is missing: {reason.en}"),
                Say("在目录中登记该图层", "add it to the catalog"),
            )
        return found
