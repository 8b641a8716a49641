"""Raster files out: cloud-optimised GeoTIFF, nodata declared, verified, then renamed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.shutil import copy

from geo.errors import OptionError, Say
from geo.grid import Grid
from geo.publish import disk_error, ensure_space, replacing
from geo.values import check_code

Data = npt.NDArray[Any]

_BLOCK: Final = 512


def write_cog(
    path: Path | str,
    data: Data,
    grid: Grid,
    *,
    nodata: float,
    unit: str = "",
    description: str = "",
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write one band as a COG; the same input gives the same bytes.

    Written to a temporary file, read back cell by cell, forced to disk, renamed.

    Parameters
    ----------
    path
        Final file, replaced only by a verified one.
    data
        Array of shape ``grid.shape``; bool is stored as uint8.
    grid
        Where the cells lie.
    nodata
        Mark of missing cells, obligatory; NaN for floats.
    unit, description
        Written into the band.
    tags
        Further metadata of the file; written in sorted order.

    Raises
    ------
    OptionError
        Array not on its grid, or a nodata code that its type cannot hold.
    DiskError
        Disk full, no permission, or the file read back differs.
    """
    if data.shape != grid.shape:
        raise OptionError(
            path,
            Say(
                f"数组 {data.shape} 与栅格 {grid.shape} 不符",
                f"array {data.shape} is not on its grid {grid.shape}",
            ),
            Say("传入同一 Grid 的数组", "pass the array with its own grid"),
        )
    flat = np.ascontiguousarray(data.astype(np.uint8) if data.dtype == np.bool_ else data)
    code = check_code(nodata, flat.dtype, path)
    final = Path(path)
    ensure_space(final.parent, flat.nbytes)
    profile = {
        "driver": "GTiff",
        "height": grid.rows,
        "width": grid.cols,
        "count": 1,
        "dtype": flat.dtype,
        "crs": grid.crs,
        "transform": grid.transform,
        "nodata": code,
        "tiled": True,
        "blockxsize": _BLOCK,
        "blockysize": _BLOCK,
    }
    with replacing(final) as part, rasterio.Env():
        try:
            with MemoryFile() as memory:
                with memory.open(**profile) as target:
                    target.write(flat, 1)
                    target.set_band_description(1, description)
                    target.set_band_unit(1, unit)
                    target.update_tags(**dict(sorted((tags or {}).items())))
                with memory.open() as source:
                    copy(source, part, driver="COG", **_options(flat.dtype))
            _verify(part, flat, grid, code)
        except (RasterioError, CPLE_BaseError) as fault:
            raise disk_error(final, fault) from fault


def _options(dtype: np.dtype[Any]) -> dict[str, str | int]:
    return {
        "COMPRESS": "DEFLATE",
        "PREDICTOR": "YES",
        "BLOCKSIZE": _BLOCK,
        "BIGTIFF": "IF_SAFER",
        "OVERVIEWS": "AUTO",
        "OVERVIEW_RESAMPLING": "AVERAGE" if dtype.kind == "f" else "NEAREST",
        "NUM_THREADS": 2,
    }


def _verify(part: Path, data: Data, grid: Grid, code: float) -> None:
    """Read every block back: a full disk can leave a file that opens and reads zeros."""
    with rasterio.open(part, driver="GTiff") as source:
        kept = source.nodata
        same_code = kept is not None and (kept == code or (np.isnan(kept) and np.isnan(code)))
        if source.transform != grid.transform or source.shape != grid.shape or not same_code:
            raise disk_error(part, "header read back differs")
        for start, stop in grid.blocks(_BLOCK):
            back = source.read(1, window=((start, stop), (0, grid.cols)))
            if not np.array_equal(back, data[start:stop], equal_nan=data.dtype.kind == "f"):
                raise disk_error(part, f"rows {start}-{stop} read back differ")
