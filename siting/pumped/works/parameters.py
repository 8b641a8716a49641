"""Parameters of the drawn structures, group ``works``."""

from __future__ import annotations

from collections.abc import Mapping

from siting.sites.params import Params, load_params


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
    return params
