"""Small grids and layers around 111 E, 32.5 N."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from geo.grid import Grid

CRS = "EPSG:4546"


@pytest.fixture
def metric_grid() -> Grid:
    """A 40 x 50 grid of 90 m cells near the middle of the city."""
    return Grid(CRS, Affine(90, 0, 500_040, 0, -90, 3_600_000), (40, 50))


@pytest.fixture
def squares() -> gpd.GeoDataFrame:
    """Two 900 m squares, side by side."""
    west = shapely.box(500_040, 3_599_100, 500_940, 3_600_000)
    east = shapely.box(500_940, 3_599_100, 501_840, 3_600_000)
    return gpd.GeoDataFrame(
        {"code": ["a", "b"], "名称": ["甲", None]}, geometry=[west, east], crs=CRS
    )


@pytest.fixture
def write_tif(tmp_path: Path) -> Callable[..., Path]:
    """Write a GeoTIFF as careless software does: any nodata, any CRS or none."""

    def write(data: np.ndarray, grid: Grid, name: str = "in.tif", **profile: Any) -> Path:
        path = tmp_path / name
        settings = {"crs": grid.crs, "transform": grid.transform, "nodata": None} | profile
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            height=data.shape[0],
            width=data.shape[1],
            count=1,
            dtype=data.dtype,
            **settings,
        ) as target:
            target.write(data, 1)
        return path

    return write
