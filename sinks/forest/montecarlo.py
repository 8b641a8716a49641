"""One Monte-Carlo over growth, harvest, disturbance, planting, initial stock and carbon fraction.

Draws come in blocks of fixed size, each with its own seed, so a result depends on the
seed and the number of draws only, not on threads; the first draws of a longer run are
the draws of a shorter one. City sums alone are kept: memory is draws x years.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from geo.units import MU_PER_HA
from sinks.forest import registry
from sinks.forest._kernels import monte_carlo
from sinks.forest.project import Model

F64 = npt.NDArray[np.float64]
BLOCK: Final = 250
STREAM: Final = 0x464F52  # keeps these draws apart from other uses of the run's seed
QUANTILES: Final = (0.05, 0.5, 0.95)
_CLIP: Final = 2.5  # standard normal draws are cut here: no draw turns a curve into a wall


@dataclass(frozen=True, slots=True)
class Inputs:
    """Drawn inputs of one block (first axis: draw).

    ``k`` [1/a] by stratum, ``stock_factor`` [-], ``harvest`` [1/a], ``event`` [-] by
    year, ``planted`` [ha/a], ``unknown_share`` [-], ``carbon_fraction`` [tC/t],
    ``bridge`` [1/a]: growth of the past above that of the curves.
    """

    k: F64
    stock_factor: F64
    harvest: F64
    event: F64
    planted: F64
    unknown_share: F64
    carbon_fraction: F64
    bridge: F64


@dataclass(frozen=True, slots=True)
class Samples:
    """City sums of every draw.

    Parameters
    ----------
    past_years, past_stock
        Years before the reference year and the bridged stock [m³], ``(draws, years)``.
    years, tree_ha, stock, carbon
        Years from the reference year; tree area [ha], stock [m³] and live carbon [tC],
        each ``(draws, years)``.
    """

    past_years: npt.NDArray[np.int64]
    past_stock: F64
    years: npt.NDArray[np.int64]
    tree_ha: F64
    stock: F64
    carbon: F64


def inputs(model: Model, years: int, seed: int, block: int) -> Inputs:
    """Draw the inputs of one block of :data:`BLOCK` draws."""
    p = model.parameters
    rng = np.random.default_rng([seed, STREAM, block])
    groups = sorted(set(model.state.species))
    own = np.array([groups.index(g) for g in model.state.species])
    common = registry.value(p, "growth_common")
    z = np.sqrt(common) * _normal(rng, (BLOCK, 1))
    z = z + np.sqrt(1.0 - common) * _normal(rng, (BLOCK, len(groups)))
    error = registry.value(p, "stock_error") / 100.0
    stock_factor = np.exp(error * _normal(rng, (BLOCK,)))
    harvest = rng.uniform(*registry.limits(p, "harvest_share"), BLOCK) / 100.0
    low, high = registry.limits(p, "disturbance_level")
    middle = registry.value(p, "disturbance_level")
    level = rng.triangular(low, middle, high, BLOCK) if high > low else np.full(BLOCK, middle)
    form = registry.value(p, "disturbance_shape")
    event = level[:, None] * rng.gamma(form, 1.0 / form, (BLOCK, years))
    planted = rng.uniform(*registry.limits(p, "planting"), BLOCK) * 1e4 / MU_PER_HA
    return Inputs(
        model.k * np.exp(model.k_error * z[:, own]),
        stock_factor,
        harvest,
        event,
        planted,
        rng.uniform(*registry.limits(p, "unknown_share"), BLOCK),
        rng.uniform(*registry.limits(p, "carbon_fraction"), BLOCK),
        registry.value(p, "bridge_error") / 100.0 * np.abs(_normal(rng, (BLOCK,))),
    )


def _normal(rng: np.random.Generator, size: tuple[int, ...]) -> F64:
    return np.clip(rng.standard_normal(size), -_CLIP, _CLIP)


def blocks(
    model: Model, past: int, future: int, seed: int, draws: int
) -> Iterator[tuple[F64, F64, F64]]:
    """Yield past stock [m³], states (``project.STATES``) and carbon fraction, block by block.

    Parameters
    ----------
    past, future
        Years before and after the reference year.
    """
    p = model.parameters
    for block in range(-(-draws // BLOCK)):
        drawn = inputs(model, future, seed, block)
        back = np.zeros((BLOCK, past))
        ahead = np.zeros((BLOCK, future + 1, 4))
        monte_carlo(
            model.state.area, model.young, model.state.stock, model.power, model.mortality,
            model.mature, registry.value(p, "felling_cap") / 100.0, model.disturbance,
            model.plant_share, model.conversion.slope, model.conversion.offset,
            registry.value(p, "v0"), model.rho, model.rho_share, drawn.k, drawn.stock_factor,
            drawn.harvest, drawn.event, drawn.planted, drawn.unknown_share, back, ahead,
        )  # fmt: skip
        # published stocks rose faster than the curves: the past lies lower, one-sided
        back *= np.exp(-drawn.bridge[:, None] * np.arange(1, past + 1))
        keep = min(BLOCK, draws - block * BLOCK)
        yield back[:keep], ahead[:keep], drawn.carbon_fraction[:keep]


def sample(
    model: Model, reference: int, first: int, last: int, *, seed: int, draws: int
) -> Samples:
    """Run ``draws`` draws from ``first`` to ``last`` around the year ``reference``.

    Raises
    ------
    OptionError
        When ``draws`` < 1, ``seed`` < 0, or the years do not enclose ``reference``.
    """
    if draws < 1 or seed < 0 or not first <= reference < last:
        raise OptionError(
            "draws/seed/years",
            Say(
                f"draws={draws}、seed={seed}、{first}–{reference}–{last} 不能用",
                f"draws={draws}, seed={seed}, {first}-{reference}-{last} cannot be used",
            ),
            Say(
                "draws ≥ 1，seed ≥ 0，首年 ≤ 基准年 < 末年", "draws >= 1, seed >= 0, years in order"
            ),
        )
    past, future = reference - first, last - reference
    back = np.empty((draws, past))
    ahead = np.empty((draws, future + 1, 3))
    at = 0
    for one_back, one_ahead, fraction in blocks(model, past, future, seed, draws):
        to = at + len(fraction)
        back[at:to] = one_back[:, ::-1]
        ahead[at:to, :, 0] = one_ahead[:, :, 0]
        ahead[at:to, :, 1] = one_ahead[:, :, 2]
        ahead[at:to, :, 2] = one_ahead[:, :, 3] * fraction[:, None]
        at = to
    return Samples(
        np.arange(first, reference),
        back,
        np.arange(reference, last + 1),
        ahead[:, :, 0],
        ahead[:, :, 1],
        ahead[:, :, 2],
    )
