"""What the terrain alone does to the light on the modules, for regions without irradiation.

Open-sky irradiation of the plane of array after slope, aspect and horizon over that of flat,
open ground, with the clear sky's shape and the declared diffuse share. The level of the
irradiation all but cancels out (only the brightness round the sun hangs on it: below 0.5 %
between no light and a clear sky), so no figure of energy hides in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from geo import crs as geo_crs
from siting.law.compass import grid_north_deg
from siting.pv.chain import STEPS, make_chain
from siting.pv.detail import CHUNK
from siting.pv.yields import horizon_codes, mean_height
from siting.sites.ground import Ground
from siting.sites.params import Params

#: Level taken, as a share of the clear sky's: 1,223 over 2,172 kWh/m² at 32.6 N (GSA, Ineichen).
LEVEL: Final = 0.56
_AFTER: Final = [step.key for step in STEPS].index("horizon")


def terrain_light(
    ground: Ground,
    params: Params,
    wanted: npt.NDArray[np.bool_],
    progress: Callable[[str], None] | None = None,
) -> npt.NDArray[np.float32] | None:
    """Return the light on the modules over that of flat, open ground, None without elevation.

    Parameters
    ----------
    ground
        Land of the run.
    params
        Group ``pv``.
    wanted
        Cells to compute, shape (rows, cols).
    progress
        Called with a Chinese stage name.

    Returns
    -------
    ndarray of float32, shape (rows, cols)
        1 = as flat, open ground; NaN outside the wanted cells and where the slope is
        unknown. [-]
    """
    if ground.terrain is None:
        return None
    west, south, east, north = ground.grid.bounds
    x, y = (west + east) / 2.0, (south + north) / 2.0
    lon, lat = (float(one) for one in geo_crs.lonlat(ground.grid.crs, x, y))
    turned = grid_north_deg(ground.grid.crs, x, y)
    chain = make_chain(params, lat, lon, mean_height(ground), turned)
    cells = np.flatnonzero(wanted)
    codes = horizon_codes(ground, cells, progress or (lambda _: None))
    suns, share = chain.suns, params.number("diffuse_share")
    direct, diffuse = (suns.by_month(one).sum() for one in (suns.dni * suns.up, suns.dhi))
    level = LEVEL * (direct + diffuse)
    beam, sky = (1.0 - share) * level / direct, share * level / diffuse

    def light(n: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        return np.full((1, n), beam, np.float32), np.full((1, n), sky, np.float32)

    flat = float(chain.flat(light(1), np.zeros(1, np.float32), _AFTER)[0])
    slope, aspect = ground.terrain.slope_deg.reshape(-1), ground.terrain.aspect_deg.reshape(-1)
    out = np.full(ground.grid.size, np.nan, np.float32)
    for start in range(0, cells.size, CHUNK):
        part = cells[start : start + CHUNK]
        air = np.zeros(part.size, np.float32)
        found = chain.run(
            slope[part], aspect[part], codes, light(part.size), air, _AFTER, first=start
        )
        out[part] = found[0] / np.float32(flat)
    return out.reshape(ground.grid.shape)
