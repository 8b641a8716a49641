"""Wind yield of the land of a run: what is known of wind and air, hours before and after loss.

A mean over 0.25° cannot tell a ridge from a valley, so a coarse, stand-in or synthetic wind
map gives no hours at all (truth.md A2). Where a 50 m map, a map of the Weibull shape or of
the temperature is there, it is used cell by cell; else a parameter with its range stands in,
and the result says which. Turbine positions are not known here: wake is one named share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import InputError, OptionError, Say
from geo.passport import Passport, merge
from layers.contract import SPECS, WEIBULL_K
from layers.layer import Layer
from layers.marks import is_coarse
from layers.resource import require_unit
from siting.sites.ground import Ground
from siting.sites.params import Params
from siting.wind.hours import Climate, hours
from siting.wind.losses import Losses, losses
from siting.wind.turbine import Turbine

Raster = npt.NDArray[np.float32]

#: Height of the layer ``wind_mean`` and of ``wind_mean_50`` above ground. [m]
MAP_M: Final = 100.0
LOWER_M: Final = 50.0
#: No region is as calm as this at its windiest cell. [m/s]
CALM: Final = 1.0
#: What a climate can be; beyond, a value is in another unit.
_RANGES: Final = {
    "shear": (0.0, 0.6), "temperature_sea": (-30.0, 40.0), "lapse": (1.0, 12.0),
}  # fmt: skip
COARSE: Final = Say("网格均值，未解析山脊", "grid mean, ridges unresolved")
COARSE_AIR: Final = Say(
    "气温图层为粗网格，未订正到像元高程",
    "the temperature layer is coarse and not brought to the height of the cell",
)
MODELLED: Final = Say(
    "由风图、威布尔分布与功率曲线计算，模型值，非实测",
    "modelled from wind map, Weibull distribution and power curve, not measured",
)


@dataclass(frozen=True, slots=True, eq=False)
class WindField:
    """Yield of every cell, or why there is none.

    Parameters
    ----------
    usable
        False where the map cannot tell a ridge from a valley.
    gross_h
        Full-load hours without loss, alternating current at the machine, (rows, cols),
        NaN = unknown or not wanted; None unless usable. [h/a]
    losses
        What lies between it and the meter.
    turbine
        Machine.
    text
        What the yield is, or why there is none.
    basis
        What stood for speed, shear, shape, density and losses, a line each.
    passport
        Of wind, air, curve and parameters.
    """

    usable: bool
    gross_h: Raster | None
    losses: Losses
    turbine: Turbine
    text: Say
    basis: tuple[Say, ...]
    passport: Passport

    @property
    def net_h(self) -> Raster | None:
        """Full-load hours at the meter, made anew at each call. [h/a]."""
        return None if self.gross_h is None else self.gross_h * np.float32(self.losses.factor)

    def gwh_per_turbine(self) -> Raster | None:
        """Return the net yield of one machine in each cell. [GWh/a]."""
        net = self.net_h
        return None if net is None else net * np.float32(self.turbine.rated_mw / 1000.0)

    def gwh_per_km2(self, mw_per_km2: float) -> Raster | None:
        """Return the net yield of a square kilometre built at ``mw_per_km2``. [GWh/km²·a]."""
        net = self.net_h
        return None if net is None else net * np.float32(mw_per_km2 / 1000.0)


def wind_field(
    ground: Ground, params: Params, turbine: Turbine, wanted: npt.NDArray[np.bool_]
) -> WindField | None:
    """Return the wind yield of the land, None without a layer ``wind_mean``.

    Parameters
    ----------
    ground
        Land of the run; of its layers ``wind_mean``, ``wind_mean_50``, ``wind_weibull_k``,
        ``dem`` and ``air_temperature`` are used.
    params
        Of the group ``wind``.
    turbine
        Machine.
    wanted
        Cells to work on, (rows, cols).

    Raises
    ------
    UnitError
        If the catalog names no unit for a map of speeds or temperature.
    InputError
        If a layer holds what cannot be: negative or unbelievable speeds, a shape outside
        1-5, more wind below than above on most of the land.
    OptionError
        If a loss or the Weibull shape of the parameters cannot be.
    """
    layer = ground.stack.get("wind_mean")
    if layer is None:
        return None
    lost = losses(params)
    if not _resolves(layer):
        passport = merge(ground.passport("wind_mean"), turbine.passport, params.passport())
        return WindField(False, None, lost, turbine, COARSE, (), passport)
    climate, basis, used = _climate(ground, params, turbine)
    gross = hours(climate, turbine, wanted)
    passport = merge(ground.passport(*used), turbine.passport, params.passport())
    return WindField(True, gross, lost, turbine, MODELLED, (*basis, lost.say), passport)


def _resolves(layer: Layer) -> bool:
    """Tell whether a wind map tells a ridge from a valley: real, and of fine cells."""
    return not (is_coarse(layer) or layer.passport.proxy or layer.passport.synthetic)


def _climate(
    ground: Ground, params: Params, turbine: Turbine
) -> tuple[Climate, tuple[Say, ...], tuple[str, ...]]:
    """Return what is known of wind and air, how, and by which layers."""
    for key, (least, most) in _RANGES.items():
        _check_parameter(params, key, least, most)
    mean = _speeds("wind_mean", ground)
    lower = _lower(ground, mean)
    shape = ground.values("wind_weibull_k")
    one_shape = params.number("weibull_k")
    if shape is not None:
        _check_range("wind_weibull_k", shape)
    else:
        _check_parameter(params, "weibull_k", *WEIBULL_K)
    warmth = ground.values("air_temperature")
    if warmth is not None:
        require_unit(ground.stack.require("air_temperature"))
        _check_range("air_temperature", warmth)
    climate = Climate(
        mean, MAP_M, lower, LOWER_M, params.number("shear"), shape, one_shape,
        ground.values("dem"), warmth,
        params.number("temperature_sea"), params.number("lapse") / 1000.0,
    )  # fmt: skip
    found = {
        "wind_mean_50": lower, "wind_weibull_k": shape, "dem": climate.height,
        "air_temperature": climate.warmth,
    }  # fmt: skip
    used = ("wind_mean", *(name for name, cells in found.items() if cells is not None))
    basis = [*_basis(climate, turbine)]
    if climate.warmth is not None and climate.height is not None:
        basis += [COARSE_AIR] if is_coarse(ground.stack.require("air_temperature")) else []
    return climate, tuple(basis), used


def _check_parameter(params: Params, key: str, least: float, most: float) -> None:
    """Refuse a parameter that no climate has: it is in another unit."""
    value, unit = params.number(key), params[key].unit
    if not least <= value <= most:
        span = f"{least:g}–{most:g}"
        raise OptionError(
            f"wind.{key}",
            Say(f"{value:g} 不在 {span}（单位 {unit}）",
                f"{value:g} is not in {least:g}-{most:g} [{unit}]"),
            Say(f"给出 {span} 之间、单位为 {unit} 的数值", f"give {least:g} to {most:g} in {unit}"),
        )  # fmt: skip


def _lower(ground: Ground, mean: Raster) -> Raster | None:
    """Return the 50 m map where it resolves what the 100 m map does."""
    layer = ground.stack.get("wind_mean_50")
    if layer is None or not _resolves(layer):
        return None
    lower = _speeds("wind_mean_50", ground)
    both = np.count_nonzero(np.isfinite(lower) & np.isfinite(mean))
    if 2 * np.count_nonzero(lower > mean) > both:
        raise InputError(
            "wind_mean_50",
            Say("过半像元 50 m 风速大于 100 m 风速", "blows harder than wind_mean on most cells"),
            Say("检查两图层是否登记反了，或单位不同",
                "check whether the two layers are swapped or differ in unit"),
        )  # fmt: skip
    return lower


def _speeds(name: str, ground: Ground) -> Raster:
    """Return a map of speeds; refuse it without a unit, out of range or too calm to be one."""
    layer = ground.stack.require(name)
    require_unit(layer)
    cells = np.asarray(layer.raster().values, np.float32)
    _check_range(name, cells)
    most = float(np.fmax.reduce(cells, axis=None))
    if most < CALM:
        raise InputError(
            name,
            Say(f"最大值仅 {most:g} m/s，像是无量纲的比例（容量系数）",
                f"nowhere exceeds {most:g} m/s: a share such as a capacity factor, it seems"),
            Say("登记年均风速图，单位 m/s", "register a map of mean wind speed in m/s"),
        )  # fmt: skip
    return cells


def _check_range(name: str, cells: Raster) -> None:
    """Refuse values beyond the contract's range."""
    low, high = SPECS[name].valid_range or (-np.inf, np.inf)
    least = float(np.fmin.reduce(cells, axis=None))
    most = float(np.fmax.reduce(cells, axis=None))
    if least < low or most > high:
        wrong = least if least < low else most
        unit = SPECS[name].unit
        raise InputError(
            name,
            Say(f"有数值 {wrong:g}，应在 {low:g}..{high:g} {unit}",
                f"has a value of {wrong:g}, wanted {low:g}..{high:g} {unit}"),
            Say("检查单位与缺测值（adapter.unit、adapter.nodata）",
                "check adapter.unit and adapter.nodata in the catalog"),
        )  # fmt: skip


