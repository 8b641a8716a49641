"""Turbines along ridges, grouped to sites.

1. *Where.* Eligible cells on crests, level tops and shoulders (:mod:`siting.wind.ridges`).
2. *Spacing.* Best cell first (full-load hours where given, else height above the
   surroundings; ties from the north-west). A turbine keeps an ellipse free: half axes
   ``spacing_across`` rotor diameters along its ridge and ``spacing_along`` across it, since
   rows stand along ridges and the wind is taken to blow across them. Where the ridge runs
   no one way (a summit, a plateau) the ellipse is a circle of the same area. Both turbines
   of a pair respect both ellipses, so no two stand nearer than the smaller half axis.
3. *Sites.* Turbines of one county that reach each other within ``ridge_link`` diameters
   over ground above its surroundings' mean form chains, nearest pairs first, as long as the
   site stays within ``site_max_mw``; chains below ``site_min_mw`` are left out and counted.
4. *Ground.* The label of a site is the eligible raised ground within half the smallest
   distance of its turbines: law and hectares are read from it.

Everything is decided by whole-number distances and by the order of the cells: the same
ridge gives the same turbines wherever the grid begins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from geo.errors import GridMismatchError, OptionError, Say
from geo.grid import Grid
from siting.sites.geohash import site_ids
from siting.sites.ground import Ground
from siting.sites.params import Params
from siting.wind._kernels import placing as kernels
from siting.wind.chains import Turbines
from siting.wind.ridges import Ridges, find_ridges, require_square, ridge_text

#: Least anisotropy of the crest cells round a turbine for its ridge to run one way [-].
ONE_WAY = 0.5
NO_RELIEF = Say("缺高程：机位不按山脊排布", "no elevation: turbines do not follow ridges")


class Machine(Protocol):
    """What placing needs of a turbine."""

    @property
    def rated_mw(self) -> float:
        """Rated power. [MW]."""

    @property
    def rotor_m(self) -> float:
        """Rotor diameter. [m]."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distances between turbines in metres, from rotor diameters.

    Parameters
    ----------
    along_ridge, across_ridge
        Half axes of the ellipse that a turbine keeps free. [m]
    link
        Farthest neighbour of one chain. [m]
    fewest, most
        Turbines of the smallest and the largest site.
    """

    along_ridge: float
    across_ridge: float
    link: float
    fewest: int
    most: int

    @property
    def level(self) -> float:
        """Radius of the circle where a ridge runs no one way: the same area. [m]."""
        return math.sqrt(self.along_ridge * self.across_ridge)

    @property
    def least(self) -> float:
        """Smallest distance between any two turbines. [m]."""
        return min(self.along_ridge, self.across_ridge)


def spacing(turbine: Machine, params: Params) -> Spacing:
    """Return the distances of a turbine type.

    Raises
    ------
    OptionError
        If no whole number of turbines fits between the smallest and the largest site.
    """
    low, high = params.number("site_min_mw"), params.number("site_max_mw")
    fewest = max(math.ceil(low / turbine.rated_mw - 1e-9), 1)
    most = math.floor(high / turbine.rated_mw + 1e-9)
    if most < fewest:
        raise OptionError(
            "wind.site_max_mw",
            Say(
                f"{low:g}-{high:g} MW 容不下整台 {turbine.rated_mw:g} MW 风机",
                f"{low:g}-{high:g} MW holds no whole number of {turbine.rated_mw:g} MW turbines",
            ),
            Say("放宽场址规模", "widen the sizes of a site"),
        )
    rotor = turbine.rotor_m
    return Spacing(
        params.number("spacing_across") * rotor,
        params.number("spacing_along") * rotor,
        params.number("ridge_link") * rotor,
        fewest,
        most,
    )


def place(
    ground: Ground,
    eligible: npt.NDArray[np.bool_],
    turbine: Machine,
    params: Params,
    value: npt.NDArray[np.float32] | None = None,
) -> Turbines:
    """Place turbines on eligible ground along ridges and group them to sites.

    Parameters
    ----------
    ground
        Land of the run on square metric cells.
    eligible
        Cells that may carry a turbine, shape (rows, cols); county 0 takes no part.
    turbine
        Rated power and rotor.
    params
        Wind parameters: ``spacing_*``, ``ridge_*``, ``relief_*``, ``site_min_mw``,
        ``site_max_mw``.
    value
        What a turbine gains by standing on a cell (full-load hours), NaN = unknown and
        taken last; None = height above the surroundings. [h]

    Returns
    -------
    Turbines
        None may stand: no rows, no sites. Without elevation all eligible ground counts as
        level.

    Raises
    ------
    OptionError, GridMismatchError
        Cells not square, array off the grid, or sizes that hold no turbine.
    """
    require_square(ground.grid)
    for name, one in (("eligible", eligible), ("value", value)):
        if one is not None and one.shape != ground.grid.shape:
            raise GridMismatchError(
                name,
                Say(f"数组 {one.shape} 不在栅格上", f"array {one.shape} is off the grid"),
                Say("用同一 Grid", "use one Grid"),
            )
    far = spacing(turbine, params)
    ridges = find_ridges(ground, params) or _level(eligible)
    inside = ground.zones > 0
    seats = np.flatnonzero(eligible & ridges.seat & inside)
    worth = (ridges.height if value is None else value).ravel()[seats].astype(np.float64)
    cells, angles = _pick(ground.grid, seats, worth, ridges.crest, far, params)
    by = np.argsort(cells, kind="stable")
    cells, angles = cells[by], angles[by]
    picked = (ridges.height if value is None else value).ravel()[cells].astype(np.float64)
    rule = NO_RELIEF if ground.values("dem") is None else ridge_text(params)
    text = _text(rule, params)
    # a chain runs on over saddles, which stand less high, but not down through a valley
    passable = np.where(ridges.height >= 0, ground.zones, np.uint8(0))
    own = eligible & ridges.raised
    return _sites(ground.grid, own, passable, cells, angles, picked, turbine, far, text)


def _text(rule: Say, params: Params) -> Say:
    along, across = params.number("spacing_across"), params.number("spacing_along")
    return Say(
        f"{rule.zh}；机距沿山脊 {along:g} 倍、横跨 {across:g} 倍风轮直径（惯用值，未用实测风向）",
        f"{rule.en}; {along:g} rotor diameters apart along the ridge and {across:g} across it "
        "(usual values, no measured wind directions)",
    )


def _level(eligible: npt.NDArray[np.bool_]) -> Ridges:
    none = np.zeros(eligible.shape, np.bool_)
    return Ridges(none, eligible, eligible, np.zeros(eligible.shape, np.float32))


def _pick(
    grid: Grid,
    seats: npt.NDArray[np.int64],
    worth: npt.NDArray[np.float64],
    crest: npt.NDArray[np.bool_],
    far: Spacing,
    params: Params,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the cells taken and the way the ridge runs at each [rad]."""
    order = seats[np.argsort(-worth, kind="stable")]  # NaN comes last
    cells = np.empty(order.size + 1, np.int64)
    angles = np.empty(order.size + 1, np.float64)
    longest = max(far.along_ridge, far.across_ridge) / grid.dx
    n = kernels.pick(
        order,
        np.ascontiguousarray(crest).view(np.uint8).ravel(),
        grid.rows,
        grid.cols,
        max(round(params.number("ridge_reach_m") / grid.dx), 1),
        ONE_WAY,
        far.along_ridge / grid.dx,
        far.across_ridge / grid.dx,
        far.level / grid.dx,
        max(math.ceil(longest), 1),
        cells,
        angles,
    )
    return cells[:n].copy(), angles[:n].copy()


