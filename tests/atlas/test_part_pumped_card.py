"""Card and command of storage: alternates, tunnels, classes, hidden routes, named projects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from atlas.answers_structures import as_lines, structures
from atlas.parts._pumped_alternates import alternates_group
from atlas.parts._pumped_answer import coarse, span
from atlas.parts._pumped_chapters import class_span, tunnels_text
from atlas.parts._pumped_secret import withheld
from atlas.parts._pumped_words import metric
from atlas.parts._storage_answer import table
from geo.errors import Say
from layers.facts import load_facts
from siting.pumped.named import assess_all
from tests.atlas import _pumped_scene as scene


def searched(lower: int) -> Any:
    """Return a study whose search kept pair 3 as alternate of the first pair."""
    study = scene.study()
    pairs = replace(study.pairs, lower=np.array([0, -1, -2, lower], np.int32))
    pairs = replace(pairs, upper=np.array([0, 1, -1, 0], np.int32))
    none = np.empty(0, np.int64)
    stands = (SimpleNamespace(name="潘口水库"),)
    study.search = SimpleNamespace(
        pairs=pairs, cost=study.cost, chosen=np.arange(4), lakes=stands,
        alternates=(np.array([3]), none, none, none),
        dams=SimpleNamespace(xy=lambda: (np.array([0.0, 900, 0, 3e3]), np.array([0.0, 0, 0, 4e3]))),
    )  # fmt: skip
    return study


@pytest.mark.parametrize(
    ("lower", "said"), [(3, "下库坝址相距 5.0 km"), (-1, "下库 潘口水库（已有）"), (0, "下库同")]
)
def test_alternates_say_what_they_would_be(lower: int, said: str) -> None:
    study = searched(lower)
    row = study.sites.iloc[0].to_dict()
    group = alternates_group(study, 0, row, "zh")
    assert group is not None
    only = group["rows"][0]
    assert "60\u2009万千瓦 × 8.0\u2009h" in only["value"]
    assert "元/kW" in only["value"]
    assert only["note"] == f"上库同；{said}"
    assert "未判法规" in group["notes"][0]


def test_a_site_without_alternates_has_no_such_chapter() -> None:
    study = searched(3)
    assert alternates_group(study, 2, study.sites.iloc[2].to_dict(), "zh") is None


def test_tunnels_are_counted_and_each_has_its_diameter() -> None:
    assert tunnels_text({"tunnels": 3.0, "tunnel_m": 5.52}, "zh") == "3 条 × 5.52\u2009m"
    assert tunnels_text({"tunnel_m": 5.52}, "en") == "5.52\u2009m"


def test_the_band_of_prices_names_every_class_that_it_reaches() -> None:
    assert class_span(4_390, 6_420) == "A-C"
    assert class_span(5_100, 5_900) == "B"


def test_routes_of_a_restricted_layer_go_with_its_name() -> None:
    law = scene.law()
    told = law.components[1][0].hits  # red line and forest
    routes = tuple(route for hit in told for route in hit.routes)
    hits = (replace(told[0], index=7), told[1])
    one = replace(law.components[1][0], hits=hits)
    secret = replace(
        law,
        components=(law.components[0], (one,), *law.components[2:]),
        routes=(law.routes[0], routes, *law.routes[2:]),
    )
    assert withheld(secret, {7}).routes[1] == told[1].routes


def test_coarse_cells_are_warned_of_and_fine_ones_are_not() -> None:
    rough, fine = (SimpleNamespace(grid=SimpleNamespace(dx=cell)) for cell in (90.0, 30.0))
    assert "90 m" in coarse(rough).zh  # type: ignore[arg-type]
    assert not coarse(fine).zh  # type: ignore[arg-type]


def test_ends_that_read_alike_are_said_once() -> None:
    assert span((481.6, 482.3), lambda value: f"{value:.0f}") == "482"
    assert metric(Say("5.2 Mm3", "5.2 Mm3")) == Say("5.2 百万 m³", "5.2 10⁶ m³")


def test_named_projects_have_columns_of_their_own() -> None:
    rows, right = table(assess_all(load_facts("shiyan").sites), "zh")
    assert len(right) == len(rows[0])
    assert not any("度电" in head or "年电量" in head for head in rows[0])
    first = dict(
        zip(rows[0], next(row for row in rows if row[1] == "psh-huanglongtan"), strict=True)
    )
    assert first["公布装机 MW"] == "500"
    assert first["额定水头 m"] == "255"
    assert first["结论"] == "未筛查"
    assert "坐标" in first["未筛查原因"]


def test_structures_of_a_site_are_those_of_its_run(tmp_path: Path) -> None:
    (tmp_path / "pumped_law.csv").write_text(
        "编号,部件,部件结论,部件占地（ha）,规则\n"
        "pumped-a,新建上水库,需审批,20.2,R-16\npumped-a,新建上水库,需审批,20.2,R-38\n"
        "pumped-a,地下厂房,扣分,1.8,\npumped-b,地下厂房,禁止,1.8,R-01\n",
        encoding="utf-8-sig",
    )
    zh = as_lines(structures(tmp_path, "pumped-a", "zh"), "zh")
    assert zh[-2:] == ["  新建上水库 20.2 公顷：需审批", "  地下厂房 1.8 公顷：扣分"]
    en = as_lines(structures(tmp_path, "pumped-a", "en"), "en")
    assert en[-2:] == [
        "  upper reservoir 20.2 ha: R-16, R-38",
        "  powerhouse 1.8 ha: no rule touched",
    ]
    assert as_lines(structures(tmp_path / "none", "pumped-a", "zh"), "zh") == []
