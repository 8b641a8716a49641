"""What a study says of its own limits: warnings of the first page, and what is undecided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from geo.errors import Say
from siting.law.patterns import PatternTable
from siting.law.rules import WHAT_IF, RuleSet
from siting.law.terms import TECHNOLOGY_ZH, Technology
from siting.sites.land import LAND_CLASS, LandClass
from siting.sites.project_notes import outside_text
from siting.studied import TechnologyStudy

#: Cell size of the city's usual run; on the demo 300 m cells give a fifth more PV land. [m]
USUAL_CELL_M: Final = 90.0
NO_PRICE: Final = Say(
    "该区域没有电价参数：成本未计（用 --params 给出 cost.price_base 等后计算）",
    "no price holds in this region: cost not counted (give cost.price_base and others by --params)",
)
NO_CONTROLS: Final = Say(
    "法律与红线未筛查：该区域没有规则表", "no rule table: law and red line unscreened"
)


def coarse(cell_m: float) -> tuple[Say, ...]:
    """Warn that slopes are smoothed in cells coarser than :data:`USUAL_CELL_M` [m]."""
    if cell_m <= USUAL_CELL_M:
        return ()
    return (
        Say(
            f"像元 {cell_m:g} m 粗于 {USUAL_CELL_M:g} m：坡度被抹平，可用面积偏大，"
            "只与同一像元的结果比较",
            f"cells of {cell_m:g} m are coarser than {USUAL_CELL_M:g} m: slopes are smoothed and "
            "usable land is too large; compare runs of one cell size only",
        ),
    )


def _of_the_law(ruleset: RuleSet) -> tuple[Say, ...]:
    """Say which what-ifs are switched on, and what the counties rule otherwise."""
    if not ruleset.what_if:
        return ruleset.notes()
    n, ids = sum(bool(rule.scenario) for rule in ruleset.rules), ", ".join(ruleset.what_if)
    rows = f"{n} rule{'s' if n > 1 else ''}"
    supposed = Say(f"{WHAT_IF.zh}：{ids}，{n} 条规则", f"{WHAT_IF.en}: {ids}, {rows}")
    return (supposed, *ruleset.notes())


def _facilities(one: TechnologyStudy, table: PatternTable) -> Say | None:
    """Say how much ground is judged as that of a facility that already stands."""
    exempt = np.array([bool(rules) for rules in one.footprint.exempt], bool)
    area = float(table.area_m2[1:, exempt].sum())
    if area == 0:
        return None
    zh, en = TECHNOLOGY_ZH[one.technology], one.technology.value
    return Say(
        f"{zh}：{area / 1e6:.4g} km² 是已建或已核准设施的占地，免于其已通过的条目；"
        "新建和扩建不免，土地与台账按新建计",
        f"{en}: {area / 1e6:.4g} km² is ground of built or approved facilities, exempt from what "
        "they have passed; new works and expansions are not: land and ledger count new works",
    )


def _without_energy(one: TechnologyStudy) -> Say | None:
    """Say how many sites carry no energy beside others that do: sums leave them out."""
    energy = one.sites["energy_gwh"].to_numpy(np.float64, na_value=np.nan)
    bare = np.isnan(energy) & (one.order >= 0)
    if not bare.any() or np.isnan(energy).all():
        return None
    mw = float(one.sites.loc[bare, "capacity_mw"].sum())
    zh, en = TECHNOLOGY_ZH[one.technology], one.technology.value
    return Say(
        f"{zh}：{int(bare.sum())} 处场址（{mw:,.0f} MW）的资源或地形未知，没有发电量与度电成本，"
        "电量与减排合计不含",
        f"{en}: {int(bare.sum())} sites ({mw:,.0f} MW) whose resource or terrain is unknown carry"
        " no energy and no LCOE; sums of energy and CO2 leave them out",
    )


def warnings(
    found: Mapping[Technology, TechnologyStudy],
    table: PatternTable,
    ruleset: RuleSet,
    *,
    screened: bool,
) -> tuple[Say, ...]:
    """Return what a reader must see on the first page, without repeats.

    Parameters
    ----------
    screened
        A rule table exists for the region.
    """
    out: dict[Say, None] = dict.fromkeys(_of_the_law(ruleset))
    if not screened:
        out[NO_CONTROLS] = None
    for one in found.values():
        standing = _facilities(one, table)
        if standing is not None:
            out[standing] = None
        footprint, en = one.footprint, one.technology.value
        zh = TECHNOLOGY_ZH[one.technology]
        if one.economics is None and len(one.sites):
            out[NO_PRICE] = None
        gap = _without_energy(one)
        if gap is not None:
            out[gap] = None
        left = footprint.total - footprint.screened
        if left:
            text = Say(f"{zh}：{left} 项规则的图层缺失，未筛查", f"{en}: {left} rules unscreened")
            out[text] = None
        for rule in (footprint.ruleset.rules[i] for i in footprint.unscreened):
            if rule.technical:
                text = Say(
                    f"{zh}：技术限值“{rule.title.zh}”未应用（图层缺失），可用土地偏大",
                    f"{en}: {rule.title.en} not applied (layer absent), usable land is too large",
                )
                out[text] = None
        for title in one.result.found.scored.absent:
            text = Say(
                f"{zh}：缺少评分项“{title.zh}”，其权重由其余项分担",
                f"{en}: criterion {title.en} is missing, the others share its weight",
            )
            out[text] = None
        out.update(dict.fromkeys((*_nothing(one), *_unlinked(one), *_reaching_out(one))))
    return tuple(out)


def no_land(one: TechnologyStudy) -> Say | None:
    """Return what the land is where none of it is usable, None where some is.

    A bare zero would read as an answer: unknown land may be usable all the same.
    """
    if one.eligible_m2 > 0:
        return None
    total = one.county.iloc[-1]
    whole = float(total["total_m2"])
    parts = [(item, float(total[f"{item.name.lower()}_m2"])) for item in LandClass]
    held = sorted((part for part in parts if part[1] > 0), key=lambda part: -part[1])
    zh = "、".join(f"{LAND_CLASS[item].zh} {area / whole * 100:.3g} %" for item, area in held)
    en = ", ".join(f"{LAND_CLASS[item].en} {area / whole * 100:.3g} %" for item, area in held)
    unknown = any(item is LandClass.UNKNOWN for item, _ in held)
    rest = Say("；未知的土地未判为可用，也未判为不可用", "; unknown land is neither usable nor not")
    name = TECHNOLOGY_ZH[one.technology]
    return Say(
        f"{name}没有判为可用的土地：{zh}{rest.zh if unknown else ''}",
        f"{one.technology.value}: no land is found usable: {en}{rest.en if unknown else ''}",
    )


def _unlinked(one: TechnologyStudy) -> tuple[Say, ...]:
    """Say that no cost holds a connection where no substation is known."""
    if one.connections is not None or one.result.found.count == 0:
        return ()
    zh, en = TECHNOLOGY_ZH[one.technology], one.technology.value
    text = Say(
        f"{zh}：没有变电站图层，成本不含接入工程，偏低",
        f"{en}: no layer of substations: costs hold no connection and are too low",
    )
    return (text,)


def _nothing(one: TechnologyStudy) -> tuple[Say, ...]:
    """Say why there is no candidate: no usable land, or no piece that makes a site."""
    none, named = no_land(one), one.result.found.projects
    if none is not None:
        return (none,)
    if one.result.found.count > (0 if named is None else len(named.judged)):
        return ()
    zh, en = TECHNOLOGY_ZH[one.technology], one.technology.value
    text = Say(
        f"{zh}：可用土地中没有一片够大、够紧凑，没有候选场址",
        f"{en}: no piece of usable land is large and compact enough, there is no candidate site",
    )
    return (text,)


def _reaching_out(one: TechnologyStudy) -> tuple[Say, ...]:
    """Say which judged projects reach out of the region."""
    projects = one.result.found.projects
    if projects is None:
        return ()
    named = zip(projects.judged["id"], projects.inside, projects.stated, strict=True)
    told = [(str(who), outside_text(float(share), stated=bool(mw))) for who, share, mw in named]
    return tuple(
        Say(f"指名项目 {who}：{said.zh}", f"named project {who}: {said.en}")
        for who, said in told
        if said is not None
    )


def undecided(found: Mapping[Technology, TechnologyStudy]) -> tuple[Say, ...]:
    """Return what legal mode cannot decide, without repeats."""
    out: dict[Say, None] = {}
    for one in found.values():
        for judgement in one.judgements.values():
            out.update(dict.fromkeys(item.text for item in judgement.undecided))
    return tuple(out)
