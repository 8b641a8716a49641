"""Site frames: columns, ids, geohash, scores."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from geo.errors import OptionError, Say, TableError
from siting.sites.columns import COLUMNS, conform, empty_sites
from siting.sites.geohash import geohash, site_ids
from siting.sites.score import Criterion, part_of, rank, score_sites


def frame(**columns):
    data = {"id": ["a", "b"], "technology": ["pv", "pumped"], "coord_quality": ["approx", "exact"]}
    points = [Point(0, 0), Point(1, 1)]
    return gpd.GeoDataFrame(data | columns, geometry=points, crs="EPSG:4546")


def test_conform_adds_orders_and_types():
    out = conform(frame(score_x=[1.0, 2.0], unbuildable=[True, None], rank=[1, None]))
    assert list(out)[: len(COLUMNS)] == list(COLUMNS)
    assert list(out)[-2:] == ["score_x", "geometry"]
    assert out["rank"].dtype == "Int64"
    assert out["unbuildable"].tolist()[0] == 1.0
    assert out["name"].tolist() == ["", ""]
    assert out["lcoe_yuan_per_kwh"].isna().all()
    assert conform(out).equals(out)


def test_empty_frame_conforms():
    empty = empty_sites("EPSG:4546")
    assert conform(empty).dtypes.equals(empty.dtypes)


@pytest.mark.parametrize(
    "columns",
    [{"id": ["a", "a"]}, {"id": ["a", ""]}, {"technology": ["pv", "coal"]},
     {"coord_quality": ["exact", "good"]}, {"energy_gwh": [1.0, 2.0]}, {"area_mu": ["x", 1]}],
)  # fmt: skip
def test_bad_frames_are_refused(columns):
    with pytest.raises(TableError):
        conform(frame(**columns))


def test_frame_without_crs_is_refused():
    with pytest.raises(TableError):
        conform(frame().set_crs(None, allow_override=True))


def test_geohash_known_values():
    # the example of the geohash article, and the corner of the globe
    assert geohash(np.array([-5.6]), np.array([42.6]), 5) == ["ezs42"]
    assert geohash(np.array([10.40744]), np.array([57.64911]), 11) == ["u4pruydqqvj"]
    assert geohash(np.array([-180.0]), np.array([-90.0]), 3) == ["000"]
    assert geohash(np.array([180.0]), np.array([90.0]), 3) == ["zzz"]


def test_geohash_refuses_metres():
    with pytest.raises(OptionError):
        geohash(np.array([450_000.0]), np.array([3_600_000.0]))
    with pytest.raises(OptionError):
        geohash(np.array([1.0]), np.array([1.0]), 0)


def test_ids_follow_the_90_m_lattice():
    x, y = np.array([450_010.0]), np.array([3_600_010.0])
    same = site_ids("pv", "EPSG:4546", x + 20, y + 20)
    assert site_ids("pv", "EPSG:4546", x, y) == same
    other = site_ids("pv", "EPSG:4546", x + 90, y)
    assert other != same
    twins = site_ids("pv", "EPSG:4546", np.r_[x, x], np.r_[y, y])
    assert twins[1] == f"{twins[0]}-2"


def test_parts_are_linear_between_worst_and_best():
    values = np.array([0, 5, 10, 25, 40, np.nan], np.float32)
    np.testing.assert_allclose(part_of(values, 25.0, 0.0), [100, 80, 60, 0, 0, 0], atol=1e-4)


def test_missing_criterion_shares_its_weight():
    labels = np.array([[1, 1, 0], [2, 2, 2]], np.int32)
    eligible = np.array([[1, 1, 1], [1, 1, 1]], bool)
    slope = np.array([[0, 10, 5], [5, 5, 5]], np.float32)
    area = np.full((2, 3), 8100.0)
    title = Say("坡度", "slope")
    one = Criterion("slope", title, "°", slope, 10.0, 0.0, 1.0)
    none = Criterion("road", Say("路", "road"), "m", None, 5000.0, 0.0, 3.0)
    found = score_sites([one, none], eligible, labels, 2, area)
    np.testing.assert_allclose(found.score, [50, 50])
    np.testing.assert_allclose(found.means["slope"], [5, 5])
    assert found.absent == (none.title,)
    assert found.raster.tolist() == [[100, 0, 50], [50, 50, 50]]


def test_rank_is_a_total_order():
    order = rank(np.array([5.0, 9.0, 5.0, np.nan]), np.array([1.0, 1.0, 2.0, 9.0]))
    assert order.tolist() == [3, 1, 2, 4]
