"""Error of the elevation as a random field: deviation by landform, correlation by distance.

The field hangs on global coordinates and a seed alone: overlapping windows and cropped
elevations see the same error, and neighbours err together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from geo.grid import Grid
from geo.terrain import checked_dem
from siting.pumped.doubt._kernels import landform, lattice
from siting.sites.params import Params, load_params

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Distance, in node spacings, at which the correlation of the field is 1/e.
REACH: Final = 1.1846958711967932
#: Draws are 4 bytes each at every node: more do not pay.
_MOST_DRAWS: Final = 10_000


#: What the draws can bear; beyond it lies a slip of the unit.
_RANGES: Final = {
    "sd_factor": (0.0, 10.0),
    "landform_m": (30.0, 100_000.0),
    "correlation_m": (1.0, 100_000.0),
}


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``dem_error.*`` values.

    Raises
    ------
    OptionError
        A value that is unknown or cannot be; limits that do not rise; draws that are no whole
        number of 1 to 10,000.
    """
    params = load_params("siting.pumped.doubt", "dem_error").changed(overrides)
    if not params.number("hill_from_deg") < params.number("mountain_from_deg") < 90:
        raise OptionError(
            "dem_error.mountain_from_deg",
            Say("坡度界限不递增", "the limits of slope do not rise"),
            Say("山地须大于丘陵，小于 90°", "hills below mountains below 90°"),
        )
    params.within(_RANGES)
    draws = params.number("draws")
    if draws != round(draws) or not 1 <= draws <= _MOST_DRAWS:
        raise OptionError(
            "dem_error.draws",
            Say(f"抽样数 {draws:g} 无效", f"{draws:g} is no number of draws"),
            Say("写 1 到 10000 的整数", "give a whole number of 1 to 10,000"),
        )
    return params


def correlation(distance_m: npt.ArrayLike, correlation_m: float) -> Float64:
    """Return the correlation of the field at a distance along a grid axis. [-].

    B7(d / s) / B7(0) with the B-spline of degree 7 and s = ``correlation_m`` / 1.1847, the
    mean over all places between nodes; off the axes the product over both components.

    Examples
    --------
    >>> [round(float(correlation(d, 500.0)), 3) for d in (0.0, 250.0, 500.0, 1000.0, 2000.0)]
    [1.0, 0.782, 0.368, 0.013, 0.0]
    """
    t = np.abs(np.asarray(distance_m, np.float64)) / (correlation_m / REACH)
    signs = ((-1) ** j * math.comb(8, j) for j in range(9))
    total = sum(sign * np.maximum(t + 4 - j, 0.0) ** 7 for j, sign in enumerate(signs))
    return np.asarray(np.where(t < 4, total, 0.0) / 2416.0)


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """A window of the lattice: first node along y and x, nodes of a row, their normals."""

    row: int
    col: int
    cols: int
    normals: Float32


#: Seeds that differ by a multiple of it draw the same field.
_SEEDS: Final = 2**63


