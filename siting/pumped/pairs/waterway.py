"""Waterway of a pair: rated flow, tunnels, diameter and the head it loses.

Q = P / (rho g eta H), D = sqrt(4 Q / (n pi v)), h = f L / D v^2 / 2g with the net head H =
H_gross - h, so that h solves a quadratic in sqrt(H). L is the length in space. Formulas with
units: ``docs/methods/pairs.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from geo.units import GRAVITY, WATER_DENSITY
from siting.sites.params import Params

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Waterway:
    """Waterways, arrays of one shape.

    Parameters
    ----------
    flow_m3s
        Rated flow of the plant. [m³/s]
    tunnels
        Number of tunnels that share it. [-]
    diameter_m
        Of each tunnel. [m]
    length_m
        Length in space. [m]
    loss_m, net_m
        Head lost at rated flow, and what is left of the gross head. [m]
    """

    flow_m3s: Float64
    tunnels: Float64
    diameter_m: Float64
    length_m: Float64
    loss_m: Float64
    net_m: Float64


def space_length_m(length_m: npt.ArrayLike, head_m: npt.ArrayLike) -> Float64:
    """Return the length in space [m] of a horizontal length and a head. [m]."""
    return np.hypot(np.asarray(length_m, np.float64), np.asarray(head_m, np.float64))


def tunnels(power_mw: npt.ArrayLike, params: Params) -> Float64:
    """Return how many tunnels a plant of ``power_mw`` has, one each ``pair.tunnel_mw``. [MW]."""
    power = np.asarray(power_mw, np.float64)
    return np.maximum(np.ceil(power / params.number("tunnel_mw") - 1e-9), 1.0)


def waterway(
    power_mw: npt.ArrayLike, head_m: npt.ArrayLike, length_m: npt.ArrayLike, params: Params
) -> Waterway:
    """Return the waterway of plants.

    Parameters
    ----------
    power_mw
        Rated power. [MW]
    head_m
        Gross head. [m]
    length_m
        Length along which friction acts: :func:`space_length_m`. [m]
    params
        Of :func:`siting.pumped.pairs.options.parameters`.

    Raises
    ------
    OptionError
        A power, head or length that is not positive.

    Examples
    --------
    >>> from siting.pumped.pairs.options import parameters
    >>> fang = waterway(1200.0, 452.0, 3.97 * 452.0, parameters({}))
    >>> round(float(fang.loss_m), 1), int(fang.tunnels), round(float(fang.diameter_m), 1)
    (4.4, 2, 6.2)
    """
    power, head, length = (np.asarray(one, np.float64) for one in (power_mw, head_m, length_m))
    for name, one in (("power_mw", power), ("head_m", head), ("length_m", length)):
        if (one <= 0).any() or np.isinf(one).any():
            raise OptionError(
                name,
                Say("不是正的有限数", "is not positive and finite"),
                Say("给出大于 0 的数", "give numbers above 0"),
            )
    velocity, eta = params.number("velocity"), params.number("efficiency")
    count = tunnels(power, params)
    watt = power * 1.0e6
    k = params.number("friction") * length * velocity**2 / (2.0 * GRAVITY)
    k = k * np.sqrt(count * np.pi * velocity * WATER_DENSITY * GRAVITY * eta / (4.0 * watt))
    net = (2.0 * head / (k + np.sqrt(k * k + 4.0 * head))) ** 2
    flow = watt / (WATER_DENSITY * GRAVITY * eta * net)
    wide = np.sqrt(4.0 * flow / (count * np.pi * velocity))
    return Waterway(flow, count, wide, length + 0.0 * net, head - net, net)