def _basis(climate: Climate, turbine: Turbine) -> Iterator[Say]:
    """Yield what stood for each input."""
    yield turbine.say
    if climate.lower is not None:
        yield Say(
            f"轮毂风速：50 m 与 100 m 风图逐格幂律外推到 {turbine.hub_m:g} m",
            f"hub speed: power law through the 50 m and 100 m maps to {turbine.hub_m:g} m",
        )
    else:
        yield Say(
            f"轮毂风速：100 m 风图按幂指数 {climate.shear:g} 外推到 {turbine.hub_m:g} m（参数）",
            f"hub speed: 100 m map, exponent {climate.shear:g} to {turbine.hub_m:g} m (parameter)",
        )
    if climate.shape is not None:
        yield Say("威布尔形状参数：逐格图层", "Weibull shape: layer")
    else:
        yield Say(
            f"威布尔形状参数：{climate.one_shape:g}（参数）",
            f"Weibull shape: {climate.one_shape:g} (parameter)",
        )
    if climate.height is None:
        yield Say("空气密度：无高程，取 1.225 kg/m³", "air density: no elevation, 1.225 kg/m³")
    elif climate.warmth is not None:
        yield Say("空气密度：高程与年均气温图层", "air density: elevation and temperature layers")
    else:
        yield Say(
            f"空气密度：高程与海平面气温 {climate.sea_c:g} °C（参数）",
            f"air density: elevation and {climate.sea_c:g} °C at the sea (parameter)",
        )
