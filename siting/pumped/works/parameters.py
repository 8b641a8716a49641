"""Parameters of the drawn structures, group ``works``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from siting.sites.params import Params, load_params

#: Widths and radii of the drawn structures. [m]
_METRES: Final = (
    "powerhouse_radius_m", "corridor_m", "works_radius_m", "road_width_m", "line_width_m",
)  # fmt: skip


def parameters(overrides: Mapping[str, float]) -> Params:
    """Return the shipped parameters with the user's ``works.*`` values.

    Raises
    ------
    OptionError
        A value that is unknown or no positive number; a place along the waterway or a share
        of volume that is not within 0-1.
    """
    params = load_params("siting.pumped.works", "works").changed(overrides)
    params.share("powerhouse_share")
    params.share("volume_gap")
    params.within(dict.fromkeys(_METRES, (1.0, 10_000.0)))
    return params
