"""The first test that each candidate fails, kept while the search goes on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.hydrology import Drainage
from siting.pumped.dams.model import DamAudit, DamSites
from siting.pumped.dams.reasons import Check
from siting.sites.params import Params

Bool = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

_M2_PER_KM2 = 1.0e6
_M3_PER_MM3 = 1.0e6


class Audit:
    """The first test that each candidate fails, with its numbers."""

    def __init__(self, flat: Int64, drainage: Drainage) -> None:
        grid = drainage.grid
        self.flat = flat
        cells = drainage.cells.reshape(-1)[flat].astype(np.float64)
        self.km2: Float64 = cells * (grid.dx * grid.dy / _M2_PER_KM2)
        self.reason = np.zeros(flat.size, np.uint8)
        self.value = np.zeros(flat.size, np.float32)
        self.limit = np.zeros(flat.size, np.float32)
        self.other = np.full(flat.size, -1, np.int32)

    def fail(self, test: Check, failed: Bool, value: Float64, limit: float) -> None:
        """Reject the candidates that fail and have passed all earlier tests."""
        new = failed & (self.reason == Check.KEPT)
        self.reason[new] = test
        self.value[new] = value[new]
        self.limit[new] = limit

    def left(self) -> Int64:
        """Return the candidates that have failed nothing."""
        return np.asarray(np.flatnonzero(self.reason == Check.KEPT), np.int64)

    def suppress(self, kept: Int64, keeper: Int32, away: Float64, reach: float) -> None:
        """Reject the sites that another stands for."""
        number = np.cumsum(keeper < 0).astype(np.int32) - 1
        gone = keeper >= 0
        self.reason[kept[gone]] = Check.SUPPRESSED
        self.value[kept[gone]] = away[gone]
        self.limit[kept[gone]] = reach
        self.other[kept[gone]] = number[keeper[gone]]

    def finish(self, cols: int) -> DamAudit:
        """Return the audit as a value."""
        row, col = np.divmod(self.flat, cols)
        return DamAudit(
            row.astype(np.int32), col.astype(np.int32),
            self.reason, self.value, self.limit, self.other,
        )  # fmt: skip


def last_tests(audit: Audit, kept: Int64, sites: DamSites, params: Params) -> None:
    """Check the final curves: volume and ratio at one height, below the cap."""
    least, wanted = params.number("min_volume_mm3") * _M3_PER_MM3, params.number("min_ratio")
    height = np.arange(sites.heights)
    inside = (height >= params.number("dam_min_m")) & (height <= sites.cap_m[:, :1])
    closed = inside & np.isfinite(sites.dam_m3)
    fit = closed & (sites.volume_m3 >= least)
    ratio = np.divide(sites.volume_m3, sites.dam_m3, out=np.zeros_like(sites.dam_m3), where=fit)
    best = np.asarray(ratio.max(axis=1), np.float64)
    reason = np.full(kept.size, Check.KEPT, np.uint8)
    value, limit = np.zeros(kept.size), np.zeros(kept.size)
    for test, failed, number, asked in (
        (Check.CAPPED, ~_any(inside, sites.volume_m3 >= least), _most(sites, inside), least),
        (Check.NOT_CLOSED, ~fit.any(axis=1), _most(sites, closed), least),
        (Check.RATIO, best < wanted, best, wanted),
    ):
        scale = 1.0 if test == Check.RATIO else _M3_PER_MM3
        new = failed & (reason == Check.KEPT)
        reason[new], value[new], limit[new] = test, number[new] / scale, asked / scale
    audit.reason[kept], audit.value[kept], audit.limit[kept] = reason, value, limit


def _any(one: Bool, two: Bool) -> Bool:
    return np.asarray((one & two).any(axis=1))


def _most(sites: DamSites, levels: Bool) -> Float64:
    """Return the most water of the levels given. [m³]."""
    return np.asarray(np.where(levels, sites.volume_m3, 0.0).max(axis=1), np.float64)
