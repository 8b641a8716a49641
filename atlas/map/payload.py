"""Part results -> the data blocks of the page: one JSON text and one index per raster.

Cards repeat the same clauses thousands of times, so every value of a card is kept once
in a pool and named by its number. Patterns are renumbered by frequency and the index is
split into a plane of high and a plane of low bytes, which deflates best.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.map import blocks, shapes
from atlas.map.mercator import OUTSIDE, display_grid, relief, warp_index
from atlas.map.model import BaseImage, MapMeta
from atlas.part import ClassView, PartResult, PatternRaster, Swatch, Tab, VectorView
from siting.law.terms import SCREENABLE

_POINTS: Final = frozenset(("site", "named", "turbine"))


@dataclass(slots=True)
class Payload:
    """What the data blocks of the page hold, each deflated and in base64."""

    data: str
    relief: str
    rasters: list[str] = field(default_factory=list)


class Pool:
    """Distinct JSON values, each kept once."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._number: dict[str, int] = {}
        self._cards: dict[int, tuple[Any, int | None]] = {}

    def put(self, value: Any) -> int:
        """Return the number of ``value``, adding it when it is new."""
        key = json.dumps(value, ensure_ascii=False, sort_keys=True)
        if key not in self._number:
            self._number[key] = len(self.items)
            self.items.append(value)
        return self._number[key]

    def card(self, value: Any, where: str) -> int | None:
        """Return the number of a card whose values are numbers of pool items in turn.

        The same object is read once; it is kept, so that no other takes its identity.
        """
        if id(value) not in self._cards:
            self._cards[id(value)] = (value, self._card(value, where))
        return self._cards[id(value)][1]

    def _card(self, value: Any, where: str) -> int | None:
        if not isinstance(value, Mapping) or not value:
            return None
        card = blocks.card(value, where)
        return self.put(
            {
                name: [self.put(v) for v in one] if isinstance(one, list) else self.put(one)
                for name, one in card.items()
            }
        )


def deflate(raw: bytes) -> str:
    """Return ``raw`` as zlib deflate in base64 text."""
    return base64.b64encode(zlib.compress(raw, 9)).decode("ascii")


def inflate(text: str) -> bytes:
    """Return what :func:`deflate` was given."""
    return zlib.decompress(base64.b64decode(text))


def planes(index: npt.NDArray[np.uint16]) -> bytes:
    """Return all high bytes, then all low bytes."""
    flat = index.ravel()
    return (flat >> 8).astype(np.uint8).tobytes() + (flat & 255).astype(np.uint8).tobytes()


def make(parts: Sequence[PartResult], base: BaseImage, meta: MapMeta) -> Payload:
    """Return the data blocks for ``parts`` in their order."""
    pool = Pool()
    rasters: list[str] = []
    document: dict[str, Any] = {"meta": _meta(meta, parts), "views": [], "rasters": []}
    for part in parts:
        for raster in (*([part.raster] if part.raster else []), *part.more_rasters):
            views, grid, raw = _raster(raster, len(rasters), pool, meta.lang)
            document["views"] += views
            document["rasters"].append(grid)
            rasters.append(deflate(raw))
    document["tabs"] = _tabs(parts, meta.lang)
    document["vectors"] = [_vector(view, pool, meta) for part in parts for view in part.vectors]
    picture, frame = relief(base.hillshade, base.grid)
    document["base"] = _base(base, meta)
    document["base"]["relief"] = list(frame.bounds)
    document["pool"] = pool.items
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Payload(deflate(text.encode("utf-8")), picture, rasters)


def _meta(meta: MapMeta, parts: Sequence[PartResult]) -> dict[str, Any]:
    lang = meta.lang
    said = [(part, part.absent) for part in parts if part.absent is not None]
    return {
        "title": meta.title.of(lang),
        "lang": lang,
        "as_of": meta.as_of,
        "badge": meta.badge.of(lang),
        "citations": list(dict.fromkeys(meta.citations)),
        "crs": meta.crs_label,
        "resolution": meta.resolution,
        "footer": meta.footer.of(lang),
        "run": meta.run_id,
        "assumed": [one.of(lang) for one in meta.assumed],
        "changed": [one.of(lang) for one in meta.changed],
        "synthetic": any(part.passport.synthetic for part in parts),
        "absent": [{"part": part.title.of(lang), "text": why.of(lang)} for part, why in said],
        "warnings": _distinct(one.of(lang) for part in parts for one in part.warnings),
        "undecided": _distinct(one.of(lang) for part in parts for one in part.undecided),
    }


def _distinct(texts: Any) -> list[str]:
    return list(dict.fromkeys(texts))


def _raster(
    raster: PatternRaster, number: int, pool: Pool, lang: str
) -> tuple[list[dict[str, Any]], dict[str, Any], bytes]:
    """Return views, grid and index; patterns that look and read alike share one number."""
    target = display_grid(raster.grid)
    warped = warp_index(raster.index, raster.grid, target)
    counts = np.bincount(warped.ravel(), minlength=OUTSIDE + 1)[:OUTSIDE]
    shown = np.flatnonzero(counts)
    alike, kind_of = np.unique(
        np.concatenate([_look(view, shown, pool) for view in raster.views], axis=1),
        axis=0, return_inverse=True,
    )  # fmt: skip
    kind_of = kind_of.reshape(-1)
    order = np.argsort(-np.bincount(kind_of, counts[shown], len(alike)), kind="stable")
    place = np.empty(len(alike), np.uint16)
    place[order] = np.arange(len(alike), dtype=np.uint16)
    renumber = np.full(OUTSIDE + 1, OUTSIDE, dtype=np.uint16)
    renumber[shown] = place[kind_of]
    views = [
        _view(view, alike[order, 2 * i : 2 * i + 2], number, lang, raster.passport.synthetic)
        for i, view in enumerate(raster.views)
    ]
    grid = {
        "rows": target.rows,
        "cols": target.cols,
        "west": target.transform.c,
        "north": target.transform.f,
        "size": target.dx,
        "ground": raster.grid.dx,
    }
    return views, grid, planes(renumber[warped])


