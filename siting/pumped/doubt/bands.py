"""Bands of head, water, energy, cost and class of pairs under errors of the elevation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import OptionError, Say
from geo.hydrology import Drainage
from geo.passport import Passport
from siting.pumped.dams.model import DamSites
from siting.pumped.dams.section import section
from siting.pumped.doubt.drawn import drawn_pairs
from siting.pumped.doubt.field import field_of
from siting.pumped.doubt.ground import terrain
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.money.cost import storage_cost
from siting.pumped.money.model import Design
from siting.pumped.pairs.model import Pairs
from siting.sites.params import Params

Float64 = npt.NDArray[np.float64]

#: Quantities with a band: column stem -> field of :class:`Pairs`.
QUANTITIES: Final = {"head": "head_mean_m", "volume": "volume_m3", "energy": "energy_gwh"}
#: From this share of failed draws on a reader is told. [-]
MANY_FAIL: Final = 0.1
#: Shares of the draws below low, p50 and high.
_LEVELS: Final = {"low": 0.1, "p50": 0.5, "high": 0.9}


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """What errors of the elevation do to pairs.

    Parameters
    ----------
    frame
        One row a pair: ``head_low``, ``head_p50``, ``head_high`` (P10, P50, P90 of the mean
        gross head) [m], the same of ``volume`` [m³], ``energy`` [GWh] and ``cost`` [元/kW];
        ``class_share`` share of the draws in the class without error, ``class_flips`` the
        class at P10 or P90 is another one, ``failed_share`` share of the draws in which the
        pair yields nothing (its cost counts as beyond every other). NaN = no such cost.
    draws
        Number of error fields.
    text
        What was done, and what is not in the bands.
    passport
        Of the parameters.
    """

    frame: pd.DataFrame
    draws: int
    text: Say
    passport: Passport


def bands(
    drainage: Drainage,
    dem: npt.NDArray[Any],
    dams: DamSites,
    lakes: Sequence[ExistingLake],
    pairs: Pairs,
    design_of: Callable[[Pairs], Design],
    params: Mapping[str, Params],
    seed: int,
) -> Bands:
    """Return the bands of pairs over correlated errors of the elevation.

    Parameters
    ----------
    drainage, dem
        Ground the pairs were found on, (rows, cols). [m]
    dams
        Dam sites that ``pairs`` names.
    lakes
        Existing reservoirs that ``pairs`` names; their published levels carry no error.
    pairs
        Final pairs.
    design_of
        What a cost rests on; also takes pairs whose quantities have shape (draws, n).
    params
        Groups ``dem_error``, ``dam`` and ``storage_cost``.
    seed
        Of the error fields.

    Raises
    ------
    OptionError
        A pair names a dam or lake that is not there.

    References
    ----------
    ``docs/methods/dem_error.md``.
    """
    _check(dams, lakes, pairs)
    own = params["dem_error"]
    field = field_of(dem, drainage.grid, own, seed)
    drawn, works = drawn_pairs(terrain(drainage, field), dams, pairs, section(params["dam"]))
    base = storage_cost(design_of(pairs), params["storage_cost"], bands=False)
    cost = storage_cost(design_of(drawn), params["storage_cost"], bands=False)
    shape = (field.draws, pairs.count)
    frame = pd.DataFrame(index=pd.RangeIndex(pairs.count))
    for name, of in QUANTITIES.items():
        values = np.broadcast_to(getattr(drawn, of), shape)
        _band(frame, name, np.where(works, values, 0.0))
    total = np.broadcast_to(cost.total, shape)
    _band(frame, "cost", np.where(works, total, np.inf))
    frame.loc[
        np.isnan(np.broadcast_to(base.total, pairs.count)), ["cost_low", "cost_p50", "cost_high"]
    ] = np.nan
    _classes(frame, base.cost_class, np.broadcast_to(cost.cost_class, shape), works)
    frame["failed_share"] = 1.0 - works.mean(axis=0)
    return Bands(frame, field.draws, _text(own, seed, frame, pairs), own.passport())


def _band(frame: pd.DataFrame, name: str, values: Float64) -> None:
    """Add P10, P50 and P90 of draws, (draws, n); the value of a draw, nothing in between."""
    for level, share in _LEVELS.items():
        found = np.quantile(values, share, axis=0, method="inverted_cdf")
        frame[f"{name}_{level}"] = np.where(np.isfinite(found), found, np.nan)


def _classes(
    frame: pd.DataFrame,
    nominal: npt.NDArray[np.uint8],
    drawn: npt.NDArray[np.uint8],
    works: npt.NDArray[np.bool_],
) -> None:
    """Add the share of draws in the nominal class and whether P10 or P90 leave it."""
    of = np.where(works, drawn.astype(np.int64), np.iinfo(np.uint8).max)
    same = of == nominal
    frame["class_share"] = same.mean(axis=0)
    ends = np.quantile(of, [_LEVELS["low"], _LEVELS["high"]], axis=0, method="inverted_cdf")
    frame["class_flips"] = (ends != nominal).any(axis=0)


def _check(dams: DamSites, lakes: Sequence[ExistingLake], pairs: Pairs) -> None:
    for which in (pairs.upper, pairs.lower):
        if ((which >= dams.count) | (which < -len(lakes))).any():
            raise OptionError(
                "pairs",
                Say("所指坝址或水库不存在", "name a dam site or lake that is not there"),
                Say("坝址、水库与配对须来自同一次搜索", "take dams, lakes and pairs of one search"),
            )


def failed_note(share: float) -> Say | None:
    """Return what a reader of a pair must know when many draws yield nothing, None when few.

    Parameters
    ----------
    share
        ``failed_share`` of the pair. [-]

    Examples
    --------
    >>> failed_note(0.02) is None
    True
    >>> failed_note(0.44).en
    'in 44 % of the draws of elevation error a dam does not close or no water is left: survey first'
    """
    if not share >= MANY_FAIL:
        return None
    return Say(
        f"高程误差的情形中有 {share:.0%} 坝闭合不了或没有可用水量：须先实测地形",
        f"in {100 * share:.0f} % of the draws of elevation error a dam does not close or no water "
        "is left: survey first",
    )


def _less_water(frame: pd.DataFrame, pairs: Pairs) -> Say:
    """Return why the median of the water is not the value on the elevation model."""
    both = (pairs.upper >= 0) & (pairs.lower >= 0)
    if not both.any():
        return Say("", "")
    ratio = float(np.median(frame["volume_p50"].to_numpy()[both] / pairs.volume_m3[both]))
    return Say(
        f"两库新建时水量取两库中较小者，中位为标称的 {ratio:.2f} 倍，"
        "蓄能量与满发小时同减，装机不变。",
        f" With two new lakes the smaller one counts: the median of the water is {ratio:.2f} of "
        "the nominal one; stored energy and hours fall with it, the power stays.",
    )


def _text(params: Params, seed: int, frame: pd.DataFrame, pairs: Pairs) -> Say:
    less = _less_water(frame, pairs)
    number = params.number
    sd = [number(f"sd_{name}_m") * number("sd_factor") for name in ("plain", "hill", "mountain")]
    draws, reach = int(number("draws")), number("correlation_m")
    return Say(
        f"高程误差：{draws} 个相关误差场（种子 {seed}），标准差平原 {sd[0]:g}、丘陵 {sd[1]:g}、"
        f"山地 {sd[2]:g} m，相关长度 {reach:g} m（预设）。坝高与消落深度不变，坝脚随实地高程移动；"
        f"已有水库用公布水位，不计误差；价格、地质误差不在其内。区间为 P10-P90。{less.zh}",
        f"Elevation error: {draws} correlated fields (seed {seed}), standard deviation "
        f"{sd[0]:g} m in plains, {sd[1]:g} m in hills, {sd[2]:g} m in mountains, correlation "
        f"length {reach:g} m (prior). Height of dam and drawdown are kept, the foot moves with "
        "the ground; existing lakes have their published levels, without error; errors of "
        f"price and geology are not included. Bands are P10-P90.{less.en}",
    )
