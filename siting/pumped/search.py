"""The search for reservoirs: terrain -> dam sites -> pairs -> cost -> best set.

Plain data for any reader; the law enters as ground that lakes must not reach.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.grid import Grid
from geo.hydrology import Drainage, drainage
from siting.pumped.dams.find import find_dams
from siting.pumped.dams.model import Cap, DamAudit, DamSites
from siting.pumped.dams.section import TYPES
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.money.cost import storage_cost
from siting.pumped.money.model import Design, StorageCost
from siting.pumped.pairs.best_set import Footprints, best_set
from siting.pumped.pairs.find import find_pairs
from siting.pumped.pairs.model import PairAudit, Pairs, Size
from siting.pumped.pairs.waterway import tunnels
from siting.sites.params import Params

Int64 = npt.NDArray[np.int64]

#: Groups of parameters that the search reads.
GROUPS: Final = ("dam", "pair", "storage_cost")


@dataclass(frozen=True, slots=True, eq=False)
class SearchResult:
    """All that the search found, and where everything else was lost.

    Parameters
    ----------
    dams, dam_audit
        Dam sites kept, and every gully cell that was looked at.
    pairs, pair_audit
        Sized pairs kept, and how far each dam site came.
    cost
        Cost of every pair. [元/kW]
    value
        Place of each pair in the order in which the best set takes them, float64 (n,).
    needs_route
        A new lake of the pair lies on ground that needs a route, bool (n,).
    chosen
        Rows of ``pairs`` that do not overlap, best first.
    alternates
        Rows of ``pairs`` that could stand in the place of each chosen one, best first.
    """

    drainage: Drainage
    caps: tuple[Cap, Cap]
    dams: DamSites
    dam_audit: DamAudit
    lakes: tuple[ExistingLake, ...]
    pairs: Pairs
    pair_audit: PairAudit
    cost: StorageCost
    value: npt.NDArray[np.float64]
    needs_route: npt.NDArray[np.bool_]
    chosen: Int64
    alternates: tuple[Int64, ...]


def search(
    dem: npt.NDArray[np.float32],
    grid: Grid,
    lakes: Sequence[ExistingLake],
    sizes: Sequence[Size],
    params: Mapping[str, Params],
    caps: tuple[Cap, Cap],
    allowed: npt.NDArray[np.bool_] | None = None,
    progress: Callable[[str], None] | None = None,
) -> SearchResult:
    """Find pairs of lakes, cost them and keep the best that do not overlap.

    Parameters
    ----------
    dem
        Ground, float32 (rows, cols), NaN = void. [m]
    grid
        Metric grid of ``dem``.
    lakes
        Existing reservoirs; their surfaces are stamped at the normal level.
    sizes
        Asked powers and hours.
    params
        Tables of :data:`GROUPS` by group.
    caps
        Ground that no lake may reach, and ground that needs a route as well.
    allowed
        Where a dam foot may stand, bool (rows, cols); everywhere when None.
    progress
        Called with a Chinese stage name.

    Raises
    ------
    CrsError
        The grid is not metric.
    RasterError
        The ground is void everywhere, or its heights are no metres.
    """
    say = progress or (lambda _: None)
    say("水系与汇流")
    standing = tuple(lakes)
    flow = drainage(dem, grid, [(one.geometry, level_of(one)) for one in standing])
    say("坝址与库容曲线")
    dams, dam_audit = find_dams(flow, dem, allowed, caps, params["dam"], progress)
    say("上下库配对")
    pairs, pair_audit = find_pairs(dams, standing, sizes, params["pair"], progress, flow)
    say("造价与最优组合")
    design = design_of(pairs, dam_type_of(params["dam"]), tunnels(pairs.power_mw, params["pair"]))
    cost = storage_cost(design, params["storage_cost"], bands=False)
    needs = needs_route(pairs, dams)
    value = _order(cost, needs)
    chosen, alternates = best_set(
        pairs, value, Footprints.of(dams, standing), int(params["pair"].number("alternates"))
    )
    return SearchResult(
        flow, caps, dams, dam_audit, standing, pairs, pair_audit, cost, value, needs, chosen,
        alternates,
    )  # fmt: skip


def footprints(result: SearchResult) -> Footprints:
    """Return what decides whether two pairs of a search touch."""
    return Footprints.of(result.dams, result.lakes)


def level_of(lake: ExistingLake) -> float:
    """Return the normal level of a lake. [m]."""
    return float(lake.curve.level_m[-1])


def dam_type_of(params: Params) -> str:
    """Return the type of dam that ``dam.type`` asks for, as money names it."""
    return TYPES[int(params.number("type"))][0]


def design_of(
    pairs: Pairs, dam_type: str = "cfrd", count: npt.NDArray[np.float64] | float = np.nan
) -> Design:
    """Return what the cost of pairs rests on; roads and lines are not known yet (未计).

    Parameters
    ----------
    count
        Tunnels of each pair (:func:`siting.pumped.pairs.waterway.tunnels`): those that the
        diameter was sized for, whatever head, flow or velocity the cost is asked at. NaN =
        counted from the flow.
    """
    unknown = np.full(pairs.count, np.nan)
    new_upper = np.where(pairs.upper >= 0, pairs.upper_area_m2, 0.0)
    new_lower = np.where(pairs.lower >= 0, pairs.lower_area_m2, 0.0)
    return Design(
        power_mw=pairs.power_mw,
        hours=pairs.hours,
        energy_gwh=pairs.energy_gwh,
        head_m=pairs.head_mean_m,
        length_m=pairs.length_m,
        tunnel_m=pairs.tunnel_m,
        flow_m3s=pairs.flow_m3s,
        upper_dam_m3=pairs.upper_dam_m3,
        lower_dam_m3=pairs.lower_dam_m3,
        new_lake_m2=new_upper + new_lower,
        road_km=unknown,
        line_km=unknown,
        dam_type=dam_type,
        tunnels=count,
    )


def needs_route(pairs: Pairs, dams: DamSites) -> npt.NDArray[np.bool_]:
    """Return which pairs flood ground that needs a route (red line), bool (n,)."""

    def beyond(
        which: npt.NDArray[np.int32], height: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.bool_]:
        new = which >= 0
        cap = np.full(which.size, np.inf)
        cap[new] = dams.cap_m[which[new], 1]
        return np.asarray(new & (height > cap))

    return np.asarray(
        beyond(pairs.upper, pairs.upper_height_m) | beyond(pairs.lower, pairs.lower_height_m)
    )


def _order(cost: StorageCost, needs: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return the place of each pair in the order in which the best set takes them.

    Pairs beyond the last cost class stand behind; of the others those that stay off the red
    line go first: a site that waits for an adjustment never displaces one that need not.
    """
    beyond = cost.cost_class >= cost.worst
    order = np.lexsort((cost.total, needs, beyond))
    place = np.empty(order.size)
    place[order] = np.arange(order.size)
    return place
