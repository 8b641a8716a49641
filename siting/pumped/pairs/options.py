"""Parameters of the pairing, and the sizes it looks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from geo.errors import OptionError, Say
from siting.pumped.pairs.model import Size
from siting.sites.params import Params, load_params

#: Keys of the sizes that are searched by default.
_SIZES: Final = ("size_1_mw", "size_2_mw", "size_3_mw", "size_4_mw")
_SHARES: Final = ("dead_share", "upper_start", "lower_start", "efficiency")
_WHOLE: Final = ("keep", "alternates")
#: What the search can bear; beyond it lies a slip of the unit.
_RANGES: Final = {
    **dict.fromkeys(_SIZES, (0.0, 100_000.0)),
    "hours": (0.1, 1000.0),
    "velocity": (0.1, 30.0),
    "shore_step_m": (1.0, 1000.0),
    "keep": (1.0, 1000.0),
    "alternates": (1.0, 1000.0),
}
#: The seven sizes of the ANU atlas, as energy [GWh] and hours.
SEVEN: Final = tuple(
    Size(energy * 1.0e3 / hours, float(hours))
    for energy, hours in (
        (1500, 504), (500, 168), (150, 50), (50, 50), (15, 18), (5, 18), (2, 6),
    )
)  # fmt: skip


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``pair.*`` values.

    Raises
    ------
    OptionError
        A value that is unknown or cannot be.
    """
    params = load_params("siting.pumped.pairs", "pair").changed(overrides)
    for key in _SHARES:
        params.share(key)
    params.within(_RANGES)
    if params.number("dead_share") >= 1.0 or params.number("efficiency") == 0.0:
        key = "dead_share" if params.number("dead_share") >= 1.0 else "efficiency"
        raise _refused(key, params.number(key), Say("写小于 1 的正数", "give a share below 1"))
    for key in _WHOLE:
        if params.number(key) != int(params.number(key)):
            raise _refused(key, params.number(key), Say("写整数", "give a whole number"))
    if params.number("wall_max_m") <= params.number("wall_min_m"):
        raise _refused(
            "wall_max_m",
            params.number("wall_max_m"),
            Say("写大于 wall_min_m 的高度", "give a height above wall_min_m"),
        )
    for kind in ("greenfield", "bluefield", "existing"):
        key = f"head_min_{kind}_m"
        if params.number(key) >= params.number("head_max_m"):
            raise _refused(
                key,
                params.number(key),
                Say("写小于 head_max_m 的水头", "give a head below head_max_m"),
            )
    return params


def default_sizes(params: Params) -> tuple[Size, ...]:
    """Return the sizes of ``pair.size_k_mw`` (0 = left out) at ``pair.hours``.

    Raises
    ------
    OptionError
        All of them are left out.
    """
    powers = sorted({params.number(key) for key in _SIZES} - {0.0})
    if not powers:
        raise OptionError(
            "pair.size_1_mw",
            Say("四个装机均为 0，没有可搜的规模", "all four sizes are 0: nothing to look for"),
            Say("至少给一个正的装机", "give at least one power above 0"),
        )
    return tuple(Size(power, params.number("hours")) for power in powers)


def _refused(key: str, value: float, cure: Say) -> OptionError:
    what = Say(f"数值 {value:g} 无效", f"{value:g} is invalid")
    return OptionError(f"pair.{key}", what, cure)
