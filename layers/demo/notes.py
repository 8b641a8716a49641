"""What each demo layer was fitted to, and its passport."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from geo.passport import Passport

SOURCE: Final = "demo-scene"
CITATION: Final = "演示数据（合成）"
_RELIEF: Final = "pvlib Altitude.h5，1/12°（BSD-3-Clause）"
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
    }
)

NOTES: Final = MappingProxyType(
    {
        "dem": (
            "9 km 以上的起伏取 1/12° 公开高程表（真实），以下为合成 / real above 9 km, synthetic below",
            "湖面取公布正常蓄水位；河道走向为虚构；陡岭子坝址未公布，位置为虚构 / lake levels "
            "published, river courses invented, the site of 陡岭子 invented",
        ),
        "land_cover": (
            "拟合：耕地 262.25 万亩（S2）；乔木林与竹林合计 2,329.3 万亩（S20，三调口径） / fitted to "
            "cultivated land and forest area",
            "园地、草地、竹林、未利用地的比例为虚构 / shares of the other classes invented",
        ),
        "shrub_cover": (_FREE,),
        "eco_redline": (
            "拟合：椭球面积 7,721.62 km² 至 +0.1 %（S2）；位置与形状为虚构 / fitted to the area only",
        ),
        "permanent_farmland": (
            "拟合：不小于 206.88 万亩（S2），超出不到 0.4 %；位置与形状为虚构 / fitted to the area only",
        ),
        "nature_reserve": (
            "拟合：各保护区公布面积（公顷）与外包矩形中心；五朵峰核心区 6,090.8 公顷；其余分区比例与"
            "轮廓为虚构 / fitted to published areas and places, outlines invented",
            "面积未公布的丹江口库区湿地、五龙河、青龙山未生成 / reserves without a published area absent",
        ),
        "nature_park": (
            "拟合：圣水湖、黄龙滩、丹江口水库风景名胜区的公布面积；轮廓为虚构 / fitted to areas",
            "面积未公布的郧阳湖、竹溪龙湖未生成 / parks without a published area absent",
        ),
        "important_wetland": ("拟合：圣水湖重要湿地 2,013.33 公顷（S24） / fitted to the area",),
        "water_source": (f"{_FREE}；分区范围为虚构 / zones invented",),
        "reservoir": (
            "水位为公布值，湖面形状为虚构 / levels published, shapes invented",
            "陡岭子坝址未公布，位置为虚构 / the site of 陡岭子 is invented",
        ),
        "river": (f"{_FREE}；河道走向为虚构 / courses invented",),
        "road": (_FREE,),
        "settlement": (f"{_FREE}；位置为虚构 / positions invented",),
        "substation": (_FREE,),
        "airport": ("跑道位置与长度为虚构 / position and length of the runway invented",),
        "public_forest": (
            "国家级公益林面积未公布，未拟合任何总量 / no area of the national class is published: "
            "fitted to none",
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
