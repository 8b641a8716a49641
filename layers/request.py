"""What a driver is asked to read, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import CatalogError, Say
from geo.grid import Grid
from layers.contract import SPECS, LayerSpec
from layers.entry import Entry


@dataclass(frozen=True, slots=True)
class Request:
    """What a driver is asked to read.

    Parameters
    ----------
    entry
        The catalog entry.
    layer
        Name of the contract layer it fulfils, or ``coverage``.
    files
        Existing files, in order; empty for drivers without files.
    subject
        ``catalog:line entry`` for messages.
    """

    entry: Entry
    layer: str
    files: tuple[Path, ...]
    subject: str

    @property
    def spec(self) -> LayerSpec | None:
        """The contract of the layer; None for polygons that only give a coverage."""
        return SPECS.get(self.layer)

    def need_spec(self) -> LayerSpec:
        """Return the contract of the layer, or raise CatalogError for a mere coverage."""
        spec = self.spec
        if spec is None:
            raise CatalogError(
                self.subject,
                Say("该条目不是图层", "the entry is no layer"),
                Say("检查 layer", "check its layer"),
            )
        return spec

    def single(self) -> Path:
        """Return the one file of the entry."""
        if len(self.files) != 1:
            raise CatalogError(
                self.subject,
                Say(f"应有一个文件，实有 {len(self.files)} 个", f"has {len(self.files)} files"),
                Say("只有栅格可以分幅", "only rasters may come in tiles"),
            )
        return self.files[0]


@dataclass(frozen=True, slots=True)
class RasterRead:
    """A raster in the contract's form and what is known of its source.

    Parameters
    ----------
    data
        (rows, cols) on ``grid``.
    cell_m
        Size of a source cell, the coarsest of all tiles; 0 for polygons. [m]
    extent
        Box of the source in the CRS of ``grid``.
    """

    data: npt.NDArray[Any]
    grid: Grid
    cell_m: float
    extent: BaseGeometry
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VectorRead:
    """A vector layer in the contract's form, its whole extent and what was repaired.

    Parameters
    ----------
    synthetic
        The file says that its features were exported from a demo run.
    unknown
        Ground on which the file says nothing about the layer (a code without a meaning).
    features
        How many features the file holds, before any is left out for being far away.
    """

    data: gpd.GeoDataFrame
    extent: BaseGeometry
    notes: tuple[str, ...] = ()
    synthetic: bool = False
    unknown: BaseGeometry = field(default_factory=shapely.Polygon)
    features: int = 0
