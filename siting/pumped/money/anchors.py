"""Published plants: what is published of each, and the design that stands for it.

A quantity that is not published is taken from the ``anchor_*`` parameters (priors), and the
row says so; a plant whose head is not published has no design, at most one at either end of
a range of heads.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

import numpy as np

from geo.errors import Say
from geo.units import GRAVITY, WATER_DENSITY
from siting.pumped.money.model import Design
from siting.sites.params import Params

#: Where a figure comes from, as a reader sees it.
KINDS: Final = {
    "published": Say("公布", "published"),
    "derived": Say("推得", "derived"),
    "assumed": Say("假定", "assumed"),
    "missing": Say("未公布", "not published"),
}
#: Kind of the published cost.
BASIS: Final = {
    "static": Say("静态投资", "static investment"),
    "total": Say("总投资（静态或动态未说明）", "total investment (static or not is not stated)"),
}
#: Priors that fill in what is not published, and the ratio of total to static cost.
ANCHOR_KEYS: Final = (
    "anchor_hours", "anchor_efficiency", "anchor_ratio", "anchor_water_rock", "anchor_depth_m",
    "anchor_velocity", "anchor_total",
)  # fmt: skip
_QUANTITIES: Final = {
    "power": Say("装机", "power"),
    "head": Say("水头", "head"),
    "length": Say("输水道长度", "length"),
    "volume": Say("调节库容", "volume"),
    "lakes": Say("新建库数", "new lakes"),
}
_KW_PER_MW: Final = 1.0e3
_W_PER_MW: Final = 1.0e6
_YUAN_PER_YI: Final = 1.0e8
_M3_PER_MM3: Final = 1.0e6
_S_PER_H: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Anchor:
    """A published plant, or a published mean.

    Parameters
    ----------
    role
        ``fit`` (enters the fit), ``bound`` (compared over a range of heads), ``none``.
    power_mw, head_m, length_m, volume_mm3
        [MW], [m], [m], [10^6 m³]; None = not published.
    heads_m
        Range of heads of a bound. [m]
    kinds
        Quantity -> key of :data:`KINDS`.
    new_lakes
        Lakes that need a dam.
    cost_yi, yuan_per_kw
        One of the two is published. [亿元], [元/kW]
    cost_kind
        Key of :data:`BASIS`.
    year
        To which the figure belongs or of its publication, empty when not known.
    """

    key: str
    name: Say
    role: str
    power_mw: float
    head_m: float | None
    heads_m: tuple[float, float] | None
    length_m: float | None
    volume_mm3: float | None
    kinds: Mapping[str, str]
    new_lakes: float
    cost_yi: float | None
    yuan_per_kw: float | None
    cost_kind: str
    year: str
    source: str
    citation: str
    note: Say

    @property
    def published(self) -> float:
        """Cost per kW as published. [元/kW]."""
        if self.cost_yi is not None:
            return self.cost_yi * _YUAN_PER_YI / (self.power_mw * _KW_PER_MW)
        return np.nan if self.yuan_per_kw is None else self.yuan_per_kw

    def static(self, priors: Mapping[str, float]) -> float:
        """Return the cost as static investment. [元/kW].

        Parameters
        ----------
        priors
            As of :func:`priors_of`; a total holds interest, the prior ratio takes it out.
        """
        return self.published / (priors["anchor_total"] if self.cost_kind == "total" else 1.0)

    @property
    def inputs(self) -> Say:
        """Return which inputs are published, and which are not."""
        pairs = [(_QUANTITIES[one], KINDS[kind]) for one, kind in self.kinds.items()]
        return Say(
            "、".join(f"{what.zh}{kind.zh}" for what, kind in pairs),
            ", ".join(f"{what.en} {kind.en}" for what, kind in pairs),
        )


def load_anchors() -> tuple[Anchor, ...]:
    """Return the shipped plants in the order of the table."""
    text = resources.files("siting.pumped.money").joinpath("anchors.csv").read_text("utf-8")
    return tuple(_anchor(row) for row in csv.DictReader(text.splitlines()))


def priors_of(params: Params) -> dict[str, float]:
    """Return the priors that fill in what is not published."""
    return {key: params.number(key) for key in ANCHOR_KEYS}


def design_of(anchor: Anchor, head_m: float, priors: Mapping[str, float]) -> Design:
    """Return the design that stands for a plant at a head.

    Parameters
    ----------
    head_m
        [m]
    priors
        As of :func:`priors_of`.
    """
    per_m3 = WATER_DENSITY * GRAVITY * head_m * priors["anchor_efficiency"]
    flow = anchor.power_mw * _W_PER_MW / per_m3
    if anchor.volume_mm3 is None:
        hours = priors["anchor_hours"]
        volume = flow * hours * _S_PER_H
    else:
        volume = anchor.volume_mm3 * _M3_PER_MM3
        hours = volume / flow / _S_PER_H
    length = anchor.length_m
    dam = volume / priors["anchor_water_rock"]
    unknown = np.asarray(np.nan)
    return Design(
        power_mw=np.asarray(anchor.power_mw),
        hours=np.asarray(hours),
        energy_gwh=np.asarray(anchor.power_mw * hours / _KW_PER_MW),
        head_m=np.asarray(head_m),
        length_m=np.asarray(priors["anchor_ratio"] * head_m if length is None else length),
        tunnel_m=np.asarray(np.sqrt(4.0 * flow / (np.pi * priors["anchor_velocity"]))),
        flow_m3s=np.asarray(flow),
        upper_dam_m3=np.asarray(dam * min(anchor.new_lakes, 1.0)),
        lower_dam_m3=np.asarray(dam * max(anchor.new_lakes - 1.0, 0.0)),
        new_lake_m2=np.asarray(anchor.new_lakes * volume / priors["anchor_depth_m"]),
        road_km=unknown,
        line_km=unknown,
    )


def _anchor(row: Mapping[str, str]) -> Anchor:
    low, high = _maybe(row["head_low_m"]), _maybe(row["head_high_m"])
    return Anchor(
        key=row["id"],
        name=Say(row["name"], row["name_en"]),
        role=row["role"],
        power_mw=float(row["power_mw"]),
        head_m=_maybe(row["head_m"]),
        heads_m=None if low is None or high is None else (low, high),
        length_m=_maybe(row["length_m"]),
        volume_mm3=_maybe(row["volume_mm3"]),
        kinds={one: row[f"{one}_kind"] for one in _QUANTITIES},
        new_lakes=float(row["new_lakes"]),
        cost_yi=_maybe(row["cost_yi"]),
        yuan_per_kw=_maybe(row["yuan_per_kw"]),
        cost_kind=row["cost_kind"],
        year=row["published_year"],
        source=row["source"],
        citation=row["citation"],
        note=Say(row["note"], row["note_en"]),
    )


def _maybe(text: str) -> float | None:
    return float(text) if text else None
