"""Rows of racks on any slope: pitch, and the land a megawatt takes.

Mounting: fixed racks that face true south at ``rack_tilt`` against the horizontal; rows run
east-west in plan and follow the ground along the row, so that a row on an east slope leans
east. The pitch keeps the modules free of row shade from 9:00 to 15:00 solar time on the
winter solstice. On flat ground this is the rule of GB 50797,
D / L = cos b + sin b (0.707 tan f + 0.4338) / (0.707 - 0.4338 tan f).
Land is the published figure times the pitch here over the pitch on flat ground, kept within
the published range: beyond it rows stand in each other's shade, and the yield counts that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.pv._kernels import pitch as kernel
from siting.pv.representative import solstice_suns
from siting.sites.params import Params

Float32 = npt.NDArray[np.float32]

LAND_TEXT = Say(
    "单位用地 = 公布值 × 本坡面行距 / 平地行距（冬至 9:00–15:00 不遮挡），限于公布范围",
    "land by MW = published x pitch on this slope / pitch on flat ground (no row shade 9:00-15:00"
    " on the winter solstice), kept within the published range",
)


@dataclass(frozen=True, slots=True, eq=False)
class Racks:
    """Rule of the rows at one latitude.

    Parameters
    ----------
    rise
        Tangent of the rack's tilt.
    suns
        Of :func:`siting.pv.representative.solstice_suns`.
    flat
        Pitch on flat ground over the collector's width.
    low, high
        Bounds of the land over that of flat ground.
    """

    rise: float
    suns: npt.NDArray[np.float64]
    flat: float
    low: float
    high: float


def racks(params: Params, latitude: float) -> Racks:
    """Return the rule of the rows.

    Parameters
    ----------
    params
        ``rack_tilt`` [°], ``land_mu_per_mw_ac`` with its low and high.
    latitude
        Of the region. [°]

    Raises
    ------
    OptionError
        If the tilt is not below 60°, or the latitude has no winter sun at 9:00 in the south.
    """
    tilt = params.number("rack_tilt")
    if not 0.0 <= tilt < 60.0:
        raise OptionError(
            "pv.rack_tilt",
            Say(f"{tilt:g}° 不在 0–60°", f"{tilt:g} degrees are not in 0-60"),
            Say("给出 0 到 60 度之间的倾角", "give a tilt from 0 to below 60"),
        )
    if not 20.0 <= latitude <= 50.0:
        raise OptionError(
            "latitude",
            Say(f"纬度 {latitude:.1f}° 超出行距规则的适用范围", f"{latitude:.1f} is off the rule"),
            Say("行距规则适用于北纬 20–50°", "the row rule serves 20-50 degrees north"),
        )
    land = params["land_mu_per_mw_ac"]
    value = params.number("land_mu_per_mw_ac")
    low = 1.0 if land.low is None else min(land.low / value, 1.0)
    high = 1.0 if land.high is None else max(land.high / value, 1.0)
    rise = math.tan(math.radians(tilt))
    suns = solstice_suns(latitude)
    flat = kernel.free_ratio(0.0, 0.0, rise, suns) * kernel.slant_north(0.0, rise)
    return Racks(rise, suns, float(flat), low, high)


def land_mu_per_mw(slope: Float32, aspect: Float32, latitude: float, params: Params,
                   grid_north: float = 0.0) -> Float32:  # fmt: skip
    """Return the land that a megawatt (AC) takes. [亩/MWac].

    Parameters
    ----------
    slope
        Ground slope, shape (rows, cols). [°]
    aspect
        Direction the slope faces, clockwise from grid north; NaN = flat. [°]
    latitude
        Of the region. [°]
    params
        See :func:`racks`.
    grid_north
        Direction of grid north, clockwise from true north. [°]

    Returns
    -------
    ndarray of float32, shape (rows, cols)
        NaN where the slope is unknown.

    Raises
    ------
    OptionError
        As :func:`racks`.
    """
    rule = racks(params, latitude)
    out = np.empty(slope.size, np.float32)
    kernel.land_ratios(
        np.ascontiguousarray(slope, np.float32).ravel(),
        np.ascontiguousarray(aspect, np.float32).ravel(),
        math.radians(grid_north),
        rule.rise,
        rule.suns,
        rule.flat,
        rule.low,
        rule.high,
        out,
    )
    out *= np.float32(params.number("land_mu_per_mw_ac"))
    return out.reshape(slope.shape)
