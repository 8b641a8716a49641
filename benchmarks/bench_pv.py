"""PV yield: the chain from sun to AC beside pvlib called with whole blocks of cells.

python benchmarks/bench_pv.py [cells in millions]      (default 44)

pvlib meets us on a block of 100,000 cells, sun by sun, on the same positions, horizons and
plants; answers are compared before times. What does not change from sun to sun (horizon
views, row geometry, diffuse modifiers, horizon tangents as floats) is made for it before the
clock starts; ours makes all of that inside. Then the kernel at full size, and the whole of
``pv_field`` on a relief, horizons included.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numba
import numpy as np
import pvlib
import xarray as xr
from harness import Case, Peer, measure, table
from screening_data import grid_of, relief

from geo.crs import cell_areas
from geo.errors import Say
from geo.passport import Passport
from geo.terrain import slope_aspect
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from siting.law.bits import Terrain
from siting.pv._kernels import cells as kernel
from siting.pv._kernels import codes as codec
from siting.pv._kernels import pitch
from siting.pv.chain import LAST, Chain, make_chain
from siting.pv.yields import pv_field
from siting.sites.ground import Ground
from siting.sites.params import load_params

BLOCK = 100_000
MILLIONS = 44
THREADS = str(numba.get_num_threads())
PARAMS = load_params("siting.pv", "pv")
PLACE = (32.5, 110.7, 600.0)
GHI, SHARE = 1215.0, 0.63


class Cells:
    """Slopes, horizons, light and air of made-up cells."""

    def __init__(self, chain: Chain, n: int) -> None:
        rng = np.random.default_rng(7)
        self.slope = rng.uniform(0, 35, n).astype(np.float32)
        self.aspect = rng.uniform(0, 360, n).astype(np.float32)
        self.codes = np.empty((16, n), np.uint16)
        for row in self.codes:
            high = rng.uniform(-10, 30, n).astype(np.float32).clip(0)
            row[:] = np.tan(np.radians(high)) * codec.SCALE
        suns = chain.suns
        beam = GHI * (1 - SHARE) / suns.by_month(suns.dni * suns.up).sum()
        sky = GHI * SHARE / suns.by_month(suns.dhi).sum()
        self.light = np.full((1, n), beam, np.float32), np.full((1, n), sky, np.float32)
        self.air = rng.uniform(8, 16, n).astype(np.float32)

    def ours(self, chain: Chain) -> np.ndarray:
        """Return the year of AC by our kernel, all that it needs included. [kWh/kWp]."""
        return chain.run(self.slope, self.aspect, self.codes, self.light, self.air)[0]


class ByPvlib:
    """The same cells by pvlib; the constructor makes what stays the same under every sun."""

    def __init__(self, chain: Chain, cells: Cells) -> None:
        self.chain, n = chain, cells.slope.size
        rule = chain.rule
        facing = np.radians(cells.aspect.astype(float) + chain.grid_north)
        rise = np.tan(np.radians(cells.slope.astype(float)))
        ge, gn = -rise * np.sin(facing), -rise * np.cos(facing)
        self.tilt = np.degrees(np.arctan(np.hypot(ge, rule.rise)))
        self.azimuth = np.degrees(np.arctan2(-ge, -rule.rise)) % 360
        self.axis = -np.degrees(np.arctan(ge))
        self.rotation = np.degrees(np.arctan(rule.rise / np.hypot(1, ge)))
        self.cross = np.degrees(np.arctan(gn / np.hypot(1, ge)))
        ratio = np.empty(n, np.float32)
        pitch.land_ratios(
            cells.slope, cells.aspect, np.radians(chain.grid_north), rule.rise, rule.suns,
            rule.flat, rule.low, rule.high, ratio,
        )  # fmt: skip
        north = 1 / np.sqrt(1 + rule.rise**2 / (1 + ge**2))
        plan = np.maximum(ratio * rule.flat * np.hypot(1, ge), north)
        self.across = plan * np.hypot(1, gn / np.hypot(1, ge)) * np.cos(np.radians(self.cross))
        self.views = self._views(cells)
        self.tangents = cells.codes / codec.SCALE
        self.beam, self.sky = (one[0].astype(float) for one in cells.light)
        self.air = cells.air.astype(float)

    def _views(self, cells: Cells) -> np.ndarray:
        """Return rows VIEW .. OPEN of the kernel's blocks: they are tested elsewhere."""
        chain, n = self.chain, cells.slope.size
        found = np.empty((5, n))
        for start in range(0, n, kernel.BLOCK):
            count = min(kernel.BLOCK, n - start)
            work = np.zeros((kernel.HORIZON + 17) * kernel.BLOCK, np.float32)
            design = chain._design(LAST)  # noqa: SLF001 - every loss switched on
            kernel.lay(cells.slope, cells.aspect, chain.iam.ravel(), design, chain.rule.suns,
                       start, count, work)  # fmt: skip
            kernel.see(cells.codes, start, count, True, float(design[kernel.D_TURN]), work)
            rows = work.reshape(-1, kernel.BLOCK)[kernel.VIEW : kernel.OPEN + 1, :count]
            found[:, start : start + count] = rows
        return found

    def year(self) -> np.ndarray:
        """Return the year of AC by pvlib, one sun after another. [kWh/kWp]."""
        total = np.zeros(self.tilt.size)
        for t in range(self.chain.suns.zenith.size):
            total += self.sun(t)
        return total

    def sun(self, t: int) -> np.ndarray:
        """Return the AC energy that one sun stands for. [kWh/kWp]."""
        suns, number = self.chain.suns, PARAMS.number
        zenith, azimuth = np.full(self.tilt.size, suns.zenith[t]), suns.azimuth[t]
        dni, dhi = suns.dni[t] * self.beam, suns.dhi[t] * self.sky
        facing = pvlib.irradiance.aoi_projection(self.tilt, self.azimuth, zenith, azimuth)
        low = np.maximum(facing, 0)
        sky = pvlib.irradiance.haydavies(
            self.tilt, self.azimuth, dhi, dni, suns.extra[t],
            projection_ratio=low / max(float(suns.up[t]), 0.01745), return_components=True,
        )  # fmt: skip
        place = (azimuth - self.chain.grid_north) % 360 / 22.5
        k = int(place)
        edge = self.tangents[k] + (self.tangents[(k + 1) % 16] - self.tangents[k]) * (place - k)
        free = edge <= 1 / np.tan(np.radians(suns.zenith[t]))
        shade = pvlib.shading.shaded_fraction1d(
            zenith, azimuth, 90.0, self.rotation, collector_width=1.0, pitch=self.across,
            axis_tilt=self.axis, cross_axis_slope=self.cross,
        )  # fmt: skip
        view, view_in, below, below_in, level = self.views
        even = sky["poa_isotropic"] / ((1 + np.cos(np.radians(self.tilt))) / 2)
        beam = (dni * low + sky["poa_circumsolar"]) * free * (1 - shade)
        ground = number("albedo") * (dni * suns.up[t] * free + dhi * level)
        plane = beam + even * view + ground * below
        aoi = np.degrees(np.arccos(np.clip(facing, -1, 1)))
        inside = beam * pvlib.iam.ashrae(aoi, number("iam_b")) + even * view_in + ground * below_in
        cell = pvlib.temperature.faiman(
            plane, self.air, number("wind_at_module"), number("faiman_u0"), number("faiman_u1")
        )
        keys = ("f_soiling", "f_lid", "f_nameplate", "f_mismatch", "f_wiring", "f_connections")
        dc = float(np.prod([number(key) for key in keys]))
        power = pvlib.pvsystem.pvwatts_dc(inside, cell, dc, -number("temperature_loss") / 100)
        rated = 1 / number("dc_ac") / number("f_inverter")
        ac = pvlib.inverter.pvwatts(power, rated, number("f_inverter"))
        return ac * (number("f_availability") * suns.hours[t])


