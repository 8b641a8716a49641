"""Protected areas that overlap are an error of the data, said with the article."""

import pytest
from shapely.geometry import Polygon, box

from geo.errors import OptionError
from siting.law.overlaps import overlaps

X, Y = 500_000.0, 3_599_700.0


def square(left, bottom=0.0, size=100.0):
    return box(X + left, Y + bottom, X + left + size, Y + bottom + size)


def bare(scene):
    return scene.without("nature_reserve", "nature_park", "national_park")


def with_areas(scene, **layers):
    scene = bare(scene)
    for name, rows in layers.items():
        scene = scene.adding(name, rows)
    return scene.stack


def reserve(shape, zone="core", name="甲"):
    return {"name": name, "zone": zone, "level": "national", "geometry": shape}


def park(shape, name="乙"):
    return {"name": name, "level": "national", "geometry": shape}


def test_two_kinds_that_overlap_are_named_with_the_article(scene):
    stack = with_areas(scene, nature_reserve=[reserve(square(0))], nature_park=[park(square(50))])
    (found,) = overlaps(stack)
    assert found.layers == ("nature_reserve", "nature_park")
    assert found.names == ("甲", "乙")
    assert found.area_m2 == pytest.approx(5000, rel=2e-3)
    assert "生态环境法典 第859条" in found.text.zh
    assert "Art. 859" in found.text.en
    assert all(word in found.text.zh for word in ("甲", "乙", "0.5", "公顷", "核心保护区"))


def test_three_kinds_in_pairs_largest_first(scene):
    stack = with_areas(
        scene,
        national_park=[{"name": "丙", "zone": "general", "geometry": square(0)}],
        nature_reserve=[reserve(square(20))],
        nature_park=[park(square(70))],
    )
    found = overlaps(stack)
    assert [one.layers for one in found] == [
        ("national_park", "nature_reserve"),
        ("nature_reserve", "nature_park"),
        ("national_park", "nature_park"),
    ]
    assert [round(one.area_m2, -2) for one in found] == [8000, 5000, 3000]


def test_zones_of_one_reserve_may_touch(scene):
    stack = with_areas(scene, nature_reserve=[reserve(square(0)), reserve(square(100), "general")])
    assert overlaps(stack) == ()


def test_zones_of_one_reserve_may_not_overlap(scene):
    stack = with_areas(scene, nature_reserve=[reserve(square(0)), reserve(square(90), "general")])
    (found,) = overlaps(stack)
    assert "核心保护区" in found.text.zh
    assert "一般控制区" in found.text.zh
    assert "859" not in found.text.zh


def test_parts_of_one_zone_of_one_reserve_are_no_error(scene):
    stack = with_areas(scene, nature_reserve=[reserve(square(0)), reserve(square(50))])
    assert overlaps(stack) == ()


def test_two_reserves_or_two_without_a_name_that_overlap(scene):
    for names in (("甲", "丁"), ("", "")):
        rows = [reserve(square(0), name=names[0]), reserve(square(50), name=names[1])]
        (found,) = overlaps(with_areas(scene, nature_reserve=rows))
        assert found.names == names
        assert "第859条" in found.text.zh


def test_slivers_are_left_out(scene):
    sliver = with_areas(
        scene, nature_reserve=[reserve(square(0))], nature_park=[park(square(99.995))]
    )
    assert overlaps(sliver) == ()
    (found,) = overlaps(sliver, minimum_m2=0.1)
    assert found.area_m2 == pytest.approx(0.5, rel=0.01)


def test_touching_corners_absent_layers_and_nothing_at_all(scene):
    corner = with_areas(
        scene, nature_reserve=[reserve(square(0))], nature_park=[park(square(100, 100))]
    )
    assert overlaps(corner) == ()
    assert overlaps(with_areas(scene, nature_park=[park(square(0))])) == ()
    assert overlaps(bare(scene).stack) == ()


def test_a_ring_that_crosses_itself_is_mended_first(scene):
    bow = Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
    stack = with_areas(scene, nature_reserve=[reserve(bow)], nature_park=[park(square(0))])
    (found,) = overlaps(stack)
    assert found.area_m2 == pytest.approx(5000, rel=2e-3)


def test_pieces_of_one_pair_are_one_error(scene):
    rows = [park(square(0)), park(square(300))]
    long = box(X, Y + 40, X + 400, Y + 60)
    stack = with_areas(scene, nature_reserve=[reserve(long)], nature_park=rows)
    (found,) = overlaps(stack)
    assert found.area_m2 == pytest.approx(4000, rel=2e-3)


@pytest.mark.parametrize("tolerance", [-1.0, float("nan")])
def test_tolerance_is_an_area(scene, tolerance):
    with pytest.raises(OptionError):
        overlaps(scene.stack, tolerance)


def test_the_scene_of_the_tests_is_sound(scene):
    assert overlaps(scene.stack) == ()
