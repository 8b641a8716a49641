"""Raster files in: checked, named, on the run's grid.

Only GeoTIFF and ESRI ASCII grids are opened, by an allow-list of drivers: a text VRT
named ``.tif`` would otherwise pull in other files of the disk. Nothing is read before
its size is known, and no hole stays undeclared.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.warp import reproject
from rasterio.windows import Window

from geo import values
from geo.cog import write_cog
from geo.crs import check_crs, check_extent, same_crs, transformer
from geo.errors import CrsError, OptionError, RasterError, Say, SizeError
from geo.grid import Grid

__all__ = ["MAX_BYTES", "native_grid", "read", "warp", "write_cog"]

Data = npt.NDArray[Any]

#: First bytes of a TIFF or BigTIFF in either byte order (a COG is one of them).
_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
#: Largest block of one file that is read into memory. [B]
MAX_BYTES: Final = 4 * 2**30
_METHODS: Final = ("nearest", "bilinear", "cubic", "average", "mode", "min", "max")
#: Source cells read beyond the target's edge, so that interpolation has neighbours.
_MARGIN_CELLS: Final = 3


@contextmanager
def _opened(path: Path | str) -> Iterator[Any]:
    """Open one local file with an allowed driver; every fault names the file."""
    text = str(path)
    if "://" in text or text.lower().startswith("/vsi"):
        raise RasterError(
            text,
            Say("不读取网址与虚拟路径", "is a URL or a virtual path, which are not read"),
            Say("先下载到本地", "download it first"),
        )
    if not Path(path).is_file():
        raise RasterError(
            text, Say("文件不存在", "does not exist"), Say("检查目录中的路径", "check the path")
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver=_driver(Path(path))) as source:
                yield source
    except (RasterioError, CPLE_BaseError) as fault:
        cause = fault.__cause__ or fault  # rasterio says "see previous exception"
        raise RasterError(
            text,
            Say(
                f"读不出来，可能残缺或格式不符：{cause}",
                f"cannot be read, truncated or foreign: {cause}",
            ),
            Say(
                "重新下载并核对 sha256；只接受 GeoTIFF 与 ESRI ASCII",
                "fetch it again and compare its sha256; only GeoTIFF and ESRI ASCII are read",
            ),
        ) from fault


def _driver(path: Path) -> str:
    """Return the one driver that may open ``path``, by its first bytes."""
    with path.open("rb") as handle:
        return "GTiff" if handle.read(4) in _TIFF else "AAIGrid"


def _grid_of(source: Any, path: Path | str, crs: str | None) -> Grid:
    declared = None if source.crs is None else check_crs(source.crs, path)
    asserted = None if crs is None else check_crs(crs, path)
    if declared and asserted and not same_crs(declared, asserted):
        raise CrsError(
            path,
            Say(
                f"文件坐标系 {declared[:40]} 与目录 {asserted[:40]} 不符",
                f"is in {declared[:40]}, the catalog says {asserted[:40]}",
            ),
            Say("改正目录中的 crs", "correct crs in the catalog"),
        )
    chosen = check_crs(declared or asserted, path)
    if source.transform.is_identity:
        raise RasterError(
            path,
            Say("没有地理参考", "has no georeference"),
            Say("换用带坐标的文件", "use a file that carries its position"),
        )
    t = source.transform
    if t.b or t.d or t.a <= 0 or t.e >= 0:
        raise RasterError(
            path,
            Say("栅格不是正北朝上", "is not north-up"),
            Say("先重采样为正北朝上", "warp it north-up first"),
        )
    grid = Grid(chosen, t, (source.height, source.width))
    check_extent(grid.bounds, chosen, path)
    return grid


def native_grid(path: Path | str, *, crs: str | None = None) -> Grid:
    """Return the grid on which a raster file is stored, reading only its header.

    Parameters
    ----------
    path
        Local GeoTIFF, COG or ESRI ASCII grid.
    crs
        CRS asserted by the catalog, for a file that declares none.

    Raises
    ------
    RasterError, CrsError, DatumError
        As :func:`read`.
    """
    with _opened(path) as source:
        return _grid_of(source, path, crs)


def band_unit(path: Path | str) -> str:
    """Return the unit that a raster file states for its one band, empty when it states none.

    Parameters
    ----------
    path
        Local GeoTIFF, COG or ESRI ASCII grid.

    Raises
    ------
    RasterError
        As :func:`read`.
    """
    with _opened(path) as source:
        return str(source.units[0] or "").strip()


def read(
    path: Path | str,
    grid: Grid | None = None,
    *,
    crs: str | None = None,
    nodata: float | None = None,
    resampling: str = "nearest",
    valid_range: tuple[float, float] | None = None,
    dtype: str | None = None,
    scale: float = 1.0,
    offset: float = 0.0,
    max_bytes: int = MAX_BYTES,
) -> tuple[Data, Grid, float | None]:
    """Read the one band of a raster file, onto ``grid`` where one is given.

    Parameters
    ----------
    path
        Local GeoTIFF, COG or ESRI ASCII grid.
    grid
        Target; only the window that it needs is read, then warped. ``None`` keeps the
        file's own grid.
    crs
        CRS asserted by the catalog; must agree with what the file declares.
    nodata
        Code asserted by the catalog, before scale and offset; replaces the file's.
    resampling
        ``nearest`` (default; the only one for classes), ``bilinear``, ``cubic``,
        ``average``, ``mode``, ``min`` or ``max``.
    valid_range
        Smallest and largest believable value, after scale and offset. [unit of layer]
    dtype
        Result type; default the file's, float32 where scale or offset apply.
    scale, offset
        result = stored * scale + offset.
    max_bytes
        Memory limit of the window. [B]

    Returns
    -------
    tuple
        Array of shape ``grid.shape``; its grid; the value that marks missing cells: NaN
        for floats, for integers a code (``None`` only when read without ``grid`` from a
        file that declares none).

    Raises
    ------
    RasterError
        Missing, truncated, foreign format, several bands, values out of range.
    NodataError
        Values look like a nodata code that nobody declared.
    CrsError, DatumError
        No CRS, a CRS that does not fit the coordinates, Xian 1980 or Beijing 1954.
    SizeError
        The window does not fit the memory limit.
    """
    _check_method(resampling, path)
    with _opened(path) as source:
        native = _grid_of(source, path, crs)
        if source.count != 1:
            raise RasterError(
                path,
                Say(f"有 {source.count} 个波段，应为 1 个", f"has {source.count} bands, wanted 1"),
                Say("导出单波段文件", "export a single band"),
            )
        part = None if grid is None else _window(native, grid)
        rows, cols = native.shape if part is None else (part[2], part[3])
        _check_size(path, rows * cols * np.dtype(source.dtypes[0]).itemsize, max_bytes)
        code = source.nodata if nodata is None else nodata
        if grid is not None and rows * cols == 0:
            return _beside(grid, source, dtype, code, scale, offset)
        window = None if part is None else Window(part[1], part[0], cols, rows)
        data = source.read(1, window=window)
        values.check_holes(source, window, code, path)
    stored = native if part is None else native.window(*part)
    data, mark = values.decode(data, code, valid_range, dtype, scale, offset, path)
    if grid is None:
        return data, stored, mark
    data, known = values.declared(data, mark)
    if stored != grid:
        data = warp(data, stored, grid, resampling=resampling, nodata=known)
    return data, grid, known


def _beside(
    grid: Grid, source: Any, dtype: str | None, code: float | None, scale: float, offset: float
) -> tuple[Data, Grid, float]:
    """Return the all-missing answer of a file that does not touch ``grid``."""
    scaled = scale != 1.0 or offset != 0.0
    kind = dtype or ("float32" if scaled else source.dtypes[0])
    data, mark = values.absent(grid.shape, kind, code)
    return data, grid, mark


def _check_method(resampling: str, subject: object) -> None:
    if resampling not in _METHODS:
        raise OptionError(
            subject,
            Say(f"未知重采样方法 {resampling}", f"unknown resampling {resampling}"),
            Say(f"可选：{'、'.join(_METHODS)}", f"choose one of {', '.join(_METHODS)}"),
        )


def _check_size(path: Path | str, size: float, limit: int) -> None:
    if size > limit:
        raise SizeError(
            path,
            Say(
                f"需读 {size / 1e9:.1f} GB，上限 {limit / 1e9:.1f} GB",
                f"needs {size / 1e9:.1f} GB, the limit is {limit / 1e9:.1f} GB",
            ),
            Say("裁剪到研究区或降低分辨率", "crop it to the region or coarsen it"),
        )


def _window(native: Grid, grid: Grid) -> tuple[int, int, int, int]:
    """Return (row, col, rows, cols) of ``native`` that covers ``grid`` with a margin."""
    if native.crs == grid.crs:
        west, south, east, north = grid.bounds
    else:
        to_native = transformer(grid.crs, native.crs)
        west, south, east, north = to_native.transform_bounds(*grid.bounds, densify_pts=51)
    if not all(math.isfinite(v) for v in (west, south, east, north)) or west > east:
        return 0, 0, native.rows, native.cols
    t = native.transform
    # a coarse target averages over its own cell, so it needs that much around it
    mx = _MARGIN_CELLS + math.ceil((east - west) / grid.cols / native.dx)
    my = _MARGIN_CELLS + math.ceil((north - south) / grid.rows / native.dy)
    col0 = max(math.floor((west - t.c) / t.a) - mx, 0)
    col1 = min(math.ceil((east - t.c) / t.a) + mx, native.cols)
    row0 = max(math.floor((north - t.f) / t.e) - my, 0)
    row1 = min(math.ceil((south - t.f) / t.e) + my, native.rows)
    return row0, col0, max(row1 - row0, 0), max(col1 - col0, 0)


def warp(data: Data, src_grid: Grid, dst_grid: Grid, *, resampling: str, nodata: float) -> Data:
    """Resample ``data`` from one grid to another.

    Parameters
    ----------
    data
        Array of shape ``src_grid.shape``.
    src_grid, dst_grid
        Grids, each in its own CRS.
    resampling
        As in :func:`read`.
    nodata
        Mark of missing cells in ``data`` and in the result; NaN for floats.

    Returns
    -------
    ndarray
        Same dtype as ``data``, shape ``dst_grid.shape``; cells outside are ``nodata``.

    Raises
    ------
    OptionError
        Unknown resampling, or an array that does not match its grid.
    """
    _check_method(resampling, "warp")
    if data.shape != src_grid.shape:
        raise OptionError(
            "warp",
            Say(
                f"数组 {data.shape} 与栅格 {src_grid.shape} 不符",
                f"array {data.shape} is not on its grid {src_grid.shape}",
            ),
            Say("传入同一 Grid 的数组", "pass the array with its own grid"),
        )
    flat = data.astype(np.uint8) if data.dtype == np.bool_ else data
    out = np.full(dst_grid.shape, nodata, dtype=flat.dtype)
    reproject(
        np.ascontiguousarray(flat),
        out,
        src_transform=src_grid.transform,
        src_crs=src_grid.crs,
        src_nodata=nodata,
        dst_transform=dst_grid.transform,
        dst_crs=dst_grid.crs,
        dst_nodata=nodata,
        resampling=Resampling[resampling],
        num_threads=2,
    )
    return out
