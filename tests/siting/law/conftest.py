"""A tiny scene with one named spot for each situation that a rule speaks of."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from shapely.geometry import LineString, box

from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from layers.contract import SPECS
from layers.layer import Layer, LayerStack
from siting.law.predicates import Parameters
from siting.law.rules import load_ruleset, scenarios
from siting.law.screening import pattern_table, screen

CELL = 30.0
SIZE = 12  # cells of a spot
#: spot -> (land cover, shrub cover, vector features as (layer, attributes))
SPOTS = {
    "airport": (5, 0, []),
    "free": (5, 0, []),
    "redline": (5, 0, [("eco_redline", {"name": "a"})]),
    "redline_core": (
        5,
        0,
        [
            ("eco_redline", {"name": "b"}),
            ("nature_reserve", {"name": "b", "zone": "core", "level": "national"}),
        ],
    ),
    "core": (5, 0, [("nature_reserve", {"name": "c", "zone": "core", "level": "national"})]),
    "general": (5, 0, [("nature_reserve", {"name": "d", "zone": "general", "level": "x"})]),
    "park": (5, 0, [("nature_park", {"name": "e", "level": "national"})]),
    "farmland": (1, 0, [("permanent_farmland", {"name": "f"})]),
    "arable": (1, 0, []),
    "tree": (3, 0, []),
    "bamboo": (9, 0, []),
    "shrub_dense": (4, 50, []),
    "shrub_sparse": (4, 49, []),
    "public_tree": (3, 0, [("public_forest", {"name": "g"})]),
    "source_1": (5, 0, [("water_source", {"name": "h", "grade": 1})]),
    "source_2": (5, 0, [("water_source", {"name": "h", "grade": 2})]),
    "source_3": (5, 0, [("water_source", {"name": "h", "grade": 3})]),
    "reservoir": (5, 0, [("reservoir", {"name": "i"})]),
    "water": (6, 0, []),
    "wetland_national": (5, 0, [("important_wetland", {"name": "j", "level": "national"})]),
    "wetland_provincial": (5, 0, [("important_wetland", {"name": "j", "level": "provincial"})]),
    "unused": (8, 0, []),
    "river": (5, 0, []),
    "road": (5, 0, []),
    "steep": (5, 0, []),
    "settlement": (5, 0, [("settlement", {"name": "k", "rank": "village"})]),
    "redline_source": (
        5,
        0,
        [("eco_redline", {"name": "l"}), ("water_source", {"name": "l", "grade": 2})],
    ),
    "park_core": (5, 0, [("national_park", {"name": "m", "zone": "core"})]),
    "park_general": (5, 0, [("national_park", {"name": "m", "zone": "general"})]),
    "redline_park_core": (
        5,
        0,
        [("eco_redline", {"name": "m"}), ("national_park", {"name": "m", "zone": "core"})],
    ),
    "scenic_core": (5, 0, [("scenic_area", {"name": "n", "zone": "core"})]),
    "scenic_other": (5, 0, [("scenic_area", {"name": "n", "zone": "other"})]),
    "redline_scenic": (
        5,
        0,
        [("eco_redline", {"name": "n"}), ("scenic_area", {"name": "n", "zone": "other"})],
    ),
    "relic": (5, 0, [("relic", {"name": "o", "zone": "protection", "level": "county"})]),
    "relic_control": (5, 0, [("relic", {"name": "o", "zone": "control", "level": "county"})]),
    "world": (5, 0, [("relic", {"name": "p", "zone": "protection", "level": "world"})]),
    "world_control": (5, 0, [("relic", {"name": "p", "zone": "control", "level": "world"})]),
    "old_tree": (5, 0, [("old_tree", {"name": "q"})]),
    "danger": (5, 0, [("geohazard", {"name": "r", "zone": "danger"})]),
    "prone": (5, 0, [("geohazard", {"name": "r", "zone": "prone"})]),
    "soil": (5, 0, [("soil_zone", {"name": "s", "zone": "control"})]),
    "eco_function": (5, 0, [("eco_function", {"name": "t"})]),
    "habitat": (5, 0, [("habitat", {"name": "u"})]),
    "danjiangkou": (5, 0, [("danjiangkou_zone", {"name": "v", "zone": "protection"})]),
    "river_zone": (5, 0, [("river_zone", {"name": "w"})]),
    "dam_zone": (5, 0, [("dam_zone", {"name": "x"})]),
    "dam_water": (5, 0, [("dam_zone", {"name": "x"}), ("reservoir", {"name": "x"})]),
    "grade_1": (3, 0, [("forest_grade", {"name": "y", "grade": 1})]),
    "grade_3": (5, 0, [("forest_grade", {"name": "y", "grade": 3})]),
    "unused_forest": (8, 0, [("forest_grade", {"name": "y", "grade": 4})]),
    "natural_tree": (3, 0, [("natural_forest", {"name": "z"})]),
    "state_farm": (5, 0, [("state_farm", {"name": "aa"})]),
    "military": (5, 0, [("military", {"name": "ab", "zone": "restricted"})]),
    "military_managed": (5, 0, [("military", {"name": "ab", "zone": "managed"})]),
    "clearance": (5, 0, [("military_clearance", {"name": "ac"})]),
    "noise": (5, 0, [("noise_zone", {"name": "ad"})]),
    "line": (5, 0, []),
    "urban": (5, 0, [("urban_boundary", {"name": "ae"})]),
    "mine": (5, 0, [("abandoned_mine", {"name": "af"})]),
    "corridor": (5, 0, [("plan_corridor", {"name": "ag"})]),
    "zoning_priority": (5, 0, [("zoning_unit", {"name": "ah", "unit": "priority"})]),
    "zoning_key": (5, 0, [("zoning_unit", {"name": "ah", "unit": "key"})]),
    "zoning_general": (5, 0, [("zoning_unit", {"name": "ah", "unit": "general"})]),
    "candidate": (5, 0, [("national_park_candidate", {"name": "ai"})]),
}


@dataclass
class Scene:
    """The stack and where its spots are."""

    stack: LayerStack
    parameters: Parameters = field(default_factory=lambda: Parameters(wind_settlement_m=60.0))

    @property
    def grid(self) -> Grid:
        return self.stack.grid

    def cell(self, spot: str) -> tuple[int, int]:
        return SIZE // 2, list(SPOTS).index(spot) * SIZE + SIZE // 2

    def without(self, *names: str) -> Scene:
        layers = {k: v for k, v in self.stack.layers.items() if k not in names}
        absent = {name: Say("演示中去掉", "taken out") for name in names}
        return Scene(LayerStack(self.grid, layers, absent), self.parameters)

    def having(self, name: str, **changes) -> Scene:
        layers = dict(self.stack.layers)
        layers[name] = replace(layers[name], **changes)
        return Scene(LayerStack(self.grid, layers, self.stack.absent), self.parameters)

    def adding(self, name: str, records: list[dict]) -> Scene:
        """Return the scene with a layer made of ``records``, each with its geometry."""
        frame = gpd.GeoDataFrame(records, geometry="geometry", crs=self.grid.crs)
        layer = Layer(name, frame, SPECS[name], Passport(sources=("scene",), synthetic=True))
        return Scene(
            LayerStack(self.grid, {**self.stack.layers, name: layer}, self.stack.absent),
            self.parameters,
        )

    def spot_box(self, spot: str):
        """Return the polygon of a spot, one cell in from its borders."""
        return _spot_box(self.grid, list(SPOTS).index(spot))

    def screen(self, jurisdiction="hubei", as_of=date(2026, 11, 22), what_if=()):
        rules = load_ruleset(jurisdiction, as_of, what_if=what_if)
        return screen(self.stack, rules, self.parameters)

    def table(self, screening):
        zones = np.ones(self.grid.shape, np.uint8)
        zones[-1] = 0  # a row outside the region
        areas = np.broadcast_to(np.float64(CELL * CELL), self.grid.shape)
        return pattern_table(screening, zones, areas)


def _spot_box(grid: Grid, i: int):
    west, _, _, north = grid.bounds
    x = west + i * SIZE * CELL
    return box(x + CELL, north - (SIZE - 1) * CELL, x + (SIZE - 1) * CELL, north - CELL)


def build_scene() -> Scene:
    """Return the scene; every rule of the table finds a spot that it hits."""
    west, north = 500_000.0, 3_600_000.0
    cols = SIZE * len(SPOTS)
    grid = Grid.from_bounds(
        "EPSG:4546", (west, north - SIZE * CELL, west + cols * CELL, north), CELL
    )
    land = np.zeros(grid.shape, np.uint8)
    shrub = np.zeros(grid.shape, np.uint8)
    dem = np.full(grid.shape, 500.0, np.float32)
    rows: dict[str, list[dict]] = {
        spec.name: [] for spec in SPECS.values() if spec.kind == "vector"
    }
    for i, (spot, (cover, shrubs, features)) in enumerate(SPOTS.items()):
        part = slice(i * SIZE, (i + 1) * SIZE)
        land[:, part], shrub[:, part] = cover, shrubs
        shape = _spot_box(grid, i)
        for layer, attributes in features:
            rows[layer].append({**attributes, "geometry": shape})
        middle = LineString(
            [(shape.centroid.x + 1, shape.bounds[1]), (shape.centroid.x + 1, shape.bounds[3])]
        )
        if spot == "river":
            rows["river"].append({"name": "r", "width_m": 80.0, "geometry": middle})
        if spot == "road":
            rows["road"].append({"name": "G", "class": "motorway", "geometry": middle})
        if spot == "line":  # the cell's centre lies 16 m from the line: inside 20 m, outside 15 m
            off = LineString(
                [(shape.centroid.x + 31, shape.bounds[1]), (shape.centroid.x + 31, shape.bounds[3])]
            )
            rows["power_line"].append({"name": "l", "kv": 500.0, "geometry": off})
        if spot == "steep":
            dem[:, part] += np.arange(SIZE, dtype=np.float32) * CELL * math.tan(math.radians(40))
    # the eastern edge of the runway's box falls into the first spot
    x = west + SIZE * CELL - CELL - 10_000
    runway = LineString([(x, north - 1000), (x, north + 1000)])
    rows["airport"].append({"name": "武", "geometry": runway})
    layers: dict[str, Layer] = {}
    passport = Passport(sources=("scene",), synthetic=True)
    for name, data in (("land_cover", land), ("shrub_cover", shrub), ("dem", dem)):
        array = xr.DataArray(data, dims=("y", "x"))
        layers[name] = Layer(name, array, SPECS[name], passport)
    for name, records in rows.items():
        if records:
            frame = gpd.GeoDataFrame(records, geometry="geometry", crs=grid.crs)
            layers[name] = Layer(name, frame, SPECS[name], passport)
    return Scene(LayerStack(grid, layers))


@pytest.fixture(scope="session")
def scene() -> Scene:
    return build_scene()


@pytest.fixture(scope="session")
def screening(scene):
    return scene.screen()


@pytest.fixture(scope="session")
def supposed(scene):
    """Screening of the law with every what-if switched on."""
    return scene.screen(what_if=scenarios())


@pytest.fixture(scope="session")
def table(scene, screening):
    return scene.table(screening)
