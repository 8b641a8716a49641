"""Closed lists of the siting package: technologies, components, effects, verdicts.

Order of verdicts and meaning of the effects: truth.md B6-B8.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


class Technology(StrEnum):
    """What is to be built."""

    PV = "pv"
    WIND = "wind"
    PUMPED = "pumped"
    HYDRO = "hydro"


TECHNOLOGY_ZH: Final = {
    Technology.PV: "光伏",
    Technology.WIND: "风电",
    Technology.PUMPED: "抽水蓄能",
    Technology.HYDRO: "水电",
}


class Component(StrEnum):
    """Part of a plant that a rule may treat on its own."""

    PV_ARRAY = "pv_array"
    TURBINE_BASE = "turbine_base"
    STATION = "station"
    ROAD = "road"
    COLLECTOR_LINE = "collector_line"
    UPPER_RESERVOIR = "upper_reservoir"
    LOWER_RESERVOIR = "lower_reservoir"
    EXISTING_RESERVOIR_WORKS = "existing_reservoir_works"
    TUNNEL = "tunnel"
    POWERHOUSE = "powerhouse"
    TRANSMISSION = "transmission"


COMPONENT_ZH: Final = {
    Component.PV_ARRAY: "光伏方阵",
    Component.TURBINE_BASE: "风机基础",
    Component.STATION: "升压站",
    Component.ROAD: "道路",
    Component.COLLECTOR_LINE: "集电线路",
    Component.UPPER_RESERVOIR: "新建上水库",
    Component.LOWER_RESERVOIR: "新建下水库",
    Component.EXISTING_RESERVOIR_WORKS: "已有水库改造",
    Component.TUNNEL: "输水隧洞",
    Component.POWERHOUSE: "地下厂房",
    Component.TRANSMISSION: "送出线路",
}

#: Components of each technology, the first one is the technology's footprint.
COMPONENTS: Final = {
    Technology.PV: (
        Component.PV_ARRAY, Component.STATION, Component.ROAD, Component.COLLECTOR_LINE,
        Component.TRANSMISSION,
    ),
    Technology.WIND: (
        Component.TURBINE_BASE, Component.STATION, Component.ROAD, Component.COLLECTOR_LINE,
        Component.TRANSMISSION,
    ),
    Technology.PUMPED: (
        Component.UPPER_RESERVOIR, Component.LOWER_RESERVOIR,
        Component.EXISTING_RESERVOIR_WORKS, Component.TUNNEL, Component.POWERHOUSE,
        Component.ROAD, Component.TRANSMISSION,
    ),
    Technology.HYDRO: (Component.EXISTING_RESERVOIR_WORKS,),
}  # fmt: skip


class Effect(StrEnum):
    """What a rule does to a component where its predicate holds."""

    PROHIBITED = "prohibited"
    UNBUILDABLE = "unbuildable"
    REPLAN_LINE = "replan_line"
    REPLAN_PROGRAMME = "replan_programme"
    NATIONAL_PROJECT = "national_project"
    LIMITED_ACTIVITY = "limited_activity"
    APPROVAL = "approval"
    PENALTY = "penalty"
    PREFERRED = "preferred"


class Verdict(IntEnum):
    """Legal verdict of a cell or component, most severe first (truth.md B6).

    ``unbuildable`` is no verdict: it is an axis of its own.
    """

    PROHIBITED = 0
    UNKNOWN = 1
    ROUTE = 2  # replan_line, replan_programme, national_project: shown side by side
    LIMITED_ACTIVITY = 3
    APPROVAL = 4
    PENALTY = 5
    PREFERRED = 6
    CLEAR = 7


class State(IntEnum):
    """What a rule says of a pattern."""

    CLEAR = 0
    HIT = 1
    UNCOVERED = 2  # a layer exists but says nothing here
    UNSCREENED = 3  # a layer that the rule needs is absent
    EXEMPT = 4  # none of the last three matters: a facility stands here that has passed the rule


VERDICT_ZH: Final = {
    Verdict.PROHIBITED: "禁止",
    Verdict.UNKNOWN: "未知",
    Verdict.ROUTE: "需调规或国家重大项目论证",
    Verdict.LIMITED_ACTIVITY: "有限人为活动",
    Verdict.APPROVAL: "需审批",
    Verdict.PENALTY: "扣分",
    Verdict.PREFERRED: "优先",
    Verdict.CLEAR: "未触及",
}

#: Verdict that an effect leads to; ``unbuildable`` has none.
EFFECT_VERDICT: Final = {
    Effect.PROHIBITED: Verdict.PROHIBITED,
    Effect.REPLAN_LINE: Verdict.ROUTE,
    Effect.REPLAN_PROGRAMME: Verdict.ROUTE,
    Effect.NATIONAL_PROJECT: Verdict.ROUTE,
    Effect.LIMITED_ACTIVITY: Verdict.LIMITED_ACTIVITY,
    Effect.APPROVAL: Verdict.APPROVAL,
    Effect.PENALTY: Verdict.PENALTY,
    Effect.PREFERRED: Verdict.PREFERRED,
}

VERDICT_EN: Final = {
    Verdict.PROHIBITED: "prohibited",
    Verdict.UNKNOWN: "unknown",
    Verdict.ROUTE: "red line or programme to be adjusted, or national project",
    Verdict.LIMITED_ACTIVITY: "limited activity to be certified",
    Verdict.APPROVAL: "approval needed",
    Verdict.PENALTY: "penalty",
    Verdict.PREFERRED: "preferred",
    Verdict.CLEAR: "not touched",
}

EFFECT_ZH: Final = {
    Effect.PROHIBITED: "禁止",
    Effect.UNBUILDABLE: "技术不可建",
    Effect.REPLAN_LINE: "须调整红线",
    Effect.REPLAN_PROGRAMME: "须调整国家抽蓄规划",
    Effect.NATIONAL_PROJECT: "仅限国家重大项目",
    Effect.LIMITED_ACTIVITY: "有限人为活动认定",
    Effect.APPROVAL: "需审批",
    Effect.PENALTY: "扣分",
    Effect.PREFERRED: "优先",
}

COORD_QUALITY: Final = ("exact", "surveyed", "approx", "cdm", "town_centroid", "missing")
#: Only these positions may be screened (truth.md A1).
SCREENABLE: Final = frozenset({"exact", "surveyed"})
COORD_QUALITY_ZH: Final = {
    "exact": "精确",
    "surveyed": "实测",
    "approx": "概略",
    "cdm": "CDM 登记坐标",
    "town_centroid": "乡镇中心点",
    "missing": "未公布",
}
