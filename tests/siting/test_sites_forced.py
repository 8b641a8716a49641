"""Named projects: files read and refused, ground put into labels, verdicts withheld."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine

from geo.errors import CrsError, OptionError, VectorError
from geo.grid import Grid
from siting.sites.forced import beside, put, read_forced, unscreened
from siting.sites.frame import places
from siting.sites.grow import grow

CRS = "EPSG:4546"
GRID = Grid(CRS, Affine(90.0, 0, 450_000, 0, -90.0, 3_600_000), (60, 80))
ZONES = np.ones(GRID.shape, np.uint8)
A = shapely.box(450_900, 3_598_000, 452_700, 3_599_000)
B = shapely.box(453_600, 3_596_000, 455_000, 3_597_500)


def written(path, shapes, crs=CRS, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)
    frame.to_file(path)
    return path


def plain(tmp_path, shapes=(A, B), **changed):
    columns = {
        "id": ["s1", "s2"], "name": ["甲", "乙"], "technology": ["pv", "风电"],
        "capacity_mw": [50.0, None],
    }  # fmt: skip
    columns = {k: v[: len(shapes)] for k, v in (columns | changed).items() if v is not None}
    return written(tmp_path / "a.gpkg", shapes, **columns)


def test_a_file_is_read(tmp_path):
    found = read_forced(plain(tmp_path), CRS)
    assert found["id"].tolist() == ["s1", "s2"]
    assert found["technology"].tolist() == ["pv", "wind"]
    assert found["capacity_mw"].iloc[0] == 50.0
    assert np.isnan(found["capacity_mw"].iloc[1])
    assert found["coord_quality"].tolist() == ["exact", "exact"]
    assert found.crs == CRS


def test_chinese_columns_other_crs_and_numbers_as_ids(tmp_path):
    shapes = gpd.GeoSeries([A, shapely.Point(454_000, 3_597_000)], crs=CRS).to_crs("EPSG:4490")
    path = written(
        tmp_path / "b.gpkg", shapes, crs="EPSG:4490",
        **{"编号": [7.0, 8.0], "名称": ["", "丙"], "技术": ["光伏", "光伏"],
           "容量（MW）": ["", "30"], "坐标精度": ["实测", ""]},
    )  # fmt: skip
    found = read_forced(path, CRS)
    assert found["id"].tolist() == ["7", "8"]
    assert found["name"].tolist() == ["7", "丙"]
    assert found["coord_quality"].tolist() == ["surveyed", "approx"]
    assert found["capacity_mw"].iloc[1] == 30.0
    assert shapely.hausdorff_distance(found.geometry.iloc[0], A) < 0.01


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"id": ["s1", "s1"]}, "重复"), ({"id": ["s1", " "]}, "为空"), ({"id": None}, "缺少列"),
        ({"technology": ["pv", "核电"]}, "未知"), ({"technology": ["pv", None]}, "未知"),
        ({"technology": None}, "缺少列"), ({"capacity_mw": [0.0, 5.0]}, "容量"),
        ({"capacity_mw": ["五十", "5"]}, "容量"), ({"capacity_mw": [50_000.0, 5.0]}, "容量"),
        ({"coord_quality": ["good", "exact"]}, "坐标精度"), ({"编号": ["a", "b"]}, "都可作"),
    ],
)  # fmt: skip
def test_bad_columns_are_refused(tmp_path, changed, word):
    with pytest.raises(VectorError, match=r"a\.gpkg") as fault:
        read_forced(plain(tmp_path, **changed), CRS)
    assert word in fault.value.line("zh")


@pytest.mark.parametrize(
    ("shapes", "word"),
    [
        ((A, shapely.Point(454_000, 3_597_000)), "没有容量"),
        ((A, shapely.LineString([(450_000, 3_599_000), (451_000, 3_599_500)])), "不是多边形"),
        ((A, None), "没有几何"),
    ],
)
def test_bad_geometry_is_refused(tmp_path, shapes, word):
    with pytest.raises(VectorError) as fault:
        read_forced(plain(tmp_path, shapes), CRS)
    assert word in fault.value.line("zh")


def test_overlap_within_one_technology_is_refused(tmp_path):
    shapes = (A, shapely.affinity.translate(A, 900, 0))
    assert len(read_forced(plain(tmp_path, shapes), CRS)) == 2  # PV below turbines
    with pytest.raises(VectorError) as fault:
        read_forced(plain(tmp_path, shapes, technology=["pv", "pv"]), CRS)
    assert "s1、s2" in fault.value.line("zh")
    # neighbours that share a line, or a sliver of digitising, are no overlap
    beside_it = (A, shapely.affinity.translate(A, 1795, 0))
    assert len(read_forced(plain(tmp_path, beside_it, technology=["pv", "pv"]), CRS)) == 2


def test_a_file_without_crs_or_with_foreign_numbers_is_refused(tmp_path):
    bare = written(tmp_path / "c.shp", [A], id=["a"], technology=["pv"])
    assert read_forced(bare, CRS)["id"].tolist() == ["a"]
    bare.with_suffix(".prj").unlink()
    with pytest.raises(CrsError):
        read_forced(bare, CRS)
    feature = {"type": "Feature", "properties": {"id": "a", "technology": "pv"},
               "geometry": json.loads(shapely.to_geojson(A))}  # fmt: skip
    path = tmp_path / "d.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    with pytest.raises(CrsError):
        read_forced(path, CRS)


def put_all(found, zones=ZONES, density=60.0):
    return put(np.zeros(GRID.shape, np.int32), 0, found, GRID, zones, density)


def test_projects_become_sites_and_candidates_take_the_rest(tmp_path):
    point = shapely.Point(454_000, 3_597_000)
    path = plain(tmp_path, (A, point), technology=["pv", "pv"], capacity_mw=[None, 60.0])
    found = read_forced(path, CRS)
    labels, count, numbers = put_all(found)
    assert (count, numbers.tolist()) == (2, [1, 2])
    assert (labels == 1).sum() * 8100 == pytest.approx(A.area, rel=0.02)
    assert (labels == 2).sum() * 8100 == pytest.approx(1e6, rel=0.05)  # 60 MW at 60 MW/km²
    grown, more = grow(labels == 0, GRID, 60.0, 20, 100, 180.0)
    both, n = beside(labels, count, grown, more)
    assert n == count + more
    assert np.array_equal(both > 0, (labels > 0) | (grown > 0))
    assert np.array_equal(both[labels > 0], labels[labels > 0])
    assert len(set(places("pv", both, n, GRID, ZONES).ids)) == n
    with pytest.raises(OptionError):  # too late: the ground is taken
        put(both, n, found, GRID, ZONES, 60.0)


def test_a_project_smaller_than_a_cell_keeps_one(tmp_path):
    tiny = shapely.box(450_001, 3_599_990, 450_012, 3_599_999)
    labels, count, _ = put_all(read_forced(plain(tmp_path, (tiny,)), CRS))
    assert count == 1
    assert np.argwhere(labels).tolist() == [[0, 0]]


def test_ground_outside_the_region(tmp_path):
    found = read_forced(plain(tmp_path), CRS)
    zones = ZONES.copy()
    zones[:, :20] = 0  # half of A
    labels, _, numbers = put_all(found, zones)
    assert 0 < (labels == numbers[0]).sum() * 8100 < 0.6 * A.area
    zones[:, :35] = 0
    with pytest.raises(VectorError, match="s1"):
        put_all(found, zones)
    with pytest.raises(OptionError):
        put_all(found.to_crs("EPSG:32649"))


def test_no_real_project_is_judged_by_a_demo_layer(tmp_path):
    point = shapely.Point(454_000, 3_597_000)
    path = plain(tmp_path, (A, point), capacity_mw=[None, 60.0])
    found = read_forced(path, CRS)
    assert unscreened(found, synthetic=False)[0] is None
    assert "点位" in unscreened(found, synthetic=False)[1].zh
    assert all("演示" in one.zh for one in unscreened(found, synthetic=True))
    rough = read_forced(plain(tmp_path, coord_quality=["approx", "surveyed"]), CRS)
    said = unscreened(rough, synthetic=False)
    assert "概略" in said[0].zh
    assert said[1] is None
