"""Named projects and plants: why none of them carries a verdict (truth.md A1)."""

from __future__ import annotations

from typing import Final

from geo.errors import Say
from layers.facts import NamedSite
from siting.law.terms import COORD_QUALITY_ZH, SCREENABLE

UNSCREENED: Final = Say("未筛查", "not screened")


def unscreened_reason(site: NamedSite) -> Say:
    """Return why a named project carries no verdict, whatever layers a run has."""
    if site.lon is None:
        return Say("坐标未公布，无法筛查", "position not published: not fit for screening")
    if site.coord_quality not in SCREENABLE:
        quality = COORD_QUALITY_ZH[site.coord_quality]
        return Say(
            f"坐标精度为“{quality}”，不足以筛查",
            f"position is {site.coord_quality.replace('_', ' ')}: not fit for screening",
        )
    return Say(
        "本版本只列公布数字，不对点名工程作判定；演示图层永不用于判定真实工程",
        "this version lists published figures and judges no named project; demo layers never may",
    )
