"""Head that a tunnel of the allowed velocity loses, in closed form."""

from __future__ import annotations

import math

import numba

GRAVITY = 9.81
WATER_DENSITY = 1000.0
WATT_PER_MW = 1.0e6


@numba.njit(cache=True)
def tunnels(power_mw: float, tunnel_mw: float) -> float:
    """Return how many tunnels share the flow."""
    return max(math.ceil(power_mw / tunnel_mw - 1e-9), 1.0)


@numba.njit(cache=True)
def net_head(
    gross: float,
    length: float,
    power_mw: float,
    efficiency: float,
    velocity: float,
    friction: float,
    count: float,
) -> float:
    """Return gross head less the Darcy loss at rated flow.

    With Q = P / (rho g eta H) and D = sqrt(4 Q / (n pi v)) the loss f L / D v^2 / 2g is
    k sqrt(H) in the net head H: a quadratic in sqrt(H).
    """
    if gross <= 0.0:
        return gross
    watt = power_mw * WATT_PER_MW
    k = (
        friction * length * velocity * velocity / (2.0 * GRAVITY)
        * math.sqrt(count * math.pi * velocity * WATER_DENSITY * GRAVITY * efficiency
                    / (4.0 * watt))
    )  # fmt: skip
    root = 2.0 * gross / (k + math.sqrt(k * k + 4.0 * gross))
    return root * root


@numba.njit(cache=True)
def rated_flow(net: float, power_mw: float, efficiency: float) -> float:
    """Return P / (rho g eta H)."""
    return power_mw * WATT_PER_MW / (WATER_DENSITY * GRAVITY * efficiency * net)


@numba.njit(cache=True)
def diameter(flow: float, velocity: float, count: float) -> float:
    """Return the diameter of each tunnel at the allowed velocity."""
    return math.sqrt(4.0 * flow / (count * math.pi * velocity))
