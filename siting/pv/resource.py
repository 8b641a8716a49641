"""Light and air of each cell: what multiplies the clear sky, and how warm it is.

The year's irradiation of a cell is its layer's; the hours are the clear sky's, beam and
diffuse each with one factor, so that the declared (or mapped) diffuse share is met. Twelve
monthly layers, where the catalog has all of them, give every month factors of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import InputError, Say
from layers.marks import is_coarse
from layers.resource import require_unit
from siting.pv.clearsky import check_ghi, check_ghi_months
from siting.pv.representative import Suns
from siting.sites.ground import Ground
from siting.sites.params import Params

Float32 = npt.NDArray[np.float32]
Cells = npt.NDArray[np.int64]

MONTHS: Final = tuple(f"ghi_{number:02d}" for number in range(1, 13))
#: Diffuse shares that a humid mountain region can have; beyond, DNI and GHI do not belong
#: together.
SHARES: Final = (0.1, 0.98)
_NAMES: Final = {
    "ghi": Say("总辐射", "irradiation"),
    "dni": Say("DNI", "DNI"),
    "air_temperature": Say("气温", "air temperature"),
}
#: Twelve months may differ by so much from the year's layer in the region's mean: sets of other
#: years do; beyond, one of them has another unit. [-]
APART: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """Layers of light and air on the run's grid.

    Parameters
    ----------
    ghi
        Annual horizontal irradiation. [kWh/m²]
    months
        Monthly layers, or None. [kWh/m²]
    dni
        Annual direct normal irradiation, or None. [kWh/m²]
    air
        Annual mean air temperature, or None. [°C]
    dem
        Elevation, or None. [m]
    height
        Mean elevation of the region. [m]
    share
        Declared diffuse share, where there is no ``dni``.
    warm, lapse
        Air temperature at ``height`` [°C] and its fall with elevation [K/km], where there is
        no ``air``.
    sums
        Clear-sky beam on the horizontal, diffuse and direct normal irradiation by month,
        shape (3, 12). [kWh/m²]
    given
        Monthly layers in the catalog; fewer than twelve are checked and not used.
    coarse
        Layers whose source cells exceed 250 m.
    """

    ghi: Float32
    months: tuple[Float32, ...] | None
    dni: Float32 | None
    air: Float32 | None
    dem: Float32 | None
    height: float
    share: float
    warm: float
    lapse: float
    sums: npt.NDArray[np.float64]
    given: int = 0
    coarse: tuple[str, ...] = ()

    def light(self, cells: Cells) -> tuple[Float32, Float32]:
        """Return the factors of beam and diffuse light, shape (1 or 12, n).

        Parameters
        ----------
        cells
            Flat cell numbers, shape (n,).
        """
        ghi = _take(self.ghi, cells)
        share = self._share(ghi, cells)
        beam, sky = self.sums[0], self.sums[1]
        if self.months is None:
            factors = (1.0 - share) / beam.sum(), share / sky.sum()
            return (
                np.asarray(ghi * factors[0], np.float32)[None],
                np.asarray(ghi * factors[1], np.float32)[None],
            )
        by_month = np.stack([_take(one, cells) for one in self.months])
        return (
            np.asarray(by_month * (1.0 - share) / beam[:, None], np.float32),
            np.asarray(by_month * share / sky[:, None], np.float32),
        )

    def horizontal(self, cells: Cells) -> Float32:
        """Return the year's horizontal irradiation of each cell, shape (n,). [kWh/m²]."""
        if self.months is None:
            return np.asarray(_take(self.ghi, cells), np.float32)
        return np.asarray(sum(_take(one, cells) for one in self.months), np.float32)

    def _share(self, ghi: npt.NDArray[np.float64], cells: Cells) -> npt.NDArray[np.float64]:
        """Return the diffuse share of each cell, shape (n,)."""
        if self.dni is None:
            return np.full(cells.size, self.share)
        falls = self.sums[0].sum() / self.sums[2].sum()
        share = 1.0 - _take(self.dni, cells) * falls / ghi
        wrong = (share < SHARES[0]) | (share > SHARES[1])
        if wrong.any():
            worst = float(share[wrong][0])
            raise InputError(
                "dni",
                Say(
                    f"与 ghi 不相配：{int(wrong.sum()):,} 个格的散射占比如 {worst:.2f}，"
                    f"不在 {SHARES[0]:g}–{SHARES[1]:g}",
                    f"does not go with ghi: diffuse share e.g. {worst:.2f} in"
                    f" {int(wrong.sum()):,} cells, outside {SHARES[0]:g}-{SHARES[1]:g}",
                ),
                Say("核对两个图层的单位、年份与来源", "check unit, year and source of both layers"),
            )
        return np.asarray(share)

    def temperature(self, cells: Cells) -> Float32:
        """Return the air temperature of each cell, shape (n,). [°C]."""
        if self.air is not None:
            return np.asarray(_take(self.air, cells), np.float32)
        if self.dem is None:
            return np.full(cells.size, self.warm, np.float32)
        above = _take(self.dem, cells) - self.height
        return np.asarray(self.warm - self.lapse * above / 1000.0, np.float32)


