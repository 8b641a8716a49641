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


def noise_section(one: TechnologyStudy) -> Section | None:
    """Return the report's words on noise at homes; None without homes."""
    text = noise_text(one)
    if text is None:
        return None
    name, key = TECH_NAME[one.technology], one.technology.value
    return Section(
        f"noise-{key}", Say(f"{name.zh}：噪声", f"{name.en}: noise"), (placed_text(one), text)
    )
