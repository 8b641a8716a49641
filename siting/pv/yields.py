"""Mountain PV yield: AC energy of every wanted cell, and of sites by month and by loss.

Per cell: true-south racks whose rows follow the ground, beam cut by the far horizon, sky cut
by horizon and rows, pitch by the winter-solstice rule (:mod:`siting.pv.rows`), Hay-Davies
sky, reflection, cell temperature, named losses, inverter with clipping.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo import crs as geo_crs
from geo.errors import OptionError, Say
from geo.horizon import tangent
from geo.passport import Passport, merge
from siting.law.compass import grid_north_deg
from siting.pv._kernels import codes as kernel
from siting.pv.chain import DIRECTIONS, STEPS, Chain, Step, make_chain
from siting.pv.detail import CHUNK, Cells, PvDetail, energy, site_detail
from siting.pv.representative import STEPS_TEXT
from siting.pv.resource import MONTHS, Resource, find_resource, modelled_text
from siting.pv.rows import LAND_TEXT
from siting.sites.ground import Ground
from siting.sites.params import Params

__all__ = ["PvDetail", "PvField", "pv_field"]

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Layers that the yield rests on.
LAYERS: Final = ("dem", "ghi", *MONTHS, "dni", "air_temperature")
#: Truth C11: performance ratios of flat ground outside this band are refused.
PR_BAND: Final = (0.75, 0.88)
#: Truth C11: irradiation at 32-33 N; a region there that lies outside says so. [kWh/m²]
GHI_BAND: Final = (1100.0, 1500.0)
#: Cells that the mean light of flat ground is taken from.
SAMPLE: Final = 4096
#: What every reader of the yield is told.
UNCOUNTED: Final = Say(
    "未计逐年衰减、限电、箱变与送出线损、积雪、排间阴影的电气失配、高程缺测处与图幅外的山；"
    "代表日为平均天，限幅偏低",
    "not counted: degradation, curtailment, transformers and the line, snow, electrical mismatch"
    " of row shade, mountains where or beyond where elevation is known; mean days understate"
    " clipping",
)


@dataclass(frozen=True, slots=True, eq=False)
class PvField:
    """Yield of the cells of a run.

    Parameters
    ----------
    annual
        AC energy at the plant's grid side of a kW of modules, shape (rows, cols); NaN
        outside the wanted cells. [kWh/kWp DC]
    flat_kwh
        The same on flat, open ground at the region's mean irradiation. [kWh/kWp DC]
    performance_ratio
        ``flat_kwh`` over the irradiation of its open plane. [-]
    steps
        Steps of the cascade, from horizontal irradiation to AC.
    text
        What the yield is.
    modelled
        Time steps, and what is modelled.
    """

    annual: Float32
    flat_kwh: float
    performance_ratio: float
    steps: tuple[Step, ...]
    text: Say
    modelled: Say
    passport: Passport
    kept: Cells

    def detail(
        self, labels: npt.NDArray[np.int32], count: int, weight: npt.NDArray[np.floating[Any]]
    ) -> PvDetail:
        """Return months and losses of sites.

        Parameters
        ----------
        labels
            Site of each cell, 0 = none, shape (rows, cols). Cells that were not kept by
            :func:`pv_field` take no part.
        count
            Number of sites.
        weight
            Weight of each cell, its capacity or area, shape (rows, cols); may be a broadcast
            view.
        """
        return site_detail(self.kept, labels, count, weight)


def pv_field(
    ground: Ground,
    params: Params,
    wanted: Mask,
    keep: Mask,
    progress: Callable[[str], None] | None = None,
) -> PvField | None:
    """Return the PV yield of a region, None without ``ghi`` or where it holds nothing there.

    Parameters
    ----------
    ground
        Land of the run. Without elevation the ground counts as flat and open.
    params
        Group ``pv``.
    wanted
        Cells to compute, shape (rows, cols).
    keep
        Wanted cells whose horizons are kept for :meth:`PvField.detail`.
    progress
        Called with a Chinese stage name.

    Raises
    ------
    InputError
        If irradiation lies above the clear sky.
    OptionError
        If a parameter leaves its range, or flat ground its performance ratio 0.75-0.88.
    """
    say = progress or (lambda _: None)
    west, south, east, north = ground.grid.bounds
    x, y = (west + east) / 2.0, (south + north) / 2.0
    lon, lat = (float(one) for one in geo_crs.lonlat(ground.grid.crs, x, y))
    if ground.stack.get("ghi") is None:
        return None
    height = mean_height(ground)
    chain = make_chain(params, lat, lon, height, grid_north_deg(ground.grid.crs, x, y))
    resource = find_resource(ground, params, chain.suns, (lat, lon), height)
    if resource is None:
        return None
    flat, ratio = _flat(ground, chain, resource)
    if not np.isfinite(flat):  # the layer holds nothing in the region
        return None
    slope, aspect = _slopes(ground)
    cells = np.flatnonzero(wanted)
    codes = horizon_codes(ground, cells, say)
    kept = np.flatnonzero(keep.reshape(-1)[cells])
    annual = np.full(ground.grid.size, np.nan, np.float32)
    some = Cells(chain, resource, slope, aspect, cells, codes)
    for start in range(0, cells.size, CHUNK):
        say(f"光伏：发电量 {100 * start // cells.size} %")
        part = slice(start, min(start + CHUNK, cells.size))
        annual[cells[part]] = energy(some, part)[0]
    everything = kept.size == cells.size
    passport = merge(ground.passport(*LAYERS), params.passport())
    return PvField(
        annual.reshape(ground.grid.shape),
        flat,
        ratio,
        STEPS,
        _text(flat, ratio, ground),
        _modelled(resource, _unusual(ground, resource, lat)),
        passport,
        Cells(
            chain,
            resource,
            slope,
            aspect,
            cells[kept],
            codes if everything else np.take(codes, kept, axis=1),
        ),
    )


def mean_height(ground: Ground) -> float:
    """Return the mean elevation of the region, 0 without elevation. [m]."""
    dem = ground.values("dem")
    if dem is None:
        return 0.0
    inside = dem[ground.zones > 0]
    known = inside[np.isfinite(inside)]
    return float(known.mean(dtype=np.float64)) if known.size else 0.0


def _slopes(ground: Ground) -> tuple[Float32, Float32]:
    """Return flat slope and aspect; level ground where there is no elevation at all."""
    if ground.terrain is None:
        level = np.zeros(ground.grid.size, np.float32)
        return level, np.full(ground.grid.size, np.nan, np.float32)
    terrain = ground.terrain
    return terrain.slope_deg.reshape(-1), terrain.aspect_deg.reshape(-1)


def horizon_codes(
    ground: Ground, cells: npt.NDArray[np.int64], say: Callable[[str], None]
) -> npt.NDArray[np.uint16]:
    """Return the horizon codes of cells, one direction after another."""
    codes = np.zeros((DIRECTIONS, cells.size), np.uint16)
    dem = ground.values("dem")
    if dem is None or ground.terrain is None:
        return codes
    room = np.empty(ground.grid.shape, np.float32)
    for k in range(DIRECTIONS):
        say(f"光伏：地平线 {k + 1}/{DIRECTIONS}")
        tangent(dem, ground.grid, 360.0 * k / DIRECTIONS, room)
        kernel.encode(room.reshape(-1), cells, codes[k])
    return codes


def _flat(ground: Ground, chain: Chain, resource: Resource) -> tuple[float, float]:
    """Return yield [kWh/kWp] and performance ratio of flat, open ground at the mean GHI."""
    known = np.flatnonzero((ground.zones > 0) & np.isfinite(resource.ghi))
    some = known[:: max(known.size // SAMPLE, 1)]
    lights = resource.light(some)
    lit = np.isfinite(lights[0]).all(axis=0) & np.isfinite(lights[1]).all(axis=0)
    if not lit.any():
        return float("nan"), float("nan")
    ghi = resource.ghi.reshape(-1)
    # the sample sets the shares, all cells the amount
    scale = ghi[known].mean(dtype=np.float64) / ghi[some[lit]].mean(dtype=np.float64)
    air = np.array([_mean_air(resource, known)], np.float32)
    beam, sky = (
        np.asarray(scale * one[:, lit].mean(axis=1, dtype=np.float64)[:, None], np.float32)
        for one in lights
    )
    light = (beam, sky)
    ac, plane = chain.flat(light, air)[0], chain.flat(light, air, 1)[0]
    ratio = float(ac / plane)
    check_ratio(ratio)
    return float(ac), ratio


def check_ratio(ratio: float) -> None:
    """Refuse a performance ratio of flat ground outside :data:`PR_BAND`.

    Raises
    ------
    OptionError
        If it lies outside.
    """
    if not PR_BAND[0] <= ratio <= PR_BAND[1]:
        raise OptionError(
            "pv.f_*",
            Say(
                f"平地系统效率 {ratio:.3f} 不在 {PR_BAND[0]}-{PR_BAND[1]}",
                f"performance ratio of flat ground {ratio:.3f} is outside {PR_BAND}",
            ),
            Say("检查各项损失参数", "check the loss parameters"),
        )


def _mean_air(resource: Resource, known: npt.NDArray[np.int64]) -> float:
    """Return the region's mean air temperature. [°C]."""
    if resource.air is None:
        return resource.warm
    values = resource.air.reshape(-1)[known]
    values = values[np.isfinite(values)]
    return float(values.mean(dtype=np.float64)) if values.size else resource.warm


