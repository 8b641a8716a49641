"""What a study of pumped storage says of itself: counts by stage, limits, warnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from geo.errors import Say
from siting.law.judgement import Judgement
from siting.law.terms import Component
from siting.pumped.confirmed import Confirmed
from siting.pumped.dams.reasons import why_none
from siting.pumped.doubt.bands import Bands
from siting.pumped.lakes.model import LakeSurvey
from siting.pumped.money.lcos import Lcos
from siting.pumped.money.model import StorageCost
from siting.pumped.search import SearchResult
from siting.pumped.water import WaterBalance
from siting.pumped.works.model import WorksLaw
from siting.sites.ground import Ground

#: Cells coarser than this smear valleys: volumes and dams are rough. [m]
FINE_CELL_M: Final = 30.0
#: Ground that is steeper in the mean is no ground: real mountains of the tests have 22°, the
#: same heights as feet 53°. [°]
STEEP_DEG: Final = 40.0
#: The mean takes one cell in so many along rows and columns.
_EVERY: Final = 4
M2_PER_HA: Final = 1.0e4


def counts(result: SearchResult, sure: Confirmed) -> dict[str, int]:
    """Return how many were left after each stage of the search, in order."""
    return {
        "gully_cells": int(result.dam_audit.row.size),
        "dam_sites": result.dams.count,
        "existing_lakes": len(result.lakes),
        "pairs": result.pairs.count,
        "chosen": sure.found,
        "failed": int(sure.failed.size),
        "shown": int(sure.rows.size),
    }


def notes(
    survey: LakeSurvey, balance: WaterBalance, cost: StorageCost, doubts: Bands, lcos: Lcos
) -> tuple[Say, ...]:
    """Return the limits of the method and what is not counted, each once."""
    lakes = [
        Say(f"{lake.name}：{note.zh}", f"{lake.name}: {note.en}")
        for lake in survey.lakes
        for note in lake.notes
    ]
    said = (
        *survey.notes, *lakes, *balance.missing, *cost.missing, lcos.text, *lcos.missing,
        doubts.text,
    )  # fmt: skip
    return tuple(dict.fromkeys(said))


def warnings(
    ground: Ground,
    judgements: Mapping[Component, Judgement],
    result: SearchResult,
    sure: Confirmed,
) -> tuple[Say, ...]:
    """Return what a reader must see on the first page."""
    said = [
        Say(
            "抽蓄选址是地形初筛：地质、移民、泥沙未核查，造价系数为预设并按已公布电站校准",
            "storage sites are a first pass over the terrain: geology, resettlement and sediment "
            "are not checked, prices are priors fitted to published plants",
        )
    ]
    cell = ground.grid.dx
    if cell > FINE_CELL_M:
        said.append(
            Say(
                f"像元 {cell:g} m：坝体与库容为粗估，选址请用 --resolution 30",
                f"cells of {cell:g} m: dams and volumes are rough, use --resolution 30 for sites",
            )
        )
    steep = _too_steep(ground)
    if steep is not None:
        said.append(steep)
    upper = judgements[Component.UPPER_RESERVOIR]
    left = upper.total - upper.screened
    if left:
        said.append(
            Say(f"抽蓄：{left} 项规则的图层缺失，未筛查", f"pumped: {left} rules unscreened")
        )
        if upper.mode == "legal":
            said.append(
                Say(
                    f"合法性模式：因 {left} 项未筛查，没有条文禁止的土地判为未知，不提场址",
                    f"legal mode: with {left} rules unscreened, land that nothing prohibits is "
                    "unknown and no site is proposed",
                )
            )
    shown = sure.rows.size
    if not shown:
        said.append(none_found(result))
    elif sure.found > shown:
        said.append(
            Say(
                f"共 {sure.found} 处互不重叠，只复核并列出最好的 {shown} 处",
                f"{sure.found} sites do not overlap; the best {shown} are worked out",
            )
        )
    if sure.failed.size:
        said.append(
            Say(
                f"{sure.failed.size} 对库按绘出的湖面复核库容不足，已剔除并由后备补上",
                f"{sure.failed.size} pairs hold too little as drawn: left out, the next best stand "
                "in",
            )
        )
    return tuple(said)


def _too_steep(ground: Ground) -> Say | None:
    """Return a doubt about heights that make no mountains: feet stay within the range of metres."""
    if ground.terrain is None:
        return None
    slope = ground.terrain.slope_deg[::_EVERY, ::_EVERY]
    known = slope[np.isfinite(slope)]
    mean = float(known.mean(dtype=np.float64)) if known.size else 0.0
    if mean <= STEEP_DEG:
        return None
    return Say(
        f"地形平均坡度 {mean:.0f}°，山区一般约 20°：高程可能是英尺（1 英尺 = 0.3048 米），"
        "请核对单位",
        f"the mean slope is {mean:.0f}°, about 20° is usual in mountains: the heights may be feet "
        "(1 ft = 0.3048 m), check their unit",
    )


def undecided(judgements: Mapping[Component, Judgement], law: WorksLaw) -> tuple[Say, ...]:
    """Return what legal mode cannot decide (exit code 6), each once.

    Rules of prohibition or with a route of any structure, roads and lines included, that were
    not screened, have no data on some land, rest on weak evidence or do not say whether they
    mean storage; and structures of the listed sites that no layer of the region speaks of.
    """
    texts = [item.text for one in judgements.values() for item in one.undecided]
    outside = [law.outside_m2(i) for i in range(len(law.components))]
    out = sum(area > 0 for area in outside)
    if out:
        ha = sum(outside) / M2_PER_HA
        texts.append(
            Say(
                f"{out} 处抽蓄场址有 {ha:.1f} 公顷在区域外，未筛查",
                f"{out} storage sites reach {ha:.1f} ha out of the region, unscreened",
            )
        )
    return tuple(dict.fromkeys(texts))


def none_found(result: SearchResult) -> Say:
    """Return why nothing was found: the stage at which the last candidates were lost."""
    audit, pairs = result.dam_audit, result.pair_audit
    if not audit.row.size:
        return Say("没有找到抽蓄场址：地形上没有可建坝的冲沟",
                   "no storage site: the terrain has no gully for a dam")  # fmt: skip
    if result.dams.count == 0:
        why = why_none(audit)
        return Say(f"没有找到抽蓄场址：{why.zh}", f"no storage site: {why.en}")
    tested = "→".join(str(n) for n in pairs.tested.tolist())
    return Say(
        f"没有找到抽蓄场址：{result.dams.count} 个坝址没有一对满足水头、距高比与装机要求"
        f"（逐项剩余 {tested}）",
        f"no storage site: no pair of {result.dams.count} dam sites meets head, L/H and power "
        f"(left after each test: {tested})",
    )