def same(ours: Any, theirs: Any) -> bool:
    return bool(np.abs(ours / theirs - 1).max() < 1e-4)


def with_threads(count: int, call: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        before = numba.get_num_threads()
        numba.set_num_threads(count)
        try:
            return call()
        finally:
            numba.set_num_threads(before)

    return run


def beside_pvlib(chain: Chain) -> list[str]:
    cells = Cells(chain, BLOCK)
    peer = ByPvlib(chain, cells)
    name = f"year of AC, {BLOCK:,} cells, {chain.suns.zenith.size} suns up of 288, 16 directions"
    cases = [
        Case(name, with_threads(count, lambda: cells.ours(chain)),
             [Peer("pvlib, all cells at once", "1", peer.year, same)], str(count))
        for count in sorted({1, numba.get_num_threads()})
    ]  # fmt: skip
    return table("PV yield: from sun to AC", cases, ("numba", "numpy", "pvlib"))


def at_full_size(chain: Chain, millions: int) -> list[str]:
    cells = Cells(chain, millions * 1_000_000)
    seconds, memory, answer = measure(lambda: cells.ours(chain))
    if not np.isfinite(answer).all():
        raise SystemExit("the kernel lost cells")
    each = seconds / cells.slope.size / chain.suns.zenith.size * 1e9
    line = (
        f"| kernel, {millions} M cells, horizons given as 2-byte codes | {THREADS} "
        f"| {seconds:.1f} | {memory:.0f} | {each:.2f} |"
    )
    return [line]


def land(side: int) -> Ground:
    """Return a square of relief with one irradiation."""
    grid, dem = grid_of(side), relief(side)
    passport = Passport(sources=("bench",))
    rasters = {"dem": dem, "ghi": np.full(grid.shape, GHI, np.float32)}
    layers = {
        name: Layer(name, xr.DataArray(one, dims=("y", "x")), SPECS[name], passport)
        for name, one in rasters.items()
    }
    absent = {name: Say("无", "none") for name in SPECS if name not in layers}
    shared: Any = SimpleNamespace(passport=passport)
    return Ground(
        grid, LayerStack(grid, layers, absent), Terrain(*slope_aspect(dem, grid)),
        np.ones(grid.shape, np.uint8), ("甲",), cell_areas(grid), shared,
    )  # fmt: skip


def whole(millions: int) -> list[str]:
    """Return the row of ``pv_field``; six cells of ten are wanted, as in a region's box."""
    side = round((millions * 1e6) ** 0.5)
    ground = land(side)
    wanted = np.zeros(ground.grid.shape, bool)
    wanted[: int(side * 0.6)] = True
    keep = np.zeros_like(wanted)
    keep[: side // 10] = True
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, start = high_water(), time.perf_counter()
    field = pv_field(ground, PARAMS, wanted, keep)
    seconds, memory = time.perf_counter() - start, high_water() - before
    if field is None or not np.isfinite(field.annual[side // 20, side // 2]):
        raise SystemExit("no field")
    line = (
        f"| `pv_field`, box of {side**2 / 1e6:.0f} M cells, 60 % wanted, horizons computed "
        f"| {THREADS} | {seconds:.1f} | {memory:.0f} | |"
    )
    return [line]


def high_water() -> float:
    """Return the most memory held since the mark [MiB]."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main(millions: int) -> None:
    chain = make_chain(PARAMS, *PLACE, 0.3)
    print("\n".join(beside_pvlib(chain)))
    print("| work | threads | [s] | added MiB | ns per cell and sun |\n|---|---|---|---|---|")
    print("\n".join(at_full_size(chain, millions)))
    print("\n".join(whole(millions)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MILLIONS)
