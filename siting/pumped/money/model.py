"""What is paid for: the design of a plant, and its cost by part."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.pumped.money.classes import UNKNOWN

Float64 = npt.NDArray[np.float64]

#: Parts in drawing order.
PARTS: Final = {
    "dams": Say("大坝", "dams"),
    "basin": Say("库盆清理防渗", "basin clearing and sealing"),
    "waterway": Say("输水系统", "waterway"),
    "plant": Say("厂房与机电", "powerhouse and electromechanical works"),
    "road": Say("进场道路", "access road"),
    "line": Say("送出线路", "transmission line"),
    "land": Say("征地移民", "land and resettlement"),
    "indirect": Say("辅助、独立费用与预备费", "temporary works, independent costs, contingency"),
}
#: Types of dam that have a price, key -> parameter.
DAM_TYPES: Final = {"cfrd": "dam_cfrd", "rcc": "dam_rcc", "earth": "dam_earth"}
_POSITIVE: Final = ("power_mw", "head_m", "tunnel_m")


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A plant as money sees it; arrays (or numbers) of shapes that broadcast together.

    NaN = not known: the part is 未计, and without power, head, length, tunnel, flow or dams there
    is no total. An existing lake has a dam of 0 m³ and no new surface.

    Parameters
    ----------
    power_mw, hours, energy_gwh
        Power, hours and energy of one full store. [MW], [h], [GWh]
    head_m
        Mean gross head. [m]
    length_m
        Horizontal length of the waterway. [m]
    tunnel_m
        Diameter of each tunnel. [m]
    flow_m3s
        Rated flow of the plant; with the diameter it says how many tunnels there are. [m³/s]
    tunnels
        Number of tunnels where it is known: the flow of another head or velocity adds none.
        NaN = as many as carry the flow. [-]
    upper_dam_m3, lower_dam_m3
        Bodies of the dams. [m³]
    new_lake_m2
        Surface of the new lakes at their normal levels. [m²]
    road_km, line_km
        [km]
    dam_type
        ``cfrd``, ``rcc`` or ``earth``.

    Raises
    ------
    OptionError
        A negative number, a power, head or diameter of zero, an unknown type of dam, shapes that do
        not broadcast.
    """

    power_mw: Float64
    hours: Float64
    energy_gwh: Float64
    head_m: Float64
    length_m: Float64
    tunnel_m: Float64
    flow_m3s: Float64
    upper_dam_m3: Float64
    lower_dam_m3: Float64
    new_lake_m2: Float64
    road_km: Float64
    line_km: Float64
    dam_type: str = "cfrd"
    tunnels: Float64 | float = math.nan

    def __post_init__(self) -> None:
        if self.dam_type not in DAM_TYPES:
            raise OptionError(
                "storage_cost.dam_type",
                Say(f"坝型 {self.dam_type} 没有单价", f"{self.dam_type!r} has no price"),
                Say(f"可用：{'、'.join(DAM_TYPES)}", f"one of {', '.join(DAM_TYPES)}"),
            )
        for name in self.names():
            values = np.asarray(getattr(self, name), np.float64)
            object.__setattr__(self, name, values)
            wrong = values <= 0 if name in _POSITIVE else values < 0
            if bool((wrong | np.isinf(values)).any()):
                raise OptionError(
                    f"design.{name}",
                    Say("数值为负、为零或无穷", "a value is negative, zero or infinite"),
                    Say("改正输入，未知写 NaN", "correct the input; unknown is NaN"),
                )
        try:
            np.broadcast_shapes(*(getattr(self, name).shape for name in self.names()))
        except ValueError as error:
            raise OptionError(
                "design",
                Say("各数组形状不能对齐", "the shapes do not broadcast"),
                Say("给出同形或可广播的数组", "give arrays that broadcast together"),
            ) from error

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the quantities."""
        return tuple(one.name for one in fields(cls) if one.name != "dam_type")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of all quantities together."""
        return np.broadcast_shapes(*(getattr(self, name).shape for name in self.names()))


@dataclass(frozen=True, slots=True, eq=False)
class StorageCost:
    """Static cost of plants by part; arrays of the design's shape.

    Parameters
    ----------
    parts
        Key of :data:`PARTS` -> cost, in drawing order; NaN = 未计. [元/kW]
    total
        Sum of the counted parts; NaN without power, head, waterway or dams. [元/kW]
    low, high
        Total with the root sum of squares of what each parameter's band moves it by; NaN when
        asked without bands. No interval of probability. [元/kW]
    cost_class
        Index into :data:`siting.pumped.money.classes.CLASSES`.
    missing
        What is not counted, and why.
    """

    parts: Mapping[str, Float64]
    total: Float64
    low: Float64
    high: Float64
    cost_class: npt.NDArray[np.uint8]
    missing: tuple[Say, ...]

    @property
    def worst(self) -> int:
        """Class that lies above all published plants: index of E."""
        return UNKNOWN - 1
