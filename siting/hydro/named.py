"""Named hydropower plants: published figures, their hours, their conflicts kept.

Hours are annual generation over capacity, with the band over all published values. A
generation from before a diversion of water is no base and is kept out (truth.md C17).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from geo.errors import Say
from geo.passport import Passport, merge
from geo.sourced import Sourced, missing
from layers.facts import NamedSite
from siting.sites.named import UNSCREENED, unscreened_reason

_HOURS_PER_GWH_PER_MW: Final = 1.0e3

#: Quantity, its name, and what its absence keeps us from saying.
GAPS: Final = (
    ("capacity_mw", Say("无装机", "no capacity"), Say("不能计入合计", "no share in the totals")),
    (
        "generation_gwh",
        Say("无年发电量", "no annual generation"),
        Say("不能给出年利用小时", "no full-load hours"),
    ),
    (
        "npl_m",
        Say("无正常蓄水位", "no normal level"),
        Say("不能作为抽蓄下库计算水头", "no head with it as a lower lake"),
    ),
    (
        "dead_m",
        Say("无死水位", "no dead level"),
        Say("不能给出消落深度", "no drawdown"),
    ),
    (
        "total_volume_mm3|active_volume_mm3",
        Say("无库容", "no volume"),
        Say("不能判断调节性能", "no statement on regulation"),
    ),
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A named hydropower plant.

    Parameters
    ----------
    full_load_hours
        Annual generation over capacity, band over the published values. [h/a]
    gaps
        (title, what it keeps us from saying) of each missing figure.
    reason
        Why no verdict is given (truth.md A1).
    """

    site: NamedSite
    full_load_hours: Sourced
    gaps: tuple[tuple[Say, Say], ...]
    reason: Say
    verdict: Say = UNSCREENED
    passport: Passport = field(default_factory=Passport)


def full_load_hours(generation_gwh: float, capacity_mw: float) -> float:
    """Return the full-load hours of a year [h/a] from generation [GWh/a] and capacity [MW].

    Examples
    --------
    >>> round(full_load_hours(212.0, 70.5))
    3007
    """
    return generation_gwh * _HOURS_PER_GWH_PER_MW / capacity_mw


def _values(figure: Sourced) -> tuple[float, ...]:
    first = () if figure.value is None else (figure.value,)
    return (*first, *(v.value for v in figure.variants))


def _hours(site: NamedSite) -> Sourced:
    power, energy = site.capacity_mw, site.figure("generation_gwh", "GWh/a")
    if power.value is None or energy.value is None:
        return missing("h/a")
    every = [full_load_hours(e, p) for e in _values(energy) for p in _values(power)]
    marks = merge(power.passport(), energy.passport())
    return Sourced(
        full_load_hours(energy.value, power.value), "h/a", f"{energy.source};{power.source}",
        min(every), max(every), marks.grade, "derived",
    )  # fmt: skip


def assess(site: NamedSite) -> Assessment:
    """Return what the published figures of a hydropower plant imply.

    Parameters
    ----------
    site
        A named site of technology ``hydro``.
    """
    hours = _hours(site)
    gaps = tuple(
        (title, keeps)
        for names, title, keeps in GAPS
        if all(site.figure(name).missing for name in names.split("|"))
    )
    used = merge(*(f.passport() for f in site.figures.values() if not f.missing))
    return Assessment(site, hours, gaps, unscreened_reason(site), passport=used)


def assess_all(sites: Iterable[NamedSite]) -> tuple[Assessment, ...]:
    """Return the assessment of every hydropower plant in the order given."""
    return tuple(assess(site) for site in sites if site.technology == "hydro")
