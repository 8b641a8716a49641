"""Charts of the report: deterministic, escaped, band before line, no style or script."""

import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from atlas.charts import chart_svg, ticks

NAN = float("nan")


def parse(text):
    return ET.fromstring(text)  # noqa: S314 - our own picture


def chart(**more):
    block = {
        "type": "chart",
        "title": "亩均蓄积",
        "subtitle": "口径 D1",
        "unit": "m³/亩",
        "x": [2000, 2060],
        "y": [0, 8],
        "series": [
            {"kind": "line", "label": "模型", "tone": "forest", "x": [2023, 2060], "y": [4.9, 6.4]},
            {
                "kind": "band",
                "label": "",
                "tone": "forest",
                "x": [2023, 2060],
                "y": [4.5, 5.2],
                "y2": [5.3, 8.0],
            },
            {"kind": "dashed", "label": "", "x": [2000, 2010, 2023], "y": [2.0, None, 4.9]},
            {"kind": "points", "label": "公布", "tone": "clear", "x": [2023], "y": [4.92]},
            {"kind": "rule", "label": "目标 4.5", "tone": "warn", "y": [4.5]},
        ],
    }
    return {**block, **more}


def test_well_formed_and_deterministic():
    one = chart_svg(chart(), 640, 300, "zh")
    assert one == chart_svg(chart(), 640, 300, "zh")
    root = parse(one)
    assert root.attrib["viewBox"] == "0 0 640 300"
    texts = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"亩均蓄积", "口径 D1", "模型", "公布", "目标 4.5"} <= set(texts)


def test_no_style_script_or_event():
    one = chart_svg(chart(), 640, 300, "zh")
    assert not re.search(r"<style|<script|style=|\son\w+=|class=|href", one)


def test_band_is_drawn_before_line_and_rule():
    one = chart_svg(chart(), 640, 300, "zh")
    assert one.index("fill-opacity") < one.index('stroke-width="1.2"') < one.index('r="3.5"')
    assert one.index("fill-opacity") < one.index('stroke-width="2"')


def test_text_is_escaped():
    one = chart_svg(chart(title="<script>alert(1)</script>&"), 640, 300, 'z"h')
    assert "<script" not in one
    assert "&lt;script&gt;" in one
    parse(one)


def test_missing_values_break_the_line_and_empty_series_vanish():
    block = chart(
        series=[
            {"kind": "line", "label": "a", "x": [1, 2, 3, 4], "y": [1.0, NAN, 2.0, 3.0]},
            {"kind": "line", "label": "b", "x": [], "y": []},
            {"kind": "line", "label": "c", "x": [1], "y": [None]},
            {"kind": "band", "label": "d", "x": [1], "y": [None], "y2": [None]},
        ],
        x=[1, 4],
        y=[0, 4],
    )
    one = chart_svg(block, 400, 200, "en")
    assert one.count("<path") == 1
    assert re.search(r'd="M[\d. ]+M[\d. ]+L', one)
    assert "nan" not in one.lower().replace("<title>", "")


def test_labels_do_not_touch():
    block = chart(
        series=[
            {"kind": "line", "label": f"线 {i}", "x": [0, 1], "y": [1.0, 1.0]} for i in range(4)
        ]
    )
    root = parse(chart_svg(block, 500, 260, "zh"))
    nodes = root.iter("{http://www.w3.org/2000/svg}text")
    ys = sorted(float(n.attrib["y"]) for n in nodes if (n.text or "").startswith("线"))
    assert min(b - a for a, b in itertools.pairwise(ys)) >= 14


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="pie"):
        chart_svg(chart(series=[{"kind": "pie", "label": "", "x": [1], "y": [1]}]), 1, 1, "zh")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 8, [0, 2, 4, 6, 8]), (1999, 2060, [2000, 2020, 2040, 2060]), (3, 3, [3])],
)
def test_ticks(low, high, expected):
    values, _ = ticks(low, high)
    assert values == pytest.approx(expected)


def test_the_last_year_fits_into_the_picture():
    rule = {"kind": "rule", "label": "4.5", "tone": "warn", "y": [4.5]}
    block = {"type": "chart", "title": "t", "x": [1999, 2060], "y": [0, 5], "series": [rule]}
    svg = chart_svg(block, 860, 360, "zh")
    (x,) = re.findall(r'<text x="([0-9.]+)"[^>]*>2060<', svg)
    assert float(x) + 4 * 12 * 0.56 / 2 <= 860
