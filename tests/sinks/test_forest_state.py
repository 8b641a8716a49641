"""The strata table: fitted totals of the demo, refusal of bad rows."""

import numpy as np
import pytest

from geo.errors import TableError
from geo.units import MU_PER_HA
from layers.contract import SPECS
from layers.demo.forest_strata import build
from layers.facts import Facts
from sinks.forest.state import from_table


def wan_mu(frame, classes):
    return frame.loc[frame["land_class"].isin(classes), "area_ha"].sum() * MU_PER_HA / 1e4


def test_demo_meets_the_published_totals(strata):
    frame = strata.table()
    assert wan_mu(frame, ["乔木", "竹"]) == pytest.approx(2329.3)
    assert wan_mu(frame, ["乔木", "竹", "特灌", "经济林"]) == pytest.approx(2624.0)
    assert frame["volume_m3"].sum() / 1e4 == pytest.approx(11468.0)
    assert strata.passport.synthetic
    assert any("合成" in note for note in strata.notes)


def test_demo_follows_the_contract(strata):
    frame = strata.table()
    assert list(frame.columns) == list(SPECS["forest_strata"].columns)
    assert frame["age"].dtype == np.int64
    assert (frame.loc[frame["land_class"] != "乔木", ["age", "volume_m3"]] == 0).all(axis=None)


def test_demo_is_seeded(facts):
    one, two = build(facts, 1).table(), build(facts, 1).table()
    assert one.equals(two)
    assert not one.equals(build(facts, 2).table())


def test_demo_needs_its_totals():
    with pytest.raises(TableError):
        build(Facts.empty(), 1)


def test_state_keeps_area_and_stock(strata):
    frame = strata.table()
    state = from_table(frame)
    tree = frame[frame["land_class"] == "乔木"]
    assert state.area.sum() == pytest.approx(tree["area_ha"].sum())
    assert state.stock.sum() == pytest.approx(tree["volume_m3"].sum())
    assert state.area_of(("竹", "特灌")) > 0
    assert state.young_rings(4).sum() == pytest.approx(state.young.sum())


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("area_ha", -1.0, "area_ha"),
        ("volume_m3", -1.0, "volume_m3"),
        ("age", 999, "age"),
        ("land_class", "草地", "land_class"),
        ("volume_m3", 1e12, "m³/ha"),
        ("species_group", "栎类", "stratum"),
        ("area_ha", 0.0, "area_ha = 0"),
        ("age", 0, "age = 0"),
    ],
)
def test_bad_rows_are_listed(strata, column, value, word):
    frame = strata.table().copy()
    frame.loc[3, column] = value
    with pytest.raises(TableError) as caught:
        from_table(frame)
    assert word in caught.value.what.en


def test_stock_outside_trees_and_missing_columns(strata):
    frame = strata.table().copy()
    frame.loc[frame["land_class"] == "竹", "volume_m3"] = 1.0
    with pytest.raises(TableError, match="乔木"):
        from_table(frame)
    with pytest.raises(TableError, match="age"):
        from_table(frame.drop(columns="age"))


def test_table_without_trees(strata):
    frame = strata.table()
    with pytest.raises(TableError):
        from_table(frame[frame["land_class"] != "乔木"])


def test_stray_young_plantation_is_shared_out_and_said(strata):
    frame = strata.table().copy()
    frame.loc[frame["land_class"] == "未成林", "species_group"] = "油桐"
    state = from_table(frame)
    assert state.notes
    assert state.young.sum() == pytest.approx(from_table(strata.table()).young.sum())
