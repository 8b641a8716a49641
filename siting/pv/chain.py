"""The chain from horizontal irradiation to AC at the plant's grid side, step by step.

Every step is the same kernel with one more loss switched on, so the cascade and the yield
cannot disagree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pvlib

from geo.errors import OptionError, Say
from siting.pv._kernels import cells as kernel
from siting.pv.representative import Suns, representative_suns
from siting.pv.rows import Racks, racks
from siting.sites.params import Params

Float32 = npt.NDArray[np.float32]

#: Directions of the horizons.
DIRECTIONS: Final = 16
#: Efficiency of PVWatts' inverter at its rating (Dobos 2014).
_ETA_REFERENCE: Final = 0.9637
#: Its part-load curve: (a z + b + c / z) with z = DC power over the DC rating.
_PART_LOAD: Final = (-0.0162, 0.9858, -0.0059)
_NO_CAP: Final = 1.0e9
#: What a design or a climate can be; beyond, a value is in another unit.
_RANGES: Final = {
    "albedo": (0.0, 1.0), "iam_b": (0.0, 0.3), "diffuse_share": (0.0, 1.0), "dc_ac": (0.5, 3.0),
    "temperature_loss": (0.1, 1.0), "air_temperature": (-30.0, 40.0), "lapse_rate": (0.0, 12.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """What is left after a step of the cascade."""

    key: str
    title: Say


STEPS: Final = (
    Step("ghi", Say("水平面总辐射", "horizontal irradiation")),
    Step("plane", Say("倾斜面（无遮挡）", "plane of array, open")),
    Step("horizon", Say("地形遮挡（直射与天空）后", "after terrain (beam and sky)")),
    Step("rows", Say("排间遮挡后", "after row shading")),
    Step("iam", Say("入射角反射后", "after reflection (IAM)")),
    Step("soiling", Say("积灰后", "after soiling")),
    Step("temperature", Say("温度后", "after temperature")),
    Step("module", Say("光衰、标称与失配后", "after LID, nameplate and mismatch")),
    Step("wiring", Say("线损与接头后", "after wiring and connections")),
    Step("inverter", Say("逆变效率后（未限幅）", "after the inverter, unclipped")),
    Step("clipping", Say("逆变器限幅后", "after clipping")),
    Step("availability", Say("可用率后（交流，并网侧）", "after availability: AC, grid side")),
)
LAST: Final = len(STEPS) - 1
_AT: Final = {step.key: number for number, step in enumerate(STEPS)}
#: Factors by the step that applies them.
_FACTORS: Final = {
    "soiling": ("f_soiling",),
    "module": ("f_lid", "f_nameplate", "f_mismatch"),
    "wiring": ("f_wiring", "f_connections"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A plant design under the suns of a place, ready for any cells.

    Parameters
    ----------
    suns
        Representative suns.
    rule
        Rule of the rows.
    grid_north
        Direction of grid north, clockwise from true north. [°]
    iam
        Diffuse modifiers of sky and ground by whole degrees of tilt, shape (2, 91).
    """

    params: Params
    suns: Suns
    rule: Racks
    grid_north: float
    iam: Float32

    def run(
        self,
        slope: Float32,
        aspect: Float32,
        codes: npt.NDArray[np.uint16],
        light: tuple[Float32, Float32],
        air: Float32,
        upto: int = LAST,
        *,
        first: int = 0,
        monthly: bool = False,
    ) -> Float32:
        """Return the energy after step ``upto`` of the cascade. [kWh/kWp].

        Parameters
        ----------
        slope, aspect
            Ground, shape (n,). [°, from grid north]
        codes
            Horizon codes, shape (16, m), m >= first + n.
        light
            Factors of the clear sky's beam and diffuse light, shape (1 or 12, n) each.
        air
            Air temperature, shape (n,). [°C]
        upto
            Index into :data:`STEPS`, at least 1.
        first
            Column of ``codes`` of the first cell.
        monthly
            Months instead of the year.

        Returns
        -------
        ndarray of float32, shape (12 or 1, n)
        """
        out = np.empty((12 if monthly else 1, slope.size), np.float32)
        beam, sky = (np.ascontiguousarray(one, np.float32) for one in light)
        table, sectors = self._table(codes.shape[0])
        iam = self.iam if upto >= _AT["iam"] else np.ones_like(self.iam)
        kernel.run(
            slope, aspect, codes, first, beam, sky, air, table, sectors, self.suns.month_starts,
            iam.ravel(), _plant(self.params, upto), self._design(upto), self.rule.suns, out,
        )  # fmt: skip
        return out

    def _table(self, directions: int) -> tuple[Float32, npt.NDArray[np.int64]]:
        """Return the kernel's suns and the sector of the horizon each stands in."""
        suns = self.suns
        zenith, azimuth = np.radians(suns.zenith), np.radians(suns.azimuth)
        place = (suns.azimuth - self.grid_north) % 360.0 * directions / 360.0
        sector = np.minimum(place.astype(np.int64), directions - 1)
        columns = (
            np.sin(zenith) * np.sin(azimuth), np.sin(zenith) * np.cos(azimuth), np.cos(zenith),
            suns.dni, suns.around, suns.dhi, suns.dni / suns.extra,
            1.0 / np.tan(zenith), place - sector, suns.hours,
        )  # fmt: skip
        return np.column_stack(columns).astype(np.float32), sector

    def _design(self, upto: int) -> npt.NDArray[np.float64]:
        rule = self.rule
        return np.array([
            rule.rise, rule.flat, rule.low, rule.high, math.radians(self.grid_north),
            float(upto >= _AT["horizon"]), float(upto >= _AT["rows"]),
        ])  # fmt: skip

    def cascade(
        self,
        slope: Float32,
        aspect: Float32,
        codes: npt.NDArray[np.uint16],
        light: tuple[Float32, Float32],
        air: Float32,
        final: npt.NDArray[np.float64],
        *,
        first: int = 0,
    ) -> npt.NDArray[np.float64]:
        """Return what is left after each step from the second on, shape (k - 1, n). [kWh/kWp].

        Steps that are plain factors are multiplied; the others are runs of the kernel.

        Parameters
        ----------
        slope, aspect, codes, light, air, first
            As for :meth:`run`.
        final
            Energy after the last step, shape (n,).
        """
        left = np.empty((LAST, slope.size))
        for number in range(1, LAST + 1):
            key = STEPS[number].key
            if key in _FACTORS:
                factor = math.prod(self.params.number(one) for one in _FACTORS[key])
                left[number - 1] = left[number - 2] * factor
            elif key == "clipping":
                left[number - 1] = final / self.params.number("f_availability")
            elif key == "availability":
                left[number - 1] = final
            else:
                run = self.run(slope, aspect, codes, light, air, number, first=first)
                left[number - 1] = run[0]
        return left

    def flat(
        self, light: tuple[Float32, Float32], air: Float32, upto: int = LAST
    ) -> npt.NDArray[np.float64]:
        """Return the year of flat, open ground under given light, shape (n,). [kWh/kWp]."""
        n = air.size
        open_ = np.zeros((DIRECTIONS, n), np.uint16)
        level, nowhere = np.zeros(n, np.float32), np.full(n, np.nan, np.float32)
        return np.asarray(self.run(level, nowhere, open_, light, air, upto)[0], np.float64)


