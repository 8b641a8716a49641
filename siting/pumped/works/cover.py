"""Ground along a waterway against the level that it ends at: a valley that it would cross."""

from __future__ import annotations

from typing import Final

import numpy as np

from geo.errors import Say
from siting.pumped.pairs.model import Pairs
from siting.pumped.works.model import CheckLine
from siting.sites.ground import Ground

TITLE: Final = Say("输水道沿线最低地面", "lowest ground along the waterway")
#: Cells at both ends that may lie under water.
_SHORE_CELLS: Final = 3.0
_NOTE: Final = Say(
    "两岸之间直线；洞身高程、上覆岩体未设计，未核查",
    "straight between the shores; level and rock cover of the tunnel are not designed",
)


def waterway_cover(i: int, pairs: Pairs, ground: Ground) -> CheckLine:
    """Return the lowest ground between both shores, and whether it lies below the lower lake.

    A tunnel can be as low as its outlet: ground above the lowest level of the lower lake leaves
    room for one, ground below it is a valley that the waterway crosses in the open.

    Parameters
    ----------
    i
        Row of ``pairs``.
    """
    dem = ground.values("dem")
    if dem is None:
        return CheckLine(TITLE, None, "", Say("无此图层", "no such layer"))
    grid = ground.grid
    ends = np.stack([pairs.upper_shore[i], pairs.lower_shore[i]])
    steps = int(2.0 * float(pairs.length_m[i]) / min(grid.dx, grid.dy)) + 2
    share = np.linspace(0.0, 1.0, steps)[:, None]
    x, y = (ends[0] * (1.0 - share) + ends[1] * share).T
    cols = np.floor((x - grid.transform.c) / grid.dx).astype(np.int64)
    rows = np.floor((grid.transform.f - y) / grid.dy).astype(np.int64)
    inside = (rows >= 0) & (rows < grid.rows) & (cols >= 0) & (cols < grid.cols)
    # both ends lie in the outermost flooded cells: the ground between the lakes counts
    far = np.minimum(share[:, 0], 1.0 - share[:, 0]) * float(np.hypot(*(ends[1] - ends[0])))
    inside &= far > _SHORE_CELLS * max(grid.dx, grid.dy)
    z = dem[rows[inside], cols[inside]].astype(np.float64)
    z = z[np.isfinite(z)]
    if not z.size:
        return CheckLine(TITLE, None, "", Say("沿线无高程", "no elevation along it"))
    lowest, level = float(z.min()), float(pairs.lower_dead_m[i])
    if lowest < level:
        value = Say(
            f"{lowest:.0f} m，低于下库低水位 {level:.0f} m：沿线跨越更低的沟谷，须改线或明跨",
            f"{lowest:.0f} m, below the lower lake at {level:.0f} m: the line crosses a deeper "
            "valley, another line or a bridge is needed",
        )
    else:
        value = Say(
            f"{lowest:.0f} m，不低于下库低水位 {level:.0f} m",
            f"{lowest:.0f} m, not below the lower lake at {level:.0f} m",
        )
    return CheckLine(TITLE, value, "dem", _NOTE)
