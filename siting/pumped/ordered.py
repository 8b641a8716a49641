"""Rows of result values in another order: arrays, tuples and frames by pair, all alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.pumped.works.model import Works

T = TypeVar("T")


def ordered(value: T, order: npt.NDArray[np.int64], count: int, common: Collection[str] = ()) -> T:
    """Return a frozen value whose fields by pair follow ``order``.

    Parameters
    ----------
    value
        A dataclass; arrays with ``count`` rows, tuples of ``count`` members, frames of
        ``count`` rows and mappings of such are put in order, everything else stays.
    order
        Old row behind each new one, int64 (n,); may leave rows out.
    count
        Number of rows that ``value`` has.
    common
        Fields that hold for all rows together, whatever their length.
    """
    if not is_dataclass(value) or isinstance(value, type):
        return value
    by_row = [one.name for one in fields(value) if one.name not in common]
    return replace(value, **{n: _taken(getattr(value, n), order, count) for n in by_row})


def ordered_works(works: Works, order: npt.NDArray[np.int64], count: int) -> Works:
    """Return the structures with the pairs in another order; ``site`` is numbered anew."""
    new = np.full(count, -1, np.int64)
    new[order] = np.arange(order.size)
    parts = works.parts.assign(site=new[works.parts["site"].to_numpy(np.int64)])
    parts = parts[parts["site"] >= 0].sort_values("site", kind="stable").reset_index(drop=True)
    bare = replace(works, parts=parts.iloc[:0])
    return replace(ordered(bare, order, count), parts=parts)


def joined_works(drawn: Sequence[Works]) -> Works:
    """Return drawings of different pairs as one, rows in the order given."""
    first, shift, parts = drawn[0], 0, []
    for one in drawn:
        parts.append(one.parts.assign(site=one.parts["site"].to_numpy(np.int64) + shift))
        shift += one.holds.size
    joined: dict[str, Any] = {
        "parts": gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=first.parts.crs)
    }
    for name in (one.name for one in fields(first) if one.name != "parts"):
        pieces = [getattr(one, name) for one in drawn]
        if isinstance(pieces[0], tuple):
            joined[name] = tuple(member for piece in pieces for member in piece)
        else:
            joined[name] = np.concatenate(pieces)
    return replace(first, **joined)


def _taken(value: Any, order: npt.NDArray[np.int64], count: int) -> Any:
    if isinstance(value, np.ndarray):
        return value[order] if value.ndim and value.shape[0] == count else value
    if isinstance(value, pd.DataFrame):
        same = len(value) == count and count > 0
        return value.iloc[order].reset_index(drop=True) if same else value
    if isinstance(value, tuple) and len(value) == count and not hasattr(value, "_fields"):
        return tuple(value[i] for i in order.tolist())
    if isinstance(value, Mapping):
        return {key: _taken(one, order, count) for key, one in value.items()}
    return value
