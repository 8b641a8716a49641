"""Drivers: entry + files -> checked raster, vector or table. The only readers of input files.

Rasters and vectors are opened by :mod:`geo.raster` and :mod:`geo.vector` (allow-listed
formats); tables are CSV whose encoding is given, marked by a byte-order mark, or found
by trying UTF-8 and then GB18030. Entries of kind ``synthetic`` read no file and are
made by :mod:`layers.synthetic`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo import digest, raster
from geo.errors import InputError, RasterError, Say
from geo.grid import Grid
from layers import conform, marks
from layers.bureau.strata import strata
from layers.burnt import polygon_values, read_burnt
from layers.contract import LayerSpec
from layers.csvfile import read_csv
from layers.entry import Entry
from layers.extent import extent_near
from layers.request import RasterRead, Request, VectorRead
from layers.vectors import DEMO_SUFFIX, features_of, read_vector

__all__ = [
    "RasterRead",
    "Request",
    "VectorRead",
    "checksums",
    "extent_near",
    "from_demo",
    "native_grid",
    "of_polygons",
    "polygon_values",
    "read_raster",
    "read_table",
    "read_vector",
]

#: Mean length of a degree of latitude, only for saying how large a source cell is. [m]
_DEGREE_M: Final = 111_195.0
#: Drivers that make a raster or a table out of polygons.
_POLYGONS: Final = frozenset({"landsurvey", "subcompartments"})


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
    spec = request.need_spec()
    conform.check_unit(request.entry.adapter, spec, request.subject)
    if grid is not None and of_polygons(request):
        return read_burnt(request, grid)
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


def of_polygons(request: Request) -> bool:
    """Tell whether a raster or table is made of polygons, which have no grid of their own."""
    return request.entry.driver.name in _POLYGONS


def _read_one(
    request: Request, spec: LayerSpec, path: Path, grid: Grid
) -> tuple[npt.NDArray[Any], Grid]:
    entry = request.entry
    adapter = entry.adapter
    source = raster.native_grid(path, crs=entry.crs)
    conform.check_file_unit(raster.band_unit(path), adapter, spec, str(path))
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


def _cell_metres(source: Grid) -> float:
    side = max(source.dx, source.dy)
    if not CRS.from_user_input(source.crs).is_geographic:
        return side
    # written and read back, 0.0025 degree is not quite 0.0025
    fine = side <= marks.FINE_DEG * (1 + 1e-6)
    return min(side * _DEGREE_M, marks.FINE_M) if fine else side * _DEGREE_M


def read_table(request: Request) -> pd.DataFrame:
    """Read a table entry; with the contract's columns where the layer has a contract.

    Raises
    ------
    TableError
        When the text cannot be decoded or the table lacks a column.
    SizeError
        When the file is larger than 256 MB.
    """
    path = request.single()
    if of_polygons(request):
        frame, _ = features_of(request)
        return strata(frame, request.entry.adapter, str(path))
    options = request.entry.driver.options
    frame = read_csv(path, options.encoding, options.separator)
    spec = request.spec
    if spec is None or spec.kind != "table":
        return frame.rename(columns=request.entry.adapter.rename)
    return conform.conform_table(frame, spec, request.entry.adapter, str(path))


def checksums(request: Request) -> Mapping[str, str]:
    """Return the sha256 of each file by name, verified against the catalog's.

    A shapefile counts with its side files, a file geodatabase as the list of its files.

    Raises
    ------
    InputError
        When a declared checksum differs.
    """
    found: dict[str, str] = {}
    declared = request.entry.source.sha256
    for path in request.files:
        whole = digest.whole_sha256(path)
        found |= {path.name: whole} if path.is_dir() else digest.sha256_of(path)
        if declared is not None and whole != declared:
            raise InputError(
                path,
                Say(f"sha256 不符：应为 {declared}，实为 {whole}",
                    f"has another sha256: wanted {declared}, found {whole}"),
                Say("重新取得该文件，或在目录中更新 sha256",
                    "get the file again, or update sha256 in the catalog"),
            )  # fmt: skip
    return MappingProxyType(found)


def from_demo(request: Request) -> bool:
    """Tell whether a file was exported from synthetic data, by its name."""
    return any(path.stem.endswith(DEMO_SUFFIX) for path in request.files)
