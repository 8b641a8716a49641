"""Water between two levels of a lake, on the ground of every draw."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]


@numba.njit(cache=True)
def members(
    foot: int,
    top: float,
    order: Int32,
    position: Int32,
    cells: Int32,
    filled: Float32,
    found: Int32,
) -> int:
    """List the cells of a catchment below ``top`` [m]; with ``found`` empty only count them.

    The filled surface never falls upstream: a cell as high as ``top`` ends its sub-catchment.
    """
    n = 0
    at = position[foot]
    last = at + cells[foot]
    while at < last:
        here = order[at]
        if filled[here] >= top:
            at += cells[here]
            continue
        if found.size:
            found[n] = here
        n += 1
        at += 1
    return n


@numba.njit(cache=True)
def store(
    rise: Float32,
    area: float,
    normal: float,
    dead: float,
    shift: Float32,
    base: Int32,
    w: Float32,
    cols: int,
    nodes: Float32,
    sd: Float32,
    out: Float64,
) -> None:
    """Fill volume, first moment and surface of the water between two levels, draw by draw.

    Parameters
    ----------
    rise
        Ground above the foot, (n,). [m]
    area
        Of a cell. [m²]
    normal, dead
        Levels above the foot of the draw. [m]
    shift
        Error at the foot, (draws,). [m]
    base, w, cols, nodes, sd
        Error of each cell (:mod:`siting.pumped.doubt._kernels.lattice`).
    out
        Result (3, draws): volume between the levels [m³], its moment about the foot [m⁴],
        surface at the normal level [m²].
    """
    draws = shift.size
    error = np.empty(draws, np.float32)
    out[:] = 0.0
    for n in range(rise.size):
        error[:] = -shift
        for k in range(16):
            node = base[n] + (k // 4) * cols + k % 4
            share = w[n, k] * sd[n]
            for d in range(draws):
                error[d] += share * nodes[node, d]
        for d in range(draws):
            ground = float(rise[n]) + float(error[d])
            if ground >= normal:
                continue
            low = max(ground, dead)
            out[0, d] += normal - low
            out[1, d] += 0.5 * (normal * normal - low * low)
            out[2, d] += 1.0
    for d in range(draws):
        for k in range(3):
            out[k, d] *= area
