"""What a study says of itself: open points of legal mode, another region's prices, no result."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from siting.law.rules import load_ruleset
from siting.law.terms import Component, Verdict
from siting.pumped import told
from siting.pumped.barred import UNKNOWN, caps_of
from siting.pumped.elsewhere import NO_PRICE, PRICES, elsewhere, said
from siting.pumped.money.lcos import storage_lcos, swings
from siting.pumped.works.law import works_law
from siting.pumped_study import parameters
from tests.siting.pumped.test_works_law import (
    GRID,
    LAKE,
    RULES,
    UP,
    at,
    ground_of,
    judged,
    pairs_of,
    stack_of,
    works_from,
)

LAKE_AT = [(0, "upper_lake", UP, at(2200, 1800, 2500, 2100), False)]


def law_of(ground, judgements, rows):
    return works_law(works_from(1, rows), pairs_of(1), ground, judgements, (LAKE,))


def test_an_absent_red_line_is_undecided():
    ground = ground_of(stack_of(eco_redline=[]), RULES)
    new = judged(ground, RULES, "legal")
    open_ = [one.zh for one in told.undecided(new, law_of(ground, new, LAKE_AT))]
    assert any(one.startswith("R-02p") and "图层缺失，未筛查" in one for one in open_)
    assert len(open_) == len(set(open_))
    # a rule that only asks for an approval blocks nothing
    assert not any(one.startswith("R-37 ") for one in open_)


def test_a_red_line_that_ends_is_undecided_where_it_ends():
    stack = stack_of()
    part = replace(stack.layers["eco_redline"], coverage=at(0, 0, 3000, 3000))
    ground = ground_of(replace(stack, layers={**stack.layers, "eco_redline": part}), RULES)
    new = judged(ground, RULES, "legal")
    open_ = [one.zh for one in told.undecided(new, law_of(ground, new, LAKE_AT))]
    assert any(one.startswith("R-02p") and "部分土地无数据" in one for one in open_)


def test_a_lake_that_leaves_the_region_is_undecided():
    ground = ground_of(stack_of(), RULES)
    new = judged(ground, RULES, "legal")
    rows = [(0, "upper_lake", UP, at(5200, 1800, 5500, 2100), False)]
    law = law_of(ground, new, rows)
    inside = told.undecided(new, law_of(ground, new, LAKE_AT))
    more = [one.zh for one in told.undecided(new, law) if one not in inside]
    assert more == [f"1 处抽蓄场址有 {law.outside_m2(0) / 1e4:.1f} 公顷在区域外，未筛查"]


def test_without_a_rule_table_everything_is_open():
    rules = load_ruleset(None, date(2026, 11, 22))
    ground = ground_of(stack_of(), rules)
    new = judged(ground, rules)
    open_ = told.undecided(new, law_of(ground, new, LAKE_AT))
    assert [one.zh for one in open_] == ["没有规则表，法律未筛查"]


@pytest.mark.parametrize("mode", ["explore", "legal"])
def test_ground_that_nobody_knows_is_barred_in_legal_mode_alone(mode):
    ground = ground_of(stack_of(eco_redline=[]), RULES)
    new = judged(ground, RULES, mode)
    hard, soft = caps_of(ground, new, ())
    row, col = GRID.rowcol(*at(2200, 1800, 2500, 2100).centroid.coords[0])
    for cap in (hard, soft):
        code = int(cap.code[row, col])
        assert (code > 0) == (mode == "legal")
        assert code == 0 or cap.names[code - 1] == UNKNOWN


def test_caps_name_their_rule_and_hold_every_barred_cell():
    reserve = [
        {"name": "保", "zone": "core", "level": "国家级", "geometry": at(3000, 0, 3600, 900)}
    ]
    ground = ground_of(stack_of(nature_reserve=reserve), RULES)
    new = judged(ground, RULES)
    hard, soft = caps_of(ground, new, ())
    inside = ground.table.index < ground.table.n
    for one in (Component.UPPER_RESERVOIR, Component.LOWER_RESERVOIR):
        verdict = np.full(ground.grid.shape, Verdict.CLEAR, np.uint8)
        verdict[inside] = new[one].verdict[ground.table.index[inside]]
        assert (hard.code[verdict == Verdict.PROHIBITED] > 0).all()
        assert (soft.code[verdict <= Verdict.ROUTE] > 0).all()
        assert (hard.code[verdict == Verdict.ROUTE] == 0).any()
    row, col = GRID.rowcol(*at(3000, 0, 3600, 900).centroid.coords[0])
    assert "核心保护区" in hard.names[int(hard.code[row, col]) - 1].zh
    west = GRID.rowcol(*at(300, 1500, 600, 1800).centroid.coords[0])
    assert "红线" in soft.names[int(soft.code[west]) - 1].zh


def test_a_restricted_layer_bars_without_its_name():
    zone = [{"name": "某区", "zone": "restricted", "geometry": at(3000, 0, 3600, 900)}]
    ground = ground_of(stack_of(military=zone), RULES)
    hard, _ = caps_of(ground, judged(ground, RULES), ())
    row, col = GRID.rowcol(*at(3000, 0, 3600, 900).centroid.coords[0])
    assert hard.code[row, col] > 0
    assert not any("军事" in name.zh for name in hard.names)


def test_a_province_price_stands_for_no_other_region():
    here, there = parameters({}), elsewhere(parameters({}))
    assert said(there) == (PRICES, NO_PRICE)
    lcos = storage_lcos([6000.0], [1200.0], there["storage_cost"])
    assert np.isnan(lcos.value).all()
    assert "充电电价未给出" in lcos.text.zh
    assert lcos.pumping_gwh_a[0] > lcos.discharge_gwh_a[0]
    assert swings(6000.0, there["storage_cost"]) == ()
    assert storage_lcos([6000.0], [1200.0], here["storage_cost"]).value[0] > 0
    words = [text for one in there.values() for text in one.passport().citations]
    assert not any(word in text for text in words for word in ("湖北", "Hubei", "十堰"))
    for key in ("sd_plain_m", "sd_hill_m", "sd_mountain_m"):
        assert there["dem_error"][key].status == "prior"
        assert there["dem_error"][key].value == here["dem_error"][key].value
        assert here["dem_error"][key].status == "published"


def test_the_price_that_a_user_gives_stands_anywhere():
    there = elsewhere(parameters({"storage_cost.charge_price": 0.5}))
    assert said(there) == (PRICES,)
    assert storage_lcos([6000.0], [1200.0], there["storage_cost"]).price == 0.5
