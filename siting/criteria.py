"""Criteria of a technology's sites in real units, with their thresholds and errors.

Cost is one of them: the margin of a usual price over a site's own LCOE, which already holds
yield, plant and connection. Beside it stand things that money does not say here: how long line
and road are (corridors to be obtained, roads without a published price), slope, land that needs
approval, shape; for wind the noise at the nearest home. A long line therefore counts twice, as
money and as corridor; the order by LCOE alone stands beside the score (``rank_cost``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import OptionError, Say
from siting.cost.price import Price
from siting.law.terms import Technology
from siting.pv.sites import PvResult
from siting.ranking.table import Z95, CriteriaTable, SiteCriterion, Uncertainty
from siting.sites.params import USER, Params
from siting.wind.homes import night_limit
from siting.wind.sites import WindResult

Float64 = npt.NDArray[np.float64]

#: Column, key of the thresholds, title, unit: in the order of the page.
_ROWS: Final = (
    ("line_km", "line", Say("送出线路长度", "length of the line"), "km"),
    ("road_km", "access", Say("进场道路长度", "length of the road"), "km"),
    ("slope_deg", "slope", Say("坡度", "slope"), "°"),
    ("approval_share", "approval", Say("须审批土地占比", "share that needs approval"), "-"),
    ("compactness", "compact", Say("紧凑度", "compactness"), "-"),
)
_NOISE: Final = ("noise_margin_db", "quiet", Say("噪声余量", "noise margin"), "dB")
_MARGIN: Final = "margin_yuan_per_kwh"


def keys_of(technology: Technology) -> tuple[str, ...]:
    """Return the criteria that sites of a technology may have, in the order of the page."""
    noise = (_NOISE[0],) if technology is Technology.WIND else ()
    return (_MARGIN, *(row[0] for row in _ROWS), *noise)


def criteria_table(
    technology: Technology,
    result: PvResult | WindResult,
    columns: Mapping[str, object],
    price: Price | None,
    params: Params,
) -> CriteriaTable:
    """Return the criteria of the sites.

    Parameters
    ----------
    technology
        PV or wind.
    result
        Sites with law and capacity.
    columns
        Real values a site; a criterion without a column takes no part.
    price
        Distribution of the price; None where none holds: cost takes no part. [元/kWh]
    params
        Thresholds ``<key>_worst``, ``<key>_best`` and ``resource_sd`` of the technology.
    """
    rows = [*_ROWS, *([_NOISE] if technology is Technology.WIND else [])]
    means: dict[str, object] = {**result.found.scored.means, **columns}
    if _NOISE[0] in means:
        means[_NOISE[0]] = quiet_margin(means, params)
    criteria = []
    if price is not None:
        lcoe = np.asarray(columns["lcoe_yuan_per_kwh"], np.float64)
        criteria.append(_margin(lcoe, price, params))
    criteria += [
        _one(column, key, title, unit, np.asarray(means[column], np.float64), params)
        for column, key, title, unit in rows
        if column in means
    ]
    return CriteriaTable(tuple(result.found.places.ids), result.found.mw, tuple(criteria))


def _margin(lcoe: Float64, price: Price, params: Params) -> SiteCriterion:
    """Return the margin of the usual price over the LCOE, with errors of yield and price."""
    error = resource_error(params)
    return _one(
        _MARGIN, "margin", Say("常用电价减度电成本", "usual price less LCOE"),
        "元/kWh", price.mode - lcoe, params,
        Uncertainty(
            "resource",
            low=price.mode - lcoe / (1.0 - error),
            high=price.mode - lcoe / (1.0 + error),
            common_share=params.share("resource_common"),
            shift=(price.low - price.mode, price.high - price.mode),
            peak=0.0,
        ),
    )  # fmt: skip


def quiet_margin(columns: Mapping[str, object], params: Params) -> Float64:
    """Return the noise margin of each site, at least, where all homes lie beyond the reach. [dB].

    No home within ``noise_reach_m`` leaves the margin empty; such a site is the quietest of all
    and not one without data. Its margin is at least that of all its turbines standing at the
    reach, under the stricter limit. Without known homes it stays unknown.

    Parameters
    ----------
    columns
        ``noise_margin_db``, ``nearest_home_m``, ``turbines`` of each site.
    params
        Of wind.
    """
    margin, nearest, count = (
        np.asarray(columns[name], np.float64) for name in (_NOISE[0], "nearest_home_m", "turbines")
    )
    reach = params.number("noise_reach_m")
    beyond = np.isnan(margin) & (nearest > reach) & (count > 0)
    loud = params.number("noise_lw") - 20.0 * np.log10(reach) - 8.0
    loud -= params.number("noise_alpha") * reach
    limit = min(night_limit(params, key) for key in ("noise_class", "noise_zone_class"))
    return np.where(beyond, limit - loud - 10.0 * np.log10(np.where(beyond, count, 1.0)), margin)


def resource_error(params: Params) -> float:
    """Return how far the yield lies below or above itself at P5 and P95. [-].

    Raises
    ------
    OptionError
        If the relative sd of the yield would leave none.
    """
    error = Z95 * params.number("resource_sd")
    if error >= 1.0:
        raise OptionError(
            f"{params.group}.resource_sd",
            Say(
                f"相对标准差 {error / Z95:g} 使 P5 的发电量不大于 0",
                f"a relative sd of {error / Z95:g} leaves no yield at P5",
            ),
            Say("写小于 0.6 的比例，例如 0.05", "give a share below 0.6, such as 0.05"),
        )
    return error


def _one(
    column: str,
    key: str,
    title: Say,
    unit: str,
    values: Float64,
    params: Params,
    error: Uncertainty | None = None,
) -> SiteCriterion:
    worst, best = _threshold(params, f"{key}_worst"), _threshold(params, f"{key}_best")
    return SiteCriterion(column, title, unit, values, worst[0], best[0], worst[1], best[1], error)


def _threshold(params: Params, key: str) -> tuple[float, tuple[float, float] | None]:
    """Return a threshold with its range; what the user sets is sure."""
    one, value = params[key], params.number(key)
    if one.source == USER or one.low is None or one.high is None:
        return value, None
    return value, (one.low, one.high)