def _sites(
    grid: Grid,
    own: npt.NDArray[np.bool_],
    passable: npt.NDArray[np.uint8],
    cells: npt.NDArray[np.int64],
    angles: npt.NDArray[np.float64],
    value: npt.NDArray[np.float64],
    turbine: Machine,
    far: Spacing,
    text: Say,
) -> Turbines:
    """Return the turbines of the chains that are large enough, with their ground."""
    owner = np.zeros(grid.shape, np.int32)
    # neighbours within the link, none nearer than the least distance: discs that fit
    pairs = cells.size * int((2.0 * far.link / far.least + 1.0) ** 2 + 1)
    one, two = np.empty(pairs, np.int64), np.empty(pairs, np.int64)
    n = kernels.spread(
        cells,
        np.ascontiguousarray(passable).ravel(),
        np.ascontiguousarray(own).view(np.uint8).ravel(),
        grid.rows,
        grid.cols,
        far.link / grid.dx,
        far.least / 2.0 / grid.dx,
        owner.ravel(),
        one,
        two,
    )
    root, size = _chains(cells, grid.cols, one[:n], two[:n], far.most)
    kept = size[root] >= far.fewest
    chains, number = np.unique(root[kept], return_inverse=True)
    table = np.zeros(cells.size + 1, np.int32)
    table[1:][kept] = number + 1
    flat = owner.ravel()
    own_cells = np.flatnonzero(flat)  # few beside the grid: np.take would widen every index
    flat[own_cells] = table[flat[own_cells]]
    row, col = cells[kept] // grid.cols, cells[kept] % grid.cols
    x = np.asarray(grid.transform.c + (col + 0.5) * grid.dx, np.float64)
    y = np.asarray(grid.transform.f - (row + 0.5) * grid.dy, np.float64)
    return Turbines(
        row=row,
        col=col,
        x=x,
        y=y,
        site=table[1:][kept],
        ids=tuple(site_ids("wt", grid.crs, x, y)),
        value=value[kept],
        bearing=np.mod(np.degrees(angles[kept]) + 90.0, 180.0),
        labels=owner,
        count=int(chains.size),
        rated_mw=turbine.rated_mw,
        half_m=far.least / 2.0,
        fewest=far.fewest,
        left_out=int(np.count_nonzero(~kept)),
        text=text,
    )


def _chains(
    cells: npt.NDArray[np.int64],
    cols: int,
    one: npt.NDArray[np.int64],
    two: npt.NDArray[np.int64],
    most: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the first turbine of each turbine's chain, and the size of the chain there."""
    away = (cells[one] // cols - cells[two] // cols) ** 2
    away += (cells[one] % cols - cells[two] % cols) ** 2
    by = np.lexsort((two, one, away))
    parent = np.arange(cells.size, dtype=np.int64)
    size = np.ones(cells.size, np.int64)
    kernels.join(one[by], two[by], most, size, parent)
    return parent, size
