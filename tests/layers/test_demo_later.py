"""The layers that rules speak of: contract, closed lists, place, order, and no overlaps."""

from __future__ import annotations

import hashlib

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo import crs as geo_crs
from layers.catalog import open_catalog
from layers.contract import SPECS
from layers.demo import notes, scene
from layers.demo.later import MAKERS
from layers.facts import load_facts
from layers.region import Region, load_region
from layers.synthetic import Generators

pytestmark = pytest.mark.slow

KINDS = {"str": "OUT", "int": "i", "float": "f"}
CLOSED = {
    ("national_park", "zone"): set(),
    ("scenic_area", "zone"): {"core", "other"},
    ("relic", "zone"): {"protection", "control"},
    ("relic", "level"): {"world", "national", "provincial", "city", "county"},
    ("geohazard", "zone"): {"danger", "prone"},
    ("soil_zone", "zone"): {"prevention", "control"},
    ("danjiangkou_zone", "zone"): {"reservoir", "management", "protection"},
    ("forest_grade", "grade"): {1, 2, 3, 4},
    ("power_line", "kv"): {110.0, 220.0, 500.0},
    ("zoning_unit", "unit"): {"priority", "key", "general"},
    ("facility", "status"): {"built", "approved"},
    ("facility", "technology"): {"hydro", "pumped"},
    ("facility", "component"): {"existing_reservoir_works"},
}
#: Never drawn: no demo may suggest where they lie.
UNDRAWN = {"military", "military_clearance", "noise_zone"}


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region("shiyan", open_catalog("demo"))


@pytest.fixture(scope="module")
def made(region: Region) -> scene.Scene:
    return scene.make_scene(region, 0, lambda _stage: None)


def digest(frame: gpd.GeoDataFrame) -> str:
    shapes = b"".join(shapely.to_wkb(frame.geometry.to_numpy()))
    rows = frame.drop(columns="geometry").to_csv().encode()
    return hashlib.sha256(shapes + rows).hexdigest()


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_layer_keeps_its_contract(name: str, made: scene.Scene, region: Region) -> None:
    frame, spec = made.vectors[name], SPECS[name]
    assert geo_crs.check_crs(frame.crs, name) == region.crs
    assert list(frame.columns) == [*spec.columns, "geometry"]
    for column, kind in spec.columns.items():
        assert frame[column].dtype.kind in KINDS[kind], column
        allowed = CLOSED.get((name, column))
        if allowed is not None:
            assert set(frame[column]) == allowed, column
        if kind == "str" and column not in {"approved", "passed"}:
            assert (frame[column] != "").all(), column
    assert frame.empty == (name == "national_park")
    assert frame.is_valid.all()
    assert not frame.is_empty.any()
    wanted = {"polygon": "Polygon", "line": "LineString"}[spec.geometry]
    assert {kind.removeprefix("Multi") for kind in frame.geom_type} <= {wanted}
    assert frame.within(made.box.buffer(1.0)).all()
    xy = shapely.get_coordinates(frame.geometry.to_numpy())
    assert xy.size == 0 or np.abs(xy * 10 - np.round(xy * 10)).max() < 1e-3
    assert notes.NOTES[name]
    assert notes.passport(name).synthetic


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_layer_is_drawn_alone_and_again(name: str, made: scene.Scene) -> None:
    assert digest(MAKERS[name](made._ground)) == digest(made.vectors[name])


def test_later_layers_are_light(made: scene.Scene) -> None:
    counts = [
        shapely.get_num_coordinates(made.vectors[name].geometry.to_numpy()).sum() for name in MAKERS
    ]
    assert sum(counts) < 60_000


def test_protected_areas_do_not_overlap(made: scene.Scene) -> None:
    """生态环境法典 第859条: reserves, parks, national parks and scenic areas stand apart."""
    names = ("nature_reserve", "nature_park", "national_park", "scenic_area")
    shapes = [g for name in names for g in made.vectors[name].geometry]
    doubled = sum(g.area for g in shapes) - shapely.union_all(shapes).area
    assert doubled < 1.0


@pytest.mark.parametrize(
    "name", ["forest_grade", "soil_zone", "zoning_unit", "danjiangkou_zone", "scenic_area"]
)
def test_zones_of_one_layer_do_not_overlap(name: str, made: scene.Scene) -> None:
    shapes = made.vectors[name].geometry.to_numpy()
    assert shapely.area(shapes).sum() - shapely.union_all(shapes).area < 2000.0  # snapped to 0.1 m


def test_relic_zones_do_not_overlap(made: scene.Scene) -> None:
    for name, group in made.vectors["relic"].groupby("name"):
        inner, outer = (group.loc[group["zone"] == zone, "geometry"].union_all()
                        for zone in ("protection", "control"))  # fmt: skip
        assert inner.intersection(outer).area < 50.0, name
        assert inner.distance(outer) < 1.0, name


