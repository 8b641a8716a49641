"""Block runner: one kernel with a declared radius over a raster of any size.

Each block is computed from a window that reaches the kernel's radius beyond it, so the
result is the same bytes whatever the block size and the number of threads. Beyond the
edge of the grid everything is nodata; nothing is periodic, mirrored or repeated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.blockfile import BlockFile
from geo.errors import GridMismatchError, OptionError, Say, SizeError
from geo.grid import Grid
from geo.raster import native_grid, read
from geo.values import check_code

Data = npt.NDArray[Any]
Window = tuple[int, int, int, int]  # row, col, rows, cols
Progress = Callable[[int, int], None]

BLOCK: Final = 2048
#: Memory that the blocks in work may take together. [B]
BUDGET: Final = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Kernel:
    """What is computed, and how far each cell of the result looks.

    Parameters
    ----------
    name
        Identifies the computation and its parameters: a restart trusts blocks of this name.
    fn
        Takes the padded windows of all inputs (read-only) and their grid; returns an array
        of that grid's shape. What it leaves within ``radius`` of the window's edge is cut
        off.
    dtype, nodata
        Of the result; ``nodata`` is what a file declares (NaN for floats).
    radius_m
        No cell of the result may depend on anything farther away. [m]
    cells
        The same in cells; the larger of the two holds.
    scratch
        Memory that ``fn`` takes beside its inputs and its result. [B/cell]
    own_threads
        ``fn`` runs its own threads (a parallel kernel): blocks then run one after another.
    """

    name: str
    fn: Callable[[Sequence[Data], Grid], Data]
    dtype: str
    nodata: float
    radius_m: float = 0.0
    cells: int = 0
    scratch: float = 0.0
    own_threads: bool = False

    def radius(self, grid: Grid) -> int:
        """Return the radius in cells of ``grid``.

        Raises
        ------
        OptionError
            When the declared radius is negative or not finite.
        """
        if not (0.0 <= self.radius_m < math.inf and self.cells >= 0):
            raise OptionError(
                self.name,
                Say(f"影响半径 {self.radius_m} m、{self.cells} 像元无效",
                    f"has an impossible radius: {self.radius_m} m, {self.cells} cells"),
                Say("给出不小于 0 的有限值", "declare a finite radius of 0 or more"),
            )  # fmt: skip
        return max(self.cells, math.ceil(self.radius_m / min(grid.dx, grid.dy) - 1e-9))


@dataclass(frozen=True, slots=True)
class Source:
    """One input of :func:`run_blocks`.

    Parameters
    ----------
    data
        Array of the grid's shape, or a raster file on exactly that grid.
    nodata
        What stands beyond the edge of the grid and, in a file, for missing cells. None: NaN
        for floats, False for bool; other types must say.
    """

    data: Data | Path
    nodata: float | None = None


def run_blocks(
    kernel: Kernel,
    inputs: Sequence[Data | Path | Source],
    grid: Grid,
    *,
    block: int = BLOCK,
    threads: int | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
    budget: float = BUDGET,
) -> Data | Path:
    """Run a kernel over a grid in square blocks.

    Parameters
    ----------
    kernel
        What is computed.
    inputs
        Arrays of ``grid.shape``, or files on exactly ``grid``, of which only the window of
        the block is read.
    block
        Rows and columns of a block; enlarged to the kernel's radius where that is larger.
    threads
        Blocks in work at once; None = 1. More pay only where ``fn`` releases the interpreter.
    out
        GeoTIFF to write. Finished blocks are kept beside it with their checksums until the
        whole file is published, so that a run that was stopped goes on where it ended. Hold
        :class:`geo.publish.FolderLock` where several runs may write there.
    progress
        Called with (rows finished, rows of the grid) after each band of blocks.
    cancel
        Asked before each block; True stops the run.
    budget
        Memory limit of the blocks in work. [B]

    Returns
    -------
    ndarray or Path
        The result, or ``out``.

    Raises
    ------
    SizeError
        The blocks in work would not fit ``budget``; said before anything is read.
    GridMismatchError
        An input is not on ``grid``, or the kernel returned another shape or type.
    OptionError
        Block, threads or radius make no sense, an integer array without ``nodata``.
    DiskError
        ``out`` cannot be written.
    concurrent.futures.CancelledError
        ``cancel`` said so; finished blocks of a file stay for the next run.
    """
    sources = [_source(one, grid, k) for k, one in enumerate(inputs)]
    workers = 1 if kernel.own_threads or threads is None else threads
    _check_positive("block", block)
    _check_positive("threads", workers)
    reach = kernel.radius(grid)
    side = min(max(block, reach), max(grid.shape))
    _check_memory(kernel, sources, grid, (side, reach, workers), budget)
    bands = [_band(start, stop, grid, side) for start, stop in grid.blocks(side)]
    target: BlockFile | None = None
    if out is None:
        result = np.empty(grid.shape, kernel.dtype)
    else:
        edges = tuple(source.nodata for source in sources)
        identity = (kernel.name, kernel.dtype, kernel.nodata, reach, grid, side, edges)
        target = BlockFile.open(
            Path(out), grid, kernel.dtype, kernel.nodata, identity, [s.data for s in sources]
        )
        result = target.data

    def work(window: Window) -> None:
        if target is not None and target.holds(window):
            return
        if cancel is not None and cancel():
            raise CancelledError(kernel.name)
        row, col, rows, cols = window
        padded = _padded_grid(grid, window, reach)
        given = [_window(source, grid, window, reach) for source in sources]
        made = _checked(kernel, kernel.fn(given, padded), padded)
        result[row : row + rows, col : col + cols] = made[
            reach : reach + rows, reach : reach + cols
        ]
        if target is not None:
            target.done(window)

    _run(work, bands, workers, grid.rows, progress)
    return result if target is None else target.publish()


def _run(
    work: Callable[[Window], None],
    bands: Sequence[Sequence[Window]],
    workers: int,
    rows: int,
    progress: Progress | None,
) -> None:
    """Work all windows; report each band when it and those above it are finished."""

    def report(band: Sequence[Window]) -> None:
        if progress is not None:
            progress(band[0][0] + band[0][2], rows)

    if workers == 1:
        for band in bands:
            for window in band:
                work(window)
            report(band)
        return
    pool = ThreadPoolExecutor(workers)
    try:
        futures = [[pool.submit(work, window) for window in band] for band in bands]
        for band, waiting in zip(bands, futures, strict=True):
            for one in waiting:
                one.result()
            report(band)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _band(start: int, stop: int, grid: Grid, side: int) -> list[Window]:
    """Return the windows of one band of rows."""
    return [
        (start, col, stop - start, min(side, grid.cols - col)) for col in range(0, grid.cols, side)
    ]


def _padded_grid(grid: Grid, window: Window, reach: int) -> Grid:
    row, col, rows, cols = window
    return grid.window(row - reach, col - reach, rows + 2 * reach, cols + 2 * reach)


def _window(source: Source, grid: Grid, window: Window, reach: int) -> Data:
    """Return the input under a padded window; nodata beyond the edge of the grid."""
    row, col, rows, cols = window
    top, left = max(row - reach, 0), max(col - reach, 0)
    low, right = min(row + rows + reach, grid.rows), min(col + cols + reach, grid.cols)
    if isinstance(source.data, Path):
        part = grid.window(top, left, low - top, right - left)
        known, _, mark = read(source.data, part, nodata=source.nodata)
        edge = mark if source.nodata is None else source.nodata
    else:
        known = source.data[top:low, left:right]
        edge = source.nodata
    # always a copy: the kernel must not reach the caller's array, nor need strides
    full = np.full((rows + 2 * reach, cols + 2 * reach), edge, dtype=known.dtype)
    down, across = top - (row - reach), left - (col - reach)
    full[down : down + low - top, across : across + right - left] = known
    full.flags.writeable = False
    return full


def _source(given: Data | Path | Source, grid: Grid, number: int) -> Source:
    """Return the input, checked against the grid, with its nodata settled."""
    source = given if isinstance(given, Source) else Source(given)
    if isinstance(source.data, Path):
        native = native_grid(source.data)
        grid.check_same(native, str(source.data))
        return source
    name = f"inputs[{number}]"
    if source.data.shape != grid.shape:
        raise GridMismatchError(
            name,
            Say(f"数组 {source.data.shape} 与栅格 {grid.shape} 不符",
                f"is {source.data.shape}, its grid {grid.shape}"),
            Say("先读到同一 Grid", "read it onto the run's Grid"),
        )  # fmt: skip
    kind = source.data.dtype.kind
    if source.nodata is None and kind not in "fb":
        raise OptionError(
            name,
            Say(f"{source.data.dtype} 数组没有说明无数据值",
                f"is an array of {source.data.dtype} without a nodata value"),
            Say("用 Source(数组, nodata) 说明", "say it: Source(array, nodata)"),
        )  # fmt: skip
    nodata = source.nodata if source.nodata is not None else math.nan if kind == "f" else 0.0
    if kind != "b":
        check_code(nodata, source.data.dtype, name)
    return Source(source.data, nodata)


def _checked(kernel: Kernel, made: Data, padded: Grid) -> Data:
    """Return what the kernel made, or say that it broke its promise."""
    if made.shape != padded.shape or made.dtype != np.dtype(kernel.dtype):
        raise GridMismatchError(
            kernel.name,
            Say(f"返回 {made.dtype} {made.shape}，应为 {kernel.dtype} {padded.shape}",
                f"returned {made.dtype} {made.shape}, wanted {kernel.dtype} {padded.shape}"),
            Say("改正核函数", "correct the kernel"),
        )  # fmt: skip
    return made


def _check_positive(name: str, value: int) -> None:
    if value < 1:
        raise OptionError(
            name,
            Say(f"{value} 不为正", f"{value} is not positive"),
            Say("给出 1 以上的整数", "give 1 or more"),
        )


def _check_memory(
    kernel: Kernel,
    sources: Sequence[Source],
    grid: Grid,
    plan: tuple[int, int, int],
    budget: float,
) -> None:
    """Refuse, before anything is read, blocks that would not fit the budget."""
    side, reach, workers = plan
    cells = float(min(side, grid.rows) + 2 * reach) * float(min(side, grid.cols) + 2 * reach)
    # a file is read, decoded and copied into the window
    each = sum(24.0 if isinstance(s.data, Path) else s.data.dtype.itemsize for s in sources)
    each += np.dtype(kernel.dtype).itemsize + kernel.scratch
    need = cells * each * workers
    if need > budget:
        raise SizeError(
            kernel.name,
            Say(f"分块需 {need / 1e9:.2f} GB（边长 {side}，外扩 {reach}，{workers} 线程），"
                f"上限 {budget / 1e9:.2f} GB",
                f"needs {need / 1e9:.2f} GB for its blocks (side {side}, margin {reach}, "
                f"{workers} threads), the limit is {budget / 1e9:.2f} GB"),
            Say("减小 block、threads 或影响半径，或提高 budget",
                "make block, threads or the radius smaller, or raise budget"),
        )  # fmt: skip
