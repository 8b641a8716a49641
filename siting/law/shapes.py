"""The ground that a vector predicate speaks of: features chosen, each with its reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.errors import Say, VectorError
from siting.law.predicates import CLOSED, Predicate, RunwayBox

Geometries = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Geometries of a predicate in the grid's CRS.

    Parameters
    ----------
    known
        Ground where the predicate holds, as it is drawn.
    wide, wide_m
        Features that act beyond themselves, and how far each does: the predicate holds
        there and everywhere within that distance. [m]
    unclear
        Features whose attribute is missing or not in its closed list: their own ground
        is unknown, not clear.
    reach_m
        Farthest distance at which a feature acts. [m]
    """

    known: Geometries
    wide: Geometries
    wide_m: npt.NDArray[np.float64]
    unclear: Geometries
    reach_m: float
    notes: tuple[Say, ...]


def shapes_of(frame: gpd.GeoDataFrame, predicate: Predicate, layer: str) -> Shapes:
    """Select the features of a predicate and tell how far each acts.

    Parameters
    ----------
    frame
        Features in the grid's metric CRS.

    Raises
    ------
    VectorError
        When a column that the predicate reads is missing.
    """
    for column in predicate.columns():
        if column not in frame.columns:
            raise VectorError(
                layer,
                Say(f"缺少字段 {column}", f"lacks the column {column}"),
                Say("在目录 adapter.rename 中对应该字段", "map it in the entry's adapter.rename"),
            )
    geometry = np.asarray(frame.geometry.array, dtype=object)
    chosen = np.ones(len(frame), bool)
    unclear = np.zeros(len(frame), bool)
    other = np.zeros(len(frame), bool)  # told apart by one attribute, whatever the next says
    for column, accepted in predicate.where.items():
        listed = _listed(frame[column], CLOSED.get((predicate.layer, column)))
        wanted = frame[column].isin(list(accepted)).to_numpy()
        unclear |= ~listed
        other |= listed & ~wanted
        chosen &= wanted
    unclear &= ~other
    metres, unsized = _metres(frame, predicate)
    unclear |= chosen & unsized
    chosen &= ~unclear
    notes: list[Say] = []
    if unclear.any():
        n = int(unclear.sum())
        notes.append(
            Say(
                f"{predicate.title.zh}：{n} 个要素缺少属性或属性不在取值表中，按未知计",
                f"{predicate.title.en}: {n} features with a missing or unlisted attribute "
                "count as unknown",
            )
        )
    known = geometry[chosen]
    if predicate.runway_box is not None:
        runways = shapely.get_parts(known)  # a multi-line may hold the runways of an airport
        known = np.array([_runway(g, predicate.runway_box) for g in runways], dtype=object)
        wide, wide_m = known[:0], metres[:0]
        reach = float(np.hypot(predicate.runway_box.side_m, predicate.runway_box.end_m))
    else:
        sizes = metres[chosen]
        wide, wide_m, known = known[sizes > 0], sizes[sizes > 0], known[sizes <= 0]
        reach = _reach(predicate, metres)
    return Shapes(known, wide, wide_m, geometry[unclear], reach, tuple(notes))


def _listed(values: pd.Series[Any], closed: frozenset[str | int] | None) -> Bools:
    """Return which values are in the closed list, or are there at all when it is open."""
    if closed is None:
        return (values.notna() & (values != "")).to_numpy(dtype=bool)
    return values.isin(list(closed)).to_numpy(dtype=bool)


def _metres(frame: gpd.GeoDataFrame, predicate: Predicate) -> tuple[npt.NDArray[np.float64], Bools]:
    """Return the buffer of each feature [m] and where it cannot be told."""
    n = len(frame)
    if predicate.buffer_by_class is not None:
        table = predicate.buffer_by_class
        metres = frame[table.column].map(table.metres).to_numpy(dtype=float)
    elif predicate.buffer_by_width is not None:
        width = pd.to_numeric(frame[predicate.buffer_by_width.column], errors="coerce")
        metres = width.to_numpy(dtype=float) * predicate.buffer_by_width.factor
    elif predicate.buffer_by_band is not None:
        band = predicate.buffer_by_band
        values = pd.to_numeric(frame[band.column], errors="coerce").to_numpy(dtype=float)
        metres = band.metres(values)
    else:
        metres = np.full(n, float(predicate.buffer_m or 0.0))
    unsized = ~np.isfinite(metres) | (metres < 0)
    return np.where(unsized, 0.0, metres), unsized


def _reach(predicate: Predicate, metres: npt.NDArray[np.float64]) -> float:
    if predicate.buffer_by_class is not None:
        return max(predicate.buffer_by_class.metres.values())
    if predicate.buffer_by_band is not None:
        return max(metres for _, metres in predicate.buffer_by_band.bands)
    return float(metres.max(initial=float(predicate.buffer_m or 0.0)))


def _runway(line: Any, box: RunwayBox) -> Any:
    """Return the box of a runway: its line drawn out at both ends, then widened, ends flat."""
    points = shapely.get_coordinates(line)
    first, last = points[0], points[-1]
    length = float(np.hypot(*(last - first)))
    if length == 0:
        return shapely.box(*(first - box.end_m), *(first + box.end_m))
    along = (last - first) / length
    drawn = shapely.linestrings([first - along * box.end_m, last + along * box.end_m])
    return shapely.buffer(drawn, box.side_m, cap_style="flat")
