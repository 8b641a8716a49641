"""Named projects beside what the search found: figures side by side, differences in words.

Neither column judges the other: a published position is a town centroid at best, so a
proposal is a place on the terrain that could hold such a plant, not the project's site.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np

from geo.errors import Say
from geo.sourced import Sourced
from siting.law.terms import COORD_QUALITY_ZH
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.named import Assessment
from siting.pumped.plan_words import differences, head_checks, published, title_of

#: Proposals shown beside a project.
MOST: Final = 3
_IN_BRACKETS: Final = re.compile(r"（[^（）]*）")
NO_SITE: Final = Say("没有可并列的提案", "no proposal to show beside it")
_UPPER, _LOWER = "upper", "lower"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A found pair beside a project; figures are those of the site frame.

    Parameters
    ----------
    site
        Id of the site.
    power_mw, hours, energy_gwh, head_m, volume_mm3, lh_ratio
        [MW], [h], [GWh], mean gross head [m], water of a cycle [10^6 m³], 距高比 [-]
    upper_normal_m, lower_normal_m
        Operating normal levels. [m]
    differences
        What differs from the published figures and why.
    """

    site: str
    name: str
    power_mw: float
    hours: float
    energy_gwh: float
    head_m: float
    volume_mm3: float
    lh_ratio: float
    upper_name: str
    lower_name: str
    upper_normal_m: float
    lower_normal_m: float
    differences: tuple[Say, ...]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One design of a named project and the proposals beside it.

    Parameters
    ----------
    project, design
        Id and design letter, empty when undivided.
    capacity_mw
        As published with its variants; ``counted`` False: it is another row's (truth.md A3).
    position
        What the published position is worth.
    figures
        Title and text of each published figure; an unpublished one says so.
    variants
        Conflicting published values, and designs that exclude each other.
    checks
        What the published heads and levels say of each other.
    proposals
        Nearest first; by which rule they were chosen stands in ``chosen_by``.
    """

    project: str
    name: Say
    design: str
    capacity_mw: Sourced
    counted: bool
    coord_quality: str
    position: Say
    figures: tuple[tuple[Say, Say], ...]
    variants: tuple[Say, ...]
    checks: tuple[Say, ...]
    chosen_by: Say
    proposals: tuple[Proposal, ...]


def beside_plan(
    assessments: Sequence[Assessment], sites: gpd.GeoDataFrame, lakes: Sequence[ExistingLake]
) -> tuple[PlanRow, ...]:
    """Return a row for each design of each named project, in the order given.

    Parameters
    ----------
    assessments
        Of :func:`siting.pumped.named.assess_all`.
    sites
        Found pairs: columns of :mod:`siting.pumped.frame`, best first; may be empty.
    lakes
        Existing reservoirs of the search.
    """
    return tuple(_row(one, assessments, sites, lakes) for one in assessments)


def _row(
    one: Assessment,
    every: Sequence[Assessment],
    sites: gpd.GeoDataFrame,
    lakes: Sequence[ExistingLake],
) -> PlanRow:
    site = one.site
    uses = named_lakes(one, lakes)
    near, chosen_by = _candidates(one, sites, uses)
    proposals = [_proposal(row, one) for row in nearest(one, near).to_dict("records")]
    twins = [other for other in every if other.site.id == site.id and other is not one]
    return PlanRow(
        project=site.id,
        name=site.name,
        design=one.design,
        capacity_mw=site.capacity_mw,
        counted=site.mw_counted,
        coord_quality=site.coord_quality,
        position=_position(one),
        figures=published(one),
        variants=_variants(one, twins),
        checks=head_checks(one, twins, uses.get(_LOWER)),
        chosen_by=chosen_by if proposals else NO_SITE,
        proposals=tuple(proposals),
    )


def named_lakes(one: Assessment, lakes: Sequence[ExistingLake]) -> dict[str, ExistingLake]:
    """Return the lakes that a project is published to use, by side (upper, lower).

    Only a lake whose whole name stands in the layout of this design counts; what stands in
    brackets is a remark (the text of 房县 B still says 黄龙滩 beside a level of 369 m).
    """
    found: dict[str, ExistingLake] = {}
    for side, text in ((_UPPER, one.site.upper_water), (_LOWER, one.site.lower_water)):
        clause = _clause(_IN_BRACKETS.sub("", text), one.design)
        for lake in lakes:
            if lake.name and lake.name in clause:
                found.setdefault(side, lake)
    return found


def _clause(text: str, design: str) -> str:
    """Return the part of a layout that speaks of one design."""
    parts = [part.strip() for part in text.split("；")]
    own = [part for part in parts if design and f"方案 {design}" in part]
    spoken = any("方案" in part for part in parts)
    return own[0] if own else "" if spoken else text


def _candidates(
    one: Assessment, sites: gpd.GeoDataFrame, uses: dict[str, ExistingLake]
) -> tuple[gpd.GeoDataFrame, Say]:
    """Return the pairs to choose from: on the same lake, else in the same county."""
    for side, lake in uses.items():
        same = sites[sites[f"{side}_name"].astype(str) == lake.name] if len(sites) else sites
        if len(same):
            words = Say("上库", "upper lake") if side == _UPPER else Say("下库", "lower lake")
            return same, Say(f"同一{words.zh}：{lake.name}", f"same {words.en}: {lake.name}")
    county = one.site.county
    why = Say("", "")
    if uses:
        names = "、".join(lake.name for lake in uses.values())
        why = Say(f"{names} 没有可行配对，", f"no pair uses {names}; ")
    elif one.site.upper_water or one.site.lower_water:
        why = Say("公布的库不在水库图层或没有水位，",
                  "the published lake is not in the layer or has no level; ")  # fmt: skip
    same = sites[sites["county"].astype(str) == county] if len(sites) and county else sites[:0]
    return same, Say(
        f"{why.zh}取同县（{county}）水头与装机最近者",
        f"{why.en}nearest in head and power in the same county ({county})",
    )


def nearest(one: Assessment, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the pairs nearest in head and power, at most :data:`MOST`.

    Distance is the sum of |ln| of the ratios of what is published; where neither is, the
    rank of the pairs decides.
    """
    away = np.zeros(len(sites))
    head, power = design_head(one).value, one.site.capacity_mw.value
    for value, column in ((head, "head_m"), (power, "capacity_mw")):
        if value is not None and len(sites):
            ratio = sites[column].to_numpy(np.float64, na_value=np.nan) / value
            away += np.abs(np.log(np.where(ratio > 0, ratio, np.nan)))
    return sites.iloc[np.argsort(away, kind="stable")[:MOST]]


