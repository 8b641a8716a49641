"""Density of PV on flat ground, by published land."""

from __future__ import annotations

from geo.errors import OptionError, Say
from geo.units import MU_PER_KM2
from siting.sites.params import Params


def mw_per_km2(params: Params) -> float:
    """Return the AC capacity of a square kilometre of eligible flat land. [MW/km²].

    1 km² = 1,500 亩; land by MW (AC) and the share of it that is built on are parameters.

    Raises
    ------
    OptionError
        If the share is not above 0 and at most 1.
    """
    share = params.number("utilisation")
    if not 0.0 < share <= 1.0:
        raise OptionError(
            "pv.utilisation",
            Say(f"{share} 不在 0-1", f"{share} is not in 0-1"),
            Say("给出 0 到 1 的利用率", "give a share above 0 and at most 1"),
        )
    return MU_PER_KM2 / params.number("land_mu_per_mw_ac") * share
