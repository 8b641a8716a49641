"""Names and units of siting in the reader's language: 万亩 and 万千瓦 are km² and MW in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from atlas.part import Context
from atlas.text import figure
from geo.errors import Say
from geo.units import m2_to_mu, m2_to_wan_mu, mw_to_wan_kw
from layers.facts import Target
from siting.law.terms import Technology
from siting.pv.sites import PvResult
from siting.study import TechnologyStudy

Lang = Literal["zh", "en"]
TECH_NAME: Final = {
    Technology.PV: Say("光伏", "PV"),
    Technology.WIND: Say("风电", "Wind"),
}
LAND_UNIT: Final = Say("万亩", "km²")
POWER_UNIT: Final = Say("万千瓦", "MW")
#: Units of the parameter tables in English.
_UNITS: Final = {"万元": "10,000 CNY", "元": "CNY", "亩": "mu", "次": "draws", "个": "sites"}
_NO_COUNTY: Final = {"全区": "whole area", "合计": "total"}


def county_name(context: Context, name: str) -> str:
    """Return a county's name in the run's language, as the facts know it."""
    if context.lang == "zh":
        return name
    known = context.facts.counties
    if len(known):
        found = known.loc[known["name"] == name, "name_en"]
        if len(found):
            return str(found.iloc[0])
    return _NO_COUNTY.get(name, name)


def site_name(row: Mapping[str, Any], context: Context) -> str:
    """Return the name of a candidate in the run's language."""
    if context.lang == "zh":
        return str(row["name"])
    number = str(row["name"]).rpartition(" ")[2]
    technology = TECH_NAME[Technology(row["technology"])].en
    return f"{county_name(context, row['county'])} {technology} candidate {number}"


def unit_in(unit: str, lang: Lang) -> str:
    """Return a unit in the reader's language."""
    if lang == "zh":
        return unit
    for zh, en in _UNITS.items():
        unit = unit.replace(zh, en)
    return unit


def latin(say: Say) -> Say:
    """Return a text whose English names its units in Latin letters."""
    return Say(say.zh, unit_in(say.en, "en"))


def land(area_m2: float, lang: Lang, small: bool = False) -> tuple[str, str]:
    """Return an area [m²] as text and unit: 万亩 (``small``: 亩), in English km²."""
    if lang == "en":
        return figure(area_m2 / 1e6), LAND_UNIT.en
    if small:
        return figure(m2_to_mu(area_m2)), "亩"
    return figure(m2_to_wan_mu(area_m2)), LAND_UNIT.zh


def power(megawatts: float, lang: Lang) -> tuple[str, str]:
    """Return a capacity [MW] as text and unit: 万千瓦, in English MW."""
    if lang == "en":
        return figure(megawatts), POWER_UNIT.en
    return figure(mw_to_wan_kw(megawatts)), POWER_UNIT.zh


def both_currents(one: TechnologyStudy, target: Target | None) -> tuple[float, float] | None:
    """Return what PV's target [万千瓦] is in DC if it means AC, and in AC if it means DC.

    The plan names neither (truth.md C11). None for wind or without a target.
    """
    if target is None or not isinstance(one.result, PvResult):
        return None
    ratio = one.result.params.number("dc_ac")
    return target.value * ratio, target.value / ratio


def both_text(one: TechnologyStudy, target: Target | None) -> Say | None:
    """Return the two readings of PV's target as a sentence."""
    both = both_currents(one, target)
    if both is None or target is None or not isinstance(one.result, PvResult):
        return None
    dc, ac = both
    ratio = one.result.params.number("dc_ac")
    return Say(
        f"规划的 {figure(target.value)} 万千瓦未注明交流或直流："
        f"若指交流，合直流 {figure(dc)} 万千瓦；"
        f"若指直流，合交流 {figure(ac)} 万千瓦（容配比 {ratio:g}，预设）",
        f"the plan's {figure(target.value * 10)} MW names neither AC nor DC: if AC, it is"
        f" {figure(dc * 10)} MW DC; if DC, {figure(ac * 10)} MW AC (DC/AC {ratio:g}, prior)",
    )