def design_head(one: Assessment) -> Sourced:
    """Return the head of a design: mean gross head, else gross head, else rated head. [m]."""
    for head in (one.mean_gross_head_m, one.gross_head_m):
        if not head.missing:
            return head
    return one.figure("rated_head_m", "m")


def _proposal(row: dict[Any, Any], one: Assessment) -> Proposal:
    return Proposal(
        site=str(row["id"]),
        name=str(row["name"]),
        power_mw=float(row["capacity_mw"]),
        hours=float(row["hours"]),
        energy_gwh=float(row["storage_gwh"]),
        head_m=float(row["head_m"]),
        volume_mm3=float(row["volume_mm3"]),
        lh_ratio=float(row["lh_ratio"]),
        upper_name=str(row["upper_name"]),
        lower_name=str(row["lower_name"]),
        upper_normal_m=float(row["upper_normal_m"]),
        lower_normal_m=float(row["lower_normal_m"]),
        differences=differences(one, row),
    )


def _position(one: Assessment) -> Say:
    quality = one.site.coord_quality
    if one.site.lon is None:
        return Say(
            "坐标未公布；提案不是该工程的位置", "position unpublished; no proposal is its site"
        )
    return Say(
        f"公布坐标的精度为“{COORD_QUALITY_ZH[quality]}”，只作参考；提案不是该工程的位置",
        f"published position is {quality.replace('_', ' ')}, a hint only; no proposal is its site",
    )


def _variants(one: Assessment, twins: Sequence[Assessment]) -> tuple[Say, ...]:
    """Return conflicting values and exclusive designs, kept side by side."""
    notes = []
    for quantity, figure in one.figures.items():
        if figure.variants:
            every = [(figure.value, figure.source), *((v.value, v.source) for v in figure.variants)]
            listed = " / ".join(f"{value:g}（{source}）" for value, source in every)
            title = title_of(quantity)
            notes.append(Say(f"{title.zh}：{listed} {figure.unit}，均保留",
                             f"{title.en}: {listed} {figure.unit}, all kept"))  # fmt: skip
    if twins:
        others = "、".join(twin.design for twin in twins)
        notes.append(Say(f"与方案 {others} 互不相容，各列一行，数字不互借",
                         f"excludes design {others}: a row each, no figure is lent"))  # fmt: skip
    if one.site.same_as:
        notes.append(Say(f"疑与 {one.site.same_as} 为同一工程，数字不借用",
                         f"suspected to be {one.site.same_as}; no figure is borrowed"))  # fmt: skip
    if not one.site.mw_counted:
        notes.append(Say("装机已计入另一行，不重复计", "its capacity is counted in another row"))
    return tuple(notes)
