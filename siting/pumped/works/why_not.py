"""Why no storage plant stands at a point: the first test that fails, with its number.

The steps are those of the search in its order: a gully, its catchment and ground, a dam that
holds enough, no better neighbour, a partner, a place in the best set.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from shapely.geometry import Point

from geo.errors import OptionError, Say
from geo.hydrology import Drainage
from siting.pumped.dams.model import Cap, DamAudit, DamSites
from siting.pumped.dams.reasons import REASONS as DAM_REASONS
from siting.pumped.dams.reasons import Check
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.pairs.model import PAIR_KIND, PairAudit, PairKind, Pairs
from siting.pumped.pairs.reasons import REASONS as PAIR_REASONS
from siting.pumped.works.model import PARTS, Works
from siting.pumped.works.why_steps import STEP, STEP_OF, End, Step, StepTaken, WhyNot

__all__ = ["REACH_M", "STEP", "Step", "StepTaken", "WhyNot", "why_not"]

Int64 = npt.NDArray[np.int64]

#: A click on a map misses the bed of a gully by some cells: the nearest candidate within this
#: distance is meant. [m]
REACH_M: Final = 200.0
_KM2: Final = 1.0e6
#: Structures with ground of their own.
_SOLID: Final = ("upper_lake", "lower_lake", "upper_dam", "lower_dam", "powerhouse")


def why_not(
    x: float,
    y: float,
    drainage: Drainage,
    dams: DamSites,
    dam_audit: DamAudit,
    lakes: Sequence[ExistingLake],
    pairs: Pairs,
    pair_audit: PairAudit,
    chosen: Int64,
    caps: tuple[Cap, Cap] | None = None,
    *,
    overlaps: Int64 | None = None,
    works: Works | None = None,
    reach_m: float = REACH_M,
) -> WhyNot:
    """Return the first test of the search that a point fails.

    Parameters
    ----------
    x, y
        Point in the grid's CRS. [m]
    drainage
        Terrain of the search.
    dams, dam_audit
        Dam sites kept, and the test that every other gully cell failed.
    lakes
        Existing lakes: a point in one is asked about as that lake.
    pairs, pair_audit
        All sized pairs, and how far each dam site came.
    chosen
        Rows of ``pairs`` in the best set, best first.
    caps
        Names the rule behind prohibited ground.
    overlaps
        For each pair the place in ``chosen`` of the one that it gave way to, -1 = none;
        found by lakes that touch when None.
    works
        Structures of the chosen pairs, in their order: a point on one is asked about as it.
    reach_m
        Nearest candidate within this distance is meant. [m]

    Raises
    ------
    OptionError
        The point is outside the grid.
    """
    cell = drainage.grid.rowcol(x, y)
    if cell is None:
        raise OptionError(
            f"{x:.0f}, {y:.0f}",
            Say("不在高程范围内", "lies outside the terrain"),
            Say("检查坐标与坐标系", "check the coordinates and their CRS"),
        )
    drawn = None if works is None else _of_structure(x, y, works, pairs, chosen)
    if drawn is not None:
        text = drawn.steps[-1].text
        return WhyNot(
            x, y, drawn.steps, text, 0.0, math.nan, math.nan, -1, -1, drawn.pair, drawn.site
        )
    lake = next((k for k, one in enumerate(lakes) if one.geometry.covers(Point(x, y))), -1)
    if lake >= 0:
        end, away = _of_lake(lake, lakes[lake], pairs, dams, chosen, overlaps), 0.0
    else:
        end, away = _of_ground(
            (x, y), cell, drainage, (dams, dam_audit, pairs, pair_audit), chosen, caps, overlaps,
            reach_m,
        )  # fmt: skip
    text = end.steps[-1].text
    return WhyNot(
        x, y, end.steps, text, away, end.value, end.limit, end.dam, end.lake, end.pair, end.site
    )


def _of_structure(x: float, y: float, works: Works, pairs: Pairs, chosen: Int64) -> End | None:
    """Answer for a point on a lake, dam or powerhouse of a chosen pair."""
    built = works.parts[~works.parts["existing"].astype(bool)]
    rows = np.flatnonzero(built.geometry.covers(Point(x, y)).to_numpy(dtype=bool))
    rows = rows[built["part"].iloc[rows].isin(_SOLID).to_numpy(dtype=bool)]
    if rows.size == 0:
        return None
    first = built.iloc[int(rows[0])]
    site = int(first["site"])
    row = int(chosen[site])
    part = PARTS[str(first["part"])]
    text = _chosen(site, row, pairs)
    said = Say(f"位于{text.zh}的{part.zh}", f"on the {part.en} of the site {text.en}")
    return End((StepTaken(Step.CHOSEN, True, said),), pair=row, site=site)


def _of_lake(
    k: int,
    lake: ExistingLake,
    pairs: Pairs,
    dams: DamSites,
    chosen: Int64,
    overlaps: Int64 | None,
) -> End:
    """Answer for a point in an existing lake."""
    rows = np.flatnonzero((pairs.upper == -1 - k) | (pairs.lower == -1 - k))
    here = StepTaken(
        Step.GULLY, True, Say(f"位于已有水库{lake.name}", f"in the existing reservoir {lake.name}")
    )
    if rows.size == 0:
        borrow = lake.borrow_m3 / 1.0e6
        text = Say(
            f"没有可与{lake.name}配对的新库（可借用 {borrow:.2f} 百万 m³）",
            f"no lake pairs with {lake.name} ({borrow:.2f} million m³ may be borrowed)",
        )
        last = StepTaken(Step.PARTNER, False, text)
        return End((here, last), borrow, lake=k)
    steps, pair, site = _in_set(rows, pairs, dams, chosen, overlaps)
    return End((here, *steps), lake=k, pair=pair, site=site)


def _of_ground(
    at: tuple[float, float],
    cell: tuple[int, int],
    drainage: Drainage,
    found: tuple[DamSites, DamAudit, Pairs, PairAudit],
    chosen: Int64,
    caps: tuple[Cap, Cap] | None,
    overlaps: Int64 | None,
    reach_m: float,
) -> tuple[End, float]:
    """Answer for a point on land by its nearest gully cell."""
    dams, audit, pairs, pair_audit = found
    near, away = _nearest(at, drainage, audit)
    if near < 0 or away > reach_m:
        return _no_gully(cell, drainage, away, reach_m), math.nan
    row, col = int(audit.row[near]), int(audit.col[near])
    km2 = _catchment_km2(drainage, row, col)
    gully = Say(
        f"最近的冲沟断面在 {away:.0f} m 处，集水面积 {km2:.2f} km²",
        f"the nearest section of a gully is {away:.0f} m away, its catchment {km2:.2f} km²",
    )
    steps = [StepTaken(Step.GULLY, True, gully)]
    test = Check(int(audit.reason[near]))
    failed = STEP_OF[test]
    steps += [StepTaken(one, True, STEP[one]) for one in Step if Step.GULLY < one < failed]
    value, limit = float(audit.value[near]), float(audit.limit[near])
    if test is not Check.KEPT:
        text = _dam_text(test, value, limit, (row, col), caps)
        other = int(audit.other[near])
        if test is Check.SUPPRESSED and other >= 0:
            x, y = drainage.grid.xy(int(dams.row[other]), int(dams.col[other]))
            text = Say(
                f"{text.zh}：坝址 {other}（{x:.0f}, {y:.0f}）",
                f"{text.en}: site {other} ({x:.0f}, {y:.0f})",
            )
        steps.append(StepTaken(failed, False, text))
        return End(tuple(steps), value, limit, dam=other), away
    dam = int(np.flatnonzero((dams.row == row) & (dams.col == col))[0])
    end = _of_dam(dam, pairs, dams, pair_audit, chosen, overlaps)
    return End((*steps, *end.steps), end.value, end.limit, dam, -1, end.pair, end.site), away


def _nearest(at: tuple[float, float], drainage: Drainage, audit: DamAudit) -> tuple[int, float]:
    """Return the audited cell nearest to a point, one that was kept before others of its cell."""
    if audit.row.size == 0:
        return -1, math.inf
    t = drainage.grid.transform
    x = t.c + (audit.col + 0.5) * t.a - at[0]
    y = t.f + (audit.row + 0.5) * t.e - at[1]
    away = np.hypot(x, y)
    k = int(np.argmin(away))
    return k, float(away[k])


def _no_gully(cell: tuple[int, int], drainage: Drainage, away: float, reach_m: float) -> End:
    km2 = _catchment_km2(drainage, *cell)
    if drainage.cells[cell] == 0:
        text = Say("此处没有高程", "there is no elevation here")
        return End((StepTaken(Step.GULLY, False, text),))
    near = "" if math.isinf(away) else f"，最近的断面在 {away:.0f} m 处"
    near_en = "" if math.isinf(away) else f", the nearest is {away:.0f} m away"
    text = Say(
        f"{reach_m:.0f} m 内没有冲沟断面（此处集水面积 {km2:.3f} km²{near}）",
        f"no section of a gully within {reach_m:.0f} m (catchment here {km2:.3f} km²{near_en})",
    )
    return End((StepTaken(Step.GULLY, False, text),), away, reach_m)


def _catchment_km2(drainage: Drainage, row: int, col: int) -> float:
    return float(drainage.cells[row, col]) * drainage.grid.dx * drainage.grid.dy / _KM2


def _dam_text(
    test: Check, value: float, limit: float, cell: tuple[int, int], caps: tuple[Cap, Cap] | None
) -> Say:
    """Return the sentence of a failed test; prohibited ground by its name."""
    if test is Check.BARRED and caps is not None:
        code = int(caps[0].code[cell])
        if code > 0:
            name = caps[0].names[code - 1]
            return Say(
                f"坝脚落在禁建用地内：{name.zh}", f"its foot is in prohibited ground: {name.en}"
            )
    return DAM_REASONS[test].say(value, limit)


def _of_dam(
    dam: int,
    pairs: Pairs,
    dams: DamSites,
    audit: PairAudit,
    chosen: Int64,
    overlaps: Int64 | None,
) -> End:
    """Answer for a dam site that was kept."""
    rows = np.flatnonzero((pairs.upper == dam) | (pairs.lower == dam))
    if rows.size == 0:
        value, limit = float(audit.value[dam]), float(audit.limit[dam])
        text = PAIR_REASONS[int(audit.reason[dam])].say(value, limit)
        return End((StepTaken(Step.PARTNER, False, text),), value, limit, dam)
    steps, pair, site = _in_set(rows, pairs, dams, chosen, overlaps)
    return End(steps, dam=dam, pair=pair, site=site)


def _in_set(
    rows: Int64, pairs: Pairs, dams: DamSites, chosen: Int64, overlaps: Int64 | None
) -> tuple[tuple[StepTaken, ...], int, int]:
    """Return the steps from the pairs of a lake on, the pair meant and its place in the set."""
    partner = StepTaken(
        Step.PARTNER, True, Say(f"可组成 {rows.size} 个库对", f"part of {rows.size} pairs")
    )
    place = {int(row): k for k, row in enumerate(chosen)}
    mine = sorted((place[row], row) for row in rows.tolist() if row in place)
    best = StepTaken(Step.BEST_SET, True, STEP[Step.BEST_SET])
    if mine:
        site, row = mine[0]
        return (partner, best, StepTaken(Step.CHOSEN, True, _chosen(site, row, pairs))), row, site
    row = int(rows[0])
    given = _gave_way(row, pairs, dams, chosen) if overlaps is None else int(overlaps[row])
    if given >= 0:
        text = Say(
            f"与入选的第 {given + 1} 名重叠或争用同一水库，未入选",
            f"overlaps the chosen site no. {given + 1} or wants the same lake",
        )
    else:
        text = Say("造价等级之外，未入选", "beyond the cost classes: not chosen")
    return (partner, StepTaken(Step.BEST_SET, False, text)), row, given


def _chosen(site: int, row: int, pairs: Pairs) -> Say:
    kind = PAIR_KIND[PairKind(int(pairs.kind[row]))]
    mw, hours = float(pairs.power_mw[row]), float(pairs.hours[row])
    return Say(
        f"入选第 {site + 1} 名（{kind.zh}，{mw:.0f} MW × {hours:.1f} h）",
        f"chosen as no. {site + 1} ({kind.en}, {mw:.0f} MW x {hours:.1f} h)",
    )


def _gave_way(row: int, pairs: Pairs, dams: DamSites, chosen: Int64) -> int:
    """Return the place of the best chosen pair whose lakes touch those of a pair, or -1.

    An existing lake lends its water to several pairs: it counts only where nothing else does.
    """
    shared = -1
    mine = _lakes(row, pairs)
    for k, other in enumerate(chosen.tolist()):
        theirs = _lakes(other, pairs)
        if any(_touch(a, b, dams) for a in mine for b in theirs):
            return k
        if shared < 0 and any(a[0] == b[0] < 0 for a in mine for b in theirs):
            shared = k
    return shared


def _lakes(row: int, pairs: Pairs) -> tuple[tuple[int, float], tuple[int, float]]:
    """Return the two lakes of a pair with their normal levels [m]."""
    return (
        (int(pairs.upper[row]), float(pairs.upper_normal_m[row])),
        (int(pairs.lower[row]), float(pairs.lower_normal_m[row])),
    )


def _touch(one: tuple[int, float], two: tuple[int, float], dams: DamSites) -> bool:
    """Return whether two new lakes share a dam, or one reaches the other's dam foot."""
    if one[0] < 0 or two[0] < 0:
        return False
    if one[0] == two[0]:
        return True
    return _reaches(one, two[0], dams) or _reaches(two, one[0], dams)


def _reaches(lake: tuple[int, float], dam: int, dams: DamSites) -> bool:
    start = int(dams.start[lake[0]])
    inside = start <= int(dams.start[dam]) < start + int(dams.cells[lake[0]])
    return inside and lake[1] > float(dams.foot_m[dam])