def _text(flat: float, ratio: float, ground: Ground) -> Say:
    zh = f"并网侧交流 kWh / 直流 kWp；平地无地形遮挡 {flat:,.0f}，系统效率 {ratio:.3f}"
    en = f"AC kWh at the grid side per kWp DC; flat open ground {flat:,.0f}, PR {ratio:.3f}"
    if ground.terrain is None:
        zh, en = f"{zh}；无高程，按平地计", f"{en}; no elevation, taken as flat"
    return Say(zh, en)


def _unusual(ground: Ground, resource: Resource, lat: float) -> tuple[Say, ...]:
    """Return what is odd about the irradiation of a region at 32-33 N."""
    known = (ground.zones > 0) & np.isfinite(resource.ghi)
    if not (32.0 <= lat <= 33.0 and known.any()):
        return ()
    mean = float(resource.ghi[known].mean(dtype=np.float64))
    low, high = GHI_BAND
    if low <= mean <= high:
        return ()
    return (
        Say(f"区域平均总辐射 {mean:,.0f} 不在 32–33°N 常见的 {low:,.0f}–{high:,.0f} kWh/m²，请核对",
            f"mean irradiation of {mean:,.0f} is outside the {low:,.0f}-{high:,.0f} kWh/m² usual"
            " at 32-33 N: check it"),
    )  # fmt: skip


def _modelled(resource: Resource, unusual: tuple[Say, ...]) -> Say:
    parts = (*unusual, STEPS_TEXT, modelled_text(resource), LAND_TEXT, UNCOUNTED)
    return Say("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))
