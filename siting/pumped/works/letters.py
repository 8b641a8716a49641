"""What 国能综通新能〔2023〕84号 asks for before a site enters the programme, line by line.

The letters themselves are written by departments and owners: a line here says whether the
condition behind a letter holds on the layers that were read, with its number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
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
    "“其他敏感因素”无公布清单，占地仅供参考",
    "other sensitive factors are not listed: the hectares are a hint only",
)


def letters(
    components: Sequence[Sequence[ComponentLaw]],
    pairs: Pairs,
    lakes: Sequence[ExistingLake],
    ground: Ground,
    alternates: Sequence[int] | None = None,
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
    """
    layer = ground.stack.get("eco_redline")
    source = "eco_redline" if layer is not None else ""
    return tuple(
        (
            *_departments(components[i], source),
            _owner(i, pairs, lakes),
            _compared(None if alternates is None else int(alternates[i])),
        )
        for i in range(pairs.count)
    )


def _departments(some: Sequence[ComponentLaw], source: str) -> tuple[CheckLine, ...]:
    red, state = _redline(some)
    clean = _hectares("红线内", "in the red line", red)
    others = [_others(some, names) for names in (ENVIRONMENT, FORESTRY)]
    named = (
        Say("水源保护区", "source zones"),
        Say("自然保护地与重要湿地", "protected areas and wetlands"),
    )
    lines = [
        CheckLine(
            Say("省级自然资源部门：不涉及生态保护红线", "natural resources: no red line touched"),
            clean,
            source,
            _TO_COME,
            state,
        )
    ]
    titles = (
        Say("省级生态环境部门：不涉及红线等敏感因素", "environment: no sensitive factor"),
        Say("省级林草部门：不涉及红线等敏感因素", "forestry: no sensitive factor"),
    )
    for title, other, name in zip(titles, others, named, strict=True):
        extra = _hectares(f"{name.zh}内", f"in {name.en}", other)
        value = None if clean is None else clean
        if value is not None and extra is not None:
            value = Say(f"{value.zh}，{extra.zh}", f"{value.en}, {extra.en}")
        lines.append(CheckLine(title, value, source, _NO_LIST, _other_state(state, other)))
    return tuple(lines)


def _other_state(state: CheckState, other_m2: float) -> CheckState:
    """Return the state of a department whose other factors nobody has listed."""
    if state != "met":
        return state
    return "met" if other_m2 == 0 else "unchecked"


def _redline(some: Sequence[ComponentLaw]) -> tuple[float, CheckState]:
    """Return the red line under all structures [m²], and whether it is none."""
    area = sum(one.redline_m2 for one in some)
    unknown = sum(one.redline_unknown_m2 + one.outside_m2 for one in some)
    if not some or math.isnan(area):
        return math.nan, "unchecked"
    if area > 0:
        return area, "not_met"
    return area, "met" if unknown == 0 else "unchecked"


def _others(some: Sequence[ComponentLaw], names: Sequence[str]) -> float:
    """Return land in any of some predicates [m²]; NaN where one of them is unscreened."""
    if not some:
        return math.nan
    return sum(one.touches_m2.get(name, math.nan) for one in some for name in names)


def _hectares(zh: str, en: str, area_m2: float) -> Say | None:
    if math.isnan(area_m2):
        return None
    return Say(f"{zh} {area_m2 / _HA:.1f} 公顷", f"{area_m2 / _HA:.1f} ha {en}")


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
