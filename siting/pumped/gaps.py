"""What a missing figure keeps us from saying, and what nobody has checked yet.

Every named project lists its own gaps: a card that only shows what is known would read
as if the rest did not matter (facts: unknown stays unknown).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from geo.errors import Say
from geo.sourced import Sourced


@dataclass(frozen=True, slots=True)
class Gap:
    """A figure that is not published and the statement it makes impossible."""

    quantity: str
    title: Say
    keeps: Say


def _gap(quantity: str, zh: str, en: str, keeps_zh: str, keeps_en: str) -> Gap:
    return Gap(quantity, Say(zh, en), Say(keeps_zh, keeps_en))


#: In the order of a card; each needs the quantity, or one of those after the bar.
FIGURE_GAPS: Final = (
    _gap(
        "capacity_mw", "无装机", "no capacity",
        "不能计入规划合计，不能给出单位造价", "no share in the totals, no unit cost",
    ),
    _gap(
        "active_volume_mm3", "无调节库容", "no active volume",
        "不能给出蓄能量与满发小时", "no stored energy, no hours at full load",
    ),
    _gap(
        "rated_head_m", "无额定水头", "no rated head",
        "不能给出蓄能量，不能判断机组型式", "no stored energy, no type of unit",
    ),
    _gap(
        "upper_npl_m", "无上库正常蓄水位", "no normal level of the upper lake",
        "不能给出毛水头，不能在地形上找到上库", "no gross head, no upper lake on the terrain",
    ),
    _gap(
        "upper_dead_m", "无上库死水位", "no dead level of the upper lake",
        "不能给出水头变幅", "no range of head",
    ),
    _gap(
        "lower_npl_m", "无下库正常蓄水位", "no normal level of the lower lake",
        "不能给出毛水头", "no gross head",
    ),
    _gap(
        "lower_dead_m", "无下库死水位", "no dead level of the lower lake",
        "不能给出水头变幅", "no range of head",
    ),
    _gap(
        "lh_ratio", "无距高比", "no length-to-head ratio",
        "不能估计输水道长度与造价", "no length and cost of the waterway",
    ),
    _gap(
        "generation_gwh", "无年发电量", "no annual generation",
        "不能给出年利用小时", "no full-load hours",
    ),
    _gap(
        "static_cost_yi|total_cost_yi", "无投资", "no investment",
        "不能给出单位千瓦造价", "no cost per kW",
    ),
    _gap(
        "round_trip", "无循环效率", "no cycle efficiency",
        "不能给出抽水用电量与损失", "no pumping energy and losses",
    ),
)  # fmt: skip

POSITION_GAP: Final = _gap(
    "position", "无可用于筛查的坐标", "no position fit for screening",
    "不能判断是否触及红线，不能给出占地", "no statement on the red line, no land take",
)  # fmt: skip

APPROVAL_GAP: Final = _gap(
    "approval", "未见核准文件", "no approval seen",
    "2030 年前投产装机按 0 计", "0 MW counts before 2030",
)  # fmt: skip

#: Lines of a card that need a value and a source; none was found for any named project.
UNCHECKED: Final = (
    Say("地质（岩溶、断层、滑坡）", "geology (karst, faults, landslides)"),
    Say("地震分区", "seismic zone"),
    Say("上库泥沙与泄洪", "sediment and spillway flood of the upper basin"),
    Say("移民（淹没区房屋与耕地）", "resettlement (buildings and farmland in the lake)"),
    Say("蒸发净损失", "evaporation net of rain"),
    Say("水头变幅比限值（按机组型式）", "limit of the head ratio by turbine type"),
)
GRID_500KV: Final = Say("500 kV 接入（600 MW 及以上）", "500 kV connection (600 MW and more)")
#: Capacity from which a 500 kV connection has to be shown (truth.md D21). [MW]
GRID_500KV_MW: Final = 600.0


def gaps_of(figures: Mapping[str, Sourced], *, screenable: bool, approved: bool) -> tuple[Gap, ...]:
    """Return the gaps of a project.

    Parameters
    ----------
    figures
        Figures of one design; absent and missing count alike.
    screenable
        Its position is exact or surveyed.
    approved
        An approval is published.
    """
    found = [
        gap
        for gap in FIGURE_GAPS
        if all(figures.get(q) is None or figures[q].missing for q in gap.quantity.split("|"))
    ]
    if not screenable:
        found.append(POSITION_GAP)
    if not approved:
        found.append(APPROVAL_GAP)
    return tuple(found)


def unchecked(capacity_mw: float | None) -> tuple[Say, ...]:
    """Return what a planner must still look up; the 500 kV line for a large one.

    Parameters
    ----------
    capacity_mw
        Published capacity, or None. [MW]
    """
    large = capacity_mw is not None and capacity_mw >= GRID_500KV_MW
    return (*UNCHECKED, GRID_500KV) if large else UNCHECKED