def test_zoning_units_fill_the_region(made: scene.Scene, region: Region) -> None:
    whole = made.vectors["zoning_unit"].area.sum()
    assert whole == pytest.approx(region.boundary.area, rel=1e-5)


def test_heritage_is_invented_and_named_so(made: scene.Scene, region: Region) -> None:
    county = region.counties.set_index("name").loc["丹江口市", "geometry"]
    for layer in ("relic", "scenic_area"):
        frame = made.vectors[layer]
        own = frame[frame["name"].isin(["演示世界遗产古建筑群", "演示风景名胜区"])]
        assert len(own)
        assert not frame["name"].str.contains("武当").any()
        assert own.within(county.buffer(9000.0)).all()
    world = made.vectors["relic"].query("level == 'world'")
    assert set(world["zone"]) == {"protection", "control"}


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_every_feature_says_demo(name: str, made: scene.Scene) -> None:
    assert made.vectors[name]["name"].str.contains("演示").all()


def test_power_lines_join_substations_of_their_voltage(made: scene.Scene) -> None:
    stations = made.vectors["substation"]
    at = {geometry.coords[0]: kv for geometry, kv in zip(stations.geometry, stations["kv"],
                                                         strict=True)}  # fmt: skip
    for row in made.vectors["power_line"].itertuples():
        ends = {at[row.geometry.coords[0]], at[row.geometry.coords[-1]]}
        assert row.kv in ends
        assert min(ends) == row.kv
    assert len(stations) - 1 <= len(made.vectors["power_line"]) < 2 * len(stations)


def test_urban_boundary_keeps_clear_of_farmland_and_red_line(made: scene.Scene) -> None:
    towns = made.vectors["urban_boundary"].geometry.union_all()
    for other in ("permanent_farmland", "eco_redline"):
        assert towns.intersection(made.vectors[other].geometry.union_all()).area < 500.0, other
    assert len(made.vectors["urban_boundary"]) == 8


def test_pankou_reservoir_stands_in_its_own_park(made: scene.Scene, region: Region) -> None:
    """The exemption of a standing reservoir shows at the dam of 潘口 and on its lake."""
    frame = made.vectors["facility"]
    assert (frame.loc[frame["technology"] == "hydro", "approved"] == "").all()
    own = frame[frame["name"].str.startswith("潘口")]
    assert set(own["technology"]) == {"hydro", "pumped"}
    assert own.set_index("technology").loc["pumped", "approved"] == "2022-11-15"
    parks = made.vectors["nature_park"].set_index("name")
    park = parks.loc["竹山圣水湖", "geometry"]
    lake = own.geometry.iloc[0]
    # the published park is smaller than the demo lake, so its upper end lies outside
    assert park.intersection(lake).area > 0.49 * lake.area
    assert park.intersection(lake).area > 0.6 * park.area
    wetland = made.vectors["important_wetland"].geometry.iloc[0]
    assert wetland.intersection(lake).area > 0.5 * wetland.area
    passed = own.set_index("technology").loc["hydro", "passed"].split(" ")
    assert {"R-11b", "R-11be", "R-11bl", "R-28", "R-29", "R-26", "R-03"} == set(passed)


def test_sources_of_the_facts_are_registered() -> None:
    known = set(load_facts("shiyan").sources)
    for name in MAKERS:
        assert set(notes.FITTED_TO.get(name, ())) <= known, name


def test_undrawn_layers_are_absent_everywhere(made: scene.Scene) -> None:
    catalog = open_catalog("demo")
    assert not UNDRAWN & set(made.vectors)
    assert not UNDRAWN & set(catalog.entries)
    assert set(MAKERS) | UNDRAWN <= set(SPECS)


def test_a_layer_nobody_asked_for_is_not_drawn(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = scene.Scene.__new__(scene.Scene)
    monkeypatch.setattr(scene, "_remembered", lambda *_: fresh)
    drawn: list[str] = []

    def maker(name: str) -> gpd.GeoDataFrame:
        drawn.append(name)
        return gpd.GeoDataFrame({"name": ["演示"]}, geometry=[region.boundary], crs=region.crs)

    fresh.vectors = scene.Drawn({n: (lambda n=n: maker(n)) for n in ("habitat", "state_farm")})
    wanted = frozenset({"habitat"})
    generators = Generators(region.grid(900.0), region, 0, lambda _: None, wanted)
    assert generators.layer("habitat", "demo").passport.synthetic
    assert generators.layer("habitat", "demo").vector() is not None
    assert drawn == ["habitat"]
    with pytest.raises(Exception, match="no such layer"):
        generators.layer("state_farm", "demo")
