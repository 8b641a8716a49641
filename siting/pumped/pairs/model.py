"""What a pair is: two lakes, levels between which water moves, and what that yields."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]


class PairKind(IntEnum):
    """Which of the two lakes exist."""

    GREENFIELD = 0  # both new
    BLUEFIELD_LOWER = 1  # the lower lake exists
    BLUEFIELD_UPPER = 2  # the upper lake exists
    EXISTING = 3  # both exist


PAIR_KIND: Final = {
    PairKind.GREENFIELD: Say("两库新建", "both lakes new"),
    PairKind.BLUEFIELD_LOWER: Say("利用已有下库", "existing lower lake"),
    PairKind.BLUEFIELD_UPPER: Say("利用已有上库", "existing upper lake"),
    PairKind.EXISTING: Say("两库均已有", "both lakes exist"),
}


@dataclass(frozen=True, slots=True)
class Size:
    """An asked size: power and hours at that power."""

    power_mw: float
    hours: float

    @property
    def energy_gwh(self) -> float:
        """Energy of one full store. [GWh]."""
        return self.power_mw * self.hours / 1.0e3


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Sized pairs, a structure of arrays of n rows.

    Parameters
    ----------
    kind
        :class:`PairKind`, uint8.
    upper, lower
        Row of the dam site (>= 0) or ``-1 - k`` for existing lake k, int32.
    capped
        The new lakes keep off ground that needs a route (column 1 of ``cap_m``), bool.
    power_mw, hours
        Asked power and the hours the moved water gives at it. [MW], [h]
    energy_gwh
        Energy integral of one full cycle at the generator. [GWh]
    volume_m3
        Water moved in a cycle. [m³]
    upper_normal_m, upper_dead_m, lower_normal_m, lower_dead_m
        Operating levels. [m] The level to which an existing lake moves, not its limits.
    head_mean_m, head_max_m, head_min_m
        Gross head: by the integral, and its extremes. [m]
    loss_m
        Head lost in the waterway at rated flow. [m]
    length_m
        Horizontal length shore to shore (intake to outlet). [m]
    ratio
        length_m / head_mean_m (距高比). [-]
    upper_shore, lower_shore
        Ends of the waterway, (n, 2). [m]
    tunnel_m
        Diameter of the sized tunnel. [m]
    flow_m3s
        Rated flow of the plant. [m³/s]
    upper_dam_m3, lower_dam_m3
        Bodies of the dams, 0 where a lake exists. [m³]
    upper_height_m, lower_height_m
        Normal level above the dam foot, 0 where a lake exists. [m]
    upper_crest_m, lower_crest_m
        Crest lengths, 0 where a lake exists. [m]
    upper_area_m2, lower_area_m2
        Lake surface at the normal level. [m²]
    """

    kind: npt.NDArray[np.uint8]
    upper: Int32
    lower: Int32
    capped: npt.NDArray[np.bool_]
    power_mw: Float64
    hours: Float64
    energy_gwh: Float64
    volume_m3: Float64
    upper_normal_m: Float64
    upper_dead_m: Float64
    lower_normal_m: Float64
    lower_dead_m: Float64
    head_mean_m: Float64
    head_max_m: Float64
    head_min_m: Float64
    loss_m: Float64
    length_m: Float64
    ratio: Float64
    upper_shore: Float64
    lower_shore: Float64
    tunnel_m: Float64
    flow_m3s: Float64
    upper_dam_m3: Float64
    lower_dam_m3: Float64
    upper_height_m: Float64
    lower_height_m: Float64
    upper_crest_m: Float64
    lower_crest_m: Float64
    upper_area_m2: Float64
    lower_area_m2: Float64

    @property
    def count(self) -> int:
        """Number of pairs."""
        return int(self.kind.size)

    def take(self, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Pairs:
        """Return the chosen pairs in the order given."""
        chosen = {one.name: getattr(self, one.name)[which] for one in fields(self)}
        return replace(self, **chosen)


@dataclass(frozen=True, slots=True, eq=False)
class PairAudit:
    """How far each dam site came, for the question why it is in no pair.

    Parameters
    ----------
    reason
        Index into :data:`siting.pumped.pairs.reasons.REASONS` of the last test that its best
        candidate failed, uint8 (n_dams,); 0 = it is in a pair.
    value, limit
        What was found and what was asked, float32 (n_dams,).
    tested
        Candidate pairs by test: how many were left after each, int64.
    """

    reason: npt.NDArray[np.uint8]
    value: npt.NDArray[np.float32]
    limit: npt.NDArray[np.float32]
    tested: npt.NDArray[np.int64]
