"""What each demo layer was fitted to, and its passport."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from geo.passport import Passport

SOURCE: Final = "demo-scene"
CITATION: Final = "演示数据（合成）"
_RELIEF: Final = "pvlib Altitude.h5，1/12°（BSD-3-Clause）"
_SHAPES: Final = "位置与形状为虚构 / place and shape invented"
_DOULINGZI: Final = "陡岭子坝址未公布，位置为虚构 / the site of 陡岭子 is invented"
_FREE: Final = "未拟合任何公布总量 / fitted to no published total"

#: Sources of the published figures that a layer was fitted to or pinned on.
FITTED_TO: Final = MappingProxyType(
    {
        "dem": ("PVLIB", "S10", "S17", "S7", "S1", "S23", "S12"),
        "land_cover": ("S2", "S20"),
        "eco_redline": ("S2",),
        "permanent_farmland": ("S2",),
        "nature_reserve": ("S53", "S62", "S42", "S31", "S30", "S26"),
        "nature_park": ("S24", "S25", "S68"),
        "important_wetland": ("S24",),
        "reservoir": ("S10", "S17", "S7", "S1", "S23", "S12"),
        "dam_zone": ("S10",),
        "facility": ("S10", "S7", "S24", "S25", "S23", "S4"),
    }
)

NOTES: Final = MappingProxyType(
    {
        "dem": (
            "9 km 以上的起伏取 1/12° 公开高程表（真实），以下为合成 / real above 9 km only",
            "湖面取公布正常蓄水位，河道走向为虚构 / lake levels published, courses invented",
            _DOULINGZI,
        ),
        "land_cover": (
            "拟合：耕地 262.25 万亩（S2） / fitted to cultivated land",
            "拟合：乔木林与竹林 2,329.3 万亩（S20，三调口径） / fitted to forest area",
            "园地、草地、竹林、未利用地的比例为虚构 / shares of the other classes invented",
        ),
        "shrub_cover": (_FREE,),
        "eco_redline": (
            "拟合：椭球面积 7,721.62 km² 至 +0.1 %（S2） / fitted to the area",
            _SHAPES,
        ),
        "permanent_farmland": (
            "拟合：206.88 万亩至 +0.4 %（S2） / fitted to the area",
            _SHAPES,
        ),
        "nature_reserve": (
            "拟合：公布面积、外包矩形中心、五朵峰核心区 6,090.8 公顷 / fitted to areas and places",
            "其余核心区比例与轮廓为虚构 / other cores and all outlines invented",
            "面积未公布的保护区未生成 / reserves without a published area are absent",
        ),
        "nature_park": (
            "拟合：圣水湖、黄龙滩、丹江口水库风景名胜区的公布面积 / fitted to areas",
            _SHAPES,
            "面积未公布的公园未生成 / parks without a published area are absent",
        ),
        "important_wetland": ("拟合：圣水湖 2,013.33 公顷（S24） / fitted to the area", _SHAPES),
        "water_source": (_FREE, _SHAPES),
        "reservoir": (
            "水位为公布值，湖面形状为虚构 / levels published, shapes invented",
            _DOULINGZI,
        ),
        "river": (_FREE, _SHAPES),
        "road": (_FREE,),
        "settlement": (_FREE, _SHAPES),
        "substation": (_FREE,),
        "airport": ("跑道位置与长度为虚构 / position and length of the runway invented",),
        "public_forest": (
            "国家级公益林面积未公布，未拟合任何总量 / national class unpublished: fitted to none",
        ),
        "national_park": ("十堰没有国家公园，空图层即“无” / the city has none: empty means none",),
        "scenic_area": (
            "与自然保护区、自然公园不重叠（生态环境法典第859条） / overlaps no protected area",
            _FREE,
        ),
        "relic": (_FREE,),
        "old_tree": (_FREE, _SHAPES),
        "geohazard": (_FREE, _SHAPES),
        "soil_zone": (_FREE, _SHAPES),
        "eco_function": (_FREE, _SHAPES),
        "habitat": (_FREE, _SHAPES),
        "danjiangkou_zone": (
            "演示水面外推 200 m 与 1,000 m / plain distances from the demo lake",
            "实际库区、管理范围与保护范围未公布 / the real ranges are unpublished",
        ),
        "river_zone": ("宽 60 m 以上河流两岸外推 40 m / 40 m beyond the banks of wide rivers",),
        "dam_zone": (
            "公布坝址外 400 m 的圆，实际范围未公布 / discs of 400 m; the real ranges unpublished",
            _DOULINGZI,
        ),
        "forest_grade": (_FREE, _SHAPES),
        "natural_forest": (_FREE, _SHAPES),
        "state_farm": (_FREE, _SHAPES),
        "power_line": ("演示变电站之间的连线，不是真实路径 / joins demo stations, no real route",),
        "urban_boundary": ("演示城区外推 600 m / 600 m beyond the demo towns", _SHAPES),
        "abandoned_mine": (_FREE, _SHAPES),
        "facility": (
            "已建水库按公布事实列入，水面为虚构 / standing reservoirs are facts, shapes invented",
            "已通过的规则为演示假定 / the rules that they have passed are assumed",
            "潘口抽水蓄能按 2022-11-15 核准（S4） / approved on the day that S4 gives",
        ),
        "plan_corridor": ("情景，非法定；走向与宽度为虚构 / a what-if, never law; invented",),
        "zoning_unit": ("情景，非法定；单元为虚构 / a what-if, never law; units invented",),
        "national_park_candidate": (
            "情景，非法定；范围为虚构 / a what-if, never law; its extent is invented",
        ),
    }
)


def passport(name: str) -> Passport:
    """Return the passport of a demo layer: synthetic, whatever it was pinned on."""
    citations = (CITATION, _RELIEF) if name == "dem" else (CITATION,)
    return Passport(
        sources=(SOURCE, *FITTED_TO.get(name, ())),
        citations=citations,
        grade="-",
        synthetic=True,
    )
