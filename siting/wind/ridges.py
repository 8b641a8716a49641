"""Where turbines may stand on relief: crests, level tops and shoulders of raised ground.

*Raised* ground stands at least ``relief_min_m`` above the mean of the window
``relief_window_m``. On it a turbine may stand

- on a crest: the ground falls by ``ridge_drop_m`` to both sides within ``ridge_reach_m``
  before it rises (:mod:`siting.wind._kernels.ridges`), or
- on a level top or shoulder: slope at most ``ridge_level_deg``.

Nothing here says how the wind blows.

References
----------
Y.-C. Chang, G.-S. Song, S.-K. Hsu (1998), Automatic extraction of ridge and valley axes
using the profile recognition and polygon-breaking algorithm, Computers & Geosciences 24,
83-93. T. K. Peucker, D. H. Douglas (1975), Detection of surface-specific points by local
parallel processing of discrete terrain elevation data, Computer Graphics and Image
Processing 4, 375-387.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.crs import require_metric
from geo.errors import GridMismatchError, OptionError, Say
from geo.grid import Grid
from siting.sites.ground import Ground
from siting.sites.params import Params
from siting.wind._kernels import ridges as kernels
from siting.wind.relief import relative_height


@dataclass(frozen=True, slots=True, eq=False)
class Ridges:
    """Ground on which turbines may stand, by relief alone.

    Parameters
    ----------
    crest
        Crest cells of raised ground (crests elsewhere are not looked for).
    raised
        Cells that stand above their surroundings.
    seat
        Crests, level tops and shoulders: where a turbine may stand.
    height
        Height above the mean of the window, NaN without elevation. [m]
    """

    crest: npt.NDArray[np.bool_]
    raised: npt.NDArray[np.bool_]
    seat: npt.NDArray[np.bool_]
    height: npt.NDArray[np.float32]


def crest_cells(
    dem: npt.NDArray[np.float32],
    grid: Grid,
    reach_m: float,
    drop_m: float,
    wanted: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.bool_]:
    """Return the crest cells of an elevation model.

    Parameters
    ----------
    dem
        Elevation, NaN = missing, shape ``grid.shape``. [m]
    grid
        Metric grid of square cells.
    reach_m
        Reach of a profile to each side. [m]
    drop_m
        Fall to both sides that makes a crest, above the noise of the model. [m]
    wanted
        Cells to look at; None = all.

    Returns
    -------
    ndarray of bool
        One cell wide on a ridge with plane flanks. No crest at the rim of the model nor
        beside missing cells unless the fall is reached before them.

    Raises
    ------
    CrsError, GridMismatchError, OptionError
        Grid not metric or not square, array off the grid, reach or drop not positive.
    """
    require_metric(grid, "dem")
    require_square(grid)
    if dem.shape != grid.shape:
        raise GridMismatchError(
            "dem",
            Say(f"数组 {dem.shape} 与栅格 {grid.shape} 不符", f"is {dem.shape}, not {grid.shape}"),
            Say("先读到同一 Grid", "read it onto the run's Grid"),
        )
    for name, value in (("wind.ridge_reach_m", reach_m), ("wind.ridge_drop_m", drop_m)):
        if not 0 < value < math.inf:
            raise OptionError(
                name,
                Say(f"数值 {value} 不为正", f"{value} is not positive"),
                Say("给出大于 0 的米数", "give metres above 0"),
            )
    straight = max(round(reach_m / grid.dx), 1)
    diagonal = max(round(reach_m / grid.dx / math.sqrt(2.0)), 1)
    out = np.empty(grid.shape, np.bool_)
    look = np.ones(grid.shape, np.bool_) if wanted is None else np.ascontiguousarray(wanted)
    kernels.crests(
        np.ascontiguousarray(dem, np.float32).ravel(),
        look.view(np.uint8).ravel(),
        grid.rows,
        grid.cols,
        straight,
        diagonal,
        float(drop_m),
        out.view(np.uint8).ravel(),
    )
    return out


def require_square(grid: Grid) -> None:
    """Raise :class:`OptionError` unless the grid's cells are square."""
    if abs(grid.dx - grid.dy) > 1e-9 * grid.dx:
        raise OptionError(
            "grid",
            Say(f"像元 {grid.dx} x {grid.dy} 不是正方形", f"cells are {grid.dx} x {grid.dy}"),
            Say("重采样为正方形像元", "warp to square cells"),
        )


def find_ridges(ground: Ground, params: Params) -> Ridges | None:
    """Return crests, level tops and shoulders of the run's relief, None without elevation.

    Parameters
    ----------
    ground
        Land of the run; ``dem``, and its slope where it is known.
    params
        ``relief_window_m``, ``relief_min_m``, ``ridge_reach_m``, ``ridge_drop_m``,
        ``ridge_level_deg``.
    """
    dem = ground.values("dem")
    if dem is None:
        return None
    height = relative_height(dem, ground.grid, params.number("relief_window_m"))
    raised = height >= np.float32(params.number("relief_min_m"))
    crest = crest_cells(
        dem, ground.grid, params.number("ridge_reach_m"), params.number("ridge_drop_m"), raised
    )
    seat = crest
    if ground.terrain is not None:
        level = ground.terrain.slope_deg <= np.float32(params.number("ridge_level_deg"))
        seat = crest | (raised & level)
    return Ridges(crest, raised, seat, height)


def ridge_text(params: Params) -> Say:
    """Return the rule by which ground carries turbines, as a reader sees it."""
    low, window = params.number("relief_min_m"), params.number("relief_window_m") / 1000
    drop, reach = params.number("ridge_drop_m"), params.number("ridge_reach_m")
    level = params.number("ridge_level_deg")
    return Say(
        f"机位只取高出 {window:g} km 窗口平均 {low:g} m 以上的山脊（两侧 {reach:g} m 内各降 "
        f"{drop:g} m）或坡度不大于 {level:g}° 的平台（预设）",
        f"turbines stand only {low:g} m or more above the mean of a {window:g} km window, on "
        f"crests (a fall of {drop:g} m to both sides within {reach:g} m) or on tops no steeper "
        f"than {level:g}° (priors)",
    )
