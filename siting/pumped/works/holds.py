"""Whether the lakes as drawn hold the water that a pair moves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.pumped.pairs.model import Pairs
from siting.pumped.works.model import PARTS

Float64 = npt.NDArray[np.float64]


def usable_m3(curve: Float64, normal_m: float, dead_m: float) -> float:
    """Return the water between dead and normal level by a curve as drawn. [m³].

    Parameters
    ----------
    curve
        Levels [m], volume [m³], area [m²], (3, k).

    Examples
    --------
    >>> curve = np.array([[100.0, 110.0, 120.0], [0.0, 1e6, 4e6], [0.0, 2e5, 4e5]])
    >>> usable_m3(curve, 120.0, 110.0)
    3000000.0
    """
    at = np.interp([normal_m, dead_m], curve[0], curve[1])
    return float(at[0] - at[1])


def usable(pairs: Pairs, side: str, curves: tuple[Float64, ...]) -> Float64:
    """Return the water between the levels of each new lake, NaN where the lake exists. [m³].

    Parameters
    ----------
    side
        ``upper`` or ``lower``.
    curves
        Of that side, by pair.
    """
    which = getattr(pairs, side)
    normal, dead = getattr(pairs, f"{side}_normal_m"), getattr(pairs, f"{side}_dead_m")
    found = np.full(pairs.count, np.nan)
    for i in np.flatnonzero(which >= 0).tolist():
        found[i] = usable_m3(curves[i], float(normal[i]), float(dead[i]))
    return found


def short(held: Float64, pairs: Pairs, gap: float) -> npt.NDArray[np.bool_]:
    """Return which new lakes hold less than the moved water, ``gap`` [-] allowed, bool (n,)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(held < (1.0 - gap) * pairs.volume_m3)


def short_text(side: str, held_m3: float, wanted_m3: float) -> Say:
    """Return that a lake as drawn holds too little for its pair; volumes in [m³]."""
    title = PARTS[f"{side}_lake"]
    held, wanted = held_m3 / 1e6, wanted_m3 / 1e6
    return Say(
        f"{title.zh}复核后可调节 {held:.2f} 百万 m³，少于所需 {wanted:.2f}：须抬高水位或放弃",
        f"{title.en} as drawn gives {held:.2f} Mm³ between its levels, {wanted:.2f} are needed: "
        "raise the level or drop the site",
    )