@dataclass(frozen=True, slots=True, eq=False)
class ErrorField:
    """Error of a DEM, all draws.

    Parameters
    ----------
    dem, grid
        Ground (rows, cols) float32, NaN = void [m], on a metric grid.
    params
        Of :func:`parameters`.
    seed
        Same seed, same field, whatever the window; any whole number.
    """

    dem: Float32
    grid: Grid
    params: Params
    seed: int
    squares: Float64 = field(init=False)
    edges: tuple[Int64, Int64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dem", checked_dem(self.dem, self.grid))
        edges = tuple(self._edges())
        object.__setattr__(self, "edges", edges)
        count = (edges[0].size - 1) * (edges[1].size - 1)
        object.__setattr__(self, "squares", np.full(count, -1.0))

    @property
    def draws(self) -> int:
        """Number of fields."""
        return int(self.params.number("draws"))

    @property
    def spacing(self) -> float:
        """Distance between nodes. [m]."""
        return self.params.number("correlation_m") / REACH

    def _edges(self) -> list[Int64]:
        """Return the first row (column) of each row (column) of squares, and the end."""
        side, t = self.params.number("landform_m"), self.grid.transform
        out = []
        for start, step, n in ((t.f, t.e, self.grid.rows), (t.c, t.a, self.grid.cols)):
            number = np.floor((start + (np.arange(n) + 0.5) * step) / side).astype(np.int64)
            inner = np.flatnonzero(np.diff(number)) + 1
            out.append(np.concatenate([[0], inner, [n]]).astype(np.int64))
        return out

    def deviation(self, x: Float64, y: Float64) -> Float32:
        """Return the standard deviation of the error at points, (n,). [m].

        Plain, hill or mountain by the mean slope of each square of ``landform_m``, bilinear
        between the centres of squares; the hill's where the slope is unknown.
        """
        side, t = self.params.number("landform_m"), self.grid.transform
        shape = (self.edges[0].size - 1, self.edges[1].size - 1)
        top = math.floor((t.f + 0.5 * t.e) / side)
        left = math.floor((t.c + 0.5 * t.a) / side)
        row = top + 0.5 - y / side
        col = x / side - left - 0.5
        self._measure(row, col, shape)
        out = np.empty(x.size, np.float32)
        landform.blended(row, col, self.squares, shape, out)
        number, factor = self.params.number, self.params.number("sd_factor")
        return np.nan_to_num(out, nan=number("sd_hill_m") * factor)

    def _measure(self, row: Float64, col: Float64, shape: tuple[int, int]) -> None:
        """Give the squares around places their deviation, once."""
        i, j = (np.floor(one).astype(np.int64) for one in (row, col))
        near = [
            np.clip(i + a, 0, shape[0] - 1) * shape[1] + np.clip(j + b, 0, shape[1] - 1)
            for a in (0, 1)
            for b in (0, 1)
        ]
        want = np.unique(np.concatenate(near))
        want = want[self.squares[want] == -1.0]
        if not want.size:
            return
        landform.mean_slopes(self.dem, self.grid.dx, self.grid.dy, *self.edges, want, self.squares)
        slope, number = self.squares[want], self.params.number
        limits = np.array([number("hill_from_deg"), number("mountain_from_deg")])
        values = np.array([number("sd_plain_m"), number("sd_hill_m"), number("sd_mountain_m")])
        sd = values[np.searchsorted(limits, np.nan_to_num(slope), side="right")]
        self.squares[want] = np.where(np.isnan(slope), np.nan, sd * number("sd_factor"))

    def nodes(self, x: Float64, y: Float64) -> Nodes:
        """Return the nodes that points need."""
        s = self.spacing
        row, col = math.floor(y.min() / s) - 1, math.floor(x.min() / s) - 1
        rows = math.floor(y.max() / s) + 3 - row
        cols = math.floor(x.max() / s) + 3 - col
        out = np.empty((rows * cols, self.draws), np.float32)
        lattice.normals(self.seed % _SEEDS, row, col, rows, cols, out)
        return Nodes(row, col, cols, out)

    def weights(self, x: Float64, y: Float64, nodes: Nodes) -> tuple[Int32, Float32]:
        """Return the first node of each point and the weights of its 16 nodes."""
        base, w = np.empty(x.size, np.int32), np.empty((x.size, 16), np.float32)
        lattice.weights(x, y, self.spacing, nodes.row, nodes.col, nodes.cols, base, w)
        return base, w

    def errors(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Float32:
        """Return the error at points of the grid's CRS, (n, draws). [m]."""
        px, py = (np.asarray(one, np.float64).ravel() for one in (x, y))
        out = np.empty((px.size, self.draws), np.float32)
        if px.size:
            nodes = self.nodes(px, py)
            base, w = self.weights(px, py, nodes)
            sd = self.deviation(px, py)
            lattice.errors(base, w, nodes.cols, nodes.normals, sd, out)
        return out


def field_of(dem: npt.NDArray[Any], grid: Grid, params: Params, seed: int) -> ErrorField:
    """Return the error field of a DEM. [m]."""
    return ErrorField(np.asarray(dem), grid, params, seed)
