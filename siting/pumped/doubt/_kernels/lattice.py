"""Correlated noise from a lattice of independent normals, addressed by global coordinates.

The value at a node is a hash of seed, draw and node, so any window of any grid sees the same
field. Between nodes stands a cubic B-spline; its weights are divided by the root of the sum of
their squares, so the standard deviation is 1 everywhere and does not dip between nodes.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
#: Added to node numbers so that they are positive.
_OFFSET = 1 << 40


@numba.njit(cache=True)
def mixed(state: np.uint64, word: np.uint64) -> np.uint64:
    """Return a state after one more word (SplitMix64's finaliser)."""
    z = (state ^ word) + _ODD
    z = (z ^ (z >> _S30)) * _MIX_A
    z = (z ^ (z >> _S27)) * _MIX_B
    return np.uint64(z ^ (z >> _S31))


@numba.njit(cache=True)
def normals(seed: int, row: int, col: int, rows: int, cols: int, out: Float32) -> None:
    """Fill the nodes of a window, all draws.

    Parameters
    ----------
    seed
        Any number of 0 or more.
    row, col, rows, cols
        First node along y and x, and how many.
    out
        Result (rows x cols, draws).
    """
    draws = out.shape[1]
    root = mixed(_ODD, np.uint64(seed))
    for i in range(rows):
        along = mixed(root, np.uint64(row + i + _OFFSET))
        for j in range(cols):
            node = mixed(along, np.uint64(col + j + _OFFSET))
            for k in range(0, draws, 2):
                a = mixed(node, np.uint64(2 * k))
                b = mixed(node, np.uint64(2 * k + 1))
                u = (float(a >> _S11) + 0.5) * 2.0**-53
                v = float(b >> _S11) * 2.0**-53
                radius, turn = math.sqrt(-2.0 * math.log(u)), 2.0 * math.pi * v
                out[i * cols + j, k] = radius * math.cos(turn)
                if k + 1 < draws:
                    out[i * cols + j, k + 1] = radius * math.sin(turn)


@numba.njit(cache=True)
def weights(
    x: Float64, y: Float64, spacing: float, row: int, col: int, cols: int, base: Int32, w: Float32
) -> None:
    """Give each point its first node in a window and the weights of its 4 x 4 nodes.

    Parameters
    ----------
    x, y
        Points (n,). [m]
    spacing
        Of the nodes. [m]
    row, col, cols
        First node of the window along y and x, nodes of a row.
    base, w
        Results (n,), (n, 16): first node, weights whose squares add up to 1.
    """
    along = np.empty(4)
    across = np.empty(4)
    for n in range(x.size):
        u, v = x[n] / spacing, y[n] / spacing
        i, j = math.floor(v), math.floor(u)
        spline(v - i, along)
        spline(u - j, across)
        base[n] = (i - 1 - row) * cols + (j - 1 - col)
        for a in range(4):
            for b in range(4):
                w[n, 4 * a + b] = along[a] * across[b]


@numba.njit(cache=True)
def spline(t: float, out: Float64) -> None:
    """Fill the four cubic B-spline weights at ``t`` in [0, 1), squares adding up to 1."""
    s = 1.0 - t
    out[0] = s * s * s
    out[1] = 3.0 * t * t * t - 6.0 * t * t + 4.0
    out[2] = 3.0 * s * s * s - 6.0 * s * s + 4.0
    out[3] = t * t * t
    length = math.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2 + out[3] ** 2)
    for k in range(4):
        out[k] /= length


@numba.njit(cache=True)
def errors(base: Int32, w: Float32, cols: int, nodes: Float32, sd: Float32, out: Float32) -> None:
    """Fill the error of each point and draw, (n, draws), from the nodes of a window. [m]."""
    draws = nodes.shape[1]
    for n in range(base.size):
        for d in range(draws):
            out[n, d] = 0.0
        for k in range(16):
            node = base[n] + (k // 4) * cols + k % 4
            share = w[n, k] * sd[n]
            for d in range(draws):
                out[n, d] += share * nodes[node, d]