def _take(values: Float32, cells: Cells) -> npt.NDArray[np.float64]:
    return values.reshape(-1)[cells].astype(np.float64)


def find_resource(
    ground: Ground, params: Params, suns: Suns, centre: tuple[float, float], height: float
) -> Resource | None:
    """Return the resource of a region, None without ``ghi``.

    Parameters
    ----------
    ground
        Land of the run.
    params
        Group ``pv``.
    suns
        Representative suns.
    centre
        Latitude and longitude of the region. [°]
    height
        Mean elevation of the region. [m]

    Raises
    ------
    UnitError
        If the catalog names no unit for irradiation or temperature.
    InputError
        If irradiation of the year or a month lies above the clear sky at the cell's height, or
        twelve months do not add up to the year.
    """
    ghi = ground.values("ghi")
    if ghi is None:
        return None
    layers = [ground.stack.get(name) for name in ("ghi", *MONTHS, "dni", "air_temperature")]
    for layer in layers:
        if layer is not None:
            require_unit(layer)
    dem = ground.values("dem")
    inside = ground.zones > 0
    check_ghi(ghi, dem, inside, *centre)
    found = {name: ground.values(name) for name in MONTHS}
    months = {name: one for name, one in found.items() if one is not None}
    check_ghi_months(months, dem, inside, *centre)
    if len(months) == len(MONTHS):
        _check_sum(ghi, months, inside)
    sums = [suns.by_month(one) for one in (suns.dni * suns.up, suns.dhi, suns.dni)]
    return Resource(
        ghi,
        tuple(months.values()) if len(months) == len(MONTHS) else None,
        ground.values("dni"),
        ground.values("air_temperature"),
        dem,
        height,
        params.number("diffuse_share"),
        params.number("air_temperature"),
        params.number("lapse_rate"),
        np.array(sums),
        len(months),
        tuple(one.name for one in layers if one is not None and is_coarse(one)),
    )


def _check_sum(ghi: Float32, months: Mapping[str, Float32], inside: npt.NDArray[np.bool_]) -> None:
    """Refuse twelve months whose sum is not the year's layer, in the mean of the region."""
    total = np.zeros(ghi.shape, np.float32)
    for one in months.values():
        total += one
    known = inside & np.isfinite(total) & np.isfinite(ghi)
    if not known.any():
        return
    year, found = (float(one[known].mean(dtype=np.float64)) for one in (ghi, total))
    if abs(found / year - 1.0) > APART:
        raise InputError(
            "ghi_01..ghi_12",
            Say(f"12 个月合计 {found:,.0f} kWh/m²，与年值图层 ghi 的 {year:,.0f} 相差超过"
                f" {APART:.0%}",
                f"add up to {found:,.0f} kWh/m², more than {APART:.0%} from the {year:,.0f} of the"
                " year's layer ghi"),
            Say("核对月值与年值的单位、scale 与来源", "check unit, scale and source of both"),
        )  # fmt: skip


def modelled_text(resource: Resource) -> Say:
    """Return what of light and air is measured and what is modelled."""
    if resource.months is None:
        month = Say("月份按晴空形状拆分年值（模型）", "months split by the clear sky (modelled)")
        if resource.given:
            n = resource.given
            month = Say(
                f"{month.zh}，目录中只有 {n} 个月图层，未用",
                f"{month.en}, only {n} monthly layers in the catalog, not used",
            )
    else:
        month = Say("月值来自 12 个月图层", "months from twelve layers")
    if resource.dni is None:
        share = Say(
            f"散射占比 {resource.share:g}（参数）", f"diffuse share {resource.share:g} (parameter)"
        )
    else:
        share = Say("散射占比由 DNI 图层", "diffuse share from the DNI layer")
    if resource.air is None:
        air = Say(
            f"气温取年均 {resource.warm:g} °C（平均海拔 {resource.height:,.0f} m 处）按"
            f" {resource.lapse:g} K/km 递减，未计昼夜与季节变化（白天与夏季更热，发电量略偏高）",
            f"air at the annual mean {resource.warm:g} degC (at {resource.height:,.0f} m),"
            f" {resource.lapse:g} K/km lapse, no daily or seasonal course (days and summers are"
            " hotter: the yield is a little high)",
        )
    else:
        air = Say(
            "气温取年均值图层，未计昼夜与季节变化（白天与夏季更热，发电量略偏高）",
            "air from the annual mean layer, no daily or seasonal course (days and summers are"
            " hotter: the yield is a little high)",
        )
    parts = (month, share, air, *_coarse_text(resource))
    return Say("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))


def _coarse_text(resource: Resource) -> tuple[Say, ...]:
    """Return which layers do not follow the terrain."""
    named = dict.fromkeys(_NAMES.get(one, _NAMES["ghi"]) for one in resource.coarse)
    if not named:
        return ()
    zh, en = "、".join(one.zh for one in named), ", ".join(one.en for one in named)
    return (
        Say(f"{zh}为粗网格均值，不随地形变化", f"means of coarse cells, blind to relief: {en}"),
    )
