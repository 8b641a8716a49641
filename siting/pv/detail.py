"""Yield of sites: a second pass over kept cells, by month and by loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from siting.pv.chain import LAST, STEPS, Chain
from siting.pv.resource import Resource
from siting.sites.score import LEAST_KNOWN, weighted_mean

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

#: Cells taken at a time: their inputs stay some tens of MB.
CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class PvDetail:
    """Yield of sites 1..count by month and by loss.

    Parameters
    ----------
    annual
        Shape (count,); NaN for a site without a kept cell. [kWh/kWp DC]
    monthly
        Shape (count, 12). [kWh/kWp DC]
    steps
        What is left after each of :data:`siting.pv.chain.STEPS`, shape (count, k). [kWh/kWp DC]
    terrain_loss
        Share of the yield on flat, open ground under the same light and air that is lost
        here, shape (count,). [-]
    known
        Share of the site's weight where light and slope are known, of which alone all this is
        the mean, shape (count,); NaN for a site without a kept cell. [-]
    """

    annual: Float64
    monthly: Float64
    steps: Float64
    terrain_loss: Float64
    known: Float64

    def settled(self) -> PvDetail:
        """Return the same, NaN for sites known on less than :data:`LEAST_KNOWN` of them.

        Half a site under a layer is no measurement of the other half.
        """
        here = self.known >= LEAST_KNOWN
        return PvDetail(
            np.where(here, self.annual, np.nan),
            np.where(here[:, None], self.monthly, np.nan),
            np.where(here[:, None], self.steps, np.nan),
            np.where(here, self.terrain_loss, np.nan),
            self.known,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells of a grid with all that the chain asks of them.

    Parameters
    ----------
    slope, aspect
        Flat rasters of the grid. [°]
    cells
        Flat cell numbers, shape (n,).
    codes
        Their horizons, shape (16, n).
    """

    chain: Chain
    resource: Resource
    slope: Float32
    aspect: Float32
    cells: npt.NDArray[np.int64]
    codes: npt.NDArray[np.uint16]


def energy(some: Cells, part: slice, *, monthly: bool = False) -> Float32:
    """Return the energy of a part of the cells, shape (12 or 1, n). [kWh/kWp]."""
    cells = some.cells[part]
    return some.chain.run(
        some.slope[cells],
        some.aspect[cells],
        some.codes,
        some.resource.light(cells),
        some.resource.temperature(cells),
        first=part.start,
        monthly=monthly,
    )


def site_detail(
    kept: Cells, labels: npt.NDArray[np.int32], count: int, weight: npt.NDArray[np.floating[Any]]
) -> PvDetail:
    """Return months, steps and terrain loss of sites, chunk by chunk in a fixed order."""
    spots = np.flatnonzero(labels.reshape(-1)[kept.cells] > 0)
    cells = kept.cells[spots]
    some = Cells(
        kept.chain,
        kept.resource,
        kept.slope,
        kept.aspect,
        cells,
        np.take(kept.codes, spots, axis=1),
    )
    site = labels.reshape(-1)[cells]
    rows, cols = np.unravel_index(cells, labels.shape)
    area = np.asarray(weight[rows, cols], np.float64)
    columns = np.empty((12 + len(STEPS), cells.size), np.float32)
    for start in range(0, cells.size, CHUNK):
        part = slice(start, min(start + CHUNK, cells.size))
        columns[:, part] = _columns(some, part)
    means = np.array([weighted_mean(site, one, area, count) for one in columns])
    annual = means[12 + LAST]
    known = weighted_mean(site, np.isfinite(columns[12 + LAST]).astype(np.float32), area, count)
    loss = 1.0 - annual / _flat_sites(some, site, area, count)
    return PvDetail(annual, means[:12].T, means[12:].T, loss, known)


def _columns(some: Cells, part: slice) -> Float64:
    """Return months and steps of a part of the cells, shape (12 + k, n). [kWh/kWp]."""
    months = energy(some, part, monthly=True)
    year = months.sum(axis=0, dtype=np.float64)
    cells = some.cells[part]
    steps = some.chain.cascade(
        some.slope[cells],
        some.aspect[cells],
        some.codes,
        some.resource.light(cells),
        some.resource.temperature(cells),
        year,
        first=part.start,
    )
    return np.concatenate([months, some.resource.horizontal(cells)[None], steps])


def _flat_sites(some: Cells, site: npt.NDArray[np.int32], area: Float64, count: int) -> Float64:
    """Return the yield of flat, open ground under each site's mean light and air."""
    beam, sky = some.resource.light(some.cells)
    air = some.resource.temperature(some.cells)

    def mean(values: Float32) -> Float32:
        return np.asarray(weighted_mean(site, values, area, count), np.float32)

    light = (np.stack([mean(one) for one in beam]), np.stack([mean(one) for one in sky]))
    return some.chain.flat(light, mean(air))