def _look(view: ClassView, shown: npt.NDArray[np.intp], pool: Pool) -> npt.NDArray[np.int64]:
    """Return (class, number of the card or -1) of each shown pattern."""
    where = f"view {view.id}"
    cards = [pool.card(view.card[p], where) if p < len(view.card) else None for p in shown]
    numbers = [-1 if card is None else card for card in cards]
    return np.column_stack([view.of_pattern[shown], np.array(numbers, np.int64)]).astype(np.int64)


def _view(
    view: ClassView, looks: npt.NDArray[np.int64], raster: int, lang: str, synthetic: bool
) -> dict[str, Any]:
    return {
        "id": view.id,
        "title": view.title.of(lang),
        "of": view.of,
        "tabs": list(view.tabs),
        "raster": raster,
        "swatches": [_swatch(one, lang, synthetic) for one in view.swatches],
        "classes": looks[:, 0].tolist(),
        "cards": [None if card < 0 else card for card in looks[:, 1].tolist()],
    }


def _swatch(swatch: Swatch, lang: str, synthetic: bool) -> dict[str, Any]:
    return {
        "label": swatch.label.of(lang),
        "colour": swatch.colour,
        "opacity": swatch.opacity,
        "hatch": swatch.hatch,
        "synthetic": swatch.synthetic or synthetic,
    }


def _tabs(parts: Sequence[PartResult], lang: str) -> list[dict[str, Any]]:
    """Return the tabs in their order; parts that name one tab share it, the first leads it."""
    tabs: list[tuple[PartResult, Tab]] = [(part, tab) for part in parts for tab in part.tabs]
    tabs.sort(key=lambda pair: pair[1].order)
    found: dict[str, dict[str, Any]] = {}
    for part, tab in tabs:
        drawn = [blocks.check(one, f"{part.id}/{tab.id}") for one in tab.blocks]
        if tab.id in found:
            found[tab.id]["blocks"] += drawn
            continue
        found[tab.id] = {
            "id": tab.id,
            "title": tab.title.of(lang),
            "sentence": tab.sentence.of(lang),
            "view": tab.view,
            "blocks": drawn,
        }
    return list(found.values())


def _vector(view: VectorView, pool: Pool, meta: MapMeta) -> dict[str, Any]:
    frame = shapes.to_lonlat(view.features)
    geometries = list(frame.geometry)
    if view.role not in _POINTS:
        share = 0.1 if view.role == "works" else 0.35  # a dam is thinner than a cell
        geometries = shapes.simplified(geometries, share * meta.resolution)
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    features = [
        feature
        for row, geometry in zip(rows, geometries, strict=True)
        if (feature := _feature(row, geometry, view.role, pool, view.id)) is not None
    ]
    return {
        "id": view.id,
        "title": view.title.of(meta.lang),
        "role": view.role,
        "colour": view.colour,
        "tabs": list(view.tabs),
        "synthetic": view.passport.synthetic,
        "features": features,
    }


def _feature(
    row: Mapping[str, Any], geometry: Any, role: str, pool: Pool, where: str
) -> dict[str, Any] | None:
    if geometry is None or geometry.is_empty:
        return None
    if role in _POINTS and geometry.geom_type not in {"Point", "MultiPoint"}:
        geometry = geometry.representative_point()
    shape = shapes.encode(geometry)
    if shape is None:
        return None
    out: dict[str, Any] = {"g": shape}
    card = pool.card(row.get("card"), where)
    if card is not None:
        out["card"] = card
    for name in ("id", "label", "icon", "of"):
        if _given(row.get(name)):
            out[name] = str(row[name])
    for name in ("rank", "size", "class"):
        if _given(row.get(name)):
            out[name] = int(row[name])
    for name in ("blocked", "drawn"):
        if _given(row.get(name)) and bool(row[name]):
            out[name] = 1
    quality = row.get("coord_quality")
    # a candidate's place is the cells that were screened, whatever its ground is made of
    if role != "site" and _given(quality) and quality not in SCREENABLE:
        out["approx"] = 1
    return out


def _given(value: Any) -> bool:
    return value is not None and value is not pd.NA and value == value and value != ""  # noqa: PLR0124


def _base(base: BaseImage, meta: MapMeta) -> dict[str, Any]:
    metres = 0.35 * meta.resolution
    region = shapes.to_lonlat(gpd.GeoDataFrame(geometry=[base.boundary], crs=base.grid.crs))
    counties = shapes.to_lonlat(base.counties)
    outline = shapes.simplified(list(region.geometry), metres)[0]
    lines = shapes.simplified(list(counties.geometry), metres)
    names = [str(one) for one in counties["name"]] if "name" in counties else [""] * len(lines)
    water: list[Any] = []
    if base.water is not None:
        found = shapes.simplified(list(shapes.to_lonlat(base.water).geometry), metres)
        water = [code for one in found if (code := shapes.encode(one)) is not None]
    return {
        "bounds": [round(v, 5) for v in region.total_bounds.tolist()],
        "boundary": shapes.encode(outline),
        "counties": [
            {"name": name, "g": shapes.encode(line), "at": shapes.label_point(whole)}
            for name, line, whole in zip(names, lines, counties.geometry, strict=True)
            if not line.is_empty
        ],
        "water": water,
    }
