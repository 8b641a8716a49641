"""Connection lines and turbines on the map."""

from __future__ import annotations

from typing import Final

import geopandas as gpd

from atlas.part import VectorView
from atlas.parts._siting_words import TECH_NAME
from geo.errors import Say
from siting.law.terms import Technology
from siting.study import Study, TechnologyStudy
from siting.wind.sites import WindResult

#: Lines of this many of the best sites are drawn.
LINES: Final = 40
_COLOUR: Final = {Technology.PV: "#9a5b00", Technology.WIND: "#0f766e"}


def connection_view(study: Study, one: TechnologyStudy) -> VectorView | None:
    """Return the connection lines of the best sites; None without any."""
    found = one.connections
    if found is None or not len(found.lines):
        return None
    best = set(one.order[:LINES].tolist())
    lines = found.lines
    chosen = lines[(lines["kind"] == "line").to_numpy() & lines["site"].isin(best).to_numpy()]
    if not len(chosen):
        return None
    name, key = TECH_NAME[one.technology], one.technology.value
    frame = gpd.GeoDataFrame(geometry=list(chosen.geometry), crs=study.grid.crs)
    return VectorView(
        f"lines-{key}",
        Say(f"{name.zh}前 {LINES} 处送出线路", f"{name.en}: lines of the best {LINES}"),
        "line",
        frame,
        found.passport,
        _COLOUR[one.technology],
        (f"siting/{key}",),
    )


def turbine_view(study: Study, one: TechnologyStudy) -> VectorView | None:
    """Return the turbines; None for PV or without any."""
    if not isinstance(one.result, WindResult) or not len(one.result.turbines.x):
        return None
    found = one.result.turbines
    points = gpd.points_from_xy(found.x, found.y, crs=study.grid.crs)
    key = one.technology.value
    return VectorView(
        f"turbines-{key}",
        Say("风机机位（自动排布）", "turbines (placed by rule)"),
        "turbine",
        gpd.GeoDataFrame(geometry=points, crs=study.grid.crs),
        one.result.passport,
        _COLOUR[one.technology],
        (f"siting/{key}",),
    )
