"""Terrain for the benchmarks: spectral noise cut by rivers, the same for the same seed.

Noise with a power-law spectrum is worn down by stream power (implicit, Braun and Willett
2013), from a coarse lattice to the wanted one; slopes end at a limit, relief is scaled.
"""

from __future__ import annotations

import os
import tempfile
import zlib
from pathlib import Path

import numba
import numpy as np
from affine import Affine
from scipy import fft, ndimage

from geo.grid import Grid
from geo.hydrology import OUTLET, STEP_COLS, STEP_ROWS, drainage

SIDE = 4801
CELL = 30.0
#: Lowest ground and relief [m].
FLOOR, RELIEF = 90.0, 1300.0
#: Coarseness of the lattice, its steps of erosion, and the noise it adds (share of a cell).
STAGES = ((8, 40, 0.5), (4, 14, 0.12), (2, 8, 0.12), (1, 5, 0.12))
#: Fall of the noise amplitude with the wave number.
SPECTRUM = 1.2
#: What rivers cut in a step where they drain 1 km², its growth with the area, and how far the
#: ground rises in a step [shares of a cell].
ERODIBILITY, CONCAVITY, UPLIFT = 4.0, 0.45, 0.11
#: Width of the smoothing at the end [cells].
BEAM = 1.2
#: Slopes end here before the relief is scaled [m/m].
STEEPEST = 0.8


def terrain(side: int = SIDE, seed: int = 7, noise_m: float = 0.0) -> tuple[np.ndarray, Grid]:
    """Return a DEM [m], float32 (side, side), and its grid of 30 m cells.

    ``noise_m`` is the standard deviation of the error that a measured DEM has, smooth over
    three cells; it makes pits. Made once for each seed, side and state of this file, then read
    from a temporary folder.
    """
    folder = Path(tempfile.gettempdir()) / "shiyan_terrain"
    folder.mkdir(exist_ok=True)
    version = zlib.crc32(Path(__file__).read_bytes())
    file = folder / f"terrain_{seed}_{side}_{version:08x}.npy"
    if not file.exists():
        part = file.with_suffix(f".{os.getpid()}.npy")  # another run may be making it
        np.save(part, _made(side, seed))
        part.rename(file)
    dem = np.load(file)
    if noise_m > 0:
        rng = np.random.default_rng([seed, side, 1])
        error = ndimage.uniform_filter(rng.standard_normal(dem.shape, np.float32), 3)
        dem += error * np.float32(noise_m / error.std())
    return dem, Grid("EPSG:4546", Affine(CELL, 0, 429_000, 0, -CELL, 3_690_000), (side, side))


def _made(side: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, side])
    z = np.zeros((2, 2), np.float32)
    for coarse, steps, rough in STAGES:
        here = max(-(-side // coarse), 8)
        cell = CELL * side / here
        z = ndimage.zoom(z, here / z.shape[0], order=1, grid_mode=True, mode="nearest")
        z = z[:here, :here] + _noise(
            here, rng, here if coarse == STAGES[0][0] else 16, rough * cell
        )
        for _ in range(steps):
            z = _worn(z, cell)
    # a DEM sees ground through a beam: rounded gullies, and the small pits that this makes
    z = ndimage.gaussian_filter(z, BEAM)
    z -= z.min()
    return FLOOR + z * np.float32(RELIEF / z.max())


def _noise(side: int, rng: np.random.Generator, longest: float, spread: float) -> np.ndarray:
    """Return power-law noise of a standard deviation [m], no wave longer than so many cells."""
    spectrum = fft.rfft2(rng.standard_normal((side, side), np.float32))
    wave = np.hypot(fft.fftfreq(side)[:, None], fft.rfftfreq(side)[None, :]).astype(np.float32)
    wave[wave < 1.0 / longest] = np.inf
    spectrum *= wave**-SPECTRUM
    field = fft.irfft2(spectrum, (side, side))
    return (field * (spread / field.std())).astype(np.float32)


def _worn(z: np.ndarray, cell: float) -> np.ndarray:
    """Return the surface after one step of erosion, rivers kept at the rim."""
    low = float(z.min())
    drained = drainage(z - low, Grid("EPSG:4546", Affine(cell, 0, 0, 0, -cell, 0), z.shape))
    worn = (drained.filled + np.float32(low)).ravel()
    _cut(worn, drained.direction.ravel(), drained.cells.ravel(), drained.order, z.shape[1], cell)
    return worn.reshape(z.shape)


@numba.njit
def _cut(
    z: np.ndarray,
    direction: np.ndarray,
    cells: np.ndarray,
    order: np.ndarray,
    cols: int,
    cell: float,
) -> None:
    """Lower each cell towards its receiver, from the outlets up."""
    km2 = cell * cell / 1e6
    for at in order:
        k = direction[at]
        if k == OUTLET:
            continue
        below = z[at + STEP_ROWS[k] * cols + STEP_COLS[k]]
        length = cell * np.sqrt(float(STEP_ROWS[k] ** 2 + STEP_COLS[k] ** 2))
        pull = ERODIBILITY * (cells[at] * km2) ** CONCAVITY * cell / length
        steady = (z[at] + UPLIFT * cell + pull * below) / (1.0 + pull)
        z[at] = min(steady, below + STEEPEST * length)
