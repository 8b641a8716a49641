"""Each rule has a point that it hits and one that it does not."""

from datetime import date

import pytest

from siting.law.patterns import one_pattern
from siting.law.rules import load_ruleset, scenarios
from siting.law.verdict import State, rule_state

#: rule -> (spot that it hits, spot that it does not)
SPOT_OF_RULE = {
    "R-01": ("redline_core", "redline"),
    "R-02": ("redline", "free"),
    "R-02p": ("redline", "core"),
    "R-03": ("redline", "park"),
    "R-03r": ("redline", "park"),
    "R-04": ("redline_source", "source_2"),
    "R-05": ("redline", "free"),
    "R-10": ("core", "general"),
    "R-10x": ("core", "general"),
    "R-11": ("general", "core"),
    "R-11x": ("general", "core"),
    "R-11e": ("general", "core"),
    "R-11be": ("park", "general"),
    "R-14e": ("park_general", "park_core"),
    "S-park-works": ("candidate", "corridor"),
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
    "R-01n": ("redline_park_core", "park_core"),
    "R-02b": ("redline", "park_core"),
    "R-04s": ("redline_scenic", "scenic_other"),
    "R-05c": ("tree", "unused"),
    "R-06f": ("grade_1", "grade_3"),
    "R-07t": ("farmland", "arable"),
    "R-08": ("farmland", "arable"),
    "R-12": ("park", "habitat"),
    "R-12n": ("park_core", "park"),
    "R-12h": ("habitat", "park"),
    "R-12c": ("habitat", "core"),
    "R-13n": ("park_general", "general"),
    "R-14": ("park_core", "park"),
    "R-14l": ("park_general", "park_core"),
    "R-14c": ("park_core", "park_general"),
    "R-15": ("grade_1", "tree"),
    "R-16g": ("grade_3", "grade_1"),
    "R-17": ("natural_tree", "tree"),
    "R-18n": ("state_farm", "tree"),
    "R-18xn": ("natural_tree", "public_tree"),
    "R-19d": ("general", "park"),
    "R-19e": ("unused_forest", "unused"),
    "R-19h": ("habitat", "general"),
    "R-21d": ("source_2", "source_1"),
    "R-21dx": ("source_2", "source_3"),
    "R-23": ("danjiangkou", "reservoir"),
    "R-23b": ("source_3", "danjiangkou"),
    "R-24z": ("river_zone", "dam_zone"),
    "R-25": ("dam_zone", "dam_water"),
    "R-26z": ("river_zone", "river"),
    "R-27b": ("dam_zone", "reservoir"),
    "R-27z": ("dam_water", "reservoir"),
    "R-30": ("scenic_core", "scenic_other"),
    "R-31": ("scenic_other", "scenic_core"),
    "R-31q": ("scenic_other", "scenic_core"),
    "R-32": ("relic", "relic_control"),
    "R-33": ("world_control", "relic"),
    "R-34": ("world", "relic"),
    "R-34c": ("world_control", "relic_control"),
    "R-35": ("old_tree", "tree"),
    "R-36": ("danger", "prone"),
    "R-37": ("prone", "danger"),
    "R-38": ("soil", "prone"),
    "R-38c": ("prone", "soil"),
    "R-39": ("eco_function", "free"),
    "R-40": ("military", "military_managed"),
    "R-40m": ("military_managed", "military"),
    "R-41": ("clearance", "airport"),
    "R-43": ("noise", "settlement"),
    "R-43x": ("noise", "free"),
    "R-44": ("settlement", "noise"),
    "R-46": ("line", "road"),
    "R-46a": ("line", "free"),
    "R-47": ("urban", "settlement"),
    "R-48": ("zoning_priority", "zoning_key"),
    "R-48a": ("zoning_key", "zoning_general"),
    "R-49m": ("mine", "unused"),
    "S-corridor": ("corridor", "candidate"),
    "S-corridor-line": ("corridor", "redline"),
    "S-park": ("candidate", "park_general"),
    "S-park-line": ("candidate", "corridor"),
    "S-park-wind": ("candidate", "park_general"),
    "T-05": ("prone", "danger"),
    "T-11": ("redline", "core"),
    "T-11e": ("reservoir", "water"),
    "T-12": ("redline", "core"),
    "T-13": ("prone", "danger"),
}
ALL_RULES = {
    rule.id: rule
    for table in load_ruleset("hubei", date(2026, 11, 22), what_if=scenarios()).tables
    for rule in table.rules
}


def test_every_rule_has_its_points():
    assert set(SPOT_OF_RULE) == set(ALL_RULES)


@pytest.mark.parametrize("rule_id", sorted(SPOT_OF_RULE))
def test_rule_hits_one_spot_and_not_the_other(scene, supposed, rule_id):
    hit, miss = SPOT_OF_RULE[rule_id]
    rule = ALL_RULES[rule_id]
    states = [
        int(rule_state(one_pattern(supposed, *scene.cell(spot)), rule)[0]) for spot in (hit, miss)
    ]
    assert states == [State.HIT, State.CLEAR]


@pytest.mark.parametrize("spot", ["reservoir", "water", "river"])
def test_water_rule_reads_surface_land_cover_and_river_width(scene, screening, spot):
    state = rule_state(one_pattern(screening, *scene.cell(spot)), ALL_RULES["R-24"])
    assert state[0] == State.HIT
