"""What a reader is told of the law on the structures of a pair: verdict, hectares, what is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from geo.errors import Say
from siting.law.findings import DEMO_PREFIX
from siting.law.place_rules import PlaceComponent
from siting.law.rows import Route
from siting.law.terms import COMPONENT_ZH, VERDICT_EN, VERDICT_ZH, Effect, Verdict
from siting.pumped.works.model import ComponentLaw

#: Said of what is drawn straight.
NO_SAY: Final = Say("直线未选线，不计入场址结论", "straight, no route chosen: no say in the site's")
_HA: Final = 1.0e4


def component_text(
    place: PlaceComponent, outside_m2: float, *, shares: bool, straight: bool
) -> Say:
    """Return the verdict with its hectares, and what is outside; of a demo it says so first.

    Parameters
    ----------
    outside_m2
        Land outside the region. [m²]
    shares
        Hectares are shares of cells.
    straight
        Drawn straight, no route chosen.
    """
    areas = [(v, m2) for v, m2 in place.areas_m2.items() if m2 > 0]
    zh = "、".join(f"{VERDICT_ZH[v]} {m2 / _HA:.1f} 公顷" for v, m2 in areas)
    en = ", ".join(f"{VERDICT_EN[v]} {m2 / _HA:.1f} ha" for v, m2 in areas)
    if not place.total:  # no rule speaks of it: nothing is untouched
        ha = sum(m2 for _, m2 in areas) / _HA
        zh, en = f"占地 {ha:.1f} 公顷", f"{ha:.1f} ha of land"
    said = Say(f"{place.text.zh}（{zh}）", f"{place.text.en} ({en})")
    if shares:
        said = Say(f"{said.zh}；按带宽覆盖计", f"{said.en}; by the share of cells covered")
    if straight:
        said = Say(f"{said.zh}；{NO_SAY.zh}", f"{said.en}; {NO_SAY.en}")
    if outside_m2 > 0:
        ha = outside_m2 / _HA
        said = Say(
            f"{said.zh}；区域外 {ha:.1f} 公顷未筛查", f"{said.en}; {ha:.1f} ha outside, unscreened"
        )
    return said


def route_text(route: Route) -> Say:
    """Return a route; the national-project one is always still to be verified (truth.md B6)."""
    text = route.text()
    if route.effect is Effect.NATIONAL_PROJECT and "依据待核" not in text.zh:
        return Say(f"{text.zh}（依据待核）", f"{text.en} (basis to be verified)")
    return text


def pair_text(
    verdict: Verdict | None,
    components: Sequence[ComponentLaw],
    beside: Say | None,
    *,
    synthetic: bool,
) -> Say:
    """Return the verdict over all structures, who causes it, and what nobody screened."""
    if verdict is None:
        said = Say("未筛查", "unscreened")
    else:
        said = _joined((_caused(verdict, components), *_asides(components), beside))
    return Say(DEMO_PREFIX.zh + said.zh, DEMO_PREFIX.en + said.en) if synthetic else said


def _caused(verdict: Verdict, components: Sequence[ComponentLaw]) -> Say:
    """Return a verdict with the structures behind it; clear means what was screened."""
    if verdict is Verdict.CLEAR:
        return Say("已筛查条目未触及", "no screened rule touched")
    worst = [one for one in components if one.verdict is verdict]
    zh = "、".join(COMPONENT_ZH[one.component] for one in worst)
    en = ", ".join(one.component.value.replace("_", " ") for one in worst)
    doubt = all(one.weak for one in worst)
    return Say(
        f"{VERDICT_ZH[verdict]}{'（依据待核）' if doubt else ''}（{zh}）",
        f"{VERDICT_EN[verdict]}{' (basis to be verified)' if doubt else ''} ({en})",
    )


def _asides(components: Sequence[ComponentLaw]) -> tuple[Say | None, Say | None]:
    """Return what no verdict of a pair covers: absent layers, land outside the region."""
    left = len({rule for one in components for rule in one.unscreened})
    ha = sum(one.outside_m2 for one in components) / _HA
    return (
        Say(f"未筛查 {left} 项", f"{left} unscreened") if left else None,
        Say(f"区域外 {ha:.1f} 公顷未筛查", f"{ha:.1f} ha outside, unscreened") if ha > 0 else None,
    )


def _joined(parts: Sequence[Say | None]) -> Say:
    said = [part for part in parts if part is not None]
    return Say("；".join(one.zh for one in said), "; ".join(one.en for one in said))
