"""The file that a block run writes: finished blocks survive a stop, half a file never shows.

Beside the final file stands a folder ``.blocks-<name>`` with the raw cells and a journal of
one checksum a block. A run of the same computation on the same inputs takes over the blocks
whose cells still have their checksum; the final file is written by one writer, read back,
renamed, and the folder removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError

from geo.grid import Grid
from geo.publish import disk_error, ensure_space, replacing
from geo.values import check_code

Data = npt.NDArray[Any]
Window = tuple[int, int, int, int]

_FOLDER: Final = ".blocks-"
_TILE: Final = 512
_PIECE: Final = 1 << 22


@dataclass
class BlockFile:
    """A raster that is being written block by block.

    Parameters
    ----------
    final
        The GeoTIFF to publish.
    data
        Raw cells on disk, shape ``grid.shape``.
    sums
        Checksum of each block of an earlier run, by its window.
    """

    final: Path
    grid: Grid
    nodata: float
    data: np.memmap[Any, np.dtype[Any]]
    sums: dict[Window, str]
    _busy: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(
        cls,
        final: Path,
        grid: Grid,
        dtype: str,
        nodata: float,
        identity: tuple[object, ...],
        inputs: Sequence[Data | Path],
    ) -> BlockFile:
        """Return the file, with the blocks that an earlier run of the same work left.

        Parameters
        ----------
        identity
            What is computed; with the inputs' contents it decides whether blocks are kept.

        Raises
        ------
        DiskError
            No room, no permission.
        OptionError
            ``nodata`` does not fit ``dtype``.
        """
        code = check_code(nodata, np.dtype(dtype), final)
        folder = final.with_name(f"{_FOLDER}{final.name}")
        size = grid.size * np.dtype(dtype).itemsize
        key = _key(identity, inputs)
        try:
            sums = _journal(folder, key, size)
            if sums is None:
                shutil.rmtree(folder, ignore_errors=True)
                ensure_space(final.parent, 2 * size)
                folder.mkdir(parents=True)
                (folder / "journal").write_text(f"{key}\n", encoding="ascii")
                with (folder / "cells").open("wb") as cells:
                    cells.truncate(size)
                sums = {}
            data = np.memmap(folder / "cells", dtype=dtype, mode="r+", shape=grid.shape)
        except OSError as fault:
            raise disk_error(final, fault) from fault
        return cls(final, grid, code, data, sums)

    @property
    def folder(self) -> Path:
        """Where the unfinished cells stand."""
        return self.final.with_name(f"{_FOLDER}{self.final.name}")

    def holds(self, window: Window) -> bool:
        """Tell whether an earlier run finished a block, and its cells are still the same."""
        known = self.sums.get(window)
        return known is not None and known == self._sum(window)

    def done(self, window: Window) -> None:
        """Write down that a block is finished."""
        line = json.dumps([*window, self._sum(window)])
        with self._busy, (self.folder / "journal").open("a", encoding="ascii") as journal:
            journal.write(f"{line}\n")

    def publish(self) -> Path:
        """Write the GeoTIFF from the finished cells, verify it, put it in place.

        Raises
        ------
        DiskError
            Disk full, or the file read back differs.
        """
        profile = {
            "driver": "GTiff", "height": self.grid.rows, "width": self.grid.cols, "count": 1,
            "dtype": self.data.dtype, "crs": self.grid.crs, "transform": self.grid.transform,
            "nodata": self.nodata, "tiled": True, "blockxsize": _TILE, "blockysize": _TILE,
            "compress": "DEFLATE", "predictor": 3 if self.data.dtype.kind == "f" else 2,
            "bigtiff": "IF_SAFER", "num_threads": 2,
        }  # fmt: skip
        with replacing(self.final) as part:
            try:
                with rasterio.open(part, "w", **profile) as target:
                    for start, stop in self.grid.blocks(_TILE):
                        band = ((start, stop), (0, self.grid.cols))
                        target.write(np.asarray(self.data[start:stop]), 1, window=band)
                self._verify(part)
            except (RasterioError, CPLE_BaseError) as fault:
                raise disk_error(self.final, fault) from fault
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.final

    def _verify(self, part: Path) -> None:
        equal_nan = self.data.dtype.kind == "f"
        with rasterio.open(part, driver="GTiff") as source:
            for start, stop in self.grid.blocks(_TILE):
                back = source.read(1, window=((start, stop), (0, self.grid.cols)))
                if not np.array_equal(back, self.data[start:stop], equal_nan=equal_nan):
                    raise disk_error(self.final, f"rows {start}-{stop} read back differ")

    def _sum(self, window: Window) -> str:
        row, col, rows, cols = window
        cells = np.ascontiguousarray(self.data[row : row + rows, col : col + cols])
        return hashlib.sha256(cells.view(np.uint8).data).hexdigest()


def _journal(folder: Path, key: str, size: int) -> dict[Window, str] | None:
    """Return the checksums of an earlier run, or None when there is none to go on with."""
    try:
        lines = (folder / "journal").read_text(encoding="ascii").splitlines()
        if lines[:1] != [key] or (folder / "cells").stat().st_size != size:
            return None
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return None
    sums: dict[Window, str] = {}
    for line in lines[1:]:
        # the last line may be cut off where the run was killed, any may have been damaged
        with contextlib.suppress(ValueError, TypeError):
            row, col, rows, cols, value = json.loads(line)
            sums[row, col, rows, cols] = str(value)
    return sums


def _key(identity: tuple[object, ...], inputs: Sequence[Data | Path]) -> str:
    """Return the checksum of what is computed and of every cell that goes in."""
    total = hashlib.sha256(repr(identity).encode())
    for one in inputs:
        if isinstance(one, Path):
            with one.open("rb") as handle:
                while piece := handle.read(_PIECE):
                    total.update(piece)
        else:
            total.update(f"{one.dtype}{one.shape}".encode())
            rows = max(_PIECE // max(one.shape[1] * one.dtype.itemsize, 1), 1)
            for start in range(0, one.shape[0], rows):
                total.update(np.ascontiguousarray(one[start : start + rows]).view(np.uint8).data)
    return total.hexdigest()
