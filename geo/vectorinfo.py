"""What a vector file holds, without reading its features."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from geo.errors import Say, VectorError
from geo.shapefile import dbf_encoding
from geo.vector import driver

_FAULTS: Final = (DataSourceError, DataLayerError, UnicodeDecodeError, sqlite3.Error)


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """One layer of a file.

    Parameters
    ----------
    name
        As the file calls it.
    geometry
        ``polygon``, ``line``, ``point``, ``mixed``, or empty for a plain table.
    features
        How many there are.
    fields
        Names of the columns.
    crs
        As declared, empty when nothing is.
    """

    name: str
    geometry: str
    features: int
    fields: tuple[str, ...]
    crs: str


def describe(path: Path | str) -> tuple[LayerInfo, ...]:
    """Return what is known of every layer of a file.

    Raises
    ------
    VectorError
        Missing, unreadable or of a foreign format.
    """
    source, found = Path(path), driver(path)
    encoding = dbf_encoding(source) if found == "ESRI Shapefile" else None
    try:
        names = [str(row[0]) for row in pyogrio.list_layers(source)]
        return tuple(_info(source, name, encoding) for name in names)
    except _FAULTS as fault:
        raise VectorError(
            source,
            Say(f"读不出来，可能残缺：{fault}", f"cannot be read, truncated perhaps: {fault}"),
            Say("重新导出或下载", "export or download it again"),
        ) from fault


def _info(source: Path, name: str, encoding: str | None) -> LayerInfo:
    info = pyogrio.read_info(source, layer=name, encoding=encoding, force_feature_count=True)
    return LayerInfo(
        name=name,
        geometry=_kind(info["geometry_type"]),
        features=int(info["features"]),
        fields=tuple(str(field) for field in info["fields"]),
        crs=str(info["crs"] or ""),
    )


def _kind(declared: str | None) -> str:
    text = (declared or "").lower()
    if not text or text == "none":
        return ""
    for kind, words in (("polygon", ("polygon", "surface")), ("line", ("line", "curve"))):
        if any(word in text for word in words):
            return kind
    return "point" if "point" in text else "mixed"
