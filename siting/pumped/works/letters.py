"""What 国能综通新能〔2023〕84号 asks for before a site enters the programme, line by line.

The letters themselves are written by departments and owners: a line here says whether the
condition behind a letter holds on the layers that were read, with its number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from geo.errors import Say
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.pairs.model import Pairs
from siting.pumped.works.model import CheckLine, CheckState, ComponentLaw
from siting.sites.ground import Ground

#: Rules of the table that hold the notice.
SOURCE: Final = "L-PROG84"
#: Sites to be compared for each one asked for.
COMPARED_PER_SITE: Final = 1.5
#: Predicates of which the environment and the forestry department would speak.
ENVIRONMENT: Final = ("source_1", "source_2", "source_3")
FORESTRY: Final = (
    "reserve_core", "reserve_general", "nature_park", "national_park_core",
    "national_park_general", "wetland_national", "wetland_provincial",
)  # fmt: skip
ASKED: Final = ENVIRONMENT + FORESTRY
_HA: Final = 1.0e4
_TO_COME: Final = Say("意见本身须另行取得", "the letter itself is still to be obtained")
_NO_LIST: Final = Say(
    "“其他敏感因素”无公布清单，占地仅供参考；道路、线路未选线，未计入",
    "other sensitive factors are not listed: the hectares are a hint only; no road, no line",
)
_NO_ROUTE: Final = Say(
    "意见本身须另行取得；道路、线路未选线，未计入",
    "the letter itself is still to be obtained; road and line are not chosen and not counted",
)
#: Said of every line where or when the notice is no law.
NOT_IN_FORCE: Final = Say(
    "该通知当日或本地区不施行，仅供参考", "the notice is not in force that day or here: a hint"
)


def letters(
    components: Sequence[Sequence[ComponentLaw]],
    pairs: Pairs,
    lakes: Sequence[ExistingLake],
    ground: Ground,
    alternates: Sequence[int] | None = None,
    *,
    in_force: bool = True,
) -> tuple[tuple[CheckLine, ...], ...]:
    """Return the checklist of each pair.

    Parameters
    ----------
    components
        What the law says of each structure, by pair.
    lakes
        Existing lakes that ``pairs`` point to.
    ground
        Its layers name the source of each line.
    alternates
        Other pairs that could stand in the place of each one; None = not counted.
    in_force
        The notice holds in the region on the day; else no line says met or not met.
    """
    layer = ground.stack.get("eco_redline")
    source = "eco_redline" if layer is not None else ""
    lines = tuple(
        (
            *_departments(components[i], source),
            _owner(i, pairs, lakes),
            _compared(None if alternates is None else int(alternates[i])),
        )
        for i in range(pairs.count)
    )
    if in_force:
        return lines
    return tuple(tuple(_as_hint(one) for one in some) for some in lines)


def _as_hint(one: CheckLine) -> CheckLine:
    """Return a line of a notice that asks for nothing here."""
    state: CheckState = "not_needed" if one.state == "not_needed" else "unchecked"
    return replace(one, note=NOT_IN_FORCE, state=state)


def _departments(some: Sequence[ComponentLaw], source: str) -> tuple[CheckLine, ...]:
    red, unknown, state = _redline(some)
    clean = _hectares("红线内", "in the red line", red, unknown)
    others = [_others(some, names) for names in (ENVIRONMENT, FORESTRY)]
    # nobody has listed the other factors: none touched is no proof of it
    open_state: CheckState = "not_met" if state == "not_met" else "unchecked"
    named = (
        Say("水源保护区", "source zones"),
        Say("自然保护地与重要湿地", "protected areas and wetlands"),
    )
    lines = [
        CheckLine(
            Say("省级自然资源部门：不涉及生态保护红线", "natural resources: no red line touched"),
            clean,
            source,
            _NO_ROUTE,
            state,
        )
    ]
    titles = (
        Say("省级生态环境部门：不涉及红线等敏感因素", "environment: no sensitive factor"),
        Say("省级林草部门：不涉及红线等敏感因素", "forestry: no sensitive factor"),
    )
    for title, other, name in zip(titles, others, named, strict=True):
        extra = _hectares(f"{name.zh}内", f"in {name.en}", *other)
        value = None if clean is None else clean
        if value is not None and extra is not None:
            value = Say(f"{value.zh}，{extra.zh}", f"{value.en}, {extra.en}")
        lines.append(CheckLine(title, value, source, _NO_LIST, open_state))
    return tuple(lines)


def _redline(some: Sequence[ComponentLaw]) -> tuple[float, float, CheckState]:
    """Return the red line under all structures, land where nobody knows [m²], and the state."""
    area = sum(one.redline_m2 for one in some)
    unknown = sum(one.redline_unknown_m2 + one.outside_m2 for one in some)
    if not some or math.isnan(area):
        return math.nan, math.nan, "unchecked"
    if area > 0:
        return area, unknown, "not_met"
    return area, unknown, "met" if unknown == 0 else "unchecked"


def _others(some: Sequence[ComponentLaw], names: Sequence[str]) -> tuple[float, float]:
    """Return land in some predicates, and where nobody knows [m²]; NaN = one is unscreened.

    Where two of them overlap their land counts twice, unknown land once.
    """
    if not some:
        return math.nan, math.nan
    known = sum(one.touches_m2.get(name, math.nan) for one in some for name in names)
    unknown = sum(
        one.outside_m2 + max(one.touch_unknown_m2.get(name, 0.0) for name in names) for one in some
    )
    return known, unknown


def _hectares(zh: str, en: str, area_m2: float, unknown_m2: float) -> Say | None:
    if math.isnan(area_m2):
        return None
    said = Say(f"{zh} {area_m2 / _HA:.1f} 公顷", f"{area_m2 / _HA:.1f} ha {en}")
    if not unknown_m2 > 0:
        return said
    ha = unknown_m2 / _HA
    return Say(f"{said.zh}（另有 {ha:.1f} 公顷无数据）", f"{said.en} ({ha:.1f} ha more unknown)")


def _owner(i: int, pairs: Pairs, lakes: Sequence[ExistingLake]) -> CheckLine:
    title = Say("已有水库权属单位支持意见", "supporting letter of the existing reservoir's owner")
    used = [lakes[-1 - int(k)] for k in (pairs.upper[i], pairs.lower[i]) if int(k) < 0]
    if not used:
        none = Say("两库均新建", "both lakes are new")
        return CheckLine(title, none, SOURCE, Say("", ""), "not_needed")
    moved = float(pairs.volume_m3[i]) / 1.0e6
    zh, en = [], []
    for lake in used:
        zh.append(f"{lake.name}（权属：{lake.owner or '未核查'}）")
        en.append(f"{lake.name} (owner: {lake.owner or 'not checked'})")
    value = Say(
        f"{'、'.join(zh)}，每循环借用 {moved:.2f} 百万 m³",
        f"{', '.join(en)}, {moved:.2f} million m³ borrowed a cycle",
    )
    return CheckLine(title, value, SOURCE, _TO_COME, "unchecked")


def _compared(others: int | None) -> CheckLine:
    title = Say("比选站点不少于申报数的 1.5 倍", "at least 1.5 sites compared for each one asked")
    if others is None:
        return CheckLine(
            title, None, SOURCE, Say("未统计备选", "alternates not counted"), "unchecked"
        )
    # one site is asked for: itself and its alternates are compared
    sites = 1 + others
    value = Say(
        f"申报 1 处，比选 {sites} 处（{sites / 1:.1f} 倍）",
        f"1 site asked for, {sites} compared ({sites / 1:.1f} times)",
    )
    note = Say("备选为地形搜索所得，未经勘察", "alternates come from the terrain search alone")
    state: CheckState = "met" if sites >= COMPARED_PER_SITE else "not_met"
    return CheckLine(title, value, SOURCE, note, state)