def make_chain(
    params: Params, latitude: float, longitude: float, altitude: float, grid_north: float
) -> Chain:
    """Return the chain of a place.

    Parameters
    ----------
    params
        Group ``pv``.
    latitude, longitude
        Centre of the region. [°]
    altitude
        Mean height of its land, for the clear sky. [m]
    grid_north
        Direction of grid north, clockwise from true north. [°]

    Raises
    ------
    OptionError
        If a factor exceeds 1 or a design value leaves its range.
    """
    _check(params)
    return Chain(
        params,
        representative_suns(latitude, longitude, altitude),
        racks(params, latitude),
        grid_north,
        _diffuse_iam(params.number("iam_b")),
    )


def _check(params: Params) -> None:
    share = {key: (0.0, 1.0) for key in params if key.startswith("f_")}
    for key, (low, high) in (share | _RANGES).items():
        value = params.number(key)
        if not low <= value <= high:
            unit = params[key].unit
            span, bare = f"{low:g}–{high:g}", f"{low:g} to {high:g}"
            raise OptionError(
                f"pv.{key}",
                Say(f"数值 {value:g} 不在 {span}（单位 {unit}）",
                    f"{value:g} is out of range: {bare} [{unit}]"),
                Say(f"给出 {span} 之间、单位为 {unit} 的数值", f"give {bare} in {unit}"),
            )  # fmt: skip


def _diffuse_iam(b: float) -> Float32:
    """Return the modifiers of sky and ground by degree of tilt (Marion 2017, by pvlib)."""
    tilt = np.arange(91.0)
    found = pvlib.iam.marion_diffuse("ashrae", tilt, b=b)
    return np.array([found["sky"], found["ground"]], np.float32)


def _plant(params: Params, upto: int) -> Float32:
    """Return the kernel's plant: what lies beyond step ``upto`` loses nothing."""
    loss = params.number("iam_b") if upto >= _AT["iam"] else 0.0
    cooling = params.number("faiman_u0")
    cooling += params.number("faiman_u1") * params.number("wind_at_module")
    gamma = params.number("temperature_loss") / 100.0 if upto >= _AT["temperature"] else 0.0
    factors = [params.number(k) for s, keys in _FACTORS.items() if upto >= _AT[s] for k in keys]
    unit, two, one, none, cap = 1.0, 0.0, 1.0, 0.0, _NO_CAP
    if upto >= _AT["inverter"]:
        eta = params.number("f_inverter")
        unit = 1.0 / params.number("dc_ac") / eta
        two, one, none = (part * eta / _ETA_REFERENCE for part in _PART_LOAD)
        cap = eta if upto >= _AT["clipping"] else _NO_CAP
    up = params.number("f_availability") if upto >= _AT["availability"] else 1.0
    dc = math.prod(factors) / 1000.0
    albedo = params.number("albedo")
    plant = [loss, 1.0 / cooling, gamma, dc, unit, two, one, none, cap, up, albedo]
    return np.array(plant, np.float32)
