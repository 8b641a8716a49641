"""Stock to biomass to carbon, by named, atomic conversion sets (truth.md 27).

``B = a V + b`` (whole tree with roots, t/ha from m³/ha) holds from V0 up; below it
biomass is ``V (a V0 + b) / V0``: continuous, through the origin. Biomass is carried per
stocking class, because V -> B is not linear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import OptionError, Say
from geo.sourced import Sourced
from geo.units import CO2_PER_C
from sinks.forest import registry
from sinks.forest._kernels import biomass_table

F64 = npt.NDArray[np.float64]
DEFAULT_SET: Final = "fang2001_2007"
SCOPE: Final = Say("活生物量（乔木，含根）", "live biomass (trees with roots)")


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion set applied to strata: slope ``a`` [t/m³], offset ``b`` [t/ha]."""

    name: str
    slope: F64
    offset: F64
    covered: npt.NDArray[np.bool_]


def sets() -> tuple[str, ...]:
    """Return the names of the conversion sets."""
    return tuple(dict.fromkeys(registry.table("biomass")["set"].astype(str)))


def conversion(name: str, species: Sequence[str]) -> Conversion:
    """Return set ``name`` for the species group of each stratum; no row is borrowed.

    A group the set does not have is marked in ``covered`` and converts to NaN.

    Raises
    ------
    OptionError
        For an unknown set.
    """
    rows = registry.table("biomass")
    rows = rows[rows["set"] == name].set_index("species_group")
    if rows.empty:
        raise OptionError(
            name,
            Say("没有这套换算", "is no conversion set"),
            Say(f"可用：{'、'.join(sets())}", f"use one of {', '.join(sets())}"),
        )
    own = rows.reindex(list(species))
    slope = own["a_t_m3"].to_numpy(np.float64)
    return Conversion(name, slope, own["b_t_ha"].to_numpy(np.float64), np.isfinite(slope))


def stocking(parameters: Mapping[str, Sourced]) -> tuple[F64, F64]:
    """Return relative stock and area share [-] of the stocking classes (mean 1)."""
    low = registry.value(parameters, "stocking_low")
    high = registry.value(parameters, "stocking_high")
    tail = registry.value(parameters, "stocking_tail")
    share = np.array([tail, 1.0 - 2.0 * tail, tail])
    rho = np.array([low, 1.0, high])
    return rho / float(rho @ share), share


def biomass(volume: F64, one: Conversion, v0: float, rho: F64, share: F64) -> F64:
    """Return whole-tree biomass [t/ha], shape of ``volume``.

    Parameters
    ----------
    volume
        Stock [m³/ha] by stratum and age, shape ``(n, ages)``.
    v0
        Lowest fitted volume V0 [m³/ha]; no source gives one.
    rho, share
        Relative stock and area share of the stocking classes [-].

    Raises
    ------
    OptionError
        When ``v0`` is not above zero.
    """
    if not v0 > 0:
        raise OptionError(
            "v0",
            Say(f"V0={v0} 须大于 0", f"V0={v0} must be above zero"),
            Say("给出 10-50 m³/ha", "give 10-50 m³/ha"),
        )
    out = np.empty_like(volume, dtype=np.float64)
    biomass_table(
        np.ascontiguousarray(volume, np.float64), one.slope, one.offset, float(v0), rho, share, out
    )
    return out


def net_emission(carbon_tc: F64) -> F64:
    """Return ``-dC x 44/12`` [tCO2/a] of a carbon series [tC]; negative = net removal."""
    return np.asarray(-np.diff(carbon_tc, axis=-1) * CO2_PER_C)


def sweep(
    area: F64, volume: F64, species: Sequence[str], parameters: Mapping[str, Sourced]
) -> pd.DataFrame:
    """Return carbon of every set at a sweep of V0, with area covered and B/V.

    Columns: set, V0 [m³/ha], share of tree area covered [%], live carbon [万tC],
    tree biomass over stock [t/m³] and the highest ratio among the species groups.
    """
    middle = registry.value(parameters, "v0")
    # a user's V0 has lost its band: the sweep keeps that of the table (truth.md 27)
    low, high = registry.limits(registry.priors(), "v0")
    rho, share = stocking(parameters)
    fraction = registry.value(parameters, "carbon_fraction")
    rows = []
    for name in sets():
        one = conversion(name, species)
        held = one.covered
        for v0 in sorted({low, middle, 30.0, high}):
            tonnes = float((area * biomass(volume, one, v0, rho, share))[held].sum())
            stock = float((area * volume)[held].sum())
            rows.append(
                {
                    "set": name,
                    "v0_m3_ha": v0,
                    "area_covered_pct": 100.0 * float(area[held].sum() / area.sum()),
                    "carbon_wan_tc": tonnes * fraction / 1e4,
                    "b_over_v": tonnes / stock if stock else float("nan"),
                    "b_over_v_at_v0_max": float((one.slope + one.offset / v0)[held].max()),
                }
            )
    return pd.DataFrame(rows)


def ratios(area: F64, volume: F64, species: Sequence[str], parameters: Mapping[str, Sourced],
           name: str = DEFAULT_SET) -> pd.DataFrame:  # fmt: skip
    """Return B/V per species group, at V0 and for the stand as it is, and what is implausible.

    Columns: species group, ``a`` [t/m³], ``b`` [t/ha], B/V at V0, B/V at 30 m³/ha, B/V of
    the state, ``flag`` where a ratio exceeds the prior line ``bv_flag``.
    """
    v0 = registry.value(parameters, "v0")
    limit = registry.value(parameters, "bv_flag")
    one = conversion(name, species)
    tonnes = (area * biomass(volume, one, v0, *stocking(parameters))).sum(axis=1)
    stock = (area * volume).sum(axis=1)
    rows = []
    for group in sorted(set(species)):
        mine = np.array([g == group for g in species])
        a, b = float(one.slope[mine][0]), float(one.offset[mine][0])
        now = float(tonnes[mine].sum() / stock[mine].sum()) if stock[mine].sum() else float("nan")
        at_v0 = a + b / v0
        rows.append(
            {
                "species_group": group, "a": a, "b": b, "b_over_v_at_v0": at_v0,
                "b_over_v_at_30": a + b / max(30.0, v0), "b_over_v": now,
                "flag": bool(max(at_v0, now) > limit),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
