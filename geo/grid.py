"""Grid: the one value that says where every cell of a raster lies.

A frozen (crs, transform, shape) as in odc-geo's GeoBox. There is no default CRS
and no default resolution; two rasters on different grids never meet silently.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from affine import Affine

from geo.errors import CrsError, GridMismatchError, OptionError, Say


@dataclass(frozen=True, slots=True)
class Grid:
    """A north-up raster grid.

    Parameters
    ----------
    crs
        Authority string such as ``EPSG:4546`` or WKT; never empty.
    transform
        Pixel to CRS, north-up: ``Affine(dx, 0, west, 0, -dy, north)``. [CRS unit]
    shape
        (rows, cols), both > 0.
    """

    crs: str
    transform: Affine
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        if not self.crs:
            raise CrsError(
                "grid", Say("没有坐标系", "has no CRS"), Say("给出 EPSG 代码", "name an EPSG code")
            )
        t = self.transform
        if t.b != 0 or t.d != 0 or t.a <= 0 or t.e >= 0:
            raise CrsError(
                "grid",
                Say("栅格不是正北朝上", "is not north-up"),
                Say("先重采样为正北朝上", "warp it north-up first"),
            )
        if min(self.shape) < 1:
            raise OptionError(
                "grid",
                Say(f"行列数 {self.shape} 不为正", f"shape {self.shape} is not positive"),
                Say("检查范围与分辨率", "check extent and resolution"),
            )

    @classmethod
    def from_bounds(
        cls, crs: str, bounds: tuple[float, float, float, float], resolution: float
    ) -> Grid:
        """Return the grid that covers ``bounds``, snapped outwards to whole cells.

        Parameters
        ----------
        bounds
            West, south, east, north. [CRS unit]
        resolution
            Cell size. [CRS unit]
        """
        if not resolution > 0:
            raise OptionError(
                "resolution",
                Say(f"分辨率 {resolution} 不为正", f"{resolution} is not positive"),
                Say("给出大于 0 的米数", "give metres above 0"),
            )
        west, south, east, north = bounds
        c0, c1 = math.floor(west / resolution), math.ceil(east / resolution)
        r0, r1 = math.floor(south / resolution), math.ceil(north / resolution)
        transform = Affine(resolution, 0, c0 * resolution, 0, -resolution, r1 * resolution)
        return cls(crs, transform, (max(r1 - r0, 1), max(c1 - c0, 1)))

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.shape[0]

    @property
    def cols(self) -> int:
        """Number of columns."""
        return self.shape[1]

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.shape[0] * self.shape[1]

    @property
    def dx(self) -> float:
        """Cell width [CRS unit]."""
        return float(self.transform.a)

    @property
    def dy(self) -> float:
        """Cell height, positive [CRS unit]."""
        return -float(self.transform.e)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north [CRS unit]."""
        t = self.transform
        return (t.c, t.f + t.e * self.rows, t.c + t.a * self.cols, t.f)

    def xy(self, row: float, col: float) -> tuple[float, float]:
        """Return the coordinates of a cell centre [CRS unit]."""
        t = self.transform
        return (t.c + (col + 0.5) * t.a, t.f + (row + 0.5) * t.e)

    def rowcol(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the cell that holds (x, y) [CRS unit], or None outside the grid."""
        col = math.floor((x - self.transform.c) / self.transform.a)
        row = math.floor((y - self.transform.f) / self.transform.e)
        inside = 0 <= row < self.rows and 0 <= col < self.cols
        return (row, col) if inside else None

    def pad(self, reach: float) -> Grid:
        """Return the grid grown by ``reach`` [CRS unit] on every side, in whole cells."""
        pc, pr = math.ceil(reach / self.dx), math.ceil(reach / self.dy)
        t = self.transform
        moved = Affine(t.a, 0, t.c - pc * t.a, 0, t.e, t.f - pr * t.e)
        return Grid(self.crs, moved, (self.rows + 2 * pr, self.cols + 2 * pc))

    def window(self, row: int, col: int, rows: int, cols: int) -> Grid:
        """Return the sub-grid of ``rows`` x ``cols`` cells that starts at (row, col)."""
        t = self.transform
        moved = Affine(t.a, 0, t.c + col * t.a, 0, t.e, t.f + row * t.e)
        return Grid(self.crs, moved, (rows, cols))

    def blocks(self, rows: int) -> Iterator[tuple[int, int]]:
        """Yield (start, stop) of row bands of at most ``rows`` rows."""
        for start in range(0, self.rows, rows):
            yield start, min(start + rows, self.rows)

    def check_same(self, other: Grid, what: str) -> None:
        """Raise :class:`GridMismatchError` unless ``other`` is this grid."""
        if self != other:
            raise GridMismatchError(
                what,
                Say(
                    f"栅格不一致：{other.shape} {other.crs} 与 {self.shape} {self.crs}",
                    f"is on another grid: {other.shape} {other.crs}, not {self.shape} {self.crs}",
                ),
                Say("用 geo.raster.read 读到同一 Grid", "read it onto the run's Grid"),
            )
