"""Full-load hours of every cell: tables of the exact integral, and the kernel that reads them.

The table holds the closed form of :mod:`siting.wind.energy` at steps of :data:`SPEED_STEP`
and :data:`SHAPE_STEP` and is linear between them. Against the closed form that costs at most
1.2 h a year (0.2 h with one shape for all cells), and less than 0.1 % from 3 m/s up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from siting.wind._kernels.aep import gross_hours
from siting.wind.density import GAS, KELVIN, air_density, pressure
from siting.wind.energy import YEAR_H, mean_share
from siting.wind.turbine import STANDARD_DENSITY, Turbine

Raster = npt.NDArray[np.float32]

SPEED_STEP: Final = 0.05
#: Equivalent mean speed at which the table ends; no map of the contract leads beyond. [m/s]
SPEED_END: Final = 30.0
SHAPE_STEP: Final = 0.05
#: First, last and steps a unit of the tables over elevation [m], temperature [°C] and the
#: ratio of two maps [-]; each is linear within 1e-6 between its steps.
_HEIGHT: Final = (-500.0, 9000.0, 1 / 50)
_WARMTH: Final = (-40.0, 50.0, 2.0)
_RATIO: Final = (0.25, 4.0, 512.0)
_NONE: Final = np.zeros(1, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Climate:
    """What the wind and the air are like, cell by cell or by a parameter.

    Parameters
    ----------
    mean
        Mean wind speed ``map_m`` above ground, (rows, cols). [m/s]
    map_m, lower_m
        Heights of the two maps. [m]
    lower
        Mean wind speed at ``lower_m``, or None: ``shear`` then leads to the hub. [m/s]
    shear
        Exponent of the power law of wind and height. [-]
    shape
        Weibull shape, or None: ``one_shape`` everywhere. [-]
    height
        Elevation, or None: standard density everywhere. [m]
    warmth
        Mean temperature near the ground, or None: by ``sea_c`` and ``lapse``. [°C]
    sea_c, lapse
        Temperature at the sea [°C] and its fall with height [K/m].
    """

    mean: Raster
    map_m: float
    lower: Raster | None
    lower_m: float
    shear: float
    shape: Raster | None
    one_shape: float
    height: Raster | None
    warmth: Raster | None
    sea_c: float
    lapse: float


def hours_table(turbine: Turbine, shapes: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return the gross hours by shape (rows) and equivalent mean speed, float32. [h/a].

    Parameters
    ----------
    turbine
        Machine.
    shapes
        Weibull shapes of the rows. [-]
    """
    speeds = np.arange(round(SPEED_END / SPEED_STEP) + 1) * SPEED_STEP
    rows = [mean_share(turbine.speeds, turbine.share, speeds, shape) for shape in shapes]
    return (YEAR_H * np.array(rows)).astype(np.float32)


def shape_rows(shape: Raster | None, one_shape: float) -> npt.NDArray[np.float64]:
    """Return the Weibull shapes between which all cells lie. [-]."""
    if shape is None or not np.isfinite(shape).any():
        return np.array([one_shape])
    first = math.floor(float(np.fmin.reduce(shape, axis=None)) / SHAPE_STEP)
    last = math.ceil(float(np.fmax.reduce(shape, axis=None)) / SHAPE_STEP)
    return SHAPE_STEP * np.arange(first, last + 1, dtype=np.float64)


def density_tables(
    hub_m: float, sea_c: float, lapse: float, *, warmed: bool
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the cube root of the density ratio by elevation, and by temperature.

    Parameters
    ----------
    hub_m
        Height of the hub above ground: there the density counts. [m]
    sea_c, lapse
        Of :func:`siting.wind.density.pressure`.
    warmed
        Whether the temperature comes from the second table instead of the lapse rate.

    Returns
    -------
    tuple
        By ground elevation, by temperature near the ground; their product is the factor of
        the speed. [-]
    """
    hub, near = _axis(_HEIGHT) + hub_m, _axis(_WARMTH)
    if warmed:
        density = pressure(hub, sea_c, lapse) / (GAS * KELVIN)
        heat = KELVIN / (near - lapse * hub_m + KELVIN)
    else:
        density, heat = air_density(hub, sea_c, lapse), np.ones_like(near)
    by_height = np.cbrt(density / STANDARD_DENSITY)
    return by_height.astype(np.float32), np.cbrt(heat).astype(np.float32)


def hours(
    climate: Climate, turbine: Turbine, wanted: npt.NDArray[np.bool_] | None = None
) -> Raster:
    """Return the gross full-load hours of each cell. [h/a].

    Parameters
    ----------
    climate
        Wind and air.
    turbine
        Machine.
    wanted
        Cells to work on, (rows, cols); None = all.

    Returns
    -------
    ndarray of float32
        (rows, cols); NaN outside ``wanted`` and where any layer in use is unknown.
    """
    rows = shape_rows(climate.shape, climate.one_shape)
    warmed = climate.warmth is not None and climate.height is not None
    by_height, by_warmth = density_tables(
        turbine.hub_m, climate.sea_c, climate.lapse, warmed=warmed
    )
    table = hours_table(turbine, rows)
    above = math.log(turbine.hub_m / climate.map_m)
    by_ratio = _axis(_RATIO) ** (above / math.log(climate.map_m / climate.lower_m))
    out = np.empty(climate.mean.shape, np.float32)
    use = np.ones(out.shape, np.bool_) if wanted is None else wanted
    gross_hours(
        _flat(climate.mean), _flat(climate.lower), _flat(climate.shape), _flat(climate.height),
        _flat(climate.warmth), np.ascontiguousarray(use).reshape(-1),
        int(climate.lower is not None), int(climate.shape is not None),
        int(climate.height is not None), int(warmed),
        by_ratio.astype(np.float32), _RATIO[0], _RATIO[2], math.exp(climate.shear * above),
        climate.one_shape, by_height, _HEIGHT[0], _HEIGHT[2], by_warmth, _WARMTH[0], _WARMTH[2],
        table.reshape(-1), table.shape[1], 1.0 / SPEED_STEP, float(rows[0]), 1.0 / SHAPE_STEP,
        out.reshape(-1),
    )  # fmt: skip
    return out


def _axis(table: tuple[float, float, float]) -> npt.NDArray[np.float64]:
    """Return the places of a table's values."""
    first, last, per = table
    return first + np.arange(round((last - first) * per) + 1, dtype=np.float64) / per


def _flat(cells: Raster | None) -> Raster:
    """Return the cells in a row; of a layer that is not there, one cell that nobody reads."""
    return _NONE if cells is None else np.ascontiguousarray(cells, np.float32).reshape(-1)
