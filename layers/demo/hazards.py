"""Geological hazards, soil-loss zones and abandoned mines of the demo scene."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np

from layers.demo.ground import Ground, blob, numbered, unit
from layers.demo.shapes import tidy

#: Invented shares of the region.
PRONE_SHARE: Final = 0.30
PREVENTION_SHARE: Final = 0.36
CONTROL_SHARE: Final = 0.14
DANGERS: Final = 90
MINES: Final = 12
#: Mines keep below this height. [m]
MINE_HEIGHT: Final = 900.0


def geohazard(ground: Ground) -> gpd.GeoDataFrame:
    """Return hazard zones ``name``, ``zone``: prone where steep, danger as small patches."""
    rng = ground.rng(10)
    field = unit(ground.steep) + 0.9 * ground.noise(11, (1.5, 4, 10))
    prone = ground.patches(field, PRONE_SHARE, smallest=2.5e6)
    draw = rng.uniform(0.0, 1.0, ground.lattice.shape)
    steep = ground.steep > float(np.quantile(ground.steep[ground.inside], 0.80))
    spots = ground.places(np.where(steep & ~ground.worked, draw, 0.0), DANGERS, 4000.0)
    rows = [{**row, "zone": "prone"} for row in numbered(prone, "演示地质灾害易发区")]
    rows += [
        {
            "name": f"演示地质灾害危险区{k:03d}",
            "zone": "danger",
            "geometry": ground.clipped(blob(x, y, rng.uniform(70.0, 210.0), rng)),
        }
        for k, (x, y) in enumerate(spots, start=1)
    ]
    return ground.frame("geohazard", rows)


def soil_zone(ground: Ground) -> gpd.GeoDataFrame:
    """Return soil-loss zones ``name``, ``zone``: prevention upstream, control on worked hills."""
    noise = ground.noise(12, (3, 8, 20))
    prevention = ground.patches(0.7 * unit(ground.height) + noise, PREVENTION_SHARE, smallest=8e6)
    hills = unit(ground.steep) - unit(ground.height) + ground.noise(13, (3, 9))
    control = ground.patches(hills, CONTROL_SHARE, smallest=6e6)
    control = tidy(control.difference(prevention))
    rows = [
        {**row, "zone": zone}
        for zone, shape, label in (
            ("prevention", prevention, "演示水土流失重点预防区"),
            ("control", control, "演示水土流失重点治理区"),
        )
        for row in numbered(shape, label, 1e6)
    ]
    return ground.frame("soil_zone", rows)


def abandoned_mine(ground: Ground) -> gpd.GeoDataFrame:
    """Return a few abandoned mines ``name`` on low ground that nobody tills."""
    rng = ground.rng(14)
    red = ground.lattice.burn(list(ground.vectors["eco_redline"].geometry)) > 0
    fit = (ground.height < MINE_HEIGHT) & ~ground.worked & ~red
    draw = rng.uniform(0.0, 1.0, ground.lattice.shape)
    rows = [
        {
            "name": f"演示废弃矿山{k:02d}",
            "geometry": ground.clipped(blob(x, y, rng.uniform(130.0, 420.0), rng)),
        }
        for k, (x, y) in enumerate(ground.places(np.where(fit, draw, 0.0), MINES, 9000.0), 1)
    ]
    return ground.frame("abandoned_mine", rows)
