"""The terrain as the kernels read it: by cell, and in drainage order."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from geo.hydrology import Drainage
from siting.pumped.dams._kernels import in_order
from siting.pumped.dams.model import Cap
from siting.pumped.dams.section import Section, section
from siting.sites.params import Params

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Uint8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Land:
    """Terrain, bars and section of one search.

    Parameters
    ----------
    dem, drainage
        Ground and its drainage, (rows, cols).
    barred
        Bits of barred ground (1 prohibited, 2 either), (rows, cols), or (0, 0): none.
    z, size, first, last, bar
        Of :func:`siting.pumped.dams._kernels.in_order.lay_out`.
    shape
        Section of the dams.
    heights
        Levels of a curve, 0 m included.
    samples
        Most samples along half an axis.
    """

    dem: Float32
    drainage: Drainage
    barred: Uint8
    z: Float32
    size: Int32
    first: Int32
    last: Int32
    bar: Uint8
    shape: Section
    heights: int
    samples: int

    @property
    def parts(self) -> int:
        """Pieces of parallel work."""
        return int(numba.get_num_threads())


def lay_out(ground: Float32, drainage: Drainage, caps: tuple[Cap, Cap], params: Params) -> Land:
    """Lay the terrain out in drainage order."""
    shut, routed = caps[0].code > 0, caps[1].code > 0
    barred = np.zeros((0, 0), np.uint8)
    if shut.any() or routed.any():
        # bit 2 holds whatever bit 1 holds: what is prohibited is no place for a lake either way
        barred = (shut | ((shut | routed) << np.uint8(1))).astype(np.uint8)
    count = drainage.order.size
    z, size = np.empty(count, np.float32), np.empty(count, np.int32)
    first, last = np.empty(count, np.int32), np.empty(count, np.int32)
    bar = np.empty(count if barred.size else 0, np.uint8)
    in_order.lay_out(
        drainage.filled, drainage.cells, drainage.order, drainage.position, barred,
        z, size, first, last, bar,
    )  # fmt: skip
    step = min(drainage.grid.dx, drainage.grid.dy)
    return Land(
        ground, drainage, barred, z, size, first, last, bar, section(params),
        int(params.number("dam_max_m")) + 1,
        int(params.number("axis_reach_m") / step) + 1,
    )  # fmt: skip
