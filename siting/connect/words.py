"""What a connection says about itself: notes of a site, and the text of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from geo.errors import Say
from siting.connect.friction import RouteGrid
from siting.connect.search import Ends
from siting.connect.voltage import Voltage, circuits
from siting.law.terms import TECHNOLOGY_ZH, Technology
from siting.law.verdict import Judgement
from siting.sites.params import USER, Params

#: Ground under a route that a reader has to be told of.
_CROSSED: Final = {
    "prohibited": "禁止用地（按用户系数穿越）",
    "unknown": "未知用地",
    "outside": "区域外未筛查用地",
    "route": "须调规或国家重大项目论证的用地",
    "limited": "须认定有限人为活动的用地",
}
_KIND: Final = {"line": "线路", "road": "道路"}
#: Lengths below it are the site's or the station's own cell. [km]
_SPEAKS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Tried:
    """One voltage tried for a site; ``km`` NaN = unreachable."""

    voltage: Voltage
    mw: float
    km: float
    fits: bool


def note(
    row: Mapping[str, Any], crossed: Mapping[str, Mapping[str, float]], tried: list[Tried]
) -> str:
    """Return the note of a site (Chinese, as every note of a frame)."""
    said: list[str] = []
    if math.isnan(row["line_kv"]):
        said.append(_no_line(tried))
    else:
        if math.isnan(row["line_yuan"]) or math.isnan(row["station_yuan"]):
            said.append(f"{row['line_kv']:.0f} kV 造价未查到，只列长度，接入费用未计")
        said += [
            f"亦可 {one.voltage.kv} kV 接入（{one.km:.1f} km，"
            f"{circuits(one.voltage, one.mw)} 回，造价未计）"
            for one in tried
            if one.fits and one.voltage.kv != row["line_kv"] and not one.voltage.priced
        ]
    if math.isnan(row["road_km"]):
        said.append("无进场道路路径")
    for kind, lengths in crossed.items():
        said += [
            f"{_KIND[kind]}经{_CROSSED[key]} {km:.1f} km"
            for key, km in lengths.items()
            if km >= _SPEAKS
        ]
    return "；".join(said)


def _no_line(tried: list[Tried]) -> str:
    """Return why no voltage connects a site."""
    if any(math.isnan(one.mw) for one in tried):
        return "容量未知，未选接入方案"
    reached = [one for one in tried if not math.isnan(one.km)]
    if not reached:
        return "没有可通行的路径到达任何合适的变电站（禁止用地、宽阔水面，或图层以外）"
    parts = [
        f"{one.voltage.kv} kV 需 {circuits(one.voltage, one.mw)} 回、{one.km:.1f} km"
        f"（每回 {one.voltage.mw_per_circuit:g} MW，最长 {one.voltage.max_km:g} km）"
        for one in reached
    ]
    return "容量或长度超出各电压等级：" + "，".join(parts)


def text(
    technology: Technology,
    frame: pd.DataFrame,
    ends: Ends,
    grid: RouteGrid,
    params: Params,
    winding: float,
    law: Judgement,
    *,
    roads: bool,
) -> Say:
    """Return what was done and what is not counted.

    Parameters
    ----------
    winding
        Median length of the lines over their straight distance, NaN without any. [-]
    law
        Of transmission lines: how many rules were screened.
    """
    name = TECHNOLOGY_ZH[technology]
    linked = int(frame["line_kv"].notna().sum())
    cell = grid.grid.dx
    parts = [
        Say(
            f"{name}接入：{linked}/{len(frame)} 个场址有线路方案；"
            f"最小费用路径按 {cell:g} m 像元、8 邻域，长度为椭球面平面长度，"
            "已含绕行，不再乘曲折系数",
            f"connection of {technology.value}: {linked} of {len(frame)} sites have a line; "
            f"least-cost paths on {cell:g} m cells with 8 neighbours, lengths in plan on the "
            "ellipsoid; they wind already, no route factor is applied",
        )
    ]
    if grid.size > 1:
        parts.append(
            Say(
                f"{grid.size}×{grid.size} 个细像元合并，其中一个禁止即整格不可通过（偏保守）",
                f"{grid.size} x {grid.size} fine cells are merged and one prohibited bars them "
                "all (conservative)",
            )
        )
    if not math.isnan(winding):
        published = params.number("route_factor")
        parts.append(
            Say(
                f"线路长度为直线的 {winding:.2f} 倍（中位；公布项目 {published:g}）",
                f"lines are {winding:.2f} times the straight distance (median; {published:g} in "
                "a published project)",
            )
        )
    parts += [_screened(law), *_limits(params)]
    parts += _left_out(frame, ends, params, roads=roads)
    return Say("；".join(p.zh for p in parts) + "。", "; ".join(p.en for p in parts) + ".")


def _screened(law: Judgement) -> Say:
    """Return how far the law was screened along the lines."""
    if law.total == 0:
        return Say("没有规则表，路径未按法律筛查", "no rule table: routes are not screened by law")
    return Say(
        f"送出线路的规则已筛查 {law.screened}/{law.total} 项",
        f"{law.screened} of {law.total} rules of transmission lines were screened",
    )


def _limits(params: Params) -> list[Say]:
    """Return what holds of every run."""
    barred = params["law_prohibited"].value
    ban = (
        Say("禁止用地不可通过", "prohibited ground is a barrier")
        if barred is None
        else Say(
            f"禁止用地按用户给定的 {barred:g} 倍阻力穿越，须另行论证",
            f"prohibited ground is crossed at the user's factor {barred:g}, to be argued apart",
        )
    )
    return [
        ban,
        Say(
            "阻力系数只定走向，不乘造价；多回线路按单回造价相加（偏高）",
            "friction chooses the route and never the price; circuits add up at the price of "
            "a single one (high)",
        ),
        Say(
            "每个场址各计自己的线路与升压站，可共用的不分摊（偏高）",
            "every site pays for a line and station of its own; what several could share is not "
            "shared out (high)",
        ),
        Say(
            "未做潮流、短路与变电站余量计算，N-1 未校核",
            "no power flow, short-circuit level or spare capacity of stations; N-1 not checked",
        ),
        Say(
            "变电站与公路只到图层和栅格所及，区域外更近的不在其内",
            "stations and roads only as far as layer and grid go: a nearer one beyond is not seen",
        ),
    ]


def _left_out(frame: pd.DataFrame, ends: Ends, params: Params, *, roads: bool) -> list[Say]:
    parts = []
    if ends.beyond:
        parts.append(
            Say(
                f"{ends.beyond} 座变电站在栅格以外，未计",
                f"{ends.beyond} stations lie beyond the grid",
            )
        )
    if ends.without_kv:
        parts.append(
            Say(
                f"{ends.without_kv} 座变电站无电压，未计",
                f"{ends.without_kv} stations have no voltage",
            )
        )
    if params["kv35_line"].value is None:
        parts.append(
            Say(
                "35 kV 线路造价未查到：只列长度，有计价方案时优先（小场址偏高）",
                "no price of 35 kV lines was found: length only, priced voltages come first "
                "(too dear for small sites)",
            )
        )
    if not roads:
        parts.append(Say("无公路图层，进场道路未计", "no road layer: access not counted"))
    elif params["road_yuan"].value is None:
        parts.append(
            Say(
                "进场道路每公里造价未查到，只列长度，不在接入费用内",
                "no price of access roads was found: length only, not in the cost",
            )
        )
    cut = int(frame["road_km"].isna().sum())
    if roads and cut:
        parts.append(
            Say(f"{cut} 个场址无可通行的进场道路", f"{cut} sites have no access that may be built")
        )
    at_110 = frame["line_kv"] == 110.0
    if bool(at_110.any()) and params["kv110_station"].source != USER:
        parts.append(
            Say(
                "110 kV 升压站借用 220 kV 单价（未核验）",
                "110 kV step-up stations at the price of 220 kV ones (not verified)",
            )
        )
    return parts
