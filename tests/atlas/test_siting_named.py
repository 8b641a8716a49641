"""Named projects in the chapter: points and polygons drawn, what must be known on the card."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import geopandas as gpd
import pytest
import shapely

from atlas.answers_place import is_candidate, unscreened_site
from atlas.map import blocks
from atlas.options import Options
from atlas.parts.siting import PART
from atlas.scene import read_scene
from atlas.stages import Stages
from geo.errors import VectorError
from siting.settings import Settings
from tests.atlas.test_part_siting import CRS, context


def drawn(tmp_path, shapes, mode="explore", lang="zh"):
    ctx = context(law=False, mode=mode, lang=lang)
    path = tmp_path / "sites.gpkg"
    rows = {"id": [f"p{i}" for i in range(len(shapes))], "technology": ["pv"] * len(shapes),
            "capacity_mw": [50.0] * len(shapes)}  # fmt: skip
    gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS).to_file(path)
    return PART.run(replace(ctx, settings=Settings(sites=path)), {})


@pytest.fixture
def edge():
    west, south, _, _ = context(law=False).stack.grid.bounds
    return shapely.box(west - 900, south + 4500, west + 900, south + 5400)


@pytest.mark.parametrize("mode", ["explore", "legal"])
def test_a_point_among_the_best_has_no_outline(tmp_path, edge, mode):
    point = edge.centroid.buffer(3000).centroid
    point = shapely.Point(point.x + 3000, point.y)
    result = drawn(tmp_path, [edge, point], mode)  # legal: the projects are the only sites
    views = {one.id: one.features for one in result.vectors}
    assert set(shapely.get_dimensions(views["outlines-pv"].geometry)) == {2}
    assert {"p0", "p1"} <= set(views["sites-pv"]["id"])
    for card in views["sites-pv"]["card"]:
        blocks.card(card, "sites-pv")


@pytest.mark.parametrize(
    ("lang", "word"),
    [("zh", "占地的 50 % 在区域外，未判定"), ("en", "50 % of the ground lies outside")],
)
def test_the_card_says_what_lies_outside(tmp_path, edge, lang, word):
    sites = next(v for v in drawn(tmp_path, [edge], lang=lang).vectors if v.id == "sites-pv")
    cards = dict(zip(sites.features["id"], sites.features["card"], strict=True))
    assert word in cards.pop("p0")["notes"][0]
    assert not any(word in note for card in cards.values() for note in card["notes"])


def test_the_sentence_of_legal_mode_is_no_bare_zero():
    for one in PART.run(context(law=False, mode="legal"), {}).tabs[0].blocks:
        if one["type"] == "sentence":
            assert "没有判为可用的土地：未知（无数据） 100 %" in one["text"]


def test_why_explains_a_project_that_its_run_has_judged(edge):
    row = {"geometry": edge, "status": "named", "synthetic": False, "coord_quality": "exact",
           "area_km2": 0.8}  # fmt: skip
    assert is_candidate(row)
    for changed in (
        {"area_km2": float("nan")}, {"coord_quality": "approx"}, {"synthetic": True},
        {"geometry": edge.centroid}, {"status": "planned"},
    ):  # fmt: skip
        assert not is_candidate(row | changed)
    lines = unscreened_site(row | {"id": "p", "name": "甲", "technology": "pv"}, "zh")[1]
    assert "  状态：指名项目" in lines


def test_a_project_without_a_verdict_says_why_in_the_readers_language(tmp_path, edge):
    point = shapely.Point(edge.centroid.x + 4000, edge.centroid.y)
    for lang, word in (("zh", "未筛查：只有点位"), ("en", "not screened: a point alone")):
        sites = next(v for v in drawn(tmp_path, [point], lang=lang).vectors if v.id == "sites-pv")
        (card,) = sites.features.loc[sites.features["id"] == "p0", "card"]
        assert card["notes"][0].startswith(word)


def test_a_bad_file_is_refused_before_layers_are_read(tmp_path, monkeypatch):
    def read(*_, **__):
        pytest.fail("layers were read")

    monkeypatch.setattr("atlas.scene.build_stack", read)
    path = tmp_path / "far.gpkg"
    far = gpd.GeoDataFrame({"id": ["a"], "technology": ["pv"]},
                           geometry=[shapely.box(0, 0, 900, 900)], crs="EPSG:32650")  # fmt: skip
    far.to_file(path)
    options = Options(as_of=date(2026, 11, 22), sites=path, resolution=900.0)
    with pytest.raises(VectorError, match=r"far\.gpkg.*a"):
        read_scene(options, Stages(None))
