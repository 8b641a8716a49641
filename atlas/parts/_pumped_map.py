"""Found storage sites on the map: points from afar, lakes, dams and tunnels close up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from atlas.part import VectorView
from atlas.parts._pumped_words import number
from geo.errors import Say
from siting.law.terms import Verdict

if TYPE_CHECKING:
    from siting.pumped.studied import PumpedStudy

TAB: Final = "storage"
COLOUR: Final = "#12355b"
_STEPS: Final = (1 / 3, 2 / 3)
_CLASSES: Final = 7
#: Structure -> how the map draws it; an existing lake has a drawing of its own.
_ICON: Final = {
    "upper_lake": "upper_lake", "lower_lake": "lower_lake", "upper_dam": "dam",
    "lower_dam": "dam", "tunnel": "tunnel", "powerhouse": "powerhouse", "road": "road",
    "line": "line",
}  # fmt: skip
#: Sites whose structures are drawn: the page travels by mail.
DRAWN: Final = 200


def views(study: PumpedStudy, cards: Sequence[Mapping[str, Any]]) -> tuple[VectorView, ...]:
    """Return the structures of the best sites and a point a site."""
    if not len(study.sites):
        return ()
    points = _points(study, cards)
    found = Say("抽蓄候选场址", "Storage sites found")
    works = Say("抽蓄建筑物", "Structures of the storage sites")
    return (
        VectorView("pumped-works", works, "works", _works(study), study.passport, COLOUR, (TAB,)),
        VectorView("pumped-sites", found, "site", points, study.passport, COLOUR, (TAB,)),
    )


def _points(study: PumpedStudy, cards: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    sites, n = study.sites, len(study.sites)
    mw = sites["capacity_mw"].to_numpy(np.float64)
    steps = np.nanquantile(mw, _STEPS)
    place = np.arange(n) / n
    columns = {
        "id": sites["id"].to_numpy(),
        "rank": sites["rank"].to_numpy(object),
        "size": 1 + np.searchsorted(steps, mw, side="right"),
        "class": np.clip(_CLASSES - 1 - np.floor(place * _CLASSES), 0, 6).astype(np.int64),
        "label": [""] * n,
        "blocked": [verdict is Verdict.PROHIBITED for verdict in study.law.verdict],
        "drawn": np.arange(n) < DRAWN,
        "coord_quality": sites["coord_quality"].to_numpy(),
        "card": list(cards),
    }
    points = gpd.points_from_xy(sites["lon"], sites["lat"], crs="EPSG:4326")
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=points, crs="EPSG:4326")


def _works(study: PumpedStudy) -> gpd.GeoDataFrame:
    parts = study.works.parts
    parts = parts[(parts["site"] < DRAWN) & parts["part"].isin(_ICON)]
    stands = parts["existing"].astype(bool) & parts["part"].str.endswith("_lake")
    again = parts.geometry.to_wkb().duplicated() & stands  # one lake of many sites is drawn once
    parts = parts[~again]
    ids = study.sites["id"].to_numpy()
    heads = [number(row, "head_m") for row in study.sites.to_dict("records")]
    shapes = [
        one.representative_point() if part == "powerhouse" else one
        for part, one in zip(parts["part"], parts.geometry, strict=True)
    ]
    frame = {
        "of": [str(ids[site]) for site in parts["site"]],
        "icon": [
            "existing_lake" if stands and part.endswith("_lake") else _ICON[part]
            for part, stands in zip(parts["part"], parts["existing"].astype(bool), strict=True)
        ],
        "label": [
            f"{heads[site]:.0f} m" if part == "tunnel" and np.isfinite(heads[site]) else ""
            for part, site in zip(parts["part"], parts["site"], strict=True)
        ],
    }
    return gpd.GeoDataFrame(pd.DataFrame(frame), geometry=shapes, crs=parts.crs)
