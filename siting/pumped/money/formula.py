"""The cost formula itself: quantities times prices, one level over all of them.

total = scale (1 + indirect) (dams + basin + waterway + plant + road + line + land)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from siting.pumped.money.model import DAM_TYPES, PARTS, Design
from siting.sites.params import Params

Float64 = npt.NDArray[np.float64]
Values = Mapping[str, float | None]

_KW_PER_MW: Final = 1.0e3
_YUAN_PER_WAN: Final = 1.0e4
#: Without these a total would be too low: there is none.
_NEEDED: Final = ("dams", "waterway", "plant")
#: Parameters that a cost is made of.
COST_KEYS: Final = (
    "scale", "dam_cfrd", "dam_rcc", "dam_earth", "basin", "bore", "plant", "plant_power_mw",
    "plant_head_m", "plant_power_exp", "plant_head_exp", "indirect", "road", "line", "land",
)  # fmt: skip
#: Not moved in a band: it counts tunnels, and the diameter follows the search's own velocity.
_COUNTS: Final = ("velocity",)
#: Parts that may lack a price: key of part and parameter -> quantity, unit of the price in 元.
AMOUNTS: Final = {
    "basin": ("new_lake_m2", 1.0),
    "road": ("road_km", _YUAN_PER_WAN),
    "line": ("line_km", _YUAN_PER_WAN),
    "land": ("new_lake_m2", 1.0),
}


def values_of(params: Params) -> dict[str, float | None]:
    """Return the numbers that a cost is made of; None = 未计.

    Raises
    ------
    OptionError
        If a price that is always needed has no value.
    """
    keys = (*COST_KEYS, *_COUNTS)
    return {key: params[key].value if key in AMOUNTS else params.number(key) for key in keys}


def parts_of(design: Design, values: Values) -> dict[str, Float64]:
    """Return all parts in drawing order [元/kW], NaN where 未计; the level is in each.

    Parameters
    ----------
    values
        As of :func:`values_of`.
    """
    level = _number(values, "scale")
    found: dict[str, Float64] = {}
    counted = np.zeros(design.shape)
    for key in PARTS:
        if key != "indirect":
            found[key] = level * np.broadcast_to(direct(key, design, values), design.shape)
            counted += np.nan_to_num(found[key], nan=0.0)
    found["indirect"] = counted * _number(values, "indirect")
    return found


def direct(part: str, design: Design, values: Values) -> Float64:
    """Return one part before the level and before its share of indirect costs. [元/kW].

    Parameters
    ----------
    part
        Key of :data:`siting.pumped.money.model.PARTS`, not ``indirect``.
    """
    if part == "plant":
        return _plant(design, values)
    kw = design.power_mw * _KW_PER_MW
    if part == "dams":
        rock = design.upper_dam_m3 + design.lower_dam_m3
        return np.asarray(_number(values, DAM_TYPES[design.dam_type]) * rock / kw)
    if part == "waterway":
        return np.asarray(_number(values, "bore") * bore_m3(design, values) / kw)
    name, unit = AMOUNTS[part]
    amount: Float64 = getattr(design, name)
    return np.asarray(_number(values, part) * unit * amount / kw)


def level_of(values: Values) -> float:
    """Return what the sum of the direct parts is multiplied by. [-]."""
    return _number(values, "scale") * (1.0 + _number(values, "indirect"))


def part_of(key: str) -> str | None:
    """Return the part that a price belongs to; None = it moves all of them."""
    if key in DAM_TYPES.values():
        return "dams"
    if key == "bore":
        return "waterway"
    if key.startswith("plant"):
        return "plant"
    return key if key in AMOUNTS else None


def counted(part: str, cost: Float64) -> Float64:
    """Return a part as it enters the total: 0 where 未计, NaN where no total can do without."""
    return cost if part in _NEEDED else np.nan_to_num(cost, nan=0.0)


def total_of(parts: Mapping[str, Float64]) -> Float64:
    """Return the sum of the counted parts [元/kW]; NaN where a needed part is unknown."""
    total = np.zeros(parts["plant"].shape)
    for key, part in parts.items():
        total += counted(key, part)
    return total


def cost_of(design: Design, values: Values) -> Float64:
    """Return the total of each plant. [元/kW]."""
    return total_of(parts_of(design, values))


def bore_m3(design: Design, values: Values) -> Float64:
    """Return the clear volume of all tunnels, straight slopes from shore to shore. [m³].

    As many tunnels as the design names, else as carry the flow at the velocity of ``values``,
    at least one.
    """
    clear = 0.25 * np.pi * design.tunnel_m**2
    needed = np.maximum(1.0, np.rint(design.flow_m3s / (clear * _number(values, "velocity"))))
    count = np.where(np.isnan(design.tunnels), needed, design.tunnels)
    return np.asarray(count * clear * np.hypot(design.length_m, design.head_m))


def _plant(design: Design, values: Values) -> Float64:
    """Return powerhouse and machines before the level: cheaper per kW when large or high."""
    full = _number(values, "plant_power_mw")
    size = np.minimum(design.power_mw, full) / full
    head = design.head_m / _number(values, "plant_head_m")
    by_size = size ** -_number(values, "plant_power_exp")
    by_head = head ** -_number(values, "plant_head_exp")
    return np.asarray(_number(values, "plant") * by_size * by_head)


def _number(values: Values, key: str) -> float:
    value = values[key]
    return np.nan if value is None else value
