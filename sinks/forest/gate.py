"""Plausibility gate: calibrated curves against biomass bands of natural stands by age bin.

The bands are P10-P90 of whole-tree biomass of GROA stands (research plots, better
stocked than the average forest). A curve outside is flagged, not corrected (truth.md 31).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sinks.forest import carbon, registry
from sinks.forest.project import Model

#: Age bins of the reference table [a].
BINS: Final = ((11, 20), (21, 30), (31, 40), (41, 60))


def check(model: Model) -> pd.DataFrame:
    """Return one row a stratum and age bin.

    Columns: stratum, bin, area share of the stratum [%], stock [m³/ha] and biomass
    [t/ha] at the bin's middle age, P10 and P90 [t/ha], ``flag`` (``below``, ``above``
    or empty).
    """
    v0 = registry.value(model.parameters, "v0")
    tonnes = carbon.biomass(model.volume, model.conversion, v0, model.rho, model.rho_share)
    rows = []
    for i, name in enumerate(model.state.names):
        low, _, high = model.curve_of[i].band
        total = model.state.area[i].sum()
        for first, last in BINS:
            age = (first + last) // 2
            value = float(tonnes[i, age])
            inside = model.state.area[i, first : last + 1].sum()
            flag = "below" if value < low else "above" if value > high else ""
            rows.append(
                {
                    "stratum": name, "bin": f"{first}-{last}",
                    "area_pct": 100.0 * float(inside / total) if total else 0.0,
                    "volume_m3_ha": float(model.volume[i, age]), "biomass_t_ha": value,
                    "p10": low, "p90": high, "flag": flag,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def share_beyond_domain(model: Model) -> float:
    """Return the share [-] of tree area at ages the curve's data have not seen."""
    ages = np.arange(model.state.area.shape[1])
    beyond = sum(
        float(area[(ages < c.domain[0]) | (ages > c.domain[1])].sum())
        for area, c in zip(model.state.area, model.curve_of, strict=True)
    )
    return beyond / float(model.state.area.sum())
