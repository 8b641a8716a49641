"""The real 0.25 degree means of wind and sun, put onto a grid without smoothing.

Published figures (Global Wind Atlas and Global Solar Atlas, averaged to 0.25 degree
cells), so nothing here is synthetic; the wind mean hides every ridge and is a proxy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from geo import crs as geo_crs
from geo.errors import InputError, Say
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.facts import RESOURCE_SOURCES, Facts
from layers.layer import Layer

#: Layer -> column of the facts table, factor onto the layer's unit (kWh/m²·d -> kWh/m²·a).
COLUMNS: Final = {"wind_mean": ("wind_100m_ms", 1.0), "ghi": ("ghi_kwh_m2_d", 365.25)}
CELL_DEG: Final = 0.25
BLOCK: Final = 512


def build_resource(grid: Grid, facts: Facts) -> Mapping[str, Layer]:
    """Return the layers ``wind_mean`` [m/s] and ``ghi`` [kWh/m²·a] on ``grid``.

    Parameters
    ----------
    grid
        Any metric grid; cells whose 0.25 degree cell is not in the table become NaN.
    facts
        Its ``resource`` table: lon, lat [°] of the cell centres and the means.

    Raises
    ------
    InputError
        The facts hold no resource table.
    """
    table = facts.resource
    if table.empty:
        raise InputError(
            "resource",
            Say("该地区没有 0.25° 风光均值表", "the region has no table of 0.25 degree means"),
            Say("在目录中登记风速和辐照栅格", "register wind and irradiation rasters"),
        )
    row, col, south, west = _cells(table)
    out: dict[str, npt.NDArray[np.float32]] = {}
    lookup: dict[str, npt.NDArray[np.float32]] = {}
    for name, (column, factor) in COLUMNS.items():
        field = np.full((row.max() + 3, col.max() + 3), np.nan, np.float32)
        field[row + 1, col + 1] = table[column].to_numpy(dtype=np.float64) * factor
        lookup[name] = field
        out[name] = np.empty(grid.shape, np.float32)
    x = grid.transform.c + (np.arange(grid.cols) + 0.5) * grid.dx
    for start, stop in grid.blocks(BLOCK):
        y = grid.transform.f - (np.arange(start, stop) + 0.5) * grid.dy
        gx, gy = np.meshgrid(x, y)
        lon, lat = geo_crs.lonlat(grid.crs, gx.ravel(), gy.ravel())
        shape = next(iter(lookup.values())).shape
        r = np.clip(np.rint((lat - south) / CELL_DEG).astype(np.int64) + 1, 0, shape[0] - 1)
        c = np.clip(np.rint((lon - west) / CELL_DEG).astype(np.int64) + 1, 0, shape[1] - 1)
        for name, field in lookup.items():
            out[name][start:stop] = field[r, c].reshape(gx.shape)
    return {name: _layer(name, data, facts) for name, data in out.items()}


def _cells(
    table: pd.DataFrame,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], float, float]:
    """Return row and column of each cell of the table, and its first latitude, longitude."""
    lon = table["lon"].to_numpy(dtype=np.float64)
    lat = table["lat"].to_numpy(dtype=np.float64)
    south, west = float(lat.min()), float(lon.min())
    row = np.rint((lat - south) / CELL_DEG).astype(np.int64)
    col = np.rint((lon - west) / CELL_DEG).astype(np.int64)
    return row, col, south, west


def _layer(name: str, data: npt.NDArray[np.float32], facts: Facts) -> Layer:
    spec = SPECS[name]
    source = RESOURCE_SOURCES[COLUMNS[name][0]]
    known = facts.sources.get(source)
    passport = Passport(
        sources=(source,),
        licences=(known.licence,) if known and known.licence else (),
        citations=(known.citation,) if known and known.citation else (),
        grade=known.grade if known else "-",
        proxy=name == "wind_mean",
    )
    notes = (
        ("网格均值，未解析山脊：取最近的 0.25° 单元 / 0.25 degree mean, ridges unresolved",)
        if name == "wind_mean"
        else (
            "0.25° 单元取最近单元，日均 x 365.25 / nearest 0.25 degree cell, daily mean x 365.25",
        )
    )
    array = xr.DataArray(data, dims=("y", "x"), name=name)
    return Layer(name, array, spec, passport, notes=notes)
