"""Slips in the groups of pumped storage are refused before any layer is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from geo.errors import OptionError
from siting.pumped_study import parameters
from siting.settings import GROUPS, Settings
from siting.settings_check import check


def test_defaults_pass_and_every_group_is_read():
    check(Settings())
    storage = {"dam", "lake", "pair", "works", "storage_cost", "dem_error"}
    assert set(parameters({})) == storage
    assert set(GROUPS) - storage == {"pv", "wind", "connect", "cost", "rank"}


@pytest.mark.parametrize(
    ("key", "value", "subject"),
    [
        ("dam.type", 4.0, "dam.type"),
        ("dam.dam_max_m", 3.0, "dam.dam_max_m"),
        ("dam.foot_step_m", 0.5, "dam.foot_step_m"),
        ("dam.axis_reach_m", 1e9, "dam.axis_reach_m"),
        ("dam.suppres_m", 300.0, "dam.suppres_m"),
        ("lake.use_mines", 2.0, "lake.use_mines"),
        ("lake.borrow_share", 10.0, "lake.borrow_share"),
        ("lake.pump_efficiency", 92.0, "lake.pump_efficiency"),
        ("lake.shape_exponent", 0.5, "lake.shape_exponent"),
        ("lake.mean_depth_min_m", 400.0, "lake.mean_depth_max_m"),
        ("lake.shore_step_m", 1e-6, "lake.shore_step_m"),
        ("pair.lh_max", -1.0, "pair.lh_max"),
        ("pair.keep", 2.5, "pair.keep"),
        ("pair.hours", 1e6, "pair.hours"),
        ("pair.shore_step_m", 1e-6, "pair.shore_step_m"),
        ("works.powerhouse_share", 67.0, "works.powerhouse_share"),
        ("works.corridor_m", 1e6, "works.corridor_m"),
        ("storage_cost.dam_cfrd", 0.0, "storage_cost.dam_cfrd"),
        ("storage_cost.life", 0.5, "storage_cost.discount, storage_cost.life"),
        ("storage_cost.round_trip", 75.0, "storage_cost.round_trip"),
        ("storage_cost.full_load_h", 8000.0, "storage_cost.full_load_h"),
        ("dem_error.draws", 0.5, "dem_error.draws"),
        ("dem_error.landform_m", 1e-3, "dem_error.landform_m"),
        ("dem_error.sd_factor", 1e6, "dem_error.sd_factor"),
        ("dem_error.hill_from_deg", 20.0, "dem_error.mountain_from_deg"),
    ],
)
def test_a_slip_is_refused_by_its_key(key, value, subject):
    with pytest.raises(OptionError) as refused:
        check(Settings(values={key: value}))
    assert refused.value.subject == subject
    assert "\n" not in str(refused.value)


def test_no_size_at_all_is_refused():
    with pytest.raises(OptionError, match="nothing to look for"):
        check(Settings(values={f"pair.size_{k}_mw": 0.0 for k in (1, 2, 3, 4)}))


def test_the_readers_page_lists_the_groups_with_their_defaults():
    root = Path(__file__).parents[2]
    page = (root / "docs" / "user" / "parameters.md").read_text(encoding="utf-8")
    tables = parameters({})
    for group in tables:
        row = re.search(rf"^\| `{group}\.\*` \|.*$", page, re.MULTILINE)
        assert row, group
        assert (root / row[0].split("`")[-2]).is_file()
        keys = re.findall(rf"`{group}\.(\w+)`", row[0])
        assert keys
        assert set(keys) <= set(tables[group])
        for key, text in re.findall(rf"`{group}\.(\w+)` \(([\d.,]*\d)", row[0]):
            assert float(text.replace(",", "")) == tables[group].number(key), key
