"""What is known of a lake: columns of the user's layer first, then published figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from geo.errors import Say
from geo.passport import Passport, merge
from geo.sourced import Sourced, Variant, missing
from layers.facts import NamedSite
from siting.pumped.lakes.dates import NOT_AFTER
from siting.pumped.lakes.names import plant_of, uses_of

#: Quantity -> (column of the layer, figure of the plant, figures of a storage project that uses
#: the lake as upper or lower water, unit, name).
_QUANTITIES: Final = {
    "normal": ("npl_m", "npl_m", {"upper": "upper_npl_m", "lower": "lower_npl_m"}, "m"),
    "dead": ("dead_m", "dead_m", {"upper": "upper_dead_m", "lower": "lower_dead_m"}, "m"),
    "active": ("active_mm3", "active_volume_mm3", {"lower": "lower_active_volume_mm3"}, "Mm3"),
    "dead_volume": ("dead_mm3", "dead_volume_mm3", {"lower": "lower_dead_volume_mm3"}, "Mm3"),
    "total": ("total_mm3", "total_volume_mm3", {}, "Mm3"),
    "pool": ("", "pool_km2", {}, "km2"),
}
_TITLES: Final = {
    "normal": Say("正常蓄水位", "normal level"),
    "dead": Say("死水位", "dead level"),
    "active": Say("调节库容", "active volume"),
    "dead_volume": Say("死库容", "dead volume"),
    "total": Say("总库容", "total volume"),
    "pool": Say("湖面", "surface"),
}
_IMPOUNDED: Final = "impounded"


@dataclass(frozen=True, slots=True)
class LakeFigures:
    """Figures of one lake; a missing one stays missing.

    Parameters
    ----------
    normal, dead
        Levels. [m]
    active, dead_volume, total
        Volumes. [10^6 m³]
    pool
        Published surface. [km²]
    impounded
        ISO date, shortened to what is known, ``<=`` before it = not after; empty = unknown.
    project
        Id of the hydropower plant of the lake, or empty.
    told
        Keys of the figures that the user's layer gives.
    """

    normal: Sourced
    dead: Sourced
    active: Sourced
    dead_volume: Sourced
    total: Sourced
    pool: Sourced
    owner: str
    impounded: str
    project: str
    told: frozenset[str]
    notes: tuple[Say, ...]

    def all(self) -> tuple[Sourced, ...]:
        """Return the figures in the order of a card."""
        return (self.normal, self.dead, self.active, self.dead_volume, self.total, self.pool)

    def passport(self) -> Passport:
        """Return the merged provenance of what is known."""
        return merge(*(one.passport() for one in self.all() if not one.missing))


def figures_of(
    row: Mapping[str, Any], plants: tuple[NamedSite, ...], source: str, grade: str
) -> LakeFigures:
    """Return the figures of a lake.

    Parameters
    ----------
    row
        ``name`` and the optional columns of layer ``reservoir``.
    plants
        Named sites, hydropower and storage.
    source, grade
        Of the layer, for the figures that it gives.
    """
    name = str(row.get("name", ""))
    wanted = _text(row, "plant")
    plant = plant_of(name, wanted, plants)
    notes: list[Say] = []
    if wanted and plant is None:
        notes.append(Say(f"字段 plant 所写“{wanted}”不在点名电站中，未取公布数字",
                         f"plant {wanted!r} is no named plant: no published figures"))  # fmt: skip
    uses = uses_of(name, plants)
    found: dict[str, Sourced] = {}
    told: set[str] = set()
    for key, (column, figure, other, unit) in _QUANTITIES.items():
        known = _published(plant, figure, uses, other, unit)
        own = _number(row, column)
        if own is not None:
            told.add(key)
            notes += _instead(key, own, known)
            known = Sourced(own, unit, source, grade=grade, status="user", variants=_kept(known))
        notes += _variants(key, known)
        found[key] = known
    return LakeFigures(
        **found,
        owner=_text(row, "owner"),
        impounded=_text(row, _IMPOUNDED) or _filled(plant),
        project="" if plant is None else plant.id,
        told=frozenset(told),
        notes=tuple(notes),
    )


def _published(
    plant: NamedSite | None,
    figure: str,
    uses: tuple[tuple[NamedSite, str], ...],
    other: Mapping[str, str],
    unit: str,
) -> Sourced:
    """Return the figure of the plant, else of a storage project that uses the lake."""
    known = missing(unit) if plant is None else plant.figure(figure, unit)
    for project, side in uses:
        if known.missing and side in other:
            known = project.figure(other[side], unit)
    return known


def _kept(known: Sourced) -> tuple[Variant, ...]:
    """Return published values as variants beside the user's."""
    if known.value is None:
        return ()
    return (Variant(known.value, known.source), *known.variants)


def _instead(key: str, own: float, known: Sourced) -> list[Say]:
    title = _TITLES[key]
    if known.value is None or known.value == own:
        return []
    return [
        Say(f"{title.zh}取本单位图层的 {own:g} {known.unit}，"
            f"不取公布的 {known.value:g}（{known.source}）",
            f"{title.en}: {own:g} {known.unit} of the user's layer instead of the published "
            f"{known.value:g} ({known.source})")
    ]  # fmt: skip


def _variants(key: str, known: Sourced) -> list[Say]:
    if not known.variants or known.status == "user":
        return []
    title = _TITLES[key]
    others = "、".join(f"{one.value:g}（{one.source}）" for one in known.variants)
    others_en = ", ".join(f"{one.value:g} ({one.source})" for one in known.variants)
    return [
        Say(f"{title.zh}取 {known.value:g} {known.unit}（{known.source}），另有公布值 {others}",
            f"{title.en}: {known.value:g} {known.unit} ({known.source}); "
            f"also published {others_en}")
    ]  # fmt: skip


def _filled(plant: NamedSite | None) -> str:
    """Return when a plant's lake was filled: the day, else not after it was commissioned."""
    if plant is None:
        return ""
    day = next((one.date for one in plant.events if one.event == _IMPOUNDED), "")
    year = plant.figure("commissioned_year", "year").value
    return day or ("" if year is None else f"{NOT_AFTER}{year:.0f}")


def _number(row: Mapping[str, Any], column: str) -> float | None:
    value = row.get(column) if column else None
    if pd.isna(value):
        return None
    return float(value)


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if pd.isna(value) else str(value).strip()


def with_volumes(known: LakeFigures) -> LakeFigures:
    """Return the figures with the third volume derived where two are known."""
    active, dead, total = known.active, known.dead_volume, known.total
    if active.missing and total.value is not None and dead.value is not None:
        return replace(known, active=_difference(total, dead))
    if dead.missing and total.value is not None and active.value is not None:
        return replace(known, dead_volume=_difference(total, active))
    return known


def _difference(one: Sourced, two: Sourced) -> Sourced:
    marks = merge(one.passport(), two.passport())
    source = ";".join(dict.fromkeys((one.source, two.source)))
    return Sourced(
        (one.value or 0.0) - (two.value or 0.0), one.unit, source,
        grade=marks.grade, status="derived",
    )  # fmt: skip
