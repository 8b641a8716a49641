"""Each rule has a point that it hits and one that it does not."""

from datetime import date

import pytest

from siting.law.patterns import one_pattern
from siting.law.rules import load_ruleset
from siting.law.verdict import State, rule_state

#: rule -> (spot that it hits, spot that it does not)
SPOT_OF_RULE = {
    "R-01": ("redline_core", "redline"),
    "R-02": ("redline", "free"),
    "R-02p": ("redline", "core"),
    "R-03": ("redline", "park"),
    "R-04": ("redline_source", "source_2"),
    "R-05": ("redline", "free"),
    "R-10": ("core", "general"),
    "R-10x": ("core", "general"),
    "R-11": ("general", "core"),
    "R-11x": ("general", "core"),
    "R-11l": ("general", "free"),
    "R-11b": ("park", "general"),
    "R-11bl": ("park", "free"),
    "R-13": ("park", "redline"),
    "R-13x": ("general", "redline"),
    "R-06": ("farmland", "arable"),
    "R-07": ("farmland", "arable"),
    "R-09": ("arable", "tree"),
    "R-09b": ("arable", "tree"),
    "R-19": ("bamboo", "shrub_dense"),
    "R-19c": ("shrub_dense", "shrub_sparse"),
    "R-19b": ("shrub_sparse", "shrub_dense"),
    "R-16": ("tree", "unused"),
    "R-18": ("public_tree", "tree"),
    "R-18x": ("public_tree", "bamboo"),
    "R-20": ("source_1", "source_2"),
    "R-20x": ("source_1", "source_3"),
    "R-21": ("source_2", "source_1"),
    "R-21x": ("source_2", "source_3"),
    "R-22": ("source_3", "source_2"),
    "R-22x": ("source_3", "free"),
    "R-24": ("river", "road"),
    "R-26": ("water", "road"),
    "R-27": ("reservoir", "river"),
    "R-28": ("wetland_national", "wetland_provincial"),
    "R-29": ("wetland_provincial", "wetland_national"),
    "R-29w": ("wetland_provincial", "reservoir"),
    "R-42": ("airport", "free"),
    "R-45": ("road", "river"),
    "R-49": ("unused", "free"),
    "T-slope-pv": ("steep", "free"),
    "T-slope-wind": ("steep", "free"),
    "T-settlement-pv": ("settlement", "steep"),
    "T-settlement-wind": ("settlement", "unused"),
}
ALL_RULES = {
    rule.id: rule
    for table in load_ruleset("hubei", date(2026, 11, 22)).tables
    for rule in table.rules
}


def test_every_rule_has_its_points():
    assert set(SPOT_OF_RULE) == set(ALL_RULES)


@pytest.mark.parametrize("rule_id", sorted(SPOT_OF_RULE))
def test_rule_hits_one_spot_and_not_the_other(scene, screening, rule_id):
    hit, miss = SPOT_OF_RULE[rule_id]
    rule = ALL_RULES[rule_id]
    states = [
        int(rule_state(one_pattern(screening, *scene.cell(spot)), rule)[0]) for spot in (hit, miss)
    ]
    assert states == [State.HIT, State.CLEAR]


@pytest.mark.parametrize("spot", ["reservoir", "water", "river"])
def test_water_rule_reads_surface_land_cover_and_river_width(scene, screening, spot):
    state = rule_state(one_pattern(screening, *scene.cell(spot)), ALL_RULES["R-24"])
    assert state[0] == State.HIT
