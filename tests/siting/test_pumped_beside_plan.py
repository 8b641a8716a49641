"""Named projects beside found pairs: which pairs, what differs, no verdict, nothing lent."""

from __future__ import annotations

from dataclasses import fields

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import Say
from geo.passport import Passport
from geo.sourced import Sourced, missing
from layers.facts import load_facts
from siting.pumped.beside_plan import MOST, NO_SITE, PlanRow, beside_plan, named_lakes
from siting.pumped.lakes import curve
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.named import assess_all


def lake(name: str, normal: float) -> ExistingLake:
    shape = shapely.box(0, 0, 1000, 1000)
    return ExistingLake(
        name, "reservoir", shape, 1e6, Sourced(normal, "m", "S1"), missing("m"),
        curve.straight(normal - 5, normal, 5e6), 0.5e6, False, "", "", np.zeros((0, 2)), (),
        Passport(),
    )  # fmt: skip


LAKES = (lake("黄龙滩水库", 246.971), lake("潘口水库", 355.0))


def site(name: str, county: str, lower: str, power: float, head: float, **changes) -> dict:
    upper = 246.971 + head
    return {
        "id": f"pumped-{name}", "name": name, "county": county, "capacity_mw": power,
        "hours": 6.5, "storage_gwh": power * 6.5e-3, "head_m": head, "volume_mm3": 9.0,
        "lh_ratio": 4.5, "upper_name": "新建上水库", "lower_name": lower,
        "upper_normal_m": upper, "lower_normal_m": 246.971, "geometry": shapely.Point(0, 0),
    } | changes  # fmt: skip


SITES = gpd.GeoDataFrame(
    [
        site("甲", "张湾区", "黄龙滩水库", 500.0, 262.0),
        site("乙", "张湾区", "黄龙滩水库", 1200.0, 540.0),
        site("丙", "房县", "新建下水库", 1200.0, 470.0, upper_normal_m=840.0, lower_normal_m=370.0),
        site("丁", "房县", "新建下水库", 300.0, 120.0),
        site("戊", "竹山县", "新建下水库", 300.0, 120.0, upper_name="潘口水库"),
    ],
    crs="EPSG:4546",
)


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], PlanRow]:
    found = beside_plan(assess_all(load_facts("shiyan").sites), SITES, LAKES)
    return {(row.project, row.design): row for row in found}


def text(says: tuple[Say, ...]) -> str:
    return "\n".join(one.zh for one in says)


def test_every_design_has_a_row_and_none_a_verdict(rows):
    assert len(rows) == len(assess_all(load_facts("shiyan").sites))
    assert ("psh-fangxian", "A") in rows
    assert ("psh-fangxian", "B") in rows
    assert "verdict" not in {one.name for one in fields(PlanRow)}
    for row in rows.values():
        assert "不是该工程的位置" in row.position.zh
        assert len(row.proposals) <= MOST


def test_the_lake_of_the_layout_decides(rows):
    row = rows["psh-huanglongtan", ""]
    assert [one.name for one in row.proposals] == ["甲", "乙"]
    assert row.chosen_by.zh == "同一下库：黄龙滩水库"
    assert rows["psh-pankou", ""].proposals[0].name == "戊"
    assert rows["psh-pankou", ""].chosen_by.zh == "同一上库：潘口水库"


def test_fangxian_designs_stay_apart(rows):
    a, b = rows["psh-fangxian", "A"], rows["psh-fangxian", "B"]
    assert a.proposals[0].name == "乙"  # on 黄龙滩, near 550 m
    assert b.chosen_by.zh.endswith("取同县（房县）水头与装机最近者")
    assert b.proposals[0].name == "丙"
    assert "830 - 369 = 461 m，额定水头 452 m，相符" in text(b.checks)
    assert "毛水头 583 m，与额定水头 550 m 不符" in text(a.checks)
    assert "805-814 m（推算，未公布）" in text(a.checks)
    assert {t.zh: f.zh for t, f in a.figures}["上库正常蓄水位"] == "未公布"
    assert "互不相容" in text(a.variants)
    assert "公布 830/369 m，提案 840/370 m" in text(b.proposals[0].differences)
    assert "上库水位差 +10 m" in text(b.proposals[0].differences)


def test_text_in_brackets_names_no_lake():
    designs = {one.design: one for one in assess_all([load_facts("shiyan").site("psh-fangxian")])}
    assert set(named_lakes(designs["A"], LAKES)) == {"lower"}
    assert named_lakes(designs["B"], LAKES) == {}


def test_wushangou_borrows_nothing_and_is_counted_once(rows):
    row = rows["psh-wushangou", ""]
    assert not row.counted
    assert {f.zh for t, f in row.figures if t.zh not in {"装机", "蓄能量（推算）"}} == {"未公布"}
    assert "不重复计" in text(row.variants)
    assert row.checks == ()


def test_conflicting_values_are_kept(rows):
    assert "298（S3） / 300（S0）" in text(rows["psh-pankou", ""].variants)
    assert "464.9（S1） / 598.5（PH1）" in text(rows["psh-huanglongtan", ""].variants)


def test_differences_of_huanglongtan(rows):
    said = text(rows["psh-huanglongtan", ""].proposals[0].differences)
    assert "公布平均毛水头 261 m，提案平均毛水头 262 m：相近" in said
    assert "公布调节库容 5.243 Mm3，提案一次循环水量 9 Mm3：+72%" in said


def test_a_proposal_on_demo_terrain_says_so_first():
    drawn = SITES.assign(synthetic=True)
    found = beside_plan(assess_all(load_facts("shiyan").sites), drawn, LAKES)
    first = [one.differences[0].zh for row in found for one in row.proposals]
    assert first
    assert set(first) == {"演示地形上的提案，与真实工程无关"}


def test_nothing_found_is_said():
    for sites in (SITES[:0], SITES[SITES["county"] == "郧西县"]):
        for row in beside_plan(assess_all(load_facts("shiyan").sites), sites, ()):
            assert row.proposals == ()
            assert row.chosen_by == NO_SITE
