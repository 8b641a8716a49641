"""Golden checks of the published figures, one test each; sources stand in the tables."""

import pytest

from geo import units
from layers.facts import load_facts


@pytest.fixture(scope="module")
def facts():
    return load_facts("shiyan")


def protected(facts, name):
    table = facts.protected_areas
    return table[table["name"] == name].iloc[0]


def test_doulingzi_hours_near_the_published_ones(facts):
    site = facts.site("hydro-doulingzi")
    hours = site.figure("generation_gwh").value * 1e3 / site.capacity_mw.value
    assert hours == pytest.approx(3007, abs=0.5)
    assert hours == pytest.approx(site.figure("published_hours").value, rel=0.002)


def test_pankou_share_of_the_duhe_basin(facts):
    # 12,500 km² for the whole 堵河: S32
    assert facts.site("hydro-pankou").figure("catchment_km2").value / 12_500 == pytest.approx(0.716)


def test_forest_area_over_cover_closes_on_the_city(facts):
    area = facts.controls["city_area_km2"]
    closing = {
        p.year: units.wan_mu_to_km2(p.area_wan_mu) / (p.cover_pct / 100)
        for p in facts.forest_series
        if p.definition in {"D1", "D3", ""}
    }
    assert {y: round(v) for y, v in closing.items()} == {
        1999: 23_687,
        2019: 23_678,
        2022: 23_684,
        2023: 23_665,
    }
    assert all(area.low <= round(v) <= area.high for v in closing.values())
    assert closing[2023] == pytest.approx(23_665, abs=1)


def test_points_of_2013_and_2014_do_not_close(facts):
    for point in facts.forest_series:
        if point.definition in {"H1", "H2"}:
            land = units.wan_mu_to_km2(point.area_wan_mu) / (point.cover_pct / 100)
            assert land < 0.95 * facts.controls["city_area_km2"].value


def test_protected_areas_close_on_the_city(facts):
    controls = facts.controls
    km2 = units.wan_mu_to_km2(controls["protected_areas_wan_mu"].value)
    assert km2 == pytest.approx(4457, abs=0.5)
    land = km2 / (controls["protected_areas_share_pct"].value / 100)
    assert land == pytest.approx(23_670, abs=1)


def test_wuduofeng_zones_add_up(facts):
    row = protected(facts, "五朵峰")
    parts = row["core_ha"] + row["buffer_ha"] + row["experimental_ha"]
    assert parts == pytest.approx(row["area_ha"], abs=0.05)


def test_duheyuan_elevation_bands_add_up(facts):
    assert protected(facts, "堵河源")["area_ha"] == 3_546 + 18_087 + 25_540  # bands: S53


def test_area_and_density_units():
    assert units.m3_mu_to_m3_ha(4.5) == pytest.approx(67.5)
    assert units.wan_mu_to_km2(1.0) == pytest.approx(6.6667, abs=5e-5)


def test_red_line_share_of_the_city(facts):
    share = facts.controls["eco_redline_km2"].value / facts.controls["city_area_km2"].value
    assert share == pytest.approx(0.326, abs=0.0005)


def test_farmland_control_total(facts):
    km2 = units.wan_mu_to_km2(facts.controls["cultivated_land_wan_mu"].value)
    assert km2 == pytest.approx(1748, abs=0.5)


def test_county_columns_add_up(facts):
    table = facts.counties
    assert table["km2_s54"].sum() == pytest.approx(23_725, abs=0.5)
    assert table["km2_s55"].sum() == pytest.approx(23_717, abs=0.5)
    official = facts.controls["city_area_km2"].value
    assert table["km2_s55"].sum() == pytest.approx(official, rel=0.005)


def test_wetland_gap(facts):
    target = next(t for t in facts.targets if t.id == "wetland-keep")
    assert target.remaining() == pytest.approx(1.06)
    assert target.remaining() / target.value == pytest.approx(0.0076, abs=5e-5)
    assert target.installed.value == facts.controls["wetland_wan_mu"].value


def test_huanglongtan_volumes_and_conflict(facts):
    site = facts.site("hydro-huanglongtan")
    active, dead = site.figure("active_volume_mm3"), site.figure("dead_volume_mm3")
    assert active.value + dead.value == pytest.approx(799.9)
    assert (active.variants[0].value, dead.variants[0].value) == (598.5, 414)


def test_hydropower_sum_of_the_published_fleet(facts):
    plants = [s for s in facts.of_technology("hydro") if s.capacity_mw.value is not None]
    total = sum(s.capacity_mw.value for s in plants)
    assert 2600 <= total <= 2800


def test_stock_growth_since_2019(facts):
    points = {(p.year, p.definition): p for p in facts.forest_series}
    old, new = points[(2019, "D3")].stock_wan_m3, points[(2023, "D1")].stock_wan_m3
    assert (new - old) / 4 == pytest.approx(334.5)
    assert (new / old) ** 0.25 - 1 == pytest.approx(0.0315, abs=5e-5)


def test_biomass_plants_against_the_target(facts):
    target = next(t for t in facts.targets if t.id == "biomass-2025")
    assert units.wan_kw_to_mw(target.installed.value) == pytest.approx(36.0)
    assert units.wan_kw_to_mw(target.value) == pytest.approx(50.0)
