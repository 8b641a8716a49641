"""Units, digits and words of the siting chapter as a reader without the code meets them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from atlas.answers import _table_of_sites
from atlas.parts._siting_map import said_once
from atlas.parts._siting_money import proof
from atlas.parts._siting_money_card import km_text
from atlas.parts._siting_yield import _change, _edges, yield_raster
from atlas.parts.siting import PART
from siting.law.terms import Technology
from siting.settings import Settings
from tests.atlas.test_part_siting import context
from tests.atlas.test_siting_results import MET, connected


@pytest.fixture(scope="module")
def result():
    weights = {
        "margin_yuan_per_kwh": 50, "line_km": 10, "road_km": 10, "slope_deg": 10,
        "approval_share": 10, "compactness": 10,
    }  # fmt: skip
    ctx = connected()
    return PART.run(replace(ctx, settings=Settings(values=MET, weights={"pv": weights})), {})


def rows_of(result, view):
    features = next(v for v in result.vectors if v.id == f"sites-{view}").features
    best = result.extra["study"].technologies[Technology(view)].sites["id"].iloc[0]
    card = features.loc[features["id"] == best, "card"].iloc[0]
    return {row["label"]: row for row in [*card["facts"], *card["rows"]]}


def section(result, key):
    return next(one for one in result.sections if one.id == key)


def test_money_on_a_card_names_the_side_it_is_counted_on(result):
    pv, wind = rows_of(result, "pv"), rows_of(result, "wind")
    assert pv["造价"]["value"].endswith("元/kWp")
    assert pv["造价"]["note"] == "直流侧"
    assert pv["保本造价"]["value"].endswith("元/kWp")
    assert pv["接网造价"]["value"].endswith("元/kW")
    assert pv["接网造价"]["note"].startswith("交流侧")
    assert wind["造价"]["value"].endswith("元/kW")
    assert wind["造价"]["note"] == "交流侧"


def test_a_site_without_energy_says_none_and_why(result):
    row = rows_of(result, "wind")["年发电量"]
    assert row["value"] == "未给出"
    assert row["note"] == "网格均值，未解析山脊"


def test_a_card_says_nothing_twice(result):
    assert said_once(["发电量：无；其余", "发电量：无", "甲", "甲"]) == ["发电量：无；其余", "甲"]
    features = next(v for v in result.vectors if v.id == "sites-wind").features
    for card in features["card"]:
        assert sum("网格均值，未解析山脊" in note for note in card["notes"]) <= 1


def test_a_share_is_told_in_per_cent(result):
    assert rows_of(result, "pv")["须审批土地占比"]["value"].endswith(" %")
    assert not rows_of(result, "pv")["紧凑度"]["value"].endswith("%")


def test_terrain_loss_names_what_it_is_compared_with(result):
    assert "平坦开阔地" in rows_of(result, "pv")["地形损失"]["note"]


def test_heads_of_the_cost_table_have_units(result):
    pv, wind = (section(result, f"cost-{key}").table for key in ("pv", "wind"))
    assert {"容量 MW（交流）", "低-高（元/kWh）", "保本小时（h/a，直流）",
            "接网（元/kW，交流）"} <= set(pv.columns)  # fmt: skip
    assert "保本小时（h/a，交流）" in wind.columns
    card = rows_of(result, "pv")
    assert card["进场道路"]["value"] == f"{pv['进场道路 km'].iloc[0]}\u2009km"
    assert card["送出线路"]["value"].endswith(f"{pv['线路 km'].iloc[0]}\u2009km")


def test_ranks_by_the_users_weights_are_not_called_equal(result):
    assert section(result, "rank-pv").table.columns[0] == "用户权重"
    assert section(result, "rank-wind").table.columns[0] == "等权"


def test_short_lengths_and_changes():
    assert [km_text(km) for km in (0.04, 0.1, 1.96, float("nan"))] == ["< 0.1", "0.1", "2.0", "—"]
    assert [_change(value, 100.0) for value in (100.01, 99.99, 95.6, 104.3)] == [
        "0.0", "0.0", "-4.4", "+4.3",
    ]  # fmt: skip


def test_wind_is_measured_and_sun_is_not():
    assert "测风" in proof(Technology.WIND).zh
    assert "风" not in proof(Technology.PV).zh


def test_no_word_of_wind_measurement_where_the_sun_is_unknown():
    ctx = context(law=False)
    layers = {k: v for k, v in ctx.stack.layers.items() if not k.startswith("ghi")}
    stack = replace(ctx.stack, layers=layers)
    priced = Settings(values={"cost.price_base": 0.3})
    tab = PART.run(replace(ctx, stack=stack, settings=priced), {}).tabs[0]
    told = str([b for b in tab.blocks if b.get("view") == "pv"])
    assert "保本小时数" in told
    assert "测风" not in told


def test_a_narrow_range_uses_the_whole_ramp():
    light = np.linspace(79.5, 100.0, 2000, dtype=np.float32)
    edges = _edges(light)
    used = np.unique(np.searchsorted(edges[1:-1], light, side="right"))
    assert used.max() == 6
    assert len(edges) == 8


def test_light_of_the_terrain_is_told_from_energy(result):
    study = result.extra["study"]
    one = study.technologies[Technology.PV]
    light = np.full(study.grid.shape, 0.9, np.float32)
    one = replace(one, result=replace(one.result, field=None, light=light))
    view = yield_raster(study, one, "zh").views[0]
    title = view.title.zh.replace("\u2060", "")  # breaks on the button before, not inside
    assert "非发电量" in title
    assert len(title) <= 10
    assert "平地 = 100 %，不是发电量" in view.swatches[0].label.zh


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_named_projects_stand_below_the_best_on_the_command_line(lang):
    count = 25
    sites = pd.DataFrame(
        {
            "id": [f"s{i}" for i in range(count)], "technology": "pv", "name": "场址",
            "capacity_mw": 50.0, "energy_gwh": np.nan, "lcoe_yuan_per_kwh": np.nan,
            "breakeven_hours": 1200.0, "rank_low": 1.0, "rank_high": 9.0,
            "rank": pd.array([*range(1, count), None], dtype="Int64"),
            "verdict": "clear", "verdict_zh": "未触及", "forced": [False] * (count - 1) + [True],
        }
    )  # fmt: skip
    done = SimpleNamespace(
        options=SimpleNamespace(lang=lang), results={"siting": SimpleNamespace(sites=sites)}
    )
    lines = _table_of_sites(done, "pv")
    assert len(lines) == 2 + 1 + 20 + 1
    assert ("MW（交流）" if lang == "zh" else "MW AC") in lines[1]
    assert "s19" in lines[-3]
    assert "s24" in lines[-2]
    assert "—" in lines[-2].split()[0]  # no place of its own
