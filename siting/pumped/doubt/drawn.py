"""Pairs on the ground of every draw: what is kept, what moves, and by how much."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from siting.pumped.dams.model import DamSites
from siting.pumped.dams.section import Section
from siting.pumped.doubt.ground import Terrain
from siting.pumped.doubt.lakes import LakeDraws, lake_draws
from siting.pumped.pairs.model import Pairs

Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _End:
    """One end of all pairs, (draws, n); a lake that exists stands still."""

    shift: Float64
    mean: Float64
    volume: Float64
    surface: Float64
    body: Float64
    crest: Float64


def drawn_pairs(
    ground: Terrain, dams: DamSites, pairs: Pairs, section: Section
) -> tuple[Pairs, Bools]:
    """Return pairs whose changing quantities have shape (draws, n), and which draws work.

    Kept: heights above the foot, drawdown, power, tunnel, length; levels and volume of a lake
    that exists. Moving: foot and so all levels of a new lake, water between its levels, mean
    level, surface, dam. Water moved = the least that a new lake of the pair holds. A draw
    fails where the dam does not close, no water is left or the head is used up by the loss:
    its head, flow and dams are NaN, energy, hours and water 0.
    """
    draws = ground.field.draws
    upper = _end(ground, dams, pairs, section, "upper", draws)
    lower = _end(ground, dams, pairs, section, "lower", draws)
    share = np.minimum(upper.volume, lower.volume)
    head = pairs.head_mean_m + upper.shift + upper.mean - lower.shift - lower.mean
    with np.errstate(divide="ignore", invalid="ignore"):
        flow = np.where(head > 0, pairs.head_mean_m / head, np.nan)
        # friction grows with the square of the flow; power and tunnel stay
        loss = pairs.loss_m * flow**2
        energy = pairs.energy_gwh * share * (head - loss) / (pairs.head_mean_m - pairs.loss_m)
        works = (share > 0) & (head - loss > 0) & np.isfinite(upper.body) & np.isfinite(lower.body)
    moved = upper.shift - lower.shift

    def if_works(values: Float64, otherwise: float) -> Float64:
        return np.asarray(np.where(works, values, otherwise))

    out = replace(
        pairs,
        hours=if_works(pairs.hours * energy / pairs.energy_gwh, 0.0),
        energy_gwh=if_works(energy, 0.0),
        volume_m3=if_works(pairs.volume_m3 * share, 0.0),
        upper_normal_m=pairs.upper_normal_m + upper.shift,
        upper_dead_m=pairs.upper_dead_m + upper.shift,
        lower_normal_m=pairs.lower_normal_m + lower.shift,
        lower_dead_m=pairs.lower_dead_m + lower.shift,
        head_mean_m=if_works(head, np.nan),
        head_max_m=pairs.head_max_m + moved,
        head_min_m=pairs.head_min_m + moved,
        loss_m=if_works(loss, np.nan),
        ratio=if_works(pairs.length_m / np.where(works, head, 1.0), np.nan),
        flow_m3s=if_works(pairs.flow_m3s * flow, np.nan),
        upper_dam_m3=if_works(pairs.upper_dam_m3 * upper.body, np.nan),
        lower_dam_m3=if_works(pairs.lower_dam_m3 * lower.body, np.nan),
        upper_crest_m=pairs.upper_crest_m * upper.crest,
        lower_crest_m=pairs.lower_crest_m * lower.crest,
        upper_area_m2=pairs.upper_area_m2 * upper.surface,
        lower_area_m2=pairs.lower_area_m2 * lower.surface,
    )
    return out, works


def _end(
    ground: Terrain, dams: DamSites, pairs: Pairs, section: Section, end: str, draws: int
) -> _End:
    """Return one end of all pairs; a lake that several pairs share is computed once."""
    n = pairs.count
    out = _End(
        np.zeros((draws, n)), np.zeros((draws, n)), np.full((draws, n), np.inf),
        np.ones((draws, n)), np.ones((draws, n)), np.ones((draws, n)),
    )  # fmt: skip
    which, height = getattr(pairs, end), getattr(pairs, f"{end}_height_m")
    drawdown = getattr(pairs, f"{end}_normal_m") - getattr(pairs, f"{end}_dead_m")
    done: dict[tuple[int, float, float], LakeDraws] = {}
    for i in np.flatnonzero(which >= 0).tolist():
        key = (int(which[i]), float(height[i]), max(float(height[i] - drawdown[i]), 0.0))
        if key not in done:
            done[key] = lake_draws(ground, dams, *key, section)
        one = done[key]
        out.shift[:, i], out.mean[:, i], out.volume[:, i] = one.shift_m, one.mean_m, one.volume
        out.surface[:, i], out.body[:, i], out.crest[:, i] = one.surface, one.body, one.crest
    if n:
        old = np.flatnonzero((pairs.upper < 0) & (pairs.lower < 0))
        out.volume[:, old] = 1.0
    return out
