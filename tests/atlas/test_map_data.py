"""What goes into the data blocks: warped index, planes, steps of a ring, checked blocks."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from pyproj import Transformer
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from atlas.map import blocks, shapes
from atlas.map.mercator import OUTSIDE, display_grid, relief, warp_index
from atlas.map.payload import Pool, _raster, deflate, inflate, planes
from atlas.part import ClassView, PatternRaster, Swatch
from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport

CHART = {"type": "chart", "x": [0, 1], "y": [0, 1]}
GRID = Grid("EPSG:4546", Affine(300, 0, 400_000, 0, -300, 3_680_000), (400, 500))


def test_display_grid_covers_and_keeps_the_ground_size():
    shown = display_grid(GRID)
    to_mercator = Transformer.from_crs(GRID.crs, "EPSG:3857", always_xy=True)
    west, south, east, north = shown.bounds
    for row, col in ((0, 0), (0, 499), (399, 0), (399, 499)):
        x, y = to_mercator.transform(*GRID.xy(row, col))
        assert west <= x <= east
        assert south <= y <= north
    assert shown.dx * np.cos(np.radians(32.7)) == pytest.approx(300, rel=0.03)


def test_patterns_that_look_and_read_alike_share_one_number():
    rng = np.random.default_rng(5)
    index = rng.integers(0, 40, GRID.shape).astype(np.uint16)
    cards = [{"pill": {"text": f"{n % 3}", "tone": "clear"}} for n in range(40)]
    of_pattern = (np.arange(40) % 2).astype(np.uint8)
    swatch = Swatch(Say("一", "one"), "#123456")
    view = ClassView("v", Say("看", "view"), (swatch, swatch), of_pattern, cards)
    raster = PatternRaster(GRID, index, (view,), Passport())
    pool = Pool()
    (shown,), grid, raw = _raster(raster, 0, pool, "zh")
    assert len(shown["classes"]) == len(shown["cards"]) == 6  # 2 classes x 3 cards
    cells = np.frombuffer(raw, np.uint8).reshape(2, grid["rows"], grid["cols"]).astype(np.uint16)
    number = cells[0] * 256 + cells[1]
    warped = warp_index(index, GRID, display_grid(GRID))
    inside = warped != OUTSIDE
    assert (number[~inside] == OUTSIDE).all()
    assert np.array_equal(np.array(shown["classes"])[number[inside]], of_pattern[warped[inside]])
    texts = [pool.items[pool.items[card]["pill"]]["text"] for card in shown["cards"]]
    assert np.array_equal(np.array(texts)[number[inside]], (warped[inside] % 3).astype(str))


def test_display_grid_keeps_the_cap():
    assert display_grid(GRID, 20_000).size <= 20_000
    assert display_grid(GRID, 20_000).size > 18_000


def test_warped_index_is_the_nearest_cell():
    rng = np.random.default_rng(3)
    index = np.repeat(np.repeat(rng.integers(0, 900, (50, 50)), 8, 0), 10, 1).astype(np.uint16)
    shown = display_grid(GRID)
    warped = warp_index(index, GRID, shown)
    back = Transformer.from_crs("EPSG:3857", GRID.crs, always_xy=True)
    rows, cols = rng.integers(0, shown.rows, 4000), rng.integers(0, shown.cols, 4000)
    wrong = inside = 0
    for row, col in zip(rows, cols, strict=True):
        x, y = back.transform(*shown.xy(row, col))
        cell = GRID.rowcol(x, y)
        value = warped[row, col]
        if cell is None:
            wrong += value not in (OUTSIDE, *index[[0, -1]].ravel(), *index[:, [0, -1]].ravel())
            continue
        inside += 1
        # within half a cell: the warp's own approximation is an eighth of a pixel
        near = {
            index[GRID.rowcol(x + dx, y + dy) or cell] for dx in (-75, 0, 75) for dy in (-75, 0, 75)
        }
        wrong += value not in near
    assert inside > 3000
    assert wrong == 0


def test_relief_is_a_small_picture():
    shade = np.random.default_rng(0).integers(1, 255, GRID.shape, dtype=np.uint8)
    uri, grid = relief(shade, GRID)
    assert uri.startswith("data:image/webp;base64,")
    assert len(uri) < 600_000
    assert grid.crs == "EPSG:3857"
    assert relief(np.zeros(GRID.shape, np.uint8), GRID)[0].startswith("data:image/webp")


def test_planes_and_deflate_round_trip():
    index = np.array([[0, 1, 65535], [256, 257, 513]], np.uint16)
    raw = inflate(deflate(planes(index)))
    high, low = np.frombuffer(raw, np.uint8).reshape(2, -1).astype(np.uint16)
    assert ((high << 8) | low).reshape(index.shape).tolist() == index.tolist()


def unstep(flat):
    return np.cumsum(np.array(flat).reshape(-1, 2), axis=0) / shapes.SCALE


def test_geometry_comes_back_within_a_metre():
    hole = Polygon(
        [(110, 32), (111, 32), (111, 33), (110, 32)],
        [[(110.6, 32.3), (110.7, 32.3), (110.7, 32.4)]],
    )
    kind, polygons = shapes.encode(MultiPolygon([hole, box(112, 30, 113, 31)]))
    assert kind == "A"
    assert [len(rings) for rings in polygons] == [2, 1]
    assert (
        np.abs(unstep(polygons[0][0]) - np.array(hole.exterior.coords)).max() <= 0.51 / shapes.SCALE
    )
    assert shapes.encode(Point(110.123456, 32.5)) == ["P", 11012346, 3250000]
    assert shapes.encode(LineString([(1, 2), (1, 2), (1.5, 2)])) == [
        "L",
        [[100000, 200000, 50000, 0]],
    ]
    assert shapes.encode(Point()) is None


def test_simplify_keeps_under_the_vertex_cap():
    t = np.linspace(0, 2 * np.pi, 90_000)
    rough = LineString(np.column_stack([110 + np.cos(t), 32 + np.sin(t) + 0.02 * np.sin(900 * t)]))
    assert len(shapes.simplified([rough], 1.0)[0].coords) <= shapes.MAX_VERTICES


def test_pool_keeps_each_value_once():
    pool = Pool()
    first = pool.card({"title": "a", "rows": [{"label": "x", "value": "1"}]}, "t")
    assert pool.card({"title": "a", "rows": [{"label": "x", "value": "1"}]}, "t") == first
    assert len(pool.items) == 3
    assert pool.card(None, "t") is None
    assert pool.card(float("nan"), "t") is None


@pytest.mark.parametrize(
    ("block", "word"),
    [
        ({"type": "pie"}, "pie"),
        ({"type": "table", "rows": []}, "columns"),
        ({"type": "note", "text": "x", "tone": "pink"}, "pink"),
        ({"type": "table", "columns": [{"label": "a"}], "rows": [["1", "2"]]}, "row 0"),
        ({**CHART, "series": [{"kind": "pie"}]}, "pie"),
        ({**CHART, "series": [{"kind": "band", "label": "b", "x": [0], "y": [0]}]}, "unequal"),
    ],
)  # fmt: skip
def test_a_block_that_cannot_be_drawn_is_refused(block, word):
    with pytest.raises(blocks.BlockError, match=word):
        blocks.check(block, "part/tab")


def test_a_card_chart_is_checked_too():
    with pytest.raises(blocks.BlockError):
        blocks.card({"chart": {"x": [0, 1], "y": [0, 1], "series": [{"kind": "pie"}]}}, "card")
