"""How much more or less sun an inclined module gets in a year than a horizontal one.

Fixed modules that follow the ground, tilted a further ``rack_tilt`` towards south
(gradients add as vectors). Beam: the shape of pvlib's clear sky (Ineichen, built-in
Linke turbidity) at the region's centre; diffuse: isotropic, with a declared share; ground
reflection by a declared albedo. No horizon and no row shading (未计地形与行间遮挡).
One table of ground slope x aspect is made a run, every cell is looked up in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pvlib

from geo.errors import OptionError, Say
from siting.pv._kernels.bilinear import bilinear
from siting.pv.clearsky import hourly_times, quiet_pvlib

#: Nodes of the table [°]: bilinear between them stays within 0.2 % of the direct sum.
SLOPE_STEP, SLOPE_MAX, ASPECT_STEP = 2.5, 60.0, 15.0


@dataclass(frozen=True, slots=True)
class SunShape:
    """Sun positions of a year with the clear-sky beam that goes with them.

    Parameters
    ----------
    east, north, up
        Unit vector to the sun, shape (t,), up > 0.
    beam
        Clear-sky direct normal irradiance, shape (t,). [W/m²]
    """

    east: npt.NDArray[np.float64]
    north: npt.NDArray[np.float64]
    up: npt.NDArray[np.float64]
    beam: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GainTable:
    """Annual gain factor over a horizontal plane on nodes of ground slope x aspect."""

    factor: npt.NDArray[np.float32]  # [slopes, aspects], last aspect = 360 = first

    def lookup(
        self, slope: npt.NDArray[np.float32], aspect: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """Return the factor of each cell; NaN where the slope is NaN.

        Parameters
        ----------
        slope
            Ground slope. [°]
        aspect
            Direction the slope faces, clockwise from north; NaN = flat. [°]
        """
        out = np.empty(slope.size, np.float32)
        bilinear(
            np.ascontiguousarray(slope, np.float32).ravel(),
            np.ascontiguousarray(aspect, np.float32).ravel(),
            self.factor.ravel(),
            self.factor.shape[0],
            self.factor.shape[1],
            SLOPE_STEP,
            ASPECT_STEP,
            out,
        )
        return out.reshape(slope.shape)


def sun_shape(lat: float, lon: float, altitude: float) -> SunShape:
    """Return the sun of a year at a place.

    Parameters
    ----------
    lat, lon
        Place. [°]
    altitude
        Height above the sea. [m]
    """
    times = hourly_times()
    with quiet_pvlib():
        place = pvlib.location.Location(lat, lon, altitude=altitude)
        sun = place.get_solarposition(times)
        sky = place.get_clearsky(times, solar_position=sun)
    zenith = np.radians(sun["zenith"].to_numpy())
    azimuth = np.radians(sun["azimuth"].to_numpy())
    day = np.cos(zenith) > 0
    return SunShape(
        east=(np.sin(zenith) * np.sin(azimuth))[day],
        north=(np.sin(zenith) * np.cos(azimuth))[day],
        up=np.cos(zenith)[day],
        beam=sky["dni"].to_numpy()[day],
    )


def plane_factor(
    sun: SunShape,
    tilt: npt.NDArray[np.float64],
    azimuth: npt.NDArray[np.float64],
    diffuse_share: float,
    albedo: float,
) -> npt.NDArray[np.float64]:
    """Return annual irradiation of planes over that of the horizontal plane, shape (n,).

    Parameters
    ----------
    sun
        Sun of the year.
    tilt, azimuth
        Shape (n,): inclination and facing, clockwise from north. [°]
    diffuse_share
        Diffuse share of the annual horizontal irradiation, 0-1.
    albedo
        Ground reflectance, 0-1.
    """
    b, a = np.radians(tilt)[:, None], np.radians(azimuth)[:, None]
    cos_aoi = np.sin(b) * (np.sin(a) * sun.east + np.cos(a) * sun.north) + np.cos(b) * sun.up
    ratio = (np.maximum(cos_aoi, 0.0) @ sun.beam) / (sun.up @ sun.beam)
    cos_tilt = np.cos(np.radians(tilt))
    sky = diffuse_share * (1 + cos_tilt) / 2
    return np.asarray((1 - diffuse_share) * ratio + sky + albedo * (1 - cos_tilt) / 2)


def module_plane(
    slope: npt.NDArray[np.float64], aspect: npt.NDArray[np.float64], rack_tilt: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return tilt and azimuth [°] of modules on ground of ``slope`` and ``aspect`` [°].

    The downhill gradients of the ground and of the rack (``rack_tilt`` [°] to the south)
    add as vectors.
    """
    fall = np.tan(np.radians(slope))
    east = fall * np.sin(np.radians(aspect))
    north = fall * np.cos(np.radians(aspect)) - np.tan(np.radians(rack_tilt))
    tilt = np.degrees(np.arctan(np.hypot(east, north)))
    return tilt, np.degrees(np.arctan2(east, north)) % 360.0


def gain_table(sun: SunShape, rack_tilt: float, diffuse_share: float, albedo: float) -> GainTable:
    """Return the factor on nodes of ground slope x aspect.

    Parameters
    ----------
    sun
        Sun of the year.
    rack_tilt
        Tilt of the racks over the ground, to the south. [°]
    diffuse_share, albedo
        0-1.

    Raises
    ------
    OptionError
        If a share is outside 0-1 or the tilt outside 0-60.
    """
    limits = (
        ("diffuse_share", diffuse_share, 1.0),
        ("albedo", albedo, 1.0),
        ("rack_tilt", rack_tilt, 60.0),
    )
    for name, value, top in limits:
        if not 0.0 <= value <= top:
            raise OptionError(
                f"pv.{name}",
                Say(f"{value} 不在 0-{top:g}", f"{value} is not in 0-{top:g}"),
                Say("给出范围内的数值", "give a value inside"),
            )
    slopes = np.arange(0.0, SLOPE_MAX + SLOPE_STEP, SLOPE_STEP)
    aspects = np.arange(0.0, 360.0 + ASPECT_STEP, ASPECT_STEP)
    grid = np.meshgrid(slopes, aspects, indexing="ij")
    tilt, azimuth = module_plane(grid[0].ravel(), grid[1].ravel(), rack_tilt)
    factor = plane_factor(sun, tilt, azimuth, diffuse_share, albedo)
    return GainTable(factor.reshape(slopes.size, aspects.size).astype(np.float32))
