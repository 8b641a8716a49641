"""Body of a dam per metre of its length: crest, faces and freeboard by type of dam.

A dam of height y (crest above the ground) has the area w y + m y² across its axis: a crest
of width w over two faces whose mean slope is m (horizontal to vertical). For a
roller-compacted dam the sum is a little above the drawn section, whose vertical part lies
below the crest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.sites.params import Params, load_params

Float64 = npt.NDArray[np.float64]

#: Keys and names of the types of ``dam.type``.
TYPES: Final = {
    1: ("cfrd", Say("混凝土面板堆石坝", "concrete-faced rockfill dam")),
    2: ("rcc", Say("碾压混凝土坝", "roller-compacted concrete dam")),
    3: ("earth", Say("土坝", "earth dam")),
}


@dataclass(frozen=True, slots=True)
class Section:
    """Section of a dam.

    Parameters
    ----------
    name
        Type as a reader sees it.
    crest_width_m, freeboard_m
        Width of the crest, and its height above the normal level. [m]
    up, down
        Slopes of the faces, horizontal to vertical. [-]
    """

    name: Say
    crest_width_m: float
    freeboard_m: float
    up: float
    down: float

    @property
    def mean_slope(self) -> float:
        """Mean slope of both faces. [-]."""
        return (self.up + self.down) / 2.0

    def area(self, height_m: npt.ArrayLike) -> Float64:
        """Return the area across the axis [m²] of a body ``height_m`` high, crest to ground.

        Parameters
        ----------
        height_m
            Any shape; below zero there is no body. [m]

        Examples
        --------
        >>> Section(Say("", ""), 10.0, 1.5, 1.4, 1.4).area([0.0, 50.0, -3.0])
        array([   0., 4000.,    0.])
        """
        y = np.maximum(np.asarray(height_m, np.float64), 0.0)
        return np.asarray(self.crest_width_m * y + self.mean_slope * y * y)

    def base_width(self, height_m: npt.ArrayLike) -> Float64:
        """Return the width of the foot across the axis [m] below a crest ``height_m`` high."""
        y = np.maximum(np.asarray(height_m, np.float64), 0.0)
        return np.asarray(np.where(y > 0, self.crest_width_m + (self.up + self.down) * y, 0.0))

    def body(self, ground_m: npt.ArrayLike, crest_m: float, step_m: float) -> Float64:
        """Return the body [m³] over a profile of the ground, linear between its points.

        Parameters
        ----------
        ground_m
            Ground along the axis, shape (..., k); parts above the crest carry no body. [m]
        crest_m
            Level of the crest. [m]
        step_m
            Distance of the points. [m]
        """
        y = crest_m - np.asarray(ground_m, np.float64)
        a, b = y[..., :-1], y[..., 1:]
        low, high = np.minimum(a, b), np.maximum(a, b)
        with np.errstate(divide="ignore", invalid="ignore"):
            wet = np.where(low >= 0, 1.0, np.where(high > 0, high / (high - low), 0.0))
        a, b = np.maximum(low, 0.0), np.maximum(high, 0.0)
        w, m = self.crest_width_m, self.mean_slope
        one = wet * (w * (a + b) / 2.0 + m * (a * a + a * b + b * b) / 3.0)
        return np.asarray(step_m * one.sum(axis=-1))


#: What the search can bear; beyond it lies a slip of the unit.
_RANGES: Final = {
    "gully_min_km2": (0.001, 1000.0),
    "foot_step_m": (1.0, 1000.0),
    "axis_reach_m": (30.0, 10_000.0),
    "crest_width_m": (1.0, 100.0),
    "freeboard_m": (0.0, 50.0),
}


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``dam.*`` values.

    Raises
    ------
    OptionError
        A value that is unknown or cannot be: a type that is none, a lowest level above the
        highest, a step of the search below a metre.
    """
    params = load_params("siting.pumped.dams", "dam").changed(overrides)
    params.within(_RANGES)
    section(params)
    low, high = params.number("dam_min_m"), params.number("dam_max_m")
    if not 1.0 <= low <= high <= 400.0:
        raise OptionError(
            "dam.dam_max_m",
            Say(f"坝高范围 {low:g}-{high:g} m 无效", f"heights {low:g}-{high:g} m are no range"),
            Say("须 1 ≤ 下限 ≤ 上限 ≤ 400 m", "give 1 <= lowest <= highest <= 400 m"),
        )
    return params


def section(params: Params) -> Section:
    """Return the section of the chosen type of dam.

    Raises
    ------
    OptionError
        If ``dam.type`` is none of :data:`TYPES`.
    """
    kind = params.number("type")
    if kind not in TYPES:
        raise OptionError(
            "dam.type",
            Say(f"没有坝型 {kind:g}", f"there is no type {kind:g}"),
            Say("1 面板堆石坝，2 碾压混凝土坝，3 土坝", "1 CFRD, 2 RCC, 3 earth"),
        )
    key, name = TYPES[int(kind)]
    return Section(
        name,
        params.number("crest_width_m"),
        params.number("freeboard_m"),
        params.number(f"{key}_up"),
        params.number(f"{key}_down"),
    )
