"""What is said of a wind farm's turbines: where they stand, and how loud they are at homes."""

from __future__ import annotations

from atlas.part import Section
from atlas.parts._siting_words import TECH_NAME
from geo.errors import Say
from siting.study import TechnologyStudy
from siting.wind.sites import WindResult


def placed_text(one: TechnologyStudy) -> Say:
    """Return how the turbines were placed, and how many found no site; empty for PV."""
    if not isinstance(one.result, WindResult):
        return Say("", "")
    rule, left = one.result.turbines.text, one.result.turbines.left_text
    return Say(f"{rule.zh}；{left.zh}", f"{rule.en}; {left.en}") if left.zh else rule


def noise_text(one: TechnologyStudy) -> Say | None:
    """Return the distances of the noise limits beside the user's own; None without homes."""
    if not isinstance(one.result, WindResult) or one.result.noise is None:
        return None
    noise = one.result.noise
    joint = Say(
        f"各场址全部建成时 {noise.homes} 处居民点中 {noise.joint_over} 处超限",
        f"with all sites built {noise.joint_over} of {noise.homes} homes are over the limit",
    )
    return Say(f"{noise.text.zh}；{joint.zh}", f"{noise.text.en}; {joint.en}")


def energy_text(one: TechnologyStudy) -> Say | None:
    """Return the net yield of one machine and of a square kilometre; None without energy."""
    if not isinstance(one.result, WindResult) or "turbines" not in one.sites:
        return None
    known = one.sites[["energy_gwh", "turbines"]].dropna()
    if not len(known):
        return None
    each = float(known["energy_gwh"].sum() / known["turbines"].sum())
    rated, dense = one.result.turbine.rated_mw, one.result.mw_per_km2
    area = each / rated * dense
    return Say(
        f"场址平均每台（{rated:g} MW）净发电 {each:.1f} GWh/a；按 {dense:.1f} MW/km² 布机，"
        f"每平方公里 {area:.1f} GWh/a",
        f"a machine ({rated:g} MW) of the sites yields {each:.1f} GWh/a net on average; at "
        f"{dense:.1f} MW/km² that is {area:.1f} GWh/a per km²",
    )


def turbine_section(one: TechnologyStudy) -> Section | None:
    """Return the report's words on turbines, their yield and their noise; None for PV."""
    if not isinstance(one.result, WindResult):
        return None
    said = (placed_text(one), energy_text(one), noise_text(one))
    name, key = TECH_NAME[one.technology], one.technology.value
    heading = Say(f"{name.zh}：机位与噪声", f"{name.en}: turbines and noise")
    return Section(f"turbines-{key}", heading, tuple(text for text in said if text is not None))
