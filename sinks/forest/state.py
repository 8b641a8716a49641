"""State of the forest: an area matrix [stratum x age 0-200] and the land beside it.

Only 乔木 has age and stock; 竹, 特灌, 经济林, 疏林 are areas; 未成林 waits outside the
forest area until it has grown for the years the user sets (truth.md 23, 25).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Say, TableError
from sinks.forest.curves import AGES
from sinks.forest.definitions import ARBOR, LAND_CLASSES, YOUNG

F64 = npt.NDArray[np.float64]
COLUMNS = ("stratum", "species_group", "origin", "land_class", "age", "area_ha", "volume_m3")
#: A stand above this stock [m³/ha] is taken for a unit error (m³ or m³/亩 in a wrong column).
DENSEST_M3_HA = 1500.0


@dataclass(frozen=True, slots=True)
class State:
    """Forest of one reference year.

    Parameters
    ----------
    names, species, origins
        Stratum, species group and origin of each row of ``area``.
    area
        Area [ha] by stratum and age, shape ``(n, 201)``.
    stock
        Stock of each stratum [m³], shape ``(n,)``.
    young
        未成林 [ha] that will join each stratum, shape ``(n,)``.
    other
        Area [ha] of each remaining land class.
    """

    names: tuple[str, ...]
    species: tuple[str, ...]
    origins: tuple[str, ...]
    area: F64
    stock: F64
    young: F64
    other: dict[str, float]
    notes: tuple[Say, ...] = ()

    def area_of(self, classes: tuple[str, ...]) -> float:
        """Return the area [ha] of ``classes`` without 乔木 and 未成林."""
        return float(sum(self.other.get(name, 0.0) for name in classes))

    def young_rings(self, years: int) -> F64:
        """Return 未成林 [ha] by stratum and year since planting, shape ``(n, years)``.

        The table does not say when it was planted: it is spread evenly.
        """
        return np.repeat(self.young[:, None] / years, years, axis=1)


def from_table(frame: pd.DataFrame, subject: str = "forest_strata") -> State:
    """Build the state from a table with the columns of ``layers.contract``.

    Parameters
    ----------
    frame
        One row a stratum and age; ``area_ha`` [ha], ``volume_m3`` [m³], ``age`` [a]
        (read for 乔木 only).

    Raises
    ------
    TableError
        Lists every bad row: missing columns, negative or unreadable area or stock, age
        outside 0-200, unknown land class, stock without trees, area or age, a density that looks
        like a unit error, a stratum with two species groups or origins.
    """
    _check(frame, subject)
    arbor = frame[frame["land_class"] == ARBOR]
    labels = arbor.groupby("stratum", sort=True)[["species_group", "origin"]].first()
    names = tuple(str(name) for name in labels.index)
    row = {name: i for i, name in enumerate(names)}
    area = np.zeros((len(names), AGES))
    stock = np.zeros(len(names))
    index = arbor["stratum"].map(row).to_numpy(np.int64)
    np.add.at(area, (index, arbor["age"].to_numpy(np.int64)), arbor["area_ha"].to_numpy(float))
    np.add.at(stock, index, arbor["volume_m3"].to_numpy(float))
    species = tuple(labels["species_group"].astype(str))
    origins = tuple(labels["origin"].astype(str))
    young, notes = _young(frame, species, origins, area)
    rest = frame[~frame["land_class"].isin((ARBOR, YOUNG))]
    other = {str(k): float(v) for k, v in rest.groupby("land_class")["area_ha"].sum().items()}
    return State(names, species, origins, area, stock, young, other, notes)


def _young(
    frame: pd.DataFrame, species: tuple[str, ...], origins: tuple[str, ...], area: F64
) -> tuple[F64, tuple[Say, ...]]:
    """Give each 未成林 row to the stratum of its species and origin, else by tree area."""
    young = np.zeros(len(species))
    stray = 0.0
    waiting = frame[frame["land_class"] == YOUNG]
    for (group, origin), part in waiting.groupby(["species_group", "origin"], sort=True):
        hits = [
            i
            for i, pair in enumerate(zip(species, origins, strict=True))
            if pair == (group, origin)
        ]
        if hits:
            young[hits] += float(part["area_ha"].sum()) / len(hits)
        else:
            stray += float(part["area_ha"].sum())
    if not stray:
        return young, ()
    young += stray * area.sum(axis=1) / area.sum()
    say = Say(
        f"未成林 {stray:,.0f} ha 无对应树种与起源，按乔木面积分摊",
        f"{stray:,.0f} ha of young plantation match no stratum and were shared out by tree area",
    )
    return young, (say,)


def _check(frame: pd.DataFrame, subject: str) -> None:
    absent = [name for name in COLUMNS if name not in frame.columns]
    if absent:
        raise TableError(
            subject,
            Say(f"缺列 {'、'.join(absent)}", f"columns are missing: {', '.join(absent)}"),
            Say(f"需要的列：{'、'.join(COLUMNS)}", f"needed: {', '.join(COLUMNS)}"),
        )
    area = pd.to_numeric(frame["area_ha"], errors="coerce").to_numpy(float)
    volume = pd.to_numeric(frame["volume_m3"], errors="coerce").to_numpy(float)
    age = pd.to_numeric(frame["age"], errors="coerce").to_numpy(float)
    arbor = (frame["land_class"] == ARBOR).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        density = volume / area
    age_ok = (age >= 0) & (age < AGES) & (age == np.floor(age))
    faults = {
        "area_ha": ~(np.isfinite(area) & (area >= 0)),
        "volume_m3": ~(np.isfinite(volume) & (volume >= 0)),
        "age": arbor & ~age_ok,
        "land_class": ~frame["land_class"].isin(LAND_CLASSES).to_numpy(),
        "volume_m3 > 0 (非乔木 not 乔木)": ~arbor & (volume > 0),
        "volume_m3 > 0, area_ha = 0": (area == 0) & (volume > 0),
        "volume_m3 > 0, age = 0": arbor & (age == 0) & (volume > 0),
        f"> {DENSEST_M3_HA:g} m³/ha (单位? unit?)": (area > 0) & (density > DENSEST_M3_HA),
        "stratum": _mixed(frame, arbor),
    }
    bad = [
        f"{name}: {', '.join(str(i + 2) for i in np.flatnonzero(mask)[:10])}"
        for name, mask in faults.items()
        if mask.any()
    ]
    if not bad and not (arbor & (area > 0)).any():
        bad = ["land_class: 无乔木 no 乔木 row"]
    if bad:
        listed = "; ".join(bad)
        raise TableError(
            subject,
            Say(f"坏行（行号含表头）{listed}", f"bad rows (header is row 1) {listed}"),
            Say(
                "改正这些行（面积 ha，蓄积 m³，年龄 0-200）",
                "mend them (area ha, stock m³, age 0-200)",
            ),
        )


def _mixed(frame: pd.DataFrame, arbor: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mark rows of strata that hold more than one species group or origin."""
    rows = frame[arbor]
    kinds = rows.groupby("stratum")[["species_group", "origin"]].nunique().max(axis=1)
    return np.asarray(arbor & frame["stratum"].isin(kinds.index[kinds > 1]).to_numpy())
