"""The layers that rules speak of and that are drawn only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import geopandas as gpd

from layers.demo import banks, hazards, heritage, scenario, woods, works
from layers.demo.ground import Ground

#: Layer -> what draws it. Military zones, their clearance and noise zones are not drawn:
#: no demo may suggest where they lie.
MAKERS: Final[Mapping[str, Callable[[Ground], gpd.GeoDataFrame]]] = MappingProxyType(
    {
        "national_park": scenario.national_park,
        "scenic_area": heritage.scenic_area,
        "relic": heritage.relic,
        "old_tree": heritage.old_tree,
        "geohazard": hazards.geohazard,
        "soil_zone": hazards.soil_zone,
        "eco_function": woods.eco_function,
        "habitat": woods.habitat,
        "danjiangkou_zone": banks.danjiangkou_zone,
        "river_zone": banks.river_zone,
        "dam_zone": banks.dam_zone,
        "forest_grade": woods.forest_grade,
        "natural_forest": woods.natural_forest,
        "state_farm": woods.state_farm,
        "power_line": works.power_line,
        "urban_boundary": works.urban_boundary,
        "abandoned_mine": hazards.abandoned_mine,
        "facility": works.facility,
        "plan_corridor": scenario.plan_corridor,
        "zoning_unit": scenario.zoning_unit,
        "national_park_candidate": scenario.national_park_candidate,
    }
)
