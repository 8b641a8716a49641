"""Static cost of a plant by part, in 元/kW, with what the unknown prices do to it.

The prices are priors: they share the cost out among parts. What carries published information
is the level, fitted in :mod:`siting.pumped.money.calibrate`; so a price moves with the level
fitted anew, and only what the published plants leave open is in the band. Formulas and worked
example: ``docs/methods/storage_cost.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.pumped.money.anchors import ANCHOR_KEYS, priors_of
from siting.pumped.money.calibrate import fitted_scale
from siting.pumped.money.classes import class_of
from siting.pumped.money.formula import (
    AMOUNTS,
    COST_KEYS,
    Values,
    counted,
    direct,
    level_of,
    part_of,
    parts_of,
    total_of,
    values_of,
)
from siting.pumped.money.model import DAM_TYPES, Design, StorageCost
from siting.sites.params import USER, Params, load_params

Float64 = npt.NDArray[np.float64]

GROUP: Final = "storage_cost"
_QUANTITIES: Final = {
    "power_mw": Say("装机", "power"),
    "head_m": Say("水头", "head"),
    "length_m": Say("输水道长度", "length of the waterway"),
    "tunnel_m": Say("输水洞直径", "diameter of the waterway"),
    "flow_m3s": Say("额定流量", "rated flow"),
    "upper_dam_m3": Say("上库坝体积", "body of the upper dam"),
    "lower_dam_m3": Say("下库坝体积", "body of the lower dam"),
    "new_lake_m2": Say("新库面积", "surface of new lakes"),
    "road_km": Say("道路长度", "length of the road"),
    "line_km": Say("线路长度", "length of the line"),
}


def parameters(overrides: Mapping[str, float] | None = None) -> Params:
    """Return the parameters of cost and LCOS with the user's values in place.

    Parameters
    ----------
    overrides
        Keys ``storage_cost.*``; others are left alone.

    Raises
    ------
    OptionError
        If a key is unknown or its value is not positive.
    """
    return load_params("siting.pumped.money", GROUP).changed(overrides or {})


def storage_cost(design: Design, params: Params, *, bands: bool = True) -> StorageCost:
    """Return the static cost of each plant by part.

    Parameters
    ----------
    design
        Plants; any shape.
    params
        The group ``storage_cost``.
    bands
        Also ``low`` and ``high``: each parameter with a band is moved to both ends in turn
        with the level fitted anew, and the moves are added as root sum of squares. A value
        of the user stands as given; with a level of the user nothing is fitted anew.

    Returns
    -------
    StorageCost
        [元/kW], arrays of the design's shape.

    Raises
    ------
    OptionError
        If a price that is always needed has no value.
    """
    parts = parts_of(design, values_of(params))
    total = total_of(parts)
    nothing = np.full(design.shape, np.nan)
    low, high = _band(design, params, total) if bands else (nothing, nothing)
    missing = _missing(design, params)
    return StorageCost(parts, total, low, high, class_of(total), missing)


def _band(design: Design, params: Params, total: Float64) -> tuple[Float64, Float64]:
    """Return the total less and plus the root sum of squares of all moves."""
    base = values_of(params)
    whole = total / level_of(base)
    down, up = np.zeros(design.shape), np.zeros(design.shape)
    for key, ends in _moved(design, params):
        moves = [_again(design, key, base, whole, values) - total for values in ends]
        down += np.minimum(0.0, np.minimum.reduce(moves)) ** 2
        up += np.maximum(0.0, np.maximum.reduce(moves)) ** 2
    return total - np.sqrt(down), total + np.sqrt(up)


def _again(design: Design, key: str, base: Values, whole: Float64, values: Values) -> Float64:
    """Return the total with one price moved: only the part it belongs to is worked out anew."""
    part = part_of(key)
    if part is None:
        return whole * level_of(values)
    before, after = (counted(part, direct(part, design, v)) for v in (base, values))
    return np.asarray((whole + (after - before)) * level_of(values))


def _moved(design: Design, params: Params) -> Iterator[tuple[str, list[Values]]]:
    """Yield each parameter with a band, and the prices at its ends."""
    values, priors = values_of(params), priors_of(params)
    refit = params["scale"].source != USER
    level, before = params.number("scale"), fitted_scale(values, priors)
    others = set(DAM_TYPES.values()) - {DAM_TYPES[design.dam_type]}
    for key in (*COST_KEYS, *ANCHOR_KEYS):
        one = params[key]
        ends = [end for end in (one.low, one.high) if end is not None]
        if key in others or one.value is None or one.source == USER or not ends:
            continue
        found: list[Values] = []
        for end in ends:
            prices = {**values, key: end} if key in COST_KEYS else dict(values)
            assumed = {**priors, key: end} if key in ANCHOR_KEYS else priors
            if refit and key != "scale":
                prices["scale"] = level * fitted_scale(prices, assumed) / before
            found.append(prices)
        yield key, found


def _missing(design: Design, params: Params) -> tuple[Say, ...]:
    """Return a line for every part without a price, and for every unknown quantity."""
    lines = [
        Say(f"{params.titles[key].zh}：未计", f"{params.titles[key].en}: not counted")
        for key in AMOUNTS
        if params[key].value is None
    ]
    for name, title in _QUANTITIES.items():
        unknown = np.broadcast_to(np.isnan(getattr(design, name)), design.shape)
        if not bool(unknown.any()) or _unpriced(name, params):
            continue
        n, count = int(unknown.sum()), int(unknown.size)
        lines.append(
            Say(f"{title.zh}未知：{n}/{count} 处未计", f"{title.en} unknown: {n} of {count} sites")
        )
    return tuple(lines)


def _unpriced(name: str, params: Params) -> bool:
    """Return whether the quantity only serves parts that have no price anyway."""
    serves = [key for key, (amount, _) in AMOUNTS.items() if amount == name]
    return bool(serves) and all(params[key].value is None for key in serves)
